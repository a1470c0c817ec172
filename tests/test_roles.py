"""The table of roles (权限表) says what the code says.

``tests/api/test_matrix.py`` asks the server whether it is so.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from api.exchange.references.operations import operations
from coordination.deciders import DECIDERS
from coordination.permit import MODES, PERMITTED, READ_AS, ROLES, permitted
from coordination.provenance import Actor
from coordination.vocabulary import ACTIONS
from tests.documented import PAGES, allowed, asking, ids, rows, signs

OWN, OTHER = "310117001", "310117002"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_table_has_every_action_and_role_once(page: Path):
    """Every cell is there, in both languages; nothing else is."""
    assert set(signs(page)) == set(itertools.product(PERMITTED, [*ROLES, ""]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_table_says_what_is_permitted(page: Path):
    """Every role, held here or everywhere; here, elsewhere, nowhere; in both modes."""
    wrong = [
        (action, role, held, where, mode)
        for (action, role), held, where, mode in itertools.product(
            signs(page), ("", OWN), (OWN, OTHER, None), MODES
        )
        if allowed(action, role, held, where, mode == MODES[1], page)
        != permitted(
            Actor("a", role, held),
            action,
            () if where is None else (where,),
            lambda mode=mode: mode,
        )
    ]
    assert wrong == []


def test_every_action_has_its_words():
    """Whoever adds an action says what it is, in both languages."""
    assert ACTIONS.keys() == PERMITTED.keys()
    assert all(zh and en for zh, en in ACTIONS.values())


def test_every_operation_stands_under_its_action():
    """No other stands there, but where it depends on what is asked."""
    told = {(a, o) for (a, o), marks in asking().items() if "◇" not in marks}
    there = {(o["x-action"], f"{m} {path}") for m, path, o in operations()}
    assert told == {(a, o) for a, o in there if a in PERMITTED}


def test_what_a_command_may_ask_instead_is_an_action():
    """What is looked up in the table is there."""
    for command in DECIDERS:
        assert set(command.INSTEAD) <= PERMITTED.keys(), command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_kind_of_stream_stands_with_what_it_takes(page: Path):
    """The last table has each once."""
    text = page.read_text(encoding="utf-8")
    told = {
        kind: ids(first)[0]
        for first, *others in rows(text)
        if len(others) == 1 and ids(first) and ids(first)[0] in PERMITTED
        for kind in ids(others[0])
    }
    assert told == READ_AS
