"""A minute for whatever the product itself waits for: a busy machine is no fault."""

import api.cli.client
import api.http.operations
import api.world.world
from tests.given import PATIENCE_SECONDS


def be_patient() -> None:
    """Raise the product's own bounds, in this process and those forked from it."""
    api.cli.client.WAIT_SECONDS = api.cli.client.TIMEOUT_SECONDS = PATIENCE_SECONDS
    api.http.operations.READY_SECONDS = PATIENCE_SECONDS
    api.world.world.WAIT_SECONDS = PATIENCE_SECONDS
