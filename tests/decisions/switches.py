"""The switches that are signed: what two people decide, or one alone."""

import msgspec
import pytest

from coordination.kernel import id_of
from coordination.mode.changes import ChangeLevel, NarrowScope, WidenScope
from coordination.mode.decide import DeclareEmergency, EndEmergency, VoidEmergency
from coordination.provenance import Actor
from tests.given import (
    AREAS,
    COMMUNITY_11,
    FLOOD_PLAN,
    STREET_1,
    STREET_2,
    by,
    declared,
    ended,
    lowered,
    narrowed,
    raised,
    voided,
    widened,
)

MINUTE = 60_000_000
DEPUTY = Actor("wu", "deputy")
CHIEF = Actor("chen", "head-of-government")
PROPOSER = by("c1", DEPUTY, session="s1")
APPROVER = by("c2", CHIEF, session="s2", reauthenticated="password")
PROPOSAL = id_of("p", "c1")
READY = [*AREAS, FLOOD_PLAN]
HERE = (STREET_1.path,)

DECLARE = DeclareEmergency(
    emergency="e1",
    hazard="flood",
    level=2,
    scope=(STREET_1,),
    matter="暴雨",
    measures="转移安置",
    expected_hours=24,
    playbook="flood-plan",
    basis="令",
    reason="水位超警",
)
CHANGE = {"emergency": "e1", "basis": "令"}
RAISE = ChangeLevel(**CHANGE, level=1, raising=True)
LOWER = ChangeLevel(**CHANGE, level=4, raising=False)
WIDEN = WidenScope(**CHANGE, added=(STREET_2,))
NARROW = NarrowScope(**CHANGE, removed=(COMMUNITY_11,))
END = EndEmergency(**CHANGE)
VOID = VoidEmergency(emergency="e1", reason="误发")
AT_TWO = [*READY, declared(level=2)]
# (kind, what is carried, given, level, the facts it leads to)
CARRIED = [
    ("declare", DECLARE, READY, 2, [declared(level=2)]),
    ("level", RAISE, AT_TWO, 1, [raised(before=2, level=1)]),
    ("level", LOWER, AT_TWO, 2, [lowered(before=2)]),
    ("widen", WIDEN, AT_TWO, 2, [widened("e1", STREET_1, STREET_2)]),
    ("narrow", NARROW, AT_TWO, 2, [narrowed("e1", STREET_1, without=[COMMUNITY_11])]),
    ("end", END, AT_TWO, 2, [ended()]),
    ("void", VOID, AT_TWO, 2, [voided(corrects=len(AT_TWO))]),
]
KINDS = pytest.mark.parametrize(
    ("kind", "carried", "given", "level", "facts"),
    CARRIED,
    ids=["declare", "raise", "lower", "widen", "narrow", "end", "void"],
)
CONFLICTS = msgspec.structs.replace(DECLARE, conflicts=("310117001001-s1",))
EVEN = msgspec.structs.replace(DECLARE, level=4)
