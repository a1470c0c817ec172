"""A word is said once (词汇): pages and other modules have none of their own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import api
import coordination
import projections
from coordination.permit import ROLES
from coordination.vocabulary import words

ROOT = Path(coordination.__file__).parents[1]
STATIC = ROOT / "api" / "web" / "static"
KNOWN = {"ROLES": ROLES, **words()}
SAID = {(str(id_), zh) for known in KNOWN.values() for id_, (zh, _) in known.items()}
PAIR = re.compile(r"""["']?([\w-]+)["']?:\s*(?:t\()?["']([^"']+)["']""")
VOCABULARY = {"coordination/vocabulary.py", "coordination/states.py"}
OTHERWISE = {
    "coordination/permit.py": {"ROLES"},
    "projections/telling_goods.py": {"ACCOUNTS", "RELEASES"},
    "projections/telling_rights.py": {"PROPOSED"},
    "projections/telling_slips.py": {"SLIP_KINDS"},
    "api/world/ground.py": {"_CENTRE_SPACES"},
}
"""Tables that may: the roles themselves, words that stand inside an English sentence
(“a scrapping”), and the names of sample rooms."""
LABELS = {"drawer_parts.js"}
"""The headings of a fact's fields are no ids of anything."""


def test_no_script_says_a_word_of_a_vocabulary():
    """The page carries them, in the reader's language."""
    assert len(SAID) > 300
    again = [
        (path.name, pair)
        for path in sorted(STATIC.glob("*.js"))
        for pair in PAIR.findall(path.read_text("utf-8"))
        if pair in SAID and path.name not in LABELS
    ]
    assert again == []


def test_no_second_module_says_a_word_of_a_vocabulary():
    """A module that needs one takes it from there."""
    again = [
        (name, table, id_, word)
        for package in (coordination, projections, api)
        for path in sorted(Path(package.__file__).parent.rglob("*.py"))
        if (name := str(path.relative_to(ROOT))) not in VOCABULARY
        for table, id_, word in stated(ast.parse(path.read_text("utf-8")))
        if (id_, word) in SAID and table not in OTHERWISE.get(name, ())
    ]
    assert again == []


def stated(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """Yield every id and its word in a dictionary, with the name it is given."""
    named = {
        id(node.value): target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                first = next(iter(getattr(value, "elts", ())), value)
                if isinstance(key, ast.Constant) and isinstance(first, ast.Constant):
                    yield named.get(id(node), ""), str(key.value), str(first.value)


def test_the_alarms_page_knows_every_kind_of_alarm():
    """Its filter takes what there is from the column."""
    script = (STATIC / "alarms.js").read_text("utf-8")
    assert re.search(r'filters: \[[^\]]*"kind"', script)
    assert set(KNOWN["ALARM_KINDS"]) > {"vacancy", "seized", "shortage", "discrepancy"}
