"""What becomes of posts and packages when people fall away (推演)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.exchange.tables import in_words
from api.http.declared import Done
from api.http.plain import Who
from api.pages.faces import Faces
from api.pages.packages import party_body
from api.pages.posts import brief, passed_over
from api.world.world import World
from coordination.kernel import Command, Event
from coordination.packages.events import PERSON, PackageHandedOver
from coordination.people.events import PersonUnavailable
from coordination.posts.events import PostVacated, SubstitutionMade
from coordination.posts.filling import CALLED_AWAY
from coordination.provenance import Provenance
from projections.names import Names
from projections.posts import POST

SHOWN = 500


def what_if(world: World, who: Who, command: Command, by: Provenance) -> dict[str, Any]:
    """Return what a decision would do to posts and packages; nothing is stored.

    :raises Refusal: as the decision would
    """
    facts = world.handler.preview(command, by, world.clock())
    return outlook(world, who, [event for event, _ in facts])


def what_was(done: Done) -> dict[str, Any]:
    """Return what a decision did to posts and packages, from the log."""
    return outlook(done.world, done.who, done.facts)


def outlook(world: World, who: Who, facts: Sequence[Event]) -> dict[str, Any]:
    """Return what facts do to posts and packages, in lists cut to ``SHOWN``."""
    made = [f for f in facts if isinstance(f, SubstitutionMade)]
    vacated = [f for f in facts if isinstance(f, PostVacated)]
    handed = [f for f in facts if isinstance(f, PackageHandedOver)]
    counts = {
        "substituted": len(made),
        "vacated": len(vacated),
        "packages": len(handed),
        "standing": sum(f.standing for f in handed),
        "cascaded": [f.cause for f in made].count(CALLED_AWAY)
        + [f.cause for f in vacated].count(CALLED_AWAY),
    }
    with world.reading() as c:
        faces, names = Faces(world, who, c), Names(c)
        shown_made, shown_gone = made[:SHOWN], vacated[:SHOWN]
        shown_handed = handed[:SHOWN]
        faces.know(_people(shown_made, shown_gone, shown_handed))
        changed = {f.post for f in (*shown_made, *shown_gone)}
        names.know_posts(changed)
        posts = {row.post: row for row in POST.some(c, sorted(changed), at=None)}
        return {
            "people": sum(isinstance(f, PersonUnavailable) for f in facts),
            "counts": counts,
            "substituted": [
                {
                    **_brief(posts, f.post, names),
                    "before": faces.brief(f.before),
                    "after": faces.brief(f.after),
                }
                for f in shown_made
            ],
            "vacated": [
                {
                    **_brief(posts, f.post, names),
                    "before": faces.brief(f.before),
                    "tried": [passed_over(t.person, t.test, faces) for t in f.tried],
                }
                for f in shown_gone
            ],
            "packages": [_handed(f, faces, names) for f in shown_handed],
        }


def _people(
    made: Sequence[SubstitutionMade],
    vacated: Sequence[PostVacated],
    handed: Sequence[PackageHandedOver],
) -> set[str]:
    """Return everybody these facts name."""
    found = {p for f in made for p in (f.before, f.after)}
    found |= {f.before for f in vacated}
    found |= {t.person for f in vacated for t in f.tried}
    parties = [p for f in handed for p in (f.before, f.party)]
    return found | {p.id for p in parties if p.kind == PERSON}


def _brief(posts: dict[str, Any], post: str, names: Names) -> dict[str, Any]:
    row = posts.get(post)
    unknown = {"post": post, "full_name": post, "area_name": "", "rank": 0}
    found = brief(row, names) if row else unknown
    return {**found, "post_name": found.get("name", post)}


def _handed(fact: PackageHandedOver, faces: Faces, names: Names) -> dict[str, Any]:
    words = {fact.kind: names.package_kind(fact.kind)}
    return {
        **in_words("kind", words, fact.kind),
        "target": fact.target,
        "target_name": names.target(fact.target),
        "before": party_body(fact.before, faces, names),
        "after": party_body(fact.party, faces, names),
        "standing": fact.standing,
    }
