"""Steps that are late (逾期步骤): which, since when, and whose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from api.http.plain import moment
from api.pages.fields import taken
from api.pages.sites import know_where, steps_in_force, where
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
    # As a screen sorts them too, which gets only those that come and go.
    found.sort(key=lambda o: (o.due_us, o.row.site, o.row.emergency, o.step.id))
    return found


def late_rows(late: Sequence[Late], names: Names) -> list[dict[str, Any]]:
    """Return late steps; ``seq``: the fact that the deadline has passed."""
    know_where((one.row for one in late), names)
    keys = sorted({one.passed for one in late})
    rows = PASSED.some(names.c, keys, at=names.at)
    passed = {row.deadline: row.seq_from for row in rows}
    return [
        {
            **where(one.row, names),
            **taken(one.step, "zh en"),
            "step": one.step.id,
            "due_at": moment(one.due_us),
            "emergency": one.row.emergency,
            "seq": passed[one.passed],
        }
        for one in late
    ]
