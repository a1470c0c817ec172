"""Every deadline that an emergency ever has (步骤限期): from its orders alone."""

from __future__ import annotations

from collections.abc import Iterator

from coordination.kernel import MINUTE_US
from coordination.mode.duties import applies
from coordination.mode.orders import (
    DECLARED,
    LOWERED,
    OVER,
    RAISED,
    TAKEN_UP,
    WIDENED,
    Order,
)
from coordination.mode.state import CONVERT, RECOVER, Emergency
from coordination.playbook import ROMAN, Conversion, Playbook, Step


def deadlines(
    emergency: Emergency, playbook: Playbook
) -> Iterator[tuple[str, str, int]]:
    """Yield (phase, step, due_us) of every deadline the emergency ever has.

    One that an order given since had made moot before it was due is none, even if a
    still later one asked for the same again: that one has a deadline of its own.
    """
    before: Order | None = None
    for order in emergency.orders:
        for phase, entry, step in _asked(order, playbook):
            due_us = order.at_us + step.due_minutes * MINUTE_US
            since = [o for o in emergency.orders[order.number :] if o.at_us <= due_us]
            if phase == CONVERT:
                moot = any(_moot(o, entry, step, due_us) for o in since)
            else:
                moot = any(_taken_back(order, before, o, entry) for o in since)
            if not moot:
                yield phase, step.id, due_us
        before = order


def _moot(then: Order, entry: Conversion, step: Step, due_us: int) -> bool:
    """Tell whether an order asks no more for a step that is due later."""
    over = then.kind in OVER and then.at_us < due_us
    return over or not (_converts(entry, then.level) and applies(step, then.level))


def _converts(entry: Conversion, level: int) -> bool:
    """Tell whether sites take up a conversion at a level."""
    return ROMAN[entry.from_level] >= level


def _asked(order: Order, playbook: Playbook) -> Iterator[tuple[str, Conversion, Step]]:
    """Yield what an order newly asks for, somewhere in its scope."""
    level, before = order.level, order.level_before
    for entry in playbook.conversions:
        now = entry.steps(CONVERT, level) if _converts(entry, level) else ()
        if order.kind in {DECLARED, WIDENED, TAKEN_UP}:
            yield from ((CONVERT, entry, step) for step in now)
        elif order.kind == RAISED:
            known = entry.steps(CONVERT, before) if _converts(entry, before) else ()
            yield from ((CONVERT, entry, s) for s in now if s not in known)
        elif order.kind == LOWERED:
            if _converts(entry, before) and not _converts(entry, level):
                back = entry.steps(RECOVER, before)
                yield from ((RECOVER, entry, step) for step in back)
        elif _converts(entry, level):
            yield from ((RECOVER, entry, s) for s in entry.steps(RECOVER, level))


def _taken_back(
    order: Order, before: Order | None, then: Order, entry: Conversion
) -> bool:
    """Tell whether a later order had those who were to recover convert again."""
    if then.kind in OVER:
        return False
    if order.kind == LOWERED:
        return _converts(entry, then.level)
    assert before is not None, "a declaration takes nothing out"
    out = {*before.scope, *order.excluded} - {*order.scope, *before.excluded}
    left = [p.path for p in then.excluded if p not in before.excluded]
    return bool(out) and all(
        then.covers(place.path) and not any(p.startswith(place.path) for p in left)
        for place in out
    )
