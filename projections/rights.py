"""Who may do what (权限): grants, absences, and who signs which level."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from coordination.authority.events import AbsenceEnded, AbsenceRecorded, AuthoritySet
from coordination.catalogue import Fact
from coordination.grants.events import RoleGranted, RoleRevoked
from projections.temporal import Temporal
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
    revoked_us: int
    given_by: str
    basis: str
    occurred_us: int
    seq_from: int


class Absence(NamedTuple):
    """缺位. ``ended_us`` 0: not ended early."""

    absence: str
    path: str
    role: str
    area: str
    from_us: int
    until_us: int
    ended_us: int
    recorded_by: str
    reason: str
    occurred_us: int
    seq_from: int


class AuthorityRow(NamedTuple):
    """签发权限: one row; ``levels`` is JSON."""

    key: str
    levels: str
    occurred_us: int
    seq_from: int


GRANT = Temporal("rights_grant", GrantRow)
ABSENCE = Temporal("rights_absence", Absence)
AUTHORITY = Temporal("rights_authority", AuthorityRow)


def on_granted(t: Tables, fact: Fact) -> None:
    """An account holds a role."""
    e: RoleGranted = fact.event  # type: ignore[assignment]
    who = fact.envelope
    t[GRANT].put(
        GrantRow(
            e.grant, e.area.path if e.area else "", e.account, e.role,
            e.area.code if e.area else "", e.from_us, e.until_us, e.delegator,
            e.delegated_from, 0, who.actor, who.basis, who.occurred_us, fact.seq,
        )
    )  # fmt: skip


def on_revoked(t: Tables, fact: Fact) -> None:
    """A role is taken away; what was lent from it ends with it, by itself."""
    e: RoleRevoked = fact.event  # type: ignore[assignment]
    when = fact.envelope.occurred_us
    old = t[GRANT].current[e.grant]
    t[GRANT].put(
        old._replace(revoked_us=fact.recorded_us, occurred_us=when, seq_from=fact.seq)
    )


def on_absent(t: Tables, fact: Fact) -> None:
    """An office is absent."""
    e: AbsenceRecorded = fact.event  # type: ignore[assignment]
    who = fact.envelope
    t[ABSENCE].put(
        Absence(
            e.absence, e.area.path, e.role, e.area.code, e.from_us, e.until_us, 0,
            who.actor, who.reason, who.occurred_us, fact.seq,
        )
    )  # fmt: skip


def on_back(t: Tables, fact: Fact) -> None:
    """An office is back."""
    e: AbsenceEnded = fact.event  # type: ignore[assignment]
    when = fact.envelope.occurred_us
    old = t[ABSENCE].current[e.absence]
    t[ABSENCE].put(
        old._replace(ended_us=e.ended_us, occurred_us=when, seq_from=fact.seq)
    )


def on_authority(t: Tables, fact: Fact) -> None:
    """Others sign from now on."""
    e: AuthoritySet = fact.event  # type: ignore[assignment]
    levels = msgspec.json.encode(e.levels).decode()
    when = fact.envelope.occurred_us
    t[AUTHORITY].put(AuthorityRow("authority", levels, when, fact.seq))


RIGHTS = View(
    name="rights",
    version=1,
    tables=(GRANT, ABSENCE, AUTHORITY),
    handlers={
        RoleGranted: on_granted,
        RoleRevoked: on_revoked,
        AbsenceRecorded: on_absent,
        AbsenceEnded: on_back,
        AuthoritySet: on_authority,
    },
)
