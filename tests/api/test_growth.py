"""What is over costs nothing: decisions and ticks after ten emergencies, and many.

By counted work, not by the clock: calls of functions, which are the same each time.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from api.http.app import create_app
from api.http.reading import DECLARED
from api.world.waiting import modes_due, people_due, posts_due, stock_due
from api.world.world import World
from coordination.approvals.decide import ProposeDecision, WithdrawProposal
from coordination.approvals.state import APPROVALS
from coordination.checkin.decide import CloseCheckIn, OpenCheckIn
from coordination.folding import Reader
from coordination.kernel import Command
from coordination.mode.changes import ChangeLevel
from coordination.mode.decide import DeclareEmergency, EndEmergency
from coordination.mode.duties import steps_of
from coordination.mode.standing import standing_of
from coordination.mode.steps import AcknowledgeStep, CompleteStep
from coordination.orders.decide import IssueOrder, WithdrawOrder
from coordination.provenance import Actor, Provenance
from tests.api.served import (
    API,
    CENTRE_1,
    DISTRICT,
    LOCAL_TOKEN,
    ORIGIN,
    OTHER_STEP,
    OWN,
    STEP,
    WHOLE,
    accounts_at,
    open_at,
)
from tests.api.test_as_of import QUERY
from tests.given import HOUR, LONG, LOOKED, NOW, Clock

TIMES = (10, 100, 300) if LONG else (10, 40)
"""Not from the first on: streams are read backwards by a hundred rows at once."""
MORE = 1.1
"""So much more work at the most."""
COMMANDER, DUTY = "zong", "zhiban"


class Years:
    """A world in which one emergency after the other begins and is over."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(NOW + 1_000_000)
        self.world: World = open_at(folder, self.clock)
        self.number = 0
        self.commands = 0

    def close(self) -> None:
        self.world.close()

    def by(self, account: str) -> Provenance:
        """Return who gives the next command."""
        self.commands += 1
        return Provenance(
            command_id=f"years-{self.commands:06}",
            actor=Actor(account),
            session=f"years-{account}",
            reauthenticated="local",
            seen_seq=LOOKED,
        )

    def do(self, command: Command, who: str = COMMANDER) -> None:
        """Carry a command out, and show it."""
        asyncio.run(self.world.do(command, self.by(who)))
        self.world.runner.catch_up()

    def pass_(self, us: int) -> None:
        """Let time pass, with all that is due recorded."""
        self.clock.now += us
        while asyncio.run(self.world.tick()):
            self.world.runner.catch_up()

    def declaration(self) -> DeclareEmergency:
        """Return the next one."""
        return DeclareEmergency(
            emergency=f"e-{self.number:010x}",
            hazard="epidemic",
            level=3,
            scope=(WHOLE,),
            matter="散发病例处置",
            measures="启用采样点",
            expected_hours=24,
            playbook="epidemic-control",
            basis=f"沪松应急〔2026〕{self.number} 号",
        )

    def call(self) -> IssueOrder:
        """Return an order of it that is to be answered."""
        return IssueOrder(
            order=f"o-{self.number:010x}",
            emergency=f"e-{self.number:010x}",
            scope=(WHOLE,),
            roles=("street-staff",),
            title="核对名册",
            text="一小时内核对",
            ack_minutes=20,
            done_minutes=60,
        )

    def raise_(self, level: int = 2) -> ChangeLevel:
        """Return a change of level that two people decide."""
        return ChangeLevel(
            emergency=f"e-{self.number:010x}",
            level=level,
            raising=True,
            basis="研判",
            reason="扩散",
        )

    def proposal(self) -> ProposeDecision:
        """Return a proposal of a graver level yet."""
        carried = self.raise_(level=1)
        return ProposeDecision(
            carried=carried,
            kind="level",
            emergency=carried.emergency,
            level=1,
            minutes=60,
            basis=carried.basis,
            reason=carried.reason,
        )

    def opening(self) -> OpenCheckIn:
        """Return a check-in in peacetime."""
        number = f"r-{self.number:010x}"
        return OpenCheckIn(opening=number, area=OWN, basis="大扫除", reason="")

    def begin(self) -> None:
        """Declare the next emergency; something is done, ordered and proposed."""
        self.do(self.declaration())
        self.do(AcknowledgeStep(site=CENTRE_1, step=STEP))
        self.do(CompleteStep(site=CENTRE_1, step=STEP))
        self.do(self.call(), DUTY)
        asyncio.run(self.world.order(self.raise_(), self.by(DUTY), minutes=60))
        self.world.runner.catch_up()

    def end(self) -> None:
        """End it, whatever else it left: what was done is undone, all is recorded."""
        self.do(WithdrawOrder(order=self.call().order, reason="结束"), DUTY)
        [proposal] = [
            key
            for key, one in self.world.state(APPROVALS).proposals.items()
            if one.state == "OPEN"
        ]
        self.do(WithdrawProposal(proposal=proposal), DUTY)
        self.pass_(3 * HOUR)
        self.do(EndEmergency(emergency=f"e-{self.number:010x}", basis="完", reason=""))
        read = self.world.read()
        standing = standing_of(read, CENTRE_1)
        for duty in standing.duties.values():
            for step in steps_of(standing.playbook(duty.emergency), duty):
                self.do(CompleteStep(site=CENTRE_1, step=step.id))
        self.do(self.opening())
        self.do(CloseCheckIn(opening=self.opening().opening))
        self.pass_(24 * HOUR)
        self.number += 1

    def until(self, number: int) -> None:
        """Let so many be over."""
        while self.number < number:
            self.begin()
            self.end()


def calls(work: Callable[[], Any]) -> int:
    """Return how many functions are called, once all is warm."""
    work()
    counted = 0

    def count(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def ticked(world: World) -> list[Any]:
    """Return what is due, as a tick looks at it."""
    read, now = Reader(world.handler.states), world.clock()
    with world.reading() as c:
        found: list[Iterable[Any]] = [
            modes_due(c, read, now, world.schedule),
            people_due(c, read, now),
            posts_due(c, read, now),
            stock_due(c, read, now),
        ]
        return [list(one) for one in found]


ALL_THERE_EVER_WAS = frozenset(
    {"/alarms", "/approvals", "/checkins/openings", "/emergencies", "/orders"}
)
"""Lists of what is over too: they read all of it before they show a page of it."""


async def inline(work: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """Do what a thread would do: only the work of this one is counted."""
    return work(*given, **more)


def compose(run: Callable[[Any], Any], ask: Callable[[], Any]) -> Callable[[], Any]:
    """Return what asks once more."""
    return lambda: run(ask())


def drawn(years: Years) -> dict[str, int]:
    """Return the work of every page that needs no more than there is here."""
    ids = {
        "code": DISTRICT,
        "site": CENTRE_1,
        "emergency": years.declaration().emergency,
        "order": years.call().order,
    }
    found = {}
    with (
        asyncio.Runner() as runner,
        closing(accounts_at(years.world.settings.data, years.clock)) as accounts,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(asyncio, "to_thread", inline)
        app = create_app(years.world, accounts, timers=False, local_token=LOCAL_TOKEN)
        signed = {"Authorization": f"Bearer {LOCAL_TOKEN}"}

        async def get(path: str, query: dict[str, str]) -> httpx.Response:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, headers=signed) as http:
                return await http.get(f"{ORIGIN}{API}{path}", params=query)

        for read in DECLARED.values():
            names = re.findall(r"{(\w+)}", read.path)
            if read.path in ALL_THERE_EVER_WAS or not ids.keys() >= set(names):
                continue
            path, query = read.path.format(**ids), QUERY.get(read.path, {})
            if runner.run(get(path, query)).status_code == 200:
                asked = partial(get, path, query)
                found[f"page {read.path}"] = calls(compose(runner.run, asked))
    return found


def measured(years: Years) -> dict[str, int]:
    """Return the work of each thing, with the next emergency under way."""
    years.begin()
    world, now = years.world, years.clock()

    def decided(command: Command, who: str = COMMANDER) -> int:
        return calls(lambda: world.handler.preview(command, years.by(who), now))

    emergency = f"e-{years.number:010x}"
    found = {
        "a step acknowledged": decided(AcknowledgeStep(site=CENTRE_1, step=OTHER_STEP)),
        "a step done": decided(CompleteStep(site=CENTRE_1, step=OTHER_STEP)),
        "an order withdrawn": decided(
            WithdrawOrder(order=years.call().order, reason="改"), DUTY
        ),
        "an emergency ended": decided(
            EndEmergency(emergency=emergency, basis="完", reason="")
        ),
        "an order given": decided(replace(years.call(), order="o-ffffffffff"), DUTY),
        "another declared": decided(
            replace(
                years.declaration(),
                emergency="e-ffffffffff",
                hazard="flood",
                playbook="flood-typhoon",
                basis="另",
            )
        ),
        "proposed": decided(years.proposal(), DUTY),
        "check-in opened": decided(years.opening()),
        "a tick": calls(lambda: ticked(world)),
        **drawn(years),
    }
    years.end()
    return found


def test_what_is_over_costs_nothing(data: Path):
    """Neither a decision nor a tick nor a page does more than a tenth more."""
    with closing(Years(data)) as years:
        found = []
        for number in TIMES:
            years.until(number)
            found.append(measured(years))
    first = found[0]
    assert all(first.values())
    assert "page /areas/{code}/board" in first
    assert sum(what.startswith("page") for what in first) > 40
    for then in found[1:]:
        assert then.keys() == first.keys()
        grown = {
            what: (first[what], n) for what, n in then.items() if n > first[what] * MORE
        }
        assert not grown, (TIMES, grown)
