"""An account whose password somebody else has set rests before it signs."""

from __future__ import annotations

import pytest

from coordination.grants.accounts import JustOpened, JustReset, check_rested
from coordination.grants.events import AccountActed
from tests.given import HOUR, NOW, fold

DAY = 24 * HOUR


def acted(act, hours=0):
    """Return what was done about an account, so many hours ago."""
    at_us = NOW - hours * HOUR
    return AccountActed(account="shen", act=act, about="", at_us=at_us)


@pytest.mark.parametrize(
    ("given", "level", "then"),
    [
        pytest.param([], 1, None, id="never"),
        pytest.param([acted("password")], 1, JustReset, id="reset"),
        pytest.param([acted("password")], 2, JustReset, id="reset, level II"),
        pytest.param([acted("password")], 3, None, id="reset, level III"),
        pytest.param([acted("password", 24)], 1, None, id="reset a day ago"),
        pytest.param([acted("password", 23)], 1, JustReset, id="reset, nearly a day"),
        pytest.param(
            [acted("password", 2), acted("own-password", 1)],
            1,
            JustReset,
            id="reset, and chosen anew",
        ),
        pytest.param([acted("opened")], 1, JustOpened, id="opened"),
        pytest.param([acted("opened", 24)], 1, None, id="opened a day ago"),
        pytest.param([acted("installed")], 1, None, id="opened at the machine"),
        pytest.param(
            [acted("opened", 2), acted("own-password", 1)],
            2,
            JustOpened,
            id="opened, and chosen anew",
        ),
        pytest.param(
            [acted("opened", 30), acted("disabled", 2), acted("enabled", 1)],
            1,
            None,
            id="disabled and enabled",
        ),
    ],
)
def test_who_rests_for_a_day(given, level, then):
    """Whoever set the password could sign a second time with it."""
    read = fold(*given)
    if then is None:
        check_rested(read, "shen", level, NOW)
        return
    with pytest.raises(then):
        check_rested(read, "shen", level, NOW)
