"""The OpenAPI document is true: generated calls are answered as it says."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.http.app import create_app
from tests.api.served import (
    CENTRE_1,
    DISTRICT,
    LOCAL_TOKEN,
    SLIPS,
    STEP,
    STREET_1,
    accounts_at,
    furnish,
    open_at,
    service,
)
from tests.given import LONG, NOW, Clock

EXAMPLES_EACH = 6 if LONG else 2
CONFIG = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": LONG}}})
"""Every keyword of every shape broken one by one: that takes minutes."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def api_schema(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The application with one of everything in it, as schemathesis reads it."""
    data = shutil.copytree(seeded, tmp_path_factory.mktemp("contract") / "data")

    async def begin() -> None:
        async with service(data) as s:
            ids = await furnish(s)
            known.update({k: ids[k] for k in PARTS}, seq=s.head)

    asyncio.run(begin())
    world = open_at(data, Clock(NOW + 2_000_000))
    accounts = accounts_at(data, world.clock)
    # One app for all calls, its loop schemathesis's own: the views follow by thread.
    app = create_app(world, accounts, timers=False, local_token=LOCAL_TOKEN)
    world.runner.start()
    try:
        yield schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=CONFIG)
    finally:
        accounts.close()
        world.close()


PARTS = (
    "emergency", "proposal", "glass", "order", "grant", "absence", "person", "post",
    "opening", "lot", "station", "slip", "request", "item", *SLIPS.values(),
)  # fmt: skip
known: dict[str, Any] = {
    "code": DISTRICT,
    "area": STREET_1,
    "site": CENTRE_1,
    "step": STEP,
    "seq": 21,
    "calls": 0,
}
"""What is there, by the name of a parameter; ``PARTS`` come when they are made."""

schema = schemathesis.pytest.from_fixture("api_schema").exclude(
    # It never ends: tests/api/test_stream.py reads it over real sockets.
    path="/api/v1/stream"
)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES_EACH,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_the_answers_are_as_described(case: Any):
    """Fit and unfit calls alike get a described status, type and shape; never a 5xx."""
    # A min_seq that has not come waits for it: test_journeys.py asks for one.
    if case.query:
        case.query.pop("min_seq", None)
    # Half of the calls go to what is there: by chance none would.
    known["calls"] += 1
    if known["calls"] % 2:
        kind = SLIPS.get(case.path.split("/")[3], "slip")
        there = {**known, "slip": known.get(kind)}
        for given in (case.path_parameters, case.query):
            for name in there.keys() & (given or {}).keys():
                given[name] = there[name]
    case.call_and_validate(
        headers={"Authorization": f"Bearer {LOCAL_TOKEN}"}, checks=CHECKS
    )
