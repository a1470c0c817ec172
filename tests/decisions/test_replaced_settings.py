"""What a decision replaces beside people: every command is walked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from coordination.alarms.decide import AcknowledgeAlarm
from coordination.approvals import decide as approvals
from coordination.approvals.glass import BreakGlass, ReviewGlass
from coordination.approvals.signing import Carrying
from coordination.areas.decide import AreaRow, ImportAreas, LocalPlan, RegisterGround
from coordination.areas.events import LocalNode, PopulationStated
from coordination.areas.population import Residents, StatePopulation
from coordination.authority.decide import EndAbsence, RecordAbsence
from coordination.checkin import decide as checkin
from coordination.checkin.certifying import CertifyClaims
from coordination.checkin.recording import RecordService
from coordination.checks import NotSeen, Replaced
from coordination.correcting import CorrectFact
from coordination.counts import decide as counts
from coordination.deadlines import decide as deadlines
from coordination.deciders import DECIDERS
from coordination.fields import Expected
from coordination.grants import decide as grants
from coordination.grants.accounts import RecordAccountAct
from coordination.items.decide import ImportItems, ItemRow, WithdrawItem
from coordination.kernel import Command
from coordination.mode import steps
from coordination.mode.changes import ChangeLevel, NarrowScope, WidenScope
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.mode.events import ExpectationExtended
from coordination.mode.plans import PublishPlaybook
from coordination.mode.state import AlreadyEnded
from coordination.mode.taking import NoteFreed
from coordination.mode.terms import ExtendExpectation, Regrade
from coordination.orders import answering
from coordination.orders import decide as orders
from coordination.packages.decide import AssignPackages
from coordination.people.availability import (
    MarkAvailable,
    MarkUnavailable,
    RecordAbsencePassed,
)
from coordination.people.events import PersonUnavailable
from coordination.people.identity import BindAccount, ForgetPerson, MergePerson
from coordination.posts import handover, safety, substitution
from coordination.posts.decide import DefinePosts
from coordination.provenance import UNSEEN, Actor
from coordination.reallocation.decide import ApproveReallocation
from coordination.refusals import Refusal
from coordination.requests import decide as requests
from coordination.requests import fulfilment
from coordination.requests.events import RequestTriaged
from coordination.requisitions import decide as requisitions
from coordination.service.decide import RecordOutage
from coordination.service.stores import AcceptClock, AcceptStore, RecordMended
from coordination.stations.decide import SetPlace
from coordination.stations.levels import LevelRow, NoteShortages, SetLevels
from coordination.stock import decide as stock
from coordination.stock import returns, writeoffs
from coordination.stock.events import (
    BatchStatusSet,
    LevelsSet,
    LotStatusSet,
    PlaceSet,
)
from coordination.stock.lots import NoteExpiry, RecallBatch, SetLotStatus
from coordination.stock.receipts import Receive
from coordination.transfers import decide as transfers
from coordination.transfers import shortfalls
from tests.decisions.goods import MASK, S1, STORE, shelved
from tests.decisions.test_requests import MADE
from tests.given import (
    AREAS,
    COMMUNITY_11,
    COMMUNITY_12,
    FLOOD_TEXT,
    FOLK,
    HOUR,
    NOW,
    STREET_1,
    STREET_2,
    A,
    by,
    declared,
    ended,
    enrols,
    fold,
    person,
    published,
    raised,
    together,
)

WITHOUT_A_WORD = {
    "it adds to what there is, and takes nothing from anybody": {
        DeclareEmergency, orders.IssueOrder, orders.RemindOrder, answering.AnswerOrder,
        grants.GrantRoles, grants.DelegateRole, grants.RecordRead, RecordAbsence,
        RecordAccountAct,
        AcknowledgeAlarm, checkin.CheckIn, checkin.WalkUp, safety.ConfirmSafety,
        counts.OpenCount, requests.MakeRequest, DefinePosts, AssignPackages,
        counts.RecordCounts, RecordService,
    },
    "it ends or answers one thing that it names, once: the second is refused": {
        grants.RevokeRole, EndAbsence, approvals.ApproveProposal,
        approvals.RejectProposal, approvals.WithdrawProposal, ReviewGlass,
        steps.AcknowledgeStep, steps.CompleteStep, orders.WithdrawOrder,
        BindAccount, ForgetPerson, MergePerson, checkin.OpenCheckIn,
        checkin.CloseCheckIn, substitution.Ratify, substitution.Accept,
        substitution.Decline, handover.TakeItem, WithdrawItem, counts.CloseCount,
        requests.RefuseRequest, requests.WithdrawRequest, transfers.CancelTransfer,
        fulfilment.Deliver, fulfilment.ConfirmDelivery, counts.SettleVariance,
        CorrectFact, CertifyClaims,
    },
    "it takes from the books what is there: of two the second finds it gone": {
        stock.Reserve, stock.Release, stock.Issue, writeoffs.Scrap, transfers.Ship,
        fulfilment.AllocateRequest, fulfilment.DispatchRequest, ApproveReallocation,
    },
    "it says how much was recorded before (`recorded`)": {
        Receive, returns.ReturnGoods, writeoffs.Adjust, transfers.Arrive,
        shortfalls.CloseShortfall, requisitions.GiveBack, requisitions.Compensate,
    },
    "it carries another command, which is asked": {
        approvals.ProposeDecision, BreakGlass,
    },
    "the service records a moment that passed, once": {
        NoteFreed, RecordAbsencePassed, safety.RecordWait,
        safety.RecordSilence, NoteShortages,
        NoteExpiry, shortfalls.RecordLate, deadlines.RecordDeadline,
        deadlines.RecordExpectation, deadlines.RecordExpiry,
        deadlines.RecordOrderOverdue, RecordOutage, NoteFreed, RecordMended,
    },
    "it says what its author found and goes on with": {AcceptStore, AcceptClock},
}  # fmt: skip
"""Why whoever decides this need not say what they replace. A new command stands here,
or has ``held`` and ``expected``."""


def test_every_command_says_what_it_replaces_or_here_is_why_not():
    """No command is left out, and none stands on both sides."""
    excused = [cls for those in WITHOUT_A_WORD.values() for cls in those]
    assert len(excused) == len(set(excused))
    replacing = {cls for cls in DECIDERS if cls.held is not Command.held}
    replacing -= {cls for cls in replacing if issubclass(cls, Carrying)}
    assert replacing.isdisjoint(excused)
    left = {cls.__name__ for cls in set(DECIDERS) ^ (replacing | set(excused))}
    assert not left, "give it `held` and `expected`, or a line in WITHOUT_A_WORD"
    for cls in DECIDERS:
        kinds = [f.type for f in fields(cls) if f.name == "expected"]
        assert kinds == [Expected] * (cls in replacing), cls


# --- what is replaced is named --------------------------------------------------------

E1 = {"emergency": "e1", "basis": "b"}
WAR = [*AREAS, published(FLOOD_TEXT), declared("e1", level=3)]
STORED = [*AREAS, *STORE, *shelved("b7", 10)]
LEVELS = LevelsSet(station=S1, item="mask", peace=(1, 2, 3), war=(4, 5, 6))
AWAY = PersonUnavailable(person=A, cause="ill", until_us=0)
TRIAGED = RequestTriaged(request=MADE.request, station=S1, priority=1, lines=MADE.lines)
REPLACED = {
    "level": (WAR, ChangeLevel(**E1, level=4, raising=False)),
    "widen": (WAR, WidenScope(**E1, added=(STREET_2,))),
    "narrow": (WAR, NarrowScope(**E1, removed=(COMMUNITY_12,))),
    "end": (WAR, EndEmergency(**E1)),
    "extend": (WAR, ExtendExpectation(**E1, expected_hours=48)),
    "grade": (
        [*AREAS, published(FLOOD_TEXT), replace(declared(), severity="major")],
        Regrade(**E1, severity="general", warning=""),
    ),
    "playbook": (
        WAR,
        PublishPlaybook(
            playbook="flood-plan", text=FLOOD_TEXT.replace("2024.1", "2024.2")
        ),
    ),
    "levels": (
        [*STORED, LEVELS],
        SetLevels(station=S1, rows=(LevelRow("mask", (0, 0, 0), (4, 5, 6)),)),
    ),
    "place": (
        [*STORED, PlaceSet(station=S1, item="mask", place="甲架")],
        SetPlace(station=S1, item="mask", place="乙架"),
    ),
    "lot": (
        [
            *STORED,
            LotStatusSet(
                station=S1, item="mask", lot="b7", status="on-hold", before="approved"
            ),
        ],
        SetLotStatus(station=S1, item="mask", lot="b7", status="approved", reason="r"),
    ),
    "batch": (
        [
            *STORED,
            BatchStatusSet(
                item="mask", batch="PB77", status="recalled", before="approved"
            ),
        ],
        RecallBatch(item="mask", batch="PB77", status="approved", reason="r"),
    ),
    "residents": (
        [*AREAS, PopulationStated(area=COMMUNITY_11.code, residents=900)],
        StatePopulation(area=STREET_1, rows=(Residents(COMMUNITY_11.code, 800),)),
    ),
    "catalogue": (
        STORED,
        ImportItems(rows=(ItemRow(2, replace(MASK, name="医用口罩")),)),
    ),
    "roster": ([*AREAS, *FOLK], enrols(replace(person(A), skills=("driving",)))),
    "area": (
        AREAS,
        ImportAreas(
            rows=(AreaRow(2, STREET_1.code, "新名", "street", "310117000000"),)
        ),
    ),
    "ground": (
        AREAS,
        RegisterGround(
            street=STREET_1.code,
            local=(
                LocalPlan(
                    COMMUNITY_11.code,
                    (LocalNode(f"{COMMUNITY_11.code}g01", "新网格"),),
                ),
            ),
        ),
    ),
    "ill": (
        [*AREAS, *FOLK, AWAY],
        MarkUnavailable(people=(A,), cause="quarantined"),
    ),
    "back": ([*AREAS, *FOLK, AWAY], MarkAvailable(people=(A,))),
    "triage": (
        [*STORED, MADE, TRIAGED],
        requests.TriageRequest(
            request=MADE.request,
            station=S1,
            priority=2,
            lines=(requests.Want("mask", 20),),
        ),
    ),
}
"""What stands, and what replaces it."""


@pytest.mark.parametrize("name", REPLACED)
def test_what_is_replaced_is_named(name):
    """As it stands it goes through; another, or an old position, is refused."""
    facts, command = REPLACED[name]
    held = command.held(fold(*facts))
    assert held.now
    unseen, seen = by(seen_seq=UNSEEN), by(seen_seq=len(facts))
    named = replace(command, expected=held.now)
    assert together(fold(*facts, who=unseen), named, NOW)
    assert together(fold(*facts, who=seen), command, NOW)
    for who, wrong in ((unseen, ""), (seen, "-"), (seen, "another")):
        with pytest.raises(Replaced) as caught:
            together(fold(*facts, who=who), replace(command, expected=wrong), NOW)
        assert caught.value.facts["by"] == "wang"
        assert "2023-11-15 06:13:20" in caught.value.say("zh")
        assert "None" not in caught.value.say("zh") + caught.value.say("en")


@pytest.mark.parametrize("name", REPLACED)
def test_of_two_on_one_base_the_second_is_refused(name):
    """Both saw the same; the first has changed it."""
    facts, command = REPLACED[name]
    who = by(seen_seq=len(facts))
    named = replace(command, expected=command.held(fold(*facts)).now)
    done = together(fold(*facts, who=who), named, NOW)
    for again in (named, command):
        with pytest.raises(Refusal):
            together(fold(*facts, *done, who=who), again, NOW)


def test_what_happens_to_another_emergency_refuses_nothing():
    """An order, a grading or a deadline elsewhere is not what is replaced."""
    seen = by(seen_seq=len(WAR))
    meanwhile = [
        *WAR,
        declared("e2", STREET_2),
        raised("e2"),
        ExpectationExtended(
            emergency="e1", changed_us=NOW, expected_until_us=NOW + 99 * HOUR
        ),
    ]
    assert together(fold(*meanwhile, who=seen), EndEmergency(**E1), NOW)


def test_what_has_ended_is_said_to_have_ended():
    """There is nothing to replace of it."""
    with pytest.raises(AlreadyEnded):
        together(fold(*WAR, ended()), EndEmergency(**E1, expected="1"), NOW)


CHANGES = st.sampled_from([
    ChangeLevel(**E1, level=4, raising=False),
    WidenScope(**E1, added=(STREET_2,)),
    NarrowScope(**E1, removed=(COMMUNITY_12,)),
    EndEmergency(**E1),
    ExtendExpectation(**E1, expected_hours=48),
    ExtendExpectation(**E1, expected_hours=72),
    Regrade(**E1, severity="major", warning=""),
    Regrade(**E1, severity="general", warning=""),
])  # fmt: skip


@given(CHANGES, CHANGES, st.booleans())
def test_two_on_one_emergency_never_both_succeed_silently(one, two, said):
    """Unless they change what has nothing to do with one another."""
    who = by(seen_seq=len(WAR))

    def sent(command):
        now = command.held(fold(*WAR)).now or "-"
        return replace(command, expected=now) if said else command

    done = together(fold(*WAR, who=who), sent(one), NOW)
    after = fold(*WAR, *done, who=who)
    try:
        together(after, sent(two), NOW)
    except Refusal:
        return
    assert two.held(after).now == two.held(fold(*WAR)).now, "replaced unseen"


# --- a fresh look ---------------------------------------------------------------------

RECALL = RecallBatch(item="mask", batch="PB77", reason="r")


@pytest.mark.parametrize(
    ("who", "then"),
    [
        (by(seen_seq=0), NotSeen),
        (by(seen_seq=7), None),
        (by(seen_seq=UNSEEN), None),
        (by("c", Actor("service", "service"), seen_seq=0), None),
        (by("c", Actor("installer", "administrator"), seen_seq=0), None),
    ],
)
def test_what_is_of_consequence_is_decided_after_a_look(who, then):
    """Whoever looked at nothing says so; the program itself looks at nothing."""
    if then is None:
        assert together(fold(*STORED, who=who), RECALL, NOW)
        return
    with pytest.raises(then):
        together(fold(*STORED, who=who), RECALL, NOW)


def test_who_looked_at_nothing_names_what_they_replace():
    """To say that one has not looked is not to have seen."""
    blind = fold(*WAR, who=by(seen_seq=UNSEEN))
    with pytest.raises(Replaced):
        together(blind, EndEmergency(**E1), NOW)
    assert together(blind, EndEmergency(**E1, expected="1"), NOW)


def test_a_lot_is_recalled_everywhere_after_a_look_and_held_here_without():
    """The need follows what is decided."""
    everywhere = SetLotStatus(item="mask", lot="b7", status="recalled", reason="r")
    here = replace(everywhere, station=S1, status="on-hold")
    blind = fold(*STORED, who=by(seen_seq=0))
    assert together(blind, here, NOW)
    with pytest.raises(NotSeen):
        together(blind, everywhere, NOW)
