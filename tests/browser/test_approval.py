"""Two people, two browsers: one proposes, another approves; alone only by the glass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.browser.screen import (
    AUDITOR,
    COMMANDER,
    DEPUTY,
    DUTY,
    OTHER_STREET,
    Served,
    Visitors,
    console,
    flood,
    mark,
    never_reloaded,
    reach,
    receipt,
    send,
    to_confirm,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

EPIDEMIC, TOWN = "e-0000000001", "310117102000"


def badge(page: Page, name: str) -> Locator:
    """Return what waits behind a page of the navigation."""
    return page.locator(f'#nav [data-badge="{name}"]')


def change(page: Page, act: str, basis: str = "沪松应急〔2026〕5 号") -> None:
    """Write a change of the emergency on show; go on to its preview."""
    page.locator(f'#banner [data-act="{act}"]').click()
    expect(page.locator(f'#change[data-act="{act}"]')).to_be_visible()
    page.locator("#change-basis").fill(basis)
    to_confirm(page, "change")


def refusal(page: Page) -> Locator:
    """Return what an approval was refused with."""
    return page.locator("#approve-form > .form-error")


def propose(served: Served, who: str, path: str, **body: Any) -> str:
    """Propose something elsewhere; return the proposal's address."""
    made = served.post(who, path, **body)
    assert made["state"] == "PROPOSED"
    return f"/approvals/{made['proposal']}"


def propose_raise(page: Page) -> tuple[int, str, str]:
    """Propose level II at the board; return seq, proposal, and its preview's digest."""
    change(page, "raise")
    gate = page.locator("#change-gate[data-approval]")
    expect(gate).to_contain_text("须另一人批准")
    expect(page.locator("#change-sentence")).to_contain_text("由Ⅲ级提升为Ⅱ级")
    preview = page.locator("#change-preview .preview")
    expect(preview.locator("[data-total=steps] dd")).not_to_have_text("0")
    digest = str(preview.get_attribute("data-digest"))
    expect(send(page, "change")).to_have_text("提交审批")
    send(page, "change").click()
    seq = receipt(page, "change")
    link = page.locator("#change-receipt [data-proposal]")
    return seq, str(link.get_attribute("data-proposal")), digest


def approve(page: Page, password: str) -> None:
    """Send the approval under a password."""
    page.locator("#approve-password").fill(password)
    page.locator("#approve-form [type=submit]").click()


def test_one_proposes_and_another_approves(own_converting: Served, visitors: Visitors):
    """The wrong password is refused at its field; every screen follows by itself."""
    duty, commander = (visitors(own_converting, who) for who in (DUTY, COMMANDER))
    desk = visitors.page(own_converting, COMMANDER)
    console(desk, own_converting, "/approvals")
    expect(desk.locator("#waiting .empty")).to_be_visible()
    for page in (duty, commander, desk):
        expect(badge(page, "approvals")).to_be_hidden()
        mark(page)
    proposed, proposal, digest = propose_raise(duty)

    # The other one hears of it where they are; nothing has changed yet.
    for page in (commander, desk):
        expect(badge(page, "approvals")).to_have_text("1")
    expect(commander.locator("#banner .word")).to_contain_text("Ⅲ级")
    card = desk.locator(f'#waiting [data-proposal="{proposal}"]')
    expect(card).to_contain_text("陆值班长")
    assert never_reloaded(desk)
    card.locator("a.button").click()
    expect(desk.locator(f'#shown .preview[data-digest="{digest}"]')).to_be_visible()

    at_field = desk.locator('#approve-form [data-field="password"] .field-error')
    for wrong, code in (("", None), ("wrong", "auth.wrong-password")):
        approve(desk, wrong)
        expect(at_field).to_be_visible()
        expect(desk.locator("#approve-password")).to_be_focused()
        if code:
            expect(refusal(desk)).to_have_attribute("data-code", code)
    approve(desk, PASSWORD)
    expect(desk.locator("#receipt [data-receipt]")).to_be_visible()
    decided = desk.locator("#proposal [data-decided=APPROVED]")
    expect(decided).to_contain_text("沈总指挥")

    for page in (duty, commander):
        reach(page, proposed + 1)
        expect(page.locator("#banner .word")).to_contain_text("Ⅱ级")
        expect(badge(page, "approvals")).to_be_hidden()
        assert never_reloaded(page)
    assert own_converting.facts(proposed, "mode.level-raised")


def test_a_stale_proposal_warns_and_is_refused(
    own_converting: Served, visitors: Visitors
):
    """The situation moves under an open page; it says so, and the server says no."""
    address = propose(
        own_converting,
        DUTY,
        f"emergencies/{EPIDEMIC}/end",
        basis="沪松应急〔2026〕6 号",
    )
    page = visitors.page(own_converting, COMMANDER)
    console(page, own_converting, address)
    expect(page.locator("#approve-form")).to_be_visible()
    expect(page.locator("#stale")).to_have_count(0)
    own_converting.post(COMMANDER, "emergencies", **flood(OTHER_STREET))
    expect(page.locator("#stale")).to_be_visible()
    approve(page, PASSWORD)
    expect(refusal(page)).to_have_attribute("data-code", "approvals.stale")
    expect(page.locator("#receipt-box")).to_be_hidden()
    page.locator("#reject-box summary").click()
    page.locator("#reject-reason").fill("情况已变，重新研判")
    page.locator("#reject-form [type=submit]").click()
    expect(page.locator("#proposal [data-decided=REJECTED]")).to_contain_text(
        "重新研判"
    )


def test_who_may_not_sign_is_offered_nothing(
    own_converting: Served, visitors: Visitors
):
    """A deputy does not sign level I, an auditor nothing; the proposer withdraws."""
    address = propose(
        own_converting,
        DUTY,
        f"emergencies/{EPIDEMIC}/raise",
        level="I",
        basis="沪松应急〔2026〕8 号",
    )
    for who in (DEPUTY, AUDITOR):
        page = visitors.page(own_converting, who)
        console(page, own_converting, address)
        expect(page.locator("#decide-note")).to_have_text("您没有批准这一级别的权限。")
        for form in ("#approve-form", "#reject-box", "#withdraw-form"):
            expect(page.locator(form)).to_be_hidden()
        console(page, own_converting, "/approvals")
        expect(page.locator("#waiting [data-proposal]")).to_have_count(0)
        expect(page.locator("#history tbody tr[data-row]")).not_to_have_count(0)
    page = visitors.page(own_converting, DUTY)
    console(page, own_converting, "/approvals")
    expect(page.locator("#waiting [data-proposal]")).to_have_count(0)
    page.locator("#own [data-proposal] a.button").click()
    expect(page.locator("#withdraw-form")).to_be_visible()
    expect(page.locator("#approve-form")).to_be_hidden()
    expect(page.locator("#reject-box")).to_be_hidden()
    page.locator("#withdraw-reason").fill("改报")
    page.locator("#withdraw-form [type=submit]").click()
    expect(page.locator("#proposal [data-decided=WITHDRAWN]")).to_contain_text("改报")


def break_glass(page: Page) -> None:
    """Raise the flood alone; without reason or password nothing is sent."""
    page.locator("#banner [data-choose]", has_text="防汛").click()
    change(page, "raise")
    page.locator("#change-glass summary").click()
    alone = page.locator("#change-glass [data-go=glass]")
    alone.click()
    expect(page.locator("#change-glass .field-error:visible")).to_have_count(2)
    page.locator("#change-glass-reason").fill("堤防出险，来不及会签")
    page.locator("#change-glass-password").fill("wrong")
    alone.click()
    said = page.locator("#change [data-step=confirm] > .form-error")
    expect(said).to_have_attribute("data-code", "auth.wrong-password")
    page.locator("#change-glass-password").fill(PASSWORD)
    alone.click()
    receipt(page, "change")
    expect(page.locator("#change-receipt")).to_contain_text("须由他人事后复核")


def test_alone_by_the_glass_and_reviewed(own_converting: Served, visitors: Visitors):
    """With reason and password; an alarm at once; somebody else reviews it."""
    own_converting.post(COMMANDER, "emergencies", **flood(TOWN))
    auditor = visitors(own_converting, AUDITOR, TOWN)
    mark(auditor)
    deputy = visitors.page(own_converting, DEPUTY)
    console(deputy, own_converting, "/approvals")
    expect(deputy.locator("#glasses-panel")).to_be_hidden()
    page = visitors(own_converting, COMMANDER, TOWN)
    break_glass(page)
    alarm = auditor.locator("#alarms-panel [data-alarm][data-gravity=GRAVE]").first
    expect(alarm).to_contain_text("沈总指挥")
    expect(alarm.locator("button[value=acknowledge]")).to_have_count(0)
    assert never_reloaded(auditor)

    # Not by who broke it.
    console(page, own_converting, "/approvals")
    expect(page.locator("#glasses [data-glass]")).to_have_count(1)
    expect(page.locator("#glasses [data-review]")).to_have_count(0)
    deputy.locator("#glasses [data-review]").click()
    deputy.locator("#review-form [value=yes]").check(force=True)
    give = deputy.locator("#review-form [type=submit]")
    give.click()
    missing = deputy.locator('#review-form [data-field="reason"] .field-error')
    expect(missing).to_have_text("请填写")
    deputy.locator("#review-reason").fill("情况属实")
    give.click()
    for one in (deputy, page):
        expect(one.locator("#glasses-panel")).to_be_hidden()
    row = page.locator("#reviews tr[data-row]")
    expect(row).to_contain_text("复核确认")
    expect(row).to_contain_text("韩副总指挥")
