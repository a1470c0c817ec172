"""Facts of the stock ledger (库存账). Vocabulary kept for ever.

A movement is one double entry: a quantity of a lot leaves one account and enters
another. Whatever becomes of goods is a movement: what is given, on the way, used, lost
and on the shelves always sums to what came in. What it was for stands on a slip (单据)
in a stream of its own, appended together with its movements.
"""

from __future__ import annotations

from coordination.corrects import Correcting
from coordination.kernel import Event
from coordination.stock.ledger import Line, Party, Passed, Pick


class _OfStock(Event, frozen=True, kw_only=True):
    """A fact about one item at one station."""

    STREAM = "stock/{0.station}/{0.item}"  # one stream for each item at each station
    station: str
    item: str


class StockMoved(_OfStock, frozen=True, kw_only=True):
    """库存变动: ``quantity`` base units of a lot, from one account to another."""

    NAME = "stock.moved.1"
    lot: str
    quantity: int
    source: str
    destination: str
    slip: str


class StockReserved(_OfStock, frozen=True, kw_only=True):
    """库存预留: kept for somebody, lot by lot, the first to expire first.

    ``asked`` more than the picks: the rest is short, and ``passed`` says why.
    """

    NAME = "stock.reserved.1"
    ANEW = ("Release",)
    reservation: str
    purpose: Party
    asked: int
    picks: tuple[Pick, ...]
    passed: tuple[Passed, ...] = ()


class ReservationReleased(_OfStock, frozen=True, kw_only=True):
    """预留释放: ``cause``: released, used, count, scrap, adjust or cancelled."""

    NAME = "stock.reservation-released.1"
    ANEW = ("Reserve",)
    reservation: str
    picks: tuple[Pick, ...]
    cause: str


class LevelsSet(_OfStock, frozen=True, kw_only=True):
    """库存定额: (minimum, reorder, target) in peacetime and in an emergency."""

    NAME = "stock.levels-set.1"
    ANEW = ("SetLevels",)
    peace: tuple[int, int, int]
    war: tuple[int, int, int]


class PlaceSet(_OfStock, frozen=True, kw_only=True):
    """库位设定: where the item stands at this station."""

    NAME = "stock.place-set.1"
    ANEW = ("SetPlace",)
    place: str


class LotStatusSet(_OfStock, frozen=True, kw_only=True):
    """批次状态设定: of a lot at one station; ``station`` empty: wherever it is."""

    NAME = "stock.lot-status-set.1"
    ANEW = ("SetLotStatus",)
    lot: str
    status: str
    before: str

    @property
    def stream(self) -> str:
        """Of a lot everywhere: in the lot's own stream, one fact for all stations."""
        if self.station:
            return f"stock/{self.station}/{self.item}"
        return f"lot/{self.item}/{self.lot}"


class BatchStatusSet(Event, frozen=True, kw_only=True):
    """厂家批号状态设定: of every lot of a maker's batch, there now or to come.

    ``batch``: the maker's number as it is compared, whatever its case or width.
    """

    STREAM = "batch/{0.item}/{0.batch}"  # one stream for each batch of an item
    NAME = "stock.batch-status-set.1"
    ANEW = ("RecallBatch",)
    item: str
    batch: str
    status: str
    before: str


class DocumentEntered(Event, frozen=True, kw_only=True):
    """凭证登记: goods came in by a document; the same one may come again by mistake."""

    STREAM = "document/{0.station}/{0.digest}"  # one stream for each document there
    NAME = "stock.document-entered.1"
    station: str
    digest: str
    slip: str
    lines: tuple[Line, ...]


class LotExpiring(_OfStock, frozen=True, kw_only=True):
    """临期提醒: the alert period of a lot began; ``expires_us``: first bad moment."""

    NAME = "stock.lot-expiring.1"
    lot: str
    due_us: int
    expires_us: int


class LotExpired(_OfStock, frozen=True, kw_only=True):
    """批次过期: recorded once, also when the service was down at that moment."""

    NAME = "stock.lot-expired.1"
    lot: str
    expires_us: int


class LotRegistered(Event, frozen=True, kw_only=True):
    """批次登记: the same wherever it goes. ``expires_us``: first moment it is no good.

    ``batch``: the maker's number; ``made_us``: when made; 0 or empty: not stated.
    ``alert_us``: when somebody is told that it will expire, 0: nobody is.
    """

    STREAM = "lot/{0.item}/{0.lot}"  # one stream for each lot
    NAME = "stock.lot-registered.1"
    item: str
    lot: str
    batch: str
    made_us: int
    expires_us: int
    alert_us: int
    origin: Party
    slip: str


class LotCorrected(Correcting, frozen=True, kw_only=True):
    """批次更正: what a lot is wherever it is, as it should have been registered.

    All of its fields, as in ``LotRegistered``; who gave it may be what was wrong.
    """

    STREAM = "lot/{0.item}/{0.lot}"  # the lot's own stream
    NAME = "stock.lot-corrected.1"
    item: str
    lot: str
    batch: str
    made_us: int
    expires_us: int
    alert_us: int
    origin: Party


class Slip(Event, frozen=True, kw_only=True):
    """A slip (单据): what movements appended with it are for."""

    STREAM = "slip/{0.slip}"  # one stream for each slip, with all that follows from it
    slip: str
    station: str


class GoodsReceived(Slip, frozen=True, kw_only=True):
    """物资入库 (入库单). ``number``: of the donor's receipt (捐赠收据), 0: none.

    ``emergency``: what was requisitioned is given back or paid for when it is over.
    ``document``: order, contract or delivery note.
    """

    NAME = "stock.goods-received.1"
    source: Party
    document: str
    lines: tuple[Line, ...]
    number: int = 0
    emergency: str = ""


class DonorCorrected(Correcting, frozen=True, kw_only=True):
    """捐赠人更正: the gift was ``source``'s; ``before``: whose it was said to be."""

    STREAM = "slip/{0.slip}"  # in the stream of the receipt
    NAME = "stock.donor-corrected.1"
    slip: str
    station: str
    source: Party
    before: Party


class GoodsIssued(Slip, frozen=True, kw_only=True):
    """物资出库 (出库单). ``passed``: lots not taken, by item, and why."""

    NAME = "stock.goods-issued.1"
    ANEW = ("ReturnGoods", "Adjust")
    to: Party
    lines: tuple[Line, ...]
    passed: tuple[tuple[str, Passed], ...] = ()
    reservation: str = ""


class GoodsReturned(Slip, frozen=True, kw_only=True):
    """物资退回: of an issue; ``good`` goes back to the shelf, else it is scrapped."""

    NAME = "stock.goods-returned.1"
    ANEW = ("Adjust",)
    lines: tuple[Line, ...]
    good: bool


class StockScrapped(Slip, frozen=True, kw_only=True):
    """物资报废 (报废单)."""

    NAME = "stock.scrapped.1"
    ANEW = ("Adjust",)
    cause: str
    lines: tuple[Line, ...]


class SlipCorrected(Slip, frozen=True, kw_only=True):
    """单据被更正: in the stream of the slip that was wrong; ``by_slip`` says how.

    ``change``: base units more or less on the shelf of its ``station``.
    """

    NAME = "stock.slip-corrected.1"
    by_slip: str
    item: str
    lot: str
    change: int


class StockAdjusted(Slip, frozen=True, kw_only=True):
    """账面更正: ``change`` base units; names the slip it corrects (更正哪张单据)."""

    NAME = "stock.adjusted.1"
    ANEW = ("Adjust",)
    item: str
    lot: str
    change: int
    corrects: str
