"""Brings views up to the log: each event once, whatever dies.

Position and rows of a view commit in one transaction, so each event counts exactly
once whatever dies. Views that stand level share that transaction; where it fails, each
takes the batch by itself. A poison event stops its view alone, before the decision it
belongs to, and is never passed over here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from projections.database import opening
from projections.following import Following
from projections.store import (
    DATABASE_ERRORS,
    POSITIONS,
    of_this_log,
    prepare,
    prepared,
)
from projections.view import Facts, Rows, Tables, View, fold, read_row, readable
from projections.whole import decision_at, poisoned, whole

BATCH = 2_000
_log = structlog.get_logger("runner")


@dataclass
class Quarantine:
    """A poison event (毒事件): where its view stopped and why."""

    view: str
    seq: int
    error: str


@dataclass
class _Running:
    """A view at work: where it is, with its rows in memory."""

    view: View
    tables: Tables
    shape: str
    position: int = -1
    stuck: Quarantine | None = None
    loaded: bool = False
    """False while the rows in memory may be ahead of the database: resume first."""


class Runner(Following):
    """Keeps the views of one World at the head of its log, in one thread."""

    def __init__(self, log: Rows, engine: sa.Engine, views: Iterable[View]) -> None:
        """Load each view where it stopped; of another shape or log, it starts anew."""
        super().__init__()
        self._log, self.engine = log, engine
        self._running = [_Running(v, Tables(v.tables), v.shape) for v in views]
        self.on_advance: list[Callable[[int], None]] = []
        self._turn = threading.Lock()
        self._reported = -1
        self._kept: sa.Connection | None = None
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        self._advance = (
            f"UPDATE view_position SET seq={mark}, leaf={mark}"  # noqa: S608 - marks
            f" WHERE view={mark} AND seq={mark} AND shape={mark}"
        )
        for running in self._running:
            self._resume(running, starting=True)

    @property
    def seq(self) -> int:
        """The least position of all views: what a page may say it shows."""
        return min(r.position for r in self._running)

    @property
    def quarantined(self) -> list[Quarantine]:
        """The views that stopped at a poison event."""
        return [r.stuck for r in self._running if r.stuck]

    def _resume(self, running: _Running, *, starting: bool = False) -> None:
        """Take up a view's position and rows; when starting, empty another shape's.

        At work, another shape means that a newer process has taken the view over;
        no position at all, that the tables were made again and nobody has begun.
        """
        view, at = running.view, POSITIONS.c
        with opening(self.engine) as c:
            query = sa.select(POSITIONS).where(at.view == view.name)
            found = c.execute(query).first()
            ours = found is not None and found.shape == running.shape
            if found is not None and not of_this_log(self._log, found.seq, found.leaf):
                ours = False
                _log.warning("view of another log", view=view.name, seq=found.seq)
            if found is None or not ours:
                if found is not None and not starting:
                    running.stuck = Quarantine(
                        view.name, running.position + 1, "another version took over"
                    )
                    return
                for table in view.tables:
                    table.table.drop(c, checkfirst=True)
                    table.table.create(c)
                c.execute(sa.delete(POSITIONS).where(at.view == view.name))
                begun = {"view": view.name, "seq": 0, "shape": running.shape}
                c.execute(sa.insert(POSITIONS), {**begun, "leaf": b""})
                found = None
            for writer in running.tables.writers:
                writer.load(c)
        running.tables.memo.clear()
        running.position = 0 if found is None else found.seq
        running.loaded = True

    def catch_up(self, *, upto: int | None = None, batch: int = BATCH) -> int:
        """Apply what the log has, up to ``upto``; return the least position."""
        with self._turn:
            while True:
                for running in self._running:
                    if not running.loaded:  # the database was away the last time
                        self._resume(running)
                live = [r for r in self._running if r.stuck is None]
                if not live:
                    break
                after = min(r.position for r in live)
                rows = whole(self._log, after, batch)
                ended = len(rows) < batch
                if upto is not None:
                    rows = [row for row in rows if row.seq <= upto]
                if not rows:
                    break
                facts = [read_row(row) for row in rows]
                self._apply_together([r for r in live if r.position == after], facts)
                for running in live:
                    self._apply(running, rows[0].seq, facts)
                self._report()
                if ended and self.seq >= rows[-1].seq:
                    break
            self._report()
            return self.seq

    @contextmanager
    def holding(self, view: View) -> Iterator[tuple[Tables, int]]:
        """Give a view's rows and their position, standing still meanwhile.

        Nobody else may change them, and whoever holds them must not either.
        """
        with self._turn:
            running = next(r for r in self._running if r.view is view)
            if not running.loaded:
                self._resume(running)
            running.tables.bind(self._connection())
            yield running.tables, running.position

    def _report(self) -> None:
        seq = self.seq
        if seq != self._reported:
            self._reported = seq
            for listener in self.on_advance:
                listener(seq)

    def _apply_together(self, level: Sequence[_Running], facts: Facts) -> None:
        """Apply a batch to all views at its beginning in one transaction, or to none.

        What it leaves undone, ``_apply`` does: it finds whose fault that was.
        """
        if len(level) <= 1:
            return
        try:
            self._apply_batch(level, facts)
        except Exception as error:  # noqa: BLE001 - found again for each view
            if isinstance(error, DATABASE_ERRORS):
                self._let_go()
            _log.warning("views go on one by one", error=repr(error))
            for running in level:
                if not running.loaded:
                    self._resume(running)

    def _apply(self, running: _Running, first: int, facts: Facts) -> None:
        """Apply a batch to one view; event by event if one of them is poison."""
        done = running.position + 1 - first
        if running.stuck or not 0 <= done < len(facts):
            return
        try:
            if not self._apply_batch([running], facts[done:]):
                self._resume(running)
        except DATABASE_ERRORS:
            self._let_go()
            raise
        except Exception:  # noqa: BLE001 - found again below, one by one
            self._resume(running)
            self._one_by_one(running, first, facts)

    def _one_by_one(self, running: _Running, first: int, facts: Facts) -> None:
        """Apply a batch that failed decision by decision, up to the poison one."""
        # Where to go on is asked anew each time: another process may have been here.
        while not running.stuck and 0 <= (done := running.position + 1 - first) < len(
            facts
        ):
            decision = decision_at(facts, done)
            try:
                if not self._apply_batch([running], decision):
                    self._resume(running)
            except DATABASE_ERRORS:
                self._let_go()
                raise
            except Exception as error:  # noqa: BLE001 - any poison stops the view
                seq = poisoned(running.tables, first + done, decision)
                self._resume(running)
                if running.stuck or running.position + 1 != first + done:
                    continue
                running.stuck = Quarantine(running.view.name, seq, repr(error))
                _log.error("poison event", view=running.view.name, seq=seq, error=error)

    def _apply_batch(self, level: Sequence[_Running], facts: Facts) -> bool:
        """Apply a batch to views at one position in one transaction.

        False, and nothing done: another process has been at one of them.
        """
        read, kinds = readable(facts)
        position = level[0].position
        last = position + len(facts)
        # In one order everywhere: two processes never wait for one another.
        leaf = read[-1].leaf
        steps = sorted((last, leaf, r.view.name, position, r.shape) for r in level)
        # One connection kept and plain statements: with the engine's own transactions
        # a single event cost 2 ms of processor time, most of it bookkeeping.
        c = self._connection()
        database = c.connection
        try:
            cursor = database.cursor()
            # Another process may keep the same views: whoever is first takes the batch.
            cursor.executemany(self._advance, steps)
            if cursor.rowcount != len(steps):
                database.rollback()
                return False
            for running in level:
                if not running.view.needs(kinds):
                    continue
                running.loaded = False
                running.tables.bind(c)
                fold(running.view, running.tables, read)
                for writer in running.tables.writers:
                    writer.flush(c)
            database.commit()
        except BaseException:
            with suppress(*DATABASE_ERRORS):
                database.rollback()
            raise
        for running in level:
            running.position, running.loaded = last, True
            for writer in running.tables.writers:
                writer.forget()
        return True

    def _connection(self) -> sa.Connection:
        """Return the connection views are written through, a new one if it broke."""
        if self._kept is None or self._kept.closed or self._kept.invalidated:
            self._kept = self.engine.connect()
        return self._kept

    def _let_go(self) -> None:
        """Give up a connection that may be broken."""
        if self._kept is not None:
            self._kept.invalidate()
            self._kept.close()
            self._kept = None

    def see_to_tables(self) -> None:
        """Make the tables again if somebody has dropped them: the log can fill them."""
        if prepared(self.engine) and not self.anew:
            return
        with self._turn:
            _log.warning("views are made again", seq=self.seq)
            self.anew = True
            self._let_go()
            prepare(self.engine)
            for running in self._running:
                running.stuck = None
                self._resume(running, starting=True)

    def stop(self) -> None:
        """End the thread, and let the database go; a long batch keeps it to its end."""
        if not self.end():
            return
        if self._kept is not None:
            self._kept.close()
        self.engine.dispose()
