"""Every list: what a reader may ask of it, what comes back, in which form."""

import asyncio
import io
import json
from urllib.parse import unquote

import httpx
import openpyxl
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from api.exchange.tables import Column
from api.http.asking import asked_of, query_of
from api.http.downloads import disposition
from api.http.errors import on_invalid, on_refusal
from api.http.lists import Asked, Listing, UnknownColumn, page_of, parameters, respond
from api.http.plain import body_of
from coordination.refusals import Refusal

COLUMNS = (
    Column("code", "代码", "Code"),
    Column("name", "名称", "Name"),
    Column("count", "数量", "Count", "int"),
    Column("at", "时间", "Time", "time"),
)
LISTING = Listing(
    COLUMNS, ("code", "name", "count", "at"), ("state", "late", "tags"), "code"
)
ROWS = [
    {"code": "3", "name": "中山", "count": 2, "state": "OPEN", "late": True},
    {"code": "1", "name": "岳阳 \uff21", "count": None, "state": "DONE", "late": False},
    {"code": "2", "name": "方松", "count": 10, "state": "OPEN", "tags": ["a", "b"]},
    {"code": "4", "name": None, "count": 2, "state": None, "tags": []},
]


def codes(asked: Asked, listing: Listing = LISTING, rows=ROWS) -> str:
    return "".join(row["code"] for row in page_of(rows, asked, listing)["rows"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), "1234"),
        (Asked(sort="-code"), "4321"),
        (Asked(sort="count"), "3421"),  # equal ones as they came, nothing last
        (Asked(sort="-count"), "2341"),
        (Asked(sort="name"), "2134"),  # by pinyin: fangsong, yueyang, zhongshan
        (Asked(sort="-name"), "3124"),
        (Asked(q="岳阳a"), ""),
        (Asked(q="岳阳 a"), "1"),  # small, half-width
        (Asked(q="  a  岳 "), "1"),
        (Asked(q="10"), ""),  # only texts are searched
        (Asked(q="3"), "3"),
        (Asked(filters={"state": "OPEN"}), "23"),
        (Asked(filters={"state": ""}), "4"),
        (Asked(filters={"state": "open"}), ""),
        (Asked(filters={"late": "true"}), "3"),
        (Asked(filters={"tags": "b"}), "2"),
        (Asked(filters={"tags": ""}), "134"),
        (Asked(filters={"state": "OPEN", "late": "true"}), "3"),
        (Asked(q="方", filters={"state": "OPEN"}), "2"),
        (Asked(size=3), "123"),
        (Asked(size=3, page=2), "4"),
        (Asked(size=3, page=9), "4"),  # the list has become shorter
        (Asked(size=1, page=2, format="csv"), "1234"),  # a file holds everything
        (Asked(q="3", page=7, format="xlsx"), "3"),
    ],
)
def test_what_is_asked_for_is_what_comes(asked, expected):
    assert codes(asked) == expected


def test_a_list_without_an_order_comes_as_it_is():
    assert codes(Asked(), Listing(COLUMNS)) == "3124"


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (Asked(size=3), [4, 3]),  # by its code, a text
        (Asked(size=3, sort="count"), [3]),
        (Asked(size=3, sort="count", filters={"state": "OPEN"}), [2]),
        (Asked(q="a", sort="count"), [4, 1]),
        (Asked(sort="count", format="csv"), [4, 4]),
    ],
)
def test_what_texts_are_made_with_is_looked_up_for_those_that_need_it(asked, known):
    """Of all rows only where their texts are searched, sorted or filed."""
    told = []
    page_of(iter(ROWS), asked, LISTING, lambda rows: told.append(len(rows)))
    assert told == known


STATES = {"OPEN": ("未完", "To do"), "DONE": ("已完", "Done")}
TAGS = {"a": ("甲", "First"), "b": ("乙", "Second")}
WORDED = Listing(
    (
        Column("code", "代码", "Code"),
        Column("state", "状态", "State", words=STATES),
        Column("tags", "标签", "Tags", words=TAGS),
    ),
    sort="code",
)


def test_ids_have_their_words_beside_them():
    """One, several, none, or one that has no word."""
    rows = page_of([*ROWS, {"code": "5", "state": "LOST"}], Asked(), WORDED)["rows"]
    said = [(r["state"], r["state_zh"], r["state_en"], r["tags_en"]) for r in rows]
    assert said == [
        ("DONE", "已完", "Done", ""),
        ("OPEN", "未完", "To do", "First, Second"),
        ("OPEN", "未完", "To do", ""),
        (None, "", "", ""),
        ("LOST", "LOST", "LOST", ""),
    ]
    assert rows[1]["tags_zh"] == "甲、乙"


@pytest.mark.parametrize(
    ("q", "expected"),
    [("已完", "1"), ("to do", "23"), ("甲 second", "2"), ("DONE", "1")],
)
def test_words_are_found_in_both_languages(q, expected):
    assert codes(Asked(q=q), WORDED) == expected


def test_values_of_two_kinds_still_have_an_order():
    rows = [{"code": "x"}, {"code": 2}, {"code": None}, {"code": 1}]
    found = page_of(rows, Asked(sort="code"), LISTING)["rows"]
    assert [r["code"] for r in found] == [1, 2, "x", None]


def test_a_page_says_where_it_stands():
    page = page_of(iter(ROWS), Asked(size=3, page=2, sort="-code"), LISTING)
    del page["rows"]
    assert page == {"total": 4, "page": 2, "pages": 2, "size": 3, "sort": "-code"}
    empty = page_of([], Asked(), LISTING)
    assert empty == {
        "rows": [],
        "total": 0,
        "page": 1,
        "pages": 1,
        "size": 50,
        "sort": "code",
    }


@pytest.mark.parametrize(
    "asked",
    [
        Asked(sort="secret"),
        Asked(sort="-state"),  # may be filtered by, not sorted
        Asked(filters={"name": "x"}),
    ],
)
def test_an_unknown_column_is_refused_by_name(asked):
    with pytest.raises(UnknownColumn) as refused:
        page_of(ROWS, asked, LISTING)
    body = body_of(refused.value)
    column = asked.sort.removeprefix("-") or next(iter(asked.filters))
    assert body["code"] == "list.unknown-column"
    assert [f["field"] for f in body["fields"]] == [column]
    assert column in body["zh"]
    assert column in body["en"]


# --- over HTTP ------------------------------------------------------------------------


def app() -> FastAPI:
    made = FastAPI()
    made.add_exception_handler(RequestValidationError, on_invalid)
    made.add_exception_handler(Refusal, on_refusal)

    @made.get("/list", openapi_extra={"parameters": parameters(LISTING)})
    async def read(request: Request) -> Response:
        query = query_of(request)
        own = ("at", "min_seq", "area")  # of the read itself
        asked = asked_of(request, {k: v for k, v in query.items() if k not in own})
        page = {**page_of(ROWS, asked, LISTING), "lang": asked.lang}
        return respond(page, COLUMNS, asked, "松江区 “阵地”/清单")

    return made


def get(query: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        way = httpx.ASGITransport(app())
        async with httpx.AsyncClient(transport=way, base_url="http://t") as client:
            return await client.get(f"/list?{query}", headers=headers)

    return asyncio.run(ask())


def test_the_query_string_is_read():
    answer = get("q=%E6%9D%BE&sort=-code&page=1&size=10&f.state=OPEN&format=json")
    assert answer.status_code == 200
    assert [row["code"] for row in answer.json()["rows"]] == ["2"]
    assert get("at=5&min_seq=7&area=310117000000").json()["total"] == 4


@pytest.mark.parametrize(
    ("query", "headers", "lang"),
    [
        ("", {}, "zh"),
        ("lang=en", {"cookie": "lang=zh_CN"}, "en"),
        ("lang=zh-CN", {"cookie": "lang=en"}, "zh"),
        ("", {"cookie": "lang=en"}, "en"),
        ("", {"accept-language": "en-GB,zh;q=0.5"}, "en"),
    ],
)
def test_the_language_is_the_readers(query, headers, lang):
    assert get(query, **headers).json()["lang"] == lang


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=OPEN", "state"),  # a filter is f.state
        ("limit=5", "limit"),
        ("filters=x", "filters"),
        ("page=0", "page"),
        ("page=1.0", "page"),
        ("page=%2B1", "page"),
        ("page=", "page"),
        ("page=99999999999999999999", "page"),
        ("size=201", "size"),
        ("size=0", "size"),
        ("format=pdf", "format"),
        ("lang=fr", "lang"),
        ("sort=--code", "sort"),
        ("sort=Code%0A", "sort"),
        ("q=" + "a" * 201, "q"),
        ("q=%00", "q"),
        ("q=a&q=b", "q"),
        ("f.state=A&f.state=B", "f.state"),
        ("f.=A", "f."),
        ("f.State=A", "f.State"),
        ("f.state=%E2%80%AE", "f.state"),
        ("f.state=" + "a" * 201, "f.state"),
    ],
)
def test_whatever_else_is_asked_is_refused(query, field):
    answer = get(query)
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "request.invalid"
    assert [f["field"] for f in body["fields"]] == [field]


def test_an_unknown_column_is_refused_over_http():
    body = get("f.name=x").json()
    assert (body["code"], body["fields"][0]["field"]) == ("list.unknown-column", "name")


def file_name(answer: httpx.Response) -> str:
    kind, plain, exact = answer.headers["content-disposition"].split("; ")
    assert (kind, plain[:15]) == ("attachment", 'filename="list.')
    return unquote(exact.removeprefix("filename*=UTF-8''"))


def test_a_list_leaves_as_csv():
    answer = get("format=csv&size=1&f.state=OPEN&lang=en")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert file_name(answer) == "松江区 “阵地”_清单.csv"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == ["Code,Name,Count,Time", "2,方松,10,", "3,中山,2,"]


def test_a_list_leaves_as_a_workbook():
    answer = get("format=xlsx&sort=-code")
    assert file_name(answer).endswith(".xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [c.value for c in sheet["A"]] == ["代码", "4", "3", "2", "1"]


@pytest.mark.parametrize(
    "name", ['a"; filename="b.exe', "a\r\nX: y", "../../a", "名" * 50, "", "\ud800"]
)
def test_a_file_name_cannot_leave_its_header(name):
    header = disposition(f"{name}.csv")
    assert header.isascii()
    assert header.isprintable()
    plain, exact = header.split("; ")[1:]
    assert plain.startswith('filename="')
    assert plain.count('"') == 2
    assert "/" not in unquote(exact)
    assert exact.endswith(".csv")


def test_the_document_tells_what_can_be_asked():
    told = json.loads(json.dumps(app().openapi()))["paths"]["/list"]["get"]
    names = [p["name"] for p in told["parameters"]]
    assert names == [
        *("q", "sort", "f.state", "f.late", "f.tags"),
        *("page", "size", "format", "lang", "columns"),
    ]
