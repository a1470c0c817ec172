"""Corrections: a newer fact names the one that was wrong, whatever it was of."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.areas.events import AreaRegistered
from coordination.catalogue import EVENTS
from coordination.checkin.events import HoursRecognised, HoursTakenBack
from coordination.checks import ReasonMissing
from coordination.correcting import (
    CORRECTIONS,
    CorrectFact,
    NotCorrected,
    OfAnother,
    correct_fact,
    corrected_how,
)
from coordination.corrects import (
    AlreadyCorrected,
    ChangedSince,
    Correcting,
    NothingInstead,
    UnknownFact,
)
from coordination.grants.events import PersonBound, PersonUnbound
from coordination.kernel import Actor, Told
from coordination.mode.events import StepAcknowledged, StepCompleted, StepTakenBack
from coordination.mode.state import EMERGENCY, Site, evolve_site
from coordination.orders.events import (
    AnswerTakenBack,
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
    OrderIssued,
    OrderWithdrawn,
)
from coordination.orders.state import Answers, evolve_answers
from coordination.people.events import (
    AccountBound,
    AccountReleased,
    MergeTakenBack,
    PersonForgotten,
    PersonMerged,
)
from coordination.permit import PERMITTED
from coordination.posts.events import HandoverItemTaken, ItemTakenBack
from coordination.posts.state import NotActing
from coordination.requests.events import (
    DeliveryConfirmed,
    DeliveryTakenBack,
    RequestDelivered,
)
from coordination.stations.events import CustodyTaken
from coordination.stations.state import OwnStation
from coordination.stock.events import (
    DONATION,
    DonorCorrected,
    GoodsReceived,
    Line,
    LotCorrected,
    LotExpired,
    Party,
)
from coordination.stock.lots import LotHere, NoteExpiry, NothingDue, note_expiry
from coordination.stock.mistaken import ImpossibleDates, NotAGift
from coordination.uncorrected import OTHERWISE
from tests.decisions.goods import DAY, S1, SOLD, STORE, lot, shelved
from tests.given import (
    COMMUNITY_11,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    NOW,
    SEAT,
    STREET_1,
    A,
    B,
    bound,
    by,
    check,
    declared,
    ended,
    fold,
    login,
    person,
    put,
    seated,
    site,
    table,
)

SITE = f"{COMMUNITY_11.path}-s1"
BEGUN = [FLOOD_PLAN, EPIDEMIC_PLAN, site(1, flood="shelter"), declared()]
STEP = {"site": SITE, "emergency": "e1", "phase": "convert", "step": "open-doors",
        "round": 1}  # fmt: skip
SEEN, DONE = StepAcknowledged(**STEP), StepCompleted(**STEP)


def correct(fact, **instead):
    """Return the command that corrects the fact at a position."""
    return CorrectFact(fact=fact, reason="登记有误", **instead)


@table(
    ("a step done at the wrong site", [*BEGUN, DONE], correct(5),
     [StepTakenBack(**STEP, corrects=5, done=True)]),
    ("a step nobody there had seen", [*BEGUN, SEEN], correct(5),
     [StepTakenBack(**STEP, corrects=5, done=False)]),
    ("not that it was seen, once it is done", [*BEGUN, SEEN, DONE], correct(5),
     ChangedSince),
    ("nothing of a checklist that is over", [*BEGUN, DONE, ended()], correct(5),
     ChangedSince),
    ("nothing twice", [*BEGUN, DONE, StepTakenBack(**STEP, corrects=5, done=True)],
     correct(5), AlreadyCorrected(by=6)),
    ("what was done again since is done again",
     [*BEGUN, DONE, StepTakenBack(**STEP, corrects=5, done=True), DONE], correct(7),
     [StepTakenBack(**STEP, corrects=7, done=True)]),
    ("no fact that is not there", BEGUN, correct(99), UnknownFact(seq=99)),
    ("no switch: another decision changes it", BEGUN, correct(4), NotCorrected),
    ("nothing instead of what is only taken back", [*BEGUN, DONE],
     correct(5, donor="红十字会"), OfAnother),
    ("not without a reason", [*BEGUN, DONE], CorrectFact(fact=5), ReasonMissing),
)  # fmt: skip
def test_a_step_is_taken_back(given, when, then):
    """Whoever may do a step may say that it was not done."""
    check(correct_fact, given, when, then)


def test_nobody_is_told_that_a_site_is_ready_which_is_not():
    """With a mandatory step taken back a site is converting again."""
    done = reduce(evolve_site, [site(1, flood="shelter"), SEEN, DONE], Site())
    back = evolve_site(done, StepTakenBack(**STEP, corrects=3, done=True))
    of = ("e1", "convert", 1)
    assert done.checklist(*of).done == {"open-doors"}
    assert (back.checklist(*of).done, back.checklist(*of).acknowledged) == (
        set(),
        {"open-doors"},
    )
    assert EMERGENCY  # what the board makes of it: tests/views/test_board.py


# --- orders --------------------------------------------------------------------------

ORDER = OrderIssued(
    order="o1", emergency="", scope=(STREET_1,), excluded=(), roles=("street-staff",),
    title="巡查", text="立即", issued_us=NOW, ack_due_us=0, done_due_us=0,
)  # fmt: skip
WHO = {"order": "o1", "area": STREET_1, "role": "street-staff"}
TAKEN, CARRIED = OrderAcknowledged(**WHO), OrderCarriedOut(**WHO, note="已查")
SPOKEN = OrderAnsweredFor(**WHO, done=True)


@table(
    ("an acknowledgement", [ORDER, TAKEN], correct(2),
     [AnswerTakenBack(**WHO, corrects=2, done=False)]),
    ("that it is carried out", [ORDER, TAKEN, CARRIED], correct(3),
     [AnswerTakenBack(**WHO, corrects=3, done=True)]),
    ("what was said for somebody", [ORDER, SPOKEN], correct(2),
     [AnswerTakenBack(**WHO, corrects=2, done=True, spoken_for=True)]),
    ("not the first of two", [ORDER, TAKEN, CARRIED], correct(2), ChangedSince),
    ("not of an order that is withdrawn",
     [ORDER, TAKEN, OrderWithdrawn(order="o1", withdrawn_us=NOW)], correct(2),
     ChangedSince),
)  # fmt: skip
def test_an_answer_by_mistake_is_taken_back(given, when, then):
    """The recipient is as silent as before."""
    check(correct_fact, given, when, then)


@given(said=st.lists(st.tuples(st.sampled_from([TAKEN, CARRIED, SPOKEN]),
                               st.booleans()), max_size=6))  # fmt: skip
def test_what_is_taken_back_was_never_said(said):
    """◆ An order's answers are those that stand, whatever was taken back of others."""
    facts, stand = [], []
    for answer, mistake in said:
        facts.append(answer)
        if not mistake:
            stand.append(answer)
            continue
        wrong = len(facts)
        done = isinstance(answer, OrderCarriedOut | OrderAnsweredFor)
        spoken = isinstance(answer, OrderAnsweredFor)
        facts.append(
            AnswerTakenBack(**WHO, corrects=wrong, done=done, spoken_for=spoken)
        )
        stand = [a for a in stand if a != answer]  # the same cannot be said twice
    whole = reduce(evolve_answers, facts, Answers())
    assert whole == reduce(evolve_answers, stand, Answers())


# --- people --------------------------------------------------------------------------

WALK_UP = "h-999999999999"
MERGED = [
    person(A), person(WALK_UP, provisional=True),
    Told(PersonMerged(person=WALK_UP, into=A), "li", NOW, NOW, command="m"),
    Told(HoursRecognised(person=A, merged=WALK_UP, minutes=95), "li", NOW, NOW,
         command="m"),
]  # fmt: skip


@table(
    ("both are themselves again, each with their own hours", MERGED, correct(3),
     [MergeTakenBack(person=WALK_UP, into=A, corrects=3),
      HoursTakenBack(person=A, merged=WALK_UP, minutes=95, corrects=4)]),
    ("not once whom they became is gone", [*MERGED, PersonForgotten(person=A)],
     correct(3), ChangedSince),
    ("an account that is somebody else's",
     [person(A), bound(A), PersonBound(account=login(A), person=A)], correct(2),
     [AccountReleased(person=A, account=login(A), corrects=2),
      PersonUnbound(account=login(A), person=A, corrects=3)]),
)  # fmt: skip
def test_who_somebody_is_is_corrected(given, when, then):
    """A walk-up merged into the wrong person, an account bound to one."""
    check(correct_fact, given, when, then)


def test_an_account_bound_anew_signs_for_whom_it_is():
    """Released, it may be bound to somebody else."""
    found = fold(
        person(A), AccountBound(person=A, account="x"),
        AccountReleased(person=A, account="x", corrects=2),
    )  # fmt: skip
    from coordination.people.state import person_stream

    assert found(person_stream(A)).account == ""


# --- posts and requests --------------------------------------------------------------

HELD = [seated(SEAT), *put(SEAT, A), *put(SEAT, B, A, number=1)]
MADE = next(e for e in reversed(HELD) if hasattr(e, "handover_by_us"))
ITEM = HandoverItemTaken(
    post=SEAT.post, substitution=MADE.substitution, item="situation", count=-1, note="",
    left=len(MADE.items) - 1,
)  # fmt: skip
OWN = by("c", Actor(login(B), "member"))
BOUND = [person(B), PersonBound(account=login(B), person=B)]


def test_an_item_taken_over_by_mistake_is_open_again():
    """By whoever acts; nobody else says what they have seen."""
    given = [*BOUND, *HELD, ITEM]
    then = ItemTakenBack(
        post=SEAT.post, substitution=MADE.substitution, item="situation",
        left=len(MADE.items), due_us=MADE.handover_by_us, late=False,
        corrects=len(given),
    )  # fmt: skip
    check(correct_fact, given, correct(len(given)), [then], who=OWN)
    other = [person(A), PersonBound(account=login(A), person=A), *HELD, ITEM]
    stranger = by("c", Actor(login(A), "member"))
    check(correct_fact, other, correct(len(other)), NotActing, who=stranger)


REQUEST = f"{COMMUNITY_11.code}-q-0123456789"
BROUGHT = RequestDelivered(request=REQUEST, slip="i-1", proof="7731", by="li")
THERE = DeliveryConfirmed(request=REQUEST, slip="i-1", by="zhao")


@table(
    ("that it was brought", [BROUGHT], correct(1),
     [DeliveryTakenBack(request=REQUEST, slip="i-1", confirmed=False, corrects=1)]),
    ("that it was received", [BROUGHT, THERE], correct(2),
     [DeliveryTakenBack(request=REQUEST, slip="i-1", confirmed=True, corrects=2)]),
    ("not that it was brought before that", [BROUGHT, THERE], correct(1),
     ChangedSince),
)  # fmt: skip
def test_a_delivery_said_by_mistake_is_taken_back(given, when, then):
    """The newer first: what is received was brought."""
    check(correct_fact, given, when, then)


# --- goods ---------------------------------------------------------------------------

LOTS = len(STORE) + 1
BIRTH = lot("L1", 400)
CAME = GoodsReceived(
    slip="r-1", station=S1, source=SOLD, document="", lines=(Line("mask", "L1", 40),)
)
BOUGHT = [*STORE, BIRTH, CAME, shelved("L1", 40, 400)[-1]]
GIFT = Party(DONATION, "某公司")
GIVEN = [*STORE, lot("L1", 400, source=GIFT), GoodsReceived(
    slip="r-1", station=S1, source=GIFT, document="", number=1,
    lines=(Line("mask", "L1", 40),),
)]  # fmt: skip


def right(**more):
    """Return the lot as it should have been registered."""
    known = {"item": "mask", "lot": "L1", "batch": "", "made_us": 0, "origin": SOLD,
             "alert_us": NOW + 10 * DAY, "expires_us": NOW + 40 * DAY}  # fmt: skip
    return LotCorrected(**{**known, **more}, corrects=LOTS)


@table(
    ("a mistyped expiry, and with it when somebody is told", BOUGHT,
     correct(LOTS, expires_us=NOW + 40 * DAY), [right()]),
    ("a maker's batch", BOUGHT, correct(LOTS, batch="PB77"),
     [right(batch="PB77", expires_us=NOW + 400 * DAY, alert_us=NOW + 370 * DAY)]),
    ("nothing that it says already", BOUGHT,
     correct(LOTS, expires_us=NOW + 400 * DAY), NothingInstead),
    ("not without saying what is right", BOUGHT, correct(LOTS), NothingInstead),
    ("no day before it was made", BOUGHT,
     correct(LOTS, made_us=NOW, expires_us=NOW - 1), ImpossibleDates),
    ("nothing made tomorrow", BOUGHT, correct(LOTS, made_us=NOW + 1), ImpossibleDates),
    ("not by whoever keeps it",
     [*BOUGHT, CustodyTaken(station=S1, keeper="wang", before="", count="c-1")],
     correct(LOTS, batch="B"), OwnStation),
    ("nobody gave what was bought", BOUGHT, correct(LOTS + 1, donor="红十字会"),
     NotAGift),
    ("whose gift it was, on the receipt and on every lot of it", GIVEN,
     correct(LOTS + 1, donor="红十字会"),
     [DonorCorrected(slip="r-1", station=S1, corrects=LOTS + 1, before=GIFT,
                     source=Party(DONATION, "红十字会")),
      LotCorrected(item="mask", lot="L1", batch="", made_us=0, corrects=LOTS,
                   expires_us=NOW + 400 * DAY, alert_us=0,
                   origin=Party(DONATION, "红十字会"))]),
)  # fmt: skip
def test_a_receipt_mistyped_is_corrected(given, when, then):
    """By whoever settles books there; what was typed first stays."""
    check(correct_fact, given, when, then)


def test_a_lot_thought_to_have_expired_expires_when_it_does():
    """What was told of the wrong day is no reason not to tell of the right one."""
    told = LotExpired(station=S1, item="mask", lot="L1", expires_us=NOW + 400 * DAY)
    later = NOW + 500 * DAY
    note = NoteExpiry(station=S1, lots=(LotHere("mask", "L1"),))
    check(note_expiry, [*BOUGHT, told], note, NothingDue, now=later)
    longer = right(expires_us=NOW + 450 * DAY)
    then = LotExpired(station=S1, item="mask", lot="L1", expires_us=NOW + 450 * DAY)
    check(note_expiry, [*BOUGHT, told, longer], note, [then], now=later)


# --- all of them ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.NAME)
def test_every_fact_says_how_it_is_corrected(kind):
    """Each once: by the one way there is, or what is done instead; in both languages."""
    assert (kind in CORRECTIONS) != (kind in OTHERWISE), kind
    assert all(corrected_how(kind))


def test_what_corrects_is_what_it_took_to_say_it():
    """Whoever may not have said something does not take it back."""
    assert {how.action for how in CORRECTIONS.values()} <= set(PERMITTED)


@pytest.mark.parametrize(
    "kind", [k for k in EVENTS.values() if issubclass(k, Correcting)],
    ids=lambda kind: kind.NAME,
)  # fmt: skip
def test_a_correction_stands_beside_what_it_corrects(kind):
    """Or two at once would both be taken: it is in the stream of the wrong fact."""
    assert Correcting.__dict__.get("STREAM") != kind.STREAM
    assert "corrects" in kind.__struct_fields__


def test_an_area_s_name_is_corrected_by_its_file():
    """What is refused says what to do instead."""
    with pytest.raises(NotCorrected) as caught:
        correct_fact(fold(AreaRegistered(code="310117000000", name="松江",
                                         level="district", parent="")),
                     correct(1), NOW)  # fmt: skip
    assert "导入" in caught.value.say("zh")
