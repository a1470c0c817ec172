"""Who may decide, what waits for a second person, orders: as sentences (叙述)."""

from __future__ import annotations

from coordination.approvals import events as approvals
from coordination.authority import events as authority
from coordination.grants import events as grants
from coordination.notices import events as notices
from coordination.orders import events as orders
from coordination.permit import ROLES
from coordination.vocabulary import ACCOUNT_ACTS, NOTICE_RULES
from projections.approvals import PROPOSAL, ProposalRow
from projections.dispatch import On
from projections.names import ROMAN_SIGNS, Both, Names, Sayings
from projections.rights import ABSENCE, GRANT, Absence, GrantRow
from projections.wording import worded

RIGHTS: Sayings = {}
says = On(RIGHTS)


def _role(role: str) -> Both:
    return ROLES.get(role, (role, role))


def _rule(e: notices.NoticeRuleSet | notices.NoticeRuleRemoved) -> Both:
    if title := getattr(e, "title", ""):
        return f"“{title}”", f"“{title}”"
    zh, en = NOTICE_RULES.get(e.rule, ("", ""))
    return (f"“{zh}”", f"“{en}”") if zh else ("", "")


@says(grants.RoleGranted)
def _granted(n: Names, e: grants.RoleGranted) -> Both:
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


VIEWS_READ: dict[str, Both] = {
    "grants": ("授权清单", "list of grants"),
    "accounts": ("账号清单", "list of accounts"),
    "sessions": ("会话清单", "list of sessions"),
    "tokens": ("令牌清单", "list of tokens"),
    "record": ("事后记录", "after-event record"),
    "export": ("导出数据", "an export"),
    "fact": ("事实详情", "a fact in full"),
}
"""Sensitive views whose reading is recorded, in words."""


PROPOSED: dict[str, Both] = {
    "declare": ("宣布应急响应", "declaring an emergency"),
    "end": ("解除应急响应", "ending an emergency"),
    "void": ("作废误发的宣布", "voiding a declaration made in error"),
    "level": ("调整响应级别", "changing the level"),
    "widen": ("扩大范围", "widening the scope"),
    "narrow": ("缩小范围", "narrowing the scope"),
    "take-up": ("补下转换令", "taking up sites that were passed over"),
}
"""What can be proposed, in words."""


def _proposal(
    row: ProposalRow | approvals.ProposalMade | approvals.GlassBroken | None,
) -> Both:
    """Return what a proposal is for, and its level."""
    (zh, en), level = ("决定", "a decision"), ""
    if row is not None:
        (zh, en), level = PROPOSED[row.kind], ROMAN_SIGNS[row.level]
    return f"{zh}（{level}级）", f"{en} (level {level})"


def order_title(order: str, n: Names) -> str:
    """Return what an order is called."""
    issued = n.issued(order)
    return issued.title if issued else order


@says(orders.OrderIssued)
def _issued(n: Names, e: orders.OrderIssued) -> Both:
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


def _held(row: GrantRow | Absence | None, unknown: Both) -> Both:
    """Return which role a grant or an absence is about, if that is known."""
    return _role(row.role) if row else unknown


worded(
    RIGHTS,
    {
        grants.RoleRevoked: (
            "撤销 {account} 的{revoked}授权",
            "{account} is no longer {revoked}",
        ),
        grants.SensitiveViewRead: ("查阅{view}", "Read: {view}"),
        grants.AccountActed: ("{act}：{account}", "{act}: {account}"),
        authority.AuthoritySet: ("设定各级签发权限", "Who signs which level was set"),
        authority.AbsenceRecorded: (
            "{area}{role}缺位，由代理顺序中的下一位签发",
            "{role} of {area} absent; the next in line signs",
        ),
        notices.NoticeRuleSet: (
            "设定通知规则{rule}：{kinds} 类，每 {minutes} 分钟至多 {most} 条",
            "Rule of notices {rule}: {kinds} kinds, {most} in {minutes} minutes",
        ),
        notices.NoticeRuleRemoved: (
            "删除通知规则{rule}",
            "Rule of notices {rule} removed",
        ),
        authority.AbsenceEnded: ("{office}缺位结束", "{office} is back"),
        approvals.ProposalMade: (
            "提议{asked}，等待批准",
            "Proposed: {asked}",
        ),
        approvals.ProposalApproved: ("批准{proposal}", "Approved: {proposal}"),
        approvals.ProposalRejected: ("驳回{proposal}", "Rejected: {proposal}"),
        approvals.ProposalWithdrawn: ("撤回提议：{proposal}", "Withdrawn: {proposal}"),
        approvals.ProposalExpired: (
            "提议过期无人批准：{proposal}",
            "Nobody approved in time: {proposal}",
        ),
        approvals.GlassBroken: (
            "紧急单人处置：{account} {asked}，须复核",
            "Break-glass by {account}: {asked}; must be reviewed",
        ),
        approvals.GlassReviewed: (
            "单人处置复核：{verdict}",
            "Break-glass reviewed: {verdict}",
        ),
        approvals.ReviewOverdue: (
            "单人处置逾期未复核",
            "Break-glass not reviewed in time",
        ),
        orders.OrderWithdrawn: ("撤销指令“{order}”", "Order “{order}” withdrawn"),
        orders.OrderReminded: ("催办指令“{order}”", "Reminder: order “{order}”"),
        orders.OrderOverdue: (
            "指令“{order}”{late}时限已过",
            "Order “{order}”: time to {late} is over",
        ),
        orders.OrderAcknowledged: (
            "{area}签收指令“{order}”",
            "{area} acknowledged order “{order}”",
        ),
        orders.OrderCarriedOut: (
            "{area}办结指令“{order}”",
            "{area} carried out order “{order}”",
        ),
        orders.OrderAnsweredFor: (
            "他人代{area}{done}指令“{order}”，{area}尚未答复",
            "For {area}, silent yet, somebody else {done} order “{order}”",
        ),
    },
    rule=lambda _n, e: _rule(e),
    kinds=lambda _n, e: len(e.kinds),
    area=lambda n, e: n.area(e.area.code),
    role=lambda _n, e: _role(e.role),
    account=lambda n, e: n.person(e.account),
    revoked=lambda n, e: _held(n.row(GRANT, e.grant), ("角色", "role")),
    office=lambda n, e: _held(n.row(ABSENCE, e.absence), ("", "The office")),
    act=lambda _n, e: ACCOUNT_ACTS[e.act],
    view=lambda _n, e: VIEWS_READ.get(e.what, (e.what, e.what)),
    verdict=lambda _n, e: (
        ("确认", "confirmed") if e.confirmed else ("不予确认", "not confirmed")
    ),
    late=lambda _n, e: (
        ("签收", "acknowledge") if e.what == "ack" else ("办结", "carry it out")
    ),
    asked=lambda _n, e: _proposal(e),
    proposal=lambda n, e: _proposal(n.row(PROPOSAL, e.proposal)),
    order=lambda n, e: order_title(e.order, n),
    done=lambda _n, e: ("办结", "carried out") if e.done else ("签收", "acknowledged"),
)
