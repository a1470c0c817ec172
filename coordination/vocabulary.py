"""The words plans and sites share (词汇表): id -> (zh, en).

The ids stand in the log and in playbooks: an id may be added, never changed or removed.
Who owns a step (责任角色) is one of ``permit.ROLES``.
"""

from __future__ import annotations

HAZARDS: dict[str, tuple[str, str]] = {
    "epidemic": ("疫情", "Epidemic"),
    "flood": ("防汛防台", "Flood and typhoon"),
    "fire": ("火灾", "Fire"),
}
"""What an emergency is about (灾种)."""

FUNCTIONS: dict[str, tuple[str, str]] = {
    "command-post": ("指挥部", "Command post"),
    "sampling-point": ("采样点", "Sampling point"),
    "vaccination-point": ("接种点", "Vaccination point"),
    "supply-station": ("物资中转站", "Supply station"),
    "rest-station": ("集结休整地", "Rest station"),
    "isolation-facility": ("隔离点", "Isolation facility"),
    "shelter": ("安置点", "Shelter"),
}
"""What a site can be in an emergency (战时功能)."""

KINDS: dict[str, tuple[str, str]] = {
    "service-centre": ("党群服务中心", "Party-mass service centre"),
    "service-station": ("党群服务站", "Party-mass service station"),
    "facility": ("公共设施", "Public facility"),
}
"""What a site is in peacetime (阵地类型)."""

SPACE_KINDS: dict[str, tuple[str, str]] = {
    "hall": ("大厅", "Hall"),
    "meeting-room": ("会议室", "Meeting room"),
    "yard": ("院场", "Yard"),
    "medical-room": ("医务室", "Medical room"),
    "warehouse": ("仓库", "Warehouse"),
    "dormitory": ("宿舍", "Dormitory"),
}
"""Rooms and yards of a site (空间)."""

FACILITIES: dict[str, tuple[str, str]] = {
    "water": ("供水", "Water"),
    "power-backup": ("备用电源", "Backup power"),
    "shower": ("淋浴", "Showers"),
    "catering": ("餐饮", "Catering"),
    "medical": ("医疗", "Medical care"),
    "toilets": ("卫生间", "Toilets"),
    "parking": ("停车", "Parking"),
    "broadcast": ("广播", "Public address"),
}
"""What a site is equipped with (配套设施)."""

EXCLUSIVE: tuple[tuple[str, str], ...] = (
    ("command-post", "isolation-facility"),
    ("isolation-facility", "rest-station"),
    ("isolation-facility", "sampling-point"),
    ("isolation-facility", "shelter"),
    ("isolation-facility", "supply-station"),
    ("isolation-facility", "vaccination-point"),
    ("rest-station", "sampling-point"),
    ("sampling-point", "shelter"),
)
"""Functions one site cannot hold together (互斥功能): the sick apart from the well.

A playbook may name more pairs; what was published with it is what counts for ever.
"""

SEVERITIES: dict[str, tuple[str, str]] = {
    "extraordinary": ("特别重大", "Extraordinary"),
    "major": ("重大", "Major"),
    "large": ("较大", "Large"),
    "general": ("一般", "General"),
}
"""How grave the event is (事件等级). Never the same as the response level."""

WARNINGS: dict[str, tuple[str, str]] = {
    "red": ("红色", "Red"),
    "orange": ("橙色", "Orange"),
    "yellow": ("黄色", "Yellow"),
    "blue": ("蓝色", "Blue"),
}
"""Colour of the warning (预警颜色). Never the same as severity or response level."""
