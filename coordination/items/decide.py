"""Rules of the catalogue (物资储备目录): a base unit is for ever."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Annotated

import msgspec

from coordination.checks import rows_held
from coordination.fields import Expected, Id, named
from coordination.filled import as_known
from coordination.items.events import BarcodeTaken, Item, ItemListed, ItemWithdrawn
from coordination.items.state import Listed, barcode_key, barcode_stream, item_stream
from coordination.kernel import Command, Event, Held, Read
from coordination.refusals import (
    Fault,
    NotFound,
    NothingChanges,
    RowFault,
    RowsRefused,
    size_faults,
)
from coordination.vocabulary import CATEGORIES, HAZARDS

ITEMS_MAX = 2_000
FACTOR_MAX = 1_000_000
DAYS_MAX = 36_500
ALERT_DAYS_MAX = 3_650
STATABLE = frozenset(Item.__struct_fields__) - {"code", "name", "category", "unit"}
"""What a row may leave unsaid."""


class ItemRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of a catalogue file; ``row``: its line.

    ``unstated``: what the file does not say: of a known item that stays as it is.
    """

    row: int
    item: Item
    unstated: tuple[str, ...] = ()

    def of(self, known: Listed) -> Item:
        """Return the item as the row has it, as known where that says nothing."""
        return as_known(self.item, known.item, set(self.unstated) & STATABLE)


class ImportItems(Command, frozen=True, kw_only=True):
    """导入物资目录: all rows or none; what stands there already changes nothing."""

    STREAM = "item"  # imports wait for one another
    ACTION = "items.import"
    HEAVY = True
    VIEWED = ("others",)
    rows: tuple[ItemRow, ...]
    others: tuple[str, ...] = ()
    """Items with a barcode that a row says too; what they have is asked of the log."""

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The entries that would change."""
        was = {}
        for row in self.rows:
            stream = item_stream(row.item.code)
            known = read(stream)
            if known.item is not None and known != Listed(row.of(known)):
                was[stream.id] = known
        facts = (ItemListed, ItemWithdrawn)
        return rows_held(was, facts, "目录中的这些物资", "this part of the catalogue")


ItemsRefused = RowsRefused.of(
    "items.import-refused",
    "{count} 处有误，整份目录未导入",
    "{count} faults; nothing of the catalogue was imported",
    field="file",
)
ItemsUnchanged = NothingChanges.of("items.unchanged")


def import_items(read: Read, command: ImportItems, _now: int) -> Sequence[Event]:
    """List items that are new or described otherwise.

    :raises ItemsRefused: with a fault for each wrong row
    :raises ItemsUnchanged: if nothing would change
    """
    ItemsRefused.unless_good(size_faults(command.rows, ITEMS_MAX, "file"))
    faults, events = list[RowFault](), list[Event]()
    seen: dict[str, Item] = {}
    rows: list[tuple[int, Item]] = []
    for row in command.rows:
        known = read(item_stream(row.item.code))
        item = row.of(known)
        wrong = _faults(item, known, seen)
        faults += [RowFault(row.row, *fault) for fault in wrong]
        seen[item.code] = item
        rows.append((row.row, item))
        if known != Listed(item):
            events.append(ItemListed(item=item))
    taken = {
        key: read(barcode_stream(key))
        for _, item in rows
        for key in map(barcode_key, item.barcodes)
    }
    codes = sorted({*command.others, *taken.values()} - {""})
    others = [read(item_stream(code)).item for code in codes]
    listed = [item for item in others if item is not None and item.code not in seen]
    faults += _barcode_faults(rows, listed)
    ItemsRefused.unless_good(faults)
    events += [
        BarcodeTaken(barcode=key, item=event.item.code)
        for event in events
        if isinstance(event, ItemListed)
        for key in dict.fromkeys(map(barcode_key, event.item.barcodes))
        if taken[key] != event.item.code
    ]
    return ItemsUnchanged.unless_any(events)


def _barcode_faults(
    rows: Sequence[tuple[int, Item]], others: Sequence[Item]
) -> Iterator[RowFault]:
    """Yield each barcode that another item has: a scanner could not tell them apart."""
    holders = {barcode_key(code): item for item in others for code in item.barcodes}
    for number, item in rows:
        for code in item.barcodes:
            holder = holders.setdefault(barcode_key(code), item)
            if holder.code != item.code:
                named = f"{holder.name}（{holder.code}）"
                zh = f"条码 {code} 已是{named}的，请改用另一条码，或先更正该物资"
                en = (
                    f"barcode {code} is that of {holder.name} ({holder.code}): take "
                    "another, or correct that item first"
                )
                yield RowFault(number, "barcodes", zh, en)


def _faults(item: Item, known: Listed, seen: Container[str]) -> Iterator[Fault]:
    """Yield what is wrong with a row."""
    if item.code in seen:
        yield "code", "编码重复", "this code stands above"
    if item.category not in CATEGORIES:
        yield "category", "没有这个类别", "no such category"
    if known.item is not None and known.item.unit != item.unit:
        # Everything in the ledger is counted in it.
        zh = f"计量单位是“{known.item.unit}”，不可更改，请另立编码"
        en = f"the base unit is {known.item.unit} for ever: take another code"
        yield "unit", zh, en
    units = [item.unit, *(p.unit for p in item.packagings)]
    factors = all(1 < p.factor <= FACTOR_MAX for p in item.packagings)
    if len(set(units)) < len(units) or not factors:
        zh = f"包装单位重复，或换算不在 2 至 {FACTOR_MAX}"
        en = f"a packaging twice, or not of 2 to {FACTOR_MAX} base units"
        yield "packagings", zh, en
    alert, shelf = item.alert_days, item.shelf_days
    if not 0 <= alert <= (shelf or ALERT_DAYS_MAX) or not 0 <= shelf <= DAYS_MAX:
        zh = f"预警天数须小于保质期，均不超过 {DAYS_MAX} 天"
        en = f"alert days within shelf days, at most {DAYS_MAX}"
        yield "shelf_days", zh, en
    if any(n.hazard not in HAZARDS or n.per_thousand < 1 for n in item.needs):
        why = "千人日需的灾种或数量有误"
        yield "needs", why, "no such hazard, or less than 1"


class WithdrawItem(Command, frozen=True, kw_only=True):
    """移出目录: take an item out of the catalogue; nothing more of it is received."""

    STREAM = "item/{0.item}"  # the item's stream
    ACTION = "items.import"
    item: Annotated[Id, named("物资", "Item")]


NotListed = NotFound.of(
    "items.not-listed",
    "物资 {item} 不在目录中",
    "item {item} is not in the catalogue",
    "无需移出，或核对编码",
    "nothing is left to do, or check the code",
    field="item",
)


def withdraw_item(read: Read, command: WithdrawItem, _now: int) -> Sequence[Event]:
    """Take an item out of the catalogue.

    :raises NotListed: if it is not in it
    """
    known = read(item_stream(command.item))
    if known.item is None or known.withdrawn:
        raise NotListed(item=command.item)
    return [ItemWithdrawn(code=command.item)]
