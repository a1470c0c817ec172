"""The board (态势): areas, sites, emergencies, and how far each site has converted."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from coordination.tree import DIGITS
from projections.temporal import Temporal


class Area(NamedTuple):
    """区域. ``path``: the code cut by its level."""

    code: str
    path: str
    name: str
    level: str
    parent: str
    occurred_us: int = 0
    seq_from: int = 0


class Ground(NamedTuple):
    """阵地登记: what rarely changes of a site; the texts are JSON."""

    site: str
    path: str
    area: str
    name: str
    kind: str
    planned: str
    spaces: str
    facilities: str
    occurred_us: int = 0
    seq_from: int = 0


class Order(NamedTuple):
    """突发事件: an emergency as it stands; the texts of scopes are JSON of places.

    ``expectation_passed_us``: the expected end that was recorded as passed, 0: none.
    ``voided`` 1: it is over because it was declared in error. ``end_…``: who ended or
    voided it, and why.
    """

    emergency: str
    hazard: str
    level: int
    severity: str
    warning: str
    scope: str
    excluded: str
    matter: str
    measures: str
    basis: str
    actor: str
    role: str
    declared_us: int
    changed_us: int
    expected_until_us: int
    expectation_passed_us: int = 0
    ended_us: int | None = None
    voided: int = 0
    end_basis: str = ""
    end_reason: str = ""
    end_actor: str = ""
    end_role: str = ""
    playbook: str = ""
    playbook_digest: str = ""
    orders: int = 1
    declared_seq: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Passed(NamedTuple):
    """限期已过: ``seq_from`` is the fact that made steps late."""

    deadline: str
    occurred_us: int = 0
    seq_from: int = 0


class Plan(NamedTuple):
    """预案: a published version, by digest."""

    digest: str
    playbook: str
    version: str
    hazard: str
    zh: str
    en: str
    compiled: str
    occurred_us: int = 0
    seq_from: int = 0


AREA = Temporal("board_area", Area)
LOCAL = Temporal("board_local", Area)
"""Grids, compounds and buildings: many, and no roll-up reads them."""
GROUND = Temporal("board_ground", Ground)
ORDER = Temporal("board_order", Order)
ACTIVE = ORDER.partial(
    "active", ORDER.table.c.declared_seq, ORDER.table.c.ended_us.is_(None)
)
"""Emergencies that are not over."""
PASSED = Temporal("board_passed", Passed)
PLAN = Temporal("board_plan", Plan)


def below(c: sa.Connection, area: Area, at: int | None = None) -> list[Area]:
    """Return an area's direct children, local nodes too, as of ``at``."""
    official = DIGITS.get(area.level, DIGITS["community"]) < DIGITS["community"]
    inside = (AREA if official else LOCAL).select(c, at=at, path=area.path)
    return sorted(place for place in inside if place.parent == area.code)


def passed_key(emergency: str, phase: str, step: str, due_us: int) -> str:
    """Return the key of a deadline."""
    return f"{emergency} {phase} {step} {due_us}"
