"""The guard (门卫): what comes in before any route: its host, origin, size and form.

Who before what: more than a few words are read only of somebody who is signed in.
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from ipaddress import ip_address

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.body import (
    BODY_BYTES_MAX,
    FILE_BYTES_MAX,
    FILES,
    check_json,
)
from api.http.errors import status_of, waiting
from api.http.pace import Pace
from api.http.plain import body_of
from api.http.pools import WAIT_SECONDS, Busy
from api.http.sessions import NotSignedIn
from coordination.refusals import Forbidden, Invalid, Refusal

STRANGER_BYTES = 16_384
"""More of a body is read only of somebody who is signed in."""
OWN_BYTES_MAX, BODIES_BYTES_MAX = 10_000_000, 64_000_000
"""Bodies under way, of one person and in all."""
BODY_SECONDS = 30.0
"""So long a body may take to come whole."""
DIGITS_MAX = 16
HOST_BYTES_MAX = 300
"""No name is longer."""


TooLarge = Refusal.of(
    "request.too-large",
    "请求体超过 {limit} 字节",
    "the body is larger than {limit} bytes",
    "请分批提交",
    "send it in parts",
    field="body",
)
TooSlow = Invalid.of(
    "request.too-slow",
    "请求体没有在 {limit} 秒内收全",
    "the body did not come whole in {limit} seconds",
    "请检查网络后重试",
    "see to the line and send it again",
    field="body",
)
ForeignOrigin = Forbidden.of(
    "request.foreign-origin",
    "拒绝来自其他网站的请求",
    "requests from other sites are refused",
    "请在本系统的页面上办理",
    "use the pages of this service",
)
ForeignHost = Forbidden.of(
    "request.foreign-host",
    "本服务不以 {path} 为名",
    "this service is not called {path}",
    "请用管理员公布的地址；新增域名由管理员在设置中登记",
    "use the address you were given; an administrator sets further names",
)


class _GoneError(Exception):
    """The client went away in the middle: what came is not what was meant."""


Known = Callable[[Mapping[bytes, bytes]], Awaitable[str]]
"""Whose request this is, by its headers: an account, empty for a stranger."""


class Bodies:
    """Bodies being read (在途请求体): so many bytes of one person, and in all."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    def add(self, who: str, size: int) -> None:
        """Count bytes that have come.

        :raises Busy: if that is too much at once
        """
        if self._of.total() + size > BODIES_BYTES_MAX or (
            who and self._of[who] + size > OWN_BYTES_MAX
        ):
            raise Busy(retry_after=WAIT_SECONDS)
        self._of[who] += size

    def drop(self, who: str, size: int) -> None:
        """Count them no longer."""
        self._of[who] -= size
        if not self._of[who]:
            del self._of[who]


class Guard:
    """ASGI middleware: the host of every request, before any route; and of every write
    size, origin and JSON.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str] = (),
        known: Known | None = None,
        pace: Pace | None = None,
    ) -> None:
        """``hosts``: names it is reached by, beside those of this machine.

        ``known``: who before what: only a small body is read of a stranger.
        ``pace``: how refusals are spaced; None in tests, which are refused for ever.
        """
        self.app, self.hosts = app, frozenset(filter(None, hosts))
        self.known, self.bodies = known, Bodies()
        self.pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is fit; answer the rest."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), value)  # the first, as the framework does
        send = _careful(scope["path"], send)
        if self.pace is not None:
            send = self.pace.paced(scope, send)
        reads = scope["method"] in ("GET", "HEAD", "OPTIONS")
        try:
            _check_host(headers, self.hosts)
            if reads:
                await self.app(scope, receive, send)
                return
            _check_origin(headers)
            raw = await self._fit(scope["path"], headers, receive)
        except _GoneError:
            return
        except Refusal as refusal:
            # What is left of the body nobody reads.
            closing = {"Connection": "close", **waiting(refusal)}
            status = status_of(type(refusal))
            answer = JSONResponse(body_of(refusal), status, headers=closing)
            await answer(scope, receive, send)
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": raw, "more_body": False}

        await self.app(scope, replay, send)

    async def _fit(
        self, path: str, headers: Mapping[bytes, bytes], receive: Receive
    ) -> bytes:
        """Return the whole body of a write, which is fit.

        :raises TooSlow: if it does not come whole in time
        :raises Refusal: whatever else is wrong with it
        """
        kind = headers.get(b"content-type", b"").lower()
        # Browsers call a CSV by whatever program would open it.
        imported = path.endswith("/import") and b"json" not in kind
        is_file = imported or kind.startswith(FILES)
        limit = FILE_BYTES_MAX if is_file else BODY_BYTES_MAX
        try:
            async with asyncio.timeout(BODY_SECONDS):
                raw = await self._read(receive, limit, headers)
        except TimeoutError:
            raise TooSlow(limit=int(BODY_SECONDS)) from None
        if raw and not is_file:
            check_json(raw)
        return raw

    async def _read(
        self, receive: Receive, limit: int, headers: Mapping[bytes, bytes]
    ) -> bytes:
        """Return the whole body.

        :raises TooLarge: as soon as it passes ``limit`` bytes
        :raises NotSignedIn: as soon as it is more than a stranger's
        :raises Busy: if too much is being read
        """
        parts: list[bytes] = []
        size = counted = 0
        who, asked = "", self.known is None
        told = headers.get(b"content-length", b"0")
        expected = int(told) if told.isdigit() and len(told) < DIGITS_MAX else 0
        try:
            while True:
                if max(size, min(expected, limit)) > STRANGER_BYTES and not asked:
                    known, asked = await self._known_as(headers), True
                    self.bodies.drop("", counted)
                    who, counted = known, 0
                    self.bodies.add(who, size)
                    counted = size
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _GoneError
                part = message.get("body", b"")
                if size + len(part) > limit:
                    raise TooLarge(limit=limit)
                self.bodies.add(who, len(part))
                size, counted = size + len(part), counted + len(part)
                parts.append(part)
                if not message.get("more_body"):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
        finally:
            self.bodies.drop(who, counted)

    async def _known_as(self, headers: Mapping[bytes, bytes]) -> str:
        """Return whose request this is.

        :raises NotSignedIn: if it is a stranger's
        """
        assert self.known is not None, "asked only where somebody can say"
        who = await self.known(headers)
        if not who:
            raise NotSignedIn
        return who


def _check_host(headers: dict[bytes, bytes], hosts: Collection[str]) -> None:
    """Refuse a name that is not this service's: the page is of whoever made it ours.

    An address is nobody's name, so no page of another site can stand for it.

    :raises ForeignHost: for any other name
    """
    host = headers.get(b"host", b"")
    name = _name_of(host) if len(host) <= HOST_BYTES_MAX else host.decode("latin-1")
    if name and name not in hosts:
        raise ForeignHost(path=name[:80])


@functools.lru_cache(maxsize=64)
def _name_of(host: bytes) -> str:
    """Return the name that a Host header has, empty if it is nobody's but ours."""
    name = host.decode("latin-1").rsplit("@", 1)[-1]
    name = re.sub(r":[0-9]*$", "", name).lower().strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return ""
    try:
        ip_address(name)
    except ValueError:
        return name or "?"
    return ""


_CAREFUL = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


def _careful(path: str, send: Send) -> Send:
    """Return what sends an answer with the headers it does not set itself."""
    careful = _CAREFUL if path.startswith("/api/") else _CAREFUL[:1]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            set_already = {name.lower() for name, _ in headers}
            headers += [one for one in careful if one[0] not in set_already]
        await send(message)

    return sending


def _check_origin(headers: dict[bytes, bytes]) -> None:
    """Refuse a browser's cross-site write; programs send neither header.

    :raises ForeignOrigin: if the page that sent it is another site's
    """
    site = headers.get(b"sec-fetch-site")
    if site not in (None, b"same-origin", b"none"):
        raise ForeignOrigin
    origin = headers.get(b"origin")
    if origin is None:
        return
    host = headers.get(b"host", b"").decode("latin-1")
    if origin.decode("latin-1") not in (f"http://{host}", f"https://{host}"):
        raise ForeignOrigin
