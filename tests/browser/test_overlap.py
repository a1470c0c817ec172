"""Two emergencies over one street: both on every screen; one ends, the other stays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.browser.screen import (
    COMMANDER,
    DISTRICT,
    OTHER_STREET,
    STREET,
    Served,
    Visitors,
    flood,
    mark,
    never_reloaded,
    reach,
    shows,
    visit,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

EPIDEMIC = "e-0000000001"


@pytest.fixture(scope="module")
def overlapping(own_converting: Served) -> tuple[Served, str]:
    """An epidemic over the district; a flood over one street comes on top."""
    made = own_converting.post(COMMANDER, "emergencies", **flood(OTHER_STREET))
    assert made["state"] == "ACTIVE"
    return own_converting, str(made["emergency"])


def overlaps(page: Page, code: str) -> None:
    """Check that the map says two emergencies meet at a place, and nowhere else."""
    head = page.locator(f'#map [data-block="{code}"]')
    expect(head).to_have_attribute("data-overlap", "")
    expect(head).to_have_attribute("aria-label", re.compile("，2个响应重叠$"))
    other = page.locator(f'#map [data-block="{STREET}"]')
    expect(other).not_to_have_attribute("data-overlap", "")


def test_both_are_on_map_banner_and_card(
    overlapping: tuple[Served, str], visitors: Visitors
):
    """Where they meet, which they are, and what a site does for each."""
    served, storm = overlapping
    page = visitors(served, COMMANDER)
    overlaps(page, OTHER_STREET)
    choices = page.locator("#banner [data-choose]")
    expect(choices).to_have_count(2)
    expect(page.locator(f'#banner [data-choose="{storm}"]')).to_contain_text("防汛")
    page.locator(f'#banner [data-choose="{storm}"]').click()
    expect(page.locator("#banner .title")).to_contain_text("暴雨黄色预警")

    # Its scope alone.
    page.locator(f'#scopes [data-scope="{storm}"]').click()
    expect(page.locator(f'#map [data-block="{STREET}"]')).to_have_attribute(
        "data-out", ""
    )
    expect(page.locator(f'#map [data-block="{OTHER_STREET}"]')).not_to_have_attribute(
        "data-out", ""
    )
    page.locator('#scopes [data-scope=""]').click()
    expect(page.locator("#map [data-out]")).to_have_count(0)

    page.locator(f'tr[data-code="{OTHER_STREET}"] a').click()
    shows(page, OTHER_STREET)
    site = page.locator("#sites [data-site]").filter(has=page.locator(".duty"))
    duties = site.first.locator(".duty")
    expect(duties).to_have_count(2)
    for emergency in (EPIDEMIC, storm):
        duty = site.first.locator(f'.duty[data-emergency="{emergency}"]')
        expect(duty.locator(".step").first).to_be_visible()
    # A step belongs to one of them.
    mine = site.first.locator(f'.duty[data-emergency="{storm}"] .step').first
    name = mine.get_attribute("data-step")
    mine.locator("button[value=complete]").click()
    expect(
        site.first.locator(f'.duty[data-emergency="{storm}"] [data-step="{name}"]')
    ).to_have_attribute("data-state", "DONE")
    epidemic = site.first.locator(f'.duty[data-emergency="{EPIDEMIC}"] .step')
    expect(epidemic.first).to_have_attribute("data-state", "OPEN")


def test_one_ends_and_the_other_stays(
    overlapping: tuple[Served, str], visitors: Visitors
):
    """The street keeps the mode of the one in force; the ended one recovers."""
    served, storm = overlapping
    page = visitors(served, COMMANDER)
    overlaps(page, OTHER_STREET)
    mark(page)
    ended = served.post(
        COMMANDER, f"emergencies/{storm}/end", basis="沪松防汛〔2026〕8 号"
    )
    assert ended["state"] == "ENDED"
    reach(page, ended["seq"])
    head = page.locator(f'#map [data-block="{OTHER_STREET}"]')
    expect(head).not_to_have_attribute("data-overlap", "")
    expect(head).to_have_attribute("data-mode", "CONVERTING")
    expect(page.locator("#scopes")).to_be_hidden()
    expect(page.locator("#banner")).to_have_attribute("data-mode", "EMERGENCY")
    expect(page.locator("#banner")).to_have_attribute("data-converted", "CONVERTING")
    over = page.locator(f'#banner [data-choose="{storm}"]')
    expect(over).to_contain_text("已解除")
    assert never_reloaded(page)

    visit(page, served, OTHER_STREET)
    duty = page.locator(f'.duty[data-emergency="{storm}"]').first
    expect(duty).to_have_attribute("data-phase", "recover")
    still = page.locator(f'.duty[data-emergency="{EPIDEMIC}"]').first
    expect(still).to_have_attribute("data-phase", "convert")
    [emergency] = [
        one
        for one in served.get(f"areas/{DISTRICT}/board")["emergencies"]
        if one["state"] == "ACTIVE"
    ]
    assert emergency["id"] == EPIDEMIC


def test_what_excludes_is_passed_over_and_listed(
    overlapping: tuple[Served, str], visitors: Visitors
):
    """Sites that isolate take no evacuees: the flood goes on without them."""
    served, _storm = overlapping
    served.post(
        COMMANDER,
        f"emergencies/{EPIDEMIC}/raise",
        level="II",
        basis="沪松应急〔2026〕5 号",
        reason="出现社区传播",
        break_glass=True,
        password=PASSWORD,
    )
    page = visitors(served, COMMANDER, STREET)
    expect(page.locator("#conflicts-panel")).to_be_hidden()
    made = served.post(COMMANDER, "emergencies", **flood(STREET))
    reach(page, made["seq"])
    expect(page.locator("#conflicts-total")).to_have_text("2")
    conflicts = page.locator("#conflicts-panel [data-conflict]")
    expect(conflicts).to_have_count(2)
    site = str(conflicts.first.get_attribute("data-conflict"))
    over = page.locator(f'[data-site="{site}"] .duty[data-phase=passed-over]')
    expect(over).to_have_attribute("data-emergency", made["emergency"])
    expect(over.locator(".conflict")).to_contain_text("互斥")
    expect(over.locator(".step")).to_have_count(0)
