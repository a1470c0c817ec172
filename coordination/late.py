"""What is entered late (补录): judged at the time it happened, not when it was typed.

What was not there yet then is refused: no goods leave a station before it was opened.
"""

from __future__ import annotations

from collections.abc import Callable

from coordination.kernel import Event, Read
from coordination.moments import at_minute
from coordination.refusals import Invalid, Refusal

CLOCKS_US = 60_000_000
"""So far the clocks of two devices may be apart."""


TooEarly = Invalid.of(
    "command.too-early",
    "发生时间有误：{what_zh}是在 {since}，不能早于此",
    "{what_en} at {since}: it cannot have happened before",
    "请改正发生时间",
    "correct the time",
    field="occurred_at",
)


def happened(read: Read, now: int) -> int:
    """Return when what is decided happened: as was said, else now."""
    return read.by.occurred_us or now


def entered_late(read: Read) -> bool:
    """Tell whether what is decided happened earlier than clocks may be apart."""
    then = read.by.occurred_us
    return bool(then) and then + CLOCKS_US < read.now


def not_before(
    read: Read,
    stream: str,
    what_zh: str,
    what_en: str,
    asked: Callable[[Event], bool] = lambda _fact: True,
) -> None:
    """Return unless it is said to have happened before what it rests on.

    ``asked``: which fact of the stream begins that: one of them, or all.

    :raises TooEarly: if it is
    """
    then, since_us = read.by.occurred_us, 0
    if not entered_late(read):
        return
    for told in read.told(stream):
        earlier = told.recorded_us <= then
        if asked(told.event):
            if earlier or told.occurred_us <= then + CLOCKS_US:
                return
            since_us = min(since_us or told.occurred_us, told.occurred_us)
        elif earlier:
            break
    if since_us:
        raise too_early(since_us, what_zh, what_en)


def too_early(since_us: int, what_zh: str, what_en: str) -> Refusal:
    """Return the refusal of what is said to have happened before something began."""
    return TooEarly(what_zh=what_zh, what_en=what_en, since=at_minute(since_us))
