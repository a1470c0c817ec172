"""Facts about transfers between stations (调拨). Vocabulary kept for ever."""

from __future__ import annotations

from coordination.stock.events import Slip
from coordination.stock.ledger import Line


class TransferOrdered(Slip, frozen=True, kw_only=True):
    """调拨指令: ``station`` is to send to ``to``; the goods are reserved there.

    Lots are chosen when it is sent: those of the lines are empty.
    """

    NAME = "transfers.ordered.1"
    ANEW = ("CancelTransfer",)
    to: str
    lines: tuple[Line, ...]
    reallocation: str


class TransferCancelled(Slip, frozen=True, kw_only=True):
    """调拨取消: nothing was sent yet."""

    NAME = "transfers.cancelled.1"
    ANEW = ("Ship",)


class ShipmentSent(Slip, frozen=True, kw_only=True):
    """调拨发运: left ``station`` for ``to``. ``by``: the account that answers for it.

    ``expected_us``: when it should have arrived, 0: not stated. Where it was ordered,
    this follows in the stream of the order.
    """

    NAME = "transfers.sent.1"
    ANEW = ("Arrive", "CloseShortfall")
    to: str
    lines: tuple[Line, ...]
    by: str
    expected_us: int
    carrier: str


class ShipmentArrived(Slip, frozen=True, kw_only=True):
    """调拨到货: what was unloaded at ``station``. ``complete``: that is all there was.

    What is missing then is a discrepancy (差异) that ``owner`` answers for. ``by``: the
    account that unloaded it; ``left``: base units not accounted for yet.
    """

    NAME = "transfers.arrived.1"
    ANEW = ("Adjust",)
    lines: tuple[Line, ...]
    complete: bool
    owner: str
    left: int
    by: str


class ShipmentLate(Slip, frozen=True, kw_only=True):
    """调拨超时: not all of it was there when expected."""

    NAME = "transfers.late.1"
    due_us: int


class ShortfallClosed(Slip, frozen=True, kw_only=True):
    """差异销账: what is missing is accounted for. ``owner``: who answers for it.

    ``cause``: ``lost`` and ``damaged`` leave the ledger, ``not-loaded`` goes back to
    the sender's shelf.
    """

    NAME = "transfers.shortfall-closed.1"
    ANEW = ("Adjust",)
    cause: str
    owner: str
    lines: tuple[Line, ...]
