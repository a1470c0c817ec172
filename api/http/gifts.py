"""Who gives (捐赠人): a person's name goes to the vault, the log has a mark."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec
from msgspec import Meta

from api.http.outside import Envelope
from coordination.fields import named
from coordination.kernel import Command
from coordination.stock.receipts import UnknownSource

if TYPE_CHECKING:
    from api.http.writing import Writing
    from api.world.vault import Secret
    from api.world.world import World
    from coordination.log import Receipt


class DonorBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who gives. A person's name stays out of the log, an organisation's stands in it.

    ``phone`` is kept with the name, for the receipt only.
    """

    name: Annotated[
        str,
        Meta(min_length=1, max_length=60),
        named("姓名", "Name", "kept apart from the log", flag="donor"),
    ]
    phone: Annotated[
        str, Meta(max_length=40), named("电话", "Telephone", "of the donor")
    ] = ""
    organisation: Annotated[
        bool, named("单位", "Organisation", "the donor is one, not a person")
    ] = False


class WithDonor(Envelope):
    """What a receipt may say beside what came in."""

    donor: Annotated[DonorBody, named("捐赠人", "Donor")] | None = None


class Donor(NamedTuple):
    """How the log calls who gives, and what the vault is to keep of them."""

    id: str
    secret: Secret | None = None


def donor_of(world: World, said: DonorBody) -> Donor:
    """Return who gives: an organisation by name, a person by a mark."""
    from api.world.donors import donor_id  # noqa: PLC0415 - heavy

    if said.organisation:
        return Donor(said.name)
    return Donor(*donor_id(world, said.name, said.phone))


async def given(
    write: Writing, command: Command, said: Envelope, donor: Donor, *, known: bool
) -> Receipt:
    """Carry out a decision that names who gives.

    ``known``: it is stored already, so that a retry brings back no name.

    :raises UnknownSource: if somebody is called as another donor is marked
    """
    world, by = write.world, write.said(said)
    if donor.secret is None:
        if world.vault.get(donor.id) is not None:
            # Whoever could name a mark would read on the receipt whose it is.
            raise UnknownSource
    elif not known:
        # Of what would be refused no name is kept; sent again, nothing comes back.
        await asyncio.to_thread(world.handler.preview, command, by, world.clock())
        await asyncio.to_thread(world.vault.put, {donor.id: donor.secret})
    return await world.do(command, by)
