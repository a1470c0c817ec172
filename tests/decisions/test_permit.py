import pytest

from coordination.areas.decide import ImportAreas, RegisterGround
from coordination.deadlines.decide import RecordDeadline
from coordination.handle import DECIDERS
from coordination.kernel import Actor
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.permit import PERMITTED, ROLES, Denied, permit
from coordination.plans.decide import PublishPlaybook
from coordination.steps.decide import AcknowledgeStep, CompleteStep
from tests.given import COMMUNITY_11, STREET_1, STREET_2

DECLARE = DeclareEmergency(
    emergency="e1",
    hazard="flood",
    level=4,
    scope=(COMMUNITY_11,),
    matter="m",
    measures="m",
    expected_hours=1,
    playbook="flood-plan",
)
TWO_STREETS = DeclareEmergency(
    emergency="e1",
    hazard="flood",
    level=4,
    scope=(COMMUNITY_11, STREET_2),
    matter="m",
    measures="m",
    expected_hours=1,
    playbook="flood-plan",
)
NOWHERE = EndEmergency(emergency="e1", scope=())
END = EndEmergency(emergency="e1", scope=(STREET_1,))
ACKNOWLEDGE = AcknowledgeStep(site="310117001001g01-s1", step="open-doors")
COMPLETE = CompleteStep(site="310117001001-s1", step="open-doors")
IMPORT = ImportAreas(rows=())
REGISTER = RegisterGround(street="310117001000")
PUBLISH = PublishPlaybook(playbook="flood-plan", text="")
DEADLINE = RecordDeadline(emergency="e1", phase="convert", step="s", due_us=1)

ALL = [DECLARE, END, ACKNOWLEDGE, COMPLETE, IMPORT, REGISTER, PUBLISH, DEADLINE]
FIELD = [ACKNOWLEDGE, COMPLETE]
MAY = {
    "commander": [DECLARE, END, *FIELD],
    "duty-officer": FIELD,
    "street-staff": FIELD,
    "community-secretary": FIELD,
    "auditor": [],
    "administrator": [IMPORT, REGISTER, PUBLISH],
    "service": [DEADLINE],
    "nobody": [],
    "": [],
}
MATRIX = [
    pytest.param(role, command, command in may, id=f"{role} {command.ACTION}")
    for role, may in MAY.items()
    for command in ALL
]


@pytest.mark.parametrize(("role", "command", "allowed"), MATRIX)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role, command, allowed):
    """Held for the whole world, a role allows its own actions only."""
    actor = Actor("a", role)
    if allowed:
        permit(actor, command)
    else:
        with pytest.raises(Denied):
            permit(actor, command)


AREAS = [
    ("its own community", DECLARE, "310117001001", True),
    ("its street", DECLARE, "310117001", True),
    ("its district", DECLARE, "310117", True),
    ("below the place", DECLARE, "310117001001g01", False),
    ("another street", DECLARE, "310117002", False),
    ("one of two places is elsewhere", TWO_STREETS, "310117001", False),
    ("both places inside", TWO_STREETS, "310117", True),
    ("no place named is the whole world", NOWHERE, "310117", False),
    ("the whole world's commander", NOWHERE, "", True),
    ("a site in a grid", ACKNOWLEDGE, "310117001", True),
    ("a site beside the grid", COMPLETE, "310117001001g01", False),
]


@pytest.mark.parametrize(
    ("command", "area", "allowed"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in AREAS],
)
def test_a_role_holds_inside_its_area(command, area, allowed):
    """Each place of a command must lie in the area the role is held for."""
    actor = Actor("a", "commander", area)
    if allowed:
        permit(actor, command)
    else:
        with pytest.raises(Denied) as caught:
            permit(actor, command)
        assert caught.value.facts["area"] == area


def test_a_denial_names_the_role_in_chinese_and_an_unknown_one_as_it_came():
    """The sentence says who was denied what, and for which area."""
    with pytest.raises(Denied) as known:
        permit(Actor("a", "auditor"), DECLARE)
    assert known.value.say("zh") == "督查审计（*）无权执行此操作：emergency.declare"
    with pytest.raises(Denied) as unknown:
        permit(Actor("a", "mayor", "31"), DECLARE)
    assert unknown.value.say("en") == "mayor (31) may not do this: emergency.declare"


def test_every_command_has_its_row_and_every_row_its_roles():
    """No command is forgotten by the table, no table row names an unknown role."""
    assert {command.ACTION for command in DECIDERS} == set(PERMITTED)
    assert {type(command) for command in ALL} == set(DECIDERS)
    for roles in PERMITTED.values():
        assert roles <= set(ROLES)
