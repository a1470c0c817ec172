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


class StoreMended(Event, frozen=True, kw_only=True):
    """数据库修复: a store was found missing, damaged or older, and made good by itself.

    ``store``: one of ``STORES``; ``fault``: one of ``STORE_FAULTS``.
    """

    STREAM = "stores/{0.store}"
    NAME = "service.store-mended.1"
    store: str
    fault: str


class StoreAccepted(Event, frozen=True, kw_only=True):
    """数据库认可: somebody goes on with a store that is not the one there was.

    For the log this opens a new epoch (新纪元): decisions after ``found`` up to
    ``known`` were acknowledged and are lost. ``known``, ``found``: positions of the
    log, or how often another store was written.
    """

    STREAM = "stores/{0.store}"
    NAME = "service.store-accepted.1"
    store: str
    fault: str
    known: int
    found: int


class ClockAccepted(Event, frozen=True, kw_only=True):
    """时钟认可: somebody says that the machine's clock is right, though it has jumped.

    ``from_us``: the time the service went by; ``to_us``: the clock's, microseconds.
    """

    STREAM = "service"
    NAME = "service.clock-accepted.1"
    from_us: int
    to_us: int
