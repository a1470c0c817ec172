"""What every route asks for: the World, who is calling, the command id."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import unquote

import msgspec
import sqlalchemy as sa
from fastapi import Depends, Request, Response

from api.http.auth import Accounts, NotADemonstration
from api.http.errors import ErrorBody, InvalidRequest
from api.http.faults import Fault, Unreadable
from api.http.outside import Envelope, micros
from api.http.plain import AS, LOCAL, Who
from api.http.sessions import TOKEN_PREFIX, NotSignedIn
from api.world.previews import Previews
from api.world.wiring import new_command_id
from api.world.world import World
from coordination.grants.accounts import RecordAccountAct, reset_of
from coordination.grants.decide import RecordRead
from coordination.provenance import Provenance
from coordination.refusals import Forbidden, Invalid, Refusal

T = TypeVar("T")
COOKIE = "pingzhan"
SECURE_COOKIE = "__Host-pingzhan"
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorBody} for code in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


NoCommandId = Refusal.of(
    "request.no-command-id",
    "缺少 Idempotency-Key（8–64 位字母、数字、- 或 _）",
    "an Idempotency-Key of 8 to 64 letters, digits, - or _ is needed",
    "请补上后重新提交",
    "add it and send it again",
    field="Idempotency-Key",
)
NotYet = Invalid.of(
    "request.not-yet",
    "所报时间超前系统时间 {zh_lead}：这台手机或电脑的时钟不准",
    "the time told is {en_lead} ahead of the service: the clock of this phone "
    "or computer is wrong",
    "请校准，或改按现在的时间提交",
    "set it, or send it as of now",
    field="occurred_at",
)
LEAD_US = 30_000_000
"""So far ahead a clock may be: what it tells counts as now."""
Unseen = Invalid.of(
    "request.unseen",
    "所见位置 {seen_seq} 超过日志末尾 {head}",
    "the position seen, {seen_seq}, is beyond the end of the log, {head}",
    "请刷新页面后再办",
    "reload, then decide",
    field="seen_seq",
)


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


async def who_is(request: Request) -> Who:
    """Return who is calling (async: a thread costs 0.4 ms).

    :raises NotSignedIn: without a valid session, API token or the local token
    """
    bearer = request.headers.get("authorization", "")
    accounts = accounts_of(request)
    if not bearer.startswith("Bearer "):
        account, session = accounts.session_of(session_token(request))
        if not world_of(request).state(reset_of(account.account)).chosen:
            check_free(request)
        return Who(account.account, account.name, session)
    local: str = request.app.state.local_token
    secret = bearer[7:]
    if local and hmac.compare_digest(secret.encode(), local.encode()):
        named = request.headers.get(AS)
        return await acting_as(request, unquote(named)) if named else LOCAL
    if not secret.startswith(TOKEN_PREFIX):
        raise NotSignedIn
    account, session = accounts.session_of(secret)
    return Who(account.account, account.name, session)


def check_free(request: Request) -> None:
    """Return if this is open to an account that has to choose another password.

    :raises MustChange: else
    """
    if not request.scope["route"].path.startswith("/session"):
        raise MustChange


MustChange = Forbidden.of(
    "auth.must-change",
    "您的密码由他人重设",
    "somebody else has reset your password",
    "请先在“账号”页更换为自己的密码",
    "choose your own first, on the page of your account",
    field="password",
)


class Demonstration(NamedTuple):
    """What a server has of a demonstration.

    ``stand_in`` makes its accounts when one of them is named by the command line's
    ``--as``; ``accounts`` are those the sign-in page offers.
    """

    stand_in: Callable[[World, Accounts, str], Awaitable[None]]
    accounts: Sequence[dict[str, str]] = ()


async def acting_as(request: Request, named: str) -> Who:
    """Return who the command line acts as: a demo account, never a real one.

    Where this server has a demonstration's accounts to give, one that is not there
    yet is made, and granted its role.

    :raises NotADemonstration: in a world that was not born one
    :raises NotDemo: for any other account
    """
    accounts, world = accounts_of(request), world_of(request)
    if not accounts.demonstration:
        raise NotADemonstration(account=named)
    account = accounts.get(named)
    shown: Demonstration | None = request.app.state.demonstration
    if account is None and shown is not None:
        await shown.stand_in(world, accounts, named)
        account = accounts.get(named)
    if account is None or not account.demo:
        raise NotDemo(account=named)
    return Who(account.account, account.name, f"local:{named}", local=True)


NotDemo = Forbidden.of(
    "auth.not-demo",
    "{account} 不是演示账号",
    "{account} is no demo account",
    "请本人登录后操作",
    "its owner signs in",
)


def peer_of(request: Request) -> str:
    """Return the address a request came from."""
    return request.client.host if request.client else ""


def previews_of(request: Request) -> Previews:
    """Return the previews that were shown."""
    previews: Previews = request.app.state.previews
    return previews


TheWorld = Annotated[World, Depends(the_world)]
Caller = Annotated[Who, Depends(who_is)]


SELF, CODE_CHARS = "self", 40


def acts(action: str) -> dict[str, Any]:
    """Return what a write route says of itself: the action its decision asks for."""
    return {"openapi_extra": {**KEYED, "x-action": action}}


@dataclass(frozen=True, slots=True)
class Writing:
    """What every write comes with: the World, who is calling, the command's id."""

    world: World
    caller: Who
    command_id: str

    request: Request

    def by(self, seen_seq: int = 0, occurred_us: int = 0, **more: str) -> Provenance:
        """Return who decides, on what they saw, and when it happened (0: now).

        ``more``: how they proved who they are, the preview they saw.

        :raises Unseen: if ``seen_seq`` lies beyond the end of the log
        :raises NotYet: if ``occurred_us`` is ahead of now by more than ``LEAD_US``
        """
        world, caller = self.world, self.caller
        # The views trail the log: past them, ask the log itself.
        if seen_seq > world.runner.seq and seen_seq > (
            head := world.log.recorder.head().seq
        ):
            raise Unseen(seen_seq=seen_seq, head=head)
        lead_us = occurred_us - world.clock()
        if lead_us > LEAD_US:
            raise NotYet(**_lead(lead_us))
        if lead_us > 0:
            occurred_us = 0  # now, by a clock that runs a little ahead
        return Provenance(
            command_id=self.command_id,
            actor=caller.actor,
            session=caller.session,
            seen_seq=seen_seq,
            occurred_us=occurred_us,
            **more,
        )

    def said(self, said: Envelope, **more: str) -> Provenance:
        """Return who decides, as a body says it; ``more``: as of ``by``."""
        return self.at(said.occurred_at, said.seen_seq, **more)

    def at(self, moment: str | None, seen_seq: int = 0, **more: str) -> Provenance:
        """Return who decides on what happened at this moment, None or empty: now.

        :raises InvalidRequest: for a moment that is none
        """
        try:
            occurred_us = micros(moment) if moment else 0
        except Unreadable as error:
            raise InvalidRequest([Fault("occurred_at", *error.args)]) from None
        return self.by(seen_seq, occurred_us, **more)

    async def look(self, ask: Callable[[sa.Connection], T]) -> T:
        """Return what a question finds in the views, asked beside the loop."""

        def look() -> T:
            with self.world.reading() as c:
                return ask(c)

        return await asyncio.to_thread(look)

    async def proof(self, password: str) -> str:
        """Return how the caller has just proved who they are, empty: not at all.

        :raises WrongPassword: if the password given is not theirs
        :raises TooManyTries: after too many of these
        """
        if self.caller.local:
            return "local"
        if not password:
            return ""
        check, who = accounts_of(self.request).check, self.caller
        await asyncio.to_thread(check, who.account, password, session=who.session)
        return "password"


async def writing(request: Request) -> Writing:
    """Return what every write comes with.

    One dependency for all of it: each costs as much as the decision itself.

    :raises NotSignedIn: without a valid session or the local operator's token
    :raises NoCommandId: if the Idempotency-Key is missing or malformed
    """
    caller = await who_is(request)
    key = request.headers.get("idempotency-key", "")
    if not COMMAND_ID.fullmatch(key):
        raise NoCommandId
    return Writing(world_of(request), caller, key, request)


async def asking(request: Request) -> Writing:
    """Return what ``writing`` does, for what is shown only: no command, so no id.

    :raises NotSignedIn: without a valid session or the local operator's token
    """
    return Writing(world_of(request), await who_is(request), "", request)


def _lead(lead_us: int) -> dict[str, str]:
    """Return how far a clock is ahead, in words."""
    seconds = lead_us // 1_000_000
    minutes, hours = seconds // 60, seconds // 3_600
    if minutes < 1:
        return {"zh_lead": f"{seconds} 秒", "en_lead": f"{seconds} s"}
    if hours < 1:
        return {"zh_lead": f"{minutes} 分钟", "en_lead": f"{minutes} min"}
    return {"zh_lead": f"{hours} 小时", "en_lead": f"{hours} h"}


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


LOOK_SECONDS = 600
"""A list that is open and renews itself is one reading for so long."""


async def record_read(
    world: World, who: Who, what: str, place: str = "", *, seconds: int = 0
) -> None:
    """Record that somebody reads a sensitive view, before it is shown to them.

    ``seconds``: for so long the same session's reading of the same is one.
    """
    made = new_command_id()
    if seconds:
        turn = world.clock() // (seconds * 1_000_000)
        made = f"read:{who.account}:{who.session}:{what}:{place}:{turn}"
    by = Provenance(command_id=made, actor=who.actor, session=who.session)
    command = RecordRead(account=who.account, what=what, place=place)
    await world.do(command, by)


async def record_act(
    world: World, who: Who, account: str, act: str, about: str = ""
) -> None:
    """Record what somebody does about an account, before it is done (账号事项).

    :raises Denied: if it is another's, and they may not manage accounts
    """
    by = Provenance(command_id=new_command_id(), actor=who.actor, session=who.session)
    command = RecordAccountAct(account=account, act=act, about=about)
    await world.do(command, by)


def answer(found: object, status: int = 200) -> Response:
    """Return JSON, encoded once: the models of the routes document, they do not run."""
    return Response(msgspec.json.encode(found), status, media_type="application/json")


def binary(*kinds: str) -> dict[str, Any]:
    """Return what the OpenAPI document says of a file."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"content": dict.fromkeys(kinds, schema)}
