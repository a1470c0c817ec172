"""A site as people see it: what it is, what it becomes, its checklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from api.http.plain import moment
from coordination.mode.duties import PASSED_OVER
from coordination.mode.state import PEACETIME
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES, Step
from coordination.vocabulary import FACILITIES, FUNCTIONS, HAZARDS, KINDS, SPACE_KINDS
from projections.board import GROUND, Ground
from projections.names import Names
from projections.progress import (
    ACKNOWLEDGED,
    DONE,
    PROGRESS,
    Progress,
    counts,
    duty_of,
    touches,
)
from projections.rollup import RANK, by_site
from projections.store import shown_at
from projections.timeline import by_seq


def both(table: dict[str, tuple[str, str]], key: str | None) -> tuple[str | None, ...]:
    """Return the zh and en of an id, the id itself if it is not in the table."""
    return (None, None) if key is None else table.get(key, (key, key))


def step_counts(total: int, done: int, acknowledged: int, late: int) -> dict[str, int]:
    """Return the counts of steps as every screen shows them."""
    return {
        "total": total,
        "done": done,
        "acknowledged": acknowledged,
        "open": total - done,
        "late": late,
    }


def steps_in_force(progress: Progress, names: Names) -> tuple[Step, ...]:
    """Return the checklist in force of a duty, () in peacetime."""
    order = names.order(progress.emergency) if progress.emergency else None
    playbook = names.playbook(order.playbook_digest) if order else None
    duty = duty_of(progress)
    if playbook is None or duty is None:
        return ()
    return names.steps(duty, playbook)


def open_steps(progress: Progress, names: Names) -> list[Step]:
    """Return the steps of a duty that are not done."""
    done = {step for what, step, _ in touches(progress.steps) if what == DONE}
    return [s for s in steps_in_force(progress, names) if s.id not in done]


def _steps(c: sa.Connection, progress: Progress, names: Names) -> list[dict[str, Any]]:
    """Return the checklist in force with who did what when."""
    late = progress.late_steps.split(",")
    happened, duty = touches(progress.steps), duty_of(progress)
    known = by_seq(c, [seq for _, _, seq in happened])
    told = {
        (what, step): {
            "at": moment(known[seq].occurred_us),
            "by": known[seq].actor,
            "seq": seq,
        }
        for what, step, seq in happened
    }
    order = names.order(progress.emergency or "")
    hazard = both(HAZARDS, order.hazard if order else None)
    listed = []
    for step in steps_in_force(progress, names):
        assert duty is not None, "a free slot has no steps"
        done = told.get((DONE, step.id))
        seen = told.get((ACKNOWLEDGED, step.id))
        owner = both(ROLES, step.owner)
        listed.append(
            {
                "id": step.id,
                "zh": step.zh,
                "en": step.en,
                "owner": step.owner,
                "owner_zh": owner[0],
                "owner_en": owner[1],
                "emergency": progress.emergency,
                "hazard_zh": hazard[0],
                "hazard_en": hazard[1],
                "phase": progress.phase,
                "mandatory": step.mandatory,
                "state": "DONE" if done else "ACKNOWLEDGED" if seen else "OPEN",
                "late": step.id in late,
                "due_at": moment(duty.due_us(step)),
                "acknowledged": seen,
                "done": done,
            }
        )
    return listed


def _duty(c: sa.Connection, row: Progress, names: Names) -> dict[str, Any]:
    """Return what one emergency has a site do."""
    order = names.order(row.emergency or "")
    hazard = both(HAZARDS, order.hazard if order else None)
    function = both(FUNCTIONS, row.function)
    return {
        "emergency": row.emergency,
        "hazard_zh": hazard[0],
        "hazard_en": hazard[1],
        "level": LEVEL_NAMES.get(row.level or 0),
        "function": row.function,
        "function_zh": function[0],
        "function_en": function[1],
        "phase": row.phase,
        "mode": row.mode,
        "against": row.against,
        "steps": _steps(c, row, names),
        "counts": {"steps": step_counts(*_counts([row]))},
    }


def _counts(rows: Sequence[Progress]) -> tuple[int, int, int, int]:
    """Return total, done, acknowledged and late of the lists that count."""
    live = [row for row in rows if counts(row)]
    return (
        sum(row.total for row in live),
        sum(row.done for row in live),
        sum(row.acknowledged for row in live),
        sum(row.late for row in live),
    )


def leading(rows: Sequence[Progress]) -> Progress:
    """Return the duty that a site shows first: of its highest mode, the gravest."""
    return max(rows, key=lambda r: (RANK[r.mode], -(r.level or 9), r.seq_from))


def site_body(
    c: sa.Connection, ground: Ground, rows: Sequence[Progress], names: Names
) -> dict[str, Any]:
    """Return a site with its checklists, as the contract has it."""
    first = leading(rows)
    shown = first if first.phase != PASSED_OVER and first.mode != PEACETIME else None
    function = both(FUNCTIONS, shown.function if shown else None)
    kind = both(KINDS, ground.kind)
    planned = msgspec.json.decode(ground.planned, type=dict[str, str])
    duties = [_duty(c, row, names) for row in rows if row.emergency]
    live = {row.emergency for row in rows if counts(row)}
    return {
        "id": ground.site,
        "name": ground.name,
        "area": ground.area,
        "area_name": names.area(ground.area),
        "kind": ground.kind,
        "kind_zh": kind[0],
        "kind_en": kind[1],
        "mode": first.mode,
        "function": shown.function if shown else None,
        "function_zh": function[0],
        "function_en": function[1],
        "emergency": shown.emergency if shown else None,
        "level": LEVEL_NAMES.get((shown.level if shown else None) or 0),
        "seq": max(ground.seq_from, *(row.seq_from for row in rows)),
        "counts": {"steps": step_counts(*_counts(rows))},
        "planned": [
            {
                "hazard": hazard,
                "hazard_zh": both(HAZARDS, hazard)[0],
                "hazard_en": both(HAZARDS, hazard)[1],
                "function": chosen,
                "function_zh": both(FUNCTIONS, chosen)[0],
                "function_en": both(FUNCTIONS, chosen)[1],
            }
            for hazard, chosen in planned.items()
        ],
        "spaces": [
            {
                **space,
                "kind_zh": both(SPACE_KINDS, space["kind"])[0],
                "kind_en": both(SPACE_KINDS, space["kind"])[1],
            }
            for space in msgspec.json.decode(ground.spaces)
        ],
        "facilities": [
            {"id": f, "zh": both(FACILITIES, f)[0], "en": both(FACILITIES, f)[1]}
            for f in msgspec.json.decode(ground.facilities)
        ],
        "duties": duties,
        "steps": [s for d in duties for s in d["steps"] if d["emergency"] in live],
    }


def one_site(
    c: sa.Connection, site: str, at: int | None = None
) -> dict[str, Any] | None:
    """Return one site as of ``at``; None if it does not exist then."""
    at = shown_at(c, at)
    ground = GROUND.get(c, site, at=at)
    if ground is None:
        return None
    rows = by_site(PROGRESS.select(c, at=at, path=ground.path))[site]
    return site_body(c, ground, rows, Names(c, at))


def sites_of(
    c: sa.Connection, path: str, at: int | None = None, *, exact: bool = False
) -> list[dict[str, Any]]:
    """Return the sites inside a path, or standing exactly there, by id."""
    at = shown_at(c, at)
    names = Names(c, at)
    progress = by_site(PROGRESS.select(c, at=at, path=path))
    return [
        site_body(c, ground, progress[ground.site], names)
        for ground in sorted(GROUND.select(c, at=at, path=path))
        if not exact or ground.path == path
    ]
