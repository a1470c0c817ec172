"""Facts as people read them: a sentence, who, on what basis, at which seq."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from api.http.plain import moment
from coordination.catalogue import Fact
from coordination.log import Recorder, Row
from coordination.permit import ROLES
from projections.names import Names
from projections.sentences import sentence
from projections.timeline import ENTRY, Entry
from projections.view import fact_of

if TYPE_CHECKING:
    from api.http.reading import Look

HISTORY_SHOWN = 50
NameOf = Callable[[str], str]


def read_fact(recorder: Recorder, seq: int) -> tuple[Row, Fact] | None:
    """Return one fact of the log, None past its end."""
    rows = recorder.rows(seq - 1, 1)
    return (rows[0], fact_of(rows[0])) if rows else None


def told(entry: Entry, fact: Fact, names: Names, name_of: NameOf) -> dict[str, Any]:
    """Return a fact as the screens show it."""
    zh, en = sentence(fact, names)
    who = fact.envelope
    role = ROLES.get(who.role, (who.role, who.role))
    return {
        "seq": fact.seq,
        "name": fact.name,
        "zh": zh,
        "en": en,
        "occurred_at": moment(who.occurred_us),
        "recorded_at": moment(fact.recorded_us),
        "actor": who.actor,
        "actor_name": name_of(who.actor),
        "role": who.role,
        "role_zh": role[0],
        "role_en": role[1],
        "basis": who.basis,
        "area": entry.path.ljust(12, "0"),
        "site": entry.site or None,
        "emergency": entry.emergency or None,
    }


def tell_all(
    recorder: Recorder, entries: Iterable[Entry], names: Names, name_of: NameOf
) -> list[dict[str, Any]]:
    """Return the facts of these entries in their order."""
    entries = list(entries)
    names.know_sites(entry.site for entry in entries if entry.site)
    found = []
    for entry in entries:
        read = read_fact(recorder, entry.seq)
        assert read is not None, "an entry is a projection of its fact"
        found.append(told(entry, read[1], names, name_of))
    return found


def history(look: Look, stream: str) -> list[dict[str, Any]]:
    """Return the newest facts of a stream, newest first."""
    recorder = look.world.log.recorder
    seqs = [row.seq for row in recorder.stream(stream)][-HISTORY_SHOWN:]
    found = {entry.seq: entry for entry in ENTRY.some(look.c, seqs, at=None)}
    newest = (found[seq] for seq in reversed(seqs) if seq in found)
    return tell_all(recorder, newest, look.told, look.name_of)


def whole(
    row: Row, fact: Fact, entry: Entry, names: Names, name_of: NameOf
) -> dict[str, Any]:
    """Return everything there is about one fact, for the audit drawer."""
    who = fact.envelope
    return {
        **told(entry, fact, names, name_of),
        "stream": row.stream,
        "version": row.version,
        "command": who.command,
        "digest": who.digest,
        "seen_seq": who.seen_seq,
        "grant": who.grant,
        "preview": who.preview,
        "on_behalf_of": who.on_behalf_of,
        "reason": who.reason,
        "step": who.step,
        "salt": who.salt,
        "leaf": row.leaf.hex(),
        "payload": msgspec.json.decode(who.event),
    }
