"""Facts about slips as sentences (叙述): what comes and goes, counts, requests."""

from __future__ import annotations

from coordination.counts import events as counts
from coordination.counts.events import CONFIRMED, DIFFERS, DISTURBED, SAME
from coordination.reallocation import events as reallocation
from coordination.requests import events as requests
from coordination.requisitions import events as requisitions
from coordination.stock import events as stock
from coordination.transfers import events as transfers
from coordination.vocabulary import (
    PRIORITIES,
    SCRAP_CAUSES,
    SHORTFALL_CAUSES,
    VARIANCE_CAUSES,
)
from projections.dispatch import On
from projections.names import Both, Names, Sayings
from projections.telling_goods import asking, goods_of, goods_party, word

RESULTS: dict[str, Both] = {
    SAME: ("账实相符", "as in the books"),
    DIFFERS: ("账实不符，须他人复盘", "not as in the books; another person recounts"),
    DISTURBED: ("盘点期间有变动，须重盘", "moved meanwhile; to be counted again"),
    CONFIRMED: ("复盘仍不符", "again not as in the books"),
}
"""What a count of a lot says, in words."""
SLIP_KINDS: dict[str, Both] = {
    "receipt": ("入库", "a receipt"),
    "issue": ("出库", "an issue"),
    "scrap": ("报废", "a scrapping"),
    "adjust": ("更正", "a correction"),
    "order": ("调拨指令", "a transfer order"),
    "shipment": ("调拨", "a shipment"),
    "count": ("盘点", "a count"),
}
"""What a slip is, in words."""
SLIPS: Sayings = {}
says = On(SLIPS)


def _way(slip: str, station: str, n: Names) -> str:
    """Return between which stations a transfer is, or the one that says so."""
    row = n.slip(slip)
    if row is None or not row.to_station:
        return n.station(station)
    return f"{n.station(row.station)}→{n.station(row.to_station)}"


@says(stock.GoodsReceived)
def _received(n: Names, e: stock.GoodsReceived) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    who, who_en = goods_party(e.source, n)
    return f"{where}入库{zh}，来自{who}", f"{where}: received {en}, {who_en}"


@says(stock.GoodsIssued)
def _issued(n: Names, e: stock.GoodsIssued) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    who, who_en = goods_party(e.to, n)
    return f"{where}出库{zh}，给{who}", f"{where}: issued {en} to {who_en}"


@says(stock.GoodsReturned)
def _returned(n: Names, e: stock.GoodsReturned) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    how, how_en = ("入库", "good") if e.good else ("报废", "scrapped")
    return f"{where}退回{zh}（{how}）", f"{where}: returned {en} ({how_en})"


@says(stock.StockScrapped)
def _scrapped(n: Names, e: stock.StockScrapped) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    why, why_en = word(SCRAP_CAUSES, e.cause)
    return f"{where}报废{zh}（{why}）", f"{where}: scrapped {en} ({why_en})"


@says(stock.StockAdjusted)
def _adjusted(n: Names, e: stock.StockAdjusted) -> Both:
    where, (zh, en) = n.station(e.station), n.goods(e.item, e.change, e.lot)
    row = n.slip(e.corrects)
    slip, slip_en = SLIP_KINDS.get(row.kind if row else "", SLIP_KINDS["adjust"])
    return (
        f"{where}更正{slip}单账面：{zh}",
        f"{where}: books corrected by {en}, of {slip_en}",
    )


@says(requisitions.GoodsGivenBack)
def _given_back(n: Names, e: requisitions.GoodsGivenBack) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    return f"{where}归还征用物资{zh}", f"{where}: requisitioned {en} given back"


@says(requisitions.OwnerCompensated)
def _paid(n: Names, e: requisitions.OwnerCompensated) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    yuan = f"{e.fen // 100}.{e.fen % 100:02}"
    return (
        f"{where}补偿征用物资{zh}，{yuan} 元",
        f"{where}: {yuan} yuan paid for requisitioned {en}",
    )


# --- transfers -----------------------------------------------------------------------


@says(transfers.TransferOrdered)
def _ordered(n: Names, e: transfers.TransferOrdered) -> Both:
    where, to, (zh, en) = n.station(e.station), n.station(e.to), goods_of(e.lines, n)
    return f"指令{where}向{to}调拨{zh}", f"{where} is to send {en} to {to}"


@says(transfers.ShipmentSent)
def _sent(n: Names, e: transfers.ShipmentSent) -> Both:
    where, to, (zh, en) = n.station(e.station), n.station(e.to), goods_of(e.lines, n)
    return f"{where}向{to}发运{zh}", f"{where} sent {en} to {to}"


@says(transfers.TransferCancelled)
def _cancelled(n: Names, e: transfers.TransferCancelled) -> Both:
    way = _way(e.slip, e.station, n)
    return f"{way}调拨取消", f"{way}: transfer cancelled"


@says(transfers.ShipmentArrived)
def _arrived(n: Names, e: transfers.ShipmentArrived) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    zh, en = zh or "0", en or "nothing"
    missing, missing_en = "", ""
    if e.left:
        missing, missing_en = f"，尚缺 {e.left}", f"; {e.left} not there"
        if e.complete:
            missing, missing_en = f"，差异 {e.left}", f"; {e.left} missing"
    return f"{where}到货{zh}{missing}", f"{where}: arrived {en}{missing_en}"


@says(transfers.ShipmentLate)
def _late(n: Names, e: transfers.ShipmentLate) -> Both:
    way = _way(e.slip, e.station, n)
    return f"{way}调拨超时未到", f"{way}: the shipment is late"


@says(transfers.ShortfallClosed)
def _closed(n: Names, e: transfers.ShortfallClosed) -> Both:
    (zh, en), (why, why_en) = goods_of(e.lines, n), word(SHORTFALL_CAUSES, e.cause)
    owner = n.person(e.owner)
    return (
        f"调拨差异销账：{zh}（{why}，责任人{owner}）",
        f"Discrepancy closed: {en} ({why_en}; {owner} answers)",
    )


@says(reallocation.ReallocationApproved)
def _reallocated(n: Names, e: reallocation.ReallocationApproved) -> Both:
    zh, en = goods_of(e.legs, n)
    count = len(e.transfers)
    return f"批准调配：{zh}，调拨 {count} 张", f"Reallocated: {en}; {count} transfers"


# --- counts --------------------------------------------------------------------------


@says(counts.CountOpened)
def _count(n: Names, e: counts.CountOpened) -> Both:
    where, count = n.station(e.station), len(e.sheet)
    return f"{where}开始盘点 {count} 批", f"{where}: count of {count} lots begins"


@says(counts.CountClosed)
def _count_closed(n: Names, e: counts.CountClosed) -> Both:
    where = n.station(e.station)
    return (
        f"{where}盘点结束：{e.lots} 批，差异 {e.variances}",
        f"{where}: {e.lots} lots counted, {e.variances} variances",
    )


@says(counts.LotCounted)
def _counted(n: Names, e: counts.LotCounted) -> Both:
    # A blind count stays blind: how much was found is told when it is settled.
    where, (zh, en) = n.station(e.station), n.item(e.item)
    result, result_en = word(RESULTS, e.result)
    return (
        f"{where}盘点：{zh}批次 {e.lot}{result}",
        f"{where}: {en} lot {e.lot} counted, {result_en}",
    )


@says(counts.VarianceSettled)
def _settled(n: Names, e: counts.VarianceSettled) -> Both:
    where, (why, why_en) = n.station(e.station), word(VARIANCE_CAUSES, e.cause)
    zh, en = n.item(e.item)
    change = f"{e.change:+}{n.measure(e.item)}"
    return (
        f"{where}盘点差异：{zh}批次 {e.lot} {change}（{why}）",
        f"{where}: {en} lot {e.lot} {change} ({why_en})",
    )


# --- requests ------------------------------------------------------------------------


@says(requests.RequestMade)
def _asked(n: Names, e: requests.RequestMade) -> Both:
    who = n.area(e.area) + (n.unit(e.squad) if e.squad else "")
    (zh, en), (how, how_en) = goods_of(e.lines, n), PRIORITIES[e.priority]
    return f"{who}申领{zh}（{how}）", f"{who} asks for {en} ({how_en.lower()})"


@says(requests.RequestTriaged)
def _triaged(n: Names, e: requests.RequestTriaged) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    who, (how, how_en) = asking(e.request, n), PRIORITIES[e.priority]
    return (
        f"{who}申领由{where}供应：{zh}（{how}）",
        f"{where} serves {who or 'a request'}: {en} ({how_en.lower()})",
    )


@says(requests.RequestRefused)
def _refused(n: Names, e: requests.RequestRefused) -> Both:
    who = asking(e.request, n)
    return f"{who}申领退回", f"{who or 'Somebody'}: request refused"


@says(requests.RequestWithdrawn)
def _withdrawn(n: Names, e: requests.RequestWithdrawn) -> Both:
    who = asking(e.request, n)
    return f"{who}申领撤回", f"{who or 'Somebody'}: request withdrawn"


@says(requests.GoodsAllocated)
def _allocated(n: Names, e: requests.GoodsAllocated) -> Both:
    where, (zh, en) = n.station(e.station), goods_of(e.lines, n)
    short, short_en = "", ""
    if e.short:
        owed, owed_en = goods_of(e.short, n)
        short, short_en = f"，欠 {owed}", f"; still owed: {owed_en}"
    return f"{where}配货{zh}{short}", f"{where}: allocated {en}{short_en}"


@says(requests.RequestDispatched)
def _dispatched(n: Names, e: requests.RequestDispatched) -> Both:
    who, (zh, en) = asking(e.request, n), goods_of(e.lines, n)
    return f"{who}申领出库{zh}", f"{who or 'Request'}: {en} on the way"


@says(requests.RequestReturned)
def _came_back(n: Names, e: requests.RequestReturned) -> Both:
    who, (zh, en) = asking(e.request, n), goods_of(e.lines, n)
    return f"{who}申领的{zh}退回", f"{who or 'Request'}: {en} came back"


@says(requests.RequestDelivered)
def _delivered(n: Names, e: requests.RequestDelivered) -> Both:
    where, who = asking(e.request, n), n.person(e.by)
    return f"{where}申领由{who}送达", f"{where or 'Request'}: brought by {who}"


@says(requests.DeliveryConfirmed)
def _confirmed(n: Names, e: requests.DeliveryConfirmed) -> Both:
    where, who = asking(e.request, n), n.person(e.by)
    return f"{where}申领由{who}签收", f"{where or 'Request'}: {who} has received it"
