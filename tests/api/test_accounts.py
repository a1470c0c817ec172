"""What is done about an account is a fact; who resets one does not sign by it (H2)."""

from __future__ import annotations

import httpx

from tests.api.served import (
    ACCOUNTS,
    API,
    PASSWORD,
    Client,
    Service,
    declaration,
    is_error,
    key,
    served,
)
from tests.api.test_switches import approve, names, proposed

ACTED = "grants.account-acted.1"
CHIEF = ACCOUNTS["commander"].account
DAY_US = 86_400_000_000
RESET_TO, OWN = "seven grey herons", "two slow barges"


async def signed_in(s: Service, account: str, password: str) -> httpx.AsyncClient:
    """Return a client of its own that has signed in."""
    http = s.http()
    given = {"account": account, "password": password}
    answer = await http.post(f"{API}/session", json=given)
    assert answer.status_code == 200, answer.text
    return http


async def reset(s: Service) -> httpx.AsyncClient:
    """Let an administrator reset the commander's password, and sign in by it."""
    admin = await s.as_("administrator")
    path = f"{API}/accounts/{CHIEF}/password"
    answer = await admin.http.post(path, json={"password": RESET_TO})
    assert answer.status_code == 200, answer.text
    return await signed_in(s, CHIEF, RESET_TO)


async def chosen(http: httpx.AsyncClient, now: str, another: str) -> httpx.Response:
    """Change one's own password."""
    body = {"password": now, "another": another}
    return await http.post(f"{API}/session/password", json=body)


@served
async def test_every_act_on_an_account_is_a_fact(s: Service):
    """Opened, reset, disabled, enabled, a session ended, a token made and revoked."""
    admin, before = (await s.as_("administrator")).http, s.head
    new = {"account": "xinren", "name": "新人", "password": RESET_TO}
    assert (await admin.post(f"{API}/accounts", json=new)).status_code == 201
    for act in ("disable", "enable"):
        answer = await admin.post(f"{API}/accounts/xinren/{act}")
        assert answer.status_code == 200, answer.text
    made = await admin.post(f"{API}/tokens", json={"name": "脚本", "days": 90})
    await admin.delete(f"{API}/tokens/{made.json()['id']}")
    assert names(s, before) == [ACTED] * 5
    await s.world.reached(s.head)
    boss = await s.as_("commander")
    told = [f["zh"] for f in (await boss.get("/facts"))["facts"] if f["name"] == ACTED]
    assert told[::-1] == [
        "新建账号：新人", "停用账号：新人", "启用账号：新人", "新建接口令牌：管理庚",
        "撤销接口令牌：管理庚",
    ]  # fmt: skip


@served
async def test_a_reset_account_signs_nothing_grave_for_a_day(s: Service):
    """Its owner chooses a password first; an alarm says so until then."""
    proposal = await proposed(s)
    chief = await reset(s)
    await s.world.reached(s.head)
    deputy = await s.as_("deputy")
    [alarm] = (await deputy.get("/alarms", **{"f.kind": "reset"}))["rows"]
    assert (alarm["state"], alarm["gravity"]) == ("RAISED", "GRAVE")
    is_error(await chief.get(f"{API}/emergencies"), "auth.must-change")
    is_error(await chosen(chief, RESET_TO, RESET_TO), "auth.same-password")
    is_error(await chosen(chief, RESET_TO, "12345678"), "auth.weak-password")
    is_error(await chosen(chief, "wrong words", OWN), "auth.wrong-password")
    assert (await chosen(chief, RESET_TO, OWN)).status_code == 200
    assert (await chief.get(f"{API}/emergencies")).status_code == 200
    await s.world.reached(s.head)
    [alarm] = (await deputy.get("/alarms", **{"f.kind": "reset"}))["rows"]
    assert alarm["state"] == "OVER"
    s.clients["commander"] = Client(chief, lambda: s.head)
    no = await approve(s, "commander", proposal, password=OWN)
    is_error(no, "approvals.just-reset")
    s.world.clock.now += DAY_US
    s.clients.clear()  # their sessions are over
    later = await proposed(s)
    s.clients["commander"] = Client(await signed_in(s, CHIEF, OWN), lambda: s.head)
    yes = await approve(s, "commander", later, password=OWN)
    assert yes.status_code == 200, yes.text


@served
async def test_ones_own_change_ends_all_else_that_is_open(s: Service):
    """The session it is made in goes on; others and tokens do not."""
    http = (await s.as_("commander")).http
    elsewhere = await signed_in(s, CHIEF, PASSWORD)
    made = await http.post(f"{API}/tokens", json={"name": "x", "days": 1})
    token = s.http(headers={"Authorization": f"Bearer {made.json()['secret']}"})
    assert (await chosen(http, PASSWORD, OWN)).status_code == 200
    assert (await http.get(f"{API}/session")).status_code == 200
    for closed in (elsewhere, token):
        is_error(await closed.get(f"{API}/session"), "auth.not-signed-in")
    assert (await signed_in(s, CHIEF, OWN)) is not None


@served
async def test_no_weak_password_comes_in(s: Service):
    """Whoever sets it, and whoever's it is."""
    admin = (await s.as_("administrator")).http
    for weak in ("1", "12345678", "password", "xinren2026", "qwertyuiop12"):
        new = {"account": "xinren", "name": "新人", "password": weak}
        answer = await admin.post(f"{API}/accounts", json=new)
        is_error(answer, "auth.weak-password")
        path = f"{API}/accounts/{CHIEF}/password"
        if "xinren" in weak:
            continue  # of somebody else it is no name
        is_error(await admin.post(path, json={"password": weak}), "auth.weak-password")
    assert s.accounts.get("xinren") is None


# --- tokens (H5) -------------------------------------------------------------------


async def by_token(s: Service, who: str, **more: str) -> tuple[str, httpx.AsyncClient]:
    """Return a new token of somebody, made in a session: its id, and its bearer."""
    http, new = (await s.as_(who)).http, {"name": "脚本", "days": 1, **more}
    made = await http.post(f"{API}/tokens", json=new)
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    return made.json()["id"], s.http(headers={"Authorization": f"Bearer {secret}"})


@served
async def test_an_administrator_lists_and_revokes_the_tokens_of_others(s: Service):
    """That the list was read and the token revoked is recorded; it ends at once."""
    admin, before = await s.as_("administrator"), s.head
    id_, token = await by_token(s, "commander", scope="all")
    _, other = await by_token(s, "auditor")
    [mine] = (await (await s.as_("commander")).get("/tokens"))["rows"]
    found = (await admin.get("/tokens/all", sort="account", lang="en"))["rows"]
    assert [(r["account"], r["account_name"], r["scope_en"]) for r in found] == [
        ("ducha", "督查己", "Read only"), (CHIEF, "总指挥甲", "Read and write"),
    ]  # fmt: skip
    assert {**found[1], **mine} == found[1]
    assert "secret" not in found[1]
    for stranger in (token, other):
        is_error(await stranger.get(f"{API}/tokens/all"), "permit.denied")
    is_error(await other.delete(f"{API}/tokens/{id_}"), "auth.token-reads-only")
    auditor = await s.as_("auditor")
    is_error(await auditor.http.delete(f"{API}/tokens/{id_}"), "permit.denied")
    assert (await token.get(f"{API}/session")).status_code == 200
    answer = await admin.http.delete(f"{API}/tokens/{id_}")
    assert answer.status_code == 204, answer.text
    is_error(await token.get(f"{API}/session"), "auth.not-signed-in")
    assert (await other.get(f"{API}/session")).status_code == 200
    again = await admin.http.delete(f"{API}/tokens/{id_}")
    is_error(again, "auth.unknown-session")
    await s.world.reached(s.head)
    told = (await (await s.as_("auditor")).get("/facts", after=before))["facts"]
    told = [f["zh"] for f in told if f["actor"] == ACCOUNTS["administrator"].account]
    assert told == ["撤销接口令牌：总指挥甲", "查阅令牌清单"]


@served
async def test_a_token_that_reads_writes_nothing(s: Service):
    """It is so unless asked for otherwise; whichever header brings it."""
    (_, reads), (_, writes) = [
        await by_token(s, "commander", **more) for more in ({}, {"scope": "all"})
    ]
    secret = reads.headers["authorization"].removeprefix("Bearer ")
    before, new = s.head, declaration(seen_seq=s.head)
    for http in (reads, s.http(cookies={"pingzhan": secret})):
        assert (await http.get(f"{API}/emergencies")).status_code == 200
        for method, path in (
            ("POST", "/emergencies"), ("POST", "/emergencies/preview"),
            ("POST", "/tokens"), ("DELETE", "/sessions/s-0000"),
        ):  # fmt: skip
            answer = await http.request(
                method, API + path, json=new, headers={"Idempotency-Key": key()}
            )
            assert answer.status_code == 403, (path, answer.text)
            is_error(answer, "auth.token-reads-only")
    assert s.head == before
    answer = await writes.post(
        f"{API}/emergencies", json=new, headers={"Idempotency-Key": key()}
    )
    assert answer.status_code == 201, answer.text
    odd = {"name": "x", "days": 1, "scope": "some"}
    boss = await s.as_("commander")
    answer = await boss.http.post(f"{API}/tokens", json=odd)
    is_error(answer, "request.invalid")


@served
async def test_whatever_ends_all_sessions_ends_the_tokens(s: Service):
    """An account that is disabled, or whose password somebody resets."""
    admin = await s.as_("administrator")
    for who, how, body in (
        ("auditor", "disable", None), ("commander", "password", {"password": RESET_TO}),
    ):  # fmt: skip
        _, token = await by_token(s, who)
        assert (await token.get(f"{API}/session")).status_code == 200
        path = f"{API}/accounts/{ACCOUNTS[who].account}/{how}"
        assert (await admin.http.post(path, json=body)).status_code == 200
        for closed in (token, s.clients[who].http):
            is_error(await closed.get(f"{API}/session"), "auth.not-signed-in")
