"""One thing made of another's fields (照填): told anew, or as it is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
M = TypeVar("M", bound=msgspec.Struct)


def filled(kind: type[T], source: object, /, **told: Any) -> T:
    """Return one of a kind; fields that are not told are the source's, where it has any
    of that name.
    """
    key = kind, type(source), *told
    of_source = _SHARED.get(key)
    if of_source is None:
        names = getattr(kind, "_fields", ()) or getattr(kind, "__struct_fields__", ())
        of_source = [n for n in names if n not in told and hasattr(source, n)]
        _SHARED[key] = of_source
    return kind(**{n: getattr(source, n) for n in of_source}, **told)


_SHARED: dict[tuple[Any, ...], list[str]] = {}
"""What one kind takes from another, found once: it is asked for every fact."""


def as_known(told: M, known: M | None, unstated: Iterable[str]) -> M:
    """Return what was told, and of what was not what is known: it is never empty."""
    if known is None:
        return told
    kept = {name: getattr(known, name) for name in unstated}
    return msgspec.structs.replace(told, **kept)
