"""The timeline (时间线): every fact once, by place; sentences are made when read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from coordination.approvals import events as approvals
from coordination.authority import events as authority
from coordination.catalogue import Fact
from coordination.checkin import events as checkin
from coordination.corrects import Correcting
from coordination.grants import events as grants
from coordination.kernel import INDEX, Event
from coordination.orders import events as orders
from coordination.packages.state import target_path
from coordination.people import events as people
from coordination.posts.state import post_path
from coordination.reallocation import events as reallocation
from coordination.tree import above, path_of, site_path
from projections.temporal import Temporal
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
    occurred_us: int = 0
    seq_from: int = 0


class Mark(NamedTuple):
    """更正标记: the fact at ``wrong``, its position, is corrected by that at ``by``."""

    wrong: str
    path: str
    by: int
    actor: str = ""
    reason: str = ""
    occurred_us: int = 0
    seq_from: int = 0


ENTRY = Temporal("timeline_entry", Entry, append_only=True)
SCOPE = Temporal("timeline_scope", Scope)
MARK = Temporal("timeline_mark", Mark)


def _common(paths: Sequence[str]) -> str:
    """Return the longest official path above all of these."""
    shared = set(above(paths[0]))
    for path in paths[1:]:
        shared &= set(above(path))
    return max(shared, key=len, default="")


def _about(t: Tables, e: Event) -> str:
    """Return the path that a fact about approvals, orders or roles is about."""
    found: Sequence[str]
    match e:
        case approvals.ProposalMade():
            key, found = e.proposal, e.places
        case approvals.GlassBroken():
            key, found = e.glass, e.places
        case orders.OrderIssued():
            key, found = e.order, [place.path for place in e.scope]
        case (
            orders.OrderAcknowledged()
            | orders.OrderCarriedOut()
            | orders.OrderAnsweredFor()
            | orders.AnswerTakenBack()
        ):
            return e.area.path
        case checkin.CheckInOpened():
            key, found = e.opening, [e.area.path]
        case grants.RoleGranted():
            key, found = e.grant, [e.area.path] if e.area else []
        case authority.AbsenceRecorded():
            key, found = e.absence, [e.area.path]
        case _:
            names = ("proposal", "glass", "order", "grant", "absence", "opening")
            key = next((getattr(e, name) for name in names if hasattr(e, name)), "")
            return _known(t, key)
    path = _common(found) if found else ""
    t.put(SCOPE, Scope(key=key, path=path))
    return path


def _known(t: Tables, key: str) -> str:
    """Return where something belongs, the whole city if nobody said."""
    known = t[SCOPE].current.get(key)
    return known.path if known else ""


def on_any(t: Tables, fact: Fact) -> None:
    """Enter the fact where it happened."""
    e, site, path = fact.event, "", ""
    emergency = getattr(e, "emergency", "")
    kind, _, key = fact.stream.partition("/")
    if kind == "site":
        site, path = key, site_path(key)
    elif kind == INDEX:
        if scope := getattr(e, "scope", None):
            place = _common([p.path for p in scope])
            t.put(SCOPE, Scope(key=emergency, path=place))
        path = t[SCOPE].current[emergency].path
    elif kind == "post":
        path = post_path(key)
    elif kind in {"station", "stock", "slip", "document"}:
        site = getattr(e, "station", "")
        path = site_path(site)
    elif kind == "request":
        path = key.partition("-")[0]
    elif isinstance(e, reallocation.ReallocationApproved):
        path = _common([site_path(s) for leg in e.legs for s in (leg.source, leg.to)])
    elif kind == "package":
        path = target_path(key.partition("/")[2])
    elif kind == "person":
        if isinstance(e, people.PersonRegistered):
            t.put(SCOPE, Scope(key=key, path=e.residence))
        path = _known(t, key)
    elif kind == "area":
        level = getattr(e, "level", "")
        path = path_of(key, level) if level else key
    else:
        path = _about(t, e)
    # One for every fact: by keyword each would cost half as much again.
    entry = Entry(
        fact.seq,
        path,
        fact.name,
        site,
        emergency,
        fact.envelope.actor,
        fact.recorded_us,
        fact.envelope.occurred_us,
    )
    t[ENTRY].put(entry)
    if isinstance(e, Correcting):
        who = fact.envelope
        mark = Mark(str(e.corrects), path, fact.seq, who.actor, who.reason)
        t.put(MARK, mark)


TIMELINE = View(name="timeline", version=6, tables=(ENTRY, SCOPE, MARK), every=on_any)


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
        inside = ENTRY.inside(path)
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


def marks(c: sa.Connection, seqs: Sequence[int], *, at: int | None) -> dict[int, Mark]:
    """Return by what the facts at these positions are corrected, as of a moment."""
    found = MARK.some(c, [str(seq) for seq in seqs], at=at)
    return {int(mark.wrong): mark for mark in found}


def by_seq(c: sa.Connection, seqs: Sequence[int]) -> dict[int, Entry]:
    """Return the entries at these positions."""
    return {entry.seq: entry for entry in ENTRY.some(c, seqs, at=None)}
