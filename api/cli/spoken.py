"""What is typed in one word (口语写法), such as ``72h`` or ``quilt=47@Q1``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import typer

Spoken = Callable[[str], Any]
DURATION = re.compile(r"([0-9]{1,4})(h|d)")
HOURS_MAX = 8_760


def hours(text: str) -> int:
    """Return a duration such as ``72h`` or ``3d`` in hours, a year at most."""
    found = DURATION.fullmatch(text)
    count = int(found[1]) * (24 if found[2] == "d" else 1) if found else 0
    if not 1 <= count <= HOURS_MAX:
        raise typer.BadParameter("such as 72h or 3d, a year at most")
    return count


def party(text: str) -> dict[str, str]:
    """Return who is meant, such as ``person:h-0123456789ab``."""
    kind, _, named = text.partition(":")
    if kind not in {"person", "post", "organisation"} or not named:
        raise typer.BadParameter("such as person:h-0123456789ab")
    return {"kind": kind, "id": named}


BY_NAME: dict[str, Spoken] = {"hours": hours, "party": party}
"""By the ``spoken`` of a field."""
BY_TYPE: dict[Any, Spoken] = {}
"""By the type of a field: how one of it is typed."""
