"""The roster: what is wrong with one, by row and column, and what right ones say."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from api.exchange import reading, workbooks
from api.exchange.grid import COLUMNS_MAX
from api.exchange.roster import (
    COLUMNS,
    FILE_BYTES_MAX,
    NEEDED,
    ROSTER_ROWS_MAX,
    read_roster,
    write_template,
)
from coordination.people.events import Training

KEYS = [column.key for column in COLUMNS]
TITLES = [column.zh for column in COLUMNS]
SHORT = ["编号", "姓名", "手机", "单位", "居住社区代码"]
LI = ["SJ-1", "李伟", "13800000001", "区税务局", "310117001001"]
HEAD = ",".join(SHORT) + "\n"
ROW = ",".join(LI) + "\n"


def csv_of(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows, change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


FORMATS = pytest.mark.parametrize("file_of", [csv_of, xlsx_of], ids=["csv", "xlsx"])


def found(data):
    rows, faults = read_roster(data)
    assert not {row.row for row in rows} & {fault.row for fault in faults}
    assert all(fault.zh and fault.en for fault in faults)
    return [(fault.row, fault.field) for fault in faults]


def one(**cells):
    """One row with all columns: the short one, and what is said here."""
    said = dict(zip(NEEDED, LI, strict=True)) | cells
    return [KEYS, [said.get(key, "") for key in KEYS]]


# --- the journey ---------------------------------------------------------------------


def member(n):
    return [
        f"SJ-{n:04}", f"人{n}", f"138{n:08}", f"单位{n % 6}", 40,
        f"3101170010{n % 9:02}", "", "医护、驾驶", "采样辅助:2027-06-30、急救",
    ]  # fmt: skip


def journey():
    """200 rows: 12 duplicates, 8 without phone, 5 in no community; and the faults."""
    rows = [member(n) for n in range(200)]
    faults = []
    for n in range(20, 140, 20):  # the number of a row before
        rows[n][0] = f" sj-{n - 7:04}"
        faults.append((n + 2, "number", str(n - 5)))
    for n in range(30, 150, 20):  # the person of a row before
        rows[n][1], rows[n][2] = f"人{n - 9}", f"+86 138-{n - 9:08}"
        faults.append((n + 2, "name", str(n - 7)))
    for n in range(150, 166, 2):
        rows[n][2] = ""
        faults.append((n + 2, "phone", ""))
    wrong = ["31011700100", "3101170010011", "010117001001", "310117001001x1", "浦江"]
    for n, code in enumerate(wrong, start=180):
        rows[n][5] = code
        faults.append((n + 2, "community", ""))
    return [TITLES, *rows], sorted(faults)


@FORMATS
def test_a_roster_of_200_has_exactly_these_25_faults(file_of):
    table, wanted = journey()
    rows, faults = read_roster(file_of(table))
    assert len(wanted) == 25
    assert [(fault.row, fault.field) for fault in faults] == [f[:2] for f in wanted]
    for fault, (_, _, first) in zip(faults, wanted, strict=True):
        assert first in fault.zh
        assert first in fault.en
    assert [r.row for r in rows] == sorted({*range(2, 202)} - {f[0] for f in wanted})


@FORMATS
def test_a_right_row(file_of):
    table = [TITLES, member(7)]
    rows, faults = read_roster(file_of(table))
    assert faults == []
    until = int(datetime(2027, 6, 30, 16, tzinfo=UTC).timestamp()) * 1_000_000
    assert rows == [
        (
            2, "SJ-0007", "人7", "13800000007", "单位1", 40, "310117001007", "",
            ("driving", "medical"),
            (Training("first-aid"), Training("sampling", until)), (),
        )
    ]  # fmt: skip


# --- right files ---------------------------------------------------------------------


def computed():
    """A workbook whose name is computed, with what was shown last."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, SHORT)
        page.write_row(1, 0, LI)
        page.write_formula(1, 1, '="李"&"伟"', value="李伟")
    return made.getvalue()


RIGHT = [
    ("LF", (HEAD + ROW).encode()),
    ("CRLF", (HEAD + ROW).replace("\n", "\r\n").encode()),
    ("byte order mark", (HEAD + ROW).encode("utf-8-sig")),
    ("as Chinese Excel writes", (HEAD + ROW).encode("gb18030")),
    ("Unicode text of Excel", (HEAD + ROW).replace(",", "\t").encode("utf-16")),
    ("semicolons", (HEAD + ROW).replace(",", ";").encode()),
    ("the delimiter said", b"sep=;\n" + (HEAD + ROW).replace(",", ";").encode()),
    ("wide commas", (HEAD + ROW).replace(",", "\uff0c").encode()),
    ("ended by CR", (HEAD + ROW).replace("\n", "\r").encode()),
    ("a header over two lines", (HEAD + ROW).replace("居住社区", '"居住\n社区').replace(
        "代码", '代码"').encode()),
    ("text that stays text", (HEAD + ROW).replace("SJ-1", '"=""SJ-1"""').encode()),
    ("without what is empty at the end", (HEAD.strip() + ",技能,培训\n" + ROW).replace(
        ",技能,培训", "").encode()),
    ("blank rows", (HEAD + ROW + "\n,,,,\n").encode()),
    ("columns without a name and content", b"".join(
        line.encode() + b",,\n" for line in (HEAD.strip(), ROW.strip()))),
    ("names of columns in English", ("Number,NAME,phone,Unit,Community code\n"
                                     + ROW).encode()),
    ("columns in another order", csv_of([SHORT[::-1], LI[::-1]])),
    ("a workbook", xlsx_of([SHORT, LI])),
    ("numbers that are numbers", xlsx_of(
        [SHORT, [*LI[:2], 13800000001, LI[3], 310117001001]])),
    ("a formula with its last value", computed()),
    ("blank rows of a workbook", xlsx_of([SHORT, LI, [], [None, " "]])),
    ("wide digits and spaces", csv_of([SHORT, [
        " SJ\uff0d1\u3000", " 李伟", "\uff11380000 0001", "区税务局 ",
        "\uff1310117001001"]])),
    ("formats down to the last row", xlsx_of([SHORT, LI], lambda book: setattr(
        book.active["B1048576"], "font", Font(bold=True)))),
    ("a second sheet that is too large", xlsx_of([SHORT, LI], lambda book: (
        book.create_sheet("附").cell(1_048_576, 16_384, 1)))),
    ("a hidden sheet before it", xlsx_of([SHORT, LI], lambda book: setattr(
        book.create_sheet("隐藏", 0), "sheet_state", "hidden"))),
]  # fmt: skip


@pytest.mark.parametrize("data", [pytest.param(d, id=i) for i, d in RIGHT])
def test_right_files(data):
    rows, faults = read_roster(data)
    assert faults == []
    assert [(*row[1:5], row.residence) for row in rows] == [tuple(LI)]
    unstated = ("unit_size", "skills", "trainings")
    assert rows[0][5:] == (None, "310117001001", "", (), (), unstated)


CELLS = [
    # column, cell, field of the row, value; None: a fault
    ("phone", "138 0000-0001", "phone", "13800000001"),
    ("phone", "008613800000001", "phone", "13800000001"),
    ("phone", "021-67812345", "phone", "021-67812345"),
    ("phone", "(0512)6781234", "phone", "0512-6781234"),
    ("phone", "+86 21 6781 2345", "phone", "021-67812345"),
    ("phone", "12800000001", "phone", None),
    ("phone", "1380000001", "phone", None),
    ("phone", "1380000000.0", "phone", None),
    ("phone", "67812345", "phone", None),
    ("phone", "0216781234", "phone", None),
    ("phone", "13800000001;13900000001", "phone", None),
    ("phone", "1.38E+10", "phone", None),
    ("phone", "无", "phone", None),
    ("phone", "\u202d13800000001\u202c", "phone", None),
    ("number", "3.10117E+17", "number", None),
    ("number", "SJ 1", "number", None),
    ("number", "=A1", "number", None),
    ("number", "x" * 41, "number", None),
    ("name", "李\u3000\u3000伟", "name", "李 伟"),
    ("name", "买买提·艾力", "name", "买买提·艾力"),
    ("name", "e\u0301", "name", "\u00e9"),
    ("name", " \u3000", "name", None),
    ("name", "=HYPERLINK(1)", "name", None),
    ("name", "@李", "name", None),
    ("name", "李\0伟", "name", None),
    ("name", "李\u202e伟", "name", None),
    ("name", "李\u200b伟", "name", None),
    ("name", "李\u2028伟", "name", None),
    ("name", "李伟\x1f", "name", None),
    ("name", "长" * 51, "name", None),
    ("unit", "", "unit", None),
    ("unit_size", "\uff1120", "unit_size", 120),
    ("unit_size", "120人", "unit_size", None),
    ("unit_size", "-1", "unit_size", None),
    ("unit_size", "1.5", "unit_size", None),
    ("community", "310117001001g02c01b013", "residence", "310117001001g02c01b013"),
    ("community", "310117001001G02", "residence", "310117001001g02"),
    ("community", "3.10117E+11", "residence", None),
    ("community", "", "residence", None),
    ("community_name", " 龙潭居委会 ", "community_name", "龙潭居委会"),
    ("community_name", "-1", "community_name", None),
    ("skills", "医护，驾驶；Public speaking、it 水电", "skills",
     ("driving", "electrician", "it", "medical", "public-speaking")),
    ("skills", "driving, 驾驶", "skills", ("driving",)),
    ("skills", "、", "skills", ()),
    ("skills", "医护、飞行", "skills", None),
    ("skills", "医\u200b护", "skills", None),
    ("training", "急救；Sampling support", "trainings",
     (Training("first-aid"), Training("sampling"))),
    ("training", "急救 ： 1970年1月1日", "trainings",
     (Training("first-aid", 57_600_000_000),)),
    ("training", "急救:1970/1/1", "trainings",
     (Training("first-aid", 57_600_000_000),)),
    ("training", "急救:2027-02-30", "trainings", None),
    ("training", "急救:9999-12-31", "trainings", None),
    ("training", "急救:", "trainings", None),
    ("training", "急救、first-aid:2027-01-01", "trainings", None),
    ("training", "2027-01-01", "trainings", None),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "field", "value"), CELLS)
def test_cells(column, cell, field, value):
    rows, faults = read_roster(csv_of(one(**{column: cell})))
    if value is None:
        assert [(fault.row, fault.field) for fault in faults] == [(2, column)]
        assert rows == []
    else:
        assert faults == []
        assert getattr(rows[0], field) == value


def test_a_day_is_over_where_people_live():
    data = csv_of(one(training="急救:1970-01-01"))
    rows, _ = read_roster(data, "UTC")
    assert rows[0].trainings == (Training("first-aid", 86_400_000_000),)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (310117001001001234, "number"),  # Excel has only 15 digits of it
        (1.5, None),
        (True, None),
        (date(2027, 6, 30), None),
        (datetime(2027, 6, 30, 8, 30), None),  # noqa: DTZ001 - as in a cell
        ("_x0000_", "number"),  # as Excel writes NUL
        ("=1+1", "number"),  # never computed: nothing is shown
    ],
)
def test_typed_cells(value, fault):
    rows, faults = read_roster(xlsx_of([SHORT, [value, *LI[1:]]]))
    assert [f.field for f in faults] == ([fault] if fault else [])
    if not fault:
        shown = str(value).upper().replace(" ", "T")
        assert rows[0].number == shown


# --- wrong files ---------------------------------------------------------------------


def archive(extra=0, packed=zipfile.ZIP_DEFLATED, **parts):
    """The template with parts changed, ``_`` for the dot of their names, or more."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_template("zh"))) as right,
        zipfile.ZipFile(made, "w", packed) as changed,
    ):
        for name in right.namelist():
            key = name.rpartition("/")[2].replace(".", "_")
            content = parts.get(key, right.read(name))
            if content is not None:
                changed.writestr(name, content)
        for number in range(extra):
            changed.writestr(f"extra/{number}", b"")
    return made.getvalue()


def sheet(rows, before=""):
    return (
        f"{before}<worksheet xmlns="
        '"http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def shared(length):
    return b"<sst><si><t>" + b"x" * length + b"</t></si></sst>"


def lying(data):
    """The same archive, which says that its parts are small."""
    made = bytearray(data)
    place = 0
    while (place := made.find(b"PK\x01\x02", place)) >= 0:
        made[place + 24 : place + 28] = (10).to_bytes(4, "little")
        place += 4
    return bytes(made)


def merged(book):
    book.active.merge_cells("D2:D3")


BOMB = b" " * (workbooks.UNZIPPED_BYTES_MAX // 4 + 1)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SHARED = '<row><c t="s"><v>0</v></c></row>' * 101
SPARSE = '<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{}"><v>1</v></c></row>'
TABLE = [
    # id, file, (row, field) of every fault
    ("nothing", b"", [(1, "file")]),
    ("a byte order mark only", b"\xef\xbb\xbf", [(1, "file")]),
    ("blank lines only", b"\r\n\r\n", [(1, "file")]),
    ("a header only", HEAD, [(1, "file")]),
    ("a header and blank rows", HEAD + ",,,,\n", [(1, "file")]),
    ("too many bytes", b"x" * (FILE_BYTES_MAX + 1), [(1, "file")]),
    ("no header", ROW, [(1, "header")]),
    ("a title above the header", "花名册,,,,\n" + HEAD + ROW, [(1, "header")]),
    ("a blank line above the header", "\n" + HEAD + ROW, [(1, "header")]),
    ("columns missing", "编号,姓名\nSJ-1,李伟\n",
     [(1, "phone"), (1, "unit"), (1, "community")]),
    ("a column too many", HEAD.replace("\n", ",备注\n") + ROW.replace("\n", ",x\n"),
     [(1, "header")]),
    ("a column twice", HEAD.replace("\n", ",Phone\n") + ROW.replace("\n", ",x\n"),
     [(1, "phone")]),
    ("content without a header", HEAD.replace("\n", ",\n") + ROW.replace("\n", ",x\n"),
     [(2, "row")]),
    ("the header twice", HEAD + HEAD + ROW, [(2, "row")]),
    ("the header twice, in English", HEAD + "number,name,phone,unit,community\n",
     [(2, "row")]),
    ("a field too few", HEAD + "SJ-1,李伟,13800000001,区税务局\n", [(2, "community")]),
    ("a field too many", HEAD + ROW.replace("\n", ",x\n"), [(2, "row")]),
    ("a quote left open", HEAD + '"' + ROW, [(2, "row")]),
    ("a row not in UTF-8", (HEAD + ROW).encode() + b"SJ-2,\xff,1,x,1\n", [(3, "row")]),
    ("a lone surrogate", (HEAD + ROW).encode() + b"SJ-2,\xed\xa0\x80,1,x,1\n",
     [(3, "row")]),
    ("a row not in GB18030", (HEAD + ROW * 2).encode("gb18030") + b"SJ-2,\xff,1,x,1\n",
     [(3, "number"), (4, "row")]),
    ("half of a UTF-16 sign", (HEAD + ROW).encode("utf-16") + (
        "SJ-2,".encode("utf-16-le") + b"\0\xd8" + ROW[6:].encode("utf-16-le")),
     [(3, "name")]),
    ("no text at all", bytes(range(256)) * 9, [(1, "header")]),
    ("everything at once", HEAD + "-,,1,,1\n",
     [(2, "number"), (2, "name"), (2, "phone"), (2, "unit"), (2, "community")]),
    ("the same number three times", HEAD + ROW * 3, [(3, "number"), (4, "number")]),
    ("the same person, spaced", HEAD + ROW + ROW.replace("SJ-1,李", "SJ-2,李 "),
     [(3, "name")]),
    ("one phone for two", HEAD + ROW + ROW.replace("SJ-1,李", "SJ-2,王"), []),
    ("two sizes of a unit", csv_of(
        [*one(unit_size="5"), one(number="2", name="a", unit_size="6")[1],
         one(number="3", name="b")[1]]), [(3, "unit_size")]),
    ("no zip", b"PK\x03\x04 but nothing more", [(1, "file")]),
    ("half a zip", xlsx_of([SHORT, LI])[:3_000], [(1, "file")]),
    ("a zip, no workbook", archive(workbook_xml=None), [(1, "file")]),
    ("a workbook without its sheet", archive(sheet1_xml=None), [(1, "file")]),
    ("with a password", OLE + "EncryptedPackage".encode("utf-16-le"), [(1, "file")]),
    ("an old workbook", OLE, [(1, "file")]),
    ("a sheet that is no XML", archive(sheet1_xml=b"<worksheet><row"), [(1, "file")]),
    ("entities", archive(sheet1_xml=sheet(
        "<row><c><v>&a;</v></c></row>", '<!DOCTYPE x [<!ENTITY a "1">]>')),
     [(1, "file")]),
    ("a lone surrogate in XML", archive(sheet1_xml=sheet(
        '<row r="1"><c r="A1" t="str"><v>&#xD800;</v></c></row>')), [(1, "file")]),
    ("a cell that is nowhere", archive(sheet1_xml=sheet(SPARSE.format("A0"))),
     [(1, "file")]),
    ("a row that is nowhere", archive(sheet1_xml=sheet('<row r="-1"/>')),
     [(1, "file")]),
    ("a packing that cannot be measured", archive(packed=zipfile.ZIP_BZIP2),
     [(1, "file")]),
    ("one far below", archive(sheet1_xml=sheet(SPARSE.format("A1048576"))),
     [(ROSTER_ROWS_MAX + 2, "file")]),
    ("one far to the right", archive(sheet1_xml=sheet(SPARSE.format("XFD2"))),
     [(2, "row")]),
    ("many without a place", archive(sheet1_xml=sheet(
        "<row>" + "<c><v>1</v></c>" * (COLUMNS_MAX + 1) + "</row>")), [(1, "row")]),
    ("one text in very many cells", archive(
        sharedStrings_xml=shared(1_000_000), sheet1_xml=sheet(SHARED)), [(1, "file")]),
    ("one text in some cells", archive(
        sharedStrings_xml=shared(900_000), sheet1_xml=sheet(SHARED)), [(1, "header")]),
    ("a bomb", archive(sheet1_xml=BOMB, theme1_xml=BOMB, styles_xml=BOMB,
                       app_xml=BOMB), [(1, "file")]),
    ("a bomb that lies", lying(archive(sheet1_xml=BOMB)), [(1, "file")]),
    ("too many parts", archive(extra=workbooks.PARTS_MAX), [(1, "file")]),
    ("merged cells", xlsx_of([SHORT, LI, ["SJ-2", "王芳", *LI[2:]]], merged),
     [(2, "unit"), (3, "unit")]),
    ("an empty workbook", xlsx_of([]), [(1, "file")]),
    ("a number in exponent form", xlsx_of([SHORT, [1e20, *LI[1:]]]), [(2, "number")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "wanted"), [pytest.param(*case[1:], id=case[0]) for case in TABLE]
)
def test_every_fault_is_found(data, wanted):
    assert found(data if isinstance(data, bytes) else data.encode()) == wanted


TOLD = [
    (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
    (OLE, "旧版"),
    (archive(sheet1_xml=None), "不是完整的"),
    (archive(sheet1_xml=BOMB, theme1_xml=BOMB, styles_xml=BOMB, app_xml=BOMB), "过大"),
    (archive(extra=workbooks.PARTS_MAX), "过大"),
    (archive(sharedStrings_xml=shared(1_000_000), sheet1_xml=sheet(SHARED)), "过大"),
]


# Numbered: an archive says when it was made, and workers must name tests alike.
@pytest.mark.parametrize(("data", "word"), TOLD, ids=range(len(TOLD)))
def test_people_are_told_why_a_file_is_not_read(data, word):
    _, [fault] = read_roster(data)
    assert word in fault.zh


def test_a_sheet_of_very_many_elements_is_not_read(monkeypatch):
    monkeypatch.setattr(workbooks, "ELEMENTS_MAX", 50)
    _, [fault] = read_roster(write_template("zh"))
    assert "过大" in fault.zh


def many(count, cells="{0},人{0},138{0:08},区税务局,310117001001"):
    return (HEAD + "\n".join(cells.format(n) for n in range(count))).encode()


def test_one_row_more_than_allowed_is_named():
    rows, faults = read_roster(many(ROSTER_ROWS_MAX + 1))
    assert [(f.row, f.field) for f in faults] == [(ROSTER_ROWS_MAX + 2, "file")]
    assert len(rows) == ROSTER_ROWS_MAX


def test_faults_are_listed_up_to_a_limit():
    rows, faults = read_roster(many(3_000, "{0},,,区税务局,310117001001"))
    assert rows == []
    assert len(faults) == reading.FAULTS_MAX
    assert [f.row for f in faults[:4]] == [2, 2, 3, 3]
    assert faults[-1].field == "file"
    assert str(6_000 - reading.FAULTS_MAX + 1) in faults[-1].zh


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", HEAD.encode(), b"PK\x03\x04"]))
def test_any_bytes_are_answered(data, before):
    rows, faults = read_roster(before + data)
    assert rows or faults


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_template_is_a_right_roster(lang):
    data = write_template(lang)
    assert data == write_template(lang)
    rows, faults = read_roster(data)
    assert faults == []
    assert [row.number for row in rows] == ["EXAMPLE-1", "EXAMPLE-2"]
    header = openpyxl.load_workbook(io.BytesIO(data)).active[1]
    assert [cell.value for cell in header] == [c.label(lang) for c in COLUMNS]
