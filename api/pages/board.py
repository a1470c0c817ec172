"""The command screen's picture (态势图) of one area, now or as of any seq."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from api.http.plain import moment
from api.pages.alarms import alarm_rows
from api.pages.facts import NameOf, tell_all
from api.pages.goods import Goods
from api.pages.kept import Kept
from api.pages.orders import STANDING, order_row, state_of, touches
from api.pages.preview import conflict_body, know_conflicts
from api.pages.sites import both, sites_of, step_counts, steps_in_force
from api.pages.strength import vacancies
from api.pages.supplies import panel
from coordination.approvals.state import OPEN
from coordination.areas.state import UnknownArea
from coordination.log import Recorder
from coordination.mode.duties import PASSED_OVER
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES, Step
from coordination.tree import DIGITS
from coordination.vocabulary import HAZARDS, SEVERITIES, WARNINGS
from projections.alarms import GRAVE, RAISED
from projections.approvals import PROPOSAL
from projections.board import (
    AREA,
    LOCAL,
    PASSED,
    Area,
    Order,
    passed_key,
)
from projections.directives import ISSUED
from projections.names import Names
from projections.progress import Progress, counts, duty_of
from projections.rollup import Count, Rollup, places, rollup
from projections.store import shown_at
from projections.timeline import entries

FACTS_SHOWN = 30
LATE_SHOWN = 50
NEW_FACTS_MAX = 100
ALARMS_SHOWN = 20
CONFLICTS_SHOWN = 50


@dataclass(frozen=True)
class Looking:
    """What a picture is made from: the views, the log, account names, counts kept."""

    c: sa.Connection
    recorder: Recorder
    seq: int
    name_of: NameOf
    kept: Kept = field(default_factory=Kept)


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

    :raises UnknownArea: if there is no such area then
    """
    c = looking.c
    then = shown_at(c, at)
    tree = rollup(c, code, then, tree=looking.kept.tree(c, code, then))
    if tree is None:
        raise UnknownArea(area=code)
    names, root = Names(c, then, looking.name_of), tree.root
    seq = looking.seq if at is None else min(at, looking.seq)
    children = tree.children(code)
    every = (row for rows in tree.sites.values() for row in rows)
    late = late_rows(every, names)[:LATE_SHOWN]
    level = tree.level(root.path)
    newest = []
    if facts:
        newest = entries(c, path=root.path, before=seq + 1, limit=FACTS_SHOWN)
    sites = []
    if _has_sites(root):
        sites = sites_of(c, root.path, then, exact=root.level != "community")
    active = {scope.order.emergency for scope in tree.active}
    strength = looking.kept.strengths(c, root.path, names, active)
    mine = strength.at(root.path)
    now = recorded_us(looking.recorder, seq)
    supplies, short = panel(c, root, children, Goods(c, names, now))
    return {
        "seq": seq,
        "head": looking.seq,
        "at": at,
        "recorded_at": moment(now or None),
        "area": {**_node(root), "name": shown_name(root, names.area)},
        "ancestors": _ancestors(c, root, then),
        "mode": tree.mode(root),
        "level": LEVEL_NAMES.get(level or 0),
        "counts": {
            "areas": len(tree.areas),
            "areas_by_mode": tree.areas_by_mode(),
            **_counts(tree.counts[code]),
            "people": mine,
        },
        "emergencies": _emergencies(tree, names, looking.name_of),
        "children": [
            {
                **_node(child),
                "mode": tree.mode(child),
                "emergencies": _covering(tree, child),
                "seq": max(tree.counts[child.code].seq, child.seq_from),
                "counts": _counts(tree.counts[child.code]),
                "people": strength.at(child.path),
                "short": short[child.code],
            }
            for child in children
        ],
        "tiles": [
            {
                "code": tile.code,
                "name": tile.name,
                "parent": child.code,
                "mode": tree.mode(tile),
                "emergencies": _covering(tree, tile),
                "late": tree.counts[tile.code].late,
                "vacant": strength.at(tile.path)["vacant"],
                "gaps": strength.at(tile.path)["gaps"],
            }
            for child in children
            for tile in tree.children(child.code)
        ],
        "sites": sites,
        "late": [late_body(c, entry, names) for entry in late],
        "late_total": tree.counts[code].late,
        "vacancies": vacancies(c, root.path, names) if mine["vacant"] else [],
        "vacancies_total": mine["vacant"],
        "gaps_total": mine["gaps"],
        "supplies": supplies,
        **_calls(looking, tree, names, then),
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


def recorded_us(recorder: Recorder, seq: int) -> int:
    """Return when a position was recorded, 0 before the first."""
    rows = recorder.rows(seq - 1, 1) if seq else []
    return rows[0].recorded_us if rows else 0


def _covering(tree: Rollup, area: Area) -> list[str]:
    """Return the active emergencies that cover an area, the gravest first."""
    found = [s.order for s in tree.active if s.covers(area.path)]
    found.sort(key=lambda order: (order.level, order.declared_seq))
    return [order.emergency for order in found]


def _calls(
    looking: Looking, tree: Rollup, names: Names, at: int | None
) -> dict[str, Any]:
    """Return what calls for somebody: alarms, approvals, orders, conflicts."""
    c, path = looking.c, tree.root.path
    every = [row for rows in tree.sites.values() for row in rows]
    alarms = alarm_rows(c, path, looking.name_of, at, every)
    over = {order.emergency for order in tree.orders if order.ended_us is not None}
    opened = [row for row in alarms if row["state"] == RAISED]
    waiting = [
        row
        for row in PROPOSAL.select(c, at=at)
        if row.state == OPEN
        and any(_touch(p, path) for p in msgspec.json.decode(row.places))
    ]
    orders = [
        order_row(c, row, names, looking.name_of)
        for row in ISSUED.select(c, at=at)
        if touches(row, path)
        and state_of(row) == STANDING
        and row.emergency not in over
    ]
    passed = [row for row in every if row.phase == PASSED_OVER]
    know_conflicts(passed[:CONFLICTS_SHOWN], names)
    return {
        "alarms": {
            "open": len(opened),
            "unseen": sum(not row["acknowledged_by"] for row in opened),
            "grave": sum(row["gravity"] == GRAVE for row in opened),
            "rows": opened[:ALARMS_SHOWN],
        },
        "approvals": {"waiting": len(waiting)},
        "orders": {
            "standing": len(orders),
            "missing": sum(order["missing"] for order in orders),
            "late": sum(order["late"] for order in orders),
        },
        "conflicts": [conflict_body(row, names) for row in passed[:CONFLICTS_SHOWN]],
        "conflicts_total": len(passed),
    }


def _touch(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


Late = tuple[int, Progress, Step]
"""When it was due, the duty, the step."""


def late_rows(rows: Iterable[Progress], names: Names) -> list[Late]:
    """Return every late step of these duties, the longest overdue first."""
    found: list[Late] = []
    for row in rows:
        duty = duty_of(row) if row.late and counts(row) else None
        if duty is None:
            continue
        late = row.late_steps.split(",")
        found.extend(
            (duty.due_us(step), row, step)
            for step in steps_in_force(row, names)
            if step.id in late
        )
    found.sort(key=lambda entry: (entry[0], entry[1].slot))
    return found


def late_body(c: sa.Connection, late: Late, names: Names) -> dict[str, Any]:
    """Return a late step; ``seq``: the fact that its deadline has passed."""
    due_us, row, step = late
    return {
        "site": row.site,
        "site_name": names.site(row.site),
        "area": row.path.ljust(12, "0"),
        "area_name": names.area(row.path.ljust(12, "0")),
        "step": step.id,
        "zh": step.zh,
        "en": step.en,
        "due_at": moment(due_us),
        "emergency": row.emergency,
        "seq": _passed_seq(c, row, step, due_us),
    }


def _passed_seq(c: sa.Connection, row: Progress, step: Step, due_us: int) -> int:
    """Return the fact that a late step's deadline has passed."""
    key = passed_key(row.emergency or "", row.phase or "", step.id, due_us)
    found = PASSED.get(c, key)
    assert found is not None, "a step is late because its deadline has passed"
    return found.seq_from


def emergency_body(order: Order, names: Names, name_of: NameOf) -> dict[str, Any]:
    """Return an emergency as the contract has it."""
    hazard, role = both(HAZARDS, order.hazard), both(ROLES, order.role)
    severity, warning = SEVERITIES.get(order.severity), WARNINGS.get(order.warning)
    over = order.ended_us is None and (
        order.expectation_passed_us == order.expected_until_us
    )
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
        "severity": order.severity,
        "severity_zh": severity[0] if severity else "",
        "severity_en": severity[1] if severity else "",
        "warning": order.warning,
        "warning_zh": warning[0] if warning else "",
        "warning_en": warning[1] if warning else "",
        "expectation_passed": over,
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
    recovering = {
        row.emergency
        for rows in tree.sites.values()
        for row in rows
        if row.mode == "RECOVERING"
    }
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
            looking.recorder,
            path_facts,
            Names(looking.c, None, looking.name_of),
            looking.name_of,
        ),
    }
    small = (
        "mode",
        "level",
        "counts",
        "emergencies",
        "late",
        "late_total",
        "vacancies",
        "vacancies_total",
        "gaps_total",
        "supplies",
        "alarms",
        "approvals",
        "orders",
        "conflicts",
        "conflicts_total",
    )
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
