"""Which sites an order cannot have (冲突): refused, or passed over and listed."""

from __future__ import annotations

from coordination.kernel import Event, Read
from coordination.mode.duties import PASSED_OVER
from coordination.mode.sites import playbook_of, site_stream
from coordination.mode.standing import continued
from coordination.mode.state import EMERGENCIES, evolve_emergencies
from coordination.playbook import Playbook
from coordination.refusals import Refusal

CONFLICTS_SHOWN = 20

SiteConflict = Refusal.of(
    "mode.site-conflict",
    "{count} 处阵地已承担互斥的功能，或尚未从中恢复：{sites}",
    "{count} sites hold a function that excludes the planned one, or still recover "
    "from it: {sites}",
    "请将其排除在范围之外，或待其恢复后再办理",
    "leave them out of the scope, or wait until they have recovered",
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
    order = then.orders[-1]

    def playbook(emergency: str) -> Playbook:
        return playbook_of(read, then.all[emergency].declared)

    if playbook(order.emergency).on_conflict == "pass-over":
        return
    if looked not in {UNLOOKED, len(read(EMERGENCIES).orders)}:
        raise ConflictsMoved
    found = []
    for site in proposed:
        there = continued(then, read(site_stream(site)), site, playbook)
        mine = there.get(order.emergency)
        if mine and (mine.phase, mine.round) == (PASSED_OVER, order.number):
            found.append(site)
    if found:
        shown = ", ".join(found[:CONFLICTS_SHOWN])
        raise SiteConflict(count=len(found), sites=shown)
