"""Who may do what: the whole table, written a second time, and grants that allow it."""

import msgspec
import pytest

from coordination.deciders import DECIDERS
from coordination.entitled import entitled
from coordination.grants.state import grants_stream
from coordination.permit import GRANTED, OWN, PERMITTED, ROLES, Denied, permit
from coordination.provenance import Actor
from tests.given import (
    COMMUNITY_11,
    COMMUNITY_12,
    FLOOD_PLAN,
    HOUR,
    NOW,
    SONGJIANG,
    STREET_1,
    STREET_2,
    Folded,
    by,
    declared,
    ended,
    granted,
    revoked,
)

LETTERS = {
    "C": "commander",
    "H": "head-of-government",
    "D": "deputy",
    "G": "secretary-general",
    "O": "duty-officer",
    "S": "street-staff",
    "B": "community-secretary",
    "K": "station-keeper",
    "M": "grid-member",
    "V": "member",
    "R": "drill-director",
    "A": "auditor",
    "Z": "administrator",
    "X": "service",
    "-": "",
}
# A small letter: in an emergency only. ``anywhere``: outside the role's area too;
# ``nowhere``: inside it, and where no place is named.
EXPECTED = """\
emergency.declare      CHDGO
emergency.change       CHDGO
emergency.end          CHDGO
emergency.break-glass  CHDGO
proposal.make          CHDGO
proposal.approve       CHDGO
proposal.withdraw      CHDGO
glass.review           CHDG
order.issue            CHDGOs
order.withdraw         CHDGOs
order.remind           CHDGOs
order.answer           CHDGOSBKM
step.acknowledge       CHDGOSB
step.complete          CHDGOSB
alarm.acknowledge      CHDGOSB
notice.rules           Z
authority.set          Z
absence.record         CHDGO
grant.add              Z
grant.delegate         CHDGOSB
grant.revoke           CHDGOSBZ
areas.import           Z
areas.register         Z
playbook.publish       Z
people.import          CHDGOSZ
people.availability    CHDGOSB
people.merge           CHDGOSB
people.forget          Z
people.bind            SBZ
checkin.record         CHDGOSBM
hours.certify          CHDGOSBM
checkin.own            SBKMV          anywhere
checkin.open           CHDGOSB
post.define            CHDGOSBZ
post.substitute        CHDGOSB
post.own               CHDGOSBKMV     anywhere
package.kinds          Z
package.assign         CHDGOSBZ
areas.population       CHDGOSZ
items.import           Z
station.open           CHDGOSZ
stock.keep             CHDGOSBK
stock.settle           CHDGOSB
stock.recall           CHDGO          nowhere
stock.levels           CHDGOSZ
stock.reallocate       CHDGOS
request.make           CHDGOSBKMV
request.triage         CHDGOSB
request.deliver        CHDGOSBKMV     anywhere
requisition.settle     CHDGOSB
fact.correct           CHDGOSBKMV     anywhere
deadline.record        X
account.own            CHDGOSBKMVRAZ- nowhere
read.record            CHDGOSBKMVRAZX nowhere
view.situation         CHDGOSBKMVRAZ  anywhere
view.orders            CHDGOSBKMVRAZ  anywhere
view.approvals         CHDGOA         nowhere
view.record            CHDGOA         nowhere
view.people            CHDGOSBAZ      nowhere
view.grants            AZ             nowhere
view.notices           CHDGOAZ        nowhere
account.manage         Z
store.accept           Z
"""
TABLE = {row.split()[0]: row.split()[1:] for row in EXPECTED.splitlines()}
MODES = ("PEACETIME", "EMERGENCY")
HERE, FOREIGN = COMMUNITY_11.path, STREET_2.path
# (places, area of the role, does the role reach them)
AREAS = [
    ((HERE,), STREET_1.path, "inside"),
    ((HERE,), HERE, "inside"),
    ((HERE, f"{HERE}g01"), STREET_1.path, "inside"),
    ((HERE,), "", "inside"),
    ((), "", "inside"),
    ((FOREIGN,), STREET_1.path, "foreign"),
    ((HERE, FOREIGN), STREET_1.path, "foreign"),
    ((SONGJIANG.path,), STREET_1.path, "foreign"),
    ((HERE,), f"{HERE}g01", "foreign"),
    ((), STREET_1.path, "whole world"),
]


def expected(role, action, mode, reach):
    """Tell from the table above whether a role may do something."""
    letters, *where = TABLE[action]
    reaches = {"inside", *({"foreign", "whole world"} if "anywhere" in where else ()),
               *({"whole world"} if "nowhere" in where else ())}  # fmt: skip
    letter = next((k for k, name in LETTERS.items() if name == role), None)
    if letter is None or reach not in reaches:
        return False
    return letter in letters or (letter.lower() in letters and mode == "EMERGENCY")


def allows(role, action, mode, places, area):
    """Ask ``permit`` the same."""
    try:
        permit(Actor("a", role, area), action, places, lambda: mode)
    except Denied:
        return False
    return True


@pytest.mark.parametrize("action", PERMITTED)
@pytest.mark.parametrize("role", [*ROLES, "mayor", ""])
def test_a_role_may_do_what_the_table_says_and_nothing_else(role, action):
    """Role by action by mode by area: inside, foreign, the whole world."""
    for mode in MODES:
        for places, area, reach in AREAS:
            said = allows(role, action, mode, places, area)
            assert said is expected(role, action, mode, reach), (mode, places, area)


def test_the_table_is_whole():
    """Every action and role stands in both tables; every command has its action."""
    assert set(TABLE) == set(PERMITTED)
    assert set(LETTERS.values()) - {""} == set(ROLES) == {*GRANTED, "service"}
    assert {command.ACTION for command in DECIDERS} <= set(PERMITTED)
    reads = {action for action in PERMITTED if action.startswith("view.")}
    commands = {command.ACTION for command in DECIDERS}
    asked = {"stock.recall"}  # by SetLotStatus, of a lot wherever it is
    own = {"account.own"}  # by RecordAccountAct, of one's own account
    assert set(PERMITTED) == commands | asked | own | reads


def test_an_action_without_a_rule_is_nobody_s():
    """What stands in no table is an error and not a yes."""
    with pytest.raises(KeyError):
        permit(Actor("a", "commander"), "emergency.celebrate", (), lambda: MODES[0])


def test_a_denial_names_the_role_in_both_languages_and_an_unknown_one_as_it_came():
    """The sentence says who was denied what, and for which area."""

    def said(role, area, lang):
        with pytest.raises(Denied) as caught:
            permit(Actor("a", role, area), "emergency.declare", (), lambda: MODES[0])
        return caught.value.say(lang).split("；")[0].split("; ")[0]

    assert said("auditor", "", "zh") == "督查审计（*）无权办理此事"
    assert said("auditor", "", "en") == "Auditor (*) may not do this"
    assert said("mayor", "31", "en") == "mayor (31) may not do this"
    assert said("", "", "zh") == "无角色（*）无权办理此事"
    assert said("", "", "en").startswith("without a role (*)")


# --- grants ---------------------------------------------------------------------------

DECLARE, ISSUE = "emergency.declare", "order.issue"
DISTRICT = granted("li", "deputy", SONGJIANG)
ROOT = granted("wang", "commander", until=NOW + HOUR)
LENT = granted("li", "commander", SONGJIANG, lent=("wang", "g-wang"))
STAFF = granted("li", "street-staff", STREET_1)
AT_WAR = [FLOOD_PLAN, declared("e1", COMMUNITY_11)]
IN_PART = (HERE,)
YES = Actor("li", "deputy", SONGJIANG.path, "g-li")
AS_STAFF = Actor("li", "street-staff", STREET_1.path, "g-li")

# (sentence, given, action, places, the actor it is decided by, on whose behalf)
ENTITLED = [
    ("a grant for the area", [DISTRICT], DECLARE, IN_PART, YES, ""),
    ("none at all", [], DECLARE, IN_PART, None, ""),
    ("outside its area", [DISTRICT], DECLARE, ("310118",), None, ""),
    ("the whole world", [DISTRICT], DECLARE, (), None, ""),
    ("expired", [granted("li", "deputy", until=NOW)], DECLARE, IN_PART, None, ""),
    ("not yet begun", [granted("li", "deputy", at=NOW + 1)], DECLARE, IN_PART, None,
     ""),
    ("revoked", [DISTRICT, revoked("li")], DECLARE, IN_PART, None, ""),
    ("somebody else's", [granted("wu", "deputy")], DECLARE, IN_PART, None, ""),
    ("a role that may not", [STAFF], DECLARE, IN_PART, None, ""),
    ("the second of two that may", [STAFF, granted("li", "deputy", grant="h")],
     DECLARE, (FOREIGN,), Actor("li", "deputy", "", "h"), ""),
    ("on loan", [ROOT, LENT], DECLARE, IN_PART,
     Actor("li", "commander", SONGJIANG.path, "g-li"), "wang"),
    ("on loan, the root revoked", [ROOT, LENT, revoked("wang")], DECLARE, IN_PART,
     None, ""),
    ("on loan, the root expired", [granted("wang", "commander", until=NOW), LENT],
     DECLARE, IN_PART, None, ""),
    ("in peacetime a street issues none", [STAFF], ISSUE, IN_PART, None, ""),
    ("in an emergency it does", [STAFF, *AT_WAR], ISSUE, IN_PART, AS_STAFF, ""),
    ("not where there is none", [STAFF, FLOOD_PLAN, declared("e1", STREET_2)], ISSUE,
     IN_PART, None, ""),
    ("not after its end", [STAFF, *AT_WAR, ended()], ISSUE, IN_PART, None, ""),
    ("everywhere, though there is one somewhere", [granted("li", "street-staff"),
     *AT_WAR], ISSUE, (), None, ""),
    ("in several places that all have one", [STAFF, *AT_WAR], ISSUE,
     (HERE, f"{HERE}g01"), AS_STAFF, ""),
    ("in several places of which one has none", [STAFF, *AT_WAR], ISSUE,
     (HERE, COMMUNITY_12.path), None, ""),
    ("where the street around it has none", [STAFF, *AT_WAR], ISSUE,
     (STREET_1.path,), None, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "action", "places", "then", "behalf"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in ENTITLED],
)
def test_a_grant_that_holds_now_entitles_and_nothing_else(
    given, action, places, then, behalf
):
    """The role in the log is the one of the grant, and so is on whose behalf."""
    # What the caller says of role and area counts for nothing.
    who = by("c", Actor("li", "commander", "", "made-up"), on_behalf_of="nobody")
    read = Folded(given, who)
    if then is None:
        with pytest.raises(Denied):
            entitled(read, who, action, places, NOW)
        return
    found = entitled(read, who, action, places, NOW)
    assert (found.actor, found.on_behalf_of) == (then, behalf)
    same = {"actor": who.actor, "on_behalf_of": "nobody"}
    assert msgspec.structs.replace(found, **same) == who


def test_a_decision_rests_on_the_grants_that_allow_it():
    """A revocation overtakes what it revokes: the grants are among what was read."""
    asked = []

    class Watched(Folded):
        def __call__(self, stream, /):
            asked.append(stream.id)
            return super().__call__(stream)

    who = by("c", Actor("li"))
    entitled(Watched([ROOT, LENT], who), who, DECLARE, IN_PART, NOW)
    assert {grants_stream("li").id, grants_stream("wang").id} <= set(asked)


def test_the_role_of_the_service_s_own_accounts_is_stated():
    """No grant gives it, and none can take it away; the table holds for them too."""
    who = by("c", Actor("service", "service"), on_behalf_of="wang")
    assert entitled(Folded([], who), who, "deadline.record", (), NOW) == who
    with pytest.raises(Denied):
        entitled(Folded([], who), who, DECLARE, IN_PART, NOW)


@pytest.mark.parametrize(
    ("action", "role"),
    [(DECLARE, "commander"), ("areas.import", "administrator"), ("view.grants",
     "administrator"), ("deadline.record", None)],
)  # fmt: skip
def test_the_local_operator_acts_in_the_first_role_that_may(action, role):
    """Whoever owns the data on this machine is in the log with a role of its own."""
    assert OWN["local-operator"]
    who = by("c", Actor("local-operator"))
    if role is None:
        with pytest.raises(Denied):
            entitled(Folded([], who), who, action, IN_PART, NOW)
        return
    found = entitled(Folded([], who), who, action, IN_PART, NOW)
    assert found.actor == Actor("local-operator", role)
