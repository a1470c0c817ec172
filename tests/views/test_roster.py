"""The roster: what each fact says of somebody, and the tally of each community."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from coordination.people.events import (
    AccountBound,
    DutyEnded,
    PersonAvailable,
    PersonForgotten,
    PersonMerged,
    PersonRegistered,
    PersonUnavailable,
    ResponsibilityBegun,
    ResponsibilityEnded,
    Training,
    UnitRegistered,
)
from projections.roster import BOUND, HUMAN, MUSTER, OPENING, UNIT
from projections.roster_view import ROSTER
from tests.given import (
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    DESK,
    HEAD,
    MINUTE,
    NOW,
    SEAT,
    A,
    B,
    C,
    D,
    back,
    bound,
    duty,
    lost,
    person,
)
from tests.given import UNIT as OFFICE
from tests.views.city import check_rebuilt
from tests.views.ledger import watching

LATER = NOW + 30 * MINUTE


def said(who=A, campaign="k1", home=COMMUNITY_11):
    """Return what every fact of checking in says."""
    return {
        "person": who, "community": home.code, "campaign": campaign,
        "source": "phone",
    }  # fmt: skip


def reported(*where):
    """Return that somebody has reported."""
    return MemberReported(**said(*where))


def present(*where, partial=False):
    """Return that somebody is there."""
    return MemberPresent(**said(*where), at_us=NOW, partial=partial)


def active(*where):
    """Return that somebody did something."""
    return MemberActive(**said(*where), what="送菜")


def absent(*where):
    """Return that somebody is said to be absent."""
    return MemberAbsent(**said(*where))


def left(*where, minutes=30):
    """Return that somebody has left."""
    return MemberLeft(**said(*where), minutes=minutes)


def ended(plan, who=A):
    """Return that somebody does not act on a post any more."""
    return DutyEnded(person=who, post=plan.post)


ONE = {"person": A, "package": "building/x"}
HANDLED = [
    # id, facts, then this fact, what is new in the person's row
    ("moved", [], person(A, BUILDING, skills=("it", "driving"), unit="u2"),
     {"path": BUILDING.path, "skills": "it,driving", "unit": "u2"}),
    ("trained otherwise", [],
     person(A, trainings=(Training("stores", 5),), sealed="00"),
     {"trainings": '[{"name":"stores","until_us":5}]', "sealed": "00"}),
    ("a walk-up on the roster by now", [person(A, provisional=True)], person(A),
     {"provisional": 0}),
    ("known as before", [], person(A), {}),
    ("bound", [], bound(A), {"account": "login-a"}),
    ("not available", [], PersonUnavailable(person=A, cause="ill", until_us=7),
     {"cause": "ill", "until_us": 7}),
    ("available again", [PersonUnavailable(person=A, cause="ill", until_us=7)],
     back(A), {"cause": "", "until_us": 0}),
    ("forgotten", [bound(A)], PersonForgotten(person=A),
     {"state": "FORGOTTEN", "account": "", "sealed": ""}),
    ("merged", [], PersonMerged(person=A, into=B), {"state": "MERGED", "into": B}),
    ("hours recognised", [left()], HoursRecognised(person=A, merged=B, minutes=5),
     {"minutes": 5, "untimed": 5}),
    ("acts", [], duty(SEAT, A), {"posts": SEAT.post}),
    ("acts on another too", [duty(SEAT, A)], duty(DESK, A),
     {"posts": f"{SEAT.post},{DESK.post}"}),
    ("acts on one less", [duty(SEAT, A), duty(DESK, A), duty(HEAD, A)], ended(DESK),
     {"posts": f"{SEAT.post},{HEAD.post}"}),
    ("acts no more", [duty(SEAT, A)], ended(SEAT), {"posts": ""}),
    ("answers for one", [], ResponsibilityBegun(**ONE), {"packages": 1}),
    ("answers for one less", [ResponsibilityBegun(**ONE)] * 2,
     ResponsibilityEnded(**ONE), {"packages": 1}),
    ("reported", [], reported(), {"campaign": "k1", "reported_us": LATER}),
    ("present", [reported()], present(),
     {"present_us": LATER, "presence": "present"}),
    ("present in part", [], present(partial=True),
     {"campaign": "k1", "present_us": LATER, "presence": "partial"}),
    ("wholly present after in part", [present(partial=True)], present(),
     {"presence": "present"}),
    ("absent", [reported()], absent(), {"presence": "absent"}),
    ("there after all", [absent()], present(),
     {"present_us": LATER, "presence": "present"}),
    ("active", [present()], active(), {"active_us": LATER}),
    ("left", [present()], left(),
     {"presence": "left", "left_us": LATER, "claimed_minutes": 30, "stretches": 1}),
    ("there again", [present(), left()], present(),
     {"presence": "present", "left_us": 0, "present_us": LATER}),
    ("in a new campaign", [reported(), present(), active(), left()],
     reported(A, "k2"),
     {"campaign": "k2", "reported_us": LATER, "present_us": 0, "active_us": 0,
      "left_us": 0, "presence": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "then", "new"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in HANDLED
])  # fmt: skip
def test_what_a_fact_says_of_somebody(facts, then, new):
    """It changes these columns and no other; before, the row is as it was."""
    with watching(OFFICE, person(A), *facts, views=(ROSTER,)) as watched:
        seq, before = watched.catch_up(), watched.get(HUMAN, A)
        watched.add(then, now=LATER)
        after = watched.get(HUMAN, A)
        times = {"occurred_us": LATER, "seq_from": seq + 1} if new else {}
        assert after == before._replace(**new, **times)
        assert watched.get(HUMAN, A, at=seq) == before


def test_somebody_new():
    """All that is known is their home, unit, skills; nothing was done yet."""
    with watching(OFFICE, views=(ROSTER,)) as watched:
        watched.add(person(A))
        row = watched.get(HUMAN, A)._asdict()
        known = ("person", "path", "unit", "trainings", "sealed", "occurred_us",
                 "seq_from")  # fmt: skip
        assert [row.pop(name) for name in known] == [
            A, COMMUNITY_11.path, OFFICE.unit, '[{"name":"command","until_us":0}]',
            "5e" * 16, NOW, 2,
        ]  # fmt: skip
        assert set(row.values()) == {"", 0}


def test_units_accounts_and_openings():
    """A unit may be known otherwise later; an account is one person's; a closing."""
    larger = UnitRegistered(unit=OFFICE.unit, name="区机关", headcount=9)
    opened = CheckInOpened(opening="k1", area=COMMUNITY_11)
    with watching(OFFICE, person(A), bound(A), opened, views=(ROSTER,)) as watched:
        watched.add(larger, CheckInClosed(opening="k1"), now=LATER, actor="li")
        assert [r.headcount for r in watched.select(UNIT)] == [9]
        assert [r.headcount for r in watched.select(UNIT, at=1)] == [6]
        assert watched.get(BOUND, "login-a").person == A
        row, before = watched.get(OPENING, "k1"), watched.get(OPENING, "k1", at=4)
        assert (row.path, row.area) == (COMMUNITY_11.path, COMMUNITY_11.code)
        assert (row.basis, row.actor, row.opened_us) == ("b", "wang", NOW)
        assert (before.closed_us, row.closed_us) == (0, LATER)


# --- the tally -----------------------------------------------------------------------

COUNTS = ("registered", "reported", "present", "partial", "absent", "active", "gone",
          "unavailable")  # fmt: skip


def tallies(watched, at=None):
    """Return campaign and counts of each community."""
    return {
        row.community: (row.campaign, {name: getattr(row, name) for name in COUNTS})
        for row in watched.select(MUSTER, at)
    }


@dataclass
class Told:
    """What facts say of one person, in the order they were told."""

    home: str = ""
    campaign: str = ""
    stages: dict = field(default_factory=dict)
    there: str = ""
    lost: bool = False
    gone: bool = False


def check_in_told(one, e):
    """Add one fact of checking in; in a new campaign nothing was done yet."""
    if one.campaign != e.campaign:
        one.campaign, one.stages, one.there = e.campaign, {}, ""
    match e:
        case MemberReported():
            one.stages["reported"] = True
        case MemberActive():
            one.stages["active"] = True
        case MemberPresent(partial=partial):
            one.there = "partial" if partial else "present"
        case MemberAbsent():
            one.there = "absent"
        case MemberLeft():
            one.there = "gone"


def naive(events):
    """Return the same, counted person by person from the first fact."""
    everybody, campaigns = defaultdict(Told), {}
    for e in events:
        one = everybody[e.person]
        match e:
            case PersonRegistered():
                one.home = e.residence[:12]
                campaigns.setdefault(one.home, "")
            case PersonUnavailable() | PersonAvailable():
                one.lost = isinstance(e, PersonUnavailable)
            case PersonForgotten() | PersonMerged():
                one.gone = True
            case _:
                check_in_told(one, e)
                campaigns[one.home] = e.campaign
    found = {}
    for home, campaign in campaigns.items():
        here = [p for p in everybody.values() if p.home == home and not p.gone]
        in_it = [p for p in here if campaign and p.campaign == campaign]
        stages = Counter(stage for p in in_it for stage in (*p.stages, p.there))
        count = {name: stages[name] for name in COUNTS}
        count |= {"registered": len(here), "unavailable": sum(p.lost for p in here)}
        found[home] = (campaign, count)
    return found


PEOPLE = (A, B, C, D)
HOMES = (COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, BUILDING)
acts = st.tuples(
    st.sampled_from([reported, present, active, absent, left, "partial", "home",
                     "lost", "back", "gone", "merged", "restart"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(["k1", "k1", "k2", "k3"]),
    st.sampled_from(HOMES),
)  # fmt: skip


def fact_of(act, gone):
    """Return the fact of a random act, None if there is nothing to do."""
    kind, who, campaign, home = act
    if who in gone:
        return None
    match kind:
        case "home":
            return person(who, home)
        case "lost":
            return lost(who)
        case "back":
            return back(who)
        case "gone" | "merged":
            gone.add(who)
            if kind == "gone":
                return PersonForgotten(person=who)
            return PersonMerged(person=who, into=A)
        case "partial":
            return present(who, campaign, home, partial=True)
    return kind(who, campaign, home)


@given(acts=st.lists(acts, min_size=5, max_size=24))
@settings(max_examples=15, deadline=None)
def test_the_tally_is_what_counting_everybody_gives(acts):
    """After each fact, and as of each position; rebuilt, it is the same rows."""
    gone, said_ = set(), {}
    with watching(*(person(who) for who in PEOPLE), views=(ROSTER,)) as watched:
        for act in acts:
            fact = fact_of(act, gone) if act[0] != "restart" else None
            if act[0] == "restart":
                watched.restart()
            if fact is not None:
                seq = watched.add(fact)
                said_[seq] = naive(watched.ledger.events)
                assert tallies(watched) == said_[seq]
        for seq, then in said_.items():
            assert tallies(watched, seq) == then
        head = len(watched.ledger.stored)
        check_rebuilt(watched.ledger, watched.engine, (ROSTER,), head)


def counts(watched, community=COMMUNITY_11):
    """Return a community's campaign and how many reported and are present."""
    row = watched.get(MUSTER, community.path)
    return row.campaign, row.registered, row.reported, row.present


def test_a_new_campaign_begins_with_nobody():
    """The first who reports in it resets the funnel; the past keeps its own."""
    folk = (person(A), person(B), reported(A), present(A), reported(B))
    with watching(*folk, views=(ROSTER,)) as watched:
        before = watched.catch_up()
        assert counts(watched) == ("k1", 2, 2, 1)
        watched.add(reported(B, "k2"))
        assert counts(watched) == ("k2", 2, 1, 0)
        row = watched.get(MUSTER, COMMUNITY_11.path, at=before)
        assert (row.campaign, row.reported, row.present) == ("k1", 2, 1)


@pytest.mark.parametrize("fact", [lost(A), back(A), bound(A), duty(SEAT, A),
                                  person(A, BUILDING)],
                         ids=["ill", "back", "bound", "acting", "moved"])  # fmt: skip
def test_who_was_in_an_old_campaign_does_not_bring_it_back(fact):
    """What else happens to them leaves the funnel of the new campaign alone."""
    folk = (person(A), person(B), lost(A, "leave"), reported(A), reported(B, "k2"))
    with watching(*folk, views=(ROSTER,)) as watched:
        watched.add(fact)
        assert counts(watched) == ("k2", 2, 1, 0)


def test_a_campaign_that_comes_back_counts_who_was_in_it():
    """An emergency may cover a community again: who had reported has."""
    folk = (person(A), person(B), person(C), reported(A), reported(B, "k2"))
    with watching(*folk, views=(ROSTER,)) as watched:
        watched.add(reported(C))
        assert counts(watched) == ("k1", 3, 2, 0)


def test_who_moves_takes_what_they_did_along():
    """To where the same campaign is on, present as before; one community less."""
    folk = (person(A), person(B, COMMUNITY_12), reported(A), present(A))
    with watching(*folk, views=(ROSTER,)) as watched:
        watched.add(reported(B, "k1", COMMUNITY_12), person(A, COMMUNITY_12))
        assert counts(watched) == ("k1", 0, 0, 0)
        assert counts(watched, COMMUNITY_12) == ("k1", 2, 2, 1)


def test_the_forgotten_and_the_merged_are_not_counted():
    """They are on nobody's list; whoever they are now is counted once."""
    folk = (person(A), person(B), person(C), reported(A), reported(B))
    gone = (PersonForgotten(person=A), PersonMerged(person=B, into=C))
    with watching(*folk, *gone, views=(ROSTER,)) as watched:
        assert counts(watched) == ("k1", 1, 0, 0)


def test_one_account_is_one_person():
    """Somebody else bound to it later: the newest."""
    other = AccountBound(person=B, account="login-a")
    with watching(person(A), person(B), bound(A), other, views=(ROSTER,)) as watched:
        assert watched.get(BOUND, "login-a").person == B
