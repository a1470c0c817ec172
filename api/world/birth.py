"""What a world was born as (出身): a demonstration from its birth, or never one."""

from __future__ import annotations

from api.world.settings import Settings
from coordination.log import Recorder
from coordination.refusals import Refusal

BIRTH = "born-as"
"""How the log's database calls it; set once, at the first start after it was made."""
DEMONSTRATION, REAL = "demonstration", "real"
MARK = "this-is-a-demo"
"""The file that a demonstration leaves in its folder: nothing else is ever emptied."""


BornReal = Refusal.of(
    "world.born-real",
    "这里的数据不是演示数据，不能改作演示",
    "this world was not born a demonstration and never becomes one",
    "演示请另用一个空目录",
    "use another folder",
)


def bear(recorder: Recorder, settings: Settings, *, demonstration: bool) -> None:
    """Settle what a world is before its first fact; afterwards nothing changes it.

    :raises BornReal: if a demonstration is wanted of a world that is none
    """
    born = settled(recorder, settings)
    if not born:
        wanted = DEMONSTRATION if demonstration else REAL
        born = recorder.meta(BIRTH, wanted)
    if demonstration and born != DEMONSTRATION:
        raise BornReal


def settled(
    recorder: Recorder, settings: Settings, *, demo_accounts: bool = True
) -> str:
    """Return what a world was born as, empty while nothing is in it.

    ``demo_accounts``: whether there are any. A world made before this was asked is a
    demonstration if ``pingzhan demo`` made its folder and accounts, and no other.
    """
    if recorder.head().seq == 0:
        return ""
    made = (settings.data / MARK).exists() and demo_accounts
    return recorder.meta(BIRTH, DEMONSTRATION if made else REAL)


def is_demonstration(
    recorder: Recorder, settings: Settings, *, demo_accounts: bool
) -> bool:
    """Tell whether a world is a demonstration from its birth."""
    return settled(recorder, settings, demo_accounts=demo_accounts) == DEMONSTRATION
