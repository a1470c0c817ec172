"""People and posts (人员与岗位): the roster's file; all else is declared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.way import Way, decides

people_app = typer.Typer(help="人员 People", no_args_is_help=True)
post_app = typer.Typer(help="岗位 Posts and their backups (AB角)", no_args_is_help=True)


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
