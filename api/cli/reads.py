"""Reads on the command line (命令行查询), a row each: what is asked and printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import typer

from api.cli.lines import (
    Row,
    ahead_lines,
    alarm_line,
    board_lines,
    counts,
    hours_line,
    minute,
    need_lines,
    post_lines,
    request_line,
    requisition_line,
    slip_line,
    station_line,
    station_lines,
)


class Read(NamedTuple):
    """One read: its address, its help, what may be asked, what is printed.

    ``asks``: a parameter of the path or the query, and its option or argument.
    ``keys``: the columns of a list that are printed, under the headings that the list
    itself answers; or ``line``: how one row of it is written; or ``lines``: how all
    that was answered is. Without any, all of it is printed, name by name. ``one``: what
    picks a single row of a list, to be printed whole, or by ``lines``.
    """

    path: str
    help: str
    asks: Mapping[str, Any] = {}
    keys: str = ""
    line: Callable[[Row], str] | None = None
    lines: Callable[[Row], Iterable[str]] | None = None
    one: str = ""


AREA = typer.Option("", help="area code")
IN_AREA = typer.Option(..., help="area code")
THIS_AREA = typer.Argument(..., help="area code")


def _maybe(help_: str, *flags: str) -> Any:
    return typer.Option("", *flags, help=help_)


def _fact(fact: Row) -> str:
    """Return a fact in a line, and by which it is corrected."""
    by = fact["corrected"]
    mark = f"（已由第 {by['seq']} 条更正）" if by else ""
    return f"#{fact['seq']:<8} {minute(fact['recorded_at'])} {fact['zh']}{mark}"


READS = {
    "area list": Read(
        "areas/{area}/children",
        "区域: the direct children of an area, grids, compounds and buildings too.",
        {"area": IN_AREA},
        lines=lambda found: (
            f"{child['code']:<22} {child['level']:<10} {child['name']}"
            for child in found["areas"]
        ),
    ),
    "fact list": Read(
        "facts",
        "时间线: the facts of a place, newest first, with what is corrected.",
        {
            "area": AREA,
            "site": _maybe("of this site only"),
            "emergency": _maybe("of this emergency only"),
        },
        lines=lambda found: map(_fact, found["facts"]),
    ),
    "fact show": Read(
        "facts/{seq}", "一条事实: all there is of it, and how it is corrected."
    ),
    "world condition": Read(
        "condition",
        "系统状况: each part of the service, since when it stands so, and what to do.",
        lines=lambda found: (
            f"{row['part_zh']:<8} {row['state']:<5} {minute(row['since'])} {row['zh']}"
            for row in found["rows"]
        ),
    ),
    "emergency list": Read(
        "emergencies",
        "应急响应清单: every emergency, the newest first.",
        keys="id level state hazard scope_names matter",
    ),
    "emergency show": Read(
        "emergencies/{emergency}", "一项应急响应: as it stands, with every change."
    ),
    "emergency record": Read(
        "emergencies/{emergency}/record",
        "事后记录: what happened and what is still open.",
    ),
    "emergency proposals": Read(
        "approvals",
        "审批: proposals, what waits first.",
        keys="id state zh proposer_name",
    ),
    "order list": Read(
        "orders",
        "指令清单: orders and how many have answered; or one, by street.",
        {"area": AREA, "order": _maybe("one order, with who is missing")},
        keys="id state acknowledged recipients title",
        one="order",
    ),
    "alarm list": Read(
        "alarms",
        "告警清单: the alarms that touch an area, gravest first.",
        {"area": AREA},
        line=alarm_line,
    ),
    "notice rules": Read(
        "notices/rules",
        "通知规则: what is told outside, where, when, and how much of it.",
        keys="rule title_zh kinds area_names opens closes channels most minutes",
    ),
    "notice list": Read(
        "notices",
        "对外通知: the newest news, and what became of it on each channel.",
        {"f.state": _maybe("HELD, FOLDED, WAITING, SENT, FAILED or UNTOLD")},
        keys="occurred_at kind channel state error zh",
    ),
    "notice channels": Read(
        "notices/channels", "通知渠道: the channels there are, what waits and failed."
    ),
    "grant list": Read(
        "grants",
        "授权清单: who holds which role where, until when.",
        {"f.account": _maybe("of this account only")},
        keys="id state account role area_name until",
    ),
    "grant authority": Read(
        "authority", "签发权限: who signs which level, and which offices are absent."
    ),
    "people list": Read(
        "people",
        "花名册: who lives in an area, as far as one may know.",
        {"area": AREA, "q": _maybe("name, unit, community …", "--find")},
        line=lambda row: (
            f"{row['id']} {row['label']:<8} {row['unit_name']:<16} "
            f"{row['cause_zh'] or row['stage_zh']} "
            f"认定 {row['minutes']} 申报 {row['claimed_minutes']} 分"
        ),
    ),
    "people funnel": Read(
        "checkins/funnel",
        "报到漏斗: reported, present, active; unknown is not absent.",
        {"area": IN_AREA},
        lines=counts(
            "communities",
            "registered reported present partial absent unknown active "
            "minutes elsewhere_minutes claimed_minutes",
        ),
    ),
    "checkin claims": Read(
        "checkins/claims",
        "待认定时长: hours that wait to be certified here, or recognised.",
        {"area": AREA, "f.waits": _maybe("ORGANISER or HOME")},
        line=hours_line,
    ),
    "checkin hours": Read(
        "people/{person}",
        "服务时段: each time somebody served, what of it is certified.",
        {"person": typer.Argument(..., help="人员编号, such as h-0123456789ab")},
        lines=lambda found: map(hours_line, found["hours"]),
    ),
    "post list": Read(
        "posts",
        "岗位清单: who acts on each post of an area.",
        {"area": AREA, "f.state": _maybe("HELD, ACTING, PENDING or VACANT")},
        keys="post state area_name name acting_label",
    ),
    "post show": Read(
        "posts/{post}",
        "岗位: its line with the tests each passes, its handover sheet.",
        {"post": typer.Argument(..., help="id, such as 310117001001-p-grid-head")},
        lines=post_lines,
    ),
    "post single-points": Read(
        "posts/single-points",
        "单点岗位: posts that one more absence would leave vacant.",
        {"area": AREA},
        keys="post area_name name why shared_with",
    ),
    "package list": Read(
        "packages",
        "四包清单: every target, with whoever answers for it.",
        {"area": AREA, "f.state": _maybe("COVERED, STANDING or GAP")},
        keys="target state kind_zh target_name party_label",
    ),
    "package coverage": Read(
        "packages/coverage",
        "包保覆盖: targets, covered, standing in and gaps, by area.",
        {"area": IN_AREA},
        lines=counts("children", "targets covered standing gaps"),
    ),
    "request list": Read(
        "requests",
        "申领清单: the most urgent first.",
        {"area": AREA, "f.state": _maybe("ASKED, TRIAGED, PART, ALLOCATED …")},
        line=request_line,
    ),
    "catalogue find": Read(
        "items/find",
        "查找物资: what fits best, with its packagings.",
        {"q": typer.Argument(..., help="name, pinyin initials, code or barcode")},
        lines=lambda found: (
            f"{row['code']:<24} {row['name']}（{row['unit']}）{row['packagings_said']}"
            for row in found["items"]
        ),
    ),
    "stock board": Read(
        "stock/board",
        "物资保障: what is short, expires, is on its way or missing in an area.",
        {"area": THIS_AREA},
        lines=board_lines,
    ),
    "stock stations": Read(
        "stations",
        "物资站: all of an area, or one with its shelf and open slips.",
        {"station": typer.Argument("", help="one, with what it holds"), "area": AREA},
        line=station_line,
        lines=station_lines,
        one="station",
    ),
    "stock needs": Read(
        "stock/needs",
        "预案物资需求: what a playbook needs in an area against what is there.",
        {
            "area": THIS_AREA,
            "emergency": _maybe("one in force, else the gravest"),
            "playbook": _maybe("as if it were in force"),
            "level": typer.Option("III", help="IV, III, II or I of it"),
        },
        lines=need_lines,
    ),
    "stock ahead": Read(
        "stock/ahead",
        "按小时预测: how much of an item is left at each hour ahead.",
        {
            "area": THIS_AREA,
            "item": typer.Argument(...),
            "hours": typer.Option(72, min=1, max=336),
        },
        lines=ahead_lines,
    ),
    "stock slips": Read(
        "slips",
        "单据: the newest first, also those on their way to an area.",
        {
            "f.kind": _maybe("receipt, issue, scrap, adjust, shipment, count"),
            "f.state": _maybe("DONE, ORDERED, TRANSIT, PART, MISSING, CLOSED …"),
            "area": AREA,
        },
        line=slip_line,
    ),
    "stock requisitions": Read(
        "requisitions",
        "征用清单: what was taken from whom, and what of it is still out.",
        {"emergency": _maybe("under which it was taken"), "area": AREA},
        line=requisition_line,
    ),
}
"""By the words of its command."""
