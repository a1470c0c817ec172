"""Roll-ups (汇总): counts of every area and how far it converted, from its sites.

What is ordered there is another fact (``projections/ordered.py``).

Nothing is stored for it: summing the sites under a path is quick at any size this
serves, and always agrees with the board (docs/decisions/0002-rollups-sum-on-read.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from coordination.mode.duties import PASSED_OVER
from coordination.mode.state import CONVERTING, EMERGENCY, MODES, PEACETIME, RECOVERING
from coordination.tree import DIGITS
from projections.board import ACTIVE, AREA, LOCAL, ORDER, Area, Order
from projections.ordered import InForce, Scope, scopes
from projections.progress import PROGRESS, Progress, counts

PLACE = {mode: place for place, mode in enumerate(MODES)}
RANK = {PEACETIME: 0, RECOVERING: 1, CONVERTING: 2, EMERGENCY: 3}
"""How far an area has converted: the highest below it."""


@dataclass(slots=True)
class Count:
    """What stands below one area. ``seq``: its newest change; ``open``: not done."""

    by_mode: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    total: int = 0
    done: int = 0
    acknowledged: int = 0
    late: int = 0
    passed: int = 0
    """Duties passed over for another (冲突)."""
    seq: int = 0

    def add(self, other: Count) -> None:
        """Add what stands below a child."""
        mine, theirs = self.by_mode, other.by_mode
        for place in range(4):
            mine[place] += theirs[place]
        self.total += other.total
        self.done += other.done
        self.acknowledged += other.acknowledged
        self.late += other.late
        self.passed += other.passed
        self.seq = max(self.seq, other.seq)

    def take(self, rows: Sequence[Progress]) -> None:
        """Add one site, by its duties."""
        self.by_mode[PLACE[mode_of_site(rows)]] += 1
        for row in rows:
            self.seq = max(self.seq, row.seq_from)
            self.passed += row.phase == PASSED_OVER
            if counts(row):
                self.total += row.total
                self.done += row.done
                self.acknowledged += row.acknowledged
                self.late += row.late

    @property
    def sites(self) -> dict[str, int]:
        """Return the sites by mode."""
        return dict(zip(MODES, self.by_mode, strict=True))

    @property
    def converted(self) -> str | None:
        """The highest mode of any site, None if there is no site."""
        found = [mode for mode, number in self.sites.items() if number]
        return max(found, key=RANK.__getitem__, default=None)


def mode_of_site(rows: Iterable[Progress]) -> str:
    """Return the mode a site shows: the highest of its duties (从重)."""
    return max((row.mode for row in rows), key=RANK.__getitem__)


def by_site(rows: Iterable[Progress]) -> dict[str, list[Progress]]:
    """Return the rows of each site, its first slot first."""
    found: dict[str, list[Progress]] = {}
    for row in rows:
        listed = found.setdefault(row.site, [])
        listed.append(row)
        if len(listed) > 1:
            listed.sort(key=lambda r: (len(r.slot), r.slot))
    return found


@dataclass(slots=True)
class Rollup:
    """The tree below one area with a count at every node, as of one moment."""

    root: Area
    areas: dict[str, Area]
    counts: dict[str, Count]
    sites: dict[str, list[Progress]]
    """Site -> its duties."""
    orders: list[Order]
    """Emergencies that are not over, and those a site here is on its way back from."""
    force: InForce
    below: dict[str, list[Area]]

    def children(self, code: str) -> list[Area]:
        """Return an area's direct children, by code."""
        return self.below.get(code, [])

    @property
    def active(self) -> list[Scope]:
        """The scopes of active emergencies, the gravest first."""
        return self.force.active

    def mode(self, area: Area) -> str:
        """Return the mode in force in an area: peacetime only if nothing covers it."""
        return EMERGENCY if self.level(area.path) else PEACETIME

    def converted(self, area: Area) -> str | None:
        """Return how far the sites of an area are, None if it has none."""
        return self.counts[area.code].converted

    def level(self, path: str) -> int | None:
        """Return the gravest level in force at a place: from orders, not from sites."""
        return self.force.level(path)

    def areas_by_mode(self) -> dict[str, dict[str, int]]:
        """Return how many streets and communities are in each mode."""
        counted = {level: dict.fromkeys(MODES, 0) for level in ("street", "community")}
        for area in self.areas.values():
            if area.level in counted:
                counted[area.level][self.mode(area)] += 1
        return counted


class Tree(NamedTuple):
    """The areas below one, as of one moment. ``upwards``: children before parents."""

    root: Area
    areas: dict[str, Area]
    code_at: dict[str, str]
    below: dict[str, list[Area]]
    upwards: list[Area]


def tree_of(c: sa.Connection, code: str, at: int | None = None) -> Tree | None:
    """Return the areas below one as of ``at``; None if there is none.

    Below a grid or a compound there are local nodes; of a community only itself.
    """
    table = AREA if len(code) <= DIGITS["community"] else LOCAL
    root = table.get(c, code, at=at)
    if root is None:
        return None
    areas = {a.code: a for a in table.select(c, at=at, path=root.path)}
    # The path of a lower area may equal its parent's (a city that is one district).
    areas = {k: a for k, a in areas.items() if _below(a, root, areas)}
    under = (area for area in areas.values() if area.code != root.code)
    upwards = sorted(under, key=lambda a: (-len(a.path), a.code))
    below: dict[str, list[Area]] = {}
    for area in sorted(upwards, key=lambda area: area.code):
        below.setdefault(area.parent, []).append(area)
    code_at = {area.path: k for k, area in areas.items()}
    return Tree(root, areas, code_at, below, upwards)


def rollup(
    c: sa.Connection, code: str, at: int | None = None, *, tree: Tree | None = None
) -> Rollup | None:
    """Return the tree below an area as of ``at``; None if there is none.

    ``at``: a log position, None for now. ``tree``: its areas, if they are known.
    """
    tree = tree or tree_of(c, code, at)
    if tree is None:
        return None
    root = tree.root
    sites = by_site(PROGRESS.select(c, at=at, path=root.path))
    orders = ORDER.where(c, ACTIVE, at=at)
    summed = {k: Count() for k in tree.areas}
    for rows in sites.values():
        # A site in a grid or compound counts for its community.
        path = rows[0].path
        here = tree.code_at.get(path) or tree.code_at.get(path[:12]) or root.code
        summed[here].take(rows)
    for area in tree.upwards:
        summed[area.parent].add(summed[area.code])
    force = InForce(c, at, scopes(orders))
    # Of those over: whose sites here are still on their way back.
    known = {order.emergency for order in orders}
    back = {
        r.emergency for rows in sites.values() for r in rows if r.mode == RECOVERING
    }
    orders += ORDER.some(c, sorted(e for e in back - known if e), at=at)
    return Rollup(root, tree.areas, summed, sites, orders, force, tree.below)


def _below(area: Area, root: Area, areas: dict[str, Area]) -> bool:
    """Tell whether an area hangs under the root, following parents."""
    seen = area
    while seen.code != root.code:
        parent = areas.get(seen.parent)
        if parent is None:
            return False
        seen = parent
    return True
