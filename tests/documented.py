"""What ``docs/roles.md`` says, read back from its text: who may do what, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
PAGES = (DOCS / "roles.md", DOCS / "roles.zh-CN.md")
NOBODY = {"No role": "", "无角色": ""}
IN_WAR = {"": False, "Emergency": True, "战时": True}
"""Whether a sign is of emergencies alone, by the word behind it."""
ASKS = re.compile(r"^- [^`]+`([a-z.-]+)`[:：]", re.MULTILINE)


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every row of every table."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line[1:-1].split("|")]


def ids(cell: str) -> list[str]:
    """Return what stands as code in a cell."""
    return re.findall("`([^`]+)`", cell)


@cache
def signs(page: Path = PAGES[0]) -> dict[tuple[str, str], str]:
    """Return the sign of every action and role, as it stands in its cell."""
    found: dict[tuple[str, str], str] = {}
    roles, columns = dict(NOBODY), []
    for first, *others in rows(page.read_text(encoding="utf-8")):
        if len(others) == 2 and ids(others[0]):  # role, id, how else one comes to it
            roles[first] = ids(others[0])[0]
        elif first in {"Action", "权限"} and len(others) > 2:
            columns = [roles[name] for name in others]
        elif len(others) > 2:
            [action] = ids(first)
            for role, cell in zip(columns, others, strict=True):
                assert found.setdefault((action, role), cell) == cell
    return found


def allowed(
    action: str,
    role: str,
    held: str,
    where: str | None,
    war: bool,
    page: Path = PAGES[0],
) -> bool:
    """Say it as the document does: may this role, held here, do that there?

    ``held``: a path, empty for everywhere; ``where`` None: it names no place.
    """
    cell = signs(page)[action, role]
    if not cell:
        return False
    sign, _, mode = cell.partition(" ")
    near = held == "" or (where is not None and where[: len(held)] == held)
    there = {"●": near, "○": True, "◐": near or where is None}[sign]
    return there and (war or not IN_WAR[mode])


@cache
def asking() -> dict[tuple[str, str], set[str]]:
    """Return the operations that ask for actions, with their signs."""
    text = PAGES[0].read_text(encoding="utf-8")
    found: dict[tuple[str, str], set[str]] = {}
    for line in text.splitlines():
        if known := ASKS.match(line):
            said = line[known.end() :]
            for operation, marks in re.findall(r"`([A-Z]+ [^`]+)`([†◇⤓]*)", said):
                found[known[1], operation] = set(marks)
    return found
