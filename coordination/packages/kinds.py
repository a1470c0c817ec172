"""Rules of the kinds of packages (包保类型): configuration with four defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from coordination.fields import Expected, Text, Word, form, named, pattern
from coordination.kernel import VERSION_HELD, Command, Event, Held, Read, version_of
from coordination.packages.events import PARTIES, PackageKind, PackageKindsSet
from coordination.packages.state import KINDS, kinds_of
from coordination.refusals import Invalid
from coordination.tree import LEVELS
from coordination.vocabulary import FUNCTIONS, SKILLS

KINDS_MAX, LOAD_MAX = 20, 50
SITE = "site"


class KindForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of package as it is configured; duties as text."""

    id: Annotated[Word, named("编号", "Id")]
    zh: Annotated[str, named("中文名称", "Chinese name", upto=40)]
    en: Annotated[str, named("英文名称", "English name", upto=60)]
    target: Annotated[str, pattern("[a-z]{2,20}"), named("包保对象", "Target")]
    parties: Annotated[
        tuple[Literal["person", "post", "organisation"], ...],
        named("承担方", "Parties", upto=len(PARTIES)),
    ]
    load: Annotated[int, named("负荷", "Load", ge=1, le=LOAD_MAX)]
    peace_zh: Annotated[Text, named("平时职责", "Duty in peacetime")]
    peace_en: Annotated[Text, named("平时职责（英文）", "Duty in peacetime, English")]
    war_zh: Annotated[Text, named("战时职责", "Duty in an emergency")]
    war_en: Annotated[Text, named("战时职责（英文）", "Duty in an emergency, English")]
    functions: Annotated[
        tuple[Word, ...], named("适用功能", "Functions", max_length=10)
    ] = ()
    skill: Annotated[Text, named("所需技能", "Skill")] = ""


class SetPackageKinds(Command, frozen=True, kw_only=True):
    """设定包保类型: all kinds there are, from now on."""

    STREAM = "package-kinds"  # one stream for all of them
    ACTION = "package.kinds"
    NEEDS = ("seen",)
    kinds: Annotated[
        tuple[Annotated[PackageKind, form(KindForm)], ...],
        named("包保类型", "Kinds", upto=KINDS_MAX),
    ]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The kinds there are, by their version."""
        now = version_of(tuple(read(KINDS).values()))
        facts = (PackageKindsSet,)
        return Held(now, (KINDS.id,), facts, VERSION_HELD, "包保类型", "the kinds")


BadKinds = Invalid.of(
    "packages.bad-kinds",
    "包保类型有误：{why}",
    "these kinds are not possible: {why}",
    "请改正后再提交",
    "correct them, then send it",
    field="kinds",
)


def set_package_kinds(
    read: Read, command: SetPackageKinds, _now: int
) -> Sequence[Event]:
    """Configure which kinds of packages there are.

    :raises BadKinds: if none or too many, one twice, with an impossible field, or with
        another target than until now
    """
    found = kinds_of(command.kinds)
    if not 0 < len(found) <= KINDS_MAX or len(found) < len(command.kinds):
        raise BadKinds(why=f"1 – {KINDS_MAX}")
    for kind in command.kinds:
        sound = (
            kind.target in {*LEVELS, SITE}
            and kind.parties
            and set(kind.parties) <= set(PARTIES)
            and 0 < kind.load <= LOAD_MAX
            and (kind.target == SITE) == bool(kind.functions)
            and set(kind.functions) <= FUNCTIONS.keys()
            and (not kind.skill or kind.skill in SKILLS)
        )
        if not sound:
            raise BadKinds(why=kind.id)
    known = read(KINDS)
    for key in found.keys() & known.keys():
        old, new = known[key], found[key]
        if (old.target, old.functions) != (new.target, new.functions):
            raise BadKinds(why=f"{key}: target")  # another target is another kind
    if known == found:
        raise BadKinds(why="=")
    return [PackageKindsSet(kinds=command.kinds)]
