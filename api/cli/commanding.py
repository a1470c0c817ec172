"""Orders to the base (指令), alarms (告警), and who may do what (权限)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.shared import As, CommandId, Data, Json, ask, send, show

order_app = typer.Typer(help="指令 Orders to the base", no_args_is_help=True)
alarm_app = typer.Typer(help="告警 Alarms", no_args_is_help=True)
grant_app = typer.Typer(help="授权 Who may do what", no_args_is_help=True)
Basis = Annotated[str, typer.Option(help="依据")]
Reason = Annotated[str, typer.Option(help="理由")]


@order_app.command("list")
def order_list(
    area: Annotated[str, typer.Option(help="area code")] = "",
    order: Annotated[str, typer.Option(help="one order, with who is missing")] = "",
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """指令清单: orders and how many have answered; or one, by street."""
    if order:
        found = ask(data, f"orders/{order}", as_)
        show(found, as_json=as_json)
        return
    found = ask(data, f"orders?size=200{f'&area={area}' if area else ''}", as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        typer.echo(
            f"{row['id']} {row['state']:<9} {row['acknowledged']}/{row['recipients']}"
            f" {row['title']}"
        )


@alarm_app.command("list")
def alarm_list(
    area: Annotated[str, typer.Option(help="area code")] = "",
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """告警清单: the alarms that touch an area, newest first."""
    found = ask(data, f"alarms?size=200{f'&area={area}' if area else ''}", as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        seen = row["acknowledged_by_name"] or "—"
        typer.echo(
            f"{row['id']} {row['gravity']:<8}{row['state']:<7} {row['zh']} {seen}"
        )


@grant_app.command("add")
def grant_add(  # noqa: PLR0913, PLR0917 - what a grant says
    account: str,
    role: Annotated[str, typer.Option()],
    basis: Basis = "命令行 command line",
    area: Annotated[str, typer.Option(help="area code, else everywhere")] = "",
    until: Annotated[str, typer.Option(help="such as 2026-12-31T18:00:00+08:00")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """授权: give a role to an account, for an area and a time."""
    given: dict[str, Any] = {
        "account": account,
        "role": role,
        "area": area.ljust(12, "0") if area else None,
        "until": until or None,
        "basis": basis,
    }
    found = send(data, "grants", given, command_id, as_)
    show(found, as_json=as_json)


@grant_app.command("delegate")
def grant_delegate(  # noqa: PLR0913, PLR0917 - what is lent
    account: str,
    grant: Annotated[str, typer.Option(help="the grant of one's own that is lent")],
    area: Annotated[str, typer.Option(help="area code")],
    until: Annotated[str, typer.Option(help="such as 2026-12-31T18:00:00+08:00")],
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """委托: lend one's own role for a time."""
    given = {
        "account": account,
        "grant": grant,
        "area": area,
        "until": until,
        "reason": reason,
    }
    show(send(data, "grants/delegate", given, command_id, as_), as_json=as_json)


@grant_app.command("revoke")
def grant_revoke(
    grant: str,
    account: Annotated[str, typer.Option(help="whose grant it is")] = "",
    basis: Basis = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """撤销授权: take a role away at once."""
    if not account:
        found = ask(data, f"grants?size=200&q={grant}", as_)
        account = next((r["account"] for r in found["rows"] if r["id"] == grant), "x-")
    given = {"account": account, "basis": basis}
    show(send(data, f"grants/{grant}/revoke", given, command_id, as_), as_json=as_json)


@grant_app.command("list")
def grant_list(
    account: Annotated[str, typer.Option(help="of this account only")] = "",
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """授权清单: who holds which role where, until when."""
    wanted = f"&f.account={account}" if account else ""
    found = ask(data, f"grants?size=200{wanted}", as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        until = row["until"] or "—"
        where = row["area_name"] or "*"
        typer.echo(
            f"{row['id']} {row['state']:<8} {row['account']} {row['role_zh']}"
            f" {where} {until}"
        )


@grant_app.command("authority")
def grant_authority(as_: As = "", data: Data = None, as_json: Json = False) -> None:
    """签发权限: who signs which level, and which offices are absent."""
    show(ask(data, "authority", as_), as_json=as_json)


@grant_app.command("absent")
def grant_absent(
    role: str,
    area: Annotated[str, typer.Option(help="area code")],
    hours: Annotated[int, typer.Option(min=1, max=168)],
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """登记缺位: an office is absent; the next in line signs."""
    given = {"role": role, "area": area, "hours": hours, "reason": reason}
    show(send(data, "absences", given, command_id, as_), as_json=as_json)
