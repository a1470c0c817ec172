"""Coverage (包保覆盖): who answers for each target; one that nobody has is a gap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from coordination.areas.events import (
    AreaRegistered,
    LocalAreasRegistered,
    SiteRegistered,
)
from coordination.catalogue import Fact
from coordination.packages.events import (
    PackageAssigned,
    PackageHandedOver,
    PackageKind,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.packages.state import DEFAULT_KINDS, kinds_of, target_path
from coordination.tree import local_level
from projections.temporal import Temporal
from projections.view import Tables, View

COVERED, STANDING, GAP = "COVERED", "STANDING", "GAP"
COUNTS = ("targets", "covered", "standing", "gaps")
SITE = "site"


class Package(NamedTuple):
    """包保责任 of one target, or that nobody has it (``party_kind`` empty).

    ``kind`` empty: nobody has it, and nothing asks for it any more.
    """

    package: str
    path: str
    kind: str
    target: str
    party_kind: str
    party: str
    backups: str
    standing: int
    cause: str
    since_us: int
    occurred_us: int
    seq_from: int


class Kind(NamedTuple):
    """包保类型: all of them, as JSON, in one row."""

    key: str
    kinds: str
    occurred_us: int
    seq_from: int


class Cover(NamedTuple):
    """包保汇总 of one area and kind. ``targets`` counts those without anybody too."""

    key: str
    path: str
    kind: str
    targets: int
    covered: int
    standing: int
    occurred_us: int
    seq_from: int


class Node(NamedTuple):
    """What can be a target. ``level``: or ``site``, with its planned functions."""

    node: str
    path: str
    level: str
    functions: str
    occurred_us: int
    seq_from: int


PACKAGE = Temporal("coverage_package", Package)
KIND = Temporal("coverage_kind", Kind)
COVER = Temporal("coverage_cover", Cover)
NODE = Temporal("coverage_node", Node)
_json = msgspec.json.Encoder().encode


def _kinds(t: Tables) -> dict[str, PackageKind]:
    """Return the kinds in force."""
    known: dict[str, PackageKind] | None = t.memo.get("kinds")
    if known is None:
        row = t[KIND].current.get("kinds")
        known = dict(kinds_of(kinds_in(row.kinds) if row else DEFAULT_KINDS))
        t.memo["kinds"] = known
    return known


def kinds_in(text: str) -> tuple[PackageKind, ...]:
    """Read kinds stored as JSON."""
    return msgspec.json.decode(text, type=tuple[PackageKind, ...])


def state_of(row: Package) -> str:
    """Return whether somebody answers for a target."""
    if not row.party_kind:
        return GAP
    return STANDING if row.standing else COVERED


def _put(t: Tables, fact: Fact, row: Package) -> None:
    """Make this the target's row, and keep the tally of its area."""
    old = t[PACKAGE].current.get(row.package)
    when = fact.envelope.occurred_us
    t[PACKAGE].put(row._replace(occurred_us=when, seq_from=fact.seq))
    path, kind = row.path[:12], row.package.partition("/")[0]
    key = f"{path} {kind}"
    known = t[COVER].current.get(key) or Cover(key, path, kind, 0, 0, 0, 0, 0)
    before, after = _counts(old), _counts(row)
    if before != after:
        t[COVER].put(
            known._replace(
                targets=known.targets + after[0] - before[0],
                covered=known.covered + after[1] - before[1],
                standing=known.standing + after[2] - before[2],
                occurred_us=when,
                seq_from=fact.seq,
            )
        )


def _counts(row: Package | None) -> tuple[int, int, int]:
    if row is None or not row.kind:
        return 0, 0, 0
    state = state_of(row)
    return 1, int(state == COVERED), int(state == STANDING)


def _add(t: Tables, fact: Fact, node: Node) -> None:
    """A target of every kind that asks for it, with nobody yet; of the others none."""
    t[NODE].put(node)
    for kind in _kinds(t).values():
        package = f"{kind.id}/{node.node}"
        known = t[PACKAGE].current.get(package)
        asked = asks_for(kind, node)
        if known is None and asked:
            gap = kind.id, node.node, "", "", "", 0, "", 0, 0, 0
            _put(t, fact, Package(package, node.path, *gap))
        elif known is not None and not known.party_kind:
            _put(t, fact, known._replace(kind=kind.id if asked else ""))


def asks_for(kind: PackageKind, node: Node) -> bool:
    """Tell whether a kind has such targets."""
    functions = set(node.functions.split(",")) & set(kind.functions)
    return kind.target == node.level and (node.level != SITE or bool(functions))


def on_area(t: Tables, fact: Fact) -> None:
    """Official areas: other places may have packages of communities or streets."""
    e: AreaRegistered = fact.event  # type: ignore[assignment]
    _add(t, fact, Node(e.code, target_path(e.code), e.level, "", *_when(fact)))


def on_local(t: Tables, fact: Fact) -> None:
    """Grids, compounds and buildings: each is a target of the kinds of its level."""
    e: LocalAreasRegistered = fact.event  # type: ignore[assignment]
    for node in e.nodes:
        level = local_level(node.code) or ""
        _add(t, fact, Node(node.code, node.code, level, "", *_when(fact)))


def on_site(t: Tables, fact: Fact) -> None:
    """A site is a target if what it is planned to become asks for a package."""
    e: SiteRegistered = fact.event  # type: ignore[assignment]
    planned = ",".join(sorted({p.function for p in e.planned}))
    path = target_path(e.site)
    _add(t, fact, Node(e.site, path, SITE, planned, *_when(fact)))


def on_kinds(t: Tables, fact: Fact) -> None:
    """Other kinds are in force: their targets are gaps until somebody has them."""
    e: PackageKindsSet = fact.event  # type: ignore[assignment]
    t[KIND].put(Kind("kinds", _json(e.kinds).decode(), *_when(fact)))
    t.memo.pop("kinds", None)
    for node in list(t[NODE].current.values()):
        _add(t, fact, node)


def on_package(t: Tables, fact: Fact) -> None:
    """Somebody answers for a target, somebody else, or nobody any more."""
    e: Any = fact.event
    party = Party("", "") if isinstance(e, PackageReleased) else e.party
    backups = () if isinstance(e, PackageReleased) else e.backups
    handed = isinstance(e, PackageHandedOver)
    node, rule = t[NODE].current.get(e.target), _kinds(t).get(e.kind)
    # A site may have become something else while somebody had it.
    over = not party.kind and node and rule and not asks_for(rule, node)
    row = Package(
        e.package, target_path(e.target), "" if over else e.kind, e.target, party.kind,
        party.id,
        ",".join(backups), int(handed and e.standing), e.cause if handed else "",
        fact.envelope.occurred_us, *_when(fact),
    )  # fmt: skip
    _put(t, fact, row)


def _when(fact: Fact) -> tuple[int, int]:
    return fact.envelope.occurred_us, fact.seq


def totals(rows: Iterable[Cover], kinds: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return targets, covered, standing and gaps by kind, of the kinds in force."""
    found = {kind: dict.fromkeys(COUNTS, 0) for kind in kinds}
    for row in rows:
        into = found.get(row.kind)
        if into is not None:
            into["targets"] += row.targets
            into["covered"] += row.covered
            into["standing"] += row.standing
            into["gaps"] += row.targets - row.covered - row.standing
    return found


COVERAGE = View(
    name="coverage",
    version=2,
    tables=(PACKAGE, KIND, COVER, NODE),
    handlers={
        AreaRegistered: on_area,
        LocalAreasRegistered: on_local,
        SiteRegistered: on_site,
        PackageKindsSet: on_kinds,
        PackageAssigned: on_package,
        PackageHandedOver: on_package,
        PackageReleased: on_package,
    },
)
