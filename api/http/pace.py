"""The pace of refusals (拒答放缓): whoever is refused without end waits.

A refusal costs the service as much as an answer, and whoever only asks again keeps
everybody else waiting. So many are answered at once, for a person's hand and for a
script that errs; what comes on top waits, and asks no more meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import Message, Scope, Send

from api.http.tries import network

BURST, PER_SECOND = 40, 20
"""Refusals of one network that are answered at once, and so many more each second."""
PAUSE_SECONDS_MAX = 5.0
NETWORKS_MAX = 10_000
REFUSED = range(400, 500)


class Pace:
    """How many refusals each network has had lately, of this process.

    By network, for what a stranger says of themselves costs them nothing to change.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds, never back."""
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def pause(self, network: str) -> float:
        """Count a refusal; return for how many seconds it is to wait."""
        now = self._clock()
        left, at = self._left.pop(network, (float(BURST), now))
        left = min(BURST, left + (now - at) * PER_SECOND) - 1
        left = max(left, -PAUSE_SECONDS_MAX * PER_SECOND)
        self._left[network] = left, now
        if len(self._left) > NETWORKS_MAX:
            self._left.popitem(last=False)
        return max(0.0, -left / PER_SECOND)

    def paced(self, scope: Scope, send: Send) -> Send:
        """Return what sends an answer, a refusal only when its time has come."""

        async def sending(message: Message) -> None:
            began = message["type"] == "http.response.start"
            if began and message["status"] in REFUSED:
                caller = network(scope["client"][0]) if scope.get("client") else ""
                if seconds := self.pause(caller):
                    await asyncio.sleep(seconds)
            await send(message)

        return sending
