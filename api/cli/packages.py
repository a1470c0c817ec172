"""Packages (四包): who answers for which compound, building, grid and facility."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.spoken import party
from api.cli.way import Way, decides

package_app = typer.Typer(help="四包 Responsibility packages", no_args_is_help=True)
Area = Annotated[str, typer.Option(help="area code")]


@package_app.command("assign")
@decides
def package_assign(
    way: Way,
    kind: Annotated[str, typer.Argument(help="compound, building, neighbours …")],
    target: Annotated[str, typer.Argument(help="area code or site id")],
    to: Annotated[str, typer.Option(help="person:ID, post:ID, organisation:ID")],
    backup: Annotated[
        list[str] | None, typer.Option(help="id of a person; may repeat")
    ] = None,
    reason: Annotated[str, typer.Option(help="理由")] = "",
    basis: Annotated[str, typer.Option(help="依据")] = "",
) -> None:
    """落实包保: give a package that nobody has."""
    row = {"kind": kind, "target": target, "party": party(to), "backups": backup or []}
    given = {"rows": [row], "reason": reason, "basis": basis}
    way.show(way.send("packages/assign", given))


@package_app.command("propose")
@decides
def package_propose(
    way: Way,
    area: Area,
    kind: Annotated[str, typer.Option(help="compound, building …")] = "building",
    commit: Annotated[
        bool, typer.Option("--commit", help="assign all of it in one decision")
    ] = False,
) -> None:
    """批量建议: who should answer for what nobody has, by distance, load, skill."""
    read = way._replace(command_id="")  # the id is the assignment's
    found = read.send("packages/propose", {"area": area, "kind": kind})
    told = []
    for row in found["rows"]:
        who = row["person"]["label"] if row["person"] else "—"
        said = f"{row['distance_zh']} 已包 {row['load']}"
        told.append(f"{row['target_name']:<24} {who} {said}")
    if commit:
        rows: list[dict[str, Any]] = [
            {
                "kind": row["kind"],
                "target": row["target"],
                "party": {"kind": "person", "id": row["person"]["id"]},
            }
            for row in found["rows"]
            if row["person"]
        ]
        given = {"rows": rows, "reason": f"批量建议 {found['digest'][:12]}"}
        found, told = way.send("packages/assign", given), []
    way.show(found, *told)
