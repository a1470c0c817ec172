import msgspec
import pytest

from coordination.kernel import CommandRefused
from coordination.mode.events import StepCompleted
from coordination.mode.steps import CompleteStep
from coordination.packages.decide import (
    PACKAGES_MAX,
    AssignPackages,
    HandOverPackage,
    NeededNow,
    PackageRow,
    PackagesRefused,
    ReleasePackage,
    SameParty,
    assign_packages,
    hand_over,
    release,
)
from coordination.packages.events import (
    ORGANISATION,
    PERSON,
    POST,
    PackageAssigned,
    PackageHandedOver,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.packages.following import FacilityUncovered
from coordination.packages.kinds import (
    KINDS_MAX,
    LOAD_MAX,
    BadKinds,
    SetPackageKinds,
    set_package_kinds,
)
from coordination.packages.state import (
    DEFAULT_KINDS,
    KINDS,
    UnknownPackage,
    community_party,
    package_stream,
    target_path,
)
from coordination.people.availability import MarkAvailable, MarkUnavailable
from coordination.people.events import (
    PersonForgotten,
    ResponsibilityBegun,
    ResponsibilityEnded,
)
from coordination.people.state import person_stream
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMPOUND,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    FOLK,
    GRID,
    GUARD_PLAN,
    NOW,
    STREET_1,
    STREET_2,
    UNIT,
    A,
    B,
    C,
    D,
    E,
    F,
    back,
    check,
    declared,
    ended,
    fold,
    lost,
    manned,
    put,
    raised,
    seat,
    site,
    table,
    together,
)

FACILITY = site(1, epidemic="isolation-facility")
PLAIN = site(2, epidemic="sampling-point")
SEAT = seat("second-secretary", COMMUNITY_11, F, E)
THERE = [*AREAS, *FOLK, FACILITY, PLAIN, *manned(SEAT)]
HOME = (COMMUNITY_11.path,)
COMMUNITY = Party(ORGANISATION, f"community:{COMMUNITY_11.code}")
OF_UNIT, OF_POST = Party(ORGANISATION, UNIT.unit), Party(POST, SEAT.post)


def of(who):
    """Return somebody as a responsible party."""
    return Party(PERSON, who)


def row(kind="building", target=BUILDING.code, party=None, backups=()):
    """Return one package to assign, to A if not told."""
    return PackageRow(kind, target, party or of(A), backups)


def assigns(*rows):
    """Return the command to assign packages."""
    return AssignPackages(rows=rows)


def began(who, kind="building", target=BUILDING.code):
    """Return that a package is somebody's from now on."""
    return ResponsibilityBegun(person=who, package=f"{kind}/{target}")


def over(who, kind="building", target=BUILDING.code):
    """Return that it is theirs no more."""
    return ResponsibilityEnded(person=who, package=f"{kind}/{target}")


def assigned(kind="building", target=BUILDING.code, party=None, backups=()):
    """Return that a package is somebody's, of A if not told."""
    party = party or of(A)
    fact = PackageAssigned(kind=kind, target=target, party=party, backups=backups)
    mine = [began(party.id, kind, target)] if party.kind == PERSON else []
    return [fact, *mine]


def handed(before, party, backups=(), kind="building", target=BUILDING.code, **more):
    """Return that a package goes from one party to another."""
    fact = PackageHandedOver(
        kind=kind, target=target, before=before, party=party, backups=backups, **more
    )
    return [
        fact,
        *([over(before.id, kind, target)] if before.kind == PERSON else []),
        *([began(party.id, kind, target)] if party.kind == PERSON else []),
    ]


def loaded(who, kind, count):
    """Return that somebody has packages enough."""
    return [began(who, kind, f"{kind}-{n}") for n in range(count)]


HELD = [*THERE, *assigned(backups=(B, C))]
STANDING = [
    *HELD,
    lost(A),
    *handed(of(A), COMMUNITY, (B, C), cause="ill", standing=True),
]
RELEASED = PackageReleased(kind="building", target=BUILDING.code, before=of(A))


@table(
    ("a building to somebody", THERE, assigns(row()), assigned()),
    ("with those behind them", THERE, assigns(row(backups=(B, C))),
     assigned(backups=(B, C))),
    ("neighbours", THERE, assigns(row("neighbours", GRID.code)),
     assigned("neighbours", GRID.code)),
    ("a compound to a post", THERE, assigns(row("compound", COMPOUND.code, OF_POST)),
     assigned("compound", COMPOUND.code, OF_POST)),
    ("a facility to a unit", THERE, assigns(row("facility", FACILITY.site, OF_UNIT)),
     assigned("facility", FACILITY.site, OF_UNIT)),
    ("a facility to the community", THERE,
     assigns(row("facility", FACILITY.site, COMMUNITY)),
     assigned("facility", FACILITY.site, COMMUNITY)),
    ("several in one decision", THERE,
     assigns(row(), row("compound", COMPOUND.code, OF_POST)),
     [*assigned(), *assigned("compound", COMPOUND.code, OF_POST)]),
    ("the same target, of another kind", [*THERE, *assigned()],
     assigns(row("compound", COMPOUND.code)), assigned("compound", COMPOUND.code)),
    ("as many as one may have", [*THERE, *loaded(A, "building", 2)], assigns(row()),
     assigned()),
    ("as many as one may have, of another kind", [*THERE, *loaded(A, "compound", 8)],
     assigns(row()), assigned()),
    ("again, after it was released", [*HELD, RELEASED, over(A)], assigns(row()),
     assigned()),
    ("what the community stands in for", STANDING, assigns(row(party=of(D))),
     handed(COMMUNITY, of(D))),
)  # fmt: skip
def test_packages_are_assigned_in_one_decision(given, when, then):
    """Targets that nobody has; a person's record says so in the same append."""
    check(assign_packages, given, when, then)


# (sentence, given beside, rows, [(row, field)])
FAULTS = [
    ("no such kind", [], [row("palace")], [(1, "kind")]),
    ("in a community there is not", [], [row(target="310117002001b001")],
     [(1, "target")]),
    ("a building there is not", [], [row(target=f"{COMMUNITY_11.code}b099")],
     [(1, "target")]),
    ("a compound is no building", [], [row(target=COMPOUND.code)], [(1, "target")]),
    ("nothing is no building", [], [row(target="31011700")], [(1, "target")]),
    ("a site there is not", [], [row("facility", f"{COMMUNITY_11.path}-s9", OF_UNIT)],
     [(1, "target")]),
    ("a site of another function", [], [row("facility", PLAIN.site, OF_UNIT)],
     [(1, "target")]),
    ("held already", assigned(), [row(party=of(B))], [(1, "target")]),
    ("twice", [], [row(), row(party=of(B))], [(2, "target")]),
    ("a building to a post", [], [row(party=OF_POST)], [(1, "party")]),
    ("a facility to a person", [], [row("facility", FACILITY.site)], [(1, "party")]),
    ("to a king", [], [row(party=Party("king", A))], [(1, "party"), (1, "party")]),
    ("a stranger", [], [row(party=of("h-9"))], [(1, "party")]),
    ("forgotten", [PersonForgotten(person=A)], [row()], [(1, "party")]),
    ("ill", [lost(A)], [row()], [(1, "party")]),
    ("has as many as they may", loaded(A, "building", 3), [row()], [(1, "party")]),
    ("would have too many", loaded(A, "neighbours", 1),
     [row("neighbours", GRID.code), row("neighbours", f"{COMMUNITY_11.code}g02")],
     [(2, "party"), (2, "target")]),
    ("a post there is not", [], [row("compound", COMPOUND.code, Party(POST, "p"))],
     [(1, "party")]),
    ("a unit there is not", [], [row("facility", FACILITY.site,
                                     Party(ORGANISATION, "u-9"))], [(1, "party")]),
    ("a community there is not", [], [row("facility", FACILITY.site, Party(
        ORGANISATION, "community:310117001009"))], [(1, "party")]),
    ("their own backup", [], [row(backups=(A,))], [(1, "backups")]),
    ("a backup twice", [], [row(backups=(B, B))], [(1, "backups")]),
    ("a backup who is not there", [], [row(backups=(B, "h-9"))], [(1, "backups")]),
    ("each of them", [lost(D)], [row("palace"), row(party=of(D), backups=(D,))],
     [(1, "kind"), (2, "backups"), (2, "party")]),
    ("none", [], [], [(0, "rows")]),
    ("too many", [], [row()] * (PACKAGES_MAX + 1), [(0, "rows")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "rows", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in FAULTS],
)
def test_one_wrong_package_refuses_them_all(given, rows, then):
    """Each fault names its row and field, in both languages."""
    with pytest.raises(PackagesRefused) as caught:
        assign_packages(fold(*THERE, *given), assigns(*rows), NOW)
    faults = caught.value.facts["rows"]
    assert sorted((fault.row, fault.field) for fault in faults) == then
    assert caught.value.facts["count"] == len(then)
    assert all(fault.zh and fault.en for fault in faults)


# --- handed over, released ------------------------------------------------------------


def hands(party, kind="building", target=BUILDING.code, backups=()):
    """Return the command to hand a package over."""
    return HandOverPackage(kind=kind, target=target, party=party, backups=backups)


def releases(kind="building", target=BUILDING.code):
    """Return the command to release a package."""
    return ReleasePackage(kind=kind, target=target, reason="拆除")


OF_COMPOUND = {"kind": "compound", "target": COMPOUND.code}


@table(
    ("to another", HELD, hands(of(D)), handed(of(A), of(D))),
    ("with those behind", HELD, hands(of(B), backups=(A,)),
     handed(of(A), of(B), (A,))),
    ("from a post to a person", [*THERE, *assigned(**OF_COMPOUND, party=OF_POST)],
     hands(of(A), **OF_COMPOUND), handed(OF_POST, of(A), **OF_COMPOUND)),
    ("from a person to a post", [*THERE, *assigned(**OF_COMPOUND)],
     hands(OF_POST, **OF_COMPOUND), handed(of(A), OF_POST, **OF_COMPOUND)),
    ("from whoever stands in", STANDING, hands(of(D)), handed(COMMUNITY, of(D))),
    ("in an emergency", [*HELD, FLOOD_PLAN, declared()], hands(of(D)),
     handed(of(A), of(D))),
    ("who has it", HELD, hands(of(A)), SameParty),
    ("nobody has it", THERE, hands(of(A)), UnknownPackage(
        kind="building", target=BUILDING.code)),
    ("it was released", [*HELD, RELEASED, over(A)], hands(of(D)), UnknownPackage),
    ("to one who is ill", [*HELD, lost(D)], hands(of(D)), PackagesRefused),
    ("to one who has enough", [*HELD, *loaded(D, "building", 3)], hands(of(D)),
     PackagesRefused),
    ("to a stranger", HELD, hands(of("h-9")), PackagesRefused),
    ("a building to a post", HELD, hands(OF_POST), PackagesRefused),
    ("to the community for good, which has no buildings", STANDING,
     hands(COMMUNITY), PackagesRefused),
    ("to their own backup", HELD, hands(of(D), backups=(D,)), PackagesRefused),
)  # fmt: skip
def test_a_package_is_handed_over_in_one_decision(given, when, then):
    """Rule 8: no moment with nobody, none with two."""
    check(hand_over, given, when, then)


@table(
    ("in peacetime", HELD, releases(), [RELEASED, over(A)]),
    ("of a post", [*THERE, *assigned(**OF_COMPOUND, party=OF_POST)],
     releases(**OF_COMPOUND), [PackageReleased(**OF_COMPOUND, before=OF_POST)]),
    ("what the community stands in for", [*STANDING, back(A)], releases(),
     [msgspec.structs.replace(RELEASED, before=COMMUNITY)]),
    ("in an emergency", [*HELD, FLOOD_PLAN, declared()], releases(), NeededNow),
    ("after it", [*HELD, FLOOD_PLAN, declared(), ended()], releases(),
     [RELEASED, over(A)]),
    ("in an emergency elsewhere", [*HELD, FLOOD_PLAN, declared("e1", STREET_2)],
     releases(), [RELEASED, over(A)]),
    ("nobody has it", THERE, releases(), UnknownPackage),
    ("twice", [*HELD, RELEASED, over(A)], releases(), UnknownPackage),
)  # fmt: skip
def test_a_package_is_released_in_peacetime_only(given, when, then):
    """Its target is a gap, by decision."""
    check(release, given, when, then)


# --- who falls away is followed -------------------------------------------------------


def away(*people):
    """Return the command that people are not available."""
    return MarkUnavailable(people=people, cause="ill")


SECOND = f"{COMMUNITY_11.code}g02"
NEIGHBOURS = {"kind": "neighbours", "target": GRID.code}
TWO = [*HELD, *assigned(**NEIGHBOURS, backups=(B, D))]


def followed(party, backups=(), before=A, **more):
    """Return that a package goes on because somebody fell ill."""
    return handed(of(before), party, backups, cause="ill", **more)


@table(
    ("to the first behind", HELD, away(A), [lost(A), *followed(of(B), (C,))]),
    ("who is ill too: the next", [*HELD, lost(B)], away(A),
     [lost(A), *followed(of(C), (B,))]),
    ("who falls ill with them: the next", HELD, away(A, B),
     [lost(A), lost(B), *followed(of(C), (B,))]),
    ("who has enough: the next", [*HELD, *loaded(B, "building", 3)], away(A),
     [lost(A), *followed(of(C), (B,))]),
    ("who is forgotten: the next", [*HELD, PersonForgotten(person=B)], away(A),
     [lost(A), *followed(of(C), (B,))]),
    ("nobody is left: the community stands in", HELD, away(A, B, C),
     [lost(A), lost(B), lost(C), *followed(COMMUNITY, (B, C), standing=True)]),
    ("nobody stood behind: the community", [*THERE, *assigned()], away(A),
     [lost(A), *followed(COMMUNITY, standing=True)]),
    ("each of several", TWO, away(A),
     [lost(A), *followed(of(B), (C,)), *followed(of(B), (D,), **NEIGHBOURS)]),
    ("no more than they may have",
     [*THERE, *loaded(B, "neighbours", 1), *assigned(**NEIGHBOURS, backups=(B, D)),
      *assigned("neighbours", SECOND, backups=(B, D))], away(A),
     [lost(A), *followed(of(B), (D,), **NEIGHBOURS),
      *followed(of(D), (B,), kind="neighbours", target=SECOND)]),
    ("who stands in no line", HELD, away(E), [lost(E)]),
    ("somebody behind", HELD, away(B), [lost(B)]),
    ("the holder of a post whose package it is: the post has it",
     [*THERE, *assigned(**OF_COMPOUND, party=OF_POST)], away(F),
     [lost(F), *put(SEAT, E, F, cause="ill")]),
)  # fmt: skip
def test_who_falls_away_from_a_package_is_followed_in_the_same_decision(
    given, when, then
):
    """Backups in their order, then the community stands in until one is named."""
    check(together, given, when, then)


def test_who_is_available_again_takes_no_package_back():
    """It is somebody else's by now."""
    when = MarkAvailable(people=(A,))
    check(together, STANDING, when, [back(A)])


# --- no facility opens without --------------------------------------------------------

AT_III = [*THERE, GUARD_PLAN, declared("e1", level=3, plan=GUARD_PLAN)]
AT_IV = [*THERE, GUARD_PLAN, declared("e1", plan=GUARD_PLAN)]
ITS = {"kind": "facility", "target": FACILITY.site}


def finishes(step, where=FACILITY):
    """Return the command to complete a step."""
    return CompleteStep(site=where.site, step=step, emergency="e1")


def done(step, where=FACILITY, phase="convert"):
    """Return that a step is done."""
    seen = 2 if phase == "recover" else 1
    told = {"site": where.site, "emergency": "e1", "phase": phase, "step": step}
    return StepCompleted(**told, index_seen=seen)


FENCED = [*AT_III, done("fence")]
UNCOVERED = FacilityUncovered(
    site=FACILITY.site,
    zh_kind="党组织包方舱和隔离点",
    en_kind="Party organisation: isolation facility",
)


@table(
    ("a step that does not open it", AT_III, finishes("fence"), [done("fence")]),
    ("a step nobody waits for", AT_III, finishes("paint"), [done("paint")]),
    ("the step that opens it", FENCED, finishes("ready"), UNCOVERED),
    ("in another order", [*AT_III, done("ready")], finishes("fence"), UNCOVERED),
    ("with its package", [*FENCED, *assigned(**ITS, party=OF_UNIT)],
     finishes("ready"), [done("ready")]),
    ("with a post's", [*FENCED, *assigned(**ITS, party=OF_POST)],
     finishes("ready"), [done("ready")]),
    ("for which the community only stands in",
     [*FENCED, *assigned(**ITS), *handed(of(A), COMMUNITY, **ITS, standing=True)],
     finishes("ready"), UNCOVERED),
    ("whose package was released", [*FENCED, *assigned(**ITS, party=OF_UNIT),
                                    PackageReleased(**ITS, before=OF_UNIT)],
     finishes("ready"), UNCOVERED),
    ("another facility's package", [*FENCED, *assigned(
        "facility", f"{COMMUNITY_11.path}-s7", OF_UNIT)], finishes("ready"),
     UNCOVERED),
    ("at a level that asks for none", [*AT_IV, done("fence")], finishes("ready"),
     [done("ready")]),
    ("after a raise that asks for it", [*AT_IV, done("fence"), raised()],
     finishes("ready"), UNCOVERED),
    ("another function", AT_III, finishes("lanes", PLAIN), [done("lanes", PLAIN)]),
    ("a plan that asks for none",
     [*THERE, EPIDEMIC_PLAN, declared("e1", level=3, plan=EPIDEMIC_PLAN)],
     finishes("mark-lanes", PLAIN), [done("mark-lanes", PLAIN)]),
    ("on its way back", [*FENCED, ended()], finishes("close"),
     [done("close", phase="recover")]),
    ("where the kinds are others", [*FENCED, PackageKindsSet(kinds=DEFAULT_KINDS[:1])],
     finishes("ready"), [done("ready")]),
)  # fmt: skip
def test_no_facility_opens_before_somebody_answers_for_it(given, when, then):
    """Asked with the last mandatory step of its conversion."""
    check(together, given, when, then)


# --- kinds are configuration ----------------------------------------------------------

KIND = msgspec.structs.replace(DEFAULT_KINDS[1], id="stairs", load=LOAD_MAX)
SITE_KIND = msgspec.structs.replace(DEFAULT_KINDS[3], id="hall", functions=("shelter",))


def sets(*kinds):
    """Return the command to configure the kinds."""
    return SetPackageKinds(kinds=kinds)


def other(**more):
    """Return a kind that is not quite possible."""
    return msgspec.structs.replace(KIND, **more)


@table(
    ("one more", [], sets(*DEFAULT_KINDS, KIND),
     [PackageKindsSet(kinds=(*DEFAULT_KINDS, KIND))]),
    ("of sites", [], sets(SITE_KIND), [PackageKindsSet(kinds=(SITE_KIND,))]),
    ("with a skill", [], sets(other(skill="medical")),
     [PackageKindsSet(kinds=(other(skill="medical"),))]),
    ("another load", [], sets(msgspec.structs.replace(DEFAULT_KINDS[0], load=1)),
     [PackageKindsSet(kinds=(msgspec.structs.replace(DEFAULT_KINDS[0], load=1),))]),
    ("back to the usual", [PackageKindsSet(kinds=(KIND,))], sets(*DEFAULT_KINDS),
     [PackageKindsSet(kinds=DEFAULT_KINDS)]),
    ("the usual", [], sets(*DEFAULT_KINDS), BadKinds(why="=")),
    ("none", [], sets(), BadKinds(why=f"1 – {KINDS_MAX}")),
    ("too many", [], sets(*(other(id=f"k{n}") for n in range(KINDS_MAX + 1))),
     BadKinds),
    ("one twice", [], sets(KIND, KIND), BadKinds),
    ("of no level", [], sets(other(target="planet")), BadKinds(why="stairs")),
    ("for nobody", [], sets(other(parties=())), BadKinds(why="stairs")),
    ("for kings", [], sets(other(parties=("king",))), BadKinds),
    ("no load", [], sets(other(load=0)), BadKinds),
    ("too great a load", [], sets(other(load=LOAD_MAX + 1)), BadKinds),
    ("a function of what is no site", [], sets(other(functions=("shelter",))),
     BadKinds),
    ("a site of no function", [], sets(other(target="site")), BadKinds),
    ("no such function", [], sets(msgspec.structs.replace(
        SITE_KIND, functions=("moon-base",))), BadKinds(why="hall")),
    ("no such skill", [], sets(other(skill="magic")), BadKinds),
    ("another target than until now", [], sets(msgspec.structs.replace(
        DEFAULT_KINDS[0], target="grid")), BadKinds(why="compound: target")),
    ("another function than until now", [], sets(msgspec.structs.replace(
        DEFAULT_KINDS[3], functions=("shelter",))), BadKinds(
            why="facility: target")),
)  # fmt: skip
def test_the_kinds_of_packages_are_set_all_at_once(given, when, then):
    """These four are the default; another target would be another kind."""
    check(set_package_kinds, given, when, then)


def test_who_has_a_package_of_a_kind_that_is_no_more_may_have_one():
    """What stands goes on; each backup takes one at the most."""
    gone = PackageKindsSet(kinds=DEFAULT_KINDS[:1])
    given = [*THERE, *assigned(backups=(B, C)), gone]
    check(together, given, away(A), [lost(A), *followed(of(B), (C,))])
    full = [*given, *loaded(B, "building", 1)]
    check(together, full, away(A), [lost(A), *followed(of(C), (B,))])


def test_a_package_folds_to_its_one_party():
    """What is not its own changes nothing."""
    stream = package_stream(f"building/{BUILDING.code}")
    state = fold(*STANDING)(stream)
    assert (state.party, state.standing) == (COMMUNITY, True)
    assert fold(*HELD, RELEASED)(stream).party is None
    noise = CommandRefused(command_name="x", place="", code="x", facts={})
    assert stream.evolve(state, noise) is state
    assert fold(*HELD)(person_stream(A)).packages == {f"building/{BUILDING.code}"}
    kinds = fold()(KINDS)
    assert KINDS.evolve(kinds, noise) is kinds
    assert list(kinds) == ["compound", "building", "neighbours", "facility"]


def test_a_command_about_packages_names_its_stream_and_place():
    """A package's own stream, where its target lies."""
    assert assigns(row()).stream == f"area/{COMMUNITY_11.path}"
    assert assigns(row()).places(fold()) == HOME
    elsewhere = row("facility", f"{STREET_1.path}-s1", OF_UNIT)
    assert assigns(row(), elsewhere).places(fold()) == (STREET_1.path,)
    far = row(target="440305001001b001")
    assert assigns(row(), far).places(fold()) == ()
    assert hands(of(B)).stream == RELEASED.stream == f"package/building/{BUILDING.code}"
    assert releases(**ITS).places(fold()) == HOME
    assert sets(KIND).stream == PackageKindsSet(kinds=()).stream == "package-kinds"
    assert sets(KIND).places(fold()) == ()
    assert target_path(FACILITY.site) == COMMUNITY_11.path
    assert community_party(GRID.code) == COMMUNITY
    assert community_party(f"{COMMUNITY_12.path}-s1").id.endswith(COMMUNITY_12.code)
