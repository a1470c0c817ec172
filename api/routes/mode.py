"""Emergencies (应急响应): declare and end; JSON -> command -> ``World.do``."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from api.body import Code, EmergencyId, Id, Moment, Needed, Seq, Strict, Text
from api.deps import ERRORS, KEYED, Caller, TheWorld, Write, accounts_of
from api.pages.board import emergency_body
from api.plain import receipt_fields
from api.shapes import Emergency, EmergencyReceipt, Level, PlaybookBody, Playbooks
from api.world import emergency_id
from coordination.mode.decide import EXPECTED_HOURS_MAX, DeclareEmergency, EndEmergency
from coordination.mode.state import UnknownEmergency
from coordination.playbook import ROMAN
from projections.board import ORDER, PLAN, Plan
from projections.names import Names

router = APIRouter(tags=["mode"], responses=ERRORS)
AREAS_MAX = 500


class Declaration(Strict):
    """What the law asks an activation to state, and the playbook to run."""

    hazard: Id = Field(examples=["epidemic"])
    level: Level
    scope: Annotated[list[Code], Field(min_length=1, max_length=AREAS_MAX)]
    excluded: Annotated[list[Code], Field(max_length=AREAS_MAX)] = Field(
        default_factory=list
    )
    basis: Needed = Field(examples=["沪松应急〔2026〕3 号"])
    matter: Needed = Field(examples=["新冠疫情"])
    measures: Needed = Field(examples=["启用采样点，封闭管理重点小区"])
    expected_hours: Annotated[int, Field(ge=1, le=EXPECTED_HOURS_MAX)]
    playbook: Id = Field(examples=["epidemic-control"])
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Termination(Strict):
    """On what an emergency is ended."""

    basis: Needed
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


@router.post("/emergencies", status_code=201, openapi_extra=KEYED)
async def declare(body: Declaration, write: Write) -> EmergencyReceipt:
    """Declare an emergency and order the switch (宣布应急响应并下达转换令)."""
    emergency = emergency_id(write.command_id)
    command = DeclareEmergency(
        emergency=emergency,
        hazard=body.hazard,
        level=ROMAN[body.level],
        scope=write.world.places(tuple(body.scope)),
        excluded=write.world.places(tuple(body.excluded)),
        matter=body.matter,
        measures=body.measures,
        expected_hours=body.expected_hours,
        playbook=body.playbook,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await write.world.do(command, by)
    return EmergencyReceipt(
        **receipt_fields(receipt), emergency=emergency, state="ACTIVE"
    )


@router.post("/emergencies/{emergency}/end", openapi_extra=KEYED)
async def end(
    emergency: EmergencyId,
    body: Termination,
    write: Write,
) -> EmergencyReceipt:
    """End an emergency (解除应急响应)."""
    scope = write.world.scope_of(emergency)
    if not scope:
        raise UnknownEmergency(emergency=emergency)
    command = EndEmergency(
        emergency=emergency,
        scope=scope,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await write.world.do(command, by)
    return EmergencyReceipt(
        **receipt_fields(receipt), emergency=emergency, state="ENDED"
    )


@router.get("/emergencies/{emergency}")
async def emergency(
    request: Request, emergency: EmergencyId, world: TheWorld, _caller: Caller
) -> Emergency:
    """Return an emergency as it stands."""
    name_of = accounts_of(request).name_of

    def ask() -> Emergency:
        with world.reading() as c:
            order = ORDER.get(c, emergency)
            if order is None:
                raise UnknownEmergency(emergency=emergency)
            return Emergency(**emergency_body(order, Names(c), name_of))

    return await asyncio.to_thread(ask)


@router.get("/playbooks")
async def playbooks(world: TheWorld, _caller: Caller) -> Playbooks:
    """Return the newest version of every published playbook (预案)."""

    def ask() -> list[Plan]:
        with world.reading() as c:
            oldest_first = sorted(PLAN.select(c, at=None), key=lambda p: p.seq_from)
        return list({plan.playbook: plan for plan in oldest_first}.values())

    return Playbooks(
        playbooks=[
            PlaybookBody(
                id=p.playbook,
                version=p.version,
                hazard=p.hazard,
                zh=p.zh,
                en=p.en,
                digest=p.digest,
            )
            for p in await asyncio.to_thread(ask)
        ]
    )
