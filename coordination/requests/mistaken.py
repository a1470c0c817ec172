"""Rules of deliveries that were said by mistake (送达更正)."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.corrects import ChangedSince, Instead
from coordination.filled import filled
from coordination.kernel import Event, Read, Told
from coordination.requests.events import (
    DeliveryConfirmed,
    DeliveryTakenBack,
    RequestDelivered,
)
from coordination.requests.fulfilment import OwnDelivery
from coordination.requests.state import request_stream


def take_back_delivery(
    read: Read, wrong: Told, _instead: Instead, _now: int
) -> Sequence[Event]:
    """Take back that a slip was brought, or that whoever asked has it.

    :raises ChangedSince: if it is confirmed by now that it was brought
    :raises OwnDelivery: if whoever gave it out or brought it would take back that it
        was received
    """
    fact = wrong.event
    assert isinstance(fact, RequestDelivered | DeliveryConfirmed), "see the table"
    confirmed = isinstance(fact, DeliveryConfirmed)
    known, by = read(request_stream(fact.request)), read.by.actor.account
    if confirmed and by in {known.brought.get(fact.slip), known.gave.get(fact.slip)}:
        raise OwnDelivery
    if not confirmed and fact.slip in known.confirmed:
        raise ChangedSince(
            zh="申领方已签收，请先更正签收", en="it is confirmed: correct that first"
        )
    return [filled(DeliveryTakenBack, fact, corrects=wrong.seq, confirmed=confirmed)]
