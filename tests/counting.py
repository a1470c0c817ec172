"""What the tests of faults did, counted: for the terminal, and for ``docs``."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

COUNTS: Counter[str] = Counter()
WHOLE = bool(os.environ.get("PINGZHAN_LONG"))
"""Whether the long form runs: `make test-faults`."""
PAPER = Path(__file__).parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- counts -->\n", "<!-- end of counts -->\n"


def count(what: str, number: int = 1) -> None:
    """Note that something was done so often."""
    COUNTS[what] += number


def lines() -> list[str]:
    """Return what was counted, as a table."""
    rows = [f"| {what} | {number:,} |" for what, number in sorted(COUNTS.items())]
    return ["| What | How often |", "|---|---|", *rows]


def written() -> None:
    """Write what was counted into the document."""
    before, _, rest = PAPER.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(lines())
    PAPER.write_text(f"{before}{BEGIN}{table}\n{END}{after}", "utf-8")
