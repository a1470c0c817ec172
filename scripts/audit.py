"""Ask the public index which of the locked packages have known weaknesses.

Ends with 1 if it names any. An index that does not answer, or does not know a package,
clears nothing: it is said how many were asked after.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKED = ROOT / "requirements" / "base.txt"
FOUND = ROOT / "build" / "audit.json"
SECONDS = "15"


def verdict(told: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Return what is to be said of the answers, and how the program ends."""
    asked = [one for one in told if "skip_reason" not in one]
    weak = [
        f"{one['name']} {one['version']}: {v['id']}, mended in {v['fix_versions']}"
        for one in asked
        for v in one["vulns"]
    ]
    count = f"audit: {len(asked)} of {len(told)} packages answered for"
    if not asked:
        return [f"{count}: nothing is known of their weaknesses here"], 0
    return [f"{count}, {len(weak)} known weaknesses", *weak], bool(weak)


def main() -> int:
    """Ask, and say what came of it."""
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.unlink(missing_ok=True)
    how = ("--require-hashes", "--disable-pip", "--progress-spinner", "off")
    where = ("-r", str(LOCKED), "-f", "json", "-o", str(FOUND), "--timeout", SECONDS)
    program = (sys.executable, "-m", "pip_audit", *how, *where)
    done = subprocess.run(program, check=False, capture_output=True, text=True)
    if not FOUND.exists():
        why = done.stderr.strip().rpartition("\n")[2]
        print(f"audit: no index could be asked, nothing is known: {why}")
        return 0
    lines, status = verdict(json.loads(FOUND.read_text("utf-8"))["dependencies"])
    print(*lines, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
