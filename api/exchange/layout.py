"""How a kind of file looks (格式): its columns, what they may hold, its bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from api.exchange.cells import names
from api.exchange.reading import folded
from api.exchange.tables import Column


class Field(NamedTuple):
    """A column as it is read: its heading, characters at most, and into what.

    ``needed``: it must be there and say something. ``name``: what the value is called,
    where that is not the key of the column. ``cleared``: what an empty cell says, in a
    column that is there. ``many``: it is a list, which a line break divides. ``must``:
    the column must be there, but may be empty.
    """

    column: Column
    chars_max: int
    parse: Callable[[str], Any]
    needed: bool = False
    name: str = ""
    cleared: Any = ""
    many: bool = False
    must: bool = False

    @property
    def says(self) -> str:
        """What the value is called."""
        return self.name or self.column.key


class Layout(NamedTuple):
    """How a kind of file looks (格式): its columns, and its bounds."""

    fields: tuple[Field, ...]
    bytes_max: int
    rows_max: int

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order in which they are written."""
        return tuple(field.column for field in self.fields)

    @property
    def needed(self) -> tuple[str, ...]:
        """The keys of the columns that must be there."""
        must = (field for field in self.fields if field.needed or field.must)
        return tuple(field.column.key for field in must)

    @property
    def unsaid(self) -> dict[str, Any]:
        """What the values are of columns that a file need not have and does not."""
        return {f.says: f.cleared for f in self.fields if not f.needed}

    @property
    def keys(self) -> dict[str, str]:
        """The key of a column to each of its names."""
        return names({c.key: (c.zh, c.en) for c in self.columns})

    @property
    def whole(self) -> frozenset[str]:
        """The keys of the columns of numbers: of those the format means nothing."""
        return frozenset(c.key for c in self.columns if c.kind == "int")


def key_of(cell: str, keys: Mapping[str, str]) -> str:
    """Return the key of the column that a cell of the header names, or its text."""
    named = folded(re.sub(r"[\r\n]", "", cell[:100]))
    return keys.get(named, cell.strip())
