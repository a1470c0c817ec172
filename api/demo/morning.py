"""The scripted morning (演示剧本): two emergencies, and how a district answers them.

Everything goes through the same door as real commands. Who is quick and who is late
follows from the seed; one street is late with everything.
"""

from __future__ import annotations

import asyncio
import heapq
import random  # noqa: TID251 - a seeded story, not a secret
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from api.demo.accounts import STAFF, grant_all, staff_of
from api.demo.scene import COMMANDER, DECREES, DUTY_OFFICER, Scene, acting
from api.demo.stores import Stores, Turn
from api.demo.strength import People
from api.world.standing import ViewsBehind
from api.world.world import World
from coordination.approvals.decide import ApproveProposal
from coordination.kernel import MINUTE_US, Command, id_of
from coordination.log import Receipt
from coordination.mode.changes import ChangeLevel
from coordination.mode.decide import DeclareEmergency
from coordination.mode.duties import Duty
from coordination.mode.state import CONVERT
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.orders.decide import AnswerOrder, IssueOrder
from coordination.playbook import Step
from coordination.refusals import Refusal
from coordination.tree import Place, site_path
from projections.board import AREA, GROUND, Area
from projections.names import Names
from projections.progress import PROGRESS, Progress, duty_of

EPIDEMIC, FLOOD = "epidemic-control", "flood-typhoon"
ORDER_ID, FLOOD_ID = "demo-morning-order", "demo-morning-flood"
FIRST, SECOND = id_of("e", ORDER_ID), id_of("e", FLOOD_ID)
RAISE_ID, CALL_ID = "demo-morning-raise", "demo-morning-call"
RAISE_BASIS = "演示〔2026〕3 号 疫情研判意见"
ISOLATION = "isolation-facility"
CALM_SECONDS = 6.0
LOOK_SECONDS = 0.2
SLOW_SITES = 0.12
CHUNK = 64
FLOOD_MINUTE, CALL_MINUTE, ILL_MINUTE = 12, 16, 20
RAISE_MINUTE, APPROVE_MINUTE, FACILITY_MINUTE = 25, 45, 48
"""Minutes after the first order at which the story goes on."""


@dataclass(frozen=True, order=True)
class Beat:
    """One thing somebody does at ``at_us``."""

    at_us: int
    site: str
    emergency: str
    step: str
    done: bool

    @property
    def command(self) -> Command:
        """The command they give."""
        kind = CompleteStep if self.done else AcknowledgeStep
        return kind(site=self.site, step=self.step, emergency=self.emergency)

    @property
    def name(self) -> str:
        """Its id."""
        what = "done" if self.done else "ack"
        return f"demo:{what}:{self.site}:{self.emergency}:{self.step}"


def beats(
    sites: Iterable[tuple[Progress, Duty, tuple[Step, ...]]], seed: int, late: str
) -> Iterator[Beat]:
    """Yield what every site does and when; most in time, some not, one street late."""
    for row, duty, steps in sites:
        chance = random.Random(f"{seed}:{row.site}:{duty.emergency}:{len(duty.since)}")  # noqa: S311 - a story, not a secret
        pace = chance.uniform(0.45, 0.95)
        if chance.random() < SLOW_SITES or row.path.startswith(late):
            pace = chance.uniform(1.05, 1.6)
        for step in sorted(steps, key=lambda s: s.due_minutes):
            due_us = duty.due_us(step)
            began = due_us - step.due_minutes * MINUTE_US
            heard = began + int(chance.expovariate(1 / 6) * MINUTE_US) + MINUTE_US
            wobble = int(chance.uniform(0, 4) * MINUTE_US)
            paced = began + int(step.due_minutes * pace * MINUTE_US)
            done_us = max(paced, heard + MINUTE_US) + wobble
            who = row.site, duty.emergency, step.id
            if chance.random() < 0.8:  # noqa: PLR2004 - the others just do it
                yield Beat(heard + wobble, *who, done=False)
            yield Beat(done_us, *who, done=True)


@dataclass
class Morning(Scene):
    """The story as it goes."""

    name: str
    seed: int
    streets: list[Area] = field(default_factory=list)
    told: list[Beat] = field(default_factory=list)
    planned: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def late(self) -> str:
        """Path of the street that is late with everything."""
        return self.streets[1].path if len(self.streets) > 1 else "-"

    async def declare(self) -> Receipt:
        """Order the first switch: an epidemic, the whole district, level Ⅲ."""
        return await self.world.order(
            DeclareEmergency(
                emergency=FIRST,
                hazard="epidemic",
                level=3,
                severity="large",
                scope=(self.whole,),
                matter=f"{self.name}新冠疫情防控（演示）",
                measures="启用采样点、接种点和物资中转站，街镇指挥部到岗",
                expected_hours=72,
                playbook=EPIDEMIC,
                basis=DECREES["epidemic"],
            ),
            self.by(ORDER_ID, COMMANDER),
        )

    def low(self) -> list[Area]:
        """Return the streets that will be flooded."""
        with self.world.reading() as c:
            ground = GROUND.select(c, at=None, path=self.home.path)
        # Where people are to be isolated at level Ⅱ, none are to be sheltered now:
        # the epidemic's playbook would refuse the raise.
        kept = {g.path[:9] for g in ground if ISOLATION in g.planned}
        return ([a for a in self.streets if a.path not in kept] or self.streets)[:4]

    async def flood(self) -> None:
        """Order the second: a flood, the first streets only, on top of the first."""
        scope = tuple(Place(a.code, a.level) for a in self.low())
        await self.world.order(
            DeclareEmergency(
                emergency=SECOND,
                hazard="flood",
                level=3,
                severity="general",
                warning="yellow",
                scope=scope or (self.whole,),
                matter="暴雨黄色预警，沿河低洼地区转移安置（演示）",
                measures="启用安置点，抢险队伍集结",
                expected_hours=24,
                playbook=FLOOD,
                basis=DECREES["flood"],
            ),
            self.by(FLOOD_ID, COMMANDER),
        )
        self.say("second emergency: flood, over the epidemic")

    async def call(self) -> None:
        """Issue an order to every community; the late street does not answer."""
        await self.world.do(
            IssueOrder(
                order=id_of("o", CALL_ID),
                emergency=FIRST,
                scope=(self.whole,),
                roles=tuple(STAFF.values()),
                title="立即核对独居老人名册",
                text="各居村在一小时内核对独居、孕产、透析人员名册，缺漏即报街镇。",
                ack_minutes=20,
                done_minutes=120,
                basis=DECREES["epidemic"],
            ),
            self.by(CALL_ID, DUTY_OFFICER),
        )
        with self.world.reading() as c:
            areas = AREA.select(c, at=None, path=self.home.path)
        heard = [
            (staff.area, staff.role)
            for staff in staff_of(sorted(areas))
            if staff.area and not staff.area.path.startswith(self.late)
        ]
        for first in range(0, len(heard), CHUNK):
            chunk = heard[first : first + CHUNK]
            await asyncio.gather(*(self.answer(*who) for who in chunk))
        self.say("order issued to every community; one street does not answer")

    async def answer(self, area: Place, role: str) -> None:
        """Acknowledge the order, for the holder of a role in an area."""
        command = AnswerOrder(
            order=id_of("o", CALL_ID), area=area, role=role, done=False
        )
        await self.attempt(f"demo:call:{area.code}", command, f"zhan-{area.path}")

    async def act(self, beat: Beat) -> None:
        """Do what a site's own staff do, made up."""
        await self.attempt(beat.name, beat.command, f"zhan-{site_path(beat.site)}")

    async def propose(self) -> None:
        """Propose level Ⅱ: it waits for a second person."""
        await self.world.order(
            ChangeLevel(
                emergency=FIRST,
                level=2,
                raising=True,
                basis=RAISE_BASIS,
                reason="出现社区传播",
            ),
            self.by(RAISE_ID, DUTY_OFFICER),
        )
        self.say("level II proposed; it waits for the commander's approval")

    async def approve(self) -> None:
        """Approve it, unless somebody at a screen has decided."""
        proposal = id_of("p", RAISE_ID)
        digest = self.world.proposal(proposal).made.digest
        by = self.by("demo-morning-approve", COMMANDER)
        with suppress(Refusal):
            command = ApproveProposal(
                proposal=proposal,
                digest=digest,
                reason="同意提级",
                basis=RAISE_BASIS,
            )
            await self.world.approve(command, by)
            self.say("level II approved")

    def plan(self) -> None:
        """Plan what the sites do about every step that is new to the story."""
        found = []
        with self.world.reading() as c:
            names = Names(c)
            for row in PROGRESS.select(c, at=None, path=self.home.path):
                duty = duty_of(row)
                order = names.order(row.emergency) if row.emergency else None
                playbook = names.playbook(order.playbook_digest) if order else None
                if duty is None or playbook is None or duty.phase != CONVERT:
                    continue
                steps = tuple(
                    step
                    for step in names.steps(duty, playbook)
                    if (row.site, duty.emergency, step.id) not in self.planned
                )
                self.planned |= {(row.site, duty.emergency, s.id) for s in steps}
                found.append((row, duty, steps))
        for beat in beats(found, self.seed, self.late):
            heapq.heappush(self.told, beat)


async def play(
    world: World, home: Area, name: str, seed: int, say: Callable[[str], None]
) -> None:
    """Order the switch after a calm moment, then let the district answer."""
    with world.reading() as c:
        areas = sorted(AREA.select(c, at=None, path=home.path))
    streets = [a for a in areas if a.level == "street"]
    scene = world, home, say, acting(world)
    it = Morning(*scene, name, seed, streets)
    await grant_all(world, staff_of(areas), "demo-staff")
    await asyncio.sleep(CALM_SECONDS)
    receipt = await it.declare()
    say(f"switch ordered: one event, seq {receipt.seq}")
    await world.reached(receipt.seq)
    await asyncio.to_thread(it.plan)
    began = world.clock()
    people = People(*scene, seed)
    await asyncio.to_thread(people.plan, began)
    low = [area.path for area in it.low()]
    stores = Stores(*scene, SECOND, low)
    turns: list[Turn] = [
        (FLOOD_MINUTE, it.flood),
        (CALL_MINUTE, it.call),
        (ILL_MINUTE, people.fall_ill),
        (RAISE_MINUTE, it.propose),
        (APPROVE_MINUTE, it.approve),
        (FACILITY_MINUTE, people.answer_for_facility),
        *stores.turns(),
    ]
    turns.sort(key=lambda turn: turn[0])
    told = False
    while True:
        now = world.clock()
        if turns and began + turns[0][0] * MINUTE_US <= now:
            await turns.pop(0)[1]()
            with suppress(ViewsBehind):  # a slow machine; the story goes on
                await world.reached(world.log.recorder.head().seq)
            await asyncio.to_thread(it.plan)
        chunk: list[Beat] = []
        while it.told and it.told[0].at_us <= now and len(chunk) < CHUNK:
            chunk.append(heapq.heappop(it.told))
        await asyncio.gather(*map(it.act, chunk))
        await people.go_on(now)
        if not it.told and not turns and not told:
            told = True  # people go on confirming that they are well
            say(f"the morning is over: {len(it.planned)} steps")
        if not chunk:
            await asyncio.sleep(LOOK_SECONDS)
