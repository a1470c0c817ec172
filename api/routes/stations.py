"""Material stations (物资站): opened, kept by somebody, with levels for each mode."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Said, Writing
from coordination.counts.events import Lot
from coordination.stations.decide import OpenStation, SetPlace, TakeCustody
from coordination.stations.levels import SetLevels


async def shelf(write: Writing, command: TakeCustody) -> TakeCustody:
    """Return the command with the lots that a view finds at the station."""
    from projections.supplies import lots_at  # noqa: PLC0415 - needs the views

    found = await write.look(lambda c: lots_at(c, command.station))
    held = tuple(Lot(row.item, row.lot) for row in found if row.on_hand)
    return msgspec.structs.replace(command, shelf=held)


DECISIONS = (
    Decision(
        path="/stations",
        command=OpenStation,
        words="stock open",
        arguments=("station",),
        answers=Said("id=station"),
        status=201,
        tells="已启用 {id}",
    ),
    Decision(
        path="/stations/{station}/levels",
        command=SetLevels,
    ),
    Decision(
        path="/stations/{station}/place",
        command=SetPlace,
        words="stock place",
        arguments=("item", "place"),
        answers=Said("id=stock"),
        tells="{station} {item} 库位 {place}",
    ),
    Decision(
        path="/stations/{station}/custody",
        command=TakeCustody,
        words="stock custody",
        arguments=("count",),
        look=shelf,
        tells="已接管 {station}，依据盘点 {count}",
    ),
)
