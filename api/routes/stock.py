"""Stock (库存): received, reserved, issued, returned, scrapped, corrected."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from api.http.declared import Decision, Done, Said
from api.http.given import GivenOut, LotPassed, given_out, passed_over
from api.http.outside import Envelope
from coordination.fields import named
from coordination.items.state import base_units
from coordination.stock.decide import Issue, Release, Reserve
from coordination.stock.events import DONATION, GoodsReceived, StockReserved
from coordination.stock.lots import SetLotStatus
from coordination.stock.receipts import Receive, UnknownSource
from coordination.stock.returns import ReturnGoods
from coordination.stock.state import slip_stream
from coordination.stock.writeoffs import Adjust, Scrap

if TYPE_CHECKING:
    from api.http.deps import Writing
    from coordination.log import Receipt

# --- 入库 ----------------------------------------------------------------------------


class DonorBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who gives. A person's name stays out of the log, an organisation's stands in it.

    ``phone`` is kept with the name, for the receipt only.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60), named("姓名", "Name")]
    phone: Annotated[str, Meta(max_length=40), named("电话", "Telephone")] = ""
    organisation: Annotated[bool, named("单位", "Organisation")] = False


class WithDonor(Envelope):
    """What a receipt may say beside what came in."""

    donor: Annotated[DonorBody, named("捐赠人", "Donor")] | None = None


async def receive(write: Writing, command: Receive, said: WithDonor) -> Receipt:
    """Carry out a receipt: the vault keeps who gave, the log a mark.

    :raises UnknownSource: if a source is called as a donor is marked
    """
    from api.http.deciding import by_of  # noqa: PLC0415 - the command line needs none
    from api.world.donors import donor_id  # noqa: PLC0415 - so too

    world, by, secret = write.world, by_of(write, said), None
    source, donor = command.source, said.donor
    named_ = source.id or command.document or "—"
    if source.kind == DONATION and donor is not None:
        named_ = donor.name
        if not donor.organisation:
            named_, secret = donor_id(world, donor.name, donor.phone)
    if secret is None and world.vault.get(named_) is not None:
        # Whoever could name a mark would read on the receipt whose it is.
        raise UnknownSource
    source = msgspec.structs.replace(source, id=named_)
    command = msgspec.structs.replace(command, source=source)
    if secret is not None and not world.state(slip_stream(command.slip)).station:
        # Of what would be refused no name is kept; sent again, nothing comes back.
        await asyncio.to_thread(world.handler.preview, command, by, world.clock())
        await asyncio.to_thread(world.vault.put, {named_: secret})
    return await world.do(command, by)


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


# --- 预留 ----------------------------------------------------------------------------


class LotKept(msgspec.Struct):
    """So much of a lot is kept."""

    lot: str
    quantity: int


class ItemKept(msgspec.Struct):
    """What became of a line of a reservation, in base units."""

    item: str
    asked: int
    reserved: int
    short: int
    picks: list[LotKept]
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
        lots = [LotKept(p.lot, p.quantity) for p in picks]
        lines.append(ItemKept(wish.item, asked, total, asked - total, lots, passed))
    return Kept(command.reservation, lines)


def kept_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what is kept, and why not more."""
    yield f"预留号 {found['id']}"
    for line in found["lines"]:
        short = f"，缺 {line['short']}" if line["short"] else ""
        yield f"{line['item']} 已留 {line['reserved']}/{line['asked']}{short}"
        yield from passed_told(line["passed"])


def passed_told(passed: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each lot that was passed over, and why."""
    for lot in passed:
        yield f"  跳过批次 {lot['lot']} {lot['quantity']}：{lot['why_zh']}"


async def items_kept(write: Writing, command: Release) -> Release:
    """Return the command with the items of which the view knows something kept."""
    if command.items:
        return command
    from projections.supplies import RESERVATION  # noqa: PLC0415 - heavy

    def look() -> tuple[str, ...]:
        with write.world.reading() as c:
            t = RESERVATION.table.c
            here = t.station == command.station, t.reservation == command.reservation
            rows = RESERVATION.where(c, *here, t.quantity > 0, at=None)
        return tuple(sorted(row.item for row in rows))

    return msgspec.structs.replace(command, found=await asyncio.to_thread(look))


# --- 出库 ----------------------------------------------------------------------------


def issued(done: Done) -> GivenOut:
    """Return what was given out, from which lots."""
    return given_out(done.facts)


def issued_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was given out, and what was passed over."""
    yield f"已出库 {found['id']}"
    for line in found["lines"]:
        yield f"  {line['item']} 批次 {line['lot']} {line['quantity']}"
    yield from passed_told(found["passed"])


def returned_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield how much came back, and where it went."""
    where = "入架" if found.get("good", True) else "报废"
    yield f"已退回 {found['id']}，{where} {len(found['lines'])} 行"


def corrected_told(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was corrected, and by how much."""
    what = f"{found['item']} 批次 {found['lot']} {found['change']:+}"
    yield f"已更正 {found['id']}：{what}"


class LotSet(msgspec.Struct):
    """A lot, as ``item/lot``."""

    id: str


def lot_of(done: Done) -> LotSet:
    """Return which lot was set."""
    return LotSet(f"{done.command.item}/{done.command.lot}")


DECISIONS = (
    Decision(
        path="/stock/receive",
        command=Receive,
        made={"slip": "r"},
        more=WithDonor,
        carry=receive,
        answers=received,
        status=201,
    ),
    Decision(
        path="/stock/reserve",
        command=Reserve,
        words="stock reserve",
        arguments=("station", "lines"),
        made={"reservation": "v"},
        answers=kept,
        status=201,
        tells=kept_told,
    ),
    Decision(
        path="/stock/release",
        command=Release,
        words="stock release",
        arguments=("station", "reservation", "items"),
        look=items_kept,
        answers=Said("id=reservation"),
        tells=lambda found: [f"已释放 {found['id']}"],
    ),
    Decision(
        path="/stock/issue",
        command=Issue,
        words="stock issue",
        arguments=("station", "lines"),
        made={"slip": "i"},
        answers=issued,
        status=201,
        tells=issued_told,
    ),
    Decision(
        path="/stock/return",
        command=ReturnGoods,
        words="stock return",
        arguments=("issue", "lines"),
        defaults={"lines": ()},
        all_of="slips/{issue}",
        answers=Said("id=issue"),
        tells=returned_told,
    ),
    Decision(
        path="/stock/scrap",
        command=Scrap,
        words="stock scrap",
        arguments=("station", "lines"),
        made={"slip": "x"},
        answers=Said("id=slip"),
        status=201,
        tells=lambda found: [f"已报废 {found['id']}，{len(found['lines'])} 行"],
    ),
    Decision(
        path="/stock/adjust",
        command=Adjust,
        words="stock adjust",
        arguments=("station", "item", "lot"),
        made={"slip": "a"},
        answers=Said("id=slip"),
        status=201,
        tells=corrected_told,
    ),
    Decision(path="/stock/status", command=SetLotStatus, answers=lot_of),
)
