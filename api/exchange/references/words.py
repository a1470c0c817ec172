"""What the reference pages share: a text's part in one language, tables, schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

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
_BOUNDS = (
    ("minimum", "maximum", "", ""),
    ("minLength", "maxLength", " characters", " 字"),
    ("minItems", "maxItems", " items", " 项"),
)
DEPTH_MAX = 3


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table, or nothing if it has no rows."""
    told = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in (head, *told)]
    return [lines[0], "|---" * len(head) + "|", *lines[1:]] if told else []


class Tongue:
    """One language of a page, and the schemas of the document told in it."""

    def __init__(self, lang: str, parts: Mapping[str, Schema]) -> None:
        """``parts``: the schemas that links lead to, by name."""
        self.zh, self.parts = lang == "zh", parts

    def say(self, en: str, zh: str) -> str:
        """Return the word in this language."""
        return zh if self.zh else en

    def part(self, text: str) -> str:
        """Return what a text says in this language, or all if it says so in one only.

        Texts are written ``中文: english``, ``中文 English`` or ``English (中文).``.
        """
        text = " ".join(text.replace("``", "`").split())
        head, colon, tail = text.partition(": ")
        if not (colon and _TERM.fullmatch(head)):
            found = _BOTH.fullmatch(text)
            if found is None:
                found = _AT_THE_END.search(text) if self.zh else None
                return found[1] if found else text
            head, tail = found.groups()
        return self.say(tail[:1].upper() + tail[1:], head)

    def sentence(self, text: str) -> str:
        """Return a text with its full stop, if there is any."""
        text = text.strip().removesuffix(".")
        stop = "。" if self.zh and CHINESE.search(text[-3:] + text[:1]) else "."
        return text + stop if text else ""

    def codes(self, names: Iterable[object]) -> str:
        """Return names as code, one beside the other."""
        return self.say(", ", "、").join(f"`{name}`" for name in names)

    def table(self, en: str, zh: str, rows: Iterable[Sequence[str]]) -> list[str]:
        """Return a table whose heading stands in one text with commas."""
        return table(self.say(en, zh).split(","), rows)

    # --- schemas ---------------------------------------------------------------------

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
    ) -> Iterator[tuple[str, str, str, str]]:
        """Yield name, mark, what it holds and means of each field of an object.

        Those of objects in it stand after their own.
        """
        found = self.whole(schema)
        for name, inner in found.get("properties", {}).items():
            one = self.whole(inner)
            mark = "●" if name in found.get("required", ()) else ""
            yield f"{before}{name}", mark, self.holds(one), self._means(one)
            items = self.whole(one.get("items") or {})  # False: nothing after some
            for below, sign in ((one, "."), (items, "[].")):
                if "properties" in below and depth < DEPTH_MAX:
                    yield from self.fields(below, f"{before}{name}{sign}", depth + 1)

    def _means(self, schema: Schema) -> str:
        """Return how a field is called, and what a form says beside it."""
        title = schema.get("title", "")  # without Chinese: only the name again
        title = self.part(title) if CHINESE.search(title) else ""
        more = "" if "properties" in schema else schema.get("description", "")
        return ": ".join(filter(None, (title, self.part(more))))

    def holds(self, schema: Schema) -> str:
        """Return what may stand in a field: its kind, its bounds, its default."""
        schema = self.whole(schema)
        shown, value = self._kind(schema), schema.get("default")
        if value in (None, "", [], (), False) or isinstance(value, dict):
            return shown
        return shown + self.say(f"; else `{value}`", f"；不填为 `{value}`")

    def _kind(self, schema: Schema) -> str:
        if "enum" in schema:
            return self.codes(v for v in schema["enum"] if v != "")
        if "const" in schema:
            return f"`{schema['const']}`"
        if several := schema.get("anyOf") or schema.get("oneOf"):
            real = [self.holds(one) for one in several if one.get("type") != "null"]
            return self.say(" or ", "或").join(real)
        if schema.get("format") == "date-time":
            return self.say("time, RFC 3339", "时间（RFC 3339）")
        if "pattern" in schema:
            inner = schema["pattern"].removeprefix("^").removesuffix("$")
            inner = re.sub(r"\((.*)\)\?", r"\1", inner) if inner[0] == "(" else inner
            return self.say(*_KNOWN[inner]) if inner in _KNOWN else f"`{inner}`"
        kind = schema.get("type", "")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "")
        shown = self.say(*_KINDS.get(kind, ("any", "任意")))
        each = schema.get("items") or next(iter(schema.get("prefixItems", ())), None)
        if kind == "array" and each:
            shown += self.say(" of ", "，每项：") + self.holds(each)
        return shown + self._bounds(schema)

    def _bounds(self, schema: Schema) -> str:
        """Return the bounds of a number, of a text's length or of a list's."""
        for low, high, en, zh in _BOUNDS:
            least, most = schema.get(low), schema.get(high)
            if most is not None:
                both = "" if least == most else f"{least or 0:.0f} – "
                return self.say(f", {both}{most:.0f}{en}", f"，{both}{most:.0f}{zh}")
            if least:
                return self.say(f", {least:g} or more{en}", f"，至少 {least:g}{zh}")
        return ""
