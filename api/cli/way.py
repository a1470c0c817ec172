"""How a command is given (方式): the options that so many share, as one parameter."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec
from urllib.parse import parse_qs, urlencode

import typer

from api.cli.seen import Look, decided, last_seen, saw
from api.cli.shared import As, CommandId, Data, Json, command_id_of, show
from api.world.settings import Settings, from_environment
from coordination.provenance import UNSEEN

P = ParamSpec("P")
ROWS_SHOWN = 200
Reason = Annotated[str, typer.Option(help="理由")]
Basis = Annotated[str, typer.Option(help="依据: the document or alert it rests on")]
At = Annotated[
    str,
    typer.Option(
        "--at", help="截至: a log position, a time that is past or a command id"
    ),
]
Seen = Annotated[
    int,
    typer.Option(
        "--seen",
        min=0,
        help="所见位置: the log position you saw; else that of your last look",
    ),
]
Unseen = Annotated[
    bool,
    typer.Option("--unseen", help="未查看: say that you decide without looking"),
]
Occurred = Annotated[str, typer.Option(help="发生时间: when it happened, if not now")]


class Way(NamedTuple):
    """To which data, as whom, under which id, and how the answer is printed.

    ``reason``, ``basis``, ``occurred_at``: what every decision may say. ``at``: as of
    which moment it is read, empty: now. ``seen``, ``unseen``: the position that was
    seen, if it is not that of the last look, or that none was. ``looking``: what is
    answered is shown to whoever asks, and so is seen.
    """

    as_: str = ""
    data: Path | None = None
    as_json: bool = False
    command_id: str = ""
    reason: str = ""
    basis: str = ""
    occurred_at: str = ""
    at: str = ""
    seen: int = 0
    unseen: bool = False
    looking: bool = False

    def send(self, path: str, body: dict[str, Any], command: str = "") -> Any:
        """Give a command; return what the API answers."""
        id_ = command_id_of(command or self.command_id)
        said = {**self._why(), "seen_seq": self.position(), **body}
        return self._call(path, said, command_id=id_)

    def show_of(self, path: str, body: dict[str, Any]) -> Any:
        """Ask for what is shown and decides nothing: who sees it has looked."""
        return self._replace(looking=True).send(path, body)

    def send_file(
        self,
        path: str,
        file: Path | bytes,
        *,
        dry_run: bool = False,
        shown: bool = True,
        **query: str,
    ) -> Any:
        """Send a file, or what stands in it; return what the API answers.

        A trial that is shown is a look.
        """
        id_ = command_id_of(self.command_id)
        said: dict[str, str | int] = {**query, "dry_run": dry_run, **self._why()}
        if not dry_run:
            said["seen_seq"] = self.position()
        data = file if isinstance(file, bytes) else file.read_bytes()
        asked = _asking(path, said)
        looking = self._replace(looking=dry_run and shown)
        return Way._call(looking, asked, command_id=id_, file=data)

    def position(self) -> int:
        """Return the position that was seen: as said, else of the last look here."""
        if self.unseen:
            return UNSEEN
        return self.seen or last_seen(from_environment(self.data), self.as_).seq

    def ask(self, path: str, **query: str | int) -> Any:
        """Read; what is empty is not asked for."""
        return self._call(_asking(path, {**query, "at": self.at}))

    def _why(self) -> dict[str, str]:
        """Return what a decision says beside its own fields."""
        return {name: getattr(self, name) for name in WHY if getattr(self, name)}

    def _call(self, path: str, body: dict[str, Any] | None = None, **given: Any) -> Any:
        from api.cli import client  # noqa: PLC0415 - starts quicker without

        settings = from_environment(self.data)

        area = str(parse_qs(path.partition("?")[2]).get("area", [""])[0])
        told = client.call(
            settings,
            path,
            body,
            acting=self.as_,
            shown=lambda seq: self._saw(settings, seq, area),
            **given,
        )
        receipt = told.get("receipt") or told if isinstance(told, dict) else {}
        if "first_seq" in receipt:
            decided(settings, self.as_, receipt["first_seq"], receipt["seq"])
        return told

    def _saw(self, settings: Settings, seq: int, area: str) -> None:
        """Remember what is shown, if it is shown to whoever asks, and as of now."""
        if self.looking and not self.at:
            saw(settings, self.as_, Look(seq, area))

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


def _asking(path: str, query: Mapping[str, str | int]) -> str:
    """Return an address with what is asked of it; what is empty is not."""
    said = {n: "true" if v is True else v for n, v in query.items() if v}
    return f"{path}?{urlencode(said)}" if said else path


Own = Sequence[inspect.Parameter] | None
LOOK: dict[str, tuple[Any, Any]] = {"at": (At, "")}
AS: dict[str, tuple[Any, Any]] = {"as_": (As, "")}
ON: dict[str, tuple[Any, Any]] = {"data": (Data, None), "as_json": (Json, False)}
SAW: dict[str, tuple[Any, Any]] = {"seen": (Seen, 0), "unseen": (Unseen, False)}
WHY: dict[str, tuple[Any, Any]] = {
    "reason": (Reason, ""),
    "basis": (Basis, ""),
    "occurred_at": (Occurred, ""),
}


def looks(
    command: Callable[Concatenate[Way, P], None], own: Own = None
) -> Callable[..., None]:
    """Give a command that reads its ``Way`` from --at, --as, --data and --json.

    ``own``: its parameters, if they are not those of its signature.
    """
    return _taking(command, {**LOOK, **AS, **ON}, own, looking=True)


def decides(
    command: Callable[Concatenate[Way, P], None], own: Own = None
) -> Callable[..., None]:
    """Give a command that writes its ``Way``: --command-id too.

    ``own``: its parameters, if it is declared; else it takes what every decision may
    say as well.
    """
    why = WHY if own is None else {}
    by_whom = {**AS, "command_id": (CommandId, "")}
    return _taking(command, {**why, **SAW, **by_whom, **ON}, own)


def _taking(
    command: Callable[Concatenate[Way, P], None],
    options: dict[str, tuple[Any, Any]],
    own: Own,
    *,
    looking: bool = False,
) -> Callable[..., None]:
    """Return a command with these options after its own, in place of a ``Way``."""

    @functools.wraps(command)
    def run(*_: P.args, **given: P.kwargs) -> None:
        said: Any = {name: given.pop(name) for name in options}
        way = Way(**said, looking=looking)
        command(way, **given)  # type: ignore[call-arg]

    if own is None:
        _way, *own = inspect.signature(command, eval_str=True).parameters.values()
    shared = [parameter(n, kind, default=had) for n, (kind, had) in options.items()]
    own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    # Typer reads these two.
    run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
    return run


def parameter(name: str, kind: Any, **default: Any) -> inspect.Parameter:
    """Return a parameter of a command, as Typer reads it."""
    how = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, how, annotation=kind, **default)
