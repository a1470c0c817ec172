"""One order switches a street, and every open screen follows, broken line or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    CENTRE,
    COMMANDER,
    COMMUNITY,
    DISTRICT,
    OTHER_STREET,
    STAFF,
    STATION,
    STREET,
    Served,
    Visitors,
    kpi,
    live,
    mark,
    never_reloaded,
    order,
    picture,
    reach,
    seq_of,
    shows,
    step,
    visit,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page


def done(page: Page, site: str, name: str) -> int:
    """Complete a step on the page; return the log position that shows it."""
    before = seq_of(page)
    step(page, site, name).locator("button[value=complete]").click()
    expect(step(page, site, name)).to_have_attribute("data-state", "DONE")
    reach(page, before + 1)
    return seq_of(page)


def test_a_switch_reaches_every_screen(own_peace: Served, visitors: Visitors):
    """Ordered on one page, seen on another; lines break, none stays behind."""
    auditor = visitors(own_peace, AUDITOR)
    row = auditor.locator(f'tr[data-code="{STREET}"]')
    tile = auditor.locator(f'[data-tile="{COMMUNITY}"]')
    banner, ticker = auditor.locator("#banner"), auditor.locator("#ticker")
    expect(banner).to_have_attribute("data-mode", "PEACETIME")
    expect(row).to_have_attribute("data-mode", "PEACETIME")
    expect(kpi(auditor, "CONVERTING")).to_have_text("0")
    mark(auditor)

    # The commander orders level III for one street.
    commander = visitors(own_peace, COMMANDER, STREET)
    before = own_peace.head
    ordered = order(commander)
    assert ordered == before + 1
    [fact] = own_peace.facts(before)
    assert fact["name"].startswith("mode.emergency-declared")

    # The other page, a level above, shows it by itself.
    reach(auditor, ordered)
    expect(banner).to_have_attribute("data-mode", "CONVERTING")
    expect(banner).to_contain_text("Ⅲ级")
    expect(banner).to_contain_text("散发病例处置")
    expect(row).to_have_attribute("data-mode", "CONVERTING")
    expect(row).to_contain_text("转换中")
    expect(row).to_contain_text(f"#{ordered}")
    expect(tile).to_have_attribute("data-mode", "CONVERTING")
    expect(kpi(auditor, "CONVERTING")).to_have_text("3")
    expect(kpi(auditor, "open")).not_to_have_text("0")
    expect(ticker.locator("button").first).to_have_attribute("data-fact", str(ordered))
    other = auditor.locator(f'tr[data-code="{OTHER_STREET}"]')
    expect(other).to_have_attribute("data-mode", "PEACETIME")

    # Its network goes; the street staff works on.
    auditor.context.set_offline(True)
    shown = seq_of(auditor)
    expect(auditor.locator("#offline")).to_contain_text(f"seq {shown}")
    expect(auditor.locator("#state")).to_have_attribute("data-status", "offline")
    staff = visitors(own_peace, STAFF, STREET)
    done(staff, CENTRE, "cp-notify-staff")
    missed = done(staff, CENTRE, "cp-clear-meeting-room")
    assert seq_of(auditor) == shown
    expect(row).to_contain_text(f"#{ordered}")
    auditor.context.set_offline(False)
    reach(auditor, missed)
    live(auditor)
    expect(auditor.locator("#offline")).to_be_hidden()
    expect(row).to_contain_text(f"#{missed}")

    # The server dies and comes back at its address.
    visit(staff, own_peace, COMMUNITY)
    own_peace.process.kill()
    shown = seq_of(auditor)
    expect(auditor.locator("#offline")).to_contain_text(f"seq {shown}")
    expect(staff.locator("#offline")).to_be_visible()
    own_peace.restart()
    live(staff)
    head = done(staff, STATION, "ss-name-keeper")
    reach(auditor, head)
    live(auditor)
    assert head == own_peace.head
    assert never_reloaded(auditor)

    # It shows what a page loaded now shows.
    fresh = visitors(own_peace, AUDITOR)
    assert picture(auditor) == picture(fresh)


def test_a_line_too_long_away_catches_up(own_converting: Served, visitors: Visitors):
    """More was missed than one message brings: still nothing is lost."""
    auditor = visitors(own_converting, AUDITOR)
    mark(auditor)
    auditor.context.set_offline(True)
    expect(auditor.locator("#offline")).to_be_visible()
    staff = visitors(own_converting, STAFF, STREET)
    centre = staff.locator(f'[data-site="{CENTRE}"] .step')
    head = 0
    for name in centre.evaluate_all("all => all.map((one) => one.dataset.step)"):
        if step(staff, CENTRE, name).get_attribute("data-state") != "DONE":
            head = done(staff, CENTRE, name)
    reach(staff, head)
    card = staff.locator(f'[data-site="{CENTRE}"]')
    expect(card).to_have_attribute("data-mode", "EMERGENCY")
    auditor.context.set_offline(False)
    reach(auditor, head)
    live(auditor)
    assert never_reloaded(auditor)
    expect(kpi(auditor, "EMERGENCY")).to_have_text("1")
    fresh = visitors(own_converting, AUDITOR)
    assert picture(auditor) == picture(fresh)
    shows(auditor, DISTRICT)
