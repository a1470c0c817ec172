"""The reference of HTTP (接口参考): every operation, from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from api.exchange.references.words import Tongue
from api.http.app import API, _routes
from api.http.deciding import DECLARED
from api.http.document import JSON, document
from api.http.lists import FILTER
from coordination.provenance import SEEN

TAGS = {
    "steps": "步骤",
    "session": "登录与会话",
    "mode": "应急响应",
    "approvals": "审批",
    "orders": "指令",
    "alarms": "告警",
    "check-in": "报到",
    "posts": "岗位",
    "packages": "四包",
    "people": "人员",
    "supplies": "物资保障",
    "slips": "单据",
    "stock": "库存",
    "transfers": "调拨与盘点",
    "stations": "物资站",
    "requests": "申领",
    "goods": "物资目录",
    "access": "授权",
    "accounts": "账号",
    "areas": "区域",
    "views": "态势",
    "forms": "表单",
    "checkins": "报到登记",
    "hours": "服务时长",
    "notices": "对外通知",
    "tracing": "追溯",
    "corrections": "更正",
    "service": "服务本身",
    "operations": "运行状况",
}
COMMON = ("seen_seq", "occurred_at", "basis", "reason")
"""Fields that every decision may say: told once."""
OF_LISTS = ("q", "sort", "page", "size", "format", "lang", "columns")


@cache
def the_document() -> dict[str, Any]:
    """Return the document of the application, which needs no World."""
    app = FastAPI(title="Pingzhan 平战", version="0", openapi_url=f"{API}/openapi.json")
    app.router.routes.extend(_routes())
    return document(app)


def tongue_of(lang: str) -> Tongue:
    """Return a language, with the schemas of the document."""
    return Tongue(lang, the_document()["components"]["schemas"])


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation, as the routes stand."""
    for path, item in the_document()["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path.removeprefix(API), operation


def operations_part(lang: str) -> Iterator[str]:
    """Yield the lines of all operations, by tag."""
    tongue = tongue_of(lang)
    by_tag: dict[str, list[str]] = {}
    for method, path, operation in operations():
        lines = by_tag.setdefault(operation["tags"][0], [])
        lines += [f"### `{method} {path}`", ""]
        for told in (
            [_said(operation, tongue)],
            *_body(operation, tongue),
            [_query(operation, tongue)],
            [_answer(operation, tongue)],
        ):
            lines += [*told, ""] if any(told) else []
    for tag, lines in by_tag.items():
        yield from (f"## {tongue.say(tag, TAGS.get(tag, tag))}", "", *lines)


def _said(operation: dict[str, Any], tongue: Tongue) -> str:
    """Return what an operation does, who may, and how the command line calls it."""
    declared = "x-decision" in operation or "x-read" in operation
    text = operation.get("summary" if declared else "description", "")
    said = [
        tongue.sentence(tongue.part(text.partition("\n\n")[0])),
        tongue.say("Action: `{0}`.", "权限：`{0}`。").format(operation["x-action"]),
    ]
    row = DECLARED.get(operation.get("x-decision", ""))
    if row is not None and row.shows is None and SEEN in row.command.NEEDS:
        fresh = "Needs a fresh look: `seen_seq`.", "须先查看：写明 `seen_seq`。"
        said.append(tongue.say(*fresh))
    if row is not None and row.words:
        at = tongue.say("Command line: `pingzhan {0}`.", "命令行：`pingzhan {0}`。")
        said.append(at.format(row.words))
    return tongue.say(" ", "").join(said)


def _body(operation: dict[str, Any], tongue: Tongue) -> Iterator[list[str]]:
    """Yield the table of what the body says, and what it may say beside."""
    content = operation.get("requestBody", {}).get("content", {})
    if JSON in content:
        fields = list(tongue.fields(content[JSON]["schema"]))
        also = [name for name, mark, *_ in fields if name in COMMON and not mark]
        rows = [(f"`{name}`", *rest) for name, *rest in fields if name not in also]
        head = "Field,●,Holds,Meaning", "字段,●,内容,含义"
        yield tongue.table(*head, rows)
        if also:
            names = tongue.codes(also)
            yield [tongue.say(f"It may also say {names}.", f"另可写 {names}。")]
    elif content:
        kinds = tongue.codes(content)
        yield [tongue.say(f"Body: a file, {kinds}.", f"请求体：文件，{kinds}。")]


def _query(operation: dict[str, Any], tongue: Tongue) -> str:
    """Return a line of the parameters in the query, but those of every list."""
    known = {
        p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"
    }
    of_list = {"q", "page"} <= known.keys()
    filters = [name for name in known if name.startswith(FILTER)]
    left_out = {"min_seq", *filters, *(OF_LISTS if of_list else ())}
    shown = [
        f"`{name}`{'●' if one.get('required') else ''}"
        + tongue.say(" ({0})", "（{0}）").format(tongue.holds(one["schema"]))
        for name, one in known.items()
        if name not in left_out
    ]
    sort = known["sort"]["schema"].get("enum", ()) if of_list else ()
    columns = [name for name in sort if name and name[0] != "-"]
    texts = (
        (tongue.say("Query: ", "参数："), tongue.say("; ", "；").join(shown)),
        (tongue.say("Filtered by: ", "可筛选："), tongue.codes(filters)),
        (tongue.say("Sorted by: ", "可排序："), tongue.codes(columns)),
    )
    stop = tongue.say(".", "。")
    return tongue.say(" ", "").join(f"{a}{b}{stop}" for a, b in texts if b)


def _answer(operation: dict[str, Any], tongue: Tongue) -> str:
    """Return a line of what is answered."""
    status = next((s for s in operation["responses"] if s[0] == "2"), "200")
    content = operation["responses"].get(status, {}).get("content", {})
    shape = tongue.whole(content.get(JSON, {}).get("schema", {}))
    parts = [tongue.whole(p) for p in shape.get("allOf", (shape,))]
    names = {n: s for p in parts for n, s in p.get("properties", {}).items()}
    row = tongue.whole(tongue.whole(names.get("rows", {})).get("items", {}))
    if "pages" in names and "properties" in row:
        begin = tongue.say("Answers a list. Columns: ", "返回清单，各列：")
        columns = [
            f"`{name}` {tongue.part(one.get('title', ''))}".rstrip()
            for name, one in row["properties"].items()
        ]
        return tongue.sentence(begin + tongue.say(", ", "、").join(columns))
    receipt = tongue.whole(tongue.parts["ReceiptBody"])["properties"].keys()
    said = [tongue.codes(n for n in names if n not in receipt)]
    if receipt <= names.keys():
        said.append(tongue.say("the receipt", "回执"))
    told = tongue.say(" and ", " 和").join(filter(None, said))
    begin = tongue.say(f"Answers {status}: ", f"返回 {status}：")
    return f"{begin}{told}{tongue.say('.', '。')}" if told else ""
