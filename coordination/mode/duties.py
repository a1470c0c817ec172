"""What each emergency has a site do (阵地任务): one transition, for rules and views.

A site's duties follow from the orders of the index, its own registrations and what it
had done when each order was given, so that the decision, which replays them, and the
view, which keeps them, always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from coordination.kernel import MINUTE_US, Read
from coordination.mode.state import (
    CONVERT,
    EMERGENCIES,
    LOWERED,
    NARROWED,
    OVER,
    RAISED,
    RECOVER,
    TAKEN_UP,
    WIDENED,
    Emergencies,
    Order,
    Site,
    mandatory,
    playbook_of,
    site_stream,
)
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


# --- replayed ------------------------------------------------------------------------

NOW = 2**62
"""Later than any version of the index."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What all orders so far have one site do, replayed (现行任务).

    ``left``: emergency -> the conversion that was over last, whatever came of it.
    """

    site: Site
    duties: Duties
    left: Duties
    playbook: Plans

    def recovering(self, duty: Duty, version: int = NOW) -> bool:
        """Tell whether a site was recovering when the index had come to a version."""
        return _recovering(self.site, duty, self.playbook, version)

    def occupies(self, duty: Duty) -> bool:
        """Tell whether a duty holds the site: until its recovery's mandatory steps."""
        return duty.phase == CONVERT or self.recovering(duty)

    def blocking(self, wanted: Duty) -> Duty | None:
        """Return what stands in the way of a duty, None if nothing does."""
        return excluding(self.duties, wanted, self.playbook, self.occupies)


def _did_nothing(site: Site, duty: Duty, version: int) -> bool:
    """Tell whether nothing was done in a round.

    A recovery step counts too: logs of before 0.2 have such of sites that did nothing.
    """
    return not duty.carried and not any(
        site.done_at(duty.emergency, phase, duty.round, version)
        for phase in (CONVERT, RECOVER)
    )


def _recovering(site: Site, duty: Duty, playbook: Plans, version: int) -> bool:
    if duty.phase != RECOVER or _did_nothing(site, duty, version):
        return False
    entry = conversion_in(playbook(duty.emergency), duty)
    done = site.done_at(duty.emergency, RECOVER, duty.round, version)
    return not mandatory(entry.steps(RECOVER, duty.level)) <= done


def replayed(
    emergencies: Emergencies, site: Site, where: str, playbook: Plans
) -> Standing:
    """Return what all orders so far have a site do: their transitions, replayed."""
    found: Duties = {}
    left: Duties = {}
    path = site_path(where)
    for order in emergencies.orders:
        mine = found.get(order.emergency)
        if mine is None and not order.covers(path):
            continue

        def recovering(duty: Duty, version: int = order.version) -> bool:
            return _recovering(site, duty, playbook, version)

        planned = site.planned_at(order.version)
        found = after(found, order, where, planned, playbook, recovering)
        now = found.get(order.emergency)
        if mine and mine.phase == CONVERT and now and now.phase == RECOVER:
            left[order.emergency] = now
    duties = {
        key: replace(duty, idle=True)
        if duty.phase == RECOVER and _did_nothing(site, duty, NOW)
        else duty
        for key, duty in found.items()
    }
    return Standing(site, duties, left, playbook)


def standing_of(read: Read, where: str) -> Standing:
    """Return what all orders so far have a site do, as a decision reads it."""
    known, playbooks = read(EMERGENCIES), dict[str, Playbook]()

    def playbook(emergency: str) -> Playbook:
        found = playbooks.get(emergency)
        if found is None:
            declared = known.all[emergency].declared
            found = playbooks[emergency] = playbook_of(read, declared)
        return found

    return replayed(known, read(site_stream(where)), where, playbook)
