"""All areas of China: loaded, one province switched, watched by fifty screens.

The list is npm's ``china-division``, fetched when this is run and not committed.
"""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from coordination.tree import DIGITS
from tests.bench.report import Result, memory_mb
from tests.bench.wire import Http, pingzhan, screen

LIST = "china-division@2.7.0"
LEVELS = {
    "provinces": ("province", ""),
    "cities": ("city", "provinceCode"),
    "areas": ("district", "cityCode"),
    "streets": ("street", "areaCode"),
    "villages": ("community", "streetCode"),
}
HOME = "110101"
"""A district whose ground is laid out, so that there is a world to import into."""
PROVINCE, SCREENS = "410000000000", 50
Rows = list[tuple[str, str, str, str]]


def country(folder: Path, _events: int) -> list[Result]:
    """Measure it; an hour's quarter on two slow cores."""
    rows = list(_fetched(folder))
    above = {HOME[: DIGITS[level]].ljust(12, "0") for level in ("province", "city")}
    mine = [row for row in rows if row[0] in above or row[0].startswith(HOME)]
    data = folder / "world"
    _run("world", "init", "--areas", _file(folder / "home.csv", mine), "--data", data)
    began = time.perf_counter()
    file = _file(folder / "country.csv", rows)
    _run("world", "import", "--unseen", "--areas", file, "--data", data)
    imported = time.perf_counter() - began
    began = time.perf_counter()
    with pingzhan(data) as (port, token, pid):
        started = time.perf_counter() - began
        heard = asyncio.run(_watched(port, token))
        memory = memory_mb(pid)
    return [
        Result(
            f"{len(rows):,} areas from one file: tried and imported",
            f"{imported:,.0f} s",
            f"server started in {started:.1f} s",
            "",
            "",
            None,
        ),
        Result(
            f"a province switched, {SCREENS} screens on its board, all told",
            f"{heard:.2f} s",
            f"memory of the server at the most {memory:,.0f} MB",
            "",
            "≤ 6,000 MB",
            memory <= 6_000,
        ),
    ]


def _fetched(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield the list; where it has a code twice, the higher of the two."""
    subprocess.run(
        ["npm", "pack", LIST, "--silent"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    [packed] = folder.glob("*.tgz")
    seen: set[str] = set()
    with tarfile.open(packed) as archive:
        for name, (level, parent) in LEVELS.items():
            found = archive.extractfile(f"package/dist/{name}.csv")
            assert found is not None
            for row in csv.DictReader(found.read().decode().splitlines()):
                code = row["code"].ljust(12, "0")
                if code not in seen:
                    seen.add(code)
                    above = row[parent].ljust(12, "0") if parent else ""
                    yield code, row["name"], level, above


def _file(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "name", "level", "parent_code"))
        writer.writerows(rows)
    return path


def _run(*words: str | Path) -> None:
    """Run the command line, in a process of its own."""
    command = [sys.executable, "-m", "api.cli", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


async def _watched(port: int, token: str) -> float:
    """Switch a province; return the seconds until the last of its screens knows."""
    heard: list[list[tuple[float, int]]] = [[] for _ in range(SCREENS)]
    ready = asyncio.Semaphore(0)
    screens = [
        asyncio.create_task(screen(port, token, PROVINCE, one, ready)) for one in heard
    ]
    for _ in screens:
        await ready.acquire()
    body = {
        "hazard": "epidemic",
        "level": "III",
        "scope": [PROVINCE],
        "excluded": [],
        "basis": "bench",
        "matter": "m",
        "measures": "m",
        "expected_hours": 24,
        "playbook": "epidemic-control",
        "seen_seq": 1,
    }
    http = await Http(port, token).open()
    began = time.perf_counter()
    status, answer = await http.post("/api/v1/emergencies", body, "bench-province")
    assert status == 201, answer
    seq = json.loads(answer)["seq"]
    async with asyncio.timeout(120):
        while not all(  # noqa: ASYNC110 - the screens note what they hear
            any(shown >= seq for _, shown in one) for one in heard
        ):
            await asyncio.sleep(0.01)
    for one in screens:
        one.cancel()
    told = (min(at for at, shown in one if shown >= seq) for one in heard)
    return max(told) - began
