"""Stored name -> event class, and the envelope around it; nothing else may be stored.

A stored name ends in its version. When an event changes shape, its class gets a new
name (``….2``) and an upcaster here turns stored ``….1`` bytes into the new class; the
old golden file in ``tests/golden`` stays and must load for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from coordination import kernel
from coordination.checkin import events as checkin
from coordination.kernel import Event
from coordination.mode import events as mode

ROOMS = sorted(path.parent.name for path in Path(__file__).parent.glob("*/events.py"))
MODULES = (kernel, *(import_module(f"coordination.{room}.events") for room in ROOMS))
"""Where events stand: every class there with a stored name is one of the log's."""
EVENTS: dict[str, type[Event]] = {
    cls.NAME: cls
    for module in MODULES
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Event) and "NAME" in vars(cls)
}

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


def _less(newest: type[Event]) -> Upcaster:
    """Return what reads a version that said less: what it did not say is a default."""
    return lambda payload: (newest.NAME, payload)


UPCASTERS: dict[str, Upcaster] = {
    # Without a time.
    "checkin.closed.1": _less(checkin.CheckInClosed),
    # Each by itself, however many there were.
    "kernel.command-refused.1": _less(kernel.CommandRefused),
    # With how many minutes, not which.
    "checkin.hours-recognised.1": _less(checkin.HoursRecognised),
    # Without from when until when.
    "checkin.member-left.1": _less(checkin.MemberLeft),
    # Without whose word it was.
    "checkin.member-left.2": _less(checkin.MemberLeft),
    "checkin.member-present.1": _less(checkin.MemberPresent),
    # Without a time.
    "checkin.opened.1": _less(checkin.CheckInOpened),
    # Without severity and warning colour.
    "mode.emergency-declared.1": _less(mode.EmergencyDeclared),
    # Ordered by the rules of then.
    "mode.emergency-declared.2": _less(mode.EmergencyDeclared),
    "mode.level-raised.1": _less(mode.LevelRaised),
    "mode.scope-widened.1": _less(mode.ScopeWidened),
    # An emergency switched a site once only.
    "mode.step-acknowledged.1": _less(mode.StepAcknowledged),
    "mode.step-completed.1": _less(mode.StepCompleted),
    # Done before any order that asks whether it was.
    "mode.step-completed.2": _less(mode.StepCompleted),
}
"""Old stored name -> (payload -> newer name and payload), until none is left."""


class Unreadable(Exception):  # noqa: N818 - names what the bytes are
    """Stored bytes that no class of the catalogue can read: a poison event."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The stored bytes: who, on what information, and the fact itself.

    JSON on purpose: an auditor reads it in thirty years without our classes. ``salt``
    keeps a redacted event from being guessed by hashing candidates.
    """

    command: str
    digest: str
    actor: str
    role: str
    area: str = ""
    grant: str = ""
    on_behalf_of: str = ""
    basis: str = ""
    reason: str = ""
    step: str = ""
    preview: str = ""
    seen_seq: int = 0
    occurred_us: int
    occurred_source: str = "clock"
    salt: str
    event: msgspec.Raw


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event as it stands in the log: position, envelope, event."""

    seq: int
    recorded_us: int
    stream: str
    version: int
    name: str
    envelope: Envelope
    event: Event
    leaf: bytes = b""
    """Of the tree over the log: it stands for this fact and, by its seq, its place."""


_encode = msgspec.json.Encoder().encode
_decode_envelope = msgspec.json.Decoder(Envelope).decode
_DECODERS = {name: msgspec.json.Decoder(cls).decode for name, cls in EVENTS.items()}


def encode(event: Event) -> msgspec.Raw:
    """Return the event's bytes, proved to read back as the same event.

    :raises Unreadable: if they do not, or the class is not in the catalogue
    """
    decode = _DECODERS.get(event.NAME)
    if decode is None:
        msg = f"{event.NAME} is not in the catalogue"
        raise Unreadable(msg)
    raw = _encode(event)
    try:
        same = decode(raw) == event
    except msgspec.MsgspecError:
        same = False
    if not same:
        msg = f"{event.NAME} does not survive a round trip"
        raise Unreadable(msg)
    return msgspec.Raw(raw)


def seal(envelope: Envelope) -> bytes:
    """Return the bytes to store."""
    return _encode(envelope)


def open_envelope(stored: bytes) -> Envelope:
    """Read the envelope alone; the event stays raw.

    :raises Unreadable: if the bytes are not an envelope
    """
    try:
        return _decode_envelope(stored)
    except msgspec.MsgspecError as error:
        raise Unreadable(str(error)) from error


def decode_event(name: str, raw: msgspec.Raw) -> Event:
    """Read an event of any stored version as its newest class.

    :raises Unreadable: for an unknown name or bytes that do not fit it
    """
    try:
        if name in UPCASTERS:
            payload = msgspec.json.decode(raw)
            while name in UPCASTERS:
                name, payload = UPCASTERS[name](payload)
            return msgspec.convert(payload, EVENTS[name])
        return _DECODERS[name](raw)
    except (KeyError, msgspec.MsgspecError) as error:
        msg = f"{name}: {error}"
        raise Unreadable(msg) from error
