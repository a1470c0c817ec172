"""A World: log + views + clock + label. The live one is one; every drill is another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import msgspec

from api.world.standing import Standing
from api.world.waiting import modes_due, people_due, posts_due, stock_due
from coordination.approvals.decide import ApproveProposal, ProposeDecision
from coordination.approvals.glass import BreakGlass
from coordination.authority.state import APPROVED_FROM_LEVEL
from coordination.deadlines.decide import AlreadyRecorded, NotDue
from coordination.deadlines.due import SOURCES
from coordination.folding import Reader
from coordination.kernel import Command
from coordination.log import Receipt
from coordination.mode.conflicts import UNLOOKED, ConflictsMoved
from coordination.mode.duties import PASSED_OVER
from coordination.mode.orders import Order
from coordination.mode.state import EMERGENCIES, UnknownEmergency, evolve_emergencies
from coordination.mode.taking import NobodyFreed
from coordination.people.availability import AbsenceNotDue
from coordination.posts.safety import WaitNotDue
from coordination.provenance import Actor, Provenance
from coordination.reactions import KINDS, carried_by, level_of, with_conflicts
from coordination.refusals import Refusal
from coordination.stations.levels import NothingShort
from coordination.stock.lots import NothingDue
from coordination.transfers.shortfalls import NotLate
from projections.board_view import BOARD
from projections.conflicts import RECOVERIES
from projections.foresight import Change, foresee
from projections.progress import PROGRESS
from projections.roster import FORGOTTEN, HUMAN

NO_LONGER_DUE = (
    AbsenceNotDue,
    AlreadyRecorded,
    NotDue,
    UnknownEmergency,
    WaitNotDue,
    NothingDue,
    NothingShort,
    NotLate,
    NobodyFreed,
)
"""Somebody was quicker, or it no longer matters."""
LOOKS_MAX = 20
SERVICE = Actor("service", "service")


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


class World(Standing):
    """Everything a way in needs: carry out commands, read views, wait for a seq."""

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
        minutes: int = 0,
        alone: bool = False,
    ) -> Receipt:
        """Order a switch, or propose it where it needs a second person.

        ``minutes``: how long a proposal waits, 0: as usual. ``alone``: break-glass
        (单人处置).

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
            return ProposeDecision(
                carried=carried,
                minutes=minutes or self.settings.approval_minutes,
                known=known,
                **what,
            )

        known = await asyncio.to_thread(self.people_known)
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
                known=known,
            )

        known = await asyncio.to_thread(self.people_known)
        return await self._looked(carried_by(made), by, decision)

    async def conflicts(self, command: Command, by: Provenance) -> tuple[str, ...]:
        """Return the sites a switch would have to pass over, for the decision to check.

        Nothing is looked for while no other emergency could be in its way, nor what is
        left of one.
        """
        own, known = getattr(command, "emergency", ""), self.state(EMERGENCIES)
        if "conflicts" not in command.VIEWED or set(known.all) <= {own}:
            return ()
        active = [e.declared.emergency for e in known.active()]
        # The view must have seen every order that was counted.
        await asyncio.to_thread(self.runner.catch_up)
        if set(active) <= {own} and not await asyncio.to_thread(self.recovering):
            return ()
        try:
            return (await asyncio.to_thread(self.foresee, command, by)).conflicts
        except Refusal:
            return ()  # the decision itself will say why

    def recovering(self) -> bool:
        """Tell whether a site is still recovering from anything."""
        key = PROGRESS.table.c.slot
        with self.reading() as c:
            return bool(PROGRESS.first(c, RECOVERIES, order=key, limit=1, at=None))

    def people_known(self) -> bool:
        """Tell whether an account is bound to a person: who signs can be told then."""
        t = HUMAN.table.c
        with self.reading() as c:
            found = HUMAN.first(c, t.account != "", order=t.person, limit=1, at=None)
        return bool(found)

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

    def forget_again(self) -> None:
        """Destroy what the vault still holds of people the log has forgotten.

        Whoever dies between the fact and the deed has it done at the next start.
        """
        with self.reading() as c:
            gone = HUMAN.where(c, HUMAN.table.c.state == FORGOTTEN, at=None)
        for row in gone:
            self.vault.forget(row.person)

    async def tick(self) -> int:
        """Record every moment that has passed; return how many were new."""
        states, now = self.handler.states, self.clock()
        states.behind(SOURCES)  # whoever wrote may not have read these

        def look() -> list[tuple[str, Command]]:
            read = Reader(states)
            with self.reading() as c:
                return [
                    *modes_due(c, read, now, self.schedule),
                    *people_due(c, read, now),
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
