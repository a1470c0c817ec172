"""What all orders so far have one site do (现行任务), replayed for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from coordination.kernel import Read
from coordination.mode.duties import (
    Duties,
    Duty,
    Plans,
    after,
    conversion_in,
    excluding,
)
from coordination.mode.orders import Order
from coordination.mode.sites import (
    Replayed,
    Site,
    mandatory,
    playbook_of,
    site_stream,
)
from coordination.mode.state import CONVERT, EMERGENCIES, RECOVER, Emergencies
from coordination.playbook import Playbook
from coordination.tree import site_path

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
    found, left = _replay(emergencies.orders, site, where, playbook, {})
    return Standing(site, _idle(site, found), left, playbook)


def _replay(
    orders: Sequence[Order], site: Site, where: str, playbook: Plans, found: Duties
) -> tuple[Duties, Duties]:
    """Return a site's duties after orders, and the conversions these have ended.

    ``found``: what it was to do before the first of them.
    """
    left: Duties = {}
    path = site_path(where)
    for order in orders:
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
    return found, left


def _idle(site: Site, found: Duties) -> Duties:
    """Return duties as they stand: who has done nothing has nothing to recover from."""
    return {
        key: replace(duty, idle=True)
        if duty.phase == RECOVER and _did_nothing(site, duty, NOW)
        else duty
        for key, duty in found.items()
    }


def _settled(emergencies: Emergencies, site: Site, duty: Duty, playbook: Plans) -> bool:
    """Tell whether a duty is over and done with: no order to come looks at it."""
    over = emergencies.all[duty.emergency].ended_us is not None
    recovers = _recovering(site, duty, playbook, NOW)
    return over and duty.phase == RECOVER and not recovers


def continued(
    emergencies: Emergencies, site: Site, where: str, playbook: Plans
) -> Duties:
    """Return the duties of a site without the oldest that are settled.

    Only the orders since the last decision are replayed: a site costs what stands,
    however many emergencies it has seen.
    """
    kept = site.sofar.replayed
    if kept.version > emergencies.version:  # somebody else has read a newer index
        kept = Replayed()
    orders = emergencies.orders_after(kept.version)
    found, _ = _replay(orders, site, where, playbook, kept.duties)
    # Only from the oldest on: of two that have a step, the newer one is meant.
    settled = takewhile(
        lambda key: _settled(emergencies, site, found[key], playbook), found
    )
    gone = frozenset(settled)
    return {key: duty for key, duty in found.items() if key not in gone}


def standing_of(read: Read, where: str, about: str = "") -> Standing:
    """Return what all orders so far have one site do, as a decision reads it.

    Without what is settled, and without ``left``; ``about`` names an emergency whose
    duty is wanted all the same.
    """
    known, playbook, site = _read(read, where)
    duties = continued(known, site, where, playbook)
    site.sofar.replayed = Replayed(known.version, duties)
    if about and about not in duties:
        return replayed(known, site, where, playbook)
    return Standing(site, _idle(site, duties), {}, playbook)


def whole_standing_of(read: Read, where: str) -> Standing:
    """Return the same with all that is over: for what is entered late, or corrected."""
    known, playbook, site = _read(read, where)
    return replayed(known, site, where, playbook)


def _read(read: Read, where: str) -> tuple[Emergencies, Plans, Site]:
    known, playbooks = read(EMERGENCIES), dict[str, Playbook]()

    def playbook(emergency: str) -> Playbook:
        found = playbooks.get(emergency)
        if found is None:
            declared = known.all[emergency].declared
            found = playbooks[emergency] = playbook_of(read, declared)
        return found

    return known, playbook, read(site_stream(where))
