"""Deliveries (投递台账): what became of each message, on each channel.

They have a database of their own, which no rebuild touches. It holds no text: that is
read from the outbox when it is sent, so that nothing which was destroyed (销毁) stays
behind here.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.http.plain import moment
from coordination.kernel import MINUTE_US
from projections.database import insert, opened

SCHEMA = "delivery"
WAITING, SENT, FAILED = "WAITING", "SENT", "FAILED"
BACK_OFF_MAX_MINUTES = 60
TRIES_MAX = 12
BATCH = 200
SHOWN_MAX = 20
NONE = {"waiting": 0, "failed": 0, "sent": 0}

_METADATA = sa.MetaData()
_DELIVERY = sa.Table(
    "delivery",
    _METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    # When to try (again); while it is being sent: until when nobody else may.
    sa.Column("next_us", sa.BigInteger, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("sent_us", sa.BigInteger),
    sa.Index("delivery_due", "state", "channel", "next_us"),
)
_WATERMARK = sa.Table(
    "watermark",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    # Facts up to here have been looked at.
    sa.Column("since_seq", sa.BigInteger, nullable=False),
)


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
        """Touch nothing yet."""
        self._where = where
        self._engine: sa.Engine | None = None
        self._opening = threading.Lock()

    def begin(self, head: int) -> None:
        """Look only at facts after ``head``, unless that was settled before.

        Of a log that was put back what comes is told too: no further than its end.
        """
        since = _WATERMARK.c.since_seq
        with self._begin() as c:
            new = insert(c, _WATERMARK).values(id=1, since_seq=head)
            c.execute(new.on_conflict_do_nothing())
            back = sa.update(_WATERMARK).where(since > head).values(since_seq=head)
            c.execute(back)

    def since(self) -> int | None:
        """Return up to where the outbox has been read; None before ``begin``."""
        with self._begin() as c:
            found: int | None = c.scalar(sa.select(_WATERMARK.c.since_seq))
            return found

    def take(self, new: Iterable[Mapping[str, Any]], up_to: int) -> None:
        """Add deliveries whose keys are new; the outbox has been read ``up_to``."""
        with self._begin() as c:
            if rows := list(new):
                c.execute(insert(c, _DELIVERY).on_conflict_do_nothing(), rows)
            c.execute(
                sa.update(_WATERMARK)
                .where(_WATERMARK.c.since_seq < up_to)
                .values(since_seq=up_to)
            )

    def due(self, channel: str, now_us: int) -> list[Due]:
        """Return what is due on a channel, oldest facts first."""
        query = (
            sa.select(*(_DELIVERY.c[name] for name in Due._fields))
            .where(
                _DELIVERY.c.state == WAITING,
                _DELIVERY.c.channel == channel,
                _DELIVERY.c.next_us <= now_us,
            )
            .order_by(_DELIVERY.c.seq, _DELIVERY.c.key)
            .limit(BATCH)
        )
        with self._begin() as c:
            return [Due(*row) for row in c.execute(query)]

    def claim(self, due: Due, now_us: int, until_us: int) -> bool:
        """Take a delivery for oneself ``until_us``; False: somebody else has it."""
        claimed = (
            sa.update(_DELIVERY)
            .where(
                _DELIVERY.c.key == due.key,
                _DELIVERY.c.state == WAITING,
                _DELIVERY.c.tries == due.tries,
                _DELIVERY.c.next_us <= now_us,
            )
            .values(tries=due.tries + 1, next_us=until_us)
        )
        with self._begin() as c:
            return bool(c.execute(claimed).rowcount)

    def record(self, due: Due, now_us: int, why: str) -> None:
        """Record a claimed delivery as sent, or (``why``) to be tried again or not."""
        tries = due.tries + 1
        mine = [_DELIVERY.c.key == due.key, _DELIVERY.c.state == WAITING]
        change: dict[str, Any]
        if not why:
            change = {"state": SENT, "sent_us": now_us, "last_error": ""}
        elif tries < TRIES_MAX:
            change = {"next_us": now_us + back_off_us(tries), "last_error": why}
        else:
            change = {"state": FAILED, "next_us": now_us, "last_error": why}
            change["tries"] = TRIES_MAX
        if why:  # unless somebody else has taken it over: the result will be theirs
            mine.append(_DELIVERY.c.tries == tries)
        with self._begin() as c:
            c.execute(sa.update(_DELIVERY).where(*mine).values(change))

    def status(self) -> dict[str, Any]:
        """Return counts by channel and state, and the newest that were given up."""
        d = _DELIVERY.c
        counts = sa.select(d.channel, d.state, sa.func.count())
        troubled = (
            sa.select(d.key, d.channel, d.seq, d.tries, d.last_error, d.made_us)
            .order_by(d.next_us.desc(), d.key)
            .limit(SHOWN_MAX)
        )
        with self._begin() as c:
            found = c.execute(counts.group_by(d.channel, d.state)).all()
            failed = c.execute(troubled.where(d.state == FAILED)).all()
            last = c.execute(
                troubled.where(d.state != SENT, d.last_error != "")
            ).first()
        channels: dict[str, dict[str, int]] = {}
        for name, state, count in found:
            channels.setdefault(name, {**NONE})[state.lower()] = count
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
                self._engine = opened(self._where, SCHEMA, _METADATA, pragmas)
        return self._engine.begin()
