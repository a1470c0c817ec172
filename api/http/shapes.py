"""The shapes of answers, for the OpenAPI document; the pages build plain dicts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Mode = Literal["PEACETIME", "CONVERTING", "EMERGENCY", "RECOVERING"]
Level = Literal["I", "II", "III", "IV"]
AreaLevel = Literal[
    "province",
    "city",
    "district",
    "street",
    "community",
    "grid",
    "compound",
    "building",
]


class ReceiptBody(BaseModel):
    """A receipt (回执): the same for every retry. ``root``: Merkle root, hex."""

    command: str = Field(examples=["0f8fad5bd9cb469fa165708679"])
    seq: int = Field(examples=[1234])
    first_seq: int = Field(examples=[1234])
    root: str
    recorded_at: str = Field(examples=["2026-01-21T00:30:00.000001Z"])


class ImportReceipt(BaseModel):
    """What an import did, or would do (``dry_run``)."""

    dry_run: bool
    rows: int
    registered: int
    renamed: int
    receipt: ReceiptBody | None = None


class Node(BaseModel):
    """An area by code."""

    code: str = Field(examples=["310117001000"])
    name: str = Field(examples=["岳阳街道"])
    level: AreaLevel


class StepCounts(BaseModel):
    """``open``: not done; ``late`` and ``acknowledged`` are among the open ones."""

    total: int
    done: int
    acknowledged: int
    open: int
    late: int


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


class Ordered(BaseModel):
    """What is ordered at a place; ``since``: at this level, by this emergency."""

    emergency: str
    hazard: str
    hazard_zh: str
    hazard_en: str
    level: Level
    since: str


class InForce(BaseModel):
    """Two facts of a place, never merged: what is ordered, and how far its sites are.

    ``mode``: PEACETIME only if no emergency covers it. ``converted``: the highest mode
    of its sites, null if it has none. ``reach``: COVERED, PARTLY (only places below),
    EXCLUDED (left out of a scope it lies in) or OUTSIDE. ``level_below``: the gravest
    level ordered in it or in a part of it.
    """

    mode: Mode
    ordered: Ordered | None
    converted: Mode | None
    reach: Literal["COVERED", "PARTLY", "EXCLUDED", "OUTSIDE"]
    level_below: Level | None


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


class CorrectedBy(BaseModel):
    """By what a fact is corrected (更正)."""

    seq: int
    actor: str
    actor_name: str
    occurred_at: str


class FactBody(BaseModel):
    """A fact as people read it."""

    seq: int
    name: str
    zh: str
    en: str
    occurred_at: str
    recorded_at: str
    actor: str
    actor_name: str
    role: str
    role_zh: str
    role_en: str
    basis: str
    area: str
    site: str | None
    emergency: str | None
    corrects: int | None
    corrected: CorrectedBy | None
    correctable: list[str] | None


class WholeFact(FactBody):
    """A fact with its envelope, its place in the log and its leaf."""

    stream: str
    version: int
    command: str
    digest: str
    seen_seq: int
    grant: str
    preview: str
    on_behalf_of: str
    reason: str
    step: str
    salt: str
    leaf: str
    correction_zh: str
    correction_en: str
    corrected_why: str | None
    payload: dict[str, Any]


class Facts(BaseModel):
    """Facts, newest first."""

    seq: int
    facts: list[FactBody]


class Emergency(BaseModel):
    """An emergency as it stands."""

    id: str
    hazard: str
    hazard_zh: str
    hazard_en: str
    level: Level
    severity: str
    severity_zh: str
    severity_en: str
    warning: str
    warning_zh: str
    warning_en: str
    expectation_passed: bool
    state: Literal["ACTIVE", "ENDED", "VOIDED"]
    state_zh: str
    state_en: str
    matter: str
    basis: str
    measures: str
    declared_at: str
    expected_until: str
    ended_at: str | None
    end_basis: str
    end_reason: str
    ended_by: dict[str, str]
    scope: list[dict[str, str]]
    excluded: list[dict[str, str]]
    by: dict[str, str]
    playbook: dict[str, str]
    expected: dict[str, str]
    seq: int
    changes: list[dict[str, Any]] = []
    shown_seq: int = 0


class SiteStep(BaseModel):
    """A checklist step of a site."""

    id: str
    zh: str
    en: str
    owner: str
    owner_zh: str
    owner_en: str
    emergency: str
    hazard_zh: str
    hazard_en: str
    phase: Literal["convert", "recover"]
    mandatory: bool
    state: Literal["OPEN", "ACKNOWLEDGED", "DONE"]
    late: bool
    due_at: str
    acknowledged: dict[str, Any] | None
    done: dict[str, Any] | None


class Site(BaseModel):
    """A site with its checklist.

    ``mode``: how far it has converted; ``ordered``: what is in force where it stands.
    """

    id: str
    name: str
    area: str
    area_name: str
    kind: str
    kind_zh: str
    kind_en: str
    mode: Mode
    ordered: Ordered | None
    function: str | None
    function_zh: str | None
    function_en: str | None
    emergency: str | None
    level: Level | None
    seq: int
    counts: dict[str, StepCounts]
    planned: list[dict[str, str]]
    spaces: list[dict[str, Any]]
    facilities: list[dict[str, str]]
    duties: list[dict[str, Any]]
    steps: list[SiteStep]


class SiteShown(Site):
    """A site and the position it is shown at."""

    shown_seq: int
    head: int


class Sites(BaseModel):
    """Sites by id."""

    seq: int
    sites: list[Site]


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


class Areas(BaseModel):
    """Areas by code."""

    areas: list[Node]


class PlaybookBody(BaseModel):
    """A published playbook."""

    id: str
    version: str
    hazard: str
    zh: str
    en: str
    digest: str


class Playbooks(BaseModel):
    """The newest version of every playbook."""

    playbooks: list[PlaybookBody]


class SessionBody(BaseModel):
    """Who is signed in."""

    account: str
    name: str
    role: str
    role_zh: str
    role_en: str
    area: str
    grants: list[dict[str, Any]]
    may: list[str]
