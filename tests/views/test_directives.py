"""Orders to the base: to whom they go, and what each has answered."""

from __future__ import annotations

import pytest

from coordination.orders.events import (
    OrderAcknowledged,
    OrderCarriedOut,
    OrderIssued,
    OrderOverdue,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.orders.state import LEVEL_OF, ORDERS, Issued
from projections.board_view import BOARD
from projections.directives import ANSWER, DIRECTIVES, ISSUED, answers_to, recipients
from tests.given import (
    AREAS,
    CITY,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    COMMUNITY_22,
    MINUTE,
    NOW,
    PARENTS,
    SHANGHAI,
    SONGJIANG,
    STREET_1,
    STREET_2,
    fold,
)
from tests.views.ledger import watching

LATER = NOW + 10 * MINUTE
VIEWS = (BOARD, DIRECTIVES)
ALL = ("duty-officer", "street-staff", "community-secretary")


def issued(*scope, roles=ALL, without=(), order="o1", **more):
    """Return an order."""
    said = {"emergency": "", "ack_due_us": LATER, "done_due_us": LATER + 1, **more}
    return OrderIssued(
        order=order, scope=scope, excluded=tuple(without), roles=tuple(roles),
        title="查堤", text="立即", issued_us=NOW, **said,
    )  # fmt: skip


def answered(area, role, *, done=False, order="o1"):
    """Return what one recipient answers."""
    if done:
        return OrderCarriedOut(order=order, area=area, role=role, note="已查")
    return OrderAcknowledged(order=order, area=area, role=role)


def asked(watched, order="o1", at=None):
    """Return the recipients of an order."""
    with watched.engine.connect() as c:
        return recipients(c, ISSUED.get(c, order, at=at), at)


def who(found):
    """Return (code, role) of recipients."""
    return {(r.area.code, r.role) for r in found}


COMMUNITIES = (COMMUNITY_11, COMMUNITY_12, COMMUNITY_21, COMMUNITY_22)
STREETS = (STREET_1, STREET_2)


def each(role, *places):
    """Return a role in each of these places."""
    return {(place.code, role) for place in places}


ADDRESSED = [
    # id, order, recipients
    ("everybody below", issued(SHANGHAI),
     each("duty-officer", SONGJIANG) | each("street-staff", *STREETS)
     | each("community-secretary", *COMMUNITIES)),
    ("one role only", issued(CITY, roles=["street-staff"]),
     each("street-staff", *STREETS)),
    ("a street and what is in it", issued(STREET_1),
     each("street-staff", STREET_1)
     | each("community-secretary", COMMUNITY_11, COMMUNITY_12)),
    ("a street left out", issued(SONGJIANG, without=[STREET_1]),
     each("duty-officer", SONGJIANG) | each("street-staff", STREET_2)
     | each("community-secretary", COMMUNITY_21, COMMUNITY_22)),
    ("a community named inside one left out",
     issued(SONGJIANG, COMMUNITY_11, without=[STREET_1], roles=ALL[2:]),
     each("community-secretary", COMMUNITY_11, COMMUNITY_21, COMMUNITY_22)),
    ("areas in one another once", issued(STREET_1, COMMUNITY_11, roles=ALL[2:]),
     each("community-secretary", COMMUNITY_11, COMMUNITY_12)),
    ("two places apart", issued(COMMUNITY_12, COMMUNITY_21),
     each("community-secretary", COMMUNITY_12, COMMUNITY_21)),
]  # fmt: skip


@pytest.mark.parametrize(("order", "expected"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in ADDRESSED
])  # fmt: skip
def test_an_order_goes_to_every_holder_of_a_role_in_its_scope(order, expected):
    """Each once, and to just those the rules take an answer from."""
    with watching(*AREAS, order, views=VIEWS) as watched:
        found = asked(watched)
        assert who(found) == expected
        assert len(found) == len(expected)
        assert all(r.answer is None for r in found)
        known: Issued = fold(*watched.ledger.events)(ORDERS)["o1"]
        assert expected == {
            (place.code, role)
            for place in PARENTS
            for role in LEVEL_OF
            if known.addresses(place.path, place.level, role)
        }


def test_recipients_answer_one_by_one():
    """Counts are what recipients and answers say; the past has fewer."""
    with watching(*AREAS, issued(STREET_1), views=VIEWS) as watched:
        start = watched.catch_up()
        watched.add(answered(COMMUNITY_11, ALL[2]), actor="li", now=NOW + 5)
        one = watched.catch_up()
        watched.add(answered(COMMUNITY_11, ALL[2], done=True), actor="qian", now=LATER)
        watched.add(answered(STREET_1, ALL[1], done=True), actor="sun", now=LATER)

        def states(at=None):
            found = asked(watched, at=at)
            return sorted(r.answer.state for r in found if r.answer), len(found)

        assert states() == (["DONE", "DONE"], 3)
        assert states(one) == (["ACKNOWLEDGED"], 3)
        assert states(start) == ([], 3)
        by_area = {r.area.code: r.answer for r in asked(watched)}
        both, alone = by_area[COMMUNITY_11.code], by_area[STREET_1.code]
        assert (both.acknowledged_by, both.acknowledged_us) == ("li", NOW + 5)
        assert (both.done_by, both.done_us, both.note) == ("qian", LATER, "已查")
        # Who has carried it out has seen it.
        assert (alone.acknowledged_by, alone.acknowledged_us) == ("sun", LATER)
        assert by_area[COMMUNITY_12.code] is None


def test_answers_are_their_order_s_own():
    """Two orders to the same people are answered apart."""
    with watching(
        *AREAS, issued(STREET_1), issued(STREET_1, order="o2"), views=VIEWS
    ) as watched:
        watched.add(answered(COMMUNITY_11, ALL[2], order="o2"))
        with watched.engine.connect() as c:
            assert answers_to(c, "o1") == []
            (found,) = answers_to(c, "o2")
        assert found == watched.get(ANSWER, f"o2 {COMMUNITY_11.path} {ALL[2]}")
        assert all(r.answer is None for r in asked(watched))


def test_an_area_registered_later_is_a_recipient_from_then_on():
    """Who is asked is who there is; as of then, who there was."""
    with watching(*AREAS[:-2], issued(SONGJIANG), views=VIEWS) as watched:
        before = watched.catch_up()
        watched.add(*AREAS[-2:])
        later = (COMMUNITY_22.code, ALL[2])
        assert later in who(asked(watched))
        assert later not in who(asked(watched, at=before))


CHANGED = [
    # id, fact, what it changes of the row
    ("withdrawn", OrderWithdrawn(order="o1", withdrawn_us=LATER),
     {"withdrawn_us": LATER, "withdrawn_reason": "水退"}),
    ("reminded", OrderReminded(order="o1", reminded_us=LATER), {"reminded_us": LATER}),
    ("not acknowledged", OrderOverdue(order="o1", what="ack", due_us=LATER,
     noticed_us=LATER), {"overdue": "ack"}),
    ("corrected", issued(STREET_1, order="o2", corrects="o1"), {"corrected_by": "o2"}),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "changed"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in CHANGED
])  # fmt: skip
def test_what_becomes_of_an_order(fact, changed):
    """Only that; both the order and what it was before stay to be seen."""
    with watching(*AREAS, issued(STREET_1), views=VIEWS) as watched:
        before = watched.catch_up()
        old = watched.get(ISSUED, "o1")
        watched.add(fact, reason="水退")
        new = watched.get(ISSUED, "o1")
        assert new[:-2] == old._replace(**changed)[:-2]
        assert watched.get(ISSUED, "o1", at=before) == old


def test_both_limits_can_pass():
    """Both are named, in the order they passed."""
    late = [
        OrderOverdue(order="o1", what=what, due_us=LATER, noticed_us=LATER)
        for what in ("ack", "done")
    ]
    with watching(*AREAS, issued(STREET_1), *late, views=VIEWS) as watched:
        assert watched.get(ISSUED, "o1").overdue == "ack,done"
