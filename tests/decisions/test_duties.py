"""What each emergency has a site do, order after order."""

import msgspec
import pytest

from coordination.mode.duties import (
    PASSED_OVER,
    Duty,
    steps_of,
)
from coordination.mode.events import StepAcknowledged, StepCompleted, StepTakenBack
from coordination.mode.limits import deadlines
from coordination.mode.sites import site_stream
from coordination.mode.standing import standing_of, whole_standing_of
from coordination.mode.state import EMERGENCIES, RECOVER
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_21,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    FLOOD_TEXT,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    compiled,
    declared,
    ended,
    fold,
    lowered,
    narrowed,
    published,
    raised,
    site,
    taken_up,
    voided,
    widened,
)
from tests.views.ledger import Kept

# Sampling points exclude rest stations, not command posts.
REST_TEXT = FLOOD_TEXT.replace("shelter", "rest-station")
REST_PLAN = published(REST_TEXT)
SITE = site(1, flood="rest-station", epidemic="sampling-point").site
REST = site(1, flood="rest-station", epidemic="sampling-point")
SHELTER = site(1, flood="shelter", epidemic="vaccination-point")
POST = site(1, flood="command-post")
PLANS = [FLOOD_PLAN, EPIDEMIC_PLAN, REST_PLAN]
AT_REST = [*PLANS, REST]
READY = [*PLANS, SHELTER]
VACCINE_PLAN = published(
    EPIDEMIC_PLAN.text.replace("sampling-point", "vaccination-point")
)
BOTH = [*READY, VACCINE_PLAN]


def at(minutes):
    """Return a moment so many minutes after NOW."""
    return NOW + minutes * MINUTE


def flood(emergency="e1", *scope, **more):
    """Return a declaration for rest stations, for the first street if not told."""
    return declared(emergency, *scope, plan=REST_PLAN, **more)


def epidemic(emergency="e2", *scope, **more):
    """Return a declaration for sampling points."""
    return declared(emergency, *scope, plan=EPIDEMIC_PLAN, **more)


def duties(*given, where=SITE):
    """Return the duties of a site as {emergency: Duty}."""
    return whole_standing_of(fold(*given), where).duties


def shown(*given):
    """Return the duties of the site as [(emergency, phase, round, level)]."""
    return [(d.emergency, d.phase, d.round, d.level) for d in duties(*given).values()]


def converting(emergency="e1", number=1, level=4):
    """Return a duty in its first phase, as ``shown`` does."""
    return emergency, "convert", number, level


def recovering(emergency="e1", number=1, level=4):
    """Return a duty in its second phase, as ``shown`` does."""
    return emergency, "recover", number, level


def passed_over(emergency="e2", number=1, level=4):
    """Return a duty that the site cannot take on, as ``shown`` does."""
    return emergency, PASSED_OVER, number, level


def before(order):
    """Return an order as it was given by the rules of before 0.2."""
    return msgspec.structs.replace(order, rules=1)


def did(step="open-doors", phase="convert", seen=0, number=1):
    """Return a step of e1 that is done; ``seen``: orders there were by then."""
    return StepCompleted(
        site=SITE, emergency="e1", phase=phase, step=step, round=number, index_seen=seen
    )


HEADS = site(1, flood="rest-station", epidemic="isolation-facility")
HEADS_PLAN = published(
    EPIDEMIC_PLAN.text.replace("sampling-point", "isolation-facility").replace(
        "    convert:", "    from_level: III\n    convert:", 1
    )
)


def heads(emergency="e2", level=3):
    """Return a declaration for what is taken up from level III on."""
    return declared(emergency, level=level, plan=HEADS_PLAN)


LATE_SITE = [msgspec.structs.replace(SHELTER, index_seen=1)]
LATE_POST = [msgspec.structs.replace(POST, index_seen=1)]
BACK = widened("e1", STREET_2, STREET_1, at=at(9))
LEFT = narrowed("e1", STREET_2, at=at(5))
TWO_STREETS = flood("e1", STREET_1, STREET_2)
HELD = [*AT_REST, flood("e1"), epidemic("e2")]
WORKED = [*AT_REST, flood(), did(seen=1), ended()]
DUTIES = [
    ("no order", READY, []),
    ("declared", [*READY, declared()], [converting()]),
    ("declared elsewhere", [*READY, declared("e1", STREET_2)], []),
    ("left out", [*READY, declared(without=[COMMUNITY_11])], []),
    ("ended", [*READY, declared(), ended()], [recovering()]),
    ("raised", [*READY, declared(), raised()], [converting(level=3)]),
    ("lowered", [*READY, declared(level=3), lowered()], [converting()]),
    ("a function from III at IV", [*PLANS, POST, declared()], []),
    ("raised to III", [*PLANS, POST, declared(), raised()],
     [converting(number=2, level=3)]),
    ("registered after it was declared", [*PLANS, *LATE_SITE, declared()], []),
    ("registered late, raised: nothing the raise adds", [*PLANS, *LATE_SITE,
     declared(), raised()], []),
    ("registered late, lowered", [*PLANS, *LATE_SITE, declared(level=3), lowered()],
     []),
    ("registered late, widened: it is found", [*PLANS, *LATE_SITE, declared(),
     widened("e1", STREET_1, STREET_2)], [converting(number=2)]),
    ("planned anew while in service", [*READY, *LATE_POST, declared(level=3),
     raised(before=3, level=2)], [converting(level=2)]),
    ("lowered to IV: out of service", [*PLANS, POST, declared(level=3), lowered()],
     [recovering(level=3)]),
    ("and raised again: another round",
     [*PLANS, POST, declared(level=3), lowered(), raised()],
     [converting(number=3, level=3)]),
    ("lowered before it was in service", [*PLANS, POST, declared("e1", level=4),
     lowered(before=4, level=4)], []),
    ("widened to it", [*READY, declared("e1", STREET_2), widened("e1", STREET_2,
     STREET_1)], [converting(number=2)]),
    ("widened elsewhere", [*READY, declared(), widened("e1", STREET_1, STREET_2)],
     [converting()]),
    ("widened elsewhere, never here", [*READY, declared("e1", STREET_2),
     widened("e1", STREET_2, COMMUNITY_21)], []),
    ("narrowed around it", [*READY, declared("e1", SONGJIANG), narrowed("e1",
     SONGJIANG, without=[STREET_1])], [recovering()]),
    ("narrowed elsewhere", [*READY, declared("e1", SONGJIANG), narrowed("e1",
     SONGJIANG, without=[STREET_2])], [converting()]),
    ("narrowed and widened again: another round", [*AT_REST, TWO_STREETS, LEFT, BACK],
     [converting(number=3)]),
    ("and ended: that round recovers", [*AT_REST, TWO_STREETS, LEFT, BACK, ended()],
     [recovering(number=3)]),
    ("its recovery cut short by another emergency, and widened again: another round",
     [*READY, declared("e1", STREET_1, STREET_2), LEFT, declared("e2"), ended("e2"),
      BACK], [converting(number=3)]),
    ("narrowed, then ended: recovers once", [*AT_REST, TWO_STREETS, LEFT, ended()],
     [recovering()]),
    ("narrowed, then raised: still recovers", [*AT_REST, TWO_STREETS, LEFT, raised()],
     [recovering()]),
    ("two emergencies of one function", [*READY, declared(), declared("e2")],
     [converting(), converting("e2")]),
    ("one of them ends", [*READY, declared(), declared("e2"), ended()],
     [recovering(), converting("e2")]),
    ("two functions", [*BOTH, declared(), declared("e2", plan=VACCINE_PLAN)],
     [converting(), converting("e2")]),
    ("a new order ends the older recovery", [*READY, declared(), ended(),
     declared("e2")], [converting("e2")]),
    ("not of another function", [*BOTH, declared(), ended(),
     declared("e2", plan=VACCINE_PLAN)], [recovering(), converting("e2")]),
    ("excluded: passed over", HELD, [converting(), passed_over()]),
    ("the earlier order stands", [*AT_REST, epidemic("e1"), flood("e2")],
     [converting(), passed_over()]),
    ("recovering excludes nothing", [*AT_REST, flood(), ended(), epidemic()],
     [recovering(), converting("e2")]),
    ("passed over and ended", [*HELD, ended("e2")], [converting()]),
    ("passed over and narrowed", [*HELD, narrowed("e2", STREET_2)], [converting()]),
    ("passed over and narrowed elsewhere", [*AT_REST, flood(), epidemic("e2",
     SONGJIANG), narrowed("e2", SONGJIANG, without=[STREET_2])],
     [converting(), passed_over()]),
    ("passed over and lowered", [*AT_REST, flood(), epidemic("e2", level=3),
     lowered("e2")], [converting(), passed_over(level=3)]),
    ("passed over, and what held it ends", [*HELD, ended("e1")],
     [recovering(), passed_over()]),
    ("then widened elsewhere: it waits for an order of its own", [*HELD, ended("e1"),
     widened("e2", STREET_1, STREET_2)], [recovering(), passed_over()]),
    ("widened elsewhere before 0.2: it begins", [*HELD, ended("e1"), before(widened(
     "e2", STREET_1, STREET_2))], [recovering(), converting("e2", number=2)]),
    ("widened elsewhere before 0.2, still held", [*HELD, before(widened("e2", STREET_1,
     STREET_2))], [converting(), passed_over(number=2)]),
    ("taken up", [*HELD, ended("e1"), taken_up("e2", SITE)],
     [recovering(), converting("e2", number=2)]),
    ("taken up another", [*HELD, ended("e1"), taken_up("e2", f"{SITE}9")],
     [recovering(), passed_over()]),
    ("taken up while it is held", [*HELD, taken_up("e2", SITE)],
     [converting(), passed_over(number=2)]),
    ("taken up, and not passed over", [*HELD, taken_up("e1", SITE)],
     [converting(), passed_over()]),
    ("passed over and voided", [*HELD, voided("e2")], [converting()]),
    ("voided", [*READY, declared(), voided()], [recovering()]),
    ("passed over, and lowered to where its function is not asked for",
     [*PLANS, HEADS_PLAN, HEADS, flood(), heads("e2"),
     lowered("e2")], [converting()]),
    ("recovering from what excludes it", [*WORKED, epidemic()],
     [recovering(), passed_over()]),
    ("before 0.2 that stood in nobody's way", [*WORKED, before(epidemic())],
     [recovering(), converting("e2")]),
    ("recovered from it", [*WORKED, did("clean-up", "recover", seen=2), epidemic()],
     [recovering(), converting("e2")]),
    ("recovered from it after the order", [*WORKED, epidemic(), did("clean-up",
     "recover", seen=3)], [recovering(), passed_over()]),
    ("then taken up", [*WORKED, epidemic(), did("clean-up", "recover", seen=3),
     taken_up("e2", SITE)], [recovering(), converting("e2", number=2)]),
    ("recovered before there was such a question", [*WORKED, did("clean-up",
     "recover"), epidemic()], [recovering(), converting("e2")]),
    ("recovering, and raised into it", [*PLANS, HEADS_PLAN, HEADS, *WORKED[4:],
     heads("e2", level=4), raised("e2")],
     [recovering(), passed_over(number=2, level=3)]),
    ("raised: not what the raise adds", [*HELD, ended("e1"), raised("e2")],
     [recovering(), passed_over()]),
    ("excluded when it is widened again: passed over", [*AT_REST, TWO_STREETS, LEFT,
     epidemic("e2"), BACK], [converting("e2"), passed_over("e1", number=3)]),
    ("before 0.2 its recovery stayed in force", [*AT_REST, TWO_STREETS, LEFT,
     epidemic("e2"), before(BACK)], [recovering(), converting("e2")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in DUTIES],
)
def test_a_site_s_duties_follow_from_the_orders(given, then):
    """Several emergencies, each with a duty of its own, none that exclude."""
    assert shown(*given) == then


def test_who_a_site_is_passed_over_for_is_kept():
    """A conflict names the emergency whose function stands in the way."""
    assert duties(*HELD)["e2"].against == "e1"
    assert duties(*HELD)["e1"].against == ""
    assert steps_of(compiled(EPIDEMIC_PLAN.text), duties(*HELD)["e2"]) == ()


def due(duty, text=FLOOD_TEXT):
    """Return the minutes after NOW at which each step of a duty is due."""
    found = steps_of(compiled(text), duty)
    return {step.id: (duty.due_us(step) - NOW) // MINUTE for step in found}


DUE = [
    ("declared", [declared()], {"open-doors": 30, "set-beds": 60, "hang-banner": 90}),
    (
        "raised: the delta counts from the raise",
        [declared(), raised(at=at(20))],
        {"open-doors": 30, "set-beds": 60, "call-doctor": 65, "hang-banner": 90},
    ),
    (
        "lowered and raised again: from the second raise",
        [declared(level=3), lowered(at=at(10)), raised(at=at(20))],
        {"open-doors": 30, "set-beds": 60, "call-doctor": 65, "hang-banner": 90},
    ),
    (
        "raised twice: from the first",
        [declared(), raised(at=at(10)), raised(before=3, level=2, at=at(20))],
        {"open-doors": 30, "set-beds": 60, "call-doctor": 55, "hang-banner": 90},
    ),
    (
        "lowered: what only the graver level asked for is gone",
        [declared(level=3), lowered(at=at(10))],
        {"open-doors": 30, "set-beds": 60, "hang-banner": 90},
    ),
    (
        "ended: from the end",
        [declared(), did(seen=1), ended(at=at(40))],
        {"clean-up": 160},
    ),
    (
        "ended, and nothing was done: nothing is due",
        [declared(), ended(at=at(40))],
        {},
    ),
    (
        "narrowed: from then",
        [
            declared("e1", STREET_1, STREET_2),
            did(seen=1),
            narrowed("e1", STREET_2, at=at(7)),
        ],
        {"clean-up": 127},
    ),
    (
        "the second round: from the widening",
        [
            declared("e1", STREET_1, STREET_2),
            narrowed("e1", STREET_2, at=at(7)),
            widened("e1", STREET_2, STREET_1, at=at(9)),
        ],
        {"open-doors": 39, "set-beds": 69, "hang-banner": 99},
    ),
]


@pytest.mark.parametrize(
    ("given", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in DUE],
)
def test_a_step_is_due_from_the_order_that_first_asked_for_it(given, then):
    """And each such moment is one of the emergency's deadlines."""
    [duty] = duties(*READY, *given).values()
    assert due(duty) == then
    e1 = fold(*READY, *given)(EMERGENCIES).all["e1"]
    known = set(deadlines(e1, compiled(FLOOD_TEXT)))
    for step, minutes in then.items():
        assert (duty.phase, step, at(minutes)) in known


def test_a_recovery_is_at_the_level_the_site_was_taken_out_of():
    """Steps of a graver level's recovery stay asked for, whatever comes after."""
    wired = did("wire-up", seen=1)
    [duty] = duties(*PLANS, POST, declared(level=3), wired, lowered()).values()
    assert duty == Duty("e1", "command-post", RECOVER, 1, ((NOW, 3),))
    assert list(due(duty)) == ["wire-down"]


SEEN = StepAcknowledged(site=SITE, emergency="e1", phase="convert", step="open-doors")
TWO_STREETS_HERE = declared("e1", STREET_1, STREET_2)
IDLE = [
    ("nothing", [declared(), ended()], True),
    ("acknowledged only", [declared(), SEEN, ended()], True),
    ("one step done", [declared(), did(seen=1), ended()], False),
    ("an optional one", [declared(), did("hang-banner", seen=1), ended()], False),
    ("voided", [declared(), voided()], True),
    ("voided, one step done", [declared(), did(seen=1), voided()], False),
    ("done, but entered after the end", [declared(), ended(), did(seen=2)], False),
    (
        "in an earlier round, and recovered from",
        [
            TWO_STREETS_HERE,
            did(seen=1),
            LEFT,
            did("clean-up", "recover", 2),
            BACK,
            ended(),
        ],
        True,
    ),
    (
        "recovered before 0.2 from nothing",
        [declared(), ended(), did("clean-up", "recover")],
        False,
    ),
]


@pytest.mark.parametrize(
    ("given", "idle"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in IDLE],
)
def test_a_site_that_did_nothing_has_nothing_to_recover_from(given, idle):
    """What counts is a step that is done; then there is a checklist to go back."""
    standing = whole_standing_of(fold(*READY, *given), SITE)
    duty = standing.duties["e1"]
    assert (duty.phase, duty.idle) == (RECOVER, idle)
    left = steps_of(compiled(FLOOD_TEXT), duty)
    assert [step.id for step in left] == ([] if idle else ["clean-up"])
    open_ = not idle and did("clean-up", "recover") not in given
    assert standing.occupies(duty) == open_


CARRIED = [
    ("of the same emergency", [LEFT, BACK], "e1"),
    ("of another emergency", [ended(), declared("e2")], "e2"),
]


@pytest.mark.parametrize(
    ("given", "emergency"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in CARRIED],
)
def test_a_recovery_that_another_order_cut_short_is_owed_all_the_same(given, emergency):
    """What nobody has cleaned up is cleaned up at the end, whoever had it opened."""
    before = [*READY, TWO_STREETS_HERE, did(seen=1), *given]
    assert [d.idle for d in duties(*before, ended(emergency)).values()] == [False]


BACK_AGAIN = StepTakenBack(
    site=SITE,
    emergency="e1",
    phase="recover",
    step="clean-up",
    round=1,
    done=True,
    corrects=9,
)
RECOVERED = [*WORKED, did("clean-up", "recover", seen=2)]
LOOKED_AT = [
    *((sentence, given) for sentence, given, _ in DUTIES),
    *((sentence, [*READY, *given]) for sentence, given, _ in IDLE),
    ("done of what is settled, entered late", [*AT_REST, flood(), ended(),
     did(seen=2), epidemic()]),
    ("a recovery that is taken back", [*RECOVERED, BACK_AGAIN, epidemic()]),
    ("taken back after an order", [*RECOVERED, epidemic(), BACK_AGAIN, ended("e2")]),
    ("done before an order, and read after it", [*AT_REST, flood(), ended(),
     did(seen=1), epidemic()]),
    ("registered before an order, and read after it", [*PLANS, flood(), REST]),
    ("two settled, one of them again", [*RECOVERED, epidemic(), ended("e2"),
     flood("e3"), BACK_AGAIN]),
    ("one that stands before one that is settled", [*AT_REST, flood(), did(seen=1),
     declared("e2"), ended("e2"), ended()]),
]  # fmt: skip


@pytest.mark.parametrize(
    "given", [pytest.param(given, id=sentence) for sentence, given in LOOKED_AT]
)
def test_what_is_kept_is_what_is_replayed(given):
    """However often one has looked; the oldest that are settled are left out."""
    known = []
    read = Kept(known)
    for event in given:
        known.append(event)
        whole = whole_standing_of(read, SITE)
        kept = standing_of(read, SITE).duties
        left_out = list(whole.duties)[: len(whole.duties) - len(kept)]
        assert list(kept.items()) == list(whole.duties.items())[len(left_out) :]
        for key in left_out:
            assert read(EMERGENCIES).all[key].ended_us
            assert not whole.occupies(whole.duties[key])
            about = standing_of(read, SITE, key)
            assert (about.duties, about.left) == (whole.duties, whole.left)


def test_what_is_over_costs_nothing():
    """A hundred emergencies later as much is kept of a site, and as little replayed."""
    known = [*AT_REST]
    read = Kept(known)
    for number in range(100):
        known += [flood(f"e{number}"), ended(f"e{number}")]
        standing_of(read, SITE)
    known.append(flood("e100"))
    assert list(standing_of(read, SITE).duties) == ["e100"]
    kept = read(site_stream(SITE)).sofar.replayed
    assert (kept.version, list(kept.duties)) == (201, ["e100"])
    assert read(EMERGENCIES).orders_after(kept.version) == ()
