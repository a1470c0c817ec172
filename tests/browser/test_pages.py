"""The pages beside the board: in two languages, on wall and phone, for everybody."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    ADMINISTRATOR,
    AUDITOR,
    COMMANDER,
    DISTRICT,
    DUTY,
    HAN,
    PHONE,
    STAFF,
    STREET,
    WIDE,
    Served,
    Visitors,
    console,
    grave,
    mark,
    names,
    never_reloaded,
    probe,
    ready,
    visit,
    wording,
)
from tests.given import LONG

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response, ViewportSize

EPIDEMIC, CALL = "e-0000000001", "o-0000000001"
TABS = ("grants", "authority", "absences", "accounts", "sessions", "tokens")
MORE = 21
"""Orders beside the prepared one: a page of twenty is not enough."""
THUMB = 48
ACTIONS = (
    "#open-issue, #order-actions :is(a, button), #decide form, [data-review],"
    " [data-acknowledge], [data-act], [data-delegate], .answer-form,"
    " .panel-actions button, #open-order, #open-end, button[value=acknowledge]"
)
"""Whatever lets somebody decide, on any page; one's own sessions are one's own."""
ASK = """(asks) => Promise.all(asks.map(async (ask) =>
  (await fetch(ask)).ok ? null : ask))"""


@pytest.fixture(scope="module")
def full(own_busy: Served) -> Served:
    """A world where every page has something to show."""
    for number in range(MORE):
        own_busy.post(
            DUTY,
            "orders",
            title=f"排查低洼点位 {number:02}",
            text="逐点查看，随时报告。",
            scope=[STREET],
            excluded=[],
            roles=["street-staff"],
            ack_minutes=0,
            done_minutes=0,
            emergency=EPIDEMIC,
        )
    own_busy.post(COMMANDER, "tokens", name="大屏", days=30)
    return own_busy


def one_open(served: Served) -> str:
    """Return the proposal that waits."""
    [row] = served.get("approvals", **{"f.state": "OPEN"})["rows"]
    return str(row["id"])


def every(served: Served) -> Iterator[tuple[str, str]]:
    """Yield who looks at which page; an administrator at what is theirs."""
    proposal = one_open(served)
    for path in (
        "/approvals",
        f"/approvals/{proposal}",
        "/orders",
        f"/orders/{CALL}",
        "/alarms",
        "/emergencies",
        f"/emergencies/{EPIDEMIC}",
        "/me",
    ):
        yield COMMANDER, path
    for tab in TABS:
        yield ADMINISTRATOR, f"/access#{tab}"


def size_of(size: tuple[int, int]) -> ViewportSize:
    """Return a size as the browser takes it."""
    return {"width": size[0], "height": size[1]}


def told(answers: list[Response]) -> set[str]:
    """Return the Chinese in what a page was answered: names, what people wrote."""
    found: set[str] = set()
    for answer in answers:
        if "/api/v1/" in answer.url and "/stream" not in answer.url:
            found.update(text for text in names(answer.json()) if HAN.search(text))
    return found


def refused(page: Page) -> list[str]:
    """Return what lists offer to sort or filter by, and the server cannot."""
    asks = []
    for one in probe(page, "lists"):
        asks += [f"{one['path']}&sort=-{column}" for column in one["sort"]]
        asks += [f"{one['path']}&{column}={value}" for column, value in one["filters"]]
    return [ask for ask in page.evaluate(ASK, asks) if ask]


def turn(page: Page, served: Served, path: str) -> None:
    """Go to a page, or to another of its tabs; wait until all of it is there."""
    console(page, served, path)
    waiting = page.locator("main :is(.skeleton, [aria-busy=true]):visible")
    expect(waiting).to_have_count(0)


FITTED = [("en-US", PHONE), ("zh-CN", WIDE)]


@pytest.mark.parametrize(("locale", "examined"), FITTED if LONG else FITTED[:1])
def test_every_page_is_fit_for_everybody(
    full: Served, visitors: Visitors, locale: str, examined: tuple[int, int]
):
    """It fits its window, axe finds nothing grave, and it speaks one language."""
    pages = {who: visitors.page(full, who, locale=locale) for who, _ in every(full)}
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    for page in pages.values():
        page.on("response", keep)
    known: dict[str, set[str]] = defaultdict(set)  # by page: its tabs stay on it
    for who, path in every(full):
        page = pages[who]
        answers.clear()
        page.set_viewport_size(size_of(WIDE))
        turn(page, full, path)
        expect(page.locator("main .list-error:visible")).to_have_count(0)
        if locale == "en-US":
            data = known[path.partition("#")[0]]
            data |= {"松江区", str(page.locator(".who strong").text_content())}
            data |= told(answers)
            assert wording(page, data) == set(), path
            assert refused(page) == [], path
        for size in (WIDE, PHONE):
            page.set_viewport_size(size_of(size))
            assert probe(page, "scroll")[0] <= 0, (path, size)
            if size == PHONE:
                assert probe(page, "small", THUMB) == [], path
            if size == examined:
                assert grave(page) == [], path


def test_what_one_may_not_see_is_said(full: Served, visitors: Visitors):
    """A page of somebody else's business says so, and offers nothing."""
    page = visitors.page(full, STAFF, size=PHONE)
    console(page, full, "/access")
    expect(page.locator("#tab-grants")).to_be_hidden()
    expect(page.locator("#authority tr[data-level=I]")).to_be_visible()
    page.goto(f"{full.url}/approvals", wait_until="domcontentloaded")
    expect(page.locator("#waiting .list-error")).to_have_attribute(
        "data-code", "permit.denied"
    )
    page.goto(f"{full.url}/orders/o-ffffffffff", wait_until="domcontentloaded")
    expect(page.locator("#missing .list-error")).to_be_visible()


def test_an_auditor_sees_everything_and_decides_nothing(
    full: Served, visitors: Visitors
):
    """On no page is there anything to press that would be a decision."""
    page = visitors.page(full, AUDITOR)
    for _who, path in every(full):
        if path.endswith(("#accounts", "#sessions", "#tokens")):
            continue
        turn(page, full, path)
        assert page.locator(f":is({ACTIONS}):visible").all_inner_texts() == [], path
        if path == f"/emergencies/{EPIDEMIC}":
            expect(page.locator("#record [data-part=approvals]")).to_be_visible()
    visit(page, full, DISTRICT)
    expect(page.locator("#alarms [data-alarm]").first).to_be_visible()
    assert page.locator(f":is({ACTIONS}):visible").all_inner_texts() == []


# --- lists -------------------------------------------------------------------------


def asked(page: Page) -> dict[str, str]:
    """Return what the address asks for."""
    found = parse_qs(urlsplit(page.url).query)
    return {name: value[0] for name, value in found.items()}


def titles(page: Page) -> list[str]:
    """Return the names of the rows."""
    return page.locator("#all tr[data-row] th").all_inner_texts()


def test_a_list_is_sorted_filtered_and_paged_by_its_address(
    full: Served, visitors: Visitors
):
    """Whoever is sent the address sees the same rows."""
    page = visitors.page(full, DUTY)
    console(page, full, "/orders?size=20&sort=title")
    rows = page.locator("#all tr[data-row]")
    expect(rows).to_have_count(20)
    page.locator("#all [data-key=sort-title]").click()
    page.wait_for_url("**/orders?*sort=-title*")
    heading = page.locator("#all th", has=page.locator("[data-key=sort-title]"))
    expect(heading).to_have_attribute("aria-sort", "descending")
    first = titles(page)
    assert first == sorted(first, reverse=True)
    page.locator("#all .list-pager button").last.click()
    expect(rows).to_have_count(MORE + 1 - 20)
    assert asked(page) == {"size": "20", "sort": "-title", "page": "2"}
    second = titles(page)
    assert not set(first) & set(second)
    page.reload(wait_until="domcontentloaded")
    ready(page)
    assert titles(page) == second

    page.locator("#all input[type=search]").fill("独居老人")
    expect(rows).to_have_count(1)
    assert asked(page)["q"] == "独居老人"
    assert "page" not in asked(page)
    page.locator("#all input[type=search]").fill("")
    page.get_by_label("时限", exact=True).select_option("true")
    expect(rows).to_have_count(1)
    expect(rows).to_have_attribute("data-row", CALL)
    assert asked(page)["f.late"] == "true"
    page.get_by_label("状态", exact=True).select_option("WITHDRAWN")
    page.locator("#all .list-clear button").click()
    expect(rows).to_have_count(20)


def test_a_list_is_taken_away_as_a_file(full: Served, visitors: Visitors):
    """As it is filtered and sorted, all pages of it, in the reader's language."""
    page = visitors.page(full, DUTY, locale="en-US")
    console(page, full, "/orders?size=20&sort=-title&q=低洼")
    files = {}
    for kind in ("xlsx", "csv"):
        with page.expect_download() as taken:
            page.locator(f"#all [data-format={kind}]").click()
        assert taken.value.suggested_filename.endswith(f".{kind}")
        files[kind] = Path(taken.value.path()).read_bytes()
    sheet: Any = openpyxl.load_workbook(io.BytesIO(files["xlsx"])).active
    from_sheet = [[str(cell or "") for cell in row] for row in sheet.values]
    text = files["csv"].decode("utf-8-sig")
    from_text = list(csv.reader(io.StringIO(text)))
    for head, *rows in (from_sheet, from_text):
        assert len(rows) == MORE
        assert not any(HAN.search(name) for name in head), head
        shown = [row[head.index("Title")] for row in rows]
        assert shown == sorted(shown, reverse=True)


def test_an_alarm_is_acknowledged_in_its_row(full: Served, visitors: Visitors):
    """One press: who and when stand there, and one fewer waits, on every screen."""
    board = visitors(full, COMMANDER)
    waiting = board.locator('#nav [data-badge="alarms"]')
    before = int(str(waiting.text_content()))
    mark(board)
    page = visitors.page(full, COMMANDER, size=PHONE)
    console(page, full, "/alarms")
    button = page.locator("[data-acknowledge]").first
    alarm = button.get_attribute("data-acknowledge")
    button.click()
    row = page.locator(f'tr[data-row="{alarm}"]')
    expect(row).to_contain_text("已确认")
    expect(row).to_contain_text("沈总指挥")
    expect(row.locator("[data-acknowledge]")).to_have_count(0)
    expect(waiting).to_have_text(str(before - 1))

    # On the board too.
    rest = board.locator("#alarms-panel [data-alarm] button[value=acknowledge]")
    rest.first.click()
    expect(waiting).to_have_text(str(before - 2))
    assert never_reloaded(board)
