"""The seeded world of ``tests.api.served``, and one on a PostgreSQL of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.world.setup import init_world
from api.world.wiring import open_world
from tests.api.served import AREAS, data, seeded
from tests.faults.outage import settings
from tests.pgcluster import Cluster

__all__ = ["cluster", "data", "folder", "seeded"]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A durable server of this test's own: it is to be stopped."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def folder(tmp_path: Path, cluster: Cluster) -> Path:
    """A data directory whose log stands on that server, set up."""
    with closing(open_world(settings(tmp_path, cluster.dsn()))) as world:
        asyncio.run(init_world(world, AREAS.encode(), 1, demonstration=True))
    return tmp_path
