"""Notifications (通知): what the outbox says, sent through apprise to the channels.

At least once. A delivery is known by its key, so a message is not sent again because
views were rebuilt or two processes look at once; but whoever dies between sending and
recording, or gives up waiting for a slow service that did take it, sends it twice.
A drill has no channels (rule 12).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import structlog

from api.world.channels import service_of
from api.world.deliveries import BATCH, NONE, TRIES_MAX, Deliveries, Due
from api.world.delivery_tables import HELD
from api.world.pacing import SUMMARY, Summed
from coordination.kernel import MINUTE_US
from coordination.notices.events import NoticeRuleSet
from coordination.notices.state import Rules, concerns, opens_us

TIMEOUT_SECONDS = 20.0
LEASE_US = MINUTE_US
"""How much longer than the timeout a delivery belongs to who is sending it."""
ANYBODY = "default"
"""The channel for what is meant for a channel that there is not."""

_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
_log = structlog.get_logger("notify")


class News(NamedTuple):
    """One fact that may be told (消息). ``kind``: of ``vocabulary.NEWS``."""

    seq: int
    kind: str
    grave: bool
    paths: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for the same fact for ever."""
        return f"fact:{self.seq}"


class Text(NamedTuple):
    """A message as it is sent."""

    title: str
    body: str


class Outbox(Protocol):
    """What there is to tell, and in which words."""

    def after(self, seq: int, limit: int) -> Sequence[News]:
        """Return the news of later facts, in order of ``seq``."""
        ...

    def text(self, seq: int) -> Text | None:
        """Return what is said of one fact; None while views are rebuilt."""
        ...

    def summary(self, found: Summed) -> Text:
        """Return what is said of many at once (汇总)."""
        ...


def channels_for(
    news: News,
    rules: Iterable[NoticeRuleSet],
    channels: Iterable[str],
    now_us: int,
) -> dict[str, tuple[str, int]]:
    """Return to which channels a piece of news goes, by which rule and from when on.

    Where several rules name one channel it is told once, by the first that may send.
    The gravest waits for no hours.
    """
    found: dict[str, tuple[str, int]] = {}
    there = list(channels)
    for rule in rules:
        if not concerns(rule, news.kind, news.paths):
            continue
        at_us = now_us if news.grave else opens_us(rule, now_us)
        for channel in rule.channels or there:
            if channel not in there and ANYBODY in there:
                channel = ANYBODY  # noqa: PLW2901 - there is no such channel any more
            if channel not in found or at_us < found[channel][1]:
                found[channel] = rule.rule, at_us
    return found


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
        rules: Callable[[], Rules] = dict,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """``channels``: name -> apprise URL. ``clock``: wall time in microseconds.

        ``rules``: those in force (通知规则).
        """
        self._deliveries = deliveries
        self._addresses = dict(channels)
        self._clock = clock
        self._outbox = outbox
        self._rules = rules
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
        rules = await asyncio.to_thread(self._rules)
        await asyncio.to_thread(self._take, rules)
        # A dead channel keeps no other one waiting.
        runs = (asyncio.to_thread(self._run, one, rules) for one in self._addresses)
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

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels there are."""
        return tuple(self._addresses)

    def of_facts(self, seqs: Sequence[int]) -> dict[int, dict[str, dict[str, Any]]]:
        """Return what became of these facts: by position and channel."""
        if not self._addresses:
            return {}
        keys = [f"fact:{seq}:{channel}" for seq in seqs for channel in self._addresses]
        return self._deliveries.of_keys(keys)

    def _take(self, rules: Rules) -> None:
        since = self._deliveries.since()
        assert since is not None, "begin() comes before tick()"
        news = self._outbox.after(since, BATCH)
        if not news:
            return
        now, held, lost = self._clock(), [], []
        for one in news:
            found = channels_for(one, rules.values(), self._addresses, now)
            for channel, (rule, at_us) in found.items():
                row: dict[str, Any] = {"key": f"{one.key}:{channel}", "seq": one.seq}
                row["channel"] = channel
                if channel in self._addresses:
                    row |= {"rule": rule, "kind": one.kind, "grave": int(one.grave)}
                    held.append({**row, "state": HELD, "at_us": at_us, "summary": ""})
                else:
                    lost.append({**row, "next_us": now, "made_us": now})
        self._deliveries.refuse(lost, "no such channel")
        self._deliveries.take(held, news[-1].seq)

    def _run(self, channel: str, rules: Rules) -> int:
        """Send what is due on one channel, until one fails; return how many."""
        sent = 0
        self._deliveries.admit(channel, self._clock(), rules)
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
        text = self._text(due)
        if text is None:  # the views are being rebuilt
            return "not in the outbox"
        try:
            service = self._service(due.channel)
            result = service.notify(
                title=text.title,
                body=text.body,
                body_format="text",
                timeout=self._timeout_seconds,
            )
        except Exception as error:  # noqa: BLE001 - any plugin's; the next try may do
            return type(error).__name__
        return _why_not(result)

    def _text(self, due: Due) -> Text | None:
        if due.key.startswith(f"{SUMMARY}:"):
            return self._outbox.summary(self._deliveries.summed(due.key))
        return self._outbox.text(due.seq)

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
