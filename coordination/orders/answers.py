"""Rules of answers that were a mistake (答复更正)."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.corrects import ChangedSince, Instead
from coordination.kernel import Event, Read, Told, filled
from coordination.orders.events import (
    AnswerTakenBack,
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
)
from coordination.orders.state import ORDERS, answers_stream

Answer = OrderAcknowledged | OrderCarriedOut | OrderAnsweredFor


def take_back_answer(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back an answer to an order: its recipient is as silent as before.

    :raises ChangedSince: if it is acknowledged and carried out by now, or not standing
    """
    fact = wrong.event
    assert isinstance(fact, Answer), "see the table"
    if not read(ORDERS)[fact.order].standing:
        raise ChangedSince(
            zh="指令已撤销或更正", en="the order is withdrawn or corrected"
        )
    answers = read(answers_stream(fact.order))
    acknowledged = isinstance(fact, OrderAcknowledged)
    if acknowledged and (fact.area.path, fact.role) in answers.done:
        raise ChangedSince(zh="该指令已办结", en="it is carried out by now")
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
