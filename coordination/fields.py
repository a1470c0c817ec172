r"""What a field of a command may hold (字段): bounds, pattern, and how it is called.

A command's fields are declared with these once; the request body, its document, the
option of the command line and the label of a form follow from them. ``zh`` and ``en``
name the field for people. ``wire`` says how it is written outside where that is not as
here: a level as ``II``, a moment as RFC 3339, a day's first moment, or the first after
a last day, as ``2027-12-31``, an area as its code.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from msgspec import Meta, ValidationError

SEQ_MAX = 2**53 - 1
TEXT_MAX = 500
LEVEL, MOMENT, DAY, LAST_DAY = "level", "moment", "day", "last-day"
LOT, MAYBE_LOT = "lot", "maybe-lot"
"""Ways a number is written outside (``wire``)."""
_TOLD = frozenset({"as_", "wire", "null", "needed", "flag", "spoken", "words"})
_BOUNDS = frozenset({"ge", "le", "min_length", "max_length"})
NOTHING_AFTER = r"(?!\n)"
"""After ``$``, which Python lets stand before a last line break."""


def named(zh: str, en: str, help_: str = "", **extra: Any) -> Meta:
    """Return what a field is called, and what a form says beside it.

    ``extra``: ``as_``, its name outside where that differs; ``wire``, how it is
    written there; ``null``, whether null may stand for its default; ``needed``, that
    it must be said all the same; ``flag``, its options on the command line where those
    are other words; ``spoken``, how it is typed there; ``words``, the vocabulary its
    values are of. Bounds, as of ``Meta``;
    ``upto``: of a list or text that holds one at the least and so many at the most.
    """
    bounds = {k: v for k, v in extra.items() if k in _BOUNDS}
    if "upto" in extra:
        bounds |= {"min_length": 1, "max_length": extra["upto"]}
    told = {k: v for k, v in extra.items() if k in _TOLD}
    return Meta(
        title=f"{zh} {en}",
        description=help_ or None,
        extra={"zh": zh, "en": en, "help": help_, **told},
        examples=extra.get("examples"),
        **bounds,
    )


_MADE_LOT = re.compile(r"L-[0-9A-F]{10}")
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def lot_id(text: str) -> str:
    """Return a lot's number as it is kept: whatever the case, the width, the spaces.

    Every way in asks this, and nothing else compares lots. One that was made for a lot
    without a number, such as ``l-0123456789``, stays small.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    found = "".join(plain.split()).upper()
    return found.lower() if _MADE_LOT.fullmatch(found) else found


def form(struct: type) -> Meta:
    """Return that a fact's own struct is written outside as this one.

    What stands in the log stays as it is for ever; bounds and labels are of the form.
    """
    return Meta(extra={"form": struct})


def pattern(text: str, **more: Any) -> Meta:
    """Return a pattern that the whole text must match."""
    return Meta(pattern=f"^{text}${NOTHING_AFTER}", **more)


AREA_CODE = r"[1-9][0-9]{11}(g[0-9]{2})?(c[0-9]{2})?(b[0-9]{3})?"
SLIP_ID = r"[a-z]-[0-9a-f]{10}"
SITE_ID = r"[1-9][0-9a-z]{1,24}-s[0-9]{1,3}"

WHEN = "such as 2026-12-31T18:00:00+08:00"
"""What a form says beside a moment."""

Seq = Annotated[int, Meta(ge=0, le=SEQ_MAX)]
Text = Annotated[str, Meta(max_length=TEXT_MAX)]
Needed = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
Code = Annotated[str, pattern(AREA_CODE), named("区域", "Area")]
Id = Annotated[str, pattern(r"[a-z][a-z0-9-]{1,39}")]
Word = Annotated[str, pattern(r"[a-z][a-z-]{1,30}")]
Cause = Annotated[str, pattern(r"[a-z-]{2,20}"), named("原因", "Cause")]
EmergencyId = Annotated[str, pattern(r"e-[0-9a-f]{10}"), named("应急响应", "Emergency")]
MaybeEmergency = Annotated[
    str, pattern(r"(e-[0-9a-f]{10})?"), named("应急响应", "Emergency", null=True)
]
SiteId = Annotated[str, pattern(SITE_ID), named("阵地", "Site")]
StationId = Annotated[str, pattern(SITE_ID), named("物资站", "Station")]
MaybeStation = Annotated[str, pattern(f"({SITE_ID})?"), named("物资站", "Station")]
PersonId = Annotated[str, pattern(r"h-[0-9a-f]{12}"), named("人员", "Person")]
POST_ID = r"[1-9][0-9a-z]{1,24}(-s[0-9]{1,3})?-p-[a-z][a-z-]{1,30}(-[0-9]{1,3})?"
PostId = Annotated[str, pattern(POST_ID), named("岗位", "Post")]
MaybePost = Annotated[str, pattern(f"({POST_ID})?"), named("岗位", "Post", null=True)]
TargetId = Annotated[
    str,
    pattern(r"[1-9][0-9a-z]{1,24}(-s[0-9]{1,3})?", max_length=40),
    named("包保对象", "Target"),
]
AccountId = Annotated[str, pattern(r"[a-z][a-z0-9_-]{1,39}"), named("账号", "Account")]
SlipId = Annotated[str, pattern(SLIP_ID), named("单据", "Slip")]
Digest = Annotated[str, pattern(r"[0-9a-f]{64}")]
Reason = Annotated[Text, named("理由", "Reason")]
Basis = Annotated[Text, named("依据", "Basis", "the document or alert it rests on")]
Expected = Annotated[
    str,
    named(
        "原先",
        "As it stood",
        "who or what this replaces, as it was shown; - for nobody",
        max_length=200,
    ),
]
"""Empty: not said; what counts then is the position that was on the screen."""
Level = Annotated[
    int, Meta(ge=1, le=4), named("响应级别", "Level", "IV, III, II or I", wire=LEVEL)
]
Moment = Annotated[int, Meta(ge=0), named("时间", "Time", wire=MOMENT, null=True)]
"""Microseconds since 1970 UTC, 0 for none."""


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


def unfit(error: ValidationError) -> tuple[str, str, str]:
    """Return where something does not fit, and why in people's words, without it."""
    text = str(error)
    where = _PLACE.search(text)
    parts = re.findall(r"[^.\[\]]+", where[1]) if where else []
    at = [part for part in parts if part != "..."]
    said = text[: where.start()] if where else text
    for form, zh, en in _SAID:
        found = re.fullmatch(form, said)
        if found is None:
            continue
        if "field" in form:
            return ".".join([*at, found[1]]), zh, en
        return ".".join(at), zh, en.format(*found.groups())
    return ".".join(at), "格式不正确", "is not valid"
