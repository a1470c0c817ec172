"""The shape of the command screen's picture (指挥屏): an area, and what is below it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from api.http.shapes import Emergency, FactBody, InForce, Level, Node, Site, StepCounts


class SiteCounts(BaseModel):
    """Sites by mode."""

    PEACETIME: int
    CONVERTING: int
    EMERGENCY: int
    RECOVERING: int


class Counts(BaseModel):
    """What stands below an area."""

    sites: SiteCounts
    steps: StepCounts


class RootCounts(Counts):
    """The same with the official areas, counted and by shown mode."""

    areas: int
    areas_by_mode: dict[str, SiteCounts]
    people: dict[str, int]


class Child(Node, InForce):
    """A direct child with its roll-up; ``seq``: its newest change."""

    emergencies: list[str]
    seq: int
    counts: Counts
    people: dict[str, int]
    short: int
    conflicts: int


class Conflict(BaseModel):
    """A site passed over (冲突): it holds a function that excludes the planned one."""

    site: str
    site_name: str
    area: str
    area_name: str
    function: str
    function_zh: str
    function_en: str
    emergency: str
    against: str
    held: str
    held_zh: str
    held_en: str
    free: bool


class Tile(InForce):
    """A grandchild on the tile map."""

    code: str
    name: str
    parent: str
    emergencies: list[str]
    late: int
    vacant: int
    gaps: int


class Late(BaseModel):
    """A step whose deadline has passed without it being done."""

    site: str
    site_name: str
    area: str
    area_name: str
    step: str
    zh: str
    en: str
    due_at: str
    emergency: str
    seq: int


class Board(InForce):
    """The command screen's picture of one area.

    ``now``: the World's clock; ``rate``: how much faster than the wall it runs.
    ``excluded``: the places in it that are left out, at most so many as are shown.
    """

    now: str
    rate: int

    seq: int
    head: int
    at: int | None
    recorded_at: str | None
    area: Node
    ancestors: list[Node]
    level: Level | None
    excluded: list[dict[str, str]]
    counts: RootCounts
    emergencies: list[Emergency]
    children: list[Child]
    tiles: list[Tile]
    sites: list[Site]
    late: list[Late]
    late_total: int
    vacancies: list[dict[str, Any]]
    vacancies_total: int
    gaps_total: int
    supplies: dict[str, Any]
    alarms: dict[str, Any]
    approvals: dict[str, int]
    orders: dict[str, int]
    conflicts: list[Conflict]
    conflicts_total: int
    facts: list[FactBody]
