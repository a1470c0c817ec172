"""Who you are: accounts, passwords (Argon2), server-side sessions and API tokens.

They stand outside Worlds; what an account may do stands in the log, as grants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from limits import RateLimitItem

from api.http.accounts_file import (
    ACCOUNTS,
    LEGACY_ROLES,
    SESSION_US,
    SESSIONS,
    Account,
    end_sessions,
    in_use,
    moved_in,
)
from api.http.passwords import check_password
from api.http.sessions import NoSuchAccount, Sessions
from api.http.tries import (
    ACCOUNT_TRIES,
    PEER_TRIES,
    Keys,
    Tries,
    of_session,
    of_sign_in,
)
from api.world.settings import Settings
from api.world.wiring import new_token
from coordination.refusals import Forbidden, Invalid, Refusal
from projections.database import insert

OURS = {"service": "Pingzhan", "installer": "Pingzhan", "local-operator": "local"}
"""Actors of the service itself: they have no account and cannot sign in."""
AGENT_CHARS = 200
_log = structlog.get_logger("accounts")
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NotADemonstration = Forbidden.of(
    "auth.not-a-demonstration",
    "这不是演示系统，演示账号 {account} 不能在这里办理",
    "this is no demonstration, the demo account {account} does nothing here",
    "请用本人的账号登录",
    "sign in with your own account",
)
WrongCredentials = Refusal.of(
    "auth.wrong-credentials",
    "账号或密码错误",
    "wrong account or password",
    "请核对后重新输入，忘记密码请找管理员",
    "enter them again; if forgotten, ask an administrator",
)
"""No such account in use or wrong password; never says which."""
WrongPassword = Forbidden.of(
    "auth.wrong-password",
    "密码错误",
    "wrong password",
    "请重新输入",
    "enter it again",
    field="password",
)
ReservedAccount = Invalid.of(
    "auth.reserved-account",
    "{account} 是系统保留账号",
    "{account} is reserved for the service itself",
    "请另取账号名",
    "take another name",
    field="account",
)


def open_accounts(settings: Settings, clock: Callable[[], int]) -> Accounts:
    """Open the accounts of a World: a file beside its own, or tables beside them."""
    accounts = Accounts(settings.log_url or settings.accounts_path, clock)
    if settings.log_url and accounts.adopt(settings.accounts_path):
        _log.info("accounts moved to the server", file=str(settings.accounts_path))
    return accounts


class Accounts(Sessions):
    """Accounts, sessions and tokens in one small database; any thread may ask."""

    def __init__(
        self,
        where: Path | str,
        clock: Callable[[], int],
        *,
        hasher: PasswordHasher = HASHER,
        per_account: RateLimitItem = ACCOUNT_TRIES,
        per_peer: RateLimitItem = PEER_TRIES,
    ) -> None:
        """``clock``: wall time in microseconds; sessions and tokens expire by it.

        ``per_account``, ``per_peer``: failed tries allowed, counted in this process.
        """
        super().__init__(where, clock)
        self._hasher = hasher
        # Checked for an unknown account too, so that the time taken tells nothing.
        self._decoy = hasher.hash("decoy")
        self._tries = Tries(per_account, per_peer)

    # --- accounts ----------------------------------------------------------------

    def add(self, account: Account, password: str) -> None:
        """Create an account or replace it, ending its sessions and tokens.

        A disabled one stays disabled.

        :raises ReservedAccount: for an actor of the service itself
        :raises WeakPassword: unless its password is for all to see
        """
        if account.account in OURS:
            raise ReservedAccount(account=account.account)
        if not account.demo:
            check_password(password, account.account, account.name)
        row = {**account._asdict(), "password": self._hasher.hash(password)}
        with self._write() as c:
            c.execute(
                insert(c, ACCOUNTS)
                .values(**row, disabled=False)
                .on_conflict_do_update(index_elements=["account"], set_=row)
            )
            end_sessions(c, SESSIONS.c.account == account.account)

    def adopt(self, path: Path) -> bool:
        """Take over the accounts of a file, if there are none; False: nothing did."""
        return moved_in(self._engine, path)

    def introduce(self, accounts: Iterable[Account]) -> None:
        """Open accounts that nobody can sign in to until a password is set for them.

        What there is already stays as it is.
        """
        shut = self._hasher.hash(new_token())
        rows = [{**a._asdict(), "password": shut, "disabled": False} for a in accounts]
        with self._write() as c:
            if rows:
                c.execute(insert(c, ACCOUNTS).on_conflict_do_nothing(), rows)

    def get(self, account: str) -> Account | None:
        """Return an account, disabled or not."""
        found = self._accounts(ACCOUNTS.c.account == account)
        return found[0] if found else None

    def all(self) -> list[Account]:
        """Return every account, disabled or not, in their order."""
        return self._accounts()

    def disabled(self) -> list[str]:
        """Return the accounts that are disabled (已停用), in their order."""
        return [a.account for a in self._accounts(ACCOUNTS.c.disabled)]

    def legacy_roles(self) -> list[tuple[str, str, str]]:
        """Return account, role and area path as accounts once held them."""
        with self._engine.connect() as c:
            found = c.execute(sa.select(LEGACY_ROLES).order_by(LEGACY_ROLES.c.account))
            return [(row.account, row.role, row.area) for row in found]

    def set_password(self, account: str, password: str, *, keep: str = "") -> None:
        """Change a password (改密), ending the account's sessions and tokens.

        ``keep``: public id of the session that goes on, whose owner changes it.

        :raises NoSuchAccount: if there is none
        :raises WeakPassword: if it is soon guessed
        """
        found = self.get(account)
        check_password(password, account, found.name if found else "")
        self._change(account, keep, password=self._hasher.hash(password))

    def disable(self, account: str) -> None:
        """Let an account in no more (停用); its sessions and tokens end at once.

        :raises NoSuchAccount: if there is none
        """
        self._change(account, disabled=True)

    def enable(self, account: str) -> None:
        """Let a disabled account in again (启用); what was ended stays ended.

        :raises NoSuchAccount: if there is none
        """
        self._change(account, disabled=False)

    def renew(self, disabled: Iterable[str]) -> None:
        """Shut everybody out of a file of accounts that was put back.

        Sessions and tokens end; who was disabled since then is so again. Passwords are
        those of then: that cannot be helped.
        """
        with self._write() as c:
            end_sessions(c)
            gone = ACCOUNTS.c.account.in_(list(disabled))
            c.execute(sa.update(ACCOUNTS).where(gone).values(disabled=True))

    def name_of(self, account: str) -> str:
        """Return the display name of an account, the account itself if unknown."""
        if account in OURS:
            return OURS[account]
        found = self.get(account)
        return (found and found.name) or account

    # --- passwords ---------------------------------------------------------------

    def sign_in(
        self, account: str, password: str, token: str, *, peer: str, agent: str = ""
    ) -> Account:
        """Open a session under ``token``.

        ``peer``: the address asked from; ``agent``: the browser, as it calls itself.

        :raises TooManyTries: after too many failed ones, before anything is computed
        :raises WrongCredentials: for an unknown account or a wrong password
        :raises NotADemonstration: for a demo account, in a world that was not born one
        """
        keys = of_sign_in(account, peer)
        proved = WrongCredentials.unless(self._prove(account, password, keys))
        known = self.get(account)
        if known is not None and self.barred(known):
            raise NotADemonstration(account=account)
        row = self._row("s-", token, account, SESSION_US)
        row |= {"peer": peer, "agent": agent[:AGENT_CHARS]}
        return WrongCredentials.unless(self._open(row, proved))

    def check(self, account: str, password: str, *, session: str) -> None:
        """Ask who is signed in for their password once more (再次验证).

        Failed tries are counted in their session: whatever strangers try, they go on.

        :raises TooManyTries: after too many failed ones, before anything is computed
        :raises WrongPassword: if it is another
        """
        WrongPassword.unless(self._prove(account, password, of_session(session)))

    # --- inside ------------------------------------------------------------------

    def _prove(self, account: str, password: str, keys: Keys) -> str | None:
        """Return the stored hash that the password fits, None if it fits none in use.

        :raises TooManyTries: before anything is looked up or computed
        """
        self._tries.begin(keys)
        proved = None
        try:
            with self._engine.connect() as c:
                stored = c.scalar(sa.select(ACCOUNTS.c.password).where(in_use(account)))
            self._hasher.verify(stored or self._decoy, password)
            proved = stored
        except Argon2Error:
            pass
        finally:
            self._tries.end(keys, failed=proved is None)
        return proved

    def _accounts(self, *where: sa.ColumnElement[bool]) -> list[Account]:
        chosen = sa.select(*(ACCOUNTS.c[f] for f in Account._fields)).where(*where)
        with self._engine.connect() as c:
            found = c.execute(chosen.order_by(ACCOUNTS.c.account))
            return [Account._make(row) for row in found]

    def _change(self, account: str, keep: str = "", **values: Any) -> None:
        """Change an account and end all that is open for it, but for what is kept.

        :raises NoSuchAccount: if there is none
        """
        with self._write() as c:
            mine = ACCOUNTS.c.account == account
            if not c.execute(sa.update(ACCOUNTS).where(mine).values(**values)).rowcount:
                raise NoSuchAccount(account=account)
            end_sessions(c, SESSIONS.c.account == account, SESSIONS.c.id != keep)
