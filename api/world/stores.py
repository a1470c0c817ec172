"""The stores of a world (数据库): is each the one there was, or is one amiss?

Asked before anything is opened for writing. Of what nothing else can restore (log,
accounts, vault, keys) the start is refused, until the right one lies there again or
somebody accepts what there is, which is a fact. What can be made anew is made anew,
and that is a fact too.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from api.world.marks import TOLD, Damaged, Mark, Told, mark_at
from api.world.memory import Memory
from api.world.settings import Settings
from coordination.catalogue import EVENTS, UPCASTERS, decode_event, open_envelope
from coordination.log import Receipt, Recorder, Row, SQLiteReader
from coordination.refusals import Unavailable
from coordination.service.events import StoreAccepted
from coordination.vocabulary import STORE_FAULTS, STORES
from projections.database import on_server
from projections.store import DATABASE_ERRORS

HELD = ("log", "accounts", "vault", "keys")
"""What nothing else can restore."""
NAMES = "event-names"
"""How it calls the kinds of facts that any program which wrote it has known."""
REMEMBERED = "head-remembered"
"""How the log's database says that this host has had a memory of its head."""


class Amiss(NamedTuple):
    """A store that is not the one there was. ``fault``: of ``STORE_FAULTS``.

    ``known``, ``found``: positions of the log, or how often another was written.
    """

    store: str
    fault: str
    known: int = 0
    found: int = 0


StoreAmiss = Unavailable.of(
    "store.amiss",
    "{zh_stores}，不能启动",
    "{en_stores}: the service does not start",
    "请把原来那份放回；确认只能这样继续时，执行 pingzhan world accept --basis 依据",
    "put back the one there was; where there is none, run "
    "pingzhan world accept --basis TEXT, which is recorded",
)
StoreDamaged = Unavailable.of(
    "store.damaged",
    "{zh_stores}，不能启动",
    "{en_stores}: the service does not start",
    "请从备份放回这一份；损坏的请另存，不要删除",
    "put it back from a backup, and keep the damaged one aside",
)


def check_held(amiss: list[Amiss], *, accepting: bool) -> None:
    """Return if nothing is amiss that only a person can settle.

    :raises StoreDamaged: if a store cannot be read
    :raises StoreAmiss: if one is not the one there was, and nobody accepts that
    """
    held = [one for one in amiss if one.store in HELD]
    damaged = [one for one in held if one.fault == "damaged"]
    if damaged:
        raise StoreDamaged(**_said(damaged))
    if held and not accepting:
        raise StoreAmiss(**_said(held))


def _said(amiss: list[Amiss]) -> dict[str, str]:
    """Return which stores are amiss, and how far the log should go."""
    zh, en = [], []
    for one in amiss:
        store, fault = STORES[one.store], STORE_FAULTS[one.fault]
        of_log = one.store == "log" and one.known
        far = f"（应到 {one.known}，现到 {one.found}）" if of_log else ""
        zh.append(f"{store[0]}{fault[0]}{far}")
        far = f" (it went to {one.known}, and now to {one.found})" if of_log else ""
        en.append(f"{store[1]}: {fault[1]}{far}")
    return {"zh_stores": "；".join(zh), "en_stores": "; ".join(en)}


# --- before the log is opened ---------------------------------------------------------


def beside_log(settings: Settings) -> dict[str, tuple[Path | str, str]]:
    """Return where every other store lies, and its schema on a server."""
    url = settings.log_url
    return {
        "accounts": (url or settings.accounts_path, "accounts"),
        "vault": (url or settings.vault_path, "vault"),
        "keys": (settings.keys_where, "vault_keys"),
        "delivery": (url or settings.delivery_path, "delivery"),
        "previews": (url or settings.previews_path, "public"),
    }


def remember_writes(settings: Settings, memory: Memory) -> None:
    """Have every write of a file beside the log remembered before it is answered.

    A process that is killed right after one would not have looked at it any more.
    """

    def told(store: str) -> Told:
        return lambda mark: memory.mark({store: mark})

    for store, (where, _) in beside_log(settings).items():
        if not on_server(where):
            TOLD[str(where)] = told(store)


def forget_writes(settings: Settings) -> None:
    """Remember no more: the world is closed."""
    for where, _ in beside_log(settings).values():
        TOLD.pop(str(where), None)


def marks_of(settings: Settings) -> dict[str, Mark]:
    """Return the mark of every store that was ever written."""
    found: dict[str, Mark] = {}
    lost: set[Path | str] = set()
    for store, (where, schema) in beside_log(settings).items():
        if where in lost:  # each look at a server that is silent takes seconds
            continue
        try:
            mark = mark_at(where, schema)
        except (Damaged, *DATABASE_ERRORS):
            lost.add(where)
            continue
        if mark is not None and mark.writes:
            found[store] = mark
    return found


def amiss_beside(settings: Settings, known: Mapping[str, Mark]) -> Iterator[Amiss]:
    """Yield what is amiss with the stores beside the log."""
    for store, (where, schema) in beside_log(settings).items():
        before = known.get(store)
        writes = before.writes if before else 0
        try:
            mark = mark_at(where, schema, check=True)
        except Damaged:
            yield Amiss(store, "damaged", writes)
            continue
        if before is None:
            continue
        if mark is None or not mark.writes:
            fault = "missing"
        elif mark.born != before.born:
            fault = "other"
        elif mark.writes < writes:
            fault = "older"
        else:
            continue
        if store != "keys" or fault == "older":  # of any other the vault says no
            yield Amiss(store, fault, writes, mark.writes if mark else 0)


def log_missing(settings: Settings, newest: Receipt | None) -> list[Amiss]:
    """Return that the log's file is gone: to open it would make an empty one."""
    if newest is None or settings.log_url or settings.log_path.exists():
        return []
    return [Amiss("log", "missing", newest.seq)]


def log_damaged(settings: Settings) -> list[Amiss]:
    """Return that the log's file is none, as far as its beginning and end tell."""
    path = settings.log_path
    if settings.log_url or not path.exists() or not path.stat().st_size:
        return []
    try:
        with closing(SQLiteReader(path)) as reader:
            reader.rows(reader.head().seq - 1, 1)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            return []  # locked, or not yet ours: whoever opens it will say
        return [Amiss("log", "damaged")]
    return []


def put_aside(where: Path | str) -> None:
    """Put a damaged file aside, so that it is made anew; of a server there is none."""
    path = Path(where)
    if on_server(where) or not path.exists():
        return
    number = next(n for n in itertools.count(1) if not _aside(path, n).exists())
    path.rename(_aside(path, number))
    for beside in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + beside).unlink(missing_ok=True)


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")


# --- once it is open ------------------------------------------------------------------


def amiss_of_log(recorder: Recorder, newest: Receipt | None) -> list[Amiss]:
    """Return whether the log has what was acknowledged last."""
    if newest is None or recorder.receipt(newest.command) == newest:
        return []
    if any(_accepted(row, newest) for row in recorder.stream("stores/log")):
        return []  # on another host, since this one remembers: it is the same log
    found = recorder.head().seq
    return [Amiss("log", "older" if found < newest.seq else "other", newest.seq, found)]


def _accepted(row: Row, newest: Receipt) -> bool:
    """Tell whether a fact accepts that a receipt is lost: one from before it."""
    fact = decode_event(row.name, open_envelope(row.stored).event)
    known = fact.known if isinstance(fact, StoreAccepted) else 0
    return known >= newest.seq and row.recorded_us > newest.recorded_us


LogNewer = Unavailable.of(
    "log.newer",
    "日志中有本程序不认识的事实（由较新的程序写入）",
    "the log has facts that this program does not know: a newer one wrote them",
    "请升级本机程序，与其他主机一致",
    "bring this host to the version of the others",
)


def check_readable(recorder: Recorder) -> None:
    """Return if this program knows every kind of fact that is in the log.

    :raises LogNewer: if a newer program has written others
    """
    ours = {*EVENTS, *UPCASTERS}
    said = json.loads(recorder.meta(NAMES, json.dumps(sorted(ours))))
    if (strange := sorted({*said} - ours)) and recorder.any_of(strange):
        raise LogNewer
    if ours - {*said}:
        recorder.renew(NAMES, json.dumps(sorted({*said} | ours)))


def memory_lost(settings: Settings, recorder: Recorder, memory: Memory) -> list[Amiss]:
    """Return that the memory of the head is gone, where there was one.

    Several hosts share one log on a server, and each has its own: a new one has none.
    """
    try:
        if memory.read() is not None or settings.log_url:
            return []
    except Damaged:
        return [Amiss("head", "damaged")]
    had = recorder.meta(REMEMBERED, "no") == "yes"
    return [Amiss("head", "missing")] if had else []
