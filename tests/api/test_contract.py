"""The OpenAPI document is true: generated calls are answered as it says.

They come from four signed-in people in turn: what a role may not is answered as it says
too, and nobody finds a fault that only their role meets.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
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

CALLERS = ("commander", "street-staff", "administrator", "auditor")
EXAMPLES_EACH = len(CALLERS) * (3 if LONG else 1)
CONFIG = SchemathesisConfig.from_dict(
    {
        # every keyword of every shape broken one by one: that takes minutes
        "phases": {"coverage": {"enabled": LONG}},
        # a made-up cookie or token beside the caller's would sign them out
        "generation": {"with-security-parameters": False},
    }
)
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
            known.update({k: ids[k] for k in PARTS}, seq=s.head, at=str(s.head))
            for role in CALLERS:
                http = (await s.as_(role)).http
                cookie = "; ".join(f"{k}={v}" for k, v in http.cookies.items())
                headers[role] = {"Cookie": cookie}

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
}
"""What is there, by the name of a parameter; ``PARTS`` come when they are made."""
headers: dict[str, dict[str, str]] = {}
"""What each caller sends: the cookie of their session."""
calls: Counter[str] = Counter()
"""How often each operation was called."""

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
    calls[case.operation.label] += 1
    nth, first = calls[case.operation.label], len(calls)
    caller = CALLERS[(first + nth) % len(CALLERS)]
    # Most calls go to what is there: by chance none would. Who meets what is not there
    # is another at every operation.
    if nth % len(CALLERS) != first % len(CALLERS):
        kind = SLIPS.get(case.path.split("/")[3], "slip")
        there = {**known, "slip": known.get(kind)}
        for given in (case.path_parameters, case.query):
            for name in there.keys() & (given or {}).keys():
                given[name] = there[name]
    ends = case.operation.label == "DELETE /api/v1/session"  # theirs, for all that come
    sent = {"Authorization": f"Bearer {LOCAL_TOKEN}"} if ends else headers[caller]
    answer = case.call_and_validate(headers=sent, checks=CHECKS)
    if case.operation.label != "POST /api/v1/session":
        assert answer.status_code != 401, f"{caller} is signed out"
