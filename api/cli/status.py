"""What the command line shows of an area (态势)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from api.cli.lines import minute
from api.pages.force import standing_of
from api.pages.sites import sites_of, step_counts
from coordination.areas.state import UnknownArea
from coordination.playbook import LEVEL_NAMES, ROMAN
from coordination.states import AREA_MODES, CONVERTED
from projections.board import AREA, LOCAL
from projections.names import ROMAN_SIGNS, Names
from projections.rollup import rollup
from projections.store import seen, shown_at, snapshot


def status_of_area(engine: sa.Engine, area: str, as_of: int | None) -> dict[str, Any]:
    """Return what is ordered in an area and how far its sites are, with counts.

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
        **standing_of(tree, tree.root),
        "level": LEVEL_NAMES.get(level or 0),
        "seq": seq if as_of is None else min(as_of, seq),
        "counts": {
            "areas": len(tree.areas),
            "sites": count.sites,
            "steps": step_counts([count]),
        },
    }


def in_words(found: dict[str, Any]) -> list[str]:
    """Return the lines that tell people the same."""
    ordered, converted = found["ordered"], found["converted"]
    level, below = found["level"], found["level_below"]
    said = AREA_MODES[found["mode"]][0]
    if ordered:
        said += (
            f"　{ROMAN_SIGNS[ROMAN[level]]}级　{ordered['hazard_zh']} "
            f"{ordered['emergency']}　自 {minute(ordered['since'])}"
        )
    elif below:
        said += f"　局部有响应，最高 {ROMAN_SIGNS[ROMAN[below]]} 级"
    elif found["reach"] == "EXCLUDED":
        said += "　已从响应范围中排除"
    counts, steps = found["counts"], found["counts"]["steps"]
    sites = "、".join(
        f"{CONVERTED[mode][0]} {number}"
        for mode, number in counts["sites"].items()
        if number
    )
    far = CONVERTED[converted][0] if converted else "没有阵地"
    return [
        f"{found['name']}　{found['area']}　日志位置 {found['seq']}",
        f"受令　{said}",
        f"阵地　{far}" + (f"（{sites}）" if sites else ""),
        f"步骤　完成 {steps['done']}/{steps['total']}，逾期 {steps['late']}",
    ]


def sites_in(engine: sa.Engine, area: str, at: int | None) -> dict[str, Any]:
    """Return the sites inside an area with their checklists.

    :raises UnknownArea: if there is no such area
    """
    with snapshot(engine) as c:
        found = AREA.get(c, area, at=at) or LOCAL.get(c, area, at=at)
        if found is None:
            raise UnknownArea(area=area)
        seq, names = seen(c), Names(c, shown_at(c, at))
        shown = seq if at is None else min(at, seq)
        return {"seq": shown, "sites": sites_of(names, found.path)}
