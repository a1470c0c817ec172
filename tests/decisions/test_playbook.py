import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.playbook import canonical, from_canonical
from coordination.playbook_text import DEPTH_MAX, TEXT_BYTES_MAX, compile_text
from tests.given import EPIDEMIC_TEXT, FLOOD_TEXT, compiled

STEP = "{id: s%d, zh: 做, en: Do, owner: keeper, due_minutes: 30}"
SMALL = f"""\
id: plan
version: "2024.1"
hazard: flood
zh: 预案
en: Plan
conversions:
  - function: shelter
    zh: 安置点
    en: Shelter
    convert: [{STEP % 1}]
    recover: [{STEP % 2}]
"""


def changed(old, new):
    """Return the small plan with one thing changed."""
    assert old in SMALL
    return SMALL.replace(old, new)


SECOND = """\
  - function: %s
    zh: 二
    en: Two
    convert: [{id: %s, zh: 做, en: Do, owner: keeper, due_minutes: 30}]
    recover: [{id: s4, zh: 做, en: Do, owner: keeper, due_minutes: 30}]
"""
NOT_YAML = "playbook.not-yaml"
SHAPE = "playbook.shape"

FINDINGS = [
    ("empty text", "", ".", SHAPE),
    ("a list", "- 1", ".", SHAPE),
    ("a broken line", "id: plan\nzh: [", "line 2", NOT_YAML),
    ("two documents", "a: 1\n--- \nb: 2", "line 2", NOT_YAML),
    ("a key twice", SMALL + "zh: 又\n", "line 12", NOT_YAML),
    ("a number as key", "1: a", "line 1", NOT_YAML),
    ("a list as key", "? [a]\n: b", "line 1", NOT_YAML),
    ("an alias", "a: &x [1]\nb: *x", "line 2", NOT_YAML),
    ("a merge", "<<: {a: 1}", "line 1", NOT_YAML),
    ("a Python object", "a: !!python/object:os.system {}", "line 1", NOT_YAML),
    ("an unknown tag", "a: !secret x", "line 1", NOT_YAML),
    ("no such day", "a: 2024-02-31", "", NOT_YAML),
    ("a control character", "a: \x07", "", "playbook.characters"),
    ("half a character", "a: \ud800", "", "playbook.characters"),
    (
        "a control character in disguise",
        changed("zh: 预案", 'zh: "\\a"'),
        "",
        "playbook.characters",
    ),
    (
        "half a character in disguise",
        changed("30}]\n    recover", '30, "\\uD800": 1}]\n    recover'),
        "",
        "playbook.characters",
    ),
    ("a number of 5,000 digits", "a: " + "9" * 5_000, "", NOT_YAML),
    ("deep nesting", "[" * 100 + "]" * 100, "line 1", NOT_YAML),
    ("deeper than the stack", "[" * 50_000, "line 1", NOT_YAML),
    ("a field too many", SMALL + "colour: red\n", ".", SHAPE),
    ("a field too few", changed("hazard: flood\n", ""), ".", SHAPE),
    ("a version as number", changed('"2024.1"', "2024.1"), "version", SHAPE),
    ("a version of another form", changed("2024.1", "v1"), "version", SHAPE),
    ("an id in capitals", changed("id: plan", "id: Plan"), "id", SHAPE),
    ("an empty name", changed("zh: 预案", 'zh: ""'), "zh", SHAPE),
    ("a name of 201 signs", changed("预案", "长" * 201), "zh", SHAPE),
    (
        "a step due at once",
        changed(
            "id: s1, zh: 做, en: Do, owner: keeper, due_minutes: 30",
            "id: s1, zh: 做, en: Do, owner: keeper, due_minutes: 0",
        ),
        "conversions[0].convert[0].due_minutes",
        SHAPE,
    ),
    (
        "a level that is none",
        changed("en: Shelter", "en: Shelter\n    from_level: V"),
        "conversions[0].from_level",
        SHAPE,
    ),
    (
        "no conversion",
        SMALL.partition("conversions")[0] + "conversions: []",
        "conversions",
        "playbook.empty",
    ),
    (
        "a function that excludes itself",
        SMALL + "excludes: [[depot, shelter], [shelter, shelter]]\n",
        "excludes[1]",
        "playbook.excludes-itself",
    ),
    (
        "a function twice",
        SMALL + SECOND % ("shelter", "s3"),
        "conversions[1].function",
        "playbook.function-twice",
    ),
    (
        "a step twice in two lists",
        SMALL + SECOND % ("depot", "s2"),
        "conversions[1].convert[0].id",
        "playbook.step-twice",
    ),
    (
        "an empty checklist",
        changed(f"[{STEP % 2}]", "[]"),
        "conversions[0].recover",
        "playbook.no-mandatory-step",
    ),
    (
        "only optional steps",
        changed("30}]\n    recover", "30, mandatory: false}]\n    recover"),
        "conversions[0].convert",
        "playbook.no-mandatory-step",
    ),
    (
        "mandatory only at a graver level",
        changed("30}]\n    recover", "30, from_level: III}]\n    recover"),
        "conversions[0].convert",
        "playbook.no-mandatory-step",
    ),
    ("too large", SMALL + "#" * TEXT_BYTES_MAX, "", "playbook.too-large"),
]


@pytest.mark.parametrize(
    ("text", "where", "code"),
    [pytest.param(*cells, id=sentence) for sentence, *cells in FINDINGS],
)
def test_each_fault_is_found_where_it_is(text, where, code):
    """One fault gives one finding, with its place and in both languages."""
    _, findings = compile_text(text)
    assert [(f.where, f.code) for f in findings] == [(where, code)]
    assert findings[0].zh
    assert findings[0].en


TAGGED = [
    "a: !!int ''",
    "a: !!float ''",
    "a: !!bool x",
    "a: !!timestamp x",
    "a: !!map [1]",
    "a: !!set [1]",
    "a: !!omap 1",
    "a: !!binary x",
    "a: !!null x",
]


@pytest.mark.parametrize("text", TAGGED)
def test_a_tag_that_lies_is_a_finding_and_no_crash(text):
    """YAML's own tags on values that do not fit them are faults like any other."""
    playbook, findings = compile_text(text)
    assert playbook is None
    assert findings


LINES = st.sampled_from(FLOOD_TEXT.splitlines())
SIGNS = st.text("ab1:-[]{}&*!?|>'\"#%@, \n\t一", max_size=12)


@given(st.lists(LINES | SIGNS, max_size=30), st.sampled_from(["", "\n", " "]))
@settings(deadline=None)
def test_no_text_makes_it_crash(parts, between):
    """Whatever is typed gives a playbook or findings."""
    playbook, findings = compile_text(between.join(parts))
    assert playbook is not None or findings


@pytest.mark.parametrize("text", [FLOOD_TEXT, EPIDEMIC_TEXT, SMALL])
def test_canonical_form_reads_back_and_its_digest_is_its_hash(text):
    """What decisions cite is the hash of what is in the log."""
    playbook = compiled(text)
    whole, digest = canonical(playbook)
    assert from_canonical(whole) == playbook
    assert canonical(from_canonical(whole)) == (whole, digest)
    assert hashlib.sha256(whole.encode()).hexdigest() == digest


def test_comments_and_layout_do_not_change_the_canonical_form():
    """Two texts that say the same have one digest."""
    other = "# 说明\n" + FLOOD_TEXT.replace("version: ", "version:    ")
    assert canonical(compiled(other)) == canonical(compiled(FLOOD_TEXT))


def test_as_deep_as_allowed_is_not_too_deep():
    """The limit counts nested nodes, the innermost included."""
    fits = "[" * (DEPTH_MAX - 1) + "]" * (DEPTH_MAX - 1)
    [finding] = compile_text(fits)[1]
    assert finding.code == SHAPE
    [finding] = compile_text("[" + fits + "]")[1]
    assert finding.code == SHAPE
    [finding] = compile_text("[[" + fits + "]]")[1]
    assert finding.code == NOT_YAML


FLOOD = compiled(FLOOD_TEXT)
LEVELS = [
    # level, steps of a shelter's conversion, functions taken into service
    (4, ["open-doors", "set-beds", "hang-banner"], ["shelter"]),
    (
        3,
        ["open-doors", "set-beds", "call-doctor", "hang-banner"],
        ["shelter", "command-post"],
    ),
    (
        1,
        ["open-doors", "set-beds", "call-doctor", "hang-banner"],
        ["shelter", "command-post"],
    ),
]


@pytest.mark.parametrize(("level", "steps", "functions"), LEVELS)
def test_a_graver_level_contains_the_lighter_ones(level, steps, functions):
    """Steps and functions are in force from their level on, up to the gravest."""
    shelter = FLOOD.conversion("shelter", level)
    assert shelter is not None
    assert [step.id for step in shelter.steps("convert", level)] == steps
    known = ["shelter", "command-post", "moon-base", None]
    assert [f for f in known if FLOOD.conversion(f, level)] == functions
