"""One look at the views (一次查询): what every read gathers from and draws with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import sqlalchemy as sa
from fastapi import Request

from api.http.deps import accounts_of, world_of
from api.http.moments import recorded_at
from api.http.plain import Who, moment
from api.pages.faces import Faces
from api.world.world import World
from coordination.areas.state import UnknownArea
from coordination.folding import Past, Reader
from coordination.kernel import S, Stream
from coordination.refusals import Refusal
from coordination.service.state import OUTAGES, extended
from projections.board import AREA, Area
from projections.names import Names
from projections.store import seen, shown_at
from projections.temporal import R, Temporal


class Look:
    """One look at the views (一次查询): a moment, a reader, and what both know.

    ``asked``: the log position that was asked for, None for now; ``at``: the one to
    read the views at, None where they all stand at the newest. ``now``: the time then.
    """

    def __init__(
        self, request: Request, who: Who, c: sa.Connection, at: int | None
    ) -> None:
        """``c``: one consistent moment of the views."""
        self.request, self.who, self.c = request, who, c
        self.world: World = world_of(request)
        self.asked, self.at = at, shown_at(c, at)
        self.now = self.world.clock()
        if at is not None:
            self.now = recorded_at(self.world.log.recorder, at)
        self.name_of = accounts_of(request).name_of

    @property
    def seq(self) -> int:
        """The position that is shown."""
        return seen(self.c) if self.asked is None else self.asked

    @cached_property
    def read(self) -> Reader:
        """Folded states as of the moment that is shown: what the rules would see."""
        if self.asked is None:
            return self.world.read()
        return Reader(Past(self.world.log, self.asked), now=self.now)

    def state(self, stream: Stream[S]) -> S:
        """Return the folded state of a stream as of the moment that is shown."""
        found: S = self.read(stream)
        return found

    def until(self, since_us: int, due_us: int) -> str | None:
        """Return when a wait is over, with what the service was away; None: no wait."""
        outages = self.state(OUTAGES)
        return moment(extended(outages, since_us, due_us) if due_us else None)

    @cached_property
    def names(self) -> Names:
        """Names of areas, sites, posts …; people are marks."""
        return Names(self.c, self.at, self.name_of)

    @cached_property
    def faces(self) -> Faces:
        """People as this reader may see them."""
        return Faces(self.world, self.who, self.c, self.at)

    @cached_property
    def told(self) -> Names:
        """Names in which people are called as this reader may see them."""
        return Names(self.c, self.at, self.name_of, self.faces.name)

    def known(self, table: Temporal[R], key: str, unknown: Refusal) -> R:
        """Return a row as of the moment that is shown.

        :raises Refusal: ``unknown``, if there is none
        """
        row = table.get(self.c, key, at=self.at)
        if row is None:
            raise unknown
        return row

    def area(self, code: str) -> Area:
        """Return an area as of the moment that is shown.

        :raises UnknownArea: if there is no such area then
        """
        return UnknownArea.unless(AREA.get(self.c, code, at=self.at), area=code)

    def path(self, area: str | None) -> str:
        """Return the path of an area asked for, empty for everything.

        :raises UnknownArea: if there is no such area
        """
        return self.area(area).path if area else ""


@contextmanager
def looking(request: Request, who: Who, at: int | None = None) -> Iterator[Look]:
    """Yield one look at the views, for whoever asks."""
    with world_of(request).reading() as c:
        yield Look(request, who, c, at)
