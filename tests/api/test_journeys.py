"""What people do, from signing in to the end of an emergency, over HTTP in process."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest import Subtests  # noqa: PT013 - a type

from api.http.accounts_file import Account
from api.http.auth import Accounts
from api.world import world as worlds
from api.world.condition import PARTS
from api.world.settings import from_environment
from coordination import catalogue
from coordination.approvals.events import ProposalMade
from coordination.mode.events import DeadlinePassed, EmergencyDeclared
from coordination.mode.state import EMERGENCIES
from coordination.permit import PERMITTED, Rule
from tests.api.served import (
    ACCOUNTS,
    API,
    AREAS,
    CENTRE_1,
    CENTRE_2,
    COMMUNITY_11,
    COMMUNITY_12,
    COMMUNITY_21,
    CSV_TYPE,
    DISTRICT,
    EVERY_AREA,
    IMPORT_PATH,
    LOCAL_TOKEN,
    ORIGIN,
    OTHER_STEP,
    PASSWORD,
    STEP,
    STREET_1,
    STREET_2,
    Client,
    Service,
    address,
    declaration,
    described,
    furnish,
    is_error,
    key,
    keyed,
    rows_since,
    served,
    service,
    step_path,
    writes,
)
from tests.given import HOUR, MINUTE, NOW, Clock

# --- signing in and out ------------------------------------------------------------


@served
async def test_signing_in_and_out(s: Service, subtests: Subtests):
    """Every role gets a session that says who they are, and loses it on leaving."""
    for who, account in ACCOUNTS.items():
        with subtests.test(who):
            client = await s.as_(who)
            said = await client.get("/session")
            area = account.area.path if account.area else ""
            told = [said[k] for k in ("account", "name", "role", "area")]
            assert told == [account.account, account.name, account.role, area]
            [grant] = said["grants"]
            code = account.area.code if account.area else ""
            assert (grant["role"], grant["area"]) == (account.role, code)
            assert said["role_zh"] == grant["role_zh"]
            assert said["role_en"] == grant["role_en"]
            allowed = {a for a, rules in PERMITTED.items() if says(rules, account.role)}
            assert set(said["may"]) == allowed
            cookie = dict(client.http.cookies)
            assert (await client.http.delete(f"{API}/session")).status_code == 204
            async with s.http(cookies=cookie) as thief:
                answer = await thief.get(f"{API}/session")
            assert answer.status_code == 401
            is_error(answer, "auth.not-signed-in")


def says(rules: tuple[Rule, ...], role: str) -> bool:
    """Tell whether some rule names a role."""
    return any(role in rule.roles for rule in rules)


@served
async def test_wrong_credentials(s: Service, subtests: Subtests):
    """A wrong password and an unknown account are answered alike, with no cookie."""
    wrong = [("zong", "wrong"), ("nobody", PASSWORD), ("ZONG", PASSWORD), ("zong", " ")]
    async with s.http() as http:
        for account, password in wrong:
            with subtests.test(account=account):
                given = {"account": account, "password": password}
                answer = await http.post(f"{API}/session", json=given)
                assert answer.status_code == 401
                is_error(answer, "auth.wrong-credentials")
                assert not http.cookies


@served
async def test_the_cookie_is_for_this_site_and_no_script(s: Service):
    """The session cookie is HttpOnly, SameSite=Strict, and __Host- under https."""
    given = {"account": "zong", "password": PASSWORD}
    async with s.http() as http:
        plain = await http.post(f"{API}/session", json=given)
        secure = await http.post(f"https://pingzhan.test{API}/session", json=given)
    for answer, name in ((plain, "pingzhan="), (secure, "__Host-pingzhan=")):
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(name)
        assert {"HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "samesite=strict" in cookie.lower()
    assert "Secure" in secure.headers["set-cookie"]


@served
async def test_a_session_expires(s: Service):
    """Twelve hours later nobody is signed in any more."""
    client = await s.as_("auditor")
    await client.get("/session")
    s.world.clock.now += 12 * HOUR
    assert (await client.http.get(f"{API}/session")).status_code == 401


@served
async def test_an_account_replaced_elsewhere_loses_its_session(s: Service):
    """``pingzhan account add`` beside a running service ends the account's sessions."""
    client = await s.as_("commander")
    await client.get("/session")
    beside = Accounts(s.world.settings.accounts_path, s.world.clock)
    beside.add(Account("zong", "总指挥甲"), "another password")
    beside.close()
    assert (await client.http.get(f"{API}/session")).status_code == 401
    assert (await client.send("/emergencies", declaration())).status_code == 401


@served
async def test_nothing_without_a_session(s: Service, subtests: Subtests):
    """Every operation but signing in answers 401 without a session, or a bad one."""
    listed = [
        (method, path)
        for method, path, operation in described(s.app)
        if operation["x-action"] != "anybody"
    ]
    assert len(listed) >= 60
    for headers in (
        {},
        {"Cookie": "pingzhan=x; __Host-pingzhan=y"},
        {"Authorization": "Bearer x"},
    ):
        async with s.http(headers=headers) as http:
            for method, path in listed:
                with subtests.test(method=method, path=path, headers=headers):
                    answer = await http.request(method, API + address(path))
                    assert answer.status_code == 401, answer.text
                    is_error(answer, "auth.not-signed-in")


# --- who may do what ---------------------------------------------------------------


@served
async def test_the_table_of_writes_is_whole(s: Service):
    """Every write with a key stands in the table that these tests use.

    What takes none is of oneself, of the accounts, or stores nothing in the log.
    """
    found = {
        path: (keyed(operation), operation["x-action"])
        for method, path, operation in described(s.app)
        if method != "GET"
    }
    assert {path for path, (key_, _) in found.items() if key_} == set(writes())
    assert all(
        action in {"anybody", "self", "account.manage"} or path.endswith("/preview")
        for path, (key_, action) in found.items()
        if not key_
    )


ONES_OWN = {f"/posts/{{post}}/{verb}" for verb in ("seize", "decline", "handover")}
"""What people decide in their own name, wherever: staff on no roster are nobody."""
ANYWHERE = {
    "/requests/{request}/deliver": "requests.wrong-state",
    "/facts/{fact}/correction": "corrections.not-corrected",
}
"""What anybody on the street may ask, wherever: here nothing is on its way, and the
fact is none that is corrected."""


@pytest.mark.parametrize("who", ["auditor", "foreign-staff"])
@served
async def test_what_is_not_theirs_is_denied(s: Service, who: str):
    """An auditor, and staff of another street, can write nothing: 403, not stored."""
    ids, outsider = await furnish(s, STREET_1), await s.as_(who)
    stays = s.world.state(EMERGENCIES).version
    before = s.head
    for template, (path, body) in writes(ids).items():
        send = {"content": body} if isinstance(body, bytes) else {"json": body}
        types = CSV_TYPE if isinstance(body, bytes) else {}
        answer = await outsider.http.post(
            API + path, headers={"Idempotency-Key": key(), **types}, **send
        )
        if template in ONES_OWN and who == "foreign-staff":
            assert answer.status_code == 404, (path, answer.text)
            is_error(answer, "people.unknown")
            continue
        if template in ANYWHERE and who == "foreign-staff":
            is_error(answer, ANYWHERE[template])
            continue
        assert answer.status_code == 403, (path, answer.text)
        is_error(answer, "permit.denied")
    # the attempts of consequence are in the log, and nothing else
    rows = rows_since(s.world, before)
    assert {row.name for row in rows} == {"kernel.command-refused.2"}
    assert len(rows) >= 15
    assert s.world.state(EMERGENCIES).version == stays


STEPS_DONE = [
    ("commander", CENTRE_1, "cp-notify-staff", 200),
    ("duty-officer", CENTRE_1, "cp-clear-meeting-room", 200),
    ("street-staff", CENTRE_1, "cp-check-power-network", 200),
    ("street-staff", CENTRE_2, "cp-notify-staff", 403),
    ("foreign-staff", CENTRE_2, "cp-notify-staff", 200),
    ("secretary", CENTRE_1, "cp-man-seats", 403),
    ("auditor", CENTRE_1, "cp-man-seats", 403),
    ("administrator", CENTRE_1, "cp-man-seats", 403),
    ("local", CENTRE_2, "cp-man-seats", 200),
]


@served
async def test_steps_are_done_inside_ones_area(s: Service, subtests: Subtests):
    """A step is for the field roles, each inside the area the role is held for."""
    await (await s.as_("commander")).declare()
    for who, site, step, status in STEPS_DONE:
        with subtests.test(who=who, site=site):
            client = await s.as_(who)
            for verb in ("acknowledge", "complete"):
                answer = await client.send(step_path(site, step, verb), {})
                assert answer.status_code == status, answer.text


# --- declaring ---------------------------------------------------------------------


@served
async def test_a_switch_arrives_on_the_board(s: Service):
    """A declaration answers a receipt and the board at that seq shows the switch."""
    client = await s.as_("commander")
    calm = await client.board()
    assert (calm["mode"], calm["level"], calm["emergencies"]) == ("PEACETIME", None, [])
    answer = await client.send("/emergencies", declaration(seen_seq=calm["seq"]))
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt["seq"] == receipt["first_seq"] == calm["seq"] + 1
    assert receipt["state"] == "ACTIVE"
    row = rows_since(s.world, calm["seq"])[0]
    head = s.world.log.recorder.head()
    assert head.frontier().root().hex() == receipt["root"]
    assert receipt["recorded_at"] == time_of(row.recorded_us)
    assert catalogue.open_envelope(row.stored).seen_seq == calm["seq"]
    for area in EVERY_AREA:
        board = await client.board(area, receipt["seq"])
        assert (board["seq"], board["mode"]) == (receipt["seq"], "EMERGENCY")
        assert (board["reach"], board["converted"]) == ("COVERED", "CONVERTING")
        ordered = board["ordered"]
        assert (ordered["level"], ordered["emergency"]) == (
            "III",
            receipt["emergency"],
        )
        assert ordered["since"] == board["emergencies"][0]["declared_at"]
        assert (board["level"], len(board["emergencies"])) == ("III", 1)
        assert board["emergencies"][0]["id"] == receipt["emergency"]
    assert board["recorded_at"] == receipt["recorded_at"]


def time_of(at_us: int) -> str:
    """Return a moment as answers write it."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@served
async def test_exclusions_and_scope(s: Service):
    """A switch of one street leaves the other in peace; an exclusion stays outside."""
    client = await s.as_("commander")
    receipt = await client.declare(scope=[STREET_1], excluded=[COMMUNITY_11])
    board = await client.board(DISTRICT, receipt["seq"])
    assert (board["mode"], board["reach"], board["ordered"]) == (
        "PEACETIME",
        "PARTLY",
        None,
    )
    assert (board["level_below"], board["converted"]) == ("III", "CONVERTING")
    assert [place["code"] for place in board["excluded"]] == [COMMUNITY_11]
    modes = {c["code"]: (c["mode"], c["reach"]) for c in board["children"]}
    assert modes == {
        STREET_1: ("EMERGENCY", "COVERED"),
        STREET_2: ("PEACETIME", "OUTSIDE"),
    }
    tiles = {t["code"]: (t["mode"], t["reach"]) for t in board["tiles"]}
    assert tiles[COMMUNITY_11] == ("PEACETIME", "EXCLUDED")
    assert tiles[COMMUNITY_12] == ("EMERGENCY", "COVERED")
    assert tiles[COMMUNITY_21] == ("PEACETIME", "OUTSIDE")
    assert [e["code"] for e in board["emergencies"][0]["excluded"]] == [COMMUNITY_11]
    assert (await client.board(STREET_2))["emergencies"] == []
    assert (await client.board(COMMUNITY_11))["emergencies"] == []


REFUSED: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("a colour", {"warning": "green"}, 422, "request.invalid", "warning"),
    ("a severity", {"severity": "II"}, 422, "request.invalid", "severity"),
    (
        "glass at III",
        {"break_glass": True, "password": PASSWORD, "reason": "急"},
        422,
        "approvals.glass-not-needed",
        "break_glass",
    ),
    (
        "glass, no reason",
        {"level": "I", "break_glass": True, "password": PASSWORD},
        422,
        "command.reason-missing",
        "reason",
    ),
    (
        "glass, no password",
        {"level": "I", "break_glass": True, "reason": "急"},
        403,
        "approvals.not-reauthenticated",
        "password",
    ),
    (
        "wrong password",
        {"level": "II", "password": "x"},
        403,
        "auth.wrong-password",
        "password",
    ),
    (
        "blank basis at II",
        {"level": "II", "basis": " "},
        422,
        "command.basis-missing",
        "basis",
    ),
    ("unknown preview", {"preview": "0" * 64}, 404, "preview.unknown", "preview"),
    ("unknown area", {"scope": ["310118000000"]}, 404, "areas.unknown", "scope"),
    ("unknown plan", {"playbook": "no-plan"}, 404, "mode.unknown-playbook", "playbook"),
    ("wrong hazard", {"hazard": "flood"}, 409, "mode.wrong-hazard", "hazard"),
    (
        "nothing left",
        {"scope": [STREET_1], "excluded": [STREET_1]},
        409,
        "mode.nothing-covered",
        "scope",
    ),
    ("blank basis", {"basis": "  "}, 422, "command.basis-missing", "basis"),
    ("blank matter", {"matter": "\u3000"}, 422, "mode.element-missing", "matter"),
    ("unseen", {"seen_seq": 9_999}, 422, "request.unseen", "seen_seq"),
    ("level V", {"level": "V"}, 422, "request.invalid", "level"),
    ("no scope", {"scope": []}, 422, "request.invalid", "scope"),
    ("no time", {"expected_hours": 0}, 422, "request.invalid", "expected_hours"),
    ("a year", {"expected_hours": 8_761}, 422, "request.invalid", "expected_hours"),
]


@served
async def test_refused_declarations(s: Service, subtests: Subtests):
    """A refused declaration says which rule and which field; the gravest are noted."""
    client = await s.as_("commander")
    for sentence, changes, status, code, field in REFUSED:
        with subtests.test(sentence):
            before = s.head
            answer = await client.send("/emergencies", declaration(**changes))
            assert answer.status_code == status, answer.text
            is_error(answer, code)
            if code != "areas.unknown":  # it does not know which of the two lists
                assert field in [f["field"] for f in answer.json()["fields"]]
            assert s.head - before == (code == "approvals.not-reauthenticated")
    assert (await client.board())["mode"] == "PEACETIME"


@pytest.mark.parametrize("level", ["I", "II"])
@served
async def test_a_grave_level_is_proposed_once(s: Service, level: str):
    """However often one submit of I or II comes, it is one proposal, and no switch."""
    client, command, before = await s.as_("duty-officer"), key(), s.head
    body = declaration(level=level)
    answers = await asyncio.gather(
        *(client.send("/emergencies", body, command) for _ in range(20))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.text for a in answers}) == 1
    receipt = answers[0].json()
    assert (receipt["state"], receipt["glass"]) == ("PROPOSED", None)
    [row] = rows_since(s.world, before)
    fact = catalogue.decode_event(row.name, catalogue.open_envelope(row.stored).event)
    assert isinstance(fact, ProposalMade)
    assert (fact.proposal, fact.proposer) == (receipt["proposal"], "zhiban")
    await s.world.reached(row.seq)
    assert (await client.board())["mode"] == "PEACETIME"
    assert (await client.board())["approvals"] == {"waiting": 1}


OVERLAPS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({"scope": [DISTRICT]}, {"scope": [STREET_1]}, [STREET_1]),
    ({"scope": [STREET_1]}, {"scope": [DISTRICT]}, [STREET_1]),
    ({"scope": [STREET_1]}, {"scope": [STREET_2]}, []),
    ({"scope": [DISTRICT], "excluded": [STREET_2]}, {"scope": [STREET_2]}, []),
    (
        {"scope": [DISTRICT], "excluded": [STREET_2]},
        {"scope": [DISTRICT], "excluded": [STREET_1]},
        [],
    ),
]


@pytest.mark.parametrize(("first", "second", "both"), OVERLAPS)
@served
async def test_overlapping_scopes(
    s: Service, first: dict[str, Any], second: dict[str, Any], both: list[str]
):
    """Emergencies may share a place; the board says which ones cover it."""
    client = await s.as_("commander")
    one = await client.declare(**first)
    two = await client.declare(**second, level="IV")
    board = await client.board(min_seq=two["seq"])
    ids = [one["emergency"], two["emergency"]]
    shared = [c["code"] for c in board["children"] if c["emergencies"] == ids]
    assert shared == both
    assert [e["id"] for e in board["emergencies"]] == ids


@served
async def test_twenty_at_once_are_twenty(s: Service):
    """Declarations for one street at the same moment are all carried out, in order."""
    client = await s.as_("commander")
    answers = await asyncio.gather(
        *(client.send("/emergencies", declaration(scope=[STREET_1])) for _ in range(20))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["seq"] for a in answers}) == 20
    board = await client.board(STREET_1, s.head)
    assert len(board["emergencies"]) == 20


# --- carried out once --------------------------------------------------------------


@served
async def test_a_retry_gets_the_same_answer(s: Service):
    """The same key and body again: the same answer, word for word, nothing new."""
    client = await s.as_("commander")
    for template in ("/emergencies", "/sites/{site}/steps/{step}/acknowledge"):
        path, body = writes()[template]
        command = key()
        first = await client.send(path, body, command)
        assert first.status_code in (200, 201), first.text
        before = s.head
        for _ in range(3):
            again = await client.send(path, body, command)
            assert again.status_code == first.status_code
            assert again.json() == first.json()
        assert s.head == before


@pytest.mark.parametrize("what", ["declare", "step"])
@served
async def test_fifty_at_once_are_one(s: Service, what: str):
    """Fifty sends of one command in parallel are one event and fifty equal answers."""
    client, command = await s.as_("commander"), key()
    path, body = "/emergencies", declaration()
    if what == "step":
        await client.declare()
        path, body = step_path(CENTRE_1, STEP), {}
    before = s.head
    answers = await asyncio.gather(
        *(client.send(path, body, command) for _ in range(50))
    )
    assert len({a.status_code for a in answers}) == 1
    assert len({a.text for a in answers}) == 1
    assert answers[0].is_success
    assert s.head == before + 1


@served
async def test_a_key_is_for_one_command(s: Service):
    """The same key with another body, or for another route, is refused with 409."""
    client, command = await s.as_("commander"), key()
    receipt = await client.do("/emergencies", declaration(), command)
    before = s.head
    for path, body in (
        ("/emergencies", declaration(basis="另一依据")),
        ("/emergencies", declaration(scope=[STREET_1])),
        (f"/emergencies/{receipt['emergency']}/end", {"basis": "解除令"}),
        (step_path(CENTRE_1, STEP), {}),
    ):
        answer = await client.send(path, body, command)
        assert answer.status_code == 409, answer.text
        is_error(answer, "command.id-reused")
    assert s.head == before


@served
async def test_a_key_belongs_to_whoever_used_it(s: Service):
    """Somebody who may not declare gets no receipt with the commander's key either."""
    command, body = key(), declaration()
    await (await s.as_("commander")).do("/emergencies", body, command)
    answer = await (await s.as_("auditor")).send("/emergencies", body, command)
    assert answer.status_code in (403, 409), answer.text
    is_error(answer, "permit.denied", "command.id-reused")


KEYS = [None, "", "short", "x" * 65, "with space", "汉字汉字汉字汉字", "a:b:c:d:e"]


@served
async def test_no_write_without_a_fit_key(s: Service, subtests: Subtests):
    """A missing or malformed Idempotency-Key is refused on every write route."""
    client, before = await s.as_("administrator"), s.head
    for sent in KEYS:
        headers = {} if sent is None else {"Idempotency-Key": sent.encode()}
        for path, body in writes().values():
            with subtests.test(sent=sent, path=path):
                csv = isinstance(body, bytes)
                answer = await client.http.post(
                    API + path,
                    headers={**headers, **(CSV_TYPE if csv else {})},
                    **({"content": body} if csv else {"json": body}),
                )
                assert answer.status_code == 400, answer.text
                is_error(answer, "request.no-command-id")
                assert answer.json()["fields"][0]["field"] == "Idempotency-Key"
    assert s.head == before


# --- from peace to emergency and back ----------------------------------------------


async def finish(client: Client, area: str = DISTRICT) -> int:
    """Complete every mandatory open step of an area; return the last seq."""
    seq = 0
    for site in (await client.get("/sites", area=area))["sites"]:
        for step in site["steps"]:
            if step["mandatory"] and step["state"] != "DONE":
                seq = (await client.step(site["id"], step["id"]))["seq"]
    return seq


@served
async def test_an_emergency_from_start_to_peace(s: Service):
    """PEACETIME, CONVERTING, EMERGENCY, RECOVERING, PEACETIME, by steps."""
    client = await s.as_("commander")
    receipt = await client.declare(scope=[STREET_1])
    emergency = receipt["emergency"]
    await s.world.reached(receipt["seq"])
    ack = await client.step(CENTRE_1, STEP, "acknowledge")
    assert (ack["site"], ack["step"], ack["state"]) == (CENTRE_1, STEP, "ACKNOWLEDGED")
    site = await client.get(f"/sites/{CENTRE_1}", min_seq=ack["seq"])
    step = next(t for t in site["steps"] if t["id"] == STEP)
    assert (step["state"], step["acknowledged"]["seq"]) == ("ACKNOWLEDGED", ack["seq"])
    assert step["acknowledged"]["by"] == "zong"
    done = await client.step(CENTRE_1, STEP)
    assert done["state"] == "DONE"
    site = await client.get(f"/sites/{CENTRE_1}", min_seq=done["seq"])
    step = next(t for t in site["steps"] if t["id"] == STEP)
    assert (step["state"], step["done"]["seq"]) == ("DONE", done["seq"])
    assert step["acknowledged"]["seq"] == ack["seq"]
    for verb, code in (
        ("complete", "steps.already-done"),
        ("acknowledge", "steps.already-done"),
    ):
        answer = await client.send(step_path(CENTRE_1, STEP, verb), {})
        assert answer.status_code == 409
        is_error(answer, code)

    board = await client.board(STREET_1, await finish(client, STREET_1))
    assert (board["mode"], board["level"]) == ("EMERGENCY", "III")
    assert board["counts"]["steps"]["done"] > 0
    assert (await client.board(STREET_2))["mode"] == "PEACETIME"

    end = await client.do(f"/emergencies/{emergency}/end", {"basis": "解除令"})
    assert (end["emergency"], end["state"]) == (emergency, "ENDED")
    board = await client.board(STREET_1, end["seq"])
    assert (board["mode"], board["ordered"]) == ("PEACETIME", None)
    assert board["converted"] == "RECOVERING"
    assert [e["state"] for e in board["emergencies"]] == ["ENDED"]
    again = await client.send(f"/emergencies/{emergency}/end", {"basis": "解除令"})
    assert again.status_code == 409
    is_error(again, "mode.already-ended")

    board = await client.board(STREET_1, await finish(client, STREET_1))
    assert (board["mode"], board["level"], board["emergencies"]) == (
        "PEACETIME",
        None,
        [],
    )
    assert board["late_total"] == 0


UNKNOWN = [
    ("/emergencies/e-0123456789/end", {"basis": "解除令"}, "mode.unknown-emergency"),
    (step_path("310117001-s9", STEP), {}, "steps.unknown-site"),
    (step_path(CENTRE_1, "no-such-step"), {}, "steps.unknown-step"),
]


@served
async def test_writes_to_what_is_not_there(s: Service, subtests: Subtests):
    """A write to an emergency, site or step that does not exist is a 404."""
    client = await s.as_("commander")
    await client.declare()
    before = s.head
    for path, body, code in UNKNOWN:
        with subtests.test(path):
            answer = await client.send(path, body)
            assert answer.status_code == 404, answer.text
            is_error(answer, code)
    assert s.head == before


UNKNOWN_READS = [
    ("/areas/310118000000/board", "areas.unknown"),
    ("/areas/310118000000/children", "areas.unknown"),
    ("/sites?area=310118000000", "areas.unknown"),
    ("/sites/310117001-s9", "steps.unknown-site"),
    ("/stream?area=310118000000", "areas.unknown"),
    ("/facts/999999", "facts.unknown"),
    ("/facts/0", "facts.unknown"),
    ("/emergencies/e-0123456789", "mode.unknown-emergency"),
    ("/nothing", "http.404"),
]


@served
async def test_reads_of_what_is_not_there(s: Service, subtests: Subtests):
    """A read of what does not exist is a 404 in the one shape."""
    client = await s.as_("auditor")
    for path, code in UNKNOWN_READS:
        with subtests.test(path):
            answer = await client.http.get(API + path)
            assert answer.status_code == 404, answer.text
            is_error(answer, code)


# --- any moment --------------------------------------------------------------------


LATER = ("head", "at", "now")
"""What a read as of an older seq says of the present."""


async def live(client: Client, seq: int) -> dict[str, Any]:
    """Return what every read shows now."""
    shown: dict[str, Any] = {}
    for area in EVERY_AREA:
        board = await client.board(area, seq)
        shown[area] = {k: v for k, v in board.items() if k not in LATER}
    shown["sites"] = (await client.get("/sites", area=DISTRICT))["sites"]
    shown["facts"] = (await client.get("/facts", area=DISTRICT))["facts"]
    shown["site"] = without(await client.get(f"/sites/{CENTRE_1}"), *LATER)
    return shown


def without(found: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return an answer without some of its keys."""
    return {k: v for k, v in found.items() if k not in keys}


@served
async def test_every_moment_can_be_seen_again(s: Service):
    """At the end each read as of each seq equals what it answered live at that seq."""
    client, clock = await s.as_("commander"), s.world.clock
    seen: dict[int, dict[str, Any]] = {}

    async def look(seq: int) -> None:
        seen[seq] = await live(client, seq)

    await look(s.head)
    emergency = (await client.declare(scope=[STREET_1]))["emergency"]
    await look(s.head)
    for site, step, verb in (
        (CENTRE_1, STEP, "acknowledge"),
        (CENTRE_1, STEP, "complete"),
        (CENTRE_1, OTHER_STEP, "complete"),
    ):
        clock.now += MINUTE
        await look((await client.step(site, step, verb))["seq"])
    clock.now += 50 * MINUTE
    for _ in range(3):  # one tick records several; each position counts
        await s.world.tick()
    await look(s.head)
    await look((await client.declare(scope=[STREET_2], level="IV"))["seq"])
    clock.now += MINUTE
    await client.do(f"/emergencies/{emergency}/end", {"basis": "解除令"})
    await look(s.head)
    renamed = AREAS.replace("岳阳街道", "岳阳镇").encode()
    answer = await (await s.as_("administrator")).http.post(
        API + IMPORT_PATH,
        params={"seen_seq": s.head},
        content=renamed,
        headers={**CSV_TYPE, "Idempotency-Key": key()},
    )
    assert answer.status_code == 200, answer.text
    await look(s.head)
    clock.now += HOUR
    await finish(client, STREET_1)
    await look(s.head)

    assert len(seen) >= 9
    for seq, shown in seen.items():
        for area in EVERY_AREA:
            then = await client.board(area, at=seq)
            assert (then["at"], then["head"]) == (seq, s.head)
            assert without(then, *LATER) == shown[area], (seq, area)
        then = await client.get("/sites", area=DISTRICT, at=seq)
        assert then["sites"] == shown["sites"], seq
        then = await client.get("/facts", area=DISTRICT, at=seq)
        assert then["facts"] == shown["facts"], seq
        then = await client.get(f"/sites/{CENTRE_1}", at=seq)
        assert without(then, *LATER) == shown["site"], seq


@served
async def test_a_moment_that_has_not_come_waits_and_says_so(
    s: Service, monkeypatch: pytest.MonkeyPatch
):
    """``min_seq`` beyond the log is a 503 in the one shape, after a bounded wait."""
    monkeypatch.setattr(worlds, "WAIT_SECONDS", 0.2)
    client = await s.as_("auditor")
    answer = await client.http.get(
        f"{API}/areas/{DISTRICT}/board", params={"min_seq": s.head + 1}
    )
    assert answer.status_code == 503
    is_error(answer, "views.behind")


# --- facts -------------------------------------------------------------------------


@served
async def test_facts_of_a_place_a_site_an_emergency(s: Service):
    """Facts narrow by area, site, emergency and position, newest first."""
    client = await s.as_("commander")
    one = await client.declare(scope=[STREET_1])
    two = await client.declare(scope=[STREET_2])
    done = await client.step(CENTRE_1, STEP)
    other = await client.step(CENTRE_2, STEP)
    await s.world.reached(other["seq"])

    async def seqs(**narrow: Any) -> list[int]:
        return [f["seq"] for f in (await client.get("/facts", **narrow))["facts"]]

    switch = [other["seq"], done["seq"], two["seq"], one["seq"]]
    assert (await seqs(area=DISTRICT))[:4] == switch
    assert (await seqs(area=STREET_1, after=one["seq"] - 1)) == [
        done["seq"],
        one["seq"],
    ]
    assert (await seqs(site=CENTRE_2))[0] == other["seq"]
    assert await seqs(emergency=one["emergency"]) == [done["seq"], one["seq"]]
    assert await seqs(area=DISTRICT, before=done["seq"], limit=1) == [two["seq"]]
    assert await seqs(area=DISTRICT, after=done["seq"]) == [other["seq"]]
    assert await seqs(area=DISTRICT, at=done["seq"], limit=1) == [done["seq"]]
    everything = await seqs(limit=200)
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == s.head
    assert await seqs(area=DISTRICT, after=s.head) == []


@served
async def test_a_fact_shows_its_proof(s: Service):
    """Each fact's detail is what the log stores: leaf, stream, envelope, payload."""
    client = await s.as_("commander")
    receipt, auditor = await client.declare(), await s.as_("auditor")
    await client.step(CENTRE_1, STEP, basis="微信群通知", reason="到岗", seen_seq=3)
    await s.world.reached(s.head)
    for row in rows_since(s.world, receipt["seq"] - 3):
        shown = await auditor.get(f"/facts/{row.seq}")
        stored = catalogue.open_envelope(row.stored)
        assert shown["leaf"] == row.leaf.hex()
        assert (shown["stream"], shown["version"]) == (row.stream, row.version)
        assert (shown["salt"], shown["digest"]) == (stored.salt, stored.digest)
        assert (shown["command"], shown["actor"]) == (stored.command, stored.actor)
        assert (shown["basis"], shown["reason"]) == (stored.basis, stored.reason)
        assert (shown["step"], shown["seen_seq"]) == (stored.step, stored.seen_seq)
        assert shown["recorded_at"] == time_of(row.recorded_us)
        assert shown["occurred_at"] == time_of(stored.occurred_us)
        assert catalogue.decode_event(row.name, stored.event) is not None
        assert shown["zh"]
        assert shown["en"]
    assert (shown["basis"], shown["seen_seq"], shown["site"]) == (
        "微信群通知",
        3,
        CENTRE_1,
    )


# --- what happened earlier ---------------------------------------------------------


LATE_ENTRIES = [
    ("2023-11-14T20:00:00Z", "2023-11-14T20:00:00.000000Z"),
    ("2023-11-15T04:00:00.000001+08:00", "2023-11-14T20:00:00.000001Z"),
    ("2023-11-14T20:00:00.999999Z", "2023-11-14T20:00:00.999999Z"),
    ("2023-11-14T20:00:01.000003Z", "2023-11-14T20:00:01.000003Z"),
    ("2023-11-14T20:00:01.000006Z", "2023-11-14T20:00:01.000006Z"),
]


@served
async def test_a_late_entry_keeps_its_time(s: Service, subtests: Subtests):
    """``occurred_at`` in the past is kept exactly, beside the time of entry."""
    client = await s.as_("commander")
    await client.declare()
    await s.world.reached(s.head)
    steps = [t["id"] for t in (await client.get(f"/sites/{CENTRE_1}"))["steps"]]
    for (sent, kept), step in zip(LATE_ENTRIES, steps, strict=False):
        with subtests.test(sent):
            receipt = await client.step(CENTRE_1, step, occurred_at=sent)
            await s.world.reached(receipt["seq"])
            fact = await client.get(f"/facts/{receipt['seq']}")
            assert fact["occurred_at"] == kept
            assert fact["recorded_at"] == receipt["recorded_at"]
            assert fact["recorded_at"] != kept
            site = await client.get(f"/sites/{CENTRE_1}")
            done = next(t for t in site["steps"] if t["id"] == step)["done"]
            assert done["at"] == kept


NO_TIMES: list[Any] = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "1999-12-31T23:59:59Z",
    "2023-11-14T20:00:00",
    "2023-11-14",
    "2023-11-14T24:61:00Z",
    "1700000000",
    1_700_000_000,
    1_700_000_000.5,
    True,
    "",
    "2023-11-14T20:00:00Z\x00",
    "2098-01-01T00:00:00Z",
]


@served
async def test_times_that_are_none(s: Service, subtests: Subtests):
    """No zone, year 1, a number, the future: refused, and ``occurred_at`` is named."""
    client = await s.as_("commander")
    await client.declare()
    for sent in NO_TIMES:
        with subtests.test(repr(sent)):
            before = s.head
            answer = await client.send(step_path(CENTRE_1, STEP), {"occurred_at": sent})
            assert answer.status_code == 422, answer.text
            is_error(answer)
            assert answer.json()["fields"][0]["field"] == "occurred_at"
            assert s.head == before


# --- deadlines ---------------------------------------------------------------------


def test_a_deadline_that_passed_while_down(data: Path):
    """Recorded once after the restart, with when it was due and when it was noticed."""
    clock = Clock(NOW + HOUR)

    async def before() -> str:
        async with service(data, clock) as s:
            client = await s.as_("commander")
            emergency = (await client.declare())["emergency"]
            await client.step(CENTRE_1, STEP)
            assert await s.world.tick() == 0
            return emergency

    async def after(emergency: str) -> None:
        async with service(data, clock) as s:
            client = await s.as_("commander")
            declared_seq = s.head - 1
            counts = await asyncio.gather(*(s.world.tick() for _ in range(5)))
            assert await s.world.tick() == 0
            rows = [
                r for r in rows_since(s.world, declared_seq) if "deadline" in r.name
            ]
            assert len(rows) >= 3
            assert sum(counts) >= len(rows)
            await s.world.reached(s.head)
            facts = [
                catalogue.decode_event(r.name, catalogue.open_envelope(r.stored).event)
                for r in rows
            ]
            assert len({(f.step, f.due_us) for f in facts}) == len(rows)
            for row, fact in zip(rows, facts, strict=True):
                assert isinstance(fact, DeadlinePassed)
                assert fact.emergency == emergency
                assert NOW + HOUR < fact.due_us <= fact.noticed_us == clock.now
                shown = await client.get(f"/facts/{row.seq}")
                assert shown["payload"]["due_us"] == fact.due_us
                assert shown["payload"]["noticed_us"] == clock.now
            board = await client.board(DISTRICT)
            assert board["late_total"] == len(board["late"]) > 0
            assert {(x["site"], x["step"]) for x in board["late"]}.isdisjoint(
                {(CENTRE_1, STEP)}
            )
            assert (CENTRE_2, STEP) in {(x["site"], x["step"]) for x in board["late"]}
            again = s.head
        async with service(data, clock) as s:
            assert await s.world.tick() == 0
            assert s.head == again

    emergency = asyncio.run(before())
    clock.now += 35 * MINUTE
    asyncio.run(after(emergency))


@served(timers=True)
async def test_the_timer_ticks_by_itself(s: Service):
    """With timers on, a deadline is recorded without anybody asking."""
    client = await s.as_("commander")
    await client.declare(scope=[STREET_1])
    s.world.clock.now += 16 * MINUTE
    board = await client.board(STREET_1, s.head + 1)
    assert (CENTRE_1, STEP) in {(x["site"], x["step"]) for x in board["late"]}


# --- area files --------------------------------------------------------------------

GROWN = AREAS + "310117002003,五居委会,community,310117002000\n"


async def import_file(
    client: Client, text: str, command: str = "", **query: Any
) -> Any:
    """Send an area file."""
    return await client.http.post(
        API + IMPORT_PATH,
        content=text.encode(),
        params=query,
        headers={**CSV_TYPE, "Idempotency-Key": command or key()},
    )


@served
async def test_an_import_tried_then_done_then_repeated(s: Service):
    """A dry run stores nothing; the import does; its retry answers the same."""
    client, before = await s.as_("administrator"), s.head
    dry = await import_file(client, GROWN, dry_run=True)
    said = {"rows": 8, "registered": 1, "renamed": 0}
    assert dry.json() == {"dry_run": True, **said, "receipt": None}
    assert s.head == before
    command = key()
    first = await import_file(client, GROWN, command)
    assert first.status_code == 200, first.text
    assert without(first.json(), "receipt") == {"dry_run": False, **said}
    assert first.json()["receipt"]["seq"] == s.head == before + 1
    again = await import_file(client, GROWN, command)
    assert again.json() == first.json()
    other = await import_file(client, GROWN)
    assert other.status_code == 409
    is_error(other, "areas.nothing-new")
    dry = await import_file(client, GROWN, dry_run=True)
    assert (dry.json()["registered"], dry.json()["renamed"]) == (0, 0)
    assert s.head == before + 1
    board = await client.board(STREET_2, s.head)
    assert "310117002003" in [c["code"] for c in board["children"]]


@served
async def test_a_faulty_file_is_refused_row_by_row(s: Service):
    """Every wrong row is named by line and column, and none of the file is taken."""
    client, before = await s.as_("administrator"), s.head
    bad = (
        GROWN
        + "31011700200,短,community,310117002000\n"
        + "310117002004,,community,310117002000\n"
        + "310118001001,别处,community,310117002000\n"
    )
    for query in ({}, {"dry_run": True}):
        answer = await import_file(client, bad, **query)
        assert answer.status_code == 422, answer.text
        is_error(answer, "areas.import-refused")
        named = [f["field"] for f in answer.json()["fields"]]
        assert "row 10: code" in named
        assert "row 11: name" in named
    answer = await import_file(
        client, GROWN + "310118001001,别处,community,310117002000\n"
    )
    assert answer.json()["fields"][0]["field"] == "row 10: parent_code"
    assert s.head == before


@served
async def test_an_import_is_for_administrators(s: Service, subtests: Subtests):
    """A fit file and a faulty one are alike 403 for everybody else."""
    before = s.head
    for who in ("auditor", "commander", "street-staff"):
        for text in (GROWN, "nonsense"):
            with subtests.test(who=who, text=text[:8]):
                answer = await import_file(await s.as_(who), text)
                assert answer.status_code == 403, answer.text
                is_error(answer, "permit.denied")
    assert s.head == before


@served
async def test_an_upload_cut_short_imports_nothing(s: Service):
    """A client that goes away in the middle of its file has sent no file."""
    client, before = await s.as_("administrator"), s.head
    lines = (GROWN + "310117002004,六居委会,community,310117002000\n").encode()
    cut = lines[: lines.rindex(b"310117002004")]
    headers = [
        (b"host", b"pingzhan.test"),
        (b"content-type", b"text/csv"),
        (b"content-length", str(len(lines)).encode()),
        (b"idempotency-key", key().encode()),
        (b"cookie", f"pingzhan={client.http.cookies['pingzhan']}".encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": API + IMPORT_PATH,
        "raw_path": (API + IMPORT_PATH).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("pingzhan.test", 80),
    }
    came = iter(
        [
            {"type": "http.request", "body": cut, "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(came, {"type": "http.disconnect"})

    async def send(_message: Any) -> None:
        return

    await s.app(scope, receive, send)
    assert s.head == before


# --- operators, other sites --------------------------------------------------------


@served
async def test_health_and_metrics(s: Service):
    """Live and ready without a session; metrics follow the log and the refusals."""
    client = await s.as_("commander")
    async with s.http() as http:
        assert (await http.get("/health/live")).json() == {"status": "live"}
        ready = await http.get("/health/ready")
        assert ready.status_code == 200
        said = ready.json()
        parts = said.pop("parts")
        assert said == {
            "status": "ready",
            "zh": "正常",
            "en": "well",
            "seq": s.head,
            "views_seq": s.head,
            "notifications": {"on": False},
        }
        assert {(part["part"], part["state"]) for part in parts} == {
            (part, "ok") for part in PARTS
        }
        await client.declare()
        await client.send("/emergencies", declaration(hazard="flood"))
        await s.world.reached(s.head)
        metrics = (await http.get("/metrics")).text
    lines = metrics.splitlines()
    assert f"pingzhan_log_seq {s.head:.1f}" in lines
    assert f"pingzhan_views_seq {s.head:.1f}" in lines
    assert 'pingzhan_refusals_total{code="mode.wrong-hazard"} 1.0' in lines
    assert any('/emergencies",status="201"' in line for line in lines)


ORIGINS = [
    ({}, False),
    ({"Origin": ORIGIN}, False),
    ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Origin": "https://pingzhan.test"}, False),
    ({"Origin": "http://evil.test"}, True),
    ({"Origin": "null"}, True),
    ({"Origin": ""}, True),
    ({"Origin": f"{ORIGIN}.evil.test"}, True),
    ({"Origin": f"{ORIGIN}:8080"}, True),
    ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, True),
    ({"Sec-Fetch-Site": "same-site"}, True),
    ({"Sec-Fetch-Site": "Same-Origin, cross-site"}, True),
]


@served
async def test_writes_from_other_sites(s: Service, subtests: Subtests):
    """A page of another site can neither write nor sign in nor sign out here."""
    given = {"account": "zong", "password": PASSWORD}
    for headers, refused in ORIGINS:
        with subtests.test(headers=headers):
            async with s.http(headers=headers) as http:
                bearer = {"Authorization": f"Bearer {LOCAL_TOKEN}"}
                before = s.head
                answers = [
                    await http.post(f"{API}/session", json=given),
                    await http.post(
                        f"{API}/emergencies",
                        json=declaration(),
                        headers={**bearer, "Idempotency-Key": key()},
                    ),
                    await http.delete(f"{API}/session", headers=bearer),
                ]
                for answer in answers:
                    assert (answer.status_code == 403) == refused, answer.text
                    if refused:
                        is_error(answer, "request.foreign-origin")
                assert not refused or s.head == before
                assert bool(answers[0].cookies) != refused


@served
async def test_pages_carry_security_headers(s: Service):
    """Sign-in page, screen, its redirect and error pages: CSP, nosniff, no-store."""
    client = await s.as_("commander")
    html = {"Accept": "text/html"}
    async with s.http(headers=html) as http:
        login = await http.get("/login")
        redirect = await http.get("/?area=310117001000")
        missing = await http.get("/nothing")
    screen = await client.http.get("/", headers=html)
    assert [a.status_code for a in (login, redirect, missing, screen)] == [
        200,
        303,
        404,
        200,
    ]
    assert redirect.headers["location"].startswith(f"{ORIGIN}/login?next=")
    for answer in (login, redirect, missing, screen):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy or "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


@served
async def test_the_screen_names_its_area_safely(s: Service):
    """What an address says is never markup on the page."""
    client = await s.as_("commander")
    evil = '"><script>alert(1)</script>'
    page = await client.http.get("/", params={"area": evil})
    assert "<script>alert(1)" not in page.text
    async with s.http() as http:
        login = await http.get("/login", params={"next": evil})
    assert "<script>alert(1)" not in login.text


@served
async def test_a_fault_of_ours_has_the_one_shape(s: Service):
    """A 500 is JSON like every other no, and tells nothing about the inside."""
    client = await s.as_("commander")
    s.app.state.world = None  # a fault as good as any
    answer = await client.http.get(f"{API}/areas/{DISTRICT}/board")
    assert answer.status_code == 500
    is_error(answer)


@served
async def test_playbooks_and_children(s: Service):
    """The pickers: the published playbook and an area's children by code."""
    client = await s.as_("street-staff")
    plan, flood = (await client.get("/playbooks"))["playbooks"]
    assert (flood["id"], flood["hazard"]) == ("flood-typhoon", "flood")
    assert (plan["id"], plan["hazard"]) == ("epidemic-control", "epidemic")
    areas = (await client.get(f"/areas/{DISTRICT}/children"))["areas"]
    assert [a["code"] for a in areas] == [STREET_1, STREET_2]
    assert {a["level"] for a in areas} == {"street"}
    receipt = await (await s.as_("commander")).declare()
    await s.world.reached(receipt["seq"])
    shown = await client.get(f"/emergencies/{receipt['emergency']}")
    row = rows_since(s.world, receipt["seq"] - 1)[0]
    fact = catalogue.decode_event(row.name, catalogue.open_envelope(row.stored).event)
    assert isinstance(fact, EmergencyDeclared)
    assert shown["playbook"]["digest"] == fact.playbook_digest == plan["digest"]
    assert shown["declared_at"] == time_of(fact.declared_us)


@served
async def test_a_row_behind_the_end_is_said_and_written_over_by_nobody(s: Service):
    """Not ready, with the reason; writes are refused, not written over it (H11)."""
    client = await s.as_("commander")
    with closing(sqlite3.connect(s.world.settings.log_path)) as c, c:
        c.execute(
            "INSERT INTO stored_events SELECT max(rowid) + 1, originator_id, 999,"
            " topic, state, recorded_us + 1, leaf FROM stored_events"
        )
    async with s.http() as http:
        ready = await http.get("/health/ready")
        assert ready.status_code == 503
        assert "rows beyond the end" in ready.json()["en"]
    answer = await client.send("/emergencies", declaration())
    assert answer.status_code == 503
    is_error(answer, "log.beyond")


@served
async def test_a_name_that_is_not_the_service_s_is_refused(s: Service):
    """A page of another site whose name leads here reads and writes nothing (H8)."""
    await s.as_("commander")
    async with s.http(headers={"Host": "evil.example"}) as http:
        for path in ("/login", f"{API}/session", "/health/ready"):
            answer = await http.get(path)
            assert answer.status_code == 403
            is_error(answer, "request.foreign-host")
        answer = await http.post(f"{API}/session", json={})
        is_error(answer, "request.foreign-host")
    for host in ("127.0.0.1:8417", "[::1]:8417", "localhost:8417", "pingzhan.test"):
        async with s.http(headers={"Host": host}) as http:
            assert (await http.get("/health/live")).status_code == 200


def test_names_it_is_reached_by_are_read_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch,
):
    """With spaces, in capitals, or none at all."""
    for written, read in (
        ("PZ.example.gov, other.example", {"pz.example.gov", "other.example"}),
        ("", set()),
    ):
        monkeypatch.setenv("PINGZHAN_HOSTS", written)
        assert set(filter(None, from_environment(None).hosts)) == read


@served
async def test_what_people_read_stays_nowhere(s: Service):
    """Answers of the API are kept by no cache and guessed by no browser."""
    client = await s.as_("commander")
    answer = await client.http.get(f"{API}/emergencies")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = await client.http.get("/alarms")
    assert "form-action 'self'" in page.headers["content-security-policy"]
    document = s.app.openapi()
    assert set(document["components"]["securitySchemes"]) == {"session", "token"}
    assert document["paths"][f"{API}/session"]["post"]["security"] == []
    assert document["security"] == [{"session": []}, {"token": []}]
