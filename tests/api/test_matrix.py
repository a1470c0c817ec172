"""Every operation x every role x own, foreign and all areas, from the OpenAPI.

What is expected is read from ``docs/roles.md``, cell by cell: what the server allows is
what the document names, and the other way round. A new operation without an
``x-action`` fails, one without a fit body does too.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.demo.accounts import Person, grant_all
from api.http.accounts_file import ALL, Account
from coordination.permit import GRANTED, PERMITTED, ROLES
from coordination.tree import Place
from tests.api.served import (
    API,
    CENTRE_1,
    CENTRE_2,
    CSV_TYPE,
    DISTRICT,
    EXAMPLES,
    OTHER,
    OWN,
    PASSWORD,
    STREET_1,
    STREET_2,
    Service,
    address,
    declaration,
    described,
    furnish,
    is_error,
    key,
    keyed,
    served,
    service,
    writes,
)
from tests.documented import allowed, asking

PLACES = {OWN.path: (STREET_1, CENTRE_1), OTHER.path: (STREET_2, CENTRE_2)}
HOLDERS = [
    ("", None),
    *((role, area) for role in GRANTED for area in (OWN, None)),
]
"""Role and where it is held: in the first street or everywhere. One holds nothing."""

# What is done to the whole world, whatever the path or body says.
WORLDWIDE = {
    "/notices/rules",
    "/notices/rules/{rule}",
    "/notices/rules/{rule}/remove",
    "/notices/try",
    "/stock/recall",
    "/areas/import",
    "/authority",
    "/clock/accept",
    "/packages/kinds",
    "/items/import",
    "/items/{item}/withdraw",
}
OF_OTHERS = {
    "/checkins": "checkin.record",
    "/posts/{post}/accept": "post.substitute",
    "/posts/{post}/return": "post.substitute",
    "/posts/{post}/safety": "post.substitute",
}
"""What asks for another role where it is not oneself: the crowd stand on no roster."""
READ_SOMEWHERE = {
    "/approvals/{proposal}",
    "/emergencies/{emergency}/record",
    "/checkins/qr",
    "/slips/{slip}/receipt.pdf",
}
"""Reads of one thing: it is shown to whom it concerns."""
UNTOLD = {"/people/{person}", "/checkins/hours/{stretch}"}
"""Of one person elsewhere nobody is told whether there is one."""
ENDLESS = "/stream"
DRAWN = (".pdf", ".xlsx")
"""A page takes long to draw: once is enough, and never for who may not."""


def account_of(role: str, area: Place | None) -> str:
    """Return the account that holds a role somewhere."""
    return f"m-{role or 'nobody'}-{'own' if area else 'all'}"


async def crowd(s: Service) -> dict[str, str]:
    """Make one account for every role and place; return the headers each comes with."""
    people = []
    found = {}
    for role, area in HOLDERS:
        account = account_of(role, area)
        s.accounts.add(Account(account, account), PASSWORD)
        token = s.accounts.new_token(account, key(), name="matrix", days=1, scope=ALL)
        found[account] = f"Bearer {token.secret}"
        if role:
            people.append(Person(account, account, role, area))
    await grant_all(s.world, people, "matrix")
    await s.world.reached(s.head)
    return found


@pytest.fixture(scope="module")
def crowded(
    seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """A world with the crowd in it, made once, and the headers each comes with."""
    folder = shutil.copytree(seeded, tmp_path_factory.mktemp("crowded") / "data")

    async def begin() -> dict[str, str]:
        async with service(folder) as s:
            return await crowd(s)

    return folder, asyncio.run(begin())


@pytest.fixture
def data(crowded: tuple[Path, dict[str, str]], tmp_path: Path) -> Path:
    """A copy of that world, this test's own."""
    return shutil.copytree(crowded[0], tmp_path / "data")


@pytest.fixture
def who(crowded: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Return the header of each of the crowd, by account."""
    return crowded[1]


def previews(ids: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    """Return the writes that store nothing in the log: previews."""
    one = f"/emergencies/{ids['emergency']}/preview"
    return {
        "/emergencies/preview": (
            "/emergencies/preview",
            declaration(scope=[ids["area"]]),
        ),
        "/emergencies/{emergency}/preview": (one, {"action": "end"}),
    }


ACCOUNT_WRITES: dict[str, tuple[str, Any]] = {
    "/accounts": (
        "/accounts",
        {"account": "xinren", "name": "新人", "password": PASSWORD},
    ),
    "/accounts/{account}/password": (
        "/accounts/yueyang/password",
        {"password": PASSWORD},
    ),
    "/accounts/{account}/disable": ("/accounts/yueyang/disable", None),
    "/accounts/{account}/enable": ("/accounts/yueyang/enable", None),
}


def test_every_operation_says_who_may(data: Path):
    """Each carries an action of the table, or says it is anybody's or one's own."""

    async def look() -> None:
        async with service(data) as s:
            seen: set[str] = set()
            for method, path, operation in described(s.app):
                action = operation.get("x-action")
                assert action in {*PERMITTED, "self", "anybody"}, (method, path)
                is_read = action.startswith("view.") or action == "account.manage"
                if method == "GET":
                    assert is_read or action in {"self", "anybody"}, path
                else:
                    assert not action.startswith("view."), path
                seen.add(action)
            inside = {
                "account.own",
                "areas.register",
                "deadline.record",
                "emergency.break-glass",
                "playbook.publish",
                "proposal.make",
                "read.record",
            }
            assert set(PERMITTED) - seen == inside

    asyncio.run(look())


def test_the_document_says_what_is_of_the_whole_world():
    """And which operations ask for another role where it is not oneself."""
    told = asking().items()
    whole = {o for (a, o), marks in told if "†" in marks and a != "account.manage"}
    assert whole == {f"POST {path}" for path in WORLDWIDE}
    manage = {"†" in marks for (a, _), marks in told if a == "account.manage"}
    assert manage == {True}
    others = {(o, a) for (a, o), marks in told if "◇" in marks}
    assert {(f"POST {path}", a) for path, a in OF_OTHERS.items()} <= others


def test_no_role_is_forgotten():
    """Every role a person can hold stands in the matrix, each twice."""
    assert {role for role, _ in HOLDERS} == {*GRANTED, ""}
    assert len(GRANTED) == len(ROLES) - 1 == 13


async def send(
    http: httpx.AsyncClient, path: str, body: Any, bearer: str
) -> httpx.Response:
    """Send a write as somebody."""
    headers = {"Authorization": bearer, "Idempotency-Key": key()}
    if isinstance(body, bytes):
        return await http.post(
            API + path, content=body, headers={**headers, **CSV_TYPE}
        )
    return await http.post(API + path, json=body, headers=headers)


def holders(place: str = OWN.path) -> list[tuple[str, str, Place | None, str]]:
    """Return role, path it is held for, area, account.

    Whoever holds it everywhere is tried at one place: the other is the same to them.
    """
    return [
        (role, area.path if area else "", area, account_of(role, area))
        for role, area in HOLDERS
        if area or place == OWN.path
    ]


def check(answer: httpx.Response, may: bool, told: Any) -> None:
    """Check that an answer is denied exactly if it should be; a fault is neither."""
    assert answer.status_code < 500, (told, answer.text)
    denied = answer.status_code == 403 and answer.json()["code"] == "permit.denied"
    assert denied == (not may), (told, answer.status_code, answer.text[:300])
    if not may:
        is_error(answer, "permit.denied")


@pytest.mark.parametrize("place", [OWN.path, OTHER.path])
@served
async def test_every_write_by_every_role(s: Service, place: str, who: dict[str, str]):
    """Denied exactly where the table says so; all else is the rules' own answer."""
    area, site = PLACES[place]
    ids = await furnish(s, area, site)
    table = {**writes(ids), **previews(ids), **ACCOUNT_WRITES}
    async with s.http() as http:
        for method, template, operation in described(s.app):
            action = operation["x-action"]
            if method != "POST" or action in {"self", "anybody"}:
                continue
            path, body = table.pop(template)
            whole = template in WORLDWIDE or action == "account.manage"
            # those who may not come first: what they try changes nothing
            for role, held, _, account in sorted(
                holders(place),
                key=lambda h: allowed(action, h[0], h[1], place, war=True),
            ):
                asked = OF_OTHERS.get(template, action)
                may = allowed(asked, role, held, None if whole else place, war=True)
                answer = await send(http, path, body, who[account])
                check(answer, may, (method, template, account, place))
    assert not table, "operations that are none any more"


@served
async def test_what_a_mode_forbids(s: Service, who: dict[str, str]):
    """In peacetime a street orders nothing; every other action is as in war."""
    async with s.http() as http:
        path, body = writes({**EXAMPLES, "area": STREET_1})["/orders"]
        for role, held, _, account in holders():
            answer = await send(http, path, body, who[account])
            may = allowed("order.issue", role, held, OWN.path, war=False)
            check(answer, may, account)
    by_mode = {
        action
        for action, rules in PERMITTED.items()
        if any(len(rule.modes) == 1 for rule in rules)
    }
    assert by_mode == {"order.issue", "order.withdraw", "order.remind"}


@served
async def test_who_recalls_a_lot_everywhere(s: Service, who: dict[str, str]):
    """Nobody who only keeps: the command, also of one street: a lot is everywhere."""
    ids = await furnish(s, *PLACES[OWN.path])
    path, body = writes(ids)["/stock/status"]
    async with s.http() as http:
        for role, held, _, account in holders():
            everywhere = {**body, "station": "", "status": "recalled"}
            answer = await send(http, path, everywhere, who[account])
            may = role in {r for rule in PERMITTED["stock.recall"] for r in rule.roles}
            check(answer, may, account)
            assert may == allowed("stock.recall", role, held, None, war=True)


HERE = {"area": DISTRICT}
QUERY = {
    **dict.fromkeys(
        (
            "/sites",
            "/checkins/funnel",
            "/packages/coverage",
            "/stock/board",
            "/stock/needs",
        ),
        HERE,
    ),
    "/stock/ahead": {**HERE, "item": "mask-n95"},
    "/stock/labels.pdf": {"item": "mask-n95"},
    # An area that is none: who is let in is told so, and the stream ends.
    ENDLESS: {"area": "310118000000"},
}


@pytest.mark.parametrize("place", [OWN.path, OTHER.path])
@served
async def test_every_read_by_every_role(s: Service, place: str, who: dict[str, str]):
    """Every read needs a role; what is sensitive needs the right one, there."""
    ids = await furnish(s, *PLACES[place])
    query = {
        **QUERY,
        "/checkins/qr": {"area": ids["recipient"]},
        "/stock/trace": {"item": ids["item"], "lot": ids["lot"]},
    }
    async with s.http() as http:
        for method, template, operation in described(s.app):
            action = operation["x-action"]
            if method != "GET" or action in {"self", "anybody"}:
                continue
            if place == OTHER.path and template not in READ_SOMEWHERE | UNTOLD:
                continue  # it asks for no place: the other one has answered
            drawn = 0
            for role, held, _, account in holders(place):
                where = place if template in READ_SOMEWHERE else None
                may = allowed(action, role, held, where, war=True)
                drawn += may and template.endswith(DRAWN)
                if may and drawn > 1:
                    continue
                answer = await http.get(
                    API + address(template, ids),
                    params=query.get(template),
                    headers={"Authorization": who[account]},
                )
                check(answer, may, (template, account, place))
                hidden = template in UNTOLD and not allowed(
                    action, role, held, place, war=True
                )
                wanted = 404 if template == ENDLESS or hidden else 200
                assert answer.status_code == (wanted if may else 403), answer.text


@served
async def test_a_list_shows_what_is_theirs(s: Service, who: dict[str, str]):
    """Who holds a role for one street sees that street's proposals and grants."""
    here = await furnish(s, STREET_1, CENTRE_1)
    there = await furnish(s, STREET_2, CENTRE_2)
    async with s.http() as http:

        async def ids(path: str, account: str) -> set[str]:
            answer = await http.get(
                API + path,
                params={"size": 200},
                headers={"Authorization": who[account]},
            )
            return {row["id"] for row in answer.json()["rows"]}

        for path, kind, role in (
            ("/approvals", "proposal", "commander"),
            ("/approvals", "proposal", "auditor"),
            ("/glasses", "glass", "duty-officer"),
            ("/grants", "grant", "auditor"),
        ):
            own = await ids(path, account_of(role, OWN))
            every = await ids(path, account_of(role, None))
            assert here[kind] in own, (path, role)
            assert there[kind] not in own, (path, role)
            assert {here[kind], there[kind]} <= every, (path, role)


@served
async def test_oneself_and_anybody(s: Service, who: dict[str, str]):
    """What is one's own needs a session and no role; of others, nothing."""
    bearer = {"Authorization": who[account_of("", None)]}
    commander = await s.as_("commander")
    [session] = (await commander.get("/sessions"))["rows"]
    token = await commander.http.post(f"{API}/tokens", json={"name": "x", "days": 1})
    async with s.http(headers=bearer) as http:
        for method, path, operation in described(s.app):
            if operation["x-action"] == "self" and method == "GET":
                answer = await http.get(API + address(path))
                assert answer.status_code == 200, (path, answer.text)
        for other in (f"sessions/{session['id']}", f"tokens/{token.json()['id']}"):
            answer = await http.delete(f"{API}/{other}")
            assert answer.status_code == 403
            is_error(answer, "permit.denied")
        made = await http.post(f"{API}/tokens", json={"name": "y", "days": 1})
        is_error(made, "auth.token-by-token")
    made = await commander.http.post(f"{API}/tokens", json={"name": "y", "days": 1})
    assert made.status_code == 201
    answer = await commander.http.delete(f"{API}/tokens/{made.json()['id']}")
    assert answer.status_code == 204
    await commander.get("/session")


@served
async def test_nobody_at_all(s: Service):
    """Without a session every operation but signing in is 401, whatever is sent."""
    ids = EXAMPLES
    table = {**writes(ids), **previews(ids)}
    async with s.http() as http:
        for method, template, operation in described(s.app):
            if operation["x-action"] == "anybody":
                continue
            for bearer in ("", "Bearer pz_no", "Bearer x"):
                headers = {"Authorization": bearer} if bearer else {}
                if keyed(operation):
                    headers["Idempotency-Key"] = key()
                body = table.get(template, ("", None))[1]
                if isinstance(body, bytes):
                    headers |= CSV_TYPE
                given = {"content": body} if isinstance(body, bytes) else {"json": body}
                answer = await http.request(
                    method, API + address(template), headers=headers, **given
                )
                assert answer.status_code == 401, (method, template, answer.text)
                is_error(answer, "auth.not-signed-in")
