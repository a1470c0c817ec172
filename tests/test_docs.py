"""The documentation and the code say the same.

``make docs`` writes the reference pages anew.
"""

import dataclasses
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
from api.exchange.references.__main__ import pages
from api.exchange.references.facts import refusals
from api.exchange.references.operations import operations
from api.http.downloads import MEDIA
from api.http.errors import STATUS
from api.world.settings import Settings
from coordination.catalogue import EVENTS

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [
    *READMES,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
DOCS = ROOT / "docs"
CLI = [DOCS / "cli.md", DOCS / "cli.zh-CN.md"]
HTTP = [DOCS / "http.md", DOCS / "http.zh-CN.md"]
OPERATING = [DOCS / "operating.md", DOCS / "operating.zh-CN.md"]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")
ANCHOR = re.compile(r"\]\(#([^)\s]+)\)")
FILE = re.compile(
    r"`((?:api|coordination|projections|playbooks|scripts|tests)/[\w./-]+)`"
)
TEST_NAME = re.compile(r"`(test_\w+)`")
SHOWN_BY = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")
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


def test_every_promise_of_security_is_shown_by_a_test():
    """Each names its test with the file it stands in, and the test is there."""
    page = text(DOCS / "security.md")
    told = SHOWN_BY.findall(page)
    assert sorted(name for name, _ in told) == sorted(TEST_NAME.findall(page))
    gone = [t for t in told if f"def {t[0]}(" not in text(ROOT / t[1])]
    assert not gone
    promises = page.partition("## Who gets in")[2].partition("## Not promised")[0]
    said = re.split(r"^- ", promises, flags=re.MULTILINE)[1:]
    assert len(said) > 30
    assert not [one for one in said if not SHOWN_BY.search(one)]


def test_every_decision_is_numbered_once():
    """Notes on decisions are found by their number."""
    names = [p.name for p in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sorted(n[:4] for n in names) == [
        f"{i:04d}" for i in range(1, len(names) + 1)
    ]


# --- events, commands, settings -----------------------------------------------------


def test_every_event_is_in_the_table_of_events():
    """The page of events has each stored name, and no other."""
    page = text(DOCS / "events.md")
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


def test_every_decision_may_say_why_and_when():
    """Whatever writes takes its basis, its reason and its moment; a preview is none."""
    why = {"--basis", "--reason", "--occurred-at"}
    writes = {c: o for c, o in COMMANDS.items() if "--command-id" in o}
    mute = [c for c, options in writes.items() if not why <= set(options)]
    assert mute == ["pingzhan emergency preview", "pingzhan notice try"]


def sections(page: Path) -> dict[str, list[str]]:
    """Return the texts below each heading in backticks."""
    parts = re.split(r"^#{2,3} ", text(page), flags=re.MULTILINE)
    found: dict[str, list[str]] = {}
    for part in parts[1:]:
        heading, _, below = part.partition("\n")
        found.setdefault(heading.strip("`"), []).append(below)
    return found


@pytest.mark.parametrize("page", CLI, ids=named)
def test_every_command_has_its_section(page):
    """The section of a command names all of its options, and no other."""
    told = sections(page)
    for command, options in COMMANDS.items():
        (below,) = told[command]
        assert set(re.findall(r"`(--[a-z-]+)`", below)) == set(options), command


@pytest.mark.parametrize("page", HTTP, ids=named)
def test_every_operation_has_its_section(page):
    """The section of an operation names its action and what its body must say."""
    told = sections(page)
    there = set()
    for method, path, operation in operations():
        (below,) = told[f"{method} {path}"]
        assert f"`{operation['x-action']}`" in below
        there.add(f"{method} {path}")
    assert there == {heading for heading in told if re.match("[A-Z]+ /", heading)}


def test_every_kind_of_answer_is_described():
    """A list comes as a table or a workbook too; a drawn page is nothing but that."""
    for _, path, operation in operations():
        told = operation["responses"].get("200", {}).get("content", {}).keys()
        if "format" in {p["name"] for p in operation.get("parameters", ())}:
            assert told == {"application/json", MEDIA["csv"], MEDIA["xlsx"]}, path
        kind = MEDIA.get(path.rpartition(".")[2])
        assert kind is None or told == {kind}, path


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
    """What the service reads stands where it is told how to run it."""
    for page in OPERATING:
        for package in (api, coordination, projections, playbooks):
            for file in Path(package.__path__[0]).rglob("*.py"):
                for name in ENVIRONMENT.findall(text(file)):
                    assert f"`{name}`" in text(page), (name, page)
    contributing = text(ROOT / "CONTRIBUTING.md")
    for file in (ROOT / "tests" / "conftest.py", ROOT / "tests" / "pgcluster.py"):
        for name in ENVIRONMENT.findall(text(file)):
            assert name in contributing, name


# --- references ---------------------------------------------------------------------

WRITTEN = pages()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_reference_is_as_its_command_writes_it(name):
    """Nobody edits these pages, and nobody forgets to write them anew."""
    assert text(DOCS / name) == WRITTEN[name], "run: make docs"


@pytest.mark.parametrize("page", [*DOCS.glob("*.zh-CN.md"), READMES[1]], ids=named)
def test_both_languages_have_the_same_sections(page):
    """A page and its Chinese twin have as many headings of each rank."""
    twin = page.with_name(page.name.replace(".zh-CN", ""))
    ranks = [re.findall("^(#+) ", text(p), re.MULTILINE) for p in (page, twin)]
    assert ranks[0] == ranks[1]


def test_the_page_to_begin_with_is_short():
    """What is read first is read whole: the rest stands in ``docs``."""
    for readme in READMES:
        assert len(text(readme).encode()) < 9_000


def test_every_status_is_some_refusal_s():
    """A status is decided for codes that the code says."""
    assert set(STATUS) <= set(refusals())


def test_a_code_is_one_name_in_every_language():
    """Machines get one code a rule: dots and dashes, both sentences filled alike."""
    for code, classes in refusals().items():
        assert re.fullmatch(r"[a-z]+\.[a-z-]+", code)
        for cls in classes:
            assert cls.zh
            assert cls.en
