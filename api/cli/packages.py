"""Packages (四包): who answers for which compound, building, grid and facility."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.people import Area
from api.cli.shared import As, CommandId, Data, Json, ask, send, show

package_app = typer.Typer(help="四包 Responsibility packages", no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="理由")]
Kind = Annotated[str, typer.Argument(help="compound, building, neighbours, facility …")]
Target = Annotated[str, typer.Argument(help="area code or site id")]
Party = Annotated[
    str, typer.Option(help="person:ID, post:ID, organisation:ID of who answers")
]
Backup = Annotated[list[str] | None, typer.Option(help="id of a person; may repeat")]


def _party(said: str) -> dict[str, str]:
    kind, _, named = said.partition(":")
    if kind not in {"person", "post", "organisation"} or not named:
        raise typer.BadParameter("such as person:h-0123456789ab")
    return {"kind": kind, "id": named}


@package_app.command("list")
def package_list(
    area: Area = "",
    state: Annotated[str, typer.Option(help="COVERED, STANDING or GAP")] = "",
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """四包清单: every target, with whoever answers for it."""
    where = (f"&f.state={state}" if state else "") + (f"&area={area}" if area else "")
    found = ask(data, f"packages?size=200{where}", as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        who = row["party_label"] or "—"
        said = f"{row['state_zh']} {row['kind_zh']} {row['target_name']} {who}"
        typer.echo(f"{row['target']:<24} {said}")


@package_app.command("assign")
def package_assign(  # noqa: PLR0913, PLR0917 - what a package says
    kind: Kind,
    target: Target,
    to: Party,
    backup: Backup = None,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """落实包保: give a package that nobody has."""
    row = {"kind": kind, "target": target, "party": _party(to), "backups": backup or []}
    given = {"rows": [row], "reason": reason}
    show(send(data, "packages/assign", given, command_id, as_), as_json=as_json)


@package_app.command("handover")
def package_handover(  # noqa: PLR0913, PLR0917 - as assign
    kind: Kind,
    target: Target,
    to: Party,
    backup: Backup = None,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """移交包保: from one party to another, with no moment between."""
    given = {
        "kind": kind,
        "target": target,
        "party": _party(to),
        "backups": backup or [],
        "reason": reason,
    }
    show(send(data, "packages/handover", given, command_id, as_), as_json=as_json)


@package_app.command("release")
def package_release(
    kind: Kind,
    target: Target,
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """解除包保: in peacetime only."""
    given = {"kind": kind, "target": target, "reason": reason}
    show(send(data, "packages/release", given, command_id, as_), as_json=as_json)


@package_app.command("propose")
def package_propose(
    area: Area,
    kind: Annotated[str, typer.Option(help="compound, building …")] = "building",
    commit: Annotated[
        bool, typer.Option("--commit", help="assign all of it in one decision")
    ] = False,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """批量建议: who should answer for what nobody has, by distance, load, skill."""
    found = send(data, "packages/propose", {"area": area, "kind": kind}, "", as_)
    if commit:
        rows: list[dict[str, Any]] = [
            {
                "kind": row["kind"],
                "target": row["target"],
                "party": {"kind": "person", "id": row["person"]["id"]},
                "backups": [],
            }
            for row in found["rows"]
            if row["person"]
        ]
        given = {"rows": rows, "reason": f"批量建议 {found['digest'][:12]}"}
        found = send(data, "packages/assign", given, command_id, as_)
    elif not as_json:
        for row in found.pop("rows"):
            who = row["person"]["label"] if row["person"] else "—"
            said = f"{row['distance_zh']} 已包 {row['load']}"
            typer.echo(f"{row['target_name']:<24} {who} {said}")
    show(found, as_json=as_json)


@package_app.command("coverage")
def package_coverage(
    area: Area, as_: As = "", data: Data = None, as_json: Json = False
) -> None:
    """包保覆盖: targets, covered, standing in and gaps, by area."""
    found = ask(data, f"packages/coverage?area={area}", as_)
    if as_json:
        show(found, as_json=True)
        return
    heads = ("targets", "covered", "standing", "gaps")
    typer.echo(" ".join(f"{head:>9}" for head in heads))
    for row in (*found["children"], {**found["total"], "name": "="}):
        counts = " ".join(f"{row[head]:>9}" for head in heads)
        typer.echo(f"{counts}  {row['name']}")
