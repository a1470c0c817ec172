"""What a switch would change (预演), by street, function and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from api.exchange.tables import in_words
from api.pages.conflicts import conflict_rows
from api.pages.fields import named, pair, street_of, taken
from coordination.mode.duties import PASSED_OVER, steps_of
from coordination.mode.state import CONVERT
from coordination.permit import ROLES
from coordination.playbook import Playbook, Step
from coordination.vocabulary import FUNCTIONS
from projections.foresight import Change
from projections.names import Names
from projections.progress import Progress, duty_of

CONFLICTS_SHOWN = 200
CONVERTS, RECOVERS, IDLE, MORE, FEWER, CONFLICT = KINDS = (
    "convert",
    "recover",
    "idle",
    "more",
    "fewer",
    "conflicts",
)
Ready = dict[str, dict[str, Any]]


def kind_of(change: Change) -> str | None:
    """Return what a change is to its site, None if it asks for nothing else.

    ``IDLE``: it has done nothing, so it has nothing to recover from.
    """
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
        if after.phase == CONVERT:
            return CONVERTS
        return RECOVERS if after.total else IDLE
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


def preview_body(
    names: Names, changes: list[Change], playbook: Playbook, ready: Ready
) -> dict[str, Any]:
    """Return what changes would come, counted and listed; without digest and seq.

    ``ready``: posts, packages and materials, as ``api.pages.readiness`` finds them.
    """
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
        streets.setdefault(street_of(after.path), Counter())[kind] += 1
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
            {**named(code, names.area(code)), **_counted(found)}
            for code, found in sorted(streets.items())
        ],
        "by_function": [
            {"function": function, **pair("", FUNCTIONS, function), **_counted(found)}
            for function, found in sorted(functions.items())
        ],
        "steps": [
            _step(key, listed[key], steps[key])
            for key in sorted(steps, key=lambda k: (k[:2], listed[k].due_minutes))
        ],
        "conflicts": conflict_rows(sorted(conflicts)[:CONFLICTS_SHOWN], names),
        **ready,
    }


def _counted(found: Counter[str]) -> dict[str, int]:
    return {kind: found[kind] for kind in KINDS}


def _step(key: tuple[str, str, str], step: Step, sites: int) -> dict[str, Any]:
    phase, function, _ = key
    return {
        **taken(step, "id zh en owner mandatory due_minutes"),
        "phase": phase,
        **in_words("function", FUNCTIONS, function),
        **pair("owner", ROLES, step.owner),
        "sites": sites,
    }


def signers(roles: Iterable[str]) -> list[dict[str, Any]]:
    """Return roles as people read them."""
    return [{"role": role, **pair("", ROLES, role)} for role in roles]
