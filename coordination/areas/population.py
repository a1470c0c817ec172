"""Rules of residents (常住人口): how many live where; needs per head rest on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from coordination.areas.events import PopulationStated
from coordination.areas.state import area_stream
from coordination.checks import rows_held
from coordination.fields import Code, Expected, named
from coordination.kernel import Command, Event, Held, Read, Streams
from coordination.refusals import NothingChanges, RowFault, RowsRefused, size_faults
from coordination.tree import Place

ROWS_MAX = 10_000
RESIDENTS_MAX = 10_000_000
COMMUNITY = "community"


def _evolve(residents: int, event: Event) -> int:
    return event.residents if isinstance(event, PopulationStated) else residents


UNSTATED = -1
residents_stream = Streams("area", UNSTATED, _evolve)
"""An area's stream, folded to how many live there, -1: not stated."""


class Residents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many live in a community."""

    area: Annotated[Code, named("居村代码", "Community code")]
    residents: Annotated[int, named("常住人口", "Residents", ge=0, le=RESIDENTS_MAX)]


class StatePopulation(Command, frozen=True, kw_only=True):
    """常住人口: how many live in communities, all rows or none."""

    STREAM = "area/{0.area.code}"  # those of one area wait for one another
    AT = "{0.area.path}"  # the area all communities lie in
    ACTION = "areas.population"
    HEAVY = True
    area: Annotated[Place, named("区域", "Area")]
    rows: Annotated[tuple[Residents, ...], named("居村", "Communities", upto=ROWS_MAX)]

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """What was stated before of the communities that would change."""
        was = {}
        for row in self.rows:
            stream = residents_stream(row.area)
            if read(stream) not in {UNSTATED, row.residents}:
                was[stream.id] = read(stream)
        return rows_held(
            was, (PopulationStated,), "常住人口", "the number of residents"
        )


PopulationRefused = RowsRefused.of(
    "areas.population-refused",
    "{count} 处有误，人口未登记",
    "{count} faults; nothing was recorded",
    field="rows",
)
PopulationUnchanged = NothingChanges.of("areas.population-unchanged")


def state_population(
    read: Read, command: StatePopulation, _now: int
) -> Sequence[Event]:
    """Record how many people live in communities.

    :raises PopulationRefused: with a fault for each wrong row
    :raises PopulationUnchanged: if nothing would change
    """
    faults, events = size_faults(command.rows, ROWS_MAX, "rows"), list[Event]()
    seen: set[str] = set()
    for number, row in enumerate(command.rows[:ROWS_MAX], start=1):
        level = read(area_stream(row.area)).level_of(row.area)
        if level != COMMUNITY or row.area in seen:
            faults.append(RowFault(number, "area", "不是居村或重复", "no community"))
        elif not row.area.startswith(command.area.path):
            faults.append(RowFault(number, "area", "不在本区域内", "outside the area"))
        if not 0 <= row.residents <= RESIDENTS_MAX:
            why = f"0 – {RESIDENTS_MAX}"
            faults.append(RowFault(number, "residents", why, why))
        seen.add(row.area)
        if read(residents_stream(row.area)) != row.residents:
            events.append(PopulationStated(area=row.area, residents=row.residents))
    PopulationRefused.unless_good(faults)
    return PopulationUnchanged.unless_any(events)
