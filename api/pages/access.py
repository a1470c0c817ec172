"""Who may do what, as people read it (权限): grants, who signs, who is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from api.exchange.tables import BOTH, SORT, Column, Row, worded
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import Who
from api.http.reading import Reads, recorded
from api.pages.fields import pair, taken
from api.pages.preview import signers
from api.world.world import World
from coordination.authority.events import LevelAuthority
from coordination.authority.state import DEFAULT
from coordination.grants.state import Grant, held_by
from coordination.kernel import version_of
from coordination.permit import PERMITTED, ROLES
from coordination.playbook import LEVEL_NAMES
from coordination.provenance import Actor
from coordination.states import GRANT_STATES
from projections.names import Names
from projections.rights import ABSENCE, AUTHORITY, GRANT, GrantRow

LISTING = Listing.of(
    Column("id", "编号", "Id"),
    Column("account", "账号", "Account", can=BOTH),
    Column("account_name", "姓名", "Name", can=SORT),
    Column("role", "角色", "Role", words=ROLES, can=BOTH),
    Column("area_name", "区域", "Area", can=SORT),
    Column("from", "自", "From", "time", can=SORT),
    Column("until", "至", "Until", "time", can=SORT),
    Column("delegator_name", "委托人", "Lent by"),
    Column("state", "状态", "State", words=GRANT_STATES, can=BOTH),
    Column("given_by_name", "授予人", "Given by"),
    Column("basis", "依据", "Basis"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("area",),
    sort="-seq",
)
ACTIVE, EXPIRED, REVOKED, FUTURE = "ACTIVE", "EXPIRED", "REVOKED", "FUTURE"


def grant_rows(look: Look, account: str = "") -> Iterator[Row]:
    """Yield the grants, of one account if it is given."""
    rows = {row.grant: row for row in GRANT.select(look.c, at=look.at)}
    look.names.know_areas(row.area for row in rows.values() if row.area)
    for row in rows.values():
        if not account or row.account == account:
            yield _row(row, _state(row, rows, look.now), look.names)


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
        **taken(row, "path account role area delegator basis", when="from until"),
        "account_name": names.person(row.account),
        "area_name": names.area(row.area),
        "delegator_name": names.person(row.delegator),
        "state": state,
        "given_by_name": names.person(row.given_by),
        "seq": row.seq_from,
    }


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
        grants = [_held(grant, area_name) for grant in found]
    roles = {actor.role for actor in held}
    may = [
        action
        for action, rules in PERMITTED.items()
        if any(roles & rule.roles for rule in rules)
    ]
    first = held[0] if held else Actor(who.account)
    return {
        **taken(who, "account name"),
        **taken(first, "role area"),
        **pair("role", ROLES, first.role),
        "grants": grants,
        "may": may,
    }


def _held(grant: Grant, area_name: Callable[[str], str]) -> dict[str, Any]:
    """Return a grant as its holder has it now."""
    given = grant.given
    code = given.area.code if given.area else ""
    return {
        "id": given.grant,
        **taken(given, "role delegator", when="until"),
        **pair("role", ROLES, given.role),
        "area": code,
        "area_name": area_name(code) if code else "",
        "path": grant.area,
    }


READS = Reads("access")


@READS.listed("/grants", LISTING, "view.grants", "授权", before=recorded("grants"))
def grants(look: Look) -> Iterator[Row]:
    """Return all grants that the reader may see (授权清单); it is recorded."""
    world, by = look.world, look.who.by
    everywhere = not world.entitle(by, "view.grants").actor.area
    for row in grant_rows(look):
        path = row["path"]
        if everywhere or (path and world.sees(by, "view.grants", path)):
            yield row


@READS.shown("/grants/mine", "self")
def my_grants(look: Look) -> dict[str, Any]:
    """Return the caller's own grants (我的授权)."""
    rows = worded(grant_rows(look, look.who.account), LISTING.columns)
    return {"rows": list(rows), "seq": look.seq}


@READS.shown("/authority", "view.situation")
def authority(look: Look) -> dict[str, Any]:
    """Return who signs which level, and which offices are absent (签发权限)."""
    names, row = look.names, AUTHORITY.get(look.c, "authority", at=look.at)
    absences = sorted(ABSENCE.select(look.c, at=look.at), key=lambda a: -a.from_us)
    names.know_areas(absence.area for absence in absences)
    levels = DEFAULT
    if row is not None:
        levels = msgspec.json.decode(row.levels, type=tuple[LevelAuthority, ...])
    return {
        "levels": [
            {
                "level": LEVEL_NAMES[entry.level],
                "roles": signers(entry.roles),
                "chain": signers(entry.chain),
            }
            for entry in levels
        ],
        "expected": version_of(levels),
        "absences": [
            {
                "id": absence.absence,
                **taken(absence, "role area reason", when="from until"),
                **pair("role", ROLES, absence.role),
                "area_name": names.area(absence.area),
                "by_name": names.person(absence.recorded_by),
                "state": "OVER"
                if absence.ended_us or absence.until_us <= look.now
                else "STANDING",
            }
            for absence in absences
        ],
        "seq": look.seq,
    }
