"""Names for codes (名称): looked up once each, while one answer is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from coordination.kernel import Event
from coordination.mode.duties import Duty, steps_of
from coordination.packages.events import PackageKind
from coordination.packages.state import DEFAULT_KINDS, kinds_of
from coordination.playbook import Playbook, Step, from_canonical
from coordination.tree import Place, community_of
from projections.approvals import PROPOSAL, ProposalRow
from projections.board import AREA, GROUND, LOCAL, ORDER, PLAN, Order
from projections.coverage import KIND, kinds_in
from projections.directives import ISSUED, Issued
from projections.posts import POST
from projections.progress import PROGRESS, slots_of
from projections.rights import ABSENCE, GRANT, Absence, GrantRow
from projections.roster import UNIT
from projections.slips import REQUEST, SLIP, Request, SlipRow
from projections.supplies import ITEM, STATION, Item, StationRow

_COMPOUND = re.compile(r"[0-9]{12}(?:g[0-9]{2})?c[0-9]{2}")
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
        self._c = c
        self._face = face
        self.at = at
        self._name_of = name_of
        self._known: dict[tuple[str, str], Any] = {}

    def _once(self, kind: str, key: str, look: Callable[[], Any]) -> Any:
        if (kind, key) not in self._known:
            self._known[kind, key] = look()
        return self._known[kind, key]

    def area(self, code: str) -> str:
        """Return an area's name, its code if it has none."""
        table = AREA if len(code) == 12 else LOCAL  # noqa: PLR2004 - an official code
        found = self._once("area", code, lambda: table.get(self._c, code, at=self.at))
        return found.name if found else code

    def site(self, site: str) -> str:
        """Return a site's name, its id if it has none."""
        found = self._once("site", site, lambda: GROUND.get(self._c, site, at=self.at))
        return found.name if found else site

    def know_sites(self, sites: Iterable[str]) -> None:
        """Look many sites up at once; ``site`` then asks no more."""
        for ground in GROUND.some(self._c, sorted(set(sites)), at=self.at):
            self._known["site", ground.site] = ground

    def order(self, emergency: str) -> Order | None:
        """Return the order of an emergency."""
        found: Order | None = self._once(
            "order", emergency, lambda: ORDER.get(self._c, emergency, at=self.at)
        )
        return found

    def grant(self, grant: str) -> GrantRow | None:
        """Return a grant."""
        found: GrantRow | None = self._once(
            "grant", grant, lambda: GRANT.get(self._c, grant, at=self.at)
        )
        return found

    def absence(self, absence: str) -> Absence | None:
        """Return a recorded absence."""
        found: Absence | None = self._once(
            "absence", absence, lambda: ABSENCE.get(self._c, absence, at=self.at)
        )
        return found

    def proposal(self, proposal: str) -> ProposalRow | None:
        """Return a proposal."""
        found: ProposalRow | None = self._once(
            "proposal", proposal, lambda: PROPOSAL.get(self._c, proposal, at=self.at)
        )
        return found

    def issued(self, order: str) -> Issued | None:
        """Return an order to the base."""
        found: Issued | None = self._once(
            "issued", order, lambda: ISSUED.get(self._c, order, at=self.at)
        )
        return found

    def person(self, account: str) -> str:
        """Return how a person is called."""
        return self._name_of(account)

    def human(self, person: str) -> Both:
        """Return how somebody on the roster is called, by name if that may be seen."""
        found: str = self._once("human", person, lambda: self._face(person))
        return (found, found) if found else label_of(person)

    def post(self, post: str) -> str:
        """Return a post's name, with where it stands if the name does not say so."""
        row = self._once("post", post, lambda: POST.get(self._c, post, at=self.at))
        if row is None:
            return post
        where = self.site(row.site) if row.site else self.target(row.place)
        name: str = row.name
        return name if name.startswith(where) else f"{where}{name}"

    def unit(self, unit: str) -> str:
        """Return a unit's name."""
        row = self._once("unit", unit, lambda: UNIT.get(self._c, unit, at=self.at))
        return row.name if row else unit

    def _item(self, item: str) -> Item | None:
        found: Item | None = self._once(
            "item", item, lambda: ITEM.get(self._c, item, at=self.at)
        )
        return found

    def item(self, item: str) -> Both:
        """Return what is held in stock is called, its code if it has no name."""
        row = self._item(item)
        return (row.name, row.en or row.name) if row else (item, item)

    def measure(self, item: str) -> str:
        """Return the base unit of an item, empty if nobody knows it."""
        row = self._item(item)
        return row.unit if row else ""

    def station(self, station: str) -> str:
        """Return a station's name: that of its site."""
        return self.site(station)

    def keeping(self, station: str) -> StationRow | None:
        """Return what is known of a station that holds stock."""
        found: StationRow | None = self._once(
            "station", station, lambda: STATION.get(self._c, station, at=self.at)
        )
        return found

    def goods(self, item: str, quantity: int, lot: str = "") -> Both:
        """Return so much of an item, with its unit, and its lot if there is one."""
        (zh, en), unit = self.item(item), self.measure(item)
        of, of_en = (f"（批 {lot}）", f" (lot {lot})") if lot else ("", "")
        return f"{zh} {quantity}{unit}{of}", f"{en} {quantity} {unit}".strip() + of_en

    def slip(self, slip: str) -> SlipRow | None:
        """Return a slip."""
        found: SlipRow | None = self._once(
            "slip", slip, lambda: SLIP.get(self._c, slip, at=self.at)
        )
        return found

    def request(self, request: str) -> Request | None:
        """Return a request for goods."""
        found: Request | None = self._once(
            "request", request, lambda: REQUEST.get(self._c, request, at=self.at)
        )
        return found

    def know_items(self, items: Iterable[str]) -> None:
        """Look many items up at once."""
        for row in ITEM.some(self._c, sorted(set(items)), at=self.at):
            self._known["item", row.item] = row

    def kinds(self) -> dict[str, PackageKind]:
        """Return the kinds of packages in force."""
        row = self._once("kinds", "", lambda: KIND.get(self._c, "kinds", at=self.at))
        listed = kinds_in(row.kinds) if row else DEFAULT_KINDS
        return dict(kinds_of(listed))

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
        for area in AREA.some(self._c, sorted(set(codes)), at=self.at):
            self._known["area", area.code] = area

    def know_local(self, codes: Iterable[str]) -> None:
        """Look many local nodes up at once, with the compounds they stand in."""
        wanted = {code for code in codes if len(code) > len(community_of(code))}
        wanted |= {found[0] for code in wanted if (found := _COMPOUND.match(code))}
        for row in LOCAL.some(self._c, sorted(wanted), at=self.at):
            self._known["area", row.code] = row

    def know_units(self) -> None:
        """Look all units up at once."""
        for row in UNIT.select(self._c, at=self.at):
            self._known["unit", row.unit] = row

    def know_held(self, sites: Iterable[str]) -> None:
        """Look up at once what many sites hold for which emergency."""
        slots = (slots_of(site) for site in sorted(set(sites)))
        keys = [slot for few in slots for slot in few]
        for row in PROGRESS.some(self._c, keys, at=self.at):
            self._known["held", f"{row.site} {row.emergency}"] = row.function or ""

    def held(self, site: str, emergency: str) -> str:
        """Return the function a site holds for an emergency, empty if none."""
        found: str = self._known.get(("held", f"{site} {emergency}"), "")
        return found

    def playbook(self, digest: str) -> Playbook | None:
        """Return a published version of a playbook."""
        plan = self._once("plan", digest, lambda: PLAN.get(self._c, digest))
        if plan is None:
            return None
        return compiled(plan.compiled)

    def steps(self, duty: Duty, playbook: Playbook) -> tuple[Step, ...]:
        """Return a duty's checklist in force, looked up once."""
        key = f"{duty.emergency} {duty.function} {duty.phase} {duty.level}"
        found: tuple[Step, ...] = self._once(
            "steps", key, lambda: steps_of(playbook, duty)
        )
        return found

    def step(self, emergency: str, step: str) -> Both:
        """Return what a step of an emergency's playbook is called."""
        order = self.order(emergency)
        playbook = self.playbook(order.playbook_digest) if order else None
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
