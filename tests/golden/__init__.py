"""One file for each stored version of an event; each must load for ever."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from coordination.catalogue import open_envelope

FOLDER = Path(__file__).parent
HINT = "write it with: .venv/bin/python -m tests.golden.write"


def path_of(name: str) -> Path:
    """Return where the golden file of a stored name is."""
    return FOLDER / f"{name}.json"


def load(path: Path) -> tuple[str, bytes, dict[str, str]]:
    """Return a golden file's stored name, exact stored bytes, and what they read as.

    ``reads`` may be changed together with an upcaster; ``stored`` never.
    """
    golden = json.loads(path.read_text())
    return golden["name"], "".join(golden["stored"]).encode(), golden["reads"]


def dump(name: str, stored: bytes, reads: dict[str, str]) -> str:
    """Return a golden file's text: the bytes cut after commas, so that lines differ."""
    pieces = re.split(r'(?<=,)(?=["{])', stored.decode())
    golden = {"name": name, "stored": pieces, "reads": reads}
    return json.dumps(golden, ensure_ascii=False, indent=1) + "\n"


def around(stored: bytes) -> dict[str, Any]:
    """Return what the envelope says beside the event."""
    envelope = open_envelope(stored)
    fields = (f for f in envelope.__struct_fields__ if f != "event")
    return {field: getattr(envelope, field) for field in fields}
