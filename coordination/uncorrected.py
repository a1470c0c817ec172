"""What is not corrected by naming it, and what is done instead (不直接更正的事实).

Every stored fact stands here or in ``correcting.CORRECTIONS``; a test walks them all.
"""

from __future__ import annotations

from coordination.alarms import events as alarms
from coordination.approvals import decide as approving
from coordination.approvals import events as approvals
from coordination.areas import decide as registering
from coordination.areas import events as areas
from coordination.areas.population import StatePopulation
from coordination.authority import decide as authorising
from coordination.authority import events as authority
from coordination.checkin import certifying
from coordination.checkin import decide as checking_in
from coordination.checkin import events as checkin
from coordination.counts import decide as counting
from coordination.counts import events as counts
from coordination.grants import decide as granting
from coordination.grants import events as grants
from coordination.items import decide as listing
from coordination.items import events as items
from coordination.kernel import Command, CommandRefused, Event
from coordination.mode import changes, plans, terms
from coordination.mode import decide as switching
from coordination.mode import events as mode
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.notices import decide as noticing
from coordination.notices import events as notices
from coordination.orders import decide as ordering
from coordination.orders import events as orders
from coordination.packages import decide as assigning
from coordination.packages import events as packages
from coordination.packages.kinds import SetPackageKinds
from coordination.people import decide as registry
from coordination.people import events as people
from coordination.people.identity import BindAccount, MergePerson
from coordination.posts import decide as seating
from coordination.posts import events as posts
from coordination.posts.handover import TakeItem
from coordination.posts.safety import ConfirmSafety
from coordination.posts.substitution import Substitute, TakeBack
from coordination.reallocation import events as reallocation
from coordination.requests import decide as requesting
from coordination.requests import events as requests
from coordination.requests import fulfilment
from coordination.requisitions import events as requisitions
from coordination.service import events as service
from coordination.stations import decide as keeping
from coordination.stations import events as stations
from coordination.stock import events as stock
from coordination.stock.decide import Release, Reserve
from coordination.stock.lots import RecallBatch, SetLotStatus
from coordination.stock.returns import ReturnGoods
from coordination.stock.writeoffs import Adjust
from coordination.transfers import decide as sending
from coordination.transfers import events as transfers
from coordination.transfers.shortfalls import CloseShortfall

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


def called(command: type[Command]) -> Why:
    """Return how a command is called in both languages: as its docstring says."""
    zh, _, en = (command.__doc__ or "").partition("\n")[0].partition(": ")
    return zh, en.rstrip(".")


def anew(*commands: type[Command]) -> Why:
    """Return that another decision corrects it."""
    named = [called(command) for command in commands]
    zh = "”或“".join(zh for zh, _ in named)
    en = "; or ".join(en for _, en in named)
    return f"请用“{zh}”作出新的决定，原事实保留", f"decide anew, this stays: {en}"


SLIPS = anew(Adjust)
OTHERWISE: dict[type[Event], Why] = {
    CommandRefused: BY_ITSELF,
    alarms.AlarmAcknowledged: (
        "确认只表示有人在处理，不改变告警；事情了结后告警自行解除",
        "it only says that somebody sees to it; the alarm ends when it is settled",
    ),
    approvals.ProposalMade: anew(approving.WithdrawProposal),
    approvals.ProposalApproved: SIGNED,
    approvals.ProposalRejected: anew(approving.ProposeDecision),
    approvals.ProposalWithdrawn: anew(approving.ProposeDecision),
    approvals.ProposalExpired: BY_ITSELF,
    approvals.GlassBroken: SIGNED,
    approvals.GlassReviewed: SIGNED,
    approvals.ReviewOverdue: BY_ITSELF,
    areas.AreaRegistered: anew(registering.ImportAreas),
    areas.AreaRenamed: anew(registering.ImportAreas),
    areas.LocalAreasRegistered: anew(registering.RegisterGround),
    areas.SiteRegistered: anew(registering.RegisterGround),
    areas.PopulationStated: anew(StatePopulation),
    authority.AuthoritySet: anew(authorising.SetAuthority),
    authority.AbsenceRecorded: anew(authorising.EndAbsence),
    authority.AbsenceEnded: anew(authorising.RecordAbsence),
    checkin.CheckInTakenBack: anew(checking_in.CheckIn),
    checkin.ServiceRecorded: anew(certifying.RefuseHours),
    checkin.HoursCertified: anew(certifying.CertifyHours, certifying.RefuseHours),
    checkin.HoursRefused: anew(certifying.CertifyHours),
    checkin.ServiceRecognised: anew(certifying.RefuseHours),
    checkin.HoursRecognised: FOLLOWS,
    checkin.HoursTakenBack: FOLLOWS,
    checkin.CheckInOpened: anew(checking_in.CloseCheckIn),
    checkin.CheckInClosed: anew(checking_in.OpenCheckIn),
    counts.CountOpened: anew(counting.CloseCount),
    counts.LotCounted: anew(counting.RecordCounts),
    counts.VarianceSettled: SLIPS,
    counts.CountClosed: anew(counting.OpenCount),
    grants.RoleGranted: anew(granting.RevokeRole),
    grants.RoleRevoked: anew(granting.GrantRoles),
    grants.PersonBound: FOLLOWS,
    grants.PersonUnbound: FOLLOWS,
    grants.SensitiveViewRead: BY_ITSELF,
    items.ItemListed: anew(listing.ImportItems),
    items.ItemWithdrawn: anew(listing.ImportItems),
    mode.PlaybookPublished: anew(plans.PublishPlaybook),
    mode.EmergencyDeclared: anew(switching.VoidEmergency),
    mode.LevelRaised: anew(changes.ChangeLevel),
    mode.LevelLowered: anew(changes.ChangeLevel),
    mode.ScopeWidened: anew(changes.NarrowScope),
    mode.ScopeNarrowed: anew(changes.WidenScope),
    mode.SitesTakenUp: anew(changes.NarrowScope),
    mode.SitesFreed: BY_ITSELF,
    mode.Regraded: anew(terms.Regrade),
    mode.ExpectationExtended: anew(terms.ExtendExpectation),
    mode.ExpectationPassed: BY_ITSELF,
    mode.EmergencyEnded: anew(switching.DeclareEmergency),
    mode.EmergencyVoided: anew(switching.DeclareEmergency),
    mode.StepTakenBack: anew(CompleteStep, AcknowledgeStep),
    mode.DeadlinePassed: BY_ITSELF,
    notices.NoticeRuleSet: anew(noticing.SetNoticeRule, noticing.RemoveNoticeRule),
    notices.NoticeRuleRemoved: anew(noticing.SetNoticeRule),
    orders.OrderIssued: anew(ordering.IssueOrder, ordering.WithdrawOrder),
    orders.OrderWithdrawn: anew(ordering.IssueOrder),
    orders.OrderReminded: (
        "催办已送达，无可更正",
        "the reminder has gone out; there is nothing to correct",
    ),
    orders.OrderOverdue: BY_ITSELF,
    orders.AnswerTakenBack: anew(ordering.AnswerOrder),
    packages.PackageKindsSet: anew(SetPackageKinds),
    packages.PackageAssigned: anew(assigning.HandOverPackage),
    packages.PackageHandedOver: anew(assigning.HandOverPackage),
    packages.PackageReleased: anew(assigning.AssignPackages),
    people.UnitRegistered: anew(registry.RegisterPeople),
    people.PersonRegistered: anew(registry.RegisterPeople),
    people.PersonUnavailable: anew(registry.MarkAvailable),
    people.PersonAvailable: anew(registry.MarkUnavailable),
    people.AbsencePassed: BY_ITSELF,
    people.MergeTakenBack: anew(MergePerson),
    people.AccountReleased: anew(BindAccount),
    people.PersonForgotten: FINAL,
    people.DutyBegun: FOLLOWS,
    people.DutyEnded: FOLLOWS,
    people.ResponsibilityBegun: FOLLOWS,
    people.ResponsibilityEnded: FOLLOWS,
    posts.PostDefined: anew(seating.DefinePosts),
    posts.ChainSet: anew(seating.SetChain),
    posts.SubstitutionMade: anew(Substitute, TakeBack, seating.Appoint),
    posts.PostVacated: anew(Substitute, seating.Appoint),
    posts.SubstitutionAccepted: anew(Substitute),
    posts.SubstitutionDeclined: anew(Substitute),
    posts.SubstitutionRatified: anew(Substitute),
    posts.ItemTakenBack: anew(TakeItem),
    posts.SafetyConfirmed: anew(ConfirmSafety),
    posts.HolderSilent: BY_ITSELF,
    posts.WaitOverdue: BY_ITSELF,
    reallocation.ReallocationApproved: anew(sending.CancelTransfer),
    requests.RequestMade: anew(requesting.WithdrawRequest),
    requests.RequestTriaged: anew(requesting.TriageRequest),
    requests.RequestRefused: anew(requesting.MakeRequest),
    requests.RequestWithdrawn: anew(requesting.MakeRequest),
    requests.GoodsAllocated: anew(Release),
    requests.RequestDispatched: anew(ReturnGoods),
    requests.RequestReturned: FOLLOWS,
    requests.DeliveryTakenBack: anew(fulfilment.Deliver, fulfilment.ConfirmDelivery),
    requisitions.GoodsGivenBack: SLIPS,
    requisitions.OwnerCompensated: SLIPS,
    service.OutageRecorded: BY_ITSELF,
    stations.StationOpened: anew(keeping.OpenStation),
    stations.CustodyTaken: anew(keeping.TakeCustody),
    stations.DonationNumbered: FOLLOWS,
    stations.ShortagesNoted: BY_ITSELF,
    stock.StockMoved: FOLLOWS,
    stock.StockReserved: anew(Release),
    stock.ReservationReleased: anew(Reserve),
    stock.LevelsSet: anew(keeping.SetLevels),
    stock.PlaceSet: anew(keeping.SetPlace),
    stock.LotStatusSet: anew(SetLotStatus),
    stock.BatchStatusSet: anew(RecallBatch),
    stock.DocumentEntered: FOLLOWS,
    stock.LotExpiring: BY_ITSELF,
    stock.LotExpired: BY_ITSELF,
    stock.GoodsIssued: anew(ReturnGoods, Adjust),
    stock.GoodsReturned: SLIPS,
    stock.StockScrapped: SLIPS,
    stock.SlipCorrected: FOLLOWS,
    stock.StockAdjusted: SLIPS,
    transfers.TransferOrdered: anew(sending.CancelTransfer),
    transfers.TransferCancelled: anew(sending.Ship),
    transfers.ShipmentSent: anew(sending.Arrive, CloseShortfall),
    transfers.ShipmentArrived: SLIPS,
    transfers.ShipmentLate: BY_ITSELF,
    transfers.ShortfallClosed: SLIPS,
}


def otherwise(kind: type[Event]) -> Why:
    """Return what is done instead of correcting a fact of a kind."""
    return OTHERWISE[kind]
