"""What brings a command screen from one picture to the next (增量)."""

from __future__ import annotations

from typing import Any

from api.pages.board import FACTS_SHOWN, Looking
from api.pages.facts import tell_all
from coordination.tree import path_of
from projections.names import Names
from projections.store import shown_at
from projections.timeline import entries

NEW_FACTS_MAX = 100
STILL = {"seq", "head", "at", "recorded_at", "area", "ancestors"}
"""What of a picture no change brings up to date, but for the position it shows."""
LISTED = {"children": "code", "tiles": "code", "sites": "id"}
"""Of which a change brings only the entries that differ; by what they are known."""


def delta(
    looking: Looking, before: dict[str, Any], after: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what brings a screen from ``before`` to ``after``, None if nothing.

    Only what differs: five hundred screens get each of it.
    """
    listed = {key: _changed(before[key], after[key], by) for key, by in LISTED.items()}
    listed["facts"] = _new_facts(looking, before, after)
    other = after.keys() - STILL - listed.keys()
    changed = {key: after[key] for key in other if before[key] != after[key]}
    if not changed and not any(listed.values()):
        return None
    if late := changed.get("late"):
        changed["late"] = moved(before["late"], late)
    shown = {key: after[key] for key in ("seq", "recorded_at")}
    return {**shown, **changed, **listed}


def moved(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[dict[str, Any]] | dict[str, list[Any]]:
    """Return late steps as the ``rows`` that came and the ``gone``, if that is less.

    One is known by its site, emergency and step; the longest overdue come first.
    """
    known = {_late_key(row): row for row in before}
    rows = [row for row in after if known.get(_late_key(row)) != row]
    gone = sorted(known.keys() - set(map(_late_key, after)))
    if len(rows) + len(gone) >= len(after):
        return after
    return {"rows": rows, "gone": gone}


def _late_key(row: dict[str, Any]) -> str:
    return f"{row['site']}/{row['emergency']}/{row['step']}"


def _new_facts(
    looking: Looking, before: dict[str, Any], after: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the facts that came, and older ones too if one of these corrects any."""
    area, seq = after["area"], after["seq"]
    path = path_of(area["code"], area["level"])
    newest = entries(
        looking.c, path=path, after=before["seq"], before=seq + 1, limit=NEW_FACTS_MAX
    )
    at = shown_at(looking.c, None if seq == looking.seq else seq)
    names = Names(looking.c, at, looking.name_of)
    told = tell_all(looking.recorder, newest, names)
    if any(fact["corrects"] for fact in told):  # what it corrects is told otherwise now
        older = entries(
            looking.c, path=path, before=before["seq"] + 1, limit=FACTS_SHOWN
        )
        told += tell_all(looking.recorder, older, names)
    return told


def _changed(
    before: list[dict[str, Any]], after: list[dict[str, Any]], key: str
) -> list[dict[str, Any]]:
    known = {entry[key]: entry for entry in before}
    return [entry for entry in after if known.get(entry[key]) != entry]
