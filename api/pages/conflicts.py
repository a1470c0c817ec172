"""Sites that were passed over (冲突阵地): what they hold, and who is free by now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.exchange.tables import in_words
from api.pages.fields import pair, taken
from api.pages.sites import know_where, where
from coordination.mode.duties import PASSED_OVER, Duty
from coordination.vocabulary import FUNCTIONS
from projections.alarms import Alarm
from projections.conflicts import in_the_way
from projections.names import Names
from projections.progress import PROGRESS, Progress, slots_of
from projections.rollup import by_site

Free = set[tuple[str, str]]
"""(emergency, site) of duties that were passed over for what is over by now."""


def free_of(rows: Iterable[Progress], names: Names) -> Free:
    """Return who of these was passed over and is free; all rows of each site."""
    return {
        (row.emergency or "", row.site)
        for row, held in _conflicts(rows, names)
        if held is None
    }


def _conflicts(
    rows: Iterable[Progress], names: Names
) -> Iterable[tuple[Progress, Duty | None]]:
    for slots in by_site(rows).values():
        if any(row.phase == PASSED_OVER for row in slots):
            yield from in_the_way(slots, names.plan)


def conflict_rows(rows: Sequence[Progress], names: Names) -> list[dict[str, Any]]:
    """Return sites that are passed over, each with what it holds instead.

    ``free``: that is over, and the site can be taken up.
    """
    know_where(rows, names)
    slots = [slot for site in sorted({r.site for r in rows}) for slot in slots_of(site)]
    known = PROGRESS.some(names.c, slots, at=names.at)
    held = {(one.site, one.emergency): one.function or "" for one in known}
    now = {(row.site, row.emergency): by for row, by in _conflicts(known, names)}
    found = []
    for row in rows:
        by, here = now.get((row.site, row.emergency)), (row.site, row.emergency)
        against = by.emergency if by else row.against
        function = by.function if by else held.get((row.site, against), "")
        found.append(
            {
                **where(row, names),
                **taken(row, "function emergency"),
                "against": against,
                **pair("function", FUNCTIONS, row.function or ""),
                **in_words("held", FUNCTIONS, function),
                "free": here in now and by is None,
            }
        )
    return found


def freed_in(alarm: Alarm) -> tuple[str, str]:
    """Return of which emergency, and which site, an alarm says that it is free."""
    return alarm.emergency, alarm.about.rpartition(":")[2]


def free_said(alarm: Alarm, names: Names, sites: int | None) -> tuple[str, str]:
    """Return what alarms of free sites say, in zh and en. ``sites``: how many."""
    matter, matter_en = names.matter(alarm.emergency)
    site = names.site(freed_in(alarm)[1])
    if sites == 1:
        return (
            f"{site}的占用已解除，可补下转换令：{matter}",
            f"{site} was passed over and is free: it can be taken up — {matter_en}",
        )
    return (
        f"{site}等 {sites} 处阵地的占用已解除，可补下转换令：{matter}",
        f"{sites} sites passed over are free and can be taken up — {matter_en}",
    )
