"""Packages (四包): who answers for which compound, building, grid and facility."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Said
from coordination.packages.decide import (
    AssignPackages,
    HandOverPackage,
    ReleasePackage,
)
from coordination.packages.kinds import SetPackageKinds


class Assigned(msgspec.Struct):
    """How many packages were assigned."""

    assigned: int


def assigned(done: Done) -> Assigned:
    """Return how many packages were assigned."""
    return Assigned(len(done.command.rows))


DECISIONS = (
    Decision(path="/packages/kinds", command=SetPackageKinds),
    Decision(
        path="/packages/assign",
        command=AssignPackages,
        answers=assigned,
        status=201,
    ),
    Decision(
        path="/packages/handover",
        command=HandOverPackage,
        words="package handover",
        arguments=("kind", "target"),
        answers=Said("id=package"),
    ),
    Decision(
        path="/packages/release",
        command=ReleasePackage,
        words="package release",
        arguments=("kind", "target"),
        needs=("reason",),
        answers=Said("id=package"),
    ),
)
