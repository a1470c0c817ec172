"""People (人员): the roster and its file, who is not available, who is who."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.exchange.roster import write_template
from api.exchange.roster_import import import_roster
from api.http.auth import Account
from api.http.body import (
    XLSX,
    Code,
    Moment,
    Needed,
    PersonId,
    Seq,
    Strict,
    Text,
)
from api.http.body import (
    Account as AccountId,
)
from api.http.deps import (
    EPOCH,
    ERRORS,
    Caller,
    TheWorld,
    Write,
    Writing,
    accounts_of,
    acts,
    answer,
    reads,
    record_read,
)
from api.http.lists import MEDIA, AskedFor, disposition, page_of, respond
from api.http.plain import receipt_fields
from api.pages.faces import Faces
from api.pages.packages import Covering, package_rows
from api.pages.people import (
    LISTING,
    UNITS,
    people_page,
    people_rows,
    person_row,
    unit_rows,
)
from api.pages.places import path_shown
from api.pages.posts import Staffing, brief, history, line_of, post_body
from api.planning.outlook import what_if, what_was
from api.routes.checkins import campaigns_in, my_check_in
from api.world.vault import Secret
from api.world.world import World, id_of
from coordination.checkin.decide import WalkUp
from coordination.kernel import Provenance, Refusal
from coordination.people.decide import MarkAvailable, MarkUnavailable
from coordination.people.identity import BindAccount, ForgetPerson, MergePerson
from coordination.people.state import UnknownPerson, person_stream
from coordination.tree import community_of
from projections.coverage import PACKAGE
from projections.names import Names, label_of
from projections.posts import POST
from projections.roster import HUMAN
from projections.store import seen, shown_at

router = APIRouter(tags=["people"], responses=ERRORS)
PEOPLE_MAX = 20_000
LOOK_SECONDS = 600
"""A list that is open and renews itself is one reading for so long."""
FILE = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("text/csv", XLSX)
        },
    }
}


Skill = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,30}$")]


class Unavailable(Strict):
    """Who is not available, why, and until when if that is known."""

    people: Annotated[list[PersonId], Field(min_length=1, max_length=PEOPLE_MAX)]
    cause: Annotated[str, Field(pattern=r"^[a-z-]{2,20}$")]
    until: Moment | None = None
    what_if: bool = False
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Available(Strict):
    """Who is available again."""

    people: Annotated[list[PersonId], Field(min_length=1, max_length=PEOPLE_MAX)]
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class WalkUpBody(Strict):
    """Somebody on no roster, here and now."""

    community: Code
    name: Annotated[Needed, Field(max_length=50)]
    phone: Annotated[Text, Field(max_length=40)] = ""
    skills: Annotated[list[Skill], Field(max_length=10)] = Field(default_factory=list)
    source: Literal["phone", "qr", "staff", "paper"] = "staff"
    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Into(Strict):
    """Who a walk-up turned out to be."""

    into: PersonId
    reason: Text = ""
    seen_seq: Seq = 0


class Forget(Strict):
    """Why somebody is forgotten; it cannot be undone."""

    reason: Needed
    password: Annotated[str, Field(max_length=200)] = ""
    seen_seq: Seq = 0


class NewAccount(Strict):
    """The account by which somebody signs in from now on."""

    account: AccountId
    password: Annotated[str, Field(min_length=12, max_length=200)]
    seen_seq: Seq = 0


class NotProved(Refusal):
    """It needs the password just now (须重新验证)."""

    code = "people.not-proved"
    zh = "注销个人信息须再次输入本人密码"
    en = "forgetting somebody needs your password once more"
    field = "password"


def home_of(world: World, person: str) -> tuple[str, ...]:
    """Return the path of the community somebody lives in, for a command to name.

    :raises UnknownPerson: if there is none
    """
    found = world.state(person_stream(person))
    if found.registered is None:
        raise UnknownPerson(person=person)
    return (community_of(found.residence),)


@router.get("/people", **reads("view.people"))
async def people(
    request: Request,
    world: TheWorld,
    caller: Caller,
    asked: AskedFor,
    area: Code | None = None,
) -> Response:
    """Return who lives in an area, as far as the reader may know (花名册)."""
    name_of = accounts_of(request).name_of
    await record_read(world, caller, "people", area or "", seconds=LOOK_SECONDS)

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            names, faces = Names(c, at, name_of), Faces(world, caller, c, at)
            path = path_shown(c, area) if area else ""
            rows = people_rows(c, path, faces, names, world.clock())
            page = people_page(rows, asked, faces, names)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "花名册", world.settings.zone)

    return await asyncio.to_thread(ask)


@router.get("/people/mine", **reads("self"))
async def mine(request: Request, world: TheWorld, caller: Caller) -> Response:
    """Return what concerns the caller: check-in, posts, packages (我的值守)."""
    name_of, person = accounts_of(request).name_of, world.person_of(caller.account)

    def ask() -> dict[str, Any]:
        now = world.clock()
        with world.reading() as c:
            at = shown_at(c, None)
            names, faces = Names(c, at, name_of), Faces(world, caller, c, at)
            row = HUMAN.get(c, person, at=at) if person else None
            if row is None or row.state:
                none: dict[str, Any] = {"posts": [], "line": [], "packages": []}
                return {"person": None, **none, "checkin": None, "seq": seen(c)}
            staffing = Staffing(c, world.read(), now, at)
            acting = [
                found
                for post in row.posts.split(",")
                if post and (found := POST.get(c, post, at=at))
            ]
            packages = [
                p
                for p in PACKAGE.where(c, PACKAGE.table.c.party == person, at=at)
                if p.party_kind == "person"
            ]
            for post in acting:
                held = PACKAGE.where(c, PACKAGE.table.c.party == post.post, at=at)
                packages += [p for p in held if p.party_kind == "post"]
            covering = Covering(c, names, at)
            return {
                "person": person_row(row, faces, names, now, whole=True),
                "posts": [post_body(c, p, staffing, faces, names) for p in acting],
                "line": [
                    {
                        **brief(p, names),
                        "state": p.state,
                        "acting": faces.brief(p.acting),
                        "place_in_line": place,
                    }
                    for p, place in line_of(c, person, names)
                ],
                "packages": package_rows(packages, covering, faces, names),
                "checkin": my_check_in(world, row, names),
                "seq": seen(c),
            }

    # A shared phone asks whose this is: another tab may have signed in as another.
    return answer({"account": caller.account, **await asyncio.to_thread(ask)})


WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get(
    "/people/template",
    response_class=Response,
    responses=WORKBOOK,
    **reads("self"),
)
async def template(lang: Literal["zh", "en"] = "zh") -> Response:
    """Return an empty roster to fill in (花名册模板)."""
    data = await asyncio.to_thread(write_template, lang)
    named = disposition("花名册模板.xlsx" if lang == "zh" else "roster-template.xlsx")
    return Response(
        data, media_type=MEDIA["xlsx"], headers={"Content-Disposition": named}
    )


@router.get("/people/{person}", **reads("view.people"))
async def one(
    request: Request, person: PersonId, world: TheWorld, caller: Caller
) -> Response:
    """Return somebody with everything there is; reading it is recorded."""
    name_of = accounts_of(request).name_of
    home = home_of(world, person)
    by = Provenance(command_id="", actor=caller.actor)
    if not world.sees_person(by, home[0]):
        raise UnknownPerson(person=person)  # not told whether there is one
    await record_read(world, caller, "person", person, seconds=LOOK_SECONDS)

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            at = shown_at(c, None)
            faces = Faces(world, caller, c, at)
            names = Names(c, at, name_of, faces.name)
            row = HUMAN.get(c, person, at=at)
            if row is None:
                raise UnknownPerson(person=person)
            held = PACKAGE.where(c, PACKAGE.table.c.party == person, at=at)
            covering = Covering(c, names, at)
            recorder = world.log.recorder
            return {
                **person_row(row, faces, names, world.clock(), whole=True),
                "backs": [
                    {**brief(p, names), "rank_in_line": place}
                    for p, place in line_of(c, person, names)
                ],
                "package_rows": package_rows(held, covering, faces, names),
                "history": history(c, recorder, f"person/{person}", names, name_of),
                "shown_seq": seen(c),
            }

    return answer(await asyncio.to_thread(ask))


@router.get("/units", **reads("view.people"))
async def units(world: TheWorld, asked: AskedFor, area: Code | None = None) -> Response:
    """Return the units with members in an area, and how complete they are (单位)."""

    def ask() -> Response:
        with world.reading() as c:
            names = Names(c, shown_at(c, None))
            path = path_shown(c, area) if area else ""
            rows = unit_rows(c, path, campaigns_in(world, c, path), names)
            page = page_of(rows, asked, UNITS)
            page["seq"] = seen(c)
        return respond(page, UNITS.columns, asked, "单位完整率", world.settings.zone)

    return await asyncio.to_thread(ask)


IMPORT: dict[str, Any] = acts("people.import")
IMPORT["openapi_extra"] = {**IMPORT["openapi_extra"], **FILE}


@router.post("/people/import", **IMPORT)
async def import_file(
    request: Request, write: Write, area: Code | None = None, *, dry_run: bool = False
) -> Response:
    """Import a roster, all or nothing; or say what that would do (导入花名册)."""
    world, data = write.world, await request.body()
    place = world.places((area or request.app.state.home,))[0]
    found = await import_roster(world, data, place, write.by(0), dry=dry_run)
    return answer(found)


@router.post("/people/unavailable", **acts("people.availability"))
async def unavailable(body: Unavailable, write: Write) -> Response:
    """Record who is not available, and replan; or show what that would do (不可用)."""
    world = write.world
    until_us = (body.until - EPOCH) // timedelta(microseconds=1) if body.until else 0
    command = MarkUnavailable(
        people=tuple(body.people),
        cause=body.cause,
        until_us=until_us,
        reason=body.reason,
        basis=body.basis,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    if body.what_if:
        shown = await asyncio.to_thread(what_if, world, write.caller, command, by)
        return answer({"what_if": True, **shown})
    receipt = await world.do(command, by)
    shown = await asyncio.to_thread(what_was, world, write.caller, receipt)
    return answer({"what_if": False, **receipt_fields(receipt), **shown})


@router.post("/people/available", **acts("people.availability"))
async def available(body: Available, write: Write) -> Response:
    """Record who is available again; nothing is retaken by it (恢复可用)."""
    command = MarkAvailable(
        people=tuple(body.people),
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    return answer(receipt_fields(await write.world.do(command, by)))


@router.post("/people/walkups", status_code=201, **acts("checkin.record"))
async def walk_up(body: WalkUpBody, write: Write) -> Response:
    """Register a walk-up: provisional, reported and present at once (临时报到)."""
    world = write.world
    person = f"h-{id_of('w', write.command_id)[2:]}00"
    secret = Secret(body.name, body.phone)
    command = WalkUp(
        person=person,
        community=body.community,
        skills=tuple(dict.fromkeys(body.skills)),
        sealed="",
        source=body.source,
        reason=body.reason,
    )
    by = write.by(body.seen_seq, body.occurred_at)
    if world.state(person_stream(person)).registered is None:
        # Of what would be refused no name is kept; nor does one sent again under the
        # same command id rename anybody, or bring back who was forgotten since.
        await asyncio.to_thread(world.handler.preview, command, by, world.clock())
        await asyncio.to_thread(world.vault.put, {person: secret})
    sealed = await asyncio.to_thread(world.vault.sealed, person, secret)
    command = msgspec.structs.replace(command, sealed=sealed)
    receipt = await world.do(command, by)
    return answer({**receipt_fields(receipt), "person": person}, 201)


@router.post("/people/{person}/merge", **acts("people.merge"))
async def merge(person: PersonId, body: Into, write: Write) -> Response:
    """Merge a walk-up into somebody on the roster, hours and all (并入)."""
    command = MergePerson(
        person=person,
        into=body.into,
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "person": person, "into": body.into})


@router.post("/people/{person}/forget", **acts("people.forget"))
async def forget(person: PersonId, body: Forget, write: Write) -> Response:
    """Forget somebody: the key to their name is destroyed (注销个人信息)."""
    world = write.world
    command = ForgetPerson(person=person, reason=body.reason)
    proof = await write.proof(body.password)
    if not proof:
        # Whoever may not is told so, rather than asked for a password.
        world.entitle(
            write.by(body.seen_seq), command.ACTION, command.places(world.read())
        )
        raise NotProved
    account = world.state(person_stream(person)).account
    by = write.by(body.seen_seq, reauthenticated=proof)
    receipt = await world.do(command, by)
    await asyncio.to_thread(world.vault.forget, person)
    if account:
        _close(write, account)
    return answer({**receipt_fields(receipt), "person": person})


def _close(write: Writing, account: str) -> None:
    """Disable the account of somebody who is forgotten."""
    accounts = accounts_of(write.request)
    if accounts.get(account) is not None:
        accounts.disable(account)


@router.post("/people/{person}/account", status_code=201, **acts("people.bind"))
async def bind(person: PersonId, body: NewAccount, write: Write) -> Response:
    """Open an account by which somebody signs in (开通账号)."""
    world, accounts = write.world, accounts_of(write.request)
    command = BindAccount(person=person, account=body.account)
    receipt = await world.do(command, write.by(body.seen_seq))
    if accounts.get(body.account) is None:
        # No name there: forgetting somebody must find all of them in the vault.
        made = Account(body.account, label_of(person)[0])
        await asyncio.to_thread(accounts.add, made, body.password)
    return answer(
        {**receipt_fields(receipt), "person": person, "account": body.account}, 201
    )
