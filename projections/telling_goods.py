"""Facts about goods as sentences (叙述): stock, transfers, counts, requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from coordination.areas.events import PopulationStated
from coordination.counts.events import (
    CONFIRMED,
    DIFFERS,
    DISTURBED,
    SAME,
    CountClosed,
    CountOpened,
    LotCounted,
    VarianceSettled,
)
from coordination.items.events import ItemListed, ItemWithdrawn
from coordination.kernel import Event
from coordination.reallocation.events import ReallocationApproved
from coordination.requests.events import (
    DeliveryConfirmed,
    GoodsAllocated,
    RequestDelivered,
    RequestDispatched,
    RequestMade,
    RequestRefused,
    RequestReturned,
    RequestTriaged,
    RequestWithdrawn,
)
from coordination.requisitions.events import GoodsGivenBack, OwnerCompensated
from coordination.stations.events import (
    CustodyTaken,
    DonationNumbered,
    ShortagesNoted,
    StationOpened,
)
from coordination.stock.events import (
    GoodsIssued,
    GoodsReceived,
    GoodsReturned,
    LevelsSet,
    LotExpired,
    LotExpiring,
    LotRegistered,
    LotStatusSet,
    Party,
    PlaceSet,
    ReservationReleased,
    StockAdjusted,
    StockMoved,
    StockReserved,
    StockScrapped,
)
from coordination.transfers.events import (
    ShipmentArrived,
    ShipmentLate,
    ShipmentSent,
    ShortfallClosed,
    TransferCancelled,
    TransferOrdered,
)
from coordination.vocabulary import (
    LOT_STATUSES,
    PRIORITIES,
    RECIPIENTS,
    SCRAP_CAUSES,
    SHORTFALL_CAUSES,
    SOURCES,
    VARIANCE_CAUSES,
)
from projections.names import Both, Names

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
KINDS: dict[str, Both] = {
    "receipt": ("入库", "a receipt"),
    "issue": ("出库", "an issue"),
    "scrap": ("报废", "a scrapping"),
    "adjust": ("更正", "a correction"),
    "order": ("调拨指令", "a transfer order"),
    "shipment": ("调拨", "a shipment"),
    "count": ("盘点", "a count"),
}
"""What a slip is, in words."""
RESULTS: dict[str, Both] = {
    SAME: ("账实相符", "as in the books"),
    DIFFERS: ("账实不符，须他人复盘", "not as in the books; another person recounts"),
    DISTURBED: ("盘点期间有变动，须重盘", "moved meanwhile; to be counted again"),
    CONFIRMED: ("复盘仍不符", "again not as in the books"),
}
"""What a count of a lot says, in words."""
SAY_GOODS: dict[type[Event], Callable[[Any, Names], Both]] = {}


def _says(
    *kinds: type[Event],
) -> Callable[[Callable[[Any, Names], Both]], Callable[[Any, Names], Both]]:
    def register(say: Callable[[Any, Names], Both]) -> Callable[[Any, Names], Both]:
        SAY_GOODS.update(dict.fromkeys(kinds, say))
        return say

    return register


def _word(words: dict[str, Both], code: str) -> Both:
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
    zh, en = _word(words, party.kind)
    match party.kind:
        case "person":
            return n.human(party.id)
        case "household" | "step":
            return zh, en  # a door is as good as a name; a step has none by itself
        case "request":
            name = _asking(party.id, n)
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


def _asking(request: str, n: Names) -> str:
    """Return who asks for goods: the squad if there is one, else the area."""
    row = n.request(request)
    if row is None:
        return ""
    return n.unit(row.squad) if row.squad else n.area(row.area)


def _way(slip: str, station: str, n: Names) -> str:
    """Return between which stations a transfer is, or the one that says so."""
    row = n.slip(slip)
    if row is None or not row.to_station:
        return n.station(station)
    return f"{n.station(row.station)}→{n.station(row.to_station)}"


# --- the catalogue, stations, residents ----------------------------------------------


@_says(ItemListed)
def _listed(e: ItemListed, _n: Names) -> Both:
    name, code = e.item.name, e.item.code
    return f"物资“{name}”列入目录（{code}）", f"{e.item.en or name} listed ({code})"


@_says(ItemWithdrawn)
def _withdrawn(e: ItemWithdrawn, n: Names) -> Both:
    zh, en = n.item(e.code)
    return f"物资“{zh}”移出目录", f"{en} withdrawn from the catalogue"


@_says(PopulationStated)
def _residents(e: PopulationStated, n: Names) -> Both:
    where = n.area(e.area)
    return f"{where}常住人口 {e.residents}", f"{where}: {e.residents} residents"


@_says(StationOpened, CustodyTaken, DonationNumbered, ShortagesNoted)
def _station(e: Any, n: Names) -> Both:
    where = n.station(e.station)
    match e:
        case StationOpened():
            return f"{where}启用为物资站", f"{where} is a material station"
        case CustodyTaken():
            who = n.person(e.keeper)
            return (
                f"{where}物资经盘点由{who}接管",
                f"{where}: {who} takes custody after a count",
            )
        case DonationNumbered():
            return (
                f"{where}开具捐赠收据第 {e.number} 号",
                f"{where}: donation receipt no. {e.number}",
            )
    items = [n.item(item) for item in e.items[:LINES_MAX]]
    count, war = len(e.items), e.war
    if not count:
        return f"{where}短缺解除", f"{where}: nothing is short any more"
    zh, en = "、".join(z for z, _ in items), ", ".join(x for _, x in items)
    return (
        f"{where}低于{'战时' if war else '平时'}下限 {count} 种：{zh}",
        f"{where}: {count} below the {'war' if war else 'peace'} minimum: {en}",
    )


# --- stock ---------------------------------------------------------------------------


@_says(StockMoved)
def _moved(e: StockMoved, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), n.goods(e.item, e.quantity, e.lot)
    source, source_en = _word(ACCOUNTS, e.source)
    into, into_en = _word(ACCOUNTS, e.destination)
    return (
        f"{where}：{zh} {source}→{into}",
        f"{where}: {en}, {source_en} → {into_en}",
    )


@_says(StockReserved)
def _reserved(e: StockReserved, n: Names) -> Both:
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


@_says(ReservationReleased)
def _freed(e: ReservationReleased, n: Names) -> Both:
    where, (why, why_en) = n.station(e.station), _word(RELEASES, e.cause)
    zh, en = n.goods(e.item, sum(pick.quantity for pick in e.picks))
    return (
        f"{where}预留释放（{why}）：{zh}",
        f"{where}: reservation of {en} freed ({why_en})",
    )


@_says(LevelsSet)
def _levels(e: LevelsSet, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), n.item(e.item)
    peace, war = "/".join(map(str, e.peace)), "/".join(map(str, e.war))
    return (
        f"{where}：{zh}定额平时 {peace}，战时 {war}",
        f"{where}, {en}: levels {peace} in peace, {war} at war",
    )


@_says(PlaceSet)
def _place(e: PlaceSet, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), n.item(e.item)
    return f"{where}：{zh}库位 {e.place}", f"{where}, {en}: stands at {e.place}"


@_says(LotStatusSet, LotExpiring, LotExpired)
def _lot(e: Any, n: Names) -> Both:
    zh, en = n.item(e.item)
    where = n.station(e.station) if e.station else ""
    lot, lot_en = f"{where}：{zh}批次 {e.lot}", f"{where}: {en} lot {e.lot}"
    match e:
        case LotExpiring():
            return f"{lot}临期", f"{lot_en} expires soon"
        case LotExpired():
            return f"{lot}过期", f"{lot_en} has expired"
    status, status_en = _word(LOT_STATUSES, e.status)
    return (
        f"{where or '各站'}：{zh}批次 {e.lot}设为{status}",
        f"{where or 'Everywhere'}: {en} lot {e.lot} is {status_en}",
    )


@_says(LotRegistered)
def _registered(e: LotRegistered, n: Names) -> Both:
    (zh, en), (source, source_en) = n.item(e.item), goods_party(e.origin, n)
    return (
        f"登记{zh}批次 {e.lot}（{source}）",
        f"{en}: lot {e.lot} registered ({source_en})",
    )


@_says(GoodsReceived, GoodsIssued, GoodsReturned, StockScrapped, StockAdjusted)
def _slip(e: Any, n: Names) -> Both:
    where = n.station(e.station)
    if isinstance(e, StockAdjusted):
        zh, en = n.goods(e.item, e.change, e.lot)
        row = n.slip(e.corrects)
        slip, slip_en = KINDS.get(row.kind, KINDS["adjust"]) if row else KINDS["adjust"]
        return (
            f"{where}更正{slip}单账面：{zh}",
            f"{where}: books corrected by {en}, of {slip_en}",
        )
    zh, en = goods_of(e.lines, n)
    match e:
        case GoodsReceived():
            who, who_en = goods_party(e.source, n)
            return f"{where}入库{zh}，来自{who}", f"{where}: received {en}, {who_en}"
        case GoodsIssued():
            who, who_en = goods_party(e.to, n)
            return f"{where}出库{zh}，给{who}", f"{where}: issued {en} to {who_en}"
        case GoodsReturned():
            how, how_en = ("入库", "good") if e.good else ("报废", "scrapped")
            return f"{where}退回{zh}（{how}）", f"{where}: returned {en} ({how_en})"
    why, why_en = _word(SCRAP_CAUSES, e.cause)
    return f"{where}报废{zh}（{why}）", f"{where}: scrapped {en} ({why_en})"


@_says(GoodsGivenBack)
def _given_back(e: GoodsGivenBack, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    return f"{where}归还征用物资{zh}", f"{where}: requisitioned {en} given back"


@_says(OwnerCompensated)
def _paid(e: OwnerCompensated, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    yuan = f"{e.fen // 100}.{e.fen % 100:02}"
    return (
        f"{where}补偿征用物资{zh}，{yuan} 元",
        f"{where}: {yuan} yuan paid for requisitioned {en}",
    )


# --- transfers -----------------------------------------------------------------------


@_says(TransferOrdered, ShipmentSent)
def _sent(e: Any, n: Names) -> Both:
    where, to, (zh, en) = n.station(e.station), n.station(e.to), goods_of(e.lines, n)
    if isinstance(e, TransferOrdered):
        return (
            f"指令{where}向{to}调拨{zh}",
            f"{where} is to send {en} to {to}",
        )
    return f"{where}向{to}发运{zh}", f"{where} sent {en} to {to}"


@_says(TransferCancelled)
def _cancelled(e: TransferCancelled, n: Names) -> Both:
    way = _way(e.slip, e.station, n)
    return f"{way}调拨取消", f"{way}: transfer cancelled"


@_says(ShipmentArrived)
def _arrived(e: ShipmentArrived, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    zh, en = zh or "0", en or "nothing"
    missing, missing_en = "", ""
    if e.left:
        missing, missing_en = f"，尚缺 {e.left}", f"; {e.left} not there"
        if e.complete:
            missing, missing_en = f"，差异 {e.left}", f"; {e.left} missing"
    return f"{where}到货{zh}{missing}", f"{where}: arrived {en}{missing_en}"


@_says(ShipmentLate)
def _late(e: ShipmentLate, n: Names) -> Both:
    way = _way(e.slip, e.station, n)
    return f"{way}调拨超时未到", f"{way}: the shipment is late"


@_says(ShortfallClosed)
def _closed(e: ShortfallClosed, n: Names) -> Both:
    (zh, en), (why, why_en) = goods_of(e.lines, n), _word(SHORTFALL_CAUSES, e.cause)
    owner = n.person(e.owner)
    return (
        f"调拨差异销账：{zh}（{why}，责任人{owner}）",
        f"Discrepancy closed: {en} ({why_en}; {owner} answers)",
    )


@_says(ReallocationApproved)
def _reallocated(e: ReallocationApproved, n: Names) -> Both:
    zh, en = goods_of(e.legs, n)
    count = len(e.transfers)
    return f"批准调配：{zh}，调拨 {count} 张", f"Reallocated: {en}; {count} transfers"


# --- counts --------------------------------------------------------------------------


@_says(CountOpened, CountClosed)
def _count(e: Any, n: Names) -> Both:
    where = n.station(e.station)
    if isinstance(e, CountOpened):
        count = len(e.sheet)
        return f"{where}开始盘点 {count} 批", f"{where}: count of {count} lots begins"
    return (
        f"{where}盘点结束：{e.lots} 批，差异 {e.variances}",
        f"{where}: {e.lots} lots counted, {e.variances} variances",
    )


@_says(LotCounted)
def _counted(e: LotCounted, n: Names) -> Both:
    # A blind count stays blind: how much was found is told when it is settled.
    where, (zh, en) = n.station(e.station), n.item(e.item)
    result, result_en = _word(RESULTS, e.result)
    return (
        f"{where}盘点：{zh}批次 {e.lot}{result}",
        f"{where}: {en} lot {e.lot} counted, {result_en}",
    )


@_says(VarianceSettled)
def _settled(e: VarianceSettled, n: Names) -> Both:
    where, (why, why_en) = n.station(e.station), _word(VARIANCE_CAUSES, e.cause)
    zh, en = n.item(e.item)
    change = f"{e.change:+}{n.measure(e.item)}"
    return (
        f"{where}盘点差异：{zh}批次 {e.lot} {change}（{why}）",
        f"{where}: {en} lot {e.lot} {change} ({why_en})",
    )


# --- requests ------------------------------------------------------------------------


@_says(RequestMade)
def _asked(e: RequestMade, n: Names) -> Both:
    who = n.area(e.area) + (n.unit(e.squad) if e.squad else "")
    (zh, en), (how, how_en) = goods_of(e.lines, n), PRIORITIES[e.priority]
    return f"{who}申领{zh}（{how}）", f"{who} asks for {en} ({how_en.lower()})"


@_says(RequestTriaged)
def _triaged(e: RequestTriaged, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    who, (how, how_en) = _asking(e.request, n), PRIORITIES[e.priority]
    return (
        f"{who}申领由{where}供应：{zh}（{how}）",
        f"{where} serves {who or 'a request'}: {en} ({how_en.lower()})",
    )


@_says(RequestRefused, RequestWithdrawn)
def _ended(e: Any, n: Names) -> Both:
    who = _asking(e.request, n)
    if isinstance(e, RequestRefused):
        return f"{who}申领退回", f"{who or 'Somebody'}: request refused"
    return f"{who}申领撤回", f"{who or 'Somebody'}: request withdrawn"


@_says(GoodsAllocated)
def _allocated(e: GoodsAllocated, n: Names) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    short, short_en = "", ""
    if e.short:
        owed, owed_en = goods_of(e.short, n)
        short, short_en = f"，欠 {owed}", f"; still owed: {owed_en}"
    return f"{where}配货{zh}{short}", f"{where}: allocated {en}{short_en}"


@_says(RequestDispatched)
def _dispatched(e: RequestDispatched, n: Names) -> Both:
    who, (zh, en) = _asking(e.request, n), goods_of(e.lines, n)
    return f"{who}申领出库{zh}", f"{who or 'Request'}: {en} on the way"


@_says(RequestReturned)
def _came_back(e: RequestReturned, n: Names) -> Both:
    who, (zh, en) = _asking(e.request, n), goods_of(e.lines, n)
    return f"{who}申领的{zh}退回", f"{who or 'Request'}: {en} came back"


@_says(RequestDelivered, DeliveryConfirmed)
def _delivered(e: Any, n: Names) -> Both:
    where, who = _asking(e.request, n), n.person(e.by)
    if isinstance(e, RequestDelivered):
        return f"{where}申领由{who}送达", f"{where or 'Request'}: brought by {who}"
    return f"{where}申领由{who}签收", f"{where or 'Request'}: {who} has received it"
