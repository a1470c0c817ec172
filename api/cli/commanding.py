"""Commanding (指挥): emergencies, steps, orders, alarms, and who may do what.

Reads, and most of what is decided, come from their declarations.
"""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.way import Way, decides

emergency_app = typer.Typer(help="应急响应 Emergencies", no_args_is_help=True)
step_app = typer.Typer(help="步骤 Checklist steps", no_args_is_help=True)
order_app = typer.Typer(help="指令 Orders to the base", no_args_is_help=True)
alarm_app = typer.Typer(help="告警 Alarms", no_args_is_help=True)
grant_app = typer.Typer(help="授权 Who may do what", no_args_is_help=True)
Basis = Annotated[str, typer.Option(help="依据")]
Reason = Annotated[str, typer.Option(help="理由")]


@emergency_app.command("approve")
@decides
def emergency_approve(
    way: Way,
    proposal: str,
    digest: Annotated[str, typer.Option(help="of what was seen, else as it is")] = "",
    reason: Reason = "",
    basis: Basis = "",
) -> None:
    """批准: approve a proposal as a second person."""
    digest = digest or way.ask(f"approvals/{proposal}")["digest"]
    given = {"digest": digest, "reason": reason, "basis": basis}
    way.show(way.send(f"approvals/{proposal}/approve", given))


@grant_app.command("revoke")
@decides
def grant_revoke(
    way: Way,
    grant: str,
    account: Annotated[str, typer.Option(help="whose grant it is")] = "",
    basis: Basis = "",
    reason: Reason = "",
) -> None:
    """撤销授权: take a role away at once."""
    if not account:
        rows = way.rows("grants", q=grant)["rows"]
        account = next((r["account"] for r in rows if r["id"] == grant), "x-")
    given = {"account": account, "basis": basis, "reason": reason}
    way.show(way.send(f"grants/{grant}/revoke", given))
