"""What is due where only a view can tell (时限): it proposes, decisions recheck."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import msgspec
import sqlalchemy as sa

from coordination.deadlines.decide import RecordDeadline
from coordination.deadlines.due import Schedule, due
from coordination.kernel import MINUTE_US, Command, Read
from coordination.mode.duties import steps_of
from coordination.mode.events import PassedOver
from coordination.mode.sites import playbook_of
from coordination.mode.state import EMERGENCIES, RECOVER
from coordination.mode.taking import NoteFreed
from coordination.people.availability import RecordAbsencePassed
from coordination.people.state import person_stream
from coordination.playbook import Playbook
from coordination.posts.safety import RecordSilence, RecordWait, silence
from coordination.posts.state import post_stream
from coordination.service.state import passed
from coordination.stations.levels import NoteShortages
from coordination.stock.lots import LotHere, NoteExpiry
from coordination.transfers.shortfalls import RecordLate
from projections.conflicts import RECOVERIES, free_now
from projections.posts import overdue, quiet
from projections.progress import PROGRESS, duty_of
from projections.roster import HUMAN
from projections.slips import late_shipments
from projections.supplies import STATION, LotRow, due_lots

LOTS_MAX = 500
SITES_MAX = 500


def modes_due(
    c: sa.Connection, read: Read, now: int, schedule: Schedule
) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for each moment of an emergency that has passed.

    A recovery's deadline is one only where somebody recovers: who did nothing has
    nothing to be late with, and the index does not know who did.
    """
    awaited: set[tuple[str, str, int]] | None = None
    among = {*schedule.open(read), *_recovered_from(c)}
    for command_id, command in due(read, now, sorted(among)):
        if isinstance(command, RecordDeadline) and command.phase == RECOVER:
            if awaited is None:
                awaited = set(_awaited(c, read))
            if (command.emergency, command.step, command.due_us) not in awaited:
                continue
        yield command_id, command
    yield from _freed(c, read)


def _recovered_from(c: sa.Connection) -> Iterator[str]:
    """Yield the emergencies that some site recovers from."""
    asked = sa.select(PROGRESS.table.c.emergency).distinct()
    return c.execute(asked.where(RECOVERIES, *PROGRESS.held(None))).scalars()


def _plans(read: Read) -> Callable[[str], Playbook]:
    known = read(EMERGENCIES).all
    return lambda emergency: playbook_of(read, known[emergency].declared)


def _awaited(c: sa.Connection, read: Read) -> Iterator[tuple[str, str, int]]:
    """Yield (emergency, step, due_us) of what recoveries under way must do."""
    playbook = _plans(read)
    rows = PROGRESS.where(c, RECOVERIES, at=None)
    alike = {(r.emergency, r.function, r.since): r for r in rows}
    for duty in filter(None, map(duty_of, alike.values())):
        for step in steps_of(playbook(duty.emergency), duty):
            yield duty.emergency, step.id, duty.due_us(step)


def _freed(c: sa.Connection, read: Read) -> Iterator[tuple[str, Command]]:
    """Yield what is to be noted of sites that were passed over and are free by now."""
    known = read(EMERGENCIES)
    if not any(known.active()):
        return
    found: dict[str, list[PassedOver]] = {}
    for row in free_now(c, _plans(read)):
        one, emergency = PassedOver(row.site, row.round), row.emergency or ""
        if one not in known.all[emergency].freed:
            found.setdefault(emergency, []).append(one)
    for emergency, freed in found.items():
        for first in range(0, len(freed), SITES_MAX):
            some = tuple(freed[first : first + SITES_MAX])
            mark = hashlib.sha256(msgspec.json.encode(some)).hexdigest()[:16]
            yield (
                f"freed:{emergency}:{mark}",
                NoteFreed(emergency=emergency, freed=some),
            )


def people_due(c: sa.Connection, read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for whoever was expected back and is not."""
    t = HUMAN.table.c
    for row in HUMAN.where(
        c, t.cause != "", t.until_us > 0, t.until_us <= now, at=None
    ):
        known = read(person_stream(row.person))
        if known.known and known.cause and known.asked_us != row.until_us:
            due = RecordAbsencePassed(person=row.person, due_us=row.until_us)
            yield f"back:{row.person}:{row.until_us}:{row.seq_from}", due


def posts_due(c: sa.Connection, read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for each wait and silence that has passed.

    The ids derive from what is due: however many tickers see it, it is recorded once.
    """
    for row in overdue(c, now):
        late = row.late.split(",")
        for what, due_us in read(post_stream(row.post)).waits().items():
            if what not in late and passed(read, row.since_us, due_us, now):
                yield (
                    f"wait:{row.substitution}:{what}",
                    RecordWait(
                        post=row.post,
                        substitution=row.substitution,
                        what=what,
                        due_us=due_us,
                    ),
                )
    yield from _silences(c, read, now)


def _silences(c: sa.Connection, read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield the silence of everybody who had to confirm to be well and has not."""
    active = list(read(EMERGENCIES).active())
    asking = [playbook_of(read, e.declared).substitution.silent_minutes for e in active]
    if not any(asking):
        return
    shortest = min(minutes for minutes in asking if minutes) * MINUTE_US
    for row in quiet(c, now - shortest):
        post = read(post_stream(row.post))
        heard_us, due_us = silence(read, post)
        over = due_us and passed(read, heard_us, due_us, now)
        if over and post.acting and due_us not in post.silences:
            yield (
                f"silence:{row.post}:{due_us}",
                RecordSilence(post=row.post, person=post.acting, due_us=due_us),
            )


def stock_due(c: sa.Connection, read: Read, now: int) -> Iterator[tuple[str, Command]]:
    """Yield (command id, command) for each lot, shipment and shortage to be noted.

    One decision for a station. The ids derive from what is due.
    """
    lots: dict[str, list[LotRow]] = {}
    for row in due_lots(c, now):
        lots.setdefault(row.station, []).append(row)
    for station, rows in lots.items():
        for first in range(0, len(rows), LOTS_MAX):
            some = rows[first : first + LOTS_MAX]
            # A lot may be used up, come again and be due again: at another position.
            said = "".join(f"{row.key}:{row.seq_from};" for row in some)
            mark = hashlib.sha256(said.encode()).hexdigest()[:16]
            due = tuple(LotHere(row.item, row.lot) for row in some)
            yield f"expiry:{mark}", NoteExpiry(station=station, lots=due)
    for late in late_shipments(c, now):
        yield f"late:{late.slip}", RecordLate(slip=late.slip)
    index = read(EMERGENCIES)
    for station_row in STATION.select(c, at=None):
        war = index.level_at(station_row.path) is not None
        short = station_row.short_war if war else station_row.short_peace
        as_noted = short == station_row.noted
        if as_noted and (not short or war == bool(station_row.noted_war)):
            continue
        # A shortage may come, go and come again: each has the position it rests on.
        mark = f"{station_row.station}:{station_row.seq_from}:{war:d}"
        items = tuple(i for i in short.split(",") if i)
        yield (
            f"shortage:{mark}",
            NoteShortages(station=station_row.station, items=items),
        )
