"""Posts (岗位) as people read them: who acts, who is next in line, who could."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Any

from api.exchange.tables import BOTH, SORT, Column, Row, in_words
from api.http.lists import Listing
from api.http.look import Look
from api.http.plain import moment
from api.http.reading import Reads
from api.pages.faces import Faces
from api.pages.fields import taken
from coordination.fields import Code
from coordination.kernel import MINUTE_US, NOBODY_HELD, Read
from coordination.mode.sites import playbook_of
from coordination.mode.state import EMERGENCIES
from coordination.people.state import person_stream
from coordination.posts.rules import limited_since, rules_at
from coordination.posts.safety import asked_since
from coordination.posts.state import failed_test, holding, post_stream
from coordination.service.state import OUTAGES, extended
from coordination.vocabulary import (
    FAILED_TESTS,
    POST_KINDS,
    POST_STATES,
    TURN_CAUSES,
    TURNS,
)
from projections.names import Names
from projections.posts import POST, VACANT, PostRow

LISTING = Listing.of(
    Column("post", "编号", "Id"),
    Column("area_name", "区域", "Area", can=SORT),
    Column("name", "岗位", "Post", can=SORT),
    Column("site_name", "阵地", "Site"),
    Column("state", "状态", "State", words=POST_STATES, can=BOTH),
    Column("holder_label", "A 角", "Holder"),
    Column("acting_label", "当前履职", "Acting"),
    Column("how", "转换方式", "How", words=TURNS),
    Column("since", "起", "Since", "time", can=SORT),
    Column("accept_by", "接岗时限", "Accept by", "time"),
    Column("handover_by", "交接时限", "Hand over by", "time"),
    Column("ratify_by", "追认时限", "Ratify by", "time"),
    Column("spare", "可用 B 角", "Able backups", "int", can=SORT),
    Column("cause", "原因", "Cause", words=TURN_CAUSES),
    Column("seq", "日志位置", "Seq", "int", can=SORT),
    also_sortable=("rank",),
    also_filterable=("kind", "demanded"),
    sort="rank",
)


def brief(row: PostRow, names: Names) -> dict[str, Any]:
    """Return the few things every page says of a post."""
    kind = POST_KINDS[row.kind]
    return {
        **taken(row, "post name kind site rank"),
        "full_name": names.post(row.post),
        "kind_zh": kind.zh,
        "kind_en": kind.en,
        "area": row.place,
        "area_name": names.target(row.place),
        "site_name": names.site(row.site),
    }


class Staffing:
    """What posts are asked about together: who can act on them, who is asked for."""

    def __init__(self, names: Names, read: Read, now: int) -> None:
        """``read``: states as they are now; tests of the past are of today's people."""
        self._read, self.now = read, now
        # How posts at a place are substituted, since when one is asked: looked up once.
        self._rules = cache(partial(rules_at, read))
        self._since = cache(self._asked_since)
        self._asked = [
            (scope, {demand.kind for demand in plan.posts_at(scope.order.level)})
            for scope, plan in names.plans()
        ]
        known = read(EMERGENCIES)
        self._safety = any(
            playbook_of(read, e.declared).substitution.silent_minutes
            for e in known.active()
        )

    def demanded(self, row: PostRow) -> bool:
        """Tell whether a playbook in force asks for such a post there."""
        return any(s.covers(row.path) and row.kind in kinds for s, kinds in self._asked)

    def safety_by(self, row: PostRow) -> int:
        """Return when whoever acts must have confirmed to be well, 0: never."""
        if not self._safety or not row.acting or not self.demanded(row):
            return 0
        rules = self._rules(row.path)
        if not rules.silent_minutes:
            return 0
        asked_us = self._since(row.path, row.kind)
        heard_us = max(asked_us, row.since_us, row.confirmed_us)
        due_us = heard_us + rules.silent_minutes * MINUTE_US
        return extended(self._read(OUTAGES), heard_us, due_us)

    def _asked_since(self, path: str, kind: str) -> int:
        """Return since when such a post is asked there as now."""
        asked_us = asked_since(self._read, path, kind)
        return max(limited_since(self._read, path), asked_us)

    def tests(self, row: PostRow, person: str) -> str:
        """Return the test somebody would fail for a post now, empty if none."""
        post = self._read(post_stream(row.post))
        if post.defined is None:
            return "known"
        found = self._read(person_stream(person))
        rules = self._rules(row.path)
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
        return sum(not self.tests(row, person) for person in behind(row))


def staffing_of(look: Look) -> Staffing:
    """Return what posts are asked about together, as they stand."""
    return Staffing(look.names, look.read, look.now)


def line_of(row: PostRow) -> list[str]:
    """Return who stands in line for a post: A, B1, B2 …"""
    return list(filter(None, row.chain.split(",")))


def behind(row: PostRow) -> list[str]:
    """Return who in line does not act."""
    return [person for person in line_of(row) if person != row.acting]


def post_row(look: Look, row: PostRow, staffing: Staffing) -> dict[str, Any]:
    """Return a post as a row of the list; its words follow from the columns."""
    faces, chain = look.faces, line_of(row)
    holder = faces.brief(chain[0]) if chain else None
    acting = faces.brief(row.acting)
    safety = staffing.safety_by(row)
    late = list(filter(None, row.late.split(",")))
    if row.silent_us or (safety and safety <= staffing.now):
        late.append("safety")
    return {
        **brief(row, look.names),
        **taken(row, "state how cause substitution"),
        **taken(row, when="since"),
        "accept_by": look.until(row.since_us, row.accept_by_us),
        "handover_by": look.until(row.since_us, row.handover_by_us),
        "ratify_by": look.until(row.since_us, row.ratify_by_us),
        "holder": holder,
        "holder_label": holder["label"] if holder else "",
        "acting": acting,
        "acting_label": acting["label"] if acting else "",
        "before": faces.brief(row.before),
        "tried": tried_of(row, faces) if row.state == VACANT else [],
        "handover_left": row.items_left,
        "safety_by": moment(safety or None),
        "late": late,
        "expected": expected_of(row),
        "chain": [faces.brief(person) for person in chain],
        "spare": staffing.spare(row),
        "demanded": staffing.demanded(row),
        "seq": row.seq_from,
    }


def expected_of(row: PostRow) -> dict[str, str]:
    """Return what a decision names that replaces who acts, the line, the holder."""
    line = line_of(row)
    now = {
        "acting": row.acting,
        "line": row.chain,
        "holder": holding(line[:1], row.acting),
    }
    return {what: found or NOBODY_HELD for what, found in now.items()}


def tried_of(row: PostRow, faces: Faces) -> list[dict[str, Any]]:
    """Return who was passed over for a post, and the test they failed."""
    pairs = (one.partition(" ") for one in filter(None, row.tried.split(";")))
    return [passed_over(person, test, faces) for person, _, test in pairs]


def passed_over(person: str, test: str, faces: Faces) -> dict[str, Any]:
    """Return somebody who was passed over, and the test they failed."""
    return {"person": faces.brief(person), **in_words("test", FAILED_TESTS, test)}


def people_in(rows: Iterable[PostRow]) -> set[str]:
    """Return everybody a list of posts names."""
    found: set[str] = set()
    for row in rows:
        found |= {row.acting, row.before, *line_of(row)}
        found |= {one.partition(" ")[0] for one in row.tried.split(";")}
    return found - {""}


def know(look: Look, rows: Iterable[PostRow]) -> None:
    """Look up at once all that these posts name."""
    rows = list(rows)
    look.faces.know(people_in(rows))
    know_posts(rows, look.names)


def know_posts(rows: Sequence[PostRow], names: Names) -> None:
    """Look up at once what these posts are called, and where they are."""
    names.know_posts(row.post for row in rows)
    names.know_targets(place for row in rows for place in (row.site, row.place))


def backed_by(look: Look, person: str) -> list[tuple[PostRow, int]]:
    """Return the posts somebody stands in line for but does not act on, with where."""
    rows = POST.where(look.c, POST.table.c.chain.contains(person), at=look.at)
    return [(row, line_of(row).index(person)) for row in rows if row.acting != person]


READS = Reads("posts")


@READS.listed("/posts", LISTING, "view.situation", "岗位")
def posts(look: Look, area: Code | None = None) -> Iterable[Row]:
    """Return the posts of an area and who acts on each (岗位)."""
    rows = POST.select(look.c, at=look.at, path=look.path(area))
    know(look, rows)
    staffing = staffing_of(look)
    return [post_row(look, row, staffing) for row in rows]
