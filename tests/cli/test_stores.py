"""A store that is lost, damaged or of another world is said (H14)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.world.settings import Settings
from api.world.wiring import sound_views
from tests.api.served import AREAS, DISTRICT
from tests.cli.test_cli import refused, run, run_json

ROSTER = """编号,姓名,手机,单位,居住社区代码
R-1,阙静姝,13970010001,区机关,310117001001
"""


def peopled(folder: Path) -> Path:
    """Make a world with one member, by the command line."""
    areas, roster = folder / "areas.csv", folder / "roster.csv"
    areas.write_text(AREAS, "utf-8")
    roster.write_text(ROSTER, "utf-8")
    data = folder / "world"
    run_json(data, "world", "init", "--areas", str(areas))
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    run_json(data, "people", "import", str(roster))
    return data


def test_a_world_does_not_start_without_the_keys_of_its_vault(tmp_path: Path):
    """With new ones everybody would be two people at the next import."""
    data = peopled(tmp_path)
    keys = data / "keys.sqlite"
    kept = keys.rename(tmp_path / "kept")
    refused(data, "vault.keys-missing", "status", "--area", DISTRICT)
    keys.unlink(missing_ok=True)
    kept.rename(keys)
    assert run(data, "status", "--area", DISTRICT).returncode == 0


def test_nor_with_the_keys_of_another_world(tmp_path: Path):
    """As a second host has them that was set up by itself."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    data, strange = peopled(one), peopled(other)
    (data / "keys.sqlite").write_bytes((strange / "keys.sqlite").read_bytes())
    refused(data, "vault.other-keys", "status", "--area", DISTRICT)


def test_views_that_are_none_are_put_aside_and_made_again(data: Path):
    """Whatever lies there; what was there is kept for whoever wants to look."""
    views = Settings(data=data).views_path
    views.write_bytes(b"no database at all" * 1_000)
    ran = run(data, "status", "--area", DISTRICT)
    assert ran.returncode == 0, ran.stderr
    assert "views damaged" in ran.stderr
    [aside] = data.glob("views.sqlite.damaged-*")
    assert aside.read_bytes().startswith(b"no database")
    with closing(sqlite3.connect(views)) as c:
        assert c.execute("SELECT count(*) FROM view_position").fetchone()[0] > 0


def test_views_that_somebody_holds_are_not_damaged(data: Path):
    """A lock or a full disk says nothing about what is in the file."""
    settings = Settings(data=data)
    with closing(sqlite3.connect(settings.views_path)) as c:
        c.execute("PRAGMA locking_mode = EXCLUSIVE")
        c.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            sound_views(settings)
    assert not list(data.glob("views.sqlite.damaged-*"))
    sound_views(settings).dispose()


def test_nothing_is_rebuilt_where_nothing_is(tmp_path: Path):
    """The sentence is that of every command."""
    refused(tmp_path / "nowhere", "world.missing", "rebuild")
    assert not (tmp_path / "nowhere").exists()
