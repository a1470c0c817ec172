"""How steps go (步骤进度): what a site has seen and done of its checklists."""

from __future__ import annotations

from coordination.mode.duties import Duty, steps_of
from coordination.mode.events import (
    DeadlinePassed,
    StepAcknowledged,
    StepCompleted,
    StepTakenBack,
)
from coordination.mode.state import mandatory, mode_of
from coordination.playbook import Playbook, Step, from_canonical
from projections.board import ORDER, PASSED, PLAN, Passed, passed_key
from projections.dispatch import On
from projections.progress import (
    ACKNOWLEDGED,
    DONE,
    PROGRESS,
    UNDONE,
    UNSEEN,
    Progress,
    duty_of,
    stands,
)
from projections.view import Handlers, Tables

STEPS: Handlers = {}
on = On(STEPS)


def playbook_of(t: Tables, digest: str) -> Playbook:
    """Return a published version, compiled once a batch run."""
    known: Playbook | None = t.memo.get(digest)
    if known is None:
        known = t.memo[digest] = from_canonical(t[PLAN].current[digest].compiled)
    return known


def slots_by_site(t: Tables) -> dict[str, list[str]]:
    """Return each site's slots, in the order they were made."""
    known: dict[str, list[str]] | None = t.memo.get("slots")
    if known is None:
        known = t.memo["slots"] = {}
        rows = t[PROGRESS].current.values()
        for row in sorted(rows, key=lambda r: (len(r.slot), r.slot)):
            known.setdefault(row.site, []).append(row.slot)
    return known


def steps_in_force(t: Tables, duty: Duty) -> tuple[Step, ...]:
    """Return the checklist in force of a duty, looked up once a batch run."""
    key = "steps", duty.emergency, duty.function, duty.phase, duty.level
    known: tuple[Step, ...] | None = t.memo.get(key)
    if known is None:
        digest = t[ORDER].current[duty.emergency].playbook_digest
        known = t.memo[key] = steps_of(playbook_of(t, digest), duty)
    return known


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
            acknowledged=row.acknowledged + 1,
        )
        t.put(PROGRESS, row)


@on(StepCompleted)
def on_completed(t: Tables, e: StepCompleted) -> None:
    """A step is done; with the last mandatory one the site changes its mode."""
    row = _duty_row(t, e.site, e.emergency)
    if row is None:
        return
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
    )
    t.put(PROGRESS, row)


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
    )
    t.put(PROGRESS, row)


def _passed(t: Tables, row: Progress, step: str) -> bool:
    """Tell whether the deadline of a row's step is recorded as passed."""
    duty = duty_of(row)
    assert duty is not None, "it has an emergency"
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
        duty = duty_of(row)
        assert duty is not None, "a free slot has no steps"
        known = t.memo[key] = mandatory(steps_in_force(t, duty))
    return known


@on(DeadlinePassed)
def on_deadline(t: Tables, e: DeadlinePassed) -> None:
    """A step's deadline has passed: every site that has not done it is late."""
    key = passed_key(e.emergency, e.phase, e.step, e.due_us)
    t.put(PASSED, Passed(deadline=key))
    for row in list(t[PROGRESS].current.values()):
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
