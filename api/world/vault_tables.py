"""Tables of the vault (保密库): entries in one store, their keys in another."""

from __future__ import annotations

import sqlalchemy as sa

from api.world.marks import marked

ENTRIES, KEYS = sa.MetaData(), sa.MetaData()
ENTRY = sa.Table(
    "entry",
    ENTRIES,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
KEY = sa.Table(
    "person_key",
    KEYS,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
)
MASTER = sa.Table(
    "master_key",
    KEYS,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
)
ENTRIES_MARK, KEYS_MARK = marked(ENTRIES), marked(KEYS)
