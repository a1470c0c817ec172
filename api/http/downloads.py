"""A file that is handed out (下载): its kind, and its name in any language."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import Response

PDF = "application/pdf"
MEDIA = {
    "pdf": PDF,
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')


def as_file(data: bytes, name: str, *, inline: bool = False) -> Response:
    """Return a file, by its name: to be kept, or ``inline`` shown by the browser."""
    headers = {
        "Content-Disposition": disposition(name, "inline" if inline else "attachment"),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=MEDIA[name.rpartition(".")[2]], headers=headers)


def disposition(name: str, how: str = "attachment") -> str:
    """Return a Content-Disposition for any file name (RFC 6266, RFC 5987)."""
    stem, _, ending = _UNSAFE.sub("_", name).rpartition(".")
    ascii_stem = re.sub(r"[^A-Za-z0-9.-]+", "_", stem).strip("._") or "list"
    exact = quote(f"{stem or 'list'}.{ending}", safe="")
    return f"{how}; filename=\"{ascii_stem}.{ending}\"; filename*=UTF-8''{exact}"
