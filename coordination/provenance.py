"""Who acts (行为人), and what is asked of every decision beside its command."""

from __future__ import annotations

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who acts (行为人): account, role used, path of the area the role is for.

    ``role`` empty: not resolved yet; a grant of the account must allow the command.
    """

    account: str
    role: str = ""
    area: str = ""
    grant: str = ""
    """The grant (授权) the role rests on; none for the service itself."""


SEEN = "seen"
"""The need of a fresh look, among ``NEEDS``."""
UNSEEN = -1
"""What ``seen_seq`` is of a decision whose author says that they looked at nothing."""
PROGRAM = frozenset({"service", "installer"})
"""Accounts of the program itself: nobody looks at anything."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What rule 11 asks of every decision, beside basis and reason in the command.

    ``seen_seq``: the log position on the actor's screen, 0 if there was none,
    ``UNSEEN`` if they say that they looked at nothing.
    ``occurred_us``: when it happened, microseconds since 1970 UTC; 0: now.
    ``session``: public id of the session it came by; ``reauthenticated``: how the
    actor proved just now who they are (``password``, ``local``), empty: not at all.
    ``preview``: digest of the preview (预演) that was on the screen.
    """

    command_id: str
    actor: Actor
    on_behalf_of: str = ""
    session: str = ""
    reauthenticated: str = ""
    preview: str = ""
    seen_seq: int = 0
    occurred_us: int = 0
