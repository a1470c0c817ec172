"""The area file: what is wrong with one, and that a right one survives a round trip."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exchange import areas
from api.exchange.areas import FILE_BYTES_MAX, HEADER, read_areas
from api.exchange.reading import UNSEEN
from coordination.areas.decide import AREA_ROWS_MAX, AreaRow
from coordination.tree import DIGITS, path_of

REAL = sorted((Path(__file__).parents[2] / "api/demo/areas").glob("*.csv"))
HEAD = "code,name,level,parent_code\n"
ROOT = "310000000000,上海市,province,\n"
CITY = "310100000000,市辖区,city,310000000000\n"
GOOD = HEAD + ROOT + CITY

TABLE = [
    # id, file, (row, field) of every fault
    ("nothing", b"", [(1, "file")]),
    ("a byte order mark only", b"\xef\xbb\xbf", [(1, "file")]),
    ("blank lines only", b"\r\n\r\n", [(1, "file")]),
    ("a header only", HEAD, [(1, "file")]),
    ("too many bytes", b"x" * (FILE_BYTES_MAX + 1), [(1, "file")]),
    ("no header", ROOT, [(1, "header")]),
    ("another header", "a,b,c,d\n" + ROOT, [(1, "header")]),
    (
        "a column misnamed",
        "code,name,level,parent\n" + ROOT,
        [(1, "parent_code"), (1, "header")],
    ),
    ("a column missing", "code,name,level\n310000000000,上海市,province\n",
     [(1, "parent_code")]),
    ("only codes", "code\n31\n",
     [(1, "name"), (1, "level"), (1, "parent_code"), (2, "code")]),
    ("a column too many",
     "code,name,level,parent_code,x\n310000000000,上海市,province,,y\n",
     [(1, "header")]),
    ("a column twice", "code,code,name,level,parent_code\n1,1,上海市,province,\n",
     [(1, "code"), (2, "code")]),
    ("header not UTF-8", b"c\xffde\n" + ROOT.encode(), [(1, "row")]),
    ("row not UTF-8", GOOD.encode() + "440000000000,广东省,province,".encode("gbk"),
     [(4, "row")]),
    ("a surrogate in bytes", HEAD.encode() + b"310000000000,\xed\xa0\x80,province,\n",
     [(2, "row")]),
    ("a quote left open", HEAD + '310000000000,"上海市,province,\n' + CITY,
     [(2, "row")]),
    ("a name over two lines", HEAD + '310000000000,"上海\n市",province,\n',
     [(2, "name")]),
    ("a field too many", HEAD + ROOT.replace("\n", ",x\n"), [(2, "row")]),
    ("code too short", HEAD + "31,上海市,province,\n", [(2, "code")]),
    ("code with letters", HEAD + "31000000000x,上海市,province,\n", [(2, "code")]),
    ("code begins with 0", HEAD + "010000000000,上海市,province,\n", [(2, "code")]),
    ("code empty", HEAD + ",上海市,province,\n", [(2, "code")]),
    ("level unknown", HEAD + "310000000000,上海市,省,\n", [(2, "level")]),
    ("level is local", HEAD + "310000000000,上海市,grid,\n", [(2, "level")]),
    ("level empty", HEAD + "310000000000,上海市,,\n", [(2, "level")]),
    ("parent no code", HEAD + "310100000000,市辖区,city,31\n", [(2, "parent_code")]),
    ("name empty", HEAD + "310000000000,,province,\n", [(2, "name")]),
    ("name of spaces", HEAD + "310000000000, \u3000,province,\n", [(2, "name")]),
    ("name too long", HEAD + f"310000000000,{'长' * 101},province,\n", [(2, "name")]),
    ("NUL in a name", HEAD + "310000000000,上\0海,province,\n", [(2, "name")]),
    ("control in a name", HEAD + "310000000000,上\x07海,province,\n", [(2, "name")]),
    ("control at the end", HEAD + "310000000000,上海\x1f,province,\n", [(2, "name")]),
    ("bidi in a name", HEAD + "310000000000,上\u202e海,province,\n", [(2, "name")]),
    ("zero width in a name", HEAD + "310000000000,上\u200b海,province,\n",
     [(2, "name")]),
    ("line separator", HEAD + "310000000000,上\u2028海,province,\n", [(2, "name")]),
    ("code twice", GOOD + ROOT, [(4, "code")]),
    ("code three times", HEAD + ROOT * 3, [(3, "code"), (4, "code")]),
    ("street not ended by 000", HEAD + "310117001001,岳阳街道,street,\n",
     [(2, "code")]),
    ("province not ended by zeros", HEAD + "310100000000,上海市,province,\n",
     [(2, "code")]),
    ("no parent below the root", HEAD + ROOT + "310117001000,岳阳街道,street,\n",
     [(3, "parent_code")]),
    ("no parent, the root comes later", HEAD + "310100000000,市辖区,city,\n" + ROOT,
     [(2, "parent_code")]),
    ("everything at once", HEAD + "31,,x,y\n" + ROOT,
     [(2, "code"), (2, "name"), (2, "level"), (2, "parent_code")]),
    ("every wrong row", HEAD + "31,a,province,\n" + ROOT + "32,,city,\n",
     [(2, "code"), (4, "code"), (4, "name")]),
]  # fmt: skip


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize(
    ("text", "wanted"), [pytest.param(*c[1:], id=c[0]) for c in TABLE]
)
def test_every_fault_is_found(text, wanted):
    rows, faults = read_areas(as_bytes(text))
    assert [(fault.row, fault.field) for fault in faults] == wanted
    assert all(fault.zh and fault.en for fault in faults)
    assert not {row.row for row in rows} & {fault.row for fault in faults}


RIGHT = [
    ("LF", GOOD),
    ("CRLF", GOOD.replace("\n", "\r\n")),
    ("byte order mark", "\ufeff" + GOOD),
    ("no end to the last line", GOOD.rstrip("\n")),
    ("blank lines at the end", GOOD + "\r\n\n  \n"),
    ("lines ended by CR", GOOD.replace("\n", "\r")),
    ("tabs", GOOD.replace(",", "\t")),
    ("semicolons", GOOD.replace(",", ";")),
    ("header in capitals", HEAD.upper() + ROOT + CITY),
    ("header in Chinese", "代码,名称,层级,上级代码\n" + ROOT + CITY),
    ("a field more, empty", GOOD.replace("province,", "province,,")),
    ("a field too few", GOOD.replace("province,", "province")),
    ("code with wide digits", GOOD.replace("310000000000,上", "\uff1310000000000,上")),
    ("quotes", GOOD.replace("上海市", '"上海市"')),
    ("spaces around a name", GOOD.replace("上海市", " 上海市\u3000")),
]


@pytest.mark.parametrize("text", [pytest.param(t, id=i) for i, t in RIGHT])
def test_right_files(text):
    rows, faults = read_areas(text.encode())
    assert faults == []
    assert rows == (
        AreaRow(2, "310000000000", "上海市", "province", ""),
        AreaRow(3, "310100000000", "市辖区", "city", "310000000000"),
    )


def test_right_rows_come_back_beside_the_faults():
    rows, faults = read_areas((GOOD + "x,y,city,\n").encode())
    assert [row.row for row in rows] == [2, 3]
    assert [fault.row for fault in faults] == [4]


def test_names_are_normalised():
    rows, faults = read_areas((HEAD + "310000000000,e\u0301,province,\n").encode())
    assert faults == []
    assert rows[0].name == "\u00e9"


def test_a_file_of_one_district_needs_no_parent():
    text = HEAD + "310117000000,松江区,district,\n310118000000,青浦区,district,\n"
    assert read_areas(text.encode())[1] == []


def many(count):
    lines = (f"3101{n:08},村{n},community,310000000000" for n in range(count))
    return (HEAD + "\n".join(lines)).encode()


def test_as_many_rows_as_allowed():
    rows, faults = read_areas(many(AREA_ROWS_MAX))
    assert faults == []
    assert len(rows) == AREA_ROWS_MAX


def test_one_row_more_is_named():
    rows, faults = read_areas(many(AREA_ROWS_MAX + 2) + b"\nx")
    assert [(f.row, f.field) for f in faults] == [(AREA_ROWS_MAX + 2, "file")]
    assert len(rows) == AREA_ROWS_MAX


def test_a_header_of_very_many_columns_gives_few_faults():
    _, faults = read_areas(b"code," + b"code,x," * 100_000)
    assert len(faults) < 10
    assert all(len(fault.zh) + len(fault.en) < 1000 for fault in faults)


def write_areas(rows) -> bytes:
    """Return the file that ``read_areas`` reads back as these rows, lines from 2 on."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((row.code, row.name, row.level, row.parent) for row in rows)
    return text.getvalue().encode()


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_are_clean_and_come_back_the_same(path):
    data = path.read_bytes()
    rows, faults = read_areas(data)
    assert faults == []
    assert write_areas(rows) == data


def test_there_are_real_files():
    assert [path.stem for path in REAL] == ["huadu", "songjiang"]


def clean(text):
    return unicodedata.normalize("NFC", text).strip()


NAMES = (
    st.text(
        st.characters(exclude_categories=UNSEEN, exclude_characters="#=\ufffd"),
        min_size=1,
        max_size=40,
    )
    .map(clean)
    .filter(lambda name: 1 <= len(name) <= 100)
)


@st.composite
def trees(draw):
    """Rows of a right file: some areas below Shanghai, in any order."""
    level = st.sampled_from([name for name in DIGITS if name != "province"])
    digits = st.text("0123456789", min_size=10, max_size=10)
    drawn = draw(st.lists(st.tuples(level, digits, NAMES), max_size=12))
    named = {
        path_of(f"31{end}", level).ljust(12, "0"): (name, level, "310000000000")
        for level, end, name in drawn
    }
    named["310000000000"] = (draw(NAMES), "province", "")
    listed = draw(st.permutations(sorted(named.items())))
    return tuple(
        AreaRow(row, code, name, level, parent)
        for row, (code, (name, level, parent)) in enumerate(listed, start=2)
    )


@given(trees())
def test_round_trip(rows):
    assert read_areas(write_areas(rows)) == (rows, [])


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data):
    for given_data in (data, ",".join(HEADER).encode() + b"\n" + data):
        rows, faults = read_areas(given_data)
        assert rows or faults
        assert all(1 <= fault.row <= data.count(b"\n") + 2 for fault in faults)


@pytest.mark.parametrize("most", [6, 7, 50, 10_000])
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_each_part_of_a_large_file_is_a_file(path, most, monkeypatch):
    """All rows in some part; whatever is above a row before it, in the same part."""
    monkeypatch.setattr(areas, "AREA_ROWS_MAX", most)
    rows, faults = read_areas(path.read_bytes(), large=True)
    assert not faults
    assert areas.is_large(path.read_bytes()) == (len(rows) > most)
    parts = list(areas.parts_of(rows[::-1]))
    assert {row for part in parts for row in part} == set(rows)
    codes = {row.code for row in rows}
    for part in parts:
        assert len(part) <= most
        assert len({row.code for row in part}) == len(part)
        before: set[str] = set()
        for row in part:
            assert row.parent in before or row.parent not in codes
            before.add(row.code)
    assert sum(map(len, parts)) <= len(rows) + len(parts) * (len(DIGITS) - 1)
