"""A long history on a city's areas, stored in bulk: what a million events look like."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import msgspec

from api.world.ground import ground
from coordination import catalogue
from coordination.areas.decide import AreaRow
from coordination.areas.events import AreaRegistered, SiteRegistered
from coordination.kernel import Event
from coordination.log import Append, Proposed, Recorder
from coordination.mode.events import (
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.playbook import Playbook, canonical
from coordination.playbook_text import compile_text
from coordination.tree import Place
from playbooks import texts
from tests.bench.report import command_id

START_US = 1_767_225_600_000_000
PER_COMMAND = 16
COMMANDS_PER_COMMIT = 64


def read_rows(path: Path) -> tuple[AreaRow, ...]:
    """Return the rows of an area file."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            AreaRow(n, r["code"], r["name"], r["level"], r["parent_code"])
            for n, r in enumerate(csv.DictReader(file), 2)
        )


def history(rows: tuple[AreaRow, ...], events: int) -> Iterator[Event]:
    """Yield areas, sites, and emergencies that come, are carried out and end."""
    for row in rows:
        yield AreaRegistered(
            code=row.code, name=row.name, level=row.level, parent=row.parent
        )
    sites: list[SiteRegistered] = []
    for command in ground(rows, 1):
        for plan in command.sites:
            site = SiteRegistered(**msgspec.structs.asdict(plan))
            sites.append(site)
            yield site
    text = texts()["epidemic-control"]
    playbook, _ = compile_text(text)
    assert playbook is not None
    compiled, digest = canonical(playbook)
    yield PlaybookPublished(
        playbook=playbook.id,
        version=playbook.version,
        text=text,
        compiled=compiled,
        digest=digest,
    )
    left = events - len(rows) - len(sites) - 1
    root = Place(rows[0].code, rows[0].level)
    number = 0
    while left > 0:
        number += 1
        for event in _emergency(f"e-{number:04d}", root, playbook, digest, sites):
            if left <= 0:
                return
            left -= 1
            yield event


def _emergency(
    emergency: str,
    root: Place,
    playbook: Playbook,
    digest: str,
    sites: list[SiteRegistered],
) -> Iterator[Event]:
    """Yield one emergency from its order to the last recovery step."""
    yield EmergencyDeclared(
        emergency=emergency,
        hazard="epidemic",
        level=3,
        scope=(root,),
        excluded=(),
        matter="疫情",
        measures="启用采样点",
        declared_us=START_US,
        expected_until_us=START_US + 3_600_000_000,
        playbook=playbook.id,
        playbook_digest=digest,
    )
    for phase in ("convert", "recover"):
        if phase == "recover":
            yield EmergencyEnded(emergency=emergency, ended_us=START_US + 1)
        for number in range(8):
            for site in sites:
                planned = {p.hazard: p.function for p in site.planned}
                conversion = playbook.conversion(planned.get("epidemic"), 3)
                steps = conversion.steps(phase, 3) if conversion else ()
                if number < len(steps):
                    fact = {
                        "site": site.site,
                        "emergency": emergency,
                        "phase": phase,
                        "step": steps[number].id,
                    }
                    yield StepAcknowledged(**fact)
                    yield StepCompleted(**fact)


def store(recorder: Recorder, events: Iterator[Event]) -> int:
    """Store a history; return how many events it had."""
    now, total, command = START_US, 0, 0
    appends: list[Append] = []

    def clock() -> int:
        nonlocal now
        now += 1_000
        return now

    batch: list[Proposed] = []

    def flush(*, last: bool = False) -> None:
        nonlocal command
        if batch:
            command += 1
            appends.append(Append(command_id(command), "0" * 32, {}, tuple(batch)))
            batch.clear()
        if appends and (last or len(appends) >= COMMANDS_PER_COMMIT):
            recorder.commit(appends, clock)
            appends.clear()

    for event in events:
        envelope = catalogue.Envelope(
            command=command_id(command + 1),
            digest="0" * 32,
            actor="bench",
            role="commander",
            area="31",
            seen_seq=total,
            occurred_us=now,
            salt="0" * 32,
            event=catalogue.encode(event),
        )
        batch.append(Proposed(event.stream, event.NAME, catalogue.seal(envelope)))
        total += 1
        if len(batch) >= PER_COMMAND:
            flush()
    flush(last=True)
    return total
