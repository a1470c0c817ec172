"""Setting up and running (运行): worlds, playbooks, accounts, server, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from api.cli.shared import REFUSED, Data, Json, command, show
from api.cli.way import Way
from api.world.settings import Settings, from_environment
from coordination.provenance import UNSEEN
from coordination.refusals import Invalid


@command("world init")
def world_init(
    areas: Annotated[Path, typer.Option(help="area file: code,name,level,parent_code")],
    seed: Annotated[int, typer.Option(min=0, max=2**32)] = 1,
    demonstration: Annotated[
        bool,
        typer.Option(
            "--demonstration",
            help="演示 a demonstration from its birth: made-up accounts may act in it",
        ),
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """建立数据: import areas, lay out sites from a seed, publish the playbooks."""
    import asyncio  # noqa: PLC0415

    from api.world import local  # noqa: PLC0415 - starts quicker without
    from api.world.setup import init_world  # noqa: PLC0415

    settings = from_environment(data)
    rows = areas.read_bytes()  # before anything is made
    with local.local_world(settings) as world:
        asyncio.run(init_world(world, rows, seed, demonstration=demonstration))
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


PlaybookUnreadable = Invalid.of(
    "playbook.unreadable",
    "{path} 的文字编码无法识别",
    "{path} is no playbook in UTF-8",
    "请用文本编辑器另存后再试",
    "save it as UTF-8",
)


@command("playbook lint")
def playbook_lint(file: Path, as_json: Json = False) -> None:
    """检查预案: list every fault of a playbook file."""
    from coordination.playbook_text import compile_text  # noqa: PLC0415

    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlaybookUnreadable(path=str(file)) from error
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


@command("account add")
def account_add(
    account: str,
    role: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)],
    area: Annotated[str, typer.Option(help="path of the area, empty: all")] = "",
    data: Data = None,
) -> None:
    """新建账号: create an account, or reset its password; grant it a role."""
    from api.cli.client import RefusedByServer  # noqa: PLC0415 - starts quicker without
    from coordination.permit import GRANTED  # noqa: PLC0415

    if role not in GRANTED:
        raise typer.BadParameter(f"one of {', '.join(sorted(GRANTED))}")
    way, code = Way(data=data), area.ljust(12, "0") if area else None
    given = {"account": account, "role": role, "area": code, "basis": "account add"}
    # Whoever makes an account need not have looked at anything before.
    seen = {"seen_seq": way.position() or UNSEEN}
    new = {"account": account, "name": name, "password": password}
    try:
        way.send("accounts", new)
    except RefusedByServer as refusal:
        if refusal.code != "auth.account-exists":
            raise
        way.send(f"accounts/{account}/password", {"password": password})
    held = way.rows("grants", **{"f.account": account})["rows"]
    if not any(r["state"] == "ACTIVE" and r["role"] == role for r in held):
        way.send("grants", {**given, **seen})
    way.show({"account": account, "role": role}, f"账号 {account} 已可使用")


def serve(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any free one")] = 8417,
    timers: Annotated[bool, typer.Option(help="tick deadlines in this process")] = True,
    json_logs: Annotated[bool, typer.Option(help="one JSON object a line")] = True,
    data: Data = None,
) -> None:
    """启动服务: run the server."""
    from api.demo.accounts import DEMONSTRATION  # noqa: PLC0415
    from api.http.serving import serve as run  # noqa: PLC0415

    run(
        from_environment(data),
        host=host,
        port=port,
        timers=timers,
        json_logs=json_logs,
        demonstration=DEMONSTRATION,
    )


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
