"""Facts about dynamic reallocation (动态调配). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.kernel import Event


class Leg(msgspec.Struct, frozen=True):
    """So many base units of an item, from one station to another."""

    source: str
    to: str
    item: str
    quantity: int


class ReallocationApproved(Event, frozen=True, kw_only=True):
    """调配批准: each pair of stations has a transfer order. ``digest``: of what was
    proposed on the screen.
    """

    STREAM = "reallocation/{0.reallocation}"  # one stream for each
    NAME = "reallocation.approved.1"
    ANEW = ("CancelTransfer",)
    reallocation: str
    digest: str
    legs: tuple[Leg, ...]
    transfers: tuple[str, ...]
