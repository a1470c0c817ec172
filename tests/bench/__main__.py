"""``make bench``: our figure and its limit in the same run, as ratios.

    python -m tests.bench [--events 1000000] [--only NAME …]

Writes ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    country,
    deciding,
    foreseeing,
    reading,
    replanning,
    stocking,
    watching,
)
from tests.bench.report import Result, state, write

MEASUREMENTS: dict[str, Callable[[Path, int], list[Result]]] = {
    "decide": deciding.in_process,
    "http": deciding.over_http,
    "visible": watching.until_visible,
    "switch": watching.city_switch,
    "preview": foreseeing.whole_city,
    "attrition": replanning.attrition,
    "clerks": stocking.clerks,
    "hot-item": stocking.hot_item,
    "supplies": stocking.district,
    "screens": watching.many_screens,
    "million": reading.long_history,
    "country": country.country,
}
ASKED_FOR = {"country"}
"""Only if named: it fetches a list and takes a quarter of an hour."""


def main() -> None:
    """Measure what was asked for, print it, write the page if it was everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="*", choices=list(MEASUREMENTS))
    chosen = parser.parse_args()
    results: list[Result] = []
    before = state()
    print(f"machine: {before}", file=sys.stderr)
    usual = [name for name in MEASUREMENTS if name not in ASKED_FOR]
    for name in chosen.only or usual:
        with tempfile.TemporaryDirectory(prefix="pz-bench-", dir=".") as folder:
            for result in MEASUREMENTS[name](Path(folder), chosen.events):
                print(result.line(), flush=True)
                results.append(result)
    if not chosen.only:
        machine = (
            f"{os.cpu_count()} cores, Python {platform.python_version()},"
            f" SQLite {sqlite3.sqlite_version}; before: {before}; after: {state()}"
        )
        write(Path("docs/performance.md"), results, machine, chosen.events)


if __name__ == "__main__":
    main()
