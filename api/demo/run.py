"""``pingzhan demo``: a fresh world on loopback, with a morning that plays itself."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from api.demo.accounts import PASSWORD, seed_accounts, stand_in
from api.demo.morning import play
from api.demo.people import people
from api.demo.settling import settle
from api.demo.stock import keeper_posts, stock, stock_up
from api.demo.strength import opened_later
from api.exchange.areas import read_areas
from api.http.auth import Accounts, open_accounts
from api.http.deps import Demonstration
from api.http.operations import configure_logging
from api.http.serving import address, listen, run
from api.pages.board import shown_name
from api.world.birth import MARK
from api.world.ground import ground
from api.world.private import keep_private
from api.world.settings import Settings
from api.world.setup import init_world
from api.world.wiring import open_world, wall_clock
from api.world.world import World
from coordination.log import LogBusy, SQLiteRecorder
from coordination.tree import Place
from projections.board import Area
from projections.names import Names

HOST = "127.0.0.1"
MEMBERS = 15_100
"""As many as H District has."""
BEGINS = (7, 24)
"""Hour and minute; the order comes after a calm moment, at about half past seven."""


def run_demo(settings: Settings, *, areas: Path | None, port: int, seed: int) -> None:
    """Make the world anew, print how to look at it, serve until a signal."""
    configure_logging(json=False)
    settings = replace(settings, clock_start_us=_this_morning(settings.zone))
    text = areas.read_bytes() if areas else _songjiang()
    _clear(settings.data)
    found = listen(HOST, port)
    keep_private(settings.data)
    (settings.data / MARK).touch()
    typer.echo("laying out the world …")
    with (
        closing(open_world(settings)) as world,
        closing(open_accounts(settings, wall_clock)) as accounts,
    ):
        home, listed = _lay_out(world, accounts, text, seed)
        with world.reading() as c:
            name = shown_name(home, Names(c).area)
        url = address(HOST, found)
        typer.echo(f"\n  {name}: {world.log.recorder.head().seq} facts in the log")
        typer.echo(f"  打开 open   {url}/")
        typer.echo(f"  密码 password  {PASSWORD}")
        for account in listed:
            role = f"{account['role_zh']} {account['role_en']}"
            typer.echo(f"    {account['account']:<12} {role}  {account['name']}")
        typer.echo(f"\n  1 real second = {settings.clock_factor} s; Ctrl-C ends it\n")

        async def morning(it: World) -> None:
            await play(it, home, name, seed, typer.echo)

        shown = Demonstration(stand_in, listed)
        run(world, accounts, found, HOST, beside=morning, demonstration=shown)


def _lay_out(
    world: World, accounts: Accounts, text: bytes, seed: int
) -> tuple[Area, list[dict[str, str]]]:
    """Make ground, people, stock and accounts; return where, and the accounts."""
    asyncio.run(init_world(world, text, seed, demonstration=True))
    world.runner.catch_up()
    with world.reading() as c:
        home = world.home(c)
    assert home is not None, "an area file that was imported has a root"
    rows, _ = read_areas(text)
    laid = list(ground(rows, seed))
    roster = people(rows, laid, seed, MEMBERS, now_us=world.clock())
    place = Place(home.code, home.level)
    asyncio.run(settle(world, opened_later(roster), place, f"demo:{seed}"))
    world.runner.catch_up()
    keepers = keeper_posts(roster.posts)
    held = stock(rows, laid, place, keepers, seed, now_us=world.clock())
    asyncio.run(stock_up(world, held))
    world.runner.catch_up()
    listed = asyncio.run(seed_accounts(world, accounts))
    world.runner.catch_up()
    return home, listed


def _this_morning(zone: str) -> int:
    """Return today's first moment of the story, microseconds since 1970 UTC."""
    today = datetime.fromtimestamp(wall_clock() // 1_000_000, ZoneInfo(zone))
    began = today.replace(hour=BEGINS[0], minute=BEGINS[1], second=0, microsecond=0)
    return int(began.timestamp()) * 1_000_000


def _songjiang() -> bytes:
    return resources.files("api.demo").joinpath("areas/songjiang.csv").read_bytes()


def _clear(data: Path) -> None:
    """Empty the demo's own folder; refuse a folder that is not one.

    :raises Exit: if another demo runs there, or the folder holds other things
    """
    if not data.exists():
        return
    log = data / "log.sqlite"
    if any(data.iterdir()) and not (data / MARK).exists():
        zh, en = "不是演示的数据目录，请用 --data 另选", "is not a demo's folder"
        typer.echo(f"{data} {zh}\n{data} {en}; choose another --data", err=True)
        raise typer.Exit(2)
    if log.exists():
        try:
            SQLiteRecorder(log).close()
        except LogBusy:
            typer.echo(f"a demo runs in {data} already", err=True)
            raise typer.Exit(1) from None
    shutil.rmtree(data)
