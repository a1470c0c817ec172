"""A decision declared once (决定的声明): the row from which all its ways in follow.

``Decision`` names a command, its address, its words on the command line and what is
answered. The route, the document, the command line's option and the form's field are
made from it and from the fields of the command. Nothing here imports the web framework.
"""

from __future__ import annotations

import re
import string
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec

from api.http.outside import Body, Envelope
from coordination.kernel import Command, Event
from coordination.log import Receipt

if TYPE_CHECKING:
    from api.http import writing
    from api.http.plain import Who
    from api.world.world import World

Writing: TypeAlias = "writing.Writing"
"""What a decision is given at its way in: named here, so that whoever only reads the
rows, as the command line does, loads nothing of it.
"""
_PARAMETER = re.compile(r"{([a-z_]+)}")
_PATHS = string.Formatter()


class Done(NamedTuple):
    """What was carried out: an answer is made from this."""

    world: World
    command: Any
    receipt: Receipt
    who: Who

    @property
    def facts(self) -> list[Event]:
        """The facts of the decision, from the log: a retry answers as the first."""
        return self.world.facts_of(self.receipt)


Carried = Receipt | dict[str, Any]
Tells = str | Callable[[dict[str, Any]], Iterable[str]]
"""A line with fields in braces, or what makes the lines."""
Answer = Callable[[Done], msgspec.Struct]
"""What is answered beside the receipt; its return annotation stands in the document."""


class Said:
    """An answer that repeats fields, and says what is always so.

    A field may be a path, such as ``rows[0].grant``; ``item/lot``, both in one word;
    ``#rows``, how many there are.
    """

    def __init__(
        self, *names: str, of: type[Event] | None = None, **always: str
    ) -> None:
        """``names``: of fields, ``outside=field`` where they differ outside.

        ``of``: the fact whose fields they are, as the log has it, so that a retry
        answers as the first; else they are the command's.
        """
        pairs = [name.partition("=") for name in names]
        self.names = {outside: own or outside for outside, _, own in pairs}
        self.of = of
        self.always = always

    def __call__(self, done: Done) -> dict[str, Any]:
        """Return the answer."""
        said: Any = done.command
        if self.of is not None:
            said = next(fact for fact in done.facts if isinstance(fact, self.of))
        found = {out: _value(said, own) for out, own in self.names.items()}
        return {**found, **self.always}


def _value(said: Any, path: str) -> Any:
    if path.startswith("#"):
        return len(_value(said, path[1:]))
    if "/" in path:
        return "/".join(_value(said, part) for part in path.split("/"))
    value, _ = _PATHS.get_field(f"0.{path}", (said,), {})
    return value


Answers = Said | Answer | type[msgspec.Struct]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision, as it is offered outside.

    ``path``: its address below the API; what stands in braces are fields of the
    command. ``words``: how the command line calls it, empty: not at all.
    ``alike``: fields of the body by which the same of another account, just now, is
    told: what adds to what there is and could be done twice.
    ``answers``: else the id of what it makes, or of what its address is about.
    ``made``: fields the door makes an id for, by the id's first letter.
    ``fixed``: fields this way in decides. ``more``: what else the body may say.
    ``look``: adds what a view proposes. ``carry``: how it is carried out, if not by
    ``World.do``, or what is answered if nothing was to be stored. ``shows``: answers
    without deciding, so that no key is needed, but if it is ``keyed``; ``answers`` is
    the struct then. On the command line: ``arguments`` are the fields that are
    positional, ``item/lot`` being two in one word, ``defaults`` what need not be said
    there, ``all_of`` the address of the slip whose open lines ``--all`` stands for,
    ``records`` what of its ``recorded`` is sent along then,
    ``instead`` a field and the flag, with its help, that must be said if the field is
    not, ``as_shown`` an address and the fields that are as it shows them if nothing is
    said,
    ``alone`` the list of which one row is said, its fields being options,
    ``tells`` the lines about what was asked and answered.
    """

    path: str
    command: type[Command]
    words: str = ""
    alike: tuple[str, ...] = ()
    answers: Answers | None = None
    status: int = 0
    made: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    more: type[Envelope] = Envelope
    look: Callable[[Writing, Any], Awaitable[Command]] | None = None
    carry: Callable[[Writing, Any, Any], Awaitable[Carried]] | None = None
    shows: Callable[[Writing, Any], Awaitable[Any]] | None = None
    keyed: bool = False
    arguments: Sequence[str] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    all_of: str = ""
    records: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    as_shown: Sequence[str] = ()
    alone: str = ""
    tells: Tells = ""
    help: str = ""

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The fields that stand in the path."""
        return tuple(_PARAMETER.findall(self.path))

    @cached_property
    def answered(self) -> Answers:
        """What is answered beside the receipt."""
        about = [*self.made, *self.parameters][:1]
        return self.answers or Said(*(f"id={name}" for name in about))

    @property
    def status_code(self) -> int:
        """The HTTP status of the answer: 201 if something is made."""
        return self.status or (201 if self.made else 200)

    @cached_property
    def body(self) -> Body:
        """The body of a request for it."""
        given = {*self.parameters, *self.made, *self.fixed, *self.command.VIEWED}
        words = re.split(r"[. -]", self.name)
        name = "".join(word[:1].upper() + word[1:] for word in words)
        return Body(name, self.command, given, self.more)

    @property
    def shown(self) -> Sequence[str]:
        """The fields that are as shown."""
        return self.as_shown[1:]

    @property
    def said(self) -> str:
        """What it is, in a sentence: as its command says."""
        return self.help or (self.command.__doc__ or "").partition("\n")[0]

    @property
    def name(self) -> str:
        """Its own name, for documents and forms, such as ``stock.issue``."""
        return self.words.replace(" ", ".") or self.command.__name__
