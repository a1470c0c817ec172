"""Facts about stock as sentences (叙述): the catalogue, stations, lots, slips."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from coordination.areas import events as areas
from coordination.items import events as items
from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.stock.ledger import Party
from coordination.vocabulary import (
    LOT_STATUSES,
    RECIPIENTS,
    SOURCES,
)
from projections.dispatch import On
from projections.names import Both, Names, Sayings
from projections.slips import REQUEST
from projections.wording import worded

_DONOR = re.compile("d-[0-9a-f]{12}")
"""The mark of a person who gives, whose name is in the vault."""
LINES_MAX = 3
"""Lines of a slip that a sentence names; of the others it says how many."""
ACCOUNTS: dict[str, Both] = {
    **SOURCES,
    "shelf": ("在架", "shelf"),
    "transit": ("在途", "on the way"),
    "variance": ("差异", "discrepancy"),
    "scrap": ("报废", "scrapped"),
    "lost": ("损失", "lost"),
    "used": ("已领用", "used"),
    "owner": ("物主", "owner"),
}
"""Accounts of the ledger, in words."""
RELEASES: dict[str, Both] = {
    "released": ("释放", "released"),
    "used": ("出库", "used"),
    "count": ("盘亏", "fewer counted"),
    "scrap": ("报废", "scrapped"),
    "adjust": ("账面更正", "books corrected"),
    "cancelled": ("取消", "cancelled"),
}
"""Why something is no longer kept."""
GOODS: Sayings = {}
says = On(GOODS)


def word(words: dict[str, Both], code: str) -> Both:
    """Return a word of a vocabulary; the code itself if it is none of it."""
    zh, en = words.get(code, (code, code))
    return zh, en[:1].lower() + en[1:]


def goods_of(lines: Sequence[Any], n: Names) -> Both:
    """Return what the lines of a slip or a request are."""
    shown = [
        n.goods(line.item, line.quantity, getattr(line, "lot", ""))
        for line in lines[:LINES_MAX]
    ]
    zh, en = "、".join(z for z, _ in shown), ", ".join(e for _, e in shown)
    if len(lines) > LINES_MAX:
        return f"{zh}等 {len(lines)} 项", f"{en} … ({len(lines)} lines)"
    return zh, en


def goods_party(party: Party, n: Names) -> Both:
    """Return where goods come from or whom they are for; people as they may be seen."""
    words = RECIPIENTS if party.kind in RECIPIENTS else SOURCES
    zh, en = word(words, party.kind)
    match party.kind:
        case "person":
            return n.human(party.id)
        case "household" | "step":
            return zh, en  # a door is as good as a name; a step has none by itself
        case "request":
            name = asking(party.id, n)
        case "transfer":
            row = n.slip(party.id)
            name = n.station(row.to_station) if row else ""
        case "squad":
            name = n.unit(party.id)
        case "site" | "area":
            name = n.target(party.id)
        case _ if _DONOR.fullmatch(party.id):
            return f"{zh}（个人）", f"{en}, a person"
        case _ if party.id.startswith("h-"):
            who, who_en = n.human(party.id)
            return f"{zh} {who}", f"{en}, {who_en}"
        case _:
            name = party.id
    return f"{zh} {name}".strip(), f"{en} {name}".strip()


def asking(request: str, n: Names) -> str:
    """Return who asks for goods: the squad if there is one, else the area."""
    row = n.row(REQUEST, request)
    if row is None:
        return ""
    return n.unit(row.squad) if row.squad else n.area(row.area)


# --- the catalogue, stations, residents ----------------------------------------------


@says(stations.ShortagesNoted)
def _short(n: Names, e: stations.ShortagesNoted) -> Both:
    where, count, war = n.station(e.station), len(e.items), e.war
    if not count:
        return f"{where}短缺解除", f"{where}: nothing is short any more"
    items = [n.item(item) for item in e.items[:LINES_MAX]]
    zh, en = "、".join(z for z, _ in items), ", ".join(x for _, x in items)
    return (
        f"{where}低于{'战时' if war else '平时'}下限 {count} 种：{zh}",
        f"{where}: {count} below the {'war' if war else 'peace'} minimum: {en}",
    )


# --- stock ---------------------------------------------------------------------------


worded(
    GOODS,
    {
        items.BarcodeTaken: (
            "条码 {barcode} 归{item}",
            "Barcode {barcode} is that of {item}",
        ),
        items.ItemListed: (
            "物资“{name}”列入目录（{listed}）",
            "{name} listed ({listed})",
        ),
        items.ItemWithdrawn: (
            "物资“{code}”移出目录",
            "{code} withdrawn from the catalogue",
        ),
        areas.PopulationStated: (
            "{area}常住人口 {residents}",
            "{area}: {residents} residents",
        ),
        stations.StationOpened: (
            "{station}启用为物资站",
            "{station} is a material station",
        ),
        stations.CustodyTaken: (
            "{station}物资经盘点由{keeper}接管",
            "{station}: {keeper} takes custody after a count",
        ),
        stations.DonationNumbered: (
            "{station}开具捐赠收据第 {number} 号",
            "{station}: donation receipt no. {number}",
        ),
        stock.StockMoved: (
            "{station}：{goods} {source}→{destination}",
            "{station}: {goods}, {source} → {destination}",
        ),
        stock.StockReserved: (
            "{station}为{purpose}预留{picks}{short}",
            "{station}: {picks} reserved for {purpose}{short}",
        ),
        stock.ReservationReleased: (
            "{station}预留释放（{cause}）：{picks}",
            "{station}: reservation of {picks} freed ({cause})",
        ),
        stock.LevelsSet: (
            "{station}：{item}定额平时 {peace}，战时 {war}",
            "{station}, {item}: levels {peace} in peace, {war} at war",
        ),
        stock.PlaceSet: (
            "{station}：{item}库位 {place}",
            "{station}, {item}: stands at {place}",
        ),
        stock.DocumentEntered: (
            "{station}凭证登记：入库{lines}",
            "{station}: a document was entered, {lines} received",
        ),
        stock.SlipCorrected: (
            "{station}：单据 {slip} 被更正，{item}批次 {lot} {signed}",
            "{station}: slip {slip} is corrected, {item} lot {lot} {signed}",
        ),
        stock.LotStatusSet: (
            "{everywhere}：{item}批次 {lot}设为{status}",
            "{everywhere}: {item} lot {lot} is {status}",
        ),
        stock.BatchStatusSet: (
            "各站：{item}厂家批号 {batch}的全部批次设为{status}",
            "Everywhere: all lots of {item} of the maker's batch {batch} are {status}",
        ),
        stock.LotExpiring: (
            "{station}：{item}批次 {lot}临期",
            "{station}: {item} lot {lot} expires soon",
        ),
        stock.LotExpired: (
            "{station}：{item}批次 {lot}过期",
            "{station}: {item} lot {lot} has expired",
        ),
        stock.LotRegistered: (
            "登记{item}批次 {lot}（{origin}）",
            "{item}: lot {lot} registered ({origin})",
        ),
    },
    name=lambda _n, e: (e.item.name, e.item.en or e.item.name),
    listed=lambda _n, e: e.item.code,
    code=lambda n, e: n.item(e.code),
    area=lambda n, e: n.area(e.area),
    keeper=lambda n, e: n.person(e.keeper),
    goods=lambda n, e: n.goods(e.item, e.quantity, e.lot),
    source=lambda _n, e: word(ACCOUNTS, e.source),
    destination=lambda _n, e: word(ACCOUNTS, e.destination),
    everywhere=lambda n, e: (
        n.station(e.station) if e.station else ("各站", "Everywhere")
    ),
    status=lambda _n, e: word(LOT_STATUSES, e.status),
    cause=lambda _n, e: word(RELEASES, e.cause),
    picks=lambda n, e: n.goods(e.item, sum(pick.quantity for pick in e.picks)),
    purpose=lambda n, e: goods_party(e.purpose, n),
    short=lambda _n, e: (
        (f"（需 {e.asked}，不足）", f" (of {e.asked} asked for)")
        if sum(pick.quantity for pick in e.picks) < e.asked
        else ""
    ),
    peace=lambda _n, e: "/".join(map(str, e.peace)),
    war=lambda _n, e: "/".join(map(str, e.war)),
    lines=lambda n, e: goods_of(e.lines, n),
    signed=lambda _n, e: f"{e.change:+}",
    origin=lambda n, e: goods_party(e.origin, n),
)
