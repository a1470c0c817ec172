"""What the command line shows of an area (态势)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from api.pages.sites import sites_of
from coordination.areas.state import UnknownArea
from coordination.playbook import LEVEL_NAMES
from projections.board import AREA
from projections.names import Names
from projections.rollup import rollup
from projections.store import seen, shown_at, snapshot


def status_of_area(engine: sa.Engine, area: str, as_of: int | None) -> dict[str, Any]:
    """Return mode, level, seq and counts of an area.

    :raises UnknownArea: if there is no such area then
    """
    with snapshot(engine) as c:
        seq = seen(c)
        tree = rollup(c, area, shown_at(c, as_of))
    if tree is None:
        raise UnknownArea(area=area)
    count = tree.counts[area]
    level = tree.level(tree.root.path)
    return {
        "area": area,
        "name": tree.root.name,
        "mode": tree.mode(tree.root),
        "level": LEVEL_NAMES.get(level or 0),
        "seq": seq if as_of is None else min(as_of, seq),
        "counts": {
            "areas": len(tree.areas),
            "sites": count.sites,
            "steps": {
                "total": count.total,
                "done": count.done,
                "open": count.total - count.done,
                "late": count.late,
                "acknowledged": count.acknowledged,
            },
        },
    }


def sites_in(engine: sa.Engine, area: str, at: int | None) -> dict[str, Any]:
    """Return the sites inside an area with their checklists.

    :raises UnknownArea: if there is no such area
    """
    with snapshot(engine) as c:
        found = AREA.get(c, area, at=at)
        if found is None:
            raise UnknownArea(area=area)
        seq, names = seen(c), Names(c, shown_at(c, at))
        shown = seq if at is None else min(at, seq)
        return {"seq": shown, "sites": sites_of(names, found.path)}
