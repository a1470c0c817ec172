"""Requests in the scripted morning (演示申领): each goes as far as the story says."""

from __future__ import annotations

from api.demo.scene import Kept
from coordination.kernel import MINUTE_US, Command, id_of
from coordination.requests.decide import (
    MakeRequest,
    RefuseRequest,
    TriageRequest,
    Want,
    WithdrawRequest,
)
from coordination.requests.fulfilment import (
    AllocateRequest,
    ConfirmDelivery,
    Deliver,
    DispatchRequest,
)
from coordination.requests.state import request_stream
from coordination.tree import DIGITS
from projections.board import AREA

ASKED: tuple[tuple[str, str, int, int], ...] = (
    ("ASKED", "tent-12", 4, 2),
    ("TRIAGED", "paracetamol", 60, 2),
    ("PART", "generator-5kw", 2, 1),
    ("ALLOCATED", "blanket", 20, 3),
    ("DISPATCHED", "water-500ml", 240, 1),
    ("DELIVERED", "rice-10kg", 30, 2),
    ("CONFIRMED", "mask-n95", 100, 2),
    ("REFUSED", "aed", 3, 3),
    ("WITHDRAWN", "radio", 4, 3),
)
"""How far a request goes, what is asked for, how much, how urgent.

Of the one that is served in part: so much more than there is.
"""
STEPS = ("ASKED", "TRIAGED", "ALLOCATED", "DISPATCHED", "DELIVERED", "CONFIRMED")


class Requests(Kept):
    """What communities ask for, and what becomes of it."""

    def _request(self, number: int) -> tuple[str, str, str]:
        """Return a request's id, the community that asks, the station that serves."""
        station = self.near[(number + 1) % len(self.near)]
        street = station[: DIGITS["street"]]
        with self.world.reading() as c:
            own = sorted(
                area.code
                for area in AREA.select(c, at=None, path=street)
                if area.level == "community" and not station.startswith(area.code)
            )
        community = own[number % len(own)] if own else station.partition("-")[0]
        request = id_of(f"{community}-q", f"demo:request:{ASKED[number][0]}")
        return request, community, station

    async def ask(self) -> None:
        """Communities ask for goods (申领)."""
        for number, (state, item, quantity, priority) in enumerate(ASKED):
            request, community, station = self._request(number)
            more = self.available(station).get(item, 0) if state == "PART" else 0
            made = MakeRequest(
                request=request,
                area=self.world.places((community,))[0],
                lines=(Want(item, quantity + more),),
                priority=priority,
                needed_by_us=self.world.clock() + 180 * MINUTE_US,
            )
            await self.attempt(f"demo:ask:{state}", made, f"zhan-{community}")

    async def serve(self) -> None:
        """Each request goes so far; one is refused, one withdrawn (申领办理)."""
        for number, (state, *_) in enumerate(ASKED):
            request, community, station = self._request(number)
            asking = f"zhan-{community}"
            street = f"zhan-{station[: DIGITS['street']]}"
            if state == "REFUSED":
                no = RefuseRequest(request=request, reason="本街镇无此储备，转报区卫健")
                await self.attempt(f"demo:refuse:{state}", no, street)
            elif state == "WITHDRAWN":
                off = WithdrawRequest(request=request, reason="已由物业借到")
                await self.attempt(f"demo:withdraw:{state}", off, asking)
            else:
                far = STEPS.index("ALLOCATED" if state == "PART" else state)
                made = self._steps(request, station)
                for step, command in made[:far]:
                    who = {"triage": street, "confirm": asking}.get(
                        step, self.keeper(station)
                    )
                    await self.attempt(f"demo:{step}:{state}", command, who)
        self.say(f"{len(ASKED)} requests for goods, each in another state")

    def _steps(self, request: str, station: str) -> list[tuple[str, Command]]:
        """Return what is done about a request, in order."""
        made = self.world.state(request_stream(request)).made
        if made is None:
            return []
        slip = id_of("i", f"demo:dispatch:{request}")
        return [
            (
                "triage",
                TriageRequest(
                    request=request,
                    station=station,
                    priority=made.priority,
                    lines=tuple(Want(x.item, x.quantity) for x in made.lines),
                ),
            ),
            ("allocate", AllocateRequest(request=request)),
            ("dispatch", DispatchRequest(request=request, slip=slip)),
            ("deliver", Deliver(request=request, slip=slip, proof="居委会签收 0815")),
            ("confirm", ConfirmDelivery(request=request, slip=slip)),
        ]
