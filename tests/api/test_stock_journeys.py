"""Stock over HTTP, the journeys of a station: from the donor to the doorstep."""

from __future__ import annotations

from typing import Any

from api.exchange.items import ready
from tests.api.served import (
    API,
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    DISTRICT,
    STREET_1,
    Client,
    Service,
    is_error,
    key,
    served,
)

DAY_US = 86_400_000_000


async def stations(s: Service) -> Client:
    """Import the ready catalogue and open two stations; return the commander."""
    boss, office = await s.as_("commander"), await s.as_("administrator")
    answer = await office.http.post(
        f"{API}/items/import",
        content=ready(),
        headers={"Idempotency-Key": key(), "content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    for site in (CENTRE_1, CENTRE_2):
        await boss.do("/stations", {"site": site})
    return boss


async def receive(
    client: Client, station: str, item: str, quantity: int, **more: Any
) -> dict[str, Any]:
    """Put something on a shelf; ``more``: of the line, or of the slip."""
    line = {"item": item, "quantity": quantity, "expires": "2025-12-31"}
    line |= {k: more.pop(k) for k in ("lot", "expires", "unit") if k in more}
    body = {"station": station, "source": {"kind": "purchase"}, "lines": [line]}
    return await client.do("/stock/receive", {**body, **more})


@served
async def test_expired_lots_are_passed_over_and_the_rest_is_short(s: Service):
    """100 asked of 80 good and 40 expired: 80 kept, and why not more."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "mask-n95", 40, lot="OLD", expires="2023-11-30")
    await receive(boss, CENTRE_1, "mask-n95", 80, lot="NEW", expires="2025-12-31")
    s.world.clock.now += 20 * DAY_US
    s.clients.clear()
    boss = await s.as_("commander")
    purpose = {"kind": "squad", "id": "一队"}
    lines = [{"item": "mask-n95", "quantity": 100}]
    body = {"station": CENTRE_1, "purpose": purpose, "lines": lines}
    kept = (await boss.do("/stock/reserve", body))["lines"][0]
    assert (kept["reserved"], kept["short"]) == (80, 20)
    assert [(p["lot"], p["quantity"], p["why"]) for p in kept["passed"]] == [
        ("OLD", 40, "expired")
    ]
    refused = await boss.send("/stock/reserve", {**body, "whole": True})
    is_error(refused, 409, "stock.short")


@served
async def test_what_does_not_arrive_stays_open_until_somebody_answers(s: Service):
    """50 sent, 47 arrive: 3 are owned by the sender until closed with a reason."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 60, lot="Q1")
    sent = await boss.do(
        "/transfers/ship",
        {
            "station": CENTRE_1,
            "to": CENTRE_2,
            "lines": [{"item": "quilt", "quantity": 50}],
            "carrier": "沪A-00001",
        },
    )
    slip = sent["id"]
    there = await s.as_("foreign-staff")
    line = {"item": "quilt", "lot": "Q1", "quantity": 47}
    arrived = await there.do(f"/transfers/{slip}/arrive", {"lines": [line]})
    assert arrived["left"] == 3
    await s.world.reached(arrived["seq"])
    found = (await boss.get(f"/slips/{slip}"))["slip"]
    assert (found["state"], found["left"], found["owner"]) == ("MISSING", 3, "zong")
    rest = {"cause": "lost", "owner": "承运方", "lines": [{**line, "quantity": 3}]}
    own = await there.send(f"/transfers/{slip}/close", {**rest, "reason": "途中丢失"})
    is_error(own, 403, "transfers.own-shortfall")
    duty = await s.as_("duty-officer")
    bare = await duty.send(f"/transfers/{slip}/close", rest)
    is_error(bare, 422, "request.invalid")
    done = await duty.do(f"/transfers/{slip}/close", {**rest, "reason": "途中丢失"})
    await s.world.reached(done["seq"])
    found = (await boss.get(f"/slips/{slip}"))["slip"]
    assert (found["state"], found["left"]) == ("CLOSED", 0)
    trace = await boss.get("/stock/trace", item="quilt", lot="Q1")
    assert {b["account"]: b["quantity"] for b in trace["balances"]} == {
        "purchase": -60,
        "shelf": 57,
        "lost": 3,
    }


@served
async def test_the_last_box_goes_to_one_of_two(s: Service):
    """Two clerks, one box: one has it, the other is told how much there is."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "first-aid-kit", 1)
    body = {
        "station": CENTRE_1,
        "to": {"kind": "squad", "id": "一队"},
        "lines": [{"item": "first-aid-kit", "quantity": 1}],
    }
    first = await boss.do("/stock/issue", body)
    assert first["lines"][0]["quantity"] == 1
    second = await (await s.as_("street-staff")).send("/stock/issue", body)
    is_error(second, 409, "stock.short")
    assert second.json()["facts"]["available"] == 0


@served
async def test_a_gift_can_be_followed_by_its_receipt(s: Service):
    """The donor gets a number and a code; with both anybody sees where it went."""
    boss = await stations(s)
    given = await receive(
        boss,
        CENTRE_1,
        "water-500ml",
        2,
        unit="箱",
        source={"kind": "donation"},
        donor={"name": "张捐赠", "phone": "13800000000"},
    )
    number, code = given["receipt_number"], given["receipt_code"]
    assert number == f"{CENTRE_1}-00001"
    issue = {
        "station": CENTRE_1,
        "to": {"kind": "household", "id": f"{COMMUNITY_11}-0602"},
        "lines": [{"item": "water-500ml", "quantity": 5}],
    }
    done = await boss.do("/stock/issue", issue)
    await s.world.reached(done["seq"])
    stranger = Client(s.http())
    found = await stranger.get("/donations", number=number, code=code)
    line = found["lines"][0]
    assert (line["given"], line["used"]) == (line["shelf"] + 5, 5)
    assert "张捐赠" not in str(found)
    wrong = await stranger.http.get(
        f"{API}/donations", params={"number": number, "code": "0" * 10}
    )
    is_error(wrong, 404, "donations.unknown")


@served
async def test_a_proposal_becomes_transfer_orders(s: Service):
    """Too much here, too little there: proposed, approved, reserved, sent."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "sandbag", 1_000)
    levels = [{"item": "sandbag", "peace": [100, 200, 400], "war": [200, 300, 600]}]
    for site in (CENTRE_1, CENTRE_2):
        last = await boss.do(f"/stations/{site}/levels", {"rows": levels})
    await s.world.reached(last["seq"])
    board = await boss.get("/stock/board", area=DISTRICT)
    assert board["totals"]["short"] == 1
    found = await boss.do("/stock/propose", {"area": DISTRICT})
    (leg,) = found["legs"]
    assert (leg["source"], leg["to"], leg["quantity"]) == (CENTRE_1, CENTRE_2, 400)
    legs = [{k: leg[k] for k in ("source", "to", "item", "quantity")}]
    body = {"area": DISTRICT, "digest": found["digest"], "legs": legs}
    approved = await boss.do("/stock/reallocate", {**body, "reason": "补足"})
    order = approved["transfers"][0]["slip"]
    await s.world.reached(approved["seq"])
    again = await boss.do("/stock/propose", {"area": DISTRICT})
    assert again["legs"] == [], "what is ordered is not asked for twice"
    sent = await boss.do("/transfers/ship", {"station": CENTRE_1, "order": order})
    assert sent["id"] == order
    await s.world.reached(sent["seq"])
    row = (await boss.get(f"/slips/{order}"))["slip"]
    assert (row["state"], row["left"]) == ("TRANSIT", 400)


@served
async def test_a_request_goes_its_way_to_the_doorstep(s: Service):
    """Asked, triaged, kept in part, sent, brought with a proof, confirmed."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "rice-10kg", 30)
    asking = await s.as_("secretary")
    made = await asking.do(
        "/requests",
        {
            "area": COMMUNITY_11,
            "lines": [{"item": "rice-10kg", "quantity": 40}],
            "priority": 1,
        },
    )
    at = f"/requests/{made['id']}"
    staff = await s.as_("street-staff")
    lines = [{"item": "rice-10kg", "quantity": 40}]
    await staff.do(f"{at}/triage", {"station": CENTRE_1, "priority": 1, "lines": lines})
    kept = await staff.do(f"{at}/allocate", {})
    assert kept["short"] == [{"item": "rice-10kg", "quantity": 10}]
    sent = await staff.do(f"{at}/dispatch", {})
    line = {"item": "rice-10kg", "lot": sent["lines"][0]["lot"], "quantity": 5}
    await staff.do("/stock/return", {"issue": sent["id"], "lines": [line]})
    again = await staff.do(f"{at}/allocate", {})
    assert again["lines"] == [{"item": "rice-10kg", "quantity": 5}]
    proof = {"slip": sent["id"], "proof": "门岗签字 8231"}
    await staff.do(f"{at}/deliver", proof)
    own = await staff.send(f"{at}/confirm", {"slip": sent["id"]})
    is_error(own, 403, "requests.own-delivery")
    done = await asking.do(f"{at}/confirm", {"slip": sent["id"]})
    await s.world.reached(done["seq"])
    row = (await boss.get("/requests", area=STREET_1))["rows"][0]
    assert (row["state"], row["short_said"]) == ("PART", "大米 10kg 10袋")


@served
async def test_a_count_is_blind_and_notices_movements(s: Service):
    """Moved meanwhile: again; differs: by another; confirmed: settled by a third."""
    boss = await stations(s)
    got = await receive(boss, CENTRE_1, "torch", 20, lot="T1")
    await s.world.reached(got["seq"])
    staff = await s.as_("street-staff")
    count = (await staff.do("/counts", {"station": CENTRE_1}))["id"]

    async def sheet(client: Client) -> dict[str, Any]:
        await s.world.reached(s.head)
        return (await client.get(f"/counts/{count}"))["lines"][0]

    async def counted(client: Client, number: int, moves: int) -> str:
        line = {"item": "torch", "lot": "T1", "counted": number, "moves": moves}
        found = await client.do(f"/counts/{count}/lines", {"lines": [line]})
        return found["lines"][0]["result"]

    line = await sheet(staff)
    assert line["book"] is None
    issue = {
        "station": CENTRE_1,
        "to": {"kind": "squad", "id": "一队"},
        "lines": [{"item": "torch", "quantity": 2}],
    }
    await boss.do("/stock/issue", issue)
    assert await counted(staff, 18, line["moves"]) == "disturbed"
    line = await sheet(staff)
    assert await counted(staff, 17, line["moves"]) == "differs"
    again = {"item": "torch", "lot": "T1", "counted": 18, "moves": line["moves"]}
    same = await staff.send(f"/counts/{count}/lines", {"lines": [again]})
    is_error(same, 422, "stock.refused")
    duty = await s.as_("duty-officer")
    assert await counted(duty, 17, line["moves"]) == "confirmed"
    settle = {"item": "torch", "lot": "T1", "cause": "lost", "reason": "借出未还"}
    own = await duty.send(f"/counts/{count}/settle", settle)
    is_error(own, 403, "counts.own-count")
    assert (await sheet(boss))["book"] == 18
    await boss.do(f"/counts/{count}/settle", settle)
    await staff.do(f"/counts/{count}/close", {})
    done = await staff.do(f"/stations/{CENTRE_1}/custody", {"count": count})
    await s.world.reached(done["seq"])
    found = (await boss.get(f"/stations/{CENTRE_1}"))["station"]
    assert found["keeper"] == "yueyang"
