"""Refusals are not hurried: a flood of them leaves room for everybody else."""

import asyncio
from collections import Counter

import httpx
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.http.guard import Guard
from api.http.pace import BURST, NETWORKS_MAX, PAUSE_SECONDS_MAX, PER_SECOND, Pace
from tests.given import Clock


class Steady:
    """A clock in seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_answered_at_once_and_the_rest_at_its_pace():
    clock = Steady()
    pace = Pace(clock)
    assert [pace.pause("a") for _ in range(BURST)] == [0.0] * BURST
    assert [pace.pause("a") for _ in range(3)] == [n / PER_SECOND for n in (1, 2, 3)]
    assert pace.pause("b") == 0.0
    clock.now += 4 / PER_SECOND
    assert pace.pause("a") == 0.0
    clock.now += 1_000
    assert [pace.pause("a") for _ in range(BURST + 1)][-2:] == [0.0, 1 / PER_SECOND]


def test_nobody_waits_longer_than_a_request_may_take():
    pace = Pace(Steady())
    assert max(pace.pause("a") for _ in range(10_000)) == PAUSE_SECONDS_MAX


def test_as_many_networks_are_remembered_as_there_is_room_for():
    pace = Pace(Steady())
    for number in range(2 * NETWORKS_MAX):
        pace.pause(str(number))
    assert len(pace._left) == NETWORKS_MAX


@given(st.lists(st.floats(0, 2), max_size=200))
def test_no_more_are_answered_in_a_time_than_the_pace_allows(gaps: list[float]):
    """Whenever they come, as long as nobody waits the longest pause there is."""
    clock = Steady()
    pace, answered = Pace(clock), []
    for gap in gaps:
        clock.now += gap / PER_SECOND
        pause = pace.pause("a")
        assert pause < PAUSE_SECONDS_MAX
        answered.append(clock.now + pause)
    for first, since in enumerate(answered):
        for last in range(first, len(answered)):
            allowed = BURST + (answered[last] - since) * PER_SECOND + 1
            assert last - first + 1 <= allowed + 1e-6


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the path says."""
    status = int(scope["path"].strip("/"))
    await PlainTextResponse("", status)(scope, receive, send)


class Counted(Pace):
    """A pace that says how often it was asked, and lets nobody wait."""

    def __init__(self) -> None:
        super().__init__(Clock())
        self.asked: Counter[str] = Counter()

    def pause(self, network: str) -> float:
        self.asked[network] += 1
        return 0.0


def test_only_refusals_are_counted_by_their_network():
    """Those of the guard itself too; trouble of the service is nobody's refusal."""
    pace = Counted()

    async def ask() -> None:
        for peer, path, host in (
            ("10.0.0.1", "/200", "localhost"),
            ("10.0.0.1", "/404", "localhost"),
            ("10.0.0.1", "/503", "localhost"),
            ("10.0.0.2", "/200", "evil.example"),
            ("2001:db8::1", "/429", "localhost"),
            ("2001:db8::2", "/401", "localhost"),
        ):
            where = httpx.ASGITransport(app=Guard(app, pace=pace), client=(peer, 1))
            async with httpx.AsyncClient(transport=where, base_url="http://t") as http:
                await http.get(path, headers={"Host": host})

    asyncio.run(ask())
    assert pace.asked == {"10.0.0.1": 1, "10.0.0.2": 1, "2001:db8::/64": 2}
