"""Labels (标签) to stick on things, with codes to scan."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from api.exchange.papers.canvas import (
    DRILL,
    HEIGHT,
    RED,
    SHADE,
    WIDTH,
    new_canvas,
    put,
    qr,
)
from api.exchange.papers.lettering import MM, SMALL, Lines, height_of, wrapped

LABELS_MAX = 1_200
ACROSS, DOWN = 3, 8
"""Labels on a sheet of A4, 70 x 37 mm each."""
LABEL_TEXT = "PZ1:"
"""What a label's QR code begins with; then ``<item>/<lot>``, or ``<item>``."""
_CELL = WIDTH / ACROSS, HEIGHT / DOWN
_LABEL_CODE = 29 * MM
_EDGE = 4 * MM  # printers leave an edge, and sheets shift


class Label(NamedTuple):
    """A label (标签) for a lot, or for a shelf: then ``lot`` is empty."""

    item: str
    name: str
    lot: str = ""
    expires: str = ""
    station: str = ""
    place: str = ""


def labels(sheet: Sequence[Label], *, drill: bool = False) -> bytes:
    """Return sheets of labels (标签), as many copies as ``sheet`` has."""
    assert len(sheet) <= LABELS_MAX, "more labels than are printed at once"
    out = io.BytesIO()
    canvas = new_canvas(out, "标签 Labels")
    for index, label in enumerate(sheet):
        place = index % (ACROSS * DOWN)
        if index and not place:
            canvas.showPage()
        row, column = divmod(place, ACROSS)
        _label(canvas, label, column * _CELL[0], HEIGHT - row * _CELL[1], drill=drill)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _label(canvas: Canvas, label: Label, x: float, y: float, *, drill: bool) -> None:
    """Draw one label, its upper left corner at (x, y), with lines to cut along."""
    width, height = _CELL
    canvas.setStrokeColorRGB(*SHADE)
    canvas.rect(x, y - height, width, height)
    text = f"{LABEL_TEXT}{label.item}"
    if label.lot:
        text += f"/{label.lot}"
    form = text.encode().hex()
    if not canvas.hasForm(form):  # copies share one drawing
        canvas.beginForm(form)
        qr(canvas, text, 0, 0, _LABEL_CODE)
        canvas.endForm()
    canvas.saveState()
    canvas.translate(x + 1.5 * MM, y - (height + _LABEL_CODE) / 2)
    canvas.doForm(form)
    canvas.restoreState()
    room = width - _LABEL_CODE - 2 * MM - _EDGE
    above = [(DRILL, 10.0)] if drill else []
    space = height - 2 * _EDGE - height_of(above)
    lines: Lines = []
    # What matters least comes last: where there is no room it is left out.
    for fact, size in (
        (label.name, 10),
        (f"有效期至 Exp {label.expires}" if label.expires else "", 8),
        (f"批次 Lot {label.lot}" if label.lot else "", SMALL),
        (label.item, SMALL),
        (f"库位 Place {label.place}" if label.place else "", SMALL),
        (label.station, SMALL),
    ):
        more = _cut(wrapped(fact, size, room))
        if height_of(lines) + height_of(more) <= space:
            lines += more
    x, y = x + _LABEL_CODE + 2 * MM, y - _EDGE
    canvas.setFillColorRGB(*RED)
    y = put(canvas, above, x, y)
    canvas.setFillGray(0)
    put(canvas, lines, x, y - (space - height_of(lines)) / 2)


def _cut(lines: Lines) -> Lines:
    """Return two lines at most, the second one with … if there were more."""
    if len(lines) <= 2:  # noqa: PLR2004 - two, as it says
        return lines
    text, size = lines[1]
    return [lines[0], (text[:-1] + "…", size)]
