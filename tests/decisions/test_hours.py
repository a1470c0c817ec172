"""Hours of service: claimed by members, certified by organisers, recognised once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.areas.state import UnknownArea
from coordination.checkin.campaigns import (
    BeforeCampaign,
    CheckInClosedHere,
    began_us,
    over_us,
)
from coordination.checkin.certifying import (
    CertifyClaims,
    CertifyHours,
    ClaimTwice,
    HoursUnchanged,
    NotClaimed,
    NotElsewhere,
    RecogniseHours,
    RefuseHours,
    Seen,
    UnknownStretch,
    certify_claims,
    certify_hours,
    recognise_hours,
    refuse_hours,
    stretch_of,
)
from coordination.checkin.decide import (
    CheckIn,
    CloseCheckIn,
    OpenCheckIn,
    WalkUp,
    check_in,
    close_check_in,
    open_check_in,
    walk_up,
)
from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    HoursCertified,
    HoursRefused,
    MemberLeft,
    MemberPresent,
    MemberReported,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.checkin.hours import Hours
from coordination.checkin.recording import (
    AfterCampaign,
    BadTimes,
    RecordService,
    ServiceKnown,
    ServiceTooEarly,
    record_service,
)
from coordination.checkin.state import OwnHours, attendance_stream
from coordination.checks import BasisMissing, ReasonMissing, Replaced
from coordination.kernel import version_of
from coordination.late import TooEarly
from coordination.people.events import PersonForgotten
from coordination.people.state import UnknownPerson
from coordination.permit import PERMITTED
from coordination.refusals import Refusal
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    FLOOD_PLAN,
    FOLK,
    HOUR,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    A,
    B,
    as_one,
    by,
    check,
    declared,
    ended,
    fold,
    narrowed,
    table,
    together,
    widened,
)

HERE, THERE = COMMUNITY_11.code, COMMUNITY_12.code
EARLIER = [*AREAS, *FOLK, FLOOD_PLAN, declared(at=NOW - 9 * HOUR)]
"""It began at eight in the morning; now it is five in the afternoon."""
ONE = f"{A}.1"


def clock(hour, minute=0):
    """Return a moment of that day."""
    return NOW + (hour - 17) * HOUR + minute * MINUTE


def fact(kind, **more):
    """Return a fact about somebody's checking in, in the first community."""
    said = {"person": A, "community": HERE, "campaign": "e1", "source": "phone"}
    whose = {MemberPresent: "own", MemberLeft: "claimed"}.get(kind)
    if whose:
        more.setdefault(whose, False)
    return kind(**{**said, **more})


def left(first, last, *, claimed=True, **more):
    """Return that somebody served between two hours; they say so themselves."""
    minutes = more.pop("minutes", (last - first) * 60)
    from_us, to_us = clock(first), clock(last)
    return fact(MemberLeft, minutes=minutes, from_us=from_us, to_us=to_us,
                claimed=claimed, **more)  # fmt: skip


def abroad(first, last, *, claimed=False, number_of=A):
    """Return that another community enters service of somebody."""
    return ServiceRecorded(
        person=number_of,
        community=THERE,
        campaign="e1",
        home=HERE,
        from_us=clock(first),
        to_us=clock(last),
        what="搬运",
        claimed=claimed,
    )


def certified(first, last, *, replaces=0, number=1, community=HERE):
    """Return a certification."""
    return HoursCertified(
        person=A,
        community=community,
        number=number,
        replaces=replaces,
        from_us=clock(first),
        to_us=clock(last),
    )


def refused(*, replaces=0, number=1, community=HERE):
    """Return that hours are refused."""
    return HoursRefused(person=A, community=community, number=number, replaces=replaces)


def recognised(first, last, *, number=1):
    """Return that hours of elsewhere are recognised."""
    return ServiceRecognised(
        person=A,
        community=HERE,
        number=number,
        from_us=clock(first),
        to_us=clock(last),
    )


def hours(*facts):
    """Return what of somebody's service is certified, what not yet."""
    return fold(*facts)(attendance_stream(A)).hours


# --- whose word it is -----------------------------------------------------------------


def served(*entries):
    """Return what became of check-ins: (who asks, stage, hour)."""
    facts = [*EARLIER]
    for who, stage, hour in entries:
        by_whom = as_one(who) if who else by()
        asks = by_whom.__class__(
            command_id="c", actor=by_whom.actor, occurred_us=clock(hour)
        )
        when = CheckIn(person=A, stage=stage, source="paper")
        facts += check_in(fold(*facts, who=asks), when, NOW)
    return hours(*facts)


STAFF = ""


@pytest.mark.parametrize(
    ("entries", "then"),
    [
        ([(STAFF, "present", 8), (STAFF, "left", 12)], Hours(240, 0, 0)),
        ([(A, "present", 8), (A, "left", 12)], Hours(0, 0, 240)),
        ([(A, "present", 8), (STAFF, "left", 12)], Hours(0, 0, 240)),
        ([(STAFF, "present", 8), (A, "left", 12)], Hours(0, 0, 240)),
        ([(B, "present", 8), (B, "left", 12)], Hours(240, 0, 0)),
        ([(A, "present", 8), (STAFF, "partial", 9), (STAFF, "left", 12)],
         Hours(0, 0, 240)),
        ([(A, "active", 8), (A, "left", 9), (STAFF, "present", 10),
          (STAFF, "left", 12)], Hours(120, 0, 60)),
        ([(A, "present", 8), (A, "left", 12), (STAFF, "present", 9),
          (STAFF, "left", 11)], Hours(120, 0, 120)),
        ([(STAFF, "present", 8), (STAFF, "left", 12), (A, "present", 9),
          (A, "left", 11)], Hours(240, 0, 0)),
    ],
)  # fmt: skip
def test_what_somebody_says_of_themselves_is_a_claim(entries, then):
    """Whatever source they name; also where only one of the two ends is theirs."""
    assert served(*entries) == then


# --- certifying -----------------------------------------------------------------------


def certifies(first=0, last=0, stretch=ONE, **more):
    """Return the command to certify; without hours: all of it."""
    since, until = first and clock(first), last and clock(last)
    return CertifyHours(stretch=stretch, from_us=since, to_us=until, **more)


CLAIM = [*EARLIER, left(8, 12)]


@table(
    ("in whole", CLAIM, certifies(), [certified(8, 12)]),
    ("in part", CLAIM, certifies(9, 11), [certified(9, 11)]),
    ("the first part", CLAIM, certifies(0, 11), [certified(8, 11)]),
    ("the last part", CLAIM, certifies(9), [certified(9, 12)]),
    ("from earlier than was claimed", CLAIM, certifies(7, 11), NotClaimed),
    ("until later than was claimed", CLAIM, certifies(9, 13), NotClaimed(
        since="2023-11-14 21:13", at="2023-11-15 01:13")),
    ("the wrong way round", CLAIM, certifies(11, 9), NotClaimed),
    ("nothing of it", CLAIM, certifies(9, 9), NotClaimed),
    ("again", [*CLAIM, certified(8, 12)], certifies(reason="重复"), HoursUnchanged),
    ("otherwise, for a reason", [*CLAIM, certified(8, 12)],
     certifies(9, 12, reason="核对签到表"), [certified(9, 12, replaces=1)]),
    ("more than before, for a reason", [*CLAIM, certified(9, 12)],
     certifies(reason="核对签到表"), [certified(8, 12, replaces=1)]),
    ("otherwise, without one", [*CLAIM, certified(8, 12)], certifies(9, 12),
     ReasonMissing),
    ("what was refused, for a reason", [*CLAIM, refused()],
     certifies(reason="已补材料"), [certified(8, 12, replaces=1)]),
    ("what was refused, without one", [*CLAIM, refused()], certifies(),
     ReasonMissing),
    ("what staff entered, less", [*EARLIER, left(8, 12, claimed=False)],
     certifies(8, 11, reason="录入有误"), [certified(8, 11)]),
    ("what staff entered, again", [*EARLIER, left(8, 12, claimed=False)],
     certifies(), HoursUnchanged),
    ("of another community, there", [*EARLIER, abroad(8, 12, claimed=True)],
     certifies(), [certified(8, 12, community=THERE)]),
    ("the second", [*CLAIM, left(13, 14)], certifies(stretch=f"{A}.2"),
     [certified(13, 14, number=2)]),
    ("one that is not there", CLAIM, certifies(stretch=f"{A}.2"),
     UnknownStretch(stretch=f"{A}.2")),
    ("of a stranger", CLAIM, certifies(stretch="h-0123456789ab.1"), UnknownPerson),
    ("of who is forgotten", [*CLAIM, PersonForgotten(person=A)], certifies(),
     UnknownPerson),
)  # fmt: skip
def test_the_organiser_certifies_a_claim(given, when, then):
    """In whole or in part, never more; each correction is a new fact with a reason."""
    check(certify_hours, given, when, then)


def test_a_form_tells_no_seconds():
    """The minute of an end is that end; not a second more is certified."""
    claim = fact(MemberLeft, minutes=59, from_us=clock(8) + 23_000_000,
                 to_us=clock(9) + 10_000_000, claimed=True)  # fmt: skip
    given = [*EARLIER, claim]
    first, last = clock(8) - clock(8) % MINUTE, clock(9) - clock(9) % MINUTE
    whole = CertifyHours(stretch=ONE, from_us=first, to_us=last + MINUTE)
    [found] = certify_hours(fold(*given), whole, NOW)
    assert (found.from_us, found.to_us) == (claim.from_us, claim.to_us)
    more = CertifyHours(stretch=ONE, from_us=first - MINUTE, to_us=last)
    check(certify_hours, given, more, NotClaimed)


def refuses(reason="没有签到记录", stretch=ONE):
    """Return the command to refuse."""
    return RefuseHours(stretch=stretch, reason=reason)


@table(
    ("a claim", CLAIM, refuses(), [refused()]),
    ("without a reason", CLAIM, refuses(" "), ReasonMissing),
    ("what was certified", [*CLAIM, certified(8, 12)], refuses(),
     [refused(replaces=1)]),
    ("what staff entered", [*EARLIER, left(8, 12, claimed=False)], refuses(),
     [refused()]),
    ("twice", [*CLAIM, refused()], refuses(), HoursUnchanged),
)  # fmt: skip
def test_a_claim_is_refused_with_a_reason(given, when, then):
    """What was certified can be taken back the same way."""
    check(refuse_hours, given, when, then)


OWN = [
    (certify_hours, certifies(), CLAIM),
    (refuse_hours, refuses(), CLAIM),
    (recognise_hours, RecogniseHours(stretch=ONE), [*EARLIER, abroad(8, 12)]),
    (certify_claims, CertifyClaims(claims=(Seen(ONE, ""),)), CLAIM),
]


@pytest.mark.parametrize(("decide", "when", "given"), OWN)
def test_nobody_decides_about_their_own_hours(decide, when, given):
    """Whatever role they hold; another may."""
    given = [*given]
    if decide is certify_claims:
        token = version_of(stretch_of(fold(*given), ONE))
        when = CertifyClaims(claims=(Seen(ONE, token),))
    check(decide, given, when, OwnHours, who=as_one(A))
    assert decide(fold(*given, who=as_one(B)), when, NOW)


def test_the_organiser_certifies_and_the_home_recognises():
    """The door asks for the role there."""
    given = fold(*EARLIER, abroad(8, 12))
    assert certifies().places(given) == refuses().places(given) == (THERE,)
    assert RecogniseHours(stretch=ONE).places(given) == (HERE,)
    assert certifies().stream == f"person/{A}"
    several = CertifyClaims(claims=(Seen(ONE, ""), Seen(f"{A}.2", "")))
    both = fold(*EARLIER, abroad(8, 12), left(13, 14))
    assert several.places(both) == (HERE, THERE)
    with pytest.raises(UnknownStretch):
        several.places(given)
    for action in ("hours.certify", "checkin.record"):
        assert PERMITTED[action][0].roles == PERMITTED["checkin.record"][0].roles
    assert certifies().ACTION == several.ACTION == "hours.certify"


def test_hours_that_were_ruled_on_meanwhile_are_not_ruled_on_unseen():
    """Who says what they saw is told that it stands otherwise by now."""
    token = version_of(stretch_of(fold(*CLAIM), ONE))
    when = certifies(expected=token)
    assert together(fold(*CLAIM), when, NOW) == [certified(8, 12)]
    for since in (certified(9, 12), refused()):
        with pytest.raises(Replaced) as caught:
            together(fold(*CLAIM, since), when, NOW)
        assert caught.value.facts["by"] == "wang"
    assert together(fold(*CLAIM, left(13, 14)), when, NOW)


# --- all that is shown ----------------------------------------------------------------


def shown(*facts, stretches=(ONE, f"{A}.2")):
    """Return the command to certify all of them as they stand."""
    read = fold(*facts)
    seen = (Seen(one, version_of(stretch_of(read, one))) for one in stretches)
    return CertifyClaims(claims=tuple(seen))


TWO = [*CLAIM, left(13, 14)]


@table(
    ("all of them", TWO, shown(*TWO),
     [certified(8, 12), certified(13, 14, number=2)]),
    ("one was certified meanwhile", [*TWO, certified(13, 14, number=2)],
     shown(*TWO), Replaced),
    ("one was certified already, as was shown", [*TWO, certified(8, 12)],
     shown(*TWO, certified(8, 12)), HoursUnchanged),
    ("one was refused, as was shown", [*TWO, refused()], shown(*TWO, refused()),
     ReasonMissing),
    ("one stands twice", TWO, shown(*TWO, stretches=(ONE, ONE)),
     ClaimTwice(stretch=ONE)),
)  # fmt: skip
def test_all_that_was_shown_is_certified_in_one_decision(given, when, then):
    """Or nothing of it."""
    check(certify_claims, given, when, then)


# --- elsewhere ------------------------------------------------------------------------


def records(first=8, last=12, community=THERE, **more):
    """Return the command by which a community enters service."""
    said = {"person": A, "community": community, "what": "搬运", "basis": "签到表"}
    since, until = clock(first), clock(last)
    return RecordService(**{**said, "from_us": since, "to_us": until, **more})


OPENED = CheckInOpened(opening="c-1", area=COMMUNITY_12, opened_us=clock(9))
CLOSED = CheckInClosed(opening="c-1", closed_us=clock(11))
PEACE = [*AREAS, *FOLK]
AT_HOME = ServiceRecorded(person=A, community=HERE, campaign="e1", home=HERE,
                          from_us=clock(8), to_us=clock(12), what="搬运")  # fmt: skip


def opened(first, last):
    """Return service for the opening."""
    return ServiceRecorded(
        person=A,
        community=THERE,
        campaign="c-1",
        home=HERE,
        from_us=clock(first),
        to_us=clock(last),
        what="搬运",
    )


@table(
    ("of somebody who lives elsewhere", EARLIER, records(), [abroad(8, 12)]),
    ("of somebody who lives here", EARLIER, records(community=HERE), [AT_HOME]),
    ("without a basis", EARLIER, records(basis=""), BasisMissing),
    ("of a stranger", EARLIER, records(person="h-0123456789ab"), UnknownPerson),
    ("at a building", EARLIER, records(community=BUILDING.code), UnknownArea),
    ("the wrong way round", EARLIER, records(12, 8), BadTimes),
    ("that is not over", EARLIER, records(8, 18), BadTimes),
    ("twice", [*EARLIER, abroad(8, 12)], records(), ServiceKnown),
    ("what they claim", [*EARLIER, abroad(8, 12, claimed=True)], records(),
     [abroad(8, 12)]),
    ("from before it began", EARLIER, records(7, 12), ServiceTooEarly),
    ("in peacetime", PEACE, records(), CheckInClosedHere),
    ("of an emergency that is over", [*EARLIER, ended(at=clock(13))], records(),
     [abroad(8, 12)]),
    ("until after it was over", [*EARLIER, ended(at=clock(11))], records(),
     AfterCampaign(community=THERE, at="2023-11-15 00:13")),
    ("from after it was over", [*EARLIER, ended(at=clock(11))], records(12, 13),
     CheckInClosedHere),
    ("for an opening", [*PEACE, OPENED], records(10, 12), [opened(10, 12)]),
    ("from before it was switched on", [*PEACE, OPENED], records(8, 12),
     ServiceTooEarly(community=THERE, since="2023-11-14 22:13")),
    ("until it was switched off", [*PEACE, OPENED, CLOSED], records(9, 11),
     [opened(9, 11)]),
    ("until after it was switched off", [*PEACE, OPENED, CLOSED], records(9, 12),
     AfterCampaign),
    ("for an opening of which nobody has said when it was switched off",
     [*PEACE, OPENED, CheckInClosed(opening="c-1")], records(9, 12),
     CheckInClosedHere),
)  # fmt: skip
def test_the_organiser_enters_service_also_of_who_lives_elsewhere(given, when, then):
    """Certified by that; while somebody served for something there."""
    check(record_service, given, when, then)


def test_what_staff_enter_of_themselves_is_a_claim():
    """As by the telephone; it is not entered twice."""
    own = [abroad(8, 12, claimed=True)]
    check(record_service, EARLIER, records(), own, who=as_one(A))
    check(record_service, [*EARLIER, *own], records(), ServiceKnown, who=as_one(A))


def recognises(stretch=ONE):
    """Return the command by which the home community recognises hours."""
    return RecogniseHours(stretch=stretch)


BEYOND = [*EARLIER, abroad(8, 12)]


@table(
    ("what another has certified", BEYOND, recognises(), [recognised(8, 12)]),
    ("twice", [*BEYOND, recognised(8, 12)], recognises(), NotElsewhere),
    ("what is certified at home", [*EARLIER, left(8, 12, claimed=False)],
     recognises(), NotElsewhere),
    ("a claim of elsewhere", [*EARLIER, abroad(8, 12, claimed=True)], recognises(),
     NotElsewhere),
    ("what was refused since", [*BEYOND, refused(community=THERE)], recognises(),
     NotElsewhere),
    ("what is less by now", [*BEYOND, recognised(8, 12), certified(
        9, 11, community=THERE)], recognises(), NotElsewhere),
    ("what was more than was recognised", [*BEYOND, certified(
        9, 11, community=THERE), recognised(9, 11), certified(
        8, 12, community=THERE, replaces=1)], recognises(), [recognised(8, 12)]),
    ("not there", EARLIER, recognises(), UnknownStretch),
)  # fmt: skip
def test_the_home_community_recognises_what_another_has_certified(given, when, then):
    """Once; what the organiser corrects to more it recognises anew."""
    check(recognise_hours, given, when, then)


@pytest.mark.parametrize(
    ("facts", "then"),
    [
        ([], (0, 0, 0)),
        ([left(8, 12)], (0, 0, 240)),
        ([left(8, 12), certified(9, 11)], (120, 0, 0)),
        ([left(8, 12), certified(9, 11), refused(replaces=1)], (0, 0, 0)),
        ([abroad(8, 12)], (0, 240, 0)),
        ([abroad(8, 12), recognised(8, 12)], (240, 0, 0)),
        ([abroad(8, 12), left(10, 14, claimed=False)], (240, 120, 0)),
        ([abroad(8, 12), left(10, 14)], (0, 240, 120)),
        ([abroad(8, 12), recognised(8, 12), left(10, 14, claimed=False)],
         (360, 0, 0)),
        ([abroad(8, 12), recognised(8, 12), certified(9, 11, community=THERE)],
         (120, 0, 0)),
        ([abroad(8, 12), recognised(8, 12), refused(community=THERE)], (0, 0, 0)),
    ],
)  # fmt: skip
def test_what_overlaps_counts_once(facts, then):
    """Across claims, certified hours, and communities."""
    assert hours(*facts) == Hours(*then)


# --- when what they came for began and ended ------------------------------------------


def entered(stage):
    """Return the command by which staff enter somebody's stage."""
    return CheckIn(person=A, stage=stage, source="paper")


def at_hour(hour):
    """Return that staff enter what happened then."""
    return by(occurred_us=clock(hour))


HOME_OPENED = CheckInOpened(opening="c-1", area=STREET_1, opened_us=clock(9))
HOME_CLOSED = CheckInClosed(opening="c-1", closed_us=clock(11))


def test_an_opening_has_a_beginning_and_an_end():
    """When it was switched on and off; not off before on."""
    opens = OpenCheckIn(opening="c-1", area=STREET_1, basis="b")
    check(open_check_in, PEACE, opens, [HOME_OPENED], who=at_hour(9))
    given, closes = [*PEACE, HOME_OPENED], CloseCheckIn(opening="c-1")
    check(close_check_in, given, closes, [HOME_CLOSED], who=at_hour(11))
    check(close_check_in, given, closes, TooEarly, who=at_hour(8))


def test_nobody_serves_before_an_opening():
    """As before an emergency: by the minute, and told since when."""
    given = [*PEACE, HOME_OPENED]
    early = BeforeCampaign(community=HERE, since="2023-11-14 22:13")
    check(check_in, given, entered("present"), early, who=at_hour(8))
    new = WalkUp(person="h-0123456789ab", community=HERE, sealed="5e" * 16)
    check(walk_up, given, new, early, who=at_hour(8))
    minute = clock(9) - clock(9) % MINUTE
    who = by(occurred_us=minute)
    said = {"source": "paper", "campaign": "c-1"}
    facts = [fact(MemberReported, **said), fact(MemberPresent, **said, at_us=minute)]
    check(check_in, given, entered("present"), facts, who=who)


def test_an_opening_of_old_has_no_beginning():
    """Nobody has said when it was: any time is taken."""
    given = [*PEACE, CheckInOpened(opening="c-1", area=STREET_1)]
    assert began_us(fold(*given), "c-1", HERE) == 0
    assert check_in(fold(*given, who=at_hour(1)), entered("present"), NOW)


AT_WAR_UNTIL_11 = [*EARLIER, ended(at=clock(11))]
OVER = [
    ("an emergency", AT_WAR_UNTIL_11, "e1"),
    ("an emergency that leaves the place", [*EARLIER, narrowed(
        "e1", COMMUNITY_12, at=clock(11))], "e1"),
    ("an opening", [*PEACE, HOME_OPENED, HOME_CLOSED], "c-1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "campaign"), [pytest.param(*cells, id=said) for said, *cells in OVER]
)
def test_who_leaves_after_it_is_over_has_served_until_then(given, campaign):
    """Both times stand in the fact; nobody comes any more."""
    here = fact(MemberPresent, at_us=clock(10), campaign=campaign, source="paper")
    given = [*given, here]
    then = fact(
        MemberLeft,
        campaign=campaign,
        source="paper",
        minutes=60,
        from_us=clock(10),
        to_us=clock(11),
        left_us=clock(13),
    )
    check(check_in, given, entered("left"), [then], who=at_hour(13))
    late = [*given, then]
    check(check_in, late, entered("present"), CheckInClosedHere, who=at_hour(12))


def test_an_emergency_is_over_where_it_does_not_reach_any_more():
    """And is not where it reaches again."""
    gone = [*EARLIER, narrowed("e1", COMMUNITY_12, at=clock(10))]
    back = [*gone, widened("e1", STREET_1, at=clock(12))]
    for facts, then in (
        (EARLIER, 0),
        (gone, clock(10)),
        (back, 0),
        ([*back, ended(at=clock(14))], clock(14)),
        ([*EARLIER, widened("e1", SONGJIANG, at=clock(9))], 0),
    ):
        assert over_us(fold(*facts), "e1", HERE) == then


@pytest.mark.parametrize("source", ["phone", "qr", "staff", "paper"])
def test_of_a_fact_of_old_the_source_tells_whose_word_it_was(source):
    """By telephone and by code they said so themselves; nothing is dropped."""
    own = source in {"phone", "qr"}
    old = MemberLeft(person=A, community=HERE, campaign="e1", source=source,
                     minutes=60, from_us=clock(8), to_us=clock(9))  # fmt: skip
    assert hours(old) == (Hours(0, 0, 60) if own else Hours(60, 0, 0))


def test_a_fact_of_old_without_times_lasted_from_when_they_were_present():
    """As many minutes as it says."""
    facts = [fact(MemberPresent, at_us=clock(8)), fact(MemberLeft, minutes=30)]
    read = fold(*facts)
    known = stretch_of(read, ONE)
    assert (known.from_us, known.to_us) == (clock(8), clock(8) + 30 * MINUTE)


# --- whatever is decided --------------------------------------------------------------

hour = st.integers(8, 16)
spans = st.tuples(hour, hour).filter(lambda pair: pair[0] < pair[1])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.sampled_from([HERE, THERE]),
                  st.booleans(), spans),
        st.tuples(st.sampled_from(["certify", "part", "refuse", "recognise"]),
                  st.integers(1, 6), st.booleans(), spans),
    ),
    max_size=14,
)  # fmt: skip


class Model:
    """What a child would count: a set of hours for each stretch."""

    def __init__(self):
        self.said, self.true, self.known, self.where = [], [], [], []

    def certified(self):
        """Return the hours that are service at home."""
        found = set()
        for true, known, where in zip(self.true, self.known, self.where, strict=True):
            found |= true if where == HERE else true & known
        return found


def in_hours(span):
    """Return each hour of a time."""
    return set(range(*span))


def commanded(step):
    """Return the rule and the command of a step; the second to last says who asks."""
    kind, about, _, (first, last) = step
    if kind == "enter":
        return record_service, records(first, last, community=about)
    stretch, why = f"{A}.{about}", "更正"
    match kind:
        case "certify":
            return certify_hours, certifies(stretch=stretch, reason=why)
        case "part":
            return certify_hours, certifies(first, last, stretch, reason=why)
        case "refuse":
            return refuse_hours, refuses(stretch=stretch)
        case _:
            return recognise_hours, recognises(stretch)


def count(model, step):
    """Count what a step that was carried out has changed."""
    kind, about, own, span = step
    if kind == "enter":
        model.said.append(in_hours(span))
        model.true.append(set() if own else in_hours(span))
        model.known.append(set())
        model.where.append(about)
        return
    at = about - 1
    match kind:
        case "certify":
            model.true[at] = set(model.said[at])
        case "part":
            model.true[at] = in_hours(span)
        case "refuse":
            model.true[at] = set()
        case _:
            model.known[at] = set(model.true[at])


@given(STEPS)
def test_certified_hours_are_the_union_of_what_others_certify(steps):
    """Of any claims, entries, rulings, corrections and recognitions, in any order.

    Never more than was said, and nobody's own word is among it.
    """
    facts, model = [*EARLIER], Model()
    for step in steps:
        kind, _, own, _ = step
        who = as_one(A) if own else as_one(B)
        decide, when = commanded(step)
        try:
            new = decide(fold(*facts, who=who), when, NOW)
        except Refusal:
            continue
        assert kind == "enter" or not own
        facts += new
        count(model, step)
        found, certified_ = hours(*facts), model.certified()
        assert found.certified == len(certified_) * 60
        assert certified_ <= set().union(*model.said)
        assert sum(found) <= len(set().union(*model.said)) * 60
