"""Facts about people (人员): codes only. Names and numbers stand in the vault."""

from __future__ import annotations

import msgspec

from coordination.corrects import Correcting
from coordination.kernel import Event
from coordination.tree import Place


class Training(msgspec.Struct, frozen=True):
    """A training (培训) somebody has; ``until_us``: valid before this, 0: for ever."""

    name: str
    until_us: int = 0


class UnitRegistered(Event, frozen=True, kw_only=True):
    """单位登记. ``headcount``: members on its own list, 0: not stated."""

    STREAM = "unit/{0.unit}"  # one stream for each unit
    NAME = "people.unit-registered.1"
    ANEW = ("RegisterPeople",)
    unit: str
    name: str
    headcount: int


class OfPerson(Event, frozen=True, kw_only=True):
    """A fact in somebody's own stream; ``person``: an opaque id (匿名编号)."""

    STREAM = "person/{0.person}"  # one stream for each person
    person: str


class PersonRegistered(OfPerson, frozen=True, kw_only=True):
    """人员登记, or what is known of them as it is now: a later one replaces it.

    ``residence`` 居住地: a community or a local code in it. ``sealed``: keyed digest of
    what the vault holds of them (hex), so that a change shows and nothing can be
    guessed. ``provisional`` 临时: a walk-up who is on no roster yet.
    """

    NAME = "people.person-registered.1"
    ANEW = ("RegisterPeople",)
    unit: str
    residence: str
    skills: tuple[str, ...]
    trainings: tuple[Training, ...]
    sealed: str
    provisional: bool = False


class AccountBound(OfPerson, frozen=True, kw_only=True):
    """账号绑定: whoever signs in with this account is this person."""

    NAME = "people.account-bound.1"
    account: str


class PersonUnavailable(OfPerson, frozen=True, kw_only=True):
    """不可用. ``cause``: of ``CAUSES``; ``until_us``: expected, 0: not known."""

    NAME = "people.person-unavailable.1"
    ANEW = ("MarkAvailable",)
    cause: str
    until_us: int = 0


class PersonAvailable(OfPerson, frozen=True, kw_only=True):
    """恢复可用: no post is retaken by this alone (不自动归位)."""

    NAME = "people.person-available.1"
    ANEW = ("MarkUnavailable",)


class AbsencePassed(OfPerson, frozen=True, kw_only=True):
    """缺勤到期: the time they were expected back has passed; somebody asks them.

    ``community``: where they live; ``due_us``: until when they were said to be away.
    """

    NAME = "people.absence-passed.1"
    community: str
    due_us: int
    noticed_us: int


class PersonMerged(OfPerson, frozen=True, kw_only=True):
    """临时人员并入: the walk-up is ``into``; nothing more happens to this id."""

    NAME = "people.person-merged.1"
    into: str


class MergeTakenBack(Correcting, frozen=True, kw_only=True):
    """并入更正: the walk-up was not ``into`` after all, but themselves."""

    STREAM = "person/{0.person}"  # the walk-up's stream
    NAME = "people.merge-taken-back.1"
    ANEW = ("MergePerson",)
    person: str
    into: str


class AccountReleased(Correcting, frozen=True, kw_only=True):
    """账号绑定更正: whoever signs in with this account is somebody else."""

    STREAM = "person/{0.person}"  # the stream of whom it was bound to
    NAME = "people.account-released.1"
    ANEW = ("BindAccount",)
    person: str
    account: str


class PersonForgotten(OfPerson, frozen=True, kw_only=True):
    """注销个人信息: key and entry in the vault are gone; the id alone remains."""

    NAME = "people.person-forgotten.1"


class DutyBegun(OfPerson, frozen=True, kw_only=True):
    """履职开始: they act on a post from now on, with the powers of ``role``.

    ``area``: where the role holds; ``withheld``: actions it does not give (保留权限);
    ``rank``: of the post, 1 gravest.
    """

    NAME = "people.duty-begun.1"
    post: str
    rank: int
    role: str
    area: Place
    withheld: tuple[str, ...] = ()


class DutyEnded(OfPerson, frozen=True, kw_only=True):
    """履职结束: they do not act on the post any more."""

    NAME = "people.duty-ended.1"
    post: str


class ResponsibilityBegun(OfPerson, frozen=True, kw_only=True):
    """责任开始: a package is theirs. ``package``: ``<kind>/<target>``."""

    NAME = "people.responsibility-begun.1"
    package: str


class ResponsibilityEnded(OfPerson, frozen=True, kw_only=True):
    """责任结束: the package is somebody else's."""

    NAME = "people.responsibility-ended.1"
    package: str
