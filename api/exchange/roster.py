"""The roster (花名册): people by unit and residence, from CSV or Excel, and a template.

A file says of itself everything that is wrong with it; what is wrong against the areas
and people known already is for ``coordination.people.decide`` to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from api.exchange import sheets
from api.exchange.cells import (
    WrongCellError,
    coded,
    known,
    names,
    narrow,
    once,
    plain,
    upto,
)
from api.exchange.layout import Field, Layout
from api.exchange.reading import folded
from api.exchange.sheets import Values, read_values
from api.exchange.tables import Column
from coordination.people.decide import PEOPLE_ROWS_MAX
from coordination.people.events import Training
from coordination.refusals import RowFault
from coordination.tree import LOCAL_CODE
from coordination.vocabulary import SKILLS, TRAININGS

FILE_BYTES_MAX = 5_000_000
ROSTER_ROWS_MAX = PEOPLE_ROWS_MAX
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
# 010 and 02x go with numbers of eight digits, the others with seven or eight.
_LANDLINE = re.compile(
    r"(?:0|(?:\+|00)860?)"
    r"(?:(10|2[0-9])([2-8][0-9]{7})|([3-9][0-9]{2})([2-8][0-9]{6,7}))"
)
_PHONE_FILLING = re.compile(r"[\s()-]")
_BETWEEN = re.compile(r"[、,;|\r\n]")
_DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?")


class RosterRow(NamedTuple):
    """One row of a roster; ``row``: its line, 2 for the first after the header.

    ``number``: member number (编号), as the vault compares it but for capitals.
    ``unit_size``: None where the cell is empty. ``residence``: 12 digits or a local
    code. ``community_name``: must be that community's, if given. ``unstated``: what the
    file has no column for: of that what is known stays.
    """

    row: int
    number: str
    name: str
    phone: str
    unit: str
    unit_size: int | None
    residence: str
    community_name: str
    skills: tuple[str, ...]
    trainings: tuple[Training, ...]
    unstated: tuple[str, ...] = ()


def read_roster(
    data: bytes, zone: str = "Asia/Shanghai"
) -> tuple[list[RosterRow], list[RowFault]]:
    """Return the rows without a fault, and the faults of the file by row and column.

    ``data``: CSV or ``.xlsx``; at most ``FILE_BYTES_MAX`` bytes and
    ``ROSTER_ROWS_MAX`` rows. ``zone``: of the day a training is valid through. See
    ``read_values``. Empty rows are passed over. Raises nothing.
    """
    layout = _layout(ZoneInfo(zone))
    rows, faults = read_values(data, layout, _Seen().faults)
    return [_row(number, values) for number, values in rows], faults


def _row(number: int, values: Values) -> RosterRow:
    unstated = tuple(name for name in STATABLE if name not in values)
    return RosterRow(number, **UNSAID | values, unstated=unstated)


def write_template(lang: str) -> bytes:
    """Return a workbook to fill in (模板): a header and two people who do not exist."""
    examples = _EXAMPLES["en" if lang.startswith("en") else "zh"]
    return sheets.write_template(LAYOUT, examples, lang, ("花名册", "Roster"))


# --- rows ----------------------------------------------------------------------------

STATABLE = ("unit_size", "skills", "trainings")
"""What a file may leave as it is known."""


class _Seen:
    """Whom earlier rows have named."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._people: dict[tuple[str, str], int] = {}
        self._sizes: dict[str, tuple[int, int]] = {}

    def faults(self, number: int, values: Values) -> Iterator[RowFault]:
        """Yield that an earlier row has this person, or another size for the unit."""
        if code := values.get("number"):
            first = self._numbers.setdefault(folded(code), number)
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
        if unit and size is not None:
            stated, first = self._sizes.setdefault(unit, (size, number))
            if stated != size:
                zh = f"与第 {first} 行同一单位的人数 {stated} 不一致"
                en = f"row {first} says {stated} for the same unit"
                yield RowFault(number, "unit_size", zh, en)


# --- cells ---------------------------------------------------------------------------


def _number(text: str) -> str:
    text = plain(narrow(text))
    if " " in text:
        raise WrongCellError("编号中不能有空格", "a number has no spaces")
    return text


def _phone(text: str) -> str:
    """Return 11 digits, or area code, hyphen and number."""
    digits = _PHONE_FILLING.sub("", narrow(text))
    if found := _MOBILE.fullmatch(digits):
        return found[1]
    if found := _LANDLINE.fullmatch(digits):
        area, rest = found[1] or found[3], found[2] or found[4]
        return f"0{area}-{rest}"
    zh = "应为 11 位手机号，或带区号的座机号"
    en = "it must be a mobile number of 11 digits, or a landline with its area code"
    raise WrongCellError(zh, en)


_community = coded(
    LOCAL_CODE,
    "应为 12 位社区代码，或其网格、小区、楼栋代码",
    "it must be the 12 digits of a community, or a local code in it",
)


def _parts(text: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a list in a cell names: a space divides where it is in no name."""
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", text)):
        if folded(part.partition(":")[0]) in known:
            yield part
        else:
            yield from part.split()


_SKILL_NAMES, _TRAINING_NAMES = names(SKILLS), names(TRAININGS)


def _skills(text: str) -> tuple[str, ...]:
    parts = _parts(text, _SKILL_NAMES)
    return tuple(sorted({known(part, _SKILL_NAMES, SKILLS) for part in parts}))


def _trainings(text: str, zone: ZoneInfo) -> tuple[Training, ...]:
    """Return what somebody is trained for: ``采样辅助:2027-06-30、急救``."""
    text = re.sub(r"\s*[:\uff1a]\s*", ":", text)
    found: dict[str, Training] = {}
    for part in _parts(text, _TRAINING_NAMES):
        name, colon, day = part.partition(":")
        training = known(name, _TRAINING_NAMES, TRAININGS)
        once(name, [name] if training in found else [])
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
    raise WrongCellError(zh, en)


def _layout(zone: ZoneInfo) -> Layout:
    """Return how a roster looks; its days are over at midnight of ``zone``."""
    trainings = partial(_trainings, zone=zone)
    place = Column("community", "居住社区代码", "Community code")
    size = Column("unit_size", "单位人数", "Unit size", "int")
    skills = Column("skills", "技能", "Skills")
    training = Column("training", "培训", "Training")
    fields = (
        Field(Column("number", "编号", "Number"), 40, _number, needed=True),
        Field(Column("name", "姓名", "Name"), 50, plain, needed=True),
        Field(Column("phone", "手机", "Phone"), 40, _phone, needed=True),
        Field(Column("unit", "单位", "Unit"), 100, plain, needed=True),
        Field(size, 20, upto(999_999), cleared=None),
        Field(place, 40, _community, needed=True, name="residence"),
        Field(Column("community_name", "社区名称", "Community name"), 100, plain),
        Field(skills, 300, _skills, cleared=(), many=True),
        Field(training, 500, trainings, name="trainings", cleared=(), many=True),
    )
    return Layout(fields, FILE_BYTES_MAX, ROSTER_ROWS_MAX)


LAYOUT = _layout(ZoneInfo("Asia/Shanghai"))
COLUMNS, NEEDED, UNSAID = LAYOUT.columns, LAYOUT.needed, LAYOUT.unsaid


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
