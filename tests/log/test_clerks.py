"""Thirty-two clerks at one station, all at once, on both databases: by count."""

import asyncio
import contextlib
from collections import Counter, defaultdict

import msgspec
import pytest

from coordination.areas.decide import RegisterGround
from coordination.folding import Reader
from coordination.items.decide import ImportItems, ItemRow
from coordination.log import Receipt
from coordination.provenance import Actor
from coordination.stations.decide import OpenStation
from coordination.stock.decide import Issue, Release, Reserve, UnknownReservation
from coordination.stock.events import ReservationReleased, StockMoved, StockReserved
from coordination.stock.ledger import Party
from coordination.stock.lines import StockShort, Wish
from coordination.stock.receipts import Delivered, Receive
from coordination.stock.state import stock_stream
from tests.decisions.goods import DAY, MASK, SOLD, SQUAD
from tests.given import (
    ADMINISTRATOR,
    COMMUNITY_11,
    IMPORT,
    LONG,
    NOW,
    STATED,
    STREET_1,
    STREET_STAFF,
    all_rows,
    another_door,
    answer,
    by,
    door,
    envelope_of,
    event_of,
    grounds,
    site,
)

CLERKS = 32
EACH = {1: 220, 2: 47 if LONG else 10}
"""Doors, as many processes have: how many commands each clerk gives through them."""
MOVES = 5_000
"""Movements through one door, at least."""
ITEMS = [f"mask-{n}" for n in range(8)]
STATION = site(1).site
KEEPERS = [
    Actor(f"clerk-{n}", "station-keeper", COMMUNITY_11.path) for n in range(CLERKS)
]
OWN = {*STATED, *(keeper.account for keeper in KEEPERS)}


async def make_ready(handler, items, first, sooner):
    """Open a station with some of each item: of a lot, and of one that expires."""
    rows = (
        ItemRow(n, msgspec.structs.replace(MASK, code=code))
        for n, code in enumerate(items, 2)
    )
    lines = [Delivered(item, first, "a") for item in items]
    if sooner:
        lines += [
            Delivered(item, sooner, "b", expires_us=NOW + 9 * DAY) for item in items
        ]
    commands = [
        (IMPORT, ADMINISTRATOR),
        (RegisterGround(street=STREET_1.code, sites=(grounds(site(1)),)),
         ADMINISTRATOR),
        (ImportItems(rows=tuple(rows)), ADMINISTRATOR),
        (OpenStation(station=STATION), STREET_STAFF),
        (Receive(slip="r-0", station=STATION, source=SOLD, lines=tuple(lines)),
         STREET_STAFF),
    ]  # fmt: skip
    for number, (command, who) in enumerate(commands):
        await handler.handle(command, by(f"begin-{number}", who), NOW)


@contextlib.contextmanager
def doors_of(where, number):
    """Open doors on one log, on PostgreSQL as that many processes would."""
    with contextlib.ExitStack() as opened:
        doors = [opened.enter_context(door(where, own=OWN))]
        for seed in "bcd"[: number - 1]:
            if isinstance(where, str):
                doors.append(opened.enter_context(door(where, seed=seed, own=OWN)))
            else:
                doors.append(another_door(doors[0].log, seed=seed, own=OWN))
        yield doors


def wish(clerk, number):
    """Return what a clerk asks for next, mixed but the same in every run."""
    mixed = (clerk * 7_919 + number * 104_729 + 13) % 65_537
    item, other = ITEMS[mixed % 8], ITEMS[mixed // 8 % 8]
    quantity, name = 1 + mixed % 3, f"{clerk}-{number}"
    here = {"station": STATION}
    lines = tuple(Wish(i, quantity) for i in dict.fromkeys((item, other)))
    kept = f"v-{clerk}-{number // 8}"
    match mixed % 20:
        case 0 | 1 | 2 | 3 | 4 | 5:
            more = Delivered(item, quantity, "a")
            return Receive(slip=f"r-{name}", **here, source=SOLD, lines=(more,))
        case 6 if number % 4 == 0:
            gift = Delivered(item, quantity, f"gift-{name}")
            party = Party("donation", "某某公司")
            return Receive(slip=f"r-{name}", **here, source=party, lines=(gift,))
        case 7 | 8:
            return Reserve(reservation=kept, **here, purpose=SQUAD, lines=lines[:1])
        case 9:
            return Release(reservation=kept, **here, items=(item,))
        case 10:
            said = {"to": SQUAD, "lines": lines[:1], "reservation": kept}
            return Issue(slip=f"i-{name}", **here, **said)
        case 11 | 12:
            return Issue(slip=f"i-{name}", **here, to=SQUAD, lines=lines)
        case _:
            return Issue(slip=f"i-{name}", **here, to=SQUAD, lines=lines[:1])


def check_shelves(facts):
    """Assert rule 7 after each fact of a log; return what there is in the end."""
    there, kept, moves = Counter(), Counter(), 0
    for fact in facts:
        if isinstance(fact, StockMoved):
            moves += 1
            change = fact.quantity if fact.destination == "shelf" else -fact.quantity
            there[fact.item, fact.lot] += change
            touched = [fact.lot]
        elif isinstance(fact, StockReserved | ReservationReleased):
            sign = 1 if isinstance(fact, StockReserved) else -1
            for pick in fact.picks:
                kept[fact.item, pick.lot] += sign * pick.quantity
            touched = [pick.lot for pick in fact.picks]
        else:
            continue
        lots = [(fact.item, lot) for lot in touched]
        assert all(0 <= kept[key] <= there[key] for key in lots), fact
    return there, kept, moves


@pytest.mark.parametrize("number_of_doors", EACH)
def test_thirty_two_clerks_sell_nothing_twice_and_lose_nothing(where, number_of_doors):
    """What was answered yes stands in the log, once; what was refused does not."""
    told, each = {}, EACH[number_of_doors]

    async def serve(doors, clerk):
        for number in range(each):
            command, name = wish(clerk, number), f"c-{clerk}-{number}"
            handler = doors[(clerk + number) % len(doors)]
            said = await answer(handler, command, by(name, KEEPERS[clerk]))
            told[name] = command, said

    async def all_serve(doors):
        await make_ready(doors[0], ITEMS, each, each // 2)
        await asyncio.gather(*(serve(doors, clerk) for clerk in range(CLERKS)))

    with doors_of(where, number_of_doors) as doors:
        asyncio.run(all_serve(doors))
        rows = all_rows(doors[0].log)
        read = Reader(another_door(doors[0].log, own=OWN).states)
        stocks = {item: read(stock_stream(STATION, item)) for item in ITEMS}

    yes = {name: said for name, (_, said) in told.items() if isinstance(said, Receipt)}
    no = [said for _, said in told.values() if not isinstance(said, Receipt)]
    assert {type(refusal) for refusal in no} == {StockShort, UnknownReservation}
    assert len(yes) + len(no) == CLERKS * each
    check_receipts(rows, yes)
    there, kept, moves = check_shelves(map(event_of, rows))
    assert moves > (MOVES if each == EACH[1] else CLERKS * each // 2)
    carried = [command for name, (command, _) in told.items() if name in yes]
    check_sums(there, carried, each + each // 2)
    for item, stock in stocks.items():
        assert {lot: held.on_hand for lot, held in stock.lots.items()} == {
            lot: n for (of, lot), n in there.items() if of == item and n
        }
        assert {lot: held.reserved for lot, held in stock.lots.items()} == {
            lot: kept[item, lot] for lot in stock.lots
        }


def check_receipts(rows, yes):
    """Assert that each receipt's range holds its command's facts, and nobody else's."""
    commands = defaultdict(list)
    for row in rows:
        commands[envelope_of(row).command].append(row.seq)
    begun = {name for name in commands if name.startswith("begin-")}
    assert set(commands) == begun | set(yes)
    for name, receipt in yes.items():
        assert commands[name] == list(range(receipt.first_seq, receipt.seq + 1))
    numbers = [f.number for f in map(event_of, rows) if getattr(f, "number", 0)]
    gifts = numbers[::2]  # on the slip, and in the station's own stream
    assert gifts == list(range(1, len(gifts) + 1))


def check_sums(there, carried, before):
    """Assert that what is there is what came less what was given."""
    sums = Counter(dict.fromkeys(ITEMS, before))
    for command in carried:
        if isinstance(command, Receive | Issue):
            sign = 1 if isinstance(command, Receive) else -1
            for line in command.lines:
                sums[line.item] += sign * line.quantity
    found = Counter()
    for (item, _), quantity in there.items():
        found[item] += quantity
    assert +found == +sums
    assert all(left >= 0 for left in sums.values())


@pytest.mark.parametrize("boxes", [1, 5])
def test_two_clerks_and_the_last_box(where, boxes):
    """Thirty-two ask for one each: as many are served as there are, the rest told."""

    async def both(doors):
        await make_ready(doors[0], ITEMS[:1], boxes, 0)
        last = (
            Issue(slip=f"i-{n}", station=STATION, to=SQUAD, lines=(Wish(ITEMS[0], 1),))
            for n in range(CLERKS)
        )
        return await asyncio.gather(
            *(
                answer(doors[n % 2], command, by(f"c-{n}", KEEPERS[n]))
                for n, command in enumerate(last)
            )
        )

    with doors_of(where, 2) as doors:
        answers = asyncio.run(both(doors))
        there, *_ = check_shelves(map(event_of, all_rows(doors[0].log)))
    told = [said for said in answers if not isinstance(said, Receipt)]
    assert len(told) == CLERKS - boxes
    for refusal in told:
        assert type(refusal) is StockShort
        assert (refusal.facts["available"], refusal.facts["asked"]) == (0, 1)
    assert not +there
