"""Facts about alarms (告警): only that somebody has taken note; views raise them."""

from __future__ import annotations

from coordination.kernel import Event


class AlarmAcknowledged(Event, frozen=True, kw_only=True):
    """告警确认: somebody has seen it and sees to it. ``alarm``: ``<kind>:<what>``."""

    STREAM = "alarms"  # one stream for all of them
    NAME = "alarms.alarm-acknowledged.1"
    alarm: str
