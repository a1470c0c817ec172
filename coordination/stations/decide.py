"""Rules of material stations (物资中转站): where stock is held, who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import standing_stream
from coordination.counts.events import Lot as CountedLot
from coordination.counts.state import count_stream
from coordination.fields import SITE_ID, SLIP_ID, Expected, MaybePost, named, pattern
from coordination.filled import filled
from coordination.items.state import listed_item
from coordination.kernel import ACCOUNT_HELD, POST_HELD, SAID_HELD, Event, Held, Read
from coordination.posts.state import known_post
from coordination.refusals import (
    Invalid,
    NotFound,
    NothingLeft,
    Refusal,
)
from coordination.stations.events import CustodyTaken, StationOpened
from coordination.stations.state import OfStation, known_station, station_stream
from coordination.stock.events import PlaceSet
from coordination.stock.lines import ItemId
from coordination.stock.state import stock_stream
from coordination.tree import site_path

PLACE_CHARS = 40
KEEPER = "station-keeper"


class OpenStation(OfStation, frozen=True, kw_only=True):
    """启用物资站: let a site hold stock, kept by a post.

    ``post``: its keeper's post (专管员岗位), empty: none yet.
    """

    ACTION = "station.open"
    station: Annotated[str, pattern(SITE_ID), named("阵地", "Site", as_="site")]
    post: Annotated[
        MaybePost, named("专管员岗位", "Keeper's post", "who keeps it", null=True)
    ] = ""

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The keeper's post it names, as far as it is a station."""
        stream = station_stream(self.station)
        post, zh, en = read(stream).post, "该站专管员岗位", "this station's post"
        return Held(post, (stream.id,), (StationOpened,), POST_HELD, zh, en)


UnknownGround = NotFound.of(
    "stations.unknown-site", "没有阵地 {site}", "there is no site {site}", field="site"
)
StationOpen = NothingLeft.of(
    "stations.open",
    "{station} 已是物资站",
    "{station} is a material station already",
    field="site",
)
NotAKeeper = Invalid.of(
    "stations.not-a-keeper",
    "岗位 {post} 不是该地的物资专管员",
    "post {post} is no station keeper's there",
    "请选择该站的专管员岗位",
    "choose the keeper's post of that place",
    field="post",
)


def open_station(read: Read, command: OpenStation, _now: int) -> Sequence[Event]:
    """Let a site hold stock; or name another post to keep it.

    :raises UnknownGround: if there is no such site
    :raises StationOpen: if nothing would change
    :raises UnknownPost: if there is no such post
    :raises NotAKeeper: if it is another kind of post, or elsewhere
    """
    UnknownGround.unless(read(standing_stream(command.station)), site=command.station)
    known = read(station_stream(command.station))
    if known.opened and known.post == command.post:
        raise StationOpen(station=command.station)
    if command.post:
        defined = known_post(read, command.post).defined
        assert defined is not None, "a known post is defined"
        path = site_path(command.station)
        if defined.kind != KEEPER or not path.startswith(defined.place.path):
            raise NotAKeeper(post=command.post)
    return [StationOpened(station=command.station, post=command.post)]


class SetPlace(OfStation, frozen=True, kw_only=True):
    """库位: say where an item stands at a station."""

    item: ItemId
    place: Annotated[str, named("库位", "Place", max_length=PLACE_CHARS)]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """Where the item stands by now."""
        stream = stock_stream(self.station, self.item)
        now, facts, zh, en = read(stream).place, (PlaceSet,), "该物资库位", "its place"
        return Held(now, (stream.id,), facts, SAID_HELD, zh, en, said=(now, now))

    @property
    def stock(self) -> str:
        """The stock it is said of."""
        return f"{self.station}/{self.item}"


SamePlace = Refusal.of(
    "stations.same-place",
    "没有变化，或超过 {most} 字",
    "nothing would change, or more than {most} characters",
    "无需再办，或写得短些",
    "nothing is left to do, or make it shorter",
    field="place",
)


def set_place(read: Read, command: SetPlace, _now: int) -> Sequence[Event]:
    """Say where an item stands at a station.

    :raises UnknownStation: if no stock is held there
    :raises UnknownItem: if the catalogue has none
    :raises SamePlace: if nothing would change, or it is too long
    """
    known_station(read, command.station)
    listed_item(read, command.item)
    stock = read(stock_stream(command.station, command.item))
    if stock.place == command.place or len(command.place) > PLACE_CHARS:
        raise SamePlace(most=PLACE_CHARS)
    return [PlaceSet(station=command.station, item=command.item, place=command.place)]


class TakeCustody(OfStation, frozen=True, kw_only=True):
    """专人交接: take a station over, with what a count found.

    Whoever does this answers for the station from now on.

    ``shelf``: the lots a view found there; each stands on the sheet of the count.
    """

    VIEWED = ("shelf",)
    count: Annotated[str, pattern(SLIP_ID), named("盘点表", "Count")]
    shelf: tuple[CountedLot, ...] = ()

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The account of who keeps the station."""
        stream = station_stream(self.station)
        keeper, zh, en = read(stream).keeper, "该站保管人", "this station's keeper"
        return Held(keeper, (stream.id,), (CustodyTaken,), ACCOUNT_HELD, zh, en)


NotCounted = Invalid.of(
    "stations.not-counted",
    "交接须先盘点本站全部批次，且本人参加；{count} 未结束、不全、已用过或非本人",
    "custody rests on a closed count of all that is there, by its next keeper too",
    "请先完成这样的盘点",
    "finish such a count first",
    field="count",
)
KeptAlready = NothingLeft.of(
    "stations.kept-already",
    "{station} 已由本人保管",
    "they keep {station} already",
)


def take_custody(read: Read, command: TakeCustody, _now: int) -> Sequence[Event]:
    """Take a station over, with what a count found that they took part in.

    :raises UnknownStation: if no stock is held there
    :raises KeptAlready: if they keep it
    :raises NotCounted: if the count is not closed, not theirs, of some lots only, or
        was used before
    """
    known = known_station(read, command.station)
    keeper = read.by.actor.account
    if known.keeper == keeper:
        raise KeptAlready(station=command.station)
    count = read(count_stream(command.count))
    used = command.count in known.custody
    theirs = count.station == command.station and keeper in count.counters
    whole = all((lot.item, lot.lot) in count.lines for lot in command.shelf)
    if not count.closed or used or not theirs or not whole:
        raise NotCounted(count=command.count)
    return [filled(CustodyTaken, command, keeper=keeper, before=known.keeper)]
