"""Rule 7 whatever is done in whatever order, against a second set of books.

The second set is plain sums of what commands asked for and slips answered. It knows
neither movements nor how the rules fold them; each decision is judged by it, and after
each step both must say the same of every lot, account, reservation and shipment.
"""

from collections import Counter, defaultdict
from functools import reduce

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from coordination.counts.decide import (
    CloseCount,
    Counted,
    OpenCount,
    RecordCounts,
    SettleVariance,
)
from coordination.counts.events import Lot as OnSheet
from coordination.counts.events import LotCounted
from coordination.items.events import ItemListed
from coordination.kernel import Decided, Told, id_of
from coordination.reallocation.decide import ApproveReallocation
from coordination.reallocation.events import Leg
from coordination.refusals import Refusal
from coordination.stations.events import StationOpened
from coordination.stock.decide import Issue, Release, Reserve
from coordination.stock.events import (
    GoodsIssued,
    LevelsSet,
    ReservationReleased,
    StockMoved,
    StockReserved,
)
from coordination.stock.ledger import Party, Passed
from coordination.stock.lines import OfLot, Wish
from coordination.stock.lots import SetLotStatus
from coordination.stock.receipts import Delivered, Receive
from coordination.stock.returns import ReturnGoods
from coordination.stock.shelf import Shelf
from coordination.stock.slips import slip_stream
from coordination.stock.state import stock_stream
from coordination.stock.writeoffs import Adjust, Scrap
from coordination.transfers.decide import Arrive, CancelTransfer, Ship
from coordination.transfers.events import ShipmentArrived, ShipmentSent
from coordination.transfers.shortfalls import CloseShortfall
from coordination.transfers.state import shipment_stream
from tests.decisions.goods import DAY, HE, LI, MASK, S1, S2, S3, SQUAD, TENT, XU
from tests.given import LONG, NOW, SONGJIANG, by, together

STATIONS, ITEMS, PEOPLE = (S1, S2, S3), ("mask", "tent"), (LI, HE, XU)
LOTS = {"never": 0, "soon": NOW + 10 * DAY, "late": NOW + 20 * DAY,
        "same": NOW + 20 * DAY}  # fmt: skip
"""Each item has lots of these names; when they expire."""
MINIMUM = {(S1, "mask"): 5}
"""What a station keeps for itself when goods are ordered away."""
GOOD = "approved"


class Log:
    """A log that keeps the states it has folded, as the door does."""

    def __init__(self, facts):
        self.by = by()
        self.facts, self.streams, self.states = [], defaultdict(list), {}
        self.store(facts)

    def __call__(self, stream, /):
        key = stream.id, stream.evolve
        if key not in self.states:
            self.states[key] = stream, self.anew(stream)
        return self.states[key][1]

    def last(self, held, /):
        """Return that what is replaced was decided just now, and seen."""
        return (
            Decided(1, NOW, "li") if any(map(self.streams.get, held.streams)) else None
        )

    def told(self, stream, /):
        """Return the facts of a stream; who and when they are does not matter here."""
        return (Told(fact, "li", NOW, NOW) for fact in reversed(self.streams[stream]))

    def anew(self, stream):
        """Return a state folded from the first fact."""
        return reduce(stream.evolve, self.streams[stream.id], stream.initial)

    def store(self, facts):
        """Append facts and let the states follow."""
        for fact in facts:
            self.facts.append(fact)
            self.streams[fact.stream].append(fact)
            for key, (stream, state) in self.states.items():
                if stream.id == fact.stream:
                    self.states[key] = stream, stream.evolve(state, fact)


class Books:
    """The second set of books: who has how much of what, and what it is kept for."""

    def __init__(self):
        self.held = Counter()
        """(station or account, item, lot) -> base units."""
        self.kept = defaultdict(dict)
        """(station, item) -> reservation -> lot -> base units."""
        self.own, self.everywhere, self.expiry = {}, {}, {}
        self.moves = Counter()
        self.slips = {}
        """(station, item) -> a slip that can be corrected."""
        self.issues, self.orders, self.ways, self.counts = {}, {}, {}, {}

    def shift(self, item, lot, quantity, source, to):
        """Move a quantity."""
        self.held[source, item, lot] -= quantity
        self.held[to, item, lot] += quantity
        for station in {source, to} & set(STATIONS):
            self.moves[station, item] += 1

    def here(self, station, item):
        """Return what is on a shelf, by lot."""
        return {
            lot: quantity
            for (where, of, lot), quantity in self.held.items()
            if (where, of) == (station, item) and quantity
        }

    def reserved(self, station, item, lot):
        """Return how much of a lot is kept for anybody."""
        return sum(k.get(lot, 0) for k in self.kept[station, item].values())

    def status(self, station, item, lot, now):
        """Return what a lot is: everywhere, then by the clock, then at the station."""
        said = self.everywhere.get((item, lot), GOOD)
        expires_us = self.expiry.get((item, lot), 0)
        if said == GOOD and expires_us and now >= expires_us:
            said = "expired"
        return self.own.get((station, item, lot), GOOD) if said == GOOD else said

    def free(self, station, item, now, own=(), chosen=""):
        """Return what can be given away by lot, ``own`` being kept for whoever asks."""
        own = dict(own)
        return {
            lot: quantity - self.reserved(station, item, lot) + own.get(lot, 0)
            for lot, quantity in self.here(station, item).items()
            if self.status(station, item, lot, now) == GOOD and chosen in {"", lot}
        }

    def available(self, station, item, now):
        """Return what can be given to anybody."""
        return sum(self.free(station, item, now).values())

    def judge(self, item, picked, asked, free, own=()):
        """Assert that all there is was taken: what was kept, what expires first."""
        assert sum(picked.values()) == min(asked, sum(free.values()))
        assert all(0 < n <= free.get(lot, 0) for lot, n in picked.items())

        def turn(lot):
            return lot not in own, self.expiry[item, lot] or 2**63

        for later in picked:
            for lot in free:
                if turn(lot) < turn(later):
                    assert picked.get(lot, 0) == free[lot], (lot, later)


class Ledger(RuleBasedStateMachine):
    """Three stations, two items, six kinds of lots, three keepers, one clock."""

    def __init__(self):
        super().__init__()
        self.books, self.now, self.given = Books(), NOW, 0
        self.said = Counter()
        self.log = Log([
            ItemListed(item=MASK),
            ItemListed(item=TENT),
            *(StationOpened(station=s, post="") for s in STATIONS),
            *(LevelsSet(station=s, item=i, peace=(n, n, n), war=(n, n, n))
              for (s, i), n in MINIMUM.items()),
        ])  # fmt: skip

    # --- asking -----------------------------------------------------------------------

    def name(self, mark):
        """Return the next id of a kind."""
        self.given += 1
        return f"{mark}-{self.given}"

    def ask(self, command, allowed, who=LI):
        """Give a command; the second set of books says whether it is carried out."""
        self.log.by = who
        try:
            facts = list(together(self.log, command, self.now))
        except Refusal:
            facts = []
        assert bool(facts) is allowed, command
        self.said[type(command).__name__, allowed] += 1
        self.log.store(facts)
        return facts

    def picks(self, facts, reservation, item):
        """Return what was newly kept of an item, by lot."""
        return {
            pick.lot: pick.quantity
            for fact in facts
            if isinstance(fact, StockReserved)
            and (fact.reservation, fact.item) == (reservation, item)
            for pick in fact.picks
        }

    def taken(self, station, item, asked, picked, facts, reservation="", chosen=""):
        """Judge what was taken of an item and let the reservation follow."""
        books = self.books
        own = books.kept[station, item].get(reservation, {})
        free = books.free(station, item, self.now, own, chosen)
        books.judge(item, picked, asked, free, own)
        if reservation not in books.kept[station, item]:
            return
        rest = sum(own.values()) - sum(picked.values())
        del books.kept[station, item][reservation]
        free = books.free(station, item, self.now)
        free = {lot: n - picked.get(lot, 0) for lot, n in free.items()}
        again = self.picks(facts, reservation, item)
        books.judge(item, again, max(rest, 0), free)
        if again:
            books.kept[station, item][reservation] = again

    def took(self, lines, station, to):
        """Move what left the shelves."""
        for one in lines:
            self.books.shift(one.item, one.lot, one.quantity, station, to)

    def gave_way(self, station, item, lot, facts, before):
        """Judge that reservations gave way to what shrank, no further than needed."""
        for fact in facts:
            if isinstance(fact, ReservationReleased):
                assert (fact.station, fact.item) == (station, item)
                kept = self.books.kept[station, item][fact.reservation]
                for pick in fact.picks:
                    assert pick.lot == lot
                    kept[lot] -= pick.quantity
                    assert kept[lot] >= 0
        left = self.books.held[station, item, lot]
        assert self.books.reserved(station, item, lot) == min(before, left)
        self.tidy(station, item)

    def tidy(self, station, item):
        """Forget what is kept of nothing."""
        kept = self.books.kept[station, item]
        for reservation, chosen in list(kept.items()):
            some = {lot: n for lot, n in chosen.items() if n}
            kept[reservation] = some
            if not some:
                del kept[reservation]

    def passed(self, station, item):
        """Return the lots that must be named as bad, with how much and why."""
        found = set()
        for lot, quantity in self.books.here(station, item).items():
            why = self.books.status(station, item, lot, self.now)
            if why != GOOD:
                found.add(Passed(lot, quantity, why))
        return found

    # --- coming in --------------------------------------------------------------------

    stations = st.sampled_from([S1, S1, S1, S2, S2, S3])
    items = st.sampled_from(ITEMS)
    lots = st.sampled_from(list(LOTS))
    amounts = st.integers(1, 20)
    deliveries = st.lists(
        st.tuples(items, lots, st.integers(10, 60)), min_size=1, max_size=3
    )
    some = st.integers(0, 99)
    people = st.sampled_from(PEOPLE)
    wants = st.dictionaries(items, amounts, min_size=1, max_size=2)
    chosen = st.one_of(*[st.just("")] * 5, lots)

    @initialize(first=st.tuples(*[deliveries] * 3))
    def begin(self, first):
        """Something is there."""
        for station, lines in zip(STATIONS, first, strict=True):
            self.receive(station, [("mask", "soon", 30), *lines], given=False)

    def lot_at(self, station, item, n):
        """Return one of the lots that are there, now and then one that is not."""
        here = [lot for lot in self.books.here(station, item) if n % 10]
        return (here or list(LOTS))[n % len(here or LOTS)]

    @rule(station=stations, given=st.booleans(), lines=deliveries)
    def receive(self, station, lines, given):
        """Bought goods are of known lots, given ones of a lot of their own."""
        slip = self.name("r")
        kind = "donation" if given else "purchase"
        books = self.books
        lines = [
            (item, f"{lot}-{slip}" if given else lot, LOTS[lot], quantity)
            for item, lot, quantity in lines
        ]
        facts = self.ask(
            Receive(
                slip=slip, station=station, source=Party(kind, "x"),
                lines=tuple(Delivered(i, q, lot, expires_us=e)
                            for i, lot, e, q in lines),
            ),
            allowed=all(not e or self.now < e for _, _, e, _ in lines),
        )  # fmt: skip
        if facts:
            for item, lot, expires_us, quantity in lines:
                books.expiry[item, lot] = expires_us
                books.shift(item, lot, quantity, kind, station)
                books.slips[station, item] = slip

    # --- kept and given ---------------------------------------------------------------

    @rule(station=stations, wants=wants, whole=st.booleans(), lot=chosen)
    def reserve(self, station, wants, whole, lot):
        """What there is, or all of it."""
        name, books = self.name("v"), self.books
        free = {i: books.free(station, i, self.now, chosen=lot) for i in wants}
        there = {i: sum(found.values()) for i, found in free.items()}
        facts = self.ask(
            Reserve(
                reservation=name, station=station, purpose=SQUAD, whole=whole,
                lines=tuple(Wish(i, q, lot) for i, q in wants.items()),
            ),
            allowed=all(there[i] >= q for i, q in wants.items()) if whole
            else any(there.values()),
        )  # fmt: skip
        for item, asked in wants.items() if facts else ():
            picked = self.picks(facts, name, item)
            books.judge(item, picked, asked, free[item])
            if picked:
                [fact] = [f for f in facts if f.item == item]
                assert fact.asked == asked
                assert self.passed(station, item) <= set(fact.passed)
                books.kept[station, item][name] = picked

    def keeping(self):
        """Return what is kept: (station, reservation, items), oldest first."""
        found = defaultdict(list)
        for (station, item), kept in self.books.kept.items():
            for reservation in kept:
                found[station, reservation].append(item)
        return sorted(found.items())

    @precondition(lambda self: self.keeping())
    @rule(n=some)
    def release(self, n):
        """All that is kept under an id."""
        known = self.keeping()
        (station, name), items = known[n % len(known)]
        facts = self.ask(
            Release(station=station, reservation=name, items=tuple(items)),
            allowed=True,
        )
        for item in items:
            freed = self.books.kept[station, item].pop(name)
            [fact] = [f for f in facts if f.item == item]
            assert {p.lot: p.quantity for p in fact.picks} == freed

    @rule(
        station=stations,
        wants=wants,
        whole=st.booleans(),
        lot=chosen,
        n=st.one_of(st.none(), some),
    )
    def issue(self, station, wants, whole, lot, n):
        """To somebody, out of a reservation or not; never more than there is."""
        slip, books, known = self.name("i"), self.books, self.keeping()
        name = ""
        if n is not None and known:
            (station, name), items = known[n % len(known)]
            wants = {**wants, items[0]: 1 + n % 30}
        kept = {i: books.kept[station, i].get(name, {}) for i in wants}
        there = {
            i: sum(books.free(station, i, self.now, kept[i], lot).values())
            for i in wants
        }
        enough = all(there[i] >= q for i, q in wants.items())
        bad = {(i, over) for i in wants for over in self.passed(station, i)}
        facts = self.ask(
            Issue(
                slip=slip, station=station, to=SQUAD, reservation=name, whole=whole,
                lines=tuple(Wish(i, q, lot) for i, q in wants.items()), reason="r",
            ),
            allowed=enough if whole else any(there.values()),
        )  # fmt: skip
        if not facts:
            return
        [done] = [f for f in facts if isinstance(f, GoodsIssued)]
        assert bad <= set(done.passed)
        for item, asked in wants.items():
            picked = {o.lot: o.quantity for o in done.lines if o.item == item}
            self.taken(station, item, asked, picked, facts if picked else [],
                       name if picked else "", lot)  # fmt: skip
            if picked:  # of what there was none the slip says nothing
                books.slips[station, item] = slip
        self.took(done.lines, station, "used")
        books.issues[slip] = (
            station,
            Counter({(o.item, o.lot): o.quantity for o in done.lines}),
        )

    @precondition(lambda self: self.books.issues)
    @rule(n=some, quantity=amounts, good=st.booleans())
    def give_back(self, n, quantity, good):
        """No more than went out."""
        known = list(self.books.issues.items())
        slip, (station, out) = known[n % len(known)]
        item, lot = sorted(out)[n % len(out)]
        facts = self.ask(
            ReturnGoods(issue=slip, good=good, lines=(OfLot(item, lot, quantity),),
                        recorded=self.log(slip_stream(slip)).back),
            allowed=out[item, lot] >= quantity,
        )  # fmt: skip
        if facts:
            out[item, lot] -= quantity
            to = station if good else "scrap"
            self.books.shift(item, lot, quantity, "used", to)

    # --- what lots become -------------------------------------------------------------

    def shrink(self, command, station, item, lot, change, to, who=XU, *, allowed=True):
        """Give a command that changes a lot on a shelf by so much; tell if it did."""
        books = self.books
        before = books.reserved(station, item, lot)
        enough = books.held[station, item, lot] + change >= 0
        facts = self.ask(command, allowed and enough, who)
        if not facts:
            return False
        if change > 0:
            books.shift(item, lot, change, to, station)
        else:
            books.shift(item, lot, -change, station, to)
        self.gave_way(station, item, lot, facts, before)
        return True

    @rule(station=stations, item=items, n=some, quantity=amounts)
    def scrap(self, station, item, n, quantity):
        """No more than is there; who reserved it gives way."""
        lot = self.lot_at(station, item, n)
        slip = self.name("x")
        command = Scrap(slip=slip, station=station, cause="damaged", reason="r",
                        lines=(OfLot(item, lot, quantity),))  # fmt: skip
        if self.shrink(command, station, item, lot, -quantity, "scrap"):
            self.books.slips[station, item] = slip

    @rule(
        station=stations,
        item=items,
        n=some,
        change=st.integers(-20, 10).filter(bool),
    )
    def adjust(self, station, item, n, change):
        """After a slip of that item, of a lot there is."""
        lot = self.lot_at(station, item, n)
        slip, wrong = self.name("a"), self.books.slips.get((station, item), "none")
        command = Adjust(slip=slip, station=station, item=item, lot=lot,
                         change=change, corrects=wrong, reason="r",
                         recorded=self.log(slip_stream(wrong)).corrected)  # fmt: skip
        known = wrong != "none" and (item, lot) in self.books.expiry
        if self.shrink(command, station, item, lot, change, "variance", allowed=known):
            self.books.slips[station, item] = slip

    @rule(
        station=stations,
        item=items,
        n=some,
        status=st.sampled_from([*[GOOD] * 4, "on-hold", "quarantined", "damaged"]),
    )
    def judge_lot(self, station, item, n, status):
        """What a lot is at one station."""
        lot = self.lot_at(station, item, n)
        books, key = self.books, (station, item, lot)
        was = books.own.get(key, GOOD)
        there = books.held[key] or was != GOOD
        command = SetLotStatus(station=station, item=item, lot=lot, status=status,
                               reason="r")  # fmt: skip
        if self.ask(command, allowed=bool(there and was != status)):
            books.own[key] = status

    @rule(item=items, n=some, status=st.sampled_from([*[GOOD] * 3, "recalled"]))
    def recall(self, item, n, status):
        """What a lot is everywhere."""
        lot = self.lot_at(S1, item, n)
        books, key = self.books, (item, lot)
        known = key in books.expiry and books.everywhere.get(key, GOOD) != status
        command = SetLotStatus(item=item, lot=lot, status=status, reason="r")
        if self.ask(command, allowed=known):
            books.everywhere[key] = status

    @rule(days=st.sampled_from([0, 1, 5, 9]))
    def later(self, days):
        """Time goes by, and lots expire."""
        self.now += days * DAY + 1

    # --- from station to station ------------------------------------------------------

    def sent(self, facts, slip, source, to, wants, reservation="", chosen="", who=LI):
        """Judge what left for another station and put it on the way."""
        [done] = [f for f in facts if isinstance(f, ShipmentSent)]
        assert done.by == who.actor.account
        for item, asked in wants.items():
            picked = {o.lot: o.quantity for o in done.lines if o.item == item}
            self.taken(source, item, asked, picked, facts, reservation, chosen)
        self.took(done.lines, source, "transit")
        self.books.ways[slip] = {
            "source": source, "to": to, "complete": False,
            "hands": {who.actor.account},
            "left": Counter({(o.item, o.lot): o.quantity for o in done.lines}),
        }  # fmt: skip

    @rule(source=stations, to=stations, wants=wants, lot=chosen, who=people)
    def ship(self, source, to, wants, lot, who):
        """As a keeper decides."""
        slip, books = self.name("s"), self.books
        enough = all(
            sum(books.free(source, i, self.now, chosen=lot).values()) >= q
            for i, q in wants.items()
        )
        lines = tuple(Wish(i, q, lot) for i, q in wants.items())
        command = Ship(slip=slip, station=source, to=to, lines=lines, reason="r")
        facts = self.ask(command, allowed=enough and source != to, who=who)
        if facts:
            self.sent(facts, slip, source, to, wants, "", lot, who)

    @rule(
        legs=st.lists(
            st.tuples(stations, stations, items, amounts),
            min_size=1,
            max_size=2,
            unique_by=lambda leg: leg[:3],
        )
    )
    def order(self, legs):
        """All legs or none; no giver goes below its minimum."""
        books = self.books
        made = self.name("w")
        slips = {leg[:2]: id_of("t", f"{made}:{leg[0]}>{leg[1]}:0") for leg in legs}
        asked = Counter()
        for source, _, item, quantity in legs:
            asked[source, item] += quantity
        spare = all(
            books.available(s, i, self.now) - MINIMUM.get((s, i), 0) >= q
            for (s, i), q in asked.items()
        )
        facts = self.ask(
            ApproveReallocation(
                reallocation=made, area=SONGJIANG, digest="d", reason="r",
                legs=tuple(Leg(*leg) for leg in legs),
            ),
            allowed=spare and all(source != to for source, to, *_ in legs),
            who=by(made, LI.actor),
        )  # fmt: skip
        for source, to, item, quantity in legs if facts else ():
            slip = slips[source, to]
            picked = self.picks(facts, slip, item)
            books.judge(item, picked, quantity, books.free(source, item, self.now))
            books.kept[source, item][slip] = picked
            order = books.orders.setdefault(slip, (source, to, {}))
            order[2][item] = quantity

    def dropped(self, slip, source, items):
        """Nothing is kept for an order any more."""
        for item in items:
            self.books.kept[source, item].pop(slip, None)

    @precondition(lambda self: self.books.orders)
    @rule(n=some)
    def cancel(self, n):
        """An order that was not sent."""
        slip = list(self.books.orders)[n % len(self.books.orders)]
        source, _, wants = self.books.orders.pop(slip)
        command = CancelTransfer(slip=slip, reason="r")
        self.ask(command, allowed=True)
        self.dropped(slip, source, wants)
        self.ask(command, allowed=False)

    @precondition(lambda self: self.books.orders)
    @rule(n=some, quantity=amounts, who=people)
    def ship_ordered(self, n, quantity, who):
        """One item of an order, no more than ordered; the rest is free again."""
        books = self.books
        slip = list(books.orders)[n % len(books.orders)]
        source, to, ordered = books.orders[slip]
        item = sorted(ordered)[n % len(ordered)]
        own = books.kept[source, item].get(slip, {})
        there = sum(books.free(source, item, self.now, own).values())
        command = Ship(slip=slip, station=source, to=to, lines=(Wish(item, quantity),))
        allowed = quantity <= min(ordered[item], there)
        facts = self.ask(command, allowed=allowed, who=who)
        if facts:
            self.sent(facts, slip, source, to, {item: quantity}, slip, "", who)
            del books.orders[slip]
            self.dropped(slip, source, ordered)

    def way(self, n):
        """Return a shipment of which something is not accounted for, else any."""
        known = list(self.books.ways.items())
        some = [(s, w) for s, w in known if any(w["left"].values())] or known
        return some[n % len(some)]

    @precondition(lambda self: self.books.ways)
    @rule(
        n=some,
        most=st.sampled_from([0, 1, 3, 99, 99, 99]),
        complete=st.booleans(),
        more=st.sampled_from([0, 0, 0, 1]),
        who=people,
    )
    def arrive(self, n, most, complete, more, who):
        """All, a part, nothing, or more than was sent."""
        slip, way = self.way(n)
        left, to = way["left"], way["to"]
        lines = {key: min(q, most) + more for key, q in left.items()}
        lines = {key: q for key, q in lines.items() if q}
        fits = all(q <= left[key] for key, q in lines.items())
        news = complete and not way["complete"]  # that nothing more comes is said once
        facts = self.ask(
            Arrive(slip=slip, complete=complete,
                   recorded=self.log(shipment_stream(slip)).arrived,
                   lines=tuple(OfLot(*key, q) for key, q in lines.items())),
            allowed=any(left.values()) and fits and bool(lines or news),
            who=who,
        )  # fmt: skip
        if not facts:
            return
        for (item, lot), quantity in lines.items():
            self.books.shift(item, lot, quantity, "transit", to)
            left[item, lot] -= quantity
        [done] = [f for f in facts if isinstance(f, ShipmentArrived)]
        assert done.left == sum(left.values())
        way["complete"] |= complete
        way["hands"].add(who.actor.account)

    @precondition(lambda self: self.books.ways)
    @rule(
        n=some,
        quantity=st.integers(1, 5),
        who=people,
        cause=st.sampled_from(["lost", "damaged", "not-loaded"]),
    )
    def close_shortfall(self, n, quantity, who, cause):
        """By whoever neither sent nor unloaded it, once it is all unloaded."""
        slip, way = self.way(n)
        left = way["left"]
        item, lot = sorted(left)[n % len(left)]
        stranger = who.actor.account not in way["hands"]
        facts = self.ask(
            CloseShortfall(slip=slip, cause=cause, owner="o", reason="r",
                           recorded=self.log(shipment_stream(slip)).closed,
                           lines=(OfLot(item, lot, quantity),)),
            allowed=way["complete"] and stranger and left[item, lot] >= quantity,
            who=who,
        )  # fmt: skip
        if facts:
            into = {"lost": "lost", "damaged": "scrap", "not-loaded": way["source"]}
            left[item, lot] -= quantity
            self.books.shift(item, lot, quantity, "transit", into[cause])

    # --- counted ----------------------------------------------------------------------

    def take_sheet(self, count):
        """Remember how often each item has moved when the sheet is taken."""
        count["moves"] = {i: self.books.moves[count["station"], i] for i in ITEMS}

    @precondition(lambda self: len(self.books.counts) < 2)
    @rule(station=stations)
    def open_count(self, station):
        """Of all that is there."""
        here = [(i, lot) for i in ITEMS for lot in self.books.here(station, i)]
        slip = self.name("c")
        sheet = tuple(OnSheet(*key) for key in here)
        command = OpenCount(slip=slip, station=station, sheet=sheet)
        if self.ask(command, allowed=bool(here)):
            count = {"station": station, "lines": dict.fromkeys(here), "done": set()}
            self.take_sheet(count)
            self.books.counts[slip] = count

    def counting(self, n):
        """Return a count and one of its lots."""
        slip, count = list(self.books.counts.items())[n % len(self.books.counts)]
        lines = [k for k in count["lines"] if k not in count["done"] and n % 10]
        lines = lines or list(count["lines"])
        return slip, count, lines[n % len(lines)]

    @precondition(lambda self: self.books.counts)
    @rule(
        n=some,
        who=people,
        wrong=st.sampled_from([0, 0, 1, -1, -3, -9]),
        anew=st.booleans(),
    )
    def count(self, n, who, wrong, anew):
        """What is found of a lot; somebody may have moved it meanwhile."""
        slip, count, key = self.counting(n)
        station, (item, lot), last = count["station"], key, count["lines"][key]
        if anew:
            self.take_sheet(count)
        book = self.books.held[station, item, lot]
        found, account = max(0, book + wrong), who.actor.account
        moved = self.books.moves[station, item] - count["moves"][item]
        first = last["first"] if last else ""
        over = key in count["done"] or (last and last["result"] == "same")
        line = Counted(item, lot, found, count["moves"][item])
        facts = self.ask(
            RecordCounts(slip=slip, lines=(line,)),
            allowed=not over and (not first or first != account),
            who=who,
        )
        if not facts:
            return
        [fact] = facts
        assert isinstance(fact, LotCounted)
        same = "confirmed" if first else "differs"
        result = "disturbed" if moved else "same" if found == book else same
        assert (fact.result, fact.book, fact.moved) == (result, book, moved)
        count["lines"][key] = {
            "result": result, "by": account, "change": found - book,
            "first": first or (account if result == "differs" else ""),
        }  # fmt: skip

    @precondition(lambda self: self.books.counts)
    @rule(n=some, who=people)
    def settle(self, n, who):
        """By a third person, once two have found it."""
        slip, count, key = self.counting(n)
        station, (item, lot), last = count["station"], key, count["lines"][key]
        twice = bool(last) and last["result"] == "confirmed"
        apart = twice and who.actor.account not in {last["by"], last["first"]}
        change = last["change"] if twice else -1
        command = SettleVariance(slip=slip, item=item, lot=lot, cause="lost",
                                 reason="r")  # fmt: skip
        if self.shrink(command, station, item, lot, change, "variance", who,
                       allowed=apart and key not in count["done"]):  # fmt: skip
            count["done"].add(key)

    @precondition(lambda self: self.books.counts)
    @rule(n=some)
    def close_count(self, n):
        """When every lot was the same or is settled."""
        slip, count, _ = self.counting(n)
        over = all(
            key in count["done"] or (last and last["result"] == "same")
            for key, last in count["lines"].items()
        )
        command = CloseCount(slip=slip)
        if self.ask(command, allowed=over):
            del self.books.counts[slip]

    @precondition(lambda self: self.books.counts)
    @rule(n=some, wrong=st.sampled_from([-3, -1, 2]), anew=st.booleans())
    def count_through(self, n, wrong, anew):
        """The same lot by two keepers, settled by the third."""
        self.count(n, LI, wrong, anew)
        self.count(n, HE, wrong, anew)
        self.settle(n, XU)
        self.close_count(n)

    @precondition(lambda self: self.books.ways)
    @rule(n=some, cause=st.sampled_from(["lost", "damaged", "not-loaded"]))
    def come_up_short(self, n, cause):
        """A shipment of which not all arrives, and what becomes of the rest."""
        self.arrive(n, 3, complete=True, more=0, who=HE)
        self.close_shortfall(n, 1, XU, cause)

    # --- what must hold ---------------------------------------------------------------

    @invariant()
    def both_books_say_the_same(self):
        """Of every lot at every station, and of all that is kept."""
        for station in STATIONS:
            for item in ITEMS:
                stock = self.log(stock_stream(station, item))
                there = {lot: h.on_hand for lot, h in stock.lots.items() if h.on_hand}
                assert there == self.books.here(station, item)
                assert all(0 <= h.reserved <= h.on_hand for h in stock.lots.values())
                for lot, held in stock.lots.items():
                    assert held.reserved == self.books.reserved(station, item, lot)
                kept = {v: dict(r.picks) for v, r in stock.reservations.items()}
                assert kept == self.books.kept[station, item]
                assert stock.moves == self.books.moves[station, item]
                shelf = Shelf(self.log, station, item, self.now, [])
                assert shelf.available() == self.books.available(
                    station, item, self.now
                )

    @invariant()
    def not_a_unit_is_lost_or_made(self):
        """Of each lot all accounts sum to nothing; no account of goods is below it."""
        accounts, sums = Counter(), Counter()
        for fact in self.log.facts:
            if isinstance(fact, StockMoved):
                assert fact.quantity > 0
                of = fact.item, fact.lot
                for account, change in (
                    (fact.source, -fact.quantity),
                    (fact.destination, fact.quantity),
                ):
                    where = fact.station if account == "shelf" else account
                    accounts[where, *of] += change
                    sums[of] += change
        assert not any(sums.values())
        assert +accounts == +self.books.held
        assert -accounts == -self.books.held
        owing = {"purchase", "donation", "variance"}
        assert {where for (where, *_), n in accounts.items() if n < 0} <= owing

    @invariant()
    def what_is_on_the_way_is_somebody_s(self):
        """All of it belongs to a shipment, and each knows what is missing of it."""
        total = Counter()
        for slip, way in self.books.ways.items():
            known = self.log(shipment_stream(slip))
            assert dict(known.missing) == dict(+way["left"])
            assert known.complete == way["complete"]
            total += way["left"]
        transit = {
            (item, lot): n
            for (where, item, lot), n in self.books.held.items()
            if where == "transit" and n
        }
        assert total == transit

    @invariant()
    def what_is_kept_in_mind_is_what_the_log_says(self):
        """No decision, carried out or refused, has changed a state in passing."""
        for stream, state in self.log.states.values():
            assert state == self.log.anew(stream)


def test_two_sets_of_books_agree_whatever_is_done():
    """Rule 7: to the unit, never below zero, never more promised than is there."""
    examples, steps = (200, 50) if LONG else (25, 30)
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None
        ),
    )


def test_those_books_know_every_way_goods_go():
    """What the property looks at does happen: each command is carried out in it."""
    day = Ledger()
    day.receive(S1, [("mask", "soon", 30), ("mask", "late", 30)], given=False)
    day.receive(S1, [("tent", "never", 20)], given=True)
    day.reserve(S1, {"mask": 40}, whole=False, lot="")
    day.issue(S1, {"mask": 1}, whole=True, lot="", n=0)  # a part of what is kept
    day.give_back(0, 1, good=True)
    day.scrap(S1, "mask", 1, 20)  # some of it kept: it gives way
    day.adjust(S1, "mask", 1, -3)
    day.judge_lot(S1, "tent", 1, "on-hold")
    day.judge_lot(S1, "tent", 1, GOOD)
    day.recall("mask", 2, "recalled")
    day.recall("mask", 2, GOOD)
    day.order([(S1, S2, "tent", 9), (S1, S3, "tent", 9)])
    day.ship_ordered(0, 8, LI)
    day.cancel(0)
    day.come_up_short(0, "not-loaded")
    day.ship(S1, S3, {"mask": 2}, "", LI)
    day.release(0)
    day.open_count(S2)
    day.count_through(1, -2, anew=True)
    done = {name for name, allowed in day.said if allowed}
    assert done == {
        command.__name__
        for command in (
            Receive, Reserve, Issue, ReturnGoods, Scrap, Adjust, SetLotStatus,
            ApproveReallocation, Ship, CancelTransfer, Arrive,
            CloseShortfall, Release, OpenCount, RecordCounts, SettleVariance,
            CloseCount,
        )
    }  # fmt: skip
    day.both_books_say_the_same()
    day.not_a_unit_is_lost_or_made()
    day.what_is_on_the_way_is_somebody_s()
    day.what_is_kept_in_mind_is_what_the_log_says()
