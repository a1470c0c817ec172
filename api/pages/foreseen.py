"""A preview as it is shown and kept (预演): decided for real, nothing of it stored."""

from __future__ import annotations

from typing import Any

import msgspec

from api.http.plain import Who, digest_of
from api.pages.posts import Staffing
from api.pages.preview import preview_body, signers
from api.pages.readiness import readiness
from api.world.world import World
from coordination.authority.state import APPROVED_FROM_LEVEL, AUTHORITY
from coordination.kernel import Command
from coordination.mode.decide import DeclareEmergency
from coordination.mode.sites import playbook_of, playbook_stream
from coordination.playbook import LEVEL_NAMES
from projections.names import Names

EFFECT = {
    "emergency", "hazard", "level", "scope", "excluded", "playbook", "added", "removed",
    "sites",
}  # fmt: skip
"""What of a switch says what it would do."""


def effect_of(command: Command) -> str:
    """Return what a switch would do, in short: a preview is for this and no other."""
    own = {"emergency"} if isinstance(command, DeclareEmergency) else set()
    found = {k: v for k, v in msgspec.to_builtins(command).items() if k in EFFECT - own}
    text = msgspec.json.encode([type(command).__name__, found], order="sorted")
    return text.decode()


def preview_of(world: World, who: Who, command: Command, action: str) -> dict[str, Any]:
    """Return what a switch would change, decided and shown for real.

    :raises Refusal: as the decision would
    """
    places = command.places(world.read())
    # Before anything is said of what stands there.
    role = world.entitle(who.by, command.ACTION, places).actor.role
    foreseen = world.foresee(command, who.by)
    own = getattr(command, "emergency", "")
    if isinstance(command, DeclareEmergency):
        published = world.state(playbook_stream(command.playbook))
        playbook, own = published.by_digest[published.newest], None
    else:
        playbook = playbook_of(world.read(), world.emergency(own).declared)
    roles = world.state(AUTHORITY).signers(foreseen.level, places, world.clock())
    refused = foreseen.refused
    with world.reading() as c:
        names = Names(c)
        staffing = Staffing(names, world.read(), world.clock())
        ready = readiness(names, playbook, foreseen.order, staffing)
        body = preview_body(names, foreseen.changes, playbook, ready)
    said = {lang: refused.say(lang) for lang in ("zh", "en")} if refused else {}
    shown = {
        "seq": foreseen.seq,
        "action": action,
        "emergency": own,
        "level": LEVEL_NAMES[foreseen.level],
        "needs_approval": foreseen.level < APPROVED_FROM_LEVEL,
        "may_sign": role in roles,
        "signers": signers(roles),
        "refused": {"code": refused.code, **said} if refused else None,
        **body,
    }
    return {"digest": digest_of(shown), **shown}
