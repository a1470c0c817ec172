"""Supplies (物资保障) on the command line: short, under way, needed, owed, followed."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.goods import Basis, Reason
from api.cli.lines import slip_line
from api.cli.way import Way, decides, looks

supplies_app = typer.Typer()
Area = Annotated[str, typer.Argument(help="area code")]


@supplies_app.command("propose")
@decides
def stock_propose(
    way: Way,
    area: Area,
    items: Annotated[
        list[str] | None, typer.Option("--item", help="only this; may repeat")
    ] = None,
    commit: Annotated[
        bool, typer.Option("--commit", help="approve all of it in one decision")
    ] = False,
    reason: Reason = "",
    basis: Basis = "",
) -> None:
    """调配建议: what stations should send one another; --commit orders it."""
    found = way.send("stock/propose", {"area": area, "items": items or []})
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
    body = {
        "area": area,
        "digest": found["digest"],
        "legs": legs,
        "reason": reason,
        "basis": basis,
    }
    done = way.send("stock/reallocate", body)
    orders = [
        f"调拨指令 {x['slip']} {x['source']} → {x['to']}" for x in done["transfers"]
    ]
    way.show(done, *told, *orders)


@supplies_app.command("trace")
@looks
def stock_trace(
    way: Way,
    what: Annotated[str, typer.Argument(help="ITEM and LOT, or a slip")],
    lot: Annotated[str, typer.Argument()] = "",
) -> None:
    """追溯: from where it came to everywhere it went; of a lot or a slip."""
    asked = {"item": what, "lot": lot} if lot else {"slip": what}
    found = way.ask("stock/trace", **asked)
    told = [] if lot else [slip_line(found["slip"])]
    for one in [found] if lot else found["lots"]:
        came = f"{one['origin_zh']} {one['origin_id']} {one['slip']}"
        told.append(f"{one['name']} 批次 {one['lot']} 来自 {came}")
        told += [f"  {b['zh']} {b['said']}" for b in one["balances"]]
        told += [f"  在架 {x['station_name']} {x['on_hand_said']}" for x in one["held"]]
    told += [
        f"{m['at']} {m['station_name']} {m['source_zh']} → {m['destination_zh']} "
        f"{m['name']} {m['said']} {m['slip']} {m['party_zh']} {m['party_id']}"
        for m in found["movements"]
    ]
    way.table(found, told)


@supplies_app.command("needs")
@looks
def stock_needs(
    way: Way,
    area: Area,
    emergency: Annotated[str, typer.Option(help="one in force, else the gravest")] = "",
    playbook: Annotated[str, typer.Option(help="as if it were in force")] = "",
    level: Annotated[str, typer.Option(help="IV, III, II or I of it")] = "III",
) -> None:
    """预案物资需求: what a playbook needs in an area against what is there."""
    asked = {"playbook": playbook, "level": level} if playbook else {}
    found = way.ask("stock/needs", area=area, emergency=emergency, **asked)
    told = ["没有生效的预案，请用 --playbook"]
    if found["assessed"]:
        told = [f"{found['playbook_zh']} {found['level']} 级"]
        told += [
            f"{x['share'] / 10:>5.1f}% {x['item']:<20} {x['name']} "
            f"需 {x['needed_said']} 可用 {x['available_said']}"
            + (f" 缺 {x['short_said']}" if x["short"] else "")
            for x in found["rows"]
        ]
    way.table(found, told)


@supplies_app.command("ahead")
@looks
def stock_ahead(
    way: Way,
    area: Area,
    item: str,
    hours: Annotated[int, typer.Option(min=1, max=336)] = 72,
) -> None:
    """按小时预测: how much of an item is left at each hour ahead."""
    found = way.ask("stock/ahead", area=area, item=item, hours=hours)
    out = found["below_minimum_hours"]
    said = f"{out} 小时后低于下限" if out is not None else f"{hours} 小时内够用"
    told = [f"{found['name']} 可用 {found['available']}{found['unit']}，{said}"]
    told += [f"{p['hour']:>4} 小时 {p['quantity']:>10}" for p in found["points"][::6]]
    way.table(found, told)
