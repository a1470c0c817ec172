"""Small translations that every way in shares: times, receipts, refusals as JSON.

Nothing here imports the web framework, so that the command line starts quickly.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from coordination.log import Receipt
from coordination.provenance import Actor, Provenance
from coordination.refusals import Refusal, RowFault

SHOWN = "X-Pingzhan-Seq"
"""Header of an answer: the position of the log that it shows."""
AS = "x-pingzhan-as"
"""Header by which the command line of this machine acts as a demo account."""


class Who(NamedTuple):
    """Who is calling (来访者). ``session``: public id of the session they came by.

    ``local``: by the command line of this machine, whose user owns the data.
    """

    account: str
    name: str
    session: str
    local: bool = False

    @property
    def actor(self) -> Actor:
        """What decisions know of them; their role is found among their grants."""
        if self.account == LOCAL.account:
            return Actor(self.account, "commander")
        return Actor(self.account)

    @property
    def by(self) -> Provenance:
        """They as who only reads: no command, nothing decided."""
        return Provenance(command_id="", actor=self.actor)


LOCAL = Who("local-operator", "本机操作员", "local:operator", local=True)
"""Who the command line is, unless it acts as somebody."""


def moment(at_us: int | None) -> str | None:
    """Return microseconds since 1970 as an RFC 3339 time in UTC."""
    if at_us is None:
        return None
    whole = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    text = whole.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{at_us % 1_000_000:06d}Z"


def receipt_fields(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON."""
    return {
        "command": receipt.command,
        "seq": receipt.seq,
        "first_seq": receipt.first_seq,
        "root": receipt.root,
        "recorded_at": moment(receipt.recorded_us),
    }


Named = tuple[dict[str, str], dict[str, str]]
"""What the ids in a sentence are called, in zh and in en."""


def body_of(
    refusal: Refusal, named: Named = ({}, {}), of: type[msgspec.Struct] | None = None
) -> dict[str, Any]:
    """Return a refusal as JSON; the facts keep the ids that the sentence names.

    ``of``: the body that was sent, which says what its fields are called.
    """
    zh, en = refusal.say("zh", named[0]), refusal.say("en", named[1])
    if "nearest" in named[0]:
        zh = f"{zh}；相近的有：{named[0]['nearest']}"
        en = f"{en}; nearest: {named[1]['nearest']}"
    rows = refusal.facts.get("rows", ())
    field = refusal.field or refusal.facts.get("element", "")
    if field and not rows:
        rows = [RowFault(0, field, zh, en)]
    facts = {k: v for k, v in refusal.facts.items() if k != "rows"}
    return {
        "code": refusal.code,
        "zh": zh,
        "en": en,
        "fields": [_fault(row, of) for row in rows],
        "facts": msgspec.to_builtins(facts, str_keys=True),
    }


def _fault(row: RowFault, of: type[msgspec.Struct] | None) -> dict[str, Any]:
    """Return what is wrong with a field as JSON, with what people call it."""
    from api.http.called import name_of  # noqa: PLC0415 - starts quicker without

    name_zh, name_en = (
        row.name if any(row.name) else name_of(row.field, of, row=bool(row.row))
    )
    return {
        "field": f"row {row.row}: {row.field}" if row.row else row.field,
        "row": row.row,
        "name_zh": name_zh,
        "name_en": name_en,
        "zh": row.zh,
        "en": row.en,
    }


def digest_of(told: Any) -> str:
    """Return the SHA-256 of the canonical JSON of what somebody was shown, hex."""
    text = msgspec.json.encode(told, order="deterministic")
    return hashlib.sha256(text).hexdigest()
