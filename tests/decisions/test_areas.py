import pytest

from coordination.areas.decide import (
    AreaRow,
    BadLocalCode,
    ImportAreas,
    ImportRefused,
    LocalPlan,
    NothingNew,
    OutsideStreet,
    RegisterGround,
    SiteElsewhere,
    SitePlan,
    import_areas,
    register_ground,
)
from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    LocalNode,
    PlannedFunction,
    SiteRegistered,
    Space,
)
from coordination.areas.state import UnknownArea, area_stream
from coordination.tree import Place
from tests.given import (
    AREAS,
    COMMUNITY_11,
    COMMUNITY_12,
    GRID,
    NODES,
    OFFICIAL,
    PARENTS,
    SHANGHAI,
    STREET_1,
    STREET_2,
    check,
    fold,
    registered,
    table,
)

BINHAI = Place("120116000000", "district")
XINCHENG = Place("120116100000", "street")


def row(number, place, parent="", name="", level=""):
    """Return one line of an area file; the first after the header is 2."""
    return AreaRow(
        number, place.code, name or place.level, level or place.level, parent
    )


def file(*rows):
    """Return the import of a file."""
    return ImportAreas(rows=rows)


def new(place, parent="", name=""):
    """Return the registration of an area."""
    return AreaRegistered(
        code=place.code, name=name or place.level, level=place.level, parent=parent
    )


WHOLE = file(
    *(
        row(n, place, PARENTS[place].code if PARENTS[place] else "")
        for n, place in enumerate(OFFICIAL, 2)
    )
)


@table(
    ("a whole city", [], WHOLE, [registered(place) for place in OFFICIAL]),
    (
        "in any order of rows",
        [],
        file(
            row(2, STREET_1, "310117000000"), row(3, Place("310117000000", "district"))
        ),
        [
            new(STREET_1, "310117000000"),
            new(Place("310117000000", "district")),
        ],
    ),
    (
        "a street whose code ends in zeros lies in its district",
        [new(BINHAI)],
        file(row(2, XINCHENG, BINHAI.code)),
        [new(XINCHENG, BINHAI.code)],
    ),
    ("all of it known", AREAS, WHOLE, NothingNew),
    ("an empty file", [], file(), NothingNew),
    (
        "only what is new",
        [registered(SHANGHAI)],
        file(row(2, SHANGHAI), row(3, Place("310100000000", "city"), SHANGHAI.code)),
        [new(Place("310100000000", "city"), SHANGHAI.code)],
    ),
    (
        "another name",
        AREAS,
        file(row(2, STREET_1, "310117000000", name="岳阳街道")),
        [AreaRenamed(code=STREET_1.code, name="岳阳街道")],
    ),
    (
        "the newest name counts",
        [*AREAS, AreaRenamed(code=STREET_1.code, name="岳阳街道")],
        file(row(2, STREET_1, "310117000000", name="岳阳街道")),
        NothingNew,
    ),
)
def test_an_area_file_gives_new_areas_and_new_names(given, when, then):
    """New codes are registered, known ones renamed, and nothing else happens."""
    check(import_areas, given, when, then)


FAULTS = [
    ("code twice", [], [row(2, SHANGHAI), row(3, SHANGHAI)], [(2, "code")]),
    (
        "code three times",
        [],
        [row(2, SHANGHAI), row(3, SHANGHAI), row(4, SHANGHAI)],
        [(2, "code"), (3, "code")],
    ),
    (
        "known with another level",
        AREAS,
        [row(2, STREET_1, "310117000000", level="community")],
        [(2, "level")],
    ),
    ("no such parent", [], [row(2, STREET_1, "310117000000")], [(2, "parent_code")]),
    (
        "not inside its parent",
        AREAS,
        [row(2, Place("310118001000", "street"), "310117000000")],
        [(2, "parent_code")],
    ),
    (
        "not inside a parent of the same file",
        [],
        [row(2, SHANGHAI), row(3, XINCHENG, SHANGHAI.code)],
        [(3, "parent_code")],
    ),
    (
        "a neighbour of the street that ends in zeros",
        [new(BINHAI), new(XINCHENG, BINHAI.code)],
        [row(2, Place("120116135001", "community"), XINCHENG.code)],
        [(2, "parent_code")],
    ),
    (
        "its own parent",
        [],
        [row(2, STREET_1, STREET_1.code)],
        [(2, "level")],
    ),
    (
        "beside its parent, by level",
        AREAS,
        [row(2, Place("310117001077", "street"), STREET_1.code)],
        [(2, "level")],
    ),
    (
        "every fault is told, in the order of rows",
        AREAS,
        [
            row(9, STREET_2, "310117000000", level="city"),
            row(5, Place("310118001000", "street"), "310118000000"),
        ],
        [(5, "parent_code"), (9, "level"), (9, "parent_code")],
    ),
]


@pytest.mark.parametrize(
    ("given", "rows", "faults"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in FAULTS],
)
def test_one_wrong_row_refuses_the_file(given, rows, faults):
    """Nothing is taken, and each wrong row is named with its field."""
    fresh = row(99, Place("440000000000", "province"))
    with pytest.raises(ImportRefused) as caught:
        import_areas(fold(*given), file(*rows, fresh), 0)
    assert [(f.row, f.field) for f in caught.value.facts["rows"]] == faults
    assert caught.value.facts["count"] == len(faults)
    assert all(f.zh and f.en for f in caught.value.facts["rows"])


def test_another_parent_is_not_passed_over():
    """A known area under another parent is told, not silently left as it was."""
    given = [*AREAS, new(Place("310117000000", "district"))]
    with pytest.raises(ImportRefused):
        import_areas(fold(*given), file(row(2, STREET_1, SHANGHAI.code)), 0)


def test_a_new_name_keeps_level_and_local_nodes():
    """A renamed community is the same area with the same grids."""
    given = [*AREAS, AreaRenamed(code=COMMUNITY_11.code, name="新名")]
    area = fold(*given)(area_stream(COMMUNITY_11.code))
    assert (area.name, area.level, area.parent) == ("新名", "community", STREET_1.code)
    assert area.level_of(GRID.code) == "grid"


# --- what stands in a street --------------------------------------------------------


def ground(*sites, local=()):
    """Return the registration of what stands in the first street."""
    return RegisterGround(street=STREET_1.code, local=tuple(local), sites=sites)


def plan(local_id="s1", area=COMMUNITY_11, path=None, **more):
    """Return a site to register."""
    path = area.path if path is None else path
    return SitePlan(
        site=f"{path}-{local_id}", area=area.code, name="站", kind="centre", **more
    )


def stands(local_id="s1", area=COMMUNITY_11, **more):
    """Return the registration of such a site."""
    return SiteRegistered(
        **{
            "site": f"{area.path}-{local_id}",
            "area": area.code,
            "name": "站",
            "kind": "centre",
            "planned": (),
            "spaces": (),
            "facilities": (),
            **more,
        }
    )


ALL_NODES = LocalPlan(COMMUNITY_11.code, NODES)
FULL = {
    "planned": (PlannedFunction("flood", "shelter"),),
    "spaces": (Space("大厅", "hall", 200),),
    "facilities": ("water", "shower"),
}
OTHER_NAME = LocalNode(GRID.code, "第一网格")
EXTENDED = LocalPlan(COMMUNITY_12.code, (LocalNode(COMMUNITY_12.code + "x1", "?"),))
FOREIGN = LocalPlan(COMMUNITY_12.code, NODES)
ITSELF = LocalPlan(COMMUNITY_11.code, (LocalNode(COMMUNITY_11.code, "?"),))
UNREGISTERED = Place("310117001009", "community")


@table(
    (
        "local nodes, as one fact",
        [registered(p) for p in OFFICIAL],
        ground(local=[ALL_NODES]),
        [LocalAreasRegistered(community=COMMUNITY_11.code, nodes=NODES)],
    ),
    ("known nodes", AREAS, ground(local=[ALL_NODES]), NothingNew),
    ("nothing asked for", AREAS, ground(), NothingNew),
    (
        "a plan without nodes",
        AREAS,
        ground(local=[LocalPlan(COMMUNITY_11.code, ())]),
        NothingNew,
    ),
    (
        "a node's new name, and only that",
        AREAS,
        ground(local=[LocalPlan(COMMUNITY_11.code, (*NODES[1:], OTHER_NAME))]),
        [LocalAreasRegistered(community=COMMUNITY_11.code, nodes=(OTHER_NAME,))],
    ),
    (
        "nodes of an unknown community",
        AREAS,
        ground(local=[LocalPlan(UNREGISTERED.code, ())]),
        UnknownArea(area=UNREGISTERED.code),
    ),
    (
        "nodes of a street",
        AREAS,
        ground(local=[LocalPlan(STREET_1.code, ())]),
        UnknownArea(area=STREET_1.code),
    ),
    (
        "a code that is no local one",
        AREAS,
        ground(local=[EXTENDED]),
        BadLocalCode(node=COMMUNITY_12.code + "x1", community=COMMUNITY_12.code),
    ),
    (
        "a node of another community",
        AREAS,
        ground(local=[FOREIGN]),
        BadLocalCode(node=GRID.code, community=COMMUNITY_12.code),
    ),
    ("the community as its own node", AREAS, ground(local=[ITSELF]), BadLocalCode),
    ("a site", AREAS, ground(plan()), [stands()]),
    ("a site with all it has", AREAS, ground(plan(**FULL)), [stands(**FULL)]),
    ("a site of a street", AREAS, ground(plan(area=STREET_1)), [stands(area=STREET_1)]),
    ("a site in a grid", AREAS, ground(plan(area=GRID)), [stands(area=GRID)]),
    (
        "a site in a grid of the same command",
        [registered(p) for p in OFFICIAL],
        ground(plan(area=GRID), local=[ALL_NODES]),
        [
            LocalAreasRegistered(community=COMMUNITY_11.code, nodes=NODES),
            stands(area=GRID),
        ],
    ),
    ("a known site", [*AREAS, stands()], ground(plan()), NothingNew),
    (
        "a known site with more functions",
        [*AREAS, stands()],
        ground(plan(**FULL)),
        [stands(**FULL)],
    ),
    (
        "one site known, one new",
        [*AREAS, stands()],
        ground(plan(), plan("s2")),
        [stands("s2")],
    ),
    (
        "a site in no registered area",
        AREAS,
        ground(plan(area=UNREGISTERED)),
        UnknownArea(area=UNREGISTERED.code),
    ),
    (
        "a site in no registered grid",
        [registered(p) for p in OFFICIAL],
        ground(plan(area=GRID)),
        UnknownArea(area=GRID.code),
    ),
    (
        "an id of another area",
        AREAS,
        ground(plan(path=COMMUNITY_12.path)),
        SiteElsewhere(site=f"{COMMUNITY_12.path}-s1", area=COMMUNITY_11.code),
    ),
    (
        "an id by the code and not the path",
        AREAS,
        ground(plan(area=STREET_1, path=STREET_1.code)),
        SiteElsewhere,
    ),
)
def test_what_stands_in_a_street_is_registered_once(given, when, then):
    """New local nodes and sites are registered where their codes say they stand."""
    check(register_ground, given, when, then)


def test_local_nodes_belong_to_a_community_and_not_to_a_grid():
    """A grid is named where a community is asked for."""
    inside = LocalPlan(GRID.code, (LocalNode(GRID.code + "c09", "?"),))
    check(register_ground, AREAS, ground(local=[inside]), UnknownArea)


def test_a_street_registers_only_what_lies_in_it():
    """A registration for one street brings nothing into another."""
    elsewhere = RegisterGround(
        street=STREET_2.code, sites=(plan(),), local=(ALL_NODES,)
    )
    given = [registered(p) for p in OFFICIAL]
    refusal = OutsideStreet(area=COMMUNITY_11.code, street=STREET_2.code)
    check(register_ground, given, elsewhere, refusal)
    check(register_ground, [], elsewhere, UnknownArea(area=STREET_2.code))


def test_commands_wait_in_the_stream_of_what_they_change():
    """Imports wait for one another, registrations for those of their street."""
    assert WHOLE.stream == "area"
    assert ground().stream == "area/310117001000"
