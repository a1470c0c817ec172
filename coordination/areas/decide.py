"""Rules about areas (区域) and sites (阵地): what may be registered, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    LocalNode,
    PlannedFunction,
    SiteRegistered,
    Space,
)
from coordination.areas.state import (
    INDEX_VERSION,
    Area,
    UnknownArea,
    area_stream,
    standing_stream,
)
from coordination.checks import rows_held
from coordination.fields import Expected
from coordination.filled import filled
from coordination.kernel import Command, Event, Held, Read
from coordination.refusals import Fault, NothingChanges, Refusal, RowFault, RowsRefused
from coordination.states import AREA_LEVELS
from coordination.tree import local_level, path_of, site_path

AREA_ROWS_MAX = 10_000


class AreaRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of an area file; ``row``: its line, 2 for the first after the header."""

    row: int
    code: str
    name: str
    level: str
    parent: str


class ImportAreas(Command, frozen=True, kw_only=True):
    """导入区域: all rows or none; rows that are known already change nothing."""

    STREAM = "area"  # imports wait for one another
    ACTION = "areas.import"
    HEAVY = True
    rows: tuple[AreaRow, ...]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The names that would change."""
        was = {}
        for row in self.rows:
            stream = area_stream(row.code)
            known = read(stream)
            if known.level and known.name != row.name:
                was[stream.id] = known.name
        facts = (AreaRegistered, AreaRenamed)
        return rows_held(was, facts, "这些区域的名称", "the naming of these areas")


ImportRefused = RowsRefused.of(
    "areas.import-refused",
    "{count} 行有误，整份文件未导入",
    "{count} rows are wrong; nothing was imported",
    field="file",
)
NothingNew = NothingChanges.of("areas.nothing-new")


def import_areas(read: Read, command: ImportAreas, _now: int) -> Sequence[Event]:
    """Register new areas and rename known ones.

    :raises ImportRefused: with a fault for each wrong row
    :raises NothingNew: if no row says anything new
    """
    rows = {row.code: row for row in command.rows}
    faults = [RowFault(r.row, "code", "代码重复", "code twice") for r in command.rows
              if rows[r.code] is not r]  # fmt: skip
    events: list[Event] = []
    for row in rows.values():
        known = read(area_stream(row.code))
        wrong = _row_faults(read, row, rows, known)
        faults += [RowFault(row.row, *fault) for fault in wrong]
        if not known.level:
            events.append(filled(AreaRegistered, row))
        elif known.name != row.name:
            events.append(AreaRenamed(code=row.code, name=row.name))
    ImportRefused.unless_good(faults)
    return NothingNew.unless_any(events)


def _row_faults(
    read: Read, row: AreaRow, rows: Mapping[str, AreaRow], known: Area
) -> Iterator[Fault]:
    """Yield what is wrong with a row against its file and what is registered."""
    if known.level and known.parent != row.parent:
        zh, en = known.parent or "（无）", known.parent or "(none)"
        yield "parent_code", f"已登记在 {zh} 之下", f"registered under {en}"
    if known.level and known.level != row.level:
        zh = f"已登记为{AREA_LEVELS[known.level][0]}"
        yield "level", zh, f"registered as {known.level}"
    if not row.parent:
        return
    if row.parent in rows:
        level = rows[row.parent].level
    else:
        level = read(area_stream(row.parent)).level
    if not level:
        yield "parent_code", "上级区域不存在", "unknown parent area"
        return
    path, above = path_of(row.code, row.level), path_of(row.parent, level)
    if not path.startswith(above):
        en = "code does not lie inside its parent"
        yield "parent_code", "代码不在上级区域之内", en
    elif len(path) <= len(above):
        yield "level", "层级应低于上级", "level is not below its parent"


class LocalPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The grids, compounds and buildings of one community."""

    community: str
    nodes: tuple[LocalNode, ...]


class SitePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site to register; its id is ``<area path>-<local id>``."""

    site: str
    area: str
    name: str
    kind: str
    planned: tuple[PlannedFunction, ...] = ()
    spaces: tuple[Space, ...] = ()
    facilities: tuple[str, ...] = ()

    def fact(self, index_seen: int) -> SiteRegistered:
        """Return the registration of the site; ``index_seen``: orders known then."""
        said = {name: getattr(self, name) for name in self.__struct_fields__}
        return SiteRegistered(**said, index_seen=index_seen)


class RegisterGround(Command, frozen=True, kw_only=True):
    """登记本地节点与阵地: what stands in one street (grids, compounds, …, sites).

    ``street``: or the area above it, for communities that lie in no street.
    """

    STREAM = "area/{0.street}"  # registrations of one street wait for one another
    ACTION = "areas.register"
    HEAVY = True
    street: str
    local: tuple[LocalPlan, ...] = ()
    sites: tuple[SitePlan, ...] = ()

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The names of local nodes and the entries of sites that would change."""
        was: dict[str, object] = {}
        for local in self.local:
            stream = area_stream(local.community)
            named = read(stream).local
            other = [n.code for n in local.nodes if named.get(n.code, n.name) != n.name]
            if other:
                was[stream.id] = [(code, named[code]) for code in other]
        for plan in self.sites:
            site = standing_stream(plan.site)
            known = read(site)
            if known is not None and known != plan.fact(known.index_seen):
                was[site.id] = known
        facts = (LocalAreasRegistered, SiteRegistered)
        return rows_held(was, facts, "这些节点和阵地", "the register of these sites")


BadLocalCode = Refusal.of(
    "areas.bad-local-code",
    "编码 {node} 不是 {community} 的本地节点",
    "code {node} is not a local node of {community}",
    "请改正编码",
    "correct the code",
)
SiteElsewhere = Refusal.of(
    "areas.site-elsewhere",
    "阵地 {site} 的编号与区域 {area} 不符",
    "the id of site {site} does not belong to area {area}",
    "请改正阵地编号或所在区域",
    "correct the id of the site, or its area",
)
OutsideStreet = Refusal.of(
    "areas.outside-street",
    "{area} 不在街镇 {street} 之内",
    "{area} does not lie in street {street}",
    "请改正区域，或分街镇登记",
    "correct the area, or register street by street",
)


def register_ground(read: Read, command: RegisterGround, _now: int) -> Sequence[Event]:
    """Register local nodes and sites that are not there yet.

    :raises UnknownArea: if a community, street or local node is not registered
    :raises OutsideStreet: if something lies in another street
    :raises BadLocalCode: if a node does not extend its community
    :raises SiteElsewhere: if a site's id does not name its area
    :raises NothingNew: if all of it is registered already
    """
    inside = [plan.community for plan in command.local]
    inside += [site.area for site in command.sites]
    level = read(area_stream(command.street)).level
    if not level:
        raise UnknownArea(area=command.street)
    street = path_of(command.street, level)
    for code in inside:
        if not code.startswith(street):
            raise OutsideStreet(area=code, street=command.street)
    events: list[Event] = []
    new_nodes: set[str] = set()
    for plan in command.local:
        area = read(area_stream(plan.community))
        if area.level_of(plan.community) != "community":
            raise UnknownArea(area=plan.community)
        for node in plan.nodes:
            if not node.code.startswith(plan.community) or not local_level(node.code):
                raise BadLocalCode(node=node.code, community=plan.community)
        fresh = tuple(n for n in plan.nodes if area.local.get(n.code) != n.name)
        new_nodes.update(n.code for n in fresh)
        if fresh:
            events.append(LocalAreasRegistered(community=plan.community, nodes=fresh))
    for site in command.sites:
        events.extend(_register_site(read, site, new_nodes))
    return NothingNew.unless_any(events)


def _register_site(read: Read, plan: SitePlan, new_nodes: set[str]) -> list[Event]:
    """Return the registration of one site, or nothing if it stands already."""
    level = read(area_stream(plan.area)).level_of(plan.area)
    if level is None and plan.area in new_nodes:
        level = local_level(plan.area)
    if level is None:
        raise UnknownArea(area=plan.area)
    if site_path(plan.site) != path_of(plan.area, level):
        raise SiteElsewhere(site=plan.site, area=plan.area)
    fact = plan.fact(read(INDEX_VERSION))
    known = read(standing_stream(plan.site))
    if known is not None:
        known = msgspec.structs.replace(known, index_seen=fact.index_seen)
    return [] if known == fact else [fact]
