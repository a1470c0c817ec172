"""Orders to the base (指令) and who has answered; who has not is derived when read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.filled import filled
from coordination.orders import events as orders
from coordination.orders.state import LEVEL_OF
from coordination.tree import Place, covers
from projections.board import AREA, Area
from projections.temporal import Temporal, as_json, literal
from projections.view import Tables, View

OPEN, ACKNOWLEDGED, DONE = "OPEN", "ACKNOWLEDGED", "DONE"


class Issued(NamedTuple):
    """指令. ``scope``, ``excluded``, ``roles``: JSON; ``overdue``: ack, done."""

    directive: str
    path: str
    emergency: str
    scope: str
    excluded: str
    roles: str
    title: str
    text: str
    issued_us: int
    ack_due_us: int
    done_due_us: int
    corrects: str
    corrected_by: str = ""
    withdrawn_us: int = 0
    withdrawn_reason: str = ""
    reminded_us: int = 0
    overdue: str = ""
    actor: str = ""
    role: str = ""
    basis: str = ""
    occurred_us: int = 0
    seq_from: int = 0


class Answer(NamedTuple):
    """答复: of one recipient. Times: when it happened, 0: not yet.

    ``state`` OPEN: they have said nothing. ``for_…`` 代答: what somebody else has said
    for them, when, who and in which role; it does not make them heard.
    """

    answer: str
    path: str
    directive: str
    role: str
    state: str
    acknowledged_us: int
    acknowledged_by: str
    done_us: int = 0
    done_by: str = ""
    note: str = ""
    for_state: str = ""
    for_us: int = 0
    for_by: str = ""
    for_role: str = ""
    for_note: str = ""
    corrected_us: int = 0
    corrected_by: str = ""
    corrected_why: str = ""
    occurred_us: int = 0
    seq_from: int = 0


ISSUED = Temporal("directives_issued", Issued)
_i, _nothing = ISSUED.table.c, literal("")
STANDS = ISSUED.partial(
    "standing",
    _i.emergency,
    sa.and_(_i.withdrawn_us == literal(0), _i.corrected_by == _nothing),
)
"""Orders that were neither withdrawn nor put another way."""
ANSWER = Temporal("directives_answer", Answer)


DIRECTIVES = View(name="directives", version=5, tables=(ISSUED, ANSWER))


@DIRECTIVES.on(orders.OrderIssued)
def on_issued(t: Tables, e: orders.OrderIssued) -> None:
    """An order goes out; the one it corrects no longer stands."""
    who = t.fact.envelope
    row = filled(
        Issued,
        e,
        directive=e.order,
        path=min((p.path for p in e.scope), key=len),
        scope=as_json(e.scope),
        excluded=as_json(e.excluded),
        roles=as_json(e.roles),
        actor=who.actor,
        role=who.role,
        basis=who.basis,
    )
    t.put(ISSUED, row)
    if e.corrects:
        t.put(ISSUED, _row(t, e.corrects)._replace(corrected_by=e.order))


def _row(t: Tables, order: str) -> Issued:
    return t[ISSUED].current[order]


@DIRECTIVES.on(orders.OrderWithdrawn)
def on_withdrawn(t: Tables, e: orders.OrderWithdrawn) -> None:
    """An order need not be carried out any more."""
    row = _row(t, e.order)._replace(
        withdrawn_us=e.withdrawn_us, withdrawn_reason=t.fact.envelope.reason
    )
    t.put(ISSUED, row)


@DIRECTIVES.on(orders.OrderReminded)
def on_reminded(t: Tables, e: orders.OrderReminded) -> None:
    """Whoever has not acknowledged is reminded."""
    t.put(ISSUED, _row(t, e.order)._replace(reminded_us=e.reminded_us))


@DIRECTIVES.on(orders.OrderOverdue)
def on_overdue(t: Tables, e: orders.OrderOverdue) -> None:
    """A time limit has passed."""
    row = _row(t, e.order)
    overdue = f"{row.overdue},{e.what}" if row.overdue else e.what
    t.put(ISSUED, row._replace(overdue=overdue))


Answered = orders.OrderAcknowledged | orders.OrderCarriedOut


def _answer(t: Tables, e: Answered | orders.OrderAnsweredFor) -> Answer:
    """Return what a recipient has answered, nothing if they are silent yet."""
    key = f"{e.order} {e.area.path} {e.role}"
    silent = Answer(key, e.area.path, e.order, e.role, OPEN, 0, "")
    return t[ANSWER].current.get(key, silent)


@DIRECTIVES.on(Answered)
def on_answer(t: Tables, e: Answered) -> None:
    """A recipient has acknowledged, or has carried it out."""
    row, who = _answer(t, e), t.fact.envelope
    if row.state == OPEN:
        row = row._replace(acknowledged_us=who.occurred_us, acknowledged_by=who.actor)
    row = row._replace(state=ACKNOWLEDGED, done_us=0, done_by="", note="")
    if isinstance(e, orders.OrderCarriedOut):
        row = row._replace(
            state=DONE, done_us=who.occurred_us, done_by=who.actor, note=e.note
        )
    t.put(ANSWER, row)


@DIRECTIVES.on(orders.OrderAnsweredFor)
def on_answered_for(t: Tables, e: orders.OrderAnsweredFor) -> None:
    """Somebody else has answered for a recipient, who is as silent as before."""
    who = t.fact.envelope
    row = _answer(t, e)._replace(
        for_state=DONE if e.done else ACKNOWLEDGED,
        for_us=who.occurred_us,
        for_by=who.actor,
        for_role=who.role,
        for_note=e.note,
    )
    t.put(ANSWER, row)


@DIRECTIVES.on(orders.AnswerTakenBack)
def on_taken_back(t: Tables, e: orders.AnswerTakenBack) -> None:
    """An answer was a mistake: the recipient has said what they said before it."""
    row = t[ANSWER].current[f"{e.order} {e.area.path} {e.role}"]
    if e.spoken_for:
        row = row._replace(for_state="", for_us=0, for_by="", for_role="", for_note="")
    elif e.done:
        # Whoever had not acknowledged before did so by carrying it out.
        also = (row.acknowledged_us, row.acknowledged_by) == (row.done_us, row.done_by)
        row = row._replace(done_us=0, done_by="", note="")
        row = _open(row) if also else row._replace(state=ACKNOWLEDGED)
    else:
        row = _open(row)
    who = t.fact.envelope
    t.put(
        ANSWER,
        row._replace(
            corrected_us=who.occurred_us,
            corrected_by=who.actor,
            corrected_why=who.reason,
        ),
    )


def _open(row: Answer) -> Answer:
    """Return a recipient who has said nothing."""
    return row._replace(state=OPEN, acknowledged_us=0, acknowledged_by="")


class Recipient(NamedTuple):
    """接收人: the holder of a role in an area, and the answer if there is one."""

    area: Area
    role: str
    answer: Answer | None


def recipients_of(
    c: sa.Connection, orders: Iterable[Issued], at: int | None = None
) -> dict[str, list[Recipient]]:
    """Return everybody these orders are addressed to, by order."""
    orders = list(orders)
    ids = [order.directive for order in orders]
    answers = {a.answer: a for a in answers_to(c, *ids, at=at)}
    paths = {path for order in orders for path in _paths(order.scope)}
    areas = {path: AREA.select(c, at=at, path=path) for path in sorted(paths)}
    return {o.directive: _recipients(o, areas, answers) for o in orders}


def recipients(
    c: sa.Connection, order: Issued, at: int | None = None
) -> list[Recipient]:
    """Return everybody an order is addressed to, by area and role."""
    return recipients_of(c, [order], at)[order.directive]


def _paths(places: str) -> list[str]:
    return [p.path for p in msgspec.json.decode(places, type=list[Place])]


def _recipients(
    order: Issued, below: Mapping[str, Iterable[Area]], answers: Mapping[str, Answer]
) -> list[Recipient]:
    scope, excluded = _paths(order.scope), _paths(order.excluded)
    roles = msgspec.json.decode(order.roles, type=list[str])
    areas = {area.code: area for path in scope for area in below[path]}
    found = []
    for area in sorted(areas.values()):
        for role in roles:
            inside = LEVEL_OF[role] == area.level
            if inside and covers(scope, excluded, area.path):
                key = f"{order.directive} {area.path} {role}"
                found.append(Recipient(area, role, answers.get(key)))
    return found


def answers_to(c: sa.Connection, *orders: str, at: int | None = None) -> list[Answer]:
    """Return the answers to these orders: their keys begin with them."""
    key = ANSWER.table.c.answer
    asked = [sa.and_(key > f"{order} ", key < f"{order}!") for order in orders]
    return ANSWER.where(c, sa.or_(*asked), at=at) if asked else []
