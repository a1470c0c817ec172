"""Sentences that are words around what a fact names (叙述模板)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from coordination.kernel import Event
from projections.names import Both, Names, Sayings

Part = Callable[[Names, Any], Any]
"""What stands for a word in braces: of both languages, or one for each."""
PARTS: dict[str, Part] = {
    "community": lambda n, e: n.area(e.community),
    "item": lambda n, e: n.item(e.item),
    "person": lambda n, e: n.human(e.person),
    "post": lambda n, e: n.post(e.post),
    "site": lambda n, e: n.site(e.site),
    "station": lambda n, e: n.station(e.station),
    "step": lambda n, e: n.step(e.emergency, e.step),
}
"""Words that mean the same in all facts."""


class _Words:
    """Finds the words of one sentence, in one language, as it names them."""

    def __init__(self, parts: Mapping[str, Part], n: Names, e: Event) -> None:
        self.parts, self.n, self.e, self.lang = parts, n, e, 0

    def __getitem__(self, word: str) -> Any:
        part = self.parts.get(word)
        found = getattr(self.e, word) if part is None else part(self.n, self.e)
        return found[self.lang] if isinstance(found, tuple) else found


def _say(parts: Mapping[str, Part], both: Both, n: Names, e: Event) -> Both:
    words = _Words(parts, n, e)
    zh = both[0].format_map(words)
    words.lang = 1
    return zh, both[1].format_map(words)


def worded(table: Sayings, said: Mapping[type[Event], Both], **parts: Part) -> None:
    """Enter sentences; a word in braces is a part, else the fact's field as it is.

    :raises TypeError: if an event has a sentence already
    """
    for event, both in said.items():
        if event in table:
            raise TypeError(f"{event} has two sentences")
        table[event] = partial(_say, {**PARTS, **parts}, both)
