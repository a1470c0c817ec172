"""Pacing (限流): how much of what a rule tells goes out, and what becomes of the rest.

On one channel a rule sends at most ``most`` messages in any ``minutes`` minutes. What
is over that is counted in one summary, sent when so many minutes have passed. Nothing
is left out of the count, whatever dies meanwhile: a message and its summary change in
one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.world.delivery_tables import (
    ADMITTED,
    DELIVERY,
    DROPPED,
    FOLDED,
    HELD,
    TURN,
    WAITING,
    WATERMARK,
)
from coordination.kernel import MINUTE_US
from coordination.notices.events import NoticeRuleSet
from projections.database import insert

BATCH = 1_000
SUMMARY = "more"


class Turn(NamedTuple):
    """A message that waits to be let through, on one channel."""

    key: str
    seq: int
    rule: str
    grave: int


class Summed(NamedTuple):
    """What a summary (汇总) counts: of each kind, how many; the first and last fact."""

    kinds: dict[str, int]
    first_seq: int
    last_seq: int


def hold(c: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep messages until their turn comes; those that are known stay as they are."""
    if rows:
        c.execute(insert(c, TURN).on_conflict_do_nothing(), list(rows))


def admit(
    c: sa.Connection, channel: str, now_us: int, rules: Mapping[str, NoticeRuleSet]
) -> None:
    """Let through what a channel may be sent now; put the rest into summaries."""
    if not _turns(c, channel, now_us):
        return
    # Whoever lets through on another host waits here: two would count the same room.
    c.execute(sa.update(WATERMARK).values(since_seq=WATERMARK.c.since_seq))
    of: dict[str, list[Turn]] = {}
    for turn in _turns(c, channel, now_us):
        of.setdefault(turn.rule, []).append(turn)
    for name, turns in of.items():
        rule = rules.get(name)
        if rule is None:
            _become(c, turns, DROPPED)
            continue
        room = 0
        if not _open_summary(c, rule, channel):
            room = max(0, rule.most - _used(c, rule, channel, now_us))
        _become(c, turns[:room], ADMITTED, now_us)
        _deliver(c, turns[:room], channel, now_us, now_us)
        _fold(c, turns[room:], rule, channel, now_us)


def _turns(c: sa.Connection, channel: str, now_us: int) -> list[Turn]:
    """Return those whose time has come, the gravest first, then the oldest."""
    t = TURN.c
    query = (
        sa.select(t.key, t.seq, t.rule, t.grave)
        .where(t.state == HELD, t.channel == channel, t.at_us <= now_us)
        .order_by(t.grave.desc(), t.seq, t.key)
        .limit(BATCH)
    )
    return [Turn(*row) for row in c.execute(query)]


def _used(c: sa.Connection, rule: NoticeRuleSet, channel: str, now_us: int) -> int:
    """Return how many a rule has sent in its minutes, or has not got rid of since."""
    t, since_us = TURN.c, now_us - rule.minutes * MINUTE_US
    mine = [t.rule == rule.rule, t.channel == channel, t.state == ADMITTED]
    lately = sa.select(sa.func.count()).where(*mine, t.at_us > since_us)
    late = (
        sa.select(sa.func.count())
        .select_from(DELIVERY.join(TURN, t.key == DELIVERY.c.key))
        .where(DELIVERY.c.state == WAITING, DELIVERY.c.channel == channel)
        .where(*mine, t.at_us <= since_us)
    )
    return int(c.scalar(lately) or 0) + int(c.scalar(late) or 0)


def _open_summary(c: sa.Connection, rule: NoticeRuleSet, channel: str) -> str:
    """Return the key of the summary that is still counting, empty if there is none.

    It is held fast until the end of the transaction: whoever sends it waits for that.
    """
    d = DELIVERY.c
    query = (
        sa.select(d.key)
        .where(d.state == WAITING, d.channel == channel, d.tries == 0)
        .where(d.key.startswith(f"{SUMMARY}:{rule.rule}:", autoescape=True))
        .order_by(d.next_us.desc())
        .limit(1)
    )
    key: str = c.scalar(query) or ""
    if not key:
        return ""
    free = [d.key == key, d.state == WAITING, d.tries == 0]
    kept = c.execute(sa.update(DELIVERY).where(*free).values(tries=0))
    return key if kept.rowcount else ""


def _fold(
    c: sa.Connection,
    turns: Sequence[Turn],
    rule: NoticeRuleSet,
    channel: str,
    now_us: int,
) -> None:
    """Count messages in the summary of their rule, a new one if none is open."""
    if not turns:
        return
    summary = _open_summary(c, rule, channel)
    if not summary:
        first = min(turn.seq for turn in turns)
        at_us = now_us + rule.minutes * MINUTE_US
        summary = f"{SUMMARY}:{rule.rule}:{first}:{now_us}:{channel}"
        made = Turn(summary, first, rule.rule, 0)
        row = {
            **made._asdict(),
            "channel": channel,
            "kind": "",
            "state": ADMITTED,
            "at_us": at_us,
            "summary": "",
        }
        hold(c, [row])
        _deliver(c, [made], channel, now_us, at_us)
    _become(c, turns, FOLDED, now_us, summary)


def _become(
    c: sa.Connection,
    turns: Iterable[Turn],
    state: str,
    at_us: int = 0,
    summary: str = "",
) -> None:
    keys = [{"k": turn.key} for turn in turns]
    if keys:
        change = sa.update(TURN).where(TURN.c.key == sa.bindparam("k"))
        c.execute(change.values(state=state, at_us=at_us, summary=summary), keys)


def _deliver(
    c: sa.Connection, turns: Sequence[Turn], channel: str, now_us: int, next_us: int
) -> None:
    rows = [
        {
            "key": turn.key,
            "channel": channel,
            "state": WAITING,
            "tries": 0,
            "next_us": next_us,
            "last_error": "",
            "seq": turn.seq,
            "made_us": now_us,
        }
        for turn in turns
    ]
    if rows:
        c.execute(insert(c, DELIVERY).on_conflict_do_nothing(), rows)


def summed(c: sa.Connection, key: str) -> Summed:
    """Return what a summary counts."""
    t = TURN.c
    query = (
        sa.select(t.kind, sa.func.count(), sa.func.min(t.seq), sa.func.max(t.seq))
        .where(t.summary == key, t.state == FOLDED)
        .group_by(t.kind)
        .order_by(sa.func.count().desc(), t.kind)
    )
    rows = c.execute(query).all()
    return Summed(
        {row[0]: row[1] for row in rows},
        min((row[2] for row in rows), default=0),
        max((row[3] for row in rows), default=0),
    )


class Paced(NamedTuple):
    """What a rule makes of messages: sent one by one, or counted in summaries."""

    sent: int
    folded: int
    summaries: int


def paced(rule: NoticeRuleSet, times_us: Iterable[int]) -> Paced:
    """Return what becomes of messages that come up at these times (试算)."""
    taken: list[int] = []
    summary_us = sent = folded = summaries = 0
    span_us = rule.minutes * MINUTE_US
    for at_us in sorted(times_us):
        taken = [one for one in taken if one > at_us - span_us]
        if at_us >= summary_us and len(taken) < rule.most:
            taken.append(at_us)
            sent += 1
            continue
        folded += 1
        if at_us >= summary_us:
            summary_us = at_us + span_us
            summaries += 1
            taken.append(summary_us)
    return Paced(sent, folded, summaries)
