"""Files (文件) on the command line: catalogue, roster, residents, levels."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.shared import command
from api.cli.way import Way, decides, looks

CODES = (2, 4, 6, 9, 12)
"""How many digits of an area code say province, city, district, street, community."""


def read_table(file: Path, *columns: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file that has these columns."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise typer.BadParameter(f"{file}: {error}") from None
    if missing := [c for c in columns if not rows or c not in rows[0]]:
        raise typer.BadParameter(f"{file}: 没有数据或缺少列 {', '.join(missing)}")
    return rows


def number(text: str, where: str) -> int:
    """Return a whole number from 0 up."""
    if not re.fullmatch("[0-9]{1,10}", text.strip()):
        raise typer.BadParameter(f"{where}: “{text}” 须为不小于 0 的整数")
    return int(text)


# --- the catalogue -------------------------------------------------------------------


@command("catalogue import")
@decides
def catalogue_import(
    way: Way,
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing")] = False,
) -> None:
    """导入目录: all of a catalogue or nothing; faults by row and column."""
    found = way.send_file("items/import", file, dry_run=dry_run)
    done = "试导入，未保存" if dry_run else "已导入"
    counts = f"{found['rows']} 种：新增 {found['new']}，变更 {found['changed']}"
    way.show(found, f"{done} {counts}，不变 {found['unchanged']}")


@command("catalogue export")
@looks
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
    import msgspec  # noqa: PLC0415 - starts quicker without

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


@command("world population")
@decides
def population(
    way: Way,
    file: Annotated[Path, typer.Argument(help="CSV: area,residents")],
    area: Annotated[str, typer.Option(help="area they lie in, else found")] = "",
) -> None:
    """常住人口: how many live in each community; needs per head rest on it."""
    rows: list[dict[str, Any]] = [
        {
            "area": row["area"].strip(),
            "residents": number(row["residents"], row["area"]),
        }
        for row in read_table(file, "area", "residents")
    ]
    around = area or _around([row["area"] for row in rows])
    found = way.send("areas/population", {"area": around, "rows": rows})
    way.show(found, f"已登记 {found['rows']} 个居村的常住人口")


def _around(codes: list[str]) -> str:
    """Return the code of the smallest area that all of these lie in."""
    first, last = min(codes), max(codes)
    same = [n for n in CODES if first[:n] == last[:n]]
    return first[: same[-1]].ljust(12, "0") if same else first


# --- people -------------------------------------------------------------------------


@command("people import")
@decides
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
    way.show(found, *told)


# --- levels -------------------------------------------------------------------------


@command("stock levels")
@decides
def stock_levels(
    way: Way,
    station: Annotated[str, typer.Argument(help="id, such as 310117001001-s1")],
    levels: Annotated[
        list[str] | None,
        typer.Argument(help="ITEM=MINIMUM/REORDER/TARGET[,in war the same] …"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV: item,peace,war with such triples")
    ] = None,
) -> None:
    """库存定额: what a station is to hold, in peacetime and in an emergency."""
    rows = [_level(*text.partition("=")[::2]) for text in levels or []]
    if file is not None:
        table = read_table(file, "item", "peace", "war")
        rows += [_level(x["item"], f"{x['peace']},{x['war']}") for x in table]
    found = way.send(f"stations/{station}/levels", {"rows": rows})
    way.show(found, f"已设定 {station} 的 {len(rows)} 种定额")


def _level(item: str, said: str) -> dict[str, Any]:
    """Read ``100/200/400,200/300/600``; without a second part it is the same."""
    peace, _, war = said.partition(",")
    found = [
        [number(n, item) for n in triple.split("/")] for triple in (peace, war or peace)
    ]
    return {"item": item, "peace": found[0], "war": found[1]}
