"""The catalogue as a file: what is wrong with one, and that what goes out comes in."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.exchange.harmless import risky
from api.exchange.items import (
    ALERT_DAYS_MAX,
    BARCODES_MAX,
    COLUMNS,
    FILE_BYTES_MAX,
    NEED_MAX,
    NEEDED,
    PACKAGINGS_MAX,
    read_items,
    ready,
    to_rows,
    write_template,
)
from api.exchange.tables import to_csv, to_xlsx
from coordination.items.decide import DAYS_MAX, FACTOR_MAX, ITEMS_MAX
from coordination.items.events import Item, Need, Packaging
from coordination.vocabulary import CATEGORIES, HAZARDS

KEYS = [column.key for column in COLUMNS]
TITLES = [column.zh for column in COLUMNS]
MASK = ["mask", "口罩", "防护", "只"]
HEAD = "编码,名称,类别,单位\n"
ROW = "mask,口罩,防护,只\n"


def csv_of(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def one(**cells):
    """One row with all columns: the short one, and what is said here."""
    said = dict(zip(NEEDED, MASK, strict=True)) | cells
    return [KEYS, [said.get(key, "") for key in KEYS]]


def found(data):
    rows, faults = read_items(data)
    assert not {row.row for row in rows} & {fault.row for fault in faults}
    assert all(fault.zh and fault.en for fault in faults)
    return [(fault.row, fault.field) for fault in faults]


FULL = [
    "MASK-n95", "N95口罩", "N95 mask", "防护", "只", "箱=40；包＝10", "A-01-2",
    "24个月", 90, "疫情=500；防汛防台=50", "6901234567892;abc/1", "是",
]  # fmt: skip


@pytest.mark.parametrize("file_of", [csv_of, xlsx_of])
def test_a_row_with_everything(file_of):
    rows, faults = read_items(file_of([TITLES, FULL]))
    assert faults == []
    assert [(row.row, row.item) for row in rows] == [
        (
            2,
            Item(
                code="mask-n95",
                name="N95口罩",
                en="N95 mask",
                category="protective",
                unit="只",
                packagings=(Packaging("箱", 40), Packaging("包", 10)),
                place="A-01-2",
                shelf_days=730,
                alert_days=90,
                needs=(Need("epidemic", 500), Need("flood", 50)),
                barcodes=("6901234567892", "abc/1"),
                durable=True,
            ),
        )
    ]


RIGHT = [
    ("LF", (HEAD + ROW).encode()),
    ("as Chinese Excel writes", (HEAD + ROW).encode("gb18030")),
    ("in English", "Code,NAME,category,Unit\nmask,口罩,Protective,只\n".encode()),
    ("a workbook", xlsx_of([TITLES[:2] + TITLES[3:5], MASK])),
    ("blank rows", (HEAD + "\n" + ROW + ",,,\n").encode()),
]  # fmt: skip


@pytest.mark.parametrize("data", [pytest.param(d, id=i) for i, d in RIGHT])
def test_the_least_a_file_must_say(data):
    rows, faults = read_items(data)
    assert faults == []
    assert [row.item for row in rows] == [
        Item(code="mask", name="口罩", en="", category="protective", unit="只")
    ]


CELLS = [
    # column, cell, value; None: a fault
    ("code", " Mask\uff0dN95 ", "mask-n95"),
    ("code", "9mask", None),
    ("code", "m", None),
    ("code", "口罩", None),
    ("code", "a" * 41, None),
    ("code", "mask 1", None),
    ("name", "=口罩", None),
    ("name", "口\u200b罩", None),
    ("name", "罩" * 51, None),
    ("en", "N95  mask", "N95 mask"),
    ("category", "food", "food"),
    ("category", "食品饮水", "food"),
    ("category", "Food and Water", "food"),
    ("category", "食品", None),
    ("unit", "平方米", "平方米"),
    ("unit", "只=1", None),
    ("unit", "-只", None),
    ("unit", "只" * 11, None),
    ("packagings", "箱:40、提:12", (Packaging("箱", 40), Packaging("提", 12))),
    ("packagings", "箱=40;", (Packaging("箱", 40),)),
    ("packagings", "箱=1", None),
    ("packagings", "箱=1.5", None),
    ("packagings", "箱=-2", None),
    ("packagings", "箱=1e3", None),
    ("packagings", "箱=1E+3", None),
    ("packagings", f"箱={FACTOR_MAX}", (Packaging("箱", FACTOR_MAX),)),
    ("packagings", f"箱={FACTOR_MAX + 1}", None),
    ("packagings", "箱=40=2", None),
    ("packagings", "40", None),
    ("packagings", "=40", None),
    ("packagings", "箱=40;箱=50", None),
    ("packagings", "只=40", None),
    ("packagings", ";".join(f"箱{n}=40" for n in range(PACKAGINGS_MAX + 1)), None),
    ("shelf_days", "730", 730),
    ("shelf_days", "\uff1730 天", 730),
    ("shelf_days", "730 days", 730),
    ("shelf_days", "24个月", 730),
    ("shelf_days", "6月", 182),
    ("shelf_days", "18 Months", 547),
    ("shelf_days", "2年", 730),
    ("shelf_days", "1 year", 365),
    ("shelf_days", "0", 0),
    ("shelf_days", "长期", 0),
    ("shelf_days", str(DAYS_MAX), DAYS_MAX),
    ("shelf_days", str(DAYS_MAX + 1), None),
    ("shelf_days", "101年", None),
    ("shelf_days", "1.5年", None),
    ("shelf_days", "730.0", None),
    ("shelf_days", "-1", None),
    ("shelf_days", "9" * 20, None),
    ("alert_days", "90", 90),
    ("alert_days", "9 0", None),
    ("alert_days", str(ALERT_DAYS_MAX + 1), None),
    ("needs", "epidemic=500, Flood and typhoon=50",
     (Need("epidemic", 500), Need("flood", 50))),
    ("needs", "地震=5", None),
    ("needs", "疫情=0", None),
    ("needs", "疫情=0.5", None),
    ("needs", f"疫情={NEED_MAX + 1}", None),
    ("needs", "疫情=5;epidemic=6", None),
    ("barcodes", "6901234567892、ABC-1", ("6901234567892", "ABC-1")),
    ("barcodes", "\uff101234", ("01234",)),
    ("barcodes", "6.90123E+12", None),
    ("barcodes", "123", None),
    ("barcodes", "6901234 567892", None),
    ("barcodes", "abc1;ABC1", None),
    ("barcodes", ";".join(str(1000 + n) for n in range(BARCODES_MAX + 1)), None),
    ("durable", "YES", True),
    ("durable", "否", False),
    ("durable", "也许", None),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "value"), CELLS)
def test_cells(column, cell, value):
    rows, faults = read_items(csv_of(one(**{column: cell})))
    if value is None:
        assert [(fault.row, fault.field) for fault in faults] == [(2, column)]
        assert rows == []
    else:
        assert faults == []
        assert getattr(rows[0].item, column) == value


TYPED = [
    # as a spreadsheet holds it
    ("shelf_days", 730, 730),
    ("shelf_days", 730.0, 730),
    ("shelf_days", 730.5, None),
    ("barcodes", 6901234567892, ("6901234567892",)),
    ("barcodes", 6901234567892123456, None),  # only 15 digits of it are left
    ("durable", True, True),
    ("packagings", "=1+1", None),  # never computed: nobody knows what it says
]


@pytest.mark.parametrize(("column", "value", "wanted"), TYPED)
def test_typed_cells(column, value, wanted):
    rows, faults = read_items(xlsx_of(one(**{column: value})))
    assert [fault.field for fault in faults] == ([column] if wanted is None else [])
    if wanted is not None:
        assert getattr(rows[0].item, column) == wanted


TABLE = [
    # id, file, (row, field) of every fault
    ("nothing", "", [(1, "file")]),
    ("a header only", HEAD, [(1, "file")]),
    ("no header", ROW, [(1, "header")]),
    ("too many bytes", "x" * (FILE_BYTES_MAX + 1), [(1, "file")]),
    ("columns missing", "编码,名称\nmask,口罩\n", [(1, "category"), (1, "unit")]),
    ("a column nobody knows", "编码,名称,类别,单位,价格\nmask,口罩,防护,只,1\n",
     [(1, "header")]),
    ("the header twice", HEAD + HEAD + ROW, [(2, "row")]),
    ("a field too few", HEAD + "mask,口罩,防护\n", [(2, "unit")]),
    ("everything at once", HEAD + "-,,食品,=\n",
     [(2, "code"), (2, "name"), (2, "category"), (2, "unit")]),
    ("a code twice, however written", HEAD + ROW + ROW.replace("mask", " MASK"),
     [(3, "code")]),
    ("a barcode on two items", csv_of(
        [*one(barcodes="abcd;1234"), one(code="cap", barcodes="ABCD")[1]]),
     [(3, "barcodes")]),
    ("told after it is spoilt", csv_of(one(shelf_days="30", alert_days="31")),
     [(2, "alert_days")]),
    ("told when lots that last say so", csv_of(one(alert_days="31")), []),
    ("half a workbook", xlsx_of(one())[:2_000], [(1, "file")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "wanted"), [pytest.param(*case[1:], id=case[0]) for case in TABLE]
)
def test_every_fault_is_found(data, wanted):
    assert found(data if isinstance(data, bytes) else data.encode()) == wanted


def test_one_row_more_than_allowed_is_named():
    body = "".join(f"m-{n},口罩,防护,只\n" for n in range(ITEMS_MAX + 1))
    rows, faults = read_items((HEAD + body).encode())
    assert [(f.row, f.field) for f in faults] == [(ITEMS_MAX + 2, "file")]
    assert len(rows) == ITEMS_MAX


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", HEAD.encode(), b"PK\x03\x04"]))
def test_any_bytes_are_answered(data, before):
    rows, faults = read_items(before + data)
    assert rows or faults


# --- out and in again ----------------------------------------------------------------


def texts(most, signs=""):
    """What a cell may hold: any signs that are seen, none that begins a formula."""
    letters = st.characters(exclude_categories=("C", "Z"), exclude_characters=signs)
    return (
        st.text(letters | st.sampled_from(" 口罩a1"), min_size=1, max_size=most // 2)
        .map(lambda text: " ".join(text.split()))
        .filter(lambda text: text and plainly(text) and len(text) <= most)
    )


def plainly(text):
    rows, faults = read_items(csv_of(one(place=text)))
    return not risky(text) and not faults and rows[0].item.place == text


UNITS = texts(10, ";；、,，|=＝:：")
CODES = st.from_regex(r"\A[a-z][a-z0-9-]{1,39}\Z")
BARCODES = st.from_regex(r"\A[0-9A-Z][0-9A-Z._/-]{3,20}\Z")


@st.composite
def catalogues(draw):
    def item(code, codes):
        unit, *others = draw(
            st.lists(UNITS, min_size=1, max_size=4, unique_by=str.casefold)
        )
        shelf_days = draw(st.integers(0, DAYS_MAX))
        alerts = min(shelf_days or ALERT_DAYS_MAX, ALERT_DAYS_MAX)
        hazards = draw(st.lists(st.sampled_from(sorted(HAZARDS)), unique=True))
        factors, needs = st.integers(2, FACTOR_MAX), st.integers(1, NEED_MAX)
        return Item(
            code=code,
            name=draw(texts(50)),
            en=draw(st.just("") | texts(100)),
            category=draw(st.sampled_from(sorted(CATEGORIES))),
            unit=unit,
            packagings=tuple(Packaging(other, draw(factors)) for other in others),
            place=draw(st.just("") | texts(50)),
            shelf_days=shelf_days,
            alert_days=draw(st.integers(0, alerts)),
            needs=tuple(Need(hazard, draw(needs)) for hazard in hazards),
            barcodes=tuple(codes),
            durable=draw(st.booleans()),
        )

    codes = draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    printed = draw(st.lists(BARCODES, max_size=4, unique=True))
    count = len(codes)
    return [item(code, printed[at::count]) for at, code in enumerate(codes)]


@settings(max_examples=40, deadline=None)
@given(catalogues(), st.sampled_from(["zh", "en"]))
def test_what_goes_out_comes_in_again(items, lang):
    rows = to_rows(items, lang)
    for data in (
        to_csv(COLUMNS, rows, lang),
        to_xlsx(COLUMNS, rows, lang, "x", "Asia/Shanghai"),
    ):
        read, faults = read_items(data)
        assert faults == []
        assert [row.item for row in read] == items


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_template_is_a_right_catalogue(lang):
    data = write_template(lang)
    assert data == write_template(lang)
    rows, faults = read_items(data)
    assert faults == []
    assert [row.item.code for row in rows] == ["example-1", "example-2"]


# --- the ready catalogue -------------------------------------------------------------


def test_the_ready_catalogue_has_no_fault():
    rows, faults = read_items(ready())
    assert faults == []
    items = [row.item for row in rows]
    assert {item.category for item in items} == {*CATEGORIES}
    assert all(item.en and item.place and item.barcodes for item in items)
    assert all(item.shelf_days == 0 or item.alert_days > 0 for item in items)
    # What comes back is not used up: a need of each day would count it again and again.
    assert not [item.code for item in items if item.durable and item.needs]
    assert {need.hazard for item in items for need in item.needs} == {*HAZARDS}


def test_its_barcodes_are_for_use_within_a_store():
    for row in read_items(ready())[0]:
        for barcode in row.item.barcodes:
            assert re.fullmatch(r"2[0-9]{12}", barcode)
            digits = [int(digit) for digit in barcode]
            assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
