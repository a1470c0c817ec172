"""Moments as people here read them (当地时间): UTC+8 all the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

HERE = timedelta(hours=8)


def here(us: int) -> datetime:
    """Return a moment, microseconds since 1970 UTC, as the clocks here show it."""
    return datetime.fromtimestamp(us // 1_000_000, UTC) + HERE


def at_minute(us: int) -> str:
    """Return a moment in words, to the minute: such as 2026-11-30 08:15."""
    return f"{here(us):%Y-%m-%d %H:%M}"
