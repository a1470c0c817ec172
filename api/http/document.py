"""The OpenAPI document (接口文档): what declared decisions add to the framework's own.

Bodies and answers come from the same structs that decode and encode them, so that the
document cannot say anything else.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.deciding import DECLARED
from api.http.declared import Decision, Said
from api.http.deps import COOKIE, binary
from api.http.downloads import MEDIA
from api.http.lists import Format, Listing, parameters
from api.http.moments import At
from api.http.reading import AT, MIN_SEQ, Read
from api.http.reading import DECLARED as READS
from api.http.writing import KEYED
from coordination.fields import NOTHING_AFTER

REF = "#/components/schemas/{name}"
JSON = "application/json"
BODIES: list[type[msgspec.Struct]] = []
"""Of routes that are no decisions."""


def document(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application, made once."""
    if app.openapi_schema:
        return app.openapi_schema
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
    )
    declared = list(operations(found, "post", "x-decision", DECLARED))
    bodies, parts = msgspec.json.schema_components(
        [*(row.body.type for _, row in declared), *BODIES], ref_template=REF
    )
    found.setdefault("components", {}).setdefault("schemas", {}).update(_plain(parts))
    for (operation, row), body in zip(declared, bodies, strict=False):
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": body}},
        }
        operation["parameters"] = _path_parameters(row)
        answer = _answer(row)
        if row.shows is None or row.keyed:
            operation["parameters"] += KEYED["parameters"]
        if row.shows is None:
            answer = {"allOf": [{"$ref": REF.format(name="ReceiptBody")}, answer]}
        operation["responses"][str(row.status_code)]["content"] = {
            JSON: {"schema": answer}
        }
    found["components"]["securitySchemes"] = SCHEMES
    found["security"] = [{name: []} for name in SCHEMES]
    for item in found["paths"].values():
        for operation in item.values():
            if operation.get("x-action") == "anybody":
                operation["security"] = []
    for operation, read in operations(found, "get", "x-read", READS):
        operation["parameters"] = parameters_of(read)
        responses = operation["responses"]
        responses["200"] = _shown(read, responses["200"])
    app.openapi_schema = found
    return found


SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "token": {"type": "http", "scheme": "bearer"},
}
"""How a caller says who they are: by the cookie of a session, or an API token."""
Operation = dict[str, Any]
T = TypeVar("T")


def operations(
    found: dict[str, Any], method: str, mark: str, known: Mapping[str, T]
) -> Iterator[tuple[Operation, T]]:
    """Yield every operation of a document that has a mark, with what declares it."""
    for item in found["paths"].values():
        operation = item.get(method, {})
        if mark in operation:
            yield operation, known[operation[mark]]


def parameters_of(read: Read) -> list[dict[str, Any]]:
    """Return what a read takes in its path and its query."""
    own = [
        {
            "name": name,
            "in": "path" if f"{{{name}}}" in read.path else "query",
            "required": name not in read.defaults,
            "schema": schema_of(hint) | _default(read.defaults.get(name)),
        }
        for name, hint in read.hints.items()
    ]
    wait = {"type": "integer", "minimum": 0, "description": "wait for this position"}
    own.append({"name": MIN_SEQ, "in": "query", "required": False, "schema": wait})
    if not read.timeless:
        own.append(
            {"name": AT, "in": "query", "required": False, "schema": schema_of(At)}
        )
    return own if read.listing is None else own + parameters(read.listing)


def _shown(read: Read, answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a read answers: a file, or a list that comes as a table too."""
    if read.media:
        return {**answer, **binary(read.media)}
    if read.listing is None:
        return answer
    page = answer.get("content", {})
    if read.sheet is None:
        page = {JSON: {"schema": page_shape(read.listing)}}
    tables = binary(*(MEDIA[kind] for kind in get_args(Format) if kind in MEDIA))
    return {**answer, "content": {**page, **tables["content"]}}


def _default(value: Any) -> dict[str, Any]:
    """Return what is said of a default, if it is more than nothing."""
    return {"default": value} if value else {}


def page_shape(listing: Listing) -> dict[str, Any]:
    """Return the shape of one page of a list."""
    kinds = {"int": ["integer", "null"], "time": ["string", "null"]}
    columns: dict[str, dict[str, Any]] = {
        c.key: {"title": f"{c.zh} {c.en}"} for c in listing.columns
    }
    for column in listing.columns:
        if column.kind in kinds:
            columns[column.key] |= {"type": kinds[column.kind]}
    whole = {"type": "integer"}
    row = {"type": "object", "properties": columns}
    return {
        "type": "object",
        "required": ["rows", "total", "page", "pages", "size", "sort", "seq"],
        "properties": {
            "rows": {"type": "array", "items": row},
            "sort": {"type": "string"},
            **dict.fromkeys(("total", "page", "pages", "size", "seq"), whole),
        },
    }


def _path_parameters(row: Decision) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema_of(hint)}
        for name in row.parameters
        for hint in (row.body.hints[name],)
    ]


def _answer(row: Decision) -> dict[str, Any]:
    """Return the shape of what stands beside the receipt in an answer."""
    if isinstance(row.answered, Said):
        fact, names = row.answered.of, row.answered.names.items()
        hints = typing.get_type_hints(fact) if fact else row.body.hints
        # What is no field is an id made of some, or a count.
        own = {
            out: schema_of(int if name.startswith("#") else hints.get(name, str))
            for out, name in names
        }
        always = {name: {"const": text} for name, text in row.answered.always.items()}
        return {"type": "object", "properties": {**own, **always}}
    if isinstance(row.answered, type):
        return schema_of(row.answered)
    shape = inspect.signature(row.answered, eval_str=True).return_annotation
    return schema_of(shape)


def schema_of(hint: Any) -> dict[str, Any]:
    """Return the schema of one type, with whatever it is made of in its place."""
    schema = msgspec.json.schema(hint)
    whole: dict[str, Any] = _plain(_inlined(schema, schema.pop("$defs", {})))
    return whole


def takes(action: str, body: type[msgspec.Struct]) -> dict[str, Any]:
    """Return what a route says of itself that is no decision and takes a body."""
    BODIES.append(body)
    schema = {"$ref": REF.format(name=body.__name__)}
    said = {"required": True, "content": {JSON: {"schema": schema}}}
    return {"openapi_extra": {"x-action": action, "requestBody": said}}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    """Return a schema without links to parts of its own."""
    if isinstance(schema, list):
        return [_inlined(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if link := schema.get("$ref"):
        return _inlined(parts[link.rpartition("/")[2]], parts)
    return {k: _inlined(v, parts) for k, v in schema.items()}


def _plain(schema: Any) -> Any:
    """Return a schema as others read it: ``$`` needs no look at what comes after."""
    if isinstance(schema, dict):
        return {k: _plain(v) for k, v in schema.items()}
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    return schema.removesuffix(NOTHING_AFTER) if isinstance(schema, str) else schema
