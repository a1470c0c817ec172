"""Bounded pools by kind of work (分池): what one wants never holds up what others need.

Each kind has its own thread, so many that may wait, and so many of one person or
network. Whatever is more is told to come again, before anything is done for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, ParamSpec, TypeVar

from coordination.refusals import Refusal

P = ParamSpec("P")
T = TypeVar("T")
WAIT_SECONDS = 2
RESTS = 2
"""A long work rests for so many times as long as it worked: threads share a core."""
STINT_SECONDS = 0.003
"""How long rows are written before the others of this process have their turn."""
REST_SECONDS_MAX = 2.0
LAST_SECONDS = 6.0
"""Longer than a store is waited for that somebody else holds."""

Busy = Refusal.of(
    "request.busy",
    "同类事项正在处理的太多",
    "too much of this kind is under way",
    "请在 {retry_after} 秒后重试",
    "try again in {retry_after} seconds",
)


class Pool:
    """One kind of work: one thread of its own, and a bounded line before it."""

    def __init__(self, name: str, *, most: int, each: int, rests: bool = False) -> None:
        """``most``: so many under way and waiting; ``each``: of one of them.

        ``rests``: between two of them, for longer than one worked.
        """
        self.most, self.each, self.rests = most, each, rests
        self._rested_at = 0.0
        self._threads = ThreadPoolExecutor(1, name)
        self._of: Counter[str] = Counter()
        self._counting = Lock()
        self.under_way: set[Future[Any]] = set()

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
        doing = self._threads.submit(self._done_by, partial(work, *given, **more))
        self.under_way.add(doing)
        # It counts until it is done, also if whoever asked has gone.
        doing.add_done_callback(partial(self._done, who))
        return await asyncio.wrap_future(doing)

    def _done_by(self, work: Callable[[], T]) -> T:
        """Return what work gives, once the thread has rested from what was before."""
        left = self._rested_at - time.monotonic()
        if self.rests and left > 0:
            time.sleep(left)
        began = time.thread_time()
        try:
            return work()
        finally:
            worked = time.thread_time() - began
            self._rested_at = time.monotonic() + min(worked * RESTS, REST_SECONDS_MAX)

    def _done(self, who: str, done: Future[Any]) -> None:
        self.under_way.discard(done)
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
EXPORTS = Pool("exports", most=8, each=2, rests=True)
"""Files that go out, written."""
ALL = (SIGN_INS, PROOFS, FILES, EXPORTS)


def resting(rows: Iterable[T]) -> Iterator[T]:
    """Yield what there is, and rest for longer than the work on it took.

    Threads share a core: whoever looks at a screen meanwhile has most of it.
    """
    began = time.thread_time()
    for row in rows:
        yield row
        worked = time.thread_time() - began
        if worked >= STINT_SECONDS:
            time.sleep(worked * RESTS)
            began = time.thread_time()


async def finished(doing: Iterable[Future[Any]]) -> None:
    """Wait for what threads are doing, not for ever: the stores are to be closed.

    To close a file that another thread reads ends the program.
    """
    waited = {asyncio.wrap_future(one) for one in doing}
    if waited:
        await asyncio.wait(waited, timeout=LAST_SECONDS)


async def drained() -> None:
    """Wait until no pool is at work any more."""
    await finished([one for pool in ALL for one in list(pool.under_way)])
