"""Who was passed over (冲突阵地), and what stands in the way of it by now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from coordination.mode.duties import PASSED_OVER, Duty, excluding
from coordination.mode.state import CONVERT, RECOVERING
from coordination.playbook import Playbook
from projections.progress import PROGRESS, Progress, duty_of, slots_of
from projections.rollup import by_site

_p = PROGRESS.table.c
_passed: Any = sa.literal_column(f"'{PASSED_OVER}'")
_recovering: Any = sa.literal_column(f"'{RECOVERING}'")
CONFLICTS = PROGRESS.partial("passed", _p.phase, _p.phase == _passed)
"""Duties that were passed over."""
RECOVERIES = PROGRESS.partial("recovering", _p.mode, _p.mode == _recovering)
"""Recoveries that are under way."""


def in_the_way(
    rows: Iterable[Progress], playbook: Callable[[str], Playbook]
) -> Iterator[tuple[Progress, Duty | None]]:
    """Yield each duty of a site that was passed over, with what excludes it now.

    ``rows``: all there are of the site. None: nothing does any more.
    """
    held = {row.emergency or "": (row, duty_of(row)) for row in rows if row.emergency}
    duties = {key: duty for key, (_, duty) in held.items() if duty is not None}

    def occupies(duty: Duty) -> bool:
        return duty.phase == CONVERT or held[duty.emergency][0].mode == RECOVERING

    for key, duty in duties.items():
        if duty.phase == PASSED_OVER:
            yield held[key][0], excluding(duties, duty, playbook, occupies)


def free_now(
    c: sa.Connection, playbook: Callable[[str], Playbook]
) -> Iterator[Progress]:
    """Yield the duties there are that were passed over for what is over by now."""
    sites = sorted({row.site for row in PROGRESS.where(c, CONFLICTS, at=None)})
    slots = [slot for site in sites for slot in slots_of(site)]
    for rows in by_site(PROGRESS.some(c, slots, at=None)).values():
        for row, held in in_the_way(rows, playbook):
            if held is None:
                yield row
