"""Tables of deliveries (投递台账): they stand apart, and no rebuild touches them."""

from __future__ import annotations

import sqlalchemy as sa

from api.world.marks import marked

SCHEMA = "delivery"
WAITING, SENT, FAILED = "WAITING", "SENT", "FAILED"
HELD, ADMITTED, FOLDED, DROPPED = "HELD", "ADMITTED", "FOLDED", "DROPPED"

METADATA = sa.MetaData()
DELIVERY = sa.Table(
    "delivery",
    METADATA,
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
WATERMARK = sa.Table(
    "watermark",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    # Facts up to here have been looked at.
    sa.Column("since_seq", sa.BigInteger, nullable=False),
)
TURN = sa.Table(
    "turn",
    METADATA,
    # The same as its delivery's; of a summary too.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("grave", sa.Integer, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    # HELD: not yet let through; ADMITTED: it is a delivery; FOLDED: counted in a
    # summary; DROPPED: its rule was removed meanwhile.
    sa.Column("state", sa.Text, nullable=False),
    # HELD: from when on it may be sent; ADMITTED: when that was.
    sa.Column("at_us", sa.BigInteger, nullable=False),
    # The key of its summary.
    sa.Column("summary", sa.Text, nullable=False),
    sa.Index("turn_due", "state", "channel", "at_us"),
    sa.Index("turn_room", "rule", "channel", "state", "at_us"),
    sa.Index("turn_summary", "summary"),
)
"""Whose turn it is (放行): which rule lets a message through, and when."""
MARK = marked(METADATA)
