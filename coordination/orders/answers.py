"""Rules of answers that were a mistake (答复更正)."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.corrects import ChangedSince, Instead, RestsOnIt
from coordination.filled import filled
from coordination.kernel import Event, Read, Told
from coordination.orders.events import (
    AnswerTakenBack,
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
)
from coordination.orders.state import ORDERS, answers_stream, holds_role
from coordination.refusals import Forbidden

Answer = OrderAcknowledged | OrderCarriedOut | OrderAnsweredFor


NotTheirs = Forbidden.of(
    "orders.not-their-answer",
    "这是{area}自己的答复，只有答复人、该岗位或其上级可以更正",
    "it is the own answer of {area}: they correct it themselves, or whoever is above",
    "请联系答复人更正",
    "ask them to correct it",
    field="fact",
)


def take_back_answer(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back an answer to an order: its recipient is as silent as before.

    :raises ChangedSince: if the order is not standing
    :raises RestsOnIt: if it was acknowledged, and is carried out by now
    :raises NotTheirs: if it is somebody else's own word
    """
    fact = wrong.event
    assert isinstance(fact, Answer), "see the table"
    if not read(ORDERS)[fact.order].standing:
        raise ChangedSince(
            zh="指令已撤销或更正", en="the order is withdrawn or corrected"
        )
    if not _theirs(read, wrong):
        raise NotTheirs(area=fact.area.code)
    answers = read(answers_stream(fact.order))
    acknowledged = isinstance(fact, OrderAcknowledged)
    if acknowledged and (fact.area.path, fact.role) in answers.done:
        raise RestsOnIt(seq=_done_since(read, wrong))
    done = isinstance(fact, OrderCarriedOut) or getattr(fact, "done", False)
    return [
        filled(
            AnswerTakenBack,
            fact,
            corrects=wrong.seq,
            done=done,
            spoken_for=isinstance(fact, OrderAnsweredFor),
        )
    ]


def _done_since(read: Read, wrong: Told) -> int:
    """Return by which later fact of the same recipient an order was carried out."""
    fact = wrong.event
    assert isinstance(fact, Answer), "see the table"
    return next(
        later.seq
        for later in read.told(wrong.stream)
        if isinstance(later.event, OrderCarriedOut)
        and (later.event.area, later.event.role) == (fact.area, fact.role)
    )


def _theirs(read: Read, wrong: Told) -> bool:
    """Tell whether who asks may take an answer back.

    What was said for somebody: whoever may answer for them. Somebody's own word: they,
    who holds the role there, and whoever's area holds theirs.
    """
    fact, actor = wrong.event, read.by.actor
    assert isinstance(fact, Answer), "see the table"
    if isinstance(fact, OrderAnsweredFor) or wrong.account == actor.account:
        return True
    path = fact.area.path
    above = actor.area != path and path.startswith(actor.area)
    return above or holds_role(read, fact.area, fact.role)
