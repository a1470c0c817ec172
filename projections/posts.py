"""Posts (岗位): who acts on each, since when, what is waited for, who was tried."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from coordination.catalogue import Fact
from coordination.posts.events import (
    ChainSet,
    HandoverItemTaken,
    HolderSilent,
    PostDefined,
    PostVacated,
    SafetyConfirmed,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionMade,
    SubstitutionRatified,
    WaitOverdue,
)
from coordination.posts.state import ACCEPT, HANDOVER, RATIFY
from projections.temporal import Temporal
from projections.view import Tables, View

HELD, ACTING, PENDING, VACANT = STATES = ("HELD", "ACTING", "PENDING", "VACANT")
"""A 角在岗, B 角履职, 待接岗, 空缺."""
CUSTODY_UNTOLD = -1


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
    acting: str
    before: str
    state: str
    how: str
    cause: str
    tried: str
    substitution: str
    since_us: int
    accept_by_us: int
    handover_by_us: int
    ratify_by_us: int
    items: str
    taken: str
    items_left: int
    confirmed_us: int
    silent_us: int
    late: str
    due_us: int
    made_seq: int
    occurred_us: int
    seq_from: int


class Staff(NamedTuple):
    """岗位汇总 of one area: the key is its path."""

    area: str
    path: str
    posts: int
    vacant: int
    standing_in: int
    occurred_us: int
    seq_from: int


POST = Temporal("posts_post", PostRow)
STAFF = Temporal("posts_staff", Staff)
_json = msgspec.json.Encoder().encode


def _put(t: Tables, fact: Fact, row: PostRow) -> None:
    """Make this the post's row, and keep the tally of its area."""
    old = t[POST].current.get(row.post)
    when = fact.envelope.occurred_us
    waits = (row.accept_by_us, row.handover_by_us, row.ratify_by_us)
    named = zip((ACCEPT, HANDOVER, RATIFY), waits, strict=True)
    late = row.late.split(",")
    open_ = [due for what, due in named if due and what not in late]
    row = row._replace(
        due_us=min(open_, default=0), occurred_us=when, seq_from=fact.seq
    )
    t[POST].put(row)
    path = row.path
    known = t[STAFF].current.get(path) or Staff(path, path, 0, 0, 0, 0, 0)
    before, after = _counts(old), _counts(row)
    if before != after:
        t[STAFF].put(
            known._replace(
                posts=known.posts + after[0] - before[0],
                vacant=known.vacant + after[1] - before[1],
                standing_in=known.standing_in + after[2] - before[2],
                occurred_us=when,
                seq_from=fact.seq,
            )
        )


def _counts(row: PostRow | None) -> tuple[int, int, int]:
    if row is None:
        return 0, 0, 0
    return 1, int(row.state == VACANT), int(row.state in {ACTING, PENDING})


def on_defined(t: Tables, fact: Fact) -> None:
    """A post stands; who acts on it is told by the next fact."""
    e: PostDefined = fact.event  # type: ignore[assignment]
    when = fact.envelope.occurred_us
    _put(
        t,
        fact,
        PostRow(
            e.post, e.place.path, e.place.code, e.site, e.kind, e.name, e.rank,
            e.reach.path, e.training, ",".join(e.chain), "", "", VACANT, "", "", "", "",
            when, 0, 0, 0, "", "{}", 0, 0, 0, "", 0, fact.seq, when, fact.seq,
        ),
    )  # fmt: skip


def _row(t: Tables, post: str) -> PostRow:
    found: PostRow = t[POST].current[post]
    return found


def on_chain(t: Tables, fact: Fact) -> None:
    """Others stand in line."""
    e: ChainSet = fact.event  # type: ignore[assignment]
    row = _row(t, e.post)._replace(chain=",".join(e.chain))
    if row.acting:
        pending = row.state == PENDING
        row = row._replace(state=_state(e.chain, row.acting, pending=pending))
    _put(t, fact, row)


def _state(chain: tuple[str, ...], acting: str, *, pending: bool) -> str:
    if pending:
        return PENDING
    return HELD if chain[:1] == (acting,) else ACTING


def _tried(fact: SubstitutionMade | PostVacated) -> str:
    return ";".join(f"{tried.person} {tried.test}" for tried in fact.tried)


def on_made(t: Tables, fact: Fact) -> None:
    """Somebody acts from now on."""
    e: SubstitutionMade = fact.event  # type: ignore[assignment]
    old = _row(t, e.post)
    chain = tuple(filter(None, old.chain.split(",")))
    _put(
        t,
        fact,
        old._replace(
            acting=e.after,
            before=e.before,
            state=_state(chain, e.after, pending=e.accept_by_us > 0),
            how=e.how,
            cause=e.cause,
            tried=_tried(e),
            substitution=e.substitution,
            since_us=e.made_us,
            accept_by_us=e.accept_by_us,
            handover_by_us=e.handover_by_us,
            ratify_by_us=e.ratify_by_us,
            items=",".join(e.items),
            taken="{}",
            items_left=len(e.items),
            confirmed_us=0,
            silent_us=0,
            late="",
            made_seq=fact.seq,
        ),
    )


def on_vacated(t: Tables, fact: Fact) -> None:
    """Nobody acts."""
    e: PostVacated = fact.event  # type: ignore[assignment]
    _put(
        t,
        fact,
        _row(t, e.post)._replace(
            acting="",
            before=e.before,
            state=VACANT,
            how="",
            cause=e.cause,
            tried=_tried(e),
            substitution="",
            since_us=fact.envelope.occurred_us,
            accept_by_us=0,
            handover_by_us=0,
            ratify_by_us=0,
            items="",
            taken="{}",
            items_left=0,
            confirmed_us=0,
            silent_us=0,
            late="",
            made_seq=fact.seq,
        ),
    )


def on_answer(t: Tables, fact: Fact) -> None:
    """A wait is over, or something of the sheet is acknowledged."""
    e: Any = fact.event
    row = _row(t, e.post)
    match e:
        case SubstitutionAccepted():
            chain = tuple(filter(None, row.chain.split(",")))
            state = _state(chain, row.acting, pending=False)
            row = row._replace(accept_by_us=0, state=state)
        case SubstitutionRatified():
            row = row._replace(ratify_by_us=0, late=_without(row.late, RATIFY))
        case HandoverItemTaken():
            who = fact.envelope
            said = [who.occurred_us, who.actor, e.count, e.note, fact.seq]
            taken = {**msgspec.json.decode(row.taken), e.item: said}
            left = len(row.items.split(",")) - len(taken)
            row = row._replace(
                taken=_json(taken).decode(),
                items_left=left,
                handover_by_us=row.handover_by_us if left else 0,
                late=row.late if left else _without(row.late, HANDOVER),
            )
        case SafetyConfirmed():
            heard = max(row.confirmed_us, e.confirmed_us)
            row = row._replace(confirmed_us=heard, silent_us=0)
        case HolderSilent():
            row = row._replace(silent_us=e.due_us)
        case WaitOverdue():
            late = [*filter(None, row.late.split(",")), e.what]
            row = row._replace(late=",".join(late))
        case SubstitutionDeclined():
            return  # what becomes of it stands in the fact that follows
    _put(t, fact, row)


def _without(listed: str, one: str) -> str:
    """Return a list joined by commas without one of its entries."""
    return ",".join(part for part in listed.split(",") if part not in {"", one})


POSTS = View(
    name="posts",
    version=2,
    tables=(POST, STAFF),
    handlers={
        PostDefined: on_defined,
        ChainSet: on_chain,
        SubstitutionMade: on_made,
        PostVacated: on_vacated,
        **dict.fromkeys(
            (
                SubstitutionAccepted,
                SubstitutionDeclined,
                SubstitutionRatified,
                HandoverItemTaken,
                SafetyConfirmed,
                HolderSilent,
                WaitOverdue,
            ),
            on_answer,
        ),
    },
)


def overdue(c: sa.Connection, now: int) -> list[PostRow]:
    """Return the posts with a wait that has passed and is not recorded."""
    due = POST.table.c.due_us
    return POST.where(c, due > 0, due <= now, at=None)


def quiet(c: sa.Connection, since_us: int) -> list[PostRow]:
    """Return the posts whose holder has not been heard of since then."""
    t = POST.table.c
    heard = t.since_us <= since_us, t.confirmed_us <= since_us
    return POST.where(c, t.acting != "", *heard, at=None)
