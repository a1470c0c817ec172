"""One sample of each stored version; only used when its golden file is first written.

Those of versions that are no more stand in their files alone.
"""

from __future__ import annotations

from typing import Any

from coordination.alarms.events import AlarmAcknowledged
from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalApproved,
    ProposalExpired,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    ReviewOverdue,
)
from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    LocalNode,
    PlannedFunction,
    SiteRegistered,
    Space,
)
from coordination.authority.events import (
    AbsenceEnded,
    AbsenceRecorded,
    AuthoritySet,
    LevelAuthority,
)
from coordination.checkin.events import (
    CheckInClosed,
    CheckInOpened,
    CheckInTakenBack,
    HoursCertified,
    HoursRecognised,
    HoursRefused,
    HoursTakenBack,
    MemberAbsent,
    MemberActive,
    MemberLeft,
    MemberPresent,
    MemberReported,
    Merged,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.grants.events import (
    AccountActed,
    PersonBound,
    PersonUnbound,
    RoleGranted,
    RoleRevoked,
    SensitiveViewRead,
)
from coordination.kernel import CommandRefused, Event
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    EmergencyVoided,
    ExpectationExtended,
    ExpectationPassed,
    LevelLowered,
    LevelRaised,
    OutOfService,
    PassedOver,
    PlaybookPublished,
    Regraded,
    ScopeNarrowed,
    ScopeWidened,
    SitesFreed,
    SitesTakenUp,
    StepAcknowledged,
    StepCompleted,
    StepTakenBack,
)
from coordination.notices.events import NoticeRuleRemoved, NoticeRuleSet
from coordination.orders.events import (
    AnswerTakenBack,
    OrderAcknowledged,
    OrderAnsweredFor,
    OrderCarriedOut,
    OrderIssued,
    OrderOverdue,
    OrderReminded,
    OrderWithdrawn,
)
from coordination.packages.events import (
    PackageAssigned,
    PackageHandedOver,
    PackageKind,
    PackageKindsSet,
    PackageReleased,
    Party,
)
from coordination.people.events import (
    AbsencePassed,
    AccountBound,
    AccountReleased,
    DutyBegun,
    DutyEnded,
    MergeTakenBack,
    PersonAvailable,
    PersonForgotten,
    PersonMerged,
    PersonRegistered,
    PersonUnavailable,
    ResponsibilityBegun,
    ResponsibilityEnded,
    Training,
    UnitRegistered,
)
from coordination.posts.events import (
    ChainSet,
    HandoverItemTaken,
    HolderSilent,
    ItemTakenBack,
    PostDefined,
    PostVacated,
    SafetyConfirmed,
    SubstitutionAccepted,
    SubstitutionDeclined,
    SubstitutionMade,
    SubstitutionRatified,
    Tried,
    WaitOverdue,
)
from coordination.service.events import (
    ClockAccepted,
    OutageRecorded,
    StoreAccepted,
    StoreMended,
)
from coordination.tree import Place
from tests.golden.goods import GOODS, TICKED

LEAST: dict[str, Any] = {
    "command": "01JD0000000000000000000000",
    "digest": "0123456789abcdef0123456789abcdef",
    "actor": "wang",
    "role": "commander",
    "occurred_us": 1_700_000_000_000_000,
    "salt": "00112233445566778899aabbccddeeff",
}
FULL: dict[str, Any] = {
    **LEAST,
    "area": "310117",
    "grant": "g7",
    "on_behalf_of": "li",
    "basis": "区防指〔2024〕7号",
    "reason": '水位"超警"\n已达 4.2 m',
    "step": "open-doors",
    "preview": "5d" * 32,
    "seen_seq": 4_711,
    "occurred_source": "stated",
}

_SCOPE = (Place("310117001000", "street"), Place("310117001001g01", "grid"))
_EXCLUDED = (Place("310117001001", "community"),)
_COMMUNITY = Place("310117001002", "community")
_AT, _DUE, _LATE = (
    1_700_010_000_000_000,
    1_700_020_000_000_000,
    1_700_020_000_000_001,
)
_MOMENTS: dict[str, Any] = {"due_us": _DUE, "noticed_us": _LATE}
_ANN, _BO, _CAI = "h-0a1b2c3d4e5f", "h-1a2b3c4d5e6f", "h-2a3b4c5d6e7f"
_POST = "310117001002-p-second-secretary"
_MADE: dict[str, Any] = {"post": _POST, "substitution": "b-0123456789"}
_CHECKED_IN: dict[str, Any] = {
    "person": _ANN,
    "community": "310117001002",
    "campaign": "e-2024-07",
    "source": "paper",
}
_STRETCH: dict[str, Any] = {"person": _ANN, "community": "310117001003", "number": 3}
_MINUTE = 60_000_000
_BUILDING: dict[str, str] = {"kind": "building", "target": "310117001001g01c01b013"}
_OF_PERSON = {"person": _ANN, "package": "building/310117001001g01c01b013"}

_SAMPLES: list[tuple[dict[str, Any], Event]] = [
    (
        FULL,
        CommandRefused(
            command_name="DeclareEmergency",
            place="310117001,310117002",
            code="mode.level-needs-approval",
            facts={"level": "I"},
            more=1_995,
        ),
    ),
    (
        FULL,
        AreaRegistered(
            code="310117001000",
            name="岳阳街道",
            level="street",
            parent="310117000000",
        ),
    ),
    (LEAST, AreaRenamed(code="310117001000", name="岳阳街道")),
    (
        FULL,
        LocalAreasRegistered(
            community="310117001001",
            nodes=(
                LocalNode("310117001001g01", "第一网格"),
                LocalNode("310117001001g01c01b013", "13号楼"),
            ),
        ),
    ),
    (
        FULL,
        SiteRegistered(
            site="310117001001-s1",
            area="310117001001",
            name="党群服务站",
            kind="party-centre",
            planned=(
                PlannedFunction("flood", "shelter"),
                PlannedFunction("epidemic", "sampling-point"),
            ),
            spaces=(Space("大厅", "hall", 200), Space("院子", "yard", 0)),
            facilities=("water", "shower"),
            index_seen=3,
        ),
    ),
    (
        FULL,
        PlaybookPublished(
            playbook="flood-plan",
            version="2024.1",
            text="# 说明\nid: flood-plan\n",
            compiled='{"id":"flood-plan","zh":"防汛预案"}',
            digest="6b" * 32,
        ),
    ),
    (
        FULL,
        EmergencyDeclared(
            emergency="e-2024-07",
            hazard="flood",
            level=3,
            severity="large",
            warning="orange",
            scope=_SCOPE,
            excluded=_EXCLUDED,
            matter="暴雨红色预警",
            measures="转移安置",
            declared_us=1_700_000_000_000_000,
            expected_until_us=1_700_086_400_000_000,
            playbook="flood-plan",
            playbook_digest="6b" * 32,
            rules=2,
        ),
    ),
    (
        FULL,
        EmergencyEnded(emergency="e-2024-07", ended_us=1_700_050_000_000_000),
    ),
    (
        FULL,
        EmergencyVoided(
            emergency="e-2024-07", corrects=41, voided_us=1_700_000_060_000_000
        ),
    ),
    (
        FULL,
        SitesTakenUp(emergency="e-2024-07", changed_us=_AT, sites=("310117001001-s1",)),
    ),
    (
        LEAST,
        SitesFreed(
            emergency="e-2024-07",
            freed=(PassedOver("310117001001-s1", 2),),
            noticed_us=_AT,
        ),
    ),
    (
        FULL,
        StepAcknowledged(
            site="310117001001-s1",
            emergency="e-2024-07",
            phase="convert",
            step="open-doors",
            round=2,
        ),
    ),
    (
        FULL,
        StepCompleted(
            site="310117001001-s1",
            emergency="e-2024-07",
            phase="convert",
            step="open-doors",
            round=3,
            index_seen=7,
            out=OutOfService("shelter", 3, 1_700_050_000_000_000, recovers=True),
        ),
    ),
    (
        LEAST,
        StepTakenBack(
            corrects=1_234,
            site="310117001001-s1",
            emergency="e-2024-07",
            phase="convert",
            step="open-doors",
            round=1,
            done=True,
        ),
    ),
    (
        LEAST,
        AnswerTakenBack(
            corrects=1_235,
            order="o-0123456789",
            area=Place("310117001000", "street"),
            role="street-staff",
            done=False,
            spoken_for=True,
        ),
    ),
    (LEAST, MergeTakenBack(corrects=7, person="h-0123456789ab", into="h-ba9876543210")),
    (LEAST, AccountReleased(corrects=8, person="h-0123456789ab", account="wang")),
    (LEAST, PersonUnbound(corrects=9, account="wang", person="h-0123456789ab")),
    (
        LEAST,
        HoursTakenBack(
            corrects=10,
            person="h-ba9876543210",
            merged="h-0123456789ab",
            first=3,
            count=2,
            untimed=95,
        ),
    ),
    (
        LEAST,
        CheckInTakenBack(
            corrects=12,
            person="h-ba9876543210",
            community="310117001001",
            campaign="e-2024-07",
            stage="left",
            stages=("present", "reported"),
            present_us=1_700_000_000_000_000,
            own=True,
            reported_us=1_699_999_000_000_000,
            seen_us=1_700_000_000_000_000,
            stretch=2,
        ),
    ),
    (
        LEAST,
        ItemTakenBack(
            corrects=11,
            post="310117001001-p-grid-head",
            substitution="b-0123456789",
            item="custody",
            left=1,
            due_us=1_720_000_000_000_000,
            late=True,
        ),
    ),
    (
        LEAST,
        DeadlinePassed(
            emergency="e-2024-07",
            phase="convert",
            step="open-doors",
            due_us=1_700_001_800_000_000,
            noticed_us=1_700_001_800_000_001,
        ),
    ),
    (
        FULL,
        LevelRaised(
            emergency="e-2024-07", changed_us=_AT, level_before=4, level=2, rules=2
        ),
    ),
    (
        FULL,
        LevelLowered(emergency="e-2024-07", changed_us=_AT, level_before=2, level=3),
    ),
    (
        FULL,
        ScopeWidened(
            emergency="e-2024-07",
            changed_us=_AT,
            scope=_SCOPE,
            excluded=_EXCLUDED,
            rules=2,
        ),
    ),
    (
        FULL,
        ScopeNarrowed(
            emergency="e-2024-07", changed_us=_AT, scope=_SCOPE[:1], excluded=()
        ),
    ),
    (
        FULL,
        Regraded(
            emergency="e-2024-07",
            changed_us=_AT,
            severity="extraordinary",
            warning="red",
        ),
    ),
    (
        FULL,
        ExpectationExtended(
            emergency="e-2024-07", changed_us=_AT, expected_until_us=_DUE
        ),
    ),
    (LEAST, ExpectationPassed(emergency="e-2024-07", **_MOMENTS)),
    (
        FULL,
        RoleGranted(
            grant="g-8",
            account="li",
            role="deputy",
            area=_COMMUNITY,
            from_us=_AT,
            until_us=_DUE,
            delegator="wang",
            delegated_from="g-7",
        ),
    ),
    (FULL, RoleRevoked(grant="g-8", account="li")),
    (
        LEAST,
        AccountActed(account="wang", act="password", about="", at_us=_DUE),
    ),
    (
        LEAST,
        SensitiveViewRead(account="wang", what="record", place="310117001002"),
    ),
    (
        FULL,
        AuthoritySet(
            levels=(
                LevelAuthority(1, ("commander", "head-of-government"), ("deputy",)),
                LevelAuthority(2, ("commander",), ("deputy", "secretary-general")),
                LevelAuthority(3, ("commander", "deputy"), ("duty-officer",)),
                LevelAuthority(4, ("deputy",)),
            )
        ),
    ),
    (
        FULL,
        AbsenceRecorded(
            absence="a-1",
            role="commander",
            area=Place("310117000000", "district"),
            from_us=_AT,
            until_us=_DUE,
        ),
    ),
    (FULL, AbsenceEnded(absence="a-1", ended_us=_AT)),
    (
        FULL,
        ProposalMade(
            proposal="p-0123456789",
            kind="declare",
            command='{"basis":"区防指〔2024〕7号","level":2}',
            digest="7c" * 32,
            emergency="e-2024-07",
            level=2,
            places=("310117001", "310117001001g01"),
            expected_version=3,
            playbook_digest="6b" * 32,
            proposer="wang",
            session="s-1",
            proposed_us=_AT,
            expires_us=_DUE,
        ),
    ),
    (
        FULL,
        ProposalApproved(
            proposal="p-0123456789",
            digest="7c" * 32,
            reauthenticated="password",
            session="s-2",
            approved_us=_AT,
        ),
    ),
    (FULL, ProposalRejected(proposal="p-0123456789", rejected_us=_AT)),
    (FULL, ProposalWithdrawn(proposal="p-0123456789", withdrawn_us=_AT)),
    (LEAST, ProposalExpired(proposal="p-0123456789", **_MOMENTS)),
    (
        FULL,
        GlassBroken(
            glass="b-0123456789",
            kind="level",
            digest="7c" * 32,
            emergency="e-2024-07",
            level=1,
            places=("310117001",),
            account="wang",
            broken_us=_AT,
            review_due_us=_DUE,
        ),
    ),
    (FULL, GlassReviewed(glass="b-0123456789", confirmed=True, reviewed_us=_AT)),
    (LEAST, ReviewOverdue(glass="b-0123456789", **_MOMENTS)),
    (
        FULL,
        OrderIssued(
            order="o-2",
            emergency="e-2024-07",
            scope=_SCOPE,
            excluded=_EXCLUDED,
            roles=("street-staff", "community-secretary"),
            title="转移低洼地带居民",
            text="今晚八时前完成。",
            issued_us=_AT,
            ack_due_us=_DUE,
            done_due_us=_LATE,
            corrects="o-1",
        ),
    ),
    (FULL, OrderWithdrawn(order="o-2", withdrawn_us=_AT)),
    (FULL, OrderReminded(order="o-2", reminded_us=_AT)),
    (LEAST, OrderOverdue(order="o-2", what="ack", **_MOMENTS)),
    (
        FULL,
        OrderAcknowledged(order="o-2", area=_COMMUNITY, role="community-secretary"),
    ),
    (
        FULL,
        OrderCarriedOut(
            order="o-2",
            area=_COMMUNITY,
            role="community-secretary",
            note="已转移 12 户",
        ),
    ),
    (
        FULL,
        OrderAnsweredFor(
            order="o-2",
            area=_COMMUNITY,
            role="community-secretary",
            done=True,
            note="街道代为转移",
        ),
    ),
    (FULL, AlarmAcknowledged(alarm="glass:b-0123456789")),
    (FULL, PersonBound(account="li", person=_ANN)),
    (FULL, UnitRegistered(unit="u-0123456789", name="区水务局", headcount=42)),
    (
        FULL,
        PersonRegistered(
            person=_ANN,
            unit="u-0123456789",
            residence="310117001001g01c01b013",
            skills=("driving", "medical"),
            trainings=(Training("command"), Training("first-aid", _DUE)),
            sealed="5e" * 16,
            provisional=True,
        ),
    ),
    (FULL, AccountBound(person=_ANN, account="li")),
    (FULL, PersonUnavailable(person=_ANN, cause="quarantined", until_us=_DUE)),
    (LEAST, PersonAvailable(person=_ANN)),
    (
        LEAST,
        AbsencePassed(
            person=_ANN,
            community="310117001001",
            due_us=1_767_150_000_000_000,
            noticed_us=1_767_150_005_000_000,
        ),
    ),
    (FULL, PersonMerged(person=_ANN, into=_BO)),
    (FULL, PersonForgotten(person=_ANN)),
    (
        FULL,
        DutyBegun(
            person=_ANN,
            post=_POST,
            rank=2,
            role="community-secretary",
            area=_COMMUNITY,
            withheld=("grant.delegate", "grant.revoke"),
        ),
    ),
    (LEAST, DutyEnded(person=_ANN, post=_POST)),
    (FULL, ResponsibilityBegun(**_OF_PERSON)),
    (LEAST, ResponsibilityEnded(**_OF_PERSON)),
    (FULL, MemberReported(**_CHECKED_IN)),
    (FULL, MemberPresent(**_CHECKED_IN, at_us=_AT, partial=True, own=True)),
    (LEAST, MemberAbsent(**_CHECKED_IN)),
    (FULL, MemberActive(**_CHECKED_IN, what="送药上门 3 户")),
    (
        FULL,
        MemberLeft(
            **_CHECKED_IN,
            minutes=235,
            from_us=_AT,
            to_us=_AT + 235 * _MINUTE,
            claimed=True,
            left_us=_AT + 240 * _MINUTE,
        ),
    ),
    (
        FULL,
        HoursRecognised(
            person=_BO,
            merged=_ANN,
            minutes=255,
            untimed=20,
            times=(
                Merged("310117001002", "e-2024-07", _AT, _AT + 235 * _MINUTE),
                Merged(
                    "310117001003",
                    "c-1",
                    _AT,
                    _AT + _MINUTE,
                    claimed=True,
                    elsewhere=True,
                ),
            ),
        ),
    ),
    (
        FULL,
        ServiceRecorded(
            person=_ANN,
            community="310117001003",
            campaign="e-2024-07",
            home="310117001002",
            from_us=_AT,
            to_us=_AT + 120 * _MINUTE,
            what="搬运物资",
            claimed=True,
        ),
    ),
    (
        FULL,
        HoursCertified(**_STRETCH, replaces=1, from_us=_AT, to_us=_AT + _MINUTE),
    ),
    (FULL, HoursRefused(**_STRETCH, replaces=2)),
    (FULL, ServiceRecognised(**_STRETCH, from_us=_AT, to_us=_AT + _MINUTE)),
    (
        FULL,
        CheckInOpened(opening="c-0123456789", area=_COMMUNITY, opened_us=_AT),
    ),
    (FULL, CheckInClosed(opening="c-0123456789", closed_us=_AT)),
    (
        FULL,
        PostDefined(
            post=_POST,
            place=_COMMUNITY,
            site="310117001002-s1",
            kind="second-secretary",
            name="岳阳社区第二书记",
            chain=(_ANN, _BO, _CAI),
            reach=Place("310117001000", "street"),
            training="command",
            role="community-secretary",
            withheld=("grant.delegate",),
            rank=2,
        ),
    ),
    (FULL, ChainSet(post=_POST, chain=(_BO, _CAI))),
    (
        FULL,
        SubstitutionMade(
            **_MADE,
            before=_ANN,
            after=_CAI,
            how="automatic",
            cause="unreachable",
            accept_by_us=_AT,
            handover_by_us=_DUE,
            ratify_by_us=_LATE,
            items=("situation", "steps", "custody"),
            made_us=_AT,
            tried=(Tried(_ANN, "own-backup"), Tried(_BO, "qualified")),
        ),
    ),
    (
        LEAST,
        PostVacated(
            post=_POST,
            before=_ANN,
            cause="ill",
            tried=(Tried(_BO, "available"), Tried(_CAI, "in-reach")),
        ),
    ),
    (FULL, SubstitutionAccepted(**_MADE)),
    (FULL, SubstitutionDeclined(**_MADE, person=_BO)),
    (FULL, SubstitutionRatified(**_MADE)),
    (
        FULL,
        HandoverItemTaken(**_MADE, item="custody", left=2, count=12, note="钥匙 12 把"),
    ),
    (FULL, SafetyConfirmed(post=_POST, person=_ANN, confirmed_us=_AT)),
    (LEAST, HolderSilent(post=_POST, person=_ANN, **_MOMENTS)),
    (LEAST, WaitOverdue(**_MADE, what="handover", **_MOMENTS)),
    (
        FULL,
        NoticeRuleSet(
            rule="night",
            title="夜间值守",
            kinds=("shortage", "vacancy"),
            areas=(Place("310117001000", "street"),),
            opens="20:00",
            closes="06:00",
            channels=("wecom",),
            most=10,
            minutes=15,
        ),
    ),
    (LEAST, NoticeRuleRemoved(rule="night")),
    (
        FULL,
        PackageKindsSet(
            kinds=(
                PackageKind(
                    id="facility",
                    zh="党组织包方舱和隔离点",
                    en="Party organisation: isolation facility",
                    target="site",
                    parties=("organisation", "post"),
                    load=1,
                    peace_zh="熟悉启用流程",
                    peace_en="Know how it is opened",
                    war_zh="成立临时党支部",
                    war_en="Form a temporary branch",
                    functions=("isolation-facility", "shelter"),
                    skill="medical",
                ),
            )
        ),
    ),
    (
        FULL,
        PackageAssigned(**_BUILDING, party=Party("person", _ANN), backups=(_BO, _CAI)),
    ),
    (
        FULL,
        PackageHandedOver(
            **_BUILDING,
            before=Party("person", _ANN),
            party=Party("organisation", "community:310117001001"),
            backups=(_BO,),
            cause="ill",
            standing=True,
        ),
    ),
    (FULL, PackageReleased(**_BUILDING, before=Party("post", _POST))),
    *((LEAST if isinstance(event, TICKED) else FULL, event) for event in GOODS),
    (LEAST, OutageRecorded(from_us=1_700_000_000_000_000, to_us=1_700_001_020_000_000)),
    (LEAST, StoreMended(store="previews", fault="missing")),
    (FULL, StoreAccepted(store="log", fault="older", known=4_711, found=4_700)),
    (FULL, ClockAccepted(from_us=1_700_000_000_000_000, to_us=1_700_086_400_000_000)),
]
SAMPLES = {event.NAME: (said, event) for said, event in _SAMPLES}
