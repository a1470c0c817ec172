"""Emergencies (应急响应): preview, declare, change, end; at Ⅰ and Ⅱ by two people."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, EmergencyId, Id, Moment, Needed, Seq, Strict, Text
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    previews_of,
    provenance,
    reads,
    record_read,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import Who, receipt_fields
from api.http.shapes import (
    Emergency,
    EmergencyReceipt,
    Level,
    PlaybookBody,
    Playbooks,
    PreviewBody,
)
from api.pages.board import emergency_body
from api.pages.emergencies import (
    LISTING,
    RECORD,
    changes_of,
    emergency_rows,
    record_of,
    record_rows,
)
from api.pages.posts import Staffing
from api.pages.preview import preview_body, sealed, signers
from api.pages.readiness import readiness
from api.world.world import World, emergency_id
from coordination.approvals.decide import EXPIRES_MINUTES_MAX
from coordination.approvals.events import GlassBroken, ProposalMade
from coordination.authority.state import APPROVED_FROM_LEVEL, AUTHORITY
from coordination.catalogue import decode_event, open_envelope
from coordination.kernel import Command, Provenance
from coordination.log import Receipt
from coordination.mode.changes import (
    ChangeLevel,
    NarrowScope,
    WidenScope,
)
from coordination.mode.decide import (
    EXPECTED_HOURS_MAX,
    DeclareEmergency,
    EndEmergency,
    Missing,
)
from coordination.mode.events import EmergencyDeclared, EmergencyEnded
from coordination.mode.state import UnknownEmergency, playbook_of, playbook_stream
from coordination.mode.terms import ExtendExpectation, Regrade
from coordination.playbook import LEVEL_NAMES, ROMAN
from projections.board import ORDER, PLAN, Plan
from projections.names import Names
from projections.store import seen

router = APIRouter(tags=["mode"], responses=ERRORS)
AREAS_MAX = 500
Codes = Annotated[list[Code], Field(max_length=AREAS_MAX)]
Hours = Annotated[int, Field(ge=1, le=EXPECTED_HOURS_MAX)]
Severity = Literal["", "extraordinary", "major", "large", "general"]
Warning_ = Literal["", "red", "orange", "yellow", "blue"]
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Password = Annotated[str, Field(max_length=200)]


class Switch(Strict):
    """What every switch comes with.

    ``preview``: digest of the preview that was shown. ``break_glass`` 紧急单人处置:
    decide Ⅰ or Ⅱ alone, with reason and password, to be reviewed.
    ``expires_minutes``: how long a proposal waits for its approver.
    """

    reason: Text = ""
    preview: Digest = ""
    break_glass: bool = False
    password: Password = ""
    expires_minutes: Annotated[int, Field(ge=5, le=EXPIRES_MINUTES_MAX)] = 120
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Declaration(Switch):
    """What the law asks an activation to state, and the playbook to run.

    Severity of the event, warning colour and response level are three scales.
    """

    hazard: Id = Field(examples=["epidemic"])
    level: Level
    severity: Severity = ""
    warning: Warning_ = ""
    scope: Annotated[list[Code], Field(min_length=1, max_length=AREAS_MAX)]
    excluded: Codes = Field(default_factory=list)
    basis: Needed = Field(examples=["沪松应急〔2026〕3 号"])
    matter: Needed = Field(examples=["新冠疫情"])
    measures: Needed = Field(examples=["启用采样点，封闭管理重点小区"])
    expected_hours: Hours
    playbook: Id = Field(examples=["epidemic-control"])


class Termination(Switch):
    """On what an emergency is ended."""

    basis: Needed


class LevelChange(Switch):
    """To which level, on what."""

    level: Level
    basis: Needed


class Widening(Switch):
    """The areas added, less those left out of them."""

    areas: Annotated[list[Code], Field(min_length=1, max_length=AREAS_MAX)]
    excluded: Codes = Field(default_factory=list)
    basis: Needed


class Narrowing(Switch):
    """The areas taken out."""

    areas: Annotated[list[Code], Field(min_length=1, max_length=AREAS_MAX)]
    basis: Needed


class Extension(Strict):
    """How many hours more from now, on what."""

    expected_hours: Hours
    basis: Needed
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Grading(Strict):
    """Severity of the event and warning colour, as they are now; empty: not stated."""

    severity: Severity
    warning: Warning_
    basis: Needed
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class ChangeWish(Strict):
    """A change to look at before it is ordered."""

    action: Literal["raise", "lower", "widen", "narrow", "end"]
    level: Level | None = None
    areas: Codes = Field(default_factory=list)
    excluded: Codes = Field(default_factory=list)
    basis: Text = ""
    reason: Text = ""
    seen_seq: Seq = 0


def declaring(world: World, body: Declaration, emergency: str) -> DeclareEmergency:
    """Return the command of a declaration."""
    return DeclareEmergency(
        emergency=emergency,
        hazard=body.hazard,
        level=ROMAN[body.level],
        severity=body.severity,
        warning=body.warning,
        scope=world.places(tuple(body.scope)),
        excluded=world.places(tuple(body.excluded)),
        matter=body.matter,
        measures=body.measures,
        expected_hours=body.expected_hours,
        playbook=body.playbook,
        basis=body.basis,
        reason=body.reason,
    )


def changing(
    world: World, emergency: str, action: str, given: dict[str, Any]
) -> Command:
    """Return the command of a change; ``given``: level, areas, basis … as they came.

    :raises UnknownEmergency: if there is none
    """
    common = {
        "emergency": emergency,
        "basis": given.get("basis", ""),
        "reason": given.get("reason", ""),
    }
    areas = world.places(tuple(given.get("areas", ())))
    if action in {"raise", "lower"}:
        level = ROMAN[given["level"]]
        return ChangeLevel(**common, level=level, raising=action == "raise")
    if action == "widen":
        excluded = world.places(tuple(given.get("excluded", ())))
        return WidenScope(**common, added=areas, excluded=excluded)
    if action == "narrow":
        return NarrowScope(**common, removed=areas)
    assert action == "end", "the models take these only"
    return EndEmergency(**common)


def effect_of(command: Command) -> str:
    """Return what a switch would do, in short: a preview is for this and no other."""
    told = {"emergency", "hazard", "level", "scope", "excluded", "playbook"}
    told |= {"added", "removed"}
    if isinstance(command, DeclareEmergency):
        told -= {"emergency"}
    found = {k: v for k, v in msgspec.to_builtins(command).items() if k in told}
    text = msgspec.json.encode([type(command).__name__, found], order="sorted")
    return text.decode()


def ordered_body(world: World, receipt: Receipt, emergency: str) -> dict[str, Any]:
    """Return what a switch led to: told from the log, so a retry tells the same."""
    found: dict[str, Any] = {"proposal": None, "glass": None, "state": "ACTIVE"}
    for row in world.log.recorder.rows(
        receipt.first_seq - 1, receipt.seq - receipt.first_seq + 1
    ):
        event = decode_event(row.name, open_envelope(row.stored).event)
        match event:
            case ProposalMade():
                found |= {"proposal": event.proposal, "state": "PROPOSED"}
                emergency = event.emergency
            case GlassBroken():
                found["glass"] = event.glass
            case EmergencyEnded():
                found["state"] = "ENDED"
            case EmergencyDeclared():
                emergency = event.emergency
            case _:
                pass
    return {**receipt_fields(receipt), "emergency": emergency, **found}


async def order(write: Write, command: Command, body: Switch, emergency: str) -> Any:
    """Order a switch, or propose it, citing the preview that was shown."""
    if body.preview:
        cite = previews_of(write.request).cite
        await asyncio.to_thread(cite, body.preview, effect_of(command))
    by = write.by(
        body.seen_seq,
        body.occurred_at,
        preview=body.preview,
        reauthenticated=await write.proof(body.password),
    )
    receipt = await write.world.order(
        command, by, minutes=body.expires_minutes, alone=body.break_glass
    )
    found = await asyncio.to_thread(ordered_body, write.world, receipt, emergency)
    return EmergencyReceipt(**found)


@router.post("/emergencies", status_code=201, **acts("emergency.declare"))
async def declare(body: Declaration, write: Write) -> EmergencyReceipt:
    """Declare an emergency and order the switch (宣布应急响应并下达转换令)."""
    emergency = emergency_id(write.command_id)
    command = declaring(write.world, body, emergency)
    return await order(write, command, body, emergency)  # type: ignore[no-any-return]


async def _change(
    write: Write, emergency: str, action: str, body: Switch
) -> EmergencyReceipt:
    command = changing(write.world, emergency, action, body.model_dump())
    return await order(write, command, body, emergency)  # type: ignore[no-any-return]


@router.post("/emergencies/{emergency}/raise", **acts("emergency.change"))
async def raise_level(
    emergency: EmergencyId, body: LevelChange, write: Write
) -> EmergencyReceipt:
    """Raise the level; only the delta of actions applies (提级)."""
    return await _change(write, emergency, "raise", body)


@router.post("/emergencies/{emergency}/lower", **acts("emergency.change"))
async def lower_level(
    emergency: EmergencyId, body: LevelChange, write: Write
) -> EmergencyReceipt:
    """Lower the level (降级)."""
    return await _change(write, emergency, "lower", body)


@router.post("/emergencies/{emergency}/widen", **acts("emergency.change"))
async def widen(
    emergency: EmergencyId, body: Widening, write: Write
) -> EmergencyReceipt:
    """Widen the scope (扩大范围)."""
    return await _change(write, emergency, "widen", body)


@router.post("/emergencies/{emergency}/narrow", **acts("emergency.change"))
async def narrow(
    emergency: EmergencyId, body: Narrowing, write: Write
) -> EmergencyReceipt:
    """Narrow the scope; what is left out begins to recover (缩小范围)."""
    return await _change(write, emergency, "narrow", body)


@router.post("/emergencies/{emergency}/end", **acts("emergency.end"))
async def end(
    emergency: EmergencyId, body: Termination, write: Write
) -> EmergencyReceipt:
    """End an emergency (解除应急响应)."""
    return await _change(write, emergency, "end", body)


@router.post("/emergencies/{emergency}/extend", **acts("emergency.change"))
async def extend(
    emergency: EmergencyId, body: Extension, write: Write
) -> EmergencyReceipt:
    """Extend the expected duration (延长预计期限)."""
    command = ExtendExpectation(
        emergency=emergency,
        expected_hours=body.expected_hours,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await write.world.do(command, by)
    return EmergencyReceipt(**ordered_body(write.world, receipt, emergency))


@router.post("/emergencies/{emergency}/grade", **acts("emergency.change"))
async def grade(
    emergency: EmergencyId, body: Grading, write: Write
) -> EmergencyReceipt:
    """Record severity and warning colour as they are now (事件等级、预警颜色)."""
    command = Regrade(
        emergency=emergency,
        severity=body.severity,
        warning=body.warning,
        basis=body.basis,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    receipt = await write.world.do(command, by)
    return EmergencyReceipt(**ordered_body(write.world, receipt, emergency))


def preview_of(world: World, who: Who, command: Command, action: str) -> dict[str, Any]:
    """Return what a switch would change, decided and shown for real.

    :raises Refusal: as the decision would
    """
    by = provenance(world, who, "", 0)
    # Before anything is said of what stands there.
    role = world.entitle(by, command.ACTION, command.places(world.read())).actor.role
    foreseen = world.foresee(command, by)
    own = getattr(command, "emergency", "")
    if isinstance(command, DeclareEmergency):
        published = world.state(playbook_stream(command.playbook))
        playbook, own = published.by_digest[published.newest], None
    else:
        playbook = playbook_of(world.read(), world.emergency(own).declared)
    roles = world.state(AUTHORITY).signers(
        foreseen.level, command.places(world.read()), world.clock()
    )
    refused = foreseen.refused
    with world.reading() as c:
        staffing = Staffing(c, world.read(), world.clock(), None)
        ready = readiness(c, playbook, foreseen.order, staffing)
        body = preview_body(c, foreseen.changes, playbook, ready)
    return sealed(
        {
            "seq": foreseen.seq,
            "action": action,
            "emergency": own,
            "level": LEVEL_NAMES[foreseen.level],
            "needs_approval": foreseen.level < APPROVED_FROM_LEVEL,
            "may_sign": role in roles,
            "signers": signers(roles),
            "refused": None
            if refused is None
            else {
                "code": refused.code,
                "zh": refused.say("zh"),
                "en": refused.say("en"),
            },
            **body,
        }
    )


async def _previewed(
    request: Request, who: Who, world: World, command: Command, action: str
) -> Response:
    await world.reached(world.log.recorder.head().seq)

    def look() -> dict[str, Any]:
        body = preview_of(world, who, command, action)
        previews_of(request).keep(
            body["digest"], effect_of(command), body, world.clock()
        )
        return body

    return answer(await asyncio.to_thread(look))


LOOK: dict[str, Any] = {"openapi_extra": {"x-action": "emergency.declare"}}
LOOK_AT_CHANGE: dict[str, Any] = {"openapi_extra": {"x-action": "emergency.change"}}


@router.post("/emergencies/preview", response_model=PreviewBody, **LOOK)
async def preview_declaration(
    request: Request, body: Declaration, world: TheWorld, caller: Caller
) -> Response:
    """Show what a declaration would switch; nothing is stored in the log (预演)."""
    command = declaring(world, body, "e-0000000000")
    return await _previewed(request, caller, world, command, "declare")


@router.post(
    "/emergencies/{emergency}/preview", response_model=PreviewBody, **LOOK_AT_CHANGE
)
async def preview_change(
    request: Request,
    emergency: EmergencyId,
    body: ChangeWish,
    world: TheWorld,
    caller: Caller,
) -> Response:
    """Show what a change of level or scope, or the end, would do (预演)."""
    if body.action in {"raise", "lower"} and body.level is None:
        raise Missing(name="级别", name_en="level", element="level")
    if body.action in {"widen", "narrow"} and not body.areas:
        raise Missing(name="区域", name_en="areas", element="areas")
    given = body.model_dump()
    given |= {"basis": body.basis or "preview", "level": body.level or "IV"}
    command = changing(world, emergency, body.action, given)
    return await _previewed(request, caller, world, command, body.action)


@router.get("/emergencies", **reads("view.situation"))
async def emergencies(request: Request, world: TheWorld, asked: AskedFor) -> Response:
    """Return every emergency (应急响应)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            page = page_of(emergency_rows(c, name_of), asked, LISTING)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "应急响应", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/emergencies/{emergency}/record", **reads("view.record"))
async def record(
    request: Request,
    emergency: EmergencyId,
    world: TheWorld,
    caller: Caller,
    asked: AskedFor,
) -> Response:
    """Return the after-event record (事后记录); that it was read is recorded."""
    name_of = accounts_of(request).name_of
    scope = world.emergency(emergency).newest.scope
    by = Provenance(command_id="", actor=caller.actor)
    world.entitle(by, "view.record", tuple(place.path for place in scope))
    await record_read(world, caller, "record", emergency)

    def ask() -> Response:
        with world.reading() as c:
            row = ORDER.get(c, emergency)
            if row is None:
                raise UnknownEmergency(emergency=emergency)
            found = record_of(c, world.log.recorder, row, name_of, world.clock())
            found["seq"] = seen(c)
        if asked.format == "json":
            return answer(found)
        page = page_of(record_rows(found), asked, RECORD)
        zone = world.settings.zone
        return respond(page, RECORD.columns, asked, f"事后记录 {row.matter}", zone)

    return await asyncio.to_thread(ask)


@router.get("/emergencies/{emergency}", **reads("view.situation"))
async def emergency(
    request: Request, emergency: EmergencyId, world: TheWorld
) -> Emergency:
    """Return an emergency as it stands, and every change of it."""
    name_of = accounts_of(request).name_of

    def ask() -> Emergency:
        with world.reading() as c:
            row = ORDER.get(c, emergency)
            if row is None:
                raise UnknownEmergency(emergency=emergency)
            names = Names(c, None, name_of)
            return Emergency(
                **emergency_body(row, names, name_of),
                changes=changes_of(c, world.log.recorder, row, names, name_of),
                shown_seq=seen(c),
            )

    return await asyncio.to_thread(ask)


@router.get("/playbooks", **reads("view.situation"))
async def playbooks(world: TheWorld) -> Playbooks:
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
