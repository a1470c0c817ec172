"""The timeline (时间线): every fact once, by place; sentences are made when read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from coordination.approvals.events import GlassBroken, ProposalMade
from coordination.authority.events import AbsenceRecorded
from coordination.catalogue import Fact
from coordination.checkin.events import CheckInOpened
from coordination.grants.events import RoleGranted
from coordination.kernel import INDEX
from coordination.orders.events import (
    OrderAcknowledged,
    OrderCarriedOut,
    OrderIssued,
)
from coordination.packages.state import target_path
from coordination.people.events import PersonRegistered
from coordination.posts.state import post_path
from coordination.reallocation.events import ReallocationApproved
from coordination.tree import above, path_of, site_path
from projections.temporal import PATH_END, Temporal
from projections.view import Tables, View

STREET_DIGITS = 9


class Entry(NamedTuple):
    """One fact's place in the world: where to find it, not what it says."""

    seq: int
    path: str
    name: str
    site: str
    emergency: str
    actor: str
    recorded_us: int
    occurred_us: int


class Scope(NamedTuple):
    """Where facts of an emergency, order, proposal … belong: the longest path above.

    ``key``: the id of what it is.
    """

    key: str
    path: str
    occurred_us: int
    seq_from: int


ENTRY = Temporal("timeline_entry", Entry, append_only=True)
SCOPE = Temporal("timeline_scope", Scope)


def _common(paths: list[str]) -> str:
    """Return the longest official path above all of these."""
    shared = set(above(paths[0]))
    for path in paths[1:]:
        shared &= set(above(path))
    return max(shared, key=len, default="")


def _about(t: Tables, fact: Fact) -> str:
    """Return the path that a fact about approvals, orders or roles is about."""
    e: Any = fact.event
    match e:
        case ProposalMade() | GlassBroken():
            key = e.proposal if isinstance(e, ProposalMade) else e.glass
            found = list(e.places)
        case OrderIssued():
            key, found = e.order, [place.path for place in e.scope]
        case OrderAcknowledged() | OrderCarriedOut():
            return str(e.area.path)
        case CheckInOpened():
            key, found = e.opening, [e.area.path]
        case RoleGranted() | AbsenceRecorded():
            key = e.grant if isinstance(e, RoleGranted) else e.absence
            found = [e.area.path] if e.area else []
        case _:
            keys = ("proposal", "glass", "order", "grant", "absence", "opening")
            key = next((getattr(e, k) for k in keys if hasattr(e, k)), "")
            known = t[SCOPE].current.get(key) if key else None
            return known.path if known else ""
    path = _common(found) if found else ""
    t[SCOPE].put(Scope(key, path, fact.envelope.occurred_us, fact.seq))
    return path


def _home(t: Tables, fact: Fact) -> str:
    """Return where somebody lives."""
    e: Any = fact.event
    if isinstance(e, PersonRegistered):
        when = fact.envelope.occurred_us
        t[SCOPE].put(Scope(e.person, e.residence, when, fact.seq))
    known = t[SCOPE].current.get(e.person)
    return known.path if known else ""


def on_any(t: Tables, fact: Fact) -> None:
    """Enter the fact where it happened."""
    e, when = fact.event, (fact.envelope.occurred_us, fact.seq)
    site = emergency = path = ""
    kind, _, key = fact.stream.partition("/")
    if kind == "site":
        site, path = key, site_path(key)
        emergency = getattr(e, "emergency", "")
    elif kind == INDEX:
        scope = getattr(e, "scope", None)
        if scope:
            path = _common([p.path for p in scope])
            t[SCOPE].put(Scope(e.emergency, path, *when))  # type: ignore[attr-defined]
        emergency = e.emergency  # type: ignore[attr-defined]
        path = t[SCOPE].current[emergency].path
    elif kind == "post":
        path = post_path(key)
    elif kind in {"station", "stock", "slip"}:
        site = e.station  # type: ignore[attr-defined]
        path, emergency = site_path(site), getattr(e, "emergency", "")
    elif kind == "request":
        path = key.partition("-")[0]
    elif isinstance(e, ReallocationApproved):
        path = _common([site_path(s) for leg in e.legs for s in (leg.source, leg.to)])
    elif kind == "package":
        path = target_path(key.partition("/")[2])
    elif kind == "person":
        path = _home(t, fact)
    elif kind == "area":
        level = getattr(e, "level", "")
        path = path_of(key, level) if level else key
    else:
        path, emergency = _about(t, fact), getattr(e, "emergency", "")
    t[ENTRY].put(
        Entry(
            fact.seq,
            path,
            fact.name,
            site,
            emergency,
            fact.envelope.actor,
            fact.recorded_us,
            when[0],
        )
    )


TIMELINE = View(
    name="timeline", version=4, tables=(ENTRY, SCOPE), handlers={}, every=on_any
)


def entries(
    c: sa.Connection,
    *,
    path: str = "",
    site: str = "",
    emergency: str = "",
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
    own: bool = False,
) -> list[Entry]:
    """Return the newest facts of a place, a site or an emergency, newest first.

    ``own``: of the emergency itself, without what its sites did.

    A place's facts are those inside it and those of emergencies declared above it.
    """
    t = ENTRY.table
    where = [t.c.seq > after]
    order: sa.ColumnElement[int] = t.c.seq
    if before is not None:
        where.append(t.c.seq < before)
    if site:
        where.append(t.c.site == site)
        path = path or site_path(site)
    if emergency:
        where.append(t.c.emergency == emergency)
    if own:
        where.append(t.c.site == "")
    if path:
        inside = sa.and_(t.c.path >= path, t.c.path < path + PATH_END)
        if site:
            where.append(inside)
        else:
            from_above = sa.or_(t.c.emergency != "", t.c.name.startswith("orders."))
            over = sa.and_(t.c.path.in_(["", *above(path)]), from_above, t.c.site == "")
            where.append(sa.or_(inside, over))
        if len(path) >= STREET_DIGITS:
            # So few facts that the index by path beats walking the log backwards.
            order = order + 0
    query = sa.select(*(t.c[f] for f in Entry._fields)).where(*where)
    found = c.execute(query.order_by(order.desc()).limit(limit))
    return [Entry._make(r) for r in found]


def by_seq(c: sa.Connection, seqs: Sequence[int]) -> dict[int, Entry]:
    """Return the entries at these positions."""
    t = ENTRY.table
    query = sa.select(*(t.c[f] for f in Entry._fields)).where(t.c.seq.in_(seqs))
    return {r.seq: Entry._make(r) for r in c.execute(query)} if seqs else {}
