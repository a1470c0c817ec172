"""What may come in: a guard in front of every body, and what stands in a path.

The framework's defaults accept NaN, duplicate keys, unknown fields, NUL, lone
surrogates, year 1, 2^63 and 30 MB; none of that gets past here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import Field
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import status_of
from api.http.plain import body_of
from coordination.refusals import Forbidden, Refusal

BODY_BYTES_MAX = 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = (b"text/csv", XLSX.encode())
"""What may be larger, and is not JSON."""
FILE_BYTES_MAX = 5_000_000
DEPTH_MAX = 32
SEQ_MAX = 2**53 - 1
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Return text in NFC.

    :raises ValueError: for control, bidirectional or surrogate characters
    """
    if FORBIDDEN.search(text):
        msg = "control, bidirectional or surrogate characters are not allowed"
        raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


Code = Annotated[
    str, Field(pattern=r"^[1-9][0-9]{11}(g[0-9]{2})?(c[0-9]{2})?(b[0-9]{3})?$")
]
Account = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]


BadJson = Refusal.of(
    "request.bad-json",
    "请求体不是有效的 JSON：{zh_why}",
    "the body is not acceptable JSON: {en_why}",
    "请改正后重新提交",
    "correct it and send it again",
    field="body",
)
TooLarge = Refusal.of(
    "request.too-large",
    "请求体超过 {limit} 字节",
    "the body is larger than {limit} bytes",
    "请分批提交",
    "send it in parts",
    field="body",
)
ForeignOrigin = Forbidden.of(
    "request.foreign-origin",
    "拒绝来自其他网站的请求",
    "requests from other sites are refused",
    "请在本系统的页面上办理",
    "use the pages of this service",
)


def check_json(raw: bytes) -> None:
    """Return if the bytes are JSON that means one thing only.

    :raises BadJson: for NaN, duplicate keys, deep nesting, bad text, bad UTF-8
    """
    depth = deepest = 0
    # The closing quote is optional, or a text without one is searched again and again.
    for byte in re.sub(rb'(?s)"(?:[^"\\]|\\.)*"?', b"", raw):
        depth += byte in b"[{"
        depth -= byte in b"]}"
        deepest = max(deepest, depth)
    if deepest > DEPTH_MAX:
        raise BadJson(
            zh_why=f"嵌套超过 {DEPTH_MAX} 层", en_why=f"nested deeper than {DEPTH_MAX}"
        )
    try:
        json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson(
            zh_why="格式或编码有误", en_why="its form or encoding is wrong"
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(zh_why="键重复", en_why="a key stands twice")
    for key in found:
        if FORBIDDEN.search(key):
            raise BadJson(
                zh_why="键中有不允许的字符", en_why="a key has a forbidden character"
            )
    return found


def _no_constant(name: str) -> None:
    raise BadJson(zh_why=f"{name} 不是数", en_why=f"{name} is not a number")


ForeignHost = Forbidden.of(
    "request.foreign-host",
    "本服务不以 {path} 为名",
    "this service is not called {path}",
    "请用管理员公布的地址；新增域名由管理员在设置中登记",
    "use the address you were given; an administrator sets further names",
)


class _GoneError(Exception):
    """The client went away in the middle: what came is not what was meant."""


class Guard:
    """ASGI middleware: the host of every request, before any route; and of every write
    size, origin and JSON.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        """``hosts``: names it is reached by, beside those of this machine."""
        self.app, self.hosts = app, frozenset(filter(None, hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is fit; answer the rest."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), value)  # the first, as the framework does
        send = _careful(scope["path"], send)
        reads = scope["method"] in ("GET", "HEAD", "OPTIONS")
        try:
            _check_host(headers, self.hosts)
            if reads:
                await self.app(scope, receive, send)
                return
            _check_origin(headers)
            kind = headers.get(b"content-type", b"").lower()
            # Browsers call a CSV by whatever program would open it.
            imported = scope["path"].endswith("/import") and b"json" not in kind
            is_file = imported or kind.startswith(FILES)
            raw = await _read(receive, FILE_BYTES_MAX if is_file else BODY_BYTES_MAX)
            if raw and not is_file:
                check_json(raw)
        except _GoneError:
            return
        except Refusal as refusal:
            answer = JSONResponse(body_of(refusal), status_of(type(refusal)))
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


async def _read(receive: Receive, limit: int) -> bytes:
    """Return the whole body.

    :raises TooLarge: as soon as it passes ``limit`` bytes
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLarge(limit=limit)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _check_host(headers: dict[bytes, bytes], hosts: Collection[str]) -> None:
    """Refuse a name that is not this service's: the page is of whoever made it ours.

    An address is nobody's name, so no page of another site can stand for it.

    :raises ForeignHost: for any other name
    """
    name = headers.get(b"host", b"").decode("latin-1").rsplit("@", 1)[-1]
    name = re.sub(r":[0-9]*$", "", name).lower().strip("[]")
    if name in hosts or name == "localhost" or name.endswith(".localhost"):
        return
    try:
        ip_address(name)
    except ValueError:
        raise ForeignHost(path=name[:80]) from None


def _careful(path: str, send: Send) -> Send:
    """Return what sends an answer with the headers it does not set itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.setdefault("X-Content-Type-Options", "nosniff")
            if path.startswith("/api/"):
                headers.setdefault("Cache-Control", "no-store")
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
