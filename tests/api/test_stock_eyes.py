"""What an auditor who trusts nobody tried on the stock core (库存审计)."""

from __future__ import annotations

import re
from typing import Any

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
from tests.api.test_stock_api import alarm_of, later, look, sent, ticked
from tests.api.test_stock_journeys import DAY_US, receive, stations

SQUAD = {"kind": "squad", "id": "一队"}
RICE = [{"item": "rice-10kg", "quantity": 10}]


async def kept_request(s: Service, boss: Client) -> tuple[str, Client, Client]:
    """Return a request for 10 that is kept for, who asked and who serves."""
    await receive(boss, CENTRE_1, "rice-10kg", 20, lot="R1")
    asking, staff = await s.as_("secretary"), await s.as_("street-staff")
    made = await asking.do("/requests", {"area": COMMUNITY_11, "lines": RICE})
    at = f"/requests/{made['id']}"
    triage = {"station": CENTRE_1, "priority": 1, "lines": RICE}
    await staff.do(f"{at}/triage", triage)
    await staff.do(f"{at}/allocate", {})
    return made["id"], asking, staff


async def request_line(s: Service, boss: Client) -> dict[str, Any]:
    """Return the only line of the only request."""
    return (await look(s, boss, "/requests", area=STREET_1))["rows"][0]["lines"][0]


@served
async def test_what_is_kept_for_a_request_goes_to_nobody_else(s: Service):
    """A keeper may not issue a request's goods to a squad behind its back."""
    boss = await stations(s)
    request, _, staff = await kept_request(s, boss)
    body = {"station": CENTRE_1, "to": SQUAD, "lines": RICE, "reservation": request}
    answer = await staff.send("/stock/issue", body)
    line = await request_line(s, boss)
    assert (answer.status_code, line["reserved"]) == (404, 10), (answer.text, line)


@served
async def test_what_was_kept_may_be_sent_elsewhere(s: Service):
    """Nothing is kept any more: another station may serve the request."""
    boss = await stations(s)
    request, _, staff = await kept_request(s, boss)
    free = {"station": CENTRE_1, "reservation": request, "items": ["rice-10kg"]}
    await staff.do("/stock/release", free)
    triage = {"station": CENTRE_2, "priority": 1, "lines": RICE}
    await staff.do(f"/requests/{request}/triage", triage)


@served
async def test_what_is_confirmed_is_not_withdrawn(s: Service):
    """A request that was served in full is over."""
    boss = await stations(s)
    request, asking, staff = await kept_request(s, boss)
    at = f"/requests/{request}"
    slip = (await staff.do(f"{at}/dispatch", {}))["id"]
    await staff.do(f"{at}/deliver", {"slip": slip, "proof": "签字"})
    await asking.do(f"{at}/confirm", {"slip": slip})
    is_error(await asking.send(f"{at}/withdraw", {}), "requests.wrong-state")


@served
async def test_nobody_puts_goods_on_a_shelf_of_others(s: Service):
    """Never loaded: this changes the sender's books: not the receiver's to decide."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 50, lot="Q1")
    slip = (await boss.do("/transfers/ship", sent(50)))["id"]
    duty, there = await s.as_("duty-officer"), await s.as_("foreign-staff")
    line = {"item": "quilt", "lot": "Q1", "quantity": 47}
    await duty.do(f"/transfers/{slip}/arrive", {"lines": [line]})
    rest = {"owner": "发运站", "lines": [{**line, "quantity": 3}], "reason": "未装车"}
    close = {**rest, "cause": "not-loaded"}
    is_error(await there.send(f"/transfers/{slip}/close", close), "permit.denied")


@served
async def test_a_volunteer_calls_off_nobody_s_request(s: Service):
    """A member withdraws their own; what a community asked for, its staff do."""
    boss = await stations(s)
    request, _, _ = await kept_request(s, boss)
    office, reader = await s.as_("administrator"), await s.as_("auditor")
    grant = {"account": "ducha", "role": "member", "area": COMMUNITY_11}
    await office.do("/grants", {**grant, "basis": "报到"})
    answer = await reader.send(f"/requests/{request}/withdraw", {})
    is_error(answer, "requests.not-yours")


@served
async def test_an_order_can_be_sent(s: Service):
    """What is approved goes on one slip: no more items than a slip can hold."""
    boss, office = await stations(s), await s.as_("administrator")
    codes = [f"x-{n:03}" for n in range(201)]
    rows = "".join(f"{code},物{code},其他,件,\n" for code in codes)
    answer = await office.http.post(
        f"{API}/items/import",
        content=f"code,name,category,unit,packagings\n{rows}".encode(),
        headers={"Idempotency-Key": key(), "content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    lines = [{"item": code, "quantity": 5} for code in codes]
    body = {"station": CENTRE_1, "source": {"kind": "purchase"}}
    for some in (lines[:200], lines[200:]):
        await boss.do("/stock/receive", {**body, "lines": some})
    pair = {"source": CENTRE_1, "to": CENTRE_2}
    legs = {"legs": [{**pair, **line} for line in lines], "digest": "0" * 64}
    approve = {"area": DISTRICT, **legs, "reason": "补足"}
    made = await boss.do("/stock/reallocate", approve)
    for order in made["transfers"]:
        ship = {"station": CENTRE_1, "order": order["slip"]}
        await boss.do("/transfers/ship", ship)
    await s.world.reached(s.head)
    ways = (await boss.get("/slips", **{"f.state": "TRANSIT"}))["rows"]
    assert sum(way["left"] for way in ways) == 201 * 5


async def take_over(s: Service, staff: Client, *items: str) -> Any:
    """Count at the first station alone, as in the books, and take it over."""
    await s.world.reached(s.head)
    asked = {"station": CENTRE_1, "items": list(items)}
    count = (await staff.do("/counts", asked))["id"]
    sheet = (await look(s, staff, f"/counts/{count}"))["lines"]
    held = {
        (x["item"], x["lot"]): x["on_hand"]
        for x in (await look(s, staff, "/stock/lots", station=CENTRE_1))["rows"]
    }
    lines = [
        {
            "item": x["item"],
            "lot": x["lot"],
            "counted": held[x["item"], x["lot"]],
            "moves": x["moves"],
        }
        for x in sheet
    ]
    await staff.do(f"/counts/{count}/lines", {"lines": lines})
    await staff.do(f"/counts/{count}/close", {})
    return await staff.send(f"/stations/{CENTRE_1}/custody", {"count": count})


@served
async def test_whoever_keeps_a_station_does_not_write_off(s: Service):
    """The keeper by custody scraps and corrects nothing there, whatever their role."""
    boss = await stations(s)
    got = await receive(boss, CENTRE_1, "torch", 20, lot="T1")
    staff = await s.as_("street-staff")
    assert (await take_over(s, staff)).status_code == 200
    lines = [{"item": "torch", "lot": "T1", "quantity": 20}]
    scrap = {"station": CENTRE_1, "cause": "damaged", "lines": lines, "reason": "坏"}
    adjust = {"station": CENTRE_1, "item": "torch", "lot": "T1", "change": -5}
    adjust |= {"corrects": got["id"], "reason": "多记"}
    assert (await staff.send("/stock/adjust", adjust)).status_code == 403
    assert (await staff.send("/stock/scrap", scrap)).status_code == 403


@served
async def test_custody_rests_on_a_count_of_all_that_is_there(s: Service):
    """One lot of two counted: nobody knows what the next keeper took over."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "torch", 20, lot="T1")
    await receive(boss, CENTRE_1, "quilt", 500, lot="Q1")
    staff = await s.as_("street-staff")
    is_error(await take_over(s, staff, "torch"), "stations.not-counted")


@served
async def test_what_is_ordered_is_not_proposed_again(s: Service):
    """400 are on order for a station that lacks 400: it needs no more."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "sandbag", 9_000)
    levels = [{"item": "sandbag", "peace": [100, 200, 400], "war": [200, 300, 600]}]
    for site in (CENTRE_1, CENTRE_2):
        await boss.do(f"/stations/{site}/levels", {"rows": levels})
    await s.world.reached(s.head)
    found = await boss.do("/stock/propose", {"area": DISTRICT})
    legs = [{k: x[k] for k in ("source", "to", "item", "quantity")}
            for x in found["legs"]]  # fmt: skip
    body = {"area": DISTRICT, "digest": found["digest"], "legs": legs}
    await boss.do("/stock/reallocate", {**body, "reason": "补足"})
    await s.world.reached(s.head)
    again = await boss.do("/stock/propose", {"area": DISTRICT})
    assert again["legs"] == []


@served
async def test_an_alarm_that_comes_again_is_acknowledged_again(s: Service):
    """All issued, some back: expiring again, and somebody takes note again."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="M1", expires="2023-11-16")
    await ticked(s)
    at = "/alarms"

    async def noted() -> Any:
        rows = (await look(s, boss, at, size=200))["rows"]
        raised = [row for row in rows if row["state"] == "RAISED"]
        return await boss.send(
            f"{at}/acknowledge", {"alarm": alarm_of(raised, "expiring")}
        )

    assert (await noted()).status_code == 200
    lines = [{"item": "milk-250ml", "quantity": 60}]
    issue = await boss.do(
        "/stock/issue", {"station": CENTRE_1, "to": SQUAD, "lines": lines}
    )
    await boss.do("/stock/return", {"issue": issue["id"], "lines": issue["lines"]})
    total, _ = await ticked(s)
    assert total == 1
    again = await noted()
    assert again.status_code == 200, again.text


@served
async def test_a_run_of_one_alarm_is_one_row_and_each_is_found(s: Service):
    """One row on the screen and one tap for all; a file and a search know each."""
    boss = await stations(s)
    for number in range(3):
        milk = {"lot": f"M{number}", "expires": "2023-11-16"}
        await receive(boss, CENTRE_1, "milk-250ml", 60, **milk)
    await ticked(s)
    [row] = (await look(s, boss, "/alarms", **{"f.kind": "expiring"}))["rows"]
    assert (row["count"], len(row["unseen"]), len(row["alike"])) == (3, 3, 2)
    assert row["zh"].endswith("；同类另 2 起")
    lots = {re.search("M[0-9]", one["zh"])[0] for one in (row, *row["alike"])}
    assert lots == {"M0", "M1", "M2"}
    for lot in lots:
        [found] = (await look(s, boss, "/alarms", q=lot))["rows"]
        assert lot in found["zh"]
    text = (await boss.http.get(f"{API}/alarms?format=csv")).text
    assert all(text.count(f"批次 {lot}") == 1 for lot in lots)
    board = await boss.board(DISTRICT, min_seq=s.head)
    [shown] = [one for one in board["alarms"]["rows"] if one["kind"] == "expiring"]
    assert shown == row
    first, *also = row["unseen"]
    await boss.do("/alarms/acknowledge", {"alarm": first, "also": also})
    [row] = (await look(s, boss, "/alarms", **{"f.kind": "expiring"}))["rows"]
    assert row["unseen"] == []


async def gift(boss: Client) -> dict[str, Any]:
    """Receive a gift of ten torches."""
    of = {"source": {"kind": "donation"}, "donor": {"name": "张捐赠"}}
    return await receive(boss, CENTRE_1, "torch", 10, lot="T1", **of)


async def told(s: Service, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a donor is told of the only line of a gift."""
    asked = {"number": given["receipt_number"], "code": given["receipt_code"]}
    return (await look(s, Client(s.http()), "/donations", **asked))["lines"][0]


@served
async def test_a_donor_is_told_of_uses_what_was_used(s: Service):
    """What came back was not used; the uses sum to what is used."""
    boss = await stations(s)
    given = await gift(boss)
    lines = [{"item": "torch", "quantity": 6}]
    issue = await boss.do(
        "/stock/issue", {"station": CENTRE_1, "to": SQUAD, "lines": lines}
    )
    back = [{"item": "torch", "lot": "T1", "quantity": 5}]
    await boss.do("/stock/return", {"issue": issue["id"], "lines": back})
    line = await told(s, given)
    assert sum(use["quantity"] for use in line["uses"]) == line["used"] == 1


@served
async def test_a_donor_sees_all_of_what_was_given_after_a_correction(s: Service):
    """Ten written down, six given: they are somewhere."""
    boss = await stations(s)
    given = await gift(boss)
    adjust = {"station": CENTRE_1, "item": "torch", "lot": "T1", "change": -4}
    adjust |= {"corrects": given["id"], "reason": "少了四个"}
    await boss.do("/stock/adjust", adjust)
    line = await told(s, given)
    accounted = sum(line[name] for name in ("shelf", "transit", "used", "gone"))
    assert accounted == line["given"] == 6


@served
async def test_a_retried_count_answers_as_the_first(s: Service):
    """What has come to the shelf since does not change the answer."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "torch", 10, lot="T1")
    await s.world.reached(s.head)
    command = key()
    first = await boss.do("/counts", {"station": CENTRE_1}, command)
    await receive(boss, CENTRE_1, "quilt", 10, lot="Q1")
    await s.world.reached(s.head)
    assert await boss.do("/counts", {"station": CENTRE_1}, command) == first


@served
async def test_what_was_unloaded_wrongly_is_corrected(s: Service):
    """10 typed as 9, the tenth written off as lost, then found: the books follow."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 10, lot="Q1")
    slip = (await boss.do("/transfers/ship", sent(10)))["id"]
    there, duty = await s.as_("foreign-staff"), await s.as_("duty-officer")
    line = {"item": "quilt", "lot": "Q1", "quantity": 9}
    await there.do(f"/transfers/{slip}/arrive", {"lines": [line]})
    close = {"cause": "lost", "owner": "承运方", "reason": "丢失"}
    close["lines"] = [{**line, "quantity": 1}]
    await duty.do(f"/transfers/{slip}/close", close)
    adjust = {"station": CENTRE_2, "item": "quilt", "lot": "Q1", "change": 1}
    await boss.do("/stock/adjust", {**adjust, "corrects": slip, "reason": "找到"})


@served
async def test_a_receipt_unmasks_nobody(s: Service):
    """Whoever names a mark as the donor does not learn whose it is."""
    boss = await stations(s)
    given = await gift(boss)
    mark = (await look(s, boss, f"/slips/{given['id']}"))["slip"]["party_id"]
    there = await s.as_("foreign-staff")
    line = [{"item": "quilt", "quantity": 1}]
    body = {"station": CENTRE_2, "lines": line}
    source = {"kind": "donation"}
    firm = {"name": mark, "organisation": True}
    for said in (
        {"source": {**source, "id": mark}},
        {"source": source, "document": mark},
        {"source": source, "donor": firm},
    ):
        answer = await there.send("/stock/receive", {**body, **said})
        assert answer.status_code == 422, answer.text


@served
async def test_no_name_of_a_person_gets_into_the_log(s: Service):
    """Goods for a person are for their id: a name would stand there for ever."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "torch", 10)
    lines = [{"item": "torch", "quantity": 1}]
    body = {"station": CENTRE_1, "lines": lines}
    person = {"kind": "person", "id": "张三 13800000000"}
    for path, field in (("issue", "to"), ("reserve", "purpose")):
        answer = await boss.send(f"/stock/{path}", {**body, field: person})
        assert answer.status_code == 422, answer.text


@served
async def test_the_tick_comes_to_rest(s: Service):
    """Shortages, expiries, recalls, a change of mode: noted once each."""
    boss = await stations(s)
    levels = [
        {"item": item, "peace": [50, 60, 70], "war": [80, 90, 100]}
        for item in ("milk-250ml", "torch")
    ]
    for site in (CENTRE_1, CENTRE_2):
        await boss.do(f"/stations/{site}/levels", {"rows": levels})
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="M1", expires="2023-12-20")
    await receive(boss, CENTRE_1, "torch", 60, lot="T1")
    purpose = {"station": CENTRE_1, "purpose": SQUAD}
    lines = [{"item": "milk-250ml", "quantity": 20}]
    await boss.do("/stock/reserve", {**purpose, "lines": lines})
    await boss.do("/transfers/ship", sent(5, "milk-250ml"))
    hold = {"station": CENTRE_1, "item": "torch", "lot": "T1", "reason": "查"}
    for change in ("quarantined", "approved", "recall", "war", "late", "clear"):
        if change in ("quarantined", "approved"):
            await boss.do("/stock/status", {**hold, "status": change})
        elif change == "recall":
            await boss.do(
                "/stock/status", {**hold, "station": "", "status": "recalled"}
            )
        elif change == "clear":
            await boss.do(
                "/stock/status", {**hold, "station": "", "status": "approved"}
            )
        elif change == "war":
            await boss.declare()
        else:
            boss = await later(s, 40 * DAY_US)
        await ticked(s)
        await s.world.reached(s.head)
        before = s.head
        for _ in range(3):
            assert await s.world.tick() == 0, change
        assert s.head == before


@served
async def test_nobody_but_a_request_serves_it(s: Service):
    """An issue "for a request" would pass it by, and its return name none there is."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "torch", 5, lot="T1")
    lines = [{"item": "torch", "quantity": 1}]
    for kind in ("request", "transfer"):
        body = {"station": CENTRE_1, "to": {"kind": kind, "id": "x"}, "lines": lines}
        refused = await boss.send("/stock/issue", body)
        assert refused.status_code == 422, refused.text
        assert refused.json()["code"] == "stock.unknown-recipient"
