"""Emergencies as people read them: the list, one with every change of it, the plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.exchange.tables import BOTH, SORT, Column, Row
from api.http.lists import Listing
from api.http.reading import Look, Reads
from api.http.shapes import Emergency, Playbooks
from api.pages.board import emergency_body
from api.pages.facts import tell_all
from coordination.fields import EmergencyId
from coordination.mode.state import UnknownEmergency
from coordination.states import EMERGENCY_STATES
from coordination.vocabulary import HAZARDS, SEVERITIES, WARNINGS
from projections.board import ORDER, PLAN, Order
from projections.rollup import places
from projections.timeline import entries

CHANGES_MAX = 500
LISTING = Listing(
    columns=(
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
        Column("ended_at", "解除时间", "Ended", "time", can=SORT),
        Column("by_name", "宣布人", "By"),
        Column("basis", "依据", "Basis"),
        Column("seq", "日志位置", "Seq", "int", can=SORT),
    ),
    sort="-declared_at",
)


def changes_of(look: Look, row: Order) -> list[dict[str, Any]]:
    """Return an emergency's own facts, oldest first; steps and answers left out."""
    found = entries(look.c, emergency=row.emergency, limit=CHANGES_MAX, own=True)
    recorder = look.world.log.recorder
    told = tell_all(recorder, reversed(found), look.names, look.name_of)
    return [
        {
            "seq": fact["seq"],
            "name": fact["name"],
            "at": fact["occurred_at"],
            "zh": fact["zh"],
            "en": fact["en"],
            "by": fact["actor"],
            "by_name": fact["actor_name"],
            "basis": fact["basis"],
        }
        for fact in told
    ]


def known_emergency(look: Look, emergency: str) -> Order:
    """Return an emergency's row.

    :raises UnknownEmergency: if there is no such emergency
    """
    row = ORDER.get(look.c, emergency, at=look.at)
    if row is None:
        raise UnknownEmergency(emergency=emergency)
    return row


READS = Reads("mode")


@READS.listed("/emergencies", LISTING, "view.situation", "应急响应")
def emergencies(look: Look) -> Iterator[Row]:
    """Return every emergency (应急响应)."""
    rows = list(ORDER.select(look.c, at=look.at))
    look.names.know_areas(place.code for row in rows for place in places(row.scope))
    for row in rows:
        body = emergency_body(row, look.names, look.name_of)
        scope = "、".join(place["name"] for place in body["scope"])
        yield {**body, "scope_names": scope, "by_name": body["by"]["name"]}


@READS.shown("/emergencies/{emergency}", "view.situation", shape=Emergency)
def one_emergency(look: Look, emergency: EmergencyId) -> dict[str, Any]:
    """Return an emergency as it stands, and every change of it."""
    row = known_emergency(look, emergency)
    body = emergency_body(row, look.names, look.name_of)
    return {**body, "changes": changes_of(look, row), "shown_seq": look.seq}


@READS.shown("/playbooks", "view.situation", shape=Playbooks)
def playbooks(look: Look) -> dict[str, Any]:
    """Return the newest version of every published playbook (预案)."""
    oldest_first = sorted(PLAN.select(look.c, at=look.at), key=lambda p: p.seq_from)
    newest = {plan.playbook: plan for plan in oldest_first}.values()
    told = ("version", "hazard", "zh", "en", "digest")
    rows = [{"id": p.playbook, **{k: getattr(p, k) for k in told}} for p in newest]
    return {"playbooks": rows}
