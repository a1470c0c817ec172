"""How the command line reaches a World: in process, or as a running server's client.

A SQLite log has one writer. When a server holds it, commands go to the server over
loopback with the token it left in ``server.json``, readable by its owner only.
"""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from starlette.types import Message

from api.http.auth import open_accounts
from api.http.body import XLSX
from api.http.plain import AS, SHOWN
from api.world.local import check_there, local_world, server_of
from api.world.settings import Settings
from api.world.setup import adopt_roles
from api.world.wiring import new_token, wall_clock
from api.world.world import World
from coordination.log import LogBusy
from coordination.refusals import Refusal, RowFault

BAD_REQUEST = 400
TIMEOUT_SECONDS = 30


class RefusedByServer(Refusal):
    """What a running server refused, code and sentences as it said them."""

    code = "server"
    zh = "{said_zh}"
    en = "{said_en}"

    def __init__(self, body: dict[str, Any]) -> None:
        self.code = body["code"]  # type: ignore[misc]
        rows = [
            RowFault(
                f["row"],
                f["field"].removeprefix(f"row {f['row']}: "),
                f["zh"],
                f["en"],
                (f["name_zh"], f["name_en"]),
            )
            for f in body.get("fields", ())
        ]
        facts = body.get("facts", {}) | {"said_zh": body["zh"], "said_en": body["en"]}
        super().__init__(**facts, rows=rows)


def call(
    settings: Settings,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    command_id: str = "",
    acting: str = "",
    file: bytes | None = None,
    shown: Callable[[int], None] = lambda _seq: None,
) -> Any:
    """Ask the API: the server that holds the log, or the same application in process.

    ``body`` None: a read. ``acting``: the demo account to act as. ``file``: sent as it
    is, in place of a body. ``shown``: is told which position of the log was shown.

    :raises NoWorld: if nothing was ever written here
    :raises RefusedByServer: whatever it says no to
    """
    check_there(settings)
    kind = "application/json" if file is None else _kind_of(file)
    headers = {"Content-Type": kind}
    if command_id:
        headers["Idempotency-Key"] = command_id
    if acting:
        headers[AS] = quote(acting)  # whatever was typed, a header is ASCII
    path = quote(path, safe="/?&=:%+")
    raw = b"" if body is None else json.dumps(body).encode()
    raw = raw if file is None else file
    method = "GET" if body is None and file is None else "POST"
    try:
        with local_world(settings) as world:
            found = asyncio.run(_in_process(world, method, path, headers, raw))
    except LogBusy:
        found = _over_http(settings, method, path, headers, raw)
        _decided(settings, found)
    told = json.loads(found.body) if found.body else {}
    if found.status >= BAD_REQUEST:
        raise RefusedByServer(told)
    position = found.headers.get(SHOWN.lower()) or told.get("shown_seq")
    if position:
        shown(int(position))
    return told


class Found(NamedTuple):
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def _decided(settings: Settings, found: Found) -> None:
    """Wait until the views show what was decided: who looks next sees their own.

    Where they do not, or the server is gone by now, the decision is made all the same.
    """
    good = found.body and found.status < BAD_REQUEST
    told = json.loads(found.body) if good else {}
    receipt = (told.get("receipt") or told) if isinstance(told, dict) else {}
    if "first_seq" in receipt:
        shown = f"emergencies?size=1&min_seq={receipt['seq']}"
        with suppress(OSError, HTTPException, LogBusy):
            _over_http(settings, "GET", shown, {}, b"")


def _kind_of(file: bytes) -> str:
    """Return the media type of a table: a workbook is a zip, all else is CSV."""
    return XLSX if file.startswith(b"PK") else "text/csv"


def _over_http(
    settings: Settings, method: str, path: str, headers: dict[str, str], raw: bytes
) -> Found:
    """Ask the server that holds the log."""
    server = LogBusy.unless(server_of(settings), path=str(settings.log_path))
    request = urllib.request.Request(  # noqa: S310 - the address our server left
        f"{server['url']}/api/v1/{path}",
        data=raw or None,
        headers={**headers, "Authorization": f"Bearer {server['token']}"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            return Found(answer.status, _lower(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        return Found(error.code, {}, error.read())


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


async def _in_process(
    world: World, method: str, path: str, headers: dict[str, str], raw: bytes
) -> Found:
    """Ask the application itself: the same routes, no socket."""
    # A running server needs none of it here.
    from api.demo.accounts import DEMONSTRATION  # noqa: PLC0415
    from api.http.app import create_app  # noqa: PLC0415

    token = new_token()
    accounts = open_accounts(world.settings, wall_clock)
    app = create_app(
        world, accounts, timers=False, local_token=token, demonstration=DEMONSTRATION
    )
    await adopt_roles(world, accounts)
    world.start(asyncio.get_running_loop())
    route, _, query = f"/api/v1/{path}".partition("?")
    sent: list[Message] = []
    given = {**headers, "Authorization": f"Bearer {token}", "Host": "localhost"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(route),
        "raw_path": route.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in given.items()],
        "client": ("127.0.0.1", 0),
        "server": ("local", 0),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    finally:
        app.state.previews.close()
        accounts.close()
    start = next(m for m in sent if m["type"] == "http.response.start")
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Found(start["status"], told, b"".join(m.get("body", b"") for m in sent))
