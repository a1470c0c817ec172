"""Strength on the command screen: vacant posts, packages nobody has, who is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    COMMANDER,
    COMMUNITY,
    DISTRICT,
    HAN,
    PHONE,
    STAFF,
    STREET,
    WIDE,
    Served,
    Visitors,
    console,
    grave,
    kpi,
    mark,
    names,
    never_reloaded,
    probe,
    reach,
    shows,
    to_confirm,
    wording,
    write_order,
)
from tests.given import LONG, PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

THUMB = 48
NEXT = "310117001002"
"""The other community of the street."""
ALONE, FIRST, SECOND = "钱独当", "孙甲角", "李乙角"
POST, LINE = f"{NEXT}-p-liaison", f"{COMMUNITY}-p-liaison"
"""Held by one person alone; and by two in line."""
ROSTER = f"""\
number,name,phone,unit,community
S00001,{ALONE},15400000001,测试单位,{NEXT}
S00002,{FIRST},15400000002,测试单位,{COMMUNITY}
S00003,{SECOND},15400000003,测试单位,{COMMUNITY}
"""


@pytest.fixture(scope="module")
def staffed(own_converting: Served) -> tuple[Served, int]:
    """A street in an emergency with three people on two posts; and when it had none."""
    served = own_converting
    before = served.head
    answer = httpx.post(
        f"{served.url}/api/v1/people/import",
        params={"dry_run": "false", "area": STREET},
        content=ROSTER.encode(),
        cookies={"pingzhan": served.session(STAFF)},
        headers={"Idempotency-Key": "strength-roster-1", "Content-Type": "text/csv"},
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code in (200, 201), answer.text
    served.get("people", area=STREET, min_seq=answer.json()["seq"])
    first, second, alone = (person(served, name) for name in (FIRST, SECOND, ALONE))
    posts = [
        {"area": COMMUNITY, "kind": "liaison", "chain": [first, second]},
        {"area": NEXT, "kind": "liaison", "chain": [alone]},
    ]
    served.post(STAFF, "posts", posts=posts)
    return served, before


def person(served: Served, name: str) -> str:
    """Return somebody's id."""
    [row] = served.get("people", area=STREET, q=name)["rows"]
    return str(row["id"])


def falls_ill(served: Served, name: str) -> int:
    """Record that somebody cannot come; return the log position."""
    body: dict[str, Any] = {"people": [person(served, name)], "cause": "ill"}
    answer = served.post(STAFF, "people/unavailable", **body, reason="发热")
    return int(answer["seq"])


def tile(page: Page, code: str) -> Locator:
    """Return a place on the map."""
    return page.locator(f'#map [data-tile="{code}"]')


def layer_of(page: Page) -> list[str]:
    """Return the layer that the address asks for."""
    return parse_qs(urlsplit(page.url).query).get("layer", [])


def test_a_vacancy_appears_live(staffed: tuple[Served, int], visitors: Visitors):
    """In the numbers, on the board of vacancies, on the map and in the table."""
    served, _ = staffed
    page = visitors(served, COMMANDER)
    mark(page)
    panel = page.locator("#vacancies-panel")
    expect(panel).to_contain_text("没有空缺的岗位")
    expect(kpi(page, "vacant")).to_have_text("0")
    box = page.locator("[data-kpi=vacant]")
    expect(box).not_to_have_attribute("data-bad", "")
    page.locator("#layers [data-layer=vacancies]").click()
    expect(tile(page, NEXT).locator(".mark")).to_be_hidden()

    reach(page, falls_ill(served, ALONE))
    expect(kpi(page, "vacant")).to_have_text("1")
    expect(box).to_have_attribute("data-bad", "")
    row = panel.locator(f'[data-vacant="{POST}"]')
    expect(row).to_contain_text("菜花泾")
    expect(row).to_contain_text("患病")
    expect(row).to_contain_text("空缺不到1分")
    expect(row).not_to_contain_text(ALONE)  # a board goes to many screens
    expect(tile(page, NEXT).locator(".mark")).to_have_text("◆1")
    expect(tile(page, NEXT)).to_have_attribute("aria-label", re.compile("空缺1岗"))
    cells = page.locator(f'tr[data-code="{STREET}"] td.strength')
    expect(cells.first).to_have_text("1")

    # Who checks in is counted, and who steps in acts.
    waiting = kpi(page, "unknown")
    expect(waiting).to_have_text("3")
    first = person(served, FIRST)
    served.post(STAFF, "checkins", person=first, stage="present", source="staff")
    expect(kpi(page, "present")).to_have_text("1")
    expect(waiting).to_have_text("2")
    reach(page, falls_ill(served, FIRST))
    expect(kpi(page, "acting")).to_have_text("1")
    assert never_reloaded(page)

    # Each row rests on a fact, and leads to its post.
    row.locator("button.seq").click()
    expect(page.locator("#drawer .fact-detail")).to_be_visible()
    page.locator("#drawer [data-close]").click()
    row.locator(".what").click()
    page.wait_for_url(f"**/posts?post={POST}")
    expect(page.locator("#drawer-body")).to_contain_text(ALONE)


def test_without_posts_none_is_vacant(staffed: tuple[Served, int], visitors: Visitors):
    """Looking back to when there were none: no nought, and no board of vacancies."""
    served, before = staffed
    page = visitors.page(served, COMMANDER)
    page.goto(f"{served.url}/?area={DISTRICT}&at={before}")
    shows(page, DISTRICT)
    expect(page.locator("#vacancies-panel")).to_be_hidden()
    expect(kpi(page, "vacant")).to_have_text("—")


def test_the_layer_of_the_map_is_in_its_address(
    staffed: tuple[Served, int], visitors: Visitors
):
    """Down, up and after a reload it is the same; sign and number tell, not colour."""
    served, _ = staffed
    page = visitors(served, COMMANDER)
    tiles = served.get(f"areas/{DISTRICT}/board")["tiles"]
    page.locator("#layers [data-layer=packages]").click()
    assert layer_of(page) == ["packages"]
    for one in tiles:
        said = tile(page, one["code"]).locator(".mark")
        expect(said).to_have_text(f"▲{one['gaps']}" if one["gaps"] else "")
    expect(page.locator("#legend .key").first).to_have_text("无缺口")
    page.locator(f'tr[data-code="{STREET}"] a').click()
    shows(page, STREET)
    assert layer_of(page) == ["packages"]
    expect(tile(page, COMMUNITY).locator(".mark")).to_contain_text("▲")
    page.reload(wait_until="domcontentloaded")
    shows(page, STREET)
    pressed = page.locator("#layers [aria-pressed=true]")
    expect(pressed).to_have_attribute("data-layer", "packages")
    page.locator("#layers [data-layer='']").click()
    assert layer_of(page) == []
    page.go_back()
    shows(page, DISTRICT)
    expect(pressed).to_have_attribute("data-layer", "packages")


@pytest.mark.parametrize(
    ("size", "locale"), [(WIDE, "en-US"), (PHONE, "zh-CN")][: 2 if LONG else 1]
)
def test_strength_fits_everybody(
    staffed: tuple[Served, int],
    visitors: Visitors,
    size: tuple[int, int],
    locale: str,
):
    """Every layer fits its glass or thumb, speaks one language, and axe is content."""
    served, _ = staffed
    if not served.get(f"areas/{DISTRICT}/board")["vacancies_total"]:
        falls_ill(served, ALONE)
    page = visitors.page(served, COMMANDER, size=size, locale=locale)
    for area, layer in (
        (DISTRICT, "packages"),
        (STREET, "vacancies"),
        (NEXT, ""),
    ):
        console(page, served, f"/?area={area}&layer={layer}")
        shows(page, area)
        expect(page.locator("#vacancies li")).to_have_count(1)
        assert grave(page) == [], (area, layer)
        if size == PHONE:
            assert probe(page, "scroll")[0] <= 0, (area, layer)
            assert probe(page, "small", THUMB) == [], (area, layer)
        else:
            assert max(probe(page, "scroll")) <= 0, (area, layer)
            assert probe(page, "beyond") == [], (area, layer)
            assert probe(page, "clipped") == [], (area, layer)
            data = {"松江区", str(page.locator(".who strong").text_content())}
            data.update(names(served.get(f"areas/{area}/board")))
            known = {text for text in data if HAN.search(text)}
            assert wording(page, known) == set(), (area, layer)


def test_a_preview_says_who_would_be_wanting(
    staffed: tuple[Served, int], visitors: Visitors
):
    """Posts and packages are counted and listed; stock nobody has looked at."""
    served, _ = staffed
    page = visitors(served, COMMANDER)
    write_order(page, level="II")
    to_confirm(page)
    preview = page.locator("#order-preview .preview")
    posts = preview.locator("[data-assessed=posts]")
    expect(posts).to_have_attribute("data-bad", "")
    expect(posts).to_contain_text(re.compile("要求[0-9]+岗.*未设"))
    expect(preview.locator("[data-part=posts]")).to_contain_text("未设岗")
    packages = preview.locator("[data-assessed=packages]")
    expect(packages).to_contain_text(re.compile("[0-9]+个对象，[0-9]+个无人包"))
    expect(preview.locator("[data-part=packages] tbody tr").first).to_be_visible()
    materials = preview.locator("[data-assessed=materials] dd")
    expect(materials).to_contain_text(re.compile("不要求|要求[0-9]+种"))
