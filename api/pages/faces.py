"""Faces (人员称谓): who a reader may see by name, joined from the vault when asked.

A name is shown to those whose role reads people where that person lives, and to the
person themselves; to all others, and for ever once forgotten, it is a mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from api.exchange.tables import in_words
from api.http.plain import Who
from api.world.vault import Secret
from api.world.world import World
from coordination.provenance import Provenance
from coordination.vocabulary import CAUSES
from projections.names import label_of
from projections.roster import FORGOTTEN, HUMAN, Human

NOTHING = Secret("")
SHOWN_DIGITS = (3, 4)
"""Of a phone in a list: the first and the last."""


class Faces:
    """What one reader sees of people, looked up once each, while one answer is made."""

    def __init__(
        self, world: World, who: Who, c: sa.Connection, at: int | None = None
    ) -> None:
        """``c``: the moment of the views that is shown; ``at``: or an older one.

        ``own``: who the reader is.
        """
        self._world, self._c, self._at = world, c, at
        by = Provenance(command_id="", actor=who.actor)
        self._areas = world.areas_of(by, "view.people")
        self.own = world.person_of(who.account)
        self._rows: dict[str, Human | None] = {}
        self._secrets: dict[str, Secret] = {}

    def sees(self, row: Human) -> bool:
        """Tell whether the reader may see somebody by name."""
        return row.person == self.own or self.reaches(row.path)

    def reaches(self, path: str) -> bool:
        """Tell whether the reader may see people by name at a place."""
        return any(path.startswith(area) for area in self._areas)

    def know(self, persons: Iterable[str]) -> None:
        """Look many people up at once."""
        wanted = sorted(set(persons) - self._rows.keys() - {""})
        step = 5_000
        for first in range(0, len(wanted), step):
            some = wanted[first : first + step]
            found = {r.person: r for r in HUMAN.some(self._c, some, at=self._at)}
            self._rows |= {person: found.get(person) for person in some}
        self._unseal(row for person in wanted if (row := self._rows[person]))

    def take(self, rows: Iterable[Human]) -> None:
        """Look up the names of people whose rows are at hand."""
        rows = list(rows)
        self._rows |= {row.person: row for row in rows}
        self._unseal(rows)

    def _unseal(self, rows: Iterable[Human]) -> None:
        # A key outlives the fact for a moment, or until the next start if that failed.
        known = (row for row in rows if row.state != FORGOTTEN)
        seen = [row.person for row in known if self.sees(row)]
        self._secrets |= self._world.vault.many(seen)

    def row(self, person: str) -> Human | None:
        """Return somebody's row."""
        if person not in self._rows:
            self.know([person])
        return self._rows.get(person)

    def secret(self, person: str) -> Secret:
        """Return what the reader may know of somebody; nothing if they may not."""
        self.row(person)
        return self._secrets.get(person, NOTHING)

    def name(self, person: str) -> str:
        """Return somebody's name as the reader may see it, empty if not at all."""
        return self.secret(person).name

    def label(self, person: str) -> tuple[str, str]:
        """Return how somebody is called, in zh and en."""
        if name := self.name(person):
            return name, name
        row, (zh, en) = self.row(person), label_of(person)
        if row is not None and row.state == FORGOTTEN:
            mark = zh.rpartition(" ")[2]
            return f"已注销 {mark}", f"Forgotten {mark}"
        return zh, en

    def brief(self, person: str) -> dict[str, Any] | None:
        """Return the few things every page says of somebody, None for nobody."""
        if not person:
            return None
        row, (zh, en) = self.row(person), self.label(person)
        cause = row.cause if row else ""
        return {
            "id": person,
            **labelled(zh, en),
            "name": self.name(person),
            "available": not cause and row is not None and not row.state,
            **in_words("cause", CAUSES, cause),
        }


def labelled(zh: str, en: str) -> dict[str, str]:
    """Return how somebody is called as every page says it."""
    return {"label": zh, "label_zh": zh, "label_en": en}


def masked(phone: str) -> str:
    """Return a phone number with its middle hidden."""
    first, last = SHOWN_DIGITS
    if len(phone) <= first + last:
        return "*" * len(phone)
    return f"{phone[:first]}{'*' * (len(phone) - first - last)}{phone[-last:]}"
