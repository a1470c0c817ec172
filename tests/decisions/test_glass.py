"""One person deciding alone (紧急单人处置), and another who reviews it."""

import msgspec
import pytest

from coordination.approvals import glass
from coordination.approvals.events import GlassBroken, GlassReviewed, ReviewOverdue
from coordination.approvals.glass import (
    REVIEW_US,
    BreakGlass,
    ReviewGlass,
    UnknownGlass,
)
from coordination.approvals.signing import (
    NobodyBound,
    NotReauthenticated,
    SelfApproved,
)
from coordination.checks import BasisMissing, ReasonMissing
from coordination.mode.state import UnknownEmergency
from coordination.provenance import Actor
from coordination.reactions import GlassNotNeeded, LevelMoved, decide_all
from tests.decisions.switches import (
    APPROVER,
    AT_TWO,
    CONFLICTS,
    DECLARE,
    END,
    EVEN,
    HERE,
    KINDS,
    PROPOSAL,
    READY,
)
from tests.given import (
    NOW,
    STREET_1,
    STREET_2,
    by,
    check,
    fold,
    table,
    together,
    widened,
)


def break_glass(carried=DECLARE, kind="declare", level=2, reason="堤坝告急"):
    """Return the command to decide alone."""
    return BreakGlass(
        kind=kind, emergency="e1", level=level, carried=carried, reason=reason
    )


ALONE = by("c1", Actor("sun", "duty-officer"), session="s1", reauthenticated="password")
GLASS = "b-" + PROPOSAL[2:]


def broken(when, given=READY, now=NOW):
    """Return the fact that one person decided alone."""
    return GlassBroken(
        glass=GLASS,
        kind=when.kind,
        digest=when.command[1],
        emergency="e1",
        level=when.level,
        places=when.places(fold(*given)),
        account="sun",
        broken_us=now,
        review_due_us=now + REVIEW_US,
    )


@KINDS
def test_one_person_decides_alone_with_a_reason(kind, carried, given, level, facts):
    """The switch follows in the same append; a review is due within a day."""
    when = break_glass(carried, kind, level)
    check(together, given, when, [broken(when, given), *facts], who=ALONE)
    [(_, first), *rest] = decide_all(
        glass.break_glass, fold(*given, who=ALONE), when, NOW
    )
    assert first == when
    assert [c for _, c in rest] == [carried] * len(facts)


@table(
    ("without a reason", READY, break_glass(reason="\t"), ReasonMissing),
    ("of a level that needs no second", READY, break_glass(EVEN, level=4),
     GlassNotNeeded),
    ("of another level than said", READY, break_glass(level=1), LevelMoved),
    ("of what cannot be decided", READY, break_glass(END, "end"), UnknownEmergency),
    ("of what is incomplete", READY, break_glass(
        msgspec.structs.replace(DECLARE, basis="")), BasisMissing),
)  # fmt: skip
def test_one_person_alone_decides_nothing_else(given, when, then):
    """Only what needs two, and only what could be decided."""
    check(together, given, when, then, who=ALONE)


def test_one_person_alone_proves_who_they_are():
    """Nobody decides alone on a session left open."""
    who = msgspec.structs.replace(ALONE, reauthenticated="")
    check(together, READY, break_glass(), NotReauthenticated, who=who)


BROKEN = broken(break_glass())
REVIEWED = GlassReviewed(glass=GLASS, confirmed=True, reviewed_us=NOW)
LATE = ReviewOverdue(glass=GLASS, due_us=NOW, noticed_us=NOW)


def review(**more):
    """Return the command to review what one person decided."""
    said = {"glass": GLASS, "confirmed": True, "reason": "必要"}
    return ReviewGlass(**{**said, **more})


REVIEWING = [
    ("confirmed", [BROKEN], review(), [REVIEWED], APPROVER),
    ("not confirmed", [BROKEN], review(confirmed=False),
     [msgspec.structs.replace(REVIEWED, confirmed=False)], APPROVER),
    ("late is better than never", [BROKEN, LATE], review(), [REVIEWED], APPROVER),
    ("by whoever took it", [BROKEN], review(), SelfApproved, ALONE),
    ("in a role that they have lent", [BROKEN], review(), SelfApproved,
     msgspec.structs.replace(APPROVER, on_behalf_of="sun")),
    ("in a role that another has lent", [BROKEN], review(), [REVIEWED],
     msgspec.structs.replace(APPROVER, on_behalf_of="qian")),
    ("where people are known, by an account that is nobody's", [BROKEN],
     review(known=True), NobodyBound, APPROVER),
    ("without a reason", [BROKEN], review(reason=""), ReasonMissing, APPROVER),
    ("none", [], review(), UnknownGlass(glass=GLASS), APPROVER),
    ("again", [BROKEN, REVIEWED], review(), UnknownGlass, APPROVER),
    ("another", [BROKEN], review(glass="b-9"), UnknownGlass, APPROVER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "when", "then", "who"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in REVIEWING],
)
def test_what_one_person_decided_is_reviewed_by_another(given, when, then, who):
    """It undoes nothing; it says whether it was right."""
    check(together, given, when, then, who=who)


# --- what the door is told ------------------------------------------------------------


def test_a_retry_is_known_by_what_one_person_asked_for():
    """Whether it is decided alone is the rules' word, and views add to a command."""
    assert break_glass(CONFLICTS).asked == DECLARE.asked


def test_decisions_alone_wait_for_approvals():
    """One stream with them, and the places are those of what is carried."""
    commands = [break_glass(), review()]
    assert {command.stream for command in commands} == {"approvals"}
    assert {command.places(fold(BROKEN)) for command in commands} == {HERE}
    assert {fact.stream for fact in (BROKEN, REVIEWED, LATE)} == {"approvals"}


def test_a_review_acts_where_the_decision_did():
    """Where that was is in the decision; there is nothing to review without one."""
    wide = msgspec.structs.replace(BROKEN, places=("310117002", "310117001"))
    assert review().places(fold(wide)) == wide.places
    assert review().places(fold(BROKEN, REVIEWED)) == HERE
    with pytest.raises(UnknownGlass) as caught:
        review(glass="b-9").places(fold(BROKEN))
    assert caught.value.facts == {"glass": "b-9"}


def test_an_end_alone_acts_on_the_scope_that_stands():
    """As the end itself would, and there is none of an emergency that is not there."""
    both = (STREET_1.path, STREET_2.path)
    wide = widened("e1", STREET_1, STREET_2)
    assert break_glass(END, "end").places(fold(*AT_TWO, wide)) == both
    with pytest.raises(UnknownEmergency):
        break_glass(END, "end").places(fold(*READY))
