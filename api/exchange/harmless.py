"""Text in files (文本): what a spreadsheet would compute, and what no file can carry.

What people typed must stay text there: a cell that a spreadsheet would take for a
formula is written so that it is shown and never computed.
"""

from __future__ import annotations

import re
import unicodedata

UNSHOWABLE = "\ufffd"
_STARTS = frozenset("=+-@＝＋－\uff20\t\r")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)


def risky(text: str) -> bool:
    """Tell whether a spreadsheet might take this text for a formula."""
    for sign in text:
        if sign in _STARTS:
            return True
        unseen = sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf"}
        if not unseen and sign != UNSHOWABLE:
            return False
    return False


def clean(text: str) -> str:
    """Return text without what neither UTF-8 nor XML can carry."""
    return _FORBIDDEN.sub(UNSHOWABLE, text)
