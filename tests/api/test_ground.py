"""The made-up ground: always the same, always accepted, always plausible."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - seeded

import pytest

from api.exchange.areas import read_areas
from api.world.ground import ground
from api.world.names import stem_of
from coordination.areas.decide import (
    AreaRow,
    ImportAreas,
    NothingNew,
    import_areas,
    register_ground,
)
from coordination.tree import LOCAL_CODE, community_of, local_level
from coordination.vocabulary import (
    FACILITIES,
    FUNCTIONS,
    HAZARDS,
    KINDS,
    SPACE_KINDS,
)

AREAS = Path(__file__).parents[2] / "api/demo/areas"
SEEDS = (0, 1, 20260101)


def rows_of(name):
    return read_areas((AREAS / f"{name}.csv").read_bytes())[0]


class Memory:
    """A log in memory: streams fold what was appended."""

    def __init__(self):
        self.events = {}

    def __call__(self, stream):
        state = stream.initial
        for event in self.events.get(stream.id, ()):
            state = stream.evolve(state, event)
        return state

    def append(self, events):
        for event in events:
            self.events.setdefault(event.stream, []).append(event)


@pytest.fixture(params=["songjiang", "huadu"])
def rows(request):
    return rows_of(request.param)


def sites_of(commands, kind):
    return [s for command in commands for s in command.sites if s.kind == kind]


def test_same_rows_and_seed_give_the_same_ground(rows):
    assert list(ground(rows, 7)) == list(ground(rows, 7))


def test_another_seed_gives_another_ground(rows):
    assert list(ground(rows, 7)) != list(ground(rows, 8))


def test_order_of_rows_does_not_matter(rows):
    shuffled = list(rows)
    Random(1).shuffle(shuffled)  # noqa: S311 - no secret
    assert list(ground(shuffled, 7)) == list(ground(rows, 7))


def test_ground_of_a_street_does_not_depend_on_the_others(rows):
    whole = {command.street: command for command in ground(rows, 7)}
    street = min(row.code for row in rows if row.level == "street")
    part = [row for row in rows if street in (row.code, row.parent)]
    assert list(ground(part, 7)) == [whole[street]]


def test_the_outcome_of_a_seed_stays_what_it_was():
    first = next(ground(rows_of("songjiang"), 7))
    assert first.street == "310117001000"
    assert first.sites[0].name == "岳阳街道党群服务中心"
    assert [space.capacity for space in first.sites[0].spaces] == FIRST_CAPACITIES


FIRST_CAPACITIES = [237, 42, 322, 4, 16]


def test_everything_registers_without_refusal(rows):
    memory = Memory()
    memory.append(import_areas(memory, ImportAreas(rows=rows), 0))
    commands = list(ground(rows, 7))
    for command in commands:
        memory.append(register_ground(memory, command, 0))
    registered = [stream for stream in memory.events if stream.startswith("site/")]
    assert len(registered) == sum(len(command.sites) for command in commands)
    for command in commands:
        with pytest.raises(NothingNew):
            register_ground(memory, command, 0)


def test_one_command_a_street_and_one_site_an_area(rows):
    commands = list(ground(rows, 7))
    streets = sorted(row.code for row in rows if row.level == "street")
    communities = sorted(row.code for row in rows if row.level == "community")
    assert [command.street for command in commands] == streets
    assert sorted(s.area for s in sites_of(commands, "service-centre")) == streets
    assert sorted(s.area for s in sites_of(commands, "service-station")) == communities
    assert sorted(p.community for c in commands for p in c.local) == communities
    ids = [s.site for command in commands for s in command.sites]
    assert len(ids) == len(set(ids))


def test_local_codes_are_valid_and_complete(rows):
    for plan in (plan for command in ground(rows, 7) for plan in command.local):
        codes = [node.code for node in plan.nodes]
        assert len(codes) == len(set(codes))
        assert all(LOCAL_CODE.fullmatch(code) for code in codes)
        assert {community_of(code) for code in codes} == {plan.community}
        levels = Counter(local_level(code) for code in codes)
        assert 1 <= levels["grid"] <= 3
        assert 1 <= levels["compound"] <= 4
        assert set(levels) == {"grid", "compound", "building"}
        assert_nested(codes)


def assert_nested(codes):
    """Every compound in a grid that exists, two to six buildings in each compound."""
    compounds = [code for code in codes if local_level(code) == "compound"]
    for code in compounds:
        grid = code.rpartition("c")[0]
        assert grid == community_of(code) or grid in codes
        inside = [c for c in codes if c.startswith(f"{code}b")]
        assert 2 <= len(inside) <= 6
    buildings = [code for code in codes if local_level(code) == "building"]
    assert {code.rpartition("b")[0] for code in buildings} == set(compounds)


def test_compounds_of_a_community_have_different_names(rows):
    for plan in (plan for command in ground(rows, 7) for plan in command.local):
        names = [n.name for n in plan.nodes if local_level(n.code) == "compound"]
        assert len(names) == len(set(names))


def test_only_known_words(rows):
    for site in (site for command in ground(rows, 7) for site in command.sites):
        assert site.kind in KINDS
        assert set(site.facilities) <= set(FACILITIES)
        assert {space.kind for space in site.spaces} <= set(SPACE_KINDS)
        assert {p.function for p in site.planned} <= set(FUNCTIONS)
        hazards = [p.hazard for p in site.planned]
        assert set(hazards) <= set(HAZARDS)
        assert len(hazards) == len(set(hazards))


def test_spaces_hold_people(rows):
    for site in (site for command in ground(rows, 7) for site in command.sites):
        assert site.spaces
        assert all(0 < space.capacity <= 100_000 for space in site.spaces)


def epidemic(site):
    return next((p.function for p in site.planned if p.hazard == "epidemic"), None)


@pytest.mark.parametrize("seed", SEEDS)
def test_centres_and_nine_stations_in_ten_are_planned_for_an_epidemic(rows, seed):
    commands = list(ground(rows, seed))
    centres = sites_of(commands, "service-centre")
    assert {epidemic(site) for site in centres} == {"command-post"}
    functions = Counter(map(epidemic, sites_of(commands, "service-station")))
    assert functions[None] <= functions.total() / 10
    assert functions["sampling-point"] > functions.total() / 2
    assert set(functions) - {None} == {
        "sampling-point",
        "vaccination-point",
        "supply-station",
        "rest-station",
    }


def test_facilities_stand_in_some_streets_and_have_a_plan(rows):
    commands = list(ground(rows, 7))
    facilities = sites_of(commands, "facility")
    assert 0 < len({site.area for site in facilities}) < len(commands)
    for site in facilities:
        assert {p.function for p in site.planned} <= {"isolation-facility", "shelter"}
        assert site.planned


STEMS = [
    ("岳阳社区居委会", "岳阳社区"),
    ("融盛社区居民委员会", "融盛社区"),
    ("新闵居委会", "新闵社区"),
    ("梅园一居委会", "梅园一居民区"),
    ("马圈村委会", "马圈村"),
    ("香山村村委会", "香山村"),
    ("大埝村村民委员会", "大埝村"),
    ("水产村（方泰）村委会", "水产村（方泰）"),
    ("松江工业区虚拟社区", "松江工业区社区"),
    ("东海农场虚拟生活区", "东海农场生活区"),
    ("居委会", "居委会社区"),
]


@pytest.mark.parametrize(("name", "stem"), STEMS)
def test_names_lose_their_committee(name, stem):
    assert stem_of(name) == stem


def test_communities_without_a_street_come_under_their_parent():
    city = AreaRow(2, "441900000000", "东莞市", "city", "")
    of_city = AreaRow(3, "441900001001", "甲社区居委会", "community", city.code)
    of_none = AreaRow(4, "310117001001", "乙社区居委会", "community", "")
    commands = list(ground([city, of_none, of_city], 7))
    assert [command.street for command in commands] == ["310117000000", city.code]
    assert [[s.site for s in command.sites] for command in commands] == [
        ["310117001001-s1"],
        ["441900001001-s1"],
    ]
