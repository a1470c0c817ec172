"""Rules of the roster (花名册): who is on it, and where they live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from coordination.areas.state import area_stream
from coordination.checks import rows_held
from coordination.fields import Expected
from coordination.filled import as_known, filled
from coordination.kernel import Command, Event, Held, Read
from coordination.people.events import (
    PersonRegistered,
    Training,
    UnitRegistered,
)
from coordination.people.state import (
    person_stream,
    unit_stream,
)
from coordination.refusals import (
    Fault,
    Forbidden,
    NothingChanges,
    RowFault,
    RowsRefused,
)
from coordination.tree import Place
from coordination.vocabulary import SKILLS, TRAININGS

PEOPLE_ROWS_MAX = 18_000

UNITS_MAX = 1_900


class UnitRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit (单位) as the roster names it; ``headcount`` 0: nobody has said.

    ``unstated``: what the roster does not say: of a known unit that stays as it is.
    """

    unit: str
    name: str
    headcount: int = 0
    unstated: tuple[str, ...] = ()


class PersonRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person of a roster; ``row``: its line. No name: that is in the vault.

    ``community_name``: what the file calls the community, empty: it does not say.
    ``unstated``: what the roster does not say: of who is known that stays as it is.
    """

    row: int
    person: str
    unit: str
    residence: str
    skills: tuple[str, ...]
    trainings: tuple[Training, ...]
    sealed: str
    community_name: str = ""
    unstated: tuple[str, ...] = ()

    def of(self, known: PersonRegistered | None) -> PersonRegistered:
        """Return who they are as the row has it, as known where that says nothing."""
        unstated = STATABLE & {*self.unstated}
        return as_known(filled(PersonRegistered, self), known, unstated)


STATABLE = frozenset({"skills", "trainings"})
"""What a row of a person may leave unsaid."""


class RegisterPeople(Command, frozen=True, kw_only=True):
    """导入花名册: all rows or none; who is on it already as stated changes nothing."""

    AT = "{0.area.path}"  # the area the roster is for
    STREAM = "person"  # imports wait for one another
    ACTION = "people.import"
    HEAVY = True
    area: Place
    units: tuple[UnitRow, ...]
    people: tuple[PersonRow, ...]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """What was registered before of the people who would change."""
        was = {}
        for row in self.people:
            stream = person_stream(row.person)
            known, home = read(stream).registered, read(stream).home
            # Of people elsewhere it is not even told who decided about them.
            here = home.startswith(self.area.path)
            if known is not None and here and known != row.of(known):
                was[stream.id] = known
        facts = (PersonRegistered,)
        return rows_held(was, facts, "花名册上的这些人员", "this part of the roster")


RosterRefused = RowsRefused.of(
    "people.import-refused",
    "{count} 处有误，整份花名册未导入",
    "{count} faults; nothing of the roster was imported",
    field="file",
)
RosterUnchanged = NothingChanges.of("people.unchanged")
PeopleElsewhere = Forbidden.of(
    "people.elsewhere",
    "有 {count} 人现居本区域之外，整份花名册未导入",
    "{count} on the roster live outside this area; nothing of it was imported",
    "请核对编号；迁居请由管辖两地的上级导入",
    "check the numbers; who moves is imported by whoever is above both places",
    RECORDED=True,
    field="file",
)


def register_people(read: Read, command: RegisterPeople, _now: int) -> Sequence[Event]:
    """Register people and units that are new, or known otherwise.

    :raises RosterRefused: with a fault for each wrong row
    :raises PeopleElsewhere: if somebody on it lives outside the area by now
    :raises RosterUnchanged: if the file says nothing new
    """
    faults: list[RowFault] = []
    if len(command.people) > PEOPLE_ROWS_MAX or len(command.units) > UNITS_MAX:
        limit = f"{PEOPLE_ROWS_MAX} / {UNITS_MAX}"
        fault = RowFault(0, "file", f"人员或单位超过 {limit}", f"more than {limit}")
        RosterRefused.unless_good([fault])
    events: list[Event] = []
    for unit in command.units:
        fact = UnitRegistered(unit=unit.unit, name=unit.name, headcount=unit.headcount)
        stated = read(unit_stream(unit.unit))
        fact = as_known(fact, stated, {"headcount"} & {*unit.unstated})
        if stated != fact:
            events.append(fact)
    units = {unit.unit for unit in command.units}
    seen: set[str] = set()
    for row in command.people:
        wrong = _row_faults(read, row, command.area, units, seen)
        faults += [RowFault(row.row, *fault) for fault in wrong]
        seen.add(row.person)
        known = read(person_stream(row.person))
        registered = row.of(known.registered)
        if known.registered != registered:
            events.append(registered)
    RosterRefused.unless_good(faults)
    elsewhere = [
        row
        for row in command.people
        if (known := read(person_stream(row.person))).registered
        and not known.home.startswith(command.area.path)
    ]
    if elsewhere:
        raise PeopleElsewhere(count=len(elsewhere))
    return RosterUnchanged.unless_any(events)


def _row_faults(
    read: Read, row: PersonRow, area: Place, units: set[str], seen: set[str]
) -> Iterator[Fault]:
    """Yield what is wrong with a row against the areas, units and people known."""
    if row.person in seen:
        yield "number", "编号重复", "the number stands twice"
    if read(person_stream(row.person)).gone:
        yield "number", "该人员已注销或并入", "forgotten or merged before"
    if row.unit not in units and read(unit_stream(row.unit)) is None:
        yield "unit", "单位不存在", "there is no such unit"
    known = read(area_stream(row.residence))
    if known.level != "community" or known.level_of(row.residence) is None:
        yield "community", "居住社区未登记", "no registered community or building"
    elif not row.residence.startswith(area.path):
        en = "outside the area this import is for"
        yield "community", "不在本次导入的区域内", en
    elif row.community_name and row.community_name != known.name:
        zh, en = f"代码对应的是“{known.name}”", f"the code is that of “{known.name}”"
        yield "community_name", zh, en
    if not set(row.skills) <= SKILLS.keys():
        yield "skills", "技能不在目录内", "a skill is not listed"
    if not {t.name for t in row.trainings} <= TRAININGS.keys():
        yield "training", "培训不在目录内", "a training is not listed"
