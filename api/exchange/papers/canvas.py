"""The canvas (画布) of papers and labels: sheets, lines of text, codes, 演练."""

from __future__ import annotations

import io
from itertools import groupby

import segno
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from api.exchange.papers.lettering import FONT, LEADING, Lines, clean

WIDTH, HEIGHT = (float(points) for points in A4)
RED, SHADE = (0.75, 0.0, 0.0), (0.93, 0.93, 0.93)
_PINK = (0.98, 0.88, 0.88)
DRILL = "演练 DRILL"


def new_canvas(out: io.BytesIO, title: str) -> Canvas:
    """Return an empty document; ``invariant``: without clock and chance."""
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1, lang="zh-CN")
    canvas.setTitle(clean(title))
    canvas.setAuthor("平战 Pingzhan")
    return canvas


def watermark(canvas: Canvas) -> None:
    """Write 演练 across the page, pale."""
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(50)
    canvas.setFillColorRGB(*_PINK)
    canvas.setFont(FONT, 96)
    canvas.drawCentredString(0, -32, DRILL)
    canvas.restoreState()


def put(canvas: Canvas, lines: Lines, x: float, y: float, *, right: float = 0) -> float:
    """Write lines from ``y`` down, up to ``x + right`` if given; return the end."""
    for text, size in lines:
        canvas.setFont(FONT, size)
        if right:
            canvas.drawRightString(x + right, y - size, text)
        else:
            canvas.drawString(x, y - size, text)
        y -= size * LEADING
    return y


def qr(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
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
