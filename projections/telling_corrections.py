"""Corrections as sentences (更正): each names the position of what was wrong."""

from __future__ import annotations

from coordination.checkin import events as checkin
from coordination.grants import events as grants
from coordination.mode import events as mode
from coordination.moments import here
from coordination.orders import events as orders
from coordination.people import events as people
from coordination.posts import events as posts
from coordination.requests import events as requests
from coordination.states import CHECK_INS
from coordination.stock import events as stock
from coordination.vocabulary import HANDOVER_ITEMS
from projections.names import Both, Names, Sayings
from projections.telling_goods import goods_party
from projections.telling_rights import order_title
from projections.wording import worded

CORRECTED: Sayings = {}
_UNBOUND = (
    "更正第 {corrects} 条：账号 {account} 不属于{person}",
    "Corrects {corrects}: {account} is not the account of {person}",
)


def _item(n: Names, e: posts.ItemTakenBack | stock.LotCorrected) -> Both | str:
    """Return what an item of a handover sheet, or of the catalogue, is called."""
    return (
        HANDOVER_ITEMS[e.item] if isinstance(e, posts.ItemTakenBack) else n.item(e.item)
    )


def _good(_n: Names, e: stock.LotCorrected) -> Both:
    """Return what a lot is: its maker's batch, its last good day here (UTC+8)."""
    zh, en = "", ""
    if e.batch:
        zh, en = f"，批号 {e.batch}", f", batch {e.batch}"
    if e.expires_us:
        last = here(e.expires_us - 1)
        zh, en = f"{zh}，有效期至 {last:%Y-%m-%d}", f"{en}, good until {last:%Y-%m-%d}"
    return zh, en


worded(
    CORRECTED,
    {
        mode.StepTakenBack: (
            "更正第 {corrects} 条：{site}并未{did}“{step}”",
            "Corrects {corrects}: {site} had not {did} “{step}”",
        ),
        orders.AnswerTakenBack: (
            "更正第 {corrects} 条：{area}并未答复指令“{order}”",
            "Corrects {corrects}: {area} has not answered order “{order}” so",
        ),
        people.MergeTakenBack: (
            "更正第 {corrects} 条：{person}与{into}不是同一人，各归各",
            "Corrects {corrects}: {person} is not {into}",
        ),
        people.AccountReleased: _UNBOUND,
        grants.PersonUnbound: _UNBOUND,
        checkin.HoursTakenBack: (
            "更正第 {corrects} 条：并入的服务时长不属于{person}",
            "Corrects {corrects}: the hours taken over are not those of {person}",
        ),
        checkin.CheckInTakenBack: (
            "更正第 {corrects} 条：{person}在{community}的登记“{stage}”有误",
            "Corrects {corrects}: {community}: that {person} is “{stage}” was wrong",
        ),
        posts.ItemTakenBack: (
            "更正第 {corrects} 条：{post}的交接事项“{item}”尚未确认",
            "Corrects {corrects}: {post}: {item} is not taken over yet",
        ),
        requests.DeliveryTakenBack: (
            "更正第 {corrects} 条：该单并未{brought}",
            "Corrects {corrects}: the slip was not {brought}",
        ),
        stock.LotCorrected: (
            "更正第 {corrects} 条：{item}批次 {lot}{good}",
            "Corrects {corrects}: {item}, lot {lot}{good}",
        ),
        stock.DonorCorrected: (
            "更正第 {corrects} 条：捐赠人为{donor}，原记{before}",
            "Corrects {corrects}: given by {donor}, not by {before}",
        ),
    },
    stage=lambda _n, e: CHECK_INS[e.stage],
    did=lambda _n, e: ("完成", "completed") if e.done else ("签收", "acknowledged"),
    area=lambda n, e: n.area(e.area.code),
    order=lambda n, e: order_title(e.order, n),
    into=lambda n, e: n.human(e.into),
    account=lambda n, e: n.person(e.account),
    item=_item,
    brought=lambda _n, e: ("签收", "received") if e.confirmed else ("送达", "brought"),
    good=_good,
    donor=lambda n, e: goods_party(e.source, n),
    before=lambda n, e: goods_party(e.before, n),
)
