"""Facts about orders to the base (指令). Vocabulary kept for ever."""

from __future__ import annotations

from coordination.corrects import Correcting
from coordination.kernel import Event
from coordination.tree import Place


class _OfAll(Event, frozen=True, kw_only=True):
    # One stream for what is said from above; answers have their order's own.
    STREAM = "orders"


class OrderIssued(_OfAll, frozen=True, kw_only=True):
    """下达指令: to every holder of ``roles`` in the scope, straight to the base.

    ``ack_due_us`` 签收时限 and ``done_due_us`` 完成时限: microseconds, 0: none.
    ``emergency``: what it belongs to, empty: none. ``corrects`` 更正: the order it
    replaces; both stay.
    """

    NAME = "orders.order-issued.1"
    ANEW = ("IssueOrder", "WithdrawOrder")
    order: str
    emergency: str
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...]
    roles: tuple[str, ...]
    title: str
    text: str
    issued_us: int
    ack_due_us: int
    done_due_us: int
    corrects: str = ""


class OrderWithdrawn(_OfAll, frozen=True, kw_only=True):
    """撤销指令: it need not be carried out any more."""

    NAME = "orders.order-withdrawn.1"
    ANEW = ("IssueOrder",)
    order: str
    withdrawn_us: int


class OrderReminded(_OfAll, frozen=True, kw_only=True):
    """催办: whoever has not acknowledged by now is reminded."""

    NAME = "orders.order-reminded.1"
    order: str
    reminded_us: int


class OrderOverdue(_OfAll, frozen=True, kw_only=True):
    """指令逾期: a limit has passed; views tell who is late. ``what``: ack or done."""

    NAME = "orders.order-overdue.1"
    order: str
    what: str
    due_us: int
    noticed_us: int


class OrderAcknowledged(Event, frozen=True, kw_only=True):
    """签收指令, by one recipient: a role in an area."""

    STREAM = "order/{0.order}"  # the order's own stream
    NAME = "orders.order-acknowledged.1"
    order: str
    area: Place
    role: str


class OrderCarriedOut(Event, frozen=True, kw_only=True):
    """指令办结, by one recipient. ``note`` 办理情况."""

    STREAM = "order/{0.order}"  # the order's own stream
    NAME = "orders.order-carried-out.1"
    order: str
    area: Place
    role: str
    note: str


class OrderAnsweredFor(Event, frozen=True, kw_only=True):
    """代答指令: somebody else says it for a recipient, who has said nothing yet.

    ``done``: that it is carried out, else that it is received. ``note`` 办理情况.
    """

    STREAM = "order/{0.order}"  # the order's own stream
    NAME = "orders.order-answered-for.1"
    order: str
    area: Place
    role: str
    done: bool
    note: str = ""


class AnswerTakenBack(Correcting, frozen=True, kw_only=True):
    """答复更正: the order was answered by mistake.

    ``done``: what is taken back is that it is carried out, else that it is received;
    ``spoken_for``: somebody else had said so for the recipient (代答).
    """

    STREAM = "order/{0.order}"  # the order's own stream
    NAME = "orders.answer-taken-back.1"
    ANEW = ("AnswerOrder",)
    order: str
    area: Place
    role: str
    done: bool
    spoken_for: bool = False
