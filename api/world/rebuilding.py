"""Rebuilding views from the log (重建): into a shadow, then compare or swap."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from api.world.local import stored
from api.world.settings import Settings
from api.world.wiring import VIEWS
from coordination.log import Recorder, SQLiteReader, open_recorder
from projections.database import engine_of
from projections.rebuild import rebuild
from projections.store import open_views, positions, snapshot, strays
from projections.temporal import differences

SHADOW = "views_shadow"
DIFFERENCES_MAX = 20
UNBOUND = 0.0
"""The index of a large table takes as long as it takes, on a server too."""


def check_views(settings: Settings) -> dict[str, Any]:
    """Rebuild beside the views as they lie there and compare every row.

    No world is opened: that would mend the views it is to judge.

    :raises NoWorld: if nothing was ever written here
    """
    with (
        stored(settings) as log,
        _views(settings.log_url or settings.views_path) as engine,
        _shadow(settings) as shadow,
    ):
        with snapshot(engine) as live:
            found, stray = positions(live), strays(live, log)
            upto = min(log.head().seq, min(found.values(), default=0))
            seconds = rebuild(log, shadow, VIEWS, upto=upto)
            with shadow.connect() as rebuilt:
                wrong = list(
                    itertools.islice(
                        (
                            difference
                            for view in VIEWS
                            for table in view.tables
                            for difference in differences(live, rebuilt, table)
                        ),
                        DIFFERENCES_MAX,
                    )
                )
        if len(set(found.values())) > 1:
            wrong.append({"positions": found})
        if missing := [view.name for view in VIEWS if view.name not in found]:
            wrong.append({"missing": missing})
        if stray:
            wrong.append({"of another log": stray, "head": log.head().seq})
    return {
        "equal": not wrong,
        **_pace(upto, seconds),
        "differences": [_plain(d) for d in wrong],
    }


@contextmanager
def _views(where: Path | str) -> Iterator[sa.Engine]:
    """Give the views as they are, whether a server keeps them or nobody does."""
    engine = open_views(where, patience=UNBOUND)
    try:
        yield engine
    finally:
        engine.dispose()


def _plain(difference: Any) -> Any:
    return {
        k: list(v) if isinstance(v, tuple) else v for k, v in dict(difference).items()
    }


def rebuild_views(settings: Settings) -> dict[str, Any]:
    """Rebuild into a shadow and swap it in; no server may be using the views.

    :raises LogBusy: if a server holds the log
    """
    swap = _swap_schema if settings.log_url else _swap_file
    with closing(open_recorder(settings.log_url or settings.log_path)) as log:
        upto = log.head().seq
        seconds = swap(settings, log, upto)
    return {"equal": True, **_pace(upto, seconds)}


def _pace(upto: int, seconds: float) -> dict[str, int]:
    return {
        "seq": upto,
        "events_per_second": round(upto / seconds) if seconds else 0,
    }


def _swap_file(settings: Settings, log: Recorder | SQLiteReader, upto: int) -> float:
    new = settings.views_path.with_suffix(".new")
    _remove(new)
    shadow = open_views(new)
    seconds = rebuild(log, shadow, VIEWS, upto=upto)
    shadow.dispose()  # the rebuild's own connection would hold the checkpoint up
    with shadow.connect() as c:
        # Everything into the one file before it takes the other's name.
        c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shadow.dispose()
    _remove(settings.views_path)
    new.replace(settings.views_path)
    _remove(new)
    return seconds


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.unlink(f"{path}{suffix}")  # noqa: PTH108 - not one path but three


def _swap_schema(settings: Settings, log: Recorder | SQLiteReader, upto: int) -> float:
    with _shadow(settings) as shadow:
        seconds = rebuild(log, shadow, VIEWS, upto=upto)
        with shadow.begin() as c:
            c.execute(sa.text("DROP SCHEMA IF EXISTS views CASCADE"))
            c.execute(sa.text(f"ALTER SCHEMA {SHADOW} RENAME TO views"))
    return seconds


@contextmanager
def _shadow(settings: Settings) -> Iterator[sa.Engine]:
    """Give an empty views database that goes away, unless it was renamed."""
    if not settings.log_url:
        with (
            TemporaryDirectory(prefix="shadow-", dir=settings.data) as folder,
            _views(Path(folder) / "views.sqlite") as engine,
        ):
            yield engine
        return
    drop = sa.text(f"DROP SCHEMA IF EXISTS {SHADOW} CASCADE")
    plain = engine_of(settings.log_url, patience=UNBOUND)
    with plain.begin() as c:
        c.execute(drop)
    engine = open_views(settings.log_url, SHADOW, patience=UNBOUND)
    try:
        yield engine
    finally:
        engine.dispose()
        with plain.begin() as c:
            c.execute(drop)
        plain.dispose()
