"""Accounts by the command line: the same rules and facts as on the screen (H2, H6)."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_cli import refused, run

ADD = ("account", "add", "wang", "--role", "commander", "--name", "王", "--password")
ACTED = "grants.account-acted.1"


def acts(data: Path) -> list[str]:
    """Return what was done about accounts, as the log has it."""
    ran = run(data, "log", "--name", ACTED, "--json")
    return [json.loads(line)["event"]["act"] for line in ran.stdout.splitlines()]


def test_an_account_is_made_and_reset_in_the_open(data: Path):
    """Both are facts; a grant that stands is not given again."""
    before = acts(data)
    assert run(data, *ADD, "seven grey herons").returncode == 0
    assert run(data, *ADD, "two slow barges").returncode == 0
    assert acts(data)[len(before) :] == ["installed", "password"]
    held = run(data, "grant", "list").stdout
    assert held.count("wang") == 1


def test_a_weak_password_is_refused_here_too(data: Path):
    """Nothing is made."""
    before = acts(data)
    for weak in ("1", "12345678", "password"):
        refused(data, "auth.weak-password", *ADD, weak)
    assert acts(data) == before
