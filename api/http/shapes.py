"""The shapes of answers, for the OpenAPI document; the pages build plain dicts.

The command screen's picture has its own: ``board_shapes.py``.
"""

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
