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
from projections.names import Both, Names, Sayings
from projections.slips import SlipRow
from projections.telling_goods import asking, goods_of, goods_party, word
from projections.wording import worded

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


def _way(slip: str, station: str, n: Names) -> str:
    """Return between which stations a transfer is, or the one that says so."""
    row = n.slip(slip)
    if row is None or not row.to_station:
        return n.station(station)
    return f"{n.station(row.station)}→{n.station(row.to_station)}"


def _whose(request: str, n: Names, other: str) -> Both:
    """Return who asks for goods; in English another word where nobody knows."""
    who = asking(request, n)
    return who, who or other


def _corrected(slip: SlipRow | None) -> Both:
    """Return what kind of slip was wrong."""
    return SLIP_KINDS.get(slip.kind if slip else "", SLIP_KINDS["adjust"])


def _left(e: transfers.ShipmentArrived) -> Both | str:
    """Return what of a shipment is not there, or never will be."""
    if not e.left:
        return ""
    if e.complete:
        return f"，差异 {e.left}", f"; {e.left} missing"
    return f"，尚缺 {e.left}", f"; {e.left} not there"


def _owed(e: requests.GoodsAllocated, n: Names) -> Both | str:
    """Return what could not be kept of what was asked for."""
    zh, en = goods_of(e.short, n)
    return (f"，欠 {zh}", f"; still owed: {en}") if e.short else ""


worded(
    SLIPS,
    {
        stock.GoodsReceived: (
            "{station}入库{lines}，来自{source}",
            "{station}: received {lines}, {source}",
        ),
        stock.GoodsIssued: (
            "{station}出库{lines}，给{to}",
            "{station}: issued {lines} to {to}",
        ),
        stock.GoodsReturned: (
            "{station}退回{lines}（{good}）",
            "{station}: returned {lines} ({good})",
        ),
        stock.StockAdjusted: (
            "{station}更正{corrected}单账面：{goods}",
            "{station}: books corrected by {goods}, of {corrected}",
        ),
        stock.StockScrapped: (
            "{station}报废{lines}（{scrapped}）",
            "{station}: scrapped {lines} ({scrapped})",
        ),
        requisitions.GoodsGivenBack: (
            "{station}归还征用物资{lines}",
            "{station}: requisitioned {lines} given back",
        ),
        requisitions.OwnerCompensated: (
            "{station}补偿征用物资{lines}，{yuan} 元",
            "{station}: {yuan} yuan paid for requisitioned {lines}",
        ),
        transfers.TransferOrdered: (
            "指令{station}向{to_station}调拨{lines}",
            "{station} is to send {lines} to {to_station}",
        ),
        transfers.ShipmentSent: (
            "{station}向{to_station}发运{lines}",
            "{station} sent {lines} to {to_station}",
        ),
        transfers.ShipmentArrived: (
            "{station}到货{arrived}{left}",
            "{station}: arrived {arrived}{left}",
        ),
        transfers.TransferCancelled: ("{way}调拨取消", "{way}: transfer cancelled"),
        transfers.ShipmentLate: ("{way}调拨超时未到", "{way}: the shipment is late"),
        transfers.ShortfallClosed: (
            "调拨差异销账：{lines}（{missing}，责任人{owner}）",
            "Discrepancy closed: {lines} ({missing}; {owner} answers)",
        ),
        reallocation.ReallocationApproved: (
            "批准调配：{legs}，调拨 {transfers} 张",
            "Reallocated: {legs}; {transfers} transfers",
        ),
        counts.CountOpened: (
            "{station}开始盘点 {sheet} 批",
            "{station}: count of {sheet} lots begins",
        ),
        counts.CountClosed: (
            "{station}盘点结束：{lots} 批，差异 {variances}",
            "{station}: {lots} lots counted, {variances} variances",
        ),
        # A blind count stays blind: how much was found is told when it is settled.
        counts.LotCounted: (
            "{station}盘点：{item}批次 {lot}{result}",
            "{station}: {item} lot {lot} counted, {result}",
        ),
        counts.VarianceSettled: (
            "{station}盘点差异：{item}批次 {lot} {change}（{variance}）",
            "{station}: {item} lot {lot} {change} ({variance})",
        ),
        requests.RequestMade: (
            "{asks}申领{lines}（{priority}）",
            "{asks} asks for {lines} ({priority})",
        ),
        requests.RequestTriaged: (
            "{whose}申领由{station}供应：{lines}（{priority}）",
            "{station} serves {whose}: {lines} ({priority})",
        ),
        requests.GoodsAllocated: (
            "{station}配货{lines}{owed}",
            "{station}: allocated {lines}{owed}",
        ),
        requests.RequestRefused: ("{who}申领退回", "{who}: request refused"),
        requests.RequestWithdrawn: ("{who}申领撤回", "{who}: request withdrawn"),
        requests.RequestDispatched: (
            "{request}申领出库{lines}",
            "{request}: {lines} on the way",
        ),
        requests.RequestReturned: (
            "{request}申领的{lines}退回",
            "{request}: {lines} came back",
        ),
        requests.RequestDelivered: (
            "{request}申领由{by}送达",
            "{request}: brought by {by}",
        ),
        requests.DeliveryConfirmed: (
            "{request}申领由{by}签收",
            "{request}: {by} has received it",
        ),
    },
    lines=lambda n, e: goods_of(e.lines, n),
    goods=lambda n, e: n.goods(e.item, e.change, e.lot),
    corrected=lambda n, e: _corrected(n.slip(e.corrects)),
    arrived=lambda n, e: goods_of(e.lines, n) if e.lines else ("0", "nothing"),
    left=lambda _n, e: _left(e),
    owed=lambda n, e: _owed(e, n),
    legs=lambda n, e: goods_of(e.legs, n),
    source=lambda n, e: goods_party(e.source, n),
    to=lambda n, e: goods_party(e.to, n),
    to_station=lambda n, e: n.station(e.to),
    good=lambda _n, e: ("入库", "good") if e.good else ("报废", "scrapped"),
    scrapped=lambda _n, e: word(SCRAP_CAUSES, e.cause),
    missing=lambda _n, e: word(SHORTFALL_CAUSES, e.cause),
    variance=lambda _n, e: word(VARIANCE_CAUSES, e.cause),
    result=lambda _n, e: word(RESULTS, e.result),
    priority=lambda _n, e: (
        PRIORITIES[e.priority][0],
        PRIORITIES[e.priority][1].lower(),
    ),
    yuan=lambda _n, e: f"{e.fen // 100}.{e.fen % 100:02}",
    change=lambda n, e: f"{e.change:+}{n.measure(e.item)}",
    way=lambda n, e: _way(e.slip, e.station, n),
    owner=lambda n, e: n.person(e.owner),
    by=lambda n, e: n.person(e.by),
    transfers=lambda _n, e: len(e.transfers),
    sheet=lambda _n, e: len(e.sheet),
    asks=lambda n, e: n.area(e.area) + (n.unit(e.squad) if e.squad else ""),
    who=lambda n, e: _whose(e.request, n, "Somebody"),
    whose=lambda n, e: _whose(e.request, n, "a request"),
    request=lambda n, e: _whose(e.request, n, "Request"),
)
