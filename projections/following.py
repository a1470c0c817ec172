"""A thread that follows the log (跟随): woken, each second, and after any trouble."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

import structlog

POLL_SECONDS = 1.0
STOP_SECONDS = 4.0
_log = structlog.get_logger("runner")


class Following(ABC):
    """What goes on by itself, however often its databases go away."""

    def __init__(self) -> None:
        self.anew = False
        """The views had gone and are being filled: nothing of them is to be shown."""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def catch_up(self) -> int:
        """Apply what the log has; return the position reached."""

    @abstractmethod
    def see_to_tables(self) -> None:
        """Make the tables again if somebody has dropped them."""

    def start(self) -> None:
        """Catch up in a thread of its own, woken by ``wake`` and each second."""
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)
        self._thread.start()

    def wake(self, _seq: int = 0) -> None:
        """Say that the log has grown; a hint only, never the only way to notice."""
        self._wake.set()

    def _run(self) -> None:
        troubled = False
        while not self._stop.is_set():
            woken = self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            try:
                if troubled or not woken:
                    self.see_to_tables()
                seq = self.catch_up()
            except Exception as error:  # noqa: BLE001 - any poison stops the view
                if not troubled:
                    _log.error("views cannot catch up", error=repr(error))
                troubled = True
                self._stop.wait(POLL_SECONDS)
                continue
            if troubled:
                _log.warning("views catch up again", seq=seq)
            self.anew = troubled = False

    def end(self) -> bool:
        """End the thread after its batch; one that no database answers is left.

        Return whether it is over.
        """
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
        return self._thread is None or not self._thread.is_alive()
