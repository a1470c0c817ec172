"""Files on the command line that are more than one decision takes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api.exchange import areas
from coordination.log import SQLiteReader
from tests.api.served import AREAS
from tests.cli.test_cli import REFUSED, look, refused, run, run_json

MOST = 8
NEW = [
    f"31011700{street}00{n},{street}-{n} 居,community,31011700{street}000"
    for street in (1, 2)
    for n in range(3, 9)
]


@pytest.fixture
def large(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of more rows than an import takes: 7 that are known and 12 more."""
    monkeypatch.setattr(areas, "AREA_ROWS_MAX", MOST)
    file = tmp_path / "large.csv"
    file.write_text(AREAS + "\n".join(reversed(NEW)), "utf-8")
    look(data)
    return file


def head_of(data: Path) -> int:
    """Return the end of the log."""
    with closing(SQLiteReader(data / "log.sqlite")) as log:
        return log.head().seq


def test_a_large_file_goes_in_parts(data: Path, large: Path):
    """Tried, imported, and nothing more of it the second time; each counted once."""
    words, before = ("world", "import", "--areas", str(large)), head_of(data)
    tried = run_json(data, *words, "--dry-run")
    assert (tried["dry_run"], tried["rows"], head_of(data)) == (True, 19, before)
    assert (tried["registered"], tried["renamed"]) == (12, 0)
    done = run_json(data, *words)
    assert (done["registered"], done["parts"]) == (12, tried["parts"])
    assert done["parts"] > 1
    assert (done["first_seq"], done["seq"]) == (before + 1, head_of(data))
    assert done["seq"] == before + 12
    again = run_json(data, *words)
    assert (again["registered"], again["parts"], "seq" in again) == (0, 0, False)
    [child] = run_json(data, "area", "list", "--area", "310117002000")["areas"][-1:]
    assert (child["code"], child["name"]) == ("310117002008", "2-8 居")


def test_a_fault_is_named_by_its_row_in_the_whole_file(data: Path, large: Path):
    """One of the file itself, and one against what is registered; nothing is left."""
    words, before = ("world", "import", "--areas", str(large)), head_of(data)
    text = large.read_text("utf-8")
    large.write_text(f"{text}\n310117002009,村,village,310117002000\n", "utf-8")
    refused(data, "areas.import-refused", *words)
    assert "row 21, Level" in run(data, *words).stderr
    moved = text.replace("310117002002,四居委会,community", "310117002002,四居,street")
    large.write_text(moved, "utf-8")
    told = run(data, *words).stderr
    assert told.startswith("areas.import-refused: ")
    assert "row 8, " in told
    assert head_of(data) == before


def test_what_was_imported_before_an_outage_stands(data: Path, large: Path):
    """It is said how far it came, and the same command goes on from there."""
    words, before = ("world", "import", "--areas", str(large)), head_of(data)
    with closing(sqlite3.connect(data / "log.sqlite")) as full:
        full.execute("CREATE TABLE stood AS SELECT count(*) AS n FROM receipts")
        full.execute(
            "CREATE TRIGGER full BEFORE INSERT ON receipts"
            " WHEN (SELECT count(*) FROM receipts) > (SELECT n FROM stood)"
            " BEGIN SELECT abs(-9223372036854775807 - 1); END"  # no such number
        )
        full.commit()
        ran = run(data, *words)
        full.execute("DROP TRIGGER full")
        full.execute("DROP TABLE stood")
    assert ran.returncode == REFUSED
    assert "the same command goes on" in ran.stderr
    assert "1 of " in ran.stderr
    assert before < head_of(data) < before + 12
    run_json(data, *words)
    assert head_of(data) == before + 12
