"""How steps go (步骤进度): what a site has seen and done of its checklists."""

from __future__ import annotations

from dataclasses import replace

from coordination.mode.duties import Duty
from coordination.mode.events import (
    DeadlinePassed,
    StepAcknowledged,
    StepCompleted,
    StepTakenBack,
)
from coordination.mode.sites import mandatory, mode_of
from coordination.mode.state import CONVERT, RECOVER
from projections.board import PASSED, Passed, passed_key
from projections.board_slots import slot_for, slots_by_site, steps_in_force
from projections.dispatch import On
from projections.progress import (
    ACKNOWLEDGED,
    DONE,
    PROGRESS,
    UNDONE,
    UNSEEN,
    Progress,
    duty_of,
    row_of,
    stands,
)
from projections.view import Handlers, Tables

STEPS: Handlers = {}
on = On(STEPS)


def _duty_row(t: Tables, site: str, emergency: str) -> Progress | None:
    """Return the slot in which a site answers an emergency.

    None if a finished recovery gave it up: an optional step may still be taken.
    """
    current = t[PROGRESS].current
    for slot in slots_by_site(t)[site]:
        row = current[slot]
        if row.emergency == emergency:
            return row
    return None


@on(StepAcknowledged)
def on_acknowledged(t: Tables, e: StepAcknowledged) -> None:
    """A site has seen the order for a step."""
    row = _duty_row(t, e.site, e.emergency)
    if row is not None:
        row = row._replace(
            steps=f"{row.steps}{ACKNOWLEDGED} {e.step} {t.fact.seq};",
            acknowledged=row.acknowledged + (e.phase == CONVERT or row.worked > 0),
        )
        t.put(PROGRESS, row)


@on(StepCompleted)
def on_completed(t: Tables, e: StepCompleted) -> None:
    """A step is done; with the last mandatory one the site changes its mode."""
    if e.out is not None:
        _entered_late(t, e)
        return
    row = _duty_row(t, e.site, e.emergency)
    if row is None:
        return
    worked = row.worked + 1
    if e.phase == RECOVER and not row.worked:
        # In a log of before 0.2: then sites recovered that had done nothing.
        row = _awake(t, row)
    left = row.mandatory_left - (e.step in _mandatory(t, row))
    if row.late:
        late = [step for step in row.late_steps.split(",") if step != e.step]
        row = row._replace(late=len(late), late_steps=",".join(late))
    row = row._replace(
        mode=mode_of(e.phase, finished=not left),
        steps=f"{row.steps}{DONE} {e.step} {t.fact.seq};",
        done=row.done + 1,
        acknowledged=row.acknowledged - (e.step in stands(row.steps)[0]),
        mandatory_left=left,
        worked=worked,
    )
    t.put(PROGRESS, row)


def _entered_late(t: Tables, e: StepCompleted) -> None:
    """A step was done of a conversion that was over when it was entered."""
    assert e.out is not None, "it was over"
    row = _duty_row(t, e.site, e.emergency)
    if row is not None and (row.phase, row.round) == (RECOVER, e.round):
        idle, row = not row.worked, row._replace(worked=row.worked + 1)
        t.put(PROGRESS, _awake(t, row) if idle else row)
    elif e.out.recovers:
        out = e.out
        since = ((out.at_us, out.level),)
        duty = Duty(e.emergency, out.function, RECOVER, e.round, since)
        t.put(PROGRESS, _with_late(t, slot_for(t, e.site, duty)))


def _has(row: Progress) -> Duty:
    """Return the duty of a row that has one."""
    duty = duty_of(row)
    assert duty is not None, "it has an emergency"
    return duty


def _awake(t: Tables, row: Progress) -> Progress:
    """Return the row of a site that had done something after all: it recovers."""
    duty = replace(_has(row), idle=False)
    begun = row._replace(worked=max(row.worked, 1))
    return _with_late(t, row_of(begun, duty, steps_in_force(t, duty)))


def _with_late(t: Tables, row: Progress) -> Progress:
    """Return a row with what of it was late before it was known."""
    duty = _has(row)
    _, done = stands(row.steps)
    open_ = (step.id for step in steps_in_force(t, duty) if step.id not in done)
    late = [step for step in open_ if _passed(t, row, step)]
    return row._replace(late=len(late), late_steps=",".join(late))


@on(StepTakenBack)
def on_taken_back(t: Tables, e: StepTakenBack) -> None:
    """A step is not done after all, or nobody had seen it: late if its time is over."""
    row = _duty_row(t, e.site, e.emergency)
    if row is None or (row.phase, row.round) != (e.phase, e.round):
        return
    text = f"{row.steps}{UNDONE if e.done else UNSEEN} {e.step} {t.fact.seq};"
    seen, _ = stands(text)
    if not e.done:
        seen_now = row.acknowledged - 1
        t.put(PROGRESS, row._replace(steps=text, acknowledged=seen_now))
        return
    left = row.mandatory_left + (e.step in _mandatory(t, row))
    late = [s for s in row.late_steps.split(",") if s]
    if _passed(t, row, e.step):
        late.append(e.step)
    row = row._replace(
        mode=mode_of(e.phase, finished=not left),
        steps=text,
        done=row.done - 1,
        acknowledged=row.acknowledged + (e.step in seen),
        mandatory_left=left,
        late=len(late),
        late_steps=",".join(late),
        worked=row.worked - 1,
    )
    if row.phase == RECOVER and not row.worked:
        row = row_of(row, replace(_has(row), idle=True), ())
    t.put(PROGRESS, row)


def _passed(t: Tables, row: Progress, step: str) -> bool:
    """Tell whether the deadline of a row's step is recorded as passed."""
    duty = _has(row)
    asked = next((s for s in steps_in_force(t, duty) if s.id == step), None)
    if asked is None:
        return False
    key = passed_key(duty.emergency, duty.phase, step, duty.due_us(asked))
    return key in t[PASSED].current


def _mandatory(t: Tables, row: Progress) -> frozenset[str]:
    """Return the steps that decide the end of a row's phase."""
    key = "mandatory", row.emergency, row.function, row.phase, row.level
    known: frozenset[str] | None = t.memo.get(key)
    if known is None:
        known = t.memo[key] = mandatory(steps_in_force(t, _has(row)))
    return known


@on(DeadlinePassed)
def on_deadline(t: Tables, e: DeadlinePassed) -> None:
    """A step's deadline has passed: every site that has not done it is late."""
    key = passed_key(e.emergency, e.phase, e.step, e.due_us)
    t.put(PASSED, Passed(deadline=key))
    serving = PROGRESS.table.c.emergency == e.emergency
    for row in t[PROGRESS].every(serving):
        if row.emergency != e.emergency or row.phase != e.phase:
            continue
        duty = duty_of(row)
        assert duty is not None, "it has an emergency"
        step = next((s for s in steps_in_force(t, duty) if s.id == e.step), None)
        if step is None or duty.due_us(step) != e.due_us:
            continue
        if e.step in stands(row.steps)[1]:
            continue
        late = [s for s in row.late_steps.split(",") if s] + [e.step]
        t.put(PROGRESS, row._replace(late=len(late), late_steps=",".join(late)))
