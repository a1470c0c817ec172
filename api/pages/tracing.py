"""Where goods come from and went (追溯), both ways; what became of a gift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import worded
from api.http.plain import moment
from api.pages.goods import LOTS, Goods
from api.pages.sites import both
from api.pages.slips import ACCOUNTS, know_slips, movement_row, slip_row
from coordination.kernel import Refusal
from coordination.stock.events import LOST, SCRAP, SHELF, USED, VARIANCE
from coordination.tree import DIGITS
from coordination.vocabulary import RECIPIENTS, SOURCES
from projections.names import Names
from projections.slips import (
    REQUEST,
    SLIP,
    Movement,
    SlipRow,
    ledger_of,
    lines_in,
    of_lot,
    of_slip,
)
from projections.supplies import BATCH, LOT, Batch

MOVES_SHOWN = 1_000
GONE = (SCRAP, LOST, VARIANCE)
"""Accounts of what was given and is nowhere: also what a count did not find."""
TOLD = (
    "kind",
    "kind_zh",
    "kind_en",
    "party_id",
    "party_name",
    "party_zh",
    "party_en",
    "to_name",
    "by_label",
)
"""What a movement says of its slip."""


class NothingToTrace(Refusal):
    """No such lot or slip (无可追溯)."""

    code = "trace.unknown"
    zh = "没有这个批次或单据"
    en = "there is no such lot or slip"


def trace_lot(c: sa.Connection, item: str, lot: str, goods: Goods) -> dict[str, Any]:
    """Return a lot's way from where it came to everywhere it went.

    :raises NothingToTrace: if there is no such lot
    """
    batch = BATCH.get(c, f"{item}/{lot}", at=goods.names.at)
    if batch is None:
        raise NothingToTrace
    moves = sorted(of_lot(c, item, lot))
    return {**_lot(c, batch, goods), "movements": _told(c, moves, goods)}


def _lot(c: sa.Connection, batch: Batch, goods: Goods) -> dict[str, Any]:
    """Return what a lot is, where it came from and where all of it is now."""
    t = LOT.table.c
    here = t.item == batch.item, t.lot == batch.lot, t.on_hand > 0
    held = LOT.where(c, *here, at=goods.names.at)
    goods.know(held)
    kind_zh, kind_en = both(SOURCES, batch.origin_kind)
    origin = batch.origin_kind, batch.origin_id, batch.slip, batch.batch
    balances = ledger_of(c, batch.item, batch.lot, goods.names.at)
    return {
        **goods.named(batch.item),
        "lot": batch.lot,
        "batch": batch.batch,
        "status": batch.status,
        "expires": moment(batch.expires_us or None),
        "origin": batch.origin_kind,
        "origin_zh": kind_zh,
        "origin_en": kind_en,
        "origin_id": batch.origin_id,
        "slip": batch.slip,
        "held": list(
            worded((goods.lot(x, origin) for x in sorted(held)), LOTS.columns)
        ),
        "balances": [
            {
                "account": account,
                "zh": both(ACCOUNTS, account)[0],
                "en": both(ACCOUNTS, account)[1],
                "quantity": quantity,
                "said": goods.said(batch.item, quantity),
            }
            for account, quantity in sorted(balances.items())
        ],
        "seq": batch.seq_from,
    }


def _told(
    c: sa.Connection, moves: Sequence[Movement], goods: Goods
) -> list[dict[str, Any]]:
    """Return movements, each with what its slip says of it; the newest of many."""
    shown = moves[-MOVES_SHOWN:]
    goods.know(shown)
    slips = {row.slip: row for row in SLIP.some(c, sorted({m.slip for m in shown}))}
    know_slips(slips.values(), goods)
    return [
        {**movement_row(move, goods), **_about(c, slips.get(move.slip), goods)}
        for move in shown
    ]


def _about(c: sa.Connection, slip: SlipRow | None, goods: Goods) -> dict[str, Any]:
    """Return who a movement's slip was from or for."""
    if slip is None:
        return {"party_zh": "", "party_en": "", "party_name": "", "to_name": ""}
    row = slip_row(slip, goods)
    found = {key: row[key] for key in ("kind", "kind_zh", "kind_en", "party_id")}
    found |= {
        key: row[key]
        for key in ("party_zh", "party_en", "party_name", "to_name", "by_label")
    }
    asked = REQUEST.get(c, slip.party_id) if slip.party_kind == "request" else None
    if asked is not None:
        found["delivered_to"] = goods.names.target(asked.to)
        found["asked_by"] = goods.names.target(asked.area)
    return found


def trace_slip(c: sa.Connection, slip: str, goods: Goods) -> dict[str, Any]:
    """Return a slip with the lots on it, each with where it came from and went.

    :raises NothingToTrace: if there is no such slip
    """
    row = SLIP.get(c, slip, at=goods.names.at)
    if row is None:
        raise NothingToTrace
    know_slips([row], goods)
    moves = sorted(of_slip(c, slip))
    keys = sorted({f"{m.item}/{m.lot}" for m in moves} | _sheet(row))
    return {
        "slip": slip_row(row, goods),
        "movements": _told(c, moves, goods),
        "lots": [_lot(c, batch, goods) for batch in BATCH.some(c, keys)],
    }


def _sheet(row: SlipRow) -> set[str]:
    return {f"{x.item}/{x.lot}" for x in lines_in(row.lines) if x.lot}


def gift(c: sa.Connection, row: SlipRow, goods: Goods) -> dict[str, Any]:
    """Return what became of a donation, in counts; nobody is named (捐赠去向)."""
    lines = []
    for line in lines_in(row.lines):
        balances = ledger_of(c, line.item, line.lot)
        uses: dict[tuple[str, str], int] = {}
        for move in of_lot(c, line.item, line.lot):
            if USED not in {move.source, move.destination}:
                continue
            # What came back was not used.
            used = move.quantity if move.destination == USED else -move.quantity
            slip = SLIP.get(c, move.slip)
            kind = slip.party_kind if slip else ""
            street = move.path[: DIGITS["street"]].ljust(12, "0")
            uses[kind, street] = uses.get((kind, street), 0) + used
        lines.append(
            {
                **goods.named(line.item),
                "given": line.quantity,
                "given_said": goods.said(line.item, line.quantity),
                "shelf": balances.get(SHELF, 0),
                "transit": balances.get("transit", 0),
                "used": balances.get(USED, 0),
                "gone": sum(balances.get(account, 0) for account in GONE),
                "uses": [
                    _use(kind, street, quantity, goods.names)
                    for (kind, street), quantity in sorted(uses.items())
                    if quantity
                ],
            }
        )
    return {
        "station_name": goods.names.station(row.station),
        "at": moment(row.at_us),
        "lines": lines,
        "seq": row.seq_from,
    }


def _use(kind: str, street: str, quantity: int, names: Names) -> dict[str, Any]:
    zh, en = both(RECIPIENTS, kind)
    found = {"kind": kind, "zh": zh, "en": en, "quantity": quantity}
    return {**found, "street_name": names.area(street)}
