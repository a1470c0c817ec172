"""The Merkle tree over the log (RFC 6962): leaf and root, no I/O.

Leaf ``i`` stands for seq ``i + 1``; it binds position, time, stream, version, name and
the stored bytes, so that none of them can change unseen.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

_sha256 = hashlib.sha256
EMPTY_ROOT = _sha256(b"").digest()
HASH_BYTES = 32


def leaf_hash(
    seq: int, recorded_us: int, stream: str, version: int, name: str, stored: bytes
) -> bytes:
    """Return SHA-256(0x00 ‖ length-prefixed fields ‖ SHA-256(stored bytes))."""
    where, what = stream.encode(), name.encode()
    return _sha256(
        b"\0PZL1"
        + struct.pack(">QqH", seq, recorded_us, len(where))
        + where
        + struct.pack(">QH", version, len(what))
        + what
        + _sha256(stored).digest()
    ).digest()


class Frontier:
    """The right edge of a growing tree: one peak for each full subtree.

    An inner node is SHA-256(0x01 ‖ left ‖ right). Appending is O(1) amortised, the root
    O(log size).
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Continue a tree of ``size`` leaves, or start an empty one."""
        assert len(peaks) == size.bit_count(), "one peak for each bit of the size"
        self.size = size
        self.peaks = list(peaks)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> Frontier:
        """Read a frontier back from the head row."""
        at = range(0, len(packed), HASH_BYTES)
        return cls(size, [packed[i : i + HASH_BYTES] for i in at])

    def pack(self) -> bytes:
        """Return the peaks as stored in the head row."""
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        size, peaks = self.size, self.peaks
        while size & 1:
            leaf = _sha256(b"\1" + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root hash of all leaves so far."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = _sha256(b"\1" + peak + root).digest()
        return root
