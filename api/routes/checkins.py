"""Checking in (报到): oneself, entered by staff, by QR; where it is switched on."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from api.http.declared import Decision, Done, Writing
from api.http.outside import Envelope
from api.http.plain import moment
from api.world.codes import is_code
from coordination.checkin.campaigns import campaign_at
from coordination.checkin.decide import CheckIn, CloseCheckIn, OpenCheckIn
from coordination.checkin.events import MemberLeft
from coordination.fields import named, pattern
from coordination.log import Receipt
from coordination.moments import at_minute
from coordination.people.state import UnknownPerson, person_stream
from coordination.refusals import Invalid


class Scanned(Envelope, kw_only=True):
    """The code that was scanned, if one was."""

    code: Annotated[
        str, pattern("([0-9a-f]{16})?"), named("二维码", "Code", "of the QR scanned")
    ] = ""


BadCode = Invalid.of(
    "people.bad-code",
    "二维码无效或已过期",
    "this code is not the community's, or of another campaign",
    "请扫描社区当日的二维码",
    "scan the one of the day",
    field="code",
)


async def whoever(write: Writing, command: CheckIn) -> CheckIn:
    """Return the command with who is meant: whoever asks, if nobody is named.

    :raises UnknownPerson: if nobody is named and the account is nobody's
    """
    person = command.person or write.world.person_of(write.caller.account)
    if not person:
        raise UnknownPerson(person=write.caller.account)
    return msgspec.structs.replace(command, person=person)


async def check_in(write: Writing, command: CheckIn, said: Scanned) -> Receipt:
    """Check in, if the code that was scanned is the community's.

    :raises BadCode: if it is not, or check-in is off
    """
    world = write.world
    if command.source == "qr":
        home = world.state(person_stream(command.person)).home
        community = command.community or home
        campaign = campaign_at(world.read(), community)
        if not is_code(world, community, campaign, said.code):
            raise BadCode
    return await world.do(command, write.said(said))


class CheckedIn(msgspec.Struct, omit_defaults=True):
    """What was entered; of who has left, how long they served and whether it counts.

    ``claimed``: by their own word, it waits to be certified. ``cut``: what they came
    for was over before they left, and only that counts.
    """

    person: str
    stage: str
    minutes: int = 0
    since: str | None = None
    until: str | None = None
    claimed: bool = False
    cut: bool = False
    zh: str = ""
    en: str = ""


def checked_in(done: Done) -> CheckedIn:
    """Return what was entered, and of who has left until when it counts."""
    found = CheckedIn(done.command.person, done.command.stage)
    for fact in done.facts:
        if not isinstance(fact, MemberLeft):
            continue
        zh = f"{'申报' if fact.own_word else '认定'}服务 {fact.minutes} 分钟"
        en = f"{fact.minutes} minutes {'claimed' if fact.own_word else 'certified'}"
        if fact.left_us:
            over = at_minute(fact.to_us)
            zh += f"；报到已于 {over} 结束，时长计到此时"
            en += f"; checking in was over at {over}, it counts until then"
        found = CheckedIn(
            fact.person,
            "left",
            fact.minutes,
            moment(fact.from_us),
            moment(fact.to_us),
            fact.own_word,
            bool(fact.left_us),
            zh,
            en,
        )
    return found


def told(found: dict[str, Any]) -> list[str]:
    """Return what became of who has left."""
    return [found["zh"]] if found.get("zh") else []


DECISIONS = (
    Decision(
        path="/checkins",
        command=CheckIn,
        words="people checkin",
        arguments=("person",),
        defaults={"stage": "present", "source": "staff"},
        more=Scanned,
        look=whoever,
        carry=check_in,
        answers=checked_in,
        tells=told,
    ),
    Decision(
        path="/checkins/openings",
        command=OpenCheckIn,
        words="people open-checkin",
        made={"opening": "c"},
    ),
    Decision(
        path="/checkins/openings/{opening}/close",
        command=CloseCheckIn,
    ),
)
