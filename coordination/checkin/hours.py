"""Hours of service (服务时长): claimed, certified by who organised it, recognised once.

A stretch (服务时段) is a time that somebody served somewhere, numbered from 1 as it
stands in their stream. What they say themselves is a claim (申报时长); it is service
when whoever organised it certifies it (认定时长), in whole or in part. What another
community has certified counts once their own has recognised it (时长互认). Whatever
overlaps counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Self

from coordination.checkin.events import (
    HoursCertified,
    HoursRecognised,
    HoursRefused,
    MemberLeft,
    Ruling,
    ServiceRecognised,
    ServiceRecorded,
)
from coordination.kernel import MINUTE_US, Event

CLAIMED, CERTIFIED, REFUSED, VOID = "CLAIMED", "CERTIFIED", "REFUSED", "VOID"
"""``VOID`` 已更正: what it rested on was taken back."""
ORGANISER, HOME = "ORGANISER", "HOME"
"""For whose word a stretch waits: that it was served, that it counts at home."""
Span = tuple[int, int]
NO_TIME: Span = (0, 0)


def stretch_id(person: str, number: int) -> str:
    """Return how a stretch is called: whose it is, and which of theirs."""
    return f"{person}.{number}"


def apart(stretch: str) -> tuple[str, int]:
    """Return whose a stretch is, and which of theirs."""
    person, _, number = stretch.partition(".")
    return person, int(number)


class Stretch(NamedTuple):
    """服务时段. Times: microseconds since 1970, 0: not.

    ``community``: that organised it; ``from_us``, ``to_us``: as claimed or entered.
    ``elsewhere``: 1 if it was not the one they live in. ``rulings``: how many there
    were. ``certified_…``: what of it is; ``recognised_…``: what the home has seen.
    """

    number: int
    community: str
    campaign: str
    from_us: int
    to_us: int
    state: str
    elsewhere: int = 0
    rulings: int = 0
    certified_from_us: int = 0
    certified_to_us: int = 0
    recognised_from_us: int = 0
    recognised_to_us: int = 0

    @property
    def certified(self) -> Span:
        """What of it the organiser certifies."""
        return self.certified_from_us, self.certified_to_us

    @property
    def counted(self) -> Span:
        """What of it is service at home: of elsewhere, as far as it is recognised."""
        if not self.elsewhere:
            return self.certified
        known = self.recognised_from_us, self.recognised_to_us
        return max(self.certified[0], known[0]), min(self.certified[1], known[1])

    @property
    def standing(self) -> Span:
        """What of it is said to be service, claims too; of what is refused, nothing."""
        return self.certified if self.state != CLAIMED else (self.from_us, self.to_us)

    @property
    def waits_for(self) -> str:
        """For whose word it waits: ``ORGANISER``, ``HOME``, or nobody's.

        A claim of less than a minute, such as of two taps, waits for nobody.
        """
        if self.state == CLAIMED:
            return ORGANISER if self.to_us - self.from_us >= MINUTE_US else ""
        waits = self.elsewhere and length_us([self.certified]) > length_us(
            [self.counted]
        )
        return HOME if waits else ""

    def void(self) -> Self:
        """Return it after what it rested on was taken back: nobody served then."""
        return self._replace(
            state=VOID,
            certified_from_us=0,
            certified_to_us=0,
            recognised_from_us=0,
            recognised_to_us=0,
        )

    def ruled(self, event: Ruling) -> Self:
        """Return it after what somebody has decided about it."""
        match event:
            case HoursCertified():
                return self._replace(
                    state=CERTIFIED,
                    rulings=self.rulings + 1,
                    certified_from_us=event.from_us,
                    certified_to_us=event.to_us,
                )
            case HoursRefused():
                return self._replace(
                    state=REFUSED,
                    rulings=self.rulings + 1,
                    certified_from_us=0,
                    certified_to_us=0,
                )
            case ServiceRecognised():
                return self._replace(
                    recognised_from_us=event.from_us, recognised_to_us=event.to_us
                )


def length_us(spans: Iterable[Span]) -> int:
    """Return how long these times are together: what overlaps counts once."""
    total_us, until_us = 0, 0
    for from_us, to_us in sorted(spans):
        total_us += max(0, to_us - max(from_us, until_us))
        until_us = max(until_us, to_us)
    return total_us


class Hours(NamedTuple):
    """服务时长 in whole minutes, each part beyond the ones before it.

    ``certified`` 认定; ``elsewhere`` 外社区认定, not recognised at home yet;
    ``claimed`` 申报, not certified yet. Together: all that is said to be service.
    """

    certified: int
    elsewhere: int
    claimed: int


def hours_of(stretches: Iterable[Stretch], untimed: int) -> Hours:
    """Return how much somebody served; ``untimed``: minutes without any time."""
    known = list(stretches)
    spans = [one.counted for one in known]
    certified = length_us(spans) // MINUTE_US
    spans += [one.certified for one in known]
    elsewhere = length_us(spans) // MINUTE_US
    spans += [one.standing for one in known]
    claimed = length_us(spans) // MINUTE_US
    return Hours(certified + untimed, elsewhere - certified, claimed - elsewhere)


def begun_by(event: Event, last: int, since_us: int) -> Iterator[Stretch]:
    """Yield the stretches that a fact begins; ``last``: how many there are by now.

    ``since_us``: since when somebody was present, of whom a fact of old says only for
    how many minutes they served.
    """
    match event:
        case MemberLeft():
            known = event.from_us, event.to_us
            if not event.to_us:
                known = since_us, since_us + event.minutes * MINUTE_US
            where = event.community, event.campaign
            yield _stretch(last + 1, where, known, claimed=event.own_word)
        case ServiceRecorded():
            yield _stretch(
                last + 1,
                (event.community, event.campaign),
                (event.from_us, event.to_us),
                claimed=event.claimed,
                elsewhere=event.community != event.home,
            )
        case HoursRecognised():
            for number, one in enumerate(event.times, last + 1):
                yield _stretch(
                    number,
                    (one.community, one.campaign),
                    (one.from_us, one.to_us),
                    claimed=one.claimed,
                    elsewhere=one.elsewhere,
                )


def _stretch(
    number: int,
    where: tuple[str, str],
    span: Span,
    *,
    claimed: bool,
    elsewhere: bool = False,
) -> Stretch:
    """Return a new stretch: what the organiser enters is certified by that."""
    state, certified = (CLAIMED, NO_TIME) if claimed else (CERTIFIED, span)
    return Stretch(
        number,
        *where,
        *span,
        state,
        int(elsewhere),
        0,
        *certified,
    )
