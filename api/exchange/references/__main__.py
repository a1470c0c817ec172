"""``python -m api.exchange.references``: write every reference page anew."""

from __future__ import annotations

from pathlib import Path

from api.exchange.references.commands import commands_page
from api.exchange.references.facts import events_page, refusals_page
from api.exchange.references.operations import operations_page

DOCS = Path(__file__).parents[3] / "docs"


def pages() -> dict[str, str]:
    """Return the text of each page by its name in ``docs/``."""
    return {
        "cli.md": commands_page("en"),
        "cli.zh-CN.md": commands_page("zh"),
        "http.md": operations_page("en"),
        "http.zh-CN.md": operations_page("zh"),
        "events.md": events_page(),
        "refusals.md": refusals_page(),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
