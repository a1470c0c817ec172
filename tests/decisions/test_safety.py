import asyncio

import msgspec
import pytest

from coordination.deadlines.decide import RecordDeadline
from coordination.mode.decide import DeclareEmergency
from coordination.mode.events import DeadlinePassed, StepCompleted
from coordination.mode.plans import PublishPlaybook
from coordination.mode.sites import site_stream
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import CompleteStep
from coordination.people.availability import MarkAvailable, MarkUnavailable
from coordination.people.events import DutyBegun, DutyEnded, PersonUnavailable
from coordination.people.identity import BindAccount
from coordination.permit import Denied
from coordination.posts.events import (
    RETURNED,
    SEIZED,
    HolderSilent,
    PostVacated,
    SafetyConfirmed,
    SubstitutionAccepted,
    SubstitutionMade,
    Tried,
    WaitOverdue,
)
from coordination.posts.safety import (
    NO_ANSWER,
    ConfirmSafety,
    RecordSilence,
    RecordWait,
    WaitNotDue,
    asked_since,
    confirm_safety,
    record_silence,
    record_wait,
)
from coordination.posts.state import NotActing, UnknownPost, post_path, post_stream
from coordination.posts.substitution import Accept, TakeBack
from coordination.provenance import Actor
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    COMMANDER,
    COMMUNITY_11,
    COMMUNITY_12,
    DESK,
    FLOOD_PLAN,
    FOLK,
    GRID,
    GROUND,
    GUARD_PLAN,
    GUARD_TEXT,
    GUARDED,
    HEAD,
    HOUR,
    IMPORT,
    MINUTE,
    NOW,
    SEAT,
    SERVICE,
    STREET_1,
    STREET_2,
    A,
    B,
    C,
    D,
    E,
    F,
    all_rows,
    as_one,
    back,
    by,
    check,
    declared,
    defines,
    door,
    ended,
    enrols,
    envelope_of,
    event_of,
    fold,
    grounds,
    login,
    lost,
    manned,
    person,
    published,
    put,
    raised,
    site,
    table,
    together,
    turn,
    widened,
)

THERE = [*AREAS, *FOLK]
HELD = [*THERE, *manned(SEAT, at=NOW - 9 * HOUR)]
"""A has acted on it since long before."""
ON = {"command_id": "before"}
OWN_A = []
BACKUP = [*HELD, lost(A), *put(SEAT, B, A, cause="ill", tried=OWN_A, **ON)]
GUARD = [GUARD_PLAN, declared("e1", plan=GUARD_PLAN)]
ON_WATCH = [*HELD, *GUARD]
HALF_AN_HOUR = NOW + 30 * MINUTE


# --- well and heard -------------------------------------------------------------------


def confirms(plan=SEAT):
    """Return the command by which somebody is well and at the post."""
    return ConfirmSafety(post=plan.post)


def confirmed(at=NOW, who=A):
    """Return that they were."""
    return SafetyConfirmed(post=SEAT.post, person=who, confirmed_us=at)


@table(
    ("in peacetime", HELD, confirms(), [confirmed()]),
    ("on watch", ON_WATCH, confirms(), [confirmed()]),
    ("again", [*ON_WATCH, confirmed(NOW - HOUR)], confirms(), [confirmed()]),
    ("another acts", BACKUP, confirms(), [confirmed(who=B)]),
    ("nobody acts", [*THERE, *manned(SEAT)[:1]], confirms(),
     NotActing(post=SEAT.post)),
    ("of no post", THERE, confirms(), UnknownPost),
)  # fmt: skip
@pytest.mark.parametrize("who", [as_one(A), by()], ids=["own", "staff"])
def test_whoever_acts_is_well(given, when, then, who):
    """By their own account, or by who has spoken to them; the clock begins anew."""
    check(confirm_safety, given, when, then, who=who)


def test_who_acts_says_so_themselves_and_staff_say_it_of_others():
    """Whoever may order it: nobody confirms for another by being a member."""
    assert confirms().action(fold(*ON_WATCH, who=as_one(A))) == "post.own"
    for who in (as_one(B), by()):
        assert confirms().action(fold(*ON_WATCH, who=who)) == "post.substitute"


def test_what_a_phone_kept_counts_from_when_it_was_said():
    """An older word that arrives late takes nothing from a newer one."""
    said = as_one(A, occurred_us=NOW - HOUR)
    check(confirm_safety, ON_WATCH, confirms(), [confirmed(NOW - HOUR)], who=said)
    late = [*ON_WATCH, confirmed(), confirmed(NOW - HOUR)]
    assert fold(*late)(post_stream(SEAT.post)).confirmed_us == NOW


def silence(due=HALF_AN_HOUR, who=A, plan=SEAT):
    """Return the timer's command: somebody was silent."""
    return RecordSilence(post=plan.post, person=who, due_us=due)


def silent(due=HALF_AN_HOUR, noticed=HALF_AN_HOUR, who=A):
    """Return that they were."""
    return HolderSilent(post=SEAT.post, person=who, due_us=due, noticed_us=noticed)


UNREACHABLE = PersonUnavailable(person=A, cause="unreachable")
ORDERED_PLAN = published(GUARD_TEXT.replace("rule: automatic", "rule: ordered"))
BY_ORDER = [*HELD, ORDERED_PLAN, declared("e1", plan=ORDERED_PLAN)]
LATER = confirmed(NOW + 10 * MINUTE)


@table(
    ("past the threshold", ON_WATCH, silence(), [silent(), UNREACHABLE]),
    ("where only an alarm is raised", BY_ORDER, silence(), [silent()]),
    ("where that is recorded", [*BY_ORDER, silent()], silence(), WaitNotDue),
    ("confirmed before", [*ON_WATCH, LATER], silence(), WaitNotDue(post=SEAT.post)),
    ("confirmed before, and silent since", [*ON_WATCH, confirmed()], silence(),
     [silent(), UNREACHABLE]),
    ("another moment", ON_WATCH, silence(HALF_AN_HOUR - 1), WaitNotDue),
    ("somebody else", ON_WATCH, silence(who=B), WaitNotDue),
    ("nobody acts", [*THERE, *manned(SEAT)[:1], *GUARD],
     silence(who=""), WaitNotDue),
    ("in peacetime", HELD, silence(), WaitNotDue),
    ("in peacetime again", [*ON_WATCH, ended()], silence(), WaitNotDue),
    ("elsewhere", [*HELD, GUARD_PLAN, declared("e1", STREET_2, plan=GUARD_PLAN)],
     silence(), WaitNotDue),
    ("the playbook asks nobody to confirm", [*HELD, FLOOD_PLAN, declared()],
     silence(), WaitNotDue),
    ("the playbook asks for no such post", [*THERE, *manned(DESK), *GUARD],
     silence(who=D, plan=DESK), WaitNotDue),
    ("nor at this level", [*THERE, *manned(HEAD), *GUARD], silence(who=B, plan=HEAD),
     WaitNotDue),
    ("of no post", THERE, silence(), UnknownPost),
)  # fmt: skip
def test_silence_past_the_threshold_is_recorded_once(given, when, then):
    """Only of whom a playbook in force wants to hear; then by its rule."""
    check(record_silence, given, when, then, now=HALF_AN_HOUR)


def test_silence_is_not_due_a_moment_before():
    """Noticed late it has both times."""
    check(record_silence, ON_WATCH, silence(), WaitNotDue, now=HALF_AN_HOUR - 1)
    facts = [silent(noticed=HALF_AN_HOUR + HOUR), UNREACHABLE]
    check(record_silence, ON_WATCH, silence(), facts, now=HALF_AN_HOUR + HOUR)


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        pytest.param(ON_WATCH, 30, id="from the declaration"),
        pytest.param([*ON_WATCH, confirmed(NOW + MINUTE)], 31, id="a confirmation"),
        pytest.param([*ON_WATCH, *put(SEAT, B, A, now=NOW + 5 * MINUTE)], 35,
                     id="a substitution"),
    ],
)  # fmt: skip
def test_the_clock_of_silence_runs_from_the_newest(given, minutes):
    """Declared, put, or heard: whichever was last."""
    post = fold(*given)(post_stream(SEAT.post))
    due_us = NOW + minutes * MINUTE
    who = post.acting
    assert post.heard_us(NOW) + 30 * MINUTE == due_us
    facts = record_silence(fold(*given), silence(due_us, who), due_us)
    assert facts[0] == silent(due_us, due_us, who)


WIDENED = [
    *HELD,
    GUARD_PLAN,
    declared("e1", STREET_2, plan=GUARD_PLAN),
    widened("e1", STREET_2, STREET_1, at=NOW + 5 * HOUR),
]
RAISED = [
    *THERE,
    *manned(HEAD, at=NOW - 9 * HOUR),
    *GUARD,
    raised(before=4, level=3, at=NOW + 5 * HOUR),
]


AGAIN = [
    *ON_WATCH,
    FLOOD_PLAN,
    declared("e2", level=1, at=NOW + HOUR),
    ended("e2", NOW + 5 * HOUR),
]


@pytest.mark.parametrize(
    ("given", "plan", "who"),
    [
        pytest.param(AGAIN, SEAT, A, id="a graver one that asks nobody is over"),
        pytest.param(WIDENED, SEAT, A, id="the scope reached the place just now"),
        pytest.param(RAISED, HEAD, B, id="the level asks for the post just now"),
    ],
)
def test_nobody_is_silent_who_was_not_yet_asked(given, plan, who):
    """They have half an hour from when they were first asked, like everybody."""
    asked_us = NOW + 5 * HOUR
    at_once = silence(HALF_AN_HOUR, who, plan)
    check(record_silence, given, at_once, WaitNotDue, now=asked_us)
    due_us = asked_us + 30 * MINUTE
    facts = record_silence(fold(*given), silence(due_us, who, plan), due_us)
    assert isinstance(facts[0], HolderSilent)


def test_a_playbook_asks_for_a_post_at_its_level_and_place():
    """As it lists them."""
    for plan, more, then in [
        (SEAT, [], True),
        (HEAD, [], False),
        (HEAD, [raised()], True),
        (DESK, [raised()], False),
    ]:
        read = fold(*THERE, *manned(plan), *GUARD, *more)
        assert (asked_since(read, post_path(plan.post), plan.kind) > 0) is then


@table(
    ("B acts", ON_WATCH, silence(),
     [silent(), UNREACHABLE, *put(SEAT, B, A, cause="unreachable", tried=OWN_A,
                                  now=HALF_AN_HOUR, rules=GUARDED)]),
    ("B is absent: C", [*ON_WATCH, lost(B)], silence(),
     [silent(), UNREACHABLE, *put(
         SEAT, C, A, cause="unreachable", tried=[*OWN_A, (B, "available")],
         now=HALF_AN_HOUR, rules=GUARDED)]),
    ("nobody is left: vacant", [*ON_WATCH, lost(B), person(C, COMMUNITY_12)],
     silence(),
     [silent(), UNREACHABLE, DutyEnded(person=A, post=SEAT.post),
      PostVacated(post=SEAT.post, before=A, cause="unreachable", tried=(
          Tried(B, "available"), Tried(C, "in-reach")))]),
    ("only an alarm: A acts on", BY_ORDER, silence(), [silent()]),
)  # fmt: skip
def test_who_is_silent_is_replaced_in_the_same_decision(given, when, then):
    """By the playbook's rule: automatic, or told only."""
    check(together, given, when, then, now=HALF_AN_HOUR)


# --- what was not answered in time ----------------------------------------------------


def waited(what, due, substitution=None, plan=SEAT):
    """Return the timer's command: a wait has passed."""
    made = substitution or turn(1, "before")
    return RecordWait(post=plan.post, substitution=made, what=what, due_us=due)


def overdue(what, due, noticed):
    """Return that it has."""
    return WaitOverdue(
        post=SEAT.post,
        substitution=turn(1, "before"),
        what=what,
        due_us=due,
        noticed_us=noticed,
    )


ANSWER_BY, HANDED_BY, RATIFIED_BY = (NOW + n * MINUTE for n in (15, 60, 240))
ACCEPTED = SubstitutionAccepted(post=SEAT.post, substitution=turn(1, "before"))
SEIZED_B = [*HELD, *put(SEAT, B, A, SEIZED, **ON)]
LATE = overdue("accept", ANSWER_BY, RATIFIED_BY)
NEXT = [(A, "available")]
MISSED = [*BACKUP, overdue("handover", HANDED_BY, RATIFIED_BY)]


@table(
    ("not accepted: the next is called", BACKUP, waited("accept", ANSWER_BY),
     [LATE, *put(SEAT, C, B, cause=NO_ANSWER, tried=NEXT, now=RATIFIED_BY)]),
    ("not accepted, nobody is left: vacant", [*BACKUP, lost(C)],
     waited("accept", ANSWER_BY),
     [LATE, DutyEnded(person=B, post=SEAT.post),
      PostVacated(post=SEAT.post, before=B, cause=NO_ANSWER, tried=(
          *(Tried(*one) for one in NEXT), Tried(C, "available")))]),
    ("not handed over: B acts on", [*BACKUP, ACCEPTED],
     waited("handover", HANDED_BY), [overdue("handover", HANDED_BY, RATIFIED_BY)]),
    ("not ratified: B acts on", SEIZED_B, waited("ratify", RATIFIED_BY),
     [overdue("ratify", RATIFIED_BY, RATIFIED_BY)]),
    ("recorded before", MISSED, waited("handover", HANDED_BY), WaitNotDue),
    ("accepted", [*BACKUP, ACCEPTED], waited("accept", ANSWER_BY),
     WaitNotDue(post=SEAT.post)),
    ("nothing of the kind", BACKUP, waited("ratify", RATIFIED_BY), WaitNotDue),
    ("nothing of any kind", BACKUP, waited("dance", RATIFIED_BY), WaitNotDue),
    ("another moment", BACKUP, waited("accept", ANSWER_BY - 1), WaitNotDue),
    ("of another substitution", BACKUP, waited("accept", ANSWER_BY, "b-other"),
     WaitNotDue),
    ("of the one before", [*BACKUP, *put(SEAT, C, B, command_id="next")],
     waited("accept", ANSWER_BY), WaitNotDue),
    ("nobody acts", [*THERE, *manned(SEAT)[:1]], waited("accept", ANSWER_BY),
     WaitNotDue),
    ("of no post", THERE, waited("accept", ANSWER_BY), UnknownPost),
)  # fmt: skip
def test_a_wait_that_passes_is_recorded_once(given, when, then):
    """Who does not accept is passed over; overdue is not failed for the rest."""
    check(record_wait, given, when, then, now=RATIFIED_BY)


def test_a_wait_has_not_passed_a_moment_before():
    """Due is due."""
    when = waited("accept", ANSWER_BY)
    check(record_wait, BACKUP, when, WaitNotDue, now=ANSWER_BY - 1)
    assert record_wait(fold(*BACKUP), when, ANSWER_BY)


def test_an_overdue_item_and_an_overdue_yes_are_still_taken():
    """Late is not failed: nothing is waited for twice."""
    assert fold(*MISSED)(post_stream(SEAT.post)).overdue == {"handover"}
    given = [*MISSED, *put(SEAT, A, B, RETURNED)]
    assert fold(*given)(post_stream(SEAT.post)).overdue == frozenset()


def test_the_timer_acts_everywhere_on_the_post_s_stream():
    """It needs no role of a place."""
    assert silence().stream == waited("accept", 0).stream == silent().stream
    assert silence().places(fold()) == waited("accept", 0).places(fold()) == ()
    assert confirms().places(fold()) == (COMMUNITY_11.path,)
    assert confirms(plan=HEAD).places(fold()) == (GRID.path,)


# --- the journey ----------------------------------------------------------------------

HOME = (COMMUNITY_11.path,)
SITE = site(1, epidemic="isolation-facility")
BEGINNING = [
    IMPORT,
    msgspec.structs.replace(GROUND, sites=(grounds(SITE),)),
    enrols(*(person(who) for who in (A, B, C, D, E, F))),
    PublishPlaybook(playbook="guard-plan", text=GUARD_TEXT),
    defines(SEAT),
    *(BindAccount(person=w, account=login(w)) for w in (A, B)),
]
DECLARE = DeclareEmergency(
    emergency="e1", hazard="epidemic", level=4, scope=(STREET_1,), matter="疫情",
    measures="值守", expected_hours=48, playbook="guard-plan", basis="令",
)  # fmt: skip


class Watch:
    """A town on watch, and its clock."""

    def __init__(self, handler):
        self.handler = handler
        self.now = NOW
        self.given = 0

    async def give(self, command, who=ADMINISTRATOR):
        """Give a command that is carried out; return its facts."""
        self.given += 1
        command_id = f"w{self.given}"
        receipt = await self.handler.handle(command, by(command_id, who), self.now)
        rows = all_rows(self.handler.log)
        return [event_of(row) for row in rows[receipt.first_seq - 1 :]]

    def read(self, stream):
        """Return a folded state."""
        return self.handler.states.get(stream)[1]


async def journey(town):
    """A falls silent, B acts, then C, then nobody; A comes back."""
    for command in BEGINNING:
        await town.give(command)
    await town.give(DECLARE, COMMANDER)
    seen = []
    step = {"site": SITE.site, "emergency": "e1"}
    await town.give(CompleteStep(**step, step="fence"), Actor(login(A)))
    before = town.read(EMERGENCIES)
    town.now = HALF_AN_HOUR
    seen.append(await town.give(silence(), SERVICE))
    with pytest.raises(Denied):
        await town.give(CompleteStep(**step, step="ready"), Actor(login(A)))
    await town.give(Accept(post=SEAT.post), Actor(login(B)))
    await town.give(CompleteStep(**step, step="ready"), Actor(login(B)))
    assert town.read(EMERGENCIES) == before
    for who in (B, C):
        gone = MarkUnavailable(people=(who,), cause="ill")
        seen.append(await town.give(gone, COMMANDER))
    seen.append(await town.give(MarkAvailable(people=(A,)), COMMANDER))
    town.now += HOUR
    late = RecordDeadline(emergency="e1", phase="convert", step="paint",
                          due_us=NOW + 90 * MINUTE)  # fmt: skip
    await town.give(late, SERVICE)
    seen.append(await town.give(TakeBack(post=SEAT.post), Actor(login(A))))
    return seen


def test_from_silence_to_the_holder_s_return_the_clocks_stay_as_they_are(tmp_path):
    """B acts, custody asked for; then C; then it is vacant; A is not put back."""
    with door(tmp_path / "log.db") as handler:
        town = Watch(handler)
        to_b, to_c, empty, well, again = asyncio.run(journey(town))
        rows = all_rows(handler.log)
        done = town.read(site_stream(SITE.site)).checklist("e1", "convert", 1).done
        acting = town.read(post_stream(SEAT.post)).acting
    assert [type(f) for f in to_b] == [
        HolderSilent, PersonUnavailable, DutyEnded, SubstitutionMade, DutyBegun
    ]  # fmt: skip
    assert (to_b[3].after, to_c[2].after, again[0].after) == (B, C, A)
    assert "custody" in to_b[3].items
    assert to_b[3].handover_by_us == HALF_AN_HOUR + 45 * MINUTE
    assert to_b[4].area == COMMUNITY_11
    assert empty[2].tried == (
        Tried(A, "available"), Tried(B, "available")
    )  # fmt: skip
    assert well == [back(A)]
    assert again[0].how == RETURNED
    assert (acting, done) == (A, {"fence", "ready"})
    by_roles = [
        (said.actor, said.role, said.grant)
        for row in rows
        if isinstance(event_of(row), StepCompleted)
        for said in [envelope_of(row)]
    ]
    assert by_roles == [
        (login(who), "community-secretary", f"post:{SEAT.post}") for who in (A, B)
    ]
    assert [event_of(r).due_us for r in rows if isinstance(event_of(r), DeadlinePassed)
            ] == [NOW + 90 * MINUTE]  # fmt: skip
