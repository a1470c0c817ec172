"""Stock over HTTP, what the journeys leave open: retries, privacy, alarms, papers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.exchange.harmless import risky
from coordination.kernel import id_of
from tests.api.peopled import PLAIN, Peopled, copied, filled, is_, line, send_roster
from tests.api.served import (
    API,
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    COMMUNITY_12,
    DISTRICT,
    STREET_1,
    Client,
    Service,
    declaration,
    is_error,
    key,
    rows_since,
    served,
    service,
)
from tests.api.test_stock_journeys import DAY_US, receive, stations
from tests.given import NOW, Clock

HOUR_US = DAY_US // 24
SHELF_1 = f"{COMMUNITY_11}-s1"
SQUAD = {"kind": "squad", "id": "一队"}
DONOR = {"name": "张捐赠", "phone": "13812345678"}
GIFT = {"source": {"kind": "donation"}, "donor": DONOR}


async def look(s: Service, client: Client, path: str, **params: Any) -> Any:
    """Return what a read answers once the views show all there is."""
    await s.world.reached(s.head)
    return await client.get(path, **params)


async def later(s: Service, us: int, who: str = "commander") -> Client:
    """Let time pass; sessions end, so sign in anew."""
    s.world.clock.now += us
    s.clients.clear()
    return await s.as_(who)


async def ticked(s: Service) -> tuple[int, list[str]]:
    """Tick until nothing more is due; return how many and what was recorded."""
    before, total = s.head, 0
    while True:
        await s.world.reached(s.head)
        if not (found := await s.world.tick()):
            break
        total += found
    return total, [row.name for row in rows_since(s.world, before)]


def sent(quantity: int, item: str = "quilt", **more: Any) -> dict[str, Any]:
    """Return the body of a shipment from the first station to the second."""
    lines = [{"item": item, "quantity": quantity}]
    return {"station": CENTRE_1, "to": CENTRE_2, "lines": lines, **more}


# --- carried out once, in the unit that is said --------------------------------------


@served
async def test_a_retry_answers_as_the_first(s: Service):
    """Numbers, codes, lots, picks: word for word, and nothing happens twice."""
    boss = await stations(s)
    kept = {"station": CENTRE_1, "purpose": SQUAD}
    masks = [{"item": "mask-n95", "quantity": 7}]

    async def twice(path: str, body: dict[str, Any]) -> dict[str, Any]:
        command = key()
        first = await boss.send(path, body, command)
        assert first.status_code in (200, 201), first.text
        await s.world.reached(s.head)
        before = s.head
        again = await boss.send(path, body, command)
        assert again.status_code == first.status_code, again.text
        assert again.json() == first.json()
        assert s.head == before
        return first.json()

    box = {"item": "mask-n95", "quantity": 2, "unit": "盒", "expires": "2025-12-31"}
    lines = [box] * 2
    given = {"station": CENTRE_1, **GIFT, "lines": lines}
    made = await twice("/stock/receive", given)
    assert len(set(made["lots"])) == 2
    assert made["receipt_number"] == f"{CENTRE_1}-00001"
    other = await boss.do("/stock/receive", given)
    assert other["receipt_number"] == f"{CENTRE_1}-00002"
    assert other["receipt_code"] != made["receipt_code"]
    reserved = await twice("/stock/reserve", {**kept, "lines": masks})
    of_it = {"station": CENTRE_1, "reservation": reserved["id"]}
    await twice("/stock/release", of_it)  # all of it, whatever that is by now
    issue = {"station": CENTRE_1, "to": SQUAD, "lines": masks}
    issued = await twice("/stock/issue", issue)
    back = [{**x, "quantity": 1} for x in issued["lines"]]
    await twice("/stock/return", {"issue": issued["id"], "lines": back})
    await twice("/transfers/ship", sent(5, "mask-n95"))
    await twice("/counts", {"station": CENTRE_1})
    await twice("/requests", {"area": COMMUNITY_11, "lines": masks})


@served
async def test_a_slip_asked_for_too_early_is_there_later(s: Service):
    """What comes before its slip is refused, and taken once the slip is there."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 50, lot="Q1")
    at, lines = {"station": CENTRE_1}, [{"item": "quilt", "quantity": 5}]
    line = {"item": "quilt", "lot": "Q1"}
    counted = {"lines": [{**line, "counted": 50, "moves": 1}]}
    came, back = {"lines": [{**line, "quantity": 5}]}, [{**line, "quantity": 1}]
    for mark, path, body, make, first in (
        ("c", "/counts/{}/lines", counted, "/counts", at),
        ("s", "/transfers/{}/arrive", came, "/transfers/ship", sent(5)),
        ("i", "", {"lines": back}, "/stock/issue", {**at, "to": SQUAD, "lines": lines}),
    ):
        command = key()
        slip = id_of(mark, command)
        where = path.format(slip) or "/stock/return"
        given = body if path else {**body, "issue": slip}
        early = await boss.send(where, given)
        assert 400 <= early.status_code < 500, early.text
        await s.world.reached(s.head)
        await boss.do(make, first, command)
        then = await boss.send(where, given)
        assert then.status_code == 200, (where, then.text)


@served
async def test_units(s: Service):
    """A packaging is so many base units; one that the item has not is named."""
    boss = await stations(s)
    lines = [
        {"item": "mask-n95", "quantity": 3, "unit": "箱"},
        {"item": "mask-n95", "quantity": 3, "unit": "盒"},
        {"item": "mask-n95", "quantity": 3, "unit": "只"},
        {"item": "mask-n95", "quantity": 3},
    ]
    purchase = {"station": CENTRE_1, "source": {"kind": "purchase"}}
    good = [{**line, "expires": "2025-12-31"} for line in lines]
    await boss.do("/stock/receive", {**purchase, "lines": good})
    (row,) = (await look(s, boss, "/stock", station=CENTRE_1))["rows"]
    assert (row["on_hand"], row["unit"]) == (3_000 + 75 + 3 + 3, "只")
    assert row["available_said"] == "3箱 3盒 6只"
    ask = {"station": CENTRE_1, "purpose": SQUAD}
    boxes = [{"item": "mask-n95", "quantity": 4, "unit": "箱"}]
    (kept,) = (await boss.do("/stock/reserve", {**ask, "lines": boxes}))["lines"]
    assert (kept["asked"], kept["reserved"], kept["short"]) == (4_000, 3_081, 919)
    lines[1]["unit"] = lines[2]["unit"] = "车"
    refused = await boss.send("/stock/receive", {**purchase, "lines": lines})
    is_error(refused, "stock.refused")
    assert refused.json()["facts"]["count"] == 2


# --- donors --------------------------------------------------------------------------


def all_bytes(folder: Path) -> bytes:
    """Return whatever stands in the files of a world outside its vault."""
    files = (f for f in folder.rglob("*") if f.is_file())
    return b"".join(f.read_bytes() for f in files if "vault" not in f.name)


@served
async def test_a_donor_stays_in_the_vault(s: Service):
    """Not in the log, no view, no answer; only the receipt on paper has the name."""
    boss = await stations(s)
    first = await receive(boss, CENTRE_1, "torch", 5, lot="T1", **GIFT)
    await receive(boss, CENTRE_1, "torch", 5, lot="T2", **GIFT)
    firm = {"name": "某公司", "organisation": True}
    await receive(boss, CENTRE_1, "torch", 5, **{**GIFT, "donor": firm})
    kept = s.world.vault.all()
    assert [(x.name, x.phone) for x in kept.values()] == [tuple(DONOR.values())]
    (mark,) = kept
    said = [
        await look(s, boss, path, **asked)
        for path, asked in (
            ("/slips", {}),
            (f"/slips/{first['id']}", {}),
            ("/stock/lots", {}),
            ("/stock/trace", {"item": "torch", "lot": "T1"}),
            ("/stock/movements", {}),
            ("/facts", {}),
        )
    ]
    assert mark in str(said)
    assert "某公司" in str(said)
    written = all_bytes(s.world.settings.data)
    assert mark.encode() in written
    for secret in DONOR.values():
        assert secret not in str(said)
        assert secret.encode() not in written
    before = s.head
    paper = await boss.http.get(f"{API}/slips/{first['id']}/receipt.pdf")
    assert (paper.status_code, paper.content[:4]) == (200, b"%PDF")
    assert [row.name for row in rows_since(s.world, before)], "whoever read is recorded"


@served
async def test_of_a_refused_gift_no_name_is_kept(s: Service):
    """Nobody is in the vault for what is not in the log."""
    boss = await stations(s)
    line = {"item": "no-such-item", "quantity": 1}
    for station, lines, code in (
        (CENTRE_1, [line], "stock.refused"),
        (SHELF_1, [{**line, "item": "torch"}], "stations.unknown"),
    ):
        body = {"station": station, **GIFT, "lines": lines}
        is_error(await boss.send("/stock/receive", body), code)
    assert s.world.vault.all() == {}


# --- counts --------------------------------------------------------------------------


@served
async def test_a_sheet_says_nothing_of_the_books(s: Service):
    """7,919 are there: no sheet says so until two have counted, and not to them."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "torch", 7_919, lot="T1")
    await s.world.reached(s.head)
    staff, duty = await s.as_("street-staff"), await s.as_("duty-officer")
    count = (await staff.do("/counts", {"station": CENTRE_1}))["id"]

    async def shown(client: Client) -> str:
        sheets = [await look(s, client, f"/{x}/{count}") for x in ("counts", "slips")]
        said = [*sheets, await client.get("/slips", **{"f.kind": "count"})]
        return str(said)

    async def counted(client: Client, number: int) -> str:
        (line,) = (await look(s, client, f"/counts/{count}"))["lines"]
        given = {"item": "torch", "lot": "T1", "counted": number}
        lines = [{**given, "moves": line["moves"]}]
        said = (await client.do(f"/counts/{count}/lines", {"lines": lines}))["lines"]
        assert "7919" not in str(said)
        return str(said[0]["result"])

    for client in (staff, duty, boss):
        assert "7919" not in await shown(client)
    assert await counted(staff, 7_900) == "differs"
    for client in (staff, duty, boss):
        assert "7919" not in await shown(client)
    assert await counted(duty, 7_901) == "confirmed"
    for client in (staff, duty):
        assert "7919" not in await shown(client)
    assert "7919" in await shown(boss)
    early = await staff.send(f"/counts/{count}/close", {})
    is_error(early, "counts.unfinished")
    settle = {"item": "torch", "lot": "T1", "cause": "lost", "reason": "查无下落"}
    await boss.do(f"/counts/{count}/settle", settle)
    (row,) = (await look(s, boss, "/stock", station=CENTRE_1))["rows"]
    assert row["on_hand"] == 7_901


# --- recall --------------------------------------------------------------------------


@served
async def test_one_call_recalls_a_lot_wherever_it_is(s: Service):
    """At two stations and on the way between them; found good, it is back."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="M1", expires="2024-06-30")
    there = (await boss.do("/transfers/ship", sent(20, "milk-250ml")))["id"]
    await boss.do("/transfers/ship", sent(10, "milk-250ml"))
    all_ = {"item": "milk-250ml", "lot": "M1"}
    arrived = {"lines": [{**all_, "quantity": 20}]}
    await boss.do(f"/transfers/{there}/arrive", arrived)
    recall = {"station": "", **all_, "status": "recalled"}
    is_error(await boss.send("/stock/status", recall), "request.invalid")
    keeper = await s.as_("street-staff")
    why = {"reason": "厂家召回通知"}
    is_error(await keeper.send("/stock/status", {**recall, **why}), "permit.denied")
    before = s.head
    await boss.do("/stock/status", {**recall, **why})
    assert s.head == before + 1, "one fact"
    lots = (await look(s, boss, "/stock/lots", item="milk-250ml"))["rows"]
    assert sorted((x["on_hand"], x["status"], x["available"]) for x in lots) == [
        (20, "recalled", 0),
        (30, "recalled", 0),
    ]
    issue = {
        "station": CENTRE_1,
        "to": SQUAD,
        "lines": [{"item": "milk-250ml", "quantity": 1}],
    }
    refused = await boss.send("/stock/issue", issue)
    is_error(refused, "stock.short")
    assert "召回" in refused.json()["zh"]
    way = (await look(s, boss, "/slips", **{"f.state": "TRANSIT"}))["rows"][0]["slip"]
    came = {"lines": [{**all_, "quantity": 10}]}
    await boss.do(f"/transfers/{way}/arrive", came)
    held = (await look(s, boss, "/stock", station=CENTRE_2))["rows"][0]
    assert (held["on_hand"], held["on_hold"], held["available"]) == (30, 30, 0)
    await boss.do("/stock/status", {**recall, "status": "approved", **why})
    held = (await look(s, boss, "/stock", station=CENTRE_2))["rows"][0]
    assert held["available"] == 30


# --- what nobody may miss ------------------------------------------------------------


OURS = {"shortage", "expiring", "expired", "transfer", "discrepancy"}


async def alarms(s: Service, client: Client) -> dict[str, str]:
    """Return the state of each alarm of stock, by kind."""
    rows = (await look(s, client, "/alarms", size=200))["rows"]
    return {row["kind"]: row["state"] for row in rows if row["kind"] in OURS}


def alarm_of(rows: list[dict[str, Any]], kind: str) -> str:
    """Return the id of the alarm of a kind."""
    return next(row["id"] for row in rows if row["kind"] == kind)


async def what_will_be_due(s: Service) -> Client:
    """Send 5 to arrive in an hour; 60 boxes of milk expire; too few sandbags."""
    boss = await stations(s)
    expected = {"expected_at": "2023-11-14T23:30:00Z"}
    await receive(boss, CENTRE_1, "quilt", 5, lot="Q1")
    await boss.do("/transfers/ship", sent(5, **expected))
    await receive(boss, CENTRE_1, "milk-250ml", 60, lot="M1", expires="2024-06-30")
    await receive(boss, CENTRE_2, "sandbag", 20)
    levels = [{"item": "sandbag", "peace": [50, 60, 90], "war": [50, 60, 90]}]
    await boss.do(f"/stations/{CENTRE_2}/levels", {"rows": levels})
    return boss


@served
async def test_each_is_told_once_and_acknowledged(s: Service):
    """Late, short, expiring, expired: recorded by the tick, once; then over."""
    boss = await what_will_be_due(s)
    count, names = await ticked(s)
    assert (count, names) == (1, ["stations.shortages-noted.1"])
    assert await ticked(s) == (0, [])
    boss = await later(s, 2 * HOUR_US)
    count, names = await ticked(s)
    assert (count, names) == (1, ["transfers.late.1"])
    boss = await later(s, 200 * DAY_US)
    assert await ticked(s) == (1, ["stock.lot-expiring.1"])
    boss = await later(s, 60 * DAY_US)
    assert await ticked(s) == (1, ["stock.lot-expired.1"])
    assert await ticked(s) == (0, [])
    now, raised = await alarms(s, boss), ("shortage", "transfer", "expired")
    assert [now[kind] for kind in raised] == ["RAISED"] * 3
    rows = (await look(s, boss, "/alarms", size=200))["rows"]
    for kind in raised:
        seen = {"alarm": alarm_of(rows, kind), "reason": "正在处理"}
        answer = await boss.send("/alarms/acknowledge", seen)
        assert answer.status_code == 200, (seen, answer.text)
    rows = (await look(s, boss, "/alarms", size=200))["rows"]
    seen_by = {row["kind"]: row["acknowledged_by"] for row in rows}
    assert {seen_by[kind] for kind in raised} == {"zong"}
    (way,) = (await look(s, boss, "/slips", **{"f.late": "true"}))["rows"]
    came = {"lines": [{"item": "quilt", "lot": "Q1", "quantity": 5}]}
    await boss.do(f"/transfers/{way['slip']}/arrive", came)
    await receive(boss, CENTRE_2, "sandbag", 80)
    gone = [{"item": "milk-250ml", "lot": "M1", "quantity": 60}]
    scrap = {"station": CENTRE_1, "cause": "expired", "lines": gone, "reason": "过期"}
    await boss.do("/stock/scrap", scrap)
    assert (await ticked(s))[1] == ["stations.shortages-noted.1"], "short no more"
    assert set((await alarms(s, boss)).values()) <= {"OVER"}


def test_what_passed_while_nobody_ran(data: Path):
    """After down time each is recorded once, with when it was and when it was seen."""
    clock = Clock(NOW + 1_000_000)

    async def before() -> None:
        async with service(data, clock) as s:
            await what_will_be_due(s)

    async def after() -> None:
        clock.now += 300 * DAY_US
        async with service(data, clock) as s:
            count, names = await ticked(s)
            assert (count, sorted(names)) == (3, [
                "stations.shortages-noted.1",
                "stock.lot-expired.1",
                "transfers.late.1",
            ])  # fmt: skip
            boss = await s.as_("commander")
            rows = (await look(s, boss, "/alarms", size=200))["rows"]
            late = next(row for row in rows if row["kind"] == "transfer")
            assert late["due_at"].startswith("2023-11-14T23:30")
            assert late["raised_at"] > "2024-09"

    asyncio.run(before())
    asyncio.run(after())


# --- requisitions --------------------------------------------------------------------


@served
async def test_what_was_requisitioned_is_given_back_or_paid_for(s: Service):
    """Listed until nothing is out; never more than was taken, nor without a paper."""
    boss = await stations(s)
    emergency = (await boss.declare())["emergency"]
    owner = {"kind": "requisition", "id": "某酒店"}
    quilts = {"source": owner, "lot": "Q1"}
    nothing = await boss.send(
        "/stock/receive",
        {
            "station": CENTRE_1,
            "source": owner,
            "lines": [{"item": "quilt", "quantity": 1}],
        },
    )
    is_error(nothing, "stock.unknown-source")
    taken = await receive(boss, CENTRE_1, "quilt", 40, emergency=emergency, **quilts)
    at, some = f"/requisitions/{taken['id']}", {"item": "quilt", "lot": "Q1"}

    async def state() -> tuple[str, int]:
        rows = (await look(s, boss, "/requisitions", emergency=emergency))["rows"]
        return rows[0]["state"], sum(x["quantity"] for x in rows[0]["open"])

    assert await state() == ("OUT", 40)
    most = await boss.send(f"{at}/give-back", {"lines": [{**some, "quantity": 41}]})
    assert most.status_code == 409, most.text
    await boss.do(f"{at}/give-back", {"lines": [{**some, "quantity": 30}]})
    assert await state() == ("OUT", 10)
    pay = {"lines": [{**some, "quantity": 10}], "fen": 120_000, "recorded": 30}
    bare = await boss.send(f"{at}/compensate", {**pay, "document": ""})
    is_error(bare, "requisitions.bad-sum")
    await boss.do(f"{at}/compensate", {**pay, "document": "协议 7 号"})
    assert await state() == ("SETTLED", 0)
    again = await boss.send(f"{at}/give-back", {"lines": [{**some, "quantity": 1}]})
    assert again.status_code == 409, again.text


# --- needs ---------------------------------------------------------------------------


@served
async def test_what_a_playbook_needs_and_how_long_it_lasts(s: Service):
    """Needs of a preview and in force, the same; hours ahead with what burns."""
    boss = await stations(s)
    rows = [{"area": a, "residents": 5_000} for a in (COMMUNITY_11, COMMUNITY_12)]
    office = await s.as_("administrator")
    await office.do("/areas/population", {"area": STREET_1, "rows": rows})
    await receive(boss, CENTRE_1, "mask-n95", 1_000, expires="2023-11-16")
    assert not (await look(s, boss, "/stock/needs", area=DISTRICT))["assessed"]
    as_if = {"playbook": "epidemic-control", "level": "III"}
    needed = await look(s, boss, "/stock/needs", area=DISTRICT, **as_if)
    shown = await boss.do("/emergencies/preview", declaration())
    short = [row for row in needed["rows"] if row["short"]]
    materials = shown["materials"]
    assert materials["assessed"]
    assert (materials["demanded"], materials["short"]) == (
        len(needed["rows"]),
        len(short),
    )
    assert [r["item"] for r in materials["listed"]] == [r["item"] for r in short][
        : len(materials["listed"])
    ]
    await boss.declare()
    in_force = await look(s, boss, "/stock/needs", area=DISTRICT)
    assert (in_force["playbook"], in_force["level"]) == ("epidemic-control", "III")
    assert in_force["rows"] == needed["rows"]
    elsewhere = await look(s, boss, "/stock/needs", area=COMMUNITY_12)
    assert all(x["available"] == 0 for x in elsewhere["rows"])

    lines = [{"item": "mask-n95", "quantity": 240}]
    await boss.do("/stock/issue", {"station": CENTRE_1, "to": SQUAD, "lines": lines})
    boss = await later(s, HOUR_US)
    asked = {"area": DISTRICT, "item": "mask-n95"}
    ahead = await look(s, boss, "/stock/ahead", **asked, hours=72)
    left = [point["quantity"] for point in ahead["points"]]
    assert (left[0], left[-1]) == (760, 0), "all of it has expired by then"
    assert left == sorted(left, reverse=True)
    assert ahead["need_per_hour_milli"] > 0
    assert len(ahead["expiries"]) == 1


@served
async def test_the_hours_ahead_tell_of_the_place_that_is_worst_off(s: Service):
    """Plenty in one street does not help another that is short: no average hides it."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 1_000, lot="Q1", unit="")
    await receive(boss, CENTRE_2, "quilt", 5, lot="Q2", unit="")
    levels = [{"item": "quilt", "peace": [20, 30, 40], "war": [20, 30, 40]}]
    for station in (CENTRE_1, CENTRE_2):
        await boss.do(f"/stations/{station}/levels", {"rows": levels})
    found = await look(s, boss, "/stock/ahead", area=DISTRICT, item="quilt", hours=24)
    assert found["below_minimum_hours"] is None, "all together there is enough"
    worst = found["worst"]
    assert (worst["code"], worst["below_minimum_hours"]) == (CENTRE_2, 0)
    assert (worst["available"], worst["minimum"], worst["out_hours"]) == (5, 20, None)
    assert found["wanting_total"] == 1
    enough = await look(s, boss, "/stock/ahead", area=STREET_1, item="quilt")
    assert (enough["worst"], enough["wanting"]) == (None, [])


# --- on paper ------------------------------------------------------------------------


@served
async def test_papers_and_labels(s: Service):
    """Each kind of slip that has a paper gives a PDF; what has none says so."""
    boss = await stations(s)
    got = await receive(boss, CENTRE_1, "quilt", 60, lot="Q1", unit="")
    lines = [{"item": "quilt", "quantity": 2}]
    issued = await boss.do(
        "/stock/issue", {"station": CENTRE_1, "to": SQUAD, "lines": lines}
    )
    shipped = await boss.do("/transfers/ship", sent(5))
    await s.world.reached(s.head)
    count = await boss.do("/counts", {"station": CENTRE_1})
    gone = [{"item": "quilt", "lot": "Q1", "quantity": 1}]
    scrap = {"station": CENTRE_1, "cause": "damaged", "lines": gone, "reason": "受潮"}
    scrapped = (await boss.do("/stock/scrap", scrap))["id"]
    await s.world.reached(s.head)
    labels = "/stock/labels.pdf"
    found = [f"/slips/{x['id']}/paper.pdf" for x in (got, issued, shipped, count)]
    found += [f"{labels}?station={CENTRE_1}&copies=3", f"{labels}?item=quilt&lot=Q1"]
    for path in found:
        answer = await boss.http.get(API + path)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF"), path
    for path, code in (
        (f"/slips/{scrapped}/paper.pdf", "slips.no-paper"),
        (f"/slips/{got['id']}/receipt.pdf", "slips.no-paper"),
        (f"{labels}?item=no-such", "slips.no-paper"),
        (f"{labels}?station={SHELF_1}", "slips.no-paper"),
        ("/slips/i-0123456789/paper.pdf", "trace.unknown"),
    ):
        is_error(await boss.http.get(API + path), code)


LISTS = {
    "/items": "编码",
    "/stations": "编号",
    "/stock": "物资站",
    "/stock/lots": "物资站",
    "/stock/movements": "时间",
    "/slips": "单号",
    "/requests": "单号",
    "/requisitions": "单号",
}


@served
async def test_every_list_is_a_file_too(s: Service):
    """As CSV and as a workbook, for one area; a formula in a name stays text."""
    boss = await stations(s)
    await receive(boss, CENTRE_1, "quilt", 60, lot="Q1", document="=1+1")
    lines = [{"item": "quilt", "quantity": 2}]
    asked = {"area": COMMUNITY_11, "squad": "=HYPERLINK(1)", "lines": lines}
    await boss.do("/requests", asked)
    await s.world.reached(s.head)
    for path, first in LISTS.items():
        params = {"area": DISTRICT, "lang": "zh"}
        table = await boss.http.get(API + path, params={**params, "format": "csv"})
        assert table.status_code == 200, table.text
        head, *rows = table.content.decode("utf-8-sig").splitlines()
        assert head.startswith(first), path
        assert rows or path == "/requisitions", path
        assert not any(risky(cell) for row in rows for cell in row.split(",")), path
        book = await boss.http.get(API + path, params={**params, "format": "xlsx"})
        assert book.content.startswith(b"PK"), path
        assert "filename*=" in book.headers["content-disposition"]


# --- the keeper's post ---------------------------------------------------------------


@pytest.fixture
def keepers(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


def test_a_keeper_by_post_receives_and_does_not_adjust(keepers: Path, peopled: Peopled):
    """Whoever acts on the keeper's post of a community keeps its station, no other."""

    async def inside() -> None:
        async with service(keepers) as s:
            boss = await stations(s)
            trained = line(PLAIN).replace("应急指挥", "物资管理")
            answer = await send_roster(s, filled(trained), STREET_1)
            assert answer.status_code == 200, answer.text
            chain = [peopled.ids[PLAIN]]
            post = {"area": COMMUNITY_11, "kind": "station-keeper", "chain": chain}
            (made,) = (await boss.do("/posts", {"posts": [post]}))["posts"]
            wrong = {"site": SHELF_1, "post": f"{COMMUNITY_12}-p-liaison"}
            is_error(await boss.send("/stations", wrong), "stations.not-a-keeper")
            await boss.do("/stations", {"site": SHELF_1, "post": made})
            keeper = is_(s, peopled, PLAIN)
            got = await receive(keeper, SHELF_1, "torch", 5, lot="T1")
            await s.world.reached(s.head)
            issue = {"to": SQUAD, "lines": [{"item": "torch", "quantity": 1}]}
            await keeper.do("/stock/issue", {"station": SHELF_1, **issue})
            elsewhere = {"station": CENTRE_1, **issue}
            is_error(await keeper.send("/stock/issue", elsewhere), "permit.denied")
            adjust = {
                "station": SHELF_1,
                "item": "torch",
                "lot": "T1",
                "change": -1,
                "corrects": got["id"],
                "reason": "点错",
            }
            is_error(await keeper.send("/stock/adjust", adjust), "permit.denied")
            secretary = await s.as_("secretary")
            await secretary.do("/stock/adjust", adjust)
            row = (await look(s, boss, f"/stations/{SHELF_1}"))["station"]
            assert row["post"] == made

    asyncio.run(inside())
