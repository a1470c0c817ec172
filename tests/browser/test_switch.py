"""One order switches a street, and every open screen follows, broken line or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    CENTRE,
    COMMANDER,
    COMMUNITY,
    OTHER_STREET,
    STAFF,
    STATION,
    STREET,
    Served,
    Visitors,
    done,
    kpi,
    live,
    mark,
    never_reloaded,
    order,
    picture,
    reach,
    seq_of,
    visit,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page


def is_switched(page: Page, ordered: int) -> None:
    """Check that the district's screen shows the street switched, and it alone."""
    reach(page, ordered)
    banner = page.locator("#banner")
    expect(banner).to_have_attribute("data-mode", "PARTLY")
    expect(banner).to_have_attribute("data-converted", "CONVERTING")
    expect(banner).to_contain_text("Ⅲ级")
    expect(banner).to_contain_text("散发病例处置")
    row = page.locator(f'tr[data-code="{STREET}"]')
    expect(row).to_have_attribute("data-mode", "EMERGENCY")
    expect(row).to_have_attribute("data-converted", "CONVERTING")
    expect(row).to_contain_text("转换中")
    expect(row).to_contain_text(f"#{ordered}")
    tile = page.locator(f'[data-tile="{COMMUNITY}"]')
    expect(tile).to_have_attribute("data-mode", "CONVERTING")
    expect(tile).to_have_attribute("data-reach", "COVERED")
    expect(kpi(page, "CONVERTING")).to_have_text("3")
    expect(kpi(page, "open")).not_to_have_text("0")
    newest = page.locator("#ticker button").first
    expect(newest).to_have_attribute("data-fact", str(ordered))
    other = page.locator(f'tr[data-code="{OTHER_STREET}"]')
    expect(other).to_have_attribute("data-mode", "PEACETIME")


def is_cut_off(page: Page, shown: int) -> None:
    """Check that the page says that it stands still, and at which position."""
    expect(page.locator("#offline")).to_contain_text(f"seq {shown}")
    expect(page.locator("#state")).to_have_attribute("data-status", "offline")
    assert seq_of(page) == shown


def is_back(page: Page, head: int) -> None:
    """Wait until the page follows the log again and shows this position."""
    reach(page, head)
    live(page)
    expect(page.locator("#offline")).to_be_hidden()


def test_a_switch_reaches_every_screen(own_peace: Served, visitors: Visitors):
    """Ordered on one page, seen on another; lines break, none stays behind."""
    auditor = visitors(own_peace, AUDITOR)
    expect(auditor.locator("#banner")).to_have_attribute("data-mode", "PEACETIME")
    expect(kpi(auditor, "CONVERTING")).to_have_text("0")
    mark(auditor)

    commander = visitors(own_peace, COMMANDER, STREET)
    before = own_peace.head
    ordered = order(commander)
    [fact] = own_peace.facts(before)
    assert fact["seq"] == ordered
    assert fact["name"].startswith("mode.emergency-declared")
    is_switched(auditor, ordered)

    # Its network goes; the street staff works on.
    auditor.context.set_offline(True)
    is_cut_off(auditor, ordered)
    staff = visitors(own_peace, STAFF, STREET)
    done(staff, CENTRE, "cp-notify-staff")
    missed = done(staff, CENTRE, "cp-clear-meeting-room")
    is_cut_off(auditor, ordered)
    auditor.context.set_offline(False)
    is_back(auditor, missed)
    row = auditor.locator(f'tr[data-code="{STREET}"]')
    expect(row).to_contain_text(f"#{missed}")

    # The server dies and comes back at its address.
    visit(staff, own_peace, COMMUNITY)
    own_peace.process.kill()
    is_cut_off(auditor, missed)
    expect(staff.locator("#offline")).to_be_visible()
    own_peace.restart()
    live(staff)
    head = done(staff, STATION, "ss-name-keeper")
    is_back(auditor, head)

    # It shows what a page loaded now shows, and nobody loaded it anew.
    assert head == own_peace.head
    assert never_reloaded(auditor)
    fresh = visitors(own_peace, AUDITOR)
    assert picture(auditor) == picture(fresh)
