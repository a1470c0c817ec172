"""What is typed in one word (口语写法), such as ``72h`` or ``quilt=47@Q1``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import typer

Spoken = Callable[[str], Any]
DURATION = re.compile(r"([0-9]{1,4})(h|d)")
HOURS_MAX = 8_760
CODE_DIGITS = 12
YUAN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
LINE = re.compile(
    r"(?P<item>[a-z][a-z0-9-]{1,39})=(?P<quantity>[0-9]{1,10})(?P<unit>[^@:]{0,10})"
    r"(@(?P<lot>[^@:]{1,60}))?(:(?P<expires>[0-9-]{10}))?"
)


def hours(text: str) -> int:
    """Return a duration such as ``72h`` or ``3d`` in hours, a year at most."""
    found = DURATION.fullmatch(text)
    count = int(found[1]) * (24 if found[2] == "d" else 1) if found else 0
    if not 1 <= count <= HOURS_MAX:
        raise typer.BadParameter("such as 72h or 3d, a year at most")
    return count


def area(text: str) -> str:
    """Return an area's code, of which the zeros at its end need not be typed."""
    return text.ljust(CODE_DIGITS, "0")


class Line(NamedTuple):
    """A line as it is typed: so much of an item, of a lot, good until a day."""

    item: str
    quantity: int
    unit: str
    lot: str
    expires: str

    def body(self, *fields: str) -> dict[str, Any]:
        """Return what the API is told: item, quantity and these fields."""
        found = self._asdict()
        return {k: found[k] for k in ("item", "quantity", *fields)}


def line(text: str) -> Line:
    """Read a line ``ITEM=QUANTITY[UNIT][@LOT][:DAY]``."""
    found = LINE.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        raise typer.BadParameter(f"“{text}” 应如 mask-n95=3箱 或 quilt=50@Q1")
    parts = {name: part or "" for name, part in found.groupdict().items()}
    quantity, unit = int(parts.pop("quantity")), parts.pop("unit").strip()
    return Line(quantity=quantity, unit=unit, **parts)


def want(text: str) -> dict[str, Any]:
    """Return so much of an item, such as ``mask-n95=3箱``."""
    return line(text).body("unit")


def party(text: str) -> dict[str, str]:
    """Return who is meant, such as ``person:h-0123456789ab``."""
    kind, _, named = text.partition(":")
    if kind not in {"person", "post", "organisation"} or not named:
        raise typer.BadParameter("such as person:h-0123456789ab")
    return {"kind": kind, "id": named}


def wish(text: str) -> dict[str, Any]:
    """Return so much of an item or of a lot of it, such as ``quilt=47@Q1``."""
    return line(text).body("unit", "lot")


def of_lot(text: str) -> dict[str, Any]:
    """Return so much of a lot, such as ``quilt=47@Q1``."""
    found = line(text)
    if not found.lot:
        raise typer.BadParameter(f"“{found.item}” 须注明批次，如 quilt=50@Q1")
    return found.body("unit", "lot")


def delivered(text: str) -> dict[str, Any]:
    """Return what came in, such as ``mask-n95=3箱@L1:2028-05-31``."""
    return line(text).body("unit", "lot", "expires")


def recipient(text: str) -> dict[str, str]:
    """Return who goods are for, such as ``squad:一队``."""
    kind, _, named = text.partition(":")
    if not kind or not named:
        raise typer.BadParameter(f"“{text}” 应如 squad:一队")
    return {"kind": kind, "id": named}


def fen(text: str) -> int:
    """Return a sum of yuan in hundredths; nothing is rounded."""
    if not YUAN.fullmatch(text):
        raise typer.BadParameter(f"“{text}” 应如 1200 或 123.45")
    return int(Decimal(text) * 100)


BY_NAME: dict[str, Spoken] = {
    "area": area,
    "hours": hours,
    "party": party,
    "want": want,
    "wish": wish,
    "of-lot": of_lot,
    "delivered": delivered,
    "recipient": recipient,
    "yuan": fen,
}
"""By the ``spoken`` of a field."""
