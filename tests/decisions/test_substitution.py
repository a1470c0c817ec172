import asyncio

import msgspec
import pytest

from coordination.checks import ReasonMissing
from coordination.people.availability import MarkAvailable, MarkUnavailable
from coordination.people.events import DutyEnded, PersonForgotten
from coordination.people.state import UnknownPerson, person_stream
from coordination.posts.events import (
    APPOINTED,
    ORDERED,
    RETURNED,
    SEIZED,
    HandoverItemTaken,
    PostVacated,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionMade,
    SubstitutionRatified,
    Tried,
    WaitOverdue,
)
from coordination.posts.filling import CALLED_AWAY, DECLINED, Unable
from coordination.posts.handover import COUNT_MAX, BadItem, TakeItem, take_item
from coordination.posts.state import NotActing, UnknownPost, post_stream
from coordination.posts.substitution import (
    Accept,
    ActsAlready,
    Decline,
    NoOneAble,
    NotInNeed,
    NotTheHolder,
    NotWaiting,
    OwnRatification,
    Ratify,
    Seize,
    Substitute,
    TakeBack,
    accept,
    decline,
    ratify,
    seize,
    substitute,
    take_back,
)
from coordination.vocabulary import HANDOVER_ITEMS
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    COMMANDER,
    COMMUNITY_11,
    COMMUNITY_12,
    DESK,
    FLOOD_PLAN,
    FOLK,
    GRID,
    GROUND,
    GUARD_PLAN,
    GUARDED,
    HEAD,
    IMPORT,
    MINUTE,
    NOW,
    SEAT,
    STREET_1,
    A,
    B,
    C,
    D,
    E,
    F,
    all_rows,
    as_one,
    back,
    by,
    check,
    declared,
    defines,
    door,
    duty,
    ended,
    enrols,
    envelope_of,
    event_of,
    fold,
    lost,
    manned,
    person,
    put,
    seat,
    seated,
    table,
    together,
    turn,
)

THERE = [*AREAS, *FOLK]
HELD = [*THERE, *manned(SEAT)]
HOME = (COMMUNITY_11.path,)
ON = {"command_id": "before"}
OWN_A = []
BACKUP = [*HELD, lost(A), *put(SEAT, B, A, cause="ill", tried=OWN_A, **ON)]
"""A is ill and B was called up; nothing is accepted yet."""
WELL_AGAIN = [*BACKUP, back(A)]
GUARD = [GUARD_PLAN, declared("e1", plan=GUARD_PLAN)]


def vacant(plan, before, cause, *tried):
    """Return that somebody acts no more and nobody can; ``tried``: (person, test)."""
    listed = tuple(Tried(*one) for one in tried)
    return [
        DutyEnded(person=before, post=plan.post),
        PostVacated(post=plan.post, before=before, cause=cause, tried=listed),
    ]


def unable(who, test, plan=SEAT):
    """Return the refusal of somebody who fails a test."""
    words = {
        "available": ("不可用", "not available"),
        "qualified": ("培训无效或过期", "not qualified"),
        "in-reach": ("不在可达范围", "not in reach"),
        "already-acting": ("已在他岗履职", "acting elsewhere"),
        "not-in-line": ("不在 AB 角名单内", "not in the line"),
    }
    zh, en = words[test]
    return Unable(person=who, post=plan.post, test=test, zh_test=zh, en_test=en)


# --- who falls away is followed, in the same decision ---------------------------------


def away(*people, cause="ill"):
    """Return the command that people are not available."""
    return MarkUnavailable(people=people, cause=cause)


def called(plan, after, before, cause="ill", *tried, **more):
    """Return that the next in line is called; whoever is replaced was tried first."""
    listed = [*tried]
    return put(plan, after, before, cause=cause, tried=listed, **more)


UNTRAINED_B = person(B, trainings=())
ALL_POSTS = [*HELD, *manned(HEAD), *manned(DESK)]
UP = CALLED_AWAY


@table(
    ("A is ill: B acts", HELD, away(A), [lost(A), *called(SEAT, B, A)]),
    ("B is ill too: C", [*HELD, lost(B)], away(A, cause="leave"),
     [lost(A, "leave"), *called(SEAT, C, A, "leave", (B, "available"))]),
    ("B's training has ended: C", [*HELD, UNTRAINED_B], away(A),
     [lost(A), *called(SEAT, C, A, "ill", (B, "qualified"))]),
    ("B moved away: C", [*HELD, person(B, COMMUNITY_12)], away(A),
     [lost(A), *called(SEAT, C, A, "ill", (B, "in-reach"))]),
    ("B acts elsewhere on one as grave: C",
     [*HELD, duty(seat("second-secretary", COMMUNITY_12), B)], away(A),
     [lost(A), *called(SEAT, C, A, "ill", (B, "already-acting"))]),
    ("B forgotten: C", [*HELD, PersonForgotten(person=B)], away(A),
     [lost(A), *called(SEAT, C, A, "ill", (B, "available"))]),
    ("nobody is left: vacant",
     [*HELD, lost(B), person(C, COMMUNITY_12)], away(A),
     [lost(A), *vacant(SEAT, A, "ill", *OWN_A, (B, "available"), (C, "in-reach"))]),
    ("all three at once: none steps in for another", HELD, away(C, A, B),
     [lost(C), lost(A), lost(B),
      *vacant(SEAT, A, "ill", *OWN_A, (B, "available"), (C, "available"))]),
    ("who acted for A falls ill, A is well again: A", WELL_AGAIN, away(B),
     [lost(B), *put(SEAT, A, B, cause="ill")]),
    ("who acted for A falls ill, A is still: C", BACKUP, away(B),
     [lost(B), *put(SEAT, C, B, cause="ill", tried=[
         (A, "available")])]),
    ("a backup who acts on nothing", HELD, away(C), [lost(C)]),
    ("who acts no more", BACKUP, away(A, cause="leave"), [lost(A, "leave")]),
    ("by the playbook's rule", [*HELD, *GUARD], away(A),
     [lost(A), *called(SEAT, B, A, rules=GUARDED)]),
    ("B is called up from the grid, and D takes it", [*HELD, *manned(HEAD)],
     away(A),
     [lost(A), *called(SEAT, B, A), *called(HEAD, D, B, UP, number=3)]),
    ("in cascade: D's own desk is F's", ALL_POSTS, away(A),
     [lost(A), *called(SEAT, B, A), *called(HEAD, D, B, UP, number=3),
      *called(DESK, F, D, UP, number=6)]),
    ("to its end: the last post is vacant", [*ALL_POSTS, lost(F)], away(A),
     [lost(A), *called(SEAT, B, A), *called(HEAD, D, B, UP, number=3),
      *vacant(DESK, D, UP, (F, "available"))]),
    ("with D ill as well: E takes the grid, F the desk", ALL_POSTS, away(A, D),
     [lost(A), lost(D), *called(SEAT, B, A),
      *called(HEAD, E, B, UP, (D, "available"), number=3),
      *called(DESK, F, D, number=6)]),
    ("who acts on two falls away from both",
     [*THERE, *manned(HEAD), seated(DESK), *put(DESK, B, how=APPOINTED)], away(B),
     [lost(B), *called(HEAD, D, B),
      *put(DESK, F, B, cause="ill", number=3, tried=[(D, "already-acting")])]),
)  # fmt: skip
def test_whoever_falls_away_is_replaced_or_the_post_is_vacant(given, when, then):
    """Rule 6: the gravest first, in cascade, all in the decision that loses them."""
    check(together, given, when, then)


@pytest.mark.parametrize(
    "given",
    [BACKUP, [*HELD, lost(A), *vacant(SEAT, A, "ill", *OWN_A)]],
    ids=["another acts", "nobody acts"],
)
def test_who_is_available_again_takes_nothing_back_by_it(given):
    """Nothing is retaken by itself, not even what nobody acts on."""
    check(together, given, MarkAvailable(people=(A,)), [back(A)])


# --- ordered --------------------------------------------------------------------------


def orders(who="", plan=SEAT):
    """Return the command to have somebody else act."""
    return Substitute(post=plan.post, person=who, reason="换岗")


def ordered(after, before=A, **more):
    """Return that somebody is ordered to act."""
    return put(SEAT, after, before, ORDERED, **more)


TAKEN = SubstitutionAccepted(post=SEAT.post, substitution=turn(1, "before"))
SAID_NO = SubstitutionDeclined(post=SEAT.post, substitution=turn(1, "before"), person=B)
DECLINED_B = [*BACKUP, SAID_NO, *put(SEAT, C, B, cause=DECLINED, command_id="no")]
EMPTIED = [*BACKUP, SAID_NO, *vacant(SEAT, B, DECLINED)]


@table(
    ("the next in line", HELD, orders(), ordered(B, tried=OWN_A)),
    ("the next who can", [*HELD, lost(B)], orders(),
     ordered(C, tried=[*OWN_A, (B, "available")])),
    ("this very one", HELD, orders(C), ordered(C)),
    ("on a vacant post", EMPTIED, orders(C), ordered(C, "")),
    ("the holder, by order", WELL_AGAIN, orders(A),
     put(SEAT, A, B, RETURNED)),
    ("the first of the line goes before those behind", WELL_AGAIN, orders(),
     ordered(A, B)),
    ("from the grid, which is filled in turn", [*HELD, *manned(HEAD)], orders(B),
     [*ordered(B), *called(HEAD, D, B, UP, number=3)]),
    ("who could not: by name they can", EMPTIED, orders(B), ordered(B, "")),
    ("by the playbook's rule", [*HELD, *GUARD], orders(C), ordered(C, rules=GUARDED)),
    ("of no post", THERE, orders(B), UnknownPost(post=SEAT.post)),
    ("a stranger", HELD, orders("h-9"), UnknownPerson(person="h-9")),
    ("who acts", HELD, orders(A), ActsAlready(person=A, post=SEAT.post)),
    ("who stands not in line", HELD, orders(D), unable(D, "not-in-line")),
    ("who is ill", [*HELD, lost(B)], orders(B), unable(B, "available")),
    ("who is not trained", [*HELD, UNTRAINED_B], orders(B), unable(B, "qualified")),
    ("who is out of reach", [*HELD, person(B, COMMUNITY_12)], orders(B),
     unable(B, "in-reach")),
    ("who acts on one as grave",
     [*HELD, duty(seat("second-secretary", COMMUNITY_12), B)], orders(B),
     unable(B, "already-acting")),
    ("nobody can", [*HELD, lost(B), lost(C)], orders(), NoOneAble(
        post=SEAT.post, tried=f"{B} available, {C} available")),
    ("who could not is not asked again", [*EMPTIED, lost(C)], orders(), NoOneAble(
        post=SEAT.post, tried=f"{A} available, {B} declined, {C} available")),
    ("nobody stands in line", [*THERE, seated(seat("second-secretary", COMMUNITY_11))],
     orders(), NoOneAble(post=SEAT.post, tried="—")),
)  # fmt: skip
def test_a_substitution_is_ordered(given, when, then):
    """The refusal names the failed test; nobody leaves before another comes."""
    check(substitute, given, when, then)


# --- in one's own name ----------------------------------------------------------------


def seizes(reason="联系不上", plan=SEAT):
    """Return the command by which a backup takes over in need."""
    return Seize(post=plan.post, reason=reason)


AT_WAR = [*HELD, FLOOD_PLAN, declared()]
NOBODY = [*HELD, lost(A), *vacant(SEAT, A, "ill")]


def seized(before=A, **more):
    """Return that B takes over in need."""
    return put(SEAT, B, before, SEIZED, **more)


@table(
    ("in an emergency", AT_WAR, seizes(), seized()),
    ("by its playbook", [*HELD, *GUARD], seizes(), seized(rules=GUARDED)),
    ("in peacetime, where nobody acts", NOBODY, seizes(), seized("")),
    ("from the grid, which is filled in turn", [*AT_WAR, *manned(HEAD)], seizes(),
     [*seized(), *called(HEAD, D, B, UP, number=3)]),
    ("in peacetime, while A acts", HELD, seizes(), NotInNeed(post=SEAT.post)),
    ("after the emergency", [*AT_WAR, ended()], seizes(), NotInNeed),
    ("without a reason", AT_WAR, seizes(reason=" "), ReasonMissing),
    ("without a reason, where nobody acts", NOBODY, seizes(reason=""), ReasonMissing),
    ("forgotten", [*AT_WAR, PersonForgotten(person=B)], seizes(),
     UnknownPerson(person=B)),
    ("of no post", THERE, seizes(), UnknownPost),
    ("one acts already", [*AT_WAR, *put(SEAT, B, A)], seizes(), ActsAlready),
    ("ill", [*AT_WAR, lost(B)], seizes(), unable(B, "available")),
    ("not trained", [*AT_WAR, UNTRAINED_B], seizes(), unable(B, "qualified")),
    ("not in line", [*AT_WAR, *manned(DESK)], seizes(plan=DESK),
     unable(B, "not-in-line", DESK)),
)  # fmt: skip
def test_a_backup_takes_over_in_need_and_is_ratified_after(given, when, then):
    """In an emergency, or where nobody acts; at once, and with a reason."""
    check(seize, given, when, then, who=as_one(B))


def takes_back(plan=SEAT):
    """Return the command by which the holder acts on the post again."""
    return TakeBack(post=plan.post)


RETURN = put(SEAT, A, B, RETURNED)


@table(
    ("another acts", WELL_AGAIN, takes_back(), RETURN),
    ("nobody acts", [*NOBODY, back(A)], takes_back(), put(SEAT, A, "", RETURNED)),
    ("from a less grave post, which is filled",
     [*WELL_AGAIN, seated(HEAD), *put(HEAD, A, how=APPOINTED)], takes_back(),
     [*RETURN, *put(HEAD, B, A, cause=UP, number=3)]),
    ("still ill", BACKUP, takes_back(), unable(A, "available")),
    ("not trained any more", [*WELL_AGAIN, person(A, trainings=())], takes_back(),
     unable(A, "qualified")),
    ("called to a graver post", [*WELL_AGAIN, duty(seat("street-duty", STREET_1), A)],
     takes_back(), unable(A, "already-acting")),
    ("they act", HELD, takes_back(), ActsAlready),
    ("forgotten", [*WELL_AGAIN, PersonForgotten(person=A)], takes_back(),
     UnknownPerson(person=A)),
    ("of no post", THERE, takes_back(), UnknownPost),
    ("of a post whose holder acts", [*WELL_AGAIN, *manned(HEAD)],
     takes_back(plan=HEAD), ActsAlready(person=B, post=HEAD.post)),
)  # fmt: skip
@pytest.mark.parametrize("who", [as_one(A), by()], ids=["own", "order"])
def test_the_holder_takes_the_post_back_by_their_own_decision(given, when, then, who):
    """Whoever is A, and able."""
    check(take_back, given, when, then, who=who)


def test_a_post_without_a_line_has_no_holder_to_come_back():
    """Nobody is A of it."""
    given = [*THERE, seated(seat("second-secretary", COMMUNITY_11))]
    check(take_back, given, takes_back(), NotTheHolder, who=as_one(A))


# --- ratified, accepted, declined -----------------------------------------------------

SEIZED_B = [*AT_WAR, *seized(**ON)]
AGREED = SubstitutionRatified(post=SEAT.post, substitution=turn(1, "before"))
YES = Ratify(post=SEAT.post)
TO_RATIFY = {"post": SEAT.post, "zh_what": "追认", "en_what": "ratified"}


@table(
    ("seized", SEIZED_B, YES, [AGREED]),
    ("late is not too late", [*SEIZED_B, WaitOverdue(
        post=SEAT.post, substitution=turn(1, "before"), what="ratify",
        due_us=NOW, noticed_us=NOW)], YES, [AGREED]),
    ("twice", [*SEIZED_B, AGREED], YES, NotWaiting(**TO_RATIFY)),
    ("called up, not seized", BACKUP, YES, NotWaiting),
    ("nobody acts", NOBODY, YES, NotWaiting),
    ("A is back", [*SEIZED_B, *put(SEAT, A, B, RETURNED)], YES, NotWaiting),
    ("of no post", THERE, YES, UnknownPost),
)  # fmt: skip
def test_what_was_seized_is_ratified_once(given, when, then):
    """By whoever may order it."""
    check(ratify, given, when, then)


def test_who_seized_it_does_not_ratify_it():
    """Not even in a role that may."""
    check(ratify, SEIZED_B, YES, OwnRatification, who=as_one(B))


ACCEPTS, DECLINES = Accept(post=SEAT.post), Decline(post=SEAT.post)
LATE = WaitOverdue(post=SEAT.post, substitution=turn(1, "before"), what="accept",
                   due_us=NOW, noticed_us=NOW)  # fmt: skip
MISSED = [*BACKUP, LATE, *put(SEAT, C, B, command_id="late")]
NOT_OFFERED = (
    ("accepted before", [*BACKUP, TAKEN], B, NotWaiting),
    ("nothing to accept: the holder", HELD, A, NotWaiting),
    ("nothing to accept: seized", SEIZED_B, B, NotWaiting),
    ("nobody acts", NOBODY, B, NotActing),
    ("of no post", THERE, B, UnknownPost),
)


@pytest.mark.parametrize(
    ("given", "who", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in NOT_OFFERED],
)
@pytest.mark.parametrize(
    ("decide", "when"), [(accept, ACCEPTS), (decline, DECLINES)], ids=["yes", "no"]
)
def test_only_who_was_called_answers_and_only_once(decide, when, given, who, then):
    """Nor where nothing is to be answered; for another it is asked as an order."""
    check(decide, given, when, then, who=as_one(who))


@table(
    ("somebody else", BACKUP, C, NotActing(post=SEAT.post)),
    ("who was passed over meanwhile", MISSED, B, NotActing(post=SEAT.post)),
)
def test_nobody_says_no_for_another(given, when, then):
    """Only who was called cannot."""
    check(decline, given, DECLINES, then, who=as_one(when))


@pytest.mark.parametrize(
    ("decide", "when", "given"),
    [(seize, seizes(), AT_WAR), (decline, DECLINES, BACKUP)],
    ids=["seize", "decline"],
)
def test_who_is_on_no_roster_decides_nothing_of_their_own(decide, when, given):
    """The account is told."""
    nobody = UnknownPerson(person=COMMANDER.account)
    check(decide, given, when, nobody)


@table(
    ("whoever was called accepts", BACKUP, ACCEPTS, B),
    ("the holder takes it back", WELL_AGAIN, TakeBack(post=SEAT.post), A),
)
def test_what_is_another_s_is_asked_as_an_order(given, when, then):
    """Their own is theirs wherever they stand; who is nobody there owns nothing."""

    def asked(who):
        return when.action(fold(*given, who=who))

    assert asked(as_one(then)) == "post.own"
    assert asked(as_one(C)) == asked(by()) == "post.substitute"
    empty = [*AREAS, seated(msgspec.structs.replace(SEAT, chain=()))]
    assert when.action(fold(*empty)) == "post.substitute"
    with pytest.raises(UnknownPost):
        when.action(fold(*THERE))


def test_who_was_called_accepts():
    """Then nothing but the handover is waited for."""
    check(accept, BACKUP, ACCEPTS, [TAKEN], who=as_one(B))
    before, after = (fold(*given)(post_stream(SEAT.post))
                     for given in (BACKUP, [*BACKUP, TAKEN]))  # fmt: skip
    assert before.waits() == {
        "accept": NOW + 15 * MINUTE, "handover": NOW + 60 * MINUTE}  # fmt: skip
    assert after.waits() == {"handover": NOW + 60 * MINUTE}
    assert (before.accepted, after.accepted) == (False, True)


@table(
    ("who was called", BACKUP, ACCEPTS, [TAKEN]),
    ("twice", [*BACKUP, TAKEN], ACCEPTS, NotWaiting),
    ("a first holder", HELD, ACCEPTS, NotWaiting),
    ("nobody acts", NOBODY, ACCEPTS, NotActing(post=SEAT.post)),
    ("of no post", THERE, ACCEPTS, UnknownPost),
)
def test_a_yes_by_telephone_is_recorded_by_whoever_may_order_it(given, when, then):
    """Not in the name of whoever was called."""
    check(accept, given, when, then)


@table(
    ("the next is called", BACKUP, DECLINES,
     [SAID_NO, *put(SEAT, C, B, cause=DECLINED, tried=[
         (A, "available")])]),
    ("the holder, who is well again", WELL_AGAIN, DECLINES,
     [SAID_NO, *put(SEAT, A, B, cause=DECLINED)]),
    ("nobody is left", [*BACKUP, lost(C)], DECLINES,
     [SAID_NO, *vacant(SEAT, B, DECLINED, (A, "available"),
                       (C, "available"))]),
    ("who said no is not asked again", [*DECLINED_B, back(B)], DECLINES,
     [SubstitutionDeclined(post=SEAT.post, substitution=turn(1, "no"), person=C),
      *vacant(SEAT, C, DECLINED, (A, "available"), (B, "declined"))]),
    ("nor who did not answer", MISSED, DECLINES,
     [SubstitutionDeclined(post=SEAT.post, substitution=turn(1, "late"), person=C),
      *vacant(SEAT, C, DECLINED, (A, "available"), (B, "declined"))]),
)  # fmt: skip
def test_who_cannot_says_so_and_the_next_is_called(given, when, then):
    """In the same decision: no moment with nobody and no word of it."""
    check(decline, given, when, then, who=as_one(then[0].person))


def test_who_said_no_may_be_asked_again_once_somebody_has_taken_it():
    """An old no is not held against anybody."""
    yes = SubstitutionAccepted(post=SEAT.post, substitution=turn(1, "no"))
    given = [*DECLINED_B, yes]
    assert fold(*DECLINED_B)(post_stream(SEAT.post)).declined == {B}
    assert fold(*given)(post_stream(SEAT.post)).declined == frozenset()
    then = put(SEAT, B, C, cause="ill", tried=[(A, "available")])
    check(together, given, away(C), [lost(C), *then])


# --- handed over item by item ---------------------------------------------------------


def takes(item, count=-1, note=""):
    """Return the command to acknowledge one item of the sheet."""
    return TakeItem(post=SEAT.post, item=item, count=count, note=note)


def taken(item, left=4, count=-1, note=""):
    """Return that it is acknowledged."""
    return HandoverItemTaken(post=SEAT.post, substitution=turn(1, "before"),
                             item=item, left=left, count=count, note=note)  # fmt: skip


ALL_TAKEN = [taken(item, left) for left, item in
             zip((4, 3, 2, 1, 0), HANDOVER_ITEMS, strict=True)]  # fmt: skip


@table(
    ("the first", BACKUP, takes("situation"), [taken("situation")]),
    ("with a note", BACKUP, takes("steps", note="两步未完"),
     [taken("steps", note="两步未完")]),
    ("the last", [*BACKUP, *ALL_TAKEN[:-1]], takes("withheld"), [ALL_TAKEN[-1]]),
    ("custody, counted", BACKUP, takes("custody", count=12), [
        taken("custody", count=12)]),
    ("custody, nothing there", BACKUP, takes("custody", count=0), [
        taken("custody", count=0)]),
    ("a count of what is not counted", BACKUP, takes("situation", count=7),
     [taken("situation")]),
    ("custody, not counted", BACKUP, takes("custody"), BadItem(item="custody")),
    ("custody, counted too high", BACKUP, takes("custody", count=COUNT_MAX + 1),
     BadItem),
    ("twice", [*BACKUP, taken("steps")], takes("steps"), BadItem(item="steps")),
    ("no such item", BACKUP, takes("keys"), BadItem),
    ("nothing is handed over to a first holder", [*THERE, *manned(SEAT, B)],
     takes("situation"), BadItem),
    ("nobody acts", NOBODY, takes("situation"), NotActing),
    ("of no post", THERE, takes("situation"), UnknownPost),
)  # fmt: skip
def test_a_handover_is_acknowledged_item_by_item(given, when, then):
    """Custody by its count; nothing twice."""
    check(take_item, given, when, then, who=as_one(B))


@table(
    ("who acts no more", WELL_AGAIN, as_one(A), NotActing(post=SEAT.post)),
    ("another", BACKUP, as_one(C), NotActing),
    ("who is on no roster", BACKUP, by(), UnknownPerson(person=COMMANDER.account)),
)
def test_only_who_acts_takes_over(given, when, then):
    """Nobody signs for what another has."""
    check(take_item, given, takes("situation"), then, who=when)


def test_a_handover_is_over_with_its_last_item():
    """What is left is what is waited for; late is not failed."""
    given = [*BACKUP, TAKEN, *ALL_TAKEN]
    assert fold(*given[:-1])(post_stream(SEAT.post)).waits() == {
        "handover": NOW + 60 * MINUTE
    }
    assert fold(*given)(post_stream(SEAT.post)).waits() == {}


# --- many at once ---------------------------------------------------------------------


def crowd(size):
    """Return people, and a desk for every two of them: one acts, one stands behind."""
    people = [f"h-{n:012x}" for n in range(2 * size)]
    desks = [
        msgspec.structs.replace(
            seat("liaison", COMMUNITY_11, people[n], people[size + n]),
            post=f"{DESK.post}-{n + 1}",
        )
        for n in range(size)
    ]
    return people, desks


def test_two_hundred_fall_away_in_one_decision():
    """Each post is filled or vacant; nobody is put twice; nobody lost acts."""
    people, desks = crowd(150)
    given = [*AREAS, *map(person, people)]
    given += together(fold(*given), defines(*desks), NOW)
    gone = tuple(people[:100] + people[200:])  # 100 holders, the last 100 backups
    facts = together(fold(*given), away(*gone, cause="quarantined"), NOW)
    made = [f for f in facts if isinstance(f, SubstitutionMade)]
    empty = [f for f in facts if isinstance(f, PostVacated)]
    assert sorted(f.after for f in made) == people[150:200]
    assert {f.before for f in made} == set(people[:50])
    assert {f.before for f in empty} == set(people[50:100])
    assert len({f.substitution for f in made}) == len(made)
    read = fold(*given, *facts)
    for desk in desks:
        acting = read(post_stream(desk.post)).acting
        assert acting not in gone
        assert not acting or list(read(person_stream(acting)).acting) == [desk.post]
    assert not any(read(person_stream(who)).acting for who in gone)


def test_a_what_if_of_many_says_the_same_and_commits_nothing(tmp_path):
    """The preview is the decision; only the decision is stored."""

    async def day(handler):
        enrol = enrols(*(person(who) for who in (A, B, C, D, E, F)))
        posts = defines(SEAT, HEAD, DESK)
        for number, given in enumerate([IMPORT, GROUND, enrol, posts]):
            await handler.handle(given, by(f"g{number}", ADMINISTRATOR), NOW)
        head = handler.log.recorder.head()
        ask = by("many", COMMANDER)
        foreseen = handler.preview(away(A, D, F), ask, NOW)
        assert handler.log.recorder.head() == head
        assert handler.preview(away(A, D, F), ask, NOW) == foreseen
        await handler.handle(away(A, D, F), ask, NOW)
        return [fact for fact, _ in foreseen], head

    with door(tmp_path / "log.db") as handler:
        foreseen, head = asyncio.run(day(handler))
        rows = all_rows(handler.log)
    stored = [event_of(row) for row in rows[head.seq :]]
    assert stored == foreseen
    assert {envelope_of(row).command for row in rows[head.seq :]} == {"many"}
    vacated = [f.post for f in stored if isinstance(f, PostVacated)]
    assert (len(stored), vacated) == (3 + 3 + 3 + 2, [DESK.post])


def test_a_command_about_a_post_names_its_stream_and_place():
    """A post's own stream, where it stands."""
    assert orders().stream == ACCEPTS.stream == SAID_NO.stream == f"post/{SEAT.post}"
    assert orders(plan=HEAD).places(fold()) == (GRID.path,)
    assert seizes().places(fold()) == takes("steps").places(fold()) == HOME
