"""The bench still runs against the service as it is: else it measures nothing.

Its own small client once named a host that the service had begun to refuse,
and nobody knew before the next measurement.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_decision_of_the_bench_over_http_is_taken() -> None:
    # Each answer is held to 200 where it is measured; figures are not judged here.
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--only", "http"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    assert [line.split(": ")[0] for line in ran.stdout.splitlines()] == [
        "one decision, HTTP → durable → receipt, p50",
        "32 clients over HTTP",
        "processor time of a decision over HTTP, views and screens and all",
    ]
