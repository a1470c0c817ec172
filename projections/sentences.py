"""Each fact as a sentence (叙述) in zh and en, made when it is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from coordination.alarms import events as alarms
from coordination.areas import events as areas
from coordination.catalogue import Fact
from coordination.kernel import CommandRefused, Refusal
from coordination.mode import events as mode
from coordination.vocabulary import HAZARDS, SEVERITIES, WARNINGS
from projections.dispatch import On
from projections.names import ROMAN_SIGNS, Both, Names, Sayings, compiled
from projections.telling import POSTS
from projections.telling_goods import GOODS
from projections.telling_people import PEOPLE
from projections.telling_rights import RIGHTS
from projections.telling_slips import SLIPS

SENTENCES: Sayings = {**RIGHTS, **PEOPLE, **POSTS, **GOODS, **SLIPS}
says = On(SENTENCES)


@says(areas.AreaRegistered)
def _registered(_n: Names, e: areas.AreaRegistered) -> Both:
    return f"登记区域 {e.name}", f"Area {e.name} registered"


@says(areas.AreaRenamed)
def _renamed(_n: Names, e: areas.AreaRenamed) -> Both:
    return f"区域更名为“{e.name}”", f"Area renamed “{e.name}”"


@says(areas.LocalAreasRegistered)
def _local(n: Names, e: areas.LocalAreasRegistered) -> Both:
    name, count = n.area(e.community), len(e.nodes)
    return (
        f"{name}登记网格、小区、楼栋 {count} 个",
        f"{name}: {count} grids, compounds and buildings registered",
    )


@says(areas.SiteRegistered)
def _site(_n: Names, e: areas.SiteRegistered) -> Both:
    return f"登记阵地 {e.name}", f"Site {e.name} registered"


@says(mode.PlaybookPublished)
def _published(_n: Names, e: mode.PlaybookPublished) -> Both:
    playbook = compiled(e.compiled)
    year, _, number = e.version.partition(".")
    return (
        f"发布预案“{playbook.zh}”{year} 年第 {number} 版",
        f"Playbook “{playbook.en}” published, {year} no. {number}",
    )


@says(mode.EmergencyDeclared)
def _declared(n: Names, e: mode.EmergencyDeclared) -> Both:
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


@says(mode.EmergencyEnded)
def _ended(n: Names, e: mode.EmergencyEnded) -> Both:
    matter = _matter(e.emergency, n)
    return (
        f"解除应急响应（{matter}），各阵地开始恢复",
        f"Emergency ended ({matter}); sites begin to recover",
    )


@says(mode.LevelRaised | mode.LevelLowered)
def _level(n: Names, e: mode.LevelRaised | mode.LevelLowered) -> Both:
    matter, before, now = (
        _matter(e.emergency, n),
        ROMAN_SIGNS[e.level_before],
        ROMAN_SIGNS[e.level],
    )
    up = isinstance(e, mode.LevelRaised)
    return (
        f"{'提级' if up else '降级'}：{before}级→{now}级（{matter}）",
        f"Level {'raised' if up else 'lowered'} {before} → {now} ({matter})",
    )


@says(mode.ScopeWidened | mode.ScopeNarrowed)
def _scope(n: Names, e: mode.ScopeWidened | mode.ScopeNarrowed) -> Both:
    matter, where, less = (
        _matter(e.emergency, n),
        n.scope(e.scope),
        n.scope(e.excluded),
    )
    wider = isinstance(e, mode.ScopeWidened)
    zh_less, en_less = (f"（不含{less}）", f" (without {less})") if less else ("", "")
    return (
        f"{'扩大' if wider else '缩小'}范围，现为{where}{zh_less}（{matter}）",
        f"Scope {'widened' if wider else 'narrowed'} to {where}{en_less} ({matter})",
    )


@says(mode.Regraded)
def _regraded(n: Names, e: mode.Regraded) -> Both:
    matter = _matter(e.emergency, n)
    severity = SEVERITIES.get(e.severity, ("未定", "not stated"))
    warning = WARNINGS.get(e.warning, ("未发布", "none"))
    return (
        f"事件等级{severity[0]}，预警{warning[0]}（{matter}）",
        f"Severity {severity[1]}, warning colour {warning[1]} ({matter})",
    )


@says(mode.ExpectationExtended)
def _extended(n: Names, e: mode.ExpectationExtended) -> Both:
    matter = _matter(e.emergency, n)
    return f"延长预计期限（{matter}）", f"Expected duration extended ({matter})"


@says(mode.ExpectationPassed)
def _expected(n: Names, e: mode.ExpectationPassed) -> Both:
    matter = _matter(e.emergency, n)
    return (
        f"预计期限届满，须决定延长、降级或解除（{matter}）",
        f"Expected duration over: extend, lower or end ({matter})",
    )


@says(alarms.AlarmAcknowledged)
def _alarm(_n: Names, _e: alarms.AlarmAcknowledged) -> Both:
    return "确认一项告警", "An alarm acknowledged"


@says(mode.StepAcknowledged)
def _acknowledged(n: Names, e: mode.StepAcknowledged) -> Both:
    zh, en = n.step(e.emergency, e.step)
    site = n.site(e.site)
    return f"{site}签收“{zh}”", f"{site} acknowledged “{en}”"


@says(mode.StepCompleted)
def _completed(n: Names, e: mode.StepCompleted) -> Both:
    zh, en = n.step(e.emergency, e.step)
    site = n.site(e.site)
    return f"{site}完成“{zh}”", f"{site} completed “{en}”"


@says(mode.DeadlinePassed)
def _passed(n: Names, e: mode.DeadlinePassed) -> Both:
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
    if why is None:
        return f"拒绝{zh}", f"Refused: {en}"
    return f"拒绝{zh}：{why[0]}", f"Refused: {en}; {why[1]}"


def sentence(fact: Fact, names: Names) -> Both:
    """Return a fact as a sentence in zh and en."""
    return SENTENCES[type(fact.event)](names, fact.event)
