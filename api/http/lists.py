"""One way for every list (清单): search, filter, sort, page; as JSON, CSV or Excel.

A read declares its ``Listing``; its rows go to ``page_of`` with what was ``Asked``, and
the page to ``respond``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

import msgspec
from fastapi import Response

from api.exchange.tables import (
    TEXTS,
    Column,
    Row,
    in_words,
    text_of,
    to_csv,
    to_xlsx,
    worded,
)
from api.http.downloads import as_file
from coordination.refusals import Invalid

Format = Literal["json", "csv", "xlsx"]
Know = Callable[[Sequence[Row]], None]
SIZE, SIZE_MAX = 50, 200
PAGE_MAX = 1_000_000
TEXT_MAX = 200
NAME_SHOWN_MAX = 40
FILTER = "f."


UnknownColumn = Invalid.of(
    "list.unknown-column",
    "清单不能按“{element}”{zh_use}",
    "the list cannot be {en_use} by {element}",
    "请换一列",
    "take another column",
)


UnknownValue = Invalid.of(
    "list.unknown-value",
    "“{element}”没有这个值，可选：{zh_values}",
    "{name_en} has no such value; there are: {en_values}",
    "请从所列的值中选择",
    "choose one of these",
)


Filed = tuple[Sequence[Column], Sequence[Row]]


class Listing(msgspec.Struct, frozen=True):
    """What a list can do (清单): its columns, and what else it sorts and filters by.

    ``sort``: its order when none is asked for; empty: as the rows come. ``finds``: what
    ``q`` finds, best first, if not by its text. ``filed``: the columns and rows of its
    file in a language, if not its own. ``runs``: makes one row of those that a screen
    shows as one; a file has each of them.
    """

    columns: Sequence[Column]
    also_sortable: Sequence[str] = ()
    also_filterable: Sequence[str] = ()
    sort: str = ""
    finds: Callable[[Sequence[Row], str], Sequence[Row]] | None = None
    filed: Callable[[Sequence[Row], str], Filed] | None = None
    runs: Callable[[Sequence[Row]], Sequence[Row]] | None = None

    @classmethod
    def of(cls, *columns: Column, **can: Any) -> Listing:
        """Declare a list by its columns; ``can``: what else it can do."""
        return cls(columns, **can)

    @property
    def sortable(self) -> list[str]:
        """What it can be sorted by: columns, and what rows have beside them."""
        own = [c.key for c in self.columns if c.can in ("sort", "both")]
        return [*own, *self.also_sortable]

    @property
    def filterable(self) -> list[str]:
        """What it can be filtered by: columns, and what rows have beside them."""
        own = [c.key for c in self.columns if c.can in ("filter", "both")]
        return [*own, *self.also_filterable]


class Asked(msgspec.Struct, frozen=True):
    """What a reader asks of a list (查询). ``sort``: a column, ``-column`` downwards.

    A file holds everything that was found: ``page`` and ``size`` are for screens.
    """

    q: str = ""
    sort: str = ""
    filters: Mapping[str, str] = msgspec.field(default_factory=dict)
    page: int = 1
    size: int = SIZE
    format: Format = "json"
    lang: str = "zh"
    columns: bool = False
    """Whether the answer says what its columns are: a page asks so once."""


def page_of(
    rows: Iterable[Row], asked: Asked, listing: Listing, know: Know | None = None
) -> dict[str, Any]:
    """Return one page of the rows that were asked for, all of them for a file.

    A page beyond the last one is the last one: a live list may have become shorter.
    ``know``: looks up at once what texts of rows are made with, of those that need it.

    :raises UnknownColumn: for a sort or filter the list does not have
    """
    order = asked.sort or listing.sort
    _check(asked, listing)
    texts = [c for c in listing.columns if c.kind in TEXTS]
    by_text = order.removeprefix("-") in {c.key for c in texts if c.words is None}
    if know is not None and (asked.q or asked.format != "json" or by_text):
        know(rows := list(rows))
    found = [row for row in rows if _matches(row, asked.filters)]
    if asked.q and listing.finds is not None:
        found = list(listing.finds(found, asked.q))
    elif words := _folded(asked.q).split():
        found = [row for row in found if _holds(row, texts, words)]
    if order:
        found = _sorted(found, order)
    if listing.runs is not None and asked.format == "json":
        found = list(listing.runs(found))
    total, size = len(found), asked.size
    if asked.format != "json":
        size = max(total, 1)
    pages = max(1, -(-total // size))
    page = min(asked.page, pages)
    shown = found[(page - 1) * size : page * size]
    if know is not None:
        know(shown)
    answer = {
        "rows": list(worded(shown, listing.columns)),
        "total": total,
        "page": page,
        "pages": pages,
        "size": size,
        "sort": order,
    }
    return {**answer, "columns": told(listing, asked.lang)} if asked.columns else answer


def told(listing: Listing, lang: str) -> list[dict[str, Any]]:
    """Return what each column is: its heading, kind, words, and what it is good for."""
    place = int(lang.startswith("en"))
    return [
        {
            "key": column.key,
            "label": column.label(lang),
            "kind": "text" if column.kind in TEXTS else column.kind,
            "sortable": column.key in listing.sortable,
            "filterable": column.key in listing.filterable,
            "words": column.words
            and {id_: both[place] for id_, both in column.words.items()},
        }
        for column in listing.columns
    ]


def respond(
    page: Mapping[str, Any],
    columns: Sequence[Column],
    asked: Asked,
    name: str,
    zone: str = "Asia/Shanghai",
) -> Response:
    """Return a page as JSON, or its rows as a file called ``name``.

    A large file takes a while: call it off the event loop (``asyncio.to_thread``).

    :raises TooManyRows: for more than a sheet holds
    """
    if asked.format == "json":
        return Response(msgspec.json.encode(page), media_type="application/json")
    if asked.format == "csv":
        data = to_csv(columns, page["rows"], asked.lang)
    else:
        data = to_xlsx(columns, page["rows"], asked.lang, name, zone)
    return as_file(data, f"{name}.{asked.format}")


def parameters(listing: Listing) -> list[dict[str, Any]]:
    """Return what a route says of its query in the OpenAPI document."""
    orders = [f"{sign}{column}" for column in listing.sortable for sign in ("", "-")]
    text = {"type": "string", "maxLength": TEXT_MAX}
    shapes: dict[str, dict[str, Any]] = {
        "q": text,
        "sort": {"type": "string", "enum": ["", *orders]},
        **{f"{FILTER}{column}": text for column in listing.filterable},
        "page": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": 1},
        "size": {
            "type": "integer",
            "minimum": 1,
            "maximum": SIZE_MAX,
            "default": SIZE,
        },
        "format": {
            "type": "string",
            "enum": list(get_args(Format)),
            "default": "json",
        },
        "lang": {"type": "string", "enum": ["zh", "en"]},
        "columns": {"type": "string", "enum": ["true", "false"], "default": "false"},
    }
    return [
        {"name": name, "in": "query", "required": False, "schema": shape}
        for name, shape in shapes.items()
    ]


def _check(asked: Asked, listing: Listing) -> None:
    column = asked.sort.removeprefix("-")
    if column and column not in listing.sortable:
        raise UnknownColumn(
            element=column[:NAME_SHOWN_MAX], zh_use="排序", en_use="sorted"
        )
    words = {c.key: c for c in listing.columns if c.words}
    for column, wanted in asked.filters.items():
        if column not in listing.filterable:
            raise UnknownColumn(
                element=column[:NAME_SHOWN_MAX], zh_use="筛选", en_use="filtered"
            )
        of = words.get(column)
        if of is None or of.words is None or not wanted or wanted in map(str, of.words):
            continue
        zh, en = (
            ", ".join(f"{value} {both[place]}" for value, both in of.words.items())
            for place in (0, 1)
        )
        raise UnknownValue(element=of.zh, name_en=of.en, zh_values=zh, en_values=en)


def _matches(row: Row, filters: Mapping[str, str]) -> bool:
    return all(_is(row.get(column), wanted) for column, wanted in filters.items())


def _is(value: object, wanted: str) -> bool:
    """Compare as the query string writes it; an empty one finds what has no value."""
    if isinstance(value, list | tuple):
        return any(_is(part, wanted) for part in value) if value else not wanted
    if isinstance(value, bool):
        return wanted == str(value).lower()
    return wanted == ("" if value is None else str(value))


def _holds(row: Row, texts: Sequence[Column], words: Sequence[str]) -> bool:
    """Tell whether each word stands in some text of the row, in either language."""
    text = "\n".join(_folded(_text(row.get(c.key), c)) for c in texts)
    return all(word in text for word in words)


def _text(value: object, column: Column) -> str:
    if column.words is None:
        return text_of(value)
    _, *said = in_words("", column.words, value).values()
    return "\n".join(said)


def _folded(text: str) -> str:
    """Full-width or half-width, capital or small: the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def _sorted(rows: Sequence[Row], order: str) -> list[Row]:
    """Equal rows keep their order, up or down; what has no value comes last."""
    column = order.removeprefix("-")
    there = [row for row in rows if row.get(column) is not None]
    there.sort(key=lambda row: _rank(row[column]), reverse=order.startswith("-"))
    return there + [row for row in rows if row.get(column) is None]


def _rank(value: object) -> tuple[int, float, bytes, str]:
    """Numbers before texts; GB 18030 has the common characters in order of pinyin."""
    if isinstance(value, int | float):
        return 0, value, b"", ""
    text = text_of(value)
    return 1, 0, _folded(text).encode("gb18030", "replace"), text
