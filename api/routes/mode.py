"""Emergencies (应急响应): preview, declare, change, end; at Ⅰ and Ⅱ by two people."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from api.http.declared import Decision, Writing
from api.http.signed import Proved, ordered
from api.world.settings import APPROVAL_MINUTES
from coordination.approvals.decide import EXPIRES_MINUTES_MAX
from coordination.fields import EmergencyId, Level, SiteId, named, pattern
from coordination.kernel import Command
from coordination.log import Receipt
from coordination.mode.changes import ChangeLevel, NarrowScope, WidenScope
from coordination.mode.decide import (
    DeclareEmergency,
    EndEmergency,
    Missing,
    VoidEmergency,
)
from coordination.mode.fields import AREAS_MAX
from coordination.mode.taking import TakeUpSites
from coordination.mode.terms import ExtendExpectation, Regrade
from coordination.tree import Place


class Switch(Proved, kw_only=True, forbid_unknown_fields=True):
    """What every switch comes with, beside what it is.

    ``break_glass``: to decide Ⅰ or Ⅱ alone, with reason and password.
    """

    preview: Annotated[
        str,
        pattern(r"([0-9a-f]{64})?"),
        named("预演", "Preview", "digest of the preview that was shown"),
    ] = ""
    break_glass: Annotated[
        bool, named("紧急单人处置", "Break-glass", "alone, to be reviewed")
    ] = False
    expires_minutes: Annotated[
        int,
        Meta(ge=5, le=EXPIRES_MINUTES_MAX),
        named("有效期", "Expires", "minutes a proposal waits", flag="expires"),
    ] = APPROVAL_MINUTES


async def order(write: Writing, command: Command, said: Switch) -> Receipt:
    """Order a switch, or propose it, citing the preview that was shown."""
    from api.http.deps import previews_of  # noqa: PLC0415 - no command line needs it
    from api.pages.foreseen import effect_of  # noqa: PLC0415

    if said.preview:
        cite = previews_of(write.request).cite
        await asyncio.to_thread(cite, said.preview, effect_of(command))
    proof = await write.proof(said.password)
    by = write.said(said, preview=said.preview, reauthenticated=proof)
    usual = said.expires_minutes == APPROVAL_MINUTES
    minutes, alone = 0 if usual else said.expires_minutes, said.break_glass
    return await write.world.order(command, by, minutes=minutes, alone=alone)


class Preview(msgspec.Struct):
    """What a switch would change (预演). What nobody has assessed is never 0."""

    digest: str
    seq: int
    action: str
    emergency: str | None
    level: Literal["I", "II", "III", "IV"]
    needs_approval: bool
    may_sign: bool
    signers: list[dict[str, str]]
    refused: dict[str, str] | None
    totals: dict[str, int]
    by_street: list[dict[str, Any]]
    by_function: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    conflicts: list[dict[str, Any]]
    posts: dict[str, Any]
    packages: dict[str, Any]
    materials: dict[str, Any]


async def foresee(write: Writing, command: Command, action: str = "declare") -> Preview:
    """Show what a switch would do, and keep what was shown."""
    from api.http.deps import previews_of  # noqa: PLC0415 - as above
    from api.pages.foreseen import effect_of, preview_of  # noqa: PLC0415

    world, previews = write.world, previews_of(write.request)
    await world.reached(world.log.recorder.head().seq)

    def look() -> Preview:
        body = preview_of(world, write.caller, command, action)
        previews.keep(body["digest"], effect_of(command), body, world.clock())
        return Preview(**body)

    return await asyncio.to_thread(look)


def told(found: dict[str, Any]) -> list[str]:
    """Return what people read first of a preview."""
    totals = " ".join(f"{kind} {count}" for kind, count in found["totals"].items())
    no = found["refused"]
    return [totals, f"{no['code']}: {no['zh']}"] if no else [totals]


_AREAS = Meta(max_length=AREAS_MAX)


class ForeseeChange(Command, frozen=True, kw_only=True):
    """预演: what a change of level or scope, the end or the voiding, would do."""

    ACTION: ClassVar[str] = "emergency.change"
    emergency: EmergencyId
    what: Annotated[
        Literal["raise", "lower", "widen", "narrow", "take-up", "end", "void"],
        named("事项", "Action", as_="action"),
    ]
    level: Level | None = None
    areas: Annotated[tuple[Place, ...], _AREAS, named("区域", "Areas")] = ()
    excluded: Annotated[tuple[Place, ...], _AREAS, named("除外", "Excluded")] = ()
    sites: Annotated[tuple[SiteId, ...], _AREAS, named("阵地", "Sites")] = ()

    @property
    def change(self) -> Command:
        """The change itself.

        :raises Missing: without the level, areas or sites that it needs
        """
        basis = self.basis or "preview"
        known: dict[str, Any] = {"emergency": self.emergency, "basis": basis}
        known["reason"] = self.reason
        match self.what:
            case "raise" | "lower":
                raising, level = self.what == "raise", self._needed("level", "级别")
                return ChangeLevel(**known, level=level, raising=raising)
            case "widen":
                added = self._needed("areas", "区域")
                return WidenScope(**known, added=added, excluded=self.excluded)
            case "narrow":
                return NarrowScope(**known, removed=self._needed("areas", "区域"))
            case "take-up":
                return TakeUpSites(**known, sites=self._needed("sites", "阵地"))
            case "void":
                return VoidEmergency(**known | {"reason": self.reason or "preview"})
        return EndEmergency(**known)

    def _needed(self, field: str, zh: str) -> Any:
        found = getattr(self, field)
        if not found:
            raise Missing(name=zh, name_en=field, element=field)
        return found


async def foresee_change(write: Writing, command: ForeseeChange) -> Preview:
    """Show what a change would do."""
    return await foresee(write, command.change, command.what)


def _switch(act: str, command: type[Command], said: str = "", **fixed: Any) -> Decision:
    """Return the row of what changes one emergency by a switch."""
    return Decision(
        path=f"/emergencies/{{emergency}}/{act}",
        command=command,
        words=f"emergency {act}",
        help=said,
        fixed=fixed,
        more=Switch,
        carry=order,
        answers=ordered,
    )


DECISIONS = (
    Decision(
        path="/emergencies/preview",
        command=DeclareEmergency,
        words="emergency preview",
        help="预演: what a declaration would switch; stores nothing in the log.",
        fixed={"emergency": "e-0000000000"},
        more=Switch,
        shows=foresee,
        answers=Preview,
        tells=told,
    ),
    Decision(
        path="/emergencies/{emergency}/preview",
        command=ForeseeChange,
        shows=foresee_change,
        answers=Preview,
    ),
    Decision(
        path="/emergencies",
        command=DeclareEmergency,
        alike=("hazard", "level", "scope", "excluded", "matter"),
        words="emergency declare",
        made={"emergency": "e"},
        more=Switch,
        carry=order,
        answers=ordered,
    ),
    _switch(
        "raise",
        ChangeLevel,
        "提级: raise the level; only what it adds is ordered.",
        raising=True,
    ),
    _switch("lower", ChangeLevel, "降级: lower the level.", raising=False),
    _switch("widen", WidenScope),
    _switch("narrow", NarrowScope),
    _switch(
        "take-up",
        TakeUpSites,
        "补下转换令: convert sites that were passed over and are free by now.",
    ),
    _switch("end", EndEmergency),
    _switch("void", VoidEmergency, "作废: it was declared in error; both facts stay."),
    Decision(
        path="/emergencies/{emergency}/extend",
        command=ExtendExpectation,
        words="emergency extend",
        answers=ordered,
    ),
    Decision(
        path="/emergencies/{emergency}/grade",
        command=Regrade,
        words="emergency grade",
        defaults={"severity": "", "warning": ""},
        answers=ordered,
    ),
)
