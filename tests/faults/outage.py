"""What is done to a PostgreSQL, and what must stand after it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx

from api.world.settings import Settings
from api.world.verify import verify
from coordination import catalogue
from coordination.log import open_recorder
from tests.api.served import Process
from tests.faults.test_kill import Order, orders_of, send
from tests.given import LONG, PATIENCE_SECONDS

AT_ONCE = 8
DOWN_SECONDS = 20.0 if LONG else 1.0
FAIL_OVER_SECONDS = 15.0 if LONG else 30.0
"""From the last answer of the old host to the first write on the new one."""
END_SECONDS = 10.0
LOG_LINES_MAX = 40
"""Of a whole outage: a line for each part at its beginning, and one at its end."""


def settings(folder: Path, address: str) -> Settings:
    return Settings(data=folder, log_url=address)


def address(*ports: int) -> str:
    """Return an address with a host for each port."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://postgres@{hosts}/postgres"


async def until_taken(
    http: httpx.AsyncClient,
    order: Order,
    met: Counter[int],
    refused: asyncio.Event | None = None,
) -> dict:
    """Send an order again until it is carried out; every no says when to try again.

    ``refused``: is set by the first no.
    """
    give_up_at = time.monotonic() + DOWN_SECONDS + PATIENCE_SECONDS
    while True:
        answer = await send(http, order)
        assert answer is not None
        met[answer.status_code] += 1
        if answer.status_code in (200, 201):
            return answer.json()
        if refused is not None:
            refused.set()
        assert answer.status_code == 503, answer.text
        assert answer.json()["code"] == "store.unavailable"
        assert answer.headers["Retry-After"] == "2"
        assert time.monotonic() < give_up_at
        await asyncio.sleep(float(answer.headers["Retry-After"]))  # as it was told


def quiet(process: Process) -> None:
    """Nothing was logged for each request, and nothing as a surprise."""
    assert [line[-900:] for line in process.said if "Traceback" in line] == []
    assert len(process.said) < LOG_LINES_MAX, process.said


def stands_once(where: str, receipts: dict[str, dict]) -> None:
    """Everything acknowledged stands, once, where its receipt says; all is sound."""
    with closing(open_recorder(where)) as log:
        assert verify(log)["ok"]
        rows = log.rows(0, 1_000_000)
    commands = [catalogue.open_envelope(row.stored).command for row in rows]
    for command, receipt in receipts.items():
        assert commands.count(command) == 1
        assert commands[receipt["seq"] - 1] == command


async def completions_of(process: Process, prefix: str) -> list[Order]:
    """Declare; return the completion of every step there is.

    Of one kind: who waits is overtaken, and what is complete is not acknowledged.
    """
    known = await orders_of(process, prefix)
    return [order for order in known if order.path.endswith("/complete")]
