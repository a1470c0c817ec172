"""Ready is an honest sentence: each part, since when, and what to do (H12 to H14)."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from api.http.app import create_app
from api.http.pools import EXPORTS
from api.world import condition
from api.world.clock import APART_US, WallClock, WorldClock
from api.world.pulse import Pulse
from api.world.timers import tick
from coordination.log import Append, Proposed, Receipt
from coordination.log.records import Head
from projections.approvals import APPROVALS
from tests.api.served import (
    CENTRE_1,
    DISTRICT,
    STEP,
    Service,
    accounts_at,
    declaration,
    is_error,
    open_at,
    rows_since,
    served,
    service,
)
from tests.counting import count
from tests.given import HOUR, NOW, PATIENCE_SECONDS, SECOND, Clock

DAY = 24 * HOUR


async def ready(s: Service) -> httpx.Response:
    """Ask whether the service is ready."""
    async with s.http() as http:
        return await http.get("/health/ready")


async def part(s: Service, name: str) -> dict[str, Any]:
    """Return how a part of the service stands."""
    found = {one["part"]: one for one in (await ready(s)).json()["parts"]}
    return found[name]


async def eventually_ready(s: Service) -> None:
    """Return when the service is ready again."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await ready(s)).status_code != 200:  # noqa: ASYNC110 - asked from outside
            await asyncio.sleep(0.01)


# --- the clock ------------------------------------------------------------------------


class Hands:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.wall_us, self.steady_us = NOW, 0

    def on(self, us: int) -> None:
        """Let time pass."""
        self.wall_us += us
        self.steady_us += us

    def clock(self) -> WallClock:
        """Return the clock that goes by them."""
        return WallClock(lambda: self.wall_us, lambda: self.steady_us)


def test_a_wall_that_jumps_is_not_followed():
    """Forward or back: the steady clock goes on, until the wall is right again."""
    for by in (DAY, -HOUR):
        hands = Hands()
        clock = hands.clock()
        hands.on(HOUR)
        assert (clock(), clock.jump) == (NOW + HOUR, None)
        hands.wall_us += by
        assert clock() == NOW + HOUR
        assert clock.jump is not None
        assert clock.jump.by_us == by
        hands.on(4 * SECOND)
        assert clock() == NOW + HOUR + 4 * SECOND
        hands.wall_us -= by
        assert (clock(), clock.jump) == (NOW + HOUR + 4 * SECOND, None)


def test_a_wall_that_is_moved_slowly_is_followed():
    """As a time server does; however far that goes in the end."""
    hands = Hands()
    clock = hands.clock()
    for _ in range(100):
        hands.on(SECOND)
        hands.wall_us += APART_US // 2
        assert clock() == hands.wall_us
    assert clock.jump is None


def test_somebody_may_say_that_the_wall_is_right():
    """From then on it is gone by."""
    hands = Hands()
    clock = hands.clock()
    hands.wall_us += DAY
    assert clock() == NOW
    clock.accept()
    assert (clock(), clock.jump) == (NOW + DAY, None)


def test_a_world_is_never_before_the_head_of_its_log():
    """Else whoever was granted a role just now would have none; timers rest."""
    hands = Hands()
    clock = WorldClock(hands.clock(), head_us=NOW + HOUR)
    assert clock() == NOW + HOUR
    assert clock.behind_us == HOUR
    assert clock.rests
    hands.on(2 * HOUR)
    assert clock() == NOW + 2 * HOUR
    assert not clock.rests


def test_a_demonstration_goes_on_from_its_last_fact():
    """However far ahead of the wall it had come."""
    hands = Hands()
    clock = WorldClock(hands.clock(), start_us=NOW + DAY, head_us=NOW + DAY)
    hands.on(SECOND)
    assert clock() == NOW + DAY + SECOND
    assert not clock.rests


def test_timers_rest_while_nobody_knows_the_time(data: Path):
    """24 hours ahead: nothing irreversible is recorded, and people go on (H14)."""
    asyncio.run(a_day_ahead(data))


async def a_day_ahead(data: Path) -> None:
    hands = Hands()
    hands.on(SECOND)
    clock = WorldClock(hands.clock())
    async with service(data, clock) as s:
        s.world.time, pulse = clock, Pulse(s.world)
        client, keeper = await s.as_("commander"), await s.as_("administrator")
        await client.declare()
        said = {"basis": "授时服务器核对"}
        is_error(await keeper.send("/clock/accept", said), "service.clock-right")
        hands.wall_us += DAY
        head = s.head
        assert await tick(s.world, pulse) == 0
        assert s.head == head
        clocked = await part(s, "clock")
        assert (clocked["state"], (await ready(s)).status_code) == ("warn", 200)
        assert "86400 秒" in clocked["zh"]
        done = await client.step(CENTRE_1, STEP, "acknowledge")
        assert rows_since(s.world, done["seq"] - 1)[0].recorded_us < NOW + HOUR
        is_error(await client.send("/clock/accept", said), "permit.denied")
        is_error(await keeper.send("/clock/accept", {}), "service.without-basis")
        accepted = await keeper.do("/clock/accept", said)
        assert accepted["to_us"] - accepted["from_us"] == DAY
        assert (await part(s, "clock"))["state"] == "ok"
        count("a clock a day ahead, nothing irreversible recorded")
        assert await tick(s.world, pulse) > 0  # what is due by the time there is


# --- stores and disk ------------------------------------------------------------------


@served
async def test_a_log_that_is_taken_away_is_said(s: Service):
    """And its decisions are refused, until it lies there again (H12)."""
    client = await s.as_("commander")
    path = s.world.settings.log_path
    kept = path.rename(path.with_name("kept"))
    answer = await ready(s)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert (await part(s, "log"))["state"] == "down"
    assert answer.json()["zh"].startswith("日志：日志文件在运行中被移走或替换")
    refused = await client.send("/emergencies", declaration())
    assert refused.status_code == 503
    is_error(refused, "log.gone")
    kept.rename(path)
    assert (await ready(s)).status_code == 200
    await client.declare()


def test_a_page_that_has_gone_bad_is_found(data: Path):
    """In the middle of the log, where nobody looks for years (H12)."""

    async def look(change: str) -> dict[str, Any]:
        copy = shutil.copytree(data, data.with_name(f"copy-{len(change)}"))
        with closing(sqlite3.connect(copy / "log.sqlite")) as c, c:
            c.execute(change)
        async with service(copy) as s:
            return await part(s, "log")

    for change in (
        "UPDATE stored_events SET state = x'7b7d' WHERE rowid = 9",
        "UPDATE stored_events SET leaf = zeroblob(32) WHERE rowid = 9",
        "DELETE FROM stored_events WHERE rowid = 9",
    ):
        found = asyncio.run(look(change))
        assert found["state"] == "down"
        assert found["zh"].startswith("第 9 条与存入时不同")
        count("a row altered, emptied or removed in the middle, found")


@served
async def test_a_fact_that_this_program_does_not_know_is_said(s: Service):
    """Written by a newer one on another host: 503, and not a fault of ours (H16)."""
    client = await s.as_("commander")
    declared = await client.declare()
    await s.world.reached(declared["seq"])
    with closing(sqlite3.connect(s.world.settings.log_path)) as c, c:
        c.execute(
            "UPDATE stored_events SET topic = 'mode.dreamed-of.1'"
            " WHERE originator_id = 'emergencies'"
        )
    s.world.handler.states._known.clear()
    answer = await client.send("/emergencies", declaration(hazard="flood"))
    assert answer.status_code == 503
    is_error(answer, "log.newer")


@served
async def test_a_full_disk_is_said(s: Service, monkeypatch: pytest.MonkeyPatch):
    """Before it is full, and when it is; since when, and what to do (H14)."""
    usage = namedtuple("usage", "free")  # noqa: PYI024 - as the library's
    for free, state, status in ((999_000_000, "warn", 200), (9_000_000, "down", 503)):
        monkeypatch.setattr(condition.shutil, "disk_usage", lambda _, f=free: usage(f))
        answer = await ready(s)
        assert answer.status_code == status
        found = await part(s, "disk")
        assert found["state"] == state
        assert f"{free // 1_000_000} MB" in found["en"]


@served
async def test_a_database_that_cannot_be_written_is_said(s: Service):
    """Somebody else holds it: reads go on, and ready says that writes do not."""
    with closing(sqlite3.connect(s.world.settings.log_path)) as c:
        c.execute("BEGIN IMMEDIATE")
        looks = s.app.state.looks
        looks.condition._tried = -condition.WRITE_SECONDS
        answer = await ready(s)
        assert answer.status_code == 503
        assert answer.json()["zh"].startswith("数据库：没有答复")
        c.execute("ROLLBACK")
    await eventually_ready(s)


def test_nobody_looks_at_what_is_being_closed(data: Path):
    """A look that is under way, and work of any pool, is over before the stores are.

    To close a file that another thread reads ends the program, not the look.
    """

    async def play() -> None:
        world = open_at(data, Clock(NOW + SECOND))
        accounts = accounts_at(data, world.clock)
        app = create_app(world, accounts, timers=False)
        begun, go_on = Event(), Event()

        def export() -> None:
            begun.set()
            assert go_on.wait(PATIENCE_SECONDS)

        with closing(sqlite3.connect(data / "log.sqlite")) as c:
            async with app.router.lifespan_context(app):
                looks = app.state.looks
                asked = asyncio.ensure_future(EXPORTS.run("shen", export))
                await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
                asked.cancel()
                c.execute("BEGIN IMMEDIATE")
                looks.condition._tried = -condition.WRITE_SECONDS
                await looks.now()
                assert looks.condition.looking == "database"
                [drawing] = EXPORTS.under_way
                later = asyncio.get_running_loop().call_later
                later(0.2, go_on.set)
                later(0.2, c.execute, "ROLLBACK")
            assert looks.condition.looking == ""
            assert drawing.done()
        accounts.close()
        world.close()

    asyncio.run(play())


@served
async def test_every_screen_is_told_what_is_the_matter(s: Service):
    """In words, as soon as it changes, and when it is over; who comes later too."""
    frames = await s.app.state.stream.subscribe(DISTRICT, None)
    path = s.world.settings.log_path
    kept = path.rename(path.with_name("kept"))
    said: list[str] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for message in frames:
            lines = [x for x in message.decode().splitlines() if "part_zh" in x]
            said += [json.loads(x.removeprefix("data:"))["state"] for x in lines]
            if said == ["down"]:
                kept.rename(path)
            if said[1:]:
                break
    assert said == ["down", "ok"]


def committed(s: Service, command: str) -> Receipt:
    """Add the first fact of the log once more."""
    recorder = s.world.log.recorder
    one = recorder.rows(0, 1)[0]
    again = Proposed(one.stream, one.name, one.stored)
    [receipt] = recorder.commit([Append(command, "", {}, [again])], s.world.clock)
    assert isinstance(receipt, Receipt)
    recorder.known = receipt.seq
    return receipt


@served
async def test_what_is_decided_between_two_looks_is_no_fault(s: Service):
    """The end of the log is read, a decision is acknowledged, and the look goes on."""
    recorder = s.world.log.recorder
    numbers = itertools.count(1)
    head = recorder.head

    def decided() -> Head:
        found = head()
        committed(s, f"between-{next(numbers)}")
        return found

    looks = condition.Condition(s.world, None)
    recorder.head = decided  # type: ignore[method-assign]
    found = {part.part: part.state for part in looks.look()}
    recorder.head = head  # type: ignore[method-assign]
    assert next(numbers) > 1
    assert (found["log"], found["head"]) == (condition.OK, condition.OK)


@served
async def test_views_that_follow_a_busy_log_are_not_behind(s: Service, monkeypatch):
    """Each look finds the newest fact unseen, and the one before it seen."""
    steady = itertools.count(0, 4)
    hands = SimpleNamespace(monotonic=lambda: next(steady))
    monkeypatch.setattr(condition, "time", hands)
    looks, runner = condition.Condition(s.world, None), s.world.runner
    for number in range(5):
        with runner.holding(APPROVALS):
            receipt = committed(s, f"busy-{number}")
            assert runner.seq < receipt.seq
            assert looks._views() is None
        await s.world.reached(receipt.seq)
    with runner.holding(APPROVALS):
        head = committed(s, "unseen").seq
        assert looks._views() is None
        said = [looks._views() for _ in range(3)]
        assert isinstance(said[-1], condition.Behind)
        assert said[-1].facts == {"seq": runner.seq, "head": head}
    await s.world.reached(head)
    assert looks._views() is None
