"""Two people deciding: what is approved is decided in the same append."""

import hashlib

import msgspec
import pytest

from coordination.approvals import decide as approvals
from coordination.approvals.decide import (
    AlreadyProposed,
    ApproveProposal,
    DigestDiffers,
    NotOpen,
    NotProposer,
    ProposalLate,
    ProposalStale,
    ProposeDecision,
    RejectProposal,
    SameSession,
    WithdrawProposal,
)
from coordination.approvals.events import (
    ProposalApproved,
    ProposalExpired,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
)
from coordination.approvals.signing import (
    NobodyBound,
    NotReauthenticated,
    SelfApproved,
)
from coordination.approvals.state import APPROVALS, UnknownProposal
from coordination.authority.state import NoAuthority
from coordination.checks import BasisMissing, ReasonMissing, naming
from coordination.grants.events import PersonBound
from coordination.mode.changes import NotRaised
from coordination.mode.conflicts import ConflictsMoved, SiteConflict
from coordination.mode.decide import Missing
from coordination.mode.state import AlreadyEnded, UnknownEmergency
from coordination.mode.terms import ExtendExpectation
from coordination.people.events import AccountBound, PersonForgotten
from coordination.provenance import Actor
from coordination.reactions import LevelMoved, carried_by, decide_all, level_of
from tests.decisions.switches import (
    APPROVER,
    AT_TWO,
    CHANGE,
    CHIEF,
    CONFLICTS,
    DECLARE,
    DEPUTY,
    END,
    EVEN,
    HERE,
    KINDS,
    LOWER,
    MINUTE,
    PROPOSAL,
    PROPOSER,
    RAISE,
    READY,
)
from tests.given import (
    AREAS,
    COMMUNITY_11,
    EPIDEMIC_PLAN,
    FLOOD_PLAN,
    FLOOD_TEXT,
    NOW,
    STREET_1,
    STREET_2,
    by,
    check,
    declared,
    ended,
    fold,
    passed,
    person,
    published,
    site,
    table,
    together,
)


def propose(carried=DECLARE, kind="declare", level=2, minutes=30):
    """Return the command to propose a decision."""
    return ProposeDecision(
        kind=kind,
        emergency="e1",
        level=level,
        carried=carried,
        minutes=minutes,
        basis=carried.basis,
        reason=carried.reason,
    )


def made(when=None, given=READY, now=NOW, who=PROPOSER):
    """Return the one fact that a proposal is."""
    [fact] = together(fold(*given, who=who), when or propose(), now)
    return fact


MADE = made()
WAITING = [*READY, MADE]


def approve(fact=MADE, **more):
    """Return the command to approve a proposal."""
    said = {"proposal": fact.proposal, "digest": fact.digest}
    return ApproveProposal(**{**said, **more})


def approved(fact=MADE, session="s2", now=NOW):
    """Return the fact of an approval by password."""
    return ProposalApproved(
        proposal=fact.proposal,
        digest=fact.digest,
        reauthenticated="password",
        session=session,
        approved_us=now,
    )


# --- proposing ------------------------------------------------------------------------


@KINDS
def test_what_is_proposed_could_be_decided_now_and_changes_nothing(
    kind, carried, given, level, facts
):
    """A proposal holds the whole command, who asks, and what it rests on."""
    fact = made(propose(carried, kind, level), given)
    assert isinstance(fact, ProposalMade)
    assert fact not in facts
    assert (fact.proposal, fact.kind, fact.level) == (PROPOSAL, kind, level)
    assert (fact.proposer, fact.session) == ("wu", "s1")
    assert (fact.proposed_us, fact.expires_us) == (NOW, NOW + 30 * MINUTE)
    assert fact.places == carried.places(fold(*given))
    assert fact.expected_version == len(given) - len(READY)
    assert fact.playbook_digest == (FLOOD_PLAN.digest if kind == "declare" else "")
    assert carried_by(fact) == naming(fold(*given), carried)
    text = f"{kind} {fact.command}".encode()
    assert fact.digest == hashlib.sha256(text).hexdigest()


WITHDRAWN = ProposalWithdrawn(proposal=PROPOSAL, withdrawn_us=NOW)
OTHER = by("c9", CHIEF, session="s2")
SAME = made(who=OTHER)
ELSEWHERE = declared("e9")


@table(
    ("the same waits", WAITING, propose(), AlreadyProposed(proposal=PROPOSAL)),
    ("the same for longer", WAITING, propose(minutes=99), AlreadyProposed),
    ("the same, conflicts aside", WAITING, propose(CONFLICTS), AlreadyProposed),
    ("the same was withdrawn", [*WAITING, WITHDRAWN], propose(), [SAME]),
    (
        "the same has gone stale: it must be proposed again",
        [*WAITING, ELSEWHERE],
        propose(),
        [made(given=[*READY, ELSEWHERE], who=OTHER)],
    ),
    (
        "another level",
        WAITING,
        propose(EVEN, level=4),
        [made(propose(EVEN, level=4), who=OTHER)],
    ),
    ("it could not be decided", READY, propose(
        msgspec.structs.replace(DECLARE, measures="")), Missing),
    ("there is nothing to change", READY, propose(END, "end"),
     UnknownEmergency(emergency="e1")),
    ("it is over", [*AT_TWO, ended()], propose(END, "end"), AlreadyEnded),
    ("without basis", AT_TWO, propose(
        msgspec.structs.replace(END, basis=""), "end"), BasisMissing),
    ("another level must sign", AT_TWO, propose(END, "end", 3), LevelMoved),
    ("it does not raise", AT_TWO, propose(
        msgspec.structs.replace(RAISE, level=2), "level"), NotRaised),
)  # fmt: skip
def test_the_same_is_proposed_once_at_a_time_and_only_what_could_be(given, when, then):
    """Proposing runs the real decision and keeps nothing of it."""
    check(together, given, when, then, who=OTHER)


def test_an_expired_proposal_does_not_stand_in_the_way():
    """After its time the same may be proposed again, recorded as expired or not."""
    now = MADE.expires_us
    again = made(given=WAITING, now=now, who=OTHER)
    assert again.digest == MADE.digest
    assert again.proposal != MADE.proposal


def test_only_switches_are_signed():
    """What needs two people is a declaration or a change of what is declared."""
    read = fold(*AT_TWO)
    assert [level_of(read, c) for c in (DECLARE, RAISE, LOWER, END)] == [2, 1, 2, 2]
    extend = ExtendExpectation(**CHANGE, expected_hours=48)
    assert level_of(read, extend) == 2


# --- approving ------------------------------------------------------------------------


@KINDS
def test_approving_carries_the_switch(kind, carried, given, level, facts):
    """Approval and switch are decided together, each on its own basis."""
    proposal = made(propose(carried, kind, level), given)
    when = approve(proposal, basis="同意")
    who, now = APPROVER, NOW
    read = fold(*given, proposal, who=who)
    decided = decide_all(approvals.approve, read, when, now)
    assert [e for e, _ in decided] == [approved(proposal), *facts]
    named = naming(read, carried)
    assert [c for _, c in decided] == [when] + [named] * len(facts)


REJECTED = ProposalRejected(proposal=PROPOSAL, rejected_us=NOW)
EXPIRED = ProposalExpired(proposal=PROPOSAL, due_us=NOW, noticed_us=NOW)
NEWER_PLAN = published(FLOOD_TEXT.replace("2024.1", "2024.2"))
ELSEWHERE = declared("e0", STREET_2)
OVER_IT = declared("e0", COMMUNITY_11)
CLOSED = {
    "approved": approved(),
    "rejected": REJECTED,
    "withdrawn": WITHDRAWN,
    "expired": EXPIRED,
}
SWITCHED = [approved(), declared(level=2)]


@table(
    ("a second person", WAITING, approve(), SWITCHED),
    ("after an order elsewhere", [*WAITING, ELSEWHERE], approve(), SWITCHED),
    ("no such proposal", READY, approve(), UnknownProposal(proposal=PROPOSAL)),
    ("another proposal", WAITING, approve(proposal="p-9"), UnknownProposal),
    ("another digest", WAITING, approve(digest="00"), DigestDiffers),
    ("after an order over it", [*WAITING, OVER_IT], approve(),
     ProposalStale(what="orders")),
    ("after an order and its end", [*WAITING, OVER_IT, ended("e0")], approve(),
     ProposalStale),
    ("after a newer playbook", [*WAITING, NEWER_PLAN], approve(),
     ProposalStale(what="playbook")),
    ("after a deadline", [*AT_TWO, made(propose(END, "end"), AT_TWO),
     passed("open-doors", 30)], approve(made(propose(END, "end"), AT_TWO)),
     [approved(made(propose(END, "end"), AT_TWO)), ended()]),
    *((f"replayed: {state}", [*WAITING, fact], approve(),
       NotOpen(proposal=PROPOSAL, state=state.upper()))
      for state, fact in CLOSED.items()),
)  # fmt: skip
def test_a_proposal_is_approved_once_and_on_what_it_rests_on(given, when, then):
    """Stale, replayed and altered approvals are refused with the reason."""
    check(together, given, when, then, who=APPROVER)


@pytest.mark.parametrize(
    ("who", "then"),
    [
        pytest.param(
            by("c2", DEPUTY, session="s2", reauthenticated="password"),
            SelfApproved,
            id="the proposer",
        ),
        pytest.param(
            by("c2", Actor("wu", "commander"), session="s2", reauthenticated="x"),
            SelfApproved,
            id="the proposer in a graver role",
        ),
        pytest.param(
            msgspec.structs.replace(APPROVER, on_behalf_of="wu"),
            SelfApproved,
            id="in a role the proposer has lent",
        ),
        pytest.param(
            by("c2", CHIEF, session="s1", reauthenticated="password"),
            SameSession,
            id="the proposer's session",
        ),
        pytest.param(
            by("c2", CHIEF, session="s2"), NotReauthenticated, id="no proof of who"
        ),
        pytest.param(
            by("c2", Actor("sun", "duty-officer"), session="s2", reauthenticated="x"),
            NoAuthority,
            id="no authority",
        ),
    ],
)
def test_a_different_person_with_authority_approves(who, then):
    """Rule 4: another person, another session, proved anew, who signs the level."""
    check(together, WAITING, approve(), then, who=who)
    assert then.RECORDED


def test_a_deputy_does_not_approve_the_gravest_level():
    """Authority is asked for the level that is signed."""
    gravest = made(propose(msgspec.structs.replace(DECLARE, level=1), level=1))
    who = by("c2", Actor("qian", "deputy"), session="s2", reauthenticated="local")
    check(together, [*READY, gravest], approve(gravest), NoAuthority, who=who)


def test_a_proposal_ends_with_its_time():
    """In its last microsecond it can be approved, and no later."""
    last = MADE.expires_us - 1
    then = [approved(now=last), declared(level=2, at=last)]
    check(together, WAITING, approve(), then, last, who=APPROVER)
    late = ProposalLate(proposal=PROPOSAL)
    for when in (approve(), reject(), withdraw()):
        check(together, WAITING, when, late, last + 1, who=APPROVER)


REST_PLAN = published(FLOOD_TEXT.replace("shelter", "rest-station"))
REST = site(1, flood="rest-station", epidemic="sampling-point")
CONFLICT = [*AREAS, REST_PLAN, EPIDEMIC_PLAN, REST, declared("e0", plan=EPIDEMIC_PLAN)]


def test_conflicts_are_looked_for_anew_when_it_is_approved():
    """What a view has found since is looked at by the decision."""
    proposal = made(given=CONFLICT)
    given = [*CONFLICT, proposal]
    when = approve(proposal, conflicts=(REST.site,))
    check(together, given, when, SiteConflict, who=APPROVER)
    when = approve(proposal, looked=0)
    check(together, given, when, ConflictsMoved, who=APPROVER)
    check(together, given, approve(proposal), [approved(proposal),
          declared(level=2, plan=REST_PLAN)], who=APPROVER)  # fmt: skip
    ending = made(propose(END, "end"), AT_TWO)
    when = approve(ending, conflicts=(REST.site,))
    check(together, [*AT_TWO, ending], when, [approved(ending), ended()], who=APPROVER)


def before_0_2(proposal):
    """Return a proposal as it was stored when changes still named their scope."""
    command = {"scope": [STREET_1], **msgspec.json.decode(proposal.command)}
    text = msgspec.json.encode(command, order="sorted").decode()
    digest = hashlib.sha256(f"{proposal.kind} {text}".encode()).hexdigest()
    return msgspec.structs.replace(proposal, command=text, digest=digest)


@KINDS
def test_a_proposal_from_before_0_2_is_approved(kind, carried, given, level, facts):
    """Its command still says where; the decision acts on the scope that stands."""
    old = before_0_2(made(propose(carried, kind, level), given))
    assert '"scope":' in old.command
    assert carried_by(old) == naming(fold(*given), carried)
    approving = approve(old)
    check(together, [*given, old], approving, [approved(old), *facts], who=APPROVER)


# --- saying no, taking back -----------------------------------------------------------


def reject(reason="水位已退", **more):
    """Return the command to reject the proposal."""
    return RejectProposal(**{"proposal": PROPOSAL, "reason": reason, **more})


def withdraw(**more):
    """Return the command to withdraw the proposal."""
    return WithdrawProposal(**{"proposal": PROPOSAL, **more})


SUN = by("c2", Actor("sun", "duty-officer"), session="s2")
DECIDING = [
    ("rejected", WAITING, reject(), [REJECTED], APPROVER),
    ("rejected without a reason", WAITING, reject(" "), ReasonMissing, APPROVER),
    ("rejected by the proposer", WAITING, reject(), SelfApproved, PROPOSER),
    ("rejected without authority", WAITING, reject(), NoAuthority, SUN),
    ("rejected: none", READY, reject(), UnknownProposal, APPROVER),
    ("rejected: another", WAITING, reject(proposal="p-9"), UnknownProposal, APPROVER),
    ("rejected: again", [*WAITING, REJECTED], reject(), NotOpen, APPROVER),
    ("withdrawn", WAITING, withdraw(), [WITHDRAWN], PROPOSER),
    ("withdrawn by another", WAITING, withdraw(), NotProposer, APPROVER),
    ("withdrawn: none", READY, withdraw(), UnknownProposal, PROPOSER),
    ("withdrawn: again", [*WAITING, WITHDRAWN], withdraw(), NotOpen, PROPOSER),
    ("withdrawn: approved", [*WAITING, approved()], withdraw(), NotOpen, PROPOSER),
]


@pytest.mark.parametrize(
    ("given", "when", "then", "who"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in DECIDING],
)
def test_a_proposal_is_rejected_by_another_or_taken_back(given, when, then, who):
    """A no has a reason and a second person; only the proposer takes it back."""
    check(together, given, when, then, who=who)


# --- what the door is told ------------------------------------------------------------


def test_a_retry_is_known_by_what_the_caller_asked_for():
    """Whether two people are needed is the rules' word, and views add to a command."""
    assert propose(CONFLICTS).asked == DECLARE.asked
    assert propose(EVEN, level=4).asked != DECLARE.asked
    assert approve(conflicts=("x",)).asked == approve(looked=3).asked


def test_all_approvals_wait_for_one_another():
    """One stream, and the places are those of what is carried."""
    commands = [propose(), approve(), reject(), withdraw()]
    assert {command.stream for command in commands} == {"approvals"}
    assert {command.places(fold(*WAITING)) for command in commands} == {HERE}
    facts = [MADE, approved(), REJECTED, WITHDRAWN, EXPIRED]
    assert {fact.stream for fact in facts} == {"approvals"}
    state = fold()(APPROVALS)
    assert APPROVALS.evolve(state, ended()) is state


@pytest.mark.parametrize("say", [approve, reject, withdraw])
def test_what_is_decided_about_a_proposal_acts_where_the_proposal_does(say):
    """Where that is stands in the proposal, closed or not; there must be one."""
    wide = msgspec.structs.replace(MADE, places=(STREET_1.path, STREET_2.path))
    assert say().places(fold(*READY, wide)) == wide.places
    assert say().places(fold(*WAITING, REJECTED)) == HERE
    with pytest.raises(UnknownProposal) as caught:
        say(proposal="p-9").places(fold(*WAITING))
    assert caught.value.facts == {"proposal": "p-9"}


# --- where people are known ----------------------------------------------------------

A, B, C = (f"h-{letter * 12}" for letter in "abc")


def is_(account, who):
    """Return that somebody on the roster signs in with an account."""
    return [person(who), AccountBound(person=who, account=account),
            PersonBound(account=account, person=who)]  # fmt: skip


PROPOSED_BY, APPROVED_BY = PROPOSER.actor.account, APPROVER.actor.account


@pytest.mark.parametrize(
    ("people", "then"),
    [
        pytest.param([], NobodyBound, id="of another account that is nobody's"),
        pytest.param(is_(PROPOSED_BY, A), NobodyBound, id="by an account of nobody"),
        pytest.param(is_(APPROVED_BY, B), NobodyBound, id="of what nobody proposed"),
        pytest.param([*is_(PROPOSED_BY, A), *is_(APPROVED_BY, B)], None,
                     id="by another"),
        pytest.param([*is_(PROPOSED_BY, A), *is_(APPROVED_BY, A)], SelfApproved,
                     id="by the same with another account"),
        pytest.param([*is_(PROPOSED_BY, A), *is_(APPROVED_BY, B),
                      PersonForgotten(person=B)], NobodyBound,
                     id="by who is forgotten"),
    ],
)  # fmt: skip
def test_where_people_are_known_the_second_is_another_person(people, then):
    """An account that nobody is bound to is no second person."""
    given = [*WAITING, *people]
    when = msgspec.structs.replace(approve(), known=True)
    if then is None:
        assert together(fold(*given, who=APPROVER), when, NOW)
    else:
        check(together, given, when, then, who=APPROVER)
    if not people:  # nobody is known: accounts are all there is
        assert together(fold(*given, who=APPROVER), approve(), NOW)


def test_where_people_are_known_the_first_is_known_too():
    """What nobody could approve is not proposed."""
    when = msgspec.structs.replace(propose(), known=True)
    check(together, READY, when, NobodyBound, who=PROPOSER)
    given = [*READY, *is_(PROPOSED_BY, A)]
    assert together(fold(*given, who=PROPOSER), when, NOW)
