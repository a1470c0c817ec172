"""Who holds what somebody wanted to replace (已被替换), by name as they may see it."""

from __future__ import annotations

import asyncio

from fastapi import Request

from api.http.deps import who_is
from api.http.look import Look, looking
from coordination.checks import Replaced
from coordination.kernel import (
    ACCOUNT_HELD,
    NOBODY_HELD,
    PARTY_HELD,
    PEOPLE_HELD,
    PERSON_HELD,
    POST_HELD,
    SAID_HELD,
    Held,
)
from coordination.packages.events import Party
from projections.telling import party_name


async def with_names(request: Request, refusal: Replaced) -> Replaced:
    """Return the refusal with names in place of ids, if the views can say so."""
    who = await who_is(request)

    def named() -> Replaced:
        with looking(request, who) as look:
            by = look.told.person(refusal.last.account) if refusal.last else ""
            zh, en = _called(look, refusal.held)
            return Replaced.told(refusal.held, refusal.last, zh, en, by)

    return await asyncio.to_thread(named)


def _called(look: Look, held: Held) -> tuple[str, str]:
    """Return how what is held now is called."""
    people = {PERSON_HELD, PEOPLE_HELD}
    if held.kind in people:
        known = [one for one in held.now.split(",") if one != NOBODY_HELD]
        look.faces.know(known)
        said = [look.faces.label(one) for one in filter(None, known)]
        return "、".join(zh for zh, _ in said), ", ".join(en for _, en in said)
    if held.kind == PARTY_HELD:
        kind, _, id_ = held.now.partition(":")
        return party_name(Party(kind, id_), look.told)
    if held.kind == ACCOUNT_HELD:
        name = look.told.person(held.now)
        return name, name
    if held.kind == POST_HELD:
        return look.told.post(held.now), look.told.post(held.now)
    return held.said if held.kind == SAID_HELD else (held.now, held.now)
