"""The order dialog: refusals at their field, one command however often it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    COMMANDER,
    OTHER_STREET,
    PHONE,
    STREET,
    Served,
    Visitors,
    kpi,
    order,
    reach,
    receipt,
    send,
    to_confirm,
    write_order,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

DECLARED = "mode.emergency-declared"


def field_error(page: Page, name: str) -> Any:
    """Return what is said at a field of the order."""
    return page.locator(f'#order [data-field="{name}"] .field-error')


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh-CN", "另一名批准人"), ("en-US", "a different approver")],
)
def test_a_level_that_needs_two_is_refused_at_its_field(
    own_peace: Served, visitors: Visitors, locale: str, said: str
):
    """Back in the form, what was written is still there; the log knows no order."""
    page = visitors(own_peace, COMMANDER, locale=locale)
    before = own_peace.head
    write_order(page, level="II")
    to_confirm(page)
    send(page).click()
    expect(page.locator("#order-form")).to_be_visible()
    expect(field_error(page, "level")).to_contain_text(said)
    summary = page.locator("#order-form .form-error")
    expect(summary).to_have_attribute("data-code", "mode.level-needs-approval")
    expect(page.locator("#order-form [name=matter]")).to_have_value("散发病例处置")
    expect(page.locator("#order-form [name=level]:focus")).to_have_count(1)
    assert not own_peace.facts(before, DECLARED)
    page.locator("#order-form [name=level][value=III]").check(force=True)
    page.locator("#order-form [type=submit]").click()
    expect(page.locator("#order-sentence")).to_contain_text("Ⅲ")


def test_a_missing_element_is_said_at_its_field(own_peace: Served, visitors: Visitors):
    """Before the order goes out, or as the server refuses it."""
    page = visitors(own_peace, COMMANDER)
    before = own_peace.head
    for name, value, said in (
        ("matter", "", "请填写"),
        ("expected_hours", "0", "须在 1 到 2160 之间"),
        ("expected_hours", "", "请填写"),
        ("basis", "  ", ""),  # the server's to refuse
    ):
        write_order(page, **{name: value})
        page.locator("#order-form [type=submit]").click()
        if not said:
            page.locator("#order-understood").check()
            send(page).click()
        expect(field_error(page, name)).to_be_visible()
        expect(field_error(page, name)).to_contain_text(said)
        expect(page.locator(f"#order-form [name={name}]")).to_be_focused()
        page.locator("#order [data-close]").first.click()
    assert not own_peace.facts(before, DECLARED)


def test_an_order_is_restated_and_must_be_confirmed(
    own_peace: Served, visitors: Visitors
):
    """Nothing is sent before somebody ticks that they read it."""
    page = visitors(own_peace, COMMANDER, size=PHONE)
    write_order(page)
    page.locator(f"#order-excluded [value='{OTHER_STREET}']").check()
    page.locator("#order-form [type=submit]").click()
    sentence = page.locator("#order-sentence")
    expect(sentence).to_contain_text("松江区（不含永丰街道）")
    expect(sentence).to_contain_text("疫情Ⅲ级")
    expect(page.locator("#order-points")).to_contain_text("沪松应急〔2026〕3 号")
    expect(send(page)).to_be_disabled()
    page.locator("#order-understood").check()
    expect(send(page)).to_be_enabled()
    page.locator("#order [data-go=form]").click()
    page.locator("#order-form [type=submit]").click()
    expect(send(page)).to_be_disabled()


def test_two_clicks_send_one_order(own_converting: Served, visitors: Visitors):
    """An impatient hand orders once; what overlaps is refused with a reason."""
    page = visitors(own_converting, COMMANDER)
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if r.method == "POST" else None)
    write_order(page)
    to_confirm(page)
    send(page).dblclick()
    error = page.locator("#order-form .form-error")
    expect(error).to_have_attribute("data-code", "mode.scope-overlaps")
    assert len(asked) == 1


def test_one_order_however_broken_the_line(own_peace: Served, visitors: Visitors):
    """The answer is lost, the order was taken: a repeat carries the same key."""
    page = visitors(own_peace, COMMANDER, STREET)
    before = own_peace.head
    keys: list[str] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            route.continue_()
            return
        answer = route.fetch()
        assert answer.status == 201, answer.text()
        route.abort("connectionreset")

    page.route("**/api/v1/emergencies", lose_the_first)
    write_order(page)
    to_confirm(page)
    send(page).dblclick()
    error = page.locator("#order [data-step=confirm] .form-error")
    expect(error).to_have_attribute("data-code", "net.unreachable")
    expect(send(page)).to_be_enabled()
    send(page).click()
    assert receipt(page) == before + 1
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(own_peace.facts(before, DECLARED)) == 1

    # The receipt opens the fact.
    page.locator("#order-receipt [data-receipt]").click()
    fact = page.locator(f'.fact-detail[data-fact="{before + 1}"]')
    expect(fact).to_contain_text(keys[0])
    page.locator("#drawer [data-close]").click()


def test_a_response_is_ended_through_its_dialog(own_peace: Served, visitors: Visitors):
    """On a basis, restated and confirmed; every screen shows the recovery."""
    page = visitors(own_peace, COMMANDER, OTHER_STREET)
    auditor = visitors(own_peace, AUDITOR, OTHER_STREET)
    reach(page, order(page))
    before = own_peace.head
    page.locator("#open-end").click()
    page.locator("#end-form [type=submit]").click()
    missing = page.locator('#end [data-field="basis"] .field-error')
    expect(missing).to_have_text("请填写")
    page.locator("#end-form [name=basis]").fill("沪松应急〔2026〕4 号")
    to_confirm(page, "end")
    expect(page.locator("#end-sentence")).to_contain_text("永丰街道")
    send(page, "end").dblclick()
    ended = receipt(page, "end")
    assert len(own_peace.facts(before, "mode.emergency-ended")) == 1
    page.locator("#end [data-step=receipt] [data-close]").click()
    for shown in (page, auditor):
        reach(shown, ended)
        banner = shown.locator("#banner")
        expect(banner).to_have_attribute("data-mode", "RECOVERING")
        expect(kpi(shown, "RECOVERING")).to_have_text("3")
    expect(page.locator("#open-end")).to_have_count(0)
