"""Packages (四包): who answers for which compound, building, grid and facility."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar

from api.http.declared import Decision, Said, Writing
from coordination.fields import Code, named, pattern
from coordination.kernel import Command
from coordination.packages.decide import (
    AssignPackages,
    HandOverPackage,
    KindId,
    ReleasePackage,
)
from coordination.packages.events import PERSON
from coordination.packages.kinds import SetPackageKinds
from coordination.packages.state import KINDS
from coordination.refusals import NotFound

UnknownKind = NotFound.of(
    "packages.unknown-kind",
    "没有包保类型 {kind}",
    "there is no kind of package {kind}",
    field="kind",
)


class ProposePackages(Command, frozen=True, kw_only=True):
    """批量建议: who should answer for what nobody has; nothing is stored."""

    ACTION: ClassVar[str] = "package.assign"
    area: Code
    kind: KindId
    skill: Annotated[str, pattern(r"([a-z][a-z-]{1,30})?"), named("技能", "Skill")] = ""


async def propose(write: Writing, command: ProposePackages) -> dict[str, Any]:
    """Show what a person reviews before they assign packages."""
    # The command line reads the rows below and starts quicker without these.
    from api.http.look import looking  # noqa: PLC0415
    from api.planning.proposing import proposed  # noqa: PLC0415

    world = write.world
    path = world.places((command.area,))[0].path
    world.entitle(write.caller.by, command.ACTION, (path,))
    kind = world.state(KINDS).get(command.kind)
    if kind is None or PERSON not in kind.parties:
        raise UnknownKind(kind=command.kind)

    def ask() -> dict[str, Any]:
        with looking(write.request, write.caller) as look:
            return proposed(look.c, look.names, look.faces, path, kind, command.skill)

    return await asyncio.to_thread(ask)


DECISIONS = (
    Decision(
        path="/packages/propose", command=ProposePackages, shows=propose, keyed=True
    ),
    Decision(path="/packages/kinds", command=SetPackageKinds),
    Decision(
        path="/packages/assign",
        command=AssignPackages,
        words="package assign",
        arguments=("kind", "target"),
        alone="rows",
        answers=Said("assigned=#rows"),
        status=201,
    ),
    Decision(
        path="/packages/handover",
        command=HandOverPackage,
        words="package handover",
        arguments=("kind", "target"),
        answers=Said("id=package"),
    ),
    Decision(
        path="/packages/release",
        command=ReleasePackage,
        words="package release",
        arguments=("kind", "target"),
        answers=Said("id=package"),
    ),
)
