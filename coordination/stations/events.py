"""Facts about material stations (物资中转站). Vocabulary kept for ever."""

from __future__ import annotations

from coordination.kernel import Event


class _OfStation(Event, frozen=True, kw_only=True):
    """A fact in a station's own stream; ``station``: the id of its site."""

    STREAM = "station/{0.station}"  # one stream for each station
    station: str


class StationOpened(_OfStation, frozen=True, kw_only=True):
    """物资站启用: a site holds stock from now on. ``post``: of its keeper, 专管员."""

    NAME = "stations.opened.1"
    ANEW = ("OpenStation",)
    post: str


class CustodyTaken(_OfStation, frozen=True, kw_only=True):
    """专人交接: ``keeper`` answers for what ``count`` found; ``before``: who did."""

    NAME = "stations.custody-taken.1"
    ANEW = ("TakeCustody",)
    keeper: str
    before: str
    count: str


class DonationNumbered(_OfStation, frozen=True, kw_only=True):
    """捐赠收据编号: the next number of this station, without a gap."""

    NAME = "stations.donation-numbered.1"
    number: int
    slip: str


class ShortagesNoted(_OfStation, frozen=True, kw_only=True):
    """短缺告警: all items below the minimum of the mode there; empty: none any more.

    ``war``: whether it is the minimum of an emergency.
    """

    NAME = "stations.shortages-noted.1"
    items: tuple[str, ...]
    war: bool
