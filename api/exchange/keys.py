"""Keys in files (编号): written so that a spreadsheet leaves them as they are.

A spreadsheet makes 7 of ``007``, 100000 of ``1E5`` and a day of ``2-3``, and nobody is
told. What is written as ``="007"`` stays text there, and is read back as ``007``.
"""

from __future__ import annotations

import re

_PRONE = re.compile(
    r"0[0-9]+|[0-9]{12,}"  # zeros are dropped, long numbers shown rounded
    r"|[0-9]+(\.[0-9]+)?e[+-]?[0-9]+"  # a number in exponent form
    r"|[0-9]{1,4}([-/.:][0-9]{1,4}){1,3}"  # a day or a time
    r"|([0-9]{1,4}[ -])?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"([ -][0-9]{1,4})?"
    r"|true|false|[0-9]+[ ]?[ap]m?",
    re.IGNORECASE,
)
_KEPT = re.compile(r'=\s*"((?:[^"]|"")*)"')
_EXPONENT = re.compile("([0-9]+)[eE][+]?([0-9]{1,2})")


def kept(text: str) -> str:
    """Return a text for a CSV cell that a spreadsheet would change, as text."""
    return f'="{text}"' if _PRONE.fullmatch(text) else text


def unkept(cell: str) -> str:
    """Return what a cell says that was written so."""
    if "=" not in cell:  # as nearly every cell
        return cell
    found = _KEPT.fullmatch(cell.strip())
    return found[1].replace('""', '"') if found else cell


def as_number(key: str) -> str:
    """Return what a spreadsheet makes of a key that it takes for a number."""
    if found := _EXPONENT.fullmatch(key):
        return str(int(found[1]) * 10 ** int(found[2]))
    return key.lstrip("0") or "0" if key.isdecimal() else key.casefold()
