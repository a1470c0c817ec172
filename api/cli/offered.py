"""Commands made from declared decisions (声明的命令): options from their fields."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from string import Formatter
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin
from urllib.parse import quote

import msgspec
import typer

from api.cli.lines import Row
from api.cli.spoken import BY_NAME, Spoken
from api.cli.way import Way, decides, parameter
from api.http.declared import Decision
from api.http.outside import LAST, plain_of, told_of

SAID_ELSEWHERE = frozenset({"seen_seq", "password"})
"""Fields of a body that nobody types on a command line."""
SENT = ("item", "lot", "quantity")
"""What a decision takes of a line that was read, in base units."""


class Asked(NamedTuple):
    """One parameter of a command, and where what is typed goes.

    ``part``: the field of the body whose struct it is a field of, if it is of one.
    """

    field: str
    parameter: inspect.Parameter
    spoken: Spoken | None = None
    many: bool = False
    part: str = ""


class Flag(NamedTuple):
    """A flag that is said in place of a field."""

    field: str
    name: str
    help: str

    @property
    def parameter(self) -> inspect.Parameter:
        """As Typer reads it."""
        kind = Annotated[bool, typer.Option(f"--{self.name}", help=self.help)]
        return parameter(self.name, kind, default=False)


ALL = Flag("lines", "all", "全部: all that is still open on it")
"""For all lines that are open on a slip, instead of each."""


def offer(groups: dict[str, typer.Typer], rows: Iterable[Decision]) -> None:
    """Add each decision to the group its first words name, if that is among these."""
    for row in rows:
        group, _, name = row.words.rpartition(" ")
        if row.words and group in groups:
            groups[group].command(name, help=row.said)(command_of(row))


def command_of(row: Decision) -> Any:
    """Return the command of a decision: its parameters are the fields of its body."""
    asked = [*_from_path(row), *_from_body(row)]
    flags = [ALL] if row.all_of else []
    flags += [Flag(field, *said.split(" ", 1)) for field, said in row.instead.items()]

    def run(way: Way, /, **given: Any) -> None:
        said = {name: str(given[name]) for name in row.parameters}
        body = _body(row, asked, given)
        _check(flags, given, body)
        ids = {name: quote(text, safe="") for name, text in said.items()}
        if given.get(ALL.name):
            slip = shown_slip(way, row.all_of.format(**{**body, **ids}))
            body["lines"] = open_lines(slip)
            if row.records and not body.get("recorded"):
                body["recorded"] = slip["recorded"][row.records]
        if unsaid := [field for field in row.shown if not body.get(field)]:
            body |= _as_shown(way, row, {**body, **said}, unsaid)
        give = way.show_of if row.shows else way.send
        found = give(row.path.lstrip("/").format(**ids), body)
        way.show(found, *_told(row, {**said, **body, **found}))

    run.__name__ = row.name.replace(".", "_")
    own = [*(one.parameter for one in asked), *(one.parameter for one in flags)]
    # Arguments stand before options, and what must be said before what may be.
    own.sort(key=lambda p: (p.default is not inspect.Parameter.empty, p.name in LAST))
    return decides(run, own)


def _body(row: Decision, asked: Iterable[Asked], given: Mapping[str, Any]) -> Row:
    """Return what is sent: what was typed, and what need not be."""
    body: Row = {ALL.field: (), **row.defaults} if row.all_of else dict(row.defaults)
    for one in asked:
        value = given.get(one.parameter.name)
        if value is None or one.field in row.parameters:
            continue
        if "/" in one.field:
            body |= _apart(one.field, value)
            continue
        if one.spoken is not None:
            value = [*map(one.spoken, value)] if one.many else one.spoken(value)
        if one.part:
            body[one.part] = {**body.get(one.part, {}), one.field: value}
        else:
            body[one.field] = value
    if row.alone:
        body[row.alone] = [body[row.alone]]
    return body


def _told(row: Decision, found: Row) -> Iterable[str]:
    """Return the lines about what was asked and answered."""
    if isinstance(row.tells, str):
        return [row.tells.format(**found)] if row.tells else []
    return row.tells(found)


def _apart(fields: str, value: str) -> Row:
    """Return what stands for several fields in one word, such as ``torch/T1``."""
    names, texts = fields.split("/"), value.split("/")
    if len(names) != len(texts):
        raise typer.BadParameter(f"“{value}” 应如 {fields.upper()}")
    return dict(zip(names, texts, strict=True))


def _check(flags: Iterable[Flag], given: Mapping[str, Any], body: Row) -> None:
    """Return if of a field and the flags that may stand for it exactly one is said.

    :raises BadParameter: if none is, or more
    """
    for field, those in groupby(flags, key=lambda one: one.field):
        names = [one.name for one in those]
        if [bool(body.get(field)), *(given[name] for name in names)].count(True) != 1:
            what = "各行，如 quilt=47@Q1" if field == ALL.field else f" --{field}"
            told = " 或 ".join(f"--{name}" for name in names)
            raise typer.BadParameter(f"请写明{what}；或用 {told}")


def shown_slip(way: Way, slip: str) -> Row:
    """Return a slip as it stands."""
    found: Row = way.ask(slip)["slip"]
    return found


def open_lines(slip: Row) -> list[Row]:
    """Return all that is not accounted for on a slip."""
    return _as_sent(slip["open"])


def _as_sent(lines: Iterable[Row]) -> list[Row]:
    return [{k: line[k] for k in SENT if k in line} for line in lines]


def _as_shown(way: Way, row: Decision, said: Row, unsaid: Iterable[str]) -> Row:
    """Return what was not said as it stands just now; of a list, of the row meant."""
    address = row.as_shown[0]
    named = {
        name: str(said[name]) for _, name, *_ in Formatter().parse(address) if name
    }
    found = way.ask(address.format(**{k: quote(v, safe="") for k, v in named.items()}))
    if "rows" in found:
        ids = named.values()
        those = [r for r in found["rows"] if all(id_ in r.values() for id_ in ids)]
        if not those:
            raise typer.BadParameter(f"没有 {' '.join(ids)}")
        found = those[0]
    values = {name: found[name] for name in unsaid}
    return {k: _as_sent(v) if isinstance(v, list) else v for k, v in values.items()}


def _from_path(row: Decision) -> Iterator[Asked]:
    for name in row.parameters:
        help_ = _help(told_of(row.body.hints[name]))
        kind = Annotated[str, typer.Argument(help=help_)]
        yield Asked(name, parameter(name, kind))


def _from_body(row: Decision) -> Iterator[Asked]:
    known_ = msgspec.structs.fields(row.body.type)
    # Who only looks says nothing of how it would be decided.
    unsaid = set(row.more.__struct_fields__) if row.shows else SAID_ELSEWHERE
    for several in (fields for fields in row.arguments if "/" in fields):
        unsaid |= {*several.split("/")}
        kind_: Any = Annotated[str, typer.Argument(help=several.upper())]
        yield Asked(several, parameter(several.replace("/", "_"), kind_))
    spared = {
        *row.defaults,
        *row.shown,
        *([ALL.field] if row.all_of else ()),
    }
    for known in sorted(known_, key=lambda f: f.encode_name in LAST):
        name, (kind, _) = known.encode_name, plain_of(known.type)
        if name in unsaid:
            continue
        struct = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
        if not struct or "spoken" in told_of(known.type):
            needed = known.required and name not in spared
            yield _asked(row, known, needed=needed)
            continue
        # Of a struct that is not typed in one word each field is an option.
        for part in msgspec.structs.fields(kind):
            had = part.encode_name in row.defaults.get(name, {})
            must = known.required and part.required and not had
            yield _asked(row, part, needed=must, within=name)


def _asked(
    row: Decision, known: msgspec.structs.FieldInfo, *, needed: bool, within: str = ""
) -> Asked:
    """Return the parameter of a field; ``within``: of the struct in this field."""
    name, told = known.encode_name, told_of(known.type)
    kind, many = plain_of(known.type)
    spoken = BY_NAME.get(told.get("spoken", ""))
    typed: Any = str if spoken is not None or kind not in (int, bool) else kind
    typed = list[str] if many else typed
    own = known.name.rstrip("_")
    help_ = _help(told, kind) + (", else as it is" if name in row.shown else "")
    flags = [f"--{flag}" for flag in told.get("flag", name).split()]
    arguments = {*row.arguments, *([ALL.field] if row.all_of else ())}
    if {known.name, name} & arguments:
        how: Any = typer.Argument(help=help_)
    else:
        how = typer.Option(*[f.replace("_", "-") for f in flags], help=help_)
        own = f"{within}_{own}" if within else own
    asked = (
        parameter(own, Annotated[typed, how])
        if needed
        else parameter(own, Annotated[typed | None, how], default=None)
    )
    return Asked(name, asked, spoken, many, within)


def _help(told: dict[str, Any], kind: Any = str) -> str:
    """Return what an option's help says; of a choice, each value it takes."""
    zh, more = told.get("zh", ""), told.get("help", "")
    values = get_args(kind) if get_origin(kind) is Literal else ()
    if not all(str(value) in more for value in values):
        listed = ", ".join(map(str, values))
        more = f"{more}: {listed}" if more else listed
    return f"{zh}: {more}" if zh and more else zh or more
