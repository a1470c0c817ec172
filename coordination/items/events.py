"""Facts about what can be held in stock (物资储备目录). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.kernel import Event


class Packaging(msgspec.Struct, frozen=True):
    """How an item is packed (包装): ``factor`` base units in one, 2 to 1 000 000."""

    unit: str
    factor: int


class Need(msgspec.Struct, frozen=True):
    """Base units a day that 1 000 residents need under a hazard (人均需求)."""

    hazard: str
    per_thousand: int


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the catalogue (物资). ``unit``: base unit, all quantities are in it.

    ``place``: where it usually stands (库位). ``shelf_days`` 保质期: 0 for ever.
    ``alert_days``: before the expiry somebody is told, 0 to 3 650. ``barcodes``: what
    is printed on it. ``durable`` 可回收: comes back after use.
    """

    code: str
    name: str
    en: str
    category: str
    unit: str
    packagings: tuple[Packaging, ...] = ()
    place: str = ""
    shelf_days: int = 0
    alert_days: int = 0
    needs: tuple[Need, ...] = ()
    barcodes: tuple[str, ...] = ()
    durable: bool = False


class ItemListed(Event, frozen=True, kw_only=True):
    """物资列入目录: new, or as it is described from now on."""

    NAME = "items.item-listed.1"
    ANEW = ("ImportItems",)
    item: Item

    @property
    def stream(self) -> str:
        """One stream for each item."""
        return f"item/{self.item.code}"


class ItemWithdrawn(Event, frozen=True, kw_only=True):
    """物资移出目录: what is there may be used up, nothing more is received."""

    STREAM = "item/{0.code}"  # one stream for each item
    NAME = "items.item-withdrawn.1"
    ANEW = ("ImportItems",)
    code: str


class BarcodeTaken(Event, frozen=True, kw_only=True):
    """条码归属: from now on this barcode is that of an item, as long as it has it.

    ``barcode``: as it is compared. In a stream of its own, so that of two imports at
    once one finds it taken.
    """

    STREAM = "barcode/{0.barcode}"  # one stream for each barcode
    NAME = "items.barcode-taken.1"
    barcode: str
    item: str
