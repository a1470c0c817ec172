"""Who may do what (权限): grants, absences, and who signs which level."""

from __future__ import annotations

from typing import NamedTuple

from coordination.authority.events import AbsenceEnded, AbsenceRecorded, AuthoritySet
from coordination.filled import filled
from coordination.grants.events import RoleGranted, RoleRevoked
from projections.temporal import Temporal, as_json
from projections.view import Tables, View


class GrantRow(NamedTuple):
    """授权. ``area``: code, empty for everywhere; ``revoked_us`` 0: not revoked."""

    grant: str
    path: str
    account: str
    role: str
    area: str
    from_us: int
    until_us: int
    delegator: str
    delegated_from: str
    revoked_us: int = 0
    given_by: str = ""
    basis: str = ""
    occurred_us: int = 0
    seq_from: int = 0


class Absence(NamedTuple):
    """缺位. ``ended_us`` 0: not ended early."""

    absence: str
    path: str
    role: str
    area: str
    from_us: int
    until_us: int
    ended_us: int = 0
    recorded_by: str = ""
    reason: str = ""
    occurred_us: int = 0
    seq_from: int = 0


class AuthorityRow(NamedTuple):
    """签发权限: one row; ``levels`` is JSON."""

    key: str
    levels: str
    occurred_us: int = 0
    seq_from: int = 0


GRANT = Temporal("rights_grant", GrantRow)
ABSENCE = Temporal("rights_absence", Absence)
AUTHORITY = Temporal("rights_authority", AuthorityRow)


RIGHTS = View(name="rights", version=1, tables=(GRANT, ABSENCE, AUTHORITY))


@RIGHTS.on(RoleGranted)
def on_granted(t: Tables, e: RoleGranted) -> None:
    """An account holds a role."""
    row = filled(
        GrantRow,
        e,
        path=e.area.path if e.area else "",
        area=e.area.code if e.area else "",
        given_by=t.fact.envelope.actor,
        basis=t.fact.envelope.basis,
    )
    t.put(GRANT, row)


@RIGHTS.on(RoleRevoked)
def on_revoked(t: Tables, e: RoleRevoked) -> None:
    """A role is taken away; what was lent from it ends with it, by itself."""
    row = t[GRANT].current[e.grant]
    t.put(GRANT, row._replace(revoked_us=t.fact.recorded_us))


@RIGHTS.on(AbsenceRecorded)
def on_absent(t: Tables, e: AbsenceRecorded) -> None:
    """An office is absent."""
    row = filled(
        Absence,
        e,
        path=e.area.path,
        area=e.area.code,
        recorded_by=t.fact.envelope.actor,
        reason=t.fact.envelope.reason,
    )
    t.put(ABSENCE, row)


@RIGHTS.on(AbsenceEnded)
def on_back(t: Tables, e: AbsenceEnded) -> None:
    """An office is back."""
    t.put(ABSENCE, t[ABSENCE].current[e.absence]._replace(ended_us=e.ended_us))


@RIGHTS.on(AuthoritySet)
def on_authority(t: Tables, e: AuthoritySet) -> None:
    """Others sign from now on."""
    levels = as_json(e.levels)
    t.put(AUTHORITY, AuthorityRow(key="authority", levels=levels))
