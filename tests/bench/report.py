"""What a measurement says, and the page it is written to."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Result(NamedTuple):
    """One figure beside its target. ``met`` is None where there is no target."""

    work: str
    ours: str
    limit: str
    ratio: str
    target: str
    met: bool | None

    def line(self) -> str:
        """Return it as one line of text."""
        sign = {True: "met", False: "NOT MET", None: ""}[self.met]
        return f"{self.work}: {self.ours} | {self.limit} | {self.ratio} {sign}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def command_id(number: int) -> str:
    """Return an id as browsers make them: in no order, which costs the index more."""
    return hashlib.sha256(f"bench {number}".encode()).hexdigest()[:32]


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has had."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    return sum(map(int, told.split()[11:13])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Return the memory a process had at the most."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(told.partition("VmHWM:")[2].split()[0]) / 1_024


def additions_seconds(count: int = 10_000_000) -> float:
    """Return the processor time of so many additions: how quick this machine is."""
    began, total = time.process_time(), 0
    for number in range(count):
        total += number
    return time.process_time() - began


def state() -> str:
    """Return what else the machine does: its load, and how quick it is just now."""
    load = os.getloadavg()[0]
    return f"load {load:.2f}, ten million additions {additions_seconds():.2f} s"


def write(page: Path, results: Sequence[Result], machine: str, events: int) -> None:
    """Write the page."""
    lines = [
        "# Performance",
        "",
        f"Written by `make bench` ({machine}, {events:,} events of history).",
        "Limits are measured in the same run: the ratios carry over to other machines",
        "better than the figures do.",
        "",
        "| work | ours | limit in the same run | ratio | target | met |",
        "|---|---|---|---|---|---|",
    ]
    for r in results:
        met = {True: "yes", False: "**no**", None: ""}[r.met]
        row = (r.work, r.ours, r.limit, r.ratio, r.target, met)
        lines.append("| " + " | ".join(row) + " |")
    notes = page.with_name("performance-notes.md")
    if notes.exists():
        lines += ["", notes.read_text(encoding="utf-8").rstrip()]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
