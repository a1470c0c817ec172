"""The FastAPI application of one World."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

from api.http import errors, operations
from api.http.alike import Alike
from api.http.asking import lang_of, refuse_others
from api.http.auth import Accounts
from api.http.deciding import router_of
from api.http.deps import Demonstration, knower
from api.http.document import document
from api.http.door import Door, Paths, paths_of
from api.http.guard import Guard
from api.http.pace import Pace
from api.http.pools import drained
from api.http.replaced import with_names
from api.http.stream import Stream
from api.http.trouble import KINDS, StoreUnavailable, Trouble
from api.http.watching import Looks, watch
from api.pages import html, phone
from api.pages.board import shown_name
from api.web import files
from api.world.birth import is_demonstration
from api.world.condition import Condition
from api.world.notify import Notifier
from api.world.previews import Previews
from api.world.setup import adopt_roles
from api.world.standing import RETRY_SECONDS
from api.world.stores import LogNewer
from api.world.timers import start_timers
from api.world.world import World
from coordination.catalogue import Unreadable
from coordination.checks import Replaced
from coordination.refusals import Refusal
from projections.names import Names
from projections.store import away

API = "/api/v1"
ROUTES = (
    "routes.steps",  # the busiest first
    "routes.session",
    "routes.mode",
    "pages.emergencies",
    "pages.record",
    "routes.approvals",
    "pages.approvals",
    "routes.orders",
    "pages.orders",
    "routes.alarms",
    "pages.alarms",
    "routes.notices",
    "pages.notices",
    "routes.checkins",
    "routes.hours",
    "pages.checkins",
    "pages.hours",
    "routes.posts",
    "pages.posts",
    "pages.single_points",
    "pages.candidates",
    "pages.post",
    "routes.packages",
    "pages.packages",
    "routes.people_files",
    "routes.people",
    "pages.people",
    "pages.units",
    "routes.supplies",
    "routes.donations",
    "routes.slips",
    "routes.stock",
    "routes.transfers",
    "routes.counts",
    "pages.supplies_reads",
    "pages.stock",
    "pages.slips",
    "pages.tracing",
    "pages.counts",
    "routes.stations",
    "pages.stations",
    "routes.requests",
    "pages.requests",
    "routes.goods",
    "routes.goods_files",
    "pages.catalogue",
    "routes.access",
    "pages.access",
    "routes.accounts",
    "pages.accounts",
    "routes.areas",
    "routes.corrections",
    "pages.situation",
    "pages.forms",
    "routes.service",
    "pages.condition",
    "routes.views",
)
"""Modules of ``api`` with decisions, reads or routes, in the order they are matched."""


def routers_of(name: str) -> Iterator[APIRouter]:
    """Yield the routes of a module: declared decisions and reads, and others."""
    module = import_module(f"api.{name}")
    if hasattr(module, "DECISIONS"):
        yield router_of(name.rpartition(".")[2], module.DECISIONS)
    if hasattr(module, "READS"):
        yield module.READS.router
    if hasattr(module, "router"):
        strict = APIRouter(dependencies=[Depends(refuse_others)])
        strict.include_router(module.router)
        yield strict


DESCRIPTION = """平战转换: switch a city from peacetime to emergency and back.

Every read names the log position (`seq`) it shows; every write takes an
`Idempotency-Key` and answers a receipt; every refusal has a code, zh and en.
"""


def create_app(
    world: World,
    accounts: Accounts,
    *,
    timers: bool = True,
    local_token: str = "",
    notifier: Notifier | None = None,
    demonstration: Demonstration | None = None,
    pace: Pace | None = None,
) -> FastAPI:
    """Return the application; the World is closed by whoever opened it.

    ``local_token``: lets the command line of this machine in, empty for nobody.
    ``notifier``: tells the world outside; None in drills, demonstrations and tests.
    ``pace``: how refusals are spaced; None where nobody floods it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        await adopt_roles(world, accounts)
        world.start(loop)
        app.state.stream.start(loop)
        watching = loop.create_task(watch(state.looks, state.stream))
        met = app.state.trouble.met
        scheduler = await start_timers(world, notifier, met) if timers else None
        yield
        if scheduler is not None:
            scheduler.shutdown(wait=False)
        watching.cancel()
        await app.state.stream.close()
        await app.state.looks.close()
        await drained()
        await app.state.trouble.close()
        app.state.previews.close()

    app = FastAPI(
        title="Pingzhan 平战",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    state = app.state
    state.world, state.accounts = world, accounts
    state.local_token, state.notifier = local_token, notifier
    recorder, settings = world.log.recorder, world.settings
    demo = any(account.demo for account in accounts.all())
    accounts.demonstration = is_demonstration(recorder, settings, demo_accounts=demo)
    state.demonstration = demonstration if accounts.demonstration else None
    state.stream = Stream(world, accounts.name_of)
    state.metrics = operations.Metrics()
    state.looks = Looks(Condition(world, notifier.status if notifier else None))
    state.alike = Alike()
    state.trouble = Trouble(recorder.head)
    state.previews = Previews(settings.log_url or settings.previews_path)
    state.home, state.home_name = _home(world)
    app.router.routes.extend(_routes())
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    _answer_errors(app)
    guards = {"hosts": settings.hosts, "known": knower(accounts, local_token)}
    _wrap(app, pace=pace, **guards)
    return app


def _wrap(app: FastAPI, **guards: Any) -> None:
    """Lay around the routes what every request passes, the last here first."""
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=6)
    app.add_middleware(Door, paths=_door())
    app.add_middleware(Guard, **guards)
    app.add_middleware(operations.Measure, metrics=app.state.metrics)


def _home(world: World) -> tuple[str, str]:
    """Return the code and the name of what the screen opens with."""
    with world.reading() as c:
        home = world.home(c)
        return (home.code, shown_name(home, Names(c).area)) if home else ("", "")


@cache
def _routes() -> list[BaseRoute]:
    """Return every route, made once for all applications of this process.

    FastAPI makes a route ready at the first request that passes it, 0.4 s for all.
    A route knows no World: the request brings its application along.
    """
    made = APIRouter()
    for router in _routers():
        made.include_router(router, prefix=API)
    made.include_router(operations.router)
    made.include_router(html.router)
    made.include_router(phone.router)
    made.include_router(files.router)
    return made.routes


@cache
def _routers() -> list[APIRouter]:
    """Return the routes of each module."""
    return [router for name in ROUTES for router in routers_of(name)]


@cache
def _door() -> Paths:
    """Return where the short door leads."""
    return paths_of(API, (route for router in _routers() for route in router.routes))


def of_page(request: Request) -> bool:
    """Tell whether whoever asks wants a page, and asks for one."""
    wants = request.headers.get("accept", "")
    return "text/html" in wants and not request.url.path.startswith(API)


def _answer_errors(app: FastAPI) -> None:
    """Give every refusal one shape; pages get a page."""

    async def refused(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        app.state.metrics.refusals.labels(refusal.code).inc()
        if isinstance(refusal, Replaced):
            refusal = await with_names(request, refusal)
        if of_page(request):
            status = errors.status_of(type(refusal))
            said = refusal.say(lang_of(request, ""))
            page = html.render(
                request, "error.html", status, status=status, message=said
            )
            page.headers.update(errors.waiting(refusal))
            return page
        return await errors.on_refusal(request, refusal)

    async def troubled(request: Request, error: Exception) -> Response:
        if not away(error):
            raise error
        app.state.trouble.met(error)
        return await refused(request, StoreUnavailable(retry_after=RETRY_SECONDS))

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if of_page(request):
            return html.render(
                request, "error.html", error.status_code, status=error.status_code
            )
        return await errors.on_http(request, error)

    async def unreadable(request: Request, _error: Exception) -> Response:
        return await refused(request, LogNewer())

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(Unreadable, unreadable)
    app.add_exception_handler(RequestValidationError, errors.on_invalid)
    app.add_exception_handler(HTTPException, failed)
    for kind in KINDS:
        app.add_exception_handler(kind, troubled)
    app.add_exception_handler(Exception, errors.on_fault)
