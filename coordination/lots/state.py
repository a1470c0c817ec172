"""What rules of lots share (批次)."""

from __future__ import annotations

from coordination.kernel import Refusal


class UnknownLot(Refusal):
    """No such lot there (批次不存在)."""

    code = "lots.unknown"
    zh = "没有批次 {lot}"
    en = "there is no lot {lot}"
    field = "lot"
