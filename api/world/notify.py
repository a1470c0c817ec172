"""Notifications (通知): what the outbox says, sent through apprise to the channels.

At least once. A delivery is known by its key, so a message is not sent again because
views were rebuilt or two processes look at once; but whoever dies between sending and
recording, or gives up waiting for a slow service that did take it, sends it twice.

Deliveries have a database of their own, which no rebuild touches. It holds no text:
that is read from the outbox when it is sent, so that nothing which was destroyed
(销毁) stays behind here. A drill has no channels (rule 12).
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
import yaml
from sqlalchemy.dialects import postgresql, sqlite

from api.http.plain import moment
from coordination.kernel import Refusal
from projections.store import opening

SCHEMA = "delivery"
WAITING, SENT, FAILED = "WAITING", "SENT", "FAILED"
MINUTE_US = 60_000_000
BACK_OFF_MAX_MINUTES = 60
TRIES_MAX = 12
BATCH = 200
SHOWN_MAX = 20
TIMEOUT_SECONDS = 20.0
LEASE_US = MINUTE_US
"""How much longer than the timeout a delivery belongs to who is sending it."""
ANYBODY = "default"
"""The channel for what is meant for a channel that there is not."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
_METADATA = sa.MetaData()
_DELIVERY = sa.Table(
    "delivery",
    _METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    # When to try (again); while it is being sent: until when nobody else may.
    sa.Column("next_us", sa.BigInteger, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
    sa.Column("sent_us", sa.BigInteger),
    sa.Index("delivery_due", "state", "channel", "next_us"),
)
_WATERMARK = sa.Table(
    "watermark",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    # Facts up to here have been looked at.
    sa.Column("since_seq", sa.BigInteger, nullable=False),
)
_log = structlog.get_logger("notify")


class BadChannels(Refusal):
    """The file of channels cannot be used (通知渠道文件有误); never says an address."""

    code = "notify.bad-file"
    zh = "通知渠道文件 {path} 有误（{where}）：{zh_why}"
    en = "the file of channels {path} cannot be used ({where}): {en_why}"


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


class Due(NamedTuple):
    """A delivery (投递) whose time has come."""

    key: str
    channel: str
    seq: int
    tries: int


class Deliveries:
    """What became of each message (投递台账); opened when first asked.

    ``where``: a SQLite file, or a ``postgresql://`` address (schema ``delivery``).
    """

    def __init__(self, where: str | Path) -> None:
        """Touch nothing yet."""
        self._where = where
        self._engine: sa.Engine | None = None
        self._opening = threading.Lock()

    def begin(self, head: int) -> None:
        """Look only at facts after ``head``, unless that was settled before."""
        with self._begin() as c:
            c.execute(self._ignoring(_WATERMARK).values(id=1, since_seq=head))

    def since(self) -> int | None:
        """Return up to where the outbox has been read; None before ``begin``."""
        with self._begin() as c:
            found: int | None = c.scalar(sa.select(_WATERMARK.c.since_seq))
            return found

    def take(self, new: Iterable[Mapping[str, Any]], up_to: int) -> None:
        """Add deliveries whose keys are new; the outbox has been read ``up_to``."""
        with self._begin() as c:
            if rows := list(new):
                c.execute(self._ignoring(_DELIVERY), rows)
            c.execute(
                sa.update(_WATERMARK)
                .where(_WATERMARK.c.since_seq < up_to)
                .values(since_seq=up_to)
            )

    def due(self, channel: str, now_us: int) -> list[Due]:
        """Return what is due on a channel, oldest facts first."""
        query = (
            sa.select(*(_DELIVERY.c[name] for name in Due._fields))
            .where(
                _DELIVERY.c.state == WAITING,
                _DELIVERY.c.channel == channel,
                _DELIVERY.c.next_us <= now_us,
            )
            .order_by(_DELIVERY.c.seq, _DELIVERY.c.key)
            .limit(BATCH)
        )
        with self._begin() as c:
            return [Due(*row) for row in c.execute(query)]

    def claim(self, due: Due, now_us: int, until_us: int) -> bool:
        """Take a delivery for oneself ``until_us``; False: somebody else has it."""
        claimed = (
            sa.update(_DELIVERY)
            .where(
                _DELIVERY.c.key == due.key,
                _DELIVERY.c.state == WAITING,
                _DELIVERY.c.tries == due.tries,
                _DELIVERY.c.next_us <= now_us,
            )
            .values(tries=due.tries + 1, next_us=until_us)
        )
        with self._begin() as c:
            return bool(c.execute(claimed).rowcount)

    def record(self, due: Due, now_us: int, why: str) -> None:
        """Record a claimed delivery as sent, or (``why``) to be tried again or not."""
        tries = due.tries + 1
        mine = [_DELIVERY.c.key == due.key, _DELIVERY.c.state == WAITING]
        change: dict[str, Any]
        if not why:
            change = {"state": SENT, "sent_us": now_us, "last_error": ""}
        elif tries < TRIES_MAX:
            change = {"next_us": now_us + back_off_us(tries), "last_error": why}
        else:
            change = {"state": FAILED, "next_us": now_us, "last_error": why}
            change["tries"] = TRIES_MAX
        if why:  # unless somebody else has taken it over: the result will be theirs
            mine.append(_DELIVERY.c.tries == tries)
        with self._begin() as c:
            c.execute(sa.update(_DELIVERY).where(*mine).values(change))

    def status(self) -> dict[str, Any]:
        """Return counts by channel and state, and the newest that were given up."""
        d = _DELIVERY.c
        counts = sa.select(d.channel, d.state, sa.func.count())
        troubled = (
            sa.select(d.key, d.channel, d.seq, d.tries, d.last_error, d.made_us)
            .order_by(d.next_us.desc(), d.key)
            .limit(SHOWN_MAX)
        )
        with self._begin() as c:
            found = c.execute(counts.group_by(d.channel, d.state)).all()
            failed = c.execute(troubled.where(d.state == FAILED)).all()
            last = c.execute(
                troubled.where(d.state != SENT, d.last_error != "")
            ).first()
        channels: dict[str, dict[str, int]] = {}
        for name, state, count in found:
            none = {WAITING.lower(): 0, FAILED.lower(): 0, SENT.lower(): 0}
            channels.setdefault(name, none)[state.lower()] = count
        given_up = [dict(row._mapping) for row in failed]  # noqa: SLF001 - its public name
        for row in given_up:
            row["made_at"] = moment(row.pop("made_us"))
        return {
            "channels": channels,
            "given_up": given_up,
            "last_error": last.last_error if last else "",
        }

    def close(self) -> None:
        """Close the database."""
        if self._engine is not None:
            self._engine.dispose()

    def _begin(self) -> AbstractContextManager[sa.Connection]:
        with self._opening:
            if self._engine is None:
                self._engine = _opened(self._where)
        return self._engine.begin()

    def _ignoring(self, table: sa.Table) -> Any:
        """Return an insert that leaves a known key as it is."""
        assert self._engine is not None
        dialect = {"postgresql": postgresql, "sqlite": sqlite}[
            self._engine.dialect.name
        ]
        return dialect.insert(table).on_conflict_do_nothing()


def _opened(where: str | Path) -> sa.Engine:
    if isinstance(where, str) and where.startswith("postgres"):
        url = "postgresql+psycopg://" + where.partition("://")[2]
        engine = sa.create_engine(
            url, connect_args={"options": f"-csearch_path={SCHEMA}"}
        )
    else:
        engine = sa.create_engine(f"sqlite:///{where}")

        @sa.event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            # What was recorded as sent stays so: FULL, the default.
            connection.execute("PRAGMA busy_timeout=5000")

    with opening(engine) as c:
        if engine.dialect.name == "postgresql":
            c.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        for table in _METADATA.sorted_tables:
            c.execute(sa.schema.CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                c.execute(sa.schema.CreateIndex(index, if_not_exists=True))
    return engine


def back_off_us(tries: int) -> int:
    """Return how long to wait after so many tries: 1, 2, 4 … 60 minutes."""
    return min(1 << (tries - 1), BACK_OFF_MAX_MINUTES) * MINUTE_US


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
                **found["channels"].get(name, {"waiting": 0, "failed": 0, "sent": 0}),
            }
            for name in sorted({*self._addresses, *found["channels"]})
        ]
        totals = {
            state: sum(channel[state] for channel in channels)
            for state in ("waiting", "failed", "sent")
        }
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
            self._services[channel] = _service_of(self._addresses[channel])
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


def _service_of(url: str) -> Any:
    """Return apprise with one address.

    :raises ValueError: for one it does not understand
    """
    # It logs tokens it does not like, and addresses of services that do not answer.
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:  # without any, the last resort is stderr
            logger.addHandler(logging.NullHandler())
    import apprise  # noqa: PLC0415 - half a second that only those who notify pay

    service = apprise.Apprise()
    if not service.add(url):
        msg = "not an address that apprise understands"
        raise ValueError(msg)
    return service


def channels_from(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the channels of the file that ``PINGZHAN_NOTIFY`` names, {} without it.

    :raises BadChannels: if it cannot be read or is not ``channels: {name: url}``
    """
    path = environ.get("PINGZHAN_NOTIFY", "")
    if not path:
        return {}
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = "无法读取", f"it cannot be read: {type(error).__name__}"
        raise _bad(path, None, *why) from None
    return _channels_in(path, text)


def _channels_in(path: str, text: str) -> dict[str, str]:
    try:
        # As nodes: built into a dict, of two channels with one name the first is lost.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:  # its text quotes the file
        mark = getattr(error, "problem_mark", None)
        raise _bad(path, mark, "不是有效的 YAML", "not YAML") from None
    shape = "应为 channels: {名称: 地址}", "it must be channels: {name: url}"
    top = _pairs(root)
    if top is None or [name for name, _ in top] != ["channels"]:
        raise _bad(path, root and root.start_mark, *shape)
    named = _pairs(top[0][1])
    if named is None:
        raise _bad(path, top[0][1].start_mark, *shape)
    found: dict[str, str] = {}
    for name, node in named:
        if not _NAME.fullmatch(name) or name in found:
            why = (
                "名称重复，或不是小写字母、数字和 - 组成",
                "a name is there twice, or not of small letters, digits and -",
            )
            raise _bad(path, node.start_mark, *why)
        try:
            _service_of(node.value if isinstance(node, yaml.ScalarNode) else "")
        except ValueError:
            why = f"{name} 的地址无法识别", f"the address of {name} is not understood"
            raise _bad(path, node.start_mark, *why) from None
        found[name] = node.value
    return found


def _pairs(node: Any) -> list[tuple[str, Any]] | None:
    """Return a mapping's names and values, None if it is none."""
    if not isinstance(node, yaml.MappingNode):
        return None
    if not all(isinstance(name, yaml.ScalarNode) for name, _ in node.value):
        return None
    return [(name.value, value) for name, value in node.value]


def _bad(path: str, mark: Any, zh: str, en: str) -> BadChannels:
    where = f"{mark.line + 1}" if mark is not None else "-"
    return BadChannels(path=path, where=where, zh_why=zh, en_why=en)
