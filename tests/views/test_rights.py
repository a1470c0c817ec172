"""Rights: grants, absences and who signs, now and as of then."""

from __future__ import annotations

import json

from coordination.authority.events import AbsenceEnded, AbsenceRecorded, AuthoritySet
from coordination.authority.state import DEFAULT
from projections.rights import ABSENCE, AUTHORITY, GRANT, RIGHTS
from tests.given import HOUR, NOW, SONGJIANG, STREET_1, granted, revoked
from tests.views.ledger import watching


def test_a_grant_holds_until_it_is_revoked():
    """Everywhere or in one area; a past moment shows what was held then."""
    everywhere = granted("wang", "commander")
    street = granted("li", "street-staff", STREET_1, until=NOW + HOUR)
    with watching(everywhere, street, views=(RIGHTS,)) as watched:
        before = watched.add(granted("sun", "deputy", SONGJIANG), actor="zhao")
        watched.add(revoked("li"), now=NOW + 1)
        one, other = watched.get(GRANT, "g-wang"), watched.get(GRANT, "g-li")
        assert (one.path, one.area, one.until_us, one.revoked_us) == ("", "", 0, 0)
        assert (other.path, other.area) == (STREET_1.path, STREET_1.code)
        assert (other.until_us, other.revoked_us) == (NOW + HOUR, NOW + 1)
        assert watched.get(GRANT, "g-li", at=before).revoked_us == 0
        assert watched.get(GRANT, "g-sun", at=before).given_by == "zhao"
        assert watched.get(GRANT, "g-sun", at=before - 1) is None
        inside = watched.select(GRANT, path=SONGJIANG.path)
        assert {row.grant for row in inside} == {"g-li", "g-sun"}


def test_a_role_that_is_lent_names_its_lender():
    """And the grant it was lent from; that one's end is not this row's."""
    lent = granted("zhou", "commander", STREET_1, lent=("wang", "g-wang"))
    with watching(granted("wang", "commander"), lent, views=(RIGHTS,)) as watched:
        watched.add(revoked("wang"))
        row = watched.get(GRANT, "g-zhou")
        assert (row.delegator, row.delegated_from, row.revoked_us) == (
            "wang", "g-wang", 0,
        )  # fmt: skip


def test_an_absence_ends_early():
    """Its end is beside the end it was recorded with."""
    absent = AbsenceRecorded(
        absence="w1", role="deputy", area=SONGJIANG, from_us=NOW, until_us=NOW + HOUR
    )
    with watching(absent, views=(RIGHTS,)) as watched:
        before = watched.catch_up()
        watched.add(AbsenceEnded(absence="w1", ended_us=NOW + 5))
        row = watched.get(ABSENCE, "w1")
        assert (row.role, row.area, row.path) == (
            "deputy", SONGJIANG.code, SONGJIANG.path,
        )  # fmt: skip
        assert (row.until_us, row.ended_us, row.reason) == (NOW + HOUR, NOW + 5, "r")
        assert watched.get(ABSENCE, "w1", at=before).ended_us == 0


def test_who_signs_is_one_row():
    """The newest setting; before the first there is none."""
    with watching(AuthoritySet(levels=DEFAULT), views=(RIGHTS,)) as watched:
        watched.add(AuthoritySet(levels=DEFAULT[:1]))
        (row,) = watched.select(AUTHORITY)
        assert [entry["level"] for entry in json.loads(row.levels)] == [1]
        (then,) = watched.select(AUTHORITY, 1)
        first = json.loads(then.levels)[0]
        assert tuple(first["roles"]) == DEFAULT[0].roles
        assert tuple(first["chain"]) == DEFAULT[0].chain
        assert watched.select(AUTHORITY, 0) == []
