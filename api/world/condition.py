"""How the service itself stands (系统状况): part by part, since when, and what to do.

A part is well, or it is in trouble, which is a refusal: its sentence says what is the
matter and what to do. ``DOWN`` is what keeps the service from its work.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import structlog

from api.http.plain import moment
from api.world.scrub import Scrub
from api.world.stores import marks_of
from api.world.world import World
from coordination.log.records import check_reached
from coordination.refusals import Refusal, Unavailable
from coordination.vocabulary import SERVICE_PARTS, STORES

OK, WARN, DOWN = STATES = ("ok", "warn", "down")
"""Well; in trouble, and at work; not at work."""
PARTS = {
    **{part: STORES[part] for part in ("log", "head", "views", "keys")},
    **SERVICE_PARTS,
}
"""What is looked at, in this order (各部分)."""
LAG_SECONDS = 5.0
"""Views that have not shown a fact after so long are said to be behind."""
FREE_DOWN, FREE_WARN = 50_000_000, 1_000_000_000
"""Free bytes of the disk."""
WRITE_SECONDS = 5.0
"""How often a write is tried, and it is remembered how other stores stand."""
TOLD_US = 24 * 3_600_000_000
"""For so long it is said that a message could not be sent."""
_logger = structlog.get_logger("condition")

Silent = Unavailable.of(
    "ready.silent",
    "没有答复",
    "it does not answer",
    "服务会继续重试；超过一分钟请管理员检查数据库",
    "the service goes on trying; after a minute an administrator looks at the database",
)
Failing = Unavailable.of(
    "ready.failing",
    "不能读写（{error}）",
    "it cannot be read or written ({error})",
    "请管理员检查数据库和磁盘；恢复后自动继续",
    "let an administrator see to database and disk; it goes on by itself afterwards",
)
Beyond = Unavailable.of(
    "ready.beyond",
    "末尾之后有不明记录，不再写入",
    "there are rows beyond the end that nobody recorded; nothing is written",
    "请管理员停止服务并执行日志校验",
    "stop the service and let an administrator verify the log",
)
Unremembered = Refusal.of(
    "ready.unremembered",
    "记不下最新位置（{error}）",
    "the newest position cannot be remembered ({error})",
    "请管理员检查数据目录的权限和空间",
    "let an administrator see to the data directory",
)
Behind = Unavailable.of(
    "ready.behind",
    "画面停在位置 {seq}，日志已到 {head}",
    "what is shown stands at {seq}, the log at {head}",
    "请暂以日志和电话为准；持续时请管理员重启服务",
    "go by the log and the telephone; if it lasts, let the service be restarted",
)
Stuck = Unavailable.of(
    "ready.stuck",
    "{count} 个视图停在位置 {seq} 的事实前",
    "{count} views stopped before the fact at {seq}",
    "请管理员按运行手册重建视图",
    "let an administrator rebuild the views",
)
DiskFull = Unavailable.of(
    "ready.disk-full",
    "只剩 {free} 兆字节，很快不能办理",
    "{free} MB are left: soon nothing can be recorded",
    "请立即腾出空间",
    "make room at once",
)
DiskLow = Refusal.of(
    "ready.disk-low",
    "只剩 {free} 兆字节",
    "{free} MB are left",
    "请尽快腾出空间",
    "make room soon",
)
ClockJumped = Refusal.of(
    "ready.clock-jumped",
    "机器时钟跳变了 {seconds} 秒，暂按原来的走时办理，定时事项暂停",
    "the machine's clock jumped by {seconds} s: the service goes by the time before, "
    "and its timers rest",
    "请管理员校时；时钟确实无误时执行 pingzhan clock accept",
    "set the clock right; if it is right, run pingzhan clock accept",
)
ClockBehind = Refusal.of(
    "ready.clock-behind",
    "机器时钟比日志落后 {seconds} 秒，按日志末位的时间办理，定时事项暂停",
    "the machine's clock is {seconds} s behind the log: decisions go by the end of the "
    "log, and the timers rest",
    "请管理员校时",
    "set the clock right",
)
Untold = Refusal.of(
    "ready.untold",
    "{count} 条没有发出",
    "{count} could not be sent",
    "请在“对外通知”页查看原因，并用电话通知",
    "see why on the page of notices, and use the telephone",
)


class Part(NamedTuple):
    """A part of the service. ``since_us``: since when it stands so."""

    part: str
    state: str
    since_us: int
    trouble: Refusal | None = None


Told = Callable[[], Mapping[str, Any]]
"""How the notifications stand."""


class Condition:
    """Looks at each part, one after the other; one thread at a time."""

    def __init__(self, world: World, told: Told | None) -> None:
        """``told``: None where nothing goes outside."""
        self._world, self._told = world, told
        now = world.clock()
        self._parts = {part: Part(part, OK, now) for part in PARTS}
        self._scrub = Scrub(world.log.recorder)
        self._tried = -WRITE_SECONDS
        self._owed = 0, time.monotonic()
        self.head_seq = 0
        self.sending: dict[str, Any] = {"on": False}
        self.ending = False
        """Whether no more is to be looked at."""
        self.looking = ""
        """The part that is being looked at, empty between two looks."""

    def parts(self) -> list[Part]:
        """Return how every part stood when it was last looked at."""
        return list(self._parts.values())

    def look(self) -> list[Part]:
        """Look at every part."""
        for part in PARTS:
            if self.ending:
                break
            self.looking = part
            self._note(part, self._trouble(part))
        self.looking = ""
        return self.parts()

    def silent(self) -> list[Part]:
        """Say that the part that is being looked at does not answer."""
        if part := self.looking:
            self._note(part, Silent())
        return self.parts()

    def _note(self, part: str, trouble: Refusal | None) -> None:
        state = OK if trouble is None else WARN
        if isinstance(trouble, Unavailable):
            state = DOWN
        before = self._parts[part]
        since_us = before.since_us
        if state != before.state:
            since_us = self._world.clock()
            said = trouble.say("en") if trouble else "well again"
            _logger.warning("condition", part=part, state=state, said=said)
        self._parts[part] = Part(part, state, since_us, trouble)

    def _trouble(self, part: str) -> Refusal | None:
        try:
            found: Refusal | None = getattr(self, f"_{part}")()
        except Refusal as refusal:
            return refusal
        except Exception as error:  # noqa: BLE001 - whatever it is, it is in trouble
            return Failing(error=type(error).__name__)
        return found

    # --- one part each ----------------------------------------------------------------

    def _log(self) -> Refusal | None:
        recorder = self._world.log.recorder
        recorder.check_there()
        last = recorder.last()  # before the head: others decide between two looks
        head = recorder.head()
        self.head_seq = head.seq
        if self._world.time is not None:  # another host may have been writing
            known_us = self._world.time.head_us
            self._world.time.head_us = max(known_us, head.recorded_us)
        if last > head.seq:
            return Beyond()
        self._scrub.step()
        return None

    def _head(self) -> Refusal | None:
        recorder, memory = self._world.log.recorder, self._world.memory
        known = recorder.known  # before the head: it may grow between two looks
        check_reached(recorder.head(), known)
        if memory is None:
            return None
        return Unremembered(error=memory.trouble) if memory.trouble else None

    def _views(self) -> Refusal | None:
        runner = self._world.runner
        if stuck := runner.quarantined:
            return Stuck(count=len(stuck), seq=min(one.seq for one in stuck))
        head, now = self._world.log.recorder.head().seq, time.monotonic()
        # Not whether they stand level just now: under a busy log they never do.
        owed, since = self._owed
        if runner.seq >= owed:
            self._owed = head, now
        elif now - since > LAG_SECONDS:
            return Behind(seq=runner.seq, head=head)
        with self._world.reading():
            return None

    def _keys(self) -> Refusal | None:
        self._world.vault.check_keys()
        return None

    def _disk(self) -> Refusal | None:
        free = shutil.disk_usage(self._world.settings.data).free
        told = {"free": free // 1_000_000}
        if free < FREE_DOWN:
            return DiskFull(**told)
        return DiskLow(**told) if free < FREE_WARN else None

    def _clock(self) -> Refusal | None:
        clock = self._world.time
        if clock is None:
            return None
        if jump := clock.wall.jump:
            return ClockJumped(seconds=jump.by_us // 1_000_000)
        if behind_us := clock.behind_us:
            return ClockBehind(seconds=behind_us // 1_000_000)
        return None

    def _database(self) -> Refusal | None:
        world = self._world
        if time.monotonic() - self._tried < WRITE_SECONDS:
            return None
        world.log.recorder.renew("tried", str(world.clock()))
        if world.memory is not None:
            world.memory.mark(marks_of(world.settings))
        self._tried = time.monotonic()
        return None

    def _notifications(self) -> Refusal | None:
        if self._told is None:
            return None
        told = self._told()
        self.sending = {key: told[key] for key in ("on", "waiting", "failed")}
        since = moment(self._world.clock() - TOLD_US)
        count = sum(one["made_at"] >= since for one in told["given_up"])
        count += told["waiting"] if told["last_error"] else 0
        return Untold(count=count) if count else None
