"""Forms (表单): what a page needs to ask for a decision, as its command declares it."""

from __future__ import annotations

from typing import Any

import msgspec

from api.http.deciding import DECLARED
from api.http.declared import Decision
from api.http.document import schema_of
from api.http.look import Look
from api.http.outside import LAST, told_of
from api.http.reading import Reads
from api.pages.fields import taken
from coordination.fields import Id
from coordination.refusals import NotFound

READS = Reads("forms")
ON_SCREEN = frozenset({"seen_seq", "expected", "recorded"})
"""What a page says of itself: nobody types it."""


UnknownDecision = NotFound.of(
    "forms.unknown",
    "没有名为 {name} 的决定",
    "there is no decision called {name}",
    "请从菜单进入",
    "take it from the menu",
)


@READS.shown("/decisions/{group}/{name}", "self", timeless=True)
def decision(_look: Look, group: Id, name: Id) -> dict[str, Any]:
    """Return a decision's address and its fields, with their words and bounds."""
    whole = f"{group}.{name}"
    return form_of(UnknownDecision.unless(DECLARED.get(whole), name=whole))


def form_of(row: Decision) -> dict[str, Any]:
    """Return what a form shows of a decision; people do not type what was on screen."""
    known = msgspec.structs.fields(row.body.type)
    fields = sorted(known, key=lambda f: f.encode_name in LAST)
    return {
        **taken(row, "name path said"),
        "action": row.command.ACTION,
        "fields": [_field(f) for f in fields if f.encode_name not in ON_SCREEN],
    }


def _field(known: msgspec.structs.FieldInfo) -> dict[str, Any]:
    told = told_of(known.type)
    return {
        "name": known.encode_name,
        "zh": told.get("zh", ""),
        "en": told.get("en", ""),
        "help": told.get("help", ""),
        "words": told.get("words", ""),
        "required": known.required,
        "schema": schema_of(known.type),
    }
