"""Stock over HTTP, what the field found: one lot, one day, one arrival, one recall."""

from __future__ import annotations

from typing import Any

import pytest

from api.http import plain
from api.http.plain import LOCAL
from coordination.stock.ledger import Party
from coordination.stock.receipts import Delivered, Receive
from tests.api.served import (
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    Client,
    Service,
    is_error,
    served,
)
from tests.api.test_stock_api import look
from tests.api.test_stock_eyes import gift, told
from tests.api.test_stock_journeys import DAY_US, receive, stations
from tests.given import NOW, by

SQUAD = {"kind": "squad", "id": "一队"}
HOUR_US = 3_600_000_000


def moment(us: int) -> str:
    """Return a moment as a client writes it."""
    return str(plain.moment(us))


def wide(text: str) -> str:
    """Return text in full width, as a Chinese keyboard types it."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


async def issue(client: Client, quantity: int, item: str, **more: Any) -> Any:
    """Try to give something out."""
    line = {"item": item, "quantity": quantity}
    if lot := more.pop("lot", ""):
        line |= {"lot": lot}
        more["reason"] = "指定"
    body = {"station": CENTRE_1, "to": SQUAD, "lines": [line], **more}
    return await client.send("/stock/issue", body)


@served
async def test_a_lot_is_one_however_it_is_written(s: Service):
    """B7, b7, in full width, with a space: recalled once, none of it goes out."""
    boss = await stations(s)
    for said in ("B7", "b7", wide("B7"), " B 7 "):
        found = await receive(boss, CENTRE_1, "quilt", 10, lot=said)
        assert found["lots"] == ["B7"]
    trace = await look(s, boss, "/stock/trace", item="quilt", lot=wide("b7"))
    assert [x["on_hand"] for x in trace["held"]] == [40]
    stop = {"item": "quilt", "lot": wide("b7"), "status": "recalled", "reason": "召回"}
    await boss.do("/stock/status", stop)
    is_error(await issue(boss, 5, "quilt"), "stock.short")
    odd = {"item": "quilt", "lot": "B/7", "quantity": 1}
    scrap = {"station": CENTRE_1, "cause": "damaged", "lines": [odd], "reason": "坏"}
    is_error(await boss.send("/stock/scrap", scrap), "request.invalid")


@served
async def test_a_recalled_batch_stops_what_is_there_and_what_comes(s: Service):
    """Two gifts and a later delivery of one maker's batch; another batch is good."""
    boss = await stations(s)

    def given(lot: str, batch: str) -> dict[str, Any]:
        line = {"item": "quilt", "quantity": 10, "lot": lot, "batch": batch}
        return {"station": CENTRE_1, "source": {"kind": "purchase"}, "lines": [line]}

    for lot, batch in (("G1", "PB77"), ("G2", "pb 77"), ("G3", "PB78")):
        await boss.do("/stock/receive", given(lot, batch))
    await s.world.reached(s.head)
    recall = {"item": "quilt", "batch": wide("PB77"), "reason": "厂家通知"}
    found = await boss.do("/stock/recall", recall)
    assert (found["batch"], found["lots"]) == ("PB77", ["G1", "G2"])
    await boss.do("/stock/receive", given("G4", "PB77"))
    rows = (await look(s, boss, "/stock/lots", station=CENTRE_1))["rows"]
    status = {row["lot"]: row["status"] for row in rows}
    assert status == {
        "G1": "recalled", "G2": "recalled", "G3": "approved", "G4": "recalled",
    }  # fmt: skip
    is_error(await issue(boss, 11, "quilt"), "stock.short")
    assert (await issue(boss, 10, "quilt")).status_code == 201
    clear = {"item": "quilt", "lot": "G1", "status": "approved", "reason": "r"}
    is_error(await boss.send("/stock/status", clear), "lots.batch-recalled")
    await boss.do("/stock/recall", {**recall, "status": "approved"})
    assert (await issue(boss, 30, "quilt")).status_code == 201


@served
async def test_what_is_no_good_when_it_is_needed_is_passed_over(s: Service):
    """100 good for 2 days, 100 for long; needed in five days: the second are sent."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "milk-250ml", 100, lot="A", expires="2023-11-16")
    await receive(boss, CENTRE_1, "milk-250ml", 100, lot="B", expires="2024-06-30")
    lines = [{"item": "milk-250ml", "quantity": 50}]
    needed = moment(NOW + 5 * DAY_US)
    asked = {"area": COMMUNITY_11, "lines": lines, "needed_by": needed}
    made = (await boss.do("/requests", asked))["id"]
    at = f"/requests/{made}"
    triage = {"station": CENTRE_1, "lines": lines, "priority": 2}
    await boss.do(f"{at}/triage", triage)
    await boss.do(f"{at}/allocate", {})
    sent = await boss.do(f"{at}/dispatch", {})
    assert [(x["lot"], x["quantity"]) for x in sent["lines"]] == [("B", 50)]
    (over,) = sent["passed"]
    assert (over["lot"], over["why_zh"]) == ("A", "到需要时已过期")


@served
async def test_an_issue_of_a_named_lot_says_what_that_lot_has(s: Service):
    """41 in all, 10 of lot 007."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 10, lot="007")
    await receive(boss, CENTRE_1, "quilt", 31, lot="008")
    refused = await issue(boss, 15, "quilt", lot="007")
    is_error(refused, "stock.lot-short")
    said = "批次 007 可用 10，需 15；请减少数量或另选批次"
    assert refused.json()["zh"] == said


@served
async def test_expired_opening_stock_is_taken_as_what_it_is(s: Service):
    """The books say what lies there; it is never given out."""
    boss = await stations(s)
    old = {"source": {"kind": "opening", "id": "盘点"}, "expires": "2023-10-31"}
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="OLD", **old)
    (row,) = (await look(s, boss, "/stock/lots", station=CENTRE_1))["rows"]
    assert (row["on_hand"], row["status"], row["available"]) == (60, "expired", 0)
    is_error(await issue(boss, 1, "milk-250ml"), "stock.short")


@served
async def test_the_last_good_day_is_the_same_everywhere(s: Service):
    """Made on 2023-11-01 for 365 days: 2024-10-30, as 2024 is a leap year."""
    boss = await stations(s)
    line = {"item": "water-500ml", "quantity": 9, "lot": "W1", "made": "2023-11-01"}
    body = {"station": CENTRE_1, "source": {"kind": "purchase"}, "lines": [line]}
    await boss.do("/stock/receive", body)
    row = (await look(s, boss, "/stock/lots", station=CENTRE_1))["rows"][0]
    assert row["expires"] == "2024-10-30"
    trace = await look(s, boss, "/stock/trace", item="water-500ml", lot="W1")
    assert trace["expires"] == "2024-10-30"
    file = await boss.http.get(
        "/api/v1/stock/lots", params={"station": CENTRE_1, "format": "csv"}
    )
    assert "2024-10-30" in file.text
    assert "2024-10-31" not in file.text


async def shipped(boss: Client) -> str:
    """Return a shipment of fifty that is on its way."""
    await receive(boss, CENTRE_1, "quilt", 50, lot="Q1")

    lines = [{"item": "quilt", "quantity": 50}]
    body = {"station": CENTRE_1, "to": CENTRE_2, "lines": lines}
    return str((await boss.do("/transfers/ship", body))["id"])


@served
async def test_two_who_record_the_same_arrival_do_not_double_it(s: Service):
    """The second is told who and how long ago, and may mean it."""
    boss = await stations(s)
    slip = await shipped(boss)
    part = [{"item": "quilt", "lot": "Q1", "quantity": 20}]
    body = {"lines": part, "complete": False}
    await boss.do(f"/transfers/{slip}/arrive", body)
    second = await boss.send(f"/transfers/{slip}/arrive", body)
    is_error(second, "command.already-recorded")
    name = (await boss.get("/session"))["name"]
    said = second.json()
    assert said["zh"].startswith(f"刚刚由{name}登记到货 20")
    assert said["facts"]["recorded"] == 20
    row = (await look(s, boss, f"/slips/{slip}"))["slip"]
    assert row["recorded"]["arrive"] == 20
    assert row["left"] == 30
    again = {**body, "recorded": row["recorded"]["arrive"]}
    assert (await boss.do(f"/transfers/{slip}/arrive", again))["left"] == 10


@served
async def test_goods_received_by_one_document_twice_are_asked_about(s: Service):
    """The same delivery note, written otherwise: refused until it is meant."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 20, lot="Q1", document="送货单 88")
    with pytest.raises(AssertionError, match="already-recorded"):
        await receive(
            boss, CENTRE_1, "quilt", 20, lot="Q1", document="送货单" + wide("88")
        )
    await receive(boss, CENTRE_1, "quilt", 9, lot="Q1", document="送货单88", recorded=1)


@served
async def test_a_donor_sees_the_corrected_quantity_the_auditor_both(s: Service):
    """10 posted as 100."""
    boss = await stations(s)
    given = await gift(boss)
    wrong = {"station": CENTRE_1, "item": "torch", "lot": "T1", "change": -4}
    fix = {**wrong, "corrects": given["id"], "reason": "多记"}
    await boss.do("/stock/adjust", fix)
    is_error(await boss.send("/stock/adjust", fix), "command.already-recorded")
    line = await told(s, given)
    assert (line["given"], line["shelf"], line["gone"]) == (6, 6, 0)
    assert line["corrected"]
    row = (await look(s, boss, f"/slips/{given['id']}"))["slip"]
    assert row["quantity"] == 10
    assert [x["change"] for x in row["corrections"]] == [-4]


@served
async def test_a_late_entry_is_judged_when_it_happened(s: Service):
    """Issued at 23:00 from a lot good until midnight, entered after it."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="M1", expires="2023-11-16")
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="M2", expires="2024-06-30")
    evening = s.world.clock.now + HOUR_US
    s.world.clock.now += 3 * DAY_US
    s.clients.clear()
    boss = await s.as_("commander")
    is_error(await issue(boss, 5, "milk-250ml", lot="M1"), "stock.lot-short")
    when = {"occurred_at": moment(evening)}
    done = await issue(boss, 5, "milk-250ml", **when)
    assert done.status_code == 201, done.text
    assert [x["lot"] for x in done.json()["lines"]] == ["M1"]
    row = (await look(s, boss, f"/slips/{done.json()['id']}"))["slip"]
    assert row["entered_late"]
    assert row["at"] < row["recorded_at"]
    early = {"occurred_at": moment(evening - 2 * DAY_US)}
    is_error(await issue(boss, 5, "milk-250ml", **early), "command.too-early")


@served
async def test_what_came_later_was_not_there_then(s: Service):
    """A lot received at noon is passed over by what happened in the morning."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "milk-250ml", 9, lot="M1", expires="2024-06-30")
    morning = s.world.clock.now + HOUR_US
    s.world.clock.now += 4 * HOUR_US
    await receive(boss, CENTRE_1, "milk-250ml", 9, lot="M0", expires="2024-05-30")
    when = {"occurred_at": moment(morning)}
    done = (await issue(boss, 5, "milk-250ml", **when)).json()
    assert [x["lot"] for x in done["lines"]] == ["M1"]
    is_error(await issue(boss, 5, "milk-250ml", lot="M0", **when), "stock.lot-short")


@served
async def test_a_recall_of_ten_does_not_undo_an_issue_of_nine(s: Service):
    """What went out before it was stopped is entered as it was."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 9, lot="Q1")
    before = s.world.clock.now + HOUR_US
    s.world.clock.now += 4 * HOUR_US
    stop = {"item": "quilt", "lot": "Q1", "status": "recalled", "reason": "召回"}
    await boss.do("/stock/status", stop)
    s.world.clock.now += HOUR_US
    is_error(await issue(boss, 5, "quilt"), "stock.short")
    done = await issue(boss, 5, "quilt", occurred_at=moment(before))
    assert done.status_code == 201, done.text


@served
async def test_lots_of_an_older_program_are_found_and_stopped_with_the_others(
    s: Service,
):
    """A log has b7 alone, and c1 beside C1: each is found, a recall stops both."""
    boss = await stations(s)
    for number, lot in enumerate(("b7", "c1", "C1")):
        line = Delivered("quilt", 10, lot)
        stored = Receive(
            slip=f"r-000000000{number}",
            station=CENTRE_1,
            source=Party("purchase", "合同"),
            lines=(line,),
        )
        await s.world.do(stored, by(f"old-{number}", LOCAL.actor))
    s.world.__dict__.pop("old_lots", None)
    done = await issue(boss, 4, "quilt", lot="B7")
    assert [x["lot"] for x in done.json()["lines"]] == ["b7"]
    trace = await look(s, boss, "/stock/trace", item="quilt", lot=wide("B7"))
    assert [x["on_hand"] for x in trace["held"]] == [6]
    for lot in ("b7", "c1"):
        stop = {"item": "quilt", "lot": lot, "status": "recalled", "reason": "召回"}
        await boss.do("/stock/status", stop)
    is_error(await issue(boss, 1, "quilt"), "stock.short")
