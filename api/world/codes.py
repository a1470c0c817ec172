"""Codes to scan (二维码): what a World hands out to come back, and knows again."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.world.world import World

CODE_HEX = 16


def keyed(world: World, text: str) -> str:
    """Return a digest of a text, in hex, that only this World can make."""
    return hmac.digest(world.secret, text.encode(), "sha256").hex()


def code_of(world: World, community: str, campaign: str) -> str:
    """Return the code in a community's QR, of one campaign."""
    return keyed(world, f"check-in:{community}:{campaign}")[:CODE_HEX]


def is_code(world: World, community: str, campaign: str, code: str) -> bool:
    """Tell whether somebody has scanned the community's code, of this campaign."""
    right = code_of(world, community, campaign)
    return bool(campaign) and hmac.compare_digest(right, code)
