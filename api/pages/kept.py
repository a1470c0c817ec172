"""What a picture takes again (保留): trees and tallies, while nothing in them moved.

A switch of a city redraws every screen several times and moves neither areas nor posts,
packages and people.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import sqlalchemy as sa

from api.pages.strength import Strengths
from coordination.tree import DIGITS
from projections.board import AREA, LOCAL
from projections.coverage import COVER, KIND
from projections.names import Names
from projections.posts import STAFF
from projections.rollup import Tree, tree_of
from projections.roster import MUSTER, OPENING
from projections.temporal import Temporal

KEPT_MAX = 64
COUNTED: tuple[Temporal[Any], ...] = (STAFF, COVER, KIND, OPENING, MUSTER)
T = TypeVar("T")


class Kept:
    """The newest of each place; any thread may ask. The past is made anew each time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[Any, Any]] = OrderedDict()

    def _once(self, key: tuple[str, str], mark: Any, make: Callable[[], T]) -> T:
        """Return what was made under a key as long as its mark is the same."""
        known = self._kept.get(key)
        if known is None or known[0] != mark:
            known = self._kept[key] = mark, make()
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        found: T = known[1]
        return found

    def strengths(self, path: str, names: Names, active: Collection[str]) -> Strengths:
        """Return the counts of posts, packages and people below a place."""
        if names.at is not None:
            return Strengths(path, names, active)
        mark = frozenset(active), *(table.newest(names.c) for table in COUNTED)
        key = "strengths", path
        return self._once(key, mark, lambda: Strengths(path, names, active))

    def tree(self, c: sa.Connection, code: str, at: int | None) -> Tree | None:
        """Return the areas below one; None if there is none."""
        if at is not None:
            return tree_of(c, code, at)
        table = AREA if len(code) <= DIGITS["community"] else LOCAL
        return self._once(("tree", code), table.newest(c), lambda: tree_of(c, code))
