"""Signing in and out, and where one is led afterwards."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    COMMANDER,
    DISTRICT,
    PHONE,
    STAFF,
    STREET,
    Served,
    Visitors,
    live,
    shows,
    sign_in,
)


def test_in_and_out(peace: Served, visitors: Visitors):
    """Led to the sign-in page, back to where one wanted to go, and out again."""
    page = visitors.stranger().new_page()
    page.goto(f"{peace.url}/?area={STREET}", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    assert urlsplit(page.url).path == "/login"
    expect(page.locator("button[data-account]")).to_have_count(0)  # no demonstration
    sign_in(page)
    shows(page, STREET)
    live(page)
    expect(page.locator(".who")).to_contain_text("钱督查")
    page.locator("#sign-out").click()
    page.wait_for_url("**/login")
    page.goto(f"{peace.url}/", wait_until="domcontentloaded")
    assert urlsplit(page.url).path == "/login"


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh-CN", "账号或密码错误"), ("en-US", "wrong account or password")],
)
def test_a_wrong_password(peace: Served, visitors: Visitors, locale: str, said: str):
    """It says so, keeps the account, and lets one try again."""
    page = visitors.stranger(PHONE, locale).new_page()
    page.goto(f"{peace.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    sign_in(page, "wrong")
    expect(page.locator("#login .form-error")).to_contain_text(said)
    expect(page.locator("#login-account")).to_have_value(AUDITOR)
    sign_in(page)
    shows(page, DISTRICT)


def test_an_empty_form_is_not_sent(peace: Served, visitors: Visitors):
    """Each field says what it lacks."""
    page = visitors.stranger().new_page()
    page.goto(f"{peace.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    page.locator("#login [type=submit]").click()
    expect(page.locator(".field-error:visible")).to_have_count(2)
    expect(page.locator("#login-account")).to_be_focused()


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/.//evil.example/",
        "javascript:alert(1)",
        "/login?next=/login",
        "http://127.0.0.1:1/",
    ],
)
def test_no_way_out_by_next(peace: Served, visitors: Visitors, wanted: str):
    """After signing in one is at a page of this service, whatever the address said."""
    page = visitors.page(peace, AUDITOR)
    went: list[str] = []
    # Neither the password nor the screen matters here: only where the page goes.
    page.route("**/api/v1/session", lambda route: route.fulfill(json={}))
    page.goto(
        f"{peace.url}/login?next={quote(wanted, safe='')}",
        wait_until="domcontentloaded",
    )
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    page.on("request", lambda r: went.append(r.url) if r.frame else None)
    page.route(f"{peace.url}/", lambda route: route.fulfill(body="<title>in</title>"))
    sign_in(page)
    expect(page).to_have_title("in")
    assert page.url == f"{peace.url}/"
    assert all(url.startswith(f"{peace.url}/") for url in went)


def test_a_session_that_ended_is_said_and_leads_back(peace: Served, visitors: Visitors):
    """Nobody is taken away from the page; signing in leads back to the same board."""
    context = visitors.stranger()
    page = context.new_page()
    page.goto(f"{peace.url}/", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    sign_in(page)
    shows(page, DISTRICT)
    context.clear_cookies()
    page.locator(f'tr[data-code="{STREET}"] a').click()
    expect(page.locator("body > .ended")).to_contain_text("登录已失效")
    page.locator("body > .ended button").click()
    page.wait_for_url("**/login?next=*")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    sign_in(page)
    shows(page, STREET)


def test_a_draft_outlives_its_session(peace: Served, visitors: Visitors):
    """Ended elsewhere, the board says so within seconds; what was written is there."""
    context = visitors.stranger()
    page = context.new_page()
    page.goto(f"{peace.url}/", wait_until="domcontentloaded")
    sign_in(page, who=COMMANDER)
    shows(page, DISTRICT)
    live(page)
    page.locator("#open-order").click()
    page.locator("#order-matter").fill("散发病例处置")
    page.locator("#order [name=level][value=IV]").check(force=True)
    page.locator(f"#order-areas [value='{STREET}']").uncheck()
    cookies = {c["name"]: c["value"] for c in context.cookies()}
    session = f"{peace.url}/api/v1/session"
    httpx.delete(session, cookies=cookies, trust_env=False).raise_for_status()
    ended = page.locator("#order > .ended")
    expect(ended).to_contain_text("登录已失效", timeout=6_000)
    expect(page.locator("#state")).to_have_attribute("data-status", "ended")
    page.locator("#order-basis").fill("沪松应急〔2026〕3 号")
    ended.locator("button").click()
    page.wait_for_url("**/login?next=*")
    sign_in(page, who=COMMANDER)
    shows(page, DISTRICT)
    page.locator("#open-order").click()
    expect(page.locator("#order-matter")).to_have_value("散发病例处置")
    expect(page.locator("#order-basis")).to_have_value("沪松应急〔2026〕3 号")
    expect(page.locator("#order [name=level][value=IV]")).to_be_checked()
    expect(page.locator(f"#order-areas [value='{STREET}']")).not_to_be_checked()
    expect(page.locator("#order .draft-note")).to_be_visible()
    page.locator("#order [data-close]").first.click()
    page.locator("#open-order").click()
    expect(page.locator("#order .draft-note")).to_have_count(0)


def test_street_staff_land_on_their_own_street(peace: Served, visitors: Visitors):
    """Whoever answers for a street comes to it, the commander to the district."""
    for who, area in ((STAFF, STREET), (COMMANDER, DISTRICT)):
        page = visitors.page(peace, who)
        page.goto(f"{peace.url}/", wait_until="domcontentloaded")
        shows(page, area)
