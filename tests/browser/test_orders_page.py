"""An order goes to the base: answered by one thumb; who is missing stands by street."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    DISTRICT,
    DUTY,
    OTHER_STREET,
    PHONE,
    SECRETARY,
    STAFF,
    STREET,
    Served,
    Visitors,
    console,
    live,
    mark,
    never_reloaded,
    probe,
    ready,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

EPIDEMIC = "e-0000000001"
THUMB = 48


def write(page: Page) -> None:
    """Write an order to the staff of two streets, up to the restated sentence."""
    page.locator("#open-issue").click()
    form = page.locator("#issue-form")
    expect(page.locator("#issue-emergency option")).to_have_count(2)
    form.locator("[type=submit]").click()
    expect(page.locator("#issue .field-error:visible")).to_have_count(2)
    form.locator("[name=title]").fill("核对独居老人名册")
    form.locator("[name=text]").fill("一小时内核对，缺漏即报。")
    form.locator("[type=submit]").click()
    scope = page.locator('#issue-form [data-field="scope"] .field-error')
    expect(scope).to_contain_text("请选择至少一个区域")
    for area in (STREET, OTHER_STREET):
        form.locator(f'#issue-scope [data-area="{area}"] input').check()
    form.locator("[type=submit]").click()
    roles = page.locator('#issue-form [data-field="roles"] .field-error')
    expect(roles).to_contain_text("请选择至少一类接收人")
    form.locator("#issue-roles [value=street-staff]").check()
    form.locator("#issue-emergency").select_option(EPIDEMIC)
    form.locator("[type=submit]").click()


def issued(page: Page) -> str:
    """Issue the order that was written; return its id."""
    confirm = page.locator("#issue [data-step=confirm]")
    expect(confirm.locator(".restated")).to_contain_text("岳阳街道、永丰街道")
    go = confirm.locator("[data-go=send]")
    expect(go).to_be_disabled()
    confirm.locator("[name=understood]").check()
    go.click()
    link = page.locator('#issue [data-receipt-room] a[href*="/orders/o-"]')
    expect(link).to_be_visible()
    return str(link.text_content())


def is_for_a_thumb(page: Page, card: Locator) -> None:
    """Check that both answers lie on the glass, each as high as a thumb."""
    for verb in ("acknowledge", "done"):
        box = card.locator(f"button[value={verb}]").bounding_box()
        assert box is not None
        assert box["height"] >= THUMB
        assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE[0]
    assert probe(page, "small", THUMB) == []
    assert probe(page, "scroll")[0] <= 0


def test_one_thumb_answers_and_the_centre_sees_who_is_missing(
    own_converting: Served, visitors: Visitors
):
    """From issuing to done, without a reload on either side."""
    phone = visitors.page(own_converting, STAFF, size=PHONE)
    console(phone, own_converting, "/orders")
    expect(phone.locator("#mine [data-order]")).to_have_count(0)
    mark(phone)
    duty = visitors.page(own_converting, DUTY)
    console(duty, own_converting, "/orders")
    write(duty)
    order = issued(duty)
    duty.locator('#issue [data-step="receipt"] [data-close]').click()
    row = duty.locator(f'#all tr[data-row="{order}"]')
    expect(row).to_contain_text("0 / 2")
    row.locator("a").first.click()
    ready(duty)
    mark(duty)
    own, other = (
        duty.locator(f'[data-street="{code}"]') for code in (STREET, OTHER_STREET)
    )
    for street in (own, other):
        expect(street).to_have_attribute("data-missing", "1")
    expect(duty.locator("#remind")).to_be_visible()

    card = phone.locator(f'#mine [data-order="{order}"]')
    expect(card).to_contain_text("陆值班长")
    is_for_a_thumb(phone, card)
    card.locator("button[value=acknowledge]").click()
    expect(card).to_have_attribute("data-my-state", "ACKNOWLEDGED")
    expect(own).to_have_attribute("data-missing", "0")
    expect(other).to_have_attribute("data-missing", "1")
    expect(duty.locator("#totals [data-total=missing] dd")).to_have_text("1")
    assert duty.locator("[data-street]").first.get_attribute("data-street") == (
        OTHER_STREET
    )

    card.locator("[name=note]").fill("已核对 23 户")
    card.locator("button[value=done]").click()
    expect(phone.locator("#mine > .cards [data-order]")).to_have_count(0)
    expect(phone.locator("#mine details")).to_contain_text("已了结1条")
    expect(duty.locator("#totals [data-total=done] dd")).to_have_text("1")
    told = duty.locator("#recipients tr[data-row]", has_text="岳阳街道")
    expect(told).to_contain_text("已核对 23 户")
    assert never_reloaded(phone)
    assert never_reloaded(duty)


@pytest.fixture(scope="module")
def standing(own_converting: Served) -> tuple[Served, str]:
    """An order to everybody at the base, issued elsewhere."""
    made = own_converting.post(
        DUTY,
        "orders",
        title="报告物资库存",
        text="各街镇两小时内报告。",
        scope=[DISTRICT],
        excluded=[],
        roles=["street-staff", "community-secretary"],
        ack_minutes=30,
        done_minutes=120,
        emergency=EPIDEMIC,
    )
    return own_converting, str(made["order"])


def test_the_missing_are_reminded(standing: tuple[Served, str], visitors: Visitors):
    """A reminder is a fact; the streets lead to their recipients."""
    served, order = standing
    page = visitors.page(served, DUTY)
    console(page, served, f"/orders/{order}")
    page.locator("#remind").click()
    expect(page.locator("#order-text")).to_contain_text("催办")
    page.locator(f'[data-street="{STREET}"] a').click()
    ready(page)
    assert f"f.street={STREET}" in page.url
    rows = page.locator("#recipients tr[data-row]")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("未签收")


def test_a_form_asked_for_offline_opens_once_when_the_line_is_back(
    standing: tuple[Served, str], visitors: Visitors
):
    """However often it was asked for; and no more when the line comes back again."""
    served, _ = standing
    page = visitors.page(served, DUTY)
    console(page, served, "/orders")
    page.context.set_offline(True)
    for _ in range(2):
        page.locator("#open-issue").click()
        expect(page.locator("#toast")).to_contain_text("连接不上服务")
    form = page.locator("#issue")
    expect(form).to_be_hidden()
    page.context.set_offline(False)
    expect(form).to_be_visible()
    expect(page.locator("#issue-emergency option")).to_have_count(2)
    form.locator("[data-close]").first.click()
    page.context.set_offline(True)
    page.context.set_offline(False)
    live(page)
    expect(form).to_be_hidden()


def test_who_only_looks_sees_no_actions(
    standing: tuple[Served, str], visitors: Visitors
):
    """An auditor neither issues, reminds nor withdraws."""
    served, order = standing
    page = visitors.page(served, AUDITOR)
    console(page, served, "/orders")
    expect(page.locator("#open-issue")).to_be_hidden()
    console(page, served, f"/orders/{order}")
    expect(page.locator("[data-street]")).to_have_count(3)
    expect(page.locator("#order-actions button, #order-actions a")).to_have_count(0)


def test_corrected_and_withdrawn_in_the_open(
    standing: tuple[Served, str], visitors: Visitors
):
    """The old order stays to be read, and says by which it is corrected."""
    served, order = standing
    page = visitors.page(served, DUTY)
    console(page, served, f"/orders/{order}")
    page.locator("#correct").click()
    expect(page.locator("#issue-title")).to_have_value("报告物资库存")
    page.locator("#issue-title").fill("报告物资库存（更正）")
    expect(page.locator(f'#issue-scope [value="{DISTRICT}"]')).to_be_checked()
    page.locator("#issue-form [type=submit]").click()
    page.locator("#issue [name=understood]").check()
    page.locator("#issue [data-go=send]").click()
    link = page.locator('#issue [data-receipt-room] a[href*="/orders/o-"]')
    link.click()
    ready(page)
    expect(page.locator("main h1")).to_have_text("报告物资库存（更正）")
    secretary = visitors.page(served, SECRETARY, size=PHONE)
    console(secretary, served, "/orders")
    mine = secretary.locator("#mine > .cards [data-order]")
    expect(mine).to_have_count(1)
    page.locator("#withdraw-open").click()
    page.locator("#withdraw-reason").fill("已由市里统一统计")
    page.locator("#withdraw-form [type=submit]").click()
    expect(page.locator("#order-text")).to_contain_text("已由市里统一统计")
    expect(page.locator("#order-actions button")).to_have_count(0)
    expect(mine).to_have_count(0)
    console(page, served, f"/orders/{order}")
    expect(page.locator("#order-text")).to_contain_text("已更正")
