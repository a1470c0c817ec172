"""``python -m api.exchange.references``: write every reference page anew.

The prose of a page stands in ``pages/``; a comment there says what is written where.
"""

from __future__ import annotations

import re
from pathlib import Path

from api.exchange.references import facts, roles
from api.exchange.references.commands import commands_part
from api.exchange.references.operations import operations_part

DOCS = Path(__file__).parents[3] / "docs"
PROSE = Path(__file__).parent / "pages"
PARTS = {
    "commands": commands_part,
    "operations": operations_part,
    "roles": roles.roles_part,
    "matrix": roles.matrix_part,
    "asking": roles.asking_part,
    "facts": roles.facts_part,
    "events": facts.events_part,
    "older": facts.older_part,
    "refusals": facts.refusals_part,
    "needs": facts.needs_part,
    "corrections": facts.corrections_part,
}


def pages() -> dict[str, str]:
    """Return the text of each page by its name in ``docs/``."""
    found = {}
    for path in sorted(PROSE.glob("*.md")):
        lang = "zh" if "zh-CN" in path.suffixes[0] else "en"
        parts = re.split(r"<!-- (\w+) -->", path.read_text(encoding="utf-8"))
        parts[1::2] = ["\n".join(PARTS[name](lang)) for name in parts[1::2]]
        found[path.name] = "".join(parts)
    return found


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
