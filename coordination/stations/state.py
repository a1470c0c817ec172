"""What the facts of stations fold to (物资站状态)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coordination.fields import StationId
from coordination.kernel import Command, Event, Read, Streams
from coordination.late import not_before
from coordination.refusals import Forbidden, NotFound
from coordination.stations.events import (
    CustodyTaken,
    DonationNumbered,
    ShortagesNoted,
    StationOpened,
)
from coordination.tree import site_path


@dataclass(frozen=True, slots=True)
class Station:
    """物资站. ``keeper``: the account that took it over with a count, empty: nobody.

    ``custody``: the counts it was taken over with; each serves once.
    """

    opened: bool = False
    post: str = ""
    keeper: str = ""
    custody: frozenset[str] = frozenset()
    donations: int = 0
    noted: frozenset[str] = frozenset()
    noted_war: bool = False


def evolve_station(station: Station, event: Event) -> Station:
    """Fold one fact of a station's stream."""
    match event:
        case StationOpened():
            return replace(station, opened=True, post=event.post)
        case CustodyTaken():
            used = station.custody | {event.count}
            return replace(station, keeper=event.keeper, custody=used)
        case DonationNumbered():
            return replace(station, donations=event.number)
        case ShortagesNoted():
            return replace(station, noted=frozenset(event.items), noted_war=event.war)
        case _:
            return station


station_stream = Streams("station", Station(), evolve_station)


UnknownStation = NotFound.of(
    "stations.unknown",
    "{station} 不是已启用的物资站",
    "{station} is no material station",
    "请核对编号，或先启用物资站",
    "check the id, or open the station first",
    field="station",
)


def known_station(read: Read, station: str) -> Station:
    """Return a station that holds stock.

    :raises UnknownStation: if there is none
    :raises TooEarly: if it is said to have happened before it was opened
    """
    about = station_stream(station)
    found = read(about)
    if not found.opened:
        raise UnknownStation(station=station)
    not_before(read, about.id, "本站启用", "the station was opened", _opens)
    return found


def _opens(fact: Event) -> bool:
    return isinstance(fact, StationOpened)


OwnStation = Forbidden.of(
    "stations.own-station",
    "{station} 由本人保管",
    "they keep {station} themselves",
    "报废、更正、盘点差异请由他人办理",
    "let somebody else write off there",
)


def settled_station(read: Read, station: str) -> Station:
    """Return a station that somebody else than its keeper settles.

    :raises UnknownStation: if no stock is held there
    :raises OwnStation: if they keep it
    """
    found = known_station(read, station)
    if found.keeper == read.by.actor.account:
        raise OwnStation(station=station)
    return found


class OfStation(Command, frozen=True, kw_only=True):
    """What is decided at one station."""

    STREAM = "station/{0.station}"  # the station's stream
    ACTION = "stock.keep"
    station: StationId

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Where the station stands."""
        return (site_path(self.station),)
