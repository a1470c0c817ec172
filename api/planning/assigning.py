"""Bulk proposal (批量建议) of responsible persons: who lives near, carries little.

Nothing is decided here: a person reviews the proposal, edits it and commits it.

The cost of a choice is the distance between home and target, plus what the person
carries already, plus ``UNSKILLED`` if they lack the wanted skill. Each further target
of the same person costs one more than the one before, so that load spreads. The
proposal covers as many targets as it can at the lowest total cost (scipy's
``linear_sum_assignment``). Nobody is asked to leave their street, so that each street
is a problem of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from coordination.tree import DIGITS, LOCAL_CODE, community_of


class Distance(NamedTuple):
    """What home and target share (居住距离), and what that costs."""

    zh: str
    en: str
    cost: int


DISTANCES: dict[str, Distance] = {
    "street": Distance("同街镇", "same street", 9),
    "community": Distance("同社区", "same community", 4),
    "grid": Distance("同网格", "same grid", 2),
    "compound": Distance("同小区", "same compound", 1),
    "building": Distance("同楼栋", "same building", 0),
}
"""From far to near; whoever lives farther than the street is not asked."""
DISTANCE_WORDS = {name: (one.zh, one.en) for name, one in DISTANCES.items()}
UNSKILLED = 3
"""What lacking the wanted skill costs."""
_CHAIN = 5  # places a code stands in: one for each of DISTANCES


class Target(NamedTuple):
    """What needs somebody (包保对象): ``code`` of its area, local codes too."""

    key: str
    code: str


class Candidate(NamedTuple):
    """Who could have it. ``residence``: area code. ``load``: carried now (已承担)."""

    person: str
    residence: str
    skills: frozenset[str]
    load: int


class Proposed(NamedTuple):
    """A proposal for one target, and why.

    ``person``: empty if nobody in the street can. ``distance``: of ``DISTANCES``.
    ``load``: what the person carries before this one, those proposed here included.
    ``skilled``: has the wanted skill, or none was wanted. ``score``: the cost.
    """

    key: str
    person: str = ""
    distance: str = ""
    load: int = 0
    skilled: bool = False
    score: int = 0


class _Seat(NamedTuple):
    """One more target for a candidate: what it costs wherever the target is."""

    cost: int
    rank: int
    who: Candidate


def propose(
    targets: Sequence[Target],
    candidates: Sequence[Candidate],
    *,
    limit: int,
    skill: str = "",
) -> list[Proposed]:
    """Return a proposal for every target, by key; the order of input is nothing to it.

    ``limit``: targets one person may have, ``load`` included. Keys are all different,
    and so are persons. Ties fall by ids. A street's matrix has 8 bytes for each target
    and seat, with at most five seats for each target.
    """
    assert len({t.key for t in targets}) == len(targets), "a key is one target's"
    assert len({c.person for c in candidates}) == len(candidates), "a person is one"
    people: dict[str, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda c: c.person):
        if LOCAL_CODE.fullmatch(candidate.residence):
            people.setdefault(_street(candidate.residence), []).append(candidate)
    found: list[Proposed] = []
    ordered = sorted(targets, key=lambda t: (_street(t.code), t.key))
    for street, group in groupby(ordered, key=lambda t: _street(t.code)):
        here = list(group)
        seats = _seats(people.get(street, ()), limit, skill)
        pairs = _assigned(here, _within_reach(here, seats))
        found.extend(_explained(here, pairs, skill))
    return sorted(found)


def _street(code: str) -> str:
    return code[: DIGITS["street"]]


def _places(code: str) -> tuple[str, ...]:
    """Return where a code stands, as ``DISTANCES``; empty: in none of that level."""
    match = LOCAL_CODE.fullmatch(code)
    if match is None:  # the path of a street: nearer than that nobody is
        return (_street(code), "", "", "", "")
    grid, compound, building = (match.end(n) if match[n] else 0 for n in (2, 3, 4))
    return (
        _street(code),
        community_of(code),
        code[:grid],
        code[:compound],
        code[:building],
    )


def _seats(people: Iterable[Candidate], limit: int, skill: str) -> list[_Seat]:
    """Return every further target a street's candidates may have, cheapest first."""
    return sorted(
        _Seat(load + (UNSKILLED if skill and skill not in who.skills else 0), rank, who)
        for rank, who in enumerate(people)
        for load in range(who.load, limit)
    )


def _within_reach(targets: Sequence[Target], seats: Sequence[_Seat]) -> list[_Seat]:
    """Return the seats a cheapest proposal can need: at most five for each target.

    In each place, from the street down, the cheapest seats nobody has taken for a
    larger place, as many as there are targets inside. Whoever would sit elsewhere in
    that place finds one of these free, at no higher cost: all targets outside have
    seats of their own. Otherwise a large street would need gigabytes.
    """
    wanted = Counter(place for t in targets for place in _places(t.code) if place)
    kept: list[_Seat] = []
    left = [(seat, _places(seat.who.residence)) for seat in seats]
    for level in range(_CHAIN):
        passed = []
        for seat, places in left:
            if wanted[places[level]] > 0:
                wanted[places[level]] -= 1
                kept.append(seat)
            else:
                passed.append((seat, places))
        left = passed
    return sorted(kept)


def _assigned(
    targets: Sequence[Target], seats: Sequence[_Seat]
) -> list[tuple[Target, Candidate]]:
    """Return the cheapest pairs, as many as there can be."""
    # A second of every start of the service and the command line, for one question.
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    if not seats:
        return []
    homes = [_places(seat.who.residence) for seat in seats]
    wants = [_places(target.code) for target in targets]
    cost = np.full((len(wants), len(homes)), np.inf)
    for level, distance in enumerate(DISTANCES.values()):
        ids = {place: n for n, place in enumerate(sorted({w[level] for w in wants}), 1)}
        row = np.array([ids[w[level]] if w[level] else -1 for w in wants])
        column = np.array([ids.get(h[level], 0) if h[level] else 0 for h in homes])
        cost[row[:, None] == column] = distance.cost
    cost += np.array([seat.cost for seat in seats])
    # Seats and targets stand in the order of their ids, which is what decides between
    # equal costs: scipy takes the first. Ranks in the cost make it 200 times slower.
    rows, columns = linear_sum_assignment(cost)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(targets[row], seats[column].who) for row, column in pairs]


def _explained(
    targets: Sequence[Target], pairs: Sequence[tuple[Target, Candidate]], skill: str
) -> list[Proposed]:
    """Return what is proposed for each target; a person's targets count by key."""
    chosen = dict(pairs)
    carried: Counter[str] = Counter()
    found = []
    for target in targets:
        who = chosen.get(target)
        if who is None:
            found.append(Proposed(target.key))
            continue
        distance = distance_of(target.code, who.residence)
        skilled = not skill or skill in who.skills
        load = who.load + carried[who.person]
        carried[who.person] += 1
        score = DISTANCES[distance].cost + load + (0 if skilled else UNSKILLED)
        found.append(Proposed(target.key, who.person, distance, load, skilled, score))
    return found


def distance_of(one: str, other: str) -> str:
    """Return the smallest place two codes share, empty if not even a street."""
    shared = zip(DISTANCES, _places(one), _places(other), strict=True)
    return next((name for name, a, b in reversed([*shared]) if a and a == b), "")
