"""What may be told outside (发件箱): facts that somebody must hear of.

Only that they may be told stands here. Who is told follows from the rules of notices
(通知规则); what was sent where stands with the notifier, so that a rebuild of the views
sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.approvals import events as approvals
from coordination.authority import events as authority
from coordination.grants import events as grants
from coordination.kernel import Event
from coordination.mode import events as mode
from coordination.notices import events as notices
from coordination.notices.state import USUAL_RULES
from coordination.orders import events as orders
from coordination.packages import events as packages
from coordination.packages.state import target_path
from coordination.people import events as people
from coordination.posts import events as posts
from coordination.posts.events import SEIZED
from coordination.posts.state import ACCEPT, post_path
from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.transfers import events as transfers
from coordination.tree import Place, site_path
from projections.alarms import GRAVE, WARNING
from projections.temporal import Temporal, as_json
from projections.view import Tables, View


class Outgoing(NamedTuple):
    """One fact to tell. ``kind``: what news it is; ``paths``: where, by commas."""

    seq: int
    kind: str
    gravity: str
    paths: str
    occurred_us: int


class Scope(NamedTuple):
    """Where an emergency, an order, a proposal … is: its paths, joined by commas."""

    key: str
    paths: str
    occurred_us: int = 0
    seq_from: int = 0


class NoticeRule(NamedTuple):
    """通知规则 as the log has it: the whole fact, as JSON; empty: it was removed."""

    rule: str
    fact: str
    occurred_us: int = 0
    seq_from: int = 0


OUTGOING = Temporal("outbox_outgoing", Outgoing, append_only=True)
SCOPE = Temporal("outbox_scope", Scope)
NOTICE_RULE = Temporal("outbox_rule", NoticeRule)

OUTBOX = View(name="outbox", version=4, tables=(OUTGOING, SCOPE, NOTICE_RULE))


def _tell(t: Tables, kind: str, gravity: str, paths: str) -> None:
    when = t.fact.envelope.occurred_us
    row = Outgoing(t.fact.seq, kind, gravity, paths, when)
    t[OUTGOING].put(row)


def _scoped(t: Tables, key: str, places: Iterable[str]) -> str:
    """Remember where something is, and return it."""
    paths = ",".join(places)
    t.put(SCOPE, Scope(key=key, paths=paths))
    return paths


def _scope_of(t: Tables, key: str) -> str:
    """Return where something is, empty if nobody said."""
    known = t[SCOPE].current.get(key)
    return known.paths if known else ""


def _paths(scope: Iterable[Place]) -> list[str]:
    return [place.path for place in scope]


Where = Callable[[Tables, Any], str]
"""Where the matter of a fact is: its paths, joined by commas."""


def _of(field: str) -> Where:
    """Return where the thing is that a fact names in this field."""
    return lambda t, e: _scope_of(t, getattr(e, field))


def _at_post(_t: Tables, e: Any) -> str:
    return post_path(e.post)


def _at_sites(sites: Iterable[str]) -> str:
    return ",".join(dict.fromkeys(map(site_path, sites)))


def _telling(kind: str, gravity: str, where: Where) -> Callable[[Tables, Any], None]:
    return lambda t, e: _tell(t, kind, gravity, where(t, e))


TOLD: dict[type[Event], tuple[str, str, Where]] = {
    mode.LevelRaised: ("switch", GRAVE, _of("emergency")),
    mode.LevelLowered: ("switch", GRAVE, _of("emergency")),
    mode.EmergencyEnded: ("switch", GRAVE, _of("emergency")),
    mode.EmergencyVoided: ("switch", GRAVE, _of("emergency")),
    mode.ExpectationPassed: ("expectation", GRAVE, _of("emergency")),
    mode.DeadlinePassed: ("deadline", WARNING, _of("emergency")),
    mode.SitesTakenUp: ("switch", GRAVE, lambda _t, e: _at_sites(e.sites)),
    # What they were passed over for is over: somebody must decide on each.
    mode.SitesFreed: (
        "freed",
        WARNING,
        lambda _t, e: _at_sites(f.site for f in e.freed),
    ),
    orders.OrderWithdrawn: ("issued", WARNING, _of("order")),
    orders.OrderReminded: ("issued", WARNING, _of("order")),
    orders.OrderOverdue: ("order", WARNING, _of("order")),
    approvals.ProposalExpired: ("proposal", GRAVE, _of("proposal")),
    approvals.ReviewOverdue: ("review", GRAVE, _of("glass")),
    # The next in line signs.
    authority.AbsenceRecorded: ("absence", WARNING, lambda _t, e: e.area.path),
    people.AbsencePassed: ("back", WARNING, lambda _t, e: e.community),
    posts.PostVacated: ("vacancy", GRAVE, _at_post),
    posts.HolderSilent: ("silent", GRAVE, _at_post),
    transfers.ShipmentLate: ("transfer", WARNING, _of("slip")),
}
"""What is told of whatever the fact says: of which kind, how grave, where."""
for _event, _how in TOLD.items():
    OUTBOX.handlers[_event] = _telling(*_how)


# --- emergencies, approvals, orders ---------------------------------------------------


Covering = mode.EmergencyDeclared | mode.ScopeWidened | mode.ScopeNarrowed


@OUTBOX.on(Covering)
def on_scope(t: Tables, e: Covering) -> None:
    """An emergency covers these places from now on; who was left out hears of it."""
    before = _scope_of(t, e.emergency)
    now = _scoped(t, e.emergency, _paths(e.scope))
    both = dict.fromkeys(filter(None, [*before.split(","), *now.split(",")]))
    _tell(t, "switch", GRAVE, ",".join(both))


@OUTBOX.on(approvals.ProposalMade)
def on_proposed(t: Tables, e: approvals.ProposalMade) -> None:
    """Somebody must approve: it does not wait for the morning."""
    _tell(t, "proposed", GRAVE, _scoped(t, e.proposal, e.places))


@OUTBOX.on(grants.AccountActed)
def on_account(t: Tables, e: grants.AccountActed) -> None:
    """Somebody else has reset a password."""
    if e.act == "password":
        _tell(t, "reset", GRAVE, "")


@OUTBOX.on(approvals.GlassBroken)
def on_broken(t: Tables, e: approvals.GlassBroken) -> None:
    """One person has decided alone."""
    _tell(t, "glass", GRAVE, _scoped(t, e.glass, e.places))


@OUTBOX.on(orders.OrderIssued)
def on_issued(t: Tables, e: orders.OrderIssued) -> None:
    """An order: whoever gives it at night means it at night."""
    _tell(t, "issued", GRAVE, _scoped(t, e.order, _paths(e.scope)))


# --- people, posts, packages ---------------------------------------------------------


@OUTBOX.on(posts.SubstitutionMade)
def on_made(t: Tables, e: posts.SubstitutionMade) -> None:
    """Somebody else acts on a post, or took it in need."""
    kind = ("seized", GRAVE) if e.how == SEIZED else ("substitution", WARNING)
    _tell(t, *kind, post_path(e.post))


@OUTBOX.on(posts.WaitOverdue)
def on_wait(t: Tables, e: posts.WaitOverdue) -> None:
    """Not taken over or ratified in time; a call not accepted goes to the next."""
    if e.what != ACCEPT:
        _tell(t, e.what, WARNING, post_path(e.post))


@OUTBOX.on(packages.PackageHandedOver)
def on_standing(t: Tables, e: packages.PackageHandedOver) -> None:
    """A package fell to the community until somebody is named."""
    if e.standing:
        _tell(t, "standing", WARNING, target_path(e.target))


# --- goods ---------------------------------------------------------------------------


@OUTBOX.on(stations.ShortagesNoted)
def on_short(t: Tables, e: stations.ShortagesNoted) -> None:
    """Items are below their minimum; that none is any more is no news."""
    if e.items:
        _tell(t, "shortage", GRAVE if e.war else WARNING, site_path(e.station))


@OUTBOX.on(stock.LotExpiring | stock.LotExpired)
def on_expiry(t: Tables, e: stock.LotExpiring | stock.LotExpired) -> None:
    """A lot on a shelf expires soon, or has."""
    kind = "expired" if isinstance(e, stock.LotExpired) else "expiring"
    _tell(t, kind, WARNING, site_path(e.station))


@OUTBOX.on(transfers.ShipmentSent)
def on_sent(t: Tables, e: transfers.ShipmentSent) -> None:
    """Remember between which places a shipment is."""
    _scoped(t, e.slip, dict.fromkeys((site_path(e.station), site_path(e.to))))


@OUTBOX.on(transfers.ShipmentArrived)
def on_arrived(t: Tables, e: transfers.ShipmentArrived) -> None:
    """What never comes is missing."""
    if e.complete and e.left:
        _tell(t, "discrepancy", GRAVE, _scope_of(t, e.slip))


# --- the rules -----------------------------------------------------------------------


@OUTBOX.on(notices.NoticeRuleSet)
def on_rule(t: Tables, e: notices.NoticeRuleSet) -> None:
    """Another rule is in force."""
    t.put(NOTICE_RULE, NoticeRule(rule=e.rule, fact=as_json(e)))


@OUTBOX.on(notices.NoticeRuleRemoved)
def on_removed(t: Tables, e: notices.NoticeRuleRemoved) -> None:
    """It tells nothing any more."""
    t.put(NOTICE_RULE, NoticeRule(rule=e.rule, fact=""))


def rules_in(
    c: sa.Connection, at: int | None
) -> list[tuple[notices.NoticeRuleSet, int]]:
    """Return the rules of a moment with their positions, 0: the usual one."""
    rows = NOTICE_RULE.select(c, at=at)
    known = {row.rule for row in rows}
    found = [(one, 0) for one in USUAL_RULES if one.rule not in known]
    for row in rows:
        if row.fact:
            rule = msgspec.json.decode(row.fact, type=notices.NoticeRuleSet)
            found.append((rule, row.seq_from))
    return sorted(found, key=lambda one: one[0].rule)


def outgoing(c: sa.Connection, after: int, limit: int) -> list[Outgoing]:
    """Return what may be told after a position, oldest first."""
    seq = OUTGOING.table.c.seq
    return OUTGOING.first(c, seq > after, order=seq, limit=limit, at=None)


def newest_news(c: sa.Connection, limit: int, upto: int | None) -> list[Outgoing]:
    """Return the last pieces of news, the newest first."""
    newest = OUTGOING.table.c.seq.desc()
    return OUTGOING.first(c, order=newest, limit=limit, at=upto)
