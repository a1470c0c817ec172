"""Deliveries (投递台账): what became of each message, on each channel.

They have a database of their own, which no rebuild touches. It holds no text: that is
read from the outbox when it is sent, so that nothing which was destroyed (销毁) stays
behind here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.http.plain import moment
from api.world import pacing
from api.world.delivery_tables import (
    DELIVERY,
    DROPPED,
    FAILED,
    FOLDED,
    HELD,
    MARK,
    METADATA,
    SCHEMA,
    SENT,
    TURN,
    WAITING,
    WATERMARK,
)
from api.world.marks import written
from coordination.kernel import MINUTE_US
from coordination.notices.events import NoticeRuleSet
from projections.database import insert, opened

BACK_OFF_MAX_MINUTES = 60
TRIES_MAX = 12
BATCH = 200
SHOWN_MAX = 20
NONE = {"waiting": 0, "failed": 0, "sent": 0}


class Due(NamedTuple):
    """A delivery (投递) whose time has come."""

    key: str
    channel: str
    seq: int
    tries: int


def back_off_us(tries: int) -> int:
    """Return how long to wait after so many tries: 1, 2, 4 … 60 minutes."""
    return min(1 << (tries - 1), BACK_OFF_MAX_MINUTES) * MINUTE_US


class Deliveries:
    """What became of each message (投递台账); opened when first asked.

    ``where``: a SQLite file, or a ``postgresql://`` address (schema ``delivery``).
    """

    def __init__(self, where: str | Path) -> None:
        self._where = where
        self._engine: sa.Engine | None = None
        self._opening = threading.Lock()

    def begin(self, head: int) -> None:
        """Look only at facts after ``head``, unless that was settled before.

        Of a log that was put back what comes is told too: no further than its end.
        """
        since = WATERMARK.c.since_seq
        with self._begin() as c:
            new = insert(c, WATERMARK).values(id=1, since_seq=head)
            c.execute(new.on_conflict_do_nothing())
            back = sa.update(WATERMARK).where(since > head).values(since_seq=head)
            if c.execute(back).rowcount:
                # What comes at these positions is other news, under the same keys.
                for table in (DELIVERY, TURN):
                    c.execute(sa.delete(table).where(table.c.seq > head))

    def since(self) -> int | None:
        """Return up to where the outbox has been read; None before ``begin``."""
        with self._begin() as c:
            found: int | None = c.scalar(sa.select(WATERMARK.c.since_seq))
            return found

    def take(self, new: Iterable[Mapping[str, Any]], up_to: int) -> None:
        """Keep messages whose keys are new; the outbox has been read ``up_to``."""
        with self._begin() as c:
            written(c, MARK)
            pacing.hold(c, list(new))
            c.execute(
                sa.update(WATERMARK)
                .where(WATERMARK.c.since_seq < up_to)
                .values(since_seq=up_to)
            )

    def refuse(self, new: Iterable[Mapping[str, Any]], why: str) -> None:
        """Record messages that nobody can be sent: they are seen, not lost."""
        with self._begin() as c:
            if rows := [
                {**row, "state": FAILED, "tries": 0, "last_error": why} for row in new
            ]:
                c.execute(insert(c, DELIVERY).on_conflict_do_nothing(), rows)

    def admit(
        self, channel: str, now_us: int, rules: Mapping[str, NoticeRuleSet]
    ) -> None:
        """Let through what the rules let a channel be sent now (放行)."""
        with self._begin() as c:
            pacing.admit(c, channel, now_us, rules)

    def summed(self, key: str) -> pacing.Summed:
        """Return what a summary counts (汇总)."""
        with self._begin() as c:
            return pacing.summed(c, key)

    def of_keys(self, keys: Sequence[str]) -> dict[int, dict[str, dict[str, Any]]]:
        """Return what became of these messages: by fact and channel."""
        t, d = TURN.c, DELIVERY.c
        turns = sa.select(t.seq, t.channel, t.state, t.at_us, t.rule).where(
            t.key.in_(keys), t.state.in_((HELD, FOLDED, DROPPED))
        )
        sent = sa.select(d.seq, d.channel, d.state, d.sent_us, d.last_error).where(
            d.key.in_(keys)
        )
        found: dict[int, dict[str, dict[str, Any]]] = {}
        with self._begin() as c:
            for seq, channel, state, at_us, rule in c.execute(turns):
                told = {"state": state, "at_us": at_us, "rule": rule, "error": ""}
                found.setdefault(seq, {})[channel] = told
            for seq, channel, state, at_us, error in c.execute(sent):
                told = {"state": state, "at_us": at_us or 0, "rule": "", "error": error}
                found.setdefault(seq, {})[channel] = told
        return found

    def due(self, channel: str, now_us: int) -> list[Due]:
        """Return what is due on a channel, oldest facts first."""
        query = (
            sa.select(*(DELIVERY.c[name] for name in Due._fields))
            .where(
                DELIVERY.c.state == WAITING,
                DELIVERY.c.channel == channel,
                DELIVERY.c.next_us <= now_us,
            )
            .order_by(DELIVERY.c.seq, DELIVERY.c.key)
            .limit(BATCH)
        )
        with self._begin() as c:
            return [Due(*row) for row in c.execute(query)]

    def claim(self, due: Due, now_us: int, until_us: int) -> bool:
        """Take a delivery for oneself ``until_us``; False: somebody else has it."""
        claimed = (
            sa.update(DELIVERY)
            .where(
                DELIVERY.c.key == due.key,
                DELIVERY.c.state == WAITING,
                DELIVERY.c.tries == due.tries,
                DELIVERY.c.next_us <= now_us,
            )
            .values(tries=due.tries + 1, next_us=until_us)
        )
        with self._begin() as c:
            return bool(c.execute(claimed).rowcount)

    def record(self, due: Due, now_us: int, why: str) -> None:
        """Record a claimed delivery as sent, or (``why``) to be tried again or not."""
        tries = due.tries + 1
        mine = [DELIVERY.c.key == due.key, DELIVERY.c.state == WAITING]
        change: dict[str, Any]
        if not why:
            change = {"state": SENT, "sent_us": now_us, "last_error": ""}
        elif tries < TRIES_MAX:
            change = {"next_us": now_us + back_off_us(tries), "last_error": why}
        else:
            change = {"state": FAILED, "next_us": now_us, "last_error": why}
            change["tries"] = TRIES_MAX
        if why:  # unless somebody else has taken it over: the result will be theirs
            mine.append(DELIVERY.c.tries == tries)
        with self._begin() as c:
            written(c, MARK)
            c.execute(sa.update(DELIVERY).where(*mine).values(change))

    def status(self) -> dict[str, Any]:
        """Return counts by channel and state, and the newest that were given up."""
        d = DELIVERY.c
        counts = sa.select(d.channel, d.state, sa.func.count())
        held = sa.select(TURN.c.channel, sa.func.count()).where(TURN.c.state == HELD)
        troubled = (
            sa.select(d.key, d.channel, d.seq, d.tries, d.last_error, d.made_us)
            .order_by(d.next_us.desc(), d.key)
            .limit(SHOWN_MAX)
        )
        with self._begin() as c:
            found = c.execute(counts.group_by(d.channel, d.state)).all()
            kept = c.execute(held.group_by(TURN.c.channel)).all()
            failed = c.execute(troubled.where(d.state == FAILED)).all()
            last = c.execute(
                troubled.where(d.state != SENT, d.last_error != "")
            ).first()
        channels: dict[str, dict[str, int]] = {}
        for name, state, count in found:
            channels.setdefault(name, {**NONE})[state.lower()] = count
        for name, count in kept:  # until its hours, or until there is room
            channels.setdefault(name, {**NONE})["waiting"] += count
        given_up = [dict(row._mapping) for row in failed]  # noqa: SLF001 - its public name
        for row in given_up:
            row["made_at"] = moment(row.pop("made_us"))
        return {
            "channels": channels,
            "given_up": given_up,
            "last_error": last.last_error if last else "",
        }

    def close(self) -> None:
        """Close the database."""
        if self._engine is not None:
            self._engine.dispose()

    def _begin(self) -> AbstractContextManager[sa.Connection]:
        with self._opening:
            if self._engine is None:
                # What was recorded as sent stays so: FULL, the default.
                pragmas = {"journal_mode": "WAL", "busy_timeout": "5000"}
                self._engine = opened(self._where, SCHEMA, METADATA, pragmas)
        return self._engine.begin()
