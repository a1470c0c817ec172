"""What is to be told outside (发件箱): facts that somebody must hear of at once.

Only that they are to be told stands here; what was sent where stands with the notifier,
so that a rebuild of the views sends nothing twice.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from coordination.approvals import events as approvals
from coordination.authority import events as authority
from coordination.mode import events as mode
from coordination.orders import events as orders
from projections.temporal import Temporal
from projections.view import Tables, View


class Outgoing(NamedTuple):
    """One fact to tell. ``topic``: what kind of news it is."""

    seq: int
    topic: str
    name: str
    occurred_us: int


OUTGOING = Temporal("outbox_outgoing", Outgoing, append_only=True)


OUTBOX = View(name="outbox", version=1, tables=(OUTGOING,))
News = (
    mode.EmergencyDeclared
    | mode.EmergencyEnded
    | mode.EmergencyVoided
    | mode.SitesTakenUp
    | mode.SitesFreed
    | mode.LevelRaised
    | mode.LevelLowered
    | mode.ScopeWidened
    | mode.ScopeNarrowed
    | mode.ExpectationPassed
    | approvals.ProposalMade
    | approvals.GlassBroken
    | approvals.ReviewOverdue
    | authority.AbsenceRecorded
    | orders.OrderIssued
    | orders.OrderWithdrawn
    | orders.OrderReminded
    | orders.OrderOverdue
)


@OUTBOX.on(News)
def on_news(t: Tables, _e: News) -> None:
    """A fact that is to be told."""
    seq, name = t.fact.seq, t.fact.name
    topic, when = name.partition(".")[0], t.fact.envelope.occurred_us
    t[OUTGOING].put(Outgoing(seq=seq, topic=topic, name=name, occurred_us=when))


def outgoing(c: sa.Connection, after: int, limit: int) -> list[Outgoing]:
    """Return what is to be told after a position, oldest first."""
    t = OUTGOING.table
    query = sa.select(*(t.c[f] for f in Outgoing._fields)).where(t.c.seq > after)
    rows = c.execute(query.order_by(t.c.seq).limit(limit))
    return [Outgoing._make(row) for row in rows]
