"""Proposals (建议) on the command line: shown, and with --commit decided as shown."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.shared import command
from api.cli.way import Way, decides


@command("package propose", decides)
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
    found = read.show_of("packages/propose", {"area": area, "kind": kind})
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


@command("stock propose", decides)
def stock_propose(
    way: Way,
    area: Annotated[str, typer.Argument(help="area code")],
    items: Annotated[
        list[str] | None, typer.Option("--item", help="only this; may repeat")
    ] = None,
    commit: Annotated[
        bool, typer.Option("--commit", help="approve all of it in one decision")
    ] = False,
) -> None:
    """调配建议: what stations should send one another; --commit orders it."""
    found = way.show_of("stock/propose", {"area": area, "items": items or []})
    told = [
        f"{x['source_name']} → {x['to_name']} {x['item_name']} {x['quantity_said']}"
        f"（{x['distance_zh']}）{x['why_zh']}"
        for x in found["legs"]
    ]
    told += [
        f"仍缺 {x['station_name']} {x['name']} {x['quantity_said']}：{x['why_zh']}"
        for x in found["unmet"]
    ]
    if not commit:
        way.show(found, *(told or ["无须调配"]))
        return
    legs = [
        {k: x[k] for k in ("source", "to", "item", "quantity")} for x in found["legs"]
    ]
    if not legs:
        raise typer.BadParameter("没有可批准的调配")
    body = {"area": area, "digest": found["digest"], "legs": legs}
    done = way.send("stock/reallocate", body)
    orders = [
        f"调拨指令 {x['slip']} {x['source']} → {x['to']}" for x in done["transfers"]
    ]
    way.show(done, *told, *orders)
