from dataclasses import fields

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coordination.areas.state import UnknownArea, area_stream, standing_stream
from coordination.authority.state import LevelNeedsApproval, NoAuthority
from coordination.checks import BasisMissing, ReasonMissing
from coordination.deadlines.decide import RecordDeadline
from coordination.mode.conflicts import ConflictsMoved, SiteConflict
from coordination.mode.decide import (
    DeclareEmergency,
    EmergencyExists,
    EndEmergency,
    Missing,
    UnknownGrading,
    UnknownPlaybook,
    VoidEmergency,
    WrongHazard,
    declare,
    end,
    void,
)
from coordination.mode.decide import (
    declared as decide_declared,
)
from coordination.mode.decide import (
    ended as decide_ended,
)
from coordination.mode.events import StepCompleted
from coordination.mode.plans import (
    PlaybookFaulty,
    PlaybookUnchanged,
    PublishPlaybook,
    publish_playbook,
)
from coordination.mode.sites import (
    evolve_published,
    evolve_site,
    mandatory,
    mode_of,
    playbook_stream,
    site_stream,
)
from coordination.mode.state import (
    CONVERTING,
    EMERGENCIES,
    EMERGENCY,
    PEACETIME,
    RECOVERING,
    AlreadyEnded,
    AlreadyVoided,
    NothingCovered,
    UnknownEmergency,
    evolve_emergencies,
)
from coordination.provenance import Actor
from coordination.refusals import Refusal
from coordination.tree import Place
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    EPIDEMIC_PLAN,
    EPIDEMIC_TEXT,
    FLOOD_PLAN,
    FLOOD_TEXT,
    GRID,
    HOUR,
    MINUTE,
    NOW,
    PARENTS,
    SHANGHAI,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    check,
    compiled,
    declared,
    ended,
    fold,
    lowered,
    narrowed,
    passed,
    published,
    raised,
    site,
    table,
    voided,
    widened,
)

# --- playbooks ----------------------------------------------------------------------

NEWER_TEXT = FLOOD_TEXT.replace("2024.1", "2024.2")
NEWER_PLAN = published(NEWER_TEXT)


def publish(text, playbook="flood-plan"):
    """Return the command to publish a text."""
    return PublishPlaybook(playbook=playbook, text=text)


COMMENTED = "# 修订说明\n" + FLOOD_TEXT


@table(
    ("a first version", [], publish(FLOOD_TEXT), [FLOOD_PLAN]),
    ("a newer one", [FLOOD_PLAN], publish(NEWER_TEXT), [NEWER_PLAN]),
    (
        "back to an older one",
        [FLOOD_PLAN, NEWER_PLAN],
        publish(FLOOD_TEXT),
        [FLOOD_PLAN],
    ),
    (
        "the same",
        [FLOOD_PLAN],
        publish(FLOOD_TEXT),
        PlaybookUnchanged(playbook="flood-plan"),
    ),
    ("the same but for a comment", [FLOOD_PLAN], publish(COMMENTED), PlaybookUnchanged),
    ("another playbook", [FLOOD_PLAN], publish(EPIDEMIC_TEXT), PlaybookFaulty),
    ("not a playbook", [], publish("id: ["), PlaybookFaulty),
    (
        "a playbook with findings",
        [],
        publish(FLOOD_TEXT.replace("set-beds", "open-doors")),
        PlaybookFaulty,
    ),
)
def test_a_playbook_is_published_when_it_is_faultless_and_new(given, when, then):
    """Text and compiled form stand in the log together."""
    check(publish_playbook, given, when, then)


def test_a_faulty_playbook_names_every_fault():
    """The refusal carries the findings and the first one's sentence."""
    text = FLOOD_TEXT.replace("set-beds", "open-doors").replace("wire-up", "clean-up")
    with pytest.raises(PlaybookFaulty) as caught:
        publish_playbook(fold(), publish(text), NOW)
    assert [f.code for f in caught.value.facts["findings"]] == [
        "playbook.step-twice"
    ] * 2
    assert "2" in caught.value.say("zh")
    assert "open-doors" in caught.value.say("en")


# --- declaring ----------------------------------------------------------------------

READY = [*AREAS, FLOOD_PLAN, EPIDEMIC_PLAN]
ORDER = DeclareEmergency(
    emergency="e1",
    hazard="flood",
    level=4,
    scope=(STREET_1,),
    matter="暴雨",
    measures="转移安置",
    expected_hours=24,
    playbook="flood-plan",
    basis="区防指〔2024〕7号",
)


def order(**changed):
    """Return the order for e1 with some things changed."""
    return msgspec.structs.replace(ORDER, **changed)


def graded(severity="", warning=""):
    """Return the declaration of e1 with its two other scales."""
    return msgspec.structs.replace(declared(), severity=severity, warning=warning)


SISTER = Place("310117001009", "community")
AS_GRID = Place(COMMUNITY_11.code, "grid")
DOES_NOT_COUNT = Place(STREET_1.code, "district")


@table(
    ("a street", READY, ORDER, [declared()]),
    ("level III", READY, order(level=3), [declared(level=3)]),
    (
        "an area left out",
        READY,
        order(excluded=(COMMUNITY_11,)),
        [declared(without=[COMMUNITY_11])],
    ),
    (
        "an area left out and a building in it taken in again",
        READY,
        order(scope=(STREET_1, BUILDING), excluded=(COMMUNITY_11,)),
        [declared("e1", STREET_1, BUILDING, without=[COMMUNITY_11])],
    ),
    ("a grid", READY, order(scope=(GRID,)), [declared("e1", GRID)]),
    (
        "the newest version of its plan",
        [*READY, NEWER_PLAN],
        ORDER,
        [declared(plan=NEWER_PLAN)],
    ),
    (
        "beside another",
        [*READY, declared("e0", STREET_2)],
        ORDER,
        [declared()],
    ),
    (
        "after another",
        [*READY, declared("e0"), ended("e0")],
        ORDER,
        [declared()],
    ),
    (
        "where another leaves out",
        [*READY, declared("e0", SONGJIANG, without=[STREET_1])],
        ORDER,
        [declared()],
    ),
    (
        "leaving out where another is",
        [*READY, declared("e0", STREET_2)],
        order(scope=(SONGJIANG,), excluded=(STREET_2,)),
        [declared("e1", SONGJIANG, without=[STREET_2])],
    ),
    (
        "without basis",
        READY,
        order(basis=" "),
        BasisMissing,
    ),
    (
        "without matter",
        READY,
        order(matter=""),
        Missing(name="事项", name_en="matter", element="matter"),
    ),
    (
        "without measures",
        READY,
        order(measures="\n"),
        Missing(name="措施", name_en="measures", element="measures"),
    ),
    (
        "without scope",
        READY,
        order(scope=()),
        Missing(name="范围", name_en="scope", element="scope"),
    ),
    (
        "without duration",
        READY,
        order(expected_hours=0),
        Missing(name="预计期限", name_en="expected duration", element="expected_hours"),
    ),
    ("level II", READY, order(level=2), LevelNeedsApproval(level="II")),
    ("level I", READY, order(level=1), LevelNeedsApproval(level="I")),
    (
        "no such plan",
        READY,
        order(playbook="moon-plan"),
        UnknownPlaybook(playbook="moon-plan"),
    ),
    (
        "a plan for another hazard",
        READY,
        order(hazard="epidemic"),
        WrongHazard(playbook="flood-plan", hazard="flood"),
    ),
    (
        "an unknown area",
        READY,
        order(scope=(STREET_1, SISTER)),
        UnknownArea(area=SISTER.code),
    ),
    (
        "an unknown area left out",
        READY,
        order(excluded=(SISTER,)),
        UnknownArea(area=SISTER.code),
    ),
    (
        "an area under another level",
        READY,
        order(scope=(AS_GRID,)),
        UnknownArea(area=AS_GRID.code),
    ),
    (
        "a street that calls itself a district",
        READY,
        order(scope=(DOES_NOT_COUNT,)),
        UnknownArea,
    ),
    (
        "a grid nobody registered",
        [FLOOD_PLAN, *AREAS[:-1]],
        order(scope=(GRID,)),
        UnknownArea(area=GRID.code),
    ),
    ("nothing left", READY, order(excluded=(STREET_1,)), NothingCovered),
    (
        "nothing left of two",
        READY,
        order(scope=(STREET_1, STREET_2), excluded=(STREET_2, STREET_1)),
        NothingCovered,
    ),
    (
        "one left of two",
        READY,
        order(scope=(STREET_1, STREET_2), excluded=(STREET_2,)),
        [declared("e1", STREET_1, STREET_2, without=[STREET_2])],
    ),
    ("where one is already", [*READY, declared("e0")], ORDER, [declared()]),
    ("inside another", [*READY, declared("e0", SHANGHAI)], ORDER, [declared()]),
    ("around another", [*READY, declared("e0", GRID)], ORDER, [declared()]),
    (
        "another hazard in the same place",
        [*READY, declared("e0", plan=EPIDEMIC_PLAN)],
        ORDER,
        [declared()],
    ),
    (
        "severity and warning colour beside the level",
        READY,
        order(severity="general", warning="red"),
        [graded("general", "red")],
    ),
    ("a severity alone", READY, order(severity="major"), [graded("major")]),
    (
        "no such severity",
        READY,
        order(severity="III"),
        UnknownGrading(given="III"),
    ),
    ("no such colour", READY, order(warning="pink"), UnknownGrading(given="pink")),
    ("its id is taken", [*READY, declared()], ORDER, EmergencyExists(emergency="e1")),
    ("an id of the past", [*READY, declared(), ended()], ORDER, EmergencyExists),
    (
        "a level that needs two, and no basis",
        READY,
        order(level=1, basis=""),
        BasisMissing,
    ),
)
def test_an_emergency_is_declared_by_one_fact(given, when, then):
    """With all the law asks for, on known ground that no other emergency covers."""
    check(declare, given, when, then)


@pytest.mark.parametrize(
    "earlier",
    [
        pytest.param([declared("e1", STREET_2)], id="still active elsewhere"),
        pytest.param([declared(), ended()], id="ended"),
    ],
)
def test_no_two_emergencies_bear_one_id(earlier):
    """A second declaration under a known id would make the first one vanish."""
    with pytest.raises(Refusal):
        declare(fold(*READY, *earlier), ORDER, NOW)


def test_an_emergency_says_when_it_began_and_until_when_it_is_expected():
    """Both times count from the decision."""
    [fact] = declare(fold(*READY), order(expected_hours=2), NOW + 7)
    assert (fact.declared_us, fact.expected_until_us) == (NOW + 7, NOW + 7 + 2 * HOUR)


PLACES = st.lists(st.sampled_from(list(PARENTS)), unique=True, max_size=4)
SCOPES = st.tuples(PLACES.filter(bool), PLACES)
QUICK = settings(max_examples=25, deadline=None)


def inside(scope, place):
    """Walk up from a place to the nearest area the scope names."""
    included, excluded = scope
    while place is not None:
        if place in included or place in excluded:
            return place not in excluded
        place = PARENTS[place]
    return False


@given(one=SCOPES, other=SCOPES)
@QUICK
def test_an_emergency_may_stand_over_another(one, other):
    """Wherever one is, a second may be declared, as long as it covers anything."""
    assume(any(inside(other, place) for place in other[0]))
    given = [*READY, declared("e0", *one[0], without=one[1])]
    when = order(scope=tuple(other[0]), excluded=tuple(other[1]))
    check(declare, given, when, [declared("e1", *other[0], without=other[1])])


@given(scope=SCOPES, place=st.sampled_from(list(PARENTS)))
@QUICK
def test_an_emergency_covers_what_the_nearest_area_says(scope, place):
    """The folded emergency answers as a walk up the tree does."""
    state = fold(declared("e1", *scope[0], without=scope[1]))(EMERGENCIES)
    assert state.all["e1"].covers(place.path) is inside(scope, place)


# --- ending ---------------------------------------------------------------------------


def stop(emergency="e1", basis="区防指〔2024〕8号"):
    """Return the command to end an emergency."""
    return EndEmergency(emergency=emergency, basis=basis)


@table(
    ("an active one", [declared()], stop(), [ended()]),
    (
        "the second of two",
        [declared(), declared("e2", STREET_2)],
        stop("e2"),
        [ended("e2")],
    ),
    (
        "a widened one",
        [declared(), widened("e1", STREET_1, STREET_2)],
        stop(),
        [ended()],
    ),
    ("without basis", [declared()], stop(basis=" "), BasisMissing),
    ("no such one", [], stop(), UnknownEmergency(emergency="e1")),
    ("again", [declared(), ended()], stop(), AlreadyEnded(emergency="e1")),
    ("at II", [declared(level=2)], stop(), LevelNeedsApproval(level="II")),
    ("raised to I", [declared(), raised(level=1)], stop(), LevelNeedsApproval),
    (
        "lowered to III",
        [declared(level=2), lowered(before=2, level=3)],
        stop(),
        [ended()],
    ),
)
def test_an_emergency_is_ended_once_and_by_name(given, when, then):
    """An end is explicit, has a basis, and ends the scope that stands."""
    check(end, given, when, then)


def undo(emergency="e1", reason="误发"):
    """Return the command to void a declaration."""
    return VoidEmergency(emergency=emergency, reason=reason)


@table(
    ("an active one", [declared()], undo(), [voided()]),
    ("widened meanwhile", [declared(), widened("e1", STREET_1, STREET_2)], undo(), [
        voided()]),
    ("without a reason", [declared()], undo(reason=" "), ReasonMissing),
    ("no such one", [], undo(), UnknownEmergency(emergency="e1")),
    ("ended before", [declared(), ended()], undo(), AlreadyEnded(emergency="e1")),
    ("again", [declared(), voided()], undo(), AlreadyVoided(emergency="e1")),
    ("at II", [declared(level=2)], undo(), LevelNeedsApproval(level="II")),
)  # fmt: skip
def test_a_declaration_made_in_error_is_voided_while_it_is_in_force(given, when, then):
    """It has a reason, needs no document, and names the declaration it corrects."""
    check(void, given, when, then)


@table(
    ("ended after it was voided", [declared(), voided()], stop(), AlreadyVoided),
    ("declared again", [*READY, declared(), voided()], ORDER, EmergencyExists),
)
def test_what_is_void_stays_void(given, when, then):
    """Its id is nobody else's, and nothing is decided of it any more."""
    check(end if isinstance(when, EndEmergency) else declare, given, when, then)


DUTY_OFFICER = by("c", Actor("sun", "duty-officer"))


@pytest.mark.parametrize(
    ("decide", "given", "when"),
    [
        pytest.param(declare, READY, ORDER, id="declaring"),
        pytest.param(end, [declared()], stop(), id="ending"),
        pytest.param(void, [declared()], undo(), id="voiding"),
    ],
)
def test_who_does_not_sign_the_level_neither_declares_nor_ends(decide, given, when):
    """Whoever may come to the door must also sign the level; the refusal says who."""
    check(decide, given, when, NoAuthority, who=DUTY_OFFICER)


def test_two_people_may_do_what_one_may_not():
    """The rule behind the approval asks for no authority: it was asked before."""
    check(decide_declared, READY, order(level=1), [declared(level=1)], who=DUTY_OFFICER)
    check(decide_declared, READY, order(level=1, measures=""), Missing)
    check(decide_ended, [declared(level=1)], stop(), [ended()], who=DUTY_OFFICER)


REST_TEXT = FLOOD_TEXT.replace("shelter", "rest-station")
REST_PLAN = published(REST_TEXT)
PASSING_PLAN = published(REST_TEXT + "on_conflict: pass-over\n")
SAMPLING = site(1, flood="rest-station", epidemic="sampling-point")
FREE = site(2, flood="rest-station")
TAKEN = [*AREAS, EPIDEMIC_PLAN, SAMPLING, FREE, declared("e0", plan=EPIDEMIC_PLAN)]
FOUND = (SAMPLING.site, FREE.site)
LANES, CLEAN = (
    StepCompleted(
        site=SAMPLING.site, emergency="e0", phase=phase, step=step, index_seen=seen
    )
    for phase, step, seen in (("convert", "mark-lanes", 1), ("recover", "disinfect", 2))
)


@table(
    (
        "refused, naming the sites that are",
        [*TAKEN, REST_PLAN],
        order(conflicts=FOUND),
        SiteConflict(count=1, sites=SAMPLING.site),
    ),
    (
        "looked for when there was the one order",
        [*TAKEN, REST_PLAN],
        order(looked=1),
        [declared(plan=REST_PLAN)],
    ),
    (
        "looked for before it was given",
        [*TAKEN, REST_PLAN],
        order(looked=0),
        ConflictsMoved,
    ),
    (
        "looked for before it was given, where it does not matter",
        [*TAKEN, PASSING_PLAN],
        order(looked=0),
        [declared(plan=PASSING_PLAN)],
    ),
    (
        "passed over where the playbook says so",
        [*TAKEN, PASSING_PLAN],
        order(conflicts=FOUND),
        [declared(plan=PASSING_PLAN)],
    ),
    (
        "still recovering from it",
        [*TAKEN, REST_PLAN, LANES, ended("e0")],
        order(conflicts=FOUND),
        SiteConflict,
    ),
    (
        "recovered from it",
        [*TAKEN, REST_PLAN, LANES, ended("e0"), CLEAN],
        order(conflicts=FOUND),
        [declared(plan=REST_PLAN)],
    ),
    (
        "what a view found is looked at anew",
        [*TAKEN, REST_PLAN, ended("e0")],
        order(conflicts=FOUND),
        [declared(plan=REST_PLAN)],
    ),
    (
        "a site without a conflict is none",
        [*TAKEN, REST_PLAN],
        order(conflicts=(FREE.site,)),
        [declared(plan=REST_PLAN)],
    ),
    (
        "a site outside the scope is none",
        [*TAKEN, REST_PLAN],
        order(scope=(STREET_2,), conflicts=FOUND),
        [declared("e1", STREET_2, plan=REST_PLAN)],
    ),
)
def test_a_later_order_does_not_put_the_sick_beside_the_well(given, when, then):
    """Rule 3: excluding functions are refused, or passed over and listed."""
    check(declare, given, when, then)


def test_a_refused_conflict_names_so_many_sites_and_no_more():
    """The sentence stays readable; the count is whole."""
    sites = [site(n, flood="rest-station", epidemic="sampling-point")
             for n in range(1, 26)]  # fmt: skip
    given = [*TAKEN, REST_PLAN, *sites]
    with pytest.raises(SiteConflict) as caught:
        declare(fold(*given), order(conflicts=tuple(s.site for s in sites)), NOW)
    assert caught.value.facts["count"] == 25
    assert caught.value.facts["sites"].count(",") == 19


def test_commands_of_mode_wait_in_the_index():
    """Declaring, ending and deadlines are decided on the one index."""
    deadline = RecordDeadline(emergency="e1", phase="convert", step="s", due_us=1)
    assert {ORDER.stream, stop().stream, deadline.stream} == {"emergencies"}
    assert ORDER.places(fold()) == (STREET_1.path,)
    assert publish(FLOOD_TEXT).stream == "playbook/flood-plan"


def test_an_end_acts_on_the_scope_that_stands():
    """A declaration says where; an end is asked where its emergency is by now."""
    wide = widened("e1", STREET_1, STREET_2)
    both = (STREET_1.path, STREET_2.path)
    assert stop().places(fold(declared())) == (STREET_1.path,)
    assert stop().places(fold(declared(), wide)) == both
    assert stop().places(fold(declared(), ended())) == (STREET_1.path,)
    with pytest.raises(UnknownEmergency):
        stop().places(fold(declared("e2")))


# --- folding --------------------------------------------------------------------------


def vars_but(state, name):
    """Return a state's fields without one: the index counts every fact it has."""
    return {f.name: getattr(state, f.name) for f in fields(state) if f.name != name}


def test_facts_of_other_streams_fold_to_nothing():
    """A state takes no notice of facts that are not its own."""
    for stream, evolve in (
        (EMERGENCIES, evolve_emergencies),
        (site_stream("s"), evolve_site),
        (playbook_stream("p"), evolve_published),
    ):
        state = evolve(stream.initial, AREAS[0])
        assert vars_but(state, "version") == vars_but(stream.initial, "version")
    for stream in (area_stream("31"), standing_stream("s")):
        assert stream.evolve(stream.initial, ended()) is stream.initial


def test_emergencies_keep_the_order_of_their_declarations():
    """Ends and deadlines change an emergency and not its place in the row."""
    facts = [declared("e1"), declared("e2", STREET_2)]
    state = fold(*facts, passed("open-doors", 30), ended("e1"))(EMERGENCIES)
    assert list(state.all) == ["e1", "e2"]
    assert [e.declared.emergency for e in state.active()] == ["e2"]
    assert state.all["e1"].passed == {("convert", "open-doors", NOW + 30 * MINUTE)}
    assert state.version == 4
    assert [o.kind for o in state.orders] == ["declared", "declared", "ended"]
    assert [o.version for o in state.orders] == [1, 2, 4]


@given(scope=SCOPES, places=PLACES.filter(bool))
@QUICK
def test_orders_over_a_place_are_counted(scope, places):
    """A proposal is stale when anything was ordered over a place it acts on."""
    paths = tuple(place.path for place in places)
    e1 = declared("e1", *scope[0], without=scope[1])
    shared = any(
        inside(scope, p) and any(p.path.startswith(path) for path in paths)
        for p in PARENTS
    )
    facts = [e1, passed("open-doors", 30)]
    assert fold(*facts)(EMERGENCIES).revision(paths) == shared
    facts = [*facts, raised(), narrowed("e1", STREET_2), ended()]
    assert fold(*facts)(EMERGENCIES).revision(paths) >= 4 * shared


def test_a_site_is_what_it_was_registered_as_last():
    """An order finds the plans of the last registration before it."""
    first, second = site(1, flood="shelter"), site(1, flood="command-post")
    second = msgspec.structs.replace(second, index_seen=4)
    state = fold(first, second)(site_stream(first.site))
    assert state.registered
    assert state.planned_at(0) is None
    assert state.planned_at(4) == {"flood": "shelter"}
    assert state.planned_at(5) == {"flood": "command-post"}


MODES = [
    ("convert", False, CONVERTING),
    ("convert", True, EMERGENCY),
    ("recover", False, RECOVERING),
    ("recover", True, PEACETIME),
]


@pytest.mark.parametrize(("phase", "finished", "mode"), MODES)
def test_a_phase_ends_with_its_last_mandatory_step(phase, finished, mode):
    """PEACETIME → CONVERTING → EMERGENCY → RECOVERING → PEACETIME."""
    assert mode_of(phase, finished=finished) == mode


def test_optional_steps_hold_nothing_up():
    """Only mandatory steps decide whether a checklist has ended."""
    shelter = compiled(FLOOD_TEXT).conversion("shelter", 4)
    steps = shelter.steps("convert", 4)
    assert mandatory(steps) == {"open-doors", "set-beds"}
