"""How a command is given (方式): four options that so many share, as one parameter."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec

import typer

from api.cli.shared import As, CommandId, Data, Json, command_id_of, show
from api.world.settings import from_environment

P = ParamSpec("P")
ROWS_SHOWN = 200


class Way(NamedTuple):
    """To which data, as whom, under which id, and how the answer is printed."""

    as_: str = ""
    data: Path | None = None
    as_json: bool = False
    command_id: str = ""

    def send(self, path: str, body: dict[str, Any], command: str = "") -> Any:
        """Give a command; return what the API answers."""
        id_ = command_id_of(command or self.command_id)
        return self._call(path, body, command_id=id_)

    def send_file(self, path: str, file: Path) -> Any:
        """Send a file; return what the API answers."""
        id_ = command_id_of(self.command_id)
        return self._call(path, command_id=id_, file=file.read_bytes())

    def ask(self, path: str, **query: str | int) -> Any:
        """Read; what is empty is not asked for."""
        said = "&".join(f"{name}={value}" for name, value in query.items() if value)
        return self._call(f"{path}?{said}" if said else path)

    def _call(self, path: str, body: dict[str, Any] | None = None, **given: Any) -> Any:
        from api.cli import client  # noqa: PLC0415 - starts quicker without

        settings = from_environment(self.data)
        return client.call(settings, path, body, acting=self.as_, **given)

    def rows(self, path: str, **query: str | int) -> Any:
        """Read the first rows of a list."""
        return self.ask(path, **{"size": ROWS_SHOWN, **query})

    def show(self, found: dict[str, Any], *told: str) -> None:
        """Print an answer: for people these lines first, then all else that is short.

        Numbers, words and ids are short; lists are what the lines are for.
        """
        if not self.as_json:
            for line in told:
                typer.echo(line)
            found = {k: v for k, v in found.items() if not isinstance(v, (list, dict))}
        show(found, as_json=self.as_json)

    def whole(self, found: dict[str, Any]) -> None:
        """Print all of what a read found."""
        show(found, as_json=self.as_json)

    def table(self, found: dict[str, Any], told: Sequence[str]) -> None:
        """Print what a read found: for people only these lines."""
        if self.as_json:
            show(found, as_json=True)
            return
        for line in told or ("（无）",):
            typer.echo(line)


def looks(command: Callable[Concatenate[Way, P], None]) -> Callable[..., None]:
    """Give a command that reads its ``Way`` from --as, --data and --json."""
    return _taking(command, {"as_": (As, ""), "data": (Data, None)})


def decides(command: Callable[Concatenate[Way, P], None]) -> Callable[..., None]:
    """Give a command that writes its ``Way``: --command-id too."""
    given = {"as_": (As, ""), "command_id": (CommandId, ""), "data": (Data, None)}
    return _taking(command, given)


def _taking(
    command: Callable[Concatenate[Way, P], None],
    options: dict[str, tuple[Any, Any]],
) -> Callable[..., None]:
    """Return a command with these options after its own, in place of a ``Way``."""
    options = {**options, "as_json": (Json, False)}

    @functools.wraps(command)
    def run(*_: P.args, **given: P.kwargs) -> None:
        way = Way(**{name: given.pop(name) for name in options})  # type: ignore[arg-type]
        command(way, **given)  # type: ignore[call-arg]

    _way, *own = inspect.signature(command, eval_str=True).parameters.values()
    shared = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
        )
        for name, (kind, default) in options.items()
    ]
    own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    # Typer reads these two.
    run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
    return run
