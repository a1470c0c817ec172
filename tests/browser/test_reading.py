"""Reading the screen: the drawer of facts, looking back, the clock, problems."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    COMMUNITY,
    DISTRICT,
    STREET,
    Served,
    Visitors,
    live,
    mark,
    never_reloaded,
    picture,
    reach,
    seq_of,
    shows,
    visit,
)

if TYPE_CHECKING:
    from playwright.sync_api import Route

BOARD = re.compile(r"/api/v1/areas/[0-9]+/board")


def ordered(served: Served) -> int:
    """Return the log position of the order in the converting world."""
    [order] = served.get(f"areas/{DISTRICT}/board")["emergencies"]
    return int(order["seq"])


# --- the drawer --------------------------------------------------------------------


def test_every_seq_opens_the_facts_behind_it(converting: Served, visitors: Visitors):
    """Rows, the banner, the ticker and late steps lead to what they rest on."""
    page = visitors(converting, AUDITOR)
    drawer = page.locator("#drawer")
    shown = page.locator(f'tr[data-code="{STREET}"] button.seq')
    newest = str(shown.text_content()).removeprefix("#")
    shown.click()
    expect(page.locator("#drawer-title")).to_contain_text("岳阳街道")
    facts = drawer.locator("li[data-fact]")
    expect(facts.first).to_be_visible()
    codes = {f["area"] for f in converting.get("facts", area=STREET)["facts"]}
    assert all(code is None or code.startswith("310117") for code in codes)
    listed = facts.evaluate_all("all => all.map((one) => Number(one.dataset.fact))")
    assert int(newest) in listed
    assert listed == sorted(listed, reverse=True)
    first = listed[0]
    facts.first.locator("button.seq").click()
    detail = drawer.locator(f'.fact-detail[data-fact="{first}"]')
    told = converting.get(f"facts/{first}")
    for value in (told["stream"], str(told["version"]), told["leaf"], told["zh"]):
        expect(detail).to_contain_text(value)
    page.locator("#drawer-back").click()
    expect(facts.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    for button in (
        page.locator("#banner button.seq"),
        page.locator("#ticker button").first,
    ):
        button.click()
        expect(drawer.locator(".fact-detail .hash").first).to_be_visible()
        expect(page.locator("#drawer-back")).to_be_hidden()
        page.locator("#drawer [data-close]").click()

    # What is late is counted by street, and one link away step by step.
    expect(page.locator("#late .street-list li")).to_have_count(3)
    page.locator('#late [data-key="all-late"]').click()
    expect(drawer.locator(".street-list li")).to_have_count(3)
    drawer.locator(".late-list button.seq").first.click()
    expect(drawer.locator(".fact-detail .hash").first).to_be_visible()
    page.locator("#drawer-back").click()
    drawer.locator(".street-list a").first.click()
    expect(drawer).to_be_hidden()


def test_an_emergency_opens_with_what_was_ordered(
    converting: Served, visitors: Visitors
):
    """Basis, measures, scope and the playbook's digest stand above its facts."""
    page = visitors(converting, AUDITOR)
    page.locator("#banner [data-emergency]").click()
    about = page.locator("#drawer .emergency")
    [order] = converting.get(f"areas/{DISTRICT}/board")["emergencies"]
    for value in (order["basis"], order["measures"], order["playbook"]["digest"]):
        expect(about).to_contain_text(value)


def test_older_facts_come_on_demand(peace: Served, visitors: Visitors):
    """One page of facts at a time, down to the first."""
    page = visitors(peace, AUDITOR, COMMUNITY)

    def by_five(route: Route) -> None:
        answer = route.fetch(url=route.request.url.replace("limit=50", "limit=2"))
        body = answer.json()
        # A full page for the screen: the oldest two stand for fifty.
        if "before" not in route.request.url:
            body["facts"] = [body["facts"][0]] * 49 + [body["facts"][1]]
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/api/v1/facts?*", by_five)
    page.locator("#facts [data-key=all-facts]").click()
    facts = page.locator("#drawer li[data-fact]")
    expect(facts).to_have_count(50)
    page.locator("#more-facts").click()
    expect(page.locator("#more-facts")).to_have_count(0)
    assert facts.count() > 50


# --- looking back ------------------------------------------------------------------


def test_looking_back_and_returning(converting: Served, visitors: Visitors):
    """Another moment says so, shows what was true then, and is left by a button."""
    at = ordered(converting)
    page = visitors(converting, AUDITOR)
    mark(page)
    now = picture(page)
    page.locator("#at-seq").fill(str(at - 1))
    page.locator("#at button").click()
    past = page.locator("#past")
    expect(past).to_contain_text("历史回看")
    expect(past).to_contain_text(f"seq {at - 1}")
    shows(page, DISTRICT)
    expect(page.locator("html")).to_have_attribute("data-seq", str(at - 1))
    expect(page.locator("#banner")).to_have_attribute("data-mode", "PEACETIME")
    expect(page.locator("#state")).to_have_attribute("data-status", "past")
    expect(page.locator("body")).to_have_attribute("data-past", "")
    assert "at=" in page.url

    # Down into a street, it is still that moment.
    page.locator(f'tr[data-code="{STREET}"] a').click()
    shows(page, STREET)
    expect(past).to_be_visible()
    page.go_back()
    shows(page, DISTRICT)
    expect(past).to_be_visible()
    past.get_by_role("button", name="后一条").click()
    expect(page.locator("#banner")).to_have_attribute("data-mode", "EMERGENCY")
    page.locator("#to-live").click()
    live(page)
    expect(past).to_be_hidden()
    expect(page.locator("body")).not_to_have_attribute("data-past", "")
    reach(page, int(now["seq"]))
    shows(page, DISTRICT)
    assert picture(page) == now
    assert never_reloaded(page)


def test_a_fact_leads_to_the_screen_of_its_moment(
    converting: Served, visitors: Visitors
):
    """看此刻的指挥屏."""
    at = ordered(converting)
    page = visitors(converting, AUDITOR)
    page.locator("#banner button.seq").click()
    page.locator(f'[data-look="{at}"]').click()
    expect(page.locator("#past")).to_contain_text(f"seq {at}")
    expect(page.locator("html")).to_have_attribute("data-seq", str(at))
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#late li")).to_have_count(0)


# --- the clock ---------------------------------------------------------------------


def test_the_clock_is_the_worlds(converting: Served, visitors: Visitors):
    """Sixty times as fast in a demonstration; it stands still in the past."""
    at = ordered(converting)
    page = visitors.page(converting, AUDITOR)
    board = converting.get(f"areas/{DISTRICT}/board")
    [order] = board["emergencies"]
    declared = datetime.fromisoformat(order["declared_at"])
    start = declared + timedelta(minutes=70)

    def faster(route: Route) -> None:
        answer = route.fetch()
        body = {**answer.json(), "now": start.isoformat(), "rate": 60}
        route.fulfill(response=answer, body=json.dumps(body))

    page.route(BOARD, faster)
    page.clock.install(time=declared + timedelta(days=400))
    page.goto(f"{converting.url}/?area={DISTRICT}", wait_until="domcontentloaded")
    page.clock.run_for(100)
    shows(page, DISTRICT)
    timing = page.locator("#banner .timing")
    expect(timing).to_contain_text("1时10分")

    def clock() -> datetime:
        day = declared.date().isoformat()
        return datetime.fromisoformat(f"{day}T{page.locator('#clock').text_content()}")

    page.clock.pause_at(declared + timedelta(days=400, seconds=10))
    page.clock.run_for(1000)
    seen = [clock()]
    for _ in range(5):
        page.clock.run_for(1000)
        seen.append(clock())
    steps = [b - a for a, b in pairwise(seen)]
    assert steps == [timedelta(minutes=1)] * 5
    # Elapsed time follows within a few seconds of the reader's time.
    began = str(timing.text_content())
    page.clock.run_for(10_000)
    expect(timing).not_to_have_text(began)

    # Looking back, every elapsed time is that of the moment shown.
    page.locator("#at-seq").fill(str(at))
    page.locator("#at button").click()
    page.clock.run_for(100)
    expect(page.locator("#past")).to_be_visible()
    expect(timing).to_contain_text("不到1分")
    then = page.locator("#clock").text_content()
    page.clock.run_for(60_000)
    expect(timing).to_contain_text("不到1分")
    expect(page.locator("#clock")).to_have_text(str(then))


# --- problems ----------------------------------------------------------------------


def test_an_unknown_area_is_said_and_can_be_retried(peace: Served, visitors: Visitors):
    """A board without data says what is wrong and how to go on."""
    page = visitors.page(peace, AUDITOR)
    page.goto(f"{peace.url}/?area=999999000000", wait_until="domcontentloaded")
    problem = page.locator("#problem")
    expect(problem).to_be_visible()
    expect(problem).to_contain_text("没有这个区域")
    expect(problem).to_contain_text("areas.unknown")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    expect(page.locator("#banner")).to_be_hidden()
    with page.expect_response(BOARD) as asked:
        page.locator("#retry").click()
    assert asked.value.status == 404
    problem.get_by_role("link").click()
    shows(page, DISTRICT)
    expect(problem).to_be_hidden()


def test_a_failed_load_recovers_by_its_button(peace: Served, visitors: Visitors):
    """What the service cannot answer now, it may answer on the next try."""
    page = visitors.page(peace, AUDITOR)
    page.route(BOARD, lambda route: route.fulfill(status=502, body="<html>"))
    page.goto(f"{peace.url}/", wait_until="domcontentloaded")
    expect(page.locator("#problem")).to_contain_text("net.unreadable")
    page.unroute(BOARD)
    page.locator("#retry").click()
    shows(page, DISTRICT)
    live(page)
    expect(page.locator("#problem")).to_be_hidden()


@pytest.mark.parametrize(
    ("locale", "said"), [("zh-CN", "没有这个页面"), ("en-US", "There is no such page")]
)
def test_a_page_that_is_not_there(
    peace: Served, visitors: Visitors, locale: str, said: str
):
    """A 404 is a page too, with a way back."""
    page = visitors.page(peace, AUDITOR, locale=locale)
    answer: Any = page.goto(f"{peace.url}/nowhere", wait_until="domcontentloaded")
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text(said)
    page.locator("a.button").click()
    shows(page, DISTRICT)


def test_going_down_and_up_by_links(peace: Served, visitors: Visitors):
    """District, street, community and back, without loading a page."""
    page = visitors(peace, AUDITOR)
    mark(page)
    expect(page.locator("#main")).to_have_attribute("data-layout", "district")
    page.locator(f'tr[data-code="{STREET}"] a').click()
    shows(page, STREET)
    expect(page.locator("#main")).to_have_attribute("data-layout", "street")
    page.locator(f'#map [data-tile="{COMMUNITY}"]').click()
    shows(page, COMMUNITY)
    expect(page.locator("#main")).to_have_attribute("data-layout", "leaf")
    live(page)
    page.locator("#crumbs a").last.click()
    shows(page, STREET)
    page.go_back()
    shows(page, COMMUNITY)
    assert never_reloaded(page)
    assert seq_of(page) == peace.head
    visit(page, peace, DISTRICT)
    codes = "all => all.map((row) => row.dataset.code)"
    page.locator("button[data-sort=code]").click()
    rows = page.locator("#children tbody tr").evaluate_all(codes)
    assert rows == sorted(rows)
