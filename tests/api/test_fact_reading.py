"""Who reads a fact in full follows from what it is about (H3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coordination.catalogue import EVENTS
from coordination.permit import PERMITTED, READ_AS, SITUATION
from tests.api.peopled import PLAIN, POST, A, Peopled, copied, is_
from tests.api.served import API, Service, is_error, rows_since, served

READ = "grants.sensitive-view-read.1"


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


def kind(stream: str) -> str:
    """Return the kind of a stream."""
    return stream.partition("/")[0]


def test_every_kind_of_stream_says_who_reads_it():
    """A new one is given its line, or nobody would have thought of it."""
    streams = (getattr(event, "STREAM", "") for event in EVENTS.values())
    told = {kind(stream) for stream in streams if stream}
    assert told <= READ_AS.keys()
    assert set(READ_AS.values()) <= PERMITTED.keys()


def first_of(s: Service) -> dict[str, Any]:
    """Return the first fact of every kind of stream in the log."""
    found: dict[str, Any] = {}
    for row in rows_since(s.world, 0):
        found.setdefault(kind(row.stream), row)
    return found


@served
async def test_a_member_reads_the_situation_and_no_more(s: Service, peopled: Peopled):
    """Nobody's illness, grants, proposals; what they did themselves, always."""
    await (await s.as_("commander")).declare()
    await s.world.reached(s.head)
    member, facts = is_(s, peopled, PLAIN), first_of(s)
    assert {"person", "grants", "site", "emergencies", "post"} <= facts.keys()
    for about, row in facts.items():
        answer = await member.http.get(f"{API}/facts/{row.seq}")
        if READ_AS[about] == SITUATION:
            assert answer.status_code == 200, (about, answer.text)
            assert answer.json()["salt"] == ""
        else:
            is_error(answer, "permit.denied")
    mine = await member.do("/checkins", {"stage": "reported", "source": "phone"})
    await s.world.reached(s.head)
    shown = await member.get(f"/facts/{mine['seq']}")
    assert shown["name"].startswith("checkin.")


@served
async def test_why_somebody_was_replaced_is_for_who_may_see_people(
    s: Service, peopled: Peopled
):
    """The fact is everybody's who has a role; the reason is about people."""
    boss = await s.as_("commander")
    ill = {"people": [peopled.ids[A]], "cause": "ill", "reason": "住院"}
    await boss.do("/people/unavailable", ill)
    await s.world.reached(s.head)
    posts = [r for r in rows_since(s.world, 0) if r.stream == f"post/{POST}"]
    row = next(r for r in reversed(posts) if r.name == "posts.substitution-made.1")
    member = is_(s, peopled, PLAIN)
    assert (await member.get(f"/facts/{row.seq}"))["reason"] == ""
    assert (await boss.get(f"/facts/{row.seq}"))["reason"] == "住院"


@served
async def test_reading_about_people_is_recorded_once(s: Service):
    """As their page is: who read, which place; the same look is one reading."""
    boss, row = await s.as_("deputy"), first_of(s)["person"]
    before = s.head
    for _ in range(3):
        await boss.get(f"/facts/{row.seq}")
    assert [r.name for r in rows_since(s.world, before)] == [READ]
    grant = first_of(s)["grants"]
    assert (await boss.http.get(f"{API}/facts/{grant.seq}")).status_code == 403
    await (await s.as_("auditor")).get(f"/facts/{grant.seq}")
    assert [r.name for r in rows_since(s.world, before)] == [READ] * 2
