"""Single points (单点): posts that one more absence would leave vacant."""

from __future__ import annotations

from collections.abc import Iterator

from api.exchange.tables import BOTH, SORT, Column, Row
from api.http.lists import Listing
from api.http.look import Look
from api.http.reading import Reads
from api.pages.posts import behind, brief, know, staffing_of
from coordination.fields import Code
from coordination.vocabulary import SINGLE_POINTS
from projections.posts import POST, PostRow

SINGLE = Listing.of(
    Column("post", "编号", "Id"),
    Column("area_name", "区域", "Area", can=SORT),
    Column("name", "岗位", "Post", can=SORT),
    Column("holder_label", "当前履职", "Acting"),
    Column("why", "原因", "Why", words=SINGLE_POINTS, can=BOTH),
    Column("shared_with", "同时备份", "Also backs up"),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_sortable=("rank",),
    also_filterable=("kind",),
    sort="rank",
)
READS = Reads("posts")


@READS.listed("/posts/single-points", SINGLE, "view.situation", "单点岗位")
def single_points(look: Look, area: Code | None = None) -> Iterator[Row]:
    """Return the posts one more absence would leave vacant (单点).

    Nobody behind, nobody behind who could act, or only somebody who is alone behind
    another post as well.
    """
    path, staffing = look.path(area), staffing_of(look)
    held = [row for row in POST.select(look.c, at=look.at) if row.acting]
    able = {
        row.post: [p for p in behind(row) if not staffing.tests(row, p)] for row in held
    }
    alone: dict[str, list[PostRow]] = {}
    for row in held:
        if len(able[row.post]) == 1:
            alone.setdefault(able[row.post][0], []).append(row)
    know(look, [row for row in held if row.path.startswith(path)])
    for row in held:
        others = able[row.post]
        shared = alone.get(others[0], []) if len(others) == 1 else []
        shared = [other for other in shared if other is not row]
        if not row.path.startswith(path) or (others and not shared):
            continue
        holder = look.faces.brief(row.acting)
        none = "none-able" if behind(row) else "no-backup"
        yield {
            **brief(row, look.names),
            "holder": holder,
            "holder_label": holder["label"] if holder else "",
            "why": "shared" if others else none,
            "shared_with": [look.names.post(other.post) for other in shared],
            "seq": row.seq_from,
        }
