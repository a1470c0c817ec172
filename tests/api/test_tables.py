"""Exports: what leaves as CSV or Excel is the rows, and never a formula."""

import csv
import io
import itertools
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import openpyxl
import pytest

from api.exchange import tables
from api.exchange.harmless import clean
from api.exchange.tables import Column, TooManyRows, to_csv, to_xlsx
from api.http import pools
from api.pages.fields import pair, picked, taken
from projections.roster import Human

COLUMNS = (
    Column("name", "名称", "Name"),
    Column("count", "数量", "Count", "int"),
    Column("at", "时间", "Time", "time"),
)
ROWS = [
    {"name": "岳阳街道", "count": 12, "at": "2026-11-21T02:03:04.000000Z", "x": 1},
    {"name": "a,b\n“c”", "count": -3, "at": None},
    {},
]
RISKY = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x"),
    *("＝1+1", "＋1", "－1", "\uff20x"),
    *(" =1", "\u3000=1", "\n=1", "\ufeff=1", "\u200b=cmd|' /C calc'!A1"),
    *(" \t1", "\x01=1"),
]
HARMLESS = ["a=1", "1-1", "", " ", "李伟", "'=1", "(=1)", "3", "–5"]
ODD = "".join(map(chr, range(0x20))) + "\x7f\ud800\ufffe\uffffz"


def read_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def sheet_of(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data)).active


def xlsx(columns, rows, lang="zh", title="阵地", zone="Asia/Shanghai"):
    return sheet_of(to_xlsx(columns, rows, lang, title, zone))


def test_csv_is_what_excel_opens():
    data = to_csv(COLUMNS, iter(ROWS), "zh-CN")
    assert data.count(b"\r\n") == 4
    assert read_csv(data) == [
        ["名称", "数量", "时间"],
        ["岳阳街道", "12", "2026-11-21T02:03:04Z"],
        ["a,b\n“c”", "-3", ""],
        ["", "", ""],
    ]
    assert read_csv(to_csv(COLUMNS, [], "en")) == [["Name", "Count", "Time"]]


@pytest.mark.parametrize("text", RISKY)
def test_a_formula_stays_text(text):
    column = Column("t", text, text)
    shown = clean(text)
    assert read_csv(to_csv([column], [{"t": text}], "zh")) == [[f"'{shown}"]] * 2
    sheet = xlsx([column], [{"t": text}])
    cell = sheet["A2"]
    assert cell.data_type == "s"
    # Excel reads its own sign for CR, this reader does not
    assert cell.value.replace("_x000D_", "\r") == shown
    assert cell.quotePrefix
    assert sheet["A1"].data_type == "s"


@pytest.mark.parametrize("kind", ["int", "time"])
def test_a_formula_hides_in_no_other_kind_of_column(kind):
    column = Column("t", "列", "Column", kind)
    assert read_csv(to_csv([column], [{"t": "=1+1"}], "zh"))[1] == ["'=1+1"]
    assert xlsx([column], [{"t": "=1+1"}])["A2"].data_type == "s"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text):
    column = Column("t", "列", "Column")
    assert read_csv(to_csv([column], [{"t": text}], "zh"))[1:] in ([[text]], [[]])
    assert xlsx([column], [{"t": text}])["A2"].value in {text, None}


def test_links_and_numbers_in_text_stay_text():
    column = Column("t", "列", "Column")
    values = ["310117001001", "00012", "https://x.cn", "internal:Sheet1!A1", "1e5"]
    sheet = xlsx([column], [{"t": v} for v in values])
    found = [sheet.cell(row, 1) for row in range(2, 7)]
    assert [c.value for c in found] == values
    assert all(c.data_type == "s" and c.hyperlink is None for c in found)


def test_no_character_breaks_a_file():
    column = Column("t", "列", "Column")
    assert read_csv(to_csv([column], [{"t": ODD}], "zh"))[1][0].endswith("z")
    assert xlsx([column], [{"t": ODD}], title=ODD)["A2"].value.endswith("z")


def test_a_workbook_is_ready_to_work_with():
    sheet = xlsx(COLUMNS, iter(ROWS))
    assert sheet.title == "阵地"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C4"
    assert [c.value for c in sheet[1]] == ["名称", "数量", "时间 (Asia/Shanghai)"]
    assert sheet["B3"].value == -3
    assert sheet["B3"].data_type == "n"
    assert sheet["A4"].value is sheet["B4"].value is sheet["C4"].value is None
    assert sheet.column_dimensions["A"].width > 8
    assert sheet.column_dimensions["C"].width >= 20


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-21T02:03:04.000000Z",
        "2026-11-21T11:03:04+09:00",
        datetime(2026, 11, 21, 3, 3, 4, tzinfo=timezone(timedelta(hours=1))),
        int(datetime(2026, 11, 21, 2, 3, 4, tzinfo=UTC).timestamp()) * 1_000_000,
    ],
)
def test_times_are_times_in_the_zone(value):
    columns, rows = [Column("t", "时间", "Time", "time")], [{"t": value}]
    cell = xlsx(columns, rows)["A2"]
    assert cell.is_date
    assert cell.value == datetime(2026, 11, 21, 10, 3, 4)  # noqa: DTZ001 - Excel's
    assert read_csv(to_csv(columns, rows, "zh"))[1] == ["2026-11-21T02:03:04Z"]


@pytest.mark.parametrize(
    "value", ["soon", "2026-11-21T02:03:04", "1899-01-01T00:00:00Z", 2**70, True]
)
def test_what_excel_has_no_time_for_is_text(value):
    columns, rows = [Column("t", "时间", "Time", "time")], [{"t": value}]
    assert xlsx(columns, rows)["A2"].data_type == "s"
    assert read_csv(to_csv(columns, rows, "zh"))[1][0]


def test_a_number_keeps_all_its_digits():
    columns = [Column("n", "数", "Number", "int")]
    cells = xlsx(columns, [{"n": 10**15 - 1}, {"n": 10**15 + 1}, {"n": True}])["A"]
    assert [c.value for c in cells[1:]] == [10**15 - 1, str(10**15 + 1), 1]


def test_a_long_text_is_cut_and_says_so():
    cell = xlsx([Column("t", "列", "Column")], [{"t": "长" * 40_000}])["A2"]
    assert len(cell.value) == tables.CELL_CHARS_MAX
    assert cell.value.endswith("…")


def test_lists_in_a_cell_are_read_as_lists():
    columns, rows = [Column("t", "列", "Column")], [{"t": ["甲", "乙", None]}]
    assert read_csv(to_csv(columns, rows, "zh"))[1] == ["甲、乙、"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b:c*[d]?", "a b c  d"),
        ("'quoted'", "quoted"),
        ("History", "Sheet1"),
        ("", "Sheet1"),
        ("阵" * 40, "阵" * 31),
    ],
)
def test_any_title_gives_a_sheet_name(title, name):
    assert xlsx(COLUMNS, [], title=title).title == name


def test_a_large_table_goes_row_by_row():
    rows = [{"t": f"=第{n}行", "n": n} for n in range(tables.CONSTANT_FROM + 1)]
    columns = [Column("t", "列", "Column"), Column("n", "数", "Number", "int")]
    data = to_xlsx(columns, rows, "zh", "大表", "Asia/Shanghai")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    lines = list(book.active.iter_rows(values_only=True))
    book.close()
    assert lines == [("列", "数"), *((r["t"], r["n"]) for r in rows)]


def test_more_than_a_sheet_holds_is_refused():
    rows = [{}] * (tables.ROWS_MAX + 1)
    with pytest.raises(TooManyRows):
        to_xlsx(COLUMNS, rows, "zh", "大表", "Asia/Shanghai")


def test_same_rows_same_bytes():
    assert to_xlsx(COLUMNS, ROWS, "zh", "t", "UTC") == to_xlsx(
        COLUMNS, ROWS, "zh", "t", "UTC"
    )


# --- what pages take of rows ---------------------------------------------------------


def test_fields_are_taken_by_their_names_and_moments_that_never_came_are_none():
    row = Human("h-1", cause="ill", until_us=1_500_000)
    assert taken(row, "person cause", at="left", when="until") == {
        "person": "h-1",
        "cause": "ill",
        "left_at": None,
        "until": "1970-01-01T00:00:01.500000Z",
    }


@pytest.mark.parametrize(
    "how", [{"fields": "person nmae"}, {"at": "until gone"}, {"when": "person"}]
)
def test_a_field_that_a_row_does_not_have_is_an_error(how):
    with pytest.raises(AttributeError):
        taken(Human("h-1"), **how)
    with pytest.raises(KeyError):
        picked({"name": "x"}, "name nmae")


def test_an_id_has_its_words_or_is_its_own_and_none_has_none():
    words = {"ill": ("生病", "Ill")}
    assert pair("cause", words, "ill") == {"cause_zh": "生病", "cause_en": "Ill"}
    assert pair("", words, "odd") == {"zh": "odd", "en": "odd"}
    assert pair("", words, None) == {"zh": None, "en": None}


def test_a_key_stays_text_in_a_spreadsheet():
    """A lot 007 is no 7 there; other texts stand as they are."""
    columns = [Column("lot", "批次", "Lot", "key"), Column("name", "名称", "Name")]
    rows = [{"lot": "007", "name": "007"}, {"lot": "Q1", "name": "=1"}]
    lines = to_csv(columns, rows, "en").decode("utf-8-sig").splitlines()
    assert lines == ["Lot,Name", '"=""007""",007', "Q1,'=1"]


def test_a_large_sheet_leaves_others_their_turn(monkeypatch):
    """Every row comes, and after each stint a rest."""
    worked, rested = itertools.count(0, 1), []
    hands = SimpleNamespace(thread_time=lambda: next(worked))
    hands.sleep = rested.append
    monkeypatch.setattr(pools, "time", hands)
    monkeypatch.setattr(pools, "STINT_SECONDS", 3)
    assert list(pools.resting(range(10))) == list(range(10))
    assert rested == [3 * pools.RESTS] * 3
