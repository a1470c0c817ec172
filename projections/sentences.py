"""Each fact as a sentence (叙述) in zh and en, made when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from coordination.alarms import events as alarms
from coordination.areas import events as areas
from coordination.catalogue import Fact
from coordination.kernel import MINUTE_US, CommandRefused
from coordination.mode import events as mode
from coordination.refusals import Refusal
from coordination.service import events as service
from coordination.tree import Place
from coordination.vocabulary import (
    HAZARDS,
    SEVERITIES,
    STORE_FAULTS,
    STORES,
    WARNINGS,
)
from projections.dispatch import On
from projections.names import ROMAN_SIGNS, Both, Names, Sayings, compiled
from projections.telling import POSTS
from projections.telling_corrections import CORRECTED
from projections.telling_goods import GOODS
from projections.telling_people import PEOPLE
from projections.telling_rights import RIGHTS
from projections.telling_slips import SLIPS
from projections.wording import worded

SENTENCES: Sayings = {**RIGHTS, **PEOPLE, **POSTS, **GOODS, **SLIPS, **CORRECTED}
says = On(SENTENCES)


@says(mode.PlaybookPublished)
def _published(_n: Names, e: mode.PlaybookPublished) -> Both:
    playbook = compiled(e.compiled)
    year, _, number = e.version.partition(".")
    return (
        f"发布预案“{playbook.zh}”{year} 年第 {number} 版",
        f"Playbook “{playbook.en}” published, {year} no. {number}",
    )


def _void(emergency: str, n: Names) -> Both:
    """Return the mark of a declaration that was voided, empty if it was not."""
    order = n.order(emergency)
    if order is None or not order.voided:
        return "", ""
    return "【已作废：误发】", " [void: declared in error]"


def _without(excluded: tuple[Place, ...], n: Names) -> Both | str:
    """Return what a scope leaves out, in brackets."""
    less = n.scope(excluded)
    return (f"（不含{less}）", f" (without {less})") if less else ""


SITES_SAID = 5


def _sites(n: Names, sites: Sequence[str]) -> Both:
    """Return what sites are called, the first of many."""
    named, more = [n.site(site) for site in sites[:SITES_SAID]], len(sites)
    zh, en = "、".join(named), ", ".join(named)
    return (f"{zh}等 {more} 处", f"{en} … ({more})") if more > SITES_SAID else (zh, en)


worded(
    SENTENCES,
    {
        areas.AreaRegistered: ("登记区域 {name}", "Area {name} registered"),
        areas.AreaRenamed: ("区域更名为“{name}”", "Area renamed “{name}”"),
        areas.LocalAreasRegistered: (
            "{community}登记网格、小区、楼栋 {nodes} 个",
            "{community}: {nodes} grids, compounds and buildings registered",
        ),
        areas.SiteRegistered: ("登记阵地 {name}", "Site {name} registered"),
        mode.EmergencyDeclared: (
            "{scope}{without}进入{hazard}{level}级应急响应，下达转换令：{matter}{void}",
            "{scope}{without}: {hazard}, level {level}; switch ordered: {matter}{void}",
        ),
        mode.ScopeWidened: (
            "扩大范围，现为{scope}{without}（{emergency}）",
            "Scope widened to {scope}{without} ({emergency})",
        ),
        mode.ScopeNarrowed: (
            "缩小范围，现为{scope}{without}（{emergency}）",
            "Scope narrowed to {scope}{without} ({emergency})",
        ),
        mode.EmergencyEnded: (
            "解除应急响应（{emergency}），已动作的阵地开始恢复",
            "Emergency ended ({emergency}); sites that have acted begin to recover",
        ),
        mode.EmergencyVoided: (
            "宣布系误发，应急响应作废（{emergency}），原宣布保留备查",
            "Declared in error: the emergency is void ({emergency}); both facts stay",
        ),
        mode.SitesTakenUp: (
            "补下转换令：{sites}（{emergency}）",
            "Taken up after all: {sites} ({emergency})",
        ),
        mode.SitesFreed: (
            "冲突阵地占用解除，可补下转换令：{freed}（{emergency}）",
            "Passed over and free by now: {freed} ({emergency})",
        ),
        mode.LevelRaised: (
            "提级：{level_before}级→{level}级（{emergency}）",
            "Level raised {level_before} → {level} ({emergency})",
        ),
        mode.LevelLowered: (
            "降级：{level_before}级→{level}级（{emergency}）",
            "Level lowered {level_before} → {level} ({emergency})",
        ),
        mode.Regraded: (
            "事件等级{severity}，预警{warning}（{emergency}）",
            "Severity {severity}, warning colour {warning} ({emergency})",
        ),
        mode.ExpectationExtended: (
            "延长预计期限（{emergency}）",
            "Expected duration extended ({emergency})",
        ),
        mode.ExpectationPassed: (
            "预计期限届满，须决定延长、降级或解除（{emergency}）",
            "Expected duration over: extend, lower or end ({emergency})",
        ),
        alarms.AlarmAcknowledged: ("确认一项告警", "An alarm acknowledged"),
        service.OutageRecorded: (
            "系统停机 {minutes} 分钟后恢复，等人答复的时限相应顺延，步骤限期不变",
            "The service was away for {minutes} minutes: answers may be as much later",
        ),
        service.StoreMended: (
            "{store_word}{fault_word}，系统已自行处置",
            "{store_word}: {fault_word}; the service went on by itself",
        ),
        service.StoreAccepted: (
            "{store_word}{fault_word}（原为 {known}，现为 {found}），认可后继续使用",
            "{store_word}: {fault_word} ({known} before, {found} now); accepted",
        ),
        service.ClockAccepted: (
            "机器时钟跳变 {minutes} 分钟，认可新的时间",
            "The machine's clock jumped by {minutes} minutes; the new time is accepted",
        ),
        mode.StepAcknowledged: ("{site}签收“{step}”", "{site} acknowledged “{step}”"),
        mode.StepCompleted: ("{site}完成“{step}”", "{site} completed “{step}”"),
        mode.DeadlinePassed: (
            "步骤“{step}”限期已过",
            "The deadline of “{step}” has passed",
        ),
    },
    nodes=lambda _n, e: len(e.nodes),
    minutes=lambda _n, e: (e.to_us - e.from_us) // MINUTE_US,
    store_word=lambda _n, e: STORES.get(e.store, (e.store, e.store)),
    fault_word=lambda _n, e: STORE_FAULTS.get(e.fault, (e.fault, e.fault)),
    scope=lambda n, e: n.scope(e.scope),
    without=lambda n, e: _without(e.excluded, n),
    hazard=lambda _n, e: HAZARDS.get(e.hazard, (e.hazard, e.hazard)),
    void=lambda n, e: _void(e.emergency, n),
    emergency=lambda n, e: n.matter(e.emergency),
    sites=lambda n, e: _sites(n, e.sites),
    freed=lambda n, e: _sites(n, [one.site for one in e.freed]),
    level=lambda _n, e: ROMAN_SIGNS[e.level],
    level_before=lambda _n, e: ROMAN_SIGNS[e.level_before],
    severity=lambda _n, e: SEVERITIES.get(e.severity, ("未定", "not stated")),
    warning=lambda _n, e: WARNINGS.get(e.warning, ("未发布", "none")),
)


COMMANDS: dict[str, Both] = {
    "DeclareEmergency": ("宣布应急响应", "declaring an emergency"),
    "EndEmergency": ("解除应急响应", "ending an emergency"),
    "VoidEmergency": ("作废误发的宣布", "voiding a declaration"),
    "ChangeLevel": ("调整响应级别", "changing the level"),
    "WidenScope": ("扩大范围", "widening the scope"),
    "NarrowScope": ("缩小范围", "narrowing the scope"),
    "TakeUpSites": ("补下转换令", "taking up sites passed over"),
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
    "CorrectFact": ("更正", "a correction"),
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


@says(CommandRefused)
def _refused(_n: Names, e: CommandRefused) -> Both:
    zh, en = COMMANDS.get(e.command_name, ("执行一项命令", "a command"))
    known = _why().get(e.code)
    try:
        why = (
            (known.zh.format(**e.facts), known.en.format(**e.facts)) if known else None
        )
    except (KeyError, IndexError):
        why = None
    told = (f"：{why[0]}", f"; {why[1]}") if why else ("", "")
    more = (
        (f"（此前另有 {e.more} 次同样的尝试）", f" ({e.more} more like it before)")
        if e.more
        else ("", "")
    )
    return f"拒绝{zh}{told[0]}{more[0]}", f"Refused: {en}{told[1]}{more[1]}"


def sentence(fact: Fact, names: Names) -> Both:
    """Return a fact as a sentence in zh and en."""
    return SENTENCES[type(fact.event)](names, fact.event)
