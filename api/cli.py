"""The command line: serve, demo, and every decision of the screens.

``--json`` prints one JSON object; a refusal prints its code on stderr and exits 2.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from api.settings import Settings, from_environment
from coordination.kernel import Refusal

app = typer.Typer(
    help="平战 Pingzhan: 平战转换指挥与存证", no_args_is_help=True, add_completion=False
)
world_app = typer.Typer(help="建立数据 Set up a world", no_args_is_help=True)
emergency_app = typer.Typer(help="应急响应 Emergencies", no_args_is_help=True)
step_app = typer.Typer(help="步骤 Checklist steps", no_args_is_help=True)
log_app = typer.Typer(help="日志 The log", invoke_without_command=True)
playbook_app = typer.Typer(help="预案 Playbooks", no_args_is_help=True)
account_app = typer.Typer(help="账号 Accounts", no_args_is_help=True)
site_app = typer.Typer(help="阵地 Sites", no_args_is_help=True)
for name, part in {
    "world": world_app,
    "emergency": emergency_app,
    "step": step_app,
    "site": site_app,
    "log": log_app,
    "playbook": playbook_app,
    "account": account_app,
}.items():
    app.add_typer(part, name=name)

Data = Annotated[
    Path | None, typer.Option("--data", help="data directory, else PINGZHAN_DATA")
]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object")]
CommandId = Annotated[str, typer.Option(help="id of this command; a retry repeats it")]
REFUSED = 2
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
DURATION = re.compile(r"([0-9]{1,4})(h|d)")


def main() -> None:
    """Run the command line; a refusal exits 2 with its code on stderr."""
    try:
        app()
    except Refusal as refusal:
        from api.plain import body_of  # noqa: PLC0415 - starts quicker without

        _say_no(body_of(refusal))


def _say_no(body: dict[str, Any]) -> None:
    typer.echo(f"{body['code']}: {body['zh']} / {body['en']}", err=True)
    for field in body.get("fields", []):
        typer.echo(f"  {field['field']}: {field['zh']} / {field['en']}", err=True)
    sys.exit(REFUSED)


def show(found: dict[str, Any], *, as_json: bool) -> None:
    """Print a result, for programs or for people."""
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for key, value in found.items():
        text = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
        typer.echo(f"{key:>12}  {text}")


def _id(given: str) -> str:
    from api.wiring import new_command_id  # noqa: PLC0415 - starts quicker without

    if given and not COMMAND_ID.fullmatch(given):
        raise typer.BadParameter("8 to 64 letters, digits, - or _")
    return given or new_command_id()


@world_app.command("init")
def world_init(
    areas: Annotated[Path, typer.Option(help="area file: code,name,level,parent_code")],
    seed: Annotated[int, typer.Option(min=0, max=2**32)] = 1,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """建立数据: import areas, lay out sites from a seed, publish the playbooks."""
    import asyncio  # noqa: PLC0415

    from api import client  # noqa: PLC0415 - starts quicker without
    from api.setup import init_world  # noqa: PLC0415

    settings = from_environment(data)
    with client.local_world(settings) as world:
        asyncio.run(init_world(world, areas.read_bytes(), seed))
        world.runner.catch_up()
        head = world.log.recorder.head()
        with world.reading() as c:
            home = world.home(c)
        found = {
            "data": str(settings.data),
            "area": home.code if home else "",
            "name": home.name if home else "",
            "seq": head.seq,
            "root": head.frontier().root().hex(),
        }
    show(found, as_json=as_json)


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
        client.declare(from_environment(data), _id(command_id), given), as_json=as_json
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

    found = client.end(from_environment(data), _id(command_id), emergency, basis)
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
    found = client.step(settings, _id(command_id), site, step, done=True)
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
    found = client.step(settings, _id(command_id), site, step, done=False)
    show(found, as_json=as_json)


@app.command()
def status(
    area: Annotated[str, typer.Option(help="area code")],
    as_of: Annotated[int | None, typer.Option(help="log position", min=0)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """态势: mode, level and counts of an area, now or as of a log position."""
    from api import client  # noqa: PLC0415 - starts quicker without
    from api.status import status_of_area  # noqa: PLC0415

    with client.reading(from_environment(data)) as (_recorder, engine):
        found = status_of_area(engine, area, as_of)
    show(found, as_json=as_json)


@site_app.command("list")
def site_list(
    area: Annotated[str, typer.Option(help="area code")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """阵地: the sites inside an area with mode and open steps."""
    from api import client  # noqa: PLC0415 - starts quicker without
    from api.status import sites_in  # noqa: PLC0415

    with client.reading(from_environment(data)) as (_recorder, engine):
        found = sites_in(engine, area)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for site in found["sites"]:
        opened = " ".join(s["id"] for s in site["steps"] if s["state"] != "DONE")
        typer.echo(f"{site['id']:<20} {site['mode']:<11} {site['name']}  {opened}")


@log_app.callback()
def log_list(
    context: typer.Context,
    after: Annotated[int, typer.Option(min=0)] = 0,
    name: Annotated[str, typer.Option(help="only events whose name starts so")] = "",
    stream: Annotated[str, typer.Option(help="only streams that start so")] = "",
    tail: Annotated[int, typer.Option(help="only the last N", min=0)] = 0,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """日志: print the log, one event a line."""
    from api import client  # noqa: PLC0415 - starts quicker without

    if context.invoked_subcommand is not None:
        return
    from api.plain import moment  # noqa: PLC0415
    from api.verify import all_rows  # noqa: PLC0415

    with client.reading(from_environment(data)) as (recorder, _engine):
        start = max(after, recorder.head().seq - tail) if tail else after
        for row in all_rows(recorder, start):
            if not (row.name.startswith(name) and row.stream.startswith(stream)):
                continue
            line = {
                "seq": row.seq,
                "recorded_at": moment(row.recorded_us),
                "stream": row.stream,
                "version": row.version,
                "name": row.name,
                "leaf": row.leaf.hex(),
                **msgspec.json.decode(row.stored),
            }
            if as_json:
                typer.echo(json.dumps(line, ensure_ascii=False))
            else:
                event = json.dumps(line["event"], ensure_ascii=False)
                typer.echo(f"{row.seq:>8} {line['recorded_at']} {row.name} {event}")


@log_app.command("verify")
def log_verify(data: Data = None, as_json: Json = False) -> None:
    """校验: recompute every leaf and the root from the stored bytes."""
    from api import client  # noqa: PLC0415 - starts quicker without
    from api.verify import verify  # noqa: PLC0415

    with client.reading(from_environment(data)) as (recorder, _engine):
        found = verify(recorder)
    show(found, as_json=as_json)
    if not found["ok"]:
        raise typer.Exit(1)


@app.command()
def rebuild(
    check: Annotated[
        bool,
        typer.Option("--check", help="compare with the live views, change nothing"),
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """重建视图: rebuild the views from the log, or prove they equal a rebuild."""
    from api.rebuilding import check_views, rebuild_views  # noqa: PLC0415

    settings = from_environment(data)
    found = check_views(settings) if check else rebuild_views(settings)
    show(found, as_json=as_json)
    if not found["equal"]:
        raise typer.Exit(1)


@playbook_app.command("lint")
def playbook_lint(file: Path, as_json: Json = False) -> None:
    """检查预案: list every fault of a playbook file."""
    from coordination.playbook import compile_text  # noqa: PLC0415

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"playbook.unreadable: {error}", err=True)
        raise typer.Exit(REFUSED) from None
    playbook, findings = compile_text(text)
    found = {
        "ok": playbook is not None and not findings,
        "playbook": playbook.id if playbook else None,
        "findings": [msgspec.to_builtins(f) for f in findings],
    }
    show(found, as_json=as_json)
    if not found["ok"]:
        for finding in findings:
            typer.echo(f"{finding.code}: {finding.where} {finding.zh}", err=True)
        raise typer.Exit(REFUSED)


@account_app.command("add")
def account_add(
    account: str,
    role: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)],
    area: Annotated[str, typer.Option(help="path of the area, empty: all")] = "",
    data: Data = None,
) -> None:
    """新建账号: create an account or replace it."""
    from api.auth import Account, Accounts  # noqa: PLC0415
    from api.wiring import wall_clock  # noqa: PLC0415
    from coordination.permit import ROLES  # noqa: PLC0415

    if role not in ROLES or role == "service":
        raise typer.BadParameter(f"one of {', '.join(sorted(ROLES))}")
    settings = from_environment(data)
    settings.data.mkdir(parents=True, exist_ok=True)
    accounts = Accounts(settings.accounts_path, wall_clock)
    accounts.add(Account(account, name, role, area), password)
    accounts.close()


@app.command()
def serve(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any free one")] = 8417,
    timers: Annotated[bool, typer.Option(help="tick deadlines in this process")] = True,
    json_logs: Annotated[bool, typer.Option(help="one JSON object a line")] = True,
    data: Data = None,
) -> None:
    """启动服务: run the server."""
    from api.serving import serve as run  # noqa: PLC0415

    settings = from_environment(data)
    run(settings, host=host, port=port, timers=timers, json_logs=json_logs)


@app.command()
def demo(
    areas: Annotated[
        Path | None, typer.Option(help="area file, else Songjiang")
    ] = None,
    data: Annotated[Path, typer.Option("--data")] = Path("var/demo"),
    port: Annotated[int, typer.Option(help="0: any free one")] = 8417,
    seed: Annotated[int, typer.Option(min=0, max=2**32)] = 1,
    factor: Annotated[
        int,
        typer.Option(help="minutes of the story in one real minute", min=1, max=600),
    ] = 60,
) -> None:
    """演示: a fresh world and a scripted morning, on loopback."""
    from api.demo.run import run_demo  # noqa: PLC0415

    settings = Settings(data=data, label="演示 DEMO", clock_factor=factor)
    run_demo(settings, areas=areas, port=port, seed=seed)


if __name__ == "__main__":
    main()
