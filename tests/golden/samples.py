"""One sample of each event; only used when its golden file is first written."""

from __future__ import annotations

from typing import Any

from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    LocalNode,
    PlannedFunction,
    SiteRegistered,
    Space,
)
from coordination.kernel import CommandRefused, Event
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.tree import Place

LEAST: dict[str, Any] = {
    "command": "01JD0000000000000000000000",
    "digest": "0123456789abcdef0123456789abcdef",
    "actor": "wang",
    "role": "commander",
    "occurred_us": 1_700_000_000_000_000,
    "salt": "00112233445566778899aabbccddeeff",
}
FULL: dict[str, Any] = {
    **LEAST,
    "area": "310117",
    "grant": "g7",
    "on_behalf_of": "li",
    "basis": "区防指〔2024〕7号",
    "reason": '水位"超警"\n已达 4.2 m',
    "step": "open-doors",
    "seen_seq": 4_711,
    "occurred_source": "stated",
}

_SAMPLES: list[tuple[dict[str, Any], Event]] = [
    (
        FULL,
        CommandRefused(
            command_name="DeclareEmergency",
            place="310117001,310117002",
            code="mode.level-needs-approval",
            facts={"level": "I"},
        ),
    ),
    (
        FULL,
        AreaRegistered(
            code="310117001000",
            name="岳阳街道",
            level="street",
            parent="310117000000",
        ),
    ),
    (LEAST, AreaRenamed(code="310117001000", name="岳阳街道")),
    (
        FULL,
        LocalAreasRegistered(
            community="310117001001",
            nodes=(
                LocalNode("310117001001g01", "第一网格"),
                LocalNode("310117001001g01c01b013", "13号楼"),
            ),
        ),
    ),
    (
        FULL,
        SiteRegistered(
            site="310117001001-s1",
            area="310117001001",
            name="党群服务站",
            kind="party-centre",
            planned=(
                PlannedFunction("flood", "shelter"),
                PlannedFunction("epidemic", "sampling-point"),
            ),
            spaces=(Space("大厅", "hall", 200), Space("院子", "yard", 0)),
            facilities=("water", "shower"),
            index_seen=3,
        ),
    ),
    (
        FULL,
        PlaybookPublished(
            playbook="flood-plan",
            version="2024.1",
            text="# 说明\nid: flood-plan\n",
            compiled='{"id":"flood-plan","zh":"防汛预案"}',
            digest="6b" * 32,
        ),
    ),
    (
        FULL,
        EmergencyDeclared(
            emergency="e-2024-07",
            hazard="flood",
            level=3,
            scope=(
                Place("310117001000", "street"),
                Place("310117001001g01", "grid"),
            ),
            excluded=(Place("310117001001", "community"),),
            matter="暴雨红色预警",
            measures="转移安置",
            declared_us=1_700_000_000_000_000,
            expected_until_us=1_700_086_400_000_000,
            playbook="flood-plan",
            playbook_digest="6b" * 32,
        ),
    ),
    (
        FULL,
        EmergencyEnded(emergency="e-2024-07", ended_us=1_700_050_000_000_000),
    ),
    (
        FULL,
        StepAcknowledged(
            site="310117001001-s1",
            emergency="e-2024-07",
            phase="convert",
            step="open-doors",
        ),
    ),
    (
        FULL,
        StepCompleted(
            site="310117001001-s1",
            emergency="e-2024-07",
            phase="recover",
            step="clean-up",
        ),
    ),
    (
        LEAST,
        DeadlinePassed(
            emergency="e-2024-07",
            phase="convert",
            step="open-doors",
            due_us=1_700_001_800_000_000,
            noticed_us=1_700_001_800_000_001,
        ),
    ),
]
SAMPLES = {event.NAME: (said, event) for said, event in _SAMPLES}
