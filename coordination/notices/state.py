"""What the rules of notices fold to (通知规则), and what they say of news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coordination.kernel import MINUTE_US, Event, Stream
from coordination.moments import here
from coordination.notices.events import NoticeRuleRemoved, NoticeRuleSet

ALL_DAY = "00:00"
DAY_MINUTES = 1_440


def _usual(rule: str, most: int, *kinds: str) -> NoticeRuleSet:
    return NoticeRuleSet(
        rule=rule,
        title="",
        kinds=kinds,
        areas=(),
        opens=ALL_DAY,
        closes=ALL_DAY,
        channels=(),
        most=most,
        minutes=10,
    )


USUAL_RULES = (
    _usual(
        "command", 100, "switch", "freed", "expectation", "proposed", "glass", "review",
        "absence", "issued", "order",
    ),
    _usual("posts", 10, "vacancy", "substitution", "seized"),
    _usual("goods", 10, "shortage"),
)  # fmt: skip
"""The rules where nobody has set others: to every channel, at any hour."""

Rules = Mapping[str, NoticeRuleSet]


def evolve_rules(rules: Rules, event: Event) -> Rules:
    """Fold one rule that was set or removed."""
    match event:
        case NoticeRuleSet():
            return {**rules, event.rule: event}
        case NoticeRuleRemoved():
            return {key: one for key, one in rules.items() if key != event.rule}
    return rules


RULES: Stream[Rules] = Stream(
    "notice-rules", {one.rule: one for one in USUAL_RULES}, evolve_rules
)


def concerns(rule: NoticeRuleSet, kind: str, paths: Iterable[str]) -> bool:
    """Tell whether news of a kind, at these places, is a rule's to tell.

    What lies inside one of its areas is, and what holds one of them: an order of the
    whole district is a street's too. News without a place is everybody's.
    """
    if kind not in rule.kinds:
        return False
    areas = [place.path for place in rule.areas]
    where = list(paths)
    return (
        not areas
        or not where
        or any(p.startswith(a) or a.startswith(p) for p in where for a in areas)
    )


def opens_us(rule: NoticeRuleSet, now: int) -> int:
    """Return when a rule may send what came up ``now``: at once, or when it opens."""
    opens, closes = _minutes(rule.opens), _minutes(rule.closes)
    clock = here(now)
    minute = clock.hour * 60 + clock.minute
    length = (closes - opens) % DAY_MINUTES
    since = (minute - opens) % DAY_MINUTES
    if not length or since < length:
        return now
    began = now - now % MINUTE_US
    return began + (DAY_MINUTES - since) * MINUTE_US


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
