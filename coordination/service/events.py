"""Facts about the service itself (本系统)."""

from __future__ import annotations

from coordination.kernel import Event


class OutageRecorded(Event, frozen=True, kw_only=True):
    """停机记录: the service was away, as it found when it started again.

    ``from_us``: its last sign of life; ``to_us``: when it was back, both microseconds.
    """

    STREAM = "service"
    NAME = "service.outage-recorded.1"
    from_us: int
    to_us: int
