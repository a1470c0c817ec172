"""Stock in the scripted morning (演示剧本): given, sent, short, counted, shared out.

What the story leaves open is for whoever looks on: three quilts that did not arrive, a
difference somebody else must count again, orders that were not sent yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from api.demo.requests import STEPS, Requests
from api.demo.scene import DUTY_OFFICER, Kept
from api.pages.goods import Goods
from api.planning.reallocation import digest_of, proposed
from api.world.donors import donor_id, receipt_code, receipt_number
from coordination.counts.decide import CloseCount, Counted, OpenCount, RecordCounts
from coordination.counts.events import Lot
from coordination.items.state import DAY_US, item_stream
from coordination.kernel import MINUTE_US, id_of
from coordination.log import Receipt
from coordination.reallocation.decide import ApproveReallocation
from coordination.reallocation.events import Leg
from coordination.stations.decide import TakeCustody
from coordination.stations.state import station_stream
from coordination.stock.decide import Issue
from coordination.stock.ledger import (
    DONATION,
    HOUSEHOLD,
    REQUISITION,
    SITE,
    SQUAD,
    STEP,
    Party,
)
from coordination.stock.lines import OfLot, Wish
from coordination.stock.receipts import Delivered, Receive
from coordination.stock.state import stock_stream
from coordination.transfers.decide import Arrive, Ship
from coordination.transfers.events import TransferOrdered
from coordination.transfers.state import shipment_stream
from coordination.tree import DIGITS
from projections.names import Names
from projections.roster import UNIT
from projections.supplies import lots_at

Turn = tuple[int, Callable[[], Awaitable[None]]]
"""A minute after the first order, and what happens then."""
GIFT, GIVER = "demo-gift", ("沈知微", "15400000001")
"""A made-up person, with a number that cannot be anybody's (see ``people``)."""
SHIPMENT, SENT, MISSING, ON_THE_WAY_MINUTES = "demo-ship", 50, 3, 25
REALLOCATION = "demo-reallocation"
FORWARD = ("sandbag", "tarpaulin", "raincoat")
"""What goes to the low ground before the flood comes, and is short then."""
FORWARD_SHARE = 0.75
USES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (STEP, "sp-receive-supplies", ("swab", "gown")),
    (SQUAD, "核酸采样突击队", ("mask-n95", "gloves")),
    (SITE, "", ("mask-surgical", "hand-gel")),
    (HOUSEHOLD, "", ("water-500ml", "milk-250ml")),
)
"""Whom goods go to, and which."""
USED_SHARE = 0.02
STATIONS_BUSY, COUNTED_LOTS, SPOT_LOTS = 8, 6, 4


@dataclass
class Stores(Kept):
    """What happens to stock in the story."""

    flood: str
    """The second emergency: for it something is requisitioned."""
    low: Sequence[str]
    """Paths of the streets it covers."""
    orders: list[TransferOrdered] = field(default_factory=list)

    def turns(self) -> list[Turn]:
        """Return what happens when; nothing where there are no stations."""
        if not self.hub or len(self.near) < len(STEPS):
            return []
        asking = Requests(self.world, self.home, self.say, self.by)
        return [
            (2, self.take_over),
            (3, self.gifts),
            (4, self.ship),
            (6, asking.ask),
            (8, partial(self.use, "first")),
            (10, asking.serve),
            (14, self.bring_forward),
            (17, self.arrive),
            (19, self.count),
            (23, partial(self.use, "again")),
            (30, self.reallocate),
            (33, self.send_ordered),
            (42, self.ordered_arrives),
        ]

    # --- given -----------------------------------------------------------------------

    def _fresh_us(self, item: str) -> int:
        """Return when what was made today is no good any more, 0: never."""
        known = self.world.state(item_stream(item)).item
        days = known.shelf_days if known else 0
        return self.world.clock() + days * DAY_US if days else 0

    async def gifts(self) -> None:
        """A unit and a person give something; each gets a numbered receipt (捐赠)."""
        with self.world.reading() as c:
            units = sorted(UNIT.select(c, at=None))
        mark, secret = donor_id(self.world, *GIVER)
        await asyncio.to_thread(self.world.vault.put, {mark: secret})
        unit = units[0].name if units else "本地企业"
        for giver, item, quantity in (
            (unit, "water-500ml", 1_200),
            (mark, "blanket", 20),
        ):
            name, station = f"{GIFT}:{item}", self.near[0]
            slip, lot = id_of("r", name), id_of("l", name)
            line = Delivered(item, quantity, lot, expires_us=self._fresh_us(item))
            received = Receive(
                station=station,
                slip=slip,
                source=Party(DONATION, giver),
                lines=(line,),
                basis="捐赠协议（演示）",
            )
            if await self.kept(name, received):
                known = self.world.state(station_stream(station))
                number = receipt_number(station, known.donations)
                code = receipt_code(self.world, slip)
                self.say(f"a gift came; its receipt: {number}, code {code}")

    # --- sent ------------------------------------------------------------------------

    async def ship(self) -> None:
        """The warehouse sends quilts (调拨)."""
        expected_us = self.world.clock() + ON_THE_WAY_MINUTES * MINUTE_US
        sent = Ship(
            station=self.hub,
            slip=id_of("s", SHIPMENT),
            to=self.near[0],
            lines=(Wish("quilt", SENT),),
            expected_us=expected_us,
            carrier="应急物资车 01",
        )
        await self.kept(SHIPMENT, sent)

    async def arrive(self) -> None:
        """Three of them are missing: open until somebody answers for it (差异)."""
        slip = id_of("s", SHIPMENT)
        if await self._arrives(slip, MISSING):
            self.say(f"{SENT} quilts sent, {SENT - MISSING} arrived: a discrepancy")

    async def _arrives(self, slip: str, missing: int = 0) -> Receipt | None:
        """Unload a shipment, but for ``missing`` units of its last line."""
        sent = self.world.state(shipment_stream(slip)).sent
        if sent is None:
            return None
        *whole, last = (OfLot(x.item, x.lot, x.quantity) for x in sent.lines)
        rest = msgspec.structs.replace(last, quantity=last.quantity - missing)
        came = Arrive(slip=slip, lines=(*whole, rest))
        return await self.attempt(f"demo:arrive:{slip}", came, self.keeper(sent.to))

    # --- used ------------------------------------------------------------------------

    async def use(self, when: str) -> None:
        """Stations give out what steps, squads, sites and households need (出库)."""
        for number, station in enumerate(self.near[:STATIONS_BUSY]):
            kind, who, items = USES[number % len(USES)]
            community = station.partition("-")[0]
            named = {SITE: station, HOUSEHOLD: f"{community}-0602"}.get(kind, who)
            name, to = f"demo:use:{when}:{station}", Party(kind, named)
            await self._issue(name, station, to, items, USED_SHARE)

    async def bring_forward(self) -> None:
        """Flood gear goes to the low ground; something is requisitioned (前置)."""
        low = [s for s in self.near if s[: DIGITS["street"]] in self.low]
        for station in low:
            name = f"demo:forward:{station}"
            to = Party(STEP, "fss-place-forward")
            await self._issue(name, station, to, FORWARD, FORWARD_SHARE)
        for station in low[:1]:
            name = "demo:requisition"
            taken = Receive(
                station=station,
                slip=id_of("r", name),
                source=Party(REQUISITION, "水务工程公司"),
                document="应急征用通知书（演示）",
                emergency=self.flood,
                lines=(Delivered("pump-6in", 2, id_of("l", name)),),
            )
            await self.kept(name, taken)
        self.say(f"flood gear brought forward from {len(low)} stations: short there")

    async def _issue(
        self, name: str, station: str, to: Party, items: Sequence[str], share: float
    ) -> None:
        """Give out a share of what a station has of some items."""
        there = self.available(station)
        lines = tuple(
            Wish(item, wanted)
            for item in items
            if (wanted := int(there.get(item, 0) * share))
        )
        if lines:
            issued = Issue(station=station, slip=id_of("i", name), to=to, lines=lines)
            await self.kept(name, issued)

    # --- counted ---------------------------------------------------------------------

    async def take_over(self) -> None:
        """The warehouse's keeper takes it over with a spot count (专人交接)."""
        who, slip = self.keeper(self.hub), await self._count(self.hub, SPOT_LOTS)
        await self.attempt(f"demo:counted:{slip}", CloseCount(slip=slip), who)
        taken = TakeCustody(station=self.hub, count=slip)
        await self.kept(f"demo:custody:{slip}", taken)

    async def count(self) -> None:
        """One station is being counted; somebody else must look again (盘点)."""
        await self._count(self.near[1], 0, differs=True)
        self.say("a count is open; one lot differs and waits for another person")

    async def _count(self, station: str, most: int, *, differs: bool = False) -> str:
        """Count the first lots of a station; ``most`` 0: all are on the sheet."""
        name, who = f"demo:count:{station}", self.keeper(station)
        slip = id_of("c", name)
        with self.world.reading() as c:
            rows = [row for row in sorted(lots_at(c, station)) if row.on_hand]
        sheet = tuple(Lot(row.item, row.lot) for row in rows)[: most or None]
        await self.kept(name, OpenCount(station=station, slip=slip, sheet=sheet))
        lines = []
        for number, lot in enumerate(sheet[: most or COUNTED_LOTS]):
            stock = self.world.state(stock_stream(station, lot.item))
            there = stock.lots[lot.lot].on_hand
            wrong = int(differs and not number)
            lines.append(Counted(lot.item, lot.lot, there - wrong, stock.moves))
        found = RecordCounts(slip=slip, lines=tuple(lines))
        await self.attempt(f"{name}:lines", found, who)
        return slip

    # --- shared out ------------------------------------------------------------------

    def _proposal(self) -> tuple[str, tuple[Leg, ...]]:
        """Return the digest and the legs of what should be sent where."""
        with self.world.reading() as c:
            goods = Goods(Names(c), self.world.clock())
            found = proposed(c, self.home.path, FORWARD, goods).legs
        legs = tuple(Leg(x.source, x.to, x.item, x.quantity) for x in found)
        return digest_of(found), legs

    async def reallocate(self) -> None:
        """What is short is proposed from elsewhere and approved (动态调配)."""
        digest, legs = await asyncio.to_thread(self._proposal)
        if not legs:
            return
        approved = ApproveReallocation(
            reallocation=id_of("w", REALLOCATION),
            area=self.whole,
            digest=digest,
            legs=legs,
            reason="低洼街镇防汛物资告急（演示）",
        )
        done = await self.attempt(REALLOCATION, approved, DUTY_OFFICER)
        if done is not None:
            facts = self.world.facts_of(done)
            self.orders = [f for f in facts if isinstance(f, TransferOrdered)]
            counts = f"{len(legs)} legs, {len(self.orders)} orders"
            self.say(f"reallocation approved: {counts}")

    async def send_ordered(self) -> None:
        """The first order is sent; the others wait for whoever looks on."""
        for order in self.orders[:1]:
            sent = Ship(
                station=order.station,
                slip=order.slip,
                order=order.slip,
                expected_us=self.world.clock() + ON_THE_WAY_MINUTES * MINUTE_US,
                carrier="应急物资车 02",
            )
            await self.kept(f"demo:send:{order.slip}", sent)

    async def ordered_arrives(self) -> None:
        """And arrives, all of it."""
        for order in self.orders[:1]:
            if await self._arrives(order.slip):
                self.say("the first transfer of the reallocation arrived in full")
