"""Rules of dynamic reallocation (动态调配): approved, it becomes transfer orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from coordination.items.state import item_stream
from coordination.kernel import Command, Event, Read, RowFault
from coordination.reallocation.events import Leg, ReallocationApproved
from coordination.stations.state import station_stream
from coordination.stock.events import TRANSFER, Line, Party
from coordination.stock.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    Fault,
    ReasonNeeded,
    refuse,
)
from coordination.stock.shelf import Books
from coordination.transfers.events import TransferOrdered
from coordination.tree import Place, site_path

LEGS_MAX = 6_000
Pair = tuple[str, str]


class Ordered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The slip of the transfer between two stations."""

    source: str
    to: str
    slip: str


class ApproveReallocation(Command, frozen=True, kw_only=True):
    """调配批准: all legs or none. ``digest``: of the proposal on the screen.

    ``slips``: one for each pair of stations and ``LINES_MAX`` items.
    """

    ACTION: ClassVar[str] = "stock.reallocate"
    HEAVY: ClassVar[bool] = True
    reallocation: str
    area: Place
    digest: str
    legs: tuple[Leg, ...]
    slips: tuple[Ordered, ...]

    @property
    def stream(self) -> str:
        """Those of one area wait for one another."""
        return f"area/{self.area.code}"

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """The area all stations stand in."""
        return (self.area.path,)


def approve_reallocation(
    read: Read, command: ApproveReallocation, now: int
) -> Sequence[Event]:
    """Order the transfers of a proposal; the goods are reserved where they are.

    No station gives away what it needs itself: its minimum in the mode in force.

    :raises ReasonNeeded: if no reason is given
    :raises StockRefused: with a fault for each wrong leg
    """
    if not command.reason:
        raise ReasonNeeded
    if not 0 < len(command.legs) <= LEGS_MAX:
        why = f"1 – {LEGS_MAX}"
        refuse([RowFault(0, "legs", why, why)])
    slips: dict[Pair, list[str]] = {}
    for one in command.slips:
        slips.setdefault((one.source, one.to), []).append(one.slip)
    books, faults = Books(read, now), list[RowFault]()
    lines: dict[str, list[Line]] = {}
    seen: dict[Pair, set[str]] = {}
    for number, leg in enumerate(command.legs, start=1):
        pair = leg.source, leg.to
        wrong = list(_leg_faults(read, leg, command.area, slips))
        items = seen.setdefault(pair, set())
        if leg.item in items:
            wrong.append(("item", "重复", "stands above"))
        # What is longer than a slip could never be sent.
        part = len(items) // LINES_MAX
        items.add(leg.item)
        if not wrong and part >= len(slips[pair]):
            wrong.append(("to", "单号不足", "too few slips"))
        if not wrong:
            slip = slips[pair][part]
            wrong += _reserved(books, leg, slip)
            lines.setdefault(slip, []).append(Line(leg.item, "", leg.quantity))
        faults += [RowFault(number, *fault) for fault in wrong]
    refuse(faults)
    approved = ReallocationApproved(
        reallocation=command.reallocation,
        digest=command.digest,
        legs=command.legs,
        transfers=tuple(lines),
    )
    ends = {one.slip: one for one in command.slips}
    orders = [
        TransferOrdered(
            slip=slip,
            station=ends[slip].source,
            to=ends[slip].to,
            lines=tuple(found),
            reallocation=command.reallocation,
        )
        for slip, found in lines.items()
    ]
    return [approved, *orders, *books.facts]


def _leg_faults(
    read: Read, leg: Leg, area: Place, slips: Mapping[Pair, list[str]]
) -> Iterator[Fault]:
    """Yield what is wrong with a leg, whatever is in stock."""
    for field, station in (("source", leg.source), ("to", leg.to)):
        if not read(station_stream(station)).opened:
            yield field, "不是物资站", "no material station"
        elif not site_path(station).startswith(area.path):
            yield field, "不在本区域内", "outside the area of this command"
    if leg.source == leg.to or (leg.source, leg.to) not in slips:
        yield "to", "发出站与接收站相同或无单号", "to itself, or without a slip"
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
