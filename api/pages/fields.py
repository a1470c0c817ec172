"""What pages say of rows (字段): fields, moments, ids with their words, codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.http.plain import moment
from coordination.tree import DIGITS, community_of

Table = Mapping[str, tuple[str, str]]
"""Id -> what it is called, in zh and en."""


LATE_US = 600_000_000


def late_entry(occurred_us: int, recorded_us: int) -> bool:
    """Tell whether something was entered late (补录): so long after it happened that it
    was not just sent.
    """
    return recorded_us - occurred_us >= LATE_US


def taken(
    row: Any, fields: str = "", *, at: str = "", when: str = ""
) -> dict[str, Any]:
    """Return the fields of a row that an answer calls by the same names.

    ``at``: moments, ``due_at`` of ``due_us``; ``when``: ``until`` of ``until_us``; a
    moment that never came is None.

    :raises AttributeError: for a field the row does not have
    """
    found = {name: getattr(row, name) for name in fields.split()}
    for name in at.split():
        found[f"{name}_at"] = moment(getattr(row, f"{name}_us") or None)
    for name in when.split():
        found[name] = moment(getattr(row, f"{name}_us") or None)
    return found


def picked(row: Mapping[str, Any], fields: str) -> dict[str, Any]:
    """Return these fields of what is drawn already.

    :raises KeyError: for a field that is not in it
    """
    return {name: row[name] for name in fields.split()}


def pair(prefix: str, table: Table, key: str | None) -> dict[str, str | None]:
    """Return what an id is called: ``kind_zh``, ``kind_en``; no prefix: ``zh``, ``en``.

    An id that the table does not have is called as it is, no id None.
    """
    zh, en = (None, None) if key is None else table.get(key, (key, key))
    mark = f"{prefix}_" if prefix else ""
    return {f"{mark}zh": zh, f"{mark}en": en}


def named(code: str, name: str) -> dict[str, str]:
    """Return a code with its name."""
    return {"code": code, "name": name}


def street_of(path: str) -> str:
    """Return the code of the street a place stands in, or of the area above."""
    return path[: DIGITS["street"]].ljust(12, "0")


def official(path: str) -> str:
    """Return the code of the lowest official area a place stands in."""
    return community_of(path).ljust(12, "0")


def meet(one: str, other: str) -> bool:
    """Tell whether one of two places lies in the other, or is it."""
    return one.startswith(other) or other.startswith(one)
