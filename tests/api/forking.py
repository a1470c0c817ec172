"""Servers as forks of a program that has loaded them once: each would take 3 s."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.given import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.api.loaded"])


class Fork:
    """The command line in a process of its own, spoken to as ``subprocess.Popen``."""

    def __init__(self, words: list[str], environment: Mapping[str, str]) -> None:
        """Start it: ``words`` as after ``pingzhan``."""
        with pytest.MonkeyPatch.context() as patch:
            # The first time here: by default it would import from the current folder.
            patch.setenv("PYTHONPATH", str(ROOT))
            patch.setenv("PYTHONUTF8", "1")
            forkserver.ensure_running()
        reader, writer = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(
            target=become, args=(words, dict(environment), writer), daemon=True
        )
        self._process.start()
        writer.close()
        self.stderr = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    def poll(self) -> int | None:
        """Return how it ended; None if it still runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return how it ended."""
        self._process.join(timeout)
        code = self.poll()
        assert code is not None, f"still running after {timeout} s"
        return code

    def end(self) -> tuple[int, str]:
        """Wait for its end; return how it ended and what it said."""
        with self.stderr:
            said = self.stderr.read()
        return self.wait(PATIENCE_SECONDS), said

    def send_signal(self, number: int) -> None:
        """Send it a signal if it still runs."""
        if self.poll() is None:
            assert self._process.pid is not None
            os.kill(self._process.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)


def become(words: list[str], environment: Mapping[str, str], said: Connection) -> None:
    """Be the command line, in a process that was forked for it."""
    from api.cli import main

    os.dup2(said.fileno(), sys.stderr.fileno())
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["pingzhan", *words]
    main()
