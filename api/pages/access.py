"""Who may do what, as people read it (权限): grants, who signs, who is absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from api.exchange.tables import Column
from api.http.lists import Listing
from api.http.plain import Who, moment
from api.pages.facts import NameOf
from api.world.world import World
from coordination.authority.events import LevelAuthority
from coordination.authority.state import DEFAULT
from coordination.grants.state import held_by
from coordination.kernel import Actor
from coordination.permit import PERMITTED, ROLES
from coordination.playbook import LEVEL_NAMES
from projections.names import Names
from projections.rights import ABSENCE, AUTHORITY, GRANT, GrantRow

LISTING = Listing(
    columns=(
        Column("id", "编号", "Id"),
        Column("account", "账号", "Account"),
        Column("account_name", "姓名", "Name"),
        Column("role_zh", "角色", "Role"),
        Column("area_name", "区域", "Area"),
        Column("from", "自", "From", "time"),
        Column("until", "至", "Until", "time"),
        Column("delegator_name", "委托人", "Lent by"),
        Column("state", "状态", "State"),
        Column("given_by_name", "授予人", "Given by"),
        Column("basis", "依据", "Basis"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=(
        "account",
        "account_name",
        "role",
        "area_name",
        "from",
        "until",
        "state",
        "seq",
    ),
    filterable=("state", "role", "account", "area"),
    sort="-seq",
)
ACTIVE, EXPIRED, REVOKED, FUTURE = "ACTIVE", "EXPIRED", "REVOKED", "FUTURE"


def grant_rows(
    c: sa.Connection, now: int, name_of: NameOf, account: str = ""
) -> list[dict[str, Any]]:
    """Return the grants, of one account if it is given."""
    names = Names(c, None, name_of)
    rows = {row.grant: row for row in GRANT.select(c, at=None)}
    return [
        _row(row, _state(row, rows, now), names)
        for row in rows.values()
        if not account or row.account == account
    ]


def _state(row: GrantRow, rows: Mapping[str, GrantRow], now: int) -> str:
    """Return whether a grant is in force; a lent one ends with its root."""
    if row.revoked_us:
        return REVOKED
    if row.from_us > now:
        return FUTURE
    if row.until_us and row.until_us <= now:
        return EXPIRED
    root = rows.get(row.delegated_from)
    return _state(root, rows, now) if root is not None else ACTIVE


def _row(row: GrantRow, state: str, names: Names) -> dict[str, Any]:
    return {
        "id": row.grant,
        "path": row.path,
        "account": row.account,
        "account_name": names.person(row.account),
        "role": row.role,
        "role_zh": ROLES[row.role][0],
        "role_en": ROLES[row.role][1],
        "area": row.area,
        "area_name": names.area(row.area) if row.area else "",
        "from": moment(row.from_us),
        "until": moment(row.until_us or None),
        "delegator": row.delegator,
        "delegator_name": names.person(row.delegator) if row.delegator else "",
        "state": state,
        "given_by_name": names.person(row.given_by),
        "basis": row.basis,
        "seq": row.seq_from,
    }


def authority_body(c: sa.Connection, now: int, name_of: NameOf) -> dict[str, Any]:
    """Return who signs each level, and which offices are absent."""
    names = Names(c, None, name_of)
    row = AUTHORITY.get(c, "authority")
    levels = DEFAULT
    if row is not None:
        levels = msgspec.json.decode(row.levels, type=tuple[LevelAuthority, ...])
    return {
        "levels": [
            {
                "level": LEVEL_NAMES[entry.level],
                "roles": [_role(role) for role in entry.roles],
                "chain": [_role(role) for role in entry.chain],
            }
            for entry in levels
        ],
        "absences": [
            {
                "id": absence.absence,
                **_role(absence.role, "role_"),
                "role": absence.role,
                "area": absence.area,
                "area_name": names.area(absence.area),
                "from": moment(absence.from_us),
                "until": moment(absence.until_us),
                "reason": absence.reason,
                "by_name": names.person(absence.recorded_by),
                "state": "OVER"
                if absence.ended_us or absence.until_us <= now
                else "STANDING",
            }
            for absence in sorted(ABSENCE.select(c, at=None), key=lambda a: -a.from_us)
        ],
    }


def _role(role: str, mark: str = "") -> dict[str, str]:
    zh, en = ROLES[role]
    return {"role": role, f"{mark}zh": zh, f"{mark}en": en}


def session_body(
    world: World, who: Who, area_name: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return who is signed in, their roles now, and what some role of theirs allows.

    ``role`` and ``area``: of the first grant, empty without one.
    """
    now = world.clock()
    if who.actor.role:  # the service's own account
        held = [who.actor]
        grants: list[dict[str, Any]] = []
    else:
        found = list(held_by(world.read(), who.account, now))
        held = [Actor(who.account, g.given.role, g.area, g.given.grant) for g in found]
        grants = [
            {
                "id": grant.given.grant,
                **_role(grant.given.role, "role_"),
                "area": grant.given.area.code if grant.given.area else "",
                "area_name": area_name(grant.given.area.code)
                if grant.given.area
                else "",
                "path": grant.area,
                "until": moment(grant.given.until_us or None),
                "delegator": grant.given.delegator,
            }
            for grant in found
        ]
    roles = {actor.role for actor in held}
    may = [
        action
        for action, rules in PERMITTED.items()
        if any(roles & rule.roles for rule in rules)
    ]
    first = held[0] if held else Actor(who.account)
    zh, en = ROLES.get(first.role, ("", ""))
    return {
        "account": who.account,
        "name": who.name,
        "role": first.role,
        "role_zh": zh,
        "role_en": en,
        "area": first.area,
        "grants": grants,
        "may": may,
    }
