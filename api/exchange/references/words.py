"""What the reference pages share: a text's part in one language, tables, schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from coordination.fields import AREA_CODE, SITE_ID

Schema = Mapping[str, Any]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TERM = re.compile(r"[^a-z;.]{0,12}[\u4e00-\u9fff][^;.]{0,24}")
_BOTH = re.compile(r"([^a-z:;,.]*[\u4e00-\u9fff]) ([A-Za-z].*)")
_AT_THE_END = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)[^()]*$")
_KNOWN = {
    AREA_CODE: ("area code", "区域代码"),
    SITE_ID: ("site id", "阵地编号"),
}
_KINDS = {
    "string": ("text", "文字"),
    "integer": ("whole number", "整数"),
    "number": ("number", "数"),
    "boolean": ("true or false", "true 或 false"),
    "array": ("list", "列表"),
    "object": ("object", "对象"),
}
DEPTH_MAX = 3


def pick(lang: str, en: str, zh: str) -> str:
    """Return the word in a language."""
    return zh if lang == "zh" else en


def part(text: str, lang: str) -> str:
    """Return what a text says in a language, or all of it if it says so in one only.

    Texts are written ``中文: english``, ``中文 English`` or ``English (中文).``.
    """
    text = " ".join(text.replace("``", "`").split())
    head, colon, tail = text.partition(": ")
    if not (colon and _TERM.fullmatch(head)):
        found = _BOTH.fullmatch(text)
        if found is None:
            found = _AT_THE_END.search(text) if lang == "zh" else None
            return found[1] if found else text
        head, tail = found.groups()
    return head if lang == "zh" else tail[:1].upper() + tail[1:]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table, or nothing if it has no rows."""
    lines = [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
        for row in rows
    ]
    return (
        [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines] if lines else []
    )


def sentence(text: str, lang: str) -> str:
    """Return a text with its full stop, if there is any."""
    text = text.strip().removesuffix(".")
    stop = "。" if lang == "zh" and CHINESE.search(text[-3:] + text[:1]) else "."
    return text + stop if text else ""


def joined(names: Iterable[str], lang: str) -> str:
    """Return names as code, one beside the other."""
    return pick(lang, ", ", "、").join(f"`{name}`" for name in names)


class Field(NamedTuple):
    """One field of a body: where it stands, what may stand there, what it means."""

    name: str
    required: bool
    holds: str
    means: str


class Schemas:
    """The schemas of the document, told in one language."""

    def __init__(self, parts: Mapping[str, Schema], lang: str) -> None:
        """``parts``: what links lead to, by name."""
        self.parts, self.lang = parts, lang

    def whole(self, schema: Schema) -> dict[str, Any]:
        """Return a schema without links, and without null where else may stand."""
        found = dict(schema)
        while True:
            if "$ref" in found:
                more = self.parts[found.pop("$ref").rpartition("/")[2]]
            else:
                several = found.get("anyOf") or found.get("oneOf") or ()
                real = [one for one in several if one.get("type") != "null"]
                if len(real) != 1:
                    return found
                found.pop("anyOf", None)
                found.pop("oneOf", None)
                more = real[0]
            found = {**more, **found, **{k: more[k] for k in ("title",) if k in more}}

    def fields(
        self, schema: Schema, before: str = "", depth: int = 0
    ) -> Iterator[Field]:
        """Yield the fields of an object, those of objects in it after their own."""
        found = self.whole(schema)
        needed = found.get("required", ())
        for name, inner in found.get("properties", {}).items():
            one = self.whole(inner)
            holds, means = self.holds(one), self.means(one)
            yield Field(f"{before}{name}", name in needed, holds, means)
            items = self.whole(one.get("items") or {})  # False: nothing after some
            for below, mark in ((one, "."), (items, "[].")):
                if "properties" in below and depth < DEPTH_MAX:
                    yield from self.fields(below, f"{before}{name}{mark}", depth + 1)

    def means(self, schema: Schema) -> str:
        """Return how a field is called, and what a form says beside it."""
        title = str(schema.get("title", ""))  # without Chinese: only the name again
        title = part(title, self.lang) if CHINESE.search(title) else ""
        more = str(schema.get("description", ""))
        more = "" if "properties" in schema else part(more, self.lang)
        return ": ".join(x for x in (title, more) if x)

    def holds(self, schema: Schema) -> str:
        """Return what may stand in a field: its kind and its bounds."""
        schema = self.whole(schema)
        if "enum" in schema:
            shown = joined((str(v) for v in schema["enum"] if v != ""), self.lang)
            return self._default(schema, shown)
        if "const" in schema:
            return f"`{schema['const']}`"
        several = schema.get("anyOf") or schema.get("oneOf") or ()
        if several:
            real = [self.holds(one) for one in several if one.get("type") != "null"]
            return self._default(schema, pick(self.lang, " or ", "或").join(real))
        kind = schema.get("type", "")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "")
        shown = pick(self.lang, *_KINDS.get(kind, ("any", "任意")))
        each = schema.get("items") or next(iter(schema.get("prefixItems", ())), None)
        if kind == "array" and each:
            of = self.holds(each)
            shown += pick(self.lang, f" of {of}", f"，每项：{of}")
        shown += self._bounds(schema)
        if "pattern" in schema:
            shown = self._pattern(schema["pattern"])
        if schema.get("format") == "date-time":
            shown = pick(self.lang, "time, RFC 3339", "时间（RFC 3339）")
        return self._default(schema, shown)

    def _pattern(self, pattern: str) -> str:
        inner = pattern.removeprefix("^").removesuffix("$")
        own = inner.removeprefix("(").removesuffix(")?")
        for known in (inner, own):
            if known in _KNOWN:
                return pick(self.lang, *_KNOWN[known])
        return f"`{own if inner.endswith(')?') else inner}`"

    def _bounds(self, schema: Schema) -> str:
        """Return the bounds of a number, of a text's length or of a list's."""
        for low, high, en, zh in (
            ("minimum", "maximum", "", ""),
            ("minLength", "maxLength", " characters", " 字"),
            ("minItems", "maxItems", " items", " 项"),
        ):
            least, most = schema.get(low), schema.get(high)
            if most is not None:
                between = f"{least or 0:.0f} – {most:.0f}"
                between = f"{most:.0f}" if least == most else between
                return f", {between}{en}" if self.lang == "en" else f"，{between}{zh}"
            if least:
                return pick(
                    self.lang, f", {least:g} or more{en}", f"，至少 {least:g}{zh}"
                )
        return ""

    def _default(self, schema: Schema, shown: str) -> str:
        value = schema.get("default")
        if value in (None, "", [], (), False) or isinstance(value, dict):
            return shown
        return shown + pick(self.lang, f"; else `{value}`", f"；不填为 `{value}`")
