"""The catalogue of goods (物资目录); how many people live where."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said
from coordination.areas.population import StatePopulation
from coordination.items.decide import WithdrawItem


class Stated(msgspec.Struct):
    """Of how many communities it was said."""

    rows: int


def stated(done: Done) -> Stated:
    """Return of how many communities it was said."""
    return Stated(len(done.command.rows))


DECISIONS = (
    Decision(
        path="/items/{item}/withdraw",
        command=WithdrawItem,
        answers=Said("id=item"),
    ),
    Decision(path="/areas/population", command=StatePopulation, answers=stated),
)
