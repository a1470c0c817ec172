"""Signing in and out, and where one is led afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.browser.screen import (
    AUDITOR,
    DISTRICT,
    PHONE,
    STREET,
    Served,
    Visitors,
    live,
    shows,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill the form in and send it."""
    page.locator("#login-account").fill(AUDITOR)
    page.locator("#login-password").fill(password)
    page.locator("#login [type=submit]").click()


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


def test_a_session_that_ended_leads_to_the_sign_in_page(
    peace: Served, visitors: Visitors
):
    """And from there back to the same board."""
    context = visitors.stranger()
    page = context.new_page()
    page.goto(f"{peace.url}/", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    sign_in(page)
    shows(page, DISTRICT)
    context.clear_cookies()
    page.locator(f'tr[data-code="{STREET}"] a').click()
    page.wait_for_url("**/login?next=*")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    sign_in(page)
    shows(page, STREET)
