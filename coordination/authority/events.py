"""Facts about who signs (签发权限) and who is absent. Vocabulary kept for ever."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from coordination.fields import Id, Level, named
from coordination.kernel import Event
from coordination.tree import Place

Roles = Annotated[tuple[Id, ...], Meta(max_length=10)]


class LevelAuthority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs a level (级别签发权): any of ``roles``.

    ``chain`` 代理顺序: who signs, in this order, when every one of ``roles`` is absent.
    """

    level: Level
    roles: Annotated[Roles, named("签发角色", "Signed by")]
    chain: Annotated[Roles, named("代理顺序", "When all are absent")] = ()


class AuthoritySet(Event, frozen=True, kw_only=True):
    """签发权限设定: for all four levels, as a whole."""

    STREAM = "authority"  # one stream for all of it
    NAME = "authority.authority-set.1"
    ANEW = ("SetAuthority",)
    levels: tuple[LevelAuthority, ...]


class AbsenceRecorded(Event, frozen=True, kw_only=True):
    """缺位记录: an office cannot be reached (总指挥不在岗); the next in line signs.

    ``from_us`` to before ``until_us``: microseconds since 1970.
    """

    STREAM = "authority"  # one stream for all of it
    NAME = "authority.absence-recorded.1"
    ANEW = ("EndAbsence",)
    absence: str
    role: str
    area: Place
    from_us: int
    until_us: int


class AbsenceEnded(Event, frozen=True, kw_only=True):
    """缺位结束: the office is back before the time given."""

    STREAM = "authority"  # one stream for all of it
    NAME = "authority.absence-ended.1"
    ANEW = ("RecordAbsence",)
    absence: str
    ended_us: int
