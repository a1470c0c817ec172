"""Looking (查看): status, sites, the log, proofs, the way of a lot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.lines import slip_line
from api.cli.seen import Look, saw
from api.cli.shared import Data, Json, command, show
from api.cli.way import Way, looks
from api.world.settings import from_environment
from coordination.states import CONVERTED

if TYPE_CHECKING:
    from api.http.moments import Stored

AsOf = Annotated[
    str,
    typer.Option(
        "--at", "--as-of", help="截至: a log position, a time or a command id"
    ),
]

log_app = typer.Typer(help="日志 The log", invoke_without_command=True)


def status(
    area: Annotated[str, typer.Option(help="area code")],
    at: AsOf = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """态势: what is ordered in an area, and how far its sites are; now or then."""
    from api.cli.status import in_words, status_of_area  # noqa: PLC0415
    from api.world import local  # noqa: PLC0415 - starts quicker without

    with local.reading(from_environment(data)) as (recorder, engine):
        found = status_of_area(engine, area, _position(recorder, at))
    _saw(data, found["seq"], area, at)
    if as_json:
        show(found, as_json=True)
        return
    for line in in_words(found):
        typer.echo(line)


def _position(recorder: Stored, at: str) -> int | None:
    """Return the position of a moment that was asked for, None for now."""
    from api.http.moments import position_of  # noqa: PLC0415 - starts quicker without
    from api.world.wiring import wall_clock  # noqa: PLC0415 - so too

    return position_of(recorder, at, wall_clock()) if at else None


def _saw(data: Path | None, seq: int, area: str, at: str) -> None:
    """Remember what is shown, if it is how things stand now."""
    if not at:
        saw(from_environment(data), "", Look(seq, area))


@command("site list")
def site_list(
    area: Annotated[str, typer.Option(help="area code")],
    at: AsOf = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """阵地: the sites inside an area with mode and open steps."""
    from api.cli.status import sites_in  # noqa: PLC0415
    from api.world import local  # noqa: PLC0415 - starts quicker without

    with local.reading(from_environment(data)) as (recorder, engine):
        found = sites_in(engine, area, _position(recorder, at))
    _saw(data, found["seq"], area, at)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for site in found["sites"]:
        opened = " ".join(s["id"] for s in site["steps"] if s["state"] != "DONE")
        far = CONVERTED[site["mode"]][0]
        typer.echo(f"{site['id']:<20} {far:<4} {site['name']}  {opened}")


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
    from api.world import local  # noqa: PLC0415 - starts quicker without

    if context.invoked_subcommand is not None:
        return
    from api.http.plain import moment  # noqa: PLC0415
    from api.world.verify import all_rows  # noqa: PLC0415

    with local.stored(from_environment(data)) as recorder:
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
    from api.world import local  # noqa: PLC0415 - starts quicker without
    from api.world.verify import verify  # noqa: PLC0415

    with local.stored(from_environment(data), still=True) as recorder:
        found = verify(recorder)
    show(found, as_json=as_json)
    if not found["ok"]:
        raise typer.Exit(1)


@command("stock trace", looks)
def stock_trace(
    way: Way,
    what: Annotated[str, typer.Argument(help="ITEM and LOT, or a slip")],
    lot: Annotated[str, typer.Argument()] = "",
) -> None:
    """追溯: from where it came to everywhere it went; of a lot or a slip."""
    asked = {"item": what, "lot": lot} if lot else {"slip": what}
    found = way.ask("stock/trace", **asked)
    told = [] if lot else [slip_line(found["slip"])]
    for one in [found] if lot else found["lots"]:
        came = f"{one['origin_zh']} {one['origin_id']} {one['slip']}"
        told.append(f"{one['name']} 批次 {one['lot']} 来自 {came}")
        told += [f"  {b['zh']} {b['said']}" for b in one["balances"]]
        told += [f"  在架 {x['station_name']} {x['on_hand_said']}" for x in one["held"]]
    told += [
        f"{m['at']} {m['station_name']} {m['source_zh']} → {m['destination_zh']} "
        f"{m['name']} {m['said']} {m['slip']} {m['party_zh']} {m['party_id']}"
        for m in found["movements"]
    ]
    way.table(found, told)


def rebuild(
    check: Annotated[
        bool,
        typer.Option("--check", help="compare with the live views, change nothing"),
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """重建视图: rebuild the views from the log, or prove they equal a rebuild."""
    from api.world.local import check_there  # noqa: PLC0415 - starts quicker without
    from api.world.rebuilding import check_views, rebuild_views  # noqa: PLC0415

    settings = from_environment(data)
    check_there(settings)
    found = check_views(settings) if check else rebuild_views(settings)
    show(found, as_json=as_json)
    if not found["equal"]:
        raise typer.Exit(1)
