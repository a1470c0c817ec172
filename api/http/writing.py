"""What every write comes with (写入): the World, who is calling, the command's id."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar

import sqlalchemy as sa
from fastapi import Depends, Request

from api.http.deps import accounts_of, who_is, world_of
from api.http.errors import InvalidRequest
from api.http.faults import Fault, Unreadable
from api.http.outside import Envelope
from api.http.plain import Who
from api.http.pools import PROOFS
from api.http.wire import micros
from api.world.world import World
from coordination.provenance import Provenance
from coordination.refusals import Invalid, Refusal

T = TypeVar("T")
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


NoCommandId = Refusal.of(
    "request.no-command-id",
    "缺少 Idempotency-Key（8–64 位字母、数字、- 或 _）",
    "an Idempotency-Key of 8 to 64 letters, digits, - or _ is needed",
    "请补上后重新提交",
    "add it and send it again",
    field="Idempotency-Key",
)
NotYet = Invalid.of(
    "request.not-yet",
    "所报时间超前系统时间 {zh_lead}：这台手机或电脑的时钟不准",
    "the time told is {en_lead} ahead of the service: the clock of this phone "
    "or computer is wrong",
    "请校准，或改按现在的时间提交",
    "set it, or send it as of now",
    field="occurred_at",
)
LEAD_US = 30_000_000
"""So far ahead a clock may be: what it tells counts as now."""
Unseen = Invalid.of(
    "request.unseen",
    "所见位置 {seen_seq} 超过日志末尾 {head}",
    "the position seen, {seen_seq}, is beyond the end of the log, {head}",
    "请刷新页面后再办",
    "reload, then decide",
    field="seen_seq",
)


@dataclass(frozen=True, slots=True)
class Writing:
    """What every write comes with: the World, who is calling, the command's id."""

    world: World
    caller: Who
    command_id: str

    request: Request

    def by(self, seen_seq: int = 0, occurred_us: int = 0, **more: str) -> Provenance:
        """Return who decides, on what they saw, and when it happened (0: now).

        ``more``: how they proved who they are, the preview they saw.

        :raises Unseen: if ``seen_seq`` lies beyond the end of the log
        :raises NotYet: if ``occurred_us`` is ahead of now by more than ``LEAD_US``
        """
        world, caller = self.world, self.caller
        # The views trail the log: past them, ask the log itself.
        if seen_seq > world.runner.seq and seen_seq > (
            head := world.log.recorder.head().seq
        ):
            raise Unseen(seen_seq=seen_seq, head=head)
        lead_us = occurred_us - world.clock()
        if lead_us > LEAD_US:
            raise NotYet(**_lead(lead_us))
        if lead_us > 0:
            occurred_us = 0  # now, by a clock that runs a little ahead
        return Provenance(
            command_id=self.command_id,
            actor=caller.actor,
            session=caller.session,
            seen_seq=seen_seq,
            occurred_us=occurred_us,
            **more,
        )

    def said(self, said: Envelope, **more: str) -> Provenance:
        """Return who decides, as a body says it; ``more``: as of ``by``."""
        return self.at(said.occurred_at, said.seen_seq, **more)

    def at(self, moment: str | None, seen_seq: int = 0, **more: str) -> Provenance:
        """Return who decides on what happened at this moment, None or empty: now.

        :raises InvalidRequest: for a moment that is none
        """
        try:
            occurred_us = micros(moment) if moment else 0
        except Unreadable as error:
            raise InvalidRequest([Fault("occurred_at", *error.args)]) from None
        return self.by(seen_seq, occurred_us, **more)

    async def look(self, ask: Callable[[sa.Connection], T]) -> T:
        """Return what a question finds in the views, asked beside the loop."""

        def look() -> T:
            with self.world.reading() as c:
                return ask(c)

        return await asyncio.to_thread(look)

    async def proof(self, password: str) -> str:
        """Return how the caller has just proved who they are, empty: not at all.

        :raises WrongPassword: if the password given is not theirs
        :raises TooManyTries: after too many of these
        """
        if self.caller.local:
            return "local"
        if not password:
            return ""
        check, who = accounts_of(self.request).check, self.caller
        proving = partial(check, who.account, password, session=who.session)
        await PROOFS.run(who.account, proving)
        return "password"


async def writing(request: Request) -> Writing:
    """Return what every write comes with.

    One dependency for all of it: each costs as much as the decision itself.

    :raises NotSignedIn: without a valid session or the local operator's token
    :raises NoCommandId: if the Idempotency-Key is missing or malformed
    """
    caller = await who_is(request)
    key = request.headers.get("idempotency-key", "")
    if not COMMAND_ID.fullmatch(key):
        raise NoCommandId
    return Writing(world_of(request), caller, key, request)


async def asking(request: Request) -> Writing:
    """Return what ``writing`` does, for what is shown only: no command, so no id.

    :raises NotSignedIn: without a valid session or the local operator's token
    """
    return Writing(world_of(request), await who_is(request), "", request)


def _lead(lead_us: int) -> dict[str, str]:
    """Return how far a clock is ahead, in words."""
    seconds = lead_us // 1_000_000
    minutes, hours = seconds // 60, seconds // 3_600
    if minutes < 1:
        return {"zh_lead": f"{seconds} 秒", "en_lead": f"{seconds} s"}
    if hours < 1:
        return {"zh_lead": f"{minutes} 分钟", "en_lead": f"{minutes} min"}
    return {"zh_lead": f"{hours} 小时", "en_lead": f"{hours} h"}


Write = Annotated[Writing, Depends(writing)]
KEYED: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "Your id of this command; a retry sends it again.",
            "schema": {"type": "string", "pattern": f"^{COMMAND_ID.pattern}$"},
        }
    ]
}
"""For the OpenAPI document of every write."""


def acts(action: str) -> dict[str, Any]:
    """Return what a write route says of itself: the action its decision asks for."""
    return {"openapi_extra": {**KEYED, "x-action": action}}
