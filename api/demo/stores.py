"""Stock in the scripted morning (演示剧本): given, sent, short, asked for, counted.

What the story leaves open is for whoever looks on: three quilts that did not arrive, a
difference somebody else must count again, orders that were not sent yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from api.demo.accounts import KEEPER
from api.demo.scene import DUTY_OFFICER, Scene
from api.demo.stock import is_warehouse
from api.pages.goods import Goods
from api.planning.reallocation import digest_of, proposed
from api.world.donors import donor_id, receipt_code, receipt_number
from coordination.counts.decide import CloseCount, Counted, OpenCount, RecordCounts
from coordination.counts.events import Lot
from coordination.items.state import item_stream
from coordination.kernel import Command, id_of
from coordination.log import Receipt
from coordination.playbook import MINUTE_US
from coordination.reallocation.decide import ApproveReallocation
from coordination.reallocation.events import Leg
from coordination.requests.decide import (
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    Want,
    WithdrawRequest,
)
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
)
from coordination.requests.state import request_stream
from coordination.stations.decide import TakeCustody
from coordination.stations.state import station_stream
from coordination.stock.decide import Issue
from coordination.stock.events import (
    DONATION,
    HOUSEHOLD,
    REQUISITION,
    SITE,
    SQUAD,
    STEP,
    Party,
)
from coordination.stock.lines import OfLot, Wish
from coordination.stock.receipts import DAY_US, Delivered, Receive
from coordination.stock.state import stock_stream
from coordination.transfers.decide import Arrive, Ship
from coordination.transfers.events import TransferOrdered
from coordination.transfers.state import shipment_stream
from coordination.tree import DIGITS
from projections.board import AREA
from projections.names import Names
from projections.roster import UNIT
from projections.supplies import STATION, STOCK, lots_at

Turn = tuple[int, Callable[[], Awaitable[None]]]
"""A minute after the first order, and what happens then."""
WAREHOUSE_KEEPER = "cangguan"
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
ASKED: tuple[tuple[str, str, int, int], ...] = (
    ("ASKED", "tent-12", 4, 2),
    ("TRIAGED", "paracetamol", 60, 2),
    ("PART", "generator-5kw", 2, 1),
    ("ALLOCATED", "blanket", 20, 3),
    ("DISPATCHED", "water-500ml", 240, 1),
    ("DELIVERED", "rice-10kg", 30, 2),
    ("CONFIRMED", "mask-n95", 100, 2),
    ("REFUSED", "aed", 3, 3),
    ("WITHDRAWN", "radio", 4, 3),
)
"""How far a request goes, what is asked for, how much, how urgent.

Of the one that is served in part: so much more than there is.
"""
_STEPS = ("ASKED", "TRIAGED", "ALLOCATED", "DISPATCHED", "DELIVERED", "CONFIRMED")


@dataclass
class Stores(Scene):
    """What happens to stock in the story."""

    flood: str
    """The second emergency: for it something is requisitioned."""
    low: Sequence[str]
    """Paths of the streets it covers."""
    hub: str = ""
    near: list[str] = field(default_factory=list)
    orders: list[TransferOrdered] = field(default_factory=list)

    def turns(self) -> list[Turn]:
        """Return what happens when; nothing where there are no stations."""
        with self.world.reading() as c:
            found = sorted(s.station for s in STATION.select(c, at=None))
        self.near = [s for s in found if not is_warehouse(s)]
        self.hub = next(filter(is_warehouse, found), "")
        if not self.hub or len(self.near) < len(_STEPS):
            return []
        return [
            (2, self.take_over),
            (3, self.gifts),
            (4, self.ship),
            (6, self.ask),
            (8, self.use),
            (10, self.serve),
            (14, self.bring_forward),
            (17, self.arrive),
            (19, self.count),
            (23, self.use_again),
            (30, self.reallocate),
            (33, self.send_ordered),
            (42, self.ordered_arrives),
        ]

    def keeper(self, station: str) -> str:
        """Return who keeps a station: a demo account, or the community's staff."""
        if station in {self.hub, self.near[0]}:
            return WAREHOUSE_KEEPER if station == self.hub else KEEPER
        return f"zhan-{station.partition('-')[0]}"

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
            slip = id_of("r", name)
            received = Receive(
                station=station,
                slip=slip,
                source=Party(DONATION, giver),
                lines=(
                    Delivered(
                        item=item,
                        quantity=quantity,
                        lot=id_of("l", name),
                        expires_us=self._fresh_us(item),
                    ),
                ),
                basis="捐赠协议（演示）",
            )
            if await self.attempt(name, received, self.keeper(station)):
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
        await self.attempt(SHIPMENT, sent, self.keeper(self.hub))

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

    async def use(self) -> None:
        """Stations give out what steps, squads, sites and households need (出库)."""
        await self._use("first")

    async def use_again(self) -> None:
        """And again, a while later."""
        await self._use("again")

    async def _use(self, when: str) -> None:
        for number, station in enumerate(self.near[:STATIONS_BUSY]):
            kind, who, items = USES[number % len(USES)]
            community = station.partition("-")[0]
            named = {SITE: station, HOUSEHOLD: f"{community}-0602"}.get(kind, who)
            await self._issue(
                f"demo:use:{when}:{station}",
                station,
                Party(kind, named),
                items,
                USED_SHARE,
            )

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
            await self.attempt(name, taken, self.keeper(station))
        self.say(f"flood gear brought forward from {len(low)} stations: short there")

    async def _issue(
        self, name: str, station: str, to: Party, items: Sequence[str], share: float
    ) -> None:
        """Give out a share of what a station has of some items."""
        there = self._available(station)
        lines = tuple(
            Wish(item, wanted)
            for item in items
            if (wanted := int(there.get(item, 0) * share))
        )
        if lines:
            issued = Issue(station=station, slip=id_of("i", name), to=to, lines=lines)
            await self.attempt(name, issued, self.keeper(station))

    def _available(self, station: str) -> dict[str, int]:
        with self.world.reading() as c:
            rows = STOCK.where(c, STOCK.table.c.station == station, at=None)
        return {row.item: row.available for row in rows}

    # --- asked for -------------------------------------------------------------------

    def _request(self, number: int) -> tuple[str, str, str]:
        """Return a request's id, the community that asks, the station that serves."""
        station = self.near[(number + 1) % len(self.near)]
        street = station[: DIGITS["street"]]
        with self.world.reading() as c:
            own = sorted(
                area.code
                for area in AREA.select(c, at=None, path=street)
                if area.level == "community" and not station.startswith(area.code)
            )
        community = own[number % len(own)] if own else station.partition("-")[0]
        request = id_of(f"{community}-q", f"demo:request:{ASKED[number][0]}")
        return request, community, station

    async def ask(self) -> None:
        """Communities ask for goods (申领)."""
        for number, (state, item, quantity, priority) in enumerate(ASKED):
            request, community, station = self._request(number)
            more = self._available(station).get(item, 0) if state == "PART" else 0
            made = MakeRequest(
                request=request,
                area=self.world.places((community,))[0],
                lines=(Want(item, quantity + more),),
                priority=priority,
                needed_by_us=self.world.clock() + 180 * MINUTE_US,
            )
            await self.attempt(f"demo:ask:{state}", made, f"zhan-{community}")

    async def serve(self) -> None:
        """Each request goes so far; one is refused, one withdrawn (申领办理)."""
        for number, (state, *_) in enumerate(ASKED):
            request, community, station = self._request(number)
            asking = f"zhan-{community}"
            street = f"zhan-{station[: DIGITS['street']]}"
            if state == "REFUSED":
                no = RefuseRequest(request=request, reason="本街镇无此储备，转报区卫健")
                await self.attempt(f"demo:refuse:{state}", no, street)
            elif state == "WITHDRAWN":
                off = WithdrawRequest(request=request, reason="已由物业借到")
                await self.attempt(f"demo:withdraw:{state}", off, asking)
            else:
                far = _STEPS.index("ALLOCATED" if state == "PART" else state)
                made = self._steps(request, station)
                for step, command in made[:far]:
                    who = {"triage": street, "confirm": asking}.get(
                        step, self.keeper(station)
                    )
                    await self.attempt(f"demo:{step}:{state}", command, who)
        self.say(f"{len(ASKED)} requests for goods, each in another state")

    def _steps(self, request: str, station: str) -> list[tuple[str, Command]]:
        """Return what is done about a request, in order."""
        made = self.world.state(request_stream(request)).made
        if made is None:
            return []
        slip = id_of("i", f"demo:dispatch:{request}")
        return [
            (
                "triage",
                TriageRequest(
                    request=request,
                    station=station,
                    priority=made.priority,
                    lines=tuple(Want(x.item, x.quantity) for x in made.lines),
                ),
            ),
            ("allocate", AllocateRequest(request=request)),
            ("dispatch", DispatchRequest(request=request, slip=slip)),
            ("deliver", Deliver(request=request, slip=slip, proof="居委会签收 0815")),
            ("confirm", ConfirmDelivery(request=request, slip=slip)),
        ]

    # --- counted ---------------------------------------------------------------------

    async def take_over(self) -> None:
        """The warehouse's keeper takes it over with a spot count (专人交接)."""
        who, slip = self.keeper(self.hub), await self._count(self.hub, SPOT_LOTS)
        await self.attempt(f"demo:counted:{slip}", CloseCount(slip=slip), who)
        taken = TakeCustody(station=self.hub, count=slip)
        await self.attempt(f"demo:custody:{slip}", taken, who)

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
        await self.attempt(
            name, OpenCount(station=station, slip=slip, sheet=sheet), who
        )
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
            name = f"demo:send:{order.slip}"
            await self.attempt(name, sent, self.keeper(order.station))

    async def ordered_arrives(self) -> None:
        """And arrives, all of it."""
        for order in self.orders[:1]:
            if await self._arrives(order.slip):
                self.say("the first transfer of the reallocation arrived in full")
