"""Offering the reads (命令行查询): a command of each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import typer

from api.cli.lines import Row
from api.cli.reads import READS, Read
from api.cli.way import Way, looks, parameter

_PARAMETER = re.compile(r"{([a-z_]+)}")


def offer_reads(groups: Mapping[str, typer.Typer]) -> None:
    """Add each read to its group, if that is among these."""
    for words, read in READS.items():
        group, _, name = words.rpartition(" ")
        if group in groups:
            groups[group].command(name, help=read.help)(command_of(read))


def command_of(read: Read) -> Callable[..., None]:
    """Return the command of a read: its parameters are what may be asked."""
    placed = dict.fromkeys(_PARAMETER.findall(read.path), typer.Argument(...))
    asks = {**placed, **read.asks}

    def run(way: Way, /, **given: str | int) -> None:
        # A filter is called as what it looks at.
        said = {query: given[query.removeprefix("f.")] for query in asks}
        path = read.path.format(**{name: said.pop(name) for name in placed})
        one = said.pop(read.one, "")
        if one and read.lines is None:
            way.whole(way.ask(f"{path}/{one}"))
        elif read.lines and (one or not read.line):
            found = way.ask(f"{path}/{one}") if one else way.ask(path, **said)
            way.table(found, list(read.lines(found)))
        elif read.line:
            found = way.rows(path, **said)
            way.table(found, [read.line(row) for row in found["rows"]])
        elif read.keys:
            found = way.rows(path, **said, columns="true")
            way.table(found, list(_columns(found, read.keys.split())))
        else:
            way.whole(way.ask(path, **said))

    own = [
        parameter(query.removeprefix("f."), kind, default=how)
        for query, how in asks.items()
        for kind in (int if isinstance(how.default, int) else str,)
    ]
    return looks(run, own)


def _columns(found: Row, keys: list[str]) -> Iterator[str]:
    """Yield the headings of these columns, then each row; a value by its word."""
    labels = {column["key"]: column["label"] for column in found["columns"]}
    if found["rows"]:
        yield "  ".join(labels[key] for key in keys)
    for row in found["rows"]:
        values = [row.get(f"{key}_zh", row[key]) for key in keys]
        texts = ["、".join(v) if isinstance(v, list) else v for v in values]
        yield "  ".join("—" if v in (None, "") else str(v) for v in texts)
