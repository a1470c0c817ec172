"""How the service itself stands (系统状况), part by part."""

from __future__ import annotations

from typing import Any

from api.http.look import Look
from api.http.reading import Reads
from api.http.watching import told_of

READS = Reads("operations")


@READS.shown("/condition", "view.situation", timeless=True)
def condition(look: Look) -> dict[str, Any]:
    """Return each part of the service, since when it stands so, and what to do."""
    parts = look.request.app.state.looks.condition.parts()
    return {"rows": [told_of(part) for part in parts]}
