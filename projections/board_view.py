"""How the board is kept (态势): one function an event."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from coordination.areas import events as areas
from coordination.filled import filled
from coordination.mode import events as mode
from coordination.mode import orders
from coordination.mode.duties import Duty, after
from coordination.mode.orders import OVER, VOIDED, order_of
from coordination.mode.state import RECOVERING
from coordination.playbook import Playbook, from_canonical
from coordination.tree import Place, local_level, path_of
from projections.board import (
    AREA,
    GROUND,
    LOCAL,
    ORDER,
    PASSED,
    PLAN,
    Area,
    Ground,
    Order,
    Plan,
)
from projections.board_slots import playbook_of, put_duties, slots_by_site
from projections.board_steps import STEPS
from projections.progress import PROGRESS, duty_of, free
from projections.temporal import as_json
from projections.view import Tables, View

TABLES = AREA, LOCAL, GROUND, PROGRESS, ORDER, PASSED, PLAN
BOARD = View("board", 9, TABLES, handlers=dict(STEPS))


@BOARD.on(areas.AreaRegistered)
def on_area(t: Tables, e: areas.AreaRegistered) -> None:
    """An official area stands."""
    path = path_of(e.code, e.level)
    row = Area(code=e.code, path=path, name=e.name, level=e.level, parent=e.parent)
    t.put(AREA, row)


@BOARD.on(areas.AreaRenamed)
def on_renamed(t: Tables, e: areas.AreaRenamed) -> None:
    """An area has another name."""
    t.put(AREA, t[AREA].current[e.code]._replace(name=e.name))


@BOARD.on(areas.LocalAreasRegistered)
def on_local(t: Tables, e: areas.LocalAreasRegistered) -> None:
    """A community has grids, compounds and buildings."""
    for node in e.nodes:
        code, level = node.code, local_level(node.code) or ""
        # A building's parent is its compound, a compound's its grid, if they have one.
        cut = {"building": "b", "compound": "c", "grid": "g"}[level]
        parent = code[: code.rindex(cut)]
        row = Area(code=code, path=code, name=node.name, level=level, parent=parent)
        t.put(LOCAL, row)


@BOARD.on(areas.SiteRegistered)
def on_site(t: Tables, e: areas.SiteRegistered) -> None:
    """A site stands, in peacetime."""
    path = e.site.partition("-")[0]
    row = filled(
        Ground,
        e,
        path=path,
        planned=as_json({p.hazard: p.function for p in e.planned}),
        spaces=as_json(e.spaces),
        facilities=as_json(e.facilities),
    )
    t.put(GROUND, row)
    if e.site not in slots_by_site(t):
        t.put(PROGRESS, free(e.site, e.site, path))
        slots_by_site(t)[e.site] = [e.site]


@BOARD.on(mode.PlaybookPublished)
def on_playbook(t: Tables, e: mode.PlaybookPublished) -> None:
    """A version of a playbook is published."""
    playbook = from_canonical(e.compiled)
    row = filled(Plan, e, hazard=playbook.hazard, zh=playbook.zh, en=playbook.en)
    t.put(PLAN, row)


def _planned(t: Tables, site: str) -> dict[str, str]:
    """Return a site's planned functions by hazard."""
    return msgspec.json.decode(t[GROUND].current[site].planned, type=dict[str, str])


@BOARD.on(mode.EmergencyDeclared)
def on_declared(t: Tables, e: mode.EmergencyDeclared) -> None:
    """One order; every covered site with a planned function begins to convert."""
    who = t.fact.envelope
    row = filled(
        Order,
        e,
        scope=as_json(e.scope),
        excluded=as_json(e.excluded),
        basis=who.basis,
        actor=who.actor,
        role=who.role,
        changed_us=e.declared_us,
        declared_seq=t.fact.seq,
    )
    t.put(ORDER, row)
    order = order_of(e, None, 0)
    assert order is not None, "a declaration is an order"
    _fan_out(t, order)


Change = (
    mode.LevelRaised
    | mode.LevelLowered
    | mode.ScopeWidened
    | mode.ScopeNarrowed
    | mode.SitesTakenUp
    | mode.EmergencyEnded
    | mode.EmergencyVoided
)


@BOARD.on(Change)
def on_change(t: Tables, e: Change) -> None:
    """An emergency changes; so does what it has every site do."""
    row = t[ORDER].current[e.emergency]
    order = order_of(e, _as_order(row), 0)
    assert order is not None, "every change is an order"
    row = row._replace(
        level=order.level,
        scope=as_json(order.scope),
        excluded=as_json(order.excluded),
        changed_us=order.at_us,
        orders=order.number,
    )
    if isinstance(e, mode.LevelLowered):
        # Somebody has decided what the end of its time asked for.
        row = row._replace(expectation_passed_us=0)
    if order.kind in OVER:
        said = t.fact.envelope
        row = row._replace(
            ended_us=order.at_us,
            voided=int(order.kind == VOIDED),
            end_basis=said.basis,
            end_reason=said.reason,
            end_actor=said.actor,
            end_role=said.role,
        )
    t.put(ORDER, row)
    _fan_out(t, order)


def _as_order(row: Order) -> orders.Order:
    """Return the order in force that a row shows."""
    return orders.Order(
        kind="",
        emergency=row.emergency,
        hazard=row.hazard,
        version=0,
        number=row.orders,
        at_us=row.changed_us,
        level=row.level,
        level_before=row.level,
        scope=msgspec.json.decode(row.scope, type=tuple[Place, ...]),
        excluded=msgspec.json.decode(row.excluded, type=tuple[Place, ...]),
    )


def _concerned(t: Tables, order: orders.Order) -> set[str] | None:
    """Return the sites that an order may concern; None: whichever there are.

    In a large place: their rows are read at once, and no others.
    """
    if t[PROGRESS].whole:
        return None
    serving = PROGRESS.table.c.emergency == order.emergency
    inside = (PROGRESS.inside(place.path) for place in order.scope)
    return {row.site for row in t[PROGRESS].every(sa.or_(serving, *inside))}


def _fan_out(t: Tables, order: orders.Order) -> None:
    """Bring every site that an order concerns to its duties after it."""
    orders, progress = t[ORDER].current, t[PROGRESS].current

    def playbook(emergency: str) -> Playbook:
        return playbook_of(t, orders[emergency].playbook_digest)

    concerned = _concerned(t, order)
    for site, slots in slots_by_site(t).items():
        if concerned is not None and site not in concerned:
            continue
        rows = [progress[slot] for slot in slots]
        path = rows[0].path
        mine = any(row.emergency == order.emergency for row in rows)
        if not mine and not order.covers(path):
            continue
        duties = {d.emergency: d for d in map(duty_of, rows) if d is not None}
        busy = {row.emergency for row in rows if row.mode == RECOVERING}

        def recovering(duty: Duty, busy: Collection[str | None] = busy) -> bool:
            return duty.emergency in busy

        then = after(duties, order, site, _planned(t, site), playbook, recovering)
        if then is not duties:
            put_duties(t, site, rows, then)


@BOARD.on(mode.Regraded)
def on_regraded(t: Tables, e: mode.Regraded) -> None:
    """Severity and warning colour are others now."""
    row = t[ORDER].current[e.emergency]
    t.put(ORDER, row._replace(severity=e.severity, warning=e.warning))


@BOARD.on(mode.ExpectationExtended)
def on_extended(t: Tables, e: mode.ExpectationExtended) -> None:
    """An emergency is expected to last longer."""
    row = t[ORDER].current[e.emergency]
    t.put(ORDER, row._replace(expected_until_us=e.expected_until_us))


@BOARD.on(mode.ExpectationPassed)
def on_expectation(t: Tables, e: mode.ExpectationPassed) -> None:
    """An emergency has lasted as long as was expected."""
    row = t[ORDER].current[e.emergency]
    t.put(ORDER, row._replace(expectation_passed_us=e.due_us))
