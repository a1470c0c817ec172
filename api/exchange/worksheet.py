"""The cells of a sheet (单元格) as people see them, and what is to be known of some."""

from __future__ import annotations

import re
from typing import NamedTuple

from api.exchange.parts import DAMAGED, TOO_MUCH, NotRead, Part, plainly
from api.exchange.reading import wrong_size
from api.exchange.shown import GENERAL, shown, typed
from coordination.refusals import RowFault

_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Bounds(NamedTuple):
    """What a sheet may have: rows under the header, columns, characters of all cells;
    and elements of any part.
    """

    rows: int
    columns: int
    chars: int
    elements: int


class Merged(NamedTuple):
    """Merged cells (合并单元格): first and last row, from 1; first column, from 0."""

    row: int
    last: int
    column: int


class Cells(Part):
    """The cells of a sheet as they are shown, and what is to be known of some."""

    def __init__(
        self, bounds: Bounds, texts: list[str], formats: list[str], *, from_1904: bool
    ) -> None:
        super().__init__(bounds.elements)
        self._bounds, self._texts, self._formats = bounds, texts, formats
        self._from_1904 = from_1904
        self._chars = 0
        self._row = self._column = 0
        self._kind = self._value = self._style = ""
        self._runs: list[str] = []
        self._computed = self._inside = False
        self.rows: dict[int, dict[int, str]] = {}
        """By row from 1, by column from 0."""
        self.typed: dict[tuple[int, int], str] = {}
        """Numbers that are shown otherwise, as they are."""
        self.uncalculated: set[tuple[int, int]] = set()
        self.merged: list[Merged] = []

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell, or something in it."""
        match tag:
            case "row":
                place = attributes.get("r", str(self._row + 1))
                if not re.fullmatch("[0-9]{1,7}", place):
                    raise NotRead(DAMAGED)
                self._row, self._column = int(place), -1
            case "c":
                self._begin_cell(attributes)
            case "v" | "f" | "is":  # a cell with nothing in it takes no room
                self._check_place()
                self._computed |= tag == "f"
                self._inside |= tag == "is"
                if tag == "v":
                    self.listen()
            case "t" if self._inside:
                self.listen()
            case "mergeCell":
                self._merge(attributes.get("ref", ""))

    def end(self, tag: str, text: str) -> None:
        """End a cell, or something in it."""
        match tag:
            case "v":
                self._value = text
            case "t" if self._inside:
                self._runs.append(text)
            case "is":
                self._inside = False
            case "c":
                self._end_cell()

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            self._row, self._column = _place(place)
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value, self._runs = "", []
        self._computed = self._inside = False

    def _check_place(self) -> None:
        if self._row > self._bounds.rows + 1:
            raise NotRead(next(wrong_size(self._row, self._bounds.rows)))
        if self._column >= self._bounds.columns:
            most = self._bounds.columns
            zh, en = f"超过 {most} 列", f"more than {most} columns"
            raise NotRead(RowFault(self._row, "row", zh, en))

    def _end_cell(self) -> None:
        at = self._row, self._column
        if self._computed and not self._value and self._kind != "str":
            # Whoever made the file left it to a spreadsheet to compute.
            self.uncalculated.add(at)
            text = "="
        else:
            text = self._shown()
        self._chars += len(text)
        if self._chars > self._bounds.chars:
            raise NotRead(TOO_MUCH)
        if text:
            self.rows.setdefault(self._row, {})[self._column] = text

    def _shown(self) -> str:
        """Return what people see in the cell."""
        match self._kind:
            case "s" if self._value:
                number = int(self._value)
                if not 0 <= number < len(self._texts):
                    raise NotRead(DAMAGED)
                return self._texts[number]
            case "inlineStr":
                return plainly("".join(self._runs))
            case "b":
                return "FALSE" if self._value.strip() in {"", "0", "false"} else "TRUE"
            case "n" if self._value.strip():
                return self._number(float(self._value))
        return plainly(self._value)

    def _number(self, value: float) -> str:
        number = int(self._style) if self._style.isdecimal() else 0
        known = 0 <= number < len(self._formats)
        code = self._formats[number] if known else GENERAL
        seen = shown(value, code, from_1904=self._from_1904)
        if seen != (plain := typed(value)):
            self.typed[self._row, self._column] = plain
        return seen

    def _merge(self, reference: str) -> None:
        first, colon, last = reference.partition(":")
        if colon:
            row, column = _place(first)
            self.merged.append(Merged(row, _place(last)[0], column))


def _place(place: str) -> tuple[int, int]:
    """Return the row, from 1, and the column, from 0, of a cell such as ``B2``."""
    found = _CELL.fullmatch(place.replace("$", "").upper())
    if not found:
        raise NotRead(DAMAGED)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column - 1
