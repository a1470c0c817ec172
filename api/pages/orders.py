"""Orders to the base (指令) as people read them: who has not answered, by street."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from api.exchange.tables import BOTH, FILTER, SORT, Column, Row, in_words
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.fields import meet, named, pair, street_of, taken
from coordination.fields import Code
from coordination.grants.state import Grant, held_by
from coordination.orders.state import ORDERS, OrderId, UnknownOrder
from coordination.orders.state import Issued as Order
from coordination.permit import ROLES
from coordination.states import ANSWER_STATES, FOR_STATES, ORDER_STATES
from projections.directives import (
    ANSWER,
    DONE,
    ISSUED,
    OPEN,
    STANDS,
    Answer,
    Issued,
    Recipient,
    recipients,
    recipients_of,
)
from projections.names import Names
from projections.ordered import places

LISTING = Listing.of(
    Column("id", "编号", "Id"),
    Column("title", "标题", "Title", can=SORT),
    Column("text", "内容", "Text"),
    Column("scope_names", "范围", "Scope"),
    Column("roles", "接收角色", "Roles", words=ROLES),
    Column("state", "状态", "State", words=ORDER_STATES, can=BOTH),
    Column("issued_at", "下达时间", "Issued", "time", can=SORT),
    Column("ack_due_at", "签收时限", "Acknowledge by", "time", can=SORT),
    Column("done_due_at", "完成时限", "Carry out by", "time", can=SORT),
    Column("recipients", "接收数", "Recipients", "int"),
    Column("acknowledged", "已签收", "Acknowledged", "int", can=SORT),
    Column("done", "已办结", "Carried out", "int", can=SORT),
    Column("missing", "未签收", "Missing", "int", can=SORT),
    Column("spoken_for", "代答", "Spoken for", "int"),
    Column("late", "逾期", "Late", can=FILTER),
    Column("by_name", "下达人", "By"),
    Column("basis", "依据", "Basis"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_filterable=("emergency",),
    sort="-issued_at",
)
RECIPIENTS = Listing.of(
    Column("area", "区域代码", "Area code", "key", can=SORT),
    Column("area_name", "区域", "Area", can=SORT),
    Column("street_name", "街镇", "Street", can=SORT),
    Column("role", "角色", "Role", words=ROLES, can=FILTER),
    Column("state", "状态", "State", words=ANSWER_STATES, can=BOTH),
    Column("acknowledged_at", "签收时间", "Acknowledged", "time", can=SORT),
    Column("acknowledged_by_name", "签收人", "By"),
    Column("done_at", "办结时间", "Carried out", "time", can=SORT),
    Column("done_by_name", "办结人", "By"),
    Column("note", "办理情况", "Note"),
    Column("for_state", "代答", "For them", words=FOR_STATES, can=FILTER),
    Column("for_by_name", "代答人", "By"),
    Column("for_at", "代答时间", "Said", "time"),
    Column("corrected_at", "更正时间", "Corrected", "time"),
    Column("corrected_by_name", "更正人", "By"),
    Column("corrected_why", "更正理由", "Why"),
    Column("seq", "日志位置", "Seq", "int"),
    also_filterable=("street",),
    sort="area",
)
STANDING, WITHDRAWN, CORRECTED = "STANDING", "WITHDRAWN", "CORRECTED"
UNANSWERED = Answer("", "", "", "", "OPEN", 0, "")
"""What of a recipient is shown who has said nothing yet."""


def state_of(order: Issued) -> str:
    """Return whether an order stands."""
    if order.withdrawn_us:
        return WITHDRAWN
    return CORRECTED if order.corrected_by else STANDING


def counted(found: list[Recipient]) -> dict[str, int]:
    """Return how many recipients there are, and how far they are."""
    answered = [r.answer for r in found if r.answer and r.answer.state != OPEN]
    silent = [r.answer for r in found if r.answer and r.answer.state == OPEN]
    return {
        "recipients": len(found),
        "acknowledged": len(answered),
        "done": sum(answer.state == DONE for answer in answered),
        "missing": len(found) - len(answered),
        "spoken_for": len(silent),
    }


def touches(order: Issued, path: str) -> bool:
    """Tell whether an order has to do with a place: each of its areas counts."""
    return any(meet(place.path, path) for place in places(order.scope))


Until = Callable[[int, int], str | None]
"""Since when and until when is waited -> until when that is in time of service."""


def _as_stated(_since_us: int, due_us: int) -> str | None:
    return moment(due_us or None)


def order_rows(
    orders: Iterable[Issued], names: Names, until: Until = _as_stated
) -> list[dict[str, Any]]:
    """Return orders as rows of the list, as of the moment of ``names``."""
    orders = list(orders)
    found = recipients_of(names.c, orders, names.at)
    names.know_areas(place.code for order in orders for place in places(order.scope))
    return [_row(o, counted(found[o.directive]), names, until) for o in orders]


def standing_at(path: str, active: Iterable[str], names: Names) -> dict[str, int]:
    """Return what a board says of the orders that stand.

    ``active``: emergencies that are not over; some orders are of none.
    """
    concerned = ISSUED.table.c.emergency.in_(["", *active])
    found = ISSUED.where(names.c, STANDS, concerned, at=names.at)
    standing = [row for row in found if touches(row, path)]
    rows = order_rows(standing, names)
    return {
        "standing": len(rows),
        "missing": sum(row["missing"] for row in rows),
        "late": sum(row["late"] for row in rows),
    }


def _row(
    order: Issued, count: dict[str, int], names: Names, until: Until
) -> dict[str, Any]:
    scope = [named(p.code, names.area(p.code)) for p in places(order.scope)]
    roles = msgspec.json.decode(order.roles, type=list[str])
    overdue, state = order.overdue.split(","), state_of(order)
    undone = count["recipients"] - count["done"]
    late = ("ack" in overdue and count["missing"]) or ("done" in overdue and undone)
    fields = "title text emergency corrects corrected_by withdrawn_reason basis"
    return {
        "id": order.directive,
        **taken(order, fields, at="issued reminded"),
        "ack_due_at": until(order.issued_us, order.ack_due_us),
        "done_due_at": until(order.issued_us, order.done_due_us),
        "scope": scope,
        "scope_names": "、".join(place["name"] for place in scope),
        **in_words("roles", ROLES, roles),
        "state": state,
        **count,
        "late": bool(late) and state == STANDING,
        "by": order.actor,
        "by_name": names.person(order.actor),
        **pair("role", ROLES, order.role),
        "seq": order.seq_from,
    }


def order_body(order: Issued, names: Names, until: Until) -> dict[str, Any]:
    """Return an order with who has answered by street, the missing ones first."""
    found = recipients(names.c, order)
    streets: dict[str, list[Recipient]] = {}
    for recipient in found:
        streets.setdefault(street_of(recipient.area.path), []).append(recipient)
    names.know_areas(streets)
    by_street = [
        {**named(code, names.area(code)), **counted(listed)}
        for code, listed in streets.items()
    ]
    by_street.sort(key=lambda street: (-int(str(street["missing"])), street["code"]))
    return {**_row(order, counted(found), names, until), "by_street": by_street}


def recipient_rows(order: Issued, names: Names) -> list[dict[str, Any]]:
    """Return everybody an order is addressed to, and what they answered."""
    overdue, standing = order.overdue.split(","), state_of(order) == STANDING
    found = recipients(names.c, order)
    names.know_areas({street_of(recipient.area.path) for recipient in found})
    rows = []
    for area, role, answer in found:
        said, street = answer or UNANSWERED, street_of(area.path)
        late = ("ack" in overdue and said.state == OPEN) or (
            "done" in overdue and said.state != DONE
        )
        rows.append(
            {
                "area": area.code,
                "area_name": area.name,
                "street": street,
                "street_name": names.area(street),
                **in_words("role", ROLES, role),
                **taken(said, "state note for_state for_note corrected_why"),
                **taken(said, at="acknowledged done for corrected"),
                "corrected_by_name": names.person(said.corrected_by),
                "seq": said.seq_from or None,
                **pair("for_role", ROLES, said.for_role),
                "for_by_name": names.person(said.for_by),
                "late": late and standing,
                "acknowledged_by_name": names.person(said.acknowledged_by),
                "done_by_name": names.person(said.done_by),
            }
        )
    return rows


READS = Reads("orders")


@READS.listed("/orders", LISTING, "view.orders", "指令")
def orders(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return orders and how many have answered (指令)."""
    path = look.path(area)
    rows = [r for r in ISSUED.select(look.c, at=look.at) if touches(r, path)]
    return order_rows(rows, look.names, look.until)


@READS.shown("/orders/mine", "self")
def my_orders(look: Look) -> dict[str, Any]:
    """Return the orders addressed to the caller's roles, open ones first."""
    known = look.state(ORDERS)
    held = list(held_by(look.read, look.who.account, look.now))
    mine = [
        (row, as_)
        for row in ISSUED.select(look.c, at=look.at)
        for as_ in _addressed(look, known[row.directive], held)
    ]
    rows = order_rows([row for row, _ in mine], look.names, look.until)
    found = [{**row, **as_} for row, (_, as_) in zip(rows, mine, strict=True)]
    found.sort(key=lambda o: -o["seq"])
    found.sort(key=lambda o: o["state"] != STANDING or o["my_state"] == DONE)
    return {"rows": found, "seq": look.seq}


def _addressed(look: Look, order: Order, held: list[Grant]) -> Iterator[dict[str, Any]]:
    """Yield each role of the reader's that an order is addressed to."""
    for grant in held:
        area, role = grant.given.area, grant.given.role
        if area is None or not order.addresses(area.path, area.level, role):
            continue
        reply = ANSWER.get(look.c, f"{order.fact.order} {area.path} {role}", at=look.at)
        yield {
            "as_area": area.code,
            "as_area_name": look.names.area(area.code),
            "as_role": role,
            "my_state": (reply or UNANSWERED).state,
        }


@READS.shown("/orders/{order}", "view.orders")
def one_order(look: Look, order: OrderId) -> dict[str, Any]:
    """Return an order with who has not acknowledged, by street."""
    body = order_body(known_order(look, order), look.names, look.until)
    return {**body, "shown_seq": look.seq}


@READS.listed("/orders/{order}/recipients", RECIPIENTS, "view.orders", "指令签收")
def order_recipients(look: Look, order: OrderId) -> Iterable[Row]:
    """Return everybody an order is addressed to, with their answers and times."""
    return recipient_rows(known_order(look, order), look.names)


def known_order(look: Look, order: str) -> Issued:
    """Return an order's row.

    :raises UnknownOrder: if there is no such order
    """
    return look.known(ISSUED, order, UnknownOrder(order=order))
