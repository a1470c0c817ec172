"""Several states of one stream (另一种状态): all of it, and what stands alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from coordination.kernel import Event, Stream

S = TypeVar("S")
FOLDS: dict[str, list[Stream[Any]]] = {}
"""Streams of which several states are kept: whoever moves one on leaves the others."""


def beside(stream: Stream[S], evolve: Callable[[S, Event], S]) -> Stream[S]:
    """Return another fold of a stream: of what stands alone, say."""
    second = Stream(stream.id, stream.initial, evolve)
    FOLDS.setdefault(stream.id, [stream]).append(second)
    return second
