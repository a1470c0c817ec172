"""Posts (岗位): who acts, who steps in, what is handed over."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.people import Area
from api.cli.way import Way, looks

post_app = typer.Typer(help="岗位 Posts and their backups (AB角)", no_args_is_help=True)
Post = Annotated[str, typer.Argument(help="id, such as 310117001001-p-grid-head")]


@post_app.command("list")
@looks
def post_list(
    way: Way,
    area: Area = "",
    state: Annotated[str, typer.Option(help="HELD, ACTING, PENDING or VACANT")] = "",
) -> None:
    """岗位清单: who acts on each post of an area."""
    found = way.rows("posts", area=area, **{"f.state": state})
    way.table(
        found,
        [
            f"{row['post']:<40} {row['state_zh']:<6} {row['full_name']} "
            f"{row['acting_label'] or '—'}"
            for row in found["rows"]
        ],
    )


@post_app.command("show")
@looks
def post_show(way: Way, post: Post) -> None:
    """岗位: its line with the tests each passes, its handover sheet."""
    found = way.ask(f"posts/{post}")
    acting = found["acting_label"] or "—"
    told = [f"{found['full_name']}: {found['state_zh']} {acting}"]
    for one in found["chain"]:
        mark = "A" if one["place"] == 0 else f"B{one['place']}"
        said = "在岗" if one["acting"] else ("可" if one["able"] else one["failed"])
        person = one["person"]
        told.append(f"  {mark:<3} {person['id']} {person['label']} {said}")
    for item in (found["handover"] or {"items": []})["items"]:
        taken = item["taken_at"] or "—"
        told.append(f"  交接 {item['item']:<10} {item['zh']} {taken}")
    way.table(found, told)


@post_app.command("single-points")
@looks
def post_single_points(way: Way, area: Area = "") -> None:
    """单点岗位: posts that one more absence would leave vacant."""
    found = way.rows("posts/single-points", area=area)
    way.table(
        found,
        [
            f"{row['post']:<40} {row['full_name']} {row['why_zh']} "
            f"{'、'.join(row['shared_with'])}"
            for row in found["rows"]
        ],
    )
