"""Which fact calls for another decision (联动), and which decisions are switches.

Rules never import one another. Where a fact of one capability makes a decision of
another necessary, it stands here, and both go into one append.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_type_hints

import msgspec

from coordination.approvals import decide as approvals
from coordination.approvals import glass
from coordination.approvals.events import GlassBroken, ProposalApproved, ProposalMade
from coordination.approvals.state import APPROVALS
from coordination.authority.state import APPROVED_FROM_LEVEL
from coordination.checks import check_expected, check_needs, check_seen
from coordination.kernel import (
    FACTS_PER_COMMAND_MAX,
    Command,
    Decider,
    Event,
    Read,
)
from coordination.mode import changes, taking
from coordination.mode import decide as mode
from coordination.mode.changing import ChangeCommand
from coordination.mode.events import StepCompleted
from coordination.mode.state import active_emergency
from coordination.packages.following import check_opening, follow
from coordination.people import availability
from coordination.people.events import PersonAvailable, PersonUnavailable
from coordination.posts.events import AUTOMATIC
from coordination.posts.filling import Filling
from coordination.posts.rules import rules_at
from coordination.posts.state import post_path, post_stream
from coordination.refusals import Invalid, Refusal

SWITCHES: dict[str, tuple[type[Command], Decider]] = {
    "declare": (mode.DeclareEmergency, mode.declared),
    "end": (mode.EndEmergency, mode.ended),
    "void": (mode.VoidEmergency, mode.voided),
    "level": (changes.ChangeLevel, changes.level_changed),
    "widen": (changes.WidenScope, changes.scope_widened),
    "narrow": (changes.NarrowScope, changes.scope_narrowed),
    "take-up": (taking.TakeUpSites, taking.taken_up),
}
"""Kind -> command, and its rule once the right people have decided."""
KINDS = {cls: kind for kind, (cls, _) in SWITCHES.items()}


LevelMoved = Refusal.of(
    "approvals.level-moved",
    "响应级别刚被更改",
    "the level has just been changed",
    "请重新核对后再办理",
    "look again, then decide",
)
GlassNotNeeded = Invalid.of(
    "approvals.glass-not-needed",
    "Ⅲ、Ⅳ 级无须启用紧急单人处置",
    "levels III and IV need no break-glass",
    "请直接下达",
    "order it without",
    field="break_glass",
)


def level_of(read: Read, command: Command) -> int:
    """Return the gravest level that a switch is from or to: what must be signed.

    :raises UnknownEmergency: if it changes none
    :raises AlreadyEnded: if it changes one that is over
    :raises AlreadyVoided: if it changes one that was declared in error
    """
    if isinstance(command, mode.DeclareEmergency):
        return command.level
    assert isinstance(command, ChangeCommand), "switches are declared or change one"
    known = active_emergency(read, command.emergency)
    if isinstance(command, changes.ChangeLevel):
        return min(known.level, command.level)
    return known.level


Decided = list[tuple[Event, Command]]
"""Facts, each with the command whose basis and reason it has."""


def switched(read: Read, kind: str, command: Command, now: int) -> Sequence[Event]:
    """Decide a switch that the right people have signed."""
    check_needs(command)
    return SWITCHES[kind][1](read, command, now)


def _proposed(read: Read, fact: ProposalMade, given: Command, now: int) -> Decided:
    """Prove that what is proposed could be decided now; nothing of it is kept."""
    assert isinstance(given, approvals.ProposeDecision)
    if level_of(read, given.carried) != fact.level:
        raise LevelMoved
    switched(read, fact.kind, given.carried, now)
    return []


def _approved(read: Read, fact: ProposalApproved, given: Command, now: int) -> Decided:
    """Decide anew what was proposed, on what stands now."""
    assert isinstance(given, approvals.ApproveProposal)
    made = read(APPROVALS).proposals[fact.proposal].made
    carried = carried_by(made, given.conflicts, given.looked)
    check_expected(read, carried)
    return [(e, carried) for e in switched(read, made.kind, carried, now)]


def carried_by(
    made: ProposalMade, conflicts: tuple[str, ...] = (), looked: int = -1
) -> Command:
    """Return the command a proposal carries, with what a view has found since."""
    given = msgspec.json.decode(made.command)
    if made.kind != "declare":
        given.pop("scope", None)  # what was proposed before 0.2 carries it
    cls = SWITCHES[made.kind][0]
    plain = get_type_hints(cls)  # what was let in once is not measured again
    said = {name: msgspec.convert(value, plain[name]) for name, value in given.items()}
    return with_conflicts(cls(**said), conflicts, looked)


def with_conflicts(
    command: Command, conflicts: tuple[str, ...], looked: int
) -> Command:
    """Return a switch with the sites a view found in conflict, if it asks for them.

    ``looked``: how many orders there were then.
    """
    if "conflicts" in command.VIEWED:
        return msgspec.structs.replace(command, conflicts=conflicts, looked=looked)
    return command


def _broken(read: Read, fact: GlassBroken, given: Command, now: int) -> Decided:
    """Decide at once what one person orders alone."""
    assert isinstance(given, glass.BreakGlass)
    if level_of(read, given.carried) != fact.level:
        raise LevelMoved
    if fact.level >= APPROVED_FROM_LEVEL:
        raise GlassNotNeeded
    carried = given.carried
    return [(e, carried) for e in switched(read, fact.kind, carried, now)]


def _opened(read: Read, fact: StepCompleted, _given: Command, _now: int) -> Decided:
    """Let no facility open before somebody answers for it."""
    check_opening(read, fact)
    return []


REACTIONS: dict[type[Event], Callable[..., Decided]] = {
    ProposalMade: _proposed,
    ProposalApproved: _approved,
    GlassBroken: _broken,
    StepCompleted: _opened,
}
"""Fact -> what else is decided because of it; none of that calls for more."""


def fell_away(read: Read, facts: Sequence[PersonUnavailable], now: int) -> list[Event]:
    """Return what becomes of all that people who fall away act on and answer for.

    Together, or one of them would step in for another: rule 6, in one decision.
    """
    lost = {fact.person: fact.cause for fact in facts}
    filling = Filling(read, now, lost)
    for person in sorted(lost):
        filling.vacate(person, lost[person])
    return [*filling.cascade(), *follow(read, lost)]


def came_back(
    read: Read, facts: Sequence[PersonAvailable], vacant: Sequence[str], now: int
) -> list[Event]:
    """Return who acts on vacant posts now that people are available again.

    Where backups step in by themselves (自动顶岗); elsewhere somebody orders it.
    """
    filling = Filling(read, now, back=frozenset(fact.person for fact in facts))
    known = {post: read(post_stream(post)) for post in sorted(set(vacant))}
    ranks = [(p.defined.rank, post) for post, p in known.items() if p.defined]
    for _, post in sorted(ranks):
        rules = rules_at(read, post_path(post))
        if not known[post].acting and rules.rule == AUTOMATIC:
            filling.again(post)
    return filling.cascade()


TooMuch = Refusal.of(
    "command.too-much",
    "一次决定最多记录 {limit} 项事实，此次为 {count} 项",
    "one decision records {limit} facts at the most, this one {count}",
    "请分批办理",
    "take it in parts",
)


def decide_all(
    decide: Decider, read: Read, command: Command, now: int
) -> Sequence[tuple[Event, Command]]:
    """Run a decision and what its facts call for.

    :raises TooMuch: if they are more than one append takes
    :raises Refusal: without what it needs, or as the rules say
    """
    check_needs(command)
    check_seen(read, command)
    check_expected(read, command)
    found: Decided = [(event, command) for event in decide(read, command, now)]
    for event, _ in list(found):
        reaction = REACTIONS.get(type(event))
        if reaction is not None:
            found += reaction(read, event, command, now)
    lost = [event for event, _ in found if isinstance(event, PersonUnavailable)]
    if lost:
        found += [(event, command) for event in fell_away(read, lost, now)]
    back = [event for event, _ in found if isinstance(event, PersonAvailable)]
    if back and isinstance(command, availability.MarkAvailable):
        facts = came_back(read, back, command.vacant, now)
        found += [(event, command) for event in facts]
    if len(found) > FACTS_PER_COMMAND_MAX:
        raise TooMuch(count=len(found), limit=FACTS_PER_COMMAND_MAX)
    return found
