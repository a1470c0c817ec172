"""Corrections: a newer fact names the one that was wrong, whatever it was of."""

import contextlib
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.areas.events import AreaRegistered
from coordination.catalogue import EVENTS
from coordination.checkin.certifying import (
    CertifyHours,
    UnknownStretch,
    certify_hours,
)
from coordination.checkin.decide import CheckIn, check_in
from coordination.checkin.events import (
    CheckInOpened,
    CheckInTakenBack,
    HoursRecognised,
    HoursRefused,
    HoursTakenBack,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.checkin.state import (
    Attendance,
    attendance_stream,
    evolve_attendance,
)
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
    RestsOnIt,
    UnknownFact,
)
from coordination.deciders import DECIDERS
from coordination.grants.events import PersonBound, PersonUnbound
from coordination.kernel import Told
from coordination.mode.events import StepAcknowledged, StepCompleted, StepTakenBack
from coordination.mode.sites import Site, evolve_site
from coordination.mode.state import EMERGENCY
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
from coordination.provenance import Actor
from coordination.refusals import Refusal
from coordination.requests.events import (
    DeliveryConfirmed,
    DeliveryTakenBack,
    RequestDelivered,
)
from coordination.stations.events import CustodyTaken
from coordination.stations.state import OwnStation
from coordination.stock.events import (
    DonorCorrected,
    GoodsReceived,
    LotCorrected,
    LotExpired,
)
from coordination.stock.ledger import DONATION, Line, Party
from coordination.stock.lots import LotHere, NoteExpiry, NothingDue, note_expiry
from coordination.stock.mistaken import ImpossibleDates, NotAGift
from coordination.uncorrected import OTHERWISE, commands
from tests.decisions.goods import DAY, S1, SOLD, STORE, lot, shelved
from tests.given import (
    COMMUNITY_11,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    HOUR,
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
    ("not the first of two", [ORDER, TAKEN, CARRIED], correct(2), RestsOnIt(seq=3)),
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
      HoursTakenBack(person=A, merged=WALK_UP, first=1, count=0, untimed=95,
                     corrects=4)]),
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


# --- checking in ---------------------------------------------------------------------

HOME = {"person": A, "community": COMMUNITY_11.code, "campaign": "c-1",
        "source": "staff"}  # fmt: skip


def at(fact, number, command="c"):
    """Return a check-in as it stands, so many hours after NOW."""
    return Told(fact, "li", NOW + number * HOUR, NOW + number * HOUR, command=command)


CAME_AT, WENT_AT = NOW + HOUR, NOW + 3 * HOUR
REPORTED = at(MemberReported(**HOME), 0, "a")
PRESENT = at(MemberPresent(**HOME, at_us=CAME_AT, own=False), 1, "b")
LEFT = at(MemberLeft(**HOME, minutes=120, from_us=CAME_AT, to_us=WENT_AT,
                     claimed=False), 3, "c")  # fmt: skip
OF = {k: v for k, v in HOME.items() if k != "source"}
WAS_HERE = {"stages": ("present", "reported"), "present_us": CAME_AT,
            "reported_us": NOW, "seen_us": CAME_AT}  # fmt: skip


@table(
    ("the wrong stage: reported they had", [person(A), REPORTED, PRESENT], correct(3),
     [CheckInTakenBack(**OF, corrects=3, stage="present", stages=("reported",),
                       reported_us=NOW)]),
    ("the wrong person: all that one decision entered",
     [person(A), REPORTED, PRESENT._replace(command="a")], correct(2),
     [CheckInTakenBack(**OF, corrects=2, stage="reported", stages=()),
      CheckInTakenBack(**OF, corrects=3, stage="present", stages=())]),
    ("that somebody left: they are there since they came",
     [person(A), REPORTED, PRESENT, LEFT], correct(4),
     [CheckInTakenBack(**OF, corrects=4, stage="left", **WAS_HERE, stretch=1)]),
    ("nothing on which something rests", [person(A), REPORTED, PRESENT, LEFT],
     correct(3), RestsOnIt(seq=4)),
    ("no time that is ruled on",
     [person(A), REPORTED, PRESENT, LEFT,
      HoursRefused(person=A, community=HOME["community"], number=1)], correct(4),
     ChangedSince),
)  # fmt: skip
def test_a_check_in_of_the_wrong_person_or_stage_is_taken_back(given, when, then):
    """The newest first, so that nothing is left hanging in the air."""
    check(correct_fact, given, when, then)


def test_a_time_that_nobody_served_is_none():
    """Its number stays, nothing of it counts, and nobody rules on it."""
    back = CheckInTakenBack(**OF, corrects=4, stage="left", **WAS_HERE, stretch=1)
    facts = [PRESENT.event, LEFT.event]
    gone = reduce(evolve_attendance, [*facts, back], Attendance())
    assert reduce(evolve_attendance, facts, Attendance()).hours.certified == 120
    assert (gone.hours.certified, gone.present_us) == (0, CAME_AT)
    rule = CertifyHours(stretch=f"{A}.1")
    check(certify_hours, [person(A), PRESENT, LEFT, back], rule, UnknownStretch)


OPENED = CheckInOpened(opening="c-1", area=COMMUNITY_11, opened_us=NOW)
STAGES = ("reported", "present", "partial", "absent", "active", "left")


@given(taps=st.lists(st.sampled_from([*STAGES, "back"]), max_size=12))
def test_taking_back_the_newest_leaves_what_was_before_it(taps):
    """◆ Whatever somebody entered and took back, they are as if it never was."""
    facts, kept = [person(A), OPENED], []
    for number, tap in enumerate(taps):
        who = by(f"c{number}", Actor("ma", "community-secretary"))
        now = NOW + number * HOUR
        before = [*facts]
        with contextlib.suppress(Refusal):
            if tap == "back" and kept:
                seqs = kept.pop()
                when = CorrectFact(fact=seqs[0], reason="误")
                made = correct_fact(fold(*facts, who=who, now=now), when, now)
            else:
                when = CheckIn(person=A, stage=tap, source="staff")
                made = check_in(fold(*facts, who=who, now=now), when, now)
                kept.append(range(len(facts) + 1, len(facts) + 1 + len(made)))
            facts += [Told(f, "ma", now, now, command=f"c{number}") for f in made]
        assert len(facts) >= len(before)
    stand = {seq for seqs in kept for seq in seqs}
    plain = [t for n, t in enumerate(facts, start=1) if n in stand]
    now = fold(*facts)(attendance_stream(A))
    never = fold(person(A), OPENED, *plain)(attendance_stream(A))
    assert (now.stages, now.present_us) == (never.stages, never.present_us)
    assert now.hours == never.hours


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
    """Each once: by the one way there is, or by what is done instead."""
    said = [kind in CORRECTIONS, kind in OTHERWISE, bool(kind.ANEW)]
    assert said.count(True) == 1, kind
    assert all(corrected_how(kind))
    assert {commands()[name] for name in kind.ANEW} <= set(DECIDERS)


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
