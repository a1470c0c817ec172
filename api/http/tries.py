"""Failed tries (失败次数) to sign in: so many are allowed, then one has to wait."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from threading import Lock

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from coordination.refusals import Refusal

ACCOUNT_TRIES = RateLimitItemPerMinute(10, 5)
"""Failed tries for one account from one network: 10 in 5 minutes.

Counted by network, or a stranger could keep its owner out; and in a session that is
open by that session, whatever others try.
"""
PEER_TRIES = RateLimitItemPerMinute(30, 5)
"""Failed tries from one network: 30 in 5 minutes; many people may share one."""
V6_PREFIX = 64
"""Whoever has one address of IPv6 has a network of so many bits."""
TooManyTries = Refusal.of(
    "auth.too-many-tries",
    "尝试次数过多",
    "too many failed tries",
    "请在 {retry_after} 秒后重试",
    "try again in {retry_after} seconds",
)
"""``retry_after``: whole seconds to wait, 1 or more."""


def network(peer: str) -> str:
    """Return the network of an address: of IPv6 the /64, of IPv4 the address."""
    try:
        found = ip_address(peer)
    except ValueError:
        return peer  # a socket, or a test's own
    if found.version == 4 or found.ipv4_mapped:  # noqa: PLR2004 - IPv4
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ip_network((found, V6_PREFIX), strict=False))


Keys = Sequence[tuple[str, str]]
"""By what a try is counted: kind of limit, and whose."""


def of_sign_in(account: str, peer: str) -> Keys:
    """Return by what a sign-in is counted."""
    where = network(peer)
    return ("account", f"{account} {where}"), ("peer", where)


def of_session(session: str) -> Keys:
    """Return by what proving oneself again in a session is counted."""
    return (("session", session),)


class Tries:
    """Failed tries (失败次数) by account, network and session, of this process.

    Tries under way count as failed until they are over: many at once get no further
    than one after another.
    """

    def __init__(self, per_account: RateLimitItem, per_peer: RateLimitItem) -> None:
        self._limits = {
            "account": per_account,
            "session": per_account,
            "peer": per_peer,
        }
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._under_way: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def begin(self, keys: Keys) -> None:
        """Count a try as under way.

        :raises TooManyTries: if no more are allowed now
        """
        with self._lock:
            wait_s = max(self._wait_s(*key) for key in keys)
            if wait_s:
                raise TooManyTries(retry_after=wait_s)
            self._under_way.update(keys)

    def end(self, keys: Keys, *, failed: bool) -> None:
        """Count a try as over; the right password clears its account, never the peer.

        Else whoever has one account could try all others without end.
        """
        with self._lock:
            for key in keys:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]
                if failed:
                    self._window.hit(self._limits[key[0]], *key)
            for key in keys:
                if not failed and key[0] != "peer":
                    self._window.clear(self._limits[key[0]], *key)
            # The library forgets lapsed tries but keeps every name ever tried.
            for name, tries in list(self._storage.events.items()):
                if not tries:
                    self._storage.clear(name)

    def _wait_s(self, kind: str, who: str) -> int:
        """Return the whole seconds until a try is allowed, 0 if one is."""
        limit = self._limits[kind]
        reset_s, left = self._window.get_window_stats(limit, kind, who)
        if left > self._under_way[kind, who]:
            return 0
        if left:  # what is under way is over in a moment
            return 1
        # An empty window starts now, by the library's clock.
        now_s = self._window.get_window_stats(limit).reset_time - limit.get_expiry()
        return max(1, math.ceil(reset_s - now_s))
