"""A write-skew pair: left may stand if right does not, and the other way round.

``python -m tests.log.claims DSN SIDE PAIRS LOCK`` gives one side's commands from a
process of its own, when the advisory lock is let go.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import psycopg

from coordination.areas.events import AreaRegistered, AreaRenamed
from coordination.areas.state import area_stream
from coordination.handle import Handler
from coordination.kernel import Command, Decider, Event, Read
from coordination.log import Receipt
from coordination.refusals import Refusal
from tests.given import ADMINISTRATOR, answer, by, door


class Claim(Command, frozen=True, kw_only=True):
    """Write ``mine`` if ``theirs`` is empty."""

    ACTION = "areas.import"
    mine: str
    theirs: str

    @property
    def stream(self) -> str:
        return f"area/{self.mine}"


class Taken(Refusal):
    code = "claims.taken"
    zh = "{theirs} 已在"
    en = "{theirs} stands"


def claim(read: Read, command: Claim, _now: int) -> Sequence[Event]:
    if read(area_stream(command.theirs)).level:
        raise Taken(theirs=command.theirs)
    return [AreaRegistered(code=command.mine, name="-", level="street")]


class Note(Command, frozen=True, kw_only=True):
    """Write one fact into each of these areas, having read the first."""

    ACTION = "areas.import"
    areas: tuple[str, ...]
    text: str

    @property
    def stream(self) -> str:
        return f"note/{self.text}"


def note(read: Read, command: Note, _now: int) -> Sequence[Event]:
    read(area_stream(command.areas[0]))
    return [AreaRenamed(code=area, name=command.text) for area in command.areas]


DECIDERS: dict[type[Command], Decider] = {Claim: claim, Note: note}


def pair(number: int) -> dict[str, Claim]:
    """Return the two commands of one pair."""
    left, right = f"1{number:011d}", f"2{number:011d}"
    return {
        "left": Claim(mine=left, theirs=right),
        "right": Claim(mine=right, theirs=left),
    }


async def give(handler: Handler, side: str, pairs: int) -> list[bool]:
    """Give one side's commands at once; true where one was carried out."""
    answers = await asyncio.gather(
        *(
            answer(handler, pair(n)[side], by(f"{side}{n}", ADMINISTRATOR))
            for n in range(pairs)
        )
    )
    assert all(isinstance(a, Receipt | Taken) for a in answers), answers
    return [isinstance(a, Receipt) for a in answers]


def main(dsn: str, side: str, pairs: str, lock: str) -> None:
    """Say that this side is ready, wait for the lock, give the commands."""
    with door(dsn, deciders=DECIDERS, seed=side) as handler:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with psycopg.connect(dsn) as gate:
            gate.execute("SELECT pg_advisory_xact_lock_shared(%s)", (int(lock),))
        won = asyncio.run(give(handler, side, int(pairs)))
        sys.stdout.write("".join("01"[w] for w in won) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
