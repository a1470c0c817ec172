"""What must not get in: each write route against each kind of bad body."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from pytest import Subtests  # noqa: PT013 - a type

from tests.api.served import (
    API,
    CENTRE_1,
    CSV_TYPE,
    DISTRICT,
    IMPORT_PATH,
    JSON_TYPE,
    PASSWORD,
    STEP,
    Client,
    Service,
    declaration,
    described,
    furnish,
    is_error,
    key,
    rows_since,
    served,
    step_path,
    writes,
)
from tests.given import LONG

# --- bodies ------------------------------------------------------------------------

TEXT_FIELD = {
    "/emergencies": "matter",
    "/emergencies/{emergency}/end": "basis",
    "/orders": "title",
    "/orders/{order}/acknowledge": "note",
    "/orders/{order}/done": "note",
    "/authority": "basis",
    "/people/{person}/account": "account",
    "/posts/{post}/handover": "note",
    "/packages/propose": "skill",
}
"""A text of each JSON write route, else its reason; each has ``seen_seq``, a number."""


def number(raw: str) -> Callable[[dict[str, Any], str], bytes]:
    """Return a maker of bodies with ``raw`` as ``seen_seq``."""
    return lambda body, _field: spliced(body, "seen_seq", raw)


def text(raw: str) -> Callable[[dict[str, Any], str], bytes]:
    """Return a maker of bodies with ``raw`` as the route's text."""
    return lambda body, field: spliced(body, field, raw)


def spliced(body: dict[str, Any], field: str, raw: str) -> bytes:
    """Return a body with raw JSON as one of its fields."""
    return (
        json.dumps({**body, field: "@@"}, ensure_ascii=False)
        .replace('"@@"', raw)
        .encode("utf-8", "surrogatepass")
    )


def added(raw: str) -> Callable[[dict[str, Any], str], bytes]:
    """Return a maker of bodies with one more member, given raw."""
    return lambda body, _field: (json.dumps(body)[:-1] + "," + raw + "}").encode()


def whole(raw: bytes) -> Callable[[dict[str, Any], str], bytes]:
    """Return a maker of this very body."""
    return lambda _body, _field: raw


BAD = "request.bad-json"
INVALID = "request.invalid"
UNSAID = "command.reason-missing", "command.basis-missing"
UNSEEN = "request.unseen"
# what, body, code, the field named: SEEN, TEXT, a name, or None for any
SEEN, TEXT = "seen_seq", "@text"
BODIES: list[tuple[str, Callable[[dict[str, Any], str], bytes], str, str | None]] = [
    ("NaN", number("NaN"), BAD, "body"),
    ("Infinity", number("Infinity"), BAD, "body"),
    ("-Infinity", number("-Infinity"), BAD, "body"),
    ("1e999", number("1e999"), INVALID, SEEN),
    ("1e5", number("1e5"), INVALID, SEEN),
    ("1.0", number("1.0"), INVALID, SEEN),
    ("-2", number("-2"), INVALID, SEEN),
    ("2^53", number(str(2**53)), INVALID, SEEN),
    ("2^63", number(str(2**63)), INVALID, SEEN),
    ("-2^63-1", number(str(-(2**63) - 1)), INVALID, SEEN),
    ("a number of 5,000 digits", number("9" * 5_000), BAD, "body"),
    ("true as number", number("true"), INVALID, SEEN),
    ("null as number", number("null"), INVALID, SEEN),
    ("text as number", number('"1"'), INVALID, SEEN),
    ("list as number", number("[1]"), INVALID, SEEN),
    ("not yet there", number("9007199254740991"), UNSEEN, SEEN),
    ("NUL", text(r'"a\u0000b"'), INVALID, TEXT),
    ("raw NUL", text('"a\0b"'), BAD, "body"),
    ("raw line feed", text('"a\nb"'), BAD, "body"),
    ("escape", text(r'"a\u001bb"'), INVALID, TEXT),
    ("lone surrogate", text(r'"a\ud800b"'), INVALID, TEXT),
    ("lone low surrogate", text(r'"a\udc00b"'), INVALID, TEXT),
    ("raw surrogate", text('"a\ud800b"'), BAD, "body"),
    ("bidi override", text(r'"a\u202eb"'), INVALID, TEXT),
    ("raw bidi isolate", text('"a\u2066b"'), INVALID, TEXT),
    ("byte order mark inside", text(r'"a\ufeffb"'), INVALID, TEXT),
    ("C1 control", text(r'"a\u0085b"'), INVALID, TEXT),
    ("number as text", text("1"), INVALID, TEXT),
    ("list as text", text('["a"]'), INVALID, TEXT),
    ("object as text", text('{"a":1}'), INVALID, TEXT),
    ("null as text", text("null"), INVALID, TEXT),
    ("true as text", text("true"), INVALID, TEXT),
    ("100,000 characters", text('"' + "汉" * 100_000 + '"'), INVALID, TEXT),
    ("501 characters", text('"' + "a" * 501 + '"'), INVALID, TEXT),
    ("unknown field", added('"extra":1'), INVALID, "extra"),
    ("unknown field __proto__", added('"__proto__":{}'), INVALID, "__proto__"),
    ("a key of 100,000", added('"' + "k" * 100_000 + '":1'), INVALID, None),
    ("a key with NUL", added(r'"a\u0000":1'), BAD, "body"),
    ("a key with a surrogate", added(r'"a\ud800":1'), BAD, "body"),
    (
        "1,000 unknown fields",
        added(",".join(f'"x{n}":1' for n in range(1_000))),
        INVALID,
        None,
    ),
    ("key twice", added('"seen_seq":0'), BAD, "body"),
    ("key twice, escaped", added(r'"seen\u005fseq":0'), BAD, "body"),
    ("key twice, deeper", added('"extra":{"a":1,"a":1}'), BAD, "body"),
    ("depth 900", number("[" * 900 + "]" * 900), BAD, "body"),
    ("depth 900, not closed", number("[" * 900), BAD, "body"),
    ("depth 400,000", number("[" * 400_000), BAD, "body"),
    (
        "depth hidden by a quote",
        number('[{"a\\"":' * 400 + "1" + "}]" * 400),
        BAD,
        "body",
    ),
    ("year 1", added('"occurred_at":"0001-01-01T00:00:00Z"'), INVALID, "occurred_at"),
    (
        "before year 1",
        added('"occurred_at":"0001-01-01T00:00:00+14:00"'),
        INVALID,
        "occurred_at",
    ),
    (
        "after year 9999",
        added('"occurred_at":"9999-12-31T23:59:59-14:00"'),
        INVALID,
        "occurred_at",
    ),
    ("epoch as time", added('"occurred_at":1700000000'), INVALID, "occurred_at"),
    ("no body", whole(b""), INVALID, None),
    ("blank", whole(b"  \n"), BAD, "body"),
    ("null", whole(b"null"), INVALID, None),
    ("a list", whole(b"[]"), INVALID, None),
    ("a text", whole(b'"x"'), INVALID, None),
    ("a number", whole(b"1"), INVALID, None),
    ("two values", whole(b"{} {}"), BAD, "body"),
    ("cut", whole(b'{"seen_seq":'), BAD, "body"),
    ("not UTF-8", whole(b'{"basis":"\xff\xfe"}'), BAD, "body"),
    ("GBK", whole('{"basis":"依据"}'.encode("gbk")), BAD, "body"),
    ("UTF-16", whole('{"basis":"x"}'.encode("utf-16")), BAD, "body"),
    ("with BOM", whole(b'\xef\xbb\xbf{"basis":"x"}'), BAD, "body"),
    ("XML", whole(b"<a/>"), BAD, "body"),
]


async def declared(s: Service) -> tuple[Client, str]:
    """Return a commander and the emergency they have declared."""
    client = await s.as_("commander")
    return client, (await client.declare())["emergency"]


def json_writes(ids: Mapping[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return path and a fit body of every write with a key that takes JSON."""
    return {
        route: (path, body)
        for route, (path, body) in writes(ids).items()
        if isinstance(body, dict)
    }


SHARE = 1 if LONG else 3
"""All guards and shapes are the same code: each route has its share of the bodies."""


@served
async def test_bad_bodies(s: Service, subtests: Subtests):
    """Bad bodies on every route: 4xx, the shape, the code, the field; unstored."""
    client, ids = await s.as_("commander"), await furnish(s)
    before = s.head
    for turn, (route, (path, body)) in enumerate(json_writes(ids).items()):
        told = TEXT_FIELD.get(route, "reason")
        with subtests.test(route=route):
            for what, make, code, field in BODIES[turn % SHARE :: SHARE]:
                answer = await post(client, path, make(body, told))
                assert 400 <= answer.status_code < 500, (what, answer.text[:500])
                is_error(answer, code)
                wanted = told if field == TEXT else field
                if wanted is not None:
                    fields = [f["field"] for f in answer.json()["fields"]]
                    assert wanted in fields, (what, answer.text[:500])
                assert len(answer.content) < 20_000, what
            assert s.head == before, route


async def post(client: Client, path: str, content: Any, **headers: str) -> Any:
    """Send raw bytes under a fresh command id."""
    return await client.http.post(
        API + path,
        content=content,
        headers={**JSON_TYPE, "Idempotency-Key": key(), **headers},
    )


# --- every field of every body ----------------------------------------------------

KEYLESS: dict[str, tuple[str, dict[str, Any]]] = {
    "/accounts": (
        "/accounts",
        {"account": "xinren", "name": "新人", "password": PASSWORD},
    ),
    "/accounts/{account}/password": (
        "/accounts/yueyang/password",
        {"password": "x" * 8},
    ),
    "/session/password": (
        "/session/password",
        {"password": PASSWORD, "another": "seven grey herons"},
    ),
    "/tokens": ("/tokens", {"name": "脚本", "days": 30}),
    "/emergencies/preview": ("/emergencies/preview", declaration()),
}
"""JSON writes without a key: what they would store lies outside the log."""
MISFITS: dict[str, list[Any]] = {
    "string": [1, True, ["a"], {"a": 1}, "x" * 10_000],
    "integer": ["1", 1.5, True, [1], -1, 2**63],
    "boolean": ["true", 1, [True]],
    "array": ["x", 1, {"0": "x"}, [None], [1], [["x"]], ["\u0000"]],
    "object": ["x", 1, ["x"], {"extra": 1}],
}
"""What fits no field of a JSON type, whatever else the field asks."""
CONTROLS = ["a\u0000b", "a\u202eb", "\ud800"]
ANY_CHARACTER = {"password"}
SIGNED = {"change", "seen_seq"}


def kinds(schema: Mapping[str, Any], field: Mapping[str, Any]) -> set[str]:
    """Return the JSON types a field may have, ``null`` among them."""
    found = set()
    for part in field.get("anyOf", [field]):
        part_ = part
        while "$ref" in part_:
            part_ = schema["components"]["schemas"][part_["$ref"].rpartition("/")[2]]
        found.add(part_.get("type", "string"))
    return found


def misfits(schema: Mapping[str, Any], name: str, field: Any) -> Iterator[Any]:
    """Yield what does not fit a field."""
    taken = kinds(schema, field)
    for kind, values in MISFITS.items():
        if kind in taken:
            yield from (v for v in values if v != -1 or name not in SIGNED)
    if "null" not in taken:
        yield None
    if "string" in taken and name not in ANY_CHARACTER:
        yield from CONTROLS


@served
async def test_no_field_takes_what_does_not_fit(s: Service, subtests: Subtests):
    """Each field of each body there is: wrong types, controls, excess; by name."""
    commander, ids = await s.as_("commander"), await furnish(s)
    managing = await s.as_("administrator")
    before, accounts = s.head, s.accounts.all()
    table = {**json_writes(ids), **KEYLESS}
    change = f"/emergencies/{ids['emergency']}/preview"
    table["/emergencies/{emergency}/preview"] = (change, {"action": "end"})
    table["/session"] = ("/session", {"account": "zong", "password": "wrong"})
    document, tried = s.app.openapi(), 0
    for method, route, operation in described(s.app):
        content = operation.get("requestBody", {}).get("content", {})
        if method == "GET" or "application/json" not in content:
            continue
        path, body = table.pop(route)
        # Who may not is told so before what they sent is read.
        client = managing if route.startswith("/accounts") else commander
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        model = document["components"]["schemas"][name]
        assert model["additionalProperties"] is False, route
        with subtests.test(route=route):
            for field, shape in model["properties"].items():
                for value in misfits(document, field, shape):
                    raw = json.dumps({**body, field: value})
                    answer = await post(client, path, raw)
                    told = (field, repr(value)[:40], answer.text[:300])
                    assert 400 <= answer.status_code < 500, told
                    is_error(answer, INVALID, BAD)
                    code = answer.json()["code"]
                    names = [f["field"] for f in answer.json()["fields"]]
                    assert code == BAD or any(n.startswith(field) for n in names), told
                    tried += 1
                answer = await post(client, path, spliced(body, field, "NaN"))
                is_error(answer, BAD)
            for field in model.get("required", ()):
                less = {k: v for k, v in body.items() if k != field}
                answer = await post(client, path, json.dumps(less))
                is_error(answer, INVALID)
                assert [f["field"] for f in answer.json()["fields"]] == [field]
            answer = await post(client, path, json.dumps({**body, "extra": 1}))
            is_error(answer, INVALID)
            assert [f["field"] for f in answer.json()["fields"]] == ["extra"]
        assert s.head == before, route
    assert not table
    assert tried > 1_000
    assert s.accounts.all() == accounts


LINE = {"item": "mask-n95", "quantity": 1}
LEVEL = {"item": "mask-n95", "peace": [1, 2, 3], "war": [2, 3, 4]}
PARTICULAR: list[tuple[str, dict[str, Any], str]] = [
    ("/emergencies", {"expires_minutes": 4}, "expires_minutes"),
    ("/emergencies", {"expires_minutes": 1_441}, "expires_minutes"),
    ("/emergencies", {"warning": "Red"}, "warning"),
    ("/emergencies", {"preview": "0" * 63}, "preview"),
    ("/emergencies/{emergency}/raise", {"level": "ii"}, "level"),
    ("/emergencies/{emergency}/raise", {"level": "0"}, "level"),
    ("/emergencies/{emergency}/widen", {"areas": []}, "areas"),
    ("/emergencies/{emergency}/narrow", {"areas": [DISTRICT] * 501}, "areas"),
    ("/emergencies/{emergency}/extend", {"expected_hours": 0}, "expected_hours"),
    ("/emergencies/{emergency}/extend", {"expected_hours": 8_761}, "expected_hours"),
    ("/emergencies/{emergency}/grade", {"severity": "特别重大"}, "severity"),
    ("/approvals/{proposal}/approve", {"digest": "G" * 64}, "digest"),
    ("/approvals/{proposal}/approve", {"digest": ""}, "digest"),
    ("/approvals/{proposal}/approve", {"password": "x" * 201}, "password"),
    ("/approvals/{proposal}/reject", {"reason": ""}, "reason"),
    ("/glasses/{glass}/review", {"reason": ""}, "reason"),
    ("/orders", {"title": "x" * 101}, "title"),
    ("/orders", {"roles": []}, "roles"),
    ("/orders", {"roles": ["street-staff"] * 4}, "roles"),
    ("/orders", {"scope": []}, "scope"),
    ("/orders", {"ack_minutes": 43_201}, "ack_minutes"),
    ("/orders", {"emergency": "e-x"}, "emergency"),
    ("/orders", {"corrects": "e-0123456789"}, "corrects"),
    ("/orders/{order}/acknowledge", {"area": "31011700"}, "area"),
    ("/orders/{order}/acknowledge", {"role": "Staff"}, "role"),
    ("/alarms/acknowledge", {"alarm": "x"}, "alarm"),
    ("/alarms/acknowledge", {"alarm": "glass:" + "b" * 121}, "alarm"),
    ("/grants", {"account": "Zong"}, "account"),
    ("/grants", {"until": "2023-11-20"}, "until"),
    ("/grants", {"from": "2023-11-20T00:00:00"}, "from"),
    ("/grants", {"from_": None}, "from_"),
    ("/grants/delegate", {"grant": "G"}, "grant"),
    ("/grants/delegate", {"until": None}, "until"),
    ("/absences", {"hours": 0}, "hours"),
    ("/absences", {"hours": 169}, "hours"),
    ("/authority", {"levels": []}, "levels"),
    ("/authority", {"levels": [{"level": "I", "roles": ["x" * 41]}] * 4},
     "levels.0.roles.0"),
    ("/authority", {"levels": [{"level": "V", "roles": []}] * 4}, "levels.0.level"),
    ("/authority", {"levels": [{"level": "I", "roles": [], "x": 1}] * 4},
     "levels.0.x"),
    ("/people/unavailable", {"people": []}, "people"),
    ("/people/unavailable", {"people": ["h-X"]}, "people.0"),
    ("/people/unavailable", {"cause": "Ill"}, "cause"),
    ("/people/unavailable", {"until": "2023-11-20"}, "until"),
    ("/people/walkups", {"name": ""}, "name"),
    ("/people/walkups", {"name": "x" * 51}, "name"),
    ("/people/walkups", {"community": "31011700"}, "community"),
    ("/people/walkups", {"skills": ["medical"] * 11}, "skills"),
    ("/people/{person}/account", {"password": "x" * 11}, "password"),
    ("/people/{person}/account", {"account": "Zong"}, "account"),
    ("/checkins", {"stage": "late"}, "stage"),
    ("/checkins", {"source": "sms"}, "source"),
    ("/checkins", {"code": "G" * 16}, "code"),
    ("/checkins/openings", {"area": "31"}, "area"),
    ("/posts", {"posts": []}, "posts"),
    ("/posts", {"posts": [{"area": DISTRICT, "kind": "x!"}]}, "posts.0.kind"),
    ("/posts", {"posts": [{"area": DISTRICT, "kind": "liaison", "number": 1}]},
     "posts.0.number"),
    ("/posts/{post}/chain", {"chain": ["h-0123456789ab"] * 10}, "chain"),
    ("/posts/{post}/handover", {"count": -1}, "count"),
    ("/posts/{post}/handover", {"item": "Keys"}, "item"),
    ("/packages/assign", {"rows": []}, "rows"),
    ("/packages/assign", {"rows": [{"kind": "building", "target": "x", "party": {}}]},
     "rows.0.target"),
    ("/packages/handover", {"party": {"kind": "nobody", "id": "h-0"}}, "party.kind"),
    ("/packages/kinds", {"kinds": []}, "kinds"),
    ("/packages/propose", {"skill": "Medical"}, "skill"),
    ("/areas/population", {"rows": []}, "rows"),
    ("/areas/population", {"rows": [{"area": DISTRICT, "residents": -1}]},
     "rows.0.residents"),
    ("/stations", {"site": DISTRICT}, "site"),
    ("/stations/{station}/levels", {"rows": [{**LEVEL, "war": [1, 2]}]}, "rows.0.war"),
    ("/stations/{station}/levels", {"rows": [{**LEVEL, "peace": [0, 0, 10**9 + 1]}]},
     "rows.0.peace.2"),
    ("/stations/{station}/place", {"place": "x" * 41}, "place"),
    ("/stations/{station}/custody", {"count": "盘点"}, "count"),
    ("/stock/receive", {"lines": []}, "lines"),
    ("/stock/receive", {"lines": [{**LINE, "unit": "x" * 11}]}, "lines.0.unit"),
    ("/stock/receive", {"lines": [{**LINE, "quantity": 0}]}, "lines.0.quantity"),
    ("/stock/receive", {"lines": [{**LINE, "quantity": 1.0}]}, "lines.0.quantity"),
    ("/stock/receive", {"lines": [{**LINE, "quantity": 10**9 + 1}]},
     "lines.0.quantity"),
    ("/stock/receive", {"lines": [{**LINE, "lot": "批次"}]}, "lines.0.lot"),
    ("/stock/receive", {"lines": [{**LINE, "expires": "31.12.2027"}]},
     "lines.0.expires"),
    ("/stock/receive", {"lines": [{**LINE, "batch": "a\u202eb"}]}, "lines.0.batch"),
    ("/stock/receive", {"lines": [{**LINE, "x": 1}]}, "lines.0.x"),
    ("/stock/receive", {"lines": [LINE] * 201}, "lines"),
    ("/stock/receive", {"source": {"kind": "stolen"}}, "source.kind"),
    ("/stock/receive", {"donor": {"name": ""}}, "donor.name"),
    ("/stock/receive", {"donor": {"name": "a\u0000b"}}, "donor.name"),
    ("/stock/reserve", {"purpose": {"kind": "squad", "id": ""}}, "purpose.id"),
    ("/stock/release", {"reservation": "V-1"}, "reservation"),
    ("/stock/issue", {"to": {"kind": "x", "id": "y"}}, "to.kind"),
    ("/stock/return", {"issue": "i-1"}, "issue"),
    ("/stock/scrap", {"cause": "Broken"}, "cause"),
    ("/stock/adjust", {"change": 10**9 + 1}, "change"),
    ("/stock/status", {"status": "OK"}, "status"),
    ("/transfers/ship", {"to": "here"}, "to"),
    ("/transfers/ship", {"expected_at": "2023-11-20"}, "expected_at"),
    ("/transfers/{slip}/arrive", {"lines": [{**LINE, "lot": ""}]}, "lines.0.lot"),
    ("/transfers/{slip}/close", {"lines": []}, "lines"),
    ("/counts/{slip}/lines", {"lines": [{"counted": -1}]}, "lines.0.counted"),
    ("/requests", {"priority": 4}, "priority"),
    ("/requests", {"to": "31"}, "to"),
    ("/requests/{request}/triage", {"priority": 0}, "priority"),
    ("/requests/{request}/deliver", {"slip": "8231"}, "slip"),
    ("/stock/reallocate", {"digest": "0"}, "digest"),
    ("/stock/reallocate", {"legs": []}, "legs"),
    ("/requisitions/{slip}/compensate", {"fen": 10**13 + 1}, "fen"),
    ("/requisitions/{slip}/give-back", {"station": "here"}, "station"),
]  # fmt: skip


@served
async def test_what_only_one_field_refuses(s: Service, subtests: Subtests):
    """The bounds and patterns of single fields, each just beyond it, by name."""
    client, ids = await s.as_("commander"), await furnish(s)
    before, table = s.head, json_writes(ids)
    for route, changes, field in PARTICULAR:
        with subtests.test(route, changes=repr(changes)[:50]):
            path, body = table[route]
            answer = await client.send(path, {**body, **changes})
            assert answer.status_code == 422, answer.text[:300]
            is_error(answer, INVALID, *UNSAID)
            assert field in [f["field"] for f in answer.json()["fields"]]
    levels = [{"level": "I", "roles": ["commander"], "chain": []}] * 4
    given = {"levels": levels, "basis": "x"}  # the same level four times
    administrator = await s.as_("administrator")
    is_error(await administrator.send("/authority", given), "authority.bad")
    assert s.head == before


# --- slips -------------------------------------------------------------------------

# route, what is wrong in the second line, code, its row and field
HALF_FIT: list[tuple[str, dict[str, Any], str, str]] = [
    ("/stock/receive", {"unit": "车"}, "stock.refused", "unit"),
    ("/stock/receive", {"item": "no-such"}, "stock.refused", "item"),
    ("/stock/receive", {"quantity": 10**9, "unit": "箱"}, "stock.refused", "quantity"),
    ("/stock/receive", {"expires": "2020-01-31"}, "stock.refused", "expires"),
    ("/stock/receive", {"expires": "2027-02-30"}, "stock.bad-date", "lines"),
    ("/stock/receive", {"expires": "9999-12-31"}, "stock.bad-date", "lines"),
    ("/stock/reserve", {"unit": "车"}, "stock.refused", "unit"),
    ("/stock/issue", {"item": "no-such"}, "stock.refused", "item"),
    ("/stock/issue", {"item": "quilt", "quantity": 10**9}, "stock.short", "lines"),
    ("/stock/scrap", {"item": "no-such"}, "stock.refused", "item"),
    ("/transfers/ship", {"unit": "车"}, "stock.refused", "unit"),
    ("/requests", {}, "stock.refused", "item"),
    ("/requests", {"item": "quilt", "unit": "车"}, "stock.refused", "unit"),
    ("/counts/{slip}/lines", {"lot": "L9"}, "stock.refused", "lot"),
    ("/counts/{slip}/lines", {"moves": 10**30}, "stock.refused", "moves"),
]


@served
async def test_no_slip_is_carried_out_in_part(s: Service, subtests: Subtests):
    """A wrong second line is named, and the first is not carried out either."""
    client, ids = await s.as_("commander"), await furnish(s)
    before, table = s.head, json_writes(ids)
    for route, wrong, code, field in HALF_FIT:
        with subtests.test(route, wrong=repr(wrong)):
            path, body = table[route]
            first = body["lines"][0]
            answer = await client.send(
                path, {**body, "lines": [first, {**first, **wrong}]}
            )
            is_error(answer, code)
            assert field in {f["field"].split()[-1] for f in answer.json()["fields"]}
    named = {row.name for row in rows_since(s.world, before)}
    assert named <= {"kernel.command-refused.2"}


# --- fields of a declaration -------------------------------------------------------

DECLARED: list[tuple[str, Any, str]] = [
    ("hazard", "EPIDEMIC", "hazard"),
    ("hazard", "a" * 41, "hazard"),
    ("hazard", "epidemic\n", "hazard"),
    ("level", 3, "level"),
    ("level", "Ⅲ", "level"),
    ("scope", DISTRICT, "scope"),
    ("scope", [DISTRICT] * 501, "scope"),
    ("scope", ["31011700000"], "scope.0"),
    ("scope", ["3101170000000"], "scope.0"),
    ("scope", ["३१०११७००००००"], "scope.0"),
    ("scope", [f"{DISTRICT}\n"], "scope.0"),
    ("scope", [310117000000], "scope.0"),
    ("scope", [None], "scope.0"),
    ("scope", {"0": DISTRICT}, "scope"),
    ("excluded", ["x" * 100_000], "excluded.0"),
    ("excluded", [DISTRICT] * 501, "excluded"),
    ("basis", "", "basis"),
    ("matter", "x" * 501, "matter"),
    ("measures", "a\u2028b\u202db", "measures"),
    ("expected_hours", "72", "expected_hours"),
    ("expected_hours", 72.0, "expected_hours"),
    ("expected_hours", True, "expected_hours"),
    ("expected_hours", -1, "expected_hours"),
    ("expected_hours", 2**63, "expected_hours"),
    ("expected_hours", None, "expected_hours"),
    ("playbook", "../../etc/passwd", "playbook"),
    ("playbook", "x" * 100_000, "playbook"),
]


@served
async def test_bad_declarations(s: Service, subtests: Subtests):
    """Each field of a declaration refuses what does not fit it, by name."""
    client, before = await s.as_("commander"), s.head
    for name, value, field in DECLARED:
        with subtests.test(name, value=repr(value)[:40]):
            answer = await client.send("/emergencies", declaration(**{name: value}))
            assert answer.status_code == 422, answer.text[:500]
            is_error(answer, INVALID, *UNSAID)
            assert field in [f["field"] for f in answer.json()["fields"]]
    for name in set(declaration()) - {"excluded", "reason", "seen_seq"}:
        with subtests.test(missing=name):
            body = declaration()
            del body[name]
            answer = await client.send("/emergencies", body)
            assert answer.status_code == 422
            is_error(answer, "request.invalid")
            assert [f["field"] for f in answer.json()["fields"]] == [name]
    assert s.head == before


# --- content types -----------------------------------------------------------------

TYPES: list[tuple[list[tuple[str, str]], bytes]] = [
    ([], b'{"seen_seq":0}'),
    ([("content-type", "text/plain")], b'{"seen_seq":0}'),
    ([("content-type", "text/csv")], b'{"seen_seq":0}'),
    ([("content-type", "application/x-www-form-urlencoded")], b"seen_seq=0"),
    ([("content-type", "multipart/form-data; boundary=x")], b"--x--"),
    # however the type is written, the guard looks into what the route will read
    ([("content-type", "Application/JSON")], b'{"seen_seq":0,"seen_seq":0}'),
    ([("content-type", "APPLICATION/JSON")], b'{"seen_seq":NaN}'),
    ([("content-type", "application/geo+JSON")], b'{"seen_seq":0,"seen_seq":0}'),
    ([("content-type", "application/JSON")], b'{"a\\ud800":1}'),
    ([("content-type", "APPLICATION/JSON")], b"[" * 100_000 + b"]" * 100_000),
    (
        [("content-type", "application/json"), ("content-type", "text/plain")],
        b'{"seen_seq":0,"seen_seq":0}',
    ),
    (
        [("content-type", "text/plain"), ("content-type", "application/json")],
        b'{"seen_seq":0,"seen_seq":0}',
    ),
]


@served
async def test_wrong_and_disguised_content_types(s: Service, subtests: Subtests):
    """A body of another type is no JSON, and no spelling of JSON passes the guard."""
    client, _ = await declared(s)
    before = s.head
    for headers, raw in TYPES:
        with subtests.test(headers=headers, raw=raw[:40]):
            answer = await client.http.post(
                API + step_path(CENTRE_1, STEP),
                content=raw,
                headers=[("idempotency-key", key()), *headers],
            )
            assert answer.status_code in (400, 415, 422), answer.text[:300]
            is_error(answer)
            assert s.head == before


# --- size --------------------------------------------------------------------------

SIZES = [
    ("application/json", "/emergencies", 1_000_000),
    ("Application/JSON", "/emergencies", 1_000_000),
    ("application/json", step_path(CENTRE_1, STEP), 1_000_000),
    ("application/json", "/session", 1_000_000),
    ("text/csv", IMPORT_PATH, 5_000_000),
    ("text/plain", "/emergencies", 5_000_000),
]


@served
async def test_bodies_of_30_megabytes(s: Service, subtests: Subtests):
    """Too large is 413, and reading stops at the limit, declared or streamed."""
    client, before = await s.as_("administrator"), s.head
    chunk = b'["' + b"x" * 65_534
    for kind, path, limit in SIZES:
        for streamed in (False, True):
            with subtests.test(kind, path=path, streamed=streamed):
                taken = 0

                async def pieces() -> AsyncIterator[bytes]:
                    nonlocal taken
                    for _ in range(30_000_000 // len(chunk)):
                        taken += len(chunk)
                        yield chunk

                headers = {"Content-Type": kind}
                if not streamed:
                    headers["Content-Length"] = str(
                        30_000_000 // len(chunk) * len(chunk)
                    )
                answer = await client.http.post(
                    API + path,
                    content=pieces(),
                    headers={"Idempotency-Key": key(), **headers},
                )
                assert answer.status_code == 413, answer.text[:300]
                is_error(answer, "request.too-large")
                assert taken <= limit + 2 * len(chunk)
    assert s.head == before


SLOW = [
    b'"\\' * 8_000,
    b'"' + b"\\" * 16_001,
    b"[" * 16_000,
    b'{"a":"' + b'\\"' * 8_000,
    b'""' * 8_000,
    b'"\n' * 8_000,
]


@served
async def test_no_body_is_slow_to_refuse(s: Service, subtests: Subtests):
    """Sixteen kilobytes made to be slow to look at hold nobody up."""
    loop = asyncio.get_running_loop()
    async with s.http() as http:  # before anybody has signed in
        for raw in SLOW:
            with subtests.test(raw[:10]):
                began = loop.time()
                answer = await http.post(
                    f"{API}/emergencies", content=raw, headers=JSON_TYPE
                )
                assert loop.time() - began < 0.5
                assert answer.status_code == 400
                is_error(answer, BAD)


# --- addresses ---------------------------------------------------------------------

PATHS = [
    "/sites/{}/steps/cp-notify-staff/complete",
    "/sites/{}/steps/cp-notify-staff/acknowledge",
    "/sites/310117001-s1/steps/{}/complete",
    "/emergencies/{}/end",
    "/emergencies/{}/raise",
    "/approvals/{}/approve",
    "/glasses/{}/review",
    "/orders/{}/acknowledge",
    "/orders/{}/withdraw",
    "/grants/{}/revoke",
    "/absences/{}/end",
    "/accounts/{}/disable",
    "/people/{}/merge",
    "/posts/{}/substitute",
    "/checkins/openings/{}/close",
    "/stations/{}/levels",
    "/transfers/{}/arrive",
    "/counts/{}/close",
    "/requests/{}/dispatch",
    "/requisitions/{}/give-back",
    "/items/{}/withdraw",
]
READS = [
    "/areas/{}/board",
    "/areas/{}/children",
    "/sites/{}",
    "/sites?area={}",
    "/facts/{}",
    "/facts?area={}",
    "/facts?site={}",
    "/facts?emergency={}",
    "/facts?before={}",
    "/facts?after={}",
    "/facts?limit={}",
    "/facts?at={}",
    "/areas/310117000000/board?at={}",
    "/areas/310117000000/board?min_seq={}",
    "/stream?area={}",
    "/stream?area=310117000000&after={}",
    "/emergencies/{}",
    "/emergencies/{}/record",
    "/approvals/{}",
    "/orders/{}",
    "/orders/{}/recipients",
    "/orders?area={}",
    "/alarms?area={}",
    "/approvals?page={}",
    "/emergencies?sort={}",
    "/people/{}",
    "/people?area={}",
    "/units?area={}",
    "/checkins/funnel?area={}",
    "/checkins/qr?area={}",
    "/posts/{}",
    "/posts?area={}",
    "/packages?area={}",
    "/packages/coverage?area={}",
    "/stations/{}",
    "/slips/{}",
    "/slips/{}/paper.pdf",
    "/counts/{}",
    "/stock?station={}",
    "/stock/lots?station={}",
    "/stock/board?area={}",
    "/stock/trace?slip={}",
    "/stock/ahead?area=310117000000&item=quilt&hours={}",
    "/stock/needs?area=310117000000&level={}",
    "/stock/labels.pdf?copies={}",
    "/donations?number=310117001-s1-00001&code={}",
]
PARTS = [
    "%00",
    "a%00b",
    "%0A",
    "%20",
    "%FF",
    "%ED%A0%80",
    "%E2%80%AE",
    "%2e%2e%2fx",
    "x" * 10_000,
    "9" * 400,
    "-1",
    "1e3",
    "1.5",
    "true",
    str(2**63),
    "'%20OR%201=1--",
    "310117001-s1%0A",
    "٣",
]
ANY_TEXT_IS_FIT = {"/facts?emergency={}"}


@served
async def test_addresses_that_are_none(s: Service, subtests: Subtests):
    """Odd path and query parameters are 4xx in the shape, on writes and reads."""
    client, _ = await declared(s)
    before = s.head
    for template in (*PATHS, *READS):
        for part in PARTS:
            with subtests.test(template, part=part[:30]):
                url = API + template.format(part)
                if template in PATHS:
                    answer = await post(client, template.format(part), b'{"basis":"x"}')
                else:
                    answer = await client.http.get(url)
                if template in ANY_TEXT_IS_FIT and answer.status_code == 200:
                    assert answer.json()["facts"] == []
                    continue
                assert 400 <= answer.status_code < 500, answer.text[:300]
                is_error(answer)
                assert len(answer.content) < 5_000
    assert s.head == before


ODD_HEADERS = [
    ("cookie", b"pingzhan=\xff\xfe"),
    ("cookie", b"pingzhan=" + b"x" * 50_000),
    ("cookie", b"=;;==;pingzhan"),
    ("authorization", b"Bearer \xff"),
    ("authorization", b"Bearer "),
    ("authorization", b"Basic eDp5"),
    ("authorization", b"bearer x"),
    ("last-event-id", b"\xff"),
    ("accept-language", b"zh;q=NaN,en;q=-1,;;q=,\xff"),
    ("accept-language", b"a," * 20_000),
    ("origin", b"\xff"),
]


@served
async def test_odd_headers(s: Service, subtests: Subtests):
    """Headers of nonsense are never a fault of ours."""
    async with s.http() as http:
        for name, value in ODD_HEADERS:
            with subtests.test(name, value=value[:30]):
                for path in ("/login", "/", f"{API}/session", f"{API}/facts"):
                    answer = await http.get(path, headers=[(name, value)])
                    assert answer.status_code < 500, answer.text[:300]
                answer = await http.post(
                    f"{API}/session", json={}, headers=[(name, value)]
                )
                assert answer.status_code in (403, 422)


SIGN_INS: list[Any] = [
    {},
    {"account": "zong"},
    {"account": "", "password": "x"},
    {"account": "zong", "password": ""},
    {"account": "zong\0", "password": PASSWORD},
    {"account": "zo\u202eng", "password": PASSWORD},
    {"account": "z" * 65, "password": PASSWORD},
    {"account": "zong", "password": "x" * 201},
    {"account": "zong", "password": 1},
    {"account": ["zong"], "password": PASSWORD},
    {"account": "zong", "password": PASSWORD, "role": "administrator"},
    {"account": "zong", "password": "\ud800"},
    {"account": "\ud800", "password": PASSWORD},
]


@served
async def test_bad_sign_ins(s: Service, subtests: Subtests):
    """A sign-in that does not fit is a 422 and opens nothing."""
    async with s.http() as http:
        for given in SIGN_INS:
            with subtests.test(given=ascii(given)[:60]):
                answer = await http.post(
                    f"{API}/session", content=json.dumps(given), headers=JSON_TYPE
                )
                assert answer.status_code == 422, answer.text[:300]
                is_error(answer, "request.invalid")
                assert not http.cookies
        # any characters may stand in a password
        for password in ("\0", "\u202e", "密码"):
            given = {"account": "zong", "password": password}
            answer = await http.post(f"{API}/session", json=given)
            assert answer.status_code == 401


# --- area files --------------------------------------------------------------------

HEADER = "code,name,level,parent_code\n"
FILES: list[tuple[str, bytes]] = [
    ("empty", b""),
    ("blank", b"\n\n"),
    ("header only", HEADER.encode()),
    ("NUL", HEADER.encode() + b"310117003000,a\0b,street,310117000000\n"),
    ("not UTF-8", HEADER.encode() + b"310117003000,\xff\xfe,street,310117000000\n"),
    ("bidi", (HEADER + "310117003000,a\u202eb,street,310117000000\n").encode()),
    ("UTF-16", HEADER.encode("utf-16")),
    ("JSON", b'{"code":"310117003000"}'),
    ("binary", bytes(range(256)) * 100),
    ("a long line", HEADER.encode() + b"x" * 400_000),
    ("quotes", HEADER.encode() + b'"310117003000,a,street,310117000000\n'),
    (
        "10,001 rows",
        (HEADER + "310117003000,a,street,310117000000\n" * 10_001).encode(),
    ),
]


@served
async def test_bad_area_files(s: Service, subtests: Subtests):
    """No file of nonsense is imported, whatever is wrong with it."""
    client, before = await s.as_("administrator"), s.head
    for what, raw in FILES:
        for kind in (CSV_TYPE, JSON_TYPE, {"Content-Type": "application/octet-stream"}):
            with subtests.test(what, kind=kind["Content-Type"]):
                answer = await client.http.post(
                    API + IMPORT_PATH,
                    content=raw,
                    headers={"Idempotency-Key": key(), **kind},
                )
                assert answer.status_code in (400, 415, 422), answer.text[:300]
                is_error(answer)
                assert len(answer.content) < 20_000_000
    assert s.head == before


@served
async def test_bad_rosters(s: Service, subtests: Subtests):
    """Nor is a roster of nonsense, and the vault keeps nothing of it."""
    client, before = await s.as_("administrator"), s.head
    for what, raw in FILES:
        with subtests.test(what):
            answer = await client.http.post(
                f"{API}/people/import?area={DISTRICT}",
                content=raw,
                headers={"Idempotency-Key": key(), **CSV_TYPE},
            )
            assert answer.status_code == 422, answer.text[:300]
            is_error(answer, "people.import-refused")
            assert len(answer.content) < 1_000_000
    assert s.head == before
    assert s.world.vault.all() == {}


@served
async def test_the_world_stands_after_all_of_it(s: Service):
    """After a refused lone surrogate the next fit command is carried out."""
    client = await s.as_("commander")
    raw = spliced(declaration(), "matter", r'"a\ud800"')
    assert (await post(client, "/emergencies", raw)).status_code == 422
    assert (await client.declare())["state"] == "ACTIVE"
