"""What the command line last showed (上次所见): for each world and account, on disk.

A decision says which position of the log its author had seen. On a page that is what
the page shows; here it is what the last look printed, kept in a small file of the
user's own. With it stands the area that was looked at, empty for everything.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from api.world.settings import Settings

STATE = "PINGZHAN_STATE"
"""Names the folder of the file, in place of the user's state directory."""
KEPT_MAX = 100
"""Worlds and accounts that are remembered; the one not used for longest goes."""


class Look(NamedTuple):
    """A look: the position it showed, and the area it was at."""

    seq: int = 0
    area: str = ""


def file() -> Path:
    """Return where it is kept."""
    given = os.environ.get(STATE)
    if given:
        return Path(given) / "seen.json"
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "pingzhan" / "seen.json"


def _world(settings: Settings) -> str:
    """Return the name of a world: by the hash of its first fact, which no other has.

    A log made anew in the same place is another world, and nothing was seen of it.
    """
    from api.world.local import NoWorld, stored  # noqa: PLC0415 - starts quicker without

    where = settings.log_url or str(settings.log_path.resolve())
    with suppress(NoWorld), stored(settings) as log:
        where += "".join(row.leaf.hex() for row in log.rows(0, 1))
    return hashlib.sha256(where.encode()).hexdigest()[:16]


def _all() -> dict[str, Look]:
    """Return what is kept, the newest last; nothing of a file that is none."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        kept = json.loads(file().read_text(encoding="utf-8"))
        return {key: Look(int(seq), str(area)) for key, (seq, area) in kept.items()}
    return {}


def last_seen(settings: Settings, account: str) -> Look:
    """Return the newest look of an account, or of this user without any."""
    kept, world = _all(), _world(settings)
    return max(kept.get(f"{world} {one}", Look()) for one in {account, ""})


def saw(settings: Settings, account: str, seen: Look) -> None:
    """Remember a look; an older one than is known takes nothing back.

    Where the file cannot be written, nothing is remembered: a decision of consequence
    will ask for a look then.
    """
    kept, key = _all(), f"{_world(settings)} {account}"
    kept[key] = max(kept.pop(key, Look()), seen)
    newest = dict([*kept.items()][-KEPT_MAX:])
    with suppress(OSError):
        file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Readable by its owner only, and whole at any moment.
        handle, name = tempfile.mkstemp(dir=file().parent)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(newest, out)
        Path(name).replace(file())


def decided(settings: Settings, account: str, first: int, last: int) -> None:
    """Remember one's own decision, if nothing came between it and the last look."""
    seen = last_seen(settings, account)
    if seen.seq and first == seen.seq + 1:
        saw(settings, account, Look(last, seen.area))
