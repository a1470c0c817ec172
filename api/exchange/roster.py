"""The roster (花名册): people by unit and residence, from CSV or Excel, and a template.

A file says of itself everything that is wrong with it; what is wrong against the areas
and people known already is for ``coordination.people.decide`` to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from api.exchange.reading import (
    Merged,
    empty,
    encoding_of,
    header_faults,
    is_workbook,
    lines_of,
    listed,
    read_sheet,
    split,
    text_faults,
    too_large,
    wrong_size,
    wrong_width,
)
from api.exchange.tables import Column, risky, to_xlsx
from api.vault import comparable
from coordination.kernel import RowFault
from coordination.people.decide import PEOPLE_ROWS_MAX
from coordination.people.events import Training
from coordination.tree import LOCAL_CODE
from coordination.vocabulary import SKILLS, TRAININGS

FILE_BYTES_MAX = 5_000_000
ROSTER_ROWS_MAX = PEOPLE_ROWS_MAX
COLUMNS_MAX = 40
COLUMNS = (
    Column("number", "编号", "Number"),
    Column("name", "姓名", "Name"),
    Column("phone", "手机", "Phone"),
    Column("unit", "单位", "Unit"),
    Column("unit_size", "单位人数", "Unit size"),
    Column("community", "居住社区代码", "Community code"),
    Column("community_name", "社区名称", "Community name"),
    Column("skills", "技能", "Skills"),
    Column("training", "培训", "Training"),
)
NEEDED = ("number", "name", "phone", "unit", "community")
CHARS_MAX = {
    "number": 40,
    "name": 50,
    "phone": 40,
    "unit": 100,
    "unit_size": 20,
    "community": 40,
    "community_name": 100,
    "skills": 300,
    "training": 500,
}

_Words = Mapping[str, tuple[str, str]]
_OTHERS = tuple(column.key for column in COLUMNS if column.key not in NEEDED)
_TITLES = {column.key: column.zh for column in COLUMNS}
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
# 010 and 02x go with numbers of eight digits, the others with seven or eight.
_LANDLINE = re.compile(
    r"(?:0|(?:\+|00)860?)"
    r"(?:(10|2[0-9])([2-8][0-9]{7})|([3-9][0-9]{2})([2-8][0-9]{6,7}))"
)
_PHONE_FILLING = re.compile(r"[\s()-]")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_BETWEEN = re.compile(r"[、,;|\n]")
_DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")


class RosterRow(NamedTuple):
    """One row of a roster; ``row``: its line, 2 for the first after the header.

    ``number``: member number (编号), as ``api.vault.comparable`` would have it but for
    capitals. ``unit_size``: 0 if not stated. ``residence``: a community's 12 digits or
    a local code in it. ``community_name``: must be that community's, if given.
    """

    row: int
    number: str
    name: str
    phone: str
    unit: str
    unit_size: int
    residence: str
    community_name: str
    skills: tuple[str, ...]
    trainings: tuple[Training, ...]


def read_roster(
    data: bytes, zone: str = "Asia/Shanghai"
) -> tuple[list[RosterRow], list[RowFault]]:
    """Return the rows without a fault, and the faults of the file by row and column.

    ``data``: CSV in UTF-8 or GB18030, or ``.xlsx``; at most ``FILE_BYTES_MAX`` bytes
    and ``ROSTER_ROWS_MAX`` rows. ``zone``: of the day a training is valid through.
    ``RowFault.field`` is a key of ``COLUMNS``, ``row``, ``header`` or ``file``; at
    most ``reading.FAULTS_MAX`` are listed. Empty rows are passed over. Raises nothing.
    """
    table = _table(data)
    if not table.rows:
        return [], listed(table.faults or [empty()])
    header = [_key(cell) for cell in table.rows[0][1]]
    columns = {key: header.index(key) for key in _TITLES if key in header}
    if not columns:
        return [], [_no_header()]
    faults = [
        *table.faults,
        *header_faults([cell for cell in header if cell], NEEDED, _OTHERS, _TITLES),
    ]
    faults.extend(_merged(table.merged, header, len(table.rows)))
    rows = [row for row in table.rows[1:] if any(map(str.strip, row[1]))]
    check = _Check(ZoneInfo(zone), columns)
    good: list[RosterRow] = []
    for number, cells in rows:
        found = list(_misplaced(number, cells, header))
        if not found:
            taken = {key: cells[index] for key, index in columns.items()}
            row, found = check.row(number, taken)
            good.append(row)
        faults.extend(found)
    if not faults:
        faults.extend(wrong_size(len(rows), ROSTER_ROWS_MAX))
    wrong = {fault.row for fault in faults}
    return [row for row in good if row.row not in wrong], listed(faults)


def write_template(lang: str) -> bytes:
    """Return a workbook to fill in (模板): a header and two people who do not exist."""
    return to_xlsx(
        COLUMNS,
        _EXAMPLES["en" if lang.startswith("en") else "zh"],
        lang,
        "Roster" if lang.startswith("en") else "花名册",
        "Asia/Shanghai",
    )


# --- the table -----------------------------------------------------------------------


class _Table(NamedTuple):
    """Cells of a file by row, the header first; what is wrong with how it is made."""

    rows: list[tuple[int, list[str]]]
    faults: list[RowFault]
    merged: list[Merged]


def _table(data: bytes) -> _Table:
    if large := too_large(data, FILE_BYTES_MAX):
        return _Table([], [large], [])
    if not is_workbook(data):
        return _lines(data)
    sheet = read_sheet(data, ROSTER_ROWS_MAX, COLUMNS_MAX)
    if isinstance(sheet, RowFault):
        return _Table([], [sheet], [])
    return _Table(list(enumerate(sheet.rows, start=1)), [], sheet.merged)


def _lines(data: bytes) -> _Table:
    """Return the lines of a CSV file that can be split into fields."""
    lines = lines_of(data)
    encoding = encoding_of(lines)
    made = _Table([], list(wrong_size(max(len(lines) - 1, 1), ROSTER_ROWS_MAX)), [])
    for number, line in enumerate(lines[: ROSTER_ROWS_MAX + 1], start=1):
        cells = split(number, line, encoding) if line.strip() else []
        if isinstance(cells, RowFault):
            made.faults.append(cells)
            if number == 1:  # nothing can be said of rows without their header
                break
        else:
            made.rows.append((number, cells))
    return made


def _key(cell: str) -> str:
    """Return the key of the column that a cell of the header names, or its text."""
    return _COLUMN_NAMES.get(_folded(cell[:100]), cell.strip())


def _no_header() -> RowFault:
    wanted = "、".join(_TITLES[key] for key in NEEDED)
    named = ", ".join(column.en for column in COLUMNS if column.key in NEEDED)
    return RowFault(
        1,
        "header",
        f"第一行应为表头，至少含 {wanted}",
        f"the first row must name the columns, at least {named}",
    )


def _merged(
    merged: Iterable[Merged], header: Sequence[str], rows: int
) -> Iterator[RowFault]:
    """Yield every merged cell: whom its content is for is anybody's guess."""
    for cell in merged:
        if cell.row > rows or cell.column >= len(header):
            continue
        key = header[cell.column]
        yield RowFault(
            cell.row,
            key if key in _TITLES else "row",
            f"第 {cell.row}–{cell.last} 行有合并单元格，请取消合并后逐行填写",
            f"merged cells in rows {cell.row} to {cell.last}; fill in each row",
        )


def _misplaced(
    number: int, cells: Sequence[str], header: Sequence[str]
) -> Iterator[RowFault]:
    """Yield why the cells of a row are not those of its columns."""
    if len(cells) != len(header):
        yield wrong_width(number, len(header), len(cells))
        return
    if all(_key(cell) == name for cell, name in zip(cells, header, strict=True)):
        yield RowFault(number, "row", "表头重复", "the header once more")
        return
    for index, cell in enumerate(cells):
        if cell.strip() and not header[index]:
            zh = f"第 {index + 1} 列没有表头却有内容"
            en = f"column {index + 1} has content but no name"
            yield RowFault(number, "row", zh, en)


# --- rows ----------------------------------------------------------------------------


class _WrongError(Exception):
    """What is wrong with a cell, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class _Check:
    """Reads rows one after the other, and remembers whom it has seen."""

    def __init__(self, zone: ZoneInfo, columns: Iterable[str]) -> None:
        self._columns = tuple(columns)
        self._numbers: dict[str, int] = {}
        self._people: dict[tuple[str, str], int] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._parse: dict[str, Callable[[str], Any]] = {
            "number": _number,
            "name": _plain,
            "phone": _phone,
            "unit": _plain,
            "unit_size": _size,
            "community": _community,
            "community_name": _plain,
            "skills": _skills,
            "training": lambda text: _trainings(text, zone),
        }

    def row(
        self, number: int, cells: Mapping[str, str]
    ) -> tuple[RosterRow, list[RowFault]]:
        """Return a row, with nothing in its cells that are wrong, and what is wrong."""
        values: dict[str, Any] = {}
        faults: list[RowFault] = []
        for column in COLUMNS:
            if column.key not in cells:
                continue
            try:
                value = self._value(number, column, cells[column.key], faults)
            except _WrongError as wrong:
                faults.append(RowFault(number, column.key, wrong.zh, wrong.en))
            else:
                values[column.key] = value
        faults.extend(self._seen(number, values))
        row = RosterRow(
            row=number,
            number=values.get("number") or "",
            name=values.get("name") or "",
            phone=values.get("phone") or "",
            unit=values.get("unit") or "",
            unit_size=values.get("unit_size") or 0,
            residence=values.get("community") or "",
            community_name=values.get("community_name") or "",
            skills=values.get("skills") or (),
            trainings=values.get("training") or (),
        )
        return row, faults

    def _value(
        self, number: int, column: Column, cell: str, faults: list[RowFault]
    ) -> Any:
        """Return what a cell says, None if nothing or after telling what is wrong.

        :raises _WrongError: if it is not what its column holds
        """
        key = column.key
        if key not in NEEDED and not cell.strip():
            return None
        title = column.zh, column.en.lower()
        wrong = list(text_faults(number, key, cell, CHARS_MAX[key], title))
        faults.extend(wrong)
        return None if wrong else self._parse[key](cell)

    def _seen(self, number: int, values: Mapping[str, Any]) -> Iterator[RowFault]:
        """Yield that an earlier row has this person, or another size for the unit."""
        if code := values.get("number"):
            first = self._numbers.setdefault(comparable(code), number)
            if first != number:
                zh, en = f"编号与第 {first} 行重复", f"the number of row {first}"
                yield RowFault(number, "number", zh, en)
                return
        name, phone = values.get("name"), values.get("phone")
        if name and phone:
            person = re.sub(r"\s", "", name).casefold(), phone
            first = self._people.setdefault(person, number)
            if first != number:
                zh = f"姓名和手机与第 {first} 行相同，编号不同"
                en = f"name and phone of row {first}, under another number"
                yield RowFault(number, "name", zh, en)
        unit, size = values.get("unit"), values.get("unit_size")
        if unit and size:
            stated, first = self._sizes.setdefault(unit, (size, number))
            if stated != size:
                zh = f"与第 {first} 行同一单位的人数 {stated} 不一致"
                en = f"row {first} says {stated} for the same unit"
                yield RowFault(number, "unit_size", zh, en)


# --- cells ---------------------------------------------------------------------------


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _narrow(text: str) -> str:
    """Return a code or number in plain digits and letters (半角)."""
    text = unicodedata.normalize("NFKC", text).strip()
    if _SCIENTIFIC.fullmatch(text):
        zh = "被表格软件改成了科学计数，位数已丢失，请把该列设为文本后重填"
        en = "a spreadsheet has rounded it; make the column text and fill it in again"
        raise _WrongError(zh, en)
    return text


def _plain(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if risky(text):
        zh, en = "不能以 = + - @ 开头", "it must not begin with = + - @"
        raise _WrongError(zh, en)
    return text


def _number(text: str) -> str:
    text = _plain(_narrow(text))
    if " " in text:
        raise _WrongError("编号中不能有空格", "a number has no spaces")
    return text


def _phone(text: str) -> str:
    """Return 11 digits, or area code, hyphen and number."""
    digits = _PHONE_FILLING.sub("", _narrow(text))
    if found := _MOBILE.fullmatch(digits):
        return found[1]
    if found := _LANDLINE.fullmatch(digits):
        area, rest = found[1] or found[3], found[2] or found[4]
        return f"0{area}-{rest}"
    zh = "应为 11 位手机号，或带区号的座机号"
    en = "it must be a mobile number of 11 digits, or a landline with its area code"
    raise _WrongError(zh, en)


def _size(text: str) -> int:
    text = _narrow(text)
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise _WrongError("应为 0 至 999999 的整数", "it must be 0 to 999999")
    return int(text)


def _community(text: str) -> str:
    text = _narrow(text).lower()
    if not LOCAL_CODE.fullmatch(text):
        zh = "应为 12 位社区代码，或其网格、小区、楼栋代码"
        en = "it must be the 12 digits of a community, or a local code in it"
        raise _WrongError(zh, en)
    return text


def _parts(text: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a list in a cell names: a space divides where it is in no name."""
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", text)):
        if _folded(part.partition(":")[0]) in known:
            yield part
        else:
            yield from part.split()


def _names(words: _Words) -> dict[str, str]:
    """Return the id to every name of a vocabulary."""
    return {_folded(name): key for key, both in words.items() for name in (key, *both)}


_SKILL_NAMES, _TRAINING_NAMES = _names(SKILLS), _names(TRAININGS)
_COLUMN_NAMES = _names({column.key: (column.zh, column.en) for column in COLUMNS})


def _known(name: str, names: Mapping[str, str], words: _Words) -> str:
    found = names.get(_folded(name))
    if found is None:
        zh = f"没有“{name[:20]}”，可填：{'、'.join(zh for zh, _ in words.values())}"
        en = f"there is no “{name[:20]}”; choose from: {', '.join(words)}"
        raise _WrongError(zh, en)
    return found


def _skills(text: str) -> tuple[str, ...]:
    parts = _parts(text, _SKILL_NAMES)
    return tuple(sorted({_known(part, _SKILL_NAMES, SKILLS) for part in parts}))


def _trainings(text: str, zone: ZoneInfo) -> tuple[Training, ...]:
    """Return what somebody is trained for: ``采样辅助:2027-06-30、急救``."""
    text = re.sub(r"\s*[:\uff1a]\s*", ":", text)
    found: dict[str, Training] = {}
    for part in _parts(text, _TRAINING_NAMES):
        name, colon, day = part.partition(":")
        training = _known(name, _TRAINING_NAMES, TRAININGS)
        if training in found:
            zh, en = f"“{name}”重复", f"“{name}” twice"
            raise _WrongError(zh, en)
        found[training] = Training(training, _end_us(day, zone) if colon else 0)
    return tuple(found[name] for name in sorted(found))


def _end_us(day: str, zone: ZoneInfo) -> int:
    """Return when a day is over in a zone, in microseconds since 1970 UTC."""
    if found := _DAY.fullmatch(day):
        year, month, of_month = map(int, found.groups())
        try:
            begins = datetime(year, month, of_month, tzinfo=zone)
            # Added on the calendar: where clocks change a day is no 24 hours.
            return int((begins + timedelta(days=1)).timestamp()) * 1_000_000
        except (ValueError, OverflowError):
            pass
    zh = f"日期“{day[:20]}”有误，应如 2027-06-30"
    en = f"“{day[:20]}” is no date such as 2027-06-30"
    raise _WrongError(zh, en)


def _example(number: int, name: str, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "number": f"EXAMPLE-{number}",
        "name": name,
        "phone": f"1990000000{number}",
        "unit": unit,
        "unit_size": "120",
        "community": "310117001001",
        **more,
    }


_EXAMPLES = {
    "zh": [
        _example(1, "示例甲", "示例单位", skills="医护、驾驶", training="急救"),
        _example(2, "示例乙", "示例单位", training="采样辅助:2027-06-30、应急指挥"),
    ],
    "en": [
        _example(
            1, "Example One", "Example Unit", skills="medical", training="first-aid"
        ),
        _example(
            2, "Example Two", "Example Unit", training="sampling:2027-06-30, command"
        ),
    ],
}
