"""Emergencies as people read them: the list, one with every change of it, the plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from api.exchange.tables import BOTH, SORT, Column, Row, in_words
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.http.shapes import Emergency, Playbooks
from api.pages.facts import tell_all
from api.pages.fields import named, pair, picked, taken
from coordination.fields import EmergencyId
from coordination.kernel import NOBODY_HELD
from coordination.mode.changing import graded
from coordination.mode.state import UnknownEmergency
from coordination.permit import ROLES
from coordination.playbook import LEVEL_NAMES
from coordination.states import EMERGENCY_STATES
from coordination.vocabulary import HAZARDS, SEVERITIES, WARNINGS
from projections.board import ORDER, PLAN, Order
from projections.names import Names
from projections.ordered import places
from projections.timeline import entries

CHANGES_MAX = 500
LISTING = Listing.of(
    Column("id", "编号", "Id"),
    Column("hazard", "灾种", "Hazard", words=HAZARDS, can=BOTH),
    Column("level", "级别", "Level", can=BOTH),
    Column("severity", "事件等级", "Severity", words=SEVERITIES),
    Column("warning", "预警颜色", "Warning", words=WARNINGS),
    Column("state", "状态", "State", words=EMERGENCY_STATES, can=BOTH),
    Column("matter", "事项", "Matter", can=SORT),
    Column("scope_names", "范围", "Scope"),
    Column("declared_at", "宣布时间", "Declared", "time", can=SORT),
    Column("expected_until", "预计至", "Expected until", "time", can=SORT),
    Column("by_name", "宣布人", "By"),
    Column("basis", "依据", "Basis"),
    Column("ended_at", "解除或作废时间", "Ended or voided", "time", can=SORT),
    Column("ended_by_name", "解除或作废人", "Ended or voided by"),
    Column("end_reason", "解除或作废理由", "Why ended or voided"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    sort="-declared_at",
)


def changes_of(look: Look, row: Order) -> list[dict[str, Any]]:
    """Return an emergency's own facts, oldest first; steps and answers left out."""
    found = entries(
        look.c,
        emergency=row.emergency,
        before=look.seq + 1,
        limit=CHANGES_MAX,
        own=True,
    )
    recorder = look.world.log.recorder
    return [
        {
            **picked(fact, "seq name zh en basis"),
            "at": fact["occurred_at"],
            "by": fact["actor"],
            "by_name": fact["actor_name"],
        }
        for fact in tell_all(recorder, reversed(found), look.names)
    ]


def emergency_rows(orders: Iterable[Order], names: Names) -> list[dict[str, Any]]:
    """Return emergencies as the contract has them."""
    orders = list(orders)
    scopes = (text for order in orders for text in (order.scope, order.excluded))
    names.know_areas(place.code for text in scopes for place in places(text))
    return [emergency_body(order, names) for order in orders]


def emergency_body(order: Order, names: Names) -> dict[str, Any]:
    """Return an emergency as the contract has it."""
    over = order.ended_us is None and (
        order.expectation_passed_us == order.expected_until_us
    )
    playbook = names.playbook(order.playbook_digest)
    assert playbook is not None, "an order cites a published playbook"
    fields = "hazard severity warning matter basis measures end_basis end_reason"
    state = "ACTIVE" if order.ended_us is None else "ENDED"
    state = "VOIDED" if order.voided else state
    return {
        "id": order.emergency,
        **taken(order, fields, at="declared ended", when="expected_until"),
        **pair("hazard", HAZARDS, order.hazard),
        **in_words("severity", SEVERITIES, order.severity),
        **in_words("warning", WARNINGS, order.warning),
        "level": LEVEL_NAMES[order.level],
        "expectation_passed": over,
        **in_words("state", EMERGENCY_STATES, state),
        "scope": [named(p.code, names.area(p.code)) for p in places(order.scope)],
        "excluded": [named(p.code, names.area(p.code)) for p in places(order.excluded)],
        "by": _who(order.actor, order.role, names),
        "ended_by": _who(order.end_actor, order.end_role, names),
        "playbook": {
            **taken(playbook, "id version zh en"),
            "digest": order.playbook_digest,
        },
        "expected": {
            "order": str(order.orders),
            "until": str(order.expected_until_us),
            "grading": graded(order.severity, order.warning) or NOBODY_HELD,
        },
        "seq": order.seq_from,
    }


def _who(account: str, role: str, names: Names) -> dict[str, Any]:
    """Return who decided, in which role."""
    name = names.person(account)
    return {"account": account, "name": name, **in_words("role", ROLES, role)}


def known_emergency(look: Look, emergency: str) -> Order:
    """Return an emergency's row.

    :raises UnknownEmergency: if there is no such emergency
    """
    return look.known(ORDER, emergency, UnknownEmergency(emergency=emergency))


READS = Reads("mode")


@READS.listed("/emergencies", LISTING, "view.situation", "应急响应")
def emergencies(look: Look) -> Iterator[Row]:
    """Return every emergency (应急响应)."""
    rows = ORDER.select(look.c, at=look.at)
    rows.sort(key=lambda row: -row.declared_seq)
    for body in emergency_rows(rows, look.names):
        scope = "、".join(place["name"] for place in body["scope"])
        by = {"by_name": body["by"]["name"], "ended_by_name": body["ended_by"]["name"]}
        yield {**body, "scope_names": scope, **by}


@READS.shown("/emergencies/{emergency}", "view.situation", shape=Emergency)
def one_emergency(look: Look, emergency: EmergencyId) -> dict[str, Any]:
    """Return an emergency as it stands, and every change of it."""
    row = known_emergency(look, emergency)
    body = emergency_body(row, look.names)
    return {**body, "changes": changes_of(look, row), "shown_seq": look.seq}


@READS.shown("/playbooks", "view.situation", shape=Playbooks)
def playbooks(look: Look) -> dict[str, Any]:
    """Return the newest version of every published playbook (预案)."""
    oldest_first = sorted(PLAN.select(look.c, at=look.at), key=lambda p: p.seq_from)
    newest = {plan.playbook: plan for plan in oldest_first}.values()
    told = "version hazard zh en digest"
    rows = [{"id": plan.playbook, **taken(plan, told)} for plan in newest]
    return {"playbooks": rows}
