"""A coordinator's day: the roster, who falls ill, who stands in, what nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    AUDITOR,
    COMMUNITY,
    DUTY,
    HAN,
    OTHER_STAFF,
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
    wording,
)
from tests.given import LONG, PATIENCE_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page, Response

THUMB = 48
NEXT = "310117001002"
"""The other community of the street."""
HEAD = "number,name,phone,unit,unit_size,community,skills,training\n"
HOLDER, BACKUP, ALONE, FREE, LATER = "钱甲角", "孙乙角", "李独当", "周候补", "吴迟到"
KEEPER, HELPER = "郑仓管", "王帮手"
NEIGHBOURS = tuple(f"邻居{n}" for n in "一二三四五六七八")
FALLEN = "冯再病"
SECRETARY_POST = f"{COMMUNITY}-p-second-secretary"
KEEPER_POST = f"{COMMUNITY}-p-station-keeper"
NEXT_POST = f"{NEXT}-p-station-keeper"
PAGES = (
    "/people#roster",
    "/people#checkin",
    "/people#openings",
    "/people#qr",
    "/people#import",
    "/posts",
    "/posts#risks",
    "/packages#coverage",
    "/packages#all",
    "/packages#proposal",
    "/packages#kinds",
)
ACTIONS = (
    ".panel-actions button, .console-actions button, [data-act], [data-edit],"
    " [data-close], #chosen button, .list-tick input, #import-form, .card-do button,"
    " #proposal-form"
)
"""Whatever lets somebody decide about people, posts and packages."""
_numbers = count(1)


def rows(*people: str, community: str = COMMUNITY) -> str:
    """Return a roster file; everybody is trained for every post."""
    return HEAD + "".join(
        f"P{n:05},{name},154{n:08},测试单位,20,{community},驾驶,应急指挥、物资管理\n"
        for n, name in zip(_numbers, people, strict=False)
    )


def bring(served: Served, text: str) -> None:
    """Import a roster elsewhere."""
    answer = httpx.post(
        f"{served.url}/api/v1/people/import",
        params={"dry_run": "false", "area": STREET},
        content=text.encode(),
        cookies={"pingzhan": served.session(STAFF)},
        headers={
            "Idempotency-Key": f"roster-{next(_numbers):06}",
            "Content-Type": "text/csv",
        },
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code in (200, 201), answer.text
    served.get("people", area=STREET, min_seq=answer.json()["seq"])


def person(served: Served, name: str) -> str:
    """Return somebody's id."""
    [row] = served.get("people", area=STREET, q=name)["rows"]
    return str(row["id"])


@pytest.fixture(scope="module")
def staffed(own_converting: Served) -> Served:
    """A street in an emergency, with people and posts; nobody has a package yet."""
    served = own_converting
    bring(served, rows(HOLDER, BACKUP, ALONE, FREE, LATER, *NEIGHBOURS))
    bring(served, rows(KEEPER, HELPER, FALLEN, community=NEXT))
    for area, kind, *chain in (
        (COMMUNITY, "second-secretary", HOLDER, BACKUP),
        (COMMUNITY, "station-keeper", ALONE),
        (NEXT, "station-keeper", KEEPER),
    ):
        ids = [person(served, name) for name in chain]
        post = {"area": area, "kind": kind, "chain": ids}
        served.post(STAFF, "posts", posts=[post], reason="设岗")
    return served


def choose(page: Page, *people: str) -> None:
    """Tick people on the roster."""
    for name in people:
        row = page.locator("#people tr[data-row]", has_text=name)
        row.locator(".list-tick input").check()


def find(box: Locator, name: str) -> None:
    """Find somebody by typing their name."""
    box.locator("input[type=search]").fill(name)
    box.locator("[data-found]", has_text=name).click()


# --- the roster --------------------------------------------------------------------


def give(page: Page, text: str) -> None:
    """Give the page a file and have it tried."""
    file = {"name": "花名册.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("#import-file").set_input_files(files=[file])  # type: ignore[list-item]
    page.locator("#import-form [type=submit]").click()


def test_a_roster_is_tried_mended_and_imported(staffed: Served, visitors: Visitors):
    """Every fault has its row and column; what is right is shown before it is done."""
    page = visitors.page(staffed, STAFF)
    console(page, staffed, "/people#import")
    mark(page)
    good = rows("新甲", "新乙", "新丙")
    head, first, *rest = good.splitlines(keepends=True)
    give(page, head + first.replace(",154", ",99") + first + "".join(rest))
    found = page.locator("[data-faults] tbody tr")
    expect(found).to_have_count(2)
    expect(found.first.locator("th")).to_have_text("2")
    expect(found.first).to_contain_text("手机")
    expect(found.last).to_contain_text("编号")
    assert staffed.get("people", area=STREET, q="新甲")["total"] == 0

    give(page, good)
    expect(page.locator('[data-report="dry"] [data-total="new"] b')).to_have_text("3")
    expect(page.locator('[data-part="completeness"]')).to_contain_text("3 / 20")
    assert staffed.get("people", area=STREET, q="新甲")["total"] == 0
    page.locator("#import-commit").click()
    expect(page.locator('[data-report="done"] [data-receipt]')).to_be_visible()
    with page.expect_download() as taken:
        page.locator("#import-template").click()
    assert taken.value.suggested_filename.endswith(".xlsx")

    page.locator("#tab-roster").click()
    page.locator("#people input[type=search]").fill("新乙")
    row = page.locator("#people tr[data-row]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("****")
    row.locator("th button").click()
    expect(page.locator("#drawer dl.facts a[href^='tel:154']")).to_be_visible()
    assert never_reloaded(page)


def test_a_file_changed_on_disk_is_chosen_again(
    staffed: Served, visitors: Visitors, tmp_path: Path
):
    """The page says so; what the corrected file empties, and whom it may name twice."""
    page = visitors.page(staffed, STAFF)
    console(page, staffed, "/people#import")
    file = tmp_path / "花名册.csv"
    known = rows("新丁", "新戊")
    bring(staffed, known)
    file.write_text(known.replace(",154", ",99"))
    page.locator("#import-file").set_input_files(file)
    page.locator("#import-form [type=submit]").click()
    expect(page.locator("[data-faults] tbody tr")).to_have_count(2)
    again = known.replace("驾驶", "").replace("\nP", "\nQ", 1)
    file.write_text(again)
    page.locator("#import-form [type=submit]").click()
    told = page.locator(
        "#import-form .field-error:visible, #import-form .form-error:visible"
    )
    expect(told.first).to_contain_text("磁盘上的文件已改动")
    assert page.locator("#import-file").input_value() == ""
    page.locator("#import-file").set_input_files(file)
    page.locator("#import-form [type=submit]").click()
    emptied = page.locator('[data-part="cleared"] tbody tr')
    expect(emptied).to_have_count(1)
    expect(emptied).to_contain_text("技能")
    twice = page.locator('[data-part="already"] tbody tr')
    expect(twice).to_have_count(1)
    expect(twice).to_contain_text("新丁")


# --- who falls ill, who stands in ---------------------------------------------------


def test_illness_is_foreseen_and_the_vacancy_stands_on_every_screen(
    staffed: Served, visitors: Visitors
):
    """Nothing is stored before it has been seen what would follow."""
    board = visitors.page(staffed, DUTY)
    console(board, staffed, "/posts")
    mark(board)
    card = board.locator(f'[data-vacant="{KEEPER_POST}"]')
    expect(card).to_have_count(0)
    page = visitors.page(staffed, STAFF)
    console(page, staffed, "/people?size=200")
    choose(page, HOLDER, ALONE)
    expect(page.locator("#chosen-said")).to_have_text("已选2人")
    page.locator("#chosen-unavailable").click()
    page.locator("#unavailable-cause").select_option("ill")
    page.locator("#unavailable-form [type=submit]").click()
    expect(page.locator("#unavailable .field-error:visible")).to_have_count(1)
    page.locator("#unavailable-reason").fill("发热")
    page.locator("#unavailable-form [type=submit]").click()

    seen = page.locator("#unavailable [data-step=confirm] .what-if")
    expect(seen).to_have_attribute("data-vacated", "1")
    expect(seen).to_have_attribute("data-substituted", "1")
    expect(seen.locator('[data-part="substituted"] tbody')).to_contain_text(BACKUP)
    expect(seen.locator('[data-part="vacated"] tbody')).to_contain_text("没有B角")
    assert staffed.get(f"posts/{KEEPER_POST}")["state"] == "HELD"
    page.locator("#unavailable [name=understood]").check()
    page.locator("#unavailable [data-go=send]").click()
    expect(page.locator("#unavailable [data-receipt]")).to_be_visible()
    page.locator("#unavailable [data-step=receipt] [data-close]").click()
    row = page.locator("#people tr[data-row]", has_text=HOLDER)
    expect(row).to_contain_text("患病")
    expect(page.locator("#chosen")).to_be_hidden()

    expect(card).to_contain_text(ALONE)
    expect(card).to_contain_text("没有B角")
    acting = board.locator(f'#posts tr[data-row="{SECRETARY_POST}"]')
    expect(acting).to_contain_text(BACKUP)
    expect(acting).to_contain_text("待接岗")
    expect(board.locator('#nav [data-badge="posts"]')).to_be_visible()
    assert never_reloaded(board)


def test_a_vacant_post_is_filled(staffed: Served, visitors: Visitors):
    """Somebody is put in line, then ordered to act; the red card goes."""
    ids = [person(staffed, KEEPER)]
    staffed.post(STAFF, "people/unavailable", people=ids, cause="ill", reason="发热")
    page = visitors.page(staffed, STAFF, size=PHONE)
    console(page, staffed, "/posts")
    mark(page)
    card = page.locator(f'[data-vacant="{NEXT_POST}"]')
    card.locator(".card-do button").click()
    drawer = page.locator("#drawer")
    failed = drawer.locator(f'[data-person="{ids[0]}"] [data-passed="0"]')
    expect(failed).to_have_attribute("data-test", "available")
    drawer.locator("[data-act=substitute]").click()
    page.locator("#substitute-reason").fill("物资站不能没有人")
    page.locator("#substitute-form [type=submit]").click()
    refusal = page.locator("#substitute .form-error")
    expect(refusal).to_have_attribute("data-code", "posts.no-one-able")
    page.locator("#substitute header [data-close]").click()

    drawer.locator("[data-act=chain]").click()
    find(page.locator("#chain-line"), HELPER)
    expect(page.locator("#chain-line [data-person]")).to_have_count(2)
    page.locator("#chain-reason").fill("补充B角")
    page.locator("#chain-form [type=submit]").click()
    expect(drawer.locator('[data-able="1"]')).to_contain_text(HELPER)
    drawer.locator("[data-act=substitute]").click()
    page.locator("#substitute-reason").fill("物资站不能没有人")
    page.locator("#substitute-form [type=submit]").click()
    expect(drawer.locator(".handover")).to_be_visible()
    assert probe(page, "scroll")[0] <= 0
    assert probe(page, "small", THUMB) == []
    drawer.locator("[data-close]").click()
    expect(card).to_have_count(0)
    assert staffed.get(f"posts/{NEXT_POST}")["acting_label"] == HELPER
    assert never_reloaded(page)


# --- what nobody has ---------------------------------------------------------------


def gaps(page: Page) -> Locator:
    """Return the number of gaps on show."""
    return page.locator('#coverage [data-total="gaps"] dd')


def test_gaps_are_closed_in_one_decision(staffed: Served, visitors: Visitors):
    """Proposed, looked through, one changed, one left out: the map tells the rest."""
    kind = {"area": COMMUNITY, "f.kind": "building", "f.state": "GAP"}
    open_ = staffed.get("packages", **kind)["total"]
    assert open_ > 2
    watch = visitors.page(staffed, DUTY)
    console(watch, staffed, f"/packages?area={COMMUNITY}#coverage")
    watch.locator('[data-kind="building"]').click()
    expect(gaps(watch)).to_have_text(str(open_))
    mark(watch)

    page = visitors.page(staffed, STAFF)
    console(page, staffed, f"/packages?area={COMMUNITY}#proposal")
    page.locator("#proposal-kind").select_option("building")
    page.locator("#proposal-form [type=submit]").click()
    made = page.locator("#proposal-room tr[data-target]")
    expect(made).to_have_count(open_)
    made.nth(0).locator("[data-edit]").click()
    find(made.nth(0).locator(".finder"), LATER)
    expect(made.nth(0)).to_contain_text(LATER)
    ticked = page.locator("#proposal-room tbody .list-tick input:checked")
    chosen = ticked.count()
    made.nth(1).locator(".list-tick input").uncheck()
    page.locator("#proposal-commit [type=submit]").click()
    expect(page.locator("#proposal-commit .field-error")).to_be_visible()
    before = staffed.head
    page.locator("#proposal-reason").fill("一次补齐")
    page.locator("#proposal-commit [type=submit]").click()
    expect(page.locator("[data-committed]")).to_have_attribute(
        "data-committed", str(chosen - 1)
    )
    facts = staffed.facts(before, "packages.package-assigned")
    assert len(facts) == chosen - 1
    decided = {staffed.get(f"facts/{fact['seq']}")["command"] for fact in facts}
    assert len(decided) == 1
    expect(gaps(watch)).to_have_text(str(open_ - chosen + 1))
    assert never_reloaded(watch)


def test_a_gap_is_given_to_somebody_where_it_stands(
    staffed: Served, visitors: Visitors
):
    """One press beside the gap, a name, a reason; who has it is one click away."""
    page = visitors.page(staffed, STAFF, size=PHONE)
    console(page, staffed, f"/packages?area={COMMUNITY}#coverage")
    page.locator('[data-kind="neighbours"]').click()
    left = int(str(gaps(page).text_content()))
    page.locator("[data-act=assign]").first.click()
    page.locator("#assign-reason").fill("就近")
    page.locator("#assign-form [type=submit]").click()
    expect(page.locator('#assign [data-field="party"] .field-error')).to_be_visible()
    find(page.locator("#assign-party"), FREE)
    page.locator("#assign-form [type=submit]").click()
    expect(gaps(page)).to_have_text(str(left - 1))
    page.locator("#tab-all").click()
    row = page.locator('#packages tr[data-row^="neighbours/"]', has_text=FREE)
    expect(row).to_contain_text("已落实")
    row.locator("td a", has_text=FREE).click()
    ready(page)
    expect(page.locator("#drawer dl.facts")).to_contain_text("社区党员包邻里")


# --- checking in -------------------------------------------------------------------


def part(page: Page, name: str) -> Locator:
    """Return a number of the funnel."""
    return page.locator(f'.stacked-key [data-part="{name}"] strong')


def test_paper_comes_late_and_unknown_is_not_absent(
    staffed: Served, visitors: Visitors
):
    """Both times stand in the record; who said nothing is counted apart."""
    page = visitors.page(staffed, STAFF)
    console(page, staffed, f"/people?area={NEXT}#checkin")
    mark(page)
    expect(part(page, "unknown")).to_have_text("3")
    for name, stage in ((HELPER, "present"), (FALLEN, "absent")):
        page.locator("#open-entry").click()
        find(page.locator("#entry-person"), name)
        page.locator("#entry-stage").select_option(stage)
        page.locator("#entry-source").select_option("paper")
        if stage == "present":
            page.locator("#entry-occurred_at").fill(this_minute(page))
        page.locator("#entry-form [type=submit]").click()
        expect(page.locator("#entry")).not_to_have_attribute("open", "")
        expect(part(page, stage)).to_have_text("1")
    expect(part(page, "unknown")).to_have_text("1")
    row = page.locator(f'#by-community tr[data-row="{NEXT}"]')
    expect(row).to_contain_text("33.3%")
    assert never_reloaded(page)
    at = staffed.get(f"people/{person(staffed, HELPER)}")
    assert at["present_at"] < at["history"][0]["recorded_at"]

    page.locator("#tab-qr").click()
    page.locator("#qr-form [type=submit]").click()
    code = page.locator(".qr-sheet img")
    expect(code).to_be_visible()
    assert code.evaluate("async (i) => { await i.decode(); return i.naturalWidth; }")


def this_minute(page: Page) -> str:
    """Return a time in Shanghai as a form has it: a moment ago, in the campaign."""
    return str(
        page.evaluate("new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 16)")
    )


def test_peacetime_is_closed_until_a_basis_is_given(
    own_peace: Served, visitors: Visitors
):
    """Empty pages say so; opened on a basis; and what was shown stays when cut off."""
    page = visitors.page(own_peace, STAFF)
    console(page, own_peace, "/people")
    expect(page.locator("#people .empty")).to_have_text("名册还是空的，请先导入。")
    page.locator("#tab-checkin").click()
    expect(page.locator("#funnel")).to_contain_text("平时不报到")
    page.locator("#tab-openings").click()
    page.locator("#open-opening").click()
    page.locator("#opening-reason").fill("志愿服务周")
    page.locator("#opening-form [type=submit]").click()
    expect(page.locator("#opening .field-error:visible")).to_have_count(1)
    page.locator("#opening-basis").fill("〔2026〕12 号通知")
    page.locator("#opening-form [type=submit]").click()
    row = page.locator("#openings tr[data-row]")
    expect(row).to_contain_text("开放中")
    page.locator("#tab-checkin").click()
    expect(page.locator("#funnel .state-mark")).to_have_text("开放中")
    page.locator("#tab-openings").click()
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    expect(row).to_contain_text("开放中")
    page.context.set_offline(False)
    ready(page)
    row.locator("[data-close]").click()
    page.locator("#closing-reason").fill("已结束")
    page.locator("#closing-form [type=submit]").click()
    expect(row).to_contain_text("已关闭")


# --- fit for everybody -------------------------------------------------------------


def told(answers: list[Response]) -> Iterator[str]:
    """Yield the Chinese in what a page was answered: names, what people wrote."""
    for answer in answers:
        if "/api/v1/" in answer.url and "/stream" not in answer.url:
            yield from (text for text in names(answer.json()) if HAN.search(text))


@pytest.mark.parametrize(
    ("size", "locale"), [(WIDE, "zh-CN"), (PHONE, "en-US")][: 2 if LONG else 1]
)
def test_every_tab_is_fit_for_everybody(
    staffed: Served, visitors: Visitors, size: tuple[int, int], locale: str
):
    """It fits its window, axe finds nothing grave, and it speaks one language."""
    for path in PAGES:
        page = visitors.page(staffed, STAFF, size=size, locale=locale)
        answers: list[Response] = []
        page.on("response", lambda answer, to=answers: to.append(answer))
        console(page, staffed, path)
        expect(page.locator("#scope strong")).to_have_text("岳阳街道")
        expect(page.locator("main .list-error:visible")).to_have_count(0)
        assert probe(page, "scroll")[0] <= 0, path
        if size == PHONE:
            assert probe(page, "small", THUMB) == [], path
        if (size, locale) != (WIDE, "en-US"):
            assert grave(page) == [], path
        if (size, locale) == (WIDE, "en-US"):
            assert refused(page, staffed) == [], path
        if locale == "en-US":
            data: set[str] = {
                "松江区",
                str(page.locator(".who strong").text_content()),
                *told(answers),
            }
            assert wording(page, data) == set(), path
        page.close()


def refused(page: Page, served: Served) -> list[str]:
    """Return what lists offer to sort or filter by, and the server cannot."""
    found = []
    for one in probe(page, "lists"):
        asks = [f"sort=-{column}" for column in one["sort"]]
        asks += [f"{column}={value}" for column, value in one["filters"]]
        for ask in asks:
            answer = page.request.get(f"{served.url}{one['path']}&{ask}")
            if not answer.ok:
                found.append(f"{one['path']}&{ask}")
    return found


def test_who_only_looks_decides_nothing(staffed: Served, visitors: Visitors):
    """An auditor presses nothing; another street's staff see nobody's name."""
    page = visitors.page(staffed, AUDITOR)
    for path in PAGES:
        if path.endswith("#proposal"):
            continue
        console(page, staffed, path)
        assert page.locator(f":is({ACTIONS}):visible").all_inner_texts() == [], path
    console(page, staffed, f"/people?person={person(staffed, FREE)}")
    expect(page.locator("#drawer dl.facts")).to_be_visible()
    assert page.locator("#drawer [data-act]").count() == 0

    page = visitors.page(staffed, OTHER_STAFF)
    page.goto(
        f"{staffed.url}/people?area={STREET}&size=200", wait_until="domcontentloaded"
    )
    ready(page)
    expect(page.locator("#people")).not_to_contain_text(FREE)
