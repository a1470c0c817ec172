"""Who could act on a post (人选): the able first, then the nearest; others with why."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from api.exchange.tables import in_words
from api.http.deps import LOOK_SECONDS, record_read, world_of
from api.http.look import Look
from api.http.plain import Who
from api.http.reading import Reads
from api.pages.fields import pair
from api.pages.post import posts_named
from api.pages.posts import Staffing, line_of, staffing_of
from api.planning.assigning import DISTANCE_WORDS, DISTANCES, distance_of
from coordination.fields import PostId
from coordination.posts.state import OWN, UnknownPost
from coordination.vocabulary import FAILED_TESTS
from projections.posts import POST, PostRow
from projections.roster import HUMAN, Human

SHOWN, LOOKED_AT = 20, 60
FAR = {"": ("街镇以外", "another street"), **DISTANCE_WORDS}
_RANK = {name: rank for rank, name in enumerate(reversed([*DISTANCES]))}

READS = Reads("posts")


async def recorded(request: Request, who: Who, given: dict[str, Any]) -> None:
    """Record that somebody looks through people for a post."""
    place = given["post"]
    await record_read(world_of(request), who, "people", place, seconds=LOOK_SECONDS)


@READS.shown("/posts/{post}/candidates", "view.people", before=recorded)
def candidates(look: Look, post: PostId) -> dict[str, Any]:
    """Return who could act on a post: the able first, then the nearest (人选).

    Of those who cannot, each with the first test they fail. Whoever stands in line is
    named first among equals.

    :raises UnknownPost: if there is none
    """
    row = look.known(POST, post, UnknownPost(post=post))
    staffing, line = staffing_of(look), line_of(row)
    pool = {h.person: h for h in HUMAN.select(look.c, at=look.at, path=row.reach)}
    pool |= {h.person: h for h in HUMAN.some(look.c, line, at=look.at)}
    seen = [h for h in pool.values() if not h.state and look.faces.sees(h)]
    seen.sort(key=lambda h: (_likely(row, h), _order(row, h, line)))
    # Each is tested against the log: of a whole street the likeliest are.
    tested = [(_failed(row, h, staffing), h) for h in seen[:LOOKED_AT]]
    tested.sort(key=lambda one: (bool(one[0]), _order(row, one[1], line)))
    shown = tested[:SHOWN]
    look.faces.take(h for _, h in shown)
    return {
        "post": post,
        "rows": [_row(look, row, h, failed, line) for failed, h in shown],
        "able": sum(not failed for failed, _ in tested),
        "seq": look.seq,
    }


def _likely(row: PostRow, human: Human) -> bool:
    """Tell, as a sort key, whether a view knows that somebody cannot."""
    trained = not row.training or f'"{row.training}"' in human.trainings
    return bool(human.cause) or not trained


def _order(row: PostRow, human: Human, line: list[str]) -> tuple[int, int, str]:
    """Return how near somebody lives, and where in line they stand."""
    near = _RANK.get(distance_of(row.place, human.path), len(_RANK))
    place = line.index(human.person) if human.person in line else len(line)
    return near, place, human.person


def _failed(row: PostRow, human: Human, staffing: Staffing) -> str:
    """Return the first test that somebody fails for a post, empty if none."""
    return OWN if human.person == row.acting else staffing.tests(row, human.person)


def _row(
    look: Look, row: PostRow, human: Human, failed: str, line: list[str]
) -> dict[str, Any]:
    place = line.index(human.person) if human.person in line else None
    return {
        "person": look.faces.brief(human.person),
        "able": not failed,
        **in_words("failed", FAILED_TESTS, failed),
        **pair("distance", FAR, distance_of(row.place, human.path)),
        "place_in_line": place,
        "acts_on": posts_named(look, human),
    }
