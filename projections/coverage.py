"""Coverage (包保覆盖): who answers for each target; one that nobody has is a gap."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from coordination.areas import events as areas
from coordination.filled import filled
from coordination.packages import events as packages
from coordination.packages.events import PackageKind
from coordination.packages.state import DEFAULT_KINDS, kinds_of, target_path
from coordination.tree import local_level
from projections.temporal import Temporal, as_json
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
    party_kind: str = ""
    party: str = ""
    backups: str = ""
    standing: int = 0
    cause: str = ""
    since_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Kind(NamedTuple):
    """包保类型: all of them, as JSON, in one row."""

    key: str
    kinds: str
    occurred_us: int = 0
    seq_from: int = 0


class Cover(NamedTuple):
    """包保汇总 of one area and kind. ``targets`` counts those without anybody too."""

    key: str
    path: str
    kind: str
    targets: int = 0
    covered: int = 0
    standing: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Node(NamedTuple):
    """What can be a target. ``level``: or ``site``, with its planned functions."""

    node: str
    path: str
    level: str
    functions: str = ""
    occurred_us: int = 0
    seq_from: int = 0


kinds_in = msgspec.json.Decoder(tuple[PackageKind, ...]).decode
"""Reads kinds stored as JSON."""
PACKAGE = Temporal("coverage_package", Package)
KIND = Temporal("coverage_kind", Kind)
COVER = Temporal("coverage_cover", Cover)
NODE = Temporal("coverage_node", Node)


def _kinds(t: Tables) -> dict[str, PackageKind]:
    """Return the kinds in force."""
    known: dict[str, PackageKind] | None = t.memo.get("kinds")
    if known is None:
        row = t[KIND].current.get("kinds")
        known = dict(kinds_of(kinds_in(row.kinds) if row else DEFAULT_KINDS))
        t.memo["kinds"] = known
    return known


def state_of(row: Package) -> str:
    """Return whether somebody answers for a target."""
    if not row.party_kind:
        return GAP
    return STANDING if row.standing else COVERED


COVERAGE = View(name="coverage", version=2, tables=(PACKAGE, KIND, COVER, NODE))


def _put(t: Tables, row: Package) -> None:
    """Make this the target's row, and keep the tally of its area."""
    before, after = _counts(t[PACKAGE].current.get(row.package)), _counts(row)
    t.put(PACKAGE, row)
    if before == after:
        return
    path, kind = row.path[:12], row.package.partition("/")[0]
    key = f"{path} {kind}"
    known = t[COVER].current.get(key) or Cover(key=key, path=path, kind=kind)
    cover = known._replace(
        targets=known.targets + after[0] - before[0],
        covered=known.covered + after[1] - before[1],
        standing=known.standing + after[2] - before[2],
    )
    t.put(COVER, cover)


def _counts(row: Package | None) -> tuple[int, int, int]:
    if row is None or not row.kind:
        return 0, 0, 0
    state = state_of(row)
    return 1, int(state == COVERED), int(state == STANDING)


def _add(t: Tables, node: Node) -> None:
    """A target of every kind that asks for it, with nobody yet; of the others none."""
    t.put(NODE, node)
    for kind in _kinds(t).values():
        package = f"{kind.id}/{node.node}"
        known, asked = t[PACKAGE].current.get(package), asks_for(kind, node)
        if known is None and asked:
            row = Package(
                package=package, path=node.path, kind=kind.id, target=node.node
            )
            _put(t, row)
        elif known is not None and not known.party_kind:
            _put(t, known._replace(kind=kind.id if asked else ""))


def asks_for(kind: PackageKind, node: Node) -> bool:
    """Tell whether a kind has such targets."""
    functions = set(node.functions.split(",")) & set(kind.functions)
    return kind.target == node.level and (node.level != SITE or bool(functions))


@COVERAGE.on(areas.AreaRegistered)
def on_area(t: Tables, e: areas.AreaRegistered) -> None:
    """Official areas: other places may have packages of communities or streets."""
    _add(t, Node(node=e.code, path=target_path(e.code), level=e.level))


@COVERAGE.on(areas.LocalAreasRegistered)
def on_local(t: Tables, e: areas.LocalAreasRegistered) -> None:
    """Grids, compounds and buildings: each is a target of the kinds of its level."""
    for node in e.nodes:
        level = local_level(node.code) or ""
        _add(t, Node(node=node.code, path=node.code, level=level))


@COVERAGE.on(areas.SiteRegistered)
def on_site(t: Tables, e: areas.SiteRegistered) -> None:
    """A site is a target if what it is planned to become asks for a package."""
    planned = ",".join(sorted({p.function for p in e.planned}))
    path = target_path(e.site)
    _add(t, Node(node=e.site, path=path, level=SITE, functions=planned))


@COVERAGE.on(packages.PackageKindsSet)
def on_kinds(t: Tables, e: packages.PackageKindsSet) -> None:
    """Other kinds are in force: their targets are gaps until somebody has them."""
    kinds = as_json(e.kinds)
    t.put(KIND, Kind(key="kinds", kinds=kinds))
    t.memo.pop("kinds", None)
    for node in t[NODE].every():
        _add(t, node)


@COVERAGE.on(packages.Handing)
def on_package(t: Tables, e: packages.Handing) -> None:
    """Somebody answers for a target, somebody else, or nobody any more."""
    row = filled(
        Package, e, path=target_path(e.target), since_us=t.fact.envelope.occurred_us
    )
    if not isinstance(e, packages.PackageReleased):
        row = row._replace(
            party_kind=e.party.kind, party=e.party.id, backups=",".join(e.backups)
        )
    if isinstance(e, packages.PackageHandedOver):
        row = row._replace(standing=int(e.standing), cause=e.cause)
    node, rule = t[NODE].current.get(e.target), _kinds(t).get(e.kind)
    # A site may have become something else while somebody had it.
    if not row.party_kind and node and rule and not asks_for(rule, node):
        row = row._replace(kind="")
    _put(t, row)


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
