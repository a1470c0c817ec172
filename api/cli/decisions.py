"""Decisions (决定): emergencies, checklist steps."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from api.cli.shared import As, CommandId, Data, Json, ask, send, show

emergency_app = typer.Typer(help="应急响应 Emergencies", no_args_is_help=True)
step_app = typer.Typer(help="步骤 Checklist steps", no_args_is_help=True)
DURATION = re.compile(r"([0-9]{1,4})(h|d)")

Hazard = Annotated[str, typer.Option()]
Level = Annotated[str, typer.Option(help="IV, III, II or I")]
Scope = Annotated[list[str], typer.Option(help="area code; may repeat")]
Basis = Annotated[str, typer.Option(help="依据")]
Reason = Annotated[str, typer.Option(help="理由")]
Matter = Annotated[str, typer.Option(help="事项")]
Measures = Annotated[str, typer.Option(help="措施")]
Duration = Annotated[str, typer.Option(help="预计期限, such as 72h or 3d")]
Playbook = Annotated[str, typer.Option()]
Exclude = Annotated[list[str] | None, typer.Option(help="area code; may repeat")]
Severity = Annotated[
    str, typer.Option(help="事件等级: extraordinary, major, large or general")
]
Colour = Annotated[str, typer.Option(help="预警颜色: red, orange, yellow or blue")]
Preview = Annotated[str, typer.Option(help="digest of the preview that was shown")]
Alone = Annotated[
    bool, typer.Option("--break-glass", help="紧急单人处置: alone, to be reviewed")
]
Expires = Annotated[int, typer.Option(help="minutes a proposal waits")]
Areas = Annotated[
    list[str], typer.Option("--area", "--scope", help="area code; may repeat")
]


def _declaration(  # noqa: PLR0913, PLR0917 - what the law asks for
    hazard: str,
    level: str,
    scope: list[str],
    basis: str,
    matter: str,
    measures: str,
    duration: str,
    playbook: str,
    exclude: list[str] | None,
    severity: str,
    warning: str,
    reason: str,
) -> dict[str, Any]:
    return {
        "hazard": hazard,
        "level": _level(level),
        "severity": severity,
        "warning": warning,
        "scope": scope,
        "excluded": exclude or [],
        "basis": basis,
        "matter": matter,
        "measures": measures,
        "expected_hours": _hours(duration),
        "playbook": playbook,
        "reason": reason,
    }


@emergency_app.command("preview")
def emergency_preview(  # noqa: PLR0913, PLR0917 - as declare
    hazard: Hazard,
    level: Level,
    scope: Scope,
    basis: Basis,
    matter: Matter,
    measures: Measures,
    duration: Duration,
    playbook: Playbook,
    exclude: Exclude = None,
    severity: Severity = "",
    warning: Colour = "",
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """预演: what a declaration would switch; stores nothing in the log."""
    given = _declaration(
        hazard, level, scope, basis, matter, measures, duration, playbook, exclude,
        severity, warning, reason,
    )  # fmt: skip
    found = send(data, "emergencies/preview", given, command_id, as_)
    if not as_json:
        found = {k: v for k, v in found.items() if k not in {"steps", "by_street"}}
    show(found, as_json=as_json)


@emergency_app.command("declare")
def emergency_declare(  # noqa: PLR0913, PLR0917 - what the law asks for
    hazard: Hazard,
    level: Level,
    scope: Scope,
    basis: Basis,
    matter: Matter,
    measures: Measures,
    duration: Duration,
    playbook: Playbook,
    exclude: Exclude = None,
    severity: Severity = "",
    warning: Colour = "",
    reason: Reason = "",
    preview: Preview = "",
    break_glass: Alone = False,
    expires: Expires = 120,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """宣布应急响应并下达转换令; at Ⅰ and Ⅱ: propose it."""
    given = _declaration(
        hazard, level, scope, basis, matter, measures, duration, playbook, exclude,
        severity, warning, reason,
    )  # fmt: skip
    given |= _switch(preview, expires, alone=break_glass)
    found = send(data, "emergencies", given, command_id, as_)
    show(found, as_json=as_json)


def _switch(preview: str, expires: int, *, alone: bool) -> dict[str, Any]:
    return {"preview": preview, "break_glass": alone, "expires_minutes": expires}


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


@emergency_app.command("raise")
def emergency_raise(  # noqa: PLR0913, PLR0917 - as every change
    emergency: str,
    level: Level,
    basis: Basis,
    reason: Reason = "",
    preview: Preview = "",
    break_glass: Alone = False,
    expires: Expires = 120,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """提级: raise the level; only what it adds is ordered."""
    given = {"level": _level(level), "basis": basis, "reason": reason}
    given |= _switch(preview, expires, alone=break_glass)
    found = send(data, f"emergencies/{emergency}/raise", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("lower")
def emergency_lower(  # noqa: PLR0913, PLR0917 - as every change
    emergency: str,
    level: Level,
    basis: Basis,
    reason: Reason = "",
    preview: Preview = "",
    break_glass: Alone = False,
    expires: Expires = 120,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """降级: lower the level."""
    given = {"level": _level(level), "basis": basis, "reason": reason}
    given |= _switch(preview, expires, alone=break_glass)
    found = send(data, f"emergencies/{emergency}/lower", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("widen")
def emergency_widen(  # noqa: PLR0913, PLR0917 - as every change
    emergency: str,
    area: Areas,
    basis: Basis,
    exclude: Exclude = None,
    reason: Reason = "",
    preview: Preview = "",
    break_glass: Alone = False,
    expires: Expires = 120,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """扩大范围: add areas to the scope."""
    given = {"areas": area, "excluded": exclude or [], "basis": basis, "reason": reason}
    given |= _switch(preview, expires, alone=break_glass)
    found = send(data, f"emergencies/{emergency}/widen", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("narrow")
def emergency_narrow(  # noqa: PLR0913, PLR0917 - as every change
    emergency: str,
    area: Areas,
    basis: Basis,
    reason: Reason = "",
    preview: Preview = "",
    break_glass: Alone = False,
    expires: Expires = 120,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """缩小范围: take areas out; their sites begin to recover."""
    given = {"areas": area, "basis": basis, "reason": reason}
    given |= _switch(preview, expires, alone=break_glass)
    found = send(data, f"emergencies/{emergency}/narrow", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("extend")
def emergency_extend(
    emergency: str,
    duration: Annotated[str, typer.Option(help="from now: 72h or 3d")],
    basis: Basis,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """延长预计期限: extend the expected duration, counted from now."""
    given = {"expected_hours": _hours(duration), "basis": basis, "reason": reason}
    found = send(data, f"emergencies/{emergency}/extend", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("grade")
def emergency_grade(
    emergency: str,
    basis: Basis,
    severity: Severity = "",
    warning: Colour = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """定级: severity of the event and warning colour, never the level."""
    given = {"severity": severity, "warning": warning, "basis": basis}
    found = send(data, f"emergencies/{emergency}/grade", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("end")
def emergency_end(  # noqa: PLR0913, PLR0917 - as every change
    emergency: str,
    basis: Basis,
    reason: Reason = "",
    preview: Preview = "",
    break_glass: Alone = False,
    expires: Expires = 120,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """解除: end an emergency; its sites begin to recover."""
    given = {"basis": basis, "reason": reason}
    given |= _switch(preview, expires, alone=break_glass)
    found = send(data, f"emergencies/{emergency}/end", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("approve")
def emergency_approve(
    proposal: str,
    digest: Annotated[str, typer.Option(help="of what was seen, else as it is")] = "",
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """批准: approve a proposal as a second person."""
    if not digest:
        digest = ask(data, f"approvals/{proposal}", as_)["digest"]
    given = {"digest": digest, "reason": reason}
    found = send(data, f"approvals/{proposal}/approve", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("reject")
def emergency_reject(
    proposal: str,
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """驳回: reject a proposal, with the reason."""
    given = {"reason": reason}
    found = send(data, f"approvals/{proposal}/reject", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("withdraw")
def emergency_withdraw(
    proposal: str,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """撤回: take one's own proposal back."""
    given = {"reason": reason}
    found = send(data, f"approvals/{proposal}/withdraw", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("review")
def emergency_review(
    glass: str,
    reason: Reason,
    confirm: Annotated[
        bool, typer.Option("--confirm/--overturn", help="was it right to act alone")
    ] = True,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """复核: review a decision that one person took alone."""
    given = {"confirmed": confirm, "reason": reason}
    found = send(data, f"glasses/{glass}/review", given, command_id, as_)
    show(found, as_json=as_json)


@emergency_app.command("list")
def emergency_list(
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """应急响应清单: every emergency, the newest first."""
    found = ask(data, "emergencies?size=200", as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        typer.echo(
            f"{row['id']} {row['level']:<4}{row['state']:<7} {row['hazard_zh']}"
            f" {row['scope_names']} {row['matter']}"
        )


@emergency_app.command("show")
def emergency_show(
    emergency: str,
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """一项应急响应: as it stands, with every change."""
    show(ask(data, f"emergencies/{emergency}", as_), as_json=as_json)


@emergency_app.command("record")
def emergency_record(
    emergency: str,
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """事后记录: what happened and what is still open."""
    show(ask(data, f"emergencies/{emergency}/record", as_), as_json=as_json)


@emergency_app.command("proposals")
def emergency_proposals(
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """审批: proposals, what waits first."""
    found = ask(data, "approvals?size=200", as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        typer.echo(
            f"{row['id']} {row['state']:<9} {row['zh']} — {row['proposer_name']}"
        )


@step_app.command("done")
def step_done(
    site: str,
    step: str,
    emergency: Annotated[str, typer.Option(help="whose step, if several")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """完成: record that a step is done."""
    path, given = f"sites/{site}/steps/{step}/complete", {"emergency": emergency}
    show(send(data, path, given, command_id, as_), as_json=as_json)


@step_app.command("ack")
def step_ack(
    site: str,
    step: str,
    emergency: Annotated[str, typer.Option(help="whose step, if several")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """签收: acknowledge the order for a step."""
    path, given = f"sites/{site}/steps/{step}/acknowledge", {"emergency": emergency}
    show(send(data, path, given, command_id, as_), as_json=as_json)
