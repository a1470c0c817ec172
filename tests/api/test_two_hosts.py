"""Two hosts on one PostgreSQL are one service: accounts, sessions, keys (H16)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from api.http import accounts_watch
from api.http.accounts_file import ALL, Account
from api.http.accounts_watch import AccountsAway
from api.http.auth import Accounts, WrongCredentials, open_accounts
from api.http.sessions import NotSignedIn
from api.world.settings import Settings
from tests.api.served import HASHER
from tests.given import PATIENCE_SECONDS, Clock

SHEN = Account("shen", "沈")
PASSWORD, OTHER = "tall giraffe sky", "seven grey herons"


@pytest.fixture
def hosts(pg_dsn: str):
    """Two hosts' accounts, in one database."""
    clock = Clock()
    with ExitStack() as stack:
        opened = [Accounts(pg_dsn, clock, hasher=HASHER) for _ in range(2)]
        for accounts in opened:
            stack.callback(accounts.close)
        opened[0].add(SHEN, PASSWORD)
        yield opened


def soon(true: Callable[[], bool]) -> None:
    """Return once it is true: the other host asks twice a second."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def lets_in(accounts: Accounts, secret: str) -> bool:
    """Tell whether a session or token is good."""
    try:
        accounts.session_of(secret)
    except NotSignedIn:
        return False
    return True


def test_who_signs_in_here_is_signed_in_there(hosts: list[Accounts]):
    """And who signs out, is disabled or has a new password is out on both."""
    here, there = hosts
    for end in (
        lambda: here.sign_out("one"),
        lambda: here.disable("shen"),
        lambda: here.set_password("shen", OTHER),
        lambda: here.add(SHEN, PASSWORD),
    ):
        here.enable("shen")
        here.set_password("shen", PASSWORD)
        here.sign_in("shen", PASSWORD, "one", peer="10.0.0.1")
        soon(lambda: lets_in(there, "one"))
        assert lets_in(here, "one")
        end()
        assert not lets_in(here, "one")
        soon(lambda: not lets_in(there, "one"))
    here.disable("shen")
    with pytest.raises(WrongCredentials):
        there.sign_in("shen", PASSWORD, "two", peer="10.0.0.1")


def test_a_token_is_one_service_s(hosts: list[Accounts]):
    """Made here, listed there, revoked there, refused here."""
    here, there = hosts
    made = here.new_token("shen", "secret", name="脚本", days=9, scope=ALL)
    soon(lambda: lets_in(there, made.secret))
    [listed] = there.tokens()
    assert listed.id == made.id
    there.revoke_token(made.id)
    soon(lambda: not lets_in(here, made.secret))


def test_nobody_is_taken_for_signed_in_by_what_was_read_long_ago(
    hosts: list[Accounts], monkeypatch: pytest.MonkeyPatch
):
    """The server is silent: it is said, and not that they are to sign in."""
    here, _ = hosts
    here.sign_in("shen", PASSWORD, "one", peer="10.0.0.1")
    here.session_of("one")
    monkeypatch.setattr(accounts_watch, "AWAY_SECONDS", -1.0)
    with pytest.raises(AccountsAway):
        here.session_of("one")


def test_the_accounts_of_a_file_move_to_the_server_once(tmp_path: Path, pg_dsn: str):
    """With sessions and tokens; of a second host they are those that are there."""
    clock, secrets = Clock(), []
    hosts = [tmp_path / "one", tmp_path / "two"]
    for folder in hosts:
        folder.mkdir()
        path = folder / "accounts.sqlite"
        with closing(Accounts(path, clock, hasher=HASHER)) as file:
            file.add(SHEN._replace(name=folder.name), PASSWORD)
            secret = f"secret-{folder.name}"
            token = file.new_token("shen", secret, name="脚本", days=9, scope=ALL)
            secrets.append(token.secret)
    for folder in hosts:
        settings = Settings(data=folder, log_url=pg_dsn)
        with closing(open_accounts(settings, clock)) as accounts:
            assert accounts.all() == [SHEN._replace(name="one")]
            assert [lets_in(accounts, secret) for secret in secrets] == [True, False]
    assert [p.name for p in hosts[0].iterdir()] == ["accounts.sqlite.moved"]
    assert [p.name for p in hosts[1].iterdir()] == ["accounts.sqlite"]
