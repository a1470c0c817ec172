"""A World of this machine (本机数据): opened here, or read beside a running server."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa

from api.world.memory import Memory, remembered
from api.world.settings import Settings
from api.world.stores import check_held, log_missing
from api.world.wiring import open_world
from api.world.world import World
from coordination.log import LogBusy, Recorder, SQLiteReader, open_recorder
from coordination.refusals import NotFound
from projections.store import open_views, positions

WAIT_SECONDS = 10.0
POLL_SECONDS = 0.02


NoWorld = NotFound.of(
    "world.missing",
    "{data} 中没有数据",
    "there is no world in {data}",
    "请先运行 pingzhan world init",
    "run pingzhan world init first",
)


def check_there(settings: Settings) -> None:
    """Return if something was ever written here.

    :raises NoWorld: if not
    :raises StoreAmiss: if there was a log, and it is gone
    """
    if settings.log_url or settings.log_path.exists():
        return
    for one in log_missing(settings, remembered(Memory(settings.memory_path)).newest):
        check_held([one], accepting=False)
    raise NoWorld(data=str(settings.data))


def check_known(settings: Settings) -> None:
    """Return if something was ever written here, though the log may be gone.

    :raises NoWorld: if not
    """
    if not settings.memory_path.exists():
        check_there(settings)


@contextmanager
def local_world(settings: Settings) -> Iterator[World]:
    """Open the World in this process; wait for another command line to finish.

    :raises LogBusy: if a server holds it
    """
    with closing(_opened(settings)) as world:
        yield world


def _opened(settings: Settings) -> World:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return open_world(settings)
        except LogBusy:
            if server_of(settings) is not None or time.monotonic() > until:
                raise
            time.sleep(POLL_SECONDS)


def server_of(settings: Settings) -> dict[str, Any] | None:
    """Return how to reach the running server; None if no living one left word."""
    try:
        word: dict[str, Any] = json.loads(settings.server_path.read_text())
        os.kill(word["pid"], 0)
    except (OSError, ValueError):
        return None
    return word


@contextmanager
def stored(
    settings: Settings, *, still: bool = False
) -> Iterator[Recorder | SQLiteReader]:
    """Give the log alone, to be read: no view is opened, and no world.

    ``still``: beside a log that nobody writes no file is made, if that can be told.

    :raises NoWorld: if nothing was ever written here
    """
    check_there(settings)
    url = settings.log_url
    path = settings.log_path
    wal = path.with_name(f"{path.name}-wal")
    written = server_of(settings) or (wal.exists() and wal.stat().st_size)
    alone = still and not written
    with closing(open_recorder(url) if url else SQLiteReader(path, still=alone)) as log:
        yield log


@contextmanager
def reading(settings: Settings) -> Iterator[tuple[Recorder | SQLiteReader, sa.Engine]]:
    """Give the log and views at its head, beside a running server or without one.

    :raises NoWorld: if nothing was ever written here
    """
    check_there(settings)
    try:
        with local_world(settings) as world:
            yield world.log.recorder, world.runner.engine
            return
    except LogBusy:
        pass
    reader = SQLiteReader(settings.log_path)
    engine = open_views(settings.views_path)
    head, end = reader.head().seq, time.monotonic() + WAIT_SECONDS
    while True:
        with engine.connect() as c:
            if min(positions(c).values(), default=0) >= head:
                break
        if time.monotonic() > end:
            break  # the answer names the seq it shows
        time.sleep(POLL_SECONDS)
    try:
        yield reader, engine
    finally:
        reader.close()
        engine.dispose()
