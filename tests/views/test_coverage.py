"""Coverage: which targets there are, who answers for each, and the tally of each."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.areas.events import LocalAreasRegistered, LocalNode
from coordination.packages.events import (
    ORGANISATION,
    PERSON,
    PackageAssigned,
    PackageHandedOver,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.packages.state import DEFAULT_KINDS, kinds_of, package_stream
from projections.coverage import (
    COVER,
    COVERAGE,
    NODE,
    PACKAGE,
    state_of,
    totals,
)
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMPOUND,
    GRID,
    LOCAL,
    MINUTE,
    NOW,
    STREET_1,
    A,
    B,
    fold,
)
from tests.views.city import check_rebuilt
from tests.views.ledger import site_at, watching

LATER = NOW + 5 * MINUTE
KINDS = kinds_of(DEFAULT_KINDS)
FENCED = site_at(COMMUNITY_11, 7, epidemic="isolation-facility", flood="shelter")
HALL = site_at(COMMUNITY_12, 8, flood="shelter")
TO_A, TO_B = Party(PERSON, A), Party(PERSON, B)
HOME = Party(ORGANISATION, f"community:{COMMUNITY_11.code}")
FLAT = {"kind": "building", "target": BUILDING.code}
KEY = f"building/{BUILDING.code}"


def assigned(party=TO_A, backups=(B,), **of):
    """Return that somebody answers for a building."""
    return PackageAssigned(**{**FLAT, **of}, party=party, backups=backups)


def handed(party, before=TO_A, backups=(), cause="", *, standing=False, **of):
    """Return that somebody else answers for it."""
    return PackageHandedOver(
        **{**FLAT, **of}, before=before, party=party, backups=backups, cause=cause,
        standing=standing,
    )  # fmt: skip


def released(before=TO_A, **of):
    """Return that nobody answers for it."""
    return PackageReleased(**{**FLAT, **of}, before=before)


def kinds_set(*changes):
    """Return the default kinds in force, some of them otherwise."""
    other = {kind.id: kind for kind in changes}
    kinds = (other.pop(kind.id, kind) for kind in DEFAULT_KINDS)
    return PackageKindsSet(kinds=(*kinds, *other.values()))


def kind(name, target, functions=()):
    """Return a kind of another place."""
    like = KINDS["building"]
    return msgspec.structs.replace(like, id=name, target=target, functions=functions)


EMPTY = {"party_kind": "", "party": "", "backups": "", "standing": 0, "cause": ""}
HANDLED = [
    # id, facts, then this fact, what is new in the row, what it is by then
    ("assigned", [], assigned(),
     {"party_kind": PERSON, "party": A, "backups": B, "since_us": LATER}, "COVERED"),
    ("handed over by agreement", [assigned()], handed(TO_B),
     {"party": B, "backups": "", "since_us": LATER}, "COVERED"),
    ("followed by a backup", [assigned(backups=(B, "h-x"))],
     handed(TO_B, backups=("h-x",), cause="ill"),
     {"party": B, "backups": "h-x", "cause": "ill", "since_us": LATER}, "COVERED"),
    ("the community stands in", [assigned()],
     handed(HOME, backups=(B,), cause="ill", standing=True),
     {"party_kind": ORGANISATION, "party": HOME.id, "standing": 1, "cause": "ill",
      "since_us": LATER}, "STANDING"),
    ("somebody is named", [assigned(), handed(HOME, cause="ill", standing=True)],
     handed(TO_B, HOME),
     {"party_kind": PERSON, "party": B, "standing": 0, "cause": "",
      "since_us": LATER}, "COVERED"),
    ("released", [assigned(), handed(HOME, cause="ill", standing=True)],
     released(HOME), {**EMPTY, "since_us": LATER}, "GAP"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "then", "new", "state"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in HANDLED
])  # fmt: skip
def test_what_a_fact_says_of_a_package(facts, then, new, state):
    """It changes these columns and no other; before, the row is as it was."""
    with watching(*AREAS, *facts, views=(COVERAGE,)) as watched:
        seq, before = watched.catch_up(), watched.get(PACKAGE, KEY)
        watched.add(then, now=LATER)
        after = watched.get(PACKAGE, KEY)
        assert after == before._replace(**new, occurred_us=LATER, seq_from=seq + 1)
        assert state_of(after) == state
        assert watched.get(PACKAGE, KEY, at=seq) == before


def gaps(watched, at=None):
    """Return the targets that nobody has."""
    return {row.package for row in watched.select(PACKAGE, at) if not row.party_kind}


def test_a_new_target_is_a_gap():
    """Of the kinds of its level; a site if it is planned as what asks for one."""
    with watching(*AREAS, views=(COVERAGE,)) as watched:
        local = {f"building/{BUILDING.code}", f"compound/{COMPOUND.code}",
                 f"neighbours/{GRID.code}"}  # fmt: skip
        assert gaps(watched) == local
        seq = watched.add(FENCED, HALL)
        assert gaps(watched) == {*local, f"facility/{FENCED.site}"}
        row = watched.get(PACKAGE, f"facility/{FENCED.site}")
        assert (row.path, row.target, row.since_us) == (
            COMMUNITY_11.path, FENCED.site, 0,
        )  # fmt: skip
        watched.add(assigned())
        assert gaps(watched, seq) == {*local, f"facility/{FENCED.site}"}


def test_areas_registered_anew_leave_who_answers_for_them():
    """Only what is new among them is a gap."""
    more = LocalNode(f"{GRID.code}c02", "二小区")
    again = LocalAreasRegistered(
        community=COMMUNITY_11.code,
        nodes=(LocalNode(COMPOUND.code, "另名"), more),
    )
    has = assigned(kind="compound", target=COMPOUND.code)
    with watching(*AREAS, has, views=(COVERAGE,)) as watched:
        before = watched.get(PACKAGE, f"compound/{COMPOUND.code}")
        watched.add(again)
        assert watched.get(PACKAGE, f"compound/{COMPOUND.code}") == before
        assert f"compound/{more.code}" in gaps(watched)


@pytest.mark.parametrize(("name", "target", "found"), [
    ("two", "building", {BUILDING.code}),
    ("street", "street", {STREET_1.code, "310117002000"}),
    ("community", "community",
     {"310117001001", "310117001002", "310117002001", "310117002002"}),
    ("shelters", "site", {FENCED.site, HALL.site}),
])  # fmt: skip
def test_a_kind_that_comes_later_finds_its_targets(name, target, found):
    """Whatever its level; those registered before and after alike."""
    functions = ("shelter",) if target == "site" else ()
    new = kinds_set(kind(name, target, functions))
    for facts in ([*AREAS, FENCED, HALL, new], [new, *AREAS, FENCED, HALL]):
        with watching(*facts, views=(COVERAGE,)) as watched:
            rows = [r for r in watched.select(PACKAGE) if r.kind == name]
            assert {row.target for row in rows} == found
            assert {state_of(row) for row in rows} == {"GAP"}


def test_a_site_that_becomes_something_else_asks_for_nobody():
    """A gap that nobody could close is none; planned so again, it is one."""
    other = site_at(COMMUNITY_11, 7, flood="shelter")
    with watching(*AREAS, FENCED, views=(COVERAGE,)) as watched:
        key = f"facility/{FENCED.site}"
        assert targets(watched)["facility"]["gaps"] == 1
        watched.add(other)
        assert targets(watched)["facility"] == dict.fromkeys(
            ("targets", "covered", "standing", "gaps"), 0
        )
        assert key not in gaps_in_force(watched)
        watched.add(FENCED)
        assert key in gaps_in_force(watched)
        assert targets(watched)["facility"]["gaps"] == 1


def test_who_has_a_site_that_becomes_something_else_has_it_until_released():
    """Then nobody is asked for."""
    has = assigned(HOME, (), kind="facility", target=FENCED.site)
    over = released(HOME, kind="facility", target=FENCED.site)
    other = site_at(COMMUNITY_11, 7, flood="shelter")
    with watching(*AREAS, FENCED, has, other, views=(COVERAGE,)) as watched:
        assert targets(watched)["facility"]["covered"] == 1
        watched.add(over)
        assert targets(watched)["facility"]["targets"] == 0


def gaps_in_force(watched):
    """Return the gaps of kinds in force."""
    rows = watched.select(PACKAGE)
    return {r.package for r in rows if r.kind in KINDS and state_of(r) == "GAP"}


def targets(watched, kinds=KINDS):
    """Return the counts of each kind."""
    return totals(watched.select(COVER), kinds)


# --- the tally -----------------------------------------------------------------------

TARGETS = [
    *(("building", p.code) for p in LOCAL if p.level == "building"),
    *(("compound", p.code) for p in LOCAL if p.level == "compound"),
    *(("neighbours", p.code) for p in LOCAL if p.level == "grid"),
    ("facility", FENCED.site),
]
STREETS = kind("streets", "street")
acts = st.tuples(
    st.sampled_from(["assign", "hand", "hand", "stand", "release", "fenced", "hall",
                     "local", "kinds", "fewer", "restart"]),
    st.sampled_from(TARGETS),
    st.sampled_from([TO_A, TO_B, HOME]),
)  # fmt: skip


def fact_of(act, read):
    """Return the fact of a random act, None where it could not stand in a log."""
    name, (of, target), party = act
    held = read(package_stream(f"{of}/{target}"))
    where = {"kind": of, "target": target}
    match name:
        case "fenced":
            return FENCED
        case "hall":
            return site_at(COMMUNITY_11, 7, flood="shelter")
        case "local":
            return AREAS[-1]
        case "kinds":
            return kinds_set(STREETS)
        case "fewer":
            return PackageKindsSet(kinds=DEFAULT_KINDS[1:])
    if held.party is None:
        return assigned(party, (), **where) if name == "assign" else None
    match name:
        case "hand":
            return handed(party, held.party, **where)
        case "stand":
            return handed(HOME, held.party, cause="ill", standing=True, **where)
        case "release":
            return released(held.party, **where)
    return None


def counted(rows):
    """Return what adding up the rows gives, by area and kind."""
    found = {}
    for row in rows:
        if row.kind:
            one = found.setdefault((row.path[:12], row.kind), [0, 0, 0])
            one[0] += 1
            one[1] += state_of(row) == "COVERED"
            one[2] += state_of(row) == "STANDING"
    return found


def tally(watched, at=None):
    """Return what the table of the tally says, where it says anything."""
    rows = {
        (row.path, row.kind): [row.targets, row.covered, row.standing]
        for row in watched.select(COVER, at)
    }
    return {key: counts for key, counts in rows.items() if any(counts)}


@given(acts=st.lists(acts, min_size=5, max_size=20))
@settings(max_examples=12, deadline=None)
def test_the_tally_is_what_adding_up_the_rows_gives(acts):
    """After each fact and as of each position; parties are those the rules fold."""
    with watching(*AREAS, FENCED, views=(COVERAGE,)) as watched:
        for act in acts:
            read = fold(*watched.ledger.events)
            fact = fact_of(act, read) if act[0] != "restart" else None
            if act[0] == "restart":
                watched.restart()
            if fact is not None:
                watched.add(fact)
                assert tally(watched) == counted(watched.select(PACKAGE))
        head, read = len(watched.ledger.stored), fold(*watched.ledger.events)
        for at in range(len(AREAS), head):
            assert tally(watched, at) == counted(watched.select(PACKAGE, at))
        for row in watched.select(PACKAGE):
            held = read(package_stream(row.package))
            party = held.party or Party("", "")
            assert (row.party_kind, row.party) == (party.kind, party.id)
            assert row.standing == held.standing
        check_rebuilt(watched.ledger, watched.engine, (COVERAGE,), head)


def test_what_can_be_a_target_is_remembered():
    """Areas and sites with what they are planned to become."""
    with watching(*AREAS, FENCED, views=(COVERAGE,)) as watched:
        assert watched.get(NODE, GRID.code).level == "grid"
        site = watched.get(NODE, FENCED.site)
        assert (site.level, site.functions, site.path) == (
            "site", "isolation-facility,shelter", COMMUNITY_11.path,
        )  # fmt: skip
