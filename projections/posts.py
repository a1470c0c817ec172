"""Posts (岗位): who acts on each, since when, what is waited for, who was tried."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.filled import filled
from coordination.posts import events as posts
from coordination.posts.state import ACCEPT, HANDOVER, RATIFY
from projections.temporal import Temporal, as_json
from projections.view import Tables, View

HELD, ACTING, PENDING, VACANT = "HELD", "ACTING", "PENDING", "VACANT"
"""A 角在岗, B 角履职, 待接岗, 空缺."""


class PostRow(NamedTuple):
    """岗位. ``chain``: A, B1 … joined by commas; ``place``: code of its area.

    ``before``: who acted until then. ``tried``: ``person test`` joined by ``;``.
    ``taken``: JSON of item -> [microseconds, account, count, note, seq]. Deadlines are
    microseconds, 0: none or met. ``late``: what is overdue still, by commas.
    ``made_seq``: the fact by which whoever acts came to act, or it became vacant.
    """

    post: str
    path: str
    place: str
    site: str
    kind: str
    name: str
    rank: int
    reach: str
    training: str
    chain: str
    acting: str = ""
    before: str = ""
    state: str = VACANT
    how: str = ""
    cause: str = ""
    tried: str = ""
    substitution: str = ""
    since_us: int = 0
    accept_by_us: int = 0
    handover_by_us: int = 0
    ratify_by_us: int = 0
    items: str = ""
    taken: str = "{}"
    items_left: int = 0
    confirmed_us: int = 0
    silent_us: int = 0
    late: str = ""
    due_us: int = 0
    made_seq: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Staff(NamedTuple):
    """岗位汇总 of one area: the key is its path."""

    area: str
    path: str
    posts: int = 0
    vacant: int = 0
    standing_in: int = 0
    occurred_us: int = 0
    seq_from: int = 0


POST = Temporal("posts_post", PostRow)
STAFF = Temporal("posts_staff", Staff)


POSTS = View(name="posts", version=3, tables=(POST, STAFF))


def _put(t: Tables, row: PostRow) -> None:
    """Make this the post's row, and keep the tally of its area."""
    waits = (row.accept_by_us, row.handover_by_us, row.ratify_by_us)
    late = row.late.split(",")
    named = zip((ACCEPT, HANDOVER, RATIFY), waits, strict=True)
    open_ = [due for what, due in named if due and what not in late]
    before, after = _counts(t[POST].current.get(row.post)), _counts(row)
    t.put(POST, row._replace(due_us=min(open_, default=0)))
    if before != after:
        known = t[STAFF].current.get(row.path) or Staff(area=row.path, path=row.path)
        staff = known._replace(
            posts=known.posts + after[0] - before[0],
            vacant=known.vacant + after[1] - before[1],
            standing_in=known.standing_in + after[2] - before[2],
        )
        t.put(STAFF, staff)


def _counts(row: PostRow | None) -> tuple[int, int, int]:
    if row is None:
        return 0, 0, 0
    return 1, int(row.state == VACANT), int(row.state in {ACTING, PENDING})


@POSTS.on(posts.PostDefined)
def on_defined(t: Tables, e: posts.PostDefined) -> None:
    """A post stands; who acts on it is told by the next fact."""
    row = filled(
        PostRow,
        e,
        path=e.place.path,
        place=e.place.code,
        reach=e.reach.path,
        chain=",".join(e.chain),
        since_us=t.fact.envelope.occurred_us,
        made_seq=t.fact.seq,
    )
    _put(t, row)


@POSTS.on(posts.ChainSet)
def on_chain(t: Tables, e: posts.ChainSet) -> None:
    """Others stand in line."""
    row = t[POST].current[e.post]._replace(chain=",".join(e.chain))
    if row.acting and row.state != PENDING:
        row = row._replace(state=_state(row))
    _put(t, row)


def _state(row: PostRow) -> str:
    """Return whether whoever acts on a post is the first in line."""
    return HELD if row.chain.partition(",")[0] == row.acting else ACTING


def _vacant(
    row: PostRow, e: posts.SubstitutionMade | posts.PostVacated, seq: int
) -> PostRow:
    """Return a post that nobody acts on since this fact, and whoever was tried."""
    tried = ";".join(f"{one.person} {one.test}" for one in e.tried)
    who = row[:10]  # from its id to its chain: what a post stays
    return PostRow(*who, before=e.before, cause=e.cause, tried=tried, made_seq=seq)


@POSTS.on(posts.SubstitutionMade)
def on_made(t: Tables, e: posts.SubstitutionMade) -> None:
    """Somebody acts from now on."""
    row = _vacant(t[POST].current[e.post], e, t.fact.seq)._replace(
        acting=e.after,
        how=e.how,
        substitution=e.substitution,
        since_us=e.made_us,
        accept_by_us=e.accept_by_us,
        handover_by_us=e.handover_by_us,
        ratify_by_us=e.ratify_by_us,
        items=",".join(e.items),
        items_left=len(e.items),
    )
    _put(t, row._replace(state=PENDING if e.accept_by_us > 0 else _state(row)))


@POSTS.on(posts.PostVacated)
def on_vacated(t: Tables, e: posts.PostVacated) -> None:
    """Nobody acts."""
    row = _vacant(t[POST].current[e.post], e, t.fact.seq)
    _put(t, row._replace(since_us=t.fact.envelope.occurred_us))


Answer = (
    posts.SubstitutionAccepted
    | posts.SubstitutionRatified
    | posts.HandoverItemTaken
    | posts.ItemTakenBack
    | posts.SafetyConfirmed
    | posts.HolderSilent
    | posts.WaitOverdue
)
"""A refusal is none of them: what becomes of it stands in the fact that follows."""


@POSTS.on(Answer)
def on_answer(t: Tables, e: Answer) -> None:
    """A wait is over, or something of the sheet is acknowledged."""
    row = t[POST].current[e.post]
    match e:
        case posts.SubstitutionAccepted():
            row = row._replace(accept_by_us=0, state=_state(row))
        case posts.SubstitutionRatified():
            row = row._replace(ratify_by_us=0, late=_without(row.late, RATIFY))
        case posts.HandoverItemTaken():
            who = t.fact.envelope
            said = [who.occurred_us, who.actor, e.count, e.note, t.fact.seq]
            taken = {**msgspec.json.decode(row.taken), e.item: said}
            left = len(row.items.split(",")) - len(taken)
            row = row._replace(
                taken=as_json(taken),
                items_left=left,
                handover_by_us=row.handover_by_us if left else 0,
                late=row.late if left else _without(row.late, HANDOVER),
            )
        case posts.ItemTakenBack():
            taken = msgspec.json.decode(row.taken)
            del taken[e.item]
            overdue = _without(row.late, HANDOVER)
            if e.late:
                overdue = f"{overdue},{HANDOVER}".lstrip(",")
            row = row._replace(
                taken=as_json(taken),
                items_left=e.left,
                handover_by_us=e.due_us,
                late=overdue,
            )
        case posts.SafetyConfirmed():
            heard = max(row.confirmed_us, e.confirmed_us)
            row = row._replace(confirmed_us=heard, silent_us=0)
        case posts.HolderSilent():
            row = row._replace(silent_us=e.due_us)
        case posts.WaitOverdue():
            late = [*filter(None, row.late.split(",")), e.what]
            row = row._replace(late=",".join(late))
    _put(t, row)


def _without(listed: str, one: str) -> str:
    """Return a list joined by commas without one of its entries."""
    return ",".join(part for part in listed.split(",") if part not in {"", one})


def overdue(c: sa.Connection, now: int) -> list[PostRow]:
    """Return the posts with a wait that has passed and is not recorded."""
    due = POST.table.c.due_us
    return POST.where(c, due > 0, due <= now, at=None)


def quiet(c: sa.Connection, since_us: int) -> list[PostRow]:
    """Return the posts whose holder has not been heard of since then."""
    t = POST.table.c
    heard = t.since_us <= since_us, t.confirmed_us <= since_us
    return POST.where(c, t.acting != "", *heard, at=None)


def vacant_behind(c: sa.Connection, people: Iterable[str]) -> list[str]:
    """Return the vacant posts in whose line some of these people stand."""
    wanted = set(people)
    rows = POST.where(c, POST.table.c.state == VACANT, at=None)
    return sorted(r.post for r in rows if wanted & set(r.chain.split(",")))
