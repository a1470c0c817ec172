"""Signing in and out (登录), one's own sessions and API tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Meta
from pydantic import Field

from api.http.accounts_file import READ, SESSION_US, Scope
from api.http.deciding import read_body
from api.http.deps import (
    COOKIE,
    ERRORS,
    SECURE_COOKIE,
    Caller,
    TheWorld,
    accounts_of,
    answer,
    peer_of,
    record_act,
    session_token,
)
from api.http.document import takes
from api.http.passwords import LENGTH_MAX, check_password
from api.http.plain import Who
from api.http.pools import PROOFS, SIGN_INS
from api.http.sessions import TOKEN_DAYS_MAX, Session, Token
from api.http.shapes import SessionBody
from api.http.tries import network
from api.pages.access import session_body
from api.pages.accounts import token_row
from api.world.wiring import new_token
from coordination.fields import Seq, named
from coordination.refusals import Forbidden, Invalid, NotFound
from projections.names import Names

router = APIRouter(tags=["session"], responses=ERRORS)
SELF: dict[str, Any] = {"openapi_extra": {"x-action": "self"}}
SessionId = Annotated[str, Field(pattern=r"^s-[0-9a-f]{4,64}$")]
TokenId = Annotated[str, Field(pattern=r"^t-[0-9a-f]{4,64}$")]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Account and password."""

    account: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class OwnPassword(msgspec.Struct, forbid_unknown_fields=True):
    """One's password as it is, and another."""

    password: Annotated[str, named("现用密码", "Password now", upto=LENGTH_MAX)]
    another: Annotated[str, named("新密码", "New password", upto=LENGTH_MAX)]
    seen_seq: Seq = 0


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """What a token is for, for how many days, and whether it may write."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    days: Annotated[int, Meta(ge=1, le=TOKEN_DAYS_MAX)]
    scope: Annotated[
        Scope, named("权限", "Scope", "read: it only reads", words="TOKEN_SCOPES")
    ] = READ
    seen_seq: Seq = 0


SamePassword = Invalid.of(
    "auth.same-password",
    "新密码与现用的相同",
    "the new password is the one there is",
    "请另换一个",
    "choose another",
    field="another",
)
TokenByToken = Forbidden.of(
    "auth.token-by-token",
    "令牌不能用来新建令牌",
    "a token makes no tokens",
    "请本人登录后新建",
    "sign in and make it there",
)
UnknownSession = NotFound.of(
    "auth.unknown-session",
    "没有会话或令牌 {session}",
    "there is no session or token {session}",
    "可能已经结束，请刷新清单",
    "it may have ended already: reload the list",
)


def body(world: TheWorld, who: Who) -> dict[str, Any]:
    """Return who is signed in, with their roles."""
    with world.reading() as c:
        return session_body(world, who, Names(c).area)


@router.post("/session", **takes("anybody", SignIn))
async def sign_in(request: Request, response: Response, world: TheWorld) -> SessionBody:
    """Open a session (登录)."""
    given, token = await read_body(request, SignIn), new_token()
    accounts = accounts_of(request)
    account = await SIGN_INS.run(
        network(peer_of(request)),
        accounts.sign_in,
        given.account,
        given.password,
        token,
        peer=peer_of(request),
        agent=request.headers.get("user-agent", ""),
    )
    secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        token,
        max_age=SESSION_US // 1_000_000,
        httponly=True,
        secure=secure,
        samesite="strict",
        path="/",
    )
    who = Who(account.account, account.name, "")
    return SessionBody(**await asyncio.to_thread(body, world, who))


@router.delete("/session", status_code=204, **SELF)
async def sign_out(request: Request, _caller: Caller) -> Response:
    """End the session (退出)."""
    if token := session_token(request):
        accounts_of(request).sign_out(token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)
    return response


@router.get("/session", **SELF)
async def session(caller: Caller, world: TheWorld) -> SessionBody:
    """Return who is signed in, their roles, and what these allow."""
    return SessionBody(**await asyncio.to_thread(body, world, caller))


@router.post("/session/password", **takes("self", OwnPassword))
async def change_password(
    request: Request, caller: Caller, world: TheWorld
) -> Response:
    """Change one's own password; all one's other sessions and tokens end (更换密码)."""
    given, accounts = await read_body(request, OwnPassword), accounts_of(request)
    me, session = caller.account, caller.session
    await PROOFS.run(me, accounts.check, me, given.password, session=session)
    check_password(given.another, me, caller.name, field="another")
    if given.another == given.password:
        raise SamePassword
    await record_act(world, caller, me, "own-password")
    await PROOFS.run(me, accounts.set_password, me, given.another, keep=session)
    return answer({"account": me})


@router.delete("/sessions/{session}", status_code=204, **SELF)
async def end_session(
    request: Request, session: SessionId, caller: Caller, world: TheWorld
) -> Response:
    """End a session at once: one's own, or any by an administrator (结束会话)."""
    accounts = accounts_of(request)
    found = await asyncio.to_thread(accounts.sessions)
    account = owner_of(session, found, world, caller)
    await record_act(world, caller, account, "sessions-ended", session)
    await asyncio.to_thread(accounts.end_session, session)
    return Response(status_code=204)


def owner_of(
    sought: str, found: Sequence[Session | Token], world: TheWorld, caller: Caller
) -> str:
    """Return whose session or token it is: one's own, or any to an administrator.

    :raises Denied: to anybody else, whether there is one or not
    :raises UnknownSession: if there is none
    """
    known = next((one for one in found if one.id == sought), None)
    if known is None or known.account != caller.account:
        world.entitle(caller.by, "account.manage")
    if known is None:
        raise UnknownSession(session=sought)
    return known.account


@router.post("/tokens", status_code=201, **takes("self", NewToken))
async def add_token(request: Request, caller: Caller, world: TheWorld) -> Response:
    """Make an API token, in a session; its secret is shown this once (新建令牌)."""
    given = await read_body(request, NewToken)
    if caller.session.startswith("t-"):
        raise TokenByToken
    accounts = accounts_of(request)
    await record_act(world, caller, caller.account, "token-made", given.name)
    made = await asyncio.to_thread(
        accounts.new_token,
        caller.account,
        new_token(),
        name=given.name,
        days=given.days,
        scope=given.scope,
    )
    return answer({**token_row(made), "secret": made.secret}, 201)


@router.delete("/tokens/{token}", status_code=204, **SELF)
async def revoke_token(
    request: Request, token: TokenId, caller: Caller, world: TheWorld
) -> Response:
    """Revoke a token at once: one's own, or any by an administrator (撤销令牌)."""
    accounts = accounts_of(request)
    found = await asyncio.to_thread(accounts.tokens)
    account = owner_of(token, found, world, caller)
    await record_act(world, caller, account, "token-revoked", token)
    await asyncio.to_thread(accounts.revoke_token, token)
    return Response(status_code=204)
