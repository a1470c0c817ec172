"""Rules of notices on the page: added, tried, changed, removed; what was told."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.screen import (
    ADMINISTRATOR,
    COMMANDER,
    STAFF,
    Served,
    Visitors,
    console,
)


def test_an_administrator_sets_rules_by_the_form_of_their_declaration(
    own_peace: Served, visitors: Visitors
):
    """What it would tell is shown before it is set."""
    page = visitors.page(own_peace, ADMINISTRATOR)
    console(page, own_peace, "/alarms#rules")
    rows = page.locator("#rule-list tbody tr")
    expect(rows).to_have_count(3)
    expect(page.locator("#no-channels")).to_be_visible()
    page.locator("#open-rule").click()
    form = page.locator("#decide-notice-add")
    form.locator('[name="title"]').fill("夜间物资")
    form.locator('[name="kinds"][value="shortage"]').check()
    form.locator('[name="opens"]').fill("22:00")
    form.locator('[name="closes"]').fill("06:00")
    form.locator('[data-key="trial"]').click()
    expect(form.locator("[data-foreseen]")).to_contain_text("过去 24 小时有 0 条")
    form.locator('[name="closes"]').fill("6 点")
    form.locator("button[type=submit]").click()
    expect(form.locator('[data-field="closes"] .field-error')).to_be_visible()
    form.locator('[name="closes"]').fill("06:00")
    form.locator("button[type=submit]").click()
    expect(form).to_be_hidden()
    row = rows.filter(has_text="夜间物资")
    expect(row).to_contain_text("22:00 – 06:00")

    row.get_by_role("button", name="修改").click()
    form = page.locator("#decide-notice-set")
    expect(form.locator('[name="title"]')).to_have_value("夜间物资")
    expect(form.locator('[name="kinds"][value="shortage"]')).to_be_checked()
    form.locator('[name="kinds"][value="vacancy"]').check()
    form.locator('[name="most"]').fill("3")
    form.locator("button[type=submit]").click()
    expect(row).to_contain_text("岗位空缺")
    expect(row).to_contain_text("10分钟3条")

    row.get_by_role("button", name="删除").click()
    form = page.locator("#decide-notice-remove")
    expect(form.locator("[data-subject]")).to_contain_text("夜间物资")
    form.locator("button[type=submit]").click()
    expect(rows).to_have_count(3)


def test_who_commands_sees_what_is_told_and_staff_see_the_alarms_alone(
    own_peace: Served, visitors: Visitors
):
    """Only an administrator has the button."""
    page = visitors.page(own_peace, COMMANDER, locale="en-US")
    console(page, own_peace, "/alarms#rules")
    expect(page.locator("#rule-list tbody tr")).to_have_count(3)
    expect(page.locator("#open-rule")).to_be_hidden()
    page.locator("#tab-told").click()
    expect(page.locator("#told-list table")).to_be_visible()
    page = visitors.page(own_peace, STAFF)
    console(page, own_peace, "/alarms")
    expect(page.locator("#alarm-list table")).to_be_visible()
    expect(page.locator("#tab-rules")).to_be_hidden()
