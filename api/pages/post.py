"""One post (岗位) as a page shows it: its line, its handover sheet, its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from api.exchange.tables import in_words, worded
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.facts import history
from api.pages.fields import pair, taken
from api.pages.posts import LISTING, Staffing, know, line_of, post_row, staffing_of
from api.pages.sites import open_steps
from coordination.fields import PostId
from coordination.playbook import LEVEL_NAMES
from coordination.posts.state import OWN, TESTS, UnknownPost
from coordination.vocabulary import HANDOVER_ITEMS, HAZARDS, POST_KINDS, TURNS
from projections.names import Both, Names
from projections.posts import POST, PostRow
from projections.progress import PROGRESS, duty_of, in_force
from projections.roster import HUMAN, Human

LINES_SHOWN = 12
NOT_TAKEN = (None, "", -1, "", None)
"""When an item was taken over, by whom, how many, a note, the fact: not yet."""


def posts_of(row: Human) -> list[str]:
    """Return the posts somebody acts on."""
    return list(filter(None, row.posts.split(",")))


def posts_named(look: Look, row: Human) -> list[dict[str, str]]:
    """Return the posts somebody acts on, with their names."""
    return [{"post": post, "name": look.names.post(post)} for post in posts_of(row)]


def post_body(look: Look, row: PostRow, staffing: Staffing) -> dict[str, Any]:
    """Return a post with its line, each with the tests they pass."""
    line = line_of(row)
    know(look, [row])
    humans = {h.person: h for h in HUMAN.some(look.c, line, at=look.at)}
    look.names.know_posts(post for h in humans.values() for post in posts_of(h))
    [said] = worded([post_row(look, row, staffing)], LISTING.columns)
    return {
        **said,
        **taken(row, "reach training"),
        "chain": [
            {"place": place, **_in_line(look, row, person, humans, staffing)}
            for place, person in enumerate(line)
        ],
        "handover": sheet_of(look, row),
    }


def _in_line(
    look: Look,
    row: PostRow,
    person: str,
    humans: dict[str, Human],
    staffing: Staffing,
) -> dict[str, Any]:
    """Return somebody in line with the five tests, as far as the first they fail."""
    acts = person == row.acting
    failed = OWN if acts else staffing.tests(row, person)
    at = TESTS.index(failed) if failed in TESTS else len(TESTS)
    human = humans.get(person)
    return {
        "person": look.faces.brief(person),
        "acting": acts,
        "tests": {
            test.replace("-", "_"): index < at or acts
            for index, test in enumerate(TESTS)
        },
        "failed": "" if acts else failed,
        "able": not failed,
        "acts_on": posts_named(look, human) if human else [],
    }


# --- the handover sheet -------------------------------------------------------------


def sheet_of(look: Look, row: PostRow) -> dict[str, Any] | None:
    """Return the handover sheet: what stood at the moment of the substitution."""
    if not row.items:
        return None
    told = _told(row, Names(look.c, row.made_seq))
    answers = msgspec.json.decode(row.taken)
    items = []
    for item in row.items.split(","):
        at_us, by, count, note, seq = answers.get(item, NOT_TAKEN)
        items.append(
            {
                "item": item,
                **pair("", HANDOVER_ITEMS, item),
                "lines": [{"zh": zh, "en": en} for zh, en in told[item]],
                "taken_at": moment(at_us),
                "taken_by_name": look.names.person(by),
                "count": count if count >= 0 else None,
                "note": note,
                "seq": seq,
            }
        )
    return {
        "substitution": row.substitution,
        "from": look.faces.brief(row.before),
        "to": look.faces.brief(row.acting),
        **in_words("how", TURNS, row.how),
        "at": moment(row.since_us),
        "by": look.until(row.since_us, row.handover_by_us),
        "seq": row.made_seq,
        "items": items,
    }


def _told(row: PostRow, then: Names) -> dict[str, list[Both]]:
    """Return what each item of the sheet says."""
    steps = sorted(_open_steps(row, then), key=lambda one: one[0])
    role = POST_KINDS[row.kind].role
    return {
        "situation": list(_situation(row, then))
        or [("平时，无应急响应", "Peacetime, no emergency")],
        "steps": _first([(zh, en) for _, zh, en in steps]),
        "deadlines": _first(
            [
                (f"{zh}（{at}）", f"{en}（{at}）")
                for due_us, zh, en in steps
                for at in (moment(due_us),)
            ]
        ),
        "custody": [("请当面清点并填写数量", "Count what is in custody")],
        "withheld": [
            ("不得再委托或撤销授权", "May not lend or revoke roles")
            if role
            else ("本岗无授权角色", "The post carries no role")
        ],
    }


def _situation(row: PostRow, then: Names) -> Iterator[Both]:
    for scope in then.in_force:
        order = scope.order
        if scope.covers(row.path):
            level = LEVEL_NAMES[order.level]
            zh, en = HAZARDS.get(order.hazard, (order.hazard,) * 2)
            yield f"{zh} {level} 级：{order.matter}", f"{en}, {level}: {order.matter}"


def _open_steps(row: PostRow, then: Names) -> Iterator[tuple[int, str, str]]:
    """Yield the open steps of the post's place: when they are due, in zh and en."""
    rows = PROGRESS.select(then.c, at=then.at, path=row.path)
    if row.site:
        rows = [r for r in rows if r.site == row.site]
    rows = in_force(rows)
    then.know_sites(progress.site for progress in rows)
    for progress in rows:
        duty, site = duty_of(progress), then.site(progress.site)
        assert duty is not None, "what is in force is a duty"
        for step in open_steps(progress, then):
            yield duty.due_us(step), f"{site}：{step.zh}", f"{site}: {step.en}"


def _first(lines: list[Both]) -> list[Both]:
    """Return the first of many, and how many more there are."""
    more = len(lines) - LINES_SHOWN
    rest = [(f"另有 {more} 项", f"and {more} more")] if more > 0 else []
    return [*lines[:LINES_SHOWN], *rest] or [("无", "None")]


READS = Reads("posts")


@READS.shown("/posts/{post}", "view.situation")
def one_post(look: Look, post: PostId) -> dict[str, Any]:
    """Return a post with its line, tests, handover sheet and history.

    :raises UnknownPost: if there is none
    """
    row = look.known(POST, post, UnknownPost(post=post))
    return {
        **post_body(look, row, staffing_of(look)),
        "history": history(look, f"post/{post}"),
        "shown_seq": look.seq,
    }
