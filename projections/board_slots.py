"""Which slot of a site holds which duty (阵地任务栏), and what a duty asks for."""

from __future__ import annotations

from collections.abc import Mapping

from coordination.mode.duties import Duty, steps_of
from coordination.mode.state import PEACETIME, RECOVER
from coordination.playbook import Playbook, Step, from_canonical
from projections.board import ORDER, PLAN
from projections.progress import PROGRESS, Progress, duty_of, free, row_of
from projections.view import Tables


def playbook_of(t: Tables, digest: str) -> Playbook:
    """Return a published version, compiled once a batch run."""
    known: Playbook | None = t.memo.get(digest)
    if known is None:
        known = t.memo[digest] = from_canonical(t[PLAN].current[digest].compiled)
    return known


def slots_by_site(t: Tables) -> dict[str, list[str]]:
    """Return each site's slots, in the order they were made."""
    known: dict[str, list[str]] | None = t.memo.get("slots")
    if known is None:
        known = t.memo["slots"] = {}
        rows = t[PROGRESS].every()
        for row in sorted(rows, key=lambda r: (len(r.slot), r.slot)):
            known.setdefault(row.site, []).append(row.slot)
    return known


def steps_in_force(t: Tables, duty: Duty) -> tuple[Step, ...]:
    """Return the checklist in force of a duty, looked up once a batch run."""
    of = duty.emergency, duty.function, duty.phase, duty.level, duty.idle
    key = "steps", *of
    known: tuple[Step, ...] | None = t.memo.get(key)
    if known is None:
        digest = t[ORDER].current[duty.emergency].playbook_digest
        known = t.memo[key] = steps_of(playbook_of(t, digest), duty)
    return known


def put_duties(
    t: Tables, site: str, rows: list[Progress], then: Mapping[str, Duty]
) -> None:
    """Write what changed of a site's duties, each in its slot."""
    path = rows[0].path
    held = {row.emergency: row for row in rows if row.emergency in then}
    unused = [row for row in rows if row.emergency not in then]
    for duty in then.values():
        old = held.get(duty.emergency)
        if old is not None and duty_of(old) == duty:
            continue
        if old is None:
            old = unused.pop(0) if unused else _spare(t, rows, held)
        if old is None:
            old = _another(t, rows)
        held[duty.emergency] = old
        t.put(PROGRESS, row_of(old, duty, steps_in_force(t, duty)))
    for row in unused:
        if row.emergency is not None:
            t.put(PROGRESS, free(row.slot, site, path))


def _another(t: Tables, rows: list[Progress]) -> Progress:
    """Return one more slot of a site."""
    site, path = rows[0].site, rows[0].path
    slots = slots_by_site(t)[site]
    slot = f"{site} {len(slots)}"
    slots.append(slot)
    return free(slot, site, path)


def _spare(
    t: Tables, rows: list[Progress], held: dict[str | None, Progress]
) -> Progress | None:
    """Return a slot whose duty is done and whose emergency is over, if there is one."""
    for row in rows:
        done = row.phase == RECOVER and row.mode == PEACETIME
        if not done or t[ORDER].current[row.emergency or ""].ended_us is None:
            continue
        if held.get(row.emergency) is row:
            del held[row.emergency]
            return row
    return None


def slot_for(t: Tables, site: str, duty: Duty) -> Progress:
    """Return the row in which a duty that lost its slot goes on: of a round at work."""
    rows = [t[PROGRESS].current[slot] for slot in slots_by_site(t)[site]]
    held = {row.emergency: row for row in rows}
    unused = (row for row in rows if row.emergency is None)
    old = next(unused, None) or _spare(t, rows, held) or _another(t, rows)
    begun = old._replace(emergency=duty.emergency, round=duty.round, worked=1)
    return row_of(begun, duty, steps_in_force(t, duty))
