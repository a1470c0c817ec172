"""Foresight (预演): what facts that are not in the log yet would make of the board.

The real handlers run over rows of their own, laid above the runner's; nothing is
written and nothing of it is kept (docs/decisions/0006-preview-in-memory.md).
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coordination.catalogue import Envelope, Fact
from coordination.kernel import Event
from projections.progress import PROGRESS, Progress
from projections.view import Tables, View, fold


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
    overlay = Tables(view.tables)
    for above, below in zip(overlay.writers, live.writers, strict=True):
        above.over(below)
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
    before, after = live[PROGRESS].current, overlay[PROGRESS].current
    assert isinstance(after, ChainMap), "laid above the other"
    changed = sorted(after.maps[0].items())
    return [Change(before.get(slot), row) for slot, row in changed]


_NOTHING: Any = b""
