"""Facts about who holds which role where and when (授权). Vocabulary kept for ever."""

from __future__ import annotations

from coordination.corrects import Correcting
from coordination.kernel import Event
from coordination.tree import Place


class RoleGranted(Event, frozen=True, kw_only=True):
    """授权: an account holds a role for an area, for a time.

    ``area`` None: everywhere. ``from_us`` to before ``until_us``: microseconds since
    1970; ``until_us`` 0: until revoked. ``delegator`` 委托人: who lent it, from their
    own grant ``delegated_from``; it ends with that one.
    """

    STREAM = "grants/{0.account}"  # one stream for each account
    NAME = "grants.role-granted.1"
    ANEW = ("RevokeRole",)
    grant: str
    account: str
    role: str
    area: Place | None
    from_us: int
    until_us: int
    delegator: str = ""
    delegated_from: str = ""


class RoleRevoked(Event, frozen=True, kw_only=True):
    """撤销授权: from now on the role is not held by this grant."""

    STREAM = "grants/{0.account}"  # one stream for each account
    NAME = "grants.role-revoked.1"
    ANEW = ("GrantRoles",)
    grant: str
    account: str


class PersonBound(Event, frozen=True, kw_only=True):
    """人员绑定: whoever signs in with the account is this person."""

    STREAM = "grants/{0.account}"  # one stream for each account
    NAME = "grants.person-bound.1"
    account: str
    person: str


class PersonUnbound(Correcting, frozen=True, kw_only=True):
    """人员绑定更正: the account was bound to the wrong person; it is nobody's again."""

    STREAM = "grants/{0.account}"  # one stream for each account
    NAME = "grants.person-unbound.1"
    account: str
    person: str


class AccountActed(Event, frozen=True, kw_only=True):
    """账号事项: something was done about an account, at ``at_us`` (since 1970).

    ``act``: ``opened``, ``password`` (by somebody else), ``own-password``,
    ``disabled``, ``enabled``, ``sessions-ended``, ``token-made``, ``token-revoked``.
    ``about``: the session or token, if of one.
    """

    STREAM = "accounts/{0.account}"  # nothing of it is asked when roles are
    NAME = "grants.account-acted.1"
    ANEW = ("RecordAccountAct",)
    account: str
    act: str
    about: str
    at_us: int


class SensitiveViewRead(Event, frozen=True, kw_only=True):
    """查阅记录: somebody read what only some may read. ``what``: the view's name."""

    STREAM = "reads/{0.account}"  # one stream for each reader
    NAME = "grants.sensitive-view-read.1"
    account: str
    what: str
    place: str = ""
