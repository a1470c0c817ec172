"""What lies in a data directory is for its owner alone (H7)."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from api.world.private import NotPrivate, keep_private
from tests.api.served import AREAS, DISTRICT, server
from tests.cli.test_cli import run


def open_to_others(folder: Path) -> list[str]:
    """Return what others of this machine can read."""
    every = (folder, *folder.rglob("*"))
    return [str(p) for p in every if stat.S_IMODE(p.stat().st_mode) & 0o077]


def test_a_world_is_for_its_owner_from_its_first_moment(tmp_path: Path):
    """Made by the command line, then served: nothing of it is open to others."""
    areas, folder = tmp_path / "areas.csv", tmp_path / "new"
    areas.write_text(AREAS, "utf-8")
    made = run(folder, "world", "init", "--areas", str(areas))
    assert made.returncode == 0, made.stderr
    assert open_to_others(folder) == []
    with server(folder):
        assert {"accounts.sqlite", "previews.sqlite", "server.json"} <= {
            path.name for path in folder.iterdir()
        }
        assert open_to_others(folder) == []


def test_a_directory_that_was_open_is_shut_at_the_next_start(data: Path):
    """As one that an older program made is."""
    data.chmod(0o755)
    for path in data.iterdir():
        path.chmod(0o644)
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    assert open_to_others(data) == []


def test_what_cannot_be_shut_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It is somebody else's: one sentence, and nothing is started."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)

    def not_mine(_path: Path, _mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", not_mine)
    with pytest.raises(NotPrivate) as caught:
        keep_private(folder)
    assert str(folder) in caught.value.say("zh")
