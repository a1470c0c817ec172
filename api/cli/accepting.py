"""Going on with stores that are not those there were (认可数据库)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shared import Data, Json, command, show
from api.world.settings import from_environment
from coordination.refusals import NothingLeft

if TYPE_CHECKING:
    from api.world.settings import Settings
    from api.world.stores import Amiss
    from coordination.log import Recorder

NothingAmiss = NothingLeft.of(
    "store.nothing-amiss",
    "各数据库都是原来的",
    "every store is the one there was",
)


@command("world accept")
def world_accept(
    basis: Annotated[str, typer.Option(help="依据: who decided so, and on what")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """认可数据库: go on with an older or lost store, which is recorded for ever."""
    from api.world import local  # noqa: PLC0415 - starts quicker without
    from api.world.amending import Acceptance  # noqa: PLC0415
    from api.world.stores import HELD  # noqa: PLC0415
    from api.world.wiring import open_world  # noqa: PLC0415
    from coordination.service.stores import WithoutBasis  # noqa: PLC0415

    if not basis.strip():  # before anything is done about a store
        raise WithoutBasis
    settings = from_environment(data)
    local.check_known(settings)
    found: list[Amiss] = []

    def settle(recorder: Recorder, amiss: Sequence[Amiss]) -> None:
        found.extend(one for one in amiss if one.store in HELD)
        if not found:
            raise NothingAmiss
        if any(one.store == "accounts" for one in found):
            renew_accounts(settings, recorder)

    world = open_world(settings, acceptance=Acceptance(basis, settle))
    head = world.log.recorder.head()
    world.close()
    accepted: list[dict[str, Any]] = [one._asdict() for one in found]
    root = head.frontier().root().hex()
    show({"accepted": accepted, "seq": head.seq, "root": root}, as_json=as_json)


def renew_accounts(settings: Settings, recorder: Recorder) -> None:
    """Bring accounts that were put back to what the log says of them since."""
    from api.http.auth import open_accounts  # noqa: PLC0415 - starts quicker without
    from api.world.wiring import wall_clock  # noqa: PLC0415
    from coordination.catalogue import decode_event, open_envelope  # noqa: PLC0415
    from coordination.grants.accounts import evolve_disabled  # noqa: PLC0415

    disabled = []
    for stream in recorder.streams("accounts/"):
        state = False
        for row in recorder.stream(stream):
            fact = decode_event(row.name, open_envelope(row.stored).event)
            state = evolve_disabled(state, fact)
        if state:
            disabled.append(stream.partition("/")[2])
    with closing(open_accounts(settings, wall_clock)) as accounts:
        accounts.renew(disabled)
