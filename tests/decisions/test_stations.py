import msgspec
import pytest

from coordination.areas.events import PopulationStated
from coordination.areas.population import (
    RESIDENTS_MAX,
    PopulationRefused,
    PopulationUnchanged,
    Residents,
    StatePopulation,
    residents_stream,
    state_population,
)
from coordination.areas.population import ROWS_MAX as RESIDENTS_ROWS_MAX
from coordination.areas.state import area_stream, evolve_area
from coordination.counts.events import SAME, CountClosed, CountOpened, Lot, LotCounted
from coordination.items.state import UnknownItem
from coordination.posts.state import UnknownPost
from coordination.stations.decide import (
    PLACE_CHARS,
    KeptAlready,
    NotAKeeper,
    NotCounted,
    OpenStation,
    SamePlace,
    SetPlace,
    StationOpen,
    TakeCustody,
    UnknownGround,
    open_station,
    set_place,
    take_custody,
)
from coordination.stations.events import CustodyTaken, ShortagesNoted, StationOpened
from coordination.stations.levels import (
    ROWS_MAX,
    LevelRow,
    LevelsUnchanged,
    NoteShortages,
    NothingShort,
    SetLevels,
    note_shortages,
    set_levels,
)
from coordination.stations.state import (
    Station,
    UnknownStation,
    evolve_station,
    station_stream,
)
from coordination.stock.events import LevelsSet, PlaceSet
from coordination.stock.lines import QUANTITY_MAX, StockRefused
from coordination.stock.state import stock_stream
from tests.decisions.goods import (
    DAY,
    HE,
    LI,
    S1,
    S2,
    STORE,
    faults,
    freed,
    kept,
    moved,
    shelved,
    status,
)
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    FLOOD_PLAN,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    check,
    declared,
    ended,
    fold,
    seat,
    seated,
    site,
    table,
)

NOWHERE = f"{COMMUNITY_11.path}-s9"
SITE = site(1)
KEEPER = seat("station-keeper", COMMUNITY_11)
NEXT = seat("station-keeper", COMMUNITY_12)
OF_STREET = seat("station-keeper", STREET_1)
HEAD = seat("second-secretary", COMMUNITY_11)
GROUND = [SITE, *map(seated, (KEEPER, NEXT, OF_STREET, HEAD))]


# --- 启用 -----------------------------------------------------------------------------


def opens(post="", station=S1):
    """Return that a site is to hold stock."""
    return OpenStation(station=station, post=post)


def opened(post="", station=S1):
    """Return that it does."""
    return StationOpened(station=station, post=post)


@table(
    ("without a keeper's post", GROUND, opens(), [opened()]),
    ("kept by a post of its community", GROUND, opens(KEEPER.post),
     [opened(KEEPER.post)]),
    ("kept by a post of its street", GROUND, opens(OF_STREET.post),
     [opened(OF_STREET.post)]),
    ("another post keeps it", [*GROUND, opened(KEEPER.post)], opens(OF_STREET.post),
     [opened(OF_STREET.post)]),
    ("no post keeps it any more", [*GROUND, opened(KEEPER.post)], opens(),
     [opened()]),
    ("nothing changes", [*GROUND, opened(KEEPER.post)], opens(KEEPER.post),
     StationOpen(station=S1)),
    ("open already, without a post", [*GROUND, opened()], opens(), StationOpen),
    ("no such site", GROUND, opens(station=NOWHERE), UnknownGround(site=NOWHERE)),
    ("no such post", GROUND, opens("p-1"), UnknownPost),
    ("another kind of post", GROUND, opens(HEAD.post), NotAKeeper(post=HEAD.post)),
    ("a keeper of another community", GROUND, opens(NEXT.post), NotAKeeper),
)  # fmt: skip
def test_a_site_holds_stock_from_now_on(given, when, then):
    """Kept by a post of the place, or by none yet."""
    check(open_station, given, when, then)


# --- 定额、库位 -----------------------------------------------------------------------

LOW, HIGH, NONE = (10, 20, 30), (100, 200, 300), (0, 0, 0)


def levels(*rows, station=S1):
    """Return the levels to set; a row: (item, peace, war)."""
    return SetLevels(station=station, rows=tuple(LevelRow(*row) for row in rows))


def leveled(item="mask", peace=LOW, war=HIGH, station=S1):
    """Return that they are set."""
    return LevelsSet(station=station, item=item, peace=peace, war=war)


EDGE = (QUANTITY_MAX,) * 3


@table(
    ("of two items", STORE, levels(("mask", LOW, HIGH), ("tent", NONE, LOW)),
     [leveled(), leveled("tent", NONE, LOW)]),
    ("changed in one mode", [*STORE, leveled()], levels(("mask", LOW, EDGE)),
     [leveled(war=EDGE)]),
    ("one of two is so already", [*STORE, leveled()],
     levels(("mask", LOW, HIGH), ("tent", LOW, LOW)), [leveled("tent", LOW, LOW)]),
    ("taken away", [*STORE, leveled()], levels(("mask", NONE, NONE)),
     [leveled(peace=NONE, war=NONE)]),
    ("nothing changes", [*STORE, leveled()], levels(("mask", LOW, HIGH)),
     LevelsUnchanged),
    ("none were set and none are", STORE, levels(("mask", NONE, NONE)),
     LevelsUnchanged),
    ("one wrong row refuses all", STORE,
     levels(("mask", LOW, HIGH), ("hat", LOW, HIGH)), StockRefused),
    ("no rows", STORE, levels(), StockRefused),
    ("no station", STORE, levels(("mask", LOW, HIGH), station=NOWHERE),
     UnknownStation),
)  # fmt: skip
def test_levels_are_set_for_each_mode(given, when, then):
    """Minimum, reorder, target; all rows or none."""
    check(set_levels, given, when, then)


@pytest.mark.parametrize(
    ("rows", "then"),
    [
        pytest.param([("hat", LOW, HIGH)], [(1, "item")], id="not in the catalogue"),
        pytest.param([("mask", LOW, HIGH), ("mask", LOW, LOW)], [(2, "item")],
                     id="an item twice"),
        pytest.param([("mask", (5, 4, 6), HIGH)], [(1, "peace")],
                     id="reorder below the minimum"),
        pytest.param([("mask", LOW, (5, 6, 5))], [(1, "war")],
                     id="target below reorder"),
        pytest.param([("mask", (-1, 0, 0), (0, 0, QUANTITY_MAX + 1))],
                     [(1, "peace"), (1, "war")], id="less than nothing, too much"),
        pytest.param([], [(0, "rows")], id="none"),
        pytest.param([(f"i{n}", LOW, LOW) for n in range(ROWS_MAX + 1)], None,
                     id="too many"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_levels_is_named(rows, then):
    """By row and field."""
    found = faults(set_levels, STORE, levels(*rows))
    assert found == then if then else (0, "rows") in found


def stands(place, item="mask", station=S1):
    """Return where an item is to stand."""
    return SetPlace(station=station, item=item, place=place)


PLACED = PlaceSet(station=S1, item="mask", place="A-01")
FAR = "位" * PLACE_CHARS


@table(
    ("for the first time", STORE, stands("A-01"), [PLACED]),
    ("elsewhere, by the longest name", [*STORE, PLACED], stands(FAR),
     [msgspec.structs.replace(PLACED, place=FAR)]),
    ("nowhere in particular", [*STORE, PLACED], stands(""),
     [msgspec.structs.replace(PLACED, place="")]),
    ("where it stands", [*STORE, PLACED], stands("A-01"), SamePlace(most=PLACE_CHARS)),
    ("by too long a name", STORE, stands(FAR + "位"), SamePlace),
    ("no such item", STORE, stands("A-01", "hat"), UnknownItem(item="hat")),
    ("no station", STORE, stands("A-01", station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_an_item_has_its_place_at_a_station(given, when, then):
    """And at each station its own."""
    check(set_place, given, when, then)


# --- 专人交接 -------------------------------------------------------------------------


def counted(count="c-1", *who, station=S1):
    """Return a closed count of a station in which somebody took part."""
    return [
        CountOpened(slip=count, station=station, sheet=(Lot("mask", "a"),)),
        *(
            LotCounted(
                slip=count, station=station, item="mask", lot="a", counted=1, book=1,
                by=one.actor.account, result=SAME,
            )
            for one in who
        ),
        CountClosed(slip=count, station=station, lots=1, variances=0),
    ]  # fmt: skip


def taken(who, before="", count="c-1"):
    """Return that somebody answers for a station."""
    return CustodyTaken(
        station=S1, keeper=who.actor.account, before=before, count=count
    )


def takes(count="c-1", station=S1):
    """Return that somebody wants to."""
    return TakeCustody(station=station, count=count)


BY_LI, BY_BOTH = counted("c-1", LI), counted("c-1", HE, LI)
THEN_HE = [*BY_BOTH, taken(HE), *counted("c-2", LI, HE)]


@table(
    ("the first keeper", [*STORE, *BY_LI], takes(), [taken(LI)]),
    ("from another, both having counted", [*STORE, *BY_BOTH, taken(HE, count="c-0")],
     takes(), [taken(LI, "he")]),
    ("with a new count", [*STORE, *THEN_HE], takes("c-2"), [taken(LI, "he", "c-2")]),
    ("with the count it was handed over by before", [*STORE, *BY_BOTH, taken(HE)],
     takes(), NotCounted(count="c-1")),
    ("with a count that was used before the last",
     [*STORE, *BY_BOTH, taken(LI), *counted("c-2", HE), taken(HE, "li", "c-2")],
     takes(), NotCounted),
    ("they keep it already", [*STORE, *BY_LI, taken(LI, count="c-0")], takes(),
     KeptAlready(station=S1)),
    ("the count is not closed", [*STORE, *BY_LI[:-1]], takes(), NotCounted),
    ("they took no part in it", [*STORE, *counted("c-1", HE)], takes(), NotCounted),
    ("it was another station's", [*STORE, *counted("c-1", LI, station=S2)], takes(),
     NotCounted),
    ("no such count", STORE, takes(), NotCounted),
    ("no station", BY_LI, takes(station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_a_station_is_handed_over_with_a_count(given, when, then):
    """By whoever takes it, who took part in the count; each count serves once."""
    check(take_custody, given, when, then, who=LI)


# --- 短缺 -----------------------------------------------------------------------------

WAR = [FLOOD_PLAN, declared("e1", COMMUNITY_11)]
NEXT_DOOR = [FLOOD_PLAN, declared("e1", COMMUNITY_12)]
LEVELS = [*STORE, leveled(), leveled("tent", NONE, NONE)]
TEN = [*LEVELS, *shelved("a", 10, 10)]


def notes(*items, station=S1):
    """Return what the tick found."""
    return NoteShortages(station=station, items=items)


def noted(*items, war=False):
    """Return what is below its minimum."""
    return ShortagesNoted(station=S1, items=items, war=war)


@table(
    ("below the minimum", [*LEVELS, *shelved("a", 9)], notes("mask"),
     [noted("mask")]),
    ("none at all", LEVELS, notes("mask", "tent"), [noted("mask")]),
    ("what is reserved is not there", [*TEN, kept("v-1", {"a": 1})], notes("mask"),
     [noted("mask")]),
    ("what is on hold is not there", [*TEN, status("a", "on-hold")], notes("mask"),
     [noted("mask")]),
    ("in an emergency more is needed", [*TEN, *WAR], notes("mask"),
     [noted("mask", war=True)]),
    ("not when it is elsewhere", [*TEN, *NEXT_DOOR], notes("mask"),
     NothingShort(station=S1)),
    ("short in both modes: said again", [*LEVELS, noted("mask"), *WAR], notes(),
     [noted("mask", war=True)]),
    ("short no more", [*TEN, noted("mask")], notes(), [noted()]),
    ("short no more, and the mode has changed", [*TEN, noted("mask", war=True), *WAR,
     ended("e1")], notes(), [noted()]),
    ("another is, too", [*LEVELS, noted("mask"), leveled("tent", LOW, LOW)],
     notes("tent"), [noted("mask", "tent")]),
    ("at the minimum it is enough", TEN, notes("mask"), NothingShort),
    ("free again", [*TEN, kept("v-1", {"a": 1}), freed("v-1", {"a": 1})],
     notes("mask"), NothingShort),
    ("noted already", [*LEVELS, noted("mask")], notes("mask"), NothingShort),
    ("nothing was short and nothing is, in another mode",
     [*TEN, noted("mask"), noted(), *NEXT_DOOR], notes(), NothingShort),
    ("nothing to look at", LEVELS, notes(), NothingShort),
    ("no station", LEVELS, notes("mask", station=NOWHERE), UnknownStation),
)  # fmt: skip
def test_what_is_below_the_minimum_of_the_mode_is_noted_once(given, when, then):
    """All of it in one fact, and again when it is other."""
    check(note_shortages, given, when, then)


def test_what_expired_is_short():
    """The clock alone makes it so."""
    check(note_shortages, TEN, notes("mask"), NothingShort, now=NOW + 10 * DAY - 1)
    check(note_shortages, TEN, notes("mask"), [noted("mask")], now=NOW + 10 * DAY)


def test_a_station_folds_to_who_keeps_it_and_what_is_short():
    """And commands name its place."""
    facts = [opened("p"), taken(LI), noted("mask", war=True), moved("a", 1)]
    known = fold(*facts)(station_stream(S1))
    assert (known.post, known.keeper, known.noted, known.noted_war) == (
        "p", "li", {"mask"}, True,
    )  # fmt: skip
    assert evolve_station(Station(), moved("a", 1)) == Station()
    assert fold(leveled(), PLACED)(stock_stream(S1, "mask")).place == "A-01"
    for command in (opens(), levels(), stands(""), takes(), notes()):
        assert command.stream == f"station/{S1}"
        assert command.places(fold()) == (COMMUNITY_11.path,)


# --- 常住人口 -------------------------------------------------------------------------


def states(*rows, area=STREET_1):
    """Return how many live where; a row: (place, residents)."""
    said = tuple(Residents(place.code, number) for place, number in rows)
    return StatePopulation(area=area, rows=said)


def live(number, place=COMMUNITY_11):
    """Return that so many live there."""
    return PopulationStated(area=place.code, residents=number)


NOBODY = Residents("999999999999", 1)


@table(
    ("of two communities", AREAS, states((COMMUNITY_11, 31_200), (COMMUNITY_12, 0)),
     [live(31_200), live(0, COMMUNITY_12)]),
    ("changed", [*AREAS, live(5)], states((COMMUNITY_11, RESIDENTS_MAX)),
     [live(RESIDENTS_MAX)]),
    ("one of two is so already", [*AREAS, live(5)],
     states((COMMUNITY_11, 5), (COMMUNITY_12, 5)), [live(5, COMMUNITY_12)]),
    ("of two streets", AREAS, states((COMMUNITY_11, 1), (COMMUNITY_21, 2),
     area=SONGJIANG), [live(1), live(2, COMMUNITY_21)]),
    ("nothing is new", [*AREAS, live(5)], states((COMMUNITY_11, 5)),
     PopulationUnchanged),
    ("one wrong row refuses all", AREAS, states((COMMUNITY_11, 5), (STREET_1, 5)),
     PopulationRefused),
    ("none", AREAS, states(), PopulationRefused),
)  # fmt: skip
def test_how_many_live_where_is_stated(given, when, then):
    """All rows or none."""
    check(state_population, given, when, then)


@pytest.mark.parametrize(
    ("when", "then"),
    [
        pytest.param(states((STREET_1, 5)), [(1, "area")], id="a street"),
        pytest.param(states((BUILDING, 5)), [(1, "area")], id="a building"),
        pytest.param(StatePopulation(area=STREET_1, rows=(NOBODY,)), [(1, "area")],
                     id="no area"),
        pytest.param(states((COMMUNITY_11, 5), (COMMUNITY_11, 6)), [(2, "area")],
                     id="twice"),
        pytest.param(states((COMMUNITY_11, 5), area=STREET_2), [(1, "area")],
                     id="elsewhere"),
        pytest.param(states((COMMUNITY_11, -1), (COMMUNITY_12, RESIDENTS_MAX + 1)),
                     [(1, "residents"), (2, "residents")], id="no number"),
        pytest.param(states(), [(0, "rows")], id="none"),
        pytest.param(states(*[(COMMUNITY_11, 1)] * (RESIDENTS_ROWS_MAX + 1)), None,
                     id="too many"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_residents_is_named(when, then):
    """By row and field."""
    found = faults(state_population, AREAS, when)
    assert found == then if then else (0, "rows") in found


def test_residents_are_known_by_the_stream_of_their_area():
    """What else stands in it says nothing of them, nor they of it."""
    read = fold(*AREAS, live(5))
    assert read(residents_stream(COMMUNITY_11.code)) == 5
    assert read(residents_stream(COMMUNITY_12.code)) == -1
    area = read(area_stream(COMMUNITY_11.code))
    assert evolve_area(area, live(6)) == area
    assert states().stream == f"area/{STREET_1.code}"
    assert states().places(fold()) == (STREET_1.path,)
