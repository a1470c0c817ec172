"""A station keeper's phone (物资站): a day of goods, and what waits to be sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    ADMINISTRATOR,
    PHONE,
    STAFF,
    STATION,
    Served,
    Visitors,
    console,
    grave,
    probe,
)
from tests.given import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

THUMB = 48
KEEPER = "cangguan"
OTHER = "310117001002-s1"
MASK, WATER = "mask-n95", "water-500ml"
BARCODE = "6901234567892"
GOODS = """\
code,name,category,unit,packagings,barcodes
mask-n95,N95口罩,protective,个,箱=40,6901234567892
water-500ml,饮用水,food,瓶,箱=24,
"""
LEVELS = {"item": WATER, "peace": [48, 60, 96], "war": [240, 240, 480]}


@pytest.fixture(scope="module")
def field(own_peace: Served) -> Served:
    """Two stations; some masks and water; more masks on their way to the keeper's."""
    served = own_peace
    answer = httpx.post(
        f"{served.url}/api/v1/items/import",
        content=GOODS.encode(),
        cookies={"pingzhan": served.session(ADMINISTRATOR)},
        headers={"Idempotency-Key": "keeper-goods-0001", "Content-Type": "text/csv"},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code in (200, 201), answer.text
    for site in (STATION, OTHER):
        served.post(STAFF, "stations", site=site)
    served.post(STAFF, f"stations/{STATION}/levels", rows=[LEVELS])
    stocked(served, STATION, (MASK, 200, "M1", "2099-01-31"), (WATER, 24, "W1", ""))
    stocked(served, OTHER, (MASK, 50, "M2", "2099-06-30"))
    lines = [{"item": MASK, "quantity": 50}]
    sent = {"station": OTHER, "to": STATION, "lines": lines, "carrier": "沪A12345"}
    served.post(STAFF, "transfers/ship", **sent)
    return served


def stocked(served: Served, station: str, *lots: tuple[str, int, str, str]) -> None:
    """Put lots on the shelves of a station: item, quantity, lot, last good day."""
    lines = [
        {"item": item, "quantity": quantity, "lot": lot, "expires": expires}
        for item, quantity, lot, expires in lots
    ]
    source = {"kind": "purchase", "id": "测试供应商"}
    served.post(STAFF, "stock/receive", station=station, source=source, lines=lines)


def held(served: Served, item: str) -> dict[str, Any]:
    """Return what the service says is at the station."""
    rows = served.get(f"stations/{STATION}", min_seq=served.head)["stock"]
    [row] = [row for row in rows if row["item"] == item]
    return dict(row)


def at_hand(visitors: Visitors, served: Served) -> tuple[BrowserContext, Page]:
    """Return the keeper's phone, with the page open."""
    context = visitors.stranger(PHONE)
    cookie = {"name": "pingzhan", "value": served.session(KEEPER), "url": served.url}
    context.add_cookies([cookie])
    page = context.new_page()
    console(page, served, "/keeper")
    return context, page


def do(page: Page, name: str) -> Locator:
    """Return a big button of the page."""
    return page.locator(f'.keeper-do [data-do="{name}"]')


def waiting(page: Page, n: int) -> None:
    """Wait until so many are to be sent; none: all is sent."""
    if n:
        chip = page.locator("[data-count=waiting]")
        expect(chip).to_have_text(re.compile(rf"\b{n}\b"))
    else:
        expect(page.locator("[data-count=sent]")).to_be_visible()


def take(page: Page, form: str, words: str, quantity: int) -> None:
    """Choose an item by typing, and say how much of it."""
    page.locator(f"#{form}-goods input").fill(words)
    page.locator(f"#{form}-goods input").press("Enter")
    page.locator(f"#{form}-amount input[type=number]").fill(str(quantity))


def issue(page: Page, quantity: int, to: str) -> None:
    """Hand masks out."""
    do(page, "issue").click()
    take(page, "issue", BARCODE, quantity)
    page.locator("#issue-to").fill(to)
    page.locator("#issue-form [type=submit]").click()
    expect(page.locator("#issue")).to_be_hidden()


def fits(page: Page) -> None:
    """Nothing is too small for a thumb or too wide for a phone, or grave to axe."""
    assert probe(page, "scroll")[0] <= 0
    assert probe(page, "small", THUMB) == []
    assert grave(page) == []


def test_a_keepers_day(field: Served, visitors: Visitors):
    """What is short is said; goods come, arrive one fewer, are counted, go out."""
    _context, page = at_hand(visitors, field)
    expect(page.locator("#short [data-goods]")).to_have_attribute("data-goods", WATER)
    fits(page)
    # A hand scanner types what it reads: a label of ours, a barcode.
    do(page, "scan").click()
    page.locator("#scan-text").fill(f"PZ1:{MASK}/M1")
    page.locator("#scan-text").press("Enter")
    expect(page.locator("#goods .lots [data-lot=M1]")).to_be_visible()
    fits(page)
    page.locator("#goods [data-go=receive]").click()
    page.locator("#receive-amount input[type=number]").fill("3")
    page.locator("#receive-amount label", has_text="箱").click()
    page.locator("#receive-lot").fill("M3")
    page.locator("#receive-expires").fill("2098-01-31")
    fits(page)
    page.locator("#receive [value=donation] + span").click()
    page.locator("#receive-form [type=submit]").click()
    expect(page.locator("#receive .field-error:visible")).to_have_count(1)
    page.locator("#receive-donor").fill("某热心居民")
    page.locator("#receive-form [type=submit]").click()
    expect(page.locator("[data-told=stock-receive] .scan")).to_be_visible()
    assert held(field, MASK)["on_hand"] == 320
    do(page, "coming").click()
    page.locator("[data-do^=arrive-]").click()
    page.locator("#arrive-lines button").first.click()
    expect(page.locator("#arrive-missing")).to_be_visible()
    fits(page)
    page.locator("#arrive-form [type=submit]").click()
    waiting(page, 0)
    page.locator("#coming [data-close]").click()
    row = held(field, MASK)
    assert (row["on_hand"], row["missing"]) == (369, 1)
    issue(page, 130, "第一突击队")
    told = page.locator("[data-told=stock-issue]")
    expect(told.locator("li")).to_have_text([re.compile("M3"), re.compile("M1")])
    count_blind(page)
    expect(page.locator("#sheet")).to_be_hidden()
    waiting(page, 0)


def count_blind(page: Page) -> None:
    """Count the water: the books say 24; a box and none beside it."""
    do(page, "counts").click()
    page.locator("[data-do=open-count]").click()
    page.locator("#open [value=some] + span").click()
    page.locator("#open-goods input").fill(WATER)
    page.locator("#open-goods input").press("Enter")
    page.locator("#open-form [type=submit]").click()
    page.locator("#counts [data-count]").click()
    # With its unit: a slip's id or the time may hold the same digits.
    expect(page.locator("#sheet-body")).not_to_contain_text(re.compile("24 ?瓶"))
    page.locator(f'[data-do="count-{WATER}/W1"]').click()
    page.locator("[data-unit]").click()
    fits(page)
    page.locator("[data-do=pad-yes]").click()
    line = page.locator(f'[data-lot="{WATER}/W1"]')
    expect(line).to_have_attribute("data-state", "same")
    page.locator("[data-do=close-count]").click()


def test_ten_movements_without_a_network(field: Served, visitors: Visitors):
    """Over a closed tab: each arrives once, in order, or is refused and mended."""
    context, page = at_hand(visitors, field)
    page.evaluate("navigator.serviceWorker.ready")
    before, head = held(field, MASK)["on_hand"], field.get("slips")["seq"]
    keys: list[str] = []
    context.on(
        "request",
        lambda r: keys.append(r.headers.get("idempotency-key", "")),
    )
    context.set_offline(True)
    squads = [f"第{n}突击队" for n in range(1, 11)]
    for n, squad in enumerate(squads):
        issue(page, 9_999 if n == 4 else n + 1, squad)
    waiting(page, 10)
    page.close()
    page = context.new_page()
    page.goto(f"{field.url}/keeper", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    expect(page.locator("#stale")).to_be_visible()
    page.locator("#find input").fill("口罩")
    page.locator(f"[data-found={MASK}]").click()
    expect(page.locator("#goods .waits")).to_have_count(10)
    fits(page)
    page.locator("#goods [data-close]").click()
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    waiting(page, 0)
    refused = page.locator("#refused li")
    expect(refused).to_have_attribute("data-code", "stock.short")
    assert before - held(field, MASK)["on_hand"] == 50
    arrived = [row["party_id"] for row in issues(field, head)]
    assert arrived == [squad for n, squad in enumerate(squads) if n != 4]
    sent = [key for key in keys if key]
    assert (len(sent), len(set(sent))) == (10, 10)
    page.locator("[data-key^=mend-]").click()
    page.locator("#issue-amount input[type=number]").fill("5")
    page.locator("#issue-form [type=submit]").click()
    expect(refused).to_have_count(0)
    waiting(page, 0)
    assert before - held(field, MASK)["on_hand"] == 55


def issues(served: Served, after: int) -> list[dict[str, Any]]:
    """Return what was issued since, in order."""
    rows = served.get("slips", **{"f.kind": "issue", "f.station": STATION})["rows"]
    found = [row for row in rows if row["seq"] > after]
    return sorted(found, key=lambda row: int(row["seq"]))
