"""What a person reviews before they decide (建议): nothing of it is stored."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from api.http.body import Code, Seq, Strict
from api.http.deps import ERRORS, Write, acts, answer
from api.http.reading import Look
from api.planning.proposing import proposed
from coordination.kernel import Refusal
from coordination.packages.events import PERSON
from coordination.packages.state import KINDS

router = APIRouter(tags=["packages"], responses=ERRORS)


class Proposing(Strict):
    """Where packages of a kind are to be proposed for everything nobody has."""

    area: Code
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,30}$")]
    skill: Annotated[str, Field(pattern=r"^([a-z][a-z-]{1,30})?$")] = ""
    seen_seq: Seq = 0


class UnknownKind(Refusal):
    """No such kind of package (包保类型不存在)."""

    code = "packages.unknown-kind"
    zh = "没有包保类型 {kind}"
    en = "there is no kind of package {kind}"
    field = "kind"


@router.post("/packages/propose", **acts("package.assign"))
async def propose_packages(body: Proposing, write: Write) -> Response:
    """Propose who should answer for what nobody has; nothing is stored (批量建议)."""
    world = write.world
    path = world.places((body.area,))[0].path
    world.entitle(write.by(body.seen_seq), "package.assign", (path,))
    kind = world.state(KINDS).get(body.kind)
    if kind is None or PERSON not in kind.parties:
        raise UnknownKind(kind=body.kind)

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            look = Look(write.request, write.caller, c, None)
            return proposed(c, look.names, look.faces, path, kind, body.skill)

    return answer(await asyncio.to_thread(ask))
