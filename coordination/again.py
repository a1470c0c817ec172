"""What may be the same thing recorded twice (重复登记), by two people at once.

Whatever adds to what is recorded of a document says how much its author saw recorded
(``recorded``). It is held against the stream, not against a clock: who recorded
something meanwhile is named, and whoever means another part says so by the new number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from coordination.fields import named
from coordination.kernel import MINUTE_US, Event, Read, Told
from coordination.refusals import Refusal

COUNT_MAX = 10**12
Recorded = Annotated[
    int,
    named(
        "已登记",
        "Recorded so far",
        "as it was shown: how much of it was recorded already",
        ge=0,
        le=COUNT_MAX,
    ),
]
"""Zero: nothing was."""
AGO = ((1_440, "天", "days"), (60, "小时", "hours"), (1, "分钟", "minutes"))


class AlreadyRecorded(Refusal):
    """Something of it was recorded that its author did not see (已有登记)."""

    code = "command.already-recorded"
    zh = "{ago_zh}由{account}{did_zh} {quantity}（共已登记 {recorded}{unit_zh}）"
    en = "{account} {did_en} {quantity} {ago_en} ({recorded}{unit_en} recorded so far)"
    then_zh = "如确是另一笔，请核对后再次登记"
    then_en = "if yours is another one, look again and record it once more"


def ago(us: int) -> tuple[str, str]:
    """Return how long ago something was, in words: less than a minute is just now."""
    minutes = us // MINUTE_US
    for size, zh, en in AGO:
        if minutes >= size:
            count = minutes // size
            return f"{count} {zh}前", f"{count} {en if count > 1 else en[:-1]} ago"
    return "刚刚", "just now"


@dataclass(frozen=True)
class Recording:
    """What is recorded of something part by part, and how that is told.

    ``facts``: those that record it; ``did_zh``, ``did_en``: what was done by them.
    ``times``: how often it was done is what is recorded, not how much.
    """

    facts: tuple[type[Event], ...]
    did_zh: str
    did_en: str
    times: bool = False

    def check(self, read: Read, seen: int, recorded: int, stream: str) -> None:
        """Return if so much is recorded as the author saw (``seen``).

        :raises AlreadyRecorded: otherwise
        """
        if seen == recorded:
            return
        told = read.told(stream)
        last = next((one for one in told if isinstance(one.event, self.facts)), None)
        raise AlreadyRecorded(
            **_when(read, last),
            did_zh=self.did_zh,
            did_en=self.did_en,
            recorded=recorded,
            unit_zh=" 次" if self.times else "",
            unit_en=" times" if self.times else "",
        )


def _when(read: Read, last: Told | None) -> dict[str, Any]:
    """Return who recorded the last of it, how much and how long ago."""
    if last is None:
        return {"ago_zh": "此前", "ago_en": "", "account": "—", "quantity": 0}
    ago_zh, ago_en = ago(max(0, read.now - last.recorded_us))
    event: Any = last.event
    lines = getattr(event, "lines", None)
    quantity = sum(x.quantity for x in lines) if lines is not None else event.change
    who = {"account": last.account, "quantity": quantity}
    return {"ago_zh": ago_zh, "ago_en": ago_en, **who}
