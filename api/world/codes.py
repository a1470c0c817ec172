"""Codes to scan (二维码): what a World hands out to come back, and knows again."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.world.world import World

CODE_HEX = 16


def code_of(world: World, community: str, campaign: str) -> str:
    """Return the code in a community's QR, of one campaign."""
    said = f"check-in:{community}:{campaign}".encode()
    return hmac.digest(world.secret, said, "sha256").hex()[:CODE_HEX]


def is_code(world: World, community: str, campaign: str, code: str) -> bool:
    """Tell whether somebody has scanned the community's code, of this campaign."""
    right = code_of(world, community, campaign)
    return bool(campaign) and hmac.compare_digest(right, code)
