"""The command screen's picture (态势图) of one area, now or as of any seq."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from api.pages.facts import NameOf, tell_all
from api.pages.sites import both, sites_of, step_counts, steps_in_force
from api.plain import moment
from coordination.kernel import Refusal
from coordination.log import Recorder
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES, MINUTE_US, Step
from coordination.tree import DIGITS
from coordination.vocabulary import HAZARDS
from projections.board import (
    AREA,
    LOCAL,
    PASSED,
    Area,
    Order,
    Progress,
    passed_key,
)
from projections.names import Names
from projections.rollup import Count, Rollup, places, rollup
from projections.store import shown_at
from projections.timeline import entries

FACTS_SHOWN = 30
LATE_SHOWN = 50
NEW_FACTS_MAX = 100


class UnknownAreaShown(Refusal):
    """No such area at that moment (区域不存在)."""

    code = "areas.unknown"
    zh = "区域 {area} 不存在"
    en = "there is no area {area}"


@dataclass(frozen=True)
class Looking:
    """What a picture is made from: the views, the log, and account names."""

    c: sa.Connection
    recorder: Recorder
    seq: int
    name_of: NameOf


def shown_name(area: Area, name: Callable[[str], str]) -> str:
    """Return an area's name; 市辖区 says nothing without what it lies in."""
    return f"{name(area.parent)}{area.name}" if area.name == "市辖区" else area.name


def _node(area: Area) -> dict[str, Any]:
    return {"code": area.code, "name": area.name, "level": area.level}


def _counts(count: Count) -> dict[str, Any]:
    steps = step_counts(count.total, count.done, count.acknowledged, count.late)
    return {"sites": dict(count.sites), "steps": steps}


def picture(
    looking: Looking, code: str, at: int | None = None, *, facts: bool = True
) -> dict[str, Any]:
    """Return the board of an area as the contract has it.

    ``at``: a log position, None for now. ``facts``: with its newest facts; a delta
    finds those it needs itself.

    :raises UnknownAreaShown: if there is no such area then
    """
    c = looking.c
    then = shown_at(c, at)
    tree = rollup(c, code, then)
    if tree is None:
        raise UnknownAreaShown(area=code)
    names, root = Names(c, then), tree.root
    seq = looking.seq if at is None else min(at, looking.seq)
    children = tree.children(code)
    late = _late(c, tree, names)
    level = tree.level(root.path)
    newest = []
    if facts:
        newest = entries(c, path=root.path, before=seq + 1, limit=FACTS_SHOWN)
    sites = []
    if _has_sites(root):
        sites = sites_of(c, root.path, then, exact=root.level != "community")
    return {
        "seq": seq,
        "head": looking.seq,
        "at": at,
        "recorded_at": _recorded_at(looking.recorder, seq),
        "area": {**_node(root), "name": shown_name(root, names.area)},
        "ancestors": _ancestors(c, root, then),
        "mode": tree.mode(root),
        "level": LEVEL_NAMES.get(level or 0),
        "counts": {
            "areas": len(tree.areas),
            "areas_by_mode": tree.areas_by_mode(),
            **_counts(tree.counts[code]),
        },
        "emergencies": _emergencies(tree, names, looking.name_of),
        "children": [
            {
                **_node(child),
                "mode": tree.mode(child),
                "seq": max(tree.counts[child.code].seq, child.seq_from),
                "counts": _counts(tree.counts[child.code]),
            }
            for child in children
        ],
        "tiles": [
            {
                "code": tile.code,
                "name": tile.name,
                "parent": child.code,
                "mode": tree.mode(tile),
                "late": tree.counts[tile.code].late,
            }
            for child in children
            for tile in tree.children(child.code)
        ],
        "sites": sites,
        "late": late[:LATE_SHOWN],
        "late_total": tree.counts[code].late,
        "facts": tell_all(looking.recorder, newest, names, looking.name_of),
    }


def children_of(c: sa.Connection, code: str) -> list[dict[str, Any]] | None:
    """Return an area's direct children, local nodes too; None for an unknown area."""
    area = AREA.get(c, code) or LOCAL.get(c, code)
    if area is None:
        return None
    table = AREA if DIGITS.get(area.level, 12) < DIGITS["community"] else LOCAL
    below = [a for a in table.select(c, at=None, path=area.path) if a.parent == code]
    return [_node(a) for a in sorted(below)]


def _has_sites(area: Area) -> bool:
    """Tell whether sites stand in such an area itself."""
    return DIGITS.get(area.level, 0) >= DIGITS["street"]


def _ancestors(c: sa.Connection, root: Area, at: int | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    parent = AREA.get(c, root.parent, at=at) if root.parent else None
    while parent is not None:
        found.insert(0, _node(parent))
        parent = AREA.get(c, parent.parent, at=at) if parent.parent else None
    return found


def _recorded_at(recorder: Recorder, seq: int) -> str | None:
    """Return when a position was recorded."""
    rows = recorder.rows(seq - 1, 1) if seq else []
    return moment(rows[0].recorded_us) if rows else None


def _late(c: sa.Connection, tree: Rollup, names: Names) -> list[dict[str, Any]]:
    """Return every late step below, the longest overdue first.

    ``seq``: the fact that its deadline has passed.
    """
    found: list[tuple[int, Progress, Step]] = []
    for site in tree.sites:
        late = site.late_steps.split(",") if site.late else ()
        for step in steps_in_force(site, names) if late else ():
            if step.id in late:
                due_us = (site.began_us or 0) + step.due_minutes * MINUTE_US
                found.append((due_us, site, step))
    found.sort(key=lambda entry: (entry[0], entry[1].site))
    return [
        {
            "site": site.site,
            "site_name": names.site(site.site),
            "area": site.path.ljust(12, "0"),
            "area_name": names.area(site.path.ljust(12, "0")),
            "step": step.id,
            "zh": step.zh,
            "en": step.en,
            "due_at": moment(due_us),
            "emergency": site.emergency,
            "seq": _passed_seq(c, site, step),
        }
        for due_us, site, step in found[:LATE_SHOWN]
    ]


def _passed_seq(c: sa.Connection, site: Progress, step: Step) -> int:
    """Return the fact that a late step's deadline has passed."""
    key = passed_key(site.emergency or "", site.phase or "", step.id)
    found = PASSED.get(c, key)
    assert found is not None, "a step is late because its deadline has passed"
    return found.seq_from


def emergency_body(order: Order, names: Names, name_of: NameOf) -> dict[str, Any]:
    """Return an emergency as the contract has it."""
    hazard, role = both(HAZARDS, order.hazard), both(ROLES, order.role)
    playbook = names.playbook(order.playbook_digest)
    assert playbook is not None, "an order cites a published playbook"

    def named(text: str) -> list[dict[str, str]]:
        return [{"code": p.code, "name": names.area(p.code)} for p in places(text)]

    return {
        "id": order.emergency,
        "hazard": order.hazard,
        "hazard_zh": hazard[0],
        "hazard_en": hazard[1],
        "level": LEVEL_NAMES[order.level],
        "state": "ACTIVE" if order.ended_us is None else "ENDED",
        "matter": order.matter,
        "basis": order.basis,
        "measures": order.measures,
        "declared_at": moment(order.declared_us),
        "expected_until": moment(order.expected_until_us),
        "ended_at": moment(order.ended_us),
        "end_basis": order.end_basis,
        "scope": named(order.scope),
        "excluded": named(order.excluded),
        "by": {
            "account": order.actor,
            "name": name_of(order.actor),
            "role": order.role,
            "role_zh": role[0],
            "role_en": role[1],
        },
        "playbook": {
            "id": playbook.id,
            "version": playbook.version,
            "zh": playbook.zh,
            "en": playbook.en,
            "digest": order.playbook_digest,
        },
        "seq": order.seq_from,
    }


def _emergencies(tree: Rollup, names: Names, name_of: NameOf) -> list[dict[str, Any]]:
    """Return what touches this area: active ones, and ended ones still recovering."""
    recovering = {s.emergency for s in tree.sites if s.mode == "RECOVERING"}
    shown = []
    for order in sorted(tree.orders, key=lambda o: (o.level, o.declared_seq)):
        if order.ended_us is not None:
            touches = order.emergency in recovering
        else:
            scope = next(s for s in tree.active if s.order.emergency == order.emergency)
            named = (tree.root.path, *scope.included)
            touches = any(
                scope.covers(path) for path in named if path.startswith(tree.root.path)
            )
        if touches:
            shown.append(emergency_body(order, names, name_of))
    return shown


def delta(
    looking: Looking, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what brings a screen from ``before`` to ``after``, None if nothing."""
    path_facts = entries(
        looking.c,
        path=_path(after),
        after=before["seq"],
        before=after["seq"] + 1,
        limit=NEW_FACTS_MAX,
    )
    changed: dict[str, Any] = {
        "children": _changed(before["children"], after["children"], "code"),
        "tiles": _changed(before["tiles"], after["tiles"], "code"),
        "sites": _changed(before["sites"], after["sites"], "id"),
        "facts": tell_all(
            looking.recorder, path_facts, Names(looking.c), looking.name_of
        ),
    }
    small = ("mode", "level", "counts", "emergencies", "late", "late_total")
    same = all(before[k] == after[k] for k in small)
    if same and not any(changed.values()):
        return None
    return {
        "seq": after["seq"],
        "recorded_at": after["recorded_at"],
        **{k: after[k] for k in small},
        **changed,
    }


def _path(body: dict[str, Any]) -> str:
    area = body["area"]
    return str(area["code"])[: DIGITS[area["level"]]]


def _changed(
    before: list[dict[str, Any]], after: list[dict[str, Any]], key: str
) -> list[dict[str, Any]]:
    known = {entry[key]: entry for entry in before}
    return [entry for entry in after if known.get(entry[key]) != entry]
