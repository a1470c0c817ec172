"""The service itself (本系统): what a person settles about it."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Said, Writing
from api.http.outside import Envelope
from coordination.log import Receipt
from coordination.service.stores import AcceptClock


async def jumped(write: Writing, command: AcceptClock) -> AcceptClock:
    """Add by how much the machine's clock has jumped, as it is now."""
    clock = write.world.time
    if clock is None or (jump := clock.wall.jump) is None:
        return command
    now = clock.wall()
    return msgspec.structs.replace(command, from_us=now, to_us=now + jump.by_us)


async def accepted(write: Writing, command: AcceptClock, said: Envelope) -> Receipt:
    """Record it, then go by the machine's clock again."""
    receipt = await write.world.do(command, write.said(said))
    if write.world.time is not None:
        write.world.time.wall.accept()
    return receipt


DECISIONS = (
    Decision(
        path="/clock/accept",
        command=AcceptClock,
        words="clock accept",
        look=jumped,
        carry=accepted,
        answers=Said("from_us", "to_us"),
        tells="机器时钟已认可，定时事项恢复",
    ),
)
