"""Stock (库存) on the command line: in, kept, out, sent, arrived, corrected, owed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.goods import Basis, Lines, Reason, number, read_table
from api.cli.lines import shelf_line, slip_line, station_line
from api.cli.offered import open_lines
from api.cli.spoken import line, of_lot
from api.cli.supplies import supplies_app
from api.cli.way import Way, decides, looks

stock_app = typer.Typer(help="物资库存 Stock", no_args_is_help=True)
stock_app.add_typer(supplies_app)
Station = Annotated[str, typer.Argument(help="id, such as 310117001001-s1")]
Slip = Annotated[str, typer.Argument(help="单号, such as s-0123456789")]
Wanted = Annotated[list[str] | None, typer.Argument(help="ITEM=QUANTITY[UNIT][@LOT] …")]
All = Annotated[bool, typer.Option("--all", help="全部: all that is still open on it")]
Occurred = Annotated[str, typer.Option(help="when it happened, if entered late")]
Cause = Annotated[str, typer.Option(help="原因, such as damaged, lost, expired")]


def given(reason: str, basis: str = "", occurred_at: str = "") -> dict[str, Any]:
    """Return what every slip says."""
    return {"reason": reason, "basis": basis, "occurred_at": occurred_at or None}


# --- in and out ----------------------------------------------------------------------


@stock_app.command("receive")
@decides
def stock_receive(  # noqa: PLR0913, PLR0917 - what a receipt says
    way: Way,
    station: Station,
    lines: Lines,
    source: Annotated[
        str, typer.Option("--from", help="purchase, donation, requisition or opening")
    ] = "purchase",
    supplier: Annotated[str, typer.Option(help="供应商, owner of what is taken")] = "",
    donor: Annotated[str, typer.Option(help="捐赠人, kept apart from the log")] = "",
    phone: Annotated[str, typer.Option(help="of the donor")] = "",
    organisation: Annotated[
        bool, typer.Option("--organisation", help="the donor is one, not a person")
    ] = False,
    document: Annotated[str, typer.Option(help="送货单号")] = "",
    emergency: Annotated[str, typer.Option(help="征用: under which emergency")] = "",
    reason: Reason = "",
    basis: Basis = "",
    occurred_at: Occurred = "",
) -> None:
    """入库: lines may end in the last good day, ITEM=QUANTITY[UNIT][@LOT][:DAY]."""
    giver = {"name": donor, "phone": phone, "organisation": organisation}
    body = {
        "station": station,
        "source": {"kind": source, "id": supplier},
        "donor": giver if donor else None,
        "document": document,
        "emergency": emergency or None,
        "lines": [line(text).body("unit", "lot", "expires") for text in lines],
        **given(reason, basis, occurred_at),
    }
    found = way.send("stock/receive", body)
    told = [f"已入库 {found['id']}，批次 {'、'.join(found['lots'])}"]
    if "receipt_number" in found:
        number_, code = found["receipt_number"], found["receipt_code"]
        told.append(f"捐赠收据 {number_}，查询码 {code}")
    way.show(found, *told)


# --- between stations ----------------------------------------------------------------


@stock_app.command("arrive")
@decides
def stock_arrive(
    way: Way,
    shipment: Slip,
    lines: Wanted = None,
    everything: All = False,
    nothing: Annotated[
        bool, typer.Option("--nothing", help="空车: none of it")
    ] = False,
    more: Annotated[bool, typer.Option("--more", help="还有后续到货")] = False,
    reason: Reason = "",
    occurred_at: Occurred = "",
) -> None:
    """到货: what is missing is the sender's until somebody accounts for it."""
    came: Any = [of_lot(text) for text in lines or ()]
    if came or not nothing:
        came = open_lines(way, f"slips/{shipment}", came, everything=everything)
    body = {"lines": came, "complete": not more, **given(reason, "", occurred_at)}
    found = way.send(f"transfers/{shipment}/arrive", body)
    rest = "在途" if more else "差异，须查明销账"
    said = f"还差 {found['left']}（{rest}）" if found["left"] else "全部到货"
    way.show(found, f"{shipment} {said}")


# --- corrections ---------------------------------------------------------------------


@stock_app.command("status")
@decides
def stock_status(
    way: Way,
    item: str,
    lot: str,
    status: Annotated[
        str, typer.Argument(help="approved, on-hold, quarantined, damaged, recalled")
    ],
    reason: Reason,
    station: Annotated[str, typer.Option(help="here only")] = "",
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="召回: at every station, on the way")
    ] = False,
    basis: Basis = "",
) -> None:
    """批次状态: hold or clear a lot at a station, or recall it wherever it is."""
    if bool(station) == everywhere:
        raise typer.BadParameter("用 --station 指定一站，或用 --everywhere")
    body = {
        "station": station,
        "item": item,
        "lot": lot,
        "status": status,
        **given(reason, basis),
    }
    found = way.send("stock/status", body)
    way.show(found, f"{station or '各站'} {item} 批次 {lot}：{status}")


# --- stations ------------------------------------------------------------------------


@stock_app.command("levels")
@decides
def stock_levels(
    way: Way,
    station: Station,
    levels: Annotated[
        list[str] | None,
        typer.Argument(help="ITEM=MINIMUM/REORDER/TARGET[,in war the same] …"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="CSV: item,peace,war with such triples")
    ] = None,
    reason: Reason = "",
    basis: Basis = "",
) -> None:
    """库存定额: what a station is to hold, in peacetime and in an emergency."""
    rows = [_level(*text.partition("=")[::2]) for text in levels or []]
    if file is not None:
        table = read_table(file, "item", "peace", "war")
        rows += [_level(x["item"], f"{x['peace']},{x['war']}") for x in table]
    body = {"rows": rows, "reason": reason, "basis": basis}
    found = way.send(f"stations/{station}/levels", body)
    way.show(found, f"已设定 {station} 的 {len(rows)} 种定额")


def _level(item: str, said: str) -> dict[str, Any]:
    """Read ``100/200/400,200/300/600``; without a second part it is the same."""
    peace, _, war = said.partition(",")
    found = [
        [number(n, item) for n in triple.split("/")] for triple in (peace, war or peace)
    ]
    return {"item": item, "peace": found[0], "war": found[1]}


@stock_app.command("stations")
@looks
def stock_stations(
    way: Way,
    station: Annotated[str, typer.Argument(help="one, with what it holds")] = "",
    area: Annotated[str, typer.Option(help="area code")] = "",
) -> None:
    """物资站: all of an area, or one with its shelf and open slips."""
    if not station:
        found = way.rows("stations", area=area)
        way.table(found, [station_line(row) for row in found["rows"]])
        return
    found = way.ask(f"stations/{station}")
    told = [station_line(found["station"])]
    told += [shelf_line(row) for row in found["stock"]]
    told += [slip_line(row) for row in found["open"]]
    told += [
        f"预留 {r['reservation']} {r['name']} {r['quantity']}{r['unit']}"
        f" → {r['purpose_id']}"
        for r in found["reservations"]
    ]
    way.table(found, told)
