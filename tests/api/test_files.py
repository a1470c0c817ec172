"""Files as people send them: the cases from the field, and their kinds."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from api.exchange.items import COLUMNS as ITEM_COLUMNS
from api.exchange.items import NEEDED as ITEM_NEEDED
from api.exchange.items import STATABLE as ITEM_STATABLE
from api.exchange.items import read_items, to_rows
from api.exchange.keys import kept, unkept
from api.exchange.roster import read_roster
from api.exchange.shown import shown
from api.exchange.stock_files import (
    COUNTED,
    read_counted,
    read_levels,
    read_residents,
    sheet_rows,
)
from api.exchange.tables import to_csv, to_xlsx
from api.exchange.workbooks import Sheet, read_sheet
from coordination.items.decide import ImportItems, import_items
from coordination.items.events import Item, ItemListed, Need, Packaging
from coordination.items.state import Listed, item_stream
from coordination.people.decide import (
    PersonRow,
    RegisterPeople,
    UnitRow,
    register_people,
)
from coordination.people.events import PersonRegistered, Training, UnitRegistered
from coordination.people.state import person_stream, unit_stream
from coordination.refusals import NothingChanges
from tests.api.peopled import Peopled, copied, send_roster
from tests.api.served import (
    API,
    COMMUNITY_11,
    STREET_1,
    STREET_2,
    Service,
    key,
    roster,
    served,
)
from tests.given import AREAS, NOW, fold
from tests.given import STREET_1 as STREET

CASES = Path(__file__).parent / "cases"
MEDICAL, DRIVING = "medical", "driving"


def case(name: str) -> bytes:
    """Return a file as it was found."""
    return (CASES / name).read_bytes()


def workbook(*rows: Any, formats: dict[str, str] | None = None) -> bytes:
    """Return a workbook; ``formats``: number formats by cell."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def changed(data: bytes, was: bytes, now: bytes) -> bytes:
    """Return a workbook with something else in its sheet."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as right,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for name in right.namelist():
            content = right.read(name)
            if name.endswith("/sheet1.xml"):
                assert was in content
                content = content.replace(was, now)
            other.writestr(name, content)
    return made.getvalue()


# --- read as people mean it ----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number", "skills"),
    [
        ("roster-tab.csv", ["U001"], [()]),
        ("roster-semicolon.csv", ["U001"], [()]),
        ("roster-row-without-trailing-fields.csv", ["G001", "G002"], [(MEDICAL,), ()]),
        ("roster-line-break-in-skills.xlsx", ["L001"], [(DRIVING, MEDICAL)]),
        ("roster-number-format-000123.xlsx", ["000123"], [()]),
        ("roster-text-000123.xlsx", ["000123"], [()]),
    ],
)
def test_the_files_that_were_refused_are_read(name, number, skills):
    """By tab or semicolon, without what is empty at the end, as it is shown."""
    rows, faults = read_roster(case(name))
    assert faults == []
    assert [row.number for row in rows] == number
    assert [row.skills for row in rows] == skills


def test_an_error_is_a_fault_at_its_cell():
    """``#N/A`` is never empty."""
    rows, faults = read_roster(case("roster-na-in-skills.xlsx"))
    assert rows == []
    found = [(fault.row, fault.field) for fault in faults]
    assert found == [(2, "unit_size"), (2, "skills"), (2, "training")]
    assert all("#N/A" in fault.zh for fault in faults)


HEAD = ["编号", "姓名", "手机", "单位", "居住社区代码", "技能"]
LI = ["SJ-1", "李伟", "13800000001", "区税务局", "310117001001"]


@pytest.mark.parametrize(
    "cell", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!",
             "#SPILL!", "########", "Err:502", "\ufffd\ufffd护", "=A1", "=1+1"]
)  # fmt: skip
@pytest.mark.parametrize("make", ["csv", "xlsx"])
def test_what_no_spreadsheet_could_say_is_a_fault(cell, make):
    """In a list too, where it would have been no name of a skill."""
    if make == "csv":
        text = ",".join(HEAD) + "\n" + ",".join([*LI, cell])
        data = text.encode()
    else:
        data = workbook(HEAD, [*LI, cell])
    _, faults = read_roster(data)
    assert [(fault.row, fault.field) for fault in faults] == [(2, "skills")]


def test_a_formula_that_was_computed_is_read_and_one_that_was_not_is_a_fault():
    """A formula that says nothing, as ``=""`` does, is empty."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, LI)
        page.write_formula(1, 1, '="李"&"伟"', value="李伟")
        page.write_formula(1, 5, '=""', value="a")
    rows, faults = read_roster(changed(made.getvalue(), b"<v>a</v>", b"<v></v>"))
    assert (faults, rows[0].name, rows[0].skills) == ([], "李伟", ())
    _, [fault] = read_roster(workbook(HEAD, [*LI[:1], "=B9", *LI[2:]]))
    assert (fault.row, fault.field) == (2, "name")
    assert "公式" in fault.zh


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"医护\n驾驶"', [(DRIVING, MEDICAL)]),
        ('"医护\r\n驾驶\r\n"', [(DRIVING, MEDICAL)]),
        ('"医护、驾驶"', [(DRIVING, MEDICAL)]),
        ("医护 驾驶", [(DRIVING, MEDICAL)]),
    ],
)
def test_a_line_break_divides_a_list(text, wanted):
    """The rows after it keep their numbers, as the spreadsheet counts them."""
    lines = [",".join(HEAD), ",".join([*LI, text]), "SJ-2,王芳,x,y,310117001001,"]
    rows, [fault] = read_roster("\n".join(lines).encode())
    assert [row.skills for row in rows] == wanted
    assert (fault.row, fault.field) == (3, "phone")


def test_a_line_break_in_a_name_is_told_as_such():
    """Not as an invisible sign."""
    _, [fault] = read_roster(workbook(HEAD, [LI[0], "李\n伟", *LI[2:]]))
    assert fault.field == "name"
    assert "换行" in fault.zh
    rows, faults = read_roster(workbook(HEAD, [LI[0], "李伟\n", *LI[2:]]))
    assert (faults, rows[0].name) == ([], "李伟")


FORMATS = [
    (123, "000000", "000123"),
    (123, "General", "123"),
    (123, "0", "123"),
    (123, "#,##0", "123"),
    (123, "0.00", "123"),
    (1_234_567, "#,##0", "1234567"),
    (0.5, "0%", "0.5"),
    (7, '"SJ-"000', "SJ-007"),
    (7, "\\A000", "A007"),
    (2001, "000-0000", "000-2001"),
    (12_345_678, "0000", "12345678"),
    (0, "000", "000"),
    (7, "[Red]000", "007"),
    (7, "000;-000;0", "007"),
    (7, "[<10]000;0000", "7"),
    (7, "@", "7"),
    (-7, "000", "-7"),
    (7, "000_)", "007"),
    (1e17, "0000", "1.00000000000000E+17"),
    (45_000, "yyyy-mm-dd", "2023-03-15"),
    (45_000.5, 'yyyy"年"m"月"d"日" hh:mm', "2023-03-15T12:00:00"),
    (0.25, "h:mm", "06:00:00"),
    (59, "yyyy-mm-dd", "1900-02-28"),
    (61, "yyyy-mm-dd", "1900-03-01"),
    (10**9, "yyyy", "1000000000"),
]


@pytest.mark.parametrize(("value", "code", "wanted"), FORMATS)
def test_a_number_is_what_is_shown(value, code, wanted):
    """Leading zeros and signs between digits are part of a key, groups are not."""
    assert shown(float(value), code) == wanted


def test_a_number_of_a_column_of_numbers_is_the_number():
    """``120人`` by its format is 120."""
    head = ["编号", "姓名", "手机", "单位", "单位人数", "居住社区代码"]
    row = [7, "李伟", 13_800_000_001, "区税务局", 120, 310_117_001_001]
    formats = {"A2": "0000", "E2": '0"人"', "F2": "0"}
    rows, faults = read_roster(workbook(head, row, formats=formats))
    assert faults == []
    assert (rows[0].number, rows[0].unit_size) == ("0007", 120)
    assert rows[0].residence == "310117001001"


def test_a_workbook_as_openpyxl_writes_it_is_read_as_it_is():
    """Texts, shared and with runs, numbers, dates, truths, gaps."""
    cells = ["a", 1, 1.5, True, None, date(2027, 6, 30), "_x000D_"]
    found = read_sheet(workbook(cells, [], ["z"]), 10, 40)
    assert isinstance(found, Sheet)
    assert found.rows == [["a", "1", "1.5", "TRUE", "", "2027-06-30", "\r"], [],
                          ["z"]]  # fmt: skip
    assert found.uncalculated == set()


# --- sizes of units ------------------------------------------------------------------


def test_a_size_in_any_row_is_the_units():
    """The cell may be empty in the others; two that differ are a fault."""
    rows, faults = read_roster(case("roster-unit-size-first-row.csv"))
    assert faults == []
    assert [row.unit_size for row in rows] == [120, None]
    other = case("roster-unit-size-first-row.csv").replace(b",,", b",99,")
    _, [fault] = read_roster(other)
    assert (fault.row, fault.field) == (3, "unit_size")


# --- not in the file is never empty --------------------------------------------------

PEOPLE = [f"h-{n:012x}" for n in range(3)]
TRAININGS = st.lists(
    st.sampled_from([Training("first-aid"), Training("sampling", NOW)]), unique=True
).map(tuple)
SKILLS = st.lists(st.sampled_from([DRIVING, MEDICAL]), unique=True).map(tuple)


@st.composite
def said(draw: st.DrawFn, person: str, row: int) -> PersonRow:
    """What a roster says of somebody."""
    return PersonRow(
        row=row,
        person=person,
        unit="u-1",
        residence=COMMUNITY_11,
        skills=draw(SKILLS),
        trainings=draw(TRAININGS),
        sealed=draw(st.sampled_from(["aa", "bb"])),
    )


def told_roster(*rows: PersonRow, unstated: tuple[str, ...], size: int):
    """Return a roster of a file without these columns."""
    rows = tuple(msgspec.structs.replace(row, unstated=unstated) for row in rows)
    silent = ("headcount",) if "headcount" in unstated else ()
    unit = UnitRow("u-1", "区机关", size, silent)
    return RegisterPeople(area=STREET, units=(unit,), people=rows)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_roster_without_a_column_changes_nothing_of_it(data: st.DataObject):
    """Whatever was known, and whatever else the file says."""
    rows = [data.draw(said(person, n)) for n, person in enumerate(PEOPLE, 2)]
    before = told_roster(*rows, unstated=(), size=data.draw(st.integers(0, 200)))
    facts = list(register_people(fold(*AREAS), before, NOW))
    names = st.sampled_from(["skills", "trainings", "headcount"])
    unstated = tuple(data.draw(st.lists(names, unique=True)))
    again = [data.draw(said(person, n)) for n, person in enumerate(PEOPLE, 2)]
    if "skills" in unstated:  # as the reader leaves it: nothing
        again = [msgspec.structs.replace(row, skills=()) for row in again]
    if "trainings" in unstated:
        again = [msgspec.structs.replace(row, trainings=()) for row in again]
    size = 0 if "headcount" in unstated else data.draw(st.integers(0, 200))
    known = fold(*AREAS, *facts)
    try:
        more = register_people(known, told_roster(*again, unstated=unstated, size=size),
                               NOW)  # fmt: skip
    except NothingChanges:
        more = []
    after = fold(*AREAS, *facts, *more)
    for row in again:
        had = known(person_stream(row.person)).registered
        has = after(person_stream(row.person)).registered
        assert isinstance(had, PersonRegistered)
        assert isinstance(has, PersonRegistered)
        for name in ("skills", "trainings"):
            kept = getattr(had if name in unstated else row, name)
            assert getattr(has, name) == kept
    sizes = [state(unit_stream("u-1")).headcount for state in (known, after)]
    assert sizes[1] == (sizes[0] if "headcount" in unstated else size)


FULL = Item(
    code="mask",
    name="口罩",
    en="Mask",
    category="protective",
    unit="只",
    packagings=(Packaging("箱", 40),),
    place="A-01",
    shelf_days=730,
    alert_days=90,
    needs=(Need("epidemic", 500),),
    barcodes=("6901234567892",),
    durable=True,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ITEM_STATABLE), unique=True), st.booleans())
def test_a_catalogue_without_a_column_changes_nothing_of_it(left, workbook_too):
    """The file that is read, not only the command."""
    columns = [c for c in ITEM_COLUMNS if c.key in (*ITEM_NEEDED, *left)]
    other = msgspec.structs.replace(FULL, name="医用口罩", place="B-02", durable=False)
    cells = to_rows([other])
    data = to_csv(columns, cells, "zh")
    if workbook_too:
        data = to_xlsx(columns, cells, "zh", "x", "Asia/Shanghai")
    rows, faults = read_items(data)
    assert faults == []
    known = fold(ItemListed(item=FULL))
    facts = import_items(known, ImportItems(rows=tuple(rows)), NOW)
    [fact] = [one for one in facts if isinstance(one, ItemListed)]
    for name in Item.__struct_fields__:
        stated = name in (*ITEM_NEEDED, *left)
        assert getattr(fact.item, name) == getattr(other if stated else FULL, name)


def test_an_empty_cell_of_a_column_that_is_there_clears():
    """Of an item all that may be empty."""
    head = ",".join(c.zh for c in ITEM_COLUMNS)
    cells = {"code": "mask", "name": "口罩", "category": "防护", "unit": "只"}
    row = ",".join(cells.get(c.key, "") for c in ITEM_COLUMNS)
    rows, faults = read_items(f"{head}\n{row}\n".encode())
    assert (faults, rows[0].unstated) == ([], ())
    [fact] = import_items(
        fold(ItemListed(item=FULL)), ImportItems(rows=tuple(rows)), NOW
    )
    assert fact.item == Item(
        code="mask", name="口罩", en="", category="protective", unit="只"
    )


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


# --- over HTTP -----------------------------------------------------------------------


@served
async def test_five_columns_take_nothing_away(s: Service):
    """Skills, trainings and size stay; empty cells clear, and the dry run says so."""
    full = await send_roster(s, case("roster-full.csv"), STREET_1)
    assert full.status_code == 200, full.text
    assert full.json()["cleared"] == []
    ids = [s.world.vault.person_of(number) for number in ("M001", "M002")]
    read = s.world.read()
    before = [read(person_stream(person)).registered for person in ids]
    five = await send_roster(s, case("roster-five-columns.csv"), STREET_1)
    assert five.status_code == 200, five.text
    assert five.json()["changed"] == 1  # the telephone of one
    assert five.json()["cleared"] == []
    [unit] = five.json()["completeness"]
    assert (unit["headcount"], unit["with_training"]) == (120, 2)
    read = s.world.read()
    for person, had in zip(ids, before, strict=True):
        has = read(person_stream(person)).registered
        assert (has.skills, has.trainings) == (had.skills, had.trainings)
        assert read(unit_stream(has.unit)).headcount == 120

    emptied = case("roster-full.csv").decode().replace("医护、驾驶", "")
    emptied = emptied.replace(",120,", ",,")
    dry = await send_roster(s, emptied.encode(), STREET_1, dry_run="true")
    said = {one["column"]: one for one in dry.json()["cleared"]}
    assert said.keys() == {"unit_size", "skills"}
    assert (said["skills"]["count"], said["skills"]["rows"]) == (1, [2])
    assert said["skills"]["zh"] == "技能"


@served
async def test_a_size_in_the_first_row_is_kept(s: Service):
    """In whatever order the rows stand."""
    lines = case("roster-unit-size-first-row.csv").decode().splitlines()
    for rows in (lines, [lines[0], *lines[:0:-1]]):
        answer = await send_roster(s, "\n".join(rows).encode(), STREET_1)
        [unit] = answer.json()["completeness"]
        assert unit["headcount"] == 120
        stated = s.world.read()(unit_stream(unit["unit"]))
        assert isinstance(stated, UnitRegistered)
        assert stated.headcount == 120


@served
async def test_one_person_under_another_number_is_named(s: Service):
    """In the dry run; of people of another street nothing is told."""
    formatted = case("roster-number-format-000123.xlsx")
    first = await send_roster(s, formatted, STREET_1)
    assert first.json()["new"] == 1
    again = await send_roster(s, case("roster-text-000123.xlsx"), STREET_1)
    assert (again.json()["unchanged"], again.json()["already"]) == (1, [])
    s.world.runner.catch_up()
    other = roster("000124,零 一,15400000101,表单位,30,310117001002")
    dry = await send_roster(s, other, STREET_1, dry_run="true")
    [named] = dry.json()["already"]
    assert (named["row"], named["number"]) == (2, "000124")
    assert named["known_number"] == "000123"
    moved = roster("000124,零一,15400000101,表单位,30,310117002001")
    dry = await send_roster(s, moved, STREET_2, dry_run="true")
    assert (dry.status_code, dry.json()["already"]) == (200, [])


async def send_items(client: Any, data: bytes, **params: Any) -> httpx.Response:
    """Send a catalogue."""
    found: httpx.Response = await client.http.post(
        f"{API}/items/import",
        params={"seen_seq": client.head(), **params},
        content=data,
        headers={"Idempotency-Key": key(), "Content-Type": "text/csv"},
    )
    return found


@served
async def test_a_barcode_is_of_one_item(s: Service):
    """The other item is named; it may give it up in the same file."""
    office = await s.as_("administrator")
    base = "编码,名称,类别,单位,条码\nwater-500ml,瓶装水,食品饮水,瓶,2000000000275\n"
    made = await send_items(office, base.encode())
    assert made.status_code == 200, made.text
    s.world.runner.catch_up()
    taken = case("catalogue-barcode-taken.csv")
    refused = await send_items(office, taken, dry_run="true")
    assert refused.status_code == 422
    [field] = refused.json()["fields"]
    assert field["field"] == "row 2: barcodes"
    assert "瓶装水（water-500ml）" in field["zh"]
    otherwise = base.replace("2000000000275", "2000000000276")
    both = otherwise + "water-x,另一种水,食品饮水,瓶,2000000000275\n"
    assert (await send_items(office, both.encode())).status_code == 200
    s.world.runner.catch_up()
    without = "编码,名称,类别,单位\nwater-x,另一种水,食品饮水,瓶\n"
    same = await send_items(office, without.encode())
    assert same.json()["unchanged"] == 1
    read = s.world.read()
    listed = read(item_stream("water-x"))
    assert isinstance(listed, Listed)
    assert listed.item is not None
    assert listed.item.barcodes == ("2000000000275",)
    emptied = "编码,名称,类别,单位,条码\nwater-x,另一种水,食品饮水,瓶,\n"
    dry = await send_items(office, emptied.encode(), dry_run="true")
    assert [one["column"] for one in dry.json()["cleared"]] == ["barcodes"]


@served
async def test_of_two_imports_at_once_one_item_gets_the_barcode(s: Service):
    """Neither view has the other's item yet; the log has."""
    office = await s.as_("administrator")
    head = "编码,名称,类别,单位,条码\n"
    rows = [f"water-{n},瓶装水{n},食品饮水,瓶,2000000000275\n" for n in range(4)]
    answers = await asyncio.gather(
        *(send_items(office, (head + row).encode()) for row in rows)
    )
    assert sorted(one.status_code for one in answers) == [200, 422, 422, 422]
    for one in answers:
        if one.status_code == 422:
            assert "2000000000275" in one.json()["fields"][0]["zh"]


# --- residents, levels, counts -------------------------------------------------------

SHEET = [
    {"item": "shovel", "name": "铁锹", "lot": lot, "expires": None, "place": "2-3",
     "unit": "把", "moves": 4, "done": False}
    for lot in ("007", "7", "1E5", "100000", "2-3", "Q1")
]  # fmt: skip


def counted(data: bytes) -> tuple[list[Any], list[tuple[int, str]]]:
    """Return what a sheet says, and where it is wrong."""
    lines, faults = read_counted(data, SHEET)
    assert all(fault.zh and fault.en for fault in faults)
    return [x.said for x in lines], [(fault.row, fault.field) for fault in faults]


@pytest.mark.parametrize(
    "name", ["count-sheet-gb18030.csv", "count-sheet-after-spreadsheet.csv"]
)
def test_a_count_is_never_of_another_lot(name):
    """What a spreadsheet made of the lots might be several of them, or is none."""
    lines, faults = counted(case(name))
    assert (lines, faults) == ([], [(2, "lot"), (3, "lot"), (4, "lot"), (5, "lot")])
    _, [fault, *_] = read_counted(case(name), SHEET)
    assert "007、7" in fault.zh


@pytest.mark.parametrize("lot", ["7", "007", "1E5", "100000", "2-3", "q1", "Q1"])
def test_a_lot_without_its_key_is_the_one_it_must_be(lot):
    """A spreadsheet makes 7 of 007, never 007 of 7."""
    lines, faults = counted(f"item,lot,moves,counted\nshovel,{lot},4,10\n".encode())
    if lot in {"7", "100000"}:
        assert faults == [(2, "lot")]
    else:
        assert (lines[0]["lot"], faults) == ("Q1" if lot == "q1" else lot, [])
    others = [row for row in SHEET if row["lot"] not in {"007", "1E5"}]
    read, wrong = read_counted(
        f"item,lot,moves,counted\nshovel,{lot},4,10\n".encode(), others
    )
    assert bool(wrong) == (lot in {"007", "1E5"})
    assert len(read) == 1 - len(wrong)


def after_a_spreadsheet(data: bytes) -> bytes:
    """Return a CSV file as Excel saves it again: keys that are numbers are numbers."""

    def cell(text: str) -> str:
        if (inner := unkept(text)) != text:
            return inner
        return str(int(text)) if text.isdecimal() else text

    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    made = io.StringIO(newline="")
    csv.writer(made).writerows([cell(text) for text in row] for row in rows)
    return made.getvalue().encode("gb18030")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_sheet_survives_a_spreadsheet(times):
    """However often it is opened and saved: the key says which lot it is."""
    named = [column._replace(zh=column.key) for column in COUNTED.columns]
    rows = sheet_rows(SHEET)
    for number, row in enumerate(rows):
        row["counted"] = number
    data = to_csv(named, rows, "zh")
    for _ in range(times):
        data = after_a_spreadsheet(data)
        data = data.decode("gb18030").encode("utf-8-sig")
    lines, faults = counted(data)
    assert faults == []
    assert [x["lot"] for x in lines] == [row["lot"] for row in SHEET]
    book = to_xlsx(COUNTED.columns, rows, "zh", "盘点表", "Asia/Shanghai")
    assert counted(book) == (lines, [])


def test_a_sheet_says_what_is_wrong_with_it():
    """Blank cells are not counted; each fault has its row and its column."""
    head = "key,item,lot,moves,counted\n"
    text = f"{head}shovel/007,,,4,\nshovel/7,,,4,5\nshovel/7,,,4,6\n,shovel,,4,1\n"
    text += "shovel/Q9,,,4,1\nshovel/Q1,,,,1\nshovel/Q1,,,4,x\n#N/A,,,4,1\n"
    lines, faults = counted(text.encode())
    assert [x["lot"] for x in lines] == ["7"]
    assert faults == [
        (4, "lot"), (5, "lot"), (6, "key"), (7, "moves"), (8, "counted"), (9, "key"),
        (9, "lot"),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_residents_and_levels_by_the_same_reader(encoding, delimiter):
    """In any usual encoding, by any usual delimiter."""
    text = f"居村代码,常住人口\n{COMMUNITY_11},3100\n".replace(",", delimiter)
    rows, faults = read_residents(text.encode(encoding))
    assert faults == []
    assert [x.said for x in rows] == [{"area": COMMUNITY_11, "residents": 3100}]
    text = "item,peace,war\nsandbag,100/200/400,200/300/600\n".replace(",", delimiter)
    rows, faults = read_levels(text.encode(encoding))
    assert faults == []
    assert [x.said for x in rows] == [
        {"item": "sandbag", "peace": [100, 200, 400], "war": [200, 300, 600]}
    ]


def test_residents_and_levels_name_what_is_wrong():
    """A number in a workbook is read by its value, an error is a fault."""
    head = ["居村代码", "常住人口"]
    rows, faults = read_residents(
        workbook(head, [310117001001, 3100], formats={"A2": "0", "B2": "#,##0"})
    )
    assert (faults, rows[0].said["residents"]) == ([], 3100)
    table = [head, ["3.10117E+11", 1], [COMMUNITY_11, "#N/A"], [COMMUNITY_11, ""]]
    _, faults = read_residents(workbook(*table))
    assert [(f.row, f.field) for f in faults] == [
        (2, "area"), (3, "residents"), (4, "residents"), (4, "area"),
    ]  # fmt: skip
    _, faults = read_levels(b"item,peace,war\na1,1/2,1/2/3\nb1,1/2/3,\n")
    assert [(f.row, f.field) for f in faults] == [(2, "peace"), (3, "war")]


@pytest.mark.parametrize(
    "text", ["007", "1E5", "1e10", "2-3", "2/3", "12:30", "310117001001", "TRUE",
             "3-mar", "mar-3", "may", "2026-11-30", "1.2.3"]
)  # fmt: skip
def test_keys_that_a_spreadsheet_would_change_are_kept(text):
    """And read back as they were."""
    assert kept(text) == f'="{text}"'
    assert unkept(kept(text)) == text
    for other in ("7", "A-01-2", "mask-n95", "B7", "Q1", "铁锹", ""):
        assert kept(other) == other
