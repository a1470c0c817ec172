"""The goods of the small city's morning: every decision about them at least once."""

from __future__ import annotations

from coordination.areas.population import Residents, StatePopulation
from coordination.counts.decide import (
    CloseCount,
    Counted,
    OpenCount,
    RecordCounts,
    SettleVariance,
)
from coordination.counts.events import Lot
from coordination.grants.decide import GrantRoles, GrantRow
from coordination.items.decide import ImportItems, ItemRow, WithdrawItem
from coordination.items.events import Item
from coordination.kernel import id_of
from coordination.provenance import Actor
from coordination.reallocation.decide import ApproveReallocation
from coordination.reallocation.events import Leg
from coordination.requests.decide import (
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    Want,
    WithdrawRequest,
)
from coordination.requests.events import DeliveryConfirmed, RequestDelivered
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
)
from coordination.requisitions.decide import Compensate, GiveBack
from coordination.stations.decide import OpenStation, SetPlace, TakeCustody
from coordination.stations.levels import LevelRow, NoteShortages, SetLevels
from coordination.stock.decide import Issue, Release, Reserve
from coordination.stock.events import (
    DonorCorrected,
    GoodsReceived,
    LotCorrected,
    LotRegistered,
)
from coordination.stock.ledger import Party
from coordination.stock.lines import OfLot, Wish
from coordination.stock.lots import LotHere, NoteExpiry, RecallBatch, SetLotStatus
from coordination.stock.receipts import Delivered, Receive
from coordination.stock.returns import ReturnGoods
from coordination.stock.slips import slip_stream
from coordination.stock.state import stock_stream
from coordination.stock.writeoffs import Adjust, Scrap
from coordination.transfers.decide import Arrive, CancelTransfer, Ship
from coordination.transfers.shortfalls import CloseShortfall, RecordLate
from tests.given import (
    ADMINISTRATOR,
    COMMUNITY_11,
    MINUTE,
    SERVICE,
    SONGJIANG,
    STREET_1,
    STREET_STAFF,
    UNIT,
)
from tests.views.goods import FAR, MASK, NORTH, SOUTH, STATIONS, WATER

KEEPER = Actor("sun")
"""Another of the street's staff: who counts twice, or settles, is another."""
HERE = {"station": NORTH}
REQUEST = f"{COMMUNITY_11.code}-q-1"


def item(code, name, en):
    """Return an entry of the catalogue; a day before it expires somebody is told."""
    return Item(
        code=code,
        name=name,
        en=en,
        category="protective",
        unit="个",
        alert_days=1,
        barcodes=(f"690-{code}",),
    )


async def play_goods(city):
    """List, keep, give, send, count, ask, reallocate."""
    staff = GrantRow(grant="g9", account="sun", role="street-staff", area=STREET_1)
    await city.give(GrantRoles(rows=(staff,), basis="令"), ADMINISTRATOR)
    await play_stations(city)
    await play_stock(city)
    await play_lots(city)
    await play_transfers(city)
    await play_counts(city)
    await play_requests(city)


async def play_stations(city):
    """A catalogue, stations, levels, and what is short."""
    rows = (
        ItemRow(1, item(MASK, "口罩", "Masks")),
        ItemRow(2, item(WATER, "饮用水", "Water")),
        ItemRow(3, item("axe", "斧头", "Axes")),
    )
    await city.give(ImportItems(rows=rows), ADMINISTRATOR)
    await city.give(WithdrawItem(item="axe"), ADMINISTRATOR)
    lives = (Residents(COMMUNITY_11.code, 3_200),)
    await city.give(StatePopulation(area=SONGJIANG, rows=lives))
    for station in STATIONS:
        await city.give(OpenStation(station=station))
    levels = LevelRow(MASK, (10, 20, 30), (20, 40, 60))
    await city.give(SetLevels(**HERE, rows=(levels,)))
    await city.give(SetPlace(**HERE, item=MASK, place="A-3"))
    await city.give(NoteShortages(**HERE, items=(MASK,)), SERVICE)


async def play_stock(city):
    """Bought, given, requisitioned; kept, issued, returned; given back, paid for."""
    soon_us = city.now + 600 * MINUTE
    bought = Delivered(MASK, 900, "L1", batch="B7", expires_us=soon_us)
    source = Party("purchase", "合同 7")
    await city.give(Receive(**HERE, slip="r-1", source=source, lines=(bought,)))
    await city.give(NoteShortages(**HERE, items=()), SERVICE)
    gift = Receive(
        **HERE, slip="r-2", source=Party("donation", "h-0123456789"),
        lines=(Delivered(WATER, 50, "L2"),),
    )  # fmt: skip
    await city.give(gift)
    for giver in ("红十字会", "社区基金会"):  # mistyped twice
        mistaken = DonorCorrected if giver == "社区基金会" else GoodsReceived
        await city.correct(mistaken, alike=lambda e: e.slip == "r-2", donor=giver)
    taken = Receive(
        **HERE, slip="r-3", source=Party("requisition", "超市"), emergency="a",
        lines=(Delivered(WATER, 50, "L3"),),
    )  # fmt: skip
    await city.give(taken)
    of = {"slip": "r-3"}
    await city.give(GiveBack(**of, lines=(OfLot(WATER, "L3", 20),), station=NORTH))
    rest = (OfLot(WATER, "L3", 30),)
    paid = Compensate(**of, lines=rest, fen=9_000, document="F", recorded=20)
    await city.give(paid)
    squad, some = Party("squad", "u1"), (Wish(MASK, 30),)
    await city.give(Reserve(**HERE, reservation="v-1", purpose=squad, lines=some))
    out = Issue(**HERE, slip="i-1", to=squad, lines=some, reservation="v-1")
    await city.give(out)
    await city.give(Reserve(**HERE, reservation="v-2", purpose=squad, lines=some))
    await city.give(Release(**HERE, reservation="v-2", items=(MASK,)))
    for back, good in ((0, True), (5, False)):
        lines = (OfLot(MASK, "L1", 5),)
        again = ReturnGoods(issue="i-1", lines=lines, good=good, recorded=back)
        await city.give(again)


async def play_lots(city):
    """On hold, recalled, cleared, corrected, scrapped; near its end, and past it."""
    lot = {"item": MASK, "lot": "L1"}
    why = {"reason": "抽检"}
    for after in ("on-hold", "approved"):
        await city.give(SetLotStatus(**HERE, **lot, status=after, **why))
        everywhere = "recalled" if after == "on-hold" else after
        await city.give(SetLotStatus(**lot, status=everywhere, **why))
    for status in ("recalled", "approved"):
        await city.give(RecallBatch(item=MASK, batch="B7", status=status, **why))
    wrong = Adjust(**HERE, **lot, slip="a-1", change=-3, corrects="r-1", **why)
    await city.give(wrong)
    brief = Delivered(WATER, 9, "L4", expires_us=city.now + 60 * MINUTE)
    source = Party("purchase", "合同 8")
    came = Receive(
        **HERE, slip="r-4", source=source, lines=(brief,), document="送货单 8"
    )
    await city.give(came)
    for again in (LotRegistered, LotCorrected):  # mistyped twice
        ends_us = brief.expires_us + (0 if again is LotCorrected else 60 * MINUTE)
        batch = "B9" if again is LotRegistered else "B8"
        right = {"expires_us": ends_us, "batch": batch}
        await city.correct(again, alike=lambda e: e.lot == "L4", **right)
    note = NoteExpiry(**HERE, lots=(LotHere(WATER, "L4"),))
    await city.give(note, SERVICE)
    city.now += 61 * MINUTE
    await city.give(note, SERVICE)
    lines = (OfLot(WATER, "L4", 9),)
    await city.give(Scrap(**HERE, slip="x-1", cause="expired", lines=lines, **why))


async def play_transfers(city):
    """Two ordered, one called off; the other late, and not all of it there."""
    approved = ApproveReallocation(
        reallocation="w-1", area=SONGJIANG, digest="", reason="均衡",
        legs=(Leg(NORTH, SOUTH, MASK, 40), Leg(NORTH, FAR, MASK, 10)),
    )  # fmt: skip
    await city.give(approved, command_id="w-1")
    one, two = (id_of("t", f"w-1:{NORTH}>{to}:0") for to in (SOUTH, FAR))
    await city.give(CancelTransfer(slip=two, reason="路断"))
    due_us = city.now + 10 * MINUTE
    ship = Ship(**HERE, slip="s-1", order=one, expected_us=due_us, carrier="沪A")
    await city.give(ship, STREET_STAFF)
    city.now += 11 * MINUTE
    there = {"slip": one}
    await city.give(RecordLate(**there), SERVICE)
    lines = (OfLot(MASK, "L1", 30),)
    await city.give(Arrive(**there, lines=lines, complete=False), KEEPER)
    await city.give(Arrive(**there, lines=(), recorded=30), KEEPER)
    for closed, cause in ((0, "lost"), (5, "not-loaded")):
        lines = (OfLot(MASK, "L1", 5),)
        off = {"cause": cause, "owner": "li", "lines": lines, "reason": "查明"}
        await city.give(CloseShortfall(**there, **off, recorded=closed))


async def play_counts(city):
    """One lot as in the books, one not so twice; then somebody takes it over."""
    count = {"slip": "c-1"}
    await city.give(OpenCount(**count, station=SOUTH, sheet=(Lot(MASK, "L1"),)))
    moves = city.read(stock_stream(SOUTH, MASK)).moves
    lines = (Counted(MASK, "L1", 28, moves),)
    await city.give(RecordCounts(**count, lines=lines), STREET_STAFF)
    await city.give(RecordCounts(**count, lines=lines), KEEPER)
    lot = {"item": MASK, "lot": "L1"}
    await city.give(SettleVariance(**count, **lot, cause="lost", reason="查明"))
    await city.give(CloseCount(**count))
    await city.give(TakeCustody(station=SOUTH, count="c-1"), STREET_STAFF)


async def play_requests(city):
    """Asked, granted, kept, sent, brought, confirmed; refused; called off."""
    wanted = (Want(MASK, 12),)
    said = {"area": COMMUNITY_11, "lines": wanted, "priority": 1,
            "to": COMMUNITY_11.code}  # fmt: skip
    for squad, number in (("", ""), ("", 2), (UNIT.unit, 3)):
        asks = MakeRequest(request=f"{REQUEST}{number}", squad=squad, **said)
        await city.give(asks)
    await city.give(RefuseRequest(request=f"{REQUEST}2", reason="已有"))
    await city.give(WithdrawRequest(request=f"{REQUEST}3"))
    triage = TriageRequest(request=REQUEST, station=NORTH, priority=2, lines=wanted)
    await city.give(triage)
    await city.give(AllocateRequest(request=REQUEST))
    send = DispatchRequest(request=REQUEST, slip="i-2")
    await city.give(send, STREET_STAFF)
    slip = {"request": REQUEST, "slip": "i-2"}
    await city.give(Deliver(**slip, proof="7731"), STREET_STAFF)
    await city.give(ConfirmDelivery(**slip))
    await city.correct(DeliveryConfirmed)
    await city.correct(RequestDelivered)
    await city.give(Deliver(**slip, proof="7731"), STREET_STAFF)
    await city.give(ConfirmDelivery(**slip))
    ((item, lot), _) = next(iter(city.read(slip_stream("i-2")).left.items()))
    back = (OfLot(item, lot, 1),)
    await city.give(ReturnGoods(issue="i-2", lines=back, good=True))
