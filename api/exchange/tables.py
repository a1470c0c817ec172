"""Tables for other programs (导出): any rows as CSV or as an Excel workbook.

What people typed stays text there, also where a spreadsheet would compute it.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import xlsxwriter

from api.exchange.harmless import clean, risky
from api.exchange.keys import kept
from api.http.plain import moment
from api.http.pools import resting
from coordination.refusals import Invalid

Kind = Literal["text", "int", "time", "key"]
TEXTS = frozenset[Kind]({"text", "key"})
Row = Mapping[str, Any]
Words = Mapping[Any, tuple[str, str]]
"""Id -> the word for it, in zh and en."""

ROWS_MAX = 1_048_575
"""Rows of one Excel sheet under its header."""
CELL_CHARS_MAX = 32_767
EXACT_MAX = 10**15
"""Excel keeps 15 digits: a larger number is written as text."""
CONSTANT_FROM = 20_000
"""From so many rows on the workbook goes through a file, a row at a time."""
WIDTH_ROWS = 500
WIDTH_MIN, WIDTH_MAX, TIME_WIDTH = 6, 60, 20
EXCEL_BEGINS = datetime(1900, 3, 1, tzinfo=UTC)
"""Excel takes 1900 for a leap year; before its 1 March a date would be a day off."""
MADE = datetime(1980, 1, 1)  # noqa: DTZ001 - the library takes no zone
"""Same content, same bytes: a workbook does not say when it was written."""

_SHEET = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_EXCEL = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


Can = Literal["", "sort", "filter", "both"]
SORT: Can = "sort"
FILTER: Can = "filter"
BOTH: Can = "both"


class Column(NamedTuple):
    """One column (列): where its value stands in a row, its heading, what it holds.

    ``kind``: ``key`` is text that a spreadsheet must leave alone; ``time`` takes
    RFC 3339 text, a ``datetime`` with a zone, or microseconds since 1970 UTC.
    ``words``: id -> zh, en of what the value is called; a file has the word, the
    list the id and, under ``key_zh`` and ``key_en``, both.
    ``can``: whether a list can be sorted by it, filtered by it, or both.
    """

    key: str
    zh: str
    en: str
    kind: Kind = "text"
    words: Words | None = None
    can: Can = ""

    def label(self, lang: str) -> str:
        """Return the heading in a language (``zh``, ``zh-CN`` …, or ``en``)."""
        return self.en if lang.startswith("en") else self.zh


TooManyRows = Invalid.of(
    "list.too-many-rows",
    "共 {rows} 行，超过表格上限 {limit} 行",
    "{rows} rows are more than a sheet's {limit}",
    "请缩小范围",
    "narrow the selection",
)


def to_csv(columns: Sequence[Column], rows: Iterable[Row], lang: str) -> bytes:
    """Return CSV as Excel opens it: UTF-8 with byte order mark, CRLF; times in UTC."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_harmless(column.label(lang)) for column in columns)
    for row in rows:
        writer.writerow(
            _plain(column, value_of(column, row, lang)) for column in columns
        )
    return codecs.BOM_UTF8 + text.getvalue().encode()


def to_xlsx(
    columns: Sequence[Column], rows: Iterable[Row], lang: str, title: str, zone: str
) -> bytes:
    """Return a workbook with one sheet; times are Excel's own, in ``zone``.

    :raises TooManyRows: beyond what a sheet holds
    """
    held = rows if isinstance(rows, Sequence) else list(rows)
    if len(held) > ROWS_MAX:
        raise TooManyRows(rows=len(held), limit=ROWS_MAX)
    made = io.BytesIO()
    large = len(held) > CONSTANT_FROM
    how = {**_EXCEL, "constant_memory": large, "in_memory": not large}
    with xlsxwriter.Workbook(made, how) as book:
        book.set_properties({"title": clean(title), "created": MADE})
        _fill(book, columns, held, lang, title, ZoneInfo(zone))
    return made.getvalue()


def text_of(value: object) -> str:
    """Return a value as it reads in a cell of text; nothing is the empty text."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "、".join(text_of(part) for part in value)
    return clean(str(value))


def worded(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[Row]:
    """Yield rows with the words of their ids: ``state_zh`` beside ``state``."""
    wanted = [(c.key, c.words) for c in columns if c.words is not None]
    for row in rows:
        said: dict[str, Any] = {}
        for key, words in wanted:
            said |= in_words(key, words, row.get(key))
        yield {**row, **said} if said else row


def in_words(key: str, words: Words, value: Any) -> dict[str, Any]:
    """Return an id, or a list of ids, with its words: ``how_zh``, ``how_en``."""
    ids = value if isinstance(value, list) else [value] if value else []
    pairs = [words.get(one, (one, one)) for one in ids]
    zh, en = "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)
    return {key: value, f"{key}_zh": zh, f"{key}_en": en}


def value_of(column: Column, row: Row, lang: str) -> Any:
    """Return what stands in a row's cell in a language."""
    if column.words is None:
        return row.get(column.key)
    return row.get(f"{column.key}_{'en' if lang.startswith('en') else 'zh'}")


def _harmless(text: str) -> str:
    """Return text for a CSV cell, with the apostrophe that makes it text."""
    text = clean(text)
    return f"'{text}" if risky(text) else text


def _plain(column: Column, value: object) -> str:
    if column.kind == "int" and isinstance(value, int):
        return str(int(value))  # a minus is a sign here
    if column.kind == "time" and (at := _time(value)):
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if column.kind == "key" and (text := text_of(value)) != (key := kept(text)):
        return key
    return _harmless(text_of(value))


def _time(value: object) -> datetime | None:
    """Return a time, None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            value = moment(value)
        except (OverflowError, ValueError, OSError):
            return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return value if aware else None  # type: ignore[return-value]


class _Styles(NamedTuple):
    """Formats of one workbook, and the zone of its times."""

    text: Any
    quoted: Any
    whole: Any
    time: Any
    zone: ZoneInfo


def _fill(
    book: Any,
    columns: Sequence[Column],
    rows: Sequence[Row],
    lang: str,
    title: str,
    zone: ZoneInfo,
) -> None:
    sheet = book.add_worksheet(_sheet_name(title))
    heading = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    labels = list(_labels(columns, lang, zone))
    for place, (label, width) in enumerate(
        zip(labels, _widths(columns, labels, rows), strict=True)
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, label, heading)
    styles = _Styles(
        text=book.add_format({"num_format": "@"}),
        # As if typed with an apostrophe: editing the cell makes no formula of it.
        quoted=book.add_format({"num_format": "@", "quote_prefix": True}),
        whole=book.add_format({"num_format": "0"}),
        time=book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        zone=zone,
    )
    for line, row in enumerate(resting(rows), start=1):
        for place, column in enumerate(columns):
            value = value_of(column, row, lang)
            _write(sheet, (line, place), column, value, styles)
    sheet.freeze_panes(1, 0)
    if columns:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _write(
    sheet: Any, cell: tuple[int, int], column: Column, value: object, styles: _Styles
) -> None:
    """Write one cell by the method of its kind, never by one that guesses."""
    if value is None:
        return
    if column.kind == "int" and isinstance(value, int) and abs(value) < EXACT_MAX:
        sheet.write_number(*cell, int(value), styles.whole)
        return
    at = _time(value) if column.kind == "time" else None
    if at is not None and at >= EXCEL_BEGINS:
        local = at.astimezone(styles.zone).replace(tzinfo=None)
        sheet.write_datetime(*cell, local, styles.time)
        return
    text = text_of(value)
    if len(text) > CELL_CHARS_MAX:
        text = text[: CELL_CHARS_MAX - 1] + "…"
    if text:
        sheet.write_string(*cell, text, styles.quoted if risky(text) else styles.text)


def _labels(columns: Sequence[Column], lang: str, zone: ZoneInfo) -> Iterator[str]:
    for column in columns:
        label = clean(column.label(lang))
        # Excel's times have no zone: the heading says which.
        yield f"{label} ({zone.key})" if column.kind == "time" else label


def _widths(
    columns: Sequence[Column], labels: Sequence[str], rows: Sequence[Row]
) -> Iterator[int]:
    """Yield widths in characters: Chinese ones are two wide."""
    for column, label in zip(columns, labels, strict=True):
        least = max(WIDTH_MIN, TIME_WIDTH if column.kind == "time" else 0)
        found = [least, _wide(label) + 3]  # 3: the filter's button
        if column.kind != "time":
            some = itertools.islice(rows, WIDTH_ROWS)
            found += [_wide(text_of(row.get(column.key))) + 1 for row in some]
        yield min(max(found), WIDTH_MAX)


def _wide(text: str) -> int:
    line = text[: WIDTH_MAX * 2].partition("\n")[0]
    return sum(2 if unicodedata.east_asian_width(s) in "WF" else 1 for s in line)


def _sheet_name(title: str) -> str:
    """Return a name that Excel takes for a sheet."""
    name = _SHEET.sub(" ", clean(title)).strip().strip("'")[:31].strip().strip("'")
    return name if name and name.lower() != "history" else "Sheet1"
