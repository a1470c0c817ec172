"""Notifications (通知): what the outbox says, sent through apprise to the channels.

At least once. A delivery is known by its key, so a message is not sent again because
views were rebuilt or two processes look at once; but whoever dies between sending and
recording, or gives up waiting for a slow service that did take it, sends it twice.
A drill has no channels (rule 12).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog

from api.world.channels import service_of
from api.world.deliveries import (
    BATCH,
    FAILED,
    NONE,
    TRIES_MAX,
    WAITING,
    Deliveries,
    Due,
)
from coordination.kernel import MINUTE_US

TIMEOUT_SECONDS = 20.0
LEASE_US = MINUTE_US
"""How much longer than the timeout a delivery belongs to who is sending it."""
ANYBODY = "default"
"""The channel for what is meant for a channel that there is not."""

_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
_log = structlog.get_logger("notify")


class Outgoing(NamedTuple):
    """One message (消息) of the outbox.

    ``key``: the same for the same message for ever. ``seq``: the fact it tells of.
    ``channel_tag``: the channel it is for; empty: every channel.
    """

    key: str
    seq: int
    channel_tag: str
    title: str
    body: str


Outbox = Callable[[int, int], Sequence[Outgoing]]
"""``outbox(after_seq, limit)``: the messages of later facts, in order of ``seq``."""


class Notifier:
    """Sends what the outbox says (通知器): ``begin`` once, then ``tick`` now and then.

    Without channels it does nothing and opens nothing.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        channels: Mapping[str, str],
        clock: Callable[[], int],
        outbox: Outbox,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """``channels``: name -> apprise URL. ``clock``: wall time in microseconds."""
        self._deliveries = deliveries
        self._addresses = dict(channels)
        self._clock = clock
        self._outbox = outbox
        self._timeout_seconds = timeout_seconds
        self._services: dict[str, Any] = {}

    def begin(self, head: int) -> None:
        """Settle, the first time only, that facts up to ``head`` are the past.

        To be called before the service takes commands: what comes later is told.
        """
        if self._addresses:
            self._deliveries.begin(head)

    async def tick(self) -> int:
        """Take over what is new, send what is due; return how many were sent."""
        if not self._addresses:
            return 0
        await asyncio.to_thread(self._take)
        # A dead channel keeps no other one waiting.
        runs = (asyncio.to_thread(self._run, channel) for channel in self._addresses)
        return sum(await asyncio.gather(*runs))

    def status(self) -> dict[str, Any]:
        """Return what operators (运维) must know: waiting, given up, the last error."""
        found: dict[str, Any] = {"channels": {}, "given_up": [], "last_error": ""}
        if self._addresses:
            found = self._deliveries.status()
        channels = [
            {
                "name": name,
                "configured": name in self._addresses,
                **found["channels"].get(name, NONE),
            }
            for name in sorted({*self._addresses, *found["channels"]})
        ]
        totals = {state: sum(one[state] for one in channels) for state in NONE}
        return {**found, "on": bool(self._addresses), **totals, "channels": channels}

    def close(self) -> None:
        """Close the database of deliveries."""
        self._deliveries.close()

    def _take(self) -> None:
        since = self._deliveries.since()
        assert since is not None, "begin() comes before tick()"
        messages = self._after(since)
        if not messages:
            return
        now = self._clock()
        new = []
        for message in messages:
            for channel in self._channels_of(message.channel_tag):
                known = channel in self._addresses
                new.append(
                    {
                        "key": f"{message.key}:{channel}",
                        "channel": channel,
                        # What nobody can be sent is seen, not lost.
                        "state": WAITING if known else FAILED,
                        "tries": 0,
                        "next_us": now,
                        "last_error": "" if known else "no such channel",
                        "seq": message.seq,
                        "made_us": now,
                    }
                )
        self._deliveries.take(new, messages[-1].seq)

    def _channels_of(self, tag: str) -> list[str]:
        if not tag:
            return list(self._addresses)
        return [
            ANYBODY
            if tag not in self._addresses and ANYBODY in self._addresses
            else tag
        ]

    def _after(self, seq: int) -> list[Outgoing]:
        """Return the next messages, never only some of those of one fact."""
        limit = BATCH
        while True:
            found = list(self._outbox(seq, limit))
            if len(found) < limit:
                return found
            whole = [message for message in found if message.seq < found[-1].seq]
            if whole:
                return whole
            limit *= 2

    def _run(self, channel: str) -> int:
        """Send what is due on one channel, until one fails; return how many."""
        sent = 0
        for due in self._deliveries.due(channel, self._clock()):
            now = self._clock()
            lease = int(self._timeout_seconds * 1_000_000) + LEASE_US
            if not self._deliveries.claim(due, now, now + lease):
                continue
            why = self._send(due)
            self._deliveries.record(due, self._clock(), why)
            if why:
                say = _log.error if due.tries + 1 >= TRIES_MAX else _log.warning
                say("notification not sent", key=due.key, tries=due.tries + 1, why=why)
                break  # the others wait for the next tick, not for its timeout
            sent += 1
        return sent

    def _send(self, due: Due) -> str:
        """Send one message; return why it was not sent, empty if it was.

        The reasons are our own words: the library's may hold the address.
        """
        if due.tries >= TRIES_MAX:
            return "stopped while sending"
        wanted = due.key.removesuffix(f":{due.channel}")
        found = [m for m in self._after(due.seq - 1) if m.key == wanted]
        if not found:  # the views are being rebuilt
            return "not in the outbox"
        try:
            service = self._service(due.channel)
            result = service.notify(
                title=found[0].title,
                body=found[0].body,
                body_format="text",
                timeout=self._timeout_seconds,
            )
        except Exception as error:  # noqa: BLE001 - any plugin's; the next try may do
            return type(error).__name__
        return _why_not(result)

    def _service(self, channel: str) -> Any:
        """Return a channel's service: kept, for it holds the pace it may send at."""
        if channel not in self._services:
            self._services[channel] = service_of(self._addresses[channel])
        return self._services[channel]


def _why_not(result: Any) -> str:
    if result:
        return ""
    if result.status.name == "TIMEOUT":
        return "timeout"
    said = " ".join(entry.message for entry in result.logs())
    if status := _STATUS.search(said):
        return f"HTTP {status[1]}"
    return "no connection" if "onnection error" in said else "not accepted"
