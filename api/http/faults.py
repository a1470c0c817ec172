"""What is wrong with a body (内容有误): field by field, in people's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from coordination.fields import unfit


class Fault(NamedTuple):
    """What is wrong with one field of a body; ``at``: where, such as ``lines.0``."""

    at: str
    zh: str
    en: str


class Unreadable(ValueError):  # noqa: N818 - told as a refusal
    """A value has the right form and means nothing, such as the 31st of June."""


class Unfit(Exception):  # noqa: N818 - told as a refusal
    """A body does not fit; ``faults``: each field that is wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def fault_of(error: msgspec.ValidationError, within: str = "") -> Fault:
    """Return what msgspec found wrong, in people's words and without the input."""
    place, zh, en = unfit(error)
    return Fault(".".join(filter(None, (within, place))), zh, en)


def faults_in(obj: Any, kind: type[Struct]) -> Iterator[Fault]:
    """Yield what is wrong with a body, field by field, rather than the first only."""
    if not isinstance(obj, dict):
        yield Fault("", "应为一组字段", "must be an object")
        return
    known = {f.encode_name: f for f in msgspec.structs.fields(kind)}
    for name, field in known.items():
        if name not in obj:
            if field.required:
                yield Fault(name, "必填", "is required")
            continue
        try:
            msgspec.convert(obj[name], field.type)
        except msgspec.ValidationError as error:
            yield fault_of(error, name)
    for name in obj.keys() - known.keys():
        yield Fault(name, "未知字段", "is not a known field")
