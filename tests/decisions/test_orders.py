"""Orders to the base: issued once, answered one by one, corrected openly."""

import msgspec
import pytest

from coordination.areas.state import UnknownArea
from coordination.checks import BasisMissing, ReasonMissing
from coordination.mode.state import AlreadyEnded, UnknownEmergency
from coordination.orders.answering import (
    AlreadyAnswered,
    AnswerOrder,
    NotAddressed,
    answer,
)
from coordination.orders.decide import (
    Incomplete,
    IssueOrder,
    NobodyAddressed,
    OrderExists,
    RemindOrder,
    WithdrawOrder,
    issue,
    remind,
    withdraw,
)
from coordination.orders.events import (
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
    OrderIssued,
    OrderOverdue,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.orders.state import ORDERS, NotStanding, UnknownOrder, answers_stream
from coordination.provenance import Actor
from coordination.tree import Place
from tests.given import (
    AREAS,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    GRID,
    MINUTE,
    NOW,
    SHANGHAI,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    check,
    declared,
    ended,
    fold,
    granted,
    table,
)

ORDER = IssueOrder(
    order="o1",
    scope=(STREET_1,),
    roles=("community-secretary",),
    title="转移低洼居民",
    text="今晚八时前完成。",
    ack_minutes=30,
    done_minutes=120,
    basis="令",
)
BASE = "community-secretary"


def order(**changed):
    """Return the order o1 with some things changed."""
    return msgspec.structs.replace(ORDER, **changed)


def issued(when=ORDER):
    """Return the fact that an order is issued at NOW."""
    ack, done = when.ack_minutes, when.done_minutes
    return OrderIssued(
        order=when.order,
        emergency=when.emergency,
        scope=when.scope,
        excluded=when.excluded,
        roles=when.roles,
        title=when.title,
        text=when.text,
        issued_us=NOW,
        ack_due_us=NOW + ack * MINUTE if ack else 0,
        done_due_us=NOW + done * MINUTE if done else 0,
        corrects=when.corrects,
    )


def accepted(sentence, given, **changed):
    """Return the row of an order that is issued."""
    return sentence, given, order(**changed), [issued(order(**changed))]


ISSUED = [*AREAS, issued()]
WITHDRAWN = OrderWithdrawn(order="o1", withdrawn_us=NOW)
SECOND = issued(order(order="o2", corrects="o1"))
SISTER = Place("310117009000", "street")


@table(
    accepted("to the secretaries of a street", AREAS),
    accepted("to a street", AREAS, roles=("street-staff",)),
    accepted("to both", AREAS, roles=("street-staff", BASE)),
    accepted("to a district", AREAS, scope=(SONGJIANG,), roles=("duty-officer",)),
    accepted("to one community", AREAS, scope=(COMMUNITY_11,)),
    accepted("to all but one", AREAS, excluded=(COMMUNITY_11,)),
    accepted("to all of a province", AREAS, scope=(SHANGHAI,)),
    accepted("to a street and a community", AREAS, scope=(STREET_2, COMMUNITY_11)),
    accepted("without limits", AREAS, ack_minutes=0, done_minutes=0),
    accepted("of an emergency, with no other basis", [*AREAS, declared()],
             emergency="e1", basis=""),
    accepted("a correction", ISSUED, order="o2", corrects="o1"),
    accepted("a correction of a correction", [*ISSUED, SECOND], order="o3",
             corrects="o2"),
    ("without a title", AREAS, order(title=" "), Incomplete),
    ("without a text", AREAS, order(text="\n"), Incomplete),
    ("resting on nothing", AREAS, order(basis=" "), BasisMissing),
    ("its id is taken", ISSUED, ORDER, OrderExists(order="o1")),
    ("an unknown area", AREAS, order(scope=(SISTER,)), UnknownArea(area=SISTER.code)),
    ("an unknown area left out", AREAS, order(excluded=(SISTER,)), UnknownArea),
    ("an area under another level", AREAS, order(scope=(Place(STREET_1.code,
     "district"),)), UnknownArea),
    ("nobody is below a grid", AREAS, order(scope=(GRID,)),
     NobodyAddressed(role=BASE)),
    ("no district in a street", AREAS, order(roles=(BASE, "duty-officer")),
     NobodyAddressed(role="duty-officer")),
    ("a role no order is addressed to", AREAS, order(roles=("auditor",)),
     NobodyAddressed(role="auditor")),
    ("no role", AREAS, order(roles=()), NobodyAddressed(role="—")),
    ("all of it left out", AREAS, order(excluded=(STREET_1,)),
     NobodyAddressed(role="—")),
    ("each area of it left out", AREAS, order(scope=(STREET_1, STREET_2), excluded=(
        STREET_1, STREET_2)), NobodyAddressed),
    ("one of two left out", AREAS, order(scope=(STREET_1, STREET_2), excluded=(
        STREET_1,)), [issued(order(scope=(STREET_1, STREET_2), excluded=(STREET_1,)))]),
    ("of no emergency", AREAS, order(emergency="e1"),
     UnknownEmergency(emergency="e1")),
    ("of one that is over", [*AREAS, declared(), ended()], order(emergency="e1"),
     AlreadyEnded),
    ("a correction of nothing", AREAS, order(order="o2", corrects="o1"),
     UnknownOrder(order="o1")),
    ("a correction of what is withdrawn", [*ISSUED, WITHDRAWN],
     order(order="o2", corrects="o1"), NotStanding(order="o1")),
    ("a correction of what is corrected", [*ISSUED, SECOND],
     order(order="o3", corrects="o1"), NotStanding),
)  # fmt: skip
def test_an_order_is_one_fact_however_many_it_is_for(given, when, then):
    """It says what, to whom and by when, and rests on something."""
    check(issue, given, when, then)


def stop(reason="水位已退", **more):
    """Return the command to withdraw o1."""
    return WithdrawOrder(**{"order": "o1", "reason": reason, **more})


def again(**more):
    """Return the command to remind of o1."""
    return RemindOrder(**{"order": "o1", **more})


REMINDED = OrderReminded(order="o1", reminded_us=NOW)
FROM_ABOVE = [
    ("withdrawn", withdraw, ISSUED, stop(), [WITHDRAWN]),
    ("without a reason", withdraw, ISSUED, stop(" "), ReasonMissing),
    ("withdrawn again", withdraw, [*ISSUED, WITHDRAWN], stop(), NotStanding),
    ("withdrawn, corrected", withdraw, [*ISSUED, SECOND], stop(), NotStanding),
    ("withdrawn, none", withdraw, [], stop(), UnknownOrder(order="o1")),
    ("withdrawn, another", withdraw, ISSUED, stop(order="o2"), UnknownOrder),
    ("reminded", remind, ISSUED, again(), [REMINDED]),
    ("reminded again", remind, [*ISSUED, REMINDED], again(), [REMINDED]),
    ("reminded, withdrawn", remind, [*ISSUED, WITHDRAWN], again(), NotStanding),
    ("reminded, none", remind, [], again(), UnknownOrder),
    ("reminded, another", remind, ISSUED, again(order="o2"), UnknownOrder),
]


@pytest.mark.parametrize(
    ("decide", "given", "when", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in FROM_ABOVE],
)
def test_an_order_is_withdrawn_for_a_reason_and_reminded_of(decide, given, when, then):
    """Only what stands; what was withdrawn stays to be seen."""
    check(decide, given, when, then)


def say(area=COMMUNITY_11, role=BASE, *, done=False, note=""):
    """Return the command to answer o1."""
    return AnswerOrder(order="o1", area=area, role=role, done=done, note=note)


def seen(area=COMMUNITY_11, role=BASE):
    """Return the fact of an acknowledgement."""
    return OrderAcknowledged(order="o1", area=area, role=role)


def carried_out(area=COMMUNITY_11, note=""):
    """Return the fact that a recipient has carried out o1."""
    return OrderCarriedOut(order="o1", area=area, role=BASE, note=note)


BOTH = [*AREAS, issued(order(roles=("street-staff", BASE)))]
BUT_ONE = [*AREAS, issued(order(excluded=(COMMUNITY_11,)))]
LATE = OrderOverdue(order="o1", what="ack", due_us=NOW, noticed_us=NOW)


@table(
    ("acknowledged", ISSUED, say(), [seen()]),
    ("carried out", ISSUED, say(done=True, note="12 户"), [carried_out(note="12 户")]),
    ("carried out, seen before", [*ISSUED, seen()], say(done=True), [carried_out()]),
    ("late", [*ISSUED, LATE], say(), [seen()]),
    ("after another has", [*ISSUED, seen(COMMUNITY_12)], say(), [seen()]),
    ("by the street", BOTH, say(STREET_1, "street-staff"), [
        seen(STREET_1, "street-staff")]),
    ("acknowledged twice", [*ISSUED, seen()], say(),
     AlreadyAnswered(order="o1", area=COMMUNITY_11.code)),
    ("carried out twice", [*ISSUED, carried_out()], say(done=True), AlreadyAnswered),
    ("acknowledged when it is done", [*ISSUED, carried_out()], say(), AlreadyAnswered),
    ("no such order", AREAS, say(), UnknownOrder(order="o1")),
    ("withdrawn", [*ISSUED, WITHDRAWN], say(), NotStanding(order="o1")),
    ("corrected", [*ISSUED, SECOND], say(), NotStanding),
    ("elsewhere", ISSUED, say(COMMUNITY_21),
     NotAddressed(order="o1", area=COMMUNITY_21.code, role=BASE)),
    ("left out", BUT_ONE, say(), NotAddressed),
    ("another role", ISSUED, say(role="street-staff"), NotAddressed),
    ("the role of another level", BOTH, say(STREET_1), NotAddressed),
    ("a role no order is addressed to", ISSUED, say(role="mayor"), NotAddressed),
)  # fmt: skip
def test_each_recipient_answers_for_themselves(given, when, then):
    """Seen once, done once, and only by whom it is addressed to."""
    own = by(actor=Actor("gu", when.role, when.area.path))
    check(answer, given, when, then, who=own)


def said_for(area=COMMUNITY_11, *, done=False, note=""):
    """Return the fact that somebody else answered o1 for a community."""
    return OrderAnsweredFor(order="o1", area=area, role=BASE, done=done, note=note)


STREET = by(actor=Actor("zhou", "street-staff", STREET_1.path))
BASE_HELD = granted("zhou", BASE, COMMUNITY_11)


@table(
    ("acknowledged", ISSUED, say(), [said_for()]),
    ("carried out", ISSUED, say(done=True, note="代办"), [
        said_for(done=True, note="代办")]),
    ("carried out, after acknowledged", [*ISSUED, said_for()], say(done=True),
     [said_for(done=True)]),
    ("acknowledged twice", [*ISSUED, said_for()], say(), AlreadyAnswered),
    ("carried out twice", [*ISSUED, said_for(done=True)], say(done=True),
     AlreadyAnswered),
    ("acknowledged after carried out", [*ISSUED, said_for(done=True)], say(),
     AlreadyAnswered),
    ("the base was quicker", [*ISSUED, seen()], say(), AlreadyAnswered),
    ("the base has said that it knows", [*ISSUED, seen()], say(done=True),
     [said_for(done=True)]),
    ("who holds the role there too speaks for themselves", [*ISSUED, BASE_HELD], say(),
     [seen()]),
)  # fmt: skip
def test_who_answers_for_another_says_just_that(given, when, then):
    """The recipient is as silent as before."""
    check(answer, given, when, then, who=STREET)


@table(
    ("acknowledges", [*ISSUED, said_for()], say(), [seen()]),
    ("acknowledges what was done for them", [*ISSUED, said_for(done=True)], say(),
     [seen()]),
    ("carries it out", [*ISSUED, said_for(done=True)], say(done=True), [carried_out()]),
)  # fmt: skip
def test_who_was_spoken_for_still_answers(given, when, then):
    """Whatever was said for them."""
    own = by(actor=Actor("gu", BASE, COMMUNITY_11.path))
    check(answer, given, when, then, who=own)


def test_what_is_said_from_above_is_one_stream_and_answers_have_their_own():
    """So that a thousand answers do not wait for one another's order."""
    above = [ORDER, stop(), again(), issued(), WITHDRAWN, REMINDED, LATE]
    assert {said.stream for said in above} == {"orders"}
    answers = [say(), seen(), carried_out()]
    assert {said.stream for said in answers} == {"order/o1"}
    assert ORDER.places(fold()) == (STREET_1.path,)
    assert say().places(fold(*ISSUED)) == (COMMUNITY_11.path,)
    for stream in (ORDERS, answers_stream("o1")):
        assert stream.evolve(stream.initial, ended()) is stream.initial


def test_an_answer_acts_where_the_recipient_is_once_there_is_an_order():
    """Who answers for a street acts on the street."""
    assert say(STREET_1, "street-staff").places(fold(*ISSUED)) == (STREET_1.path,)
    with pytest.raises(UnknownOrder):
        say().places(fold(*AREAS))


@pytest.mark.parametrize("when", [stop(), again()])
def test_what_is_said_of_an_order_acts_on_its_scope(when):
    """Withdrawn or not: whoever may is told what is wrong by the decision."""
    wide = issued(order(scope=(STREET_2, COMMUNITY_11)))
    assert when.places(fold(*ISSUED)) == (STREET_1.path,)
    assert when.places(fold(*ISSUED, WITHDRAWN)) == (STREET_1.path,)
    assert when.places(fold(*AREAS, wide)) == (STREET_2.path, COMMUNITY_11.path)
    with pytest.raises(UnknownOrder) as caught:
        when.places(fold(*AREAS))
    assert caught.value.facts == {"order": "o1"}


def test_a_corrected_or_withdrawn_order_stays_to_be_read():
    """Rule 14: both are kept, the later names the earlier, which stands no more."""
    state = fold(*ISSUED, SECOND, LATE)(ORDERS)
    assert (state["o1"].fact, state["o1"].over_us) == (issued(), NOW)
    assert (state["o1"].standing, state["o2"].standing) == (False, True)
    assert (state["o2"].fact.corrects, state["o2"].over_us) == ("o1", None)
    withdrawn = fold(*ISSUED, WITHDRAWN)(ORDERS)["o1"]
    assert (withdrawn.fact, withdrawn.over_us) == (issued(), NOW)
