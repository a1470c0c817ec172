"""Letters (字) on paper: a font every viewer has, what it lacks, lines that fit.

No font is stored: STSong-Light is one that viewers of PDF bring or replace by what
they have.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from reportlab.lib import units
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

TEXT_CHARS_MAX, REASON_CHARS_MAX = 120, 600
"""Of one text, of the reason and the sums; what is longer ends with … on paper.

So a row with the signatures is always less than a page.
"""
FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
MM = float(units.mm)
TEXT, SMALL = 9, 7
LEADING = 1.25

# Latin words stay whole; closing signs stay with what they close.
_TOKEN = re.compile(r"(?:[!-~]+|.)[，。、；：！？）］】》”’…％·]* ?")
# Written as the font's character set has them.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("•‧・", "·"),
        **dict.fromkeys("\u2011\u2212", "-"),
        "²": "^2",
        "³": "^3",
        "®": "(R)",
        "™": "(TM)",
        "\u00b5": "μ",
    }
)
_MISSING = "〓"

Lines = list[tuple[str, float]]
"""Lines of text and their sizes in points."""


def clean(text: str, most: int = TEXT_CHARS_MAX) -> str:
    """Return a text as the font can show it: 〓 stands for what it has not.

    Viewers leave a blank for such a character, or for a half of it, and a blank in a
    name is not seen.
    """
    text = unicodedata.normalize("NFC", text).translate(_ALIKE)
    text = "".join(map(_shown, " ".join(text.split())))
    return text if len(text) <= most else text[: most - 1] + "…"


@lru_cache(maxsize=20_000)
def _shown(sign: str) -> str:
    """Return a character, the same without its accent, or 〓."""
    if _in_font(sign):
        return sign
    if unicodedata.category(sign) == "Cf":  # shows nothing anywhere
        return ""
    plain = unicodedata.normalize("NFD", sign)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain if plain and all(map(_in_font, plain)) else _MISSING


def _in_font(sign: str) -> bool:
    """Whether the character set of the font, Adobe-GB1, has it: GBK and extension A."""
    if "\u3400" <= sign <= "\u4db5":
        return True
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return False
    return sign.isprintable()


@lru_cache(maxsize=20_000)
def _wide(token: str) -> float:
    """Return the width of a token in a font of one point."""
    return float(pdfmetrics.stringWidth(token, FONT, 1))


def wrapped(text: str, size: float, width: float, most: int = TEXT_CHARS_MAX) -> Lines:
    """Return a text in lines of at most ``width``, none for an empty one.

    reportlab's own wrapping breaks either Latin words or Chinese sentences well, never
    both, and its tables take several times as long.
    """
    lines, line, left = [], "", width
    for word in _TOKEN.findall(clean(text, most)):
        long = _wide(word.rstrip()) * size > width
        for token in word if long else (word,):
            if _wide(token.rstrip()) * size > left and line:
                lines.append(line)
                line, left = "", width
            line += token
            left -= _wide(token) * size
    return [(each.strip(), size) for each in [*lines, line] if each.strip()]


def height_of(lines: Lines) -> float:
    """Return the height of lines."""
    return sum(size for _, size in lines) * LEADING
