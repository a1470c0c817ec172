"""How a World stands (现状): its views and states as they are, and who may see them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa

from api.world.clock import WorldClock
from api.world.memory import Memory
from api.world.settings import Settings
from api.world.stores import forget_writes, marks_of
from api.world.vault import Vault
from coordination.approvals.state import APPROVALS, Proposal, known_proposal
from coordination.areas.state import UnknownArea, place_of
from coordination.catalogue import decode_event, open_envelope
from coordination.deadlines.due import Schedule
from coordination.entitled import entitled
from coordination.fields import lot_id
from coordination.folding import Reader
from coordination.grants.state import grants_stream, held_by
from coordination.handle import Handler
from coordination.kernel import Event, Stream
from coordination.log import Log, Receipt
from coordination.mode.state import EMERGENCIES, Emergency, known_emergency
from coordination.permit import PERMITTED, Denied
from coordination.provenance import Provenance
from coordination.refusals import Unavailable
from coordination.tree import Place
from projections.alarms import ALARM
from projections.board import AREA, Area
from projections.runner import Runner
from projections.store import snapshot

WAIT_SECONDS = 5.0
S = TypeVar("S")
ViewsBehind = Unavailable.of(
    "views.behind",
    "视图尚未到达位置 {min_seq}，当前 {seq}",
    "the views have not reached seq {min_seq}; they are at {seq}",
)
ViewsAnew = Unavailable.of(
    "views.anew",
    "视图正在从日志重建，已到位置 {seq}",
    "the views are being made again from the log; they are at {seq}",
)
RETRY_SECONDS = 2
"""What whoever is told to try again is told to wait."""


@dataclass
class Standing:
    """What can be asked of a World."""

    settings: Settings
    handler: Handler
    runner: Runner
    clock: Callable[[], int]
    vault: Vault
    secret: bytes
    """Keys what this World hands out to come back, such as codes to scan."""
    drill: bool = False
    base: str = ""
    time: WorldClock | None = None
    """By what its clock is judged; of a test's own clock nothing is."""
    memory: Memory | None = None
    """What this host remembers of its stores (记忆); a passing world has none."""
    channels: tuple[str, ...] = ()
    """Where notices may go (通知渠道); a drill and a demonstration have none."""
    schedule: Schedule = field(default_factory=Schedule)
    """Which emergencies the tick has to look at."""
    _waiting: list[tuple[int, asyncio.Future[None]]] = field(default_factory=list)

    @cached_property
    def old_lots(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Lots that were stored before all were written alike, by item and number.

        The spelling that is kept first; nothing is added to these any more.
        """
        found: dict[tuple[str, str], list[str]] = {}
        for stream in self.log.recorder.streams("lot/"):
            _, item, lot = stream.split("/", 2)
            found.setdefault((item, lot_id(lot)), []).append(lot)
        return {
            (item, lot): tuple(sorted(said, key=lambda one: (one != lot, one)))
            for (item, lot), said in found.items()
            if said != [lot]
        }

    def lot_named(self, item: str, said: str) -> str:
        """Return a lot's number as the log has it, however it was asked for."""
        lot = lot_id(said)
        found = self.old_lots.get((item, lot), ())
        return found[0] if found and lot not in found else lot

    @property
    def log(self) -> Log:
        """The log this World stands on."""
        return self.handler.log

    def entitle(
        self, by: Provenance, action: str, places: tuple[str, ...] = ()
    ) -> Provenance:
        """Return who may do or read something, in the role that allows it.

        :raises Denied: if no grant of theirs does
        """
        now, own = self.clock(), self.handler.own
        return entitled(self.read(), by, action, places, now, own)

    def sees(self, by: Provenance, action: str, path: str) -> bool:
        """Tell whether a list shows somebody what lies at ``path``."""
        try:
            self.entitle(by, action, (path,) if path else ())
        except Denied:
            return False
        return True

    def areas_of(self, by: Provenance, action: str) -> tuple[str, ...]:
        """Return the paths in which somebody may do or read something.

        An empty path among them: everywhere.
        """
        account = by.actor.account
        if account in self.handler.own:
            return ("",)
        roles = {role for rule in PERMITTED[action] for role in rule.roles}
        return tuple(
            grant.area
            for grant in held_by(self.read(), account, self.clock())
            if grant.given.role in roles and action not in grant.withheld
        )

    def sees_person(self, by: Provenance, path: str) -> bool:
        """Tell whether somebody may know by name who lives at a place."""
        areas = self.areas_of(by, "view.people")
        return any(path.startswith(area) for area in areas)

    def person_of(self, account: str) -> str:
        """Return who signs in with an account, empty if that is not known."""
        return self.state(grants_stream(account)).person

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection on one consistent moment of the views.

        :raises ViewsAnew: while they are filled from their beginning
        """
        if self.runner.anew:
            raise ViewsAnew(seq=self.runner.seq, retry_after=RETRY_SECONDS)
        return snapshot(self.runner.engine)

    def read(self, *anew: Stream[Any]) -> Reader:
        """Return a reader of folded states as they are now.

        ``anew``: whoever wrote to these may not have read them: what was kept of a slip
        that somebody asked for too early is nothing.
        """
        if anew:
            self.handler.states.behind(anew)
        if self.log.reads_block:  # another process may have written
            self.handler.states.refresh()
        return Reader(self.handler.states)

    def state(self, stream: Stream[S]) -> S:
        """Return the folded state of a stream as it is now."""
        found: S = self.read(stream)(stream)
        return found

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
        self.handler.states.behind(list(read.streams.values()))
        return tuple(place_of(Reader(self.handler.states), code) for code in codes)

    def facts_of(self, receipt: Receipt) -> list[Event]:
        """Return the facts of a decision, from the log: a retry finds the same."""
        first = receipt.first_seq - 1
        rows = self.log.recorder.rows(first, receipt.seq - first)
        return [decode_event(r.name, open_envelope(r.stored).event) for r in rows]

    def raised(self, alarm: str) -> bool:
        """Tell whether an alarm was raised, as far as the views have come."""
        with self.reading() as c:
            return ALARM.get(c, alarm, at=None) is not None

    def emergency(self, emergency: str) -> Emergency:
        """Return an emergency, over or not.

        :raises UnknownEmergency: if there is none
        """
        return known_emergency(self.read(EMERGENCIES), emergency)

    def proposal(self, proposal: str) -> Proposal:
        """Return a proposal, decided or not.

        :raises UnknownProposal: if there is none
        """
        return known_proposal(self.read(APPROVALS), proposal)

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
        self.vault.close()
        if self.memory is not None:
            forget_writes(self.settings)
            self.memory.mark(marks_of(self.settings))
            self.memory.close()
