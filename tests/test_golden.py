import ast
import json

import msgspec
import pytest

from coordination.catalogue import (
    EVENTS,
    UPCASTERS,
    Envelope,
    Unreadable,
    decode_event,
    encode,
    open_envelope,
    seal,
)
from coordination.kernel import Event
from tests.golden import FOLDER, HINT, around, dump, load, path_of
from tests.golden.samples import SAMPLES
from tests.golden.write import write

FILES = sorted(FOLDER.glob("*.json"))
UNSAID = {
    field.name: field.default
    for field in msgspec.structs.fields(Envelope)
    if not field.required
}
"""What an envelope says of what was not yet asked when it was sealed."""


@pytest.mark.parametrize("name", [*EVENTS, *UPCASTERS])
def test_every_stored_name_has_a_golden_file(name):
    """A version that was ever stored is kept here as it was stored."""
    assert path_of(name).exists(), f"no golden file for {name}; {HINT} {name}"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_golden_file_loads_as_it_always_did(path):
    """The stored bytes read as the same envelope and event, today and for ever."""
    name, stored, reads = load(path)
    assert name == path.stem
    assert name in EVENTS or name in UPCASTERS
    envelope = open_envelope(stored)
    event = decode_event(name, envelope.event)
    assert around(stored) == {**UNSAID, **ast.literal_eval(reads["envelope"])}
    assert repr(event) == reads["event"]
    assert event.stream == reads["stream"]
    assert seal(envelope) == stored


def test_every_stored_name_has_its_class_or_its_way_there():
    """An upcaster leads from each older version to a class of the catalogue."""
    assert not set(EVENTS) & set(UPCASTERS)
    assert set(SAMPLES) == set(EVENTS)
    assert {path.stem for path in FILES} == {*EVENTS, *UPCASTERS}


@pytest.mark.parametrize("name", UPCASTERS)
def test_an_older_version_is_read_as_what_was_not_said_then(name):
    """No event of an earlier log says more than it said: defaults fill the rest."""
    _, stored, _ = load(path_of(name))
    envelope = open_envelope(stored)
    event = decode_event(name, envelope.event)
    said = msgspec.json.decode(envelope.event)
    now = msgspec.json.decode(msgspec.json.encode(event))
    newer = {f.name: f.default for f in msgspec.structs.fields(type(event))
             if f.name not in said}  # fmt: skip
    assert newer, "a new version has a new field"
    assert now == {**json.loads(msgspec.json.encode(newer)), **said}
    fact, _, version = event.NAME.rpartition(".")
    before = int(name.rpartition(".")[2])
    assert name == f"{fact}.{before}"
    assert before < int(version)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_golden_file_is_as_it_was_written(path):
    """Cutting the bytes into lines loses none of them."""
    assert dump(*load(path)) == path.read_text()


@pytest.mark.parametrize("name", EVENTS)
def test_stored_names_say_capability_fact_and_version(name):
    """A name is ``capability.past-tense-fact.version`` and its class bears it."""
    capability, fact, version = name.split(".")
    assert capability.isalpha()
    assert fact == fact.lower()
    assert version.isdigit()
    assert name == EVENTS[name].NAME
    assert EVENTS[name].__doc__


def test_a_golden_file_is_never_written_twice(tmp_path):
    """What is there stays as it is, whatever the class has become."""
    name = next(iter(SAMPLES))
    path = tmp_path / "golden.json"
    write(name, path)
    assert json.loads(path.read_text())["name"] == name
    path.write_text("kept")
    with pytest.raises(FileExistsError):
        write(name, path)
    assert path.read_text() == "kept"


POISON = [
    ("an unknown name", "mode.unheard-of.1", b"{}"),
    ("no JSON", "areas.area-renamed.1", b"{"),
    ("a field too few", "areas.area-renamed.1", b'{"code":"31"}'),
    ("a field of another kind", "areas.area-renamed.1", b'{"code":31,"name":"x"}'),
]


@pytest.mark.parametrize(
    ("name", "raw"), [pytest.param(n, raw, id=sentence) for sentence, n, raw in POISON]
)
def test_what_does_not_fit_its_name_is_unreadable(name, raw):
    """A poison event is told as such, with its name."""
    with pytest.raises(Unreadable, match=name.replace(".", r"\.")):
        decode_event(name, raw)


@pytest.mark.parametrize("stored", [b"", b"{}", b"[]", b"\xff", b'{"command":1}'])
def test_bytes_that_are_no_envelope_are_unreadable(stored):
    """Stored bytes without who and when are nothing we wrote."""
    with pytest.raises(Unreadable):
        open_envelope(stored)


def test_a_class_outside_the_catalogue_cannot_be_stored():
    """Nothing else may stand in the log."""

    class Unlisted(Event):
        NAME = "tests.unlisted.1"

    with pytest.raises(Unreadable, match="not in the catalogue"):
        encode(Unlisted())


RENAMED = EVENTS["areas.area-renamed.1"]
LOCAL = EVENTS["areas.local-areas-registered.1"]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(RENAMED(code="31", name=7), id="a number for a text"),
        pytest.param(
            LOCAL(community="310117001001", nodes=[]), id="a list for a tuple"
        ),
        pytest.param(RENAMED(code="31", name=None), id="nothing for a text"),
    ],
)
def test_an_event_that_changes_on_the_way_cannot_be_stored(event):
    """A field of another kind than declared is found before it is kept for ever."""
    with pytest.raises(Unreadable):
        encode(event)


def test_an_old_version_is_read_as_its_newest_class(monkeypatch):
    """Upcasters are applied one after the other until a class is reached."""
    monkeypatch.setitem(
        UPCASTERS,
        "areas.area-called.1",
        lambda payload: ("areas.area-called.2", {**payload, "name": payload["call"]}),
    )
    monkeypatch.setitem(
        UPCASTERS,
        "areas.area-called.2",
        lambda payload: (
            "areas.area-renamed.1",
            {"code": payload["code"], "name": payload["name"]},
        ),
    )
    event = decode_event("areas.area-called.1", b'{"code":"31","call":"x"}')
    assert event == EVENTS["areas.area-renamed.1"](code="31", name="x")
