"""The references of stored events and of refusals (事件与拒绝), from their classes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import api
import coordination
import projections
from api.exchange.references.words import table
from api.http.errors import status_of
from coordination.catalogue import EVENTS, UPCASTERS
from coordination.checks import NEEDED
from coordination.correcting import CORRECTIONS, corrected_how
from coordination.deciders import DECIDERS
from coordination.kernel import Command, Event
from coordination.refusals import Refusal
from coordination.stock.lines import why_chosen

NOT_SAID_HERE = frozenset({"server"})
"""Stands for whatever a running server said; never shown under this code."""
_RETURNS = re.compile(r'return f?"([^"]+)"')
_FILLED = re.compile(r"\{[^{}]*?(\w+)\W*\}")


def streams_of(event: type[Event]) -> list[str]:
    """Return the streams a fact may stand in, as its class says."""
    getter = inspect.getattr_static(event, "stream")
    if getter is Event.stream:
        said = [event.STREAM]
    else:  # a few ask what the fact says first
        said = _RETURNS.findall(inspect.getsource(getter.fget))
    return [_FILLED.sub(r"<\1>", text) for text in said]


def events_part(_lang: str) -> list[str]:
    """Return the table of every stored event."""
    rows = []
    for name, event in EVENTS.items():
        means = inspect.cleandoc(event.__doc__ or "").partition("\n\n")[0]
        means = " ".join(means.replace("``", "`").split())
        streams = " or ".join(f"`{one}`" for one in streams_of(event))
        rows.append((f"`{name}`", streams, means))
    return table(("Stored name", "Stream", "Meaning"), rows)


def older_part(_lang: str) -> list[str]:
    """Return the stored names that are written no more."""
    return [", ".join(f"`{name}`" for name in UPCASTERS)]


def needs_part(_lang: str) -> list[str]:
    """Return the table of what decisions are never made without, and name."""
    rows = []
    for command in DECIDERS:
        asks = "needs" in vars(command)
        marks = [
            "●"
            if need in command.NEEDS
            else "○"
            if asks and need in _asked(command).lower()
            else ""
            for need in NEEDED
        ]
        marks.append("●" if "expected" in command.__struct_fields__ else "")
        if any(marks):
            term = re.split(r"[:.]", command.__doc__ or "", maxsplit=1)[0].strip()
            action = command.ACTION if hasattr(command, "ACTION") else ""
            rows.append((term, f"`{command.__name__}`", f"`{action}`", *marks))
    head = "Decision", "Command", "Action", "Basis 依据", "Reason 理由"
    return table((*head, "Fresh look 先查看", "Replaces 替换"), rows)


def corrections_part(_lang: str) -> list[str]:
    """Return the table of how each stored fact is corrected."""
    rows = []
    for name, event in EVENTS.items():
        how = CORRECTIONS.get(event)
        zh, en = corrected_how(event)
        said = [f.removesuffix("_us") for f in how.fields] if how else []
        fields = " ".join(f"`{field}`" for field in said)
        action = f"`{how.action}`" if how else ""
        rows.append((f"`{name}`", "●" if how else "", action, fields, zh, en))
    heads = ("Stored name", "`CorrectFact`", "Action", "Stated instead")
    return table((*heads, "中文", "English"), rows)


def _asked(command: type[Command]) -> str:
    """Return the source of what a command needs where that depends."""
    getter = inspect.getattr_static(command, "needs").fget
    found = inspect.getsource(getter)
    return found + inspect.getsource(why_chosen) if "why_chosen" in found else found


def refusals() -> dict[str, list[type[Refusal]]]:
    """Return every refusal class of the code by its code."""
    for package in (coordination, projections, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    found: dict[str, list[type[Refusal]]] = {}
    left = list(Refusal.__subclasses__())
    while left:
        cls = left.pop()
        left.extend(cls.__subclasses__())
        ours = cls.__module__.split(".")[0] in {"api", "coordination", "projections"}
        if ours and hasattr(cls, "code") and cls.code not in NOT_SAID_HERE:
            found.setdefault(cls.code, []).append(cls)
    return found


def refusals_part(_lang: str) -> list[str]:
    """Return the table of all refusals."""
    rows = []
    for code, classes in sorted(refusals().items()):
        zh = " / ".join(dict.fromkeys(c.whole("zh") for c in classes))
        en = " / ".join(sorted({c.whole("en") for c in classes}))
        mark = " ●" if any(c.RECORDED for c in classes) else ""
        rows.append((f"`{code}`{mark}", str(status_of(classes[0])), zh, en))
    return table(("Code", "Status", "中文", "English"), rows)
