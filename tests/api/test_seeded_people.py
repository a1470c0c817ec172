"""The made-up people: always the same, in the right ratios, everyone known."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random  # noqa: TID251 - seeded

import pytest

from api.demo.people import people, unit_id
from api.exchange.areas import read_areas
from api.world.ground import ground
from coordination.areas.decide import AreaRow
from coordination.tree import community_of, local_level, site_path
from coordination.vocabulary import POST_KINDS, SKILLS, TRAININGS
from tests.api.test_ground import AREAS

NOW = 1_795_300_000_000_000
SEEDS = (0, 7, 20260101)


@cache
def rows_of(name):
    return read_areas((AREAS / f"{name}.csv").read_bytes())[0]


@cache
def made(name, seed=7, members=None):
    """A roster nobody changes, made once for all tests."""
    return roster_of(rows_of(name), seed, members)


def roster_of(rows, seed=7, members=None):
    return people(rows, list(ground(rows, seed)), seed, members, now_us=NOW)


@pytest.fixture(params=["songjiang", "huadu"])
def name(request):
    return request.param


@pytest.fixture
def rows(name):
    return rows_of(name)


@pytest.fixture
def grounds(rows):
    return list(ground(rows, 7))


@pytest.fixture
def roster(name):
    return made(name)


# --- the same again ------------------------------------------------------------------


def test_same_seed_gives_the_same_roster_whatever_the_order(rows, grounds, roster):
    mixed, streets = list(rows), list(grounds)
    Random(1).shuffle(mixed)  # noqa: S311 - no secret
    Random(2).shuffle(streets)  # noqa: S311 - no secret
    assert people(mixed, streets, 7, now_us=NOW) == roster


def test_another_seed_gives_other_people(rows, grounds, roster):
    assert people(rows, grounds, 8, now_us=NOW).persons != roster.persons


def test_now_moves_trainings_and_nothing_else(rows, grounds, roster):
    later = people(rows, grounds, 7, now_us=NOW + 86_400_000_000)
    assert later != roster
    assert later.posts == roster.posts
    assert [p._replace(trainings=()) for p in later.persons] == [
        p._replace(trainings=()) for p in roster.persons
    ]


# --- ratios --------------------------------------------------------------------------


def test_h_district_has_its_members_and_units():
    roster = made("huadu")
    assert len(roster.persons) == 15_100
    assert len(roster.units) == 600


def test_members_are_as_many_as_asked_for_or_as_the_areas_have(name, rows, roster):
    assert len(roster.persons) == round(15_100 / 274 * len(rows))
    assert len(roster.units) == pytest.approx(len(roster.persons) / 25, rel=0.01)
    assert len(made(name, members=700).persons) == 700


def test_units_have_everybody_and_some_have_more_on_their_own_list(roster):
    listed = Counter(person.unit for person in roster.persons)
    assert set(listed) == {unit.unit for unit in roster.units}
    assert all(unit.unit == unit_id(unit.name) for unit in roster.units)
    assert len({unit.name for unit in roster.units}) == len(roster.units)
    assert all(listed[unit.unit] <= unit.headcount for unit in roster.units)
    more = sum(listed[unit.unit] < unit.headcount for unit in roster.units)
    assert 0.05 < more / len(roster.units) < 0.15


def test_everybody_lives_in_a_building_of_some_community(grounds, roster):
    buildings = {
        node.code
        for command in grounds
        for plan in command.local
        for node in plan.nodes
        if local_level(node.code) == "building"
    }
    assert {person.residence for person in roster.persons} <= buildings
    living = Counter(community_of(person.residence) for person in roster.persons)
    assert set(living) == {p.community for command in grounds for p in command.local}
    assert max(living.values()) < 3 * min(living.values())


def test_numbers_and_telephones_are_nobodys_twice(roster):
    assert len({person.number for person in roster.persons}) == len(roster.persons)
    phones = {person.phone for person in roster.persons}
    assert len(phones) == len(roster.persons)
    assert all(p.isdecimal() and len(p) == 11 and p[:3] == "154" for p in phones)


def test_only_known_words(roster):
    for person in roster.persons:
        assert set(person.skills) <= set(SKILLS)
        assert len(set(person.skills)) == len(person.skills)
        names = [training.name for training in person.trainings]
        assert set(names) <= set(TRAININGS)
        assert len(set(names)) == len(names)
    assert {skill for p in roster.persons for skill in p.skills} == set(SKILLS)


@pytest.mark.parametrize("seed", SEEDS)
def test_about_one_training_in_twelve_has_expired(name, seed):
    persons = made(name, seed).persons
    found = [t.until_us <= NOW for p in persons for t in p.trainings]
    assert 0.07 < sum(found) / len(found) < 0.09
    assert 0 not in {t.until_us for p in persons for t in p.trainings}


def test_trainings_end_with_a_day_in_china(roster):
    ends = {t.until_us for p in roster.persons for t in p.trainings}
    assert {(end + 8 * 3_600_000_000) % 86_400_000_000 for end in ends} == {0}


# --- posts ---------------------------------------------------------------------------


def test_every_place_has_its_posts(rows, grounds, roster):
    levels = Counter(row.level for row in rows)
    grids = [
        node.code
        for command in grounds
        for plan in command.local
        for node in plan.nodes
        if local_level(node.code) == "grid"
    ]
    sites = [
        site.site
        for command in grounds
        for site in command.sites
        if any(p.hazard == "epidemic" for p in site.planned)
    ]
    found = Counter(post.kind for post in roster.posts)
    assert found == {
        "second-secretary": levels["community"],
        "station-keeper": levels["community"],
        "street-duty": levels["street"],
        "grid-head": len(grids),
        "site-lead": len(sites),
    }
    assert sorted(p.site for p in roster.posts if p.site) == sorted(sites)
    heads = [p.place.code for p in roster.posts if p.kind == "grid-head"]
    assert sorted(heads) == sorted(grids)


def test_posts_have_their_ids_and_places(rows, roster):
    levels = {row.code: row.level for row in rows}
    assert len({post.post for post in roster.posts}) == len(roster.posts)
    for post in roster.posts:
        assert post.post == f"{post.site or post.place.path}-p-{post.kind}"
        level = local_level(post.place.code) or levels[post.place.code]
        assert post.place.level == level
        assert POST_KINDS[post.kind].level in {level, "site"}
        assert post.place.path.startswith(post.reach.path)
        assert levels[post.reach.code] == post.reach.level
        if post.site:
            assert site_path(post.site) == post.place.path


@pytest.mark.parametrize("seed", SEEDS)
def test_one_post_in_twenty_five_has_nobody_behind_its_holder(name, seed):
    posts = made(name, seed).posts
    alone = [post for post in posts if len(post.chain) == 1]
    assert 0.025 < len(alone) / len(posts) < 0.055
    usual = {"second-secretary": 3, "street-duty": 3}
    for post in posts:
        assert len(post.chain) in {1, usual.get(post.kind, 2)}


def test_chains_name_people_who_live_in_reach(roster):
    homes = {person.number: person.residence for person in roster.persons}
    for post in roster.posts:
        assert len(set(post.chain)) == len(post.chain)
        assert all(homes[n].startswith(post.reach.path) for n in post.chain)


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_a_twice_and_few_are_relied_on_twice(name, seed):
    posts = made(name, seed).posts
    holders = Counter(post.chain[0] for post in posts)
    assert set(holders.values()) == {1}
    behind = Counter(post.chain[1] for post in posts if len(post.chain) > 1)
    assert set(behind.values()) == {1, 2}
    shared = {n for n, count in behind.items() if count > 1}
    communities = sum(post.kind == "second-secretary" for post in posts)
    assert 0 < len(shared) < communities / 10
    # Somebody who heads a grid is called away from it: that is what cascades are for.
    lent = [post for post in posts if set(post.chain[1:]) & set(holders)]
    assert {post.kind for post in lent} == {"second-secretary"}
    assert communities / 10 < len(lent) < communities / 3


def test_chains_are_trained_and_every_a_is_so_today(roster):
    trained = {
        person.number: {t.name: t.until_us for t in person.trainings}
        for person in roster.persons
    }
    expired = 0
    for post in roster.posts:
        training = POST_KINDS[post.kind].training
        if training:
            first, *behind = (trained[n][training] > NOW for n in post.chain)
            assert first
            expired += behind.count(False)
    assert expired


# --- packages ------------------------------------------------------------------------


def test_packages_cover_what_they_should(grounds, roster):
    codes = [
        node.code
        for command in grounds
        for plan in command.local
        for node in plan.nodes
    ]
    levels = Counter(map(local_level, codes))
    found = Counter(package.kind for package in roster.packages)
    assert found["compound"] > 0.85 * levels["compound"]
    assert found["building"] / levels["building"] == pytest.approx(0.85, abs=0.03)
    assert found["neighbours"] / levels["grid"] == pytest.approx(0.70, abs=0.06)
    isolation = [
        site.site
        for command in grounds
        for site in command.sites
        if any(p.function == "isolation-facility" for p in site.planned)
    ]
    facilities = [p.target for p in roster.packages if p.kind == "facility"]
    assert sorted(facilities) == sorted(isolation)
    assert len({(p.kind, p.target) for p in roster.packages}) == len(roster.packages)


def test_packages_are_with_parties_there_are(roster):
    known = {
        "person": {person.number: person.residence for person in roster.persons},
        "post": {post.post: post.place.code for post in roster.posts},
        "organisation": dict.fromkeys((u.unit for u in roster.units), ""),
    }
    kinds = {
        "compound": "post",
        "building": "person",
        "neighbours": "person",
        "facility": "organisation",
    }
    for package in roster.packages:
        assert package.party.kind == kinds[package.kind]
        home = known[package.party.kind][package.party.id]
        assert package.target.startswith(community_of(home))
        assert package.party.id not in package.backups
        for backup in package.backups:
            assert community_of(known["person"][backup]) == community_of(home)


def test_nobody_has_more_than_their_kind_allows(roster):
    found = Counter(
        (package.kind, package.party.id)
        for package in roster.packages
        if package.party.kind == "person"
    )
    assert max(n for (kind, _), n in found.items() if kind == "building") <= 3
    assert max(n for (kind, _), n in found.items() if kind == "neighbours") <= 2


# --- little of it --------------------------------------------------------------------


@pytest.mark.parametrize("members", [0, 1, 30, 700])
def test_few_people_leave_posts_vacant_and_packages_with_nobody(name, members):
    roster = made(name, members=members)
    numbers = {person.number for person in roster.persons}
    assert len(numbers) == members
    assert len(roster.posts) == len(made(name).posts)
    filled = {post.post for post in roster.posts if post.chain}
    assert {n for post in roster.posts for n in post.chain} <= numbers
    holders = [post.chain[0] for post in roster.posts if post.chain]
    assert len(set(holders)) == len(holders)
    for package in roster.packages:
        if package.party.kind == "post":
            assert package.party.id in filled


def test_communities_without_a_street_and_areas_without_a_community():
    of_none = AreaRow(2, "310117001001", "甲社区居委会", "community", "")
    roster = roster_of([of_none], members=40)
    assert {community_of(p.residence) for p in roster.persons} == {of_none.code}
    assert "street-duty" not in {post.kind for post in roster.posts}
    street = AreaRow(2, "310117001000", "乙街道", "street", "")
    alone = roster_of([street], members=40)
    assert alone.persons == ()
    assert {post.chain for post in alone.posts} == {()}
