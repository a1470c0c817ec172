"""How posts are substituted at a place (AB角规则): as the gravest emergency has it."""

from __future__ import annotations

from collections.abc import Mapping

from coordination.kernel import Read
from coordination.mode.events import EmergencyDeclared
from coordination.mode.orders import Order
from coordination.mode.sites import playbook_of
from coordination.mode.state import EMERGENCIES
from coordination.playbook import Substitution


def rules_at(read: Read, path: str) -> Substitution:
    """Return how posts at a place are substituted.

    By the playbook of the gravest emergency there (the oldest of equals); in peacetime
    by what a playbook says nothing of.
    """
    return _gravest(read, _standing(read, path))


def limited_since(read: Read, path: str) -> int:
    """Return since when silence is counted at a place as it is now, 0: it is not.

    Who was asked goes on being asked: only where another time limit began to hold did
    the clock start anew. Orders are taken back, newest first, until one had done that.
    """
    known, standing = read(EMERGENCIES), _standing(read, path)
    minutes = _gravest(read, standing).silent_minutes
    if not minutes:
        return 0
    for order in reversed(known.orders):
        orders = known.all[order.emergency].orders
        earlier = orders[order.number - 2] if order.number > 1 else None
        standing.pop(order.emergency, None)
        if earlier is not None and earlier.covers(path):
            standing[order.emergency] = earlier
        if _gravest(read, standing).silent_minutes != minutes:
            return order.at_us
    raise AssertionError("where nothing stands nobody is asked to confirm")


def _standing(read: Read, path: str) -> dict[str, Order]:
    """Return the orders in force that cover a place, by their emergency."""
    active = read(EMERGENCIES).active()
    return {e.declared.emergency: e.newest for e in active if e.covers(path)}


def _gravest(read: Read, standing: Mapping[str, Order]) -> Substitution:
    """Return the rules of the gravest of these emergencies, the oldest of equals."""
    known = read(EMERGENCIES).all
    found = [known[emergency].declared for emergency in standing]
    if not found:
        return Substitution()

    def rank(declared: EmergencyDeclared) -> tuple[int, int, int]:
        order = standing[declared.emergency]
        return order.level, declared.declared_us, order.version

    return playbook_of(read, min(found, key=rank)).substitution
