"""Facts about notices (对外通知): the rules an administrator set. Kept for ever."""

from __future__ import annotations

from coordination.kernel import Event
from coordination.tree import Place


class _OfRules(Event, frozen=True, kw_only=True):
    STREAM = "notice-rules"  # one stream for all of them
    rule: str


class NoticeRuleSet(_OfRules, frozen=True, kw_only=True):
    """通知规则设定: which news goes where, when, and how much of it.

    ``kinds``: of ``vocabulary.NEWS``. ``areas`` empty: everywhere. ``opens`` to before
    ``closes``: the hours of the day (UTC+8) in which it is sent, alike: always.
    ``channels``: by their names in the file of channels, empty: every channel.
    At most ``most`` messages in any ``minutes`` minutes on one channel.
    """

    NAME = "notices.rule-set.1"
    ANEW = ("SetNoticeRule", "RemoveNoticeRule")
    title: str
    kinds: tuple[str, ...]
    areas: tuple[Place, ...]
    opens: str
    closes: str
    channels: tuple[str, ...]
    most: int
    minutes: int


class NoticeRuleRemoved(_OfRules, frozen=True, kw_only=True):
    """通知规则删除: nothing is sent by it any more."""

    NAME = "notices.rule-removed.1"
    ANEW = ("SetNoticeRule",)
