"""What the command line showed last is what a decision says it rests on."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from api.cli import seen
from api.cli.seen import Look, decided, last_seen, saw
from api.world.settings import Settings
from coordination import catalogue
from coordination.log import open_recorder
from coordination.provenance import UNSEEN
from tests.api.served import CENTRE_1, DISTRICT, STREET_1
from tests.cli.test_cli import declare, look, refused, run, run_json, state_of


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where looks are kept."""
    monkeypatch.setenv(seen.STATE, str(tmp_path / "state"))
    return tmp_path / "state" / "seen.json"


def seen_of(data: Path, seq: int) -> int:
    """Return what an author of the log says they had seen."""
    recorder = open_recorder(Settings(data=data).log_path)
    try:
        (row,) = recorder.rows(seq - 1, 1)
        return catalogue.open_envelope(row.stored).seen_seq
    finally:
        recorder.close()


def test_looks_are_kept_by_world_and_account(kept: Path, tmp_path: Path):
    """The newest of each; an older one takes nothing back; nobody else reads it."""
    one, two = Settings(data=tmp_path / "one"), Settings(data=tmp_path / "two")
    assert last_seen(one, "zong") == Look()
    saw(one, "zong", Look(7, STREET_1))
    saw(one, "zong", Look(5, DISTRICT))
    saw(two, "zong", Look(3))
    assert last_seen(one, "zong") == Look(7, STREET_1)
    assert last_seen(two, "zong") == Look(3)
    assert last_seen(one, "li") == Look()
    saw(one, "", Look(9, DISTRICT))  # nobody by name: whoever sits there
    assert last_seen(one, "li") == last_seen(one, "zong") == Look(9, DISTRICT)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_so_many_are_kept_and_no_more(kept: Path, tmp_path: Path):
    """The one not used for longest goes."""
    settings = Settings(data=tmp_path)
    for number in range(seen.KEPT_MAX + 5):
        saw(settings, f"a{number}", Look(number + 1))
    assert len(json.loads(kept.read_text())) == seen.KEPT_MAX
    assert last_seen(settings, "a0") == Look()
    assert last_seen(settings, f"a{seen.KEPT_MAX + 4}").seq == seen.KEPT_MAX + 5


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 3}', '{"x": ["a", "b"]}'])
def test_a_file_that_is_none_is_nothing_seen(kept: Path, tmp_path: Path, text: str):
    """It is written anew by the next look."""
    kept.parent.mkdir()
    kept.write_text(text)
    assert last_seen(Settings(data=tmp_path), "") == Look()
    saw(Settings(data=tmp_path), "", Look(4))
    assert last_seen(Settings(data=tmp_path), "").seq == 4


def test_one_s_own_decision_is_known_if_nothing_came_between(
    kept: Path, tmp_path: Path
):
    """What others decided since the last look was not seen by it."""
    settings = Settings(data=tmp_path)
    decided(settings, "", 1, 2)
    assert not kept.exists()
    saw(settings, "", Look(10, STREET_1))
    decided(settings, "", 11, 13)
    assert last_seen(settings, "") == Look(13, STREET_1)
    decided(settings, "", 15, 16)
    assert last_seen(settings, "").seq == 13


def test_a_decision_says_what_was_seen(data: Path):
    """That of the last look, one that is stated, or none, stated too."""
    refused(data, "command.not-seen", *declare())
    at = look(data)
    made = run_json(data, *declare())
    assert seen_of(data, made["seq"]) == at
    words = ("step", "done", CENTRE_1, "cp-notify-staff")
    stated = run_json(data, *words, "--seen", "3")
    assert seen_of(data, stated["seq"]) == 3
    words = ("step", "done", CENTRE_1, "cp-clear-meeting-room", "--unseen")
    assert seen_of(data, run_json(data, *words)["seq"]) == UNSEEN
    kept = json.loads((state_of(data) / "seen.json").read_text())
    assert [area for _, area in kept.values()] == [DISTRICT]


def test_a_list_is_a_look_and_a_look_at_the_past_is_none(data: Path):
    """A declared list tells its position too; as of then is not how things stand."""
    assert run(data, "emergency", "list", "--at", "5").returncode == 0
    refused(data, "command.not-seen", *declare())
    assert run(data, "emergency", "list").returncode == 0
    run_json(data, *declare())


def test_a_world_made_anew_in_the_same_place_was_not_seen(data: Path):
    """Even where its file gets the same number: it is known by its first fact."""
    settings = Settings(data=data)
    saw(settings, "", Look(9_000))
    assert last_seen(settings, "").seq == 9_000
    with closing(sqlite3.connect(settings.log_path)) as c, c:
        c.execute("UPDATE stored_events SET leaf = zeroblob(32) WHERE rowid = 1")
    assert last_seen(settings, "") == Look()


def test_what_is_replaced_may_be_named(data: Path):
    """Who has not seen the newest order names it, or looks."""
    look(data)
    made = run_json(data, *declare())
    words = ("emergency", "end", made["emergency"], "--basis", "解除令")
    refused(data, "command.replaced", *words, "--unseen")
    refused(data, "command.replaced", *words, "--expected", "2")
    ran = run(data, *words, "--unseen")
    assert "--expected 1" in ran.stderr
    assert run_json(data, *words, "--unseen", "--expected", "1")["state"] == "ENDED"
