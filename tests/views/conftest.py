"""Views' two homes, and the log of the small city that is copied for each run."""

from __future__ import annotations

import asyncio
import itertools
import shutil

import pytest

from tests.given import door
from tests.views.city import City, script


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
