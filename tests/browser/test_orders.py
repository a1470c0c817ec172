"""The order dialog: refusals at their field, one command however often it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    COMMANDER,
    DISTRICT,
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


def orders(request: Request) -> bool:
    """Tell an order from a look at what it would change."""
    return request.method == "POST" and request.url.endswith("/emergencies")


def field_error(page: Page, name: str) -> Any:
    """Return what is said at a field of the order."""
    return page.locator(f'#order [data-field="{name}"] .field-error')


@pytest.mark.parametrize(
    ("locale", "said", "again"),
    [
        ("zh-CN", "须另一人批准", "提交审批"),
        ("en-US", "second person", "Submit for approval"),
    ],
)
def test_a_level_that_needs_two_becomes_a_proposal(
    own_peace: Served, visitors: Visitors, locale: str, said: str, again: str
):
    """It says so before it is sent; the log gets a proposal and no emergency."""
    page = visitors(own_peace, COMMANDER, locale=locale)
    before = own_peace.head
    write_order(page, level="II")
    to_confirm(page)
    expect(page.locator("#order-gate[data-approval]")).to_contain_text(said)
    expect(page.locator("#order-preview .preview[data-digest]")).to_be_visible()
    expect(send(page)).to_have_text(again)
    page.locator("#order [data-go=form]").click()
    expect(page.locator("#order-form [name=matter]")).to_have_value("散发病例处置")
    to_confirm(page)
    page.locator("#order-expires_minutes").fill("3")
    send(page).click()
    expect(page.locator('#order [data-field="expires_minutes"]')).to_contain_text("5")
    page.locator("#order-expires_minutes").fill("30")
    send(page).click()
    receipt(page)
    [made] = own_peace.facts(before)
    assert made["name"].startswith("approvals.proposal-made")
    link = page.locator("#order-receipt [data-proposal]")
    link.click()
    page.wait_for_url("**/approvals/p-*")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    expect(page.locator("#proposal")).to_contain_text("沪松应急〔2026〕3 号")
    expect(page.locator("#shown .preview")).to_be_visible()
    expect(page.locator("#approve-form")).to_be_hidden()
    page.locator("#withdraw-form [type=submit]").click()
    expect(page.locator("#receipt [data-receipt]")).to_be_visible()


def test_a_missing_element_is_said_at_its_field(own_peace: Served, visitors: Visitors):
    """Before the order goes out, or as the server refuses it."""
    page = visitors(own_peace, COMMANDER)
    before = own_peace.head
    for name, value, said in (
        ("matter", "", "请填写"),
        ("expected_hours", "0", "须在 1 到 2160 之间"),
        ("expected_hours", "", "请填写"),
        ("basis", "  ", ""),  # the server's to refuse, when it is asked for a preview
    ):
        write_order(page, **{name: value})
        page.locator("#order-form [type=submit]").click()
        expect(field_error(page, name)).to_be_visible()
        expect(field_error(page, name)).to_contain_text(said)
        expect(page.locator(f"#order-form [name={name}]")).to_be_focused()
        page.locator("#order [data-close]").first.click()
    assert not own_peace.facts(before, DECLARED)


def test_an_order_is_restated_with_what_it_would_change(
    own_peace: Served, visitors: Visitors
):
    """Before it is given, and anew when it has been rewritten."""
    page = visitors(own_peace, COMMANDER, size=PHONE)
    before = own_peace.head
    write_order(page)
    page.locator(f"#order-areas [value='{OTHER_STREET}']").uncheck()
    to_confirm(page)
    sentence = page.locator("#order-sentence")
    expect(sentence).to_contain_text("松江区")
    expect(sentence).to_contain_text("不含永丰街道")
    expect(page.locator("#order-points")).to_contain_text("不在范围内 永丰街道")
    expect(sentence).to_contain_text("疫情Ⅲ级")
    expect(page.locator("#order-points")).to_contain_text("沪松应急〔2026〕3 号")
    preview = page.locator("#order-preview .preview")
    expect(preview.locator("[data-total=streets] dd")).to_have_text("2")
    for part in ("posts", "packages", "materials"):
        assessed = preview.locator(f"[data-assessed={part}] dd")
        expect(assessed).not_to_have_text("未评估")
    first = preview.get_attribute("data-digest")
    page.locator("#order [data-go=form]").click()
    page.locator(f"#order-areas [value='{OTHER_STREET}']").check()
    to_confirm(page)
    expect(preview.locator("[data-total=streets] dd")).to_have_text("3")
    assert preview.get_attribute("data-digest") != first
    assert not own_peace.facts(before)


def test_ticking_a_street_includes_it(own_peace: Served, visitors: Visitors):
    """Of nothing ticked one street and a compound: that, and nothing else, is asked."""
    page = visitors(own_peace, COMMANDER)
    write_order(page)
    whole = page.locator(f"#order-areas [value='{DISTRICT}']")
    expect(whole).to_be_checked()
    whole.uncheck()
    expect(page.locator("#order-areas .picker-chosen")).to_have_text("还没有选择区域")
    page.locator("#order-form [type=submit]").click()
    expect(field_error(page, "excluded")).to_contain_text("请勾选至少一个区域")
    page.locator(f"#order-areas [value='{STREET}']").check()
    with page.expect_request("**/emergencies/preview") as asked:
        to_confirm(page)
    body = asked.value.post_data_json
    assert (body["scope"], body["excluded"]) == ([STREET], [])
    points = page.locator("#order-points")
    expect(points).to_contain_text("不在范围内 永丰街道、泗泾镇")


def test_the_form_says_that_it_is_offline(own_peace: Served, visitors: Visitors):
    """The plans are asked for again by themselves once the line is back."""
    page = visitors(own_peace, COMMANDER)
    page.context.set_offline(True)
    page.locator("#open-order").click()
    said = field_error(page, "playbook")
    expect(said).to_contain_text("连接中断")
    page.locator("#order-form [type=submit]").click()
    expect(said).to_contain_text("连接中断")
    page.context.set_offline(False)
    expect(page.locator("#order-playbook option").first).to_contain_text("疫情防控")
    expect(said).to_be_hidden()
    expect(page.locator(f"#order-areas [value='{STREET}']")).to_be_checked()


def test_two_clicks_send_one_order(own_converting: Served, visitors: Visitors):
    """An impatient hand orders once, on top of what is in force."""
    page = visitors(own_converting, COMMANDER)
    before = own_converting.head
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if orders(r) else None)
    write_order(page)
    to_confirm(page)
    send(page).dblclick()
    receipt(page)
    assert len(asked) == 1
    assert len(own_converting.facts(before, DECLARED)) == 1


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
    """On a basis, restated and previewed; every screen shows the recovery."""
    page = visitors(own_peace, COMMANDER, OTHER_STREET)
    auditor = visitors(own_peace, AUDITOR, OTHER_STREET)
    reach(page, order(page))
    for site in own_peace.get("sites", area=OTHER_STREET)["sites"]:
        first = f"sites/{site['id']}/steps/{site['steps'][0]['id']}/complete"
        own_peace.post(COMMANDER, first)  # they have something to recover from
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
        expect(banner).to_have_attribute("data-mode", "PEACETIME")
        expect(banner).to_have_attribute("data-converted", "RECOVERING")
        expect(banner).to_contain_text("恢复中")
        expect(kpi(shown, "RECOVERING")).to_have_text("3")
    expect(page.locator("#open-end")).to_have_count(0)
