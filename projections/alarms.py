"""Alarms (告警): what somebody must look at, until it is over."""

from __future__ import annotations

from typing import NamedTuple

from projections.temporal import Temporal, literal
from projections.view import Tables

RAISED, OVER = "RAISED", "OVER"
GRAVE, WARNING = "GRAVE", "WARNING"


class Alarm(NamedTuple):
    """告警. ``subject``: what it is about (step, order, office …); ``about``: its key.

    ``paths``: joined by commas. ``acknowledged_by`` empty: nobody has taken note yet.
    """

    alarm: str
    path: str
    paths: str
    kind: str
    gravity: str
    about: str
    subject: str
    emergency: str
    due_us: int
    raised_us: int
    raised_seq: int
    state: str
    acknowledged_by: str = ""
    acknowledged_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class About(NamedTuple):
    """Where an emergency, proposal, order … is: its paths, joined by commas.

    ``settled_us``: when somebody last decided what its alarms ask for, 0: nobody yet.
    """

    key: str
    paths: str
    emergency: str
    settled_us: int = 0
    occurred_us: int = 0
    seq_from: int = 0


class Shelf(NamedTuple):
    """How much of a lot a station has: what is used up needs no alarm."""

    key: str
    on_hand: int
    occurred_us: int = 0
    seq_from: int = 0


class Way(NamedTuple):
    """Between which places a shipment is, and what is not accounted for."""

    shipment: str
    paths: str
    left: int
    occurred_us: int = 0
    seq_from: int = 0


ALARM = Temporal("alarms_alarm", Alarm)
_a = ALARM.table.c
CALLING = ALARM.partial("calling", _a.raised_seq, _a.state == literal(RAISED))
"""Alarms that call for somebody."""
ABOUT = Temporal("alarms_about", About)
ON_SHELF = Temporal("alarms_shelf", Shelf)
WAY = Temporal("alarms_way", Way)


def raise_alarm(
    t: Tables,
    alarm: str,
    gravity: str,
    about: str,
    subject: str,
    due_us: int,
    paths: str = "",
    emergency: str = "",
) -> None:
    """Raise an alarm, unless whoever decides has decided already.

    ``paths``, ``emergency``: where and whose it is, if nobody has said so of what it
    is about.
    """
    kind, known = alarm.partition(":")[0], t[ABOUT].current.get(about)
    # Noticed only after somebody had decided: there is nothing left to do.
    decided = (known, t[ABOUT].current.get(f"{about}:{kind}"))
    settled = any(row is not None and row.settled_us >= due_us for row in decided)
    paths = known.paths if known else paths
    listed = _raised(t).setdefault(about, [])
    if alarm not in listed:
        listed.append(alarm)
    row = Alarm(
        alarm=alarm,
        path=min(paths.split(","), key=len),
        paths=paths,
        kind=kind,
        gravity=gravity,
        about=about,
        subject=subject,
        emergency=known.emergency if known else emergency,
        due_us=due_us,
        raised_us=t.fact.envelope.occurred_us,
        raised_seq=t.fact.seq,
        state=OVER if settled else RAISED,
    )
    t.put(ALARM, row)


def settle(t: Tables, about: str, *, kind: str = "") -> None:
    """End the alarms about something, or those of one kind: it is decided."""
    known = t[ABOUT].current.get(about)
    if known is not None:
        key, now = f"{about}:{kind}" if kind else about, t.fact.recorded_us
        t.put(ABOUT, known._replace(key=key, settled_us=now))
    for alarm in _raised(t).get(about, ()):
        row = t[ALARM].current[alarm]
        if row.state != OVER and kind in {"", row.kind}:
            t.put(ALARM, row._replace(state=OVER))


def _raised(t: Tables) -> dict[str, list[str]]:
    """Return which alarms are about what."""
    known: dict[str, list[str]] | None = t.memo.get("raised")
    if known is None:
        known = t.memo["raised"] = {}
        for row in t[ALARM].every():
            known.setdefault(row.about, []).append(row.alarm)
    return known
