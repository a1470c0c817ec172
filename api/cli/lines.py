"""What is printed of a row or an answer, for people (各行的写法)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from coordination.moments import HERE

Row = dict[str, Any]


def slip_line(row: Row) -> str:
    """Return a slip as one line."""
    to = f" → {row['to_name']}" if row["to_name"] else ""
    left = f" 未清 {row['left']}" if row["left"] else ""
    late = " 逾期" if row["late"] else ""
    said = f"{row['kind_zh']} {row['state_zh']}{late}{left} {row['station_name']}{to}"
    return f"{row['slip']} {said} {row['lines_said']}"


def requisition_line(row: Row) -> str:
    """Return what was taken from its owner, and below it what of it is still out."""
    told = [f"{slip_line(row)} 物主 {row['party_name']} {row['emergency']}"]
    told += [f"  未清 {x['item']}={x['quantity']}@{x['lot']}" for x in row["open"]]
    return "\n".join(told)


def shelf_line(row: Row) -> str:
    """Return an item on a shelf as one line."""
    kept = f" 预留 {row['reserved']}" if row["reserved"] else ""
    bad = f" 不可用 {row['on_hold']}" if row["on_hold"] else ""
    way = f" 在途 {row['coming']}" if row["coming"] else ""
    hours = row["cover_hours"]
    cover = f" 可用 {hours} 小时" if hours is not None else ""
    said = f"{row['available_said']}（可用）{kept}{bad}{way} 下限 {row['minimum']}"
    return f"{row['state_zh']:<4} {row['item']:<20} {row['name']} {said}{cover}"


def station_line(row: Row) -> str:
    """Return a station as one line."""
    keeper = row["keeper_label"] or "无人"
    counts = f"品种 {row['items']} 短缺 {row['short']} 临期 {row['expiring']}"
    moving = f"在途 {row['coming']} 差异 {row['missing']}"
    where = f"{row['station_name']}（{row['area_name']}）"
    return f"{row['station']:<18} {row['mode_zh']} {counts} {moving} {keeper} {where}"


def station_lines(found: Row) -> Iterator[str]:
    """Yield a station with its shelf, its open slips and what is kept."""
    yield station_line(found["station"])
    yield from map(shelf_line, found["stock"])
    yield from map(slip_line, found["open"])
    for r in found["reservations"]:
        kept = f"{r['name']} {r['quantity']}{r['unit']}"
        yield f"预留 {r['reservation']} {kept} → {r['purpose_id']}"


def need_lines(found: Row) -> Iterator[str]:
    """Yield what a playbook needs against what is there."""
    if not found["assessed"]:
        yield "没有生效的预案，请用 --playbook"
        return
    yield f"{found['playbook_zh']} {found['level']} 级"
    for x in found["rows"]:
        said = f"{x['share'] / 10:>5.1f}% {x['item']:<20} {x['name']}"
        short = f" 缺 {x['short_said']}" if x["short"] else ""
        yield f"{said} 需 {x['needed_said']} 可用 {x['available_said']}{short}"


def ahead_lines(found: Row) -> Iterator[str]:
    """Yield how much of an item is left, at every sixth hour ahead."""
    out, last = found["below_minimum_hours"], found["points"][-1]["hour"]
    said = f"{out} 小时后低于下限" if out is not None else f"{last} 小时内够用"
    yield f"{found['name']} 可用 {found['available']}{found['unit']}，{said}"
    for p in found["points"][::6]:
        yield f"{p['hour']:>4} 小时 {p['quantity']:>10}"


def request_line(row: Row) -> str:
    """Return a request for goods as one line, with the slips that serve it."""
    short = f" 欠 {row['short_said']}" if row["short_said"] else ""
    said = f"{row['priority_zh']} {row['state_zh']} {row['area_name']}"
    slips = " ".join(x["slip"] for x in row["slips"])
    return f"{row['request']} {said} {row['lines_said']}{short} {slips}"


def alarm_line(row: Row) -> str:
    """Return an alarm as one line, and below it the others of its kind."""
    by = row["acknowledged_by_name"]
    said = f"{row['gravity_zh']} {row['state_zh']} {row['zh']}"
    told = [f"{row['id']}  {said}" + (f"  {by}已确认" if by else "")]
    return "\n".join([*told, *(f"  {x['id']}  {x['zh']}" for x in row["alike"])])


def hours_line(row: Row) -> str:
    """Return the line of a time that somebody served."""
    certified = f"认定 {row['certified_minutes']} 分" if row["rulings"] else ""
    said = row["waits_zh"] or row["state_zh"]
    times = f"{minute(row['since'])} – {minute(row['until'])} {row['minutes']} 分"
    where = f"{row['person_label']} {row['community_name']}"
    return f"{row['id']} {where} {times} {said} {certified} {row['what']}".rstrip()


def minute(moment: str | None) -> str:
    """Return a moment of an answer as people here read it."""
    if moment is None:
        return "—"
    return f"{datetime.fromisoformat(moment) + HERE:%Y-%m-%d %H:%M}"


def board_lines(found: Row) -> Iterator[str]:
    """Yield what is short, expires, is on its way or missing in an area."""
    t = found["totals"]
    yield f"{found['area']['name']}：{t['stations']} 站 {t['items']} 种"
    yield f"短缺 {t['short']} 临期 {t['expiring']} 过期 {t['expired']}"
    yield f"在途 {t['coming']} 逾期 {t['late']} 差异 {t['missing']}"
    for row in found["shortages"]:
        yield f"{row['station_name']} {shelf_line(row)}"
    for x in found["expiring"]:
        lot = f"{x['status_zh']} {x['station_name']} {x['name']} 批次 {x['lot']}"
        yield f"{lot} {x['on_hand_said']} 有效期至 {x['expires'] or '—'}"
    yield from map(slip_line, (*found["discrepancies"], *found["transit"]))


def post_lines(found: Row) -> Iterator[str]:
    """Yield a post: its line with the tests each passes, its handover sheet."""
    acting = found["acting_label"] or "—"
    yield f"{found['full_name']}: {found['state_zh']} {acting}"
    for one in found["chain"]:
        mark = "A" if one["place"] == 0 else f"B{one['place']}"
        said = "在岗" if one["acting"] else ("可" if one["able"] else one["failed"])
        person = one["person"]
        yield f"  {mark:<3} {person['id']} {person['label']} {said}"
    for item in (found["handover"] or {"items": []})["items"]:
        taken = item["taken_at"] or "—"
        yield f"  交接 {item['item']:<10} {item['zh']} {taken}"


def counts(below: str, said: str) -> Callable[[Row], Iterator[str]]:
    """Return what writes a table of counts, a line for each part and one for all."""
    heads = said.split()

    def lines(found: Row) -> Iterator[str]:
        yield " ".join(f"{head:>10}" for head in heads)
        for row in (*found[below], {**found["total"], "name": "="}):
            told = " ".join(f"{row[head]:>10}" for head in heads)
            yield f"{told}  {row['name']}"

    return lines
