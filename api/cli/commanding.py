"""Commanding (指挥): emergencies, steps, orders, alarms, and who may do what.

What is decided of them comes from the declared decisions.
"""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.way import Way, decides, looks

emergency_app = typer.Typer(help="应急响应 Emergencies", no_args_is_help=True)
step_app = typer.Typer(help="步骤 Checklist steps", no_args_is_help=True)
order_app = typer.Typer(help="指令 Orders to the base", no_args_is_help=True)
alarm_app = typer.Typer(help="告警 Alarms", no_args_is_help=True)
grant_app = typer.Typer(help="授权 Who may do what", no_args_is_help=True)
Area = Annotated[str, typer.Option(help="area code")]
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


@emergency_app.command("list")
@looks
def emergency_list(way: Way) -> None:
    """应急响应清单: every emergency, the newest first."""
    found = way.rows("emergencies")
    told = [
        f"{row['id']} {row['level']:<4}{row['state']:<7} {row['hazard_zh']}"
        f" {row['scope_names']} {row['matter']}"
        for row in found["rows"]
    ]
    way.table(found, told)


@emergency_app.command("show")
@looks
def emergency_show(way: Way, emergency: str) -> None:
    """一项应急响应: as it stands, with every change."""
    way.whole(way.ask(f"emergencies/{emergency}"))


@emergency_app.command("record")
@looks
def emergency_record(way: Way, emergency: str) -> None:
    """事后记录: what happened and what is still open."""
    way.whole(way.ask(f"emergencies/{emergency}/record"))


@emergency_app.command("proposals")
@looks
def emergency_proposals(way: Way) -> None:
    """审批: proposals, what waits first."""
    found = way.rows("approvals")
    told = [
        f"{row['id']} {row['state']:<9} {row['zh']} — {row['proposer_name']}"
        for row in found["rows"]
    ]
    way.table(found, told)


@order_app.command("list")
@looks
def order_list(
    way: Way,
    area: Area = "",
    order: Annotated[str, typer.Option(help="one order, with who is missing")] = "",
) -> None:
    """指令清单: orders and how many have answered; or one, by street."""
    if order:
        way.whole(way.ask(f"orders/{order}"))
        return
    found = way.rows("orders", area=area)
    told = [
        f"{row['id']} {row['state']:<9} {row['acknowledged']}/{row['recipients']}"
        f" {row['title']}"
        for row in found["rows"]
    ]
    way.table(found, told)


@alarm_app.command("list")
@looks
def alarm_list(way: Way, area: Area = "") -> None:
    """告警清单: the alarms that touch an area, newest first."""
    found = way.rows("alarms", area=area)
    told = [
        f"{row['id']} {row['gravity']:<8}{row['state']:<7} {row['zh']}"
        f" {row['acknowledged_by_name'] or '—'}"
        for row in found["rows"]
    ]
    way.table(found, told)


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


@grant_app.command("list")
@looks
def grant_list(
    way: Way,
    account: Annotated[str, typer.Option(help="of this account only")] = "",
) -> None:
    """授权清单: who holds which role where, until when."""
    found = way.rows("grants", **{"f.account": account})
    told = [
        f"{row['id']} {row['state']:<8} {row['account']} {row['role_zh']}"
        f" {row['area_name'] or '*'} {row['until'] or '—'}"
        for row in found["rows"]
    ]
    way.table(found, told)


@grant_app.command("authority")
@looks
def grant_authority(way: Way) -> None:
    """签发权限: who signs which level, and which offices are absent."""
    way.whole(way.ask("authority"))
