"""Counts (盘点): a blind sheet, what was counted, what it settles."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said, Writing
from coordination.counts.decide import (
    CloseCount,
    OpenCount,
    RecordCounts,
    SettleVariance,
)
from coordination.counts.events import CountOpened, Lot, LotCounted


async def on_the_shelf(write: Writing, command: OpenCount) -> OpenCount:
    """Return the command with the lots that the view finds there."""
    from projections.supplies import lots_at  # noqa: PLC0415 - heavy

    lots = await write.look(lambda c: lots_at(c, command.station))
    found = sorted((row.item, row.lot) for row in lots if row.on_hand > 0)
    wanted = command.items or {item for item, _ in found}
    sheet = tuple(Lot(*lot) for lot in found if lot[0] in wanted)
    return msgspec.structs.replace(command, sheet=sheet)


class LotResult(msgspec.Struct):
    """What the count of a lot says; ``moved``: movements since the sheet."""

    item: str
    lot: str
    result: str
    moved: int


class Recorded(msgspec.Struct):
    """What the counts of some lots say."""

    id: str
    lines: list[LotResult]


def recorded(done: Done) -> Recorded:
    """Return what each line says."""
    lines = [
        LotResult(f.item, f.lot, f.result, f.moved)
        for f in done.facts
        if isinstance(f, LotCounted)
    ]
    return Recorded(done.command.slip, lines)


DECISIONS = (
    Decision(
        path="/counts",
        command=OpenCount,
        words="stock count open",
        arguments=("station", "items"),
        made={"slip": "c"},
        look=on_the_shelf,
        answers=Said("id=slip", "lots=#sheet", of=CountOpened),
        tells="盘点单 {id}，{lots} 个批次待盘",
    ),
    Decision(path="/counts/{slip}/lines", command=RecordCounts, answers=recorded),
    Decision(
        path="/counts/{slip}/settle",
        command=SettleVariance,
        words="stock count settle",
        arguments=("item/lot",),
        tells="已按盘点更正 {item}/{lot}",
    ),
    Decision(
        path="/counts/{slip}/close",
        command=CloseCount,
        words="stock count close",
        tells="已结束盘点 {id}",
    ),
)
