"""What is not corrected by naming it, and what is done instead (不直接更正的事实).

Most facts name the decision that says them anew (``ANEW``); of the others it stands
here. A test walks them all: each is in ``correcting.CORRECTIONS`` or says it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from coordination.alarms import events as alarms
from coordination.approvals import events as approvals
from coordination.checkin import events as checkin
from coordination.grants import events as grants
from coordination.items import events as items
from coordination.kernel import Command, CommandRefused, Event
from coordination.mode import events as mode
from coordination.orders import events as orders
from coordination.people import events as people
from coordination.posts import events as posts
from coordination.requests import events as requests
from coordination.service import events as service
from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.transfers import events as transfers

Why = tuple[str, str]

BY_ITSELF: Why = (
    "由系统随时间如实记录，无人填写，不作更正",
    "the service recorded what passed; nobody stated it, so nobody corrects it",
)
FOLLOWS: Why = (
    "随同一决定的另一条事实而来，请更正那一条",
    "it follows from another fact of the same decision: correct that one",
)
FINAL: Why = (
    "不可恢复：密钥已销毁，须重新登记",
    "it cannot be undone, the key is destroyed: register anew",
)
SIGNED: Why = (
    "签署或否决过的事不改；请另作新的决定",
    "what somebody signed or refused stays so: make another decision",
)

DONE: Why = (
    "数据库和时钟的处置已经生效，不能收回；请另作处置并留痕",
    "what was done about stores and clock has taken effect: do something else about it",
)


def called(command: type[Command]) -> Why:
    """Return how a command is called in both languages: as its docstring says."""
    zh, _, en = (command.__doc__ or "").partition("\n")[0].partition(": ")
    return zh, en.rstrip(".")


@lru_cache(maxsize=1)
def commands() -> dict[str, type[Command]]:
    """Return every command by its name."""
    found, left = dict[str, type[Command]](), [Command]
    while left:
        subclasses = left.pop().__subclasses__()
        left += subclasses
        found |= {cls.__name__: cls for cls in subclasses}
    return found


def anew(names: Sequence[str]) -> Why:
    """Return that another decision corrects it."""
    said = [called(commands()[name]) for name in names]
    zh = "”或“".join(zh for zh, _ in said)
    en = "; or ".join(en for _, en in said)
    return f"请用“{zh}”作出新的决定，原事实保留", f"decide anew, this stays: {en}"


OTHERWISE: dict[type[Event], Why] = {
    CommandRefused: BY_ITSELF,
    alarms.AlarmAcknowledged: (
        "确认只表示有人在处理，不改变告警；事情了结后告警自行解除",
        "it only says that somebody sees to it; the alarm ends when it is settled",
    ),
    approvals.ProposalApproved: SIGNED,
    approvals.ProposalExpired: BY_ITSELF,
    approvals.GlassBroken: SIGNED,
    approvals.GlassReviewed: SIGNED,
    approvals.ReviewOverdue: BY_ITSELF,
    checkin.HoursRecognised: FOLLOWS,
    checkin.HoursTakenBack: FOLLOWS,
    grants.PersonBound: FOLLOWS,
    grants.PersonUnbound: FOLLOWS,
    grants.SensitiveViewRead: BY_ITSELF,
    items.BarcodeTaken: FOLLOWS,
    mode.SitesFreed: BY_ITSELF,
    mode.ExpectationPassed: BY_ITSELF,
    mode.DeadlinePassed: BY_ITSELF,
    orders.OrderReminded: (
        "催办已送达，无可更正",
        "the reminder has gone out; there is nothing to correct",
    ),
    orders.OrderOverdue: BY_ITSELF,
    people.AbsencePassed: BY_ITSELF,
    people.PersonForgotten: FINAL,
    people.DutyBegun: FOLLOWS,
    people.DutyEnded: FOLLOWS,
    people.ResponsibilityBegun: FOLLOWS,
    people.ResponsibilityEnded: FOLLOWS,
    posts.HolderSilent: BY_ITSELF,
    posts.WaitOverdue: BY_ITSELF,
    requests.RequestReturned: FOLLOWS,
    service.ClockAccepted: DONE,
    service.OutageRecorded: BY_ITSELF,
    service.StoreAccepted: DONE,
    service.StoreMended: BY_ITSELF,
    stations.DonationNumbered: FOLLOWS,
    stations.ShortagesNoted: BY_ITSELF,
    stock.StockMoved: FOLLOWS,
    stock.DocumentEntered: FOLLOWS,
    stock.LotExpiring: BY_ITSELF,
    stock.LotExpired: BY_ITSELF,
    stock.SlipCorrected: FOLLOWS,
    transfers.ShipmentLate: BY_ITSELF,
}


def otherwise(kind: type[Event]) -> Why:
    """Return what is done instead of correcting a fact of a kind."""
    return anew(kind.ANEW) if kind.ANEW else OTHERWISE[kind]
