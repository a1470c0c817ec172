"""What each emergency has a site do (阵地任务): one transition, for rules and views.

A site's duties follow from the orders of the index and its own registrations alone, so
that the decision, which replays them, and the view, which keeps them, always agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from coordination.kernel import MINUTE_US, Event, Read
from coordination.mode.state import (
    CONVERT,
    DECLARED,
    EMERGENCIES,
    ENDED,
    LOWERED,
    NARROWED,
    RAISED,
    RECOVER,
    WIDENED,
    Emergencies,
    Emergency,
    Order,
    Site,
    evolve_emergencies,
    playbook_of,
    site_stream,
)
from coordination.playbook import ROMAN, Conversion, Playbook, Step
from coordination.refusals import Refusal
from coordination.tree import site_path

CONFLICTS_SHOWN = 20
PASSED_OVER = "passed-over"
"""Neither converting nor recovering: the site held a function that excludes it."""


@dataclass(frozen=True, slots=True)
class Duty:
    """任务: what one emergency has a site do.

    ``round`` 轮次: number, among its emergency's orders, of the one that began it.
    ``since``: (from when, at which level), oldest first; the phase began with it.
    ``against``: the emergency whose function excludes this one, if it is passed over.
    """

    emergency: str
    function: str
    phase: str
    round: int
    since: tuple[tuple[int, int], ...]
    against: str = ""

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
    if duty.phase == PASSED_OVER:
        return ()
    return conversion_in(playbook, duty).steps(duty.phase, duty.level)


Duties = dict[str, Duty]
"""Emergency -> what it has one site do; oldest order first."""


def after(
    duties: Duties,
    order: Order,
    path: str,
    planned: Mapping[str, str] | None,
    playbook: Callable[[str], Playbook],
) -> Duties:
    """Return a site's duties after an order.

    ``planned``: hazard -> function as registered before the order, None if it was not;
    ``playbook``: emergency -> its playbook.
    """
    plan, mine = playbook(order.emergency), duties.get(order.emergency)
    if mine is not None and mine.phase == CONVERT:
        return _continued(duties, order, path, plan, mine)
    if order.kind in {ENDED, LOWERED, NARROWED} or planned is None:
        return _without_passed_over(duties, order, path, mine)
    if not order.covers(path):
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
    held = _excluding(duties, begun, plan, playbook)
    if held is not None:
        begun = replace(begun, phase=PASSED_OVER, against=held.emergency)
        # Still recovering from its first round: that checklist stays in force.
        return duties if mine and mine.phase == RECOVER else _put(duties, begun)
    # A new order for the same function makes an unfinished recovery pointless.
    kept = {
        e: d
        for e, d in duties.items()
        if d.phase != RECOVER or d.function != begun.function
    }
    return _put(kept, begun)


def _put(duties: Duties, duty: Duty) -> Duties:
    return {**{e: d for e, d in duties.items() if e != duty.emergency},
            duty.emergency: duty}  # fmt: skip


def _continued(
    duties: Duties, order: Order, path: str, plan: Playbook, mine: Duty
) -> Duties:
    """Return the duties after an order of an emergency that has the site converted."""
    level = order.level
    out = order.kind == ENDED or not order.covers(path)
    if out or plan.conversion(mine.function, level) is None:
        since = ((order.at_us, mine.level),)
        return {**duties, mine.emergency: replace(mine, phase=RECOVER, since=since)}
    if level == mine.level:
        return duties
    grown = replace(mine, since=(*mine.since, (order.at_us, level)))
    return {**duties, mine.emergency: grown}


def _without_passed_over(
    duties: Duties, order: Order, path: str, mine: Duty | None
) -> Duties:
    """Return the duties without a conflict that an order has made moot."""
    if mine is None or mine.phase != PASSED_OVER:
        return duties
    if order.kind != ENDED and order.covers(path):
        return duties
    return {e: d for e, d in duties.items() if e != order.emergency}


def _excluding(
    duties: Duties, wanted: Duty, plan: Playbook, playbook: Callable[[str], Playbook]
) -> Duty | None:
    """Return the duty whose function the wanted one cannot stand beside, if any.

    The oldest of several, whatever order they are kept in.
    """
    found = (
        held
        for held in duties.values()
        if held.phase == CONVERT
        and (
            plan.exclusive(held.function, wanted.function)
            or playbook(held.emergency).exclusive(held.function, wanted.function)
        )
    )
    return min(found, key=lambda d: (d.since[0][0], d.emergency), default=None)


def duties_of(
    emergencies: Emergencies,
    site: Site,
    path: str,
    playbook: Callable[[str], Playbook],
) -> Duties:
    """Return what all orders so far have a site do: their transitions, replayed."""
    found: Duties = {}
    for order in emergencies.orders:
        if order.emergency not in found and not order.covers(path):
            continue
        planned = site.planned_at(order.version)
        found = after(found, order, path, planned, playbook)
    return found


SiteConflict = Refusal.of(
    "mode.site-conflict",
    "{count} 处阵地已承担互斥的功能：{sites}",
    "{count} sites hold a function that excludes the planned one: {sites}",
    "请调整范围，或待该功能结束后再办理",
    "change the scope, or wait until that function ends",
    field="scope",
    RECORDED=True,
)
ConflictsMoved = Refusal.of(
    "mode.conflicts-moved",
    "其间另有命令下达",
    "another order has been given meanwhile",
    "请重试",
    "try again",
)


UNLOOKED = -1
"""Nobody has looked for conflicts: whoever is in one is passed over."""


def check_conflicts(
    read: Read, fact: Event, proposed: tuple[str, ...], looked: int
) -> None:
    """Return if the order that ``fact`` is may stand, conflicts and all.

    ``proposed``: the sites a view found in conflict; each is looked at anew. Where the
    playbook says so they are passed over, and the views list them. ``looked``: how many
    orders there were when the view looked.

    :raises SiteConflict: if the playbook refuses such an order
    :raises ConflictsMoved: if there are more orders by now
    """
    then = evolve_emergencies(read(EMERGENCIES), fact)

    def playbook(emergency: str) -> Playbook:
        return playbook_of(read, then.all[emergency].declared)

    emergency: str = fact.emergency  # type: ignore[attr-defined]
    if playbook(emergency).on_conflict == "pass-over":
        return
    if looked not in {UNLOOKED, len(read(EMERGENCIES).orders)}:
        raise ConflictsMoved
    found = []
    for site in proposed:
        duties = duties_of(then, read(site_stream(site)), site_path(site), playbook)
        mine = duties.get(emergency)
        if mine is not None and mine.phase == PASSED_OVER:
            found.append(site)
    if found:
        shown = ", ".join(found[:CONFLICTS_SHOWN])
        raise SiteConflict(count=len(found), sites=shown)


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
    over = then.kind == ENDED and then.at_us < due_us
    return over or not (_converts(entry, then.level) and applies(step, then.level))


def _converts(entry: Conversion, level: int) -> bool:
    """Tell whether sites take up a conversion at a level."""
    return ROMAN[entry.from_level] >= level


def _asked(order: Order, playbook: Playbook) -> Iterator[tuple[str, Conversion, Step]]:
    """Yield what an order newly asks for, somewhere in its scope."""
    level, before = order.level, order.level_before
    for entry in playbook.conversions:
        now = entry.steps(CONVERT, level) if _converts(entry, level) else ()
        if order.kind in {DECLARED, WIDENED}:
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
    if then.kind == ENDED:
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
