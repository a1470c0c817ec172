"""Live screens by SSE (实时推送): one picture and one encoding for each area watched.

A message is what changed between two pictures of an area, so a reconnect with
``Last-Event-ID`` is the same computation from an older seq.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from api.pages.board import Looking, picture
from api.pages.board_delta import delta
from api.pages.kept import Kept
from api.world.world import World
from coordination.areas.state import UnknownArea
from coordination.refusals import Unavailable
from projections.store import away, seen

BATCH_SECONDS = 0.05
PING_SECONDS = 15.0
QUEUE_MAX = 100
REST_SECONDS_MAX = 0.25
"""A picture that took t is not drawn again for t, this at the most."""
WATCH_SECONDS = 1.0
"""How often it is asked whether those who look are still signed in."""
ENDED = b"event: ended\ndata: {}\n\n"
"""The last message of a screen whose session is over: trying again helps nothing."""
RELOAD = b"event: reload\ndata: {}\n\n"
"""To a screen that shows what the log does not have: an older one was put back."""
Inbox = asyncio.Queue[bytes | None]
Still = Callable[[], Awaitable[bool]]
"""Whether whoever looks is still signed in."""
_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("stream")


def passes(error: Exception) -> bool:
    """Tell whether what went wrong passes by itself: others have said so by then."""
    return isinstance(error, Unavailable) or away(error)


def frame(message: dict[str, Any]) -> bytes:
    """Return an SSE message; its id is the seq it brings the screen to."""
    return b"id: %d\ndata: %b\n\n" % (message["seq"], _encode(message))


@dataclass
class _Channel:
    """All screens that show one area."""

    area: str
    shown: dict[str, Any]
    clients: dict[Inbox, Still | None] = field(default_factory=dict)
    cost_seconds: float = 0.0
    drawn_at: float = 0.0


class Stream:
    """Draws the watched areas when the views advance and sends what changed."""

    def __init__(self, world: World, name_of: Callable[[str], str]) -> None:
        self._world, self._name_of = world, name_of
        self._channels: dict[str, _Channel] = {}
        self._kept = Kept()
        self._advanced = asyncio.Event()
        self._condition = b""
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to follow the views."""

        def advanced(_seq: int) -> None:
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(self._advanced.set)

        self._world.runner.on_advance.append(advanced)
        self._tasks = [loop.create_task(self._run()), loop.create_task(self._watch())]

    @property
    def clients(self) -> int:
        """How many screens are connected."""
        return sum(len(channel.clients) for channel in self._channels.values())

    @contextmanager
    def _looking(self) -> Iterator[Looking]:
        """Give one look at the views."""
        world = self._world
        with world.reading() as c:
            recorder = world.log.recorder
            yield Looking(c, recorder, seen(c), self._name_of, self._kept)

    def draw(
        self, area: str, at: int | None = None, *, facts: bool = False
    ) -> dict[str, Any]:
        """Return the picture of an area, with its newest facts if they are wanted.

        :raises UnknownArea: if there is no such area then
        """
        with self._looking() as looking:
            return picture(looking, area, at, facts=facts)

    def between(
        self, before: dict[str, Any], after: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Return what changed from one picture to the other."""
        with self._looking() as looking:
            return delta(looking, before, after)

    def _redraw(self, channel: _Channel) -> tuple[dict[str, Any], bytes | None]:
        """Return a channel's new picture and the message that leads to it."""
        with self._looking() as looking:
            after = picture(looking, channel.area, facts=False)
            message = delta(looking, channel.shown, after)
        return after, frame(message) if message else None

    async def subscribe(
        self, area: str, after: int | None, still: Still | None = None
    ) -> AsyncIterator[bytes]:
        """Yield frames for a screen of ``area`` that last showed seq ``after``.

        ``still``: whether whoever looks is still signed in; if not, it ends.

        :raises UnknownArea: if there is no such area
        """
        channel = self._channels.get(area)
        if channel is None:
            shown = await asyncio.to_thread(self.draw, area)
            channel = self._channels.setdefault(area, _Channel(area, shown))
        inbox: Inbox = asyncio.Queue(QUEUE_MAX)
        channel.clients[inbox] = still
        self._advanced.set()  # what came between drawing and joining is not missed
        try:
            # From here on messages queue up; what came before is one delta.
            missed = await self._missed(channel.shown, area, after)
        except BaseException:
            self._leave(channel, inbox)
            raise
        return self._frames(channel, inbox, missed)

    async def _missed(
        self, shown: dict[str, Any], area: str, after: int | None
    ) -> bytes:
        if after is None or after >= shown["seq"]:
            head = await asyncio.to_thread(self._world.log.recorder.head)
            return RELOAD if after is not None and after > head.seq else b""
        try:
            before = await asyncio.to_thread(self.draw, area, after)
        except UnknownArea:  # the area is younger than that
            nothing: dict[str, Any] = {"children": [], "tiles": [], "sites": []}
            before = {**shown, **nothing, "mode": None}
        before = {**before, "seq": after}
        message = await asyncio.to_thread(self.between, before, shown)
        return frame(message) if message else b""

    def _leave(self, channel: _Channel, inbox: Inbox) -> None:
        """Let a screen go; an area nobody watches is no longer drawn."""
        channel.clients.pop(inbox, None)
        if not channel.clients and self._channels.get(channel.area) is channel:
            del self._channels[channel.area]

    async def _frames(
        self, channel: _Channel, inbox: Inbox, missed: bytes
    ) -> AsyncIterator[bytes]:
        try:
            yield b"retry: 1000\n\n" + self._condition + missed
            while not self._closing:
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        message = await inbox.get()
                except TimeoutError:
                    message = b"event: ping\ndata: {}\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._leave(channel, inbox)

    async def _run(self) -> None:
        while not self._closing:
            await self._advanced.wait()
            self._advanced.clear()
            for channel in list(self._channels.values()):
                wait = min(channel.cost_seconds, REST_SECONDS_MAX)
                if time.monotonic() - channel.drawn_at < wait:
                    self._advanced.set()  # come back for it
                    continue
                try:
                    await self._push(channel)
                except Exception as error:  # noqa: BLE001 - the others go on
                    if not passes(error):
                        _log.error("cannot draw", area=channel.area, error=repr(error))
                        continue
                    channel.drawn_at = time.monotonic()
                    channel.cost_seconds = REST_SECONDS_MAX
                    self._advanced.set()  # come back for it
            await asyncio.sleep(BATCH_SECONDS)

    async def _push(self, channel: _Channel) -> None:
        """Draw the channel's area and send what changed to every screen of it."""
        began = time.monotonic()
        if self._world.runner.seq == channel.shown["seq"]:
            return
        channel.shown, encoded = await asyncio.to_thread(self._redraw, channel)
        channel.drawn_at = time.monotonic()
        channel.cost_seconds = channel.drawn_at - began
        if encoded is None:
            return
        self._send(channel, encoded)

    def tell(self, condition: bytes) -> None:
        """Tell every screen how the service stands, and whoever comes later."""
        self._condition = condition
        for channel in self._channels.values():
            self._send(channel, condition)

    @staticmethod
    def _send(channel: _Channel, message: bytes) -> None:
        for inbox in list(channel.clients):
            try:
                inbox.put_nowait(message)
            except asyncio.QueueFull:
                # Too slow: let it go, it comes back and catches up by its seq.
                channel.clients.pop(inbox, None)
                with suppress(asyncio.QueueEmpty):
                    inbox.get_nowait()
                inbox.put_nowait(None)

    async def _watch(self) -> None:
        """End the screens of those whose session has ended (登录已失效)."""
        while not self._closing:
            await asyncio.sleep(WATCH_SECONDS)
            for channel in list(self._channels.values()):
                for inbox, still in list(channel.clients.items()):
                    try:
                        gone = still is not None and not await still()
                    except Exception as error:  # asked again in a second
                        if not passes(error):
                            raise
                        continue
                    if gone:
                        self._end(channel, inbox)

    def _end(self, channel: _Channel, inbox: Inbox) -> None:
        """Tell a screen that its session is over, and nothing else any more."""
        self._leave(channel, inbox)
        while not inbox.empty():
            inbox.get_nowait()
        for message in (ENDED, None):
            inbox.put_nowait(message)

    async def close(self) -> None:
        """End every screen's stream, so that the server can stop."""
        self._closing = True
        for channel in self._channels.values():
            for inbox in channel.clients:
                with suppress(asyncio.QueueFull):
                    inbox.put_nowait(None)
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
