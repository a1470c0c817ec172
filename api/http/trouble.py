"""A store that cannot be used now (存储不可用): said to whoever asks, logged once.

PostgreSQL is away, a disk is full, a file is locked: each request meets it anew, the
operator reads of it when it begins and when it is over.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg
import sqlalchemy as sa
import structlog

from coordination.refusals import Unavailable

KINDS = (sqlite3.Error, sa.exc.SQLAlchemyError, psycopg.Error)
"""What databases raise: ``store.away`` tells which of it passes by itself."""
QUIET_SECONDS = 15.0
"""So long nobody has met it any more: it is over. Longer than signs of life are apart,
or a full disk would begin and end with each of them."""
LOOK_SECONDS = 1.0
_log = structlog.get_logger("stores")


StoreUnavailable = Unavailable.of(
    "store.unavailable",
    "数据库或磁盘暂时不可用，这次办理没有回执",
    "the database or disk is unavailable: there is no receipt for this",
    "请稍后用原编号重试，已办的不会重办",
    "try again in a moment with the same id: what was done is not done twice",
)


class Trouble:
    """Says once that a store is away, and once that it is back."""

    def __init__(
        self, probe: Callable[[], object], *, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        """``probe``: raises as long as the log does not answer."""
        self._probe = probe
        self._quiet_seconds = quiet_seconds
        self._met_at = 0.0
        self._watch: asyncio.Task[None] | None = None

    def met(self, error: BaseException) -> None:
        """Note that somebody has met it; to be called in the event loop."""
        self._met_at = time.monotonic()
        if self._watch is None:
            _log.error("store unavailable", error=said(error))
            loop = asyncio.get_running_loop()
            self._watch = loop.create_task(self._until_over(self._met_at))

    async def _until_over(self, began: float) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if time.monotonic() - self._met_at < self._quiet_seconds:
                continue
            try:
                await asyncio.to_thread(self._probe)
            except KINDS:
                self._met_at = time.monotonic()
            else:
                break
        _log.warning("store available", after_seconds=round(self._met_at - began))
        self._watch = None

    async def close(self) -> None:
        """Look no longer."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch


def said(error: BaseException) -> str:
    """Return what a database said: no statement, for that may hold what is stored."""
    found = error
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        found = error.orig
    first = str(found).partition("\n")[0]
    return f"{type(found).__name__}: {first}"
