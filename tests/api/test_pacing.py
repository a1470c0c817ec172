"""Notices never flood: bounded by rule and channel, what is over that is counted."""

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.world import notify
from api.world.pacing import paced
from coordination.kernel import MINUTE_US
from tests.api.test_notify import NOW, World, rule, service, states, where  # noqa: F401

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
SHANGHAI_EIGHT = NOW - NOW % (1_440 * MINUTE_US)
"""08:00 in UTC+8."""


def begun(where, service, *rules):  # noqa: F811 - a fixture's value
    """Return a world whose rules are these."""
    world = World(where, {"ops": service.url}, *rules)
    world.notifier.begin(0)
    return world


def summaries(service):  # noqa: F811
    """Return how many messages each summary that was sent stands for."""
    return [
        sum(json.loads(body)[0].values())
        for title, body in service.taken
        if title == "汇总"
    ]


def test_200_shortages_in_a_minute_are_ten_messages_and_a_summary(where, service):  # noqa: F811
    """Nothing is lost: ten and 190 make 200."""
    world = begun(where, service, rule(most=10, minutes=10))
    world.tell(*range(1, 101))
    assert world.tick() == 10
    world.tell(*range(101, 201))
    assert world.tick(1) == 0
    assert world.notifier.status()["waiting"] == 1
    assert world.tick(8) == 0
    assert world.tick(1) == 1
    assert summaries(service) == [190]
    assert json.loads(service.taken[-1][1]) == [{"shortage": 190}, 11, 200]
    assert len(service.taken) == 11
    # The summary is one of the next ten.
    world.tell(*range(201, 221))
    assert world.tick(1) == 9
    assert world.tick(10) == 1
    assert summaries(service) == [190, 11]
    world.notifier.close()


def test_a_restart_in_the_middle_sends_nothing_twice_and_loses_no_count(where, service):  # noqa: F811
    """Also where it died after looking, before sending."""
    world = begun(where, service, rule(most=3, minutes=5))
    world.tell(*range(1, 9))
    world.take()
    world.notifier = world.process()
    world.notifier.begin(99)
    world.tell(*range(9, 12))
    assert world.tick() == 3
    world.notifier = world.process()
    assert world.tick(1) == 0
    world.notifier = world.process()
    assert world.tick(4) == 1
    assert summaries(service) == [8]
    assert len(service.taken) == len({*service.taken}) == 4
    for deliveries in world.open:
        deliveries.close()


def test_a_summary_that_failed_says_the_same_when_it_is_sent_again(where, service):  # noqa: F811
    """What comes after its first try is in the next one."""
    world = begun(where, service, rule(most=1, minutes=5))
    world.tell(1, 2, 3)
    assert world.tick() == 1
    service.status = 500
    world.tick(5)
    world.tell(4)
    world.tick()
    service.status = 200
    for _ in range(10):
        world.tick(1)
    assert summaries(service) == [2, 1]
    world.notifier.close()


def test_each_rule_has_its_own_bound(where, service):  # noqa: F811
    """A flood of shortages keeps no vacancy waiting."""
    goods = rule("goods", kinds=("shortage",), most=2)
    posts = rule("posts", kinds=("vacancy",), most=2)
    world = begun(where, service, goods, posts)
    world.tell(*range(1, 50))
    world.tell(50, kind="vacancy")
    assert world.tick() == 3
    assert service.taken[-1][0] == "标题50"
    world.notifier.close()


def test_the_gravest_go_first(where, service):  # noqa: F811
    world = begun(where, service, rule(most=1))
    world.tell(1, 2)
    world.tell(3, kind="vacancy", grave=True)
    assert world.tick() == 1
    assert service.taken == [("标题3", "<b>3")]
    world.notifier.close()


def test_two_rules_of_one_channel_tell_it_once(where, service):  # noqa: F811
    """By the one that may send first."""
    night = rule("a-night", opens="20:00", closes="06:00")
    world = begun(where, service, night, rule("day"))
    world.now = SHANGHAI_EIGHT
    world.tell(1)
    assert [world.tick(), world.tick(1_440)] == [1, 0]
    world.notifier.close()


def test_out_of_hours_only_the_gravest_are_told_the_others_when_it_opens(
    where,  # noqa: F811
    service,  # noqa: F811
):
    """And then no more at once than the rule lets through."""
    night = rule(opens="22:00", closes="06:00", most=2, minutes=30)
    world = begun(where, service, night)
    world.now = SHANGHAI_EIGHT  # 08:00
    world.tell(1, 2, 3, 4)
    world.tell(5, kind="vacancy", grave=True)
    assert world.tick() == 1
    assert service.taken[0][0] == "标题5"
    assert world.notifier.status()["waiting"] == 4
    assert world.tick(14 * 60 - 1) == 0
    world.notifier = world.process()
    assert world.tick(1) == 2  # 22:00
    assert world.tick(30) == 1
    assert summaries(service) == [2]
    # After midnight it is open still; at six it is not.
    world.tell(6)
    assert world.tick(4 * 60) == 1
    world.tell(7)
    assert world.tick(4 * 60) == 0
    for deliveries in world.open:
        deliveries.close()


def test_areas_and_kinds_choose(where, service):  # noqa: F811
    class At:
        path = "310117001"

    here = rule(areas=(At,), kinds=("shortage",))
    world = begun(where, service, here)
    world.tell(1, paths=("310117001001",))
    world.tell(2, paths=("310117002001",))
    world.tell(3, kind="vacancy", paths=("310117001001",))
    assert world.tick() == 1
    assert service.taken == [("标题1", "<b>1")]
    assert states(world) == {"fact:1:ops": "SENT"}
    world.notifier.close()


def test_of_a_rule_that_was_removed_nothing_more_is_sent(where, service):  # noqa: F811
    night = rule("night", opens="22:00", closes="06:00")
    world = begun(where, service, night)
    world.now = SHANGHAI_EIGHT
    world.tell(1)
    world.tick()
    world.rules = {"other": rule("other", kinds=("vacancy",))}
    assert world.tick(15 * 60) == 0
    became = world.notifier.of_facts([1])
    assert became[1]["ops"]["state"] == "DROPPED"
    world.notifier.close()


NAMES = count()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    most=st.integers(1, 4),
    minutes=st.integers(1, 6),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 7)), max_size=25),
)
def test_no_span_has_more_than_its_most_and_all_are_counted(
    tmp_path, monkeypatch, most, minutes, steps
):
    """However they come: as many as were foretold, none twice, none lost."""
    sent = []

    def send(self, due):
        title, body = self._text(due)
        text = json.loads(body)[0] if title == "汇总" else title
        sent.append((self._clock(), text))
        return ""

    monkeypatch.setattr(notify.Notifier, "_send", send)
    one = rule(most=most, minutes=minutes)
    world = World(tmp_path / f"{next(NAMES)}.sqlite", {"ops": "json://x"}, one)
    world.now = SHANGHAI_EIGHT
    world.notifier.begin(0)
    seqs, times = count(1), []
    for wait, many in [*steps, (minutes, 0), (minutes, 0)]:
        for _ in range(wait):
            world.tick(1)
        world.tell(*(next(seqs) for _ in range(many)))
        times += [world.now] * many
        world.tick()
    alone = [text for _, text in sent if not isinstance(text, dict)]
    folded = [text for _, text in sent if isinstance(text, dict)]
    assert len(alone) == len({*alone})
    found = len(alone), sum(sum(f.values()) for f in folded), len(folded)
    assert found == paced(one, times)
    assert found[0] + found[1] == len(times)
    for at_us, _ in sent:
        span = [s for s, _ in sent if at_us - minutes * MINUTE_US < s <= at_us]
        assert len(span) <= most
    world.notifier.close()
