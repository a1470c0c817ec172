"""Switches in full, over HTTP: two people, levels, scopes, several at once, time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.demo.accounts import Person, grant_all
from coordination import catalogue
from tests.api.served import (
    ACCOUNTS,
    API,
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    COMMUNITY_12,
    DISTRICT,
    PASSWORD,
    STREET_1,
    STREET_2,
    WHOLE,
    Client,
    Service,
    declaration,
    is_error,
    key,
    order_body,
    rows_since,
    served,
    service,
    step_path,
)
from tests.given import HOUR, MINUTE, NOW, Clock

STATION_12, ARENA_2 = "310117001002-s1", "310117002-s2"
"""In an epidemic a sampling point (Ⅲ) and isolation (Ⅱ), in a flood both shelters."""
FLOOD = {"hazard": "flood", "playbook": "flood-typhoon", "matter": "台风"}
ALONE = {"break_glass": True, "password": PASSWORD, "reason": "联系不上批准人"}
REFUSED = "kernel.command-refused.2"


def change(action: str, emergency: str) -> str:
    """Return where an emergency is changed."""
    return f"/emergencies/{emergency}/{action}"


async def changed(
    client: Client, action: str, emergency: str, **body: Any
) -> dict[str, Any]:
    """Change an emergency; it must not be refused."""
    return await client.do(change(action, emergency), {"basis": "研判意见", **body})


async def decision(s: Service, proposal: str, **given: Any) -> dict[str, Any]:
    """Return what an approver sends who has seen what is proposed."""
    digest = s.world.proposal(proposal).made.digest
    return {"digest": digest, "password": PASSWORD, "reason": "同意", **given}


async def approve(s: Service, who: str, proposal: str, **given: Any) -> Any:
    """Send somebody's approval."""
    client = await s.as_(who)
    body = await decision(s, proposal, **given)
    return await client.send(f"/approvals/{proposal}/approve", body)


async def approved(s: Service, who: str, proposal: str) -> dict[str, Any]:
    """Approve a proposal; it must not be refused."""
    answer = await approve(s, who, proposal)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(s: Service, seq: int) -> list[str]:
    """Return the names of what the log got after ``seq``."""
    return [row.name for row in rows_since(s.world, seq)]


async def noted(s: Service, client: Client) -> dict[str, Any]:
    """Return the newest fact, which must be a refusal, as an auditor reads it."""
    await s.world.reached(s.head)
    fact = await client.get(f"/facts/{s.head}")
    assert fact["name"] == REFUSED
    return fact


async def steps(client: Client, site: str, emergency: str) -> dict[str, dict[str, Any]]:
    """Return the steps a site has by an emergency, by id."""
    found = (await client.get(f"/sites/{site}"))["steps"]
    return {t["id"]: t for t in found if t["emergency"] == emergency}


async def modes(client: Client, *sites: str) -> list[str]:
    """Return the modes of sites."""
    return [(await client.get(f"/sites/{site}"))["mode"] for site in sites]


# --- the basic no ------------------------------------------------------------------


@served
async def test_no_start_without_an_expected_duration(s: Service):
    """Without 预计期限 there is no start, no proposal and no preview; it is named."""
    client, before = await s.as_("commander"), s.head
    for path in ("/emergencies", "/emergencies/preview"):
        for level in ("III", "II"):
            body = declaration(level=level)
            del body["expected_hours"]
            answer = await client.send(path, body)
            assert answer.status_code == 422
            is_error(answer, "request.invalid")
            assert [f["field"] for f in answer.json()["fields"]] == ["expected_hours"]
    assert s.head == before


ORDERS = [
    ("raise", {"level": "II"}),
    ("lower", {"level": "IV"}),
    ("widen", {"areas": [STREET_2]}),
    ("narrow", {"areas": [COMMUNITY_11]}),
    ("extend", {"expected_hours": 200}),
    ("grade", {"severity": "large", "warning": "red"}),
    ("end", {}),
]


@pytest.mark.parametrize(("action", "what"), ORDERS)
@pytest.mark.parametrize("level", ["III", "II"])
@served
async def test_a_retried_change_is_one(
    s: Service, level: str, action: str, what: dict[str, Any]
):
    """Sent again after all is over, a change answers as it did, and nothing is new."""
    client = await s.as_("commander")
    glass = ALONE if level == "II" else {}
    made = await client.declare(level=level, scope=[STREET_1], **glass)
    path, command = change(action, made["emergency"]), key()
    what = {"level": "I"} if (action, level) == ("raise", "II") else what
    body = {"basis": "研判意见", **what}
    if level == "II" and action not in {"extend", "grade"}:
        body |= ALONE
    first = await client.send(path, body, command)
    if action == "raise" and level == "III":
        assert first.json()["state"] == "PROPOSED"
        await approved(s, "deputy", first.json()["proposal"])
    assert first.status_code == 200, first.text
    again = await client.send(path, body, command)
    assert (again.status_code, again.json()) == (200, first.json())
    if action != "end":
        await client.send(change("end", made["emergency"]), {"basis": "x", **ALONE})
    before = s.head
    again = await client.send(path, body, command)
    assert (again.status_code, again.json()) == (200, first.json()), again.text
    assert s.head == before


# --- two people --------------------------------------------------------------------


@served
async def test_a_raise_to_ii_applies_only_the_delta(s: Service):
    """Ⅲ→Ⅱ: proposed, approved by a second person; done stays done, due from then."""
    officer, commander = await s.as_("duty-officer"), await s.as_("commander")
    clock = s.world.clock
    emergency = (await commander.declare())["emergency"]
    done = await commander.step(CENTRE_1, "cp-notify-staff")
    await s.world.reached(done["seq"])
    three = await steps(commander, CENTRE_1, emergency)
    clock.now += 10 * MINUTE
    before = s.head
    made = await changed(officer, "raise", emergency, level="II", reason="社区传播")
    assert (made["state"], made["emergency"]) == ("PROPOSED", emergency)
    assert names(s, before) == ["approvals.proposal-made.1"]
    await s.world.reached(made["seq"])
    assert (await commander.board())["level"] == "III"

    row = await commander.get(f"/approvals/{made['proposal']}")
    assert (row["state"], row["action"], row["level"]) == ("OPEN", "raise", "II")
    assert (row["mine"], row["may_decide"], row["stale"]) == (False, True, False)
    assert (row["proposer"], row["reason"]) == ("zhiban", "社区传播")
    mine = await officer.get(f"/approvals/{made['proposal']}")
    assert (mine["mine"], mine["may_decide"]) == (True, False)

    clock.now += 5 * MINUTE
    receipt = await approved(s, "commander", made["proposal"])
    assert receipt["state"] == "APPROVED"
    assert names(s, made["seq"]) == [
        "approvals.proposal-approved.1",
        "mode.level-raised.2",
    ]
    await s.world.reached(receipt["seq"])
    two = await steps(commander, CENTRE_1, emergency)
    assert set(two) - set(three) == {"cp-start-night-shift"}
    assert set(three) <= set(two)
    assert two["cp-notify-staff"] == three["cp-notify-staff"]
    for step, shown in three.items():
        assert two[step]["due_at"] == shown["due_at"]
    assert two["cp-start-night-shift"]["due_at"] == later(clock.now, 120 * MINUTE)
    assert (await modes(commander, ARENA_2)) == ["CONVERTING"]  # only from Ⅱ on
    isolated = await steps(commander, ARENA_2, emergency)
    assert isolated["if-notify-owner"]["due_at"] == later(clock.now, 30 * MINUTE)
    decided = await officer.get(f"/approvals/{made['proposal']}")
    assert (decided["state"], decided["decided_by"]) == ("APPROVED", "zong")
    assert decided["reauthenticated"] == "password"
    told = (await commander.get(f"/emergencies/{emergency}"))["changes"]
    assert told[-1]["name"] == "mode.level-raised.2"


def later(at_us: int, more_us: int) -> str:
    """Return a moment as answers write it."""
    from api.http.plain import moment

    return moment(at_us + more_us) or ""


@pytest.mark.parametrize(
    ("action", "more", "zh", "en"),
    [
        (
            "raise",
            {"level": "I"},
            "提级至Ⅰ级：岳阳街道疫情",
            "to Ⅰ: 岳阳街道, Epidemic",
        ),
        ("end", {}, "解除应急响应：岳阳街道疫情", "emergency: 岳阳街道, Epidemic"),
        ("widen", {"areas": [STREET_2]}, "：永丰街道疫情", ": 永丰街道, Epidemic"),
        ("narrow", {"areas": [COMMUNITY_11]}, "：一居委会疫情", ": 一居委会, Epidemic"),
    ],
)
@served
async def test_a_proposed_change_says_where(
    s: Service, action: str, more: dict[str, Any], zh: str, en: str
):
    """The scope there was is shown; the sentence says what changes, and where."""
    officer, commander = await s.as_("duty-officer"), await s.as_("commander")
    made = await commander.declare(level="II", scope=[STREET_1], **ALONE)
    waits = await changed(officer, action, made["emergency"], **more)
    await s.world.reached(waits["seq"])
    row = await commander.get(f"/approvals/{waits['proposal']}")
    assert zh in row["zh"]
    assert en in row["en"]
    assert row["command"]["scope"] == [{"code": STREET_1, "name": "岳阳街道"}]


async def proposed(s: Service, who: str = "duty-officer", **changes: Any) -> str:
    """Propose a declaration at Ⅱ; return the proposal."""
    body = {"level": "II", "expires_minutes": 30, **changes}
    made = await (await s.as_(who)).declare(**body)
    assert made["state"] == "PROPOSED"
    found: str = made["proposal"]
    return found


@served
async def test_nobody_approves_their_own(s: Service):
    """The proposer's approval is refused, by cookie and by token, and visible."""
    client, auditor = await s.as_("commander"), await s.as_("auditor")
    proposal = await proposed(s, "commander")
    for http in (client, await by_token(s, client)):
        body = await decision(s, proposal)
        answer = await http.send(f"/approvals/{proposal}/approve", body)
        assert answer.status_code == 403
        is_error(answer, "approvals.self")
        fact = await noted(s, auditor)
        assert (fact["payload"]["code"], fact["actor"]) == ("approvals.self", "zong")
        assert fact["payload"]["command_name"] == "ApproveProposal"
        listed = (await auditor.get("/facts", limit=1))["facts"]
        assert listed[0]["seq"] == fact["seq"]
    assert (await auditor.get(f"/approvals/{proposal}"))["state"] == "OPEN"
    answer = await client.send(f"/approvals/{proposal}/reject", {"reason": "不"})
    is_error(answer, "approvals.self")


async def by_token(s: Service, client: Client) -> Client:
    """Return the same person, by an API token."""
    new = {"name": "x", "days": 1, "scope": "all"}
    answer = await client.http.post(f"{API}/tokens", json=new)
    secret = answer.json()["secret"]
    http = s.http(headers={"Authorization": f"Bearer {secret}"})
    return s.clients.setdefault(secret, Client(http, lambda: s.head))


@served
async def test_one_session_is_not_two_people(s: Service):
    """What one session proposed, nobody approves by it, whoever they say they are."""
    local = await s.as_("local")
    made = await local.declare(level="II")
    await s.world.reached(made["seq"])
    body = await decision(s, made["proposal"])
    # An account that acts by the very same session id: no way in makes one, so the
    # session of a proposal is compared as it is stored.
    stored = s.world.proposal(made["proposal"]).made
    assert stored.session == "local:operator"
    answer = await local.send(f"/approvals/{made['proposal']}/approve", body)
    is_error(answer, "approvals.self")


WRONG: list[tuple[str, str, dict[str, Any], int, str, bool]] = [
    ("another digest", "commander", {"digest": "0" * 64}, 409,
     "approvals.digest-differs", True),
    ("no password", "commander", {"password": ""}, 403,
     "approvals.not-reauthenticated", True),
    ("a wrong password", "commander", {"password": "x"}, 403,
     "auth.wrong-password", False),
    ("a duty officer signs no Ⅱ", "deputy-officer", {}, 403, "authority.none", True),
    ("staff", "street-staff", {}, 403, "permit.denied", True),
    ("an auditor", "auditor", {}, 403, "permit.denied", True),
    ("an administrator", "administrator", {}, 403, "permit.denied", True),
]  # fmt: skip


@served
async def test_approvals_that_are_refused(s: Service, subtests: pytest.Subtests):
    """Each is refused with its reason, stays open, and is in the log if of weight."""
    auditor = await s.as_("auditor")
    officer = Person("zhiban2", "值班长壬", "duty-officer", WHOLE)
    await newcomer(s, "deputy-officer", officer)
    proposal = await proposed(s)
    for sentence, who, given, status, code, recorded in WRONG:
        with subtests.test(sentence):
            before = s.head
            answer = await approve(s, who, proposal, **given)
            assert answer.status_code == status, answer.text
            is_error(answer, code)
            assert s.head - before == recorded
            if recorded:
                fact = await noted(s, auditor)
                assert fact["payload"]["code"] == code
                assert fact["payload"]["command_name"] == "ApproveProposal"
            shown = await auditor.get(f"/approvals/{proposal}")
            assert shown["state"] == "OPEN"
    receipt = await approved(s, "deputy", proposal)
    await s.world.reached(receipt["seq"])
    assert (await auditor.board())["level"] == "II"


async def newcomer(s: Service, who: str, person: Person) -> Client:
    """Return somebody new with a role, who comes by an API token."""
    from api.http.accounts_file import ALL, Account

    s.accounts.add(Account(person.account, person.name), PASSWORD)
    await grant_all(s.world, [person], f"newcomer-{person.account}")
    token = s.accounts.new_token(person.account, key(), name="x", days=1, scope=ALL)
    http = s.http(headers={"Authorization": f"Bearer {token.secret}"})
    return s.clients.setdefault(who, Client(http, lambda: s.head))


@served
async def test_too_many_wrong_passwords_at_an_approval(s: Service):
    """Ten wrong ones lock the account's approvals, the right password too."""
    proposal = await proposed(s)
    answers = [await approve(s, "commander", proposal, password="x") for _ in range(10)]
    assert {a.json()["code"] for a in answers} == {"auth.wrong-password"}
    answer = await approve(s, "commander", proposal)
    assert answer.status_code == 429
    is_error(answer, "auth.too-many-tries")
    assert int(answer.headers["retry-after"]) > 0
    assert (await approve(s, "deputy", proposal)).status_code == 200


@served
async def test_two_who_declare_the_same_at_once_are_told(s: Service):
    """One emergency, not two: the second is asked to look, with who was quicker."""
    boss, other = await s.as_("commander"), await s.as_("deputy")
    both = await asyncio.gather(
        *(who.send("/emergencies", declaration()) for who in (boss, other))
    )
    first, second = sorted(both, key=lambda answer: answer.status_code)
    assert first.status_code == 201
    is_error(second, "command.alike")
    assert "刚刚办理了同样的事" in second.json()["zh"]
    smaller = declaration(scope=[STREET_1])
    assert (await other.send("/emergencies", smaller)).status_code == 201
    await s.world.reached(s.head)
    assert len((await boss.get("/emergencies"))["rows"]) == 2


@served
async def test_a_stranger_stops_no_approval(s: Service):
    """Ten anonymous wrong passwords for an account are nothing to its open session."""
    proposal = await proposed(s)
    await s.as_("commander")
    async with s.http() as http:
        given = {"account": ACCOUNTS["commander"].account, "password": "wrong words"}
        tried = [await http.post(f"{API}/session", json=given) for _ in range(11)]
    assert tried[-1].status_code == 429
    assert (await approve(s, "commander", proposal)).status_code == 200


@served
async def test_a_replayed_approval_does_nothing(s: Service):
    """By the same key: the same answer; by another: not open any more, and noted."""
    client, auditor = await s.as_("commander"), await s.as_("auditor")
    proposal, command = await proposed(s), key()
    path, body = f"/approvals/{proposal}/approve", await decision(s, proposal)
    first = await client.send(path, body, command)
    again = await client.send(path, body, command)
    assert (again.status_code, again.json()) == (200, first.json())
    before = s.head
    for verb, given in (("approve", body), ("reject", {"reason": "不"})):
        answer = await client.send(f"/approvals/{proposal}/{verb}", given)
        assert answer.status_code == 409
        is_error(answer, "approvals.not-open")
        assert (await noted(s, auditor))["payload"]["code"] == "approvals.not-open"
    assert names(s, before) == [REFUSED, REFUSED]
    assert len((await auditor.board())["emergencies"]) == 1


@served
async def test_twenty_approvals_at_once_are_one(s: Service):
    """Two people press twenty times: one approval, one switch."""
    proposal = await proposed(s)
    before = s.head
    pressed = [approve(s, who, proposal) for who in ("commander", "deputy") * 10]
    answers = await asyncio.gather(*pressed)
    assert sorted(a.status_code for a in answers) == [200] + [409] * 19
    found = names(s, before)
    assert found.count("approvals.proposal-approved.1") == 1
    assert found.count("mode.emergency-declared.3") == 1


@served
async def test_a_stale_approval_is_refused(s: Service):
    """What was proposed before the situation changed is proposed anew, and noted."""
    commander, auditor = await s.as_("commander"), await s.as_("auditor")
    proposal, elsewhere = (
        await proposed(s, scope=[STREET_1]),
        await proposed(s, scope=[STREET_2]),
    )
    other = await commander.declare(scope=[STREET_1], **FLOOD)
    await s.world.reached(other["seq"])
    assert (await auditor.get(f"/approvals/{proposal}"))["stale"]
    answer = await approve(s, "commander", proposal)
    assert answer.status_code == 409
    is_error(answer, "approvals.stale")
    assert (await noted(s, auditor))["payload"]["code"] == "approvals.stale"
    assert not (await auditor.get(f"/approvals/{elsewhere}"))["stale"]
    assert (await approve(s, "commander", elsewhere)).status_code == 200


@served
async def test_a_proposal_expires(s: Service):
    """After its minutes an approval is refused; it expires once, with an alarm."""
    auditor, commander = await s.as_("auditor"), await s.as_("commander")
    proposal = await proposed(s)
    s.world.clock.now += 30 * MINUTE
    answer = await approve(s, "commander", proposal)
    assert answer.status_code == 409
    is_error(answer, "approvals.expired")
    assert (await noted(s, auditor))["payload"]["code"] == "approvals.expired"
    assert [await s.world.tick() for _ in range(2)] == [1, 0]
    await s.world.reached(s.head)
    shown = await auditor.get(f"/approvals/{proposal}")
    assert (shown["state"], shown["may_decide"]) == ("EXPIRED", False)
    [alarm] = (await auditor.get("/alarms", **{"f.kind": "proposal"}))["rows"]
    assert (alarm["state"], alarm["gravity"]) == ("RAISED", "GRAVE")
    answer = await approve(s, "commander", proposal)
    is_error(answer, "approvals.not-open")
    assert (await commander.board())["approvals"] == {"waiting": 0}
    assert (await commander.board())["mode"] == "PEACETIME"


@served
async def test_the_same_is_not_proposed_twice(s: Service):
    """A second proposal of the same change names the one that waits."""
    commander, officer = await s.as_("commander"), await s.as_("duty-officer")
    emergency = (await commander.declare())["emergency"]
    made = await changed(officer, "raise", emergency, level="II")
    body = {"level": "II", "basis": "研判意见"}
    answer = await commander.send(change("raise", emergency), body)
    assert answer.status_code == 409
    is_error(answer, "approvals.already-proposed")
    assert answer.json()["facts"] == {"proposal": made["proposal"]}


@served
async def test_rejected_and_withdrawn(s: Service):
    """Rejecting needs a reason and authority; only the proposer withdraws."""
    commander, officer = await s.as_("commander"), await s.as_("duty-officer")
    proposal = await proposed(s)
    answer = await commander.send(f"/approvals/{proposal}/reject", {"reason": " "})
    is_error(answer, "command.reason-missing")
    answer = await commander.send(f"/approvals/{proposal}/withdraw", {})
    is_error(answer, "approvals.not-proposer")
    done = await commander.do(f"/approvals/{proposal}/reject", {"reason": "不足"})
    await s.world.reached(done["seq"])
    shown = await officer.get(f"/approvals/{proposal}")
    assert (shown["state"], shown["decided_reason"]) == ("REJECTED", "不足")
    proposal = await proposed(s)
    done = await officer.do(f"/approvals/{proposal}/withdraw", {"reason": "误报"})
    await s.world.reached(done["seq"])
    shown = await officer.get(f"/approvals/{proposal}")
    assert (shown["state"], shown["decided_by"]) == ("WITHDRAWN", "zhiban")
    is_error(await approve(s, "commander", proposal), "approvals.not-open")


@served
async def test_ending_ii_needs_two(s: Service):
    """The stand-down of Ⅱ is proposed; Ⅰ is signed by a head, not by a deputy."""
    commander = await s.as_("commander")
    made = await commander.declare(level="II")
    await approved(s, "deputy", made["proposal"])
    end = await changed(await s.as_("deputy"), "end", made["emergency"])
    assert end["state"] == "PROPOSED"
    await approved(s, "commander", end["proposal"])
    assert names(s, s.head - 1) == ["mode.emergency-ended.1"]
    first = await commander.declare(level="I")
    answer = await approve(s, "deputy", first["proposal"])
    assert answer.status_code == 403
    is_error(answer, "authority.none")
    head = Person("quzhang", "区长癸", "head-of-government", WHOLE)
    await newcomer(s, "head", head)
    assert (await approved(s, "head", first["proposal"]))["state"] == "APPROVED"


# --- one person alone --------------------------------------------------------------


@served
async def test_broken_glass_is_reviewed(s: Service):
    """One decides Ⅰ alone: at once, with an alarm; another reviews it, not they."""
    commander, auditor = await s.as_("commander"), await s.as_("auditor")
    before = s.head
    made = await commander.declare(level="I", **ALONE)
    assert (made["state"], made["proposal"]) == ("ACTIVE", None)
    assert names(s, before) == ["approvals.glass-broken.1", "mode.emergency-declared.3"]
    await s.world.reached(made["seq"])
    assert (await auditor.board())["level"] == "I"
    [glass] = (await auditor.get("/glasses"))["rows"]
    assert (glass["id"], glass["state"], glass["overdue"]) == (
        made["glass"],
        "OPEN",
        False,
    )
    assert (glass["account"], glass["reason"]) == ("zong", ALONE["reason"])
    [alarm] = (await auditor.board())["alarms"]["rows"]
    assert (alarm["kind"], alarm["gravity"]) == ("glass", "GRAVE")
    path = f"/glasses/{made['glass']}/review"
    review = {"confirmed": True, "reason": "情况属实"}
    is_error(await commander.send(path, review), "approvals.self")
    answer = await (await s.as_("duty-officer")).send(path, review)
    is_error(answer, "permit.denied")
    deputy = await s.as_("deputy")
    is_error(await deputy.send(path, {**review, "reason": "\u3000"}),
             "command.reason-missing")  # fmt: skip
    done = await deputy.do(path, review)
    assert done["state"] == "CONFIRMED"
    await s.world.reached(done["seq"])
    [glass] = (await auditor.get("/glasses"))["rows"]
    assert (glass["state"], glass["reviewer_name"]) == ("CONFIRMED", "副总指挥辛")
    assert (await auditor.board())["alarms"]["open"] == 0
    is_error(await deputy.send(path, review), "approvals.unknown-glass")


@served
async def test_a_review_that_is_overdue(s: Service):
    """A day later it is recorded once that nobody reviewed; late is still possible."""
    commander, auditor = await s.as_("commander"), await s.as_("auditor")
    made = await commander.declare(level="II", expected_hours=100, **ALONE)
    s.world.clock.now += 24 * HOUR
    await s.world.tick()
    assert await s.world.tick() == 0
    commander, auditor = await anew(s, "commander"), await anew(s, "auditor")
    await s.world.reached(s.head)
    found = names(s, made["seq"])
    assert found.count("approvals.review-overdue.1") == 1
    [glass] = (await auditor.get("/glasses"))["rows"]
    assert (glass["state"], glass["overdue"]) == ("OPEN", True)
    kinds = {a["kind"] for a in (await auditor.get("/alarms"))["rows"]}
    assert {"glass", "review"} <= kinds
    review = {"confirmed": False, "reason": "可以等"}
    deputy = await anew(s, "deputy")
    done = await deputy.do(f"/glasses/{made['glass']}/review", review)
    assert done["state"] == "OVERTURNED"
    await s.world.reached(done["seq"])
    rows = (await auditor.get("/alarms", **{"f.state": "RAISED"}))["rows"]
    assert {"glass", "review"}.isdisjoint(a["kind"] for a in rows)


async def anew(s: Service, who: str) -> Client:
    """Return somebody who signs in again, the old session being over."""
    old = s.clients.pop(who, None)
    if old is not None:
        await old.http.aclose()
    return await s.as_(who)


@served
async def test_whoever_may_not_sign_may_not_break_glass(s: Service):
    """Break-glass is for the command; others are denied, and the try is noted."""
    staff, auditor = await s.as_("street-staff"), await s.as_("auditor")
    body = declaration(level="II", scope=[STREET_1], **ALONE)
    answer = await staff.send("/emergencies", body)
    assert answer.status_code == 403
    is_error(answer, "permit.denied")
    fact = await noted(s, auditor)
    assert (fact["actor"], fact["payload"]["code"]) == ("yueyang", "permit.denied")


# --- who signs when somebody is absent ---------------------------------------------


@served
async def test_the_next_in_line_signs(s: Service):
    """All who sign Ⅰ are absent: the deputy signs, until one of them is back."""
    commander, deputy = await s.as_("commander"), await s.as_("deputy")
    proposal = await proposed(s, level="I")
    is_error(await approve(s, "deputy", proposal), "authority.none")
    absences = []
    for role in ("commander", "head-of-government"):
        given = {"role": role, "area": DISTRICT, "hours": 2, "reason": "失联"}
        made = await (await s.as_("duty-officer")).do("/absences", given)
        absences.append(made["absence"])
    await s.world.reached(s.head)
    shown = (await deputy.get("/authority"))["absences"]
    assert [a["state"] for a in shown] == ["STANDING"] * 2
    is_error(await approve(s, "commander", proposal), "authority.none")
    [row] = (await deputy.get("/approvals"))["rows"]
    assert row["may_decide"]
    assert (await approve(s, "deputy", proposal)).status_code == 200

    other = await proposed(s, level="I", matter="另一起")
    await commander.do(f"/absences/{absences[0]}/end", {"reason": "已返岗"})
    is_error(await approve(s, "deputy", other), "authority.none")
    assert (await approve(s, "commander", other)).status_code == 200
    answer = await commander.send(f"/absences/{absences[0]}/end", {})
    assert answer.status_code == 404
    is_error(answer, "authority.unknown-absence")


@served
async def test_an_absence_ends_by_itself(s: Service):
    """After its hours an office signs again; elsewhere it always did."""
    officer = await s.as_("duty-officer")
    for role in ("commander", "head-of-government"):
        given = {"role": role, "area": STREET_1, "hours": 1, "reason": "失联"}
        await officer.do("/absences", given)
    given = {"level": "I", "expires_minutes": 600}
    here = await proposed(s, scope=[STREET_1], **given)
    there = await proposed(s, scope=[STREET_2], **given)
    is_error(await approve(s, "commander", here), "authority.none")
    assert (await approve(s, "commander", there)).status_code == 200
    s.world.clock.now += HOUR
    assert (await approve(s, "commander", here)).status_code == 200


@served
async def test_another_authority_can_be_configured(s: Service):
    """Who signs is configuration: then a duty officer starts Ⅲ, and IV is IV's."""
    officer, administrator = await s.as_("duty-officer"), await s.as_("administrator")
    answer = await officer.send("/emergencies", declaration())
    assert answer.status_code == 403
    is_error(answer, "authority.none")
    levels = [
        {"level": level, "roles": ["commander", "duty-officer"], "chain": []}
        for level in ("I", "II", "III", "IV")
    ]
    given = {"levels": levels, "basis": "修订预案"}
    done = await administrator.do("/authority", given)
    await s.world.reached(done["seq"])
    shown = (await officer.get("/authority"))["levels"]
    assert [r["role"] for r in shown[2]["roles"]] == ["commander", "duty-officer"]
    assert (await officer.declare())["state"] == "ACTIVE"
    blind = await administrator.send("/authority", {**given, "seen_seq": -1})
    is_error(blind, "command.replaced")
    given["expected"] = (await officer.get("/authority"))["expected"]
    is_error(await administrator.send("/authority", given), "authority.unchanged")


# --- levels and scopes -------------------------------------------------------------


@served
async def test_lowered_and_raised_again(s: Service):
    """IV takes the sampling points out of service; Ⅲ begins them anew."""
    client = await s.as_("commander")
    emergency = (await client.declare())["emergency"]
    await client.step(CENTRE_1, "cp-set-police-doctor-seats")
    await client.step(STATION_12, "sp-notify-residents")
    low = await changed(client, "lower", emergency, level="IV")
    await s.world.reached(low["seq"])
    assert await modes(client, CENTRE_1, STATION_12) == ["CONVERTING", "RECOVERING"]
    held = await steps(client, CENTRE_1, emergency)
    assert "cp-set-police-doctor-seats" not in held
    s.world.clock.now += MINUTE
    high = await changed(client, "raise", emergency, level="III")
    assert high["state"] == "ACTIVE"
    await s.world.reached(high["seq"])
    held = await steps(client, CENTRE_1, emergency)
    assert held["cp-set-police-doctor-seats"]["state"] == "DONE"
    sampling = await steps(client, STATION_12, emergency)
    assert {t["phase"] for t in sampling.values()} == {"convert"}
    assert {t["state"] for t in sampling.values()} == {"OPEN"}
    for action, level, code in (
        ("raise", "III", "changes.not-raised"),
        ("raise", "IV", "changes.not-raised"),
        ("lower", "III", "changes.not-lowered"),
    ):
        body = {"level": level, "basis": "x"}
        answer = await client.send(change(action, emergency), body)
        assert answer.status_code == 409
        is_error(answer, code)


@served
async def test_widened_narrowed_widened_again(s: Service):
    """What joins converts, what is left out recovers, what joins again begins anew."""
    client = await s.as_("commander")
    emergency = (await client.declare(scope=[STREET_1]))["emergency"]
    await client.step(CENTRE_1, "cp-notify-staff")
    wide = await changed(client, "widen", emergency, areas=[STREET_2])
    await s.world.reached(wide["seq"])
    assert await modes(client, CENTRE_1, CENTRE_2) == ["CONVERTING"] * 2
    done = await client.step(CENTRE_2, "cp-notify-staff")
    s.world.clock.now += MINUTE
    less = await changed(client, "narrow", emergency, areas=[STREET_2])
    await s.world.reached(less["seq"])
    assert await modes(client, CENTRE_1, CENTRE_2) == ["CONVERTING", "RECOVERING"]
    shown = await client.get(f"/emergencies/{emergency}")
    assert [p["code"] for p in shown["scope"]] == [STREET_1]
    s.world.clock.now += MINUTE
    again = await changed(client, "widen", emergency, areas=[STREET_2])
    await s.world.reached(again["seq"])
    assert await modes(client, CENTRE_1, CENTRE_2) == ["CONVERTING"] * 2
    anew_ = (await steps(client, CENTRE_2, emergency))["cp-notify-staff"]
    assert anew_["state"] == "OPEN"  # a second round: it is notified again
    assert anew_["due_at"] == later(s.world.clock.now, 15 * MINUTE)
    kept = (await steps(client, CENTRE_1, emergency))["cp-notify-staff"]
    assert kept["state"] == "DONE"
    assert done["state"] == "DONE"
    told = [
        c["name"] for c in (await client.get(change("", emergency)[:-1]))["changes"]
    ]
    assert told == [
        "mode.emergency-declared.3",
        "mode.scope-widened.2",
        "mode.scope-narrowed.1",
        "mode.scope-widened.2",
    ]


@served
async def test_an_exclusion_inside_a_widening(s: Service):
    """Widened without one community; narrowing to nothing is no way to end."""
    client = await s.as_("commander")
    emergency = (await client.declare(scope=[STREET_2]))["emergency"]
    wide = await changed(
        client, "widen", emergency, areas=[STREET_1], excluded=[COMMUNITY_12]
    )
    await s.world.reached(wide["seq"])
    assert await modes(client, CENTRE_1, STATION_12) == ["CONVERTING", "PEACETIME"]
    for action, areas, code in (
        ("widen", [STREET_2], "changes.already-covered"),
        ("narrow", [COMMUNITY_12], "changes.not-covered"),
        ("narrow", [STREET_1, STREET_2], "mode.nothing-covered"),
    ):
        body = {"areas": areas, "basis": "x"}
        answer = await client.send(change(action, emergency), body)
        assert answer.status_code == 409, answer.text
        is_error(answer, code)


@served
async def test_three_scales_are_three(s: Service):
    """Severity, warning colour and level are changed each for itself."""
    client = await s.as_("commander")
    made = await client.declare(severity="large", warning="yellow")
    done = await changed(
        client, "grade", made["emergency"], severity="major", warning="red"
    )
    await s.world.reached(done["seq"])
    [shown] = (await client.board())["emergencies"]
    assert (shown["severity"], shown["warning"]) == ("major", "red")
    assert (shown["severity_zh"], shown["warning_zh"]) == ("重大", "红色")
    assert shown["level"] == "III"
    body = {"severity": "major", "warning": "red", "basis": "x"}
    answer = await client.send(change("grade", made["emergency"]), body)
    is_error(answer, "changes.bad-grading")
    officer = await s.as_("duty-officer")  # says what is, signs nothing
    await changed(officer, "grade", made["emergency"], severity="", warning="")


# --- several at once ---------------------------------------------------------------


@served
async def test_one_of_two_ends_and_the_other_remains(s: Service):
    """Two emergencies over one street: the gravest shows, and outlives the other."""
    client = await s.as_("commander")
    light = await client.declare(scope=[STREET_1], level="IV")
    grave = await client.declare(**{**FLOOD, "scope": [STREET_1], "level": "III"})
    await s.world.reached(grave["seq"])
    board = await client.board(STREET_1)
    assert (board["level"], board["mode"]) == ("III", "EMERGENCY")
    assert board["converted"] == "CONVERTING"
    assert [e["id"] for e in board["emergencies"]] == [
        grave["emergency"],
        light["emergency"],
    ]
    await client.step(STATION_12, "fsh-notify-owner", emergency=grave["emergency"])
    end = await changed(client, "end", grave["emergency"])
    await s.world.reached(end["seq"])
    board = await client.board(STREET_1)
    assert (board["level"], board["mode"]) == ("IV", "EMERGENCY")
    assert board["ordered"]["emergency"] == light["emergency"]
    assert await modes(client, CENTRE_1, STATION_12) == ["CONVERTING", "RECOVERING"]
    states = {e["id"]: e["state"] for e in board["emergencies"]}
    assert states == {light["emergency"]: "ACTIVE", grave["emergency"]: "ENDED"}
    [street] = [c for c in (await client.board())["children"] if c["code"] == STREET_1]
    assert street["emergencies"] == [light["emergency"]]


@served
async def test_steps_of_two_emergencies_are_apart(s: Service):
    """The same site, twice: a step is done for the emergency that is named."""
    client = await s.as_("commander")
    one = (await client.declare(scope=[STREET_1]))["emergency"]
    two = (await client.declare(scope=[STREET_1], matter="另一起"))["emergency"]
    done = await client.step(CENTRE_1, "cp-notify-staff", emergency=one)
    await s.world.reached(done["seq"])
    for emergency, state in ((one, "DONE"), (two, "OPEN")):
        held = await steps(client, CENTRE_1, emergency)
        assert held["cp-notify-staff"]["state"] == state
    other = await client.step(CENTRE_1, "cp-notify-staff")  # not named: the newest
    await s.world.reached(other["seq"])
    assert (await steps(client, CENTRE_1, two))["cp-notify-staff"]["state"] == "DONE"
    answer = await client.send(
        step_path(CENTRE_1, "cp-notify-staff"), {"emergency": one}
    )
    is_error(answer, "steps.already-done")


@served
async def test_an_excluding_function_refuses_the_whole_order(s: Service):
    """A shelter stands where samples were to be taken: the epidemic is refused."""
    client, auditor = await s.as_("commander"), await s.as_("auditor")
    await client.declare(**FLOOD)
    before = s.head
    answer = await client.send("/emergencies", declaration())
    assert answer.status_code == 409, answer.text
    is_error(answer, "mode.site-conflict")
    facts = answer.json()["facts"]
    assert STATION_12 in facts["sites"]
    assert facts["count"] == 2
    assert names(s, before) == [REFUSED]
    assert (await noted(s, auditor))["payload"]["code"] == "mode.site-conflict"
    # IV samples nobody: no conflict; then the raise meets it
    made = await client.declare(level="IV")
    body = {"level": "III", "basis": "x"}
    answer = await client.send(change("raise", made["emergency"]), body)
    is_error(answer, "mode.site-conflict")
    look = await client.http.post(
        f"{API}/emergencies/preview", json=declaration(matter="再来")
    )
    shown = look.json()
    assert look.status_code == 200, look.text
    assert shown["refused"]["code"] == "mode.site-conflict"
    assert shown["totals"]["conflicts"] == 2


@served
async def test_an_excluding_function_at_the_second_person(s: Service):
    """Between proposal and approval a shelter opened: the approval is refused."""
    client = await s.as_("commander")
    made = await client.declare(level="IV", scope=[STREET_2])
    raised = await changed(
        await s.as_("duty-officer"), "raise", made["emergency"], level="II"
    )
    await client.declare(**{**FLOOD, "scope": [STREET_2]})
    is_error(await approve(s, "commander", raised["proposal"]), "approvals.stale")
    body = {"level": "II", "basis": "另一依据"}
    answer = await client.send(change("raise", made["emergency"]), body)
    is_error(answer, "mode.site-conflict")


@served
async def test_where_the_playbook_says_so_it_is_passed_over(s: Service):
    """The typhoon passes over two sampling points, and lists them."""
    client = await s.as_("commander")
    epidemic = await client.declare()
    flood = await client.declare(**FLOOD)
    assert flood["state"] == "ACTIVE"
    await s.world.reached(flood["seq"])
    board = await client.board()
    assert board["conflicts_total"] == 2
    listed = {c["site"]: c for c in board["conflicts"]}
    assert set(listed) == {STATION_12, "310117002002-s1"}
    passed = listed[STATION_12]
    assert (passed["function"], passed["held"]) == ("shelter", "sampling-point")
    assert passed["emergency"] == flood["emergency"]
    assert passed["against"] == epidemic["emergency"]
    site = await client.get(f"/sites/{STATION_12}")
    assert site["function"] == "sampling-point"
    assert {d["phase"] for d in site["duties"]} == {"convert", "passed-over"}
    assert {t["emergency"] for t in site["steps"]} == {epidemic["emergency"]}
    assert (await client.get(f"/sites/{ARENA_2}"))["function"] == "shelter"
    end = await changed(client, "end", flood["emergency"])
    await s.world.reached(end["seq"])
    assert (await client.board())["conflicts_total"] == 0


@served
async def test_two_orders_at_the_same_moment_do_not_meet_at_a_site(s: Service):
    """Whoever is first, no excluding pair arises: what is later is refused, or passes.

    The epidemic's plan refuses such an order; the flood's passes the sites over.
    """
    client = await s.as_("commander")
    answers = await asyncio.gather(
        client.send("/emergencies", declaration(**FLOOD)),
        *(client.send("/emergencies", declaration(matter=str(n))) for n in range(3)),
    )
    assert answers[0].status_code == 201, answers[0].text
    flood = answers[0].json()["seq"]
    assert {answer.status_code for answer in answers[1:]} <= {201, 409}
    earlier = [a.json()["seq"] for a in answers[1:] if a.status_code == 201]
    # Where the flood has passed the sites over, another epidemic meets nothing there.
    assert not earlier or min(earlier) < flood
    await s.world.reached(s.head)
    assert bool((await client.board())["conflicts_total"]) == bool(earlier)


# --- previews ----------------------------------------------------------------------


async def preview(client: Client, body: Any, emergency: str = "") -> dict[str, Any]:
    """Return what a switch would change."""
    path = change("preview", emergency) if emergency else "/emergencies/preview"
    answer = await client.http.post(f"{API}{path}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def sites(client: Client) -> dict[str, dict[str, Any]]:
    """Return every site by id."""
    await asyncio.sleep(0)
    return {x["id"]: x for x in (await client.get("/sites", area=DISTRICT))["sites"]}


def duty(site: dict[str, Any], emergency: str) -> tuple[str, int]:
    """Return phase and number of steps of what an emergency has a site do."""
    for found in site["duties"]:
        if found["emergency"] == emergency:
            return found["phase"], found["counts"]["steps"]["total"]
    return "", 0


def told(
    before: dict[str, Any], after: dict[str, Any], emergency: str
) -> dict[str, dict[str, int]]:
    """Return what a switch did, by street, counted from two lists of sites."""
    found: dict[str, dict[str, int]] = {}
    for id_, site in after.items():
        old, old_total = duty(before[id_], emergency)
        new, total = duty(site, emergency)
        if new == "passed-over":
            kind = "conflicts"
        elif old == "convert" and not new:
            kind = "idle"
        elif new and new != old:
            kind = new
        elif total != old_total:
            kind = "more" if total > old_total else "fewer"
        else:
            continue
        street = site["id"][:9] + "000"
        counts = found.setdefault(street, {})
        counts[kind] = counts.get(kind, 0) + 1
    return found


KINDS = ("convert", "recover", "idle", "more", "fewer", "conflicts")
WISHES: list[tuple[str, dict[str, Any]]] = [
    ("lower", {"level": "IV"}),
    ("raise", {"level": "III"}),
    ("raise", {"level": "I"}),
    ("widen", {"areas": [STREET_2]}),
    ("narrow", {"areas": [COMMUNITY_11]}),
    ("end", {}),
]


async def begin_work(s: Service, client: Client) -> None:
    """Have the first step done at every second site that has one to do."""
    await s.world.reached(s.head)
    at_work = [x for x in (await sites(client)).values() if x["steps"]]
    for site in at_work[::2]:
        step = site["steps"][0]
        path = step_path(site["id"], step["id"])
        await client.do(path, {"emergency": step["emergency"]})


@served
async def test_a_preview_says_what_the_switch_then_does(s: Service):
    """Each kind of switch: totals and streets as told equal the board after; no log."""
    client = await s.as_("commander")
    body = declaration(scope=[STREET_1], **FLOOD)
    await client.declare(level="IV", scope=[STREET_1, COMMUNITY_12], matter="先")
    await s.world.reached(s.head)
    emergency = ""
    for action, wish in [("declare", {}), *WISHES]:
        if action == "narrow":
            await begin_work(s, client)
        await s.world.reached(s.head)
        before, start = await sites(client), s.head
        if action == "declare":
            shown = await preview(client, body)
        else:
            shown = await preview(client, {"action": action, **wish}, emergency)
        assert s.head == start == shown["seq"]
        assert (shown["action"], shown["refused"]) == (action, None)
        assert shown["needs_approval"] == (shown["level"] in {"I", "II"})
        assert shown["may_sign"]
        assert shown["materials"]["assessed"]
        assert shown["posts"]["assessed"]
        assert shown["packages"]["assessed"]
        cited = {"preview": shown["digest"]}
        if shown["needs_approval"]:
            cited |= ALONE
        if action == "declare":
            emergency = (await client.declare(**body, **cited))["emergency"]
        else:
            await changed(client, action, emergency, **wish, **cited)
        await s.world.reached(s.head)
        did = told(before, await sites(client), emergency)
        said = {x["code"]: {k: x[k] for k in KINDS if x[k]} for x in shown["by_street"]}
        assert said == did, (action, wish)
        for kind in KINDS:
            total = sum(counts.get(kind, 0) for counts in did.values())
            assert shown["totals"][kind] == total, (action, kind)
        assert shown["totals"]["streets"] == len(did)
        fact = await client.get(f"/facts/{s.head}")
        assert fact["preview"] == shown["digest"]


@served
async def test_the_preview_counts_the_new_steps(s: Service):
    """The steps told for a raise are those the sites have after it and not before."""
    client = await s.as_("commander")
    emergency = (await client.declare())["emergency"]
    await s.world.reached(s.head)
    before = await sites(client)
    wish = {"action": "raise", "level": "I"}
    shown = await preview(client, wish, emergency)
    await changed(client, "raise", emergency, level="I", **ALONE)
    await s.world.reached(s.head)
    after = await sites(client)
    counted: dict[str, int] = {}
    for id_, site in after.items():
        known = {t["id"] for t in before[id_]["steps"]}
        for step in site["steps"]:
            if step["id"] not in known:
                counted[step["id"]] = counted.get(step["id"], 0) + 1
    assert {t["id"]: t["sites"] for t in shown["steps"]} == counted
    assert shown["totals"]["steps"] == sum(counted.values())


@served
async def test_a_preview_is_cited_only_for_what_it_showed(s: Service):
    """Unknown digests and those of another order are refused, and nothing stored."""
    client = await s.as_("commander")
    shown = await preview(client, declaration(scope=[STREET_1]))
    before = s.head
    for given, status, code in (
        ({"preview": "f" * 64, "scope": [STREET_1]}, 404, "preview.unknown"),
        ({"preview": shown["digest"], "scope": [STREET_2]}, 409, "preview.other-order"),
        ({"preview": shown["digest"], "scope": [STREET_1], "level": "II"}, 409,
         "preview.other-order"),
        ({"preview": "F" * 64, "scope": [STREET_1]}, 422, "request.invalid"),
    ):  # fmt: skip
        answer = await client.send("/emergencies", declaration(**given))
        assert answer.status_code == status, answer.text
        is_error(answer, code)
        assert [f["field"] for f in answer.json()["fields"]] == ["preview"]
    assert s.head == before
    cited = {"preview": shown["digest"], "scope": [STREET_1], "basis": "另一依据"}
    assert (await client.declare(**cited))["state"] == "ACTIVE"


@served
async def test_the_approver_sees_what_the_proposer_saw(s: Service):
    """The preview cited by a proposal is shown with it, word for word."""
    officer, commander = await s.as_("duty-officer"), await s.as_("commander")
    shown = await preview(officer, declaration(level="II"))
    assert shown["needs_approval"]
    assert not shown["may_sign"]
    assert {r["role"] for r in shown["signers"]} >= {"commander", "deputy"}
    proposal = await proposed(s, preview=shown["digest"])
    await s.world.reached(s.head)
    row = await commander.get(f"/approvals/{proposal}")
    assert (row["preview"], row["shown"]) == (shown["digest"], shown)
    assert row["command"]["level"] == "II"
    assert [p["code"] for p in row["command"]["scope"]] == [DISTRICT]


@served
async def test_a_preview_refuses_as_the_decision_would(s: Service):
    """What could not be decided cannot be previewed: the same code, nothing noted."""
    client, staff = await s.as_("commander"), await s.as_("street-staff")
    emergency = (await client.declare())["emergency"]
    before = s.head
    cases: list[tuple[Client, str, Any, int, str]] = [
        (client, "", declaration(basis=" "), 422, "command.basis-missing"),
        (client, "", declaration(hazard="flood"), 409, "mode.wrong-hazard"),
        (staff, "", declaration(), 403, "permit.denied"),
        (client, emergency, {"action": "raise", "level": "IV"}, 409,
         "changes.not-raised"),
        (client, emergency, {"action": "raise"}, 422, "mode.element-missing"),
        (client, emergency, {"action": "narrow", "areas": [DISTRICT]}, 409,
         "mode.nothing-covered"),
        (client, emergency, {"action": "widen", "areas": [STREET_1]}, 409,
         "changes.already-covered"),
        (client, "e-0123456789", {"action": "end"}, 404, "mode.unknown-emergency"),
        (client, emergency, {"action": "explode"}, 422, "request.invalid"),
        (staff, emergency, {"action": "end"}, 403, "permit.denied"),
    ]  # fmt: skip
    for who, target, body, status, code in cases:
        path = change("preview", target) if target else "/emergencies/preview"
        answer = await who.http.post(f"{API}{path}", json=body)
        assert answer.status_code == status, (body, answer.text)
        is_error(answer, code)
    assert s.head == before


# --- time --------------------------------------------------------------------------


@served
async def test_the_expected_duration_asks_for_a_decision(s: Service):
    """Its end is recorded once, alarms, is shown; an extension clears it."""
    client = await s.as_("commander")
    emergency = (await client.declare(level="IV", expected_hours=10))["emergency"]
    s.world.clock.now += 10 * HOUR
    for _ in range(3):
        await s.world.tick()
    before = s.head
    assert await s.world.tick() == 0
    await s.world.reached(before)
    found = names(s, 0)
    assert found.count("mode.expectation-passed.1") == 1
    board = await client.board()
    [shown] = board["emergencies"]
    assert (shown["expectation_passed"], shown["state"]) == (True, "ACTIVE")
    [alarm] = [a for a in board["alarms"]["rows"] if a["kind"] == "expectation"]
    assert alarm["gravity"] == "GRAVE"
    assert alarm["due_at"] == shown["expected_until"]
    body = {"expected_hours": 5, "basis": "仍有风险"}
    done = await client.do(change("extend", emergency), body)
    await s.world.reached(done["seq"])
    board = await client.board()
    [shown] = board["emergencies"]
    assert not shown["expectation_passed"]
    assert shown["expected_until"] == later(s.world.clock.now, 5 * HOUR)
    assert "expectation" not in {a["kind"] for a in board["alarms"]["rows"]}
    for hours, code in ((5, "changes.not-extended"), (1, "changes.not-extended")):
        answer = await client.send(
            change("extend", emergency), {**body, "expected_hours": hours}
        )
        is_error(answer, code)
    s.world.clock.now += 5 * HOUR  # and it passes again
    client = await anew(s, "commander")
    await s.world.tick()
    await s.world.reached(s.head)
    assert names(s, before).count("mode.expectation-passed.1") == 1


@pytest.mark.parametrize("action", ["lower", "end"])
@served
async def test_any_decision_clears_the_expectation(s: Service, action: str):
    """Extend, lower or end: each is a decision about what was expected."""
    client = await s.as_("commander")
    emergency = (await client.declare(expected_hours=1))["emergency"]
    s.world.clock.now += HOUR
    await s.world.tick()
    level = {"level": "IV"} if action == "lower" else {}
    done = await changed(client, action, emergency, **level)
    await s.world.reached(done["seq"])
    rows = (await client.get("/alarms", **{"f.kind": "expectation"}))["rows"]
    assert [a["state"] for a in rows] == ["OVER"]


def test_what_passed_while_the_service_was_down(data: Path):
    """Step, expectation, proposal, review and order: each once, with both times."""
    clock = Clock(NOW + HOUR)

    async def before() -> int:
        async with service(data, clock) as s:
            client = await s.as_("commander")
            await client.declare(expected_hours=1)
            await proposed(s, matter="待批")
            await client.declare(level="II", matter="单人", scope=[STREET_2], **ALONE)
            await client.do("/orders", order_body())
            return s.head

    async def after(head: int) -> None:
        async with service(data, clock) as s:
            await asyncio.gather(*(s.world.tick() for _ in range(4)))
            assert await s.world.tick() == 0
            rows = rows_since(s.world, head)
            facts = [
                catalogue.decode_event(r.name, catalogue.open_envelope(r.stored).event)
                for r in rows
            ]
            kinds = [r.name for r in rows]
            for name, count in (
                ("mode.expectation-passed.1", 1),
                ("approvals.proposal-expired.1", 1),
                ("approvals.review-overdue.1", 1),
                ("orders.order-overdue.1", 2),
            ):
                assert kinds.count(name) == count, name
            assert kinds.count("mode.deadline-passed.1") > 20
            for fact in facts:
                assert NOW + HOUR < fact.due_us < fact.noticed_us == clock.now
            await s.world.reached(s.head)
            client = await s.as_("commander")
            shown = await client.get(f"/facts/{s.head}")
            assert shown["payload"]["noticed_us"] == clock.now
            alarms = await client.get("/alarms", size=200, **{"f.state": "RAISED"})
            found = {a["kind"] for a in alarms["rows"]}
            assert found == {
                "deadline",
                "expectation",
                "glass",
                "review",
                "proposal",
                "order",
            }

    head = asyncio.run(before())
    clock.now += 30 * HOUR
    asyncio.run(after(head))


# --- the end -----------------------------------------------------------------------


@served
async def test_the_record_lists_what_is_open(s: Service):
    """After the end: open sites with owners, steps, orders; nothing is owed."""
    client = await s.as_("commander")
    made = await client.declare(scope=[STREET_1])
    emergency = made["emergency"]
    order = order_body(scope=[STREET_1], emergency=emergency)
    issued = await client.do("/orders", order)
    raised = await changed(client, "raise", emergency, level="II")
    await approved(s, "deputy", raised["proposal"])
    await client.step(CENTRE_1, "cp-notify-staff")
    await client.step(STATION_12, "sp-notify-residents")
    end = await changed(client, "end", emergency)
    await approved(s, "deputy", end["proposal"])
    done = await client.step(CENTRE_1, "cp-hand-over-open-tasks")
    await s.world.reached(done["seq"])
    before = s.head
    record = await client.get(f"/emergencies/{emergency}/record")
    assert names(s, before) == ["grants.sensitive-view-read.1"]
    assert record["emergency"]["state"] == "ENDED"
    assert [c["name"] for c in record["changes"]][-1] == "mode.emergency-ended.1"
    assert [a["state"] for a in record["approvals"]] == ["APPROVED"] * 2
    assert record["approvals"][0]["decided_by_name"] == "副总指挥辛"
    assert [o["id"] for o in record["orders"]] == [issued["order"]]
    assert [o["id"] for o in record["open"]["orders"]] == [issued["order"]]
    open_sites = {x["site"]: x for x in record["open"]["sites"]}
    assert set(open_sites) == {CENTRE_1, STATION_12}  # the others did nothing
    assert open_sites[CENTRE_1]["mode"] == "RECOVERING"
    assert open_sites[CENTRE_1]["open_steps"] == 4
    assert "街镇工作人员" in open_sites[CENTRE_1]["owner_zh"]
    assert record["open"]["steps"] == sum(x["open_steps"] for x in open_sites.values())
    for part in ("requisitions", "transfers"):
        assert record["open"][part] == []
    sheet = await client.http.get(
        f"{API}/emergencies/{emergency}/record", params={"format": "xlsx"}
    )
    assert sheet.status_code == 200
    assert sheet.content[:2] == b"PK"


# --- orders to the base ------------------------------------------------------------


async def order_of(s: Service, client: Client, order: str) -> dict[str, Any]:
    """Return an order as it stands."""
    await s.world.reached(s.head)
    return await client.get(f"/orders/{order}")


@served
async def test_an_order_reaches_the_base_and_comes_back(s: Service):
    """Issued, acknowledged for oneself and for another, done; who is missing shows."""
    commander, secretary = await s.as_("commander"), await s.as_("secretary")
    staff = await s.as_("street-staff")
    order = (await commander.do("/orders", order_body()))["order"]
    await s.world.reached(s.head)
    [mine] = (await secretary.get("/orders/mine"))["rows"]
    assert (mine["id"], mine["my_state"]) == (order, "OPEN")
    assert (mine["as_area"], mine["as_role"]) == (COMMUNITY_11, "community-secretary")
    assert (await staff.get("/orders/mine"))["rows"] == []
    seen = await secretary.do(f"/orders/{order}/acknowledge", {})
    assert (seen["area"], seen["role"], seen["state"]) == (
        COMMUNITY_11,
        "community-secretary",
        "ACKNOWLEDGED",
    )
    shown = await order_of(s, commander, order)
    assert [shown[k] for k in ("recipients", "acknowledged", "missing", "done")] == [
        4, 1, 3, 0,
    ]  # fmt: skip
    assert [(x["code"], x["missing"]) for x in shown["by_street"]] == [
        (STREET_2, 2),
        (STREET_1, 1),
    ]
    # the street answers for a community of its own that has no line
    other = await staff.do(f"/orders/{order}/acknowledge", {"area": COMMUNITY_12})
    assert (other["area"], other["role"]) == (COMMUNITY_12, "community-secretary")
    assert (seen["own"], other["own"]) == (True, False)
    answer = await staff.send(f"/orders/{order}/acknowledge", {"area": "310117002001"})
    is_error(answer, "permit.denied")
    is_error(await staff.send(f"/orders/{order}/acknowledge", {}),
             "orders.not-a-recipient")  # fmt: skip
    is_error(await secretary.send(f"/orders/{order}/acknowledge", {}),
             "orders.already-answered")  # fmt: skip
    await secretary.do(f"/orders/{order}/done", {"note": "已核对 12 户"})
    await commander.do(f"/orders/{order}/remind", {})
    shown = await order_of(s, commander, order)
    assert (shown["acknowledged"], shown["done"]) == (1, 1)
    assert (shown["missing"], shown["spoken_for"]) == (3, 1)  # still silent
    assert shown["reminded_at"]
    rows = (await commander.get(f"/orders/{order}/recipients"))["rows"]
    first = next(r for r in rows if r["area"] == COMMUNITY_11)
    assert (first["state"], first["note"]) == ("DONE", "已核对 12 户")
    assert first["acknowledged_by_name"] == first["done_by_name"] == "书记戊"
    assert [r["state"] for r in rows].count("OPEN") == 3
    spoken = next(r for r in rows if r["area"] == COMMUNITY_12)
    assert (spoken["state"], spoken["for_state"]) == ("OPEN", "ACKNOWLEDGED")
    assert (spoken["for_by_name"], spoken["for_role_zh"]) == ("岳阳丙", "街镇工作人员")
    assert (await commander.board())["orders"] == {
        "standing": 1,
        "missing": 3,
        "late": 0,
    }


@served
async def test_an_order_late_corrected_withdrawn(s: Service):
    """Late ones alarm; a correction and a withdrawal are new facts, both visible."""
    client = await s.as_("commander")
    order = (await client.do("/orders", order_body(scope=[STREET_1])))["order"]
    s.world.clock.now += 30 * MINUTE
    assert [await s.world.tick() for _ in range(2)] == [1, 0]
    shown = await order_of(s, client, order)
    assert (shown["late"], shown["missing"]) == (True, 2)
    [alarm] = (await client.board(STREET_1))["alarms"]["rows"]
    assert (alarm["id"], alarm["late"]) == (f"order:{order}:ack", 2)
    made = await client.do(
        "/orders", order_body(scope=[STREET_1], corrects=order, title="更正")
    )
    old = await order_of(s, client, order)
    assert (old["state"], old["corrected_by"]) == ("CORRECTED", made["order"])
    assert not old["late"]
    assert (await client.board(STREET_1))["alarms"]["open"] == 0
    path = f"/orders/{made['order']}"
    is_error(await client.send(f"{path}/withdraw", {"reason": ""}),
             "command.reason-missing")  # fmt: skip
    await client.do(f"{path}/withdraw", {"reason": "情况已变"})
    new = await order_of(s, client, made["order"])
    assert (new["state"], new["withdrawn_reason"]) == ("WITHDRAWN", "情况已变")
    for verb, body in (
        ("acknowledge", {"area": COMMUNITY_11}),
        ("remind", {}),
        ("withdraw", {"reason": "x"}),
    ):
        answer = await client.send(f"{path}/{verb}", body)
        assert answer.status_code == 409
        is_error(answer, "orders.not-standing")
    assert len((await client.get("/orders"))["rows"]) == 2


@served
async def test_orders_of_two_streets_are_seen_in_both(s: Service):
    """An order, a proposal and an alarm for two streets are each street's."""
    client = await s.as_("commander")
    both = [STREET_2, STREET_1]
    order = (await client.do("/orders", order_body(scope=both)))["order"]
    await proposed(s, scope=both)
    await s.world.reached(s.head)
    for street in both:
        rows = (await client.get("/orders", area=street))["rows"]
        assert [r["id"] for r in rows] == [order], street
        board = await client.board(street)
        assert board["orders"]["standing"] == 1, street
        assert board["approvals"] == {"waiting": 1}, street


@served
async def test_a_street_orders_only_in_an_emergency(s: Service):
    """Street staff order inside their street once it is at war, never before."""
    staff, commander = await s.as_("street-staff"), await s.as_("commander")
    body = order_body(scope=[STREET_1])
    is_error(await staff.send("/orders", body), "permit.denied")
    await commander.declare(scope=[STREET_1], level="IV")
    assert (await staff.do("/orders", body))["state"] == "STANDING"
    is_error(await staff.send("/orders", order_body()), "permit.denied")


REFUSED_ORDERS: list[tuple[dict[str, Any], int, str]] = [
    ({"title": " "}, 422, "orders.incomplete"),
    ({"basis": ""}, 422, "command.basis-missing"),
    ({"roles": ["commander"]}, 422, "orders.nobody-addressed"),
    ({"scope": [COMMUNITY_11], "roles": ["street-staff"]}, 422,
     "orders.nobody-addressed"),
    ({"scope": ["310118000000"]}, 404, "areas.unknown"),
    ({"emergency": "e-0123456789"}, 404, "mode.unknown-emergency"),
    ({"corrects": "o-0123456789"}, 404, "orders.unknown"),
]  # fmt: skip


@served
async def test_orders_that_are_refused(s: Service, subtests: pytest.Subtests):
    """An order without matter, ground or recipients is refused, and not stored."""
    client, before = await s.as_("commander"), s.head
    for changes, status, code in REFUSED_ORDERS:
        with subtests.test(code, changes=changes):
            answer = await client.send("/orders", order_body(**changes))
            assert answer.status_code == status, answer.text
            is_error(answer, code)
    assert s.head == before


# --- alarms ------------------------------------------------------------------------


@served
async def test_alarms_are_acknowledged_once(s: Service):
    """Taking note ends nothing, is somebody's, and is done once."""
    client, staff = await s.as_("commander"), await s.as_("street-staff")
    foreign = await s.as_("foreign-staff")
    await client.declare(scope=[STREET_1])
    s.world.clock.now += 16 * MINUTE
    await s.world.tick()
    await s.world.reached(s.head)
    [alarm] = (await staff.get("/alarms", area=STREET_1))["rows"]
    assert (alarm["kind"], alarm["late"], alarm["state"]) == ("deadline", 1, "RAISED")
    assert (await staff.board(STREET_1))["alarms"]["unseen"] == 1
    assert (await staff.get("/alarms", area=STREET_2))["rows"] == []
    body = {"alarm": alarm["id"], "reason": "已派人"}
    is_error(await foreign.send("/alarms/acknowledge", body), "permit.denied")
    done = await staff.do("/alarms/acknowledge", body)
    assert done["alarm"] == alarm["id"]
    await s.world.reached(done["seq"])
    [alarm] = (await staff.get("/alarms"))["rows"]
    assert (alarm["acknowledged_by"], alarm["state"]) == ("yueyang", "RAISED")
    found = (await staff.board(STREET_1))["alarms"]
    assert (found["open"], found["unseen"]) == (1, 0)
    answer = await client.send("/alarms/acknowledge", body)
    assert answer.status_code == 409
    is_error(answer, "alarms.acknowledged")
    for unknown in ("deadline:e-0123456789:convert:x:1", "glass:b-0123456789", "x:y"):
        answer = await client.send("/alarms/acknowledge", {"alarm": unknown})
        assert answer.status_code == 404
        is_error(answer, "alarms.unknown")
    await client.step(CENTRE_1, "cp-notify-staff")
    await s.world.reached(s.head)
    assert (await staff.get("/alarms"))["rows"] == []  # nobody is late any more


@served
async def test_repeated_alarms_are_one_row_and_one_acknowledgement(s: Service):
    """What is said again of the same thing is counted, and the gravest stand first."""
    client = await s.as_("commander")
    first = await client.declare(scope=[STREET_1], expected_hours=1)
    emergency = first["emergency"]
    for hours in (0, 1, 1):
        if hours:
            await changed(client, "extend", emergency, expected_hours=hours)
        s.world.clock.now += 2 * HOUR
        await s.world.tick()
        await s.world.reached(s.head)
        client = await s.as_("commander")
    rows = (await client.get("/alarms", **{"f.kind": "expectation"}))["rows"]
    raised = [row for row in rows if row["state"] == "RAISED"]
    over = [row for row in rows if row["state"] == "OVER"]
    assert [row["count"] for row in raised] == [1]
    assert [row["count"] for row in over] == [2], "one row, told how often"
    every = (await client.get("/alarms", size=200))["rows"]
    ranks = [(r["state"] != "RAISED", r["gravity"] != "GRAVE") for r in every]
    assert ranks == sorted(ranks), "what calls first, the gravest of it on top"
    told = {row["kind"]: row["subject"] for row in every}
    assert told["expectation"] == emergency


@pytest.mark.parametrize("path", ["/alarms", "/orders"])
@served
async def test_an_unknown_area_is_not_the_whole_world(s: Service, path: str):
    """An area that does not exist is a 404, not everything there is."""
    client = await s.as_("commander")
    answer = await client.http.get(f"{API}{path}", params={"area": "310118000000"})
    assert answer.status_code == 404, answer.text
    is_error(answer, "areas.unknown")


# --- grants ------------------------------------------------------------------------


@served
async def test_a_role_lent_and_taken_away(s: Service):
    """A secretary lends their role for a time; the borrower acts for them; it ends."""
    commander = await s.as_("commander")
    secretary, administrator = await s.as_("secretary"), await s.as_("administrator")
    borrower = await s.as_("auditor")
    await commander.declare(scope=[STREET_1])
    lent = {
        "account": "ducha",
        "grant": "g-demo-shuji",
        "area": COMMUNITY_11,
        "until": later(s.world.clock.now, 2 * HOUR),
        "reason": "请假",
    }
    given = await secretary.do("/grants/delegate", lent)
    site = "310117001001-s1"
    done = await borrower.step(site, "ss-name-keeper")
    await s.world.reached(done["seq"])
    fact = await borrower.get(f"/facts/{done['seq']}")
    assert (fact["actor"], fact["on_behalf_of"]) == ("ducha", "shuji")
    assert (fact["role"], fact["grant"]) == ("community-secretary", given["grant"])
    rows = (await borrower.get("/grants/mine"))["rows"]
    assert [r["state"] for r in rows] == ["ACTIVE", "ACTIVE"]
    for grant in (given["grant"], "g-demo-zong", "g-none"):
        answer = await borrower.send("/grants/delegate", {**lent, "account": "zong",
                                     "grant": grant})  # fmt: skip
        is_error(answer, "grants.not-yours")
    revoke = {"account": "shuji", "basis": "免职"}
    await administrator.do("/grants/g-demo-shuji/revoke", revoke)
    answer = await borrower.send(step_path(site, "ss-clear-store"), {})
    assert answer.status_code == 403  # what is lent ends with its root
    is_error(answer, "permit.denied")
    assert (await secretary.get("/session"))["role"] == ""
    answer = await secretary.http.get(f"{API}/areas/{DISTRICT}/board")
    assert answer.status_code == 403
    is_error(answer, "permit.denied")


REFUSED_GRANTS: list[tuple[str, dict[str, Any], int, str]] = [
    ("no such role", {"role": "emperor"}, 422, "grants.unknown-role"),
    ("the service's", {"account": "local-operator"}, 422, "grants.own-account"),
    ("their own", {"account": "guanli"}, 403, "grants.self"),
    ("over already", {"until": "2023-11-14T00:00:00Z"}, 422, "grants.bad-term"),
    ("ends before it begins", {"from": "2024-01-02T00:00:00Z",
     "until": "2024-01-01T00:00:00Z"}, 422, "grants.bad-term"),
    ("held already", {"account": "fu", "role": "deputy"}, 409, "grants.exists"),
    ("no such area", {"area": "310118000000"}, 404, "areas.unknown"),
]  # fmt: skip


@served
async def test_grants_that_are_refused(s: Service, subtests: pytest.Subtests):
    """Only an administrator gives roles, not to themselves, and for a fit time."""
    client = await s.as_("administrator")
    fit = {"account": "xin", "role": "auditor", "area": DISTRICT, "basis": "任命"}
    for sentence, changes, status, code in REFUSED_GRANTS:
        with subtests.test(sentence):
            before = s.head
            answer = await client.send("/grants", {**fit, **changes})
            assert answer.status_code == status, answer.text
            is_error(answer, code)
            assert s.head - before == (code == "grants.self")
    made = await client.do("/grants", {**fit, "from": "2023-12-01T00:00:00Z"})
    await s.world.reached(made["seq"])
    rows = (await client.get("/grants", **{"f.account": "xin"}))["rows"]
    assert [r["state"] for r in rows] == ["FUTURE"]
    assert {a.account for a in ACCOUNTS.values()} >= {"fu", "guanli"}
