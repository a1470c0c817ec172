import msgspec
import pytest

from coordination.late import TooEarly
from coordination.mode.events import OutOfService, StepAcknowledged, StepCompleted
from coordination.mode.late_steps import TakenMeanwhile
from coordination.mode.steps import (
    AcknowledgeStep,
    AlreadyAcknowledged,
    AlreadyDone,
    CompleteStep,
    UnknownSite,
    UnknownStep,
    acknowledge,
)
from coordination.mode.steps import complete as complete_now
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    FLOOD_TEXT,
    GRID,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    check,
    declared,
    ended,
    fold,
    narrowed,
    published,
    site,
    table,
    voided,
    widened,
)

SITE = f"{COMMUNITY_11.path}-s1"
SHELTER = site(1, flood="shelter", epidemic="sampling-point")
PLANS = [FLOOD_PLAN, EPIDEMIC_PLAN]
READY = [*PLANS, SHELTER]
BEGUN = [*READY, declared()]
GRAVER = [*READY, declared(level=3)]
BEFORE = StepCompleted(
    site=SITE, emergency="e1", phase="convert", step="set-beds", index_seen=1
)
RECOVERING = [*BEGUN, BEFORE, ended()]
CLEANED = StepCompleted(
    site=SITE, emergency="e1", phase="recover", step="clean-up", index_seen=2
)
AGAIN = [*RECOVERING, declared("e2")]
EPIDEMIC_AFTER_FLOOD = [*RECOVERING, declared("e2", plan=EPIDEMIC_PLAN)]


def complete(read, command, now):
    """Decide it; how far the index had come is asked about in a test of its own."""
    facts = complete_now(read, command, now)
    return [msgspec.structs.replace(fact, index_seen=0) for fact in facts]


def seen(step="open-doors", **more):
    """Return an acknowledgement at the site, of e1's conversion if not told."""
    return StepAcknowledged(
        **{"site": SITE, "emergency": "e1", "phase": "convert", "step": step, **more}
    )


def done(step="open-doors", **more):
    """Return a completion at the site, of e1's conversion if not told."""
    return StepCompleted(
        **{"site": SITE, "emergency": "e1", "phase": "convert", "step": step, **more}
    )


# (sentence, given, step, what (emergency, phase) it belongs to, or the refusal)
IN_FORCE = [
    ("a mandatory step", BEGUN, "open-doors", ("e1", "convert")),
    ("an optional step", BEGUN, "hang-banner", ("e1", "convert")),
    ("a graver level's step", GRAVER, "call-doctor", ("e1", "convert")),
    ("a lighter level has it not", BEGUN, "call-doctor", UnknownStep),
    ("recovery, after the end", RECOVERING, "clean-up", ("e1", "recover")),
    ("no recovery before the end", BEGUN, "clean-up", UnknownStep),
    ("no conversion after the end", RECOVERING, "open-doors", UnknownStep),
    ("the newer emergency", AGAIN, "open-doors", ("e2", "convert")),
    ("the older one's no more", AGAIN, "clean-up", UnknownStep),
    (
        "another hazard, while it recovers from what excludes it",
        EPIDEMIC_AFTER_FLOOD,
        "mark-lanes",
        UnknownStep,
    ),
    (
        "another hazard",
        [*RECOVERING, CLEANED, declared("e2", plan=EPIDEMIC_PLAN)],
        "mark-lanes",
        ("e2", "convert"),
    ),
    ("no recovery of what did nothing", [*BEGUN, ended()], "clean-up", UnknownStep),
    (
        "its older flood's recovery is another function's",
        EPIDEMIC_AFTER_FLOOD,
        "clean-up",
        ("e1", "recover"),
    ),
    (
        "an epidemic of which the site is no part",
        [*PLANS, site(1, flood="shelter"), *EPIDEMIC_AFTER_FLOOD[3:]],
        "clean-up",
        ("e1", "recover"),
    ),
    ("no emergency", READY, "open-doors", UnknownStep),
    ("elsewhere", [*READY, declared("e1", STREET_2)], "open-doors", UnknownStep),
    (
        "elsewhere, but here before",
        [*RECOVERING, declared("e2", STREET_2)],
        "clean-up",
        ("e1", "recover"),
    ),
    (
        "left out",
        [*READY, declared("e1", STREET_1, without=[COMMUNITY_11])],
        "open-doors",
        UnknownStep,
    ),
    (
        "another community left out",
        [*READY, declared("e1", SONGJIANG, without=[COMMUNITY_12])],
        "open-doors",
        ("e1", "convert"),
    ),
    (
        "a site without a plan for the hazard",
        [*PLANS, site(1, epidemic="sampling-point"), declared()],
        "open-doors",
        UnknownStep,
    ),
    (
        "a function that begins at a graver level",
        [*PLANS, site(1, flood="command-post"), declared(level=4)],
        "wire-up",
        UnknownStep,
    ),
    (
        "at that level",
        [*PLANS, site(1, flood="command-post"), declared(level=3)],
        "wire-up",
        ("e1", "convert"),
    ),
    (
        "a function the plan does not know",
        [*PLANS, site(1, flood="moon-base"), declared()],
        "open-doors",
        UnknownStep,
    ),
    ("a step of no plan", BEGUN, "dance", UnknownStep),
    (
        "the plan of the declaration, not a later one",
        [*BEGUN, published(FLOOD_TEXT.replace("open-doors", "open-gates"))],
        "open-doors",
        ("e1", "convert"),
    ),
    (
        "a site planned anew",
        [*BEGUN, site(1, flood="moon-base")],
        "open-doors",
        UnknownStep,
    ),
    ("no such site", [*PLANS, declared()], "open-doors", UnknownSite(site=SITE)),
]


@pytest.mark.parametrize(
    ("given", "step", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in IN_FORCE],
)
@pytest.mark.parametrize(
    ("decide", "command", "fact"),
    [(acknowledge, AcknowledgeStep, seen), (complete, CompleteStep, done)],
    ids=["acknowledge", "complete"],
)
def test_the_newest_emergency_at_the_site_says_which_steps_there_are(
    decide, command, fact, given, step, then
):
    """A step counts only on the checklist in force at its site."""
    if isinstance(then, tuple):
        emergency, phase = then
        then = [fact(step, emergency=emergency, phase=phase)]
    check(decide, given, command(site=SITE, step=step), then)


def of(emergency):
    """Return the command to complete the step for one emergency."""
    return CompleteStep(site=SITE, step="open-doors", emergency=emergency)


SEE = AcknowledgeStep(site=SITE, step="open-doors")
DO = CompleteStep(site=SITE, step="open-doors")


@table(
    ("seen once", [*BEGUN, seen()], SEE, AlreadyAcknowledged(step="open-doors")),
    ("seen after it was done", [*BEGUN, done()], SEE, AlreadyDone(step="open-doors")),
    ("seen and done", [*BEGUN, seen(), done()], SEE, AlreadyDone),
    ("another step seen", [*BEGUN, seen("set-beds")], SEE, [seen()]),
    (
        "the same step seen in an earlier emergency",
        [*BEGUN, seen(), done(), ended(), declared("e2")],
        SEE,
        [seen(emergency="e2")],
    ),
)
def test_a_step_is_acknowledged_once(given, when, then):
    """An order is acknowledged once, and no more when it is carried out."""
    check(acknowledge, given, when, then)


@table(
    ("seen before", [*BEGUN, seen()], DO, [done()]),
    ("never seen", BEGUN, DO, [done()]),
    ("done once", [*BEGUN, done()], DO, AlreadyDone(step="open-doors")),
    ("another step done", [*BEGUN, done("set-beds")], DO, [done()]),
    (
        "at another site",
        [*BEGUN, done(site=f"{COMMUNITY_11.path}-s2")],
        DO,
        [done()],
    ),
    (
        "the same step done in an earlier emergency",
        [*BEGUN, done(), ended(), declared("e2")],
        DO,
        [done(emergency="e2")],
    ),
)
def test_a_step_is_completed_once(given, when, then):
    """A step is done once for each site, emergency and phase."""
    check(complete, given, when, then)


def test_a_step_says_how_far_the_index_had_come():
    """Later orders find it done; earlier ones have not been asked anew."""
    [fact] = complete_now(fold(*BEGUN), DO, NOW)
    assert fact.index_seen == 1
    [fact] = complete_now(
        fold(*RECOVERING), CompleteStep(site=SITE, step="clean-up"), NOW
    )
    assert fact.index_seen == 2


# --- entered when its conversion is over ---------------------------------------------

OVER_US = NOW + 60 * MINUTE
OVER = [*BEGUN, ended(at=OVER_US)]
VOID = [*BEGUN, voided(at=OVER_US)]
LEFT_OUT = [*READY, declared("e1", STREET_1, STREET_2),
            narrowed("e1", STREET_2, at=OVER_US)]  # fmt: skip
REST_PLAN = published(FLOOD_TEXT.replace("shelter", "rest-station"))
TAKEN = [*OVER, declared("e2", plan=EPIDEMIC_PLAN, at=OVER_US + MINUTE)]


def entered(step="open-doors", recovers=True, **more):
    """Return a step of e1 that was entered when e1 was over."""
    out = OutOfService("shelter", 4, OVER_US, recovers)
    return msgspec.structs.replace(done(step, **more), out=out)


LATE = [
    ("ended", OVER, DO, 30, [entered()]),
    ("voided", VOID, DO, 30, [entered()]),
    ("taken out of the scope", LEFT_OUT, DO, 30, [entered()]),
    ("named", OVER, CompleteStep(site=SITE, step="open-doors", emergency="e1"), 30, [
        entered()]),
    ("it had done something anyhow", [*BEGUN, BEFORE, *OVER[4:]], DO, 30, [
        entered(recovers=False)]),
    ("done before", [*OVER, entered()], DO, 30, AlreadyDone(step="open-doors")),
    ("another was entered late", [*OVER, entered()], CompleteStep(
        site=SITE, step="set-beds"), 30, [entered("set-beds", recovers=False)]),
    ("done at the end", OVER, DO, 60, UnknownStep),
    ("done after the end", OVER, DO, 61, UnknownStep),
    ("nobody says when", OVER, DO, None, UnknownStep),
    ("done before it was ordered", OVER, DO, -10, TooEarly),
    ("not a step of its level", OVER, CompleteStep(site=SITE, step="call-doctor"), 30,
     UnknownStep),
    ("a step of nothing", OVER, CompleteStep(site=SITE, step="dance"), 30, UnknownStep),
    ("the newest that was in force then", [*OVER, declared("e2", at=OVER_US + MINUTE),
     ended("e2", at=OVER_US + 9 * MINUTE)], DO, 30, [entered(recovers=False)]),
    ("in force then and today", [*BEGUN, declared("e2"), *OVER[4:]], DO, 30,
     [done(emergency="e2")]),
    ("in force then and today, and named", [*BEGUN, declared("e2"), *OVER[4:]],
     CompleteStep(site=SITE, step="open-doors", emergency="e1"), 30, [entered()]),
    ("what excludes it was taken up meanwhile", TAKEN, DO, 30,
     TakenMeanwhile(site=SITE, emergency="e2")),
    ("that is over again, and nothing was done", [*TAKEN, ended("e2", at=OVER_US +
     2 * MINUTE)], DO, 30, [entered()]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "when", "minutes", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in LATE],
)
def test_a_step_of_paper_is_taken_when_its_conversion_is_over(
    given, when, minutes, then
):
    """Done before the end, entered after it: then there is something to recover."""
    occurred_us = 0 if minutes is None else NOW + minutes * MINUTE
    who = by(occurred_us=occurred_us)
    check(complete, given, when, then, now=OVER_US + 60 * MINUTE, who=who)


VACCINE_PLAN = published(
    EPIDEMIC_PLAN.text.replace("sampling-point", "vaccination-point")
)
BOTH_SITE = site(1, flood="shelter", epidemic="vaccination-point")
TWICE = [FLOOD_PLAN, BOTH_SITE, declared(), declared("e2")]
BOTH = [*TWICE[:3], VACCINE_PLAN, declared("e2", plan=VACCINE_PLAN)]
LEFT_HERE = [
    *READY,
    declared("e1", STREET_1, STREET_2),
    done(),
    narrowed("e1", STREET_2),
]
BACK = widened("e1", STREET_2, STREET_1)
AGAIN_HERE = [*LEFT_HERE, BACK]
CUT_SHORT = [*LEFT_HERE, declared("e2"), ended("e2"), BACK]


@table(
    ("the newest that has it", TWICE, DO, [done(emergency="e2")]),
    ("the one that is named", TWICE, of("e1"), [done()]),
    ("named, and done for the other", [*TWICE, done(emergency="e2")], of("e1"), [
        done()]),
    ("named, and done", [*TWICE, done()], of("e1"), AlreadyDone),
    ("the only one that has it", BOTH, DO, [done()]),
    ("named, without such a step", BOTH, of("e2"), UnknownStep),
    ("named, and none", TWICE, of("e9"), UnknownStep),
    ("in another round", AGAIN_HERE, DO, [done(round=3)]),
    ("done in another round", [*AGAIN_HERE, done(round=3)], DO, AlreadyDone),
    ("in another round, the recovery between cut short", CUT_SHORT, of("e1"), [
        done(round=3)]),
    (
        "excluded: passed over",
        [*BEGUN, declared("e2", plan=EPIDEMIC_PLAN)],
        CompleteStep(site=SITE, step="mark-lanes"),
        UnknownStep,
    ),
)  # fmt: skip
def test_each_emergency_has_a_checklist_of_its_own_at_a_site(given, when, then):
    """A step is of the emergency named, or of the newest that has it."""
    check(complete, given, when, then)


def test_a_site_in_a_grid_is_covered_by_its_street():
    """A site stands where the path in its id says."""
    given = [*PLANS, site(1, GRID, flood="shelter"), declared()]
    when = CompleteStep(site=f"{GRID.path}-s1", step="open-doors")
    [fact] = complete(fold(*given), when, NOW)
    assert fact == done(site=f"{GRID.path}-s1")


def test_a_step_names_its_place_and_itself():
    """The command acts where the site stands and cites its playbook step."""
    assert SEE.places(fold()) == (COMMUNITY_11.path,)
    assert SEE.playbook_step == "open-doors"
    assert SEE.stream == f"site/{SITE}" == seen().stream == done().stream
