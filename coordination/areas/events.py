"""Facts about areas (区域) and sites (阵地). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.kernel import Event
from coordination.tree import community_of


class LocalNode(msgspec.Struct, frozen=True):
    """A grid 网格, compound 小区 or building 楼栋; the code says which and where."""

    code: str
    name: str


class Space(msgspec.Struct, frozen=True):
    """A room or yard (空间) of a site; ``capacity``: people, 0 to 100 000."""

    name: str
    kind: str
    capacity: int


class PlannedFunction(msgspec.Struct, frozen=True):
    """What the site becomes (规划战时功能) under a hazard."""

    hazard: str
    function: str


class AreaRegistered(Event, frozen=True, kw_only=True):
    """区域登记: an area of the official tree; ``parent`` is empty for the root."""

    STREAM = "area/{0.code}"  # one stream for each area
    NAME = "areas.area-registered.1"
    ANEW = ("ImportAreas",)
    code: str
    name: str
    level: str
    parent: str = ""


class AreaRenamed(Event, frozen=True, kw_only=True):
    """区域更名: a later file gives the same code another name."""

    STREAM = "area/{0.code}"  # one stream for each area
    NAME = "areas.area-renamed.1"
    ANEW = ("ImportAreas",)
    code: str
    name: str


class LocalAreasRegistered(Event, frozen=True, kw_only=True):
    """本地节点登记: all grids, compounds, buildings of a community, as one fact."""

    NAME = "areas.local-areas-registered.1"
    ANEW = ("RegisterGround",)
    community: str
    nodes: tuple[LocalNode, ...]

    @property
    def stream(self) -> str:
        """In the stream of its community."""
        return f"area/{community_of(self.community)}"


class SiteRegistered(Event, frozen=True, kw_only=True):
    """阵地登记: a site, what it is in peacetime and what it is planned to become.

    ``index_seen``: version of the index of emergencies when it was registered; only
    orders after it switch the site to what this registration plans.
    """

    STREAM = "site/{0.site}"  # one stream for each site
    NAME = "areas.site-registered.1"
    ANEW = ("RegisterGround",)
    site: str
    area: str
    name: str
    kind: str
    planned: tuple[PlannedFunction, ...]
    spaces: tuple[Space, ...]
    facilities: tuple[str, ...]
    index_seen: int = 0


class PopulationStated(Event, frozen=True, kw_only=True):
    """常住人口: how many people live in a community; needs per head rest on it."""

    STREAM = "area/{0.area}"  # in the stream of the area
    NAME = "areas.population-stated.1"
    ANEW = ("StatePopulation",)
    area: str
    residents: int
