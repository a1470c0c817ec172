"""Filling posts (补位): who acts next, in cascade, in one decision.

The gravest post first; somebody may be called away from a less grave one only, which
then is filled in turn. So every post is looked at once, and it always ends.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from coordination.filled import filled
from coordination.kernel import MINUTE_US, Event, Read, id_of
from coordination.people.events import DutyBegun, DutyEnded
from coordination.people.state import person_stream
from coordination.posts.events import (
    APPOINTED,
    AUTOMATIC,
    RETURNED,
    SEIZED,
    PostVacated,
    SubstitutionMade,
    Tried,
)
from coordination.posts.rules import rules_at
from coordination.posts.state import (
    Post,
    failed_test,
    post_path,
    post_stream,
)
from coordination.refusals import Refusal
from coordination.vocabulary import FAILED_TESTS, HANDOVER_ITEMS

CALLED_AWAY, DECLINED = "called-away", "declined"
"""Causes beside those of vocabulary: called to a graver post (上调), not able to."""


class Succession(NamedTuple):
    """Who is replaced on a post (empty: nobody), how, and for which cause."""

    before: str
    how: str
    cause: str = ""

    @property
    def first(self) -> bool:
        """Tell whether this is how a post is filled to begin with."""
        return self.how == APPOINTED and not self.before


Unable = Refusal.of(
    "posts.unable",
    "{person} 不能担任岗位 {post}：{zh_test}",
    "{person} cannot act on post {post}: {en_test}",
    "请改选他人，或先解决这一项",
    "choose somebody else, or mend that first",
    field="person",
)


@dataclass
class Filling:
    """One decision about who acts where: what was read, with its own facts so far.

    ``lost``: who falls away just now, and why. ``back``: who is available again just
    now, and so is asked again, whatever they said before. ``posts``: posts as this
    decision has changed them; the others are read.
    """

    read: Read
    now: int
    lost: Mapping[str, str] = field(default_factory=dict)
    back: frozenset[str] = frozenset()
    posts: dict[str, Post] = field(default_factory=dict)
    facts: list[Event] = field(default_factory=list)
    _acting: dict[str, dict[str, DutyBegun]] = field(default_factory=dict)
    _vacated: list[tuple[int, str, str, str]] = field(default_factory=list)

    def acting(self, person: str) -> dict[str, DutyBegun]:
        """Return what somebody acts on, after the facts so far."""
        known = self._acting.get(person)
        if known is None:
            known = dict(self.read(person_stream(person)).acting)
            self._acting[person] = known
        return known

    def post(self, post: str) -> Post:
        """Return a post as this decision has it."""
        return self.posts.get(post) or self.read(post_stream(post))

    def must(self, post: str, person: str, why: Succession) -> None:
        """Have this very person act on a post.

        :raises Unable: naming the test they fail
        """
        found = self.post(post)
        failed = self.test(person, found, before=why.before)
        if failed:
            zh, en = FAILED_TESTS[failed]
            raise Unable(person=person, post=post, test=failed, zh_test=zh, en_test=en)
        self.put(found, person, why)

    def test(self, person: str, post: Post, *, before: str) -> str:
        """Return the test that somebody fails for a post, empty if none."""
        assert post.defined is not None, "only a defined post is filled"
        rules = rules_at(self.read, post_path(post.defined.post))
        known = self.read(person_stream(person))
        if person in self.back:
            known = replace(known, cause="", until_us=0)
        return failed_test(
            known,
            post.defined,
            self.now,
            lost=person in self.lost,
            acting=self.acting(person),
            several=rules.several,
            own=person == before,
        )

    def vacate(self, person: str, cause: str) -> None:
        """Note every post that somebody leaves: each is filled in its turn."""
        for post, duty in self.acting(person).items():
            heapq.heappush(self._vacated, (duty.rank, post, person, cause))

    def cascade(self) -> list[Event]:
        """Fill what was vacated, the gravest first; return all facts."""
        while self._vacated:
            _, post, before, cause = heapq.heappop(self._vacated)
            self.next_in_line(post, Succession(before, AUTOMATIC, cause))
        return self.facts

    def next_in_line(self, post: str, why: Succession) -> None:
        """Have the first in line who can act on a post, or find it vacant."""
        found = self.post(post)
        tried: list[Tried] = []
        for person in found.chain:
            if person == why.before:
                continue
            failed = self.asked(person, found, before=why.before)
            if not failed:
                self.put(found, person, why, tuple(tried))
                return
            tried.append(Tried(person, failed))
        self._end(post, why.before)
        self.facts.append(
            PostVacated(
                post=post, before=why.before, cause=why.cause, tried=tuple(tried)
            )
        )

    def asked(self, person: str, post: Post, *, before: str = "") -> str:
        """Return why somebody in line is passed over, empty if they are not."""
        failed = self.test(person, post, before=before)
        declined = person in post.declined and person not in self.back
        return DECLINED if not failed and declined else failed

    def again(self, post: str) -> None:
        """Have the first in line who can by now act on a vacant post, if anybody."""
        found = self.post(post)
        able = (who for who in found.chain if not self.asked(who, found))
        if (person := next(able, "")) != "":
            self.put(found, person, Succession("", AUTOMATIC))

    def put(
        self,
        post: Post,
        person: str,
        why: Succession,
        tried: tuple[Tried, ...] = (),
    ) -> None:
        """Have somebody act on a post; less grave posts of theirs are vacated."""
        defined = post.defined
        assert defined is not None, "only a defined post is filled"
        self._end(defined.post, why.before)
        rules = rules_at(self.read, post_path(defined.post))
        if not rules.several:
            self.vacate(person, CALLED_AWAY)
        at_once = why.how in {SEIZED, RETURNED} or why.first
        items = () if why.first else tuple(HANDOVER_ITEMS)
        self.facts.append(
            filled(
                SubstitutionMade,
                why,
                post=defined.post,
                substitution=self._id(),
                after=person,
                accept_by_us=0 if at_once else self._due(rules.accept_minutes),
                handover_by_us=self._due(rules.handover_minutes) if items else 0,
                ratify_by_us=self._due(rules.ratify_minutes)
                if why.how == SEIZED
                else 0,
                items=items,
                made_us=self.now,
                tried=tried,
            )
        )
        self.begin(post, person)

    def begin(self, post: Post, person: str) -> None:
        """Have somebody's duty begin, with the powers their place in line gives."""
        defined = post.defined
        assert defined is not None, "only a defined post is filled"
        duty = filled(
            DutyBegun,
            defined,
            person=person,
            area=defined.place,
            withheld=() if post.chain[:1] == (person,) else defined.withheld,
        )
        self.acting(person)[defined.post] = duty
        self.facts.append(duty)

    def _due(self, minutes: int) -> int:
        return self.now + minutes * MINUTE_US

    def _id(self) -> str:
        """Return the id of the next substitution: a retry makes the same."""
        made = f"{self.read.by.command_id}:{len(self.facts)}"
        return id_of("b", made)

    def _end(self, post: str, before: str) -> None:
        """End the duty of whoever acted, if it has not been ended."""
        if before and self.acting(before).pop(post, None) is not None:
            self.facts.append(DutyEnded(person=before, post=post))
