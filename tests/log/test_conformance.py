"""The library's own test cases for recorders, run on ours."""

import itertools
import threading

import pytest

# Not its classes by name: pytest would run the abstract ones too.
from eventsourcing.tests import persistence

from coordination.log import PostgresRecorder, SQLiteRecorder


class TextIds:
    """Streams are named by text, as in production."""

    numbers = itertools.count(1)

    def new_originator_id(self):
        return f"stream/{next(self.numbers)}"

    def kept(self, recorder):
        """Return the recorder, closed after the test and after its readers' end."""

        def close():
            # The library's test does not wait for them, and SQLite dies of a
            # connection that is closed while another thread reads from it.
            for thread in threading.enumerate():
                if "read_continuously" in thread.name:
                    thread.join()
            recorder.close()

        self.addCleanup(close)
        return recorder


class OnSQLite(TextIds):
    @pytest.fixture(autouse=True)
    def given_a_file(self, tmp_path):
        """Each test has a file of its own."""
        self.path = tmp_path / "log.db"

    def create_recorder(self):
        return self.kept(SQLiteRecorder(self.path))


class OnPostgres(TextIds):
    @pytest.fixture(autouse=True)
    def given_a_database(self, pg_dsn):
        """Each test has a database of its own."""
        self.dsn = pg_dsn

    def create_recorder(self):
        return self.kept(PostgresRecorder(self.dsn))


class TestSQLiteRecorder(OnSQLite, persistence.ApplicationRecorderTestCase):
    pass


class TestPostgresRecorder(OnPostgres, persistence.ApplicationRecorderTestCase):
    pass


class TestSQLiteNeverInterleaves(
    OnSQLite, persistence.NonInterleavingNotificationIDsBaseCase
):
    pass


class TestPostgresNeverInterleaves(
    OnPostgres, persistence.NonInterleavingNotificationIDsBaseCase
):
    pass
