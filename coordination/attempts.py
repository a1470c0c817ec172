"""Refused attempts (被拒尝试): the first few are facts, the rest is counted.

Else whoever may do nothing could fill the log for ever.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from coordination.kernel import MINUTE_US

FEW = 5
"""So many of one account, command and refusal stand in the log by themselves."""
WHILE_US = 60 * MINUTE_US
KEPT_MAX = 10_000
Alike = tuple[str, str, str]
"""Account, command and code of the refusal."""


@dataclass(slots=True)
class _Seen:
    since_us: int
    recorded: int = 0
    more: int = 0


class Attempts:
    """What was refused lately, of this process; the oldest is forgotten first."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Alike, _Seen] = OrderedDict()

    def note(self, alike: Alike, now: int) -> int | None:
        """Count an attempt; return how many before it were not recorded.

        None: this one is only counted.
        """
        seen = self._seen.get(alike)
        if seen is None or now - seen.since_us >= WHILE_US:
            more = seen.more if seen else 0
            self._seen[alike] = _Seen(now, recorded=1)
            self._seen.move_to_end(alike)
            if len(self._seen) > KEPT_MAX:
                self._seen.popitem(last=False)
            return more
        if seen.recorded < FEW:
            seen.recorded += 1
            return 0
        seen.more += 1
        return None
