"""Who may do what (权限): grants, delegation, who signs, who is absent."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Account as AccountId
from api.http.body import Code, Id, Moment, Needed, Seq, Strict, Text
from api.http.deps import (
    EPOCH,
    ERRORS,
    Caller,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
    record_read,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.http.shapes import Level
from api.pages.access import LISTING, authority_body, grant_rows
from api.world.world import id_of
from coordination.authority.decide import (
    EndAbsence,
    RecordAbsence,
    SetAuthority,
    UnknownAbsence,
)
from coordination.authority.events import LevelAuthority
from coordination.authority.state import AUTHORITY
from coordination.grants.decide import (
    DelegateRole,
    GrantRoles,
    GrantRow,
    RevokeRole,
    UnknownGrant,
)
from coordination.grants.state import grants_stream
from coordination.kernel import Provenance
from coordination.playbook import ROMAN
from projections.store import seen

router = APIRouter(tags=["access"], responses=ERRORS)
MINUTES = 60_000_000
HOURS_MAX = 168
GrantId = Annotated[str, Field(pattern=r"^[a-z0-9:-]{3,64}$")]
Roles = Annotated[list[Id], Field(max_length=10)]


class GrantBody(Strict):
    """A role for an account; ``area`` absent: everywhere."""

    account: AccountId
    role: Id
    area: Code | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    basis: Needed
    reason: Text = ""
    seen_seq: Seq = 0


class Revocation(Strict):
    """Whose grant is revoked, on what."""

    account: AccountId
    basis: Text = ""
    reason: Text = ""
    seen_seq: Seq = 0


class Delegation(Strict):
    """Which grant of mine is lent to whom, where, until when."""

    account: AccountId
    grant: GrantId
    area: Code
    until: Moment
    basis: Text = ""
    reason: Needed
    seen_seq: Seq = 0


class LevelBody(Strict):
    """Who signs a level; ``chain``: who, in order, when all of those are absent."""

    level: Level
    roles: Roles
    chain: Roles = Field(default_factory=list)


class AuthorityBody(Strict):
    """All four levels, gravest first."""

    levels: Annotated[list[LevelBody], Field(min_length=4, max_length=4)]
    basis: Needed
    seen_seq: Seq = 0


class AbsenceBody(Strict):
    """Which office is absent, where, for how long, and why."""

    role: Id
    area: Code
    hours: Annotated[int, Field(ge=1, le=HOURS_MAX)]
    basis: Text = ""
    reason: Needed
    seen_seq: Seq = 0


class AbsenceOver(Strict):
    """The office is back."""

    reason: Text = ""
    seen_seq: Seq = 0


def _us(given: Moment | None) -> int:
    return int((given - EPOCH).total_seconds() * 1_000_000) if given else 0


@router.get("/grants", **reads("view.grants"))
async def grants(
    request: Request, world: TheWorld, caller: Caller, asked: AskedFor
) -> Response:
    """Return all grants (授权清单); that it was read is recorded."""
    await record_read(world, caller, "grants")
    name_of = accounts_of(request).name_of
    by = Provenance(command_id="", actor=caller.actor)
    found = world.entitle(by, "view.grants")
    everywhere = not found.actor.area

    def sees(path: str) -> bool:
        return world.sees(by, "view.grants", path)

    def ask() -> Response:
        with world.reading() as c:
            rows = [
                row
                for row in grant_rows(c, world.clock(), name_of)
                if everywhere or (row["path"] and sees(row["path"]))
            ]
            page = page_of(rows, asked, LISTING)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "授权", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/grants/mine", **reads("self"))
async def my_grants(request: Request, world: TheWorld, caller: Caller) -> Response:
    """Return the caller's own grants (我的授权)."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            rows = grant_rows(c, world.clock(), name_of, caller.account)
            return {"rows": rows, "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.post("/grants", status_code=201, **acts("grant.add"))
async def add(body: GrantBody, write: Write) -> Response:
    """Give a role to an account (授权)."""
    area = write.world.places((body.area,))[0] if body.area else None
    grant = id_of("g", write.command_id)
    row = GrantRow(
        grant=grant,
        account=body.account,
        role=body.role,
        area=area,
        from_us=_us(body.from_),
        until_us=_us(body.until),
    )
    command = GrantRoles(rows=(row,), basis=body.basis, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "grant": grant}, 201)


@router.post("/grants/delegate", status_code=201, **acts("grant.delegate"))
async def delegate(body: Delegation, write: Write) -> Response:
    """Lend one's own role for a time (委托)."""
    grant = id_of("g", write.command_id)
    command = DelegateRole(
        grant=grant,
        account=body.account,
        lent=body.grant,
        area=write.world.places((body.area,))[0],
        until_us=_us(body.until),
        basis=body.basis,
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "grant": grant}, 201)


@router.post("/grants/{grant}/revoke", **acts("grant.revoke"))
async def revoke(grant: GrantId, body: Revocation, write: Write) -> Response:
    """Take a role away at once (撤销授权)."""
    known = write.world.state(grants_stream(body.account)).all.get(grant)
    if known is None:
        raise UnknownGrant(grant=grant)
    command = RevokeRole(
        account=body.account,
        grant=grant,
        area=known.area,
        basis=body.basis,
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "grant": grant})


@router.get("/authority", **reads("view.situation"))
async def authority(request: Request, world: TheWorld) -> Response:
    """Return who signs which level, and which offices are absent (签发权限)."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            return {**authority_body(c, world.clock(), name_of), "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.post("/authority", **acts("authority.set"))
async def set_authority(body: AuthorityBody, write: Write) -> Response:
    """Configure who signs which level (设定签发权限)."""
    command = SetAuthority(
        levels=tuple(
            LevelAuthority(ROMAN[e.level], tuple(e.roles), tuple(e.chain))
            for e in body.levels
        ),
        basis=body.basis,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer(receipt_fields(receipt))


@router.post("/absences", status_code=201, **acts("absence.record"))
async def absent(body: AbsenceBody, write: Write) -> Response:
    """Record that an office is absent; the next in line signs (登记缺位)."""
    absence = id_of("x", write.command_id)
    command = RecordAbsence(
        absence=absence,
        role=body.role,
        area=write.world.places((body.area,))[0],
        hours=body.hours,
        basis=body.basis,
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "absence": absence}, 201)


@router.post("/absences/{absence}/end", **acts("absence.record"))
async def back(absence: GrantId, body: AbsenceOver, write: Write) -> Response:
    """End an absence early (结束缺位)."""
    known = write.world.state(AUTHORITY).absences.get(absence)
    if known is None:
        raise UnknownAbsence(absence=absence)
    command = EndAbsence(absence=absence, area=known.area, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "absence": absence})
