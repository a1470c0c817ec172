"""The command line: serve, demo, and every decision of the screens.

``--json`` prints one JSON object; a refusal prints its code on stderr and exits 2.
Only the group that is asked for is made whole: the rest would cost a second each time.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NamedTuple

import structlog
import typer

from api.cli import looking, running
from api.cli.shared import COMMANDS, say_no, trouble_with
from coordination.refusals import Refusal


class Group(NamedTuple):
    """A group of commands.

    ``written``: the modules here of what is written by hand; ``declared``: those of
    ``api.routes`` whose decisions it offers.
    """

    help: str
    written: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()


_GOODS = ("stock", "transfers", "supplies", "stations")
GROUPS = {
    "world": Group("建立数据 Set up a world", ("regions", "files", "accepting")),
    "emergency": Group("应急响应 Emergencies", declared=("mode", "approvals")),
    "step": Group("步骤 Checklist steps", declared=("steps",)),
    "order": Group("指令 Orders to the base", declared=("orders",)),
    "alarm": Group("告警 Alarms", declared=("alarms",)),
    "notice": Group("对外通知 Notices sent outside", declared=("notices",)),
    "grant": Group("授权 Who may do what", declared=("access",)),
    "people": Group("人员 People", ("files",), ("people", "checkins")),
    "checkin": Group("服务时长 Hours of service", ("hours",), ("hours",)),
    "post": Group("岗位 Posts and their backups (AB角)", declared=("posts",)),
    "package": Group("四包 Responsibility packages", ("proposing",), ("packages",)),
    "catalogue": Group("物资目录 Catalogue", ("files",)),
    "stock": Group("物资库存 Stock", ("files", "proposing"), _GOODS),
    "stock count": Group("盘点 Counts", ("counting",), ("counts",)),
    "request": Group("物资申领 Requests for goods", declared=("requests",)),
    "fact": Group("事实与更正 Facts and their corrections", declared=("corrections",)),
    "area": Group("区域 Areas"),
    "site": Group("阵地 Sites"),
    "playbook": Group("预案 Playbooks"),
    "clock": Group("时钟 The clock", declared=("service",)),
    "account": Group("账号 Accounts"),
}


def build(only: str = "") -> typer.Typer:
    """Return the command line; ``only``: the one group that is made whole."""
    app = typer.Typer(
        help="平战 Pingzhan: 平战转换指挥与存证",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # it would take [@LOT] and KIND:ID for its own
    )
    groups = {"": app}
    for name, group in GROUPS.items():
        outer, _, own = name.rpartition(" ")
        groups[name] = typer.Typer(help=group.help, no_args_is_help=True)
        groups[outer].add_typer(groups[name], name=own)
    app.add_typer(looking.log_app, name="log")
    for name in GROUPS:
        if only in ("", name.partition(" ")[0]):
            _complete(name, groups)
    for run in (looking.status, looking.rebuild, running.serve, running.demo):
        app.command()(run)
    return app


def _complete(name: str, groups: dict[str, typer.Typer]) -> None:
    """Add what is written by hand to a group, its declared reads and decisions."""
    from api.cli.offered import offer  # noqa: PLC0415 - only where it is needed
    from api.cli.offered_reads import offer_reads  # noqa: PLC0415 - as above

    for module in GROUPS[name].written:
        import_module(f"api.cli.{module}")
    # In the order said above, whichever module was loaded first.
    rank = {f"api.cli.{m}": n for n, m in enumerate(GROUPS[name].written)}
    known = sorted(COMMANDS.items(), key=lambda one: rank.get(one[1].__module__, -1))
    for words, run in known:
        group, _, own = words.rpartition(" ")
        if group == name:
            groups[name].command(own)(run)
    mine = {name: groups[name]}
    offer_reads(mine)
    for module in GROUPS[name].declared:
        offer(mine, import_module(f"api.routes.{module}").DECISIONS)


def main() -> None:
    """Run the command line; a refusal exits 2 with its code on stderr.

    So does a file that is not there, or a database, whichever command needs it.
    """
    structlog.reset_defaults()  # whatever a server of this process has set
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    asked = next((word for word in sys.argv[1:] if not word.startswith("-")), "status")
    try:
        build(asked)()
    except Refusal as refusal:
        _refuse(refusal)
    except OSError as error:
        trouble = trouble_with(error)
        if trouble is None:
            raise
        _refuse(trouble)
    except Exception as error:  # noqa: BLE001 - raised again if it is another
        _unavailable(error)


def _unavailable(error: Exception) -> None:
    """Say that a database cannot be used now, and why; raise what is no such thing."""
    from api.http.trouble import StoreUnavailable, said  # noqa: PLC0415 - starts quicker
    from projections.store import away  # noqa: PLC0415 - as above

    if not away(error):
        raise error
    typer.echo(f"  {said(error)}", err=True)
    _refuse(StoreUnavailable())


def _refuse(refusal: Refusal) -> None:
    from api.http.plain import body_of  # noqa: PLC0415 - starts quicker without

    say_no(body_of(refusal))
