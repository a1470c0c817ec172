"""Sessions and API tokens (登录会话、访问令牌): one look-up finds either.

Only the SHA-256 of either is stored, so that a copy of the database opens none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from api.http.accounts_file import (
    ACCOUNTS,
    MARK,
    READ,
    SCHEMA,
    SESSIONS,
    Account,
    Scope,
    end_sessions,
    in_use,
    prepare,
)
from api.http.accounts_watch import FileWatch, ServerWatch, Version, Watch
from api.world.marks import writing
from coordination.refusals import Forbidden, Invalid, NotFound, Refusal
from projections.database import engine_of, on_server

DAY_US = 24 * 3_600_000_000
TOKEN_DAYS_MAX = 90
TOKEN_PREFIX = "pz_"  # noqa: S105 - what a token begins with, for whoever finds one
IS_SESSION = SESSIONS.c.id.startswith("s-")
IS_TOKEN = SESSIONS.c.id.startswith("t-")

NotSignedIn = Refusal.of(
    "auth.not-signed-in",
    "尚未登录或登录已失效",
    "you are not signed in",
    "请先登录",
    "please sign in",
)
TokenReadsOnly = Forbidden.of(
    "auth.token-reads-only",
    "此令牌只能读取",
    "this token only reads",
    "请改用可读写的令牌，或由本人登录后办理",
    "use a token that may write, or sign in and do it there",
)
NoSuchAccount = NotFound.of(
    "auth.no-such-account",
    "账号 {account} 不存在或已停用",
    "there is no account {account}, or it is disabled",
    "请在账号清单中核对",
    "look it up among the accounts",
    field="account",
)
TokenDays = Invalid.of(
    "auth.token-days",
    "令牌有效期须为 1–{most} 天",
    "a token is valid for 1 to {most} days",
    "请改正天数",
    "correct the number of days",
    field="days",
)


class Session(NamedTuple):
    """登录会话, as a list shows it. ``id`` opens nothing; ``agent``: 200 characters."""

    id: str
    account: str
    created_us: int
    expires_us: int
    peer: str
    agent: str


class Token(NamedTuple):
    """访问令牌, as a list shows it. ``secret``: given once, when it is made."""

    id: str
    account: str
    name: str
    scope: Scope
    created_us: int
    expires_us: int
    secret: str = ""


class Signed(NamedTuple):
    """Who came, by which session (``s-…``) or token (``t-…``): its public id.

    ``scope``: what the token is for, empty of a session.
    """

    account: Account
    session: str
    scope: Scope | Literal[""] = ""


class _Known(NamedTuple):
    """A session as read when the database stood at ``version``."""

    who: Signed
    expires_us: int
    version: Version


class Sessions:
    """Sessions and tokens, where the accounts are; any thread may ask."""

    def __init__(self, where: Path | str, clock: Callable[[], int]) -> None:
        """``where``: a SQLite file or a ``postgresql://`` address.

        ``clock``: wall time in microseconds; sessions and tokens expire by it.
        """
        self._engine = engine_of(where, SCHEMA, {})
        self._clock = clock
        self._known: dict[str, _Known] = {}
        prepare(self._engine)
        self._watch: Watch = (
            ServerWatch(self._engine) if on_server(where) else FileWatch(Path(where))
        )
        self._version: Version = (-1, -1)
        self.demonstration = False
        """Whether the world is a demonstration: in any other no demo account acts."""

    def session_of(self, token: str | None) -> Signed:
        """Return whose session or API token this is.

        :raises NotSignedIn: if there is none or it has expired
        """
        if not token:
            raise NotSignedIn
        key, version = _hashed(token), self._now()
        known = self._known.get(key)
        # Compared, since another thread may have kept what it read before the write.
        if known is None or known.version != version:
            known = self._look_up(key, version)
        if known.expires_us <= self._clock() or self.barred(known.who.account):
            raise NotSignedIn
        return known.who

    def waits_for(self, token: str | None) -> bool:
        """Tell whether to find out takes asking a server: not for the event loop.

        :raises AccountsAway: if the server has not answered for too long
        """
        if not token or not self._watch.waits:
            return False
        version, known = self._now(), self._known.get(_hashed(token))
        return known is None or known.version != version

    def _now(self) -> Version:
        """Return how the accounts stand; what was kept of before is forgotten."""
        version = self._watch.version()
        if version != self._version:  # somebody, this process or another, wrote
            self._known.clear()
            self._version = version
        return version

    def barred(self, account: Account) -> bool:
        """Tell whether an account is a demonstration's, and this world is none."""
        return account.demo and not self.demonstration

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._finish(SESSIONS.c.id_hash == _hashed(token))

    def sessions(self, account: str | None = None) -> list[Session]:
        """Return the open sessions of an account, or of all, oldest first."""
        found = self._rows(Session._fields, IS_SESSION, account)
        return [Session._make(row) for row in found]

    def end_session(self, id: str) -> bool:  # noqa: A002 - as the list calls it
        """End a session by its public id; False if there is none."""
        return self._finish(IS_SESSION, SESSIONS.c.id == id) > 0

    def new_token(
        self, account: str, secret: str, *, name: str, days: int, scope: Scope = READ
    ) -> Token:
        """Make an API token (访问令牌): its ``secret`` is ``pz_`` and yours.

        ``name``: what uses it; ``days``: 1 to 90; ``scope``: what it may do there.

        :raises TokenDays: if it would be valid for no time or for too long
        :raises NoSuchAccount: if there is none in use
        """
        if not 1 <= days <= TOKEN_DAYS_MAX:
            raise TokenDays(most=TOKEN_DAYS_MAX)
        whole = TOKEN_PREFIX + secret
        row = self._row("t-", whole, account, days * DAY_US)
        row |= {"name": name, "scope": scope}
        NoSuchAccount.unless(self._open(row), account=account)
        return Token._make((*(row[f] for f in Token._fields[:-1]), whole))

    def tokens(self, account: str | None = None) -> list[Token]:
        """Return the valid tokens of an account, or of all, oldest first."""
        found = self._rows(Token._fields[:-1], IS_TOKEN, account)
        return [Token._make((*row, "")) for row in found]

    def revoke_token(self, id: str) -> bool:  # noqa: A002 - as the list calls it
        """End a token by its public id (吊销); False if there is none."""
        return self._finish(IS_TOKEN, SESSIONS.c.id == id) > 0

    def close(self) -> None:
        """Close the database."""
        self._watch.close()
        self._engine.dispose()

    # --- inside ------------------------------------------------------------------

    def _row(
        self, kind: str, secret: str, account: str, lasts_us: int
    ) -> dict[str, Any]:
        """Return a new row of ``session``."""
        now, key = self._clock(), _hashed(secret)
        return {
            "id_hash": key,
            "id": kind + key[:12],
            "account": account,
            "created_us": now,
            "expires_us": now + lasts_us,
            "peer": "",
            "agent": "",
            "name": "",
            "scope": "",
        }

    def _open(self, row: dict[str, Any], proved: str | None = None) -> Account | None:
        """Write a session or token and return whose, None if the account is not in use.

        ``proved``: the hash that must still be the account's.
        """
        with self._write() as c:
            # It has written, so the file is locked: nobody disables the account or
            # changes its password between the look and the new row.
            end_sessions(c, SESSIONS.c.expires_us <= row["created_us"])
            found = c.execute(sa.select(ACCOUNTS).where(in_use(row["account"]))).first()
            if found is None or proved not in (None, found.password):
                return None
            c.execute(sa.insert(SESSIONS).values(**row))
        return Account(found.account, found.name, found.demo)

    def _look_up(self, key: str, version: Version) -> _Known:
        """Read a session or token.

        :raises NotSignedIn: if there is none
        """
        with self._engine.connect() as c:
            found = c.execute(
                sa.select(
                    *(ACCOUNTS.c[f] for f in Account._fields),
                    SESSIONS.c.id,
                    SESSIONS.c.scope,
                    SESSIONS.c.expires_us,
                )
                .join(SESSIONS, SESSIONS.c.account == ACCOUNTS.c.account)
                .where(SESSIONS.c.id_hash == key, ~ACCOUNTS.c.disabled)
            ).first()
        found = NotSignedIn.unless(found)
        account = Account(found.account, found.name, found.demo)
        who = Signed(account, found.id, found.scope)
        self._known[key] = known = _Known(who, found.expires_us, version)
        return known

    def _rows(
        self, fields: tuple[str, ...], kind: sa.ColumnElement[bool], account: str | None
    ) -> list[sa.Row[Any]]:
        chosen = sa.select(*(SESSIONS.c[f] for f in fields)).where(
            kind, SESSIONS.c.expires_us > self._clock()
        )
        if account is not None:
            chosen = chosen.where(SESSIONS.c.account == account)
        with self._engine.connect() as c:
            order = SESSIONS.c.created_us, SESSIONS.c.id
            return list(c.execute(chosen.order_by(*order)))

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        """Give a transaction that writes."""
        with writing(self._engine, MARK) as c:
            yield c
        self._watch.wrote()

    def _finish(self, *where: sa.ColumnElement[bool]) -> int:
        with self._write() as c:
            return end_sessions(c, *where)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
