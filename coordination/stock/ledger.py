"""What facts of the ledger are made of (科目、批次状态、来源去向). Kept for ever."""

from __future__ import annotations

import msgspec

SHELF, TRANSIT, VARIANCE, SCRAP, LOST, USED, OWNER = (
    "shelf",
    "transit",
    "variance",
    "scrap",
    "lost",
    "used",
    "owner",
)
PURCHASE, DONATION, REQUISITION, OPENING = SOURCES = (
    "purchase",
    "donation",
    "requisition",
    "opening",
)
"""Where goods come from (来源); each is an account of the ledger too.

``opening`` 期初: what was there when the station was opened.
"""
ACCOUNTS = (SHELF, TRANSIT, VARIANCE, SCRAP, LOST, USED, OWNER, *SOURCES)
"""Accounts (科目) of the ledger; ``owner`` 物主: whose goods were requisitioned."""

APPROVED, ON_HOLD, QUARANTINED, RECALLED, DAMAGED, EXPIRED = (
    "approved",
    "on-hold",
    "quarantined",
    "recalled",
    "damaged",
    "expired",
)
STATUSES = (APPROVED, ON_HOLD, QUARANTINED, RECALLED, DAMAGED)
"""What a lot can be set to (批次状态); expired it becomes by itself."""
RESERVED, CHOSEN, TOO_SOON, NOT_YET = "reserved", "chosen", "too-soon", "not-yet"
"""More reasons to pass a lot over: kept for others; the keeper chose another; no good
any more on the day it is needed; not there yet when it happened."""


class Pick(msgspec.Struct, frozen=True):
    """A quantity of one lot, in base units, 1 or more."""

    lot: str
    quantity: int


class Passed(msgspec.Struct, frozen=True):
    """A lot that was passed over (跳过), how much of it, and why."""

    lot: str
    quantity: int
    why: str


class Line(msgspec.Struct, frozen=True):
    """One line of a slip (单据行)."""

    item: str
    lot: str
    quantity: int


class Party(msgspec.Struct, frozen=True):
    """Who goods come from or are for (来源/去向).

    ``kind``: of ``SOURCES``, or of ``RECIPIENTS``; ``id``: a document, an organisation
    by name, a person's id (never a name), a step, a site, an area code …
    """

    kind: str
    id: str


STEP, SQUAD, PERSON, HOUSEHOLD, SITE, AREA, REQUEST, TRANSFER = RECIPIENTS = (
    "step",
    "squad",
    "person",
    "household",
    "site",
    "area",
    "request",
    "transfer",
)
"""Whom goods are for (领用对象)."""
