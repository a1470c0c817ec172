"""Which rule answers which command (命令与规则): one line for each."""

from __future__ import annotations

from coordination.alarms import decide as alarms
from coordination.approvals import decide as approvals
from coordination.approvals import glass
from coordination.areas import decide as areas
from coordination.areas import population
from coordination.authority import decide as authority
from coordination.checkin import certifying, recording
from coordination.checkin import decide as checkin
from coordination.correcting import CorrectFact, correct_fact
from coordination.counts import decide as counts
from coordination.deadlines import decide as deadlines
from coordination.grants import decide as grants
from coordination.grants.accounts import RecordAccountAct, record_account_act
from coordination.items import decide as items
from coordination.kernel import Command, Decider
from coordination.mode import changes, plans, steps, taking, terms
from coordination.mode import decide as mode
from coordination.notices import decide as notices
from coordination.orders import answering
from coordination.orders import decide as orders
from coordination.packages import decide as packages
from coordination.packages import kinds
from coordination.people import availability, identity
from coordination.people import decide as people
from coordination.posts import decide as posts
from coordination.posts import handover, safety, substitution
from coordination.reallocation import decide as reallocation
from coordination.requests import decide as requests
from coordination.requests import fulfilment
from coordination.requisitions import decide as requisitions
from coordination.service import decide as service
from coordination.service import stores
from coordination.stations import decide as stations
from coordination.stations import levels
from coordination.stock import decide as stock
from coordination.stock import lots, receipts, returns, writeoffs
from coordination.transfers import decide as transfers
from coordination.transfers import shortfalls

DECIDERS: dict[type[Command], Decider] = {
    areas.ImportAreas: areas.import_areas,
    areas.RegisterGround: areas.register_ground,
    plans.PublishPlaybook: plans.publish_playbook,
    grants.GrantRoles: grants.grant_roles,
    grants.DelegateRole: grants.delegate_role,
    grants.RevokeRole: grants.revoke_role,
    grants.RecordRead: grants.record_read,
    RecordAccountAct: record_account_act,
    authority.SetAuthority: authority.set_authority,
    authority.RecordAbsence: authority.record_absence,
    authority.EndAbsence: authority.end_absence,
    mode.DeclareEmergency: mode.declare,
    mode.EndEmergency: mode.end,
    mode.VoidEmergency: mode.void,
    changes.ChangeLevel: changes.change_level,
    changes.WidenScope: changes.widen_scope,
    changes.NarrowScope: changes.narrow_scope,
    taking.TakeUpSites: taking.take_up,
    taking.NoteFreed: taking.note_freed,
    terms.ExtendExpectation: terms.extend_expectation,
    terms.Regrade: terms.regrade,
    approvals.ProposeDecision: approvals.propose,
    approvals.ApproveProposal: approvals.approve,
    approvals.RejectProposal: approvals.reject,
    approvals.WithdrawProposal: approvals.withdraw,
    glass.BreakGlass: glass.break_glass,
    glass.ReviewGlass: glass.review,
    steps.AcknowledgeStep: steps.acknowledge,
    steps.CompleteStep: steps.complete,
    orders.IssueOrder: orders.issue,
    orders.WithdrawOrder: orders.withdraw,
    orders.RemindOrder: orders.remind,
    answering.AnswerOrder: answering.answer,
    alarms.AcknowledgeAlarm: alarms.acknowledge,
    notices.SetNoticeRule: notices.set_notice_rule,
    notices.RemoveNoticeRule: notices.remove_notice_rule,
    people.RegisterPeople: people.register_people,
    availability.MarkUnavailable: availability.mark_unavailable,
    availability.MarkAvailable: availability.mark_available,
    availability.RecordAbsencePassed: availability.record_absence_passed,
    identity.BindAccount: identity.bind_account,
    identity.ForgetPerson: identity.forget_person,
    identity.MergePerson: identity.merge_person,
    checkin.CheckIn: checkin.check_in,
    checkin.WalkUp: checkin.walk_up,
    checkin.OpenCheckIn: checkin.open_check_in,
    checkin.CloseCheckIn: checkin.close_check_in,
    recording.RecordService: recording.record_service,
    certifying.CertifyHours: certifying.certify_hours,
    certifying.CertifyClaims: certifying.certify_claims,
    certifying.RefuseHours: certifying.refuse_hours,
    certifying.RecogniseHours: certifying.recognise_hours,
    posts.DefinePosts: posts.define_posts,
    posts.SetChain: posts.set_chain,
    posts.Appoint: posts.appoint,
    substitution.Substitute: substitution.substitute,
    substitution.Seize: substitution.seize,
    substitution.TakeBack: substitution.take_back,
    substitution.Ratify: substitution.ratify,
    substitution.Accept: substitution.accept,
    substitution.Decline: substitution.decline,
    handover.TakeItem: handover.take_item,
    safety.ConfirmSafety: safety.confirm_safety,
    safety.RecordWait: safety.record_wait,
    safety.RecordSilence: safety.record_silence,
    kinds.SetPackageKinds: kinds.set_package_kinds,
    packages.AssignPackages: packages.assign_packages,
    packages.HandOverPackage: packages.hand_over,
    packages.ReleasePackage: packages.release,
    population.StatePopulation: population.state_population,
    items.ImportItems: items.import_items,
    items.WithdrawItem: items.withdraw_item,
    stations.OpenStation: stations.open_station,
    levels.SetLevels: levels.set_levels,
    stations.SetPlace: stations.set_place,
    stations.TakeCustody: stations.take_custody,
    levels.NoteShortages: levels.note_shortages,
    receipts.Receive: receipts.receive,
    stock.Reserve: stock.reserve,
    stock.Release: stock.release,
    stock.Issue: stock.issue,
    returns.ReturnGoods: returns.return_goods,
    lots.SetLotStatus: lots.set_lot_status,
    lots.RecallBatch: lots.recall_batch,
    lots.NoteExpiry: lots.note_expiry,
    writeoffs.Scrap: writeoffs.scrap,
    writeoffs.Adjust: writeoffs.adjust,
    transfers.Ship: transfers.ship,
    transfers.CancelTransfer: transfers.cancel,
    transfers.Arrive: transfers.arrive,
    shortfalls.CloseShortfall: shortfalls.close_shortfall,
    shortfalls.RecordLate: shortfalls.record_late,
    counts.OpenCount: counts.open_count,
    counts.RecordCounts: counts.record_counts,
    counts.SettleVariance: counts.settle,
    counts.CloseCount: counts.close,
    requests.MakeRequest: requests.make_request,
    requests.TriageRequest: requests.triage,
    requests.RefuseRequest: requests.refuse_request,
    requests.WithdrawRequest: requests.withdraw,
    fulfilment.AllocateRequest: fulfilment.allocate,
    fulfilment.DispatchRequest: fulfilment.dispatch,
    fulfilment.Deliver: fulfilment.deliver,
    fulfilment.ConfirmDelivery: fulfilment.confirm,
    reallocation.ApproveReallocation: reallocation.approve_reallocation,
    requisitions.GiveBack: requisitions.give_back,
    requisitions.Compensate: requisitions.compensate,
    deadlines.RecordDeadline: deadlines.record_deadline,
    deadlines.RecordExpectation: deadlines.record_expectation,
    deadlines.RecordExpiry: deadlines.record_expiry,
    deadlines.RecordOrderOverdue: deadlines.record_order_overdue,
    service.RecordOutage: service.record_outage,
    stores.RecordMended: stores.record_mended,
    stores.AcceptStore: stores.accept_store,
    stores.AcceptClock: stores.accept_clock,
    CorrectFact: correct_fact,
}
