"""What every route asks for: the World, who is calling, what is recorded first."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote

import msgspec
from fastapi import Depends, Request, Response
from starlette.requests import cookie_parser

from api.http.accounts_file import READ
from api.http.auth import Accounts, NotADemonstration
from api.http.errors import ErrorBody
from api.http.plain import AS, LOCAL, Who
from api.http.sessions import TOKEN_PREFIX, NotSignedIn, Signed, TokenReadsOnly
from api.http.trouble import KINDS, StoreUnavailable
from api.world.previews import Previews
from api.world.standing import RETRY_SECONDS
from api.world.wiring import new_command_id
from api.world.world import World
from coordination.grants.accounts import RecordAccountAct, reset_of
from coordination.grants.decide import RecordRead
from coordination.provenance import Provenance
from coordination.refusals import Forbidden
from projections.store import away

COOKIE = "pingzhan"
SECURE_COOKIE = "__Host-pingzhan"
READING = frozenset({"GET", "HEAD"})
"""The methods of a token that only reads."""
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": ErrorBody} for code in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


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
    :raises TokenReadsOnly: for a write by a token that is for reading
    """
    bearer = request.headers.get("authorization", "")
    if not bearer.startswith("Bearer "):
        who = await _signed(request, session_token(request))
        if not world_of(request).state(reset_of(who.account)).chosen:
            check_free(request)
        return who
    local: str = request.app.state.local_token
    secret = bearer[7:]
    if local and hmac.compare_digest(secret.encode(), local.encode()):
        named = request.headers.get(AS)
        return await acting_as(request, unquote(named)) if named else LOCAL
    if not secret.startswith(TOKEN_PREFIX):
        raise NotSignedIn
    return await _signed(request, secret)


async def _signed(request: Request, secret: str | None) -> Who:
    """Return who comes by a session or token, whichever header it came in.

    :raises NotSignedIn: if there is none or it has expired
    :raises TokenReadsOnly: for a write by a token that is for reading
    """
    account, session, scope = await _looked_up(accounts_of(request), secret)
    if scope == READ and request.method not in READING:
        raise TokenReadsOnly
    return Who(account.account, account.name, session)


async def _looked_up(accounts: Accounts, secret: str | None) -> Signed:
    """Return whose session or token this is, asked beside the loop if it may take long.

    :raises NotSignedIn: if there is none or it has expired
    """
    if accounts.waits_for(secret):
        return await asyncio.to_thread(accounts.session_of, secret)
    return accounts.session_of(secret)


def knower(
    accounts: Accounts, local: str
) -> Callable[[Mapping[bytes, bytes]], Awaitable[str]]:
    """Return what tells whose a request is by its headers alone, empty: nobody's.

    Whether they may do what they ask is asked later, of the whole request.
    """

    async def known(headers: Mapping[bytes, bytes]) -> str:
        bearer = headers.get(b"authorization", b"").decode("latin-1")
        secret = bearer.removeprefix("Bearer ") if bearer else _cookie_of(headers)
        if local and hmac.compare_digest(secret.encode(), local.encode()):
            return "local"
        try:
            return (await _looked_up(accounts, secret)).account.account
        except NotSignedIn:
            return ""
        except KINDS as error:  # nobody below answers for it: this is before any route
            if not away(error):
                raise
            raise StoreUnavailable(retry_after=RETRY_SECONDS) from error

    return known


def _cookie_of(headers: Mapping[bytes, bytes]) -> str:
    """Return the session cookie's value, empty if there is none."""
    found = cookie_parser(headers.get(b"cookie", b"").decode("latin-1"))
    return found.get(SECURE_COOKIE) or found.get(COOKIE) or ""


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
