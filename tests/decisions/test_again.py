"""What two people record at once is never recorded twice in silence."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.again import AlreadyRecorded, ago
from coordination.fields import lot_id
from coordination.kernel import Told
from coordination.stock.lines import OfLot
from coordination.transfers.decide import Arrive, arrive
from coordination.transfers.state import shipment_stream
from tests.decisions.goods import HE, STORE, XU, line, loaded, sent, shelved
from tests.given import MINUTE, NOW, fold

SENT = [*STORE, *shelved("a", 900), sent("s-1", line("a", 900)),
        loaded("s-1", "a", 900)]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(0, 3), st.sampled_from([HE, XU])),
        min_size=1,
        max_size=12,
    )
)
def test_of_two_arrivals_on_one_sight_one_is_told(acts):
    """Whoever saw all that was recorded records; all others are told, nothing moves."""
    facts, recorded = list(SENT), [0]
    for quantity, behind, who in acts:
        seen = recorded[max(0, len(recorded) - 1 - behind)]
        command = Arrive(
            slip="s-1", lines=(OfLot("mask", "a", quantity),), complete=False,
            recorded=seen,
        )  # fmt: skip
        if seen == recorded[-1]:
            facts += arrive(fold(*facts, who=who), command, NOW)
            recorded.append(recorded[-1] + quantity)
        else:
            with pytest.raises(AlreadyRecorded) as told:
                arrive(fold(*facts, who=who), command, NOW)
            assert told.value.facts["recorded"] == recorded[-1]
    assert fold(*facts)(shipment_stream("s-1")).arrived == recorded[-1]


def test_who_recorded_it_and_how_long_ago_is_said():
    """The last of it, by the person who recorded that."""
    first = Arrive(slip="s-1", lines=(OfLot("mask", "a", 20),), complete=False)
    facts = list(arrive(fold(*SENT, who=HE), first, NOW))
    told = [Told(fact, "he", NOW - 3 * MINUTE, NOW - 3 * MINUTE) for fact in facts]
    with pytest.raises(AlreadyRecorded) as refused:
        arrive(fold(*SENT, *told, who=XU), first, NOW)
    assert refused.value.say("zh").startswith("3 分钟前由he登记到货 20（共已登记 20）")
    assert "赵" in refused.value.say("zh", {"account": "赵"})


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "刚刚", "just now"),
        (1, "1 分钟前", "1 minute ago"),
        (125, "2 小时前", "2 hours ago"),
        (3_000, "2 天前", "2 days ago"),
    ],
)
def test_how_long_ago(minutes, zh, en):
    """In the largest unit there is one of."""
    assert ago(minutes * MINUTE + 30_000_000) == (zh, en)


@given(st.text(alphabet="abzABZ019-", min_size=1, max_size=20), st.data())
def test_a_lot_is_one_whatever_the_case_the_width_the_spaces(text, data):
    """However it is written, it is the same; once more changes nothing."""
    written = reduce(
        lambda found, sign: found + data.draw(st.sampled_from(_ways(sign))), text, ""
    )
    assert lot_id(written) == lot_id(text)
    assert lot_id(lot_id(text)) == lot_id(text)


def _ways(sign):
    wide = chr(ord(sign) + 0xFEE0)
    return [
        sign,
        sign.lower(),
        sign.upper(),
        wide,
        wide.lower(),
        f" {sign}",
        sign + "　",
    ]


def test_a_lot_without_a_number_of_its_own_stays_small():
    """Labels that were printed are found as they are."""
    assert lot_id("L-0123456789") == "l-0123456789"
    assert lot_id("l-01234567") == "L-01234567"
