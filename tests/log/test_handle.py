"""The one door, on both databases: once, on current ground, whoever else writes."""

import asyncio
import contextlib
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from threading import Thread

import msgspec
import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from coordination import folding
from coordination import handle as handle_module
from coordination.approvals.glass import REVIEW_US, BreakGlass
from coordination.approvals.state import APPROVALS
from coordination.areas.decide import NothingNew, RegisterGround, SitePlan
from coordination.areas.events import AreaRenamed, PlannedFunction
from coordination.areas.state import area_stream
from coordination.authority.state import LevelNeedsApproval, NoAuthority
from coordination.catalogue import Unreadable
from coordination.deadlines.decide import RecordExpiry
from coordination.deadlines.due import due
from coordination.folding import Reader
from coordination.grants.decide import GrantRoles, GrantRow, RevokeRole
from coordination.handle import CommandIdReused, TooBusy
from coordination.kernel import FACTS_PER_COMMAND_MAX, CommandRefused
from coordination.log import Receipt, open_recorder
from coordination.mode.decide import DeclareEmergency, EmergencyExists, EndEmergency
from coordination.mode.events import EmergencyDeclared
from coordination.mode.plans import PublishPlaybook
from coordination.mode.state import EMERGENCIES
from coordination.mode.steps import AlreadyDone, CompleteStep, UnknownSite
from coordination.permit import Denied
from coordination.provenance import Actor
from coordination.reactions import TooMuch
from coordination.refusals import Refusal
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    COMMANDER,
    COMMUNITY_11,
    FLOOD_TEXT,
    IMPORT,
    NOW,
    OFFICIAL,
    SONGJIANG,
    STREET_1,
    all_rows,
    another_door,
    answer,
    by,
    declared,
    door,
    envelope_of,
    event_of,
    receipts_of,
)
from tests.log.claims import DECIDERS, Claim, Note, Taken, give, pair

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
    reason="水位超警",
)
STOP = EndEmergency(emergency="e1", basis="水位回落")
SITE = f"{COMMUNITY_11.path}-s1"
STEP = CompleteStep(site=SITE, step="open-doors")
GROUND = RegisterGround(
    street=STREET_1.code,
    sites=(
        SitePlan(
            site=SITE,
            area=COMMUNITY_11.code,
            name="站",
            kind="centre",
            planned=(PlannedFunction("flood", "shelter"),),
        ),
    ),
)
OTHER_SITE = f"{COMMUNITY_11.path}-s2"
OTHER_STEP = CompleteStep(site=OTHER_SITE, step="open-doors")
OTHER_GROUND = RegisterGround(
    street=STREET_1.code,
    sites=(msgspec.structs.replace(GROUND.sites[0], site=OTHER_SITE),),
)
PUBLISH = PublishPlaybook(playbook="flood-plan", text=FLOOD_TEXT)


def order(**changed):
    """Return the order for e1 with some things changed."""
    return msgspec.structs.replace(ORDER, **changed)


async def make_ready(handler):
    """Register the city, one site and one playbook."""
    await handler.handle(IMPORT, by("areas", ADMINISTRATOR), NOW)
    await handler.handle(GROUND, by("ground", ADMINISTRATOR), NOW)
    await handler.handle(PUBLISH, by("plan", ADMINISTRATOR), NOW)
    return handler.log.recorder.head().seq


@pytest.fixture
def handler(where):
    """A door on an empty log."""
    with door(where) as handler:
        yield handler


# --- once --------------------------------------------------------------------------


def test_fifty_at_once_are_one(handler):
    """One command sent fifty times at once has one receipt and one event."""

    async def fifty():
        ready = await make_ready(handler)
        sent = (handler.handle(ORDER, by("c"), NOW) for _ in range(50))
        return ready, await asyncio.gather(*sent)

    ready, receipts = asyncio.run(fifty())
    assert len(set(receipts)) == 1
    assert (receipts[0].first_seq, receipts[0].seq) == (ready + 1, ready + 1)
    assert handler.log.recorder.head().seq == ready + 1
    assert isinstance(event_of(all_rows(handler.log)[-1]), EmergencyDeclared)


def test_fifty_at_once_are_one_also_where_they_could_be_fifty(where):
    """One command is carried out once, also where nothing forbids it a second time."""

    async def fifty(doors):
        sent = (
            doors[n % 2].handle(command, by("c", ADMINISTRATOR), NOW) for n in range(50)
        )
        return await asyncio.gather(*sent)

    command = Note(areas=(STREET_1.code,), text="x")
    with door(where, deciders=DECIDERS) as one:
        doors = [one, another_door(one.log, deciders=DECIDERS)]
        receipts = asyncio.run(fifty(doors))
        assert len(set(receipts)) == 1
        assert one.log.recorder.head().seq == 1


def test_the_receipt_of_a_command_stays_when_the_world_moves_on(handler):
    """Sent again later, where it would now be refused, it is answered as before."""

    async def later():
        await make_ready(handler)
        first = await handler.handle(ORDER, by("c1"), NOW)
        await handler.handle(STOP, by("c2"), NOW)
        await handler.handle(order(emergency="e2"), by("c3"), NOW)
        return first, await handler.handle(ORDER, by("c1"), NOW)

    first, again = asyncio.run(later())
    assert again == first


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(order(reason="其他"), id="that would be refused"),
        pytest.param(STEP, id="that would be carried out"),
        pytest.param(STOP, id="of another kind"),
    ],
)
def test_one_id_is_for_one_body(handler, other):
    """The same id with another body is refused, whatever the body."""

    async def twice():
        await make_ready(handler)
        await handler.handle(ORDER, by("c1"), NOW)
        before = handler.log.recorder.head()
        with pytest.raises(CommandIdReused) as caught:
            await handler.handle(other, by("c1"), NOW)
        assert caught.value.facts == {"command": "c1"}
        assert handler.log.recorder.head() == before

    asyncio.run(twice())


# --- what stands in the log -----------------------------------------------------------


def test_an_envelope_says_who_on_what_ground_and_when(handler):
    """Rule 11: actor, role, area, on whose behalf, basis, reason, screen, times."""
    deputy = Actor("li", "commander", "310117")
    who = by("c1", deputy, on_behalf_of="wang", seen_seq=7, occurred_us=NOW - 5)

    async def some():
        await make_ready(handler)
        await handler.handle(ORDER, who, NOW)
        await handler.handle(STEP, by("c2", deputy), NOW + 9)

    asyncio.run(some())
    *_, ordered, stepped = [envelope_of(row) for row in all_rows(handler.log)]
    assert (ordered.command, ordered.actor, ordered.role, ordered.area) == (
        "c1",
        "li",
        "commander",
        "310117",
    )
    assert (ordered.on_behalf_of, ordered.seen_seq) == ("wang", 7)
    assert (ordered.basis, ordered.reason) == (ORDER.basis, ORDER.reason)
    assert (ordered.occurred_us, ordered.occurred_source) == (NOW - 5, "stated")
    assert (stepped.occurred_us, stepped.occurred_source) == (NOW + 9, "clock")
    assert (ordered.step, stepped.step) == ("", "open-doors")
    assert len(bytes.fromhex(stepped.salt)) == 16
    assert ordered.salt != stepped.salt


def test_receipts_follow_from_the_log(handler):
    """The log alone gives back every receipt, also of commands with many events."""

    async def some():
        await make_ready(handler)
        return [
            await handler.handle(c, by(i), NOW) for c, i in ((ORDER, "a"), (STEP, "b"))
        ]

    receipts = asyncio.run(some())
    rebuilt = receipts_of(all_rows(handler.log))
    assert [rebuilt[r.command] for r in receipts] == receipts
    for command, receipt in rebuilt.items():
        assert handler.log.recorder.receipt(command) == receipt
    assert (rebuilt["areas"].first_seq, rebuilt["areas"].seq) == (1, len(OFFICIAL))


def test_a_preview_stores_nothing(handler):
    """It gives the events the real decision would, and refuses where it would."""

    async def ready():
        await make_ready(handler)

    asyncio.run(ready())
    before = handler.log.recorder.head()
    assert handler.preview(ORDER, by("c1"), NOW) == [(declared(), ORDER)]
    assert handler.foretell(order(level=1), by("c1"), NOW) == [declared(level=1)]
    with pytest.raises(LevelNeedsApproval):
        handler.preview(order(level=1), by("c1"), NOW)
    with pytest.raises(Denied):
        handler.preview(ORDER, by("c1", ADMINISTRATOR), NOW)
    with pytest.raises(Denied):
        handler.foretell(ORDER, by("c1", ADMINISTRATOR), NOW)
    assert handler.log.recorder.head() == before


# --- refusals -------------------------------------------------------------------------


def test_a_refusal_of_consequence_stands_in_the_log_once(handler):
    """An attempt at level I or II is kept, once for each command id, with who tried."""

    async def tried():
        await make_ready(handler)
        for command_id, level in (("a", 1), ("a", 1), ("b", 2), ("a", 1)):
            with pytest.raises(LevelNeedsApproval):
                await handler.handle(order(level=level), by(command_id), NOW)

    asyncio.run(tried())
    rows = handler.log.recorder.stream("refusals")
    assert [event_of(row) for row in rows] == [
        CommandRefused(
            command_name="DeclareEmergency",
            place=STREET_1.path,
            code="mode.level-needs-approval",
            facts={"level": level},
        )
        for level in ("I", "II")
    ]
    said = [envelope_of(row) for row in rows]
    assert [(e.command, e.actor, e.basis) for e in said] == [
        ("refused:a", COMMANDER.account, ORDER.basis),
        ("refused:b", COMMANDER.account, ORDER.basis),
    ]


def test_of_many_refusals_alike_the_first_few_stand_in_the_log(handler):
    """The rest is counted, and said by the next one an hour later (H10)."""
    hour = 60 * 60 * 1_000_000

    async def tried(number, at):
        with pytest.raises(LevelNeedsApproval):
            await handler.handle(order(level=1), by(f"try-{number}"), at)

    async def play():
        await make_ready(handler)
        for number in range(2_000):
            await tried(number, NOW + number)
        with pytest.raises(LevelNeedsApproval):
            await handler.handle(order(level=1), by("later"), NOW + hour)

    asyncio.run(play())
    facts = [event_of(row) for row in handler.log.recorder.stream("refusals")]
    assert [fact.more for fact in facts] == [0] * 5 + [1_995]


def test_a_denial_of_consequence_stands_in_the_log_with_who_tried(handler):
    """Whoever tries to order what is not theirs is seen by the auditor."""
    stranger = Actor("sun")

    async def tried():
        await make_ready(handler)
        for who in (by("a", ADMINISTRATOR), by("b", stranger)):
            with pytest.raises(Denied):
                await handler.handle(ORDER, who, NOW)

    asyncio.run(tried())
    rows = handler.log.recorder.stream("refusals")
    assert [event_of(row).code for row in rows] == ["permit.denied"] * 2
    said = [(envelope_of(row).actor, envelope_of(row).role) for row in rows]
    assert said == [("zhao", "administrator"), ("sun", "")]


def test_a_grant_given_and_taken_counts_at_once(where):
    """Revoked on another door, a role is held no more on this one."""
    grant = GrantRoles(
        rows=(GrantRow(grant="g1", account="sun", role="deputy", area=SONGJIANG),),
        basis="令",
    )
    revoke = RevokeRole(account="sun", grant="g1", reason="r")
    sun = Actor("sun")

    async def some(one, other):
        await make_ready(one)
        assert isinstance(await answer(other, ORDER, by("c1", sun)), Denied)
        await one.handle(grant, by("c2", ADMINISTRATOR), NOW)
        receipt = await other.handle(ORDER, by("c3", sun), NOW)
        await one.handle(revoke, by("c4", ADMINISTRATOR), NOW)
        assert isinstance(await answer(other, STOP, by("c5", sun)), Denied)
        return receipt

    with door(where) as one:
        receipt = asyncio.run(some(one, another_door(one.log)))
        said = envelope_of(all_rows(one.log)[receipt.seq - 1])
    assert (said.actor, said.role, said.area, said.grant) == (
        "sun",
        "deputy",
        SONGJIANG.path,
        "g1",
    )


def grants(*roles):
    """Return the command that gives sun some roles in the district, g0 the first."""
    rows = (
        GrantRow(grant=f"g{number}", account="sun", role=role, area=SONGJIANG)
        for number, role in enumerate(roles)
    )
    return GrantRoles(rows=tuple(rows), basis="令")


LI = GrantRoles(
    rows=(GrantRow(grant="g-li", account="li", role="auditor", area=None),), basis="令"
)
TAKE = RevokeRole(account="li", grant="g-li", reason="r")
SIGNS = order(level=3)
# (sentence, roles of sun, command, role it is decided in or the refusal)
SEVERAL_ROLES = [
    ("the second signs", ["duty-officer", "deputy"], SIGNS, "deputy"),
    ("both sign", ["deputy", "commander"], SIGNS, "deputy"),
    ("the first may not come to the door", ["auditor", "deputy"], SIGNS, "deputy"),
    ("neither signs", ["duty-officer", "secretary-general"], SIGNS, NoAuthority),
    ("one may not, the other does not sign", ["auditor", "duty-officer"], SIGNS,
     NoAuthority),
    ("neither may", ["auditor", "grid-member"], SIGNS, Denied),
    ("what no role may alone", ["deputy", "commander"], order(level=1),
     LevelNeedsApproval),
]  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "command", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in SEVERAL_ROLES],
)
def test_whoever_has_several_roles_acts_in_the_first_that_may(
    tmp_path, roles, command, then
):
    """The log names the role it was decided in; if none may, the first is answered."""

    async def some(handler):
        await make_ready(handler)
        await handler.handle(grants(*roles), by("g", ADMINISTRATOR), NOW)
        return await answer(handler, command, by("c", Actor("sun")))

    with door(tmp_path / "log.db") as handler:
        found = asyncio.run(some(handler))
        *_, last = all_rows(handler.log)
    if isinstance(then, str):
        said = envelope_of(last)
        assert isinstance(event_of(last), EmergencyDeclared)
        assert (said.role, said.grant) == (then, f"g{roles.index(then)}")
        return
    assert type(found) is then
    assert event_of(last).code == then.code
    if then is NoAuthority:
        assert found.facts["role_en"] == "Duty officer"
        assert envelope_of(last).role == "duty-officer"


def test_a_role_is_taken_away_in_the_role_that_may(tmp_path):
    """Whoever is also an administrator need not have lent what they revoke."""
    everywhere = (
        GrantRow(grant=f"g{n}", account="sun", role=role, area=None)
        for n, role in enumerate(["commander", "administrator"])
    )
    steps = [LI, GrantRoles(rows=tuple(everywhere), basis="令")]

    async def some(handler):
        await make_ready(handler)
        for number, command in enumerate(steps):
            await handler.handle(command, by(f"g{number}", ADMINISTRATOR), NOW)
        await handler.handle(TAKE, by("c", Actor("sun")), NOW)

    with door(tmp_path / "log.db") as handler:
        asyncio.run(some(handler))
        said = envelope_of(all_rows(handler.log)[-1])
    assert (said.role, said.grant) == ("administrator", "g1")


def test_what_one_person_decided_alone_is_known_at_once_where_it_was_decided(handler):
    """The state that is kept moves on with the log: a review is waited for."""
    two = order(level=2)
    glass = BreakGlass(kind="declare", emergency="e1", level=2, carried=two, reason="r")

    async def some():
        await make_ready(handler)
        assert list(due(Reader(handler.states), NOW)) == []  # all is kept from now on
        await handler.handle(glass, by("c", reauthenticated="local"), NOW)

    asyncio.run(some())
    [kept] = Reader(handler.states)(APPROVALS).glasses.values()
    later = [c for _, c in due(Reader(handler.states), NOW + REVIEW_US)]
    assert RecordExpiry(glass=kept.broken.glass, due_us=NOW + REVIEW_US) in later


def test_what_another_door_has_moved_on_is_dropped_when_asked(where):
    """A timer that reads without writing sees what another process has decided."""

    async def some(one, other):
        await make_ready(one)
        await one.handle(ORDER, by("c1"), NOW)
        known = Reader(other.states)
        assert list(known(EMERGENCIES).all) == ["e1"]
        await one.handle(order(emergency="e2"), by("c2"), NOW)
        assert list(Reader(other.states)(EMERGENCIES).all) == ["e1"]
        other.states.refresh()
        assert list(Reader(other.states)(EMERGENCIES).all) == ["e1", "e2"]
        other.states.refresh()

    with door(where) as one:
        asyncio.run(some(one, another_door(one.log)))


def test_a_refused_command_may_be_given_again(handler):
    """A refusal uses up no command id: nothing was carried out under it."""

    async def again():
        await make_ready(handler)
        with pytest.raises(LevelNeedsApproval):
            await handler.handle(order(level=1), by("a"), NOW)
        return await handler.handle(ORDER, by("a"), NOW)

    assert isinstance(asyncio.run(again()), Receipt)


def test_other_refusals_store_nothing(handler):
    """A no without consequence leaves the log as it is."""

    async def refused():
        await make_ready(handler)
        before = handler.log.recorder.head()
        for command, who, refusal in (
            (IMPORT, COMMANDER, Denied),
            (IMPORT, ADMINISTRATOR, NothingNew),
        ):
            with pytest.raises(refusal):
                await handler.handle(command, by("c", who), NOW)
        assert handler.log.recorder.head() == before

    asyncio.run(refused())


def test_a_stranger_does_not_get_another_s_receipt(handler):
    """Knowing a command and its id is no permission to give it."""

    async def stranger():
        await make_ready(handler)
        await handler.handle(ORDER, by("c1"), NOW)
        with pytest.raises(Refusal):
            await handler.handle(ORDER, by("c1", Actor("x", "auditor")), NOW)

    asyncio.run(stranger())


# --- current ground -------------------------------------------------------------------


def test_no_answer_rests_on_a_stale_state(where):
    """What another door changed counts, for a yes and for a no, cached or not."""
    with contextlib.ExitStack() as open_doors:
        a = open_doors.enter_context(door(where))
        if isinstance(where, str):
            b = open_doors.enter_context(door(where))
        else:
            b = another_door(a.log)

        async def both():
            await make_ready(a)
            await a.handle(ORDER, by("a1"), NOW)
            # b now knows e1 and that its id is taken
            taken = await answer(b, order(measures="x"), by("b1"))
            assert isinstance(taken, EmergencyExists)
            # … and still knows no e2, and must say no, though what it knows says yes
            await a.handle(order(emergency="e2"), by("a2"), NOW)
            no = await answer(b, order(emergency="e2", measures="x"), by("b2"))
            assert isinstance(no, EmergencyExists)
            assert no.facts == {"emergency": "e2"}
            # a must say yes where what it knows says no: the site is there by now
            assert isinstance(await answer(a, OTHER_STEP, by("a3")), UnknownSite)
            await b.handle(OTHER_GROUND, by("b4", ADMINISTRATOR), NOW)
            await b.handle(order(emergency="e3"), by("b5"), NOW)
            assert isinstance(await answer(a, OTHER_STEP, by("a4")), Receipt)
            await b.handle(STEP, by("b3"), NOW)
            assert isinstance(await answer(a, STEP, by("a5")), AlreadyDone)

        asyncio.run(both())
        facts = [event_of(row) for row in a.log.recorder.stream("emergencies")]
    assert [fact.emergency for fact in facts] == ["e1", "e2", "e3"]


def test_a_decision_whose_ground_never_rests_gives_up(where):
    """Bounded: after so many tries the client is told to come again."""
    tries = []

    def overtaken(read, command, now):
        read(area_stream(command.areas[0]))
        fact = AreaRenamed(code=command.areas[0], name="x")
        if command.text == "victim":
            tries.append(None)
            overtaking = Note(areas=command.areas, text=f"o{len(tries)}")
            asyncio.run_coroutine_threadsafe(
                other.handle(overtaking, by(overtaking.text, ADMINISTRATOR), now), loop
            ).result()
        return [fact]

    with door(where, deciders={Note: overtaken}) as handler:
        other = another_door(handler.log, deciders={Note: overtaken}, seed="o")
        loop = asyncio.new_event_loop()
        thread = Thread(target=loop.run_forever)
        thread.start()
        try:
            victim = Note(areas=(STREET_1.code,), text="victim")
            with pytest.raises(TooBusy):
                asyncio.run(handler.handle(victim, by("v", ADMINISTRATOR), NOW))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
        assert len(tries) == handle_module.ATTEMPTS_MAX
        assert handler.log.recorder.head().seq == len(tries)


def test_more_facts_than_one_append_takes_are_refused(where):
    """Said, to whoever asks and to whoever looks first; nothing is stored."""
    most = FACTS_PER_COMMAND_MAX
    with door(where, deciders=DECIDERS) as handler:
        all_ = [f"{number:012d}" for number in range(most + 1)]
        many = Note(areas=tuple(all_), text="many")
        for give in (
            lambda: asyncio.run(handler.handle(many, by("m", ADMINISTRATOR), NOW)),
            lambda: handler.preview(many, by("m", ADMINISTRATOR), NOW),
        ):
            with pytest.raises(TooMuch) as caught:
                give()
            assert caught.value.facts == {"count": most + 1, "limit": most}
        assert handler.log.recorder.head().seq == 0
        few = Note(areas=tuple(all_[:-1]), text="few")
        receipt = asyncio.run(handler.handle(few, by("f", ADMINISTRATOR), NOW))
        assert receipt.seq == most


def test_forgetting_states_changes_no_answer(where, monkeypatch):
    """With room for a single state, decisions are slower and the same."""
    monkeypatch.setattr(folding, "STATES_MAX", 1)

    async def some(handler):
        await make_ready(handler)
        for command, command_id in ((ORDER, "a"), (STEP, "b"), (STOP, "c")):
            await handler.handle(command, by(command_id), NOW)
        return await answer(handler, STOP, by("d"))

    with door(where) as handler:
        refusal = asyncio.run(some(handler))
        assert refusal.code == "mode.already-ended"
        assert len(handler.states._known) == 1


def test_what_the_catalogue_cannot_read_stops_the_decision(where):
    """A poison event is an error, never passed over when a state is folded."""

    async def poisoned(handler):
        await make_ready(handler)
        poison = StoredEvent("emergencies", 1, "mode.unheard-of.1", b"{}")
        handler.log.recorder.insert_events([poison])
        handler.states.behind([EMERGENCIES])
        with pytest.raises(Unreadable):
            await handler.handle(ORDER, by("c"), NOW)

    with door(where) as handler:
        asyncio.run(poisoned(handler))


# --- others write too -----------------------------------------------------------------

PAIRS = 300


def stands(rows):
    """Return, for each pair, which of its two sides stand in the log."""
    standing = defaultdict(list)
    for row in rows:
        code = event_of(row).code
        standing[int(code[1:])].append({"1": "left", "2": "right"}[code[0]])
    return standing


def test_of_a_write_skew_pair_exactly_one_is_carried_out(where):
    """Both read what the other writes, all at once, in one process."""

    async def both(handler):
        return await asyncio.gather(
            *(
                answer(handler, pair(n)[side], by(f"{side}{n}", ADMINISTRATOR))
                for n in range(PAIRS)
                for side in ("left", "right")
            )
        )

    with door(where, deciders=DECIDERS) as handler:
        answers = asyncio.run(both(handler))
        assert sum(isinstance(a, Receipt) for a in answers) == PAIRS
        assert sum(isinstance(a, Taken) for a in answers) == PAIRS
        standing = stands(all_rows(handler.log))
    assert sorted(standing) == list(range(PAIRS))
    assert {len(sides) for sides in standing.values()} == {1}


def test_of_a_write_skew_pair_of_two_processes_exactly_one_is_carried_out(pg_dsn):
    """Both read what the other writes, all at once, in two processes."""
    open_recorder(pg_dsn).close()
    lock = 7
    program = [sys.executable, "-m", "tests.log.claims"]
    with psycopg.connect(pg_dsn, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", (lock,))
        sides = {
            side: subprocess.Popen(
                [*program, pg_dsn, side, str(PAIRS), str(lock)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
            for side in ("left", "right")
        }
        try:
            for process in sides.values():
                assert process.stdout.readline() == "ready\n"
            gate.execute("SELECT pg_advisory_unlock(%s)", (lock,))
            won = {
                side: process.communicate(timeout=60)[0].strip()
                for side, process in sides.items()
            }
        finally:
            for process in sides.values():
                process.kill()
                process.wait()
                process.stdout.close()
    assert [won["left"].count("1") + won["right"].count("1")] == [PAIRS]
    assert all(a != b for a, b in zip(won["left"], won["right"], strict=True))
    recorder = open_recorder(pg_dsn)
    standing = stands(recorder.rows(0, 10_000))
    recorder.close()
    assert {n: "left" if w == "1" else "right" for n, w in enumerate(won["left"])} == {
        n: side for n, [side] in standing.items()
    }


WRITERS, COMMANDS_EACH, STREAMS = 8, 25, 5


def some_areas(writer, number):
    """Return one to four of a few areas, mixed but the same in every run."""
    mixed = (writer * 7_919 + number * 104_729) % 65_537
    return tuple(
        f"1{(mixed >> shift) % STREAMS:011d}" for shift in range(1 + mixed % 4)
    )


def test_many_writers_lose_duplicate_and_reorder_nothing(where):
    """Versions have no gaps, and each receipt's range holds its command's events."""
    with contextlib.ExitStack() as open_doors:
        doors = [open_doors.enter_context(door(where, deciders=DECIDERS))]
        if isinstance(where, str):
            doors += [
                open_doors.enter_context(door(where, deciders=DECIDERS, seed=seed))
                for seed in "bc"
            ]
        else:
            doors += [another_door(doors[0].log, deciders=DECIDERS) for _ in "bc"]

        async def write(writer):
            receipts = []
            for number in range(COMMANDS_EACH):
                command = Note(
                    areas=some_areas(writer, number), text=f"w{writer}-{number}"
                )
                who = by(command.text, ADMINISTRATOR)
                handler = doors[(writer + number) % len(doors)]
                receipts.append(await handler.handle(command, who, NOW))
            return receipts

        async def all_write():
            return await asyncio.gather(*(write(w) for w in range(WRITERS)))

        by_writer = asyncio.run(all_write())
        rows = all_rows(doors[0].log)

    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    versions = defaultdict(list)
    for row in rows:
        versions[row.stream].append(row.version)
    assert all(v == list(range(1, len(v) + 1)) for v in versions.values())
    counted = 0
    for writer, receipts in enumerate(by_writer):
        assert [r.seq for r in receipts] == sorted(r.seq for r in receipts)
        for number, receipt in enumerate(receipts):
            own = rows[receipt.first_seq - 1 : receipt.seq]
            assert {envelope_of(row).command for row in own} == {receipt.command}
            areas = some_areas(writer, number)
            text = f"w{writer}-{number}"
            assert [event_of(row) for row in own] == [
                AreaRenamed(code=area, name=text) for area in areas
            ]
            counted += len(own)
    assert counted == len(rows)


def test_a_claim_that_lost_is_told_what_stands(where):
    """The loser of a pair hears the reason and not that others were busy."""
    with door(where, deciders=DECIDERS) as handler:
        assert asyncio.run(give(handler, "left", 1)) == [True]
        assert asyncio.run(give(handler, "right", 1)) == [False]
        again = Claim(mine="3" * 12, theirs="4" * 12)
        receipt = asyncio.run(answer(handler, again, by("x", ADMINISTRATOR)))
        assert receipt.seq == 2


def test_every_area_of_the_city_was_imported(handler):
    """The import of these tests gives the facts the tables of decisions use."""
    asyncio.run(make_ready(handler))
    facts = [event_of(row) for row in all_rows(handler.log)]
    assert facts[: len(OFFICIAL)] == AREAS[:-1]
