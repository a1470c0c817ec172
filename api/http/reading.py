"""Reads declared once (查询的声明): who may, with what parameters, and what is shown.

``Reads.listed`` makes a route of a list, ``Reads.shown`` of one thing. The function
they stand on gets a ``Look`` and the parameters of its signature, already decoded and
checked; it gathers and draws, off the event loop, on one moment of the views. What the
query says that nobody asked for is refused.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from fastapi import APIRouter, Request, Response

from api.exchange.tables import Row
from api.http.asking import asked_of, check_known, decoded, parameters_of, query_of
from api.http.deps import (
    CODE_CHARS,
    ERRORS,
    SELF,
    answer,
    binary,
    record_read,
    who_is,
    world_of,
)
from api.http.errors import InvalidRequest
from api.http.faults import Fault
from api.http.lists import Asked, Listing, page_of, respond
from api.http.look import Look, looking
from api.http.moments import At, position_of
from api.http.plain import SHOWN, Who
from api.http.pools import EXPORTS
from api.world.world import World
from coordination.fields import Seq
from coordination.permit import PERMITTED

AT = "at"
MIN_SEQ = "min_seq"

Draw = Callable[..., Any]
Before = Callable[[Request, Who, dict[str, Any]], Awaitable[None]]
Sheet = Callable[[Any], tuple[str, Iterable[Row]]]


def recorded(what: str) -> Before:
    """Return what records that somebody read a sensitive view, before it is shown."""

    async def record(request: Request, who: Who, _given: dict[str, Any]) -> None:
        await record_read(world_of(request), who, what)

    return record


@dataclass(frozen=True, kw_only=True)
class Read:
    """One declared read.

    ``title``: names the file of a list. ``before``: what is recorded or refused before
    anything is shown. ``sheet``: of what is no list on a screen, the title and the rows
    of its file. ``know``: looks up at once what rows of a list are made with, if they
    are made late. ``shape``: a model of the answer, for the document; ``media``: what
    kind of file it is. ``timeless``: it has no moments: what stands outside the log, or
    a fact, which stays as it is.
    """

    path: str
    action: str
    draw: Draw
    listing: Listing | None = None
    title: str = ""
    before: Before | None = None
    sheet: Sheet | None = None
    know: Callable[[Look, Sequence[Any]], None] | None = None
    shape: Any = None
    media: str = ""
    timeless: bool = False

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The parameters, with their types, in the order of the signature."""
        found = typing.get_type_hints(self.draw, include_extras=True)
        names = list(inspect.signature(self.draw).parameters)[1:]
        return {name: found[name] for name in names}

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """What a parameter is when it is not given; those without must be."""
        found = inspect.signature(self.draw).parameters.values()
        empty = inspect.Parameter.empty
        return {p.name: p.default for p in found if p.default is not empty}


DECLARED: dict[str, Read] = {}
"""Every declared read, by name."""


class Reads:
    """The reads of one capability, and their router."""

    def __init__(self, tag: str) -> None:
        self.router = APIRouter(tags=[tag], responses=ERRORS)

    def listed(
        self, path: str, listing: Listing, action: str, title: str = "", **more: Any
    ) -> Callable[[Draw], Draw]:
        """Make a route of a function that gives a list's rows, or what has a sheet."""
        return self.shown(path, action, listing=listing, title=title, **more)

    def shown(self, path: str, action: str, **more: Any) -> Callable[[Draw], Draw]:
        """Make a route of a function that shows one thing, or draws a file.

        ``more``: what else a ``Read`` may say.
        """

        def declare(draw: Draw) -> Draw:
            self._add(Read(path=path, action=action, draw=draw, **more))
            return draw

        return declare

    def _add(self, read: Read) -> None:
        name = f"read {read.path}"
        assert DECLARED.setdefault(name, read) is read, f"{name} stands twice"
        shape: dict[int | str, Any] = {}
        if read.shape is not None:
            shape = {200: {"model": read.shape}}
        if read.media:
            shape = {200: binary(read.media)}
        self.router.add_api_route(
            read.path,
            _endpoint(read),
            methods=["GET"],
            name=name,
            summary=(read.draw.__doc__ or "").partition("\n")[0],
            operation_id=re.sub(r"[^a-z]+", "_", name).strip("_"),
            responses=shape,
            openapi_extra={"x-action": read.action, "x-read": name},
        )


def _endpoint(read: Read) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await show(read, request)

    return endpoint


async def show(read: Read, request: Request) -> Response:
    """Answer a read: who asks, what they ask, then one look at the views."""
    who = await who_is(request)
    query = query_of(request)
    min_seq = decoded(MIN_SEQ, query.pop(MIN_SEQ, "") or "0", Seq)
    if query.get(AT) == "" and not read.timeless:  # nobody means now by that
        raise InvalidRequest([Fault(AT, "不能为空", "must not be empty")])
    said = "" if read.timeless else decoded(AT, query.pop(AT, ""), At)
    given = parameters_of(read, request, query)
    await entitle(read.action, request, who, given)
    at = await _position(world_of(request), said) if said else None
    await world_of(request).reached(max(min_seq, at or 0))
    asked = None
    if read.listing is not None:
        asked = asked_of(request, query)
    else:  # a misspelt parameter would change nothing, silently
        check_known(query)
    if read.before is not None:
        await read.before(request, who, given)
    draw = partial(_drawn, read, request, who, given, asked, at)
    if asked is not None and asked.format != "json":
        return await EXPORTS.run(who.account, draw)
    return await asyncio.to_thread(draw)


async def _position(world: World, at: str) -> int:
    """Return the position of a moment that was asked for."""
    return await asyncio.to_thread(position_of, world.log.recorder, at, world.clock())


def _drawn(
    read: Read,
    request: Request,
    who: Who,
    given: dict[str, Any],
    asked: Asked | None,
    at: int | None,
) -> Response:
    """Take one look, draw what was asked for, and say which position was shown."""
    with looking(request, who, at) as look:
        drawn, seq = _of(look, read, given, asked), look.seq
    found = drawn if isinstance(drawn, Response) else drawn()
    found.headers[SHOWN] = str(seq)
    return found


def _of(
    look: Look, read: Read, given: dict[str, Any], asked: Asked | None
) -> Response | Callable[[], Response]:
    """Draw what was asked for; or return what writes it, once nothing is asked for."""
    title = read.title
    found = read.draw(look, **given)
    if isinstance(found, Response):
        return found
    if read.listing is None or asked is None:
        return answer(found)
    if read.sheet is not None and asked.format == "json":
        return answer({**found, "seq": look.seq})
    rows: Iterable[Row] = found
    if read.sheet is not None:
        title, rows = read.sheet(found)
    know = functools.partial(read.know, look) if read.know else None
    page = page_of(rows, asked, read.listing, know)
    page["seq"] = look.seq
    zone, columns = look.world.settings.zone, read.listing.columns
    if asked.format != "json" and read.listing.filed is not None:
        columns, page["rows"] = read.listing.filed(page["rows"], asked.lang)
    return functools.partial(respond, page, columns, asked, title, zone)


async def entitle(
    action: str, request: Request, who: Who, given: Mapping[str, Any]
) -> None:
    """Return if somebody may read this there.

    An area in the path (``code``) or the query is where; without one, the whole world.

    :raises Denied: if no role of theirs may
    """
    if action == SELF:
        return
    world = world_of(request)
    code = str(given.get("code") or given.get("area") or "")[:CODE_CHARS]
    found = world.places((code,)) if code and PERMITTED[action][0].inside else ()
    paths = tuple(place.path for place in found)
    if world.log.reads_block:
        await asyncio.to_thread(world.entitle, who.by, action, paths)
    else:
        world.entitle(who.by, action, paths)
