"""Rules about the rules of notices (通知规则): who is told what, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import check_places
from coordination.fields import Expected, Id, named, pattern
from coordination.filled import filled
from coordination.kernel import VERSION_HELD, Command, Event, Held, Read, version_of
from coordination.notices.events import NoticeRuleRemoved, NoticeRuleSet
from coordination.notices.state import ALL_DAY, RULES
from coordination.refusals import Invalid, NotFound, NothingChanges, Refusal
from coordination.tree import Place
from coordination.vocabulary import NEWS

RULES_MAX, MOST_MAX, MINUTES_MAX = 40, 200, 1_440
RuleId = Annotated[Id, named("规则", "Rule", "small letters, digits and -")]
Hour = Annotated[str, pattern(r"(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)")]
ChannelName = Annotated[str, pattern(r"[a-z][a-z0-9-]{0,39}")]


class _OfRule(Command, frozen=True, kw_only=True):
    STREAM = "notice-rules"  # one stream for all of them
    ACTION = "notice.rules"
    rule: RuleId

    def held(self, read: Read, /) -> Held:
        """The rule as it stands, by its version."""
        stands = read(RULES).get(self.rule)
        now = version_of(stands) if stands else ""
        facts = (NoticeRuleSet, NoticeRuleRemoved)
        zh, en = "这条通知规则", "this rule"
        return Held(now, (RULES.id,), facts, VERSION_HELD, zh, en, ("rule", self.rule))


class SetNoticeRule(_OfRule, frozen=True, kw_only=True):
    """设定通知规则: what is told outside by it, from now on."""

    VIEWED = ("there",)
    title: Annotated[str, named("名称", "Title", max_length=60)] = ""
    kinds: Annotated[
        tuple[Id, ...],
        named("告警和事项", "What it tells of", upto=len(NEWS), words="NEWS"),
    ]
    areas: Annotated[
        tuple[Place, ...],
        named("区域代码（留空：全部）", "Areas", "none: everywhere", max_length=50),
    ] = ()
    opens: Annotated[
        Hour, named("每日自（如 08:00）", "Daily from", "such as 08:00, UTC+8")
    ] = ALL_DAY
    closes: Annotated[
        Hour,
        named("每日至（与“自”相同：全天）", "Until", "the same as from: at any hour"),
    ] = ALL_DAY
    channels: Annotated[
        tuple[ChannelName, ...],
        named(
            "通知渠道（留空：全部）", "Channels", "none: every channel", max_length=20
        ),
    ] = ()
    most: Annotated[
        int, named("最多条数", "At most", "messages", ge=1, le=MOST_MAX)
    ] = 10
    minutes: Annotated[int, named("每多少分钟", "In minutes", ge=1, le=MINUTES_MAX)] = (
        10
    )
    expected: Expected = ""

    there: tuple[str, ...] = ()
    """The channels there are, by name: they stand in the settings of the service."""


class RemoveNoticeRule(_OfRule, frozen=True, kw_only=True):
    """删除通知规则: nothing is sent by it any more."""

    expected: Expected = ""


UnknownRule = NotFound.of(
    "notices.unknown-rule",
    "没有通知规则“{rule}”",
    "there is no rule of notices {rule}",
    field="rule",
)
UnknownNews = Invalid.of(
    "notices.unknown-kind",
    "没有“{news}”这类告警或事项",
    "there is no kind of alarm or news {news}",
    "请从列出的类别中选择",
    "choose one of the kinds that are listed",
    field="kinds",
)
UnknownChannel = Invalid.of(
    "notices.unknown-channel",
    "没有通知渠道“{channel}”；可选：{zh_there}",
    "there is no channel {channel}; there are: {en_there}",
    "请从中选择，或请运维人员在渠道文件中增加",
    "choose one of them, or have whoever runs the service add it to the file",
    field="channels",
)
TooManyRules = Refusal.of(
    "notices.too-many",
    "通知规则最多 {most} 条",
    "there are {most} rules of notices at most",
    "请先删除不用的规则",
    "remove one first",
)
RuleUnchanged = NothingChanges.of("notices.unchanged")


def set_notice_rule(read: Read, command: SetNoticeRule, _now: int) -> Sequence[Event]:
    """Set what one rule tells outside.

    :raises UnknownNews: for a kind there is not
    :raises UnknownChannel: for a channel that is not in the settings
    :raises UnknownArea: for an area that is not registered
    :raises TooManyRules: if there are as many as there may be
    :raises RuleUnchanged: if nothing would change
    """
    for kind in command.kinds:
        if kind not in NEWS:
            raise UnknownNews(news=kind)
    for channel in command.channels:
        if channel not in command.there:
            zh, en = "、".join(command.there), ", ".join(command.there)
            there = {"zh_there": zh or "尚无", "en_there": en or "none yet"}
            raise UnknownChannel(channel=channel, **there)
    check_places(read, *command.areas)
    rules = read(RULES)
    if command.rule not in rules and len(rules) >= RULES_MAX:
        raise TooManyRules(most=RULES_MAX)
    once = {
        name: tuple(dict.fromkeys(getattr(command, name)))
        for name in ("kinds", "areas", "channels")
    }
    found = filled(NoticeRuleSet, command, **once)
    if rules.get(command.rule) == found:
        raise RuleUnchanged
    return [found]


def remove_notice_rule(
    read: Read, command: RemoveNoticeRule, _now: int
) -> Sequence[Event]:
    """Remove a rule of notices; what it held back is not sent.

    :raises UnknownRule: if there is none
    """
    UnknownRule.unless(read(RULES).get(command.rule), rule=command.rule)
    return [NoticeRuleRemoved(rule=command.rule)]
