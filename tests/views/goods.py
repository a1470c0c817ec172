"""Facts about goods, in short words and at random, as they could stand in a log."""

from __future__ import annotations

from hypothesis import strategies as st

from coordination.counts.events import (
    CONFIRMED,
    DIFFERS,
    DISTURBED,
    SAME,
    LotCounted,
)
from coordination.items.events import Item, ItemListed
from coordination.requests.events import (
    GoodsAllocated,
    RequestWithdrawn,
    Wanted,
)
from coordination.stations.events import (
    ShortagesNoted,
    StationOpened,
)
from coordination.stock.events import (
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    LevelsSet,
    LotExpired,
    LotExpiring,
    LotRegistered,
    LotStatusSet,
    PlaceSet,
    ReservationReleased,
    StockAdjusted,
    StockMoved,
    StockReserved,
)
from coordination.stock.ledger import (
    APPROVED,
    EXPIRED,
    LOST,
    ON_HOLD,
    PURCHASE,
    RECALLED,
    SHELF,
    TRANSIT,
    USED,
    Line,
    Party,
    Pick,
)
from coordination.stock.slips import slip_stream
from coordination.stock.state import EXPIRING, lot_stream, stock_stream
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentLate,
    ShipmentSent,
    ShortfallClosed,
)
from coordination.transfers.state import shipment_stream
from projections.slips import MOVEMENT, balances
from projections.supplies import RESERVATION
from tests.given import HOUR, NOW, fold

NORTH, SOUTH, FAR = STATIONS = (
    "310117001001-s1",
    "310117001002-s1",
    "310117002001-s1",
)
"""Two stations of one street, and one of another."""
MASK, WATER = ITEMS = ("mask", "water")
SOON, BAD = NOW + 24 * HOUR, NOW + 72 * HOUR
BOUGHT, SQUAD = Party(PURCHASE, "PO-1"), Party("squad", "u1")
LOTS = ("L1", "L2", "L3")
OPENED = tuple(StationOpened(station=s, post=f"{s}-p-keeper") for s in STATIONS)
LISTED = ItemListed(
    item=Item(
        code=MASK, name="口罩", en="Masks", category="protective", unit="个",
        alert_days=30, barcodes=("690001", "690002"),
    )
)  # fmt: skip


def balances_at(c, station, item, at=None):
    """Return what accounts hold of an item by what a station moved, up to ``at``."""
    t = MOVEMENT.table.c
    where = [t.station == station, t.item == item]
    return balances(c, where if at is None else [*where, t.seq <= at])


def kept_at(c, station, item):
    """Return what is kept of an item at a station."""
    t = RESERVATION.table.c
    mine = t.station == station, t.item == item, t.quantity > 0
    return RESERVATION.where(c, *mine, at=None)


def line(quantity, lot="L1", item=MASK):
    """Return a line of a slip."""
    return Line(item, lot, quantity)


def moved(quantity, source, into, *, lot="L1", slip="r-1", station=NORTH, item=MASK):
    """Return a movement."""
    return StockMoved(station=station, item=item, lot=lot, quantity=quantity,
                      source=source, destination=into, slip=slip)  # fmt: skip


def came(quantity, **of):
    """Return that goods came in."""
    return moved(quantity, PURCHASE, SHELF, **of)


def went(quantity, **of):
    """Return that goods were given out."""
    return moved(quantity, SHELF, USED, **of)


def registered(lot="L1", *, item=MASK, alert=SOON, expires=BAD):
    """Return that a lot is known."""
    return LotRegistered(item=item, lot=lot, batch="B7", made_us=NOW - HOUR,
                         expires_us=expires, alert_us=alert, origin=BOUGHT,
                         slip="r-1")  # fmt: skip


def reserved(quantity, *, asked=0, lot="L1", name="v-1", station=NORTH, item=MASK):
    """Return that goods are kept."""
    return StockReserved(station=station, item=item, reservation=name, purpose=SQUAD,
                         asked=asked or quantity,
                         picks=(Pick(lot, quantity),))  # fmt: skip


def released(quantity, *, lot="L1", name="v-1", cause="released", station=NORTH):
    """Return that goods are kept no more."""
    return ReservationReleased(station=station, item=MASK, reservation=name,
                               picks=(Pick(lot, quantity),), cause=cause)  # fmt: skip


def status(what, *, lot="L1", station=NORTH, before=APPROVED, item=MASK):
    """Return what a lot is set to."""
    return LotStatusSet(station=station, item=item, lot=lot, status=what, before=before)


def levels(*, peace=(0, 0, 0), war=(0, 0, 0), station=NORTH, item=MASK):
    """Return how much is to be there."""
    return LevelsSet(station=station, item=item, peace=peace, war=war)


def expiring(lot="L1", *, station=NORTH, item=MASK):
    """Return that the alert period of a lot began."""
    return LotExpiring(station=station, item=item, lot=lot, due_us=SOON, expires_us=BAD)


def expired(lot="L1", *, station=NORTH, item=MASK):
    """Return that a lot expired."""
    return LotExpired(station=station, item=item, lot=lot, expires_us=BAD)


def sent(*lines, slip="s-1", station=NORTH, to=FAR, expected=0, by="wang"):
    """Return that a shipment left."""
    return ShipmentSent(slip=slip, station=station, to=to, lines=lines, by=by,
                        expected_us=expected, carrier="沪A")  # fmt: skip


def arrived(*lines, slip="s-1", left=0, complete=True, station=FAR, by="li"):
    """Return that some of it is there."""
    return ShipmentArrived(slip=slip, station=station, lines=lines, complete=complete,
                           owner="wang", left=left, by=by)  # fmt: skip


def closed(*lines, slip="s-1", cause="lost", station=FAR, owner="wang"):
    """Return that what is missing of it is accounted for."""
    return ShortfallClosed(
        slip=slip, station=station, cause=cause, owner=owner, lines=lines
    )


def late(slip="s-1", due_us=SOON, station=FAR):
    """Return that it is late."""
    return ShipmentLate(slip=slip, station=station, due_us=due_us)


# --- what the morning does not say ---------------------------------------------------

_HERE = {"station": NORTH}
MORE_SAID = (
    *(
        GoodsIssued(**_HERE, slip=f"i-{kind}", to=Party(kind, name), lines=lines)
        for lines in [(line(1),), (line(1), line(2), line(3), line(4))]
        for kind, name in (
            ("person", "h-0123456789"), ("household", "310117001001-9"),
            ("step", "open-doors"), ("site", SOUTH), ("squad", "u1"),
            ("area", "310117001002"), ("transfer", "s-1"), ("transfer", "s-0"),
            ("request", "310117001001-q-0"),
        )
    ),
    reserved(4, asked=9),
    ShortagesNoted(**_HERE, items=(MASK,), war=True),
    RequestWithdrawn(request="310117001001-q-0"),
    GoodsAllocated(
        request="310117001001-q-0", station=NORTH, lines=(Wanted(MASK, 3),),
        short=(Wanted(WATER, 5),),
    ),
    StockAdjusted(**_HERE, slip="a-9", item=MASK, lot="L1", change=9, corrects="b-1"),
    late("s-0"),
    *(
        LotCounted(
            **_HERE, slip="c-9", item=MASK, lot="L1", counted=1, book=2, by="bo",
            result=result,
        )
        for result in (SAME, DIFFERS, DISTURBED, CONFIRMED)
    ),
)  # fmt: skip
"""Facts that are told otherwise than those of the small city's morning."""


# --- random facts --------------------------------------------------------------------

acts = st.tuples(
    st.sampled_from(
        ["receive", "receive", "receive", "issue", "issue", "back", "reserve",
         "reserve", "release", "hold", "recall", "note", "ship", "ship", "arrive",
         "arrive", "close", "levels", "levels", "place", "restart"]
    ),
    st.sampled_from(STATIONS),
    st.sampled_from(ITEMS),
    st.sampled_from(LOTS),
    st.integers(1, 30),
)  # fmt: skip


class Goods:
    """Makes of random acts what a decision could have recorded: facts in its order."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.number = 0
        self.slips = {"i": [], "s": []}

    def of(self, act):
        """Return the facts of an act, none if there is nothing to do."""
        name, station, item, lot, quantity = act
        self.number += 1
        self.read = fold(*self.ledger.events)
        self.where = {"station": station, "item": item, "lot": lot}
        self.stock = self.read(stock_stream(station, item))
        self.held = self.stock.lots.get(lot)
        free = self.held.on_hand - self.held.reserved if self.held else 0
        return getattr(self, f"_{name}")(station, item, lot, quantity, free)

    def _slip(self, mark):
        slip = f"{mark}-{self.number}"
        self.slips.setdefault(mark, []).append(slip)
        return slip

    def _one(self, mark, number):
        known = self.slips[mark]
        return known[number % len(known)] if known else ""

    def _receive(self, station, item, lot, quantity, _free):
        slip, facts = self._slip("r"), []
        if self.read(lot_stream(item, lot)).registered is None:
            dated = lot != LOTS[-1]
            facts.append(registered(lot, item=item, alert=SOON if dated else 0,
                                    expires=BAD if dated else 0))  # fmt: skip
        lines = (Line(item, lot, quantity),)
        facts.append(GoodsReceived(slip=slip, station=station, source=BOUGHT,
                                   document="", lines=lines))  # fmt: skip
        return [*facts, came(quantity, slip=slip, **self.where)]

    def _issue(self, station, item, lot, quantity, free):
        if not free:
            return []
        quantity, slip = min(quantity, free), self._slip("i")
        lines = (Line(item, lot, quantity),)
        fact = GoodsIssued(slip=slip, station=station, to=SQUAD, lines=lines)
        return [fact, went(quantity, slip=slip, **self.where)]

    def _back(self, _station, _item, _lot, quantity, _free):
        slip = self._one("i", quantity)
        known = self.read(slip_stream(slip))
        if not known.left:
            return []
        (item, lot), out = next(iter(known.left.items()))
        quantity = min(quantity, out)
        good = bool(self.number % 2)
        lines = (Line(item, lot, quantity),)
        into = SHELF if good else "scrap"
        return [
            GoodsReturned(slip=slip, station=known.station, lines=lines, good=good),
            moved(quantity, USED, into, lot=lot, slip=slip, station=known.station,
                  item=item),
        ]  # fmt: skip

    def _reserve(self, station, item, lot, quantity, free):
        if not free:
            return []
        kept = min(quantity, free)
        return [reserved(kept, asked=quantity, lot=lot, station=station, item=item,
                         name=f"v-{self.number % 2}")]  # fmt: skip

    def _release(self, station, item, _lot, quantity, _free):
        for name, kept in self.stock.reservations.items():
            lot, held = next(iter(kept.picks.items()))
            picks = (Pick(lot, min(quantity, held)),)
            return [ReservationReleased(station=station, item=item, reservation=name,
                                        picks=picks, cause="released")]  # fmt: skip
        return []

    def _hold(self, station, item, lot, _quantity, _free):
        if self.held is None:
            return []
        after = APPROVED if self.held.status != APPROVED else ON_HOLD
        return [status(after, station=station, item=item, lot=lot)]

    def _recall(self, _station, item, lot, _quantity, _free):
        known = self.read(lot_stream(item, lot))
        if known.registered is None:
            return []
        after = APPROVED if known.status != APPROVED else RECALLED
        return [status(after, station="", item=item, lot=lot)]

    def _note(self, station, item, lot, _quantity, _free):
        known = self.read(lot_stream(item, lot)).registered
        if self.held is None or not self.held.on_hand or not known.expires_us:
            return []
        if not self.held.noted:
            return [expiring(lot, station=station, item=item)]
        if self.held.noted == EXPIRING:
            return [expired(lot, station=station, item=item)]
        assert self.held.noted == EXPIRED
        return []

    def _ship(self, station, item, lot, quantity, free):
        if not free:
            return []
        slip, quantity = self._slip("s"), min(quantity, free)
        to = STATIONS[(STATIONS.index(station) + 1 + self.number % 2) % 3]
        return [
            sent(Line(item, lot, quantity), slip=slip, station=station, to=to),
            moved(quantity, SHELF, TRANSIT, slip=slip, **self.where),
        ]

    def _arrive(self, _station, _item, _lot, quantity, _free):
        slip = self._one("s", quantity)
        known = self.read(shipment_stream(slip))
        if not known.left:
            return []
        (item, lot), left = next(iter(known.missing.items()))
        there, to = min(quantity, left), known.sent.to
        complete = bool(self.number % 2)
        return [
            arrived(Line(item, lot, there), slip=slip, left=left - there,
                    complete=complete, station=to),
            moved(there, TRANSIT, SHELF, slip=slip, station=to, item=item, lot=lot),
        ]  # fmt: skip

    def _close(self, _station, _item, _lot, quantity, _free):
        slip = self._one("s", quantity)
        known = self.read(shipment_stream(slip))
        if not known.left or not known.complete:
            return []
        (item, lot), left = next(iter(known.missing.items()))
        gone, back = min(quantity, left), self.number % 2
        where = {"slip": slip, "item": item, "lot": lot}
        fact = closed(Line(item, lot, gone), slip=slip, station=known.sent.station,
                      cause="not-loaded" if back else "lost")  # fmt: skip
        into, station = (SHELF, known.sent.station) if back else (LOST, known.sent.to)
        return [fact, moved(gone, TRANSIT, into, station=station, **where)]

    def _levels(self, station, item, _lot, quantity, _free):
        peace = (quantity, quantity + 1, quantity + 2)
        war = (quantity * 2, quantity * 2, quantity * 3)
        return [levels(peace=peace, war=war, station=station, item=item)]

    def _place(self, station, item, _lot, quantity, _free):
        return [PlaceSet(station=station, item=item, place=f"A-{quantity}")]
