"""What the facts of grants fold to (授权状态): which roles an account holds now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coordination.grants.events import RoleGranted, RoleRevoked
from coordination.kernel import Event, Read, Stream


@dataclass(frozen=True, slots=True)
class Grant:
    """授权: one role of one account, revoked or not."""

    given: RoleGranted
    revoked: bool = False

    @property
    def area(self) -> str:
        """Path of its area, empty for everywhere."""
        return self.given.area.path if self.given.area else ""

    def holds(self, now: int) -> bool:
        """Tell whether it is in force, not asking whether what it rests on is."""
        given = self.given
        began, over = given.from_us <= now, 0 < given.until_us <= now
        return began and not over and not self.revoked


@dataclass(frozen=True, slots=True)
class Grants:
    """All grants of one account, oldest first."""

    all: Mapping[str, Grant] = field(default_factory=dict)


def evolve_grants(state: Grants, event: Event) -> Grants:
    """Fold one fact of an account's grants."""
    match event:
        case RoleGranted():
            return Grants({**state.all, event.grant: Grant(event)})
        case RoleRevoked():
            known = state.all[event.grant]
            return Grants({**state.all, event.grant: Grant(known.given, revoked=True)})
        case _:
            return state


def grants_stream(account: str) -> Stream[Grants]:
    """Return the grants of an account."""
    return Stream(f"grants/{account}", Grants(), evolve_grants)


def held_by(read: Read, account: str, now: int) -> Iterator[Grant]:
    """Yield the grants an account acts by now; a lent one only while its root holds."""
    for grant in read(grants_stream(account)).all.values():
        if not grant.holds(now):
            continue
        lender = grant.given.delegator
        if lender:
            root = read(grants_stream(lender)).all[grant.given.delegated_from]
            if not root.holds(now):
                continue
        yield grant
