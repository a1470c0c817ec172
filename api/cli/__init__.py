"""The command line: serve, demo, and every decision of the screens.

``--json`` prints one JSON object; a refusal prints its code on stderr and exits 2.
Only the group that is asked for is made whole: the rest would cost a second each time.
"""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from api.cli import looking, running
from api.cli.shared import say_no
from coordination.kernel import Refusal

GROUPS = {
    "world": ("goods", "world_app"),
    "emergency": ("commanding", "emergency_app"),
    "step": ("commanding", "step_app"),
    "order": ("commanding", "order_app"),
    "alarm": ("commanding", "alarm_app"),
    "grant": ("commanding", "grant_app"),
    "people": ("people", "people_app"),
    "post": ("people", "post_app"),
    "package": ("packages", "package_app"),
    "catalogue": ("goods", "catalogue_app"),
    "stock": ("stock", "stock_app"),
    "request": ("requests", "request_app"),
    "area": ("looking", "area_app"),
    "site": ("looking", "site_app"),
    "log": ("looking", "log_app"),
    "playbook": ("running", "playbook_app"),
    "account": ("running", "account_app"),
}
INSIDE = {"stock": {"count": ("counting", "count_app")}}
"""Group -> the groups in it."""
"""Group -> the module and the name of its commands."""
DECLARED = {
    "emergency": ("mode", "approvals"),
    "step": ("steps",),
    "order": ("orders",),
    "alarm": ("alarms",),
    "grant": ("access",),
    "people": ("people", "checkins"),
    "post": ("posts",),
    "package": ("packages",),
    "request": ("requests",),
    "stock": ("stock", "transfers", "counts", "supplies", "stations"),
}
"""Group -> the modules of ``api.routes`` whose decisions it offers."""


def build(only: str = "") -> typer.Typer:
    """Return the command line; ``only``: the one group that is made whole."""
    app = typer.Typer(
        help="平战 Pingzhan: 平战转换指挥与存证",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # it would take [@LOT] and KIND:ID for its own
    )
    for name, (module, part) in GROUPS.items():
        group: typer.Typer = getattr(import_module(f"api.cli.{module}"), part)
        if only in ("", name):
            _complete(name, group)
        app.add_typer(group, name=name)
    for command in (looking.status, looking.rebuild, running.serve, running.demo):
        app.command()(command)
    return app


_whole: set[str] = set()


def _complete(name: str, group: typer.Typer) -> None:
    """Add a group's own groups, its declared reads and decisions, once."""
    if name in _whole:
        return
    _whole.add(name)
    inside = {
        f"{name} {part}": getattr(import_module(f"api.cli.{module}"), app)
        for part, (module, app) in INSIDE.get(name, {}).items()
    }
    for part, app in inside.items():
        group.add_typer(app, name=part.rpartition(" ")[2])
    from api.cli.offered import offer  # noqa: PLC0415 - only where it is needed
    from api.cli.reads import offer_reads  # noqa: PLC0415 - as above

    offer_reads({name: group, **inside})
    for module in DECLARED.get(name, ()):
        rows = import_module(f"api.routes.{module}").DECISIONS
        mine = [row for row in rows if row.words.split(" ")[0] == name]
        offer({name: group, **inside}, mine)


def main() -> None:
    """Run the command line; a refusal exits 2 with its code on stderr."""
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "status")
    try:
        build(asked)()
    except Refusal as refusal:
        from api.http.plain import body_of  # noqa: PLC0415 - starts quicker without

        say_no(body_of(refusal))
