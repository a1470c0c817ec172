"""Foresight (预演): what facts that are not in the log yet would make of the board.

The real handlers run over rows of their own, laid above the runner's; nothing is
written and nothing of it is kept (docs/decisions/0006-preview-in-memory.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coordination.catalogue import Envelope, Fact
from coordination.kernel import Event
from projections.progress import PROGRESS, Progress
from projections.temporal import Temporal
from projections.view import Tables, View, fold


class _Above(Mapping[str, Any]):
    """Rows changed here above rows that stay as they are."""

    def __init__(self, below: Mapping[str, Any]) -> None:
        self.below = below
        self.changed: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        found = self.changed.get(key)
        return self.below[key] if found is None else found

    def __iter__(self) -> Iterator[str]:
        yield from self.below
        yield from (key for key in self.changed if key not in self.below)

    def __len__(self) -> int:
        return len(self.below) + sum(key not in self.below for key in self.changed)


class _Dry:
    """A writer whose rows go nowhere."""

    def __init__(self, below: Mapping[str, Any]) -> None:
        self.current = _Above(below)

    def put(self, row: Any) -> None:
        """Lay a row above the one that stands, if it says something else."""
        old = self.current.get(row[0])
        if old is None or old[:-2] != row[:-2]:
            self.current.changed[row[0]] = row


class _Overlay(Tables):
    """The tables of a view with nothing but dry writers."""

    def __init__(self, live: Tables) -> None:
        self._dry = {w.table.name: _Dry(w.current) for w in live.writers}
        self.memo: dict[Any, Any] = {}

    def __getitem__(self, table: Temporal[Any]) -> Any:
        return self._dry[table.name]


@dataclass(frozen=True)
class Change:
    """What would become of one slot of a site. ``before`` None: a slot of its own."""

    before: Progress | None
    after: Progress


def foresee(
    view: View, live: Tables, events: Sequence[Event], seq: int, now: int
) -> list[Change]:
    """Return what these events would change of the progress of sites.

    ``live``: the rows of the view at ``seq``; nobody may change them meanwhile.
    """
    overlay = _Overlay(live)
    for number, event in enumerate(events, start=1):
        envelope = Envelope(
            command="", digest="", actor="", role="", occurred_us=now, salt="",
            event=_NOTHING,
        )  # fmt: skip
        fact = Fact(
            seq=seq + number, recorded_us=now, stream=event.stream, version=0,
            name=event.NAME, envelope=envelope, event=event,
        )  # fmt: skip
        fold(view, overlay, [fact])
    rows: _Above = overlay[PROGRESS].current
    return [
        Change(rows.below.get(slot), row) for slot, row in sorted(rows.changed.items())
    ]


_NOTHING: Any = b""
