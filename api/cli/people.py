"""People (人员) on the command line: the roster's file; all else is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.shared import command
from api.cli.way import Way, decides


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
