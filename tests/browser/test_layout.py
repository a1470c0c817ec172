"""The screen fits its glass, a phone fits a thumb, and axe finds nothing grave."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    COMMANDER,
    COMMUNITY,
    DISTRICT,
    LAPTOP,
    PHONE,
    STREET,
    WIDE,
    Served,
    Visitors,
    grave,
    probe,
    visit,
)
from tests.given import LONG

EACH_AREA = (DISTRICT, STREET, COMMUNITY)
LANGUAGES = ("zh-CN", "en-US")
THUMB = 48


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("size", [WIDE, LAPTOP] if LONG else [LAPTOP])
def test_the_big_screen_needs_no_scrolling(
    converting: Served, visitors: Visitors, size: tuple[int, int], locale: str
):
    """Nothing lies beyond the glass, on any level."""
    page = visitors.page(converting, COMMANDER, size=size, locale=locale)
    for area in EACH_AREA:
        visit(page, converting, area)
        page.evaluate("document.fonts.ready")
        assert max(probe(page, "scroll")) <= 0, area
        assert probe(page, "beyond") == [], area
        assert probe(page, "clipped") == [], area


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_phone_shows_one_column(converting: Served, visitors: Visitors, locale: str):
    """No way sideways, and every control is big enough for a thumb."""
    page = visitors.page(converting, COMMANDER, size=PHONE, locale=locale)
    for area in EACH_AREA:
        visit(page, converting, area)
        assert probe(page, "scroll")[0] <= 0, area
        assert probe(page, "small", THUMB) == [], area
        assert len(probe(page, "lefts")) == 1, area
    page.locator("#open-order").click()
    expect(page.locator("#order-playbook option")).to_have_count(1)
    assert probe(page, "small", THUMB) == []
    box: Any = page.locator("#order").bounding_box()
    assert (box["width"], box["height"]) == PHONE
    page.locator("#order [data-close]").first.click()
    page.locator("#ticker button").first.click()
    expect(page.locator(".fact-detail")).to_be_visible()
    assert probe(page, "scroll")[0] <= 0
    assert probe(page, "small", THUMB) == []


@pytest.mark.parametrize("size", [WIDE, LAPTOP, PHONE])
def test_the_sign_in_page_fits(
    peace: Served, visitors: Visitors, size: tuple[int, int]
):
    """Without scrolling sideways; on a phone for thumbs."""
    page = visitors.stranger(size).new_page()
    page.goto(f"{peace.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    assert probe(page, "scroll")[0] <= 0
    if size == PHONE:
        assert probe(page, "small", THUMB) == []
    else:
        assert probe(page, "beyond") == []


# --- for everybody -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "locale"), [(PHONE, "en-US"), (WIDE, "zh-CN")][: 2 if LONG else 1]
)
def test_axe_finds_nothing_grave(
    converting: Served, visitors: Visitors, size: tuple[int, int], locale: str
):
    """On every level, in dialogs and drawer, and at the door."""
    page = visitors.page(converting, COMMANDER, size=size, locale=locale)
    for area in EACH_AREA:
        visit(page, converting, area)
        assert grave(page) == [], area
    page.locator("#open-order").click()
    expect(page.locator("#order-playbook option")).to_have_count(1)
    page.locator("#order-form [type=submit]").click()
    expect(page.locator("#order .field-error:visible").first).to_be_visible()
    assert grave(page) == [], "order"
    page.locator("#order [data-close]").first.click()
    page.locator("#ticker button").first.click()
    expect(page.locator(".fact-detail")).to_be_visible()
    assert grave(page) == [], "drawer"
    page.context.clear_cookies()
    page.goto(f"{converting.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    assert grave(page) == [], "sign-in"
