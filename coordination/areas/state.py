"""What the facts of areas and sites fold to: shared by decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    SiteRegistered,
)
from coordination.kernel import INDEX, Event, Read, Stream, Streams, latest
from coordination.refusals import NotFound
from coordination.tree import Place, community_of, local_level


@dataclass(frozen=True, slots=True)
class Area:
    """区域, as far as rules care. ``level`` empty: not registered."""

    level: str = ""
    name: str = ""
    parent: str = ""
    local: Mapping[str, str] = field(default_factory=dict)
    """Local code -> name."""

    def level_of(self, code: str) -> str | None:
        """Return the level of this area's own or a local code, None if unknown."""
        if len(code) == len(community_of(code)):
            return self.level or None
        return local_level(code) if code in self.local else None


def evolve_area(area: Area, event: Event) -> Area:
    """Fold one fact of an area's stream."""
    match event:
        case AreaRegistered():
            return Area(event.level, event.name, event.parent, area.local)
        case AreaRenamed():
            return Area(area.level, event.name, area.parent, area.local)
        case LocalAreasRegistered():
            local = {**area.local, **{n.code: n.name for n in event.nodes}}
            return Area(area.level, area.name, area.parent, local)
        case _:
            return area


def area_stream(code: str) -> Stream[Area]:
    """Return the stream that knows ``code``, official or local."""
    return Stream(f"area/{community_of(code)}", Area(), evolve_area)


INDEX_VERSION: Stream[int] = Stream(INDEX, 0, lambda version, _event: version + 1)
"""How many facts the index of emergencies has, whatever they say."""


standing_stream = Streams("site", None, latest(SiteRegistered))
"""A site's stream, folded to its registration."""


UnknownArea = NotFound.of(
    "areas.unknown",
    "区域 {area} 不存在",
    "area {area} is not registered",
    "请核对区域代码，未登记的先导入",
    "check the code; import the area first if it is new",
    field="area",
)


def place_of(read: Read, code: str) -> Place:
    """Return a registered area, official or local, with its level.

    :raises UnknownArea: if there is none with this code
    """
    level = read(area_stream(code)).level_of(code)
    return Place(code, UnknownArea.unless(level, area=code))


def check_places(read: Read, *places: Place) -> None:
    """Return if all of them are registered, with just this level.

    :raises UnknownArea: naming the first that is not
    """
    for place in places:
        if place_of(read, place.code) != place:
            raise UnknownArea(area=place.code)
