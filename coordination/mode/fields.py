"""What fields of a switch may hold (转换要素): areas, hours, grading."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from coordination.fields import named, pattern
from coordination.tree import Place
from coordination.vocabulary import SEVERITIES, WARNINGS

HOUR_US = 3_600_000_000
EXPECTED_HOURS_MAX = 8_760
AREAS_MAX = 500
Areas = Annotated[tuple[Place, ...], Meta(min_length=1, max_length=AREAS_MAX)]
Excluded = Annotated[
    tuple[Place, ...],
    Meta(max_length=AREAS_MAX),
    named("除外", "Excluded", "area code; may repeat", flag="exclude"),
]
Hours = Annotated[int, Meta(ge=1, le=EXPECTED_HOURS_MAX)]
Severity = Annotated[
    str,
    pattern(f"({'|'.join(SEVERITIES)})?"),
    named("事件等级", "Severity", "extraordinary, major, large or general"),
]
Colour = Annotated[
    str,
    pattern(f"({'|'.join(WARNINGS)})?"),
    named("预警颜色", "Warning", "red, orange, yellow or blue"),
]
