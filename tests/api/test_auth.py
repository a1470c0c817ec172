"""Accounts, passwords, sessions and tokens: who gets in, for how long, who no more."""

import hashlib
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import get_args

import pytest
from argon2 import PasswordHasher
from limits import RateLimitItemPerMinute

from api.http.accounts_file import ALL, READ, SESSION_US, Account, Scope
from api.http.auth import (
    AGENT_CHARS,
    OURS,
    Accounts,
    ReservedAccount,
    WrongCredentials,
    WrongPassword,
)
from api.http.sessions import (
    DAY_US,
    NoSuchAccount,
    NotSignedIn,
    Session,
    Signed,
    Token,
    TokenDays,
)
from api.http.tries import TooManyTries
from coordination.refusals import Refusal
from coordination.vocabulary import TOKEN_SCOPES
from tests.given import NOW, Clock

ZHANG, LI = Account("zhang", "张三"), Account("li", "李四")
RIGHT, WRONG = "open sesame", "open barley"
OTHER = "seven grey herons"
HERE, THERE = "10.0.0.1", "10.0.0.2"
WEAK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


class Hasher(PasswordHasher):
    """Counts what it computes; ``then`` happens once, while it does."""

    def __init__(self):
        super().__init__(**WEAK)
        self.computed = 0
        self.then = None

    def verify(self, *given):
        self.computed += 1
        then, self.then = self.then, None
        if then:
            then()
        return super().verify(*given)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hasher():
    return Hasher()


@pytest.fixture
def open_accounts(tmp_path, clock, hasher):
    """Opens this test's accounts, as often as it asks."""
    with ExitStack() as stack:

        def opened(account=100, peer=100):
            found = Accounts(
                tmp_path / "accounts.sqlite",
                clock,
                hasher=hasher,
                per_account=RateLimitItemPerMinute(account, 5),
                per_peer=RateLimitItemPerMinute(peer, 5),
            )
            stack.callback(found.close)
            return found

        yield opened


@pytest.fixture
def accounts(open_accounts):
    return seeded(open_accounts())


def seeded(found):
    for account in (ZHANG, LI):
        found.add(account, RIGHT)
    return found


def outcome(act, *args, **kwargs):
    """Return the code of the refusal, or an empty one."""
    try:
        act(*args, **kwargs)
    except Refusal as refusal:
        return refusal.code
    return ""


def is_in(accounts, secret):
    return not outcome(accounts.session_of, secret)


def enter(accounts, key="cookie", account="zhang", peer=HERE, agent=""):
    return accounts.sign_in(account, RIGHT, key, peer=peer, agent=agent)


# --- accounts ----------------------------------------------------------------------


def test_accounts_are_listed_in_their_order(accounts):
    assert accounts.all() == [LI, ZHANG]
    assert accounts.get("li") == LI
    assert accounts.get("wang") is None
    assert accounts.legacy_roles() == []


@pytest.mark.parametrize(
    ("account", "name"),
    [("zhang", "张三"), ("wang", "wang"), ("service", "Pingzhan")],
)
def test_names(accounts, account, name):
    assert accounts.name_of(account) == name


@pytest.mark.parametrize("account", OURS)
def test_nobody_signs_in_as_the_service(accounts, account):
    with pytest.raises(ReservedAccount) as refused:
        accounts.add(Account(account, "某人"), RIGHT)
    assert account in refused.value.say("zh")


def test_an_account_is_replaced(accounts):
    accounts.add(Account("zhang", "张三丰"), OTHER)
    assert accounts.get("zhang") == Account("zhang", "张三丰")
    assert outcome(enter, accounts) == WrongCredentials.code
    assert accounts.sign_in("zhang", OTHER, "cookie", peer=HERE).name == "张三丰"


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.set_password("wang", RIGHT),
        lambda a: a.disable("wang"),
        lambda a: a.enable("wang"),
        lambda a: a.new_token("wang", "secret", name="", days=1),
    ],
)
def test_what_is_not_there_is_not_changed(accounts, change):
    with pytest.raises(NoSuchAccount):
        change(accounts)


# --- passwords ---------------------------------------------------------------------

PASSWORDS = [
    # id, account, password, in, again
    ("the right password", "zhang", RIGHT, "", ""),
    ("a wrong password", "zhang", WRONG, WrongCredentials.code, WrongPassword.code),
    ("no such account", "wang", RIGHT, WrongCredentials.code, WrongPassword.code),
    ("the decoy's own", "wang", "decoy", WrongCredentials.code, WrongPassword.code),
    ("a disabled account", "li", RIGHT, WrongCredentials.code, WrongPassword.code),
    ("its decoy", "li", "decoy", WrongCredentials.code, WrongPassword.code),
]


@pytest.mark.parametrize(
    ("account", "password", "first", "again"),
    [row[1:] for row in PASSWORDS],
    ids=[row[0] for row in PASSWORDS],
)
def test_passwords(accounts, hasher, account, password, first, again):
    accounts.disable("li")
    assert outcome(accounts.sign_in, account, password, "t", peer=HERE) == first
    assert outcome(accounts.check, account, password, session="s-0") == again
    assert hasher.computed == 2  # whoever asks: the time taken tells nothing
    assert is_in(accounts, "t") == (not first)


@pytest.mark.parametrize(
    "change",
    [lambda a: a.set_password("zhang", OTHER), lambda a: a.disable("zhang")],
    ids=["password", "disabled"],
)
def test_a_change_while_the_password_is_checked_wins(accounts, hasher, change):
    hasher.then = lambda: change(accounts)
    assert outcome(enter, accounts) == WrongCredentials.code
    assert not is_in(accounts, "cookie")


# --- too many tries ----------------------------------------------------------------

THROTTLE = [
    # id, tries (account, password, peer), what the last gets; 2 an account, 4 a peer
    ("the last one allowed", [("zhang", WRONG, HERE)] * 2, WrongCredentials),
    ("one too many", [("zhang", WRONG, HERE)] * 3, TooManyTries),
    ("the right one too late", [("zhang", WRONG, HERE)] * 2 + [("zhang", RIGHT, HERE)],
     TooManyTries),
    ("its owner elsewhere is free",
     [("zhang", WRONG, HERE)] * 2 + [("zhang", RIGHT, THERE)], None),
    ("one network of IPv6 is one",
     [("zhang", WRONG, f"2001:db8::{n}") for n in range(1, 4)], TooManyTries),
    ("many accounts from one network of IPv6",
     [(f"a{n}", WRONG, f"2001:db8::{n}") for n in range(1, 5)]
     + [("li", RIGHT, "2001:db8::9")], TooManyTries),
    ("unknown accounts alike", [("wang", WRONG, HERE)] * 3, TooManyTries),
    ("another account is free", [("zhang", WRONG, HERE)] * 2 + [("li", RIGHT, HERE)],
     None),
    ("success starts anew",
     [("zhang", WRONG, HERE), ("zhang", RIGHT, HERE)] * 3 + [("zhang", WRONG, HERE)],
     WrongCredentials),
    ("success is free", [("zhang", RIGHT, HERE)] * 9, None),
    ("many accounts from one address",
     [(f"a{n}", WRONG, HERE) for n in range(4)] + [("li", RIGHT, HERE)], TooManyTries),
    ("others are free",
     [(f"a{n}", WRONG, HERE) for n in range(4)] + [("li", RIGHT, THERE)], None),
    ("one's own account does not help",
     [t for n in range(4) for t in ((f"a{n}", WRONG, HERE), ("li", RIGHT, HERE))],
     TooManyTries),
    ("a refused try does not count",
     [("wang", WRONG, HERE)] * 9 + [("li", RIGHT, HERE)], None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tries", "last"), [row[1:] for row in THROTTLE], ids=[row[0] for row in THROTTLE]
)
def test_throttle(open_accounts, tries, last):
    accounts = seeded(open_accounts(account=2, peer=4))
    for number, (account, password, peer) in enumerate(tries):
        found = outcome(accounts.sign_in, account, password, f"t{number}", peer=peer)
    assert found == (last.code if last else "")


def test_a_session_has_tries_of_its_own(open_accounts):
    """Whatever strangers fail at, who is signed in goes on; and they are few (H4)."""
    accounts = seeded(open_accounts(account=2, peer=4))
    for number in range(9):
        outcome(accounts.sign_in, "zhang", WRONG, f"t{number}", peer=HERE)
    assert outcome(accounts.check, "zhang", RIGHT, session="s-1") == ""
    for _ in range(2):
        found = outcome(accounts.check, "zhang", WRONG, session="s-1")
        assert found == WrongPassword.code
    found = outcome(accounts.check, "zhang", RIGHT, session="s-1")
    assert found == TooManyTries.code
    assert outcome(accounts.check, "zhang", RIGHT, session="s-2") == ""


@pytest.mark.parametrize("account", ["zhang", "wang"])
def test_too_many_tries_cost_nothing_and_say_how_long(open_accounts, hasher, account):
    accounts = seeded(open_accounts(account=1))
    outcome(accounts.sign_in, account, WRONG, "t", peer=HERE)
    assert hasher.computed == 1
    with pytest.raises(TooManyTries) as refused:
        accounts.sign_in(account, RIGHT, "t", peer=HERE)
    assert hasher.computed == 1
    assert 240 < refused.value.facts["retry_after"] <= 300
    assert str(refused.value.facts["retry_after"]) in refused.value.say("zh")


def test_tries_lapse(open_accounts):
    accounts = seeded(open_accounts(account=1, peer=1))
    outcome(accounts.sign_in, "zhang", WRONG, "t", peer=HERE)
    for tries in accounts._tries._storage.events.values():
        for one in tries:
            one.atime -= 301  # the library keeps its own clock
    assert enter(accounts) == ZHANG


def test_names_ever_tried_are_not_kept(accounts):
    events = accounts._tries._storage.events
    events["LIMITER/account/long-ago"] = []
    outcome(accounts.sign_in, "zhang", WRONG, "t", peer=HERE)
    assert sorted(name.split("/")[1] for name in events) == ["account", "peer"]
    assert not any("long-ago" in name for name in events)
    assert not accounts._tries._under_way


def test_a_try_under_way_counts(open_accounts, hasher):
    accounts = seeded(open_accounts(account=1))
    found = []

    def meanwhile():
        with pytest.raises(TooManyTries) as refused:
            enter(accounts, "other")
        found.append(refused.value.facts["retry_after"])

    hasher.then = meanwhile
    assert enter(accounts) == ZHANG
    assert found == [1]
    assert enter(accounts, "later") == ZHANG


def test_many_threads_get_no_more_tries(open_accounts, hasher):
    accounts = seeded(open_accounts(account=5))
    with ThreadPoolExecutor(8) as pool:
        tries = [
            pool.submit(outcome, accounts.sign_in, "zhang", WRONG, f"t{n}", peer=HERE)
            for n in range(24)
        ]
    assert Counter(t.result() for t in tries) == {
        WrongCredentials.code: 5,
        TooManyTries.code: 19,
    }
    assert hasher.computed == 5


def test_many_threads_sign_in(accounts):
    with ThreadPoolExecutor(8) as pool:
        tokens = [f"t{n}" for n in range(24)]
        assert list(pool.map(lambda t: enter(accounts, t), tokens)) == [ZHANG] * 24
        assert all(pool.map(lambda t: is_in(accounts, t), tokens))


# --- sessions ----------------------------------------------------------------------


def test_a_session_is_listed_without_its_secret(accounts, clock):
    enter(accounts, agent="x" * 999)
    clock.now += 1
    enter(accounts, "other", account="li", peer=THERE)
    first, second = accounts.sessions()
    assert first == Session(
        first.id, "zhang", NOW, NOW + SESSION_US, HERE, "x" * AGENT_CHARS
    )
    assert first.id.startswith("s-")
    assert len(first.id) == 14
    assert accounts.session_of("cookie") == Signed(ZHANG, first.id)
    assert accounts.sessions("li") == [second]
    assert second.agent == ""


@pytest.mark.parametrize("secret", [None, "", "guess", "pz_guess"])
def test_without_a_session(accounts, secret):
    with pytest.raises(NotSignedIn):
        accounts.session_of(secret)


LASTING = [
    # id, how it is opened, how long it lasts
    ("session", lambda a: enter(a) and "cookie", SESSION_US),
    ("token", lambda a: a.new_token("zhang", "x", name="x", days=1).secret, DAY_US),
    ("long", lambda a: a.new_token("zhang", "x", name="x", days=90).secret,
     90 * DAY_US),
]  # fmt: skip


@pytest.mark.parametrize("asked", [True, False], ids=["cached", "not cached"])
@pytest.mark.parametrize(
    ("begin", "lasts_us"), [row[1:] for row in LASTING], ids=[row[0] for row in LASTING]
)
def test_everything_expires(accounts, clock, begin, lasts_us, asked):
    secret = begin(accounts)
    clock.now += lasts_us - 1
    if asked:
        assert is_in(accounts, secret)
        assert len(accounts.sessions() + accounts.tokens()) == 1
    clock.now += 1
    assert not is_in(accounts, secret)
    assert accounts.sessions() == accounts.tokens() == []
    enter(accounts, "next")  # sweeps
    assert is_in(accounts, "next")
    with sqlite3.connect(accounts._engine.url.database) as c:
        assert c.execute("SELECT count(*) FROM session").fetchone() == (1,)
    c.close()


ENDINGS = [
    # id, what is done, what of zhang's stays: one cookie, another, the token; of li's
    ("signed out", lambda a: a.sign_out("cookie"), "other token li"),
    ("ended by id", lambda a: a.end_session(a.session_of("cookie")[1]),
     "other token li"),
    ("token revoked", lambda a: a.revoke_token(a.tokens()[0].id), "cookie other li"),
    ("password changed", lambda a: a.set_password("zhang", OTHER), "li"),
    ("account replaced", lambda a: a.add(ZHANG, RIGHT), "li"),
    ("account disabled", lambda a: a.disable("zhang"), "li"),
    ("no such session", lambda a: a.end_session("s-000000000000"),
     "cookie other token li"),
    ("a token is no session", lambda a: a.end_session(a.tokens()[0].id),
     "cookie other token li"),
    ("a session is no token", lambda a: a.revoke_token(a.session_of("cookie")[1]),
     "cookie other token li"),
    ("not even by pattern", lambda a: (a.end_session("s-%"), a.revoke_token("t-%")),
     "cookie other token li"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("end", "stays"), [row[1:] for row in ENDINGS], ids=[row[0] for row in ENDINGS]
)
def test_endings_are_seen_at_once_and_by_others(accounts, open_accounts, end, stays):
    other = open_accounts()
    enter(accounts)
    enter(other, "other")
    enter(other, "li", account="li")
    secret = accounts.new_token("zhang", "x", name="export", days=30).secret
    everything = {"cookie": "cookie", "other": "other", "token": secret, "li": "li"}
    both = (accounts, other)
    assert all(is_in(a, key) for a in both for key in everything.values())  # cached
    end(accounts)
    for a in both:
        assert [k for k, key in everything.items() if is_in(a, key)] == stays.split()


def test_endings_say_what_they_ended(accounts):
    enter(accounts)
    enter(accounts, "other")
    found = accounts.sessions()[0].id
    assert accounts.end_session(found)
    assert not accounts.end_session(found)
    made = accounts.new_token("zhang", "x", name="", days=1)
    assert accounts.revoke_token(made.id)
    assert not accounts.revoke_token(made.id)


def test_what_a_slow_thread_read_before_a_write_is_not_believed(
    accounts, open_accounts
):
    enter(accounts)
    assert is_in(accounts, "cookie")
    held = dict(accounts._known)
    open_accounts().set_password("zhang", OTHER)
    assert not is_in(accounts, "cookie")
    accounts._known.update(held)
    assert not is_in(accounts, "cookie")


def test_disabled_and_enabled(accounts):
    enter(accounts)
    accounts.disable("zhang")
    assert accounts.disabled() == ["zhang"]
    assert accounts.get("zhang") == ZHANG
    accounts.add(ZHANG, RIGHT)
    assert accounts.disabled() == ["zhang"]
    assert outcome(enter, accounts, "new") == WrongCredentials.code
    with pytest.raises(NoSuchAccount):
        accounts.new_token("zhang", "x", name="", days=1)
    accounts.enable("zhang")
    assert accounts.disabled() == []
    assert not is_in(accounts, "cookie")
    assert enter(accounts, OTHER) == ZHANG


# --- tokens ------------------------------------------------------------------------


def test_a_token_is_shown_once_and_listed_without_its_secret(accounts, clock):
    made = accounts.new_token("zhang", "secret", name="大屏", days=90)
    until = NOW + 90 * DAY_US
    assert made == Token(made.id, "zhang", "大屏", READ, NOW, until, "pz_secret")
    assert made.id.startswith("t-")
    assert accounts.session_of("pz_secret") == Signed(ZHANG, made.id, READ)
    clock.now += 1
    other = accounts.new_token("li", "another", name="", days=1, scope=ALL)
    assert accounts.tokens() == [made._replace(secret=""), other._replace(secret="")]
    assert accounts.tokens("li") == [other._replace(secret="")]
    assert accounts.sessions() == []
    assert not is_in(accounts, "secret")


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_tokens_are_for_a_time(accounts, days):
    with pytest.raises(TokenDays) as refused:
        accounts.new_token("zhang", "secret", name="", days=days)
    assert "90" in refused.value.say("en")


def test_a_copy_of_the_file_opens_nothing(accounts, tmp_path):
    enter(accounts, "a-cookie-of-tests")
    accounts.new_token("zhang", "a-token-of-tests", name="", days=1)
    stored = (tmp_path / "accounts.sqlite").read_bytes()
    for secret in (b"a-cookie-of-tests", b"a-token-of-tests", RIGHT.encode()):
        assert secret not in stored


# --- old files ---------------------------------------------------------------------

OLD = """
CREATE TABLE account (account TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
    area TEXT NOT NULL, password TEXT NOT NULL, PRIMARY KEY (account));
CREATE TABLE session (id_hash TEXT NOT NULL, account TEXT NOT NULL,
    expires_us BIGINT NOT NULL, PRIMARY KEY (id_hash));
"""
COOKIE_HASH = "d7e83e28a04b537e64424546b14caf9b67bad2f28dabce68116e0d372319fa00"


def test_an_old_file_opens(tmp_path, open_accounts, hasher):
    hashed = hasher.hash(RIGHT)
    with sqlite3.connect(tmp_path / "accounts.sqlite") as c:
        c.executescript(OLD)
        c.executemany(
            "INSERT INTO account VALUES (?, ?, ?, ?, ?)",
            [
                ("zhang", "张三", "commander", "310117", hashed),
                ("li", "李四", "administrator", "", hashed),
            ],
        )
        c.execute(
            "INSERT INTO session VALUES (?, 'zhang', ?)",
            (COOKIE_HASH, NOW + SESSION_US - 1),
        )
    c.close()
    for _ in range(2):  # and once more, when it is no longer old
        accounts = open_accounts()
        assert accounts.all() == [Account("li", "李四"), ZHANG]
        assert accounts.legacy_roles() == [
            ("li", "administrator", ""),
            ("zhang", "commander", "310117"),
        ]
        assert accounts.disabled() == []
    who = accounts.session_of("cookie")
    assert who == Signed(ZHANG, f"s-{COOKIE_HASH[:12]}")
    assert accounts.sessions() == [
        Session(who.session, "zhang", NOW - 1, NOW + SESSION_US - 1, "", "")
    ]
    assert enter(accounts, OTHER) == ZHANG


UNSCOPED = """
CREATE TABLE account (account TEXT NOT NULL, name TEXT NOT NULL, demo BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL, password TEXT NOT NULL, PRIMARY KEY (account));
CREATE TABLE session (id_hash TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL,
    created_us BIGINT NOT NULL, expires_us BIGINT NOT NULL, peer TEXT NOT NULL,
    agent TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (id_hash), UNIQUE (id));
"""


def test_a_token_from_before_scopes_does_all(tmp_path, open_accounts):
    with sqlite3.connect(tmp_path / "accounts.sqlite") as c:
        c.executescript(UNSCOPED)
        c.execute("INSERT INTO account VALUES ('zhang', '张三', 0, 0, 'x')")
        for kind, secret in (("s-", "cookie"), ("t-", "pz_secret")):
            hashed = hashlib.sha256(secret.encode()).hexdigest()
            row = (hashed, kind + hashed[:12], NOW, NOW + DAY_US)
            c.execute(
                "INSERT INTO session VALUES (?, ?, 'zhang', ?, ?, '', '', '')", row
            )
    c.close()
    for _ in range(2):  # and once more, when it is no longer old
        accounts = open_accounts()
        assert accounts.session_of("cookie").scope == ""
        assert accounts.session_of("pz_secret").scope == ALL
    made = accounts.new_token("zhang", "new", name="", days=1)
    again = open_accounts()
    assert again.session_of(made.secret).scope == READ
    assert [token.scope for token in again.tokens()] == [ALL, READ]


def test_every_scope_has_its_word():
    assert get_args(Scope) == (*TOKEN_SCOPES,)
