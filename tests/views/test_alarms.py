"""Alarms: which facts raise them, who has seen them, what makes them over."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from coordination.alarms.events import AlarmAcknowledged
from coordination.alarms.state import places_of
from coordination.approvals.events import (
    GlassBroken,
    GlassReviewed,
    ProposalExpired,
    ProposalMade,
    ReviewOverdue,
)
from coordination.authority.events import AbsenceEnded, AbsenceRecorded
from coordination.grants.events import AccountActed
from coordination.mode.events import (
    DeadlinePassed,
    ExpectationExtended,
    ExpectationPassed,
    PassedOver,
    SitesFreed,
)
from coordination.orders.events import OrderIssued, OrderOverdue, OrderWithdrawn
from coordination.packages.events import (
    ORGANISATION,
    PERSON,
    PackageAssigned,
    PackageHandedOver,
    PackageReleased,
    Party,
)
from coordination.posts.events import (
    ORDERED,
    SEIZED,
    HandoverItemTaken,
    HolderSilent,
    PostVacated,
    SafetyConfirmed,
    SubstitutionMade,
    SubstitutionRatified,
    WaitOverdue,
)
from coordination.stations.events import ShortagesNoted
from projections.alarms import ALARM, GRAVE, WARNING
from projections.alarms_view import ALARMS
from tests.given import (
    BUILDING,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    DESK,
    MINUTE,
    NOW,
    SEAT,
    STREET_1,
    STREET_2,
    A,
    B,
    fold,
    put,
    seated,
    taken_up,
    turn,
    voided,
)
from tests.views.goods import (
    BAD,
    FAR,
    MASK,
    NORTH,
    arrived,
    came,
    closed,
    expired,
    expiring,
    line,
    sent,
    went,
)
from tests.views.goods import late as not_there
from tests.views.ledger import (
    PLANS,
    POST,
    TORN,
    begun,
    narrowed,
    over,
    watching,
    widened,
)

LATER = NOW + 30 * MINUTE
EVERYWHERE = SimpleNamespace(path="")
RESET = AccountActed(account="wang", act="password", about="", at_us=LATER)
DECLARED = begun("e1", STREET_1, level=3)
DEADLINE = DeadlinePassed(
    emergency="e1", phase="convert", step="fl-open", due_us=LATER, noticed_us=LATER
)
EXPECTED = ExpectationPassed(emergency="e1", due_us=LATER, noticed_us=LATER)
EXTENDED = ExpectationExtended(
    emergency="e1", changed_us=LATER, expected_until_us=LATER + MINUTE
)
OF_ONE = {
    "kind": "declare", "emergency": "e9", "digest": "d", "level": 1,
    "places": (STREET_1.path, STREET_2.path),
}  # fmt: skip
BROKEN = GlassBroken(
    glass="b1", account="wang", broken_us=NOW, review_due_us=LATER, **OF_ONE
)
OVERDUE = ReviewOverdue(glass="b1", due_us=LATER, noticed_us=LATER)
REVIEWED = GlassReviewed(glass="b1", confirmed=False, reviewed_us=LATER)
MADE = ProposalMade(
    proposal="p1", command="{}", expected_version=0, playbook_digest="",
    proposer="wang", session="", proposed_us=NOW, expires_us=LATER, **OF_ONE,
)  # fmt: skip
EXPIRED = ProposalExpired(proposal="p1", due_us=LATER, noticed_us=LATER)


def issued(order="o1", corrects=""):
    """Return an order with both limits."""
    return OrderIssued(
        order=order, emergency="e1", scope=(STREET_2,), excluded=(), title="查",
        text="查", roles=("street-staff",), issued_us=NOW, ack_due_us=LATER,
        done_due_us=LATER + 1, corrects=corrects,
    )  # fmt: skip


def late(what, due_us):
    """Return that a limit of the order has passed."""
    return OrderOverdue(order="o1", what=what, due_us=due_us, noticed_us=LATER)


ISSUED, ACK, DONE = issued(), late("ack", LATER), late("done", LATER + 1)
WITHDRAWN = OrderWithdrawn(order="o1", withdrawn_us=LATER)
FREED = SitesFreed(emergency="e1", freed=(PassedOver(TORN.site, 2),), noticed_us=LATER)
ABSENT = AbsenceRecorded(
    absence="w1", role="commander", area=STREET_1, from_us=NOW, until_us=LATER
)
BACK = AbsenceEnded(absence="w1", ended_us=NOW)
BASE = (PLANS["flood"],)


def acts(after, before="", how=ORDERED, plan=SEAT):
    """Return that somebody acts on a post."""
    facts = put(plan, after, before, how)
    return next(fact for fact in facts if isinstance(fact, SubstitutionMade))


def vacated(plan=SEAT):
    """Return that nobody can act on a post."""
    return PostVacated(post=plan.post, before=A, cause="ill", tried=())


def waited(what):
    """Return that somebody was waited for in vain."""
    return WaitOverdue(**OF_SEAT, what=what, due_us=LATER, noticed_us=LATER)


def taken(left):
    """Return that an item of the handover sheet is acknowledged."""
    return HandoverItemTaken(**OF_SEAT, item="steps", left=left)


SEAT_SET, HELD, SEIZED_BY_B = seated(SEAT), acts(A), acts(B, A, SEIZED)
OF_SEAT = {"post": SEAT.post, "substitution": turn(0)}
SILENT = HolderSilent(post=SEAT.post, person=A, due_us=LATER, noticed_us=LATER)
WELL = SafetyConfirmed(post=SEAT.post, person=A, confirmed_us=LATER)
RATIFIED = SubstitutionRatified(**OF_SEAT)
FLAT = {"kind": "building", "target": BUILDING.code}
HAS, HOME = Party(PERSON, A), Party(ORGANISATION, f"community:{COMMUNITY_11.code}")
ASSIGNED = PackageAssigned(**FLAT, party=HAS, backups=())
FALLEN = PackageHandedOver(
    **FLAT, before=HAS, party=HOME, backups=(), cause="ill", standing=True
)
NAMED = PackageHandedOver(**FLAT, before=HOME, party=Party(PERSON, B), backups=())
RATIFY_BY = NOW + 240 * MINUTE


def short(*items, war=False):
    """Return that items of a station are below their minimum."""
    return ShortagesNoted(station=NORTH, items=items, war=war)


LOT = f"{NORTH}/{MASK}/L1"
SENT, LATE, MISSING = sent(line(40)), not_there(), arrived(line(30), left=10)

RAISED = [
    # id, facts, alarm, gravity, subject, emergency, due, paths
    ("a deadline", [DECLARED, DEADLINE], f"deadline:e1:convert:fl-open:{LATER}",
     WARNING, "fl-open", "e1", LATER, (STREET_1,)),
    ("an expectation", [DECLARED, EXPECTED], f"expectation:e1:{LATER}",
     GRAVE, "e1", "e1", LATER, (STREET_1,)),
    ("who was passed over is free", [DECLARED, FREED], f"freed:e1:{TORN.site}:2",
     WARNING, "e1", "e1", 0, (COMMUNITY_12,)),
    ("a decision of one", [BROKEN], "glass:b1",
     GRAVE, "wang", "e9", LATER, (STREET_1, STREET_2)),
    ("a review not done", [BROKEN, OVERDUE], "review:b1",
     GRAVE, "b1", "e9", LATER, (STREET_1, STREET_2)),
    ("a proposal nobody decided", [MADE, EXPIRED], "proposal:p1",
     GRAVE, "p1", "e9", LATER, (STREET_1, STREET_2)),
    ("an order not acknowledged", [DECLARED, ISSUED, ACK], "order:o1:ack",
     WARNING, "o1", "e1", LATER, (STREET_2,)),
    ("an order not carried out", [DECLARED, ISSUED, DONE], "order:o1:done",
     WARNING, "o1", "e1", LATER + 1, (STREET_2,)),
    ("an office that is absent", [ABSENT], "absence:w1",
     WARNING, "commander", "", LATER, (STREET_1,)),
    # The last part of these is the position of the fact that raised them.
    ("a vacant post", [SEAT_SET, HELD, vacated()], f"vacancy:{SEAT.post}:4",
     GRAVE, SEAT.post, "", 0, (COMMUNITY_11,)),
    ("a silent holder", [SEAT_SET, HELD, SILENT], f"silent:{SEAT.post}:4",
     GRAVE, SEAT.post, "", LATER, (COMMUNITY_11,)),
    ("a post seized", [SEAT_SET, HELD, SEIZED_BY_B], f"seized:{SEAT.post}:4",
     GRAVE, SEAT.post, "", RATIFY_BY, (COMMUNITY_11,)),
    ("a handover not done", [SEAT_SET, SEIZED_BY_B, waited("handover")],
     f"handover:{SEAT.post}:4", WARNING, SEAT.post, "", LATER, (COMMUNITY_11,)),
    ("what was seized not ratified", [SEAT_SET, SEIZED_BY_B, waited("ratify")],
     f"ratify:{SEAT.post}:4", WARNING, SEAT.post, "", LATER, (COMMUNITY_11,)),
    ("a package fallen to the community", [ASSIGNED, FALLEN],
     f"standing:building:{BUILDING.code}:3",
     WARNING, f"building/{BUILDING.code}", "", 0, (BUILDING,)),
    ("what is short in peace", [short("mask")], f"shortage:{NORTH}:2",
     WARNING, NORTH, "", 0, (COMMUNITY_11,)),
    ("what is short in an emergency", [short("mask", war=True)],
     f"shortage:{NORTH}:2", GRAVE, NORTH, "", 0, (COMMUNITY_11,)),
    ("a lot that expires soon", [came(4), expiring()], f"expiring:{LOT}:3",
     WARNING, LOT, "", BAD, (COMMUNITY_11,)),
    ("a lot that expired", [came(4), expired()], f"expired:{LOT}:3",
     WARNING, LOT, "", BAD, (COMMUNITY_11,)),
    ("a password that another has reset", [RESET], f"reset:wang:{LATER}",
     GRAVE, "wang", "", 0, (EVERYWHERE,)),
    ("a shipment not there in time", [SENT, LATE], "transfer:s-1",
     WARNING, "s-1", "", LATE.due_us, (COMMUNITY_11, COMMUNITY_21)),
    ("what is missing of a shipment", [SENT, MISSING], "discrepancy:s-1",
     GRAVE, "s-1", "", 0, (COMMUNITY_11, COMMUNITY_21)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "alarm", "gravity", "subject", "emergency", "due", "places"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in RAISED],
)
def test_a_fact_raises_an_alarm(facts, alarm, gravity, subject, emergency, due, places):
    """With what it is about and where; before the fact there was none."""
    with watching(*BASE, *facts[:-1], views=(ALARMS,)) as watched:
        before = watched.catch_up()
        seq = watched.add(facts[-1], now=LATER)
        row = watched.get(ALARM, alarm)
        assert (row.kind, row.gravity, row.subject, row.emergency, row.due_us) == (
            alarm.partition(":")[0], gravity, subject, emergency, due,
        )  # fmt: skip
        assert row.paths == ",".join(p.path for p in places)
        assert row.path == places[0].path
        assert (row.raised_seq, row.raised_us, row.state) == (seq, LATER, "RAISED")
        assert (row.acknowledged_by, row.acknowledged_us) == ("", 0)
        assert watched.get(ALARM, alarm, at=before) is None


@pytest.mark.parametrize(("facts", "alarm"), [
    pytest.param(cells[0], cells[1], id=sentence) for sentence, *cells in RAISED
])  # fmt: skip
def test_what_a_view_raises_the_rules_know(facts, alarm):
    """Somebody can take note of it: rules find it, about the same places."""
    with watching(*BASE, *facts, views=(ALARMS,)) as watched:
        row = watched.get(ALARM, alarm)
        assert places_of(fold(*watched.ledger.events), alarm) == tuple(
            row.paths.split(",")
        )


OVER = [
    # id, facts, what ends it, alarms that are over, alarms that are not
    ("ended", [DECLARED, DEADLINE, EXPECTED], over("e1"),
     {"deadline", "expectation"}, set()),
    ("voided", [DECLARED, DEADLINE, EXPECTED, FREED], voided("e1"),
     {"deadline", "expectation", "freed"}, set()),
    ("who was free: ended", [DECLARED, FREED], over("e1"), {"freed"}, set()),
    ("another was voided", [DECLARED, begun("e2", STREET_2), FREED], voided("e2"),
     set(), {"freed"}),
    ("taken up", [DECLARED, FREED], taken_up("e1", TORN.site), {"freed"}, set()),
    ("another taken up", [DECLARED, FREED], taken_up("e1", POST.site), set(),
     {"freed"}),
    ("left out", [DECLARED, FREED], narrowed("e1", STREET_1, without=(COMMUNITY_12,)),
     {"freed"}, set()),
    ("another left out", [DECLARED, FREED], narrowed("e1", STREET_1, without=(
        COMMUNITY_11,)), set(), {"freed"}),
    ("extended", [DECLARED, DEADLINE, EXPECTED], EXTENDED,
     {"expectation"}, {"deadline"}),
    ("reviewed", [BROKEN, OVERDUE], REVIEWED, {"glass", "review"}, set()),
    ("withdrawn", [ISSUED, ACK, DONE], WITHDRAWN, {"order"}, set()),
    ("corrected", [ISSUED, ACK, DONE], issued("o2", "o1"), {"order"}, set()),
    ("back", [ABSENT], BACK, {"absence"}, set()),
    ("another emergency ended", [DECLARED, begun("e2", STREET_2), DEADLINE],
     over("e2"), set(), {"deadline"}),
    ("scope changed", [DECLARED, DEADLINE], widened("e1", STREET_1, STREET_2),
     set(), {"deadline"}),
    ("somebody acts", [SEAT_SET, vacated()], acts(B), {"vacancy"}, set()),
    ("somebody acts elsewhere", [SEAT_SET, seated(DESK), vacated()],
     acts(B, plan=DESK), set(), {"vacancy"}),
    ("well after all", [SEAT_SET, HELD, SILENT], WELL, {"silent"}, set()),
    ("replaced", [SEAT_SET, HELD, SILENT], acts(B, A), {"silent"}, set()),
    ("well, the handover still late", [SEAT_SET, SEIZED_BY_B, SILENT,
      waited("handover")], WELL, {"silent"}, {"handover", "seized"}),
    ("ratified", [SEAT_SET, SEIZED_BY_B, waited("ratify"), waited("handover")],
     RATIFIED, {"seized", "ratify"}, {"handover"}),
    ("handed over", [SEAT_SET, SEIZED_BY_B, waited("handover")], taken(0),
     {"handover"}, {"seized"}),
    ("handed over in part", [SEAT_SET, SEIZED_BY_B, waited("handover")], taken(1),
     set(), {"handover", "seized"}),
    ("somebody is named", [ASSIGNED, FALLEN], NAMED, {"standing"}, set()),
    ("released", [ASSIGNED, FALLEN], PackageReleased(**FLAT, before=HOME),
     {"standing"}, set()),
    ("assigned anew", [ASSIGNED, FALLEN], ASSIGNED, {"standing"}, set()),
    ("nothing is short any more", [short("mask")], short(), {"shortage"}, set()),
    ("another station's shortage", [short("mask")],
     ShortagesNoted(station=FAR, items=(), war=True), set(), {"shortage"}),
    ("used up", [came(4), expiring()], went(4), {"expiring"}, set()),
    ("used up after it expired", [came(4), expired()], went(4), {"expired"}, set()),
    ("not all used", [came(4), expiring()], went(3), set(), {"expiring"}),
    ("another lot used up", [came(4), came(1, lot="L2"), expiring()],
     went(1, lot="L2"), set(), {"expiring"}),
    ("they chose another", [RESET], replace(RESET, act="own-password"), {"reset"},
     set()),
    ("somebody was locked out", [RESET], replace(RESET, act="disabled"), set(),
     {"reset"}),
    ("all of it is there", [SENT, LATE], arrived(line(40)), {"transfer"}, set()),
    ("some of it is there", [SENT, LATE], arrived(line(3), left=37, complete=False),
     set(), {"transfer"}),
    ("it came after all", [SENT, MISSING], arrived(line(10)), {"discrepancy"}, set()),
    ("accounted for", [SENT, MISSING], closed(line(10)), {"discrepancy"}, set()),
    ("accounted for in part", [SENT, MISSING], closed(line(9)), set(),
     {"discrepancy"}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "then", "gone", "left"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in OVER
])  # fmt: skip
def test_what_makes_an_alarm_over(facts, then, gone, left):
    """It stays to be seen, as over; as of before, it is raised still."""
    with watching(*BASE, *facts, views=(ALARMS,)) as watched:
        before = watched.catch_up()
        watched.add(then)
        states = {(row.kind, row.state) for row in watched.select(ALARM)}
        assert states == {(k, "OVER") for k in gone} | {(k, "RAISED") for k in left}
        assert {row.state for row in watched.select(ALARM, before)} == {"RAISED"}


AGAIN = [
    ("vacancy", [SEAT_SET, vacated()], acts(B), vacated(), SEAT.post),
    ("silent", [SEAT_SET, HELD, SILENT], WELL, SILENT, SEAT.post),
    ("seized", [SEAT_SET, SEIZED_BY_B], RATIFIED, acts(A, B, SEIZED), SEAT.post),
    ("handover", [SEAT_SET, HELD, waited("handover")], acts(B, A),
     waited("handover"), SEAT.post),
    ("standing", [ASSIGNED, FALLEN], NAMED, FALLEN, f"building:{BUILDING.code}"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "facts", "ends", "again", "subject"), AGAIN,
                         ids=[cells[0] for cells in AGAIN])  # fmt: skip
def test_what_happens_again_is_another_alarm(kind, facts, ends, again, subject):
    """Whoever took note of the first has not seen the second."""
    first = f"{kind}:{subject}:{len(BASE) + len(facts)}"
    with watching(*BASE, *facts, views=(ALARMS,)) as watched:
        watched.add(AlarmAcknowledged(alarm=first), now=LATER, actor="li")
        watched.add(ends)
        second = f"{kind}:{subject}:{watched.add(again)}"
        one, other = watched.get(ALARM, first), watched.get(ALARM, second)
        assert (one.state, one.acknowledged_by) == ("OVER", "li")
        assert (other.state, other.acknowledged_by) == ("RAISED", "")


STILL = [
    # id, facts, the alarms in their order
    ("more is short", [short("mask"), short("mask", "water", war=True)],
     [(f"shortage:{NORTH}:2", "OVER"), (f"shortage:{NORTH}:3", "RAISED")]),
    ("expired now", [came(4), expiring(), expired()],
     [(f"expiring:{LOT}:3", "OVER"), (f"expired:{LOT}:4", "RAISED")]),
    ("late, then missing", [SENT, LATE, MISSING],
     [("transfer:s-1", "OVER"), ("discrepancy:s-1", "RAISED")]),
    ("missing still", [SENT, MISSING, arrived(line(1), left=9)],
     [("discrepancy:s-1", "RAISED")]),
    ("on the shelf again", [came(4), expiring(), went(4), came(4), expiring()],
     [(f"expiring:{LOT}:3", "OVER"), (f"expiring:{LOT}:6", "RAISED")]),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "alarms"), [
    pytest.param(*cells, id=sentence) for sentence, *cells in STILL
])  # fmt: skip
def test_what_is_worse_takes_the_place_of_what_was_bad(facts, alarms):
    """Of one thing, one alarm is raised at a time; also after a restart."""
    with watching(*BASE, *facts[:-1], views=(ALARMS,)) as watched:
        watched.restart()
        watched.add(facts[-1])
        rows = sorted(watched.select(ALARM), key=lambda row: row.raised_seq)
        assert [(row.alarm, row.state) for row in rows] == alarms
        read = fold(*watched.ledger.events)
        for row in rows:
            known = places_of(read, row.alarm) is not None
            again = row.kind in {"shortage", "expiring"}
            assert known == (row.state == "RAISED") or again


def test_a_wait_to_accept_is_followed_at_once_and_raises_none():
    """The next in line was called, or it is vacant: that is told."""
    facts = [SEAT_SET, HELD, waited("accept"), acts(B, A)]
    with watching(*BASE, *facts, views=(ALARMS,)) as watched:
        assert watched.select(ALARM) == []


def test_vacant_twice_on_end_is_one_alarm_that_stands():
    """The later fact knows who was tried last."""
    with watching(*BASE, SEAT_SET, vacated(), views=(ALARMS,)) as watched:
        seq = watched.add(vacated())
        states = {row.alarm: row.state for row in watched.select(ALARM)}
        assert states == {
            f"vacancy:{SEAT.post}:{seq - 1}": "OVER",
            f"vacancy:{SEAT.post}:{seq}": "RAISED",
        }


@pytest.mark.parametrize("kind", ["vacancy", "silent", "seized", "handover", "ratify"])
def test_taking_note_of_what_was_never_raised_stops_no_view(kind):
    """The rules know the post and not the position: what they accept is harmless."""
    alarm = f"{kind}:{SEAT.post}:999"
    with watching(*BASE, SEAT_SET, vacated(), views=(ALARMS,)) as watched:
        before = watched.select(ALARM)
        if places_of(fold(*watched.ledger.events), alarm) is not None:
            watched.add(AlarmAcknowledged(alarm=alarm))
        assert watched.select(ALARM) == before


def test_taking_note_ends_nothing():
    """Who and when; the alarm is raised until it is over."""
    key = f"deadline:e1:convert:fl-open:{LATER}"
    with watching(*BASE, DECLARED, DEADLINE, views=(ALARMS,)) as watched:
        before = watched.catch_up()
        watched.add(AlarmAcknowledged(alarm=key), now=LATER, actor="li")
        row = watched.get(ALARM, key)
        assert (row.state, row.acknowledged_by, row.acknowledged_us) == (
            "RAISED", "li", LATER,
        )  # fmt: skip
        assert watched.get(ALARM, key, at=before).acknowledged_by == ""
        watched.add(over("e1"))
        assert watched.get(ALARM, key).acknowledged_by == "li"


def test_an_alarm_is_where_its_emergency_was_when_it_was_raised():
    """A later scope is a later alarm's."""
    second = DeadlinePassed(
        emergency="e1", phase="convert", step="fl-banner", due_us=LATER,
        noticed_us=LATER,
    )  # fmt: skip
    narrow = narrowed("e1", STREET_2)
    with watching(*BASE, DECLARED, DEADLINE, narrow, second, views=(ALARMS,)) as w:
        found = {row.subject: row.paths for row in w.select(ALARM)}
        assert found == {"fl-open": STREET_1.path, "fl-banner": STREET_2.path}
