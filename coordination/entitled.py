"""Who decides (有权人): in which role, by which grant, before a rule is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from coordination.grants.state import held_by
from coordination.kernel import Read
from coordination.mode.state import EMERGENCIES
from coordination.permit import OWN, PEACE, WAR, permit, permitted
from coordination.provenance import Actor, Provenance


def entitlements(
    read: Read,
    by: Provenance,
    action: str,
    places: tuple[str, ...],
    now: int,
    own: Collection[str] = OWN,
) -> Iterator[Provenance]:
    """Yield who decides, in each role that allows it: by grants that hold now.

    The grants stand among what was read, so that a revocation overtakes what it
    revokes. ``own``: accounts whose role is stated by this program.

    :raises Denied: if no grant of the account allows it
    """

    def mode() -> str:
        known = read(EMERGENCIES)
        # At war only if every place is: what is doubtful is peace.
        return WAR if places and all(map(known.level_at, places)) else PEACE

    actor, allowed = by.actor, False
    if actor.account in own:
        for role in (*OWN.get(actor.account, ()), actor.role):
            found = msgspec.structs.replace(actor, role=role)
            if permitted(found, action, places, mode):
                allowed = True
                yield msgspec.structs.replace(by, actor=found)
    else:
        found = Actor(actor.account)
        for grant in held_by(read, actor.account, now):
            given = grant.given
            if action in grant.withheld:
                continue
            found = Actor(actor.account, given.role, grant.area, given.grant)
            if permitted(found, action, places, mode):
                allowed = True
                lender = given.delegator
                yield msgspec.structs.replace(by, actor=found, on_behalf_of=lender)
    if not allowed:
        permit(found, action, places, mode)
        yield msgspec.structs.replace(by, actor=found)


def entitled(
    read: Read,
    by: Provenance,
    action: str,
    places: tuple[str, ...],
    now: int,
    own: Collection[str] = OWN,
) -> Provenance:
    """Return who decides, in the first role that allows it.

    :raises Denied: if no grant of the account allows it
    """
    return next(entitlements(read, by, action, places, now, own))
