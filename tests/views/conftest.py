"""Views' two homes, and the log of the small city that is copied for each run."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from functools import cache

import pytest
import sqlalchemy as sa

from projections.temporal import METADATA
from tests.given import door
from tests.views.city import City, script

make_tables = METADATA.create_all


@cache
def statements(dialect, _tables):
    """Return what makes all tables there are."""
    found = []
    mock = sa.create_mock_engine(
        f"{dialect}://",
        lambda made, *_: found.append(str(made.compile(dialect=mock.dialect))),
    )
    make_tables(mock, checkfirst=False)
    return ";".join(found)


TABLES = {
    "sqlite": "SELECT count(*) FROM sqlite_master",
    "postgresql": "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
}


def make_tables_at_once(c):
    """Make the tables of an empty database from statements that are compiled once."""
    dialect = c.dialect.name
    if c.exec_driver_sql(TABLES[dialect]).scalar():
        make_tables(c)
        return
    whole = statements(dialect, len(METADATA.tables))
    cursor = c.connection.cursor()
    for part in whole.split(";") if dialect == "sqlite" else [whole]:
        cursor.execute(part)


@pytest.fixture(scope="session", autouse=True)
def _tables():
    """A thousand tests open views; to compile their tables took 40 ms each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(METADATA, "create_all", make_tables_at_once)
        yield


@pytest.fixture(params=["sqlite", "postgres"])
def home(request, tmp_path):
    """Where views live: an empty file or an empty database."""
    if request.param == "sqlite":
        return tmp_path / "views.sqlite"
    return request.getfixturevalue("pg_dsn")


def _copies(path):
    numbers = itertools.count()

    def copy():
        fresh = path.with_name(f"{path.stem}-{next(numbers)}.sqlite")
        shutil.copy(path, fresh)
        return fresh

    return copy


@pytest.fixture(scope="session")
def small_city(tmp_path_factory):
    """A function that gives a log with areas, plans and sites in it."""
    path = tmp_path_factory.mktemp("city") / "city.sqlite"
    with door(path) as handler:
        asyncio.run(City(handler).begin())
    return _copies(path)


@pytest.fixture(scope="session")
def morning(tmp_path_factory):
    """A function that gives the log of a morning in which everything happened."""
    path = tmp_path_factory.mktemp("morning") / "morning.sqlite"
    with door(path) as handler:
        asyncio.run(script(City(handler)))
    return _copies(path)
