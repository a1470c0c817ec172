"""Reads of supplies (物资保障): the board, what a playbook needs, the hours ahead."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from api.http.look import Look
from api.http.reading import Reads
from api.pages.fields import meet
from api.pages.goods import goods_of
from api.pages.hours_ahead import HORIZON_HOURS, hours_ahead_of
from api.pages.needs import InForce, need_rows, needed_in
from api.pages.supplies import supply_board
from coordination.fields import Code, EmergencyId, Id
from coordination.mode.decide import UnknownPlaybook
from coordination.mode.sites import playbook_stream
from coordination.playbook import LEVEL_NAMES, ROMAN, Playbook
from coordination.stock.lines import ItemId
from projections.names import Names

HOURS_MAX = 336
READS = Reads("supplies")


@READS.shown("/stock/board", "view.situation")
def board(look: Look, area: Code) -> dict[str, Any]:
    """Return the supply board of an area (物资保障看板)."""
    return {**supply_board(look.area(area), goods_of(look)), "seq": look.seq}


def in_force(names: Names, path: str, emergency: str = "") -> InForce | None:
    """Return what is in force at a place.

    Of the emergency named, else of the gravest that touches the place.
    """
    found = [
        scope
        for scope in names.in_force
        if emergency in {"", scope.order.emergency}
        and any(meet(included, path) for included in scope.included)
    ]
    if not found:
        return None
    scope = min(found, key=lambda s: (s.order.level, s.order.declared_us))
    plan = names.playbook(scope.order.playbook_digest)
    if plan is None:
        return None
    return InForce(plan, scope.order.level, scope.covers, scope.order.emergency)


def _published(look: Look, playbook: str) -> Playbook:
    """Return the newest version of a playbook.

    :raises UnknownPlaybook: if none is published
    """
    published = look.state(playbook_stream(playbook))
    if not published.newest:
        raise UnknownPlaybook(playbook=playbook)
    return published.by_digest[published.newest]


@READS.shown("/stock/needs", "view.situation")
def needs(
    look: Look,
    area: Code,
    emergency: EmergencyId | None = None,
    playbook: Id | None = None,
    level: Literal["I", "II", "III", "IV"] = "III",
) -> dict[str, Any]:
    """Return what a playbook needs in an area against what is there (预案物资需求).

    Of the emergency in force there, or of ``playbook`` at ``level`` as if it were.
    """
    goods, path = goods_of(look), look.path(area)
    found = in_force(look.names, path, emergency or "")
    if playbook:
        plan = _published(look, playbook)
        found = InForce(plan, ROMAN[level], lambda _path: True, "")
    if found is None:
        return {"assessed": False, "rows": [], "seq": look.seq}
    here = found.within(path)
    needed = needed_in(found.plan, found.level, here, goods)
    return {
        "assessed": True,
        "emergency": found.emergency,
        "playbook": found.plan.id,
        "playbook_zh": found.plan.zh,
        "playbook_en": found.plan.en,
        "level": LEVEL_NAMES[found.level],
        "rows": need_rows(needed, here, goods, path),
        "seq": look.seq,
    }


@READS.shown("/stock/ahead", "view.situation")
def hours_ahead(
    look: Look,
    area: Code,
    item: ItemId,
    hours: Annotated[int, Meta(ge=1, le=HOURS_MAX)] = HORIZON_HOURS,
) -> dict[str, Any]:
    """Return how much of an item is left at each hour ahead (按小时预测)."""
    goods, place = goods_of(look), look.area(area)
    found = in_force(look.names, place.path)
    left = hours_ahead_of(item, place, goods, hours=hours, found=found)
    return {**left, "seq": look.seq}
