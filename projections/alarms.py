"""Alarms (告警): what somebody must look at, until it is over."""

from __future__ import annotations

from typing import Any, NamedTuple

from coordination.alarms.events import AlarmAcknowledged
from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalExpired,
    ProposalMade,
    ReviewOverdue,
)
from coordination.authority.events import AbsenceEnded, AbsenceRecorded
from coordination.catalogue import Fact
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    ExpectationExtended,
    ExpectationPassed,
    LevelLowered,
    ScopeNarrowed,
    ScopeWidened,
)
from coordination.orders.events import OrderIssued, OrderOverdue, OrderWithdrawn
from coordination.packages.events import (
    PackageAssigned,
    PackageHandedOver,
    PackageReleased,
)
from coordination.packages.state import target_path
from coordination.posts.events import (
    SEIZED,
    HandoverItemTaken,
    HolderSilent,
    PostVacated,
    SafetyConfirmed,
    SubstitutionMade,
    SubstitutionRatified,
    WaitOverdue,
)
from coordination.posts.state import ACCEPT, HANDOVER, RATIFY, post_path
from coordination.stations.events import ShortagesNoted
from coordination.stock.events import SHELF, LotExpired, LotExpiring, StockMoved
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentLate,
    ShipmentSent,
    ShortfallClosed,
)
from coordination.tree import site_path
from projections.temporal import Temporal
from projections.view import Tables, View

RAISED, OVER = "RAISED", "OVER"
GRAVE, WARNING = "GRAVE", "WARNING"


class Alarm(NamedTuple):
    """告警. ``subject``: what it is about (step, order, office …); ``about``: its key.

    ``paths``: joined by commas. ``acknowledged_by`` empty: nobody has taken note yet.
    """

    alarm: str
    path: str
    paths: str
    kind: str
    gravity: str
    about: str
    subject: str
    emergency: str
    due_us: int
    raised_us: int
    raised_seq: int
    state: str
    acknowledged_by: str
    acknowledged_us: int
    occurred_us: int
    seq_from: int


class About(NamedTuple):
    """Where an emergency, proposal, order … is: its paths, joined by commas.

    ``settled_us``: when somebody last decided what its alarms ask for, 0: nobody yet.
    """

    key: str
    paths: str
    emergency: str
    settled_us: int
    occurred_us: int
    seq_from: int


class Shelf(NamedTuple):
    """How much of a lot a station has: what is used up needs no alarm."""

    key: str
    on_hand: int
    occurred_us: int
    seq_from: int


class Way(NamedTuple):
    """Between which places a shipment is, and what is not accounted for."""

    shipment: str
    paths: str
    left: int
    occurred_us: int
    seq_from: int


ALARM = Temporal("alarms_alarm", Alarm)
ABOUT = Temporal("alarms_about", About)
ON_SHELF = Temporal("alarms_shelf", Shelf)
WAY = Temporal("alarms_way", Way)


def on_place(t: Tables, fact: Fact) -> None:
    """Remember where something is."""
    e: Any = fact.event
    match e:
        case ProposalMade():
            key, paths = e.proposal, list(e.places)
        case OrderIssued():
            key, paths = e.order, [p.path for p in e.scope]
            if e.corrects:
                _over(t, fact, e.corrects)
        case _:
            key, paths = e.emergency, [p.path for p in e.scope]
    when = fact.envelope.occurred_us
    t[ABOUT].put(About(key, ",".join(paths), e.emergency, 0, when, fact.seq))


def _raise(  # noqa: PLR0913 - the columns of a row
    t: Tables,
    fact: Fact,
    alarm: str,
    gravity: str,
    about: str,
    subject: str,
    due_us: int,
    *,
    paths: str = "",
    emergency: str = "",
) -> None:
    kind, known = alarm.partition(":")[0], t[ABOUT].current.get(about)
    if known is not None:
        paths, emergency = known.paths, known.emergency
    # Noticed only after somebody had decided: there is nothing left to do.
    decided = (known, t[ABOUT].current.get(f"{about}:{kind}"))
    settled = any(row is not None and row.settled_us >= due_us for row in decided)
    state = OVER if settled else RAISED
    path = min(paths.split(","), key=len)
    when = fact.envelope.occurred_us
    listed = _raised(t).setdefault(about, [])
    if alarm not in listed:
        listed.append(alarm)
    t[ALARM].put(
        Alarm(
            alarm, path, paths, kind, gravity, about, subject,
            emergency, due_us, when, fact.seq, state, "", 0, when, fact.seq,
        )
    )  # fmt: skip


def on_deadline(t: Tables, fact: Fact) -> None:
    """A step's deadline has passed; whether a site is late, the board tells."""
    e: DeadlinePassed = fact.event  # type: ignore[assignment]
    alarm = f"deadline:{e.emergency}:{e.phase}:{e.step}:{e.due_us}"
    _raise(t, fact, alarm, WARNING, e.emergency, e.step, e.due_us)


def on_expectation(t: Tables, fact: Fact) -> None:
    """Somebody must decide: extend, lower or end."""
    e: ExpectationPassed = fact.event  # type: ignore[assignment]
    alarm = f"expectation:{e.emergency}:{e.due_us}"
    _raise(t, fact, alarm, GRAVE, e.emergency, e.emergency, e.due_us)


def on_broken(t: Tables, fact: Fact) -> None:
    """One person has decided alone."""
    e: GlassBroken = fact.event  # type: ignore[assignment]
    where = {"paths": ",".join(e.places), "emergency": e.emergency}
    when = fact.envelope.occurred_us
    t[ABOUT].put(About(e.glass, where["paths"], e.emergency, 0, when, fact.seq))
    _raise(t, fact, f"glass:{e.glass}", GRAVE, e.glass, e.account, e.review_due_us)


def on_review_late(t: Tables, fact: Fact) -> None:
    """A mandatory review is overdue."""
    e: ReviewOverdue = fact.event  # type: ignore[assignment]
    _raise(t, fact, f"review:{e.glass}", GRAVE, e.glass, e.glass, e.due_us)


def on_reviewed(t: Tables, fact: Fact) -> None:
    """A decision taken alone has been reviewed."""
    e: GlassReviewed = fact.event  # type: ignore[assignment]
    _over(t, fact, e.glass)


def on_expired(t: Tables, fact: Fact) -> None:
    """A proposal found nobody."""
    e: ProposalExpired = fact.event  # type: ignore[assignment]
    _raise(t, fact, f"proposal:{e.proposal}", GRAVE, e.proposal, e.proposal, e.due_us)


def on_order_late(t: Tables, fact: Fact) -> None:
    """An order's time limit has passed; who is late, the orders tell."""
    e: OrderOverdue = fact.event  # type: ignore[assignment]
    alarm = f"order:{e.order}:{e.what}"
    _raise(t, fact, alarm, WARNING, e.order, e.order, e.due_us)


def on_withdrawn(t: Tables, fact: Fact) -> None:
    """An order need not be carried out any more."""
    e: OrderWithdrawn = fact.event  # type: ignore[assignment]
    _over(t, fact, e.order)


def on_absent(t: Tables, fact: Fact) -> None:
    """An office is absent; the next in line signs."""
    e: AbsenceRecorded = fact.event  # type: ignore[assignment]
    alarm, path = f"absence:{e.absence}", e.area.path
    _raise(t, fact, alarm, WARNING, e.absence, e.role, e.until_us, paths=path)


def on_back(t: Tables, fact: Fact) -> None:
    """The office is back."""
    e: AbsenceEnded = fact.event  # type: ignore[assignment]
    _over(t, fact, e.absence)


def on_ended(t: Tables, fact: Fact) -> None:
    """What an emergency's converting was late with no longer matters."""
    e: EmergencyEnded = fact.event  # type: ignore[assignment]
    _over(t, fact, e.emergency)


def on_extended(t: Tables, fact: Fact) -> None:
    """Somebody has decided about the expected duration: extended it, or lowered."""
    e: Any = fact.event
    _over(t, fact, e.emergency, kind="expectation")


def _over(t: Tables, fact: Fact, about: str, *, kind: str = "") -> None:
    known = t[ABOUT].current.get(about)
    if known is not None:
        settled = known._replace(
            key=f"{about}:{kind}" if kind else about,
            settled_us=fact.recorded_us,
            occurred_us=fact.envelope.occurred_us,
            seq_from=fact.seq,
        )
        t[ABOUT].put(settled)
    for key in _raised(t).get(about, ()):
        row = t[ALARM].current[key]
        if row.state == OVER or (kind and row.kind != kind):
            continue
        when = fact.envelope.occurred_us
        t[ALARM].put(row._replace(state=OVER, occurred_us=when, seq_from=fact.seq))


def on_vacated(t: Tables, fact: Fact) -> None:
    """Nobody in line can act on a post: the level above must find somebody."""
    e: PostVacated = fact.event  # type: ignore[assignment]
    _over(t, fact, f"post:{e.post}")
    _on_post(t, fact, "vacancy", GRAVE, 0)


def _on_post(t: Tables, fact: Fact, kind: str, gravity: str, due_us: int) -> None:
    post: str = fact.event.post  # type: ignore[attr-defined]
    alarm, about = f"{kind}:{post}:{fact.seq}", f"post:{post}"
    _raise(t, fact, alarm, gravity, about, post, due_us, paths=post_path(post))


def on_made(t: Tables, fact: Fact) -> None:
    """Somebody acts on a post: whatever was the matter with it is over."""
    e: SubstitutionMade = fact.event  # type: ignore[assignment]
    _over(t, fact, f"post:{e.post}")
    if e.how == SEIZED:
        _on_post(t, fact, "seized", GRAVE, e.ratify_by_us)


def on_silent(t: Tables, fact: Fact) -> None:
    """Whoever acts has not confirmed to be well."""
    e: HolderSilent = fact.event  # type: ignore[assignment]
    _on_post(t, fact, "silent", GRAVE, e.due_us)


def on_wait(t: Tables, fact: Fact) -> None:
    """Somebody has not accepted, taken over or ratified in time."""
    e: WaitOverdue = fact.event  # type: ignore[assignment]
    if e.what != ACCEPT:  # then the next in line was called, or it is vacant
        _on_post(t, fact, e.what, WARNING, e.due_us)


def on_post_settled(t: Tables, fact: Fact) -> None:
    """What a post was waited for has come."""
    e: Any = fact.event
    match e:
        case SafetyConfirmed():
            kinds: tuple[str, ...] = ("silent",)
        case SubstitutionRatified():
            kinds = ("seized", RATIFY)
        case _:
            kinds = () if e.left else (HANDOVER,)
    for kind in kinds:
        _over(t, fact, f"post:{e.post}", kind=kind)


def on_package(t: Tables, fact: Fact) -> None:
    """A package that fell to the community until somebody is named, or is theirs."""
    e: Any = fact.event
    about = f"package:{e.kind}:{e.target}"
    _over(t, fact, about)
    if isinstance(e, PackageHandedOver) and e.standing:
        path = target_path(e.target)
        alarm = f"standing:{e.kind}:{e.target}:{fact.seq}"
        _raise(t, fact, alarm, WARNING, about, e.package, 0, paths=path)


def on_short(t: Tables, fact: Fact) -> None:
    """Less than its minimum is free of these items; what was noted before is over."""
    e: ShortagesNoted = fact.event  # type: ignore[assignment]
    about = f"station:{e.station}"
    _over(t, fact, about)
    if e.items:
        alarm, gravity = f"shortage:{e.station}:{fact.seq}", GRAVE if e.war else WARNING
        paths = site_path(e.station)
        _raise(t, fact, alarm, gravity, about, e.station, 0, paths=paths)


def on_expiry(t: Tables, fact: Fact) -> None:
    """A lot on a shelf expires soon, or has."""
    e: Any = fact.event
    key = f"{e.station}/{e.item}/{e.lot}"
    about, paths = f"lot:{key}", site_path(e.station)
    if isinstance(e, LotExpired):
        _over(t, fact, about)
        alarm, due_us = f"expired:{key}:{fact.seq}", e.expires_us
    else:
        alarm, due_us = f"expiring:{key}:{fact.seq}", e.expires_us
    _raise(t, fact, alarm, WARNING, about, key, due_us, paths=paths)


def on_moved(t: Tables, fact: Fact) -> None:
    """What left a shelf altogether need not be looked at there."""
    e: StockMoved = fact.event  # type: ignore[assignment]
    if SHELF not in {e.source, e.destination}:
        return
    key = f"{e.station}/{e.item}/{e.lot}"
    known = t[ON_SHELF].current.get(key)
    change = e.quantity if e.destination == SHELF else -e.quantity
    on_hand = (known.on_hand if known else 0) + change
    t[ON_SHELF].put(Shelf(key, on_hand, fact.envelope.occurred_us, fact.seq))
    if not on_hand:
        _over(t, fact, f"lot:{key}")


def on_sent(t: Tables, fact: Fact) -> None:
    """Remember between which places a shipment is."""
    e: ShipmentSent = fact.event  # type: ignore[assignment]
    paths = dict.fromkeys((site_path(e.station), site_path(e.to)))
    left = sum(line.quantity for line in e.lines)
    when = fact.envelope.occurred_us
    t[WAY].put(Way(e.slip, ",".join(paths), left, when, fact.seq))


def on_shipment_late(t: Tables, fact: Fact) -> None:
    """A shipment is not there."""
    e: ShipmentLate = fact.event  # type: ignore[assignment]
    _on_way(t, fact, "transfer", WARNING, e.due_us)


def _on_way(t: Tables, fact: Fact, kind: str, gravity: str, due_us: int) -> None:
    slip: str = fact.event.slip  # type: ignore[attr-defined]
    about, paths = f"shipment:{slip}", t[WAY].current[slip].paths
    _raise(t, fact, f"{kind}:{slip}", gravity, about, slip, due_us, paths=paths)


def on_way(t: Tables, fact: Fact) -> None:
    """Some of a shipment is there or accounted for; what never comes is missing."""
    e: Any = fact.event
    about, way = f"shipment:{e.slip}", t[WAY].current[e.slip]
    complete = isinstance(e, ShipmentArrived) and e.complete
    left = way.left - sum(line.quantity for line in e.lines)
    when = fact.envelope.occurred_us
    t[WAY].put(way._replace(left=left, occurred_us=when, seq_from=fact.seq))
    if not left:
        _over(t, fact, about)
    elif complete:
        _over(t, fact, about, kind="transfer")
        if f"discrepancy:{e.slip}" not in t[ALARM].current:
            _on_way(t, fact, "discrepancy", GRAVE, 0)


def _raised(t: Tables) -> dict[str, list[str]]:
    """Return which alarms are about what."""
    known: dict[str, list[str]] | None = t.memo.get("raised")
    if known is None:
        known = t.memo["raised"] = {}
        for row in t[ALARM].current.values():
            known.setdefault(row.about, []).append(row.alarm)
    return known


def on_acknowledged(t: Tables, fact: Fact) -> None:
    """Somebody sees to it."""
    e: AlarmAcknowledged = fact.event  # type: ignore[assignment]
    who = fact.envelope
    old = t[ALARM].current.get(e.alarm)
    if old is None:
        # Of a post's alarm the rules know the post, not which fact raised it.
        return
    t[ALARM].put(
        old._replace(
            acknowledged_by=who.actor,
            acknowledged_us=who.occurred_us,
            occurred_us=who.occurred_us,
            seq_from=fact.seq,
        )
    )


ALARMS = View(
    name="alarms",
    version=5,
    tables=(ALARM, ABOUT, ON_SHELF, WAY),
    handlers={
        EmergencyDeclared: on_place,
        ScopeWidened: on_place,
        ScopeNarrowed: on_place,
        ProposalMade: on_place,
        OrderIssued: on_place,
        DeadlinePassed: on_deadline,
        ExpectationPassed: on_expectation,
        GlassBroken: on_broken,
        ReviewOverdue: on_review_late,
        GlassReviewed: on_reviewed,
        ProposalExpired: on_expired,
        OrderOverdue: on_order_late,
        OrderWithdrawn: on_withdrawn,
        AbsenceRecorded: on_absent,
        AbsenceEnded: on_back,
        EmergencyEnded: on_ended,
        ExpectationExtended: on_extended,
        LevelLowered: on_extended,
        PostVacated: on_vacated,
        SubstitutionMade: on_made,
        HolderSilent: on_silent,
        WaitOverdue: on_wait,
        SafetyConfirmed: on_post_settled,
        SubstitutionRatified: on_post_settled,
        HandoverItemTaken: on_post_settled,
        PackageAssigned: on_package,
        PackageHandedOver: on_package,
        PackageReleased: on_package,
        ShortagesNoted: on_short,
        LotExpiring: on_expiry,
        LotExpired: on_expiry,
        StockMoved: on_moved,
        ShipmentSent: on_sent,
        ShipmentLate: on_shipment_late,
        ShipmentArrived: on_way,
        ShortfallClosed: on_way,
        AlarmAcknowledged: on_acknowledged,
    },
)
