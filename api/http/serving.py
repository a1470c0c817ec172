"""Running the server: sockets, signals, graceful end."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from types import FrameType

import structlog
import typer
import uvicorn
import uvloop
from fastapi import FastAPI

from api.http.app import create_app
from api.http.auth import Accounts, open_accounts
from api.http.connections import bounded
from api.http.deps import Demonstration
from api.http.operations import configure_logging
from api.http.pace import Pace
from api.pages.telling import WorldOutbox
from api.world.notify import Notifier
from api.world.private import keep_private
from api.world.settings import Settings
from api.world.wiring import new_token, open_notifier, open_world, wall_clock
from api.world.world import World

GRACE_SECONDS = 5
LAST_SECONDS = 8.5
"""After a signal the process is gone by then, whatever still waits for whom."""
SWITCH_SECONDS = 0.0005
GC_THRESHOLDS = (10_000, 10, 100)
"""Small: while the collector walks what is young, nobody is answered."""

_log = structlog.get_logger("serving")
Beside = Callable[[World], Awaitable[None]]


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; a taken port is one clear line, not a trace."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's delay on and an answer takes 40 ms.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        typer.echo(f"port {port} cannot be used: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    found.listen(2048)
    return found


def address(host: str, found: socket.socket) -> str:
    """Return the URL of a listening socket."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{found.getsockname()[1]}"


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    timers: bool = True,
    json_logs: bool = True,
    demonstration: Demonstration | None = None,
) -> None:
    """Open the World and serve it until a signal."""
    configure_logging(json=json_logs)
    with (
        listen(host, port) as found,
        closing(open_world(settings)) as world,
        closing(open_accounts(settings, wall_clock)) as accounts,
        closing(open_notifier(world, WorldOutbox(world, accounts.name_of))) as notifier,
    ):
        run(
            world,
            accounts,
            found,
            host,
            timers=timers,
            notifier=notifier,
            demonstration=demonstration,
        )


def run(
    world: World,
    accounts: Accounts,
    found: socket.socket,
    host: str,
    *,
    timers: bool = True,
    notifier: Notifier | None = None,
    beside: Beside | None = None,
    demonstration: Demonstration | None = None,
) -> None:
    """Serve a World on a socket; ``beside`` runs in the same loop until the end."""
    # Views and answers share the interpreter: at its default of 5 ms an answer would
    # wait that long whenever a view is at work.
    sys.setswitchinterval(SWITCH_SECONDS)
    # What stands now stands until the end: the collector need not walk it each time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    token = new_token()
    app = create_app(
        world,
        accounts,
        timers=timers,
        local_token=token,
        notifier=notifier,
        demonstration=demonstration,
        pace=Pace(),
    )
    keep_private(world.settings.data)  # all stores are open by now
    url = address(host, found)
    _leave_word(world.settings, url, token)
    typer.echo(json.dumps({"url": url, "pid": os.getpid()}), err=True)
    try:
        uvloop.run(_serve(app, world, found, beside))
    finally:
        with suppress(FileNotFoundError):
            world.settings.server_path.unlink()


def _leave_word(settings: Settings, url: str, token: str) -> None:
    """Tell the command line of the same user how to reach this server."""
    path = settings.server_path
    with suppress(FileNotFoundError):
        path.unlink()
    word = json.dumps({"url": url, "token": token, "pid": os.getpid()})
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(word)


async def _serve(
    app: FastAPI, world: World, found: socket.socket, beside: Beside | None
) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
        http=bounded(),
        ws="none",  # it would leave the guard, and the bounds of HTTP, behind
    )
    server = _Server(config, app)
    task = asyncio.ensure_future(beside(world)) if beside is not None else None
    if task is not None:
        task.add_done_callback(_tell_fault)
    await server.serve(sockets=[found])
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _tell_fault(task: asyncio.Future[None]) -> None:
    """Say why what ran beside the server has stopped, if it failed."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.error("stopped beside the server", error=repr(error))


class _Server(uvicorn.Server):
    """Ends the live streams first: they would keep the server open for ever."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self._last: threading.Timer | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by a signal as by a request: uvicorn's own way kills before clean-up."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        # Not by the loop: it may stand still, waiting for a database.
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, and see to it that nothing can keep the process from ending."""
        super().handle_exit(sig, frame)
        if self._last is None:
            self._last = threading.Timer(LAST_SECONDS, _end_now)
            self._last.daemon = True
            self._last.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._app.state.stream.close()
        await super().shutdown(sockets)


def _end_now() -> None:
    """End at once: a database or a disk that answers nobody holds the rest up.

    Nothing acknowledged is lost: a receipt goes out after COMMIT, never before. What
    is still under way has none, and whoever sent it tries again with the same id.
    """
    _log.error("ended without waiting any longer", after_seconds=LAST_SECONDS)
    os._exit(1)
