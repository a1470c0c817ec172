"""What tests are given: a fixed clock, actors, a small city, facts to read, a door."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pytest

from coordination import catalogue
from coordination.areas.decide import (
    AreaRow,
    ImportAreas,
    LocalPlan,
    RegisterGround,
    SitePlan,
)
from coordination.areas.events import (
    AreaRegistered,
    LocalAreasRegistered,
    LocalNode,
    PlannedFunction,
    SiteRegistered,
)
from coordination.checks import check_needs
from coordination.deciders import DECIDERS
from coordination.grants.events import PersonBound, RoleGranted, RoleRevoked
from coordination.handle import Handler
from coordination.kernel import (
    Command,
    Decided,
    Decider,
    Event,
    Held,
    Read,
    Stream,
    Told,
)
from coordination.log import Log, Receipt, Row, open_recorder
from coordination.mode.events import (
    RULES,
    DeadlinePassed,
    EmergencyDeclared,
    EmergencyEnded,
    EmergencyVoided,
    LevelLowered,
    LevelRaised,
    PlaybookPublished,
    ScopeNarrowed,
    ScopeWidened,
    SitesTakenUp,
)
from coordination.people.decide import PersonRow, RegisterPeople, UnitRow
from coordination.people.events import (
    AccountBound,
    DutyBegun,
    DutyEnded,
    PersonAvailable,
    PersonRegistered,
    PersonUnavailable,
    Training,
    UnitRegistered,
)
from coordination.permit import OWN
from coordination.playbook import Playbook, Substitution, canonical
from coordination.playbook_text import compile_text
from coordination.posts.decide import DefinePosts, PostPlan
from coordination.posts.events import (
    APPOINTED,
    AUTOMATIC,
    RETURNED,
    SEIZED,
    PostDefined,
    SubstitutionMade,
    Tried,
)
from coordination.provenance import Actor, Provenance
from coordination.reactions import decide_all
from coordination.refusals import Refusal
from coordination.tree import Place
from coordination.vocabulary import HANDOVER_ITEMS, POST_KINDS, WITHHELD

LONG = bool(os.environ.get("PINGZHAN_LONG"))
"""``make test-long``: more examples of the same, beyond what fits into ten minutes."""
PATIENCE_SECONDS = 60
"""How long a test waits for a fact before it fails: a busy machine is no fault."""
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
LOOKED = 1_000_000
"""The position seen by whoever saw all there was."""
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

GROUND = RegisterGround(
    street=STREET_1.code, local=(LocalPlan(COMMUNITY_11.code, NODES),), sites=()
)
"""The grids of the first community."""


def grounds(place: SiteRegistered) -> SitePlan:
    """Return the plan by which a site is registered."""
    return SitePlan(place.site, place.area, place.name, "facility", place.planned)


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
        rules=RULES,
    )


def ended(emergency: str = "e1", at: int = NOW) -> EmergencyEnded:
    """Return the end of an emergency."""
    return EmergencyEnded(emergency=emergency, ended_us=at)


def voided(emergency: str = "e1", at: int = NOW, corrects: int = 1) -> EmergencyVoided:
    """Return the voiding of the declaration that stands at ``corrects``."""
    return EmergencyVoided(corrects=corrects, emergency=emergency, voided_us=at)


def taken_up(emergency: str, *sites: str, at: int = NOW) -> SitesTakenUp:
    """Return the order that takes up sites which were passed over."""
    return SitesTakenUp(emergency=emergency, changed_us=at, sites=sites)


def raised(emergency: str = "e1", before: int = 4, level: int = 3, at: int = NOW
) -> LevelRaised:  # fmt: skip
    """Return a raise of an emergency's level."""
    said = {"level_before": before, "level": level, "rules": RULES}
    return LevelRaised(emergency=emergency, changed_us=at, **said)


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
    said = {"scope": scope, "excluded": tuple(without), "rules": RULES}
    return ScopeWidened(emergency=emergency, changed_us=at, **said)


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


# --- people, and the posts they act on ---------------------------------------------

A, B, C, D, E, F = (f"h-{letter * 12}" for letter in "abcdef")
"""People of the first community: A the holder of what is given, B the next in line."""
UNIT = UnitRegistered(unit="u-0123456789", name="区机关", headcount=6)

GUARD_TEXT = """\
id: guard-plan
version: "2024.1"
hazard: epidemic
zh: 防疫值守预案
en: Epidemic watch plan
conversions:
  - function: isolation-facility
    zh: 隔离点
    en: Isolation facility
    convert:
      - {id: fence, zh: 围挡, en: Fence it, owner: keeper, due_minutes: 30}
      - {id: ready, zh: 可接收, en: Say ready, owner: keeper, due_minutes: 60}
      - id: paint
        zh: 标识
        en: Paint signs
        owner: keeper
        due_minutes: 90
        mandatory: false
    recover:
      - {id: close, zh: 关闭, en: Close it, owner: keeper, due_minutes: 60}
  - function: sampling-point
    zh: 采样点
    en: Sampling point
    convert:
      - {id: lanes, zh: 划线, en: Mark lanes, owner: keeper, due_minutes: 30}
    recover:
      - {id: sweep, zh: 清扫, en: Sweep it, owner: keeper, due_minutes: 60}
posts:
  - {kind: second-secretary}
  - {kind: grid-head, from_level: III}
packages:
  - {kind: facility, from_level: III}
substitution:
  {rule: automatic, silent_minutes: 30, accept_minutes: 10, handover_minutes: 45}
"""
GUARD_PLAN = published(GUARD_TEXT)
"""Whoever is silent for half an hour is replaced; facilities need their package."""
USUAL, GUARDED = Substitution(), compiled(GUARD_TEXT).substitution
"""How backups step in: in peacetime, and by that plan."""


def person(who: str, home: Place = COMMUNITY_11, **more: Any) -> PersonRegistered:
    """Return somebody's registration, trained to command unless told otherwise."""
    said = {
        "person": who,
        "unit": UNIT.unit,
        "residence": home.code,
        "skills": (),
        "trainings": (Training("command"),),
        "sealed": "5e" * 16,
        **more,
    }
    return PersonRegistered(**said)


def login(who: str) -> str:
    """Return the account of one of these people."""
    return f"login-{who[-1]}"


def as_one(who: str, command_id: str = "c", **more: Any) -> Provenance:
    """Return one of these people, signed in."""
    return by(command_id, Actor(login(who), "member"), **more)


def bound(who: str) -> AccountBound:
    """Return that somebody signs in with an account."""
    return AccountBound(person=who, account=login(who))


def lost(who: str, cause: str = "ill") -> PersonUnavailable:
    """Return that somebody falls away."""
    return PersonUnavailable(person=who, cause=cause)


def back(who: str) -> PersonAvailable:
    """Return that somebody is available again."""
    return PersonAvailable(person=who)


FOLK: list[Event] = [UNIT, *(f for who in (A, B, C, D, E, F) for f in (
    person(who), bound(who), PersonBound(account=login(who), person=who)))]  # fmt: skip


def enrols(*people: PersonRegistered) -> RegisterPeople:
    """Return the command by which a roster of these people is imported."""
    rows = tuple(
        PersonRow(
            row=number,
            person=one.person,
            unit=one.unit,
            residence=one.residence,
            skills=one.skills,
            trainings=one.trainings,
            sealed=one.sealed,
        )
        for number, one in enumerate(people, start=2)
    )
    unit = UnitRow(UNIT.unit, UNIT.name, UNIT.headcount)
    return RegisterPeople(area=STREET_1, units=(unit,), people=rows)


class Seat(msgspec.Struct, frozen=True):
    """A post as it is to stand; the command says less."""

    post: str
    place: Place
    site: str
    kind: str
    name: str
    chain: tuple[str, ...]
    reach: Place


def defines(*seats: Seat) -> DefinePosts:
    """Return the command to define posts."""
    plans = []
    for one in seats:
        stem = f"{one.site or one.place.path}-p-{one.kind}"
        number = one.post.removeprefix(stem).removeprefix("-")
        plans.append(
            PostPlan(
                area=one.place.code,
                kind=one.kind,
                chain=one.chain,
                site=one.site or None,
                number=int(number) if number else None,
                name=one.name,
                reach=one.reach.code,
            )
        )
    return DefinePosts(posts=tuple(plans))


def seat(
    kind: str, place: Place, *chain: str, site: str = "", reach: Place = COMMUNITY_11
) -> Seat:
    """Return a post to define."""
    post = f"{site or place.path}-p-{kind}"
    return Seat(post, place, site, kind, "岗", chain, reach)


def seated(plan: Seat) -> PostDefined:
    """Return that a post is defined."""
    kind = POST_KINDS[plan.kind]
    return PostDefined(
        post=plan.post,
        place=plan.place,
        site=plan.site,
        kind=plan.kind,
        name=plan.name,
        chain=plan.chain,
        reach=plan.reach,
        training=kind.training,
        role=kind.role,
        withheld=WITHHELD if kind.role else (),
        rank=kind.rank,
    )


SEAT = seat("second-secretary", COMMUNITY_11, A, B, C)
HEAD = seat("grid-head", GRID, B, D, E)
DESK = seat("liaison", COMMUNITY_11, D, F)
"""Posts of the first community, the gravest first; B and D stand behind in others."""


def turn(number: int, command_id: str = "c") -> str:
    """Return the id of a substitution: the ``number``-th fact about who acts."""
    said = f"{command_id}:{number}"
    return f"b-{hashlib.sha256(said.encode()).hexdigest()[:10]}"


def put(
    plan: Seat,
    after: str,
    before: str = "",
    how: str = AUTOMATIC,
    cause: str = "",
    *,
    number: int = 0,
    command_id: str = "c",
    now: int = NOW,
    tried: Sequence[tuple[str, str]] = (),
    rules: Substitution = USUAL,
    acting: bool = True,
) -> list[Event]:
    """Return that somebody acts on a post in place of ``before``.

    ``number``: of facts about who acts before these. ``acting``: ``before`` did so.
    """
    first = how == APPOINTED and not before
    at_once = first or how in {SEIZED, RETURNED}
    ratify = rules.ratify_minutes if how == SEIZED else 0
    over = [DutyEnded(person=before, post=plan.post)] if before and acting else []

    def by_us(minutes: int) -> int:
        return now + minutes * MINUTE if minutes else 0

    made = SubstitutionMade(
        post=plan.post,
        substitution=turn(number + len(over), command_id),
        before=before,
        after=after,
        how=how,
        cause=cause,
        accept_by_us=by_us(0 if at_once else rules.accept_minutes),
        handover_by_us=by_us(0 if first else rules.handover_minutes),
        ratify_by_us=by_us(ratify),
        items=() if first else tuple(HANDOVER_ITEMS),
        made_us=now,
        tried=tuple(Tried(*one) for one in tried),
    )
    return [*over, made, duty(plan, after)]


def duty(plan: Seat, who: str) -> DutyBegun:
    """Return that somebody acts on a post, with its powers; a backup not with all."""
    kind = POST_KINDS[plan.kind]
    held = WITHHELD if kind.role and plan.chain[:1] != (who,) else ()
    return DutyBegun(
        person=who,
        post=plan.post,
        rank=kind.rank,
        role=kind.role,
        area=plan.place,
        withheld=held,
    )


def manned(plan: Seat, who: str = "", at: int = NOW) -> list[Event]:
    """Return that a post is there and somebody acts on it, the first if not told."""
    holder = who or plan.chain[0]
    return [seated(plan), *put(plan, holder, how=APPOINTED, now=at)]


# --- given / when / then -----------------------------------------------------------


class Folded:
    """The ``read`` of a log that holds some events."""

    def __init__(
        self, events: Sequence[Event | Told], by: Provenance, now: int = NOW
    ) -> None:
        self.by, self.now = by, now
        self._told: dict[str, list[Told]] = defaultdict(list)
        self._streams: dict[str, list[Event]] = defaultdict(list)
        self._seqs: dict[int, int] = {}
        self._facts: list[Told] = []
        for seq, one in enumerate(events, start=1):
            told = one if isinstance(one, Told) else Told(one, "li", NOW, NOW)
            told = told._replace(seq=seq, stream=told.event.stream)
            self._facts.append(told)
            self._streams[told.event.stream].append(told.event)
            self._told[told.event.stream].append(told)
            self._seqs[id(told.event)] = seq

    def fact(self, seq: int, /) -> Told | None:
        """Return the ``seq``-th of the facts that are given."""
        return self._facts[seq - 1] if 0 < seq <= len(self._facts) else None

    def told(self, stream: str, /) -> Iterator[Told]:
        """Yield the facts of a stream; what is given alone was recorded at NOW."""
        return reversed(self._told[stream])

    def __call__(self, stream: Stream[Any], /) -> Any:
        return reduce(stream.evolve, self._streams[stream.id], stream.initial)

    def last(self, held: Held, /) -> Decided | None:
        """Say that the commander decided all of it, one position after the other."""
        field, value = held.about
        seqs = [
            self._seqs.get(id(event), 0)
            for stream in held.streams
            for event in self._streams[stream]
            if isinstance(event, held.facts)
            and (not field or getattr(event, field) == value)
        ]
        return Decided(max(seqs), NOW, COMMANDER.account) if seqs else None


def by(command_id: str = "c", actor: Actor = COMMANDER, **more: Any) -> Provenance:
    """Return who gives a command; what they decide on they have just looked at."""
    said = {"seen_seq": LOOKED, **more}
    return Provenance(command_id=command_id, actor=actor, **said)


def fold(*events: Event | Told, who: Provenance | None = None, now: int = NOW) -> Read:
    """Return the ``read`` of a log that holds these events; the commander asks."""
    return Folded(events, who or by(), now)


def together(read: Read, command: Command, now: int) -> Sequence[Event]:
    """Decide with all that the first facts call for, as the door does."""
    facts = decide_all(DECIDERS[type(command)], read, command, now)
    return [event for event, _ in facts]


Then = Sequence[Event] | type[Refusal] | Refusal


def check(
    decide: Decider,
    given: Sequence[Event | Told],
    when: Command,
    then: Then,
    now: int = NOW,
    who: Provenance | None = None,
) -> None:
    """Decide ``when`` on ``given``; ``then``: facts, a refusal's type, or its facts."""

    def decided() -> Sequence[Event]:
        check_needs(when)
        return decide(fold(*given, who=who), when, now)

    if isinstance(then, Sequence):
        assert list(decided()) == list(then)
        return
    kind = then if isinstance(then, type) else type(then)
    with pytest.raises(kind) as caught:
        decided()
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
