"""Orders to the base (指令): issue, answer, remind, withdraw."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said
from coordination.orders.answering import AnswerOrder
from coordination.orders.decide import IssueOrder, RemindOrder, WithdrawOrder
from coordination.orders.events import (
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
)


class Answered(msgspec.Struct):
    """For whom an order was answered; ``own``: by whom it was addressed to."""

    order: str
    area: str
    role: str
    state: str
    own: bool


def answered(done: Done) -> Answered:
    """Return for whom was answered: the log knows whose grant was meant."""
    for fact in done.facts:
        if isinstance(fact, OrderAcknowledged | OrderCarriedOut | OrderAnsweredFor):
            done_ = isinstance(fact, OrderCarriedOut) or getattr(fact, "done", False)
            state = "DONE" if done_ else "ACKNOWLEDGED"
            own = not isinstance(fact, OrderAnsweredFor)
            return Answered(fact.order, fact.area.code, fact.role, state, own)
    raise AssertionError("an answer is a fact of its own")


DECISIONS = (
    Decision(
        path="/orders",
        command=IssueOrder,
        alike=("title", "scope", "excluded", "corrects"),
        words="order issue",
        made={"order": "o"},
        defaults={"ack_minutes": 30},
        answers=Said("order", state="STANDING"),
    ),
    Decision(
        path="/orders/{order}/withdraw",
        command=WithdrawOrder,
        words="order withdraw",
        answers=Said("order", state="WITHDRAWN"),
    ),
    Decision(
        path="/orders/{order}/remind",
        command=RemindOrder,
        words="order remind",
        answers=Said("order", state="STANDING"),
    ),
    Decision(
        path="/orders/{order}/acknowledge",
        command=AnswerOrder,
        words="order ack",
        help="签收指令: acknowledge an order.",
        fixed={"done": False},
        answers=answered,
    ),
    Decision(
        path="/orders/{order}/done",
        command=AnswerOrder,
        words="order done",
        help="办结指令: record that an order is carried out.",
        fixed={"done": True},
        answers=answered,
    ),
)
