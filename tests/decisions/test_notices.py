"""Rules of notices: who is told what, where, at which hours, and what is refused."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from coordination.areas.state import UnknownArea
from coordination.filled import filled
from coordination.kernel import MINUTE_US
from coordination.moments import HERE
from coordination.notices.decide import (
    RULES_MAX,
    RemoveNoticeRule,
    RuleUnchanged,
    SetNoticeRule,
    TooManyRules,
    UnknownChannel,
    UnknownNews,
    UnknownRule,
    remove_notice_rule,
    set_notice_rule,
)
from coordination.notices.events import NoticeRuleRemoved, NoticeRuleSet
from coordination.notices.state import (
    RULES,
    USUAL_RULES,
    concerns,
    evolve_rules,
    opens_us,
)
from coordination.tree import Place
from coordination.vocabulary import NEWS
from tests.given import AREAS, COMMUNITY_11, SONGJIANG, STREET_1, STREET_2, check

NIGHT = SetNoticeRule(rule="night", kinds=("shortage",), there=("wecom", "mail"))
SET = filled(NoticeRuleSet, NIGHT)
NOWHERE = Place("310199000000", "district")


def sets(**told):
    """Return the command with other fields."""
    return msgspec.structs.replace(NIGHT, **told)


def rule(**told):
    """Return a rule that is in force."""
    return msgspec.structs.replace(SET, **told)


MANY = [rule(rule=f"r-{n}") for n in range(RULES_MAX - len(USUAL_RULES))]
USUAL = SetNoticeRule(
    rule="goods", kinds=("shortage",), opens="00:00", closes="00:00", most=10
)
TABLE = [
    # id, given, when, then
    ("a new one", [], NIGHT, [SET]),
    ("another in its place", [SET], sets(most=3), [rule(most=3)]),
    ("one of the usual", [], sets(rule="goods", most=3), [rule(rule="goods", most=3)]),
    ("by name", [], sets(channels=("mail",)), [rule(channels=("mail",))]),
    ("in a street", [], sets(areas=(STREET_1,)), [rule(areas=(STREET_1,))]),
    ("each once", [], sets(kinds=("shortage", "shortage")), [SET]),
    ("of every kind", [], sets(kinds=tuple(NEWS)), [rule(kinds=tuple(NEWS))]),
    ("no such kind", [], sets(kinds=("shortages",)), UnknownNews),
    ("no such channel", [], sets(channels=("wecm",)), UnknownChannel),
    ("no channels at all", [], sets(channels=("mail",), there=()), UnknownChannel),
    ("no such area", [], sets(areas=(NOWHERE,)), UnknownArea),
    ("the same", [SET], NIGHT, RuleUnchanged),
    ("the same as usual", [], USUAL, RuleUnchanged),
    ("too many", MANY, NIGHT, TooManyRules),
    ("one of many", MANY, sets(rule="r-1", most=1), [rule(rule="r-1", most=1)]),
]


@pytest.mark.parametrize(("given", "when", "then"), [r[1:] for r in TABLE],
                         ids=[r[0] for r in TABLE])  # fmt: skip
def test_a_rule_is_set(given, when, then):
    """Of kinds, areas and channels there are; in the place of one or beside others."""
    check(set_notice_rule, [*AREAS, *given], when, then)


REMOVED = [NoticeRuleRemoved(rule="goods")]
REMOVALS = [
    ("a usual one", [], "goods", REMOVED),
    ("one that was set", [SET], "night", [NoticeRuleRemoved(rule="night")]),
    ("one there is not", [], "night", UnknownRule),
    ("a second time", REMOVED, "goods", UnknownRule),
]


@pytest.mark.parametrize(("given", "name", "then"), [r[1:] for r in REMOVALS],
                         ids=[r[0] for r in REMOVALS])  # fmt: skip
def test_a_rule_is_removed(given, name, then):
    """A usual one too: then nothing of it is sent."""
    check(remove_notice_rule, given, RemoveNoticeRule(rule=name), then)


def test_a_channel_that_there_is_not_is_refused_with_those_there_are():
    """Who sets the rule reads which word they meant."""
    with pytest.raises(UnknownChannel) as refused:
        check(set_notice_rule, AREAS, sets(channels=("wecm",)), [])
    assert "可选：wecom、mail" in refused.value.say("zh")
    assert "wecom, mail" in refused.value.say("en")


def test_the_usual_rules_tell_what_was_told_before_and_people_and_stock():
    """Nobody who set nothing loses a message."""
    kinds = {kind for one in RULES.initial.values() for kind in one.kinds}
    told = {"switch", "freed", "expectation", "proposed", "glass", "review", "absence"}
    assert kinds == {*told, "issued", "order", "vacancy", "substitution", "seized",
                     "shortage"}  # fmt: skip
    assert all(
        (one.areas, one.channels, one.opens) == ((), (), one.closes)
        for one in USUAL_RULES
    )


def test_what_was_removed_is_no_rule_any_more():
    """And another of its name is one again."""
    gone = evolve_rules(RULES.initial, REMOVED[0])
    assert gone.keys() == {"command", "posts"}
    assert "goods" in evolve_rules(gone, rule(rule="goods"))


@pytest.mark.parametrize(
    ("areas", "paths", "told"),
    [
        ((), (STREET_1.path,), True),
        ((STREET_1,), (STREET_1.path,), True),
        ((STREET_1,), (COMMUNITY_11.path,), True),
        ((COMMUNITY_11,), (STREET_1.path,), True),  # an order of the street is theirs
        ((STREET_1,), (SONGJIANG.path,), True),
        ((STREET_1,), (STREET_2.path,), False),
        ((STREET_1,), (STREET_2.path, STREET_1.path), True),
        ((STREET_1, STREET_2), (STREET_2.path,), True),
        ((STREET_1,), (), True),
    ],
)
def test_a_rule_is_for_its_areas(areas, paths, told):
    """What is inside one, and what holds one."""
    assert concerns(rule(areas=areas), "shortage", paths) is told
    assert not concerns(rule(areas=areas), "vacancy", paths)


def at(clock, day=1):
    """Return a time of day in UTC+8, as microseconds since 1970."""
    hours, minutes = map(int, clock.split(":"))
    moment = datetime(2026, 12, day, hours, minutes, tzinfo=UTC) - HERE
    return int(moment.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("opens", "closes", "now", "then"),
    [
        ("08:00", "20:00", at("08:00"), at("08:00")),
        ("08:00", "20:00", at("19:59"), at("19:59")),
        ("08:00", "20:00", at("20:00"), at("08:00", day=2)),
        ("08:00", "20:00", at("07:59"), at("08:00")),
        ("08:00", "24:00", at("23:59"), at("23:59")),
        ("08:00", "24:00", at("00:00"), at("08:00")),
        # across midnight
        ("22:00", "06:00", at("23:00"), at("23:00")),
        ("22:00", "06:00", at("05:59", day=2), at("05:59", day=2)),
        ("22:00", "06:00", at("06:00"), at("22:00")),
        ("22:00", "06:00", at("21:59"), at("22:00")),
        # the same: at any hour
        ("00:00", "00:00", at("13:00"), at("13:00")),
        ("09:30", "09:30", at("03:00"), at("03:00")),
        ("00:00", "24:00", at("13:00"), at("13:00")),
    ],
)
def test_what_comes_up_outside_its_hours_waits_for_them(opens, closes, now, then):
    """Hours are of the day in UTC+8."""
    assert opens_us(rule(opens=opens, closes=closes), now) == then


MINUTES = st.integers(0, 1_439).map(lambda m: f"{m // 60:02}:{m % 60:02}")


@drawn(MINUTES, MINUTES, st.integers(0, 10**7))
def test_it_opens_within_a_day_and_is_open_then(opens, closes, minutes):
    """However the hours lie: not before now, less than a day away, at the hour set."""
    now = at("00:00") + minutes * MINUTE_US + 1
    one = rule(opens=opens, closes=closes)
    then = opens_us(one, now)
    assert now <= then < now + 1_440 * MINUTE_US
    assert opens_us(one, then) == then
    if then > now:
        here = datetime.fromtimestamp(then // 10**6, UTC) + timedelta(hours=8)
        assert f"{here:%H:%M}" == opens
