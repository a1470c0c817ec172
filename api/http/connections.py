"""Connections (连接): how many there are, and how long one may take to ask anything.

A head without end, a head that never ends, a caller who never asks: each costs memory
or a file for ever, and the next person finds the door shut. Live screens are never the
ones to go.
"""

from __future__ import annotations

import asyncio
import resource
import time
from typing import Any, cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 32_768
HEAD_SECONDS = 10.0
"""So long a head may take to come whole, the first one from the connection on."""
MOST = 4_096
FILES_WANTED, FILES_LEFT = 65_536, 256
"""Open files asked of the machine, and how many of them are left to stores."""
SAID_SECONDS = 60.0
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_log = structlog.get_logger("connections")


def most_here() -> int:
    """Return how many connections this machine allows, asking it for more files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    allowed = MOST if soft == resource.RLIM_INFINITY else soft - FILES_LEFT
    return max(16, min(MOST, allowed))


class Open:
    """The connections of this process, those that ask nothing in the order they fell
    silent.
    """

    def __init__(self, most: int) -> None:
        """``most``: how many there may be."""
        self.most = most
        self.count = 0
        self._silent: dict[Connection, None] = {}
        self._said_at = -SAID_SECONDS
        self._closed = 0

    def enter(self, one: Connection) -> bool:
        """Take a connection in, in place of the one that is silent longest if need be.

        False: all others are at work.
        """
        self.count += 1
        self._silent[one] = None
        if self.count <= self.most:
            return True
        self._tell()
        longest = next(iter(self._silent))
        del self._silent[longest]  # it ends in a moment, and takes no other with it
        longest.leave()
        return longest is not one

    def works(self, one: Connection) -> None:
        """Note that a connection has asked."""
        self._silent.pop(one, None)

    def rests(self, one: Connection) -> None:
        """Note that a connection has been answered."""
        self._silent[one] = None

    def gone(self, one: Connection) -> None:
        """Note that a connection has ended."""
        self.count -= 1
        self._silent.pop(one, None)

    def _tell(self) -> None:
        """Say, once a minute, that some had to go."""
        self._closed += 1
        now = time.monotonic()
        if now - self._said_at >= SAID_SECONDS:
            _log.warning("connections full", most=self.most, closed=self._closed)
            self._said_at, self._closed = now, 0


OPEN = Open(MOST)
"""Those of this process; the server sets how many there may be."""


class _TooLargeError(Exception):
    """A head is larger than is read."""


class Connection(HttpToolsProtocol):
    """A connection whose heads are bounded in size and time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it in, and wait for a head."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._head = self._lines = 0
        self._whole = False
        self._due: asyncio.TimerHandle | None = None
        self._entered = True
        if OPEN.enter(self):
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let it go."""
        self._done()
        if self._entered:
            self._entered = False
            OPEN.gone(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what has no end is read no further."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._whole or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > HEAD_BYTES_MAX:
            self._refuse()
        elif self._due is None:  # the next head of a connection that is kept
            self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._whole, self._lines = False, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header, while there are not too many."""
        super().on_header(name, value)
        self._lines += len(name) + len(value)
        if self._lines > HEAD_BYTES_MAX:
            self._head = HEAD_BYTES_MAX + 1
            raise _TooLargeError

    def on_headers_complete(self) -> None:
        """The head is whole: now it is a request."""
        self._head, self._whole = 0, True
        self._done()
        OPEN.works(self)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """It is answered: another may be asked."""
        if self._entered:
            OPEN.rests(self)
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read."""
        if self._head > HEAD_BYTES_MAX:
            self._refuse()
        else:
            super().send_400_response(msg)

    def leave(self) -> None:
        """End it, whatever it wanted to ask."""
        self._done()
        self.transport.close()

    def _refuse(self) -> None:
        self.transport.write(TOO_LARGE)
        self.leave()

    def _wait(self) -> None:
        self._due = self.loop.call_later(HEAD_SECONDS, self.leave)

    def _done(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


def bounded() -> type[Any]:
    """Return the protocol of a server, with as many connections as this machine has."""
    OPEN.most = most_here()
    return Connection
