"""Facts about mode (平战状态): playbooks, emergencies, steps, deadlines."""

from __future__ import annotations

import msgspec

from coordination.corrects import Correcting
from coordination.kernel import INDEX, Event
from coordination.tree import Place

RULES = 2
"""By which rules an order switches sites (转换规则), stored with it.

1: a recovering site stood in nobody's way, and a widening took up who had been passed
over. 2: a site is occupied until its recovery's mandatory steps are done, and who is
passed over waits for an order of its own.
"""


class PlaybookPublished(Event, frozen=True, kw_only=True):
    """预案发布: the full text and its compiled form, so that a replay needs no file.

    ``digest``: SHA-256 of ``compiled`` (canonical JSON), hex; decisions cite it.
    """

    STREAM = "playbook/{0.playbook}"  # one stream for each playbook
    NAME = "mode.playbook-published.1"
    ANEW = ("PublishPlaybook",)
    playbook: str
    version: str
    text: str
    compiled: str
    digest: str


class EmergencyDeclared(Event, frozen=True, kw_only=True):
    """宣布应急响应并下达转换令: one fact, however many sites it switches.

    ``declared_us`` and ``expected_until_us``: microseconds since 1970 UTC; deadlines of
    steps count from ``declared_us``. ``level`` 响应级别: 1 (Ⅰ, gravest) to 4 (Ⅳ).
    ``severity`` 事件等级 and ``warning`` 预警颜色 are scales of their own (ids of the
    vocabulary, empty: not stated). ``rules``: see ``RULES``.
    """

    STREAM = INDEX  # in the index of emergencies
    NAME = "mode.emergency-declared.3"
    ANEW = ("VoidEmergency",)
    emergency: str
    hazard: str
    level: int
    severity: str = ""
    warning: str = ""
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...]
    matter: str
    measures: str
    declared_us: int
    expected_until_us: int
    playbook: str
    playbook_digest: str
    rules: int = 1


class _Changed(Event, frozen=True, kw_only=True):
    """Some emergency changed at ``changed_us``; new steps' deadlines count from it."""

    STREAM = INDEX  # in the index of emergencies
    emergency: str
    changed_us: int


class _LevelChanged(_Changed, frozen=True, kw_only=True):
    level_before: int
    level: int


class LevelRaised(_LevelChanged, frozen=True, kw_only=True):
    """提级: only what the graver level adds (增量措施) is ordered by it."""

    NAME = "mode.level-raised.2"
    ANEW = ("ChangeLevel",)
    rules: int = 1


class LevelLowered(_LevelChanged, frozen=True, kw_only=True):
    """降级: what only the graver level asked for is no longer asked for."""

    NAME = "mode.level-lowered.1"
    ANEW = ("ChangeLevel",)


class ScopeWidened(_Changed, frozen=True, kw_only=True):
    """扩大范围. ``scope`` and ``excluded``: the whole scope from now on."""

    NAME = "mode.scope-widened.2"
    ANEW = ("NarrowScope",)
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...]
    rules: int = 1


class ScopeNarrowed(_Changed, frozen=True, kw_only=True):
    """缩小范围: sites left out that have done something begin to recover."""

    NAME = "mode.scope-narrowed.1"
    ANEW = ("WidenScope",)
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...]


class SitesTakenUp(_Changed, frozen=True, kw_only=True):
    """补下转换令: sites that had been passed over begin to convert after all.

    ``sites``: nothing that excludes what they are planned for occupies them any more.
    """

    NAME = "mode.sites-taken-up.1"
    ANEW = ("NarrowScope",)
    sites: tuple[str, ...]


class PassedOver(msgspec.Struct, frozen=True):
    """A site and the round in which it was passed over (冲突跳过)."""

    site: str
    round: int


class SitesFreed(Event, frozen=True, kw_only=True):
    """占用解除: what these sites were passed over for is over; somebody must decide.

    ``noticed_us``: when the service noticed. It switches nothing by itself.
    """

    STREAM = INDEX  # in the index of emergencies
    NAME = "mode.sites-freed.1"
    emergency: str
    freed: tuple[PassedOver, ...]
    noticed_us: int


class Regraded(_Changed, frozen=True, kw_only=True):
    """事件等级或预警颜色变更: the two scales beside the level, as they are now."""

    NAME = "mode.regraded.1"
    ANEW = ("Regrade",)
    severity: str
    warning: str


class ExpectationExtended(_Changed, frozen=True, kw_only=True):
    """延长预计期限. ``expected_until_us``: the new end, microseconds since 1970."""

    NAME = "mode.expectation-extended.1"
    ANEW = ("ExtendExpectation",)
    expected_until_us: int


class ExpectationPassed(Event, frozen=True, kw_only=True):
    """预计期限届满: somebody must decide to extend, lower or end (须作出决定)."""

    STREAM = INDEX  # in the index of emergencies
    NAME = "mode.expectation-passed.1"
    emergency: str
    due_us: int
    noticed_us: int


class EmergencyEnded(Event, frozen=True, kw_only=True):
    """应急响应解除: the explicit termination.

    Sites that have done something begin to recover, all others have peace at once.
    """

    STREAM = INDEX  # in the index of emergencies
    NAME = "mode.emergency-ended.1"
    ANEW = ("DeclareEmergency",)
    emergency: str
    ended_us: int


class EmergencyVoided(Correcting, frozen=True, kw_only=True):
    """宣布作废: the declaration it corrects was made in error (误发).

    Both stay. What it does to sites is what an end does.
    """

    STREAM = INDEX  # in the index of emergencies
    NAME = "mode.emergency-voided.1"
    ANEW = ("DeclareEmergency",)
    emergency: str
    voided_us: int


class _OfStep(Event, frozen=True, kw_only=True):
    """A fact about a site's step. ``phase``: convert or recover.

    ``round`` 轮次: number of the order, among its emergency's, that switched this site.
    """

    STREAM = "site/{0.site}"  # in the stream of its site
    site: str
    emergency: str
    phase: str
    step: str
    round: int = 1


class StepAcknowledged(_OfStep, frozen=True, kw_only=True):
    """步骤签收: the site has seen the order. ``phase``: convert or recover."""

    NAME = "mode.step-acknowledged.2"


class OutOfService(msgspec.Struct, frozen=True):
    """A conversion that was over when a step of it was entered (补录).

    ``at_us``, ``level``: when the site was taken out of service, and at which level.
    ``recovers``: from this step on it has something to recover from.
    """

    function: str
    level: int
    at_us: int
    recovers: bool


class StepCompleted(_OfStep, frozen=True, kw_only=True):
    """步骤完成. ``phase``: convert or recover; ``round``: as in StepAcknowledged.

    ``index_seen``: version of the index of emergencies when it was recorded; later
    orders find it done. ``out``: of a conversion that was over by then.
    """

    NAME = "mode.step-completed.3"
    index_seen: int = 0
    out: OutOfService | None = None


class StepTakenBack(Correcting, frozen=True, kw_only=True):
    """步骤更正: it was not done there after all (``done``), or nobody had seen it."""

    STREAM = "site/{0.site}"  # the site's own stream
    NAME = "mode.step-taken-back.1"
    ANEW = ("CompleteStep", "AcknowledgeStep")
    site: str
    emergency: str
    phase: str
    step: str
    round: int
    done: bool


class DeadlinePassed(Event, frozen=True, kw_only=True):
    """限期已过: once for a step of an emergency; views tell which sites were late.

    ``due_us``: when it was due; ``noticed_us``: when the service noticed, later if it
    was down.
    """

    STREAM = INDEX  # in the index of emergencies
    NAME = "mode.deadline-passed.1"
    emergency: str
    phase: str
    step: str
    due_us: int
    noticed_us: int
