"""The screen fits its glass, a phone fits a thumb, and axe finds nothing grave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
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
    visit,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

EACH_AREA = (DISTRICT, STREET, COMMUNITY)
LANGUAGES = ("zh-CN", "en-US")
THUMB = 48

_BEYOND = """() => {
  const [width, height] = [innerWidth, innerHeight];
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  return [...document.querySelectorAll("body *")]
    .filter((node) => shown(node) && !node.closest(".scroll *, .hidden, .skip, svg *, table"))
    .map((node) => [node, node.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.right > width + 1 || box.left < -1 || box.bottom > height + 1))
    .map(([node, box]) => `${node.tagName}#${node.id}.${node.className} ${box.left} ${box.right} ${box.bottom}`);
}"""
_CLIPPED = """() => [...document.querySelectorAll(
    ".top *, .banner *, .kpi *, .bottom *, .panel > h2, .panel > h2 *, thead th, tbody th a, td .mode")]
  .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
  .filter((node) => getComputedStyle(node).display !== "inline" && getComputedStyle(node).textOverflow !== "ellipsis")
  .map((node) => `${node.tagName}.${node.className} ${node.textContent}`)"""
_SMALL = """(least) => [...document.querySelectorAll(
    "button, a[href], summary, input:not([type=checkbox], [type=radio]), select, textarea, .segments span, .checks label, .tick")]
  .filter((node) => node.checkVisibility() && !node.closest(".hidden, .skip, details.why:not([open]) > :not(summary)"))
  .map((node) => [node, node.getBoundingClientRect()])
  .filter(([, box]) => box.height && box.height < least - 0.6)
  .map(([node, box]) => `${node.tagName}#${node.id}.${node.className} ${box.height} ${node.textContent.slice(0, 20)}`)"""


def sideways(page: Page) -> int:
    """Return by how much the page is wider than its window."""
    return int(
        page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("size", [WIDE, LAPTOP])
def test_the_big_screen_needs_no_scrolling(
    converting: Served, visitors: Visitors, size: tuple[int, int], locale: str
):
    """Nothing lies beyond the glass, on any level."""
    page = visitors.page(converting, COMMANDER, size=size, locale=locale)
    for area in EACH_AREA:
        visit(page, converting, area)
        page.evaluate("document.fonts.ready")
        assert sideways(page) <= 0
        scroll = "document.documentElement.scrollHeight - innerHeight"
        assert page.evaluate(scroll) <= 0, area
        assert page.evaluate(_BEYOND) == [], area
        assert page.evaluate(_CLIPPED) == [], area


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_phone_shows_one_column(converting: Served, visitors: Visitors, locale: str):
    """No way sideways, and every control is big enough for a thumb."""
    page = visitors.page(converting, COMMANDER, size=PHONE, locale=locale)
    for area in EACH_AREA:
        visit(page, converting, area)
        assert sideways(page) <= 0, area
        assert page.evaluate(_SMALL, THUMB) == [], area
        lefts = page.evaluate(
            """[...document.querySelectorAll(".board > .banner, .panel")]
              .filter((one) => one.checkVisibility())
              .map((one) => Math.round(one.getBoundingClientRect().left))"""
        )
        assert len(set(lefts)) == 1
    page.locator("#open-order").click()
    expect(page.locator("#order-playbook option")).to_have_count(1)
    assert page.evaluate(_SMALL, THUMB) == []
    box: Any = page.locator("#order").bounding_box()
    assert (box["width"], box["height"]) == PHONE
    page.locator("#order [data-close]").first.click()
    page.locator("#ticker button").first.click()
    expect(page.locator(".fact-detail")).to_be_visible()
    assert sideways(page) <= 0
    assert page.evaluate(_SMALL, THUMB) == []


@pytest.mark.parametrize("size", [WIDE, LAPTOP, PHONE])
def test_the_sign_in_page_fits(
    peace: Served, visitors: Visitors, size: tuple[int, int]
):
    """Without scrolling sideways; on a phone for thumbs."""
    page = visitors.stranger(size).new_page()
    page.goto(f"{peace.url}/login", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    assert sideways(page) <= 0
    if size == PHONE:
        assert page.evaluate(_SMALL, THUMB) == []
    else:
        assert page.evaluate(_BEYOND) == []


# --- for everybody -----------------------------------------------------------------

_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}


def grave(page: Page) -> list[str]:
    """Return what axe calls serious or critical."""
    found = Axe().run(page, options=_OPTIONS).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("locale", LANGUAGES)
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
