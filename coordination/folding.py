"""Folded states (状态): what a decision, or a look at the past, reads of the log."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from coordination import catalogue
from coordination.kernel import Decided, Held, Stream, Told
from coordination.log import Log, Row
from coordination.provenance import Actor, Provenance

STATES_MAX = 60_000
AT_ONCE = 100
"""Rows read at once where a stream is read backwards."""
ALL = 2**62
_PLACES = ("site/", "area/")


def _told(row: Row) -> Told:
    """Return a row as a decision reads it."""
    said = catalogue.open_envelope(row.stored)
    return Told(
        catalogue.decode_event(row.name, said.event),
        said.actor,
        said.occurred_us,
        row.recorded_us,
        row.seq,
        row.stream,
        said.command,
    )


class States:
    """Folded states by stream, newest kept, bounded; a stale one costs a retry only."""

    upto = ALL
    """The last seq that is read."""

    def __init__(self, log: Log) -> None:
        """Start empty."""
        self._log = log
        self._known: OrderedDict[tuple[str, Any], tuple[int, Any]] = OrderedDict()
        self._behind: set[tuple[str, Any]] = set()

    def get(self, stream: Stream[Any]) -> tuple[int, Any]:
        """Return a stream's version and state; what is not folded yet is folded now."""
        key = (stream.id, stream.evolve)
        found = self._known.get(key)
        if found is not None and key not in self._behind:
            return found
        version, state = found or (0, stream.initial)
        self._behind.discard(key)  # first: who marks it while we read means the next
        for row in self.rows(stream.id, version):
            raw = catalogue.open_envelope(row.stored).event
            state = stream.evolve(state, catalogue.decode_event(row.name, raw))
            version = row.version
        return self.put(stream, version, state)

    def rows(self, stream: str, after: int) -> Iterable[Row]:
        """Return a stream's rows with versions above ``after``."""
        return self._log.recorder.stream(stream, after)

    def last(self, held: Held) -> Decided | None:
        """Return which decision stored the last of the facts that make it so.

        Of any version. Read from the end of each stream: what is older costs nothing.
        """
        wanted = {fact.NAME.rpartition(".")[0] for fact in held.facts}
        found = [self._last(stream, wanted, held.about) for stream in held.streams]
        return max(filter(None, found), default=None)

    def _last(
        self, stream: str, wanted: set[str], about: tuple[str, str]
    ) -> Decided | None:
        """Return the last decision with one of the facts ``wanted`` in a stream."""
        field, value = about
        for row in self.newest(stream):
            if row.name.rpartition(".")[0] not in wanted:
                continue
            said = catalogue.open_envelope(row.stored)
            fact = catalogue.decode_event(row.name, said.event) if field else None
            if not field or getattr(fact, field) == value:
                return Decided(row.seq, row.recorded_us, said.actor)
        return None

    def fact(self, seq: int) -> Told | None:
        """Return the fact at a position of the log, None if there is none."""
        return next(map(_told, self._log.recorder.rows(seq - 1, 1)), None)

    def newest(self, stream: str) -> Iterator[Row]:
        """Yield a stream's rows, newest first; no more are read than are asked for."""
        before = ALL
        while rows := self._log.recorder.newest(stream, before, self.upto, AT_ONCE):
            yield from rows
            before = rows[-1].version

    def told(self, stream: str) -> Iterator[Told]:
        """Yield the facts of a stream with who recorded them and when, newest first."""
        return map(_told, self.newest(stream))

    def peek(self, stream: Stream[Any]) -> tuple[int, Any] | None:
        """Return what is kept of a stream without asking the database."""
        return self._known.get((stream.id, stream.evolve))

    def put(self, stream: Stream[Any], version: int, state: Any) -> tuple[int, Any]:
        """Keep a state; the one kept longest goes when there are too many."""
        self._known[stream.id, stream.evolve] = version, state
        if len(self._known) > STATES_MAX:
            oldest, _ = self._known.popitem(last=False)
            self._behind.discard(oldest)
        return version, state

    def refresh(self) -> None:
        """Mark what another process has moved on, of the streams all share."""
        kept = list(self._known.items())  # others change it meanwhile
        shared = {key: v for key, (v, _) in kept if not key[0].startswith(_PLACES)}
        now = self._log.recorder.versions([stream for stream, _ in shared])
        for key, version in shared.items():
            if now[key[0]] != version:
                self._behind.add(key)

    def behind(self, streams: Sequence[Stream[Any]]) -> None:
        """Mark what turned out stale: its newer facts are read before it is used.

        What is kept is a true beginning of its stream: facts are only ever added.
        """
        for stream in streams:
            key = (stream.id, stream.evolve)
            if key in self._known:
                self._behind.add(key)


class Past(States):
    """Folded states as of a position: of what came later nothing is known."""

    def __init__(self, log: Log, upto: int) -> None:
        """``upto``: the last seq that is read."""
        super().__init__(log)
        self.upto = upto

    def rows(self, stream: str, after: int) -> Iterable[Row]:
        """Return a stream's rows up to the position."""
        return takewhile(lambda row: row.seq <= self.upto, super().rows(stream, after))

    def fact(self, seq: int) -> Told | None:
        """Return the fact at a position up to this one."""
        return super().fact(seq) if seq <= self.upto else None


NOBODY = Provenance(command_id="", actor=Actor("", ""))


class Reader:
    """The ``read`` of one decision: remembers every stream it touched."""

    def __init__(self, states: States, by: Provenance = NOBODY, now: int = 0) -> None:
        """Begin with nothing read. ``by``: who asks, and when."""
        self._states = states
        self.by, self.now = by, now
        self.places: tuple[str, ...] = ()
        self.versions: dict[str, int] = {}
        self.streams: dict[tuple[str, Any], Stream[Any]] = {}

    def __call__(self, stream: Stream[Any]) -> Any:
        """Return the folded state of a stream."""
        version, state = self._states.get(stream)
        # Two folds of one stream at different versions: the older one decides, so
        # that the append finds the decision stale.
        self.versions[stream.id] = min(self.versions.get(stream.id, version), version)
        self.streams[stream.id, stream.evolve] = stream
        return state

    def last(self, held: Held) -> Decided | None:
        """Return which decision stored the last of the facts that make it so."""
        return self._states.last(held)

    def told(self, stream: str) -> Iterator[Told]:
        """Yield the facts of a stream with who recorded them and when, newest first."""
        return self._states.told(stream)

    def fact(self, seq: int) -> Told | None:
        """Return the fact at a position of the log, None if there is none."""
        return self._states.fact(seq)

    def stale(self, log: Log) -> bool:
        """Tell whether anything read has moved since."""
        return log.recorder.versions(list(self.versions)) != self.versions
