"""The board (态势): areas, sites, emergencies, and how far each site has converted."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    SiteRegistered,
)
from coordination.catalogue import Fact
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    PlaybookPublished,
    StepAcknowledged,
    StepCompleted,
)
from coordination.mode.state import (
    CONVERT,
    PEACETIME,
    RECOVER,
    mandatory,
    mode_of,
)
from coordination.playbook import Playbook, Step, from_canonical
from coordination.tree import covers, local_level, path_of
from projections.temporal import Temporal
from projections.view import Tables, View

ACKNOWLEDGED, DONE = "A", "D"


class Area(NamedTuple):
    """区域. ``path``: the code cut by its level."""

    code: str
    path: str
    name: str
    level: str
    parent: str
    occurred_us: int
    seq_from: int


class Ground(NamedTuple):
    """阵地登记: what rarely changes of a site; the texts are JSON."""

    site: str
    path: str
    area: str
    name: str
    kind: str
    planned: str
    spaces: str
    facilities: str
    occurred_us: int
    seq_from: int


class Progress(NamedTuple):
    """阵地状态: mode and checklist progress of a site.

    ``steps``: what happened to its steps, each ``A`` or ``D``, step id, seq and ``;``;
    steps nobody has touched are not in it. ``late_steps``: ids joined by commas.
    ``began_us``: what the deadlines count from; ``mandatory_left``: to its next mode.
    """

    site: str
    path: str
    mode: str
    function: str | None
    emergency: str | None
    level: int | None
    phase: str | None
    began_us: int | None
    steps: str
    total: int
    done: int
    acknowledged: int
    mandatory_left: int
    late: int
    late_steps: str
    occurred_us: int
    seq_from: int


class Order(NamedTuple):
    """突发事件: an emergency as it stands; the texts of scopes are JSON of places."""

    emergency: str
    hazard: str
    level: int
    scope: str
    excluded: str
    matter: str
    measures: str
    basis: str
    actor: str
    role: str
    declared_us: int
    expected_until_us: int
    ended_us: int | None
    end_basis: str
    playbook: str
    playbook_digest: str
    declared_seq: int
    occurred_us: int
    seq_from: int


class Passed(NamedTuple):
    """限期已过: ``seq_from`` is the fact that made steps late."""

    deadline: str
    occurred_us: int
    seq_from: int


class Plan(NamedTuple):
    """预案: a published version, by digest."""

    digest: str
    playbook: str
    version: str
    hazard: str
    zh: str
    en: str
    compiled: str
    occurred_us: int
    seq_from: int


AREA = Temporal("board_area", Area)
LOCAL = Temporal("board_local", Area)
"""Grids, compounds and buildings: many, and no roll-up reads them."""
GROUND = Temporal("board_ground", Ground)
PROGRESS = Temporal("board_progress", Progress)
ORDER = Temporal("board_order", Order)
PASSED = Temporal("board_passed", Passed)
PLAN = Temporal("board_plan", Plan)

_json = msgspec.json.Encoder().encode


def touches(progress: Progress) -> list[tuple[str, str, int]]:
    """Return what happened to a site's steps: (A or D, step id, seq), in order."""
    found = []
    for touch in progress.steps.split(";")[:-1]:
        what, step, seq = touch.split(" ")
        found.append((what, step, int(seq)))
    return found


def passed_key(emergency: str, phase: str, step: str) -> str:
    """Return the key of a deadline."""
    return f"{emergency} {phase} {step}"


def _when(fact: Fact) -> tuple[int, int]:
    """Return the two last fields of every row."""
    return fact.envelope.occurred_us, fact.seq


def _text(value: object) -> str:
    return _json(value).decode()


def on_area(t: Tables, fact: Fact) -> None:
    """An official area stands."""
    e: AreaRegistered = fact.event  # type: ignore[assignment]
    path = path_of(e.code, e.level)
    t[AREA].put(Area(e.code, path, e.name, e.level, e.parent, *_when(fact)))


def on_renamed(t: Tables, fact: Fact) -> None:
    """An area has another name."""
    e: AreaRenamed = fact.event  # type: ignore[assignment]
    old = t[AREA].current[e.code]
    when = _when(fact)
    t[AREA].put(old._replace(name=e.name, occurred_us=when[0], seq_from=when[1]))


def on_local(t: Tables, fact: Fact) -> None:
    """A community has grids, compounds and buildings."""
    e: LocalAreasRegistered = fact.event  # type: ignore[assignment]
    for node in e.nodes:
        level = local_level(node.code) or ""
        # A building's parent is its compound, a compound's its grid, if they have one.
        cut = {"building": "b", "compound": "c", "grid": "g"}[level]
        parent = node.code[: node.code.rindex(cut)]
        t[LOCAL].put(Area(node.code, node.code, node.name, level, parent, *_when(fact)))


def on_site(t: Tables, fact: Fact) -> None:
    """A site stands, in peacetime."""
    e: SiteRegistered = fact.event  # type: ignore[assignment]
    path = e.site.partition("-")[0]
    planned = _text({p.hazard: p.function for p in e.planned})
    texts = planned, _text(e.spaces), _text(e.facilities)
    t[GROUND].put(Ground(e.site, path, e.area, e.name, e.kind, *texts, *_when(fact)))
    if e.site not in t[PROGRESS].current:
        t[PROGRESS].put(peaceful(e.site, path, *_when(fact)))


def peaceful(site: str, path: str, occurred_us: int, seq: int) -> Progress:
    """Return a site in peacetime with nothing to do."""
    nothing = None, None, None, None, None, "", 0, 0, 0, 0, 0, ""
    return Progress(site, path, PEACETIME, *nothing, occurred_us, seq)


def on_playbook(t: Tables, fact: Fact) -> None:
    """A version of a playbook is published."""
    e: PlaybookPublished = fact.event  # type: ignore[assignment]
    p = from_canonical(e.compiled)
    t[PLAN].put(
        Plan(e.digest, e.playbook, e.version, p.hazard, p.zh, p.en, e.compiled,
             *_when(fact))
    )  # fmt: skip


def _playbook(t: Tables, digest: str) -> Playbook:
    """Return a published version, compiled once a batch run."""
    known = t.memo.get(digest)
    if known is None:
        known = t.memo[digest] = from_canonical(t[PLAN].current[digest].compiled)
    return known


def _planned(t: Tables, site: str) -> dict[str, str]:
    """Return a site's planned functions by hazard."""
    return msgspec.json.decode(t[GROUND].current[site].planned)  # type: ignore[no-any-return]


def on_declared(t: Tables, fact: Fact) -> None:
    """One order; every covered site with a planned function begins to convert."""
    e: EmergencyDeclared = fact.event  # type: ignore[assignment]
    who = fact.envelope
    t[ORDER].put(
        Order(
            e.emergency, e.hazard, e.level, _text(e.scope), _text(e.excluded),
            e.matter, e.measures, who.basis, who.actor, who.role, e.declared_us,
            e.expected_until_us, None, "", e.playbook, e.playbook_digest, fact.seq,
            *_when(fact),
        )
    )  # fmt: skip
    included = [p.path for p in e.scope]
    excluded = [p.path for p in e.excluded]
    playbook = _playbook(t, e.playbook_digest)
    when = _when(fact)
    for site in list(t[PROGRESS].current.values()):
        if not covers(included, excluded, site.path):
            continue
        function = _planned(t, site.site).get(e.hazard)
        conversion = playbook.conversion(function, e.level)
        if conversion is None:
            continue
        steps = conversion.steps(CONVERT, e.level)
        work = (
            CONVERT,
            e.declared_us,
            "",
            len(steps),
            0,
            0,
            len(mandatory(steps)),
            0,
            "",
        )
        mode = mode_of(CONVERT, finished=False)
        t[PROGRESS].put(
            Progress(site.site, site.path, mode, function, e.emergency, e.level,
                     *work, *when)
        )  # fmt: skip


def on_ended(t: Tables, fact: Fact) -> None:
    """The emergency is over; each site it switched begins to recover."""
    e: EmergencyEnded = fact.event  # type: ignore[assignment]
    when = _when(fact)
    order = t[ORDER].current[e.emergency]
    t[ORDER].put(
        order._replace(
            ended_us=e.ended_us,
            end_basis=fact.envelope.basis,
            occurred_us=when[0],
            seq_from=when[1],
        )
    )
    for site in list(t[PROGRESS].current.values()):
        if site.emergency != e.emergency:
            continue
        steps = _checklist(t, site, RECOVER)
        work = RECOVER, e.ended_us, "", len(steps), 0, 0, len(mandatory(steps)), 0, ""
        mode = mode_of(RECOVER, finished=False)
        t[PROGRESS].put(
            Progress(site.site, site.path, mode, site.function, site.emergency,
                     site.level, *work, *when)
        )  # fmt: skip


def _checklist(t: Tables, site: Progress, phase: str) -> tuple[Step, ...]:
    """Return the steps of a switched site's phase."""
    emergency = site.emergency or ""
    key = f"{emergency}/{site.function}/{phase}"
    known = t.memo.get(key)
    if known is None:
        order = t[ORDER].current[emergency]
        playbook = _playbook(t, order.playbook_digest)
        conversion = playbook.conversion(site.function, order.level)
        assert conversion is not None, "a switched site has a conversion"
        known = t.memo[key] = conversion.steps(phase, order.level)
    return known


def _mandatory(t: Tables, site: Progress, phase: str) -> frozenset[str]:
    """Return the steps that decide the end of a switched site's phase."""
    key = f"{site.emergency}/{site.function}/{phase}/mandatory"
    known = t.memo.get(key)
    if known is None:
        known = t.memo[key] = mandatory(_checklist(t, site, phase))
    return known


def on_acknowledged(t: Tables, fact: Fact) -> None:
    """A site has seen the order for a step."""
    e: StepAcknowledged = fact.event  # type: ignore[assignment]
    progress = t[PROGRESS]
    site = progress.current[e.site]
    # Built in place: with _replace this and the next took half of a rebuild's time.
    progress.put(
        Progress(
            site.site, site.path, site.mode, site.function, site.emergency,
            site.level, site.phase, site.began_us,
            f"{site.steps}{ACKNOWLEDGED} {e.step} {fact.seq};", site.total,
            site.done, site.acknowledged + 1, site.mandatory_left, site.late,
            site.late_steps, fact.envelope.occurred_us, fact.seq,
        )
    )  # fmt: skip


def on_completed(t: Tables, fact: Fact) -> None:
    """A step is done; with the last mandatory one the site changes its mode."""
    e: StepCompleted = fact.event  # type: ignore[assignment]
    progress = t[PROGRESS]
    site = progress.current[e.site]
    left = site.mandatory_left - (e.step in _mandatory(t, site, e.phase))
    late, late_steps = site.late, site.late_steps
    if late:
        still = [s for s in late_steps.split(",") if s != e.step]
        late, late_steps = len(still), ",".join(still)
    progress.put(
        Progress(
            site.site, site.path, mode_of(e.phase, finished=not left), site.function,
            site.emergency, site.level, site.phase, site.began_us,
            f"{site.steps}{DONE} {e.step} {fact.seq};", site.total, site.done + 1,
            site.acknowledged - (f"{ACKNOWLEDGED} {e.step} " in site.steps), left,
            late, late_steps, fact.envelope.occurred_us, fact.seq,
        )
    )  # fmt: skip


def on_deadline(t: Tables, fact: Fact) -> None:
    """A step's deadline has passed: every site that has not done it is late."""
    e: DeadlinePassed = fact.event  # type: ignore[assignment]
    when = _when(fact)
    t[PASSED].put(Passed(passed_key(e.emergency, e.phase, e.step), *when))
    for site in list(t[PROGRESS].current.values()):
        if site.emergency != e.emergency or site.phase != e.phase:
            continue
        if not any(step.id == e.step for step in _checklist(t, site, e.phase)):
            continue
        if f"{DONE} {e.step} " in site.steps:
            continue
        late = [s for s in site.late_steps.split(",") if s] + [e.step]
        t[PROGRESS].put(
            site._replace(
                late=len(late),
                late_steps=",".join(late),
                occurred_us=when[0],
                seq_from=when[1],
            )
        )


BOARD = View(
    name="board",
    version=3,
    tables=(AREA, LOCAL, GROUND, PROGRESS, ORDER, PASSED, PLAN),
    handlers={
        AreaRegistered: on_area,
        AreaRenamed: on_renamed,
        LocalAreasRegistered: on_local,
        SiteRegistered: on_site,
        PlaybookPublished: on_playbook,
        EmergencyDeclared: on_declared,
        EmergencyEnded: on_ended,
        StepAcknowledged: on_acknowledged,
        StepCompleted: on_completed,
        DeadlinePassed: on_deadline,
    },
)
