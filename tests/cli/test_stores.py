"""A store that is lost, damaged or of another world is said (H14)."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.http.accounts_file import Account
from api.http.auth import Accounts, open_accounts
from api.world.amending import OPERATOR
from api.world.previews import Previews
from api.world.settings import Settings
from api.world.vault import Secret
from api.world.wiring import open_world, sound_views, wall_clock
from coordination.catalogue import decode_event, open_envelope
from coordination.grants.accounts import RecordAccountAct
from coordination.log import LogGone, SQLiteReader
from coordination.provenance import Provenance
from tests.api.served import AREAS, DISTRICT, server
from tests.cli.test_cli import refused, run, run_json
from tests.counting import count

ROSTER = """编号,姓名,手机,单位,居住社区代码
R-1,阙静姝,13970010001,区机关,310117001001
"""


def facts_of(data: Path) -> list[tuple[str, str, str]]:
    """Return what the log has of its stores: name, store, fault."""
    with closing(SQLiteReader(data / "log.sqlite")) as log:
        rows = [row for row in log.rows(0, 10_000) if row.stream.startswith("stores/")]
    told = [decode_event(row.name, open_envelope(row.stored).event) for row in rows]
    return [
        (row.name, fact.store, fact.fault) for row, fact in zip(rows, told, strict=True)
    ]


def head_of(data: Path) -> int:
    """Return the end of the log."""
    with closing(SQLiteReader(data / "log.sqlite")) as log:
        return log.head().seq


def copied(data: Path, to: Path) -> Path:
    """Copy what is in a data directory, as a backup does that nobody writes to."""
    return shutil.copytree(data, to)


def put_back(store: str, backup: Path, data: Path) -> None:
    """Put one store of a backup in the place of the one there is."""
    for end in ("", "-wal", "-shm"):
        (data / f"{store}{end}").unlink(missing_ok=True)
        kept = backup / f"{store}{end}"
        if kept.exists():
            shutil.copy(kept, data / f"{store}{end}")


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
    assert "store amiss" in ran.stderr
    assert facts_of(data)[-1] == ("service.store-mended.1", "views", "damaged")
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
    engine, mended = sound_views(settings)
    engine.dispose()
    assert not mended


STORES = ("log", "accounts", "vault", "keys")


@pytest.fixture(scope="module")
def moved_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a world and its backup; copy it, never use it."""
    folder = tmp_path_factory.mktemp("moved")
    data = peopled(folder)
    account = ("--role", "commander", "--name", "沈", "--password", "tall giraffe sky")
    assert run(data, "account", "add", "shen", *account).returncode == 0
    copied(data, folder / "backup")
    more = folder / "more.csv"
    more.write_text(ROSTER + "R-2,方,13970010002,区机关,310117001001\n", "utf-8")
    run_json(data, "people", "import", str(more))
    assert run(data, "account", "add", "shen", *account).returncode == 0
    return folder


@pytest.fixture
def moved(moved_once: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A world in which something happened to each store since its backup."""
    folder = copied(moved_once, tmp_path / "moved")
    return folder / "world", folder / "backup"


@pytest.mark.parametrize("store", STORES)
def test_an_older_store_is_not_taken_for_the_one_there_was(
    store: str, moved: tuple[Path, Path]
):
    """Until somebody says on what; that is a fact, and the service goes on."""
    data, backup = moved
    put_back(f"{store}.sqlite", backup, data)
    refused(data, "store.amiss", "status", "--area", DISTRICT)
    refused(data, "service.without-basis", "world", "accept", "--basis", " ")
    refused(data, "store.amiss", "status", "--area", DISTRICT)
    run_json(data, "world", "accept", "--basis", "机房失火，只有昨夜备份")
    assert facts_of(data)[-1] == ("service.store-accepted.1", store, "older")
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    refused(data, "store.nothing-amiss", "world", "accept", "--basis", "再来一次")
    assert run_json(data, "log", "verify")["ok"]
    count("an older store put back, refused, accepted on the record")


@pytest.mark.parametrize("store", ["accounts", "vault", "keys"])
def test_a_store_is_older_by_its_last_write_too(store: str, moved: tuple[Path, Path]):
    """The process was killed right after it, before it looked at its stores again."""
    data, _ = moved
    settings, before, dead = Settings(data=data), data.parent / "b", data.parent / "d"
    world = open_world(settings)
    accounts = open_accounts(settings, wall_clock)
    copied(data, before)
    accounts.add(Account("li", "李"), "tall giraffe sky")
    world.vault.put({"h-0000000001": Secret(name="李", phone="", number="")})
    copied(data, dead)  # as it lies there when the process is killed
    accounts.close()
    world.close()
    put_back(f"{store}.sqlite", before, dead)
    refused(dead, "store.amiss", "status", "--area", DISTRICT)
    put_back(f"{store}.sqlite", data, dead)
    assert run(dead, "status", "--area", DISTRICT).returncode == 0
    count("a store put back that lacks its last write alone, refused")


@pytest.mark.parametrize("store", STORES)
def test_a_missing_store_is_not_begun_anew_in_silence(
    store: str, moved: tuple[Path, Path]
):
    """An empty world would start, or one without names or accounts."""
    data, _ = moved
    put_back(f"{store}.sqlite", data.parent / "nothing", data)
    code = "vault.keys-missing" if store == "keys" else "store.amiss"
    refused(data, code, "status", "--area", DISTRICT)
    assert store == "keys" or not (data / f"{store}.sqlite").exists()
    count("a store missing, refused")


@pytest.mark.parametrize("store", STORES)
def test_a_damaged_store_is_left_alone(store: str, moved: tuple[Path, Path]):
    """It is for a person to put back what is sound."""
    data, _ = moved
    put_back(f"{store}.sqlite", data.parent / "nothing", data)
    whole = data / f"{store}.sqlite"
    whole.write_bytes(b"no database at all" * 1_000)
    refused(data, "store.damaged", "status", "--area", DISTRICT)
    refused(data, "store.damaged", "world", "accept", "--basis", "先用着")
    assert whole.read_bytes().startswith(b"no database")
    count("a store damaged, refused and left alone")


def test_who_was_disabled_since_stays_so_and_nobody_is_signed_in(
    moved: tuple[Path, Path],
):
    """Accounts of before would let them in again."""
    data, backup = moved
    with closing(open_world(Settings(data=data))) as world:
        by = Provenance(command_id="disable-shen", actor=OPERATOR)
        act = RecordAccountAct(account="shen", act="disabled")
        asyncio.run(world.do(act, by))
        with closing(Accounts(data / "accounts.sqlite", wall_clock)) as accounts:
            accounts.disable("shen")
    with closing(Accounts(backup / "accounts.sqlite", wall_clock)) as accounts:
        accounts.new_token("shen", "secret", name="脚本", days=9)
    put_back("accounts.sqlite", backup, data)
    run_json(data, "world", "accept", "--basis", "误删后恢复")
    with closing(Accounts(data / "accounts.sqlite", wall_clock)) as accounts:
        assert accounts.disabled() == ["shen"]
        assert not accounts.tokens()


def test_what_can_be_made_anew_is_made_anew_on_the_record(moved: tuple[Path, Path]):
    """Memory, views: nobody need do anything, and nobody is left to wonder."""
    data, backup = moved
    (data / "memory").unlink()
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    assert facts_of(data)[-1] == ("service.store-mended.1", "head", "missing")
    (data / "memory").write_bytes(b"what is this?")
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    assert facts_of(data)[-1] == ("service.store-mended.1", "head", "damaged")
    before = head_of(data)
    put_back("views.sqlite", backup, data)
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    count("the memory of the head lost or damaged, made good on the record", 2)
    assert head_of(data) == before  # they catch up: nothing was amiss
    assert run_json(data, "rebuild", "--check")["equal"]


def test_another_log_is_not_taken_for_the_one_there_was(
    moved: tuple[Path, Path], tmp_path: Path
):
    """As long as, or longer than it: what was acknowledged last is not in it."""
    data, backup = moved
    more = tmp_path / "fork.csv"
    for number in range(9):
        named = f"R-1{number},方{number},1397001001{number},区机关,310117001001\n"
        more.write_text(ROSTER + named, "utf-8")
        run_json(backup, "people", "import", str(more))
    put_back("log.sqlite", backup, data)
    refused(data, "store.amiss", "status", "--area", DISTRICT)
    count("another log put in its place, refused")


@pytest.mark.parametrize("store", ["log", "accounts", "vault"])
def test_a_missing_store_that_was_accepted_is_not_missed_again(
    store: str, moved: tuple[Path, Path]
):
    """Nor recorded at each start: it is not the one there was any more."""
    data, _ = moved
    put_back(f"{store}.sqlite", data.parent / "nothing", data)
    run_json(data, "world", "accept", "--basis", "没有备份")
    assert facts_of(data)[-1] == ("service.store-accepted.1", store, "missing")
    before = len(facts_of(data))
    for _ in range(2):
        ran = run(data, "area", "list", "--area", DISTRICT)
        assert "store.amiss" not in ran.stderr
    assert len(facts_of(data)) == before


def test_what_was_made_anew_is_recorded_once(data: Path):
    """However long nobody writes to it."""
    previews = data / "previews.sqlite"
    with closing(Previews(previews)) as kept:
        kept.keep("d", "e", {}, 1)
    with closing(open_world(Settings(data=data))):
        pass
    previews.unlink()
    for _ in range(3):
        with closing(open_world(Settings(data=data))), closing(Previews(previews)):
            pass
    assert facts_of(data) == [("service.store-mended.1", "previews", "missing")]


def test_a_log_put_back_once_more_is_not_what_was_accepted(
    moved: tuple[Path, Path], tmp_path: Path
):
    """Accepted is what was lost before, not what comes after it."""
    data, backup = moved
    put_back("log.sqlite", backup, data)
    run_json(data, "world", "accept", "--basis", "只有昨夜备份")
    again = copied(data, tmp_path / "again")
    run_json(data, "people", "import", str(data.parent / "more.csv"))
    put_back("log.sqlite", again, data)
    refused(data, "store.amiss", "status", "--area", DISTRICT)


@pytest.mark.parametrize("store", ["accounts", "vault", "keys"])
def test_a_write_that_was_cut_short_is_no_trouble(
    store: str, moved: tuple[Path, Path], tmp_path: Path
):
    """A kill in the middle leaves a journal: the start takes it back and goes on."""
    data, _ = moved
    path, cut = data / f"{store}.sqlite", tmp_path / "cut"
    cut.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as c:
        c.execute("PRAGMA cache_size = 1")
        c.execute("BEGIN IMMEDIATE")
        c.execute("CREATE TABLE half (x BLOB)")
        for _ in range(500):
            c.execute("INSERT INTO half VALUES (zeroblob(4000))")
        for end in ("", "-journal"):
            shutil.copy(f"{path}{end}", cut / f"{path.name}{end}")
        c.execute("ROLLBACK")
    for half in cut.iterdir():
        shutil.copy(half, data / half.name)
    assert (data / f"{store}.sqlite-journal").stat().st_size
    assert run(data, "status", "--area", DISTRICT).returncode == 0


def test_a_log_taken_away_while_in_use_takes_no_decision(data: Path):
    """Nothing is acknowledged into a file that has no name."""
    kept = data.parent / "kept"
    with closing(open_world(Settings(data=data))) as world:
        (data / "log.sqlite").rename(kept)
        act = RecordAccountAct(account="zong", act="disabled")
        by = Provenance(command_id="disable-zong", actor=OPERATOR)
        with pytest.raises(LogGone):
            asyncio.run(world.do(act, by))
        shutil.copy(kept, data / "log.sqlite")
        with pytest.raises(LogGone):
            asyncio.run(world.do(act, by))
        (data / "log.sqlite").unlink()
        kept.rename(data / "log.sqlite")
        asyncio.run(world.do(act, by))
    count("the log's file taken away or replaced in use, nothing acknowledged", 2)


def test_an_older_program_does_not_start_on_a_newer_log(data: Path):
    """Unless the newer one has written nothing that it does not know."""
    log = data / "log.sqlite"
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    with closing(sqlite3.connect(log)) as c, c:
        [said] = c.execute("SELECT value FROM log_meta WHERE name='event-names'")
        newer = json.dumps([*json.loads(said[0]), "mode.dreamed-of.1"])
        c.execute("UPDATE log_meta SET value=? WHERE name='event-names'", (newer,))
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    with closing(sqlite3.connect(log)) as c, c:
        c.execute("UPDATE stored_events SET topic='mode.dreamed-of.1' WHERE rowid=9")
    refused(data, "log.newer", "status", "--area", DISTRICT)
    count("an older program on a newer log, refused")


def test_nothing_is_rebuilt_where_nothing_is(tmp_path: Path):
    """The sentence is that of every command."""
    refused(tmp_path / "nowhere", "world.missing", "rebuild")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_a_write_ahead_log_that_lost_its_end_is_an_older_log(data: Path, kept: float):
    """After a kill, what was acknowledged stands in it alone (H12)."""
    with server(data, "--no-timers") as process:
        for number in range(8):
            account = (
                "--role",
                "auditor",
                "--name",
                "沈",
                "--password",
                "tall giraffe",
            )
            assert run(data, "account", "add", f"s{number}", *account).returncode == 0
        process.kill()
    log, wal = data / "log.sqlite", data / "log.sqlite-wal"
    size = wal.stat().st_size
    before = head_of_copy(log, data.parent / "whole")
    os.truncate(wal, int(size * kept))
    assert head_of_copy(log, data.parent / "cut") < before
    refused(data, "store.amiss", "status", "--area", DISTRICT)
    run_json(data, "world", "accept", "--basis", "断电，日志尾部丢失")
    assert facts_of(data)[-1] == ("service.store-accepted.1", "log", "older")
    assert run(data, "status", "--area", DISTRICT).returncode == 0
    assert run_json(data, "log", "verify")["ok"]
    count("a write-ahead log that lost its end, refused, accepted on the record")


def head_of_copy(log: Path, to: Path) -> int:
    """Return the end of a log without touching its files."""
    to.mkdir()
    for path in log.parent.glob(f"{log.name}*"):
        shutil.copy(path, to / path.name)
    return head_of(to)
