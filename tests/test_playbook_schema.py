"""The plans that come with the service, and the schema their editors use."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

import playbooks
from api.exchange.items import read_items, ready
from coordination.permit import ROLES
from coordination.playbook import EXCLUDES_MAX, PHASES, ROMAN, Playbook
from coordination.playbook_text import compile_text
from coordination.vocabulary import EXCLUSIVE, FUNCTIONS, HAZARDS

SCHEMA = Path(playbooks.__file__).with_name("schema.json")
NOTES = {"$schema", "$defs", "title", "description"}
# What ``compile_text`` finds beyond the shape, as far as a schema can say it.
STRICTER = {"playbook.empty", "playbook.no-mandatory-step"}

LOADED = [(id_, compile_text(text)) for id_, text in playbooks.texts().items()]
SHIPPED = [pytest.param(book, id=id_) for id_, (book, _) in LOADED]


def constraints(node, defs):
    """A schema with its references resolved and the notes for people left out."""
    if isinstance(node, list):
        return sorted(map(str, node))
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        named = defs[node["$ref"].removeprefix("#/$defs/")]
        node = {**named, **{k: v for k, v in node.items() if k != "$ref"}}
    plain = {}
    for key, value in as_list(node).items():
        if key == "properties":
            # here the keys are names of fields, not words of the schema language
            plain[key] = {name: constraints(of, defs) for name, of in value.items()}
        elif key not in NOTES:
            plain[key] = constraints(value, defs)
    return plain


def as_list(node):
    """A tuple of items all alike, said as a list: older editors know no other way."""
    if "prefixItems" not in node:
        return node
    one, *others = node["prefixItems"]
    assert others == [one] * len(others)
    assert node["items"] is False
    return {k: v for k, v in node.items() if k != "prefixItems"} | {"items": one}


def without_one_at_least(node):
    """The same without ``minItems: 1``: the shape in Python leaves it to the lint."""
    if not isinstance(node, dict):
        return node
    kept = {k: without_one_at_least(v) for k, v in node.items()}
    return {k: v for k, v in kept.items() if (k, v) != ("minItems", 1)}


def read_schema():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return constraints(schema, schema["$defs"])


def test_schema_says_what_the_code_checks():
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(Playbook)))
    wanted = constraints(generated, generated["$defs"])
    assert without_one_at_least(read_schema()) == wanted


def test_schema_asks_for_one_item_where_the_lint_does():
    conversions = read_schema()["properties"]["conversions"]
    lists = [conversions, *(conversions["items"]["properties"][p] for p in PHASES)]
    assert [found["minItems"] for found in lists] == [1, 1, 1]
    head = 'id: x1\nversion: "2026.1"\nhazard: fire\nzh: 甲\nen: a\n'
    one = "conversions: [{function: f1, zh: 甲, en: a, convert: [], recover: []}]"
    found = [
        finding.code
        for text in (f"{head}conversions: []", head + one)
        for finding in compile_text(text)[1]
    ]
    assert found[0] == "playbook.empty"
    assert found[1:] == ["playbook.no-mandatory-step"] * 2
    assert set(found) == STRICTER


def test_schema_is_of_the_2020_12_draft():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema["$schema"].endswith("/draft/2020-12/schema")


def test_two_playbooks_come_with_the_service():
    assert list(playbooks.texts()) == ["epidemic-control", "flood-typhoon"]


@pytest.mark.parametrize(("id_", "compiled"), LOADED)
def test_shipped_playbook_has_no_findings(id_, compiled):
    playbook, findings = compiled
    assert findings == []
    assert playbook is not None
    assert playbook.id == id_


@pytest.mark.parametrize("playbook", SHIPPED)
def test_shipped_playbook_uses_known_words(playbook):
    assert playbook.hazard in HAZARDS
    assert {entry.function for entry in playbook.conversions} <= set(FUNCTIONS)
    assert {function for pair in playbook.excludes for function in pair} <= set(
        FUNCTIONS
    )
    assert {step.owner for step in every_step(playbook)} <= set(ROLES)


def test_step_ids_are_unique_over_all_shipped_playbooks():
    # a site can be in two emergencies at once: what stands on its list has one meaning
    ids = [step.id for _, (book, _) in LOADED for step in every_step(book)]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("playbook", SHIPPED)
def test_shipped_playbook_has_one_trigger_for_each_level(playbook):
    levels = [trigger.level for trigger in playbook.triggers]
    assert sorted(levels) == sorted(ROMAN)


@pytest.mark.parametrize("playbook", SHIPPED)
def test_deadlines_of_a_checklist_rise_and_end_within_four_hours(playbook):
    for entry in playbook.conversions:
        for phase in PHASES:
            due = [step.due_minutes for step in getattr(entry, phase)]
            assert due == sorted(set(due)), (entry.function, phase)
            assert due[0] >= 15, (entry.function, phase)
            assert due[-1] <= 240, (entry.function, phase)


@pytest.mark.parametrize("playbook", SHIPPED)
def test_a_step_named_for_a_graver_level_is_graver_than_its_conversion(playbook):
    for entry in playbook.conversions:
        for step in (*entry.convert, *entry.recover):
            named = step.from_level != "IV"
            graver = ROMAN[step.from_level] < ROMAN[entry.from_level]
            assert graver or not named, step.id


@pytest.mark.parametrize(
    ("id_", "on_conflict"),
    [("epidemic-control", "refuse"), ("flood-typhoon", "pass-over")],
)
def test_shipped_playbook_says_what_becomes_of_a_conflict(id_, on_conflict):
    playbook, _ = dict(LOADED)[id_]
    assert playbook.on_conflict == on_conflict
    assert f"\non_conflict: {on_conflict}\n" in playbooks.texts()[id_]


def test_the_pairs_of_a_playbook_stand_beside_the_built_in_ones():
    flood, _ = dict(LOADED)["flood-typhoon"]
    assert ("sampling-point", "shelter") in flood.excludes
    assert {tuple(sorted(pair)) for pair in EXCLUSIVE} <= set(flood.excludes)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("on_conflict: ask", "no such answer"),
        ("on_conflict:", "no answer"),
        ("excludes: [shelter, sampling-point]", "no pairs"),
        ("excludes: [[shelter]]", "a pair of one"),
        ("excludes: [[shelter, sampling-point, rest-station]]", "a pair of three"),
        ("excludes: [[shelter, Sampling]]", "no id"),
        ("excludes: " + str([["f1", "f2"]] * (EXCLUDES_MAX + 1)), "too many"),
    ],
)
def test_a_faulty_word_on_conflicts_is_found(line, why):
    text = playbooks.texts()["epidemic-control"]
    changed = text.replace("on_conflict: refuse", line)
    assert changed != text
    assert [found.code for found in compile_text(changed)[1]] == ["playbook.shape"], why


def functions_by_level(playbook):
    return {
        level: [f for f in FUNCTIONS if playbook.conversion(f, ROMAN[level])]
        for level in ("IV", "III", "II", "I")
    }


def test_graver_levels_of_epidemic_control_add_functions():
    taken = functions_by_level(dict(LOADED)["epidemic-control"][0])
    assert taken["IV"] == ["command-post", "supply-station"]
    assert set(taken["III"]) - set(taken["IV"]) == {
        "sampling-point",
        "vaccination-point",
        "rest-station",
    }
    assert set(taken["II"]) - set(taken["III"]) == {"isolation-facility"}
    assert taken["I"] == taken["II"]


def test_graver_levels_of_flood_typhoon_add_functions_and_then_steps():
    playbook, _ = dict(LOADED)["flood-typhoon"]
    taken = functions_by_level(playbook)
    assert taken["IV"] == ["command-post", "supply-station"]
    assert set(taken["III"]) - set(taken["IV"]) == {"rest-station", "shelter"}
    assert taken["I"] == taken["II"] == taken["III"]
    for entry in playbook.conversions:
        counts = [len(entry.steps("convert", level)) for level in (3, 2, 1)]
        assert counts == sorted(set(counts)), entry.function


def every_step(playbook):
    return [
        step
        for entry in playbook.conversions
        for phase in PHASES
        for step in getattr(entry, phase)
    ]


@pytest.mark.parametrize("book", SHIPPED)
def test_what_a_plan_needs_is_in_the_catalogue_that_comes_with_it(book):
    """By the head too: where the plan does not say how much, the catalogue does."""
    listed = {row.item.code: row.item for row in read_items(ready())[0]}
    assert book.materials
    for demand in book.materials:
        hazards = {need.hazard for need in listed[demand.item].needs}
        assert not demand.days or demand.per_thousand or book.hazard in hazards, demand
