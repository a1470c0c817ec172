import signal

import psycopg
import pytest

from tests.pgcluster import Cluster


def setting(dsn: str, name: str) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize("name", ["synchronous_commit", "fsync", "full_page_writes"])
def test_durable_unless_asked_otherwise(pg_dsn, name):
    assert setting(pg_dsn, name) == "on"


def test_version_is_15_or_newer(pg_dsn):
    assert int(setting(pg_dsn, "server_version_num")) >= 150000


def test_each_test_has_a_database_of_its_own(pg_dsn):
    with psycopg.connect(pg_dsn) as connection:
        rows = connection.execute("SELECT 1 FROM pg_stat_user_tables").fetchall()
    assert rows == []


def test_fast_still_reads_as_synchronous_and_survives_a_kill():
    with Cluster(fast=True) as cluster:
        assert setting(cluster.dsn(), "fsync") == "off"
        assert setting(cluster.dsn(), "synchronous_commit") == "on"
        cluster.stop(signal.SIGKILL)
        cluster.start()
        assert setting(cluster.dsn(), "fsync") == "off"
