"""Who was passed over: noted as free once, taken up by an order of its own."""

import pytest

from coordination.authority.state import LevelNeedsApproval, NoAuthority
from coordination.checks import BasisMissing
from coordination.mode.changes import WidenScope, widen_scope
from coordination.mode.conflicts import SiteConflict
from coordination.mode.events import PassedOver, SitesFreed, StepCompleted
from coordination.mode.state import AlreadyEnded, AlreadyVoided, UnknownEmergency
from coordination.mode.steps import CompleteStep, complete
from coordination.mode.taking import (
    NobodyFreed,
    NoteFreed,
    NotPassedOver,
    StillHeld,
    TakeUpSites,
    note_freed,
    take_up,
)
from coordination.mode.taking import (
    taken_up as decide_taken_up,
)
from coordination.provenance import Actor
from tests.given import (
    AREAS,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    MINUTE,
    NOW,
    STREET_1,
    STREET_2,
    by,
    check,
    declared,
    ended,
    fold,
    narrowed,
    site,
    table,
    taken_up,
    voided,
    widened,
)

HERE = site(1, flood="shelter", epidemic="sampling-point")
ALSO = site(2, flood="shelter", epidemic="sampling-point")
ALONE = site(3, epidemic="sampling-point")
GROUND = [*AREAS, FLOOD_PLAN, EPIDEMIC_PLAN, HERE, ALSO, ALONE]
HELD = [*GROUND, declared("e1"), declared("e2", plan=EPIDEMIC_PLAN)]
FREE = [*HELD, ended("e1")]


def did(step="open-doors", phase="convert", seen=1, where=HERE):
    """Return that a step of e1 is done; ``seen``: facts of the index by then."""
    told = {"site": where.site, "emergency": "e1", "phase": phase, "step": step}
    return StepCompleted(**told, index_seen=seen)


WORKED = [*HELD, did(), ended("e1")]
CLEAN = did("clean-up", "recover", 3)


def take(*sites, emergency="e2", basis="令"):
    """Return the order to take sites up."""
    found = tuple(one.site for one in sites) or (HERE.site,)
    return TakeUpSites(emergency=emergency, sites=found, basis=basis)


BOTH = taken_up("e2", HERE.site, ALSO.site)


@table(
    ("what held it did nothing", FREE, take(), [taken_up("e2", HERE.site)]),
    ("voided, and did nothing", [*HELD, voided("e1")], take(), [
        taken_up("e2", HERE.site)]),
    ("left out, and did nothing", [*GROUND, declared("e1", STREET_1, STREET_2),
     *HELD[-1:], narrowed("e1", STREET_2)], take(), [taken_up("e2", HERE.site)]),
    ("recovered from", [*WORKED, CLEAN], take(), [taken_up("e2", HERE.site)]),
    ("many, each once", FREE, take(ALSO, HERE, ALSO), [BOTH]),
    ("still held", HELD, take(), StillHeld(site=HERE.site, emergency="e1")),
    ("still recovering", WORKED, take(), StillHeld(site=HERE.site, emergency="e1")),
    ("one of two still recovering", WORKED, take(HERE, ALSO), StillHeld),
    ("never passed over", FREE, take(ALONE), NotPassedOver(
        site=ALONE.site, emergency="e2")),
    ("no such site", FREE, take(site(9)), NotPassedOver),
    ("taken up before", [*FREE, taken_up("e2", HERE.site)], take(), NotPassedOver),
    ("without a basis", FREE, take(basis=" "), BasisMissing),
    ("no such emergency", FREE, take(emergency="e9"), UnknownEmergency),
    ("ended", [*FREE, ended("e2")], take(), AlreadyEnded(emergency="e2")),
    ("voided", [*FREE, voided("e2")], take(), AlreadyVoided(emergency="e2")),
    ("at II", [*GROUND, declared("e1"), declared("e2", plan=EPIDEMIC_PLAN, level=2),
     ended("e1")], take(), LevelNeedsApproval(level="II")),
)  # fmt: skip
def test_who_was_passed_over_is_taken_up_once_nothing_is_in_the_way(given, when, then):
    """By the ordinary way: on a basis, by whoever signs the level."""
    check(take_up, given, when, then)


def test_who_does_not_sign_the_level_takes_nobody_up():
    """The rule behind an approval asks for no authority: it was asked before."""
    officer = by("c", Actor("sun", "duty-officer"))
    check(take_up, FREE, take(), NoAuthority, who=officer)
    check(decide_taken_up, FREE, take(), [taken_up("e2", HERE.site)], who=officer)


def test_the_steps_of_who_is_taken_up_are_due_from_then():
    """The checklist begins with the order that takes the site up."""
    late = taken_up("e2", HERE.site, at=NOW + 50 * MINUTE)
    mark = CompleteStep(site=HERE.site, step="mark-lanes")
    [fact] = complete(fold(*FREE, late), mark, NOW)
    assert (fact.emergency, fact.phase, fact.round) == ("e2", "convert", 2)


def test_a_widening_elsewhere_takes_nobody_up_and_is_not_refused_for_it():
    """Who was passed over waits for an order of its own."""
    when = WidenScope(emergency="e2", added=(STREET_2,), basis="令",
                      conflicts=(HERE.site,))  # fmt: skip
    check(widen_scope, HELD, when, [widened("e2", STREET_1, STREET_2)])


OUT = [*GROUND, declared("e1"), did(), ended("e1"),
       declared("e2", STREET_2, plan=EPIDEMIC_PLAN)]  # fmt: skip


@pytest.mark.parametrize(("given", "then"), [
    pytest.param(OUT, SiteConflict, id="recovering"),
    pytest.param([*OUT, CLEAN], [widened("e2", STREET_2, STREET_1)], id="recovered"),
    pytest.param([*OUT[:-3], *OUT[-2:]], [widened("e2", STREET_2, STREET_1)],
                 id="it did nothing"),
])  # fmt: skip
def test_a_widening_over_who_recovers_is_refused_as_over_who_holds(given, then):
    """Occupied is a site until the mandatory steps of its recovery are done."""
    when = WidenScope(emergency="e2", added=(STREET_1,), basis="令",
                      conflicts=(HERE.site,))  # fmt: skip
    check(widen_scope, given, when, then)


# --- noted --------------------------------------------------------------------------


def note(*freed, emergency="e2"):
    """Return the timer's command; ``freed``: (site, round)."""
    found = tuple(PassedOver(where.site, number) for where, number in freed)
    return NoteFreed(emergency=emergency, freed=found)


def noted(*freed):
    """Return the fact."""
    found = tuple(PassedOver(where.site, number) for where, number in freed)
    return SitesFreed(emergency="e2", freed=found, noticed_us=NOW)


TWO = ((HERE, 1), (ALSO, 1))


@table(
    ("it did nothing", FREE, note((HERE, 1)), [noted((HERE, 1))]),
    ("many at once", FREE, note(*TWO), [noted(*TWO)]),
    ("one of two recovers", WORKED, note(*TWO), [noted((ALSO, 1))]),
    ("both, by and by", [*WORKED, noted((ALSO, 1)), CLEAN], note(*TWO), [
        noted((HERE, 1))]),
    ("recorded", [*FREE, noted((HERE, 1))], note((HERE, 1)), NobodyFreed),
    ("in another round", FREE, note((HERE, 2)), NobodyFreed),
    ("still held", HELD, note((HERE, 1)), NobodyFreed(emergency="e2")),
    ("not passed over", FREE, note((ALONE, 1)), NobodyFreed),
    ("taken up", [*FREE, taken_up("e2", HERE.site)], note((HERE, 1)), NobodyFreed),
    ("over", [*FREE, ended("e2")], note((HERE, 1)), NobodyFreed),
    ("no such emergency", FREE, note((HERE, 1), emergency="e9"), UnknownEmergency),
)  # fmt: skip
def test_that_a_site_is_free_is_noted_once(given, when, then):
    """One fact, however many sites; each is looked at anew."""
    check(note_freed, given, when, then)
