"""The one door (唯一入口): permit -> read -> fold -> decide -> append."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from typing import Any, TypeVar

import msgspec

from coordination import catalogue
from coordination.attempts import Attempts
from coordination.deciders import DECIDERS
from coordination.entitled import entitled, entitlements
from coordination.fields import SEQ_MAX
from coordination.folding import Reader, States
from coordination.folds import FOLDS
from coordination.kernel import (
    Command,
    CommandRefused,
    Decider,
    Event,
)
from coordination.log import Append, Log, Proposed, Receipt, Repeated, Reused, Stale
from coordination.permit import OWN, Denied
from coordination.provenance import Provenance
from coordination.reactions import KINDS, decide_all, switched
from coordination.refusals import Refusal, Unavailable

ATTEMPTS_MAX = 100
T = TypeVar("T")
Fact = tuple[Event, Command]
"""With the command it is decided by."""


CommandIdReused = Refusal.of(
    "command.id-reused",
    "命令编号 {command} 已用于另一命令",
    "command id {command} was used for another command",
    "请用新的编号重新提交",
    "send it again under a new id",
)
TooBusy = Unavailable.of(
    "command.too-busy",
    "他人同时更改相关内容",
    "others keep changing what this rests on",
    "请重试",
    "try again",
)


class Handler:
    """Carries out commands on one log, once each."""

    def __init__(
        self,
        log: Log,
        *,
        digest_key: bytes,
        entropy: Callable[[int], bytes],
        deciders: dict[type[Command], Decider] | None = None,
        own: Collection[str] = OWN,
    ) -> None:
        """``digest_key`` keys the digests of bodies; ``entropy`` gives salts.

        ``own``: accounts whose role the caller states; all others need a grant.
        """
        self.own = own
        self.log = log
        self.states = States(log)
        self._digest_key = digest_key
        self._entropy = entropy
        self._deciders = DECIDERS if deciders is None else deciders
        self._attempts = Attempts()
        self._turns: dict[str, deque[asyncio.Future[None]]] = {}

    async def handle(self, command: Command, by: Provenance, now: int) -> Receipt:
        """Permit, decide and store; the receipt of an earlier try if there is one.

        :raises Refusal: whatever rule says no; nothing is stored, or only the refusal
        """
        digest = self._digest(command, by)
        stream = command.stream
        waiting = self._turns.get(stream)
        if waiting is None:
            self._turns[stream] = deque()
        else:
            await self._turn(stream, waiting)
        try:
            return await self._carry_out(command, by, digest, now)
        finally:
            self._next(stream)

    async def _turn(self, stream: str, waiting: deque[asyncio.Future[None]]) -> None:
        """Wait until everybody before us on this stream is done."""
        mine = asyncio.get_running_loop().create_future()
        waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # our turn came while we were leaving
                self._next(stream)
            raise

    def _next(self, stream: str) -> None:
        """Give the turn to the next in line, or leave the stream free."""
        waiting = self._turns[stream]
        while waiting:
            first = waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        del self._turns[stream]

    async def _carry_out(
        self, command: Command, by: Provenance, digest: str, now: int
    ) -> Receipt:
        for _ in range(ATTEMPTS_MAX):
            reader = Reader(self.states, by, now)
            try:
                facts = await self._decide(reader, command, now)
            except Refusal as refusal:
                earlier = await self._off_loop(self.log.recorder.receipt, by.command_id)
                if earlier is not None:
                    return self._same(earlier, digest)
                # A no that rests on an old state is not yet an answer.
                if await self._off_loop(reader.stale, self.log):
                    self.states.behind(list(reader.streams.values()))
                    continue
                grave = command.GRAVE and isinstance(refusal, Denied)
                if refusal.RECORDED or grave:
                    await self._record_refusal(command, reader, refusal, now)
                raise
            append = self._sealed(reader, facts, reader.by, digest, now)
            outcome = await self.log.append(append)
            match outcome:
                case Receipt():
                    self._advance(reader, [event for event, _ in facts])
                    return outcome
                case Repeated():
                    return outcome.receipt
                case Reused():
                    raise CommandIdReused(command=by.command_id)
                case Stale():
                    self.states.behind(list(reader.streams.values()))
        raise TooBusy

    async def _decide(
        self, reader: Reader, command: Command, now: int
    ) -> Sequence[Fact]:
        """Run the pure decision; away from the event loop where it would hold it up."""
        if command.HEAVY or self.log.reads_block:
            facts = await asyncio.to_thread(self._ask, reader, command, now)
        else:
            facts = self._ask(reader, command, now)
        assert facts, "a decision without facts must be a Refusal"
        return facts

    def _ask(self, reader: Reader, command: Command, now: int) -> Sequence[Fact]:
        """Permit, decide, react: everything that may say no.

        Whoever holds several roles acts in the first that may.
        """
        decide = self._deciders[type(command)]
        said: tuple[Refusal, Provenance] | None = None
        reader.places = places = command.places(reader)
        roles = entitlements(
            reader, reader.by, command.action(reader), places, now, self.own
        )
        for reader.by in roles:
            try:
                return decide_all(decide, reader, command, now)
            except Refusal as refusal:
                if not refusal.OF_ROLE:
                    raise
                said = said or (refusal, reader.by)
        assert said is not None, "nobody is entitled and nobody was denied"
        refused, reader.by = said
        raise refused

    async def _off_loop(self, call: Callable[..., T], *args: Any) -> T:
        if self.log.reads_block:
            return await asyncio.to_thread(call, *args)
        return call(*args)

    def preview(self, command: Command, by: Provenance, now: int) -> Sequence[Fact]:
        """Return what the real decision would store now; stores nothing.

        To look is to see what stands: nothing is refused for being unseen.

        :raises Refusal: as ``handle`` would
        """
        looking = msgspec.structs.replace(by, seen_seq=SEQ_MAX)
        return self._ask(Reader(self.states, looking, now), command, now)

    def foretell(self, command: Command, by: Provenance, now: int) -> list[Event]:
        """Return what a switch would store once the right people have decided it.

        :raises Refusal: as that decision would
        """
        reader = Reader(self.states, by, now)
        action, places = command.action(reader), command.places(reader)
        reader.by = entitled(reader, by, action, places, now, self.own)
        return list(switched(reader, KINDS[type(command)], command, now))

    def _digest(self, command: Command, by: Provenance) -> str:
        """Return a keyed digest of body and account: it tells retries, not contents."""
        asked = command.asked
        body = msgspec.json.encode((type(asked).__name__, by.actor.account, asked))
        return hashlib.blake2b(body, key=self._digest_key, digest_size=16).hexdigest()

    @staticmethod
    def _same(earlier: Receipt, digest: str) -> Receipt:
        if earlier.digest != digest:
            raise CommandIdReused(command=earlier.command)
        return earlier

    def _sealed(
        self,
        reader: Reader,
        facts: Sequence[Fact],
        by: Provenance,
        digest: str,
        now: int,
    ) -> Append:
        """Return the append: each event in its envelope, with what was read."""
        proposed = []
        for event, command in facts:
            envelope = catalogue.Envelope(
                command=by.command_id,
                digest=digest,
                actor=by.actor.account,
                role=by.actor.role,
                area=by.actor.area,
                grant=by.actor.grant,
                on_behalf_of=by.on_behalf_of,
                basis=command.basis,
                reason=command.reason,
                step=command.playbook_step,
                preview=by.preview,
                seen_seq=by.seen_seq,
                occurred_us=by.occurred_us or now,
                occurred_source="stated" if by.occurred_us else "clock",
                salt=self._entropy(16).hex(),
                event=catalogue.encode(event),
            )
            stored = catalogue.seal(envelope)
            proposed.append(Proposed(event.stream, event.NAME, stored))
        return Append(by.command_id, digest, reader.versions, proposed)

    def _advance(self, reader: Reader, events: Sequence[Event]) -> None:
        """Fold what was stored onto what was read: the append proved it current."""
        by_stream: dict[str, list[Event]] = {}
        for event in events:
            by_stream.setdefault(event.stream, []).append(event)
        for stream in reader.streams.values():
            added = by_stream.get(stream.id)
            if not added:
                continue
            version, state = self.states.peek(stream) or (-1, None)
            if version != reader.versions[stream.id]:
                continue  # forgotten or moved meanwhile: the next reader folds anew
            for event in added:
                state = stream.evolve(state, event)
            self.states.put(stream, version + len(added), state)
        others = chain.from_iterable(FOLDS.get(stream, ()) for stream in by_stream)
        read = reader.streams
        self.states.behind([o for o in others if (o.id, o.evolve) not in read])

    async def _record_refusal(
        self, command: Command, asked: Reader, refusal: Refusal, now: int
    ) -> None:
        """Store a refusal of consequence, once for each command id, or count it."""
        by, name = asked.by, type(command).__name__
        more = self._attempts.note((by.actor.account, name, refusal.code), now)
        if more is None:
            return
        fact = CommandRefused(
            command_name=name,
            place=",".join(asked.places),
            code=refusal.code,
            facts={k: str(v) for k, v in refusal.facts.items()},
            more=more,
        )
        noted = msgspec.structs.replace(by, command_id=f"refused:{by.command_id}")
        digest = self._digest(command, by)
        facts = [(fact, command)]
        append = self._sealed(Reader(self.states), facts, noted, digest, now)
        await self.log.append(append)
