"""Accounts, sessions and API tokens as people read them (账号)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.exchange.tables import BOTH, FILTER, SORT, Column, Row
from api.http.deps import accounts_of
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads, recorded
from api.http.sessions import Session, Token
from api.pages.fields import taken
from coordination.grants.state import held_by
from coordination.permit import ROLES
from coordination.vocabulary import TOKEN_SCOPES

ACCOUNTS = Listing.of(
    Column("account", "账号", "Account", can=SORT),
    Column("name", "姓名", "Name", can=SORT),
    Column("roles_zh", "角色", "Roles"),
    Column("sessions", "会话数", "Sessions", "int", can=SORT),
    Column("disabled", "停用", "Disabled", can=BOTH),
    Column("demo", "演示", "Demo", can=FILTER),
    sort="account",
)
SESSIONS = Listing.of(
    Column("id", "会话", "Session"),
    Column("account", "账号", "Account", can=BOTH),
    Column("name", "姓名", "Name", can=SORT),
    Column("created_at", "登录时间", "Since", "time", can=SORT),
    Column("expires_at", "到期时间", "Until", "time", can=SORT),
    Column("peer", "地址", "Address", can=SORT),
    Column("agent", "浏览器", "Agent"),
    sort="-created_at",
)
TOKENS = Listing.of(
    Column("id", "编号", "Id"),
    Column("account", "账号", "Account", can=BOTH),
    Column("account_name", "姓名", "Name", can=SORT),
    Column("name", "令牌", "Token", can=SORT),
    Column("scope", "权限", "Scope", words=TOKEN_SCOPES, can=BOTH),
    Column("created_at", "建立时间", "Since", "time", can=SORT),
    Column("expires_at", "到期时间", "Until", "time", can=SORT),
    sort="-created_at",
)


def session_row(session: Session, mine: str = "") -> dict[str, Any]:
    """Return a session as people read it."""
    return {
        **taken(session, "id account peer agent", at="created expires"),
        "mine": session.id == mine,
    }


def token_row(token: Token) -> dict[str, Any]:
    """Return an API token as people read it, without its secret."""
    return taken(token, "id account name scope", at="created expires")


READS = Reads("accounts")


@READS.listed(
    "/accounts",
    ACCOUNTS,
    "account.manage",
    "账号",
    before=recorded("accounts"),
    timeless=True,
)
def accounts(look: Look) -> Iterator[Row]:
    """Return all accounts (账号); that it was read is recorded."""
    known, read = accounts_of(look.request), look.world.read()
    disabled, sessions = set(known.disabled()), known.sessions()
    for account in known.all():
        mine = held_by(read, account.account, look.now)
        roles = [ROLES[grant.given.role] for grant in mine]
        yield {
            **taken(account, "account name demo"),
            "disabled": account.account in disabled,
            "roles_zh": "、".join(zh for zh, _ in roles),
            "roles_en": ", ".join(en for _, en in roles),
            "sessions": sum(s.account == account.account for s in sessions),
        }


@READS.listed(
    "/sessions/all",
    SESSIONS,
    "account.manage",
    "会话",
    before=recorded("sessions"),
    timeless=True,
)
def all_sessions(look: Look) -> Iterator[Row]:
    """Return everybody's sessions (会话); that it was read is recorded."""
    for session in accounts_of(look.request).sessions():
        name = look.name_of(session.account)
        yield {**session_row(session, look.who.session), "name": name}


@READS.shown("/sessions", "self", timeless=True)
def my_sessions(look: Look) -> dict[str, Any]:
    """Return one's own sessions (我的会话)."""
    found = accounts_of(look.request).sessions(look.who.account)
    return {"rows": [session_row(s, look.who.session) for s in found]}


@READS.listed(
    "/tokens/all",
    TOKENS,
    "account.manage",
    "令牌",
    before=recorded("tokens"),
    timeless=True,
)
def all_tokens(look: Look) -> Iterator[Row]:
    """Return everybody's API tokens (令牌); that it was read is recorded."""
    for token in accounts_of(look.request).tokens():
        yield {**token_row(token), "account_name": look.name_of(token.account)}


@READS.shown("/tokens", "self", timeless=True)
def my_tokens(look: Look) -> dict[str, Any]:
    """Return one's own API tokens (我的令牌)."""
    found = accounts_of(look.request).tokens(look.who.account)
    return {"rows": [token_row(token) for token in found]}
