"""Steps entered when their conversion is over (补录): done before, written later."""

from __future__ import annotations

from dataclasses import replace

from coordination.kernel import Event, Read
from coordination.late import CLOCKS_US, too_early
from coordination.mode.duties import Duty, conversion_in
from coordination.mode.events import OutOfService, StepCompleted
from coordination.mode.sites import mandatory
from coordination.mode.standing import Standing
from coordination.mode.state import CONVERT, EMERGENCIES, RECOVER
from coordination.refusals import Refusal

TakenMeanwhile = Refusal.of(
    "steps.taken-meanwhile",
    "阵地 {site} 已为应急响应 {emergency} 启用互斥的功能，补录后将有两种功能并存",
    "site {site} has taken up a function for {emergency} that excludes this one",
    "请先将该阵地移出其范围，或待其恢复完成后再补录",
    "take it out of that scope, or wait until it has recovered, then enter the step",
)


def entered_for(
    read: Read, standing: Standing, step: str, emergency: str
) -> Duty | None:
    """Return the conversion a step belongs to that was over before it is entered.

    None if it is a step of today: nobody says that it was done while that conversion
    was in force. ``emergency`` empty: the newest that has the step.
    """
    then = read.by.occurred_us
    if not then or (not emergency and _of_today(read, standing, step, then)):
        return None
    lately = sorted(standing.left.values(), key=lambda d: d.since[0][0], reverse=True)
    found = [
        replace(out, phase=CONVERT)
        for out in lately
        if then < out.since[0][0]
        and emergency in {"", out.emergency}
        and _asks(standing, out, step)
    ]
    begun = (out for out in found if _begun(read, out) <= then + CLOCKS_US)
    return next(begun, found[0] if found else None)


def _asks(standing: Standing, duty: Duty, step: str) -> bool:
    """Tell whether a step belongs to the conversion of a duty."""
    entry = conversion_in(standing.playbook(duty.emergency), duty)
    return any(s.id == step for s in entry.steps(CONVERT, duty.level))


def _of_today(read: Read, standing: Standing, step: str, then: int) -> bool:
    """Tell whether a conversion in force asks for a step, and asked for it then."""
    return any(
        duty.phase == CONVERT
        and _begun(read, duty) <= then
        and _asks(standing, duty, step)
        for duty in standing.duties.values()
    )


def _begun(read: Read, duty: Duty) -> int:
    """Return when the order was given that began a duty."""
    return read(EMERGENCIES).all[duty.emergency].orders[duty.round - 1].at_us


def late_fact(
    read: Read, standing: Standing, over: Duty, site: str, step: str
) -> Event:
    """Return the fact that a step was done of a conversion that is over.

    :raises TooEarly: if it is said to be done before it was ordered
    :raises TakenMeanwhile: if the site has taken up what excludes that function
    """
    begun_us, (at_us, level) = _begun(read, over), over.since[0]
    if read.by.occurred_us + CLOCKS_US < begun_us:
        raise too_early(begun_us, "转换令下达", "the switch was ordered")
    now = standing.duties.get(over.emergency)
    same = now is not None and (now.phase, now.round) == (RECOVER, over.round)
    recovers = same and now is not None and now.idle
    if recovers:
        _check_room(standing, over, site)
    return StepCompleted(
        site=site,
        emergency=over.emergency,
        phase=CONVERT,
        step=step,
        round=over.round,
        index_seen=read(EMERGENCIES).version,
        out=OutOfService(over.function, level, at_us, recovers),
    )


def _check_room(standing: Standing, over: Duty, site: str) -> None:
    """Return if a site may recover from a function beside what it does today."""
    entry = conversion_in(standing.playbook(over.emergency), over)
    held = standing.blocking(over)
    if held is not None and mandatory(entry.steps(RECOVER, over.level)):
        raise TakenMeanwhile(site=site, emergency=held.emergency)
