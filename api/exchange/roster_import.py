"""The roster's way in (花名册导入): file -> vault and command, names apart from codes.

The vault is written before the log: what a crash leaves behind there is a name that no
fact speaks of, and harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from api.exchange.importing import Import, bring_in, counts
from api.exchange.roster import RosterRow, read_roster
from api.http.files import FileSent
from api.world.vault import Secret
from api.world.world import World
from coordination.kernel import Event, Read, filled, id_of
from coordination.people.decide import (
    PersonRow,
    RegisterPeople,
    RosterRefused,
    RosterUnchanged,
    UnitRow,
)
from coordination.people.events import PersonRegistered, UnitRegistered
from coordination.people.state import person_stream
from coordination.tree import Place


def unit_id(name: str) -> str:
    """Return the id of a unit: the same name is the same unit."""
    return id_of("u", name)


def secrets_of(world: World, rows: Sequence[RosterRow]) -> dict[str, Secret]:
    """Return what is personal in a roster, by person."""
    return {
        world.vault.person_of(r.number): Secret(r.name, r.phone, r.number) for r in rows
    }


def registering(world: World, area: Place, rows: Sequence[RosterRow]) -> RegisterPeople:
    """Return the command that a roster is: codes, and digests of what is personal."""
    secrets = secrets_of(world, rows)
    seals = world.vault.seals(secrets)
    units = {
        unit_id(r.unit): UnitRow(unit_id(r.unit), r.unit, r.unit_size) for r in rows
    }
    people = [
        filled(PersonRow, row, person=p, unit=unit_id(row.unit), sealed=seals[p])
        for p, row in ((world.vault.person_of(row.number), row) for row in rows)
    ]
    return RegisterPeople(
        area=area,
        units=tuple(units.values()),
        people=tuple(people),
        basis="花名册",
    )


async def import_roster(world: World, sent: FileSent, area: Place) -> dict[str, Any]:
    """Import a roster, all or nothing, or say what that would do.

    :raises RosterRefused: with a fault for each wrong row, of the file or against
        what is registered: both in one answer
    """

    def keep(rows: list[RosterRow]) -> None:
        world.vault.put(secrets_of(world, rows))

    how = Import(
        read=partial(read_roster, zone=world.settings.zone),
        command=partial(registering, world, area),
        counted=_counted,
        refused=RosterRefused,
        unchanged=RosterUnchanged,
    )
    return await bring_in(world, sent, how, keep=keep)


def _counted(
    rows: list[RosterRow], events: Sequence[Event], read: Read
) -> dict[str, Any]:
    """Return what a roster would do."""
    named = [e.person for e in events if isinstance(e, PersonRegistered)]
    known = sum(read(person_stream(p)).registered is not None for p in named)
    return {
        **counts(rows, len(named), known),
        "units_new": sum(isinstance(e, UnitRegistered) for e in events),
        "completeness": completeness(rows),
    }


def completeness(rows: Sequence[RosterRow]) -> list[dict[str, Any]]:
    """Return how complete a roster is, by unit; ``share`` in per mille of its members.

    ``share`` None: the unit's own number of members is not stated.
    """
    units: dict[str, list[RosterRow]] = {}
    for row in rows:
        units.setdefault(row.unit, []).append(row)
    found = []
    for name, listed in sorted(units.items()):
        headcount = max(row.unit_size for row in listed)
        found.append(
            {
                "unit": unit_id(name),
                "name": name,
                "headcount": headcount,
                "listed": len(listed),
                "with_phone": sum(bool(row.phone) for row in listed),
                "with_training": sum(bool(row.trainings) for row in listed),
                "share": 1_000 * len(listed) // headcount if headcount else None,
            }
        )
    return found
