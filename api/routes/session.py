"""Signing in and out (登录)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.auth import SESSION_US, Account
from api.body import Strict, Text
from api.deps import COOKIE, ERRORS, SECURE_COOKIE, Caller, accounts_of, session_token
from api.shapes import SessionBody
from api.wiring import new_token
from coordination.permit import ROLES

router = APIRouter(prefix="/session", tags=["session"], responses=ERRORS)


class SignIn(Strict):
    """Account and password."""

    account: Annotated[Text, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


def body(account: Account) -> dict[str, str]:
    """Return an account as JSON."""
    zh, en = ROLES[account.role]
    return {**account._asdict(), "role_zh": zh, "role_en": en}


@router.post("")
async def sign_in(request: Request, response: Response, given: SignIn) -> SessionBody:
    """Open a session (登录)."""
    token = new_token()
    account = await asyncio.to_thread(
        accounts_of(request).sign_in, given.account, given.password, token
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
    return SessionBody(**body(account))


@router.delete("", status_code=204)
async def sign_out(request: Request, _caller: Caller) -> Response:
    """End the session (退出)."""
    if token := session_token(request):
        accounts_of(request).sign_out(token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)
    return response


@router.get("")
async def session(caller: Caller) -> SessionBody:
    """Return who is signed in."""
    found: dict[str, Any] = body(caller)
    return SessionBody(**found)
