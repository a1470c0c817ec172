"""``python -m tests.golden.write NAME…``: write golden files that do not exist yet."""

from __future__ import annotations

import sys
from pathlib import Path

from coordination.catalogue import EVENTS, Envelope, encode, seal
from tests.golden import around, dump, path_of
from tests.golden.samples import SAMPLES


def write(name: str, path: Path) -> None:
    """Write one golden file; what exists is never touched.

    :raises FileExistsError: if there is one
    """
    said, event = SAMPLES[name]
    stored = seal(Envelope(**said, event=encode(event)))
    reads = {
        "envelope": repr(around(stored)),
        "event": repr(event),
        "stream": event.stream,
    }
    with path.open("x") as file:
        file.write(dump(name, stored, reads))


def main(names: list[str]) -> int:
    """Write the files asked for; without names, say which are missing."""
    missing = [name for name in EVENTS if not path_of(name).exists()]
    for name in names:
        if name not in SAMPLES:
            sys.stderr.write(f"{name}: add a sample to tests/golden/samples.py first\n")
            return 1
        if name not in missing:
            sys.stderr.write(f"{name}: is there, and is never written again\n")
            return 1
        write(name, path_of(name))
    if not names:
        sys.stdout.write("".join(f"{name}\n" for name in missing))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
