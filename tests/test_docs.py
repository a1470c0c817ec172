"""The documentation and the code say the same.

``python -m tests.test_docs`` writes ``docs/refusals.md`` anew.
"""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import api
import coordination
import playbooks
import projections
from api.cli import build
from api.http.errors import STATUS
from api.world.settings import Settings
from coordination.catalogue import EVENTS
from coordination.kernel import Refusal
from coordination.permit import ROLES

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [
    *READMES,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
REFUSALS = ROOT / "docs" / "refusals.md"
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
ANCHOR = re.compile(r"\]\(#([^)\s]+)\)")
FILE = re.compile(
    r"`((?:api|coordination|projections|playbooks|scripts|tests)/[\w./-]+)`"
)
TEST_NAME = re.compile(r"`(test_\w+)`")
ENVIRONMENT = re.compile(r"environ(?:\.get\(|\[)\s*[\"']([A-Z_]+)")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- links and names ----------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_file(page):
    """A relative link names something that is there."""
    gone = [to for to in LINK.findall(text(page)) if not (page.parent / to).exists()]
    assert not gone


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_inside_a_page_leads_to_a_heading(page):
    """An anchor is a heading as the usual readers of Markdown write it."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
    assert set(ANCHOR.findall(text(page))) <= slugs


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_a_page_names_is_there(page):
    """A path in backticks stands in the repository."""
    gone = [name for name in FILE.findall(text(page)) if not (ROOT / name).exists()]
    assert not gone


def test_every_test_a_page_names_is_there():
    """Who says which test breaks a rule names one that exists."""
    written = "\n".join(text(p) for p in (ROOT / "tests").rglob("*.py"))
    there = set(re.findall(r"def (test_\w+)\(", written))
    told = {n for page in PAGES for n in TEST_NAME.findall(text(page))}
    assert told <= there | {p.stem for p in (ROOT / "tests").rglob("test_*.py")}


def test_every_decision_is_numbered_once():
    """Notes on decisions are found by their number."""
    names = [p.name for p in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sorted(n[:4] for n in names) == [
        f"{i:04d}" for i in range(1, len(names) + 1)
    ]


# --- events, commands, settings -----------------------------------------------------


def test_every_event_is_in_the_table_of_events():
    """The page on architecture has each stored name, and no other."""
    page = text(ROOT / "docs" / "architecture.md")
    told = re.findall(r"^\| `([a-z-]+\.[a-z-]+\.[0-9]+)` \|", page, re.MULTILINE)
    assert sorted(told) == sorted(EVENTS)


def commands(command, path: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command that can be called, with its options."""
    below = getattr(command, "commands", {})
    if not below or getattr(command, "invoke_without_command", False):
        options = [o for p in command.params for o in (*p.opts, *p.secondary_opts)]
        yield path, [o for o in options if o.startswith("--") and o != "--help"]
    for name, part in below.items():
        yield from commands(part, f"{path} {name}")


COMMANDS = dict(commands(typer.main.get_command(build()), "pingzhan"))


@pytest.mark.parametrize("readme", READMES, ids=named)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_row(readme, command):
    """The row of a command names all of its options."""
    rows = [
        row for row in text(readme).splitlines() if row.startswith(f"| `{command}`")
    ]
    assert len(rows) == 1
    told = set(re.findall(r"--[a-z-]+", rows[0]))
    assert told == set(COMMANDS[command])


def test_no_command_is_made_up():
    """Every command a page shows can be called."""
    first = {command.split()[1] for command in COMMANDS}
    for page in PAGES:
        shown = re.findall(r"`pingzhan ([a-z]+)", text(page))
        shown += re.findall(r"^pingzhan ([a-z]+)", text(page), re.MULTILINE)
        assert set(shown) <= first


def test_every_setting_is_told():
    """The page on architecture has each field of the settings."""
    page = text(ROOT / "docs" / "architecture.md")
    for field in dataclasses.fields(Settings):
        assert f"`{field.name}`" in page, field.name


def test_every_environment_variable_is_told():
    """What the service reads stands in both READMEs, what tests read where they are."""
    ours = {"README.md": (api, coordination, projections, playbooks)}
    ours["README.zh-CN.md"] = ours["README.md"]
    for readme, packages in ours.items():
        for package in packages:
            for file in Path(package.__path__[0]).rglob("*.py"):
                for name in ENVIRONMENT.findall(text(file)):
                    assert f"`{name}`" in text(ROOT / readme), (name, readme)
    contributing = text(ROOT / "CONTRIBUTING.md")
    for file in (ROOT / "tests" / "conftest.py", ROOT / "tests" / "pgcluster.py"):
        for name in ENVIRONMENT.findall(text(file)):
            assert name in contributing, name


def test_every_role_is_told():
    """Whoever adds an account finds the roles in both READMEs."""
    for readme in READMES:
        for role in set(ROLES) - {"service"}:
            assert f"`{role}`" in text(readme)


# --- refusals -----------------------------------------------------------------------

NOT_SAID_HERE = {"server"}
"""Stands for whatever a running server said; never shown under this code."""
NOT_SAID_YET = {"receipts.unknown"}
"""Has a status and no refusal."""


def refusals() -> dict[str, list[type[Refusal]]]:
    """Return every refusal class of the code by its code."""
    for package in (coordination, projections, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    found: dict[str, list[type[Refusal]]] = {}
    left = list(Refusal.__subclasses__())
    while left:
        cls = left.pop()
        left.extend(cls.__subclasses__())
        ours = cls.__module__.split(".")[0] in {"api", "coordination", "projections"}
        if ours and cls.code not in NOT_SAID_HERE:
            found.setdefault(cls.code, []).append(cls)
    return found


HEAD = """\
# Refusals

Written by `python -m tests.test_docs`; a test compares it with the code. Braces are
filled from `facts`. A code without a status in `api/http/errors.py` is a 409.
● marks those that are also recorded as an event. The command line prints the same codes
and exits 2.

| Code | Status | 中文 | English |
|---|---|---|---|"""
FOOT = """
Not refusals of a rule, in the same shape: `request.invalid` (422) names each field that
does not fit; `http.404`, `http.405` … are what the web framework says. Faults of a
playbook (`playbook.shape` …) are findings of `pingzhan playbook lint`.
"""


def refusals_page() -> str:
    """Return the page of all refusals."""
    lines = [HEAD]
    for code, classes in sorted(refusals().items()):
        zh = " / ".join(dict.fromkeys(c.zh for c in classes))
        en = " / ".join(sorted({c.en for c in classes}))
        mark = " ●" if any(c.RECORDED for c in classes) else ""
        lines.append(f"| `{code}`{mark} | {STATUS.get(code, 409)} | {zh} | {en} |")
    lines.append(FOOT)
    return "\n".join(lines)


def test_the_page_of_refusals_is_the_code_s():
    """Code, status and both sentences of every refusal stand there."""
    assert text(REFUSALS) == refusals_page(), "run: python -m tests.test_docs"


def test_every_status_is_some_refusal_s():
    """A status is decided for codes that the code says."""
    assert set(STATUS) - NOT_SAID_YET <= set(refusals())


def test_a_code_is_one_name_in_every_language():
    """Machines get one code a rule: dots and dashes, both sentences filled alike."""
    for code, classes in refusals().items():
        assert re.fullmatch(r"[a-z]+\.[a-z-]+", code)
        for cls in classes:
            assert cls.zh
            assert cls.en


if __name__ == "__main__":
    REFUSALS.write_text(refusals_page(), encoding="utf-8")
