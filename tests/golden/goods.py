"""One sample of each stored version of a fact about goods."""

from __future__ import annotations

from typing import Any

from coordination.areas.events import PopulationStated
from coordination.counts.events import (
    CountClosed,
    CountOpened,
    Lot,
    LotCounted,
    VarianceSettled,
)
from coordination.items.events import (
    BarcodeTaken,
    Item,
    ItemListed,
    ItemWithdrawn,
    Need,
    Packaging,
)
from coordination.kernel import Event
from coordination.reallocation.events import Leg, ReallocationApproved
from coordination.requests.events import (
    DeliveryConfirmed,
    DeliveryTakenBack,
    GoodsAllocated,
    RequestDelivered,
    RequestDispatched,
    RequestMade,
    RequestRefused,
    RequestReturned,
    RequestTriaged,
    RequestWithdrawn,
    Wanted,
)
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.stations.events import (
    CustodyTaken,
    DonationNumbered,
    ShortagesNoted,
    StationOpened,
)
from coordination.stock.events import (
    BatchStatusSet,
    DocumentEntered,
    DonorCorrected,
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    LevelsSet,
    LotCorrected,
    LotExpired,
    LotExpiring,
    LotRegistered,
    LotStatusSet,
    PlaceSet,
    ReservationReleased,
    SlipCorrected,
    StockAdjusted,
    StockMoved,
    StockReserved,
    StockScrapped,
)
from coordination.stock.ledger import Line, Party, Passed, Pick
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentLate,
    ShipmentSent,
    ShortfallClosed,
    TransferCancelled,
    TransferOrdered,
)

_AT, _SOON, _BAD = (
    1_700_010_000_000_000,
    1_702_000_000_000_000,
    1_704_000_000_000_000,
)
_HERE, _THERE = {"station": "310117001001-s1"}, "310117002001-s1"
_STOCK: dict[str, Any] = {**_HERE, "item": "mask-n95"}
_LOT: dict[str, Any] = {**_STOCK, "lot": "L2024-07"}
_LINES = (Line("mask-n95", "L2024-07", 40), Line("water", "l-0123456789", 12))
_REQUEST = "310117001002-q-0123456789"
_COUNT: dict[str, Any] = {**_HERE, "slip": "c-0123456789"}
_SENT: dict[str, Any] = {"slip": "s-0123456789"}

TICKED = (ShortagesNoted, LotExpiring, LotExpired, ShipmentLate)
"""What the service notices by itself: nobody states a reason."""
GOODS: list[Event] = [
    PopulationStated(area="310117001002", residents=4_210),
    BarcodeTaken(barcode="6901234567892", item="water-500ml"),
    ItemListed(
        item=Item(
            code="mask-n95",
            name="N95 口罩",
            en="N95 mask",
            category="protective",
            unit="只",
            packagings=(Packaging("盒", 20), Packaging("箱", 400)),
            place="A-03-2",
            shelf_days=1_095,
            alert_days=60,
            needs=(Need("epidemic", 2_000),),
            barcodes=("6901234567892",),
            durable=True,
        )
    ),
    ItemWithdrawn(code="mask-n95"),
    StationOpened(**_HERE, post="310117001001-p-station-keeper"),
    CustodyTaken(**_HERE, keeper="li", before="wang", count="c-0123456789"),
    DonationNumbered(**_HERE, number=17, slip="r-0123456789"),
    ShortagesNoted(**_HERE, items=("mask-n95", "water"), war=True),
    StockMoved(
        **_LOT, quantity=40, source="shelf", destination="used", slip="i-0123456789"
    ),
    StockReserved(
        **_STOCK,
        reservation=_REQUEST,
        purpose=Party("request", _REQUEST),
        asked=60,
        picks=(Pick("L2024-07", 40), Pick("l-0123456789", 5)),
        passed=(Passed("L2023-11", 15, "quarantined"),),
    ),
    ReservationReleased(
        **_STOCK,
        reservation=_REQUEST,
        picks=(Pick("L2024-07", 40),),
        cause="used",
    ),
    LevelsSet(**_STOCK, peace=(200, 400, 800), war=(1_000, 2_000, 4_000)),
    PlaceSet(**_STOCK, place="B-01-1"),
    LotRegistered(
        item="mask-n95",
        lot="L2024-07",
        batch="20240703",
        made_us=_AT,
        expires_us=_BAD,
        alert_us=_SOON,
        origin=Party("purchase", "采购合同 2024-118"),
        slip="r-0123456789",
    ),
    LotCorrected(
        corrects=1_236,
        item="mask-n95",
        lot="L2024-07",
        batch="20240703",
        made_us=_AT,
        expires_us=_BAD,
        alert_us=_SOON,
        origin=Party("purchase", "采购合同 2024-118"),
    ),
    DonorCorrected(
        **_HERE,
        corrects=1_237,
        slip="r-0123456789",
        source=Party("donation", "d-0a1b2c3d4e5f"),
        before=Party("donation", "某公司"),
    ),
    LotStatusSet(**_LOT, status="quarantined", before="approved"),
    BatchStatusSet(item="mask-n95", batch="PB77", status="recalled", before="approved"),
    DocumentEntered(
        station=_HERE["station"],
        digest="d-0123456789",
        slip="r-0123456789",
        lines=_LINES,
    ),
    SlipCorrected(**_LOT, slip="r-0123456789", by_slip="a-0123456789", change=-432),
    LotExpiring(**_LOT, due_us=_SOON, expires_us=_BAD),
    LotExpired(**_LOT, expires_us=_BAD),
    GoodsReceived(
        **_HERE,
        slip="r-0123456789",
        source=Party("donation", "h-0a1b2c3d4e5f"),
        document="送货单 88",
        lines=_LINES,
        number=17,
        emergency="e-2024-07",
    ),
    GoodsIssued(
        **_HERE,
        slip="i-0123456789",
        to=Party("squad", "u-7"),
        lines=_LINES,
        passed=(("mask-n95", Passed("L2023-11", 15, "expired")),),
        reservation=_REQUEST,
    ),
    GoodsReturned(**_HERE, slip="i-0123456789", lines=_LINES, good=True),
    StockScrapped(**_HERE, slip="x-0123456789", cause="damaged", lines=_LINES),
    StockAdjusted(**_LOT, slip="a-0123456789", change=-3, corrects="r-0123456789"),
    TransferOrdered(
        **_HERE,
        **_SENT,
        to=_THERE,
        lines=(Line("mask-n95", "", 40),),
        reallocation="w-0123456789",
    ),
    TransferCancelled(**_HERE, **_SENT),
    ShipmentSent(
        **_HERE,
        **_SENT,
        to=_THERE,
        lines=_LINES,
        by="wang",
        expected_us=_SOON,
        carrier="沪A·12345",
    ),
    ShipmentArrived(
        **_SENT,
        station=_THERE,
        lines=_LINES[:1],
        complete=True,
        owner="wang",
        left=12,
        by="li",
    ),
    ShipmentLate(**_SENT, station=_THERE, due_us=_SOON),
    ShortfallClosed(
        **_SENT, station=_THERE, cause="lost", owner="wang", lines=_LINES[1:]
    ),
    CountOpened(**_COUNT, sheet=(Lot("mask-n95", "L2024-07"), Lot("water", "L1"))),
    LotCounted(
        **_COUNT,
        item="mask-n95",
        lot="L2024-07",
        counted=38,
        book=40,
        by="li",
        result="confirmed",
        moved=2,
        first="zhao",
    ),
    VarianceSettled(
        **_COUNT, item="mask-n95", lot="L2024-07", change=-2, cause="unrecorded-issue"
    ),
    CountClosed(**_COUNT, lots=2, variances=1),
    RequestMade(
        request=_REQUEST,
        area="310117001002",
        squad="u-7",
        lines=(Wanted("mask-n95", 60), Wanted("water", 12)),
        priority=1,
        to="310117001002g01c01b013",
        needed_by_us=_SOON,
        by="zhao",
    ),
    RequestTriaged(
        request=_REQUEST,
        station=_HERE["station"],
        priority=2,
        lines=(Wanted("mask-n95", 50),),
    ),
    RequestRefused(request=_REQUEST),
    RequestWithdrawn(request=_REQUEST),
    GoodsAllocated(
        request=_REQUEST,
        station=_HERE["station"],
        lines=(Wanted("mask-n95", 45),),
        short=(Wanted("mask-n95", 5),),
    ),
    RequestDispatched(
        request=_REQUEST,
        slip="i-0123456789",
        by="li",
        lines=(Wanted("mask-n95", 40),),
        kept=(Wanted("mask-n95", 5),),
    ),
    RequestReturned(
        request=_REQUEST, slip="i-0123456789", lines=(Wanted("mask-n95", 3),)
    ),
    RequestDelivered(
        request=_REQUEST, slip="i-0123456789", proof="取件码 7731", by="li"
    ),
    DeliveryConfirmed(request=_REQUEST, slip="i-0123456789", by="zhao"),
    DeliveryTakenBack(
        corrects=1_238, request=_REQUEST, slip="i-0123456789", confirmed=True
    ),
    ReallocationApproved(
        reallocation="w-0123456789",
        digest="7c" * 32,
        legs=(Leg(_HERE["station"], _THERE, "mask-n95", 40),),
        transfers=("s-0123456789",),
    ),
    GoodsGivenBack(**_HERE, slip="r-0123456789", lines=_LINES),
    OwnerCompensated(
        **_HERE,
        slip="r-0123456789",
        lines=_LINES,
        fen=123_450,
        document="补偿协议 3",
    ),
]
