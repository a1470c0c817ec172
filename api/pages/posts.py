"""Posts (岗位) as people read them: who acts, who is next, what is handed over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from api.exchange.tables import Column
from api.http.lists import Listing
from api.http.plain import moment
from api.pages.faces import Faces
from api.pages.facts import NameOf, tell_all
from coordination.kernel import Read
from coordination.log import Recorder
from coordination.mode.state import EMERGENCIES, playbook_of
from coordination.people.state import person_stream
from coordination.playbook import LEVEL_NAMES, MINUTE_US, Substitution
from coordination.posts.state import TESTS, failed_test, post_stream, rules_at
from coordination.vocabulary import (
    FAILED_TESTS,
    HANDOVER_ITEMS,
    HAZARDS,
    POST_KINDS,
)
from projections.board import ORDER
from projections.names import Names
from projections.posts import POST, VACANT, PostRow
from projections.progress import PROGRESS, duty_of, in_force
from projections.rollup import scopes
from projections.roster import HUMAN
from projections.telling import HOWS, MORE_CAUSES
from projections.timeline import ENTRY, Entry

HISTORY_SHOWN = 50
LINES_SHOWN = 12
LISTING = Listing(
    columns=(
        Column("post", "编号", "Id"),
        Column("area_name", "区域", "Area"),
        Column("name", "岗位", "Post"),
        Column("site_name", "阵地", "Site"),
        Column("state_zh", "状态", "State"),
        Column("holder_label", "A 角", "Holder"),
        Column("acting_label", "当前履职", "Acting"),
        Column("how_zh", "转换方式", "How"),
        Column("since", "起", "Since", "time"),
        Column("accept_by", "接岗时限", "Accept by", "time"),
        Column("handover_by", "交接时限", "Hand over by", "time"),
        Column("ratify_by", "追认时限", "Ratify by", "time"),
        Column("spare", "可用 B 角", "Able backups", "int"),
        Column("cause_zh", "原因", "Cause"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("name", "area_name", "state", "rank", "since", "spare", "seq"),
    filterable=("state", "kind", "demanded"),
    sort="rank",
)
SINGLE = Listing(
    columns=(
        Column("post", "编号", "Id"),
        Column("area_name", "区域", "Area"),
        Column("name", "岗位", "Post"),
        Column("holder_label", "当前履职", "Acting"),
        Column("why_zh", "原因", "Why"),
        Column("why_en", "原因（英）", "Why (en)"),
        Column("shared_with", "同时备份", "Also backs up"),
        Column("seq", "日志位置", "Seq", "int"),
    ),
    sortable=("name", "area_name", "rank", "why", "seq"),
    filterable=("kind", "why"),
    sort="rank",
)
STATES: dict[str, tuple[str, str]] = {
    "HELD": ("A 角在岗", "Held"),
    "ACTING": ("B 角履职", "Backup acting"),
    "PENDING": ("待接岗", "To be accepted"),
    "VACANT": ("空缺", "Vacant"),
}
WHY: dict[str, tuple[str, str]] = {
    "no-backup": ("没有 B 角", "No backup"),
    "none-able": ("B 角均不能履职", "No backup is able"),
    "shared": ("唯一的 B 角同时备份他岗", "The only backup also backs up another post"),
}


def _pair(key: str, table: dict[str, tuple[str, str]], value: str) -> dict[str, str]:
    zh, en = table.get(value, (value, value))
    return {key: value, f"{key}_zh": zh, f"{key}_en": en}


def brief(row: PostRow, names: Names) -> dict[str, Any]:
    """Return the few things every page says of a post."""
    kind = POST_KINDS[row.kind]
    return {
        "post": row.post,
        "name": row.name,
        "full_name": names.post(row.post),
        "kind": row.kind,
        "kind_zh": kind.zh,
        "kind_en": kind.en,
        "area": row.place,
        "area_name": names.target(row.place),
        "site": row.site,
        "site_name": names.site(row.site) if row.site else "",
        "rank": row.rank,
    }


class Staffing:
    """What posts are asked about together: who can act on them, who is asked for."""

    def __init__(self, c: sa.Connection, read: Read, now: int, at: int | None) -> None:
        """``read``: states as they are now; tests of the past are of today's people."""
        self._read, self.now = read, now
        self._rules: dict[str, tuple[Substitution, int]] = {}
        orders = scopes(ORDER.select(c, at=at))
        self._asked = [
            (scope, {d.kind for d in playbook.posts_at(scope.order.level)})
            for scope in orders
            if (playbook := Names(c, at).playbook(scope.order.playbook_digest))
        ]
        known = read(EMERGENCIES)
        self._safety = any(
            playbook_of(read, e.declared).substitution.silent_minutes
            for e in known.active()
        )

    def rules(self, path: str) -> tuple[Substitution, int]:
        """Return how posts at a place are substituted, looked up once."""
        known = self._rules.get(path)
        if known is None:
            known = self._rules[path] = rules_at(self._read, path)
        return known

    def demanded(self, row: PostRow) -> bool:
        """Tell whether a playbook in force asks for such a post there."""
        return any(s.covers(row.path) and row.kind in kinds for s, kinds in self._asked)

    def safety_by(self, row: PostRow) -> int:
        """Return when whoever acts must have confirmed to be well, 0: never."""
        if not self._safety or not row.acting or not self.demanded(row):
            return 0
        rules, began_us = self.rules(row.path)
        if not rules.silent_minutes:
            return 0
        heard = max(began_us, row.since_us, row.confirmed_us)
        return heard + rules.silent_minutes * MINUTE_US

    def tests(self, row: PostRow, person: str) -> str:
        """Return the test somebody would fail for a post now, empty if none."""
        post = self._read(post_stream(row.post))
        if post.defined is None:
            return "known"
        found = self._read(person_stream(person))
        rules, _ = self.rules(row.path)
        others = {k: v for k, v in found.acting.items() if k != row.post}
        return failed_test(
            found,
            post.defined,
            self.now,
            lost=False,
            acting=others,
            several=rules.several,
            own=False,
        )

    def spare(self, row: PostRow) -> int:
        """Return how many in line, but for who acts, could act now."""
        line = [p for p in row.chain.split(",") if p and p != row.acting]
        return sum(not self.tests(row, person) for person in line)


def post_row(
    row: PostRow, staffing: Staffing, faces: Faces, names: Names
) -> dict[str, Any]:
    """Return a post as a row of the list."""
    chain = list(filter(None, row.chain.split(",")))
    holder = faces.brief(chain[0]) if chain else None
    acting = faces.brief(row.acting)
    safety = staffing.safety_by(row)
    late = list(filter(None, row.late.split(",")))
    if row.silent_us or (safety and safety <= staffing.now):
        late.append("safety")
    return {
        **brief(row, names),
        **_pair("state", STATES, row.state),
        **_pair("how", HOWS, row.how),
        **_pair("cause", MORE_CAUSES, row.cause),
        "holder": holder,
        "holder_label": holder["label"] if holder else "",
        "acting": acting,
        "acting_label": acting["label"] if acting else "",
        "before": faces.brief(row.before),
        "tried": tried_of(row, faces) if row.state == VACANT else [],
        "since": moment(row.since_us or None),
        "accept_by": moment(row.accept_by_us or None),
        "handover_by": moment(row.handover_by_us or None),
        "handover_left": row.items_left,
        "ratify_by": moment(row.ratify_by_us or None),
        "safety_by": moment(safety or None),
        "late": late,
        "chain": [faces.brief(person) for person in chain],
        "spare": staffing.spare(row),
        "demanded": staffing.demanded(row),
        "substitution": row.substitution,
        "seq": row.seq_from,
    }


def tried_of(row: PostRow, faces: Faces) -> list[dict[str, Any]]:
    """Return who was passed over for a post, and the test they failed."""
    found = []
    for one in filter(None, row.tried.split(";")):
        person, _, test = one.partition(" ")
        found.append(
            {"person": faces.brief(person), **_pair("test", FAILED_TESTS, test)}
        )
    return found


def people_in(rows: Iterable[PostRow]) -> set[str]:
    """Return everybody a list of posts names."""
    found: set[str] = set()
    for row in rows:
        found |= {row.acting, row.before, *row.chain.split(",")}
        found |= {one.partition(" ")[0] for one in row.tried.split(";")}
    return found - {""}


def post_rows(
    c: sa.Connection, path: str, staffing: Staffing, faces: Faces, names: Names
) -> list[dict[str, Any]]:
    """Return the posts of an area."""
    rows = POST.select(c, at=names.at, path=path)
    faces.know(people_in(rows))
    names.know_sites(row.site for row in rows if row.site)
    names.know_areas({row.place for row in rows if len(row.place) == 12})  # noqa: PLR2004 - an official code
    names.know_local({row.place for row in rows})
    return [post_row(row, staffing, faces, names) for row in rows]


def single_points(
    c: sa.Connection, path: str, staffing: Staffing, faces: Faces, names: Names
) -> list[dict[str, Any]]:
    """Return the posts that one more absence would leave vacant (单点).

    Nobody behind, nobody behind who could act, or only somebody who is alone behind
    another post as well.
    """
    everywhere = POST.select(c, at=names.at)
    rows = [row for row in everywhere if row.path.startswith(path)]
    faces.know(row.acting for row in rows)
    able = {
        row.post: [
            p
            for p in row.chain.split(",")
            if p and p != row.acting and not staffing.tests(row, p)
        ]
        for row in everywhere
        if row.acting
    }
    alone: dict[str, list[PostRow]] = {}
    for row in everywhere:
        if len(able.get(row.post, ())) == 1:
            alone.setdefault(able[row.post][0], []).append(row)
    found = []
    for row in rows:
        if not row.acting:
            continue
        behind = able[row.post]
        shared = [r for r in alone.get(behind[0], []) if r is not row] if len(
            behind) == 1 else []  # fmt: skip
        if behind and not shared:
            continue
        if not behind:
            others = [p for p in row.chain.split(",") if p and p != row.acting]
            why = "none-able" if others else "no-backup"
        else:
            why = "shared"
        holder = faces.brief(row.acting)
        found.append(
            {
                **brief(row, names),
                "holder": holder,
                "holder_label": holder["label"] if holder else "",
                **_pair("why", WHY, why),
                "shared_with": [names.post(other.post) for other in shared],
                "seq": row.seq_from,
            }
        )
    return found


def post_body(
    c: sa.Connection, row: PostRow, staffing: Staffing, faces: Faces, names: Names
) -> dict[str, Any]:
    """Return a post with its line, each with the tests they pass."""
    faces.know(people_in([row]))
    return {
        **post_row(row, staffing, faces, names),
        "reach": row.reach,
        "training": row.training,
        "chain": [
            _in_line(c, row, person, place, staffing, faces, names)
            for place, person in enumerate(filter(None, row.chain.split(",")))
        ],
        "handover": handover(c, row, faces, names),
    }


def _in_line(
    c: sa.Connection,
    row: PostRow,
    person: str,
    place: int,
    staffing: Staffing,
    faces: Faces,
    names: Names,
) -> dict[str, Any]:
    """Return somebody in line with the five tests, as far as the first they fail."""
    failed = "own-backup" if person == row.acting else staffing.tests(row, person)
    at = TESTS.index(failed) if failed in TESTS else len(TESTS)
    human = HUMAN.get(c, person, at=names.at)
    acts_on = [p for p in (human.posts if human else "").split(",") if p]
    return {
        "person": faces.brief(person),
        "place": place,
        "acting": person == row.acting,
        "tests": {
            test.replace("-", "_"): index < at or person == row.acting
            for index, test in enumerate(TESTS)
        },
        "failed": "" if person == row.acting else failed,
        "able": not failed,
        "acts_on": [{"post": p, "name": names.post(p)} for p in acts_on],
    }


def handover(
    c: sa.Connection, row: PostRow, faces: Faces, names: Names
) -> dict[str, Any] | None:
    """Return the handover sheet: what stood at the moment of the substitution."""
    if not row.items:
        return None
    then = Names(c, row.made_seq)
    taken = msgspec.json.decode(row.taken)
    items = []
    for item in row.items.split(","):
        said = taken.get(item)
        zh, en = HANDOVER_ITEMS[item]
        items.append(
            {
                "item": item,
                "zh": zh,
                "en": en,
                "lines": _lines(c, row, item, then),
                "taken_at": moment(said[0]) if said else None,
                "taken_by_name": names.person(said[1]) if said else "",
                "count": said[2] if said and said[2] >= 0 else None,
                "note": said[3] if said else "",
                "seq": said[4] if said else None,
            }
        )
    return {
        "substitution": row.substitution,
        "from": faces.brief(row.before),
        "to": faces.brief(row.acting),
        **_pair("how", HOWS, row.how),
        "at": moment(row.since_us),
        "by": moment(row.handover_by_us or None),
        "seq": row.made_seq,
        "items": items,
    }


Line = dict[str, str]


def _lines(c: sa.Connection, row: PostRow, item: str, then: Names) -> list[Line]:
    """Return what one item of the sheet says."""
    match item:
        case "situation":
            return _situation(c, row, then)
        case "steps" | "deadlines":
            return _steps(c, row, then, timed=item == "deadlines")
        case "custody":
            return [{"zh": "请当面清点并填写数量", "en": "Count what is in custody"}]
        case _:
            role = POST_KINDS[row.kind].role
            if not role:
                return [{"zh": "本岗无授权角色", "en": "The post carries no role"}]
            return [
                {"zh": "不得再委托或撤销授权", "en": "May not lend or revoke roles"}
            ]


def _situation(c: sa.Connection, row: PostRow, then: Names) -> list[Line]:
    found = []
    for scope in scopes(ORDER.select(c, at=then.at)):
        if scope.covers(row.path):
            level = LEVEL_NAMES[scope.order.level]
            zh, en = HAZARDS.get(scope.order.hazard, (scope.order.hazard,) * 2)
            said = scope.order.matter
            found.append(
                {"zh": f"{zh} {level} 级：{said}", "en": f"{en}, {level}: {said}"}
            )
    return found or [{"zh": "平时，无应急响应", "en": "Peacetime, no emergency"}]


def _steps(c: sa.Connection, row: PostRow, then: Names, *, timed: bool) -> list[Line]:
    """Return the open steps of the post's place, with their deadlines if asked."""
    rows = PROGRESS.select(c, at=then.at, path=row.path)
    if row.site:
        rows = [r for r in rows if r.site == row.site]
    found: list[tuple[int, Line]] = []
    for progress in in_force(rows):
        duty = duty_of(progress)
        order = then.order(progress.emergency or "")
        playbook = then.playbook(order.playbook_digest) if order else None
        if duty is None or playbook is None:
            continue
        done = {t.split(" ")[1] for t in progress.steps.split(";") if t[:1] == "D"}
        for step in then.steps(duty, playbook):
            if step.id in done:
                continue
            due_us, site = duty.due_us(step), then.site(progress.site)
            when = f"（{moment(due_us)}）" if timed else ""
            found.append(
                (
                    due_us,
                    {
                        "zh": f"{site}：{step.zh}{when}",
                        "en": f"{site}: {step.en}{when}",
                    },
                )
            )
    found.sort(key=lambda one: one[0])
    lines = [line for _, line in found[:LINES_SHOWN]]
    if len(found) > LINES_SHOWN:
        more = len(found) - LINES_SHOWN
        lines.append({"zh": f"另有 {more} 项", "en": f"and {more} more"})
    return lines or [{"zh": "无", "en": "None"}]


def history(
    c: sa.Connection, recorder: Recorder, stream: str, names: Names, name_of: NameOf
) -> list[dict[str, Any]]:
    """Return the newest facts of a stream, newest first."""
    seqs = [row.seq for row in recorder.stream(stream)][-HISTORY_SHOWN:]
    found: list[Entry] = [e for seq in reversed(seqs) if (e := ENTRY.get(c, seq))]
    return tell_all(recorder, found, names, name_of)


def line_of(c: sa.Connection, person: str, names: Names) -> list[tuple[PostRow, int]]:
    """Return the posts somebody stands in line for but does not act on."""
    chain = POST.table.c.chain
    rows = POST.where(c, chain.contains(person), at=names.at)
    return [
        (row, row.chain.split(",").index(person))
        for row in rows
        if row.acting != person
    ]
