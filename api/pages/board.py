"""The command screen's picture (态势图) of one area, now or as of any seq.

All that a picture is made from is gathered first, a list of it at a time; what is drawn
then of each area asks for nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from api.http.plain import moment
from api.pages.alarms import alarms_at, raised
from api.pages.approvals import waiting_at
from api.pages.conflicts import conflict_rows, free_of
from api.pages.emergencies import emergency_rows
from api.pages.facts import tell_all
from api.pages.fields import named, taken
from api.pages.force import standing_of
from api.pages.goods import Goods
from api.pages.kept import Kept
from api.pages.late_steps import late_rows, late_steps
from api.pages.orders import standing_at
from api.pages.sites import sites_of, step_counts
from api.pages.strength import Strengths, vacancies
from api.pages.supplies import panel
from coordination.areas.state import UnknownArea
from coordination.log import Recorder
from coordination.mode.duties import PASSED_OVER
from coordination.mode.state import RECOVERING
from coordination.playbook import LEVEL_NAMES
from coordination.tree import DIGITS, LOCAL_LEVELS, community_of
from projections.board import AREA, LOCAL, Area, Order
from projections.names import Names
from projections.rollup import Count, Rollup, rollup
from projections.store import shown_at
from projections.timeline import entries

FACTS_SHOWN = 30
LATE_SHOWN = 50
CONFLICTS_SHOWN = 50
EXCLUDED_SHOWN = 30


@dataclass(frozen=True)
class Looking:
    """What a picture is made from: the views, the log, account names, counts kept."""

    c: sa.Connection
    recorder: Recorder
    seq: int
    name_of: Callable[[str], str]
    kept: Kept = field(default_factory=Kept)


@dataclass(frozen=True)
class Gathered:
    """All a picture is drawn from. ``parts``: what stands in it as it is."""

    tree: Rollup
    strength: Strengths
    short: dict[str, int]
    parts: dict[str, Any]
    excluded: list[dict[str, str]]


def shown_name(area: Area, name: Callable[[str], str]) -> str:
    """Return an area's name; 市辖区 says nothing without what it lies in."""
    return f"{name(area.parent)}{area.name}" if area.name == "市辖区" else area.name


def _node(area: Area) -> dict[str, Any]:
    return taken(area, "code name level")


def _counts(count: Count) -> dict[str, Any]:
    return {"sites": dict(count.sites), "steps": step_counts([count])}


def picture(
    looking: Looking, code: str, at: int | None = None, *, facts: bool = True
) -> dict[str, Any]:
    """Return the board of an area as the contract has it.

    ``at``: a log position, None for now. ``facts``: with its newest facts; a delta
    finds those it needs itself.

    :raises UnknownArea: if there is no such area then
    """
    seq = looking.seq if at is None else min(at, looking.seq)
    now = recorded_us(looking.recorder, seq)
    names = Names(looking.c, shown_at(looking.c, at), looking.name_of)
    found = gathered(looking, code, names, now)
    newest = []
    if facts:
        path = found.tree.root.path
        newest = entries(looking.c, path=path, before=seq + 1, limit=FACTS_SHOWN)
    return {
        "seq": seq,
        "head": looking.seq,
        "at": at,
        "recorded_at": moment(now or None),
        **drawn(found),
        "facts": tell_all(looking.recorder, newest, names),
    }


def gathered(looking: Looking, code: str, names: Names, now: int) -> Gathered:
    """Look up all that a picture is drawn from; ``now``: what the shelves are as of.

    :raises UnknownArea: if there is no such area then
    """
    c, at, kept = looking.c, names.at, looking.kept
    tree = rollup(c, code, at, tree=kept.tree(c, code, at))
    if tree is None:
        raise UnknownArea(area=code)
    root = tree.root
    active = {scope.order.emergency for scope in tree.active}
    strength = kept.strengths(root.path, names, active)
    supplies, short = panel(root, tree.children(code), Goods(names, now))
    sites = []
    if len(root.path) >= DIGITS["street"]:  # sites stand in it itself
        sites = sites_of(names, root.path, exact=root.level == "street")
    vacant = strength.at(root.path)["vacant"]
    parts = {
        "area": {**_node(root), "name": shown_name(root, names.area)},
        "ancestors": [_node(area) for area in _above(root, names)],
        "emergencies": emergency_rows(_touching(tree), names),
        "sites": sites,
        "vacancies": vacancies(root.path, names) if vacant else [],
        "supplies": supplies,
        **_calls(tree, names),
    }
    return Gathered(tree, strength, short, parts, _left_out(tree, names))


def _left_out(tree: Rollup, names: Names) -> list[dict[str, str]]:
    """Return the places in an area that a scope leaves out, by name."""
    paths = tree.force.left_out(tree.root.path)[:EXCLUDED_SHOWN]
    codes = [path.ljust(DIGITS["community"], "0") for path in paths]
    names.know_targets(codes)
    return [named(code, names.target(code)) for code in codes]


def drawn(found: Gathered) -> dict[str, Any]:
    """Draw a picture of what was gathered."""
    tree, strength, root = found.tree, found.strength, found.tree.root
    mine, children = strength.at(root.path), tree.children(root.code)
    return {
        **standing_of(tree, root),
        "level": LEVEL_NAMES.get(tree.level(root.path) or 0),
        "counts": {
            "areas": len(tree.areas),
            "areas_by_mode": tree.areas_by_mode(),
            **_counts(tree.counts[root.code]),
            "people": mine,
        },
        "excluded": found.excluded,
        "children": [_child(found, child) for child in children],
        "tiles": [
            _tile(found, tile)
            for child in children
            for tile in tree.children(child.code)
        ],
        "late_total": tree.counts[root.code].late,
        "vacancies_total": mine["vacant"],
        "gaps_total": mine["gaps"],
        **found.parts,
    }


def _child(found: Gathered, area: Area) -> dict[str, Any]:
    count = found.tree.counts[area.code]
    return {
        **_node(area),
        **standing_of(found.tree, area),
        "emergencies": found.tree.force.covering(area.path),
        "seq": max(count.seq, area.seq_from),
        "counts": _counts(count),
        "people": found.strength.at(area.path),
        "short": found.short[area.code],
        "conflicts": count.passed,
    }


def _tile(found: Gathered, area: Area) -> dict[str, Any]:
    people = found.strength.at(area.path)
    return {
        **taken(area, "code name parent"),
        **standing_of(found.tree, area),
        "emergencies": found.tree.force.covering(area.path),
        "late": found.tree.counts[area.code].late,
        "vacant": people["vacant"],
        "gaps": people["gaps"],
    }


def _above(area: Area, names: Names) -> Iterator[Area]:
    """Yield the areas above one, the highest first."""
    parent = AREA.get(names.c, area.parent, at=names.at) if area.parent else None
    if area.level in LOCAL_LEVELS:
        # A grid or compound between may never have been registered.
        parent = LOCAL.get(names.c, area.parent, at=names.at) or AREA.get(
            names.c, community_of(area.code), at=names.at
        )
    if parent is not None:
        yield from _above(parent, names)
        yield parent


def recorded_us(recorder: Recorder, seq: int) -> int:
    """Return when a position was recorded, 0 before the first."""
    rows = recorder.rows(seq - 1, 1) if seq else []
    return rows[0].recorded_us if rows else 0


def _calls(tree: Rollup, names: Names) -> dict[str, Any]:
    """Return what calls for somebody: late steps, alarms, approvals, orders …"""
    path = tree.root.path
    every = [row for rows in tree.sites.values() for row in rows]
    late = late_steps(every, names)
    active = (scope.order.emergency for scope in tree.active)
    passed = [row for row in every if row.phase == PASSED_OVER]
    return {
        "late": late_rows(late[:LATE_SHOWN], names),
        "alarms": raised(
            alarms_at(names, path, late, free_of(every, names), calling=True), names
        ),
        "approvals": {"waiting": waiting_at(path, names)},
        "orders": standing_at(path, active, names),
        "conflicts": conflict_rows(passed[:CONFLICTS_SHOWN], names),
        "conflicts_total": len(passed),
    }


def _touching(tree: Rollup) -> Iterator[Order]:
    """Yield what touches this area: active ones, and ended ones still recovering."""
    every = (row for rows in tree.sites.values() for row in rows)
    recovering = {row.emergency for row in every if row.mode == RECOVERING}
    active = {scope.order.emergency: scope for scope in tree.active}
    root = tree.root.path
    for order in sorted(tree.orders, key=lambda o: (o.level, o.declared_seq)):
        if order.ended_us is not None:
            if order.emergency in recovering:
                yield order
            continue
        scope = active[order.emergency]
        inside = (path for path in (root, *scope.included) if path.startswith(root))
        if any(map(scope.covers, inside)):
            yield order
