"""Rules of stores and clock (数据库、时钟): what is done about them is a fact."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.kernel import Command, Event, Read
from coordination.refusals import Invalid, NothingChanges
from coordination.service.events import ClockAccepted, StoreAccepted, StoreMended


class RecordMended(Command, frozen=True, kw_only=True):
    """登记数据库修复: a store was made good by itself, as it was found at the start."""

    STREAM = "stores/{0.store}"
    ACTION = "deadline.record"
    store: str
    fault: str


def record_mended(_read: Read, command: RecordMended, _now: int) -> Sequence[Event]:
    """Record what was found wrong with a store and made good."""
    return [StoreMended(store=command.store, fault=command.fault)]


class AcceptStore(Command, frozen=True, kw_only=True):
    """认可数据库: go on with a store that is not the one there was.

    ``known``, ``found``: as in ``StoreAccepted``.
    """

    STREAM = "stores/{0.store}"
    ACTION = "store.accept"
    store: str
    fault: str
    known: int
    found: int


WithoutBasis = Invalid.of(
    "service.without-basis",
    "没有写明依据",
    "no basis is given",
    "请写明由谁、依据什么决定",
    "say who decided so, and on what",
    field="basis",
)


def accept_store(_read: Read, command: AcceptStore, _now: int) -> Sequence[Event]:
    """Record that somebody goes on with a store as it is.

    :raises WithoutBasis: if nobody says on what
    """
    check_basis(command)
    return [
        StoreAccepted(
            store=command.store,
            fault=command.fault,
            known=command.known,
            found=command.found,
        )
    ]


def check_basis(command: Command) -> None:
    """Return if somebody says on what this rests.

    :raises WithoutBasis: if nobody does
    """
    if not command.basis.strip():
        raise WithoutBasis


class AcceptClock(Command, frozen=True, kw_only=True):
    """认可时钟: the machine's clock is right, though it has jumped."""

    STREAM = "service"
    ACTION = "store.accept"
    VIEWED = ("from_us", "to_us")
    from_us: int = 0
    to_us: int = 0


ClockRight = NothingChanges.of(
    "service.clock-right", "机器时钟没有跳变", "the machine's clock has not jumped"
)


def accept_clock(_read: Read, command: AcceptClock, _now: int) -> Sequence[Event]:
    """Record that somebody takes the machine's clock for right.

    :raises WithoutBasis: if nobody says on what
    :raises ClockRight: if it has not jumped
    """
    check_basis(command)
    if command.from_us == command.to_us:
        raise ClockRight
    return [ClockAccepted(from_us=command.from_us, to_us=command.to_us)]
