"""The tree of areas (区域树): codes, levels, paths and "scope covers place".

A statistical code has twelve digits, 2-2-2-3-3 (NBS 2023); grids, compounds and
buildings below a community extend it: ``310117001001`` ``g02`` ``c01`` ``b013``.
A *path* is the code cut by the area's level, so that "below" is a prefix test. It is
never found by stripping zeros: 滨海新区 ``120116100000`` is a street whose stripped
form would swallow its siblings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import msgspec

DIGITS = {"province": 2, "city": 4, "district": 6, "street": 9, "community": 12}
"""Digits of the code that an area of this level owns."""
LOCAL_LEVELS = ("grid", "compound", "building")
LEVELS = (*DIGITS, *LOCAL_LEVELS)
OFFICIAL_CODE = re.compile(r"[1-9][0-9]{11}")
LOCAL_CODE = re.compile(r"([1-9][0-9]{11})(g[0-9]{2})?(c[0-9]{2})?(b[0-9]{3})?")
_LOCAL_MARK = {"g": "grid", "c": "compound", "b": "building"}


class Place(msgspec.Struct, frozen=True, order=True):
    """An area named in a decision, with the level that cuts its code."""

    code: str
    level: str

    @property
    def path(self) -> str:
        """The prefix all places inside share."""
        return path_of(self.code, self.level)


def path_of(code: str, level: str) -> str:
    """Return the prefix that this area and everything inside it share."""
    digits = DIGITS.get(level)
    if digits is None:
        return code
    return code[:digits]


def local_level(code: str) -> str | None:
    """Return the level of a local code (grid, compound, building), else None."""
    if len(code) == DIGITS["community"] or not LOCAL_CODE.fullmatch(code):
        return None
    mark = re.findall(r"[gcb]", code)[-1]
    return _LOCAL_MARK[mark]


def community_of(code: str) -> str:
    """Return the official part of a code, local or not."""
    return code[: DIGITS["community"]]


def covers(included: Iterable[str], excluded: Iterable[str], path: str) -> bool:
    """Tell whether a scope of paths covers ``path``: the nearest one named wins.

    Named both ways, an area is out: leaving out is the later thought.
    """
    inside = max((len(p) for p in included if path.startswith(p)), default=-1)
    outside = max((len(p) for p in excluded if path.startswith(p)), default=-1)
    return inside > outside


def above(path: str) -> list[str]:
    """Return the official prefixes of a path from the province down, itself last."""
    return [path[:n] for n in DIGITS.values() if n < len(path)] + [path]


def around(paths: Collection[str]) -> tuple[str, ...]:
    """Return the path of the lowest area all of these lie in; none: the whole world."""
    shared = set.intersection(*(set(above(path)) for path in paths)) if paths else ()
    return (max(shared, key=len),) if shared else ()


def site_path(site: str) -> str:
    """Return the path of the area a site stands in: its id is ``<path>-<local id>``."""
    return site.partition("-")[0]
