"""Who you are: accounts, passwords (Argon2), server-side sessions and API tokens.

They stand outside Worlds; what an account may do stands in the log, as grants. Of a
session or token only the SHA-256 is stored, so that a copy of the database opens none.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.dialects.sqlite import insert as upsert

from coordination.kernel import Forbidden, Invalid, NotFound, Refusal

OURS = {"service": "Pingzhan", "installer": "Pingzhan", "local-operator": "local"}
"""Actors of the service itself: they have no account and cannot sign in."""
SESSION_US = 12 * 3_600_000_000
DAY_US = 24 * 3_600_000_000
TOKEN_DAYS_MAX = 366
TOKEN_PREFIX = "pz_"  # noqa: S105 - what a token begins with, for whoever finds one
AGENT_CHARS = 200
ACCOUNT_TRIES = RateLimitItemPerMinute(10, 5)
"""Failed tries for one account: 10 in 5 minutes."""
PEER_TRIES = RateLimitItemPerMinute(30, 5)
"""Failed tries from one address: 30 in 5 minutes; many people may share one."""
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_METADATA = sa.MetaData()
_ACCOUNTS = sa.Table(
    "account",
    _METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("demo", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
)
_SESSIONS = sa.Table(  # and tokens: one look-up finds either
    "session",
    _METADATA,
    sa.Column("id_hash", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
)
_LEGACY_ROLES = sa.Table(
    "legacy_role",
    _METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
)
_FROM_OLD = f"""\
INSERT INTO legacy_role SELECT account, role, area FROM old_account;
INSERT INTO account SELECT account, name, 0, 0, password FROM old_account;
INSERT INTO session SELECT id_hash, 's-' || substr(id_hash, 1, 12), account,
  expires_us - {SESSION_US}, expires_us, '', '', '' FROM old_session;
DROP TABLE old_account;
DROP TABLE old_session"""  # noqa: S608 - our own number
_IS_SESSION = _SESSIONS.c.id.startswith("s-")
_IS_TOKEN = _SESSIONS.c.id.startswith("t-")


class WrongCredentials(Refusal):
    """No such account in use or wrong password; never says which (账号或密码错误)."""

    code = "auth.wrong-credentials"
    zh = "账号或密码错误"
    en = "wrong account or password"


class WrongPassword(Forbidden):
    """Who is signed in gave another password than their own (密码错误)."""

    code = "auth.wrong-password"
    zh = "密码错误"
    en = "wrong password"
    field = "password"


class TooManyTries(Refusal):
    """Too many failed tries for the account or from the address (尝试次数过多).

    ``retry_after``: whole seconds to wait, 1 or more.
    """

    code = "auth.too-many-tries"
    zh = "尝试次数过多，请在 {retry_after} 秒后重试"
    en = "too many failed tries; try again in {retry_after} seconds"


class NotSignedIn(Refusal):
    """No session or token, or an expired one (未登录)."""

    code = "auth.not-signed-in"
    zh = "请先登录"
    en = "please sign in"


class NoSuchAccount(NotFound):
    """There is no such account, or it is disabled where one in use is needed."""

    code = "auth.no-such-account"
    zh = "账号 {account} 不存在或已停用"
    en = "there is no account {account}, or it is disabled"
    field = "account"


class ReservedAccount(Invalid):
    """Nobody may sign in as the service itself (保留账号)."""

    code = "auth.reserved-account"
    zh = "{account} 是系统保留账号"
    en = "{account} is reserved for the service itself"
    field = "account"


class TokenDays(Invalid):
    """A token is for a time, and not for a long one (令牌有效期)."""

    code = "auth.token-days"
    zh = "令牌有效期须为 1–{most} 天"
    en = "a token is valid for 1 to {most} days"
    field = "days"


class Account(NamedTuple):
    """账号. ``demo``: its password is for all to see (演示账号)."""

    account: str
    name: str
    demo: bool = False


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
    created_us: int
    expires_us: int
    secret: str = ""


class _Known(NamedTuple):
    """A session as read when the database stood at ``version``."""

    who: tuple[Account, str]
    expires_us: int
    version: int


class _Tries:
    """Failed tries (失败次数) by account and by address, of this process.

    Tries under way count as failed until they are over: many at once get no further
    than one after another.
    """

    def __init__(self, per_account: RateLimitItem, per_peer: RateLimitItem) -> None:
        self._limits = {"account": per_account, "peer": per_peer}
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def begin(self, account: str, peer: str) -> None:
        """Count a try as under way.

        :raises TooManyTries: if no more are allowed now
        """
        keys = ("account", account), ("peer", peer)
        with self._lock:
            wait_s = max(self._wait_s(*key) for key in keys)
            if wait_s:
                raise TooManyTries(retry_after=wait_s)
            self._under_way.update(keys)

    def end(self, account: str, peer: str, *, failed: bool) -> None:
        """Count a try as over; the right password clears its account, never the peer.

        Else whoever has one account could try all others without end.
        """
        keys = ("account", account), ("peer", peer)
        with self._lock:
            for key in keys:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]
                if failed:
                    self._window.hit(self._limits[key[0]], *key)
            if not failed:
                self._window.clear(self._limits["account"], "account", account)
            # The library forgets lapsed tries but keeps every name ever tried.
            for name, tries in list(self._storage.events.items()):
                if not tries:
                    self._storage.clear(name)

    def _wait_s(self, kind: str, who: str) -> int:
        """Return the whole seconds until a try is allowed, 0 if one is."""
        limit = self._limits[kind]
        reset_s, left = self._window.get_window_stats(limit, kind, who)
        if left > self._under_way[kind, who]:
            return 0
        if left:  # what is under way is over in a moment
            return 1
        # An empty window starts now, by the library's clock.
        now_s = self._window.get_window_stats(limit).reset_time - limit.get_expiry()
        return max(1, math.ceil(reset_s - now_s))


class Accounts:
    """Accounts, sessions and tokens in one small database; any thread may ask."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], int],
        *,
        hasher: PasswordHasher = HASHER,
        per_account: RateLimitItem = ACCOUNT_TRIES,
        per_peer: RateLimitItem = PEER_TRIES,
    ) -> None:
        """``clock``: wall time in microseconds; sessions and tokens expire by it.

        ``per_account``, ``per_peer``: failed tries allowed, counted in this process.
        """
        self._engine = sa.create_engine(f"sqlite:///{path}")
        self._clock = clock
        self._hasher = hasher
        # Checked for an unknown account too, so that the time taken tells nothing.
        self._decoy = hasher.hash("decoy")
        self._tries = _Tries(per_account, per_peer)
        self._known: dict[str, _Known] = {}
        _prepare(self._engine)
        self._watch = sqlite3.connect(path, check_same_thread=False)
        self._asking = self._watch.cursor()
        self._watching = Lock()
        self._version = -1

    # --- accounts ----------------------------------------------------------------

    def add(self, account: Account, password: str) -> None:
        """Create an account or replace it, ending its sessions and tokens.

        A disabled one stays disabled.

        :raises ReservedAccount: for an actor of the service itself
        """
        if account.account in OURS:
            raise ReservedAccount(account=account.account)
        row = {**account._asdict(), "password": self._hasher.hash(password)}
        with self._engine.begin() as c:
            c.execute(
                upsert(_ACCOUNTS)
                .values(**row, disabled=False)
                .on_conflict_do_update(index_elements=["account"], set_=row)
            )
            _end(c, _SESSIONS.c.account == account.account)

    def get(self, account: str) -> Account | None:
        """Return an account, disabled or not."""
        found = self._accounts(_ACCOUNTS.c.account == account)
        return found[0] if found else None

    def all(self) -> list[Account]:
        """Return every account, disabled or not, in their order."""
        return self._accounts()

    def disabled(self) -> list[str]:
        """Return the accounts that are disabled (已停用), in their order."""
        return [a.account for a in self._accounts(_ACCOUNTS.c.disabled)]

    def legacy_roles(self) -> list[tuple[str, str, str]]:
        """Return account, role and area path as accounts once held them."""
        with self._engine.connect() as c:
            found = c.execute(
                sa.select(_LEGACY_ROLES).order_by(_LEGACY_ROLES.c.account)
            )
            return [(row.account, row.role, row.area) for row in found]

    def set_password(self, account: str, password: str) -> None:
        """Change a password (改密), ending the account's sessions and tokens.

        :raises NoSuchAccount: if there is none
        """
        self._change(account, password=self._hasher.hash(password))

    def disable(self, account: str) -> None:
        """Let an account in no more (停用); its sessions and tokens end at once.

        :raises NoSuchAccount: if there is none
        """
        self._change(account, disabled=True)

    def enable(self, account: str) -> None:
        """Let a disabled account in again (启用); what was ended stays ended.

        :raises NoSuchAccount: if there is none
        """
        self._change(account, disabled=False)

    def name_of(self, account: str) -> str:
        """Return the display name of an account, the account itself if unknown."""
        if account in OURS:
            return OURS[account]
        found = self.get(account)
        return (found and found.name) or account

    # --- passwords ---------------------------------------------------------------

    def sign_in(
        self, account: str, password: str, token: str, *, peer: str, agent: str = ""
    ) -> Account:
        """Open a session under ``token``.

        ``peer``: the address asked from; ``agent``: the browser, as it calls itself.

        :raises TooManyTries: after too many failed ones, before anything is computed
        :raises WrongCredentials: for an unknown account or a wrong password
        """
        proved = self._prove(account, password, peer)
        if proved is None:
            raise WrongCredentials
        row = self._row("s-", token, account, SESSION_US)
        found = self._open({**row, "peer": peer, "agent": agent[:AGENT_CHARS]}, proved)
        if found is None:
            raise WrongCredentials
        return found

    def check(self, account: str, password: str, *, peer: str) -> None:
        """Ask who is signed in for their password once more (再次验证).

        :raises TooManyTries: after too many failed ones, before anything is computed
        :raises WrongPassword: if it is another
        """
        if self._prove(account, password, peer) is None:
            raise WrongPassword

    # --- sessions and tokens -----------------------------------------------------

    def of(self, token: str | None) -> Account:
        """Return whose session or API token this is.

        :raises NotSignedIn: if there is none or it has expired
        """
        return self.session_of(token)[0]

    def session_of(self, token: str | None) -> tuple[Account, str]:
        """Return whose session (``s-…``) or API token (``t-…``) this is, and its id.

        :raises NotSignedIn: if there is none or it has expired
        """
        if not token:
            raise NotSignedIn
        key = _hashed(token)
        with self._watching:
            version = self._asking.execute("PRAGMA data_version").fetchall()[0][0]
            if version != self._version:  # somebody, this process or another, wrote
                self._known.clear()
                self._version = version
        known = self._known.get(key)
        # Compared, since another thread may have kept what it read before the write.
        if known is None or known.version != version:
            known = self._look_up(key, version)
        if known.expires_us <= self._clock():
            raise NotSignedIn
        return known.who

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._finish(_SESSIONS.c.id_hash == _hashed(token))

    def sessions(self, account: str | None = None) -> list[Session]:
        """Return the open sessions of an account, or of all, oldest first."""
        found = self._rows(Session._fields, _IS_SESSION, account)
        return [Session._make(row) for row in found]

    def end_session(self, id: str) -> bool:  # noqa: A002 - as the list calls it
        """End a session by its public id; False if there is none."""
        return self._finish(_IS_SESSION, _SESSIONS.c.id == id) > 0

    def new_token(self, account: str, secret: str, *, name: str, days: int) -> Token:
        """Make an API token (访问令牌): its ``secret`` is ``pz_`` and yours.

        ``name``: what it is for; ``days``: 1 to 366.

        :raises TokenDays: if it would be valid for no time or for too long
        :raises NoSuchAccount: if there is none in use
        """
        if not 1 <= days <= TOKEN_DAYS_MAX:
            raise TokenDays(most=TOKEN_DAYS_MAX)
        whole = TOKEN_PREFIX + secret
        row = {**self._row("t-", whole, account, days * DAY_US), "name": name}
        if self._open(row) is None:
            raise NoSuchAccount(account=account)
        return Token._make((*(row[f] for f in Token._fields[:-1]), whole))

    def tokens(self, account: str | None = None) -> list[Token]:
        """Return the valid tokens of an account, or of all, oldest first."""
        found = self._rows(Token._fields[:-1], _IS_TOKEN, account)
        return [Token._make((*row, "")) for row in found]

    def revoke_token(self, id: str) -> bool:  # noqa: A002 - as the list calls it
        """End a token by its public id (吊销); False if there is none."""
        return self._finish(_IS_TOKEN, _SESSIONS.c.id == id) > 0

    def close(self) -> None:
        """Close the database."""
        self._watch.close()
        self._engine.dispose()

    # --- inside ------------------------------------------------------------------

    def _prove(self, account: str, password: str, peer: str) -> str | None:
        """Return the stored hash that the password fits, None if it fits none in use.

        :raises TooManyTries: before anything is looked up or computed
        """
        self._tries.begin(account, peer)
        proved = None
        try:
            with self._engine.connect() as c:
                stored = c.scalar(
                    sa.select(_ACCOUNTS.c.password).where(_in_use(account))
                )
            self._hasher.verify(stored or self._decoy, password)
            proved = stored
        except Argon2Error:
            pass
        finally:
            self._tries.end(account, peer, failed=proved is None)
        return proved

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
        }

    def _open(self, row: dict[str, Any], proved: str | None = None) -> Account | None:
        """Write a session or token and return whose, None if the account is not in use.

        ``proved``: the hash that must still be the account's.
        """
        with self._engine.begin() as c:
            # Writing first locks the file: nobody disables the account or changes its
            # password between the look and the new row.
            _end(c, _SESSIONS.c.expires_us <= row["created_us"])
            found = c.execute(
                sa.select(_ACCOUNTS).where(_in_use(row["account"]))
            ).first()
            if found is None or proved not in (None, found.password):
                return None
            c.execute(sa.insert(_SESSIONS).values(**row))
        return Account(found.account, found.name, found.demo)

    def _look_up(self, key: str, version: int) -> _Known:
        """Read a session or token.

        :raises NotSignedIn: if there is none
        """
        with self._engine.connect() as c:
            found = c.execute(
                sa.select(
                    *(_ACCOUNTS.c[f] for f in Account._fields),
                    _SESSIONS.c.id,
                    _SESSIONS.c.expires_us,
                )
                .join(_SESSIONS, _SESSIONS.c.account == _ACCOUNTS.c.account)
                .where(_SESSIONS.c.id_hash == key, ~_ACCOUNTS.c.disabled)
            ).first()
        if found is None:
            raise NotSignedIn
        who = Account(found.account, found.name, found.demo), found.id
        self._known[key] = known = _Known(who, found.expires_us, version)
        return known

    def _accounts(self, *where: sa.ColumnElement[bool]) -> list[Account]:
        chosen = sa.select(*(_ACCOUNTS.c[f] for f in Account._fields)).where(*where)
        with self._engine.connect() as c:
            found = c.execute(chosen.order_by(_ACCOUNTS.c.account))
            return [Account._make(row) for row in found]

    def _rows(
        self, fields: tuple[str, ...], kind: sa.ColumnElement[bool], account: str | None
    ) -> list[sa.Row[Any]]:
        chosen = sa.select(*(_SESSIONS.c[f] for f in fields)).where(
            kind, _SESSIONS.c.expires_us > self._clock()
        )
        if account is not None:
            chosen = chosen.where(_SESSIONS.c.account == account)
        with self._engine.connect() as c:
            order = _SESSIONS.c.created_us, _SESSIONS.c.id
            return list(c.execute(chosen.order_by(*order)))

    def _change(self, account: str, **values: Any) -> None:
        """Change an account and end all that is open for it.

        :raises NoSuchAccount: if there is none
        """
        with self._engine.begin() as c:
            mine = _ACCOUNTS.c.account == account
            if not c.execute(
                sa.update(_ACCOUNTS).where(mine).values(**values)
            ).rowcount:
                raise NoSuchAccount(account=account)
            _end(c, _SESSIONS.c.account == account)

    def _finish(self, *where: sa.ColumnElement[bool]) -> int:
        with self._engine.begin() as c:
            return _end(c, *where)


def _prepare(engine: sa.Engine) -> None:
    """Make the tables, or bring those of an old file into today's shape."""
    with engine.begin() as c:
        # Two processes may open one file at once: the second waits here.
        c.exec_driver_sql("BEGIN IMMEDIATE")
        columns = c.exec_driver_sql("PRAGMA table_info(account)")
        old = "role" in {column.name for column in columns}
        if old:
            c.exec_driver_sql("ALTER TABLE account RENAME TO old_account")
            c.exec_driver_sql("ALTER TABLE session RENAME TO old_session")
        _METADATA.create_all(c)
        for statement in _FROM_OLD.split(";") if old else ():
            c.exec_driver_sql(statement)


def _end(c: sa.Connection, *where: sa.ColumnElement[bool]) -> int:
    return c.execute(sa.delete(_SESSIONS).where(*where)).rowcount


def _in_use(account: str) -> sa.ColumnElement[bool]:
    return sa.and_(_ACCOUNTS.c.account == account, ~_ACCOUNTS.c.disabled)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
