"""Facts about mode (平战状态): playbooks, emergencies, steps, deadlines."""

from __future__ import annotations

from coordination.kernel import INDEX, Event
from coordination.tree import Place


class PlaybookPublished(Event, frozen=True, kw_only=True):
    """预案发布: the full text and its compiled form, so that a replay needs no file.

    ``digest``: SHA-256 of ``compiled`` (canonical JSON), hex; decisions cite it.
    """

    NAME = "mode.playbook-published.1"
    playbook: str
    version: str
    text: str
    compiled: str
    digest: str

    @property
    def stream(self) -> str:
        """One stream for each playbook."""
        return f"playbook/{self.playbook}"


class EmergencyDeclared(Event, frozen=True, kw_only=True):
    """宣布应急响应并下达转换令: one fact, however many sites it switches.

    ``declared_us`` and ``expected_until_us``: microseconds since 1970 UTC; deadlines of
    steps count from ``declared_us``. ``level``: 1 (Ⅰ, gravest) to 4 (Ⅳ).
    """

    NAME = "mode.emergency-declared.1"
    emergency: str
    hazard: str
    level: int
    scope: tuple[Place, ...]
    excluded: tuple[Place, ...]
    matter: str
    measures: str
    declared_us: int
    expected_until_us: int
    playbook: str
    playbook_digest: str

    @property
    def stream(self) -> str:
        """In the index of emergencies."""
        return INDEX


class EmergencyEnded(Event, frozen=True, kw_only=True):
    """应急响应解除: the explicit termination; its sites begin to recover."""

    NAME = "mode.emergency-ended.1"
    emergency: str
    ended_us: int

    @property
    def stream(self) -> str:
        """In the index of emergencies."""
        return INDEX


class StepAcknowledged(Event, frozen=True, kw_only=True):
    """步骤签收: the site has seen the order. ``phase``: convert or recover."""

    NAME = "mode.step-acknowledged.1"
    site: str
    emergency: str
    phase: str
    step: str

    @property
    def stream(self) -> str:
        """In the stream of its site."""
        return f"site/{self.site}"


class StepCompleted(Event, frozen=True, kw_only=True):
    """步骤完成. ``phase``: convert or recover."""

    NAME = "mode.step-completed.1"
    site: str
    emergency: str
    phase: str
    step: str

    @property
    def stream(self) -> str:
        """In the stream of its site."""
        return f"site/{self.site}"


class DeadlinePassed(Event, frozen=True, kw_only=True):
    """限期已过: once for a step of an emergency; views tell which sites were late.

    ``due_us``: when it was due; ``noticed_us``: when the service noticed, later if it
    was down.
    """

    NAME = "mode.deadline-passed.1"
    emergency: str
    phase: str
    step: str
    due_us: int
    noticed_us: int

    @property
    def stream(self) -> str:
        """In the index of emergencies."""
        return INDEX
