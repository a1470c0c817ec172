"""Pages that open without a network (断网可开): their worker, their manifest."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from functools import cache

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.http.deps import world_of
from api.pages.html import TEMPLATES
from api.web import files
from api.web.linked import STATIC

router = APIRouter(include_in_schema=False)
SHELL = ("_page.html", "_console.html", "_nav.html", "_forms.html", "_sheets.html")
PHONE = {"duty": ("平战值守", "值守"), "keeper": ("平战物资", "物资")}
"""Pages that open without a network: what a phone calls them. All use ``SHELL``."""
_LINKED = re.compile(r"\{\{ static \}\}/([\w.]+)")


def _phone(page: str) -> str:
    """Return the phone page that is asked for.

    :raises HTTPException: (404) if it is none
    """
    if page not in PHONE:
        raise HTTPException(404)
    return page


@cache
def _shell(page: str) -> tuple[str, list[str]]:
    """Return a digest of all that a phone page is made of, and its files' addresses."""
    pages = [(TEMPLATES / name).read_bytes() for name in (*SHELL, f"{page}.html")]
    linked = {name for page in pages for name in _LINKED.findall(page.decode())}
    # The address of the files stands for what is in them.
    whole = b"\0".join([*pages, files.address().encode()])
    digest = hashlib.sha256(whole).hexdigest()[:16]
    return digest, [f"{files.address()}/{name}" for name in sorted(linked)]


@router.get("/sw.js")
async def service_worker(request: Request, page: str = "duty") -> Response:
    """The worker that opens a phone page without a network; new with its files."""
    version, needed = await asyncio.to_thread(_shell, _phone(page))
    address = f"{world_of(request).base}/{page}"
    values = {
        "VERSION": f"{page}{address}:{version}",
        "FILES": needed,
        "PAGE": address,
    }
    head = "".join(f"const {n} = {json.dumps(v)};\n" for n, v in values.items())
    body = head + (STATIC / "sw.js").read_text("utf-8")
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest")
async def manifest(request: Request, page: str = "duty") -> Response:
    """What a phone needs to keep 值守 or 物资 among its applications."""
    base = world_of(request).base
    name, short_name = PHONE[_phone(page)]
    icon = {
        "src": f"{files.address()}/icon.svg",
        "sizes": "any",
        "type": "image/svg+xml",
    }
    body = {
        "name": name,
        "short_name": short_name,
        "lang": "zh-CN",
        "start_url": f"{base}/{page}",
        "scope": f"{base}/",
        "display": "standalone",
        "background_color": "#f1f4f8",
        "theme_color": "#0a121e",
        "icons": [icon],
    }
    return JSONResponse(body, media_type="application/manifest+json")
