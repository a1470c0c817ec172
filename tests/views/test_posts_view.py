"""Posts: what each fact says of one, the tally of each area, and its alarms."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.posts.events import (
    APPOINTED,
    AUTOMATIC,
    ORDERED,
    RETURNED,
    SEIZED,
    ChainSet,
    HandoverItemTaken,
    HolderSilent,
    PostVacated,
    SafetyConfirmed,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionRatified,
    Tried,
    WaitOverdue,
)
from coordination.posts.state import post_stream
from coordination.vocabulary import HANDOVER_ITEMS
from projections.posts import POST, POSTS, STAFF, overdue, quiet
from tests.given import (
    COMMUNITY_11,
    DESK,
    GRID,
    HEAD,
    HOUR,
    MINUTE,
    NOW,
    SEAT,
    A,
    B,
    C,
    D,
    fold,
    put,
    seat,
    seated,
    turn,
)
from tests.views.city import check_rebuilt
from tests.views.ledger import watching

LATER = NOW + 5 * MINUTE
ITEMS = tuple(HANDOVER_ITEMS)


def made(after, before="", how=APPOINTED, now=NOW, number=0, tried=()):
    """Return that somebody acts on the seat."""
    facts = put(SEAT, after, before, how, now=now, number=number, tried=tried)
    return next(fact for fact in facts if hasattr(fact, "how"))


def vacated(before=A, cause="ill", tried=()):
    """Return that nobody acts on the seat."""
    told = tuple(Tried(*one) for one in tried)
    return PostVacated(post=SEAT.post, before=before, cause=cause, tried=told)


def took(item, left, count=-1, note=""):
    """Return that one item of the sheet is acknowledged."""
    return HandoverItemTaken(
        post=SEAT.post, substitution=turn(0), item=item, left=left, count=count,
        note=note,
    )  # fmt: skip


def late(what, due_us=NOW):
    """Return that a wait has passed."""
    return WaitOverdue(
        post=SEAT.post, substitution=turn(0), what=what, due_us=due_us, noticed_us=LATER
    )


def chain(*people):
    """Return another line."""
    return ChainSet(post=SEAT.post, chain=people)


OF_SEAT = {"post": SEAT.post, "substitution": turn(0)}
ACCEPTED = SubstitutionAccepted(**OF_SEAT)
DECLINED = SubstitutionDeclined(**OF_SEAT, person=B)
RATIFIED = SubstitutionRatified(**OF_SEAT)
SAFE = SafetyConfirmed(post=SEAT.post, person=A, confirmed_us=LATER)
SILENT = HolderSilent(post=SEAT.post, person=A, due_us=NOW, noticed_us=LATER)
HELD, CALLED = made(A), made(B, A, ORDERED)
TOOK = [took(item, 4 - n) for n, item in enumerate(ITEMS)]
FILLED = {
    "state": "PENDING", "acting": B, "before": A, "how": AUTOMATIC,
    "since_us": LATER, "accept_by_us": LATER + 15 * MINUTE,
    "handover_by_us": LATER + HOUR, "due_us": LATER + 15 * MINUTE,
    "items": ",".join(ITEMS), "items_left": 5,
}  # fmt: skip

HANDLED = [
    # id, facts, then this fact, what is new in the post's row
    ("filled", [], made(A, now=LATER),
     {"acting": A, "state": "HELD", "how": APPOINTED, "since_us": LATER}),
    ("a backup is called", [HELD],
     made(B, A, AUTOMATIC, LATER, 0, [(C, "available"), (D, "qualified")]),
     {**FILLED, "tried": f"{C} available;{D} qualified"}),
    ("called anew, nothing of before is left",
     [CALLED, SAFE, SILENT, late("accept"), TOOK[0]], made(C, B, AUTOMATIC, LATER, 3),
     {**FILLED, "acting": C, "before": B, "taken": "{}",
      "confirmed_us": 0, "silent_us": 0, "late": ""}),
    ("seized", [HELD], made(B, A, SEIZED, LATER),
     {**FILLED, "state": "ACTING", "how": SEIZED, "accept_by_us": 0,
      "ratify_by_us": LATER + 4 * HOUR, "due_us": LATER + HOUR}),
    ("the holder is back", [CALLED, ACCEPTED], made(A, B, RETURNED, LATER),
     {"state": "HELD", "acting": A, "before": B, "how": RETURNED, "since_us": LATER,
      "handover_by_us": LATER + HOUR, "due_us": LATER + HOUR}),
    ("vacant", [HELD], vacated(A, "ill", [(B, "own-backup")]),
     {"acting": "", "before": A, "state": "VACANT", "how": "", "cause": "ill",
      "tried": f"{B} own-backup", "since_us": LATER}),
    ("vacant, nothing is waited for",
     [CALLED, SAFE, SILENT, late("accept"), TOOK[0]], vacated(B, "no-answer"),
     {"acting": "", "before": B, "state": "VACANT", "how": "", "cause": "no-answer",
      "since_us": LATER, "accept_by_us": 0, "handover_by_us": 0, "due_us": 0,
      "items": "", "items_left": 0, "taken": "{}", "late": "",
      "confirmed_us": 0, "silent_us": 0}),
    ("another line, the same holder", [HELD], chain(A, D),
     {"chain": f"{A},{D}"}),
    ("another holder in the line", [HELD], chain(B, A),
     {"chain": f"{B},{A}", "state": "ACTING"}),
    ("who acts is the holder by now", [CALLED, ACCEPTED], chain(B, A),
     {"chain": f"{B},{A}", "state": "HELD"}),
    ("the line of who has not answered", [CALLED], chain(B, A),
     {"chain": f"{B},{A}"}),
    ("the line of nobody", [], chain(), {"chain": ""}),
    ("accepted", [CALLED], ACCEPTED,
     {"state": "ACTING", "accept_by_us": 0, "due_us": NOW + HOUR}),
    ("declined: what becomes of it is the next fact", [CALLED], DECLINED, {}),
    ("ratified", [made(B, A, SEIZED), late("ratify")], RATIFIED,
     {"ratify_by_us": 0, "late": ""}),
    ("one item", [CALLED], took("custody", 4, 3, "齐"),
     {"taken": f'{{"custody":[{LATER},"wang",3,"齐",3]}}', "items_left": 4}),
    ("the last item", [CALLED, late("handover"), *TOOK[:4]], TOOK[4],
     {"items_left": 0, "handover_by_us": 0, "late": "", "taken": ...}),
    ("well", [HELD, SILENT], SAFE, {"confirmed_us": LATER, "silent_us": 0}),
    ("silent", [HELD], SILENT, {"silent_us": NOW}),
    ("nobody answered in time", [CALLED], late("accept"),
     {"late": "accept", "due_us": NOW + HOUR}),
    ("nor took over", [CALLED, late("accept")], late("handover"),
     {"late": "accept,handover", "due_us": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "then", "new"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in HANDLED
])  # fmt: skip
def test_what_a_fact_says_of_a_post(facts, then, new):
    """It changes these columns and no other; before, the row is as it was."""
    with watching(seated(SEAT), *facts, views=(POSTS,)) as watched:
        seq, before = watched.catch_up(), watched.get(POST, SEAT.post)
        watched.add(then, now=LATER)
        after = watched.get(POST, SEAT.post)
        if hasattr(then, "tried"):  # who acts is another, or nobody
            made_ = {"substitution": getattr(then, "substitution", "")}
            new = {**new, **made_, "made_seq": seq + 1}
        times = {"occurred_us": LATER, "seq_from": seq + 1} if new else {}
        new = {k: getattr(after, k) if v is ... else v for k, v in new.items()}
        assert after == before._replace(**new, **times)
        assert watched.get(POST, SEAT.post, at=seq) == before


def test_a_new_post_is_vacant_until_somebody_acts():
    """It stands where it stands, with its line; the tally is of its own area."""
    hall = seat("site-lead", COMMUNITY_11, site="310117001001-s1", reach=GRID)
    with watching(seated(HEAD), seated(hall), views=(POSTS,)) as watched:
        row = watched.get(POST, HEAD.post)
        assert (row.path, row.place, row.kind, row.rank) == (
            GRID.path, GRID.code, "grid-head", 4,
        )  # fmt: skip
        assert (row.state, row.acting, row.chain) == (
            "VACANT",
            "",
            ",".join(HEAD.chain),
        )
        other = watched.get(POST, hall.post)
        assert (other.site, other.reach, other.chain) == (hall.site, GRID.path, "")
        assert {(s.area, s.posts, s.vacant) for s in watched.select(STAFF)} == {
            (GRID.path, 1, 1), (COMMUNITY_11.path, 1, 1),
        }  # fmt: skip


# --- the tally, and the rules --------------------------------------------------------

PLANS = (SEAT, HEAD, DESK)
acts = st.tuples(
    st.sampled_from(["made", "made", "vacated", "chain", "accepted", "item", "late",
                     "ratified", "safe", "silent", "restart"]),
    st.sampled_from(PLANS),
    st.sampled_from([A, B, C]),
    st.sampled_from([ORDERED, SEIZED, RETURNED]),
    st.sampled_from(["accept", "handover", "ratify"]),
)  # fmt: skip


def fact_of(act, state, number):
    """Return the fact of a random act, None where it could not stand in a log."""
    kind, plan, who, how, what = act
    post, current = plan.post, state.made
    if kind == "made":
        facts = put(plan, who, state.acting, how, number=number)
        return next(fact for fact in facts if hasattr(fact, "how"))
    if kind == "vacated":
        return PostVacated(post=post, before=state.acting, cause="ill", tried=())
    if kind == "chain":
        return ChainSet(post=post, chain=(who, *plan.chain[1:2]))
    if current is None:
        return None
    same = {"post": post, "substitution": current.substitution}
    left = [item for item in current.items if item not in state.taken]
    waits = state.waits()
    match kind:
        case "accepted" if "accept" in waits:
            return SubstitutionAccepted(**same)
        case "ratified" if "ratify" in waits:
            return SubstitutionRatified(**same)
        case "item" if left:
            return HandoverItemTaken(**same, item=left[0], left=len(left) - 1)
        case "late" if what in waits and what not in state.overdue:
            return WaitOverdue(**same, what=what, due_us=waits[what], noticed_us=LATER)
        case "safe":
            return SafetyConfirmed(post=post, person=state.acting, confirmed_us=LATER)
        case "silent":
            return HolderSilent(
                post=post, person=state.acting, due_us=number, noticed_us=LATER
            )
    return None


def check_agreement(watched):
    """Assert that rows say what rules fold, and tallies what counting rows gives."""
    read, rows = fold(*watched.ledger.events), watched.select(POST)
    for row in rows:
        state = read(post_stream(row.post))
        assert (row.acting, row.chain) == (state.acting, ",".join(state.chain))
        waits = state.waits()
        assert {
            "accept": row.accept_by_us,
            "handover": row.handover_by_us,
            "ratify": row.ratify_by_us,
        } == {what: waits.get(what, 0) for what in ("accept", "handover", "ratify")}
        still = {what: due for what, due in waits.items() if what not in state.overdue}
        assert row.due_us == min(still.values(), default=0)
        holder = state.chain[:1] == (state.acting,)
        expected = "VACANT" if not state.acting else "HELD" if holder else "ACTING"
        assert row.state == ("PENDING" if "accept" in waits else expected)
    naive = {}
    for row in rows:
        one = naive.setdefault(row.path, [0, 0, 0])
        one[0] += 1
        one[1] += row.acting == ""
        one[2] += row.state in ("ACTING", "PENDING")
    found = watched.select(STAFF)
    assert {s.area: [s.posts, s.vacant, s.standing_in] for s in found} == naive
    with watched.engine.connect() as c:
        for now in (NOW, NOW + 15 * MINUTE, NOW + 5 * HOUR):
            due = {row.post for row in rows if 0 < row.due_us <= now}
            assert {row.post for row in overdue(c, now)} == due
        heard = {r.post for r in rows if r.acting and r.confirmed_us <= NOW}
        assert {row.post for row in quiet(c, NOW)} == heard


@given(acts=st.lists(acts, min_size=5, max_size=20))
@settings(max_examples=12, deadline=None)
def test_the_view_is_what_the_rules_fold_and_the_tally_what_counting_gives(acts):
    """After each fact, also after a restart; rebuilt, it is the same rows."""
    with watching(*map(seated, PLANS), views=(POSTS,)) as watched:
        for number, act in enumerate(acts, start=1):
            if act[0] == "restart":
                watched.restart()
                continue
            state = fold(*watched.ledger.events)(post_stream(act[1].post))
            fact = fact_of(act, state, number)
            if fact is not None:
                watched.add(fact)
                check_agreement(watched)
        head = len(watched.ledger.stored)
        check_rebuilt(watched.ledger, watched.engine, (POSTS,), head)


def test_the_tally_of_the_past_is_the_past_s():
    """As of each position, how many posts were vacant then."""
    facts = [HELD, CALLED, ACCEPTED, vacated(B), made(C, "", ORDERED, number=3)]
    with watching(seated(SEAT), *facts, views=(POSTS,)) as watched:
        shown = [watched.get(STAFF, COMMUNITY_11.path, at=at) for at in range(1, 7)]
        assert [(s.posts, s.vacant, s.standing_in) for s in shown] == [
            (1, 1, 0), (1, 0, 0), (1, 0, 1), (1, 0, 1), (1, 1, 0), (1, 0, 1),
        ]  # fmt: skip
