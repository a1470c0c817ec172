"""Facts about responsibility packages (四包责任). Vocabulary kept for ever."""

from __future__ import annotations

import msgspec

from coordination.kernel import Event

PERSON, POST, ORGANISATION = PARTIES = ("person", "post", "organisation")


class Party(msgspec.Struct, frozen=True):
    """A responsible party (责任主体): ``kind`` of ``PARTIES``, ``id`` of that kind.

    An organisation is a unit, or the community's own (``community:<code>``). Of a post
    it is whoever acts on it.
    """

    kind: str
    id: str


class PackageKind(msgspec.Struct, frozen=True):
    """A kind of package (包保类型). ``target``: level of its targets, or ``site``.

    ``functions``: of a site that needs it, empty otherwise. ``parties``: who may have
    it. ``load``: packages of this kind one person may have, 1 to 50. Duties as text.
    """

    id: str
    zh: str
    en: str
    target: str
    parties: tuple[str, ...]
    load: int
    peace_zh: str
    peace_en: str
    war_zh: str
    war_en: str
    functions: tuple[str, ...] = ()
    skill: str = ""


class PackageKindsSet(Event, frozen=True, kw_only=True):
    """包保类型设定: all of them, from now on."""

    STREAM = "package-kinds"  # one stream for all of them
    NAME = "packages.kinds-set.1"
    ANEW = ("SetPackageKinds",)
    kinds: tuple[PackageKind, ...]


class _OfPackage(Event, frozen=True, kw_only=True):
    """A fact in a package's own stream; ``target``: area code or site id."""

    STREAM = "package/{0.kind}/{0.target}"  # one stream for each package
    kind: str
    target: str

    @property
    def package(self) -> str:
        """How a person's record names it."""
        return f"{self.kind}/{self.target}"


class PackageAssigned(_OfPackage, frozen=True, kw_only=True):
    """包保责任确定: the target had nobody; ``backups``: B1, B2 … by person."""

    NAME = "packages.package-assigned.1"
    ANEW = ("HandOverPackage",)
    party: Party
    backups: tuple[str, ...]


class PackageHandedOver(_OfPackage, frozen=True, kw_only=True):
    """包保责任移交: from one party to another, with no moment between.

    ``cause``: why the first fell away, empty: by agreement. ``standing`` 兜底: nobody
    in line could, so it falls to the community until somebody is named.
    """

    NAME = "packages.package-handed-over.1"
    ANEW = ("HandOverPackage",)
    before: Party
    party: Party
    backups: tuple[str, ...]
    cause: str = ""
    standing: bool = False


class PackageReleased(_OfPackage, frozen=True, kw_only=True):
    """包保责任解除: the target has nobody, by decision."""

    NAME = "packages.package-released.1"
    ANEW = ("AssignPackages",)
    before: Party


Handing = PackageAssigned | PackageHandedOver | PackageReleased
"""Somebody answers for a target, somebody else, or nobody any more."""
