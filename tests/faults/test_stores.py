"""Stores that fail while the service runs: said, refused, no decision lost (H14)."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from coordination.log import SQLiteReader
from tests.api.served import API, Process, declaration, key, server
from tests.cli.test_cli import refused
from tests.counting import count
from tests.faults.test_kill import verified
from tests.given import PATIENCE_SECONDS


@pytest.fixture
def process(data: Path) -> Iterator[Process]:
    """A service of this test's own."""
    with server(data, "--no-timers") as running:
        yield running


def full(data: Path, *, room: int | None) -> None:
    """Let no file of the service grow beyond so many bytes, as a full disk does."""
    pid = json.loads((data / "server.json").read_text())["pid"]
    soft = resource.RLIM_INFINITY if room is None else room
    limits = soft, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


async def order(http: httpx.AsyncClient, command: str, **more: Any) -> httpx.Response:
    """Declare an emergency under an id."""
    body = declaration(seen_seq=1, **more)
    headers = {"Idempotency-Key": command}
    return await http.post(f"{API}/emergencies", json=body, headers=headers)


async def until(http: httpx.AsyncClient, status: int) -> dict[str, Any]:
    """Return what ready says once it answers so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = await http.get("/health/ready")
            if answer.status_code == status:
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.05)


def test_a_full_disk_refuses_and_is_said_and_goes_on(process: Process, data: Path):
    """503 with when to try again; the same id afterwards is carried out once."""

    async def play() -> None:
        async with process.http() as http:
            command = key()
            full(data, room=1)
            refused = await order(http, command)
            assert refused.status_code == 503, refused.text
            assert refused.json()["code"] == "store.unavailable"
            assert refused.headers["Retry-After"]
            said = await until(http, 503)
            assert {p["part"] for p in said["parts"] if p["state"] == "down"}
            board = await http.get(f"{API}/emergencies")
            assert board.status_code == 200
            full(data, room=None)
            done = await order(http, command)
            assert done.status_code == 201, done.text
            again = await order(http, command)
            assert again.json()["seq"] == done.json()["seq"]
            await until(http, 200)
            count("a full disk, refused and gone on from")

    asyncio.run(play())
    process.popen.terminate()
    assert process.end() == 0
    assert verified(data)["ok"]
    with closing(SQLiteReader(data / "log.sqlite")) as log:
        assert log.head().seq == verified(data)["seq"]


def test_a_second_server_on_one_folder_says_so_and_stops(process: Process, data: Path):
    """And the first goes on: its word is still where the command line looks."""
    refused(data, "log.busy", "serve", "--port", "0")
    assert json.loads((data / "server.json").read_text())["url"] == process.url
    count("a second server on one folder, refused")
