"""Rules of dynamic reallocation (动态调配): approved, it becomes transfer orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from coordination.fields import Digest, SiteId, form, named, pattern
from coordination.filled import filled
from coordination.items.state import item_stream
from coordination.kernel import Command, Event, Read, id_of
from coordination.reallocation.events import Leg, ReallocationApproved
from coordination.refusals import Fault, RowFault, size_faults
from coordination.stations.state import station_stream
from coordination.stock.books import Books
from coordination.stock.ledger import TRANSFER, Line, Party
from coordination.stock.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    ItemId,
    Quantity,
    StockRefused,
)
from coordination.transfers.events import TransferOrdered
from coordination.tree import Place, site_path

LEGS_MAX = 6_000
Pair = tuple[str, str]


class _LegForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many base units of an item, from one station to another."""

    source: Annotated[SiteId, named("调出站", "From")]
    to: Annotated[SiteId, named("调入站", "To")]
    item: ItemId
    quantity: Quantity


class ApproveReallocation(Command, frozen=True, kw_only=True):
    """批准调配: approve a reallocation, all legs or none; it becomes transfer orders.

    ``digest``: of the proposal on the screen.
    """

    STREAM = "area/{0.area.code}"  # those of one area wait for one another
    AT = "{0.area.path}"  # the area all stations stand in
    ACTION = "stock.reallocate"
    HEAVY = True
    NEEDS = ("reason", "seen")
    reallocation: Annotated[str, pattern(r"w-[0-9a-f]{10}"), named("调配", "Id")]
    area: Annotated[Place, named("区域", "Area")]
    digest: Annotated[Digest, named("建议摘要", "Digest of the proposal")]
    legs: Annotated[
        tuple[Annotated[Leg, form(_LegForm)], ...],
        named("调拨", "Legs", upto=LEGS_MAX),
    ]


def approve_reallocation(
    read: Read, command: ApproveReallocation, now: int
) -> Sequence[Event]:
    """Order the transfers of a proposal; the goods are reserved where they are.

    No station gives away what it needs itself: its minimum in the mode in force.

    :raises StockRefused: with a fault for each wrong leg
    """
    StockRefused.unless_good(size_faults(command.legs, LEGS_MAX, "legs"))
    books, faults = Books(read, now), list[RowFault]()
    orders: dict[str, tuple[Pair, list[Line]]] = {}
    seen: dict[Pair, set[str]] = {}
    for number, leg in enumerate(command.legs, start=1):
        pair = leg.source, leg.to
        wrong = list(_leg_faults(read, leg, command.area))
        items = seen.setdefault(pair, set())
        if leg.item in items:
            wrong.append(("item", "重复", "stands above"))
        # What is longer than a slip could never be sent.
        part = len(items) // LINES_MAX
        items.add(leg.item)
        if not wrong:
            slip = _slip(read.by.command_id, pair, part)
            wrong += _reserved(books, leg, slip)
            _, lines = orders.setdefault(slip, (pair, []))
            lines.append(Line(leg.item, "", leg.quantity))
        faults += [RowFault(number, *fault) for fault in wrong]
    StockRefused.unless_good(faults)
    approved = filled(ReallocationApproved, command, transfers=tuple(orders))
    ordered = [
        TransferOrdered(
            slip=slip,
            station=source,
            to=to,
            lines=tuple(lines),
            reallocation=command.reallocation,
        )
        for slip, ((source, to), lines) in orders.items()
    ]
    return [approved, *ordered, *books.facts]


def _slip(command_id: str, pair: Pair, part: int) -> str:
    """Return the slip of a transfer order: a retry names the same."""
    source, to = pair
    return id_of("t", f"{command_id}:{source}>{to}:{part}")


def _leg_faults(read: Read, leg: Leg, area: Place) -> Iterator[Fault]:
    """Yield what is wrong with a leg, whatever is in stock."""
    for field, station in (("source", leg.source), ("to", leg.to)):
        if not read(station_stream(station)).opened:
            yield field, "不是物资站", "no material station"
        elif not site_path(station).startswith(area.path):
            yield field, "不在本区域内", "outside the area of this command"
    if leg.source == leg.to:
        yield "to", "发出站与接收站相同", "a transfer needs two different stations"
    if read(item_stream(leg.item)).item is None:
        yield "item", "目录中没有此物资", "not in the catalogue"
    if not 0 < leg.quantity <= QUANTITY_MAX:
        yield "quantity", f"1 – {QUANTITY_MAX}", f"1 – {QUANTITY_MAX}"


def _reserved(books: Books, leg: Leg, slip: str) -> Iterator[Fault]:
    """Reserve a leg where it is, or yield why that station cannot give so much."""
    shelf = books.shelf(leg.source, leg.item)
    minimum, _, _ = shelf.levels()
    spare = shelf.available() - minimum
    if spare < leg.quantity:
        most = max(spare, 0)
        yield (
            "quantity",
            f"该站保住下限 {minimum} 后最多可调出 {most}",
            f"at most {most} can leave without going below its minimum {minimum}",
        )
        return
    picked, passed = shelf.pick(leg.quantity)
    shelf.reserve(slip, Party(TRANSFER, slip), leg.quantity, picked, passed)
