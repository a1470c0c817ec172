"""Facts as people read them: a sentence, who, on what basis, at which seq."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from api.pages.fields import late_entry, pair, taken
from coordination.catalogue import Fact
from coordination.correcting import CORRECTIONS, corrected_how
from coordination.corrects import Correcting
from coordination.folding import ALL
from coordination.log import Recorder, Row
from coordination.permit import ROLES
from projections.names import Names
from projections.sentences import sentence
from projections.timeline import Entry, Mark, by_seq, marks
from projections.view import fact_of

if TYPE_CHECKING:
    from api.http.look import Look

HISTORY_SHOWN = 50


def read_fact(recorder: Recorder, seq: int) -> tuple[Row, Fact] | None:
    """Return one fact of the log, None past its end."""
    rows = recorder.rows(seq - 1, 1)
    return (rows[0], fact_of(rows[0])) if rows else None


def told(
    entry: Entry, fact: Fact, names: Names, mark: Mark | None = None
) -> dict[str, Any]:
    """Return a fact as the screens show it; ``mark``: by what it is corrected."""
    zh, en = sentence(fact, names)
    who = fact.envelope
    late = late_entry(who.occurred_us, fact.recorded_us)
    if late and who.occurred_source == "stated":
        zh, en = f"{zh}（补录）", f"{en} (entered late)"
    return {
        **taken(fact, "seq name", at="recorded"),
        "zh": zh,
        "en": en,
        **taken(who, "actor role basis", at="occurred"),
        "actor_name": names.person(who.actor),
        **pair("role", ROLES, who.role),
        "area": entry.path.ljust(12, "0"),
        "site": entry.site or None,
        "emergency": entry.emergency or None,
        **_correction(fact, mark, names),
    }


def _correction(fact: Fact, mark: Mark | None, names: Names) -> dict[str, Any]:
    """Return what a fact corrects, by what it is, and what may be stated instead."""
    by, how = None, CORRECTIONS.get(type(fact.event))
    if mark is not None:
        by = {
            "seq": mark.by,
            **taken(mark, "actor", at="occurred"),
            "actor_name": names.person(mark.actor),
        }
    wrong = fact.event.corrects if isinstance(fact.event, Correcting) else None
    no = how is None or by is not None or not how.applies(fact.event)
    fields = None if how is None or no else [f.removesuffix("_us") for f in how.fields]
    return {"corrects": wrong, "corrected": by, "correctable": fields}


def tell_all(
    recorder: Recorder, entries: Iterable[Entry], names: Names
) -> list[dict[str, Any]]:
    """Return the facts of these entries in their order."""
    entries = list(entries)
    names.know_sites(entry.site for entry in entries)
    marked = marks(names.c, [entry.seq for entry in entries], at=names.at)
    found = []
    for entry in entries:
        read = read_fact(recorder, entry.seq)
        assert read is not None, "an entry is a projection of its fact"
        found.append(told(entry, read[1], names, marked.get(entry.seq)))
    return found


def history(look: Look, stream: str) -> list[dict[str, Any]]:
    """Return the newest facts of a stream, newest first."""
    recorder = look.world.log.recorder
    rows = recorder.newest(stream, ALL, look.seq, HISTORY_SHOWN)
    seqs = [row.seq for row in rows]
    found = by_seq(look.c, seqs)
    newest = (found[seq] for seq in seqs if seq in found)
    return tell_all(recorder, newest, look.told)


def whole(
    row: Row, fact: Fact, entry: Entry, names: Names, mark: Mark | None
) -> dict[str, Any]:
    """Return everything there is about one fact, for the audit drawer."""
    who = fact.envelope
    zh, en = corrected_how(type(fact.event))
    return {
        **told(entry, fact, names, mark),
        "correction_zh": zh,
        "correction_en": en,
        "corrected_why": mark.reason if mark else None,
        **taken(row, "stream version"),
        **taken(who, "command digest seen_seq grant preview on_behalf_of reason"),
        **taken(who, "step salt"),
        "leaf": row.leaf.hex(),
        "payload": msgspec.json.decode(who.event),
    }
