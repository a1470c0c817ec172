"""Days (日期) as they are written, and when they begin where the World is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from coordination.refusals import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = (2000, 2100)


BadDate = Invalid.of(
    "stock.bad-date",
    "日期写法不对",
    "this is no day",
    "请写作 2027-12-31",
    "write it as 2027-12-31",
    field="lines",
)


def day_us(day: str, zone: str, *, after: int = 0) -> int:
    """Return the first moment of a day, or of so many days after it; 0 for none.

    :raises BadDate: if it is none of this century
    """
    if not day:
        return 0
    try:
        found = date.fromisoformat(day)
        begun = found + timedelta(days=after)
        moment = datetime(begun.year, begun.month, begun.day, tzinfo=ZoneInfo(zone))
    except (ValueError, OverflowError):
        raise BadDate from None
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise BadDate
    return (moment - EPOCH) // timedelta(microseconds=1)


def last_day(ends_us: int, zone: str) -> str | None:
    """Return the last good day of what is no good from a moment on, None for ever.

    The one place that says so: pages, answers, downloads and papers have it from here.
    """
    if not ends_us:
        return None
    last = EPOCH + timedelta(microseconds=ends_us - 1)
    return last.astimezone(ZoneInfo(zone)).date().isoformat()
