"""One value as it is written outside (值的外部写法): a day, a lot, a level, a moment.

``WIRE``: how each is written, and its way in. Nothing here imports the web framework,
so that the command line starts quickly.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from api.http.days import EPOCH, YEARS, day_us
from api.http.faults import Unreadable
from coordination.fields import (
    AREA_CODE,
    DAY,
    LAST_DAY,
    LEVEL,
    LOT,
    MAYBE_LOT,
    MOMENT,
    lot_id,
    pattern,
)
from coordination.playbook import ROMAN

if TYPE_CHECKING:
    from api.world.world import World

RFC3339 = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})"
)
CODE = Annotated[str, pattern(AREA_CODE)]
_ROMAN = Literal["I", "II", "III", "IV"]
_SIGNS = (
    r"[0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    r" \u3000\-\uff0d\u2010-\u2015\u2212]"
)
"""What a lot is typed with, in either width."""
_DAY = Annotated[str, pattern(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?")]
RFC = Annotated[str, pattern(RFC3339, extra_json_schema={"format": "date-time"})]

_LOT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}")

Inward = Callable[[Any, "World"], Any]


def micros(text: str) -> int:
    """Return an RFC 3339 time as microseconds since 1970.

    :raises Unreadable: for one that is none, or far from our time
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("没有这个时间", "there is no such time") from None
    first, last = YEARS
    if not first <= moment.year <= last:
        zh, en = f"年份应在 {first} 至 {last}", f"the year must be {first} to {last}"
        raise Unreadable(zh, en)
    return (moment - EPOCH) // timedelta(microseconds=1)


def lot_of(text: str) -> str:
    """Return a lot's number as it is kept, however it was typed or scanned.

    :raises Unreadable: for what is no number of a lot
    """
    found = lot_id(text)
    if found and not _LOT_ID.fullmatch(found):
        zh = "批次号由字母、数字和短横线组成，最多 30 位"
        raise Unreadable(zh, "a lot is of letters, digits and dashes, at most 30")
    return found


WIRE: dict[str, tuple[Any, Inward]] = {
    DAY: (_DAY, lambda day, to: day_us(day, to.settings.zone)),
    LAST_DAY: (_DAY, lambda day, to: day_us(day, to.settings.zone, after=1)),
    LOT: (Annotated[str, pattern(f"{_SIGNS}{{1,60}}")], lambda text, _: lot_of(text)),
    MAYBE_LOT: (
        Annotated[str, pattern(f"{_SIGNS}{{0,60}}")],
        lambda text, _: lot_of(text),
    ),
    LEVEL: (_ROMAN, lambda level, _: ROMAN[level]),
    MOMENT: (RFC, lambda text, _: micros(text)),
}
