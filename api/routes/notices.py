"""Notices (对外通知): the rules of what is told where, and what one would tell."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec

from api.http.declared import Decision, Said, Writing
from coordination.notices.decide import RemoveNoticeRule, SetNoticeRule, set_notice_rule
from coordination.refusals import NothingChanges


class TryNoticeRule(SetNoticeRule, frozen=True, kw_only=True):
    """试算通知规则: what it would have told of the last day; nothing is stored."""


async def known(write: Writing, command: SetNoticeRule) -> SetNoticeRule:
    """Add which channels the settings of the service name."""
    return msgspec.structs.replace(command, there=write.world.channels)


async def tried(write: Writing, command: TryNoticeRule) -> dict[str, Any]:
    """Show what a rule would have told, before somebody sets it."""
    # The command line reads the rows below and starts quicker without these.
    from api.http.look import looking  # noqa: PLC0415
    from api.pages.notices import foretold  # noqa: PLC0415

    world = write.world
    world.entitle(write.caller.by, command.ACTION, ())
    asked = msgspec.structs.replace(command, there=world.channels)

    def ask() -> dict[str, Any]:
        with suppress(NothingChanges):
            set_notice_rule(world.read(), asked, world.clock())
        with looking(write.request, write.caller) as look:
            return foretold(look, asked)

    return await asyncio.to_thread(ask)


DECISIONS = (
    Decision(
        path="/notices/rules",
        command=SetNoticeRule,
        words="notice add",
        help="新增通知规则: add a rule of notices.",
        made={"rule": "n"},
        look=known,
        answers=Said("rule"),
    ),
    Decision(
        path="/notices/rules/{rule}",
        command=SetNoticeRule,
        words="notice set",
        look=known,
        answers=Said("rule"),
    ),
    Decision(
        path="/notices/rules/{rule}/remove",
        command=RemoveNoticeRule,
        words="notice remove",
        as_shown=("notices/rules?q={rule}", "expected"),
        answers=Said("rule"),
    ),
    Decision(
        path="/notices/try",
        keyed=True,
        command=TryNoticeRule,
        words="notice try",
        fixed={"rule": "new"},
        shows=tried,
        tells="24 小时内 {news} 条：发送 {sent}，并入 {summaries} 条汇总 {folded}，"
        "其中等待时段 {held}",
    ),
)
