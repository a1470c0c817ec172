"""Hours of service (服务时长) on the command line: all that is claimed, at once."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.shared import command
from api.cli.way import Way, decides


@command("checkin certify-all", decides)
def certify_all(
    way: Way,
    area: Annotated[str, typer.Option(help="area code; all you may see")] = "",
) -> None:
    """批量认定: certify every claim that waits in an area, as it stands just now."""
    from api.cli.lines import hours_line  # noqa: PLC0415 - starts quicker without

    query = {"f.waits": "ORGANISER", **({"area": area} if area else {})}
    found = way.rows("checkins/claims", **query)["rows"]
    shown: list[dict[str, Any]] = [row for row in found if not row["own"]]
    if not shown:
        typer.echo("没有待认定的时长")
        return
    claims = [{"stretch": row["id"], "expected": row["expected"]} for row in shown]
    done = way.send("checkins/claims/certify", {"claims": claims})
    way.show(done, *map(hours_line, shown))
