"""Who gives, lends and takes away which role, and who holds one now."""

import pytest

from coordination.areas.state import UnknownArea
from coordination.grants.decide import (
    DELEGATION_US_MAX,
    BadTerm,
    DelegateRole,
    GrantExists,
    GrantRoles,
    GrantRow,
    NotYours,
    NotYoursToRevoke,
    OwnAccount,
    RecordRead,
    RevokeRole,
    SelfGranted,
    UnknownGrant,
    UnknownRole,
    delegate_role,
    grant_roles,
    record_read,
    revoke_role,
)
from coordination.grants.events import SensitiveViewRead
from coordination.grants.state import grants_stream, held_by
from coordination.permit import GRANTED, OWN
from coordination.provenance import Actor
from coordination.tree import Place
from tests.given import (
    ADMINISTRATOR,
    AREAS,
    COMMUNITY_11,
    HOUR,
    NOW,
    SHANGHAI,
    SONGJIANG,
    STREET_1,
    STREET_2,
    by,
    check,
    ended,
    fold,
    granted,
    revoked,
    table,
)

DAY = 24 * HOUR
ZHAO = by("c", ADMINISTRATOR)
WANG = by("c", Actor("wang", "commander", "", "g-wang"))
LI = by("c", Actor("li", "street-staff", STREET_1.path, "g-li"))


def row(account="li", role="street-staff", area=STREET_1, grant="", **more):
    """Return one row: a role for one account, as ``granted`` gives it."""
    key = grant or f"g-{account}"
    return GrantRow(grant=key, account=account, role=role, area=area, **more)


def give(*rows):
    """Return the command to grant."""
    return GrantRoles(rows=rows, basis="任命")


HELD = granted("li", "street-staff", STREET_1)


@table(
    ("a street", AREAS, give(row()), [HELD]),
    ("everywhere", AREAS, give(row(area=None)), [granted("li", "street-staff")]),
    (
        "two accounts",
        AREAS,
        give(row(), row("wu", "deputy", None)),
        [HELD, granted("wu", "deputy")],
    ),
    (
        "for a day",
        AREAS,
        give(row(until_us=NOW + DAY)),
        [granted("li", "street-staff", STREET_1, until=NOW + DAY)],
    ),
    (
        "from tomorrow",
        AREAS,
        give(row(from_us=NOW + DAY)),
        [granted("li", "street-staff", STREET_1, at=NOW + DAY)],
    ),
    ("no such role", AREAS, give(row(role="mayor")), UnknownRole(role="mayor")),
    ("the service's own role", AREAS, give(row(role="service")), UnknownRole),
    ("one bad row", AREAS, give(row(), row(role="mayor")), UnknownRole),
    (
        "the service's own account",
        AREAS,
        give(row("local-operator")),
        OwnAccount(account="local-operator"),
    ),
    ("to oneself", AREAS, give(row("zhao")), SelfGranted),
    ("over now", AREAS, give(row(until_us=NOW)), BadTerm),
    (
        "over before it begins",
        AREAS,
        give(row(from_us=NOW + DAY, until_us=NOW + DAY)),
        BadTerm,
    ),
    ("an unknown area", [], give(row()), UnknownArea(area=STREET_1.code)),
    (
        "an area under another level",
        AREAS,
        give(row(area=Place(STREET_1.code, "district"))),
        UnknownArea,
    ),
    ("held already", [*AREAS, HELD], give(row(grant="h")), GrantExists(account="li")),
    (
        "held for another time",
        [*AREAS, HELD],
        give(row(until_us=NOW + DAY, grant="h")),
        [granted("li", "street-staff", STREET_1, until=NOW + DAY, grant="h")],
    ),
    (
        "held elsewhere",
        [*AREAS, HELD],
        give(row(area=STREET_2, grant="h")),
        [granted("li", "street-staff", STREET_2, grant="h")],
    ),
    (
        "another role there",
        [*AREAS, HELD],
        give(row(role="grid-member", grant="h")),
        [granted("li", "grid-member", STREET_1, grant="h")],
    ),
    (
        "held no more",
        [*AREAS, HELD, revoked("li")],
        give(row(grant="h")),
        [granted("li", "street-staff", STREET_1, grant="h")],
    ),
    (
        "held on loan",
        [
            *AREAS,
            granted("wu", "street-staff"),
            granted("li", "street-staff", STREET_1, lent=("wu", "g-wu")),
        ],
        give(row(grant="h")),
        [granted("li", "street-staff", STREET_1, grant="h")],
    ),
    (
        "under a standing grant's id",
        [*AREAS, HELD],
        give(row(role="deputy")),
        GrantExists(account="li"),
    ),
    (
        "under the id of one that was revoked",
        [*AREAS, HELD, revoked("li")],
        give(row(role="deputy")),
        GrantExists,
    ),
    (
        "under one id twice at once",
        AREAS,
        give(row(), row(role="deputy")),
        GrantExists(account="li"),
    ),
    (
        "under the id of another account's",
        [*AREAS, HELD],
        give(row("wu", grant="g-li")),
        [granted("wu", "street-staff", STREET_1, grant="g-li")],
    ),
)
def test_roles_are_granted_for_an_area_and_a_time(given, when, then):
    """All of the rows or none, and never to oneself."""
    check(grant_roles, given, when, then, who=ZHAO)


@pytest.mark.parametrize("role", GRANTED)
def test_every_role_of_people_can_be_granted(role):
    """The service's own role is the only one that cannot."""
    check(grant_roles, AREAS, give(row(role=role)),
          [granted("li", role, STREET_1)], who=ZHAO)  # fmt: skip


def lend(account="sun", lent="g-wang", area=SONGJIANG, until=NOW + DAY):
    """Return the command to lend a role."""
    return DelegateRole(
        grant=f"g-{account}",
        account=account,
        lent=lent,
        area=area,
        until_us=until,
        reason="出差",
    )


def on_loan(account="sun", area=SONGJIANG, until=NOW + DAY, **more):
    """Return the role of the commander on loan."""
    return granted(
        account, "commander", area, until=until, lent=("wang", "g-wang"), **more
    )


COMMANDS = [*AREAS, granted("wang", "commander")]
FOR_A_DAY = [*AREAS, granted("wang", "commander", SONGJIANG, until=NOW + DAY)]
MONTH = NOW + DELEGATION_US_MAX


@table(
    ("a part of it", COMMANDS, lend(), [on_loan()]),
    ("a month", COMMANDS, lend(until=MONTH), [on_loan(until=MONTH)]),
    ("more than a month", COMMANDS, lend(until=MONTH + 1), BadTerm),
    ("until now", COMMANDS, lend(until=NOW), BadTerm),
    ("all of one's own", FOR_A_DAY, lend(), [on_loan()]),
    ("longer than one's own", FOR_A_DAY, lend(until=NOW + DAY + 1), BadTerm),
    ("to oneself", COMMANDS, lend("wang"), SelfGranted),
    ("to the service", COMMANDS, lend("service"), OwnAccount(account="service")),
    ("without having it", AREAS, lend(), NotYours(grant="g-wang")),
    ("somebody else's", [*COMMANDS, granted("wu", "deputy")], lend(lent="g-wu"),
     NotYours(grant="g-wu")),
    ("taken away", [*COMMANDS, revoked("wang")], lend(), NotYours),
    ("not yet one's own", [granted("wang", "commander", at=NOW + 1)], lend(), NotYours),
    ("beyond its area", FOR_A_DAY, lend(area=SHANGHAI), NotYours),
    (
        "what is lent to one",
        [
            *AREAS,
            granted("wu", "commander"),
            granted("wang", "commander", SONGJIANG, lent=("wu", "g-wu")),
        ],
        lend(),
        NotYours,
    ),
    (
        "under the id of another grant of the borrower's",
        [*COMMANDS, granted("sun", "deputy")],
        lend(),
        GrantExists(account="sun"),
    ),
    (
        "for an area under another level",
        COMMANDS,
        lend(area=Place(STREET_1.code, "district")),
        UnknownArea,
    ),
)  # fmt: skip
def test_a_role_of_one_s_own_is_lent_and_no_other(given, when, then):
    """For a part of its area and of its time, and never lent on."""
    check(delegate_role, given, when, then, who=WANG)


def take(account="li", grant=""):
    """Return the command to take a role away."""
    return RevokeRole(account=account, grant=grant or f"g-{account}", reason="回岗")


LOAN = [*COMMANDS, on_loan()]
EVERYWHERE = granted("li", "auditor")
FROM_SUN = take("sun")


REVOKING = [
    ("an administrator", [HELD], take(), [revoked("li")], ZHAO),
    ("the lender", LOAN, FROM_SUN, [revoked("sun")], WANG),
    ("somebody else's loan", LOAN, FROM_SUN, NotYoursToRevoke, LI),
    ("a grant one did not give", [HELD], take(), NotYoursToRevoke, WANG),
    ("no such grant", [], take(), UnknownGrant(grant="g-li"), ZHAO),
    ("of another account", [HELD], take("wu", grant="g-li"), UnknownGrant, ZHAO),
    ("another", [HELD], take(grant="g-2"), UnknownGrant(grant="g-2"), ZHAO),
    ("again", [HELD, revoked("li")], take(), UnknownGrant, ZHAO),
    ("everywhere", [EVERYWHERE], take(), [revoked("li")], ZHAO),
]


@pytest.mark.parametrize(
    ("given", "when", "then", "who"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in REVOKING],
)
def test_a_role_is_taken_away_by_an_administrator_or_its_lender(given, when, then, who):
    """At once, and once."""
    check(revoke_role, given, when, then, who=who)


# (sentence, given, account, the grants it acts by)
LENT_TO_LI = granted("li", "commander", STREET_1, lent=("wang", "g-wang"))
ROOT = granted("wang", "commander", SONGJIANG, until=NOW + DAY)
HOLDING = [
    ("nothing", [], NOW, []),
    ("one", [HELD], NOW, ["g-li"]),
    ("not yet", [HELD], NOW - 1, []),
    ("in its last microsecond", [granted("li", "auditor", until=NOW + 9)], NOW + 8,
     ["g-li"]),
    ("expired", [granted("li", "auditor", until=NOW + 9)], NOW + 9, []),
    ("revoked", [HELD, revoked("li")], NOW, []),
    ("several, oldest first", [HELD, granted("li", "deputy", grant="h")], NOW,
     ["g-li", "h"]),
    ("lent", [ROOT, LENT_TO_LI], NOW, ["g-li"]),
    ("lent, and the root has expired", [ROOT, LENT_TO_LI], NOW + DAY, []),
    ("lent, and the root is revoked", [ROOT, LENT_TO_LI, revoked("wang")], NOW, []),
    ("lent, and its root has not begun",
     [granted("wang", "commander", at=NOW + 9), LENT_TO_LI], NOW, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "now", "grants"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in HOLDING],
)
def test_a_role_is_held_while_its_grant_and_its_root_are(given, now, grants):
    """What is lent ends with what it was lent from."""
    found = held_by(fold(*given), "li", now)
    assert [grant.given.grant for grant in found] == grants


def test_a_read_of_a_sensitive_view_is_a_fact():
    """Who read what, and of which place."""
    when = RecordRead(account="li", what="record", place=STREET_1.path)
    fact = SensitiveViewRead(account="li", what="record", place=STREET_1.path)
    check(record_read, [], when, [fact])
    assert when.stream == fact.stream == "reads/li"
    assert when.places(fold()) == ()


def test_grants_of_an_account_wait_for_one_another():
    """One stream for each account; the command acts on the areas of its rows."""
    two = give(row(), row("wu", area=STREET_2))
    assert two.stream == take().stream == HELD.stream == revoked("li").stream
    assert lend().stream == on_loan().stream == "grants/sun"
    assert two.places(fold()) == (STREET_1.path, STREET_2.path)
    assert give(row(), row("wu", area=None)).places(fold()) == ()
    for given in ([HELD], [HELD, revoked("li")]):
        assert take().places(fold(*given)) == (STREET_1.path,)
    assert take().places(fold(EVERYWHERE)) == ()
    with pytest.raises(UnknownGrant):
        take().places(fold())
    assert lend(area=COMMUNITY_11).places(fold()) == (COMMUNITY_11.path,)
    state = fold()(grants_stream("li"))
    assert grants_stream("li").evolve(state, ended()) is state
    assert set(OWN) == {"service", "installer", "local-operator"}
