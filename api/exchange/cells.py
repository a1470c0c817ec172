"""What stands in a cell (单元格): texts, codes, numbers, words, as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping
from functools import partial
from typing import Any

from api.exchange.harmless import risky
from api.exchange.reading import folded
from coordination.refusals import RowFault

Words = Mapping[str, tuple[str, str]]

_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)


class WrongCellError(Exception):
    """What is wrong with a cell, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def narrow(text: str) -> str:
    """Return a code or number in plain digits and letters (半角).

    :raises WrongCellError: if a spreadsheet has rounded it
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if _SCIENTIFIC.fullmatch(text):
        zh = "被表格软件改成了科学计数，位数已丢失，请把该列设为文本后重填"
        en = "a spreadsheet has rounded it; make the column text and fill it in again"
        raise WrongCellError(zh, en)
    return text


def plain(text: str) -> str:
    """Return a text in NFC with single spaces.

    :raises WrongCellError: if a spreadsheet would take it for a formula
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if risky(text):
        zh, en = "不能以 = + - @ 开头", "it must not begin with = + - @"
        raise WrongCellError(zh, en)
    return text


def whole(text: str, least: int, most: int) -> int:
    """Return an exact integer in its bounds.

    :raises WrongCellError: if it is none
    """
    text = narrow(text)
    # The length first: int() of a million digits takes its time.
    if re.fullmatch(r"[0-9]{1,15}", text) and least <= int(text) <= most:
        return int(text)
    zh, en = f"应为 {least} 至 {most} 的整数", f"it must be whole, {least} to {most}"
    raise WrongCellError(zh, en)


def upto(most: int) -> Callable[[str], int]:
    """Return what reads an exact integer from 0 to ``most``."""
    return partial(whole, least=0, most=most)


def coded(form: re.Pattern[str], zh: str, en: str) -> Callable[[str], str]:
    """Return what reads a code of a form; ``zh``, ``en``: what it should be."""

    def read(text: str) -> str:
        text = narrow(text).lower()
        if not form.fullmatch(text):
            raise WrongCellError(zh, en)
        return text

    return read


def names(words: Words) -> dict[str, str]:
    """Return the id to every name of a vocabulary."""
    return {folded(name): key for key, both in words.items() for name in (key, *both)}


def known(name: str, of: Mapping[str, str], words: Words) -> str:
    """Return the id that a name stands for.

    :raises WrongCellError: if there is none, with those there are
    """
    found = of.get(folded(name))
    if found is None:
        zh = f"没有“{name[:20]}”，可填：{'、'.join(zh for zh, _ in words.values())}"
        en = f"there is no “{name[:20]}”; choose from: {', '.join(words)}"
        raise WrongCellError(zh, en)
    return found


def once(name: str, taken: Container[str]) -> None:
    """Return if a list in a cell has not named this before.

    :raises WrongCellError: if it has
    """
    if name in taken:
        raise WrongCellError(f"“{name}”重复", f"“{name}” twice")


class Once:
    """What must stand in one row of a file only (不得重复), in the column of a key."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._rows: dict[str, int] = {}

    def faults(self, number: int, values: Mapping[str, Any]) -> Iterator[RowFault]:
        """Yield that an earlier row says the same."""
        if said := values.get(self._key):
            yield from self.said(number, said, said)

    def said(self, number: int, compared: str, shown: str) -> Iterator[RowFault]:
        """Yield that an earlier row has this; ``shown``: as this one has it."""
        first = self._rows.setdefault(compared, number)
        if first != number:
            zh, en = f"“{shown}”与第 {first} 行重复", f"“{shown}” is in row {first} too"
            yield RowFault(number, self._key, zh, en)
