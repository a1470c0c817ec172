"""The reference of HTTP (接口参考): every operation, from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from api.exchange.references.heads import (
    ACTIONS_EN,
    ACTIONS_ZH,
    OPERATIONS_EN,
    OPERATIONS_ZH,
)
from api.exchange.references.words import Schemas, joined, part, pick, sentence, table
from api.http.app import API, _routes
from api.http.deciding import DECLARED
from api.http.document import JSON, document
from api.http.lists import FILTER
from coordination.permit import MODES, PERMITTED, ROLES

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


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and operation, as the routes stand."""
    for path, item in the_document()["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path.removeprefix(API), operation


def operations_page(lang: str) -> str:
    """Return the page of all operations, by tag."""
    schemas = Schemas(the_document()["components"]["schemas"], lang)
    by_tag: dict[str, list[str]] = {}
    for method, path, operation in operations():
        lines = by_tag.setdefault(operation["tags"][0], [])
        lines += _operation(method, path, operation, schemas)
    page = [pick(lang, OPERATIONS_EN, OPERATIONS_ZH)]
    for tag, lines in by_tag.items():
        page += [f"## {pick(lang, tag, TAGS.get(tag, tag))}", "", *lines]
    return "\n".join([*page, *_actions(lang), ""])


def told(operation: dict[str, Any], lang: str) -> str:
    """Return what an operation does, in a sentence."""
    declared = "x-decision" in operation or "x-read" in operation
    text = operation.get("summary" if declared else "description", "").partition(
        "\n\n"
    )[0]
    return part(text, lang)


def _operation(
    method: str, path: str, operation: dict[str, Any], schemas: Schemas
) -> list[str]:
    lang = schemas.lang
    said = [
        sentence(told(operation, lang), lang),
        pick(lang, "Action: `{0}`.", "权限：`{0}`。").format(operation["x-action"]),
    ]
    row = DECLARED.get(operation.get("x-decision", ""))
    if row is not None and row.words:
        at = pick(lang, "Command line: `pingzhan {0}`.", "命令行：`pingzhan {0}`。")
        said.append(at.format(row.words))
    lines = [f"### `{method} {path}`", "", pick(lang, " ", "").join(said), ""]
    lines += _body(operation, schemas)
    for text in (_query(operation, schemas), _answer(operation, schemas)):
        lines += [text, ""] if text else []
    return lines


def _body(operation: dict[str, Any], schemas: Schemas) -> list[str]:
    lang = schemas.lang
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return []
    if JSON not in content:
        kinds = joined(content, lang)
        return [pick(lang, f"Body: a file, {kinds}.", f"请求体：文件，{kinds}。"), ""]
    fields = list(schemas.fields(content[JSON]["schema"]))
    also = [f.name for f in fields if f.name in COMMON and not f.required]
    rows = [
        (f"`{f.name}`", "●" if f.required else "", f.holds, f.means)
        for f in fields
        if f.name not in also
    ]
    head = pick(lang, "Field,●,Holds,Meaning", "字段,●,内容,含义").split(",")
    lines = [*table(head, rows), ""] if rows else []
    if also:
        names = joined(also, lang)
        lines += [pick(lang, f"It may also say {names}.", f"另可写 {names}。"), ""]
    return lines


def _query(operation: dict[str, Any], schemas: Schemas) -> str:
    """Return a line of the parameters in the query, but those of every list."""
    lang = schemas.lang
    known = {
        p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"
    }
    left_out = {"min_seq", *(OF_LISTS if {"q", "page"} <= known.keys() else ())}
    filters = [name for name in known if name.startswith(FILTER)]
    shown = [
        f"`{name}`{'●' if one.get('required') else ''}"
        + pick(lang, " ({0})", "（{0}）").format(schemas.holds(one["schema"]))
        for name, one in known.items()
        if name not in (*left_out, *filters)
    ]
    sort = known["sort"]["schema"].get("enum", ()) if "sort" in left_out else ()
    columns = [name for name in sort if name and name[0] != "-"]
    texts = (
        (pick(lang, "Query: ", "参数："), pick(lang, "; ", "；").join(shown)),
        (pick(lang, "Filtered by: ", "可筛选："), joined(filters, lang)),
        (pick(lang, "Sorted by: ", "可排序："), joined(columns, lang)),
    )
    stop = pick(lang, ".", "。")
    return pick(lang, " ", "").join(f"{a}{b}{stop}" for a, b in texts if b)


def _answer(operation: dict[str, Any], schemas: Schemas) -> str:
    """Return a line of what is answered."""
    lang = schemas.lang
    status = next((s for s in operation["responses"] if s[0] == "2"), "200")
    content = operation["responses"].get(status, {}).get("content", {})
    shape = schemas.whole(content.get(JSON, {}).get("schema", {}))
    parts = [schemas.whole(p) for p in shape.get("allOf", (shape,))]
    names = {n: s for p in parts for n, s in p.get("properties", {}).items()}
    row = schemas.whole(schemas.whole(names.get("rows", {})).get("items", {}))
    if "pages" in names and "properties" in row:
        begin = pick(lang, "Answers a list. Columns: ", "返回清单，各列：")
        columns = [
            f"`{name}` {part(one.get('title', ''), lang)}".rstrip()
            for name, one in row["properties"].items()
        ]
        return sentence(begin + pick(lang, ", ", "、").join(columns), lang)
    receipt = schemas.whole(schemas.parts["ReceiptBody"])["properties"].keys()
    said = [joined((n for n in names if n not in receipt), lang)] if names else []
    if receipt <= names.keys():
        said = [*filter(None, said), pick(lang, "the receipt", "回执")]
    begin = pick(lang, f"Answers {status}: ", f"返回 {status}：")
    return begin + pick(lang, " and ", " 和").join(said) + pick(lang, ".", "。") \
        if said else ""  # fmt: skip


def _actions(lang: str) -> Iterator[str]:
    """Yield the table of who may do what: one row for all that the same roles may."""
    n = int(lang == "en")
    between = pick(lang, ", ", "、")
    yield pick(lang, ACTIONS_EN, ACTIONS_ZH)
    found: dict[tuple[str, str], list[str]] = {}
    for action, rules in PERMITTED.items():
        for rule in rules:
            names = [f"{ROLES[r][n]} `{r}`" for r in ROLES if r in rule.roles]
            where = [
                pick(lang, "anywhere", "不限区域") if rule.anywhere else "",
                pick(lang, "no place named", "未指明地点时不限") if rule.world else "",
                "".join(f"`{mode}`" for mode in rule.modes if rule.modes != MODES),
            ]
            key = between.join(names), between.join(filter(None, where))
            found.setdefault(key, []).append(action)
    rows = [(joined(does, lang), *key) for key, does in found.items()]
    head = pick(lang, "Actions,Roles,Where and when", "权限,角色,范围").split(",")
    yield from table(head, rows)
