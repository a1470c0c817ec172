"""A file that is sent (文件): its bytes, and what every decision may say beside it."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request
from pydantic import AfterValidator, Field

from api.http.body import XLSX, clean
from api.http.deps import binary
from api.http.wire import RFC3339
from api.http.writing import Write, acts
from coordination.fields import SEQ_MAX, TEXT_MAX
from coordination.provenance import UNSEEN, Provenance

Said = Annotated[str, Field(max_length=TEXT_MAX), AfterValidator(clean)]
SeenSeq = Annotated[int, Field(ge=UNSEEN, le=SEQ_MAX)]
Moment = Annotated[str, Field(pattern=f"^({RFC3339})?$")]


class FileSent(NamedTuple):
    """A file, who sends it, whether it is only tried, and why it is sent."""

    by: Provenance
    data: bytes
    dry: bool
    reason: str
    basis: str


async def file_sent(
    request: Request,
    write: Write,
    *,
    dry_run: bool = False,
    seen_seq: SeenSeq = 0,
    reason: Said = "",
    basis: Said = "",
    occurred_at: Moment = "",
) -> FileSent:
    """Return the file of a request."""
    by, data = write.at(occurred_at, seen_seq), await request.body()
    return FileSent(by, data, dry_run, reason, basis)


File = Annotated[FileSent, Depends(file_sent)]
_BODY = {"requestBody": {"required": True, **binary("text/csv", XLSX)}}


def imports(action: str) -> dict[str, Any]:
    """Return what a route that takes a table, CSV or a workbook, says of itself."""
    said = acts(action)
    return {"openapi_extra": {**said["openapi_extra"], **_BODY}}
