"""Corrections over HTTP: one way for all, both facts stay, two at once are told."""

from __future__ import annotations

import asyncio
from typing import Any

from api.world.donors import donor_id
from tests.api.served import (
    CENTRE_1,
    Client,
    Service,
    is_error,
    served,
    step_path,
)
from tests.api.test_stock_api import look
from tests.api.test_stock_eyes import gift, told
from tests.api.test_stock_journeys import receive, stations

STEP = "cp-man-seats"


def correction(seq: int) -> str:
    """Return where the fact at a position is corrected."""
    return f"/facts/{seq}/correction"


async def steps(s: Service, client: Client) -> dict[str, Any]:
    """Return the steps of the first centre by id."""
    found = await look(s, client, f"/sites/{CENTRE_1}")
    return {step["id"]: step for step in found["steps"]}


@served
async def test_a_step_done_by_mistake_is_open_again_and_both_stay(s: Service):
    """It is marked wherever it is told; before the correction it stands as it stood."""
    boss = await s.as_("commander")
    await boss.declare()
    done = await boss.do(step_path(CENTRE_1, STEP, "complete"), {})
    seq = done["seq"]
    found = await boss.do(correction(seq), {"reason": "填错阵地"})
    assert (found["fact"], found["by"]) == (seq, [found["seq"]])
    step = (await steps(s, boss))[STEP]
    assert (step["state"], step["done"]) == ("OPEN", None)
    assert step["corrected"]["seq"] == found["seq"]
    wrong = await look(s, boss, f"/facts/{seq}")
    assert wrong["corrected"]["seq"] == found["seq"]
    assert wrong["corrected_why"] == "填错阵地"
    assert wrong["correctable"] is None
    right = await look(s, boss, f"/facts/{found['seq']}")
    assert right["corrects"] == seq
    listed = (await look(s, boss, "/facts", site=CENTRE_1))["facts"]
    assert [(f["seq"], bool(f["corrected"])) for f in listed[:2]] == [
        (found["seq"], False),
        (seq, True),
    ]
    then = await look(s, boss, "/facts", site=CENTRE_1, at=seq)
    assert then["facts"][0]["corrected"] is None
    assert then["facts"][0]["correctable"] == []


@served
async def test_of_two_corrections_at_once_one_is_made(s: Service):
    """The other is told by which position it was corrected."""
    boss = await s.as_("commander")
    await boss.declare()
    seq = (await boss.do(step_path(CENTRE_1, STEP, "complete"), {}))["seq"]
    body = {"reason": "填错阵地"}
    both = await asyncio.gather(*(boss.send(correction(seq), body) for _ in range(2)))
    first, second = sorted(both, key=lambda answer: answer.status_code)
    assert first.status_code == 201, first.text
    is_error(second, "corrections.already-corrected")
    assert str(first.json()["seq"]) in second.json()["zh"]


@served
async def test_whoever_could_not_say_it_does_not_take_it_back(s: Service):
    """Of another street, or who only looks: as for what is corrected."""
    boss = await s.as_("commander")
    await boss.declare()
    seq = (await boss.do(step_path(CENTRE_1, STEP, "complete"), {}))["seq"]
    for who in ("foreign-staff", "auditor", "secretary"):
        answer = await (await s.as_(who)).send(correction(seq), {"reason": "误"})
        is_error(answer, "permit.denied")
    is_error(await boss.send(correction(seq), {"reason": ""}), "command.reason-missing")
    is_error(
        await boss.send(correction(10**9), {"reason": "误"}), "corrections.unknown-fact"
    )
    answer = await boss.send(correction(1), {"reason": "误"})
    is_error(answer, "corrections.not-corrected")


@served
async def test_what_follows_from_another_fact_names_it(s: Service):
    """Of a receipt the movement is not corrected by itself: the receipt is."""
    boss = await stations(s)
    given = await gift(boss)
    await s.world.reached(s.head)
    names = {
        (await boss.get(f"/facts/{seq}"))["name"]: seq
        for seq in range(given["first_seq"], given["seq"] + 1)
    }
    moved = names["stock.moved.1"]
    no = await boss.send(correction(moved), {"reason": "误"})
    is_error(no, "corrections.follows")
    of = no.json()["facts"]["seq"]
    assert of in names.values()
    assert of != moved
    assert f"第 {of} 条" in no.json()["zh"]
    assert not (await boss.get(f"/facts/{of}"))["correction_zh"].startswith("随同")


@served
async def test_a_correction_is_decided_on_a_fresh_look(s: Service):
    """Who has not looked does not say what was wrong."""
    boss = await s.as_("commander")
    await boss.declare()
    seq = (await boss.do(step_path(CENTRE_1, STEP, "complete"), {}))["seq"]
    no = await boss.send(correction(seq), {"reason": "误", "seen_seq": 0})
    is_error(no, "command.not-seen")


@served
async def test_a_gift_of_somebody_else_is_theirs(s: Service):
    """The donor's page, the lot and the slip name the right one; no name in the log."""
    boss = await stations(s)
    given = await gift(boss)
    slip = await look(s, boss, f"/slips/{given['id']}")
    [seq] = [f["seq"] for f in slip["history"] if f["name"] == "stock.goods-received.1"]
    who = {"name": "李更正", "phone": "13800000000"}
    found = await boss.do(correction(seq), {"reason": "登记错人", "donor": who})
    mark, secret = donor_id(s.world, **who)
    assert s.world.vault.get(mark) == secret
    after = await look(s, boss, f"/slips/{given['id']}")
    assert after["slip"]["party_before"] != mark
    assert after["history"][0]["seq"] in found["by"]
    trace = await look(s, boss, "/stock/trace", item="torch", lot="T1")
    assert trace["origin_id"] == mark
    assert (await told(s, given))["given"] == 10
    stored = b"".join(row.stored for row in s.world.log.recorder.rows(0, 10_000))
    assert "李更正".encode() not in stored


@served
async def test_a_mistyped_expiry_is_right_wherever_the_lot_is(s: Service):
    """Thought to be bad it is good again, and goes out by its own day."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "mask-n95", 40, lot="A1", expires="2023-11-30")
    trace = await look(s, boss, "/stock/trace", item="mask-n95", lot="A1")
    seq = trace["history"][-1]["seq"]
    body = {"reason": "看错年份"}
    is_error(await boss.send(correction(seq), body), "corrections.nothing-instead")
    wrong = {**body, "donor": {"name": "某人"}}
    is_error(await boss.send(correction(seq), wrong), "corrections.of-another")
    await boss.do(correction(seq), {**body, "expires": "2025-11-30"})
    after = await look(s, boss, "/stock/trace", item="mask-n95", lot="A1")
    assert (trace["expires"], after["expires"]) == ("2023-11-30", "2025-11-30")
    assert after["history"][-1]["corrected"]["seq"] == after["history"][0]["seq"]
