"""What each emergency has a site do (阵地任务): one transition, for rules and views.

A site's duties follow from the orders of the index, its own registrations and what it
had done when each order was given, so that the decision, which replays them, and the
view, which keeps them, always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from coordination.kernel import MINUTE_US
from coordination.mode.orders import (
    LOWERED,
    NARROWED,
    OVER,
    RAISED,
    TAKEN_UP,
    WIDENED,
    Order,
)
from coordination.mode.state import CONVERT, RECOVER
from coordination.playbook import ROMAN, Conversion, Playbook, Step
from coordination.tree import site_path

PASSED_OVER = "passed-over"
"""Neither converting nor recovering: the site held a function that excludes it."""


@dataclass(frozen=True, slots=True)
class Duty:
    """任务: what one emergency has a site do.

    ``round`` 轮次: number, among its emergency's orders, of the one that began it.
    ``since``: (from when, at which level), oldest first; the phase began with it.
    ``against``: the emergency whose function excluded this one when it was passed over.
    ``carried``: begun instead of a recovery from the same that was under way.
    ``idle``: nothing was done of the conversion, so there is nothing to recover from.
    """

    emergency: str
    function: str
    phase: str
    round: int
    since: tuple[tuple[int, int], ...]
    against: str = ""
    carried: bool = False
    idle: bool = False

    @property
    def level(self) -> int:
        """The level in force, or at which the site was taken out of service."""
        return self.since[-1][1]

    def due_us(self, step: Step) -> int:
        """Return when a step is due: counted from the order that first asked for it."""
        asked_us = self.since[0][0]
        if self.phase == CONVERT:
            asking = False
            for at_us, level in self.since:
                if applies(step, level) and not asking:
                    asked_us = at_us
                asking = applies(step, level)
        return asked_us + step.due_minutes * MINUTE_US


def applies(step: Step, level: int) -> bool:
    """Tell whether a step is asked for at a level (1 gravest to 4)."""
    return ROMAN[step.from_level] >= level


def conversion_in(playbook: Playbook, duty: Duty) -> Conversion:
    """Return the playbook's part that a duty carries out."""
    found = playbook.conversion(duty.function, 1)
    assert found is not None, "a duty follows from a conversion"
    return found


def steps_of(playbook: Playbook, duty: Duty) -> tuple[Step, ...]:
    """Return the checklist in force of a duty."""
    if duty.phase == PASSED_OVER or duty.idle:
        return ()
    return conversion_in(playbook, duty).steps(duty.phase, duty.level)


Duties = dict[str, Duty]
"""Emergency -> what it has one site do; oldest order first."""
Plans = Callable[[str], Playbook]
"""Emergency -> its playbook."""


def after(
    duties: Duties,
    order: Order,
    site: str,
    planned: Mapping[str, str] | None,
    playbook: Plans,
    recovering: Callable[[Duty], bool],
) -> Duties:
    """Return a site's duties after an order.

    ``planned``: hazard -> function as registered before the order, None if it was not.
    ``recovering``: whether a recovery is under way when the order is given.
    """
    plan, mine = playbook(order.emergency), duties.get(order.emergency)
    path = site_path(site)
    if mine is not None and mine.phase == CONVERT:
        return _continued(duties, order, path, plan, mine)
    if order.kind in {LOWERED, NARROWED, *OVER} or planned is None:
        return _without_passed_over(duties, order, path, plan)
    if not order.covers(path) or _asks_nothing_new(order, site, mine):
        return duties
    conversion = plan.conversion(planned.get(order.hazard), order.level)
    if conversion is None:
        return duties
    if order.kind == RAISED and plan.conversion(
        conversion.function, order.level_before
    ):
        return duties  # not part of what the graver level adds
    begun = Duty(
        order.emergency,
        conversion.function,
        CONVERT,
        order.number,
        ((order.at_us, order.level),),
    )

    def occupies(held: Duty) -> bool:
        return held.phase == CONVERT or (order.rules > 1 and recovering(held))

    held = excluding(duties, begun, playbook, occupies)
    if held is None:
        # A new order for the same function makes an unfinished recovery pointless.
        left = [d for d in duties.values() if d.phase == RECOVER]
        pointless = [d for d in left if d.function == begun.function]
        kept = {e: d for e, d in duties.items() if d not in pointless}
        return _put(kept, replace(begun, carried=any(map(recovering, pointless))))
    if mine and mine.phase == RECOVER and (order.rules == 1 or recovering(mine)):
        return duties  # of its own first round: that checklist stays in force
    over = replace(begun, phase=PASSED_OVER, against=held.emergency)
    return _put(duties, over)


def _asks_nothing_new(order: Order, site: str, mine: Duty | None) -> bool:
    """Tell whether an order leaves a site alone that lies in its scope.

    Who is passed over waits for an order of its own, which is for nobody else.
    """
    waits = mine is not None and mine.phase == PASSED_OVER
    if order.kind == TAKEN_UP:
        return not waits or site not in order.sites
    return waits and order.kind == WIDENED and order.rules > 1


def _put(duties: Duties, duty: Duty) -> Duties:
    return {**{e: d for e, d in duties.items() if e != duty.emergency},
            duty.emergency: duty}  # fmt: skip


def _continued(
    duties: Duties, order: Order, path: str, plan: Playbook, mine: Duty
) -> Duties:
    """Return the duties after an order of an emergency that has the site converted."""
    level = order.level
    out = order.kind in OVER or not order.covers(path)
    if out or plan.conversion(mine.function, level) is None:
        since = ((order.at_us, mine.level),)
        return {**duties, mine.emergency: replace(mine, phase=RECOVER, since=since)}
    if level == mine.level:
        return duties
    grown = replace(mine, since=(*mine.since, (order.at_us, level)))
    return {**duties, mine.emergency: grown}


def _without_passed_over(
    duties: Duties, order: Order, path: str, plan: Playbook
) -> Duties:
    """Return the duties without a conflict that an order has made moot."""
    mine = duties.get(order.emergency)
    if mine is None or mine.phase != PASSED_OVER:
        return duties
    asked = plan.conversion(mine.function, order.level) is not None
    if order.kind not in OVER and order.covers(path) and asked:
        return duties
    return {e: d for e, d in duties.items() if e != order.emergency}


def excluding(
    duties: Duties, wanted: Duty, playbook: Plans, occupies: Callable[[Duty], bool]
) -> Duty | None:
    """Return the duty whose function the wanted one cannot stand beside, if any.

    The oldest of several, whatever order they are kept in. ``occupies``: whether a
    duty holds the site.
    """
    plan = playbook(wanted.emergency)
    found = (
        held
        for held in duties.values()
        if occupies(held)
        and (
            plan.exclusive(held.function, wanted.function)
            or playbook(held.emergency).exclusive(held.function, wanted.function)
        )
    )
    return min(found, key=lambda d: (d.since[0][0], d.emergency), default=None)
