"""Checking in (报到): oneself, entered by staff, by QR; where it is switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from api.http.declared import Decision, Said
from api.http.outside import Envelope
from api.world.codes import is_code
from coordination.checkin.decide import CheckIn, CloseCheckIn, OpenCheckIn
from coordination.checkin.state import campaign_at
from coordination.fields import named, pattern
from coordination.people.state import UnknownPerson, person_stream
from coordination.refusals import Invalid

if TYPE_CHECKING:
    from api.http.deps import Writing
    from coordination.log import Receipt


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
        answers=Said("person", "stage"),
    ),
    Decision(
        path="/checkins/openings",
        command=OpenCheckIn,
        words="people open-checkin",
        made={"opening": "c"},
        answers=Said("id=opening"),
        status=201,
    ),
    Decision(
        path="/checkins/openings/{opening}/close",
        command=CloseCheckIn,
        answers=Said("id=opening"),
    ),
)
