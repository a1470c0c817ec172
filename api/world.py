"""A World: log + views + clock + label. The live one is one; every drill is another."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import sqlalchemy as sa

from api.settings import Settings
from coordination.areas.state import UnknownArea, place_of
from coordination.deadlines.decide import AlreadyRecorded, NotDue
from coordination.deadlines.due import due
from coordination.handle import Handler, Reader
from coordination.kernel import Actor, Command, Provenance, Refusal
from coordination.log import Log, Receipt
from coordination.mode.state import EMERGENCIES, UnknownEmergency
from coordination.tree import Place
from projections.board import AREA, Area
from projections.runner import Runner
from projections.store import snapshot

WAIT_SECONDS = 5.0
SERVICE = Actor("service", "service")


class ViewsBehind(Refusal):
    """The views did not reach the wanted position in time (视图未跟上)."""

    code = "views.behind"
    zh = "视图尚未到达位置 {min_seq}，当前 {seq}"
    en = "the views have not reached seq {min_seq}; they are at {seq}"


@dataclass
class World:
    """Everything a way in needs: carry out commands, read views, wait for a seq."""

    settings: Settings
    handler: Handler
    runner: Runner
    clock: Callable[[], int]
    drill: bool = False
    base: str = ""
    _waiting: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)

    @property
    def log(self) -> Log:
        """The log this World stands on."""
        return self.handler.log

    async def do(self, command: Command, by: Provenance) -> Receipt:
        """Carry out a command once, durably, or refuse it.

        :raises Refusal: whatever rule says no
        """
        return await self.handler.handle(command, by, self.clock())

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection on one consistent moment of the views."""
        return snapshot(self.runner.engine)

    async def reached(self, min_seq: int) -> None:
        """Return when the views show ``min_seq``.

        :raises ViewsBehind: after ``WAIT_SECONDS``
        """
        if self.runner.seq >= min_seq:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((min_seq, future))
        self._settle(self.runner.seq)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await future
        except TimeoutError:
            raise ViewsBehind(min_seq=min_seq, seq=self.runner.seq) from None

    def _settle(self, seq: int) -> None:
        """Wake every reader whose position has come."""
        still = []
        for min_seq, future in self._waiting:
            if future.done():
                continue
            if min_seq <= seq:
                future.set_result(None)
            else:
                still.append((min_seq, future))
        self._waiting = still

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to keep the views up, in a thread that tells ``loop``."""

        def advanced(seq: int) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(self._settle, seq)

        self.runner.on_advance.append(advanced)
        self.runner.start()

    async def tick(self) -> int:
        """Record every deadline that has passed; return how many were new."""
        states, now = self.handler.states, self.clock()
        if self.log.reads_block:
            states.forget([EMERGENCIES])  # another process may have written
            found = await asyncio.to_thread(lambda: list(due(Reader(states), now)))
        else:
            found = list(due(Reader(states), now))
        recorded = 0
        for command_id, command in found:
            by = Provenance(command_id=command_id, actor=SERVICE)
            with contextlib.suppress(AlreadyRecorded, NotDue, UnknownEmergency):
                await self.handler.handle(command, by, now)
                recorded += 1
        return recorded

    def places(self, codes: tuple[str, ...]) -> tuple[Place, ...]:
        """Return registered areas by code.

        :raises UnknownArea: naming the first that is not registered
        """
        read = Reader(self.handler.states)
        try:
            return tuple(place_of(read, code) for code in codes)
        except UnknownArea:
            if not self.log.reads_block:
                raise
        # Another process may have registered it since we looked.
        self.handler.states.forget(list(read.streams.values()))
        return tuple(place_of(Reader(self.handler.states), code) for code in codes)

    def scope_of(self, emergency: str) -> tuple[Place, ...]:
        """Return the scope an emergency was declared for, () for an unknown one."""
        self.handler.states.forget([EMERGENCIES] if self.log.reads_block else [])
        known = Reader(self.handler.states)(EMERGENCIES).all.get(emergency)
        return known.declared.scope if known else ()

    def home(self, c: sa.Connection) -> Area | None:
        """Return the lowest area that holds everything: what the screen opens with."""
        below: dict[str, list[Area]] = {}
        for area in AREA.select(c, at=None):
            if area.level != "community":
                below.setdefault(area.parent, []).append(area)
        home, level = None, below.get("", [])
        while len(level) == 1:
            home = level[0]
            level = below.get(home.code, [])
        return home

    def close(self) -> None:
        """Stop the views, then commit what is queued and close the log."""
        self.runner.stop()
        self.log.close()


def emergency_id(command_id: str) -> str:
    """Return the id of the emergency a command declares: a retry names the same."""
    return "e-" + hashlib.sha256(command_id.encode()).hexdigest()[:10]
