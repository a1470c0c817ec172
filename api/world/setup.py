"""Making a World to stand on: areas, the ground below them, playbooks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress

import playbooks
from api.exchange.areas import read_areas
from api.http.auth import Accounts
from api.world.birth import bear
from api.world.ground import ground
from api.world.world import World
from coordination.areas.decide import AreaRow, ImportAreas, ImportRefused, NothingNew
from coordination.areas.events import AreaRegistered
from coordination.grants.decide import GrantRoles, GrantRow
from coordination.grants.state import held_by
from coordination.kernel import Command
from coordination.log import Receipt
from coordination.mode.plans import PlaybookUnchanged, PublishPlaybook
from coordination.provenance import Actor, Provenance
from coordination.refusals import Refusal
from coordination.tree import DIGITS, Place

INSTALLER = Actor("installer", "administrator")
BASIS = "world init"


async def init_world(
    world: World,
    data: bytes,
    seed: int,
    *,
    demonstration: bool = False,
) -> Receipt | None:
    """Import areas, lay out the seeded ground and publish the playbooks.

    Running it again with the same file and seed changes nothing. Returns the last
    receipt, None if there was nothing new at all. ``demonstration``: it is one from its
    birth, and has made-up accounts that anybody may use.

    :raises BornReal: if it is to be a demonstration and was not born one
    :raises ImportRefused: naming every wrong row; nothing is stored then
    """
    rows, faults = read_areas(data)
    if faults:
        raise ImportRefused(count=len(faults), rows=faults)
    recorder = world.log.recorder
    bear(recorder, world.settings, demonstration=demonstration)
    digest = hashlib.sha256(data).hexdigest()[:16]
    last = None
    for name, command in _commands(rows, seed):
        id_ = f"init:{digest}:{seed}:{name}"
        done = await install(world, id_, command, NothingNew, PlaybookUnchanged)
        last = done or last
    return last


async def install(
    world: World, command_id: str, command: Command, *unless: type[Refusal]
) -> Receipt | None:
    """Decide as the installer; None where it stood so before, as ``unless`` says."""
    by = Provenance(command_id=command_id, actor=INSTALLER)
    with suppress(*unless):
        return await world.do(command, by)
    return None


def _commands(rows: Sequence[AreaRow], seed: int) -> list[tuple[str, Command]]:
    """Return what to do, in order, each under a name of its own."""
    commands: list[tuple[str, Command]] = [
        ("areas", ImportAreas(rows=tuple(rows), basis=BASIS))
    ]
    commands.extend((f"ground:{c.street}", c) for c in ground(rows, seed))
    for playbook, text in playbooks.texts().items():
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        publish = PublishPlaybook(playbook=playbook, text=text, basis=BASIS)
        commands.append((f"playbook:{playbook}:{digest}", publish))
    return commands


async def adopt_roles(world: World, accounts: Accounts) -> None:
    """Turn the roles that accounts once had of themselves into grants, once."""
    levels = {digits: level for level, digits in DIGITS.items()}
    read, now = world.read(), world.clock()
    for account, role, path in accounts.legacy_roles():
        if any(grant.given.role == role for grant in held_by(read, account, now)):
            continue
        area = Place(path.ljust(12, "0"), levels[len(path)]) if path else None
        row = GrantRow(grant=f"g-adopted-{account}", account=account, role=role,
                       area=area)  # fmt: skip
        adopted = GrantRoles(rows=(row,), basis="accounts of version 0.1")
        await install(world, f"adopted:{account}:{role}", adopted)


def preview(world: World, command: ImportAreas, by: Provenance) -> dict[str, int]:
    """Return how many areas an import would register and rename; stores nothing.

    :raises ImportRefused: naming every wrong row
    """
    try:
        events = world.handler.preview(command, by, world.clock())
    except NothingNew:
        return {"registered": 0, "renamed": 0}
    registered = sum(isinstance(event, AreaRegistered) for event, _ in events)
    return {"registered": registered, "renamed": len(events) - registered}
