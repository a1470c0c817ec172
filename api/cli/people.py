"""People (人员): the roster and its file, who is not available, checking in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.shared import As, CommandId, Data, Json, ask, send, send_file, show

people_app = typer.Typer(help="人员 People", no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="理由")]
Area = Annotated[str, typer.Option(help="area code")]
People = Annotated[list[str], typer.Argument(help="ids of people, h-…")]


def rows_of(path: str, area: str, data: Path | None, as_: str) -> dict[str, Any]:
    """Return the first rows of a list, of one area if one is named."""
    where = f"&area={area}" if area else ""
    return ask(data, f"{path}{'&' if '?' in path else '?'}size=200{where}", as_)


@people_app.command("import")
def people_import(
    file: Annotated[Path, typer.Argument(help="roster, CSV or .xlsx")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="change nothing")] = False,
    area: Annotated[str, typer.Option(help="area code, else the whole world")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """导入花名册: all of a roster or nothing; faults by row and column."""
    path = f"people/import?dry_run={str(dry_run).lower()}"
    path += f"&area={area}" if area else ""
    found = send_file(data, path, file, command_id, as_)
    if not as_json:
        units = found.pop("completeness")
        for unit in units:
            size = unit["headcount"] or "—"
            typer.echo(f"{unit['name']:<24} {unit['listed']:>6} / {size}")
    show(found, as_json=as_json)


@people_app.command("list")
def people_list(
    area: Area = "",
    q: Annotated[str, typer.Option("--find", help="name, unit, community …")] = "",
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """花名册: who lives in an area, as far as one may know."""
    found = rows_of(f"people?q={q}", area, data, as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        state = row["cause_zh"] or row["stage_zh"]
        typer.echo(f"{row['id']} {row['label']:<8} {row['unit_name']:<16} {state}")


@people_app.command("unavailable")
def people_unavailable(  # noqa: PLR0913, PLR0917 - what is said of them
    people: People,
    reason: Reason,
    cause: Annotated[
        str, typer.Option(help="leave, ill, quarantined, unreachable or other")
    ] = "other",
    until: Annotated[str, typer.Option(help="such as 2026-12-31T18:00:00+08:00")] = "",
    what_if: Annotated[
        bool, typer.Option("--what-if", help="show what it would do, store nothing")
    ] = False,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """登记不可用: posts and packages are replanned in the same decision."""
    given = {
        "people": people,
        "cause": cause,
        "until": until or None,
        "what_if": what_if,
        "reason": reason,
    }
    found = send(data, "people/unavailable", given, command_id, as_)
    if not as_json:
        for row in found.pop("substituted"):
            before = row["before"]["label"] if row["before"] else "—"
            typer.echo(f"转换 {row['full_name']}: {before} → {row['after']['label']}")
        for row in found.pop("vacated"):
            tried = "、".join(
                f"{t['person']['label']}（{t['test_zh']}）" for t in row["tried"]
            )
            typer.echo(f"空缺 {row['full_name']}: {tried or '—'}")
        for row in found.pop("packages"):
            typer.echo(f"包保 {row['target_name']}: → {row['after']['label']}")
    show(found, as_json=as_json)


@people_app.command("available")
def people_available(
    people: People,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """恢复可用: nothing is retaken by it."""
    given = {"people": people, "reason": reason}
    show(send(data, "people/available", given, command_id, as_), as_json=as_json)


@people_app.command("checkin")
def people_checkin(  # noqa: PLR0913, PLR0917 - what is said of it
    person: Annotated[str, typer.Argument(help="id, else oneself")] = "",
    stage: Annotated[
        str, typer.Option(help="reported, present, partial, absent, active or left")
    ] = "present",
    source: Annotated[str, typer.Option(help="phone, qr, staff or paper")] = "staff",
    occurred_at: Annotated[str, typer.Option(help="when, if entered late")] = "",
    what: Annotated[str, typer.Option(help="what they did, for active")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """报到: enter how far somebody is, from paper hours late too."""
    given = {
        "person": person or None,
        "stage": stage,
        "source": source,
        "what": what,
        "occurred_at": occurred_at or None,
    }
    show(send(data, "checkins", given, command_id, as_), as_json=as_json)


@people_app.command("open-checkin")
def people_open_checkin(
    area: Area,
    basis: Annotated[str, typer.Option(help="依据")],
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """平时开启报到: on its basis, outside any emergency."""
    given = {"area": area, "basis": basis}
    show(send(data, "checkins/openings", given, command_id, as_), as_json=as_json)


@people_app.command("funnel")
def people_funnel(
    area: Area, as_: As = "", data: Data = None, as_json: Json = False
) -> None:
    """报到漏斗: reported, present, active; unknown is not absent."""
    found = ask(data, f"checkins/funnel?area={area}", as_)
    if as_json:
        show(found, as_json=True)
        return
    heads = ("registered", "reported", "present", "partial", "absent", "unknown",
             "active")  # fmt: skip
    typer.echo(" ".join(f"{head:>10}" for head in heads))
    for row in (*found["communities"], {**found["total"], "name": "="}):
        counts = " ".join(f"{row[head]:>10}" for head in heads)
        typer.echo(f"{counts}  {row['name']}")


@people_app.command("merge")
def people_merge(
    person: str,
    into: Annotated[str, typer.Option(help="who it is on the roster")],
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """并入: a walk-up is somebody on the roster; their hours go with them."""
    given = {"into": into, "reason": reason}
    show(send(data, f"people/{person}/merge", given, command_id, as_), as_json=as_json)


@people_app.command("forget")
def people_forget(
    person: str,
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """注销个人信息: the key to a name is destroyed; it cannot be undone."""
    given = {"reason": reason}
    show(send(data, f"people/{person}/forget", given, command_id, as_), as_json=as_json)
