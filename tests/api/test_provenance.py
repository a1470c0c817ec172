"""Every decision of a person says what they had seen: counted from the log."""

from __future__ import annotations

from api.http.deciding import DECLARED
from coordination import catalogue
from coordination.provenance import SEEN as FRESH
from coordination.provenance import UNSEEN
from tests.api.served import (
    DISTRICT,
    JSON_TYPE,
    Service,
    furnish,
    is_error,
    key,
    rows_since,
    served,
    writes,
)

API = "/api/v1"
WHO = (
    "commander",
    "administrator",
    "deputy",
    "duty-officer",
    "street-staff",
    "secretary",
)


@served
async def test_what_a_page_sends_says_what_was_seen_and_on_what_it_rests(s: Service):
    """Each body a page sends, as whoever may: no fact of it without its position."""
    ids = await furnish(s)
    told: dict[str, int] = {}
    for template, (path, body) in writes(ids).items():
        if isinstance(body, bytes):
            continue
        for who in (
            "commander",
            "administrator",
            "deputy",
            "duty-officer",
            "street-staff",
            "secretary",
        ):
            client, before = await s.as_(who), s.head
            answer = await client.http.post(
                f"{API}{path}",
                json=body,
                headers={"Idempotency-Key": key(), **JSON_TYPE},
            )
            if not answer.is_success:
                assert answer.json()["code"] != "command.not-seen", (template, who)
                continue
            for row in rows_since(s.world, before):
                said = catalogue.open_envelope(row.stored)
                assert said.seen_seq == body["seen_seq"], template
                assert said.basis or "basis" not in needs(template), template
                assert said.reason or "reason" not in needs(template), template
            told[template] = told.get(template, 0) + 1
            break
    assert len(told) > 30


def needs(template: str) -> set[str]:
    """Return without what the decision at an address is never made."""
    return {
        need
        for row in DECLARED.values()
        if row.path == template and row.shows is None
        for need in row.command.NEEDS
    }


@served
async def test_of_consequence_and_unseen_is_refused_whoever_sends_it(s: Service):
    """Every decision that needs a fresh look, without one; -1 says there was none."""
    ids = await furnish(s)
    looked, tried = 0, s.head
    commander = await s.as_("commander")
    for template, (path, body) in writes(ids).items():
        if FRESH not in needs(template):
            continue
        administers = template.startswith(("/grants", "/authority"))
        client = await s.as_("administrator" if administers else "commander")
        answer = await client.send(path, {**body, "seen_seq": 0})
        assert answer.status_code in (403, 404, 409, 422), (template, answer.text)
        if answer.status_code == 422:
            is_error(answer, "command.not-seen", "request.invalid")
        looked += answer.json()["code"] == "command.not-seen"
    assert looked > 10
    assert {row.name for row in rows_since(s.world, tried)} <= {
        "kernel.command-refused.2"
    }
    made = await commander.declare(scope=[DISTRICT], level="IV", seen_seq=UNSEEN)
    (row,) = [r for r in rows_since(s.world, tried) if r.seq == made["seq"]]
    assert catalogue.open_envelope(row.stored).seen_seq == UNSEEN
    await s.world.reached(made["seq"])
    shown = await commander.get(f"/facts/{made['seq']}")
    assert shown["seen_seq"] == UNSEEN
