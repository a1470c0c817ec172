"""The sheet of a count (盘点表): blind, but for who settles it."""

from __future__ import annotations

from typing import Any

import msgspec

from api.http.days import last_day
from api.http.look import Look
from api.http.reading import Reads
from api.pages.fields import pair, taken
from api.pages.goods import Goods, goods_of
from api.pages.slips import know_slips, slip_row
from coordination.counts.state import UnknownCount
from coordination.fields import SlipId
from coordination.vocabulary import COUNT_RESULTS, VARIANCE_CAUSES
from projections.slips import COUNT, SLIP, Counted, sheet
from projections.supplies import STOCK, Batch

READS = Reads("counts")


@READS.shown("/counts/{slip}", "view.situation")
def count(look: Look, slip: SlipId) -> dict[str, Any]:
    """Return the sheet of a count: blind, but for who settles it (盘点表).

    :raises UnknownCount: if there is no such count
    """
    c, at, goods = look.c, look.at, goods_of(look)
    row = SLIP.get(c, slip, at=at)
    if row is None or row.kind != COUNT:
        raise UnknownCount(slip=slip)
    know_slips([row], goods)
    settles = look.world.sees(look.who.by, "stock.settle", row.path)
    lines = sheet(c, slip, at=at)
    here = STOCK.table.c.station == row.station
    moves = {s.item: s.moves for s in STOCK.where(c, here, at=at)}
    batches = goods.batches(lines)
    rows = [
        counted_row(
            line,
            goods,
            moves.get(line.item, 0),
            batches[f"{line.item}/{line.lot}"],
            settles=settles and look.who.account not in {line.by, line.first},
        )
        for line in lines
    ]
    return {
        "count": slip_row(row, goods),
        "lines": rows,
        "done": sum(r["done"] for r in rows),
        "settles": settles,
        "seq": look.seq,
    }


def counted_row(
    row: Counted, goods: Goods, moves: int, batch: Batch, *, settles: bool
) -> dict[str, Any]:
    """Return a line of a count; what the books say only to who settles, when it is
    confirmed: a count is blind.
    """
    item = goods.item(row.item)
    open_ = bool(row.cause) or (settles and row.result == "confirmed")
    return {
        **goods.named(row.item),
        **taken(row, "lot result by first moved cause"),
        "place": item.place,
        "packagings": msgspec.json.decode(item.packagings),
        "expires": last_day(batch.expires_us, goods.zone),
        "moves": moves,
        **pair("result", COUNT_RESULTS, row.result),
        "counted": row.counted if open_ or row.result == "same" else None,
        "first_counted": row.first_counted if open_ else None,
        "book": row.book if open_ else None,
        "by_label": goods.names.person(row.by),
        **pair("cause", VARIANCE_CAUSES, row.cause),
        "change": row.change if row.cause else None,
        "done": row.result == "same" or bool(row.cause),
    }
