"""A wire between two programs (线路): it can be cut, fall silent, lead elsewhere."""

from __future__ import annotations

import contextlib
import socket
import threading

CHUNK = 65_536


class Wire:
    """Listens on a port of its own and passes everything on to another, until told."""

    def __init__(self, port: int, *, at: int = 0) -> None:
        """``port``: where it leads, on this machine; ``at``: its own, 0: any."""
        self.leads_to = port
        self._dead = threading.Event()
        """Of the connections there are; those that come after ``mend`` have another."""
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", at), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._run(self._accept)

    def silence(self) -> None:
        """Pass on nothing more; who is connected, or connects, hears nothing at all."""
        self._dead.set()

    def mend(self) -> None:
        """Pass on what comes by new connections; the old ones stay silent for ever."""
        self._dead = threading.Event()

    def cut(self) -> None:
        """End every connection there is."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _run(self, target, *given) -> None:
        threading.Thread(target=target, args=given, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._ends.append(near)
            dead = self._dead
            if dead.is_set():
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.leads_to))
            except OSError:  # nobody there: who called hears of it
                near.close()
                continue
            with self._lock:
                self._ends.append(far)
            self._run(self._pass, near, far, dead)
            self._run(self._pass, far, near, dead)

    def _pass(
        self, source: socket.socket, target: socket.socket, dead: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if dead.is_set():
                    return  # both ends stay open
                target.sendall(data)
        if not dead.is_set():
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
