"""Drawing (排版): a paper with head, fields, table and signatures, page by page.

All texts come ready to print, times too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from api.exchange.papers.canvas import (
    HEIGHT,
    RED,
    SHADE,
    WIDTH,
    new_canvas,
    put,
    qr,
    watermark,
)
from api.exchange.papers.lettering import (
    FONT,
    MM,
    REASON_CHARS_MAX,
    SMALL,
    TEXT,
    TEXT_CHARS_MAX,
    Lines,
    clean,
    height_of,
    wrapped,
)

LINES_MAX = 6_000
ROOT_CHARS = 16
"""Of the log's root hash that are printed (根哈希)."""
_MARGIN = 15 * MM
_BOTTOM = 16 * MM
_PAD = 1.2 * MM
_ROW_MIN = 8 * MM  # room to write in by hand
_SIGNING = 26 * MM
_CODE = 30 * MM
_GREY, _RULE = (0.35, 0.35, 0.35), (0.5, 0.5, 0.5)
_DRILL_LINE = "演练单据，不得据此收发真实物资  Drill: no real goods move on this paper"


class Head(NamedTuple):
    """What stands on every paper (单据头).

    ``number``: the slip's id. ``at``: when, to print. ``by``: who made it. ``seq`` and
    ``root``: where the log stood. ``reason``: why, with the basis 依据.
    """

    number: str
    station: str
    at: str
    by: str
    seq: int
    root: str
    reason: str = ""
    drill: bool = False


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


class Field(NamedTuple):
    """A named text above the table."""

    zh: str
    en: str
    value: str


class PaperColumn(NamedTuple):
    """A column of the table, ``width`` in mm."""

    zh: str
    en: str
    width: int
    right: bool = False


class Paper(NamedTuple):
    """One paper, whatever its kind. A cell is a text and a smaller one below it."""

    title: Words
    head: Head
    fields: Sequence[Field]
    columns: Sequence[PaperColumn]
    rows: Sequence[Sequence[tuple[str, str]]]
    total: str
    signers: Sequence[Words]
    code: str = ""


def draw(paper: Paper) -> bytes:
    """Return the paper as PDF."""
    assert len(paper.rows) <= LINES_MAX, "more lines than a paper has"
    head, out = paper.head, io.BytesIO()
    canvas = new_canvas(out, f"{paper.title.zh} {head.number}")
    titles = _row(paper.columns, [(c.zh, c.en) for c in paper.columns])
    rows = [_row(paper.columns, cells) for cells in paper.rows]
    heights = [_row_height(row) for row in rows]
    fields = _fields(paper)
    sums = wrapped(paper.total, 10, WIDTH - 2 * _MARGIN, REASON_CHARS_MAX)
    top = HEIGHT - _MARGIN - (6 * MM if head.drill else 0)
    above = 16 * MM + max(sum(height for *_, height in fields), _code_height(paper))
    room = top - _BOTTOM - _row_height(titles)
    parts = _parted(
        heights, room - above, room - 8 * MM, height_of(sums) + 4 * MM + _SIGNING
    )
    for page, part in enumerate(parts, start=1):
        _frame(canvas, head, page, len(parts))
        if page == 1:
            y = _opening(canvas, paper, fields, top)
        else:
            again = (
                f"{paper.title.zh} {paper.title.en} · {head.number} · {head.station}"
            )
            line = wrapped(again, TEXT, WIDTH - 2 * _MARGIN)[:1]
            y = put(canvas, line, _MARGIN, top) - 2 * MM
        if part.start < part.stop:
            y = _ruled(canvas, paper.columns, titles, y, shaded=True)
        for row in rows[part]:
            y = _ruled(canvas, paper.columns, row, y)
        if page == len(parts):
            y = put(canvas, sums, _MARGIN, y - 2 * MM)
            _signing(canvas, paper.signers, y - 2 * MM)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _parted(
    heights: Sequence[float], first: float, later: float, ending: float
) -> list[slice]:
    """Return which rows stand on which page; the ending never stands alone."""
    parts: list[slice] = []
    start, room, count = 0, first, len(heights)
    for index, height in enumerate(heights):
        if height > room:
            parts.append(slice(start, index))
            start, room = index, later
        room -= height
    if room < ending:
        last = max(start, count - 1)
        parts.append(slice(start, last))
        start = last
    return [*parts, slice(start, count)]


def _frame(canvas: Canvas, head: Head, page: int, pages: int) -> None:
    """Draw what every page has: the watermark first, so that it lies under the text."""
    if head.drill:
        watermark(canvas)
        canvas.setFillColorRGB(*RED)
        canvas.setFont(FONT, 10)
        canvas.drawCentredString(WIDTH / 2, HEIGHT - _MARGIN, _DRILL_LINE)
    canvas.setFillColorRGB(*_GREY)
    canvas.setFont(FONT, SMALL)
    y = _BOTTOM - 6 * MM
    log = f"日志位置 Log position {head.seq} · 根哈希 Root {head.root[:ROOT_CHARS]}"
    canvas.drawString(_MARGIN, y, clean(log))
    number = f"第 {page} / {pages} 页  Page {page} of {pages}"
    canvas.drawRightString(WIDTH - _MARGIN, y, number)
    canvas.setFillGray(0)


def _opening(
    canvas: Canvas,
    paper: Paper,
    fields: Sequence[tuple[Lines, Lines, float]],
    top: float,
) -> float:
    """Draw title and fields, two beside one another; return where the table begins."""
    canvas.setFont(FONT, 20)
    canvas.drawCentredString(WIDTH / 2, top - 6 * MM, paper.title.zh)
    canvas.setFont(FONT, 10)
    canvas.drawCentredString(WIDTH / 2, top - 11 * MM, paper.title.en)
    y = top - 14 * MM
    if paper.code:
        qr(canvas, paper.code, WIDTH - _MARGIN - _CODE, y - _CODE, _CODE)
    below = y - _code_height(paper)
    for left, right, height in fields:
        put(canvas, left, _MARGIN, y)
        put(canvas, right, _MARGIN + _field_width(paper), y)
        y -= height
    return min(y, below) - 2 * MM


def _fields(paper: Paper) -> list[tuple[Lines, Lines, float]]:
    """Return the fields, two in a row, and the height of each row; the reason last."""
    head, width = paper.head, _field_width(paper) - 4 * MM
    drawn = [
        _value(field, TEXT_CHARS_MAX, width)
        for field in (
            Field("单号", "Number", head.number),
            Field("站点", "Station", head.station),
            Field("时间", "Time", head.at),
            Field("制单", "Made by", head.by),
            *paper.fields,
        )
    ]
    pairs: list[tuple[Lines, Lines]] = list(
        zip_longest(drawn[::2], drawn[1::2], fillvalue=[])
    )
    reason = Field("事由 / 依据", "Reason / basis", head.reason)
    pairs.append((_value(reason, REASON_CHARS_MAX, 2 * width), []))
    return [
        (left, right, max(height_of(left), height_of(right)) + 1.5 * MM)
        for left, right in pairs
    ]


def _value(field: Field, most: int, width: float) -> Lines:
    """Return a field as lines: what it is, then its value."""
    name = f"{field.zh} {field.en}"
    return [(name, SMALL), *wrapped(field.value or "—", 10, width, most)]


def _field_width(paper: Paper) -> float:
    """Return the width of a field, beside the QR code if there is one."""
    return (WIDTH - 2 * _MARGIN - _code_height(paper)) / 2


def _code_height(paper: Paper) -> float:
    """Return the height, and the width, that the QR code takes."""
    return _CODE if paper.code else 0.0


def _row(
    columns: Sequence[PaperColumn], cells: Sequence[tuple[str, str]]
) -> list[Lines]:
    """Return the cells of a row as lines that fit their columns."""
    return [
        wrapped(text, TEXT, column.width * MM - 2 * _PAD)
        + wrapped(small, SMALL, column.width * MM - 2 * _PAD)
        for column, (text, small) in zip(columns, cells, strict=True)
    ]


def _row_height(row: Sequence[Lines]) -> float:
    """Return the height of a row of the table."""
    return max(_ROW_MIN, max(map(height_of, row)) + 2 * _PAD)


def _ruled(
    canvas: Canvas,
    columns: Sequence[PaperColumn],
    row: Sequence[Lines],
    y: float,
    *,
    shaded: bool = False,
) -> float:
    """Draw a row with its lines; return where the next one begins."""
    x, height = _MARGIN, _row_height(row)
    canvas.setStrokeColorRGB(*_RULE)
    canvas.setLineWidth(0.4)
    for column, cell in zip(columns, row, strict=True):
        width = column.width * MM
        if shaded:
            canvas.setFillColorRGB(*SHADE)
        canvas.rect(x, y - height, width, height, fill=int(shaded))
        canvas.setFillGray(0)
        put(canvas, cell, x + _PAD, y - _PAD, right=column.right and width - 2 * _PAD)
        x += width
    return y - height


def _signing(canvas: Canvas, signers: Sequence[Words], y: float) -> None:
    """Draw the lines to sign on (签字)."""
    width = (WIDTH - 2 * _MARGIN) / len(signers)
    canvas.setStrokeGray(0)
    for index, (zh, en) in enumerate(signers):
        x = _MARGIN + index * width
        put(canvas, [(zh, 10), (en, SMALL)], x, y)
        canvas.line(x, y - 18 * MM, x + width - 5 * MM, y - 18 * MM)
        put(canvas, [("签字 Signed / 日期 Date", SMALL)], x, y - 18.5 * MM)
