"""Slots of a site: several duties at once, and the board beside the rules."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.mode.events import (
    DeadlinePassed,
    EmergencyEnded,
    EmergencyVoided,
    OutOfService,
)
from coordination.mode.standing import standing_of, whole_standing_of
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import CompleteStep, complete
from coordination.playbook import from_canonical
from coordination.refusals import Refusal
from projections.board import PASSED, passed_key
from projections.board_view import BOARD
from projections.conflicts import free_now, in_the_way
from projections.progress import PROGRESS, touches
from projections.rebuild import rebuild
from projections.rollup import mode_of_site
from projections.store import open_views
from projections.temporal import differences
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    LONG,
    MINUTE,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    fold,
    taken_up,
    voided,
)
from tests.views.ledger import (
    ALIKE,
    APART,
    BASE,
    HAZARDS,
    PLANS,
    POST,
    SITES,
    TORN,
    Events,
    begun,
    did,
    duties_in,
    level,
    narrowed,
    orders,
    over,
    saw,
    site_at,
    watching,
    widened,
)


@pytest.fixture
def city():
    """Four sites under three plans."""
    with watching(*BASE, *SITES) as watched:
        yield watched


def shown(watched, site, at=None):
    """Return (slot number, emergency, function, phase, mode) of each slot."""
    return [
        (number, r.emergency, r.function, r.phase, r.mode)
        for number, r in enumerate(watched.slots(site, at))
    ]


# --- slots ---------------------------------------------------------------------------


def test_a_site_in_peacetime_has_one_slot_with_nothing_to_do(city):
    """The first slot always stands."""
    for event in SITES:
        assert shown(city, event.site) == [(0, None, None, None, "PEACETIME")]


def test_each_emergency_has_a_slot_of_its_own(city):
    """Two emergencies, two functions, two lists; the gravest mode is the site's."""
    before = city.add(begun("e1", STREET_1))
    city.add(begun("e2", STREET_1, hazard="epidemic"))
    city.add(did(APART.site, "e2", "ep-stock"))
    assert shown(city, APART.site) == [
        (0, "e1", "shelter", "convert", "CONVERTING"),
        (1, "e2", "rest-station", "convert", "EMERGENCY"),
    ]
    assert mode_of_site(city.slots(APART.site)) == "EMERGENCY"
    assert shown(city, APART.site, before) == [
        (0, "e1", "shelter", "convert", "CONVERTING")
    ]


def test_one_function_for_two_emergencies_is_two_lists(city):
    """Done for one is not done for the other."""
    city.add(begun("e1", STREET_1), begun("e2", STREET_1, hazard="epidemic"))
    city.add(did(ALIKE.site, "e1", "fl-open"))
    one, other = city.slots(ALIKE.site)
    assert (one.function, other.function) == ("shelter", "shelter")
    assert (one.mode, other.mode) == ("EMERGENCY", "CONVERTING")
    assert (one.done, other.done) == (1, 0)


def test_two_emergencies_of_one_hazard_are_two_duties(city):
    """Nothing is shared but the plan: each has its own checklist."""
    city.add(begun("e1", STREET_1), begun("e2", COMMUNITY_11))
    city.add(saw(ALIKE.site, "e2", "fl-open"))
    assert [r.acknowledged for r in city.slots(ALIKE.site)] == [0, 1]


def test_a_new_order_for_the_function_makes_its_recovery_pointless(city):
    """The unfinished recovery leaves, and its slot is used again."""
    city.add(begun("e1", STREET_1), over("e1"), begun("e2", STREET_1))
    assert shown(city, ALIKE.site) == [(0, "e2", "shelter", "convert", "CONVERTING")]


def test_an_unfinished_recovery_of_another_function_stays(city):
    """What was begun for one is still cleaned up beside the other."""
    city.add(begun("e1", STREET_1), did(APART.site, "e1", "fl-open"), over("e1"))
    city.add(begun("e2", STREET_1, hazard="epidemic"))
    assert shown(city, APART.site) == [
        (0, "e1", "shelter", "recover", "RECOVERING"),
        (1, "e2", "rest-station", "convert", "CONVERTING"),
    ]


def test_a_finished_slot_is_used_again_once_its_emergency_is_over(city):
    """A site's rows stay few for ever."""
    for number in range(1, 6):
        hazard = HAZARDS[number % 2]
        step = {"flood": "fl-clean", "epidemic": "ep-count"}[hazard]
        emergency = f"e{number}"
        city.add(begun(emergency, STREET_1, hazard=hazard), over(emergency))
        city.add(did(APART.site, emergency, step, "recover"))
        assert len(city.slots(APART.site)) == 1
        assert city.slots(APART.site)[0].emergency == emergency
        assert mode_of_site(city.slots(APART.site)) == "PEACETIME"


def test_a_finished_slot_is_kept_while_its_emergency_is_on(city):
    """Taken out and recovered, the site may be covered again: its round counts."""
    city.add(begun("e1", STREET_1))
    city.add(narrowed("e1", STREET_1, without=(COMMUNITY_11,)))
    city.add(did(APART.site, "e1", "fl-clean", "recover"))
    city.add(begun("e2", STREET_1, hazard="epidemic"))
    assert [row[1] for row in shown(city, APART.site)] == ["e1", "e2"]
    city.add(widened("e1", STREET_1))
    assert city.row(APART.site, "e1").round == 3


def test_the_slots_of_a_site_are_the_same_after_a_restart(city):
    """Which slot an order gets does not hang on the order rows are read in."""
    extra = [begun(f"e{n}", STREET_1, hazard=HAZARDS[n % 3]) for n in range(1, 13)]
    city.add(*extra)
    for number in (3, 7, 11):
        city.add(over(f"e{number}"))
    # Rows written last are read last: turn the slots' order round.
    for number in (12, 9, 6, 5, 4, 2):
        city.add(level(f"e{number}", 4, 3, minute=number))
    for step, number in (("ep-clean", 7),):
        city.add(did(ALIKE.site, f"e{number}", step, "recover"))
    for emergency in ("e2", "e5", "e8"):
        city.add(over(emergency))
    city.restart()
    city.add(begun("f1", STREET_1), begun("f2", STREET_1, hazard="epidemic"))
    assert_rebuilt(city)


# --- rounds, levels, scopes ----------------------------------------------------------


def test_widened_again_a_site_begins_a_new_round(city):
    """It is called by the order that began it, the third, and nothing is done in it."""
    city.add(begun("e1", STREET_1))
    first = city.add(did(ALIKE.site, "e1", "fl-open"))
    city.add(narrowed("e1", STREET_1, without=(COMMUNITY_11,), minute=10))
    row = city.row(ALIKE.site, "e1")
    assert (row.round, row.phase, row.mode, row.steps) == (
        1, "recover", "RECOVERING", "",
    )  # fmt: skip
    city.add(widened("e1", STREET_1, minute=20))
    row = city.row(ALIKE.site, "e1")
    assert (row.round, row.phase, row.mode, row.done) == (3, "convert", "CONVERTING", 0)
    assert row.since == f"{NOW + 20 * MINUTE}:4"
    city.add(did(ALIKE.site, "e1", "fl-open", number=3))
    assert city.row(ALIKE.site, "e1").mode == "EMERGENCY"
    assert touches(city.row(ALIKE.site, "e1", first).steps) == [("D", "fl-open", first)]


def test_sites_that_an_order_leaves_as_they_are_have_no_new_row(city):
    """A narrower scope touches whom it leaves out, and nobody else."""
    began = city.add(begun("e1", SONGJIANG, level=3))
    city.add(narrowed("e1", SONGJIANG, without=(STREET_2,)))
    assert city.row(ALIKE.site, "e1").seq_from == began
    assert city.row(POST.site, "e1").phase == "recover"


def test_raised_a_site_does_only_what_the_graver_level_adds(city):
    """What is done stays done; the steps added count from the raise."""
    city.add(begun("e1", STREET_1))
    city.add(did(ALIKE.site, "e1", "fl-open"))
    assert city.row(ALIKE.site, "e1").mode == "EMERGENCY"
    city.add(level("e1", 4, 2, minute=60))
    row = city.row(ALIKE.site, "e1")
    assert (row.mode, row.level, row.total, row.done) == ("CONVERTING", 2, 3, 1)
    assert row.since == f"{NOW}:4;{NOW + 60 * MINUTE}:2"
    assert row.mandatory_left == 1
    city.add(did(ALIKE.site, "e1", "fl-doctor"))
    assert city.row(ALIKE.site, "e1").mode == "EMERGENCY"


def test_lowered_a_site_is_done_with_what_only_the_graver_level_asked_for(city):
    """The list gets shorter; with nothing mandatory left the site is converted."""
    city.add(begun("e1", STREET_1, level=2))
    city.add(did(ALIKE.site, "e1", "fl-open"))
    assert city.row(ALIKE.site, "e1").mode == "CONVERTING"
    city.add(level("e1", 2, 4))
    row = city.row(ALIKE.site, "e1")
    assert (row.mode, row.total, row.done, row.mandatory_left) == ("EMERGENCY", 2, 1, 0)


def test_lowered_below_a_function_s_level_its_sites_recover(city):
    """A command post is for Ⅲ and graver: at Ⅳ it goes back, at its own level."""
    city.add(begun("e1", SONGJIANG, level=3), did(POST.site, "e1", "fl-wire"))
    city.add(level("e1", 3, 4, minute=5))
    row = city.row(POST.site, "e1")
    assert (row.phase, row.mode, row.level) == ("recover", "RECOVERING", 3)
    city.add(level("e1", 4, 3, minute=9))
    assert (city.row(POST.site, "e1").phase, city.row(POST.site, "e1").round) == (
        "convert", 3,
    )  # fmt: skip


def test_raised_to_a_function_s_level_its_sites_begin(city):
    """The site that a lighter level left alone starts with the raise."""
    city.add(begun("e1", SONGJIANG))
    assert city.row(POST.site, "e1") is None
    city.add(level("e1", 4, 3, minute=7))
    assert city.row(POST.site, "e1").since == f"{NOW + 7 * MINUTE}:3"


def test_the_end_takes_everybody_out(city):
    """Every duty of the emergency recovers at the level it had."""
    city.add(begun("e1", SONGJIANG, level=3))
    opened = [did(event.site, "e1", "fl-open") for event in (ALIKE, APART, TORN)]
    city.add(*opened, did(POST.site, "e1", "fl-wire"), over("e1", minute=3))
    for event in (ALIKE, APART, TORN, POST):
        row = city.row(event.site, "e1")
        assert (row.phase, row.mode, row.level) == ("recover", "RECOVERING", 3)
        assert row.since == f"{NOW + 3 * MINUTE}:3"


# --- conflicts -----------------------------------------------------------------------


def test_a_function_that_excludes_the_wanted_one_is_passed_over(city):
    """The site keeps what it has; the row says because of whom it was passed over."""
    city.add(begun("e1", STREET_1), begun("e2", STREET_1, hazard="epidemic"))
    one, other = city.slots(TORN.site)
    assert (one.emergency, one.mode) == ("e1", "CONVERTING")
    assert (other.emergency, other.phase, other.against) == ("e2", "passed-over", "e1")
    assert (other.mode, other.total, other.mandatory_left) == ("PEACETIME", 0, 0)
    assert mode_of_site(city.slots(TORN.site)) == "CONVERTING"


@pytest.mark.parametrize("change", [
    over("e2"), narrowed("e2", STREET_1, without=(COMMUNITY_12,)),
], ids=["ended", "narrowed"])  # fmt: skip
def test_a_conflict_goes_with_the_order_that_made_it(city, change):
    """Its slot is free again, and the next order takes it."""
    city.add(begun("e1", STREET_1), begun("e2", STREET_1, hazard="epidemic"))
    city.add(change)
    assert shown(city, TORN.site) == [
        (0, "e1", "shelter", "convert", "CONVERTING"),
        (1, None, None, None, "PEACETIME"),
    ]
    city.add(begun("e3", STREET_1))
    assert [row[1] for row in shown(city, TORN.site)] == ["e1", "e3"]


def test_a_conflict_whose_other_side_has_gone_waits_for_an_order_of_its_own(city):
    """Nobody is switched by the end of something else, nor by a widening elsewhere."""
    city.add(begun("e1", COMMUNITY_12), begun("e2", STREET_1, hazard="epidemic"))
    city.add(over("e1"))
    assert city.row(TORN.site, "e2").phase == "passed-over"
    city.add(widened("e2", SONGJIANG))
    assert city.row(TORN.site, "e2").phase == "passed-over"
    city.add(taken_up("e2", TORN.site, at=NOW + 9 * MINUTE))
    row = city.row(TORN.site, "e2")
    assert (row.phase, row.round, row.against) == ("convert", 3, "")
    assert row.since == f"{NOW + 9 * MINUTE}:4"


def ways(city, site):
    """Return what stands in the way of what a site was passed over for."""
    plans = {"e1": "flood", "e2": "epidemic", "e3": "flood"}

    def playbook(emergency):
        return from_canonical(PLANS[plans[emergency]].compiled)

    found = in_the_way(city.slots(site), playbook)
    with city.engine.connect() as c:
        free = [row.site for row in free_now(c, playbook)]
    told = [(row.emergency, held.emergency if held else "") for row, held in found]
    assert free == [site for _, held in told if not held]
    return told


def test_a_site_is_occupied_until_the_mandatory_steps_of_its_recovery_are_done(city):
    """Then, and not before, what was passed over can be taken up."""
    city.add(begun("e1", COMMUNITY_12), begun("e2", STREET_1, hazard="epidemic"))
    assert ways(city, TORN.site) == [("e2", "e1")]
    city.add(did(TORN.site, "e1", "fl-open"), over("e1"))
    assert ways(city, TORN.site) == [("e2", "e1")]
    city.add(did(TORN.site, "e1", "fl-thank", "recover"))
    assert ways(city, TORN.site) == [("e2", "e1")]
    city.add(did(TORN.site, "e1", "fl-clean", "recover"))
    assert ways(city, TORN.site) == [("e2", "")]
    city.add(taken_up("e2", TORN.site))
    assert ways(city, TORN.site) == []


@pytest.mark.parametrize("end", [over("e1"), voided("e1")], ids=["ended", "voided"])
def test_what_did_nothing_is_in_peacetime_at_once(city, end):
    """No steps, nothing late; whoever was passed over for it is free."""
    city.add(begun("e1", STREET_1), begun("e2", STREET_1, hazard="epidemic"))
    city.add(saw(TORN.site, "e1", "fl-open"))
    city.add(end, passed("e1", "fl-clean", 60, phase="recover"))
    row = city.row(TORN.site, "e1")
    assert (row.phase, row.mode, row.total, row.late) == (
        "recover", "PEACETIME", 0, 0,
    )  # fmt: skip
    assert mode_of_site(city.slots(TORN.site)) == "PEACETIME"
    assert ways(city, TORN.site) == [("e2", "")]


def paper(site, emergency, step, recovers, at=NOW):
    """Return a step that was entered when its conversion was over."""
    out = OutOfService("shelter", 4, at, recovers)
    return msgspec.structs.replace(did(site, emergency, step), out=out)


def test_what_is_entered_late_makes_a_site_recover(city):
    """From then on; what is overdue by that time is late at once."""
    city.add(begun("e1", STREET_1), over("e1"))
    before = city.add(passed("e1", "fl-clean", 60, phase="recover"))
    city.add(paper(ALIKE.site, "e1", "fl-open", recovers=True))
    row = city.row(ALIKE.site, "e1")
    assert (row.mode, row.total, row.late_steps) == ("RECOVERING", 2, "fl-clean")
    assert city.row(ALIKE.site, "e1", before).mode == "PEACETIME"
    city.add(paper(ALIKE.site, "e1", "fl-banner", recovers=False))
    city.add(did(ALIKE.site, "e1", "fl-clean", "recover"))
    row = city.row(ALIKE.site, "e1")
    assert (row.mode, row.late, row.done, row.worked) == ("PEACETIME", 0, 1, 3)


def test_what_is_entered_late_has_a_slot_again(city):
    """The one it had was used for something else, which goes on."""
    city.add(begun("e1", STREET_1), over("e1"))
    city.add(begun("e2", STREET_1, hazard="epidemic"))
    assert [row[1] for row in shown(city, APART.site)] == ["e2"]
    city.add(paper(APART.site, "e1", "fl-open", recovers=True))
    assert shown(city, APART.site) == [
        (0, "e2", "rest-station", "convert", "CONVERTING"),
        (1, "e1", "shelter", "recover", "RECOVERING"),
    ]
    city.restart()
    city.add(did(APART.site, "e1", "fl-clean", "recover"))
    assert city.row(APART.site, "e1").mode == "PEACETIME"
    assert_rebuilt(city)


def test_a_log_of_before_reads_as_it_was_told(city):
    """Steps of a recovery from nothing stand; who was taken up in one converts."""

    def old(order):
        return msgspec.structs.replace(order, rules=1)

    city.add(old(begun("e1", STREET_1)), over("e1"))
    city.add(did(ALIKE.site, "e1", "fl-thank", "recover"))
    row = city.row(ALIKE.site, "e1")
    assert (row.mode, row.done, row.mandatory_left) == ("RECOVERING", 1, 1)
    city.add(did(TORN.site, "e1", "fl-thank", "recover"))
    city.add(old(begun("e2", STREET_1, hazard="epidemic")))
    assert city.row(TORN.site, "e2").phase == "convert"
    city.add(did(TORN.site, "e2", "ep-mark"))
    assert mode_of_site(city.slots(TORN.site)) == "EMERGENCY"
    assert_agreement(city)
    assert_rebuilt(city)


# --- late ----------------------------------------------------------------------------


def passed(emergency, step, minutes, since=0, phase="convert"):
    """Return the fact that a deadline has passed."""
    due = NOW + (since + minutes) * MINUTE
    return DeadlinePassed(
        emergency=emergency, phase=phase, step=step, due_us=due, noticed_us=due
    )


def test_a_deadline_makes_late_who_has_that_deadline(city):
    """Sites added later have one of their own; who is done is not late."""
    city.add(begun("e1", COMMUNITY_11))
    city.add(did(APART.site, "e1", "fl-open"))
    city.add(widened("e1", STREET_1, minute=10))
    before = city.catch_up()
    city.add(passed("e1", "fl-open", 30))
    late = {e.site: city.row(e.site, "e1").late_steps for e in (ALIKE, APART, TORN)}
    assert late == {ALIKE.site: "fl-open", APART.site: "", TORN.site: ""}
    city.add(passed("e1", "fl-open", 30, since=10))
    assert city.row(TORN.site, "e1").late_steps == "fl-open"
    assert city.row(ALIKE.site, "e1", before).late == 0
    due = NOW + 40 * MINUTE
    assert city.get(PASSED, passed_key("e1", "convert", "fl-open", due))


def test_the_steps_of_a_delta_are_late_by_the_raise(city):
    """From the raise, not from the declaration; what was late stays late."""
    city.add(begun("e1", STREET_1))
    city.add(passed("e1", "fl-open", 30))
    city.add(level("e1", 4, 2, minute=60))
    city.add(passed("e1", "fl-doctor", 20))  # no deadline of anybody's
    assert city.row(ALIKE.site, "e1").late_steps == "fl-open"
    city.add(passed("e1", "fl-doctor", 20, since=60))
    row = city.row(ALIKE.site, "e1")
    assert (row.late, row.late_steps) == (2, "fl-open,fl-doctor")
    city.add(level("e1", 2, 4, minute=90))
    row = city.row(ALIKE.site, "e1")
    assert (row.late, row.late_steps) == (1, "fl-open")


def test_a_new_phase_or_round_is_late_with_nothing(city):
    """Late is what is in force and open."""
    city.add(begun("e1", STREET_1), passed("e1", "fl-open", 30))
    city.add(did(ALIKE.site, "e1", "fl-banner"))
    city.add(narrowed("e1", STREET_1, without=(COMMUNITY_11,), minute=40))
    assert city.row(ALIKE.site, "e1").late == 0
    city.add(passed("e1", "fl-clean", 60, since=40, phase="recover"))
    assert city.row(ALIKE.site, "e1").late_steps == "fl-clean"
    assert city.row(TORN.site, "e1").late_steps == "fl-open"
    city.add(widened("e1", STREET_1, minute=50))
    assert city.row(ALIKE.site, "e1").late == 0


# --- the board and the rules ---------------------------------------------------------


def assert_rebuilt(watched):
    """Assert that the board kept live is what a rebuild makes of the log."""
    engine = open_views(":memory:")
    try:
        rebuild(watched.ledger, engine, watched.views, upto=len(watched.ledger.stored))
        with watched.engine.connect() as live, engine.connect() as fresh:
            for table in BOARD.tables:
                assert list(differences(live, fresh, table)) == []
    finally:
        engine.dispose()


def without_finished(watched, duties, rows):
    """Return the rules' duties less those whose slot the board may use again.

    A finished recovery of an emergency that is over says nothing any more.
    """
    held = {row.emergency for row in rows}
    events = watched.ledger.events
    endings = EmergencyEnded, EmergencyVoided
    ended = {e.emergency for e in events if isinstance(e, endings)}
    return {
        key: duty
        for key, duty in duties.items()
        if key in held or duty.phase != "recover" or key not in ended
    }


def assert_agreement(watched):
    """Assert that the rows of every site hold the duties the rules replay."""
    for event in SITES:
        rows = watched.slots(event.site)
        replayed = watched.ledger.duties(event.site)
        assert_continued(watched, event.site, replayed)
        expected = without_finished(watched, replayed, rows)
        assert duties_in(rows) == expected, event.site
        for key, duty in replayed.items():
            if key not in expected:
                assert duty.phase == "recover"


def assert_continued(watched, site, replayed):
    """Assert that what is kept is what is replayed, less the oldest if settled."""
    read = watched.ledger.kept
    kept = list(standing_of(read, site).duties.items())
    left_out = list(replayed)[: len(replayed) - len(kept)]
    assert kept == list(replayed.items())[len(left_out) :]
    ended = {e.declared.emergency for e in read(EMERGENCIES).all.values() if e.ended_us}
    whole = whole_standing_of(read, site)
    for key in left_out:
        assert key in ended
        assert replayed[key].phase == "recover"
        assert not whole.occupies(replayed[key])
        assert standing_of(read, site, key).duties == replayed


@given(orders=st.lists(orders, min_size=3, max_size=25))
@settings(max_examples=40 if LONG else 20, deadline=None)
def test_rules_and_board_agree_on_every_duty(orders):
    """After each order, replayed or kept, a site has the same to do."""
    with watching(*BASE, *SITES) as watched:
        events = Events(watched.ledger)
        for order in orders:
            if order == ("restart",):
                watched.restart()
                continue
            event = events.of(order)
            if event is not None:
                watched.add(event)
                assert_agreement(watched)
        assert_rebuilt(watched)
        assert watched.select(PROGRESS)


def test_an_optional_step_of_a_finished_recovery_can_still_be_taken(city):
    """What the rules accept must not stop the board, whatever took the slot."""
    city.add(begun("e1", STREET_1), over("e1"))
    city.add(did(APART.site, "e1", "fl-clean", "recover"))
    city.add(begun("e2", STREET_1, hazard="epidemic"))
    command = CompleteStep(site=APART.site, step="fl-thank")
    try:
        facts = complete(fold(*city.ledger.events), command, NOW)
    except Refusal:  # as good an answer
        facts = []
    city.add(*facts)


def test_who_is_in_the_way_is_the_same_to_rules_and_board(city):
    """Two functions exclude the wanted one: both name the one that came first."""
    site = site_at(
        COMMUNITY_12, 9, flood="shelter", epidemic="rest-station", fire="sampling-point"
    )
    city.add(site, begun("e0", STREET_1, minute=1), over("e0", 2))
    city.add(begun("e1", STREET_1, hazard="epidemic", minute=3))
    # The recovery of e0 is over and its slot is free: the newer duty gets it.
    city.add(begun("e2", STREET_1, minute=4))
    city.add(begun("e3", STREET_1, hazard="fire", minute=5))
    against = city.ledger.duties(site.site)["e3"].against
    assert city.row(site.site, "e3").against == against == "e1"
