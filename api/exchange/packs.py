"""Packs (折合): a quantity as a keeper counts it."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.items.events import Packaging


def packed(quantity: int, unit: str, packagings: Sequence[Packaging]) -> str:
    """Return a quantity in packagings (折合), the biggest first, exactly: 3箱 5个."""
    rest, parts = abs(quantity), []
    for packaging in sorted(packagings, key=lambda each: -each.factor):
        whole, rest = divmod(rest, packaging.factor)
        if whole:
            parts.append(f"{whole:,}{packaging.unit}")
    if rest or not parts:
        parts.append(f"{rest:,}{unit}")
    text = " ".join(parts)
    return f"-({text})" if quantity < 0 else text
