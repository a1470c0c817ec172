"""A preview of a whole city: the real decision and the real view, nothing kept."""

from __future__ import annotations

import time
from pathlib import Path

from api.http.plain import LOCAL
from api.pages.foreseen import preview_of
from api.world.settings import Settings
from api.world.wiring import open_world
from coordination.mode.decide import DeclareEmergency
from coordination.tree import Place
from tests.bench.deciding import switched_world
from tests.bench.report import Result, percentile
from tests.bench.shanghai import city_file

LOOKS = 5
ROOT = "310000000000"


def _wish(hazard: str, playbook: str) -> DeclareEmergency:
    return DeclareEmergency(
        emergency="e-0000000000",
        hazard=hazard,
        level=3,
        scope=(Place(ROOT, "province"),),
        basis="b",
        matter="m",
        measures="m",
        expected_hours=24,
        playbook=playbook,
    )


def whole_city(folder: Path, _events: int) -> list[Result]:
    """Measure a preview of all Shanghai while another emergency holds all of it."""
    data, areas = folder / "world", folder / "areas.csv"
    city_file(areas)
    switched_world(data, areas, Place(ROOT, "province"))
    world = open_world(Settings(data=data))
    seconds = []
    try:
        for _ in range(LOOKS):
            command = _wish("flood", "flood-typhoon")
            began = time.perf_counter()
            body = preview_of(world, LOCAL, command, "declare")
            seconds.append(time.perf_counter() - began)
    finally:
        world.close()
    slowest, totals = percentile(seconds, 0.95), body["totals"]
    return [
        Result(
            "preview of a switch of all Shanghai over another emergency, p95",
            f"{slowest:.2f} s, {totals['sites']:,} sites,"
            f" {totals['conflicts']:,} of them in conflict",
            "",
            "",
            "≤ 2 s",
            slowest <= 2,
        )
    ]
