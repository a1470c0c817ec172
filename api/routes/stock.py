"""Stock (库存): received, reserved, issued, returned, scrapped, corrected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from api.http.declared import Decision, Done, Said, Writing
from api.http.gifts import Donor, WithDonor, donor_of, given
from api.http.given import LotPassed, given_out, given_told, passed_over, passed_told
from coordination.fields import lot_id
from coordination.items.state import base_units
from coordination.log import Receipt
from coordination.stock.decide import Issue, Release, Reserve
from coordination.stock.events import GoodsReceived, StockReserved
from coordination.stock.ledger import DONATION, Pick
from coordination.stock.lots import RecallBatch, SetLotStatus
from coordination.stock.receipts import Receive
from coordination.stock.returns import ReturnGoods
from coordination.stock.slips import slip_stream
from coordination.stock.writeoffs import Adjust, Scrap
from coordination.vocabulary import LOT_STATUSES

# --- 入库 ----------------------------------------------------------------------------


async def receive(write: Writing, command: Receive, said: WithDonor) -> Receipt:
    """Carry out a receipt: the vault keeps who gave, the log a mark.

    :raises UnknownSource: if a source is called as a donor is marked
    """
    source = command.source
    called = Donor(source.id or command.document or "—")
    if source.kind == DONATION and said.donor is not None:
        called = donor_of(write.world, said.donor)
    source = msgspec.structs.replace(source, id=called.id)
    command = msgspec.structs.replace(command, source=source)
    known = bool(write.world.state(slip_stream(command.slip)).station)
    return await given(write, command, said, called, known=known)


class Received(msgspec.Struct, omit_defaults=True):
    """What came in, by lot; a gift has a numbered receipt with a code."""

    id: str
    lots: list[str]
    receipt_number: str = ""
    receipt_code: str = ""


def received(done: Done) -> Received:
    """Return what came in: a retry names the same lots."""
    from api.world.donors import receipt_code, receipt_number  # noqa: PLC0415 - heavy

    slip = next(fact for fact in done.facts if isinstance(fact, GoodsReceived))
    found = Received(slip.slip, [line.lot for line in slip.lines])
    if slip.number:
        found.receipt_number = receipt_number(slip.station, slip.number)
        found.receipt_code = receipt_code(done.world, slip.slip)
    return found


def received_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what came in, and by which receipt a gift is followed."""
    yield f"已入库 {found['id']}，批次 {'、'.join(found['lots'])}"
    if "receipt_number" in found:
        yield f"捐赠收据 {found['receipt_number']}，查询码 {found['receipt_code']}"


# --- 预留 ----------------------------------------------------------------------------


class ItemKept(msgspec.Struct):
    """What became of a line of a reservation, in base units."""

    item: str
    asked: int
    reserved: int
    short: int
    picks: tuple[Pick, ...]
    passed: list[LotPassed]


class Kept(msgspec.Struct):
    """What is kept, line by line, and why not more."""

    id: str
    lines: list[ItemKept]


def kept(done: Done) -> Kept:
    """Return what is kept of each line."""
    command, read = done.command, done.world.read()
    facts = {f.item: f for f in done.facts if isinstance(f, StockReserved)}
    lines = []
    for wish in command.lines:
        asked = base_units(read, wish.item, wish.quantity, wish.unit) or 0
        fact = facts.get(wish.item)
        picks = fact.picks if fact else ()
        total = sum(pick.quantity for pick in picks)
        passed = [passed_over(p) for p in (fact.passed if fact else ())]
        lines.append(ItemKept(wish.item, asked, total, asked - total, picks, passed))
    return Kept(command.reservation, lines)


def kept_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what is kept, and why not more."""
    yield f"预留号 {found['id']}"
    for line in found["lines"]:
        short = f"，缺 {line['short']}" if line["short"] else ""
        yield f"{line['item']} 已留 {line['reserved']}/{line['asked']}{short}"
        yield from passed_told(line["passed"])


async def items_kept(write: Writing, command: Release) -> Release:
    """Return the command with the items of which the view knows something kept."""
    if command.items:
        return command
    from projections.supplies import kept_at  # noqa: PLC0415 - heavy

    kept = await write.look(lambda c: kept_at(c, command.station))
    here = [row.item for row in kept if row.reservation == command.reservation]
    return msgspec.structs.replace(command, found=tuple(sorted(here)))


# --- 出库 ----------------------------------------------------------------------------


def returned_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield how much came back, and where it went."""
    where = "入架" if found.get("good", True) else "报废"
    yield f"已退回 {found['id']}，{where} {len(found['lines'])} 行"


async def spellings(write: Writing, command: SetLotStatus) -> SetLotStatus:
    """Return the command with all spellings under which the lot was once stored."""
    known = write.world.old_lots.get((command.item, lot_id(command.lot)), ())
    also = tuple(lot for lot in known if lot != command.lot)
    return msgspec.structs.replace(command, also=also)


def status_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield where a lot was held or cleared."""
    where = found.get("station", "各站")
    yield f"{where} {found['item']} 批次 {found['lot']}：{found['status']}"


class Recalled(msgspec.Struct):
    """What a recall stops now; ``lots``: those that are known, wherever they are."""

    item: str
    batch: str
    status: str
    lots: list[str]


def recalled(done: Done) -> Recalled:
    """Return which lots there are of a batch by now; those to come are stopped too."""
    from projections.supplies import BATCH  # noqa: PLC0415 - heavy

    command, t = done.command, BATCH.table.c
    with done.world.reading() as c:
        here = BATCH.where(c, t.maker == f"{command.item}/{command.key}", at=None)
    lots = sorted(row.lot for row in here)
    return Recalled(command.item, command.key, command.status, lots)


def recalled_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what is stopped or free again."""
    status = LOT_STATUSES[found["status"]][0]
    lots = "、".join(found["lots"]) or "尚未收到"
    yield f"{found['item']} 厂家批号 {found['batch']} 的全部批次：{status}（{lots}）"
    if found["status"] != "approved":
        yield "以后入库的同批号物资也不发放"


DECISIONS = (
    Decision(
        path="/stock/receive",
        command=Receive,
        alike=("station", "source", "document", "lines"),
        words="stock receive",
        arguments=("station", "lines"),
        defaults={"source": {"kind": "purchase"}},
        made={"slip": "r"},
        more=WithDonor,
        carry=receive,
        answers=received,
        tells=received_told,
    ),
    Decision(
        path="/stock/reserve",
        command=Reserve,
        alike=("station", "purpose", "lines"),
        words="stock reserve",
        arguments=("station", "lines"),
        made={"reservation": "v"},
        answers=kept,
        tells=kept_told,
    ),
    Decision(
        path="/stock/release",
        command=Release,
        words="stock release",
        arguments=("station", "reservation", "items"),
        look=items_kept,
        answers=Said("id=reservation"),
        tells="已释放 {id}",
    ),
    Decision(
        path="/stock/issue",
        command=Issue,
        alike=("station", "to", "lines"),
        words="stock issue",
        arguments=("station", "lines"),
        made={"slip": "i"},
        answers=given_out,
        tells=given_told,
    ),
    Decision(
        path="/stock/return",
        command=ReturnGoods,
        words="stock return",
        arguments=("issue",),
        all_of="slips/{issue}",
        records="return",
        answers=Said("id=issue"),
        tells=returned_told,
    ),
    Decision(
        path="/stock/scrap",
        command=Scrap,
        alike=("station", "lines"),
        words="stock scrap",
        arguments=("station", "lines"),
        made={"slip": "x"},
        tells=lambda found: [f"已报废 {found['id']}，{len(found['lines'])} 行"],
    ),
    Decision(
        path="/stock/adjust",
        command=Adjust,
        words="stock adjust",
        arguments=("station", "item", "lot"),
        made={"slip": "a"},
        tells="已更正 {id}：{item} 批次 {lot} {change:+}",
    ),
    Decision(
        path="/stock/recall",
        command=RecallBatch,
        words="stock recall",
        arguments=("item", "batch"),
        answers=recalled,
        tells=recalled_told,
    ),
    Decision(
        path="/stock/status",
        command=SetLotStatus,
        words="stock status",
        arguments=("item", "lot", "status"),
        look=spellings,
        instead={"station": "everywhere 召回: at every station, on the way"},
        answers=Said("id=item/lot"),
        tells=status_told,
    ),
)
