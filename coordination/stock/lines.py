"""Lines of a stock command (单据行): what may stand in one, and how one is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Protocol, TypeVar

import msgspec
from msgspec import Meta

from coordination.fields import LOT, MAYBE_LOT, Id, named, pattern
from coordination.items.state import item_stream
from coordination.kernel import Read
from coordination.refusals import (
    Fault,
    Invalid,
    NotFound,
    Refusal,
    RowFault,
    RowsRefused,
    size_faults,
)
from coordination.stock.books import Books, lines_of
from coordination.stock.ledger import PERSON, SHELF, Line, Party, Passed
from coordination.stock.shelf import Shelf
from coordination.vocabulary import PASSED_OVER

LINES_MAX = 200
PARTY_CHARS = 80
BATCH_CHARS = 40
_PERSON = re.compile(r"h-[0-9a-f]{10,12}")
QUANTITY_MAX = 1_000_000_000
"""Base units in one line: a thousand million sheets of anything."""
LOT_ID = r"[A-Za-z0-9][A-Za-z0-9-]{0,29}"
ItemId = Annotated[Id, named("物资", "Item")]
LotId = Annotated[str, pattern(LOT_ID), named("批次", "Lot", wire=LOT)]
AnyLot = Annotated[str, pattern(f"({LOT_ID})?"), named("批次", "Lot", wire=MAYBE_LOT)]
AskedLot = Annotated[str, Meta(max_length=60)]
"""In a question: as anybody writes it."""
Quantity = Annotated[int, named("数量", "Quantity", ge=1, le=QUANTITY_MAX)]
Unit = Annotated[
    str,
    named("单位", "Unit", "the base unit, or a packaging of the item", max_length=10),
]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of an item; ``lot`` empty: the first to expire first.

    ``unit``: what ``quantity`` counts, empty: base units.
    """

    item: ItemId
    quantity: Quantity
    lot: AnyLot = ""
    unit: Unit = ""


class OfLot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much of a lot (批次行). ``unit``: as of a wish."""

    item: ItemId
    lot: LotId
    quantity: Quantity
    unit: Unit = ""


Wishes = Annotated[
    tuple[Wish, ...],
    named(
        "物资",
        "Lines",
        "ITEM=QUANTITY[UNIT][@LOT], such as mask-n95=3箱",
        spoken="wish",
        upto=LINES_MAX,
    ),
]
OF_LOT = "ITEM=QUANTITY[UNIT]@LOT, such as quilt=47@Q1"
LotLines = Annotated[
    tuple[OfLot, ...],
    named(
        "物资",
        "Lines",
        OF_LOT,
        spoken="of-lot",
        upto=LINES_MAX,
    ),
]


class _Asked(Protocol):
    """Whatever names an item and a quantity."""

    @property
    def item(self) -> str: ...
    @property
    def quantity(self) -> int: ...


L = TypeVar("L", bound=_Asked)


StockRefused = RowsRefused.of(
    "stock.refused",
    "{count} 处有误，整单未办理",
    "{count} faults; nothing of the slip was carried out",
    field="lines",
)
StockShort = Refusal.of(
    "stock.short",
    "{item} 可用 {available}，需 {asked}{why_zh}",
    "{item}: {available} available, {asked} asked for{why_en}",
    "请减少数量，或申请调配",
    "take less, or have some sent",
    field="lines",
)
LotShort = StockShort.of(
    "stock.lot-short",
    "批次 {lot} 可用 {available}，需 {asked}{why_zh}",
    "lot {lot}: {available} available, {asked} asked for{why_en}",
    "请减少数量或另选批次",
    "take less, or another lot",
    field="lines",
)
UnknownLot = NotFound.of(
    "lots.unknown",
    "没有批次 {lot}",
    "there is no lot {lot}",
    "请核对批次号；若是厂家批号，请按厂家批号召回",
    "check the lot; if it is the maker's batch, recall that",
    field="lot",
)


def why_chosen(lines: Sequence[Wish]) -> tuple[str, ...]:
    """Return what else must be said of lines: of a chosen lot, the reason."""
    return ("reason",) if any(line.lot for line in lines) else ()


def check_lines(
    read: Read,
    lines: Sequence[L],
    *more: Callable[[L], Iterator[Fault]],
) -> None:
    """Return if every line names an item and a quantity that can be.

    ``more``: what else may be wrong with a line.

    :raises StockRefused: with a fault for each that does not, by number from 1
    """
    faults = size_faults(lines, LINES_MAX, "lines")
    for number, line in enumerate(lines[:LINES_MAX], start=1):
        found: list[Fault] = []
        if read(item_stream(line.item)).item is None:
            found.append(("item", "目录中没有此物资", "not in the catalogue"))
        if not 0 < line.quantity <= QUANTITY_MAX:
            why = f"1 – {QUANTITY_MAX}"
            found.append(("quantity", why, why))
        for ask in more:
            found += ask(line)
        faults += [RowFault(number, *fault) for fault in found]
    StockRefused.unless_good(faults)


def short(
    shelf: Shelf, asked: int, passed: Sequence[Passed], lot: str = "", own: str = ""
) -> Refusal:
    """Return the refusal that says how much there is and why not more.

    ``lot``: the only one that was asked for; ``own``: the reservation it may come of.
    """
    if lot:
        passed = shelf.why_not(lot, own)
    zh = "、".join(f"{p.lot} {p.quantity} {PASSED_OVER[p.why][0]}" for p in passed)
    en = ", ".join(f"{p.lot} {p.quantity} {PASSED_OVER[p.why][1]}" for p in passed)
    said = {
        "item": shelf.item,
        "asked": asked,
        "why_zh": f"（{zh}）" if zh else "",
        "why_en": f" ({en})" if en else "",
    }
    if lot and shelf.lot(lot).registered is None:
        return UnknownLot(lot=lot)
    if lot:
        return LotShort(lot=lot, available=shelf.free(lot, own), **said)
    return StockShort(available=shelf.available(), **said)


Taken = tuple[list[Line], list[tuple[str, Passed]]]
"""Lines by lot, and what was passed over by item."""


def choose(
    shelf: Shelf, wish: Wish, reservation: str, *, whole: bool
) -> tuple[dict[str, int], list[Passed]]:
    """Choose lots for a line.

    :raises StockShort: if all of it is needed and there is less
    """
    picked, passed = shelf.pick(wish.quantity, reservation, wish.lot)
    if whole and sum(picked.values()) < wish.quantity:
        raise short(shelf, wish.quantity, passed, wish.lot, reservation)
    return picked, passed


def take_lines(
    books: Books,
    station: str,
    wishes: Sequence[Wish],
    reservation: str,
    destination: str,
    slip: str,
    *,
    whole: bool = True,
) -> Taken:
    """Take lines off the shelves of a station, out of a reservation if one is named.

    :raises StockShort: if there is nothing, or not all that is needed
    """
    lines, passed = list[Line](), list[tuple[str, Passed]]()
    for wish in wishes:
        shelf = books.shelf(station, wish.item)
        picked, over = choose(shelf, wish, reservation, whole=whole)
        if picked:
            shelf.take(reservation, picked, destination, slip)
        lines += lines_of(wish.item, picked)
        passed += [(wish.item, each) for each in over]
    if not lines:
        first = wishes[0]
        over = [each for item, each in passed if item == first.item]
        shelf = books.shelf(station, first.item)
        raise short(shelf, first.quantity, over, first.lot, reservation)
    return lines, passed


def put_lines(
    books: Books,
    station: str,
    lines: Sequence[Line],
    source: str,
    destination: str,
    slip: str,
) -> None:
    """Move lines that are on no shelf yet: onto one, or to where they end."""
    assert source != SHELF, "what leaves a shelf is taken"
    for line in lines:
        shelf = books.shelf(station, line.item)
        shelf.move(line.lot, line.quantity, source, destination, slip)


def known_party(party: Party, kinds: dict[str, tuple[str, str]]) -> bool:
    """Tell whether somebody goods come from or go to is named as they should be."""
    if party.kind == PERSON and not _PERSON.fullmatch(party.id):
        return False  # a name would stand in the log for ever
    return party.kind in kinds and 0 < len(party.id) <= PARTY_CHARS


NotOut = Refusal.of(
    "stock.not-out",
    "单据 {slip} 没有这么多未退的物资",
    "not so much of slip {slip} is out",
    "请核对单据上还有多少未退",
    "see how much of it is still out",
    field="lines",
)
UnknownCause = Invalid.of(
    "stock.unknown-cause",
    "没有原因类别 {cause}",
    "there is no cause {cause}",
    "请从列表中选择",
    "choose one of the list",
    field="cause",
)
NotThere = Refusal.of(
    "stock.not-there",
    "批次 {lot} 在架只有 {on_hand}",
    "only {on_hand} of lot {lot} are on the shelf",
    "请减少数量，账实不符的请盘点",
    "take less; if the shelf says otherwise, count",
    field="lines",
)


def take_off(
    shelf: Shelf, lot: str, quantity: int, destination: str, slip: str, cause: str
) -> None:
    """Take so much of a lot off the shelf, out of reservations where it must be.

    :raises NotThere: if not so much is there
    """
    held = shelf.held(lot)
    if held.on_hand < quantity:
        raise NotThere(lot=lot, on_hand=held.on_hand)
    shelf.shrink(lot, quantity, cause)
    shelf.move(lot, quantity, SHELF, destination, slip)
