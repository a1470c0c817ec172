import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.areas.state import UnknownArea
from coordination.kernel import CommandRefused
from coordination.mode.orders import ENDED, Order
from coordination.mode.sites import playbook_of
from coordination.mode.state import EMERGENCIES
from coordination.people.availability import MarkAvailable
from coordination.people.events import DutyEnded, PersonForgotten, Training
from coordination.people.state import UnknownPerson, person_stream
from coordination.playbook import Substitution
from coordination.posts.decide import (
    CHAIN_MAX,
    POSTS_MAX,
    Appoint,
    BadChain,
    DefinePosts,
    PostPlan,
    PostsRefused,
    SetChain,
    appoint,
    define_posts,
    set_chain,
)
from coordination.posts.events import (
    APPOINTED,
    ChainSet,
    PostVacated,
    SubstitutionDeclined,
    Tried,
)
from coordination.posts.filling import CALLED_AWAY, Unable
from coordination.posts.rules import limited_since, rules_at
from coordination.posts.state import (
    TESTS,
    Post,
    UnknownPost,
    evolve_post,
    failed_test,
    post_path,
    post_stream,
)
from coordination.vocabulary import FAILED_TESTS
from tests.given import (
    AREAS,
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    DESK,
    FLOOD_PLAN,
    FOLK,
    GRID,
    GUARD_PLAN,
    GUARD_TEXT,
    GUARDED,
    HEAD,
    HOUR,
    NOW,
    SEAT,
    SONGJIANG,
    STREET_1,
    STREET_2,
    USUAL,
    A,
    B,
    C,
    D,
    E,
    F,
    back,
    check,
    declared,
    defines,
    duty,
    ended,
    fold,
    lost,
    lowered,
    manned,
    narrowed,
    person,
    published,
    put,
    raised,
    seat,
    seated,
    site,
    table,
    together,
    widened,
)

THERE = [*AREAS, *FOLK]
SITE = site(1, flood="shelter")
LEAD = seat("site-lead", COMMUNITY_11, F, site=SITE.site)


def vacant(plan, *tried, before="", cause=""):
    """Return that a post is vacant; ``tried``: (person, test)."""
    return PostVacated(
        post=plan.post,
        before=before,
        cause=cause,
        tried=tuple(Tried(*one) for one in tried),
    )


def with_chain(plan, *chain):
    """Return a post with another line."""
    return msgspec.structs.replace(plan, chain=chain)


UNTRAINED = [*AREAS, *FOLK[:1], person(A, trainings=()), *FOLK[2:]]
ELSEWHERE = [*AREAS, *FOLK, person(A, COMMUNITY_12)]
NUMBERED = msgspec.structs.replace(DESK, post=f"{DESK.post}-2", chain=(F, D))


@table(
    ("its holder acts", THERE, defines(SEAT), manned(SEAT)),
    ("the holder is ill", [*THERE, lost(A)], defines(SEAT),
     [seated(SEAT), *put(SEAT, B, how=APPOINTED, tried=[(A, "available")])]),
    ("the holder is not trained", UNTRAINED, defines(SEAT),
     [seated(SEAT), *put(SEAT, B, how=APPOINTED, tried=[(A, "qualified")])]),
    ("the training has ended",
     [*THERE, person(A, trainings=(Training("command", NOW),))], defines(SEAT),
     [seated(SEAT), *put(SEAT, B, how=APPOINTED, tried=[(A, "qualified")])]),
    ("the holder is out of reach", ELSEWHERE, defines(SEAT),
     [seated(SEAT), *put(SEAT, B, how=APPOINTED, tried=[(A, "in-reach")])]),
    ("nobody can", [*ELSEWHERE, lost(B), lost(C)], defines(SEAT),
     [seated(SEAT), vacant(SEAT, (A, "in-reach"), (B, "available"),
                           (C, "available"))]),
    ("nobody stands in line", THERE, defines(with_chain(SEAT)),
     [seated(with_chain(SEAT)), vacant(SEAT)]),
    ("at a site", [*THERE, SITE], defines(LEAD), manned(LEAD)),
    ("a second one of its kind", [*THERE, *manned(DESK)], defines(NUMBERED),
     manned(NUMBERED)),
    ("the holder of two acts on the graver", THERE,
     defines(with_chain(HEAD, A, D), SEAT),
     [seated(with_chain(HEAD, A, D)), seated(SEAT), *put(SEAT, A, how=APPOINTED),
      *put(with_chain(HEAD, A, D), D, how=APPOINTED, number=2,
           tried=[(A, "already-acting")])]),
    ("of two alike, on the first by its id", THERE,
     defines(with_chain(NUMBERED, D), with_chain(DESK, D)),
     [seated(with_chain(NUMBERED, D)), seated(with_chain(DESK, D)),
      *put(with_chain(DESK, D), D, how=APPOINTED),
      vacant(NUMBERED, (D, "already-acting"))]),
    ("who acts on a less grave post is called up", [*THERE, *manned(DESK)],
     defines(with_chain(HEAD, D)),
     [seated(with_chain(HEAD, D)), *put(with_chain(HEAD, D), D, how=APPOINTED),
      *put(DESK, F, before=D, cause=CALLED_AWAY, number=2)]),
    ("and nobody is left for it", [*THERE, *manned(DESK), lost(F)],
     defines(with_chain(HEAD, D)),
     [seated(with_chain(HEAD, D)), *put(with_chain(HEAD, D), D, how=APPOINTED),
      *put(DESK, D, before=D)[:1],
      vacant(DESK, (F, "available"), before=D,
             cause=CALLED_AWAY)]),
    ("not from a graver one", [*THERE, *manned(with_chain(SEAT, D))],
     defines(with_chain(DESK, D)),
     [seated(with_chain(DESK, D)), vacant(DESK, (D, "already-acting"))]),
    ("one acts on several where the playbook lets them",
     [*THERE, *manned(with_chain(SEAT, D)), several := published(
         GUARD_TEXT.replace("rule: automatic", "several: true")),
      declared(plan=several)],
     defines(with_chain(DESK, D)), manned(with_chain(DESK, D))),
)  # fmt: skip
def test_posts_are_defined_and_filled_in_one_decision(given, when, then):
    """The first in line who can act on each, the gravest first; else it is vacant."""
    check(define_posts, given, when, then)


def planned(plan=SEAT, **more):
    """Return a post to define that is not quite possible."""
    return msgspec.structs.replace(defines(plan).posts[0], **more)


NOWHERE = "310117001009"
MANY = tuple(f"h-{n:012x}" for n in range(CHAIN_MAX + 1))
FAULTS = [
    ("no such kind", [planned(kind="king")], [(1, "kind")]),
    ("twice", [planned(), planned()], [(2, "post")]),
    ("there already", [planned(DESK)], [(1, "post")]),
    ("of no area", [planned(area=NOWHERE)], [(1, "area")]),
    ("within reach of no area", [planned(reach=NOWHERE)], [(1, "area")]),
    ("of a street, for a community", [planned(area=STREET_1.code)], [(1, "area")]),
    ("at a site, for a community", [planned(site=SITE.site)], [(1, "site")]),
    ("at no site", [planned(LEAD, site=None)], [(1, "site")]),
    ("at a site there is not", [planned(LEAD, site=f"{COMMUNITY_11.path}-s9")],
     [(1, "site")]),
    ("at a site elsewhere", [planned(LEAD, area=GRID.code)], [(1, "site")]),
    ("one person twice in line", [planned(chain=(A, B, A))], [(1, "chain")]),
    ("a stranger in line", [planned(chain=(A, "h-9"))], [(1, "chain")]),
    ("somebody forgotten in line", [planned(chain=(A, E))], [(1, "chain")]),
    ("too many in line", [planned(chain=MANY)], [(1, "chain")] * (1 + len(MANY))),
    ("each of them",
     [planned(kind="king", area=NOWHERE), planned(), planned(HEAD, chain=(B, B))],
     [(1, "kind"), (3, "chain")]),
    ("none", [], [(0, "posts")]),
    ("too many", [planned()] * (POSTS_MAX + 1), [(0, "posts")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("posts", "then"), [pytest.param(*cells, id=said) for said, *cells in FAULTS]
)
def test_one_wrong_post_refuses_them_all(posts, then):
    """Each fault names its post by number, and the field, in both languages."""
    given = [*THERE, SITE, seated(DESK), PersonForgotten(person=E)]
    with pytest.raises(PostsRefused) as caught:
        define_posts(fold(*given), DefinePosts(posts=tuple(posts)), NOW)
    faults = caught.value.facts["rows"]
    assert [(fault.row, fault.field) for fault in faults] == then
    assert caught.value.facts["count"] == len(then)
    assert all(fault.zh and fault.en for fault in faults)


def test_what_a_plan_leaves_out_follows_from_its_kind_and_place():
    """Called as its kind, in reach of the street; its number ends its id."""
    said = {"kind": "grid-head", "area": GRID.code, "chain": (B,), "number": 3}
    command = DefinePosts(posts=(PostPlan(**said),))
    fact = define_posts(fold(*THERE), command, NOW)[0]
    assert fact.post == f"{GRID.path}-p-grid-head-3"
    assert (fact.name, fact.reach, fact.site) == ("网格长", STREET_1, "")
    street = DefinePosts(posts=(PostPlan(kind="street-duty", area=STREET_1.code),))
    assert define_posts(fold(*THERE), street, NOW)[0].reach == STREET_1


def test_posts_are_defined_where_all_of_them_lie():
    """The lowest area there is above them; the whole world if there is none."""
    read = fold(*THERE)
    other = seat("second-secretary", COMMUNITY_12)
    far = seat("street-duty", STREET_2)
    for seats, then in [
        ((SEAT,), (COMMUNITY_11.path,)),
        ((HEAD,), (GRID.path,)),
        ((SEAT, HEAD), (COMMUNITY_11.path,)),
        ((SEAT, other), (STREET_1.path,)),
        ((SEAT, far), (SONGJIANG.path,)),
        ((), ()),
    ]:
        assert defines(*seats).places(read) == then
    with pytest.raises(UnknownArea):
        DefinePosts(posts=(planned(area=NOWHERE),)).places(read)


# --- the line -------------------------------------------------------------------------

GIVEN = [*THERE, *manned(SEAT)]


def lines_up(*chain, plan=SEAT):
    """Return the command to change who stands in line."""
    return SetChain(post=plan.post, chain=chain)


def as_backup(who, plan=SEAT):
    """Return that somebody acts on, without what is withheld from a backup."""
    return duty(msgspec.structs.replace(plan, chain=()), who)


def lined_up(*chain, plan=SEAT):
    """Return that the line is another."""
    return ChainSet(post=plan.post, chain=chain)


@table(
    ("another order: who acts does not change, but has less power", GIVEN,
     lines_up(B, A), [lined_up(B, A), as_backup(A)]),
    ("nobody", GIVEN, lines_up(), [lined_up(), as_backup(A)]),
    ("as many as there may be",
     [*GIVEN, *(person(p) for p in MANY[1:])], lines_up(*MANY[1:]),
     [lined_up(*MANY[1:]), as_backup(A)]),
    ("the same", GIVEN, lines_up(A, B, C), BadChain),
    ("the same as it was changed to", [*GIVEN, lined_up(B)], lines_up(B), BadChain),
    ("one twice", GIVEN, lines_up(A, A), BadChain),
    ("a stranger", GIVEN, lines_up("h-9"), BadChain),
    ("too many", [*GIVEN, *(person(p) for p in MANY)], lines_up(*MANY), BadChain),
    ("of no post", THERE, lines_up(A), UnknownPost(post=SEAT.post)),
)  # fmt: skip
def test_the_line_is_changed_and_nobody_is_their_own_backup(given, when, then):
    """It is of people there are, each once."""
    check(set_chain, given, when, then)


def appoints(who, plan=SEAT):
    """Return the command to make somebody the holder."""
    return Appoint(post=plan.post, person=who, reason="任免")


def for_good(plan, who, before="", *, number=0):
    """Return that somebody acts as the holder they now are."""
    return put(with_chain(plan, who), who, before, APPOINTED, number=number)


@table(
    ("somebody else", GIVEN, appoints(D),
     [lined_up(D, B, C), *for_good(SEAT, D, A)]),
    ("the first backup", GIVEN, appoints(B), [lined_up(B, C), *for_good(SEAT, B, A)]),
    ("on a post that is vacant", [*THERE, seated(SEAT)], appoints(D),
     [lined_up(D, B, C), *for_good(SEAT, D)]),
    ("on a post without a line", [*THERE, seated(with_chain(SEAT))], appoints(D),
     [lined_up(D), *for_good(SEAT, D)]),
    ("from a less grave post, which is filled", [*GIVEN, *manned(DESK)],
     appoints(D),
     [lined_up(D, B, C), *for_good(SEAT, D, A),
      *put(DESK, F, D, cause=CALLED_AWAY, number=3)]),
    ("the holder", GIVEN, appoints(A), BadChain),
    ("the holder, though another acts", [*THERE, *manned(SEAT, B)], appoints(A),
     BadChain),
    ("a stranger", GIVEN, appoints("h-9"), UnknownPerson(person="h-9")),
    ("of no post", THERE, appoints(A), UnknownPost),
    ("who is ill", [*GIVEN, lost(D)], appoints(D), Unable(
        person=D, post=SEAT.post, test="available", zh_test="不可用",
        en_test="not available")),
    ("who is not trained", [*GIVEN, person(D, trainings=())], appoints(D), Unable),
    ("who is out of reach", [*GIVEN, person(D, COMMUNITY_12)], appoints(D), Unable),
    ("who acts on one as grave", [*GIVEN, duty(seat(
        "second-secretary", COMMUNITY_12), D)], appoints(D), Unable),
)  # fmt: skip
def test_a_holder_is_replaced_for_good(given, when, then):
    """The former leaves the line; whoever is appointed passes the tests."""
    check(appoint, given, when, then)


def test_a_backup_who_is_appointed_while_they_act_has_all_the_powers():
    """Nothing is withheld from a holder."""
    given = [*THERE, *manned(SEAT), *put(SEAT, B, A)]
    facts = appoint(fold(*given), appoints(B), NOW)
    assert facts == [lined_up(B, C), duty(with_chain(SEAT, B), B)]


# --- the tests somebody must pass -----------------------------------------------------

OPEN = {"lost": False, "acting": {}, "several": False, "own": False}
GRAVER, SAME, LESS = (
    {plan.post: duty(plan, A)}
    for plan in (seat("street-duty", STREET_1), seat("second-secretary",
                 COMMUNITY_12), HEAD)
)  # fmt: skip
PASSES = [
    ("can", {}, [], ""),
    ("is the one to be replaced", {"own": True}, [], "own-backup"),
    ("falls away just now", {"lost": True}, [], "available"),
    ("is ill", {}, [lost(A)], "available"),
    ("is forgotten", {}, [PersonForgotten(person=A)], "available"),
    ("has no training", {}, [person(A, trainings=())], "qualified"),
    ("has another training", {}, [person(A, trainings=(Training("stores"),))],
     "qualified"),
    ("has a training that ends now", {},
     [person(A, trainings=(Training("command", NOW),))], "qualified"),
    ("has a training that ends later", {},
     [person(A, trainings=(Training("command", NOW + 1),))], ""),
    ("lives in a building of it", {}, [person(A, BUILDING)], ""),
    ("lives next door", {}, [person(A, COMMUNITY_12)], "in-reach"),
    ("acts on a graver post", {"acting": GRAVER}, [], "already-acting"),
    ("acts on one as grave", {"acting": SAME}, [], "already-acting"),
    ("acts on a less grave one", {"acting": LESS}, [], ""),
    ("acts, and may on several", {"acting": SAME, "several": True}, [], ""),
    ("is the one, and ill", {"own": True}, [lost(A)], "own-backup"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "facts", "then"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in PASSES],
)
def test_a_refusal_names_the_first_test_that_failed(more, facts, then):
    """Available, qualified, in reach, not acting elsewhere, not their own backup."""
    found = fold(person(A), *facts)(person_stream(A))
    assert failed_test(found, seated(SEAT), NOW, **{**OPEN, **more}) == then
    assert not then or then in TESTS
    assert set(TESTS) <= set(FAILED_TESTS)


def test_who_is_not_there_is_not_available():
    """A stranger passes nothing."""
    nobody = fold()(person_stream(A))
    assert failed_test(nobody, seated(SEAT), NOW, **OPEN) == "available"


def test_a_post_without_training_asks_for_none():
    """A grid head needs none."""
    found = fold(person(A, trainings=()))(person_stream(A))
    assert failed_test(found, seated(HEAD), NOW, **OPEN) == ""


# --- the rules of a place -------------------------------------------------------------

PLANS = [FLOOD_PLAN, GUARD_PLAN]
GUARD = declared("e1", plan=GUARD_PLAN)
RULES = [
    ("peace", [], (USUAL, 0)),
    ("by its playbook", [GUARD], (GUARDED, NOW)),
    ("elsewhere", [declared("e1", STREET_2, plan=GUARD_PLAN)], (USUAL, 0)),
    ("over", [GUARD, ended()], (USUAL, 0)),
    ("the gravest of two", [GUARD, declared("e2", level=3, at=NOW + HOUR)],
     (USUAL, 0)),
    ("the older of equals", [GUARD, declared("e2", at=NOW + HOUR)], (GUARDED, NOW)),
    ("orders of it later", [GUARD, raised(at=NOW + HOUR), lowered(at=NOW + 2 * HOUR)],
     (GUARDED, NOW)),
    ("the other, once that is over", [GUARD, declared("e2", at=NOW - 1), ended()],
     (USUAL, 0)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "then"), [pytest.param(*cells, id=said) for said, *cells in RULES]
)
def test_posts_are_substituted_by_the_gravest_emergency_s_playbook(given, then):
    """In peacetime by what a playbook says nothing of."""
    read = fold(*PLANS, *given)
    assert rules_at(read, COMMUNITY_11.path) == then[0]
    assert limited_since(read, COMMUNITY_11.path) == then[1]
    assert Substitution() == USUAL != GUARDED


def walked(read, path):
    """Return rules and since when silence is counted, by every order there ever was."""
    standing, rules, began_us = {}, Substitution(), 0
    known = read(EMERGENCIES)
    for order in known.orders:
        before = dict(standing)
        standing.pop(order.emergency, None)
        if order.kind != ENDED and order.covers(path):
            standing[order.emergency] = order
        if standing == before:
            continue
        held, rules = rules, Substitution()
        found = [known.all[emergency].declared for emergency in standing]
        if found:
            first = min(
                found, key=lambda d: (standing[d.emergency].level, d.declared_us)
            )
            rules = playbook_of(read, first).substitution
        if rules.silent_minutes != held.silent_minutes:
            began_us = order.at_us
    return rules, began_us if standing else 0


CHANGES = {
    "raise": lambda emergency, at: raised(emergency, at=at),
    "lower": lambda emergency, at: lowered(emergency, 4, 2, at=at),
    "widen": lambda emergency, at: widened(emergency, STREET_1, STREET_2, at=at),
    "narrow": lambda emergency, at: narrowed(emergency, STREET_2, at=at),
    "end": lambda emergency, at: ended(emergency, at=at),
}


def several(steps):
    """Return orders of some emergencies, each after its declaration."""
    facts, begun, over = [], set(), set()
    for number, (which, what) in enumerate(steps):
        emergency, at = f"e{which}", NOW + number // 2 * HOUR
        if emergency not in begun:
            begun.add(emergency)
            plan = GUARD_PLAN if which % 2 else FLOOD_PLAN
            where = STREET_2 if what == "narrow" else STREET_1
            facts.append(declared(emergency, where, at=at, plan=plan))
        elif emergency not in over:
            over |= {emergency} if what == "end" else set()
            facts.append(CHANGES[what](emergency, at))
    return facts


STEPS = st.tuples(st.integers(0, 5), st.sampled_from(sorted(CHANGES)))


@given(st.lists(STEPS, max_size=25))
def test_the_rules_of_a_place_are_as_every_order_in_turn_says(steps):
    """The emergencies that stand say it, and since when: whatever there was before."""
    read = fold(*PLANS, *several(steps))
    rules, began_us = walked(read, COMMUNITY_11.path)
    assert rules_at(read, COMMUNITY_11.path) == rules
    if rules.silent_minutes:
        assert limited_since(read, COMMUNITY_11.path) == began_us


@pytest.mark.parametrize(
    ("standing", "most"), [([], 0), ([GUARD], 1)], ids=["in peacetime", "in one"]
)
def test_what_is_over_costs_nothing_where_posts_are_filled(standing, most, monkeypatch):
    """However many emergencies there were, only those that stand are looked at."""
    over = [fact for n in range(60) for fact in (declared(f"o{n}"), ended(f"o{n}"))]
    read = fold(*PLANS, *over, *standing)
    looked, covers = [], Order.covers

    def counted(order, path):
        looked.append(order)
        return covers(order, path)

    monkeypatch.setattr(Order, "covers", counted)
    rules_at(read, COMMUNITY_11.path)
    assert len(looked) <= most
    limited_since(read, COMMUNITY_11.path)
    assert len(looked) <= 2 * most


def test_a_command_about_posts_names_its_stream_and_place():
    """A post's path is that of its area or site; who define posts wait in turn."""
    assert defines(SEAT).stream == defines(HEAD).stream == "posts"
    assert appoints(A).stream == lined_up().stream == f"post/{SEAT.post}"
    assert appoints(A).places(fold()) == (COMMUNITY_11.path,)
    assert post_path(LEAD.post) == COMMUNITY_11.path
    assert post_path(HEAD.post) == GRID.path
    state = fold(*manned(SEAT))(post_stream(SEAT.post))
    other = CommandRefused(command_name="x", place="", code="x", facts={})
    assert evolve_post(state, other) is state
    assert Post().waits() == {}


# --- a vacancy is tried again --------------------------------------------------------

ALONE = seat("second-secretary", COMMUNITY_11, A, B)
GUARD = [published(GUARD_TEXT), declared("e1", level=3, plan=GUARD_PLAN)]
VACATED = PostVacated(post=ALONE.post, before=A, cause="ill", tried=())
EMPTY = [
    *AREAS, *FOLK, seated(ALONE), *put(ALONE, A, how=APPOINTED),
    DutyEnded(person=A, post=ALONE.post), lost(A), lost(B), VACATED,
]  # fmt: skip


def comes_back(who, *vacant):
    """Return the command that somebody is back, with what a view found vacant."""
    return MarkAvailable(people=(who,), vacant=vacant or (ALONE.post,))


@table(
    ("the last backup", [*GUARD, *EMPTY], comes_back(B),
     [back(B), *put(ALONE, B, rules=GUARDED, acting=False)]),
    ("the holder", [*GUARD, *EMPTY], comes_back(A),
     [back(A), *put(ALONE, A, rules=GUARDED, acting=False)]),
    ("who had no answer before", [*GUARD, *EMPTY, SubstitutionDeclined(
        post=ALONE.post, substitution="b-1", person=B)], comes_back(B),
     [back(B), *put(ALONE, B, rules=GUARDED, acting=False)]),
    ("where somebody orders it", EMPTY, comes_back(B), [back(B)]),
    ("somebody who is not in line", [*GUARD, *EMPTY, lost(C)], comes_back(C),
     [back(C)]),
    ("when it is filled by now", [*GUARD, *EMPTY, back(B), *put(ALONE, B), lost(B)],
     comes_back(B), [back(B)]),
)  # fmt: skip
def test_a_vacancy_is_tried_again_when_somebody_of_its_line_is_back(given, when, then):
    """In the same decision where backups step in by themselves; else nothing does."""
    check(together, given, when, then)
