"""A station's day on the screen: goods come in, go out, are missed, and are traced."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    ADMINISTRATOR,
    AUDITOR,
    CENTRE,
    COMMUNITY,
    DUTY,
    PHONE,
    STAFF,
    STATION,
    STREET,
    WIDE,
    Served,
    Visitors,
    console,
    grave,
    mark,
    never_reloaded,
    probe,
    sign_in,
)
from tests.given import LONG, PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

THUMB = 48
HEAD = "编码,名称,英文名,类别,单位,包装,库位,保质期,预警天数,千人日需,条码,可回收"
CATALOGUE = f"""\
{HEAD}
mask,测试口罩,Mask,protective,只,箱=1000;盒=50,A-01,730,90,疫情=500,,否
water,测试饮用水,Water,food,瓶,箱=24,B-01,365,60,,,否
gown,测试隔离衣,Gown,protective,件,箱=100;包=10,A-02,,,,,否
"""
PAGES = (
    f"/stock?station={STATION}",
    "/stock#slips",
    "/stock#transfers",
    "/stock?trace=water/W-1#trace",
    "/goods?item=water",
)
MORE = (
    "/stock#stations",
    "/stock#stock",
    "/stock#lots",
    "/stock#counts",
    "/stock#requisitions",
    "/goods#items",
)
ACTIONS = ".panel-actions button, [data-act], #import-form"
"""Whatever lets somebody decide about goods."""
_numbers = count(1)


def bring(served: Served, text: str) -> None:
    """Import a catalogue elsewhere."""
    answer = httpx.post(
        f"{served.url}/api/v1/items/import",
        params={"dry_run": "false"},
        content=text.encode(),
        cookies={"pingzhan": served.session(ADMINISTRATOR)},
        headers={
            "Idempotency-Key": f"catalogue-{next(_numbers):06}",
            "Content-Type": "text/csv",
        },
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def stocked(own_peace: Served) -> Served:
    """A street with two stations, and water at one of them."""
    served = own_peace
    bring(served, CATALOGUE)
    for site in (STATION, CENTRE):
        served.post(STAFF, "stations", site=site, reason="启用")
    got = receive(served, "water", 480, "W-1")
    served.get("stock", area=STREET, min_seq=got["seq"])
    return served


def receive(served: Served, item: str, quantity: int, lot: str) -> dict[str, object]:
    """Put goods on a shelf elsewhere."""
    answer: dict[str, object] = served.post(
        STAFF,
        "stock/receive",
        station=STATION,
        source={"kind": "purchase", "id": "测试供货商"},
        lines=[
            {"item": item, "quantity": quantity, "lot": lot, "expires": "2035-12-31"}
        ],
    )
    return answer


def choose(page: Page, form: str, item: str) -> Locator:
    """Find an item for the only line of a form; return that line."""
    line = page.locator(f"#{form}-lines .goods-line")
    line.locator("input[type=search]").fill(item)
    line.locator("[data-found]").first.click()
    return line


def submit(page: Page, form: str) -> Locator:
    """Send a form; return where its receipt is."""
    page.locator(f"#{form}-form [type=submit]").click()
    return page.locator(f"#{form} [data-step=receipt]")


# --- in, out, and where it went ----------------------------------------------------


def test_the_lines_of_a_slip_outlive_their_session(stocked: Served, visitors: Visitors):
    """Signed in again, the line has its item by name, its quantity, unit and lot."""
    context = visitors.stranger()
    page = context.new_page()
    page.goto(f"{stocked.url}/stock?station={STATION}")
    sign_in(page, who=STAFF)
    page.locator("#drawer [data-act=receive]").click()
    line = choose(page, "receive", "kz")
    line.locator("input[type=number]").fill("2")
    line.locator('[data-line="quantity"] select').select_option("箱")
    line.locator('[data-line="lot"] input').fill("K-9")
    named = line.locator("strong").inner_text()
    assert "口罩" in named
    cookies = {c["name"]: c["value"] for c in context.cookies()}
    session = f"{stocked.url}/api/v1/session"
    httpx.delete(session, cookies=cookies, trust_env=False).raise_for_status()
    page.locator("#receive > .ended button").click()
    page.wait_for_url("**/login?next=*")
    sign_in(page, who=STAFF)
    page.locator("#drawer [data-act=receive]").click()
    expect(line.locator("strong")).to_have_text(named)
    expect(line.locator("input[type=number]")).to_have_value("2")
    expect(line.locator('[data-line="quantity"] select')).to_have_value("箱")
    expect(line.locator('[data-line="lot"] input')).to_have_value("K-9")


def test_goods_come_in(stocked: Served, visitors: Visitors):
    """Two cartons are written down; what is wrong is said where it was written."""
    page = visitors.page(stocked, STAFF)
    console(page, stocked, "/stock")
    mark(page)
    page.locator(f'#stations tr[data-row="{STATION}"] th button').click()
    drawer = page.locator("#drawer")
    expect(drawer.locator('[data-stock="water"] .stock-free')).to_contain_text("480瓶")
    drawer.locator("[data-act=receive]").click()
    page.locator("#receive-source_id").fill("松江医药公司")
    line = choose(page, "receive", "kz")
    submit(page, "receive")
    expect(line.locator('[data-line="quantity"] .field-error')).to_be_visible()
    line.locator("input[type=number]").fill("2")
    line.locator('[data-line="quantity"] select').select_option("箱")
    line.locator('[data-line="lot"] input').fill("K-1")
    line.locator('[data-line="expires"] input').fill("2019-01-31")
    submit(page, "receive")
    late = line.locator('[data-line="expires"] .field-error')
    expect(late).to_contain_text("已过期")
    line.locator('[data-line="expires"] input').fill("2099-01-31")
    done = submit(page, "receive")
    expect(done.locator("[data-receipt]")).to_be_visible()
    done.locator("[data-close]").click()
    held = drawer.locator('[data-stock="mask"]')
    expect(held.locator(".stock-free")).to_contain_text("2,000只")
    expect(held).to_contain_text("2箱")
    assert never_reloaded(page)


def test_goods_go_out_and_are_traced(stocked: Served, visitors: Visitors):
    """A pack goes out by first expiry; the chain names where it came from and went."""
    receive(stocked, "gown", 300, "G-1")
    page = visitors.page(stocked, STAFF)
    console(page, stocked, f"/stock#{STATION}")
    drawer = page.locator("#drawer")
    drawer.locator("[data-act=issue]").click()
    page.locator("#issue-to_id").fill(COMMUNITY)
    line = choose(page, "issue", "csgly")
    expect(line.locator(".line-note")).to_contain_text("300")
    line.locator("input[type=number]").fill("5000")
    submit(page, "issue")
    refusal = page.locator("#issue .form-error")
    expect(refusal).to_have_attribute("data-code", "stock.short")
    line.locator("input[type=number]").fill("1")
    line.locator('[data-line="quantity"] select').select_option("包")
    done = submit(page, "issue")
    expect(done.locator('[data-picked="G-1"]')).to_contain_text("10件")
    done.locator("[data-close]").click()
    held = drawer.locator('[data-stock="gown"]')
    expect(held.locator(".stock-free")).to_contain_text("290件")
    held.locator("summary").click()
    held.locator('[data-lot="G-1"] a', has_text="追溯").click()
    chain = page.locator("[data-traced]")
    expect(chain.locator('[data-way="back"] li')).to_contain_text(["测试供货商"])
    out = chain.locator('[data-way="ahead"] li', has_text="10件")
    expect(out).to_contain_text("区域")
    slip = str(out.first.get_attribute("data-slip"))
    out.locator("[data-fact]").click()
    expect(drawer.locator(".fact-detail")).to_be_visible()
    drawer.locator("[data-close]").click()
    page.locator("#trace-what").fill(slip)
    page.locator("#trace-form [type=submit]").click()
    expect(chain).to_have_attribute("data-traced", slip)
    expect(chain.locator('[data-way="back"]')).to_contain_text("测试供货商")


def test_a_shortfall_is_closed_by_somebody_else(stocked: Served, visitors: Visitors):
    """What did not arrive is owned until somebody with clean hands closes it."""
    got = receive(stocked, "water", 96, "W-2")
    sent = stocked.post(
        STAFF,
        "transfers/ship",
        station=STATION,
        to=CENTRE,
        lines=[{"item": "water", "quantity": 2, "unit": "箱"}],
    )
    [line] = stocked.get(f"slips/{sent['id']}", min_seq=got["seq"])["slip"]["lines"]
    page = visitors.page(stocked, STAFF, size=PHONE)
    console(page, stocked, "/stock#transfers")
    mark(page)
    row = page.locator(f'#transfers tr[data-row="{sent["id"]}"]')
    row.locator("[data-act=arrive]").click()
    page.locator("#arrive-lines input[type=number]").fill("40")
    page.locator("#arrive-form [type=submit]").click()
    expect(row).to_contain_text("缺8")
    row.locator("[data-act=close]").click()
    page.locator("#close-reason").fill("司机说明")
    page.locator("#close-form [type=submit]").click()
    refusal = page.locator("#close .form-error")
    expect(refusal).to_have_attribute("data-code", "transfers.own-shortfall")
    assert probe(page, "small", THUMB) == []
    page.locator("#close header [data-close]").click()
    assert never_reloaded(page)

    other = visitors.page(stocked, DUTY)
    console(other, stocked, f"/stock?area={STREET}&slip={sent['id']}")
    drawer = other.locator("#drawer")
    expect(drawer.locator("dl.facts")).to_contain_text("差异责任人")
    drawer.locator("[data-act=close]").click()
    expect(other.locator("#close-lines input[type=number]")).to_have_value("8")
    other.locator("#close-reason").fill("司机说明，途中破损")
    other.locator("#close-cause").select_option("damaged")
    other.locator("#close-form [type=submit]").click()
    expect(drawer.locator(".state-mark", has_text="已关闭")).to_be_visible()
    expect(row).to_contain_text("已关闭")
    assert line["lot"] == "W-1"


def test_what_arrived_meanwhile_is_told_and_may_be_meant(
    stocked: Served, visitors: Visitors
):
    """Two unload one shipment at once: the second reads who was quicker."""
    received = receive(stocked, "gown", 50, "G-1")
    line = {"item": "gown", "quantity": 50}
    sent = stocked.post(
        STAFF, "transfers/ship", station=STATION, to=CENTRE, lines=[line]
    )
    assert sent["seq"] > received["seq"]
    page = visitors.page(stocked, STAFF)
    console(page, stocked, "/stock#transfers")
    row = page.locator(f'#transfers tr[data-row="{sent["id"]}"]')
    row.locator("[data-act=arrive]").click()
    page.locator("#arrive-lines input[type=number]").fill("20")
    page.locator("#arrive-complete, #arrive-form [name=complete]").first.evaluate(
        "(one) => { const form = one.closest('form');"
        " form.elements.complete.value = 'no'; }"
    )
    part = [{"item": "gown", "lot": "G-1", "quantity": 20}]
    path = f"transfers/{sent['id']}/arrive"
    stocked.post(DUTY, path, lines=part, complete=False)
    page.locator("#arrive-form [type=submit]").click()
    refusal = page.locator("#arrive .form-error")
    expect(refusal).to_have_attribute("data-code", "command.already-recorded")
    expect(refusal).to_contain_text("刚刚由")
    expect(refusal).to_contain_text("登记到货 20")
    page.locator("#arrive-form [type=submit]").click()
    expect(page.locator("#arrive")).to_be_hidden()
    slip = stocked.get(f"slips/{sent['id']}")["slip"]
    assert slip["left"] == 10


def test_a_makers_batch_is_recalled_from_the_row_of_a_lot(
    stocked: Served, visitors: Visitors
):
    """All lots of it, by whoever may; the row says so then."""
    receive(stocked, "gown", 9, "PB-77")
    page = visitors.page(stocked, DUTY)
    console(page, stocked, f"/stock?area={STREET}#lots")
    row = page.locator("#lots tbody tr", has_text="PB-77")
    row.locator('[data-act="recall"]').click()
    sheet = page.locator("#decide-stock-recall")
    expect(sheet).to_contain_text("PB-77")
    sheet.locator("[name=reason]").fill("厂家通知")
    sheet.locator("[type=submit]").click()
    expect(row.get_by_text("召回", exact=True)).to_be_visible()
    expect(row.locator('[data-act="recall"]')).to_have_text("按厂家批号解除")


# --- the catalogue -----------------------------------------------------------------


def give(page: Page, text: str) -> None:
    """Give the page a file and have it tried."""
    file = {"name": "物资目录.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("#import-file").set_input_files(files=[file])  # type: ignore[list-item]
    page.locator("#import-form [type=submit]").click()


def test_a_catalogue_is_tried_mended_imported_and_found(
    stocked: Served, visitors: Visitors
):
    """Every fault has its row and column; then three letters find the new item."""
    page = visitors.page(stocked, ADMINISTRATOR)
    console(page, stocked, "/goods#import")
    mark(page)
    good = "tent,测试帐篷,Tent,bedding,顶,,C-01,,,,,是\n"
    wrong = "quilt,被子,Quilt,bedding,床,,C-02,很久,,,,是\n,无码,X,other,个,,,,,,,\n"
    give(page, f"{HEAD}\n{wrong}{good}")
    found = page.locator("[data-faults] tbody tr")
    expect(found).to_have_count(2)
    expect(found.first.locator("th")).to_have_text("2")
    expect(found.first).to_contain_text("保质期")
    expect(found.last).to_contain_text("编码")
    give(page, f"{HEAD}\n{good}")
    expect(page.locator('[data-report="dry"] [data-total="new"] b')).to_have_text("1")
    assert stocked.get("items")["total"] == 3
    page.locator("#import-commit").click()
    expect(page.locator('[data-report="done"] [data-receipt]')).to_be_visible()
    page.locator("#quick-q").fill("cszp")
    page.locator('#quick-found [data-found="tent"]').click()
    expect(page.locator("#drawer dl.facts")).to_contain_text("C-01")
    assert never_reloaded(page)


# --- fit for everybody -------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "locale"), [(WIDE, "zh-CN"), (PHONE, "en-US")][: 2 if LONG else 1]
)
def test_every_tab_is_fit_for_everybody(
    stocked: Served, visitors: Visitors, size: tuple[int, int], locale: str
):
    """It fits its window, axe finds nothing grave, a reader has nothing to press."""
    who = STAFF if locale == "zh-CN" else AUDITOR
    page = visitors.page(stocked, who, size=size, locale=locale)
    for path in PAGES + MORE if LONG else PAGES:
        console(page, stocked, path)
        if page.locator("#drawer[open]").count():
            expect(page.locator("#drawer-body")).to_have_attribute("aria-busy", "false")
        expect(page.locator("main .list-error:visible")).to_have_count(0)
        assert probe(page, "scroll")[0] <= 0, path
        assert grave(page) == [], path
        if who == AUDITOR:
            assert page.locator(f":is({ACTIONS}):visible").count() == 0, path
        page.goto("about:blank")
