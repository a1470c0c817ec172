"""Facts about stock as sentences (叙述): the catalogue, stations, lots, slips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coordination.areas import events as areas
from coordination.items import events as items
from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.stock.events import Party
from coordination.vocabulary import (
    LOT_STATUSES,
    RECIPIENTS,
    SOURCES,
)
from projections.dispatch import On
from projections.names import Both, Names, Sayings

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
        case _ if party.id.startswith("h-"):
            who, who_en = n.human(party.id)
            return f"{zh} {who}", f"{en}, {who_en}"
        case _:
            name = party.id
    return f"{zh} {name}".strip(), f"{en} {name}".strip()


def asking(request: str, n: Names) -> str:
    """Return who asks for goods: the squad if there is one, else the area."""
    row = n.request(request)
    if row is None:
        return ""
    return n.unit(row.squad) if row.squad else n.area(row.area)


# --- the catalogue, stations, residents ----------------------------------------------


@says(items.ItemListed)
def _listed(_n: Names, e: items.ItemListed) -> Both:
    name, code = e.item.name, e.item.code
    return f"物资“{name}”列入目录（{code}）", f"{e.item.en or name} listed ({code})"


@says(items.ItemWithdrawn)
def _withdrawn(n: Names, e: items.ItemWithdrawn) -> Both:
    zh, en = n.item(e.code)
    return f"物资“{zh}”移出目录", f"{en} withdrawn from the catalogue"


@says(areas.PopulationStated)
def _residents(n: Names, e: areas.PopulationStated) -> Both:
    where = n.area(e.area)
    return f"{where}常住人口 {e.residents}", f"{where}: {e.residents} residents"


@says(stations.StationOpened)
def _opened(n: Names, e: stations.StationOpened) -> Both:
    where = n.station(e.station)
    return f"{where}启用为物资站", f"{where} is a material station"


@says(stations.CustodyTaken)
def _custody(n: Names, e: stations.CustodyTaken) -> Both:
    where, who = n.station(e.station), n.person(e.keeper)
    return (
        f"{where}物资经盘点由{who}接管",
        f"{where}: {who} takes custody after a count",
    )


@says(stations.DonationNumbered)
def _donation(n: Names, e: stations.DonationNumbered) -> Both:
    where = n.station(e.station)
    return (
        f"{where}开具捐赠收据第 {e.number} 号",
        f"{where}: donation receipt no. {e.number}",
    )


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


@says(stock.StockMoved)
def _moved(n: Names, e: stock.StockMoved) -> Both:
    where, (zh, en) = n.station(e.station), n.goods(e.item, e.quantity, e.lot)
    source, source_en = word(ACCOUNTS, e.source)
    into, into_en = word(ACCOUNTS, e.destination)
    return (
        f"{where}：{zh} {source}→{into}",
        f"{where}: {en}, {source_en} → {into_en}",
    )


@says(stock.StockReserved)
def _reserved(n: Names, e: stock.StockReserved) -> Both:
    where, (who, who_en) = n.station(e.station), goods_party(e.purpose, n)
    kept = sum(pick.quantity for pick in e.picks)
    zh, en = n.goods(e.item, kept)
    short, short_en = "", ""
    if kept < e.asked:
        short, short_en = f"（需 {e.asked}，不足）", f" (of {e.asked} asked for)"
    return (
        f"{where}为{who}预留{zh}{short}",
        f"{where}: {en} reserved for {who_en}{short_en}",
    )


@says(stock.ReservationReleased)
def _freed(n: Names, e: stock.ReservationReleased) -> Both:
    where, (why, why_en) = n.station(e.station), word(RELEASES, e.cause)
    zh, en = n.goods(e.item, sum(pick.quantity for pick in e.picks))
    return (
        f"{where}预留释放（{why}）：{zh}",
        f"{where}: reservation of {en} freed ({why_en})",
    )


@says(stock.LevelsSet)
def _levels(n: Names, e: stock.LevelsSet) -> Both:
    where, (zh, en) = n.station(e.station), n.item(e.item)
    peace, war = "/".join(map(str, e.peace)), "/".join(map(str, e.war))
    return (
        f"{where}：{zh}定额平时 {peace}，战时 {war}",
        f"{where}, {en}: levels {peace} in peace, {war} at war",
    )


@says(stock.PlaceSet)
def _place(n: Names, e: stock.PlaceSet) -> Both:
    where, (zh, en) = n.station(e.station), n.item(e.item)
    return f"{where}：{zh}库位 {e.place}", f"{where}, {en}: stands at {e.place}"


@says(stock.LotStatusSet)
def _status(n: Names, e: stock.LotStatusSet) -> Both:
    (zh, en), (status, status_en) = n.item(e.item), word(LOT_STATUSES, e.status)
    where = n.station(e.station) if e.station else ""
    return (
        f"{where or '各站'}：{zh}批次 {e.lot}设为{status}",
        f"{where or 'Everywhere'}: {en} lot {e.lot} is {status_en}",
    )


@says(stock.LotExpiring | stock.LotExpired)
def _expiry(n: Names, e: stock.LotExpiring | stock.LotExpired) -> Both:
    where, (zh, en) = n.station(e.station), n.item(e.item)
    over, over_en = "临期", "expires soon"
    if isinstance(e, stock.LotExpired):
        over, over_en = "过期", "has expired"
    return f"{where}：{zh}批次 {e.lot}{over}", f"{where}: {en} lot {e.lot} {over_en}"


@says(stock.LotRegistered)
def _registered(n: Names, e: stock.LotRegistered) -> Both:
    (zh, en), (source, source_en) = n.item(e.item), goods_party(e.origin, n)
    return (
        f"登记{zh}批次 {e.lot}（{source}）",
        f"{en}: lot {e.lot} registered ({source_en})",
    )
