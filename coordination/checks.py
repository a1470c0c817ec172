"""What is asked of every command before its rule (先行核对)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from coordination.kernel import (
    NOBODY_HELD,
    VERSION_HELD,
    Command,
    Decided,
    Event,
    Held,
    Read,
    version_of,
)
from coordination.moments import here
from coordination.provenance import PROGRAM, SEEN
from coordination.refusals import Invalid, Refusal

BasisMissing = Invalid.of(
    "command.basis-missing",
    "没有写明依据",
    "it does not say what it rests on",
    "请写明文件、预警或上级指令",
    "name a document, an alert or an order",
    field="basis",
)


ReasonMissing = Invalid.of(
    "command.reason-missing",
    "没有写明理由",
    "it does not say why",
    "请写明理由",
    "say why it is done",
    field="reason",
)


NotSeen = Invalid.of(
    "command.not-seen",
    "此事关系重大，没有说明是看着什么情况办理的",
    "this is of consequence, and it is not said how things stood",
    "请先查看当前情况再办理；确实无从查看的，声明未查看",
    "look at how things stand, then decide; or state that you have not looked",
    field="seen_seq",
)


NEEDED = {"basis": BasisMissing, "reason": ReasonMissing, SEEN: NotSeen}
"""What is said where that is missing without which nothing is decided."""


def check_needs(command: Command) -> None:
    """Return if a command says what it is never decided without.

    :raises BasisMissing: if it must rest on something and does not say on what
    :raises ReasonMissing: if it must say why and does not
    """
    for need in command.needs:
        if need != SEEN and not getattr(command, need).strip():
            raise NEEDED[need]


def check_seen(read: Read, command: Command) -> None:
    """Return if whoever decides something of consequence says what they had seen.

    Or that they looked at nothing; the program itself looks at nothing.

    :raises NotSeen: otherwise
    """
    by = read.by
    if SEEN in command.needs and not by.seen_seq and by.actor.account not in PROGRAM:
        raise NotSeen


class Replaced(Refusal):
    """It would replace another than its author saw (已被他人替换).

    ``held``, ``last``: what stands now, and by which decision.
    """

    code = "command.replaced"
    zh = "{zh_what}现{zh_now}{zh_how}，{zh_why}"
    en = "{en_what} {en_now} now{en_how}; {en_why}"
    then_zh = "请核对后再办理"
    then_en = "look again, then decide"
    held: Held
    last: Decided | None

    @classmethod
    def told(
        cls,
        held: Held,
        last: Decided | None,
        zh: str = "",
        en: str = "",
        by: str = "",
    ) -> Replaced:
        """Return it for what stands; ``zh``, ``en``, ``by``: how these are called."""
        said = {"zh_how": "", "en_how": "", "by": "", "since": "", "seq": 0}
        if last is not None:
            at, by = f"{here(last.recorded_us):%Y-%m-%d %H:%M:%S}", by or last.account
            said = {"by": by, "since": at, "seq": last.seq}
            said |= {"zh_how": f"（{by}于{at}决定）"}
            said |= {"en_how": f" (decided by {by} at {at})"}
        found = cls(
            zh_what=held.zh,
            en_what=held.en,
            zh_now=held.called(zh or held.now, "zh"),
            en_now=held.called(en or held.now, "en"),
            zh_why="与所见不符",
            en_why="it is not what was seen",
            held=held.now,
            **said,
        )
        found.held, found.last = held, last
        return found


def check_expected(read: Read, command: Command) -> None:
    """Return if a command replaces what its author saw.

    :raises Replaced: if it is another by now, or they do not say and saw nothing of it
    """
    held = command.held(read)
    if held is None:
        return
    expected: str = command.expected  # type: ignore[attr-defined]
    if expected == (held.now or NOBODY_HELD):
        return
    if not expected and read.by.actor.account in PROGRAM:
        return
    last = read.last(held) if held.now else None
    if not expected and (last is None or read.by.seen_seq >= last.seq):
        return  # nobody's, nobody's decision, or seen
    raise Replaced.told(held, last)


def rows_held(
    was: Mapping[str, object], facts: tuple[type[Event], ...], zh: str, en: str
) -> Held:
    """Return what a table of rows replaces, named by its version.

    ``was``: what stands in each stream that the rows would change.
    """
    now = version_of(sorted(was.items())) if was else ""
    return Held(now, tuple(was), facts, VERSION_HELD, zh, en)


def naming(read: Read, command: Command) -> Command:
    """Return a command that says what it replaces: it may be decided later."""
    held = command.held(read)
    if held is None:
        return command
    return msgspec.structs.replace(command, expected=held.now or NOBODY_HELD)
