"""The words plans and sites share (词汇表): id -> (zh, en).

The ids stand in the log and in playbooks: an id may be added, never changed or removed.
Who owns a step (责任角色) is one of ``permit.ROLES``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from coordination import states

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

STORES: dict[str, tuple[str, str]] = {
    "log": ("日志", "The log"),
    "head": ("日志末位记忆", "The memory of the head"),
    "views": ("视图", "The views"),
    "accounts": ("账号库", "The accounts"),
    "vault": ("人员库", "The vault"),
    "keys": ("密钥库", "The keys"),
    "delivery": ("投递台账", "The deliveries"),
    "previews": ("预演存证", "The previews"),
}
"""The databases of a world (数据库)."""

SERVICE_PARTS: dict[str, tuple[str, str]] = {
    "disk": ("磁盘", "The disk"),
    "clock": ("时钟", "The clock"),
    "database": ("数据库", "The database"),
    "notifications": ("对外通知", "Notifications"),
}
"""What else the service consists of, beside its stores (系统状况)."""

STORE_FAULTS: dict[str, tuple[str, str]] = {
    "missing": ("缺失", "missing"),
    "damaged": ("已损坏", "damaged"),
    "older": ("是较早的一份", "an older one"),
    "other": ("是另一份", "another one"),
}
"""How a store was found (数据库状况)."""

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

CAUSES: dict[str, tuple[str, str]] = {
    "leave": ("请假", "On leave"),
    "ill": ("患病", "Ill"),
    "quarantined": ("隔离", "Quarantined"),
    "unreachable": ("失联", "Unreachable"),
    "other": ("其他", "Other"),
}
"""Why somebody is not available (不可用原因)."""

SKILLS: dict[str, tuple[str, str]] = {
    "medical": ("医护", "Medical"),
    "driving": ("驾驶", "Driving"),
    "it": ("信息技术", "IT"),
    "translation": ("翻译", "Translation"),
    "counselling": ("心理疏导", "Counselling"),
    "electrician": ("水电", "Electrician"),
    "logistics": ("物流搬运", "Logistics"),
    "cooking": ("炊事", "Cooking"),
    "security": ("安保", "Security"),
    "public-speaking": ("宣传", "Public speaking"),
}
"""What people can do (技能)."""

TRAININGS: dict[str, tuple[str, str]] = {
    "command": ("应急指挥", "Emergency command"),
    "sampling": ("采样辅助", "Sampling support"),
    "disinfection": ("消毒防护", "Disinfection"),
    "stores": ("物资管理", "Stores"),
    "flood-rescue": ("防汛抢险", "Flood rescue"),
    "first-aid": ("急救", "First aid"),
}
"""What people are trained for, for a time (培训)."""


class PostKind(NamedTuple):
    """岗位类型. ``level``: of its place, or ``site``; ``rank``: 1 gravest to 9.

    ``role``: the powers of whoever acts, empty: none; ``training``: needed, or empty.
    """

    zh: str
    en: str
    level: str
    rank: int
    role: str
    training: str


POST_KINDS: dict[str, PostKind] = {
    "street-duty": PostKind(
        "街镇值班长", "Street duty leader", "street", 1, "street-staff", "command"
    ),
    "second-secretary": PostKind(
        "第二书记", "Second secretary", "community", 2, "community-secretary", "command"
    ),
    "site-lead": PostKind("点位长", "Site leader", "site", 3, "", ""),
    "station-keeper": PostKind(
        "物资专管员", "Station keeper", "community", 3, "station-keeper", "stores"
    ),
    "grid-head": PostKind("网格长", "Grid head", "grid", 4, "grid-member", ""),
    "liaison": PostKind("联络员", "Liaison officer", "community", 5, "", ""),
}
"""Posts that can be defined (岗位). Somebody acting may be called to a graver one."""

WITHHELD = ("grant.delegate", "grant.revoke")
"""What somebody who acts may not do with a post's role (保留权限)."""

HANDOVER_ITEMS: dict[str, tuple[str, str]] = {
    "situation": ("当前态势", "Situation"),
    "steps": ("未完步骤", "Open steps"),
    "deadlines": ("在途时限", "Running deadlines"),
    "custody": ("保管清点", "Things in custody"),
    "withheld": ("保留权限", "Powers withheld"),
}
"""What a handover sheet lists (交接事项)."""

FAILED_TESTS: dict[str, tuple[str, str]] = {
    "known": ("不在册", "not on the roster"),
    "available": ("不可用", "not available"),
    "qualified": ("培训无效或过期", "not qualified"),
    "in-reach": ("不在可达范围", "not in reach"),
    "already-acting": ("已在他岗履职", "acting elsewhere"),
    "own-backup": ("不能做自己的备份", "their own backup"),
    "not-in-line": ("不在 AB 角名单内", "not in the line"),
    "declined": ("已推辞", "has declined"),
}
"""Why somebody cannot stand in (不能胜任): the test they failed."""

POST_STATES: dict[str, tuple[str, str]] = {
    "HELD": ("A 角在岗", "Held"),
    "ACTING": ("B 角履职", "Backup acting"),
    "PENDING": ("待接岗", "To be accepted"),
    "VACANT": ("空缺", "Vacant"),
}
"""How a post stands (岗位状态)."""

TURNS: dict[str, tuple[str, str]] = {
    "ordered": ("指令转换", "by order"),
    "automatic": ("自动顶岗", "automatically"),
    "seized": ("紧急自任", "seized in need"),
    "returned": ("A 角归位", "the holder is back"),
    "appointed": ("正式任命", "appointed"),
}
"""How somebody came to act on a post (转换方式)."""

TURN_CAUSES: dict[str, tuple[str, str]] = {
    **CAUSES,
    "called-away": ("上调更急岗位", "Called to a graver post"),
    "declined": ("不能接岗", "Declined"),
    "no-answer": ("超时未接岗", "Did not answer"),
}
"""Why somebody no longer acts (转换原因)."""

SINGLE_POINTS: dict[str, tuple[str, str]] = {
    "no-backup": ("没有 B 角", "No backup"),
    "none-able": ("B 角均不能履职", "No backup is able"),
    "shared": ("唯一的 B 角同时备份他岗", "The only backup also backs up another post"),
}
"""Why one more absence would leave a post vacant (单点)."""

POST_WAITS: dict[str, tuple[str, str]] = {
    "accept": ("接岗", "acceptance"),
    "handover": ("交接", "the handover"),
    "ratify": ("追认", "ratification"),
}
"""What is waited for of whoever acts (待办)."""

CHECK_IN_SOURCES: dict[str, tuple[str, str]] = {
    "phone": ("手机", "By phone"),
    "qr": ("扫码", "By QR"),
    "staff": ("工作人员代录", "Entered by staff"),
    "paper": ("纸质补录", "From paper"),
}
"""How a check-in came in (报到方式)."""

CHECK_IN_STAGES: dict[str, tuple[str, str]] = {
    "NONE": ("未知", "Unknown"),
    "REPORTED": ("已报到", "Reported"),
    "PRESENT": ("到岗", "Present"),
    "ACTIVE": ("已参与", "Active"),
    "ABSENT": ("缺席", "Absent"),
    "LEFT": ("已离岗", "Left"),
}
"""How far somebody has checked in (报到进度). Unknown is not absent."""

CATEGORIES: dict[str, tuple[str, str]] = {
    "protective": ("防护", "Protective"),
    "testing": ("检测", "Testing"),
    "disinfection": ("消杀", "Disinfection"),
    "medical": ("医疗急救", "Medical"),
    "food": ("食品饮水", "Food and water"),
    "bedding": ("被服安置", "Bedding and shelter"),
    "flood": ("防汛抢险", "Flood fighting"),
    "lighting": ("照明供电", "Lighting and power"),
    "tools": ("工具器材", "Tools"),
    "communication": ("通讯", "Communication"),
    "hygiene": ("生活卫生", "Hygiene"),
    "other": ("其他", "Other"),
}
"""What kind of goods (物资类别)."""

LOT_STATUSES: dict[str, tuple[str, str]] = {
    "approved": ("合格", "Approved"),
    "on-hold": ("暂停发放", "On hold"),
    "quarantined": ("隔离待检", "Quarantined"),
    "recalled": ("召回", "Recalled"),
    "damaged": ("损坏", "Damaged"),
    "expired": ("过期", "Expired"),
}
"""What a lot is (批次状态)."""

PASSED_OVER: dict[str, tuple[str, str]] = {
    **LOT_STATUSES,
    "reserved": ("已为他人预留", "Kept for others"),
    "chosen": ("保管员指定其他批次", "The keeper chose another lot"),
    "too-soon": ("到需要时已过期", "No good any more when it is needed"),
    "not-yet": ("当时尚未到站", "Not there yet at that time"),
}
"""Why a lot was passed over (跳过原因)."""

SOURCES: dict[str, tuple[str, str]] = {
    "purchase": ("采购", "Purchase"),
    "donation": ("捐赠", "Donation"),
    "requisition": ("征用", "Requisition"),
    "opening": ("期初", "Opening stock"),
}
"""Where goods come from (来源)."""

RECIPIENTS: dict[str, tuple[str, str]] = {
    "step": ("预案步骤", "Playbook step"),
    "squad": ("突击队", "Squad"),
    "person": ("个人", "Person"),
    "household": ("居民户", "Household"),
    "site": ("阵地", "Site"),
    "area": ("区域", "Area"),
    "request": ("申领单", "Request"),
    "transfer": ("调拨", "Transfer"),
}
"""Whom goods are for (去向)."""

SCRAP_CAUSES: dict[str, tuple[str, str]] = {
    "expired": ("过期", "Expired"),
    "damaged": ("损坏", "Damaged"),
    "recalled": ("召回", "Recalled"),
    "contaminated": ("污染", "Contaminated"),
    "other": ("其他", "Other"),
}
"""Why stock is scrapped (报废原因)."""

SHORTFALL_CAUSES: dict[str, tuple[str, str]] = {
    "lost": ("途中丢失", "Lost on the way"),
    "damaged": ("途中损坏", "Damaged on the way"),
    "not-loaded": ("未装车，退回发方", "Not loaded: back to the sender"),
}
"""What became of goods that did not arrive (差异原因)."""

VARIANCE_CAUSES: dict[str, tuple[str, str]] = {
    "unrecorded-issue": ("漏记出库", "Issue not recorded"),
    "unrecorded-receipt": ("漏记入库", "Receipt not recorded"),
    "miscounted-before": ("上次盘点有误", "Counted wrongly before"),
    "damaged": ("损坏", "Damaged"),
    "lost": ("丢失", "Lost"),
    "unknown": ("原因不明", "Unknown"),
}
"""Why a count differs from the books (盘点差异原因)."""

SLIP_KINDS: dict[str, tuple[str, str]] = {
    "receipt": ("入库单", "Receipt"),
    "issue": ("出库单", "Issue"),
    "scrap": ("报废单", "Scrapping"),
    "adjust": ("更正单", "Correction"),
    "shipment": ("调拨单", "Transfer"),
    "count": ("盘点表", "Count"),
}
"""What a slip is (单据)."""

SLIP_STATES: dict[str, tuple[str, str]] = {
    "DONE": ("已完成", "Done"),
    "OUT": ("未归还", "Still out"),
    "SETTLED": ("已清", "Settled"),
    "RETURNED": ("已退回", "Returned"),
    "ORDERED": ("待发运", "To be sent"),
    "CANCELLED": ("已取消", "Cancelled"),
    "TRANSIT": ("在途", "On the way"),
    "PART": ("部分到货", "Arrived in part"),
    "MISSING": ("有差异", "Something missing"),
    "ARRIVED": ("已到货", "Arrived"),
    "CLOSED": ("已关闭", "Closed"),
    "OPEN": ("进行中", "Open"),
}
"""How far a slip has got (单据状态)."""

STOCK_ACCOUNTS: dict[str, tuple[str, str]] = {
    "shelf": ("在架", "Shelf"),
    "transit": ("在途", "On the way"),
    "variance": ("盘盈盘亏与更正", "Variance"),
    "scrap": ("报废", "Scrapped"),
    "lost": ("丢失", "Lost"),
    "used": ("已领用", "Issued"),
    "owner": ("归还物主", "Back to the owner"),
    **SOURCES,
}
"""Accounts of the stock ledger (科目)."""

COUNT_RESULTS: dict[str, tuple[str, str]] = {
    "": ("未盘", "Not counted"),
    "same": ("相符", "As in the books"),
    "differs": ("不符，须由另一人复盘", "Differs: another person counts again"),
    "disturbed": ("盘点期间有出入库，须重盘", "Stock moved meanwhile: count again"),
    "confirmed": ("复盘仍不符，待处理", "Differs twice: to be settled"),
    "settled": ("已处理", "Settled"),
}
"""What the count of a lot says (盘点结果)."""

SLIP_CAUSES: dict[str, tuple[str, str]] = {
    **SCRAP_CAUSES,
    **SHORTFALL_CAUSES,
    **VARIANCE_CAUSES,
}
"""Why a slip writes something off (原因)."""

PARTIES: dict[str, tuple[str, str]] = {**SOURCES, **RECIPIENTS}
"""Who goods come from or are for (来源、去向)."""

PRIORITIES: dict[int, tuple[str, str]] = {
    1: ("紧急", "Life at risk"),
    2: ("加急", "Urgent"),
    3: ("一般", "Routine"),
}
"""How urgent a request is (优先级)."""

SWITCHES: dict[str, tuple[str, str]] = {
    "declare": ("宣布应急响应", "Declare"),
    "raise": ("提级", "Raise the level"),
    "lower": ("降级", "Lower the level"),
    "level": ("调整响应级别", "Change the level"),
    "widen": ("扩大范围", "Widen the scope"),
    "narrow": ("缩小范围", "Narrow the scope"),
    "take-up": ("补下转换令", "Take up sites passed over"),
    "end": ("解除应急响应", "End the emergency"),
    "void": ("作废误发的宣布", "Void a declaration made in error"),
}
"""What is decided of an emergency (转换决定); ``level``: it was not kept which way."""

ACCOUNT_ACTS: dict[str, tuple[str, str]] = {
    "opened": ("新建账号", "Account opened"),
    "installed": ("在本机开设账号", "Account opened at the machine"),
    "password": ("重设他人密码", "Password reset by another"),
    "own-password": ("本人更换密码", "Own password changed"),
    "disabled": ("停用账号", "Account disabled"),
    "enabled": ("启用账号", "Account enabled"),
    "sessions-ended": ("结束登录会话", "Sessions ended"),
    "token-made": ("新建接口令牌", "API token made"),
    "token-revoked": ("撤销接口令牌", "API token revoked"),
}
"""What is done about an account (账号事项)."""

TOKEN_SCOPES: dict[str, tuple[str, str]] = {
    "read": ("只读", "Read only"),
    "all": ("读写", "Read and write"),
}
"""What an API token is for (令牌权限): the narrower first."""

ALARM_KINDS: dict[str, tuple[str, str]] = {
    "deadline": ("步骤逾期", "Step overdue"),
    "expectation": ("预计期限届满", "Expected duration over"),
    "freed": ("冲突阵地占用解除", "Site passed over is free"),
    "glass": ("紧急单人处置", "Break-glass"),
    "review": ("复核逾期", "Review overdue"),
    "proposal": ("提议过期", "Proposal expired"),
    "order": ("指令逾期", "Order overdue"),
    "absence": ("职务缺位", "Office absent"),
    "reset": ("密码被他人重设", "Password reset by another"),
    "back": ("缺勤到期", "Absence over"),
    "vacancy": ("岗位空缺", "Post vacant"),
    "silent": ("平安报到超时", "Holder silent"),
    "seized": ("紧急自任", "Post seized"),
    "handover": ("交接超时", "Handover late"),
    "ratify": ("追认超时", "Ratification late"),
    "standing": ("包保兜底", "Package standing in"),
    "shortage": ("物资短缺", "Stock short"),
    "expiring": ("批次临期", "Lot expiring"),
    "expired": ("批次过期", "Lot expired"),
    "transfer": ("调拨超时", "Transfer late"),
    "discrepancy": ("调拨差异", "Goods missing"),
}
"""What must be looked at (告警)."""

NEWS: dict[str, tuple[str, str]] = {
    "switch": (
        "应急响应启动、调整、解除、作废",
        "Emergency declared, changed, ended, voided",
    ),
    "proposed": ("待批准提议", "Proposal to be approved"),
    "issued": ("指令下达、撤回、催办", "Order issued, withdrawn, reminded"),
    "substitution": ("岗位替补", "Substitution"),
    **ALARM_KINDS,
}
"""What may be told outside (对外通知): every kind of alarm, and what is none."""

NOTICE_RULES: dict[str, tuple[str, str]] = {
    "command": ("应急响应、审批和指令", "Emergencies, approvals and orders"),
    "posts": ("岗位空缺和替补", "Vacancies and substitutions"),
    "goods": ("物资短缺", "Stock that is short"),
}
"""The rules of notices there are where nobody has set others (默认通知规则)."""

NOTICE_STATES: dict[str, tuple[str, str]] = {
    "HELD": ("等待时段", "Waits for its hours"),
    "FOLDED": ("已并入汇总", "In a summary"),
    "WAITING": ("待发送", "To be sent"),
    "SENT": ("已发送", "Sent"),
    "FAILED": ("未送达", "Given up"),
    "UNTOLD": ("不发送", "Not sent"),
}
"""What became of a piece of news on a channel (投递状态)."""

COVERAGE: dict[str, tuple[str, str]] = {
    "COVERED": ("已落实", "Covered"),
    "STANDING": ("居村兜底", "Standing in"),
    "GAP": ("无人负责", "Nobody"),
}
"""Whether somebody answers for a target (包保状态)."""

REQUEST_STATES: dict[str, tuple[str, str]] = {
    "ASKED": ("待分诊", "Asked"),
    "TRIAGED": ("待配货", "Triaged"),
    "PART": ("部分配货，欠货", "In part, back-order"),
    "ALLOCATED": ("已配货", "Allocated"),
    "DISPATCHED": ("已出库", "Sent"),
    "DELIVERED": ("已送达", "Delivered"),
    "CONFIRMED": ("已签收", "Confirmed"),
    "REFUSED": ("已退回", "Refused"),
    "WITHDRAWN": ("已撤回", "Withdrawn"),
}
"""How far a request for goods is (申领状态)."""

ITEM_STATES: dict[str, tuple[str, str]] = {
    "LISTED": ("在目录", "Listed"),
    "WITHDRAWN": ("已移出", "Withdrawn"),
}
"""Whether an item may be received (目录状态)."""

SHELF_STATES: dict[str, tuple[str, str]] = {
    "SHORT": ("短缺", "Short"),
    "LOW": ("待补货", "Reorder"),
    "ENOUGH": ("充足", "Enough"),
    "UNSET": ("未设定额", "No level set"),
}
"""Whether there is enough of an item (库存状态)."""

MODES: dict[str, tuple[str, str]] = {
    "war": ("战时", "Emergency"),
    "peace": ("平时", "Peacetime"),
}
"""Whose levels hold at a place (平战状态)."""

ACTIONS: dict[str, tuple[str, str]] = {
    "emergency.declare": ("宣布应急响应", "Declare an emergency"),
    "emergency.change": ("调整应急响应", "Change an emergency"),
    "emergency.end": ("解除或作废应急响应", "End or void an emergency"),
    "emergency.break-glass": ("紧急单人处置", "Decide alone, breaking the glass"),
    "proposal.make": ("提议", "Propose"),
    "proposal.approve": ("批准或驳回提议", "Approve or reject a proposal"),
    "proposal.withdraw": ("撤回提议", "Withdraw a proposal"),
    "glass.review": ("复核单人处置", "Review what one person decided alone"),
    "order.issue": ("下达指令", "Issue an order"),
    "order.withdraw": ("撤销指令", "Withdraw an order"),
    "order.remind": ("催办指令", "Remind of an order"),
    "order.answer": ("签收和办结指令", "Answer an order"),
    "step.acknowledge": ("签收步骤", "Acknowledge a step"),
    "step.complete": ("完成步骤", "Complete a step"),
    "alarm.acknowledge": ("确认告警", "Take note of an alarm"),
    "notice.rules": ("设定通知规则", "Set rules of notices"),
    "authority.set": ("设定签发权限", "Set who signs which level"),
    "absence.record": ("登记职务缺位", "Record that an office is absent"),
    "grant.add": ("授权", "Grant a role"),
    "grant.delegate": ("委托角色", "Lend one's role"),
    "grant.revoke": ("撤销授权", "Revoke a role"),
    "areas.import": ("导入区域", "Import areas"),
    "areas.register": ("登记阵地和网格", "Register sites and grids"),
    "playbook.publish": ("发布预案", "Publish a playbook"),
    "people.import": ("导入花名册", "Import a roster"),
    "people.availability": ("登记谁不可用", "Record who is available"),
    "people.merge": ("并入临时人员", "Merge a walk-up"),
    "people.forget": ("注销个人信息", "Forget a person"),
    "people.bind": ("绑定人员账号", "Bind a person's account"),
    "checkin.record": ("代录报到和服务", "Record check-ins and service of others"),
    "hours.certify": ("认定服务时长", "Certify hours of service"),
    "checkin.own": ("本人报到", "Check in oneself"),
    "checkin.open": ("平时开启报到", "Open check-in in peacetime"),
    "post.define": ("设岗", "Define posts"),
    "post.substitute": ("安排岗位替补", "Decide who acts on a post"),
    "post.own": ("办理本人岗位", "Act on one's own post"),
    "package.kinds": ("设定包保类型", "Set the kinds of packages"),
    "package.assign": ("落实包保责任", "Assign packages"),
    "areas.population": ("登记常住人口", "State how many live there"),
    "items.import": ("管理物资目录", "Keep the catalogue of goods"),
    "station.open": ("启用物资站", "Open a station"),
    "stock.keep": ("物资收发存", "Keep stock"),
    "stock.settle": ("核销和更正库存", "Write off and settle stock"),
    "stock.recall": ("召回批次", "Recall a lot everywhere"),
    "stock.levels": ("设定库存定额", "Set levels of stock"),
    "stock.reallocate": ("批准调配", "Reallocate stock"),
    "request.make": ("申领和签收物资", "Ask for goods, confirm them"),
    "request.triage": ("分诊申领", "Triage requests"),
    "request.deliver": ("配送物资", "Deliver goods"),
    "requisition.settle": ("征用归还和补偿", "Settle a requisition"),
    "fact.correct": ("更正事实", "Correct a fact"),
    "deadline.record": ("登记到期时限", "Record what has passed"),
    "read.record": ("登记查阅", "Record a reading"),
    "view.situation": ("查看态势", "See the situation"),
    "view.orders": ("查看指令和告警", "See orders and alarms"),
    "view.approvals": ("查看审批", "See approvals"),
    "view.record": ("查看事后记录", "See the after-event record"),
    "view.people": ("查看人员", "See people"),
    "view.grants": ("查看授权", "See grants"),
    "view.notices": ("查看对外通知", "See notices"),
    "store.accept": ("认可日志、存储和时钟", "Accept the log, a store or the clock"),
    "account.manage": ("管理账号", "Manage accounts"),
    "account.own": ("办理本人账号", "Look after one's own account"),
}
"""What ``permit`` is asked about (权限事项): whether somebody may do it."""


def words() -> dict[str, dict[Any, tuple[str, str]]]:
    """Return every vocabulary by its name: id -> zh, en."""
    return {
        name: {id_: (word[0], word[1]) for id_, word in known.items()}
        for name, known in {**vars(states), **globals()}.items()
        if name.isupper() and isinstance(known, dict)
    }
