"""A command as it is written outside (外部写法): the body that its struct is.

The body of a request is made from the command's own fields: what stands in the path,
what the door makes and what a view proposes is left out; a level is written ``II``, a
moment in RFC 3339, an area by its code. Nothing here imports the web framework, so
that the command line starts quickly.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    NamedTuple,
    TypeVar,
    get_args,
    get_origin,
)

import msgspec
from msgspec import Meta, Struct

from api.http.faults import Fault, Unfit, Unreadable
from api.http.wire import CODE, RFC, WIRE, Inward
from coordination.fields import SEQ_MAX, named
from coordination.kernel import Command
from coordination.provenance import UNSEEN
from coordination.tree import Place

if TYPE_CHECKING:
    from api.world.world import World


class Envelope(Struct, kw_only=True, forbid_unknown_fields=True):
    """What every body may say beside the command's own fields.

    ``seen_seq``: log position on the screen, -1 to say that nothing was looked at.
    ``occurred_at``: when it happened, if not now.
    """

    seen_seq: Annotated[
        int,
        Meta(ge=UNSEEN, le=SEQ_MAX),
        named("所见位置", "Position seen", "-1: decided without looking"),
    ] = 0
    occurred_at: Annotated[RFC, named("发生时间", "Happened at")] | None = None


LAST = frozenset({"reason", "basis", "occurred_at"})
"""What every decision may say stands after its own fields."""


class Outside(NamedTuple):
    """One field outside: its name and type there, and its way in if it needs one."""

    name: str
    hint: Any
    inward: Inward | None
    needed: bool = False
    """It must be said, although the command has a default."""


class Body:
    """The body of one command: decodes bytes, and makes the command of them."""

    def __init__(
        self,
        name: str,
        command: type[Command],
        given: Collection[str],
        more: type[Envelope] = Envelope,
    ) -> None:
        """``name``: in the document. ``given``: fields that come another way.

        ``more``: what else it may say.
        """
        self.command = command
        self.hints = hints = typing.get_type_hints(command, include_extras=True)
        self.fields: dict[str, Outside] = {}
        parts: list[tuple[str, Any, Any]] = []
        for known in msgspec.structs.fields(command):
            if known.name in given:
                continue
            found = outside(known.name, hints[known.name])
            if known.name in command.NEEDS:
                found = found._replace(needed=True)
            self.fields[known.name] = found
            parts.append((known.name, _hint(known, found), _default(known, found)))
        made: Any = msgspec.defstruct(
            name,
            parts,
            bases=(more,),
            kw_only=True,
            forbid_unknown_fields=True,
        )
        self.type: type[Envelope] = made
        self.names = {f.name: f.encode_name for f in msgspec.structs.fields(self.type)}

    def make(self, said: Envelope, given: dict[str, Any], world: World) -> Command:
        """Return the command that a decoded body and what came otherwise are.

        :raises Unfit: for a value that means nothing
        """
        made = dict(given)
        for name, field in self.fields.items():
            value = getattr(said, name)
            if value is None or value is msgspec.UNSET:
                continue  # the command's own default
            if field.inward is not None:
                try:
                    value = field.inward(value, world)
                except Unreadable as error:
                    zh, en = error.args
                    raise Unfit([Fault(field.name, zh, en)]) from None
            made[name] = value
        return spelled(self.command(**made), world.old_lots)


T = TypeVar("T", bound=Struct)


def spelled(said: T, old: Mapping[tuple[str, str], Sequence[str]]) -> T:
    """Return what was said with its lots as the log has them.

    ``old``: lots that were stored before all were written alike; most worlds have none.
    """
    if not old:
        return said
    changed: dict[str, Any] = {}
    for name in said.__struct_fields__:
        value = getattr(said, name)
        if isinstance(value, tuple) and value and isinstance(value[0], Struct):
            changed[name] = tuple(spelled(one, old) for one in value)
    item, lot = getattr(said, "item", ""), getattr(said, "lot", "")
    found = old.get((item, lot), ())
    if found and lot not in found:
        changed["lot"] = found[0]
    return msgspec.structs.replace(said, **changed) if changed else said


def _hint(known: msgspec.structs.FieldInfo, found: Outside) -> Any:
    """Return a field's type outside; a default that is written otherwise is unset."""
    optional = not (known.required or found.needed) and found.inward is not None
    return found.hint | msgspec.UnsetType if optional else found.hint


def _default(known: msgspec.structs.FieldInfo, found: Outside) -> Any:
    """Return how a field is declared outside: its name there, whether it may lack."""
    if known.required or found.needed:
        return msgspec.field(name=found.name)
    if known.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(name=found.name, default_factory=known.default_factory)
    unset = found.inward is not None
    default = msgspec.UNSET if unset else known.default
    return msgspec.field(name=found.name, default=default)


def outside(name: str, hint: Any) -> Outside:
    """Return a command's field as it is written outside."""
    told = told_of(hint)
    written, inward = _written(hint)
    optional = told.get("null", False)
    return Outside(
        told.get("as_", name),
        written | None if optional else written,
        inward,
        told.get("needed", False),
    )


def told_of(hint: Any) -> dict[str, Any]:
    """Return what a field's annotations tell: names, and how it is written outside."""
    told: dict[str, Any] = {}
    if get_origin(hint) in (types.UnionType, typing.Union):
        for one in get_args(hint):
            told |= told_of(one)
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, Meta):
            told |= meta.extra or {}
    return told


def plain_of(hint: Any) -> tuple[Any, bool]:
    """Return the type under a field's annotations, and whether it is a list of it."""
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint = hint.__origin__
        elif origin in (types.UnionType, typing.Union):
            none = (types.NoneType, msgspec.UnsetType)
            hint = next(one for one in get_args(hint) if one not in none)
        elif origin is tuple:
            return plain_of(get_args(hint)[0])[0], True
        else:
            return hint, False


def _written(hint: Any) -> tuple[Any, Inward | None]:
    """Return a type as it is written outside, and the way in if there must be one."""
    written: Any
    inward: Inward | None
    if get_origin(hint) is Annotated and "form" in told_of(hint):
        labels = [m for m in hint.__metadata__ if m.title]
        written, inward = _struct(told_of(hint)["form"])
        formed = functools.partial(_formed, hint.__origin__, inward)
        return _annotated(written, labels), formed
    origin = get_origin(hint)
    if origin is Annotated:
        wire = told_of(hint).get("wire")
        if wire is not None:
            labels = [m for m in hint.__metadata__ if m.title]
            written, inward = WIRE[wire]
            return _annotated(written, labels), inward
        written, inward = _written(hint.__origin__)
        return _annotated(written, hint.__metadata__), inward
    if origin in (types.UnionType, typing.Union):
        (own,) = (one for one in get_args(hint) if one is not types.NoneType)
        written, inward = _written(own)
        return written | None, inward  # what is null never needs a way in
    if origin is tuple:
        written, inward = _written(get_args(hint)[0])
        many = types.GenericAlias(tuple, (written, ...))
        return many, None if inward is None else functools.partial(_each, inward)
    if hint is Place:
        return CODE, lambda code, to: to.places((code,))[0]
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _struct(hint)
    return hint, None


def _annotated(hint: Any, metas: Collection[Any]) -> Any:
    for meta in metas:
        hint = Annotated[hint, meta]
    return hint


def _formed(own: type[Struct], inward: Inward | None, said: Any, to: World) -> Any:
    """Return the struct that a form stands for."""
    made = said if inward is None else inward(said, to)
    return own(**msgspec.structs.asdict(made))


def _each(inward: Inward, said: Collection[Any], to: World) -> tuple[Any, ...]:
    return tuple(inward(one, to) for one in said)


@functools.cache
def _struct(cls: type[Struct]) -> tuple[Any, Inward | None]:
    """Return a part of a body: the struct itself where it is strict and plain."""
    hints = typing.get_type_hints(cls, include_extras=True)
    known = msgspec.structs.fields(cls)
    fields = {f.name: outside(f.name, hints[f.name]) for f in known}
    strict = cls.__struct_config__.forbid_unknown_fields
    plain = all(f.inward is None and f.name == name for name, f in fields.items())
    if strict and plain:
        return cls, None
    derived = msgspec.defstruct(
        cls.__name__,
        [
            (f.name, _hint(f, fields[f.name]), _default(f, fields[f.name]))
            for f in known
        ],
        kw_only=True,
        forbid_unknown_fields=True,
        module=cls.__module__,
    )

    def inward(said: Any, to: World) -> Any:
        made = {}
        for name, field in fields.items():
            value = getattr(said, name)
            if value is not None and value is not msgspec.UNSET:
                made[name] = field.inward(value, to) if field.inward else value
        return cls(**made)

    return derived, inward
