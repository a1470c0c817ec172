"""Corrections (更正): one way for all facts that can be corrected."""

from __future__ import annotations

import msgspec

from api.http.declared import Decision, Done, Writing
from api.http.gifts import WithDonor, donor_of, given
from coordination.correcting import CORRECTIONS, CorrectFact
from coordination.corrects import Correcting, corrected_in
from coordination.log import Receipt


async def correct(write: Writing, command: CorrectFact, said: WithDonor) -> Receipt:
    """Carry out a correction; of whose gift it was the log has a mark.

    :raises UnknownSource: if somebody is called as a donor is marked
    """
    if said.donor is None:
        return await write.world.do(command, write.said(said))
    donor = donor_of(write.world, said.donor)
    command = msgspec.structs.replace(command, donor=donor.id)
    wrong = write.world.read().fact(command.fact)
    known = wrong is not None and wrong.seq in write.world.state(
        corrected_in(wrong.stream)
    )
    return await given(write, command, said, donor, known=known)


class Corrected(msgspec.Struct):
    """What was corrected, by which facts, and what becomes of what it said."""

    fact: int
    by: list[int]
    zh: str
    en: str


def corrected(done: Done) -> Corrected:
    """Return what was corrected, as the log has it."""
    wrong = done.world.read().fact(done.command.fact)
    assert wrong is not None, "it was corrected"
    how = CORRECTIONS[type(wrong.event)]
    first = done.receipt.first_seq
    facts = enumerate(done.facts, start=first)
    by = [seq for seq, fact in facts if isinstance(fact, Correcting)]
    return Corrected(done.command.fact, by, how.zh, how.en)


DECISIONS = (
    Decision(
        path="/facts/{fact}/correction",
        command=CorrectFact,
        words="fact correct",
        arguments=("fact",),
        fixed={"donor": ""},
        more=WithDonor,
        carry=correct,
        answers=corrected,
        status=201,
        tells="已更正第 {fact} 条：{zh}",
    ),
)
