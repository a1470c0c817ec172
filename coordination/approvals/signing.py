"""What signing together and signing alone have in common (签批)."""

from __future__ import annotations

import hashlib

import msgspec

from coordination.kernel import Command, Forbidden, Read


class Carrying(Command, frozen=True, kw_only=True):
    """Carries a command of some ``kind``; ``level``: the one that must be signed."""

    STREAM = "approvals"  # all approvals wait for one another: they are few
    GRAVE = True
    kind: str
    emergency: str
    level: int
    carried: Command

    def places(self, read: Read, /) -> tuple[str, ...]:
        """What the carried command acts on."""
        return self.carried.places(read)

    @property
    def asked(self) -> Command:
        """What is carried; how it has to be decided is the rules' word."""
        return self.carried.asked

    @property
    def command(self) -> tuple[str, str]:
        """The carried command as JSON and its digest, conflicts left out."""
        carried = self.carried
        if "conflicts" in carried.VIEWED:  # looked for anew when it is approved
            carried = msgspec.structs.replace(carried, conflicts=(), looked=-1)
        text = msgspec.json.encode(carried, order="sorted").decode()
        return text, hashlib.sha256(f"{self.kind} {text}".encode()).hexdigest()


SelfApproved = Forbidden.of(
    "approvals.self",
    "提议人不能批准自己的提议",
    "the proposer cannot approve their own proposal",
    RECORDED=True,
    OF_ROLE=True,
)
NotReauthenticated = Forbidden.of(
    "approvals.not-reauthenticated",
    "须重新输入密码验证身份",
    "enter your password again",
    field="password",
    RECORDED=True,
)
