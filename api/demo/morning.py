"""The scripted morning (演示剧本): an order, and how a district answers it.

Everything goes through the same door as real commands. Who is quick and who is late
follows from the seed.
"""

from __future__ import annotations

import asyncio
import heapq
import random  # noqa: TID251 - a seeded story, not a secret
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from api.world import World, emergency_id
from coordination.kernel import Actor, Command, Provenance, Refusal
from coordination.mode.decide import DeclareEmergency
from coordination.mode.state import CONVERT
from coordination.playbook import MINUTE_US, Step
from coordination.steps.decide import AcknowledgeStep, CompleteStep
from coordination.tree import Place
from projections.board import GROUND, PROGRESS, Area, Progress
from projections.names import Names

PLAYBOOK = "epidemic-control"
ORDER_ID = "demo-morning-order"
COMMANDER = "zongzhihui"
CALM_SECONDS = 6.0
LOOK_SECONDS = 0.2
SLOW_SITES = 0.12
CHUNK = 64


@dataclass(frozen=True, order=True)
class Beat:
    """One thing somebody does at ``at_us``."""

    at_us: int
    site: str
    step: str
    done: bool

    @property
    def command(self) -> Command:
        """The command they give."""
        kind = CompleteStep if self.done else AcknowledgeStep
        return kind(site=self.site, step=self.step)

    @property
    def by(self) -> Provenance:
        """Who gives it: the site's own staff, made up."""
        path = self.site.partition("-")[0]
        what = "done" if self.done else "ack"
        return Provenance(
            command_id=f"demo:{what}:{self.site}:{self.step}",
            actor=Actor(f"zhan-{path}", "community-secretary", path),
        )


def beats(
    sites: Iterable[tuple[Progress, tuple[Step, ...]]], seed: int
) -> Iterator[Beat]:
    """Yield what every site does and when; most in time, some not."""
    for site, steps in sites:
        chance = random.Random(f"{seed}:{site.site}")  # noqa: S311 - a story, not a secret
        pace = chance.uniform(0.45, 0.95)
        if chance.random() < SLOW_SITES:
            pace = chance.uniform(1.05, 1.6)
        began = site.began_us or 0
        heard_us = began + int(chance.expovariate(1 / 6) * MINUTE_US) + MINUTE_US
        for step in sorted(steps, key=lambda s: s.due_minutes):
            due = began + int(step.due_minutes * pace * MINUTE_US)
            wobble = int(chance.uniform(0, 4) * MINUTE_US)
            done_us = max(due, heard_us + MINUTE_US) + wobble
            if chance.random() < 0.8:  # noqa: PLR2004 - the others just do it
                yield Beat(heard_us + wobble, site.site, step.id, done=False)
            yield Beat(done_us, site.site, step.id, done=True)


async def play(
    world: World, home: Area, name: str, seed: int, say: Callable[[str], None]
) -> None:
    """Order the switch after a calm moment, then let the district answer."""
    await asyncio.sleep(CALM_SECONDS)
    receipt = await world.do(
        DeclareEmergency(
            emergency=emergency_id(ORDER_ID),
            hazard="epidemic",
            level=3,
            scope=(Place(home.code, home.level),),
            matter=f"{name}新冠疫情防控（演示）",
            measures="启用采样点、接种点和物资中转站，街镇指挥部到岗",
            expected_hours=72,
            playbook=PLAYBOOK,
            basis="演示〔2026〕1 号 疫情防控指挥部令",
        ),
        Provenance(
            command_id=ORDER_ID,
            actor=Actor(COMMANDER, "commander", home.path),
            seen_seq=world.runner.seq,
        ),
    )
    say(f"switch ordered: one event, seq {receipt.seq}")
    await world.reached(receipt.seq)
    story = sorted(beats(_converting(world, home), seed))
    heapq.heapify(story)
    total = len(story)
    while story:
        now = world.clock()
        chunk: list[Beat] = []
        while story and story[0].at_us <= now and len(chunk) < CHUNK:
            chunk.append(heapq.heappop(story))
        await asyncio.gather(*(_act(world, beat) for beat in chunk))
        if not chunk:
            await asyncio.sleep(LOOK_SECONDS)
    say(f"the morning is over: {total} steps acknowledged or done")


def _converting(world: World, home: Area) -> list[tuple[Progress, tuple[Step, ...]]]:
    """Return every converting site with its checklist."""
    found = []
    with world.reading() as c:
        names = Names(c)
        known = {g.site for g in GROUND.select(c, at=None, path=home.path)}
        for site in PROGRESS.select(c, at=None, path=home.path):
            order = names.order(site.emergency) if site.emergency else None
            if order is None or site.site not in known:
                continue
            playbook = names.playbook(order.playbook_digest)
            conversion = playbook and playbook.conversion(site.function, order.level)
            if conversion:
                found.append((site, conversion.steps(CONVERT, order.level)))
    return found


async def _act(world: World, beat: Beat) -> None:
    """Do one thing; a refusal means that somebody at a screen was quicker."""
    with suppress(Refusal):
        await world.do(beat.command, beat.by)
