import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.areas.state import UnknownArea
from coordination.checkin.campaigns import (
    CHECK_INS,
    BeforeCampaign,
    CheckInClosedHere,
    campaign_at,
)
from coordination.checkin.decide import (
    BadStage,
    CheckIn,
    CloseCheckIn,
    OpenAlready,
    OpenCheckIn,
    WalkUp,
    WrongCommunity,
    check_in,
    close_check_in,
    open_check_in,
    walk_up,
)
from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    HoursRecognised,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
)
from coordination.checkin.state import attendance_stream
from coordination.checks import BasisMissing
from coordination.people.events import PersonForgotten
from coordination.people.state import UnknownPerson
from coordination.tree import Place
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
    STREET_2,
    A,
    B,
    F,
    as_one,
    back,
    by,
    check,
    declared,
    ended,
    fold,
    lost,
    person,
    table,
)

HERE = COMMUNITY_11.code
THERE = [*AREAS, *FOLK]
AT_WAR = [*THERE, FLOOD_PLAN, declared()]


def entered(stage, who=A, community=HERE, source="staff", **more):
    """Return the command by which staff enter somebody's stage."""
    return CheckIn(person=who, community=community, stage=stage, source=source, **more)


def own(stage, who=A, community=HERE, source="phone"):
    """Return the command by which somebody checks in."""
    return CheckIn(person=who, community=community, stage=stage, source=source)


def fact(kind, who=A, source="staff", campaign="e1", **more):
    """Return a fact about somebody's checking in, in the first community."""
    whose = {MemberPresent: "own", MemberLeft: "claimed"}.get(kind)
    if whose:
        more.setdefault(whose, False)
    return kind(person=who, community=HERE, campaign=campaign, source=source, **more)


def present(at=NOW, **more):
    """Return that somebody is present."""
    return fact(MemberPresent, at_us=at, **more)


REPORTED, ABSENT = fact(MemberReported), fact(MemberAbsent)
PRESENT, PARTIAL = present(), present(partial=True)
ACTIVE = fact(MemberActive, what="送药")
LEFT = fact(MemberLeft, minutes=0, from_us=NOW, to_us=NOW)
ON_DUTY = [*AT_WAR, REPORTED, PRESENT]
NEXT = [ended(), declared("e2")]


@table(
    ("reported", AT_WAR, entered("reported"), [REPORTED]),
    ("present: that is reported too", AT_WAR, entered("present"),
     [REPORTED, PRESENT]),
    ("present after reporting", [*AT_WAR, REPORTED], entered("present"), [PRESENT]),
    ("present in part", AT_WAR, entered("partial"), [REPORTED, PARTIAL]),
    ("wholly present after in part", [*AT_WAR, REPORTED, PARTIAL],
     entered("present"), [PRESENT]),
    ("in part after wholly", ON_DUTY, entered("partial"), [PARTIAL]),
    ("active: that is all three", AT_WAR, entered("active", what="送药"),
     [REPORTED, PRESENT, ACTIVE]),
    ("active while present", ON_DUTY, entered("active", what="送药"), [ACTIVE]),
    ("active while present in part", [*AT_WAR, REPORTED, PARTIAL],
     entered("active", what="送药"), [ACTIVE]),
    ("absent, never reported", AT_WAR, entered("absent"), [ABSENT]),
    ("absent after reporting", [*AT_WAR, REPORTED], entered("absent"), [ABSENT]),
    ("said to be present, and is absent", ON_DUTY, entered("absent"), [ABSENT]),
    ("present after all", [*AT_WAR, ABSENT], entered("present"),
     [REPORTED, PRESENT]),
    ("reported twice", [*AT_WAR, REPORTED], entered("reported"),
     BadStage(stage="reported")),
    ("reported after being present", ON_DUTY, entered("reported"), BadStage),
    ("present twice", ON_DUTY, entered("present"), BadStage),
    ("absent twice", [*AT_WAR, ABSENT], entered("absent"), BadStage),
    ("active twice", [*ON_DUTY, ACTIVE], entered("active"), BadStage),
    ("left", ON_DUTY, entered("left"), [LEFT]),
    ("left, never present", [*AT_WAR, REPORTED], entered("left"), BadStage),
    ("left, never seen", AT_WAR, entered("left"), BadStage(stage="left")),
    ("left twice", [*ON_DUTY, LEFT], entered("left"), BadStage),
    ("left, and said to be absent", [*AT_WAR, ABSENT], entered("left"), BadStage),
    ("present again after leaving", [*ON_DUTY, LEFT], entered("present"), [PRESENT]),
    ("in the next emergency", [*ON_DUTY, *NEXT], entered("present"),
     [fact(MemberReported, campaign="e2"), present(campaign="e2")]),
    ("left, in the next emergency: what they came for", [*ON_DUTY, *NEXT],
     entered("left"), [LEFT]),
    ("left, when it is over", [*ON_DUTY, ended()], entered("left"), [LEFT]),
    ("another's presence is theirs", ON_DUTY, entered("reported", who=B),
     [fact(MemberReported, who=B)]),
    ("by staff, who was out of reach: that is another's to say",
     [*AT_WAR, lost(A, "unreachable")], entered("reported"), [REPORTED]),
    ("from paper", AT_WAR, entered("reported", source="paper"),
     [fact(MemberReported, source="paper")]),
    ("no stage", AT_WAR, entered("dancing"), BadStage(stage="dancing")),
    ("no source", AT_WAR, entered("present", source="rumour"), BadStage),
    ("a stranger", [*AREAS, FLOOD_PLAN, declared()], entered("present"),
     UnknownPerson(person=A)),
    ("forgotten", [*AT_WAR, PersonForgotten(person=A)], entered("present"),
     UnknownPerson),
    ("in peacetime", THERE, entered("present"), CheckInClosedHere(community=HERE)),
    ("the emergency is over", [*AT_WAR, ended()], entered("present"),
     CheckInClosedHere),
    ("the emergency is elsewhere", [*THERE, FLOOD_PLAN, declared("e1", STREET_2)],
     entered("present"), CheckInClosedHere),
    ("in another community", AT_WAR, entered("present", community=COMMUNITY_12.code),
     WrongCommunity(residence=HERE)),
    ("who lives in a building reports to its community",
     [*AT_WAR, person(A, BUILDING)], entered("reported"), [REPORTED]),
    ("not to the building", [*AT_WAR, person(A, BUILDING)],
     entered("reported", community=BUILDING.code), WrongCommunity),
)  # fmt: skip
def test_reported_present_and_active_are_three_facts(given, when, then):
    """A later stage says the earlier ones; nothing is said twice."""
    check(check_in, given, when, then)


PHONE = {"source": "phone"}


@table(
    ("by phone", AT_WAR, own("reported"), [fact(MemberReported, **PHONE)]),
    ("by QR", AT_WAR, own("present", source="qr"),
     [fact(MemberReported, source="qr"), present(source="qr", own=True)]),
    ("who was out of reach is not any more", [*AT_WAR, lost(A, "unreachable")],
     own("reported"), [back(A), fact(MemberReported, **PHONE)]),
    ("who was out of reach says they leave",
     [*ON_DUTY, lost(A, "unreachable")], own("left"),
     [fact(MemberLeft, **PHONE, minutes=0, from_us=NOW, to_us=NOW, claimed=True)]),
    ("who is ill stays ill", [*AT_WAR, lost(A)], own("reported"),
     [fact(MemberReported, **PHONE)]),
    ("out of reach, and twice", [*AT_WAR, REPORTED, lost(A, "unreachable")],
     own("reported"), BadStage),
    ("twice", [*AT_WAR, REPORTED], own("reported"), BadStage),
    ("in peacetime", THERE, own("reported"), CheckInClosedHere),
    ("elsewhere", AT_WAR, own("reported", community=COMMUNITY_12.code),
     WrongCommunity),
    ("where they live, unsaid", AT_WAR, own("reported", community=""),
     [fact(MemberReported, **PHONE)]),
    ("a stranger", AT_WAR, own("reported", who="h-9"), UnknownPerson),
)  # fmt: skip
def test_somebody_checks_in_by_their_own_account(given, when, then):
    """The account is the person's."""
    check(check_in, given, when, then, who=as_one(A))


def test_what_is_said_of_another_is_entered_by_staff():
    """Their own is theirs wherever they are."""
    for who, then in ((as_one(A), "checkin.own"), (as_one(B), "checkin.record"),
                      (by(), "checkin.record")):  # fmt: skip
        assert own("reported").action(fold(*THERE, who=who)) == then


EARLIER = [*THERE, declared("e1", STREET_1, at=NOW - 9 * HOUR)]


def test_what_stood_on_paper_happened_hours_before_it_is_entered():
    """Present since then; leaving counts from it, in whole minutes, never below 0."""
    since = NOW - 3 * HOUR
    early = by(occurred_us=since)
    facts = [fact(MemberReported, source="paper"),
             present(since, source="paper")]  # fmt: skip
    when = entered("present", source="paper")
    check(check_in, EARLIER, when, facts, who=early)
    given = [*EARLIER, *facts]
    later = NOW + 59 * MINUTE + MINUTE // 2
    left = fact(MemberLeft, minutes=3 * 60 + 59, from_us=since, to_us=later)
    check(check_in, given, entered("left"), [left], now=later)
    before = by(occurred_us=NOW - 4 * HOUR)
    none = fact(MemberLeft, minutes=0, from_us=since, to_us=since)
    check(check_in, given, entered("left"), [none], who=before)


def served(*hours):
    """Return what two sheets of paper say, entered one after the other."""
    facts = [*EARLIER]
    for first, last in hours:
        for stage, hour in (("present", first), ("left", last)):
            who = by(occurred_us=NOW + (hour - 17) * HOUR)
            when = entered(stage, source="paper")
            facts += check_in(fold(*facts, who=who), when, NOW)
    return fold(*facts)(attendance_stream(A)).hours.certified


def test_hours_that_overlap_count_once():
    """From 8 to 12 on one sheet, from 9 to 11 on another: four hours, not six."""
    assert served((8, 12), (9, 11)) == served((9, 11), (8, 12)) == 4 * 60
    assert served((8, 10), (9, 12), (11, 13)) == 5 * 60
    assert served((8, 9), (10, 11)) == 2 * 60


@given(st.lists(st.tuples(st.integers(8, 16), st.integers(8, 16)), max_size=6))
def test_however_many_sheets_no_hour_counts_twice(sheets):
    """As one counts hour by hour."""
    hours = [(min(pair), max(pair)) for pair in sheets]
    counted = {hour for first, last in hours for hour in range(first, last)}
    assert served(*hours) == len(counted) * 60


def test_nobody_serves_before_it_began():
    """A wrong day is told; what is over is over."""
    who = by(occurred_us=NOW - 10 * HOUR)
    check(check_in, EARLIER, entered("present"), BeforeCampaign, who=who)


def test_papers_of_the_first_minute_are_taken():
    """They tell no seconds; the minute before is before."""
    began = NOW - 9 * HOUR
    first = began - began % MINUTE
    assert first < began
    who = by(occurred_us=first)
    facts = [fact(MemberReported), present(first)]
    check(check_in, EARLIER, entered("present"), facts, who=who)
    who = by(occurred_us=first - 1)
    check(check_in, EARLIER, entered("present"), BeforeCampaign, who=who)


def test_hours_add_up_over_campaigns_and_those_recognised():
    """Presence is of one campaign, minutes are of all."""
    facts = [PRESENT, fact(MemberLeft, minutes=30), present(NOW + HOUR, campaign="e2"),
             fact(MemberLeft, campaign="e2", minutes=12),
             HoursRecognised(person=A, merged=F, minutes=8)]  # fmt: skip
    assert fold(*facts)(attendance_stream(A)).hours.certified == 50
    state = fold(*facts[:3])(attendance_stream(A))
    assert (state.campaign, state.stages) == ("e2", {"present"})
    stream = attendance_stream(A)
    assert stream.evolve(state, person(A)) is state


# --- walk-ups -------------------------------------------------------------------------

NEW = "h-0123456789ab"


def walks_up(**more):
    """Return the command to take somebody on who is on no roster."""
    said = {"person": NEW, "community": HERE, "skills": ("driving",),
            "sealed": "5e" * 16, "source": "qr"}  # fmt: skip
    return WalkUp(**{**said, **more})


TAKEN_ON = [
    person(NEW, unit="", skills=("driving",), trainings=(), provisional=True),
    fact(MemberReported, who=NEW, source="qr"),
    present(who=NEW, source="qr"),
]


@table(
    ("in an emergency", AT_WAR, walks_up(), TAKEN_ON),
    ("in peacetime", THERE, walks_up(), CheckInClosedHere),
    ("under somebody's id", AT_WAR, walks_up(person=A), BadStage(stage="walk-up")),
    ("twice", [*AT_WAR, *TAKEN_ON], walks_up(), BadStage),
    ("with a skill that is none", AT_WAR, walks_up(skills=("magic",)), BadStage),
    ("by no source", AT_WAR, walks_up(source=""), BadStage),
    ("at a building", AT_WAR, walks_up(community=BUILDING.code),
     UnknownArea(area=BUILDING.code)),
    ("at a street", AT_WAR, walks_up(community=STREET_1.code), UnknownArea),
    ("nowhere", AT_WAR, walks_up(community="310117001009"), UnknownArea),
)  # fmt: skip
def test_who_walks_up_is_provisional_reported_and_present(given, when, then):
    """Nobody who comes to help is sent away for a roster."""
    check(walk_up, given, when, then)


# --- off in peacetime -----------------------------------------------------------------


def opens(opening="c-1", area=STREET_1, basis="街道〔2024〕1号"):
    """Return the command to switch check-in on."""
    return OpenCheckIn(opening=opening, area=area, basis=basis)


def closes(opening="c-1"):
    """Return the command to switch it off."""
    return CloseCheckIn(opening=opening)


OPENED, CLOSED = (
    CheckInOpened(opening="c-1", area=STREET_1, opened_us=NOW),
    CheckInClosed(opening="c-1", closed_us=NOW),
)


@table(
    ("for a street", AREAS, opens(), [OPENED]),
    ("without a basis", AREAS, opens(basis=" "), BasisMissing),
    ("of no area", [], opens(), UnknownArea(area=STREET_1.code)),
    ("an area under another level", AREAS, opens(area=Place(STREET_1.code, "city")),
     UnknownArea),
    ("on already", [*AREAS, OPENED], opens("c-2"), OpenAlready),
    ("under an id that is taken", [*AREAS, OPENED, CLOSED], opens(), OpenAlready),
    ("on again", [*AREAS, OPENED, CLOSED], opens("c-2"),
     [CheckInOpened(opening="c-2", area=STREET_1, opened_us=NOW)]),
    ("inside one that is on", [*AREAS, OPENED], opens("c-2", COMMUNITY_11),
     [CheckInOpened(opening="c-2", area=COMMUNITY_11, opened_us=NOW)]),
)  # fmt: skip
def test_check_in_is_switched_on_with_its_basis(given, when, then):
    """Only for an area there is, and once."""
    check(open_check_in, given, when, then)


@table(
    ("on", [*AREAS, OPENED], closes(), [CLOSED]),
    ("never on", AREAS, closes(), OpenAlready),
    ("off already", [*AREAS, OPENED, CLOSED], closes(), OpenAlready),
)
def test_check_in_is_switched_off_again(given, when, then):
    """By its id."""
    check(close_check_in, given, when, then)


DISTRICT = CheckInOpened(opening="c-0", area=SONGJIANG)
CAMPAIGNS = [
    ("peace", [], ""),
    ("an opening of the street", [OPENED], "c-1"),
    ("of another street", [CheckInOpened(opening="c-1", area=STREET_2)], ""),
    ("the older of two", [OPENED, DISTRICT], "c-1"),
    ("the other, once that is off", [OPENED, DISTRICT, CLOSED], "c-0"),
    ("off", [OPENED, CLOSED], ""),
    ("an emergency goes before", [OPENED, declared()], "e1"),
    ("the older of two emergencies", [declared(), declared("e2", level=1)], "e1"),
    ("the newer, once that is over", [declared(), declared("e2"), ended()], "e2"),
    ("an emergency elsewhere", [OPENED, declared("e1", STREET_2)], "c-1"),
    ("back to the opening", [OPENED, declared(), ended()], "c-1"),
]


@pytest.mark.parametrize(
    ("given", "then"), [pytest.param(*cells, id=said) for said, *cells in CAMPAIGNS]
)
def test_one_checks_in_for_the_oldest_emergency_or_opening(given, then):
    """Empty: it is off."""
    given = [FLOOD_PLAN, *given]
    assert campaign_at(fold(*given), COMMUNITY_11.path) == then


def test_where_it_is_switched_on_people_check_in_in_peacetime():
    """The opening is the campaign."""
    facts = [fact(MemberReported, campaign="c-1")]
    check(check_in, [*THERE, OPENED], entered("reported"), facts)


def test_a_command_to_check_in_names_its_stream_and_place():
    """It is the person's stream, at the community; openings share one."""
    assert entered("left").stream == REPORTED.stream == f"person/{A}"
    assert entered("left").places(fold()) == walks_up().places(fold()) == (HERE,)
    at_home = entered("left", community="")
    assert at_home.places(fold(*THERE, person(A, BUILDING))) == (HERE,)
    assert at_home.places(fold(*THERE, PersonForgotten(person=A))) == (HERE,)
    with pytest.raises(UnknownPerson):
        at_home.places(fold(*AREAS))
    assert walks_up().stream == f"person/{NEW}"
    assert opens().stream == closes().stream == OPENED.stream == CLOSED.stream
    assert opens().places(fold()) == closes().places(fold(OPENED)) == (STREET_1.path,)
    with pytest.raises(OpenAlready):
        closes().places(fold())
    state = fold(OPENED)(CHECK_INS)
    assert CHECK_INS.evolve(state, REPORTED) is state
