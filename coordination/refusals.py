"""How a decision says no (拒绝): by kind, in both languages, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast

import msgspec

T = TypeVar("T")


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A decision's no (拒绝), with the rule that said it.

    ``code`` for machines, ``zh`` and ``en`` for people, ``facts`` fill the braces.
    ``RECORDED``: refusals of consequence become an event of their own.
    """

    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]
    RECORDED: ClassVar[bool] = False
    OF_ROLE: ClassVar[bool] = False
    """Said to a role: another role of the same person might be answered otherwise."""
    field: ClassVar[str] = ""
    """The form field to blame, where there is one."""

    @classmethod
    def of(cls, code: str, zh: str = "", en: str = "", **more: Any) -> type[Self]:
        """Declare a refusal of this kind; its sentences say all there is to say.

        ``more``: ``field``, ``RECORDED``, ``OF_ROLE``.
        """
        said = {"zh": zh, "en": en} if zh else {}
        name = "".join(part.title() for part in re.split("[.-]", code))
        return cast("type[Self]", type(name, (cls,), {"code": code, **said, **more}))

    @classmethod
    def unless(cls, found: T | None, **facts: Any) -> T:
        """Return what was found.

        :raises Refusal: this one, if that is nothing
        """
        if found is None:
            raise cls(**facts)
        return found

    def __init__(self, **facts: Any) -> None:
        """Keep the facts that fill the sentences."""
        self.facts = facts
        super().__init__(f"{self.code}: {self.say('en')}")

    def say(self, lang: str, named: Mapping[str, str] | None = None) -> str:
        """Return the sentence in ``zh`` or ``en``; ``named``: what ids are called."""
        told = {**self.facts, **(named or {})}
        return (self.zh if lang == "zh" else self.en).format(**told)


class NotFound(Refusal):
    """There is no such thing (不存在)."""


class Invalid(Refusal):
    """What was said cannot be right, whatever stands (内容有误)."""


class Forbidden(Refusal):
    """Others may, or by another way; not they, not so (不得办理)."""


class Unavailable(Refusal):
    """Not at this moment: to be tried again (稍后重试)."""


class RowFault(msgspec.Struct, frozen=True):
    """What is wrong with one row of a file (行错误); ``row`` 0: with all of it."""

    row: int
    field: str
    zh: str
    en: str


class RowsRefused(Invalid):
    """At least one row is wrong, so none is taken (整批不办理)."""

    @classmethod
    def unless_good(cls, faults: Iterable[RowFault]) -> None:
        """Return if nothing is wrong.

        :raises RowsRefused: with all that is
        """
        if rows := sorted(faults, key=lambda fault: fault.row):
            raise cls(count=len(rows), rows=rows)


class NothingChanges(Refusal):
    """Nothing would change (没有变化)."""

    zh = "没有变化"
    en = "nothing would change"

    @classmethod
    def unless_any(cls, facts: Sequence[T]) -> Sequence[T]:
        """Return the facts of a decision.

        :raises NothingChanges: if there are none
        """
        if not facts:
            raise cls
        return facts


def size_faults(rows: Sequence[object], most: int, field: str) -> list[RowFault]:
    """Return what is wrong with how many rows there are: 1 to so many are taken."""
    why = f"1 – {most}"
    return [] if 0 < len(rows) <= most else [RowFault(0, field, why, why)]
