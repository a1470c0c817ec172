"""A site as people see it: what it is, what it becomes, its checklist."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from api.plain import moment
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES, MINUTE_US, Step
from coordination.vocabulary import FACILITIES, FUNCTIONS, HAZARDS, KINDS, SPACE_KINDS
from projections.board import (
    ACKNOWLEDGED,
    DONE,
    GROUND,
    PROGRESS,
    Ground,
    Progress,
    touches,
)
from projections.names import Names
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
    """Return the checklist in force at a site, () in peacetime."""
    order = names.order(progress.emergency) if progress.emergency else None
    playbook = names.playbook(order.playbook_digest) if order else None
    if order is None or playbook is None or progress.phase is None:
        return ()
    conversion = playbook.conversion(progress.function, order.level)
    assert conversion is not None, "a switched site has a conversion"
    return conversion.steps(progress.phase, order.level)


def _steps(c: sa.Connection, progress: Progress, names: Names) -> list[dict[str, Any]]:
    """Return the checklist in force with who did what when."""
    late = progress.late_steps.split(",")
    happened = touches(progress)
    known = by_seq(c, [seq for _, _, seq in happened])
    told = {
        (what, step): {
            "at": moment(known[seq].occurred_us),
            "by": known[seq].actor,
            "seq": seq,
        }
        for what, step, seq in happened
    }
    listed = []
    for step in steps_in_force(progress, names):
        done = told.get((DONE, step.id))
        seen = told.get((ACKNOWLEDGED, step.id))
        state = "DONE" if done else "ACKNOWLEDGED" if seen else "OPEN"
        due_us = (progress.began_us or 0) + step.due_minutes * MINUTE_US
        owner = both(ROLES, step.owner)
        listed.append(
            {
                "id": step.id,
                "zh": step.zh,
                "en": step.en,
                "owner": step.owner,
                "owner_zh": owner[0],
                "owner_en": owner[1],
                "phase": progress.phase,
                "mandatory": step.mandatory,
                "state": state,
                "late": step.id in late,
                "due_at": moment(due_us),
                "acknowledged": seen,
                "done": done,
            }
        )
    return listed


def site_body(
    c: sa.Connection, ground: Ground, progress: Progress, names: Names
) -> dict[str, Any]:
    """Return a site with its checklist, as the contract has it."""
    kind, function = both(KINDS, ground.kind), both(FUNCTIONS, progress.function)
    planned = msgspec.json.decode(ground.planned, type=dict[str, str])
    return {
        "id": ground.site,
        "name": ground.name,
        "area": ground.area,
        "area_name": names.area(ground.area),
        "kind": ground.kind,
        "kind_zh": kind[0],
        "kind_en": kind[1],
        "mode": progress.mode,
        "function": progress.function,
        "function_zh": function[0],
        "function_en": function[1],
        "emergency": progress.emergency,
        "level": LEVEL_NAMES.get(progress.level or 0),
        "seq": max(progress.seq_from, ground.seq_from),
        "counts": {
            "steps": step_counts(
                progress.total, progress.done, progress.acknowledged, progress.late
            )
        },
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
        "steps": _steps(c, progress, names),
    }


def one_site(
    c: sa.Connection, site: str, at: int | None = None
) -> dict[str, Any] | None:
    """Return one site as of ``at``; None if it does not exist then."""
    at = shown_at(c, at)
    ground = GROUND.get(c, site, at=at)
    progress = PROGRESS.get(c, site, at=at)
    if ground is None or progress is None:
        return None
    return site_body(c, ground, progress, Names(c, at))


def sites_of(
    c: sa.Connection, path: str, at: int | None = None, *, exact: bool = False
) -> list[dict[str, Any]]:
    """Return the sites inside a path, or standing exactly there, by id."""
    at = shown_at(c, at)
    names = Names(c, at)
    progress = {p.site: p for p in PROGRESS.select(c, at=at, path=path)}
    return [
        site_body(c, ground, progress[ground.site], names)
        for ground in sorted(GROUND.select(c, at=at, path=path))
        if not exact or ground.path == path
    ]
