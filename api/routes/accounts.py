"""Accounts (账号): an administrator's list; roles are granted, not given here."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from msgspec import Meta

from api.http.accounts_file import Account
from api.http.auth import Accounts
from api.http.body import Account as AccountPath
from api.http.deciding import read_body
from api.http.deps import ERRORS, Caller, TheWorld, accounts_of, answer, record_act
from api.http.document import takes
from api.http.passwords import LENGTH_MAX, check_password
from api.http.pools import PROOFS
from api.http.sessions import NoSuchAccount
from coordination.fields import AccountId, Seq, named
from coordination.refusals import Refusal

router = APIRouter(tags=["accounts"], responses=ERRORS)
MANAGE: dict[str, Any] = {"openapi_extra": {"x-action": "account.manage"}}
Password = Annotated[
    str,
    named("密码", "Password", "a phrase that is not common", max_length=LENGTH_MAX),
]


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    """A new account; it may do nothing until it is granted a role."""

    account: AccountId
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    password: Password
    seen_seq: Seq = 0


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """A new password; it ends every session and token of the account."""

    password: Password
    seen_seq: Seq = 0


AccountExists = Refusal.of(
    "auth.account-exists",
    "账号 {account} 已存在",
    "the account {account} exists",
    "请另取账号名，或重设其密码",
    "take another name, or reset its password",
    field="account",
)


async def managing(request: Request, world: TheWorld, caller: Caller) -> Accounts:
    """Return the accounts, to whoever may manage them."""
    world.entitle(caller.by, "account.manage")
    return accounts_of(request)


Managed = Annotated[Accounts, Depends(managing)]


@router.post("/accounts", status_code=201, **takes("account.manage", NewAccount))
async def add(
    request: Request, known: Managed, world: TheWorld, caller: Caller
) -> Response:
    """Create an account (新建账号).

    It signs no level Ⅰ or Ⅱ for a day, unless it is opened at the machine itself.
    """
    given = await read_body(request, NewAccount)
    if known.get(given.account) is not None:
        raise AccountExists(account=given.account)
    account = Account(given.account, given.name)
    check_password(given.password, given.account, given.name)
    act = "installed" if caller.local else "opened"
    await record_act(world, caller, given.account, act)
    await PROOFS.run(caller.account, known.add, account, given.password)
    return answer({"account": given.account, "name": given.name}, 201)


@router.post("/accounts/{account}/password", **takes("account.manage", NewPassword))
async def set_password(
    request: Request,
    account: AccountPath,
    known: Managed,
    world: TheWorld,
    caller: Caller,
) -> Response:
    """Set another password; sessions and tokens end at once (重设密码).

    Its owner must choose another, and signs no level Ⅰ or Ⅱ for a day.
    """
    given = await read_body(request, NewPassword)
    found = NoSuchAccount.unless(known.get(account), account=account)
    check_password(given.password, account, found.name)
    own = account == caller.account
    await record_act(world, caller, account, "own-password" if own else "password")
    await PROOFS.run(caller.account, known.set_password, account, given.password)
    return answer({"account": account})


@router.post("/accounts/{account}/disable", **MANAGE)
async def disable(
    account: AccountPath, known: Managed, world: TheWorld, caller: Caller
) -> Response:
    """Let an account in no more; its sessions end at once (停用)."""
    NoSuchAccount.unless(known.get(account), account=account)
    await record_act(world, caller, account, "disabled")
    await asyncio.to_thread(known.disable, account)
    return answer({"account": account, "disabled": True})


@router.post("/accounts/{account}/enable", **MANAGE)
async def enable(
    account: AccountPath, known: Managed, world: TheWorld, caller: Caller
) -> Response:
    """Let an account in again (启用)."""
    NoSuchAccount.unless(known.get(account), account=account)
    await record_act(world, caller, account, "enabled")
    await asyncio.to_thread(known.enable, account)
    return answer({"account": account, "disabled": False})
