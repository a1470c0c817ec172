"""Quick finding (快速查找): by name, pinyin, initials, code or a scanned barcode.

Whoever looks has little time, and perhaps no input method: ``kz``, ``kouzhao``,
``口罩``, ``mask`` and what the scanner reads all lead to the masks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product
from math import prod
from typing import NamedTuple

from api.exchange.reading import folded
from coordination.items.events import Item
from coordination.items.state import barcode_key
from coordination.vocabulary import CATEGORIES

READINGS_MAX = 32
"""Ways a name may be read (多音字) that are looked in."""
QUERY_CHARS_MAX = 100
KEYS_KEPT = 20_000

_EXACT, _BEGINS, _NAME, _PINYIN, _REST = range(5)
_FILLING = re.compile(r"[\W_]+")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUNS = re.compile(f"([{_HAN}]+)|([^{_HAN}]+)")


class _Word(NamedTuple):
    """A word of a query: as typed, without signs, and as a scanner would have it."""

    typed: str
    bare: str
    scanned: str


@lru_cache(maxsize=KEYS_KEPT)
def keys_of(item: Item) -> str:
    """Return what an item is found by, a line for each way, words between spaces.

    Code and barcodes; name and English name; the name without signs; its full pinyin,
    a word for each reading; their initials; the category.
    """
    name = folded(item.name)
    bare = _bare(name)
    full, initials = _read(bare)
    lines = (
        " ".join(map(_scanned, (item.code, *item.barcodes))),
        f"{name} {folded(item.en)}",
        bare,
        full,
        initials,
        _CATEGORY_KEYS.get(item.category, item.category),
    )
    return "\n".join(f" {line} " for line in lines)


def find(items: Iterable[Item], query: str, limit: int) -> list[Item]:
    """Return at most ``limit`` items that have every word of a query, best first.

    Before others comes what is meant exactly (code, barcode), then what begins so
    (code, name, initials, pinyin), has it in its name, in its pinyin, anywhere else; of
    equals the shorter name, then by code. An empty query finds all.
    """
    words = [
        _Word(word, _bare(word), _scanned(word))
        for word in folded(query[:QUERY_CHARS_MAX]).split()
    ]
    found = [
        (rank, len(item.name), item.code, item)
        for item in items
        if (rank := _rank(keys_of(item), words)) is not None
    ]
    found.sort(key=lambda one: one[:3])
    return [item for *_, item in found[:limit]]


def _rank(keys: str, words: Sequence[_Word]) -> int | None:
    """Return how well the worst met of these words is met; None if one is not."""
    # Most items have nothing of a word: that is one look through one text.
    for word in words:
        if not any(text and text in keys for text in word):
            return None
    if not words:
        return _EXACT
    lines = keys.split("\n")
    return max(_rank_of(lines, word) for word in words)


def _rank_of(lines: Sequence[str], word: _Word) -> int:
    scanned, named, name, full, initials, _ = lines
    if f" {word.scanned} " in scanned:
        return _EXACT
    spoken = (name, full, initials) if word.bare else ()
    begins = f" {word.typed}" in scanned or f" {word.typed}" in named
    if begins or any(f" {word.bare}" in line for line in spoken):
        return _BEGINS
    if word.typed in named or (word.bare and word.bare in name):
        return _NAME
    return _PINYIN if word.bare and word.bare in full else _REST


def _scanned(code: str) -> str:
    return barcode_key(folded(code))


def _bare(text: str) -> str:
    return _FILLING.sub("", text)


def _read(name: str) -> tuple[str, str]:
    """Return every full pinyin of a name, and every row of its initials."""
    # Here, not above: its dictionaries take a third of a second to load.
    from pypinyin import Style, pinyin  # noqa: PLC0415

    syllables: list[list[str]] = []
    letters: list[int | None] = []  # what is not Chinese is read whole: n95 is n95
    for chinese, other in _RUNS.findall(name):
        some = pinyin(chinese, style=Style.NORMAL, heteronym=True) or [[other]]
        syllables += some
        letters += [1 if chinese else None] * len(some)
    full: dict[str, None] = {}
    initials: dict[str, None] = {}
    for reading in _readings(syllables):
        full["".join(reading)] = None
        first = zip(reading, letters, strict=True)
        initials["".join(part[:count] for part, count in first)] = None
    return " ".join(full), " ".join(initials)


def _readings(syllables: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Yield the likeliest reading first, at most ``READINGS_MAX``."""
    if prod(map(len, syllables)) <= READINGS_MAX:
        yield from product(*syllables)
        return
    # Too many: the usual one, then those with one character read otherwise.
    usual = [some[0] for some in syllables]
    yield usual
    others = (
        [*usual[:place], other, *usual[place + 1 :]]
        for place, some in enumerate(syllables)
        for other in some[1:]
    )
    yield from islice(others, READINGS_MAX - 1)


_CATEGORY_KEYS = {
    key: f"{key} {folded(zh)} {folded(en)}" for key, (zh, en) in CATEGORIES.items()
}
