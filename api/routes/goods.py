"""The catalogue of goods (物资目录); how many people live where."""

from __future__ import annotations

from api.http.declared import Decision, Said
from coordination.areas.population import StatePopulation
from coordination.items.decide import WithdrawItem

DECISIONS = (
    Decision(
        path="/items/{item}/withdraw",
        command=WithdrawItem,
    ),
    Decision(
        path="/areas/population", command=StatePopulation, answers=Said("rows=#rows")
    ),
)
