"""Hours of service on the screens: claimed by phone, certified, recognised at home."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.browser.screen import (
    COMMUNITY,
    HAN,
    PHONE,
    STAFF,
    STREET,
    Served,
    Visitors,
    console,
    grave,
    names,
    wording,
)
from tests.given import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

NEXT = "310117001002"
ONE, TWO, THREE = "时甲员", "时乙员", "时丙员"
ACCOUNTS = {ONE: "shijia", TWO: "shiyi", THREE: "shibing"}
ROSTER = "number,name,phone,unit,community\n" + "".join(
    f"H{n:05},{name},155000{n:05},测试单位,{COMMUNITY}\n"
    for n, name in enumerate(ACCOUNTS, start=1)
)


def ago(minutes: int) -> str:
    """Return a moment so long ago."""
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()  # noqa: TID251


def person(served: Served, name: str) -> dict[str, Any]:
    """Return somebody's row."""
    row: dict[str, Any]
    [row] = served.get("people", area=STREET, q=name)["rows"]
    return row


@pytest.fixture(scope="module")
def served(own_converting: Served) -> Served:
    """A community in an emergency; three have served, by their own word."""
    served = own_converting
    answer = httpx.post(
        f"{served.url}/api/v1/people/import",
        params={"dry_run": "false", "area": STREET},
        content=ROSTER.encode(),
        cookies={"pingzhan": served.session(STAFF)},
        headers={"Idempotency-Key": "hours-roster-01", "Content-Type": "text/csv"},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code in (200, 201), answer.text
    served.get("people", area=STREET, min_seq=answer.json()["seq"])
    for name, account in ACCOUNTS.items():
        path = f"people/{person(served, name)['id']}/account"
        served.post(STAFF, path, account=account, password=PASSWORD)
        for stage, minutes in (("present", 40), ("left", 10)):
            told = served.post(
                account, "checkins", stage=stage, occurred_at=ago(minutes)
            )
        served.get("people", area=STREET, min_seq=told["seq"])
    return served


def claim(page: Page, name: str) -> Locator:
    """Return the row of somebody's claim."""
    return page.locator("#claims tbody tr", has_text=name)


def keep(page: Page, name: str) -> None:
    """Keep a picture, where somebody wants to look at them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def at_hand(visitors: Visitors, served: Served, account: str, locale: str) -> Page:
    """Return somebody's own phone, with the page open."""
    context = visitors.stranger(PHONE, locale)
    cookie = {"name": "pingzhan", "value": served.session(account), "url": served.url}
    context.add_cookies([cookie])
    page = context.new_page()
    console(page, served, "/duty")
    return page


def test_claims_are_certified_and_refused(served: Served, visitors: Visitors):
    """One in part, one refused with a reason, the rest at once; the phone tells."""
    page = visitors.page(served, STAFF)
    console(page, served, f"/people?area={COMMUNITY}#hours")
    expect(page.locator("#claims tbody tr")).to_have_count(3)
    assert grave(page) == []
    keep(page, "claims-zh")
    claim(page, ONE).locator("[data-act=certify]").click()
    expect(page.locator("#decide-checkin-certify")).to_be_visible()
    keep(page, "certify-zh")
    page.keyboard.press("Escape")
    page.locator("#record-service").click()
    expect(page.locator("#decide-checkin-service")).to_be_visible()
    keep(page, "record-zh")
    page.keyboard.press("Escape")
    claim(page, ONE).locator("[data-act=refuse]").click()
    sheet = page.locator("#decide-checkin-refuse")
    expect(sheet).to_be_visible()
    keep(page, "refuse-zh")
    sheet.locator("[name=reason]").fill("没有签到记录")
    sheet.locator("[type=submit]").click()
    expect(claim(page, ONE)).to_have_count(0)
    page.locator("#certify-all-open").click()
    keep(page, "certify-all-zh")
    page.locator("#certify-all [type=submit]").click()
    expect(claim(page, TWO)).to_have_count(0)
    assert [person(served, name)["minutes"] for name in ACCOUNTS] == [0, 30, 30]
    phone = at_hand(visitors, served, ACCOUNTS[ONE], "zh-CN")
    expect(phone.locator("#minutes")).to_contain_text("没有签到记录")
    keep(phone, "phone-zh")


def test_hours_of_elsewhere_are_recognised(served: Served, visitors: Visitors):
    """Entered by who organised it, in the list of the home, in either language."""
    helped = {
        "person": person(served, THREE)["id"],
        "community": NEXT,
        "since": ago(30),
        "until": ago(5),
        "what": "搬运物资",
        "basis": "签到表",
    }
    told = served.post(STAFF, "checkins/service", **helped)
    served.get("people", area=STREET, min_seq=told["seq"])
    page = visitors.page(served, STAFF, locale="en-GB")
    console(page, served, f"/people?area={COMMUNITY}#hours")
    row = claim(page, THREE)
    expect(row).to_contain_text("to be recognised")
    shown = served.get("checkins/claims", area=COMMUNITY)
    assert not [t for t in wording(page, {*names(shown)}) if not HAN.search(t)]
    keep(page, "claims-en")
    row.locator("[data-act=recognise]").click()
    page.locator("#decide-checkin-recognise [type=submit]").click()
    expect(claim(page, THREE)).to_have_count(0)
    phone = at_hand(visitors, served, ACCOUNTS[THREE], "en-GB")
    expect(phone.locator("#minutes")).to_contain_text("Certified")
    keep(phone, "phone-en")
    console(page, served, f"/people?area={COMMUNITY}&person={helped['person']}#roster")
    drawer = page.locator("[data-stretch]").first
    expect(drawer).to_be_visible()
    keep(page, "person-en")
    console(page, served, f"/people?area={COMMUNITY}#checkin")
    keep(page, "funnel-en")
