"""The store of accounts and sessions (账号库): its tables, and older shapes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import sqlalchemy as sa

from api.world.marks import marked, written
from projections.database import opening

SCHEMA = "accounts"
SESSION_US = 12 * 3_600_000_000
Scope = Literal["read", "all"]
"""What a token is for (令牌权限): it only reads, or does all that its owner may."""
READ: Scope = "read"
ALL: Scope = "all"

METADATA = sa.MetaData()
ACCOUNTS = sa.Table(
    "account",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("demo", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
)
SESSIONS = sa.Table(  # and tokens: one look-up finds either
    "session",
    METADATA,
    sa.Column("id_hash", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False, server_default=""),  # of a token
)
LEGACY_ROLES = sa.Table(
    "legacy_role",
    METADATA,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
)
MARK = marked(METADATA)
_FROM_OLD = f"""\
INSERT INTO legacy_role SELECT account, role, area FROM old_account;
INSERT INTO account SELECT account, name, 0, 0, password FROM old_account;
INSERT INTO session SELECT id_hash, 's-' || substr(id_hash, 1, 12), account,
  expires_us - {SESSION_US}, expires_us, '', '', '', '' FROM old_session;
DROP TABLE old_account;
DROP TABLE old_session"""  # noqa: S608 - our own number
_UNSCOPED = f"""\
ALTER TABLE session ADD COLUMN scope TEXT NOT NULL DEFAULT '';
UPDATE session SET scope = '{ALL}' WHERE id LIKE 't-%'"""  # noqa: S608 - our own word
"""Tokens of a file without scopes could do all that their owner may."""


class Account(NamedTuple):
    """账号. ``demo``: its password is for all to see (演示账号)."""

    account: str
    name: str
    demo: bool = False


def prepare(engine: sa.Engine) -> None:
    """Make the tables, or bring those of an old file into today's shape."""
    if engine.dialect.name == "postgresql":
        with opening(engine, SCHEMA) as c:
            METADATA.create_all(c)
        return
    with engine.begin() as c:
        # Two processes may open one file at once: the second waits here.
        c.exec_driver_sql("BEGIN IMMEDIATE")
        before, mended = _columns(c), ""
        if "role" in before["account"]:
            c.exec_driver_sql("ALTER TABLE account RENAME TO old_account")
            c.exec_driver_sql("ALTER TABLE session RENAME TO old_session")
            mended = _FROM_OLD
        elif before["session"] and "scope" not in before["session"]:
            mended = _UNSCOPED
        METADATA.create_all(c)
        for statement in filter(None, mended.split(";")):
            c.exec_driver_sql(statement)


def moved_in(engine: sa.Engine, path: Path) -> bool:
    """Bring the accounts of a file to a server that has none; the file is put aside.

    Each host had its own once: those of the first that starts are everybody's.
    """
    if not path.exists():
        return False
    with opening(engine) as c:
        if c.scalar(sa.select(sa.func.count()).select_from(ACCOUNTS)):
            return False
        old = sa.create_engine(f"sqlite:///{path}")
        prepare(old)
        with old.connect() as file:
            for table in (ACCOUNTS, SESSIONS, LEGACY_ROLES):
                rows = [dict(row) for row in file.execute(sa.select(table)).mappings()]
                if rows:
                    c.execute(sa.insert(table), rows)
        written(c, MARK)
        old.dispose()
    path.rename(path.with_name(f"{path.name}.moved"))
    return True


def _columns(c: sa.Connection) -> dict[str, set[str]]:
    """Return the columns of both tables as they are; none where there is no table."""
    there = sa.inspect(c)
    return {
        name: {column["name"] for column in there.get_columns(name)}
        if there.has_table(name)
        else set()
        for name in (ACCOUNTS.name, SESSIONS.name)
    }


def end_sessions(c: sa.Connection, *where: sa.ColumnElement[bool]) -> int:
    """End sessions and tokens; return how many."""
    return c.execute(sa.delete(SESSIONS).where(*where)).rowcount


def in_use(account: str) -> sa.ColumnElement[bool]:
    """Return what is true of an account that may sign in."""
    return sa.and_(ACCOUNTS.c.account == account, ~ACCOUNTS.c.disabled)
