"""The vocabulary every capability shares: event, command, stream, what a rule reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import (
    Any,
    ClassVar,
    Generic,
    NamedTuple,
    Protocol,
    TypeVar,
)

import msgspec

from coordination.fields import Basis, Reason
from coordination.provenance import Provenance

MINUTE_US = 60_000_000
FACTS_PER_COMMAND_MAX = 20_000
INDEX = "emergencies"
"""The one stream that says which emergencies there are (应急响应总目)."""

S = TypeVar("S")
E = TypeVar("E", bound="Event")


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact (事实), past tense, kept for ever under ``NAME``.

    Only fields that the rules or a screen need, as codes and numbers: sentences are
    rendered when read, so that wording may change and the record may not.
    """

    NAME: ClassVar[str]
    STREAM: ClassVar[str]
    """Its stream, with the fact's own fields in it, such as ``post/{0.post}``."""
    ANEW: ClassVar[tuple[str, ...]] = ()
    """The commands that say it anew if it was wrong; none: see ``uncorrected``."""

    @property
    def stream(self) -> str:
        """The one stream this fact belongs to."""
        return self.STREAM.format(self)


def id_of(mark: str, command_id: str) -> str:
    """Return the id of what a command makes: a retry names the same."""
    return f"{mark}-" + hashlib.sha256(command_id.encode()).hexdigest()[:10]


NOBODY_HELD = "-"
"""What ``expected`` says where nobody held what is replaced."""
(
    PERSON_HELD,
    PEOPLE_HELD,
    PARTY_HELD,
    POST_HELD,
    ACCOUNT_HELD,
    VERSION_HELD,
    SAID_HELD,
) = (
    "person",
    "people",
    "party",
    "post",
    "account",
    "version",
    "said",
)
"""How a page calls what stands now; ``said``: in the words it comes with."""


def version_of(told: object) -> str:
    """Return what a setting is named by where another replaces it."""
    text = msgspec.json.encode(told, order="deterministic")
    return hashlib.sha256(text).hexdigest()[:12]


class Decided(NamedTuple):
    """Which decision made something as it stands (所据决定)."""

    seq: int
    recorded_us: int
    account: str


class Held(NamedTuple):
    """What a decision replaces (所替换者), as it stands.

    ``now``: who or what it is, empty: nobody. ``streams``, ``facts``: the facts that
    make it so, of these only those ``about`` it: with this value in this field.
    ``kind``: how ``now`` is called. ``zh``, ``en``: what is held. ``said``: what is
    said of it, in both languages, where that needs no name.
    """

    now: str
    streams: tuple[str, ...]
    facts: tuple[type[Event], ...]
    kind: str
    zh: str
    en: str
    about: tuple[str, str] = ("", "")
    said: tuple[str, str] = ("", "")

    def called(self, name: str, lang: str) -> str:
        """Return what is said of it, its name being known."""
        if not self.now and self.kind in {SAID_HELD, VERSION_HELD}:
            return {"zh": "尚未设定", "en": "is not set"}[lang]
        if not self.now:
            return {"zh": "无人", "en": "is nobody's"}[lang]
        if self.kind == SAID_HELD:
            name = self.said[lang != "zh"]
        if self.kind == VERSION_HELD:
            return {"zh": "已是另一版本", "en": "is another version"}[lang]
        return {"zh": f"为{name}", "en": f"is {name}"}[lang]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish (命令) that a decision turns into facts or refuses.

    ``basis`` 依据: the document or alert it rests on; ``reason`` 理由: free text.
    ``step``: the playbook step (预案步骤) it carries out, if any.
    """

    ACTION: ClassVar[str]
    """What ``permit`` asks about."""
    INSTEAD: ClassVar[tuple[str, ...]] = ()
    """What it may ask about instead, where that depends: see ``action``."""
    STREAM: ClassVar[str]
    """Its primary stream, as an event's: commands on the same one wait for one another
    in process."""
    AT: ClassVar[str] = ""
    """Path of the area it acts on, likewise; where there are more, see ``places``."""
    HEAVY: ClassVar[bool] = False
    """Reads or writes thousands of streams: decided in a worker thread."""
    GRAVE: ClassVar[bool] = False
    """Of consequence (重大): every refusal of it is recorded, denials too."""
    VIEWED: ClassVar[tuple[str, ...]] = ()
    """Fields a view proposed, not the caller: a retry may bring others."""
    NEEDS: ClassVar[tuple[str, ...]] = ()
    """Without which of ``basis``, ``reason`` and ``seen`` it is never decided.

    ``seen``: a fresh look. Whoever decides says which position they saw, or that they
    saw none.
    """

    basis: Basis = ""
    reason: Reason = ""

    @property
    def stream(self) -> str:
        """The primary stream."""
        return self.STREAM.format(self)

    @property
    def needs(self) -> tuple[str, ...]:
        """``NEEDS``, and what else this one must say."""
        return self.NEEDS

    def action(self, _read: Read, /) -> str:
        """What the door asks ``permit`` about: ``ACTION``, or one of ``INSTEAD``."""
        return self.ACTION

    def places(self, _read: Read, /) -> tuple[str, ...]:
        """Paths of the areas this command acts on; empty: the whole world.

        Asked at the door, before anybody is let in: what it reads is part of what the
        decision rests on.

        :raises Refusal: if what it acts on is not there
        """
        return (self.AT.format(self),) if self.AT else ()

    def held(self, _read: Read, /) -> Held | None:
        """Return what it puts another in the place of, None if it does not (替换).

        Who has this has a field ``expected``: what it replaces, as its author saw it.
        Who leaves that out must have seen the last change of it, by ``seen_seq``.

        :raises Refusal: if there is no such thing
        """
        return None

    @property
    def playbook_step(self) -> str:
        """The playbook step (预案步骤) this command carries out, if any."""
        return ""

    @property
    def asked(self) -> Command:
        """What the caller asked for: by it a retry is recognised."""
        if not self.VIEWED:
            return self
        return msgspec.structs.replace(self, **dict.fromkeys(self.VIEWED, ()))


class CommandRefused(Event, frozen=True, kw_only=True):
    """拒绝记录: a refusal of consequence, kept so that an auditor sees the attempt.

    ``more``: so many like it, in the hour before, were counted and not recorded.
    """

    NAME = "kernel.command-refused.2"
    STREAM = "refusals"
    command_name: str
    place: str
    code: str
    facts: dict[str, str]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Stream(Generic[S]):
    """One stream and how its events fold into the state some rule needs."""

    id: str
    initial: S
    evolve: Callable[[S, Event], S]


@dataclass(frozen=True, slots=True)
class Streams(Generic[S]):
    """The streams of one kind, each by the id of what it is about."""

    kind: str
    initial: S
    evolve: Callable[[S, Event], S]

    def __call__(self, about: str) -> Stream[S]:
        """Return one of them."""
        return Stream(f"{self.kind}/{about}", self.initial, self.evolve)


def latest(kind: type[E]) -> Callable[[E | None, Event], E | None]:
    """Return what folds a stream into its last fact of a kind, None before it."""

    def evolve(state: E | None, event: Event) -> E | None:
        return event if isinstance(event, kind) else state

    return evolve


class Told(NamedTuple):
    """A fact as it stands in the log (记录): who recorded it, where, both its times."""

    event: Event
    account: str
    occurred_us: int
    recorded_us: int
    seq: int = 0
    stream: str = ""
    command: str = ""


class Read(Protocol):
    """What a decision may ask: the folded state of a stream, and who is asking."""

    @property
    def by(self) -> Provenance:
        """Who decides, in which role, by which session."""
        ...

    @property
    def now(self) -> int:
        """The moment at which it is decided, microseconds since 1970 UTC."""
        ...

    def told(self, stream: str, /) -> Iterator[Told]:
        """Yield the facts of a stream with who recorded them and when, newest first.

        Nothing rests on it: what was recorded stays. It is for refusals and for what
        is entered late; whoever asks stops as soon as they know.
        """
        ...

    def fact(self, seq: int, /) -> Told | None:
        """Return the fact at a position of the log, None if there is none."""
        ...

    def __call__(self, stream: Stream[S], /) -> S:
        """Return the state and remember that this decision rests on it."""
        ...

    def last(self, held: Held, /) -> Decided | None:
        """Return which decision stored the last of the facts that make it so."""
        ...


Decider = Callable[[Read, Any, int], Sequence[Event]]
"""``decide(read, command, now_us)``; raises ``Refusal``."""
