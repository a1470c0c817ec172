"""Accounts (账号): an administrator's list; roles are granted, not given here."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.exchange.tables import Column
from api.http.auth import Account
from api.http.body import Account as AccountId
from api.http.body import Needed, Seq, Strict
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    accounts_of,
    answer,
    reads,
    record_read,
)
from api.http.lists import AskedFor, Listing, page_of, respond
from api.routes.session import manage, session_row
from coordination.grants.state import held_by
from coordination.kernel import Refusal
from coordination.permit import ROLES

router = APIRouter(tags=["accounts"], responses=ERRORS)
MANAGE: dict[str, Any] = {"openapi_extra": {"x-action": "account.manage"}}
PASSWORD_MIN = 8
ACCOUNTS = Listing(
    columns=(
        Column("account", "账号", "Account"),
        Column("name", "姓名", "Name"),
        Column("roles_zh", "角色", "Roles"),
        Column("sessions", "会话数", "Sessions", "int"),
        Column("disabled", "停用", "Disabled"),
        Column("demo", "演示", "Demo"),
    ),
    sortable=("account", "name", "sessions", "disabled"),
    filterable=("disabled", "demo"),
    sort="account",
)
SESSIONS = Listing(
    columns=(
        Column("id", "会话", "Session"),
        Column("account", "账号", "Account"),
        Column("name", "姓名", "Name"),
        Column("created_at", "登录时间", "Since", "time"),
        Column("expires_at", "到期时间", "Until", "time"),
        Column("peer", "地址", "Address"),
        Column("agent", "浏览器", "Agent"),
    ),
    sortable=("account", "name", "created_at", "expires_at", "peer"),
    filterable=("account",),
    sort="-created_at",
)


class NewAccount(Strict):
    """A new account; it may do nothing until it is granted a role."""

    account: AccountId
    name: Annotated[Needed, Field(max_length=80)]
    password: Annotated[str, Field(min_length=PASSWORD_MIN, max_length=200)]
    seen_seq: Seq = 0


class NewPassword(Strict):
    """A new password; it ends every session and token of the account."""

    password: Annotated[str, Field(min_length=PASSWORD_MIN, max_length=200)]
    seen_seq: Seq = 0


class AccountExists(Refusal):
    """The name is taken (账号已存在)."""

    code = "auth.account-exists"
    zh = "账号 {account} 已存在"
    en = "the account {account} exists"
    field = "account"


@router.get("/accounts", **reads("account.manage"))
async def accounts(
    request: Request, world: TheWorld, caller: Caller, asked: AskedFor
) -> Response:
    """Return all accounts (账号); that it was read is recorded."""
    await record_read(world, caller, "accounts")
    known = accounts_of(request)

    def ask() -> Response:
        disabled, sessions = set(known.disabled()), known.sessions()
        read, now = world.read(), world.clock()
        rows = []
        for account in known.all():
            roles = [g.given.role for g in held_by(read, account.account, now)]
            mine = [s for s in sessions if s.account == account.account]
            rows.append(
                {
                    "account": account.account,
                    "name": account.name,
                    "demo": account.demo,
                    "disabled": account.account in disabled,
                    "roles_zh": "、".join(ROLES[role][0] for role in roles),
                    "roles_en": ", ".join(ROLES[role][1] for role in roles),
                    "sessions": len(mine),
                }
            )
        page = page_of(rows, asked, ACCOUNTS)
        return respond(page, ACCOUNTS.columns, asked, "账号", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.post("/accounts", status_code=201, **MANAGE)
async def add(
    request: Request, given: NewAccount, world: TheWorld, caller: Caller
) -> Response:
    """Create an account (新建账号)."""
    manage(world, caller)
    known = accounts_of(request)
    if known.get(given.account) is not None:
        raise AccountExists(account=given.account)
    account = Account(given.account, given.name)
    await asyncio.to_thread(known.add, account, given.password)
    return answer({"account": given.account, "name": given.name}, 201)


@router.post("/accounts/{account}/password", **MANAGE)
async def set_password(
    request: Request,
    account: AccountId,
    given: NewPassword,
    world: TheWorld,
    caller: Caller,
) -> Response:
    """Set another password; sessions and tokens end at once (重设密码)."""
    manage(world, caller)
    known = accounts_of(request)
    await asyncio.to_thread(known.set_password, account, given.password)
    return answer({"account": account})


@router.post("/accounts/{account}/disable", **MANAGE)
async def disable(
    request: Request, account: AccountId, world: TheWorld, caller: Caller
) -> Response:
    """Let an account in no more; its sessions end at once (停用)."""
    manage(world, caller)
    await asyncio.to_thread(accounts_of(request).disable, account)
    return answer({"account": account, "disabled": True})


@router.post("/accounts/{account}/enable", **MANAGE)
async def enable(
    request: Request, account: AccountId, world: TheWorld, caller: Caller
) -> Response:
    """Let an account in again (启用)."""
    manage(world, caller)
    await asyncio.to_thread(accounts_of(request).enable, account)
    return answer({"account": account, "disabled": False})


@router.get("/sessions/all", **reads("account.manage"))
async def all_sessions(
    request: Request, world: TheWorld, caller: Caller, asked: AskedFor
) -> Response:
    """Return everybody's sessions (会话); that it was read is recorded."""
    await record_read(world, caller, "sessions")
    known = accounts_of(request)

    def ask() -> Response:
        rows = [
            {**session_row(s, caller.session), "name": known.name_of(s.account)}
            for s in known.sessions()
        ]
        page = page_of(rows, asked, SESSIONS)
        return respond(page, SESSIONS.columns, asked, "会话", world.settings.zone)

    return await asyncio.to_thread(ask)
