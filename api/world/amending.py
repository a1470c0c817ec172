"""What was found amiss with the stores, on the record (数据库处置), before all else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

import structlog

from api.world.memory import Memory, remembered
from api.world.settings import Settings
from api.world.stores import (
    HELD,
    REMEMBERED,
    Amiss,
    amiss_beside,
    amiss_of_log,
    beside_log,
    check_held,
    check_readable,
    log_damaged,
    log_missing,
    memory_lost,
    put_aside,
)
from api.world.world import SERVICE
from coordination.handle import Handler
from coordination.kernel import Command
from coordination.log import Recorder, open_recorder
from coordination.provenance import Actor, Provenance
from coordination.service.stores import AcceptStore, RecordMended

OPERATOR = Actor("local-operator", "administrator")
_log = structlog.get_logger("stores")


class Acceptance(NamedTuple):
    """认可. ``basis``: on what; ``settle``: what is done first about the stores."""

    basis: str
    settle: Callable[[Recorder, Sequence[Amiss]], None]


def open_checked(
    settings: Settings, memory: Memory, acceptance: Acceptance | None
) -> tuple[Recorder, list[Amiss]]:
    """Open the log, if every store is the one there was; return what was amiss.

    :raises LogBusy: if another process writes it
    :raises LogNewer: if a newer program has written it
    :raises StoreDamaged: if a store that nothing can restore is unreadable
    :raises StoreAmiss: if one is not the one there was, and nobody accepts it
    """
    accepting, known = acceptance is not None, remembered(memory)
    missing = log_missing(settings, known.newest)
    amiss = [*missing, *log_damaged(settings), *amiss_beside(settings, known.marks)]
    check_held(amiss, accepting=accepting)
    for one in amiss:
        if one.fault == "damaged":
            put_aside(beside_log(settings)[one.store][0])
    recorder = open_recorder(settings.log_url or settings.log_path)
    try:
        check_readable(recorder)
        if not missing:
            amiss += amiss_of_log(recorder, known.newest)
        amiss += memory_lost(settings, recorder, memory)
        check_held(amiss, accepting=accepting)
        if acceptance is not None:
            acceptance.settle(recorder, amiss)
    except BaseException:
        recorder.close()
        raise
    return recorder, amiss


def record_amiss(
    handler: Handler,
    memory: Memory,
    amiss: Sequence[Amiss],
    acceptance: Acceptance | None,
) -> None:
    """Record what was found, before anything else is: the log's own first.

    What was is forgotten then: it would be missed again at every start.

    :raises Refusal: if what was accepted has no basis
    """
    ordered = sorted(amiss, key=lambda one: one.store != "log")
    recorder = handler.log.recorder
    for one in ordered:
        made = f"store:{one.store}:{one.fault}:{recorder.head().seq}"
        command: Command = RecordMended(store=one.store, fault=one.fault)
        actor = SERVICE
        if one.store in HELD and acceptance is not None:
            command = AcceptStore(**one._asdict(), basis=acceptance.basis)
            actor = OPERATOR
        by = Provenance(command_id=made, actor=actor)
        _at_once(handler.handle(command, by, handler.log.clock()))
        memory.drop(one.store)
        _log.error("store amiss", **one._asdict())


def _at_once(doing: Coroutine[Any, Any, object]) -> None:
    """Do something in a loop of its own, whether one runs in this thread or not."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(doing)
        except BaseException as error:  # noqa: BLE001 - raised again below
            failed.append(error)

    thread = threading.Thread(target=run, name="amending")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def begin_memory(settings: Settings, recorder: Recorder, memory: Memory) -> None:
    """Remember from now on, and that there is a memory."""
    if memory.now.newest is not None:
        recorder.known = memory.now.newest.seq
    memory.settle(memory.now.newest)
    if not settings.log_url:
        recorder.renew(REMEMBERED, "yes")
