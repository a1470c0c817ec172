"""What signing together and signing alone have in common (签批)."""

from __future__ import annotations

import hashlib

import msgspec

from coordination.grants.state import person_of
from coordination.kernel import Command, Held, Read
from coordination.playbook import LEVEL_NAMES
from coordination.provenance import Provenance
from coordination.refusals import Forbidden


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

    def held(self, read: Read, /) -> Held | None:
        """What the carried command replaces."""
        return self.carried.held(read)

    @property
    def expected(self) -> str:
        """What the carried command says it replaces."""
        return getattr(self.carried, "expected", "")

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


def signing(by: Provenance) -> tuple[str, str]:
    """Return the accounts in whose name something is signed."""
    return by.actor.account, by.on_behalf_of


def check_known(read: Read, account: str, level: int, *, known: bool) -> None:
    """Return if it can be told who signs with an account, where people are known.

    ``known``: whether a view finds an account bound to a person in this world.

    :raises NobodyBound: if it cannot
    """
    if known and not person_of(read, account):
        raise NobodyBound(account=account, level=LEVEL_NAMES[level])


SelfApproved = Forbidden.of(
    "approvals.self",
    "提议人不能批准自己的提议",
    "the proposer cannot approve their own proposal",
    "请由另一位有权限的人批准，或撤回提议",
    "let another person approve it, or withdraw it",
    RECORDED=True,
    OF_ROLE=True,
)
NobodyBound = Forbidden.of(
    "approvals.nobody-bound",
    "{level} 级须由两个不同的人提议和批准，账号 {account} 没有绑定人员，无法确认是谁",
    "level {level} needs two different people, and nobody is bound to the "
    "account {account}",
    "请由管理员绑定本人后再办理",
    "have it bound to its owner first",
    RECORDED=True,
)
NotReauthenticated = Forbidden.of(
    "approvals.not-reauthenticated",
    "尚未重新验证身份",
    "you have not proved who you are",
    "请重新输入密码",
    "enter your password again",
    field="password",
    RECORDED=True,
)
