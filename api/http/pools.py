"""Bounded pools by kind of work (分池): what one wants never holds up what others need.

Each kind has its own thread, so many that may wait, and so many of one person or
network. Whatever is more is told to come again, before anything is done for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

from coordination.refusals import Refusal

P = ParamSpec("P")
T = TypeVar("T")
WAIT_SECONDS = 2

Busy = Refusal.of(
    "request.busy",
    "同类事项正在处理的太多",
    "too much of this kind is under way",
    "请在 {retry_after} 秒后重试",
    "try again in {retry_after} seconds",
)


class Pool:
    """One kind of work: one thread of its own, and a bounded line before it."""

    def __init__(self, name: str, *, most: int, each: int) -> None:
        """``most``: so many under way and waiting; ``each``: of one of them."""
        self.most, self.each = most, each
        self._threads = ThreadPoolExecutor(1, name)
        self._of: Counter[str] = Counter()
        self._counting = Lock()

    async def run(
        self, who: str, work: Callable[P, T], *given: P.args, **more: P.kwargs
    ) -> T:
        """Return what work gives, for somebody.

        :raises Busy: at once, if too much is waiting
        """
        with self._counting:
            if self._of.total() >= self.most or self._of[who] >= self.each:
                raise Busy(retry_after=WAIT_SECONDS)
            self._of[who] += 1
        doing = self._threads.submit(work, *given, **more)
        # It counts until it is done, also if whoever asked has gone.
        doing.add_done_callback(lambda _: self._done(who))
        return await asyncio.wrap_future(doing)

    def _done(self, who: str) -> None:
        with self._counting:
            self._of[who] -= 1
            if not self._of[who]:
                del self._of[who]


SIGN_INS = Pool("sign-ins", most=40, each=40)
"""Passwords of who is not signed in: by network. A second of work at the most."""
PROOFS = Pool("proofs", most=40, each=20)
"""Passwords of who is: strangers do not hold up an approval."""
FILES = Pool("files", most=8, each=4)
"""Files that came in, read."""
EXPORTS = Pool("exports", most=8, each=2)
"""Files that go out, written."""
