"""Orders to the base (指令) and who has answered; who has not is derived when read."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.catalogue import Fact
from coordination.orders.events import (
    OrderAcknowledged,
    OrderCarriedOut,
    OrderIssued,
    OrderOverdue,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.orders.state import LEVEL_OF
from coordination.tree import Place, covers
from projections.board import AREA, Area
from projections.temporal import Temporal
from projections.view import Tables, View

ACKNOWLEDGED, DONE = "ACKNOWLEDGED", "DONE"


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
    corrected_by: str
    withdrawn_us: int
    withdrawn_reason: str
    reminded_us: int
    overdue: str
    actor: str
    role: str
    basis: str
    occurred_us: int
    seq_from: int


class Answer(NamedTuple):
    """答复: of one recipient. Times: when it happened, 0: not yet."""

    answer: str
    path: str
    directive: str
    role: str
    state: str
    acknowledged_us: int
    acknowledged_by: str
    done_us: int
    done_by: str
    note: str
    occurred_us: int
    seq_from: int


ISSUED = Temporal("directives_issued", Issued)
ANSWER = Temporal("directives_answer", Answer)


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def on_issued(t: Tables, fact: Fact) -> None:
    """An order goes out; the one it corrects no longer stands."""
    e: OrderIssued = fact.event  # type: ignore[assignment]
    who = fact.envelope
    path = min((p.path for p in e.scope), key=len)
    t[ISSUED].put(
        Issued(
            e.order, path, e.emergency, _text(e.scope), _text(e.excluded),
            _text(e.roles), e.title, e.text, e.issued_us, e.ack_due_us, e.done_due_us,
            e.corrects, "", 0, "", 0, "", who.actor, who.role, who.basis,
            who.occurred_us, fact.seq,
        )
    )  # fmt: skip
    if e.corrects:
        _amend(t, fact, e.corrects, corrected_by=e.order)


def _amend(t: Tables, fact: Fact, order: str, **changed: Any) -> None:
    when = fact.envelope.occurred_us
    old = t[ISSUED].current[order]
    t[ISSUED].put(old._replace(**changed, occurred_us=when, seq_from=fact.seq))


def on_withdrawn(t: Tables, fact: Fact) -> None:
    """An order need not be carried out any more."""
    e: OrderWithdrawn = fact.event  # type: ignore[assignment]
    why = fact.envelope.reason
    _amend(t, fact, e.order, withdrawn_us=e.withdrawn_us, withdrawn_reason=why)


def on_reminded(t: Tables, fact: Fact) -> None:
    """Whoever has not acknowledged is reminded."""
    e: OrderReminded = fact.event  # type: ignore[assignment]
    _amend(t, fact, e.order, reminded_us=e.reminded_us)


def on_overdue(t: Tables, fact: Fact) -> None:
    """A time limit has passed."""
    e: OrderOverdue = fact.event  # type: ignore[assignment]
    known = t[ISSUED].current[e.order].overdue
    _amend(t, fact, e.order, overdue=f"{known},{e.what}" if known else e.what)


def on_answer(t: Tables, fact: Fact) -> None:
    """A recipient has acknowledged, or has carried it out."""
    e: Any = fact.event
    who, done = fact.envelope, isinstance(e, OrderCarriedOut)
    key = f"{e.order} {e.area.path} {e.role}"
    old = t[ANSWER].current.get(key)
    seen_us = old.acknowledged_us if old else 0
    seen_by = old.acknowledged_by if old else ""
    t[ANSWER].put(
        Answer(
            key, e.area.path, e.order, e.role, DONE if done else ACKNOWLEDGED,
            seen_us or who.occurred_us, seen_by or who.actor,
            who.occurred_us if done else 0, who.actor if done else "",
            e.note if done else "", who.occurred_us, fact.seq,
        )
    )  # fmt: skip


DIRECTIVES = View(
    name="directives",
    version=2,
    tables=(ISSUED, ANSWER),
    handlers={
        OrderIssued: on_issued,
        OrderWithdrawn: on_withdrawn,
        OrderReminded: on_reminded,
        OrderOverdue: on_overdue,
        OrderAcknowledged: on_answer,
        OrderCarriedOut: on_answer,
    },
)


class Recipient(NamedTuple):
    """接收人: the holder of a role in an area, and the answer if there is one."""

    area: Area
    role: str
    answer: Answer | None


def recipients(
    c: sa.Connection, order: Issued, at: int | None = None
) -> list[Recipient]:
    """Return everybody an order is addressed to, by area and role."""
    scope = [p.path for p in msgspec.json.decode(order.scope, type=list[Place])]
    excluded = [p.path for p in msgspec.json.decode(order.excluded, type=list[Place])]
    roles = msgspec.json.decode(order.roles, type=list[str])
    answers = {a.answer: a for a in answers_to(c, order.directive, at)}
    areas: dict[str, Area] = {}
    for path in scope:
        areas |= {a.code: a for a in AREA.select(c, at=at, path=path)}
    found = []
    for area in sorted(areas.values()):
        for role in roles:
            inside = LEVEL_OF[role] == area.level
            if inside and covers(scope, excluded, area.path):
                key = f"{order.directive} {area.path} {role}"
                found.append(Recipient(area, role, answers.get(key)))
    return found


def answers_to(c: sa.Connection, order: str, at: int | None = None) -> list[Answer]:
    """Return the answers to an order."""
    t = ANSWER.table
    keys = c.execute(sa.select(t.c.answer).distinct().where(t.c.directive == order))
    return ANSWER.some(c, [key for (key,) in keys], at=at)
