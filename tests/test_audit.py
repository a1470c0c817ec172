"""``make security`` never clears a package that nobody was asked about."""

from __future__ import annotations

import pytest

from scripts.audit import verdict

UNKNOWN = {"name": "a", "skip_reason": "not found"}
SOUND = {"name": "b", "version": "1", "vulns": []}
WEAK = {
    "name": "c",
    "version": "2",
    "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}],
}


@pytest.mark.parametrize(
    ("told", "first", "status"),
    [
        ([UNKNOWN], "0 of 1 packages answered for: nothing is known", 0),
        ([], "0 of 0 packages answered for: nothing is known", 0),
        ([UNKNOWN, SOUND], "1 of 2 packages answered for, 0 known weaknesses", 0),
        ([SOUND, WEAK], "2 of 2 packages answered for, 1 known weaknesses", 1),
    ],
)
def test_what_was_not_asked_is_said(told, first, status):
    """Beside what was found, which alone fails."""
    lines, ends = verdict(told)
    assert first in lines[0]
    assert ends == status
    assert ("CVE-1" in lines[-1]) == bool(status)
