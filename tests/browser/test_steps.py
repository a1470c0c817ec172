"""Checklist steps at a site: who may act, what changes, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    CENTRE,
    COMMUNITY,
    OTHER_STAFF,
    PHONE,
    SECRETARY,
    STAFF,
    STATION,
    STREET,
    WIDE,
    Served,
    Visitors,
    done,
    kpi,
    live,
    mark,
    never_reloaded,
    picture,
    reach,
    seq_of,
    shows,
    step,
)

if TYPE_CHECKING:
    from playwright.sync_api import Route


def number(text: str | None) -> int:
    """Return a number as it stands on the screen."""
    return int((text or "").replace(",", ""))


@pytest.mark.parametrize(
    ("size", "name"), [(WIDE, "ss-name-keeper"), (PHONE, "ss-clear-store")]
)
def test_a_step_is_acknowledged_then_completed(
    own_converting: Served, visitors: Visitors, size: tuple[int, int], name: str
):
    """Its state, the counts and the list of late steps follow."""
    page = visitors(own_converting, SECRETARY, COMMUNITY, size=size)
    row = step(page, STATION, name)
    expect(row).to_have_attribute("data-state", "OPEN")
    opened = number(kpi(page, "open").text_content())
    before = seq_of(page)
    row.locator("button[value=acknowledge]").click()
    expect(row).to_have_attribute("data-state", "ACKNOWLEDGED")
    expect(row.locator("button[value=acknowledge]")).to_have_count(0)
    expect(row.locator(".marks")).to_contain_text(f"#{before + 1}")
    expect(kpi(page, "open")).to_have_text(str(opened))
    row.locator("summary").click()
    row.locator("[name=basis]").fill("物资专管员名单")
    row.locator("button[value=complete]").click()
    expect(row).to_have_attribute("data-state", "DONE")
    expect(row.locator("form")).to_have_count(0)
    expect(kpi(page, "open")).to_have_text(str(opened - 1))
    expect(page.locator("#toast")).to_contain_text(f"seq {before + 2}")
    reach(page, before + 2)
    fact = page.locator(f'#facts [data-fact="{before + 2}"]')
    expect(fact).to_be_visible()
    [told] = own_converting.facts(before + 1)
    assert told["basis"] == "物资专管员名单"


def test_a_step_done_by_mistake_is_corrected_where_it_is_told(
    own_converting: Served, visitors: Visitors
):
    """In its fact's drawer; it is open again, and both facts are marked."""
    page = visitors(own_converting, SECRETARY, COMMUNITY)
    still = page.locator(f'[data-site="{STATION}"] .step[data-state=OPEN]').first
    row = step(page, STATION, still.get_attribute("data-step") or "")
    before = seq_of(page)
    row.locator("button[value=complete]").click()
    expect(row).to_have_attribute("data-state", "DONE")
    reach(page, before + 1)
    page.locator(f'#facts [data-fact="{before + 1}"] .seq').click()
    page.locator(f'#drawer [data-correct="{before + 1}"]').click()
    sheet = page.locator("#decide-fact-correct")
    expect(sheet.locator("[name=reason]")).to_be_visible()
    for field in ("batch", "made", "expires", "donor"):
        expect(sheet.locator(f"[data-field={field}]")).to_be_hidden()
    sheet.locator("[name=reason]").fill("填错阵地")
    sheet.locator("button[type=submit]").click()
    expect(page.locator(f'#drawer [data-corrected="{before + 2}"]')).to_be_visible()
    page.locator("#drawer [data-close]").first.click()
    expect(row).to_have_attribute("data-state", "OPEN")
    expect(row.locator(".marks")).to_contain_text("已更正")
    reach(page, before + 2)
    marked = page.locator(f'#facts [data-fact="{before + 1}"] [data-corrected]')
    expect(marked).to_contain_text(f"#{before + 2}")


def test_who_may_not_act_sees_no_buttons(own_converting: Served, visitors: Visitors):
    """Neither the auditor nor the staff of another street."""
    for who in (AUDITOR, OTHER_STAFF):
        page = visitors(own_converting, who, COMMUNITY)
        expect(page.locator(".step").first).to_be_visible()
        expect(page.locator(".step-form")).to_have_count(0)
        expect(page.locator("#open-order")).to_have_count(0)


def test_a_refusal_is_said_at_the_step(own_converting: Served, visitors: Visitors):
    """The server decides again, whatever buttons a page shows."""
    page = visitors(own_converting, STAFF, STREET)
    page.locator(f'#map [data-tile="{COMMUNITY}"]').click()
    live(page)
    # Meanwhile this session came to belong to the staff of another street.
    page.context.add_cookies(
        [
            {
                "name": "pingzhan",
                "value": own_converting.session(OTHER_STAFF),
                "url": own_converting.url,
            }
        ]
    )
    row = page.locator(f'[data-site="{STATION}"] .step[data-state=OPEN]').first
    row.locator("button[value=complete]").click()
    error = row.locator(".form-error")
    expect(error).to_have_attribute("data-code", "permit.denied")
    expect(error).to_contain_text("无权")
    expect(row).to_have_attribute("data-state", "OPEN")
    expect(row.locator("button[value=complete]")).to_be_enabled()


def test_a_step_done_twice_counts_once(own_converting: Served, visitors: Visitors):
    """A lost answer and an impatient hand leave one fact, even without a stream."""
    page = visitors.page(own_converting, STAFF)
    page.route("**/api/v1/stream?*", lambda route: route.abort())
    page.goto(f"{own_converting.url}/?area={COMMUNITY}", wait_until="domcontentloaded")
    shows(page, COMMUNITY)
    waiting = page.locator(f'[data-site="{STATION}"] .step[data-state=OPEN]')
    row = step(page, STATION, str(waiting.last.get_attribute("data-step")))
    before = seq_of(page)
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            route.continue_()
            return
        assert route.fetch().status == 200
        route.abort("connectionreset")

    page.route("**/complete", lose_the_first)
    row.locator("button[value=complete]").dblclick()
    error = row.locator(".form-error")
    expect(error).to_have_attribute("data-code", "net.unreachable")
    row.locator("button[value=complete]").click()
    expect(page.locator("#toast")).to_contain_text(f"seq {before + 1}")
    expect(row).to_have_attribute("data-state", "DONE")
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(own_converting.facts(before, "mode.step-completed")) == 1


def test_a_page_long_away_catches_up(own_converting: Served, visitors: Visitors):
    """A whole checklist is done meanwhile: one message brings it all."""
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
