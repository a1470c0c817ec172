"""Each fact as a sentence (叙述) in zh and en, made when it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from coordination.alarms.events import AlarmAcknowledged
from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalApproved,
    ProposalExpired,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    ReviewOverdue,
)
from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    SiteRegistered,
)
from coordination.authority.events import AbsenceEnded, AbsenceRecorded, AuthoritySet
from coordination.catalogue import Fact
from coordination.grants.events import RoleGranted, RoleRevoked, SensitiveViewRead
from coordination.kernel import CommandRefused, Event, Refusal
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    ExpectationExtended,
    ExpectationPassed,
    LevelLowered,
    LevelRaised,
    PlaybookPublished,
    Regraded,
    ScopeNarrowed,
    ScopeWidened,
    StepAcknowledged,
    StepCompleted,
)
from coordination.orders.events import (
    OrderAcknowledged,
    OrderCarriedOut,
    OrderIssued,
    OrderOverdue,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.permit import ROLES
from coordination.vocabulary import HAZARDS, SEVERITIES, WARNINGS
from projections.names import ROMAN_SIGNS, Both, Names, compiled
from projections.telling import SAY
from projections.telling_goods import SAY_GOODS


def _registered(e: AreaRegistered, _n: Names) -> Both:
    return f"登记区域 {e.name}", f"Area {e.name} registered"


def _renamed(e: AreaRenamed, _n: Names) -> Both:
    return f"区域更名为“{e.name}”", f"Area renamed “{e.name}”"


def _local(e: LocalAreasRegistered, n: Names) -> Both:
    name, count = n.area(e.community), len(e.nodes)
    return (
        f"{name}登记网格、小区、楼栋 {count} 个",
        f"{name}: {count} grids, compounds and buildings registered",
    )


def _site(e: SiteRegistered, _n: Names) -> Both:
    return f"登记阵地 {e.name}", f"Site {e.name} registered"


def _published(e: PlaybookPublished, _n: Names) -> Both:
    playbook = compiled(e.compiled)
    year, _, number = e.version.partition(".")
    return (
        f"发布预案“{playbook.zh}”{year} 年第 {number} 版",
        f"Playbook “{playbook.en}” published, {year} no. {number}",
    )


def _declared(e: EmergencyDeclared, n: Names) -> Both:
    zh, en = HAZARDS.get(e.hazard, (e.hazard, e.hazard))
    where, less = n.scope(e.scope), n.scope(e.excluded)
    level = ROMAN_SIGNS[e.level]
    zh_less, en_less = (f"（不含{less}）", f" (without {less})") if less else ("", "")
    return (
        f"{where}{zh_less}进入{zh}{level}级应急响应，下达转换令：{e.matter}",
        f"{where}{en_less}: {en}, level {level}; switch ordered: {e.matter}",
    )


def _matter(emergency: str, n: Names) -> str:
    order = n.order(emergency)
    return order.matter if order else emergency


def _ended(e: EmergencyEnded, n: Names) -> Both:
    matter = _matter(e.emergency, n)
    return (
        f"解除应急响应（{matter}），各阵地开始恢复",
        f"Emergency ended ({matter}); sites begin to recover",
    )


def _level(e: LevelRaised | LevelLowered, n: Names) -> Both:
    matter, before, now = (
        _matter(e.emergency, n),
        ROMAN_SIGNS[e.level_before],
        ROMAN_SIGNS[e.level],
    )
    up = isinstance(e, LevelRaised)
    return (
        f"{'提级' if up else '降级'}：{before}级→{now}级（{matter}）",
        f"Level {'raised' if up else 'lowered'} {before} → {now} ({matter})",
    )


def _scope(e: ScopeWidened | ScopeNarrowed, n: Names) -> Both:
    matter, where, less = (
        _matter(e.emergency, n),
        n.scope(e.scope),
        n.scope(e.excluded),
    )
    wider = isinstance(e, ScopeWidened)
    zh_less, en_less = (f"（不含{less}）", f" (without {less})") if less else ("", "")
    return (
        f"{'扩大' if wider else '缩小'}范围，现为{where}{zh_less}（{matter}）",
        f"Scope {'widened' if wider else 'narrowed'} to {where}{en_less} ({matter})",
    )


def _regraded(e: Regraded, n: Names) -> Both:
    matter = _matter(e.emergency, n)
    severity = SEVERITIES.get(e.severity, ("未定", "not stated"))
    warning = WARNINGS.get(e.warning, ("未发布", "none"))
    return (
        f"事件等级{severity[0]}，预警{warning[0]}（{matter}）",
        f"Severity {severity[1]}, warning colour {warning[1]} ({matter})",
    )


def _extended(e: ExpectationExtended, n: Names) -> Both:
    matter = _matter(e.emergency, n)
    return f"延长预计期限（{matter}）", f"Expected duration extended ({matter})"


def _expected(e: ExpectationPassed, n: Names) -> Both:
    matter = _matter(e.emergency, n)
    return (
        f"预计期限届满，须决定延长、降级或解除（{matter}）",
        f"Expected duration over: extend, lower or end ({matter})",
    )


def _role(role: str) -> Both:
    return ROLES.get(role, (role, role))


def _granted(e: RoleGranted, n: Names) -> Both:
    zh, en = _role(e.role)
    where = n.area(e.area.code) if e.area else "—"
    if e.delegator:
        return (
            f"委托{where}{zh}之责给 {n.person(e.account)}",
            f"Role of {en} for {where} lent to {n.person(e.account)}",
        )
    return (
        f"授予 {n.person(e.account)} {where}{zh}",
        f"{n.person(e.account)} is made {en} for {where}",
    )


def _revoked(e: RoleRevoked, n: Names) -> Both:
    grant = n.grant(e.grant)
    zh, en = _role(grant.role) if grant else ("角色", "role")
    return (
        f"撤销 {n.person(e.account)} 的{zh}授权",
        f"{n.person(e.account)} is no longer {en}",
    )


def _read(e: SensitiveViewRead, _n: Names) -> Both:
    zh, en = VIEWS_READ.get(e.what, (e.what, e.what))
    return f"查阅{zh}", f"Read: {en}"


VIEWS_READ: dict[str, Both] = {
    "grants": ("授权清单", "list of grants"),
    "accounts": ("账号清单", "list of accounts"),
    "sessions": ("会话清单", "list of sessions"),
    "record": ("事后记录", "after-event record"),
    "export": ("导出数据", "an export"),
}
"""Sensitive views whose reading is recorded, in words."""


def _authority(_e: AuthoritySet, _n: Names) -> Both:
    return "设定各级签发权限", "Who signs which level was set"


def _absent(e: AbsenceRecorded, n: Names) -> Both:
    zh, en = _role(e.role)
    where = n.area(e.area.code)
    return (
        f"{where}{zh}缺位，由代理顺序中的下一位签发",
        f"{en} of {where} absent; the next in line signs",
    )


def _back(e: AbsenceEnded, n: Names) -> Both:
    absence = n.absence(e.absence)
    zh, en = _role(absence.role) if absence else ("", "The office")
    return f"{zh}缺位结束", f"{en} is back"


KINDS: dict[str, Both] = {
    "declare": ("宣布应急响应", "declaring an emergency"),
    "end": ("解除应急响应", "ending an emergency"),
    "level": ("调整响应级别", "changing the level"),
    "widen": ("扩大范围", "widening the scope"),
    "narrow": ("缩小范围", "narrowing the scope"),
}
"""What can be proposed, in words."""


def _proposal(e: Any, n: Names) -> tuple[str, str, str]:
    """Return what a proposal is for, in zh and en, and its level."""
    row = n.proposal(e.proposal) if not hasattr(e, "kind") else e
    if row is None:
        return "决定", "a decision", ""
    return *KINDS[row.kind], ROMAN_SIGNS[row.level]


def _proposed(e: ProposalMade, n: Names) -> Both:
    zh, en, level = _proposal(e, n)
    return f"提议{zh}（{level}级），等待批准", f"Proposed: {en} (level {level})"


def _approved(e: ProposalApproved, n: Names) -> Both:
    zh, en, level = _proposal(e, n)
    return f"批准{zh}（{level}级）", f"Approved: {en} (level {level})"


def _rejected(e: ProposalRejected, n: Names) -> Both:
    zh, en, level = _proposal(e, n)
    return f"驳回{zh}（{level}级）", f"Rejected: {en} (level {level})"


def _withdrawn(e: ProposalWithdrawn, n: Names) -> Both:
    zh, en, level = _proposal(e, n)
    return f"撤回提议：{zh}（{level}级）", f"Withdrawn: {en} (level {level})"


def _expired(e: ProposalExpired, n: Names) -> Both:
    zh, en, level = _proposal(e, n)
    return (
        f"提议过期无人批准：{zh}（{level}级）",
        f"Nobody approved in time: {en} (level {level})",
    )


def _broken(e: GlassBroken, n: Names) -> Both:
    zh, en, level = _proposal(e, n)
    who = n.person(e.account)
    return (
        f"紧急单人处置：{who} {zh}（{level}级），须复核",
        f"Break-glass by {who}: {en} (level {level}); must be reviewed",
    )


def _reviewed(e: GlassReviewed, _n: Names) -> Both:
    if e.confirmed:
        return "单人处置复核：确认", "Break-glass reviewed: confirmed"
    return "单人处置复核：不予确认", "Break-glass reviewed: not confirmed"


def _review_late(_e: ReviewOverdue, _n: Names) -> Both:
    return "单人处置逾期未复核", "Break-glass not reviewed in time"


def _title(order: str, n: Names) -> str:
    issued = n.issued(order)
    return issued.title if issued else order


def _issued(e: OrderIssued, n: Names) -> Both:
    where = n.scope(e.scope)
    to_zh = "、".join(_role(role)[0] for role in e.roles)
    to_en = ", ".join(_role(role)[1] for role in e.roles)
    if e.corrects:
        return (
            f"更正指令“{e.title}”，下达{where}{to_zh}",
            f"Order corrected: “{e.title}”, to {to_en} in {where}",
        )
    return (
        f"下达指令“{e.title}”至{where}{to_zh}",
        f"Order “{e.title}” issued to {to_en} in {where}",
    )


def _order_withdrawn(e: OrderWithdrawn, n: Names) -> Both:
    title = _title(e.order, n)
    return f"撤销指令“{title}”", f"Order “{title}” withdrawn"


def _reminded(e: OrderReminded, n: Names) -> Both:
    title = _title(e.order, n)
    return f"催办指令“{title}”", f"Reminder: order “{title}”"


def _order_late(e: OrderOverdue, n: Names) -> Both:
    title, ack = _title(e.order, n), e.what == "ack"
    return (
        f"指令“{title}”{'签收' if ack else '办结'}时限已过",
        f"Order “{title}”: time to {'acknowledge' if ack else 'carry it out'} is over",
    )


def _order_seen(e: OrderAcknowledged, n: Names) -> Both:
    where, title = n.area(e.area.code), _title(e.order, n)
    return f"{where}签收指令“{title}”", f"{where} acknowledged order “{title}”"


def _order_done(e: OrderCarriedOut, n: Names) -> Both:
    where, title = n.area(e.area.code), _title(e.order, n)
    return f"{where}办结指令“{title}”", f"{where} carried out order “{title}”"


def _alarm(_e: AlarmAcknowledged, _n: Names) -> Both:
    return "确认一项告警", "An alarm acknowledged"


def _acknowledged(e: StepAcknowledged, n: Names) -> Both:
    zh, en = n.step(e.emergency, e.step)
    site = n.site(e.site)
    return f"{site}签收“{zh}”", f"{site} acknowledged “{en}”"


def _completed(e: StepCompleted, n: Names) -> Both:
    zh, en = n.step(e.emergency, e.step)
    site = n.site(e.site)
    return f"{site}完成“{zh}”", f"{site} completed “{en}”"


def _passed(e: DeadlinePassed, n: Names) -> Both:
    zh, en = n.step(e.emergency, e.step)
    return f"步骤“{zh}”限期已过", f"The deadline of “{en}” has passed"


COMMANDS: dict[str, Both] = {
    "DeclareEmergency": ("宣布应急响应", "declaring an emergency"),
    "EndEmergency": ("解除应急响应", "ending an emergency"),
    "ChangeLevel": ("调整响应级别", "changing the level"),
    "WidenScope": ("扩大范围", "widening the scope"),
    "NarrowScope": ("缩小范围", "narrowing the scope"),
    "ExtendExpectation": ("延长预计期限", "extending the expected duration"),
    "Regrade": ("变更事件等级", "changing the grading"),
    "ProposeDecision": ("提议", "a proposal"),
    "ApproveProposal": ("批准提议", "approving a proposal"),
    "RejectProposal": ("驳回提议", "rejecting a proposal"),
    "WithdrawProposal": ("撤回提议", "withdrawing a proposal"),
    "BreakGlass": ("紧急单人处置", "break-glass"),
    "ReviewGlass": ("复核单人处置", "reviewing a break-glass"),
    "GrantRoles": ("授权", "granting a role"),
    "DelegateRole": ("委托", "lending a role"),
    "RevokeRole": ("撤销授权", "revoking a role"),
    "SetAuthority": ("设定签发权限", "setting who signs"),
    "RecordAbsence": ("登记缺位", "recording an absence"),
    "BindAccount": ("绑定账号", "binding an account"),
    "ForgetPerson": ("注销个人信息", "forgetting a person"),
    "MergePerson": ("并入临时人员", "merging a walk-up"),
}
"""Commands whose refusals are recorded, in words."""


def _all_refusals(cls: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _all_refusals(sub)


@lru_cache(maxsize=1)
def _why() -> dict[str, type[Refusal]]:
    return {cls.code: cls for cls in _all_refusals() if hasattr(cls, "code")}


def _refused(e: CommandRefused, _n: Names) -> Both:
    zh, en = COMMANDS.get(e.command_name, ("执行一项命令", "a command"))
    known = _why().get(e.code)
    try:
        why = (
            (known.zh.format(**e.facts), known.en.format(**e.facts)) if known else None
        )
    except (KeyError, IndexError):
        why = None
    if why is None:
        return f"拒绝{zh}", f"Refused: {en}"
    return f"拒绝{zh}：{why[0]}", f"Refused: {en}; {why[1]}"


SENTENCES: dict[type[Event], Callable[[Any, Names], Both]] = {
    AreaRegistered: _registered,
    AreaRenamed: _renamed,
    LocalAreasRegistered: _local,
    SiteRegistered: _site,
    PlaybookPublished: _published,
    EmergencyDeclared: _declared,
    EmergencyEnded: _ended,
    LevelRaised: _level,
    LevelLowered: _level,
    ScopeWidened: _scope,
    ScopeNarrowed: _scope,
    Regraded: _regraded,
    ExpectationExtended: _extended,
    ExpectationPassed: _expected,
    RoleGranted: _granted,
    RoleRevoked: _revoked,
    SensitiveViewRead: _read,
    AuthoritySet: _authority,
    AbsenceRecorded: _absent,
    AbsenceEnded: _back,
    ProposalMade: _proposed,
    ProposalApproved: _approved,
    ProposalRejected: _rejected,
    ProposalWithdrawn: _withdrawn,
    ProposalExpired: _expired,
    GlassBroken: _broken,
    GlassReviewed: _reviewed,
    ReviewOverdue: _review_late,
    OrderIssued: _issued,
    OrderWithdrawn: _order_withdrawn,
    OrderReminded: _reminded,
    OrderOverdue: _order_late,
    OrderAcknowledged: _order_seen,
    OrderCarriedOut: _order_done,
    AlarmAcknowledged: _alarm,
    StepAcknowledged: _acknowledged,
    StepCompleted: _completed,
    DeadlinePassed: _passed,
    CommandRefused: _refused,
    **SAY,
    **SAY_GOODS,
}


def sentence(fact: Fact, names: Names) -> Both:
    """Return a fact as a sentence in zh and en."""
    return SENTENCES[type(fact.event)](fact.event, names)
