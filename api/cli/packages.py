"""Packages (四包): who answers for which compound, building, grid and facility."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.shared import command
from api.cli.way import Way, decides


@command("package propose")
@decides
def package_propose(
    way: Way,
    area: Annotated[str, typer.Option(help="area code")],
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
        reason = way.reason or f"批量建议 {found['digest'][:12]}"
        given = {"rows": rows, "reason": reason}
        found, told = way.send("packages/assign", given), []
    way.show(found, *told)
