"""The board (态势): areas, sites, emergencies, and how far each site has converted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from coordination.areas.events import (
    AreaRegistered,
    AreaRenamed,
    LocalAreasRegistered,
    SiteRegistered,
)
from coordination.catalogue import Fact
from coordination.mode import state as mode
from coordination.mode.duties import Duty, after, steps_of
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    ExpectationExtended,
    ExpectationPassed,
    LevelLowered,
    LevelRaised,
    PlaybookPublished,
    Regraded,
    ScopeNarrowed,
    ScopeWidened,
    StepAcknowledged,
    StepCompleted,
)
from coordination.mode.state import PEACETIME, RECOVER, mandatory, mode_of, order_of
from coordination.playbook import Playbook, Step, from_canonical
from coordination.tree import Place, local_level, path_of
from projections.progress import (
    ACKNOWLEDGED,
    DONE,
    PROGRESS,
    Progress,
    duty_of,
    free,
    row_of,
)
from projections.temporal import Temporal
from projections.view import Tables, View


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


class Order(NamedTuple):
    """突发事件: an emergency as it stands; the texts of scopes are JSON of places.

    ``expectation_passed_us``: the expected end that was recorded as passed, 0: none.
    """

    emergency: str
    hazard: str
    level: int
    severity: str
    warning: str
    scope: str
    excluded: str
    matter: str
    measures: str
    basis: str
    actor: str
    role: str
    declared_us: int
    changed_us: int
    expected_until_us: int
    expectation_passed_us: int
    ended_us: int | None
    end_basis: str
    playbook: str
    playbook_digest: str
    orders: int
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
ORDER = Temporal("board_order", Order)
PASSED = Temporal("board_passed", Passed)
PLAN = Temporal("board_plan", Plan)

_json = msgspec.json.Encoder().encode


def passed_key(emergency: str, phase: str, step: str, due_us: int) -> str:
    """Return the key of a deadline."""
    return f"{emergency} {phase} {step} {due_us}"


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
    if e.site not in _slots(t):
        t[PROGRESS].put(free(e.site, e.site, path, *_when(fact)))
        _slots(t)[e.site] = [e.site]


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


def _slots(t: Tables) -> dict[str, list[str]]:
    """Return each site's slots, in the order they were made."""
    known: dict[str, list[str]] | None = t.memo.get("slots")
    if known is None:
        known = t.memo["slots"] = {}
        rows = t[PROGRESS].current.values()
        for row in sorted(rows, key=lambda r: (len(r.slot), r.slot)):
            known.setdefault(row.site, []).append(row.slot)
    return known


def _steps(t: Tables, duty: Duty) -> tuple[Step, ...]:
    """Return the checklist in force of a duty, looked up once a batch run."""
    key = "steps", duty.emergency, duty.function, duty.phase, duty.level
    known: tuple[Step, ...] | None = t.memo.get(key)
    if known is None:
        digest = t[ORDER].current[duty.emergency].playbook_digest
        known = t.memo[key] = steps_of(_playbook(t, digest), duty)
    return known


def on_declared(t: Tables, fact: Fact) -> None:
    """One order; every covered site with a planned function begins to convert."""
    e: EmergencyDeclared = fact.event  # type: ignore[assignment]
    who = fact.envelope
    t[ORDER].put(
        Order(
            e.emergency, e.hazard, e.level, e.severity, e.warning, _text(e.scope),
            _text(e.excluded), e.matter, e.measures, who.basis, who.actor, who.role,
            e.declared_us, e.declared_us, e.expected_until_us, 0, None, "", e.playbook,
            e.playbook_digest, 1, fact.seq, *_when(fact),
        )
    )  # fmt: skip
    order = order_of(e, None, 0)
    assert order is not None, "a declaration is an order"
    _fan_out(t, fact, order)


def on_change(t: Tables, fact: Fact) -> None:
    """An emergency changes; so does what it has every site do."""
    e: Any = fact.event
    old = t[ORDER].current[e.emergency]
    order = order_of(e, as_order(old), 0)
    assert order is not None, "every change is an order"
    when = _when(fact)
    ended, lowered = isinstance(e, EmergencyEnded), isinstance(e, LevelLowered)
    t[ORDER].put(
        old._replace(
            level=order.level,
            scope=_text(order.scope),
            excluded=_text(order.excluded),
            changed_us=order.at_us,
            # Lowered: somebody has decided what the end of its time asked for.
            expectation_passed_us=0 if lowered else old.expectation_passed_us,
            ended_us=order.at_us if ended else None,
            end_basis=fact.envelope.basis if ended else "",
            orders=order.number,
            occurred_us=when[0],
            seq_from=when[1],
        )
    )
    _fan_out(t, fact, order)


def as_order(row: Order) -> mode.Order:
    """Return the order in force that a row shows."""
    return mode.Order(
        kind="",
        emergency=row.emergency,
        hazard=row.hazard,
        version=0,
        number=row.orders,
        at_us=row.changed_us,
        level=row.level,
        level_before=row.level,
        scope=msgspec.json.decode(row.scope, type=tuple[Place, ...]),
        excluded=msgspec.json.decode(row.excluded, type=tuple[Place, ...]),
    )


def _fan_out(t: Tables, fact: Fact, order: mode.Order) -> None:
    """Bring every site that an order concerns to its duties after it."""
    orders, progress = t[ORDER].current, t[PROGRESS].current

    def playbook(emergency: str) -> Playbook:
        return _playbook(t, orders[emergency].playbook_digest)

    for site, slots in _slots(t).items():
        rows = [progress[slot] for slot in slots]
        path = rows[0].path
        mine = any(row.emergency == order.emergency for row in rows)
        if not mine and not order.covers(path):
            continue
        duties = {d.emergency: d for d in map(duty_of, rows) if d is not None}
        then = after(duties, order, path, _planned(t, site), playbook)
        if then is not duties:
            _put_duties(t, fact, site, rows, then)


def _put_duties(
    t: Tables, fact: Fact, site: str, rows: list[Progress], then: Mapping[str, Duty]
) -> None:
    """Write what changed of a site's duties, each in its slot."""
    when, path, slots = _when(fact), rows[0].path, _slots(t)[site]
    held = {row.emergency: row for row in rows if row.emergency in then}
    unused = [row for row in rows if row.emergency not in then]
    for duty in then.values():
        old = held.get(duty.emergency)
        if old is not None and duty_of(old) == duty:
            continue
        if old is None:
            old = unused.pop(0) if unused else _spare(t, rows, held)
        if old is None:
            slot = f"{site} {len(slots)}"
            slots.append(slot)
            old = free(slot, site, path, *when)
        held[duty.emergency] = old
        t[PROGRESS].put(row_of(old, duty, _steps(t, duty), *when))
    for row in unused:
        if row.emergency is not None:
            t[PROGRESS].put(free(row.slot, site, path, *when))


def _spare(
    t: Tables, rows: list[Progress], held: dict[str | None, Progress]
) -> Progress | None:
    """Return a slot whose duty is done and whose emergency is over, if there is one."""
    for row in rows:
        done = row.phase == RECOVER and row.mode == PEACETIME
        if not done or t[ORDER].current[row.emergency or ""].ended_us is None:
            continue
        if held.get(row.emergency) is row:
            del held[row.emergency]
            return row
    return None


def on_regraded(t: Tables, fact: Fact) -> None:
    """Severity and warning colour are others now."""
    e: Regraded = fact.event  # type: ignore[assignment]
    _amend(t, fact, e.emergency, severity=e.severity, warning=e.warning)


def on_extended(t: Tables, fact: Fact) -> None:
    """An emergency is expected to last longer."""
    e: ExpectationExtended = fact.event  # type: ignore[assignment]
    _amend(t, fact, e.emergency, expected_until_us=e.expected_until_us)


def on_expectation(t: Tables, fact: Fact) -> None:
    """An emergency has lasted as long as was expected."""
    e: ExpectationPassed = fact.event  # type: ignore[assignment]
    _amend(t, fact, e.emergency, expectation_passed_us=e.due_us)


def _amend(t: Tables, fact: Fact, emergency: str, **changed: Any) -> None:
    when = _when(fact)
    old = t[ORDER].current[emergency]
    t[ORDER].put(old._replace(**changed, occurred_us=when[0], seq_from=when[1]))


def _duty_row(t: Tables, site: str, emergency: str) -> Progress | None:
    """Return the slot in which a site answers an emergency.

    None if a finished recovery gave it up: an optional step may still be taken.
    """
    current = t[PROGRESS].current
    for slot in _slots(t)[site]:
        row: Progress = current[slot]
        if row.emergency == emergency:
            return row
    return None


def on_acknowledged(t: Tables, fact: Fact) -> None:
    """A site has seen the order for a step."""
    e: StepAcknowledged = fact.event  # type: ignore[assignment]
    row = _duty_row(t, e.site, e.emergency)
    if row is None:
        return
    # Built in place: with _replace this and the next took half of a rebuild's time.
    t[PROGRESS].put(
        Progress(
            row.slot, row.path, row.site, row.mode, row.function, row.emergency,
            row.level, row.phase, row.round, row.since, row.against,
            f"{row.steps}{ACKNOWLEDGED} {e.step} {fact.seq};", row.total,
            row.done, row.acknowledged + 1, row.mandatory_left, row.late,
            row.late_steps, fact.envelope.occurred_us, fact.seq,
        )
    )  # fmt: skip


def on_completed(t: Tables, fact: Fact) -> None:
    """A step is done; with the last mandatory one the site changes its mode."""
    e: StepCompleted = fact.event  # type: ignore[assignment]
    row = _duty_row(t, e.site, e.emergency)
    if row is None:
        return
    left = row.mandatory_left - (e.step in _mandatory(t, row))
    late, late_steps = row.late, row.late_steps
    if late:
        still = [s for s in late_steps.split(",") if s != e.step]
        late, late_steps = len(still), ",".join(still)
    t[PROGRESS].put(
        Progress(
            row.slot, row.path, row.site, mode_of(e.phase, finished=not left),
            row.function, row.emergency, row.level, row.phase, row.round, row.since,
            row.against, f"{row.steps}{DONE} {e.step} {fact.seq};", row.total,
            row.done + 1,
            row.acknowledged - (f"{ACKNOWLEDGED} {e.step} " in row.steps), left,
            late, late_steps, fact.envelope.occurred_us, fact.seq,
        )
    )  # fmt: skip


def _mandatory(t: Tables, row: Progress) -> frozenset[str]:
    """Return the steps that decide the end of a row's phase."""
    key = "mandatory", row.emergency, row.function, row.phase, row.level
    known: frozenset[str] | None = t.memo.get(key)
    if known is None:
        duty = duty_of(row)
        assert duty is not None, "a free slot has no steps"
        known = t.memo[key] = mandatory(_steps(t, duty))
    return known


def on_deadline(t: Tables, fact: Fact) -> None:
    """A step's deadline has passed: every site that has not done it is late."""
    e: DeadlinePassed = fact.event  # type: ignore[assignment]
    when = _when(fact)
    t[PASSED].put(Passed(passed_key(e.emergency, e.phase, e.step, e.due_us), *when))
    for row in list(t[PROGRESS].current.values()):
        if row.emergency != e.emergency or row.phase != e.phase:
            continue
        duty = duty_of(row)
        assert duty is not None, "it has an emergency"
        step = next((s for s in _steps(t, duty) if s.id == e.step), None)
        if step is None or duty.due_us(step) != e.due_us:
            continue
        if f"{DONE} {e.step} " in row.steps:
            continue
        late = [s for s in row.late_steps.split(",") if s] + [e.step]
        t[PROGRESS].put(
            row._replace(
                late=len(late),
                late_steps=",".join(late),
                occurred_us=when[0],
                seq_from=when[1],
            )
        )


BOARD = View(
    name="board",
    version=6,
    tables=(AREA, LOCAL, GROUND, PROGRESS, ORDER, PASSED, PLAN),
    handlers={
        AreaRegistered: on_area,
        AreaRenamed: on_renamed,
        LocalAreasRegistered: on_local,
        SiteRegistered: on_site,
        PlaybookPublished: on_playbook,
        EmergencyDeclared: on_declared,
        LevelRaised: on_change,
        LevelLowered: on_change,
        ScopeWidened: on_change,
        ScopeNarrowed: on_change,
        EmergencyEnded: on_change,
        Regraded: on_regraded,
        ExpectationExtended: on_extended,
        ExpectationPassed: on_expectation,
        StepAcknowledged: on_acknowledged,
        StepCompleted: on_completed,
        DeadlinePassed: on_deadline,
    },
)
