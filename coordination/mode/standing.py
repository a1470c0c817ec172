"""What all orders so far have one site do (现行任务), replayed for a decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordination.kernel import Read
from coordination.mode.duties import (
    Duties,
    Duty,
    Plans,
    after,
    conversion_in,
    excluding,
)
from coordination.mode.sites import Site, mandatory, playbook_of, site_stream
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
