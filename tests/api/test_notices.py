"""Rules of notices over HTTP, and what a world tells by them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.pages.telling import WorldOutbox
from api.world.deliveries import Deliveries
from api.world.notify import Notifier
from coordination.notices.state import RULES
from coordination.vocabulary import ALARM_KINDS, NEWS
from tests.api.served import DISTRICT, STREET_1, STREET_2, Service, is_error, service
from tests.api.test_notify import Service as Receiver
from tests.api.test_notify import service as receiver  # noqa: F401 - a fixture
from tests.given import Clock

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
RULE = "/notices/rules/night"


def heard(s: Service, folder: Path, receiver: Receiver) -> Notifier:  # noqa: F811
    """Give a world one channel, which tells of what comes from now on."""
    notifier = Notifier(
        Deliveries(folder / "delivery.sqlite"),
        {"wecom": receiver.url},
        s.world.clock,
        WorldOutbox(s.world, s.accounts.name_of),
        lambda: s.world.state(RULES),
    )
    notifier.begin(s.head)
    s.world.channels = notifier.channels
    s.app.state.notifier = notifier
    return notifier


async def rule(s: Service, name: str = "night") -> dict[str, Any]:
    """Return a rule as the list shows it."""
    await asyncio.to_thread(s.world.runner.catch_up)
    rows = (await (await s.as_("administrator")).get("/notices/rules"))["rows"]
    return next(row for row in rows if row["rule"] == name)


def test_an_administrator_sets_rules_and_what_happens_is_told_by_them(data, receiver):  # noqa: F811
    """A declaration is told as before; in one street only if the rule says so."""

    async def play() -> None:
        async with service(data) as s:
            notifier = heard(s, data, receiver)
            admin, commander = await s.as_("administrator"), await s.as_("commander")
            there = [row["rule"] for row in (await admin.get("/notices/rules"))["rows"]]
            assert there == ["command", "goods", "posts"]
            await commander.declare(level="IV", scope=[STREET_2])
            s.world.runner.catch_up()
            assert await notifier.tick() == 1
            assert "【" in receiver.taken[0][0]
            # From now on only of the first street.
            here = {"kinds": ["switch"], "areas": [STREET_1], "channels": ["wecom"]}
            await admin.do("/notices/rules/command", here)
            found = await rule(s, "command")
            assert (found["kinds"], found["areas"]) == (["switch"], [STREET_1])
            await commander.declare(level="IV", scope=[STREET_2], hazard="flood",
                                    playbook="flood-typhoon")  # fmt: skip
            await commander.declare(level="IV", scope=[STREET_1], hazard="flood",
                                    playbook="flood-typhoon")  # fmt: skip
            s.world.runner.catch_up()
            assert await notifier.tick() == 1
            rows = (await admin.get("/notices"))["rows"]
            states = [(row["kind"], row["channel"], row["state"]) for row in rows[:3]]
            assert states == [
                ("switch", "wecom", "SENT"),
                ("switch", "-", "UNTOLD"),
                ("switch", "wecom", "SENT"),
            ]
            [channel] = (await admin.get("/notices/channels"))["channels"]
            assert (channel["name"], channel["sent"]) == ("wecom", 2)
            # The rules of then are the usual ones.
            then = await admin.get("/notices/rules", at=found["seq"] - 1)
            assert "proposed" in next(
                row["kinds"] for row in then["rows"] if row["rule"] == "command"
            )
            notifier.close()

    asyncio.run(play())


def test_a_rule_names_a_channel_there_is_and_kinds_there_are(data, receiver):  # noqa: F811
    """Else it is refused with what there is."""

    async def play() -> None:
        async with service(data) as s:
            notifier = heard(s, data, receiver)
            admin = await s.as_("administrator")
            body = {"kinds": ["shortage"]}
            answer = await admin.send(RULE, {**body, "channels": ["wecm"]})
            is_error(answer, "notices.unknown-channel")
            assert "可选：wecom" in answer.json()["zh"]
            answer = await admin.send(RULE, {"kinds": ["shortages"]})
            is_error(answer, "notices.unknown-kind")
            assert "相近的有：shortage" in answer.json()["zh"]
            assert answer.json()["fields"][0]["field"] == "kinds"
            answer = await admin.send(RULE, {**body, "areas": ["310199000000"]})
            is_error(answer, "areas.unknown-area", "areas.unknown")
            is_error(await admin.send(RULE, {"kinds": []}), "request.invalid")
            is_error(
                await admin.send(RULE, {**body, "opens": "25:00"}), "request.invalid"
            )
            is_error(await admin.send(RULE, {**body, "most": 0}), "request.invalid")
            for who in ("commander", "auditor", "secretary"):
                answer = await (await s.as_(who)).send(RULE, body)
                is_error(answer, "permit.denied")
            notifier.close()

    asyncio.run(play())


def test_two_who_began_with_one_rule_do_not_both_set_it(data):
    """The second is told that it is another by now; a removal likewise."""

    async def play() -> None:
        async with service(data) as s:
            admin = await s.as_("administrator")
            await admin.do(RULE, {"kinds": ["shortage"]})
            shown = (await rule(s))["expected"]
            await admin.do(RULE, {"kinds": ["vacancy"], "expected": shown})
            late = {"kinds": ["back"], "expected": shown}
            is_error(await admin.send(RULE, late), "command.replaced")
            is_error(
                await admin.send(f"{RULE}/remove", {"expected": shown}),
                "command.replaced",
            )
            now = (await rule(s))["expected"]
            await admin.do(f"{RULE}/remove", {"expected": now})
            answer = await admin.send(f"{RULE}/remove", {})
            is_error(answer, "notices.unknown-rule")

    asyncio.run(play())


def test_a_trial_says_what_a_rule_would_have_told_and_stores_nothing(data):
    """Of the last day, with its bound."""

    async def play() -> None:
        async with service(data, Clock()) as s:
            admin, commander = await s.as_("administrator"), await s.as_("commander")
            for hazard, plan in (
                ("epidemic", "epidemic-control"),
                ("flood", "flood-typhoon"),
            ):
                await commander.declare(level="IV", hazard=hazard, playbook=plan)
            s.world.runner.catch_up()
            head = s.head
            body = {"kinds": ["switch"], "most": 1, "minutes": 60}
            found = await admin.do("/notices/try", body)
            assert found["news"] == 2
            assert (found["sent"], found["folded"], found["summaries"]) == (1, 1, 1)
            assert len(found["examples"]) == 2
            none = await admin.do("/notices/try", {"kinds": ["shortage"]})
            assert none["news"] == 0
            answer = await admin.send("/notices/try", {"kinds": ["nothing"]})
            is_error(answer, "notices.unknown-kind")
            assert s.head == head

    asyncio.run(play())


def test_where_there_is_no_channel_rules_show_what_they_would_tell(data):
    """A demonstration sends nothing, whatever is set."""

    async def play() -> None:
        async with service(data) as s:
            commander, admin = await s.as_("commander"), await s.as_("administrator")
            await commander.declare(level="IV", scope=[DISTRICT])
            s.world.runner.catch_up()
            [row] = (await admin.get("/notices"))["rows"]
            assert (row["channel"], row["rule"]) == ("-", "command")
            assert row["state"] == "UNTOLD"
            answer = await admin.get("/notices/channels")
            assert (answer["channels"], answer["on"]) == ([], False)

    asyncio.run(play())


def test_every_kind_of_alarm_can_be_filtered_linked_and_told():
    """The page knows where each kind is dealt with."""
    page = Path("api/web/static/alarms.js").read_text("utf-8")
    places = page.split("const PLACES = {")[1].split("};")[0]
    assert ALARM_KINDS.keys() <= NEWS.keys()
    for kind in ALARM_KINDS:
        assert f"\n  {kind}: " in places
