"""How far sites have come (阵地进度): one row for each duty a site has at once.

A site's rows are its slots. The first always stands, in peacetime too; further ones
come only while several emergencies hold the site, and one whose emergency is over is
used again, so that the rows of a site stay few for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from coordination.filled import filled
from coordination.mode.duties import PASSED_OVER, Duty
from coordination.mode.sites import mandatory, mode_of
from coordination.mode.state import CONVERT, PEACETIME, RECOVER
from coordination.playbook import Step
from projections.temporal import Temporal

ACKNOWLEDGED, DONE, UNSEEN, UNDONE = "A", "D", "U", "T"
TAKEN_BACK = {UNSEEN: ACKNOWLEDGED, UNDONE: DONE}
"""What happens to a step; the last two take back that it was seen, or done."""


class Progress(NamedTuple):
    """阵地进度: one duty of a site, or a free slot (no emergency).

    ``since``: (microseconds, level) as ``us:level`` joined by ``;``. ``against``: whose
    function excludes this one. ``steps``: what happened to its steps, each of ``A D U
    T``, step id, seq and ``;``; steps nobody has touched are not in it.
    ``late_steps``: ids joined by commas. ``mandatory_left``: to its next mode.
    ``worked``: how many steps were done in its round, those before recovery included;
    without any there is nothing to recover from. ``carried`` 1: it goes on with what a
    recovery had left.
    """

    slot: str
    path: str
    site: str
    mode: str = PEACETIME
    function: str | None = None
    emergency: str | None = None
    level: int | None = None
    phase: str | None = None
    round: int = 0
    since: str = ""
    against: str = ""
    steps: str = ""
    total: int = 0
    done: int = 0
    acknowledged: int = 0
    mandatory_left: int = 0
    late: int = 0
    late_steps: str = ""
    worked: int = 0
    carried: int = 0
    occurred_us: int = 0
    seq_from: int = 0


PROGRESS = Temporal("board_progress", Progress)


SLOTS_SHOWN = 6
"""So many slots of a site are looked at when many sites are asked about at once."""


def slots_of(site: str) -> list[str]:
    """Return the keys of a site's first slots."""
    return [site, *(f"{site} {number}" for number in range(1, SLOTS_SHOWN))]


def free(slot: str, site: str, path: str) -> Progress:
    """Return a slot with nothing to do."""
    return Progress(slot=slot, path=path, site=site)


@lru_cache(maxsize=4_096)
def _since(text: str) -> tuple[tuple[int, int], ...]:
    pairs = (pair.split(":") for pair in text.split(";"))
    return tuple((int(at_us), int(level)) for at_us, level in pairs)


def duty_of(row: Progress) -> Duty | None:
    """Return the duty a row shows, None for a free slot."""
    if row.emergency is None:
        return None
    assert row.function, "a duty has a function"
    assert row.phase, "a duty has a phase"
    return Duty(
        row.emergency,
        row.function,
        row.phase,
        row.round,
        _since(row.since),
        row.against,
        bool(row.carried),
        row.phase == RECOVER and not row.worked,
    )


def row_of(old: Progress, duty: Duty, steps: tuple[Step, ...]) -> Progress:
    """Return a slot's row for a duty; what was done in the same round stays done."""
    again = (old.emergency, old.phase, old.round)
    same = again == (duty.emergency, duty.phase, duty.round)
    of_round = (old.emergency, old.round) == (duty.emergency, duty.round)
    worked = old.worked if of_round else int(duty.carried)
    if duty.phase == RECOVER and not worked:
        steps = ()  # it did nothing: there is nothing to recover from
    text = old.steps if same else ""
    seen, done = stands(text)
    ids = {step.id for step in steps}
    left = mandatory(steps) - done
    late = [s for s in old.late_steps.split(",") if s in ids] if same else []
    if duty.phase == PASSED_OVER:
        mode = PEACETIME
    else:
        mode = mode_of(duty.phase, finished=not left)
    return filled(
        Progress,
        duty,
        slot=old.slot,
        path=old.path,
        site=old.site,
        mode=mode,
        since=";".join(f"{at}:{level}" for at, level in duty.since),
        steps=text,
        total=len(steps),
        done=len(done & ids),
        acknowledged=len(seen & ids - done),
        mandatory_left=len(left),
        late=len(late),
        late_steps=",".join(late),
        worked=worked,
        carried=int(duty.carried),
    )


def stands(steps: str) -> tuple[set[str], set[str]]:
    """Return which steps are seen and which are done, after all that happened."""
    seen, done = set[str](), set[str]()
    for what, step, _ in touches(steps):
        match what:
            case "A":
                seen.add(step)
            case "D":
                done.add(step)
            case "U":
                seen.discard(step)
            case "T":
                done.discard(step)
    return seen, done


def touches(steps: str) -> list[tuple[str, str, int]]:
    """Return what happened to steps: (A, D, U or T, step id, seq), in order."""
    found = []
    for touch in steps.split(";")[:-1]:
        what, step, seq = touch.split(" ")
        found.append((what, step, int(seq)))
    return found


def in_force(rows: Iterable[Progress]) -> list[Progress]:
    """Return the rows with a checklist in force, not those done or passed over."""
    return [row for row in rows if row.phase in {CONVERT, RECOVER} and counts(row)]


def counts(row: Progress) -> bool:
    """Tell whether a row's steps count: back in peacetime, its list is history."""
    return row.mode != PEACETIME
