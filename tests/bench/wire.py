"""A lean HTTP client, and a server in a process of its own, to measure fairly."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
SEQ = re.compile(rb"id: (\d+)\n")


class Http:
    """One keep-alive connection: as little client as possible beside the server."""

    def __init__(self, port: int, token: str = "") -> None:
        """Connect at the first request."""
        self.port, self.token = port, token

    async def open(self) -> Http:
        """Connect."""
        self._in, self._out = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def post(self, path: str, body: Any, command: str = "") -> tuple[int, bytes]:
        """Send one POST; return status and body."""
        raw = json.dumps(body).encode()
        self._out.write(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\n"
            f"Authorization: Bearer {self.token}\r\nIdempotency-Key: {command}\r\n"
            f"Content-Length: {len(raw)}\r\n\r\n".encode()
            + raw
        )
        head = await self._in.readuntil(b"\r\n\r\n")
        found = LENGTH.search(head)
        answer = await self._in.readexactly(int(found[1])) if found else b""
        return int(head[9:12]), answer


async def screen(
    port: int,
    token: str,
    area: str,
    heard: list[tuple[float, int]],
    ready: asyncio.Semaphore,
) -> None:
    """Hold one live screen open; note when each message arrives and its seq."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.write(
        f"GET /api/v1/stream?area={area} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head, head
    ready.release()
    while data := await reader.read(2**20):
        now = time.perf_counter()
        heard.extend((now, int(seq)) for seq in SEQ.findall(data))


@contextmanager
def serving(arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run a server in a process of its own; give its first line of JSON."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if line.startswith('{"url"'):
                yield json.loads(line)
                break
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


@contextmanager
def pingzhan(data: Path) -> Iterator[tuple[int, str, int]]:
    """Run the real server on a data directory; give port, local token and pid."""
    arguments = ["api.cli", "serve", "--port", "0", "--data", str(data)]
    with serving(arguments) as word:
        port = int(word["url"].rpartition(":")[2])
        token = json.loads((data / "server.json").read_text())["token"]
        yield port, token, word["pid"]
