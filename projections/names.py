"""Names for codes, and each fact as a sentence (叙述) in zh and en, made when read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    SiteRegistered,
)
from coordination.catalogue import Fact
from coordination.kernel import CommandRefused, Event
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.playbook import Playbook, from_canonical
from coordination.tree import Place
from coordination.vocabulary import HAZARDS
from projections.board import AREA, GROUND, LOCAL, ORDER, PLAN, Order

Both = tuple[str, str]
"""The same thing in zh and en."""
ROMAN_SIGNS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}


@lru_cache(maxsize=64)
def _compiled(text: str) -> Playbook:
    """Compile a published playbook once: its text never changes."""
    return from_canonical(text)


class Names:
    """Looks names up once each; lives as long as one answer.

    ``at``: the log position whose names are meant, None for now.
    """

    def __init__(self, c: sa.Connection, at: int | None = None) -> None:
        """Use this connection for every look-up."""
        self._c = c
        self._at = at
        self._known: dict[tuple[str, str], Any] = {}

    def _once(self, kind: str, key: str, look: Callable[[], Any]) -> Any:
        if (kind, key) not in self._known:
            self._known[kind, key] = look()
        return self._known[kind, key]

    def area(self, code: str) -> str:
        """Return an area's name, its code if it has none."""
        table = AREA if len(code) == 12 else LOCAL  # noqa: PLR2004 - an official code
        found = self._once("area", code, lambda: table.get(self._c, code, at=self._at))
        return found.name if found else code

    def site(self, site: str) -> str:
        """Return a site's name, its id if it has none."""
        found = self._once("site", site, lambda: GROUND.get(self._c, site, at=self._at))
        return found.name if found else site

    def know_sites(self, sites: Iterable[str]) -> None:
        """Look many sites up at once; ``site`` then asks no more."""
        for ground in GROUND.some(self._c, sorted(set(sites)), at=self._at):
            self._known["site", ground.site] = ground

    def order(self, emergency: str) -> Order | None:
        """Return the order of an emergency."""
        found: Order | None = self._once(
            "order", emergency, lambda: ORDER.get(self._c, emergency, at=self._at)
        )
        return found

    def playbook(self, digest: str) -> Playbook | None:
        """Return a published version of a playbook."""
        plan = self._once("plan", digest, lambda: PLAN.get(self._c, digest))
        if plan is None:
            return None
        return _compiled(plan.compiled)

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


def _registered(e: AreaRegistered, _n: Names) -> Both:
    return f"登记区域 {e.name}", f"Area {e.name} registered"


def _renamed(e: AreaRenamed, _n: Names) -> Both:
    return f"区域更名为“{e.name}”", f"Area renamed “{e.name}”"


def _local(e: LocalAreasRegistered, n: Names) -> Both:
    name, count = n.area(e.community), len(e.nodes)
    return (
        f"{name}登记网格、小区、楼栋 {count} 个",
        f"{name}: {count} grids, compounds and buildings registered",
    )


def _site(e: SiteRegistered, _n: Names) -> Both:
    return f"登记阵地 {e.name}", f"Site {e.name} registered"


def _published(e: PlaybookPublished, _n: Names) -> Both:
    playbook = _compiled(e.compiled)
    year, _, number = e.version.partition(".")
    return (
        f"发布预案“{playbook.zh}”{year} 年第 {number} 版",
        f"Playbook “{playbook.en}” published, {year} no. {number}",
    )


def _declared(e: EmergencyDeclared, n: Names) -> Both:
    zh, en = HAZARDS.get(e.hazard, (e.hazard, e.hazard))
    where, less = n.scope(e.scope), n.scope(e.excluded)
    level = ROMAN_SIGNS[e.level]
    zh_less, en_less = (f"（不含{less}）", f" (without {less})") if less else ("", "")
    return (
        f"{where}{zh_less}进入{zh}{level}级应急响应，下达转换令：{e.matter}",
        f"{where}{en_less}: {en}, level {level}; switch ordered: {e.matter}",
    )


def _ended(e: EmergencyEnded, n: Names) -> Both:
    order = n.order(e.emergency)
    matter = order.matter if order else e.emergency
    return (
        f"解除应急响应（{matter}），各阵地开始恢复",
        f"Emergency ended ({matter}); sites begin to recover",
    )


def _acknowledged(e: StepAcknowledged, n: Names) -> Both:
    zh, en = n.step(e.emergency, e.step)
    site = n.site(e.site)
    return f"{site}签收“{zh}”", f"{site} acknowledged “{en}”"


def _completed(e: StepCompleted, n: Names) -> Both:
    zh, en = n.step(e.emergency, e.step)
    site = n.site(e.site)
    return f"{site}完成“{zh}”", f"{site} completed “{en}”"


def _passed(e: DeadlinePassed, n: Names) -> Both:
    zh, en = n.step(e.emergency, e.step)
    return f"步骤“{zh}”限期已过", f"The deadline of “{en}” has passed"


COMMANDS: dict[str, Both] = {
    "DeclareEmergency": ("宣布应急响应", "declaring an emergency"),
}
"""Commands whose refusals are recorded, in words."""


def _refused(e: CommandRefused, _n: Names) -> Both:
    zh, en = COMMANDS.get(e.command_name, ("执行一项命令", "a command"))
    level = e.facts.get("level", "")
    return (
        f"拒绝{zh}{f'：{level} 级须双人批准' if level else ''}",
        f"Refused: {en}{f'; level {level} needs two people' if level else ''}",
    )


SENTENCES: dict[type[Event], Callable[[Any, Names], Both]] = {
    AreaRegistered: _registered,
    AreaRenamed: _renamed,
    LocalAreasRegistered: _local,
    SiteRegistered: _site,
    PlaybookPublished: _published,
    EmergencyDeclared: _declared,
    EmergencyEnded: _ended,
    StepAcknowledged: _acknowledged,
    StepCompleted: _completed,
    DeadlinePassed: _passed,
    CommandRefused: _refused,
}


def sentence(fact: Fact, names: Names) -> Both:
    """Return a fact as a sentence in zh and en."""
    return SENTENCES[type(fact.event)](fact.event, names)
