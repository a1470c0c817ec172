"""Live screens (实时推送): what a screen merges is what a board shows."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from pytest import Subtests  # noqa: PT013 - a type

from api.http.stream import QUEUE_MAX
from api.pages.board_delta import moved
from tests.api.served import (
    ACCOUNTS,
    API,
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    COMMUNITY_12,
    DISTRICT,
    EVERY_AREA,
    LOCAL_TOKEN,
    OTHER_STEP,
    STEP,
    STREET_1,
    STREET_2,
    Service,
    declaration,
    is_error,
    key,
    served,
    server,
)
from tests.given import HOUR, MINUTE, PATIENCE_SECONDS

MERGED = (("children", "code"), ("tiles", "code"), ("sites", "id"))
REPLACED = (
    "seq",
    "recorded_at",
    "mode",
    "ordered",
    "converted",
    "reach",
    "level",
    "level_below",
    "excluded",
    "counts",
    "emergencies",
    "late_total",
)
FACTS_SHOWN = 30
PLACE = {"seq": 0, "recorded_at": ""}
"""Where a board stands in the log: it moves without a message when nothing changed."""


def merge(board: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    """Bring a board up by one message as the contract tells a screen to."""
    after = {**board, **{name: delta[name] for name in REPLACED if name in delta}}
    after["late"] = late_after(board["late"], delta.get("late"))
    for name, by in MERGED:
        changed = {entry[by]: entry for entry in delta[name]}
        known = [changed.pop(e[by], e) for e in board[name]]
        after[name] = sorted([*known, *changed.values()], key=lambda e: e[by])
    after["facts"] = (delta["facts"] + board["facts"])[:FACTS_SHOWN]
    return after


def late_after(
    late: list[dict[str, Any]], change: list[dict[str, Any]] | dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Return the late steps after a change: all, or who came and who is gone."""
    if change is None:
        return late
    if isinstance(change, list):
        return change

    def key(row: dict[str, Any]) -> str:
        return f"{row['site']}/{row['emergency']}/{row['step']}"

    out = {*change["gone"], *map(key, change["rows"])}
    left = [row for row in late if key(row) not in out]
    by = itemgetter("due_at", "site", "emergency", "step")
    return sorted([*left, *change["rows"]], key=by)


def shown(board: dict[str, Any]) -> dict[str, Any]:
    """Return what a screen shows of a board: the keys that a merge brings up."""
    names = (
        *REPLACED,
        *(name for name, _ in MERGED),
        "facts",
        "late",
        "area",
        "ancestors",
    )
    found = {name: board[name] for name in names}
    found["sites"] = sorted(found["sites"], key=lambda e: e["id"])
    found["tiles"] = sorted(found["tiles"], key=lambda e: e["code"])
    return found


# --- a server in this loop, screens that listen ------------------------------------


@asynccontextmanager
async def listening(s: Service) -> AsyncIterator[str]:
    """Serve the application on loopback; give its address."""
    # named as TCP, or asyncio leaves Nagle's delay on
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        s.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    running = uvicorn.Server(config)
    # Without the signal handlers of serve(): pytest has its own.
    task = asyncio.ensure_future(running._serve([sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        await s.app.state.stream.close()
        running.should_exit = True
        await task
        sock.close()


class Screen:
    """One EventSource: reads messages off its connection."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.lines = answer.aiter_lines()
        self.raw: list[str] = []

    async def next(self) -> tuple[int, dict[str, Any]]:
        """Return the id and data of the next message."""
        number, data = 0, None
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self.lines:
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and data is not None:
                    self.raw.append(data)
                    return number, json.loads(data)
        raise EOFError

    async def until(self, seq: int) -> list[dict[str, Any]]:
        """Return every message up to the one that shows ``seq``."""
        found = []
        while not found or found[-1]["seq"] < seq:
            number, message = await self.next()
            assert number == message["seq"]
            found.append(message)
        return found


@asynccontextmanager
async def screen(
    http: httpx.AsyncClient, area: str, after: int | None = None, **headers: str
) -> AsyncIterator[Screen]:
    """Open the stream of an area."""
    query = {"area": area} | ({} if after is None else {"after": after})
    path = f"{API}/stream"
    async with http.stream("GET", path, params=query, headers=headers) as answer:
        if answer.status_code != 200:
            await answer.aread()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        yield Screen(answer)


def client_of(url: str) -> httpx.AsyncClient:
    """Return a client let in by the local token, with room for many streams."""
    return httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {LOCAL_TOKEN}"},
        limits=httpx.Limits(max_connections=None),
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )


async def the_next(
    http: httpx.AsyncClient, area: str, after: int | None, **headers: str
) -> dict[str, Any]:
    """Open a stream, take its first message, leave."""
    async with screen(http, area, after, **headers) as opened:
        return (await opened.next())[1]


# --- one screen --------------------------------------------------------------------


@served
async def test_a_step_reaches_the_screens_of_its_street(s: Service):
    """A screen of the street gets what changed; the other street's screen nothing."""
    client = await s.as_("commander")
    await client.declare()
    board = await client.board(STREET_1, s.head)
    other = await client.board(STREET_2)
    async with (
        listening(s) as url,
        client_of(url) as http,
        screen(http, STREET_1, board["seq"]) as mine,
        screen(http, STREET_2, other["seq"]) as theirs,
    ):
        receipt = await client.step(CENTRE_1, STEP)
        number, delta = await mine.next()
        assert number == delta["seq"] == receipt["seq"]
        assert [f["seq"] for f in delta["facts"]] == [receipt["seq"]]
        assert [t["id"] for t in delta["sites"]] == [CENTRE_1]
        assert delta["children"] == delta["tiles"] == []
        after = await client.board(STREET_1, receipt["seq"])
        assert shown(merge(board, delta)) == shown(after)
        # the other screen's next message is about its own step only
        last = await client.step(CENTRE_2, STEP)
        number, delta = await theirs.next()
        assert number == last["seq"]
        assert [f["seq"] for f in delta["facts"]] == [last["seq"]]
        after = await client.board(STREET_2, last["seq"])
        assert shown(merge(other, delta)) == shown(after)


@served
async def test_a_switch_reaches_every_level(s: Service):
    """One order: every watched area gets one message that makes its board right."""
    client = await s.as_("commander")
    boards = {area: await client.board(area) for area in EVERY_AREA}
    async with (
        listening(s) as url,
        client_of(url) as http,
        AsyncExitStack() as stack,
    ):
        screens = {
            area: await stack.enter_async_context(screen(http, area, board["seq"]))
            for area, board in boards.items()
        }
        receipt = await client.declare(excluded=[COMMUNITY_12])
        for area, opened in screens.items():
            after = await client.board(area, receipt["seq"])
            if area == COMMUNITY_12:
                assert after["mode"] == "PEACETIME"
                continue
            _, delta = await opened.next()
            assert shown(merge(boards[area], delta)) == shown(after)


# --- a session that ends -----------------------------------------------------------


def _signed_out(s: Service, session: str) -> None:
    s.accounts.end_session(session)


def _disabled(s: Service, _session: str) -> None:
    s.accounts.disable(ACCOUNTS["auditor"].account)


def _expired(s: Service, _session: str) -> None:
    s.world.clock.now += 31 * 24 * HOUR


async def _revoked(s: Service, token: str) -> None:
    admin = await s.as_("administrator")
    answer = await admin.http.delete(f"{API}/tokens/{token}")
    assert answer.status_code == 204, answer.text


async def _without_roles(s: Service, _session: str) -> None:
    admin = await s.as_("administrator")
    for grant in (await admin.get("/grants", **{"f.account": "ducha"}))["rows"]:
        body = {"account": "ducha", "reason": "离任"}
        await admin.do(f"/grants/{grant['id']}/revoke", body)


@pytest.mark.parametrize(
    ("end", "by"),
    [
        *(
            (end, "cookie")
            for end in (_signed_out, _disabled, _expired, _without_roles)
        ),
        *((end, "token") for end in (_revoked, _disabled)),
    ],
)
@served
async def test_the_stream_of_an_ended_session_ends(
    s: Service, end: Callable[[Service, str], Awaitable[None] | None], by: str
):
    """Within seconds it says so and ends; that of somebody else goes on."""
    auditor, account = await s.as_("auditor"), ACCOUNTS["auditor"].account
    (session,) = s.accounts.sessions(account)
    board = await auditor.board(STREET_1, s.head)
    known: dict[str, Any] = {"cookies": dict(auditor.http.cookies)}
    if by == "token":
        session = s.accounts.new_token(account, key(), name="大屏", days=1)
        known = {"headers": {"Authorization": f"Bearer {session.secret}"}}
    async with (
        listening(s) as url,
        client_of(url) as http,
        httpx.AsyncClient(base_url=url, trust_env=False, **known) as ours,
        screen(http, STREET_1, board["seq"]) as other,
        screen(ours, STREET_1, board["seq"]) as mine,
    ):
        if (going := end(s, session.id)) is not None:
            await going
        async with asyncio.timeout(5):
            rest = [line async for line in mine.lines]
        assert "event: ended" in rest
        client = await s.as_("local")
        receipt = await client.declare(scope=[STREET_1], excluded=[])
        assert (await other.until(receipt["seq"]))[-1]["mode"] == "EMERGENCY"


# --- coming back -------------------------------------------------------------------


async def story(s: Service) -> None:
    """Fill the log: two emergencies, steps, deadlines, an end, a recovery."""
    client, clock = await s.as_("commander"), s.world.clock
    one = (await client.declare(scope=[STREET_1]))["emergency"]
    await client.step(CENTRE_1, STEP, "acknowledge")
    await client.step(CENTRE_1, STEP)
    clock.now += 50 * MINUTE
    await s.world.tick()
    two = await client.declare(scope=[STREET_2], level="IV", excluded=[])
    await client.step(CENTRE_2, STEP)
    clock.now += HOUR
    await s.world.tick()
    await client.step(CENTRE_1, OTHER_STEP)
    await client.do(f"/emergencies/{one}/end", {"basis": "解除令"})
    await s.world.reached(s.head)
    for site in (await client.get("/sites", area=STREET_1))["sites"]:
        for step in site["steps"]:
            await client.step(site["id"], step["id"])
    await client.do(f"/emergencies/{two['emergency']}/end", {"basis": "解除令"})
    clock.now += HOUR
    await s.world.tick()
    await s.world.reached(s.head)


PAIRS = 24


@served
async def test_merging_what_was_missed_gives_the_board_of_now(s: Service):
    """From any seq and area: the old board and one message make the newest board."""
    start = s.head
    await story(s)
    client, told = await s.as_("auditor"), 0
    boards = {area: await client.board(area) for area in EVERY_AREA}
    pairs = [(DISTRICT, start), (STREET_1, start + 1)]
    pairs += [
        (EVERY_AREA[n % len(EVERY_AREA)], start + n * 37 % (s.head - start))
        for n in range(PAIRS)
    ]
    async with listening(s) as url, client_of(url) as http:
        for area, seq in pairs:
            now, then = boards[area], await client.board(area, at=seq)
            if shown(then) | PLACE == shown(now) | PLACE:
                continue  # nothing to tell: the stream says nothing
            told += 1
            missed = await the_next(http, area, seq)
            assert missed["seq"] == now["seq"]
            assert shown(merge(then, missed)) == shown(now), (area, seq)
            # the header that browsers send wins over the address they first opened
            header = {"Last-Event-ID": str(seq)}
            assert await the_next(http, area, 1, **header) == missed
    assert told > PAIRS / 2


@served
async def test_after_what_was_missed_comes_what_is_new(s: Service):
    """A screen that comes back gets one message for the gap, then the live ones."""
    client = await s.as_("commander")
    await client.declare()
    board = await client.board(STREET_1, s.head)
    await client.step(CENTRE_1, STEP)
    await client.step(CENTRE_1, OTHER_STEP, "acknowledge")
    await s.world.reached(s.head)
    gap = s.head
    async with listening(s) as url, client_of(url) as http:
        async with screen(http, STREET_1, board["seq"]) as opened:
            number, delta = await opened.next()
            assert number == gap
            assert len(delta["facts"]) == 2
            board = merge(board, delta)
            receipt = await client.step(CENTRE_1, OTHER_STEP)
            for message in await opened.until(receipt["seq"]):
                board = merge(board, message)
        assert shown(board) == shown(await client.board(STREET_1))


@served
async def test_odd_positions_to_come_back_to(s: Service, subtests: Subtests):
    """0, before the area was, the end, beyond it: a stream all the same."""
    client = await s.as_("commander")
    await client.declare()
    await s.world.reached(s.head)
    async with listening(s) as url, client_of(url) as http:
        for area in (DISTRICT, COMMUNITY_11):
            now = await client.board(area)
            for after in (0, 1, 2, 8):
                with subtests.test(area=area, after=after):
                    missed = await the_next(http, area, after)
                    assert missed["seq"] == now["seq"]
                    empty = {
                        **now,
                        "children": [],
                        "tiles": [],
                        "sites": [],
                        "facts": [],
                    }
                    merged = merge(empty, missed)
                    assert merged["mode"] == now["mode"]
                    assert len(merged["sites"]) == len(now["sites"])
        for after in (s.head, s.head + 1, 2**53 - 1):
            with subtests.test(after=after):
                beyond = after > s.head
                async with screen(http, STREET_1, after) as opened:
                    if beyond:  # an older log was put back: there is no way from there
                        assert await opened.next() == (0, {})
                    verb = "complete"
                    steps = (await client.get(f"/sites/{CENTRE_1}"))["steps"]
                    step = next(t["id"] for t in steps if t["state"] == "OPEN")
                    receipt = await client.step(CENTRE_1, step, verb)
                    number, _ = await opened.next()
                    assert number == receipt["seq"]
        for header in ("", "x", "-1", "9" * 17, "1.5"):
            with subtests.test(header=header):
                async with screen(http, STREET_1, s.head, **{"Last-Event-ID": header}):
                    pass


@served
async def test_ids_only_grow(s: Service):
    """However screens come and go while things happen, no message comes twice."""
    client = await s.as_("commander")
    await client.declare()
    await s.world.reached(s.head)
    sites = (await client.get("/sites", area=DISTRICT))["sites"]
    steps = [(t["id"], p["id"]) for t in sites for p in t["steps"]]
    done = asyncio.Event()

    async def watch(http: httpx.AsyncClient) -> None:
        board = await client.board(DISTRICT)
        while not done.is_set():
            async with screen(http, DISTRICT, board["seq"]) as opened:
                for _ in range(2):
                    try:
                        async with asyncio.timeout(0.5):
                            number, message = await opened.next()
                    except TimeoutError:
                        break
                    assert number > board["seq"]
                    facts = [f["seq"] for f in message["facts"]]
                    assert all(seq > board["seq"] for seq in facts), (
                        board["seq"],
                        facts,
                    )
                    board = merge(board, message)
        missed = await client.board(DISTRICT, at=board["seq"])
        assert shown(board) == shown(missed)

    async with listening(s) as url, client_of(url) as http:
        watchers = [asyncio.ensure_future(watch(http)) for _ in range(4)]
        for site, step in steps:
            await client.step(site, step)
        done.set()
        await asyncio.gather(*watchers)


# --- many screens ------------------------------------------------------------------


@served
async def test_sixty_screens_get_the_same_bytes(s: Service):
    """Sixty screens of one area: one encoding, the same bytes for each."""
    client = await s.as_("commander")
    receipt = await client.declare()
    await s.world.reached(receipt["seq"])
    async with (
        listening(s) as url,
        client_of(url) as http,
        AsyncExitStack() as stack,
    ):
        screens = [
            await stack.enter_async_context(screen(http, STREET_1, receipt["seq"]))
            for _ in range(60)
        ]
        assert s.app.state.stream.clients == 60
        await client.step(CENTRE_1, STEP)
        await asyncio.gather(*(opened.until(s.head) for opened in screens))
        last = await client.step(CENTRE_1, OTHER_STEP)
        await asyncio.gather(*(opened.until(last["seq"]) for opened in screens))
        assert len({tuple(opened.raw) for opened in screens}) == 1
        async with s.http() as metrics:
            text = (await metrics.get("/metrics")).text
        assert "pingzhan_screens 60.0" in text.splitlines()
    assert s.app.state.stream.clients == 0


@served
async def test_a_slow_screen_is_let_go(s: Service):
    """A screen that takes nothing fills its queue, is dropped, and can come back."""
    client = await s.as_("commander")
    await client.declare()
    board = await client.board(DISTRICT, s.head)
    stream = s.app.state.stream
    frames = await stream.subscribe(DISTRICT, board["seq"])  # taken by nobody
    quick = await stream.subscribe(DISTRICT, board["seq"])
    await anext(quick)
    sites = (await client.get("/sites", area=DISTRICT))["sites"]
    steps = [(t["id"], p["id"]) for t in sites for p in t["steps"]]
    # the queue of the one nobody reads, full but for one place
    slow = frames.ag_frame.f_locals["inbox"]
    while slow.qsize() < QUEUE_MAX - 1:
        slow.put_nowait(b": filler\n\n")
    for site, step in steps[:2]:
        receipt = await client.step(site, step)
        assert b"id: %d\n" % receipt["seq"] in await anext(quick)
    assert stream.clients == 1
    came = [frame async for frame in frames]
    assert len(came) <= QUEUE_MAX + 1
    again = await stream.subscribe(DISTRICT, board["seq"])
    assert b"id: %d\n" % s.head in await anext(again)
    await again.aclose()
    await quick.aclose()
    assert stream.clients == 0


@served
async def test_a_screen_that_left_before_its_first_byte_is_forgotten(s: Service):
    """A client that goes away while its gap is drawn leaves no queue behind."""
    client = await s.as_("commander")
    await client.declare()
    stream = s.app.state.stream
    for _ in range(5):
        task = asyncio.ensure_future(stream.subscribe(DISTRICT, 1))
        for _ in range(1_000):
            if stream.clients or task.done():
                break
            await asyncio.sleep(0)
        while not stream.clients and not task.done():
            await asyncio.wait([task], timeout=0.001)
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is None:
            await task.result().aclose()
    assert stream.clients == 0


# --- the end -----------------------------------------------------------------------


def test_a_graceful_end_with_open_screens(data: Path):
    """SIGTERM with forty open streams: all end in order, the process with 0."""

    async def inside(url: str, token: str, end: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(
                base_url=url,
                headers=headers,
                limits=limits,
                timeout=PATIENCE_SECONDS,
                trust_env=False,
            ) as http,
            AsyncExitStack() as stack,
        ):
            screens = [
                await stack.enter_async_context(screen(http, DISTRICT))
                for _ in range(40)
            ]
            answer = await http.post(
                f"{API}/emergencies",
                json=declaration(seen_seq=1),
                headers={"Idempotency-Key": key()},
            )
            assert answer.status_code == 201
            seq = answer.json()["seq"]
            await asyncio.gather(*(opened.until(seq) for opened in screens))
            end()

            async def drained(opened: Screen) -> None:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while True:
                        try:
                            await opened.next()
                        except EOFError:
                            return

            # A stream cut off by the bound of uvicorn would be another error than EOF.
            await asyncio.gather(*(drained(opened) for opened in screens))

    with server(data, apart=True) as process:
        asyncio.run(
            inside(
                process.url,
                process.token,
                lambda: process.popen.send_signal(signal.SIGTERM),
            )
        )
        assert process.end() == 0
    assert not (data / "server.json").exists()


def test_a_web_socket_is_refused_as_any_other_request(data: Path):
    """Nothing here speaks it: hosts and sign-in are asked first, as of all others."""
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    with server(data) as process:
        foreign = httpx.get(process.url, headers={**asked, "Host": "evil.example"})
        is_error(foreign, "request.foreign-host")
        stranger = httpx.get(f"{process.url}{API}/stream", headers=asked)
        is_error(stranger, "auth.not-signed-in")


LATE = st.lists(
    st.builds(
        lambda at, site, step, seq: {
            "site": f"s{site}",
            "emergency": f"e{site % 2}",
            "step": f"t{step}",
            "due_at": f"2026-12-01T00:{at:02}:00Z",
            "seq": seq,
        },
        at=st.integers(0, 5),
        site=st.integers(1, 6),
        step=st.integers(1, 3),
        seq=st.integers(1, 2),
    ),
    max_size=20,
    unique_by=lambda row: (row["site"], row["step"]),
)


@given(before=LATE, after=LATE)
def test_late_steps_come_and_go_one_by_one(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
):
    """What a screen makes of a change is what there is; never more than all is sent."""
    by = itemgetter("due_at", "site", "emergency", "step")
    before, after = sorted(before, key=by), sorted(after, key=by)
    change = moved(before, after)
    assert late_after(before, change) == after
    if isinstance(change, dict):
        assert len(change["rows"]) + len(change["gone"]) < len(after)
