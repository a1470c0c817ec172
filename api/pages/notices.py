"""Notices (对外通知) as people read them: rules, what was told, what would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from api.exchange.tables import BOTH, SORT, Column, Row, in_words
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.facts import tell_all
from api.pages.fields import pair, taken
from api.pages.telling import news_of
from api.world.notify import channels_for
from api.world.pacing import paced
from coordination.filled import filled
from coordination.kernel import version_of
from coordination.notices.decide import SetNoticeRule
from coordination.notices.events import NoticeRuleSet
from coordination.notices.state import concerns, opens_us
from coordination.states import GRAVITIES
from coordination.vocabulary import NEWS, NOTICE_RULES, NOTICE_STATES
from projections.outbox import Outgoing, newest_news, rules_in
from projections.timeline import by_seq

NEWS_SHOWN, NEWS_TRIED, EXAMPLES = 200, 1_000, 10
LATELY_US = 24 * 3_600_000_000
NOWHERE = "-"
"""A channel where the service has none: a demonstration's."""

RULES = Listing.of(
    Column("rule", "规则", "Rule", can=SORT),
    Column("title_zh", "名称", "Title"),
    Column("kinds", "告警和事项", "What it tells of", words=NEWS, can=BOTH),
    Column("area_names", "区域", "Areas"),
    Column("opens", "每日自", "Daily from"),
    Column("closes", "至", "Until"),
    Column("channels", "通知渠道", "Channels"),
    Column("most", "最多条数", "At most", "int"),
    Column("minutes", "每多少分钟", "In minutes", "int"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
)
SENT = Listing.of(
    Column("occurred_at", "发生时间", "Happened", "time", can=SORT),
    Column("kind", "类别", "Kind", words=NEWS, can=BOTH),
    Column("gravity", "严重程度", "Gravity", words=GRAVITIES, can=BOTH),
    Column("zh", "内容", "News"),
    Column("channel", "渠道", "Channel", can=BOTH),
    Column("rule", "规则", "Rule", can=BOTH),
    Column("state", "状态", "State", words=NOTICE_STATES, can=BOTH),
    Column("at", "时间", "When", "time", can=SORT),
    Column("error", "原因", "Why not"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
)
READS = Reads("notices")


def titled(rule: NoticeRuleSet) -> dict[str, str | None]:
    """Return what a rule is called: as it was set, else as the usual ones are."""
    if rule.title:
        return {"title_zh": rule.title, "title_en": rule.title}
    if rule.rule in NOTICE_RULES:
        return pair("title", NOTICE_RULES, rule.rule)
    told = in_words("title", NEWS, list(rule.kinds))
    return {name: told[name] for name in ("title_zh", "title_en")}


@READS.listed("/notices/rules", RULES, "view.notices", "通知规则")
def rules(look: Look) -> Iterator[Row]:
    """Return the rules by which something is told outside (通知规则)."""
    found = rules_in(look.c, look.at)
    look.names.know_areas(place.code for rule, _ in found for place in rule.areas)
    for rule, seq in found:
        yield {
            "id": rule.rule,
            **titled(rule),
            **taken(rule, "rule title opens closes most minutes"),
            "kinds": list(rule.kinds),
            "channels": list(rule.channels),
            "areas": [place.code for place in rule.areas],
            "area_names": "、".join(look.names.area(p.code) for p in rule.areas),
            "expected": version_of(rule),
            "seq": seq or None,
        }


@READS.listed("/notices", SENT, "view.notices", "对外通知", timeless=True)
def told(look: Look) -> Iterator[Row]:
    """Return the newest news and what became of it on each channel (投递情况).

    What nothing was recorded of is shown as the rules in force would have it.
    """
    rows = newest_news(look.c, NEWS_SHOWN, None)
    notifier = look.request.app.state.notifier
    became = notifier.of_facts([row.seq for row in rows]) if notifier else {}
    in_force = [rule for rule, _ in rules_in(look.c, look.at)]
    called = {rule.rule: titled(rule) for rule in in_force}
    for row, said in zip(rows, sentences(look, rows), strict=True):
        seen = became.get(row.seq) or _would(look, row, in_force)
        for channel, state in sorted(seen.items()):
            yield {
                "id": f"{row.seq}:{channel}",
                **said,
                "channel": channel,
                **state,
                **_rule_said(called.get(state["rule"], {})),
                "at": moment(state["at_us"] or None),
            }


def sentences(look: Look, rows: Sequence[Outgoing]) -> Iterator[dict[str, Any]]:
    """Yield what is said of each piece of news."""
    entries = by_seq(look.c, [row.seq for row in rows])
    there = [entries[row.seq] for row in rows if row.seq in entries]
    facts = {
        fact["seq"]: fact
        for fact in tell_all(look.world.log.recorder, there, look.told)
    }
    for row in rows:
        fact = facts.get(row.seq, {"zh": "", "en": ""})
        yield {
            **taken(row, "seq kind gravity", at="occurred"),
            "zh": fact["zh"],
            "en": fact["en"],
        }


def _rule_said(title: dict[str, str | None]) -> dict[str, str | None]:
    return {f"rule_{lang}": title.get(f"title_{lang}", "") for lang in ("zh", "en")}


def _would(
    look: Look, row: Outgoing, in_force: Iterable[NoticeRuleSet]
) -> dict[str, dict[str, Any]]:
    """Return where the rules in force would send what nothing is recorded of."""
    channels = look.world.channels or (NOWHERE,)
    found = channels_for(news_of(row), in_force, channels, row.occurred_us)
    none: dict[str, tuple[str, int]] = {NOWHERE: ("", 0)}
    return {
        channel: {"state": "UNTOLD", "at_us": 0, "rule": rule, "error": ""}
        for channel, (rule, _) in (found or none).items()
    }


def foretold(look: Look, command: SetNoticeRule) -> dict[str, Any]:
    """Return what a rule would have told of the last day (试算), on each channel."""
    rule = filled(NoticeRuleSet, command)
    since_us = look.now - LATELY_US
    rows = [
        row
        for row in newest_news(look.c, NEWS_TRIED, None)
        if row.occurred_us >= since_us and concerns(rule, row.kind, news_of(row).paths)
    ]
    due = {
        row.seq: row.occurred_us
        if news_of(row).grave
        else opens_us(rule, row.occurred_us)
        for row in rows
    }
    return {
        "news": len(rows),
        "held": sum(due[row.seq] > row.occurred_us for row in rows),
        **paced(rule, due.values())._asdict(),
        "channels": list(rule.channels or look.world.channels),
        "examples": list(sentences(look, rows[:EXAMPLES])),
    }


@READS.shown("/notices/channels", "view.notices", timeless=True)
def channels(look: Look) -> dict[str, Any]:
    """Return the channels there are, what waits and what failed (通知渠道)."""
    notifier = look.request.app.state.notifier
    found = notifier.status() if notifier else {"channels": [], "last_error": ""}
    return {
        "channels": found["channels"],
        "last_error": found["last_error"],
        "on": bool(look.world.channels),
    }
