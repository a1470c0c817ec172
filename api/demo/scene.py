"""A scene of the scripted morning (演示剧本): who acts in it, and how."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from api.world.world import World
from coordination.kernel import Actor, Command, Provenance, Refusal
from coordination.log import Receipt
from coordination.tree import Place
from projections.board import Area

COMMANDER, DUTY_OFFICER = "zongzhihui", "zhibanzhang"


def acting(world: World) -> Callable[[str, str], Provenance]:
    """Return what says who acts: a made-up account, at this machine."""

    def by(command_id: str, account: str) -> Provenance:
        return Provenance(
            command_id=command_id,
            actor=Actor(account),
            session=f"local:{account}",
            reauthenticated="local",
            seen_seq=world.runner.seq,
        )

    return by


@dataclass
class Scene:
    """What happens somewhere in the story."""

    world: World
    home: Area
    say: Callable[[str], None]
    by: Callable[[str, str], Provenance]

    @property
    def whole(self) -> Place:
        """All of the area the story is about."""
        return Place(self.home.code, self.home.level)

    async def attempt(
        self, name: str, command: Command, account: str = COMMANDER
    ) -> Receipt | None:
        """Do one thing; a refusal means that somebody at a screen was quicker."""
        with suppress(Refusal):
            return await self.world.do(command, self.by(name, account))
        return None
