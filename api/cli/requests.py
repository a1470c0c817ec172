"""Requests for goods (物资申领) on the command line: from asking to the doorstep."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.goods import Basis, Reason
from api.cli.spoken import want
from api.cli.way import Way, decides

request_app = typer.Typer(help="物资申领 Requests for goods", no_args_is_help=True)


@request_app.command("triage")
@decides
def request_triage(
    way: Way,
    request: Annotated[
        str, typer.Argument(help="申领单号, such as 310117001001-q-0123456789")
    ],
    station: Annotated[str, typer.Option(help="that is to serve it")],
    lines: Annotated[
        list[str] | None, typer.Argument(help="granted, else what was asked for")
    ] = None,
    priority: Annotated[
        int, typer.Option(help="1, 2 or 3, else as asked", min=0, max=3)
    ] = 0,
    reason: Reason = "",
    basis: Basis = "",
) -> None:
    """分诊: which station serves it, how urgent it is, what is granted."""
    granted = [want(line) for line in lines or []]
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
        "reason": reason,
        "basis": basis,
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
