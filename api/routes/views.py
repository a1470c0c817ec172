"""The live stream (实时推送): what no declared read can be, an answer without end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from api.http.body import Code, Seq
from api.http.deps import ERRORS, Caller, who_is
from api.http.reading import entitle
from api.http.sessions import NotSignedIn
from api.http.stream import Stream
from coordination.permit import Denied

router = APIRouter(tags=["views"], responses=ERRORS)
Area = Annotated[Code, Query(examples=["310117000000"])]


@router.get(
    "/stream",
    openapi_extra={"x-action": "view.situation"},
)
async def stream(
    request: Request,
    caller: Caller,
    area: Area,
    after: Annotated[Seq | None, Query()] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Follow an area live (SSE); resumes after ``Last-Event-ID`` or ``after``.

    It ends with ``event: ended`` within seconds of the session or token, or of the
    last role that allows it.
    """
    await entitle("view.situation", request, caller, {"area": area})
    if last_event_id and last_event_id.isdecimal() and len(last_event_id) <= 16:  # noqa: PLR2004 - SEQ_MAX's digits
        after = int(last_event_id)

    async def still() -> bool:
        try:
            if (await who_is(request)).account != caller.account:
                return False
            await entitle("view.situation", request, caller, {"area": area})
        except (NotSignedIn, Denied):
            return False
        return True

    live: Stream = request.app.state.stream
    frames = await live.subscribe(area, after, still)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)
