"""Asking a running server (命令行的请求): what is decided is decided."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from api.cli import client
from api.world.settings import Settings

RECEIPT = json.dumps({"first_seq": 7, "seq": 9}).encode()
DECIDED = client.Found(201, {}, RECEIPT)
IMPORTED = json.dumps({"rows": 2, "receipt": json.loads(RECEIPT)}).encode()


def served(data: Path, *, answers: bool) -> tuple[HTTPServer, list[str]]:
    """Return a server that has left word there, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if answers:  # else the connection ends without a word
                self.send_response(503)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    word = {"url": url, "token": "t", "pid": os.getpid()}
    Settings(data=data).server_path.write_text(json.dumps(word))
    return server, asked


def test_the_views_are_waited_for_after_a_decision_alone(tmp_path: Path):
    """Up to its last fact; a refusal or a read waits for nothing."""
    server, asked = served(tmp_path, answers=True)
    settings = Settings(data=tmp_path)
    try:
        for status, answer in (
            (409, RECEIPT),
            (200, b""),
            (200, b"[]"),
            (200, b'{"rows": []}'),
            (201, RECEIPT),
            (200, IMPORTED),
        ):
            client._decided(settings, client.Found(status, {}, answer))
    finally:
        server.shutdown()
        server.server_close()
    assert asked == ["/api/v1/emergencies?size=1&min_seq=9"] * 2


def test_a_server_that_is_gone_unmakes_no_decision(tmp_path: Path):
    """Nobody left word, it hangs up, or nobody listens any more: no failure is told."""
    settings = Settings(data=tmp_path)
    client._decided(settings, DECIDED)
    server, asked = served(tmp_path, answers=False)
    try:
        client._decided(settings, DECIDED)
    finally:
        server.shutdown()
        server.server_close()
    client._decided(settings, DECIDED)
    assert len(asked) == 1
