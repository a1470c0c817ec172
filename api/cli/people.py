"""People (人员): the roster and its file, who reported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.way import Way, decides, looks

people_app = typer.Typer(help="人员 People", no_args_is_help=True)
Area = Annotated[str, typer.Option(help="area code")]


@people_app.command("import")
@decides
def people_import(
    way: Way,
    file: Annotated[Path, typer.Argument(help="roster, CSV or .xlsx")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing")] = False,
    area: Annotated[str, typer.Option(help="area code, else the whole world")] = "",
) -> None:
    """导入花名册: all of a roster or nothing; faults by row and column."""
    path = f"people/import?dry_run={str(dry_run).lower()}"
    found = way.send_file(f"{path}&area={area}" if area else path, file)
    told = [
        f"{unit['name']:<24} {unit['listed']:>6} / {unit['headcount'] or '—'}"
        for unit in found["completeness"]
    ]
    way.show(found, *told)


@people_app.command("list")
@looks
def people_list(
    way: Way,
    area: Area = "",
    q: Annotated[str, typer.Option("--find", help="name, unit, community …")] = "",
) -> None:
    """花名册: who lives in an area, as far as one may know."""
    found = way.rows("people", q=q, area=area)
    way.table(
        found,
        [
            f"{row['id']} {row['label']:<8} {row['unit_name']:<16} "
            f"{row['cause_zh'] or row['stage_zh']}"
            for row in found["rows"]
        ],
    )


@people_app.command("funnel")
@looks
def people_funnel(way: Way, area: Area) -> None:
    """报到漏斗: reported, present, active; unknown is not absent."""
    found = way.ask("checkins/funnel", area=area)
    heads = ("registered", "reported", "present", "partial", "absent", "unknown",
             "active")  # fmt: skip
    told = [" ".join(f"{head:>10}" for head in heads)]
    for row in (*found["communities"], {**found["total"], "name": "="}):
        counts = " ".join(f"{row[head]:>10}" for head in heads)
        told.append(f"{counts}  {row['name']}")
    way.table(found, told)
