"""Packages (四包): who answers for which compound, building, grid and facility."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http.body import Code, Moment, PersonId, Seq, Strict, TargetId, Text
from api.http.deps import (
    ERRORS,
    Caller,
    TheWorld,
    Write,
    accounts_of,
    acts,
    answer,
    reads,
)
from api.http.lists import AskedFor, page_of, respond
from api.http.plain import receipt_fields
from api.pages.faces import Faces
from api.pages.packages import LISTING, Covering, coverage_body, package_rows
from api.pages.places import path_shown
from api.planning.assigning import DISTANCES, Candidate, Target, propose
from api.world.world import World
from coordination.kernel import Refusal
from coordination.packages.decide import (
    AssignPackages,
    HandOverPackage,
    PackageRow,
    ReleasePackage,
)
from coordination.packages.events import PERSON, PackageKind, Party
from coordination.packages.kinds import SetPackageKinds
from coordination.packages.state import KINDS, target_path
from coordination.tree import DIGITS, Place, around, community_of
from projections.board import AREA, LOCAL, Area
from projections.coverage import GAP, PACKAGE, STANDING, state_of
from projections.names import Names
from projections.roster import HUMAN
from projections.store import seen, shown_at

router = APIRouter(prefix="/packages", tags=["packages"], responses=ERRORS)
ROWS_MAX = 6_000
KindId = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,30}$")]
Backups = Annotated[list[PersonId], Field(max_length=5)]


class PartyBody(Strict):
    """Somebody who answers for a target."""

    kind: Literal["person", "post", "organisation"]
    id: Annotated[str, Field(min_length=3, max_length=60, pattern=r"^[a-z0-9:-]+$")]

    @property
    def party(self) -> Party:
        """The same for the decision."""
        return Party(self.kind, self.id)


class Row(Strict):
    """A package to assign."""

    kind: KindId
    target: TargetId
    party: PartyBody
    backups: Backups = Field(default_factory=list)


class Rows(Strict):
    """Packages to assign, all or none, in one decision."""

    rows: Annotated[list[Row], Field(min_length=1, max_length=ROWS_MAX)]
    reason: Text = ""
    basis: Text = ""
    seen_seq: Seq = 0


class Over(Row):
    """A package to hand over."""

    reason: Text = ""
    seen_seq: Seq = 0
    occurred_at: Moment | None = None


class Release(Strict):
    """A package to release."""

    kind: KindId
    target: TargetId
    reason: Text = ""
    seen_seq: Seq = 0


class Proposing(Strict):
    """Where packages of a kind are to be proposed for everything nobody has."""

    area: Code
    kind: KindId
    skill: Annotated[str, Field(pattern=r"^([a-z][a-z-]{1,30})?$")] = ""
    seen_seq: Seq = 0


class KindBody(Strict):
    """A kind of package."""

    id: KindId
    zh: Annotated[Text, Field(min_length=1, max_length=40)]
    en: Annotated[Text, Field(min_length=1, max_length=60)]
    target: Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]
    parties: Annotated[
        list[Literal["person", "post", "organisation"]],
        Field(min_length=1, max_length=3),
    ]
    load: Annotated[int, Field(ge=1, le=50)]
    peace_zh: Text
    peace_en: Text
    war_zh: Text
    war_en: Text
    functions: Annotated[list[KindId], Field(max_length=10)] = Field(
        default_factory=list
    )
    skill: Text = ""


class KindsBody(Strict):
    """All kinds, from now on."""

    kinds: Annotated[list[KindBody], Field(min_length=1, max_length=20)]
    reason: Text = ""
    seen_seq: Seq = 0


class UnknownKind(Refusal):
    """No such kind of package (包保类型不存在)."""

    code = "packages.unknown-kind"
    zh = "没有包保类型 {kind}"
    en = "there is no kind of package {kind}"
    field = "kind"


@router.get("", **reads("view.situation"))
async def packages(
    request: Request,
    world: TheWorld,
    caller: Caller,
    asked: AskedFor,
    area: Code | None = None,
) -> Response:
    """Return every target of an area, with whoever answers for it (四包)."""
    name_of = accounts_of(request).name_of

    def ask() -> Response:
        with world.reading() as c:
            at = shown_at(c, None)
            names, faces = Names(c, at, name_of), Faces(world, caller, c, at)
            path = path_of_area(c, area) if area else ""
            found = PACKAGE.select(c, at=at, path=path)
            rows = package_rows(found, Covering(c, names, at), faces, names)
            page = page_of(rows, asked, LISTING)
            page["seq"] = seen(c)
        return respond(page, LISTING.columns, asked, "四包", world.settings.zone)

    return await asyncio.to_thread(ask)


def path_of_area(c: Any, code: str) -> str:
    """Return the path of an area, local codes too.

    :raises UnknownArea: if there is none
    """
    return code if LOCAL.get(c, code) else path_shown(c, code)


@router.get("/coverage", **reads("view.situation"))
async def coverage(
    request: Request, world: TheWorld, caller: Caller, area: Code
) -> Response:
    """Return how an area is covered, by its children, with the gaps (包保覆盖)."""
    name_of = accounts_of(request).name_of

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            at = shown_at(c, None)
            names, faces = Names(c, at, name_of), Faces(world, caller, c, at)
            path = path_shown(c, area)
            known = AREA.get(c, area, at=at)
            place = known or Area(area, path, area, "", "", 0, 0)
            return {**coverage_body(c, place, faces, names), "seq": seen(c)}

    return answer(await asyncio.to_thread(ask))


@router.get("/kinds", **reads("view.situation"))
async def kinds(world: TheWorld) -> Response:
    """Return the kinds of packages in force (包保类型)."""
    found = world.state(KINDS)
    return answer({"kinds": [msgspec.to_builtins(kind) for kind in found.values()]})


@router.post("/kinds", **acts("package.kinds"))
async def set_kinds(body: KindsBody, write: Write) -> Response:
    """Configure the kinds of packages (设定包保类型)."""
    given = tuple(
        msgspec.convert(kind.model_dump(), PackageKind) for kind in body.kinds
    )
    command = SetPackageKinds(kinds=given, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer(receipt_fields(receipt))


def _common(world: World, targets: list[str]) -> Place:
    """Return the lowest area that all of these targets lie in."""
    paths = sorted({target_path(target) for target in targets})
    levels = {digits: level for level, digits in DIGITS.items()}
    places = []
    for path in paths:
        code = community_of(path) if len(path) > 12 else path.ljust(12, "0")  # noqa: PLR2004 - an official code
        level = levels.get(len(community_of(path)), "community")
        places.append(Place(code, level))
    path = "".join(around([place.path for place in places]))
    return world.places((path.ljust(12, "0") if len(path) < 12 else path,))[0]  # noqa: PLR2004 - an official code


@router.post("/assign", status_code=201, **acts("package.assign"))
async def assign(body: Rows, write: Write) -> Response:
    """Assign packages that nobody has, one decision however many (落实包保)."""
    world = write.world
    rows = tuple(
        PackageRow(row.kind, row.target, row.party.party, tuple(row.backups))
        for row in body.rows
    )
    command = AssignPackages(
        area=_common(world, [row.target for row in rows]),
        rows=rows,
        reason=body.reason,
        basis=body.basis,
    )
    receipt = await world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "assigned": len(rows)}, 201)


@router.post("/handover", **acts("package.assign"))
async def hand_over(body: Over, write: Write) -> Response:
    """Hand a package over: one decision, never nobody or two (移交包保)."""
    command = HandOverPackage(
        kind=body.kind,
        target=body.target,
        party=body.party.party,
        backups=tuple(body.backups),
        reason=body.reason,
    )
    receipt = await write.world.do(command, write.by(body.seen_seq, body.occurred_at))
    return answer({**receipt_fields(receipt), "id": f"{body.kind}/{body.target}"})


@router.post("/release", **acts("package.assign"))
async def release(body: Release, write: Write) -> Response:
    """Release a package, in peacetime only (解除包保)."""
    command = ReleasePackage(kind=body.kind, target=body.target, reason=body.reason)
    receipt = await write.world.do(command, write.by(body.seen_seq))
    return answer({**receipt_fields(receipt), "id": f"{body.kind}/{body.target}"})


@router.post("/propose", **acts("package.assign"))
async def proposing(body: Proposing, write: Write) -> Response:
    """Propose who should answer for what nobody has; nothing is stored (批量建议)."""
    world, caller = write.world, write.caller
    by = write.by(body.seen_seq)
    path = world.places((body.area,))[0].path
    world.entitle(by, "package.assign", (path,))
    kind = world.state(KINDS).get(body.kind)
    if kind is None or PERSON not in kind.parties:
        raise UnknownKind(kind=body.kind)

    def ask() -> dict[str, Any]:
        with world.reading() as c:
            return proposed(world, caller, c, path, kind, body.skill)

    return answer(await asyncio.to_thread(ask))


def proposed(
    world: World, caller: Caller, c: Any, path: str, kind: PackageKind, skill: str
) -> dict[str, Any]:
    """Return a proposal for every target of a kind that nobody answers for."""
    at = shown_at(c, None)
    names, faces = Names(c, at), Faces(world, caller, c, at)
    open_ = [
        row
        for row in PACKAGE.select(c, at=at, path=path)
        if row.kind == kind.id and state_of(row) in {GAP, STANDING}
    ]
    held = PACKAGE.where(c, PACKAGE.table.c.kind == kind.id, at=at)
    loads: dict[str, int] = {}
    for row in held:
        if row.party_kind == PERSON:
            loads[row.party] = loads.get(row.party, 0) + 1
    street = path[: DIGITS["street"]]
    candidates = [
        Candidate(
            row.person,
            row.path,
            frozenset(filter(None, row.skills.split(","))),
            loads.get(row.person, 0),
        )
        for row in HUMAN.select(c, at=at, path=street)
        if not row.cause and not row.state and not row.posts
    ]
    wanted = skill or kind.skill
    targets = [Target(row.package, row.target) for row in open_]
    found = propose(targets, candidates, limit=kind.load, skill=wanted)
    faces.know(one.person for one in found)
    names.know_local({row.target for row in open_})
    standing = {row.package for row in open_ if state_of(row) == STANDING}
    rows = [
        {
            "kind": kind.id,
            "target": one.key.partition("/")[2],
            "target_name": names.target(one.key.partition("/")[2]),
            "area_name": names.area(community_of(one.key.partition("/")[2])),
            "standing": one.key in standing,
            "person": faces.brief(one.person),
            "distance": one.distance,
            "distance_zh": DISTANCES[one.distance][0] if one.person else "",
            "distance_en": DISTANCES[one.distance][1] if one.person else "",
            "load": one.load,
            "skilled": one.skilled,
            "score": one.score,
        }
        for one in found
    ]
    said = msgspec.json.encode([(r.key, r.person) for r in found])
    return {
        "digest": hashlib.sha256(said).hexdigest(),
        "kind": kind.id,
        "rows": rows,
        "unfilled": sum(not one.person for one in found),
        "candidates": len(candidates),
        "seq": seen(c),
    }
