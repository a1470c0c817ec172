"""Area files (区域文件) on the command line: a district's, or all of the country's."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from api.cli.shared import command
from api.cli.way import Way, decides
from coordination.refusals import Refusal

if TYPE_CHECKING:
    from coordination.areas.decide import AreaRow

PATH = "areas/import"
KINDS = ("registered", "renamed")


@command("world import", decides)
def world_import(
    way: Way,
    areas: Annotated[Path, typer.Option(help="area file: code,name,level,parent_code")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing")] = False,
) -> None:
    """导入区域: add an area file to a world, all of it or nothing.

    A file of more than 10,000 rows, up to the whole country, goes in parts, after all
    of them were tried: what one part says stands, whatever becomes of the next.
    """
    from api.exchange.areas import is_large  # noqa: PLC0415 - starts quicker without

    way = way._replace(basis=way.basis or "area file")
    data = areas.read_bytes()
    if is_large(data):
        way.whole(_in_parts(way, data, dry_run=dry_run))
        return
    found = way.send_file(PATH, data, dry_run=True, shown=dry_run)
    if not dry_run and found["registered"] + found["renamed"]:
        found = way.send_file(PATH, data)
    receipt = found.pop("receipt") or {}
    way.whole({**found, "dry_run": dry_run, **receipt})


def _in_parts(way: Way, data: bytes, *, dry_run: bool) -> dict[str, Any]:
    """Import a large file; return what became of it.

    :raises Refusal: naming the rows of the file; the parts before have been imported
    """
    from api.exchange.areas import parts_of, read_areas  # noqa: PLC0415 - as above
    from coordination.areas.decide import ImportRefused  # noqa: PLC0415 - as above

    rows, faults = read_areas(data, large=True)
    ImportRefused.unless_good(faults)
    parts = list(parts_of(rows))
    counts: Counter[str] = Counter()
    new, known, receipt = [], set[str](), dict[str, Any]()
    with _progress(parts, "试导入 trying") as tried:
        for part in tried:
            found = _send(way, part, dry_run=True)
            counts.update({kind: found[kind] for kind in KINDS})
            if any(found[kind] for kind in KINDS):
                new.append(part)
            # What stands above its first row has been counted in an earlier part.
            if again := list(takewhile(lambda row: row.code in known, part)):
                counted = _send(way, again, dry_run=True)
                counts.subtract({kind: counted[kind] for kind in KINDS})
            known.update(row.code for row in part)
    if not dry_run and new:
        receipt = _import(way, new)
    return {
        "dry_run": dry_run,
        "rows": len(rows),
        **{kind: counts[kind] for kind in KINDS},
        "parts": len(new),
        **receipt,
    }


def _import(way: Way, parts: Sequence[list[AreaRow]]) -> dict[str, Any]:
    """Import parts; return from where to where they stand in the log."""
    first, last, done = 0, 0, 0
    try:
        with _progress(parts, "导入 importing") as sent:
            for part in sent:
                receipt = _send(way, part)["receipt"]
                first, last = first or receipt["first_seq"], receipt["seq"]
                done += 1
    except BaseException:
        zh = f"{len(parts)} 部分中已导入 {done} 部分；再次执行同一命令即接着导入"
        en = f"{done} of {len(parts)} parts are imported; the same command goes on"
        typer.echo(f"{zh}\n{en}", err=True)
        raise
    return {"first_seq": first, "seq": last}


def _send(way: Way, part: list[AreaRow], *, dry_run: bool = False) -> Any:
    """Send a part; its rows are called what they are called in the whole file."""
    from api.exchange.areas import LAYOUT  # noqa: PLC0415 - starts quicker without
    from api.exchange.tables import to_csv  # noqa: PLC0415 - as above

    rows = [
        {
            "code": row.code,
            "name": row.name,
            "level": row.level,
            "parent_code": row.parent,
        }
        for row in part
    ]
    data = to_csv(LAYOUT.columns, rows, "zh")
    try:
        return way.send_file(PATH, data, dry_run=dry_run, shown=dry_run)
    except Refusal as refusal:
        refusal.facts["rows"] = [
            msgspec.structs.replace(fault, row=part[fault.row - 2].row)
            if 1 < fault.row < len(part) + 2
            else fault
            for fault in refusal.facts.get("rows", ())
        ]
        raise


@contextmanager
def _progress(
    parts: Sequence[list[AreaRow]], said: str
) -> Iterator[Iterator[list[AreaRow]]]:
    """Show how far it is, to a person."""
    with typer.progressbar(parts, label=said, file=sys.stderr) as shown:
        yield iter(shown)
