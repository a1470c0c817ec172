"""Stock (库存) on the command line: levels from a file, what is proposed, a lot's way.

All else is declared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.goods import number, read_table
from api.cli.lines import slip_line
from api.cli.shared import command
from api.cli.way import Way, decides, looks


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


@command("stock propose")
@decides
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
    body = {"area": area, "digest": found["digest"], "legs": legs}
    done = way.send("stock/reallocate", body)
    orders = [
        f"调拨指令 {x['slip']} {x['source']} → {x['to']}" for x in done["transfers"]
    ]
    way.show(done, *told, *orders)


@command("stock trace")
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
