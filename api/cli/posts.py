"""Posts (岗位): who acts, who steps in, what is handed over."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.people import Area, Reason, rows_of
from api.cli.shared import As, CommandId, Data, Json, ask, send, show

post_app = typer.Typer(help="岗位 Posts and their backups (AB角)", no_args_is_help=True)
Post = Annotated[str, typer.Argument(help="id, such as 310117001001-p-grid-head")]


@post_app.command("list")
def post_list(
    area: Area = "",
    state: Annotated[str, typer.Option(help="HELD, ACTING, PENDING or VACANT")] = "",
    as_: As = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """岗位清单: who acts on each post of an area."""
    wanted = f"?f.state={state}" if state else "?"
    found = rows_of(f"posts{wanted}", area, data, as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        acting = row["acting_label"] or "—"
        said = f"{row['state_zh']:<6} {row['full_name']} {acting}"
        typer.echo(f"{row['post']:<40} {said}")


@post_app.command("show")
def post_show(
    post: Post, as_: As = "", data: Data = None, as_json: Json = False
) -> None:
    """岗位: its line with the tests each passes, its handover sheet."""
    found = ask(data, f"posts/{post}", as_)
    if as_json:
        show(found, as_json=True)
        return
    acting = found["acting_label"] or "—"
    typer.echo(f"{found['full_name']}: {found['state_zh']} {acting}")
    for one in found["chain"]:
        mark = "A" if one["place"] == 0 else f"B{one['place']}"
        said = "在岗" if one["acting"] else ("可" if one["able"] else one["failed"])
        typer.echo(f"  {mark:<3} {one['person']['id']} {one['person']['label']} {said}")
    for item in (found["handover"] or {"items": []})["items"]:
        taken = item["taken_at"] or "—"
        typer.echo(f"  交接 {item['item']:<10} {item['zh']} {taken}")


@post_app.command("substitute")
def post_substitute(
    post: Post,
    reason: Reason,
    person: Annotated[str, typer.Option(help="of the line, else the next able")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """指令转换: have a backup act; their own post is filled in turn."""
    given = {"person": person or None, "reason": reason}
    path = f"posts/{post}/substitute"
    show(send(data, path, given, command_id, as_), as_json=as_json)


@post_app.command("accept")
def post_accept(
    post: Post,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """接岗: accept a post one was called to (with --as, as that person)."""
    show(send(data, f"posts/{post}/accept", {}, command_id, as_), as_json=as_json)


@post_app.command("decline")
def post_decline(
    post: Post,
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """不能接岗: the next in line is called in the same decision."""
    given = {"reason": reason}
    show(send(data, f"posts/{post}/decline", given, command_id, as_), as_json=as_json)


@post_app.command("seize")
def post_seize(
    post: Post,
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """紧急自任: take a post over in need; to be ratified."""
    given = {"reason": reason}
    show(send(data, f"posts/{post}/seize", given, command_id, as_), as_json=as_json)


@post_app.command("ratify")
def post_ratify(
    post: Post,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """追认: agree with what was seized in need."""
    given = {"reason": reason}
    show(send(data, f"posts/{post}/ratify", given, command_id, as_), as_json=as_json)


@post_app.command("return")
def post_return(
    post: Post,
    reason: Reason = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """A 角归位: have the holder act again; nothing does so by itself."""
    given = {"reason": reason}
    show(send(data, f"posts/{post}/return", given, command_id, as_), as_json=as_json)


@post_app.command("appoint")
def post_appoint(
    post: Post,
    person: Annotated[str, typer.Option(help="id of the new holder")],
    reason: Reason,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """正式任命: replace the holder for good."""
    given = {"person": person, "reason": reason}
    show(send(data, f"posts/{post}/appoint", given, command_id, as_), as_json=as_json)


@post_app.command("handover")
def post_handover(
    post: Post,
    item: Annotated[
        str, typer.Option(help="situation, steps, deadlines, custody or withheld")
    ],
    count: Annotated[int, typer.Option(help="of what is in custody", min=-1)] = -1,
    note: Annotated[str, typer.Option(help="备注")] = "",
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """交接: acknowledge one item of the handover sheet."""
    given: dict[str, Any] = {"item": item, "note": note}
    given["count"] = count if count >= 0 else None
    show(send(data, f"posts/{post}/handover", given, command_id, as_), as_json=as_json)


@post_app.command("safety")
def post_safety(
    post: Post,
    as_: As = "",
    command_id: CommandId = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """平安报到: confirm to be well and at the post."""
    show(send(data, f"posts/{post}/safety", {}, command_id, as_), as_json=as_json)


@post_app.command("single-points")
def post_single_points(
    area: Area = "", as_: As = "", data: Data = None, as_json: Json = False
) -> None:
    """单点岗位: posts that one more absence would leave vacant."""
    found = rows_of("posts/single-points", area, data, as_)
    if as_json:
        show(found, as_json=True)
        return
    for row in found["rows"]:
        shared = "、".join(row["shared_with"])
        said = f"{row['full_name']} {row['why_zh']} {shared}"
        typer.echo(f"{row['post']:<40} {said}")
