"""A long history: rebuild, any past moment, verification."""

from __future__ import annotations

import random  # noqa: TID251 - which moments are looked at
import resource
import subprocess
import sys
import time
from pathlib import Path

from api.pages.board import Looking, picture
from api.world.verify import verify
from api.world.wiring import VIEWS
from coordination.log import SQLiteReader, open_recorder
from projections.progress import PROGRESS
from projections.rebuild import rebuild
from projections.rollup import rollup
from projections.store import open_views
from tests.bench.report import Result, percentile
from tests.bench.shanghai import city_file
from tests.bench.story import history, read_rows, store

LOOKS = 60


def long_history(folder: Path, events: int) -> list[Result]:
    """Measure rebuild, as-of and verification on one long log."""
    city_file(folder / "areas.csv")
    recorder = open_recorder(folder / "log.sqlite")
    store(recorder, history(read_rows(folder / "areas.csv"), events))
    recorder.close()
    reader = SQLiteReader(folder / "log.sqlite")
    head = reader.head().seq
    began, after = time.perf_counter(), 0
    while rows := reader.rows(after, 20_000):
        after = rows[-1].seq
    raw = head / (time.perf_counter() - began)
    reader.close()
    found = subprocess.run(
        [sys.executable, "-m", "tests.bench.reading", str(folder), str(head)],
        check=True,
        capture_output=True,
        text=True,
    )
    rate, memory = (float(word) for word in found.stdout.split())
    return [
        Result(
            f"rebuild, {head:,} events, all views",
            f"{rate:,.0f} events/s, {memory:,.0f} MB",
            f"raw read {raw:,.0f}/s",
            f"{rate / raw:.0%}",
            "≥ 60k events/s, ≤ 500 MB",
            rate >= 60_000 and memory <= 500,
        ),
        *_moments(folder, head),
        _verified(folder, head),
    ]


def _moments(folder: Path, head: int) -> list[Result]:
    engine = open_views(folder / "views.sqlite")
    reader = SQLiteReader(folder / "log.sqlite")
    chance = random.Random(7)  # noqa: S311 - which moments are looked at
    moments = [chance.randint(head // 10, head) for _ in range(LOOKS)]
    streets = [f"3101{d:02d}{s:03d}" for d in range(1, 17) for s in range(1, 15)]
    street, board, screen = [], [], []
    with engine.connect() as c:
        for at in moments:
            path = chance.choice(streets)
            began = time.perf_counter()
            PROGRESS.select(c, at=at, path=path)
            street.append(time.perf_counter() - began)
            began = time.perf_counter()
            rollup(c, "310100000000", at)
            board.append(time.perf_counter() - began)
            began = time.perf_counter()
            picture(Looking(c, reader, head, str), f"{path}000", at)
            screen.append(time.perf_counter() - began)
    reader.close()
    engine.dispose()
    few, all_, drawn = (percentile(x, 0.95) * 1e3 for x in (street, board, screen))
    return [
        Result(
            f"as of any moment of {head:,} events, p95: one street / whole board",
            f"{few:.1f} / {all_:.0f} ms",
            f"a street's whole screen {drawn:.0f} ms",
            "",
            "≤ 5 / 150 ms",
            few <= 5 and all_ <= 150,
        )
    ]


def _verified(folder: Path, head: int) -> Result:
    reader = SQLiteReader(folder / "log.sqlite")
    began = time.perf_counter()
    found = verify(reader)
    seconds = time.perf_counter() - began
    reader.close()
    assert found["ok"], found
    return Result(
        f"verify {head:,} events from the stored bytes",
        f"{seconds:.1f} s",
        "",
        "",
        "≤ 15 s for 1,000,000",
        seconds * 1_000_000 / head <= 15,
    )


def _rebuild(folder: Path, head: int) -> None:
    reader = SQLiteReader(folder / "log.sqlite")
    engine = open_views(folder / "views.sqlite")
    seconds = rebuild(reader, engine, VIEWS, upto=head)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{head / seconds} {memory}\n")


if __name__ == "__main__":
    _rebuild(Path(sys.argv[1]), int(sys.argv[2]))
