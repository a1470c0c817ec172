"""A declaration made in error is voided on the screen; who waited is taken up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.browser.screen import (
    COMMANDER,
    DISTRICT,
    Served,
    Visitors,
    console,
    flood,
    reach,
    receipt,
    send,
    to_confirm,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

EPIDEMIC = "e-0000000001"
SHOTS = os.environ.get("PINGZHAN_SHOTS", "")
"""Where to leave pictures for somebody to look at, if anywhere."""
LISTED = {"zh-CN": "已作废（误发）", "en-US": "Void (declared in error)"}


def shot(page: Page, name: str) -> None:
    """Leave a picture of a page."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def changed(served: Served, act: str, level: str) -> None:
    """Change the level of the epidemic by somebody alone."""
    alone: dict[str, Any] = {"break_glass": True, "password": PASSWORD, "reason": "急"}
    path = f"emergencies/{EPIDEMIC}/{act}"
    served.post(COMMANDER, path, level=level, basis="研判", **alone)


def test_who_was_passed_over_is_offered_when_it_is_free(
    own_converting: Served, visitors: Visitors
):
    """Isolation is called off: its sites did nothing, and shelters wait for them."""
    served = own_converting
    changed(served, "raise", "II")
    made = served.post(COMMANDER, "emergencies", **flood(DISTRICT))
    board = served.get(f"areas/{DISTRICT}/board", min_seq=made["seq"])
    waiting = [row["site_name"] for row in board["conflicts"]]
    assert len(waiting) == 2
    page = visitors(served, COMMANDER)
    offer = page.locator("#alarms [data-takeup]")
    expect(page.locator("#conflicts [data-conflict]")).to_have_count(2)
    expect(offer).to_have_count(0)
    changed(served, "lower", "III")
    expect(offer).to_be_visible(timeout=20_000)  # the timer has noted it
    expect(page.locator("#conflicts .free")).to_have_count(2)
    shot(page, "free")
    offer.click()
    expect(page.locator("#take-up-subject")).to_contain_text(waiting[0])
    page.locator("#take-up-form [name=basis]").fill("沪松防汛〔2026〕8 号")
    to_confirm(page, "take-up")
    shot(page, "take-up")
    send(page, "take-up").click()
    seq = receipt(page, "take-up")
    page.locator("#take-up [data-step=receipt] [data-close]").click()
    reach(page, seq)
    expect(offer).to_have_count(0)
    expect(page.locator("#conflicts-panel")).to_be_hidden()


def test_what_was_declared_in_error_is_void_and_both_facts_stay(
    own_converting: Served, visitors: Visitors
):
    """It says why before the last button, and everywhere after it."""
    served, why = own_converting, "误点，演练口令"
    page = visitors(served, COMMANDER)
    page.locator(f'#banner [data-choose="{EPIDEMIC}"]').click()
    page.locator('#banner [data-act="void"]').click()
    page.locator("#void-form [type=submit]").click()
    expect(page.locator("#void-reason-error")).to_be_visible()
    page.locator("#void-form [name=reason]").fill(why)
    to_confirm(page, "void")
    expect(page.locator("#void-sentence")).to_contain_text("作为误发作废")
    idle = page.locator('#void-preview [data-total="idle"][data-some]')
    expect(idle).to_be_visible()
    shot(page, "void")
    send(page, "void").click()
    seq = receipt(page, "void")
    page.locator("#void [data-step=receipt] [data-close]").click()
    reach(page, seq)
    # One site had acted: it recovers, and the banner says of what.
    page.locator(f'#banner [data-choose="{EPIDEMIC}"]').click()
    expect(page.locator("#banner .chip.void")).to_contain_text(why)
    shot(page, "void-banner")
    for locale, said in LISTED.items():
        desk = visitors.page(served, COMMANDER, locale=locale)
        console(desk, served, "/emergencies")
        row = desk.locator("tr", has_text="散发病例")
        expect(row).to_contain_text(said)
        expect(row).to_contain_text(why)
        shot(desk, f"list-{locale}")
        console(desk, served, f"/emergencies/{EPIDEMIC}")
        expect(desk.locator("main")).to_contain_text(why)
        shot(desk, f"one-{locale}")
