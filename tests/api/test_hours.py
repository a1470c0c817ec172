"""Hours of service over HTTP: claimed by phone, certified, recognised at home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.http.plain import moment
from tests.api.peopled import FAR, HOMES, PLAIN, A, Peopled, copied, is_, look
from tests.api.served import (
    API,
    COMMUNITY_11,
    COMMUNITY_12,
    STREET_1,
    Client,
    Service,
    is_error,
    served,
)
from tests.given import MINUTE


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


def ago(s: Service, minutes: int) -> str:
    """Return a moment some minutes before now, as a body has it."""
    found = moment(s.world.clock() - minutes * MINUTE)
    assert found is not None
    return found


async def claims(s: Service, reader: Client, **query: Any) -> list[dict[str, Any]]:
    """Return the hours that wait, as somebody sees them."""
    rows: list[dict[str, Any]] = (await look(s, reader, "/checkins/claims", **query))[
        "rows"
    ]
    return rows


async def serve(s: Service, member: Client, minutes: int) -> dict[str, Any]:
    """Let a member be there for so long, by their own word; return the last answer."""
    await member.do("/checkins", {"stage": "present"})
    s.world.clock.now += minutes * MINUTE
    return await member.do("/checkins", {"stage": "left"})


@served
async def test_a_member_claims_and_the_community_certifies(
    s: Service, peopled: Peopled
):
    """In part, corrected for a reason, refused; each on what its author saw."""
    await (await s.as_("commander")).declare()
    staff, member = await s.as_("street-staff"), is_(s, peopled, PLAIN)
    person = peopled.ids[PLAIN]
    await serve(s, member, 120)
    [row] = await claims(s, staff, area=COMMUNITY_11)
    assert (row["waits"], row["minutes"], row["own"]) == ("ORGANISER", 120, False)
    assert row["person_label"] == PLAIN
    path, seen = f"/checkins/hours/{row['id']}", {"expected": row["expected"]}
    longer = {**seen, "until": ago(s, -1)}
    is_error(await staff.send(f"{path}/certify", longer), "people.not-claimed")
    part = await staff.do(f"{path}/certify", {**seen, "until": ago(s, 60)})
    assert part["minutes"] == 60
    for verb in ("certify", "refuse"):
        answer = await staff.send(f"{path}/{verb}", {**seen, "reason": "迟到"})
        is_error(answer, "command.replaced")
        assert "这段服务时长" in answer.json()["zh"]
    found = await look(s, member, "/people/mine")
    assert (found["person"]["minutes"], found["person"]["claimed_minutes"]) == (60, 0)
    [mine] = found["hours"]
    assert (mine["state"], mine["certified_minutes"]) == ("CERTIFIED", 60)
    again = {"expected": mine["expected"]}
    is_error(await staff.send(f"{path}/certify", again), "command.reason-missing")
    await staff.do(f"{path}/certify", {**again, "reason": "核对签到表"})
    row = await look(s, staff, "/people", area=COMMUNITY_11, q=PLAIN)
    assert row["rows"][0]["minutes"] == 120
    total = (await look(s, staff, "/checkins/funnel", area=COMMUNITY_11))["total"]
    assert (total["minutes"], total["claimed_minutes"]) == (120, 0)
    one = await look(s, staff, f"/people/{person}")
    assert one["hours"][0]["rulings"] == 2
    assert sum("认定" in f["zh"] for f in one["history"]) == 2
    assert any("更正" in f["zh"] for f in one["history"])


@served
async def test_nobody_certifies_their_own(s: Service, peopled: Peopled):
    """Not even who may certify there: their own time is a claim, by whatever source."""
    commander = await s.as_("commander")
    await commander.declare()
    member, staff = is_(s, peopled, PLAIN), await s.as_("street-staff")
    office = await s.as_("administrator")
    await serve(s, member, 30)
    [row] = await claims(s, staff, area=COMMUNITY_11)
    path, seen = f"/checkins/hours/{row['id']}/certify", {"expected": row["expected"]}
    answer = await member.send(path, seen)
    assert answer.status_code == 403, answer.text
    account = (await look(s, staff, f"/people/{peopled.ids[PLAIN]}"))["account"]
    role = {"account": account, "role": "grid-member", "area": COMMUNITY_11}
    await office.do("/grants", {**role, "basis": "任命", "reason": "兼网格员"})
    answer = await member.send(path, seen)
    assert answer.status_code == 403, answer.text
    is_error(answer, "people.own-hours")
    all_of = {"claims": [{"stretch": row["id"], **seen}]}
    is_error(await member.send("/checkins/claims/certify", all_of), "people.own-hours")
    assert (await staff.do("/checkins/claims/certify", all_of))["certified"] == 1


@served
async def test_all_that_is_shown_is_certified_at_once(s: Service, peopled: Peopled):
    """One decision; nothing of it if one has changed meanwhile."""
    await (await s.as_("commander")).declare()
    staff = await s.as_("street-staff")
    for name in (PLAIN, A):
        await serve(s, is_(s, peopled, name), 30)
    rows = await claims(s, staff, area=STREET_1)
    assert len(rows) == 2
    shown = [{"stretch": r["id"], "expected": r["expected"]} for r in rows]
    path = f"/checkins/hours/{rows[0]['id']}/refuse"
    await staff.do(path, {"expected": rows[0]["expected"], "reason": "未签到"})
    answer = await staff.send("/checkins/claims/certify", {"claims": shown})
    is_error(answer, "command.replaced")
    assert len(await claims(s, staff, area=STREET_1)) == 1
    done = await staff.do("/checkins/claims/certify", {"claims": shown[1:]})
    assert done["certified"] == 1
    assert await claims(s, staff, area=STREET_1) == []


@served
async def test_hours_of_another_community_are_recognised_once(
    s: Service, peopled: Peopled
):
    """Entered by who organised it, seen and recognised at home, not elsewhere."""
    assert HOMES[PLAIN] == COMMUNITY_11
    await (await s.as_("commander")).declare()
    s.world.clock.now += 300 * MINUTE
    staff, member = await s.as_("street-staff"), is_(s, peopled, PLAIN)
    helped = {
        "person": peopled.ids[PLAIN],
        "community": COMMUNITY_12,
        "since": ago(s, 240),
        "until": ago(s, 60),
        "what": "搬运物资",
        "basis": "签到表",
    }
    is_error(await staff.send("/checkins/service", {**helped, "basis": ""}),
             "command.basis-missing")  # fmt: skip
    done = await staff.do("/checkins/service", helped)
    assert (done["minutes"], done["elsewhere"], done["claimed"]) == (180, True, False)
    is_error(await staff.send("/checkins/service", helped), "people.service-known")
    answer = await member.send("/checkins/service", helped)
    assert answer.status_code == 403, answer.text
    [row] = await claims(s, staff, area=COMMUNITY_11)
    assert (row["waits"], row["elsewhere"], row["id"]) == ("HOME", True, done["id"])
    assert await claims(s, staff, area=COMMUNITY_12) == []
    found = (await look(s, member, "/people/mine"))["person"]
    assert (found["minutes"], found["elsewhere_minutes"]) == (0, 180)
    path = f"/checkins/hours/{row['id']}/recognise"
    await staff.do(path, {"expected": row["expected"]})
    is_error(await staff.send(path, {"expected": row["expected"]}), "command.replaced")
    row = await look(s, staff, f"/checkins/hours/{row['id']}")
    assert row["counted_minutes"] == 180
    again = {"expected": row["expected"]}
    is_error(await staff.send(path, again), "people.not-elsewhere")
    found = (await look(s, member, "/people/mine"))["person"]
    assert (found["minutes"], found["elsewhere_minutes"]) == (180, 0)
    answer = await staff.http.get(f"{API}/people", params={"format": "csv"})
    head, *_ = answer.text.lstrip("\ufeff").splitlines()
    assert {"认定分钟", "申报分钟", "外社区认定分钟"} <= {*head.split(",")}


@served
async def test_the_organiser_is_not_told_who_helped(s: Service, peopled: Peopled):
    """Neither the name nor where they live; only their home recognises it."""
    await (await s.as_("commander")).declare()
    s.world.clock.now += 60 * MINUTE
    staff = await s.as_("street-staff")
    helped = {
        "person": peopled.ids[FAR],
        "community": COMMUNITY_11,
        "since": ago(s, 50),
        "until": ago(s, 10),
        "what": "搬运物资",
        "basis": "签到表",
    }
    done = await staff.do("/checkins/service", helped)
    assert await claims(s, staff) == []
    row = await look(s, staff, f"/checkins/hours/{done['id']}")
    assert FAR not in str(row)
    assert (row["home"], row["home_name"]) == ("", "")
    answer = await staff.send(
        f"/checkins/hours/{done['id']}/recognise", {"expected": row["expected"]}
    )
    assert answer.status_code == 403, answer.text
    office = await s.as_("administrator")
    [seen] = await claims(s, office)
    assert (seen["person_label"], seen["home"]) == (FAR, HOMES[FAR])


@served
async def test_who_leaves_after_the_end_is_told_until_when_it_counts(
    s: Service, peopled: Peopled
):
    """Over is over; whoever is there still may say that they left."""
    commander, member = await s.as_("commander"), is_(s, peopled, PLAIN)
    opened = await commander.do(
        "/checkins/openings", {"area": COMMUNITY_11, "basis": "演练通知"}
    )
    early = {"stage": "present", "occurred_at": ago(s, 5)}
    is_error(await member.send("/checkins", early), "people.before-campaign")
    await member.do("/checkins", {"stage": "present"})
    s.world.clock.now += 60 * MINUTE
    await commander.do(f"/checkins/openings/{opened['id']}/close", {"reason": "结束"})
    s.world.clock.now += 60 * MINUTE
    left = await member.do("/checkins", {"stage": "left"})
    assert (left["minutes"], left["cut"]) == (60, True)
    assert "时长计到此时" in left["zh"]
    is_error(await member.send("/checkins", {"stage": "present"}),
             "people.check-in-closed")  # fmt: skip
