"""Requests for goods (物资申领) on the command line: from asking to the doorstep."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.goods import Basis, Lines, Reason, lines_of
from api.cli.stock import given
from api.cli.way import Way, decides, looks

request_app = typer.Typer(help="物资申领 Requests for goods", no_args_is_help=True)
Request = Annotated[
    str, typer.Argument(help="申领单号, such as 310117001001-q-0123456789")
]
Issue = Annotated[str, typer.Option("--slip", help="出库单号, such as i-0123456789")]
Priority = Annotated[int, typer.Option(help="1 紧急, 2 加急, 3 一般", min=1, max=3)]


def _goods(said: list[str]) -> list[dict[str, Any]]:
    return [line.body("unit") for line in lines_of(said)]


@request_app.command("make")
@decides
def request_make(  # noqa: PLR0913, PLR0917 - what a request says
    way: Way,
    area: Annotated[str, typer.Argument(help="code of who asks")],
    lines: Lines,
    squad: Annotated[str, typer.Option(help="突击队")] = "",
    priority: Priority = 3,
    to: Annotated[str, typer.Option(help="送达 compound, building …")] = "",
    needed_by: Annotated[
        str, typer.Option(help="such as 2026-12-31T18:00:00+08:00")
    ] = "",
    reason: Reason = "",
    basis: Basis = "",
) -> None:
    """申领: ask for goods."""
    body = {
        "area": area,
        "squad": squad,
        "lines": _goods(lines),
        "priority": priority,
        "to": to,
        "needed_by": needed_by or None,
        **given(reason, basis),
    }
    found = way.send("requests", body)
    way.show(found, f"已申领 {found['id']}")


@request_app.command("list")
@looks
def request_list(
    way: Way,
    area: Annotated[str, typer.Option(help="area code")] = "",
    state: Annotated[str, typer.Option(help="ASKED, TRIAGED, PART, ALLOCATED …")] = "",
) -> None:
    """申领清单: the most urgent first."""
    found = way.rows("requests", **{"area": area, "f.state": state})
    told = []
    for row in found["rows"]:
        short = f" 欠 {row['short_said']}" if row["short_said"] else ""
        said = f"{row['priority_zh']} {row['state_zh']} {row['area_name']}"
        slips = " ".join(x["slip"] for x in row["slips"])
        told.append(f"{row['request']} {said} {row['lines_said']}{short} {slips}")
    way.table(found, told)


@request_app.command("triage")
@decides
def request_triage(
    way: Way,
    request: Request,
    station: Annotated[str, typer.Option(help="that is to serve it")],
    lines: Annotated[
        list[str] | None, typer.Argument(help="granted, else what was asked for")
    ] = None,
    priority: Annotated[
        int, typer.Option(help="1, 2 or 3, else as asked", min=0, max=3)
    ] = 0,
    reason: Reason = "",
) -> None:
    """分诊: which station serves it, how urgent it is, what is granted."""
    granted = _goods(lines or [])
    if not granted or not priority:
        asked = _asked(way, request)
        granted = granted or [
            {"item": x["item"], "quantity": x["quantity"]} for x in asked["lines"]
        ]
        priority = priority or asked["priority"]
    body = {
        "station": station,
        "priority": priority,
        "lines": granted,
        **given(reason),
    }
    found = way.send(f"requests/{request}/triage", body)
    way.show(found, f"已分诊 {request} → {station}")


def _asked(way: Way, request: str) -> dict[str, Any]:
    """Return a request as its list shows it."""
    for row in way.rows("requests", q=request)["rows"]:
        if row["request"] == request:
            found: dict[str, Any] = row
            return found
    raise typer.BadParameter(f"没有申领单 {request}")


@request_app.command("refuse")
@decides
def request_refuse(way: Way, request: Request, reason: Reason) -> None:
    """退回申领: before anything is kept for it, with a reason."""
    found = way.send(f"requests/{request}/refuse", given(reason))
    way.show(found, f"已退回 {request}")


@request_app.command("withdraw")
@decides
def request_withdraw(way: Way, request: Request, reason: Reason = "") -> None:
    """撤回申领: by the side that asked; what was kept for it is free again."""
    found = way.send(f"requests/{request}/withdraw", given(reason))
    way.show(found, f"已撤回 {request}")


@request_app.command("allocate")
@decides
def request_allocate(way: Way, request: Request, reason: Reason = "") -> None:
    """配货: keep what there is; the rest is on back-order."""
    found = way.send(f"requests/{request}/allocate", given(reason))
    told = [f"已配 {x['item']} {x['quantity']}" for x in found["lines"]]
    told += [f"欠货 {x['item']} {x['quantity']}" for x in found["short"]]
    way.show(found, *told)


@request_app.command("dispatch")
@decides
def request_dispatch(way: Way, request: Request, reason: Reason = "") -> None:
    """出库: send what is kept for it; the slip goes along."""
    found = way.send(f"requests/{request}/dispatch", given(reason))
    told = [f"已出库 {found['id']}"]
    told += [f"  {x['item']} 批次 {x['lot']} {x['quantity']}" for x in found["lines"]]
    way.show(found, *told)


@request_app.command("deliver")
@decides
def request_deliver(
    way: Way,
    request: Request,
    slip: Issue,
    proof: Annotated[str, typer.Option(help="送达凭证: a code told, who signed")],
    reason: Reason = "",
) -> None:
    """送达: record that a slip was brought."""
    body = {"slip": slip, "proof": proof, **given(reason)}
    way.show(way.send(f"requests/{request}/deliver", body), f"已送达 {slip}")


@request_app.command("confirm")
@decides
def request_confirm(
    way: Way, request: Request, slip: Issue, reason: Reason = ""
) -> None:
    """签收: by the side that asked, not by whoever brought it."""
    body = {"slip": slip, **given(reason)}
    way.show(way.send(f"requests/{request}/confirm", body), f"已签收 {slip}")
