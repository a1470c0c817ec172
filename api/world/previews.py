"""Previews as they were shown (预演存证), by digest: a decision cites one.

They are no views: what was on a screen when somebody decided must not change with the
code that drew it. Whoever has the digest from the log can prove what was shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from api.world.marks import marked, writing
from coordination.refusals import NotFound, Refusal
from projections.database import engine_of, insert

KEPT_US = 30 * 86_400_000_000
"""A preview nobody decided on is dropped after this."""
_METADATA = sa.MetaData()
_PREVIEW = sa.Table(
    "pingzhan_preview",
    _METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("effect", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("cited", sa.Integer, nullable=False),
)
_MARK = marked(_METADATA)


UnknownPreview = NotFound.of(
    "preview.unknown",
    "没有这份预演",
    "no such preview was shown",
    "请重新预览",
    "preview again",
    field="preview",
)
OtherPreview = Refusal.of(
    "preview.other-order",
    "预演与本次命令不符",
    "the preview was for another order",
    "请重新预览",
    "preview again",
    field="preview",
)


class Previews:
    """Keeps what was shown, once for each digest."""

    def __init__(self, where: str | Path) -> None:
        """``where``: a SQLite file or a ``postgresql://`` address."""
        self._engine = engine_of(where)
        _METADATA.create_all(self._engine)

    def keep(self, digest: str, effect: str, body: dict[str, Any], now: int) -> None:
        """Keep a preview; ``effect``: what the order it is for would do, in short."""
        text = msgspec.json.encode(body).decode()
        row = {"digest": digest, "effect": effect, "body": text, "made_us": now}
        with writing(self._engine, _MARK) as c:
            stale = sa.and_(_PREVIEW.c.cited == 0, _PREVIEW.c.made_us < now - KEPT_US)
            c.execute(sa.delete(_PREVIEW).where(stale))
            new = insert(c, _PREVIEW).values(**row, cited=0)
            c.execute(new.on_conflict_do_nothing())

    def cite(self, digest: str, effect: str) -> None:
        """Return if a decision for ``effect`` may cite this preview; it is kept then.

        :raises UnknownPreview: if none such was shown
        :raises OtherPreview: if it was for something else
        """
        mine = _PREVIEW.c.digest == digest
        with writing(self._engine, _MARK) as c:
            shown = c.scalar(sa.select(_PREVIEW.c.effect).where(mine))
            if UnknownPreview.unless(shown) != effect:
                raise OtherPreview
            c.execute(sa.update(_PREVIEW).where(mine).values(cited=1))

    def get(self, digest: str) -> dict[str, Any] | None:
        """Return a preview as it was shown, None if there is none."""
        with self._engine.connect() as c:
            body = c.scalar(
                sa.select(_PREVIEW.c.body).where(_PREVIEW.c.digest == digest)
            )
        return msgspec.json.decode(body) if body is not None else None

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()
