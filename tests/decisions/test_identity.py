import msgspec
import pytest

from coordination.checkin.events import (
    HoursCertified,
    HoursRecognised,
    HoursRefused,
    MemberLeft,
    MemberPresent,
    MemberReported,
    Merged,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.checkin.state import OwnHours
from coordination.checks import ReasonMissing
from coordination.grants.events import PersonBound
from coordination.grants.state import grants_stream, held_by
from coordination.people.events import (
    AccountBound,
    DutyEnded,
    PersonForgotten,
    PersonMerged,
    ResponsibilityBegun,
    ResponsibilityEnded,
)
from coordination.people.identity import (
    AccountTaken,
    BindAccount,
    ForgetPerson,
    MergePerson,
    NotProvisional,
    StillInDuty,
    bind_account,
    forget_person,
    member_grant,
    merge_person,
)
from coordination.people.state import UnknownPerson, person_stream
from coordination.tree import Place
from coordination.vocabulary import WITHHELD
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    DESK,
    FLOOD_PLAN,
    HOUR,
    MINUTE,
    NOW,
    SEAT,
    A,
    B,
    C,
    as_one,
    bound,
    by,
    check,
    declared,
    duty,
    ended,
    fold,
    granted,
    login,
    person,
    revoked,
    table,
)

HOME = (COMMUNITY_11.path,)
GIVEN = [*AREAS, person(A), person(B)]
NEW = "h-0123456789ab"
"""A walk-up."""
WALKED_UP = [*GIVEN, person(NEW, unit="", trainings=(), provisional=True)]


def binds(who=A, account=""):
    """Return the command to bind an account to somebody."""
    return BindAccount(person=who, account=account or login(who))


def member(who=A, account="", home=COMMUNITY_11):
    """Return the role that comes with an account."""
    return granted(account or login(who), "member", home, grant=f"g-member-{who[2:]}")


def named(who=A, account=""):
    """Return who signs in with an account."""
    return PersonBound(account=account or login(who), person=who)


BOUND = [bound(A), named(), member()]


@table(
    ("an account", GIVEN, binds(), BOUND),
    ("who lives in a building is a member of the community",
     [*AREAS, person(A, BUILDING)], binds(), BOUND),
    ("an account with a role already: its password would be theirs to choose",
     [*GIVEN, granted(login(A), "grid-member")], binds(), AccountTaken),
    ("a stranger", AREAS, binds(), UnknownPerson(person=A)),
    ("forgotten", [*GIVEN, PersonForgotten(person=A)], binds(), UnknownPerson),
    ("who moved is a member where they live by now",
     [*GIVEN, person(A, COMMUNITY_12)], binds(),
     [bound(A), named(), member(home=COMMUNITY_12)]),
    ("who has one", [*GIVEN, *BOUND], binds(account="other"), AccountTaken),
    ("somebody else's", [*GIVEN, *BOUND], binds(B, account=login(A)), AccountTaken),
    ("the same again", [*GIVEN, *BOUND], binds(), AccountTaken),
    ("the service's own", GIVEN, binds(account="local-operator"), AccountTaken),
)  # fmt: skip
def test_an_account_is_bound_to_one_person_who_becomes_a_member(given, when, then):
    """One account, one person, the member's role at home."""
    check(bind_account, given, when, then)


def test_an_administrator_binds_an_account_that_has_a_role():
    """The account of somebody on the staff, who is on the roster too."""
    given = [*GIVEN, granted(login(A), "grid-member")]
    check(bind_account, given, binds(), BOUND, who=by(actor=ADMINISTRATOR))


def forgets(who=A, reason="事后销毁"):
    """Return the command to forget somebody."""
    return ForgetPerson(person=who, reason=reason)


HELD = ResponsibilityBegun(person=A, package="building/b")
GONE = PersonForgotten(person=A)


@table(
    ("somebody", GIVEN, forgets(), [GONE]),
    ("with an account", [*GIVEN, *BOUND], forgets(),
     [GONE, revoked(login(A), member_grant(A))]),
    ("without a reason", GIVEN, forgets(reason=" "), ReasonMissing),
    ("a stranger", AREAS, forgets(), UnknownPerson(person=A)),
    ("twice", [*GIVEN, GONE], forgets(), UnknownPerson),
    ("wherever they live by now", [*GIVEN, person(A, COMMUNITY_12)], forgets(),
     [GONE]),
    ("who acts on a post", [*GIVEN, duty(DESK, A)], forgets(),
     StillInDuty(person=A)),
    ("who acts no more", [*GIVEN, duty(DESK, A), DutyEnded(person=A, post=DESK.post)],
     forgets(), [GONE]),
    ("who has a package", [*GIVEN, HELD], forgets(), StillInDuty),
    ("who has it no more", [*GIVEN, HELD, ResponsibilityEnded(
        person=A, package=HELD.package)], forgets(), [GONE]),
)  # fmt: skip
def test_a_person_is_forgotten_for_a_reason_once_nothing_rests_on_them(
    given, when, then
):
    """The id remains and is nobody's; the role they had as a member ends."""
    check(forget_person, given, when, then)


def merges(who=NEW, into=A):
    """Return the command to merge a walk-up into somebody on the roster."""
    return MergePerson(person=who, into=into)


SAID = {"person": NEW, "community": COMMUNITY_11.code, "campaign": "e1",
        "source": "qr"}  # fmt: skip
SERVED = [MemberReported(**SAID), MemberPresent(**SAID, at_us=NOW, own=False),
          MemberLeft(**SAID, minutes=95, claimed=False)]  # fmt: skip
MERGED = PersonMerged(person=NEW, into=A)
ABROAD = ServiceRecorded(
    person=NEW,
    community=COMMUNITY_12.code,
    campaign="e1",
    home=COMMUNITY_11.code,
    from_us=NOW,
    to_us=NOW + HOUR,
    what="搬运",
)


def hours(minutes=0, *times, untimed=0):
    """Return that the hours of the walk-up are recognised."""
    return HoursRecognised(
        person=A, merged=NEW, minutes=minutes, untimed=untimed, times=times
    )


def time(minutes, **more):
    """Return a time that the walk-up served, from NOW on."""
    return Merged(COMMUNITY_11.code, "e1", NOW, NOW + minutes * MINUTE, **more)


OWN_CLAIM = MemberLeft(
    **SAID, minutes=95, from_us=NOW, to_us=NOW + 95 * MINUTE, claimed=True
)
REFUSED = HoursRefused(person=NEW, community=COMMUNITY_11.code, number=1)
CERTIFIED = HoursCertified(
    person=NEW,
    community=COMMUNITY_11.code,
    number=1,
    from_us=NOW,
    to_us=NOW + 30 * MINUTE,
)


@table(
    ("who did nothing yet", WALKED_UP, merges(), [MERGED, hours(0)]),
    ("with their hours", [*WALKED_UP, *SERVED], merges(),
     [MERGED, hours(95, time(95))]),
    ("with what they claim: that stays a claim", [*WALKED_UP, OWN_CLAIM], merges(),
     [MERGED, hours(0, time(95, claimed=True))]),
    ("with what was certified of it", [*WALKED_UP, OWN_CLAIM, CERTIFIED], merges(),
     [MERGED, hours(30, time(30))]),
    ("with nothing of what was refused", [*WALKED_UP, OWN_CLAIM, REFUSED], merges(),
     [MERGED, hours()]),
    ("with hours of which no time is known", [*WALKED_UP, HoursRecognised(
        person=NEW, merged=B, minutes=20, untimed=20)], merges(),
     [MERGED, hours(20, untimed=20)]),
    ("who helped elsewhere", [*WALKED_UP, ABROAD], merges(), [MERGED, hours(
        0, Merged(COMMUNITY_12.code, "e1", NOW, NOW + HOUR, elsewhere=True))]),
    ("who helped elsewhere, as was recognised", [*WALKED_UP, ABROAD, ServiceRecognised(
        person=NEW, community=COMMUNITY_11.code, number=1, from_us=NOW,
        to_us=NOW + HOUR)], merges(), [MERGED, hours(
        60, Merged(COMMUNITY_12.code, "e1", NOW, NOW + HOUR),
        Merged(COMMUNITY_12.code, "e1", NOW, NOW + HOUR, elsewhere=True))]),
    ("with an account", [*WALKED_UP, bound(NEW)], merges(),
     [MERGED, hours(0), revoked(login(NEW), member_grant(NEW))]),
    ("twice", [*WALKED_UP, MERGED], merges(), UnknownPerson(person=NEW)),
    ("into a stranger", WALKED_UP, merges(into=C), UnknownPerson(person=C)),
    ("into nobody any more", [*WALKED_UP, PersonForgotten(person=A)], merges(),
     UnknownPerson),
    ("who is elsewhere by now", [*WALKED_UP, person(NEW, COMMUNITY_12, unit="",
        trainings=(), provisional=True)], merges(), [MERGED, hours(0)]),
    ("who is on the roster", WALKED_UP, merges(B), NotProvisional),
    ("into themselves", WALKED_UP, merges(into=NEW), NotProvisional),
    ("into another walk-up", [*WALKED_UP, person(C, provisional=True)],
     merges(into=C), NotProvisional),
    ("who acts on a post", [*WALKED_UP, duty(DESK, NEW)], merges(),
     StillInDuty(person=NEW)),
    ("who has a package", [*WALKED_UP, ResponsibilityBegun(
        person=NEW, package="building/b")], merges(), StillInDuty),
)  # fmt: skip
def test_a_walk_up_is_merged_into_somebody_on_the_roster_with_their_hours(
    given, when, then
):
    """Nothing is overwritten: one fact for each of the two."""
    check(merge_person, given, when, then)


def test_nobody_gives_themselves_the_hours_of_a_walk_up():
    """Without hours it is as good as another's word."""
    given = [*WALKED_UP, *BOUND]
    check(merge_person, [*given, *SERVED], merges(), OwnHours, who=as_one(A))
    check(merge_person, given, merges(), [MERGED, hours()], who=as_one(A))


def test_who_is_present_still_has_served_until_they_are_merged():
    """Or until the end of what they came for."""
    here = [*WALKED_UP, FLOOD_PLAN, declared(), *SERVED[:2]]
    later = NOW + HOUR
    check(merge_person, here, merges(), [MERGED, hours(60, time(60))], now=later)
    over = [*here, ended(at=NOW + 30 * MINUTE)]
    check(merge_person, over, merges(), [MERGED, hours(30, time(30))], now=later)


def test_whoever_acts_on_a_post_holds_its_role_without_what_is_withheld():
    """The member's role, and the post's while they act; the holder has all of it."""

    def held(*facts):
        read = fold(*GIVEN, *BOUND, *facts)
        return [(g.given.role, g.area, g.withheld)
                for g in held_by(read, login(A), NOW)]  # fmt: skip

    as_member = ("member", COMMUNITY_11.path, ())
    secretary = ("community-secretary", COMMUNITY_11.path)
    over = DutyEnded(person=A, post=SEAT.post)
    behind = msgspec.structs.replace(SEAT, chain=(B, A))
    assert held() == [as_member]
    assert held(duty(SEAT, A)) == [as_member, (*secretary, ())]
    assert held(duty(behind, A)) == [as_member, (*secretary, WITHHELD)]
    assert held(duty(SEAT, A), over) == [as_member]
    assert held(duty(DESK, A)) == [as_member]  # a post without powers
    assert list(held_by(fold(duty(SEAT, A)), login(A), NOW)) == []


def test_a_command_about_one_person_names_their_stream_and_home():
    """Where they live is asked when it is decided; of a walk-up, where they came."""
    assert binds().stream == forgets().stream == f"person/{A}"
    apart = [*WALKED_UP, person(A, COMMUNITY_12)]
    assert merges().places(fold(*apart)) == (*HOME, COMMUNITY_12.path)
    for say in (binds, forgets):
        assert say().places(fold(*GIVEN, person(A, BUILDING))) == HOME
        assert say().places(fold(*apart)) == (COMMUNITY_12.path,)
    for say in (binds, forgets, merges):
        with pytest.raises(UnknownPerson):
            say().places(fold(*AREAS))
    gone = fold(*WALKED_UP, GONE, PersonForgotten(person=NEW))
    for say in (binds, forgets):
        assert say().places(gone) == HOME
    assert merges().places(gone) == HOME * 2
    assert all(kind.GRAVE for kind in (BindAccount, ForgetPerson, MergePerson))
    facts = fold(*GIVEN, *BOUND, GONE)
    assert facts(person_stream(A)).account == login(A)
    assert facts(grants_stream(login(A))).person == A
    assert isinstance(BOUND[0], AccountBound)
    assert BOUND[2].area == Place(COMMUNITY_11.code, "community")
