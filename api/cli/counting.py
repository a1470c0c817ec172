"""Counts (盘点) on the command line: the sheet, what was counted, what it settles."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.files import told_by_row
from api.cli.shared import command
from api.cli.way import Way, decides, looks
from coordination.fields import lot_id
from coordination.vocabulary import COUNT_RESULTS

if TYPE_CHECKING:
    from api.exchange.stock_files import Line

COUNTED = re.compile(r"([a-z][a-z0-9-]{1,39})/([^=/]{1,60})=\s*([0-9]{1,10})")
LINES_MAX = 200
"""Of one decision; a longer file is several, the later ones under ids of their own."""

Count = Annotated[str, typer.Argument(help="盘点单号, such as c-0123456789")]


@command("stock count sheet", looks)
def count_sheet(
    way: Way,
    count: Count,
    file: Annotated[
        Path | None, typer.Option(help="written as .csv or .xlsx to fill in")
    ] = None,
) -> None:
    """盘点表: what is to be counted; what the books say does not stand on it."""
    found = way.ask(f"counts/{count}")
    if file is not None:
        file.write_bytes(_sheet(file.suffix, found["lines"]))
    told = [f"{count} 已清 {found['done']}/{len(found['lines'])}"]
    told += [
        f"{x['item']}/{x['lot']:<14} {x['name']} {x['place']} {x['result_zh']}"
        + ("" if x["counted"] is None else f" 盘得 {x['counted']}{x['unit']}")
        + ("" if x["book"] is None else f" 账面 {x['book']}")
        for x in found["lines"]
    ]
    way.table(found, told)


def _sheet(suffix: str, lines: list[dict[str, Any]]) -> bytes:
    """Return the sheet to fill in: its keys survive a spreadsheet."""
    from api.exchange.stock_files import COUNTED, sheet_rows  # noqa: PLC0415 - quicker
    from api.exchange.tables import to_csv, to_xlsx  # noqa: PLC0415 - so too

    rows = sheet_rows(lines)
    if suffix.lower() == ".xlsx":
        return to_xlsx(COUNTED.columns, rows, "zh", "盘点表", "Asia/Shanghai")
    # By their keys: other programs fill it in too.
    named = [column._replace(zh=column.key) for column in COUNTED.columns]
    return to_csv(named, rows, "zh")


@command("stock count lines", decides)
def count_lines(
    way: Way,
    count: Count,
    counted: Annotated[
        list[str] | None,
        typer.Argument(help="ITEM/LOT=NUMBER …, counted just now"),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="the sheet, filled in")] = None,
) -> None:
    """盘点登记: a file remembers what moved since; blank cells are not counted."""
    lines = _from_file(way, count, file) if file is not None else []
    lines += _just_now(way, count, counted or [])
    if not lines:
        raise typer.BadParameter("请写明 ITEM/LOT=数量，或用 --file")
    found: dict[str, Any] = {}
    for first in range(0, len(lines), LINES_MAX):
        some = lines[first : first + LINES_MAX]
        body = {"lines": [line.said for line in some]}
        later = f"{way.command_id}-{first}" if first and way.command_id else ""
        with told_by_row(some):
            done = way.send(f"counts/{count}/lines", body, later)
        found = {**done, "lines": [*found.get("lines", []), *done["lines"]]}
    told = [
        f"{x['item']}/{x['lot']} {COUNT_RESULTS[x['result']][0]}"
        for x in found["lines"]
    ]
    way.show(found, *told)


def _from_file(way: Way, count: str, file: Path) -> list[Line]:
    """Return the lines of a sheet that were filled in.

    :raises StockRefused: naming each row and column that is wrong
    """
    from api.exchange.stock_files import read_counted  # noqa: PLC0415 - quicker
    from coordination.stock.lines import StockRefused  # noqa: PLC0415 - so too

    data = file.read_bytes()
    lines, faults = read_counted(data, way.ask(f"counts/{count}")["lines"])
    StockRefused.unless_good(faults)
    return lines


def _just_now(way: Way, count: str, said: list[str]) -> list[Line]:
    """Return lines that were counted just now: what moves from now on shows.

    A lot is that of the sheet, whatever the case, the width and the spaces.
    """
    if not said:
        return []
    from api.exchange.stock_files import Line  # noqa: PLC0415 - starts quicker

    sheet = way.ask(f"counts/{count}")["lines"]
    rows = {(row["item"], lot_id(row["lot"])): row for row in sheet}
    lines = []
    for number, text in enumerate(said, start=1):
        found = COUNTED.fullmatch(unicodedata.normalize("NFKC", text).strip())
        row = rows.get((found[1], lot_id(found[2]))) if found else None
        if found is None or row is None:
            raise typer.BadParameter(f"“{text}” 不在盘点表上，应如 torch/T1=18")
        known = {name: row[name] for name in ("item", "lot", "moves")}
        lines.append(Line(number, {**known, "counted": int(found[3])}))
    return lines
