"""The composition root: the only place that knows clock, randomness and databases."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack

import sqlalchemy as sa

from api.world.amending import Acceptance, begin_memory, open_checked, record_amiss
from api.world.birth import DEMONSTRATION, settled
from api.world.channels import channels_from
from api.world.clock import WallClock, WorldClock
from api.world.deliveries import Deliveries
from api.world.memory import Memory
from api.world.notify import Notifier, Outbox
from api.world.private import keep_private
from api.world.settings import Settings
from api.world.stores import Amiss, marks_of, put_aside, remember_writes
from api.world.vault import OtherKeys, Vault
from api.world.world import World
from coordination.handle import Handler
from coordination.log import Log, PostgresRecorder, Receipt, Recorder
from coordination.notices.state import RULES
from projections.alarms_view import ALARMS
from projections.approvals import APPROVALS
from projections.board_view import BOARD
from projections.coverage import COVERAGE
from projections.directives import DIRECTIVES
from projections.outbox import OUTBOX
from projections.posts import POSTS
from projections.rights import RIGHTS
from projections.roster_view import ROSTER
from projections.runner import Runner
from projections.slips_view import SLIPS
from projections.store import open_views
from projections.supplies_view import SUPPLIES
from projections.timeline import TIMELINE
from projections.view import View

VIEWS: tuple[View, ...] = (
    BOARD,
    TIMELINE,
    RIGHTS,
    APPROVALS,
    DIRECTIVES,
    ALARMS,
    OUTBOX,
    ROSTER,
    POSTS,
    COVERAGE,
    SUPPLIES,
    SLIPS,
)


_RUNS_ON = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _steady() -> int:
    """Return microseconds of a clock that only runs on, also in a machine asleep."""
    return time.clock_gettime_ns(_RUNS_ON) // 1_000


WALL = WallClock(lambda: time.time_ns() // 1_000, _steady)


def wall_clock() -> int:
    """Return microseconds since 1970 UTC."""
    return WALL()


def world_clock(settings: Settings, recorder: Recorder) -> WorldClock:
    """Return the World's clock: the wall, or a faster one for a demonstration.

    A demonstration goes on from its last fact, which may be ahead of the wall.
    """
    head_us, start_us = recorder.head().recorded_us, settings.clock_start_us
    if settings.clock_factor != 1 or settled(recorder, settings) == DEMONSTRATION:
        start_us = max(start_us or wall_clock(), head_us)
    return WorldClock(
        WALL, start_us=start_us, factor=settings.clock_factor, head_us=head_us
    )


class Entropy:
    """Random bytes, drawn from the system a page at a time: one call costs 50 µs."""

    PAGE = 4_096

    def __init__(self) -> None:
        self._left = b""

    def __call__(self, count: int) -> bytes:
        """Return ``count`` bytes never given before; at most a page."""
        if len(self._left) < count:
            self._left = os.urandom(self.PAGE)
        given, self._left = self._left[:count], self._left[count:]
        return given


def new_token() -> str:
    """Return a secret nobody can guess, 256 bits."""
    return secrets.token_urlsafe(32)


def new_command_id() -> str:
    """Return a fresh command id, for callers that did not bring one."""
    return secrets.token_hex(16)


def open_world(settings: Settings, *, acceptance: Acceptance | None = None) -> World:
    """Open a World for writing, its views caught up.

    :raises LogBusy: if another process writes this SQLite log
    :raises NotPrivate: if others can read its files and that cannot be changed
    :raises StoreDamaged: if a store that nothing can restore is unreadable
    :raises StoreAmiss: if one is not the one there was, and nobody accepts it
    :raises KeysMissing: if the keys of the vault are not there
    :raises OtherKeys: if they are those of another log
    """
    keep_private(settings.data)
    memory = Memory(settings.memory_path)
    recorder, amiss = open_checked(settings, memory, acceptance)
    with ExitStack() as undo:
        undo.callback(recorder.close)
        vault = fitting_vault(settings, recorder)
        undo.callback(vault.close)
        key = recorder.meta("digest-key", secrets.token_hex(32))
        clock = world_clock(settings, recorder)
        log = Log(recorder, clock)
        undo.callback(log.close)
        handler = Handler(log, digest_key=bytes.fromhex(key), entropy=Entropy())
        engine, mended = sound_views(settings)
        log.remember = _remembering(memory, clock)
        record_amiss(handler, memory, [*amiss, *mended], acceptance)
        begin_memory(settings, recorder, memory)
        runner = Runner(recorder, engine, VIEWS)
        runner.catch_up()
        log.on_commit.append(runner.wake)
        if isinstance(recorder, PostgresRecorder):
            recorder.follow(runner.wake)
        world = World(
            settings=settings,
            handler=handler,
            runner=runner,
            clock=clock,
            time=clock,
            vault=vault,
            secret=bytes.fromhex(key),
            memory=memory,
        )
        world.forget_again()
        undo.pop_all()
    memory.mark(marks_of(settings))
    remember_writes(settings, memory)
    keep_private(settings.data)
    return world


def _remembering(memory: Memory, clock: WorldClock) -> Callable[[Receipt], None]:
    """Return what is done with a receipt before it is handed out."""

    def remember(newest: Receipt) -> None:
        clock.head_us = newest.recorded_us
        memory.keep(newest)

    return remember


def fitting_vault(settings: Settings, recorder: Recorder) -> Vault:
    """Return the vault, whose keys must be those that this log began with.

    :raises KeysMissing: if they are not there
    :raises OtherKeys: if they are of another log
    """
    where = settings.log_url or settings.vault_path
    vault = Vault(where, settings.keys_where, Entropy())
    if recorder.meta("vault-key", vault.fingerprint) != vault.fingerprint:
        vault.close()
        raise OtherKeys
    return vault


def sound_views(settings: Settings) -> tuple[sa.Engine, list[Amiss]]:
    """Return the views; a file that is none is put aside, and they are made again."""
    if settings.log_url:
        return open_views(settings.log_url), []
    path = settings.views_path
    try:
        return open_views(path), []
    except sa.exc.DatabaseError as error:
        if isinstance(error, sa.exc.OperationalError):
            raise  # locked, or the disk is full: the file may be sound
        put_aside(path)
        return open_views(path), [Amiss("views", "damaged")]


def open_notifier(world: World, outbox: Outbox) -> Notifier:
    """Return what tells the world outside; off unless ``PINGZHAN_NOTIFY`` names a file.

    :raises BadChannels: if that file cannot be used
    """
    settings = world.settings
    notifier = Notifier(
        Deliveries(settings.log_url or settings.delivery_path),
        channels_from(os.environ),
        wall_clock,
        outbox,
        lambda: world.state(RULES),
    )
    world.channels = notifier.channels
    notifier.begin(world.log.recorder.head().seq)
    return notifier
