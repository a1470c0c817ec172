"""Donors (捐赠人): kept apart from the log, and the receipts they ask by."""

from __future__ import annotations

from api.world.codes import keyed
from api.world.vault import Secret
from api.world.world import World

CODE_CHARS = 10
RECEIPT_DIGITS = 5


def donor_id(world: World, name: str, phone: str = "") -> tuple[str, Secret]:
    """Return a mark for a person who gives, and what the vault keeps of them.

    Of the same name and telephone it is the same mark; nobody can guess who it is.
    """
    made = keyed(world, f"donor:{name}:{phone}")
    return f"d-{made[:12]}", Secret(name, phone)


def receipt_number(station: str, number: int) -> str:
    """Return the number of a donor's receipt (捐赠收据号) as it is printed."""
    return f"{station}-{number:0{RECEIPT_DIGITS}d}"


def receipt_code(world: World, slip: str) -> str:
    """Return the code on a donor's receipt: with it anybody may ask what became of it.

    Keyed, so that numbers alone, which can be counted, tell nobody anything.
    """
    return keyed(world, f"receipt:{slip}")[:CODE_CHARS]
