"""Papers of a station (单据): notes, count sheets, receipts and labels as PDF.

All texts come ready to print, times too; equal input gives equal bytes. No font is
stored: STSong-Light is one that viewers of PDF bring or replace by what they have.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, zip_longest
from typing import NamedTuple

import segno
from reportlab.lib import units
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from coordination.items.events import Packaging

LINES_MAX, LABELS_MAX = 6_000, 1_200
TEXT_CHARS_MAX, REASON_CHARS_MAX = 120, 600
"""Of one text, of the reason and the sums; what is longer ends with … on paper.

So a row with the signatures is always less than a page.
"""
ROOT_CHARS = 16
"""Of the log's root hash that are printed (根哈希)."""
ACROSS, DOWN = 3, 8
"""Labels on a sheet of A4, 70 x 37 mm each."""
LABEL_TEXT = "PZ1:"
"""What a label's QR code begins with; then ``<item>/<lot>``, or ``<item>``."""


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


class CountLine(NamedTuple):
    """A lot to count (盘点行): without any quantity, so that nobody can copy it."""

    item: str
    name: str
    en: str
    lot: str
    expires: str
    unit: str
    packagings: Sequence[Packaging] = ()
    place: str = ""


class PaperLine(NamedTuple):
    """A lot on a note (单据行): ``quantity`` base units, good until ``expires``."""

    item: str
    name: str
    en: str
    lot: str
    expires: str
    quantity: int
    unit: str
    packagings: Sequence[Packaging] = ()
    place: str = ""
    note: str = ""


class Label(NamedTuple):
    """A label (标签) for a lot, or for a shelf: then ``lot`` is empty."""

    item: str
    name: str
    lot: str = ""
    expires: str = ""
    station: str = ""
    place: str = ""


def packed(quantity: int, unit: str, packagings: Sequence[Packaging]) -> str:
    """Return a quantity in packagings (折合), the biggest first, exactly: 3箱 5个."""
    rest, parts = abs(quantity), []
    for packaging in sorted(packagings, key=lambda each: -each.factor):
        whole, rest = divmod(rest, packaging.factor)
        if whole:
            parts.append(f"{whole:,}{packaging.unit}")
    if rest or not parts:
        parts.append(f"{rest:,}{unit}")
    text = " ".join(parts)
    return f"-({text})" if quantity < 0 else text


# --- papers --------------------------------------------------------------------------


class _Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


class _Field(NamedTuple):
    """A named text above the table."""

    zh: str
    en: str
    value: str


class _Column(NamedTuple):
    """A column of the table, ``width`` in mm."""

    zh: str
    en: str
    width: int
    right: bool = False


class _Paper(NamedTuple):
    """One paper, whatever its kind. A cell is a text and a smaller one below it."""

    title: _Words
    head: Head
    fields: Sequence[_Field]
    columns: Sequence[_Column]
    rows: Sequence[Sequence[tuple[str, str]]]
    total: str
    signers: Sequence[_Words]
    code: str = ""


_HANDLED = _Words("经办", "Handled by")
_CHECKED = _Words("复核", "Checked by")
_PLACE = _Column("库位", "Place", 24)


def receipt_note(
    head: Head, lines: Sequence[PaperLine], *, source: str, document: str
) -> bytes:
    """Return the goods received note (入库单)."""
    return _draw(
        _Paper(
            _Words("入库单", "Goods received note"),
            head,
            (
                _Field("来源", "From", source),
                _Field("凭证", "Document", document),
            ),
            _moved(_PLACE),
            _moves(lines, placed=True),
            _total(lines),
            (_HANDLED, _CHECKED, _Words("送交", "Delivered by")),
        )
    )


def issue_note(
    head: Head, lines: Sequence[PaperLine], *, to: str, reservation: str = ""
) -> bytes:
    """Return the goods issued note (出库单)."""
    return _draw(
        _Paper(
            _Words("出库单", "Goods issued note"),
            head,
            (
                _Field("去向", "To", to),
                _Field("预留", "Reservation", reservation),
            ),
            _moved(_PLACE),
            _moves(lines, placed=True),
            _total(lines),
            (_HANDLED, _CHECKED, _Words("领用", "Received by")),
        )
    )


def transfer_note(
    head: Head, lines: Sequence[PaperLine], *, to: str, carrier: str, expected: str
) -> bytes:
    """Return the transfer note (调拨单), with a column for what arrives."""
    return _draw(
        _Paper(
            _Words("调拨单", "Transfer note"),
            head,
            (
                _Field("调入站点", "To station", to),
                _Field("承运", "Carrier", carrier),
                _Field("预计到达", "Expected", expected),
            ),
            _moved(_Column("实收数量", "Arrived", 24)),
            _moves(lines, placed=False),
            _total(lines),
            (
                _Words("发出", "Sent by"),
                _Words("承运", "Carried by"),
                _Words("接收", "Received by"),
                _CHECKED,
            ),
        )
    )


def donor_receipt(
    head: Head,
    lines: Sequence[PaperLine],
    *,
    donor: str,
    number: str,
    code: str,
    lookup: str = "",
) -> bytes:
    """Return the donor's receipt (捐赠收据).

    ``number`` and ``code`` answer where the goods are now; ``lookup``: the address
    that does so, printed as a QR code.
    """
    return _draw(
        _Paper(
            _Words("捐赠收据", "Donation receipt"),
            head,
            (
                _Field("捐赠方", "Donor", donor),
                _Field("收据编号", "Receipt number", number),
                _Field("查询码", "Code to follow it", code),
            ),
            _moved(_Column("备注", "Remarks", 24)),
            _moves(lines, placed=False),
            _total(lines),
            (_HANDLED, _CHECKED, _Words("捐赠方", "Donor")),
            lookup,
        )
    )


def count_sheet(head: Head, lines: Sequence[CountLine]) -> bytes:
    """Return the sheet of a blind count (盘点表): nothing says what the books say."""
    columns = (
        _Column("序号", "No.", 10),
        _Column("物资", "Item", 52),
        _Column("批次 / 有效期至", "Lot / good until", 31),
        _Column("库位", "Place", 22),
        _Column("单位", "Unit", 22),
        _Column("实盘数量", "Counted", 25),
        _Column("备注", "Remarks", 18),
    )
    rows = [
        (
            (str(number), ""),
            *_named(line),
            (line.place, ""),
            (line.unit, " ".join(f"{p.unit}={p.factor:,}" for p in line.packagings)),
            ("", ""),
            ("", ""),
        )
        for number, line in enumerate(lines, start=1)
    ]
    return _draw(
        _Paper(
            _Words("盘点表", "Count sheet"),
            head,
            (),
            columns,
            rows,
            f"共 {len(lines):,} 行 lines",
            (_Words("盘点", "Counted by"), _Words("监盘", "Witness"), _CHECKED),
        )
    )


def _moved(last: _Column) -> tuple[_Column, ...]:
    """Return the columns of goods that move."""
    return (
        _Column("序号", "No.", 10),
        _Column("物资", "Item", 56),
        _Column("批次 / 有效期至", "Lot / good until", 33),
        _Column("数量", "Quantity", 28, right=True),
        _Column("折合 / 说明", "In packs / note", 29),
        last,
    )


def _moves(
    lines: Sequence[PaperLine], *, placed: bool
) -> list[Sequence[tuple[str, str]]]:
    """Return the cells of goods that move."""
    return [
        (
            (str(number), ""),
            *_named(line),
            (f"{line.quantity:,} {line.unit}", ""),
            (packed(line.quantity, line.unit, line.packagings), line.note),
            (line.place if placed else "", ""),
        )
        for number, line in enumerate(lines, start=1)
    ]


def _named(line: PaperLine | CountLine) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the cells that say which item and which lot."""
    small = " · ".join(filter(None, (line.en, line.item)))
    return (line.name, small), (line.lot, line.expires)


def _total(lines: Sequence[PaperLine]) -> str:
    """Return the sums (合计): each unit by itself, boxes are not bottles."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.unit] = sums.get(line.unit, 0) + line.quantity
    parts = [f"{total:,} {unit}" for unit, total in sums.items()]
    return " · ".join([f"合计 Total: {len(lines):,} 行 lines", *parts])


# --- drawing -------------------------------------------------------------------------

_FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))

_MM = float(units.mm)
_WIDTH, _HEIGHT = (float(points) for points in A4)
_MARGIN = 15 * _MM
_BOTTOM = 16 * _MM
_PAD = 1.2 * _MM
_ROW_MIN = 8 * _MM  # room to write in by hand
_SIGNING = 26 * _MM
_TEXT, _SMALL = 9, 7
_LEADING = 1.25
_GREY, _PINK, _RED = (0.35, 0.35, 0.35), (0.98, 0.88, 0.88), (0.75, 0.0, 0.0)
_SHADE, _RULE = (0.93, 0.93, 0.93), (0.5, 0.5, 0.5)
_CODE = 30 * _MM
_DRILL = "演练 DRILL"
_DRILL_LINE = "演练单据，不得据此收发真实物资  Drill: no real goods move on this paper"

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

_Lines = list[tuple[str, float]]
"""Lines of text and their sizes in points."""


def _draw(paper: _Paper) -> bytes:
    """Return the paper as PDF."""
    assert len(paper.rows) <= LINES_MAX, "more lines than a paper has"
    head, out = paper.head, io.BytesIO()
    canvas = _canvas(out, f"{paper.title.zh} {head.number}")
    titles = _row(paper.columns, [(c.zh, c.en) for c in paper.columns])
    rows = [_row(paper.columns, cells) for cells in paper.rows]
    heights = [_row_height(row) for row in rows]
    fields = _fields(paper)
    sums = _wrapped(paper.total, 10, _WIDTH - 2 * _MARGIN, REASON_CHARS_MAX)
    top = _HEIGHT - _MARGIN - (6 * _MM if head.drill else 0)
    above = 16 * _MM + max(sum(height for *_, height in fields), _code_height(paper))
    room = top - _BOTTOM - _row_height(titles)
    parts = _parted(
        heights, room - above, room - 8 * _MM, _height(sums) + 4 * _MM + _SIGNING
    )
    for page, part in enumerate(parts, start=1):
        _frame(canvas, head, page, len(parts))
        if page == 1:
            y = _opening(canvas, paper, fields, top)
        else:
            again = (
                f"{paper.title.zh} {paper.title.en} · {head.number} · {head.station}"
            )
            line = _wrapped(again, _TEXT, _WIDTH - 2 * _MARGIN)[:1]
            y = _put(canvas, line, _MARGIN, top) - 2 * _MM
        if part.start < part.stop:
            y = _ruled(canvas, paper.columns, titles, y, shaded=True)
        for row in rows[part]:
            y = _ruled(canvas, paper.columns, row, y)
        if page == len(parts):
            y = _put(canvas, sums, _MARGIN, y - 2 * _MM)
            _signing(canvas, paper.signers, y - 2 * _MM)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _canvas(out: io.BytesIO, title: str) -> Canvas:
    """Return an empty document; ``invariant``: without clock and chance."""
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle(_clean(title))
    canvas.setAuthor("平战 Pingzhan")
    return canvas


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
        _watermark(canvas, _WIDTH / 2, _HEIGHT / 2, 96, 50)
        canvas.setFillColorRGB(*_RED)
        canvas.setFont(_FONT, 10)
        canvas.drawCentredString(_WIDTH / 2, _HEIGHT - _MARGIN, _DRILL_LINE)
    canvas.setFillColorRGB(*_GREY)
    canvas.setFont(_FONT, _SMALL)
    y = _BOTTOM - 6 * _MM
    log = f"日志位置 Log position {head.seq} · 根哈希 Root {head.root[:ROOT_CHARS]}"
    canvas.drawString(_MARGIN, y, _clean(log))
    number = f"第 {page} / {pages} 页  Page {page} of {pages}"
    canvas.drawRightString(_WIDTH - _MARGIN, y, number)
    canvas.setFillGray(0)


def _watermark(canvas: Canvas, x: float, y: float, size: float, angle: float) -> None:
    """Write 演练 across, pale."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(angle)
    canvas.setFillColorRGB(*_PINK)
    canvas.setFont(_FONT, size)
    canvas.drawCentredString(0, -size / 3, _DRILL)
    canvas.restoreState()


def _opening(
    canvas: Canvas,
    paper: _Paper,
    fields: Sequence[tuple[_Lines, _Lines, float]],
    top: float,
) -> float:
    """Draw title and fields, two beside one another; return where the table begins."""
    canvas.setFont(_FONT, 20)
    canvas.drawCentredString(_WIDTH / 2, top - 6 * _MM, paper.title.zh)
    canvas.setFont(_FONT, 10)
    canvas.drawCentredString(_WIDTH / 2, top - 11 * _MM, paper.title.en)
    y = top - 14 * _MM
    if paper.code:
        _qr(canvas, paper.code, _WIDTH - _MARGIN - _CODE, y - _CODE, _CODE)
    below = y - _code_height(paper)
    for left, right, height in fields:
        _put(canvas, left, _MARGIN, y)
        _put(canvas, right, _MARGIN + _field_width(paper), y)
        y -= height
    return min(y, below) - 2 * _MM


def _fields(paper: _Paper) -> list[tuple[_Lines, _Lines, float]]:
    """Return the fields, two in a row, and the height of each row; the reason last."""
    head, width = paper.head, _field_width(paper) - 4 * _MM
    drawn = [
        _value(field, TEXT_CHARS_MAX, width)
        for field in (
            _Field("单号", "Number", head.number),
            _Field("站点", "Station", head.station),
            _Field("时间", "Time", head.at),
            _Field("制单", "Made by", head.by),
            *paper.fields,
        )
    ]
    pairs: list[tuple[_Lines, _Lines]] = list(
        zip_longest(drawn[::2], drawn[1::2], fillvalue=[])
    )
    reason = _Field("事由 / 依据", "Reason / basis", head.reason)
    pairs.append((_value(reason, REASON_CHARS_MAX, 2 * width), []))
    return [
        (left, right, max(_height(left), _height(right)) + 1.5 * _MM)
        for left, right in pairs
    ]


def _value(field: _Field, most: int, width: float) -> _Lines:
    """Return a field as lines: what it is, then its value."""
    name = f"{field.zh} {field.en}"
    return [(name, _SMALL), *_wrapped(field.value or "—", 10, width, most)]


def _field_width(paper: _Paper) -> float:
    """Return the width of a field, beside the QR code if there is one."""
    return (_WIDTH - 2 * _MARGIN - _code_height(paper)) / 2


def _code_height(paper: _Paper) -> float:
    """Return the height, and the width, that the QR code takes."""
    return _CODE if paper.code else 0.0


def _row(columns: Sequence[_Column], cells: Sequence[tuple[str, str]]) -> list[_Lines]:
    """Return the cells of a row as lines that fit their columns."""
    return [
        _wrapped(text, _TEXT, column.width * _MM - 2 * _PAD)
        + _wrapped(small, _SMALL, column.width * _MM - 2 * _PAD)
        for column, (text, small) in zip(columns, cells, strict=True)
    ]


def _row_height(row: Sequence[_Lines]) -> float:
    """Return the height of a row of the table."""
    return max(_ROW_MIN, max(map(_height, row)) + 2 * _PAD)


def _ruled(
    canvas: Canvas,
    columns: Sequence[_Column],
    row: Sequence[_Lines],
    y: float,
    *,
    shaded: bool = False,
) -> float:
    """Draw a row with its lines; return where the next one begins."""
    x, height = _MARGIN, _row_height(row)
    canvas.setStrokeColorRGB(*_RULE)
    canvas.setLineWidth(0.4)
    for column, cell in zip(columns, row, strict=True):
        width = column.width * _MM
        if shaded:
            canvas.setFillColorRGB(*_SHADE)
        canvas.rect(x, y - height, width, height, fill=int(shaded))
        canvas.setFillGray(0)
        _put(canvas, cell, x + _PAD, y - _PAD, right=column.right and width - 2 * _PAD)
        x += width
    return y - height


def _signing(canvas: Canvas, signers: Sequence[_Words], y: float) -> None:
    """Draw the lines to sign on (签字)."""
    width = (_WIDTH - 2 * _MARGIN) / len(signers)
    canvas.setStrokeGray(0)
    for index, (zh, en) in enumerate(signers):
        x = _MARGIN + index * width
        _put(canvas, [(zh, 10), (en, _SMALL)], x, y)
        canvas.line(x, y - 18 * _MM, x + width - 5 * _MM, y - 18 * _MM)
        _put(canvas, [("签字 Signed / 日期 Date", _SMALL)], x, y - 18.5 * _MM)


def _put(
    canvas: Canvas, lines: _Lines, x: float, y: float, *, right: float = 0
) -> float:
    """Write lines from ``y`` down, up to ``x + right`` if given; return the end."""
    for text, size in lines:
        canvas.setFont(_FONT, size)
        if right:
            canvas.drawRightString(x + right, y - size, text)
        else:
            canvas.drawString(x, y - size, text)
        y -= size * _LEADING
    return y


# --- text ----------------------------------------------------------------------------


def _clean(text: str, most: int = TEXT_CHARS_MAX) -> str:
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
    return float(pdfmetrics.stringWidth(token, _FONT, 1))


def _wrapped(
    text: str, size: float, width: float, most: int = TEXT_CHARS_MAX
) -> _Lines:
    """Return a text in lines of at most ``width``, none for an empty one.

    reportlab's own wrapping breaks either Latin words or Chinese sentences well, never
    both, and its tables take several times as long.
    """
    lines, line, left = [], "", width
    for word in _TOKEN.findall(_clean(text, most)):
        long = _wide(word.rstrip()) * size > width
        for token in word if long else (word,):
            if _wide(token.rstrip()) * size > left and line:
                lines.append(line)
                line, left = "", width
            line += token
            left -= _wide(token) * size
    return [(each.strip(), size) for each in [*lines, line] if each.strip()]


def _height(lines: _Lines) -> float:
    """Return the height of lines."""
    return sum(size for _, size in lines) * _LEADING


# --- labels --------------------------------------------------------------------------

_CELL = _WIDTH / ACROSS, _HEIGHT / DOWN
_LABEL_CODE = 29 * _MM
_EDGE = 4 * _MM  # printers leave an edge, and sheets shift


def labels(sheet: Sequence[Label], *, drill: bool = False) -> bytes:
    """Return sheets of labels (标签), as many copies as ``sheet`` has."""
    assert len(sheet) <= LABELS_MAX, "more labels than are printed at once"
    out = io.BytesIO()
    canvas = _canvas(out, "标签 Labels")
    for index, label in enumerate(sheet):
        place = index % (ACROSS * DOWN)
        if index and not place:
            canvas.showPage()
        row, column = divmod(place, ACROSS)
        _label(canvas, label, column * _CELL[0], _HEIGHT - row * _CELL[1], drill=drill)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _label(canvas: Canvas, label: Label, x: float, y: float, *, drill: bool) -> None:
    """Draw one label, its upper left corner at (x, y), with lines to cut along."""
    width, height = _CELL
    canvas.setStrokeColorRGB(*_SHADE)
    canvas.rect(x, y - height, width, height)
    text = f"{LABEL_TEXT}{label.item}"
    if label.lot:
        text += f"/{label.lot}"
    form = text.encode().hex()
    if not canvas.hasForm(form):  # copies share one drawing
        canvas.beginForm(form)
        _qr(canvas, text, 0, 0, _LABEL_CODE)
        canvas.endForm()
    canvas.saveState()
    canvas.translate(x + 1.5 * _MM, y - (height + _LABEL_CODE) / 2)
    canvas.doForm(form)
    canvas.restoreState()
    room = width - _LABEL_CODE - 2 * _MM - _EDGE
    above = [(_DRILL, 10.0)] if drill else []
    space = height - 2 * _EDGE - _height(above)
    lines: _Lines = []
    # What matters least comes last: where there is no room it is left out.
    for fact, size in (
        (label.name, 10),
        (f"有效期至 Exp {label.expires}" if label.expires else "", 8),
        (f"批次 Lot {label.lot}" if label.lot else "", _SMALL),
        (label.item, _SMALL),
        (f"库位 Place {label.place}" if label.place else "", _SMALL),
        (label.station, _SMALL),
    ):
        more = _cut(_wrapped(fact, size, room))
        if _height(lines) + _height(more) <= space:
            lines += more
    x, y = x + _LABEL_CODE + 2 * _MM, y - _EDGE
    canvas.setFillColorRGB(*_RED)
    y = _put(canvas, above, x, y)
    canvas.setFillGray(0)
    _put(canvas, lines, x, y - (space - _height(lines)) / 2)


def _cut(lines: _Lines) -> _Lines:
    """Return two lines at most, the second one with … if there were more."""
    if len(lines) <= 2:  # noqa: PLR2004 - two, as it says
        return lines
    text, size = lines[1]
    return [lines[0], (text[:-1] + "…", size)]


def _qr(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """Draw a QR code, its lower left corner at (x, y), with its quiet edge."""
    modules = segno.make(text, error="m", micro=False).matrix
    step = size / (len(modules) + 8)
    canvas.setFillGray(1)
    canvas.rect(x, y, size, size, stroke=0, fill=1)
    path = canvas.beginPath()
    for down, row in enumerate(modules, start=5):
        across = 4
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                bottom = y + size - down * step
                path.rect(x + across * step, bottom, length * step, step)
            across += length
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
