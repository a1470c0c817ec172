"""A World: log + views + clock + label. The live one is one; every drill is another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from api.world.settings import Settings
from api.world.vault import Vault
from api.world.waiting import posts_due, stock_due
from coordination.approvals.decide import ApproveProposal, ProposeDecision
from coordination.approvals.glass import BreakGlass
from coordination.approvals.state import APPROVALS, Proposal, known_proposal
from coordination.areas.state import UnknownArea, place_of
from coordination.authority.state import APPROVED_FROM_LEVEL
from coordination.catalogue import decode_event, open_envelope
from coordination.deadlines.decide import AlreadyRecorded, NotDue
from coordination.deadlines.due import SOURCES, due
from coordination.grants.state import grants_stream, held_by
from coordination.handle import Handler, Reader, entitled
from coordination.kernel import (
    Actor,
    Command,
    Event,
    Provenance,
    Refusal,
    Stream,
    Unavailable,
)
from coordination.log import Log, Receipt
from coordination.mode.duties import PASSED_OVER, UNLOOKED, ConflictsMoved
from coordination.mode.state import (
    EMERGENCIES,
    Emergency,
    Order,
    UnknownEmergency,
    evolve_emergencies,
    known_emergency,
)
from coordination.permit import PERMITTED, Denied
from coordination.posts.safety import WaitNotDue
from coordination.reactions import KINDS, carried_by, level_of, with_conflicts
from coordination.stations.decide import NothingShort
from coordination.stock.lots import NothingDue
from coordination.transfers.shortfalls import NotLate
from coordination.tree import Place
from projections.alarms import ALARM
from projections.board import AREA, Area
from projections.board_view import BOARD
from projections.foresight import Change, foresee
from projections.roster import FORGOTTEN, HUMAN
from projections.runner import Runner
from projections.store import snapshot

WAIT_SECONDS = 5.0
NO_LONGER_DUE = (
    AlreadyRecorded,
    NotDue,
    UnknownEmergency,
    WaitNotDue,
    NothingDue,
    NothingShort,
    NotLate,
)
"""Somebody was quicker, or it no longer matters."""
APPROVAL_MINUTES = 120
LOOKS_MAX = 20
SERVICE = Actor("service", "service")
S = TypeVar("S")


ViewsBehind = Unavailable.of(
    "views.behind",
    "视图尚未到达位置 {min_seq}，当前 {seq}",
    "the views have not reached seq {min_seq}; they are at {seq}",
)


@dataclass(frozen=True)
class Foreseen:
    """预演: what a switch would change, at the position it was looked at.

    ``refused``: why the order would be refused all the same, for its conflicts.
    """

    seq: int
    level: int
    changes: list[Change]
    order: Order | None = None
    """The order that would be in force then."""
    refused: Refusal | None = None

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The sites that would be passed over."""
        return tuple(
            change.after.site
            for change in self.changes
            if change.after.phase == PASSED_OVER
        )


@dataclass
class World:
    """Everything a way in needs: carry out commands, read views, wait for a seq."""

    settings: Settings
    handler: Handler
    runner: Runner
    clock: Callable[[], int]
    vault: Vault
    secret: bytes
    """Keys what this World hands out to come back, such as codes to scan."""
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

    async def order(
        self,
        command: Command,
        by: Provenance,
        *,
        minutes: int = APPROVAL_MINUTES,
        alone: bool = False,
    ) -> Receipt:
        """Order a switch, or propose it where it needs a second person.

        ``minutes``: how long a proposal waits. ``alone``: break-glass (单人处置).

        :raises Refusal: whatever rule says no
        """
        try:
            level = level_of(self.read(), command)
        except Refusal:
            # Refused in the door too, unless this is a retry of what was done.
            return await self.do(command, by)
        kind, emergency = KINDS[type(command)], str(getattr(command, "emergency", ""))
        what: dict[str, Any] = {
            "kind": kind,
            "emergency": emergency,
            "level": level,
            "basis": command.basis,
            "reason": command.reason,
        }

        def decision(carried: Command) -> Command:
            if alone:
                return BreakGlass(carried=carried, **what)
            if level >= APPROVED_FROM_LEVEL:
                return carried
            return ProposeDecision(carried=carried, minutes=minutes, **what)

        return await self._looked(command, by, decision)

    async def _looked(
        self, command: Command, by: Provenance, decision: Callable[[Command], Command]
    ) -> Receipt:
        """Decide a switch on the conflicts there are, looked for until none is new."""
        for _ in range(LOOKS_MAX):
            looked = len(self.state(EMERGENCIES).orders)
            conflicts = await self.conflicts(command, by)
            try:
                carried = with_conflicts(command, conflicts, looked)
                return await self.do(decision(carried), by)
            except ConflictsMoved:
                continue
        raise ConflictsMoved

    async def approve(self, command: ApproveProposal, by: Provenance) -> Receipt:
        """Approve a proposal, with the conflicts there are by now.

        :raises Refusal: whatever rule says no
        """
        made = self.proposal(command.proposal).made

        def decision(carried: Command) -> Command:
            return msgspec.structs.replace(
                command,
                conflicts=getattr(carried, "conflicts", ()),
                looked=getattr(carried, "looked", -1),
            )

        return await self._looked(carried_by(made), by, decision)

    async def conflicts(self, command: Command, by: Provenance) -> tuple[str, ...]:
        """Return the sites a switch would have to pass over, for the decision to check.

        Nothing is looked for while no other emergency could be in its way.
        """
        own = getattr(command, "emergency", "")
        active = [e.declared.emergency for e in self.state(EMERGENCIES).active()]
        if "conflicts" not in command.VIEWED or set(active) <= {own}:
            return ()
        # The view must have seen every order that was counted.
        await asyncio.to_thread(self.runner.catch_up)
        try:
            return (await asyncio.to_thread(self.foresee, command, by)).conflicts
        except Refusal:
            return ()  # the decision itself will say why

    def foresee(self, command: Command, by: Provenance) -> Foreseen:
        """Decide a switch and show it, for real, and keep nothing of it (预演).

        :raises Refusal: as the decision would
        """
        now = self.clock()
        level = level_of(self.read(), command)
        with self.runner.holding(BOARD) as (tables, seq):
            events = self.handler.foretell(command, by, now)
            changes = foresee(BOARD, tables, events, seq, now)
        then = reduce(evolve_emergencies, events, self.state(EMERGENCIES))
        order = then.orders[-1] if then.orders else None
        found = Foreseen(seq, level, changes, order)
        if found.conflicts:
            try:
                again = with_conflicts(command, found.conflicts, UNLOOKED)
                self.handler.foretell(again, by, now)
            except Refusal as refusal:
                return Foreseen(seq, level, changes, order, refusal)
        return found

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

    def forget_again(self) -> None:
        """Destroy what the vault still holds of people the log has forgotten.

        Whoever dies between the fact and the deed has it done at the next start.
        """
        with self.reading() as c:
            gone = HUMAN.where(c, HUMAN.table.c.state == FORGOTTEN, at=None)
        for row in gone:
            self.vault.forget(row.person)

    def person_of(self, account: str) -> str:
        """Return who signs in with an account, empty if that is not known."""
        return self.state(grants_stream(account)).person

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection on one consistent moment of the views."""
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

    async def tick(self) -> int:
        """Record every moment that has passed; return how many were new."""
        states, now = self.handler.states, self.clock()
        if self.log.reads_block:
            states.behind(SOURCES)  # another process may have written

        def look() -> list[tuple[str, Command]]:
            read = Reader(states)
            with self.reading() as c:
                return [
                    *due(read, now),
                    *posts_due(c, read, now),
                    *stock_due(c, read, now),
                ]

        found = await asyncio.to_thread(look)
        recorded = 0
        for command_id, command in found:
            by = Provenance(command_id=command_id, actor=SERVICE)
            with contextlib.suppress(*NO_LONGER_DUE):
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
            return ALARM.get(c, alarm) is not None

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
