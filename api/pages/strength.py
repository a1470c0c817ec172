"""Strength (力量) on the board: posts, packages and people, summed by area as read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from api.exchange.tables import in_words
from api.pages.fields import taken
from api.pages.packages import tally
from coordination.tree import above, community_of
from coordination.vocabulary import TURN_CAUSES
from projections.coverage import COVER, totals
from projections.names import Names, label_of
from projections.posts import POST, STAFF, VACANT
from projections.roster import MUSTER, OPENING

VACANCIES_SHOWN = 30
FIELDS = (
    "posts",
    "vacant",
    "acting",
    "targets",
    "gaps",
    "registered",
    "reported",
    "present",
    "partial",
    "absent",
    "gone",
    "active",
    "unavailable",
)
Strength = dict[str, int]


class Strengths:
    """The counts of every area at or below a place, as of one moment."""

    def __init__(self, path: str, names: Names, active: Collection[str]) -> None:
        """``active``: the emergencies that count as what people checked in for."""
        self._own: dict[str, Strength] = {}
        c, at = names.c, names.at
        for staff in STAFF.select(c, at=at, path=path):
            counts = taken(staff, "posts vacant")
            self._add(staff.path, **counts, acting=staff.standing_in)
        kinds = names.kinds()
        for cover in COVER.select(c, at=at, path=path[:12]):
            found = tally(totals([cover], kinds))
            self._add(cover.path, targets=found["targets"], gaps=found["gaps"])
        open_ = OPENING.table.c.closed_us == 0
        campaigns = {o.opening for o in OPENING.where(c, open_, at=at)} | {*active}
        for row in MUSTER.select(c, at=at, path=path[:12]):
            counts = taken(row, "registered unavailable")
            if row.campaign in campaigns:
                counts |= taken(row, "reported present partial absent gone active")
            self._add(row.path, **counts)
        self._found = self._risen()

    def _add(self, path: str, **counts: int) -> None:
        """Add to a place."""
        found = self._own.get(path[:12])
        if found is None:
            found = self._own[path[:12]] = dict.fromkeys(FIELDS, 0)
        for name, count in counts.items():
            found[name] += count

    def _risen(self) -> dict[str, Strength]:
        """Return the sums of every place and of what lies in it."""
        found: dict[str, Strength] = {}
        for path, own in self._own.items():
            for prefix in above(path):
                so_far = found.setdefault(prefix, dict.fromkeys(FIELDS, 0))
                for name, count in own.items():
                    so_far[name] += count
        return found

    def at(self, path: str) -> Strength:
        """Return the counts of a place."""
        return self._found.get(path) or dict.fromkeys(FIELDS, 0)


def vacancies(path: str, names: Names) -> list[dict[str, Any]]:
    """Return the vacant posts of an area, the gravest first; no name in them.

    A board goes to many screens at once: who it was, each page tells its own reader.
    """
    t = POST.table.c
    rows = POST.where(names.c, t.state == VACANT, POST.inside(path), at=names.at)
    rows.sort(key=lambda r: (r.rank, -r.since_us, r.post))
    found, shown = [], rows[:VACANCIES_SHOWN]
    names.know_areas({community_of(row.place) for row in shown})
    names.know_sites(row.site for row in shown)
    for row in shown:
        before_zh, before_en = label_of(row.before) if row.before else ("", "")
        found.append(
            {
                **taken(row, "post name rank", when="since"),
                "area": community_of(row.place),
                "area_name": names.area(community_of(row.place)),
                "site_name": names.site(row.site),
                "before_zh": before_zh,
                "before_en": before_en,
                **in_words("cause", TURN_CAUSES, row.cause),
                "seq": row.made_seq,
            }
        )
    return found
