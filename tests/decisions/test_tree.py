import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.tree import (
    Place,
    above,
    community_of,
    covers,
    local_level,
    path_of,
    site_path,
)
from tests.given import PARENTS, SHANGHAI

# 滨海新区: 新城镇 is a street whose code ends in five zeros; these are its neighbours.
BINHAI = "120116"
XINCHENG = path_of("120116100000", "street")
NEIGHBOURS = ["120116135000", "120116156000", "120116157000", "120116158000"]

PATHS = [
    ("310000000000", "province", "31"),
    ("310100000000", "city", "3101"),
    ("310117000000", "district", "310117"),
    ("310117001000", "street", "310117001"),
    ("310117001001", "community", "310117001001"),
    ("120116100000", "street", "120116100"),
    ("310117001001g02", "grid", "310117001001g02"),
    ("310117001001g02c01", "compound", "310117001001g02c01"),
    ("310117001001b013", "building", "310117001001b013"),
]


@pytest.mark.parametrize(("code", "level", "path"), PATHS)
def test_a_path_is_cut_by_the_level(code, level, path):
    """A path is the code cut by the level, never by its zeros."""
    assert path_of(code, level) == path
    assert Place(code, level).path == path


LOCAL = [
    ("310117001001", None),
    ("310117001001g02", "grid"),
    ("310117001001c01", "compound"),
    ("310117001001g02c01", "compound"),
    ("310117001001b013", "building"),
    ("310117001001g02c01b013", "building"),
    ("310117001001c01g02", None),
    ("310117001001g2", None),
    ("310117001001b13", None),
    ("310117001001x01", None),
    ("31011700100", None),
    ("010117001001g02", None),
    ("", None),
]


@pytest.mark.parametrize(("code", "level"), LOCAL)
def test_a_local_code_tells_its_level(code, level):
    """A local code says by its last mark whether it is grid, compound or building."""
    assert local_level(code) == level


COVERS = [
    ("a district covers its streets", [BINHAI], [], XINCHENG, True),
    ("a street does not cover its district", [XINCHENG], [], BINHAI, False),
    ("nothing named covers nothing", [], [], BINHAI, False),
    ("left out alone is out", [], [BINHAI], XINCHENG, False),
    ("left out inside", [BINHAI], [XINCHENG], "120116100001", False),
    ("beside what is left out", [BINHAI], [XINCHENG], "120116135", True),
    ("taken in again", [BINHAI, "120116100001"], [XINCHENG], "120116100001", True),
    ("below what is in again", [BINHAI, XINCHENG], [], "120116100001g01", True),
    (
        "out, in, out: the nearest wins",
        [BINHAI, "120116100001"],
        [XINCHENG, "120116100001g01"],
        "120116100001g01c01",
        False,
    ),
    (
        "out, in, out: beside the last",
        [BINHAI, "120116100001"],
        [XINCHENG, "120116100001g01"],
        "120116100001g02",
        True,
    ),
    ("named both ways is out", [BINHAI], [BINHAI], BINHAI, False),
    ("another district", [BINHAI], [], "120117", False),
]


@pytest.mark.parametrize(
    ("included", "excluded", "path", "covered"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in COVERS],
)
def test_the_nearest_area_named_decides(included, excluded, path, covered):
    """Whether a scope covers a place is said by the nearest area it names."""
    assert covers(included, excluded, path) is covered


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_a_street_ending_in_zeros_swallows_no_neighbour(neighbour):
    """120116100000 covers its own communities and none of its sisters."""
    assert covers([XINCHENG], [], "120116100204")
    assert not covers([XINCHENG], [], path_of(neighbour, "street"))
    assert covers([BINHAI], [XINCHENG], path_of(neighbour, "street"))


def model(included, excluded, place):
    """Walk up from the place to the nearest area the scope names."""
    while place is not None:
        if place in excluded:
            return False
        if place in included:
            return True
        place = PARENTS[place]
    return False


SOME = st.sets(st.sampled_from(list(PARENTS)), max_size=6)


@given(included=SOME, excluded=SOME, place=st.sampled_from(list(PARENTS)))
@settings(deadline=None)
def test_covers_as_a_walk_up_the_tree(included, excluded, place):
    """The prefix test answers as a walk up the tree does."""
    answer = covers((p.path for p in included), (p.path for p in excluded), place.path)
    assert answer is model(included, excluded, place)


@pytest.mark.parametrize("place", list(PARENTS))
def test_above_an_official_area_stand_its_ancestors(place):
    """From the province down, itself last; local nodes stand under their community."""
    line = [place.path]
    while (place := PARENTS[place]) is not None:
        line.insert(0, place.path)
    assert [p for p in line[:-1] if p.isdigit()] + line[-1:] == above(line[-1])


def test_above_a_province_stands_nothing():
    """The root is its own only ancestor."""
    assert above(SHANGHAI.path) == ["31"]


def test_a_site_stands_where_its_id_says():
    """A site's id begins with the path of its area."""
    assert site_path("310117001001g01-s1-b") == "310117001001g01"
    assert community_of("310117001001g01") == "310117001001"
