"""A refusal is said in people's words: names, not ids; Chinese in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from api.exchange.references.facts import refusals
from api.http.called import name_of, parts_of
from api.http.deciding import DECLARED
from api.http.errors import FIELDS_TOLD
from api.http.naming import LIKELY, NAMED, NEAREST, nearest
from coordination.items.state import UnknownItem
from coordination.refusals import Forbidden, Invalid, Refusal
from projections.names import Names
from projections.store import open_views
from projections.supplies import ITEM, Item
from tests.api.peopled import POST, A, Peopled, copied
from tests.api.served import (
    COMMUNITY_11,
    STREET_1,
    Service,
    decisions,
    is_error,
    served,
)

AS_SAID = {
    **dict.fromkeys(
        ("asked", "available", "by", "count", "left", "limit", "min_seq", "most",
         "on_hand", "quantity", "recorded",
         "retry_after", "rows", "seq", "seen_seq", "head", "faults_zh", "faults_en"),
        "a number, or a sentence made of such",
    ),
    **dict.fromkeys(
        ("slip", "lot", "request", "reservation", "absence", "proposal", "glass",
         "grant", "session", "command", "node", "batch",
         "since", "at", "data", "path", "where", "seconds", "free", "found", "known"),
        "a number or place that people write down, or wrote themselves",
    ),
    **dict.fromkeys(
        ("zh_why", "en_why", "why_zh", "why_en", "zh_kind", "en_kind", "zh_test",
         "en_test", "zh_use", "en_use", "zh_what", "en_what", "what_zh", "what_en",
         "ago_zh", "ago_en", "did_zh", "did_en", "unit_zh", "unit_en", "name",
         "name_en", "role", "role_en", "signers", "signers_en", "now", "level",
         "first", "why", "what", "element", "tried", "state", "zh_lead",
         "en_lead", "zh", "en", "may_zh", "may_en", "zh_stores", "en_stores"),
        "a word of the vocabulary",
    ),
    **dict.fromkeys(
        ("cause", "causes", "status", "given", "kind", "step", "action", "news",
         "channel", "rule", "zh_there", "en_there", "zh_values", "en_values"),
        "a word that was typed, or one of a list",
    ),
    "error": "what the machine calls its own fault, said to who runs it",
    **dict.fromkeys(
        ("zh_now", "en_now", "zh_how", "en_how"),
        "who holds it by whose decision: named where it is answered, with_names",
    ),
}  # fmt: skip
"""What a sentence may hold as it is, and what it is."""
LATIN = {
    "request.no-command-id": "said to programs, of their own header",
    "request.bad-json": "said to programs",
    "world.missing": "says what to type",
    "store.amiss": "says what to type",
    "log.bad-address": "says what to type",
    "ready.clock-jumped": "says what to type",
    "notify.bad-file": "says where in a file",
}
ALL = [(code, cls) for code, found in refusals().items() for cls in found]


def structs_in(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Yield a body and all it is made of."""
    yield kind
    for field in msgspec.structs.fields(kind):
        for part in parts_of(field.type):
            yield from structs_in(part)


def blamed() -> set[str]:
    """Return every field that the code finds fault with by a name of its own."""
    code = (
        path for room in ("coordination", "api") for path in Path(room).rglob("*.py")
    )
    form = re.compile(r'RowFault\(\s*[\w.]+,\s*"([a-z_.]+)"')
    return {name for path in code for name in form.findall(path.read_text("utf-8"))}


@pytest.mark.parametrize(("code", "cls"), ALL, ids=[code for code, _ in ALL])
def test_a_sentence_names_what_it_speaks_of(code, cls):
    """No id without a name, no pattern, no field's name, no English in Chinese."""
    for fact in re.findall(r"{(\w+)}", cls.whole("zh") + cls.whole("en")):
        assert fact in NAMED or fact in AS_SAID, f"{code}: what is {fact} called?"
    zh = re.sub(r"{\w+}|AB 角", "", cls.whole("zh"))
    assert code in LATIN or not re.search("[A-Za-z]{2,}", zh), cls.zh
    for sentence in (cls.whole("zh"), cls.whole("en")):
        assert not re.search(
            r"\[[^]]+\][*+{]|_us\b|\w_\w", re.sub(r"{\w+}", "", sentence)
        )


@pytest.mark.parametrize(("code", "cls"), ALL, ids=[code for code, _ in ALL])
def test_a_refusal_says_what_to_do_now(code, cls):
    """Apart from what is against it, and not as a part of that; in both languages."""
    for fact, then in ((cls.zh, cls.then_zh), (cls.en, cls.then_en)):
        assert then, f"{code} does not say what to do now"
        assert then not in fact
        assert not re.search(r"[；;。.]\s*$", fact + then), "joined where it is said"
    assert re.search("[\u4e00-\u9fff]", cls.then_zh)


def test_a_refusal_without_a_next_step_is_found():
    """The kinds that have none of their own leave it to who declares one."""
    for kind in (Refusal, Invalid, Forbidden):
        bare = kind.of("some.code", "不行", "no")
        with pytest.raises(AssertionError, match="what to do now"):
            test_a_refusal_says_what_to_do_now("some.code", bare)
        assert bare().say("zh") == "不行"
        told = kind.of("some.code", "不行", "no", "请另选", "choose another")
        assert told().say("zh") == "不行；请另选"
        assert told().say("en") == "no; choose another"


def test_every_field_has_a_name():
    """What a body, a column or a refusal's own field is called, in both languages."""
    decisions()  # they are declared as their routes are made
    unnamed = [
        f"{row.name}: {field}"
        for row in DECLARED.values()
        for kind in structs_in(row.body.type)
        for field in (known.encode_name for known in msgspec.structs.fields(kind))
        if name_of(field, kind)[0] == f"“{field}”"
    ]
    assert unnamed == []
    own = {cls.field for _, cls in ALL if cls.field} | blamed()
    assert [one for one in sorted(own) if name_of(one)[0] == f"“{one}”"] == []


def test_a_name_says_which_of_a_list():
    """Counted from one, as people do; a field that nobody declares is quoted."""
    decisions()
    assert name_of("lines.0.quantity") == (
        "物资 第 1 项 数量",
        "Lines, no. 1, Quantity",
    )
    assert name_of("shoe_size") == ("“shoe_size”", "“shoe_size”")


@served
async def test_what_is_not_valid_is_named(s: Service):
    """Neither the sentence nor the part of it names a field as programs do."""
    who = await s.as_("commander")
    for path, body, zh in (
        ("/emergencies", {"hazard": 3}, "灾种"),
        ("/stock/receive", {"lines": [{"item": "x", "quantity": 0}]}, "物资 第 1 项"),
    ):
        found = await who.send(path, body)
        is_error(found, 422, "request.invalid")
        told = found.json()
        named = [one["name_zh"] for one in told["fields"]]
        assert any(zh in name for name in named), named
        for one in told["fields"]:
            assert one["field"].rpartition(".")[2] not in told["zh"]
            assert one["name_zh"] in told["zh"] or len(told["fields"]) > FIELDS_TOLD


@pytest.fixture
def data(peopled: Peopled, tmp_path: Path) -> Path:
    """A world with people, this test's own."""
    return copied(peopled, tmp_path)


@served
async def test_who_is_told_no_reads_names(s: Service, peopled: Peopled):
    """The post by its name, the person by the mark; the ids are in the facts."""
    staff = await s.as_("street-staff")
    body = {"person": peopled.ids[A], "reason": "换岗", "seen_seq": s.head}
    answer = await staff.send(f"/posts/{POST}/substitute", body)
    is_error(answer, "posts.acts-already")
    said = answer.json()
    assert "一居委会第二书记" in said["zh"]
    assert peopled.ids[A] not in said["zh"] + said["en"]
    assert POST not in said["zh"] + said["en"]
    assert said["facts"]["post"] == POST
    commander = await s.as_("commander")
    made = await commander.declare(scope=[STREET_1], matter="暴雨内涝")
    path = f"/emergencies/{made['emergency']}/end"
    await commander.do(path, {"basis": "解除令"})
    await s.world.reached(s.head)
    again = await commander.send(path, {"basis": "解除令"})
    assert "“暴雨内涝”" in again.json()["zh"]
    out = await commander.send("/checkins", {"person": peopled.ids[A], "stage": "left"})
    assert COMMUNITY_11 not in out.json()["zh"]
    assert "一居委会" in out.json()["zh"]


@served
async def test_a_word_that_is_not_known_is_answered_with_the_nearest(s: Service):
    """A code mistyped, a role almost right: what there is stands in the answer."""
    client = await s.as_("administrator")
    given = {"account": "xin", "role": "station-keper", "basis": "任命"}
    answer = await client.send("/grants", given)
    is_error(answer, "grants.unknown-role")
    assert "station-keeper" in answer.json()["zh"]
    far = await client.send("/grants", {**given, "role": "zzzzzz"})
    assert "相近" not in far.json()["zh"]


ITEMS = [
    f"{thing}-{size}"
    for thing in ("mask", "quilt", "rice", "sandbag", "raincoat", "torch", "tent")
    for size in ("s", "m", "l", "xl", "10kg", "n95", *range(1, 300))
]


MISTYPED = (
    *("mask-n59", "maks-n95", "qilt-xl", "quilt--xl", "ric-10kg", "tnet-7", "sandbags"),
    *("MASK", "torch-29", "rain-coat-l", "zzzz", "x", "%", "mask_1"),
)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_nearest_of_a_long_catalogue_are_found_without_reading_it(
    database: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
):
    """Fifty rows at the most; as near as the nearest of all of them."""
    where = tmp_path / "views.sqlite"
    if database == "postgres":
        where = request.getfixturevalue("pg_dsn")
    read: list[Any] = []
    rows = ITEM._rows

    def counted(*asked: Any) -> list[Any]:
        found = rows(*asked)
        read.append(len(found))
        return found

    monkeypatch.setattr(ITEM, "_rows", counted)
    blank: dict[str, Any] = dict.fromkeys(Item._fields, 0)
    engine = open_views(where)
    with engine.connect() as c:
        c.execute(sa.insert(ITEM.table), [blank | {"item": item} for item in ITEMS])
        for said in MISTYPED:
            found = nearest(UnknownItem(item=said), Names(c))
            every = get_close_matches(said, sorted(ITEMS), NEAREST, cutoff=0.5)
            assert said in ITEMS or found[:1] == every[:1]
            assert len(found) == (0 if said in ITEMS else len(every))
    engine.dispose()
    assert max(read) <= LIKELY
