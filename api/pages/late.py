"""Late steps (逾期步骤) of sites, as the board and the record list them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from api.http.plain import moment
from api.pages.fields import official, taken
from api.pages.sites import steps_in_force
from coordination.playbook import Step
from projections.board import PASSED, passed_key
from projections.names import Names
from projections.progress import Progress, counts, duty_of


class Late(NamedTuple):
    """A step that is late: when it was due, whose duty it is, what it is."""

    due_us: int
    row: Progress
    step: Step

    @property
    def passed(self) -> str:
        """The key under which it stands that its deadline has passed."""
        row = self.row
        return passed_key(
            row.emergency or "", row.phase or "", self.step.id, self.due_us
        )

    @property
    def alarm(self) -> str:
        """The alarm that its deadline raised."""
        row = self.row
        return f"deadline:{row.emergency}:{row.phase}:{self.step.id}:{self.due_us}"


def late_steps(rows: Iterable[Progress], names: Names) -> list[Late]:
    """Return every late step of these duties, the longest overdue first."""
    found: list[Late] = []
    for row in rows:
        duty = duty_of(row) if row.late and counts(row) else None
        if duty is None:
            continue
        late = row.late_steps.split(",")
        found.extend(
            Late(duty.due_us(step), row, step)
            for step in steps_in_force(row, names)
            if step.id in late
        )
    found.sort(key=lambda one: (one.due_us, one.row.slot))
    return found


def late_rows(late: Sequence[Late], names: Names) -> list[dict[str, Any]]:
    """Return late steps; ``seq``: the fact that the deadline has passed."""
    names.know_sites(one.row.site for one in late)
    names.know_areas(official(one.row.path) for one in late)
    keys = sorted({one.passed for one in late})
    passed = {row.deadline: row.seq_from for row in PASSED.some(names.c, keys, at=None)}
    return [_late(one, passed[one.passed], names) for one in late]


def _late(late: Late, seq: int, names: Names) -> dict[str, Any]:
    row, area = late.row, official(late.row.path)
    return {
        **taken(row, "site emergency"),
        **taken(late.step, "zh en"),
        "site_name": names.site(row.site),
        "area": area,
        "area_name": names.area(area),
        "step": late.step.id,
        "due_at": moment(late.due_us),
        "seq": seq,
    }
