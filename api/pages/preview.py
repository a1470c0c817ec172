"""What a switch would change (预演), by street, function and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from api.http.plain import digest_of
from api.pages.sites import both
from coordination.mode.duties import PASSED_OVER, steps_of
from coordination.mode.state import CONVERT
from coordination.permit import ROLES
from coordination.playbook import Playbook, Step
from coordination.tree import DIGITS
from coordination.vocabulary import FUNCTIONS
from projections.foresight import Change
from projections.names import Names
from projections.progress import Progress, duty_of

CONFLICTS_SHOWN = 200
CONVERTS, RECOVERS, MORE, FEWER, CONFLICT = KINDS = (
    "convert",
    "recover",
    "more",
    "fewer",
    "conflicts",
)
Ready = dict[str, dict[str, Any]]


def kind_of(change: Change) -> str | None:
    """Return what a change is to its site, None if it asks for nothing else."""
    before, after = change.before, change.after
    if after.emergency is None:
        return None
    if after.phase == PASSED_OVER:
        return CONFLICT
    again = before is not None and (
        (before.emergency, before.phase, before.round)
        == (after.emergency, after.phase, after.round)
    )
    if not again:
        return CONVERTS if after.phase == CONVERT else RECOVERS
    assert before is not None, "it is the same duty"
    if after.total == before.total:
        return None  # another level, the same steps
    return MORE if after.total > before.total else FEWER


def _new_steps(change: Change, playbook: Playbook) -> Iterator[Step]:
    """Yield the steps a change asks for that were not asked for before."""
    duty = duty_of(change.after)
    assert duty is not None, "a cleared slot asks for nothing"
    known: set[str] = set()
    if change.before is not None and kind_of(change) in {MORE, FEWER}:
        old = duty_of(change.before)
        assert old is not None, "it is the same duty"
        known = {step.id for step in steps_of(playbook, old)}
    yield from (s for s in steps_of(playbook, duty) if s.id not in known)


def _street(path: str) -> str:
    """Return the code of the street a site stands in, or of the area above."""
    return path[: DIGITS["street"]].ljust(12, "0")


def preview_body(
    c: sa.Connection, changes: list[Change], playbook: Playbook, ready: Ready
) -> dict[str, Any]:
    """Return what changes would come, counted and listed; without digest and seq.

    ``ready``: posts, packages and materials, as ``api.pages.readiness`` finds them.
    """
    names = Names(c)
    totals: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    streets: dict[str, Counter[str]] = {}
    functions: dict[str, Counter[str]] = {}
    steps: Counter[tuple[str, str, str]] = Counter()
    listed: dict[tuple[str, str, str], Step] = {}
    conflicts: list[Progress] = []
    for change in changes:
        kind, after = kind_of(change), change.after
        if kind is None:
            continue
        function = after.function or ""
        totals[kind] += 1
        streets.setdefault(_street(after.path), Counter())[kind] += 1
        functions.setdefault(function, Counter())[kind] += 1
        if kind == CONFLICT:
            conflicts.append(after)
        for step in _new_steps(change, playbook):
            key = after.phase or "", function, step.id
            steps[key] += 1
            listed[key] = step
    names.know_areas(streets)
    return {
        "totals": {
            **totals,
            "steps": steps.total(),
            "streets": len(streets),
            "sites": sum(totals[kind] for kind in KINDS),
        },
        "by_street": [
            {"code": code, "name": names.area(code), **_counted(found)}
            for code, found in sorted(streets.items())
        ],
        "by_function": [
            {"function": function, **_pair("", FUNCTIONS, function), **_counted(found)}
            for function, found in sorted(functions.items())
        ],
        "steps": [
            _step(key, listed[key], count)
            for key, count in sorted(
                steps.items(), key=lambda i: (i[0][:2], listed[i[0]].due_minutes)
            )
        ],
        "conflicts": _conflicts(conflicts, names),
        **ready,
    }


def _counted(found: Counter[str]) -> dict[str, int]:
    return {kind: found[kind] for kind in KINDS}


def _pair(prefix: str, table: dict[str, tuple[str, str]], key: str) -> dict[str, Any]:
    zh, en = both(table, key)
    mark = f"{prefix}_" if prefix else ""
    return {f"{mark}zh": zh, f"{mark}en": en}


def _step(key: tuple[str, str, str], step: Step, sites: int) -> dict[str, Any]:
    phase, function, _ = key
    return {
        "id": step.id,
        "zh": step.zh,
        "en": step.en,
        "phase": phase,
        "function": function,
        **_pair("function", FUNCTIONS, function),
        "owner": step.owner,
        **_pair("owner", ROLES, step.owner),
        "mandatory": step.mandatory,
        "sites": sites,
        "due_minutes": step.due_minutes,
    }


def _conflicts(rows: list[Progress], names: Names) -> list[dict[str, Any]]:
    """Return the sites that would be passed over, the first of them."""
    shown = sorted(rows)[:CONFLICTS_SHOWN]
    know_conflicts(shown, names)
    return [conflict_body(row, names) for row in shown]


def know_conflicts(rows: Sequence[Progress], names: Names) -> None:
    """Look up at once what these conflicts name."""
    names.know_sites(row.site for row in rows)
    names.know_held(row.site for row in rows)
    names.know_areas(row.path[:12].ljust(12, "0") for row in rows)


def conflict_body(row: Progress, names: Names) -> dict[str, Any]:
    """Return a site that is passed over, and what it holds instead."""
    held = names.held(row.site, row.against)
    area = row.path[:12].ljust(12, "0")
    return {
        "site": row.site,
        "site_name": names.site(row.site),
        "area": area,
        "area_name": names.area(area),
        "function": row.function,
        **_pair("function", FUNCTIONS, row.function or ""),
        "emergency": row.emergency,
        "against": row.against,
        "held": held,
        **_pair("held", FUNCTIONS, held),
    }


def sealed(body: dict[str, Any]) -> dict[str, Any]:
    """Return a preview with its digest: SHA-256 of its canonical JSON, hex."""
    return {"digest": digest_of(body), **body}


def signers(roles: tuple[str, ...]) -> list[dict[str, str]]:
    """Return roles as people read them."""
    return [{"role": r, "zh": ROLES[r][0], "en": ROLES[r][1]} for r in roles]
