"""The rules of DOMAIN §3 on anything anybody may do, in whatever order."""

import asyncio
import contextlib
import itertools
import shutil
from collections import Counter, defaultdict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.alarms.decide import AcknowledgeAlarm
from coordination.alarms.state import ALARMS
from coordination.approvals.decide import (
    ApproveProposal,
    ProposeDecision,
    RejectProposal,
    WithdrawProposal,
)
from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalApproved,
    ProposalMade,
    ReviewOverdue,
)
from coordination.approvals.glass import BreakGlass, ReviewGlass
from coordination.approvals.state import APPROVALS, OPEN
from coordination.areas.decide import LocalPlan, RegisterGround, SitePlan
from coordination.areas.events import LocalAreasRegistered, LocalNode, PlannedFunction
from coordination.areas.population import Residents, StatePopulation
from coordination.authority.decide import EndAbsence, RecordAbsence, SetAuthority
from coordination.authority.events import LevelAuthority
from coordination.authority.state import AUTHORITY, DEFAULT
from coordination.checkin.campaigns import CHECK_INS
from coordination.checkin.certifying import (
    CertifyClaims,
    CertifyHours,
    RecogniseHours,
    RefuseHours,
    Seen,
)
from coordination.checkin.decide import (
    CheckIn,
    CloseCheckIn,
    OpenCheckIn,
    WalkUp,
)
from coordination.checkin.recording import RecordService
from coordination.checkin.state import attendance_stream
from coordination.correcting import CorrectFact
from coordination.counts.decide import (
    CloseCount,
    Counted,
    OpenCount,
    RecordCounts,
    SettleVariance,
)
from coordination.counts.events import Lot
from coordination.deadlines.decide import (
    RecordDeadline,
    RecordExpectation,
    RecordExpiry,
    RecordOrderOverdue,
)
from coordination.deadlines.due import due
from coordination.deciders import DECIDERS
from coordination.folding import Reader
from coordination.grants.accounts import RecordAccountAct
from coordination.grants.decide import (
    DelegateRole,
    GrantRoles,
    GrantRow,
    RecordRead,
    RevokeRole,
)
from coordination.grants.events import PersonBound
from coordination.grants.state import grants_stream
from coordination.handle import CommandIdReused
from coordination.items.decide import ImportItems, ItemRow, WithdrawItem
from coordination.kernel import CommandRefused, id_of, version_of
from coordination.mode.changes import (
    ChangeLevel,
    NarrowScope,
    WidenScope,
    level_changed,
    scope_narrowed,
    scope_widened,
)
from coordination.mode.decide import (
    DeclareEmergency,
    EndEmergency,
    VoidEmergency,
)
from coordination.mode.decide import declared as declare_decided
from coordination.mode.decide import (
    ended as end_decided,
)
from coordination.mode.decide import (
    voided as void_decided,
)
from coordination.mode.duties import PASSED_OVER, steps_of
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    EmergencyVoided,
    ExpectationExtended,
    ExpectationPassed,
    LevelLowered,
    LevelRaised,
    PassedOver,
    PlaybookPublished,
    ScopeNarrowed,
    ScopeWidened,
    SitesTakenUp,
    StepCompleted,
)
from coordination.mode.limits import deadlines
from coordination.mode.plans import PublishPlaybook
from coordination.mode.sites import site_stream
from coordination.mode.standing import whole_standing_of
from coordination.mode.state import CONVERT, EMERGENCIES
from coordination.mode.steps import AcknowledgeStep, CompleteStep, complete
from coordination.mode.taking import NoteFreed, TakeUpSites
from coordination.mode.taking import taken_up as take_up_decided
from coordination.mode.terms import ExtendExpectation, Regrade
from coordination.notices.decide import RemoveNoticeRule, SetNoticeRule
from coordination.orders.answering import AnswerOrder
from coordination.orders.decide import (
    IssueOrder,
    RemindOrder,
    WithdrawOrder,
    issue,
    remind,
)
from coordination.orders.decide import withdraw as withdraw_order
from coordination.orders.events import OrderIssued, OrderOverdue, OrderWithdrawn
from coordination.orders.state import ORDERS
from coordination.packages.decide import (
    AssignPackages,
    HandOverPackage,
    PackageRow,
    ReleasePackage,
)
from coordination.packages.events import (
    PERSON,
    PackageAssigned,
    PackageHandedOver,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.packages.kinds import SetPackageKinds
from coordination.packages.state import DEFAULT_KINDS, KINDS, package_stream
from coordination.people.availability import (
    MarkAvailable,
    MarkUnavailable,
    RecordAbsencePassed,
)
from coordination.people.events import AccountBound, DutyBegun, Training
from coordination.people.identity import BindAccount, ForgetPerson, MergePerson
from coordination.people.state import person_stream
from coordination.permit import OWN
from coordination.playbook import (
    LEVEL_NAMES,
    Conversion,
    Playbook,
    Step,
    canonical,
)
from coordination.posts.decide import Appoint, SetChain
from coordination.posts.events import AUTOMATIC, PostVacated, SubstitutionMade
from coordination.posts.filling import CALLED_AWAY
from coordination.posts.handover import TakeItem
from coordination.posts.safety import (
    ConfirmSafety,
    RecordSilence,
    RecordWait,
    silence,
)
from coordination.posts.state import post_stream
from coordination.posts.substitution import (
    Accept,
    Decline,
    Ratify,
    Seize,
    Substitute,
    TakeBack,
)
from coordination.provenance import Actor
from coordination.reallocation.decide import ApproveReallocation
from coordination.reallocation.events import Leg
from coordination.refusals import Refusal
from coordination.requests.decide import (
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    Want,
    WithdrawRequest,
)
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
)
from coordination.requisitions.decide import Compensate, GiveBack
from coordination.service.decide import RecordOutage
from coordination.service.stores import AcceptClock, AcceptStore, RecordMended
from coordination.stations.decide import OpenStation, SetPlace, TakeCustody
from coordination.stations.levels import LevelRow, NoteShortages, SetLevels
from coordination.stock.decide import Issue, Release, Reserve
from coordination.stock.decide import issue as issue_goods
from coordination.stock.events import SlipCorrected, StockMoved
from coordination.stock.ledger import Party as Whom
from coordination.stock.lines import OfLot, Wish
from coordination.stock.lots import LotHere, NoteExpiry, RecallBatch, SetLotStatus
from coordination.stock.receipts import Delivered, Receive
from coordination.stock.returns import ReturnGoods
from coordination.stock.slips import slip_stream
from coordination.stock.state import stock_stream
from coordination.stock.writeoffs import Adjust, Scrap, adjust
from coordination.transfers.decide import Arrive, CancelTransfer, Ship
from coordination.transfers.shortfalls import CloseShortfall, RecordLate
from coordination.tree import Place
from coordination.vocabulary import EXCLUSIVE, POST_KINDS
from tests.decisions.goods import MASK, S1, SQUAD, STORE, TENT, shelved
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMPOUND,
    DESK,
    EPIDEMIC_PLAN,
    EPIDEMIC_TEXT,
    FLOOD_PLAN,
    FLOOD_TEXT,
    GRID,
    GUARD_TEXT,
    HEAD,
    HOUR,
    IMPORT,
    MINUTE,
    NODES,
    NOW,
    PARENTS,
    SEAT,
    SONGJIANG,
    STREET_1,
    STREET_2,
    UNIT,
    A,
    B,
    C,
    Clock,
    D,
    E,
    F,
    all_rows,
    another_door,
    by,
    declared,
    defines,
    door,
    ended,
    enrols,
    envelope_of,
    event_of,
    fold,
    login,
    lowered,
    narrowed,
    person,
    published,
    raised,
    seat,
    site,
    together,
    widened,
)

QUICK = settings(max_examples=25, deadline=None)
SLOW = settings(max_examples=10, deadline=None)
NAMED = [SONGJIANG, STREET_1, STREET_2, COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, GRID]
places = st.lists(st.sampled_from(NAMED), unique=True, max_size=3).map(tuple)
scopes = places.filter(bool)
levels = st.integers(1, 4)


def inside(scope, excluded, place):
    """Walk up from a place to the nearest area that is named."""
    while place is not None:
        if place in scope or place in excluded:
            return place not in excluded
        place = PARENTS[place]
    return False


# --- rule 2: the gravest level of a place ---------------------------------------------

GRAVEST = st.lists(
    st.tuples(
        st.sampled_from(["declare", "level", "widen", "narrow", "end"]),
        st.integers(0, 3),
        levels,
        st.lists(st.sampled_from(list(PARENTS)), unique=True, min_size=1, max_size=4),
        st.lists(st.sampled_from(list(PARENTS)), unique=True, max_size=4),
    ),
    max_size=12,
)


@given(acts=GRAVEST)
@QUICK
def test_a_place_is_at_the_gravest_level_of_what_covers_it(acts):
    """Rule 2: whatever was nested, left out, raised, moved and ended."""
    facts, model = [], {}
    for kind, number, level, scope, excluded in acts:
        key = f"e{number}"
        if kind == "declare" and key not in model:
            facts.append(declared(key, *scope, without=excluded, level=level))
            model[key] = [level, scope, excluded]
        elif kind == "declare" or key not in model or model[key] is None:
            continue
        elif kind == "level":
            before = model[key][0]
            change = raised if level < before else lowered
            facts.append(change(key, before=before, level=level))
            model[key][0] = level
        elif kind == "end":
            facts.append(ended(key))
            model[key] = None
        else:
            change = widened if kind == "widen" else narrowed
            facts.append(change(key, *scope, without=excluded))
            model[key][1:] = scope, excluded
        state = fold(*facts)(EMERGENCIES)
        standing = [known for known in model.values() if known]
        for place in PARENTS:
            over = [lvl for lvl, *where in standing if inside(*where, place)]
            assert state.level_at(place.path) == min(over, default=None)


# --- rule 3: excluding functions ------------------------------------------------------

FUNCTIONS = ["shelter", "command-post", "rest-station", "sampling-point",
             "isolation-facility"]  # fmt: skip


def plan_of(hazard, on_conflict, *more):
    """Return a plan that takes any function into service, one from level III on."""

    def steps(phase, function):
        step = f"{phase}-{function}"
        return (Step(id=step, zh="做", en="Do", owner="keeper", due_minutes=30),)

    playbook = Playbook(
        id=f"{hazard}-{on_conflict}",
        version="2024.1",
        hazard=hazard,
        zh="预案",
        en="Plan",
        conversions=tuple(
            Conversion(
                function=function,
                zh="转",
                en="Turn",
                from_level="III" if function == "command-post" else "IV",
                convert=steps("convert", function),
                recover=steps("recover", function),
            )
            for function in FUNCTIONS
        ),
        on_conflict=on_conflict,
        excludes=(*EXCLUSIVE, *more),
    )
    whole, digest = canonical(playbook)
    return PlaybookPublished(
        playbook=playbook.id, version="2024.1", text="", compiled=whole, digest=digest
    )


MORE = ("command-post", "shelter")
"""A pair that only one of the plans excludes: it holds whoever comes first."""
PLANS = [
    plan_of(hazard, on_conflict, *more)
    for hazard, more in (("flood", [MORE]), ("epidemic", []), ("fire", []))
    for on_conflict in ("refuse", "pass-over")
]
APART = {frozenset(pair) for pair in EXCLUSIVE}
STANDS_IN = [COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, GRID]
SITES = [f"{place.path}-s{n}" for n, place in enumerate(STANDS_IN)]
functions = st.sampled_from(FUNCTIONS)
planned = st.fixed_dictionaries(
    {"flood": functions, "epidemic": functions, "fire": functions}
)
SWITCHES = st.lists(
    st.tuples(
        st.sampled_from(["declare", "declare", "level", "widen", "narrow", "end",
                         "void", "take-up", "step", "step", "late"]),
        st.sampled_from(["e1", "e2", "e3"]),
        levels,
        scopes,
        places,
        st.sampled_from(PLANS),
    ),
    min_size=2,
    max_size=16,
)  # fmt: skip


def switch(read, act, conflicts):
    """Return the command of an act and its rule once the right people decided."""
    kind, key, level, scope, excluded, plan = act
    known = read(EMERGENCIES).all.get(key)
    said = {"emergency": key, "basis": "令"}
    if kind == "declare":
        hazard = plan.playbook.partition("-")[0]
        return declare_decided, DeclareEmergency(
            **said,
            hazard=hazard,
            level=level,
            scope=scope,
            excluded=excluded,
            matter="m",
            measures="m",
            expected_hours=24,
            playbook=plan.playbook,
            conflicts=conflicts,
        )
    if kind == "level":
        up = known is not None and level < known.level
        said |= {"level": level, "raising": up, "conflicts": conflicts}
        return level_changed, ChangeLevel(**said)
    if kind == "widen":
        return scope_widened, WidenScope(**said, added=scope, conflicts=conflicts)
    if kind == "narrow":
        return scope_narrowed, NarrowScope(**said, removed=scope)
    if kind == "void":
        return void_decided, VoidEmergency(**said, reason="误发")
    if kind == "take-up":
        return take_up_decided, TakeUpSites(**said, sites=(SITES[level - 1],))
    return end_decided, EndEmergency(**said)


def step_of(read, act):
    """Return a step some site has or had, to be done."""
    kind, key, number, *_ = act
    where = SITES[number - 1]
    standing = whole_standing_of(read, where)
    phase = "convert" if kind == "late" else None
    for duty in (standing.left if kind == "late" else standing.duties).values():
        step = f"{phase or duty.phase}-{duty.function}"
        if duty.emergency == key:
            return CompleteStep(site=where, step=step, emergency=key)
    return None


def facts_of(facts, act, conflicts):
    """Return what an act leads to; of a step entered late, that it was done before."""
    now = NOW + len(facts)
    if act[0] not in {"step", "late"}:
        decide, command = switch(fold(*facts), act, tuple(conflicts))
        return decide(fold(*facts), command, now)
    command = step_of(fold(*facts), act)
    before = by(occurred_us=now - act[2]) if act[0] == "late" else by()
    return complete(fold(*facts, who=before), command, now) if command else []


@given(
    acts=SWITCHES,
    plans=st.tuples(*[planned] * len(SITES)),
    seen=st.sampled_from(["all", "none", "some"]),
)
@QUICK
def test_no_site_holds_two_functions_that_exclude_each_other(acts, plans, seen):
    """Rule 3: whatever a view has found or missed; who is passed over is listed.

    What a site still recovers from counts, also if that was entered late from paper.
    """
    stand = [site(n, area, **plans[n]) for n, area in enumerate(STANDS_IN)]
    facts = [*AREAS, *PLANS, *stand]
    conflicts = {"all": SITES, "none": [], "some": SITES[::2]}[seen]
    for act in acts:
        with contextlib.suppress(Refusal):
            facts += facts_of(facts, act, conflicts)
        read = fold(*facts)
        for where in SITES:
            standing = whole_standing_of(read, where)
            held = list(filter(standing.occupies, standing.duties.values()))
            for one, other in itertools.combinations(held, 2):
                pair = frozenset((one.function, other.function))
                assert pair not in APART
                flood = {standing.playbook(d.emergency).hazard for d in (one, other)}
                assert pair != frozenset(MORE) or "flood" not in flood
            for duty in standing.duties.values():
                if duty.phase != PASSED_OVER:
                    continue
                assert duty.against
                refused = standing.playbook(duty.emergency).on_conflict == "refuse"
                assert not (refused and seen == "all")


# --- a raise is its delta -------------------------------------------------------------

STEPS = st.lists(levels, min_size=1, max_size=8)


@given(
    froms=STEPS,
    low=levels,
    high=levels,
    done=st.sets(st.integers(0, 8)),
    minutes=st.integers(0, 60),
)
@QUICK
def test_a_raise_asks_for_what_the_graver_level_adds_and_undoes_nothing(
    froms, low, high, done, minutes
):
    """Newly due are steps(new) − steps(old), from the raise; the rest keep theirs."""
    low, high = max(low, high), min(low, high)
    froms = [4, *froms]

    def asked(level):
        return {f"step-{n}" for n, begins in enumerate(froms) if begins >= level}

    convert = tuple(
        Step(id=f"step-{n}", zh="做", en="Do", owner="keeper", due_minutes=10 + n,
             from_level=LEVEL_NAMES[begins])
        for n, begins in enumerate(froms)
    )  # fmt: skip
    back = Step(id="back", zh="做", en="Do", owner="keeper", due_minutes=9)
    playbook = Playbook(
        id="any-plan", version="2024.1", hazard="flood", zh="预案", en="Plan",
        conversions=(Conversion(function="shelter", zh="转", en="Turn",
                                convert=convert, recover=(back,)),),
    )  # fmt: skip
    whole, digest = canonical(playbook)
    plan = PlaybookPublished(
        playbook="any-plan", version="2024.1", text="", compiled=whole, digest=digest
    )
    here = site(1, flood="shelter")
    order = msgspec.structs.replace(
        declared(level=low), playbook="any-plan", playbook_digest=digest
    )
    finished = [
        StepCompleted(site=here.site, emergency="e1", phase=CONVERT, step=f"step-{n}")
        for n in sorted(done)
        if f"step-{n}" in asked(low)
    ]
    begun = [*AREAS, plan, here, order, *finished]
    at_us = NOW + minutes * MINUTE
    after = [*begun, raised(before=low, level=high, at=at_us)] if high < low else begun

    def duty_in(facts):
        found = whole_standing_of(fold(*facts), here.site).duties
        return found["e1"], {s.id: found["e1"].due_us(s)
                             for s in steps_of(playbook, found["e1"])}  # fmt: skip

    (before, old), (now, new) = duty_in(begun), duty_in(after)
    assert (set(old), set(new)) == (asked(low), asked(high))
    assert {step: new[step] for step in old} == old
    added = set(new) - set(old)
    assert all(new[step] == at_us + (10 + int(step[5:])) * MINUTE for step in added)
    assert (before.phase, before.round) == (now.phase, now.round)
    listed = fold(*after)(site_stream(here.site)).checklist("e1", CONVERT, now.round)
    assert listed.done == {fact.step for fact in finished}
    ordered = fold(*after)(EMERGENCIES).all["e1"]
    assert {(step, due_us) for _, step, due_us in deadlines(ordered, playbook)} == {
        *new.items()
    }


# --- rule 14: nothing is corrected in place -------------------------------------------

ORDER_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["issue", "correct", "withdraw", "remind"]), st.integers(0, 5)
    ),
    max_size=15,
)


@given(acts=ORDER_ACTS)
@QUICK
def test_what_is_corrected_or_withdrawn_stays_to_be_read(acts):
    """Rule 14: each fact folds to itself for ever; one correction names one order."""
    facts, said, over = list(AREAS), {}, {}
    for number, (kind, of) in enumerate(acts):
        old = f"o{of}"
        if kind in {"issue", "correct"}:
            decide, command = issue, IssueOrder(
                order=f"o{number}", scope=(STREET_1,), roles=("street-staff",),
                title="t", text=f"{number}", ack_minutes=9, basis="令",
                corrects=old if kind == "correct" else "",
            )  # fmt: skip
        elif kind == "withdraw":
            decide = withdraw_order
            command = WithdrawOrder(order=old, reason="误")
        else:
            decide, command = remind, RemindOrder(order=old)
        standing = said.get(old)
        try:
            [fact] = decide(fold(*facts), command, NOW + number)
        except Refusal:
            assert kind != "issue"
            assert standing is None or not fold(*facts)(ORDERS)[old].standing
            continue
        facts.append(fact)
        if kind in {"issue", "correct"}:
            said[fact.order] = fact
        if kind in {"correct", "withdraw"}:
            assert old not in over
            over[old] = NOW + number
        state = fold(*facts)(ORDERS)
        assert {key: issued.fact for key, issued in state.items()} == said
        assert {k: i.over_us for k, i in state.items() if not i.standing} == over


BOOK_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["issue", "correct", "correct"]),
        st.integers(0, 9),
        st.integers(-60, 60),
    ),
    max_size=15,
)


@given(acts=BOOK_ACTS)
@QUICK
def test_what_is_corrected_in_the_books_stays_to_be_read(acts):
    """Rule 14: a slip's stream is what it was; the correction is a slip that names it.

    And the books are the sum of them all (rule 7).
    """
    facts, told, there = [*STORE, *shelved("a", 100)], {}, 100
    for number, (kind, of, by_how_many) in enumerate(acts):
        slip = f"i-{number}"
        change = by_how_many if kind == "correct" else -1 - of
        if kind == "issue":
            decide, command = issue_goods, Issue(
                slip=slip, station=S1, to=SQUAD, lines=(Wish("mask", -change),)
            )  # fmt: skip
            allowed = there + change >= 0
        else:
            decide, command = adjust, Adjust(
                slip=slip, station=S1, item="mask", lot="a", change=change,
                corrects=f"i-{of}", reason="误",
                recorded=fold(*facts)(slip_stream(f"i-{of}")).corrected,
            )  # fmt: skip
            allowed = f"i-{of}" in told and change and there + change >= 0
        try:
            new = list(decide(fold(*facts), command, NOW))
        except Refusal:
            assert not allowed
            continue
        assert allowed
        facts, there = [*facts, *new], there + change
        told[slip] = new[0]
        if kind == "correct":
            assert (new[0].corrects, new[0].change) == (f"i-{of}", change)
        for key, first in told.items():
            # Beside it stand only marks that it was corrected.
            of_slip = [f for f in facts if f.stream == f"slip/{key}"]
            assert of_slip[0] == first
            assert all(isinstance(f, SlipCorrected) for f in of_slip[1:])
        held = fold(*facts)(stock_stream(S1, "mask")).lots.get("a")
        assert (held.on_hand if held else 0) == there


# --- people, at a door ----------------------------------------------------------------

PEOPLE = {
    "chen": ("commander", None),
    "he": ("head-of-government", None),
    "wu": ("deputy", SONGJIANG),
    "qian": ("secretary-general", None),
    "sun": ("duty-officer", SONGJIANG),
    "gao": ("street-staff", STREET_1),
    "ma": ("community-secretary", COMMUNITY_11),
    "xu": ("auditor", None),
}
SIGN = {
    1: {"commander", "head-of-government"},
    2: {"commander", "head-of-government", "deputy"},
    3: {"commander", "head-of-government", "deputy"},
    4: {"commander", "head-of-government", "deputy", "secretary-general"},
}
"""Who signs which level while nobody is absent; written a second time here."""
SERVICE = Actor("service", "service")
PLAN_NAMES = {"flood": FLOOD_PLAN.playbook, "epidemic": EPIDEMIC_PLAN.playbook}


def ground(number):
    """Return the registration of one site, with the grids of the first community."""
    area = STANDS_IN[number]
    functions_of = (
        PlannedFunction("flood", "shelter"),
        PlannedFunction("epidemic", "sampling-point"),
    )
    return RegisterGround(
        street=f"{area.path[:9]}000",
        local=(LocalPlan(COMMUNITY_11.code, NODES),) if area == GRID else (),
        sites=(SitePlan(SITES[number], area.code, "站", "facility", functions_of),),
    )


GRANTS = GrantRoles(
    rows=tuple(
        GrantRow(grant=f"g-{account}", account=account, role=role, area=area)
        for account, (role, area) in PEOPLE.items()
    ),
    basis="任命",
)
BEGINNING = [
    IMPORT,
    PublishPlaybook(playbook="flood-plan", text=FLOOD_TEXT),
    PublishPlaybook(playbook="epidemic-plan", text=EPIDEMIC_TEXT),
    *(ground(number) for number in range(len(SITES))),
    GRANTS,
]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A function that gives the address of a log with the town and its people."""
    folder = tmp_path_factory.mktemp("town")
    with door(folder / "town.db") as handler:

        async def begin():
            for number, command in enumerate(BEGINNING):
                who = by(f"begin{number}", ADMINISTRATOR, session="s0")
                await handler.handle(command, who, NOW)

        asyncio.run(begin())
    numbers = itertools.count()

    def copy():
        path = folder / f"{next(numbers)}.db"
        shutil.copy(folder / "town.db", path)
        return path

    return copy


class Day:
    """What people do at a door, one after the other, while time goes by."""

    def __init__(self, handler):
        self.handler = handler
        self.now = NOW
        self.given = 0

    def read(self, stream):
        """Return a folded state, as the timer sees it."""
        self.handler.states.refresh()
        return Reader(self.handler.states)(stream)

    async def give(self, command, actor, command_id=None, **more):
        """Give a command; a refusal is as good an answer as a receipt."""
        self.given += 1
        who = by(command_id or f"c{self.given}", actor, **more)
        with contextlib.suppress(Refusal):
            return await self.handler.handle(command, who, self.now)

    async def tick(self):
        """Record what is due, as the timer does."""
        self.handler.states.refresh()
        for command_id, command in list(due(Reader(self.handler.states), self.now)):
            await self.give(command, SERVICE, command_id)
        assert list(due(Reader(self.handler.states), self.now)) == []

    def switch(self, kind, key, level, scope, excluded, hazard):
        """Return a switch as somebody may ask for it now."""
        plan = FLOOD_PLAN if hazard == "flood" else EPIDEMIC_PLAN
        act = kind, key, level, scope, excluded, plan
        _, command = switch(Reader(self.handler.states), act, ())
        if isinstance(command, DeclareEmergency):
            return msgspec.structs.replace(command, hazard=hazard)
        return command

    def level_of(self, command):
        """Return the gravest level a switch is from or to."""
        if isinstance(command, DeclareEmergency):
            return command.level
        known = self.read(EMERGENCIES).all.get(command.emergency)
        now = known.level if known else 4
        return min(now, command.level) if hasattr(command, "level") else now

    async def carry(self, how, command, who, session, proved):
        """Ask for a switch: alone, by a proposal, by breaking the glass; as is fit."""
        if how == "fit":
            how = "alone" if self.level_of(command) >= 3 else "glass"
        if how == "alone":
            return await self.give(command, who, session=session)
        said = {
            "kind": {"DeclareEmergency": "declare", "ChangeLevel": "level",
                     "WidenScope": "widen", "NarrowScope": "narrow",
                     "EndEmergency": "end",
                     "VoidEmergency": "void"}[type(command).__name__],
            "emergency": command.emergency,
            "level": self.level_of(command),
            "carried": command,
            "basis": command.basis,
            "reason": "r",
        }  # fmt: skip
        if how == "propose":
            wish = ProposeDecision(**said, minutes=30)
        else:
            wish = BreakGlass(**said)
        more = {"session": session, "reauthenticated": proved}
        return await self.give(wish, who, **more)

    async def answer(self, how, number, who, session, proved):
        """Approve, reject or withdraw a proposal, or review what one decided."""
        state = self.read(APPROVALS)
        more = {"session": session, "reauthenticated": proved}
        if how == "review":
            glasses = list(state.glasses.values())
            if glasses:
                found = glasses[number % len(glasses)].broken
                said = {"glass": found.glass, "reason": "r"}
                await self.give(ReviewGlass(**said, confirmed=True), who, **more)
            return
        if not state.proposals:
            return
        made = list(state.proposals.values())[-1 - number % len(state.proposals)].made
        said = {"proposal": made.proposal, "reason": "r"}
        if how == "approve":
            wish = ApproveProposal(**said, digest=made.digest)
        else:
            wish = {"reject": RejectProposal, "withdraw": WithdrawProposal}[how](**said)
        await self.give(wish, who, **more)

    async def follow(self, acts):
        """Carry out what happens."""
        for act in acts:
            match act:
                case int():
                    self.now += act * MINUTE
                    await self.tick()
                case ("unseen", minutes):
                    self.now += minutes * MINUTE
                case ("ask", how, kind, who, session, proved):
                    await self.carry(how, self.switch(*kind), who, session, proved)
                case ("answer", how, number, who, session, proved):
                    await self.answer(how, number, who, session, proved)
                case ("extend", key, hours, who):
                    wish = ExtendExpectation(
                        emergency=key, expected_hours=hours, basis="令"
                    )
                    await self.give(wish, who)
                case ("order", number, ack, done, corrects):
                    wish = IssueOrder(
                        order=f"o{number}", scope=(STREET_1,), roles=("street-staff",),
                        title="t", text="t", ack_minutes=ack, done_minutes=done,
                        basis="令", corrects=f"o{corrects}" if corrects else "",
                    )  # fmt: skip
                    await self.give(wish, Actor("chen"))
                case ("cancel", number):
                    wish = WithdrawOrder(order=f"o{number}", reason="误")
                    await self.give(wish, Actor("chen"))


people = st.sampled_from([Actor(account) for account in PEOPLE])
heads = st.sampled_from([Actor(a) for a in ("chen", "he", "wu", "wu", "sun")])
sessions = st.sampled_from(["s1", "s2", "s3"])
others = st.sampled_from(["s4", "s4", "s4", "s1"])
proofs = st.sampled_from(["password", "password", "password", ""])
hazards = st.sampled_from(["flood", "epidemic"])
BEGUN_AT = st.sampled_from([(STREET_1,), (COMMUNITY_11,), (STREET_1, COMMUNITY_21)])
LIGHT = st.sampled_from([4, 3, 3, 2, 1])
BEGIN = st.tuples(
    st.just("declare"), st.just("e1"), LIGHT, BEGUN_AT, st.just(()), hazards
)
kinds = st.tuples(
    st.sampled_from(
        ["declare", "level", "level", "level", "widen", "narrow", "end", "void"]
    ),
    st.sampled_from(["e1", "e1", "e1", "e2"]),
    levels,
    scopes,
    places,
    hazards,
)


def asking(how, kind, who):
    """Return somebody's asking for a switch."""
    return st.tuples(st.just("ask"), st.sampled_from(how), kind, who, sessions, proofs)


def answering(*how):
    """Return somebody's answer to a proposal or review, the newest first."""
    return st.tuples(
        st.just("answer"),
        st.sampled_from(how),
        st.sampled_from([0, 0, 1]),
        st.one_of(heads, people),
        sessions,
        proofs,
    )


ASK = asking(["alone", "propose", "glass"], kinds, st.one_of(heads, people))
ANSWER = answering("approve", "reject", "withdraw", "review")
LATER = st.integers(1, 40)
YES = st.tuples(
    st.just("answer"),
    st.just("approve"),
    st.just(0),
    st.sampled_from([Actor("chen"), Actor("he")]),
    others,
    proofs,
)


def scenes(kind):
    """Return what people may do about one switch, one after the other."""
    return st.one_of(
        st.tuples(asking(["propose"], kind, heads), YES),
        st.tuples(asking(["propose"], kind, heads), LATER, YES, ANSWER),
        st.tuples(asking(["propose"], kind, heads), ASK, YES, YES),
        st.tuples(asking(["glass"], kind, people), answering("review")),
        st.tuples(asking(["alone"], kind, heads)),
        st.tuples(asking(["fit"], kind, heads)),
        st.tuples(ASK, ANSWER, LATER),
    )


def told(*parts):
    """Return the acts of some scenes in a row."""
    return [act for part in parts for scene in part for act in scene]


DAYS = st.builds(
    told,
    st.tuples(*[scenes(BEGIN)] * 3),
    st.lists(scenes(kinds), min_size=6, max_size=14),
)

SWITCHED = (
    EmergencyDeclared,
    LevelRaised,
    LevelLowered,
    ScopeWidened,
    ScopeNarrowed,
    SitesTakenUp,
    EmergencyEnded,
    EmergencyVoided,
)
ENDINGS = (EmergencyEnded, EmergencyVoided)


def check_two_people(rows):
    """Assert rule 4: each switch is signed, at I and II by a second person."""
    made, appends, in_force = {}, defaultdict(list), {}
    for row in rows:
        appends[envelope_of(row).command].append(row)
        fact = event_of(row)
        if isinstance(fact, ProposalMade):
            made[fact.proposal] = fact, envelope_of(row)
    signed = Counter()
    for row in rows:
        fact, said = event_of(row), envelope_of(row)
        if not isinstance(fact, SWITCHED):
            continue
        before = in_force.get(fact.emergency, 4)
        after = getattr(fact, "level", before)
        in_force[fact.emergency] = after
        level = min(before, after)
        beside = [event_of(other) for other in appends[said.command]]
        broken = [f for f in beside if isinstance(f, GlassBroken)]
        yes = [f for f in beside if isinstance(f, ProposalApproved)]
        assert len(beside) == 1 + len(broken) + len(yes)
        if broken:
            signed["alone"] += 1
            assert level <= 2 < said.occurred_us
            assert said.actor == broken[0].account
        elif yes:
            signed["two"] += 1
            proposal, proposed = made[yes[0].proposal]
            assert proposed.actor == proposal.proposer != said.actor
            assert proposal.session != yes[0].session
            assert yes[0].reauthenticated
            assert said.role in SIGN[level]
            assert proposal.digest == yes[0].digest
            assert yes[0].approved_us < proposal.expires_us
        else:
            assert level >= 3
            assert said.role in SIGN[level]
    assert all(n == 1 for n in Counter(
        event_of(row).proposal for row in rows
        if isinstance(event_of(row), ProposalApproved)).values())  # fmt: skip
    return signed


def check_envelopes(rows):
    """Assert rule 11: who, in which role by which grant, and on what basis."""
    grants, duties = {}, set()
    for row in rows:
        fact, said = event_of(row), envelope_of(row)
        assert said.command
        assert said.actor
        assert said.occurred_us >= NOW
        assert bytes.fromhex(said.salt)
        if fact.NAME == "grants.role-granted.1":
            grants[fact.grant] = fact
        if isinstance(fact, DutyBegun):
            duties.add((f"post:{fact.post}", fact.role, fact.area.path))
        if isinstance(fact, SWITCHED):
            void = isinstance(fact, EmergencyVoided)  # an error has a reason
            assert (said.reason if void else said.basis).strip()
        if isinstance(fact, GlassBroken):
            assert said.reason.strip()
        if said.actor in {*OWN, ADMINISTRATOR.account}:
            assert said.role
            assert not said.grant
        elif said.grant.startswith("post:"):
            assert (said.grant, said.role, said.area) in duties
        elif said.grant:
            held = grants[said.grant]
            assert (held.account, held.role) == (said.actor, said.role)
            assert said.area == (held.area.path if held.area else "")
            assert said.on_behalf_of == held.delegator
        else:  # denied: there was none to act by
            assert isinstance(fact, CommandRefused)
            assert fact.code == "permit.denied"
            assert said.command.startswith("refused:")


@given(acts=DAYS)
@SLOW
def test_at_one_and_two_nothing_is_switched_by_one_person_unseen(town, acts):
    """Rules 4 and 11: an approval by another in the same append, or a broken glass."""
    with door(town()) as handler:
        asyncio.run(Day(handler).follow(acts))
        rows = all_rows(handler.log)
    check_two_people(rows)
    check_envelopes(rows)


SWITCH = ("declare", "e1", 2, (STREET_1,), (), "flood")
APPROVE = ("answer", "approve", 0, Actor("chen"), "s2", "password")


def test_those_days_know_approvals_and_broken_glasses(town):
    """What the property looks at does happen."""
    acts = [
        ("ask", "propose", SWITCH, Actor("wu"), "s1", ""),
        ("answer", "approve", 0, Actor("wu"), "s2", "password"),
        APPROVE,
        ("ask", "glass", ("end", *SWITCH[1:]), Actor("sun"), "s1", "password"),
        ("answer", "review", 0, Actor("wu"), "s1", ""),
    ]
    with door(town()) as handler:
        asyncio.run(Day(handler).follow(acts))
        rows = all_rows(handler.log)
    assert check_two_people(rows) == {"two": 1, "alone": 1}
    check_envelopes(rows)
    facts = [event_of(row) for row in rows]
    refused = [fact.code for fact in facts if isinstance(fact, CommandRefused)]
    assert refused == ["approvals.self"]
    assert isinstance(facts[-1], GlassReviewed)


# --- rules 9 and 15: time passes, also while nobody is there --------------------------


def passings(rows):
    """Return each recorded passing of a moment: (name, what, due_us) -> how often."""
    found = Counter()
    for row in rows:
        fact = event_of(row)
        if hasattr(fact, "noticed_us"):
            assert fact.due_us <= fact.noticed_us
            said = msgspec.to_builtins(fact)
            del said["noticed_us"]
            found[fact.NAME, *sorted(map(str, said.values()))] += 1
    return found


def history(rows):
    """Return each emergency's orders: (at_us, kind, level before, level, places)."""
    told, level, scope = defaultdict(list), {}, {}
    for row in rows:
        fact = event_of(row)
        if isinstance(fact, SWITCHED):
            key = fact.emergency
            before = level.get(key, 0)
            level[key] = getattr(fact, "level", before)
            at_us = next(
                getattr(fact, name)
                for name in ("ended_us", "voided_us", "changed_us", "declared_us")
                if hasattr(fact, name)
            )
            if hasattr(fact, "scope"):
                scope[key] = fact.scope, fact.excluded
            covered = {place for place in PARENTS if inside(*scope[key], place)}
            told[key].append((at_us, type(fact), before, level[key], covered))
    return told


PLAIN_TEXT = FLOOD_TEXT[: FLOOD_TEXT.index("  - function: command-post")]
PLAIN_STEPS = {"open-doors": (30, 4), "set-beds": (60, 4), "call-doctor": (45, 3),
               "hang-banner": (90, 4)}  # fmt: skip
"""The shelter's steps, written a second time: minutes, and from which level on."""


def passed_by(now, told):
    """Return what must have passed of one emergency of the shelters' plan."""
    found = set()
    for number, (at_us, kind, before, level, covered) in enumerate(told):
        for step, (minutes, begins) in PLAIN_STEPS.items():
            asked = begins >= level and (
                kind in {EmergencyDeclared, ScopeWidened}
                or (kind is LevelRaised and begins < before)
            )
            due_us = at_us + minutes * MINUTE
            stands = all(
                begins >= t[3] and not (t[1] in ENDINGS and t[0] < due_us)
                for t in told[number:]
                if t[0] <= due_us
            )
            if asked and stands and due_us <= now:
                found.add(("convert", step, due_us))
        due_us = at_us + 120 * MINUTE
        if kind not in {ScopeNarrowed, *ENDINGS} or due_us > now:
            continue
        gone = told[number - 1][4] - covered
        then = [t for t in told[number + 1 :] if t[0] <= due_us]
        if not any(gone <= t[4] for t in then):
            found.add(("recover", "clean-up", due_us))
    return found


def chief(*kind):
    """Return a switch by somebody who breaks the glass where it must be."""
    return st.tuples(
        st.just("ask"),
        st.just("fit"),
        st.tuples(*kind, st.just("flood")),
        st.just(Actor("chen")),
        st.just("s1"),
        st.just("password"),
    )


keys = st.sampled_from(["e1", "e2"])
DECLARED = chief(st.just("declare"), keys, LIGHT, BEGUN_AT, st.just(()))
CHANGED = chief(
    st.sampled_from(["level", "level", "level", "widen", "narrow", "end", "void"]),
    keys,
    levels,
    scopes,
    places,
)
MORNING_ACTS = st.one_of(
    DECLARED,
    CHANGED,
    CHANGED,
    CHANGED,
    asking(["propose"], kinds.map(lambda kind: (*kind[:-1], "flood")), heads),
    st.tuples(st.just("answer"), st.sampled_from(["review", "approve"]), st.just(0),
              st.just(Actor("he")), st.just("s2"), st.just("password")),
    st.tuples(st.just("extend"), keys, st.integers(24, 72), st.just(Actor("chen"))),
    st.tuples(st.just("order"), st.integers(1, 3), st.integers(0, 60),
              st.integers(0, 90), st.integers(0, 2)),
    st.tuples(st.just("cancel"), st.integers(1, 3)),
    st.integers(1, 50),
    st.tuples(st.just("unseen"), st.integers(1, 50)),
    st.tuples(st.just("unseen"), st.just(60 * 20)),
    st.just(60 * 20),
    st.just("restart"),
    st.just("crowd"),
)  # fmt: skip
MORNING = st.builds(
    lambda first, rest: [first, *rest],
    DECLARED,
    st.lists(MORNING_ACTS, min_size=8, max_size=20),
)


async def live(log, acts):
    """Let time pass by many timers and restarts; return the last door and the time.

    People also act after a moment has passed and before any timer has seen it.
    """
    day = Day(another_door(log))
    for act in acts:
        day.now += 1  # no two decisions in one microsecond
        if act == "restart":
            fresh = Day(another_door(log, seed=f"{day.now}"))
            fresh.now, fresh.given = day.now, day.given
            day = fresh
        elif act == "crowd":
            day.now += 35 * MINUTE
            timers = [Day(another_door(log, seed=f"{day.now}{n}")) for n in range(3)]
            for timer in timers:
                timer.now = day.now
            lists = [list(due(Reader(t.handler.states), t.now)) for t in timers]
            await asyncio.gather(
                *(
                    timer.give(command, SERVICE, command_id)
                    for timer, found in zip(timers, lists, strict=True)
                    for command_id, command in found
                )
            )
            day.handler.states.refresh()
        else:
            await day.follow([act])
    return day


@given(acts=MORNING)
@SLOW
def test_each_moment_that_passes_is_recorded_once(town, acts):
    """Rules 9 and 15: by however many timers, before and after restarts."""
    with door(town()) as handler:
        plain = PublishPlaybook(playbook="flood-plan", text=PLAIN_TEXT)
        asyncio.run(handler.handle(plain, by("plain", ADMINISTRATOR), NOW))
        day = asyncio.run(live(handler.log, acts))
        day.now += 100 * HOUR
        asyncio.run(day.tick())
        rows = all_rows(handler.log)
        before = {s.id: day.read(s) for s in (EMERGENCIES, APPROVALS, ORDERS, ALARMS)}
        reborn = Reader(another_door(handler.log).states)
        assert {s: reborn(streams[s]) for s in before} == before
        assert list(due(reborn, day.now)) == []
    found = passings(rows)
    assert set(found.values()) <= {1}, found
    for key, told in history(rows).items():
        recorded = {
            (f.phase, f.step, f.due_us)
            for f in map(event_of, rows)
            if isinstance(f, DeadlinePassed) and f.emergency == key
        }
        assert recorded == passed_by(day.now, told)
    check_waits(rows, before, day.now)


streams = {
    s.id: s
    for s in (EMERGENCIES, APPROVALS, ORDERS, ALARMS, AUTHORITY, CHECK_INS, KINDS)
}


def check_waits(rows, states, now):
    """Assert that what waited has passed by name, or was answered before."""
    facts = [event_of(row) for row in rows]
    approvals, orders = states["approvals"], states["orders"]
    assert all(p.state != OPEN for p in approvals.proposals.values())
    reviewed = {f.glass: f.reviewed_us for f in facts if isinstance(f, GlassReviewed)}
    assert {f.glass for f in facts if isinstance(f, ReviewOverdue)} == {
        f.glass
        for f in facts
        if isinstance(f, GlassBroken) and f.review_due_us <= reviewed.get(f.glass, now)
    }
    stood = dict.fromkeys(orders, now)
    stood |= {f.order: f.withdrawn_us for f in facts if isinstance(f, OrderWithdrawn)}
    issued = [f for f in facts if isinstance(f, OrderIssued)]
    stood |= {f.corrects: f.issued_us for f in issued if f.corrects}
    late = {(f.order, f.what, f.due_us) for f in facts if isinstance(f, OrderOverdue)}
    assert late == {
        (f.order, what, due_us)
        for f in issued
        for what, due_us in (("ack", f.ack_due_us), ("done", f.done_due_us))
        if 0 < due_us <= stood[f.order]
    }
    check_expectations(facts, now)
    assert all(f.due_us <= now for f in facts if hasattr(f, "noticed_us"))


def check_expectations(facts, now):
    """Assert that each expected end is told that came before a decision on it."""
    waiting, missed = {}, set()
    for fact in facts:
        key = getattr(fact, "emergency", None)
        names = ("changed_us", "ended_us", "voided_us")
        decided_us = next((getattr(fact, n) for n in names if hasattr(fact, n)), 0)
        if isinstance(fact, EmergencyDeclared):
            waiting[key] = fact.expected_until_us
        elif isinstance(fact, (ExpectationExtended, *ENDINGS)):
            until_us = waiting.pop(key)
            missed |= {(key, until_us)} if until_us <= decided_us else set()
            if isinstance(fact, ExpectationExtended):
                waiting[key] = fact.expected_until_us
    missed |= {(key, until) for key, until in waiting.items() if until <= now}
    assert missed == {
        (f.emergency, f.due_us) for f in facts if isinstance(f, ExpectationPassed)
    }


@given(acts=DAYS)
@SLOW
def test_a_town_opened_again_waits_for_the_same(town, acts):
    """Rule 15: whoever was awaited is awaited after a restart, whatever the process."""
    path = town()
    with door(path) as handler:
        day = Day(handler)
        asyncio.run(day.follow(acts))
        before = {key: day.read(stream) for key, stream in streams.items()}
        later = day.now + 48 * HOUR
        waiting = list(due(Reader(handler.states), later))
    with door(path) as handler:
        read = Reader(handler.states)
        assert {key: read(stream) for key, stream in streams.items()} == before
        assert list(due(read, later)) == waiting
        for account in PEOPLE:
            assert list(read(grants_stream(account)).all) == [f"g-{account}"]


# --- rules 5, 6 and 8: who acts, who answers ------------------------------------------

HUMANS = [f"h-{n:011x}a" for n in range(12)]
GRID_2 = Place(f"{COMMUNITY_11.code}g02", "grid")
MORE_NODES = LocalAreasRegistered(
    community=COMMUNITY_11.code,
    nodes=(
        LocalNode(GRID_2.code, "g"),
        *(LocalNode(f"{BUILDING.code[:-1]}{n}", "b") for n in (2, 3)),
    ),
)
LAIRS = [
    seat("street-duty", STREET_1, reach=STREET_1),
    SEAT,
    seat("second-secretary", COMMUNITY_12, reach=STREET_1),
    HEAD,
    seat("grid-head", GRID_2),
    DESK,
]
CARES = [
    ("compound", COMPOUND.code),
    ("neighbours", GRID.code),
    ("neighbours", GRID_2.code),
    *(("building", f"{BUILDING.code[:-1]}{n}") for n in (1, 2, 3)),
]
ONE_EACH = PackageKindsSet(
    kinds=tuple(msgspec.structs.replace(kind, load=1) for kind in DEFAULT_KINDS)
)
SEVERAL = GUARD_TEXT.replace("rule: automatic", "rule: automatic, several: true")
ALL_WATCH = [
    published(
        text.replace("  - {kind: grid-head, from_level: III}\n", "".join(
            f"  - {{kind: {kind}}}\n"
            for kind in ("grid-head", "liaison", "street-duty")))
    )
    for text in (GUARD_TEXT, SEVERAL)
]  # fmt: skip
"""Everybody who acts is heard each half hour; by the second one acts on several."""


def inhabitant(number):
    """Return somebody: every fourth lives next door, every fifth is not trained."""
    home = COMMUNITY_12 if number % 4 == 3 else COMMUNITY_11
    trained = () if number % 5 == 4 else (Training("command"),)
    return person(HUMANS[number], home, trainings=trained)


class Crew:
    """A small city whose people fall away and come back; each decision is judged."""

    def __init__(self, lines, *, several=False):
        self.now = NOW
        self.given = 0
        self.several = several
        self.seen = Counter()
        self.covered = set()
        self.posts = [
            msgspec.structs.replace(plan, chain=line)
            for plan, line in zip(LAIRS, lines, strict=True)
        ]
        self.plans = {plan.post: plan for plan in self.posts}
        self.read = fold(*AREAS, MORE_NODES, *ALL_WATCH, UNIT, ONE_EACH)
        self.store(
            fact
            for n, who in enumerate(HUMANS)
            for fact in (
                inhabitant(n),
                AccountBound(person=who, account=who),
                PersonBound(account=who, person=who),
            )
        )
        assert self.give(defines(*self.posts))

    def store(self, facts):
        """Append facts."""
        for fact in facts:
            self.read._streams[fact.stream].append(fact)

    def post(self, post):
        """Return a post's state."""
        return self.read(post_stream(post))

    def human(self, who):
        """Return somebody's state."""
        return self.read(person_stream(who))

    def acting(self):
        """Return who acts on each post, where anybody does."""
        found = {post: self.post(post).acting for post in self.plans}
        return {post: who for post, who in found.items() if who}

    def give(self, command, who="wang"):
        """Give a command; what is decided is judged and stored."""
        self.given += 1
        self.read.by = by(f"k{self.given}", Actor(who))
        try:
            facts = together(self.read, command, self.now)
        except Refusal:
            return []
        before = self.acting(), {post: self.post(post) for post in self.plans}
        self.store(facts)
        self.judge_posts(facts, *before)
        self.judge_packages(facts)
        return facts

    def judge_posts(self, facts, acted, were):
        """Assert rules 5 and 6 after a decision."""
        acting = self.acting()
        duties = {(p, w) for w in HUMANS for p in self.human(w).acting}
        assert duties == set(acting.items())
        for who, count in Counter(acting.values()).items():
            assert self.several or count == 1
            assert not self.human(who).cause
            assert self.human(who).known
        empty = {f.post: f for f in facts if isinstance(f, PostVacated)}
        made = [f for f in facts if isinstance(f, SubstitutionMade)]
        new = {f.post: f for f in made}
        assert len(new) == len(made)
        for post in self.plans:
            then, now = acted.get(post, ""), acting.get(post, "")
            if then and not now:
                assert empty[post].before == then
            elif then != now:
                assert (new[post].before, new[post].after) == (then, now)
            assert bool(now) is (self.post(post).made is not None)
        for fact in [*empty.values(), *made]:
            self.judge_tried(fact, were[fact.post])
        for fact in made:
            self.judge_put(fact)

    def judge_put(self, fact):
        """Assert that whoever is put could act, by the five tests told anew."""
        plan, who = self.plans[fact.post], self.human(fact.after)
        kind = POST_KINDS[plan.kind]
        known = {t.name for t in who.registered.trainings}
        assert fact.after != fact.before
        assert not who.cause
        assert kind.training in {"", *known}
        assert who.residence.startswith(plan.reach.path)
        assert self.several or list(who.acting) == [fact.post]
        self.seen[fact.how] += 1
        self.seen["cascade"] += fact.cause == CALLED_AWAY

    def judge_tried(self, fact, was):
        """Assert that who was passed over failed the test that is named."""
        self.seen["vacant"] += isinstance(fact, PostVacated)
        plan = self.plans[fact.post]
        rank, reach = POST_KINDS[plan.kind].rank, plan.reach.path
        for tried in fact.tried:
            who = self.human(tried.person)
            graver = [d for d in who.acting.values() if d.rank <= rank]
            assert {
                "available": bool(who.cause),
                "qualified": not who.trained("command", self.now),
                "in-reach": not who.residence.startswith(reach),
                "already-acting": bool(graver),
                "declined": tried.person in was.declined,
            }[tried.test]
        if getattr(fact, "how", AUTOMATIC) == AUTOMATIC:
            passed = [t.person for t in fact.tried]
            after = [fact.after] if isinstance(fact, SubstitutionMade) else []
            line = [p for p in self.post(fact.post).chain if p != fact.before]
            assert line[: len(passed) + 1] == [*passed, *after]

    def judge_packages(self, facts):
        """Assert rule 8 after a decision."""
        for fact in facts:
            if isinstance(fact, PackageAssigned):
                assert fact.package not in self.covered
                self.covered.add(fact.package)
            elif isinstance(fact, PackageReleased):
                self.covered.remove(fact.package)
            elif isinstance(fact, PackageHandedOver):
                assert fact.package in self.covered
                self.seen["standing"] += fact.standing
                self.seen["followed"] += bool(fact.cause)
        theirs = {(p, w) for w in HUMANS for p in self.human(w).packages}
        held = {}
        for kind, target in CARES:
            found = self.read(package_stream(f"{kind}/{target}"))
            assert (found.party is not None) is (f"{kind}/{target}" in self.covered)
            if found.party is not None and found.party.kind == PERSON:
                held[f"{kind}/{target}"] = found.party.id
                assert not self.human(found.party.id).cause
        assert theirs == set(held.items())
        counts = Counter((p.partition("/")[0], who) for p, who in held.items())
        assert set(counts.values()) <= {1}

    def due(self):
        """Yield what the timer has to record now."""
        for key in self.plans:
            post = self.post(key)
            for what, due_us in post.waits().items():
                if due_us <= self.now and what not in post.overdue:
                    made = post.made.substitution
                    yield RecordWait(
                        post=key, substitution=made, what=what, due_us=due_us
                    )
            _, due_us = silence(self.read, post)
            heard = not due_us or due_us in post.silences
            if not heard and post.acting and due_us <= self.now:
                yield RecordSilence(post=key, person=post.acting, due_us=due_us)

    def tick(self):
        """Record what is due, one after the other; none of it is refused."""
        while (command := next(self.due(), None)) is not None:
            assert self.give(command, "timer")

    def live(self, acts):
        """Carry out what happens."""
        for act in acts:
            match act:
                case ("later", minutes):
                    self.now += minutes * MINUTE
                    self.tick()
                case ("heard",):
                    for post, who in self.acting().items():
                        self.give(ConfirmSafety(post=post), who)
                case ("war",):
                    number = len(self.read(EMERGENCIES).all)
                    plan = ALL_WATCH[self.several]
                    self.store([declared(f"e{number}", at=self.now, plan=plan)])
                case ("peace",):
                    active = list(self.read(EMERGENCIES).active())
                    self.store(ended(e.declared.emergency, self.now) for e in active)
                case (str(what), *said):
                    self.ask(what, *said)
        return self

    def ask(self, what, *said):
        """Give the command of an act."""
        match what, *said:
            case "ill", some, cause:
                self.give(MarkUnavailable(people=some, cause=cause))
            case "well", some:
                self.give(MarkAvailable(people=some))
            case (("order" | "appoint" | "seize"), n, who):
                post = self.posts[n].post
                if what == "seize":
                    self.give(Seize(post=post, reason="r"), who)
                else:
                    kind = Substitute if what == "order" else Appoint
                    self.give(kind(post=post, person=who or HUMANS[n]))
            case "next", n:
                self.give(Substitute(post=self.posts[n].post, reason="换岗"))
            case "line", n, line:
                self.give(SetChain(post=self.posts[n].post, chain=line))
            case "answer", n, kind:
                post = self.post(self.posts[n].post)
                more = {"item": "steps"} if kind is TakeItem else {}
                who = post.acting or HUMANS[0]
                if kind is TakeBack:
                    who = (*post.chain, HUMANS[0])[0]
                self.give(kind(post=post.defined.post, **more), who)
            case "ratify", n:
                self.give(Ratify(post=self.posts[n].post))
            case "care", n, who, behind:
                kind, target = CARES[n]
                party = Party(PERSON, who)
                row = PackageRow(kind, target, party, behind)
                hand = HandOverPackage(
                    kind=kind, target=target, party=party, backups=behind
                )
                if not self.give(AssignPackages(rows=(row,))):
                    self.give(hand)
            case "release", n:
                kind, target = CARES[n]
                self.give(ReleasePackage(kind=kind, target=target, reason="拆除"))


humans = st.sampled_from(HUMANS)
some = st.lists(humans, unique=True, min_size=1, max_size=5).map(tuple)
lines = st.lists(humans, unique=True, min_size=1, max_size=5).map(tuple)
numbers = st.integers(0, 5)
CREW_ACTS = st.one_of(
    st.tuples(st.just("ill"), some, st.sampled_from(["ill", "quarantined"])),
    st.tuples(st.just("ill"), some, st.just("leave")),
    st.tuples(st.just("well"), some),
    st.tuples(st.sampled_from(["order", "appoint", "seize"]), numbers, humans),
    st.tuples(st.just("next"), numbers),
    st.tuples(st.just("line"), numbers, lines),
    st.tuples(st.just("answer"), numbers,
              st.sampled_from([Accept, Accept, Decline, TakeBack, TakeItem])),
    st.tuples(st.just("ratify"), numbers),
    st.tuples(st.just("care"), numbers, humans, lines),
    st.tuples(st.just("care"), numbers, humans, lines),
    st.tuples(st.just("release"), numbers),
    st.tuples(st.just("later"), st.integers(1, 40)),
    st.tuples(st.sampled_from(["war", "peace", "heard", "heard"])),
)  # fmt: skip


@given(
    first=st.tuples(*[lines] * len(LAIRS)),
    cares=st.lists(st.tuples(humans, lines), min_size=6, max_size=6),
    acts=st.lists(CREW_ACTS, min_size=10, max_size=40),
    several=st.booleans(),
)
@QUICK
def test_no_post_and_no_package_is_ever_empty_unsaid_or_held_by_two(
    first, cares, acts, several
):
    """Rules 5, 6 and 8: judged after every decision, whatever happens to whom."""
    crew = Crew(first, several=several)
    crew.live([("care", n, *care) for n, care in enumerate(cares)])
    crew.live(acts)


def test_those_days_know_substitutions_vacancies_cascades_and_standing_packages():
    """What the property looks at does happen."""
    a, b, c, d, e, f, g, *_ = HUMANS
    crew = Crew([(a, b), (b, f), (c,), (f, g), (e, d), (f,)])
    assert list(crew.acting().values()) == [a, b, c, f, e]
    assert crew.seen == {"appointed": 5, "vacant": 1, "cascade": 0}
    crew.live([("care", 0, a, (b, c)), ("care", 1, b, (a,)), ("care", 3, d, ())])
    crew.live([("ill", (a, d), "ill")])  # b is called up, and f and g after them
    assert list(crew.acting().values()) == [b, f, c, g, e]
    assert (crew.seen["cascade"], crew.seen["automatic"]) == (2, 3)
    assert (crew.seen["followed"], crew.seen["standing"]) == (2, 1)
    crew.live([("well", (a,)), ("answer", 1, Decline), ("seize", 1, f)])
    assert list(crew.acting().values()) == [b, f, c, g, e]
    assert (crew.seen["vacant"], crew.seen["seized"]) == (2, 1)
    crew.live([("answer", 0, TakeBack), ("next", 1), ("appoint", 5, f)])
    assert (crew.seen["returned"], crew.seen["ordered"]) == (1, 1)
    crew.live([("war",), ("later", 40)])
    assert crew.seen["vacant"] > 2
    assert not any(crew.human(who).acting for who in (c, e))
    several = Crew([(a, b), (b,), (f,), (g,), (e,), (b,)], several=True)
    several.live([("war",), ("line", 4, (e, b)), ("ill", (a, e), "ill")])
    assert len(several.human(b).acting) == 3


# --- rule 10: once, however often it is sent ------------------------------------------

LEVELS = (LevelAuthority(1, ("commander",)), *DEFAULT[1:])
HOME = (COMMUNITY_11.path,)


class Story:
    """One command of every kind, each carried out, with who sent it and when."""

    def __init__(self, handler):
        self.day = Day(handler)
        self.told = []

    async def tell(self, command, account, **more):
        """Give a command that is carried out."""
        actor = account if isinstance(account, Actor) else Actor(account)
        command_id = more.pop("command_id", f"story{len(self.told)}")
        head = self.day.handler.log.recorder.head().seq
        more = {"session": f"s-{actor.account}", "seen_seq": head, **more}
        who = by(command_id, actor, **more)
        receipt = await self.day.handler.handle(command, who, self.day.now)
        self.told.append((command, who, self.day.now, receipt))
        return receipt

    async def pass_time(self, hours):
        """Let time pass and the timer tell what is due."""
        self.day.now += hours * HOUR
        self.day.handler.states.refresh()
        for command_id, command in due(Reader(self.day.handler.states), self.day.now):
            await self.tell(command, SERVICE, command_id=command_id)

    def made(self):
        """Return what is said of the newest proposal, and its digest."""
        *_, newest = self.day.read(APPROVALS).proposals.values()
        return {"proposal": newest.made.proposal, "reason": "r"}, newest.made.digest

    async def all(self):
        """Tell everything."""
        for command in BEGINNING:
            await self.tell(command, ADMINISTRATOR)
        await self._authority()
        await self._emergency()
        await self._folk()
        await self._packages()
        await self._posts()
        await self._watch()
        await self._two_people()
        await self._orders()
        await self._goods()
        await self.pass_time(48)
        alarms = AcknowledgeAlarm(alarm=self._alarm())
        await self.tell(alarms, "gao")
        await self.tell(RecordRead(account="xu", what="record"), "xu")
        await self.tell(RecordAccountAct(account="xu", act="token-made"), "xu")

    def _alarm(self):
        phase, step, due_us = min(self.day.read(EMERGENCIES).all["e2"].passed)
        return f"deadline:e2:{phase}:{step}:{due_us}"

    async def _authority(self):
        await self.tell(SetAuthority(levels=LEVELS, basis="令"), ADMINISTRATOR)
        absence = RecordAbsence(
            absence="a1", role="deputy", area=SONGJIANG, hours=2, reason="r"
        )
        await self.tell(absence, "sun")
        await self.tell(EndAbsence(absence="a1"), "sun")
        lend = DelegateRole(
            grant="g-xu-2", account="xu", lent="g-wu", area=STREET_1,
            until_us=NOW + 99 * HOUR, reason="出差",
        )  # fmt: skip
        await self.tell(lend, "wu")

    async def _emergency(self):
        declare = self.day.switch("declare", "e1", 4, (STREET_1,), (), "flood")
        await self.tell(declare, "xu")
        take = RevokeRole(account="xu", grant="g-xu-2", reason="回岗")
        await self.tell(take, "wu")
        step = {"site": SITES[0], "step": "open-doors"}
        await self.tell(AcknowledgeStep(**step), "ma")
        await self.tell(CompleteStep(**step), "ma")
        here = {"emergency": "e1", "basis": "令"}
        await self.tell(ChangeLevel(**here, level=3, raising=True), "wu")
        extend = ExtendExpectation(**here, expected_hours=25)
        await self.tell(extend, "wu")
        await self.tell(Regrade(**here, severity="large", warning="red"), "sun")
        await self.tell(WidenScope(**here, added=(STREET_2,)), "wu")
        await self.tell(NarrowScope(**here, removed=(COMMUNITY_12,)), "wu")
        over = self.day.switch("declare", "e4", 4, (COMMUNITY_11,), (), "epidemic")
        await self.tell(over, "wu")  # its site is a shelter: passed over
        await self.tell(EndEmergency(**here), "wu")
        await self.tell(CompleteStep(site=SITES[0], step="clean-up"), "ma")
        free = NoteFreed(emergency="e4", freed=(PassedOver(SITES[0], 1),))
        await self.tell(free, SERVICE, command_id="freed:1")
        here = {"emergency": "e4", "basis": "令"}
        await self.tell(TakeUpSites(**here, sites=(SITES[0],)), "wu")
        await self.tell(VoidEmergency(emergency="e4", reason="误发"), "wu")

    async def _folk(self):
        await self.tell(enrols(*map(person, (A, B, C, D, E, F))), ADMINISTRATOR)
        for who in (A, B, C):
            bind = BindAccount(person=who, account=login(who))
            await self.tell(bind, "ma")
        opening = {"opening": "c-1", "area": STREET_1, "basis": "令"}
        await self.tell(OpenCheckIn(**opening), "gao")
        here = {"person": A, "community": COMMUNITY_11.code}
        reported = CheckIn(**here, stage="reported", source="phone")
        await self.tell(reported, login(A))
        present = CheckIn(**here, stage="present", source="paper")
        await self.tell(present, "ma", occurred_us=NOW)
        new = {**here, "person": "h-0123456789ab"}
        come = WalkUp(**new, skills=(), sealed="5e", source="staff")
        await self.tell(come, "ma")
        merge = MergePerson(person=new["person"], into=F)
        await self.tell(merge, "ma")
        await self._hours(here)
        await self.tell(CloseCheckIn(opening="c-1"), "gao")

    async def _hours(self, here):
        began = self.day.now
        await self.pass_time(1)
        left = CheckIn(**here, stage="left", source="phone")
        await self.tell(left, login(A))
        [served] = self.day.read(attendance_stream(A)).stretches
        mine = Seen(f"{A}.1", version_of(served))
        await self.tell(CertifyClaims(claims=(mine,)), "ma")
        refuse = RefuseHours(stretch=mine.stretch, reason="核对有误")
        await self.tell(refuse, "ma")
        certify = CertifyHours(stretch=mine.stretch, reason="已补材料")
        await self.tell(certify, "ma")
        there = {"community": COMMUNITY_12.code, "what": "搬运", "basis": "令"}
        times = {"from_us": began, "to_us": self.day.now}
        await self.tell(RecordService(person=B, **there, **times), "gao")
        await self.tell(RecogniseHours(stretch=f"{B}.1"), "ma")

    async def _packages(self):
        kinds = (msgspec.structs.replace(DEFAULT_KINDS[0], load=9), *DEFAULT_KINDS[1:])
        await self.tell(SetPackageKinds(kinds=kinds), ADMINISTRATOR)
        notice = SetNoticeRule(rule="night", kinds=("shortage",))
        await self.tell(notice, ADMINISTRATOR)
        await self.tell(RemoveNoticeRule(rule="night"), ADMINISTRATOR)
        here = {"kind": "compound", "target": COMPOUND.code}
        row = PackageRow(**here, party=Party("person", A))
        await self.tell(AssignPackages(rows=(row,)), "gao")
        await self.tell(HandOverPackage(**here, party=Party("person", D)), "ma")
        await self.tell(ReleasePackage(**here, reason="拆除"), "ma")

    async def _posts(self):
        await self.tell(defines(SEAT, HEAD, DESK), "gao")
        here = {"post": SEAT.post}
        gone = {"people": (A,)}
        await self.tell(MarkUnavailable(**gone, cause="leave"), "ma")
        await self.tell(Decline(**here), login(B))
        await self.tell(Accept(**here), login(C))
        await self.tell(TakeItem(**here, item="situation"), login(C))
        await self.tell(MarkAvailable(**gone), "ma")
        due_us = self.day.now + 1
        away = MarkUnavailable(people=(F,), cause="leave", until_us=due_us)
        await self.tell(away, "ma")
        self.day.now = due_us
        await self.tell(RecordAbsencePassed(person=F, due_us=due_us), SERVICE)
        await self.tell(MarkAvailable(people=(F,)), "ma")
        await self.tell(Substitute(**here, person=B, reason="换岗"), "gao")
        self.day.now += 15 * MINUTE
        made = self.day.read(post_stream(SEAT.post)).made
        wait = RecordWait(**here, substitution=made.substitution, what="accept",
                          due_us=self.day.now)  # fmt: skip
        await self.tell(wait, SERVICE, command_id=f"wait:{made.substitution}:accept")
        await self.tell(Accept(**here), "gao")
        await self.tell(ConfirmSafety(**here), login(A))
        await self.tell(ConfirmSafety(**here), "ma")
        await self.tell(SetChain(post=DESK.post, chain=(F, E)), "gao")
        await self.tell(Appoint(post=DESK.post, person=E, reason="任免"), "gao")

    async def _watch(self):
        guard = PublishPlaybook(playbook="guard-plan", text=GUARD_TEXT)
        await self.tell(guard, ADMINISTRATOR)
        declare = self.day.switch("declare", "e3", 4, (COMMUNITY_11,), (), "epidemic")
        declare = msgspec.structs.replace(declare, playbook="guard-plan")
        await self.tell(declare, "chen")
        here = {"post": SEAT.post}
        await self.tell(Seize(**here, reason="联系不上"), login(B))
        await self.tell(Ratify(**here), "gao")
        await self.tell(TakeBack(**here), login(A))
        since = self.day.now
        self.day.now += 17 * MINUTE
        away = RecordOutage(from_us=since)
        await self.tell(away, SERVICE, command_id=f"outage:{since}")
        await self.tell(RecordMended(store="previews", fault="missing"), SERVICE)
        lost = {"store": "log", "fault": "older", "known": 9, "found": 7}
        await self.tell(AcceptStore(**lost, basis="恢复备份"), ADMINISTRATOR)
        jumped = {"from_us": since, "to_us": self.day.now}
        await self.tell(AcceptClock(**jumped, basis="授时"), ADMINISTRATOR)
        self.day.now += 30 * MINUTE
        silent = RecordSilence(**here, person=A, due_us=since + 30 * MINUTE)
        await self.tell(silent, SERVICE, command_id=f"silence:{self.day.now}")
        forget = ForgetPerson(person=C, reason="事后销毁")
        await self.tell(forget, ADMINISTRATOR)
        over = {"emergency": "e3", "basis": "令"}
        await self.tell(EndEmergency(**over), "chen")

    async def _two_people(self):
        declare = self.day.switch("declare", "e2", 2, (STREET_1,), (), "flood")
        said = {"kind": "declare", "emergency": "e2", "level": 2, "carried": declare}
        propose = ProposeDecision(**said, minutes=30)
        proved = {"reauthenticated": "password"}
        await self.tell(propose, "wu")
        await self.tell(WithdrawProposal(**self.made()[0]), "wu")
        await self.tell(propose, "wu")
        await self.tell(RejectProposal(**self.made()[0]), "chen")
        await self.tell(propose, "wu")
        newest, digest = self.made()
        await self.tell(ApproveProposal(**newest, digest=digest), "chen", **proved)
        here = {"emergency": "e2", "basis": "令"}
        worse = ChangeLevel(**here, level=1, raising=True)
        said = {"kind": "level", "emergency": "e2", "level": 1, "carried": worse}
        await self.tell(BreakGlass(**said, reason="r"), "sun", **proved)
        [glass] = self.day.read(APPROVALS).glasses.values()
        review = ReviewGlass(glass=glass.broken.glass, reason="r", confirmed=False)
        await self.tell(review, "chen")
        end = {"kind": "end", "emergency": "e2", "level": 1}
        waits = ProposeDecision(**end, carried=EndEmergency(**here), minutes=60)
        await self.tell(waits, "wu")

    async def _orders(self):
        order = IssueOrder(
            order="o1", scope=(STREET_1,), roles=("street-staff",), title="t",
            text="t", ack_minutes=30, basis="令",
        )  # fmt: skip
        await self.tell(order, "gao")
        await self.tell(RemindOrder(order="o1"), "gao")
        answer = AnswerOrder(order="o1", area=STREET_1, role="street-staff", done=True)
        await self.tell(answer, "gao")
        mistake = CorrectFact(fact=self.told[-1][3].first_seq, reason="误")
        await self.tell(mistake, "gao")
        second = msgspec.structs.replace(order, order="o2")
        await self.tell(second, "chen")
        cancel = WithdrawOrder(order="o2", reason="误")
        await self.tell(cancel, "chen")

    async def _goods(self):
        here, there = SITES[:2]
        parts = (catalogue_of, shelf_of, way_of, count_of, requests_of)
        for part in parts:
            for command, account, *minutes in part(here, there, self.day.now):
                self.day.now += sum(minutes) * MINUTE
                await self.tell(command, account)
                if isinstance(command, ApproveReallocation):
                    # The slip of an order is made from the command's id.
                    made = f"story{len(self.told) - 1}:{here}>{there}:0"
                    off = CancelTransfer(slip=id_of("t", made), reason="r")
                    await self.tell(off, "ma")


def catalogue_of(here, there, now):
    """Yield what comes before goods: (command, who, minutes later)."""
    residents = (Residents(COMMUNITY_11.code, 31_200),)
    yield StatePopulation(area=STREET_1, rows=residents), "gao"
    yield ImportItems(rows=(ItemRow(2, MASK), ItemRow(3, TENT))), ADMINISTRATOR
    yield OpenStation(station=here), "gao"
    yield OpenStation(station=there), "gao"
    levels = (LevelRow("mask", (10, 20, 30), (400, 500, 600)),)
    yield SetLevels(station=here, rows=levels), "gao"
    yield SetPlace(station=here, item="mask", place="A-01"), "ma"
    lines = (
        Delivered("mask", 100, "a"),
        Delivered("mask", 20, "b", expires_us=now + 2 * MINUTE),
        Delivered("tent", 9, "t"),
    )
    owner = Whom("requisition", "某酒店")
    taken = {"source": owner, "emergency": "e1", "document": "征用令"}
    yield Receive(slip="r-1", station=here, **taken, lines=lines), "ma"
    yield NoteShortages(station=here, items=("mask", "tent")), SERVICE


def shelf_of(here, _there, _now):
    """Yield what becomes of goods on a shelf."""
    masks = (Wish("mask", 10),)
    kept = {"station": here, "reservation": "v-1"}
    yield Reserve(**kept, purpose=SQUAD, lines=masks), "ma"
    yield Release(**kept, items=("mask",)), "ma"
    yield Issue(slip="i-1", station=here, to=SQUAD, lines=masks), "ma"
    one = (OfLot("mask", "b", 1),)
    yield ReturnGoods(issue="i-1", lines=one, good=True), "ma"
    yield NoteExpiry(station=here, lots=(LotHere("mask", "b"),)), SERVICE, 2
    waste = (OfLot("mask", "b", 11),)
    spoilt = Scrap(slip="x-1", station=here, cause="expired", lines=waste, reason="r")
    yield spoilt, "gao"
    of = {"item": "mask", "lot": "a", "reason": "r"}
    wrong = {"slip": "a-1", "change": 1, "corrects": "i-1"}
    yield Adjust(station=here, **of, **wrong), "gao"
    for status in ("on-hold", "approved"):
        yield SetLotStatus(station=here, **of, status=status), "ma"
    for status in ("quarantined", "approved"):
        yield SetLotStatus(**of, status=status), "chen"
    for status in ("recalled", "approved"):
        what = {"item": "mask", "batch": "b-7", "status": status}
        yield RecallBatch(**what, reason="r"), "chen"


def way_of(here, there, now):
    """Yield what becomes of goods between stations."""
    sent = {"slip": "s-1", "lines": (Wish("mask", 10),)}
    ship = Ship(**sent, station=here, to=there, expected_us=now + MINUTE)
    yield ship, "ma"
    yield RecordLate(slip="s-1"), SERVICE, 1
    nine, one = (OfLot("mask", "a", 9),), (OfLot("mask", "a", 1),)
    yield Arrive(slip="s-1", lines=nine, complete=True), "gao"
    off = {"cause": "lost", "owner": "运输队", "lines": one, "reason": "r"}
    yield CloseShortfall(slip="s-1", **off), "wu"
    legs = {"legs": (Leg(here, there, "tent", 2),), "reason": "r", "digest": "d"}
    yield ApproveReallocation(reallocation="w-1", area=STREET_1, **legs), "gao"
    back = {"slip": "r-1", "lines": (OfLot("tent", "t", 1),)}
    yield GiveBack(**back, station=here), "gao"
    paid = {"fen": 5_000, "document": "发票", "recorded": 1}
    yield Compensate(**back, **paid), "gao"


def count_of(here, _there, _now):
    """Yield a count that finds one tent too few, and who keeps the station then."""
    count = {"slip": "c-1"}
    yield OpenCount(**count, station=here, sheet=(Lot("tent", "t"),)), "ma"
    found = RecordCounts(**count, lines=(Counted("tent", "t", 7, 2),))
    yield found, "ma"
    yield found, "gao"
    lost = {"item": "tent", "lot": "t", "cause": "lost", "reason": "r"}
    yield SettleVariance(**count, **lost), "wu"
    yield CloseCount(**count), "ma"
    yield TakeCustody(station=here, count="c-1"), "ma"
    yield WithdrawItem(item="tent"), ADMINISTRATOR


def requests_of(here, _there, _now):
    """Yield three requests: one is served, one refused, one called off."""
    names = [f"{COMMUNITY_11.code}-q-{n}" for n in (1, 2, 3)]
    lines = (Want("mask", 5),)
    said = {"area": COMMUNITY_11, "priority": 2, "lines": lines}
    for name in names:
        yield MakeRequest(request=name, to=BUILDING.code, **said), "ma"
    served = {"request": names[0]}
    yield TriageRequest(**served, station=here, priority=1, lines=lines), "gao"
    yield AllocateRequest(**served), "ma"
    yield DispatchRequest(**served, slip="i-2"), "ma"
    yield Deliver(**served, slip="i-2", proof="7"), "ma"
    yield ConfirmDelivery(**served, slip="i-2"), "gao"
    yield RefuseRequest(request=names[1], reason="r"), "gao"
    yield WithdrawRequest(request=names[2]), "ma"


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """A log in which every kind of command was carried out, and its door."""
    path = tmp_path_factory.mktemp("story") / "log.db"
    with door(path, clock=Clock()) as handler:
        story = Story(handler)
        asyncio.run(story.all())
        yield story


def test_the_story_has_every_kind_of_command(story):
    """No command is forgotten by the rules about all of them."""
    told = {type(command) for command, *_ in story.told}
    left = {kind.__name__ for kind in set(DECIDERS) - told}
    assert not left, "give it a line in the story, beside its like: `yield Command(…)`"
    timed = {RecordDeadline, RecordExpectation, RecordExpiry, RecordOrderOverdue,
             RecordWait, RecordSilence, RecordAbsencePassed, NoteExpiry, NoteShortages,
             RecordLate, RecordOutage}  # fmt: skip
    assert timed <= told


@given(data=st.data())
@SLOW
def test_every_command_is_carried_out_once_however_often_it_is_sent(story, data):
    """Rule 10: the same receipt, nothing new; another body under its id is refused."""
    log = story.day.handler.log
    head = log.recorder.head()
    later = data.draw(st.integers(0, 72)) * HOUR
    sent = data.draw(st.lists(st.sampled_from(story.told), min_size=1, max_size=12))
    handler = another_door(log) if data.draw(st.booleans()) else story.day.handler

    async def again():
        for command, who, now, receipt in sent:
            told = asked_anew(command)
            assert await handler.handle(told, who, now + later) == receipt
            with pytest.raises(CommandIdReused):
                await handler.handle(altered(command), who, now)

    asyncio.run(again())
    assert log.recorder.head() == head


def altered(command):
    """Return another command of the same kind."""
    if isinstance(command, (ProposeDecision, BreakGlass)):
        carried = msgspec.structs.replace(command.carried, reason="other")
        return msgspec.structs.replace(command, carried=carried)
    return msgspec.structs.replace(command, reason="other")


def asked_anew(command):
    """Return a command as a way in would send it again: views may say otherwise."""
    changed = {name: 0 if name == "looked" else () for name in command.VIEWED}
    return msgspec.structs.replace(command, **changed)


def test_every_event_of_the_story_says_who_and_why(story):
    """Rule 11: a role with its grant or an own account; basis and step where due."""
    rows = all_rows(story.day.handler.log)
    check_envelopes(rows)
    by_command = {who.command_id: command for command, who, *_ in story.told}
    for row in rows:
        fact, said = event_of(row), envelope_of(row)
        command = by_command[said.command]
        told = command
        if isinstance(fact, SWITCHED) and isinstance(command, BreakGlass):
            told = command.carried
        if not isinstance(command, ApproveProposal):
            assert (said.basis, said.reason) == (told.basis, told.reason)
        assert said.step == told.playbook_step
    lent = [envelope_of(r) for r in rows if envelope_of(r).on_behalf_of]
    assert {(e.actor, e.role, e.on_behalf_of) for e in lent} == {("xu", "deputy", "wu")}
    assert check_two_people(rows) == {"two": 1, "alone": 1}


def test_the_story_reads_the_same_from_the_first_event(story):
    """Rule 15: a door that knows nothing yet folds what this one knows."""
    reborn = Reader(another_door(story.day.handler.log).states)
    for stream in streams.values():
        assert story.day.read(stream) == reborn(stream)
    for account in PEOPLE:
        grants = grants_stream(account)
        assert story.day.read(grants) == reborn(grants)
    for stock in (stock_stream(s, i) for s in SITES for i in ("mask", "tent")):
        assert story.day.read(stock) == reborn(stock)


def test_not_a_unit_of_the_story_is_nowhere(story):
    """Rule 7: read from the log alone, no shelf is ever below nothing."""
    shelves, total = Counter(), Counter()
    for fact in map(event_of, all_rows(story.day.handler.log)):
        if isinstance(fact, StockMoved):
            lot = fact.item, fact.lot
            for account, change in ((fact.source, -1), (fact.destination, 1)):
                place = fact.station if account == "shelf" else account
                shelves[place, *lot] += change * fact.quantity
                total[place] += change * fact.quantity
            assert all(n >= 0 for (at, *_), n in shelves.items() if at in SITES)
    here, there = SITES[:2]
    assert (total[here], total[there]) == (93, 9)
    gone = {"used": 14, "scrap": 11, "lost": 1, "owner": 1, "variance": 0}
    assert {place: total[place] for place in gone} == gone
    assert sum(total.values()) == 0
