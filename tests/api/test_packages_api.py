"""Packages over HTTP: assigned, handed over, proposed, covered; a facility opens."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coordination.catalogue import decode_event, open_envelope
from coordination.packages.events import PackageAssigned, PackageHandedOver, Party
from coordination.people.state import person_stream
from tests.api.peopled import (
    BUILDING,
    FAR,
    OTHER_BUILDING,
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
    COMMUNITY_21,
    DISTRICT,
    PASSWORD,
    STREET_1,
    STREET_2,
    Client,
    Service,
    is_error,
    rows_since,
    served,
)

FACILITY = "310117001-s2"
COMPOUND = f"{COMMUNITY_11}c01"
STATES = {"COVERED": "covered", "STANDING": "standing", "GAP": "gaps"}


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


def given(kind: str, target: str, party: str, *backups: str) -> dict[str, Any]:
    """Return a package as a body has it; a party is a person unless it says else."""
    mark, _, rest = party.partition("/")
    found = {"kind": mark, "id": rest} if rest else {"kind": "person", "id": party}
    return {"kind": kind, "target": target, "party": found, "backups": [*backups]}


async def packages(s: Service, area: str = STREET_1, **params: Any) -> dict[str, Any]:
    """Return the packages of an area by id."""
    client = await s.as_("commander")
    found = await look(s, client, "/packages", area=area, size=200, **params)
    assert found["total"] == len(found["rows"])
    return {row["id"]: row for row in found["rows"]}


# --- assigning ---------------------------------------------------------------------


@served
async def test_all_are_assigned_or_none(s: Service, peopled: Peopled):
    """Each wrong row by number and field, and nothing stored; then all of them."""
    ids, staff, before = peopled.ids, await s.as_("street-staff"), s.head
    nobody = "h-000000000000"
    rows = [
        given("building", BUILDING, ids[A], ids[B]),
        given("building", OTHER_BUILDING, nobody),
        given("building", COMPOUND, ids[A]),
        given("building", BUILDING, ids[B]),
        given("compound", COMPOUND, "organisation/community:" + COMMUNITY_11),
        given("building", OTHER_BUILDING, ids[A], ids[A]),
        given("nonsense", BUILDING, ids[A]),
    ]
    answer = await staff.send("/packages/assign", {"rows": rows})
    assert answer.status_code == 422, answer.text
    is_error(answer, "packages.refused")
    told = {f["field"] for f in answer.json()["fields"]}
    assert told == {
        "row 2: party",
        "row 3: target",
        "row 4: target",
        "row 5: party",
        "row 6: target",
        "row 6: backups",
        "row 7: kind",
    }
    assert s.head == before
    fit = [
        rows[0],
        given("building", OTHER_BUILDING, ids[A]),
        given("compound", COMPOUND, f"post/{POST}"),
    ]
    done = await staff.do("/packages/assign", {"rows": fit, "basis": "责任清单"})
    assert done["assigned"] == 3
    found = await packages(s)
    row = found[f"building/{BUILDING}"]
    assert (row["state"], row["party"]["person"]["name"]) == ("COVERED", A)
    assert [b["id"] for b in row["backups"]] == [ids[B]]
    assert found[f"compound/{COMPOUND}"]["party"]["kind"] == "post"
    again = await staff.send("/packages/assign", {"rows": fit[:1]})
    assert again.status_code == 422  # held by now: it is handed over
    mine = await look(s, is_(s, peopled, A), "/people/mine")
    assert {p["id"] for p in mine["packages"]} == {
        f"building/{BUILDING}",
        f"building/{OTHER_BUILDING}",
        f"compound/{COMPOUND}",  # by the post
    }
    foreign = await s.as_("foreign-staff")
    answer = await foreign.send("/packages/assign", {"rows": fit[:1]})
    assert answer.status_code == 403, answer.text


@served
async def test_handed_over_and_released(s: Service, peopled: Peopled):
    """One decision; the same party is refused; released in peacetime only."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    first = given("building", BUILDING, ids[A], ids[B])
    is_error(await staff.send("/packages/handover", first), "packages.unknown")
    await staff.do("/packages/assign", {"rows": [first]})
    seen = {"seen_seq": s.head}
    again = await staff.send("/packages/handover", {**first, **seen})
    is_error(again, "packages.same-party")
    before = s.head
    over = given("building", BUILDING, ids[PLAIN])
    answer = await staff.send("/packages/handover", {**over, "seen_seq": 0})
    is_error(answer, "command.replaced")
    assert f"现为{A}（岳阳丙于" in answer.json()["zh"]
    await staff.do("/packages/handover", {**over, "expected": f"person:{ids[A]}"})
    names = [row.name for row in rows_since(s.world, before)]
    assert names[0] == "packages.package-handed-over.1"
    assert len(names) == 3
    assert (await packages(s))[f"building/{BUILDING}"]["party"]["id"] == ids[PLAIN]
    target = {"kind": "building", "target": BUILDING, "reason": "调整"}
    target["expected"] = f"person:{ids[PLAIN]}"
    await (await s.as_("commander")).declare(scope=[STREET_1])
    answer = await staff.send("/packages/release", target)
    assert answer.status_code == 409, answer.text
    is_error(answer, "packages.needed-now")
    far = given("building", f"{COMMUNITY_21}c01b001", ids[FAR])
    foreign = await s.as_("foreign-staff")
    await foreign.do("/packages/assign", {"rows": [far]})
    gone = {"kind": "building", "target": far["target"], "reason": "拆除"}
    gone["seen_seq"] = s.head
    await foreign.do("/packages/release", gone)
    row = (await packages(s, STREET_2))[f"building/{far['target']}"]
    assert (row["state"], row["party"]) == ("GAP", None)
    assert not s.world.state(person_stream(ids[FAR])).packages


@served
async def test_32_at_once_leave_one_party(s: Service, peopled: Peopled):
    """However they race, of those who saw one holder one replaces them."""
    ids, package = peopled.ids, f"building/{BUILDING}"
    clients = [await s.as_("street-staff"), await s.as_("commander")]
    people = [ids[name] for name in (A, B, C, PLAIN)]
    first = given("building", BUILDING, people[0])
    await clients[0].do("/packages/assign", {"rows": [first]})
    answers = await asyncio.gather(
        *(
            clients[n % 2].send(
                "/packages/handover",
                {
                    **given("building", BUILDING, people[1 + n % 3]),
                    "expected": f"person:{people[0]}",
                },
            )
            for n in range(32)
        )
    )
    done = sum(answer.status_code == 200 for answer in answers)
    for answer in answers:
        if answer.status_code != 200:
            is_error(answer, "command.replaced")
    assert done == 1
    party: Party | None = None
    rows = s.world.log.recorder.stream(f"package/{package}")
    for row in rows:
        fact = decode_event(row.name, open_envelope(row.stored).event)
        if isinstance(fact, PackageHandedOver):
            assert fact.before == party
            assert fact.party != party
        else:
            assert isinstance(fact, PackageAssigned)
        party = fact.party
    assert len(rows) == done + 1
    assert party is not None
    holders = [p for p in people if package in s.world.state(person_stream(p)).packages]
    assert holders == [party.id]
    assert (await packages(s))[package]["party"]["id"] == party.id


@served
async def test_who_falls_away_is_followed(s: Service, peopled: Peopled):
    """To the backup; and where there is none the community stands in: a defect."""
    ids, staff = peopled.ids, await s.as_("street-staff")
    rows = [
        given("building", BUILDING, ids[A], ids[B]),
        given("building", OTHER_BUILDING, ids[A]),
    ]
    await staff.do("/packages/assign", {"rows": rows})
    done = await staff.do("/people/unavailable", {"people": [ids[A]], "cause": "ill"})
    assert (done["counts"]["packages"], done["counts"]["standing"]) == (2, 1)
    found = await packages(s)
    backed, standing = (found[f"building/{t}"] for t in (BUILDING, OTHER_BUILDING))
    assert (backed["state"], backed["party"]["id"]) == ("COVERED", ids[B])
    assert standing["state"] == "STANDING"
    assert standing["party"]["id"] == f"community:{COMMUNITY_11}"
    cover = await look(s, staff, "/packages/coverage", area=COMMUNITY_11)
    assert f"building/{OTHER_BUILDING}" in {g["id"] for g in cover["standing"]}
    assert cover["total"]["standing"] == 1
    # somebody is named: it is assigned again, although the community had it
    await staff.do(
        "/packages/assign", {"rows": [given("building", OTHER_BUILDING, ids[PLAIN])]}
    )
    assert (await packages(s))[f"building/{OTHER_BUILDING}"]["state"] == "COVERED"


# --- coverage ----------------------------------------------------------------------


def counted(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Count a list of packages, one by one."""
    found = Counter(STATES[row["state"]] for row in rows)
    return {"targets": len(rows), **{k: found[k] for k in STATES.values()}}


@served
async def test_coverage_is_what_the_list_counts(s: Service, peopled: Peopled):
    """Whole, by kind and by child, as a count of the list has it; gaps are listed."""
    ids, commander = peopled.ids, await s.as_("commander")
    rows = [
        given("building", BUILDING, ids[A]),
        given("building", OTHER_BUILDING, ids[B], ids[C]),
        given("compound", COMPOUND, ids[B]),
        given("building", f"{COMMUNITY_21}c01b001", ids[FAR]),
        given("facility", FACILITY, "organisation/community:" + COMMUNITY_11),
    ]
    await commander.do("/packages/assign", {"rows": rows})
    out = {"people": [ids[A]], "cause": "quarantined"}
    await commander.do("/people/unavailable", out)
    for area in (DISTRICT, STREET_1, COMMUNITY_11):
        listed = list((await packages(s, area)).values())
        cover = await look(s, commander, "/packages/coverage", area=area)
        total = cover["total"]
        assert {k: total[k] for k in counted(listed)} == counted(listed)
        for kind in cover["kinds"]:
            mine = [row for row in listed if row["kind"] == kind["id"]]
            assert total["by_kind"][kind["id"]] == counted(mine), (area, kind)
        for child in cover["children"]:
            inside = [
                row
                for row in listed
                if row["target"].startswith(child["code"].rstrip("0"))
            ]
            assert {k: child[k] for k in counted(inside)} == counted(inside), child
        for state, name in (("GAP", "gaps"), ("STANDING", "standing")):
            open_ = {row["id"] for row in listed if row["state"] == state}
            assert {row["id"] for row in cover[name]} == open_
            assert cover[f"{name}_total"] == len(open_) == total[name]
        # One number, one definition: also on the command screen.
        board = await commander.board(area)
        gaps = {board["gaps_total"], board["counts"]["people"]["gaps"]}
        assert gaps == {cover["gaps_total"]}
    assert counted(listed)["standing"] == 1


# --- proposals ---------------------------------------------------------------------


@served
async def test_a_proposal_is_edited_and_committed_as_one(s: Service, peopled: Peopled):
    """Nothing stored by proposing; what is sent back is one decision."""
    ids, staff, before = peopled.ids, await s.as_("street-staff"), s.head
    await staff.do(
        "/packages/assign", {"rows": [given("building", BUILDING, ids[PLAIN])]}
    )
    before = s.head
    asked = {"area": COMMUNITY_11, "kind": "building"}
    await s.world.reached(s.head)
    found = await staff.do("/packages/propose", asked)
    assert s.head == before
    targets = {r["target"] for r in found["rows"]}
    assert targets == {
        row["target"]
        for row in (await packages(s, COMMUNITY_11)).values()
        if row["kind"] == "building" and row["state"] == "GAP"
    }
    assert found["unfilled"] == 0
    chosen = found["rows"]
    assert all(r["distance"] == "community" for r in chosen)
    # who acts on a post is left alone: of the street that leaves B and PLAIN
    assert {r["person"]["id"] for r in chosen} <= {ids[B], ids[PLAIN]}
    said = [(f"building/{r['target']}", r["person"]["id"]) for r in chosen]
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    assert found["digest"] == digest
    rows = [given("building", r["target"], r["person"]["id"]) for r in chosen]
    rows[0] = given("building", chosen[0]["target"], ids[C])  # edited on the screen
    done = await staff.do("/packages/assign", {"rows": rows, "reason": "批量建议"})
    stored = rows_since(s.world, before)
    assert {open_envelope(row.stored).command for row in stored} == {done["command"]}
    assert (done["first_seq"], done["seq"]) == (before + 1, s.head)
    row = (await packages(s))[f"building/{chosen[0]['target']}"]
    assert row["party"]["id"] == ids[C]
    is_error(
        await staff.send("/packages/propose", {**asked, "kind": "facility"}),
        "packages.unknown-kind",
    )
    foreign = await s.as_("foreign-staff")
    assert (await foreign.send("/packages/propose", asked)).status_code == 403


# --- a facility --------------------------------------------------------------------


async def open_steps(s: Service, client: Client, site: str) -> list[str]:
    """Return the mandatory steps of a site that are open."""
    found = await look(s, client, "/sites", area=STREET_1)
    [shown] = [x for x in found["sites"] if x["id"] == site]
    return [
        step["id"]
        for step in shown["steps"]
        if step["mandatory"] and step["state"] != "DONE"
    ]


@served
async def test_no_facility_opens_without_its_package(s: Service):
    """Its last step is refused until a party answers for it, and then is not."""
    commander = await s.as_("commander")
    alone = {"break_glass": True, "password": PASSWORD, "reason": "联系不上"}
    await commander.declare(scope=[STREET_1], level="II", **alone)
    *first, last = await open_steps(s, commander, FACILITY)
    assert first
    for step in first:
        await commander.step(FACILITY, step)
    path, before = f"/sites/{FACILITY}/steps/{last}/complete", s.head
    answer = await commander.send(path, {})
    assert answer.status_code == 409, answer.text
    is_error(answer, "packages.facility-uncovered")
    assert s.head == before
    party = "organisation/community:" + COMMUNITY_11
    rows = [given("facility", FACILITY, party)]
    await commander.do("/packages/assign", {"rows": rows})
    await commander.do(path, {})
    assert await open_steps(s, commander, FACILITY) == []


# --- kinds -------------------------------------------------------------------------


@served
async def test_kinds_are_configured(s: Service):
    """By an administrator, all at once; another target under an old id is refused."""
    administrator, commander = await s.as_("administrator"), await s.as_("commander")
    shown = await commander.get("/packages/kinds")
    kinds, seen = shown["kinds"], {"expected": shown["expected"]}
    assert " ".join(k["id"] for k in kinds) == "compound building neighbours facility"
    shop = {**kinds[1], "id": "shop", "zh": "党员包商铺", "target": "grid"}
    told = {"kinds": [*kinds, shop], "reason": "本地增设"}
    answer = await commander.send("/packages/kinds", told)
    assert answer.status_code == 403, answer.text
    await administrator.do("/packages/kinds", {**told, **seen})
    is_error(
        await administrator.send("/packages/kinds", {**told, **seen}),
        "command.replaced",
    )
    seen = {"expected": (await commander.get("/packages/kinds"))["expected"]}
    assert len((await commander.get("/packages/kinds"))["kinds"]) == 5
    found = await packages(s, COMMUNITY_11)
    assert {r["target"] for r in found.values() if r["kind"] == "shop"} == {
        r["target"] for r in found.values() if r["kind"] == "neighbours"
    }
    for changes in (
        {"target": "building"},
        {"target": "site"},
        {"load": 50, "parties": ["post"], "skill": "juggling"},
    ):
        moved = {"kinds": [*kinds, {**shop, **changes}], **seen}
        answer = await administrator.send("/packages/kinds", moved)
        assert answer.status_code == 422, (changes, answer.text)
        is_error(answer, "packages.bad-kinds")
    answer = await administrator.send("/packages/kinds", {**told, **seen})
    is_error(answer, "packages.bad-kinds")
    fewer = {"kinds": kinds[1:], **seen}
    await administrator.do("/packages/kinds", fewer)
    found = await packages(s, COMMUNITY_11)
    assert {r["kind"] for r in found.values()} == {"building", "neighbours"}
