"""Files (文件) on the command line: catalogue, roster, residents, levels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from api.cli.shared import command
from api.cli.way import Way, decides, looks
from coordination.refusals import Refusal

if TYPE_CHECKING:
    from api.exchange.stock_files import Line

CODES = (2, 4, 6, 9, 12)
"""How many digits of an area code say province, city, district, street, community."""


def number(text: str, where: str) -> int:
    """Return a whole number from 0 up."""
    if not re.fullmatch("[0-9]{1,10}", text.strip()):
        raise typer.BadParameter(f"{where}: “{text}” 须为不小于 0 的整数")
    return int(text)


# --- the catalogue -------------------------------------------------------------------


@command("catalogue import", decides)
def catalogue_import(
    way: Way,
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing")] = False,
) -> None:
    """导入目录: all of a catalogue or nothing; faults by row and column."""
    found = way.send_file("items/import", file, dry_run=dry_run)
    done = "试导入，未保存" if dry_run else "已导入"
    counts = f"{found['rows']} 种：新增 {found['new']}，变更 {found['changed']}"
    way.show(found, f"{done} {counts}，不变 {found['unchanged']}", *_emptied(found))


def _emptied(found: dict[str, Any]) -> Iterator[str]:
    """Yield what an import empties, a line for each column."""
    for one in found["cleared"]:
        rows = "、".join(map(str, one["rows"]))
        more = " 等" if one["count"] > len(one["rows"]) else ""
        yield f"清空“{one['zh']}” {one['count']} 处：第 {rows} 行{more}"


@command("catalogue export", looks)
def catalogue_export(
    way: Way,
    file: Annotated[Path, typer.Argument(help="written as .csv or .xlsx")],
) -> None:
    """导出目录: as it is imported."""
    from api.exchange.items import COLUMNS, to_rows  # noqa: PLC0415 - starts quicker
    from api.exchange.tables import to_csv, to_xlsx  # noqa: PLC0415 - so too

    if file.suffix not in {".csv", ".xlsx"}:
        raise typer.BadParameter("文件名须以 .csv 或 .xlsx 结尾")
    rows = to_rows(_listed(way))
    if file.suffix == ".csv":
        file.write_bytes(to_csv(COLUMNS, rows, "zh"))
    else:
        made = to_xlsx(COLUMNS, rows, "zh", "物资储备目录", "Asia/Shanghai")
        file.write_bytes(made)
    way.show({"file": str(file), "items": len(rows)})


def _listed(way: Way) -> list[Any]:
    """Return every item in the catalogue, as it was listed."""
    from coordination.items.events import Item  # noqa: PLC0415 - starts quicker

    found, page, pages = list[Any](), 1, 1
    while page <= pages:
        asked: dict[str, str | int] = {"f.state": "LISTED", "page": page}
        answer = way.rows("items", **asked)
        names = Item.__struct_fields__
        for row in answer["rows"]:
            found.append(msgspec.convert({k: row[k] for k in names}, Item))
        page, pages = page + 1, answer["pages"]
    return found


@command("catalogue ready")
def catalogue_ready(file: Annotated[Path, typer.Argument()]) -> None:
    """现成目录: write the catalogue that comes with the service, to be changed."""
    from api.exchange.items import ready  # noqa: PLC0415 - starts quicker without

    file.write_bytes(ready())
    typer.echo(f"已写入 {file}")


# --- residents -----------------------------------------------------------------------


@command("world population", decides)
def population(
    way: Way,
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx: area,residents")],
    area: Annotated[str, typer.Option(help="area they lie in, else found")] = "",
) -> None:
    """常住人口: how many live in each community; needs per head rest on it."""
    from api.exchange.stock_files import read_residents  # noqa: PLC0415 - so too
    from coordination.areas.population import PopulationRefused  # noqa: PLC0415

    lines, faults = read_residents(file.read_bytes())
    PopulationRefused.unless_good(faults)
    rows = [line.said for line in lines]
    around = area or _around([row["area"] for row in rows])
    with told_by_row(lines):
        found = way.send("areas/population", {"area": around, "rows": rows})
    way.show(found, f"已登记 {found['rows']} 个居村的常住人口")


@contextmanager
def told_by_row(lines: Sequence[Line]) -> Iterator[None]:
    """Name the row of the file in what the service says of the row that was sent."""
    try:
        yield
    except Refusal as refusal:
        refusal.facts["rows"] = [
            msgspec.structs.replace(fault, row=lines[fault.row - 1].row)
            if 0 < fault.row <= len(lines)
            else fault
            for fault in refusal.facts.get("rows", ())
        ]
        raise


def _around(codes: list[str]) -> str:
    """Return the code of the smallest area that all of these lie in."""
    first, last = min(codes), max(codes)
    same = [n for n in CODES if first[:n] == last[:n]]
    return first[: same[-1]].ljust(12, "0") if same else first


# --- people -------------------------------------------------------------------------


@command("people import", decides)
def people_import(
    way: Way,
    file: Annotated[Path, typer.Argument(help="roster, CSV or .xlsx")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing")] = False,
    area: Annotated[str, typer.Option(help="area code, else the whole world")] = "",
) -> None:
    """导入花名册: all of a roster or nothing; faults by row and column."""
    found = way.send_file("people/import", file, dry_run=dry_run, area=area)
    told = [
        f"{unit['name']:<24} {unit['listed']:>6} / {unit['headcount'] or '—'}"
        for unit in found["completeness"]
    ]
    same = [
        f"第 {one['row']} 行 {one['name']}（{one['number']}）与已登记的编号 "
        f"{one['known_number'] or '（临时登记）'} 姓名、手机相同，请核对是否同一人"
        for one in found["already"]
    ]
    way.show(found, *told, *_emptied(found), *same)


# --- levels -------------------------------------------------------------------------


@command("stock levels", decides)
def stock_levels(
    way: Way,
    station: Annotated[str, typer.Argument(help="id, such as 310117001001-s1")],
    levels: Annotated[
        list[str] | None,
        typer.Argument(help="ITEM=MINIMUM/REORDER/TARGET[,in war the same] …"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV or .xlsx: item,peace,war with such triples")
    ] = None,
) -> None:
    """库存定额: what a station is to hold, in peacetime and in an emergency."""
    from api.exchange.stock_files import Line, read_levels  # noqa: PLC0415 - quicker
    from coordination.stock.lines import StockRefused  # noqa: PLC0415 - so too

    said = [_level(*text.partition("=")[::2]) for text in levels or []]
    lines = [Line(number, row) for number, row in enumerate(said, start=1)]
    if file is not None:
        read, faults = read_levels(file.read_bytes())
        StockRefused.unless_good(faults)
        lines += read
    rows = [line.said for line in lines]
    with told_by_row(lines):
        found = way.send(f"stations/{station}/levels", {"rows": rows})
    way.show(found, f"已设定 {station} 的 {len(rows)} 种定额")


def _level(item: str, said: str) -> dict[str, Any]:
    """Read ``100/200/400,200/300/600``; without a second part it is the same."""
    peace, _, war = said.partition(",")
    found = [
        [number(n, item) for n in triple.split("/")] for triple in (peace, war or peace)
    ]
    return {"item": item, "peace": found[0], "war": found[1]}
