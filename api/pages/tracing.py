"""Where goods come from and went (追溯), both ways; what became of a gift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from api.exchange.tables import in_words, worded
from api.http.days import last_day
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.facts import history
from api.pages.fields import pair, picked, street_of, taken
from api.pages.goods import LOTS, Goods, goods_of
from api.pages.slips import NothingToTrace, know_slips, known_slip, slip_row, slip_rows
from api.pages.stock import MOVEMENTS, movement_row
from coordination.fields import SlipId
from coordination.stock.ledger import LOST, SCRAP, SHELF, TRANSIT, USED, VARIANCE
from coordination.stock.ledger import REQUEST as REQUESTED
from coordination.stock.lines import AskedLot, ItemId
from coordination.vocabulary import RECIPIENTS, SOURCES, STOCK_ACCOUNTS
from projections.slips import (
    ADJUST,
    ISSUE,
    REQUEST,
    SLIP,
    Movement,
    Request,
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
TOLD = "kind kind_zh kind_en party_id party_name party_zh party_en to_name by_label"
"""What a movement says of its slip."""
NOTHING_TOLD = dict.fromkeys(("party_zh", "party_en", "party_name", "to_name"), "")


def trace_lot(look: Look, item: str, lot: str, goods: Goods) -> dict[str, Any]:
    """Return a lot's way from where it came to everywhere it went.

    :raises NothingToTrace: if there is no such lot
    """
    batch = look.known(BATCH, f"{item}/{lot}", NothingToTrace())
    moves = sorted(of_lot(look.c, item, lot, look.at))
    return {
        **_lot(batch, goods),
        "movements": _told(moves, goods),
        "history": history(look, f"lot/{item}/{lot}"),
    }


def _lot(batch: Batch, goods: Goods) -> dict[str, Any]:
    """Return what a lot is, where it came from and where all of it is now."""
    c, t = goods.c, LOT.table.c
    here = t.item == batch.item, t.lot == batch.lot, t.on_hand > 0
    held = LOT.where(c, *here, at=goods.names.at)
    goods.know(held)
    balances = ledger_of(c, batch.item, batch.lot, goods.names.at)
    return {
        **goods.named(batch.item),
        **taken(batch, "lot batch status origin_id slip"),
        "expires": last_day(batch.expires_us, goods.zone),
        **in_words("origin", SOURCES, batch.origin_kind),
        "held": list(worded((goods.lot(x, batch) for x in sorted(held)), LOTS.columns)),
        "balances": [
            {
                "account": account,
                **pair("", STOCK_ACCOUNTS, account),
                "quantity": quantity,
                "said": goods.said(batch.item, quantity),
            }
            for account, quantity in sorted(balances.items())
        ],
        "seq": batch.seq_from,
    }


def _told(moves: Sequence[Movement], goods: Goods) -> list[dict[str, Any]]:
    """Return movements, each with what its slip says of it; the newest of many."""
    c = goods.c
    shown = moves[-MOVES_SHOWN:]
    goods.know(shown)
    slips = {
        row.slip: row
        for row in SLIP.some(c, sorted({m.slip for m in shown}), at=goods.names.at)
    }
    know_slips(slips.values(), goods)
    asked = {s.party_id for s in slips.values() if s.party_kind == REQUESTED}
    by_id = {
        row.request: row for row in REQUEST.some(c, sorted(asked), at=goods.names.at)
    }
    goods.names.know_targets(p for r in by_id.values() for p in (r.to, r.area))
    about = {
        slip: _about(row, by_id.get(row.party_id), goods) for slip, row in slips.items()
    }
    rows = worded((movement_row(move, goods) for move in shown), MOVEMENTS.columns)
    return [{**row, **about.get(row["slip"], NOTHING_TOLD)} for row in rows]


def _about(slip: SlipRow, asked: Request | None, goods: Goods) -> dict[str, Any]:
    """Return who a movement's slip was from or for, by whose request."""
    row = slip_row(slip, goods)
    found = picked(row, TOLD)
    if slip.party_kind == REQUESTED and asked is not None:
        found["delivered_to"] = goods.names.target(asked.to)
        found["asked_by"] = goods.names.target(asked.area)
    return found


def trace_slip(look: Look, slip: str, goods: Goods) -> dict[str, Any]:
    """Return a slip with the lots on it, each with where it came from and went.

    :raises NothingToTrace: if there is no such slip
    """
    row = known_slip(look, slip)
    moves = sorted(of_slip(look.c, slip, look.at))
    keys = {f"{move.item}/{move.lot}" for move in moves}
    keys |= {f"{x.item}/{x.lot}" for x in lines_in(row.lines) if x.lot}
    return {
        "slip": slip_rows([row], goods)[0],
        "movements": _told(moves, goods),
        "lots": [
            _lot(batch, goods) for batch in BATCH.some(look.c, sorted(keys), at=look.at)
        ],
    }


def _corrections(
    slips: Iterable[SlipRow], goods: Goods
) -> dict[tuple[str, str], list[tuple[SlipRow, int]]]:
    """Return by lot which slips were corrected, and by how much on the shelf."""
    fixes = [slip for slip in slips if slip.kind == ADJUST]
    named = sorted({fix.document for fix in fixes})
    wrong = {slip.slip: slip for slip in SLIP.some(goods.c, named, at=None)}
    found: dict[tuple[str, str], list[tuple[SlipRow, int]]] = {}
    for fix in fixes:
        if fix.document in wrong:
            (line,) = lines_in(fix.lines)
            told = wrong[fix.document], line.quantity
            found.setdefault((line.item, line.lot), []).append(told)
    return found


def gift(row: SlipRow, goods: Goods) -> dict[str, Any]:
    """Return what became of a donation, in counts; nobody is named (捐赠去向)."""
    c = goods.c
    moves = [(line, of_lot(c, line.item, line.lot)) for line in lines_in(row.lines)]
    slips = sorted({move.slip for _, found in moves for move in found})
    known = SLIP.some(c, slips, at=None)
    kinds = {slip.slip: slip.party_kind for slip in known}
    fixed = _corrections(known, goods)
    goods.names.know_areas(street_of(m.path) for _, found in moves for m in found)
    lines = []
    for line, found in moves:
        balances = ledger_of(c, line.item, line.lot)
        uses = Counter[tuple[str, str]]()
        for move in found:
            if USED in {move.source, move.destination}:
                # What came back was not used.
                used = move.quantity if move.destination == USED else -move.quantity
                uses[kinds.get(move.slip, ""), street_of(move.path)] += used
        given, corrected = line.quantity, 0
        for wrong, change in fixed.get((line.item, line.lot), ()):
            if wrong.slip == row.slip:
                given, corrected = given + change, corrected + change
            elif wrong.kind == ISSUE:
                uses[wrong.party_kind, street_of(wrong.path)] -= change
                corrected += change
        lines.append(
            {
                **goods.named(line.item),
                "given": given,
                "given_said": goods.said(line.item, given),
                "corrected": given != line.quantity,
                "shelf": balances.get(SHELF, 0),
                "transit": balances.get(TRANSIT, 0),
                "used": sum(uses.values()),
                # What the books were wrong about was never there.
                "gone": sum(balances.get(x, 0) for x in GONE) + corrected,
                "uses": [
                    {
                        "kind": kind,
                        **pair("", RECIPIENTS, kind),
                        "quantity": quantity,
                        "street_name": goods.names.area(street),
                    }
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


READS = Reads("tracing")


@READS.shown("/stock/trace", "view.situation")
def trace(
    look: Look,
    item: ItemId | None = None,
    lot: AskedLot = "",
    slip: SlipId | None = None,
) -> dict[str, Any]:
    """Return the way of a lot, or of all lots on a slip, both ways (追溯)."""
    goods = goods_of(look)
    if slip:
        found = trace_slip(look, slip, goods)
    elif item and lot:
        found = trace_lot(look, item, look.world.lot_named(item, lot), goods)
    else:
        raise NothingToTrace
    return {**found, "seq": look.seq}
