"""The command line: serve, demo, and every decision of the screens.

``--json`` prints one JSON object; a refusal prints its code on stderr and exits 2.
"""

from __future__ import annotations

import typer

from api.cli import (
    commanding,
    counting,
    decisions,
    goods,
    looking,
    packages,
    people,
    posts,
    requests,
    running,
    stock,
)
from api.cli.shared import say_no
from coordination.kernel import Refusal

app = typer.Typer(
    help="平战 Pingzhan: 平战转换指挥与存证",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # it would take [@LOT] and KIND:ID for its own
)
for name, part in {
    "world": running.world_app,
    "emergency": decisions.emergency_app,
    "step": decisions.step_app,
    "order": commanding.order_app,
    "alarm": commanding.alarm_app,
    "grant": commanding.grant_app,
    "people": people.people_app,
    "post": posts.post_app,
    "package": packages.package_app,
    "catalogue": goods.catalogue_app,
    "stock": stock.stock_app,
    "request": requests.request_app,
    "area": looking.area_app,
    "site": looking.site_app,
    "log": looking.log_app,
    "playbook": running.playbook_app,
    "account": running.account_app,
}.items():
    app.add_typer(part, name=name)
stock.stock_app.add_typer(counting.count_app, name="count")
running.world_app.command("population")(goods.population)
for command in (looking.status, looking.rebuild, running.serve, running.demo):
    app.command()(command)


def main() -> None:
    """Run the command line; a refusal exits 2 with its code on stderr."""
    try:
        app()
    except Refusal as refusal:
        from api.http.plain import body_of  # noqa: PLC0415 - starts quicker without

        say_no(body_of(refusal))
