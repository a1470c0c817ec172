"""Time, judged in one place (时钟): the wall, a steady clock, and the head of the log.

The wall clock of a machine may jump: a wrong time server, a battery, a hand. What the
timers record then is irreversible, so it is held against a clock that only runs on.
While the two are apart the service goes by the steady one and its timers rest, until
the wall is right again or somebody says that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

APART_US = 10_000_000
"""Further apart the wall has jumped; a time server that corrects it moves it slowly."""
Now = Callable[[], int]
"""Microseconds since 1970 UTC, or of a clock that only runs on."""


class Jump(NamedTuple):
    """跳变: by how much the wall is off, and since when, both microseconds."""

    by_us: int
    since_us: int


class WallClock:
    """The wall, as long as it agrees with a steady clock; any thread may ask."""

    def __init__(self, wall: Now, steady: Now) -> None:
        """Trust the wall as it is now."""
        self._wall, self._steady = wall, steady
        self._known = wall(), steady()
        self.jump: Jump | None = None

    def __call__(self) -> int:
        """Return the time to go by."""
        wall, steady = self._wall(), self._steady()
        trusted_us, then = self._known
        expected = trusted_us + steady - then
        if abs(wall - expected) <= APART_US:
            self._known, self.jump = (wall, steady), None
            return wall
        since_us = self.jump.since_us if self.jump else expected
        self.jump = Jump(wall - expected, since_us)
        return expected

    def accept(self) -> None:
        """Trust the wall as it is now, though it has jumped."""
        self._known, self.jump = (self._wall(), self._steady()), None


class WorldClock:
    """The time of a world: never before the head of its log.

    ``wall``: what it goes by. ``factor``: how many times faster it runs; a
    demonstration goes on from its last fact, however far ahead of the wall that is.
    """

    def __init__(
        self, wall: WallClock, *, start_us: int = 0, factor: int = 1, head_us: int = 0
    ) -> None:
        self.wall = wall
        self._began_us = wall()
        self._start_us = start_us or self._began_us
        self._factor = factor
        self._plain = factor == 1 and not start_us
        self.head_us = head_us

    def __call__(self) -> int:
        """Return the later of the clock and the head of the log."""
        return max(self.own(), self.head_us)

    def own(self) -> int:
        """Return what the clock says, whatever stands in the log."""
        wall = self.wall()
        if self._plain:
            return wall
        return self._start_us + (wall - self._began_us) * self._factor

    @property
    def behind_us(self) -> int:
        """By how much the clock is behind the head of the log, 0 if by a moment."""
        behind = self.head_us - self.own()
        return behind if behind > APART_US else 0

    @property
    def rests(self) -> bool:
        """Tell whether the timers rest: nobody knows what time it is."""
        return bool(self.behind_us) or self.wall.jump is not None
