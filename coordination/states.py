"""The words of what views and phones tell of (状态词汇): id -> (zh, en).

What the log and playbooks themselves name stands in ``vocabulary``.
"""

from __future__ import annotations

PROPOSAL_STATES: dict[str, tuple[str, str]] = {
    "OPEN": ("待批准", "Waiting for approval"),
    "APPROVED": ("已批准", "Approved"),
    "REJECTED": ("已驳回", "Rejected"),
    "WITHDRAWN": ("已撤回", "Withdrawn"),
    "EXPIRED": ("已过期", "Expired"),
}
"""How a proposal stands (提议状态)."""

GLASS_STATES: dict[str, tuple[str, str]] = {
    "OPEN": ("待复核", "To be reviewed"),
    "CONFIRMED": ("复核确认", "Confirmed"),
    "OVERTURNED": ("复核否定", "Overturned"),
}
"""What a review says of a decision by one person (复核状态)."""

EMERGENCY_STATES: dict[str, tuple[str, str]] = {
    "ACTIVE": ("生效中", "In force"),
    "ENDED": ("已解除", "Stood down"),
    "VOIDED": ("已作废（误发）", "Void (declared in error)"),
}
"""Whether an emergency is in force (响应状态)."""

ORDER_STATES: dict[str, tuple[str, str]] = {
    "STANDING": ("有效", "In force"),
    "WITHDRAWN": ("已撤销", "Revoked"),
    "CORRECTED": ("已更正", "Corrected"),
}
"""Whether an order holds (指令状态)."""

ANSWER_STATES: dict[str, tuple[str, str]] = {
    "OPEN": ("未签收", "Not acknowledged"),
    "ACKNOWLEDGED": ("已签收", "Acknowledged"),
    "DONE": ("已办结", "Done"),
}
"""How far whoever got an order is with it (签收状态)."""

FOR_STATES: dict[str, tuple[str, str]] = {
    "ACKNOWLEDGED": ("已代签收", "Acknowledged for them"),
    "DONE": ("已代办结", "Done for them"),
}
"""What somebody else has said for whoever got an order (代答): they are silent yet."""

STEP_STATES: dict[str, tuple[str, str]] = {
    "OPEN": ("未接令", "Not acknowledged"),
    "ACKNOWLEDGED": ("已接令", "Acknowledged"),
    "DONE": ("已完成", "Done"),
}
"""How far a step of a playbook is (步骤状态)."""

ALARM_STATES: dict[str, tuple[str, str]] = {
    "RAISED": ("告警中", "Raised"),
    "OVER": ("已消除", "Over"),
}
"""Whether an alarm lasts (告警状态)."""

GRAVITIES: dict[str, tuple[str, str]] = {
    "GRAVE": ("严重", "Grave"),
    "WARNING": ("注意", "Warning"),
}
"""How grave an alarm is (严重程度)."""

GRANT_STATES: dict[str, tuple[str, str]] = {
    "ACTIVE": ("有效", "In force"),
    "FUTURE": ("未生效", "Not yet in force"),
    "EXPIRED": ("已到期", "Expired"),
    "REVOKED": ("已撤销", "Revoked"),
}
"""Whether a grant holds (授权状态)."""

ABSENCE_STATES: dict[str, tuple[str, str]] = {
    "STANDING": ("缺位中", "Absent"),
    "OVER": ("已结束", "Over"),
}
"""Whether somebody in office is away (缺位状态)."""

CHECK_INS: dict[str, tuple[str, str]] = {
    "reported": ("报到", "Check in"),
    "present": ("到岗", "On post"),
    "partial": ("部分到位", "Partly on post"),
    "absent": ("缺席", "Absent"),
    "active": ("参与", "Took part"),
    "left": ("离岗", "Leave"),
}
"""What a check-in says (报到内容)."""

HOURS: dict[str, tuple[str, str]] = {
    "CLAIMED": ("申报", "Claimed"),
    "CERTIFIED": ("已认定", "Certified"),
    "REFUSED": ("不予认定", "Not certified"),
}
"""What is said of a time that somebody served (时长状态)."""

HOURS_WAIT: dict[str, tuple[str, str]] = {
    "ORGANISER": ("待认定", "To be certified"),
    "HOME": ("外社区认定，待互认", "Certified elsewhere, to be recognised"),
}
"""For whose word it waits (时长待办)."""

DEEDS: dict[str, tuple[str, str]] = {
    **CHECK_INS,
    "absent": ("不能到岗", "Cannot come"),
    "accept": ("接岗", "Take over"),
    "decline": ("不能接岗", "Cannot take over"),
    "handover": ("交接确认", "Handover confirmed"),
    "safety": ("平安报到", "I am safe"),
    "seize": ("紧急自任", "Seize in need"),
    "return": ("归位", "Take back"),
    "package": ("移交责任包", "Hand over the package"),
    "stock-receive": ("入库", "Receive"),
    "stock-issue": ("出库", "Issue"),
    "stock-arrive": ("到货", "Arrivals"),
    "stock-ship": ("发运", "Ship"),
    "stock-scrap": ("报废", "Scrap"),
    "stock-return": ("退回", "Return"),
    "stock-place": ("库位", "Place"),
    "stock-hold": ("停发", "Hold back"),
    "stock-open": ("开始盘点", "Begin a count"),
    "stock-count": ("盘点", "Count"),
    "stock-close": ("结束盘点", "End the count"),
}
"""What a phone keeps until there is a network (待发送)."""

POST_LATE: dict[str, tuple[str, str]] = {
    "accept": ("接岗逾期", "Acceptance late"),
    "handover": ("交接逾期", "Handover late"),
    "ratify": ("追认逾期", "Ratification late"),
    "safety": ("平安报到逾期", "No word that all is well"),
}
"""What whoever acts is late with (逾期)."""

PASSED_TESTS: dict[str, tuple[str, str]] = {
    "known": ("在册", "On the roster"),
    "available": ("可用", "Available"),
    "qualified": ("培训有效", "Trained"),
    "in-reach": ("在可达范围", "In reach"),
    "already-acting": ("未在他岗", "Free"),
    "own-backup": ("非本人备份", "Not own backup"),
    "not-in-line": ("在名单内", "In the line"),
    "declined": ("未推辞", "Has not declined"),
}
"""Why somebody can stand in (能胜任): the tests they passed."""

PACKAGE_PARTIES: dict[str, tuple[str, str]] = {
    "person": ("个人", "Person"),
    "post": ("岗位", "Post"),
    "organisation": ("组织", "Organisation"),
}
"""Who can answer for a target (责任主体)."""

PACKAGE_TARGETS: dict[str, tuple[str, str]] = {
    "compound": ("小区", "Compound"),
    "building": ("楼栋", "Building"),
    "grid": ("网格", "Grid"),
    "community": ("居村", "Community"),
    "site": ("阵地", "Site"),
}
"""What somebody can answer for (包保对象)."""

AREA_LEVELS: dict[str, tuple[str, str]] = {
    "province": ("省市", "Provinces"),
    "city": ("城市", "Cities"),
    "district": ("区", "Districts"),
    "street": ("街镇", "Streets and towns"),
    "community": ("居村", "Communities"),
    "grid": ("网格", "Grids"),
    "compound": ("小区", "Compounds"),
    "building": ("楼栋", "Buildings"),
}
"""Areas of a level (区域层级)."""

AREA_MODES: dict[str, tuple[str, str]] = {
    "PEACETIME": ("平时", "Peacetime"),
    "CONVERTING": ("转换中", "Converting"),
    "EMERGENCY": ("战时", "Emergency"),
    "RECOVERING": ("恢复中", "Recovering"),
}
"""How a place stands (平战模式)."""

CONVERTED: dict[str, tuple[str, str]] = {
    "PEACETIME": ("未转换", "Unchanged"),
    "CONVERTING": ("转换中", "Converting"),
    "EMERGENCY": ("已转换", "Converted"),
    "RECOVERING": ("恢复中", "Recovering"),
}
"""How far sites are (阵地转换), beside the mode that is ordered there."""

REQUEST_STEPS: dict[str, tuple[str, str]] = {
    "ASKED": ("申领", "Asked"),
    "TRIAGED": ("分诊", "Triage"),
    "ALLOCATED": ("配货", "Allocate"),
    "DISPATCHED": ("出库", "Sent"),
    "DELIVERED": ("送达", "Delivered"),
    "CONFIRMED": ("签收", "Confirmed"),
}
"""The way of a request (申领环节)."""
