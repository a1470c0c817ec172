"""What every route asks for: the World, who is calling, the command id."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Request, Response

from api.auth import Account, Accounts, NotSignedIn
from api.body import Moment
from api.errors import ErrorBody
from api.plain import LOCAL
from api.world import World
from coordination.kernel import Provenance, Refusal

COOKIE = "pingzhan"
SECURE_COOKIE = "__Host-pingzhan"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorBody} for code in (400, 401, 403, 404, 409, 413, 422, 503)
}


class NoCommandId(Refusal):
    """A write needs an Idempotency-Key (缺少命令编号)."""

    code = "request.no-command-id"
    zh = "缺少 Idempotency-Key（8–64 位字母、数字、- 或 _）"
    en = "an Idempotency-Key of 8 to 64 letters, digits, - or _ is needed"
    field = "Idempotency-Key"


class NotYet(Refusal):
    """What is reported has not happened yet (时间在将来)."""

    code = "request.not-yet"
    zh = "occurred_at 在将来"
    en = "occurred_at lies in the future"
    field = "occurred_at"


class Unseen(Refusal):
    """Nobody has seen a position that does not exist yet (位置不存在)."""

    code = "request.unseen"
    zh = "seen_seq {seen_seq} 超过日志末尾 {head}"
    en = "seen_seq {seen_seq} is beyond the end of the log, {head}"
    field = "seen_seq"


async def the_world(request: Request) -> World:
    """Return the World this address belongs to (async: a thread costs 0.4 ms)."""
    return world_of(request)


def world_of(request: Request) -> World:
    """Return the World this address belongs to."""
    world: World = request.app.state.world
    return world


def accounts_of(request: Request) -> Accounts:
    """Return the accounts of this service."""
    accounts: Accounts = request.app.state.accounts
    return accounts


def session_token(request: Request) -> str | None:
    """Return the session cookie's value."""
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)


async def signed_in(request: Request) -> Account:
    """Return the caller's account.

    :raises NotSignedIn: without a valid session or the local operator's token
    """
    bearer = request.headers.get("authorization", "")
    token: str = request.app.state.local_token
    if bearer.startswith("Bearer ") and token:
        if hmac.compare_digest(bearer[7:].encode(), token.encode()):
            return LOCAL
        raise NotSignedIn
    return accounts_of(request).of(session_token(request))


TheWorld = Annotated[World, Depends(the_world)]
Caller = Annotated[Account, Depends(signed_in)]


@dataclass(frozen=True, slots=True)
class Writing:
    """What every write comes with: the World, who is calling, the command's id."""

    world: World
    caller: Account
    command_id: str

    def by(self, seen_seq: int, occurred_at: Moment | None = None) -> Provenance:
        """Return who decides, on what they saw, and when it happened.

        :raises Unseen: if ``seen_seq`` lies beyond the end of the log
        :raises NotYet: if ``occurred_at`` lies in the future
        """
        return provenance(
            self.world, self.caller, self.command_id, seen_seq, occurred_at
        )


async def writing(request: Request) -> Writing:
    """Return what every write comes with.

    One dependency for all of it: each costs as much as the decision itself.

    :raises NotSignedIn: without a valid session or the local operator's token
    :raises NoCommandId: if the Idempotency-Key is missing or malformed
    """
    caller = await signed_in(request)
    key = request.headers.get("idempotency-key", "")
    if not COMMAND_ID.fullmatch(key):
        raise NoCommandId
    return Writing(world_of(request), caller, key)


Write = Annotated[Writing, Depends(writing)]
KEYED: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "Your id of this command; a retry sends it again.",
            "schema": {"type": "string", "pattern": f"^{COMMAND_ID.pattern}$"},
        }
    ]
}
"""For the OpenAPI document of every write."""


def provenance(
    world: World,
    caller: Account,
    command: str,
    seen_seq: int,
    occurred_at: Moment | None = None,
) -> Provenance:
    """Return who decides, on what they saw, and when it happened.

    :raises Unseen: if ``seen_seq`` lies beyond the end of the log
    """
    # The views trail the log: past them, ask the log itself.
    if seen_seq > world.runner.seq and seen_seq > (
        head := world.log.recorder.head().seq
    ):
        raise Unseen(seen_seq=seen_seq, head=head)
    occurred_us = 0
    if occurred_at is not None:
        occurred_us = (occurred_at - EPOCH) // timedelta(microseconds=1)
        if occurred_us > world.clock():
            raise NotYet
    return Provenance(
        command_id=command,
        actor=caller.actor,
        seen_seq=seen_seq,
        occurred_us=occurred_us,
    )


def answer(found: object) -> Response:
    """Return JSON, encoded once: the models of the routes document, they do not run."""
    return Response(msgspec.json.encode(found), media_type="application/json")
