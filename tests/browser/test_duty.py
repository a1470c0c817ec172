"""A member's phone (值守): checking in, being called, and what waits to be sent."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from api.demo.accounts import PASSWORD
from tests.browser.screen import (
    ADMINISTRATOR,
    COMMUNITY,
    HAN,
    OTHER_COMMUNITY,
    PHONE,
    SECRETARY,
    STAFF,
    STREET,
    Served,
    Visitors,
    console,
    grave,
    names,
    probe,
    ready,
    wording,
)
from tests.given import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Response

THUMB = 48
HOLDER, BACKUP = "jiajue", "yijue"
PEOPLE = {
    HOLDER: "钱甲角",
    BACKUP: "孙乙角",
    "baodao": "李报到",
    "duanwang": "周断网",
    "guoqi": "吴过期",
    "saoma": "郑扫码",
    "liangye": "王两页",
    "jujue": "冯拒绝",
    "zhongkuai": "蒋钟快",
    SECRETARY: "顾书记",
}
"""Account -> name of everybody on the roster of this file."""
ROSTER = "number,name,phone,unit,community\n" + "".join(
    f"T{n:05},{name},154000{n:05},测试单位,{COMMUNITY}\n"
    for n, name in enumerate(PEOPLE.values(), start=1)
)


@pytest.fixture(scope="module")
def field(own_converting: Served) -> Served:
    """A community in an emergency, with nine people who sign in."""
    served = own_converting
    answer = httpx.post(
        f"{served.url}/api/v1/people/import",
        params={"dry_run": "false", "area": STREET},
        content=ROSTER.encode(),
        cookies={"pingzhan": served.session(STAFF)},
        headers={"Idempotency-Key": "duty-roster-0001", "Content-Type": "text/csv"},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code in (200, 201), answer.text
    served.get("people", area=STREET, min_seq=answer.json()["seq"])
    for account, name in PEOPLE.items():
        # The secretary's account has a role already: only an administrator binds it.
        who = ADMINISTRATOR if account == SECRETARY else STAFF
        path = f"people/{person(served, name)}/account"
        served.post(who, path, **signing_in(account))
    return served


def signing_in(account: str) -> dict[str, str]:
    """Return what opens an account."""
    return {"account": account, "password": PASSWORD}


def person(served: Served, name: str) -> str:
    """Return somebody's id."""
    [row] = served.get("people", area=COMMUNITY, q=name)["rows"]
    return str(row["id"])


def stage(served: Served, account: str) -> str:
    """Return how far somebody is, as the staff see it."""
    [row] = served.get("people", area=COMMUNITY, q=PEOPLE[account])["rows"]
    return str(row["stage"])


def when_ms(text: str) -> float:
    """Return a time of the API as a browser counts it."""
    return datetime.fromisoformat(text).timestamp() * 1_000


def sign_in(page: Page, account: str) -> None:
    """Fill the sign-in page in and send it."""
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    page.locator("#login-account").fill(account)
    page.locator("#login-password").fill(PASSWORD)
    page.locator("#login [type=submit]").click()


def at_hand(
    visitors: Visitors, served: Served, account: str, locale: str = "zh-CN"
) -> tuple[BrowserContext, Page]:
    """Return somebody's own phone, with the page open."""
    context = visitors.stranger(PHONE, locale)
    cookie = {"name": "pingzhan", "value": served.session(account), "url": served.url}
    context.add_cookies([cookie])
    page = context.new_page()
    console(page, served, "/duty")
    return context, page


def do(page: Page, name: str) -> Locator:
    """Return a big button of the page."""
    return page.locator(f'[data-do="{name}"]')


def stands(page: Page, name: str) -> None:
    """Wait until the card of checking in shows a stage."""
    expect(page.locator(f'#checkin [data-stage="{name}"]').first).to_be_visible()


def waiting(page: Page, n: int) -> None:
    """Wait until so many are to be sent; none: all is sent."""
    if n:
        chip = page.locator("[data-count=waiting]")
        expect(chip).to_have_text(re.compile(rf"\b{n}\b"))
    else:
        expect(page.locator("[data-count=sent]")).to_be_visible()


def online(context: BrowserContext) -> None:
    """Give the network back; the browser says so, as it would on a phone."""
    context.set_offline(False)
    for page in context.pages:
        page.evaluate("dispatchEvent(new Event('online'))")


def writes(context: BrowserContext) -> list[tuple[str, str]]:
    """Return a list that path and key of every write go to."""
    seen: list[tuple[str, str]] = []
    context.on(
        "request",
        lambda r: (
            seen.append((r.url.partition("/v1/")[2], r.headers["idempotency-key"]))
            if "idempotency-key" in r.headers
            else None
        ),
    )
    return seen


# --- checking in -------------------------------------------------------------------


def test_a_member_checks_in_with_one_thumb(field: Served, visitors: Visitors):
    """Signing in leads here; three taps are three facts; the page fits a phone."""
    page = visitors.stranger(PHONE).new_page()
    page.goto(f"{field.url}/login", wait_until="domcontentloaded")
    sign_in(page, "baodao")
    page.wait_for_url("**/duty")
    ready(page)
    expect(page.locator("#nav a").first).to_have_attribute("data-nav", "duty")
    stands(page, "NONE")
    assert probe(page, "scroll")[0] <= 0
    assert probe(page, "small", THUMB) == []
    assert grave(page) == []
    do(page, "checkin-reported").click()
    stands(page, "REPORTED")
    do(page, "checkin-present").click()
    stands(page, "PRESENT")
    do(page, "checkin-active").click()
    assert probe(page, "small", THUMB) == []
    page.locator("#ask-what").fill("搬运物资")
    page.locator("#ask-form [type=submit]").click()
    stands(page, "ACTIVE")
    waiting(page, 0)
    assert stage(field, "baodao") == "ACTIVE"
    do(page, "checkin-left").click()
    stands(page, "LEFT")
    waiting(page, 0)


def test_a_scanned_code_survives_the_sign_in(field: Served, visitors: Visitors):
    """The code of another community is refused, and the refusal stays."""
    context = visitors.stranger(PHONE)
    page = context.new_page()
    code = field.get("checkins/qr", area=COMMUNITY)
    page.goto(f"{field.url}{code['url'].partition(field.url)[2] or code['url']}")
    sign_in(page, "saoma")
    ready(page)
    expect(page.locator(".scan")).to_contain_text("龙潭居委会")
    sent = writes(context)
    with page.expect_request("**/checkins") as asked:
        do(page, "checkin-reported").click()
    body = asked.value.post_data_json
    assert (body["source"], body["code"]) == ("qr", code["code"])
    stands(page, "REPORTED")
    expect(page.locator(".scan")).to_have_count(0)
    assert "code=" not in page.url
    other = field.get("checkins/qr", area=OTHER_COMMUNITY)
    query = f"community={OTHER_COMMUNITY}&code={other['code']}"
    console(page, field, f"/duty?{query}")
    expect(page.locator("#checkin .warning")).to_contain_text("龙潭居委会")
    do(page, "checkin-present").click()
    refusal = page.locator("#refused li")
    expect(refusal).to_have_count(1)
    assert str(refusal.get_attribute("data-code")).startswith("people.")
    stands(page, "REPORTED")
    page.reload(wait_until="domcontentloaded")
    ready(page)
    expect(refusal).to_have_count(1)
    refusal.locator("button").click()
    expect(refusal).to_have_count(0)
    assert len(sent) == 2  # what was refused is not tried again


# --- what waits to be sent ---------------------------------------------------------


def test_taps_without_a_network_wait_and_arrive_in_order(
    field: Served, visitors: Visitors
):
    """Over a closed tab too: the page opens without a network."""
    context, page = at_hand(visitors, field, "duanwang")
    page.evaluate("navigator.serviceWorker.ready")
    head = field.head
    context.set_offline(True)
    do(page, "checkin-reported").click()
    do(page, "checkin-present").click()
    waiting(page, 2)
    page.close()
    page = context.new_page()
    page.goto(f"{field.url}/duty", wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_attribute("data-ready", "1")
    expect(page.locator("#stale")).to_be_visible()
    stands(page, "PRESENT")  # what was tapped, though nobody has it yet
    waiting(page, 2)
    assert grave(page) == []
    assert stage(field, "duanwang") == "NONE"
    back_ms = page.evaluate("Date.now()")
    online(context)
    waiting(page, 0)
    ready(page)
    assert stage(field, "duanwang") == "PRESENT"
    told = sorted(field.facts(head, "checkin."), key=lambda fact: int(fact["seq"]))
    assert [fact["name"].rpartition(".")[0] for fact in told] == [
        "checkin.member-reported",
        "checkin.member-present",
    ]
    for fact in told:  # hours may lie between
        assert when_ms(fact["occurred_at"]) < back_ms < when_ms(fact["recorded_at"])
    kept = page.evaluate(
        "caches.keys().then(async (names) => (await Promise.all(names.map(async"
        " (name) => (await (await caches.open(name)).keys()).map((r) => r.url))))"
        ".flat())"
    )
    assert f"{field.url}/duty" in kept
    assert not [url for url in kept if "/api/" in url]


def test_a_session_that_ended_keeps_what_was_tapped(field: Served, visitors: Visitors):
    """It goes out after the same account signs in, and never by another's."""
    context, page = at_hand(visitors, field, "guoqi")
    sent = writes(context)
    context.clear_cookies()
    do(page, "checkin-reported").click()
    page.locator("#sign-in-again").click()
    page.wait_for_url("**/login?next=*")
    sign_in(page, "liangye")
    ready(page)
    expect(page.locator("#strangers")).to_be_visible()
    stands(page, "NONE")
    page.locator("#sign-out").click()
    page.wait_for_url("**/login")
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert not sent
    sign_in(page, "guoqi")
    ready(page)
    stands(page, "REPORTED")
    waiting(page, 0)
    assert len(sent) == 1
    assert stage(field, "liangye") == "NONE"
    assert stage(field, "guoqi") == "REPORTED"


def test_two_pages_send_each_tap_once(field: Served, visitors: Visitors):
    """Even when an answer is lost, both pages are open, and both come back."""
    context, first = at_hand(visitors, field, "liangye")
    second = context.new_page()
    console(second, field, "/duty")
    sent = writes(context)
    head = field.head
    context.set_offline(True)
    do(first, "checkin-reported").click()
    waiting(second, 1)
    do(second, "checkin-present").click()
    waiting(first, 2)
    lost: list[Response] = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort("connectionreset")

    context.route("**/checkins", lose_the_first)
    online(context)
    for page in (first, second):
        waiting(page, 0)
        stands(page, "PRESENT")
    assert len(lost) == 1
    assert len(sent) == 3
    assert len({key for _path, key in sent}) == 2  # the lost one came again, as itself
    assert len(field.facts(head, "checkin.")) == 2


JUMPING_CLOCK = """
const Real = Date;
let lead = 0;
globalThis.jump = (minutes) => {
  lead = minutes * 60_000;
};
globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length ? given : [Real.now() + lead]));
  }
  static now() {
    return Real.now() + lead;
  }
};
"""
"""A phone whose clock can be set while a page is open."""


def test_a_tap_by_a_fast_clock_is_kept_and_sent_as_of_now(
    field: Served, visitors: Visitors
):
    """The page says that the clock is wrong, loses nothing, and offers to send it."""
    context = visitors.stranger(PHONE)
    context.add_init_script(JUMPING_CLOCK)
    account = "zhongkuai"
    cookie = {"name": "pingzhan", "value": field.session(account), "url": field.url}
    context.add_cookies([cookie])
    page = context.new_page()
    console(page, field, "/duty")
    head, sent = field.head, writes(context)
    page.evaluate("jump(20)")
    do(page, "checkin-reported").click()
    refusal = page.locator("#refused li")
    expect(refusal).to_have_attribute("data-code", "request.not-yet")
    expect(refusal).to_contain_text("时钟不准")
    expect(refusal).to_contain_text(re.compile("(19|20) 分钟"))
    assert not field.facts(head, "checkin.")
    page.reload(wait_until="domcontentloaded")
    ready(page)
    expect(refusal).to_have_count(1)  # it stays until somebody says what to do
    assert grave(page) == []
    refusal.get_by_role("button", name="按现在的时间提交").click()
    expect(refusal).to_have_count(0)
    waiting(page, 0)
    stands(page, "REPORTED")
    [fact] = field.facts(head, "checkin.")
    late_ms = when_ms(fact["recorded_at"]) - when_ms(fact["occurred_at"])
    assert abs(late_ms) < 60_000
    assert len({key for _path, key in sent}) == 2  # another tap, of another moment


# --- posts -------------------------------------------------------------------------


def test_a_backup_is_called_accepts_and_takes_over(field: Served, visitors: Visitors):
    """Item by item, with a count of what is in custody; then the holder is back."""
    chain = [person(field, PEOPLE[account]) for account in (HOLDER, BACKUP)]
    post = {"area": COMMUNITY, "kind": "liaison", "chain": chain}
    field.post(STAFF, "posts", posts=[post])
    _context, page = at_hand(visitors, field, BACKUP)
    expect(page.locator("#line [data-post]")).to_have_count(1)
    field.post(
        STAFF,
        "people/unavailable",
        people=chain[:1],
        cause="ill",
        what_if=False,
        reason="发热",
    )
    page.evaluate("dispatchEvent(new Event('online'))")
    card = page.locator("#posts [data-post]")
    expect(card).to_have_attribute("data-state", "PENDING")
    expect(card.locator("time.until").first).to_be_visible()
    key = card.get_attribute("data-post")
    do(page, f"accept-{key}").click()
    expect(card).to_have_attribute("data-state", "ACTING")
    listed = card.locator('.handover-item[data-taken="0"]')
    for name in listed.evaluate_all("all => all.map((one) => one.dataset.item)"):
        page.locator(f'[data-item="{name}"] button').click()
        if name == "custody":
            page.locator("#ask-form [type=submit]").click()
            expect(page.locator("#ask .field-error:visible")).to_have_count(1)
            page.locator("#ask-count").fill("12")
            page.locator("#ask-form [type=submit]").click()
        item = page.locator(f'[data-item="{name}"]')
        expect(item).to_have_attribute("data-taken", "1")
    waiting(page, 0)
    assert field.get(f"posts/{key}")["handover_left"] == 0
    field.post(STAFF, "people/available", people=chain[:1], reason="康复")
    _context, holder = at_hand(visitors, field, HOLDER)
    do(holder, f"return-{key}").click()
    holder.locator("#ask-reason").fill("已康复")
    holder.locator("#ask-form [type=submit]").click()
    mine = holder.locator("#posts [data-post]")
    expect(mine).to_have_attribute("data-state", "HELD")


def test_seizing_a_post_asks_for_a_reason_in_english_too(
    field: Served, visitors: Visitors
):
    """It says what it means before it is done; the whole page speaks one language."""
    chain = [person(field, PEOPLE[account]) for account in ("baodao", "jujue")]
    post = {"area": COMMUNITY, "kind": "liaison", "number": 2, "chain": chain}
    field.post(STAFF, "posts", posts=[post])
    context = visitors.stranger(PHONE, "en-US")
    cookie = {"name": "pingzhan", "value": field.session("jujue"), "url": field.url}
    context.add_cookies([cookie])
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer, to=answers: to.append(answer))
    console(page, field, "/duty")
    data = {"松江区", *PEOPLE.values()}
    for answer in answers:
        if "/api/v1/" in answer.url:
            data |= {text for text in names(answer.json()) if HAN.search(text)}
    data.add(str(page.locator(".who strong").text_content()))
    assert wording(page, data) == set()
    assert probe(page, "scroll")[0] <= 0
    assert grave(page) == []
    page.locator('[data-do^="seize-"]').click()
    expect(page.locator("#ask-warning")).to_contain_text("ratified")
    assert wording(page, data) == set()
    assert grave(page) == []
    page.locator("#ask-form [type=submit]").click()
    expect(page.locator("#ask .field-error:visible")).to_have_count(1)
    page.locator("#ask-reason").fill("nobody answers")
    page.locator("#ask-form [type=submit]").click()
    card = page.locator("#posts [data-post]")
    expect(card).to_have_attribute("data-state", re.compile("ACTING|PENDING"))


def test_a_package_goes_to_somebody_found_by_name(field: Served, visitors: Visitors):
    """Whoever may look people up types a name; the package leaves in one decision."""
    gap = field.get("packages", area=COMMUNITY, **{"f.state": "GAP"})["rows"][0]
    row = {
        "kind": gap["kind"],
        "target": gap["target"],
        "party": {"kind": "person", "id": person(field, PEOPLE[SECRETARY])},
        "backups": [],
    }
    field.post(STAFF, "packages/assign", rows=[row], reason="分工")
    _context, page = at_hand(visitors, field, SECRETARY)
    card = page.locator("#packages [data-package]")
    expect(card.locator(".duty-text")).not_to_be_empty()
    card.locator("button").click()
    page.locator("#ask-reason").fill("换片区")
    page.locator("#ask-form [type=submit]").click()
    expect(page.locator("#ask .field-error:visible")).to_have_count(1)
    page.locator("#ask-search").fill(PEOPLE["baodao"])
    page.locator("#ask-found label").click()
    assert grave(page) == []
    page.locator("#ask-form [type=submit]").click()
    expect(card).to_have_count(0)
    waiting(page, 0)


def test_in_peacetime_nobody_checks_in(peace: Served, visitors: Visitors):
    """Whoever is on no roster is told so; nothing on the page can be decided."""
    page = visitors.page(peace, STAFF, size=PHONE)
    console(page, peace, "/duty")
    expect(page.locator("#checkin .empty")).to_contain_text(STAFF)
    expect(page.locator("main [data-do]")).to_have_count(0)
