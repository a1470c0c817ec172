"""What an end leaves behind: nothing of nothing, and who waits for whom."""

from __future__ import annotations

from typing import Any

from tests.api.served import (
    CENTRE_1,
    DISTRICT,
    STREET_1,
    STREET_2,
    Client,
    Service,
    is_error,
    rows_since,
    served,
)
from tests.api.test_switches import (
    ALONE,
    FLOOD,
    STATION_12,
    approved,
    change,
    changed,
    later,
    modes,
    names,
    preview,
)
from tests.given import HOUR, MINUTE

ELSEWHERE = "310117002002-s1"
"""A shelter in a flood and a sampling point in an epidemic, as is ``STATION_12``."""


async def shown(s: Service, client: Client, path: str, **params: Any) -> Any:
    """Return what a read answers of all that is stored."""
    return await client.get(path, min_seq=s.head, **params)


async def all_modes(s: Service, client: Client) -> set[str]:
    """Return the modes there are of sites."""
    found = await shown(s, client, "/sites", area=DISTRICT)
    return {site["mode"] for site in found["sites"]}


async def alarms(s: Service, client: Client) -> list[dict[str, Any]]:
    """Return what calls for somebody because it is free."""
    found = await shown(s, client, "/alarms", area=DISTRICT)
    return [row for row in found["rows"] if row["kind"] == "freed"]


async def tick(s: Service, us: int = 0) -> None:
    """Let time pass and the timer look, until nothing is new."""
    s.world.clock.now += us
    s.world.runner.catch_up()
    while await s.world.tick():
        s.world.runner.catch_up()


@served
async def test_a_mistake_of_a_minute_leaves_nothing_to_recover_from(s: Service):
    """No site recovers, no step is open, no deadline of one ever passes."""
    client = await s.as_("commander")
    emergency = (await client.declare())["emergency"]
    await client.step(CENTRE_1, "cp-notify-staff", "acknowledge")
    s.world.clock.now += MINUTE
    looked = await preview(client, {"action": "end"}, emergency)
    assert (looked["totals"]["recover"], looked["totals"]["steps"]) == (0, 0)
    assert looked["totals"]["idle"] > 5
    await changed(client, "end", emergency)
    assert await all_modes(s, client) == {"PEACETIME"}
    board = await client.board(min_seq=s.head)
    assert (board["emergencies"], board["counts"]["steps"]["total"]) == ([], 0)
    assert (await shown(s, client, f"/sites/{CENTRE_1}"))["duties"] == []
    before = s.head
    await tick(s, 7 * HOUR)
    assert [row.name for row in rows_since(s.world, before)] == []


@served
async def test_paper_that_comes_after_the_end_makes_a_site_recover(s: Service):
    """What it says was done before the end: there is something to recover from."""
    client = await s.as_("commander")
    emergency = (await client.declare())["emergency"]
    done_at = later(s.world.clock.now, 10 * MINUTE)
    s.world.clock.now += 30 * MINUTE
    await changed(client, "end", emergency)
    await tick(s, 10 * MINUTE)
    answer = await client.send(
        f"/sites/{CENTRE_1}/steps/cp-notify-staff/complete", {"occurred_at": done_at}
    )
    assert answer.status_code == 200, answer.text
    site = await shown(s, client, f"/sites/{CENTRE_1}")
    assert site["mode"] == "RECOVERING"
    assert {step["phase"] for step in site["steps"]} == {"recover"}
    before = s.head
    await tick(s, 7 * HOUR)
    assert set(names(s, before)) == {"mode.deadline-passed.1"}
    late = await client.board(min_seq=s.head)
    assert {row["site"] for row in late["late"]} == {CENTRE_1}


@served
async def test_a_declaration_made_in_error_is_voided_and_both_facts_stay(s: Service):
    """Everything that shows it says so, with who and why; before, it did not."""
    client = await s.as_("commander")
    emergency = (await client.declare())["emergency"]
    await client.step(CENTRE_1, "cp-notify-staff")
    before, declared_seq = s.head, s.head - 1
    s.world.clock.now += MINUTE
    no = await client.send(change("void", emergency), {"reason": " "})
    is_error(no, "command.reason-missing")
    looked = await preview(client, {"action": "void"}, emergency)
    assert (looked["action"], looked["totals"]["recover"]) == ("void", 1)
    cited = {"reason": "误点，演练口令", "preview": looked["digest"]}
    done = await client.do(change("void", emergency), cited)
    assert (done["state"], names(s, before)) == ("VOIDED", ["mode.emergency-voided.1"])
    [row] = (await shown(s, client, "/emergencies"))["rows"]
    assert (row["state"], row["state_zh"]) == ("VOIDED", "已作废（误发）")
    why, who = "误点，演练口令", row["by_name"]
    assert (row["end_reason"], row["ended_by_name"]) == (why, who)
    one = await client.get(f"/emergencies/{emergency}")
    assert [c["name"] for c in one["changes"]] == [
        "mode.emergency-declared.3", "mode.emergency-voided.1",
    ]  # fmt: skip
    assert one["changes"][0]["zh"].endswith("【已作废：误发】")
    told = (await client.get("/facts", area=DISTRICT))["facts"]
    [fact] = [row for row in told if row["seq"] == declared_seq]
    assert "已作废" in fact["zh"]
    assert "void" in fact["en"]
    then = (await client.get("/emergencies", at=before))["rows"]
    assert [r["state"] for r in then] == ["ACTIVE"]
    assert await modes(client, CENTRE_1, STATION_12) == ["RECOVERING", "PEACETIME"]
    [shown_] = (await client.board())["emergencies"]
    assert (shown_["id"], shown_["state"]) == (emergency, "VOIDED")
    for action in ("end", "void", "raise"):
        body = {"basis": "x", "reason": "x"}
        body |= {"level": "II"} if action == "raise" else {}
        again = await client.send(change(action, emergency), body)
        is_error(again, "mode.already-voided")


@served
async def test_voiding_at_ii_takes_two_people_or_a_broken_glass(s: Service):
    """The same signatures as for an end."""
    client = await s.as_("commander")
    one = await client.declare(level="II", scope=[STREET_1], **ALONE)
    asked = await client.do(change("void", one["emergency"]), {"reason": "误发"})
    assert asked["state"] == "PROPOSED"
    row = await shown(s, client, f"/approvals/{asked['proposal']}")
    assert row["zh"].startswith("作废误发的宣布")
    await approved(s, "deputy", asked["proposal"])
    two = await client.declare(level="II", scope=[STREET_2], **ALONE)
    done = await client.do(change("void", two["emergency"]), ALONE)
    assert done["state"] == "VOIDED"
    rows = (await shown(s, client, "/emergencies"))["rows"]
    assert {r["state"] for r in rows} == {"VOIDED"}


@served
async def test_when_what_blocked_a_site_is_over_an_alarm_offers_to_convert_it(
    s: Service,
):
    """A recovery blocks until its mandatory steps are done; then one order converts."""
    client = await s.as_("commander")
    epidemic = (await client.declare())["emergency"]
    flood = (await client.declare(**{**FLOOD, "scope": [STREET_1]}))["emergency"]
    await client.step(STATION_12, "sp-notify-residents", emergency=epidemic)
    await tick(s)
    assert await alarms(s, client) == []
    await changed(client, "end", epidemic)
    await tick(s)
    await changed(client, "widen", flood, areas=[STREET_2])
    assert await alarms(s, client) == []
    site = await shown(s, client, f"/sites/{STATION_12}")
    assert site["mode"] == "RECOVERING"
    body = {"sites": [STATION_12], "basis": "研判意见"}
    answer = await client.send(change("take-up", flood), body)
    is_error(answer, "taking.still-held")
    for step in [step for step in site["steps"] if step["mandatory"]]:
        await client.step(STATION_12, step["id"])
    await tick(s)
    [alarm] = await alarms(s, client)
    assert ([one["site"] for one in alarm["sites"]], alarm["emergency"]) == (
        [STATION_12], flood,
    )  # fmt: skip
    assert (alarm["state"], alarm["count"]) == ("RAISED", 1)
    [row] = (await client.board())["conflicts"]
    assert (row["site"], row["free"]) == (STATION_12, True)
    looked = await preview(client, {"action": "take-up", "sites": [STATION_12]}, flood)
    assert looked["totals"]["convert"] == 1
    s.world.clock.now += MINUTE
    await client.do(change("take-up", flood), {**body, "preview": looked["digest"]})
    [alarm] = await alarms(s, client)
    assert alarm["state"] == "OVER"
    site = await shown(s, client, f"/sites/{STATION_12}")
    assert (site["mode"], site["function"]) == ("CONVERTING", "shelter")
    due = {step["id"]: step["due_at"] for step in site["steps"]}
    assert min(due.values()) > later(s.world.clock.now, 0)
    assert (await client.board())["conflicts_total"] == 0


@served
async def test_whom_nothing_holds_is_noted_once_and_not_when_it_is_over(s: Service):
    """One fact for all sites of a moment; the end of the waiting one ends the alarm."""
    client = await s.as_("commander")
    epidemic = (await client.declare())["emergency"]
    flood = (await client.declare(**FLOOD))["emergency"]
    await client.do(change("void", epidemic), {"reason": "误发"})
    before = s.head
    await tick(s)
    assert names(s, before) == ["mode.sites-freed.1"]
    [alarm] = await alarms(s, client)
    assert [one["site"] for one in alarm["sites"]] == [STATION_12, ELSEWHERE]
    assert alarm["count"] == 2
    group = {"alarm": alarm["unseen"][0], "also": alarm["unseen"][1:]}
    await client.do("/alarms/acknowledge", {**group, "reason": "已阅"})
    await changed(client, "end", flood)
    await tick(s)
    assert {row["state"] for row in await alarms(s, client)} == {"OVER"}
