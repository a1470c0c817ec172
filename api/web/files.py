"""The files of the pages (静态文件): whoever has one never asks for it again.

Their address has a digest of them all in it, so new files have new addresses.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.exceptions import HTTPException

from api.web.linked import STATIC, linked

router = APIRouter(include_in_schema=False)
FOREVER = "public, max-age=31536000, immutable"


@cache
def address() -> str:
    """Return where the files of this program stand: ``/static/`` and a digest."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"/static/{digest.hexdigest()[:16]}"


@cache
def _packed(name: str) -> tuple[bytes, bytes]:
    """Return a file, plain and compressed; a module with all that it imports."""
    path = STATIC / name
    plain = linked(path).encode() if path.suffix == ".js" else path.read_bytes()
    return plain, gzip.compress(plain, mtime=0)


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in STATIC.iterdir())


@router.api_route("/static/{version}/{name}", methods=["GET", "HEAD"])
def file(
    version: str, name: str, accept_encoding: Annotated[str, Header()] = ""
) -> Response:
    """Return a file as it is now; kept for ever if asked for by its own address.

    A page of another version, opened while the program was replaced, gets today's.
    """
    if name not in _names():
        raise HTTPException(404)
    plain, packed = _packed(name)
    zipped = "gzip" in accept_encoding
    headers = {
        "Cache-Control": FOREVER if address().endswith(version) else "no-store",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if zipped:
        headers["Content-Encoding"] = "gzip"
    kind = "text/javascript" if name.endswith(".js") else guess_type(name)[0]
    return Response(packed if zipped else plain, headers=headers, media_type=kind)
