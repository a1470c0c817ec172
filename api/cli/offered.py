"""Commands made from declared decisions (声明的命令): options from their fields."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import msgspec
import typer

from api.cli.spoken import BY_NAME, BY_TYPE, Spoken
from api.cli.way import Way, decides
from api.http.declared import Decision
from api.http.outside import LAST, plain_of, told_of

SAID_ELSEWHERE = frozenset({"seen_seq", "password"})
"""Fields of a body that nobody types on a command line."""


class Asked(NamedTuple):
    """One parameter of a command, and where what is typed goes."""

    field: str
    parameter: inspect.Parameter
    spoken: Spoken | None
    many: bool


ALL = Asked(
    "",
    inspect.Parameter(
        "everything",
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[
            bool, typer.Option("--all", help="全部: all that is still open on it")
        ],
        default=False,
    ),
    None,
    many=False,
)
"""For all lines that are open on a slip, instead of each."""


def offer(groups: dict[str, typer.Typer], rows: Iterable[Decision]) -> None:
    """Add each decision that has words to the group its first words name."""
    for row in rows:
        if row.words:
            group, _, name = row.words.rpartition(" ")
            groups[group].command(name, help=row.said)(command_of(row))


def command_of(row: Decision) -> Any:
    """Return the command of a decision: its parameters are the fields of its body."""
    asked = [*_from_path(row), *_from_body(row), *([ALL] if row.all_of else ())]

    def run(way: Way, /, **given: Any) -> None:
        body = dict(row.defaults)
        for one in asked:
            value = given.get(one.parameter.name)
            if value is not None and one.field not in {"", *row.parameters}:
                body[one.field] = _said(one, value)
        said = {name: str(given[name]) for name in row.parameters}
        if row.all_of:
            slip = row.all_of.format(**{**body, **said})
            whole = given[ALL.parameter.name]
            body["lines"] = open_lines(way, slip, body["lines"], everything=whole)
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


def open_lines(way: Way, slip: str, said: Sequence[Any], *, everything: bool) -> Any:
    """Return the lines said, or all that is not accounted for on a slip."""
    if bool(said) == everything:
        raise typer.BadParameter("请写明各行，如 quilt=47@Q1；或用 --all")
    if said:
        return said
    row = way.ask(slip)["slip"]
    return [{k: x[k] for k in ("item", "lot", "quantity")} for x in row["open"]]


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
    # Who only looks says nothing of how it would be decided.
    unsaid = set(row.more.__struct_fields__) if row.shows else SAID_ELSEWHERE
    for known in sorted(known_, key=lambda f: f.encode_name in LAST):
        name, told = known.encode_name, told_of(known.type)
        if name in unsaid:
            continue
        kind, many = plain_of(known.type)
        spoken = BY_NAME.get(told.get("spoken", "")) or BY_TYPE.get(kind)
        typed: Any = str if spoken is not None or kind not in (int, bool) else kind
        typed = list[str] if many else typed
        needed = known.required and name not in row.defaults
        own = known.name.rstrip("_")
        flags = [f"--{flag}" for flag in told.get("flag", name).split()]
        help_ = _help(told)
        how: Any = (
            typer.Argument(help=help_)
            if known.name in row.arguments or name in row.arguments
            else typer.Option(*[f.replace("_", "-") for f in flags], help=help_)
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
