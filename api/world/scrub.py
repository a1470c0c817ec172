"""Reading the log again, a little at a time (巡检): what lies there is what was stored.

A page that has gone bad in the middle of a log is otherwise met by whoever needs that
fact, years later, or by nobody. A look costs the same however long the log is.
"""

from __future__ import annotations

import time

from api.world.verify import leaf_of
from coordination.log import Recorder
from coordination.merkle import Frontier
from coordination.refusals import Refusal, Unavailable

ROWS = 500
"""Rows a look; one look a second."""
REST_SECONDS = 3_600.0
"""How long it rests at the end before it begins again."""

Altered = Unavailable.of(
    "ready.altered",
    "第 {seq} 条与存入时不同",
    "the fact at {seq} is not what was stored",
    "请管理员停止服务，执行日志校验，并从备份恢复",
    "stop the service, let an administrator verify the log and restore it",
)


class Scrub:
    """Goes through the log again and again; not for two threads at once."""

    def __init__(self, recorder: Recorder) -> None:
        """Begin at the beginning."""
        self._recorder = recorder
        self._read = Frontier()
        self._again_at = 0.0
        self._found: Refusal | None = None

    def step(self) -> None:
        """Read some rows more.

        :raises Altered: if one of them, or one of before, is not what was stored
        """
        if self._found is None and time.monotonic() >= self._again_at:
            self._found = self._fault()
        if self._found is not None:
            raise self._found

    def _fault(self) -> Refusal | None:
        head, read = self._recorder.head(), self._read
        for row in self._recorder.rows(read.size, ROWS):
            leaf = leaf_of(row)
            if row.seq != read.size + 1 or leaf != row.leaf:
                return Altered(seq=read.size + 1)
            read.append(leaf)
            if read.size == head.seq and read.pack() != head.peaks:
                return Altered(seq=head.seq)
        if read.size >= head.seq:
            self._read = Frontier()
            self._again_at = time.monotonic() + REST_SECONDS
        return None
