"""The roster's way in (花名册导入): file -> vault and command, names apart from codes.

The vault is written before the log: what a crash leaves behind there is a name that no
fact speaks of, and harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from api.exchange.importing import Import, bring_in, cleared, counts
from api.exchange.roster import LAYOUT, RosterRow, read_roster
from api.http.files import FileSent
from api.world.vault import Secret
from api.world.world import World
from coordination.filled import filled
from coordination.kernel import Event, Read, id_of
from coordination.people.decide import (
    PersonRow,
    RegisterPeople,
    RosterRefused,
    RosterUnchanged,
    UnitRow,
)
from coordination.people.events import PersonRegistered, UnitRegistered
from coordination.people.state import person_stream, unit_stream
from coordination.tree import Place
from projections.roster import HUMAN


def unit_id(name: str) -> str:
    """Return the id of a unit: the same name is the same unit."""
    return id_of("u", name)


Ids = Callable[[RosterRow], str]
"""Which person a row is."""


def everybody(world: World) -> Ids:
    """Return whom rows are, wherever they live."""
    return lambda row: world.vault.person_of(row.number)


def those_here(world: World, area: Place, read: Read) -> Ids:
    """Return whom rows are, of those who live in an area or nowhere yet.

    Of people elsewhere a trial tells nothing: to it they are new, like any number.
    """

    def person(row: RosterRow) -> str:
        found = world.vault.person_of(row.number)
        known = read(person_stream(found))
        away = known.registered and not known.home.startswith(area.path)
        return world.vault.person_of(f"elsewhere {row.number}") if away else found

    return person


def secrets_of(rows: Sequence[RosterRow], ids: Ids) -> dict[str, Secret]:
    """Return what is personal in a roster, by person."""
    return {ids(row): Secret(row.name, row.phone, row.number) for row in rows}


def registering(
    world: World, area: Place, ids: Ids, rows: Sequence[RosterRow]
) -> RegisterPeople:
    """Return the command that a roster is: codes, and digests of what is personal."""
    secrets = secrets_of(rows, ids)
    seals = world.vault.seals(secrets)
    people = [
        filled(PersonRow, row, person=p, unit=unit_id(row.unit), sealed=seals[p])
        for p, row in zip(map(ids, rows), rows, strict=True)
    ]
    return RegisterPeople(
        area=area,
        units=tuple(_units(rows)),
        people=tuple(people),
        basis="花名册",
    )


def _units(rows: Sequence[RosterRow]) -> Iterator[UnitRow]:
    """Yield each unit; its size is what any of its rows says."""
    for name, listed in _by_unit(rows).items():
        size = max(row.unit_size or 0 for row in listed)
        silent = "unit_size" in listed[0].unstated
        unstated = ("headcount",) if silent else ()
        yield UnitRow(unit_id(name), name, size, unstated)


def _by_unit(rows: Sequence[RosterRow]) -> dict[str, list[RosterRow]]:
    units: dict[str, list[RosterRow]] = {}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    return units


async def import_roster(world: World, sent: FileSent, area: Place) -> dict[str, Any]:
    """Import a roster, all or nothing, or say what that would do.

    :raises RosterRefused: with a fault for each wrong row, of the file or against
        what is registered: both in one answer
    :raises PeopleElsewhere: if somebody on it lives outside the area
    """
    read, ids = world.read(), everybody(world)
    here = those_here(world, area, read)

    def new(row: RosterRow) -> bool:
        return _registered(ids, read, row) is None

    def keep(rows: Iterable[RosterRow]) -> None:
        world.vault.put(secrets_of(list(rows), ids))

    how = Import(
        read=partial(read_roster, zone=world.settings.zone),
        command=partial(registering, world, area, ids),
        tried=partial(registering, world, area, here),
        counted=partial(_counted, world, area, here),
        refused=RosterRefused,
        unchanged=RosterUnchanged,
    )
    # Who is new has a name before the log has them; of those who are known it is
    # changed only once that is decided, or a refusal would have renamed them.
    return await bring_in(
        world, sent, how, before=lambda rows: keep(filter(new, rows)), after=keep
    )


def _counted(
    world: World,
    area: Place,
    ids: Ids,
    rows: list[RosterRow],
    events: Sequence[Event],
    read: Read,
) -> dict[str, Any]:
    """Return what a roster would do."""
    named = [e.person for e in events if isinstance(e, PersonRegistered)]
    known = sum(read(person_stream(p)).registered is not None for p in named)
    return {
        **counts(rows, len(named), known),
        "units_new": sum(
            isinstance(e, UnitRegistered) and read(unit_stream(e.unit)) is None
            for e in events
        ),
        "completeness": completeness(rows, partial(_registered, ids, read), read),
        "cleared": cleared(LAYOUT, _changes(ids, rows, events, read)),
        "already": list(_already(world, area, rows)),
    }


def _registered(ids: Ids, read: Read, row: RosterRow) -> PersonRegistered | None:
    return read(person_stream(ids(row))).registered


def _changes(
    ids: Ids, rows: Sequence[RosterRow], events: Sequence[Event], read: Read
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Yield what is known of each person and unit that changes, and what will be."""
    lines = {ids(row): row.row for row in rows}
    firsts = {unit_id(name): of[0].row for name, of in _by_unit(rows).items()}
    for event in events:
        match event:
            case PersonRegistered():
                before = read(person_stream(event.person)).registered
                if before is not None:
                    told = msgspec.structs.asdict
                    yield lines[event.person], told(before), told(event)
            case UnitRegistered():
                stated = read(unit_stream(event.unit))
                if stated is not None:
                    sizes = {"unit_size": stated.headcount}
                    now = {"unit_size": event.headcount}
                    yield firsts[event.unit], sizes, now


def _already(
    world: World, area: Place, rows: Sequence[RosterRow]
) -> Iterator[dict[str, Any]]:
    """Yield each row whose name and phone are somebody's under another number.

    Only of people in the area of the import, where whoever imports may look.
    """
    with world.reading() as c:
        here = HUMAN.inside(area.path), HUMAN.table.c.state == ""
        humans = HUMAN.where(c, *here, at=None)
    known = {
        (_spaceless(secret.name), secret.phone): (person, secret.number)
        for person, secret in world.vault.many(h.person for h in humans).items()
        if secret.phone
    }
    for row in rows:
        person, number = known.get((_spaceless(row.name), row.phone), ("", ""))
        if person and person != world.vault.person_of(row.number):
            yield {
                "row": row.row,
                "name": row.name,
                "number": row.number,
                "known_number": number,
                "known_person": person,
            }


def _spaceless(name: str) -> str:
    return re.sub(r"\s", "", name).casefold()


def completeness(
    rows: Sequence[RosterRow],
    known: Callable[[RosterRow], PersonRegistered | None],
    read: Read,
) -> list[dict[str, Any]]:
    """Return how complete a roster is, by unit; ``share`` in per mille of its members.

    ``share`` None: the unit's own number of members is not stated. What the file has
    no column for is counted as it is ``known``.
    """

    def trained(row: RosterRow) -> bool:
        if "trainings" not in row.unstated:
            return bool(row.trainings)
        before = known(row)
        return before is not None and bool(before.trainings)

    found = []
    for name, listed in sorted(_by_unit(rows).items()):
        headcount = max(row.unit_size or 0 for row in listed)
        if "unit_size" in listed[0].unstated:
            stated = read(unit_stream(unit_id(name)))
            headcount = stated.headcount if stated is not None else 0
        found.append(
            {
                "unit": unit_id(name),
                "name": name,
                "headcount": headcount,
                "listed": len(listed),
                "with_phone": sum(bool(row.phone) for row in listed),
                "with_training": sum(map(trained, listed)),
                "share": 1_000 * len(listed) // headcount if headcount else None,
            }
        )
    return found
