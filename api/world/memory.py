"""What this host remembers of its stores (记忆): apart from all of them.

The newest receipt of the log, and the mark of each other store. A log that does not
have that receipt is an older one that was put back, or another; so is a store that was
written less often than is remembered here. One small file in the data directory: it is
written after each commit, in one piece, and never waited for.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from threading import Lock

import msgspec
import structlog

from api.world.marks import Damaged, Mark
from coordination.log import Receipt

PAGE = 2_048
"""Bytes of the file: written over in place, which no process sees half of."""
_log = structlog.get_logger("memory")


class Remembered(msgspec.Struct, frozen=True):
    """记忆. ``newest``: the last receipt that was given, None before the first."""

    newest: Receipt | None = None
    marks: dict[str, Mark] = {}


class Memory:
    """The file of what is remembered; any thread may write."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self.path = path
        self.now = Remembered()
        self.trouble = ""
        """Why it cannot be written, empty if it can."""
        self._file = -1
        self._writing = Lock()
        self._encode = msgspec.json.Encoder().encode

    def read(self) -> Remembered | None:
        """Return what is remembered, None if there is no file.

        :raises Damaged: if it is none of ours
        """
        try:
            page = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        check, _, body = page.rstrip(b" \n").partition(b" ")
        if check != _check(body):
            raise Damaged
        try:
            self.now = msgspec.json.decode(body, type=Remembered)
        except msgspec.ValidationError as error:
            raise Damaged from error
        return self.now

    def keep(self, newest: Receipt) -> None:
        """Remember a receipt before it is handed out."""
        with self._writing:
            self._write(msgspec.structs.replace(self.now, newest=newest))

    def mark(self, marks: dict[str, Mark]) -> None:
        """Remember how other stores stand; of two that tell, the later write."""
        with self._writing:
            known = self.now.marks
            newer = {s: m for s, m in marks.items() if not _before(m, known.get(s))}
            if newer.items() - known.items():
                self._write(msgspec.structs.replace(self.now, marks=known | newer))

    def drop(self, store: str) -> None:
        """Forget how a store stood: on the record, it is not the one there was."""
        with self._writing:
            marks = {name: m for name, m in self.now.marks.items() if name != store}
            self._write(msgspec.structs.replace(self.now, marks=marks))

    def settle(self, newest: Receipt | None) -> None:
        """Take the log as it is for the one there was."""
        with self._writing:
            self._write(msgspec.structs.replace(self.now, newest=newest))

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, now: Remembered) -> None:
        self.now = now
        body = self._encode(now)
        page = b"%b %b" % (_check(body), body)
        try:
            if self._file < 0:
                how = os.O_WRONLY | os.O_CREAT
                self._file = os.open(self.path, how, 0o600)
            os.pwrite(self._file, page.ljust(PAGE - 1) + b"\n", 0)
        except OSError as error:  # the decision stands all the same
            if not self.trouble:
                _log.error("cannot remember the head", error=repr(error))
            self.trouble = os.strerror(error.errno or 0)
        else:
            self.trouble = ""


def _before(mark: Mark, known: Mark | None) -> bool:
    """Tell whether a store had been written less often than is known."""
    if known is None or known.born != mark.born:
        return False
    return mark.writes < known.writes


def remembered(memory: Memory) -> Remembered:
    """Return what is remembered, nothing if that is lost: it is asked for by itself."""
    try:
        return memory.read() or Remembered()
    except Damaged:
        return Remembered()


def _check(body: bytes) -> bytes:
    return b"%08x" % zlib.crc32(body)
