"""People in the scripted morning (演示剧本): they report, fall ill, step in, answer."""

from __future__ import annotations

import asyncio
import heapq
import random  # noqa: TID251 - a seeded story, not a secret
from collections.abc import Iterator
from dataclasses import dataclass, field

from api.demo.people import Roster
from api.demo.scene import Scene
from coordination.checkin.decide import CheckIn, Stage
from coordination.kernel import MINUTE_US, Command
from coordination.packages.decide import AssignPackages, PackageRow
from coordination.packages.events import ORGANISATION, Party
from coordination.people.availability import MarkUnavailable
from coordination.posts.safety import ConfirmSafety, silence
from coordination.posts.state import post_stream
from coordination.posts.substitution import Accept
from coordination.tree import community_of
from projections.coverage import GAP, PACKAGE, state_of
from projections.posts import PENDING, POST, quiet
from projections.roster import HUMAN, Human

REPORTING_SHARE = 0.12
"""So many of all members report in the story: the others are unknown, not absent."""
ILL = 30
CHUNK = 24
PULSE_MINUTES = 3
"""So often somebody looks who has to accept, or to say that all is well."""
SLOW_MINUTES = 6
"""Whoever is called takes so long to accept, most of them."""
SILENT_SHARE = 0.004
"""So few do not answer the telephone: the clock of silence finds them."""
FACILITY = "facility"


def opened_later(roster: Roster) -> Roster:
    """Return a roster in which nobody answers for the facilities yet."""
    kept = tuple(p for p in roster.packages if p.kind != FACILITY)
    return roster._replace(packages=kept)


@dataclass
class People(Scene):
    """What people do in the story."""

    seed: int
    coming: list[tuple[int, str, str, Stage]] = field(default_factory=list)
    """(when, person, community, stage) of those who still check in."""
    looked_us: int = 0

    def plan(self, began_us: int) -> None:
        """Plan who reports, is present and does something, and when."""
        with self.world.reading() as c:
            people = sorted(HUMAN.select(c, at=None, path=self.home.path))
        for entry in _check_ins(people, began_us, self.seed):
            heapq.heappush(self.coming, entry)

    @property
    def next_us(self) -> int:
        """When somebody checks in next, or is asked how they are."""
        asked_us = self.looked_us + PULSE_MINUTES * MINUTE_US
        return min(asked_us, self.coming[0][0]) if self.coming else asked_us

    async def go_on(self, now: int) -> None:
        """Let those check in whose time has come; answer what waits for an answer."""
        chunk: list[tuple[str, str, Stage]] = []
        while self.coming and self.coming[0][0] <= now and len(chunk) < CHUNK:
            _, person, community, stage = heapq.heappop(self.coming)
            chunk.append((person, community, stage))
        await asyncio.gather(*(self._check_in(*one) for one in chunk))
        if now - self.looked_us >= PULSE_MINUTES * MINUTE_US:
            self.looked_us = now
            for command_id, command in await asyncio.to_thread(self._answers, now):
                await self.attempt(command_id, command)

    async def _check_in(self, person: str, community: str, stage: Stage) -> None:
        command = CheckIn(
            person=person, community=community, stage=stage, source="paper"
        )
        await self.attempt(f"demo:{stage}:{person}", command, f"zhan-{community}")

    def _answers(self, now: int) -> list[tuple[str, Command]]:
        """Return who accepts a post, and who says that all is well."""
        read = self.world.read()
        found: list[tuple[str, Command]] = []
        with self.world.reading() as c:
            pending = POST.where(c, POST.table.c.state == PENDING, at=None)
            heard = quiet(c, now - 60 * MINUTE_US)
        for row in pending:
            chance = random.Random(f"{self.seed}:{row.substitution}")  # noqa: S311 - a story, not a secret
            ready = now - row.since_us >= SLOW_MINUTES * MINUTE_US
            if ready and chance.random() < 0.9:  # noqa: PLR2004 - most do
                name = f"demo:accept:{row.substitution}"
                found.append((name, Accept(post=row.post)))
        for row in heard:
            last_us, due_us = silence(read, read(post_stream(row.post)))
            silent_us = due_us - last_us
            deaf = random.Random(f"{self.seed}:{row.post}:{row.acting}")  # noqa: S311 - a story, not a secret
            if not silent_us or now - last_us < silent_us * 3 // 4:
                continue
            if deaf.random() < SILENT_SHARE:
                continue
            name = f"demo:safe:{row.post}:{last_us}"
            found.append((name, ConfirmSafety(post=row.post)))
        return found

    async def fall_ill(self) -> None:
        """Thirty of one street's staff fall ill at once: the cascade."""
        with self.world.reading() as c:
            posts = sorted(POST.select(c, at=None, path=self.home.path))
            streets = sorted({row.path[:9] for row in posts})
            if not streets:
                return
            street = streets[len(streets) // 2]
            people = HUMAN.select(c, at=None, path=street)
            line = [r for r in posts if r.path.startswith(street)]
        in_line = {p for row in line for p in row.chain.split(",")[:2]}
        chance = random.Random(f"{self.seed}:ill")  # noqa: S311 - a story, not a secret
        held = sorted(h.person for h in people if h.person in in_line)
        packed = sorted(h.person for h in people if h.packages and not h.posts)
        ill = chance.sample(held, min(ILL * 2 // 3, len(held)))
        ill += chance.sample(packed, min(ILL - len(ill), len(packed)))
        command = MarkUnavailable(
            people=tuple(ill),
            cause="ill",
            reason="聚集性感染，集中就医（演示）",
        )
        receipt = await self.attempt("demo-morning-ill", command)
        if receipt is not None:
            count = receipt.seq - receipt.first_seq + 1
            self.say(f"{len(ill)} of one street fall ill: {count} facts, one decision")

    async def answer_for_facility(self) -> None:
        """Assign the facilities: none opens before somebody answers for it."""
        with self.world.reading() as c:
            kind = PACKAGE.table.c.kind == FACILITY
            rows = [r for r in PACKAGE.where(c, kind, at=None) if state_of(r) == GAP]
        if not rows:
            return
        named = tuple(
            PackageRow(
                FACILITY,
                row.target,
                Party(ORGANISATION, f"community:{row.path[:9].ljust(12, '0')}"),
            )
            for row in rows
        )
        command = AssignPackages(
            rows=named,
            reason="隔离点启用前落实包保（演示）",
        )
        await self.attempt("demo-morning-facility", command)
        self.say("isolation facilities have somebody who answers for them")


def _check_ins(
    people: list[Human], began_us: int, seed: int
) -> Iterator[tuple[int, str, str, Stage]]:
    """Yield who checks in and when: most who report come, fewer do something."""
    for human in people:
        chance = random.Random(f"{seed}:{human.person}")  # noqa: S311 - a story, not a secret
        if chance.random() > REPORTING_SHARE:
            continue
        community = community_of(human.path)
        at_us = began_us + int(chance.expovariate(1 / 25) * MINUTE_US) + 2 * MINUTE_US
        stages: list[Stage] = ["reported"]
        if chance.random() < 0.78:  # noqa: PLR2004 - 报到不现身: not all come
            stages.append("present" if chance.random() < 0.85 else "partial")  # noqa: PLR2004
            if chance.random() < 0.6:  # noqa: PLR2004 - 现身不参与: not all take part
                stages.append("active")
        elif chance.random() < 0.5:  # noqa: PLR2004 - some say that they cannot
            stages = ["absent"]
        for stage in stages:
            yield at_us, human.person, community, stage
            at_us += int(chance.uniform(5, 25) * MINUTE_US)
