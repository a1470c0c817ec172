"""What is due about posts (岗位时限): the view proposes, the decision rechecks."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from coordination.kernel import Command, Read
from coordination.mode.state import EMERGENCIES, playbook_of
from coordination.playbook import MINUTE_US
from coordination.posts.state import post_stream, rules_at
from coordination.safety.decide import RecordSilence, RecordWait, asked_for
from projections.posts import overdue, quiet


def posts_due(c: sa.Connection, read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for each wait and silence that has passed.

    The ids derive from what is due: however many tickers see it, it is recorded once.
    """
    for row in overdue(c, now):
        late = row.late.split(",")
        for what, due_us in read(post_stream(row.post)).waits().items():
            if due_us <= now and what not in late:
                yield (
                    f"wait:{row.substitution}:{what}",
                    RecordWait(
                        post=row.post,
                        substitution=row.substitution,
                        what=what,
                        due_us=due_us,
                    ),
                )
    yield from _silences(c, read, now)


def _silences(c: sa.Connection, read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield the silence of everybody who had to confirm to be well and has not."""
    active = list(read(EMERGENCIES).active())
    asking = [playbook_of(read, e.declared).substitution.silent_minutes for e in active]
    if not any(asking):
        return
    shortest = min(minutes for minutes in asking if minutes) * MINUTE_US
    for row in quiet(c, now - shortest):
        rules, began_us = rules_at(read, row.path)
        post = read(post_stream(row.post))
        due_us = post.safety_due_us(began_us, rules.silent_minutes * MINUTE_US)
        recorded = due_us in post.silences
        if not rules.silent_minutes or due_us > now or recorded:
            continue
        if post.acting and asked_for(read, post):
            yield (
                f"silence:{row.post}:{due_us}",
                RecordSilence(post=row.post, person=post.acting, due_us=due_us),
            )
