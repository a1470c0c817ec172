"""The vault: what is put is found, what is forgotten is nowhere, all is encrypted."""

from __future__ import annotations

import hashlib
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from api.world import vault as inside
from api.world.vault import Secret, Vault

LI = Secret("李伟", "13800000001", "SJ-001")
WANG = Secret("王芳", "021-67812345", "SJ-002")


class Random:
    """Bytes that never come twice, and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self.seed, self.drawn = seed, 0

    def __call__(self, count: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed}/{self.drawn}".encode()).digest(count)


@pytest.fixture
def files(tmp_path):
    return tmp_path / "vault.sqlite", tmp_path / "keys.sqlite"


@pytest.fixture(params=["files", "server"])
def home(request, files):
    """Where entries and keys are."""
    if request.param == "files":
        return files
    dsn = request.getfixturevalue("pg_dsn")
    return dsn, dsn


@pytest.fixture
def opened():
    """A function that opens a vault, closed at the end."""
    vaults = []

    def open_vault(home, seed="a"):
        vaults.append(Vault(*home, Random(seed)))
        return vaults[-1]

    yield open_vault
    for vault in vaults:
        vault.close()


def bodies(vault):
    with vault._entries.connect() as c:
        return {row.person: row.body for row in c.execute(sa.select(inside.ENTRY))}


def keys(vault):
    with vault._keys.connect() as c:
        return {row.person: row.key for row in c.execute(sa.select(inside.KEY))}


def written(home):
    return b"".join(p.read_bytes() for p in Path(home[0]).parent.iterdir())


def test_what_is_put_is_found(opened, home):
    vault = opened(home)
    vault.put({"h-1": LI, "h-2": WANG})
    vault.put({})
    assert vault.get("h-1") == LI
    assert vault.get("h-3") is None
    assert vault.many(["h-2", "h-3", "h-1"]) == {"h-1": LI, "h-2": WANG}
    assert vault.many([]) == {}
    again = opened(home, "b")
    assert again.all() == {"h-1": LI, "h-2": WANG}
    assert again.person_of("N1") == vault.person_of("N1")


def test_only_what_differs_is_written(opened, home):
    vault = opened(home)
    vault.put({"h-1": LI, "h-2": WANG})
    before = bodies(vault)
    vault.put({"h-1": LI, "h-2": Secret("王芳", "13900000002", "SJ-002")})
    after = bodies(vault)
    assert after["h-1"] == before["h-1"]
    assert after["h-2"] != before["h-2"]
    assert vault.get("h-2").phone == "13900000002"
    nonces = {body[: inside.NONCE_BYTES] for body in (*before.values(), after["h-2"])}
    assert len(nonces) == 3


def test_all_or_none(opened, files):
    vault = opened(files)
    with pytest.raises(UnicodeEncodeError):
        vault.put({"h-1": LI, "h-2": Secret("\ud800")})
    assert vault.all() == {}


def test_keys_in_a_file_beside_entries_on_a_server(opened, pg_dsn, files):
    vault = opened((pg_dsn, files[1]))
    vault.put({"h-1": LI})
    assert vault.get("h-1") == LI
    assert vault.forget("h-1")
    assert vault.get("h-1") is None


def test_two_at_once_have_the_same_keys(opened, home):
    one, other = opened(home), opened(home, "b")
    one.put({"h-1": LI})
    other.put({"h-1": WANG, "h-2": LI})
    assert one.all() == {"h-1": WANG, "h-2": LI}
    assert one.sealed("h-2", LI) == other.sealed("h-2", LI)


@pytest.mark.parametrize(
    ("number", "same"),
    [
        (" SJ-001\u3000", True),
        ("sj-001", True),
        ("\uff33\uff2a－00\uff11", True),
        ("SJ-002", False),
        ("", False),
    ],
)
def test_a_person_has_one_id(opened, files, number, same):
    vault = opened(files)
    person = vault.person_of("SJ-001")
    assert person[:2] == "h-"
    assert len(bytes.fromhex(person[2:])) == 6
    assert (vault.person_of(number) == person) is same


def test_an_id_cannot_be_guessed_without_the_master_key(opened, tmp_path):
    one = opened((tmp_path / "a", tmp_path / "b"))
    other = opened((tmp_path / "c", tmp_path / "d"), "other")
    assert one.person_of("SJ-001") != other.person_of("SJ-001")


def test_a_seal_shows_a_change_and_nothing_else(opened, files):
    vault = opened(files)
    assert vault.sealed("h-1", LI) == ""
    vault.put({"h-1": LI, "h-2": LI})
    seal = vault.sealed("h-1", LI)
    assert len(bytes.fromhex(seal)) == 16
    assert vault.seals({"h-1": LI, "h-3": LI}) == {"h-1": seal, "h-3": ""}
    assert vault.sealed("h-1", Secret("李伟", "13800000001", "SJ-003")) != seal
    assert vault.sealed("h-2", LI) != seal
    vault.put({"h-1": WANG})
    assert vault.sealed("h-1", LI) == seal


def test_nothing_stands_there_in_clear(opened, files):
    vault = opened(files)
    vault.put({"h-1": LI})
    assert b"h-1" in written(files)
    for text in (LI.name, LI.phone, LI.number):
        assert text.encode() not in written(files)
        assert text.encode("utf-16-le") not in written(files)


def test_the_files_are_for_their_owner(opened, files):
    opened(files).put({"h-1": LI})
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_who_is_forgotten_is_unknown(opened, home):
    vault = opened(home)
    vault.put({"h-1": LI, "h-2": WANG})
    seal = vault.sealed("h-1", LI)
    assert vault.forget("h-1")
    assert not vault.forget("h-1")
    assert vault.get("h-1") is None
    assert vault.all() == {"h-2": WANG}
    assert vault.sealed("h-1", LI) == ""
    vault.put({"h-1": LI})
    assert vault.get("h-1") == LI
    assert vault.sealed("h-1", LI) not in {"", seal}


def test_the_bytes_of_a_forgotten_key_are_in_no_file(opened, files):
    vault = opened(files)
    people = {vault.person_of(f"N{n}"): Secret(f"人{n}") for n in range(500)}
    vault.put(people)
    known, old = keys(vault), bodies(vault)
    assert all(key in written(files) for key in known.values())
    for person in list(people)[::50]:
        assert vault.forget(person)
        # Halves of it too: a page may end inside a key.
        halves = known[person][:32], known[person][32:], old[person]
        assert not any(half in written(files) for half in halves)
        people.pop(person)
    assert vault.all() == people


def test_the_bytes_of_a_forgotten_key_are_not_in_the_table_of_a_server(opened, pg_dsn):
    vault = opened((pg_dsn, pg_dsn))
    vault.put({"h-1": LI, "h-2": WANG})
    known = keys(vault)
    query = "SELECT pg_read_binary_file(pg_relation_filepath('vault_keys.person_key'))"

    def table():
        with psycopg.connect(pg_dsn, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            return connection.execute(query).fetchone()[0]

    assert known["h-1"] in table()
    vault.forget("h-1")
    assert known["h-1"] not in table()
    assert known["h-2"] in table()


def test_an_old_copy_of_the_entries_tells_nothing_of_the_forgotten(opened, files):
    vault = opened(files)
    vault.put({"h-1": LI, "h-2": WANG})
    copy = files[0].with_name("copy.sqlite")
    shutil.copy(files[0], copy)
    vault.forget("h-1")
    restored = opened((copy, files[1]))
    assert restored.all() == {"h-2": WANG}
    assert restored.forget("h-1")
    assert bodies(restored).keys() == {"h-2"}


def test_forgetting_cut_short_is_asked_for_again(opened, files):
    vault = opened(files)
    vault.put({"h-1": LI})
    with vault._keys.begin() as c:
        c.execute(sa.delete(inside.KEY))
    assert vault.get("h-1") is None
    assert vault.forget("h-1")
    assert bodies(vault) == {}


def test_an_entry_under_another_name_or_changed_is_not_read(opened, files):
    vault = opened(files)
    vault.put({"h-1": LI, "h-2": WANG, "h-3": LI})
    was = bodies(vault)
    forged = {"h-1": was["h-2"], "h-2": was["h-2"][:-1] + b"x"}
    with vault._entries.begin() as c:
        for person, body in forged.items():
            mine = inside.ENTRY.c.person == person
            c.execute(sa.update(inside.ENTRY).where(mine).values(body=body))
    with capture_logs() as logged:
        assert vault.all() == {"h-3": LI}
    assert {(entry["event"], entry["person"]) for entry in logged} == {
        ("entry-unreadable", "h-1"),
        ("entry-unreadable", "h-2"),
    }
    vault.put({"h-1": LI})
    assert vault.get("h-1") == LI


def test_without_its_keys_a_vault_is_not_opened(opened, files):
    """New ones would open nothing of it, and make two people of everybody."""
    before = opened(files)
    mark = before.fingerprint
    before.put({"h-1": LI})
    kept = files[1].read_bytes()
    files[1].unlink()
    with pytest.raises(inside.KeysMissing):
        opened(files, "new")
    files[1].write_bytes(kept)
    again = opened(files, "new")
    assert (again.fingerprint, again.all()) == (mark, {"h-1": LI})


def test_keys_may_be_new_where_there_is_nobody(opened, files):
    """An empty vault has nothing that they would not open."""
    mark = opened(files).fingerprint
    files[1].unlink()
    assert opened(files, "new").fingerprint != mark


def test_very_many_are_one_write(opened, files):
    vault = opened(files)
    people = {f"h-{n:012x}": Secret(f"人{n}") for n in range(inside.ASKED_MAX + 1)}
    vault.put(people)
    assert vault.many(people) == people
