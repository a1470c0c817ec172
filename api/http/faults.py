"""What is wrong with a body (内容有误): field by field, in people's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct


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
        """Keep what is wrong."""
        super().__init__(faults)
        self.faults = faults


_PLACE = re.compile(r" - at `\$(.*)`$")
_SAID: tuple[tuple[str, str, str], ...] = (
    (r"Object missing required field `(.*)`", "必填", "is required"),
    (r"Object contains unknown field `(.*)`", "未知字段", "is not a known field"),
    (r"Expected `str` of length >= (\d+)", "过短", "is too short"),
    (r"Expected `str` of length <= (\d+)", "过长", "is longer than {0} characters"),
    (r"Expected `array` of length >= (\d+)", "过少", "needs {0} or more"),
    (r"Expected `array` of length <= (\d+)", "过多", "takes {0} at most"),
    (r"Expected `int` >= (-?\d+)", "数值过小", "must be {0} or more"),
    (r"Expected `int` <= (-?\d+)", "数值过大", "must be {0} or less"),
    (r"Invalid enum value .*", "不在可选范围", "is not one of the values it may have"),
    (r"Expected `str` matching regex .*", "格式不符", "is not of the right form"),
    (r"Expected `str(?: \| null)?`, .*", "应为文字", "must be text"),
    (r"Expected `int(?: \| null)?`, .*", "应为整数", "must be a whole number"),
    (r"Expected `bool`, .*", "应为是或否", "must be true or false"),
    (r"Expected `array(?: \| null)?`, .*", "应为列表", "must be a list"),
    (r"Expected `object(?: \| null)?`, .*", "应为一组字段", "must be an object"),
)


def fault_of(error: msgspec.ValidationError, within: str = "") -> Fault:
    """Return what msgspec found wrong, in people's words and without the input."""
    text = str(error)
    where = _PLACE.search(text)
    parts = re.findall(r"[^.\[\]]+", where[1]) if where else []
    at = [part for part in (within, *parts) if part and part != "..."]
    said = text[: where.start()] if where else text
    for form, zh, en in _SAID:
        found = re.fullmatch(form, said)
        if found is None:
            continue
        if "field" in form:
            return Fault(".".join([*at, found[1]]), zh, en)
        return Fault(".".join(at), zh, en.format(*found.groups()))
    return Fault(".".join(at), "格式不正确", "is not valid")


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
