"""The short door leads where the routers lead, and to nothing else."""

import re

from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from api.http.app import _door, _routes
from api.http.deciding import DECLARED
from tests.api.served import API, Service, declaration, is_error, served


def test_the_door_and_the_routers_lead_to_the_same():
    """Each path that takes a POST, with words of other paths for its parameters."""
    door = _door()
    posts = [
        (context.path, compile_path(context.path)[0], context.name)
        for context in iter_route_contexts(_routes())
        if "POST" in (context.methods or ())
    ]
    words = sorted({word for path, _, _ in posts for word in path.split("/") if word})
    found = set()
    for path, _, _ in posts:
        for value in ("x1", "31.0-a", *(w for w in words if not w.startswith("{"))):
            asked = re.sub(r"\{\w+\}", value, path)
            led = door.find(asked)
            if led is None:
                continue
            matched = ((p.fullmatch(asked), name) for _, p, name in posts)
            match, name = next((m, name) for m, name in matched if m)
            assert led[0].name == name, asked
            assert led[1] == match.groupdict(), asked
            found.add(name)
    assert found == {row.name for row in DECLARED.values() if row.shows is None}
    for other in ("", "/", f"{API}/people/import", f"{API}/emergencies/"):
        assert door.find(other) is None


@served
async def test_what_goes_wrong_behind_the_door_is_answered_as_elsewhere(s: Service):
    """A body that is none, an unknown parameter, a refusal, and a fault of ours."""
    commander, path = await s.as_("commander"), "/emergencies"
    is_error(await commander.send(path, {"level": 3}), "request.invalid")
    is_error(await commander.http.post(f"{API}{path}"), "request.no-command-id")
    is_error(await commander.send(f"{path}?trial=1", declaration()), "request.invalid")
    answer = await commander.send(path, declaration(scope=["999999999999"]))
    is_error(answer, "areas.unknown")
    assert answer.headers["cache-control"] == "no-store"
    s.world.do = None  # type: ignore[method-assign,assignment]
    answer = await commander.send(path, declaration())
    is_error(answer, "http.500")
