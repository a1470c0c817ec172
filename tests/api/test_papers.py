"""Papers: what is printed is all there, page for page, and the same each time."""

import base64
import re
import string
import zlib
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.exchange.packs import packed
from api.exchange.papers import drawing, labels, lettering, notes
from api.exchange.papers.drawing import Head
from api.exchange.papers.labels import Label
from api.exchange.papers.notes import CountLine, PaperLine
from coordination.items.events import Packaging

BOX, PACK = Packaging("箱", 200), Packaging("包", 10)
HEAD = Head("r-3f9a1c07d2", "岳阳街道物资站", "2026-11-22 08:41", "张伟", 12, "ab" * 32)
LINE = PaperLine(
    "mask", "口罩", "Mask", "l-1", "2028-07-31", 605, "个", (PACK, BOX), "A-3", "湿"
)
COUNT = CountLine("mask", "口罩", "Mask", "l-1", "2028-07-31", "个", (BOX,), "A-3")
LABEL = Label("mask", "口罩", "l-1", "2028-07-31", "岳阳", "A-3")


def receipt(head=HEAD, lines=(LINE,)):
    return notes.note("receipt", head, lines, "捐赠", "HT-1")


def issue(head=HEAD, lines=(LINE,)):
    return notes.note("issue", head, lines, "桥东居委会", "")


def transfer(head=HEAD, lines=(LINE,)):
    return notes.note("shipment", head, lines, "中山站", "李师傅", "10:30")


def donation(head=HEAD, lines=(LINE,)):
    said = "某厂", "000017", "K7QM"
    return notes.note("gift", head, lines, *said, lookup="https://x/d")


def count(head=HEAD, lines=(COUNT,)):
    return notes.count_sheet(head, lines)


NOTES = [
    (receipt, "入库单", "Goods received note"),
    (issue, "出库单", "Goods issued note"),
    (transfer, "调拨单", "Transfer note"),
    (donation, "捐赠收据", "Donation receipt"),
]
ALL = [*NOTES, (count, "盘点表", "Count sheet")]


def streams_of(pdf):
    """Yield what is drawn on each page and in each shared drawing, in order."""
    for found in re.finditer(rb"stream\r?\n(.+?)~>\s*endstream", pdf, re.DOTALL):
        yield zlib.decompress(base64.a85decode(found[1])).decode("latin-1")


def texts_of(page):
    """Return each text of a page: where it stands, and what it says."""
    for x, y, raw in re.findall(
        r"1 0 0 1 ([-\d.]+) ([-\d.]+) Tm .*?\(((?:\\.|[^\\)])*)\) Tj", page, re.DOTALL
    ):
        told = re.sub(
            r"\\([0-7]{3}|.)",
            lambda m: chr(int(m[1], 8)) if m[1].isdigit() else escaped(m[1]),
            raw,
        )
        yield float(x), float(y), told.encode("latin-1").decode("utf-16-be")


def escaped(sign):
    return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(sign, sign)


def pages_of(pdf):
    """Return the texts of each page, joined."""
    pages = ["|".join(told for *_, told in texts_of(page)) for page in streams_of(pdf)]
    assert len(pages) == len(re.findall(rb"/Type /Page\b", pdf))
    return pages


@pytest.mark.parametrize(("draw", "zh", "en"), ALL)
def test_a_paper_says_what_it_is_where_and_when(draw, zh, en):
    (page,) = pages_of(draw(HEAD._replace(reason="第二批")))
    wanted = [zh, en, HEAD.number, HEAD.station, HEAD.at, HEAD.by, "第二批"]
    wanted += ["口罩", "Mask · mask", "l-1", "2028-07-31", "签字", "复核"]
    wanted += ["日志位置 Log position 12 · 根哈希 Root abababababababab"]
    wanted += ["第 1 / 1 页  Page 1 of 1"]
    assert [each for each in wanted if each not in page] == []
    assert "演练" not in page


@pytest.mark.parametrize(("draw", "zh", "en"), NOTES)
def test_a_note_has_quantities_in_units_and_packs_and_sums(draw, zh, en):  # noqa: ARG001 - one table for all
    tests = LINE._replace(unit="盒", quantity=1000)
    (page,) = pages_of(draw(lines=(LINE, LINE, tests)))
    for wanted in (
        "|605 个|3箱 5个|湿|",
        "|1,000 盒|",
        "3 行 lines · 1,210 个 · 1,000 盒",
    ):
        assert wanted in page


def test_each_note_names_its_parties():
    assert "捐赠" in pages_of(receipt())[0]
    assert "桥东居委会" in pages_of(issue())[0]
    assert {"中山站", "李师傅", "10:30"} <= set(pages_of(transfer())[0].split("|"))
    assert {"某厂", "000017", "K7QM"} <= set(pages_of(donation())[0].split("|"))


def test_a_count_sheet_has_no_quantity():
    assert not {"quantity", "book"} & set(CountLine._fields)
    (page,) = pages_of(count())
    assert "|个|箱=200|" in page
    assert "实盘数量" in page


@pytest.mark.parametrize(("draw", "zh", "en"), ALL)
def test_a_drill_says_so_on_every_page(draw, zh, en):  # noqa: ARG001 - one table for all
    line = COUNT if draw is count else LINE
    pages = pages_of(draw(HEAD._replace(drill=True), [line] * 60))
    assert len(pages) > 1
    for page in pages:
        assert page.startswith("演练 DRILL|演练单据")


def test_many_lines_stand_once_each_under_a_head_on_every_page():
    lines = [LINE._replace(lot=f"lot-{n}") for n in range(500)]
    pages = pages_of(receipt(lines=lines))
    assert re.findall(r"lot-(\d+)", "".join(pages)) == [str(n) for n in range(500)]
    for number, page in enumerate(pages, start=1):
        assert "|序号|No.|" in page
        assert "入库单" in page
        assert HEAD.number in page
        assert f"第 {number} / {len(pages)} 页" in page
        assert ("签字" in page) == (number == len(pages))


def test_the_signatures_never_stand_alone():
    last = [pages_of(receipt(lines=[LINE] * n)) for n in range(12, 30)]
    assert {len(pages) for pages in last} == {1, 2}
    assert all("口罩" in pages[-1] and "签字" in pages[-1] for pages in last)
    assert "签字" in pages_of(receipt(lines=()))[-1]


@pytest.mark.parametrize(("draw", "zh", "en"), ALL)
def test_the_same_slip_gives_the_same_bytes(draw, zh, en):  # noqa: ARG001 - one table for all
    assert draw() == draw()
    assert draw() != draw(HEAD._replace(number="r-0000000000"))


ODD = st.text(max_size=300) | st.text(string.printable + "㐱𠮷〓，。）", max_size=300)


@given(ODD, ODD)
@settings(max_examples=60, deadline=None)
@example("\ud800\x00\x07\ufffe", "𠮷" * 300)
@example("W" * 300, "长" * 300)
@example("\\)(", " ")
def test_any_text_stays_on_the_paper(one, two):
    head = HEAD._replace(number=one, station=two, by=one, reason=two * 3, root=one)
    line = PaperLine(one, two, one, one, two, 10**30, one, (Packaging(two, 3),), *"xy")
    line = line._replace(place=one, note=two)
    pdf = notes.note("shipment", head, [line] * 3, one, two, one)
    for page in streams_of(pdf):
        for x, y, _ in texts_of(page):
            assert 40 < x < 560
            assert 20 < y < 820


@given(ODD, ODD)
@settings(max_examples=40, deadline=None)
@example("W" * 300, "长" * 300)
def test_any_text_stays_on_its_label(one, two):
    label = Label("mask", one, "l-1", two, one, two)
    *_, page = streams_of(labels.labels([label], drill=True))
    for x, y, _ in texts_of(page):
        assert 80 < x < 198
        assert 842 - 105 < y < 842


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("㐱𠮷", "㐱〓"),
        ("a\tb\r\nc\u3000d", "a b c d"),
        ("a\x07b\ud800", "a〓b〓"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("Muñoz e\u0301té", "Munoz été"),
        ("5 m³ ½", "5 m^3 〓"),
        ("a\u200bb\ufeff", "ab"),
        ("한", "〓"),
        ("①℃㎡，“”—…", "①℃㎡，“”—…"),
        ("长" * 121, "长" * 119 + "…"),
    ],
)
def test_what_the_font_lacks_is_seen_to_be_missing(text, shown):
    assert lettering.clean(text) == shown


@given(ODD, st.floats(30, 500))
@settings(deadline=None)
def test_wrapping_loses_nothing_and_fits(text, width):
    lines = [line for line, _ in lettering.wrapped(text, 9, width)]
    assert "".join(lines).replace(" ", "") == lettering.clean(text).replace(" ", "")
    for line in lines:
        signs = len(line.rstrip("，。、；：！？）］】》”’…％·"))
        assert lettering._wide(line) * 9 <= width or signs < len(line)


def test_words_and_closing_signs_stay_whole():
    lines = [line for line, _ in lettering.wrapped("隔离衣 gown，白", 10, 62)]
    assert lines == ["隔离衣", "gown，白"]
    for before, after in pairwise(lettering.wrapped("一二三，四五六。", 10, 30)):
        assert before[0]
        assert after[0][0] not in "，。"


@pytest.mark.parametrize(
    ("quantity", "packagings", "text"),
    [
        (605, (PACK, BOX), "3箱 5个"),
        (615, (PACK, BOX), "3箱 1包 5个"),
        (600, (BOX,), "3箱"),
        (0, (BOX,), "0个"),
        (7, (), "7个"),
        (-605, (BOX,), "-(3箱 5个)"),
        (1_234_567, (BOX,), "6,172箱 167个"),
    ],
)
def test_packed(quantity, packagings, text):
    assert packed(quantity, "个", packagings) == text


@given(st.integers(0, 10**12), st.lists(st.integers(2, 10**6), max_size=5, unique=True))
def test_packed_is_exact(quantity, factors):
    names = {f"u{index}": factor for index, factor in enumerate(factors)} | {"b": 1}
    packagings = [Packaging(name, names[name]) for name in names if name != "b"]
    parts = packed(quantity, "b", packagings).replace(",", "").split(" ")
    found = [re.fullmatch(r"(\d+)(u\d|b)", part).groups() for part in parts]
    assert sum(int(many) * names[name] for many, name in found) == quantity
    assert [names[name] for _, name in found] == sorted(
        (names[name] for _, name in found), reverse=True
    )


def test_labels_fill_sheets_of_24_and_copies_share_a_drawing():
    other = LABEL._replace(item="quilt", name="棉被", lot="")
    pdf = labels.labels([LABEL] * 24 + [other])
    pages = [page for page in streams_of(pdf) if "Do" in page]
    shared = [page for page in streams_of(pdf) if "Do" not in page]
    assert [page.count(" Do\n") for page in pages] == [24, 1]
    assert len(shared) == 2
    told = [told for *_, told in texts_of(pages[0])]
    assert "口罩|有效期至 Exp 2028-07-31|批次 Lot l-1|mask|库位 Place A-3|岳阳" in (
        "|".join(told)
    )
    assert "批次" not in "".join(told for *_, told in texts_of(pages[1]))
    assert "演练" not in "".join(told)
    assert pdf == labels.labels([LABEL] * 24 + [other])


@pytest.mark.parametrize(
    ("label", "text"), [(LABEL, "PZ1:mask/l-1"), (LABEL._replace(lot=""), "PZ1:mask")]
)
def test_a_label_carries_its_code(label, text):
    pdf = labels.labels([label])
    assert f"FormXob.{text.encode().hex()}".encode() in pdf


def test_a_drill_says_so_on_every_label():
    (page,) = [
        p for p in streams_of(labels.labels([LABEL] * 3, drill=True)) if "Do" in p
    ]
    assert [told for *_, told in texts_of(page)].count("演练 DRILL") == 3


def test_papers_have_bounds():
    with pytest.raises(AssertionError):
        receipt(lines=[LINE] * (drawing.LINES_MAX + 1))
    with pytest.raises(AssertionError):
        labels.labels([LABEL] * (labels.LABELS_MAX + 1))
