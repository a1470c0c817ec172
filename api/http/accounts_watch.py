"""Whether the accounts were written since (账号库变动): what is kept of them is old.

A file says so at once. Of a server it is asked twice a second, by a thread: whoever is
disabled or signed out on another host is out here within that time.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol

import sqlalchemy as sa

from api.http.accounts_file import MARK
from coordination.refusals import Unavailable

POLL_SECONDS = 0.5
AWAY_SECONDS = 5.0
"""Nobody is taken for signed in by what was read longer ago."""
Version = tuple[int, int]

AccountsAway = Unavailable.of(
    "auth.accounts-away",
    "账号库暂时没有答复，无法确认登录",
    "the accounts do not answer: nobody knows who is signed in",
    "请稍后重试；超过一分钟请告知管理员",
    "try again in a moment; after a minute tell an administrator",
)


class Watch(Protocol):
    """Tells whether the accounts were written."""

    waits: bool
    """Whether a look-up is over a network, and not for the event loop."""

    def version(self) -> Version:
        """Return a mark that differs whenever anybody has written."""
        ...

    def wrote(self) -> None:
        """Say that this process has written."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


class FileWatch:
    """Watches a SQLite file, which says so at once."""

    waits = False

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._asking = self._connection.cursor()
        self._one = Lock()

    def version(self) -> Version:
        """Return a mark that differs whenever anybody has written."""
        with self._one:
            return self._asking.execute("PRAGMA data_version").fetchall()[0][0], 0

    def wrote(self) -> None:
        """Do nothing: the file says so itself."""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class ServerWatch:
    """Watches tables on a server, from a thread."""

    waits = True

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._theirs = self._own = 0
        self._heard = time.monotonic()
        self._ask()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="accounts-watch", daemon=True)
        self._thread.start()

    def version(self) -> Version:
        """Return a mark that differs whenever anybody has written.

        :raises AccountsAway: if the server has not answered for too long
        """
        if time.monotonic() - self._heard > AWAY_SECONDS:
            raise AccountsAway
        return self._theirs, self._own

    def wrote(self) -> None:
        """Forget at once what was read: the server will be asked only later."""
        self._own += 1

    def close(self) -> None:
        """End the thread; it may be waiting for the server still."""
        self._closing.set()
        self._thread.join(POLL_SECONDS)

    def _run(self) -> None:
        while not self._closing.wait(POLL_SECONDS):
            try:
                self._ask()
            except sa.exc.DBAPIError:
                continue  # it is said by whoever asks for a session

    def _ask(self) -> None:
        with self._engine.connect() as c:
            self._theirs = c.scalar(sa.select(MARK.c.writes)) or 0
        self._heard = time.monotonic()
