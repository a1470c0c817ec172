"""What the facts of the catalogue fold to (物资目录状态)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordination.items.events import BarcodeTaken, Item, ItemListed, ItemWithdrawn
from coordination.kernel import Event, Read, Streams
from coordination.refusals import NotFound

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry. ``item`` None: never listed; ``withdrawn``: not received any more."""

    item: Item | None = None
    withdrawn: bool = False


def evolve_item(state: Listed, event: Event) -> Listed:
    """Fold one fact of an item's stream."""
    match event:
        case ItemListed():
            return Listed(event.item)
        case ItemWithdrawn():
            return replace(state, withdrawn=True)
        case _:
            return state


item_stream = Streams("item", Listed(), evolve_item)


def _evolve_barcode(holder: str, event: Event) -> str:
    return event.item if isinstance(event, BarcodeTaken) else holder


barcode_stream = Streams("barcode", "", _evolve_barcode)
"""A barcode's stream, folded to the item that took it last, empty: none."""


def barcode_key(barcode: str) -> str:
    """Return a barcode as scanners read it: UPC-A is EAN-13 with a zero before.

    Spaces and hyphens are for the eye.
    """
    code = "".join(barcode.split()).replace("-", "").casefold()
    return code.lstrip("0") or code if code.isdecimal() else code


UnknownItem = NotFound.of(
    "items.unknown",
    "物资目录中没有 {item}",
    "there is no item {item} in the catalogue",
    field="item",
)


def listed_item(read: Read, code: str) -> Item:
    """Return an item of the catalogue, withdrawn or not.

    :raises UnknownItem: if there is none
    """
    return UnknownItem.unless(read(item_stream(code)).item, item=code)


def base_units(read: Read, item: str, quantity: int, unit: str) -> int | None:
    """Return a quantity in base units; None for a packaging the item does not have.

    Of an item nobody knows, the quantity as it is: the decision refuses it.
    """
    known = read(item_stream(item)).item
    if not unit or known is None or unit == known.unit:
        return quantity
    factors = {packaging.unit: packaging.factor for packaging in known.packagings}
    factor = factors.get(unit)
    return None if factor is None else quantity * factor


def alert_of(read: Read, item: str, expires_us: int) -> int:
    """Return when somebody is told that a lot will expire, 0 for never."""
    known = read(item_stream(item)).item
    if known is None or not expires_us or not known.alert_days:
        return 0
    return max(1, expires_us - known.alert_days * DAY_US)
