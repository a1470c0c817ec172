"""Posts over HTTP: silence, the next in line, exhaustion, return, seizing, handover."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.http.plain import moment
from coordination.catalogue import open_envelope
from coordination.people.state import person_stream
from coordination.posts.state import post_stream
from projections.alarms import OVER, RAISED
from tests.api.peopled import (
    LIAISON,
    PLAIN,
    POST,
    A,
    B,
    C,
    Peopled,
    copied,
    is_,
    look,
)
from tests.api.served import (
    COMMUNITY_11,
    COMMUNITY_12,
    STREET_1,
    Client,
    Service,
    is_error,
    rows_since,
    served,
    service,
    step_path,
)
from tests.given import MINUTE, NOW, Clock

STATION = "310117001001-s1"
OUTAGE = "service.outage-recorded.1"
SILENT, ACCEPT = 240 * MINUTE, 15 * MINUTE
"""As the shipped playbook has it; its rule is automatic."""


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


async def post_of(s: Service, post: str = POST, who: str = "commander") -> Any:
    """Return a post as it stands."""
    return await look(s, await s.as_(who), f"/posts/{post}")


async def clocks(s: Service, area: str = COMMUNITY_11) -> list[tuple[str, str, str]]:
    """Return the open steps of an area with their deadlines."""
    sites = (await look(s, await s.as_("commander"), "/sites", area=area))["sites"]
    return [
        (site["id"], step["id"], step["due_at"])
        for site in sites
        for step in site["steps"]
        if step["state"] == "OPEN"
    ]


def named(s: Service, since: int, name: str) -> list[Any]:
    """Return the facts of a kind that the log got after a position."""
    return [row for row in rows_since(s.world, since) if name in row.name]


async def act(
    s: Service, peopled: Peopled, who: str, verb: str, post: str = POST, **body: Any
) -> Any:
    """Have somebody on the roster decide about a post in their own name."""
    said = {"seen_seq": s.head, **body}
    return await is_(s, peopled, who).send(f"/posts/{post}/{verb}", said)


# --- silence, and who is next ------------------------------------------------------


async def vacancy_alarms(s: Service) -> list[tuple[str, str]]:
    """Return how grave the street's alarms of this vacancy are, and their state."""
    path = "/alarms"
    found = await look(s, await s.as_("commander"), path, area=STREET_1, size=200)
    return [
        (row["gravity"], row["state"])
        for row in found["rows"]
        if row["id"].startswith(f"vacancy:{POST}:")
    ]


async def until_silent(s: Service) -> None:
    """Declare, and let the time pass by which A had to confirm to be well."""
    await (await s.as_("commander")).declare(scope=[STREET_1])
    s.world.clock.now += SILENT
    await s.world.tick()


@served
async def test_a_silent_holder_is_replaced(s: Service, peopled: Peopled):
    """At the threshold B acts; no clock moves, and custody is asked for."""
    ids, clock = peopled.ids, s.world.clock
    await (await s.as_("commander")).declare(scope=[STREET_1])
    found = await post_of(s)
    assert (found["state"], found["demanded"]) == ("HELD", True)
    assert found["safety_by"]
    before = await clocks(s)
    assert before
    clock.now += SILENT - 1_000_000
    await s.world.tick()
    assert (await post_of(s))["state"] == "HELD"
    head = s.head
    clock.now += 1_000_000
    assert await s.world.tick() == 1
    found = await post_of(s)
    assert (found["state"], found["acting"]["id"]) == ("PENDING", ids[B])
    assert (found["how"], found["cause"]) == ("automatic", "unreachable")
    assert found["before"]["cause"] == "unreachable"
    assert len(named(s, head, "holder-silent")) == 1
    assert await clocks(s) == before
    items = {i["item"]: i for i in found["handover"]["items"]}
    assert items["custody"]["taken_at"] is None
    # the sheet lists the first twelve, and how many more there are
    lines = items["deadlines"]["lines"]
    assert len(lines) == min(len(before), 12) + (len(before) > 12)


@served
async def test_nobody_answers_until_nobody_is_left(s: Service, peopled: Peopled):
    """B, then C, who is called away from a less grave post; then red at the street."""
    ids, clock = peopled.ids, s.world.clock
    await until_silent(s)
    before, head = await clocks(s), s.head
    clock.now += ACCEPT - 1_000_000
    await s.world.tick()
    assert (await post_of(s))["acting"]["id"] == ids[B]
    clock.now += 1_000_000
    await s.world.tick()
    found = await post_of(s)
    assert (found["state"], found["acting"]["id"]) == ("PENDING", ids[C])
    assert (found["cause"], found["before"]["id"]) == ("no-answer", ids[B])
    assert (await post_of(s, LIAISON))["state"] == "VACANT"
    assert len(named(s, head, "wait-overdue")) == 1
    clock.now += ACCEPT
    await s.world.tick()
    found = await post_of(s)
    assert (found["state"], found["acting"]) == ("VACANT", None)
    tried = {t["person"]["id"]: t["test"] for t in found["tried"]}
    assert tried == {ids[A]: "available", ids[B]: "declined"}  # C: before
    assert await clocks(s) == before
    commander = await s.as_("commander")
    board = await look(s, commander, f"/areas/{STREET_1}/board")
    assert {v["post"] for v in board["vacancies"]} == {POST, LIAISON}
    assert board["vacancies_total"] == 2
    assert await vacancy_alarms(s) == [("GRAVE", RAISED)]
    # A is back: the vacancy is tried again, and A is the first who can
    await commander.do("/people/available", {"people": [ids[A]]})
    found = await post_of(s)
    assert (found["state"], found["acting"]["id"]) == ("PENDING", ids[A])
    answer = await act(s, peopled, A, "accept")
    assert answer.status_code == 200, answer.text
    found = await post_of(s)
    assert (found["state"], found["how"]) == ("HELD", "automatic")
    assert await vacancy_alarms(s) == [("GRAVE", OVER)]


def test_a_silence_that_passed_while_down(data: Path, peopled: Peopled):
    """Noticed at the next start, once, however many look."""

    async def declare() -> int:
        async with service(data) as s:
            await (await s.as_("commander")).declare(scope=[STREET_1])
            return s.head

    async def later(head: int) -> None:
        async with service(data, Clock(NOW + SILENT + 60 * MINUTE)) as s:
            await asyncio.gather(s.world.tick(), s.world.tick(), s.world.tick())
            [silent] = named(s, head, "holder-silent")
            told = open_envelope(silent.stored).event
            assert str(NOW + 1_000_000 + SILENT).encode() in bytes(told)
            assert len(named(s, head, "substitution-made")) == 1
            assert (await post_of(s))["acting"]["id"] == peopled.ids[B]
            before = s.head
            assert await s.world.tick() == 0
            assert s.head == before

    asyncio.run(later(asyncio.run(declare())))


@served
async def test_who_confirms_is_not_silent(s: Service, peopled: Peopled):
    """The clock begins anew with each confirmation; nobody confirms for another."""
    await (await s.as_("commander")).declare(scope=[STREET_1])
    s.world.clock.now += SILENT - MINUTE
    answer = await act(s, peopled, A, "safety")
    assert answer.status_code == 200, answer.text
    answer = await act(s, peopled, B, "safety")
    assert answer.status_code == 403, answer.text
    s.world.clock.now += SILENT - MINUTE
    await s.world.tick()
    assert (await post_of(s))["state"] == "HELD"


# --- falling away ------------------------------------------------------------------


def outcome(found: dict[str, Any]) -> dict[str, Any]:
    """Return what an outlook says, by ids."""
    return {
        "counts": found["counts"],
        "people": found["people"],
        "substituted": [
            (x["post"], x["before"]["id"], x["after"]["id"])
            for x in found["substituted"]
        ],
        "vacated": [
            (x["post"], [(t["person"]["id"], t["test"]) for t in x["tried"]])
            for x in found["vacated"]
        ],
    }


@served
async def test_what_if_is_what_is(s: Service, peopled: Peopled):
    """Two fall ill: shown first, nothing stored; then the same, in one decision."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    body = {"people": [ids[A], ids[B]], "cause": "ill", "reason": "群体发热"}
    before = s.head
    shown = await staff.do("/people/unavailable", {**body, "what_if": True})
    assert shown["what_if"]
    assert "seq" not in shown
    assert s.head == before
    done = await staff.do("/people/unavailable", body)
    assert outcome(done) == outcome(shown)
    assert outcome(done)["substituted"] == [(POST, ids[A], ids[C])]
    assert [post for post, _ in outcome(done)["vacated"]] == [LIAISON]
    assert done["counts"]["cascaded"] == 1
    by = {open_envelope(row.stored).command for row in rows_since(s.world, before)}
    assert by == {done["command"]}
    assert done["seq"] == s.head
    is_error(await staff.send("/people/unavailable", body), "people.nobody-changes")
    foreign = await s.as_("foreign-staff")
    for what_if in (True, False):
        answer = await foreign.send("/people/unavailable", {**body, "what_if": what_if})
        assert answer.status_code == 403, answer.text


@served
async def test_back_again_takes_nothing_back(s: Service, peopled: Peopled):
    """B acts and goes on acting when A is well; A takes it back by their own word."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    await staff.do("/people/unavailable", {"people": [ids[A]], "cause": "ill"})
    assert (await act(s, peopled, B, "accept")).status_code == 200
    await staff.do("/people/available", {"people": [ids[A]]})
    found = await post_of(s)
    assert (found["state"], found["acting"]["id"]) == ("ACTING", ids[B])
    answer = await act(s, peopled, C, "return")
    assert answer.status_code == 403, answer.text
    assert (await act(s, peopled, A, "return")).status_code == 200
    found = await post_of(s)
    assert (found["state"], found["acting"]["id"]) == ("HELD", ids[A])
    assert not s.world.state(person_stream(ids[B])).acting


# --- handover ----------------------------------------------------------------------


@served
async def test_a_handover_item_by_item(s: Service, peopled: Peopled):
    """Each item once, by whoever acts; custody with its count."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    await (await s.as_("commander")).declare(scope=[STREET_1])
    await staff.do(
        f"/posts/{POST}/substitute", {"reason": "外出开会", "expected": peopled.ids[A]}
    )
    assert (await act(s, peopled, B, "accept")).status_code == 200
    is_error(await act(s, peopled, B, "accept"), "posts.not-waiting")
    sheet = (await post_of(s))["handover"]
    items = [i["item"] for i in sheet["items"]]
    assert items == ["situation", "steps", "deadlines", "custody", "withheld"]
    assert (sheet["from"]["id"], sheet["to"]["id"]) == (ids[A], ids[B])
    assert all(i["lines"] for i in sheet["items"])
    is_error(await act(s, peopled, B, "handover", item="custody"), "posts.bad-item")
    is_error(await act(s, peopled, B, "handover", item="keys"), "posts.bad-item")
    answer = await act(s, peopled, A, "handover", item="steps")
    assert answer.status_code == 403, answer.text
    is_error(answer, "posts.not-yours")
    for left, item in reversed(list(enumerate(reversed(items)))):
        more = {"count": 37, "note": "钥匙三把"} if item == "custody" else {}
        answer = await act(s, peopled, B, "handover", item=item, **more)
        assert answer.status_code == 200, answer.text
        assert (await post_of(s))["handover_left"] == left
    is_error(await act(s, peopled, B, "handover", item="steps"), "posts.bad-item")
    custody = (await post_of(s))["handover"]["items"][3]
    assert (custody["count"], custody["note"]) == (37, "钥匙三把")
    assert custody["taken_at"]
    s.world.clock.now += 61 * MINUTE
    await s.world.tick()
    assert (await post_of(s))["late"] == []


# --- seizing -----------------------------------------------------------------------


@served
async def test_seized_and_ratified(s: Service, peopled: Peopled):
    """In need a backup takes it, with a reason; somebody else ratifies it."""
    ids, commander = peopled.ids, await s.as_("commander")
    answer = await act(s, peopled, B, "seize", reason="联系不上第二书记")
    is_error(answer, "posts.not-in-need")  # peacetime, and A acts
    await commander.declare(scope=[STREET_1])
    unsaid = await act(s, peopled, B, "seize", reason=" ")
    is_error(unsaid, "command.reason-missing")
    answer = await act(s, peopled, PLAIN, "seize", reason="我来")
    is_error(answer, "posts.unable")
    assert answer.json()["facts"]["test"] == "not-in-line"
    answer = await act(s, peopled, B, "seize", reason="联系不上第二书记")
    assert answer.status_code == 200, answer.text
    found = await post_of(s)
    assert (found["state"], found["how"]) == ("ACTING", "seized")
    assert found["ratify_by"]
    assert found["acting"]["id"] == ids[B]
    answer = await act(s, peopled, B, "ratify", reason="情况紧急")
    assert answer.status_code == 403, answer.text
    is_error(answer, "posts.own-ratification")
    await commander.do(f"/posts/{POST}/ratify", {"reason": "属实"})
    assert (await post_of(s))["ratify_by"] is None
    again = await commander.send(f"/posts/{POST}/ratify", {"reason": "属实"})
    is_error(again, "posts.not-waiting")


# --- the powers of a post ----------------------------------------------------------


async def may_acknowledge(client: Client, step: str) -> int:
    """Try to acknowledge a step of the community; return the status."""
    answer = await client.send(step_path(STATION, step, "acknowledge"), {})
    return answer.status_code


@served
async def test_who_acts_has_the_powers_of_the_post(s: Service, peopled: Peopled):
    """B may while acting, not before or after; lending roles is withheld from B."""
    commander, ids = await s.as_("commander"), peopled.ids
    alone = {"break_glass": True, "password": "a password of tests", "reason": "急"}
    await commander.declare(scope=[STREET_1], level="II", **alone)
    steps = [step for station, step, _ in await clocks(s) if station == STATION]
    backup, holder = is_(s, peopled, B), is_(s, peopled, A)
    assert await may_acknowledge(backup, steps[0]) == 403
    assert await may_acknowledge(holder, steps[0]) == 200
    answer = await act(s, peopled, B, "seize", reason="联系不上")
    assert answer.status_code == 200, answer.text
    assert await may_acknowledge(backup, steps[1]) == 200
    assert await may_acknowledge(holder, steps[2]) == 403
    # names of the community are the post's to read, from now on
    found = await look(s, backup, "/people", area=COMMUNITY_11)
    assert {A, B, PLAIN} == {r["name"] for r in found["rows"]}
    lend = {
        "account": "ren-3",
        "grant": "g-x",
        "area": COMMUNITY_11,
        "until": "2023-11-16T00:00:00Z",
        "reason": "分担",
    }
    answer = await backup.send("/grants/delegate", lend)
    assert answer.status_code == 403, answer.text
    is_error(answer, "permit.denied")
    assert (await act(s, peopled, A, "return")).status_code == 200
    assert await may_acknowledge(backup, steps[2]) == 403
    assert await may_acknowledge(holder, steps[2]) == 200
    answer = await holder.send("/grants/delegate", lend)
    assert answer.json()["code"] != "permit.denied"  # the holder's is whole
    assert s.world.state(post_stream(POST)).acting == ids[A]


# --- single points -----------------------------------------------------------------


@served
async def test_single_points(s: Service, peopled: Peopled):
    """No backup, none able, or one shared with another post; and which those are."""
    ids, staff = peopled.ids, await s.as_("street-staff")

    async def points() -> dict[str, str]:
        path = "/posts/single-points"
        rows = (await look(s, staff, path, area=STREET_1))["rows"]
        return {r["post"]: r["why"] for r in rows}

    assert await points() == {LIAISON: "no-backup"}
    out = {"people": [ids[B]], "cause": "leave"}
    await staff.do("/people/unavailable", out)
    # C alone is behind A, and acts on a less grave post: they can be called away
    assert await points() == {LIAISON: "no-backup"}
    second = {"area": COMMUNITY_12, "kind": "second-secretary"}
    chain = [ids[PLAIN], ids[C]]
    await staff.do("/posts", {"posts": [{**second, "chain": chain}]})
    shared = f"{COMMUNITY_12}-p-second-secretary"
    assert await points() == {
        LIAISON: "no-backup",
        POST: "shared",
        shared: "shared",
    }
    out = {"people": [ids[C]], "cause": "ill"}
    await staff.do("/people/unavailable", out)
    assert await points() == {POST: "none-able", shared: "none-able"}
    # the liaison's post is vacant by now, which is worse and listed elsewhere
    rows = (await look(s, staff, "/posts", area=STREET_1))["rows"]
    assert {r["post"]: r["state"] for r in rows}[LIAISON] == "VACANT"


# --- the service was away ------------------------------------------------------------


@pytest.mark.parametrize("minutes", [17, 3 * 24 * 60])
def test_nobody_loses_a_post_by_an_outage(peopled: Peopled, data: Path, minutes: int):
    """B is called, the service dies for longer than B has; then B can still accept."""

    async def before() -> None:
        async with service(data, Clock(NOW + MINUTE), timers=True) as s:
            await (await s.as_("commander")).declare(scope=[STREET_1])
            staff = await s.as_("street-staff")
            await staff.do(
                f"/posts/{POST}/substitute",
                {"reason": "外出开会", "expected": peopled.ids[A]},
            )

    async def after() -> None:
        clock = Clock(NOW + minutes * MINUTE)
        async with service(data, clock, timers=True) as s:
            await s.world.tick()
            names = [row.name for row in rows_since(s.world, 0)]
            assert names.count(OUTAGE) == 1
            assert "posts.wait-overdue.1" not in names
            found = await post_of(s)
            assert found["state"] == "PENDING"
            assert found["acting"]["id"] == peopled.ids[B]
            assert found["accept_by"] == moment(NOW + (15 + minutes) * MINUTE)
            clock.now += 14 * MINUTE
            await s.world.tick()
            staff = await s.as_("street-staff")  # B's session is over by now
            await staff.do(f"/posts/{POST}/accept", {"reason": "来电确认"})

    asyncio.run(before())
    asyncio.run(after())


def test_who_does_not_answer_in_the_time_that_is_left_is_passed_over(
    peopled: Peopled, data: Path
):
    """An outage gives back what it took and no more."""

    async def run() -> None:
        async with service(data, Clock(NOW + MINUTE), timers=True) as s:
            await (await s.as_("commander")).declare(scope=[STREET_1])
            staff = await s.as_("street-staff")
            await staff.do(
                f"/posts/{POST}/substitute",
                {"reason": "外出开会", "expected": peopled.ids[A]},
            )
        clock = Clock(NOW + 17 * MINUTE)
        async with service(data, clock, timers=True) as s:
            clock.now += 16 * MINUTE
            await s.world.tick()
            assert (await post_of(s))["acting"]["id"] != peopled.ids[B]

    asyncio.run(run())


@served
async def test_of_two_who_replace_one_holder_one_is_told_of_the_other(
    s: Service, peopled: Peopled
):
    """Both forms showed A; the second hears who acts now, by whom and since when."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    commander = await s.as_("commander")
    await s.world.reached(s.head)
    shown = (await staff.get(f"/posts/{POST}"))["expected"]
    assert shown["acting"] == shown["holder"] == ids[A]
    path = f"/posts/{POST}/substitute"
    answers = await asyncio.gather(
        staff.send(path, {"person": ids[B], "reason": "换", "expected": ids[A]}),
        commander.send(path, {"person": ids[C], "reason": "换", "expected": ids[A]}),
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    (late,) = (a.json() for a in answers if a.status_code == 409)
    assert late["code"] == "command.replaced"
    now = s.world.state(post_stream(POST)).acting
    assert late["facts"]["held"] == now
    name = next(who for who, id_ in ids.items() if id_ == now)
    assert name in late["zh"], late
    assert "于2023-" in late["zh"]
    # An old tab, and a client that says nothing.
    for body in ({"seen_seq": 1}, {"seen_seq": -1}):
        is_error(await staff.send(path, {"reason": "换", **body}), "command.replaced")


@served
async def test_a_vacant_post_proposes_people_and_is_tried_again(
    s: Service, peopled: Peopled
):
    """The able first, the others with why; the last backup is back and acts at once."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    await (await s.as_("commander")).declare(scope=[STREET_1])
    line = [ids[A], ids[B], ids[C]]
    await staff.do("/people/unavailable", {"people": line, "cause": "ill"})
    assert (await post_of(s))["state"] == "VACANT"
    shown = await staff.get(f"/posts/{POST}/candidates")
    rows = shown["rows"]
    assert [r["able"] for r in rows] == sorted((r["able"] for r in rows), reverse=True)
    why = {r["person"]["id"]: r["failed"] for r in rows}
    assert [why[id_] for id_ in line] == ["available"] * 3
    assert {r["failed_zh"] for r in rows if not r["able"]} >= {"不可用"}
    assert all(r["distance_zh"] for r in rows)
    await staff.do("/people/available", {"people": [ids[B]]})
    found = await post_of(s)
    assert found["acting"]["id"] == ids[B]
    assert found["how"] == "automatic"
