"""The append-only log: group commit, receipts, reading. Only here is the library used.

A command's events queue to one committer thread; up to ``BATCH_MAX`` commands share one
durable transaction. The caller awaits a future that is set after COMMIT, never before.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from coordination.log.postgres import AWAY, PostgresRecorder
from coordination.log.records import (
    Append,
    Clock,
    LogBehind,
    LogBeyond,
    LogGone,
    Outcome,
    Proposed,
    Receipt,
    Recorder,
    Repeated,
    Reused,
    Row,
    Stale,
)
from coordination.log.sqlite import LogBusy, SQLiteRecorder
from coordination.log.sqlite_reader import SQLiteReader

__all__ = [
    "Append",
    "Log",
    "LogBehind",
    "LogBeyond",
    "LogBusy",
    "LogGone",
    "PostgresRecorder",
    "Proposed",
    "Receipt",
    "Recorder",
    "Repeated",
    "Reused",
    "Row",
    "SQLiteReader",
    "SQLiteRecorder",
    "Stale",
    "open_recorder",
]

BATCH_MAX = 512
CLOSE_SECONDS = 4.0


def open_recorder(where: str | Path) -> PostgresRecorder | SQLiteRecorder:
    """Open the log at a ``postgresql://`` address or in a SQLite file.

    :raises LogBusy: if another process writes the SQLite file
    """
    if isinstance(where, str) and where.startswith(("postgresql://", "postgres://")):
        return PostgresRecorder(where)
    return SQLiteRecorder(Path(where))


class Log:
    """One World's log, open for writing."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        """Start the committer; ``clock`` gives ``recorded_us``."""
        self.recorder = recorder
        self.clock = clock
        # PostgreSQL answers over a socket: its reads must not stall the event loop.
        self.reads_block = isinstance(recorder, PostgresRecorder)
        self.on_commit: list[Callable[[int], None]] = []
        self.remember: Callable[[Receipt], None] = _forget
        self._queue: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        self._thread = threading.Thread(
            target=self._commit_for_ever, name="log-committer", daemon=True
        )
        self._thread.start()

    async def append(self, append: Append) -> Outcome:
        """Store a command's events durably, or say why not.

        :raises Exception: what the database raised; nothing is stored then
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        gathered = self._gathered.get(loop)
        if gathered is None:
            # Everything that is ready in this turn of the loop goes in one bundle:
            # handed over one by one, the committer would start with a batch of one.
            gathered = self._gathered[loop] = []
            loop.call_soon(self._hand_over, loop)
        gathered.append((append, future))
        outcome: Outcome = await future
        return outcome

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        if gathered := self._gathered.pop(loop, None):
            self._queue.put(gathered)

    def _commit_for_ever(self) -> None:
        while (batch := self._next_batch()) is not None:
            outcomes = self._committed([append for append, _ in batch])
            receipts = [o for o in outcomes if isinstance(o, Receipt)]
            newest = receipts[-1] if receipts else None
            if newest is not None:
                self.recorder.known = newest.seq
                # Before anybody hears of it: what was acknowledged is remembered.
                self.remember(newest)
            # Whoever asked hears first: a view woken earlier would hold them up.
            _answer(batch, outcomes)
            if newest is not None:
                for listener in self.on_commit:
                    listener(newest.seq)

    def _committed(
        self, appends: Sequence[Append]
    ) -> Sequence[Outcome | BaseException]:
        """Commit together; if that fails, one by one, so that one cannot spoil all."""
        try:
            return self.recorder.commit(appends, self.clock)
        except AWAY as error:
            # Nobody's fault: one by one, each would wait as long as all have now.
            return [error] * len(appends)
        except BaseException as error:  # noqa: BLE001 - each waiter gets it
            if len(appends) == 1:
                return [error]
        return [self._committed([append])[0] for append in appends]

    def _next_batch(self) -> list[_Waiting] | None:
        """Wait for appends, take all others that are there; None at the end."""
        first = self._queue.get()
        if first is None:
            return None
        batch = first
        with contextlib.suppress(queue.Empty):
            while len(batch) < BATCH_MAX:
                more = self._queue.get_nowait()
                if more is None:
                    self._queue.put(None)
                    break
                batch += more
        return batch

    def close(self) -> None:
        """Commit what is queued, then close the database.

        One that does not answer is not waited for: nobody has a receipt for the rest.
        """
        for loop in list(self._gathered):
            self._hand_over(loop)
        self._queue.put(None)
        self._thread.join(CLOSE_SECONDS if self.reads_block else None)
        self.recorder.close()


def _forget(_newest: Receipt) -> None:
    """Remember nothing, as a log that nobody serves."""


_Waiting = tuple[Append, "asyncio.Future[Outcome]"]


def _answer(
    batch: Sequence[_Waiting], outcomes: Sequence[Outcome | BaseException]
) -> None:
    """Set every future in its own loop: one wake-up a loop, not one a command."""
    by_loop: dict[asyncio.AbstractEventLoop, list[int]] = {}
    for number, (_, future) in enumerate(batch):
        by_loop.setdefault(future.get_loop(), []).append(number)

    def set_all(numbers: Sequence[int]) -> None:
        for number in numbers:
            future, outcome = batch[number][1], outcomes[number]
            if future.done():  # the client went away; the log keeps its events
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    for loop, numbers in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop has been closed
            loop.call_soon_threadsafe(set_all, numbers)
