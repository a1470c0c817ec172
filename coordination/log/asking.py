"""Asking a server (询问): through a pool, bounded, never while it is known to be away.

Whoever finds it away says so to all: they hear it at once, instead of each waiting for
itself, and one thread looks when it is back.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from coordination.log.patient import PATIENCE_SECONDS, Patient, reachable

T = TypeVar("T")
Question = Callable[[Patient[Any]], T]
POOL_SECONDS = 5.0
"""How long a connection is waited for."""
LOOP_SECONDS = 2.0
"""How long the event loop waits for all of it: whoever else asks waits with it."""
GIVE_UP_SECONDS = 2.0
"""How long the pool itself tries to make a connection: who asks next has it try again.

Left to its own it tries less and less often, and is away longer than the server.
"""
LOOK_SECONDS = 0.5
_FAULTS = (psycopg.OperationalError, psycopg.InterfaceError)


class Asking:
    """A pool of connections that any thread may ask."""

    def __init__(self, address: str) -> None:
        """Connect to nothing yet."""
        self._pool: ConnectionPool[Patient[Any]] = ConnectionPool(
            lambda: reachable(address),
            connection_class=Patient[Any],
            kwargs={"autocommit": True},
            min_size=1,
            max_size=8,
            open=False,
            timeout=POOL_SECONDS,
            reconnect_timeout=GIVE_UP_SECONDS,
        )
        self._away = threading.Event()
        self._closed = threading.Event()
        self._noting = threading.Lock()

    def open(self) -> None:
        """Begin to connect."""
        self._pool.open()

    def close(self, timeout: float) -> None:
        """Close every connection, after so many seconds at most."""
        self._closed.set()
        self._pool.close(timeout)

    def connection(self) -> AbstractContextManager[Patient[Any]]:
        """Give a connection, for what is read bit by bit."""
        return self._pool.connection()

    def ask(self, question: Question[T]) -> T:
        """Return the answer; where a connection breaks, asked once more of a new one.

        :raises psycopg.OperationalError: if there is none, at once while it is away
        """
        if self._away.is_set():
            raise psycopg.OperationalError("the database of the log is away")
        bound = LOOP_SECONDS if _in_loop() else PATIENCE_SECONDS
        began = time.monotonic()
        try:
            try:
                return self._ask(question, bound)
            except PoolTimeout:
                raise
            except _FAULTS:
                self._pool.drain()  # the others lead to the same place
                if _in_loop():
                    bound -= time.monotonic() - began
                if bound <= 0:
                    raise
                return self._ask(question, bound)
        except _FAULTS:
            self._look()
            raise

    def _ask(self, question: Question[T], bound: float) -> T:
        with self._pool.connection(min(POOL_SECONDS, bound)) as c:
            c.patience = bound
            return question(c)

    def _look(self) -> None:
        """Say that it is away, until a thread of its own finds it there."""
        with self._noting:
            if not self._away.is_set() and not self._closed.is_set():
                self._away.set()
                threading.Thread(target=self._until_back, daemon=True).start()

    def _until_back(self) -> None:
        while not self._closed.wait(LOOK_SECONDS):
            try:
                with self._pool.connection(GIVE_UP_SECONDS) as c:
                    c.patience = GIVE_UP_SECONDS
                    c.execute("SELECT 1")
            except _FAULTS:
                self._pool.drain()
            else:
                self._away.clear()
                return


def _in_loop() -> bool:
    """Tell whether this thread runs an event loop, which would stand still."""
    return asyncio._get_running_loop() is not None  # noqa: SLF001 - its public twin raises
