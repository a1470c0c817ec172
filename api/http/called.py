"""What a field is called (字段名称), where a refusal names one to people.

A refusal knows a field by its path, such as ``lines.0.quantity``. Bodies and files
declare what their fields are called; this looks it up.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

from msgspec import Struct
from msgspec.structs import fields

from api.http.outside import told_of

if TYPE_CHECKING:
    from starlette.requests import Request

Called = Mapping[str, tuple[str, str]]
OTHERS = {
    "another": ("新密码", "New password"),
    "at": ("截至", "As of"),
    "body": ("提交内容", "Body"),
    "days": ("有效期", "Days"),
    "file": ("文件", "File"),
    "header": ("表头", "Header"),
    "Idempotency-Key": ("提交编号", "Idempotency-Key"),
    "lent": ("借用方", "Lent to"),
    "row": ("整行", "Row"),
}
"""What is found fault with beside declared fields and columns."""


def body_at(request: Request) -> type[Struct] | None:
    """Return the body of the decision whose route a request came to."""
    from api.http.deciding import DECLARED  # noqa: PLC0415 - it refuses by this

    row = DECLARED.get(getattr(request.scope.get("route"), "name", ""))
    return row.body.type if row else None


def name_of(
    path: str, of: type[Struct] | None = None, *, row: bool = False
) -> tuple[str, str]:
    """Return what a field is called in zh and en; one that nobody declares is quoted.

    ``of``: the body it stands in, if that is known; ``row``: in one of its rows.
    """
    zh: list[str] = []
    en: list[str] = []
    for part in filter(None, path.split(".")):
        if part.isdecimal():
            zh.append(f"第 {int(part) + 1} 项")
            en.append(f"no. {int(part) + 1}")
            continue
        own = (_rows_in(of) if row else _names_in(of)).get(part) if of else None
        name = own or _anywhere(part) or (f"“{part}”", f"“{part}”")
        zh.append(name[0])
        en.append(name[1])
    return " ".join(zh), ", ".join(en)


@functools.cache
def _names_in(kind: type[Struct]) -> Called:
    """Return the names of a body's fields, its own before those of its parts."""
    found: dict[str, tuple[str, str]] = {}
    known = fields(kind)
    for field in known:
        told = told_of(field.type)
        if "zh" in told:
            name = told.get("as_", field.encode_name)
            found.setdefault(name, (told["zh"], told["en"]))
    return {**_rows_in(kind), **found}


@functools.cache
def _rows_in(kind: type[Struct]) -> Called:
    """Return the names of the fields of what a body is made of."""
    found: dict[str, tuple[str, str]] = {}
    for part in (part for field in fields(kind) for part in parts_of(field.type)):
        found = {**_names_in(part), **found}
    return found


def parts_of(hint: Any) -> Iterator[type[Struct]]:
    """Yield the structs that a type is made of."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield hint
    for inner in get_args(hint):
        yield from parts_of(inner)


@functools.cache
def _columns() -> Called:
    """Return the names of the columns of all files."""
    # They stand above this, and the command line asks only when something is refused.
    from api.exchange import areas, items, roster, stock_files  # noqa: PLC0415

    layouts = (roster.LAYOUT, items.LAYOUT, areas.LAYOUT, *stock_files.LAYOUTS)
    columns = (column for layout in layouts for column in layout.columns)
    return {column.key: (column.zh, column.en) for column in columns}


def _anywhere(part: str) -> tuple[str, str] | None:
    """Return what the first that declares a field calls it, None if nothing does."""
    from api.http.deciding import DECLARED  # noqa: PLC0415 - it refuses by this

    rows = DECLARED.values()
    structs = (kind for row in rows for kind in (row.body.type, row.command))
    declared = chain((OTHERS, _columns()), map(_names_in, structs))
    return next((names[part] for names in declared if part in names), None)
