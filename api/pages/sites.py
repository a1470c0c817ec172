"""A site as people see it: what it is, what it becomes, its checklist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from api.exchange.tables import in_words
from api.http.plain import moment
from api.pages.fields import official, pair, taken
from api.pages.force import ordered_body
from coordination.mode.duties import PASSED_OVER, Duty
from coordination.mode.state import PEACETIME
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES, Step
from coordination.vocabulary import FACILITIES, FUNCTIONS, HAZARDS, KINDS, SPACE_KINDS
from projections.board import GROUND, Ground
from projections.conflicts import in_the_way
from projections.names import Names
from projections.progress import (
    ACKNOWLEDGED,
    DONE,
    PROGRESS,
    TAKEN_BACK,
    UNDONE,
    UNSEEN,
    Progress,
    counts,
    duty_of,
    stands,
    touches,
)
from projections.rollup import RANK, Count, by_site
from projections.timeline import ENTRY, Entry


def step_counts(counted: Iterable[Progress] | Iterable[Count]) -> dict[str, int]:
    """Return the counts of steps, all together, as every screen shows them."""
    found = dict.fromkeys(("total", "done", "acknowledged", "open", "late"), 0)
    for one in counted:
        found["total"] += one.total
        found["done"] += one.done
        found["acknowledged"] += one.acknowledged
        found["open"] += one.total - one.done
        found["late"] += one.late
    return found


def steps_in_force(progress: Progress, names: Names) -> tuple[Step, ...]:
    """Return the checklist in force of a duty, () in peacetime."""
    playbook, duty = names.plan_of(progress.emergency), duty_of(progress)
    if playbook is None or duty is None:
        return ()
    return names.steps(duty, playbook)


def open_steps(progress: Progress, names: Names) -> list[Step]:
    """Return the steps of a duty that are not done."""
    _, done = stands(progress.steps)
    return [s for s in steps_in_force(progress, names) if s.id not in done]


def _steps(
    row: Progress, hazard: dict[str, Any], known: Mapping[int, Entry], names: Names
) -> list[dict[str, Any]]:
    """Return the checklist in force with who did what when."""
    late, duty = row.late_steps.split(","), duty_of(row)
    told = _told(row, known)
    listed = []
    for step in steps_in_force(row, names):
        assert duty is not None, "a free slot has no steps"
        done = told.get((DONE, step.id))
        seen = told.get((ACKNOWLEDGED, step.id))
        listed.append(
            {
                **taken(step, "id zh en owner mandatory"),
                **pair("owner", ROLES, step.owner),
                **hazard,
                "phase": row.phase,
                "state": "DONE" if done else "ACKNOWLEDGED" if seen else "OPEN",
                "late": step.id in late,
                "due_at": moment(duty.due_us(step)),
                "acknowledged": seen,
                "done": done,
                "corrected": told.get((UNDONE, step.id)) or told.get((UNSEEN, step.id)),
            }
        )
    return listed


def _told(
    row: Progress, known: Mapping[int, Entry]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return who did what of each step; what is taken back stands as that alone."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for what, step, seq in touches(row.steps):
        if what in TAKEN_BACK:
            told.pop((TAKEN_BACK[what], step), None)
        told[what, step] = {
            "at": moment(known[seq].occurred_us),
            "by": known[seq].actor,
            "seq": seq,
        }
    return told


def _duty(
    row: Progress,
    known: Mapping[int, Entry],
    names: Names,
    held: Mapping[str, Duty | None],
) -> dict[str, Any]:
    """Return what one emergency has a site do.

    ``held``: slot -> what is in the way of what it was passed over for, None: nothing.
    """
    by = held.get(row.slot)
    order = names.order(row.emergency)
    hazard = {
        "emergency": row.emergency,
        **pair("hazard", HAZARDS, order.hazard if order else None),
    }
    return {
        **hazard,
        **taken(row, "function phase mode"),
        "against": by.emergency if by else row.against,
        "free": row.slot in held and by is None,
        **pair("function", FUNCTIONS, row.function),
        "level": LEVEL_NAMES.get(row.level or 0),
        "steps": _steps(row, hazard, known, names),
        "counts": {"steps": step_counts([row] if counts(row) else [])},
    }


def _idle(row: Progress) -> bool:
    """Tell whether a duty was over before anything was done of it."""
    duty = duty_of(row)
    return duty is not None and duty.idle


def leading(rows: Sequence[Progress]) -> Progress:
    """Return the duty that a site shows first: of its highest mode, the gravest."""
    return max(rows, key=lambda r: (RANK[r.mode], -(r.level or 9), r.seq_from))


def _site(
    ground: Ground,
    rows: Sequence[Progress],
    known: Mapping[int, Entry],
    names: Names,
) -> dict[str, Any]:
    """Return a site with its checklists, as the contract has it."""
    first = leading(rows)
    shown = first if first.phase != PASSED_OVER and first.mode != PEACETIME else None
    function = shown.function if shown else None
    planned = msgspec.json.decode(ground.planned, type=dict[str, str])
    held = {row.slot: by for row, by in in_the_way(rows, names.plan)}
    # Who did nothing has nothing to show of it.
    did = [row for row in rows if row.emergency and not _idle(row)]
    duties = [_duty(row, known, names, held) for row in did]
    live = {row.emergency for row in rows if counts(row)}
    return {
        "id": ground.site,
        **taken(ground, "name area kind"),
        "area_name": names.area(ground.area),
        **pair("kind", KINDS, ground.kind),
        "mode": first.mode,
        "ordered": ordered_body(names.ordered(ground.path)),
        "function": function,
        **pair("function", FUNCTIONS, function),
        "emergency": shown.emergency if shown else None,
        "level": LEVEL_NAMES.get((shown.level if shown else None) or 0),
        "seq": max(ground.seq_from, *(row.seq_from for row in rows)),
        "counts": {"steps": step_counts(filter(counts, rows))},
        "planned": [
            {
                **in_words("hazard", HAZARDS, hazard),
                **in_words("function", FUNCTIONS, chosen),
            }
            for hazard, chosen in planned.items()
        ],
        "spaces": [
            {**space, **pair("kind", SPACE_KINDS, space["kind"])}
            for space in msgspec.json.decode(ground.spaces)
        ],
        "facilities": [
            {"id": id_, **pair("", FACILITIES, id_)}
            for id_ in msgspec.json.decode(ground.facilities)
        ],
        "duties": duties,
        "steps": [s for d in duties for s in d["steps"] if d["emergency"] in live],
    }


def _sites(
    names: Names, grounds: Iterable[Ground], progress: Mapping[str, list[Progress]]
) -> list[dict[str, Any]]:
    """Return sites with their checklists; what happened to steps is asked for once."""
    grounds = list(grounds)
    happened = (row for ground in grounds for row in progress[ground.site])
    seqs = {seq for row in happened for _, _, seq in touches(row.steps)}
    known = {
        entry.seq: entry for entry in ENTRY.some(names.c, sorted(seqs), at=names.at)
    }
    names.know_areas(ground.area for ground in grounds)
    return [_site(g, progress[g.site], known, names) for g in grounds]


def one_site(names: Names, site: str) -> dict[str, Any] | None:
    """Return one site as of the moment of ``names``; None if there is none then."""
    ground = GROUND.get(names.c, site, at=names.at)
    if ground is None:
        return None
    rows = by_site(PROGRESS.select(names.c, at=names.at, path=ground.path))
    return _sites(names, [ground], rows)[0]


def sites_of(names: Names, path: str, *, exact: bool = False) -> list[dict[str, Any]]:
    """Return the sites inside a path, or standing exactly there, by id."""
    progress = by_site(PROGRESS.select(names.c, at=names.at, path=path))
    grounds = sorted(GROUND.select(names.c, at=names.at, path=path))
    here = [ground for ground in grounds if not exact or ground.path == path]
    return _sites(names, here, progress)


def know_where(rows: Iterable[Progress], names: Names) -> None:
    """Look up at once where these duties are."""
    rows = list(rows)
    names.know_sites(row.site for row in rows)
    names.know_areas(official(row.path) for row in rows)


def where(row: Progress, names: Names) -> dict[str, Any]:
    """Return the site of a duty and the area it stands in."""
    area = official(row.path)
    return {
        "site": row.site,
        "site_name": names.site(row.site),
        "area": area,
        "area_name": names.area(area),
    }
