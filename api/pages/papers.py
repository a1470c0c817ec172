"""What stands on papers (单据打印): a slip with its lots, a donor's receipt, labels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from api.exchange.papers.drawing import Head
from api.exchange.papers.labels import LABELS_MAX, Label
from api.exchange.papers.notes import CountLine, PaperLine, count_sheet, note
from api.http.days import last_day
from api.http.moments import receipt_of
from api.pages.goods import Goods, entry
from api.pages.slips import slip_row
from api.world.donors import receipt_code, receipt_number
from api.world.world import World
from coordination.refusals import Invalid
from projections.slips import SlipRow, lines_in
from projections.supplies import LOT

DAY, MINUTE = "%Y-%m-%d", "%Y-%m-%d %H:%M"


NoPaper = Invalid.of(
    "slips.no-paper",
    "没有可打印的内容，或超过 {most} 张",
    "there is nothing to print, or more than {most}",
    "请重新选择要打印的内容",
    "choose again what to print",
)


def printed(at_us: int, zone: ZoneInfo, how: str = DAY) -> str:
    """Return a moment as it is printed, empty for none."""
    if not at_us:
        return ""
    return datetime.fromtimestamp(at_us / 1_000_000, zone).strftime(how)


class SlipPaper:
    """What every paper of a slip is made from."""

    def __init__(self, world: World, goods: Goods, row: SlipRow) -> None:
        """Look up the expiries of what is on it, and where the log stands."""
        self.world, self.goods, self.row = world, goods, row
        self.zone = ZoneInfo(world.settings.zone)
        self.batches = goods.batches(lines_in(row.lines))
        receipt = receipt_of(world.log.recorder, row.seq_from)
        assert receipt is not None, "every fact has a receipt"
        self.head = Head(
            row.slip,
            goods.names.station(row.station),
            printed(row.at_us, self.zone, MINUTE),
            goods.names.person(row.by),
            receipt.seq,
            receipt.root,
            drill=world.drill,
        )

    def lines(self) -> Iterator[PaperLine]:
        """Yield what is on the slip, each lot with its last good day."""
        for line in lines_in(self.row.lines):
            item = entry(self.goods.item(line.item))
            ends_us = self.batches[f"{line.item}/{line.lot}"].expires_us
            yield PaperLine(
                line.item,
                item.name,
                item.en,
                line.lot,
                last_day(ends_us, self.zone.key) or "",
                line.quantity,
                item.unit,
                item.packagings,
                item.place,
            )

    def note(self) -> bytes:
        """Return the paper of the slip.

        :raises NoPaper: of a kind that has none
        """
        row, lines = self.row, list(self.lines())
        party = f"{slip_row(row, self.goods)['party_zh'] or ''} {row.party_id}".strip()
        to = self.goods.names.station(row.to_station)
        said = {
            "receipt": (party, row.document),
            "issue": (party, row.order_id),
            "shipment": (to, row.document, printed(row.due_us, self.zone, MINUTE)),
        }
        if row.kind in said:
            return note(row.kind, self.head, lines, *said[row.kind])
        if row.kind == "count":
            blind = [CountLine(*x[:5], x.unit, x.packagings, x.place) for x in lines]
            return count_sheet(self.head, blind)
        raise NoPaper(most=LABELS_MAX)

    def receipt(self, donations: str) -> bytes:
        """Return the receipt for a donor; ``donations``: where the gift is followed.

        :raises NoPaper: if nobody gave anything
        """
        row, world = self.row, self.world
        if not row.number:
            raise NoPaper(most=LABELS_MAX)
        secret = world.vault.get(row.party_id)
        number, code = (
            receipt_number(row.station, row.number),
            receipt_code(world, row.slip),
        )
        return note(
            "gift",
            self.head,
            list(self.lines()),
            secret.name if secret else row.party_id,
            number,
            code,
            lookup=f"{donations}?number={number}&code={code}",
        )


def label_rows(
    goods: Goods, zone: ZoneInfo, station: str, item: str, lot: str
) -> Iterator[Label]:
    """Yield a label for each lot of an item on a shelf, or for the item itself."""
    if not station:
        known = goods.items.get(item)
        if known is not None:
            yield Label(item, known.name, lot, place=known.place)
        return
    t = LOT.table.c
    where = [t.station == station, t.on_hand > 0]
    where += [t.item == item] if item else []
    where += [t.lot == lot] if lot else []
    for row in sorted(LOT.where(goods.c, *where, at=goods.names.at)):
        known = goods.item(row.item)
        yield Label(
            row.item,
            known.name,
            row.lot,
            last_day(row.expires_us, zone.key) or "",
            goods.names.station(station),
            known.place,
        )
