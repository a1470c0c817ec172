"""What tests are given: a fixed clock, actors, a small city, facts to read, a door."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from coordination import catalogue
from coordination.areas.decide import AreaRow, ImportAreas
from coordination.areas.events import (
    AreaRegistered,
    LocalAreasRegistered,
    LocalNode,
    PlannedFunction,
    SiteRegistered,
)
from coordination.grants.events import RoleGranted, RoleRevoked
from coordination.handle import Handler
from coordination.kernel import (
    Actor,
    Command,
    Decider,
    Event,
    Provenance,
    Read,
    Refusal,
    Stream,
)
from coordination.log import Log, Receipt, Row, open_recorder
from coordination.mode.events import (
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    LevelLowered,
    LevelRaised,
    PlaybookPublished,
    ScopeNarrowed,
    ScopeWidened,
)
from coordination.permit import OWN
from coordination.playbook import Playbook, canonical, compile_text
from coordination.reactions import DECIDERS, decide_all
from coordination.tree import Place

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_700_000_000 * SECOND
"""2023-11-14, in microseconds; every test begins here."""

COMMANDER = Actor("wang", "commander")
STREET_STAFF = Actor("li", "street-staff", "310117001")
ADMINISTRATOR = Actor("zhao", "administrator")
SERVICE = Actor("timer", "service")
STATED = {*OWN, *(a.account for a in (COMMANDER, STREET_STAFF, ADMINISTRATOR, SERVICE))}
"""Accounts whose role these tests state; all others need a grant."""


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


class Entropy:
    """Bytes that look random and are the same in every run."""

    def __init__(self, seed: str = "") -> None:
        self._numbers = itertools.count()
        self._seed = seed

    def __call__(self, size: int) -> bytes:
        text = f"{self._seed}{next(self._numbers)}"
        return hashlib.shake_128(text.encode()).digest(size)


# --- a small city: 2 streets with 2 communities each, one of them with grids -------

SHANGHAI = Place("310000000000", "province")
CITY = Place("310100000000", "city")
SONGJIANG = Place("310117000000", "district")
STREET_1 = Place("310117001000", "street")
STREET_2 = Place("310117002000", "street")
COMMUNITY_11 = Place("310117001001", "community")
COMMUNITY_12 = Place("310117001002", "community")
COMMUNITY_21 = Place("310117002001", "community")
COMMUNITY_22 = Place("310117002002", "community")
GRID = Place("310117001001g01", "grid")
COMPOUND = Place("310117001001g01c01", "compound")
BUILDING = Place("310117001001g01c01b001", "building")

PARENTS: dict[Place, Place | None] = {
    SHANGHAI: None,
    CITY: SHANGHAI,
    SONGJIANG: CITY,
    STREET_1: SONGJIANG,
    STREET_2: SONGJIANG,
    COMMUNITY_11: STREET_1,
    COMMUNITY_12: STREET_1,
    COMMUNITY_21: STREET_2,
    COMMUNITY_22: STREET_2,
    GRID: COMMUNITY_11,
    COMPOUND: GRID,
    BUILDING: COMPOUND,
}
OFFICIAL = [place for place in PARENTS if len(place.code) == len(SHANGHAI.code)]
LOCAL = [place for place in PARENTS if place not in OFFICIAL]
NODES = tuple(LocalNode(place.code, place.level) for place in LOCAL)


def registered(place: Place) -> AreaRegistered:
    """Return the registration of one of the city's areas."""
    parent = PARENTS[place]
    return AreaRegistered(
        code=place.code,
        name=place.level,
        level=place.level,
        parent=parent.code if parent else "",
    )


AREAS: list[Event] = [
    *(registered(place) for place in OFFICIAL),
    LocalAreasRegistered(community=COMMUNITY_11.code, nodes=NODES),
]


def site(number: int, area: Place = COMMUNITY_11, **planned: str) -> SiteRegistered:
    """Return the registration of a site; ``planned``: hazard=function."""
    return SiteRegistered(
        site=f"{area.path}-s{number}",
        area=area.code,
        name=f"阵地{number}",
        kind="party-centre",
        planned=tuple(PlannedFunction(h, f) for h, f in planned.items()),
        spaces=(),
        facilities=(),
    )


def row_of(number: int, place: Place) -> AreaRow:
    """Return the line of an area file that registers one of the city's areas."""
    parent = PARENTS[place]
    code = parent.code if parent else ""
    return AreaRow(number, place.code, place.level, place.level, code)


IMPORT = ImportAreas(
    rows=tuple(row_of(n, place) for n, place in enumerate(OFFICIAL, 2))
)

FLOOD_TEXT = """\
id: flood-plan
version: "2024.1"
hazard: flood
zh: 防汛预案
en: Flood plan
triggers:
  - {level: IV, zh: 暴雨蓝色预警, en: Blue rainstorm warning}
conversions:
  - function: shelter
    zh: 安置点
    en: Shelter
    convert:
      - {id: open-doors, zh: 开门, en: Open up, owner: keeper, due_minutes: 30}
      - {id: set-beds, zh: 铺床, en: Set up beds, owner: keeper, due_minutes: 60}
      - id: call-doctor
        zh: 请医生
        en: Call a doctor
        owner: secretary
        due_minutes: 45
        from_level: III
      - id: hang-banner
        zh: 挂横幅
        en: Hang the banner
        owner: keeper
        due_minutes: 90
        mandatory: false
    recover:
      - {id: clean-up, zh: 清扫, en: Clean up, owner: keeper, due_minutes: 120}
  - function: command-post
    zh: 指挥部
    en: Command post
    from_level: III
    convert:
      - {id: wire-up, zh: 通电, en: Wire up, owner: keeper, due_minutes: 30}
    recover:
      - {id: wire-down, zh: 断电, en: Wire down, owner: keeper, due_minutes: 30}
"""
EPIDEMIC_TEXT = """\
id: epidemic-plan
version: "2024.1"
hazard: epidemic
zh: 疫情预案
en: Epidemic plan
conversions:
  - function: sampling-point
    zh: 采样点
    en: Sampling point
    convert:
      - {id: mark-lanes, zh: 划线, en: Mark lanes, owner: keeper, due_minutes: 30}
    recover:
      - {id: disinfect, zh: 消毒, en: Disinfect, owner: keeper, due_minutes: 60}
"""


def compiled(text: str) -> Playbook:
    """Return a playbook whose text has no faults."""
    playbook, findings = compile_text(text)
    assert playbook is not None, findings
    assert not findings
    return playbook


def published(text: str) -> PlaybookPublished:
    """Return the publication of a playbook."""
    playbook = compiled(text)
    whole, digest = canonical(playbook)
    return PlaybookPublished(
        playbook=playbook.id,
        version=playbook.version,
        text=text,
        compiled=whole,
        digest=digest,
    )


FLOOD_PLAN = published(FLOOD_TEXT)
EPIDEMIC_PLAN = published(EPIDEMIC_TEXT)


def declared(
    emergency: str = "e1",
    *scope: Place,
    without: Sequence[Place] = (),
    level: int = 4,
    at: int = NOW,
    plan: PlaybookPublished = FLOOD_PLAN,
) -> EmergencyDeclared:
    """Return a declaration, for the first street if no scope is given."""
    return EmergencyDeclared(
        emergency=emergency,
        hazard=compiled(plan.text).hazard,
        level=level,
        scope=scope or (STREET_1,),
        excluded=tuple(without),
        matter="暴雨",
        measures="转移安置",
        declared_us=at,
        expected_until_us=at + 24 * HOUR,
        playbook=plan.playbook,
        playbook_digest=plan.digest,
    )


def ended(emergency: str = "e1", at: int = NOW) -> EmergencyEnded:
    """Return the end of an emergency."""
    return EmergencyEnded(emergency=emergency, ended_us=at)


def raised(emergency: str = "e1", before: int = 4, level: int = 3, at: int = NOW
) -> LevelRaised:  # fmt: skip
    """Return a raise of an emergency's level."""
    return LevelRaised(
        emergency=emergency, changed_us=at, level_before=before, level=level
    )


def lowered(emergency: str = "e1", before: int = 3, level: int = 4, at: int = NOW
) -> LevelLowered:  # fmt: skip
    """Return a lowering of an emergency's level."""
    return LevelLowered(
        emergency=emergency, changed_us=at, level_before=before, level=level
    )


def widened(
    emergency: str, *scope: Place, without: Sequence[Place] = (), at: int = NOW
) -> ScopeWidened:
    """Return a widening; ``scope`` and ``without``: the whole from then on."""
    return ScopeWidened(
        emergency=emergency, changed_us=at, scope=scope, excluded=tuple(without)
    )


def narrowed(
    emergency: str, *scope: Place, without: Sequence[Place] = (), at: int = NOW
) -> ScopeNarrowed:
    """Return a narrowing; ``scope`` and ``without``: the whole from then on."""
    return ScopeNarrowed(
        emergency=emergency, changed_us=at, scope=scope, excluded=tuple(without)
    )


def granted(
    account: str,
    role: str,
    area: Place | None = None,
    *,
    grant: str = "",
    at: int = NOW,
    until: int = 0,
    lent: tuple[str, str] = ("", ""),
) -> RoleGranted:
    """Return a grant; its id is ``g-<account>``. ``lent``: by whom, of which grant."""
    return RoleGranted(
        grant=grant or f"g-{account}",
        account=account,
        role=role,
        area=area,
        from_us=at,
        until_us=until,
        delegator=lent[0],
        delegated_from=lent[1],
    )


def revoked(account: str, grant: str = "") -> RoleRevoked:
    """Return the end of a grant."""
    return RoleRevoked(grant=grant or f"g-{account}", account=account)


def passed(step: str, minutes: int, phase: str = "convert") -> DeadlinePassed:
    """Return a deadline of e1, declared or ended at NOW, noticed in time."""
    due = NOW + minutes * MINUTE
    return DeadlinePassed(
        emergency="e1", phase=phase, step=step, due_us=due, noticed_us=due
    )


# --- given / when / then -----------------------------------------------------------


class Folded:
    """The ``read`` of a log that holds some events."""

    def __init__(self, events: Sequence[Event], by: Provenance) -> None:
        self.by = by
        self._streams: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            self._streams[event.stream].append(event)

    def __call__(self, stream: Stream[Any], /) -> Any:
        return reduce(stream.evolve, self._streams[stream.id], stream.initial)


def by(command_id: str = "c", actor: Actor = COMMANDER, **more: Any) -> Provenance:
    """Return who gives a command."""
    return Provenance(command_id=command_id, actor=actor, **more)


def fold(*events: Event, who: Provenance | None = None) -> Read:
    """Return the ``read`` of a log that holds these events; the commander asks."""
    return Folded(events, who or by())


def together(read: Read, command: Command, now: int) -> Sequence[Event]:
    """Decide with all that the first facts call for, as the door does."""
    facts = decide_all(DECIDERS[type(command)], read, command, now)
    return [event for event, _ in facts]


Then = Sequence[Event] | type[Refusal] | Refusal


def check(
    decide: Decider,
    given: Sequence[Event],
    when: Command,
    then: Then,
    now: int = NOW,
    who: Provenance | None = None,
) -> None:
    """Decide ``when`` on ``given``; ``then``: facts, a refusal's type, or its facts."""
    if isinstance(then, Sequence):
        assert list(decide(fold(*given, who=who), when, now)) == list(then)
        return
    kind = then if isinstance(then, type) else type(then)
    with pytest.raises(kind) as caught:
        decide(fold(*given, who=who), when, now)
    assert type(caught.value) is kind
    if isinstance(then, Refusal):
        assert caught.value.facts == then.facts
    for lang in ("zh", "en"):
        assert "{" not in caught.value.say(lang)


def table(*rows: tuple[Any, ...]) -> pytest.MarkDecorator:
    """Parametrise ``given, when, then`` by rows of (sentence, given, when, then)."""
    return pytest.mark.parametrize(
        ("given", "when", "then"),
        [pytest.param(*cells, id=sentence) for sentence, *cells in rows],
    )


# --- a door ------------------------------------------------------------------------

DIGEST_KEY = b"test key"


@contextlib.contextmanager
def door(
    where: str | Path,
    *,
    clock: Callable[[], int] | None = None,
    deciders: dict[type[Command], Decider] | None = None,
    seed: str = "",
    own: Collection[str] = STATED,
) -> Iterator[Handler]:
    """Open a handler on a log of its own; closed at the end."""
    log = Log(open_recorder(where), clock or Clock())
    try:
        yield another_door(log, deciders=deciders, seed=seed, own=own)
    finally:
        log.close()


def another_door(
    log: Log,
    *,
    deciders: dict[type[Command], Decider] | None = None,
    seed: str = "",
    own: Collection[str] = STATED,
) -> Handler:
    """Return a handler that knows nothing yet on an open log."""
    return Handler(
        log,
        digest_key=DIGEST_KEY,
        entropy=Entropy(seed),
        deciders=deciders,
        own=own,
    )


async def answer(
    handler: Handler, command: Command, who: Provenance, now: int = NOW
) -> Receipt | Refusal:
    """Return the receipt or the refusal."""
    try:
        return await handler.handle(command, who, now)
    except Refusal as refusal:
        return refusal


# --- reading a log back ------------------------------------------------------------


def all_rows(log: Log) -> list[Row]:
    """Return the whole log."""
    return log.recorder.rows(0, 1_000_000)


def envelope_of(row: Row) -> catalogue.Envelope:
    """Return what a row's bytes say."""
    return catalogue.open_envelope(row.stored)


def event_of(row: Row) -> Event:
    """Return a row's event."""
    return catalogue.decode_event(row.name, envelope_of(row).event)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root as RFC 6962 §2.1 defines it, leaf hashes given."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = root_of(leaves[:half]), root_of(leaves[half:])
    return hashlib.sha256(b"\1" + left + right).digest()


def receipts_of(rows: Sequence[Row]) -> dict[str, Receipt]:
    """Rebuild every receipt from the log alone."""
    rebuilt: dict[str, Receipt] = {}
    leaves: list[bytes] = []
    for row in rows:
        leaves.append(row.leaf)
        said = envelope_of(row)
        first = rebuilt.get(said.command)
        rebuilt[said.command] = Receipt(
            said.command,
            said.digest,
            first.first_seq if first else row.seq,
            row.seq,
            root_of(leaves).hex(),
            row.recorded_us,
        )
    return rebuilt
