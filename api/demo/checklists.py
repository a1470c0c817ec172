"""What sites do in the scripted morning (演示阵地): every checklist, there and back.

Whoever orders a switch, the story or a visitor, finds that the sites answer it: they
convert, and after a stand-down they recover, until each is in peacetime again.
"""

from __future__ import annotations

import heapq
import random  # noqa: TID251 - a seeded story, not a secret
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from api.demo.scene import Scene
from coordination.kernel import MINUTE_US, Command
from coordination.mode.duties import PASSED_OVER, Duty
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import (
    AcknowledgeStep,
    AlreadyAcknowledged,
    AlreadyDone,
    CompleteStep,
)
from coordination.playbook import Step
from coordination.refusals import Refusal
from coordination.tree import site_path
from projections.names import Names
from projections.progress import PROGRESS, Progress, duty_of

SLOW_SITES = 0.12
AGAIN_MINUTES, TRIES_MAX = 5, 24
"""What cannot be done yet is tried again: a facility waits for who answers for it."""
Key = tuple[str, str, str, int, str]
"""Site, emergency, phase, round, step."""


@dataclass(frozen=True, order=True)
class Beat:
    """One thing somebody does at ``at_us``."""

    at_us: int
    site: str
    emergency: str
    phase: str
    round: int
    step: str
    done: bool
    tries: int = 0

    @property
    def command(self) -> Command:
        """The command they give."""
        kind = CompleteStep if self.done else AcknowledgeStep
        return kind(site=self.site, step=self.step, emergency=self.emergency)

    @property
    def key(self) -> Key:
        """The step of the checklist it is about."""
        return self.site, self.emergency, self.phase, self.round, self.step

    @property
    def name(self) -> str:
        """Its id."""
        what = "done" if self.done else "ack"
        where = f"{self.site}:{self.emergency}:{self.phase}:{self.round}:{self.step}"
        return f"demo:{what}:{where}:{self.tries}"


def beats(
    sites: Iterable[tuple[Progress, Duty, tuple[Step, ...]]], seed: int, late: str
) -> Iterator[Beat]:
    """Yield what every site does and when; most in time, some not, one street late."""
    for row, duty, steps in sites:
        mark = f"{seed}:{row.site}:{duty.emergency}:{len(duty.since)}:{duty.phase}"
        chance = random.Random(mark)  # noqa: S311 - a story, not a secret
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
            who = row.site, duty.emergency, duty.phase, duty.round, step.id
            if chance.random() < 0.8:  # noqa: PLR2004 - the others just do it
                yield Beat(heard + wobble, *who, done=False)
            yield Beat(done_us, *who, done=True)


@dataclass
class Checklists(Scene):
    """What is still to be done at the sites, and when somebody does it."""

    seed: int
    late: str
    """Path of the street that is late with everything."""
    told: list[Beat] = field(default_factory=list)
    planned: set[Key] = field(default_factory=set)
    standing: set[Key] = field(default_factory=set)
    """The steps of all checklists in force."""
    _version: int = -1

    @property
    def next_us(self) -> int | None:
        """When somebody does the next thing, None if nothing is left."""
        return self.told[0].at_us if self.told else None

    def stale(self) -> bool:
        """Tell whether something was ordered that the sites have not heard of."""
        return self.world.state(EMERGENCIES).version != self._version

    def plan(self) -> None:
        """Plan what the sites do about every step that is new to them."""
        version = self.world.state(EMERGENCIES).version
        found, standing = [], set()
        with self.world.reading() as c:
            names = Names(c)
            for row in PROGRESS.select(c, at=None, path=self.home.path):
                duty = duty_of(row)
                order = names.order(row.emergency) if row.emergency else None
                playbook = names.playbook(order.playbook_digest) if order else None
                if duty is None or playbook is None or duty.phase == PASSED_OVER:
                    continue
                of = row.site, duty.emergency, duty.phase, duty.round
                steps = names.steps(duty, playbook)
                standing |= {(*of, step.id) for step in steps}
                new = tuple(s for s in steps if (*of, s.id) not in self.planned)
                found.append((row, duty, new))
        for beat in beats(found, self.seed, self.late):
            heapq.heappush(self.told, beat)
        self.planned |= standing
        self.standing, self._version = standing, version

    def due(self, now: int, most: int) -> list[Beat]:
        """Return what somebody does by now, so much at once; it is taken off."""
        chunk: list[Beat] = []
        while self.told and self.told[0].at_us <= now and len(chunk) < most:
            beat = heapq.heappop(self.told)
            if beat.key in self.standing:  # else nobody asks for it any more
                chunk.append(beat)
        return chunk

    async def act(self, beat: Beat) -> None:
        """Do what a site's own staff do, made up; what is not possible yet, later."""
        by = self.by(beat.name, f"zhan-{site_path(beat.site)}")
        try:
            await self.world.do(self.resting(beat.command), by)
        except (AlreadyDone, AlreadyAcknowledged):
            return  # somebody at a screen was quicker
        except Refusal:
            if beat.done and beat.tries < TRIES_MAX:
                later = self.world.clock() + AGAIN_MINUTES * MINUTE_US
                who = beat.key
                again = Beat(later, *who, done=True, tries=beat.tries + 1)
                heapq.heappush(self.told, again)
