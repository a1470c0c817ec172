import msgspec
import pytest

from coordination.checks import ReasonMissing
from coordination.provenance import Actor
from coordination.requests.decide import (
    BadRequest,
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    Want,
    WithdrawRequest,
    make_request,
    refuse_request,
    triage,
    withdraw,
)
from coordination.requests.events import (
    DeliveryConfirmed,
    GoodsAllocated,
    RequestDelivered,
    RequestDispatched,
    RequestMade,
    RequestRefused,
    RequestTriaged,
    RequestWithdrawn,
    Wanted,
)
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
    OwnDelivery,
    ProofNeeded,
    allocate,
    confirm,
    deliver,
    dispatch,
)
from coordination.requests.state import (
    Request,
    UnknownRequest,
    WrongState,
    evolve_request,
    request_stream,
)
from coordination.stations.state import UnknownStation
from coordination.stock.ledger import Party
from coordination.stock.lines import StockRefused, StockShort
from tests.decisions.goods import (
    HE,
    LI,
    S1,
    S2,
    STORE,
    XU,
    faults,
    freed,
    gone,
    issued,
    kept,
    line,
    moved,
    shelved,
    status,
)
from tests.given import (
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    HOUR,
    NOW,
    by,
    check,
    fold,
    table,
)

ID = f"{COMMUNITY_11.code}-q-1"
NOWHERE = f"{COMMUNITY_11.path}-s9"
SU = by("c", Actor("su", "member"))
FOR_IT = Party("request", ID)


def wanted(*lines):
    """Return lines: (item, quantity)."""
    return tuple(Wanted(*one) for one in lines)


def wants(*lines):
    """Return lines as they are asked for: (item, quantity, unit)."""
    return tuple(Want(*one) for one in lines)


# --- 申领 -----------------------------------------------------------------------------


def asks(*lines, **more):
    """Return what a community asks for."""
    said = {
        "request": ID, "area": COMMUNITY_11, "priority": 2, "to": BUILDING.code,
        "lines": wants(*lines),
    }  # fmt: skip
    return MakeRequest(**{**said, **more})


def asked(*lines, **more):
    """Return that it asked."""
    said = {
        "request": ID, "area": COMMUNITY_11.code, "squad": "", "priority": 2,
        "to": BUILDING.code, "needed_by_us": 0, "by": "su", "lines": wanted(*lines),
    }  # fmt: skip
    return RequestMade(**{**said, **more})


MASKS = ("mask", 30)
MADE = asked(MASKS, ("tent", 2))


@table(
    ("for itself", STORE, asks(MASKS, ("tent", 2)), [MADE]),
    ("for its squad, in an hour", STORE, asks(MASKS, squad="sq-1",
     needed_by_us=NOW + HOUR),
     [asked(MASKS, squad="sq-1", needed_by_us=NOW + HOUR)]),
    ("to the community itself", STORE, asks(MASKS, to=COMMUNITY_11.code),
     [asked(MASKS, to=COMMUNITY_11.code)]),
    ("where it is not said where to", STORE, asks(MASKS, to=""),
     [asked(MASKS, to=COMMUNITY_11.code)]),
    ("where lives are at risk", STORE, asks(MASKS, priority=1),
     [asked(MASKS, priority=1)]),
    ("as urgent as can not be", STORE, asks(MASKS, priority=0), BadRequest),
    ("to elsewhere", STORE, asks(MASKS, to=COMMUNITY_12.code), BadRequest),
    ("by now", STORE, asks(MASKS, needed_by_us=NOW), BadRequest),
    ("one id twice", [*STORE, MADE], asks(MASKS), WrongState(request=ID)),
    ("nothing", STORE, asks(), StockRefused),
)  # fmt: skip
def test_goods_are_asked_for(given, when, then):
    """By whom, to where, how urgently."""
    check(make_request, given, when, then, who=SU)


@pytest.mark.parametrize(
    ("lines", "then"),
    [
        ((("hat", 1), MASKS), [(1, "item")]),
        ((MASKS, MASKS), [(2, "item")]),
        ((MASKS, ("tent", 0)), [(2, "quantity")]),
    ],
)
def test_a_wrong_line_of_a_request_refuses_it(lines, then):
    """Not in the catalogue, twice, or none; so when it is triaged."""
    assert faults(make_request, STORE, asks(*lines)) == then
    given = [*STORE, asked(MASKS, ("tent", 2))]
    assert faults(triage, given, goes(*lines))[: len(then)] == then


# --- 分诊 -----------------------------------------------------------------------------


def goes(*lines, station=S1, priority=2):
    """Return who serves a request, and with what."""
    return TriageRequest(
        request=ID, station=station, priority=priority, lines=wants(*lines)
    )


def went(*lines, station=S1, priority=2):
    """Return that they do."""
    return RequestTriaged(
        request=ID, station=station, priority=priority, lines=wanted(*lines)
    )


def allocated(*lines, short=()):
    """Return what is kept, and what is on back-order."""
    return GoodsAllocated(
        request=ID, station=S1, lines=wanted(*lines), short=wanted(*short)
    )


ASKED = [*STORE, MADE]
TRIAGED = [*ASKED, went(MASKS, ("tent", 2))]
REFUSED, CALLED_OFF = RequestRefused(request=ID), RequestWithdrawn(request=ID)
STOCKED = [*TRIAGED, *shelved("a", 50), *shelved("t", 5, item="tent")]
KEPT = [*STOCKED, allocated(MASKS, ("tent", 2)),
        kept(ID, {"a": 30}, purpose=FOR_IT),
        kept(ID, {"t": 2}, purpose=FOR_IT, item="tent")]  # fmt: skip


@table(
    ("to a station", ASKED, goes(MASKS, ("tent", 2)), [went(MASKS, ("tent", 2))]),
    ("less than was asked for, less urgent", ASKED, goes(("mask", 9), priority=3),
     [went(("mask", 9), priority=3)]),
    ("to another station after all", TRIAGED, goes(MASKS, station=S2),
     [went(MASKS, station=S2)]),
    ("more than was asked for", ASKED, goes(("mask", 31)), StockRefused),
    ("what was not asked for", [*STORE, asked(MASKS)], goes(("tent", 1)),
     StockRefused),
    ("nothing", ASKED, goes(), StockRefused),
    ("to no station", ASKED, goes(MASKS, station=NOWHERE), UnknownStation),
    ("as urgent as can not be", ASKED, goes(MASKS, priority=4), BadRequest),
    ("when goods are kept for it", KEPT, goes(MASKS), WrongState(request=ID)),
    ("when it is refused", [*ASKED, REFUSED], goes(MASKS), WrongState),
    ("when it is called off", [*ASKED, CALLED_OFF], goes(MASKS), WrongState),
    ("no such request", STORE, goes(MASKS), UnknownRequest(request=ID)),
)  # fmt: skip
def test_a_request_is_triaged_to_a_station(given, when, then):
    """With what is granted, as long as nothing is kept for it."""
    check(triage, given, when, then)


def refuses(reason="非职责范围"):
    """Return that nothing is given."""
    return RefuseRequest(request=ID, reason=reason)


@table(
    ("as it is asked", ASKED, refuses(), [REFUSED]),
    ("when it is triaged", TRIAGED, refuses(), [REFUSED]),
    ("nobody says why", ASKED, refuses(""), ReasonMissing),
    ("when goods are kept for it", KEPT, refuses(), WrongState),
    ("twice", [*ASKED, REFUSED], refuses(), WrongState(request=ID)),
    ("no such request", STORE, refuses(), UnknownRequest),
)  # fmt: skip
def test_a_request_is_refused_for_a_reason(given, when, then):
    """Before anything is kept for it."""
    check(refuse_request, given, when, then)


OFF = WithdrawRequest(request=ID)


@table(
    ("as it is asked", ASKED, OFF, [CALLED_OFF]),
    ("nothing is kept for it", TRIAGED, OFF, [CALLED_OFF]),
    ("what is kept is free", KEPT, OFF,
     [CALLED_OFF, freed(ID, {"a": 30}, "cancelled"),
      freed(ID, {"t": 2}, "cancelled", item="tent")]),
    ("one of two is kept", [*KEPT, freed(ID, {"a": 30})], OFF,
     [CALLED_OFF, freed(ID, {"t": 2}, "cancelled", item="tent")]),
    ("twice", [*ASKED, CALLED_OFF], OFF, WrongState(request=ID)),
    ("no such request", STORE, OFF, UnknownRequest),
)  # fmt: skip
def test_a_request_is_called_off(given, when, then):
    """What is kept for it is free in the same decision."""
    check(withdraw, given, when, then)


# --- 配货、出库 -----------------------------------------------------------------------

KEEP = AllocateRequest(request=ID)
FEW = [*TRIAGED, *shelved("a", 20)]
FEW_KEPT = [*FEW, allocated(("mask", 20), short=[("mask", 10), ("tent", 2)]),
            kept(ID, {"a": 20}, 30, purpose=FOR_IT)]  # fmt: skip


@table(
    ("all of it", STOCKED, KEEP, [*KEPT[-3:]]),
    ("what there is: the rest is on back-order", FEW, KEEP, [*FEW_KEPT[-2:]]),
    ("the back-order, when it came", [*FEW_KEPT, *shelved("b", 50)], KEEP,
     [allocated(("mask", 10), short=[("tent", 2)]),
      kept(ID, {"b": 10}, 10, ("a", 20, "reserved"), purpose=FOR_IT)]),
    ("past what is bad", [*FEW, status("a", "on-hold"), *shelved("b", 9)], KEEP,
     [allocated(("mask", 9), short=[("mask", 21), ("tent", 2)]),
      kept(ID, {"b": 9}, 30, ("a", 20, "on-hold"), purpose=FOR_IT)]),
    ("what was sent is not kept again",
     [*STORE, *shelved("a", 50), asked(MASKS), went(MASKS),
      RequestDispatched(request=ID, slip="i-1", lines=wanted(("mask", 25)), by="xu")],
     KEEP,
     [allocated(("mask", 5)), kept(ID, {"a": 5}, purpose=FOR_IT)]),
    ("there is nothing", TRIAGED, KEEP,
     StockShort(item="mask", asked=30, available=0, why_zh="", why_en="")),
    ("nothing more has come", FEW_KEPT, KEEP, StockShort),
    ("it wants nothing more", KEPT, KEEP, WrongState(request=ID)),
    ("it is not triaged", ASKED, KEEP, WrongState),
    ("by the station it was sent to last, whatever another holds",
     [*STOCKED, went(MASKS, station=S2)], KEEP, StockShort),
    ("no such request", STORE, KEEP, UnknownRequest),
)  # fmt: skip
def test_a_request_is_kept_goods_for(given, when, then):
    """As far as there are any; the rest stays on back-order."""
    check(allocate, given, when, then)


SEND = DispatchRequest(request=ID, slip="i-1")


def left_with(*lines, still=(), gave="xu"):
    """Return that goods left for a request."""
    return RequestDispatched(
        request=ID, slip="i-1", lines=wanted(*lines), kept=wanted(*still), by=gave
    )


def slip(*lines, passed=()):
    """Return the issue of what left."""
    return issued("i-1", *lines, to=FOR_IT, reservation=ID, passed=passed)


SPOILT = [*KEPT, status("a", "damaged")]


@table(
    ("all that is kept", KEPT, SEND,
     [slip(line("a", 30), line("t", 2, "tent")), left_with(MASKS, ("tent", 2)),
      freed(ID, {"a": 30}, "used"), gone("i-1", "a", 30),
      freed(ID, {"t": 2}, "used", item="tent"), gone("i-1", "t", 2, item="tent")]),
    ("of two lots", [*FEW_KEPT, *shelved("b", 10),
     kept(ID, {"b": 10}, purpose=FOR_IT)], SEND,
     [slip(line("a", 20), line("b", 10)), left_with(("mask", 30)),
      freed(ID, {"a": 20, "b": 10}, "used"), gone("i-1", "a", 20),
      gone("i-1", "b", 10)]),
    ("one lot has gone bad: another is taken", [*SPOILT, *shelved("b", 50)], SEND,
     [slip(line("b", 30), line("t", 2, "tent"), passed=[("a", 50, "damaged")]),
      left_with(MASKS, ("tent", 2)), freed(ID, {"a": 30}, "used"),
      gone("i-1", "b", 30), freed(ID, {"t": 2}, "used", item="tent"),
      gone("i-1", "t", 2, item="tent")]),
    ("one item has gone bad: it stays kept", SPOILT, SEND,
     [slip(line("t", 2, "tent"), passed=[("a", 50, "damaged")]),
      left_with(("tent", 2), still=[MASKS]),
      freed(ID, {"t": 2}, "used", item="tent"), gone("i-1", "t", 2, item="tent")]),
    ("all has gone bad",
     [*FEW_KEPT, status("a", "damaged")], SEND,
     StockShort(item="mask", asked=20, available=0, why_zh="（a 20 损坏）",
                why_en=" (a 20 Damaged)")),
    ("nothing is kept", STOCKED, SEND, WrongState(request=ID)),
    ("it was called off", [*KEPT, CALLED_OFF], SEND, WrongState),
    ("by another station, which keeps nothing", [*KEPT, went(MASKS, station=S2)],
     SEND, WrongState),
    ("no such request", STORE, SEND, UnknownRequest),
)  # fmt: skip
def test_what_is_kept_for_a_request_is_sent(given, when, then):
    """With a slip of its own, as far as it is still good."""
    check(dispatch, given, when, then, who=XU)


# --- 送达、签收 -----------------------------------------------------------------------

SENT = [*ASKED, went(MASKS), left_with(MASKS)]


def brings(proof="签收码 7", slip="i-1"):
    """Return that a slip is brought."""
    return Deliver(request=ID, slip=slip, proof=proof)


def brought(who=LI):
    """Return that it was."""
    return RequestDelivered(
        request=ID, slip="i-1", proof="签收码 7", by=who.actor.account
    )


@table(
    ("with a proof", SENT, brings(), [brought()]),
    ("though it was called off since", [*SENT, CALLED_OFF], brings(), [brought()]),
    ("without", SENT, brings(""), ProofNeeded),
    ("twice", [*SENT, brought(HE)], brings(), WrongState(request=ID)),
    ("another slip", SENT, brings(slip="i-2"), WrongState),
    ("no such request", STORE, brings(), UnknownRequest(request=ID)),
)  # fmt: skip
def test_a_slip_is_brought_with_a_proof(given, when, then):
    """Once."""
    check(deliver, given, when, then, who=LI)


CONFIRM = ConfirmDelivery(request=ID, slip="i-1")
THERE = DeliveryConfirmed(request=ID, slip="i-1", by="li")


@table(
    ("by another than who brought it", [*SENT, brought(HE)], CONFIRM, [THERE]),
    ("by who brought it", [*SENT, brought(LI)], CONFIRM, OwnDelivery),
    ("by who gave it out", [*SENT[:-1], left_with(MASKS, gave="li"), brought(HE)],
     CONFIRM, OwnDelivery),
    ("it was not brought", SENT, CONFIRM, WrongState(request=ID)),
    ("twice", [*SENT, brought(HE), THERE], CONFIRM, WrongState),
    ("another slip", [*SENT, brought(HE)],
     msgspec.structs.replace(CONFIRM, slip="i-2"), WrongState),
    ("no such request", STORE, CONFIRM, UnknownRequest),
)  # fmt: skip
def test_the_side_that_asked_confirms_it(given, when, then):
    """Once, and not whoever brought it."""
    check(confirm, given, when, then, who=LI)


def test_a_request_is_followed_from_asking_to_the_doorstep():
    """The journey: part now, the rest on back-order, brought and confirmed."""
    facts = [*STORE, *shelved("a", 20)]

    def does(decide, command, who=XU):
        facts.extend(decide(fold(*facts, who=who), command, NOW))
        return fold(*facts)(request_stream(ID))

    does(make_request, asks(MASKS), SU)
    does(triage, goes(MASKS))
    does(allocate, KEEP)
    known = does(dispatch, SEND)
    assert (known.dispatched, known.brought) == ({"mask": 20}, {"i-1": ""})
    facts += [moved("b", 30)]
    does(allocate, KEEP)
    known = does(dispatch, msgspec.structs.replace(SEND, slip="i-2"))
    assert (known.dispatched, list(known.brought)) == ({"mask": 30}, ["i-1", "i-2"])
    does(deliver, brings(), LI)
    known = does(confirm, CONFIRM, SU)
    assert (known.brought["i-1"], known.confirmed) == ("li", {"i-1"})
    check(allocate, facts, KEEP, WrongState)


def test_commands_of_one_request_wait_for_one_another():
    """In its stream, at the place of whoever decides."""
    assert evolve_request(Request(), moved("a", 1)) == Request()
    for command in (asks(), goes(), refuses(), OFF, brings(), CONFIRM):
        assert command.stream == f"request/{ID}"
        assert command.places(fold()) == (COMMUNITY_11.path,)
    for command in (KEEP, SEND):
        assert command.stream == f"request/{ID}"
        assert command.places(fold(MADE, went(MASKS))) == (COMMUNITY_11.path,)
        there = fold(MADE, went(MASKS, station=S2))
        assert command.places(there) == (COMMUNITY_12.path,)
        with pytest.raises(WrongState):  # no station serves it yet
            command.places(fold(MADE))
        with pytest.raises(UnknownRequest):
            command.places(fold())
