"""What the facts of packages fold to (四包状态), and the four default kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from coordination.kernel import PARTY_HELD, Event, Held, Read, Stream, Streams
from coordination.packages.events import (
    ORGANISATION,
    PERSON,
    POST,
    Handing,
    PackageAssigned,
    PackageHandedOver,
    PackageKind,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.refusals import (
    NotFound,
)
from coordination.tree import community_of

DEFAULT_KINDS: tuple[PackageKind, ...] = (
    PackageKind(
        id="compound",
        zh="第二书记包小区",
        en="Second secretary: compound",
        target="compound",
        parties=(POST, PERSON),
        load=8,
        peace_zh="联系小区党支部和物业，掌握楼组底数，每季度走访",
        peace_en="Keep in touch with branch and property manager; visit each quarter",
        war_zh="到小区驻点，统筹出入口、物资和重点人员保障",
        war_en="Stay in the compound; see to gates, supplies and people at risk",
    ),
    PackageKind(
        id="building",
        zh="第二楼组长包楼栋",
        en="Second building head: building",
        target="building",
        parties=(PERSON,),
        load=3,
        peace_zh="熟悉楼内住户，协助楼组长日常走访",
        peace_en="Know the residents; help the building's head on rounds",
        war_zh="楼内通知、排摸、配送和陪护，日报住户需求",
        war_en="Notify, check, deliver and accompany; report needs each day",
    ),
    PackageKind(
        id="neighbours",
        zh="社区党员包邻里",
        en="Resident members: neighbours",
        target="grid",
        parties=(PERSON,),
        load=2,
        peace_zh="联系邻里片区，收集建议，调解小矛盾",
        peace_en="Keep in touch with neighbours; collect ideas, settle quarrels",
        war_zh="照看独居和行动不便邻居，传达通知，劝导聚集",
        war_en="Look after those living alone; pass on notices",
    ),
    PackageKind(
        id="facility",
        zh="党组织包方舱和隔离点",
        en="Party organisation: isolation facility",
        target="site",
        parties=(ORGANISATION, POST),
        load=1,
        functions=("isolation-facility",),
        peace_zh="参与选址踏勘和演练，熟悉启用流程",
        peace_en="Take part in surveys and drills; know how it is opened",
        war_zh="成立临时党支部，组织值守、后勤和人文关怀",
        war_en="Form a temporary branch; organise watch, logistics and care",
    ),
)
"""The four packages as the study has them; other places have others (配置)."""


@dataclass(frozen=True, slots=True)
class Package:
    """包保责任. ``party`` None: nobody has it."""

    party: Party | None = None
    backups: tuple[str, ...] = ()
    standing: bool = False


def evolve_package(package: Package, event: Event) -> Package:
    """Fold one fact of a package's stream."""
    match event:
        case PackageAssigned():
            return Package(event.party, event.backups)
        case PackageHandedOver():
            return Package(event.party, event.backups, event.standing)
        case PackageReleased():
            return Package()
        case _:
            return package


package_stream = Streams("package", Package(), evolve_package)
"""Of ``<kind>/<target>``."""


Kinds = Mapping[str, PackageKind]


def kinds_of(listed: tuple[PackageKind, ...]) -> Kinds:
    """Return kinds by id."""
    return {kind.id: kind for kind in listed}


def evolve_kinds(kinds: Kinds, event: Event) -> Kinds:
    """Fold one configuration."""
    return kinds_of(event.kinds) if isinstance(event, PackageKindsSet) else kinds


KINDS: Stream[Kinds] = Stream("package-kinds", kinds_of(DEFAULT_KINDS), evolve_kinds)


def target_path(target: str) -> str:
    """Return the path of the area a target lies in, local codes too."""
    return target.partition("-")[0]


def community_party(target: str) -> Party:
    """Return the organisation that stands in for whoever falls away (居村党组织)."""
    return Party(ORGANISATION, f"community:{community_of(target_path(target))}")


UnknownPackage = NotFound.of(
    "packages.unknown",
    "{target} 的“{kind}”尚未落实",
    "nobody has the package {kind} of {target}",
    "请先落实包保",
    "assign it first",
    field="target",
)


def held_package(read: Read, kind: str, target: str) -> Package:
    """Return a package that somebody has.

    :raises UnknownPackage: if nobody has it
    """
    found = read(package_stream(f"{kind}/{target}"))
    UnknownPackage.unless(found.party, kind=kind, target=target)
    return found


def held_party(read: Read, package: str) -> Held:
    """Return who answers for a target, as what a decision replaces."""
    stream, facts = package_stream(package), (*get_args(Handing),)
    party = read(stream).party
    now = f"{party.kind}:{party.id}" if party else ""
    return Held(now, (stream.id,), facts, PARTY_HELD, "该对象包保责任", "this package")
