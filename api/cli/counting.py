"""Counts (盘点) on the command line: the sheet, what was counted, what it settles."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.files import number, read_table
from api.cli.shared import command
from api.cli.way import Way, decides, looks
from coordination.vocabulary import COUNT_RESULTS

COUNTED = re.compile(r"([a-z][a-z0-9-]{1,39})/([A-Za-z0-9-]{1,30})=([0-9]{1,10})")
SHEET = ("item", "name", "lot", "expires", "place", "unit", "moves", "counted")
LINES_MAX = 200
"""Of one decision; a longer file is several, the later ones under ids of their own."""

Count = Annotated[str, typer.Argument(help="盘点单号, such as c-0123456789")]


@command("stock count sheet")
@looks
def count_sheet(
    way: Way,
    count: Count,
    file: Annotated[Path | None, typer.Option(help="written as CSV to fill in")] = None,
) -> None:
    """盘点表: what is to be counted; what the books say does not stand on it."""
    found = way.ask(f"counts/{count}")
    if file is not None:
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            table = csv.DictWriter(opened, SHEET, extrasaction="ignore")
            table.writeheader()
            for row in found["lines"]:
                if not row["done"]:
                    table.writerow({**row, "counted": ""})
    told = [f"{count} 已清 {found['done']}/{len(found['lines'])}"]
    told += [
        f"{x['item']}/{x['lot']:<14} {x['name']} {x['place']} {x['result_zh']}"
        + ("" if x["counted"] is None else f" 盘得 {x['counted']}{x['unit']}")
        + ("" if x["book"] is None else f" 账面 {x['book']}")
        for x in found["lines"]
    ]
    way.table(found, told)


@command("stock count lines")
@decides
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
    lines = _from_file(file) if file is not None else []
    lines += _just_now(way, count, counted or [])
    if not lines:
        raise typer.BadParameter("请写明 ITEM/LOT=数量，或用 --file")
    found: dict[str, Any] = {}
    for first in range(0, len(lines), LINES_MAX):
        body = {"lines": lines[first : first + LINES_MAX]}
        later = f"{way.command_id}-{first}" if first and way.command_id else ""
        done = way.send(f"counts/{count}/lines", body, later)
        found = {**done, "lines": [*found.get("lines", []), *done["lines"]]}
    told = [
        f"{x['item']}/{x['lot']} {COUNT_RESULTS[x['result']][0]}"
        for x in found["lines"]
    ]
    way.show(found, *told)


def _from_file(file: Path) -> list[dict[str, Any]]:
    """Return the lines of a sheet that were filled in."""
    return [
        {
            "item": row["item"],
            "lot": row["lot"],
            "counted": number(row["counted"], f"{row['item']}/{row['lot']}"),
            "moves": number(row["moves"], "moves"),
        }
        for row in read_table(file, "item", "lot", "counted", "moves")
        if row["counted"].strip()
    ]


def _just_now(way: Way, count: str, said: list[str]) -> list[dict[str, Any]]:
    """Return lines that were counted just now: what moves from now on shows."""
    if not said:
        return []
    sheet = way.ask(f"counts/{count}")["lines"]
    moves = {(row["item"], row["lot"]): row["moves"] for row in sheet}
    lines = []
    for text in said:
        found = COUNTED.fullmatch(text)
        if found is None or (found[1], found[2]) not in moves:
            raise typer.BadParameter(f"“{text}” 不在盘点表上，应如 torch/T1=18")
        key = found[1], found[2]
        lines.append(
            {
                "item": key[0],
                "lot": key[1],
                "counted": int(found[3]),
                "moves": moves[key],
            }
        )
    return lines
