"""A scene of the scripted morning (演示剧本): who acts in it, and how."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from api.demo.accounts import KEEPER
from api.demo.stations import is_warehouse
from api.world.world import World
from coordination.kernel import Command
from coordination.log import Receipt
from coordination.mode.state import EMERGENCIES
from coordination.provenance import Actor, Provenance
from coordination.refusals import Refusal
from coordination.stations.state import OfStation
from coordination.tree import Place
from projections.board import Area
from projections.supplies import STATION, STOCK

EPIDEMIC, FLOOD = "epidemic", "flood"
DECREES = {
    EPIDEMIC: "演示〔2026〕1 号 疫情防控指挥部令",
    FLOOD: "演示〔2026〕2 号 防汛指挥部令",
}
"""The documents that the story's decisions rest on, by hazard."""
COMMANDER, DUTY_OFFICER = "zongzhihui", "zhibanzhang"
WAREHOUSE_KEEPER = "cangguan"


def acting(world: World) -> Callable[[str, str], Provenance]:
    """Return what says who acts: a made-up account, at this machine."""

    def by(command_id: str, account: str) -> Provenance:
        return Provenance(
            command_id=command_id,
            actor=Actor(account),
            session=f"local:{account}",
            reauthenticated="local",
            seen_seq=world.runner.seq,
        )

    return by


@dataclass
class Scene:
    """What happens somewhere in the story."""

    world: World
    home: Area
    say: Callable[[str], None]
    by: Callable[[str, str], Provenance]

    @property
    def whole(self) -> Place:
        """All of the area the story is about."""
        return Place(self.home.code, self.home.level)

    def decree(self, emergency: str) -> str:
        """Return the basis of an emergency, of the first if it is of none."""
        known = self.world.state(EMERGENCIES).all.get(emergency)
        hazard = known.declared.hazard if known else EPIDEMIC
        return DECREES.get(hazard, DECREES[EPIDEMIC])

    def resting(self, command: Command) -> Command:
        """Return a command that says on what it rests."""
        basis = command.basis or self.decree(getattr(command, "emergency", ""))
        return msgspec.structs.replace(command, basis=basis)

    async def attempt(
        self, name: str, command: Command, account: str = COMMANDER
    ) -> Receipt | None:
        """Do one thing; a refusal means that somebody at a screen was quicker.

        What rests on nothing of its own rests on the order that is in force.
        """
        with suppress(Refusal):
            return await self.world.do(self.resting(command), self.by(name, account))
        return None


@dataclass
class Kept(Scene):
    """What happens at stations, where whoever keeps one acts."""

    def __post_init__(self) -> None:
        """Find the stations: the warehouse, and those near people."""
        with self.world.reading() as c:
            found = sorted(s.station for s in STATION.select(c, at=None))
        self.near = [s for s in found if not is_warehouse(s)]
        self.hub = next(filter(is_warehouse, found), "")

    def available(self, station: str) -> dict[str, int]:
        """Return what a station can give out, by item."""
        with self.world.reading() as c:
            rows = STOCK.where(c, STOCK.table.c.station == station, at=None)
        return {row.item: row.available for row in rows}

    def keeper(self, station: str) -> str:
        """Return who keeps a station: a demo account, or the community's staff."""
        if station in {self.hub, self.near[0]}:
            return WAREHOUSE_KEEPER if station == self.hub else KEEPER
        return f"zhan-{station.partition('-')[0]}"

    async def kept(self, name: str, command: OfStation) -> Receipt | None:
        """Do one thing at a station, as whoever keeps it."""
        return await self.attempt(name, command, self.keeper(command.station))
