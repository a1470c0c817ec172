"""What the tests of views share: a small city whose sites convert, and its model.

The model reads the log from the first fact each time, walks up by parents where the
product compares prefixes, and knows playbooks as JSON only.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field

import msgspec
from hypothesis import strategies as st

from coordination.alarms.decide import AcknowledgeAlarm
from coordination.approvals.decide import (
    ApproveProposal,
    ProposeDecision,
    RejectProposal,
    WithdrawProposal,
)
from coordination.approvals.glass import BreakGlass, ReviewGlass
from coordination.approvals.state import APPROVALS
from coordination.areas.decide import (
    AreaRow,
    ImportAreas,
    LocalPlan,
    RegisterGround,
    SitePlan,
)
from coordination.areas.events import PlannedFunction, SiteRegistered, Space
from coordination.authority.decide import EndAbsence, RecordAbsence, SetAuthority
from coordination.authority.state import DEFAULT
from coordination.checkin.certifying import CertifyHours, RecogniseHours, RefuseHours
from coordination.checkin.decide import (
    CheckIn,
    CloseCheckIn,
    OpenCheckIn,
    WalkUp,
)
from coordination.checkin.events import MemberLeft, MemberPresent
from coordination.checkin.recording import RecordService
from coordination.correcting import CorrectFact
from coordination.deadlines.due import due
from coordination.folding import Reader
from coordination.grants.accounts import RecordAccountAct
from coordination.grants.decide import (
    DelegateRole,
    GrantRoles,
    GrantRow,
    RecordRead,
    RevokeRole,
)
from coordination.mode.changes import (
    ChangeLevel,
    NarrowScope,
    WidenScope,
)
from coordination.mode.decide import (
    DeclareEmergency,
    EndEmergency,
    VoidEmergency,
)
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    EmergencyVoided,
    LevelLowered,
    LevelRaised,
    PassedOver,
    PlaybookPublished,
    ScopeNarrowed,
    ScopeWidened,
    SitesTakenUp,
    StepAcknowledged,
    StepCompleted,
)
from coordination.mode.plans import PublishPlaybook
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.mode.taking import NoteFreed, TakeUpSites
from coordination.mode.terms import ExtendExpectation, Regrade
from coordination.notices.decide import RemoveNoticeRule, SetNoticeRule
from coordination.orders.answering import AnswerOrder
from coordination.orders.decide import IssueOrder, RemindOrder, WithdrawOrder
from coordination.orders.events import (
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
)
from coordination.packages.decide import (
    AssignPackages,
    HandOverPackage,
    PackageRow,
    ReleasePackage,
)
from coordination.packages.events import PERSON, POST, Party
from coordination.packages.kinds import SetPackageKinds
from coordination.packages.state import DEFAULT_KINDS
from coordination.people.availability import (
    MarkAvailable,
    MarkUnavailable,
    RecordAbsencePassed,
)
from coordination.people.events import AccountBound, PersonMerged
from coordination.people.identity import BindAccount, ForgetPerson, MergePerson
from coordination.posts.decide import SetChain
from coordination.posts.events import HandoverItemTaken
from coordination.posts.handover import TakeItem
from coordination.posts.safety import ConfirmSafety, RecordSilence, RecordWait
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
from coordination.refusals import Refusal
from coordination.service.decide import RecordOutage
from coordination.service.stores import AcceptClock, AcceptStore, RecordMended
from coordination.vocabulary import HANDOVER_ITEMS
from projections.alarms_view import ALARMS
from projections.approvals import APPROVALS as APPROVALS_VIEW
from projections.board_view import BOARD
from projections.coverage import COVERAGE
from projections.directives import DIRECTIVES
from projections.outbox import OUTBOX
from projections.posts import POSTS
from projections.rebuild import rebuild
from projections.rights import RIGHTS
from projections.roster_view import ROSTER
from projections.slips_view import SLIPS
from projections.store import open_views
from projections.supplies_view import SUPPLIES
from projections.temporal import differences
from projections.timeline import TIMELINE
from projections.view import fact_of
from tests.given import (
    ADMINISTRATOR,
    BUILDING,
    COMMANDER,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMMUNITY_22,
    COMPOUND,
    DESK,
    EPIDEMIC_TEXT,
    FLOOD_TEXT,
    GRID,
    GUARD_TEXT,
    HEAD,
    HOUR,
    IMPORT,
    MINUTE,
    NODES,
    NOW,
    OFFICIAL,
    PARENTS,
    SEAT,
    SERVICE,
    SONGJIANG,
    STREET_1,
    STREET_2,
    STREET_STAFF,
    A,
    B,
    C,
    D,
    E,
    F,
    all_rows,
    by,
    defines,
    enrols,
    login,
    person,
)
from tests.views.keeping import play_goods

VIEWS = (BOARD, TIMELINE)
"""What the small city's own tests look at."""
PEOPLE_VIEWS = (ROSTER, POSTS, COVERAGE)
ALL_VIEWS = (
    *VIEWS, ALARMS, APPROVALS_VIEW, DIRECTIVES, RIGHTS, OUTBOX, *PEOPLE_VIEWS,
    SUPPLIES, SLIPS,
)  # fmt: skip
MAYOR = Actor("li", "head-of-government")
"""Who approves what the commander proposes."""
LEVELS = {"I": 1, "II": 2, "III": 3, "IV": 4}
PLANS = {"flood": "flood-plan", "epidemic": "epidemic-plan"}
GUARD = "guard-plan"
SITES = {
    "310117001-s1": (STREET_1, {"flood": "command-post", "epidemic": "sampling-point"}),
    "310117001001-s1": (COMMUNITY_11, {"flood": "shelter"}),
    "310117001001-s2": (COMMUNITY_11, {}),
    "310117001001g01-s1": (GRID, {"flood": "shelter", "epidemic": "sampling-point"}),
    "310117001002-s1": (COMMUNITY_12, {"epidemic": "sampling-point"}),
    "310117002-s1": (STREET_2, {"flood": "command-post"}),
    "310117002001-s1": (COMMUNITY_21, {"flood": "shelter"}),
    "310117002001-s2": (COMMUNITY_21, {"flood": "command-post", "fire": "shelter"}),
    "310117002002-s1": (
        COMMUNITY_22,
        {"flood": "shelter", "epidemic": "sampling-point"},
    ),
}
"""Site -> where it stands and what it becomes."""
STEPS = (
    *("open-doors", "set-beds", "call-doctor", "hang-banner", "clean-up"),
    *("wire-up", "wire-down", "mark-lanes", "disinfect"),
)
COMMUNITIES = (COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, COMMUNITY_22)
NAMED = (SONGJIANG, STREET_1, STREET_2, *COMMUNITIES, GRID)
"""Areas that an order may name."""


def plan(site, planned=None, name="阵地", capacity=10):
    """Return the registration of a site of the city."""
    area, functions = SITES[site]
    functions = functions if planned is None else planned
    return SitePlan(
        site,
        area.code,
        name,
        "service-station",
        tuple(PlannedFunction(h, f) for h, f in functions.items()),
        (Space("大厅", "hall", capacity),),
        ("water",),
    )


def ground(*plans, grids=False):
    """Return the registration of sites of one street, with grids if they are new."""
    return RegisterGround(
        street=f"{plans[0].site[:9]}000",
        local=(LocalPlan(COMMUNITY_11.code, NODES),) if grids else (),
        sites=plans,
    )


def standing_in(street):
    """Return the registrations of all sites in a street."""
    return [plan(site) for site in SITES if site.startswith(street.path)]


BEGINNING = (
    (IMPORT, ADMINISTRATOR),
    (PublishPlaybook(playbook="flood-plan", text=FLOOD_TEXT), ADMINISTRATOR),
    (PublishPlaybook(playbook="epidemic-plan", text=EPIDEMIC_TEXT), ADMINISTRATOR),
    (ground(*standing_in(STREET_1), grids=True), ADMINISTRATOR),
    (ground(*standing_in(STREET_2)), ADMINISTRATOR),
)


def declare(
    emergency, *scope, without=(), hazard="flood", level=3, hours=24, playbook=""
):
    """Return a declaration."""
    return DeclareEmergency(
        emergency=emergency,
        hazard=hazard,
        level=level,
        scope=scope,
        excluded=tuple(without),
        matter="暴雨",
        measures="转移",
        expected_hours=hours,
        playbook=playbook or PLANS[hazard],
        basis="防指〔2024〕7号",
    )


def rename(place, name):
    """Return an area file that gives one area another name."""
    parent = PARENTS[place]
    code = parent.code if parent else ""
    return ImportAreas(rows=(AreaRow(2, place.code, name, place.level, code),))


class City:
    """Gives commands to the city's door, one after the other, and keeps the time."""

    def __init__(self, handler, now=NOW):
        self.handler = handler
        self.now = now
        self.given = 0
        self.declared = 0

    @property
    def log(self):
        """What the views read."""
        return self.handler.log.recorder

    async def begin(self):
        """Register areas, plans and sites."""
        for number, (command, actor) in enumerate(BEGINNING):
            await self.handler.handle(command, by(f"begin{number}", actor), self.now)

    async def give(self, command, actor=COMMANDER, command_id="", **more):
        """Give a command that must be accepted."""
        self.given += 1
        who = by(command_id or f"c{self.given}", actor, **more)
        self.handler.states.refresh()
        held = command.held(Reader(self.handler.states, who, self.now))
        if held is not None and held.now:  # as its author saw it
            command = msgspec.structs.replace(command, expected=held.now)
        return await self.handler.handle(command, who, self.now)

    async def give_own(self, command, who):
        """Give a command of somebody's own, signed in as they are."""
        return await self.give(command, Actor(login(who), "member"))

    async def wait(self, plan, what):
        """Record that a wait of a post has passed."""
        found = self.read(post_stream(plan.post))
        made, due_us = found.made.substitution, found.waits()[what]
        said = {"post": plan.post, "substitution": made, "what": what}
        await self.give(RecordWait(**said, due_us=due_us), SERVICE)

    async def tick(self, minutes=0):
        """Let time pass, then record what is due."""
        self.now += minutes * MINUTE
        for command_id, command in list(due(self.read, self.now)):
            await self.give(command, SERVICE, command_id)

    async def change(self, kind, emergency, **more):
        """Change an emergency."""
        await self.give(kind(emergency=emergency, basis="b", **more))

    async def correct(self, kind, actor=COMMANDER, *, alike=None, **instead):
        """Correct the newest fact of a kind; ``alike``: only if it is so too."""
        corrected = {getattr(f.event, "corrects", 0) for f in self.facts()}
        wrong = [
            f.seq
            for f in self.facts()
            if isinstance(f.event, kind)
            and f.seq not in corrected
            and (alike is None or alike(f.event))
        ]
        command = CorrectFact(fact=wrong[-1], reason="登记有误", **instead)
        return await self.give(command, actor)

    async def end(self, emergency):
        """End an emergency."""
        await self.change(EndEmergency, emergency)

    @property
    def read(self):
        """What decisions fold, as the log stands now."""
        self.handler.states.refresh()
        return Reader(self.handler.states)

    def facts(self):
        """Return the whole log, decoded."""
        return [fact_of(row) for row in all_rows(self.handler.log)]

    async def follow(self, order):
        """Carry out one random order; a refusal is as good an answer as a receipt."""
        kind, *what = order
        with contextlib.suppress(Refusal):
            await getattr(self, f"_{kind}")(*what)

    async def _declare(self, hazard, level, scope, excluded):
        self.declared += 1
        await self.give(
            declare(
                f"e{self.declared}",
                *scope,
                without=excluded,
                hazard=hazard,
                level=level,
            )
        )

    async def _change(self, kind, number, more):
        active = sorted(e.declared.emergency for e in self.read(EMERGENCIES).active())
        if active:
            await self.change(kind, active[number % len(active)], **more)

    async def _step(self, kind, number):
        """Take one of the steps that the model calls open."""
        still = [
            {"site": site, "step": step, "emergency": emergency}
            for site, duties in model(self.facts()).items()
            for emergency, standing in duties.items()
            for step in standing.listed
            if step not in standing.done
        ]
        if still:
            await self.give(kind(**still[number % len(still)]))

    async def _paper(self, number):
        """Enter a step of a conversion that is over by now."""
        over = [
            (site, emergency, duty)
            for site, duties in model(self.facts()).items()
            for emergency, duty in duties.items()
            if duty.phase == "recover"
        ]
        if not over:
            return
        site, emergency, duty = over[number % len(over)]
        step = ("open-doors", "set-beds", "wire-up", "mark-lanes")[number % 4]
        command = CompleteStep(site=site, step=step, emergency=emergency)
        await self.give(command, occurred_us=duty.since[0][0] - 1)

    async def _take_up(self, number):
        """Have somebody convert who was passed over."""
        over = [
            {"emergency": emergency, "sites": (site,)}
            for site, duties in model(self.facts()).items()
            for emergency, duty in duties.items()
            if duty.phase == "passed-over"
        ]
        if over:
            await self.give(TakeUpSites(**over[number % len(over)], basis="b"))

    async def _any_step(self, kind, site, step):
        await self.give(kind(site=site, step=step))

    async def _correct(self, number):
        """Take back that one of the steps was seen or done."""
        taken = [
            f.seq
            for f in self.facts()
            if isinstance(f.event, StepAcknowledged | StepCompleted)
        ]
        if taken:
            seq = taken[number % len(taken)]
            await self.give(CorrectFact(fact=seq, reason="登记有误"))

    async def _pass(self, minutes):
        await self.tick(minutes)

    async def _rename(self, place, name):
        await self.give(rename(place, name), ADMINISTRATOR)

    async def _register(self, site, capacity):
        """Register a site anew: other rooms, the same plans."""
        await self.give(ground(plan(site, capacity=capacity)), ADMINISTRATOR)


places = st.lists(st.sampled_from(NAMED), unique=True, max_size=3).map(tuple)
kinds = st.sampled_from([AcknowledgeStep, CompleteStep, CompleteStep])
numbers = st.integers(0, 60)
SWITCHING = [
    st.tuples(
        st.just("declare"),
        st.sampled_from(list(PLANS)),
        st.sampled_from([3, 3, 4]),
        places.filter(len),
        places,
    ),
    st.tuples(st.just("change"), st.just(EndEmergency), numbers, st.just({})),
    st.tuples(st.just("change"), st.just(VoidEmergency), numbers,
              st.just({"reason": "误发"})),
    st.tuples(st.just("paper"), numbers),
    st.tuples(st.just("take_up"), numbers),
    st.tuples(
        st.just("change"),
        st.just(ChangeLevel),
        numbers,
        st.sampled_from([(4, False), (3, True)]).map(
            lambda to: {"level": to[0], "raising": to[1]}
        ),
    ),
    st.tuples(
        st.just("change"),
        st.just(WidenScope),
        numbers,
        st.builds(lambda a: {"added": a}, places.filter(len)),
    ),
    st.tuples(
        st.just("change"),
        st.just(NarrowScope),
        numbers,
        st.builds(lambda a: {"removed": a}, places.filter(len)),
    ),
    st.tuples(st.just("step"), kinds, numbers),
    st.tuples(st.just("step"), kinds, numbers),
    st.tuples(st.just("any_step"), kinds, st.sampled_from(list(SITES)),
              st.sampled_from(STEPS)),
    st.tuples(st.just("pass"), st.sampled_from([10, 35, 70, 150])),
    st.tuples(st.just("correct"), numbers),
]  # fmt: skip
CHANGING = [
    st.tuples(
        st.just("rename"), st.sampled_from(OFFICIAL), st.sampled_from(["甲", "乙"])
    ),
    st.tuples(st.just("register"), st.sampled_from(list(SITES)), st.integers(1, 3)),
]


def runs(*kinds_of_order, size=12):
    """Return sequences of orders, a declaration first."""
    first = st.tuples(
        st.just("declare"),
        st.sampled_from(list(PLANS)),
        st.just(3),
        st.sampled_from([(SONGJIANG,), (STREET_1,), (STREET_1, COMMUNITY_21)]),
        st.sampled_from([(), (COMMUNITY_11,), (COMMUNITY_12,)]),
    )
    rest = st.lists(st.one_of(*kinds_of_order), max_size=size)
    return st.builds(lambda a, b: [a, *b], first, rest)


async def script(city):
    """Play a morning in which everything happens that has an event."""
    await city.begin()
    await play_switches(city)
    await play_goods(city)
    await play_rights(city)
    await play_approvals(city)
    await play_orders(city)
    await play_check_in(city)
    await play_posts(city)
    await play_packages(city)
    away = city.now
    city.now += 17 * MINUTE
    await city.give(RecordOutage(from_us=away), SERVICE)
    await city.give(RecordMended(store="previews", fault="missing"), SERVICE)
    lost = AcceptStore(store="log", fault="older", known=9, found=7, basis="恢复备份")
    await city.give(lost, ADMINISTRATOR)
    jumped = AcceptClock(from_us=away, to_us=city.now, basis="授时服务核对")
    await city.give(jumped, ADMINISTRATOR)
    await city.tick(60 * 48)


async def play_in_error(city):
    """Void a declaration; who was passed over for it is taken up."""
    await city.give(declare("v", STREET_2, level=4))
    await city.give(declare("w", COMMUNITY_22, hazard="epidemic", level=4))
    await city.give(VoidEmergency(emergency="v", reason="误发"))
    free = "310117002002-s1"
    noted = NoteFreed(emergency="w", freed=(PassedOver(free, 1),))
    await city.give(noted, SERVICE)
    await city.change(TakeUpSites, "w", sites=(free,))
    await city.end("w")


async def play_switches(city):
    """Switch, change, end; take steps meanwhile."""
    await city.give(declare("a", STREET_1, COMMUNITY_21, without=(COMMUNITY_12,)))
    await city.give(AcknowledgeStep(site="310117001-s1", step="wire-up"))
    await city.give(CompleteStep(site="310117001-s1", step="wire-up"))
    await city.tick(35)
    await city.give(declare("b", COMMUNITY_12, hazard="epidemic", level=4))
    await city.give(rename(STREET_1, "岳阳街道"), ADMINISTRATOR)
    for step in ("open-doors", "set-beds", "call-doctor"):
        await city.give(AcknowledgeStep(site="310117001001-s1", step=step))
        await city.give(CompleteStep(site="310117001001-s1", step=step))
    # Done and seen at the wrong site; then it is so after all.
    await city.correct(StepCompleted)
    await city.correct(StepAcknowledged)
    await city.give(AcknowledgeStep(site="310117001001-s1", step=step))
    await city.give(CompleteStep(site="310117001001-s1", step=step))
    await city.give(ground(plan("310117001001-s1", capacity=99)), ADMINISTRATOR)
    with contextlib.suppress(Refusal):
        await city.give(declare("c", STREET_2, level=1))
    await city.tick(60)
    await city.change(ChangeLevel, "a", level=4, raising=False)
    await city.change(NarrowScope, "a", removed=(COMMUNITY_21,))
    await city.change(ChangeLevel, "a", level=3, raising=True)
    await city.change(WidenScope, "a", added=(STREET_2,), excluded=(COMMUNITY_22,))
    await city.change(Regrade, "a", severity="major", warning="red")
    await city.change(ExtendExpectation, "b", expected_hours=30)
    await city.end("a")
    await city.give(CompleteStep(site="310117001001-s1", step="clean-up"))
    await city.give(CompleteStep(site="310117001002-s1", step="mark-lanes"))
    await play_in_error(city)
    await city.give(declare("d", STREET_1, without=(COMMUNITY_12,), level=4, hours=1))
    await city.tick(200)
    due_us = city.read(EMERGENCIES).all["d"].expected_until_us
    await city.give(AcknowledgeAlarm(alarm=f"expectation:d:{due_us}"))
    await city.end("b")
    await city.end("d")
    await city.tick(500)


async def play_rights(city):
    """Give, lend and take roles; somebody is away; somebody looks."""
    row = GrantRow(grant="g1", account="wang", role="commander", area=None)
    staff = GrantRow(grant="g2", account="qian", role="street-staff", area=STREET_1)
    await city.give(GrantRoles(rows=(row, staff), basis="令"), ADMINISTRATOR)
    until_us = city.now + 60 * MINUTE
    lent = {"grant": "g3", "account": "zhou", "lent": "g1", "until_us": until_us}
    await city.give(DelegateRole(**lent, area=STREET_1, reason="出差"))
    revoke = RevokeRole(account="qian", grant="g2", reason="回岗")
    await city.give(revoke, ADMINISTRATOR)
    await city.give(RecordRead(account="zhao", what="grants"), ADMINISTRATOR)
    for act in ("password", "own-password"):
        acted = RecordAccountAct(account="zhao", act=act)
        await city.give(acted, ADMINISTRATOR)
    levels = (DEFAULT[0], DEFAULT[1], DEFAULT[2], DEFAULT[2])
    levels = tuple(type(e)(n, e.roles, e.chain) for n, e in enumerate(levels, start=1))
    await city.give(SetAuthority(levels=levels, basis="令"), ADMINISTRATOR)
    away = {"absence": "w1", "role": "commander", "area": SONGJIANG}
    await city.give(RecordAbsence(**away, hours=2, reason="出差"))
    await city.give(EndAbsence(absence="w1"))


def proposing(emergency, *scope, minutes=30):
    """Return the proposal of a declaration of Ⅰ."""
    carried = declare(emergency, *scope, level=1)
    return ProposeDecision(
        kind="declare", emergency=emergency, level=1, carried=carried,
        minutes=minutes, basis="b", reason="汛情",
    )  # fmt: skip


def newest(found):
    """Return the last of what approvals know."""
    known = list(found.values())[-1]
    return getattr(known, "made", None) or known.broken


async def play_approvals(city):
    """Two decide together, or do not, or one decides alone."""

    async def proposed(emergency):
        await city.give(proposing(emergency, STREET_2), session="s1")
        made = newest(city.read(APPROVALS).proposals)
        return made, {"proposal": made.proposal}

    proof = {"session": "s2", "reauthenticated": "password"}
    made, named = await proposed("p")
    approve = ApproveProposal(**named, digest=made.digest)
    await city.give(approve, MAYOR, **proof)
    _, named = await proposed("q")
    await city.give(RejectProposal(**named, reason="不必"), MAYOR, **proof)
    _, named = await proposed("q")
    await city.give(WithdrawProposal(**named), session="s1")
    await proposed("q")
    await city.tick(40)
    for emergency in ("r", "s"):
        alone = BreakGlass(
            kind="declare", emergency=emergency, level=1, reason="联系不上",
            carried=declare(emergency, STREET_2, level=1),
        )  # fmt: skip
        await city.give(alone, **proof)
        made = newest(city.read(APPROVALS).glasses)
        if emergency == "s":
            await city.tick(60 * 25)
        told = {"glass": made.glass, "confirmed": emergency == "r"}
        await city.give(ReviewGlass(**told, reason="属实"), MAYOR)


async def play_orders(city):
    """Issue, remind, correct, withdraw; the base answers."""
    said = {"title": "巡查堤防", "text": "立即", "scope": (STREET_1,), "basis": "b"}
    first = IssueOrder(
        order="o1", roles=("street-staff", "community-secretary"), ack_minutes=10,
        done_minutes=20, **said,
    )  # fmt: skip
    await city.give(first)
    await city.give(RemindOrder(order="o1"))
    await city.tick(15)
    answer = {"order": "o1", "area": STREET_1, "role": "street-staff"}
    await city.give(AnswerOrder(**answer, done=False))  # for the street
    await city.give(AnswerOrder(**answer, done=False), STREET_STAFF)
    await city.give(AnswerOrder(**answer, done=True, note="已查"), STREET_STAFF)
    for mistake in (OrderCarriedOut, OrderAcknowledged, OrderAnsweredFor):
        await city.correct(mistake, STREET_STAFF)
    await city.give(AnswerOrder(**answer, done=True, note="已查"), STREET_STAFF)
    again = IssueOrder(
        order="o2", roles=("community-secretary",), ack_minutes=0, corrects="o1", **said
    )
    await city.give(again)
    await city.give(WithdrawOrder(order="o2", reason="水退"))


FOLK = (A, B, C, D, E, F)
WALK_UP, STRANGER = f"h-{'9' * 12}", f"h-{'8' * 12}"
HERE = {"community": COMMUNITY_11.code}


async def play_check_in(city):
    """People are registered and check in, in peacetime; some turn out to be others."""
    await city.give(enrols(*map(person, FOLK)))
    for who in FOLK:
        bind = BindAccount(person=who, account=login(who))
        await city.give(bind, ADMINISTRATOR)
    await city.correct(AccountBound, ADMINISTRATOR)
    await city.give(bind, ADMINISTRATOR)
    opening = {"opening": "k1", "area": COMMUNITY_11, "basis": "b"}
    # On paper it was open since hours, and so were they there.
    await city.give(OpenCheckIn(**opening), occurred_us=city.now - 3 * HOUR)
    for who, stage in ((A, "reported"), (B, "present")):
        here = CheckIn(person=who, stage=stage, source="phone", **HERE)
        await city.give_own(here, who)
    await city.correct(MemberPresent, STREET_STAFF)  # B was not there
    await city.give_own(here, who)
    rows = ((C, "absent", "staff"), (D, "active", "qr"), (E, "partial", "paper"))
    for who, stage, source in rows:
        told = CheckIn(person=who, stage=stage, source=source, **HERE)
        # From paper, hours later: both times stand.
        await city.give(told, STREET_STAFF, occurred_us=city.now - 2 * HOUR)
    for who in (WALK_UP, STRANGER):
        new = {"person": who, "skills": ("driving",), "sealed": "5e" * 16}
        await city.give(WalkUp(**new, source="staff", **HERE), STREET_STAFF)
    await city.tick(90)
    for who in (D, WALK_UP):
        gone = CheckIn(person=who, stage="left", source="staff", **HERE)
        await city.give(gone, STREET_STAFF)
        await city.correct(MemberLeft, STREET_STAFF)  # not yet; a little later they do
        await city.give(gone, STREET_STAFF)
    await play_hours(city)
    merge = MergePerson(person=WALK_UP, into=F)
    await city.give(merge, STREET_STAFF)
    await city.correct(PersonMerged, STREET_STAFF)
    await city.give(merge, STREET_STAFF)
    forget = ForgetPerson(person=STRANGER, reason="本人要求")
    await city.give(forget, ADMINISTRATOR)
    await city.give(CloseCheckIn(opening="k1"))


async def play_hours(city):
    """Somebody claims hours, another helps elsewhere: certified, corrected, counted."""
    await city.give_own(CheckIn(person=B, stage="left", source="phone", **HERE), B)
    mine, abroad = f"{B}.1", f"{E}.1"
    await city.give(CertifyHours(stretch=mine), STREET_STAFF)
    await city.give(RefuseHours(stretch=mine, reason="核对有误"), STREET_STAFF)
    began = city.now
    await city.give(OpenCheckIn(opening="k2", area=COMMUNITY_21, basis="b"))
    await city.tick(60)
    helped = RecordService(
        person=E,
        community=COMMUNITY_21.code,
        from_us=began,
        to_us=city.now,
        what="搬运",
        basis="签到表",
    )
    await city.give(helped)
    await city.give(RecogniseHours(stretch=abroad), STREET_STAFF)


async def play_posts(city):
    """Posts are defined, handed over, declined, seized; somebody is silent."""
    await city.give(PublishPlaybook(playbook=GUARD, text=GUARD_TEXT), ADMINISTRATOR)
    await city.give(defines(SEAT, HEAD, DESK))
    await city.give(
        Substitute(post=SEAT.post, person=B, reason="换岗")
    )  # so D leads, F has the desk
    await city.give_own(Accept(post=SEAT.post), B)
    for item in HANDOVER_ITEMS:
        count = 3 if item == "custody" else -1
        taken = TakeItem(post=SEAT.post, item=item, count=count, note="齐")
        await city.give_own(taken, B)
    await city.correct(HandoverItemTaken, Actor(login(B), "member"))
    await city.give_own(taken, B)
    await city.give_own(Decline(post=DESK.post), F)  # nobody else: vacant
    await city.give(SetChain(post=DESK.post, chain=(D, F, C)))
    await city.give_own(Seize(post=DESK.post, reason="无人"), C)
    await city.tick(20)
    await city.wait(HEAD, "accept")
    await city.give_own(TakeBack(post=SEAT.post), A)
    await city.tick(60 * 5)
    await city.wait(DESK, "handover")
    await city.wait(DESK, "ratify")
    await city.give(Ratify(post=DESK.post))
    await city.give_own(ConfirmSafety(post=SEAT.post), A)
    guard = declare("g", COMMUNITY_11, hazard="epidemic", playbook=GUARD)
    await city.give(guard)
    await city.tick(35)
    due_us = city.read(EMERGENCIES).all["g"].declared.declared_us + 30 * MINUTE
    silent = RecordSilence(post=SEAT.post, person=A, due_us=due_us)
    await city.give(silent, SERVICE)
    await city.give(MarkAvailable(people=(A,)))


async def play_packages(city):
    """Packages are assigned, handed over, fall to the community, are released."""
    fewer = (*DEFAULT_KINDS[:2], msgspec.structs.replace(DEFAULT_KINDS[2], load=1),
             DEFAULT_KINDS[3])  # fmt: skip
    await city.give(SetPackageKinds(kinds=fewer), ADMINISTRATOR)
    for name in ("goods", "night"):
        told = SetNoticeRule(rule=name, kinds=("shortage",), areas=(STREET_1,))
        await city.give(told, ADMINISTRATOR)
    await city.give(RemoveNoticeRule(rule="night"), ADMINISTRATOR)
    rows = (
        PackageRow("building", BUILDING.code, Party(PERSON, F), (E,)),
        PackageRow("neighbours", GRID.code, Party(PERSON, E)),
        PackageRow("compound", COMPOUND.code, Party(POST, SEAT.post)),
    )
    await city.give(AssignPackages(rows=rows))
    building = {"kind": "building", "target": BUILDING.code}
    await city.give(HandOverPackage(**building, party=Party(PERSON, E)))
    await city.give(MarkUnavailable(people=(E,), cause="ill", until_us=city.now + 1))
    city.now += 1
    await city.give(RecordAbsencePassed(person=E, due_us=city.now), SERVICE)
    again = PackageRow("neighbours", GRID.code, Party(PERSON, F))
    await city.give(AssignPackages(rows=(again,)))
    await city.end("g")
    await city.give(
        ReleasePackage(kind="compound", target=COMPOUND.code, reason="拆除")
    )


# --- views ---------------------------------------------------------------------------


def content(c, view_tables):
    """Return every row of every table, in order."""
    found = {}
    for table in view_tables:
        t = table.table
        order = [t.c[name] for name in (table.key, "seq_from") if name in t.c]
        rows = c.execute(t.select().order_by(*order))
        found[table.name] = [tuple(row) for row in rows]
    return found


def tables_of(views):
    """Return the tables of views."""
    return [table for view in views for table in view.tables]


@contextlib.contextmanager
def rebuilt(log, views, upto, where=":memory:"):
    """Give a connection on views rebuilt from the first event."""
    engine = open_views(where)
    try:
        rebuild(log, engine, views, upto=upto)
        with engine.connect() as c:
            yield c
    finally:
        engine.dispose()


def check_rebuilt(log, engine, views, upto):
    """Assert that the live tables are, row by row, what a rebuild makes of the log."""
    with engine.connect() as live, rebuilt(log, views, upto) as fresh:
        for table in tables_of(views):
            assert list(differences(live, fresh, table)) == []


# --- the model -----------------------------------------------------------------------


@dataclass
class Standing:
    """What the rules say that one emergency has one site do."""

    mode: str
    function: str
    level: int
    phase: str
    round: int
    since: list[tuple[int, int]]
    carried: bool = False
    listed: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    over: bool = False


@dataclass
class Ordered:
    """An emergency as it stands."""

    hazard: str
    plan: str
    level: int
    scope: tuple
    excluded: tuple
    number: int = 1
    ended: bool = False


def place_of_site(site):
    """Return the area a site of the city stands in."""
    return SITES[site][0] if site in SITES else COMMUNITY_12


def inside(order, place):
    """Walk up from a place to the nearest area an order names."""
    while place is not None:
        if place in order.scope or place in order.excluded:
            return place not in order.excluded
        place = PARENTS[place]
    return False


def conversion(compiled, function, level):
    """Return the entry of a playbook for a function at a level, None if there is none.

    A graver level (a smaller number) contains what lighter ones do.
    """
    for entry in json.loads(compiled)["conversions"]:
        if entry["function"] == function and level <= LEVELS[entry["from_level"]]:
            return entry
    return None


def excludes(compiled, one, other):
    """Tell whether a playbook keeps two functions from one site."""
    pairs = json.loads(compiled)["excludes"]
    return [one, other] in pairs or [other, one] in pairs


def model(facts):
    """Return what every registered site has to do after these facts, by emergency."""
    sites = dict.fromkeys(
        fact.event.site for fact in facts if isinstance(fact.event, SiteRegistered)
    )
    return {site: standing_of(site, facts) for site in sites}


ENDINGS = (EmergencyEnded, EmergencyVoided)
CHANGES = (
    LevelRaised, LevelLowered, ScopeWidened, ScopeNarrowed, SitesTakenUp, *ENDINGS,
)  # fmt: skip


def changed(order, e):
    """Apply a change to an emergency."""
    order.number += 1
    if isinstance(e, LevelRaised | LevelLowered):
        order.level = e.level
    elif isinstance(e, ScopeWidened | ScopeNarrowed):
        order.scope, order.excluded = e.scope, e.excluded
    elif isinstance(e, ENDINGS):
        order.ended = True


def at_of(e):
    """Return when something was ordered."""
    names = ("ended_us", "voided_us", "changed_us", "declared_us")
    return next(getattr(e, name) for name in names if hasattr(e, name))


def worked(emergency, duty, done):
    """Tell whether something was done of a round, or is left to do from before it."""
    return duty.carried or any(
        done.get((emergency, phase, duty.round)) for phase in ("convert", "recover")
    )


def is_open(emergency, duty, order, done):
    """Tell whether a recovery is under way."""
    if duty.phase != "recover" or not worked(emergency, duty, done):
        return False
    entry = conversion(order.plan, duty.function, 1)
    must = {s["id"] for s in entry["recover"]
            if s["mandatory"] and duty.level <= LEVELS[s["from_level"]]}  # fmt: skip
    return not must <= done.get((emergency, "recover", duty.round), set())


def standing_of(site, facts):
    """Return what one site has to do, emergency by emergency."""
    place, planned = place_of_site(site), {}
    duties, orders, plans, done = {}, {}, {}, {}
    for fact in facts:
        e = fact.event
        if isinstance(e, PlaybookPublished):
            plans[e.digest] = e.compiled
        elif isinstance(e, SiteRegistered) and e.site == site:
            planned = {p.hazard: p.function for p in e.planned}
        elif isinstance(e, StepCompleted) and e.site == site:
            done.setdefault((e.emergency, e.phase, e.round), set()).add(e.step)
        elif isinstance(e, EmergencyDeclared):
            plan = plans[e.playbook_digest]
            order = Ordered(e.hazard, plan, e.level, e.scope, e.excluded)
            orders[e.emergency] = order
            begin(duties, orders, e, place, planned, done)
        elif isinstance(e, CHANGES):
            order = orders[e.emergency]
            before = order.level
            changed(order, e)
            move(duties, orders, e, (site, place), planned, done, before)
    for emergency, duty in duties.items():
        finish(duty, site, emergency, orders[emergency], facts, done)
    return duties


def move(duties, orders, e, where, planned, done, before):
    """Do what a change does to one site."""
    (site, place), at = where, at_of(e)
    order, mine = orders[e.emergency], duties.get(e.emergency)
    covered = not order.ended and inside(order, place)
    if mine and mine.phase == "convert":
        if not covered or not conversion(order.plan, mine.function, order.level):
            mine.phase, mine.since = "recover", [(at, mine.level)]
        elif mine.level != order.level:
            mine.level = order.level
            mine.since = [*mine.since, (at, order.level)]
    elif mine and mine.phase == "passed-over":
        asked = conversion(order.plan, mine.function, order.level)
        if not covered or not asked:
            del duties[e.emergency]
        elif isinstance(e, SitesTakenUp) and site in e.sites:
            begin(duties, orders, e, place, planned, done)
    elif covered and isinstance(e, LevelRaised | ScopeWidened):
        function = planned.get(order.hazard)
        known = isinstance(e, LevelRaised) and conversion(order.plan, function, before)
        if not known:
            begin(duties, orders, e, place, planned, done)


def begin(duties, orders, e, place, planned, done):
    """Begin to convert a site for an emergency, if that is what it is for."""
    emergency = e.emergency
    order, mine = orders[emergency], duties.get(emergency)
    function = planned.get(order.hazard)
    entry = conversion(order.plan, function, order.level)
    if entry is None or not inside(order, place):
        return
    still = {key for key, d in duties.items() if is_open(key, d, orders[key], done)}
    against = any(
        excludes(orders[other].plan, held.function, function)
        or excludes(order.plan, held.function, function)
        for other, held in duties.items()
        if held.phase == "convert" or other in still
    )
    if against and mine and emergency in still:
        return
    phase, carried = "passed-over" if against else "convert", False
    if not against:
        for other, held in list(duties.items()):
            if held.phase == "recover" and held.function == function:
                carried = carried or other in still
                del duties[other]
    since = [(at_of(e), order.level)]
    duties[emergency] = Standing(
        "", function, order.level, phase, order.number, since, carried
    )


def finish(duty, site, emergency, order, facts, done):
    """Fill in what was done and what is late."""
    duty.over = order.ended
    idle = duty.phase == "recover" and not worked(emergency, duty, done)
    if duty.phase == "passed-over" or idle:
        duty.mode = "PEACETIME"
        return
    entry = conversion(order.plan, duty.function, 1)
    steps = [s for s in entry[duty.phase] if duty.level <= LEVELS[s["from_level"]]]
    duty.listed = [s["id"] for s in steps]
    corrected = {getattr(f.event, "corrects", 0) for f in facts}
    mine = [
        f.event
        for f in facts
        if isinstance(f.event, StepAcknowledged | StepCompleted)
        and f.seq not in corrected
        and (f.event.site, f.event.emergency, f.event.phase, f.event.round)
        == (site, emergency, duty.phase, duty.round)
    ]
    duty.done = {e.step for e in mine if isinstance(e, StepCompleted)}
    seen = {e.step for e in mine if isinstance(e, StepAcknowledged)}
    duty.acknowledged = seen - duty.done
    passed = {
        (f.event.step, f.event.due_us)
        for f in facts
        if isinstance(f.event, DeadlinePassed)
        and (f.event.emergency, f.event.phase) == (emergency, duty.phase)
    }
    late = {s["id"] for s in steps if (s["id"], due_of(s, duty)) in passed}
    duty.late = late - duty.done
    finished = {s["id"] for s in steps if s["mandatory"]} <= duty.done
    if duty.phase == "convert":
        duty.mode = "EMERGENCY" if finished else "CONVERTING"
    else:
        duty.mode = "PEACETIME" if finished else "RECOVERING"


def due_of(step, duty):
    """Return when a step is due: from the order since which it has been asked for."""
    asked = duty.since[0][0]
    if duty.phase == "convert":
        for at, level in reversed(duty.since):
            if level > LEVELS[step["from_level"]]:
                break
            asked = at
    return asked + step["due_minutes"] * MINUTE
