"""What is in force at a place, as people read it: ordered, and how far it converted."""

from __future__ import annotations

from typing import Any

from api.exchange.tables import in_words
from api.http.plain import moment
from coordination.playbook import LEVEL_NAMES
from coordination.vocabulary import HAZARDS
from projections.board import Area
from projections.ordered import Ordered
from projections.rollup import Rollup


def ordered_body(ordered: Ordered | None) -> dict[str, Any] | None:
    """Return what is ordered at a place: level, since, by which emergency."""
    if ordered is None:
        return None
    return {
        "emergency": ordered.emergency,
        **in_words("hazard", HAZARDS, ordered.hazard),
        "level": LEVEL_NAMES[ordered.level],
        "since": moment(ordered.since_us),
    }


def standing_of(tree: Rollup, area: Area) -> dict[str, Any]:
    """Return the two facts of a place, and how orders have to do with it.

    ``mode``: PEACETIME only if nothing covers it. ``converted``: the highest of its
    sites, None if it has none.
    """
    return {
        "mode": tree.mode(area),
        "ordered": ordered_body(tree.force.at(area.path)),
        "converted": tree.converted(area),
        "reach": tree.force.reach(area.path),
        "level_below": LEVEL_NAMES.get(tree.force.gravest_below(area.path) or 0),
    }
