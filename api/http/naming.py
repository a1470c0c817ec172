"""Refusals in people's words (拒绝说人话): what a sentence names is called by its name.

A rule knows ids; who is told no knows names. The facts of the answer keep the ids, for
programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import pairwise

import sqlalchemy as sa

from api.http.plain import Named
from coordination.permit import ROLES
from coordination.refusals import Invalid, NotFound, Refusal
from coordination.vocabulary import (
    ALARM_KINDS,
    HAZARDS,
    LOT_STATUSES,
    NEWS,
    SCRAP_CAUSES,
    SHORTFALL_CAUSES,
    VARIANCE_CAUSES,
)
from projections.board import PLAN
from projections.names import Both, Names
from projections.supplies import ITEM


def _pair(name: str) -> Both:
    return name, name


def _area(names: Names, code: str) -> Both:
    """Return what an area is called, by its code or its path."""
    return _pair(names.area(code.ljust(12, "0")))


def _emergency(names: Names, emergency: str) -> Both:
    found = names.order(emergency)
    return _pair(f"“{found.matter}”" if found else emergency)


def _order(names: Names, order: str) -> Both:
    found = names.issued(order)
    return _pair(f"“{found.title}”" if found else order)


def _playbook(names: Names, playbook: str) -> Both:
    found = PLAN.where(names.c, PLAN.table.c.playbook == playbook, at=names.at)
    newest = max(found, key=lambda row: row.seq_from, default=None)
    return (newest.zh, newest.en) if newest else _pair(playbook)


def _alarm(_names: Names, alarm: str) -> Both:
    zh, en = ALARM_KINDS.get(alarm.partition(":")[0], ("", ""))
    return (f"“{zh}”", f"“{en}”") if zh else _pair(alarm)


def _sites(names: Names, sites: str) -> Both:
    found = [names.site(site) for site in sites.split(", ")]
    return "、".join(found), ", ".join(found)


def _stretch(names: Names, stretch: str) -> Both:
    """Return which time that somebody served is meant."""
    person, _, number = stretch.partition(".")
    zh, en = names.human(person)
    return f"{zh}的第 {number} 段服务", f"service {number} of {en}"


NAMED: dict[str, Callable[[Names, str], Both]] = {
    **dict.fromkeys(("area", "community", "residence", "street"), _area),
    "account": lambda names, account: _pair(names.person(account)),
    "alarm": _alarm,
    "emergency": _emergency,
    "hazard": lambda _names, hazard: HAZARDS.get(hazard, (hazard, hazard)),
    "item": lambda names, item: names.item(item),
    "order": _order,
    "person": lambda names, person: names.human(person),
    "playbook": _playbook,
    "post": lambda names, post: _pair(names.post(post)),
    "site": lambda names, site: _pair(names.site(site)),
    "sites": _sites,
    "station": lambda names, station: _pair(names.station(station)),
    "stretch": _stretch,
    "target": lambda names, target: _pair(names.target(target)),
}
"""Facts of a refusal that are ids of what has a name."""


def _items(names: Names, said: str) -> list[str]:
    """Return the items of the catalogue that are spelt most like a word.

    The database looks for what shares the most letters and pairs of letters with it
    and is about as long: the catalogue may be long, too.
    """
    item, word = ITEM.table.c.item, said[:WORD_CHARS]
    pieces = {*word, *(a + b for a, b in pairwise(word))}
    shared = [
        sa.case((item.contains(piece, autoescape=True), 1), else_=0)
        for piece in sorted(pieces)
    ]
    likeness = sum(shared, 0 - sa.func.abs(sa.func.length(item) - len(word)))
    rows = ITEM.first(names.c, order=likeness.desc(), limit=LIKELY, at=names.at)
    return [row.item for row in rows]


KNOWN: dict[str, Callable[[Names, str], Iterable[str]]] = {
    "cause": lambda _names, _: {*SCRAP_CAUSES, *SHORTFALL_CAUSES, *VARIANCE_CAUSES},
    "item": _items,
    "kind": lambda names, _: names.kinds(),
    "news": lambda _names, _: NEWS,
    "playbook": lambda names, _: (
        row.playbook for row in PLAN.select(names.c, at=names.at)
    ),
    "role": lambda _names, _: ROLES,
    "status": lambda _names, _: LOT_STATUSES,
}
"""Words that people write by heart, and which there are; the item by what was said."""
NEAREST, LIKELY, WORD_CHARS = 3, 50, 40
TOLD = NAMED.keys() | KNOWN.keys()
"""Facts for which the views are asked before somebody is told no."""


def nearest(refusal: Refusal, names: Names) -> list[str]:
    """Return the known words nearest to one that is not known; none, if it is."""
    if not isinstance(refusal, (NotFound, Invalid)):
        return []
    found: list[str] = []
    for fact, known in KNOWN.items():
        said = refusal.facts.get(fact)
        if not isinstance(said, str) or not said:
            continue
        words = sorted(set(known(names, said)))
        if said not in words:
            found += get_close_matches(said, words, NEAREST, cutoff=0.5)
    return found


def named(refusal: Refusal, names: Names) -> Named:
    """Return what the ids in a refusal's sentence are called; unknown ones stay.

    Beside them, under ``nearest``, the known words nearest to one that is not known.
    """
    zh: dict[str, str] = {}
    en: dict[str, str] = {}
    for fact, value in refusal.facts.items():
        if fact in NAMED and isinstance(value, str) and value:
            zh[fact], en[fact] = NAMED[fact](names, value)
    if near := nearest(refusal, names):
        zh["nearest"], en["nearest"] = "、".join(near), ", ".join(near)
    return zh, en
