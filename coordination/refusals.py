"""How a decision says no (拒绝): by kind, in both languages, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast

import msgspec

T = TypeVar("T")


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A decision's no (拒绝), with the rule that said it.

    ``code`` for machines, ``zh`` and ``en`` for people: what is against it;
    ``then_zh``, ``then_en``: what to do now. ``facts`` fill the braces.
    ``RECORDED``: refusals of consequence become an event of their own.
    """

    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]
    then_zh: ClassVar[str] = ""
    then_en: ClassVar[str] = ""
    RECORDED: ClassVar[bool] = False
    OF_ROLE: ClassVar[bool] = False
    """Said to a role: another role of the same person might be answered otherwise."""
    field: ClassVar[str] = ""
    """The form field to blame, where there is one."""

    @classmethod
    def of(
        cls,
        code: str,
        zh: str = "",
        en: str = "",
        then_zh: str = "",
        then_en: str = "",
        **more: Any,
    ) -> type[Self]:
        """Declare a refusal of this kind: what is against it, then what to do now.

        What is not said is the kind's. ``more``: ``field``, ``RECORDED``, ``OF_ROLE``.
        """
        said = {"zh": zh, "en": en} if zh else {}
        if then_zh:
            said |= {"then_zh": then_zh, "then_en": then_en}
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
        return self.whole(lang).format(**told)

    @classmethod
    def whole(cls, lang: str) -> str:
        """Return the sentence with its braces: what is against it, and what to do."""
        if lang == "zh":
            return "；".join(filter(None, (cls.zh, cls.then_zh)))
        return "; ".join(filter(None, (cls.en, cls.then_en)))


class NotFound(Refusal):
    """There is no such thing (不存在)."""

    then_zh = "请在清单中核对后再试"
    then_en = "look it up in its list"


class Invalid(Refusal):
    """What was said cannot be right, whatever stands (内容有误)."""


class Forbidden(Refusal):
    """Others may, or by another way; not they, not so (不得办理)."""


class Unavailable(Refusal):
    """Not at this moment: to be tried again (稍后重试)."""

    then_zh = "请稍后重试"
    then_en = "try again in a moment"


Fault = tuple[str, str, str]
"""What is wrong with something that is a row of a file: field, zh, en."""


class RowFault(msgspec.Struct, frozen=True):
    """What is wrong with one row of a file (行错误); ``row`` 0: with all of it.

    ``name``: what the field is called in zh and en, if who refuses knows that.
    """

    row: int
    field: str
    zh: str
    en: str
    name: tuple[str, str] = ("", "")


class RowsRefused(Invalid):
    """At least one row is wrong, so none is taken (整批不办理)."""

    then_zh = "请按所列各行改正后重新提交"
    then_en = "correct the rows that are named and send all of it again"

    @classmethod
    def unless_good(cls, faults: Iterable[RowFault]) -> None:
        """Return if nothing is wrong.

        :raises RowsRefused: with all that is
        """
        if rows := sorted(faults, key=lambda fault: fault.row):
            raise cls(count=len(rows), rows=rows)


class NothingLeft(Refusal):
    """It is so already, or was never to be done (无需再办)."""

    then_zh = "无需再办"
    then_en = "nothing is left to do"


class NothingChanges(NothingLeft):
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
