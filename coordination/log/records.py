"""What passes between the log, its committer and the two recorders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from eventsourcing.persistence import StoredEvent

from coordination.merkle import Frontier, leaf_hash
from coordination.refusals import Unavailable


class Row(NamedTuple):
    """One stored event, in the order of the table's columns."""

    seq: int
    stream: str
    version: int
    name: str
    stored: bytes
    recorded_us: int
    leaf: bytes


class Receipt(NamedTuple):
    """Proof that a command was carried out (回执): the same for every retry.

    ``seq``: its last event; ``root``: Merkle root, hex, of the log up to ``seq``.
    """

    command: str
    digest: str
    first_seq: int
    seq: int
    root: str
    recorded_us: int


class Head(NamedTuple):
    """The end of the log: last seq, its time, the frontier's peaks."""

    seq: int
    recorded_us: int
    peaks: bytes

    def frontier(self) -> Frontier:
        """Return the tree up to here."""
        return Frontier.unpack(self.seq, self.peaks)


class Proposed(NamedTuple):
    """An event a decision wants stored; seq, version and time are given at commit."""

    stream: str
    name: str
    stored: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """All events of one command, and the versions of every stream it read."""

    command: str
    digest: str
    reads: dict[str, int]
    proposed: Sequence[Proposed]


class Stale(NamedTuple):
    """Outcome: these streams moved since they were read; decide again."""

    streams: tuple[str, ...]


class Repeated(NamedTuple):
    """Outcome: this command was carried out before; nothing was stored again."""

    receipt: Receipt


class Reused(NamedTuple):
    """Outcome: this command id was used before, for another body."""

    receipt: Receipt


Outcome = Receipt | Repeated | Stale | Reused
Clock = Callable[[], int]
"""Microseconds since 1970 UTC."""


@dataclass(slots=True)
class Batch:
    """Settles many appends under one write lock, without touching the database.

    The recorder reads ``versions`` and ``receipts`` of what ``wanted`` names, calls
    ``settle``, and writes ``rows``, ``new_receipts`` and ``head`` in one transaction.
    """

    head: Head
    clock: Clock
    versions: dict[str, int]
    receipts: dict[str, Receipt]
    rows: list[Row] = field(default_factory=list)
    new_receipts: list[Receipt] = field(default_factory=list)

    def settle(self, appends: Iterable[Append]) -> list[Outcome]:
        """Accept what still stands on current versions; say why not for the rest."""
        frontier = self.head.frontier()
        recorded_us = self.head.recorded_us
        outcomes: list[Outcome] = []
        for append in appends:
            refused = self._refusal(append)
            if refused is not None:
                outcomes.append(refused)
                continue
            # Strictly increasing also when the wall clock is stepped back.
            recorded_us = max(self.clock(), recorded_us + 1)
            first_seq, first_us = frontier.size + 1, recorded_us
            for number, (stream, name, stored) in enumerate(append.proposed):
                seq = frontier.size + 1
                version = self.versions[stream] + 1
                self.versions[stream] = version
                recorded_us = first_us + number
                leaf = leaf_hash(seq, recorded_us, stream, version, name, stored)
                frontier.append(leaf)
                self.rows.append(
                    Row(seq, stream, version, name, stored, recorded_us, leaf)
                )
            receipt = Receipt(
                append.command,
                append.digest,
                first_seq,
                frontier.size,
                frontier.root().hex(),
                recorded_us,
            )
            self.receipts[append.command] = receipt
            self.new_receipts.append(receipt)
            outcomes.append(receipt)
        self.head = Head(frontier.size, recorded_us, frontier.pack())
        return outcomes

    def _refusal(self, append: Append) -> Outcome | None:
        """Return the answer for an append that writes nothing, else None."""
        earlier = self.receipts.get(append.command)
        if earlier is not None:
            same = earlier.digest == append.digest
            return Repeated(earlier) if same else Reused(earlier)
        versions = self.versions
        stale = tuple(s for s, v in append.reads.items() if versions[s] != v)
        return Stale(stale) if stale else None


def given(event: StoredEvent) -> tuple[str, int, str, bytes]:
    """Return an event of the library's as ``placed`` takes it."""
    return (
        str(event.originator_id),
        event.originator_version,
        event.topic,
        event.state,
    )


def placed(head: Head, events: Iterable[tuple[str, int, str, bytes]]) -> Batch:
    """Return a batch of events whose versions the caller chose (stream, version, …)."""
    frontier, rows, at = head.frontier(), [], head.recorded_us
    for stream, version, name, stored in events:
        seq, at = frontier.size + 1, at + 1
        leaf = leaf_hash(seq, at, stream, version, name, stored)
        frontier.append(leaf)
        rows.append(Row(seq, stream, version, name, stored, at, leaf))
    end = Head(frontier.size, at, frontier.pack())
    return Batch(end, lambda: at, {}, {}, rows)


def wanted(appends: Sequence[Append]) -> tuple[list[str], list[str]]:
    """Return the streams and the command ids a batch must look up."""
    streams: set[str] = set()
    for append in appends:
        streams.update(append.reads)
        streams.update(p.stream for p in append.proposed)
    return list(streams), [append.command for append in appends]


LogBeyond = Unavailable.of(
    "log.beyond",
    "日志末尾之后有不明记录，拒绝写入",
    "there is a row beyond the end of the log that nobody recorded; nothing is written",
    "请管理员停止服务并执行日志校验",
    "stop the service and let an administrator verify the log",
)


LogBehind = Unavailable.of(
    "log.behind",
    "日志只到 {found}，而已答复的决定到 {known}，拒绝写入",
    "the log ends at {found}, and what was acknowledged at {known}: nothing is written",
    "请管理员核对是否切换到了落后的数据库，恢复后再启动服务",
    "let an administrator see whether an older database was switched to",
)
LogGone = Unavailable.of(
    "log.gone",
    "日志文件在运行中被移走或替换，拒绝写入",
    "the file of the log was taken away or replaced while in use: nothing is written",
    "请停止服务，把原文件放回后再启动",
    "stop the service, put the file back, start again",
)


def check_reached(head: Head, known: int) -> Head:
    """Return the end of the log, if it holds all that was acknowledged.

    :raises LogBehind: if it does not: another database stands in for ours
    """
    if head.seq < known:
        raise LogBehind(found=head.seq, known=known)
    return head


class Recorder(Protocol):
    """What the log needs of a database."""

    known: int
    """Up to where what it stored was acknowledged, as far as this process knows."""

    def check_there(self) -> None:
        """Return if what is written is still what lies where it was opened.

        :raises LogGone: if not
        """
        ...

    def commit(self, appends: Sequence[Append], clock: Clock) -> list[Outcome]:
        """Settle and store a batch in one durable transaction."""
        ...

    def stream(self, stream: str, after: int = 0) -> list[Row]:
        """Return a stream's rows with versions above ``after``."""
        ...

    def newest(self, stream: str, before: int, upto: int, limit: int) -> list[Row]:
        """Return a stream's newest rows, newest first.

        Up to ``limit`` with versions below ``before`` and seq not above ``upto``.
        """
        ...

    def streams(self, prefix: str) -> list[str]:
        """Return the streams whose name begins so."""
        ...

    def rows(self, after: int, limit: int) -> list[Row]:
        """Return up to ``limit`` rows with seq above ``after``, in order."""
        ...

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the current version of each stream, 0 for an unknown one."""
        ...

    def head(self) -> Head:
        """Return the end of the log."""
        ...

    def receipt(self, command: str) -> Receipt | None:
        """Return the receipt of a command id, if it was carried out."""
        ...

    def last(self) -> int:
        """Return the position of the last row, the head's if all is well."""
        ...

    def any_of(self, names: Sequence[str]) -> bool:
        """Tell whether an event of one of these names is stored; reads all of it."""
        ...

    def receipts(self) -> Iterator[Receipt]:
        """Yield every receipt, in the order of the log."""
        ...

    def meta(self, name: str, fresh: str) -> str:
        """Return a lasting value of this log, stored as ``fresh`` the first time."""
        ...

    def renew(self, name: str, value: str) -> None:
        """Store a value of this log in place of the one that ``meta`` returns."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...
