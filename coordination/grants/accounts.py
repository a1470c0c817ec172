"""Rules of accounts (账号): what is done about one is a fact, and a reset rests a day.

Passwords and sessions stand outside the log. That something was done about them, by
whom, stands in it before it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coordination.fields import AccountId
from coordination.grants.events import AccountActed
from coordination.kernel import MINUTE_US, Command, Event, Read, Streams
from coordination.playbook import LEVEL_NAMES
from coordination.refusals import Forbidden

OWN = frozenset(("own-password", "sessions-ended", "token-made", "token-revoked"))
"""What everybody may do about their own account."""
REST_US = 24 * 60 * MINUTE_US
"""So long after a reset by another an account signs nothing at levels Ⅰ and Ⅱ."""
SIGNED_LEVELS = frozenset({1, 2})


class RecordAccountAct(Command, frozen=True, kw_only=True):
    """登记账号事项: what is done about an account, before it is done.

    ``act``: one of ``ACCOUNT_ACTS``; ``about``: the session or token, if of one.
    """

    STREAM = "accounts/{0.account}"
    ACTION = "account.manage"
    INSTEAD = ("account.own",)
    account: AccountId
    act: str
    about: str = ""

    def action(self, read: Read, /) -> str:
        """One's own account is everybody's to look after."""
        own = self.act in OWN and self.account == read.by.actor.account
        return self.INSTEAD[0] if own else self.ACTION


def record_account_act(
    _read: Read, command: RecordAccountAct, now: int
) -> Sequence[Event]:
    """Record what is done about an account."""
    return [
        AccountActed(
            account=command.account, act=command.act, about=command.about, at_us=now
        )
    ]


class Reset(NamedTuple):
    """When somebody else last set a password, 0: never; ``chosen``: another since.

    ``opened``: it was a new account's, which nobody had to choose anew.
    """

    at_us: int = 0
    chosen: bool = True
    opened: bool = False


def evolve_reset(state: Reset, event: Event) -> Reset:
    """Fold one fact about an account."""
    match event:
        case AccountActed(act="password"):
            return Reset(event.at_us, chosen=False)
        case AccountActed(act="opened"):
            return Reset(event.at_us, opened=True)
        case AccountActed(act="own-password"):
            return state._replace(chosen=True)
        case _:
            return state


reset_of = Streams("accounts", Reset(), evolve_reset)


def evolve_disabled(state: bool, event: Event) -> bool:  # noqa: FBT001 - a state
    """Fold one fact about an account: whether it is let in no more."""
    match event:
        case AccountActed(act="disabled"):
            return True
        case AccountActed(act="enabled" | "opened" | "installed"):
            return False
        case _:
            return state


JustReset = Forbidden.of(
    "approvals.just-reset",
    "账号 {account} 的密码刚由他人重设，24 小时内不得签批 {level} 级",
    "the password of {account} was reset by somebody else: for 24 hours it signs "
    "nothing at level {level}",
    "请由另一位有权限的人签批",
    "let another who may sign do so",
    RECORDED=True,
)


JustOpened = Forbidden.of(
    "approvals.just-opened",
    "账号 {account} 刚由他人开设，24 小时内不得签批 {level} 级",
    "{account} was opened by somebody else just now: for 24 hours it signs nothing at "
    "level {level}",
    "请由另一位有权限的人签批",
    "let another who may sign do so",
    RECORDED=True,
)


def check_rested(read: Read, account: str, level: int, now: int) -> None:
    """Return if nobody else has set an account's password lately (换密静默期).

    Else whoever may open accounts and reset passwords could be both who proposes and
    who approves. What is opened at the machine itself its owner answers for.

    :raises JustReset: if somebody has reset it, at level Ⅰ or Ⅱ
    :raises JustOpened: if somebody has opened it
    """
    if level not in SIGNED_LEVELS or not account:
        return
    reset: Reset = read(reset_of(account))
    if reset.at_us and now - reset.at_us < REST_US:
        refused = JustOpened if reset.opened else JustReset
        raise refused(account=account, level=LEVEL_NAMES[level])
