"""Playbooks (预案) as frozen data; how they are read from text: ``playbook_text``.

A playbook says for each planned function of a site (采样点 …) from which level on it is
taken into service, with which steps, by whom and how soon, and how it goes back. Steps
carry ``from_level`` too: a graver level contains all steps of the lighter ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from coordination.vocabulary import EXCLUSIVE

EXCLUDES_MAX = 100
PHASES = ("convert", "recover")
ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
LEVEL_NAMES = {number: name for name, number in ROMAN.items()}

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,39}(?!\n)$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\.[0-9]{1,3}(?!\n)$")]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=43_200)]
LevelName = Annotated[str, msgspec.Meta(pattern=r"^(I|II|III|IV)(?!\n)$")]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown fields are findings, never ignored."""


class Step(_Strict, frozen=True, kw_only=True):
    """One checklist step (步骤). ``due_minutes``: 1 to 43 200, from the order."""

    id: Id
    zh: Text
    en: Text
    owner: Id
    due_minutes: Minutes
    mandatory: bool = True
    from_level: LevelName = "IV"


class Conversion(_Strict, frozen=True, kw_only=True):
    """How sites planned for ``function`` convert and recover (阵地转换)."""

    function: Id
    zh: Text
    en: Text
    from_level: LevelName = "IV"
    convert: tuple[Step, ...]
    recover: tuple[Step, ...]

    def steps(self, phase: str, level: int) -> tuple[Step, ...]:
        """Return the phase's steps that apply at ``level`` (1 gravest to 4)."""
        listed = self.convert if phase == "convert" else self.recover
        return tuple(step for step in listed if ROMAN[step.from_level] >= level)


class Trigger(_Strict, frozen=True, kw_only=True):
    """When a level is called for (响应条件); read by people."""

    level: LevelName
    zh: Text
    en: Text


class PostDemand(_Strict, frozen=True, kw_only=True):
    """Posts to fill (须设岗位): of this kind, wherever its level lies in scope."""

    kind: Id
    from_level: LevelName = "IV"


class PackageDemand(_Strict, frozen=True, kw_only=True):
    """Packages that must have somebody (须落实包保), by kind."""

    kind: Id
    from_level: LevelName = "IV"


class MaterialDemand(_Strict, frozen=True, kw_only=True):
    """What must be in stock (物资保障), in base units of an item of the catalogue.

    For residents: ``per_thousand`` a day for 1 000 of them (None: as the catalogue says
    for this hazard), for ``days``; 0 days: not per head. For sites: ``per_site`` for
    each that takes up ``function``.
    """

    item: Id
    days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 0
    per_thousand: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    function: Id | None = None
    per_site: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    from_level: LevelName = "IV"


class Substitution(_Strict, frozen=True, kw_only=True):
    """How backups step in (AB角规则); what stands here holds in peacetime.

    ``rule``: ``automatic``: whoever is silent past ``silent_minutes`` is replaced;
    ``ordered``: that only raises an alarm. 0: nobody need confirm to be well.
    ``several``: one person may act on several posts at once.
    """

    rule: Literal["ordered", "automatic"] = "ordered"
    silent_minutes: Annotated[int, msgspec.Meta(ge=0, le=43_200)] = 0
    accept_minutes: Minutes = 15
    handover_minutes: Minutes = 60
    ratify_minutes: Minutes = 240
    several: bool = False


class Playbook(_Strict, frozen=True, kw_only=True):
    """One plan, as the service runs it.

    ``excludes``: pairs of functions no site holds together (互斥功能); the compiled
    form has the built-in ones too. ``on_conflict``: what becomes of such an order.
    """

    id: Id
    version: Version
    hazard: Id
    zh: Text
    en: Text
    triggers: tuple[Trigger, ...] = ()
    conversions: tuple[Conversion, ...]
    on_conflict: Literal["refuse", "pass-over"] = "refuse"
    excludes: Annotated[
        tuple[tuple[Id, Id], ...], msgspec.Meta(max_length=EXCLUDES_MAX)
    ] = ()
    posts: Annotated[tuple[PostDemand, ...], msgspec.Meta(max_length=50)] = ()
    packages: Annotated[tuple[PackageDemand, ...], msgspec.Meta(max_length=50)] = ()
    substitution: Substitution = Substitution()
    materials: Annotated[tuple[MaterialDemand, ...], msgspec.Meta(max_length=200)] = ()

    def posts_at(self, level: int) -> Iterator[PostDemand]:
        """Yield the posts to fill at ``level`` (1 gravest to 4)."""
        return (d for d in self.posts if ROMAN[d.from_level] >= level)

    def packages_at(self, level: int) -> frozenset[str]:
        """Return the kinds of packages that must have somebody at ``level``."""
        return frozenset(d.kind for d in self.packages if ROMAN[d.from_level] >= level)

    def exclusive(self, one: str, other: str) -> bool:
        """Tell whether no site may hold both functions."""
        pairs = self.excludes or EXCLUSIVE  # empty: compiled before there were pairs
        return (one, other) in pairs or (other, one) in pairs

    def conversion(self, function: str | None, level: int) -> Conversion | None:
        """Return what a site with this planned function does at ``level``, if any."""
        for entry in self.conversions:
            if entry.function == function and ROMAN[entry.from_level] >= level:
                return entry
        return None


def canonical(playbook: Playbook) -> tuple[str, str]:
    """Return the canonical JSON of a playbook and its SHA-256 in hex."""
    compiled = msgspec.json.encode(playbook, order="sorted")
    return compiled.decode(), hashlib.sha256(compiled).hexdigest()


def from_canonical(compiled: str) -> Playbook:
    """Read back what ``canonical`` wrote."""
    return msgspec.json.decode(compiled, type=Playbook)
