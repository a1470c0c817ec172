"""How the command line reaches a World: in process, or as a running server's client.

A SQLite log has one writer. When a server holds it, commands go to the server over
loopback with the token it left in ``server.json``, readable by its owner only.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ValidationError

from api.exchange.areas import read_areas
from api.plain import LOCAL, receipt_fields
from api.routes.mode import Declaration, Termination
from api.settings import Settings
from api.setup import INSTALLER, preview
from api.wiring import open_world
from api.world import World, emergency_id
from coordination.areas.decide import ImportAreas, ImportRefused, RowFault
from coordination.kernel import Actor, Command, Provenance, Refusal
from coordination.log import LogBusy, Recorder, SQLiteReader
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.playbook import ROMAN
from coordination.steps.decide import AcknowledgeStep, CompleteStep
from projections.store import open_views, positions

WAIT_SECONDS = 10.0
POLL_SECONDS = 0.02
TIMEOUT_SECONDS = 30


class RefusedByServer(Refusal):
    """What a running server refused, code and sentences as it said them."""

    code = "server"
    zh = "{said_zh}"
    en = "{said_en}"

    def __init__(self, body: dict[str, Any]) -> None:
        """Take over the server's body."""
        self.code = body["code"]  # type: ignore[misc]
        super().__init__(said_zh=body["zh"], said_en=body["en"])


class BadWords(Refusal):
    """An option does not fit (参数有误)."""

    code = "request.invalid"
    zh = "参数有误：{first}"
    en = "not valid: {first}"


class ServerRuns(Refusal):
    """A server holds the log; this needs its HTTP interface (服务运行中)."""

    code = "world.server-runs"
    zh = "服务正在运行：请以管理员身份通过 /api/v1/areas/import 导入"
    en = "a server is running: import through its /api/v1/areas/import"


class NoWorld(Refusal):
    """There is no World in this data directory (没有数据)."""

    code = "world.missing"
    zh = "{data} 中没有数据，请先运行 pingzhan world init"
    en = "there is no world in {data}; run pingzhan world init first"


@contextmanager
def local_world(settings: Settings) -> Iterator[World]:
    """Open the World in this process; wait for another command line to finish.

    :raises LogBusy: if a server holds it
    """
    world = _opened(settings)
    try:
        yield world
    finally:
        world.close()


def _opened(settings: Settings) -> World:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return open_world(settings)
        except LogBusy:
            if _server(settings) is not None or time.monotonic() > until:
                raise
            time.sleep(POLL_SECONDS)


def _server(settings: Settings) -> dict[str, Any] | None:
    """Return how to reach the running server; None if no living one left word."""
    try:
        word: dict[str, Any] = json.loads(settings.server_path.read_text())
        os.kill(word["pid"], 0)
    except (OSError, ValueError):
        return None
    return word


@contextmanager
def reading(settings: Settings) -> Iterator[tuple[Recorder | SQLiteReader, sa.Engine]]:
    """Give the log and views at its head, beside a running server or without one.

    :raises NoWorld: if nothing was ever written here
    """
    if not settings.log_url and not settings.log_path.exists():
        raise NoWorld(data=str(settings.data))
    try:
        with local_world(settings) as world:
            yield world.log.recorder, world.runner.engine
            return
    except LogBusy:
        pass
    reader = SQLiteReader(settings.log_path)
    engine = open_views(settings.views_path)
    head, end = reader.head().seq, time.monotonic() + WAIT_SECONDS
    while True:
        with engine.connect() as c:
            if min(positions(c).values(), default=0) >= head:
                break
        if time.monotonic() > end:
            break  # the answer names the seq it shows
        time.sleep(POLL_SECONDS)
    try:
        yield reader, engine
    finally:
        reader.close()
        engine.dispose()


def _call(settings: Settings, path: str, command_id: str, body: Any) -> dict[str, Any]:
    """Send a command to the server that holds the log."""
    server = _server(settings)
    if server is None:
        raise LogBusy(path=str(settings.log_path))
    request = urllib.request.Request(  # noqa: S310 - the address our server left
        f"{server['url']}/api/v1/{path}",
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {server['token']}",
            "Idempotency-Key": command_id,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise RefusedByServer(json.loads(error.read())) from None


def _check(model: type[BaseModel], given: dict[str, Any]) -> None:
    """Return if these words would pass the HTTP route too.

    :raises BadWords: naming every field that would not
    """
    try:
        model.model_validate(given)
    except ValidationError as error:
        rows = [
            RowFault(0, ".".join(map(str, e["loc"])), "格式不正确", e["msg"])
            for e in error.errors()
        ]
        first = f"{rows[0].field}: {rows[0].en}"
        raise BadWords(first=first, rows=rows) from None


def _do(
    world: World, command: Command, command_id: str, actor: Actor = LOCAL.actor
) -> dict[str, Any]:
    """Carry out a command in this process; return its receipt as JSON."""
    by = Provenance(command_id=command_id, actor=actor)
    return receipt_fields(asyncio.run(world.do(command, by)))


def declare(settings: Settings, command_id: str, given: dict[str, Any]) -> Any:
    """Declare an emergency; ``given``: what the HTTP route takes, checked like it."""
    _check(Declaration, given)
    try:
        with local_world(settings) as world:
            emergency = emergency_id(command_id)
            command = DeclareEmergency(
                **{
                    **given,
                    "level": ROMAN[given["level"]],
                    "emergency": emergency,
                    "scope": world.places(tuple(given["scope"])),
                    "excluded": world.places(tuple(given["excluded"])),
                }
            )
            receipt = _do(world, command, command_id)
            return {"emergency": emergency, "state": "ACTIVE", **receipt}
    except LogBusy:
        return _call(settings, "emergencies", command_id, given)


def end(settings: Settings, command_id: str, emergency: str, basis: str) -> Any:
    """End an emergency."""
    _check(Termination, {"basis": basis})
    try:
        with local_world(settings) as world:
            command = EndEmergency(
                emergency=emergency, scope=world.scope_of(emergency), basis=basis
            )
            receipt = _do(world, command, command_id)
            return {"emergency": emergency, "state": "ENDED", **receipt}
    except LogBusy:
        path = f"emergencies/{emergency}/end"
        return _call(settings, path, command_id, {"basis": basis})


def import_areas(settings: Settings, command_id: str, data: bytes, *, dry: bool) -> Any:
    """Import an area file, or say what it would do."""
    rows, faults = read_areas(data)
    if faults:
        raise ImportRefused(count=len(faults), rows=faults)
    command = ImportAreas(rows=rows, basis="area file")
    try:
        with local_world(settings) as world:
            by = Provenance(command_id=command_id, actor=INSTALLER)
            found = {"dry_run": dry, "rows": len(rows), **preview(world, command, by)}
            if dry or not found["registered"] + found["renamed"]:
                return found
            return {**found, **_do(world, command, command_id, INSTALLER)}
    except LogBusy:
        raise ServerRuns from None


def step(
    settings: Settings, command_id: str, site: str, name: str, *, done: bool
) -> Any:
    """Complete or acknowledge a step."""
    kind = CompleteStep if done else AcknowledgeStep
    state = "DONE" if done else "ACKNOWLEDGED"
    try:
        with local_world(settings) as world:
            receipt = _do(world, kind(site=site, step=name), command_id)
            return {"site": site, "step": name, "state": state, **receipt}
    except LogBusy:
        verb = "complete" if done else "acknowledge"
        return _call(settings, f"sites/{site}/steps/{name}/{verb}", command_id, {})
