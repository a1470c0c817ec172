"""The scripted morning (演示剧本): two emergencies, and how a district answers them.

Everything goes through the same door as real commands. Who is quick and who is late
follows from the seed; one street is late with everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from api.demo.accounts import STAFF, grant_all, staff_of
from api.demo.checklists import Checklists
from api.demo.raising import Raising
from api.demo.scene import COMMANDER, DECREES, DUTY_OFFICER, Scene, acting
from api.demo.stores import Stores, Turn
from api.demo.strength import People
from api.demo.waking import Waking
from api.world.standing import ViewsBehind
from api.world.world import World
from coordination.kernel import MINUTE_US, id_of
from coordination.mode.decide import DeclareEmergency
from coordination.orders.answering import AnswerOrder
from coordination.orders.decide import IssueOrder
from coordination.refusals import Refusal
from coordination.tree import Place
from projections.board import AREA, GROUND, Area

EPIDEMIC, FLOOD = "epidemic-control", "flood-typhoon"
ORDER_ID, FLOOD_ID = "demo-morning-order", "demo-morning-flood"
FIRST, SECOND = id_of("e", ORDER_ID), id_of("e", FLOOD_ID)
CALL_ID = "demo-morning-call"
ISOLATION = "isolation-facility"
CALM_MINUTES = 6
CHUNK = 64
FLOOD_MINUTE, CALL_MINUTE, ILL_MINUTE, RAISE_MINUTE = 12, 16, 20, 25
"""Minutes after the first order at which the story goes on."""
FACILITY_MINUTES = 3
"""So long after level Ⅱ is in force somebody answers for the facilities."""


@dataclass
class Morning(Scene):
    """The story as it goes."""

    name: str
    streets: list[Area]

    @property
    def late(self) -> str:
        """Path of the street that is late with everything."""
        return self.streets[1].path if len(self.streets) > 1 else "-"

    async def declare(self) -> None:
        """Order the first switch: an epidemic, the whole district, level Ⅲ."""
        receipt = await self.world.order(
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
        self.say(f"switch ordered: one event, seq {receipt.seq}")

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
        issued = IssueOrder(
            order=id_of("o", CALL_ID),
            emergency=FIRST,
            scope=(self.whole,),
            roles=tuple(STAFF.values()),
            title="立即核对独居老人名册",
            text="各居村在一小时内核对独居、孕产、透析人员名册，缺漏即报街镇。",
            ack_minutes=20,
            done_minutes=120,
        )
        if await self.attempt(CALL_ID, issued, DUTY_OFFICER) is None:
            return  # the emergency is over: somebody at a screen has ended it
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


class Story:
    """All that happens, in its order (剧情): what is due, and what comes next."""

    def __init__(
        self, world: World, home: Area, name: str, seed: int, say: Callable[[str], None]
    ) -> None:
        """Know who is there; nothing happens yet."""
        with world.reading() as c:
            self._areas = sorted(AREA.select(c, at=None, path=home.path))
        streets = [a for a in self._areas if a.level == "street"]
        scene = world, home, say, acting(world)
        self.world, self.say = world, say
        self.morning = Morning(*scene, name, streets)
        self.sites = Checklists(*scene, seed, self.morning.late)
        self.raising = Raising(*scene, FIRST)
        self.people = People(*scene, seed)
        low = [area.path for area in self.morning.low()]
        self._stores = Stores(*scene, SECOND, low)
        self._turns: list[Turn] = []
        self._answered = self._quiet = False

    async def begin(self) -> None:
        """Order the switch, and settle what comes after it."""
        await self.morning.declare()
        began = self.world.clock()
        await self._caught_up()
        await asyncio.to_thread(self.people.plan, began)
        turns: list[Turn] = [
            (FLOOD_MINUTE, self.morning.flood),
            (CALL_MINUTE, self.morning.call),
            (ILL_MINUTE, self.people.fall_ill),
            (RAISE_MINUTE, self.raising.propose),
            *self._stores.turns(),
        ]
        self._turns = [(began + minute * MINUTE_US, turn) for minute, turn in turns]
        self._turns.sort(key=lambda turn: turn[0])

    async def staff(self) -> None:
        """Give every area somebody who acts there."""
        await grant_all(self.world, staff_of(self._areas), "demo-staff")

    async def go_on(self) -> int:
        """Let happen what is due; return when the next thing is."""
        now = self.world.clock()
        while self._turns and self._turns[0][0] <= now:
            with suppress(Refusal):  # somebody at a screen was quicker
                await self._turns.pop(0)[1]()
        await self.raising.look(now)
        self._answer_for_facilities(now)
        if self.sites.stale() and await self._caught_up():
            await asyncio.to_thread(self.sites.plan)
        await asyncio.gather(*map(self.sites.act, self.sites.due(now, CHUNK)))
        await self.people.go_on(now)
        quiet = not self._turns and not self.sites.told
        if quiet and not self._quiet:
            # People go on confirming that they are well, and visitors decide.
            self.say(f"all that was ordered is done: {len(self.sites.planned)} steps")
        self._quiet = quiet
        return self._next_us()

    def _answer_for_facilities(self, now: int) -> None:
        """Soon after level Ⅱ somebody answers for the facilities: then they open."""
        if self._answered or not self.raising.raised:
            return
        self._answered = True
        self.say("level II is in force")
        at_us = now + FACILITY_MINUTES * MINUTE_US
        self._turns.append((at_us, self.people.answer_for_facility))
        self._turns.sort(key=lambda turn: turn[0])

    def _next_us(self) -> int:
        turn = self._turns[0][0] if self._turns else None
        due = [turn, self.sites.next_us, self.raising.next_us, self.people.next_us]
        return min(one for one in due if one is not None)

    async def _caught_up(self) -> bool:
        """Wait for the views; a slow machine's story goes on when they are there."""
        with suppress(ViewsBehind):
            await self.world.reached(self.world.log.recorder.head().seq)
            return True
        return False


async def play(
    world: World,
    home: Area,
    name: str,
    seed: int,
    say: Callable[[str], None],
    waking: Waking | None = None,
) -> None:
    """Order the switch after a calm moment, then let the district answer, for ever.

    Nothing waits for a time to pass that something recorded could end sooner: what a
    visitor decides is answered at once.
    """
    waking = waking or Waking(world)
    try:
        story = Story(world, home, name, seed, say)
        await story.staff()
        calm_us = world.clock() + CALM_MINUTES * MINUTE_US
        while world.clock() < calm_us:
            await waking.until(calm_us)
        await story.begin()
        while True:
            await waking.until(await story.go_on())
    finally:
        waking.close()
