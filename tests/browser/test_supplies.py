"""Supplies: short on the board, met from another station; asked for; given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    ADMINISTRATOR,
    COMMANDER,
    COMMUNITY,
    DISTRICT,
    DUTY,
    OTHER_COMMUNITY,
    PHONE,
    SECRETARY,
    STATION,
    STREET,
    Served,
    Visitors,
    console,
    grave,
    kpi,
    mark,
    never_reloaded,
    probe,
    reach,
    ready,
)
from tests.given import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

KEEPER = "cangguan"
OTHER = f"{OTHER_COMMUNITY}-s1"
MASKS, WATER = "mask-n95", "water"
CATALOGUE = f"""\
编码,名称,英文名,类别,单位,包装,库位,保质期,预警天数,千人日需,条码,可回收
{MASKS},N95医用防护口罩,N95 respirator,防护,只,盒=25,A-01,0,0,疫情=20,,否
{WATER},瓶装饮用水,Bottled water,食品饮水,瓶,箱=24,B-01,0,0,,,否
"""
LEVELS = {"item": MASKS, "peace": [20, 40, 60], "war": [100, 200, 300]}


@pytest.fixture(scope="module")
def stocked(own_converting: Served) -> tuple[Served, dict[str, Any]]:
    """Two stations in an emergency: one has plenty, one a gift of too little."""
    served = own_converting
    answer = httpx.post(
        f"{served.url}/api/v1/items/import",
        params={"dry_run": "false"},
        content=CATALOGUE.encode(),
        cookies={"pingzhan": served.session(ADMINISTRATOR)},
        headers={"Idempotency-Key": "supplies-items-1", "Content-Type": "text/csv"},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code in (200, 201), answer.text
    for station in (STATION, OTHER):
        served.post(DUTY, "stations", site=station, reason="启用")
        served.post(DUTY, f"stations/{station}/levels", rows=[LEVELS], reason="定额")
    gift = served.post(
        DUTY,
        "stock/receive",
        station=OTHER,
        source={"kind": "donation"},
        donor={"name": "热心企业", "organisation": True},
        lines=[{"item": MASKS, "quantity": 30}],
    )
    lines = [{"item": MASKS, "quantity": 500}, {"item": WATER, "quantity": 40}]
    opening = {"kind": "opening"}
    served.post(KEEPER, "stock/receive", station=STATION, source=opening, lines=lines)
    return served, gift


def row(page: Page, name: str) -> Locator:
    """Return a row of a panel of the supply board."""
    return page.locator(f"[data-supply={name}] tbody tr")


def test_a_shortage_is_read_across_the_room(
    stocked: tuple[Served, Any], visitors: Visitors
):
    """On the command screen, and from there on the supply board."""
    served, _ = stocked
    page = visitors(served, COMMANDER)
    expect(kpi(page, "short")).to_have_text("1")
    worst = page.locator("#worst li")
    expect(worst).to_contain_text("N95医用防护口罩")
    expect(worst).to_contain_text("存30 / 下限100只")
    expect(page.locator("tr[data-code='310117002000'] [data-of=short]")).to_have_text(
        "1"
    )
    assert grave(page) == []
    page.locator("#supplies-all").click()
    page.wait_for_url("**/supplies?area=*")
    ready(page)
    expect(row(page, "short")).to_have_count(1)
    cell = page.locator(f'[data-cell="{MASKS}/310117002000"]')
    expect(cell).to_have_attribute("data-grade", "short")
    expect(cell).to_contain_text("缺70")


def test_a_proposal_becomes_transfer_orders(
    stocked: tuple[Served, Any], visitors: Visitors
):
    """Looked through, changed, approved; what is wrong is said at its row."""
    served, _ = stocked
    page = visitors.page(served, COMMANDER)
    console(page, served, "/supplies#reallocation")
    page.locator("#propose-form [type=submit]").click()
    leg = page.locator(f'[data-leg="{STATION}/{OTHER}/{MASKS}"]')
    expect(leg).to_contain_text("同区")
    many = leg.locator("input[type=number]")
    expect(many).to_have_value("200")  # the giver keeps its own target
    approve = page.locator("#reallocate-form [type=submit]")
    approve.click()
    expect(page.locator("#reallocate-reason-error")).to_be_visible()
    page.locator("#reallocate-reason").fill("永丰口罩见底")
    many.fill("401")
    approve.click()
    expect(leg.locator(".field-error")).to_contain_text("最多可调出 400")
    leg.locator("input[type=number]").fill("150")
    assert grave(page) == []
    approve.click()
    order = page.locator("[data-transfer]")
    expect(order).to_contain_text("仓城")
    slip = order.get_attribute("data-transfer")
    [found] = served.get("slips", area=DISTRICT, **{"f.state": "ORDERED"})["rows"]
    assert (found["slip"], found["state"]) == (slip, "ORDERED")
    assert [line["quantity"] for line in found["lines"]] == [150]

    # The board knows it; an item is followed hour by hour.
    page.locator("#tab-board").click()
    expect(row(page, "transit")).to_contain_text(str(slip))
    page.locator("#tab-ahead").click()
    # What one station has in plenty does not hide that another is short.
    verdict = page.locator("#ahead-room .verdict")
    expect(verdict).to_have_attribute("data-grade", "short")
    expect(verdict).to_contain_text("仓城社区党群服务站：现在已低于下限")
    expect(page.locator(".chart svg")).to_be_visible()
    page.locator('#ahead-room [data-place="*"]').click()
    expect(verdict).to_contain_text("现在已低于下限")
    together = page.locator('#ahead-room [data-place="*"]')
    expect(together).to_have_attribute("aria-pressed", "true")


def drawn(page: Page, act: str, dialog: str = "", **values: str) -> None:
    """Take a step of the request that is open in the drawer."""
    page.locator(f"#drawer [data-act={act}]").click()
    form = page.locator(f"#{dialog or act}-form")
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("[type=submit]").click()
    expect(page.locator(f"#{dialog or act}")).to_be_hidden()


def test_a_request_is_served_and_confirmed(
    stocked: tuple[Served, Any], visitors: Visitors
):
    """Asked, triaged, kept in part, sent, brought, confirmed by who asked."""
    served, _ = stocked
    page = visitors.page(served, SECRETARY)
    console(page, served, f"/requests?area={COMMUNITY}")
    page.locator("#open-ask").click()
    form = page.locator("#ask-form")
    form.locator("#ask-lines input[type=search]").fill("饮用水")
    form.locator(".finder-found button").first.click()
    form.locator("#ask-lines input[type=number]").fill("2")
    form.locator("#ask-lines select").select_option("箱")
    form.locator("[name=priority]").select_option("1")
    form.locator("[name=reason]").fill("封控楼栋")
    assert grave(page) == []
    form.locator("[type=submit]").click()
    mine = page.locator("#requests tbody tr").first
    expect(mine).to_contain_text("瓶装饮用水 48瓶")
    expect(mine.locator(".priority")).to_have_text("紧急")
    request = str(mine.get_attribute("data-row"))
    mark(page)

    other = visitors.page(served, DUTY)
    console(other, served, f"/requests?area={COMMUNITY}&request={request}")
    drawn(other, "triage", reason="就近供应")
    drawn(other, "allocate")
    state = other.locator("#drawer .tags .state-mark")
    expect(state).to_have_attribute("data-state", "PART")
    expect(other.locator("#drawer .rows tbody")).to_contain_text("8")  # 40 of 48
    drawn(other, "dispatch")
    drawn(other, "deliver", proof="取货码 4417")
    expect(other.locator("#drawer .deliveries")).to_contain_text("取货码 4417")
    reach(page, int(served.get("requests", area=COMMUNITY)["seq"]))
    mine.locator("th button").click()
    drawn(page, "confirm")
    expect(page.locator("#drawer [data-delivery]")).to_have_attribute(
        "data-step", "confirmed"
    )
    assert grave(page) == []
    assert never_reloaded(page)


def test_a_donor_sees_what_became_of_a_gift(
    stocked: tuple[Served, dict[str, Any]], visitors: Visitors
):
    """With the number and the code, without an account; a wrong code says nothing."""
    served, gift = stocked
    page = visitors.stranger(PHONE).new_page()
    page.goto(f"{served.url}/donation", wait_until="domcontentloaded")
    page.locator("[name=number]").fill(gift["receipt_number"])
    page.locator("[name=code]").fill("0123456789")
    page.locator("#donation [type=submit]").click()
    expect(page.locator("#donation .form-error")).to_contain_text("有误")
    expect(page.locator("#gift")).to_be_hidden()
    page.locator("[name=code]").fill(gift["receipt_code"])
    page.locator("#donation [type=submit]").click()
    line = page.locator(f'[data-item="{MASKS}"]')
    expect(line).to_contain_text(re.compile("N95医用防护口罩.*30只"))
    expect(line.locator("[data-kind=shelf]").last).to_be_visible()
    expect(page.locator("#gift")).not_to_contain_text("热心企业")
    assert grave(page) == []
    assert probe(page, "scroll")[0] <= 0


def test_supplies_fit_a_phone(stocked: tuple[Served, Any], visitors: Visitors):
    """No part is wider than the glass, every control big enough, axe content."""
    served, _ = stocked
    page = visitors.page(served, DUTY, size=PHONE)
    for path in ("/supplies", "/requests"):
        console(page, served, f"{path}?area={STREET}")
        assert grave(page) == [], path
        assert probe(page, "scroll")[0] <= 0, path
        assert probe(page, "small", 48) == [], path
