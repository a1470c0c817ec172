"""What is told outside (对外通知): the outbox's facts as short messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from api.pages.facts import read_fact, told
from api.world.notify import Outbox, Outgoing
from api.world.world import World
from projections.names import Names
from projections.outbox import outgoing
from projections.timeline import by_seq


def outbox_of(world: World, name_of: Callable[[str], str]) -> Outbox:
    """Return how the notifier asks a World for what is to be told."""

    def ask(after: int, limit: int) -> Sequence[Outgoing]:
        found = []
        with world.reading() as c:
            rows = outgoing(c, after, limit)
            entries = by_seq(c, [row.seq for row in rows])
            for row in rows:
                read = read_fact(world.log.recorder, row.seq)
                entry = entries.get(row.seq)
                if read is None or entry is None:
                    break  # a view is behind; the rest comes next time
                names = Names(c, row.seq, name_of)
                said = told(entry, read[1], names)
                body = f"{said['zh']}\n{said['en']}\n{said['basis']} #{row.seq}"
                title = f"【{world.settings.label}】{said['zh'][:60]}"
                found.append(Outgoing(f"fact:{row.seq}", row.seq, "", title, body))
        return found

    return ask
