"""What is told outside (对外通知): the outbox's facts as short messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from api.pages.facts import read_fact, told
from api.world.notify import News, Text
from api.world.pacing import Summed
from api.world.world import World
from coordination.vocabulary import NEWS
from projections.alarms import GRAVE
from projections.names import Names
from projections.outbox import Outgoing, outgoing
from projections.store import seen
from projections.timeline import by_seq


def news_of(row: Outgoing) -> News:
    """Return a row of the outbox as the rules of notices look at it."""
    paths = tuple(filter(None, row.paths.split(",")))
    return News(row.seq, row.kind, row.gravity == GRAVE, paths)


class WorldOutbox:
    """How the notifier asks a World for what is to be told."""

    def __init__(self, world: World, name_of: Callable[[str], str]) -> None:
        """``name_of``: what an account is called."""
        self._world, self._name_of = world, name_of

    def after(self, seq: int, limit: int) -> Sequence[News]:
        """Return the news after a position, as far as all views have come."""
        with self._world.reading() as c:
            upto = seen(c)  # the sentence of a message needs the other views too
            rows = outgoing(c, seq, limit)
        return [news_of(row) for row in rows if row.seq <= upto]

    def text(self, seq: int) -> Text | None:
        """Return what is said of a fact; None while a view is behind."""
        with self._world.reading() as c:
            entry = by_seq(c, [seq]).get(seq)
            read = read_fact(self._world.log.recorder, seq)
            if read is None or entry is None:
                return None
            said = told(entry, read[1], Names(c, seq, self._name_of))
        body = f"{said['zh']}\n{said['en']}\n{said['basis']} #{seq}"
        return Text(f"{self._label}{said['zh'][:60]}", body)

    def summary(self, found: Summed) -> Text:
        """Return what is said of many at once: how many, of which kinds."""
        total = sum(found.kinds.values())
        named = [(*NEWS[kind], count) for kind, count in found.kinds.items()]
        zh = "，".join(f"{zh} {count}" for zh, _, count in named)
        en = ", ".join(f"{en.lower()} {count}" for _, en, count in named)
        where = f"#{found.first_seq} – #{found.last_seq}"
        body = f"又有 {total} 条：{zh}\n{total} more: {en}\n{where}"
        return Text(f"{self._label}又有 {total} 条通知", body)

    @property
    def _label(self) -> str:
        return f"【{self._world.settings.label}】"
