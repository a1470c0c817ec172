"""HTML shells: language, World, who is signed in; the data comes by the API."""

from __future__ import annotations

import asyncio
import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException

from api.http.asking import check_known
from api.http.deciding import DECLARED
from api.http.deps import accounts_of, session_token, world_of
from api.http.moments import position_of
from api.http.plain import Who
from api.http.sessions import NotSignedIn
from api.routes.session import body
from api.web import files, i18n
from coordination import vocabulary
from coordination.permit import ROLES
from coordination.refusals import Invalid

TEMPLATES = Path(__file__).parents[1] / "web" / "templates"
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
router = APIRouter(include_in_schema=False)


@cache
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        i18n.translations(lang), newstyle=True
    )
    return environment


def decisions() -> dict[str, tuple[str, str]]:
    """Return what each declared decision is called, as its command says."""
    found = {}
    for name, row in DECLARED.items():
        zh, _, en = row.said.rstrip(".").partition(": ")
        found[name] = zh, f"{en[:1].upper()}{en[1:]}" if en else zh
    return found


@cache
def words(lang: str) -> dict[str, dict[str, str]]:
    """Return every vocabulary in a language: pages have no words of their own."""
    said = {"ROLES": ROLES, "DECISIONS": decisions()}
    said |= vocabulary.words()
    place = int(lang.startswith("en"))
    return {
        name: {str(id_): both[place] for id_, both in known.items()}
        for name, known in said.items()
    }


def render(
    request: Request, template: str, http_status: int = 200, **values: Any
) -> HTMLResponse:
    """Return a page in the reader's language."""
    lang = i18n.pick(
        request.cookies.get("lang"), request.headers.get("accept-language", "")
    )
    world = world_of(request)
    context = {
        "lang": i18n.html_lang(lang),
        "cat": i18n.js_catalog(lang),
        "words": words(lang),
        "base": world.base,
        "static": files.address(),
        "world": {
            "label": world.settings.label,
            "drill": world.drill,
            "name": request.app.state.home_name,
        },
        "clock": {
            "now_ms": world.clock() // 1000,
            "factor": world.settings.clock_factor,
            "approval_minutes": world.settings.approval_minutes,
        },
        "user": None,
        **values,
    }
    page = _environment(lang).get_template(template).render(**context)
    return HTMLResponse(page, http_status, headers=SECURITY)


def _signed_in(request: Request) -> dict[str, Any] | Response:
    """Return who is signed in, or the way to the sign-in page."""
    try:
        signed = accounts_of(request).session_of(session_token(request))
    except NotSignedIn:
        target = request.url.path + (
            f"?{request.url.query}" if request.url.query else ""
        )
        url = request.url.replace(path="/login", query="")
        return RedirectResponse(
            url.include_query_params(next=target), 303, headers=SECURITY
        )
    account = signed.account
    return body(world_of(request), Who(account.account, account.name, signed.session))


@router.get("/")
async def screen(request: Request, area: str = "") -> Response:
    """The command screen (指挥屏): of the area asked for, else of one's own.

    As of a position; a time or a decision is turned into that of then.

    :raises UnknownMoment: if it has not come yet, or there is none
    """
    at = request.query_params.get("at", "0")
    if at.isdecimal():
        return await _page(request, "board.html", area=area)
    user = await asyncio.to_thread(_signed_in, request)
    if isinstance(user, Response):  # what was decided when is not told to strangers
        return user
    world = world_of(request)
    seq = await asyncio.to_thread(position_of, world.log.recorder, at, world.clock())
    url = request.url.include_query_params(at=seq)
    return RedirectResponse(url, 303, headers=SECURITY)


def own_area(user: dict[str, Any], home: str) -> str:
    """Return the widest area that somebody's roles are for, home where they say none.

    Street staff come to their own street, whoever answers for all to all of it.
    """
    held = [grant for grant in user["grants"] if grant["role"] != "member"]
    if not held or not all(grant["path"] for grant in held):
        return home
    widest: str = min(held, key=lambda grant: len(grant["path"]))["area"]
    return widest


PAGES = (
    "duty", "keeper", "people", "posts", "packages", "stock", "goods", "supplies",
    "requests", "alarms", "access", "me",
)  # fmt: skip
"""Addresses, each as its template is called."""
SINGLE = {"approvals": "approval", "orders": "order", "emergencies": "emergency"}
"""Address of a list -> template of one of it."""
ONE = re.compile(r"[a-z]-[0-9a-f]{10}")


ADDRESS = frozenset((
    "area", "at", "code", "community", "corrects", "item", "layer", "next", "number",
    "only", "person", "post", "request", "slip", "station", "trace",
))  # fmt: skip
"""What addresses of pages say beside their lists."""
_LISTED = re.compile(r"([a-z]\.)?(q|sort|page|size|f\.[a-z][a-z0-9_]*)")


def check_address(request: Request) -> None:
    """Return if an address says nothing that no page reads, and shows other things by.

    :raises InvalidRequest: naming it
    """
    asked = request.query_params
    check_known(n for n in asked if n not in ADDRESS and not _LISTED.fullmatch(n))


NotThen = Invalid.of(
    "page.not-then",
    "这一页只显示现在的情况",
    "this page shows how things stand now",
    "请在指挥屏回看当时，或从接口按时点读取",
    "look back on the command screen, or read as of a moment by the API",
    field="at",
)


async def _page(request: Request, template: str, **values: Any) -> Response:
    check_address(request)
    if "at" in request.query_params and template != "board.html":
        raise NotThen
    user = await asyncio.to_thread(_signed_in, request)
    if isinstance(user, Response):
        return user
    home = request.app.state.home
    if not values.get("area", home):
        values["area"] = own_area(user, home)
    return render(request, template, user=user, home=home, **values)


@router.get("/login")
async def login(request: Request) -> Response:
    """The sign-in page (登录)."""
    check_address(request)
    shown = request.app.state.demonstration
    offered = list(shown.accounts) if shown else []
    return render(request, "login.html", demo_accounts=offered)


@router.get("/donation")
async def donation(request: Request) -> Response:
    """What became of a gift (捐赠去向): for donors, who have no account."""
    check_address(request)
    return render(request, "donation.html")


def _add(page: str, single: str = "") -> None:
    """Give a page its address, and each of its things one below it."""

    async def listed(request: Request) -> Response:
        return await _page(request, f"{page}.html", id="")

    async def one(request: Request, one: str) -> Response:
        if not ONE.fullmatch(one):
            raise HTTPException(404)
        return await _page(request, f"{single}.html", id=one)

    router.add_api_route(f"/{page}", listed)
    if single:
        router.add_api_route(f"/{page}/{{one}}", one)


for _name in PAGES:
    _add(_name)
for _name, _single in SINGLE.items():
    _add(_name, _single)
