"""As of a moment (截至某一时点): every read answers as it answered then, or refuses.

One test for all declared reads: what a screen showed is what is shown of that moment
later, whatever has been decided since. A new read is tried by being declared.
"""

from __future__ import annotations

from typing import Any

from api.http.reading import DECLARED, Read
from tests.api.served import (
    API,
    DISTRICT,
    PASSWORD,
    Client,
    Service,
    address,
    declaration,
    furnish,
    is_error,
    order_body,
    served,
    writes,
)
from tests.given import HOUR

HERE = {"area": DISTRICT}
QUERY = {
    **dict.fromkeys(
        ("/sites", "/checkins/funnel", "/packages/coverage", "/stock/board"), HERE
    ),
    "/stock/needs": HERE,
    "/stock/ahead": {**HERE, "item": "mask-n95"},
    "/items/find": {"q": "mask-n95"},
}
"""What these reads cannot do without."""
OF_NOW = frozenset({"at", "head", "now", "recorded_at", "rate"})
"""What a board says of the moment at which it is drawn."""
FILES = (".pdf", ".xlsx")


def plain(answer: Any) -> Any:
    """Return an answer without what it says of the moment it is drawn."""
    return {k: v for k, v in answer.items() if k not in OF_NOW}


def tried(ids: dict[str, str]) -> list[tuple[Read, str, dict[str, str]]]:
    """Return each read that has moments, its address, and what it must be asked."""
    query = {**QUERY, "/stock/trace": {"item": ids["item"], "lot": ids["lot"]}}
    return [
        (read, API + address(read.path, ids), query.get(read.path, {}))
        for read in DECLARED.values()
        if not read.timeless and not read.path.endswith(FILES)
    ]


async def change_all(s: Service, ids: dict[str, str]) -> None:
    """Decide as much as can be decided, so that nothing stands as it stood."""
    for template, (path, body) in writes(ids).items():
        if isinstance(body, bytes):
            continue
        for who in ("commander", "administrator", "deputy", "street-staff"):
            answer = await (await s.as_(who)).send(path, body)
            assert answer.status_code < 500, (template, answer.text)
            if answer.status_code < 300:
                break
    boss = await s.as_("commander")
    await boss.do("/orders", order_body(scope=[DISTRICT], title="第二道"))
    alone = {"break_glass": True, "password": PASSWORD, "reason": "联系不上批准人"}
    await boss.do("/emergencies", declaration(matter="又一起", level="II", **alone))
    await s.world.reached(s.head)


@served
async def test_every_read_answers_of_a_moment_as_it_answered_then(s: Service):
    """Also hours later, when everything has changed."""
    ids = await furnish(s)
    readers: dict[str, Client] = {}
    then: dict[str, Any] = {}
    for read, path, query in tried(ids):
        for who in ("commander", "administrator"):
            answer = await (await s.as_(who)).http.get(path, params=query)
            if answer.status_code == 200:
                readers[read.path] = await s.as_(who)
                found = answer.json()
                shown = found.get("shown_seq") or found.get("seq") or s.head
                then[read.path] = shown, plain(found)
                break
        else:
            raise AssertionError((read.path, answer.text))
    s.world.clock.now += 3 * HOUR
    await change_all(s, ids)
    changed, wrong = 0, {}
    for read, path, query in tried(ids):
        client, (head, before) = readers[read.path], then[read.path]
        await s.world.reached(s.head)
        changed += plain((await client.http.get(path, params=query)).json()) != before
        answer = await client.http.get(path, params={**query, "at": head})
        if answer.status_code != 200 or plain(answer.json()) != before:
            wrong[read.path] = (before, answer.json())
    assert changed > 20, "nothing to tell one moment from the other"
    assert not wrong, sorted(wrong)


@served
async def test_a_hand_written_read_takes_no_other_parameter_either(s: Service):
    """Who is signed in, what became of a gift, a screen's stream: misspelt, refused."""
    client = await s.as_("commander")
    for path in (
        "/session?att=1",
        "/donations?number=310117001-s1-1&code=0123456789&at=7",
        "/stream?area=310117000000&afterr=1",
    ):
        answer = await client.http.get(f"{API}{path}")
        is_error(answer, "request.invalid")


@served
async def test_a_page_is_of_the_moment_it_names_or_says_no(s: Service):
    """No page shows now for what was asked of then, or something else for a slip."""
    client = await s.as_("commander")
    made, http = await client.declare(), client.http
    http.headers["Accept"] = "text/html"
    for where in ("/posts?at=5", "/emergencies?at=1", "/alarms?at=2023-11-14"):
        answer = await http.get(where)
        assert (answer.status_code, "只显示现在" in answer.text) == (422, True)
    for where in ("/?aera=310117001000", "/?ats=5", "/posts?bogus=1", "/login?x=1"):
        answer = await http.get(where)
        assert (answer.status_code, "未知参数" in answer.text) == (422, True), where
    answer = await http.get(f"/?at={made['command']}")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"at={made['seq']}")
    assert (await http.get("/?at=next-tuesday")).status_code == 404
    async with s.http(headers={"Accept": "text/html"}) as stranger:
        for at in (made["command"], "2023-11-14T12:00:00Z", "next-tuesday"):
            answer = await stranger.get("/", params={"at": at})
            assert "/login?" in answer.headers["location"], at
    for where in ("/?area=310117000000&at=5", "/stock?only=310117001-s1&l.page=2"):
        assert (await http.get(where)).status_code == 200
