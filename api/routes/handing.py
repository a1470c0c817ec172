"""What a keeper says (保管员口径) as the ledger has it: units, dates, ids, donors."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.http.body import Strict
from api.http.deps import EPOCH
from api.world.vault import Secret
from api.world.world import World, id_of
from coordination.items.state import item_stream
from coordination.kernel import Refusal, RowFault
from coordination.stock.lines import QUANTITY_MAX, StockRefused

CODE_CHARS = 10
RECEIPT_DIGITS = 5


def base_units(world: World, item: str, quantity: int, unit: str) -> int | None:
    """Return a quantity in base units; None for a packaging the item does not have.

    Of an item nobody knows, the quantity as it is: the decision refuses it.
    """
    known = world.state(item_stream(item)).item
    if not unit or known is None or unit == known.unit:
        return quantity
    factors = {packaging.unit: packaging.factor for packaging in known.packagings}
    factor = factors.get(unit)
    return None if factor is None else quantity * factor


def quantities(world: World, lines: Sequence[Any]) -> list[int]:
    """Return the quantities of lines, each said in a unit of its item's, in base units.

    :raises StockRefused: naming each line with a unit its item does not have
    """
    found, faults = list[int](), list[RowFault]()
    for number, line in enumerate(lines, start=1):
        quantity = base_units(world, line.item, line.quantity, line.unit)
        if quantity is None:
            zh, en = "没有这种包装", "the item is not packed so"
            faults.append(RowFault(number, "unit", zh, en))
        elif quantity > QUANTITY_MAX:
            why = f"1 – {QUANTITY_MAX}"
            faults.append(RowFault(number, "quantity", why, why))
        found.append(quantity or 0)
    if faults:
        raise StockRefused(count=len(faults), rows=faults)
    return found


class BadDate(Refusal):
    """Not a day (日期有误)."""

    code = "stock.bad-date"
    zh = "日期须写作 2027-12-31"
    en = "a day such as 2027-12-31"
    field = "lines"


def begins_us(day: str, zone: str) -> int:
    """Return the first moment of a day where the World is, 0 for none.

    :raises BadDate: if it is none of this century
    """
    if not day:
        return 0
    try:
        found = date.fromisoformat(day)
        begun = datetime(found.year, found.month, found.day, tzinfo=ZoneInfo(zone))
    except ValueError:
        raise BadDate from None
    if not 2000 <= found.year <= 2100:  # noqa: PLR2004 - as everywhere (api.http.body)
        raise BadDate
    return (begun - EPOCH) // timedelta(microseconds=1)


def ends_us(day: str, zone: str) -> int:
    """Return the first moment after a day, 0 for none.

    :raises BadDate: if it is none of this century
    """
    if not day:
        return 0
    begins_us(day, zone)
    return begins_us((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)


def expires_us(world: World, item: str, made: str, expires: str) -> int:
    """Return the first moment a lot is no good: as stated, or its shelf life after it
    was made; 0 if neither says.

    :raises BadDate: if a day is none of this century
    """
    zone, known = world.settings.zone, world.state(item_stream(item)).item
    if expires or not made or known is None or not known.shelf_days:
        return ends_us(expires, zone)
    begins_us(made, zone)
    last = date.fromisoformat(made) + timedelta(days=known.shelf_days)
    return ends_us(last.isoformat(), zone)


def micros(moment: datetime | None) -> int:
    """Return a moment as microseconds since 1970, 0 for none."""
    return 0 if moment is None else (moment - EPOCH) // timedelta(microseconds=1)


def made_lots(command_id: str, given: Iterable[str]) -> list[str]:
    """Return the lots of a receipt's lines; a retry names the same."""
    return [
        lot or id_of("l", f"{command_id}:{number}")
        for number, lot in enumerate(given, start=1)
    ]


class Donor(Strict):
    """Who gives. A person's name stays out of the log, an organisation's stands in it.

    ``phone`` is kept with the name, for the receipt only.
    """

    name: str
    phone: str = ""
    organisation: bool = False


def donor_id(world: World, donor: Donor) -> tuple[str, Secret]:
    """Return a mark for a person who gives, and what the vault keeps of them.

    Of the same name and telephone it is the same mark; nobody can guess who it is.
    """
    said = f"donor:{donor.name}:{donor.phone}".encode()
    mark = hmac.new(world.secret, said, hashlib.sha256).hexdigest()[:12]
    return f"d-{mark}", Secret(donor.name, donor.phone)


def receipt_number(station: str, number: int) -> str:
    """Return the number of a donor's receipt (捐赠收据号) as it is printed."""
    return f"{station}-{number:0{RECEIPT_DIGITS}d}"


def receipt_code(world: World, slip: str) -> str:
    """Return the code on a donor's receipt: with it anybody may ask what became of it.

    Keyed, so that numbers alone, which can be counted, tell nobody anything.
    """
    made = hmac.new(world.secret, f"receipt:{slip}".encode(), hashlib.sha256)
    return made.hexdigest()[:CODE_CHARS]
