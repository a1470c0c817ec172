"""Facts about requisitioned goods (征用). Vocabulary kept for ever."""

from __future__ import annotations

from coordination.stock.events import Slip
from coordination.stock.ledger import Line


class GoodsGivenBack(Slip, frozen=True, kw_only=True):
    """征用归还: these go back to their owner; in the stream of their receipt."""

    NAME = "requisitions.given-back.1"
    ANEW = ("Adjust",)
    lines: tuple[Line, ...]


class OwnerCompensated(Slip, frozen=True, kw_only=True):
    """征用补偿: these are paid for. ``fen``: hundredths of a yuan. ``document``."""

    NAME = "requisitions.compensated.1"
    ANEW = ("Adjust",)
    lines: tuple[Line, ...]
    fen: int
    document: str
