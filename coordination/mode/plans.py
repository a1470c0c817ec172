"""Rules of playbooks (预案): only one without a fault is published."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.fields import Expected
from coordination.kernel import VERSION_HELD, Command, Event, Held, Read
from coordination.mode.events import PlaybookPublished
from coordination.mode.sites import playbook_stream
from coordination.playbook import canonical
from coordination.playbook_text import Finding, compile_text
from coordination.refusals import Invalid, NothingLeft


class PublishPlaybook(Command, frozen=True, kw_only=True):
    """发布预案."""

    STREAM = "playbook/{0.playbook}"  # its own stream
    ACTION = "playbook.publish"
    NEEDS = ("seen",)
    playbook: str
    text: str

    expected: Expected = ""

    def held(self, read: Read, /) -> Held:
        """The newest version, by its digest."""
        stream = playbook_stream(self.playbook)
        now, facts = read(stream).newest, (PlaybookPublished,)
        return Held(now, (stream.id,), facts, VERSION_HELD, "该预案", "this playbook")


PlaybookFaulty = Invalid.of(
    "playbook.faulty",
    "预案有 {count} 处错误：{first}",
    "the playbook has {count} faults: {first}",
    "请按所列错误改正",
    "correct the faults that are listed",
    field="text",
)
PlaybookUnchanged = NothingLeft.of(
    "playbook.unchanged",
    "预案 {playbook} 的这一版本已经发布",
    "this version of playbook {playbook} is published already",
)


def publish_playbook(
    read: Read, command: PublishPlaybook, _now: int
) -> Sequence[Event]:
    """Publish a playbook's text and compiled form.

    :raises PlaybookFaulty: if the lint finds anything
    :raises PlaybookUnchanged: if it is published in this very form
    """
    playbook, findings = compile_text(command.text)
    if playbook is not None and playbook.id != command.playbook:
        findings = [
            Finding(
                "id", "playbook.id", "编号与命令不符", "not the id that was asked for"
            )
        ]
    if playbook is None or findings:
        raise PlaybookFaulty(
            count=len(findings), first=findings[0].en, findings=findings
        )
    compiled, digest = canonical(playbook)
    if read(playbook_stream(playbook.id)).newest == digest:
        raise PlaybookUnchanged(playbook=playbook.id)
    return [
        PlaybookPublished(
            playbook=playbook.id,
            version=playbook.version,
            text=command.text,
            compiled=compiled,
            digest=digest,
        )
    ]
