"""Names for codes (名称): looked up once each, while one answer is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa

from coordination.kernel import Event
from coordination.mode.duties import Duty, steps_of
from coordination.packages.events import PackageKind
from coordination.packages.state import DEFAULT_KINDS, kinds_of
from coordination.playbook import Playbook, Step, from_canonical
from coordination.tree import Place, community_of
from projections.board import ACTIVE, AREA, GROUND, LOCAL, ORDER, PLAN, Order
from projections.coverage import KIND, kinds_in
from projections.directives import ISSUED, Issued
from projections.ordered import InForce, Ordered, Scope, scopes
from projections.posts import POST
from projections.roster import UNIT
from projections.slips import SLIP, SlipRow
from projections.supplies import ITEM, STATION, StationRow
from projections.temporal import R, Temporal

_COMPOUND = re.compile(r"[0-9]{12}(?:g[0-9]{2})?c[0-9]{2}")
T = TypeVar("T")
Both = tuple[str, str]
"""The same thing in zh and en."""
ROMAN_SIGNS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}


def label_of(person: str) -> Both:
    """Return how somebody is called whose name may not be seen, or is gone."""
    mark = person.removeprefix("h-")[:6]
    return f"人员 {mark}", f"Person {mark}"


@lru_cache(maxsize=64)
def compiled(text: str) -> Playbook:
    """Compile a published playbook once: its text never changes."""
    return from_canonical(text)


class Names:
    """Looks names up once each; lives as long as one answer.

    ``at``: the log position whose names are meant, None for now.
    """

    def __init__(
        self,
        c: sa.Connection,
        at: int | None = None,
        name_of: Callable[[str], str] = str,
        face: Callable[[str], str] = lambda _person: "",
    ) -> None:
        """Use this connection for every look-up; ``name_of``: account -> name.

        ``face``: person -> name as this reader may see it, empty: not at all.
        """
        self.c = c
        self._face = face
        self.at = at
        self._name_of = name_of
        self._known: dict[tuple[str, str], Any] = {}

    def _once(self, kind: str, key: str, look: Callable[[], T]) -> T:
        if (kind, key) not in self._known:
            self._known[kind, key] = look()
        found: T = self._known[kind, key]
        return found

    def row(self, table: Temporal[R], key: str | None) -> R | None:
        """Return what is known under a key, looked up once; of no key, nothing."""
        if not key:
            return None
        return self._once(table.name, key, lambda: table.get(self.c, key, at=self.at))

    def know(self, table: Temporal[R], keys: Iterable[str]) -> list[R]:
        """Look many rows up at once; nobody asks for them one by one any more."""
        found = table.some(self.c, sorted(set(keys) - {""}), at=self.at)
        for row in found:
            self._known[table.name, row[0]] = row
        return found

    def area(self, code: str) -> str:
        """Return an area's name, its code if it has none."""
        table = AREA if len(code) == 12 else LOCAL  # noqa: PLR2004 - an official code
        found = self.row(table, code)
        return found.name if found else code

    def site(self, site: str) -> str:
        """Return a site's name, its id if it has none."""
        found = self.row(GROUND, site)
        return found.name if found else site

    def know_sites(self, sites: Iterable[str]) -> None:
        """Look many sites up at once; ``site`` then asks no more."""
        self.know(GROUND, sites)

    def know_posts(self, posts: Iterable[str]) -> None:
        """Look many posts up at once; ``post`` then asks no more of them."""
        rows = self.know(POST, posts)
        self.know_targets(row.site or row.place for row in rows)

    def order(self, emergency: str | None) -> Order | None:
        """Return the order of an emergency; of none, none."""
        return self.row(ORDER, emergency)

    def matter(self, emergency: str | None) -> Both:
        """Return what an emergency is called, marked if it was declared in error."""
        order = self.order(emergency)
        if order is None:
            return emergency or "", emergency or ""
        if not order.voided:
            return order.matter, order.matter
        return f"{order.matter}【已作废】", f"{order.matter} [void]"

    def issued(self, order: str) -> Issued | None:
        """Return an order to the base."""
        return self.row(ISSUED, order)

    def person(self, account: str) -> str:
        """Return how a person is called, empty for nobody."""
        if not account:
            return ""
        return self._once("account", account, lambda: self._name_of(account))

    def human(self, person: str) -> Both:
        """Return how somebody on the roster is called, by name if that may be seen."""
        found = self._once("human", person, lambda: self._face(person))
        return (found, found) if found else label_of(person)

    def post(self, post: str) -> str:
        """Return a post's name, with where it stands if the name does not say so."""
        row = self.row(POST, post)
        if row is None:
            return post
        where = self.site(row.site) if row.site else self.target(row.place)
        return row.name if row.name.startswith(where) else f"{where}{row.name}"

    def unit(self, unit: str) -> str:
        """Return a unit's name."""
        row = self.row(UNIT, unit)
        return row.name if row else unit

    def item(self, item: str) -> Both:
        """Return what is held in stock is called, its code if it has no name."""
        row = self.row(ITEM, item)
        return (row.name, row.en or row.name) if row else (item, item)

    def measure(self, item: str) -> str:
        """Return the base unit of an item, empty if nobody knows it."""
        row = self.row(ITEM, item)
        return row.unit if row else ""

    def station(self, station: str) -> str:
        """Return a station's name: that of its site."""
        return self.site(station)

    def keeping(self, station: str) -> StationRow | None:
        """Return what is known of a station that holds stock."""
        return self.row(STATION, station)

    def goods(self, item: str, quantity: int, lot: str = "") -> Both:
        """Return so much of an item, with its unit, and its lot if there is one."""
        (zh, en), unit = self.item(item), self.measure(item)
        of, of_en = (f"（批 {lot}）", f" (lot {lot})") if lot else ("", "")
        return f"{zh} {quantity}{unit}{of}", f"{en} {quantity} {unit}".strip() + of_en

    def slip(self, slip: str) -> SlipRow | None:
        """Return a slip."""
        return self.row(SLIP, slip)

    def kinds(self) -> dict[str, PackageKind]:
        """Return the kinds of packages in force."""
        row = self.row(KIND, "kinds")
        return dict(kinds_of(kinds_in(row.kinds) if row else DEFAULT_KINDS))

    def package_kind(self, kind: str) -> Both:
        """Return what a kind of package is called."""
        found = self.kinds().get(kind)
        return (found.zh, found.en) if found else (kind, kind)

    def target(self, target: str) -> str:
        """Return a target's name: a site's, or an area's with its community."""
        if "-" in target:
            return self.site(target)
        if len(target) > len(community_of(target)):
            return self._local(target)
        return self.area(target)

    def _local(self, code: str) -> str:
        """Return a building's name after its compound's, a grid's after where it is."""
        compound = _COMPOUND.match(code)
        if compound is None:
            return f"{self.area(community_of(code))}{self.area(code)}"
        above = compound[0] if compound[0] != code else ""
        return f"{self.area(above) if above else ''}{self.area(code)}"

    def know_areas(self, codes: Iterable[str]) -> None:
        """Look many official areas up at once; ``area`` then asks no more."""
        self.know(AREA, codes)

    def know_local(self, codes: Iterable[str]) -> None:
        """Look many local nodes up at once, with the compounds they stand in."""
        wanted = {code for code in codes if len(code) > len(community_of(code))}
        wanted |= {found[0] for code in wanted if (found := _COMPOUND.match(code))}
        self.know(LOCAL, wanted)

    def know_targets(self, targets: Iterable[str]) -> None:
        """Look up at once what many targets are: sites, local nodes, official areas."""
        wanted = set(targets) - {""}
        sites = {target for target in wanted if "-" in target}
        self.know_sites(sites)
        self.know_local(wanted - sites)
        self.know_areas({community_of(target) for target in wanted - sites})

    def know_units(self) -> None:
        """Look all units up at once."""
        for row in UNIT.select(self.c, at=self.at):
            self._known[UNIT.name, row.unit] = row

    def playbook(self, digest: str) -> Playbook | None:
        """Return a published version of a playbook."""
        plan = self._once("plan", digest, lambda: PLAN.get(self.c, digest, at=None))
        return compiled(plan.compiled) if plan else None

    def plan_of(self, emergency: str | None) -> Playbook | None:
        """Return the playbook that an emergency's order cites."""
        order = self.order(emergency)
        return self.playbook(order.playbook_digest) if order else None

    def plan(self, emergency: str) -> Playbook:
        """Return the playbook of an emergency that there is."""
        found = self.plan_of(emergency)
        assert found is not None, "an order cites a published playbook"
        return found

    @cached_property
    def in_force(self) -> list[Scope]:
        """The scopes of active emergencies."""
        return scopes(ORDER.where(self.c, ACTIVE, at=self.at))

    @cached_property
    def force(self) -> InForce:
        """The same, the gravest first, with since when each is as it is."""
        return InForce(self.c, self.at, self.in_force)

    def ordered(self, path: str) -> Ordered | None:
        """Return what is ordered at a place, None in peacetime."""
        return self._once("ordered", path, lambda: self.force.at(path))

    def plans(self) -> list[tuple[Scope, Playbook]]:
        """Return the scopes of active emergencies, each with its playbook."""
        found = [(s, self.playbook(s.order.playbook_digest)) for s in self.in_force]
        return [(scope, plan) for scope, plan in found if plan is not None]

    def at_war(self, path: str) -> bool:
        """Tell whether an active emergency covers a place."""
        return self._once(
            "war", path, lambda: any(s.covers(path) for s in self.in_force)
        )

    def steps(self, duty: Duty, playbook: Playbook) -> tuple[Step, ...]:
        """Return a duty's checklist in force, looked up once."""
        of = duty.function, duty.phase, duty.level, duty.idle
        key = f"{duty.emergency} {of}"
        return self._once("steps", key, lambda: steps_of(playbook, duty))

    def step(self, emergency: str, step: str) -> Both:
        """Return what a step of an emergency's playbook is called."""
        playbook = self.plan_of(emergency)
        for entry in playbook.conversions if playbook else ():
            for known in (*entry.convert, *entry.recover):
                if known.id == step:
                    return known.zh, known.en
        return step, step

    def scope(self, scope: tuple[Place, ...]) -> str:
        """Return the names of a scope."""
        return "、".join(self.area(p.code) for p in scope)


Sayings = dict[type[Event], Callable[[Names, Any], Both]]
"""What says each fact as a sentence."""
