"""The short door (近门): declared decisions, found by their path and carried out.

Their routes stand among FastAPI's as well: for the OpenAPI document, and for whatever
is no such request. There a route is found, prepared and wrapped for all it might be,
which takes longer than a decision does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from fastapi import FastAPI, Request, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.deciding import DECLARED, decide

Handler = Callable[[Request, Exception], Awaitable[Response]]


class Entry(NamedTuple):
    """What a request came to, as ``scope["route"]`` has it."""

    path: str
    name: str


class Paths:
    """What stands at each path (路径): words before parameters, as in the routers."""

    def __init__(self) -> None:
        self.names: list[str] | None = None
        """Of the parameters, if something short stands here."""
        self.entry = Entry("", "")
        self.words: dict[str, Paths] = {}
        self.other: Paths | None = None

    def put(self, path: str, entry: Entry | None) -> None:
        """Put something at a path; None: what does not go the short way."""
        here, names = self, []
        for part in path.split("/"):
            if part.startswith("{"):
                names.append(part[1:-1])
                here.other = here.other or Paths()
                here = here.other
            else:
                here = here.words.setdefault(part, Paths())
        if entry is not None:
            here.names, here.entry = names, entry

    def find(self, path: str) -> tuple[Entry, dict[str, str]] | None:
        """Return what stands at a path and its parameters; None: nothing short."""
        here, values = self, []
        for part in path.split("/"):
            word = here.words.get(part)
            if word is None:
                if here.other is None or not part:
                    return None
                values.append(part)
                word = here.other
            here = word
        if here.names is None:
            return None
        return here.entry, dict(zip(here.names, values, strict=True))


def paths_of(prefix: str, routes: Iterable[BaseRoute]) -> Paths:
    """Return where the short door leads: to decisions whose answer is a receipt."""
    found = Paths()
    for route in _flat(routes):
        if isinstance(route, Route) and "POST" in (route.methods or ()):
            row = DECLARED.get(route.name)
            short = row is not None and row.shows is None
            entry = Entry(route.path, route.name) if short else None
            found.put(prefix + route.path, entry)
    return found


def _flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield routes, and those of the routers among them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from [route] if inner is None else _flat(inner.routes)


class Door:
    """ASGI middleware: carries out what it knows, passes on the rest."""

    def __init__(self, app: ASGIApp, paths: Paths) -> None:
        """``paths``: where it leads."""
        self.app, self.paths = app, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry out a decision, or pass on."""
        found = None
        if scope["type"] == "http" and scope["method"] == "POST":
            found = self.paths.find(scope["path"])
        if found is None:
            await self.app(scope, receive, send)
            return
        scope["route"], scope["path_params"] = found
        request = Request(scope, receive)
        try:
            answer = await decide(DECLARED[found[0].name], request)
        except Exception as error:
            handler = handler_of(scope["app"], type(error))
            if handler is None:
                raise
            answer = await handler(request, error)
        await answer(scope, receive, send)


def handler_of(app: FastAPI, kind: type[Exception]) -> Handler | None:
    """Return what answers for an error; None: whatever answers for a fault of ours."""
    handlers: dict[Any, Any] = app.exception_handlers
    lines = (handlers.get(one) for one in kind.__mro__ if one is not Exception)
    return next(filter(None, lines), None)
