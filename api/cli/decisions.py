"""Decisions (决定): emergencies and checklist steps."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from api.cli.shared import CommandId, Data, Json, command_id_of, show
from api.settings import from_environment

emergency_app = typer.Typer(help="应急响应 Emergencies", no_args_is_help=True)
step_app = typer.Typer(help="步骤 Checklist steps", no_args_is_help=True)
DURATION = re.compile(r"([0-9]{1,4})(h|d)")


@emergency_app.command("declare")
def emergency_declare(  # noqa: PLR0913, PLR0917 - what the law asks for
    hazard: Annotated[str, typer.Option()],
    level: Annotated[str, typer.Option(help="IV, III, II or I")],
    scope: Annotated[list[str], typer.Option(help="area code; may repeat")],
    basis: Annotated[str, typer.Option(help="依据")],
    matter: Annotated[str, typer.Option(help="事项")],
    measures: Annotated[str, typer.Option(help="措施")],
    duration: Annotated[str, typer.Option(help="预计期限, such as 72h or 3d")],
    playbook: Annotated[str, typer.Option()],
    exclude: Annotated[list[str] | None, typer.Option(help="may repeat")] = None,
    reason: Annotated[str, typer.Option()] = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """宣布应急响应并下达转换令: declare an emergency and order the switch."""
    from api import client  # noqa: PLC0415 - starts quicker without

    given = {
        "hazard": hazard,
        "level": _level(level),
        "scope": scope,
        "excluded": exclude or [],
        "basis": basis,
        "matter": matter,
        "measures": measures,
        "expected_hours": _hours(duration),
        "playbook": playbook,
        "reason": reason,
    }
    show(
        client.declare(from_environment(data), command_id_of(command_id), given),
        as_json=as_json,
    )


def _level(text: str) -> str:
    if text not in ("I", "II", "III", "IV"):
        raise typer.BadParameter("the level is IV, III, II or I", param_hint="--level")
    return text


def _hours(text: str) -> int:
    found = DURATION.fullmatch(text)
    hours = int(found[1]) * (24 if found[2] == "d" else 1) if found else 0
    if not 1 <= hours <= 8_760:  # noqa: PLR2004 - a year
        raise typer.BadParameter("such as 72h or 3d, a year at most")
    return hours


@emergency_app.command("end")
def emergency_end(
    emergency: str,
    basis: Annotated[str, typer.Option(help="依据")],
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """解除: end an emergency; its sites begin to recover."""
    from api import client  # noqa: PLC0415 - starts quicker without

    found = client.end(
        from_environment(data), command_id_of(command_id), emergency, basis
    )
    show(found, as_json=as_json)


@step_app.command("done")
def step_done(
    site: str,
    step: str,
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """完成: record that a step is done."""
    from api import client  # noqa: PLC0415 - starts quicker without

    settings = from_environment(data)
    found = client.step(settings, command_id_of(command_id), site, step, done=True)
    show(found, as_json=as_json)


@step_app.command("ack")
def step_ack(
    site: str,
    step: str,
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """签收: acknowledge the order for a step."""
    from api import client  # noqa: PLC0415 - starts quicker without

    settings = from_environment(data)
    found = client.step(settings, command_id_of(command_id), site, step, done=False)
    show(found, as_json=as_json)
