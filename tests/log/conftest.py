"""The log's two homes: every test here runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.log import Recorder, open_recorder


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """The address of an empty log."""
    if request.param == "sqlite":
        return tmp_path / "log.db"
    dsn: str = request.getfixturevalue("pg_dsn")
    return dsn


@pytest.fixture
def recorder(where: str | Path) -> Iterator[Recorder]:
    """An empty log, open for writing."""
    recorder = open_recorder(where)
    yield recorder
    recorder.close()
