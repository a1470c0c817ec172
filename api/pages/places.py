"""Areas as a reader names them (区域): by code, wherever there is such an area."""

from __future__ import annotations

import sqlalchemy as sa

from coordination.areas.state import UnknownArea
from projections.board import AREA


def path_shown(c: sa.Connection, code: str) -> str:
    """Return an area's path.

    :raises UnknownArea: if there is no such area
    """
    known = AREA.get(c, code)
    if known is None:
        raise UnknownArea(area=code)
    return known.path
