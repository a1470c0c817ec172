"""The level that waits for a visitor (演示提级): proposed, and left for them to decide.

The story approves nothing of it. A proposal lasts a day of the World's clock, which is
minutes here: before it expires, or when another order made it void, its proposer takes
it back and makes it anew. Approved, rejected or taken back by somebody else, it is
decided.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.demo.scene import DUTY_OFFICER, Scene
from coordination.approvals.decide import EXPIRES_MINUTES_MAX, WithdrawProposal
from coordination.approvals.state import APPROVALS, EXPIRED, OPEN, Proposal
from coordination.kernel import MINUTE_US, id_of
from coordination.mode.changes import ChangeLevel
from coordination.mode.state import EMERGENCIES
from coordination.refusals import Refusal

RAISE_ID = "demo-morning-raise"
LEVEL, RENEW_MINUTES = 2, 60


@dataclass
class Raising(Scene):
    """Level Ⅱ of an emergency, as long as a visitor takes."""

    emergency: str
    begun: bool = False
    over: bool = False
    _number: int = 0

    @property
    def raised(self) -> bool:
        """Tell whether the level is in force, by whomever."""
        return any(
            one.declared.emergency == self.emergency and one.level <= LEVEL
            for one in self.world.state(EMERGENCIES).active()
        )

    @property
    def next_us(self) -> int | None:
        """When the proposal must be made anew, None while there is none."""
        waiting = self._waiting() if self.begun and not self.over else None
        return _renewed_us(waiting) if waiting else None

    async def propose(self) -> None:
        """Propose level Ⅱ: it waits for whoever looks on."""
        self.begun = True
        await self.look(self.world.clock())
        if not self.over:
            self.say("level II proposed; it waits for your approval")

    async def look(self, now: int) -> None:
        """Keep the proposal open, unless it is decided or makes no sense any more."""
        if not self.begun or self.over:
            return
        index = self.world.state(EMERGENCIES)
        mine = [e for e in index.active() if e.declared.emergency == self.emergency]
        if not mine or mine[0].level <= LEVEL:
            self.over = True
            return
        waiting = self._waiting()
        if waiting is not None and waiting.state not in {OPEN, EXPIRED}:
            self.over = True
            self.say(f"the proposal of level II is decided: {waiting.state.lower()}")
            return
        if waiting is not None and waiting.state == OPEN:
            made = waiting.made
            moved = index.revision(made.places) != made.expected_version
            if not moved and now < _renewed_us(waiting):
                return
            if not await self._take_back(made.proposal):
                return  # decided this very moment: the next look sees it
        await self._propose_anew()

    def _waiting(self) -> Proposal | None:
        """Return the last proposal that was made."""
        known = self.world.state(APPROVALS).proposals
        return known.get(id_of("p", self._name)) if self._number else None

    @property
    def _name(self) -> str:
        """The command that made the last proposal; the next ones are numbered."""
        return RAISE_ID if self._number <= 1 else f"{RAISE_ID}-{self._number}"

    async def _take_back(self, proposal: str) -> bool:
        taken = WithdrawProposal(proposal=proposal, reason="情况有变，重新提议（演示）")
        name = f"{self._name}-withdrawn"
        return bool(await self.attempt(name, taken, DUTY_OFFICER))

    async def _propose_anew(self) -> None:
        self._number += 1
        raised = ChangeLevel(
            emergency=self.emergency,
            level=LEVEL,
            raising=True,
            basis="演示〔2026〕3 号 疫情研判意见",
            reason="出现社区传播",
        )
        by = self.by(self._name, DUTY_OFFICER)
        try:
            await self.world.order(raised, by, minutes=EXPIRES_MINUTES_MAX)
        except Refusal as refusal:
            self.over = True  # somebody at a screen has proposed the same
            self.say(f"level II is not proposed: {refusal.say('en')}")


def _renewed_us(waiting: Proposal) -> int:
    return waiting.made.expires_us - RENEW_MINUTES * MINUTE_US
