"""The demonstration's story: it waits for its visitor, and is played to the end.

The clock jumps to whatever comes next, so nothing here waits for a time to pass.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.demo import morning, run
from api.demo.morning import FIRST, SECOND
from api.demo.raising import RAISE_ID
from api.demo.scene import COMMANDER, DUTY_OFFICER, acting
from api.demo.waking import Waking
from api.world.world import World
from coordination.approvals.decide import ApproveProposal, RejectProposal
from coordination.approvals.state import APPROVALS, APPROVED, EXPIRED, OPEN, REJECTED
from coordination.kernel import MINUTE_US
from coordination.mode.decide import EndEmergency
from coordination.mode.state import EMERGENCIES, PEACETIME
from projections.progress import PROGRESS
from tests.api.served import AREAS, accounts_at, open_at
from tests.given import NOW, Clock

JUMPS_MAX = 20_000
DEPUTY = "fuzhihui"
Visit = tuple[int, Callable[["Visitor"], Awaitable[None]]]


class StoryOver(Exception):  # noqa: N818 - it is no error
    """What the test waited for is there."""


class Visitor:
    """Somebody who looks on, and the clock: it jumps to what comes next.

    ``visits``: minutes after the start, and what they do then.
    """

    def __init__(self, world: World, clock: Clock, visits, over) -> None:
        self.world, self.clock, self.over = world, clock, over
        self.visits = [(NOW + minute * MINUTE_US, do) for minute, do in visits]
        self.by, self.jumps, self.number = acting(world), 0, 0

    async def until(self, at_us: int) -> None:
        """Jump; the timers tick as they do beside a server."""
        self.jumps += 1
        assert self.jumps < JUMPS_MAX
        await self.world.reached(self.world.log.recorder.head().seq)
        if not self.visits and self.over(self):
            raise StoryOver
        if self.visits and self.visits[0][0] <= at_us:
            when, do = self.visits.pop(0)
            self.clock.now = max(self.clock.now, when)
            await do(self)
        else:
            self.clock.now = max(self.clock.now, at_us)
        await self.world.tick()

    def close(self) -> None:
        """Nothing was opened."""

    def me(self, account: str):
        """Return who acts, with an id of their own."""
        self.number += 1
        return self.by(f"visitor-{self.number:04}", account)

    @property
    def raises(self):
        """Every proposal of the story, oldest first."""
        found = self.world.state(APPROVALS).proposals.values()
        return [p for p in found if p.made.proposer == DUTY_OFFICER]

    @property
    def level(self) -> int:
        """The level of the epidemic."""
        return self.world.state(EMERGENCIES).all[FIRST].level

    def modes(self) -> Counter[str]:
        """How many sites are in each mode."""
        with self.world.reading() as c:
            return Counter(row.mode for row in PROGRESS.select(c, at=None))

    async def approve(self, proposal, account: str = COMMANDER) -> None:
        """Sign what somebody proposed."""
        made = proposal.made
        command = ApproveProposal(
            proposal=made.proposal, digest=made.digest, reason="同意"
        )
        await self.world.approve(command, self.me(account))


async def approves(visitor: Visitor) -> None:
    """The proposal still waits, and can be approved."""
    await visitor.approve(visitor.raises[-1])
    assert visitor.raises[-1].state == APPROVED


async def stands_down(visitor: Visitor) -> None:
    """Both emergencies are ended: the graver one by two people."""
    assert visitor.modes()["EMERGENCY"]
    for emergency in (SECOND, FIRST):
        end = EndEmergency(emergency=emergency, basis="解除令")
        await visitor.world.order(end, visitor.me(DEPUTY))
    for proposal in list(visitor.world.state(APPROVALS).proposals.values()):
        if proposal.state == OPEN and proposal.made.proposer == DEPUTY:
            await visitor.approve(proposal)
    assert not list(visitor.world.state(EMERGENCIES).active())


async def rejects(visitor: Visitor) -> None:
    """No: and no is no."""
    proposal = visitor.raises[-1].made.proposal
    no = RejectProposal(proposal=proposal, reason="再观察")
    await visitor.world.do(no, visitor.me(COMMANDER))


@contextmanager
def told(
    tmp_path: Path, monkeypatch, visits, over
) -> Iterator[tuple[Visitor, list[str]]]:
    """Play the story to a visitor until ``over``; yield them and what was said."""
    logging.disable(logging.INFO)
    monkeypatch.setattr(run, "MEMBERS", 240)
    clock, said = Clock(), []
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / run.MARK).touch()
    world, accounts = open_at(folder, clock), accounts_at(folder, clock)
    home, _ = run._lay_out(world, accounts, AREAS.encode(), 4)

    async def go() -> Visitor:
        world.start(asyncio.get_running_loop())
        visitor = Visitor(world, clock, visits, over)
        with pytest.raises(StoryOver):
            await morning.play(world, home, "松江区", 4, said.append, visitor)
        return visitor

    try:
        yield asyncio.run(go()), said
    finally:
        accounts.close()
        world.close()


def at_peace(visitor: Visitor) -> bool:
    """Tell whether every site is as it was before the first order."""
    return set(visitor.modes()) == {PEACETIME}


def test_the_proposal_waits_for_a_visitor_who_comes_a_day_late(tmp_path, monkeypatch):
    """Approved then, the story plays on: sites convert to what level II adds."""
    late = 60 * 26

    def converted(visitor: Visitor) -> bool:
        return not visitor.modes()["CONVERTING"] and visitor.level == 2

    with told(tmp_path, monkeypatch, [(late, approves)], converted) as (visitor, said):
        states = [proposal.state for proposal in visitor.raises]
        assert states[-1] == APPROVED
        assert EXPIRED not in states
        assert len(states) <= 4
        assert not [a for a in visitor.world.state(APPROVALS).proposals.values()
                    if a.state == OPEN]  # fmt: skip
        modes = visitor.modes()
        assert modes["EMERGENCY"]
        assert "level II is in force" in said


def test_after_a_stand_down_the_way_back_is_played_to_the_end(tmp_path, monkeypatch):
    """Of level II, by two people: every site returns to peacetime."""
    visits = [(60, approves), (240, stands_down)]
    with told(tmp_path, monkeypatch, visits, at_peace) as (visitor, said):
        assert visitor.modes().keys() == {PEACETIME}
        assert "level II is in force" in said


def test_who_stands_down_before_the_story_is_over_has_peace_too(tmp_path, monkeypatch):
    """At level III one signs; nothing is proposed for what is over."""

    async def ends(visitor: Visitor) -> None:
        end = EndEmergency(emergency=FIRST, basis="解除令")
        await visitor.world.order(end, visitor.me(DEPUTY))

    async def ends_the_flood(visitor: Visitor) -> None:
        end = EndEmergency(emergency=SECOND, basis="解除令")
        await visitor.world.order(end, visitor.me(DEPUTY))

    visits = [(20, ends), (120, ends_the_flood)]
    with told(tmp_path, monkeypatch, visits, at_peace) as (visitor, _):
        assert visitor.raises == []


def test_a_visitors_no_is_kept(tmp_path, monkeypatch):
    """It is not proposed a second time."""
    later = [(60, rejects), (60 * 30, at_once)]
    with told(tmp_path, monkeypatch, later, lambda _: True) as (visitor, said):
        assert [proposal.state for proposal in visitor.raises] == [REJECTED]
        assert visitor.level == 3
        assert "the proposal of level II is decided: rejected" in said


async def at_once(_visitor: Visitor) -> None:
    """Only look on."""


def test_the_story_wakes_when_something_was_recorded(tmp_path):
    """It asks nobody every so often: the views tell it."""
    clock = Clock()
    folder = tmp_path / "demo"
    folder.mkdir()
    world = open_at(folder, clock)

    async def go() -> None:
        waking = Waking(world)
        waiting = asyncio.create_task(waking.until(clock.now + 10**15))
        await asyncio.sleep(0)
        assert not waiting.done()
        for advanced in world.runner.on_advance:
            advanced(1)
        await waiting
        await waking.until(clock.now)  # a moment that has come
        waking.close()
        assert not world.runner.on_advance

    asyncio.run(go())
    world.close()


def test_its_first_proposal_has_the_id_the_tour_may_name():
    """The same in every run."""
    assert RAISE_ID == "demo-morning-raise"
