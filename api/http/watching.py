"""Watching the service itself (系统状况): asked for, and told to every screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from api.http.plain import moment
from api.http.pools import finished
from api.http.stream import Stream
from api.world.condition import OK, PARTS, STATES, Condition, Part

READY_SECONDS = 1.0
WATCH_SECONDS = 1.0


class Looks:
    """Has the condition looked at, by one thread, and waited for a second at most."""

    def __init__(self, condition: Condition) -> None:
        """Look at nothing yet."""
        self.condition = condition
        self._thread = ThreadPoolExecutor(1, "condition")
        self._under_way: Future[list[Part]] | None = None

    async def now(self) -> list[Part]:
        """Return how every part stands; what does not answer in time is in trouble."""
        if self._under_way is None or self._under_way.done():
            self._under_way = self._thread.submit(self.condition.look)
        looking = asyncio.wrap_future(self._under_way)
        done, _ = await asyncio.wait({looking}, timeout=READY_SECONDS)
        return looking.result() if done else self.condition.silent()

    async def close(self) -> None:
        """Look no more, once the look that is under way is over."""
        self.condition.ending = True
        await finished([self._under_way] if self._under_way else [])
        self._thread.shutdown(wait=False, cancel_futures=True)


def told_of(part: Part) -> dict[str, Any]:
    """Return a part of the service as people read it."""
    zh, en = PARTS[part.part]
    trouble = part.trouble
    return {
        "part": part.part,
        "part_zh": zh,
        "part_en": en,
        "state": part.state,
        "since": moment(part.since_us),
        "zh": trouble.say("zh") if trouble else "正常",
        "en": trouble.say("en") if trouble else "well",
    }


def worst_said(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the part in the gravest trouble, of several the first, in a sentence."""
    worst = told_of(max(parts, key=lambda part: STATES.index(part.state)))
    if worst["state"] != OK:
        worst["zh"] = f"{worst['part_zh']}：{worst['zh']}"
        worst["en"] = f"{worst['part_en']}: {worst['en']}"
    return worst


async def watch(looks: Looks, stream: Stream) -> None:
    """Tell every screen what is the matter, as soon as it changes."""
    told: dict[str, Any] = {}
    while True:
        said = worst_said(await looks.now())
        if said != told and (told or said["state"] != OK):
            data = msgspec.json.encode(said)
            stream.tell(b"event: condition\ndata: %b\n\n" % data)
        told = said
        await asyncio.sleep(WATCH_SECONDS)
