"""The same by two people at once (同时重复): the second is told, and waits a minute.

What adds to what there is, such as an issue or a request, replaces nothing, so nothing
that its author saw tells it from what somebody else has just done about the same thing.
Kept in this process: it is a question to the second, not a rule of the log.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from api.http.declared import Decision, Writing
from api.http.outside import Envelope
from coordination.kernel import Command
from coordination.refusals import Refusal

WINDOW_SECONDS = 60
AlikeJustNow = Refusal.of(
    "command.alike",
    "{account} 刚刚办理了同样的事",
    "{account} has just done the same",
    "请先核对；如确是另一件事，请一分钟后再提交",
    "look first; if it is another matter, send it again in a minute",
)


class _Done(NamedTuple):
    account: str
    at_s: float


def _ask(row: Decision, write: Writing, command: Command, other: str) -> None:
    """Ask whether it is another matter, unless there is nothing to be asked.

    :raises AlikeJustNow: if it is a decision of theirs, under an id of its own
    :raises Refusal: as the rules say, if it would be refused anyway
    """
    world, by = write.world, write.caller.by
    if world.log.recorder.receipt(write.command_id) is not None:
        return  # a retry, or somebody else's id: the door says which
    if row.carry is None:
        world.handler.preview(command, by, world.clock())
    else:
        read = world.read()
        world.entitle(by, command.action(read), command.places(read))
    raise AlikeJustNow(account=other)


class Alike:
    """What was decided in the last minute, where two people might do it twice."""

    def __init__(self) -> None:
        self._done: dict[bytes, _Done] = {}

    @contextmanager
    def once(
        self, row: Decision, said: Envelope, write: Writing, command: Command
    ) -> Iterator[None]:
        """Note a decision while and after it is made; one that is refused is none.

        :raises AlikeJustNow: if another account has decided the same
        :raises Refusal: as the rules say, if it would be refused anyway
        """
        account = write.caller.account
        if not row.alike:
            yield
            return
        now = time.monotonic()
        for key, done in list(self._done.items()):
            if now - done.at_s > WINDOW_SECONDS:
                del self._done[key]
        named = {
            f: v for f in row.alike if (v := getattr(said, f)) is not msgspec.UNSET
        }
        key = msgspec.json.encode([row.name, named], order="deterministic")
        other = self._done.get(key)
        if other is not None and other.account != account:
            _ask(row, write, command, other.account)
        self._done[key] = _Done(account, now)
        try:
            yield
        except BaseException:
            self._done.pop(key, None)
            raise
