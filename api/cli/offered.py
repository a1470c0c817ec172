"""Commands made from declared decisions (声明的命令): options from their fields."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import msgspec
import typer

from api.cli.spoken import BY_NAME, BY_TYPE, Spoken
from api.cli.way import Way, decides
from api.http.declared import Decision
from api.http.outside import plain_of, told_of

LAST = frozenset({"reason", "basis", "occurred_at"})
"""What every decision may say stands after its own fields."""
SAID_ELSEWHERE = frozenset({"seen_seq"})
"""Fields of a body that a person does not type."""


class Asked(NamedTuple):
    """One parameter of a command, and where what is typed goes."""

    field: str
    parameter: inspect.Parameter
    spoken: Spoken | None
    many: bool


def offer(groups: dict[str, typer.Typer], rows: Iterable[Decision]) -> None:
    """Add each decision that has words to the group its first words name."""
    for row in rows:
        if row.words:
            group, _, name = row.words.rpartition(" ")
            groups[group].command(name, help=row.said)(command_of(row))


def command_of(row: Decision) -> Any:
    """Return the command of a decision: its parameters are the fields of its body."""
    asked = [*_from_path(row), *_from_body(row)]

    def run(way: Way, /, **given: Any) -> None:
        body = dict(row.defaults)
        for one in asked:
            value = given.get(one.parameter.name)
            if value is None or one.field in row.parameters:
                continue
            body[one.field] = _said(one, value)
        said = {name: str(given[name]) for name in row.parameters}
        ids = {name: quote(text, safe="") for name, text in said.items()}
        found = way.send(row.path.lstrip("/").format(**ids), body)
        way.show(found, *(row.tells({**said, **body, **found}) if row.tells else ()))

    way = inspect.Parameter("way", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    # Arguments stand before options, and what must be said before what may be.
    asked.sort(key=lambda one: one.parameter.default is not inspect.Parameter.empty)
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [way, *(one.parameter for one in asked)]
    )
    run.__name__ = row.name.replace(".", "_")
    return decides(run)


def _said(one: Asked, value: Any) -> Any:
    """Return what was typed as the body has it."""
    if one.spoken is None:
        return value
    return [one.spoken(text) for text in value] if one.many else one.spoken(value)


def _from_path(row: Decision) -> list[Asked]:
    return [
        Asked(name, _parameter(name, Annotated[str, typer.Argument(help=help_)]), None,
              many=False)
        for name in row.parameters
        for help_ in (_help(told_of(row.body.hints[name])),)
    ]  # fmt: skip


def _from_body(row: Decision) -> Iterable[Asked]:
    known_ = msgspec.structs.fields(row.body.type)
    for known in sorted(known_, key=lambda f: f.encode_name in LAST):
        name, told = known.encode_name, told_of(known.type)
        if name in SAID_ELSEWHERE:
            continue
        kind, many = plain_of(known.type)
        spoken = BY_NAME.get(told.get("spoken", "")) or BY_TYPE.get(kind)
        typed: Any = str if spoken is not None or kind not in (int, bool) else kind
        typed = list[str] if many else typed
        needed = name in row.needs or (known.required and name not in row.defaults)
        own = known.name.rstrip("_")
        flag = f"--{told.get('flag', name).replace('_', '-')}"
        help_ = _help(told)
        how: Any = (
            typer.Argument(help=help_)
            if known.name in row.arguments or name in row.arguments
            else typer.Option(flag, help=help_)
        )
        if needed:
            yield Asked(name, _parameter(own, Annotated[typed, how]), spoken, many)
        else:
            maybe = Annotated[typed | None, how]
            parameter = _parameter(own, maybe, default=None)
            yield Asked(name, parameter, spoken, many)


def _help(told: dict[str, Any]) -> str:
    zh, more = told.get("zh", ""), told.get("help", "")
    return f"{zh}: {more}" if zh and more else zh or more


def _parameter(name: str, kind: Any, **default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, **default
    )
