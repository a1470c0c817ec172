"""Numbers as a spreadsheet shows them (数字格式): what people see is what is meant.

A cell that holds 123 and is formatted ``000000`` is the key ``000123``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

EXACT_MAX = 10**15
"""A spreadsheet keeps 15 digits of a number."""
GENERAL = "General"
BUILTIN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "y-m-d"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47), "h:m"),
    22: "y-m-d h:m",
}
"""Formats that a workbook names by number only, as far as they matter here."""
_FORMAT_CHARS_MAX = 255
_DAYS_MAX = 2_958_465
"""The last day of the year 9999."""
_LEAP_DAY = 60
"""A 29 February 1900 that never was: later days are counted with it."""
_PIECE = re.compile(
    r'"([^"]*)"'  # a text
    r"|\\(.)"  # one sign as it is
    r"|[_*]."  # a space as wide as a sign, a filling: nothing to read
    r"|\[([^\]]*)\]"  # a colour, a language, a condition
    r"|(.)",
    re.DOTALL,
)
_CONDITION = re.compile("[<>=]")
_DIGITS = frozenset("0#?")


def typed(value: float) -> str:
    """Return a number without its format; of too many digits as Excel shows it."""
    if abs(value) >= EXACT_MAX:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else str(value)


def shown(value: float, code: str, *, from_1904: bool = False) -> str:
    """Return a number as its format shows it, where that says more than the number.

    Leading zeros and signs between digits do, and so do dates. Groups of thousands,
    decimals and percent do not: of those the number itself is meant.
    """
    code = code[:_FORMAT_CHARS_MAX]
    if _is_time(code):
        return _moment(value, from_1904=from_1904)
    if value < 0 or not value.is_integer() or value >= EXACT_MAX:
        return typed(value)
    pieces = _section(code)
    if pieces is None or not any(sign and sign in _DIGITS for sign, _ in pieces):
        return typed(value)
    return _filled(pieces, str(int(value)))


def _is_time(code: str) -> bool:
    signs = (found[4] or "" for found in _PIECE.finditer(code))
    return code != GENERAL and any(sign.lower() in "ymdhs" for sign in signs if sign)


def _section(code: str) -> list[tuple[str, str]] | None:
    """Return the signs for positive numbers, each a place for a digit or a text.

    None: there is something in it of which the number itself says more.
    """
    pieces: list[tuple[str, str]] = []
    for found in _PIECE.finditer(code):
        text, escaped, bracket, sign = found.groups()
        if bracket is not None and _CONDITION.search(bracket):
            return None
        if sign == ";":
            break
        if sign is not None and (sign in ".,%@" or sign.isalpha()):
            return None
        if sign is not None and sign in _DIGITS:
            pieces.append((sign, ""))
        else:
            pieces.append(("", text or escaped or sign or ""))
    return pieces


def _filled(pieces: list[tuple[str, str]], digits: str) -> str:
    """Return the digits in their places, from the right."""
    places = [at for at, (sign, _) in enumerate(pieces) if sign]
    made = [text for _, text in pieces]
    left = "" if digits == "0" else digits
    for at in reversed(places):
        made[at] = left[-1:] or ("0" if pieces[at][0] == "0" else "")
        left = left[:-1]
    made[places[0]] = left + made[places[0]]
    return "".join(made).strip()


def _moment(value: float, *, from_1904: bool) -> str:
    """Return a day, a moment or a time of day as ISO 8601."""
    if not 0 <= value <= _DAYS_MAX:
        return typed(value)
    days = int(value)
    seconds = round((value - days) * 86_400)
    if from_1904:
        begins = datetime(1904, 1, 1)  # noqa: DTZ001 - a sheet knows no zone
    else:
        begins = datetime(1899, 12, 30 + (0 < value < _LEAP_DAY))  # noqa: DTZ001
    at = begins + timedelta(days=days, seconds=seconds)
    if days == 0:
        return at.time().isoformat()
    return at.isoformat() if seconds else at.date().isoformat()
