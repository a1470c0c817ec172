"""Rules of grants (授权): who may give, lend and take away which role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from coordination.areas.state import check_places
from coordination.fields import (
    MOMENT,
    WHEN,
    AccountId,
    Id,
    Moment,
    named,
    pattern,
)
from coordination.filled import filled
from coordination.grants.events import RoleGranted, RoleRevoked, SensitiveViewRead
from coordination.grants.state import Grant, grants_stream, held_by
from coordination.kernel import Command, Event, Read
from coordination.permit import GRANTED, OWN
from coordination.refusals import Forbidden, Invalid, NotFound, Refusal
from coordination.tree import Place

DELEGATION_US_MAX = 30 * 86_400_000_000
GrantId = Annotated[str, pattern(r"[a-z0-9:-]{3,64}"), named("授权", "Grant")]


class GrantRow(Command, frozen=True, kw_only=True):
    """授权: give a role to an account, for an area and a time.

    ``until_us`` 0: until revoked. Of several, basis and reason are the whole command's.
    """

    ACTION = "grant.add"
    NEEDS = ("basis",)
    grant: GrantId
    account: AccountId
    role: Annotated[Id, named("角色", "Role")]
    area: Annotated[
        Place | None, named("区域", "Area", "area code, else everywhere", spoken="area")
    ] = None
    from_us: Annotated[Moment, named("自", "From", WHEN, as_="from")] = 0
    until_us: Annotated[Moment, named("至", "Until", WHEN, as_="until")] = 0


class GrantRoles(Command, frozen=True, kw_only=True):
    """授权: give roles; all of the rows or none."""

    STREAM = "grants/{0.rows[0].account}"  # grants of one account wait for one another
    ACTION = "grant.add"
    NEEDS = ("basis", "seen")
    HEAVY = True
    GRAVE = True
    rows: tuple[GrantRow, ...]

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """The areas the roles are for; none if one is for everywhere."""
        if any(row.area is None for row in self.rows):
            return ()
        return tuple(row.area.path for row in self.rows if row.area)


UnknownRole = Invalid.of(
    "grants.unknown-role",
    "没有角色 {role}",
    "there is no role {role}",
    "请从角色中选择",
    "choose one of the roles",
    field="role",
)
BadTerm = Invalid.of(
    "grants.bad-term",
    "授权期限有误：须在将来结束、晚于开始，委托不超过 30 天",
    "the term must end in the future, after its start; a delegation within 30 days",
    "请改正起止时间",
    "correct the times",
    field="until",
)
GrantExists = Refusal.of(
    "grants.exists",
    "{account} 已有此授权",
    "{account} holds this role there already",
    "无需再办；期限不同的，请先撤销原授权",
    "nothing is left to do; for another term revoke that one first",
    field="account",
)
OwnAccount = Invalid.of(
    "grants.own-account",
    "{account} 是系统账号，不能授权",
    "{account} is the service's own account and holds no grants",
    "请选择人员的账号",
    "choose an account of a person",
    field="account",
)
SelfGranted = Forbidden.of(
    "grants.self",
    "不能给自己授权",
    "nobody gives a role to themselves",
    "请由另一位管理员授权",
    "let another administrator do it",
    field="account",
    RECORDED=True,
)


def grant_roles(read: Read, command: GrantRoles, now: int) -> Sequence[Event]:
    """Give roles to accounts.

    :raises UnknownRole: if one of them is none
    :raises OwnAccount: for an account of the service itself
    :raises SelfGranted: for one's own account
    :raises BadTerm: if a term is over before it begins
    :raises UnknownArea: if an area is not registered
    :raises GrantExists: if the account holds the role there already, or the id is used
    """
    facts = [_granted(read, row, now) for row in command.rows]
    ids = Counter((fact.account, fact.grant) for fact in facts)
    for (account, _), often in ids.items():
        if often > 1:
            raise GrantExists(account=account)
    return facts


def _granted(read: Read, row: GrantRow, now: int) -> RoleGranted:
    if row.role not in GRANTED:
        raise UnknownRole(role=row.role)
    if row.account in OWN:
        raise OwnAccount(account=row.account)
    if row.account == read.by.actor.account:
        raise SelfGranted
    from_us = row.from_us or now
    if row.until_us and row.until_us <= max(from_us, now):
        raise BadTerm
    if row.area is not None:
        check_places(read, row.area)
    fact = filled(RoleGranted, row, from_us=from_us)
    if row.grant in read(grants_stream(row.account)).all:
        raise GrantExists(account=row.account)
    for held in held_by(read, row.account, now):
        given = held.given
        same = given.role == fact.role and given.area == fact.area
        if same and given.until_us == fact.until_us and not given.delegator:
            raise GrantExists(account=row.account)
    return fact


class DelegateRole(Command, frozen=True, kw_only=True):
    """委托: lend one's own role, for a part of its area and for a time."""

    AT = "{0.area.path}"  # the area the role is lent for
    STREAM = "grants/{0.account}"  # the borrower's grants
    ACTION = "grant.delegate"
    GRAVE = True
    NEEDS = ("reason",)
    grant: GrantId
    account: AccountId
    lent: Annotated[
        GrantId,
        named("授权", "Grant", "the grant of one's own that is lent", as_="grant"),
    ]
    area: Annotated[Place, named("区域", "Area", "area code")]
    until_us: Annotated[int, named("至", "Until", WHEN, as_="until", wire=MOMENT)]


NotYours = Forbidden.of(
    "grants.not-yours",
    "授权 {grant} 不是您本人的，或本身是受托的，不能委托",
    "grant {grant} is not yours, or is lent to you; it cannot be lent on",
    "请选择本人的授权",
    "choose a grant of your own",
    field="lent",
    RECORDED=True,
)


def delegate_role(read: Read, command: DelegateRole, now: int) -> Sequence[Event]:
    """Lend a role to another account.

    :raises NotYours: if the grant is not held by the actor, is lent, or covers less
    :raises OwnAccount: to an account of the service itself
    :raises SelfGranted: to oneself
    :raises BadTerm: if it ends in the past, after the grant itself, or too late
    :raises UnknownArea: if the area is not registered
    :raises GrantExists: if the id is that of another grant of the borrower's
    """
    lender = read.by.actor.account
    if command.account in OWN:
        raise OwnAccount(account=command.account)
    if command.account == lender:
        raise SelfGranted
    mine = {g.given.grant: g for g in held_by(read, lender, now)}.get(command.lent)
    if mine is None or mine.given.delegator:
        raise NotYours(grant=command.lent)
    if not command.area.path.startswith(mine.area):
        raise NotYours(grant=command.lent)
    if not now < command.until_us <= now + DELEGATION_US_MAX:
        raise BadTerm
    if mine.given.until_us and command.until_us > mine.given.until_us:
        raise BadTerm
    check_places(read, command.area)
    if command.grant in read(grants_stream(command.account)).all:
        raise GrantExists(account=command.account)
    return [
        filled(
            RoleGranted,
            command,
            role=mine.given.role,
            from_us=now,
            delegator=lender,
            delegated_from=command.lent,
        )
    ]


class RevokeRole(Command, frozen=True, kw_only=True):
    """撤销授权: take a role away at once.

    An administrator any inside their area, a lender what they lent.
    """

    STREAM = "grants/{0.account}"  # the account's grants
    ACTION = "grant.revoke"
    NEEDS = ("seen",)
    GRAVE = True
    account: Annotated[AccountId, named("账号", "Account", "whose grant it is")]
    grant: GrantId

    def places(self, read: Read, /) -> tuple[str, ...]:
        """The area of the grant.

        :raises UnknownGrant: if the account has no such grant
        """
        area = _given(read, self).area
        return (area,) if area else ()


UnknownGrant = NotFound.of(
    "grants.unknown",
    "授权 {grant} 不存在或已撤销",
    "there is no grant {grant}, or it is revoked",
    "请在授权清单中核对，已撤销的无需再办",
    "look among the grants; what is revoked needs nothing more",
    field="grant",
)
NotYoursToRevoke = Forbidden.of(
    "grants.not-yours-to-revoke",
    "只有系统管理员或委托人可以撤销此授权",
    "only an administrator or the lender revokes this grant",
    "请由他们办理",
    "let one of them do it",
    RECORDED=True,
    OF_ROLE=True,
)


def _given(read: Read, command: RevokeRole) -> Grant:
    return UnknownGrant.unless(
        read(grants_stream(command.account)).all.get(command.grant), grant=command.grant
    )


def revoke_role(read: Read, command: RevokeRole, _now: int) -> Sequence[Event]:
    """Take a role away at once.

    :raises UnknownGrant: if there is none, or it is revoked
    :raises NotYoursToRevoke: unless an administrator or the lender asks
    """
    found = _given(read, command)
    if found.revoked:
        raise UnknownGrant(grant=command.grant)
    actor = read.by.actor
    if actor.role != "administrator" and found.given.delegator != actor.account:
        raise NotYoursToRevoke
    return [RoleRevoked(grant=command.grant, account=command.account)]


class RecordRead(Command, frozen=True, kw_only=True):
    """登记查阅: who read which sensitive view, before it is shown."""

    STREAM = "reads/{0.account}"  # the reader's own stream
    ACTION = "read.record"
    account: str
    what: str
    place: str = ""


def record_read(_read: Read, command: RecordRead, _now: int) -> Sequence[Event]:
    """Record a read."""
    return [filled(SensitiveViewRead, command)]
