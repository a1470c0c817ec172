"""Who you are: accounts, passwords (Argon2) and server-side sessions.

They stand outside Worlds. A session's id is stored as its SHA-256 only, so that a copy
of the database opens no session.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from coordination.kernel import Actor, Refusal

OURS = {"service": "Pingzhan", "installer": "Pingzhan", "local-operator": "local"}
"""Actors of the service itself: they have no account and cannot sign in."""
SESSION_US = 12 * 3_600_000_000
_METADATA = sa.MetaData()
_ACCOUNTS = sa.Table(
    "account",
    _METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
)
_SESSIONS = sa.Table(
    "session",
    _METADATA,
    sa.Column("id_hash", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
)


class WrongCredentials(Refusal):
    """Unknown account or wrong password; never says which (账号或密码错误)."""

    code = "auth.wrong-credentials"
    zh = "账号或密码错误"
    en = "wrong account or password"


class NotSignedIn(Refusal):
    """No session, or an expired one (未登录)."""

    code = "auth.not-signed-in"
    zh = "请先登录"
    en = "please sign in"


class Account(NamedTuple):
    """账号. ``area``: path of the area the role is held for, empty for all."""

    account: str
    name: str
    role: str
    area: str

    @property
    def actor(self) -> Actor:
        """What decisions know of this account."""
        return Actor(self.account, self.role, self.area)


class Accounts:
    """Accounts and sessions in one small database."""

    def __init__(self, path: Path, clock: Callable[[], int]) -> None:
        """``clock``: wall time in microseconds; sessions expire by it."""
        self._engine = sa.create_engine(f"sqlite:///{path}")
        self._clock = clock
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        # Checked for an unknown account too, so that the time taken tells nothing.
        self._decoy = self._hasher.hash("decoy")
        self._known: dict[str, tuple[Account, int]] = {}
        _METADATA.create_all(self._engine)
        self._watch = sqlite3.connect(path, check_same_thread=False)
        self._version = -1

    def add(self, account: Account, password: str) -> None:
        """Create an account or replace it, ending its sessions."""
        row = {**account._asdict(), "password": self._hasher.hash(password)}
        with self._engine.begin() as c:
            mine = _ACCOUNTS.c.account == account.account
            c.execute(sa.delete(_ACCOUNTS).where(mine))
            c.execute(
                sa.delete(_SESSIONS).where(_SESSIONS.c.account == account.account)
            )
            c.execute(sa.insert(_ACCOUNTS).values(**row))
        self._known.clear()

    def sign_in(self, account: str, password: str, token: str) -> Account:
        """Open a session under ``token``.

        :raises WrongCredentials: for an unknown account or a wrong password
        """
        with self._engine.connect() as c:
            found = c.execute(
                sa.select(_ACCOUNTS).where(_ACCOUNTS.c.account == account)
            ).first()
        try:
            self._hasher.verify(found.password if found else self._decoy, password)
        except Argon2Error:
            raise WrongCredentials from None
        if found is None:
            raise WrongCredentials
        with self._engine.begin() as c:
            now = self._clock()
            c.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.expires_us < now))
            c.execute(
                sa.insert(_SESSIONS).values(
                    id_hash=_hashed(token), account=account, expires_us=now + SESSION_US
                )
            )
        return Account(found.account, found.name, found.role, found.area)

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._known.pop(_hashed(token), None)
        with self._engine.begin() as c:
            c.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.id_hash == _hashed(token)))

    def of(self, token: str | None) -> Account:
        """Return whose session this is.

        :raises NotSignedIn: if there is none or it has expired
        """
        if not token:
            raise NotSignedIn
        key, now = _hashed(token), self._clock()
        version = self._watch.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:  # somebody, this process or another, wrote
            self._known.clear()
            self._version = version
        known = self._known.get(key)
        if known is None:
            with self._engine.connect() as c:
                found = c.execute(
                    sa.select(
                        *(_ACCOUNTS.c[f] for f in Account._fields),
                        _SESSIONS.c.expires_us,
                    )
                    .join(_SESSIONS, _SESSIONS.c.account == _ACCOUNTS.c.account)
                    .where(_SESSIONS.c.id_hash == key)
                ).first()
            if found is None:
                self._known.pop(key, None)
                raise NotSignedIn
            known = Account._make(found[:-1]), found[-1]
            self._known[key] = known
        if known[1] <= now:
            self._known.pop(key, None)
            raise NotSignedIn
        return known[0]

    def name_of(self, account: str) -> str:
        """Return the display name of an account, the account itself if unknown."""
        if account in OURS:
            return OURS[account]
        with self._engine.connect() as c:
            name = c.scalar(
                sa.select(_ACCOUNTS.c.name).where(_ACCOUNTS.c.account == account)
            )
        return name or account

    def close(self) -> None:
        """Close the database."""
        self._watch.close()
        self._engine.dispose()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
