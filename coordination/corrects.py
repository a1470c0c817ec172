"""Corrections (更正): a newer fact names the one that was wrong, and both stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from coordination.kernel import Event, Read, Stream, Told
from coordination.refusals import Invalid, NotFound, Refusal


class Correcting(Event, frozen=True, kw_only=True):
    """更正: ``corrects``: position in the log of the fact that was wrong.

    It stands in the stream of that fact, so that of two corrections at once the second
    is decided on the first.
    """

    corrects: int


class Instead(msgspec.Struct, frozen=True):
    """What is right instead (更正为); empty or 0: as it was stated.

    Nothing at all: the fact is taken back.
    """

    batch: str = ""
    made_us: int = 0
    expires_us: int = 0
    donor: str = ""

    def said(self) -> set[str]:
        """Return the fields that say something."""
        return {name for name, value in msgspec.structs.asdict(self).items() if value}


Rule = Callable[[Read, Told, Instead, int], Sequence[Event]]
"""``rule(read, wrong, instead, now_us)``: the facts by which a wrong one is corrected.

The first of them names it; raises ``Refusal``.
"""

UnknownFact = NotFound.of(
    "corrections.unknown-fact",
    "记录中没有第 {seq} 条；请按时间线上的编号填写",
    "the log has no position {seq}; take the number that the timeline shows",
    field="fact",
)
AlreadyCorrected = Refusal.of(
    "corrections.already-corrected",
    "这一条已由第 {by} 条更正",
    "it is corrected by {by}",
    "如仍有误，请更正第 {by} 条或重新登记",
    "if that is wrong too, correct {by} or enter it anew",
    field="fact",
)
RestsOnIt = Refusal.of(
    "corrections.rests-on-it",
    "其后第 {seq} 条以此为据",
    "{seq}, entered later, rests on it",
    "请先更正第 {seq} 条",
    "correct {seq} first",
    field="fact",
)
ChangedSince = Refusal.of(
    "corrections.changed-since",
    "其后情况已有变化（{zh}），这一条不能再撤回",
    "things have changed since ({en}); it cannot be taken back",
    "请按现状重新办理",
    "decide on what stands",
    field="fact",
)
NothingInstead = Invalid.of(
    "corrections.nothing-instead",
    "没有写明更正为什么，或与原来相同",
    "it is not said what is right instead, or it is as it stands",
    "请写明与原来不同的内容",
    "say what is right",
)


def evolve_corrected(state: frozenset[int], event: Event) -> frozenset[int]:
    """Fold one fact of any stream into the positions that are corrected in it."""
    return state | {event.corrects} if isinstance(event, Correcting) else state


def corrected_in(stream: str) -> Stream[frozenset[int]]:
    """Return which facts of a stream are corrected."""
    return Stream(stream, frozenset(), evolve_corrected)


def check_uncorrected(read: Read, wrong: Told) -> None:
    """Return if nobody has corrected a fact yet.

    :raises AlreadyCorrected: if somebody has, with the position of the newest of those
    """
    if wrong.seq in read(corrected_in(wrong.stream)):
        told = read.told(wrong.stream)
        by = next(t for t in told if getattr(t.event, "corrects", 0) == wrong.seq)
        raise AlreadyCorrected(by=by.seq)


def standing(read: Read, stream: str, kinds: tuple[type[Event], ...]) -> Told:
    """Return the newest fact of these kinds in a stream that has one."""
    return next(told for told in read.told(stream) if isinstance(told.event, kinds))


def oldest_first(read: Read, stream: str) -> list[Told]:
    """Return all facts of a stream that stays short, such as one person's."""
    return [*read.told(stream)][::-1]


def beside(told: Iterable[Told], wrong: Told, kind: type[Event]) -> Told | None:
    """Return the fact of a kind that one decision stored beside a wrong one."""
    return next(
        (t for t in told if t.command == wrong.command and isinstance(t.event, kind)),
        None,
    )


def changed(event: Any, **fields: Any) -> Any:
    """Return a fact with some of its fields as they are right."""
    return msgspec.structs.replace(event, **fields)
